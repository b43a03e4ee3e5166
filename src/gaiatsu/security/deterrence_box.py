"""Deterrence over all that is not known of it: a box of parameters, its corners, and what holds in how much of it.

Nothing identifies the weight of an ally's effort, the decisiveness of effort or the attacker's cost over prize; the
defaults are assumptions (docs/deterrence.md says why these). The box is filled by a stored Sobol sequence, so that the
same question gives the same numbers: decisiveness in equal ratios, because 1/2 is as far from 1 as 2, the rest in equal
steps. A share of the box is no probability.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib import resources

import numpy as np
import pandas as pd

from gaiatsu.errors import DataError
from gaiatsu.security.capabilities import Spending
from gaiatsu.security.deterrence import price_of_reliability, required_reliability, smallest_effort
from gaiatsu.security.deterrence_ends import extremes
from gaiatsu.world.points import sobol_points

Array = np.ndarray
Ends = tuple[float, float]

ALLY_WEIGHT: Ends = (0.1, 0.5)
DECISIVENESS: Ends = (0.5, 2.0)
COST_RATIO: Ends = (0.4, 0.8)
PARAMETERS = ("ally_weight", "decisiveness", "cost_ratio")
DEFAULTS = dict(zip(PARAMETERS, (ALLY_WEIGHT, DECISIVENESS, COST_RATIO), strict=True))
WON_SINCE_1945 = 1 / 3  # of wars by who began them: below COST_RATIO (docs/deterrence.md)
FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0)  # of the attacker's effort: what its figure may count for (docs/deterrence.md)
EDGE, FINE = 17, 65  # values of decisiveness along an edge, in which alone the smallest effort need not be monotone,
# and between neighbours of the best of them


@dataclass(frozen=True)
class Spread:
    """Of values over the box: quartiles of the points inside; the ends are those of the whole box."""

    low: float
    first_quartile: float
    median: float
    third_quartile: float
    high: float


@dataclass(frozen=True)
class Box:
    """What the contest is between: low and high end of each. Efforts of both sides are in one unit, here US$ bn."""

    attacker: Ends
    ally: Ends
    ally_weight: Ends = ALLY_WEIGHT
    decisiveness: Ends = DECISIVENESS
    cost_ratio: Ends = COST_RATIO

    def __post_init__(self) -> None:
        for name, (low, high) in self.ends.items():
            if not 0 <= low <= high < float("inf") or (name == "decisiveness" and low == 0):
                least = "above 0" if name == "decisiveness" else "0 or more"
                raise DataError(f"the range of {name} is {low:g} to {high:g}; it must rise, from {least}")

    @property
    def ends(self) -> dict[str, Ends]:
        """The range of each parameter, by name."""
        names = ("attacker", "ally", *PARAMETERS)
        return {name: getattr(self, name) for name in names}

    @property
    def free(self) -> tuple[str, ...]:
        """The names of what has a range."""
        return tuple(name for name, (low, high) in self.ends.items() if low < high)

    @cached_property
    def inside(self) -> dict[str, Array]:
        """Points that fill the box: name → [point]."""
        points = sobol_points()
        out = {}
        for column, (name, (low, high)) in enumerate(self.ends.items()):
            at = points[:, column]
            out[name] = low * (high / low) ** at if name == "decisiveness" else low + (high - low) * at
        return out

    @cached_property
    def edges(self) -> dict[str, Array]:
        """The corners, and points along the edges in decisiveness: name → [point]."""
        values = {name: sorted(set(ends)) for name, ends in self.ends.items()}
        values["decisiveness"] = list(steps_of("decisiveness", self.decisiveness, EDGE))
        corners = np.array(list(itertools.product(*values.values())))
        return {name: corners[:, column] for column, name in enumerate(values)}

    def smallest_effort(self, reliability: float) -> tuple[Array, Array]:
        """D_min at the points inside, and its ends, in the unit of the efforts."""
        return smallest_effort(reliability, **self.inside), self._ends(lambda at: smallest_effort(reliability, **at))

    def required(self, own: float) -> tuple[Array, Array]:
        """r* at own effort inside, and its ends; below 0 and above 1 as required_reliability gives it."""
        return required_reliability(own=own, **self.inside), self._ends(lambda at: required_reliability(own=own, **at))

    def price(self, reliability: float) -> tuple[Array, Array]:
        """What a percentage point of reliability is worth in own effort, inside, and its ends."""
        return _price(self, reliability)

    def fall(self, before: float, after: float) -> tuple[Array, Array]:
        """Own effort that makes good a fall of reliability, inside, and its ends."""

        def more(at: Mapping[str, Array]) -> Array:
            return smallest_effort(after, **at) - smallest_effort(before, **at)

        return more(self.inside), extremes(more, self.ends, (before, after))

    def _ends(self, value: Callable[[Mapping[str, Array]], Array]) -> Array:
        """Of a function that is monotone in all but decisiveness: at the corners, along the edges, and between."""
        at, found = self.edges, value(self.edges)
        out = [found]
        steps = steps_of("decisiveness", self.decisiveness, EDGE)
        for place in {int(found.argmin()), int(found.argmax())} if len(steps) > 1 else ():
            ratio = steps[1] / steps[0]
            low, high = np.clip(at["decisiveness"][place] * np.array([1 / ratio, ratio]), *self.decisiveness)
            fixed = {name: np.full(FINE, values[place]) for name, values in at.items()}
            out.append(value({**fixed, "decisiveness": np.geomspace(low, high, FINE)}))
        return np.concatenate(out)


@lru_cache(maxsize=64)
def _price(box: Box, reliability: float) -> tuple[Array, Array]:
    def point(at: Mapping[str, Array]) -> Array:
        return price_of_reliability(reliability, **at)

    return point(box.inside), extremes(point, box.ends, (reliability,))


def spread(values: tuple[Array, Array]) -> Spread:
    """Of values inside and at the edges of a box."""
    inside, edges = values
    shares = [0.25, 0.5, 0.75]
    quartiles = (  # infinite ones cannot be averaged
        np.quantile(inside, shares) if np.isfinite(inside).all() else np.quantile(inside, shares, method="nearest")
    )
    both = np.concatenate([inside, edges])
    first, median, third = (float(value) for value in quartiles)
    return Spread(float(both.min()), first, median, third, float(both.max()))


def share(inside: Array) -> float:
    """Share of the box in which something holds, of the points inside."""
    return float(np.mean(inside))


@dataclass(frozen=True, eq=False)
class Situation:
    """A question with its figures.

    attacker, defender, ally: ISO3 codes; year: of the figures used; spending: where they are from; own: what the
    defender spends; gdp: the defender's, NaN where not known; gdp_of: what that is; budgets: own efforts to place, by
    name, US$ bn; given: names of the efforts and parameters that the scenario sets, and `year`; reliability: from high
    to low.
    """

    attacker: tuple[str, ...]
    defender: str
    ally: tuple[str, ...]
    year: int | None
    spending: Spending
    box: Box
    own: float
    gdp: float
    gdp_of: str
    budgets: Mapping[str, float]
    given: frozenset[str]
    reliability: tuple[float, ...]
    fall: tuple[float, float]

    @property
    def over_defaults(self) -> Box | None:
        """The box with the default ranges in place of those that the scenario sets; None where it sets none."""
        narrowed = {name: ends for name, ends in DEFAULTS.items() if self.box.ends[name] != ends}
        return replace(self.box, **narrowed) if narrowed else None


def priors() -> pd.DataFrame:
    """How often commitments were honoured in war: reliability, what was counted, period, and who found it.

    band: `all` for alliances of all kinds, `low` for defence pacts and for the time after 1945.
    """
    return _priors().copy()


@cache
def _priors() -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", "reliability_priors.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def prior_values() -> tuple[float, ...]:
    """The reliabilities of the priors, from high to low."""
    return tuple(sorted({float(value) for value in _priors()["reliability"]}, reverse=True))


def bands() -> dict[str, Ends]:
    """The ends of the bands of priors, by name."""
    groups = _priors().groupby("band", sort=False)["reliability"]
    return {str(name): (float(values.min()), float(values.max())) for name, values in groups}


def steps_of(name: str, ends: Ends, steps: int) -> Array:
    """Values from one end of a parameter's range to the other; of decisiveness in equal ratios."""
    if ends[0] == ends[1]:
        return np.array(ends[:1])
    return np.geomspace(*ends, steps) if name == "decisiveness" else np.linspace(*ends, steps)


def surface(box: Box, reliability: Sequence[float], steps: int = 3) -> pd.DataFrame:
    """D_min on a grid over the box: a row for each of `steps` values of each parameter and of the attacker's effort.

    The attacker's effort is the ends of its range times FACTORS; the ally's is the middle of its range.
    """
    axes = {
        "attacker": np.array(sorted({factor * end for factor in FACTORS for end in box.attacker})),
        **{name: steps_of(name, ends, steps) for name, ends in box.ends.items() if name in PARAMETERS},
        "reliability": np.array(reliability),
    }
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
    ally = sum(box.ally) / 2
    found = smallest_effort(**grid, ally=ally)
    return pd.DataFrame({**{name: table.ravel() for name, table in grid.items()}, "smallest_effort": found.ravel()})
