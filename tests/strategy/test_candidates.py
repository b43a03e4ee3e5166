"""Hedges that suggest themselves, critical inputs, the scenario key, the command and its page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import gaiatsu as gt
from gaiatsu.cli import app
from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.mineral_losses import path, situation, stockpiles
from gaiatsu.report.hedge_charts import APART, Dot, Line, _spread, frontier_chart, worth_chart
from gaiatsu.report.hedge_words import chance, pays_from, pays_words, starred
from gaiatsu.report.hedges import hedges_page, lead, told
from gaiatsu.report.page import render
from gaiatsu.scenario.critical_input import CriticalInput
from gaiatsu.scenario.loading import parse
from gaiatsu.scenario.measures import Embargo, Productivity, Tariff
from gaiatsu.scenario.pressure import TravelBan
from gaiatsu.scenario.resolve import resolve
from gaiatsu.scenario.saving import dump
from gaiatsu.strategy.candidates import candidates_for, figures, hit_trade, sources
from gaiatsu.strategy.hedge import Hedges, hedges
from gaiatsu.strategy.threat import Hedge, Threat, threat_of
from gaiatsu.trade.wedges import compose
from gaiatsu.world import World

STOP = Embargo(by="CHN", on="JPN", sectors="C26")
CUT = CriticalInput(by="CHN", on="JPN", input="rare-earths")
SCENARIO = """
title: Electronics withheld
horizon: short
measures:
  - {kind: embargo, by: CHN, on: JPN, sectors: C26}
hedges:
  - name: Agreement with Taiwan
    measures: [{kind: agreement, between: [JPN, TWN], chapters: goods-duties}]
    cost: 5
    assumed: true
  - name: Stock
    stock_weeks: 8
    stock_of: goods
    cost: {low: 700, central: 1800, high: 3000}
    source: https://example.org
"""


@pytest.fixture(scope="module")
def threat(small: World) -> Threat:
    return threat_of(STOP, world=small)


@pytest.fixture(scope="module")
def found(threat: Threat) -> Hedges:
    return hedges(threat, "JPN", draws=2, joint=3)


def flow(world: World, buyer: str, seller: str, sector: str = "C26") -> float:
    places = (world.regions.index(buyer), world.regions.index(seller), world.sectors.index(sector))
    return float(world.accounts.flows[places])


# --- suggested
def test_partners_are_the_largest_other_suppliers_and_the_union_is_one(small: World, threat: Threat) -> None:
    offered, _ = candidates_for(threat, threat.places("JPN"))
    signed = [set(hedge.measures[0].between) for hedge in offered if hedge.kind == "agreement"]  # type: ignore[attr-defined]
    trade = {code: flow(small, "JPN", code) for code in ("TWN", "USA")}
    trade["EU"] = sum(flow(small, "JPN", code) for code in ("DEU", "FRA", "ITA"))
    ranked = sorted(trade, key=lambda code: -trade[code])
    parties = {"TWN": "TWN", "USA": "USA", "EU": "eu27"}
    assert signed == [{"JPN", parties[code]} for code in ranked]
    (union,) = [hedge for hedge in offered if hedge.name == "Agreement with the European Union"]
    moved = compose(small, union.measures).duty != small.accounts.duty
    japan = small.regions.index("JPN")
    assert moved[japan].any()
    assert not np.delete(np.delete(moved, japan, 0), japan, 1).any()  # nothing changes inside the union


def test_a_shift_moves_the_share_it_says(small: World, threat: Threat) -> None:
    offered, _ = candidates_for(threat, threat.places("JPN"))
    for hedge in (hedge for hedge in offered if hedge.kind in ("supplier shift", "co-production")):
        wanted = 0.2 if "20" in hedge.name else 0.1
        outcome = gt.solve(small, hedge.measures, closure="proportional")
        left = outcome.flows[small.regions.index("JPN"), small.regions.index("CHN"), small.sectors.index("C26")]
        assert 1 - left / flow(small, "JPN", "CHN") == pytest.approx(wanted, abs=2e-4)
        before, after = hedge.measures[0], hedge.response[0]
        assert (before.rate, before.rate + after.rate) == (pytest.approx(-abs(before.rate)), 0)  # type: ignore[attr-defined]
    assert {hedge.kind for hedge in offered} == {"agreement", "supplier shift", "co-production", "stock"}


def test_a_subsidy_that_goes_on_avoids_less_than_one_that_ends(threat: Threat) -> None:
    offered, _ = candidates_for(threat, threat.places("JPN"))
    ends = next(hedge for hedge in offered if hedge.kind == "supplier shift")
    pair = [ends, replace(ends, name="goes on", response=())]
    avoided = hedges(threat, "JPN", candidates=pair, draws=0, joint=0).table.set_index("hedge").avoided
    assert avoided["goes on"] < 0 < avoided[ends.name]


def test_costs_are_those_of_the_table(small: World, threat: Threat) -> None:
    offered, _ = candidates_for(threat, threat.places("JPN"))
    bought = flow(small, "JPN", "CHN")
    costs = {hedge.kind: hedge.cost for hedge in offered}
    assert costs["stock"].central == pytest.approx(0.25 * bought * 8 / 52)
    assert costs["co-production"].high == pytest.approx(2.0 * 0.1 * bought)
    assert costs["co-production"].low == pytest.approx(-0.1 * 0.1 * bought)
    assert costs["agreement"].central == 5.9
    assert all(hedge.assumed or hedge.sources for hedge in offered)
    assert all(key in sources() for figure in figures().values() for key in figure.sources)
    assert all(figure.sources or figure.assumed for figure in figures().values())


def test_hit_exports_are_sold_elsewhere(small: World) -> None:
    own = threat_of([Tariff(by="USA", on="JPN", sectors="C29", rate=0.25)], world=small)
    hit = hit_trade(own, own.places("JPN"))
    assert not hit.bought.any()
    assert hit.sold.sum() == pytest.approx(flow(small, "USA", "JPN", "C29"))
    offered, _ = candidates_for(own, own.places("JPN"))
    assert [hedge.kind for hedge in offered] == ["agreement"] * 3 + ["market shift"] * 2
    japan, cars = small.regions.index("JPN"), small.sectors.index("C29")
    elsewhere = [place for place, code in enumerate(small.regions) if code not in ("JPN", "USA")]
    moved = gt.solve(small, offered[-1].measures).flows[elsewhere, japan, cars].sum()
    gained = moved - small.accounts.flows[elsewhere, japan, cars].sum()
    assert gained / flow(small, "USA", "JPN", "C29") == pytest.approx(0.2, abs=2e-4)


def test_own_measures_are_no_threat_and_nothing_hit_has_no_hedge(small: World) -> None:
    own = threat_of([Tariff(by="JPN", on="CHN", sectors="C26", rate=0.25)], world=small)
    assert not hit_trade(own, own.places("JPN")).bought.any()
    with pytest.raises(ScenarioError, match=r"no hedge of JPN suggests itself.*name some under `hedges`"):
        hedges([Productivity(by="CHN", change=-0.1)], "JPN", world=small)


def test_ranges_hold_the_central_value(found: Hedges) -> None:
    table = found.table
    for name in ("avoided", "peacetime"):
        assert (table[f"{name}_least"] <= table[name] + 1e-6).all()
        assert (table[f"{name}_most"] >= table[name] - 1e-6).all()
    assert (table["break_even_least"] <= table["break_even"]).all()
    assert (table["break_even_most"] >= table["break_even"]).all()
    low, high = found.loss_range
    assert low <= found.loss <= high
    assert high > low * 1.01
    assert len(found.threat_cases) == 3
    assert not found.failed_cases
    worth = found.worth([0.3])
    assert ((worth["least"] <= worth["central"]) & (worth["central"] <= worth["most"])).all()
    agreement = table[table["kind"] == "agreement"].iloc[0]
    assert set(found.standings[agreement.hedge]) >= {"central", "least", "most"}


def test_nobody_who_threatens_is_a_partner_on_either_side(small: World) -> None:
    own = threat_of([STOP, Tariff(by="USA", on="JPN", sectors="C29", rate=0.25)], world=small)
    offered, _ = candidates_for(own, own.places("JPN"))
    signed = {code for hedge in offered if hedge.kind == "agreement" for code in hedge.measures[0].between}  # type: ignore[attr-defined]
    assert signed == {"JPN", "TWN", "eu27"}
    divided = threat_of([STOP, Tariff(by="DEU", on="JPN", sectors="C29", rate=0.25)], world=small)
    offered, _ = candidates_for(divided, divided.places("JPN"))
    signed = {code for hedge in offered if hedge.kind == "agreement" for code in hedge.measures[0].between}  # type: ignore[attr-defined]
    assert signed == {"JPN", "TWN", "USA"}
    names = [hedge.name for hedge in offered]
    assert len(names) == len(set(names))


def test_what_avoids_something_is_combined_before_what_hardly_does(found: Hedges) -> None:
    table = found.table[found.table["avoided"] > 0].set_index("hedge")
    material = table[(table["avoided"] > 0.01 * found.loss) & (table["pays"] != "never")]
    members = set(found.shapley.index)
    assert len(members) == 3
    assert len(members & set(material.index)) == min(3, material["choice"].nunique())


# --- critical inputs
def test_a_stock_of_a_critical_input_saves_what_the_stockpile_does(small: World) -> None:
    pile = stockpiles(path(situation(small, CUT)), 0, weeks=52, carrying_cost=0.06)
    sizes = [float(pile.size[place]) for place in (6, 30)]
    extra = [Hedge(name=f"{weeks}", stock_weeks=weeks) for weeks in sizes]
    compared = hedges(CUT, "JPN", world=small, candidates=extra, draws=0, joint=0)
    avoided = compared.table.set_index("hedge").avoided[[f"{weeks}" for weeks in sizes]]
    assert avoided.to_numpy() == pytest.approx(pile.saved[[6, 30]], rel=1e-6)
    weekly = path(situation(small, CUT)).loss[0, :52]
    japan = small.accounts.income[small.regions.index("JPN")]
    assert compared.loss == pytest.approx(japan * weekly.mean(), rel=1e-4)


def test_another_source_is_less_dependence(small: World) -> None:
    gap = float(situation(small, CUT).gap[0])
    moved = Hedge(name="moved", less_dependence=0.4)
    compared = hedges(CUT, "JPN", world=small, candidates=[moved], draws=0, joint=0)
    less = path(situation(small, replace(CUT, dependence=0.6 * gap)))
    left = small.accounts.income[small.regions.index("JPN")] * less.loss[0, :52].mean()
    # The path of the smaller gap asks the engine at other levels and interpolates between them.
    assert compared.table.avoided.iloc[0] == pytest.approx(compared.loss - left, rel=0.02)


def test_hedges_against_a_critical_input_suggest_themselves(small: World) -> None:
    own = threat_of(CUT, world=small)
    offered, _ = candidates_for(own, own.places("JPN"))
    assert [hedge.kind for hedge in offered] == ["stock", "stock", "second source", "second source"]
    use = situation(small, CUT).standing[0].value
    assert offered[0].cost.central == pytest.approx(0.06 * use * 8 / 52)
    gap = float(situation(small, CUT).gap[0])
    assert offered[2].cost.central == pytest.approx(0.75 * 0.1 * gap * use)


def test_a_stock_covers_what_it_is_of_and_nothing_else(small: World) -> None:
    of_goods = Hedge(name="goods", stock_weeks=8, stock_of="goods")
    of_input = Hedge(name="input", stock_weeks=8, stock_of="rare earths")
    of_other = Hedge(name="other", stock_weeks=8, stock_of="gallium")
    three = (of_goods, of_input, of_other)
    both = hedges([STOP, CUT], "JPN", world=small, closure="proportional", candidates=three, draws=0, joint=2)
    alone = {
        "goods": hedges(STOP, "JPN", world=small, closure="proportional", candidates=[of_goods], draws=0),
        "input": hedges(CUT, "JPN", world=small, closure="proportional", candidates=[of_input], draws=0),
    }
    avoided = both.table.set_index("hedge").avoided
    for name, one in alone.items():
        assert avoided[name] == pytest.approx(one.table.avoided.iloc[0], rel=1e-6)
        assert avoided[name] > 0
    assert avoided["other"] == 0
    assert both.joint.avoided.iloc[-1] == pytest.approx(avoided["goods"] + avoided["input"], rel=1e-9)


def test_what_a_stock_is_of_must_be_said_where_several_things_are_withheld(small: World) -> None:
    unsaid = Hedge(name="pile", stock_weeks=8)
    with pytest.raises(ScenarioError, match=r"'pile' does not say what .* withholds goods, rare-earths: give stock_of"):
        hedges([STOP, CUT], "JPN", world=small, candidates=[unsaid], draws=0)
    for measure, kind in ((STOP, "goods"), (CUT, "rare-earths")):
        own = threat_of(measure, world=small)
        assert own.stocked(unsaid, own.places("JPN")).stock_of == (kind,)
    mixed = threat_of([STOP, CUT], world=small)
    offered, _ = candidates_for(mixed, mixed.places("JPN"))
    piles = [(hedge.stock_of, hedge.choice) for hedge in offered if hedge.kind == "stock"]
    assert piles == [(("goods",), "stock of goods")] + [(("rare-earths",), "stock of inputs")] * 2


def test_measures_that_cannot_stand_together_are_no_threat(small: World) -> None:
    with pytest.raises(ScenarioError, match="rare"):
        threat_of([CUT, replace(CUT, share=0.5)], world=small)
    bans = [TravelBan(by="CHN", on="JPN", share=share) for share in (0.5, 0.4)]
    with pytest.raises(ScenarioError, match="visitors"):
        threat_of(bans, world=small)


# --- scenario
def test_hedges_of_a_scenario_are_compared(small: World) -> None:
    scenario = parse(SCENARIO.encode(), "h.yaml")
    compared = hedges(scenario, "JPN", world=small, draws=0)
    assert {hedge.name for hedge in compared.hedges} == {"Agreement with Taiwan", "Stock"}
    stock = compared.named("Stock")
    assert (stock.cost.low, stock.cost.central, stock.cost.high) == (700, 1800, 3000)
    assert stock.sources == ("https://example.org",)
    assert parse(dump(scenario).encode()).model_dump() == scenario.model_dump()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cost: 5", "cost: 5\n    csot: 5", r"h.yaml:10 hedges\[0\].csot: unknown key; did you mean 'cost'"),
        ("cost: 5", "cost: {low: 1}", r"h.yaml:9 hedges\[0\].cost: must have exactly low, central and high"),
        ("chapters:", "chapterz:", r"hedges\[0\].measures\[0\].chapterz: unknown key; did you mean 'chapters'"),
        ("kind: agreement", "kind: agrement", r"hedges\[0\].measures\[0\].kind: unknown measure 'agrement'"),
        ("    assumed: true\n", "", r"hedges\[0\]: .* neither a source nor `assumed: true`"),
        ("https://example.org", "nowhere", r"h.yaml:15 hedges\[1\].source: 'nowhere' is neither a key"),
        ("JPN, TWN", "JPN, TWNN", r"hedges\[0\].measures\[0\].between\[1\]: unknown region 'TWNN'"),
        ("    stock_weeks: 8\n    stock_of: goods\n", "", r"hedges\[1\]: .*changes nothing beforehand"),
        ("    stock_weeks: 8\n", "", r"hedges\[1\]: .*stock_of says what a stock is of"),
        ("stock_of: goods", "stock_of: galium", r"hedges\[1\]: .*neither `goods` nor .*did you mean 'gallium'"),
        ("high: 3000", "high: 300", r"hedges\[1\].cost: .*not falling"),
    ],
)
def test_faults_of_hedges_are_told_at_their_key(small: World, old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        resolve(parse(SCENARIO.replace(old, new).encode(), "h.yaml"), small)


# --- page and command
def test_the_page_says_what_was_found(found: Hedges) -> None:
    page = hedges_page(found)
    text = render(page)
    assert text == render(hedges_page(found))
    assert text.count('<svg class="lines"') == 2
    assert not re.search(r"\b(nan|inf)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    tables = {table.name: table.frame for section in page.sections for table in section.tables}
    assert set(tables) == {
        "hedges_ranked", "hedges_cases", "hedges_worth", "hedges_joint", "hedges_frontier", "hedges_shapley"
    }  # fmt: skip
    ranked = tables["hedges_ranked"]
    assert list(ranked["avoided_usd_million"]) == list(found.table["avoided"])
    assert "no bound" in set(ranked["per_dollar"])
    assert f"{found.loss / 1000:,.1f}" in text


def test_no_chance_is_told_without_its_range(found: Hedges) -> None:
    best = found.table[(found.table["net_cost"] > 0) & found.table["hedges"]].iloc[0]
    assert best.pays == "from"
    span = f"{chance(best.break_even)} ({chance(best.break_even_least)} to {chance(best.break_even_most)})"
    assert f"with a chance of {span} or more in a year" in lead(found, "Japan")
    agreement = found.table[found.table["kind"] == "agreement"].iloc[0]
    span = f"{agreement.peacetime_least:+,.0f} to {agreement.peacetime_most:+,.0f}"
    assert any(agreement.hedge in line and span in line for line in told(found))


def test_a_chance_that_rests_on_relief_has_a_star(threat: Threat) -> None:
    offered, _ = candidates_for(threat, threat.places("JPN"))
    shifts = [hedge for hedge in offered if hedge.kind == "supplier shift"]
    table = hedges(threat, "JPN", candidates=shifts, draws=0, joint=0).table
    row = table.iloc[0]
    assert row.relief > row.avoided > 0
    assert row.mostly_relief
    assert pays_words(row).endswith("%*")
    assert "mostly because its subsidy then ends" in pays_from(row)
    assert starred(table)
    assert not starred(table.assign(mostly_relief=False))


def test_the_command_prints_the_ranked_list(tmp_path: Path, small: World) -> None:
    world, file = small.save(tmp_path / "small.world"), tmp_path / "h.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    command = ["hedges", str(file), "--for", "JPN", "--world", str(world), "--draws", "0"]
    done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    ranks = [line.split("  ")[:2] for line in done.output.splitlines() if re.match(r"\d  ", line)]
    assert {name for _, name in ranks} == {"Agreement with Taiwan", "Stock"}
    frame = pd.read_csv(tmp_path / "out" / "tables" / "hedges_ranked.csv")
    assert [name for _, name in ranks] == list(frame["hedge"])
    wrong = CliRunner().invoke(app, [*command[:3], "JPX", *command[4:]])
    assert wrong.exit_code == 2
    assert "unknown region 'JPX'" in wrong.output


def test_charts_number_their_lines_and_keep_labels_apart() -> None:
    lines = [Line(f"h{number}", -1.0, 1.0 + number / 100) for number in range(6)]
    chart = str(worth_chart(lines, "title"))
    assert chart.count('<line class="line ') == 6
    places = _spread([100.0, 100.1, 99.9, 215.9, 300.0])
    gaps = np.diff(sorted(places))
    assert (gaps >= APART - 1e-9).all()
    dots = [Dot("none", 0, 0, 0), Dot("a", 1, 2, 1), Dot("b", 3, 1)]
    assert str(frontier_chart(dots, "title")).count("<circle") == 3


def test_small_chances_are_not_called_nothing() -> None:
    told = [chance(value).replace("\u00a0", " ") for value in (0, 0.00001, 0.0004, 0.05, 0.693, float("inf"))]
    assert told == ["0", "<0.01 %", "0.04 %", "5.0 %", "69 %", "never"]
