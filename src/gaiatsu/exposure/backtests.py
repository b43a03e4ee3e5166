"""What the model says of episodes of economic pressure, mostly from data before them, beside what happened.

The protocol, which docs/backtests.md states in full: the market and the announced measure as they stood on the day;
what a kind of measure lets through by the rules of `episodes.INSTRUMENTS`; the package's trade elasticities over all
published sets, scaled by horizon; the upper elasticities of the horizon within a factor of two; supply elasticities
that are an assumption; half of all such measures end within four years, an assumption too. Nothing is fitted on the
episodes. Every row has a score, null results included, or the reason why it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from gaiatsu.exposure import episodes
from gaiatsu.exposure.episodes import INSTRUMENTS, Episode, Observed, Window, market, phases
from gaiatsu.exposure.product_market import ProductOutcome, solve_products
from gaiatsu.trade.horizon import PARAMETERS
from gaiatsu.world.elasticity_draws import draw_elasticities

Array = NDArray[np.float64]

DRAWS = 64
BAND = (0.05, 0.95)
IMPACT_MONTHS, SHORT_MONTHS = 3, 18  # a window whose middle is later than these belongs to the next horizon
# η by horizon, low to high, log-uniform. An assumption: no source was found for a month and a year by product.
SUPPLY: dict[str, tuple[float, float]] = {"impact": (0.05, 0.5), "short": (0.2, 2.0), "medium": (0.5, 5.0)}
DEMAND_FACTOR = 2.0  # ε is the horizon's elasticity (materials or consumption) between 1/2 and 2 times
# Years until half of the measures have ended, at a constant rate: an assumption, on the median duration of trade
# sanctions in the Global Sanctions Data Base, release 3. (Their mean is 7.1 years, and 36 % of them go on: a constant
# rate would have a mean of 5.8.)
HALF_LIFE = 4.0
YEAR = 365.25
# Standard deviation of the yearly change of trade, in logs and robust: flows above US$ 50 million of CEPII BACI
# minerals, 2009-12 and 2021-24 (scripts/backtests.py --derive). Quotas and bans of those years are in it. Months swing
# more; how much is not known.
SWINGS: dict[str, float] = {"bilateral": 0.505, "total": 0.340, "price": 0.304}
SWING_OF = {
    "bilateral": "bilateral", "others": "bilateral", "share": "bilateral", "total": "total",
    "price-exporter": "price", "price-importer": "price",
}  # fmt: skip
PRICES = ("price-exporter", "price-importer")
POINT = 1e-6  # points of percent: a band narrower than this is one number


def points(count: int, dimensions: int) -> Array:
    """[point, dimension] inside (0, 1): an additive recurrence with the roots of x^(d+1) = x + 1 (Roberts 2018)."""
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0


@dataclass(frozen=True, eq=False)
class Draws:
    """Long-run θ [draw] of the product's sector, and uniform numbers [draw] for what else is not known."""

    theta: Array
    passes: Array  # place within the instrument's range
    rate: Array  # place within the range of announced duties
    ends: Array
    supply: Array
    demand: Array

    @classmethod
    def of(cls, sector: str) -> Draws:
        """The same points for every product, so that products differ by their data only."""
        world, theta = _thetas()
        return cls(theta[:, world.index(sector)], *points(DRAWS, 5).T)


@cache
def _thetas() -> tuple[tuple[str, ...], Array]:
    from gaiatsu.world import World

    world = World.load("2022")
    return world.sectors, draw_elasticities(world, DRAWS).theta


def horizon_of(start: date, first: date, last: date) -> str:
    """Horizon by the months between the measure and the middle of a window."""
    months = ((first - start).days + (last - first).days / 2) / YEAR * 12
    return "impact" if months <= IMPACT_MONTHS else "short" if months <= SHORT_MONTHS else "medium"


def _between(low: float, high: float, place: Array) -> Array:
    return np.exp(np.log(low) + place * (np.log(high) - np.log(low)))


def _passing(episode: Episode, draws: Draws) -> Array:
    """[draw] quantity that the measure lets through, as a ratio of before (inf where it limits none)."""
    rule = INSTRUMENTS[episode.instrument]
    drawn = rule.low + draws.passes * (rule.high - rule.low)
    if episode.instrument == "tour-ban":
        assert episode.low is not None
        return 1 - episode.low * drawn
    if episode.instrument == "boycott":
        return 1 - drawn
    return np.full(DRAWS, np.inf) if episode.instrument == "duty" else drawn


@cache
def outcomes(name: str, horizon: str, waiting: bool) -> tuple[ProductOutcome, ...]:
    """The market under the measure, draw by draw; waiting: while nobody has a licence yet."""
    episode = market(name)
    draws, before = Draws.of(episode.sector), episode.product_market()
    limits = np.zeros(DRAWS) if waiting else _passing(episode, draws)
    theta = draws.theta * PARAMETERS[horizon].trade_scale
    supply = _between(*SUPPLY[horizon], draws.supply)
    upper = PARAMETERS[horizon].materials if episode.use == "materials" else PARAMETERS[horizon].consumption
    demand = np.minimum(_between(upper / DEMAND_FACTOR, upper * DEMAND_FACTOR, draws.demand), 0.95 * (1 + theta))
    shape = (DRAWS, *before.flows.shape)
    limit, duty = np.full(shape, np.inf), np.zeros(shape)
    limit[:, 0, 0] = limits
    if episode.instrument == "duty":
        assert episode.low is not None
        assert episode.high is not None
        duty[:, 0, 0] = episode.low + draws.rate * (episode.high - episode.low)
    return solve_products(
        before, trade=theta, supply=np.tile(supply, (shape[2], 1)).T, demand=np.tile(demand, (shape[1], 1)).T,
        duty=duty, limit=limit,
    )  # fmt: skip


MEASURES: dict[str, Callable[[ProductOutcome, Episode, bool], float]] = {
    "bilateral": lambda found, case, value: found.change(case.importer, case.exporter, value=value),
    "total": lambda found, case, value: found.exports(case.exporter, value=value),
    "others": lambda found, case, value: found.exports(case.exporter, value=value, without=(case.importer,)),
    "share": lambda found, case, value: (
        found.supplier_share(case.importer, case.exporter)[1] / found.supplier_share(case.importer, case.exporter)[0]
    ),
    "price-exporter": lambda found, case, value: float(found.price[0]),
    "price-importer": lambda found, case, value: float(found.landed[0]),
}


def ratios(window: Window) -> Array:
    """[draw] new over old of what a window is about: each phase of the measure in the proportion of its days."""
    episode = market(window.market)
    assert window.first is not None
    assert window.last is not None
    if episode.instrument == "none":
        return np.ones(DRAWS)
    horizon = horizon_of(episode.start, window.first, window.last)
    draws = Draws.of(episode.sector)
    lasts = HALF_LIFE * YEAR * np.log2(1 / (1 - draws.ends))
    ends = [episode.start + timedelta(days=int(days)) for days in lasts]
    weights = np.array([phases(episode, window.first, window.last, end) for end in ends])
    total = weights[:, 0].copy()
    for column, waiting in ((1, True), (2, False)):
        if weights[:, column].any():
            states = outcomes(window.market, horizon, waiting)
            state = [MEASURES[window.quantity](found, episode, window.unit == "value") for found in states]
            total += weights[:, column] * np.array(state)
    return total


def with_swings(ratio: Array, sd: float) -> tuple[float, float]:
    """Low and high of draws whose outcome also swings as trade does without any measure (log-normal)."""
    places = (np.arange(31) + 0.5) / 31
    whole = ratio[:, None] * np.exp(sd * ndtri(places))[None, :]
    low, high = np.quantile(whole, BAND)
    return float(low), float(high)


def naive(window: Window) -> float:
    """Percent change if the measure stopped all it names from its first day, for good, and nothing else moved.

    What it names is the organised share of visitors where group tours are stopped, and all of the pair's trade else.
    """
    episode = market(window.market)
    assert window.first is not None
    assert window.last is not None
    if episode.instrument == "none" or window.last < episode.start or window.quantity in (*PRICES, "others"):
        return 0.0
    free, _, _ = phases(episode, window.first, window.last, date.max)
    named = episode.low if episode.instrument == "tour-ban" else 1.0
    assert named is not None
    return -100 * (1 - free) * named * (episode.exporter_share if window.quantity == "total" else 1.0)


def forecast(window: Window) -> dict[str, float]:
    """Percent change: the median of the draws, their 5th and 95th percentile, and the same with ordinary swings."""
    ratio = ratios(window)
    low, high = np.quantile(ratio, BAND)
    wide = with_swings(ratio, SWINGS[SWING_OF[window.quantity]])
    numbers = {
        "predicted": float(np.median(ratio)),
        "low": low,
        "high": high,
        "wide_low": wide[0],
        "wide_high": wide[1],
    }
    return {**{name: 100 * (float(value) - 1) for name, value in numbers.items()}, "naive": naive(window)}


def score_table() -> pd.DataFrame:
    """One line per scored row: forecast, band, observed, error in points, and whether bands cover it.

    Percent changes; columns row, episode, product, instrument, quantity, frequency, window, predicted, low, high,
    wide_low, wide_high, naive, point (the band is one number), observed, error, covered, covered_wide, note, caveat,
    source, seen.
    """
    return pd.DataFrame(
        [
            _line(fact, episodes.windows()[fact.row])
            for fact in episodes.observed()
            if episodes.windows()[fact.row].scored
        ]
    )


def _line(fact: Observed, window: Window) -> dict[str, object]:
    numbers = forecast(window)
    assert fact.change is not None
    return {
        "row": fact.row, "episode": fact.episode, "product": fact.product,
        "instrument": market(window.market).instrument,
        "quantity": window.quantity, "frequency": window.frequency, "window": fact.window, **numbers,
        "point": numbers["high"] - numbers["low"] < POINT,
        "observed": fact.change, "error": numbers["predicted"] - fact.change,
        "covered": numbers["low"] <= fact.change <= numbers["high"],
        "covered_wide": numbers["wide_low"] <= fact.change <= numbers["wide_high"],
        "note": window.note, "caveat": fact.caveat, "source": fact.source, "seen": fact.seen,
    }  # fmt: skip


def not_scored() -> pd.DataFrame:
    """The other rows and why: row, episode, product, predicted (where there is a forecast), window, reason, source."""
    lines = []
    for fact in episodes.observed():
        window = episodes.windows()[fact.row]
        if not window.scored:
            said = forecast(window)["predicted"] if window.market else None
            lines.append(
                {
                    "row": fact.row, "episode": fact.episode, "product": fact.product, "observed": fact.change,
                    "predicted": said, "window": fact.window, "reason": window.note, "source": fact.source,
                }
            )  # fmt: skip
    return pd.DataFrame(lines)
