"""Duties of the baseline: outliers in food replaced by a rule, and a comparison with the duties of 2014."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import Repair, digits
from gaiatsu.world.baseline.sectors import parent
from gaiatsu.world.codes import GROUPS
from gaiatsu.world.world import World

FOOD = "C10T12"
CAP_QUANTILE = 0.95  # of the food duties of 2014 on traded pairs: what is above it counts as an outlier
DIFFERENCE = 0.05  # points between the averages of 2021 and 2014 from which a cell is listed
REST = "ROW"
CRUMB = 1e-6  # US$ million: weight of pairs without trade


def repair_food(
    duty: Array, flows: Array, regions: Sequence[str], sectors: Sequence[str], old: World
) -> tuple[Array, Repair]:
    """Duties [importer, exporter, sector] without outliers in food, and what was changed.

    The cap is the 95th percentile of food duties across traded pairs in 2014. An importer with a duty above it takes,
    where it had a table in 2014, the lower of both years' duties for each exporter (that of the rest of the world for
    exporters not listed then), and no importer keeps more than the cap.
    """
    food, before = list(sectors).index(FOOD), old.sectors.index(parent(FOOD))
    accounts = old.accounts
    foreign = ~np.eye(len(old.regions), dtype=bool)
    traded = foreign & (accounts.flows[:, :, before] > 1)
    cap = digits(float(np.quantile(accounts.duty[:, :, before][traded], CAP_QUANTILE)))
    out, changed = duty.copy(), []
    for importer, code in enumerate(regions):
        rates = duty[importer, :, food]
        if rates.max() <= cap:
            continue
        limit = np.full(len(regions), cap)
        if code in old.regions and code != REST:
            row = accounts.duty[old.regions.index(code), :, before]
            rest = row[old.regions.index(REST)]
            limit = np.minimum(cap, [row[old.regions.index(name)] if name in old.regions else rest for name in regions])
        out[importer, :, food] = np.minimum(rates, limit)
        changed.append(importer)
    _join_union(out[:, :, food], flows[:, :, food], regions)
    cells = []
    for importer in changed:
        rates, new = duty[importer, :, food], out[importer, :, food]
        trade = np.where(np.arange(len(regions)) == importer, 0.0, flows[importer, :, food])
        cells.append(
            {
                "importer": regions[importer], "exporters": int((new < rates).sum()), "highest": digits(rates.max()),
                "before": digits(trade @ rates / trade.sum()), "after": digits(trade @ new / trade.sum()),
            }
        )  # fmt: skip
    moved = float((flows * (duty - out)).sum())
    rule = (
        f"food duties: an importer with one above {cap:.1%} (the 95th percentile of 2014) takes the lower of its "
        f"duties of 2021 and 2014 where it had a table in 2014, and none keeps more than {cap:.1%}; members of the "
        "European Union share the mean of their duties on each exporter, weighted by trade"
    )
    why = "simple averages over lines count duties on tobacco, spirits and out-of-quota farm goods like all others"
    return out, Repair(rule, why, moved, tuple(cells))


def _join_union(duty: Array, flows: Array, regions: Sequence[str]) -> None:
    """One duty [importer, exporter] of the European Union on each outsider, in place: the members' mean by trade."""
    members = np.array([code in GROUPS["eu27"].members for code in regions])
    inside = np.flatnonzero(members)
    for exporter in np.flatnonzero(~members):
        trade = flows[inside, exporter] + CRUMB
        duty[inside, exporter] = trade @ duty[inside, exporter] / trade.sum()


def differences(
    duty: Array, flows: Array, regions: Sequence[str], sectors: Sequence[str], old: World
) -> list[dict[str, Any]]:
    """Importers × goods whose average duty differs from that of 2014 by more than five points, largest first.

    Both averages are weighted by the flows of 2022 and taken over the exporters listed in both worlds.
    """
    common = [code for code in regions if code in old.regions and code != REST]
    new = [list(regions).index(code) for code in common]
    past = [old.regions.index(code) for code in common]
    out = []
    for number, sector in enumerate(sectors):
        trade = flows[np.ix_(new, new, [number])][:, :, 0]
        trade = trade * ~np.eye(len(common), dtype=bool)
        weight = trade.sum(axis=1)
        now = (trade * duty[np.ix_(new, new, [number])][:, :, 0]).sum(axis=1) / weight
        then = (trade * old.accounts.duty[np.ix_(past, past, [old.sectors.index(parent(sector))])][:, :, 0]).sum(axis=1)
        then = then / weight
        out += [
            {"importer": common[row], "sector": sector, "2021": digits(now[row]), "2014": digits(then[row]),
             "trade": digits(weight[row])}
            for row in np.flatnonzero(np.abs(now - then) > DIFFERENCE)
        ]  # fmt: skip
    return sorted(out, key=lambda item: -abs(item["2021"] - item["2014"]))
