"""The pages name functions and show code: both must exist and run."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
DOTTED = re.compile(r"`(gaiatsu(?:\.[A-Za-z_][A-Za-z0-9_]*)+)(?:\([^`]*\))?`")


def resolve(name: str) -> Any:
    """The module, class or function that a dotted name means; AttributeError or ImportError when there is none."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if not name.startswith(str(error.name)):
                raise
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def dotted_names(page: Path) -> list[str]:
    """All `gaiatsu.module.name` of a page, without names of files such as `gaiatsu.yaml`."""
    return sorted(set(DOTTED.findall(page.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_names_on_a_page_exist(page: Path) -> None:
    missing = []
    for name in dotted_names(page):
        try:
            resolve(name)
        except (AttributeError, ModuleNotFoundError):
            missing.append(name)
    assert not missing


def test_the_model_page_names_functions_of_every_engine_module() -> None:
    named = {
        name.split(".")[2] for name in dotted_names(ROOT / "docs" / "model.md") if name.startswith("gaiatsu.trade.")
    }
    modules = {path.stem for path in (ROOT / "src" / "gaiatsu" / "trade").glob("*.py") if path.stem != "__init__"}
    assert modules <= named


def test_a_wrong_name_would_be_found() -> None:
    with pytest.raises(AttributeError):
        resolve("gaiatsu.errors.NoSuchError")
    with pytest.raises((AttributeError, ModuleNotFoundError)):
        resolve("gaiatsu.no_such_module")
    with pytest.raises((AttributeError, ModuleNotFoundError)):
        resolve("gaiatsu.trade.no_such_module")
