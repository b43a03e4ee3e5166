"""What duties of a protector do by published set of trade elasticities: all sets at one level, the extremes at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gaiatsu.errors import GaiatsuError, ScenarioError
from gaiatsu.scenario.measures import Tariff
from gaiatsu.scenario.outlays import gdp
from gaiatsu.security.link import DutyEffects, duty_effects
from gaiatsu.trade import batch, engine, ranges, solve
from gaiatsu.trade.solution import Terms, real_income_change
from gaiatsu.trade.wedges import compose

if TYPE_CHECKING:
    from gaiatsu.scenario.outlays import Outlays
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.wedges import Wedges
    from gaiatsu.world.world import World

Array = np.ndarray
Pair = tuple[str, float]  # set, level
Changes = tuple[float, float]  # the loss of the defender and the gain of the protector, US$ million


@dataclass(frozen=True, eq=False)
class SetEffects:
    """Effects of duties by set of trade elasticities.

    shown: the level at which every set was solved; at: set → the defender's loss and the protector's gain there, US$
    million; effects: set → the whole curve, of the first set and of those with the least and the largest loss, and
    gain, at `shown`; refused: set → why there is no equilibrium.
    """

    shown: float
    at: Mapping[str, tuple[float, float]]
    effects: Mapping[str, DutyEffects]
    refused: Mapping[str, str]


def duty_effects_by_set(
    world: World, levels: Sequence[float], sets: Mapping[str, Elasticities], *, shown: float, defender: str,
    protector: str, sectors: Sequence[str] | str = "goods", horizon: str = "long", closure: str | None = None,
    outlays: Outlays | None = None,
) -> SetEffects:  # fmt: skip
    """Duties of `protector` on the goods of `defender` under several sets of trade elasticities.

    Which sets are the extremes is not known beforehand: all are solved at `shown`, one of `levels`, and the curves are
    solved of those that turn out to be. Sets differ in trade elasticities only. The first must have equilibria; another
    that has none is in `refused`. Otherwise as gaiatsu.security.link.duty_effects.
    """
    if shown not in levels:
        raise ScenarioError(f"shown is {shown!r}, which is none of the levels {list(levels)!r}")
    usual = next(iter(sets))
    asked = _Asked(world, sets, defender, protector, sectors, horizon, closure, outlays)
    found = asked.solve([(usual, rate) for rate in levels] + [(name, shown) for name in sets if name != usual])
    for rate in levels:
        if isinstance(error := found[usual, rate], GaiatsuError):
            raise error
    at = {name: pair for name in sets if not isinstance(pair := found[name, shown], GaiatsuError)}
    ends = dict.fromkeys((usual, *(pick(at, key=lambda name: at[name][k]) for k in (0, 1) for pick in (min, max))))
    found |= asked.solve([(name, rate) for name in ends for rate in levels if (name, rate) not in found])
    sizes = gdp(world)
    own, other = (int(world.region_indices(word)[0]) for word in (defender, protector))
    refused = {name: str(item) for (name, _), item in found.items() if isinstance(item, GaiatsuError)}
    effects = {}
    for name in ends:
        if name not in refused:
            rows = np.array([(0.0, 0.0), *(found[name, rate] for rate in levels)])
            effects[name] = DutyEffects(
                np.array([0.0, *levels]), rows[:, 0], rows[:, 1], (float(sizes[own]), float(sizes[other]))
            )
    return SetEffects(shown, {name: pair for name, pair in at.items() if name not in refused}, effects, refused)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Whose duties, on what, with which sets."""

    world: World
    sets: Mapping[str, Elasticities]
    defender: str
    protector: str
    sectors: Sequence[str] | str
    horizon: str
    closure: str | None
    outlays: Outlays | None
    points: dict[Pair, Array] = field(default_factory=dict)  # found so far, from which others start

    def solve(self, pairs: Sequence[Pair]) -> dict[Pair, Changes | GaiatsuError]:
        """(set, level) → the defender's loss and the protector's gain, US$ million, or why there is no equilibrium."""
        if self.closure == "balanced":  # the world itself differs by set, and no batch is shared
            return {pair: self._alone(*pair) for pair in pairs}
        base = next(iter(self.sets.values()))
        sectors = len(self.world.sectors)
        limit = ranges.FAR * base.theta(sectors)
        near = [pair for pair in pairs if not (self.sets[pair[0]].theta(sectors) > limit).any()]
        wedges = self._wedges(sorted({rate for _, rate in near}))
        proportional = self.closure == "proportional"
        usual = next(iter(self.sets))
        tasks = [
            next(batch.tasks_of(
                self.world.accounts, wedges[rate], self.sets[name].theta(sectors)[None], proportional=proportional,
                start=self.points.get((usual, rate)),
            ))
            for name, rate in near
        ]  # fmt: skip
        answers = batch.solve_tasks(
            self.world, tasks, base, tolerance=solve.TOLERANCE, worth=ranges.WORTH, size=ranges.SIZE
        )
        found = {
            pair: self._finished(pair, wedges[pair[1]], answer) for pair, answer in zip(near, answers, strict=True)
        }
        return found | {pair: self._alone(*pair) for pair in pairs if pair not in found}

    def _wedges(self, rates: Sequence[float]) -> dict[float, Wedges]:
        beside = () if self.outlays is None else (replace(self.outlays, share=0.0),)
        out: dict[float, Wedges] = {}
        for rate in rates:
            duty = Tariff(by=self.protector, on=self.defender, sectors=self.sectors, rate=float(rate))
            made = compose(self.world, [duty, *beside], horizon=self.horizon)
            # One and the same table, so that the program compiled for the run's own ranges serves here too.
            first = next(iter(out.values()), made)
            out[rate] = replace(made, purchases=first.purchases)
        return out

    def _finished(self, pair: Pair, wedges: Wedges, answer: engine.Found | None) -> Changes | GaiatsuError:
        """Certified, each of them: any may be an end of the range."""
        chosen = self.sets[pair[0]]
        closure = self.closure or "fixed"
        try:
            found = answer or engine.find(
                self.world, wedges, chosen, proportional=closure == "proportional", tolerance=solve.TOLERANCE
            )
            found, _ = solve.proved(self.world, wedges, chosen, Terms(closure=closure), found)
        except GaiatsuError as error:
            return error
        self.points[pair] = found.point
        accounts = self.world.accounts
        change = real_income_change(accounts, found.market) * accounts.income
        own, other = (int(self.world.region_indices(word)[0]) for word in (self.defender, self.protector))
        return -float(change[own]), float(change[other])

    def _alone(self, name: str, rate: float) -> Changes | GaiatsuError:
        try:
            found = duty_effects(
                self.world, [rate], defender=self.defender, protector=self.protector, sectors=self.sectors,
                horizon=self.horizon, closure=self.closure, elasticities=self.sets[name], outlays=self.outlays,
            )  # fmt: skip
        except GaiatsuError as error:
            return error
        return float(found.loss[1]), float(found.gain[1])
