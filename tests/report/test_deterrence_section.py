"""The section on deterrence: what a scenario may ask, what is refused, and what the report then says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup
from pydantic import ValidationError

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.report.deterrence import sections
from gaiatsu.report.deterrence_figures import attacker_figure
from gaiatsu.report.deterrence_words import Told
from gaiatsu.report.export import write_csv, write_workbook
from gaiatsu.report.figures import Figure
from gaiatsu.report.html import environment
from gaiatsu.report.sections import Section
from gaiatsu.scenario.deterrence_models import DeterrenceModel
from gaiatsu.scenario.resolve import resolve
from gaiatsu.scenario.schema import Scenario
from gaiatsu.security.deterrence import smallest_effort
from gaiatsu.world import World

ASKED = {"attacker": "CHN", "defender": "Japan", "ally": "USA"}
MEASURE = {"kind": "tariff", "by": "USA", "on": "JPN", "sectors": "C29", "rate": 0.05}


@pytest.fixture(scope="module")
def world() -> World:
    return gt.World.load("wiod2014")


def scenario(**asked: Any) -> Scenario:
    return Scenario.model_validate({
        "title": "t", "world": "wiod2014", "measures": [MEASURE], "security": {"deterrence": {**ASKED, **asked}},
        "references": {"plan": {"title": "A plan", "address": "https://example.org/plan"}},
    })  # fmt: skip


def section(world: World, **asked: Any) -> Section:
    (found,) = sections(SimpleNamespace(scenario=scenario(**asked), world=world))
    return found


def headline(world: World, **asked: Any) -> str:
    run = SimpleNamespace(scenario=scenario(**asked), world=world)
    return Told(run, run.scenario.security.deterrence.build(world)).headline()


def frame(found: Section, name: str) -> pd.DataFrame:
    return next(table.frame for table in found.tables if table.name == f"deterrence_{name}")


@pytest.fixture(scope="module")
def found(world: World) -> Section:
    return section(world, budgets={"plan": 75.0}, source=["plan"])


# ------------------------------------------------------------------------------------------------------ what is said
def test_the_headline_has_ranges_and_no_single_point(found: Section) -> None:
    efforts = frame(found, "efforts").set_index("reliability_fraction")
    for reliability, said in ((0.745, "74.5\u00a0%"), (0.22, "22\u00a0%")):
        row = efforts.loc[reliability]
        assert row.least_usd_billion < row.first_quartile_usd_billion + 1e-9
        assert row.median_usd_billion < row.third_quartile_usd_billion < row.greatest_usd_billion
        assert (
            f"to {row.greatest_usd_billion:.0f}\u00a0billion (median {row.median_usd_billion:.0f})"
            in found.sentences[0]
        )
        assert f"chance of {said}" in found.sentences[0]
    assert "Japan" in found.sentences[0]
    assert "it spends US$\u00a062\u00a0billion" in found.sentences[0]


def test_where_the_budgets_sit(found: Section) -> None:
    efforts = frame(found, "efforts").set_index("reliability_fraction")
    assert (efforts["plan_deters_in_fraction"] >= efforts["today_deters_in_fraction"]).all()
    assert efforts["today_deters_in_fraction"].is_monotonic_decreasing  # with reliability, from high to low
    share = 100 * efforts["today_deters_in_fraction"]
    assert f"deters in {share[0.745]:.0f}\u00a0% and {share[0.22]:.0f}\u00a0%" in found.sentences[1]
    assert "no probabilities" in found.sentences[1]
    required = frame(found, "required").set_index("budget")
    assert required.usd_billion.to_dict() == {"today": 62.0, "plan": 75.0}
    assert required["median"]["plan"] < required["median"]["today"]
    assert f"“today” {100 * required['median']['today']:.0f}\u00a0% (median" in found.sentences[2]


def test_the_price_of_a_point_and_of_a_fall(found: Section) -> None:
    assert "A percentage point of reliability stands for own outlays of US$" in found.sentences[3]
    assert "falls from 74.5\u00a0% to 22\u00a0%" in found.sentences[4]
    assert "of the GDP of 2025" in found.sentences[4]  # what 62 and 1.4 % imply
    efforts = frame(found, "efforts").set_index("reliability_fraction")
    assert efforts.median_percent_of_gdp[0.22] == pytest.approx(efforts.median_usd_billion[0.22] / (62 / 0.014) * 100)


def test_assumptions_sources_and_figures_are_named(found: Section) -> None:
    assumed = [line for line in found.cautions if line.startswith("Assumed (an assumption of this package)")]
    assert len(assumed) == 3
    texts = [source.text for source in found.sources]
    assert any(text.startswith("A plan") for text in texts)
    assert any("SIPRI" in text and "excerpt" in text for text in texts)
    assert any("Berkemeier" in text and "abstract" in text for text in texts)
    used = frame(found, "figures")
    assert list(used.states) == ["CHN", "JPN", "USA"]
    assert set(used["from"]) == {"the figures that come with gaiatsu"}
    assert all(table.name.startswith("deterrence_") for table in found.tables)
    assert not any(table.frame.isna().any().any() for table in found.tables)


def test_figures_are_drawn_for_every_weight_and_decisiveness(found: Section) -> None:
    surface, curve, price, attacker = found.figures
    assert surface.body.count('class="other"') == 9
    assert "dashed" in surface.note
    assert ">all kinds after 1945,<" in curve.body
    assert ">pacts since 1816<" in curve.body
    for figure in found.figures:
        assert "military spending of 2025, SIPRI, quoted by ICAEW; parameters are assumptions" in figure.source
    assert "plan: 75" in curve.body
    assert price.body.count("<rect") == 6
    assert attacker.body.count("<rect") == 10
    assert "nan" not in "".join(figure.body for figure in found.figures)


def test_numbers_of_ones_own_are_said_to_be_so(world: World) -> None:
    mine = section(
        world, effort={"attacker": 317.6, "own": 58.4, "ally": 968.4}, ally_weight="30 %", decisiveness=1,
        cost_ratio=0.6, reliability=[0.22, "74.5 %", 0.66],
    )  # fmt: skip
    efforts = frame(mine, "efforts")
    assert list(efforts.reliability_fraction) == [0.745, 0.66, 0.22]
    assert list(efforts.median_usd_billion.round(1)) == [33.0, 59.8, 168.2]
    assert sum("(set by the scenario)" in line for line in mine.cautions) == 3
    assert set(frame(mine, "figures")["from"]) == {"given in the scenario"}
    assert mine.figures[0].body.count('class="other"') == 1
    assert not any("SIPRI" in source.text for source in mine.sources)


def test_a_figure_may_have_a_source_of_its_own() -> None:
    macro = environment().get_template("parts.html.j2").module.figure_of
    page = "Source: gaiatsu, world 2022"
    assert "Figure 3. Source: gaiatsu, world 2022.<" in macro(Figure("a", "t", "u", Markup("")), "", 3, page)
    own = macro(Figure("a", "t", "u", Markup(""), source="military spending, 2025"), "", 3, page)
    assert "Figure 3. Source: military spending, 2025.<" in own
    assert "world 2022" not in own


def test_figures_with_and_without_a_year_are_written(world: World, tmp_path: Path) -> None:
    tables = {table.name: table for table in section(world, effort={"attacker": 471}).tables}
    write_workbook(tables, tmp_path / "tables.xlsx")
    for table in tables.values():
        write_csv(table, tmp_path / f"{table.name}.csv")
    written = pd.read_csv(tmp_path / "deterrence_figures.csv")
    assert written.year.fillna(0).tolist() == [0, 2025, 2025]
    assert (tmp_path / "tables.xlsx").stat().st_size > 5000


def test_allies_add_up_and_efforts_may_be_ranges(world: World) -> None:
    model = DeterrenceModel(**{**ASKED, "ally": ["USA", "AUS"]}, effort={"attacker": [300, 400]})
    there = model.build(world)
    assert there.box.ally == (954.0 + 35.0, 989.0)
    assert there.box.attacker == (300.0, 400.0)
    assert "the United States and Australia (US$\u00a0989\u00a0billion) as allies" in headline(
        world, ally=["USA", "AUS"]
    )
    both = there.box.smallest_effort(0.5)
    assert both[1].max() == pytest.approx(
        float(smallest_effort(0.5, 400.0, 989.0, ally_weight=0.1, decisiveness=0.5, cost_ratio=0.4)), rel=1e-12
    )


def test_gdp_is_that_of_the_world_where_the_figures_have_none(world: World) -> None:
    given = {"attacker": 300, "own": 50, "ally": 900}
    there = DeterrenceModel(**{**ASKED, "defender": "France"}, effort=given).build(world)
    assert there.gdp_of == "GDP of 2014"
    assert 2500 < there.gdp < 2850  # US$ bn; the World Bank has 2,856, taxes on final products included
    without = section(world, defender="France", effort={"own": 50.0})  # figures of 2025 beside a world of 2014
    assert "GDP" not in without.sentences[4]
    assert "median_percent_of_gdp" not in frame(without, "efforts")


def test_a_missing_file_is_named_and_the_default_used(world: World, tmp_path: Path) -> None:
    mine = section(world, figures=str(tmp_path / "SIPRI.xlsx"))
    assert mine.sentences[0].startswith("There is no file")  # what a terminal shows
    assert "SIPRI.xlsx: the figures that come with gaiatsu are used instead. To deter" in mine.sentences[0]
    given = {"attacker": 300, "own": 50, "ally": 900}
    unneeded = headline(world, figures=str(tmp_path / "SIPRI.xlsx"), effort=given)
    assert "SIPRI.xlsx" not in unneeded
    assert "All three efforts are set by the scenario" in unneeded
    assert frame(mine, "efforts").equals(frame(section(world), "efforts"))


def test_a_file_of_ones_own(world: World, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    head = "iso3,year,milex_current_usd_m,milex_share_gdp\n"
    rows = "".join(f"{code},{year},{size * 1000},\n" for year in (2023, 2024) for code, size in
                   (("CHN", 300 + year - 2023), ("JPN", 50), ("USA", 900), ("FRA", 60)))  # fmt: skip
    path.write_text(head + rows, encoding="utf-8")
    model = DeterrenceModel(**{**ASKED, "ally": "FRA"}, figures=str(path))
    assert model.faults(world) == []
    there = model.build(world)
    assert (there.year, there.box.attacker, there.box.ally) == (2024, (301.0, 301.0), (60.0, 60.0))
    assert np.isnan(there.gdp)  # no share of GDP in the file, and that of the world is of another time
    path.write_text(head + rows + "CHN,2024,many,\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"security\.deterrence\.figures.*mine\.csv:10"):
        resolve(scenario(figures=str(path)), world)


def test_the_headline_tells_the_year_and_whose_figures(world: World, found: Section, tmp_path: Path) -> None:
    assert "Military spending is of 2025 (SIPRI, quoted by ICAEW)." in found.sentences[0]
    path = tmp_path / "mine.csv"
    rows = [("CHN", 2018, 250), ("USA", 2018, 680), ("USA", 2024, 990), ("JPN", 2018, 48), ("JPN", 2024, 55)]
    text = "".join(f"{code},{year},{size * 1000}\n" for code, year, size in rows)
    path.write_text(f"iso3,year,milex_current_usd_m\n{text}", encoding="utf-8")
    old = headline(world, figures=str(path))
    said = "of 2018, the latest year in which all have a figure, though those of others go on to 2024 (the user’s own"
    assert said in old
    asked = headline(world, figures=str(path), year=2018, effort={"attacker": 300})
    assert "of 2018, as the scenario asks (the user’s own table, file mine.csv); the effort of China is set" in asked


def test_a_fixed_parameter_is_told_with_the_default_ranges(world: World, found: Section) -> None:
    wide = frame(found, "efforts").set_index("reliability_fraction").loc[0.22]
    everywhere = f"{wide.least_usd_billion:.1f} to {wide.greatest_usd_billion:.0f}\u00a0billion"
    one = headline(world, ally_weight="30 %")
    assert "They hold only for a weight of the ally’s effort of 30\u00a0%, set by the scenario; over the default" in one
    assert one.count(everywhere) == 1
    assert "what nobody has measured: how decisive effort is and what an attack costs its author." in one
    point = section(world, ally_weight="30 %", decisiveness=1, cost_ratio="60 %")
    assert "would need own outlays of US$\u00a045\u00a0billion where" in point.sentences[0]
    assert "median 45" not in point.sentences[0]
    assert "nobody has measured" not in point.sentences[0]
    assert everywhere in point.sentences[0]
    assert "“today” (US$\u00a062\u00a0billion) deters and does not deter" in point.sentences[1]
    assert point.sentences[2] == "The reliability needed to deter is with “today” 69\u00a0%."
    same = headline(world, ally_weight=["10 %", "50 %"])
    assert same == found.sentences[0]


def test_what_more_effort_of_the_attacker_does_is_told(world: World, found: Section) -> None:
    box = DeterrenceModel(**ASKED).build(world).box
    high = float(smallest_effort(0.22, 1.5 * 336, 954.0, ally_weight=0.1, decisiveness=0.5, cost_ratio=0.4))
    middle = np.median(smallest_effort(0.22, **{**box.inside, "attacker": 2 * box.inside["attacker"]}))
    assert f"{high:,.0f}\u00a0billion (median" in found.sentences[0]
    assert f"(median {middle:.0f}) at 22\u00a0%." in found.sentences[0]
    assert "ranges leave out" not in headline(world, effort={"attacker": [300, 500]})


def test_an_attacker_content_with_less_lies_outside_the_box(world: World, found: Section) -> None:
    (line,) = [text for text in found.cautions if "about a third of the time" in text]
    least = smallest_effort(
        0.745, 336.0, 954.0, ally_weight=0.5, decisiveness=np.geomspace(0.5, 2, 2001), cost_ratio=1 / 3
    )
    assert f"are US$\u00a0{least.min():.0f} to" in line
    assert not any("about a third of the time" in text for text in section(world, cost_ratio=[0.3, 0.8]).cautions)
    assert any("decisiveness in equal ratios" in text for text in found.cautions)


def test_one_reliability_is_told_once(world: World) -> None:
    one = section(world, reliability=[0.5])
    assert "at a reliability of 50\u00a0%, the budget" in one.sentences[1]
    assert one.sentences[3].count("50\u00a0%") == 1
    assert one.figures[3].body.count("If the ally comes") == 1


def test_budgets_left_out_of_the_sentences_are_counted(world: World) -> None:
    told = section(world, budgets={f"plan {number}": 60 + number for number in range(5)}).sentences[1]
    assert told.endswith("The table has 3 more budgets.")


def test_what_others_find_of_china_stands_only_beside_the_own_figure_of_china(world: World, found: Section) -> None:
    assert "471" in found.figures[3].note
    assert "1.3 trillion" in found.figures[3].note
    for other in ({"effort": {"attacker": 471}}, {"attacker": ["CHN", "IND"]}):
        there = DeterrenceModel(**{**ASKED, **other}).build(world)
        assert "471 billion" not in attacker_figure(there, "China and India").note
    assert attacker_figure(there, "China and India").note.startswith("The effort of China and India is an estimate")


def test_ends_of_the_price_stand_in_the_table(found: Section) -> None:
    efforts = frame(found, "efforts").set_index("reliability_fraction")
    assert efforts.point_greatest_usd_billion[0.745] > 12.9
    assert efforts.point_least_usd_billion[0.22] == pytest.approx(0.43137, abs=1e-4)
    assert f"in all 0 to {efforts.point_greatest_usd_billion[0.745]:.0f})" in found.sentences[3]


# -------------------------------------------------------------------------------------------------- what is refused
def test_a_figure_of_nothing_is_refused_with_its_place(world: World, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "iso3,year,milex_current_usd_m\nCHN,2020,250000\nPRK,2020,0\nUSA,2020,680000\nJPN,2020,48000\n",
        encoding="utf-8",
    )
    for side, key in (("attacker", "attacker"), ("defender", "own"), ("ally", "ally")):
        with pytest.raises(
            ScenarioError, match=rf"mine\.csv, row 3, have 0 for PRK in 2020.*`effort: {key}`"
        ) as caught:
            resolve(scenario(**{side: "PRK"}, figures=str(path)), world)
        assert f"security.deterrence.{side}" in str(caught.value)
    assert "US$\u00a0930" not in headline(world, ally=["USA", "PRK"], figures=str(path))


@pytest.mark.parametrize(
    "asked, path, said",
    [
        ({"attacker": "Chnia"}, ("attacker",), "did you mean 'China'"),
        ({"ally": ["USA", "Japan"]}, ("ally",), "JPN stands on two sides"),
        ({"attacker": ["CHN", "USA"]}, ("attacker",), "USA stands on two sides"),
        ({"defender": "quad"}, ("defender",), "4 states; name one"),
        ({"attacker": "ROW"}, ("attacker",), "is no state"),
        ({"attacker": "Russia"}, ("attacker",), "no military spending of RUS .* `effort: attacker`"),
        ({"year": 2019}, ("year",), "of CHN in 2019"),
    ],
)
def test_faults_are_found_before_anything_is_solved(
    world: World, asked: dict[str, Any], path: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said) as caught:
        resolve(scenario(**asked), world)
    assert "security.deterrence." + ".".join(path) in str(caught.value)


def test_a_state_outside_the_world_may_be_named_where_its_effort_is_given(world: World) -> None:
    model = DeterrenceModel(**{**ASKED, "attacker": "North Korea"}, effort={"attacker": [2, 10]})
    assert model.faults(world) == []
    assert model.build(world).attacker == ("PRK",)


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"cost_ratio": 0}, "between 0.05 and 1"), ({"cost_ratio": [0.8, 0.4]}, "falls"),
        ({"ally_weight": [0.1, 0.2, 0.3]}, "one number, or two"), ({"ally_weight": 1.5}, "150 %"),
        ({"decisiveness": 0.01}, "between 0.2 and 10"), ({"decisiveness": "high"}, "not a number"),
        ({"fall": [0.4, 0.7]}, "before first"), ({"fall": [0.5, 0.5]}, "stays at 50 %"), ({"year": 1913}, "1914"),
        ({"budgets": {"today": 3}}, "effort: own"),
        ({"budgets": {"plan": -3}}, "above 0"), ({"budgets": {" ": 3}}, "empty name"),
        ({"reliability": []}, "at least 1"),
        ({"reliability": [1.2]}, "120 %"), ({"effort": {"own": 0}}, "above 0"), ({"effort": {"mine": 3}}, "mine"),
        ({"effort": {"ally": float("inf")}}, "not a number"), ({"enemy": "CHN"}, "enemy"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DeterrenceModel(**{**ASKED, **asked})


def test_no_number_of_the_report_is_missing_at_odd_ends(world: World) -> None:
    odd = section(world, ally_weight=0, reliability=[1.0, 0.0], cost_ratio=[0.05, 1.0], decisiveness=[0.2, 10])
    assert np.isfinite(frame(odd, "efforts").to_numpy()).all()
    assert "even a certain ally is not enough" in odd.sentences[2]
    assert "over 100,000" in odd.sentences[0]
    assert "about the income of the world" in odd.sentences[0]
    assert not any("nan" in text for text in odd.sentences)
