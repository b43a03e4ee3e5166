"""The section on a defence budget: what it says is what was computed, and a scenario's faults are told."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.report import defence_budget, fan_charts
from gaiatsu.report.defence_budget_figures import bases_figure
from gaiatsu.report.sections import ANSWERS
from gaiatsu.scenario import citing, loading, saving
from gaiatsu.scenario.budget_models import BudgetModel
from gaiatsu.scenario.resolve import resolve, world_of
from gaiatsu.scenario.run import with_options
from gaiatsu.scenario.schema import Scenario
from gaiatsu.security import budget
from gaiatsu.security.programme import load_plan
from gaiatsu.world import World

MEASURE = {"kind": "tariff", "by": "JPN", "on": "USA", "sectors": "C30", "rate": 0.01}
OUTLAYS = {"kind": "outlays", "by": "JPN", "share": 0.004}
ASKED: dict[str, Any] = {
    "region": "Japan", "start": "1.6 %", "start_year": 2025, "target": "2 %", "target_year": 2027, "until": 2036,
    "growth": ["1 %", "3 %"], "interest": ["2.05 %", "4 %"], "debt": "201 %", "tax_rate": ["18 %", "34 %"],
}  # fmt: skip
MONEY: dict[str, Any] = {"gdp": {2022: 560.2, 2026: 691.9}, "unit": "trillion yen"}


def scenario(measure: dict[str, Any] = MEASURE, **changes: Any) -> Scenario:
    asked = {**ASKED, **changes}
    return Scenario.model_validate({"title": "t", "measures": [measure], "security": {"budget": asked}})


def section(measure: dict[str, Any] = MEASURE, **changes: Any) -> Any:
    """The section needs the world and the scenario; nothing is solved."""
    asked = scenario(measure, **changes)
    run = SimpleNamespace(
        scenario=asked, world=World.load("2022"), measures=tuple(item.build() for item in asked.measures)
    )
    (found,) = defence_budget.sections(run)
    return found


def numbers(text: str) -> list[float]:
    return [float(item.replace("−", "-").replace(",", "")) for item in re.findall(r"[+−]?\d[\d,]*\.?\d*", text)]


@pytest.fixture(scope="module")
def told() -> Any:
    return section(**MONEY, plan="japan-2023-27", primary_deficit=["0 %", "2.5 %"])


@pytest.fixture(scope="module")
def found() -> budget.Outlook:
    asked = scenario(**MONEY, primary_deficit=["0 %", "2.5 %"]).security
    assert asked is not None
    assert asked.budget is not None
    return budget.outlook(asked.budget.build())


def test_the_headline_has_both_ends_of_everything(told: Any, found: budget.Outlook) -> None:
    added, tax = (100 * np.array(pair) for pair in (found.band("added").at(-1), found.band("tax").ends()))
    text = told.sentences[0]
    assert f"add {added[0]:.1f} to {added[2]:.1f} points of GDP to public debt by FY2036" in text
    assert f"{tax[0]:.2f} to {tax[2]:.2f}\u00a0% of GDP a year in taxes" in text
    cuts = 100 * np.array(found.band("cuts").ends())
    assert cuts[2] - cuts[0] > 0.1  # the multiplier of what is cut has its own place
    assert f"cuts of other purchases of {cuts[0]:.2f} to {cuts[2]:.2f}\u00a0%" in text
    assert text.endswith(
        "over multipliers of 0.2 to 0.8 and the ranges of growth of nominal GDP, interest on new debt and revenue from "
        "additional GDP."
    )
    low, _, high = found.money("increase").at(1)
    assert f"(+0.40 points, {low:.2f} to {high:.2f} trillion yen)" in text


def test_single_figures_of_unidentified_parameters_are_not_told_alone(told: Any, found: budget.Outlook) -> None:
    median = 100 * found.band("added").at(-1)[1]
    assert not any(f"{median:.1f} points" in text for text in told.sentences)


def test_published_multipliers_outside_the_default_range_are_told_too() -> None:
    found = section()
    asked = scenario().security
    assert asked is not None
    assert asked.budget is not None
    question = asked.budget.build()
    ends = [end for value in (0.0, 1.5) for end in budget.added_with(question, value)]
    assert [f"{100 * end:.1f}" for end in ends] == re.findall(r"\d\.\d", found.sentences[1].partition("with 0 ")[2])[
        :2
    ] + (re.findall(r"\d\.\d", found.sentences[1].partition("zero)")[2]))
    assert not any("Published multipliers" in text for text in section(multiplier=[0.1, 0.9]).sentences)


def test_a_start_with_a_range_is_told_with_both_ends_and_widens_the_increase() -> None:
    text = section(start=["1.49 %", "1.65 %"], **MONEY).sentences[0]
    assert (
        "go from 1.49 to 1.65\u00a0% of GDP in 2025 to 2\u00a0% in 2027 (+0.35 to +0.51 points, 2.45 to 3.63 trillion"
        in text
    )
    assert "and the ranges of outlays at the start, growth" in text


def test_shares_on_the_way_outside_of_both_ends_are_told() -> None:
    assert ", by way of 5\u00a0% in 2026, add" in section(path={2026: "5 %"}).sentences[0]
    assert "by way of" not in section(path={2026: "1.7 %"}).sentences[0]


def test_only_parameters_that_vary_are_named() -> None:
    found = section(growth="2 %", primary_deficit=["0 %", "2.5 %"])
    (text,) = [text for text in found.sentences if text.startswith("Without the increase")]
    assert (
        "what is not known of interest on the debt there is and primary deficit without the increase moves it" in text
    )
    assert "growth" not in next(figure for figure in found.figures if figure.anchor == "budget-debt").note


def test_the_target_is_told_on_each_gdp(told: Any) -> None:
    (text,) = [text for text in told.sentences if "which year’s GDP is meant" in text]
    assert "11.2 of that of FY2022, 13.8 of that of FY2026 and 14.0 to 14.3 of that of FY2027" in text
    table = next(table for table in told.tables if table.name == "budget_target").frame
    assert table["is (trillion yen)"].tolist() == pytest.approx([11.204, 13.838])


def test_the_plan_is_told_on_its_own_basis(told: Any) -> None:
    (text,) = [text for text in told.sentences if text.startswith("Defense Buildup Program")]
    assert "36 of 43.5 trillion yen of contracts (83\u00a0%)" in text
    assert "not of the outlays above" in text
    assert "year by year 76 to 88\u00a0% if their cost is spread evenly" in text
    (text,) = [text for text in told.sentences if text.startswith("Up to FY2026")]
    assert "35.3 trillion yen of contracts are known (as budgeted" in text
    assert numbers(text)[-1] == 81.3
    tables = {table.name: table.frame for table in told.tables}
    assert tables["budget_capabilities"].drop(columns="year").to_numpy().sum() == pytest.approx(43.5)
    assert set(tables["budget_bases"]["basis"]) == {"programme", "contract", "spending", "security-related"}
    assert any("read in excerpts of the sources" in line for line in told.cautions)
    assert [figure.anchor for figure in told.figures] == [
        "budget-added", "budget-debt", "budget-plan", "budget-bases",
    ]  # fmt: skip


def test_tables_are_the_bands(told: Any, found: budget.Outlook) -> None:
    assert all(table.name.startswith("budget") for table in told.tables)
    frame = next(table for table in told.tables if table.name == "budget_paths").frame
    band = found.band("debt")
    np.testing.assert_allclose(frame["debt_with_high_percent"], 100 * band.high)
    np.testing.assert_allclose(frame["debt_with_low_percent"], 100 * band.low)
    parameters = next(table for table in told.tables if table.name == "budget_parameters").frame.set_index("parameter")
    assert parameters.at["growth", "basis"] == "given"
    assert parameters.at["multiplier", "basis"].startswith("default: Sheremirov")
    assert parameters.at["financing_multiplier", "basis"].startswith("assumption")


def test_defaults_are_told_as_assumptions_and_what_is_given_is_not() -> None:
    plain = " ".join(section().cautions)
    assert "balanced before interest" in plain
    assert "pays the interest of new debt" in plain
    assert "Assumption: the multiplier lies between 0.2 and 0.8" in plain
    given = " ".join(
        section(primary_deficit=0.01, interest_on_debt=0.01, multiplier=[0.5, 1.2], financing_multiplier=0.5).cautions
    )
    for said in (
        "balanced before interest",
        "pays the interest of new debt",
        "Assumption: the multiplier",
        "a unit of taxes",
    ):
        assert said not in given


@pytest.mark.parametrize("way", ["tax", "cuts", "deficit"])
def test_the_way_of_paying_comes_first(way: str) -> None:
    text = section(financing=way).sentences[0]
    places = {name: text.index(said) for name, said in
              (("tax", "in taxes"), ("cuts", "cuts of other"), ("deficit", "if they are borrowed"))}  # fmt: skip
    assert min(places, key=places.__getitem__) == way


def test_less_is_told_as_less() -> None:
    text = section(target="1.2 %").sentences[0]
    assert "(−0.40 points)" in text
    less = numbers(text.partition(" lower public debt by ")[2].partition(" points of GDP")[0])
    assert 0 < less[0] < less[1]
    assert "leave room for taxes lower by" in text
    assert "−" not in text.partition("points)")[2]


def test_a_multiplier_of_taxes_of_its_own_is_named() -> None:
    assert (
        "over multipliers of 0.2 to 0.8 (of taxes 0.0 to 1.0) and" in section(financing_multiplier=[0, 1]).sentences[0]
    )


def test_an_increase_of_unknown_sign_keeps_its_signs() -> None:
    text = section(start=["1.9 %", "2.1 %"]).sentences[0]
    assert re.search(r"\(−0\.10 to \+0\.10 points\) add −\d\.\d to \+\d\.\d points", text)


def test_no_increase_is_told_so() -> None:
    found = section(target="1.6 %")
    assert found.sentences[0] == "Outlays of Japan stay at 1.6\u00a0% of GDP: nothing is added to public debt."
    assert not any(text.startswith(("Borrowed", "With a multiplier")) for text in found.sentences)


def test_shares_of_an_earlier_year_are_told_with_it() -> None:
    text = section(start="1.8 %", shares_of=2022, **MONEY).sentences[0]
    assert "from 1.8\u00a0% of the GDP of 2022 in 2025 to 2\u00a0% in 2027" in text
    assert re.search(r"\(\+0\.0\d to \+0\.1\d points of GDP in 2027", text)


def test_the_measure_outlays_is_pointed_to_and_a_different_size_is_told() -> None:
    assert "is not part of this scenario" in section().sentences[-1]
    assert section(OUTLAYS).sentences[-1].endswith("for 0.4 points of GDP more.")
    within = section(OUTLAYS, start=["1.5 %", "1.65 %"]).sentences[-1]
    assert within.endswith("for 0.4 points of GDP more, within the 0.35 to 0.50 of this section.")
    assert (
        section({**OUTLAYS, "share": 0.01})
        .sentences[-1]
        .endswith("for 1 points of GDP more, not the 0.40 points of this section.")
    )


def read(text: str) -> None:
    asked = loading.parse(text.encode(), "b.yaml")
    resolve(asked, world_of(asked))


TEXT = """\
title: t
measures:
  - {kind: tariff, by: JPN, on: USA, sectors: C30, rate: 1 %}
security:
  budget:
    region: JPN
    start: 1.6 %
    start_year: 2025
    target: 2 %
    target_year: 2027
    until: 2036
    growth: [1 %, 3 %]
    interest: 2 %
    debt: 201 %
    tax_rate: 30 %
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("region: JPN", "region: JPX", ":6 security.budget.region: unknown region 'JPX'"),
        ("region: JPN", "region: g7", ":6 security.budget.region: 'g7' means several regions"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    plan: japan-2023-28", ":16 security.budget.plan: there is no plan"),
        ("growth: [1 %, 3 %]", "growth: [3 %, 1 %]", ":12 security.budget.growth: ['3 %', '1 %'] falls"),
        ("growth: [1 %, 3 %]", "growth: [1 %, 2 %, 3 %]", "one number, or two: [low, high]"),
        ("until: 2036", "until: 2026", "until is 2026"),
        ("debt: 201 %", "dept: 201 %", "security.budget.dept: unknown key; did you mean 'debt'"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    gdp: {2022: 560.2}", "`gdp` and `unit` go together"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    path: {2028: 2 %}", "`path` has 2028"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    interest_on_debt: {}", "is empty: give a rate"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    multiplier: big", "'big' is not a number"),
        ("start_year: 2025", "start_year: soon", "'soon' is not a year"),
        ("start: 1.6 %", "start: [1.6 %, 120 %]", ":7 security.budget.start: ['1.6 %', '120 %'] is not a share"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    multiplier: 3.4", "b.yaml:5 security.budget: tax_rate times multi"),
        ("interest: 2 %", "interest: [2 %, 40 %]", "b.yaml:5 security.budget: debt without the increase reaches"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    unit: m\n    gdp: {2022: -1}", ":17 security.budget.gdp.2022: -1 must "
         "be a number above 0"),
        ("tax_rate: 30 %", "tax_rate: 30 %\n    interest_on_debt: {2024: [2 %, 1 %]}", "['2 %', '1 %'] falls"),
    ],
)  # fmt: skip
def test_faults_of_the_question_are_told_with_their_line(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ScenarioError) as caught:
        read(TEXT.replace(old, new, 1))
    assert said in str(caught.value)


def test_the_case_asks_and_cites() -> None:
    case = loading.load("defence-2027")
    assert ANSWERS["budget"] == "gaiatsu.report.defence_budget"
    assert case.security is not None
    asked = case.security.budget
    assert asked is not None
    (outlays,) = [measure for measure in case.measures if measure.kind == "outlays"]
    assert asked.target - asked.start[1] < outlays.share < asked.target - asked.start[0]
    for key in asked.source or []:
        assert (case.references[key].address or "").startswith("https://")
        assert case.references[key].note


def test_a_saved_question_reads_back_the_same() -> None:
    asked = scenario(
        **MONEY, path={2026: "1.7 %"}, interest_on_debt={2024: 0.01, 2030: ["2 %", "3 %"]}, multiplier=[0.5, 1.5]
    )
    again = loading.parse(saving.dump(asked).encode())
    assert again.security == asked.security


def test_a_plan_is_looked_for_beside_the_scenario_and_its_hash_is_kept(tmp_path: Path) -> None:
    (tmp_path / "boats.csv").write_text("item,cost,basis,unit,first,last\nBoats,6,contract,m,2030,2031\n")
    path = tmp_path / "s.yaml"
    path.write_text(TEXT + "    plan: boats.csv\n")
    asked = loading.load(path)
    resolve(asked, world_of(asked))
    content = (tmp_path / "boats.csv").read_bytes()
    ((name, question),) = asked.questions()
    assert (name, question.files()["plan"]["sha256"]) == ("budget", hashlib.sha256(content).hexdigest())
    changed = with_options(asked, horizon="short")  # a run keeps the folder
    assert changed.questions()[0][1].files() == question.files()
    with pytest.raises(ScenarioError, match=r"there is no plan file boats\.csv"):
        read(TEXT + "    plan: boats.csv\n")


def test_figures_of_other_questions_are_looked_for_beside_the_scenario_too(tmp_path: Path) -> None:
    rows = "".join(f"{code},2024,{milex},0.02\n" for code, milex in (("JPN", 55000), ("CHN", 310000), ("USA", 990000)))
    (tmp_path / "mine.csv").write_text("iso3,year,milex_current_usd_m,milex_share_gdp\n" + rows)
    named = "\n".join(
        ["  deterrence:", "    attacker: CHN", "    defender: JPN", "    ally: USA", "    figures: mine.csv"]
    )
    path = tmp_path / "s.yaml"
    path.write_text(TEXT[: TEXT.index("  budget:")] + named + "\n")
    security = loading.load(path).security
    assert security is not None
    assert security.deterrence is not None
    assert security.deterrence.build(World.load("2022")).own == pytest.approx(55.0)


def test_more_bases_than_colours_have_one_colour(tmp_path: Path) -> None:
    def figure(count: int) -> Any:
        bases = "".join(f"  b{k}: {{title: B, contains: c}}\n" for k in range(count))
        figures = "".join(f"  - {{name: F{k}, amount: 1, basis: b{k}, years: 2030}}\n" for k in range(count))
        path = tmp_path / f"{count}.yaml"
        path.write_text(
            f"title: T\nunit: m\nyears: 2030\nbases:\n{bases}figures:\n{figures}"
            "items:\n  - {name: A, cost: 1, basis: b0}\n"
        )
        asked = scenario().security
        assert asked is not None
        assert asked.budget is not None
        return bases_figure(load_plan(path), asked.budget.build())

    few, many = figure(6), figure(12)
    classes = re.findall(r'<rect class="(\w+)"', few.body)
    assert len(classes) == len(set(classes)) == 6
    assert "one colour for each basis" in few.unit
    assert len(set(re.findall(r'<rect class="(\w+)"', many.body))) == 1
    assert "colour" not in many.unit


def test_the_multipliers_that_a_case_rests_on_are_cited() -> None:
    lines = "\n".join(citing.sources_of(loading.load("defence-2027")))
    for who in ("Sheremirov and Spirovska (2015)", "Sheremirov and Spirovska (2022)", "Miyamoto, Nguyen and Sergeyev"):
        assert who in lines
    assert "Nakamura" not in lines  # not used


def test_the_page_of_the_case_has_the_programs_numbers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases" / "defence-2027.md").read_text(encoding="utf-8")
    security = loading.load("defence-2027").security
    assert security is not None
    assert security.budget is not None
    found = budget.outlook(security.budget.build())
    rows = {
        "added to public debt": (found.band("added").at(-1), 1), "or taxes": (found.band("tax").ends(), 2),
        "or cuts": (found.band("cuts").ends(), 2), "interest on what": (found.band("interest").at(-1), 2),
        "debt without": (found.band("without").at(-1), 0),
    }  # fmt: skip
    for name, (ends, digits) in rows.items():
        (shown,) = re.findall(rf"^\| {name}.*\| (\S+) \| (\S+) \|$", page, re.MULTILINE)
        assert shown == tuple(f"{100 * ends[place]:.{digits}f}" for place in (0, 2)), name


def test_the_examples_on_the_page_are_sound() -> None:
    page = (Path(__file__).parents[2] / "docs" / "defence-budget.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    read(text)
    names: dict[str, Any] = {}
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    exec(code, names)
    low, median, high = names["found"].band("added").at(-1)
    assert 0 < low < median < high
    scenario_page = (Path(__file__).parents[2] / "docs" / "scenario-files.md").read_text(encoding="utf-8")
    for key in BudgetModel.model_fields:
        assert f"`{key}`" in page or key == "source"
        assert f"`{key}`" in scenario_page


def test_a_fan_draws_band_and_line_and_its_key_names_them() -> None:
    years = [2025, 2026, 2027]
    fans = [
        fan_charts.Fan("a < b", np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.0, 1.5]), np.array([2.0, 3.0, 4.0])),
        fan_charts.Fan("line", np.array([1.0, 1.0, 1.0])),
    ]
    picture, key = fan_charts.fan_chart(fans, years, "percent", "what it shows")
    assert picture.count("<polygon") == 1
    assert picture.count("<polyline") == 2
    assert picture.count("stroke-dasharray") == 1
    assert "a &lt; b" in key
    assert "<title>what it shows</title>" in picture


def test_stacked_parts_fill_the_bar_and_carry_numbers() -> None:
    picture, key = fan_charts.stacked_chart(
        [("2025", [4.0, 0.0, 1.0]), ("2026", [2.0, 1.0, 0.0])], ["A", "B", "rest"], "m", "alternative"
    )
    widths = [float(width) for width in re.findall(r'<rect class="\S+" x="\S+" y="\S+" width="(\S+)"', picture)]
    assert len(widths) == 4  # parts of nothing are not drawn
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.03)
    assert re.findall(r'<text class="in[^>]*>(\d+)</text>', picture) == ["1", "3", "1", "2"]
    assert [name in key for name in ("1\u00a0A", "2\u00a0B", "3\u00a0rest")] == [True] * 3
