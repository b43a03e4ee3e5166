"""A run folder appears whole or not at all: it is written beside its place and then renamed."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from gaiatsu.errors import OutputError

MARK = "provenance.json"
TABLES = "tables"
TABLE_NAMES = (
    "summary", "output", "trade", "incidence", "diversion", "decomposition", "decomposition_first_order", "attribution",
    "ranges", "ranges_by_set", "ranges_draws",
)  # fmt: skip
# The first words of the tables of sections (gaiatsu.report.sections) and of pages of their own.
SECTIONS = (
    "exposure", "leverage", "minerals", "tourism", "payments", "agreement", "hedges", "backtests", "published",
    "deterrence", "budget", "burden", "group", "arms", "outlays",
)  # fmt: skip
FILES = {"report.html", "tables.xlsx", "outcome.parquet", "scenario.yaml", MARK}
TABLE_FILES = {f"{name}.csv" for name in TABLE_NAMES}
_SECTION_FILE = re.compile(f"({'|'.join(SECTIONS)})(_[a-z0-9]+)*\\.csv")


def write_folder(folder: str | os.PathLike[str], fill: Callable[[Path], None], *, force: bool = False) -> Path:
    """Make `folder` with the files that `fill` writes into the empty folder it is given.

    An existing folder is refused; with force it is replaced if it is empty or holds nothing but a gaiatsu run.
    Raises OutputError that says what stands in the way; whatever happens, `folder` is either complete, as it was, or
    absent (a killed process may leave a hidden folder `.NAME.….partial` beside it).
    """
    target = Path(os.path.abspath(folder))
    check_target(target, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write into {target.parent}: {error.strerror}; choose another folder, or make it writable"
        ) from error
    try:
        partial.chmod(0o777 & ~_umask())
        fill(partial)
        check_target(target, force=force)  # it may have appeared meanwhile
        _put(partial, target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}; nothing was left there") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def check_target(target: Path, *, force: bool) -> None:
    """Raise OutputError unless `target` is free, or may be replaced. To be called before long work, too."""
    if not target.name:
        raise OutputError(f"{target} cannot be an output folder; name a new one")
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise OutputError(f"{target} exists and is not a folder; choose another name")
    if not force:
        raise OutputError(f"{target} exists; choose another folder, or replace it with --force")
    foreign = _foreign(target)
    if foreign:
        raise OutputError(
            f"{target} holds {foreign}, which is not part of a gaiatsu run, and is not replaced; choose another folder"
        )


def _foreign(target: Path) -> str:
    """What in the folder is not a run's (empty: an empty folder or a run)."""
    try:
        if not any(target.iterdir()):
            return ""
        tables = target / TABLES
        strangers = _strangers(target, FILES | ({TABLES} if _is_plain_folder(tables) else set()))
        if _is_plain_folder(tables):
            known = {name for name in os.listdir(tables) if _SECTION_FILE.fullmatch(name)}
            strangers += [f"{TABLES}/{name}" for name in _strangers(tables, TABLE_FILES | known)]
        if strangers:
            return strangers[0]
        record = json.loads((target / MARK).read_text(encoding="utf-8"))
        return "" if isinstance(record, dict) and record.get("program") == "gaiatsu" else MARK
    except FileNotFoundError:
        return f"no {MARK}"
    except ValueError:
        return f"an unreadable {MARK}"
    except OSError as error:
        raise OutputError(f"cannot look into {target}: {error.strerror}; choose another folder") from error


def _strangers(folder: Path, known: set[str]) -> list[str]:
    """Names in a folder that a run does not write, or that are no regular files as a run writes them."""
    return [
        item.name
        for item in sorted(folder.iterdir())
        if item.name not in known or item.is_symlink() or not (item.is_file() or item.name == TABLES)
    ]


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def _put(partial: Path, target: Path) -> None:
    """Rename `partial` to `target`; an old run steps aside first and comes back if that fails."""
    if not os.path.lexists(target):
        os.rename(partial, target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    os.rename(target, old)  # onto an empty folder
    try:
        os.rename(partial, target)
    except BaseException:
        os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
