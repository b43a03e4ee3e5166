"""`gaiatsu exposure`: what it prints, the page it writes, and what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import gaiatsu as gt
from gaiatsu import cli
from gaiatsu.errors import ScenarioError
from gaiatsu.report.exposure import pair_page, partners_page
from gaiatsu.report.maps import share_legend, share_map
from gaiatsu.world import World
from worlds import random_world


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["exposure", *arguments])


@pytest.fixture(scope="module", autouse=True)
def _loaded(embedded: dict[str, World]) -> Iterator[None]:
    """The command takes the worlds that are loaded already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "load", classmethod(lambda cls, name: embedded[name]))
        yield


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The founding pair on the smaller world, with its page."""
    folder = tmp_path_factory.mktemp("exposure") / "page"
    return call("JPN", "--to", "USA", "--world", "wiod2014", "--out", str(folder)), folder


def test_the_headline_is_the_number_of_the_accounts(told: tuple[Result, Path], embedded: dict[str, World]) -> None:
    done, _ = told
    assert done.exit_code == 0, done.stderr
    world = embedded["wiod2014"]
    found = gt.exposure.value_added(world)
    research = gt.exposure.research_intensive(world).counted
    text = done.stdout.replace("\u00a0", " ")
    lead = text.splitlines()[1]
    assert lead.startswith("Final demand in the United States carries 2.4 % of Japan’s value added (US$ 10")
    assert f"{100 * found.carried('JPN', 'USA'):.1f} %" in lead
    assert f"and {100 * found.carried('JPN', 'USA', research):.1f} % of that of its research-intensive sectors" in lead
    assert "Final demand in Japan carries 0.36 % of the United States’ value added" in text
    assert "From 2014 to 2022" in text
    assert "the rest of the world supplies 50 % in 2014" in text
    cars = next(line for line in text.splitlines() if line.startswith("  Motor vehicles"))
    row = found.by_sector("JPN", "USA").loc["C29"]
    assert cars.split()[2:] == [
        f"{row.carried_usd_million / 1000:.2f}", f"{100 * row.carried_fraction:.2f}", "whole",
    ]  # fmt: skip


def test_the_page_is_whole_and_asks_nobody(told: tuple[Result, Path]) -> None:
    _, folder = told
    page = (folder / "report.html").read_text(encoding="utf-8")
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert {"exposure", "exposure-inputs", "exposure-dependence", "exposure-concentration", "exposure-map",
            "exposure-both-ways", "exposure-trend"} <= anchors  # fmt: skip
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)  # no text left unformatted
    assert not re.findall(r"(?:src|<link)[^>]*https?://", page)
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).lower().split()
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert facts["analysis"]["trend"] == ["wiod2014", "2022"]
    for file in (folder / "tables").iterdir():
        assert f"tables/{file.name}" in page
        assert not pd.read_csv(file).isna().any().any(), file.name


def test_the_tables_say_what_the_functions_say(told: tuple[Result, Path], embedded: dict[str, World]) -> None:
    _, folder = told
    found = gt.exposure.value_added(embedded["wiod2014"])
    partners = pd.read_csv(folder / "tables" / "exposure_partners.csv").set_index("region")
    assert partners.loc["USA", "carried_fraction"] == pytest.approx(found.carried("JPN", "USA"), rel=1e-8)
    matrix = pd.read_csv(folder / "tables" / "exposure_matrix.csv").set_index("region")
    assert matrix.loc["JPN", "USA_usd_million"] == pytest.approx(found.matrix(share=False).loc["JPN", "USA"], rel=1e-8)
    made = pd.read_csv(folder / "tables" / "exposure_accounting.csv")
    assert made["gap_fraction"].abs().max() < 1e-12


def test_without_a_partner_all_are_ranked(embedded: dict[str, World]) -> None:
    page = partners_page(embedded["wiod2014"], ["JPN"])
    assert "the United States (2.4" in page.lead
    tables = {table.name: table.frame for section in page.sections for table in section.tables}
    shares = tables["exposure_partners"]["carried_fraction"]
    assert shares.is_monotonic_decreasing
    assert len(shares) == 43
    assert "exposure_sectors" not in tables
    assert "China" in page.sections[1].sentences[0]


def test_groups_and_sectors(embedded: dict[str, World]) -> None:
    world = embedded["wiod2014"]
    page = pair_page(world, ["JPN"], ["quad"], sectors=["C29"])
    found = gt.exposure.value_added(world)
    assert page.lead.replace("\u00a0", " ").startswith(
        f"Final demand in Australia, India and the United States carries"
        f" {100 * found.carried('JPN', 'quad', 'C29'):.0f} % of Japan’s value added in motor vehicles"
    )
    asean = pair_page(world, ["JPN"], ["asean"])
    assert any("Of ASEAN, BRN, KHM" in line for line in asean.sections[0].cautions)
    assert "research-intensive" not in pair_page(world, ["JPN"], ["USA"], sectors=["A01"]).lead


def test_a_world_of_ones_own_without_known_codes() -> None:
    world = random_world(2, (3, 2))
    page = pair_page(world, ["R0"], ["R1"])
    assert not any(figure.anchor == "exposure-map" for section in page.sections for figure in section.figures)
    assert any("No sector of those asked for" in line for line in page.sections[0].cautions)
    assert page.lead.startswith("Final demand in R1 carries")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("JPN", "--to", "japan"), "JPN cannot be exposed to japan: no other region is left"),
        (("JPX",), "did you mean 'JPN'?"),
        (("all",), "all of world"),
        (("JPN", "--to", "USA", "--sectors", "C92"), "unknown sector 'C92'"),
    ],
)
def test_what_it_refuses(arguments: tuple[str, ...], said: str) -> None:
    done = call(*arguments, "--world", "wiod2014")
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_folder_in_the_way_is_told_before_the_work(tmp_path: Path) -> None:
    done = call("JPN", "--out", str(tmp_path))
    assert done.exit_code == 2
    assert "exists" in done.stderr


def test_the_map_of_shares_has_one_colour_and_ones_own_country_apart() -> None:
    names = {"JPN": "Japan", "USA": "United States", "CHN": "China"}
    members = {code: (code,) for code in names}
    picture = share_map({"USA": 3.5, "CHN": 0.02}, names, members, "A map")
    assert picture is not None
    assert "<title>United States: 3.50 %</title>" in picture
    assert "<title>Japan</title>" in picture
    assert 'class="whole"' in picture
    assert 'class="l' not in picture
    assert "above 1" in share_legend((0.03, 0.1, 0.3, 1.0), "Japan")
    assert share_map({}, names, members, "A map") is None


def test_the_whole_world_has_no_outside(embedded: dict[str, World]) -> None:
    with pytest.raises(ScenarioError, match="all of world 'wiod2014'"):
        gt.exposure.concentration(embedded["wiod2014"], "all")


def test_the_table_of_the_page_is_what_the_program_says(embedded: dict[str, World]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "exposure.md").read_text(encoding="utf-8")
    block = text.split("<!-- exposure: begin -->")[1].split("<!-- exposure: end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.strip().splitlines()[2:]]
    assert len(rows) == 7
    world = embedded["2022"]
    carried, called = gt.exposure.value_added(world), gt.exposure.imports(world)
    research = gt.exposure.research_intensive(world).counted
    for region, partner, *printed in rows:
        inputs = called.reliance(region, partner)
        found = [
            carried.carried(region, partner), carried.carried(region, partner, research),
            inputs["face"], inputs["looked_through"],
        ]  # fmt: skip
        assert [float(number) for number in printed] == pytest.approx([100 * value for value in found], abs=0.006)
    for name, share in (("2022", "82.3 % in world `2022`"), ("wiod2014", "82.7 % in `wiod2014`")):
        other = embedded[name]
        makers = [code for code in other.sectors if code.startswith("C")]
        home = 1 - gt.exposure.imports(other).reliance("USA", "CHN", makers)["face_foreign"]
        assert share in text
        assert f"{100 * home:.1f}" == share[:4]


def test_the_command_does_not_load_the_engine() -> None:
    code = """
import sys
from gaiatsu.cli import app
app(["exposure", "JPN", "--world", "wiod2014"], standalone_mode=False)
assert "jax" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "on whom it depends" in done.stdout
