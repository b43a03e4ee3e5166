"""Duties for a table that has none: borrowed from another world where its codes match, or from a list."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world import codes
from gaiatsu.world.accounts import Array
from gaiatsu.world.official.delimited import number
from gaiatsu.world.official.table import Table
from gaiatsu.world.world import World

NONE = "none"
COLUMNS = ("importer", "exporter", "sector", "duty")


def duties_for(table: Table, duties: str) -> tuple[Array, dict[str, Any]]:
    """[importer, exporter, sector] ad valorem duties and where they come from.

    duties: "none", the name or path of a world, or a .csv with the columns importer, exporter, sector, duty (rates such
    as 0.025; what is not listed is zero). Services and home trade carry none. Raises DataMissing, DataError.
    """
    if duties == NONE:
        size = (len(table.regions), len(table.regions), len(table.sectors))
        return np.zeros(size), {"label": "none", "note": "no duties: duties paid stay in taxes on products"}
    if duties.lower().endswith(".csv"):
        return _listed(table, Path(duties)), {"label": "given", "from": Path(duties).name}
    world = World.load(duties)
    note = (
        "trade-weighted means over the sectors of the other world that a sector overlaps; a region that is not in it "
        "takes the duties of its rest of the world"
    )
    origin = {"from": world.name, "year": world.year, "fingerprint": world.fingerprint}
    return _borrowed(table, world), {"label": "borrowed", **origin, "note": note}


def _goods(table: Table) -> Array:
    return np.array(
        [codes.is_goods(part, label) for part, label in zip(table.sector_parts, table.sectors, strict=True)]
    )


def _borrowed(table: Table, world: World) -> Array:
    """Duties of `world` on the table's labels.

    Each cell is the mean over the other world's regions and sectors that stand for it, weighted by their trade (the
    plain mean where they do not trade); where importer and exporter are one region there, that region's mean duty on
    what it imports is taken.
    """
    rest = world.regions.index("ROW") if "ROW" in world.regions else None
    regions = _standing_for(table.region_parts, world.region_parts, rest)
    rows = [[_overlap(mine, theirs) for theirs in world.sector_parts] for mine in table.sector_parts]
    sectors = np.array(rows, dtype=np.float64)
    accounts = world.accounts
    abroad = 1.0 - np.eye(len(world.regions))[:, :, None]
    weight = accounts.flows * abroad
    paid, base = _sums(weight * accounts.duty, regions, sectors), _sums(weight, regions, sectors)
    listed = _sums(accounts.duty * abroad, regions, sectors)
    cells = _sums(np.broadcast_to(abroad, accounts.duty.shape), regions, sectors)
    all_paid = regions @ (weight * accounts.duty).sum(axis=1) @ sectors.T
    all_base = regions @ weight.sum(axis=1) @ sectors.T
    general = np.divide(all_paid, all_base, out=np.zeros_like(all_paid), where=all_base > 0)
    out = np.repeat(general[:, None, :], len(table.regions), axis=1)
    duty = np.divide(paid, base, out=np.divide(listed, cells, out=out, where=cells > 0), where=base > 0)
    return _clean(duty, table)


def _sums(values: Array, regions: Array, sectors: Array) -> Array:
    """[importer, exporter, sector] sums over the other world's cells that stand for each of mine."""
    return np.einsum("an,nik,bi,ck->abc", regions, values, regions, sectors, optimize=True)


def _clean(duty: Array, table: Table) -> Array:
    """Without duties on services and on home trade."""
    out = np.where(_goods(table)[None, None, :], duty, 0.0)
    home = np.arange(len(table.regions))
    out[home, home] = 0.0
    return out


def _standing_for(mine: tuple[tuple[str, ...], ...], theirs: tuple[tuple[str, ...], ...], rest: int | None) -> Array:
    """[mine, theirs] one where a region of the other world holds one of my countries; else its rest of the world."""
    out = np.zeros((len(mine), len(theirs)))
    for position, parts in enumerate(mine):
        held = [index for index, other in enumerate(theirs) if set(parts) & set(other)]
        if not held and rest is not None:
            held = [rest]
        out[position, held] = 1.0
    return out


def _overlap(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    one, other = codes.sector_divisions(mine), codes.sector_divisions(theirs)
    return bool(one and other and codes.overlaps(one, other))


def _listed(table: Table, path: Path) -> Array:
    """Duties from a list; DataError naming the line of an unknown code or a rate that is none."""
    if not path.is_file():
        raise DataMissing(f"{str(path)!r} is not there; give a .csv of duties, the name of a world, or none")
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a comma-separated table ({error})") from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise DataError(f"{path} needs the columns {', '.join(COLUMNS)} in its first line")
    duty = np.zeros((len(table.regions), len(table.regions), len(table.sectors)))
    for line, row in enumerate(rows, start=2):
        place = f"{path}, line {line}"
        rate = number(row["duty"], f"{place}, column duty")
        if not 0 <= rate < 10:
            raise DataError(f"{place}: duty {rate} is not a rate such as 0.025 for 2.5 per cent")
        for column, known in (("importer", table.regions), ("exporter", table.regions), ("sector", table.sectors)):
            if row[column] not in known:
                raise DataError(
                    f"{place}: {column} {row[column]!r} is not in the table; it has {', '.join(known[:8])} …"
                )
        duty[table.regions.index(row["importer"]), table.regions.index(row["exporter"]),
             table.sectors.index(row["sector"])] = rate  # fmt: skip
    return _clean(duty, table)
