"""The section on arms: ranges in every sentence, bundled or own figures named, faults of the question, the figures."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.report import arms
from gaiatsu.report.arms_figures import percents, place_name
from gaiatsu.scenario import loading
from gaiatsu.scenario.arms_models import ArmsModel
from gaiatsu.scenario.schema import Scenario, json_schema
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
        "77 to 90 % of its arms from the United States (now 97 %)", "15 to 20 % per doubling",
        "after 23 units at best and never at worst (219 are planned)", "below −10 to −4 %", "−10 to +200 %",
    ):  # fmt: skip
        assert part in first
    assert found.key == "arms"
    assert all(table.name.startswith("arms_") for table in found.tables)


def test_every_sentence_on_cost_has_both_ends(found: Any) -> None:
    """Nothing that hangs on premium, learning, set-up or share stands alone."""
    text = plain(" ".join(found.sentences))
    assert "concentration among suppliers abroad goes from 0.26 to between 0.21 and 0.22" in text
    assert "counted as no reliance to between 0.60 and 0.82" in text
    assert re.search(r"India, which buys 114: alone after 23 units at best and never at worst, in 32 %", text)
    assert re.search(r"together after 12 units at best and never at worst of its own, in 40 %", text)
    assert "in 39 % of the range of premium, learning and set-up: where the premium on the first unit is below" in text
    assert "54 % of those to Japan (the United States 53 and the United Kingdom 1)" in text
    assert any("no probability" in line for line in found.cautions)
    assert any("bundled figures" in line for line in found.cautions)
    assert any("33 % of a unit" in plain(line) for line in found.cautions)


def test_tables_say_what_the_sentences_say(found: Any) -> None:
    tables = {table.name: table.frame for table in found.tables}
    suppliers = tables["arms_suppliers"].set_index(["recipient", "source"])
    row = suppliers.loc[("JPN", "USA")]
    assert row[["share_percent", "after_low_percent", "after_high_percent"]].tolist() == pytest.approx(
        [97, 77.02, 90.34]
    )
    assert suppliers.loc[("AUS", "USA"), "after_low_percent"] == 81.0  # not a partner: nothing moves
    line = tables["arms_line"].set_index(["partner", "how"])
    assert line.loc[("all", "together"), "planned_units"] == 219
    assert line.loc[("IND", "together"), "break_even_low_units"] < line.loc[("IND", "alone"), "break_even_low_units"]
    cost = tables["arms_cost"]
    assert (cost["line_low_usd_million"] <= cost["line_high_usd_million"]).all()
    pays = cost[cost["line_low_usd_million"] <= cost["abroad_usd_million"]]["units"].min()
    assert pays == pytest.approx(line.loc[("all", "together"), "break_even_low_units"], abs=3)
    ends = tables["arms_ends"].set_index(["parameter", "value"])["break_even_units"]
    assert ends.loc[("Learning per doubling", 0.2)] < ends.loc[("Learning per doubling", 0.15)]


def test_figures_draw_band_line_and_shares(found: Any) -> None:
    figures = {figure.anchor: figure for figure in found.figures}
    assert list(figures) == ["arms-suppliers", "arms-cost", "arms-ends", "arms-precedents"]
    assert "SIPRI" in figures["arms-suppliers"].note
    cost = str(figures["arms-cost"].body)
    assert cost.count("<polyline") == 3
    assert "planned: 219" in cost
    assert cost.count("<circle") == 1  # the second break-even does not exist
    assert "never, at its harshest" in cost
    assert "never" in str(figures["arms-ends"].body)
    assert (
        str(figures["arms-suppliers"].body).count('class="whisker"') == 3 * 7
    )  # three lines for each source that moves
    for figure in found.figures:
        assert not re.search(r"nan|inf\b", str(figure.body))


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
    assert faults(text.replace("recipients:", "category: Aircrafts\n    recipients:"), world)[0][0] == ("deliveries",)


def test_a_file_that_is_not_there_gives_the_bundled_figures_by_name(world: Any, tmp_path: Path) -> None:
    text = TEXT.replace("recipients:", f"deliveries: {tmp_path / 'nowhere.csv'}\n    category: Ships\n    recipients:")
    assert faults(text, world) == []
    cautions = section_of(text, world).cautions
    assert any("nowhere.csv is not there: the bundled figures" in line and "not applied" in line for line in cautions)


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


def test_words() -> None:
    assert percents(0.2, 0.2) == "20"
    assert percents(0.1, 0.3) == "10 to 30"
    assert place_name("unknown supplier(s)") == "Unknown supplier(s)"
    assert place_name("own") == "Own part of the line"
