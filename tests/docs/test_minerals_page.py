"""The tables on the page of minerals are those of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gaiatsu.exposure.minerals import facts
from script_loading import load_script

SCRIPT = Path(__file__).parents[2] / "scripts" / "minerals_page.py"


@pytest.fixture(scope="module")
def script() -> Any:
    return load_script(SCRIPT)


def test_the_back_test_is_current(script: Any) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    assert script.same(text, script.updated(text, script.BACK_TEST, script.table())), "run scripts/minerals_page.py"


def _published(script: Any) -> list[str]:
    text = script.PAGE.read_text(encoding="utf-8")
    return text.partition(script.PUBLISHED[0])[2].partition(script.PUBLISHED[1])[0].strip().splitlines()[2:]


@pytest.mark.slow
def test_the_figures_beside_published_ones_are_current(script: Any) -> None:
    """Of the mineral that is solved fastest; the page of the case has those of rare earths."""
    mine = [line for line in _published(script) if line.startswith("| germanium |")]
    again = script.rows("germanium")
    assert len(mine) == len(again) == 1
    assert script.same(mine[0], again[0]), "run scripts/minerals_page.py"


def test_every_published_figure_stands_on_the_page(script: Any) -> None:
    known = facts()["minerals"]
    bands = [(key, item) for key in script.STOPS for item in known[key]["bands"]]
    lines = _published(script)
    assert len(lines) == len(bands)
    for line, (key, item) in zip(lines, bands, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert (cells[0], cells[2], cells[3], cells[4]) == (key, item["region"], str(item["weeks"]), item["who"])
        assert cells[5].startswith(f"{item['centre']:.3g}")


def test_a_rounding_is_no_difference_and_anything_more_is(script: Any) -> None:
    line = "| rare-earths | JPN | 52 | -1.35 | -4.27 to -0.184 |"
    assert script.same(line, line.replace("1.35", "1.36"))
    assert not script.same(line, line.replace("1.35", "1.45"))
    assert not script.same(line, line.replace("JPN", "USA"))
    assert not script.same(line, line + line)
