"""Paying for protection in market access: own outlays or duties accepted, which is cheaper for a given deterrence.

The ally's reliability falls to r. A defender with own effort D then lacks E(r) = max{0, D_min(r) − D} a year
(`gaiatsu.security.deterrence`), or it accepts a duty t of its protector, which costs the share L(t) of its GDP (the
trade engine) and buys reliability. A dollar of outlays costs κ dollars of other uses: one, what the engine adds by
prices, less the multiplier. A duty is the cheaper way if it buys at least Δ(t) points, where arming saves as much:

    κ [E(r) − E(r + Δ)] = L(t) GDP,   so that   r + Δ = r*(D + E(r) − L(t) GDP / κ),

with r* the required reliability in closed form. Nobody has measured what duties buy, so that the break-even Δ(t), which
does not need to know, is the result; the cheapest mix is given over the whole range of what they may buy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator

from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.security.deterrence import required_reliability, smallest_effort
from gaiatsu.world.points import sobol_points

if TYPE_CHECKING:
    from gaiatsu.scenario.outlays import Outlays
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World

Array = np.ndarray

POINTS = 1024  # of the sequence that fills the box: all there are
FINE = 201  # duties at which the protector's gain is looked at
STEPS, ZOOMS = 41, 3  # duty levels looked at in the search of the cheapest mix, and how often it narrows
UNIT = 0.01  # share of GDP at which the engine is asked what outlays cost
PER = 0.10  # duty that `bought` refers to: ten points
BOUNDS = {  # of what fills the box, and how it is told
    "ally_weight": (0.0, 1.0), "decisiveness": (0.05, 20.0), "cost_ratio": (0.0, 1.0), "multiplier": (0.0, 1.0),
}  # fmt: skip
OPEN = {"cost_ratio": 0, "multiplier": 1}  # the end that is not allowed itself


@dataclass(frozen=True)
class Efforts:
    """What attacker, defender and protector spend a year, and the defender's GDP of that year, all in US$ billion."""

    attacker: float
    own: float
    ally: float
    gdp: float

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not (np.isfinite(value) and value >= 0 and (value > 0 or item.name in ("own", "ally"))):
                raise DataError(
                    f"effort: {item.name} is {value!r}; it must be finite and above 0 (own and ally may be 0)"
                )


@dataclass(frozen=True, eq=False)
class Box:
    """Points that fill the ranges of what is not identified, each [draw].

    ally_weight: θ; decisiveness: m; cost_ratio: c/B; multiplier: dollars of GDP that a dollar of outlays adds; place:
    from 0 (least) to 1 (most) in the range of the loss by duties.
    """

    ally_weight: Array
    decisiveness: Array
    cost_ratio: Array
    multiplier: Array
    place: Array

    @property
    def contest(self) -> dict[str, Array]:
        """The parameters of the contest by name."""
        return {name: getattr(self, name) for name in ("ally_weight", "decisiveness", "cost_ratio")}


def fill(ranges: Mapping[str, tuple[float, float]], points: int = POINTS) -> Box:
    """The first points of the stored Sobol sequence, 1,024 at most, over the ranges.

    ranges: ally_weight (0 to 1), decisiveness (0.05 to 20), cost_ratio (above 0 to 1) and multiplier (0 to below 1),
    each low and high; equal ends fix a parameter. Raises DataError.
    """
    names = [item.name for item in fields(Box)]
    if set(ranges) | {"place"} != set(names):
        raise DataError(f"ranges are {sorted(ranges)}; give {', '.join(names[:-1])}")
    stored = sobol_points()
    if not 1 <= points <= len(stored):
        raise DataError(f"points is {points}; the stored sequence has 1 to {len(stored)}")
    for name, (low, high) in ranges.items():
        _check_range(name, low, high)
    given = {**ranges, "place": (0.0, 1.0)}
    unit = stored[:points]
    return Box(
        **{name: given[name][0] + unit[:, k] * (given[name][1] - given[name][0]) for k, name in enumerate(names)}
    )


def _check_range(name: str, low: float, high: float) -> None:
    if not (np.isfinite([low, high]).all() and low <= high):
        raise DataError(f"range of {name} is {low!r} to {high!r}: the low end must be finite and not above the high")
    least, most = BOUNDS[name]
    shut = OPEN.get(name)
    if not (least <= low and high <= most) or (shut == 0 and low == least) or (shut == 1 and high == most):
        above, below = ("above " if shut == 0 else "", "below " if shut == 1 else "")
        why = ", or outlays cost nothing" if name == "multiplier" else ""
        raise DataError(
            f"range of {name} is {low:g} to {high:g}; it must lie from {above}{least:g} to {below}{most:g}{why}"
        )


# ----------------------------------------------------------------------------------------------------- what duties do
@dataclass(frozen=True, eq=False)
class DutyEffects:
    """What duties of the protector on the defender's goods do, at levels [level] that rise from 0.

    loss: the defender's loss of real income, gain: the protector's gain, both US$ million a year of the world's year;
    gdp: GDP of defender and protector in the world, US$ million.
    """

    levels: Array
    loss: Array
    gain: Array
    gdp: tuple[float, float]

    @cached_property
    def _curves(self) -> tuple[PchipInterpolator, Akima1DInterpolator]:
        # The gain turns between two levels, which an interpolation that is monotone where they are would never show.
        return PchipInterpolator(self.levels, self.loss), Akima1DInterpolator(self.levels, self.gain, method="makima")

    def at(self, duty: ArrayLike) -> tuple[Array, Array]:
        """Loss and gain, US$ million, between the levels.

        The loss is monotone where the levels are (Fritsch and Carlson 1980), the gain may turn (Akima 1970, modified).
        """
        t = np.asarray(duty, dtype=float)
        if not ((t >= 0) & (t <= self.levels[-1])).all():
            raise DataError(f"a duty lies outside the levels solved, 0 to {self.levels[-1]:g}: give more levels")
        loss, gain = self._curves
        return loss(t), gain(t)

    def share(self, duty: ArrayLike) -> Array:
        """The defender's loss as a share of its GDP."""
        return np.asarray(self.at(duty)[0] / self.gdp[0])

    def best_for_protector(self) -> tuple[float, float]:
        """The duty at which the protector gains most, and that gain; (0, 0) where every duty costs it."""
        best = self._finest(int(np.argmax(self._fine[1])))
        gain = float(self._curves[1](best))
        return (best, gain) if gain > 0 else (0.0, 0.0)

    def harmful_from(self) -> float:
        """The duty from which on the protector loses, up to the highest solved; inf where it gains there."""
        duties, gains = self._fine
        good = np.flatnonzero(gains[1:] >= 0)
        if gains[-1] >= 0:
            return float("inf")
        if not good.size:
            return 0.0
        place = int(good[-1]) + 1
        return float(optimize.brentq(self._curves[1], duties[place], duties[place + 1]))

    @cached_property
    def _fine(self) -> tuple[Array, Array]:
        """Duties, the levels among them, and the gain there."""
        duties = np.unique(np.concatenate([self.levels, np.linspace(0.0, self.levels[-1], FINE)]))
        return duties, self._curves[1](duties)

    def _finest(self, place: int) -> float:
        """The duty of the largest gain next to that of `place`."""
        duties, _ = self._fine
        near = np.linspace(duties[max(place - 1, 0)], duties[min(place + 1, len(duties) - 1)], FINE)
        return float(near[int(np.argmax(self._curves[1](near)))])


def duty_effects(
    world: World, levels: Sequence[float], *, defender: str, protector: str, sectors: Sequence[str] | str = "goods",
    horizon: str = "long", closure: str | None = None, elasticities: Elasticities | None = None,
    outlays: Outlays | None = None,
) -> DutyEffects:  # fmt: skip
    """Solve the duties of `protector` on the goods of `defender`, each added to what is in force.

    levels: above 0, as fractions, in rising order; at 0 nothing changes, without a solve. Nothing else happens in the
    world. outlays: where given, nothing is spent on its mix, so that the program compiled for a run with outlays serves
    here too. Raises ScenarioError, DataError and ConvergenceError.
    """
    from gaiatsu.scenario.measures import Measure, Tariff
    from gaiatsu.scenario.outlays import gdp
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.trade.solve import solve_many

    rates = np.asarray(levels, dtype=float)
    if rates.ndim != 1 or not rates.size or not (np.isfinite(rates).all() and (np.diff([0.0, *rates]) > 0).all()):
        raise ScenarioError(f"levels of duties are {list(levels)!r}; they must be above 0 and rise")
    own, other = (_one(world, word) for word in (defender, protector))
    beside: tuple[Measure, ...] = () if outlays is None else (replace(outlays, share=0.0),)
    shocks = [(Tariff(by=protector, on=defender, sectors=sectors, rate=float(rate)), *beside) for rate in rates]
    solved = solve_many(world, shocks, horizon=horizon, closure=closure, elasticities=elasticities)
    found = [item.real_income_change * item.accounts.income for item in solved if isinstance(item, Outcome)]
    sizes = gdp(world)
    return DutyEffects(
        levels=np.array([0.0, *rates]), loss=np.array([0.0, *(-item[own] for item in found)]),
        gain=np.array([0.0, *(item[other] for item in found)]), gdp=(float(sizes[own]), float(sizes[other])),
    )  # fmt: skip


def outlay_effect(
    world: World, defender: str, *, outlays: Outlays | None = None, horizon: str = "long", closure: str | None = None,
    elasticities: Elasticities | None = None,
) -> float:  # fmt: skip
    """Dollars of real income that a dollar of outlays costs through prices alone (below 0: brings).

    From one solve with outlays of 1 % of GDP, bought as `outlays` says (left out: a defence budget at home). The engine
    counts what is bought as income: what a dollar takes from other uses is one more. Raises as duty_effects.
    """
    from gaiatsu.scenario.outlays import Outlays as Measure
    from gaiatsu.scenario.outlays import gdp
    from gaiatsu.trade.solve import solve

    own = _one(world, defender)
    mix, sellers = (outlays.mix, outlays.sellers) if outlays is not None else ("defence", None)
    measure = Measure(by=defender, share=UNIT, mix=mix, sellers=sellers)
    found = solve(world, [measure], horizon=horizon, closure=closure, elasticities=elasticities)
    change = found.real_income_change[own] * found.accounts.income[own]
    return float(-change / (UNIT * gdp(world)[own]))


def _one(world: World, word: str) -> int:
    places = world.region_indices(word)
    if len(places) != 1:
        raise ScenarioError(f"{word!r} is several regions: name one")
    return int(places[0])


# ------------------------------------------------------------------------------------------------------ what is cheaper
@dataclass(frozen=True, eq=False)
class Costs:
    """What both ways cost: `low` and `high` are the least and the largest loss by duties, price: see outlay_effect."""

    efforts: Efforts
    low: DutyEffects
    high: DutyEffects
    price: float = 0.0

    def of_duty(self, duty: ArrayLike, box: Box) -> Array:
        """[..., draw] US$ billion of the efforts' year; the last axis of `duty` is that of the draws, or 1."""
        low, high = self.low.share(duty), self.high.share(duty)
        return np.asarray(self.efforts.gdp * (low + box.place * (high - low)))

    def per_dollar(self, box: Box) -> Array:
        """[draw] κ: dollars of other uses that a dollar of own outlays takes."""
        found = np.asarray(1.0 + self.price - box.multiplier)
        if not (found > 0).all():
            raise DataError(f"outlays would cost {found.min():.3g} a dollar: lower the high end of the multiplier")
        return found

    def lacking(self, reliability: ArrayLike, box: Box) -> Array:
        """[..., draw] E: own effort lacking beside today's, US$ billion; reliability: [..., draw], or a number."""
        needed = smallest_effort(reliability, self.efforts.attacker, self.efforts.ally, **box.contest)
        return np.maximum(0.0, needed - self.efforts.own)

    def total(self, duty: ArrayLike, after: float, bought: ArrayLike, box: Box) -> Array:
        """[..., draw] US$ billion a year for a duty and the arms that are lacking with the reliability it buys.

        bought: points of reliability, in percentage points, for ten points of duty; reliability ends at 1.
        """
        t = np.asarray(duty, dtype=float)
        reliability = np.minimum(1.0, after + np.asarray(bought) / 100 * t / PER)
        return self.of_duty(t, box) + self.per_dollar(box) * self.lacking(reliability, box)


def break_even(duty: ArrayLike, after: float, costs: Costs, box: Box) -> Array:
    """[duty, draw] Δ: reliability that a duty must buy to be no dearer than arming, as a fraction; inf where none does.

    Exactly 0 where the duty costs nothing. None does where today's effort deters anyhow, or where the duty costs more
    than all arms that it could spare. after: reliability without it. Raises DataError.
    """
    if not 0 <= after <= 1:
        raise DataError(f"reliability is {after!r}; it must lie between 0 and 1")
    t = np.atleast_1d(np.asarray(duty, dtype=float))[:, None]
    cost = costs.of_duty(t, box)
    lacking = costs.lacking(after, box)
    left = lacking - cost / costs.per_dollar(box)
    enough = required_reliability(
        costs.efforts.attacker, costs.efforts.own + np.maximum(left, 0.0), costs.efforts.ally, **box.contest
    )
    found = np.where((lacking > 0) & (left >= 0) & (enough <= 1), np.maximum(enough - after, 0.0), np.inf)
    return np.where(cost <= 0, 0.0, found)


@dataclass(frozen=True, eq=False)
class Mix:
    """The cheapest mix for what ten points of duty buy: duty, cost and arms, each [bought, draw]; US$ billion a year.

    alone: [draw] what arming alone costs.
    """

    bought: Array
    duty: Array
    cost: Array
    arms: Array
    alone: Array


def cheapest_mix(bought: ArrayLike, after: float, costs: Costs, box: Box) -> Mix:
    """The duty at which duty and arms together cost least, from none to the highest level solved.

    bought: percentage points of reliability for ten points of duty, 0 and more. The cost need be neither convex nor
    smooth in the duty: a grid is searched, and again around its best. Of equal costs the lowest duty. Raises DataError.
    """
    points = np.atleast_1d(np.asarray(bought, dtype=float))
    if not (np.isfinite(points) & (points >= 0)).all():
        raise DataError(
            f"bought is {points.min():g}; it must be 0 or more points of reliability for ten points of duty"
        )
    most = min(float(costs.low.levels[-1]), float(costs.high.levels[-1]))
    draws = len(box.place)
    low = np.zeros((len(points), draws))
    width = np.full_like(low, most)
    for _ in range(ZOOMS):
        grid = low + np.linspace(0.0, 1.0, STEPS)[:, None, None] * width
        total = costs.total(grid, after, points[:, None], box)
        best = np.argmin(total, axis=0)[None]
        duty = np.take_along_axis(grid, best, axis=0)[0]
        cost = np.take_along_axis(total, best, axis=0)[0]
        step = width / (STEPS - 1)
        low, high = np.maximum(duty - step, 0.0), np.minimum(duty + step, most)
        width = high - low
    reliability = np.minimum(1.0, after + points[:, None] / 100 * duty / PER)
    return Mix(points, duty, cost, costs.lacking(reliability, box), costs.total(0.0, after, 0.0, box))
