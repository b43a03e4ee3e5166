"""Whose exposure is told: one side of a pair, with its accounts and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from gaiatsu.exposure.imports import Imports, imports
from gaiatsu.exposure.places import REST
from gaiatsu.exposure.research import Research, research_intensive
from gaiatsu.exposure.ties import narrowed, research_among
from gaiatsu.exposure.value_added import ValueAdded, value_added
from gaiatsu.report import words
from gaiatsu.report.headline import Names, regions_phrase, sectors_phrase
from gaiatsu.report.tables import labelled


@dataclass(frozen=True, eq=False)
class Exposed:
    """A region (or group) whose exposure is told, in the words of the one who asked."""

    world: Any
    region: Sequence[str]
    sectors: Sequence[str]

    @cached_property
    def names(self) -> Names:
        """Names of the world's regions and sectors."""
        return Names.of(self.world)

    @cached_property
    def phrase(self) -> str:
        """The region inside a sentence."""
        return regions_phrase(self.world, self.names, self.region)

    @cached_property
    def carried(self) -> ValueAdded:
        """Value added by final demand."""
        return value_added(self.world)

    @cached_property
    def called(self) -> Imports:
        """Production called on."""
        return imports(self.world)

    @cached_property
    def research(self) -> Research:
        """The research-intensive sectors among those asked for."""
        found = research_intensive(self.world)
        codes = set(self.chosen)

        def kept(group: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(code for code in group if code in codes)

        return Research(found.groups, kept(found.whole), kept(found.mostly), kept(found.partly), kept(found.unknown))

    @cached_property
    def chosen(self) -> list[str]:
        """Codes of the sectors asked for."""
        return [self.world.sectors[k] for k in self.world.sector_indices(self.sectors)]

    @cached_property
    def wares(self) -> str:
        """The sectors asked for in a sentence; nothing when all are meant."""
        if not narrowed(self.world, self.sectors):
            return ""
        return sectors_phrase(self.world, self.names, self.sectors)

    @property
    def goods(self) -> str:
        """ " in motor vehicles", or nothing when all sectors are meant."""
        return f" in {self.wares}" if self.wares else ""

    @property
    def producers(self) -> str:
        """Who uses the inputs: the producers of Japan, or of motor vehicles in Japan."""
        return f"the producers of {self.wares} in {self.phrase}" if self.wares else f"the producers of {self.phrase}"

    @cached_property
    def innovators(self) -> tuple[str, ...]:
        """The research-intensive sectors, where they are a part of those asked for and not all of them."""
        return research_among(self.world, self.sectors)

    @property
    def innovators_phrase(self) -> str:
        """Those sectors in a sentence."""
        return "the research-intensive ones among these" if self.wares else "its research-intensive sectors"

    @property
    def in_year(self) -> str:
        """ " in 2022", or nothing when the world tells no year."""
        return f" in {self.world.year}" if self.world.year else ""

    def several(self, codes: Iterable[str]) -> str:
        """Sectors whose names may hold "and", apart from one another."""
        return "; ".join(words.in_sentence(self.names.sector[code]) for code in codes)

    def largest(self, shares: pd.Series, what: str) -> str:
        """ "; the largest markets are A (3 %) and B (2 %)" of the largest three; a rest of the world is not one."""
        ranked = shares.drop(REST, errors="ignore").sort_values(ascending=False, kind="stable").head(3)
        told = [
            f"{self.names.the(str(code))} ({words.percent(100 * share)})" for code, share in ranked.items() if share > 0
        ]
        if not told:
            return ""
        return f"; the largest {what}{' is' if len(told) == 1 else 's are'} {words.listed(told)}"

    def turned(self, other: Sequence[str]) -> Exposed:
        """The other side, without members of this one."""
        own = {self.world.regions[n] for n in self.world.region_indices(self.region)}
        left = [code for code in (self.world.regions[n] for n in self.world.region_indices(other)) if code not in own]
        whole = len(left) == len(self.world.region_indices(other))
        return Exposed(self.world, other if whole else left, self.sectors)


def percent(fraction: float) -> str:
    """A fraction as percent for tables."""
    return f"{100 * fraction:.2f}" if fraction < 0.1 else f"{100 * fraction:.1f}"


def named(frame: pd.DataFrame, one: Exposed) -> pd.DataFrame:
    """A table by sector with names."""
    return labelled(frame.reset_index(), one.world)
