"""What a chapter of a trade agreement is worth at the border: which sectors it touches, how far their cost falls.

The sizes are converted from published estimates by the formulas below; scripts/build_agreements.py writes the table
with the formula, the sources and the standing of every number: `published`, `derived` from several published numbers,
`assumption` where a share had to be assumed or a number carried over, `definition` where the chapter says it.
Nothing here needs jax.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, ScenarioError, did_you_mean
from gaiatsu.scenario import parties
from gaiatsu.world import codes

if TYPE_CHECKING:
    from gaiatsu.scenario.measures import Agreement
    from gaiatsu.world.world import World

LEVELS = ("low", "central", "high")
NAMES = (
    "goods-duties", "customs-facilitation", "mutual-recognition", "digital-trade", "financial-services",
    "movement-of-persons", "public-procurement", "services-general",
)  # fmt: skip
DUTIES = "goods-duties"
HALF = 0.5  # a sector of which at least this share of its ISIC divisions lies in a chapter belongs to it

ChapterSizes = tuple[tuple[str, str | float], ...]


# ------------------------------------------------------------------------------------------------ published → cost
def cut_from_trade(rise: float, elasticity: float) -> float:
    """The fall of the delivered price that raises trade by `rise` (0.15 is 15 %) at a trade elasticity θ.

    1 − (1 + rise)^(−1/θ), from trade ∝ price^(−θ).
    """
    return 1 - float((1 + rise) ** (-1 / elasticity))


def rise_from_loss(loss: float, share: float) -> float:
    """The rise of trade when `share` of a barrier that keeps trade `loss` below what it would be goes away."""
    return share * loss / (1 - loss)


def cut_from_price(rise: float, removed: float) -> float:
    """The fall of a price that a measure holds `rise` above what it would be, when `removed` of the rise goes."""
    return rise * removed / (1 + rise)


def cut_from_trade_cost(fall: float, cost: float) -> float:
    """The fall of the delivered price when trade costs, `cost` of the producer's price, fall by the share `fall`."""
    return fall * cost / (1 + cost)


# ------------------------------------------------------------------------------------------------------ the tables
@dataclass(frozen=True)
class Size:
    """One size of a chapter: the cut (of the delivered price, or of the duty in force), how it was found, sources."""

    cut: float
    how: str
    standing: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter: sectors as ISIC codes, `goods` or `services`; `yields_to`: more specific chapters that take sectors
    from it; sizes by level for each group of importers, the last of which (no members) is of all others.
    """

    key: str
    title: str
    sectors: tuple[str, ...]
    yields_to: tuple[str, ...]
    sizes: Mapping[str, tuple[tuple[frozenset[str], Size], ...]]


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("gaiatsu.scenario").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def chapters() -> dict[str, Chapter]:
    """The chapters by name, in the order of the table."""
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for row in _rows("agreement_chapters.csv"):
        found.setdefault(row["chapter"], {}).setdefault(row["level"], []).append(row)
    return {key: _chapter(key, levels) for key, levels in found.items()}


def _chapter(key: str, levels: Mapping[str, list[dict[str, str]]]) -> Chapter:
    sizes = {
        level: tuple(
            (
                frozenset(row["importers"].split()),
                Size(float(row["cut"]), row["how"], row["standing"], tuple(row["sources"].split())),
            )
            for row in sorted(rows, key=lambda row: not row["importers"])
        )
        for level, rows in levels.items()
    }
    if set(sizes) != set(LEVELS) or any(rows[-1][0] for rows in sizes.values()):
        raise DataError(f"the installed table of agreement chapters lacks a size of {key!r}: install gaiatsu again")
    first = levels["central"][0]
    return Chapter(key, first["title"], tuple(first["sectors"].split()), tuple(first["yields_to"].split()), sizes)


@cache
def sources() -> dict[str, tuple[str, str, str]]:
    """Key → citation, address and short form."""
    return {row["key"]: (row["text"], row["address"], row["short"]) for row in _rows("agreement_sources.csv")}


@cache
def provision_meanings() -> dict[str, tuple[str, str]]:
    """Code of a provision → what it asks, and whether it was selected for its effect on trade or drawn at random."""
    return {row["code"]: (row["meaning"], row["chosen"]) for row in _rows("agreement_provision_codes.csv")}


@cache
def provisions() -> dict[str, frozenset[str]]:
    """Agreement in force in 2016 → the codes that it has, of the sixteen in `provision_meanings`."""
    return {row["agreement"]: frozenset(row["provisions"].split()) for row in _rows("agreement_provisions.csv")}


@dataclass(frozen=True)
class InForce:
    """What an agreement in force says on a chapter: yes, partly or no, with a note and the sources.

    freed: of goods-duties, percent of the trade that pays no duty any more, where it is known
    """

    agreement: str
    has: str
    note: str
    sources: tuple[str, ...]
    freed: float | None = None


@cache
def _in_force_rows() -> dict[frozenset[str], dict[str, InForce]]:
    found: dict[frozenset[str], dict[str, InForce]] = {}
    for row in _rows("agreement_in_force.csv"):
        freed = float(row["freed"]) if row["freed"] else None
        entry = InForce(row["agreement"], row["has"], row["note"], tuple(row["sources"].split()), freed)
        found.setdefault(frozenset(row["members"].split()), {})[row["chapter"]] = entry
    return found


def already_agreed(members: Iterable[str]) -> dict[str, InForce]:
    """Chapter → what the agreement that these regions (ISO codes) have says; empty where the table has none."""
    return _in_force_rows().get(frozenset(members), {})


@dataclass(frozen=True)
class Published:
    """A published figure on an agreement: kind trade, duties (a sign), ceiling or outside; regions as ISO codes."""

    kind: str
    importer: str
    exporter: str
    value: float
    finding: str
    sources: tuple[str, ...]


def published(members: Iterable[str]) -> list[Published]:
    """What the table of published figures has on an agreement of these regions (ISO codes)."""
    wanted = frozenset(members)
    return [
        Published(
            row["kind"], row["importer"], row["exporter"], float(row["value"]), row["finding"],
            tuple(row["sources"].split()),
        )
        for row in _rows("agreement_published.csv")
        if frozenset(row["members"].split()) == wanted
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what a user gives
def chapter_name(word: Any) -> str:
    """The chapter a word means: case, blanks and underscores do not matter. Raises ScenarioError."""
    known = {codes.fold(key): key for key in NAMES}
    found = known.get(codes.fold(word)) if isinstance(word, str) else None
    if found is None:
        raise ScenarioError(f"unknown chapter {word!r}{did_you_mean(str(word), NAMES)} (known: {', '.join(NAMES)})")
    return found


def chapter_size(chapter: str, size: Any) -> str | float:
    """A size as it is kept: low, central, high, or a fraction above 0 and below 1 (of duties, up to 1)."""
    if isinstance(size, str):
        if size not in LEVELS:
            raise ScenarioError(
                f"unknown size {size!r} of chapter {chapter}{did_you_mean(size, LEVELS)}; it is low, central, high or a"
                " percentage"
            )
        return size
    whole = chapter == DUTIES
    number = _number(size)
    if not (0 < number < 1 or (whole and number == 1)):
        asked = (
            "above 0 and at most 1, of the duty in force" if whole else "above 0 and below 1, of the delivered price"
        )
        raise ScenarioError(f"the size of chapter {chapter} is {size!r}; it must be {asked} (5 % is 0.05)")
    return number


def _number(value: Any) -> float:
    """The value as a float; not a number where it is none."""
    return math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)


def chapter_sizes(given: Any) -> ChapterSizes:
    """Words, or a mapping from chapter to size, as (chapter, size) in the order of the table. Raises ScenarioError."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, Sequence):
        pairs = [item if isinstance(item, tuple) and len(item) == 2 else (item, "central") for item in given]
    else:
        raise ScenarioError(f"chapters is {given!r}; it must be a list of chapters, or a mapping from chapter to size")
    if not pairs:
        raise ScenarioError("chapters is empty: name at least one")
    found: dict[str, str | float] = {}
    for word, size in pairs:
        name = chapter_name(word)
        if name in found:
            raise ScenarioError(f"chapter {name} is named twice")
        found[name] = chapter_size(name, size)
    return tuple((name, found[name]) for name in NAMES if name in found)


def shares_in_force(given: Any, chosen: ChapterSizes) -> tuple[tuple[str, float], ...]:
    """Chapter → share of its effect that is in force already, from 0 to below 1, in order. Raises ScenarioError.

    given: a mapping, None, or what this function gave before.
    """
    if isinstance(given, tuple) and all(isinstance(item, tuple) and len(item) == 2 for item in given):
        given = dict(given)
    if not isinstance(given, Mapping | None):
        raise ScenarioError(
            f"in_force is {given!r}; it must be a mapping from chapter to the share of its effect that is in force"
            " already, such as {'digital-trade': 0.5}"
        )
    given = given or {}
    found: dict[str, float] = {}
    for word, share in given.items():
        name = chapter_name(word)
        if name not in dict(chosen):
            raise ScenarioError(f"in_force names {name}, which is not among the chapters of the agreement")
        if not 0 <= _number(share) < 1:
            raise ScenarioError(f"in_force of {name} is {share!r}; it must be at least 0 and below 1 (50 % is 0.5)")
        found[name] = float(share)
    return tuple((name, found[name]) for name in NAMES if name in found)


# ------------------------------------------------------------------------------------------------- chapter × world
@dataclass(frozen=True)
class Cut:
    """One piece of a chapter: these importers' purchases from the exporters get cheaper, or their duties fall."""

    chapter: str
    importers: tuple[str, ...]
    exporters: tuple[str, ...]
    sectors: tuple[str, ...]
    size: float


def chapter_sectors(name: str, world: World) -> NDArray[np.int64]:
    """Sectors of a world of which at least half lies in the chapter. Raises ScenarioError naming what is missing."""
    chapter = chapters()[name]
    if chapter.sectors in (("goods",), ("services",)):
        wanted = chapter.sectors == ("goods",)
        found = np.flatnonzero(np.array(world.goods) == wanted)
    else:
        parsed = [codes.parse_isic(word) for word in chapter.sectors]
        inside = frozenset().union(*(item for item in parsed if item is not None))
        found = np.array([
            index
            for index, parts in enumerate(world.sector_parts)
            if (held := codes.sector_divisions(parts)) and _share_inside(held, inside) >= HALF
        ], dtype=np.int64)  # fmt: skip
    if not len(found):
        raise ScenarioError(
            f"world {world.name!r} has no sector for chapter {chapter.key} of an agreement, which is about"
            f" {', '.join(chapter.sectors)} (ISIC Rev. 4): leave the chapter out, or take a world that has them"
        )
    return found


def _share_inside(held: frozenset[codes.Division], inside: frozenset[codes.Division]) -> float:
    return sum(codes.overlaps(frozenset([one]), inside) for one in held) / len(held)


def assigned_sectors(names: Sequence[str], world: World, only: Sequence[str] | str = "all") -> dict[str, list[int]]:
    """Sectors of each chapter in one agreement: a general chapter leaves those of the specific ones beside it alone.

    only: the sectors that the agreement is limited to. A chapter whose sectors are all taken is left with none. Raises
    ScenarioError where the world lacks a chapter's sectors, or the limit leaves a chapter without any of its own.
    """
    allowed = set(world.sector_indices(only).tolist())
    whole = {name: chapter_sectors(name, world).tolist() for name in names}
    found = {}
    for name in names:
        taken = {place for other in chapters()[name].yields_to if other in whole for place in whole[other]}
        inside = [place for place in whole[name] if place in allowed]
        if not inside:
            said = only if isinstance(only, str) else ", ".join(only)
            raise ScenarioError(f"chapter {name} has none of the sectors that the agreement is limited to ({said})")
        found[name] = [place for place in inside if place not in taken]
    return found


def counted_twice(world: World, first: Agreement, second: Agreement) -> list[tuple[str, str]]:
    """Chapters of two agreements on the same trade that count one effect twice, since only one measure keeps apart
    what is general from what is specific: the same chapter, or one that would leave sectors to the other.

    Duties have one level and are never counted twice.
    """
    pairs = [{tuple(pair) for pair in parties.pairs(world, item.between).tolist()} for item in (first, second)]
    if not pairs[0] & pairs[1]:
        return []
    held = [assigned_sectors([name for name, _ in item.chapters], world, item.sectors) for item in (first, second)]
    known = chapters()
    return [
        (one, other)
        for one, mine in held[0].items()
        for other, theirs in held[1].items()
        if set(mine) & set(theirs)
        and ((one == other != DUTIES) or other in known[one].yields_to or one in known[other].yields_to)
    ]


def cuts(
    world: World, between: Sequence[str] | str, chosen: ChapterSizes, *, in_force: Mapping[str, float] | None = None,
    only: Sequence[str] | str = "all",
) -> list[Cut]:  # fmt: skip
    """What an agreement by chapter does on a world, piece by piece; those of size zero are left out.

    Cuts of several chapters on one cell multiply. Raises ScenarioError.
    """
    sides = parties.sides(world, between)
    sectors = assigned_sectors([name for name, _ in chosen], world, only)
    members = tuple(world.regions[place] for place in world.region_indices(between))
    found = []
    for name, size in chosen:
        codes_of = tuple(world.sectors[place] for place in sectors[name])
        if isinstance(size, str):
            sized = [(who, found_size.cut) for who, found_size in by_importer(chapters()[name], size, world, between)]
        else:
            sized = [(members, size)]
        for importers, cut in sized:
            left = cut * (1 - (in_force or {}).get(name, 0.0))
            for side, exporters in sides:
                buyers = tuple(code for code in importers if code in side)
                if left > 0 and codes_of and buyers:
                    found.append(Cut(name, buyers, exporters, codes_of, left))
    return found


def by_importer(
    chapter: Chapter, level: str, world: World, between: Sequence[str] | str
) -> list[tuple[tuple[str, ...], Size]]:
    """The importers among the members and the size that holds for them, for each group the chapter distinguishes."""
    groups: dict[int, list[str]] = {}
    rows = chapter.sizes[level]
    for place in world.region_indices(between).tolist():
        parts = set(world.region_parts[place])
        row = next(k for k, (group, _) in enumerate(rows) if not group or 2 * len(parts & group) >= len(parts))
        groups.setdefault(row, []).append(world.regions[place])
    return [(tuple(names), rows[row][1]) for row, names in sorted(groups.items())]
