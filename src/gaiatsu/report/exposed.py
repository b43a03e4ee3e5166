"""Whose exposure is told: one side of a pair, with its accounts and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from gaiatsu.exposure.imports import Imports, imports
from gaiatsu.exposure.research import Research, research_intensive
from gaiatsu.exposure.value_added import ValueAdded, value_added
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
        codes = {self.world.sectors[k] for k in self.world.sector_indices(self.sectors)}

        def kept(group: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(code for code in group if code in codes)

        return Research(found.groups, kept(found.whole), kept(found.mostly), kept(found.partly), kept(found.unknown))

    @property
    def goods(self) -> str:
        """ " in motor vehicles", or nothing when all sectors are meant."""
        whole = len(self.world.sector_indices(self.sectors)) == len(self.world.sectors)
        return "" if whole else f" in {sectors_phrase(self.world, self.names, self.sectors)}"

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
