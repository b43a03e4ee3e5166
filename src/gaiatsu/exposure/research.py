"""Which sectors are research-intensive: the OECD's taxonomy, on the sectors of any world with ISIC Rev. 4 codes.

Galindo-Rueda and Verger (2016, OECD STI Working Paper 2016/04, doi:10.1787/5jlv73sqqp8r-en) put industries into five
groups by R&D over value added. Where a world's sector holds industries of several groups (aircraft and ships, say), it
is counted when most of its ISIC classes belong: an assumption, because no source gives the value added of the parts for
all countries. Results are shown both without and with all such sectors.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.world.codes import Division, sector_divisions

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

GROUPS = ("high", "medium-high", "medium", "medium-low", "low")
INTENSIVE = ("high", "medium-high")
COUNTED_FROM = 0.5  # a sector is counted when more than this fraction of its classes belongs


@dataclass(frozen=True)
class Industry:
    """A row of the taxonomy: ISIC division, or group of a division that the taxonomy divides, and its classes."""

    isic: str
    name: str
    group: str
    intensity_percent: float
    classes: int

    def within(self, division: Division) -> bool:
        """Whether the industry is inside a division or a part of one; a part given by a letter is the division."""
        number, part = division
        return self.isic.startswith(f"{number:02d}{part if part.isdigit() and len(self.isic) > 2 else ''}")


@cache
def industries() -> tuple[Industry, ...]:
    """The taxonomy, by ISIC code; intensity is R&D over value added in percent, as published."""
    text = resources.files("gaiatsu.exposure").joinpath("data", "research_intensity.csv").read_text(encoding="utf-8")
    return tuple(
        Industry(row["isic"], row["industry"], row["group"], float(row["rd_intensity_percent"]), int(row["classes"]))
        for row in csv.DictReader(text.splitlines())
    )


@dataclass(frozen=True)
class Research:
    """The research-intensive sectors of a world, as codes.

    whole: all of the sector is in the groups; mostly, partly: more, or at most, half of its classes are; unknown: the
    sector has no ISIC code. `counted` is whole and mostly.
    """

    groups: tuple[str, ...]
    whole: tuple[str, ...]
    mostly: tuple[str, ...]
    partly: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def counted(self) -> tuple[str, ...]:
        """What is taken for research-intensive."""
        return self.whole + self.mostly

    @property
    def most(self) -> tuple[str, ...]:
        """Every sector with a research-intensive part."""
        return self.counted + self.partly

    def mark(self, sector: str) -> str:
        """whole, mostly, partly, no or unknown."""
        for name in ("whole", "mostly", "partly", "unknown"):
            if sector in getattr(self, name):
                return name
        return "no"

    def table(self) -> pandas.DataFrame:
        """Every sector that belongs wholly, mostly or partly."""
        import pandas

        rows = [(code, self.mark(code)) for code in self.most]
        return pandas.DataFrame(rows, columns=["sector", "belongs"]).set_index("sector")


@cache
def fraction(parts: tuple[str, ...], groups: tuple[str, ...]) -> float | None:
    """The fraction of a sector's ISIC classes that is in these groups; None without ISIC codes.

    parts: the source's codes in the sector. Divisions outside the taxonomy (84 to 88) count as one class that is not.
    """
    divisions = sector_divisions(parts)
    if divisions is None:
        return None
    inside = total = 0
    for division in divisions:
        found = [industry for industry in industries() if industry.within(division)]
        total += sum(industry.classes for industry in found) if found else int(not division[1])
        inside += sum(industry.classes for industry in found if industry.group in groups)
    return inside / total if total else 0.0


def research_intensive(world: World, groups: Sequence[str] = INTENSIVE) -> Research:
    """The sectors of a world in these groups of the taxonomy. Raises ScenarioError for an unknown group."""
    for group in groups:
        if group not in GROUPS:
            raise ScenarioError(
                f"unknown group of research intensity {group!r}{did_you_mean(group, GROUPS)} (known: "
                f"{', '.join(GROUPS)})"
            )
    found: dict[str, list[str]] = {name: [] for name in ("whole", "mostly", "partly", "unknown")}
    for sector, parts in zip(world.sectors, world.sector_parts, strict=True):
        belongs = fraction(parts, tuple(groups))
        if belongs is None:
            found["unknown"].append(sector)
        elif belongs > 0:
            name = "whole" if belongs == 1 else "mostly" if belongs > COUNTED_FROM else "partly"
            found[name].append(sector)
    return Research(tuple(groups), **{name: tuple(codes) for name, codes in found.items()})
