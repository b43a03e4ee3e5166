"""How a cut of a critical input arrives: stocks first, then other suppliers; and what a stockpile is worth.

Quantities are shares of the user's normal use in the same span of time, so that a week's use is 1 and a stock is
counted in weeks. All paths are weekly; the first entry is the first week of the cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ScenarioError

Array = NDArray[np.float64]

RAMP = 156  # weeks until spare capacity is all there: three years, as outside China after 2010
HORIZON_WEEKS = {"impact": 13, "short": 52, "medium": 156, "long": 520}  # how long a cut has lasted at a horizon
WEEKS_A_YEAR = 52


def fill_path(spare: float, supply_ratio: float, weeks: int) -> Array:
    """[week] what others supply in addition, as a share of normal use: spare · supply_ratio, evenly over RAMP weeks.

    spare: what can come on, as a share of the world's use; supply_ratio: the world's use over the user's normal use,
    times the part of what comes on that goes to the user.
    """
    if spare < 0 or supply_ratio < 0:
        raise ScenarioError(f"spare capacity {spare!r} and supply {supply_ratio!r} cannot be below zero")
    return spare * supply_ratio * np.minimum(np.arange(1, weeks + 1) / RAMP, 1.0)


def shortfall_path(gap: float, fill: ArrayLike, stock_weeks: float) -> Array:
    """[week] shortfall x that users feel: nothing while stocks last, then what others do not fill.

    gap: share of normal use that is cut, 0 to 1; fill: [week] what others add; stock_weeks: weeks of normal use in
    stock. Raises ScenarioError for numbers outside these limits.
    """
    if not 0 <= gap <= 1:
        raise ScenarioError(f"the gap is {gap!r}; it must lie between 0 and 1")
    if not stock_weeks >= 0:
        raise ScenarioError(f"stock_weeks is {stock_weeks!r}; it must be 0 or more")
    missing = np.maximum(gap - np.asarray(fill, dtype=float), 0.0)
    drawn = np.minimum(np.cumsum(missing), stock_weeks)
    return np.maximum(missing - np.diff(drawn, prepend=0.0), 0.0)


def weeks_covered(gap: float, fill: ArrayLike, stock_weeks: float) -> int:
    """Whole weeks without any shortfall, at most as many as there are in `fill`."""
    felt = shortfall_path(gap, fill, stock_weeks) > 1e-12
    return int(np.argmax(felt)) if felt.any() else len(felt)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stockpile:
    """What a stockpile saves over a cut of given length, by its size.

    size: [size] weeks of normal use, in addition to what is held; saved: [size] US$ million over the whole cut;
    cost: [size] US$ million a year of holding it.
    """

    size: Array
    saved: Array
    cost: Array

    def break_even(self, probability: float) -> float:
        """The largest size, in weeks, whose cost a year is no more than the loss avoided times the chance of a cut.

        probability: of such a cut in a year. Infinity where even the largest size tried pays; 0 where none does.
        """
        pays = probability * self.saved >= self.cost
        pays[0] = True  # no stock costs nothing and saves nothing
        if pays[-1]:
            return float("inf")
        last = int(np.flatnonzero(pays)[-1])
        left = probability * self.saved[last : last + 2] - self.cost[last : last + 2]
        step = left[0] / (left[0] - left[1])
        return float(self.size[last] + step * (self.size[last + 1] - self.size[last]))

    def best(self, probability: float) -> float:
        """The size, in weeks, at which expected loss avoided less cost is largest."""
        return float(self.size[int(np.argmax(probability * self.saved - self.cost))])

    def needed_probability(self) -> Array:
        """[size] the chance of a cut in a year from which a size pays; above 1 it never does. NaN-free: 0 at size 0."""
        out = np.full(len(self.size), np.inf)
        np.divide(self.cost, self.saved, out=out, where=self.saved > 0)
        out[0] = 0.0
        return out


def stockpile(
    loss: Callable[[Array], Array], *, gap: float, fill: ArrayLike, held: float, weeks: int, value: float,
    carrying_cost: float, largest: float | None = None, sizes: int = 53,
) -> Stockpile:  # fmt: skip
    """What stockpiles of different sizes save over a cut of `weeks`, and cost.

    loss: [week] shortfalls to [week] US$ million lost; held: weeks already in stock; value: US$ million of a year's
    normal use; carrying_cost: share of a stock's value that holding it costs a year. largest: the largest size tried,
    by default what covers the whole cut.
    """
    path = np.asarray(fill, dtype=float)[:weeks]
    if len(path) < weeks:
        raise ScenarioError(f"fill has {len(path)} weeks; a cut of {weeks} needs as many")
    missing = float(np.maximum(gap - path, 0.0).sum())
    largest = max(missing - held, 0.0) if largest is None else largest
    size = np.linspace(0.0, max(largest, 1e-9), sizes)
    lost = np.array([float(loss(shortfall_path(gap, path, held + extra)).sum()) for extra in size])
    return Stockpile(size=size, saved=lost[0] - lost, cost=carrying_cost * value * size / WEEKS_A_YEAR)
