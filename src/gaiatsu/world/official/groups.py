"""Which regions and sectors a user wants to keep, and where every row of a file belongs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.world import codes
from gaiatsu.world.accounts import Array
from gaiatsu.world.aggregate import membership, partition
from gaiatsu.world.official import labels

REST = "ROW"
REST_GOODS, REST_SERVICES = "GOODS", "SERVICES"
OTHERS_STAY = "..."
Spec = str | Mapping[str, codes.Names] | None
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """New labels, the codes each holds, and the position of the new label for every region and sector of a file."""

    regions: tuple[str, ...]
    region_parts: tuple[tuple[str, ...], ...]
    sectors: tuple[str, ...]
    sector_parts: tuple[tuple[str, ...], ...]
    of_region: Indices
    of_sector: Indices
    merged: dict[str, list[str]]

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


def places(
    file_regions: Sequence[str], region_codes: Sequence[str], file_sectors: Sequence[str], sector_codes: Sequence[str],
    regions: Spec, sectors: Spec,
) -> Places:  # fmt: skip
    """Where the regions and sectors of a file go: split ones together, then the user's groups.

    regions, sectors: None keeps all; a text such as "USA,JPN,EU=eu27" keeps these and adds the rest up (regions in ROW,
    sectors in GOODS and SERVICES), with "..." at its end the rest stays; a mapping new → old leaves the rest.
    Raises ScenarioError for unknown names and for what is in two groups.
    """
    first_regions, first_sectors = tuple(dict.fromkeys(region_codes)), tuple(dict.fromkeys(sector_codes))
    parts = tuple(labels.PARTS.get(code, (code,)) for code in first_sectors)
    titles = [labels.sector_title(code) for code in first_sectors]
    region_names = [labels.region_name(code) for code in first_regions]

    def find_regions(names: codes.Names) -> Indices:
        return _region_indices(names, first_regions, region_names)

    def find_sectors(names: codes.Names) -> Indices:
        return _sector_indices(names, first_sectors, titles, parts)

    goods = [codes.is_goods(part, title) for part, title in zip(parts, titles, strict=True)]
    kinds = [REST_GOODS if good else REST_SERVICES for good in goods]
    region_map = _mapping("region", regions, first_regions, find_regions, [REST] * len(first_regions))
    sector_map = _mapping("sector", sectors, first_sectors, find_sectors, kinds)
    new_regions, region_place = partition("region", first_regions, region_map, find_regions)
    new_sectors, sector_place = partition("sector", first_sectors, sector_map, find_sectors)
    by_region = [region_place[first_regions.index(code)] for code in region_codes]
    by_sector = [sector_place[first_sectors.index(code)] for code in sector_codes]
    merged = {
        code: [file for file, known in zip(file_regions, region_codes, strict=True) if known == code]
        for code in first_regions
    }
    return Places(
        regions=tuple(new_regions), region_parts=_held(first_regions, region_place, len(new_regions)),
        sectors=tuple(new_sectors),
        sector_parts=tuple(
            tuple(code for old in np.flatnonzero(sector_place == new).tolist() for code in parts[old])
            for new in range(len(new_sectors))
        ),
        of_region=np.array(by_region, dtype=np.int64), of_sector=np.array(by_sector, dtype=np.int64),
        merged={code: files for code, files in merged.items() if len(files) > 1},
    )  # fmt: skip


def _held(old: Sequence[str], place: Indices, size: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(old[index] for index in np.flatnonzero(place == new).tolist()) for new in range(size))


def _mapping(
    what: str, spec: Spec, old: Sequence[str], find: Callable[[codes.Names], Indices], rest: Sequence[str]
) -> dict[str, list[str]]:
    """New label → old ones, by the words of a text or a mapping. Old labels are themselves found by `find`."""
    if spec is None:
        return {}
    if not isinstance(spec, str):
        return {name: codes.as_list(members, what) for name, members in spec.items()}
    items = [item.strip() for item in spec.split(",") if item.strip()]
    if not items:
        raise ScenarioError(f"no {what} is named; list codes to keep, such as {', '.join(old[:2])}")
    out: dict[str, list[str]] = {}
    kept: set[int] = set()
    for item in items:
        if item == OTHERS_STAY:
            kept.update(range(len(old)))
            continue
        name, sign, members = item.partition("=")
        found = find([word.strip() for word in members.split("+")] if sign else item)
        kept.update(found.tolist())
        if sign:
            out[name.strip()] = [old[index] for index in found]
    left = [index for index in range(len(old)) if index not in kept]
    names = {rest[index] for index in left}
    for index, label in enumerate(old):
        if index in left or label in names:  # a region called ROW belongs to the rest, also when it was named
            out.setdefault(rest[index], []).append(label)
    return out


def _region_indices(names: codes.Names, regions: Sequence[str], region_names: Sequence[str]) -> Indices:
    """Positions of regions by code, name or group, as World.region_indices finds them."""
    lookup = codes.region_lookup(regions, region_names)
    found: list[int] = []
    for word in codes.as_list(names, "region"):
        folded = codes.fold(word)
        group = codes.GROUPS.get(codes.GROUP_ALIASES.get(folded, folded))
        if folded in lookup:
            found.append(lookup[folded])
        elif group is not None and set(group.members) & set(regions):
            found.extend(regions.index(code) for code in group.members if code in regions)
        else:
            raise codes.unknown_region(word, "of the table", regions, region_names, [(code,) for code in regions],
                                       {name: item.members for name, item in codes.GROUPS.items()})  # fmt: skip
    return codes.indices(found)


def _sector_indices(
    names: codes.Names, sectors: Sequence[str], titles: Sequence[str], parts: Sequence[tuple[str, ...]]
) -> Indices:
    """Positions of sectors by code, ISIC code or range, or plain word."""
    found: list[int] = []
    for word in codes.as_list(names, "sector"):
        matches = codes.sector_matches(word, sectors, titles, parts)
        if not matches:
            raise codes.unknown_sector(word, "of the table", sectors, titles)
        found.extend(matches)
    return codes.indices(found)
