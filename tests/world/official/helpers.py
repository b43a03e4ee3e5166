"""What tests of the readers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gaiatsu.errors import DataError
from gaiatsu.world import World
from gaiatsu.world.build import build
from gaiatsu.world.official.build import build_official

from . import writers
from .tables import Small, small

Rows = list[list[str]]


def refused(source: str, path: Path, tmp_path: Path, **options: object) -> str:
    """The message of the refusal; nothing was written, and what stood there before still stands."""
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    (out / "old.world").write_text("kept", encoding="utf-8")
    for name in ("new.world", "old.world"):
        with pytest.raises(DataError) as caught:
            build(source, path, out / name, duties="none", **options)  # type: ignore[arg-type]
    assert [item.name for item in out.iterdir()] == ["old.world"]
    assert (out / "old.world").read_text(encoding="utf-8") == "kept"
    return str(caught.value)


def icio_file(tmp_path: Path, change: Callable[[Rows], Rows], name: str = "2020_SML.csv") -> Path:
    """A table of the 2023 edition with its rows changed."""
    rows = change(writers.icio_rows(small(5), "2023"))
    (tmp_path / name).write_text(writers.csv_lines(rows), encoding="utf-8")
    return tmp_path / name


def built(tmp_path: Path, table: Small, **options: Any) -> tuple[World, dict[str, Any]]:
    path = writers.icio(tmp_path, table, "2023", "2020_SML.csv")
    return build_official("icio2023", path, **{"duties": "none", **options})
