"""What all questions about security in a scenario file have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from gaiatsu.scenario.measure_models import Strict, Words

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Fault = tuple[tuple[str | int, ...], str]  # where below the question, and what is wrong there


class Question(Strict):
    """One question about security; subclasses add what it takes to answer it."""

    source: Words | None = Field(default=None, description="Keys of `references`, or web addresses")

    def faults(self, world: World) -> list[Fault]:
        """Names that the world does not know, and the like: found before anything is solved."""
        return []
