"""Scenarios of a day: which measures are in force, and what is said of the others."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gaiatsu as gt
from gaiatsu.cli import app
from gaiatsu.errors import ScenarioError
from gaiatsu.report import html
from gaiatsu.report.export import spelled_out
from gaiatsu.report.tables import all_tables
from gaiatsu.scenario import resolve
from gaiatsu.scenario.citing import sources_of
from gaiatsu.scenario.days import US_DUTIES_TO
from gaiatsu.scenario.loading import case_names, parse
from gaiatsu.scenario.measures import USDuties
from gaiatsu.scenario.run import execute, with_options
from gaiatsu.scenario.saving import dump
from gaiatsu.scenario.schema import Scenario
from gaiatsu.scenario.telling import tell_run
from gaiatsu.world.world import World

FILE = """title: Duties and answers
horizon: short
horizons: [short]
world: wiod2014
measures:
  - {kind: us-duties, note: Duties}
  - {kind: tariff, note: Early, by: CHN, on: USA, rate: 10 %, date: 2025-03-04, until: 2025-05-11}
  - {kind: tariff, note: Late, by: CHN, on: USA, rate: 5 %, date: 2025-05-12}
"""


def loaded(at: str | None = None) -> Scenario:
    return with_options(parse(FILE.encode(), "file.yaml"), at=at)


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (None, [0, 1, 2]),
        ("2025-02-10", [0]),
        ("2025-03-03", [0]),
        ("2025-03-04", [0, 1]),
        ("2025-05-11", [0, 1]),
        ("2025-05-12", [0, 2]),
        ("2026-08-19", [0, 2]),
    ],
)
def test_what_is_in_force(at: str | None, kept: list[int]) -> None:
    assert resolve.in_force(loaded(at)) == kept


@pytest.mark.parametrize(
    ("case", "at", "kept"),
    [
        ("us-autos-steel-japan", "2025-06-03", ["Cars and parts"]),
        ("us-autos-steel-japan", "2025-07-20", ["Cars and parts", "Steel and aluminium"]),
        ("us-autos-steel-japan", "2025-09-15", ["Cars and parts", "Steel and aluminium"]),
        ("us-autos-steel-japan", "2025-09-16", ["Steel and aluminium"]),
        ("us-autos-steel-japan", "2026-08-19", ["Steel and aluminium"]),
        ("us-everyone", "2025-04-04", []),
        ("us-everyone", "2025-04-05", ["All goods, all countries"]),
        ("us-everyone", "2026-02-23", ["All goods, all countries"]),
        ("us-everyone", "2026-02-24", []),
        ("us-japan-deal", "2025-09-15", ["Goods, 15 % all in", "Basic metals"]),
        ("us-japan-deal", "2025-09-16", ["Goods, 15 % all in", "Cars and parts, 15 % all in", "Basic metals"]),
        ("us-japan-deal", "2026-02-23", ["Goods, 15 % all in", "Cars and parts, 15 % all in", "Basic metals"]),
        ("us-japan-deal", "2026-02-24", ["Cars and parts, 15 % all in", "Basic metals"]),
        ("us-japan-august", "2025-07-31", ["Cars and parts", "Basic metals"]),
        ("us-japan-august", "2026-08-19", ["All other goods", "Cars and parts", "Basic metals"]),
        ("squeeze", "2025-05-02", ["Electronics withheld"]),
        ("squeeze", "2026-08-19", ["All other goods", "Cars and parts", "Basic metals", "Electronics withheld"]),
        ("china-chips-japan", "2025-02-01", ["Electronics withheld"]),
        ("us-duties-today", "2025-02-03", []),
        ("us-duties-today", "2025-02-04", ["US duties of 2025 and 2026"]),
        ("us-duties-today", "2026-08-19", ["US duties of 2025 and 2026"]),
    ],
)
def test_what_of_a_case_is_in_force(case: str, at: str, kept: list[str]) -> None:
    scenario = with_options(gt.load(case), at=at)
    if not kept:
        with pytest.raises(ScenarioError, match=f"no measure is in force on {at}"):
            resolve.in_force(scenario)
        return
    assert [scenario.measures[number].note for number in resolve.in_force(scenario)] == kept


def test_the_cars_of_both_cases_meet_without_a_gap() -> None:
    ended = next(item for item in gt.load("us-autos-steel-japan").measures if item.note == "Cars and parts").until
    began = next(item for item in gt.load("us-japan-deal").measures if item.note == "Cars and parts, 15 % all in").date
    assert ended is not None
    assert began == ended + datetime.timedelta(days=1)


def test_the_end_of_a_measure_is_told() -> None:
    assert "from 2025-05-03 to 2025-09-15 [" in "\n".join(sources_of(gt.load("us-autos-steel-japan")))
    run = execute(loaded("2025-04-10"))
    page = html.render(run, all_tables(run), "1").replace("\u00a0", " ")
    assert "<td>from 4 March 2025 to 11 May 2025</td>" in page


def test_what_is_left_out_is_told() -> None:
    assert resolve.left_out(loaded()) == []
    assert resolve.left_out(loaded("2025-04-10")) == ["measures[2] (Late) is left out: it begins on 2025-05-12"]
    assert resolve.left_out(loaded("2025-06-10")) == ["measures[1] (Early) is left out: it ended on 2025-05-11"]


def test_us_duties_take_the_day_of_the_scenario_unless_they_have_their_own() -> None:
    world = World.load("wiod2014")
    assert resolve.resolve(loaded(), world)[0].at is None  # type: ignore[attr-defined]
    first = resolve.resolve(loaded("2025-06-10"), world)[0]
    assert isinstance(first, USDuties)
    assert first.day == datetime.date(2025, 6, 10)
    own = with_options(parse(FILE.replace("us-duties,", "us-duties, at: 2025-04-09,").encode()), at="2025-06-10")
    assert resolve.resolve(own, world)[0].at == datetime.date(2025, 4, 9)  # type: ignore[attr-defined]
    assert resolve.left_out(own)[0] == "measures[0] (Duties) keeps its own day, 2025-04-09"


def test_no_measure_in_force_names_all_dates() -> None:
    with pytest.raises(ScenarioError) as caught:
        resolve.resolve(with_options(gt.load("us-japan-deal"), at="2024-08-10"), World.load())
    said = str(caught.value)
    assert said.startswith("at: no measure is in force on 2024-08-10: measures[0] (")
    assert all(date in said for date in ("2025-08-07", "2025-09-16", "2025-06-04"))


def test_a_day_beyond_the_table_is_told_where_it_stands() -> None:
    world = World.load("wiod2014")
    with pytest.raises(ScenarioError, match=r"^at: the US duties are known from 2025-02-01 to 2026-08-19"):
        resolve.resolve(loaded("2026-09-01"), world)
    inside = parse(FILE.replace("horizon: short\n", "horizon: short\nat: 2026-09-01\n").encode(), "file.yaml")
    with pytest.raises(ScenarioError, match=r"^file.yaml:3 at: the US duties are known from"):
        resolve.resolve(inside, world)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"file.yaml:7 measures\[1\]: ends on 2025-01-11, before it begins"):
        parse(FILE.replace("2025-05-11", "2025-01-11").encode(), "file.yaml")


def test_faults_of_measures_that_are_left_out_are_found_too() -> None:
    wrong = with_options(parse(FILE.replace("note: Late, by: CHN", "note: Late, by: CHX").encode()), at="2025-04-10")
    with pytest.raises(ScenarioError, match=r"measures\[2\].by: unknown region 'CHX'"):
        resolve.resolve(wrong, World.load("wiod2014"))


def test_a_run_holds_and_tells_only_what_is_in_force() -> None:
    run = execute(loaded("2025-04-10"))
    assert [model.note for model in run.scenario.measures] == ["Duties", "Early"]
    assert len(run.measures) == 2
    told = tell_run(run)
    assert "On 2025-04-10." in told
    assert "Measures[2] (Late) is left out: it begins on 2025-05-12." in told
    assert parse(dump(run.scenario).encode()).at == datetime.date(2025, 4, 10)


@pytest.mark.parametrize("case", case_names())
def test_a_case_of_a_day_reads_back_the_same(case: str) -> None:
    scenario = with_options(gt.load(case), at="2025-08-20")
    text = dump(scenario)
    assert "&" not in text.replace(" & ", " ")
    assert parse(text.encode()).model_dump() == scenario.model_dump()


def test_the_example_of_the_page_of_us_duties_can_be_saved_and_run_again(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "us-duties.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    scenario = with_options(parse(example.encode(), "example.yaml"), world="wiod2014", horizon="long", draws=0)
    run = execute(scenario.model_copy(update={"horizons": ["long"]}))
    assert run.scenario.measures[0].at is None  # type: ignore[union-attr]
    saved = tmp_path / "scenario.yaml"
    saved.write_text(dump(spelled_out(run)), encoding="utf-8")
    again = gt.load(saved)
    assert again.measures[0].at == again.at == datetime.date(2025, 8, 20)  # type: ignore[union-attr]
    assert (gt.run(again).real_income == run.outcome.real_income).all()


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [
        ("at: 2025-07-20 10:00:00\n{}", ":2 at", "2025-07-20 10:00:00 is not a day: write it as 2025-07-20"),
        ("{}, at: 2027-01-01", ":3 measures[0].at", "the US duties are known from 2025-02-01 to 2026-08-19, not on"),
    ],
)
def test_a_wrong_day_is_told_at_its_own_key_and_as_it_was_written(body: str, place: str, said: str) -> None:
    text = "title: x\n" + body.format("measures:\n  - {kind: us-duties") + "}\n"
    with pytest.raises(ScenarioError) as caught:
        parse(text.encode(), "file.yaml")
    assert str(caught.value).startswith(f"file.yaml{place}: {said}")


def test_what_a_run_saves_keeps_its_day_when_the_table_grows() -> None:
    run = execute(with_options(gt.load("us-duties-today"), world="wiod2014", horizon="short"))
    assert parse(dump(spelled_out(run)).encode()).measures[0].at == US_DUTIES_TO  # type: ignore[union-attr]


def test_the_day_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(FILE, encoding="utf-8")
    runner = CliRunner()
    good = runner.invoke(app, ["check", str(path), "--at", "2025-04-10"])
    assert good.exit_code == 0
    assert "2 measures on 2025-04-10 on wiod2014" in good.output
    assert "note: measures[2] (Late) is left out" in good.output
    for wrong in ("2025-13-40", "tomorrow", "2024-01-01"):
        assert runner.invoke(app, ["check", str(path), "--at", wrong]).exit_code == 2
    cited = runner.invoke(app, ["cite", str(path), "--at", "2025-04-10"])
    assert "2. Early" in cited.output
    assert "Late" not in cited.output
    report = runner.invoke(app, ["run", str(path), "--at", "2025-06-01", "--out", str(tmp_path / "out")])
    assert report.exit_code == 0, report.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "On 2025-06-01." in page
    assert "Measures[1] (Early) is left out: it ended on 2025-05-11." in page
    assert "measures in force on 1\u00a0June\u00a02025" in page or "measures in force on 1\u202fJune\u202f2025" in page
    assert "US duties since 2025" in page
