"""What a cut of a critical mineral costs its users, week by week: from who depends on whom to real income.

Parameters come in three cases, `low`, `central` and `high` losses: the input's cost and the part of output it reaches,
substitution, spare capacity. The engine answers at the horizons; in between, a week's direct loss (Hulten's weights,
the nest's own curvature at that week's substitution) is scaled by the engine's answer over it, interpolated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.exposure import minerals, stocks
from gaiatsu.exposure.critical_inputs import Cut, Joint, joint_productivity, sector_productivity
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

    @classmethod
    def all_at(cls, case: str) -> Settings:
        """All three at their low, central or high loss."""
        return cls(cost=case, substitution=case, spare=case)


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
        return self.world.region_indices(self.measure.by)

    @cached_property
    def regions(self) -> NDArray[np.int64]:
        """Positions of those who are cut off."""
        found = np.setdiff1d(self.world.region_indices(self.measure.on), self.controllers)
        if not len(found):
            name = self.world.regions[int(self.controllers[0])]
            raise ScenarioError(f"critical-input: `by` and `on` are the same region, {name}; name another one")
        return found

    @cached_property
    def standing(self) -> list[minerals.Dependence]:
        """[region] what is known of each."""
        return [self._standing(int(region)) for region in self.regions]

    def _standing(self, region: int) -> minerals.Dependence:
        measure = self.measure
        try:
            return minerals.dependence_of(self.world, measure.input, self.controllers, region)
        except DataMissing:
            if measure.dependence is None or measure.users is None:
                raise
        return minerals.Dependence(
            region=self.world.regions[region], dependence=measure.dependence, value=0.0, supply=0.0, source="given",
            assumed="that nobody else could fill the gap: no figures on other suppliers are at hand",
        )  # fmt: skip

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
        """Spare capacity outside the controller after three years, as a share of supply there."""
        if self.measure.spare_capacity is not None:
            return self.measure.spare_capacity
        return float(minerals.facts()["common"]["spare_capacity"][OPPOSITE[case]])

    def fill(self, case: str, weeks: int = WEEKS) -> Array:
        """[region, week] what others add, as a share of normal use; new supply is divided by what each lacks."""
        supply = np.array([item.supply for item in self.standing])
        lacking = self.gap * np.array([item.value for item in self.standing])
        claim = lacking / lacking.sum() if lacking.sum() > 0 else np.zeros_like(lacking)
        rows = zip(supply, claim, strict=True)
        return np.array([stocks.fill_path(self.spare(case), share * part, weeks) for share, part in rows])

    def shortfall(self, case: str, weeks: int = WEEKS, extra: float = 0.0) -> Array:
        """[region, week] what users lack, after stocks (`extra` weeks more than there are) and other suppliers."""
        held = self.stock_weeks["central"] + extra
        rows = zip(self.gap, self.fill(case, weeks), held, strict=True)
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
            for user, code in enumerate(self.user_codes):
                for sector in self.world.sector_indices(code):
                    if self.world.accounts.output[region, sector] > 0:
                        rows.append(row)
                        sectors.append(int(sector))
                        users.append(user)
        if len(set(zip(rows, sectors, strict=True))) < len(rows):
            raise ScenarioError(f"critical-input: two of the users {', '.join(self.user_codes)} are the same sector")
        if not rows:
            raise ScenarioError(f"critical-input: none of the users {', '.join(self.user_codes)} makes anything")
        at = np.array(rows)
        return {"row": at, "region": self.regions[at], "sector": np.array(sectors), "user": np.array(users)}

    @cached_property
    def user_codes(self) -> tuple[str, ...]:
        """The sectors that use the mineral, as they are named."""
        given = self.measure.given_users
        return tuple(code for code, _ in given) if given else tuple(minerals.users_of(self.measure.input))

    def cost_and_reach(self, case: str) -> tuple[Array, Array]:
        """[cell] the input's share of cost λ, and the share of output it reaches. Raises DataError where λ is more."""
        cells, place = self.cells, CASES.index(case)
        known = self.item.get("users", {})
        reach = np.array([known.get(code, {"reach": (1.0, 1.0, 1.0)})["reach"][place] for code in self.user_codes])
        if self.measure.reach is not None:
            reach = np.full(len(reach), self.measure.reach)
        given = self.measure.given_users
        if given is not None:
            cost = np.array([share for _, share in given])[cells["user"]]
        else:
            cost = self._cost(float(self.item["value_factor"][case]), [known[code]["use"] for code in self.user_codes])
        wide = reach[cells["user"]]
        if (cost > wide).any():
            worst = int(np.argmax(cost / wide))
            where = f"{self.world.regions[cells['region'][worst]]} {self.world.sectors[cells['sector'][worst]]}"
            raise DataError(
                f"{self.item['name']} would be {cost[worst]:.1%} of the cost of {where}, more than the "
                f"{wide[worst]:.0%} of its output that uses it: imports are for resale; give `users` (sector: share of "
                "its cost)"
            )
        return cost, wide

    def _cost(self, factor: float, use: Sequence[float]) -> Array:
        """[cell] the input's share of cost: value of its use there over output."""
        cells, output = self.cells, self.world.accounts.output
        made = output[cells["region"], cells["sector"]]
        together = np.zeros((len(self.regions), len(use)))
        np.add.at(together, (cells["row"], cells["user"]), made)
        value = np.array([item.value for item in self.standing])
        return factor * value[cells["row"]] * np.asarray(use)[cells["user"]] / together[cells["row"], cells["user"]]

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
            lacking = self.shortfall(chosen.spare, week)[:, -1]
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


def path(there: Situation, case: str = "central") -> Path:
    """The weekly path of losses over three years in one case; six equilibria with critical inputs.

    Raises ConvergenceError or ScenarioError where the engine has no answer, as where a sector would stop.
    """
    ratio = np.ones((len(ANSWERED), len(there.regions), len(LEVELS)))
    for first, name in enumerate(ANSWERED):
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
    start = Path(situation=there, case=case, ratio=ratio, shortfall=there.shortfall(case), loss=np.empty(0))
    return Path(situation=there, case=case, ratio=ratio, shortfall=start.shortfall, loss=start.loss_of(start.shortfall))


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
        lost, gap=float(there.gap[row]), fill=fill[row], held=float(there.stock_weeks["central"][row]), weeks=weeks,
        value=there.standing[row].value, carrying_cost=carrying_cost,
    )  # fmt: skip
