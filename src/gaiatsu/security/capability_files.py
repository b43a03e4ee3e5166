"""Files of military spending as users have them: what can be read, and the numbers and codes in their cells."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world.codes import countries, country_code

MOST_BYTES = 100_000_000
YEARS = range(1800, 2101)
WORKBOOKS = (".xlsx", ".xlsb")
OTHER_FILES = (".xls", ".xlsm", ".ods", ".zip", ".dta", ".parquet")
MISSING = {"", "...", ". .", "..", ". . .", "xxx", "xx", "na", "n/a"}  # as SIPRI writes unknown and not independent


def existing(path: str | os.PathLike[str]) -> Path:
    place = Path(path)
    if not place.exists():
        raise DataMissing(
            f"there is no file {os.fspath(path)!r}; download the workbook from https://www.sipri.org/databases/milex "
            "or the capabilities from https://correlatesofwar.org"
        )
    if not place.is_file():
        raise DataError(f"{place} is a folder: name the file in it")
    if place.suffix.lower() in OTHER_FILES:
        raise DataError(f"{place}: files {place.suffix} are not read; save it as .xlsx or as CSV")
    return place


def _text(place: Path, most: int = MOST_BYTES) -> str:
    try:
        with gzip.open(place) if place.suffix.lower() == ".gz" else place.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > MOST_BYTES:
            raise DataError(f"{place} has more than {MOST_BYTES} bytes")
        return content.decode("utf-8-sig", errors="strict" if most == MOST_BYTES else "ignore")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"{place} cannot be read as text: {error}; save it as CSV in UTF-8") from error


def first_line(place: Path) -> list[str]:
    line = _text(place, 4096).split("\n", 1)[0]
    return tidy_head(next(csv.reader([line]), []))


def rows_of(place: Path) -> list[list[str]]:
    text = _text(place)
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if text.count(mark) > text.count(","):
            raise DataError(f"{place}: its columns are separated by {name}; save it with commas, and points in numbers")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return list(lines)
    except csv.Error as error:
        raise DataError(f"{place}:{lines.line_num}: not a table of comma-separated values: {error}") from error


def once(names: Sequence[str], where: str) -> None:
    """No heading may stand twice: one column would hide the other."""
    if twice := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
        raise DataError(f"{where}: {twice[0]} heads two columns; remove one")


def year_of(cell: Any) -> int:
    """The year that a cell of the heading holds, or 0."""
    text = str(cell).strip()
    match = re.fullmatch(r"(\d{4})(?:\.0+)?", text)
    return int(match[1]) if match and int(match[1]) in YEARS else 0


def whole(text: str, name: str, where: str) -> int:
    try:
        value = int(float(text)) if float(text) == int(float(text)) else None
    except (ValueError, OverflowError):
        value = None
    if value is None or (name == "year" and value not in YEARS):
        raise DataError(f"{where}: {name} is {text!r}; it must be a whole number")
    return value


def iso3_of(text: str, where: str) -> str:
    if text in countries() and text != "ROW":
        return text
    code = country_code(text)
    hint = f"; did you mean {code!r}?" if code else did_you_mean(text, countries())
    raise DataError(f"{where}: iso3 is {text!r}{hint}; it must be the ISO3 code of a country, such as JPN")


def amount(cell: Any, where: str, blank: str = "") -> float | None:
    """A number of at least 0, or None where there is none."""
    text = "" if cell is None else str(cell).strip()
    if text.casefold() in MISSING:
        return None
    try:
        value = float("nan" if "_" in text else text)  # Python takes 1_000 for a number
    except ValueError:
        value = float("nan")
    if blank and value == float(blank):
        return None
    if not 0 <= value < float("inf"):
        raise DataError(f"{where}: {text[:40]!r} is no amount; it must be a number of at least 0, or ... where missing")
    return value


def tidy_head(row: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in row]
