"""What a path of defence outlays costs the treasury: debt, interest, and the tax or the cuts that would pay for it.

The equations are those of `gaiatsu.security.debt`. None of their parameters is known; results are ranges over the box
that the parameters span.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.security.debt import Array, carried, debt_path, revenue_needed
from gaiatsu.world.points import sobol_points

Range = tuple[float, float]

__all__ = [
    "MULTIPLIER", "PARAMETERS", "Band", "Outlook", "Paths", "Setting", "added_with", "carried", "corners", "debt_path",
    "multipliers", "one_at_a_time", "outlook", "paths", "revenue_needed", "sobol", "varied",
]  # fmt: skip

MULTIPLIER: Range = (0.2, 0.8)  # of military spending: multipliers(), Sheremirov and Spirovska 2015 and 2022
NOT_IN_ADDED = ("debt", "primary_deficit", "interest_on_debt", "financing_multiplier", "cuts_multiplier")
IN_DEBT_THERE_IS = ("growth", "interest_on_debt", "primary_deficit", "debt")
MOST_DEBT = 20.0  # times GDP, either way: beyond that no government borrows, and the sums mean nothing
POINTS = 256  # of the Sobol sequence, for medians
LONGEST = 60  # years

# Name of a parameter → what it is and the ends between which it may lie.
PARAMETERS: dict[str, tuple[str, Range]] = {
    "start": ("outlays at the start", (0.0, 1.0)),
    "growth": ("growth of nominal GDP", (-0.2, 0.5)),
    "interest": ("interest on new debt", (-0.05, 0.5)),
    "interest_on_debt": ("interest on the debt there is", (-0.05, 0.5)),
    "multiplier": ("multiplier of purchases", (-1.0, 5.0)),
    "financing_multiplier": ("multiplier of taxes", (-1.0, 5.0)),
    "cuts_multiplier": ("multiplier of the purchases cut", (-1.0, 5.0)),
    "tax_rate": ("revenue from additional GDP", (0.0, 0.9)),
    "debt": ("debt at the start", (0.0, 10.0)),
    "primary_deficit": ("primary deficit without the increase", (-0.2, 0.3)),
}


@cache
def _multipliers() -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", "multipliers.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False)


def multipliers() -> pd.DataFrame:
    """What is published of the multiplier of government purchases: value, note, source, how seen, and its use here."""
    return _multipliers().copy()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A path of outlays and what it may cost; all shares are of GDP, ranges are (low, high).

    start, start_year: outlays now, which would stay at this share without the increase; milestones: (year, share), in
    order, linear in between, and the last share held until `until`; gdp: year → nominal GDP, in `unit`, the latest of
    which the forecast starts from; shares_of: the year of `gdp` whose GDP all shares of outlays are of, None where they
    are of each year's own; path_of_interest: year → interest on the debt there is, in place of `interest_on_debt`,
    linear in between and at the same place of its range in all years.
    """

    start: Range
    start_year: int
    milestones: tuple[tuple[int, float], ...]
    until: int
    growth: Range
    interest: Range
    debt: Range
    tax_rate: Range
    interest_on_debt: Range | None = None
    multiplier: Range = MULTIPLIER
    financing_multiplier: Range | None = None
    primary_deficit: Range = (0.0, 0.0)
    path_of_interest: tuple[tuple[int, Range], ...] = ()
    gdp: Mapping[int, float] = field(default_factory=dict)
    shares_of: int | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        self._check_years()
        box = self.box()
        for name, ends in box.items():
            if not isinstance(ends, tuple | list) or len(ends) != 2:
                raise ScenarioError(
                    f"{name} is {ends!r}: give both ends of its range, the same twice where it is known"
                )
            low, high = ends
            least, most = PARAMETERS[name][1]
            if not least <= low <= high <= most:
                raise ScenarioError(
                    f"{name} is {low:g} to {high:g}; it must rise and lie between {least:g} and {most:g}"
                )
        for year, share in self.milestones:
            if not 0 <= share <= 1:
                raise ScenarioError(f"the share of {year} is {share:g}; it must lie between 0 and 1")
        if not all(np.isfinite(value) and value > 0 for value in self.gdp.values()):
            raise ScenarioError("gdp must be above 0 in every year")
        if self.shares_of is not None and self.shares_of not in self.gdp:
            raise ScenarioError(f"shares_of is {self.shares_of}, a year that gdp does not give")
        # cuts of purchases have the range of the multiplier of purchases
        for name in ("multiplier", "financing_multiplier"):
            rate, most = box["tax_rate"][1], box[name][1]
            if rate * most >= 1:
                raise ScenarioError(
                    f"tax_rate times {name} reaches {rate:g} · {most:g}, 1 or more: what taxes or cuts bring would be "
                    "lost at once; lower one of the two"
                )

    def _check_years(self) -> None:
        years = [self.start_year, *(year for year, _ in self.milestones)]
        if len(years) < 2 or any(later <= earlier for earlier, later in pairwise(years)):
            raise ScenarioError(f"the years of the path do not rise: {', '.join(map(str, years))}")
        if not years[-1] <= self.until <= self.start_year + LONGEST:
            raise ScenarioError(
                f"until is {self.until}; it must lie between {years[-1]}, when the target is reached, and "
                f"{self.start_year + LONGEST}"
            )

    @property
    def years(self) -> NDArray[np.int64]:
        """[years + 1] from the start until the last."""
        return np.arange(self.start_year, self.until + 1, dtype=np.int64)

    @property
    def target_year(self) -> int:
        """The year in which the path ends."""
        return self.milestones[-1][0]

    def box(self) -> dict[str, Range]:
        """Parameter → its ends.

        Interest on the debt there is follows that on new debt where it is left out. The multiplier of taxes has, where
        it is left out, the range of that of purchases, and so has that of the purchases cut: both with a place of their
        own in it, because other purchases need not be like these.
        """
        found = {name: getattr(self, name) for name in PARAMETERS if name != "cuts_multiplier"}
        found["interest_on_debt"] = self.interest_on_debt or self.interest
        if self.path_of_interest:
            lows, highs = zip(*(ends for _, ends in self.path_of_interest), strict=True)
            found["interest_on_debt"] = (min(lows), max(highs))
        found["financing_multiplier"] = self.financing_multiplier or self.multiplier
        found["cuts_multiplier"] = self.multiplier
        return {name: found[name] for name in PARAMETERS}

    def tied(self) -> dict[str, str]:
        """Parameters that were not given a range of their own → the one they move with."""
        own = self.interest_on_debt is not None or self.path_of_interest
        return {} if own else {"interest_on_debt": "interest"}


Parameters = dict[str, Array]


def corners(setting: Setting) -> Parameters:
    """All corners of the box, [corners] for each parameter: they hold the ends of what is monotone in each."""
    free = _free(setting)
    grid = np.array(list(product((0.0, 1.0), repeat=len(free)))).reshape(2 ** len(free), len(free))
    return _parameters(setting, free, grid)


def sobol(setting: Setting) -> Parameters:
    """Points of a Sobol sequence, [points] for each parameter, evenly over the box: for medians."""
    free = _free(setting)
    grid = sobol_points()[:POINTS, : len(free)] if free else np.zeros((1, 0))
    return _parameters(setting, free, grid)


def _free(setting: Setting) -> list[str]:
    tied, given = setting.tied(), setting.box()
    path = setting.path_of_interest
    fixed = {"interest_on_debt"} if path and all(low == high for _, (low, high) in path) else set()
    return [name for name, (low, high) in given.items() if high > low and name not in tied and name not in fixed]


def varied(setting: Setting, among: Sequence[str] = tuple(PARAMETERS)) -> list[str]:
    """What the parameters with a range are called, of those named."""
    free, tied = _free(setting), setting.tied()
    return [PARAMETERS[name][0] for name in among if tied.get(name, name) in free]


def _parameters(setting: Setting, free: list[str], grid: Array) -> Parameters:
    """Values of all parameters at points of the unit cube of the free ones."""
    given, tied = setting.box(), setting.tied()
    out: Parameters = {}
    for name, (low, high) in given.items():
        own = tied.get(name, name)
        place = grid[:, free.index(own)] if own in free else np.zeros(len(grid))
        if name == "interest_on_debt" and setting.path_of_interest:
            out[name] = _along(setting, place)
        else:
            out[name] = low + (high - low) * place
    return out


def _along(setting: Setting, place: Array) -> Array:
    """[points, years] interest on the debt there is, from its path by year."""
    known, ends = zip(*setting.path_of_interest, strict=True)
    low, high = (np.interp(setting.years[1:], known, rates) for rates in zip(*ends, strict=True))
    return np.asarray(low + (high - low) * place[:, None])


@dataclass(frozen=True)
class Band:
    """Least, median and largest over the box; each one number or [years]."""

    low: Array
    median: Array
    high: Array

    def at(self, place: int) -> tuple[float, float, float]:
        """Low, median and high in one year."""
        return float(self.low[place]), float(self.median[place]), float(self.high[place])

    def ends(self) -> tuple[float, float, float]:
        """Low, median and high of a single number."""
        return float(self.low), float(self.median), float(self.high)


@dataclass(frozen=True)
class Paths:
    """What follows at some points of the box; shares of the year's GDP, the first axis are the points.

    years: [years + 1] the start and after; outlays, without, debt, added, interest: [points, years + 1] outlays, debt
    without the increase, debt with it paid by borrowing, their difference, and interest on the difference; increase,
    gdp_gain: [points, years] outlays above those without, and what they add to GDP; tax, cuts: [points] revenue, or
    cuts, in every year after the start that leave the last debt ratio unchanged; paid: [points, years + 1] debt added
    on the way then, the same for both; ratio: [points, years] change of debt over the GDP there is with the increase;
    money: [points, years + 1] GDP in the unit of the setting, NaN without `gdp`.
    """

    years: NDArray[np.int64]
    outlays: Array
    increase: Array
    without: Array
    debt: Array
    added: Array
    interest: Array
    gdp_gain: Array
    ratio: Array
    tax: Array
    cuts: Array
    paid: Array
    money: Array


def paths(setting: Setting, at: Parameters) -> Paths:
    """What follows from a setting at points of its box: `corners`, `sobol`, or values of your own.

    at: [points] for each parameter; `interest_on_debt` may be [points, years].
    """
    years = setting.years
    money = _gdp(setting, at["growth"])
    outlays = _outlays(setting, money, at["start"])
    increase = outlays[:, 1:] - outlays[:, :1]
    by = {name: value[:, None] if value.ndim == 1 else value for name, value in at.items()}  # [points, 1]: all years
    new = {name: by[name] for name in ("growth", "interest", "tax_rate", "multiplier")}
    added = debt_path(0.0, increase, **new)
    deficit = np.broadcast_to(by["primary_deficit"], increase.shape)
    without = debt_path(at["debt"], deficit, growth=by["growth"], interest=by["interest_on_debt"])
    interest = np.zeros_like(added)
    interest[:, 1:] = by["interest"] / (1 + by["growth"]) * added[:, :-1]
    gain = by["multiplier"] * increase
    tax = revenue_needed(increase, **new, financing_multiplier=by["financing_multiplier"])
    cuts = revenue_needed(increase, **new, financing_multiplier=by["cuts_multiplier"])
    steady = {**new, "multiplier": by["cuts_multiplier"]}
    return Paths(
        years=years, outlays=outlays, increase=increase, without=without, debt=without + added, added=added,
        interest=interest, gdp_gain=gain, ratio=(without + added)[:, 1:] / (1 + gain) - without[:, 1:],
        tax=tax, cuts=cuts, money=money,
        paid=added - debt_path(0.0, np.broadcast_to(cuts[:, None], increase.shape), **steady),
    )  # fmt: skip


def _gdp(setting: Setting, growth: Array) -> Array:
    """[points, years + 1] nominal GDP from the latest known year on, both ways; NaN where none is known."""
    if not setting.gdp:
        return np.full((len(growth), len(setting.years)), np.nan)
    known = max(setting.gdp)
    return setting.gdp[known] * (1 + growth[:, None]) ** (setting.years - known)


def _outlays(setting: Setting, money: Array, start: Array) -> Array:
    """[points, years + 1] outlays as shares of each year's own GDP."""
    known, shares = zip((setting.start_year, 0.0), *setting.milestones, strict=True)
    of_start = np.interp(setting.years, known, [1.0] + [0.0] * len(setting.milestones))
    path = np.interp(setting.years, known, shares) + start[:, None] * of_start
    if setting.shares_of is None:
        return path
    own = path * setting.gdp[setting.shares_of] / money
    reached = setting.target_year - setting.start_year
    held = np.minimum(np.arange(len(setting.years)), reached)  # from the target on, the share of own GDP is held
    return own[:, held]


@dataclass(frozen=True)
class Outlook:
    """A setting with its results over the whole box: ends from its corners, medians from points spread evenly over it.

    An even spread is no probability.
    """

    setting: Setting
    ends: Paths
    inside: Paths

    def band(self, name: str) -> Band:
        """The range of one of the results of `Paths`, by its name."""
        ends, inside = getattr(self.ends, name), getattr(self.inside, name)
        both = np.concatenate([ends, inside])  # debt on its way under a tax need not be monotone: look inside too
        return Band(both.min(axis=0), np.median(inside, axis=0), both.max(axis=0))

    def money(self, name: str) -> Band:
        """The range of one of the results with years, in the unit of the setting."""
        found = []
        for item in (self.ends, self.inside):
            value = getattr(item, name)
            found.append(value * item.money[:, -value.shape[1] :])
        both = np.concatenate(found)
        return Band(both.min(axis=0), np.median(found[1], axis=0), both.max(axis=0))

    def added_by(self, way: str) -> Band:
        """Debt added, [years + 1], when the increase is paid by `deficit`, `tax` or `cuts`."""
        return self.band({"deficit": "added", "tax": "paid", "cuts": "paid"}[way])


def outlook(setting: Setting) -> Outlook:
    """All results of a setting over its box.

    Raises ScenarioError where debt, or what is added to it, leaves MOST_DEBT times GDP in any year.
    """
    found = Outlook(setting, paths(setting, corners(setting)), paths(setting, sobol(setting)))
    for name in ("without", "added", "paid"):
        band = found.band(name)
        largest = float(np.max(np.abs([band.low, band.high])))
        if not largest <= MOST_DEBT:
            what = "debt without the increase" if name == "without" else "what the increase adds to debt"
            raise ScenarioError(
                f"{what} reaches {largest:.3g} times GDP by {setting.until}, more than the {MOST_DEBT:g} that this "
                "rule is for: narrow growth and interest, or let `until` come earlier"
            )
    return found


def added_with(setting: Setting, multiplier: float) -> Range:
    """Least and most debt added by the last year at one multiplier, over all other ranges; shares of GDP."""
    at = corners(setting)
    added = paths(setting, {**at, "multiplier": np.full(len(at["growth"]), multiplier)}).added[:, -1]
    return float(added.min()), float(added.max())


def one_at_a_time(setting: Setting) -> pd.DataFrame:
    """What moves the debt added by the last year: each parameter at its ends, the others in the middle.

    Columns: parameter, meaning, low, high (its ends), added_low, added_high (debt added there, shares of GDP); the one
    that moves it most first.
    """
    free = [name for name in _free(setting) if name not in NOT_IN_ADDED]
    rows = []
    for name in free:
        low, high = setting.box()[name]
        grid = np.full((2, len(free)), 0.5)
        grid[:, free.index(name)] = (0.0, 1.0)
        added = paths(setting, _parameters(setting, free, grid)).added[:, -1]
        rows.append((name, PARAMETERS[name][0], low, high, *added))
    columns = ["parameter", "meaning", "low", "high", "added_low", "added_high"]
    table = pd.DataFrame(rows, columns=columns)
    order = (table["added_high"] - table["added_low"]).abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
