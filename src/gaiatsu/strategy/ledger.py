"""Real income with and without hedges, with and without the threat: every set of hedges solved once.

A hedge's lasting measures are put in force first, at long-run elasticities, and the world taken as it then is; those
that end when the threat comes (they have a response) are laid over it in the same way. The threat, with the responses,
is then solved on that world at its own horizon: trade has moved before it comes. Real incomes of the steps multiply.

Stocks work by time: while they last, what is withheld from the hedged regions is there; the loss of the threat is the
average over its horizon (13, 52, 156, 520 weeks), and in money what a year loses in which it lasts that long. The loss
by a critical input is the average of its weekly path (stocks held, other suppliers' spare capacity;
gaiatsu.exposure.mineral_losses) on the world without hedges; what hedges of the world itself and other measures change
of it is taken from the engine at the end of the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, GaiatsuError
from gaiatsu.exposure.stocks import HORIZON_WEEKS, WEEKS_A_YEAR, shortfall_path
from gaiatsu.strategy.threat import GOODS, Hedge, Threat
from gaiatsu.trade import engine
from gaiatsu.trade.solve import balanced_world, solve, solve_many
from gaiatsu.world.elasticity_draws import draw_elasticities

if TYPE_CHECKING:
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Chosen = frozenset[int]
NONE: Chosen = frozenset()
CHUNK = 16  # worlds made at a time: each outcome holds its trade arrays until the world is made


@dataclass(frozen=True)
class Standing:
    """The hedged regions together, US$ million a year at the prices of the world without hedges.

    peace: gain of real income by the hedges without the threat; relief: what their responses by themselves add to it
    while the threat lasts, such as the cost of a subsidy that has ended; loss: fall of real income by the threat, from
    where hedges and responses leave it, in a year in which the threat lasts its horizon (13 weeks at impact, else the
    whole year); fiscal: change of duty revenue by the hedges, negative where they are subsidies (inside `peace`).
    """

    peace: float
    relief: float
    loss: float
    fiscal: float


@dataclass(frozen=True, eq=False)
class _Hedged:
    """A world with hedges in force: [region] real income over that without them, and revenue of duties."""

    world: World
    index: Array
    revenue: Array


class Ledger:
    """Standings of a threat's target by set of hedges; sets are of positions in `hedges`."""

    def __init__(
        self, threat: Threat, places: Sequence[int], hedges: Sequence[Hedge], *, case: str = "central",
        elasticities: tuple[Elasticities, Elasticities] | None = None, like: Ledger | None = None,
    ) -> None:  # fmt: skip
        """elasticities: while hedges take effect, and when the threat comes; case: of critical inputs' parameters.

        like: another ledger of the same threat, whose weekly paths are taken where the case is the same.
        """
        self._like = like
        self.threat, self.places, self.case = threat, list(places), case
        self.hedges = tuple(threat.stocked(hedge, self.places) for hedge in hedges)
        self.before, self.during = elasticities or (threat.before, threat.elasticities)
        start = balanced_world(threat.world, self.before) if threat.closure == "balanced" else threat.world
        ones = np.ones(len(start.regions))
        self._worlds: dict[tuple[Chosen, Chosen], _Hedged] = {
            (NONE, NONE): _Hedged(start, ones, start.accounts.duty_revenue)
        }
        self._struck: dict[Any, Array] = {}
        self.notes: dict[str, None] = {}  # of the certificates of the threat on the world without hedges
        self.income = start.accounts.income[self.places]

    # ---------------------------------------------------------------------------------------------- hedges in force
    def _layers(self, chosen: Chosen) -> tuple[Chosen, Chosen]:
        """The hedges that change the world: those that last, and those that end when the threat comes."""
        moving = {number for number in chosen if self.hedges[number].measures}
        ending = {number for number in moving if self.hedges[number].response}
        return frozenset(moving - ending), frozenset(ending)

    def prepare(self, sets: Iterable[Chosen]) -> None:
        """Make the worlds of many sets at once, in batches where they start from the same world."""
        wanted = dict.fromkeys(self._layers(chosen) for chosen in sets)
        self._make(NONE, NONE, [(lasting, NONE) for lasting, _ in wanted])
        for lasting in dict.fromkeys(lasting for lasting, _ in wanted):
            self._make(lasting, NONE, [(lasting, ending) for other, ending in wanted if other == lasting])

    def _make(self, lasting: Chosen, ending: Chosen, keys: Sequence[tuple[Chosen, Chosen]]) -> None:
        missing = [key for key in dict.fromkeys(keys) if key not in self._worlds]
        start = self._worlds[lasting, ending]
        self._lend(start.world, self.before)
        for first in range(0, len(missing), CHUNK):
            chunk = missing[first : first + CHUNK]
            found = solve_many(
                start.world, [self._measures(key[0] - lasting | key[1] - ending) for key in chunk], horizon="long",
                closure=self.threat.closure, elasticities=self.before,
            )  # fmt: skip
            for key, outcome in zip(chunk, found, strict=True):
                if isinstance(outcome, GaiatsuError):
                    raise outcome
                self._worlds[key] = _Hedged(
                    outcome.as_world(f"{self.threat.world.name}, hedged"),
                    start.index * (1 + outcome.real_income_change), outcome.duty_revenue,
                )  # fmt: skip

    def _measures(self, chosen: Chosen) -> list[Any]:
        return [measure for number in sorted(chosen) for measure in self.hedges[number].measures]

    # ------------------------------------------------------------------------------------------------- threat comes
    def standing(self, chosen: Chosen) -> Standing:
        """Real income with a set of hedges, without and with the threat. Raises ConvergenceError, ScenarioError."""
        layers = self._layers(chosen)
        self.prepare([chosen])
        there, start = self._worlds[layers], self._worlds[NONE, NONE]
        index = there.index[self.places]
        response = tuple(item for number in sorted(chosen) for item in self.hedges[number].response)
        covered = min(self._stock(chosen, GOODS) / self.weeks, 1.0)
        change = self._change(layers, self.threat.measures, response)
        if covered:
            rest = self.threat.without_stocked(self.places)
            if rest != self._ordinary:
                # Critical inputs count on their weekly path below; here both sides are without them or with them.
                ordinary = self._change(layers, self._ordinary, response) if self.threat.critical else change
                change = change + covered * (self._change(layers, rest, response) - ordinary)
        alone = self._change(layers, (), response)
        loss = self._critical(chosen) - float((self.income * index * (change - alone)).sum())
        return Standing(
            peace=float((self.income * (index - 1)).sum()),
            relief=self.year_share * float((self.income * index * alone).sum()),
            loss=self.year_share * loss,
            fiscal=float((there.revenue - start.revenue)[self.places].sum()),
        )  # fmt: skip

    def _stock(self, chosen: Chosen, of: str) -> float:
        """Weeks in stock of the goods withheld, or of a critical input."""
        return sum(self.hedges[number].stock_weeks for number in chosen if of in self.hedges[number].stock_of)

    @property
    def year_share(self) -> float:
        """The part of a year that the threat lasts: a quarter at impact, else all of it."""
        return min(self.weeks / WEEKS_A_YEAR, 1.0)

    @property
    def weeks(self) -> int:
        """How long the threat has lasted at its horizon."""
        return HORIZON_WEEKS[self.threat.horizon]

    @cached_property
    def _ordinary(self) -> tuple[Any, ...]:
        return tuple(measure for measure in self.threat.measures if measure not in self.threat.critical)

    def _change(self, layers: tuple[Chosen, Chosen], measures: Sequence[Any], response: Sequence[Any]) -> Array:
        """[hedged region] change of real income by measures on a world with hedges in force."""
        everything = (*measures, *response)
        key = (layers, everything)
        if not everything:
            return np.zeros(len(self.places))
        if key not in self._struck:
            self._struck[key] = self._solve(self._worlds[layers].world, everything).real_income_change[self.places]
        return self._struck[key]

    def _lend(self, world: World, elasticities: Elasticities) -> None:
        """Solve on a hedged world with the preconditioner of the one it came from."""
        start = self._worlds[NONE, NONE].world
        if world is not start:
            engine.lend_inverse(start.accounts, world.accounts, elasticities)

    def _solve(self, world: World, measures: Sequence[Any]) -> Outcome:
        threat = self.threat
        self._lend(world, self.during)
        try:
            found = solve(
                world, measures, horizon=threat.horizon, closure=threat.closure, elasticities=self.during,
                residual_supply=threat.residual_supply,
            )  # fmt: skip
        except ConvergenceError as error:
            raise type(error)(f"the threat on {world.name}: {error}") from error
        if world is self._worlds[NONE, NONE].world:
            self.notes.update(dict.fromkeys(found.certificate.notes))
        return found

    # ---------------------------------------------------------------------------------------------- critical inputs
    @cached_property
    def _paths(self) -> list[Any]:
        """The weekly path of each critical input, on the world without hedges."""
        from gaiatsu.exposure.mineral_losses import path, situation

        if self._like is not None and self._like.case == self.case:
            return self._like._paths
        world = self._worlds[NONE, NONE].world
        return [path(situation(world, measure), self.case) for measure in self.threat.critical]  # type: ignore[arg-type]

    def _critical(self, chosen: Chosen) -> float:
        """US$ million a year to be added for critical inputs: the average loss on their weekly paths with these hedges,
        less what the engine says of them by themselves at the end of the horizon, on the world without hedges.
        """
        if not self.threat.critical:
            return 0.0
        kept = float(np.prod([1 - self.hedges[number].less_dependence for number in chosen]))
        at_end = self._change((NONE, NONE), self.threat.critical, ())
        return sum(
            self._path_loss(found, self._stock(chosen, found.situation.measure.input), kept) for found in self._paths
        ) + float((self.income * at_end).sum())

    def _path_loss(self, found: Any, stock: float, kept: float) -> float:
        there = found.situation
        weeks = min(there.weeks_at(self.threat.horizon), found.shortfall.shape[1])
        fill = there.fill(self.case, found.shortfall.shape[1])
        shortfall = found.shortfall.copy()
        rows = [row for row, region in enumerate(there.regions) if int(region) in self.places]
        for row in rows:
            held = float(there.held(self.case)[row]) + stock
            shortfall[row] = shortfall_path(kept * float(there.gap[row]), fill[row], held)
        lost = found.loss_of(shortfall)
        income = dict(zip(self.places, self.income, strict=True))
        return sum(float(income[int(there.regions[row])]) * float(lost[row, :weeks].mean()) for row in rows)


def with_sizes(hedges: Sequence[Hedge], number: int, end: str) -> tuple[Hedge, ...]:
    """The hedges with one of them at an end of its range."""
    return tuple(hedge.sized(end) if place == number else hedge for place, hedge in enumerate(hedges))


def drawn(threat: Threat, draws: int) -> Iterator[tuple[str, tuple[Elasticities, Elasticities]]]:
    """Draws of the trade elasticities: the set each is from, and the elasticities before the threat and with it.

    Sectors whose elasticity was set by hand keep it. Raises ScenarioError for a wrong number of draws.
    """
    own, sectors = threat.elasticities, threat.world.sectors
    long_run = own.long_run().theta(len(sectors))
    by_hand = {sectors[place]: float(long_run[place]) for place in own.by_hand}
    found = draw_elasticities(threat.world, draws, overrides=by_hand)
    scale = own.theta(len(sectors)) / long_run
    for name, theta in zip(found.sets, found.theta, strict=True):
        chosen = replace(own, trade=theta * scale, long_run_trade=theta)
        yield name, (chosen.long_run(), chosen)
