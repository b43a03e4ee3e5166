"""Scenario meets world: do its names exist, do its measures touch anything, do they contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, GaiatsuError, ScenarioError
from gaiatsu.scenario.loading import Problem, raise_problems
from gaiatsu.scenario.measures import Agreement, Embargo, ExportTax, Measure, Tariff
from gaiatsu.scenario.schema import Path, Scenario, format_place
from gaiatsu.world.world import World

Indices = NDArray[np.int64]
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
    """The measures as the engine takes them. Raises ScenarioError listing every fault with file, line and key."""
    problems = _name_problems(scenario, world)
    raise_problems(scenario.origin, problems)
    measures = tuple(model.build() for model in scenario.measures)
    problems = [found for number, measure in enumerate(measures) for found in _target_problems(number, measure, world)]
    raise_problems(scenario.origin, problems or _level_problems(scenario, measures, world))
    return measures


def focus_regions(scenario: Scenario, world: World) -> list[str]:
    """Codes of the regions the report looks at: `focus` or, without it, the regions that the measures name."""
    words = list(scenario.focus or [])
    if not words:
        for measure in scenario.measures:
            for key in _REGION_KEYS:
                named = getattr(measure, key, [])
                words += [word for word in named if len(world.region_indices(word)) == 1]
    codes = [world.regions[index] for word in words for index in world.region_indices(word)]
    return list(dict.fromkeys(codes))


def notes(world: World, measures: Sequence[Measure]) -> list[str]:
    """What is allowed but probably not meant: measures that touch no trade of the baseline."""
    out = []
    for number, measure in enumerate(measures):
        cells = touched_cells(measure, world)
        if cells is not None and not world.accounts.flows[cells].any():
            out.append(f"measures[{number}] touches no trade in {world.name}: it changes nothing")
    return out


def touched_cells(measure: Measure, world: World) -> tuple[Indices, Indices, Indices] | None:
    """Importer, exporter and sector of each cross-border cell a measure touches; None for productivity."""
    if isinstance(measure, Agreement):
        members = world.region_indices(measure.between)
        pairs = _pairs(members, members)
    elif isinstance(measure, Tariff):
        pairs = _pairs(world.region_indices(measure.by), world.region_indices(measure.on))
    elif isinstance(measure, ExportTax):
        pairs = _pairs(world.region_indices(measure.on), world.region_indices(measure.by))
    elif isinstance(measure, Embargo):
        actors, targets = world.region_indices(measure.by), world.region_indices(measure.on)
        sides = {"exports": [(targets, actors)], "imports": [(actors, targets)]}
        chosen = sides.get(measure.side) or [*sides["exports"], *sides["imports"]]
        pairs = np.unique(np.concatenate([_pairs(*side) for side in chosen]), axis=0)
    else:
        return None
    sectors = world.sector_indices(measure.sectors)
    return np.repeat(pairs[:, 0], len(sectors)), np.repeat(pairs[:, 1], len(sectors)), np.tile(sectors, len(pairs))


def _pairs(importers: Sequence[int] | Indices, exporters: Sequence[int] | Indices) -> Indices:
    """[pair, 2] importer and exporter, own pairs left out."""
    grid = np.array(np.meshgrid(importers, exporters, indexing="ij")).reshape(2, -1).T
    return grid[grid[:, 0] != grid[:, 1]]


def _name_problems(scenario: Scenario, world: World) -> list[Problem]:
    problems: list[Problem] = []
    for number, model in enumerate(scenario.measures):
        for key in _REGION_KEYS:
            problems += _unknown(("measures", number, key), getattr(model, key, None), world.region_indices)
        problems += _unknown(("measures", number, "sectors"), model.sectors, world.sector_indices)
    problems += _unknown(("focus",), scenario.focus, world.region_indices)
    problems += _elasticity_problems(scenario, world)
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
    from gaiatsu.world.elasticities import load_elasticities

    problems: list[Problem] = []
    try:
        load_elasticities(scenario.elasticities.set, world)
    except GaiatsuError as error:
        problems.append((("elasticities", "set"), str(error)))
    for sector in scenario.elasticities.overrides:
        problems += _unknown(("elasticities", "overrides", sector), [sector], world.sector_indices)
    return problems


def _target_problems(number: int, measure: Measure, world: World) -> list[Problem]:
    cells = touched_cells(measure, world)
    if cells is None or len(cells[0]):
        return []
    if isinstance(measure, Agreement):
        return [(("measures", number, "between"), "is one region: an agreement needs at least two")]
    name = world.regions[world.region_indices(measure.on)[0]]  # type: ignore[attr-defined]
    return [(("measures", number, "on"), f"by and on are the same region, {name}: name another one")]


def _level_problems(scenario: Scenario, measures: Sequence[Measure], world: World) -> list[Problem]:
    """Two measures that set different levels (`to`) on the same cell."""
    problems: list[Problem] = []
    for kind in (Tariff, ExportTax):
        level = np.full(world.accounts.flows.shape, np.nan)
        owner = np.full(level.shape, -1)
        for number, measure in enumerate(measures):
            if not isinstance(measure, kind) or measure.to is None:
                continue
            cells = touched_cells(measure, world)
            assert cells is not None
            clash = np.flatnonzero((owner[cells] >= 0) & (level[cells] != measure.to))
            if len(clash):
                problems.append(_clash(scenario, world, number, measure.to, owner, level, cells, int(clash[0])))
            level[cells], owner[cells] = measure.to, number
    return problems


def _clash(
    scenario: Scenario,
    world: World,
    number: int,
    to: float,
    owner: NDArray[np.int64],
    level: NDArray[np.float64],
    cells: tuple[Indices, Indices, Indices],
    first: int,
) -> Problem:
    importer, exporter, sector = (int(axis[first]) for axis in cells)
    other = int(owner[importer, exporter, sector])
    place = format_place(scenario.origin, ("measures", other, "to"))
    where = f"{world.regions[importer]} imports of {world.sectors[sector]} from {world.regions[exporter]}"
    said = f"sets {to:g} where {place} sets {level[importer, exporter, sector]:g} ({where}): a duty has one level"
    return ("measures", number, "to"), said
