"""Duties for a table that has none: borrowed from another world where its codes match, or from a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.world import codes
from gaiatsu.world.accounts import Array
from gaiatsu.world.official.duty_list import listed
from gaiatsu.world.official.labels import RESTS
from gaiatsu.world.official.table import Table
from gaiatsu.world.world import World

NONE = "none"


def duties_for(table: Table, duties: str) -> tuple[Array, dict[str, Any]]:
    """[importer, exporter, sector] ad valorem duties and where they come from.

    duties: "none", the name or path of a world, or a .csv (see duty_list.listed). Services and home trade carry none.
    Borrowed duties come with the regions and sectors that no cell of the other world stands for: they have none. Raises
    DataMissing, DataError.
    """
    if duties == NONE:
        size = (len(table.regions), len(table.regions), len(table.sectors))
        return np.zeros(size), {"label": "none", "note": "no duties: duties paid stay in taxes on products"}
    if duties.lower().endswith(".csv"):
        return listed(table, Path(duties)), {"label": "given", "from": Path(duties).name}
    world = World.load(duties)
    note = (
        "trade-weighted means over the sectors of the other world that a sector overlaps; a region that is not in it "
        "takes the duties of its rest of the world; a rest of the world stands for all its regions that are not listed "
        "here, and for its rest of the world"
    )
    duty, without = _borrowed(table, world)
    origin = {"from": world.name, "year": world.year, "fingerprint": world.fingerprint}
    return duty, {"label": "borrowed", **origin, "note": note, "without_source": without}


def _goods(table: Table) -> NDArray[np.bool_]:
    return np.array(
        [codes.is_goods(part, label) for part, label in zip(table.sector_parts, table.sectors, strict=True)], dtype=bool
    )


def _borrowed(table: Table, world: World) -> tuple[Array, dict[str, Any]]:
    """Duties of `world` on the table's labels, and what nothing there stands for.

    Each cell is the mean over the other world's regions and sectors that stand for it, weighted by their trade (the
    plain mean where they do not trade); where importer and exporter are one region there, or nothing stands for the
    exporter, the importer's mean duty on what it imports is taken.
    """
    regions = _standing_for(table.region_parts, world.region_parts)
    rows = [[_overlap(mine, theirs) for theirs in world.sector_parts] for mine in table.sector_parts]
    sectors = np.array(rows, dtype=np.float64)
    accounts = world.accounts
    abroad = 1.0 - np.eye(len(world.regions))[:, :, None]
    weight = accounts.flows * abroad
    paid, base = _sums(weight * accounts.duty, regions, sectors), _sums(weight, regions, sectors)
    plain, cells = (_sums(abroad * values, regions, sectors) for values in (accounts.duty, np.ones_like(weight)))
    all_paid = regions @ (weight * accounts.duty).sum(axis=1) @ sectors.T
    all_base = regions @ weight.sum(axis=1) @ sectors.T
    general = np.divide(all_paid, all_base, out=np.zeros_like(all_paid), where=all_base > 0)
    out = np.repeat(general[:, None, :], len(table.regions), axis=1)
    duty = np.divide(paid, base, out=np.divide(plain, cells, out=out, where=cells > 0), where=base > 0)
    return _clean(duty, table), _without_source(table, regions, sectors, (cells > 0) | (all_base > 0)[:, None, :])


def _without_source(table: Table, regions: Array, sectors: Array, known: NDArray[np.bool_]) -> dict[str, Any]:
    """Importers and goods that nothing in the other world stands for, and the number of all cells without a duty."""
    goods, abroad = _goods(table), ~np.eye(len(table.regions), dtype=bool)
    return {
        "importers": [code for code, row in zip(table.regions, regions, strict=True) if not row.any()],
        "sectors": [code for code, row, tangible in zip(table.sectors, sectors, goods, strict=True)
                    if tangible and not row.any()],
        "cells": int((~known & goods & abroad[:, :, None]).sum()),
    }  # fmt: skip


def _sums(values: Array, regions: Array, sectors: Array) -> Array:
    """[importer, exporter, sector] sums over the other world's cells that stand for each of mine."""
    return np.einsum("an,nik,bi,ck->abc", regions, values, regions, sectors, optimize=True)


def _clean(duty: Array, table: Table) -> Array:
    """Without duties on services and on home trade."""
    out = np.where(_goods(table)[None, None, :], duty, 0.0)
    home = np.arange(len(table.regions))
    out[home, home] = 0.0
    return out


def _standing_for(mine: tuple[tuple[str, ...], ...], theirs: tuple[tuple[str, ...], ...]) -> Array:
    """[mine, theirs] one where a region of the other world holds one of my countries; else its rest of the world.

    A rest of the world of mine is also what of theirs none of my regions names, and, unless they have the very same,
    all their rests of the world.
    """
    named = {code for parts in mine for code in parts if code not in RESTS}
    rests = [index for index, parts in enumerate(theirs) if RESTS & set(parts)]
    out = np.zeros((len(mine), len(theirs)))
    for position, parts in enumerate(mine):
        held = {index for index, other in enumerate(theirs) if set(parts) & set(other)}
        own_rests = RESTS & set(parts)
        if own_rests:
            held |= {index for index, other in enumerate(theirs) if not named & set(other) and not RESTS & set(other)}
        if not held or (own_rests and not any(own_rests & set(theirs[index]) for index in held)):
            held |= set(rests)
        out[position, list(held)] = 1.0
    return out


def _overlap(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    one, other = codes.sector_divisions(mine), codes.sector_divisions(theirs)
    return bool(one and other and codes.overlaps(one, other))
