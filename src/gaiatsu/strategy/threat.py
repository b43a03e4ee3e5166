"""A threat to hedge against, and the hedges themselves: plain data.

A threat is what others may do, at the horizon at which its loss is counted. A hedge is what stands before it comes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.scenario.measures import Embargo, Measure

if TYPE_CHECKING:
    from gaiatsu.scenario.schema import Scenario
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World

CRITICAL = "critical-input"
GOODS = "goods"


@dataclass(frozen=True)
class Cost:
    """What a hedge costs outside the model, US$ million a year: low, central and high."""

    low: float
    central: float
    high: float

    @classmethod
    def of(cls, value: Any) -> Cost:
        """One number, or three from low to high. Raises ScenarioError."""
        given = [value] * 3 if isinstance(value, int | float) else value
        numbers = given.values() if isinstance(given, dict) else given
        try:
            found = tuple(float(number) for number in numbers)
        except (TypeError, ValueError):
            found = ()
        if len(found) != 3 or not all(map(math.isfinite, found)) or not found[0] <= found[1] <= found[2]:
            raise ScenarioError(
                f"a cost is {value!r}; it must be US$ million a year, one number or low, central and high, not falling"
            )
        return cls(*found)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.central + other.central, self.high + other.high)

    def times(self, factor: float) -> Cost:
        """The cost of so many, factor at least 0."""
        return Cost(self.low * factor, self.central * factor, self.high * factor)


FREE = Cost(0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Hedge:
    """Something that stands before a threat comes.

    measures: in force beforehand, for long enough that trade has moved; response: what is done when the threat comes,
    such as ending a subsidy; least, most: the measures again, at the end of their published range at which they do
    least and most. stock_weeks: weeks in stock of what stock_of names: `goods` (those withheld), or critical inputs by
    name; left out, what the threat withholds, which must then be of one kind. less_dependence: share of the use of a
    critical input that has been moved away from who withholds it. cost: US$ million a year, outside the model. choice:
    of hedges with the same word only one can be taken. assumed: whether its cost or size is an assumption; note: what
    they rest on; sources: citations.
    """

    name: str
    measures: tuple[Measure, ...] = ()
    response: tuple[Measure, ...] = ()
    least: tuple[Measure, ...] = ()
    most: tuple[Measure, ...] = ()
    stock_weeks: float = 0.0
    stock_of: str | tuple[str, ...] = ()
    less_dependence: float = 0.0
    cost: Cost = FREE
    kind: str = "own"
    choice: str = ""
    assumed: bool = False
    note: str = ""
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ScenarioError("a hedge has no name")
        for key in ("measures", "response", "least", "most"):
            value = getattr(self, key)
            value = (value,) if isinstance(value, Measure) else tuple(value)
            if not all(isinstance(item, Measure) for item in value):
                raise ScenarioError(f"hedge {self.name!r}: {key} must be measures, such as Agreement(…)")
            object.__setattr__(self, key, value)
        object.__setattr__(self, "cost", self.cost if isinstance(self.cost, Cost) else Cost.of(self.cost))
        if not (math.isfinite(self.stock_weeks) and self.stock_weeks >= 0):
            raise ScenarioError(f"hedge {self.name!r}: stock_weeks is {self.stock_weeks!r}; it must be 0 or more")
        given = (self.stock_of,) if isinstance(self.stock_of, str) else tuple(self.stock_of)
        if given and not self.stock_weeks:
            raise ScenarioError(f"hedge {self.name!r}: stock_of says what a stock is of, and stock_weeks is 0")
        object.__setattr__(self, "stock_of", tuple(dict.fromkeys(_stored(self.name, word) for word in given)))
        if not 0 <= self.less_dependence <= 1:
            raise ScenarioError(
                f"hedge {self.name!r}: less_dependence is {self.less_dependence!r}; it is a share, 0 to 1"
            )
        if not (self.measures or self.stock_weeks or self.less_dependence):
            raise ScenarioError(
                f"hedge {self.name!r} changes nothing beforehand: give measures, stock_weeks or less_dependence"
            )

    def sized(self, end: str) -> Hedge:
        """The hedge with its measures at one end of their range, `least` or `most`."""
        return replace(self, measures=getattr(self, end) or self.measures, least=(), most=())

    @property
    def ranged(self) -> bool:
        """Whether the size of its measures has a range."""
        return bool(self.least or self.most)


@dataclass(frozen=True, eq=False, kw_only=True)
class Threat:
    """What may come: measures on a world, at the horizon at which the loss is counted.

    before: elasticities while hedges take effect, those of the long run; elasticities: those of the horizon.
    """

    world: World
    measures: tuple[Measure, ...]
    horizon: str
    closure: str
    elasticities: Elasticities
    before: Elasticities
    residual_supply: float = 0.0
    title: str = ""

    @property
    def critical(self) -> tuple[Measure, ...]:
        """Its critical inputs withheld."""
        return tuple(measure for measure in self.measures if measure.kind == CRITICAL)

    def places(self, region: Any) -> tuple[int, ...]:
        """Positions of who is to be hedged. Raises ScenarioError."""
        return tuple(int(place) for place in self.world.region_indices(region))

    def stocked(self, hedge: Hedge, places: Sequence[int]) -> Hedge:
        """A hedge that says what its stock is of, for `places`.

        Raises ScenarioError where it does not and the threat withholds more than one kind of thing.
        """
        if hedge.stock_of or not hedge.stock_weeks:
            return hedge
        goods = (GOODS,) if stockable(self, places).any() else ()
        mine = [item for item in self.critical if set(self.world.region_indices(item.on)) & set(places)]  # type: ignore[attr-defined]
        kinds = tuple(dict.fromkeys((*goods, *(item.input for item in mine))))  # type: ignore[attr-defined]
        if len(kinds) > 1:
            raise ScenarioError(
                f"hedge {hedge.name!r} does not say what its stock is of, and the threat withholds {', '.join(kinds)}:"
                f" give stock_of, such as {kinds[0]!r}"
            )
        return replace(hedge, stock_of=kinds or (GOODS,))

    def without_stocked(self, places: Sequence[int]) -> tuple[Measure, ...]:
        """What is left of the threat while stocks of the goods, and critical inputs, withheld from `places` last."""
        return tuple(
            part
            for measure in self.measures
            if measure.kind != CRITICAL
            for part in (_unstocked(measure, self.world, places) if isinstance(measure, Embargo) else (measure,))
        )


def _stored(name: str, word: object) -> str:
    """`goods`, or the key of a critical input."""
    from gaiatsu.exposure import minerals

    if word == GOODS:
        return GOODS
    try:
        return minerals.mineral_key(str(word))
    except ScenarioError as error:
        known = [GOODS, *minerals.facts()["minerals"]]
        raise ScenarioError(
            f"hedge {name!r}: stock_of names {word!r}, neither `goods` nor a critical input"
            f"{did_you_mean(str(word), known)} (known: {', '.join(known)})"
        ) from error


def _unstocked(measure: Embargo, world: World, places: Sequence[int]) -> tuple[Measure, ...]:
    """An embargo without the goods that `by` no longer sells to `places`."""
    if measure.side == "imports":
        return (measure,)
    sectors = world.sector_indices(measure.sectors)
    services = tuple(world.sectors[place] for place in sectors if not world.goods[place])
    targets = world.region_indices(measure.on)
    mine = tuple(world.regions[place] for place in targets if place in places)
    others = tuple(world.regions[place] for place in targets if place not in places)
    if not mine or len(services) == len(sectors):
        return (measure,)
    parts: list[Measure] = []
    if others:
        parts.append(replace(measure, on=others, side="exports"))
    if services:
        parts.append(replace(measure, on=mine, sectors=services, side="exports"))
    if measure.side == "both":
        parts.append(replace(measure, side="imports"))
    return tuple(parts)


def stockable(threat: Threat, places: Sequence[int]) -> NDArray[np.float64]:
    """[exporter, sector] US$ million a year of goods that the threat withholds from `places`: what can be stocked."""
    world = threat.world
    found = np.zeros(world.accounts.flows.shape[1:])
    for measure in threat.measures:
        if not isinstance(measure, Embargo) or measure.side == "imports":
            continue
        buyers = np.intersect1d(world.region_indices(measure.on), places)
        sellers = np.setdiff1d(world.region_indices(measure.by), places)
        goods = [place for place in world.sector_indices(measure.sectors) if world.goods[place]]
        cells = np.ix_(sellers, goods)
        found[cells] = np.maximum(
            found[cells], measure.share * world.accounts.flows[buyers][:, sellers][..., goods].sum(0)
        )
    return found


def threat_of(
    given: str | os.PathLike[str] | Scenario | Measure | Sequence[Measure],
    *,
    world: World | str | None = None,
    horizon: str | None = None,
    closure: str | None = None,
    elasticities: Elasticities | None = None,
) -> Threat:
    """A threat from a case, a file, a Scenario, or measures with a world (the default one when left out).

    horizon and closure replace those of the scenario, elasticities those of the horizon; measures alone are taken at
    `short`. Hedges take effect at the long-run elasticities that go with them. Raises ScenarioError.
    """
    from gaiatsu.scenario.loading import load
    from gaiatsu.scenario.schema import Scenario

    if isinstance(given, str | os.PathLike):
        given = load(given)
    if isinstance(given, Scenario):
        return _of_scenario(given, world, horizon, closure, elasticities)
    from gaiatsu.trade.horizon import horizon as horizon_elasticities
    from gaiatsu.trade.solve import default_closure
    from gaiatsu.world.world import World

    measures = (given,) if isinstance(given, Measure) else tuple(given)
    if not measures or not all(isinstance(item, Measure) for item in measures):
        raise ScenarioError("a threat is a case, a file, a Scenario, or measures such as Embargo(…)")
    there = world if isinstance(world, World) else World.load(world) if world is not None else World.load()
    name = horizon or "short"
    chosen = elasticities or horizon_elasticities(name, there)
    return Threat(
        world=there, measures=_parts(measures, there, name), horizon=name,
        closure=closure or default_closure(measures), elasticities=chosen,
        before=chosen.long_run(),
    )  # fmt: skip


def _parts(measures: Sequence[Measure], world: World, horizon: str) -> tuple[Measure, ...]:
    """Compound measures as what they consist of on the world as it is, so that a hedged world meets the same threat.

    Critical inputs stay whole: what they do hangs on stocks and sources that hedges change. Raises ScenarioError where
    measures cannot stand together.
    """
    for measure in measures:
        measure.check(measures, world)
    return tuple(
        part
        for measure in measures
        for part in (measure.parts(world, horizon) if measure.title and measure.kind != CRITICAL else (measure,))
    )


def _of_scenario(
    scenario: Scenario, world: World | str | None, horizon: str | None, closure: str | None, given: Elasticities | None
) -> Threat:
    from gaiatsu.scenario.resolve import resolve, world_of
    from gaiatsu.scenario.run import elasticities_of, with_options
    from gaiatsu.trade.solve import default_closure

    named = world if isinstance(world, str) else None
    chosen = with_options(scenario, horizon=horizon, world=named, closure=closure)
    there = world_of(chosen) if world is None or isinstance(world, str) else world
    measures = resolve(chosen, there)
    elasticities = given or elasticities_of(chosen, there, chosen.horizon)
    return Threat(
        world=there, measures=_parts(measures, there, chosen.horizon), horizon=chosen.horizon,
        closure=chosen.closure or default_closure(measures),
        elasticities=elasticities, before=elasticities.long_run(), residual_supply=chosen.residual_supply,
        title=chosen.title,
    )  # fmt: skip
