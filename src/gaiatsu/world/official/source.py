"""What every reader of an official table is: a name, a source to cite, and a function from a path to a Table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gaiatsu.world.official.groups import Spec
from gaiatsu.world.official.table import Table


@dataclass(frozen=True)
class Original:
    """An official table as published. money: "USD" or "EUR", in millions; file: an example of a file's name."""

    name: str
    title: str
    source: str
    address: str
    licence: str
    edition: str
    money: str
    file: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A table as read: which year, from which files, with which remarks."""

    table: Table
    year: int
    files: tuple[Path, ...]
    member: str
    edition: str


Reader = Callable[[Path, int | None, Spec, Spec], Reading]
