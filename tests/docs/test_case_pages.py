"""The results on the case pages are those of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from script_loading import load_script

SCRIPT = Path(__file__).parents[2] / "scripts" / "case_results.py"
ROW = "| Japan | -0.202 | -0.101 to -0.058 | -4,315 |"


@pytest.fixture(scope="module")
def script() -> Any:
    return load_script(SCRIPT)


@pytest.mark.slow
def test_the_case_pages_are_current(script: Any) -> None:
    assert script.check_all() == {}, "run scripts/case_results.py"


@pytest.mark.parametrize(
    "now",
    [
        ROW,
        ROW.replace("-0.202", "-0.203"),
        ROW.replace("-0.058", "-0.059"),
        ROW.replace("-4,315", "-4,307"),
    ],
)
def test_the_last_digit_is_no_difference(script: Any, now: str) -> None:
    assert script.differences(f"head\n{ROW}", f"head\n{now}") == []


@pytest.mark.parametrize(
    "now",
    [
        ROW.replace("-0.202", "-0.204"),
        ROW.replace("-0.058", "+0.058"),
        ROW.replace("-4,315", "-4,299"),
        ROW.replace("Japan", "Jordan"),
        ROW + "\n" + ROW,
        "",
    ],
)
def test_anything_more_is(script: Any, now: str) -> None:
    assert script.differences(ROW, now)


def test_words_and_the_numbers_in_them_must_be_the_same(script: Any) -> None:
    line = "world `2022`, 5 to 95 % of 64 draws; below 1e-09"
    assert script.differences(line, line) == []
    for other in (line.replace("64", "65"), line.replace("2022", "2023"), line.replace("09", "08")):
        assert script.differences(line, other)


def test_a_small_change_of_sign_or_to_zero_is_a_rounding(script: Any) -> None:
    assert script.differences("| A | +0.001 | -1 |", "| A | 0.000 | 0 |") == []
    assert script.differences("| A | 0.000 |", "| A | +0.002 |")


def test_both_tables_of_the_main_case_are_made_by_the_program(script: Any) -> None:
    page = (script.PAGES / "us-autos-steel-japan.md").read_text(encoding="utf-8")
    for marks in (script.RESULTS, script.BOTH):
        assert page.count(marks[0]) == page.count(marks[1]) == 1
        again = script.updated(page, marks, script.block(page, marks))
        assert again == page
    assert "| -9 |" in script.block(script.updated(page, script.BOTH, "| -9 |"), script.BOTH)
