"""What a cut of a critical mineral costs its users, week by week: from who depends on whom to real income.

Parameters come in three cases, `low`, `central` and `high` losses: the input's cost and the part of output it reaches,
substitution, spare capacity, stocks. The engine answers at the horizons; in between, a week's direct loss (Hulten's
weights, the nest's own curvature at that week's substitution) is scaled by the engine's answer over it, interpolated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.exposure import mineral_use, minerals, stocks
from gaiatsu.exposure.critical_inputs import Cut, Joint, joint_productivity, sector_productivity
from gaiatsu.exposure.mineral_users import User, sides, users_in
from gaiatsu.trade.horizon import PARAMETERS
from gaiatsu.trade.horizon import horizon as horizon_elasticities

if TYPE_CHECKING:
    from gaiatsu.scenario.critical_input import CriticalInput
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

CASES = minerals.CASES
OPPOSITE = {"low": "high", "central": "central", "high": "low"}
WEEKS = 156
ANSWERED = ("impact", "short", "medium")  # horizons at which a path asks the engine
LEVELS = (0.5, 1.0)  # of the whole gap, at which it asks
PATH_TOLERANCE = 1e-7


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One choice of the uncertain parameters: each `low`, `central` or `high`, named by what it does to the loss."""

    cost: str = "central"
    substitution: str = "central"
    spare: str = "central"
    stock: str = "central"

    @classmethod
    def all_at(cls, case: str) -> Settings:
        """All of them at their low, central or high loss."""
        return cls(cost=case, substitution=case, spare=case, stock=case)


@dataclass(frozen=True, eq=False)
class Situation:
    """A cut of a mineral and all that is known of it in a world."""

    world: World
    measure: CriticalInput
    _joint: dict[Any, Joint] = field(default_factory=dict, repr=False)

    @cached_property
    def item(self) -> Mapping[str, Any]:
        """The mineral's facts."""
        return minerals.mineral(self.measure.input)

    @cached_property
    def controllers(self) -> NDArray[np.int64]:
        """Positions of those who cut."""
        return sides(self.world, self.measure)[0]

    @cached_property
    def regions(self) -> NDArray[np.int64]:
        """Positions of those who are cut off."""
        return sides(self.world, self.measure)[1]

    @cached_property
    def use(self) -> mineral_use.Use | None:
        """What is known of everybody's use; None where nothing is, and the measure says what it needs."""
        try:
            return mineral_use.use_of(self.world, self.measure.input, self.controllers)
        except DataMissing:
            if self.measure.dependence is None or self.measure.users is None:
                raise
            return None

    @cached_property
    def standing(self) -> list[mineral_use.Dependence]:
        """[region] what is known of each that is cut off."""
        if self.use is not None:
            return [self.use.standing[region] for region in self.regions]
        given = float(self.measure.dependence or 0.0)
        return [
            mineral_use.Dependence(region=self.world.regions[region], dependence=given, value=0.0, source="given")
            for region in self.regions
        ]

    @cached_property
    def relief(self) -> float:
        """The world's use over what all outside the controllers would lack if cut off; 0 where nobody would."""
        if self.use is not None and self.use.lacking > 0:
            return self.use.world / self.use.lacking
        return 1 / self.measure.dependence if self.measure.dependence else 0.0

    @cached_property
    def recycling(self) -> float | None:
        """The mineral's own share of recycled supply; None where none is known."""
        value = self.item.get("recycling", {}).get("value")
        return None if value is None else float(value)

    @cached_property
    def gap(self) -> Array:
        """[region] share of normal use that is cut off."""
        measure = self.measure
        given = measure.dependence
        share = np.array([item.dependence if given is None else given for item in self.standing])
        if not share.any():
            names = ", ".join(self.world.regions[index] for index in self.regions[:5])
            raise DataMissing(f"trade has no {self.item['name']} from `by` to {names}: give `dependence`, or others")
        if measure.recycling is not None and given is None:
            share = share * (1 - measure.recycling) / (1 - (self.recycling or 0.0))
        return np.minimum(share * measure.share, 1.0)

    @cached_property
    def stock_weeks(self) -> dict[str, Array]:
        """case → [region] weeks in stock; `low` and `high` are of the stock, not of the loss."""
        common = minerals.facts()["common"]["stock_weeks"]
        out = {}
        for case in CASES:
            own = [common.get(self.world.regions[index], {}) for index in self.regions]
            usual = common["default"] if case == "central" else common[case]
            given = self.measure.stock_weeks
            out[case] = np.array([item.get(case, usual) if given is None else given for item in own], dtype=float)
        return out

    def substitution(self, week: float, case: str) -> float:
        """σ after some weeks of a cut; between horizons its logarithm is linear in the logarithm of time."""
        if self.measure.substitution is not None:
            return self.measure.substitution
        rule = minerals.facts()["common"]["substitution"]
        low, high = rule["low_over_materials"], rule["high_over_materials"]
        scale = {"low": high, "central": float(np.sqrt(low * high)), "high": low}[case]
        names = list(stocks.HORIZON_WEEKS)
        times = np.log([stocks.HORIZON_WEEKS[name] for name in names])
        values = np.log([PARAMETERS[name].materials for name in names])
        return scale * float(np.exp(np.interp(np.log(max(week, 1.0)), times, values)))

    def spare(self, case: str) -> float:
        """What others can add after three years, as a share of the world's use."""
        if self.measure.spare_capacity is not None:
            return self.measure.spare_capacity
        return float(minerals.facts()["common"]["spare_capacity"][OPPOSITE[case]])

    def held(self, case: str) -> Array:
        """[region] weeks in stock at a low, central or high loss."""
        return self.stock_weeks[OPPOSITE[case]]

    def fill(self, case: str, weeks: int = WEEKS) -> Array:
        """[region, week] what others add, as a share of normal use: what each gets of it when all are cut off."""
        hanging = self.gap / self.measure.share if self.measure.share > 0 else self.gap
        return np.array([stocks.fill_path(self.spare(case), part * self.relief, weeks) for part in hanging])

    def shortfall(self, case: str, weeks: int = WEEKS, stock: str | None = None) -> Array:
        """[region, week] what users lack, after stocks (in a case of their own if given) and other suppliers."""
        rows = zip(self.gap, self.fill(case, weeks), self.held(stock or case), strict=True)
        return np.array([stocks.shortfall_path(*row) for row in rows])

    def weeks_at(self, horizon: str) -> int:
        """How long the cut has lasted at a horizon."""
        given = self.measure.weeks
        return stocks.HORIZON_WEEKS[horizon] if given is None else max(round(given), 1)

    # -------------------------------------------------------------------------------------------------- users
    @cached_property
    def cells(self) -> dict[str, NDArray[np.int64]]:
        """`row`, `region`, `sector`: places of the hit sectors, and `user`, which of the users each belongs to."""
        rows, sectors, users = [], [], []
        for row, region in enumerate(self.regions):
            for user, found in enumerate(self.users):
                for sector in found.sectors:
                    if self.world.accounts.output[region, sector] > 0:
                        rows.append(row)
                        sectors.append(sector)
                        users.append(user)
        if len(set(zip(rows, sectors, strict=True))) < len(rows):
            said = ", ".join(user.code for user in self.users)
            raise ScenarioError(f"critical-input: two of the users {said} share a sector: give each sector once")
        if not rows:
            raise ScenarioError(
                f"critical-input: none of the users {', '.join(user.code for user in self.users)} makes anything"
            )
        at = np.array(rows)
        return {"row": at, "region": self.regions[at], "sector": np.array(sectors), "user": np.array(users)}

    @cached_property
    def users(self) -> tuple[User, ...]:
        """Who uses the mineral; its own users that are one sector of the world are one user."""
        return users_in(self.world, self.measure)

    def cost_and_reach(self, case: str) -> tuple[Array, Array]:
        """[cell] the input's share of cost λ, and the share of output it reaches.

        Where a mineral's own figures make λ larger than that, imports are for other uses: λ is cut down to it (told by
        `capped`). Raises DataError where users are given and λ is larger.
        """
        wide, cost = self._reach(case), self._raw_cost(case)
        given = self.measure.given_users
        if given is not None and (cost > wide).any():
            worst = int(np.argmax(cost / wide))
            name = self.users[self.cells["user"][worst]].code
            raise DataError(
                f"critical-input: `users` makes {self.item['name']} {cost[worst]:.1%} of the cost of {name}, but only "
                f"{wide[worst]:.1%} of its output needs it: give a smaller share of cost, or a larger `reach`"
            )
        return np.minimum(cost, wide), wide

    def capped(self, case: str) -> list[str]:
        """The hit sectors, region and sector, whose share of cost is cut down to what the input reaches."""
        cells, over = self.cells, self._raw_cost(case) > self._reach(case)
        places = zip(cells["region"][over], cells["sector"][over], strict=True)
        return [f"{self.world.regions[region]} {self.world.sectors[sector]}" for region, sector in places]

    def _reach(self, case: str) -> Array:
        place = CASES.index(case)
        return np.array([user.reach[place] for user in self.users])[self.cells["user"]]

    def _raw_cost(self, case: str) -> Array:
        """[cell] the input's share of cost: given, or the value of its use there over output."""
        cells, output = self.cells, self.world.accounts.output
        if self.measure.given_users is not None:
            return np.array([user.weight for user in self.users])[cells["user"]]
        made = output[cells["region"], cells["sector"]]
        together = np.zeros((len(self.regions), len(self.users)))
        np.add.at(together, (cells["row"], cells["user"]), made)
        value = float(self.item["value_factor"][case]) * np.array([item.value for item in self.standing])
        use = np.array([user.weight for user in self.users])
        return value[cells["row"]] * use[cells["user"]] / together[cells["row"], cells["user"]]

    # ------------------------------------------------------------------------------------------------ answers
    def cut(self, shortfall: Array, substitution: float, case: str) -> Cut:
        """The cut that given shortfalls by region make."""
        cost, reach = self.cost_and_reach(case)
        cells = self.cells
        return Cut(
            region=cells["region"], sector=cells["sector"], share=cost, reach=reach,
            shortfall=shortfall[cells["row"]], substitution=np.full(len(cost), substitution),
        )  # fmt: skip

    def joint(self, horizon: str, settings: Settings | None = None) -> Joint:
        """The answer at a horizon, or after the measure's own number of weeks."""
        chosen = settings or Settings()
        key = (horizon, chosen)
        if key not in self._joint:
            week = self.weeks_at(horizon)
            lacking = self.shortfall(chosen.spare, week, chosen.stock)[:, -1]
            cut = self.cut(lacking, self.substitution(week, chosen.substitution), chosen.cost)
            self._joint[key] = joint_productivity(self.world, cut, horizon_elasticities(horizon, self.world))
        return self._joint[key]

    def direct_loss(self, shortfall: Array, substitution: Array, case: str) -> Array:
        """[region, …] first-order loss of real income: Domar weights on what each user loses; inputs fixed elsewhere.

        shortfall, substitution: [region, …] and [...].
        """
        cost, reach = self.cost_and_reach(case)
        cells, accounts = self.cells, self.world.accounts
        weight = accounts.output[cells["region"], cells["sector"]] / accounts.income[cells["region"]]
        shape = (-1,) + (1,) * (shortfall.ndim - 1)
        kept = sector_productivity(
            cost.reshape(shape), reach.reshape(shape), shortfall[cells["row"]], np.asarray(substitution)
        )
        out = np.zeros(shortfall.shape)
        np.add.at(out, cells["row"], weight.reshape(shape) * (1 - kept))
        return out


_kept: WeakKeyDictionary[Any, dict[Any, Situation]] = WeakKeyDictionary()
MOST_KEPT = 16


def situation(world: World, measure: CriticalInput) -> Situation:
    """The situation of a measure in a world, kept for the last few measures."""
    kept = _kept.setdefault(world.accounts, {})
    key = (measure, world.regions, world.sectors)
    if key not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = Situation(world, measure)
    return kept[key]


@dataclass(frozen=True, eq=False, kw_only=True)
class Path:
    """Losses week by week in one case. shortfall: [region, week]; loss: [region, week] share of real income."""

    situation: Situation
    case: str
    ratio: Array  # [horizon, region, level] engine's loss over the direct one
    shortfall: Array
    loss: Array

    def loss_of(self, shortfall: Array) -> Array:
        """[region, week] loss of real income, a share, at any weekly shortfalls."""
        there = self.situation
        weeks = np.arange(1, shortfall.shape[1] + 1)
        σ = np.array([there.substitution(float(week), self.case) for week in weeks])
        direct = there.direct_loss(shortfall, σ, self.case)
        times = np.log([stocks.HORIZON_WEEKS[name] for name in ANSWERED])
        scale = np.empty_like(direct)
        for row, gap in enumerate(there.gap):
            level = shortfall[row] / gap if gap > 0 else np.zeros(len(weeks))
            by_horizon = np.array([np.interp(level, LEVELS, line[row]) for line in self.ratio])
            scale[row] = [np.interp(np.log(week), times, by_horizon[:, place]) for place, week in enumerate(weeks)]
        return direct * scale

    def cumulated(self, weeks: int) -> Array:
        """[region] what the first weeks lose, as a share of a year's real income."""
        return self.loss[:, :weeks].sum(axis=1) / stocks.WEEKS_A_YEAR


def path(there: Situation, case: str = "central", weeks: int = WEEKS) -> Path:
    """The weekly path of losses in one case, over three years or less; six equilibria with critical inputs at most.

    Raises ConvergenceError or ScenarioError where the engine has no answer, as where a sector would stop.
    """
    ratio = np.ones((len(ANSWERED), len(there.regions), len(LEVELS)))
    last_needed = next(place for place, name in enumerate(ANSWERED) if stocks.HORIZON_WEEKS[name] >= weeks)
    for first, name in enumerate(ANSWERED[: last_needed + 1]):
        week = stocks.HORIZON_WEEKS[name]
        σ = there.substitution(week, case)
        elasticities = horizon_elasticities(name, there.world)
        for last, level in enumerate(LEVELS):
            lacking = level * there.gap
            direct = there.direct_loss(lacking, np.array(σ), case)
            if not (direct > 0).any():
                continue
            cut = there.cut(lacking, σ, case)
            found = joint_productivity(there.world, cut, elasticities, tolerance=PATH_TOLERANCE)
            lost = -found.real_income_change[there.regions]
            np.divide(lost, direct, out=ratio[first, :, last], where=direct > 1e-15)
    shortfall = there.shortfall(case, weeks)
    start = Path(situation=there, case=case, ratio=ratio, shortfall=shortfall, loss=np.empty(0))
    return replace(start, loss=start.loss_of(shortfall))


def stockpiles(found: Path, row: int, *, weeks: int, carrying_cost: float) -> stocks.Stockpile:
    """What stockpiles of a region (its place in the situation) save over a cut of `weeks`, and cost a year."""
    there = found.situation
    fill = there.fill(found.case, WEEKS)
    income = float(there.world.accounts.income[there.regions[row]])
    others = found.shortfall.copy()

    def lost(shortfall: Array) -> Array:
        table = others[:, : len(shortfall)].copy()
        table[row] = shortfall
        return found.loss_of(table)[row] * income / stocks.WEEKS_A_YEAR

    return stocks.stockpile(
        lost, gap=float(there.gap[row]), fill=fill[row], held=float(there.held(found.case)[row]), weeks=weeks,
        value=there.standing[row].value, carrying_cost=carrying_cost,
    )  # fmt: skip
