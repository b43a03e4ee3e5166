"""Reads your own download of SIPRI's arms transfers: who delivered how much to whom, by year.

SIPRI's terms do not let the register be shipped; the package has a few rounded figures of it (gaiatsu.security.arms).
Three layouts are read, comma or semicolon, with or without lines above the header:

- deliveries by deal and year (columns Supplier or Seller, Recipient or Buyer, Armament category, Delivery year, TIV
  delivery values, Local production), as the database has exported them since 2022;
- the same added up (Recipient, Supplier, Delivery year, Armament category, Local production, TIV);
- a table of TIV of imports of one recipient (suppliers by years), which knows neither category nor local production.

TIV is SIPRI's trend-indicator value, millions: a measure of military capability delivered, not of money.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world.codes import country_code, country_name

MOST_BYTES, HEADER_WITHIN, YEARS = 64 * 2**20, 40, (1950, 2100)
MOST_TIV = 1e6  # of one delivery, million: all deliveries of the world in a year are a few ten thousand
COLUMNS = {
    "recipient": ("Recipient", "Buyer"),
    "supplier": ("Supplier", "Seller"),
    "year": ("Delivery year",),
    "category": ("Armament category",),
    "local": ("Local production",),
    "tiv": ("TIV delivery values", "TIV"),
}
NEEDED = ("recipient", "supplier", "year", "tiv")
BY_DEAL = ("Year(s) of delivery", "Year(s) of deliveries")
TITLE = re.compile(r"TIV of arms (imports to|exports from) (.+?),? (\d{4})\s*[-–]\s*(\d{4})")
TOTALS = ("total", "totals")
TEXT = "Description"  # where a stray separator adds a cell to a row

Row = tuple[int, list[str]]


@dataclass(frozen=True, eq=False)
class Register:
    """Deliveries: columns recipient, supplier (ISO3 where there is one, otherwise SIPRI's name), year, category, local
    (True, False), tiv. categories, local: whether the file knows them; otherwise these columns are empty, and False.
    sha256: of the file.
    """

    name: str
    deliveries: pd.DataFrame
    categories: bool
    local: bool
    sha256: str = ""

    @property
    def recipients(self) -> list[str]:
        """Codes of all recipients."""
        return sorted(self.deliveries["recipient"].unique())

    @property
    def years(self) -> tuple[int, int]:
        """First and last year with a delivery."""
        return int(self.deliveries["year"].min()), int(self.deliveries["year"].max())

    @property
    def kinds(self) -> list[str]:
        """The categories of arms in it."""
        return sorted(self.deliveries["category"].unique()) if self.categories else []


def supplier_name(code: str) -> str:
    """A supplier's name in tables: the country's, or SIPRI's own word."""
    return country_name(code) if country_code(code) == code else code[:1].upper() + code[1:]


def load_register(path: str | os.PathLike[str]) -> Register:
    """The register in a file. DataMissing where there is none; DataError with file and row where it is malformed."""
    place = Path(path)
    raw = _read(place)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # SIPRI's exports are in either
    return replace(_parsed(place.name, text), sha256=hashlib.sha256(raw).hexdigest())


def _read(place: Path) -> bytes:
    try:
        if not stat.S_ISREG(place.stat().st_mode):
            raise DataError(f"{place} is not a regular file; `deliveries` is the path of one file")
        with place.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise DataMissing(
            f"{place}: there is no such file; download deliveries from SIPRI’s Arms Transfers Database, or leave "
            "`deliveries` out for the bundled figures"
        ) from error
    except (OSError, ValueError) as error:  # a name too long, a folder in it that is a file, no right to read
        raise DataError(f"cannot read {place}: {error}") from error
    if len(raw) > MOST_BYTES:
        raise DataError(f"{place}: larger than {MOST_BYTES // 2**20} MB; download fewer recipients or years")
    return raw


def _parsed(name: str, text: str) -> Register:
    for separator in (",", ";"):
        rows = list(_rows(name, text, separator))
        for start, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
            if _is_deliveries(cells):
                return _deliveries(name, cells, rows[start + 1 :])
            if _is_by_deal(cells):
                raise DataError(
                    f"{name}: a trade register by deal does not say what arrived in which year; download the "
                    "deliveries by year (columns Delivery year and TIV delivery values) instead"
                )
            if _is_table(cells):
                return _table(name, text, cells, rows[start + 1 :])
    wanted = ", ".join(COLUMNS[key][0] for key in NEEDED)
    raise DataError(f"{name}: no header in its first {HEADER_WITHIN} rows; the columns {wanted} are needed")


def _rows(name: str, text: str, separator: str) -> Iterator[Row]:
    """Line numbers and cells without blanks; lines that are empty are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            trimmed = [cell.strip().rstrip(";").strip() for cell in cells]
            if any(trimmed):
                yield reader.line_num, trimmed
    except csv.Error as error:
        raise DataError(f"{name}, row {reader.line_num} cannot be read: {error}") from error


def _column(cells: list[str], key: str) -> int | None:
    return next(iter(_columns(cells, key)), None)


def _columns(cells: list[str], key: str) -> list[int]:
    """All columns that may be the one wanted: more than one is a fault."""
    wanted = [name.casefold() for name in COLUMNS[key]]
    return [place for place, cell in enumerate(cells) if cell.casefold() in wanted]


def _is_deliveries(cells: list[str]) -> bool:
    return sum(_column(cells, key) is not None for key in NEEDED) >= 3 and not _is_by_deal(cells)


def _is_by_deal(cells: list[str]) -> bool:
    return any(name in cells for name in BY_DEAL)


def _is_table(cells: list[str]) -> bool:
    return len(cells) > 2 and not cells[0] and any(_is_year(cell) for cell in cells[1:])


def _is_year(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and YEARS[0] <= int(cell) <= YEARS[1]


def _deliveries(name: str, header: list[str], rows: list[Row]) -> Register:
    """Deliveries row by row, by deal or added up."""
    places = {key: _column(header, key) for key in COLUMNS}
    if missing := [COLUMNS[key][0] for key in NEEDED if places[key] is None]:
        near = "".join(did_you_mean(word, header) for word in missing)
        raise DataError(f"{name}: column {', '.join(missing)} is missing{near}")
    for key in COLUMNS:
        if len(several := _columns(header, key)) > 1:
            told = " and ".join(repr(header[place]) for place in several)
            raise DataError(f"{name}: the columns {told} may all be the {COLUMNS[key][0]}: leave one of them")
    found = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        cells = _fitted(name, line, cells, header)
        if (earlier := seen.setdefault(tuple(cells), line)) != line:
            raise DataError(f"{name}, row {line}: the same as row {earlier}; leave one, or add them up")
        given = {key: "" if place is None else cells[place] for key, place in places.items()}
        if not given["year"] and not given["tiv"]:
            continue  # ordered and not delivered
        found.append(_delivery(name, line, given, places))
    return _register(name, found, places["category"] is not None, places["local"] is not None)


def _fitted(name: str, line: int, cells: list[str], header: list[str]) -> list[str]:
    """A row with as many cells as the header: blanks at its end dropped, a text that was split joined again."""
    while len(cells) > len(header) and not cells[-1]:
        cells = cells[:-1]
    extra = len(cells) - len(header)
    if extra > 0 and TEXT in header:
        place = header.index(TEXT)
        cells = [*cells[:place], " ".join(cells[place : place + extra + 1]), *cells[place + extra + 1 :]]
    if len(cells) != len(header):
        raise DataError(f"{name}, row {line}: {len(cells)} cells where the header has {len(header)}")
    return cells


def _delivery(name: str, line: int, given: Mapping[str, str], places: Mapping[str, int | None]) -> tuple[object, ...]:
    for key in ("recipient", "supplier"):
        if not given[key]:
            raise DataError(f"{name}, row {line}: no {key}")
    if not _is_year(given["year"]):
        raise DataError(f"{name}, row {line}: {given['year']!r} is no year of delivery")
    local = given["local"].casefold()
    if places["local"] is not None and local not in ("yes", "no"):
        raise DataError(f"{name}, row {line}: local production is {given['local']!r}; it must be Yes or No")
    if places["category"] is not None and not given["category"]:
        raise DataError(f"{name}, row {line}: no armament category")
    return (
        _code(given["recipient"]), _code(given["supplier"]), int(given["year"]), given["category"], local == "yes",
        _tiv(name, line, given["tiv"]),
    )  # fmt: skip


def _code(name: str) -> str:
    return country_code(name) or name


def _tiv(name: str, line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_TIV:
        raise DataError(f"{name}, row {line}: TIV is {cell!r}; it must be a number from 0 to {MOST_TIV:g}")
    return value


def _table(name: str, text: str, header: list[str], rows: list[Row]) -> Register:
    """A table of imports: the recipient stands in the title, years across, suppliers down, a row Total at the end."""
    title = TITLE.search("\n".join(text.splitlines()[:HEADER_WITHIN]))
    if title is None or title[1] != "imports to":
        said = f"it is of exports from {title[2]}" if title else "it has no title “TIV of arms imports to …”"
        raise DataError(f"{name}: a table of TIV by year must be of one recipient's imports; {said}")
    years = [(place, int(cell)) for place, cell in enumerate(header) if _is_year(cell)]
    if len({year for _, year in years}) < len(years):
        raise DataError(f"{name}: a year stands twice in the header")
    last = next((place for place, cell in enumerate(header) if cell.casefold() in TOTALS), None)
    found: list[tuple[str, str, int, str, bool, float]] = []
    suppliers: dict[str, int] = {}
    for line, cells in rows:
        given = {year: _tiv(name, line, cells[place]) for place, year in years if place < len(cells) and cells[place]}
        if last is not None and last < len(cells) and cells[last]:
            _check_total(name, line, "", _tiv(name, line, cells[last]), list(given.values()))
        if cells[0].casefold() in TOTALS:
            for year, total in given.items():
                _check_total(name, line, f" of {year}", total, [float(row[5]) for row in found if row[2] == year])
            break
        if not cells[0]:
            raise DataError(f"{name}, row {line}: no supplier")
        code = _code(cells[0])
        if (earlier := suppliers.setdefault(code, line)) != line:
            raise DataError(f"{name}, row {line}: {cells[0]} stands in row {earlier} already")
        found += [(_code(title[2]), code, year, "", False, tiv) for year, tiv in given.items()]
    return _register(name, found, False, False)


def _check_total(name: str, line: int, what: str, total: float, parts: list[float]) -> None:
    """A total against what it is of; each cell may be rounded to a whole number."""
    if abs(sum(parts) - total) > 0.5 * (len(parts) + 1):
        raise DataError(
            f"{name}, row {line}: the total{what} is {total:g}, but its parts add up to {sum(parts):g}: one of them is "
            "missing or wrong"
        )


def _register(name: str, found: Sequence[tuple[object, ...]], categories: bool, local: bool) -> Register:
    if not found:
        raise DataError(f"{name}: no delivery in it")
    frame = pd.DataFrame(found, columns=["recipient", "supplier", "year", "category", "local", "tiv"])
    if not frame["tiv"].sum() > 0:
        raise DataError(f"{name}: all deliveries in it are zero")
    return Register(name, frame, categories, local)
