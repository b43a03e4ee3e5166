"""What all questions about security in a scenario file have in common."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, PrivateAttr

from gaiatsu.scenario.measure_models import Strict, Words

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Fault = tuple[tuple[str | int, ...], str]  # where below the question, and what is wrong there


class Question(Strict):
    """One question about security; subclasses add what it takes to answer it."""

    source: Words | None = Field(default=None, description="Keys of `references`, or web addresses")

    _folder: Path | None = PrivateAttr(default=None)

    def read_in(self, folder: Path | None) -> Self:
        """The same question, remembering the folder of the file it was read from; None: not from a file."""
        copy = self.model_copy()
        copy._folder = folder
        return copy

    def beside(self, path: str) -> str:
        """A path of the scenario file: beside that file if it is there, otherwise from where the command runs."""
        near = (self._folder or Path()) / path
        return str(near) if os.path.isfile(near) else path

    def files(self) -> dict[str, dict[str, Any]]:
        """Key → name and SHA-256 of the files it was answered with, for the record of a run."""
        return {}

    def faults(self, world: World) -> list[Fault]:
        """Names that the world does not know, and the like: found before anything is solved."""
        return []
