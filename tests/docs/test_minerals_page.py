"""The tables on the page of minerals are those of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from script_loading import load_script

SCRIPT = Path(__file__).parents[2] / "scripts" / "minerals_page.py"


@pytest.fixture(scope="module")
def script() -> Any:
    return load_script(SCRIPT)


def test_the_back_test_is_current(script: Any) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    assert script.same(text, script.updated(text, script.BACK_TEST, script.table())), "run scripts/minerals_page.py"


@pytest.mark.slow
def test_the_figures_beside_published_ones_are_current(script: Any) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    assert script.same(text, script.updated(text, script.PUBLISHED, script.published())), "run scripts/minerals_page.py"


def test_a_rounding_is_no_difference_and_anything_more_is(script: Any) -> None:
    line = "| rare-earths | JPN | 52 | -1.35 | -4.27 to -0.184 |"
    assert script.same(line, line.replace("1.35", "1.36"))
    assert not script.same(line, line.replace("1.35", "1.45"))
    assert not script.same(line, line.replace("JPN", "USA"))
    assert not script.same(line, line + line)
