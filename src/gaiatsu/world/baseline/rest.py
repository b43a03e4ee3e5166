"""Duties of and on the rest of the world, which the source leaves out, borrowed by a rule compared with others.

What an economy charges the rest of the world: its mean duty of 2021, sector by sector, on the economies that have no
table of their own in 2014, since these made up the rest of the world then. What the rest of the world charges: its
duties of 2014.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import digits
from gaiatsu.world.baseline.sectors import parent
from gaiatsu.world.world import World

REST = "ROW"
CHOSEN = "mean over the exporters without a table in 2014"

# [exporter, sector] duties of one importer, its imports alike, which exporters have no table in 2014 → [sector]
CANDIDATES: dict[str, Callable[[Array, Array, Array], Array]] = {
    CHOSEN: lambda duty, trade, new: duty[new].mean(axis=0),
    "median over the exporters without a table in 2014": lambda duty, trade, new: np.median(duty[new], axis=0),
    "mean over all exporters": lambda duty, trade, new: duty.mean(axis=0),
    "median over all exporters": lambda duty, trade, new: np.median(duty, axis=0),
    "90th percentile over all exporters": lambda duty, trade, new: np.quantile(duty, 0.9, axis=0),
    "mean over all exporters, weighted by trade": lambda duty, trade, new: _mean(duty, trade),
}


def as_importer(regions: Sequence[str], sectors: Sequence[str], old: World) -> Array:
    """[exporter, sector] what the rest of the world charges: its duties of 2014.

    sectors: the goods of 2022. Exporters that were not listed in 2014 pay the mean of then, weighted by trade.
    """
    rest, of_2014 = old.regions.index(REST), [old.sectors.index(parent(code)) for code in sectors]
    rates, trade = _of_2014(old, sectors)[rest], old.accounts.flows[rest][:, of_2014]
    abroad = np.arange(len(old.regions)) != rest
    general = _mean(rates[abroad], trade[abroad])
    out = np.array([rates[old.regions.index(code)] if code in old.regions else general for code in regions])
    out[list(regions).index(REST)] = 0.0
    return out


def as_exporter(
    duty: Array, flows: Array, regions: Sequence[str], sectors: Sequence[str], old: World
) -> tuple[Array, dict[str, Any]]:
    """Duties [importer, exporter, sector] with those on the rest of the world, and what they are, as plain data.

    sectors: the goods, which come first in the arrays; `compared`: how far each rule is from known duties, see
    `errors`; means are weighted by trade.
    """
    goods, rest = len(sectors), list(regions).index(REST)
    out = duty.copy()
    for importer in range(len(regions)):
        if importer != rest:
            others, new = _exporters(regions, old, importer)
            rates, trade = duty[importer, others, :goods], flows[importer, others, :goods]
            out[importer, rest, :goods] = CANDIDATES[CHOSEN](rates, trade, new)
    abroad = flows[:, :, :goods] * ~np.eye(len(regions), dtype=bool)[:, :, None]
    paid = abroad * out[:, :, :goods]
    facts = {
        "rule_as_exporter": f"duties of 2021 of each importer: {CHOSEN}",
        "rule_as_importer": "its duties of 2014; on exporters not listed then their mean, weighted by trade",
        "mean_as_exporter": digits(paid[:, rest].sum() / abroad[:, rest].sum()),
        "mean_as_importer": digits(paid[rest].sum() / abroad[rest].sum()),
        "compared": errors(duty, flows, regions, sectors, old),
    }
    return out, facts


def errors(
    duty: Array, flows: Array, regions: Sequence[str], sectors: Sequence[str], old: World
) -> list[dict[str, Any]]:
    """How far each rule is from duties that are known: mean absolute error in points, plain and weighted by trade.

    rest_2014: from what the importers with a table in 2014 charged the rest of the world then. left_out: from what all
    importers charge each exporter without a table in 2014, estimated without that exporter.
    """
    measured: dict[str, tuple[list[Array], list[Array]]] = {rule: ([], []) for rule in CANDIDATES}
    weights: tuple[list[Array], list[Array]] = ([], [])
    goods, rest = len(sectors), list(regions).index(REST)
    for importer, code in enumerate(regions):
        others, new = _exporters(regions, old, importer)
        if importer == rest:
            continue
        rates, trade = duty[importer, others, :goods], flows[importer, others, :goods]
        targets = [(1, rates[x], trade[x], np.arange(len(others)) != x) for x in np.flatnonzero(new)]
        if code in old.regions:
            then = _of_2014(old, sectors)[old.regions.index(code), old.regions.index(REST)]
            targets.append((0, then, flows[importer, rest, :goods], np.ones(len(others), dtype=bool)))
        for test, known, weight, used in targets:
            weights[test].append(weight)
            for rule, estimate in CANDIDATES.items():
                measured[rule][test].append(np.abs(estimate(rates[used], trade[used], new[used]) - known))
    return [
        {
            "rule": rule,
            "rest_2014": digits(float(np.mean(found[0]))), "left_out": digits(float(np.mean(found[1]))),
            "rest_2014_weighted": digits(float(np.average(found[0], weights=weights[0]))),
            "left_out_weighted": digits(float(np.average(found[1], weights=weights[1]))),
        }
        for rule, found in measured.items()
    ]  # fmt: skip


def _exporters(regions: Sequence[str], old: World, importer: int) -> tuple[Array, Array]:
    """Positions of the listed exporters other than the importer, and which of them have no table in 2014."""
    others = np.array([n for n, code in enumerate(regions) if n != importer and code != REST])
    return others, np.array([regions[n] not in old.regions for n in others])


def _of_2014(old: World, sectors: Sequence[str]) -> Array:
    """[importer, exporter, sector of 2022] duties of 2014."""
    return old.accounts.duty[:, :, [old.sectors.index(parent(code)) for code in sectors]]


def _mean(duty: Array, trade: Array) -> Array:
    """[sector] mean over exporters weighted by trade, the plain mean where there is no trade."""
    total = trade.sum(axis=0)
    return np.divide((duty * trade).sum(axis=0), total, out=duty.mean(axis=0), where=total > 0)
