"""Ranges in the report: sentences, whiskers, the figure by set, tables, the terminal, and where there is none."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape

import gaiatsu as gt
from gaiatsu import report
from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.report import charts, ranges, words
from gaiatsu.report.figures import whiskers
from gaiatsu.report.headline import Names, focus
from gaiatsu.report.tables import all_tables
from gaiatsu.scenario.citing import sources_of
from gaiatsu.scenario.loading import load
from gaiatsu.scenario.run import execute, with_options
from gaiatsu.scenario.telling import tell_run
from gaiatsu.trade.solution import Outcome
from gaiatsu.world.elasticities import elasticity_sets

CASE = "us-autos-steel-japan"


@pytest.fixture(scope="module")
def solved():
    return execute(with_options(load(CASE), world="wiod2014", draws=16))


@pytest.fixture(scope="module")
def folder(solved, tmp_path_factory):
    return report.write(solved, tmp_path_factory.mktemp("ranges") / "run")


def test_the_headline_sentence_has_the_numbers_of_the_table(solved):
    table = solved.range.table
    text = ranges.sentence(solved, Names.of(solved.world), ["JPN", "USA"])
    for code in ("JPN", "USA"):
        for end in ("low", "high"):
            assert f"{table.at[code, end]:.3f}".replace("-", "−") in text
    assert "8 published sets" in text
    assert "5 to 95\u00a0% of 16 draws" in text


def test_the_terminal_tells_the_range(solved):
    line = next(line for line in tell_run(solved) if line.startswith("Range over 8"))
    low, high = solved.range.table.loc["JPN", ["low", "high"]]
    assert f"Japan {low:+.2f} to {high:+.2f} %" in line
    assert "16 draws, 5 to 95 %" in line


def test_whiskers_stand_at_their_ends():
    bar = charts.Bar("Japan", -0.1, ("-0.1",), whisker=(-0.2, -0.05))
    text = str(charts.bar_table([charts.Group("", [bar])], first="Region", unit="percent", columns=("%",), caption="c"))
    scale = charts.scale_for([-0.1, -0.2, -0.05])
    whole = re.search(r'<line class="whisker" x1="([\d.]+)%" x2="([\d.]+)%" y1="50%"', text)
    assert float(whole[1]) == pytest.approx(scale.place(-0.2), abs=0.01)
    assert float(whole[2]) == pytest.approx(scale.place(-0.05), abs=0.01)
    assert scale.low < -0.2


def test_the_page_shows_ranges_and_sets(solved, folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="elasticity-sets"' in page
    assert "Bagwell, Staiger &amp; Yurukoglu" in page
    assert page.count('class="whisker"') >= 3 * 20
    assert "5–95\u00a0%" in page
    assert len(whiskers(solved)) == len(solved.world.regions)


def test_the_tables_hold_every_draw(solved, folder):
    table = pd.read_csv(folder / "tables" / "ranges.csv").set_index("region")
    draws = pd.read_csv(folder / "tables" / "ranges_draws.csv")
    sets = pd.read_csv(folder / "tables" / "ranges_by_set.csv").set_index("region")
    assert len(draws) == 16
    expected = np.quantile(draws["JPN_percent"], [0.05, 0.5, 0.95])
    np.testing.assert_allclose(table.loc["JPN", ["low_percent", "median_percent", "high_percent"]], expected, rtol=1e-6)
    np.testing.assert_allclose(table["central_percent"], solved.outcome.real_income, atol=1e-9)
    mine = draws.loc[draws["set"] == "shapiro", "JPN_percent"]
    assert sets.loc["JPN", "shapiro_percent"] == pytest.approx(mine.median())
    long = pd.read_parquet(folder / "outcome.parquet")
    row = long[(long["variable"] == "real_income_low") & (long["region"] == "JPN")]
    assert row["value"].item() == pytest.approx(expected[0])
    assert row["unit"].item() == "percent"
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["range"]
    assert facts == {"draws": 16, "sets": list(solved.range.sets), "share": 0.9, "failed": {}}


def test_no_draws_no_range(tmp_path):
    run = execute(with_options(load(CASE), world="wiod2014", draws=0))
    assert run.range is None
    assert run.no_range == ""
    place = report.write(run, tmp_path / "run")
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "whisker" not in page.split("</style>")[1]
    assert not (place / "tables" / "ranges.csv").exists()
    assert not any("Range" in line for line in tell_run(run))


def test_a_range_that_fails_is_told(monkeypatch, tmp_path):
    def fails(*arguments, **options):
        raise ConvergenceError("40 of 64 draws have no equilibrium")

    monkeypatch.setattr(Outcome, "range", fails)
    run = execute(with_options(load(CASE), world="wiod2014"))
    assert "No range: 40 of 64 draws have no equilibrium." in tell_run(run)
    page = (report.write(run, tmp_path / "run") / "report.html").read_text(encoding="utf-8")
    assert "No range is given: 40 of 64 draws have no equilibrium." in page


def test_sectors_without_codes_have_no_range(tmp_path):
    flows = np.array([[[80.0, 90.0], [20.0, 5.0]], [[25.0, 4.0], [150.0, 120.0]]])
    world = gt.World.from_arrays(
        regions=["JPN", "USA"], sectors=["widgets", "services"], flows=flows, duty=np.zeros_like(flows),
        va_share=np.full((2, 2), 0.5), input_mix=np.full((2, 2, 2), 0.5),
    )  # fmt: skip
    world.save(tmp_path / "own.world")
    scenario = gt.Scenario(
        title="Widgets", world=str(tmp_path / "own.world"), elasticities="uniform-4",
        measures=[gt.Tariff(by="USA", on="JPN", sectors="widgets", rate=0.1)],
    )  # fmt: skip
    run = execute(scenario)
    assert run.range is None
    assert any(line.startswith("No range: sector 'widgets' has no ISIC code") for line in tell_run(run))
    report.write(run, tmp_path / "run")


def test_one_set_has_no_figure_of_sets(solved):
    scenario = load(CASE)
    data = {**scenario.model_dump(exclude_unset=True), "world": "wiod2014", "horizons": ["long"]}
    data["elasticities"] = {"draws": 8, "range_over": "caliendo-parro"}
    run = execute(type(scenario).model_validate(data))
    assert run.range.sets == ("caliendo-parro",)
    assert ranges.by_set(run, Names.of(run.world), focus(run)) is None


def with_elasticities(**choice):
    scenario = load(CASE)
    data = {**scenario.model_dump(exclude_unset=True), "world": "wiod2014", "horizons": ["long"]}
    return execute(type(scenario).model_validate({**data, "elasticities": choice}))


def page_of(run):
    return report.html.render(run, all_tables(run), "1")


def test_one_set_is_told_as_one():
    run = with_elasticities(draws=8, range_over="caliendo-parro")
    told = "\n".join(tell_run(run))
    assert "Range over one published set of trade elasticities (8 draws," in told
    assert "Over one published set of trade elasticities and its printed standard errors" in page_of(run)


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({"draws": 1}, "there is one draw, and a range takes several: 64 are usual."),
        ({"draws": 8, "overrides": {"goods": 5.0}}, "there is nothing to draw: all 8 draws have the same trade elast"),
        ({"draws": 8, "range_over": "fontagne"}, "there is nothing to draw: all 8 draws have the same trade elast"),
    ],
)
def test_a_range_without_a_width_is_none(choice, why, tmp_path):
    run = with_elasticities(**choice)
    assert run.range is None
    told = "\n".join(tell_run(run))
    assert f"No range: {why}" in told
    assert "Range over" not in told
    folder = report.write(run, tmp_path / "run")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"No range is given: {why}" in page
    assert not (folder / "tables" / "ranges.csv").exists()
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["range"]
    assert facts["draws"] == 0
    assert facts["reason"].startswith(why.rstrip("."))
    assert "whisker" not in page.split("</style>")[1]
    assert "elasticity-sets" not in page
    assert "5–95" not in page


def test_sets_that_are_not_drawn_from_are_told():
    run = with_elasticities(draws=0, range_over=["shapiro"])
    told = "The sets of elasticities.range_over are not used: with 0 draws there is no range."
    assert told in tell_run(run)
    assert told in page_of(run)


def test_every_set_that_is_drawn_from_is_cited(solved, folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    sources = page[page.index('id="sources"') :]
    cited = "\n".join(sources_of(load(CASE)))
    assert len(solved.range.sets) == 8
    for name in solved.range.sets:
        facts = elasticity_sets()[name]
        for text in (facts["source"], facts["seen"]):
            assert text in cited
            assert str(escape(words.upper_first(text).rstrip("."))) in sources or str(escape(text)) in sources


def test_a_scenario_cites_only_the_sets_it_uses():
    scenario = load(CASE)
    for choice, names in (
        ({"draws": 0}, {"fontagne"}),
        ({"set": "CP", "range_over": ["LL", "caliendo-parro"]}, {"caliendo-parro", "lashkaripour-lugovskyy"}),
    ):
        data = {**scenario.model_dump(exclude_unset=True), "elasticities": choice}
        cited = "\n".join(sources_of(type(scenario).model_validate(data)))
        assert {name for name in elasticity_sets() if f"  [{name}] " in cited} == names


def test_wrong_sets_and_draws_are_named():
    scenario = load(CASE)
    data = {**scenario.model_dump(exclude_unset=True), "world": "wiod2014"}
    data["elasticities"] = {"range_over": ["fontagne", "shapirro"]}
    with pytest.raises(ScenarioError, match=r"elasticities.range_over\[1\].*did you mean 'shapiro'"):
        execute(type(scenario).model_validate(data))
    for draws in (-1, 1025, "64", 1.5, True):
        with pytest.raises(ScenarioError, match="draws"):
            with_options(scenario, draws=draws)
