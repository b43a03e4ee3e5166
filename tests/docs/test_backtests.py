"""The page of the back-tests, its picture and its command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gaiatsu.exposure.backtest_scores import TRADE
from gaiatsu.exposure.backtests import score_table
from script_loading import load_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    return load_script(ROOT / "scripts" / "backtests.py")


def test_the_page_and_its_picture_are_those_of_the_script(script) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    # the whole economies, which take seconds: one line in tests/exposure, all by the script's --check
    assert script.differences(page, script.updated(page, whole=False)) == []
    drawn = script.PICTURE.read_text(encoding="utf-8")
    assert script.differences(drawn, script.standalone(score_table())) == []


def test_a_last_digit_is_no_difference_and_anything_else_is(script) -> None:
    assert script.differences("| a | −51 | 0.12 |", "| a | −52 | 0.13 |") == []
    assert script.differences("| a | −51 |", "| a | −53 |")
    assert script.differences("| a | 0.12 |", "| a | 0.14 |")
    assert script.differences("| a | −51 |", "| b | −51 |")
    assert script.differences("one line", "one line\nmore")


def test_the_page_states_protocol_and_misses(script) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    for said in ("Nothing is fitted", "weaker test", "Bananas in 2012 (+5 against −34)", "Ordinary swings"):
        assert said in page
    for claim in ("no rule was changed", "either naive rule", "only the bananas", "Total exports come out well"):
        assert claim not in page
    assert len(re.findall(r"^\| \d+ \| ", page, flags=re.M)) == 92  # every observed row, with score or reason


def test_the_picture_shows_every_forecast_of_trade_and_loads_nothing(script) -> None:
    table = score_table()
    drawn = script.standalone(table)
    trade = table[table["quantity"].isin(TRADE["both"])]
    assert drawn.count("<circle") == len(trade) + 1  # the legend's
    assert "href" not in drawn
    assert "url(" not in drawn
    assert [address for address in re.findall(r"https?://\S+", drawn) if "w3.org/2000/svg" not in address] == []
    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    assert min(places) >= 0
    assert max(places) <= 400


def test_the_command_prints_every_forecast() -> None:
    from gaiatsu.cli import app

    done = CliRunner().invoke(app, ["backtests"])
    assert done.exit_code == 0, done.output
    assert len(re.findall(r"[A-Z]+\d*-[A-Z]*\d+, ", done.output)) == len(score_table())
    assert "+5*  PHL-2012, bananas" in done.output
    assert "weaker test" in done.output
    assert "Not all data are from before the event" in done.output
    assert "no measurable difference" in done.output


def test_the_page_of_the_command_is_a_folder_like_a_runs(tmp_path, monkeypatch) -> None:
    from gaiatsu.exposure import episode_economies
    from gaiatsu.report import backtests
    from gaiatsu.report.page import write_page
    from gaiatsu.world import World

    # whole economies are tested with the page of the documentation
    monkeypatch.setattr(episode_economies, "economies", lambda: backtests.experiments().head(1))
    folder = write_page(backtests.backtests_page(World.load("2022")), tmp_path / "out")
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "Forecasts beside what happened" in text
    assert "bands are too narrow" in text
    names = sorted(path.stem for path in (folder / "tables").iterdir())
    assert "backtests_scores" in names
    assert all(name.startswith("backtests_") for name in names)
