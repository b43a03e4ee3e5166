"""`gaiatsu exposure`: what it prints, the page it writes, and what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import gaiatsu as gt
from gaiatsu import cli
from gaiatsu.errors import ScenarioError
from gaiatsu.report.exposure import pair_page, partners_page
from gaiatsu.report.maps import share_legend, share_map
from gaiatsu.report.page import Page, write_page
from gaiatsu.world import World
from worlds import random_world


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["exposure", *arguments])


@pytest.fixture(scope="module", autouse=True)
def _loaded(coarse: dict[str, World]) -> Iterator[None]:
    """The command takes the worlds that are loaded already, with few sectors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "load", classmethod(lambda cls, name: coarse[name]))
        yield


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The founding pair on the smaller world, with its page."""
    folder = tmp_path_factory.mktemp("exposure") / "page"
    return call("JPN", "--to", "USA", "--world", "wiod2014", "--out", str(folder)), folder


def test_the_headline_is_the_number_of_the_accounts(told: tuple[Result, Path], coarse: dict[str, World]) -> None:
    done, _ = told
    assert done.exit_code == 0, done.stderr
    world = coarse["wiod2014"]
    found = gt.exposure.value_added(world)
    research = gt.exposure.research_intensive(world).counted
    text = done.stdout.replace("\u00a0", " ")
    lead = text.splitlines()[1]
    assert lead.startswith("Final demand in the United States carries 2.")
    assert f"{100 * found.carried('JPN', 'USA'):.1f} %" in lead
    assert f"and {100 * found.carried('JPN', 'USA', research):.1f} % of that of its research-intensive sectors" in lead
    assert f"Final demand in Japan carries {100 * found.carried('USA', 'JPN'):.2f} % of the United States’" in text
    years = gt.exposure.trend([coarse["2022"], world], "JPN", "USA")["carried"]
    assert (
        "From 2014 to 2022 the part of Japan’s value added that final demand in the United States carries rose from"
        in text
    )
    assert f"rose from {100 * years['wiod2014']:.1f} % to {100 * years['2022']:.1f} %" in text
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


def test_the_tables_say_what_the_functions_say(told: tuple[Result, Path], coarse: dict[str, World]) -> None:
    _, folder = told
    found = gt.exposure.value_added(coarse["wiod2014"])
    partners = pd.read_csv(folder / "tables" / "exposure_partners.csv").set_index("region")
    assert partners.loc["USA", "carried_fraction"] == pytest.approx(found.carried("JPN", "USA"), rel=1e-8)
    matrix = pd.read_csv(folder / "tables" / "exposure_matrix.csv").set_index("region")
    assert matrix.loc["JPN", "USA_usd_million"] == pytest.approx(found.matrix(share=False).loc["JPN", "USA"], rel=1e-8)
    made = pd.read_csv(folder / "tables" / "exposure_accounting.csv")
    assert made["gap_fraction"].abs().max() < 1e-12


def test_without_a_partner_all_are_ranked(coarse: dict[str, World]) -> None:
    world = coarse["wiod2014"]
    page = partners_page(world, ["JPN"])
    shares = gt.exposure.value_added(world).partners("JPN").drop("ROW").nlargest(3)
    assert page.lead.replace("\u00a0", " ").endswith(
        "; the largest single markets are"
        f" the United States ({100 * shares['USA']:.1f} %), China ({100 * shares['CHN']:.1f} %)"
        f" and South Korea ({100 * shares['KOR']:.2f} %)."
    )
    assert "most of it" not in " ".join(sentence for section in page.sections for sentence in section.sentences)
    tables = {table.name: table.frame for section in page.sections for table in section.tables}
    shares = tables["exposure_partners"]["carried_fraction"]
    assert shares.is_monotonic_decreasing
    assert len(shares) == 43
    assert "exposure_sectors" not in tables
    assert "China" in page.sections[1].sentences[0]


def test_groups_and_sectors(coarse: dict[str, World]) -> None:
    world = coarse["wiod2014"]
    page = pair_page(world, ["JPN"], ["quad"], sectors=["C29"])
    found = gt.exposure.value_added(world)
    assert page.lead.replace("\u00a0", " ").startswith(
        f"Final demand in Australia, India and the United States carries"
        f" {100 * found.carried('JPN', 'quad', 'C29'):.0f} % of Japan’s value added in motor vehicles"
    )
    asean = pair_page(world, ["JPN"], ["asean"])
    assert any("Of ASEAN, BRN, KHM" in line for line in asean.sections[0].cautions)
    assert not [text for text in sentences(page) if "the United States makes up" in text]
    mixed = pair_page(world, ["JPN"], ["USA"], sectors=["C29", "services"]).lead
    assert "of that of the research-intensive ones among these" in mixed


def sentences(page: Page) -> list[str]:
    """All that a page says, with plain spaces."""
    return [text.replace("\u00a0", " ") for section in page.sections for text in (page.lead, *section.sentences)]


def test_what_is_narrowed_to_some_sectors_says_so(coarse: dict[str, World]) -> None:
    """With --sectors, every sentence with a number of these sectors names them, and the numbers are theirs."""
    world, both = coarse["2022"], [coarse["wiod2014"], coarse["2022"]]
    page = pair_page(world, ["JPN"], ["USA"], sectors=["C29"], worlds=both)
    told = [text for text in sentences(page) if not text.startswith("Of what final demand")]
    assert len(told) > 8
    assert all("in motor vehicles" in text or "producers of motor vehicles" in text for text in told)
    assert "research-intensive" not in " ".join(told)  # motor vehicles are: nothing to tell apart
    inputs = gt.exposure.imports(world).reliance("JPN", "USA", "C29")
    assert f"of the United States at face value and {100 * inputs['looked_through']:.1f} % looked through" in " ".join(
        told
    )
    ties = gt.exposure.dependence(world, "JPN", "USA", sectors="C29")
    assert f"in motor vehicles, {100 * ties.attrs['index']:.1f} % is with the United States, taking 4 ties" in " ".join(
        told
    )
    first, last = gt.exposure.trend(both, "JPN", "USA", sectors="C29")["imports"]
    assert f"in imports of motor vehicles from {100 * first:.1f} % to {100 * last:.1f} %" in " ".join(told)
    alone = partners_page(world, ["JPN"], sectors=["C29"])
    assert all("motor vehicles" in text for text in sentences(alone))
    tables = {table.name for section in page.sections for table in section.tables}
    assert "exposure_dependence_minerals" not in tables


def test_a_trend_that_would_compare_other_countries_is_refused_in_words(coarse: dict[str, World]) -> None:
    both = [coarse["wiod2014"], coarse["2022"]]
    for partner, said in (("ROW", "rest of the world is not the same countries"), ("SGP", "SGP cannot be told apart")):
        page = pair_page(coarse["2022"], ["JPN"], [partner], worlds=both)
        assert not [text for text in sentences(page) if text.startswith("From 2014")]
        assert [text for text in page.sections[2].cautions if text.startswith("No trend") and said in text]
        assert page.facts["trend"] == []


def test_minerals_bear_the_year_of_the_customs_statistics(told: tuple[Result, Path]) -> None:
    page = (told[1] / "report.html").read_text(encoding="utf-8")
    assert page.count("Imports of critical minerals, 2015") == 4  # ties and trend, both ways
    assert "Imports of critical minerals, 2014" not in page


def test_a_world_of_ones_own_without_known_codes() -> None:
    world = random_world(2, (3, 2))
    page = pair_page(world, ["R0"], ["R1"])
    assert not any(figure.anchor == "exposure-map" for section in page.sections for figure in section.figures)
    assert any("No sector of those asked for" in line for line in page.sections[0].cautions)
    assert page.lead.startswith("Final demand in R1 carries")


def test_a_world_without_trade_or_year_says_so(tmp_path: Path) -> None:
    """B and C trade with each other, A with nobody: no largest partner, no rank, no year and no minerals."""
    flows = 10.0 * np.eye(3)[:, :, None] * np.ones(2)
    flows[1, 2] = flows[2, 1] = 1.0
    world = World.from_arrays(
        regions=["JPN", "CHN", "USA"], sectors=["x", "y"], flows=flows, duty=np.zeros_like(flows),
        va_share=np.full((3, 2), 0.5), input_mix=np.full((3, 2, 2), 0.5),
    )  # fmt: skip
    alone, both = partners_page(world, ["JPN"]), pair_page(world, ["JPN"], ["CHN"])
    assert alone.lead == "Foreign final demand carries nothing of Japan’s value added."
    assert both.lead == "Final demand in China carries nothing of Japan’s value added."
    told = " ".join([*sentences(alone), *sentences(both)])
    for said in ("The producers of Japan use no foreign inputs.", "Nothing ties Japan to the outside.",
                 "Nothing is imported by Japan."):  # fmt: skip
        assert said in told
    for page in (alone, both):
        folder = write_page(page, tmp_path / page.title[:7].strip(": "), force=True)
        text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", (folder / "report.html").read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"largest|foreign market|minerals, |\bin 0\b|of 0\b|\(0\)|\bnan\b|None", text)


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


def test_the_whole_world_has_no_outside(coarse: dict[str, World]) -> None:
    with pytest.raises(ScenarioError, match="all of world 'wiod2014'"):
        gt.exposure.concentration(coarse["wiod2014"], "all")


def test_the_command_does_not_load_the_engine(tmp_path: Path) -> None:
    random_world(2, (3, 2)).save(tmp_path / "small.world")
    code = f"""
import sys
from gaiatsu.cli import app
app(["exposure", "R0", "--world", {str(tmp_path / "small.world")!r}], standalone_mode=False)
assert "jax" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "on whom it depends" in done.stdout
