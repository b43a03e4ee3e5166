"""The report's section on an agreement by chapter, from the bundled case and from a plain agreement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.report.agreement_cautions import duties_of, duty_doubt, of
from gaiatsu.report.agreement_tables import trade_table
from gaiatsu.report.agreements import sections
from gaiatsu.report.headline import Names, diversion_sentence, parties_phrase
from gaiatsu.report.sections import Section, sections_of
from gaiatsu.report.tables import diversion, hit_importers
from gaiatsu.scenario.agreement_chapters import NAMES
from gaiatsu.scenario.loading import load
from gaiatsu.scenario.run import Run, execute, with_options


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The bundled case on a world of five regions, which solves in a moment."""
    world = gt.World.load("2022")
    rest = [code for code in world.regions if code not in ("IND", "JPN", "USA", "KOR")]
    path = tmp_path_factory.mktemp("world") / "five.world"
    world.aggregate(regions={"REST": rest}).save(path)
    return execute(with_options(load("cepa-upgrade"), world=str(path), draws=0, horizons=["long"]))


@pytest.fixture(scope="module")
def section(run: Run) -> Section:
    (found,) = sections_of(run)
    return found


def test_the_tables_add_up(run: Run, section: Section) -> None:
    tables = {table.name: table.frame for table in section.tables}
    assert set(tables) == {
        "agreement_chapters", "agreement_sizes", "agreement_totals", "agreement_trade", "agreement_sectors",
    }  # fmt: skip
    parts = tables["agreement_chapters"].groupby("region")["contribution_percentage_points"].sum()
    np.testing.assert_allclose(parts[run.outcome.real_income.index], run.outcome.real_income, atol=1e-9)
    by_sector = tables["agreement_sectors"].groupby("region")["central_percentage_points"].sum()
    for code in ("IND", "JPN"):
        assert by_sector[code] == pytest.approx(run.outcome.real_income[code], abs=5e-5)
    totals = tables["agreement_totals"].set_index("region")
    assert (totals["low"] <= totals["central"]).all()
    assert (totals["central"] <= totals["high"]).all()
    trade = tables["agreement_trade"]
    assert set(trade["importer"]) == {"IND", "JPN"}
    assert not (trade["importer"] == trade["exporter"]).any()


def test_sizes_carry_their_standing_and_source(section: Section) -> None:
    sizes = next(table.frame for table in section.tables if table.name == "agreement_sizes")
    assert list(dict.fromkeys(sizes["chapter"])) == list(NAMES)
    assert set(sizes.loc[sizes["chapter"] == "customs-facilitation", "where"]) == {"imports of IND", "imports of JPN"}
    assumed = set(sizes.loc[sizes["standing"] == "assumption", "chapter"])
    assert assumed == {"digital-trade", "financial-services", "movement-of-persons", "public-procurement"}
    assert set(sizes.loc[sizes["in_force_percent"] == 50, "chapter"]) == {
        "financial-services", "movement-of-persons", "public-procurement", "services-general",
    }  # fmt: skip
    body = next(figure.body for figure in section.figures if figure.anchor == "agreement-sizes")
    assert body.count("ASSUMPTION") == 7  # four central sizes, and ends of duties and of customs (two importers)
    starred = next(figure.body for figure in section.figures if figure.anchor == "agreement-chapters")
    for title in ("Digital trade and e-commerce", "Financial services and fintech", "Movement of persons"):
        assert f"{title} *" in starred
    assert "Customs facilitation *" not in starred  # assumed for others than India and Japan
    assert "Cadot &amp; Gourdon (2016)" in body
    assert "Agreed already: no: no chapter on digital trade" in body
    assert any("rests on an assumption" in figure.note for figure in section.figures)


def test_what_the_agreement_lacks_and_where_published_work_stands(run: Run, section: Section) -> None:
    told = " ".join(section.sentences)
    assert "lacks mutual recognition of standards and digital trade and e-commerce" in told
    alone = gt.solve(run.world, [gt.Agreement(between=["IND", "JPN"], chapters=["goods-duties"])])
    ours = float(alone.real_income["IND"])
    agrees = "Ahmed (2010)" if ours < 0 else "Bhattacharyay & Mukhopadhyay (2013)"
    assert f"here, with {agrees} and against" in told
    bodies = {figure.anchor: figure.body for figure in section.figures}
    assert "<td>5</td>" in bodies["agreement-provisions"]
    assert "6.2 (fiscal year 2024-25" in bodies["agreement-published"]
    india, japan = run.world.regions.index("IND"), run.world.regions.index("JPN")
    goods = run.world.accounts.flows[india, japan, np.array(run.world.goods)].sum() / 1000
    assert f"{goods:.1f} (world " in bodies["agreement-published"]
    assert any("penppml" in source.text for source in section.sources)


def test_the_duties_of_the_data_and_what_was_freed(run: Run, section: Section) -> None:
    accounts, goods = run.world.accounts, np.array(run.world.goods)
    india, japan = run.world.regions.index("IND"), run.world.regions.index("JPN")
    flows, duties = accounts.flows[..., goods], accounts.duty[..., goods]
    pairs = [(india, japan), (japan, india)]
    free = sum(flows[pair][duties[pair] < 0.005].sum() for pair in pairs) / sum(flows[pair].sum() for pair in pairs)
    (told,) = [text for text in section.cautions if "do not fit the India–Japan agreement of 2011" in text]
    assert "about 94\u00a0% of trade" in told
    assert f"in the duties of 2021, {100 * free:.0f}\u00a0% of the goods traded" in told
    mean = float((flows[india, japan] * duties[india, japan]).sum() / flows[india, japan].sum())
    assert f"imports of India {100 * mean:.1f}\u00a0%" in told
    sentences = " ".join(section.sentences)
    assert "In the duties of 2021, India charges goods from Japan" in sentences
    assert "This rests on duties that do not show what was freed" in sentences
    agreed = replace(accounts, duty=np.zeros_like(accounts.duty))
    fitting = replace(run, world=replace(run.world, accounts=agreed))
    (agreement,) = run.measures
    assert isinstance(agreement, gt.Agreement)
    assert duty_doubt(fitting, agreement, ["IND", "JPN"]) == []
    assert duty_doubt(run, gt.Agreement(between=["IND", "JPN"], chapters=["digital-trade"]), ["IND", "JPN"]) == []
    assert duties_of(replace(run.world, provenance={}, name="mine")) == "of world mine"


def test_what_another_measure_counts_too_is_a_caution(run: Run, section: Section) -> None:
    measures = tuple(
        gt.Agreement(between=["IND", "JPN"], chapters={name: 0.01}) for name in ("digital-trade", "services-general")
    )
    both = replace(run, measures=measures)
    assert "digital trade and e-commerce beside other services" in of(both, measures[0], ["IND", "JPN"])[0]
    assert "other services beside digital trade and e-commerce" in of(both, measures[1], ["IND", "JPN"])[0]
    assert "counted twice" not in " ".join(section.cautions)


def test_a_plain_agreement_has_no_section_and_others_have_no_history(run: Run) -> None:
    plain = gt.Agreement(between=["IND", "JPN"], cost_cut=0.01)
    assert sections(_with(run, plain)) == []
    (other,) = sections(_with(run, gt.Agreement(between=["KOR", "JPN"], chapters={"mutual-recognition": 0.01})))
    assert "agreement-published" not in {figure.anchor for figure in other.figures}
    assert "agreement-provisions" not in {figure.anchor for figure in other.figures}
    assert "lacks" not in " ".join(other.sentences)


def _with(run: Run, agreement: gt.Agreement) -> Run:
    scenario = gt.Scenario(title="Other", horizons=["long"], elasticities={"draws": 0}, measures=[agreement])
    outcome = gt.solve(run.world, [agreement])
    return Run(scenario=scenario, world=run.world, measures=(agreement,), outcomes={"long": outcome}, primary="long")


def test_parties_that_are_groups(run: Run) -> None:
    world = run.world.with_groups({"pair": ["USA", "KOR"]})
    names = Names.of(world)
    assert parties_phrase(world, names, ["pair", "IND"]) == "between pair and India"
    assert parties_phrase(world, names, "quad") == "among the members of the Quad"
    agreement = gt.Agreement(between=["pair", "IND"], chapters={"mutual-recognition": 0.02})
    outcome = gt.solve(world, [agreement])
    assert outcome.wedges.iceberg[world.regions.index("USA"), world.regions.index("KOR")].min() == 1
    trade = trade_table(replace(run, world=world, outcomes={"long": outcome}), agreement)
    found = set(zip(trade["importer"], trade["exporter"], strict=True))
    assert found == {("USA", "IND"), ("KOR", "IND"), ("IND", "USA"), ("IND", "KOR")}


def test_what_is_covered_is_goods_and_services(run: Run) -> None:
    names, outcome = Names.of(run.world), run.outcome
    hit = next(found for found in hit_importers(outcome) if found[0] == "IND")
    told = diversion_sentence(run, diversion(outcome, 1), names, hit)
    assert "buys of the goods and services covered from Japan" in told
    goods = [code for code, good in zip(run.world.sectors, run.world.goods, strict=True) if good]
    told = diversion_sentence(run, diversion(outcome, 1), names, ("IND", ["JPN"], goods[:5]))
    assert "buys of the goods covered from Japan" in told
