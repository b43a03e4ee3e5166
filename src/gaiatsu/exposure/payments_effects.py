"""Costly payments solved: over the band of the cost, and beside the falls of trade that were observed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gaiatsu.errors import GaiatsuError, ScenarioError
from gaiatsu.exposure.payments import deflection, level_named, observed, volumes
from gaiatsu.scenario.measures import Measure
from gaiatsu.scenario.pressure import PaymentCosts

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

ENDS = ("low", "central", "high")
COALITION = ("g7", "eu27")


def _solved(outcome: Outcome, cases: Sequence[Sequence[Measure]]) -> list[Outcome | GaiatsuError]:
    """Other measures on the terms of an outcome, in one batch."""
    from gaiatsu.trade.solve import solve_many

    return solve_many(
        outcome.world, cases, horizon=outcome.horizon or "long", closure=outcome.closure,
        elasticities=outcome.elasticities, residual_supply=outcome.terms.residual_supply, errors="return",
    )  # fmt: skip


def band(outcome: Outcome) -> tuple[dict[str, Outcome], dict[str, str]]:
    """The outcome with each payment cost at the low end, the centre and the high end of its level.

    A cost given as a number stays; where all are, there is the centre alone. The second part: ends without an
    equilibrium, with the reason.
    """
    if not any(isinstance(item, PaymentCosts) and item.level for item in outcome.measures):
        return {"central": outcome}, {}
    cases = {end: tuple(_at(item, end) for item in outcome.measures) for end in ENDS}
    found = dict(zip(cases, _solved(outcome, list(cases.values())), strict=True))
    failed = {end: str(item) for end, item in found.items() if isinstance(item, GaiatsuError)}
    return {end: item for end, item in found.items() if not isinstance(item, GaiatsuError)}, failed


def cost_alone(outcome: Outcome) -> Outcome | GaiatsuError:
    """The outcome without withdrawn money: what the cost of paying does by itself (and the other measures)."""
    kept = [
        dataclasses.replace(item, financing=0.0) if isinstance(item, PaymentCosts) else item
        for item in outcome.measures
    ]
    return _solved(outcome, [kept])[0]


def _at(measure: Measure, end: str) -> Measure:
    if not isinstance(measure, PaymentCosts) or measure.level is None:
        return measure
    return dataclasses.replace(measure, level=None, cost=float(getattr(level_named(measure.level), end)))


def band_table(solved: dict[str, Outcome], regions: Sequence[str]) -> pd.DataFrame:
    """Real income in percent, region by end of the band."""
    return pd.DataFrame({end: item.real_income[list(regions)] for end, item in solved.items()}).rename_axis("region")


def beside_observed(outcome: Outcome, target: str) -> pd.DataFrame:
    """Trade predicted by the measure that comes nearest to what was done to a target, beside what was observed.

    Each cost at its low end, centre and high end, on the terms of the outcome; predicted changes are of volume at the
    producers' prices of the baseline, percent, observed ones of value. Columns: what, quantity, window, level,
    predicted, low (the largest fall), high, observed, observed_is, covered, source, why_not_the_same. Empty
    where nothing is on record for this target or the coalition has no member in the world.
    """
    world = outcome.world
    rows = observed()
    rows = rows[rows["target"] == target]
    partners = _partners(world, target)
    if rows.empty or not partners:
        return pd.DataFrame()
    wanted = sorted({(row.by, row.level, end) for row in rows.itertuples() for end in ENDS})
    cases = [
        [PaymentCosts(by=partners[by], on=target, cost=float(getattr(level_named(level), end)))]
        for by, level, end in wanted
    ]
    solved = dict(zip(wanted, _solved(outcome, cases), strict=True))
    out = []
    for row in rows.itertuples():
        found = [solved[row.by, row.level, end] for end in ENDS]
        if any(isinstance(item, GaiatsuError) for item in found):
            continue
        least, central, most = (
            _change(item, row.quantity, partners["coalition"], target)
            for item in found
            if not isinstance(item, GaiatsuError)
        )
        out.append({
            "what": row.what, "quantity": row.quantity, "window": row.window, "level": row.level,
            "predicted": central, "low": min(least, most), "high": max(least, most),
            "observed": float(row.observed_percent), "observed_is": row.observed_is,
            "covered": min(least, most) <= row.observed_percent <= max(least, most),
            "source": row.source, "why_not_the_same": row.why_not_the_same,
        })  # fmt: skip
    return pd.DataFrame(out)


def _partners(world: World, target: str) -> dict[str, tuple[str, ...]]:
    """Codes of the coalition, of the others, and of all but the target; nothing where a side has no member."""
    try:
        allies = world.region_indices(COALITION)
    except ScenarioError:
        return {}
    own = world.region_indices(target)
    allies = np.setdiff1d(allies, own)
    every = np.setdiff1d(np.arange(len(world.regions)), own)
    others = np.setdiff1d(every, allies)
    if not len(allies) or not len(others):
        return {}
    groups = {"coalition": allies, "others": others, "all": every}
    return {name: tuple(world.regions[n] for n in found) for name, found in groups.items()}


def _change(outcome: Outcome, quantity: str, coalition: tuple[str, ...], target: str) -> float:
    """Percent change of volume of the target's exports, imports or trade, with everybody or with the coalition."""
    if quantity.endswith("the coalition"):
        table = deflection(outcome, coalition, target)
        row = table.loc["exports" if quantity.startswith("exports") else "imports"]
        return 100 * float(row["change"] / row["before"])
    own = outcome.world.region_indices(target)
    rest = np.setdiff1d(np.arange(len(outcome.world.regions)), own)
    before, after = (table.sum(axis=2) for table in volumes(outcome))
    cells = {"exports": [np.ix_(rest, own)], "imports": [np.ix_(own, rest)]}
    chosen = cells.get(quantity, [*cells["exports"], *cells["imports"]])
    return 100 * float(sum(after[cell].sum() for cell in chosen) / sum(before[cell].sum() for cell in chosen) - 1)
