"""The section on arms: ranges in every sentence, bundled or own figures named, faults of the question, the figures."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.report import arms
from gaiatsu.report.arms_figures import percents, place_name
from gaiatsu.scenario import loading
from gaiatsu.scenario.arms_models import ArmsModel
from gaiatsu.scenario.schema import Scenario, json_schema
from gaiatsu.security import coproduction
from worlds import random_world

TEXT = """
title: A joint line
measures:
  - {kind: tariff, by: USA, on: JPN, sectors: C29, rate: 25 %}
security:
  arms:
    recipients: [Japan, IND, AUS]
    coproduction:
      partners: [IND, Japan]
      share: [10 %, 30 %]
      volume: {IND: 114, Japan: 105}
      unit_cost: 90.1
      work_share: {IND: 33.3 %, Japan: 33.3 %}
      licensor: USA
"""
OWN = """Recipient,Supplier,Delivery year,Armament category,Local production,TIV
Japan,United States,2012,Aircraft,No,50
Japan,United States,2018,Aircraft,No,60
Japan,France,2018,Engines,Yes,40
India,Russia,2018,Aircraft,No,5
India,Russia,2012,Ships,No,5
Australia,Spain,2018,Ships,No,5
"""


@pytest.fixture(scope="module")
def world() -> Any:
    return random_world(1, (2, 1))


def parsed(text: str) -> Scenario:
    return loading.parse(text.encode(), "line.yaml")


def section_of(text: str, world: Any) -> Any:
    (found,) = arms.sections(SimpleNamespace(scenario=parsed(text), world=world))
    return found


def faults(text: str, world: Any) -> list[tuple[Any, str]]:
    scenario = parsed(text)
    assert scenario.security is not None
    assert isinstance(scenario.security.arms, ArmsModel)
    return scenario.security.arms.faults(world)


@pytest.fixture(scope="module")
def found(world: Any) -> Any:
    return section_of(TEXT, world)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_headline_is_a_range(found: Any) -> None:
    first = plain(found.sentences[0])
    for part in (
        "With 10 to 30 % of deliveries", "6 to 26 % of its arms from Russia (now 36 %)",
        "77 to 90 % of its arms from the United States (now 97 %)", "learning of 15 to 20 % a doubling",
        "after 28 units at best and never at worst (219 are planned)", "premium of −10 to +200 %",
        "less than 1 % of the range where the premium is of the whole run", "in 34 % where it is of the first unit",
    ):  # fmt: skip
        assert part in first
    assert found.key == "arms"
    assert all(table.name.startswith("arms_") for table in found.tables)


def test_every_sentence_on_cost_has_both_ends(found: Any) -> None:
    """Nothing that hangs on premium, learning, set-up or share stands alone."""
    text = plain(" ".join(found.sentences))
    assert "concentration among suppliers abroad goes from 0.26 to between 0.20 and 0.23" in text
    assert "counted as no reliance to between 0.60 and 0.82" in text
    assert "what rounding of the bundled figures leaves open" in text
    assert re.search(r"India, which buys 114: alone it has paid after 28 units at best and never at worst", text)
    assert re.search(r"in less than 1 to 28 % of the range, at US\$ 53 to 288 million a unit; together", text)
    assert "together it has paid after 15 units at best and never at worst of its own" in text
    assert "of the first unit and falls with learning, it has paid below +38 to +88 %" in text
    assert "of the whole run, it has paid below −20 to −5 %" in text
    assert "No precedent is of a first unit" in text
    assert "54 % of those to Japan (the United States 53 and the United Kingdom 1)" in text
    assert any("no probability" in line for line in found.cautions)
    assert any("bundled figures" in line for line in found.cautions)
    assert any("33 % of a unit" in plain(line) for line in found.cautions)
    for part in ("learning: an assumption", "a floor", "counted twice", "which is a bound", "never cost more each"):
        assert any(part in line for line in found.cautions), part


def test_tables_say_what_the_sentences_say(found: Any) -> None:
    tables = {table.name: table.frame for table in found.tables}
    suppliers = tables["arms_suppliers"].set_index(["recipient", "source"])
    row = suppliers.loc[("JPN", "USA")]
    assert row[["share_percent", "after_low_percent", "after_high_percent"]].tolist() == pytest.approx(
        [97, 77.02, 90.34]
    )
    assert suppliers.loc[("AUS", "USA"), "after_low_percent"] == 81.0  # not a partner: nothing moves
    line = tables["arms_line"].query("premium_is_of == 'first unit'").set_index(["partner", "how"])
    assert line.loc[("all", "together"), "planned_units"] == 219
    assert line.loc[("IND", "together"), "break_even_low_units"] < line.loc[("IND", "alone"), "break_even_low_units"]
    cost = tables["arms_cost"]
    assert (cost["line_low_usd_million"] <= cost["line_high_usd_million"]).all()
    pays = cost[cost["line_low_usd_million"] <= cost["abroad_usd_million"]]["units"].min()
    assert pays == pytest.approx(line.loc[("all", "together"), "break_even_low_units"], abs=3)
    concentration = tables["arms_concentration"].set_index("recipient")
    assert concentration.loc["IND", "after_abroad_low"] < 0.2043  # within the range, not at either end of it
    assert concentration.loc["AUS", ["after_abroad_low", "after_abroad_high"]].tolist() == [0.69, 0.69]


def test_ends_are_over_all_the_other_parameters(found: Any) -> None:
    """Each bar holds the break-even of combinations drawn with one parameter at its end, under both readings."""
    (ends,) = (table.frame for table in found.tables if table.name == "arms_ends")
    rows = ends.set_index(["parameter", "value"])
    rng = np.random.default_rng(3)
    for value in (-0.1, 2.0):
        learning = np.where(rng.random(300) < 0.5, 0.0, rng.uniform(0.15, 0.2, 300))
        volumes = coproduction.break_even(
            price=90.1, premium=value, learning=learning, set_up=rng.uniform(1000, 4000, 300), made=0.666
        )
        low, high = rows.loc[("Premium", value), ["break_even_low_units", "break_even_high_units"]]
        assert low <= volumes.min()
        assert volumes.max() <= high
    dear = rows.loc[("Premium", 2.0)]
    assert (dear["break_even_low_units"] > 219, dear["break_even_high_units"]) == (True, np.inf)
    assert ends["parameter"].tolist().count("What the premium is of") == 2


def test_figures_draw_band_line_and_shares(found: Any) -> None:
    figures = {figure.anchor: figure for figure in found.figures}
    assert list(figures) == ["arms-suppliers", "arms-cost", "arms-ends", "arms-precedents"]
    assert "SIPRI" in figures["arms-suppliers"].source
    assert all(figure.source for figure in found.figures)
    cost = str(figures["arms-cost"].body)
    assert cost.count("<polyline") == 4  # least, most where the premium falls, most, abroad
    assert "planned: 219" in cost
    assert cost.count("<circle") == 1  # the second break-even does not exist
    assert "never at its harshest" in cost
    moves = plain(str(figures["arms-ends"].body))
    assert "28 to never" in moves
    assert moves.index("To compare") < moves.index("planned volume")
    assert moves.count("›") >= 6
    assert "−10 or less" in plain(str(figures["arms-precedents"].body))
    suppliers = str(figures["arms-suppliers"].body)
    assert "whisker" not in suppliers  # a range is drawn from end to end, and its middle is not marked
    assert suppliers.count('class="two"') == 7  # sources that change
    for figure in found.figures:
        assert not re.search(r"\b(nan|inf)\b", str(figure.body))


def test_the_page_of_the_case_says_what_the_tables_say(world: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases" / "coproduction-india-japan.md").read_text(encoding="utf-8")
    case = loading.load("coproduction-india-japan")
    (section,) = arms.sections(SimpleNamespace(scenario=case, world=world))
    tables = {table.name: table.frame for table in section.tables}
    for _, row in tables["arms_concentration"].iterrows():
        assert f"{row['after_abroad_low']:.2f}–{row['after_abroad_high']:.2f} for {row['recipient_name']}" in page
    for _, row in tables["arms_suppliers"].query("source in ['USA', 'RUS']").iterrows():
        assert f"{row['after_low_percent']:.0f} to {row['after_high_percent']:.0f} % from" in page
    line = tables["arms_line"].set_index(["partner", "how", "premium_is_of"])
    whole = line.loc[("all", "together")]
    first, lasting = whole.loc["first unit"], whole.loc["whole run"]
    for row in (first, lasting):
        low, high = row["premium_limit_low_percent"], row["premium_limit_high_percent"]
        assert f"{low:+.0f} to {high:+.0f} %".replace("-", "−") in page
    assert lasting["pays_in_percent_of_range"] < 1
    for told in (
        f"after {first['break_even_low_units']:.0f} units",
        f"in {first['pays_in_percent_of_range']:.0f} % of the range",
        f"US$ {first['unit_cost_low_usd_million']:.0f} to {lasting['unit_cost_high_usd_million']:.0f} million",
        "less than 1 to {:.0f} %".format(line.loc[("JPN", "together", "first unit"), "pays_in_percent_of_range"]),
        "none to {:.0f} %".format(line.loc[("JPN", "alone", "first unit"), "pays_in_percent_of_range"]),
    ):  # fmt: skip
        assert told in page


def test_without_a_line_it_tells_suppliers_alone(world: Any) -> None:
    head, _, _ = TEXT.partition("    coproduction:")
    section = section_of(head, world)
    assert [figure.anchor for figure in section.figures] == ["arms-suppliers"]
    assert {table.name for table in section.tables} == {"arms_suppliers", "arms_concentration"}
    assert "Japan: the United States 97 % and the United Kingdom 2 %; concentration 0.94" in plain(section.sentences[0])


def test_own_deliveries_give_years_categories_and_trend(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(OWN, encoding="utf-8")
    text = TEXT.replace("recipients:", f"deliveries: {file}\n    recipients:")
    section = section_of(text, world)
    assert "2014 to 2018" in section.sentences[1]  # the last five years
    assert "Japan: the United States 60 % and France 40 %; concentration 0.52" in plain(section.sentences[1])
    assert "Concentration over windows of five years" in " ".join(section.sentences)
    assert any(figure.anchor == "arms-trend" for figure in section.figures)
    assert not any("bundled" in line for line in section.cautions)
    wide = section_of(text.replace("recipients:", "years: [2012, 2018]\n    recipients:"), world)
    assert "the United States 73 % and France 27 %" in plain(wide.sentences[1])
    for key, value in (("category", "Aircrafts"), ("years", "[2030, 2035]")):
        assert faults(text.replace("recipients:", f"{key}: {value}\n    recipients:"), world)[0][0] == (key,)
    assert faults(text.replace("AUS]", "USA]"), world)[0][0] == ("recipients",)


def test_a_small_supplier_that_grows_is_drawn(world: Any, tmp_path: Path) -> None:
    """France delivers too little to be among the first, and becomes the licensor."""
    file = tmp_path / "own.csv"
    sellers = ["United States", "Spain", "Italy", "Germany", "Israel", "Sweden", "Norway", "France"]
    rows = [f"Japan,{seller},2018,Aircraft,No,{100 // (2**k) + 1}" for k, seller in enumerate(sellers)]
    file.write_text("\n".join([OWN.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    text = TEXT.replace("recipients: [Japan, IND, AUS]", f"deliveries: {file}\n    recipients: [Japan]")
    text = text.replace("[IND, Japan]", "[Japan]").replace("{IND: 114, Japan: 105}", "{Japan: 105}")
    text = text.replace("{IND: 33.3 %, Japan: 33.3 %}", "{Japan: 40 %}").replace("licensor: USA", "licensor: FRA")
    found = section_of(text, world)
    assert "France" in str(found.figures[0].body)
    assert "Norway" not in str(found.figures[0].body)
    assert "own.csv" in found.figures[0].source
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert any(digest in source.text for source in found.sources)


def test_a_file_that_is_not_there_gives_the_bundled_figures_by_name(world: Any, tmp_path: Path) -> None:
    text = TEXT.replace("recipients:", f"deliveries: {tmp_path / 'nowhere.csv'}\n    category: Ships\n    recipients:")
    assert faults(text, world) == []
    section = section_of(text, world)
    for told in (section.sentences[0], " ".join(section.cautions)):  # the first sentence is told on the terminal
        assert "nowhere.csv is not there" in told
        assert "the bundled figures of 2020 to 2024 stand in" in told
        assert "not applied" in told
    ((path, said),) = faults(text.replace("AUS]", "USA]"), world)
    assert path == ("deliveries",)
    assert "nowhere.csv: there is no such file" in said
    assert "no deliveries to USA" in said


def test_a_file_beside_the_scenario_is_found_from_anywhere(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, elsewhere = tmp_path / "own.csv", tmp_path / "elsewhere"
    file.write_text(OWN, encoding="utf-8")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (tmp_path / "line.yaml").write_text(TEXT.replace("recipients:", "deliveries: own.csv\n    recipients:"))
    scenario = loading.load(tmp_path / "line.yaml")
    assert scenario.security is not None
    question = scenario.security.arms
    assert isinstance(question, ArmsModel)
    profiles, register = question.profiles(world)
    assert register is not None
    assert profiles["JPN"].hhi == pytest.approx(0.52)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert question.files() == {"deliveries": {"name": "own.csv", "sha256": digest}}
    file.unlink()
    assert question.files()["deliveries"]["sha256"] is None


def test_a_malformed_file_says_the_row(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(OWN.replace("2012,Ships", "early,Ships"), encoding="utf-8")
    ((path, said),) = faults(TEXT.replace("recipients:", f"deliveries: {file}\n    recipients:"), world)
    assert path == ("deliveries",)
    assert "own.csv, row 6: 'early' is no year of delivery" in said


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("AUS]", "FRA]", ("recipients",), "no deliveries to FRA"),
        ("AUS]", "Japn]", ("recipients",), "Japn"),
        ("licensor: USA", "licensor: USB", ("coproduction", "licensor"), "did you mean"),
        ("licensor: USA", "sellers: {IND: CHN}", ("coproduction", "sellers"), "CHN delivers nothing"),
        ("licensor: USA", "sellers: {IND: [RUS, Russia]}", ("coproduction", "sellers", "IND"), "the same country"),
        ("[10 %, 30 %]", "[10 %, 40 %]", ("coproduction", "share"), "RUS delivers 36 %"),
        ("recipients:", "category: Ships\n    recipients:", ("category",), "give `deliveries`"),
    ],
)
def test_faults_have_their_place(world: Any, old: str, new: str, path: tuple[str, ...], said: str) -> None:
    told = faults(TEXT.replace(old, new), world)
    assert [place for place, _ in told] == [path]
    assert said in told[0][1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("volume: {IND: 114, Japan: 105}", "volume: {IND: 114}", "give that of IND, Japan"),
        ("Japan: 105", "Japan: 0", "volume.Japan"),
        ("[10 %, 30 %]", "[30 %, 10 %]", "exchange the ends"),
        ("[10 %, 30 %]", "[10 %, 20 %, 30 %]", "its low and its high end"),
        ("IND: 33.3 %, Japan: 33.3 %", "IND: 80 %, Japan: 33.3 %", "at most 1"),
        ("IND: 33.3 %, Japan: 33.3 %", "IND: 80 %, Japn: 10 %", "did you mean 'Japan'"),
        ("unit_cost: 90.1", "unit_cost: 0", "unit_cost"),
        ("unit_cost: 90.1", "unit_cost: 1.0e+12", "unit_cost: 1e+12 must lie between"),
        ("licensor: USA", "set_up: [796, 1.0e+9]", "set_up: 1e+09 must lie between"),
        ("licensor: USA", "premium: 20000 %", "premium: 200 must lie between"),
        ("licensor: USA", "learning: 96 %", "learning: 0.96 must lie between"),
        ("[10 %, 30 %]", "0 %", "nothing would move"),
        ("licensor: USA", "premum: 10 %", "did you mean 'premium'"),
        ("licensor: USA", "learning: [15 %, 100 %]", "learning"),
        ("partners: [IND, Japan]", "partners: [IND, IND]", "named twice"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=r"line\.yaml:\d+ security\.arms") as caught:
        parsed(TEXT.replace(old, new))
    assert said in str(caught.value)


def test_single_numbers_are_ranges_of_nothing(world: Any) -> None:
    text = TEXT.replace(
        "share: [10 %, 30 %]", "share: 20 %\n      premium: 37 %\n      learning: 0.15\n      set_up: 1000"
    )
    first = plain(section_of(text, world).sentences[0])
    assert "With 20 % of deliveries" in first
    assert "India would get 16 % of its arms from Russia" in first
    assert "by then it has where the premium is of the first unit and falls with learning, but not where it" in first
    assert "in a range" not in first
    again = Scenario.model_validate(parsed(text).model_dump(exclude_unset=True))
    assert again.security == parsed(text).security


def test_one_country_alone_needs_no_partner(world: Any) -> None:
    text = TEXT.replace("[IND, Japan]", "[IND]").replace("{IND: 114, Japan: 105}", "{IND: 114}")
    text = text.replace("{IND: 33.3 %, Japan: 33.3 %}", "{IND: 100 %}")
    section = section_of(text, world)
    assert "alone" not in " ".join(section.sentences)
    assert "114 are planned" in section.sentences[0]


def test_keys_are_described_for_editors() -> None:
    schema = json_schema()
    for name in ("ArmsModel", "CoproductionModel"):
        assert all("description" in key for key in schema["$defs"][name]["properties"].values())


def test_a_premium_that_nothing_bears_is_told_as_such(world: Any) -> None:
    text = plain(" ".join(section_of(TEXT.replace("unit_cost: 90.1", "unit_cost: 0.5"), world).sentences))
    assert "By the 219 planned units no premium pays, because the set-up alone costs more" in text
    assert not re.search(r"−\d{3,} %|\b1 units| 0 %|has paid never", text)


def test_words() -> None:
    assert percents(0.002, 0.02) == "less than 1 to 2"
    assert percents(0.2, 0.2) == "20"
    assert percents(0.1, 0.3) == "10 to 30"
    assert place_name("unknown supplier(s)") == "Unknown supplier(s)"
    assert place_name("own") == "Own part of the line"
