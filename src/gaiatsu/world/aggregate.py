"""Fewer regions and sectors. Flows, output and value added add up exactly; duty rates are trade-weighted.

An import duty is weighted by what it is levied on, flows·(1+e), an export duty by flows, so that the revenue on trade
that stays cross-border is exact. Trade among members of a new region becomes home trade and pays no duty: what those
duties were leaves purchases, and the uses of each good (inputs and final use) shrink in proportion, with every user's
total input cost kept (biproportional adjustment). Where no such duty was paid, inputs and final use add up exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import BalanceError, ScenarioError
from gaiatsu.world import checks, codes, storage
from gaiatsu.world.accounts import Accounts, Array
from gaiatsu.world.world import World, labelled

ADJUSTMENT_STEPS = 5000
ADJUSTMENT_TOLERANCE = 1e-13  # of the region's purchases

Mapping_ = Mapping[str, codes.Names]


def partition(
    what: str, labels: Sequence[str], mapping: Mapping_ | None, resolve: Callable[[codes.Names], NDArray[np.int64]]
) -> tuple[list[str], NDArray[np.int64]]:
    """New labels, and for each old label the position of its new one; what is not listed stays itself.

    New labels stand where their first member stood. Raises ScenarioError when a label is put in two groups, a group is
    empty, or a new name is that of a label outside the group.
    """
    target: dict[int, str] = {}
    for name, members in (mapping or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise ScenarioError(f"{name!r} is not a code for a new {what}")
        for index in resolve(members):
            if int(index) in target:
                raise ScenarioError(
                    f"{what} {labels[index]!r} is put in both {target[int(index)]!r} and {name!r}: "
                    "each may stand in one group only"
                )
            target[int(index)] = name
    for index, label in enumerate(labels):
        clash = [name for name in mapping or {} if codes.fold(name) == codes.fold(label)]
        if index not in target and clash:
            raise ScenarioError(
                f"new {what} {clash[0]!r} has the name of {what} {label!r}, which is not one of its members"
            )
    new = [target.get(index, label) for index, label in enumerate(labels)]
    order = list(dict.fromkeys(new))
    return order, np.array([order.index(name) for name in new], dtype=np.int64)


def membership(place: NDArray[np.int64], size: int) -> Array:
    """[new, old] one where the old label belongs to the new one."""
    return (np.arange(size)[:, None] == place[None, :]).astype(np.float64)


def _mean_duty(duty: Array, weight: Array, regions: Array, sectors: Array) -> Array:
    """Weighted mean over cross-border cells of a new cell; the plain mean where there is no trade; zero at home."""

    def total(table: Array) -> Array:
        return _sum_bilateral(table, regions, sectors)

    base = total(weight)
    cells = total(np.ones_like(weight))
    out = np.divide(total(weight * duty), base, out=total(duty) / cells, where=base > 0)
    diagonal = np.arange(out.shape[0])
    out[diagonal, diagonal] = 0.0
    return out


def _sum_bilateral(table: Array, regions: Array, sectors: Array) -> Array:
    return np.einsum("an,nik,bi,ck->abc", regions, table, regions, sectors, optimize=True)


def aggregate_accounts(old: Accounts, regions: Array, sectors: Array) -> Accounts:
    """Accounts on new labels; regions [new, old] and sectors [new, old] hold ones and zeros."""
    flows = _sum_bilateral(old.flows, regions, sectors)
    export_duty = _mean_duty(old.export_duty, old.flows, regions, sectors)
    duty = _mean_duty(old.duty, old.flows * (1 + old.export_duty), regions, sectors)
    value_added = regions @ old.value_added @ sectors.T
    inputs = np.einsum("an,nkj,ck,dj->acd", regions, old.intermediate, sectors, sectors, optimize=True)
    final = regions @ old.final_use @ sectors.T
    output = flows.sum(axis=0)
    expenditure = (flows * (1 + export_duty) * (1 + duty)).sum(axis=1)
    inputs = _without_inner_duties(inputs, final, expenditure)
    shares = np.clip(np.divide(value_added, output, out=_plain_share(old, regions, sectors), where=output > 0), 0, 1)
    cost = inputs.sum(axis=1)
    mix = np.divide(inputs, cost[:, None, :], out=_plain_mix(old, regions, sectors), where=cost[:, None, :] > 0)
    return Accounts(flows=flows, duty=duty, export_duty=export_duty, va_share=shares, input_mix=mix)


def _plain_share(old: Accounts, regions: Array, sectors: Array) -> Array:
    """The unweighted mean value-added share, for sectors without output."""
    return regions @ old.va_share @ sectors.T / np.outer(regions.sum(axis=1), sectors.sum(axis=1))


def _plain_mix(old: Accounts, regions: Array, sectors: Array) -> Array:
    """The unweighted mean input mix, for users without input cost."""
    count = regions.sum(axis=1)[:, None, None] * sectors.sum(axis=1)[None, None, :]
    return np.einsum("an,nkj,ck,dj->acd", regions, old.input_mix, sectors, sectors, optimize=True) / count


def _without_inner_duties(inputs: Array, final: Array, expenditure: Array) -> Array:
    """Inputs [region, input, user] that fit lower purchases where duties inside a new region fell away.

    In such a region uses (inputs and final use) are scaled until every good's uses equal its purchases and every user's
    inputs keep their total; final spending bears the loss of revenue. BalanceError when that cannot be done.
    """
    uses = inputs.sum(axis=2) + final
    total = uses.sum(axis=1)
    lost = total - expenditure.sum(axis=1)
    out = inputs.copy()
    for region in np.flatnonzero(lost > 1e-12 * total):
        table = np.column_stack([inputs[region], final[region]])
        columns = table.sum(axis=0)
        columns[-1] -= lost[region]
        out[region] = _biproportional(table, expenditure[region], columns)[:, :-1]
    return out


def _biproportional(table: Array, rows: Array, columns: Array) -> Array:
    if columns[-1] > 0:
        for _ in range(ADJUSTMENT_STEPS):
            sums = table.sum(axis=1)
            table = table * np.divide(rows, sums, out=np.ones_like(sums), where=sums > 0)[:, None]
            sums = table.sum(axis=0)
            table = table * np.divide(columns, sums, out=np.ones_like(sums), where=sums > 0)
            if np.abs(table.sum(axis=1) - rows).max() <= ADJUSTMENT_TOLERANCE * rows.sum():
                return table
    raise BalanceError(
        "cannot aggregate: duties among the members of a new region are larger than its other uses can absorb; set "
        "those duties to zero first, or choose another grouping"
    )


def aggregate(world: World, regions: Mapping_ | None = None, sectors: Mapping_ | None = None) -> World:
    """A world with fewer labels: new code → old ones (codes, plain names, groups).

    Custom groups are kept: a new region belongs to a group when all it holds does; other members count as absent.
    Raises ScenarioError for unknown names and for what is not a partition, BalanceError (see above).
    """
    new_regions, region_place = partition("region", world.regions, regions, world.region_indices)
    new_sectors, sector_place = partition("sector", world.sectors, sectors, world.sector_indices)
    accounts = aggregate_accounts(
        world.accounts, membership(region_place, len(new_regions)), membership(sector_place, len(new_sectors))
    )
    labels = checks.axis_labels(new_regions, new_sectors)
    region_parts = _parts(world.region_parts, region_place, len(new_regions))
    sector_parts = _parts(world.sector_parts, sector_place, len(new_sectors))
    return labelled(
        accounts=checks.validated(accounts, labels), regions=tuple(new_regions), sectors=tuple(new_sectors),
        region_names=_names(new_regions, world.regions, world.region_names, region_place),
        sector_names=_names(new_sectors, world.sectors, world.sector_names, sector_place),
        goods=_goods(world, sector_place, len(new_sectors)), year=world.year,
        name=f"{world.name} ({len(new_regions)} × {len(new_sectors)})",
        provenance={**world.provenance, "aggregated": _record(world, regions, sectors)},
        region_parts=region_parts, sector_parts=sector_parts, definitions=storage.group_definitions(world),
    )  # fmt: skip


def _parts(parts: Sequence[tuple[str, ...]], place: NDArray[np.int64], size: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(code for old in np.flatnonzero(place == new).tolist() for code in parts[old]) for new in range(size)
    )


def _names(new: Sequence[str], old: Sequence[str], names: Sequence[str], place: NDArray[np.int64]) -> list[str]:
    """An old name where the label stays itself; otherwise the new code is its own name."""
    known = dict(zip(old, names, strict=True))
    counts = np.bincount(place, minlength=len(new))
    return [known[label] if counts[index] == 1 and label in known else label for index, label in enumerate(new)]


def _goods(world: World, place: NDArray[np.int64], size: int) -> list[bool]:
    """A new sector is goods when most of its world output is."""
    output = world.accounts.output.sum(axis=0) + 1e-300
    goods = np.bincount(place, weights=output * np.array(world.goods), minlength=size)
    return list(2 * goods >= np.bincount(place, weights=output, minlength=size))


def _record(world: World, regions: Mapping_ | None, sectors: Mapping_ | None) -> dict[str, Any]:
    """From what and how, as plain data."""

    def plain(mapping: Mapping_ | None) -> dict[str, list[str]]:
        return {name: codes.as_list(members, "label") for name, members in (mapping or {}).items()}

    return {"from": world.name, "regions": plain(regions), "sectors": plain(sectors)}
