"""Which regions and sectors a user wants to keep, and where every row of a file belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.world import codes
from gaiatsu.world.accounts import Array
from gaiatsu.world.aggregate import membership, partition
from gaiatsu.world.official import labels

REST = "ROW"
REST_GOODS, REST_SERVICES = "GOODS", "SERVICES"
OTHERS_STAY = "..."
ALL = "all"
Spec = str | Mapping[str, codes.Names] | None
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """New labels, the codes each holds, and the position of the new label for every region and sector of a file.

    merged: region → the file's regions in it; missing: group that was named → members that are no regions of the table.
    """

    regions: tuple[str, ...]
    region_parts: tuple[tuple[str, ...], ...]
    sectors: tuple[str, ...]
    sector_parts: tuple[tuple[str, ...], ...]
    of_region: Indices
    of_sector: Indices
    merged: dict[str, list[str]]
    missing: dict[str, list[str]]

    @property
    def regions_stay(self) -> bool:
        """Whether every region of the file is a region of its own, in the same order."""
        return np.array_equal(self.of_region, np.arange(len(self.regions)))

    @property
    def sectors_stay(self) -> bool:
        """Whether every sector of the file is a sector of its own, in the same order."""
        return np.array_equal(self.of_sector, np.arange(len(self.sectors)))

    @cached_property
    def region_matrix(self) -> Array:
        """[new, old] one where a region of the file belongs to the new one."""
        return membership(self.of_region, len(self.regions))

    @cached_property
    def sector_matrix(self) -> Array:
        """[old, new] one where a sector of the file belongs to the new one."""
        return membership(self.of_sector, len(self.sectors)).T


@dataclass(frozen=True, eq=False)
class Axis:
    """The regions or the sectors of a table and how words find them.

    what: "region" or "sector"; names: plain names; parts: the codes each label holds; rest: the label
    that each goes to when it is not kept.
    """

    what: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    rest: tuple[str, ...]

    def find(self, names: codes.Names) -> Indices:
        """Positions, sorted and unique; ScenarioError for a word that means nothing here."""
        search = _regions_called if self.what == "region" else _sectors_called
        found = [index for word in codes.as_list(names, self.what) for index in search(self, word)]
        return codes.indices(found)


def region_axis(regions: Sequence[str], parts: Sequence[tuple[str, ...]]) -> Axis:
    """The axis of regions."""
    names = tuple(labels.region_name(code) for code in regions)
    return Axis("region", tuple(regions), names, tuple(parts), (REST,) * len(regions))


def sector_axis(sectors: Sequence[str], parts: Sequence[tuple[str, ...]]) -> Axis:
    """The axis of sectors; what is not kept goes to goods or to services."""
    names = tuple(labels.sector_title(code) for code in sectors)
    goods = [codes.is_goods(part, name) for part, name in zip(parts, names, strict=True)]
    return Axis("sector", tuple(sectors), names, tuple(parts),
                tuple(REST_GOODS if good else REST_SERVICES for good in goods))  # fmt: skip


def places(
    file_regions: Sequence[str], region_codes: Sequence[str], file_sectors: Sequence[str], sector_codes: Sequence[str],
    regions: Spec, sectors: Spec,
) -> Places:  # fmt: skip
    """Where the regions and sectors of a file go: split ones together, then the user's groups.

    regions, sectors: None keeps all; a text such as "USA,JPN,EU=eu27" keeps these and adds the rest up (regions in ROW,
    sectors in GOODS and SERVICES), with "..." at its end the rest stays; a mapping new → old leaves the rest.
    Raises ScenarioError for unknown names, for what is in two groups, and for a new name that is taken.
    """
    first_regions, first_sectors = tuple(dict.fromkeys(region_codes)), tuple(dict.fromkeys(sector_codes))
    region_ax = region_axis(first_regions, [(code,) for code in first_regions])
    sector_ax = sector_axis(first_sectors, [labels.PARTS.get(code, (code,)) for code in first_sectors])
    new_regions, region_place = partition("region", first_regions, _mapping(region_ax, regions), region_ax.find)
    new_sectors, sector_place = partition("sector", first_sectors, _mapping(sector_ax, sectors), sector_ax.find)
    by_region = [region_place[first_regions.index(code)] for code in region_codes]
    by_sector = [sector_place[first_sectors.index(code)] for code in sector_codes]
    merged = {
        code: [file for file, known in zip(file_regions, region_codes, strict=True) if known == code]
        for code in first_regions
    }
    return Places(
        regions=tuple(new_regions), region_parts=_held(region_ax, region_place, len(new_regions)),
        sectors=tuple(new_sectors), sector_parts=_held(sector_ax, sector_place, len(new_sectors)),
        of_region=np.array(by_region, dtype=np.int64), of_sector=np.array(by_sector, dtype=np.int64),
        merged={code: files for code, files in merged.items() if len(files) > 1},
        missing=_missing(regions, first_regions),
    )  # fmt: skip


def _held(axis: Axis, place: Indices, size: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(code for old in np.flatnonzero(place == new).tolist() for code in axis.parts[old]) for new in range(size)
    )


def _mapping(axis: Axis, spec: Spec) -> dict[str, list[str]]:
    """New label → old ones, by the words of a text or a mapping."""
    if spec is None:
        return {}
    if not isinstance(spec, str):
        named = {name: codes.as_list(members, axis.what) for name, members in spec.items()}
        for name, members in named.items():
            _refuse_taken(axis, name, axis.find(members).tolist(), set())
        return named
    items = [item.strip() for item in spec.split(",") if item.strip()]
    if not items:
        raise ScenarioError(f"no {axis.what} is named; list codes to keep, such as {', '.join(axis.labels[:2])}")
    groups, kept = _wanted(axis, items)
    in_groups = {index for found in groups.values() for index in found}
    left = [index for index in range(len(axis.labels)) if index not in kept | in_groups]
    names = {axis.rest[index] for index in left}
    for name, found in groups.items():
        _refuse_taken(axis, name, found, names)
    out = {name: [axis.labels[index] for index in found] for name, found in groups.items()}
    for index, label in enumerate(axis.labels):
        # a region called ROW belongs to the rest, also when it was named
        if index in left or (label in names and index not in in_groups):
            out.setdefault(axis.rest[index], []).append(label)
    return out


def _refuse_taken(axis: Axis, name: object, members: Sequence[int], rest: set[str]) -> None:
    """ScenarioError when the name is that of a label outside the group, or of what the rest is called."""
    word = codes.fold(str(name))
    for index, label in enumerate(axis.labels):
        if codes.fold(label) == word and index not in members:
            raise ScenarioError(
                f"new {axis.what} {name!r} has the name of {axis.what} {label!r}, which is not one of its members; "
                "give it another name"
            )
    if word in {codes.fold(label) for label in rest}:
        raise ScenarioError(
            f"new {axis.what} {name!r} has the name of the group of {axis.what}s that are not named; give it another "
            "name"
        )


def _wanted(axis: Axis, items: Sequence[str]) -> tuple[dict[str, list[int]], set[int]]:
    """New label → positions, and the positions that stay by themselves; ScenarioError for what is named twice."""
    groups: dict[str, list[int]] = {}
    kept: set[int] = set()
    for item in items:
        name, sign, members = (word.strip() for word in item.partition("="))
        if item == OTHERS_STAY:
            continue
        if not sign:
            kept.update(axis.find(item).tolist())
            continue
        if codes.fold(name) in map(codes.fold, groups):
            raise ScenarioError(f"{axis.what} {name!r} is named twice; add its members up: {name}=a+b")
        groups[name] = axis.find([word.strip() for word in members.split("+")]).tolist()
    holders = {index: name for name, found in reversed(groups.items()) for index in found}
    for name, found in groups.items():
        for index in found:
            if index in kept or holders[index] != name:
                both = f"{name!r} and by itself" if index in kept else f"{holders[index]!r} and in {name!r}"
                raise ScenarioError(
                    f"{axis.what} {axis.labels[index]!r} is named twice, in {both}: each may stand in one place only"
                )
    if OTHERS_STAY in items:
        kept.update(index for index in range(len(axis.labels)) if index not in holders)
    return groups, kept


def _group_called(word: str) -> codes.Group | None:
    folded = codes.fold(word)
    return codes.GROUPS.get(codes.GROUP_ALIASES.get(folded, folded))


def _regions_called(axis: Axis, word: str) -> Sequence[int]:
    """Positions of regions by code, name, group or "all"."""
    folded = codes.fold(word)
    lookup = codes.region_lookup(axis.labels, axis.names)
    if folded in lookup:
        return [lookup[folded]]
    if folded == ALL:
        return range(len(axis.labels))
    group = _group_called(word)
    present = codes.group_members(group.members, axis.parts)[0] if group else ()
    if present:
        return present
    code = codes.country_code(word)
    holders = [label for label, parts in zip(axis.labels, axis.parts, strict=True) if code in parts]
    if holders:
        raise ScenarioError(f"{word!r} is part of region {holders[0]!r} of the table, not a region of its own")
    if code or group:
        raise ScenarioError(f"{word!r} is no region of the table: it is inside its rest of the world")
    raise ScenarioError(f"unknown region {word!r}" + _hint(word, [*axis.labels, *axis.names, *codes.GROUPS, ALL]))


def _sectors_called(axis: Axis, word: str) -> Sequence[int]:
    """Positions of sectors by code, ISIC code or range, plain word, "goods", "services" or "all"."""
    found = codes.sector_matches(word, axis.labels, axis.names, axis.parts)
    kinds = {ALL: (REST_GOODS, REST_SERVICES), "goods": (REST_GOODS,), "services": (REST_SERVICES,)}
    found = found or [n for n, rest in enumerate(axis.rest) if rest in kinds.get(codes.fold(word), ())]
    if not found:
        raise codes.unknown_sector(word, "", axis.labels, axis.names)
    return found


def _hint(word: str, known: Sequence[str]) -> str:
    return did_you_mean(word, known) or f"; the table has {', '.join(known[:8])} …"


def _missing(spec: Spec, regions: Sequence[str]) -> dict[str, list[str]]:
    """Group of countries that was named → its members that are no regions of the table."""
    if spec is None:
        return {}
    items = spec.split(",") if isinstance(spec, str) else [codes.as_list(item, "region") for item in spec.values()]
    words = [
        word.strip() for item in items
        for word in (item.rpartition("=")[2].split("+") if isinstance(item, str) else item)
    ]  # fmt: skip
    lookup = codes.region_lookup(regions, [labels.region_name(code) for code in regions])
    groups = {word: group for word in words if codes.fold(word) not in lookup and (group := _group_called(word))}
    absent = {word: [code for code in group.members if code not in regions] for word, group in groups.items()}
    return {word: found for word, found in absent.items() if found}
