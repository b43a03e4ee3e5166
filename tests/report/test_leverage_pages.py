"""The pages and the command of leverage: what they say is what was solved."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gaiatsu.cli import app
from gaiatsu.exposure.matrix import Matrix
from gaiatsu.report.leverage_all import matrix_page
from gaiatsu.report.networks import Hold, flow_chart, heat_map, limits_of
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
    said = "The closed border that would hurt most is Japan’s for 2 of 4 regions, Mexico’s for 1 and China’s for 1"
    assert page.lead == f"{said}, in the short run."
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
        (["CHN", "--horizon", "x"], "unknown horizon 'x'"),
        (["--matrix", "--regions", "CHN"], "at least two regions"),
    ],
)
def test_command_says_what_is_wrong(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["leverage", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
