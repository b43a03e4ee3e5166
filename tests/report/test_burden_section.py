"""The section on burden sharing and the price of protection: numbers told are those computed, faults have a place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from gaiatsu.errors import ScenarioError
from gaiatsu.report import burden as report
from gaiatsu.scenario.burden_models import BurdenModel
from gaiatsu.scenario.loading import parse
from gaiatsu.scenario.run import execute
from gaiatsu.security import burden, link
from pressure_world import small_world
from worlds import random_world

NBSP = "\u00a0"
LINK = {
    "defender": "JPN", "protector": "USA", "attacker": "CHN", "reliability": {"before": 0.745, "after": 0.41},
}  # fmt: skip
FILE = """
title: A test
world: {world}
horizon: long
horizons: [long]
elasticities: {{draws: 2, range_over: [fontagne, shapiro]}}
measures:
  - {{kind: tariff, by: CHN, on: KOR, rate: 1 %}}
security:
  burden:
    members: [USA, JPN, KOR, Australia]
    defender: JPN
    protector: USA
    attacker: CHN
    reliability: {{before: 74.5 %, after: 41 %}}
    duties: {{sectors: GOODS, levels: [5 %, 15 %, 40 %], shown: 15 %}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = small_world().save(tmp_path_factory.mktemp("world") / "small.world")
    return execute(parse(FILE.format(world=place).encode()))


@pytest.fixture(scope="module")
def section(run: Any) -> Any:
    (found,) = report.sections(run)
    return found


@pytest.fixture(scope="module")
def tables(section: Any) -> dict[str, Any]:
    return {table.name: table.frame for table in section.tables}


def test_tables_are_named_after_the_section_and_hold_numbers(section: Any, tables: dict[str, Any]) -> None:
    assert section.key == "burden"
    assert all(name.startswith("burden_") for name in tables)
    for name, frame in tables.items():
        if name not in ("burden_break_even", "burden_members", "burden_spillovers"):  # infinite, or not known, there
            assert np.isfinite(frame.select_dtypes("number").to_numpy()).all(), name


def test_the_members_are_those_of_the_figures(tables: dict[str, Any]) -> None:
    frame = tables["burden_members"].set_index("region")
    assert list(frame.index) == ["USA", "JPN", "KOR", "AUS"]  # by GDP, Australia by its name
    assert frame.at["JPN", "spent_percent"] == pytest.approx(1.4)
    assert frame.at["JPN", "gdp_usd_billion"] == pytest.approx(62 / 0.014)
    assert frame["share_of_outlays_percent"].sum() == pytest.approx(100)
    assert np.isnan(frame.at["USA", "implied_spillover_low_percent"])  # its outlays are taken, and test nothing


def test_what_is_foretold_is_the_equilibrium_with_the_taste_of_the_largest(tables: dict[str, Any]) -> None:
    frame = tables["burden_foretold"]
    income = tables["burden_members"]["gdp_usd_billion"].to_numpy()
    for spillover, rows in frame.groupby("spillover_percent"):
        taste = float(rows["taste_low_percent"].iloc[0]) / 100
        expected = 100 * burden.equilibrium(income, taste, spillover / 100) / income
        np.testing.assert_allclose(rows["foretold_low_percent"], expected, rtol=1e-9)
        assert rows["foretold_low_percent"].iloc[0] == pytest.approx(3.1)  # the United States, by construction
    japan = frame[frame["region"] == "JPN"].set_index("spillover_percent")
    assert japan.at[0.0, "miss_points"] == pytest.approx(3.1 - 1.4)
    assert japan.at[100.0, "foretold_high_percent"] == 0.0


def test_the_headline_tells_the_range_of_the_break_even(section: Any, tables: dict[str, Any]) -> None:
    row = tables["burden_break_even"].set_index("duty_percent").loc[15.0]
    numbers = re.search(r"at least ([\d.]+)", section.sentences[0])
    assert numbers is not None
    assert float(numbers[1]) == pytest.approx(row["points_low"], abs=0.06)
    assert row["points_low"] < row["points_median"] < row["points_high"]
    assert f"{row['no_arms_lacking_share_percent']:.0f}" in section.sentences[1]


def test_shares_of_the_box_add_up_and_no_duty_needs_nothing(tables: dict[str, Any]) -> None:
    frame = tables["burden_break_even"]
    shares = frame[[name for name in frame if name.endswith("share_percent")]].sum(axis=1)
    np.testing.assert_allclose(shares, 100)
    assert (frame.loc[0, ["points_low", "points_median", "points_high"]] == 0).all()
    assert (np.diff(frame["points_median"]) > 0).all()


def test_the_break_even_is_that_of_the_engines_losses(run: Any, tables: dict[str, Any]) -> None:
    duties = tables["burden_duties"].set_index("duty_percent")
    world = small_world()
    direct = link.duty_effects(world, [0.05, 0.15, 0.4], defender="JPN", protector="USA", sectors="GOODS")
    expected = -direct.loss / 1000
    # the world was stored with shares in single precision
    np.testing.assert_allclose(duties["defender_central_usd_billion"], expected, rtol=1e-4, atol=1e-9)
    assert (duties["defender_low_usd_billion"] <= duties["defender_central_usd_billion"]).all()
    assert (duties["defender_high_usd_billion"] - duties["defender_low_usd_billion"]).iloc[1:].min() > 0


def test_the_cheapest_mix_has_no_duty_where_it_buys_nothing(tables: dict[str, Any]) -> None:
    frame = tables["burden_mix"].set_index("bought_points")
    assert (frame.loc[0.0, ["duty_low_percent", "duty_high_percent", "saved_high_percent"]] == 0).all()
    assert frame.index[-1] == pytest.approx(33.5)  # to everything that was lost
    assert (np.diff(frame["cost_median_percent"]) <= 1e-9).all()


def test_ranges_come_from_the_question_then_from_deterrence_then_from_assumptions(run: Any) -> None:
    from gaiatsu.report.burden_findings import _ranges
    from gaiatsu.scenario.security_models import SecurityModel

    asked = {"attacker": "CHN", "defender": "JPN", "ally": "USA", "ally_weight": [0.2, 0.3], "cost_ratio": 0.5}
    own = {**LINK, "cost_ratio": [0.4, 0.6], "multiplier": 0.3}
    security = SecurityModel.model_validate({"deterrence": asked, "burden": own})
    scenario = run.scenario.model_copy(update={"security": security})
    found = _ranges(type("Beside", (), {"scenario": scenario})(), security.burden)
    assert found == {
        "ally_weight": (0.2, 0.3), "decisiveness": (0.5, 2.0), "cost_ratio": (0.4, 0.6), "multiplier": (0.3, 0.3),
    }  # fmt: skip


def test_figures_say_what_they_show(section: Any) -> None:
    anchors = [figure.anchor for figure in section.figures]
    assert anchors == ["burden-break-even", "burden-duties", "burden-mix", "burden-shares"]
    curve = section.figures[0]
    assert "percentage points by duty" in str(curve.body)
    places = re.findall(r"[\d.]+,([\d.]+)", str(curve.body))
    assert places
    assert all(0 <= float(y) <= 260 for y in places)
    assert "the figures that come with gaiatsu" in section.figures[3].note
    assert all("military spending of 2025, SIPRI" in section.figures[place].source for place in (0, 2, 3))
    assert "world" in section.figures[1].source


def test_every_set_is_solved_at_the_level_shown(section: Any, tables: dict[str, Any]) -> None:
    table = tables["burden_sets"].set_index("elasticities")
    assert list(table.index) == ["fontagne", "shapiro"]
    shown = tables["burden_duties"].set_index("duty_percent").loc[15.0]
    assert table["defender_usd_billion"].min() == pytest.approx(shown["defender_low_usd_billion"])
    assert table["protector_usd_billion"].max() == pytest.approx(shown["protector_high_usd_billion"])
    assert any("over 2 published sets" in text for text in section.cautions)


def test_without_a_multiplier_a_duty_must_buy_less(section: Any, tables: dict[str, Any]) -> None:
    row = tables["burden_break_even"].set_index("duty_percent").loc[15.0]
    assert row["points_median_without_multiplier"] < row["points_median"]
    told = re.search(r"a multiplier of 0\), at least ([\d.]+) \(([\d.]+) in the middle", section.sentences[0])
    assert told is not None
    assert float(told[1]) == pytest.approx(row["points_low_without_multiplier"], abs=0.06)
    assert float(told[2]) == pytest.approx(row["points_median_without_multiplier"], abs=0.51)
    assert any(text.startswith("The comparison favours arms") for text in section.cautions)


def test_the_protector_gains_at_most_what_the_curves_have(section: Any) -> None:
    text = next(text for text in section.sentences if "gains at most" in text or "would lose by every" in text)
    assert "As a payment" not in text
    assert text.count("US$") <= 1  # the unit once, not at both ends


def test_cautions_name_what_is_assumed_and_only_sections_that_are_there(section: Any) -> None:
    assert any("falls from 74.5 to 41" in text and text.startswith("Assumption") for text in section.cautions)
    assert not any("the section on deterrence" in text for text in section.cautions)


def test_the_cheapest_duty_at_the_end_of_the_levels_is_at_least_that(section: Any, tables: dict[str, Any]) -> None:
    frame = tables["burden_mix"]
    capped = frame[frame["duty_high_percent"] >= 40]
    assert len(capped)
    assert (capped["highest_solved_share_percent"] > 0).all()
    text = next(text for text in section.sentences if text.startswith("How many points"))
    assert "at least 40" in text
    assert "No duty above 40" in text
    assert f"≥{NBSP}40" in str(section.figures[2].body)


def test_implied_spillovers_are_over_the_rounding_of_the_figures(section: Any, tables: dict[str, Any]) -> None:
    frame = tables["burden_members"].set_index("region")
    low, high = (frame[f"implied_spillover_{end}_percent"] for end in ("low", "high"))
    random = np.random.default_rng(0)
    printed, shares = np.array([954, 62, 48, 35.0]), np.array([3.1, 1.4, 2.6, 1.9]) / 100
    found = []
    for _ in range(300):
        spent = printed + random.uniform(-0.5, 0.5, 4)
        share = shares + random.uniform(-0.0005, 0.0005, 4)
        found.append(100 * burden.implied_spillover(spent, spent / share, share[0]))
    assert (np.min(found, axis=0)[1:] >= low[1:]).all()
    assert (np.max(found, axis=0)[1:] <= high[1:]).all()
    np.testing.assert_allclose((high - low)[1:], np.ptp(found, axis=0)[1:], rtol=0.35)
    assert "Kendall" not in " ".join(section.sentences)  # four members: the rounding decides it


def test_own_worlds_without_codes_have_no_range(tmp_path: Any) -> None:
    place = random_world(3, (3, 2)).save(tmp_path / "own.world")
    text = f"""
title: A test
world: {place}
horizon: long
horizons: [long]
elasticities: {{set: uniform-4, draws: 2, range_over: [uniform-4, shapiro]}}
measures:
  - {{kind: tariff, by: R0, on: R1, rate: 1 %}}
security:
  burden:
    defender: R1
    protector: R0
    attacker: R2
    reliability: {{before: 74.5 %, after: 41 %}}
    duties: {{sectors: all, levels: [5 %, 15 %]}}
    spending: {{R0: {{billion: 900, of_gdp: 3 %}}, R1: {{billion: 60, of_gdp: 2 %}}, R2: {{billion: 300, of_gdp: 2 %}}}}
"""
    (found,) = report.sections(execute(parse(text.encode())))
    assert any("without a range" in text for text in found.cautions)
    assert any("shapiro" in text and "left out" in text for text in found.cautions)
    assert any("taken as nothing" in text for text in found.cautions)
    assert [table.name for table in found.tables].count("burden_sets") == 0


def test_a_file_that_is_not_there_is_told_in_the_first_sentence(run: Any) -> None:
    from dataclasses import replace

    question = BurdenModel.model_validate({"members": ["USA", "JPN"], "figures": "nowhere.csv"})
    security = run.scenario.security.model_copy(update={"burden": question})
    (found,) = report.sections(replace(run, scenario=run.scenario.model_copy(update={"security": security})))
    assert found.sentences[0].startswith("There is no file nowhere.csv: the figures that come with gaiatsu are used")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "asks nothing"), ({"defender": "JPN"}, "go together"), ({"members": ["USA"]}, "2 to 40"),
        ({"members": ["USA", "USA"]}, "each named once"), ({**LINK, "multiplier": 1.2}, "multiplier"),
        ({**LINK, "reliability": {"before": 0.4, "after": 0.6}}, "must fall"),
        ({**LINK, "duties": {"levels": [0.2, 0.1]}}, "must be above 0 and rise"),
        ({**LINK, "duties": {"levels": [0.1, 0.2], "shown": 0.15}}, "none of `levels`"),
        ({"members": ["USA", "JPN"], "spillover": [0, 1.5]}, "must lie from 0 to 1|150 %"),
        ({"members": ["USA", "JPN"], "taste": 0}, "above 0 and below 1"), ({**LINK, "protecter": "USA"}, "protecter"),
        ({"members": ["USA", "JPN"], "spending": {"JPN": {"billion": 60, "of_gdp": 0}}}, "GDP is found from it"),
        ({"members": ["USA", "JPN"], "spending": {"JPN": {"billion": 60, "of_gdp": 1}}}, "at most 99 %"),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        BurdenModel.model_validate(given)


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ({**LINK, "defender": "JPM"}, ("defender",), "JPM"),
        ({**LINK, "attacker": "USA"}, ("attacker",), "named already"),
        ({"members": ["USA", "Japan", "JPN"]}, ("members", 2), "named already"),
        ({**LINK, "protector": "AUS"}, ("protector",), "part of another region"),
        ({**LINK, "duties": {"sectors": ["GOOD"]}}, ("duties", "sectors", 0), "GOOD"),
        ({"members": ["USA", "DEU"]}, (), "no military spending of DEU"),
        ({"members": ["USA", "JPN"], "year": 2019}, ("year",), "2019"),
    ],
)  # fmt: skip
def test_faults_are_found_before_anything_is_solved(given: dict[str, Any], path: tuple[Any, ...], said: str) -> None:
    ((where, message),) = BurdenModel.model_validate(given).faults(small_world())
    assert where == path
    assert said in message


def test_own_spending_stands_for_the_figures() -> None:
    question = BurdenModel.model_validate({
        "members": ["USA", "DEU"], "spending": {"Germany": {"billion": 100, "of_gdp": 0.02}},
    })  # fmt: skip
    assert question.faults(small_world()) == []
    found, _ = question.outlays(small_world())
    assert (found["DEU"].usd_billion, found["DEU"].gdp_share) == (100, 0.02)
    assert found["USA"].usd_billion == 954


def test_a_wrong_name_is_told_with_its_line() -> None:
    text = FILE.format(world="wiod2014").replace("attacker: CHN", "attacker: Chna").replace("GOODS", "goods")
    with pytest.raises(ScenarioError, match=r"burden\.attacker.*Chna"):
        execute(parse(text.encode(), "case.yaml"))


def test_a_defender_that_needs_nobody_is_told_so(run: Any) -> None:
    from dataclasses import replace

    strong = {**LINK, "duties": {"sectors": "GOODS", "levels": [0.05, 0.15]}, "spending": {
        "JPN": {"billion": 4000, "of_gdp": 0.5},
    }}  # fmt: skip
    security = run.scenario.security.model_copy(update={"burden": BurdenModel.model_validate(strong)})
    (section,) = report.sections(replace(run, scenario=run.scenario.model_copy(update={"security": security})))
    assert "It buys nothing that is lacking." in section.sentences[0]
    assert "deters with what it spends" in section.sentences[1]
    assert [figure.anchor for figure in section.figures] == ["burden-duties"]
    assert not any(" nan" in text or " inf" in text for text in section.sentences)
    assert any("JPN is the scenario’s own" in text for text in section.cautions)
