"""From a scenario to its outcomes over the horizons."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.scenario.loading import load, raise_problems, validation_problems
from gaiatsu.scenario.measures import Measure
from gaiatsu.scenario.resolve import focus_regions, left_out, on_its_day, resolve, world_of
from gaiatsu.scenario.schema import Scenario
from gaiatsu.world.world import World

if TYPE_CHECKING:
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.ranges import Range
    from gaiatsu.trade.solution import Outcome

Progress = Callable[[int, int, str], None]
MOST_FOCUS = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A scenario solved: outcomes by horizon, in order of time; `primary` is the horizon of the headline.

    `scenario` holds the measures in force on its day, `left_out` tells of the others. `failed` holds the horizons
    without an equilibrium, with the message of each; the primary is never among them. `range` is that of the primary
    horizon over published elasticities; None where no draws are asked for or too many have no equilibrium (`no_range`).
    """

    scenario: Scenario
    world: World
    measures: tuple[Measure, ...]
    outcomes: Mapping[str, Outcome]
    primary: str
    failed: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    range: Range | None = None
    no_range: str = ""

    @property
    def outcome(self) -> Outcome:
        """The outcome at the primary horizon."""
        return self.outcomes[self.primary]


def execute(scenario: Scenario, *, horizon: str | None = None, progress: Progress | None = None) -> Run:
    """Solve a scenario at its primary horizon (or `horizon`) and at those it compares.

    `progress` is called before each solve and at the end with the number done, the number in all, and what is next.
    A horizon without an equilibrium stands in Run.failed. Raises ScenarioError, DataError, or the ConvergenceError of
    the primary horizon.
    """
    chosen = with_options(scenario, horizon=horizon)
    world = world_of(chosen)
    measures = resolve(chosen, world)
    names = chosen.all_horizons()
    steps = len(names) + (chosen.elasticities.draws > 0)
    outcomes: dict[str, Outcome] = {}
    failed: dict[str, str] = {}
    for done, name in enumerate(names):
        if progress:
            progress(done, steps, f"{name} horizon")
        try:
            outcomes[name] = _solve(chosen, world, measures, name)
        except ConvergenceError as error:
            if name == chosen.horizon:
                raise type(error)(f"at horizon {name}: {error}") from error
            failed[name] = str(error)
    if progress and chosen.elasticities.draws:
        progress(len(names), steps, "range over published elasticities")
    found, no_range = _range(chosen, outcomes[chosen.horizon])
    if progress:
        progress(steps, steps, "solved")
    return Run(
        scenario=on_its_day(chosen), world=world, measures=measures, outcomes=outcomes, primary=chosen.horizon,
        failed=failed, left_out=tuple(left_out(chosen)), range=found, no_range=no_range,
    )  # fmt: skip


def _range(scenario: Scenario, outcome: Outcome) -> tuple[Range | None, str]:
    """The range of the headline, or why there is none (words in the scenario that are wrong were found before)."""
    choice = scenario.elasticities
    if not choice.draws:
        return None, ""
    try:
        found = outcome.range(choice.draws, sets=choice.range_over)
    except (ConvergenceError, ScenarioError) as error:  # also sectors that no published estimate speaks of
        return None, str(error)
    return (None, found.no_spread) if found.no_spread else (found, "")


def focus(run: Run) -> list[str]:
    """The regions looked at closely: those of the scenario (the most affected of many), in its order."""
    income = run.outcome.summary()["equivalent_variation"].abs().sort_values(ascending=False, kind="stable")
    codes = focus_regions(run.scenario, run.world)
    if not run.scenario.focus and len(codes) < 2:
        codes += [code for code in income.index if code not in codes][:3]
    kept = [code for code in income.index if code in codes][:MOST_FOCUS]
    return [code for code in codes if code in kept]


def run(case_or_path: str | os.PathLike[str] | Scenario, horizon: str | None = None) -> Outcome:
    """The outcome of a bundled case, a scenario file or a Scenario, at its primary horizon or at `horizon`."""
    scenario = case_or_path if isinstance(case_or_path, Scenario) else load(case_or_path)
    chosen = with_options(scenario, horizon=horizon)
    world = world_of(chosen)
    return _solve(chosen, world, resolve(chosen, world), chosen.horizon)


def with_options(scenario: Scenario, *, draws: int | None = None, **options: str | None) -> Scenario:
    """The scenario with some top-level keys, or the draws, replaced; those that are None stay. Raises ScenarioError."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if not given and draws is None:
        return scenario
    data = {**scenario.model_dump(exclude_unset=True), **given}
    if draws is not None:
        data["elasticities"] = {**scenario.elasticities.model_dump(exclude_unset=True), "draws": draws}
    try:
        changed = Scenario.model_validate(data)
    except ValidationError as error:
        raise_problems(None, validation_problems(error, data), error)
        raise
    return changed.with_origin(scenario.origin) if scenario.origin else changed


def elasticities_of(scenario: Scenario, world: World, horizon: str) -> Elasticities:
    """Elasticities of a horizon with the scenario's set and what it replaces.

    An override of a sector is its long-run trade elasticity: the horizon's scale applies to it as to the others.
    """
    from gaiatsu.trade.horizon import PARAMETERS
    from gaiatsu.trade.horizon import horizon as horizon_elasticities

    choice = scenario.elasticities
    chosen = horizon_elasticities(horizon, world, choice.set, overrides=choice.overrides or None)
    replaced: dict[str, Any] = {
        name: getattr(choice, name)
        for name in ("value_added", "materials", "consumption", "mobility")
        if getattr(choice, name) is not None
    }
    if choice.trade_scale is not None:
        long_run = np.asarray(chosen.trade) / PARAMETERS[horizon].trade_scale
        replaced["trade"] = choice.trade_scale * long_run
    return replace(chosen, **replaced)


def _solve(scenario: Scenario, world: World, measures: tuple[Measure, ...], horizon: str) -> Outcome:
    from gaiatsu.trade.solve import solve

    return solve(
        world,
        measures,
        horizon=horizon,
        closure=scenario.closure,
        elasticities=elasticities_of(scenario, world, horizon),
        residual_supply=scenario.residual_supply,
    )
