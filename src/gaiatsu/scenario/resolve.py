"""Scenario meets world: do its names exist, do its measures touch anything, do they contradict each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, GaiatsuError, ScenarioError
from gaiatsu.scenario.agreement_chapters import chapter_sectors, counted_twice
from gaiatsu.scenario.loading import Problem, raise_problems
from gaiatsu.scenario.measure_models import USDutiesModel
from gaiatsu.scenario.measures import Agreement, ExportTax, Financing, Measure, Tariff, USDuties
from gaiatsu.scenario.parties import why_nothing
from gaiatsu.scenario.schema import Path, Scenario, format_path, format_place
from gaiatsu.scenario.us_duties import importer, on_day
from gaiatsu.trade.wedges import NO_DEFICIT, compose, touched_cells
from gaiatsu.world.world import World

_REGION_KEYS = ("by", "on", "between")


def world_of(scenario: Scenario) -> World:
    """The scenario's world with its own groups. Raises DataError for a wrong world, ScenarioError for a wrong group."""
    try:
        world = World.load(scenario.world)
    except DataError as error:
        raise type(error)(f"{scenario.where(('world',))}: {error}") from error
    for name, members in scenario.groups.items():
        try:
            world = world.with_groups({name: members})
        except ScenarioError as error:
            raise ScenarioError(f"{scenario.where(('groups', name))}: {error}") from error
    return world


def resolve(scenario: Scenario, world: World) -> tuple[Measure, ...]:
    """The measures as the engine takes them: those in force, when the scenario is of a day.

    Raises ScenarioError listing every fault with file, line and key.
    """
    problems = _name_problems(scenario, world) + _hedge_problems(scenario, world)
    raise_problems(scenario.origin, problems)
    measures = {number: _built(scenario, number) for number in in_force(scenario)}
    problems = [found for number in measures for found in _target_problems(number, measures[number], world)]
    raise_problems(scenario.origin, problems or _level_problems(scenario, measures, world))
    chosen = tuple(measures.values())
    _refuse_financing(scenario, measures)
    try:
        compose(world, chosen, residual_supply=scenario.residual_supply, horizon=scenario.horizon)
    except ScenarioError as error:
        raise ScenarioError(f"{scenario.where(_culprit(scenario, measures, world))}: {error}") from error
    return chosen


def _culprit(scenario: Scenario, measures: Mapping[int, Measure], world: World) -> Path:
    """Where the first measure stands that cannot be composed with those before it."""
    chosen = list(measures.values())
    for count, number in enumerate(measures, start=1):
        try:
            compose(world, chosen[:count], residual_supply=scenario.residual_supply, horizon=scenario.horizon)
        except ScenarioError:
            return ("measures", number)
    return ("measures",)


def _refuse_financing(scenario: Scenario, measures: Mapping[int, Measure]) -> None:
    """ScenarioError where a deficit's financing is cut in a closure that has no deficits."""
    if scenario.closure != "balanced":
        return
    for number, measure in measures.items():
        if measure.share if isinstance(measure, Financing) else getattr(measure, "financing", 0.0):
            raise ScenarioError(f"{scenario.where(('closure',))}: {NO_DEFICIT} (measures[{number}] cuts it)")


def in_force(scenario: Scenario) -> list[int]:
    """Positions of the measures in force on the scenario's day; all of them when it has none.

    Measures without dates are always in force. Raises ScenarioError with all dates when none is.
    """
    numbers = range(len(scenario.measures))
    kept = [number for number in numbers if not _absence(scenario, number)]
    if not kept:
        told = "; ".join(f"{_called(scenario, number)} {_absence(scenario, number)}" for number in numbers)
        raise ScenarioError(f"{_place_of_day(scenario)}: no measure is in force on {scenario.at}: {told}")
    return kept


def left_out(scenario: Scenario) -> list[str]:
    """What a scenario says that a run does not use: measures that its day leaves out, and why, and sets not drawn from.

    US duties that keep a day of their own are named too.
    """
    told = []
    for number, model in enumerate(scenario.measures):
        if why := _absence(scenario, number):
            told.append(f"{_called(scenario, number)} is left out: it {why}")
        elif isinstance(model, USDutiesModel) and scenario.at and model.at not in (None, scenario.at):
            told.append(f"{_called(scenario, number)} keeps its own day, {model.at}")
    if scenario.elasticities.range_over and not scenario.elasticities.draws:
        told.append("the sets of elasticities.range_over are not used: with 0 draws there is no range")
    if scenario.hedges:
        told.append("its hedges are not part of a run: `gaiatsu hedges` compares them")
    return told


def on_its_day(scenario: Scenario) -> Scenario:
    """The scenario with only the measures in force on its day."""
    kept = [scenario.measures[number] for number in in_force(scenario)]
    return scenario if len(kept) == len(scenario.measures) else scenario.model_copy(update={"measures": kept})


def _absence(scenario: Scenario, number: int) -> str:
    """Why a measure is not in force on the scenario's day, or nothing."""
    model, day = scenario.measures[number], scenario.at
    if day is None:
        return ""
    if model.date and model.date > day:
        return f"begins on {model.date}"
    return f"ended on {model.until}" if model.until and model.until < day else ""


def _place_of_day(scenario: Scenario) -> str:
    """Where the file says the day; without a line when it was given beside the file."""
    written = scenario.origin is not None and ("at",) in scenario.origin.lines
    return scenario.where(("at",)) if written else "at"


def _called(scenario: Scenario, number: int) -> str:
    """measures[2] and the note of a measure."""
    note = scenario.measures[number].note
    return format_path(("measures", number)) + (f" ({note})" if note else "")


def _built(scenario: Scenario, number: int) -> Measure:
    """A measure for the engine; US duties without a day take the scenario's."""
    model = scenario.measures[number]
    if not isinstance(model, USDutiesModel) or model.at or scenario.at is None:
        return model.build()
    try:
        return model.model_copy(update={"at": scenario.at}).build()
    except ScenarioError as error:
        raise ScenarioError(f"{_place_of_day(scenario)}: {error}") from error


def focus_regions(scenario: Scenario, world: World) -> list[str]:
    """Codes of the regions the report looks at: `focus` or, without it, the regions that the measures name."""
    words = list(scenario.focus or [])
    if not words:
        for measure in scenario.measures:
            if isinstance(measure, USDutiesModel):
                words.append("USA")
            for key in _REGION_KEYS:
                named = getattr(measure, key, [])
                words += [word for word in named if len(world.region_indices(word)) == 1]
    codes = [world.regions[index] for word in words for index in world.region_indices(word)]
    return list(dict.fromkeys(codes))


def notes(world: World, measures: Sequence[Measure], positions: Sequence[int] | None = None) -> list[str]:
    """What is allowed but probably not meant: measures of size zero, or that touch no trade of the baseline, and
    agreements that count one effect twice.

    positions: where the measures stand in the file, when some were left out.
    """
    out = []
    placed = list(zip(positions or range(len(measures)), measures, strict=True))
    for number, measure in placed:
        zero = _zero_size(measure)
        cells = touched_cells(measure, world)
        if zero:
            out.append(f"measures[{number}] has {zero} 0: it changes nothing")
        elif isinstance(measure, USDuties) and not on_day(measure.day).any():
            out.append(f"measures[{number}] is of {measure.day}, before the first duty: it changes nothing")
        elif cells is not None and not world.accounts.flows[cells].any():
            out.append(f"measures[{number}] touches no trade in {world.name}: it changes nothing")
    return [*out, *_twice(world, placed)]


def _twice(world: World, placed: Sequence[tuple[int, Measure]]) -> list[str]:
    """Agreements by chapter that count one effect twice, pair by pair."""
    agreements = [
        (number, item) for number, item in placed if isinstance(item, Agreement) and item.chapters is not None
    ]
    out = []
    for (first, one), (second, other) in itertools.combinations(agreements, 2):
        if found := counted_twice(world, one, other):
            told = ", ".join(
                dict.fromkeys(mine if mine == theirs else f"{mine} beside {theirs}" for mine, theirs in found)
            )
            out.append(
                f"measures[{first}] and measures[{second}] are agreements on the same trade and count effects twice"
                f" ({told}): name the chapters in one measure, which keeps them apart"
            )
    return out


def _zero_size(measure: Measure) -> str:
    """The key that makes a measure do nothing, or nothing. In a stack, a rate of 0 may stand above a cut."""
    keys = (
        ("share", "coverage", "change") if getattr(measure, "stack", None) else ("share", "coverage", "change", "rate")
    )
    return next((key for key in keys if getattr(measure, key, None) == 0), "")


def _name_problems(scenario: Scenario, world: World) -> list[Problem]:
    problems: list[Problem] = []
    for number, model in enumerate(scenario.measures):
        problems += _measure_names(("measures", number), model, world)
        if chosen := getattr(model, "chapters", None):
            wrong = _unknown(("measures", number, "chapters"), list(chosen), lambda name: chapter_sectors(name, world))
            problems += [(("measures", number, "chapters"), said) for _, said in wrong]
        if isinstance(model, USDutiesModel):
            problems += _unknown(("measures", number, "kind"), ["USA"], lambda word: importer(world))
    problems += _unknown(("focus",), scenario.focus, world.region_indices)
    for number, item in enumerate(scenario.published):
        problems += _unknown(("published", number, "region"), [item.region], lambda word: _one_region(world, word))
    for name, question in scenario.questions():
        problems += [(("security", name, *path), said) for path, said in question.faults(world)]
    problems += _elasticity_problems(scenario, world)
    return problems


def _measure_names(path: Path, model: Any, world: World) -> list[Problem]:
    """The regions and sectors of a measure that the world does not know."""
    problems: list[Problem] = []
    for key in _REGION_KEYS:
        problems += _unknown((*path, key), getattr(model, key, None), world.region_indices)
    problems += _unknown((*path, "sectors"), getattr(model, "sectors", None), world.sector_indices)
    for key, known in (("sellers", world.region_indices), ("mix", world.sector_indices)):
        if isinstance(named := getattr(model, key, None), dict):
            problems += [fault for word in named for fault in _unknown((*path, key, word), [word], known)]
    return problems


def _one_region(world: World, word: str) -> None:
    if len(world.region_indices(word)) > 1:
        raise ScenarioError(f"{word!r} is several regions: an estimate is of one")


def _hedge_problems(scenario: Scenario, world: World) -> list[Problem]:
    """Names in the measures of hedges that the world does not know."""
    problems: list[Problem] = []
    for number, hedge in enumerate(scenario.hedges):
        for part in ("measures", "response"):
            for row, model in enumerate(getattr(hedge, part)):
                problems += _measure_names(("hedges", number, part, row), model, world)
    return problems


def _unknown(path: Path, words: list[str] | None, resolver: Callable[[str], Any]) -> list[Problem]:
    """The words that the world does not know, each at its own place."""
    problems: list[Problem] = []
    for place, word in enumerate(words or []):
        try:
            resolver(word)
        except ScenarioError as error:
            problems.append(((*path, place) if len(words or []) > 1 else path, str(error)))
    return problems


def _elasticity_problems(scenario: Scenario, world: World) -> list[Problem]:
    from gaiatsu.world.elasticities import load_elasticities, set_name

    choice = scenario.elasticities
    wrong: list[Problem] = []
    for sector in choice.overrides:
        wrong += _unknown(("elasticities", "overrides", sector), [sector], world.sector_indices)
    problems: list[Problem] = []
    try:
        load_elasticities(choice.set, world, overrides={} if wrong else choice.overrides)
    except GaiatsuError as error:
        problems.append((("elasticities", "set"), str(error)))
    problems += wrong
    problems += _unknown(("elasticities", "range_over"), choice.range_over, set_name)
    return problems


def _target_problems(number: int, measure: Measure, world: World) -> list[Problem]:
    try:
        cells = touched_cells(measure, world)
    except ScenarioError as error:  # a compound measure that this world knows too little for
        return [(("measures", number), str(error))]
    if cells is None or len(cells[0]):
        return []
    if isinstance(measure, Agreement):
        return [(("measures", number, "between"), why_nothing(world, measure.between))]
    if isinstance(measure, USDuties):
        own = list(world.region_indices(measure.on)) == [importer(world)]
        if own:
            return [
                (("measures", number, "on"), "is the United States: their duties are on others, name another region")
            ]
        return [(("measures", number, "sectors"), "are services, which pay no duty: name goods")]
    name = world.regions[world.region_indices(measure.on)[0]]  # type: ignore[attr-defined]
    return [(("measures", number, "on"), f"by and on are the same region, {name}: name another one")]


def _level_problems(scenario: Scenario, measures: Mapping[int, Measure], world: World) -> list[Problem]:
    """Two measures that set different levels (`to`, or no duties in an agreement) on the same cell."""
    accounts = world.accounts
    problems: list[Problem] = []
    for kinds, base in (((Tariff, Agreement), accounts.duty), ((ExportTax,), accounts.export_duty)):
        level = np.full(base.shape, np.nan)
        owner = np.full(base.shape, -1)
        for number, measure in measures.items():
            found = _level_set(measure) if isinstance(measure, kinds) else None
            cells = touched_cells(measure, world)
            if found is None or cells is None:
                continue
            key, to, coverage = found
            mine = base[cells] + coverage * (to - base[cells])
            clash = np.flatnonzero((owner[cells] >= 0) & (level[cells] != mine))
            if len(clash):
                cell = tuple(int(axis[clash[0]]) for axis in cells)
                other = int(owner[cell])
                said = _clash(scenario, world, measures[other], other, cell, float(mine[clash[0]]), float(level[cell]))
                problems.append((("measures", number, key), said))
            level[cells], owner[cells] = mine, number
    return problems


def _level_set(measure: Measure) -> tuple[str, float, float] | None:
    """The key that sets a level, the level, and the share of trade it holds for."""
    if isinstance(measure, Agreement):
        return ("zero_duties", 0.0, 1.0) if measure.zero_duties else None
    to = getattr(measure, "to", None)
    return None if to is None else ("to", to, getattr(measure, "coverage", 1.0))


def _clash(
    scenario: Scenario, world: World, other: Measure, number: int, cell: tuple[int, ...], mine: float, theirs: float
) -> str:
    key, *_ = _level_set(other) or ("to",)
    place = format_place(scenario.origin, ("measures", number, key))
    where = f"{world.regions[cell[0]]} imports of {world.sectors[cell[2]]} from {world.regions[cell[1]]}"
    return f"sets {mine:g} where {place} sets {theirs:g} ({where}): a duty has one level"
