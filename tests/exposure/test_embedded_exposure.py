"""Exposure on the embedded worlds with all their sectors, in one module, so that each is factorised once."""

from __future__ import annotations

from pathlib import Path

import pytest

import gaiatsu as gt
from gaiatsu.world import World


@pytest.mark.parametrize("name", ["2022", "wiod2014"])
def test_the_accounting_is_exact_on_the_embedded_worlds(name: str, embedded: dict[str, World]) -> None:
    world = embedded[name]
    found = gt.exposure.value_added(world)
    table = found.accounting()
    assert table["gap_fraction"].abs().max() < 1e-12
    assert (table["input_duties_usd_million"] > 0).all()
    collected = (found.input_duties + found.final_duties).sum(axis=1)
    assert collected == pytest.approx(world.accounts.duty_revenue, rel=1e-10)


def test_us_manufacturing_as_published(embedded: dict[str, World]) -> None:
    """Baldwin, Freeman and Theodorakopoulos (2023): more than 80 % of US industrial inputs are sourced at home, and the
    look-through reliance on China is much larger than the face value."""
    for world in embedded.values():
        makers = [code for code in world.sectors if code.startswith("C")]
        found = gt.exposure.imports(world).reliance("USA", "CHN", makers)
        assert 1 - found["face_foreign"] > 0.80
        assert found["looked_through"] > 2 * found["face"]


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
