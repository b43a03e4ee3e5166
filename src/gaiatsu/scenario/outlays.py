"""What a government buys beyond the baseline: outlays that shift final demand between sectors, and between markets.

Equation: model page, "Public purchases" (10). A share of a region's final expenditure goes, in fixed shares of money,
to goods bought in named markets; what is left goes to the consumers' basket as before. Nothing here needs jax.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.scenario.measures import MEASURES, Measure, Names, _number, _targets
from gaiatsu.scenario.quantities import format_percent

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
LARGEST_SHARE = 0.5  # of GDP
MIXES = {"defence": "budget", "defence-purchases": "purchases"}  # word → column of the table
Pairs = tuple[tuple[str, float], ...]
Spans = tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Outlays(Measure):
    """The government of each of `by` spends `share` of GDP more (below 0: less) than in the baseline.

    share: of the region's GDP (value added and duties). mix: what is bought: `defence` (a defence budget, at home with
    pay), `defence-purchases` (without pay), or weights by sector. sellers: region → share of the money spent in its
    market, or (low, high) where it is not known, of which the middle is solved; the rest is spent at home, which
    includes what home buyers import. The money is taken from all other final expenditure of the region, whose
    composition stays; a deficit does not grow.
    """

    kind: ClassVar[str] = "outlays"
    title: ClassVar[str] = "Government outlays"
    by: Names
    share: float
    mix: Any = "defence"
    sellers: Any = None
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by")
        share = _number("Outlays", "share", self.share)
        if not abs(share) <= LARGEST_SHARE:
            raise ScenarioError(
                f"Outlays.share is {self.share!r}; it is a share of GDP, between -{LARGEST_SHARE:.0%} and "
                f"{LARGEST_SHARE:.0%} (1 % is 0.01)"
            )
        object.__setattr__(self, "mix", _mix(self.mix))
        object.__setattr__(self, "sellers", _sellers(self.sellers))

    def to_dict(self) -> dict[str, Any]:
        """The measure as it would be written in a scenario file, defaults left out."""
        out = super().to_dict()
        if isinstance(self.mix, tuple):
            out["mix"] = dict(self.mix)
        if self.sellers:
            out["sellers"] = {name: low if low == high else [low, high] for name, low, high in self.sellers}
        return out

    @property
    def ranging(self) -> bool:
        """Whether a seller's share is given as a range."""
        return any(low < high for _, low, high in self.sellers or ())

    def at(self, place: float) -> Outlays:
        """The measure with each seller's share at a place in its range, from 0 (low) to 1 (high)."""
        if not self.ranging:
            return self
        return replace(self, sellers={name: low + place * (high - low) for name, low, high in self.sellers})

    def describe(self) -> str:
        """A short name for tables."""
        return f"outlays of {_said(self.by)}: {self.what()} ({100 * self.share:+.3g} % of GDP)"

    def what(self) -> str:
        """What is bought, in a few words."""
        if isinstance(self.mix, str):
            return self.mix.replace("-", " ")
        return ", ".join(name for name, _ in self.mix)

    def size(self, world: World, horizon: str) -> str:
        """How much it does, in a few words."""
        money = (self.share * gdp(world))[world.region_indices(self.by)].sum()
        sign = "more" if money >= 0 else "less"
        text = f"{format_percent(abs(self.share))} of GDP {sign} (US$ {abs(money) / 1e3:,.1f} bn a year), {self.what()}"
        abroad = [f"{_span(low, high)} in {name}" for name, low, high in self.sellers or ()]
        return f"{text}; bought {' and '.join(abroad)}, the rest at home" if abroad else text

    def phrase(self, own: str, other: str) -> str:
        """The subject of a sentence."""
        return (
            f"{'more' if self.share >= 0 else 'less'} spending by the government of {own} (what is bought counted as "
            "income)"
        )


def _span(low: float, high: float) -> str:
    return format_percent(low) if low == high else f"{format_percent(low)} to {format_percent(high)}"


def _said(value: Names) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _mix(value: Any) -> str | Pairs:
    """A known word, or positive weights by sector as pairs."""
    if isinstance(value, str):
        if value not in MIXES:
            raise ScenarioError(
                f"Outlays.mix is {value!r}{did_you_mean(value, MIXES)}; it must be {' or '.join(MIXES)}, or weights by "
                "sector such as {C26: 0.4, C30: 0.6}"
            )
        return value
    pairs = tuple((word, _number("Outlays", f"mix[{word!r}]", size)) for word, size in _mapping("mix", value).items())
    if not pairs or not all(weight > 0 for _, weight in pairs):
        raise ScenarioError(f"Outlays.mix is {value!r}: give at least one sector, each with a weight above 0")
    return pairs


def _sellers(value: Any) -> Spans | None:
    """Shares of the money by seller, low and high; together they may not exceed one."""
    if value is None:
        return None
    given = _mapping("sellers", value)
    found: list[tuple[str, float, float]] = []
    for name, part in given.items():
        ends = tuple(part) if isinstance(part, list | tuple) else (part, part)
        if len(ends) != 2:
            raise ScenarioError(f"Outlays.sellers[{name!r}] is {part!r}: give a share, or a range of two, low and high")
        low, high = (_number("Outlays", f"sellers[{name!r}]", end) for end in ends)
        found.append((name, low, high))
    total = sum(high for _, _, high in found)
    if not all(0 <= low <= high <= 1 for _, low, high in found) or total > 1 + 1e-9:
        raise ScenarioError(
            f"Outlays.sellers are {given!r}: each is a share of the money from 0 to 1 (of a range, the low end first); "
            f"together they are {total:.4g}, which must not exceed 1"
        )
    return tuple(found) or None


def _mapping(name: str, value: Any) -> dict[str, Any]:
    """A mapping by word; also from the tuples that it is kept as."""
    if isinstance(value, tuple) and all(isinstance(item, tuple) and len(item) == 3 for item in value):
        return {word: (low, high) for word, low, high in value}
    if isinstance(value, tuple) and all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return dict(value)
    if not isinstance(value, Mapping):
        raise ScenarioError(f"Outlays.{name} is {value!r}; it must be a mapping from a word to a number")
    return {str(word): size for word, size in value.items()}


def gdp(world: World) -> Array:
    """[region] GDP of the world's accounts: value added and duties, US$ million."""
    return np.asarray(world.accounts.value_added.sum(1) + world.accounts.duty_revenue)


def per_income(world: World) -> Array:
    """[region] GDP over final expenditure."""
    return np.asarray(gdp(world) / world.accounts.income)


@cache
def table() -> tuple[dict[str, str], ...]:
    """Rows of what a defence budget buys: ISIC code, share of the budget, share of its purchases without pay."""
    text = resources.files("gaiatsu.security").joinpath("data", "defence_mix.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


_places: WeakKeyDictionary[World, list[NDArray[np.int64]]] = WeakKeyDictionary()  # sectors of each row of the table


def weights(world: World, measure: Outlays, seller: int, *, abroad: bool = False) -> Array:
    """[sector] shares of the money spent in a seller's market; sectors of which nothing is sold there drop out.

    A word that means several sectors is spread over them by what the seller's final users buy. Abroad nobody is paid:
    there `defence` is `defence-purchases`. Raises ScenarioError for unknown sectors and where nothing that the mix
    names is sold.
    """
    if abroad and measure.mix == "defence":
        measure = replace(measure, mix="defence-purchases")
    final = np.maximum(world.accounts.final_use[seller], 0.0)
    sold = world.accounts.expenditure[seller] > 0
    found = np.zeros(len(world.sectors))
    for places, weight in _weighted(world, measure):
        places = places[sold[places]]
        if len(places):
            by_use = final[places] if final[places].sum() > 0 else np.ones(len(places))
            found[places] += weight * by_use / by_use.sum()
    if not found.sum() > 0:
        raise ScenarioError(
            f"outlays: nothing of what is to be bought ({measure.what()}) is sold in {world.regions[seller]}"
        )
    return found / found.sum()


def _weighted(world: World, measure: Outlays) -> list[tuple[NDArray[np.int64], float]]:
    """Sectors and weight of each word of a mix; ScenarioError for unknown ones."""
    if not isinstance(measure.mix, str):
        return [(np.asarray(world.sector_indices(word)), weight) for word, weight in measure.mix]
    if world not in _places:
        try:
            _places[world] = [np.asarray(world.sector_indices(row["isic"])) for row in table()]
        except ScenarioError as error:
            raise ScenarioError(
                f"outlays: the sectors of world {world.name!r} are not those of ISIC ({error}): give `mix` as weights "
                "by its own sectors"
            ) from error
    shares = [float(row[MIXES[measure.mix]]) for row in table()]
    return list(zip(_places[world], shares, strict=True))


def purchases(world: World, measures: Sequence[Outlays]) -> Array | None:
    """[buyer, seller, sector] shares of the buyer's final expenditure that the measures add up to; None without any.

    Raises ScenarioError for unknown names, a seller that is the buyer or several regions, and where more is taken from
    a market than its final users buy.
    """
    if not measures:
        return None
    found = np.zeros_like(world.accounts.flows)
    ratio = per_income(world)
    for measure in measures:
        for buyer in world.region_indices(measure.by):
            for seller, part in _markets(world, measure, int(buyer)):
                share = measure.share * part * ratio[buyer]
                found[buyer, seller] += share * weights(world, measure, seller, abroad=seller != buyer)
    check_demand(world, found)
    return found


def _markets(world: World, measure: Outlays, buyer: int) -> list[tuple[int, float]]:
    """Where a buyer spends, and what share of the money."""
    markets = []
    for word, low, high in measure.sellers or ():
        part = (low + high) / 2
        places = world.region_indices(word)
        if len(places) > 1:
            raise ScenarioError(f"outlays: {word!r} in `sellers` is several regions: name each with its share")
        if int(places[0]) == buyer:
            raise ScenarioError(
                f"outlays: {world.regions[buyer]} is its own seller in `sellers`: what is left of the shares is spent "
                "at home; leave it out"
            )
        markets.append((int(places[0]), part))
    home = 1 - sum(part for _, part in markets)
    return [(seller, part) for seller, part in [*markets, (buyer, home)] if part > 1e-12]


def check_demand(world: World, found: Array) -> None:
    """ScenarioError where purchases leave a market with negative final demand, or a region with nothing else."""
    accounts = world.accounts
    left = 1 - found.sum((1, 2))
    if (left <= 0).any():
        region = world.regions[int(np.argmin(left))]
        raise ScenarioError(f"outlays: purchases take up all final expenditure of {region}; take a smaller share")
    money = (found * accounts.income[:, None, None]).sum(0)
    demand = np.maximum(accounts.final_use, 0.0) * left[:, None] + money
    wrong = (demand < 0) & (money < 0)
    if wrong.any():
        place, good = divmod(int(np.argmin(np.where(wrong, demand, 0.0))), demand.shape[1])
        raise ScenarioError(
            f"outlays: US$ {-money[place, good]:,.0f} million less is to be bought of {world.sectors[good]} in "
            f"{world.regions[place]}, where final users buy only US$ {accounts.final_use[place, good]:,.0f} million; "
            "take a smaller share or other sectors"
        )
    nowhere = (money > 0) & (accounts.expenditure <= 0)
    if nowhere.any():
        place, good = (int(index) for index in np.argwhere(nowhere)[0])
        raise ScenarioError(f"outlays: no {world.sectors[good]} is sold in {world.regions[place]}")


MEASURES[Outlays.kind] = Outlays
