"""The world of 2014, written out as an official table of its full size, comes back: flows, duties, value added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaiatsu.world import World
from gaiatsu.world.official.build import build_official

from . import writers
from .tables import Array, Small


def as_table(world: World) -> Small:
    """Uses at basic prices, without duties, at the origins that all users share."""
    accounts = world.accounts
    bought = accounts.flows.sum(axis=1)
    origin = share(accounts.flows, bought[:, None, :])
    price = share(accounts.expenditure, bought, otherwise=1.0)
    inputs = accounts.intermediate / price[:, :, None]
    regions, sectors = bought.shape
    final = np.zeros((regions, sectors, regions, 6))
    final[..., 0] = np.einsum("nik,nk->ikn", origin, accounts.final_use / price)
    added = accounts.output - inputs.sum(axis=1)
    return Small(
        regions=world.regions, intermediate=np.einsum("nik,nkj->iknj", origin, inputs), final=final, taxes=0.05 * added,
        added=0.95 * added, final_taxes=np.zeros((regions, 6)),
    )  # fmt: skip


def share(part: Array, whole: Array, otherwise: float = 0.0) -> Array:
    return np.divide(part, whole, out=np.full(np.broadcast_shapes(part.shape, whole.shape), otherwise), where=whole > 0)


@pytest.mark.slow
def test_the_world_of_2014_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.load("wiod2014")
    codes = tuple(code.replace(",", "_").replace("-", "T") for code in world.sectors)
    monkeypatch.setitem(writers.SECTORS, "icio2025", codes)
    path = writers.icio(tmp_path, as_table(world), "2025", "2014_SML.csv")
    back, report = build_official("icio2025", path, duties="wiod2014")
    one, other = world.accounts, back.accounts
    np.testing.assert_array_equal(one.duty, other.duty)
    assert report["world"]["output_moved_share"] < 1e-6  # one home sale is raised further than it was
    assert np.abs(one.flows - other.flows).max() < 2e-5 * one.flows.max()
    moved = report["world"]["output_moved"]  # US$ million, over all regions
    assert 0 < moved < 100
    gap = np.abs(other.value_added.sum(axis=1) - one.value_added.sum(axis=1))
    assert gap.max() < moved
    np.testing.assert_allclose(other.final_use, one.final_use, atol=1e-6 * one.final_use.max())
    usa, japan, cars = (names.index(code) for names, code in ((world.regions, "USA"), (world.regions, "JPN"),
                                                             (world.sectors, "C29")))  # fmt: skip
    assert other.flows[usa, japan, cars] == pytest.approx(50_896, abs=1)
