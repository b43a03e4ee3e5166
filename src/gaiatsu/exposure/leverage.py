"""Who holds leverage over whom: what closing a border costs the other side, and what it costs the one who closes.

The border is closed in the engine and the world solved again (model page, "Exposure and leverage"). Losses are
percentages of real income, positive where real income falls; they can be negative, because with duties in force a
closed border may move trade towards cheaper suppliers (second best). They are never clipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.scenario.measures import SIDES, Embargo, Names
from gaiatsu.trade.horizon import PARAMETERS
from gaiatsu.trade.horizon import horizon as horizon_elasticities
from gaiatsu.trade.solution import Outcome, unknown_name
from gaiatsu.trade.solve import solve_many

if TYPE_CHECKING:
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

HORIZONS = tuple(PARAMETERS)
NOTHING = 1e-4  # percent of real income: smaller losses are within the solver's tolerance of none
CLOSURE = "proportional"  # a fixed transfer may be more than a cut-off region can pay


@dataclass(frozen=True, eq=False, kw_only=True)
class Leverage:
    """A closed border between two sides, at several horizons.

    by, on: positions of the regions of each side; outcomes: by (side, horizon), where `exports` means that `by` stops
    selling, `imports` that it stops buying, `both` that the border is shut; refused: why an equilibrium is missing.
    """

    world: World
    by: tuple[int, ...]
    on: tuple[int, ...]
    sectors: Names
    outcomes: Mapping[tuple[str, str], Outcome] = field(repr=False)
    refused: Mapping[tuple[str, str], str]

    @property
    def table(self) -> pd.DataFrame:
        """By side and horizon: loss of `on` and cost to `by`, percent of real income and US$ million a year.

        Missing numbers are those that were refused.
        """
        rows = []
        for key in [*self.outcomes, *self.refused]:
            outcome = self.outcomes.get(key)
            missing = (np.nan, np.nan)
            loss, cost = (loss_of(outcome, side) if outcome else missing for side in (self.on, self.by))
            rows.append((*key, loss[0], cost[0], loss[1], cost[1]))
        frame = pd.DataFrame(rows, columns=["side", "horizon", *COLUMNS])
        order = [(side, name) for side in SIDES for name in HORIZONS]
        frame["order"] = [order.index((side, name)) for side, name in zip(frame.side, frame.horizon, strict=True)]
        return frame.sort_values("order").drop(columns="order").set_index(["side", "horizon"])

    def members(self, side: str, horizon: str) -> pd.Series:
        """Loss of each region of both sides, percent of real income."""
        outcome = self.outcomes[side, horizon]
        places = [*self.by, *self.on]
        codes = pd.Index([self.world.regions[place] for place in places], name="region")
        return pd.Series(-100 * outcome.real_income_change[places], index=codes, name="loss_percent")


COLUMNS = ("loss_percent", "cost_percent", "loss_usd_million", "cost_usd_million")


def loss_of(outcome: Outcome, places: Sequence[int]) -> tuple[float, float]:
    """Fall of the real income of several regions together, percent and US$ million a year."""
    income = outcome.accounts.income[list(places)]
    money = -float((income * outcome.real_income_change[list(places)]).sum())
    return 100 * money / float(income.sum()), money


def sides_of(world: World, by: Names, on: Names) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions of the regions on both sides. Raises ScenarioError when a region stands on both."""
    first, second = (tuple(int(place) for place in world.region_indices(words)) for words in (by, on))
    both = [world.regions[place] for place in first if place in second]
    if both:
        raise ScenarioError(
            f"{', '.join(both)} cannot close a border to itself: leave it out on one side (groups may be spelled out, "
            "such as USA,JPN,IND)"
        )
    return first, second


def leverage(
    world: World,
    by: Names,
    on: Names,
    *,
    sectors: Names = "all",
    sides: Sequence[str] = SIDES,
    horizons: Sequence[str] = HORIZONS,
    elasticities: Mapping[str, Elasticities] | None = None,
    residual_supply: float = 0.0,
) -> Leverage:
    """What it costs `on`, and `by`, when `by` closes its border to `on`; regions or groups, one batch per horizon.

    sides: of exports (by stops selling), imports (by stops buying), both; elasticities: by horizon, in place of the
    default. An equilibrium that does not exist stands in `refused` (no other supplier). Raises ScenarioError.
    """
    first, second = sides_of(world, by, on)
    check_words(sides, horizons)
    world.sector_indices(sectors)
    outcomes: dict[tuple[str, str], Outcome] = {}
    refused: dict[tuple[str, str], str] = {}
    for name in horizons:
        closed = [(Embargo(by=by, on=on, sectors=sectors, side=side),) for side in sides]
        chosen = (elasticities or {}).get(name) or horizon_elasticities(name, world)
        found = solve_many(
            world, closed, horizon=name, closure=CLOSURE, elasticities=chosen, residual_supply=residual_supply,
            errors="return",
        )  # fmt: skip
        for side, outcome in zip(sides, found, strict=True):
            if isinstance(outcome, Outcome):
                outcomes[side, name] = outcome
            elif isinstance(outcome, ConvergenceError):
                refused[side, name] = str(outcome)
            else:
                raise outcome
    return Leverage(world=world, by=first, on=second, sectors=sectors, outcomes=outcomes, refused=refused)


def check_words(sides: Sequence[str], horizons: Sequence[str]) -> None:
    """Raise ScenarioError for a side or a horizon that does not exist, with the nearest."""
    for side in sides:
        if side not in SIDES:
            raise unknown_name("side", side, SIDES)
    for name in horizons:
        if name not in HORIZONS:
            raise unknown_name("horizon", name, HORIZONS)


def by_sector(
    world: World, by: Names, on: Names, *, side: str = "exports", horizon: str = "short", sectors: Names = "all",
    elasticities: Elasticities | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Each sector's border closed by itself: loss of `on` and cost to `by`, by sector, the largest loss first.

    A refused sector (no other supplier) has missing numbers and its reason in the column `refused`.
    """
    first, second = sides_of(world, by, on)
    check_words([side], [horizon])
    codes = [world.sectors[place] for place in world.sector_indices(sectors)]
    closed = [(Embargo(by=by, on=on, sectors=code, side=side),) for code in codes]
    found = solve_many(
        world, closed, horizon=horizon, closure=CLOSURE, elasticities=elasticities, errors="return"
    )  # fmt: skip
    rows = []
    for code, outcome in zip(codes, found, strict=True):
        if isinstance(outcome, Outcome):
            loss, cost = loss_of(outcome, second), loss_of(outcome, first)
            rows.append((code, loss[0], cost[0], loss[1], cost[1], ""))
        elif isinstance(outcome, ConvergenceError):
            rows.append((code, np.nan, np.nan, np.nan, np.nan, str(outcome)))
        else:
            raise outcome
    frame = pd.DataFrame(rows, columns=["sector", *COLUMNS, "refused"]).set_index("sector")
    return frame.sort_values("loss_percent", ascending=False, kind="stable")


def symmetry(loss: float, cost: float) -> float:
    """How evenly a closed border hurts: 1 where both sides lose the same share of income, towards 0 where one does.

    min / max of the two losses, in percent; not a number where a side gains (then no side holds the other by a loss)
    or where neither loses anything measurable.
    """
    low, high = sorted((loss, cost))
    return low / high if low >= 0 and high > NOTHING else float("nan")
