"""The pages and the command of leverage: what they say is what was solved."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gaiatsu.cli import app
from gaiatsu.exposure.leverage import symmetry
from gaiatsu.exposure.matrix import Matrix
from gaiatsu.report.leverage import EVERYTHING, _ends, _lead, doing_to
from gaiatsu.report.leverage_all import matrix_page
from gaiatsu.report.networks import Hold, _short, flow_chart, heat_map, limits_of
from gaiatsu.report.page import render, write_page
from gaiatsu.world import World

CODES = ("USA", "CHN", "JPN", "MEX")


@pytest.fixture(scope="module")
def world() -> World:
    return World.load("wiod2014")


def _matrix(world: World, missing: bool = False) -> Matrix:
    """Made-up losses: entry (row, column) is 1 + row + column / 10, Mexico's own hold on the United States negative."""
    size = len(CODES)
    loss = pd.DataFrame(
        [[1 + row + column / 10 for column in range(size)] for row in range(size)], index=CODES, columns=CODES
    )
    loss.at["MEX", "USA"] = -0.25
    refused = {}
    if missing:
        loss.at["CHN", "JPN"] = np.nan
        refused["CHN", "JPN"] = "no other supplier: made up"
    for code in CODES:
        loss.at[code, code] = np.nan
    return Matrix(
        world=world, horizon="short", sectors="all", side="both", loss=loss, cost=loss.T, refused=refused,
        residual=4e-10,
    )  # fmt: skip


def test_heat_map_has_every_number_and_no_diagonal(world: World) -> None:
    names = dict(zip(world.regions, world.region_names, strict=True))
    picture, key = heat_map(_matrix(world, missing=True).loss, names, "Heat")
    assert picture.count("<rect class=") == len(CODES) * (len(CODES) - 1)
    assert "China closes its border: United States loses 2.00 %" in picture
    assert "Mexico closes its border: United States loses −0.25 %" in picture
    assert "China closes its border: Japan loses no number (refused)" in picture
    assert picture.count('class="rest"') == 1
    assert "no number" in key


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (12.4, 1, "12"),
        (1.04, 1, "1.0"),
        (0.42, 1, ".4"),
        (0.042, 1, "0"),
        (0.042, 2, ".04"),
        (-0.3, 1, "−.3"),
        (0.0, 3, "0"),
    ],
)
def test_numbers_in_cells(value: float, digits: int, shown: str) -> None:
    assert _short(value, digits) == shown


def test_small_losses_are_told_apart(world: World) -> None:
    names = dict(zip(world.regions, world.region_names, strict=True))
    picture, _ = heat_map(_matrix(world).loss / 100, names, "Heat")
    assert ">.02<" in picture
    assert ">.04<" in picture


@pytest.mark.parametrize(
    ("side", "goods", "said"),
    [
        ("exports", EVERYTHING, "stops selling to JPN"), ("imports", EVERYTHING, "stops buying from JPN"),
        ("both", EVERYTHING, "shuts the border both ways with JPN"), ("exports", "goods", "stops selling goods to JPN"),
        ("both", "electronics", "shuts the border both ways for electronics with JPN"),
    ],
)  # fmt: skip
def test_what_closing_is_called(side: str, goods: str, said: str) -> None:
    assert doing_to(side, "JPN", goods) == said


def test_what_is_lost_in_the_tolerance_is_not_told_as_a_number(world: World) -> None:
    row = {"loss_percent": 1e-7, "cost_percent": 1e-9, "loss_usd_million": 0.0, "cost_usd_million": 0.0}
    table = pd.DataFrame([row], index=pd.MultiIndex.from_tuples([("both", "long")]))
    assert _lead(table, "A", "B", "both", "long", None, EVERYTHING) == (
        "If A shuts the border both ways with B, neither side’s real income changes measurably in the long run."
    )
    assert np.isnan(symmetry(1e-7, 1e-9))


def test_a_range_beyond_what_was_measured_has_no_upper_end() -> None:
    assert _ends(39.1, 100.0) == "at least 39.1\u00a0%"
    assert _ends(0.5, 1.25) == "0.5 to 1.2\u00a0%"


def test_classes_of_a_heat_map_grow() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        limits = limits_of(list(random.lognormal(0, 3, random.integers(1, 40))))
        assert list(limits) == sorted(set(limits))
    assert len(limits_of([])) == len(limits_of([2.0, 2.0, 2.0])) == 4


def test_flow_chart_groups_by_whom_regions_hang_on(world: World) -> None:
    names = dict(zip(world.regions, world.region_names, strict=True))
    holds = [Hold("JPN", "CHN", 3.0), Hold("MEX", "USA", 19.0), Hold("CAN", "USA", 10.0), Hold("AUS", "CHN", np.nan)]
    picture = flow_chart(holds, names, "Flows")
    assert picture.count('class="band"') == 4
    assert picture.count('class="power"') == 2
    assert "Mexico loses 19.0\u00a0% if United States closes its border" in picture
    assert "Australia loses no bound if China closes its border" in picture
    widths = [float(width) for width in re.findall(r'stroke-width="([\d.]+)"', picture)]
    assert max(widths) == 10.0


def test_matrix_page(world: World, tmp_path: Path) -> None:
    page = matrix_page(_matrix(world, missing=True))
    said = "The closed border that would hurt most is Japan’s for 2 of 4 regions and Mexico’s for 2"
    assert page.lead == f"{said}, in the short run."
    chips = matrix_page(dataclasses.replace(_matrix(world), sectors=("C26",), notes={("USA", "MEX"): "extrapolation"}))
    for text in (chips.title, chips.question, chips.lead, chips.sections[0].figures[0].unit):
        assert "electronics" in text
    assert 'class="l1 doubt"' in chips.sections[0].figures[0].body or " doubt" in chips.sections[0].figures[0].body
    assert any("1 numbers are extrapolations" in text for text in chips.sections[0].sentences)
    text = " ".join(page.sections[0].sentences)
    assert "1 of 12 pairs have no number (CHN over JPN)" in text
    assert "In one pair the closed border raises" in text
    folder = write_page(page, tmp_path / "page")
    table = pd.read_csv(folder / "tables" / "leverage_matrix.csv")
    assert len(table) == 12
    assert table.loc[(table.closer == "CHN") & (table.target == "USA"), "loss_percent"].item() == 2.0
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "http" not in re.sub(r'(href|xmlns)="[^"]*"|https?://[^<\s]*</a>', "", html)
    write_page(page, folder, force=True)
    assert render(page) == html


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the command says of two countries, and the folder it writes."""
    out = tmp_path_factory.mktemp("leverage") / "page"
    done = CliRunner().invoke(
        app,
        ["leverage", "CHN", "JPN", "--world", "wiod2014", "--sectors", "C26", "--horizon", "long", "--draws", "0",
         "--out", str(out)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.stdout, out


def test_command_tells_both_sides(told: tuple[str, Path]) -> None:
    said, out = told
    table = pd.read_csv(out / "tables" / "leverage_pair.csv").set_index(["side", "horizon"])
    row = table.loc[("both", "long")]
    assert f"Japan loses {row.loss_percent:.2f}\u00a0% of real income" in said
    assert f"China loses {row.cost_percent:.2f}\u00a0% of real income" in said
    assert len(table) == 12
    assert "Symmetry of the partnership" in said
    assert "In closed form" in said
    assert "Sanctions since 1920" in said
    assert {"report.html", "tables", "tables.xlsx", "provenance.json"} == {item.name for item in out.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say between whom"),
        (["CHN", "--matrix"], "say between whom"),
        (["quad", "JPN"], "JPN cannot close a border to itself"),
        (["CHN", "JNP"], "did you mean 'JPN'"),
        (["CHN", "JPN", "--horizon", "shrt"], "did you mean 'short'"),
        (["CHN", "JPN", "--side", "export"], "did you mean 'exports'"),
        (["CHN", "JPN", "--draws", "-1"], "from 0 to 1024"),
        (["quad"], "several regions: name against whom"),
        (["CHN,USA"], "several regions: name against whom"),
        (["CHN", "JPN", "--regions", "g20"], "--regions goes with --matrix"),
        (["CHN", "JPN", "--elasticities", "fontagn"], "did you mean 'fontagne'"),
        (["CHN", "--horizon", "x"], "unknown horizon 'x'"),
        (["--matrix", "--regions", "CHN"], "at least two regions"),
    ],
)
def test_command_says_what_is_wrong(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["leverage", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
