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
import io
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world.codes import country_code, country_name

MOST_BYTES, HEADER_WITHIN, YEARS = 64 * 2**20, 40, (1950, 2100)
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
TEXT = "Description"  # where a stray separator adds a cell to a row

Row = tuple[int, list[str]]


@dataclass(frozen=True, eq=False)
class Register:
    """Deliveries: columns recipient, supplier (ISO3 where there is one, otherwise SIPRI's name), year, category, local
    (True, False), tiv. categories, local: whether the file knows them; otherwise these columns are empty, and False.
    """

    name: str
    deliveries: pd.DataFrame
    categories: bool
    local: bool

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
    if not place.is_file():
        raise DataMissing(
            f"{path}: there is no such file; download deliveries from SIPRI’s Arms Transfers Database, or leave "
            "`deliveries` out for the bundled figures"
        )
    if place.stat().st_size > MOST_BYTES:
        raise DataError(f"{path}: larger than {MOST_BYTES // 2**20} MB; download fewer recipients or years")
    raw = place.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # SIPRI's exports are in either
    for separator in (",", ";"):
        rows = list(_rows(place.name, text, separator))
        for start, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
            if _is_deliveries(cells):
                return _deliveries(place.name, cells, rows[start + 1 :])
            if _is_by_deal(cells):
                raise DataError(
                    f"{place.name}: a trade register by deal does not say what arrived in which year; download the "
                    "deliveries by year (columns Delivery year and TIV delivery values) instead"
                )
            if _is_table(cells):
                return _table(place.name, text, cells, rows[start + 1 :])
    wanted = ", ".join(COLUMNS[key][0] for key in NEEDED)
    raise DataError(f"{place.name}: no header in its first {HEADER_WITHIN} rows; the columns {wanted} are needed")


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
    folded = [cell.casefold() for cell in cells]
    return next((folded.index(name.casefold()) for name in COLUMNS[key] if name.casefold() in folded), None)


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
    found = []
    for line, cells in rows:
        cells = _fitted(name, line, cells, header)
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
    if not (math.isfinite(value) and value >= 0):
        raise DataError(f"{name}, row {line}: TIV is {cell!r}; it must be a number of at least 0")
    return value


def _table(name: str, text: str, header: list[str], rows: list[Row]) -> Register:
    """A table of imports: the recipient stands in the title, years across, suppliers down, a row Total at the end."""
    title = TITLE.search("\n".join(text.splitlines()[:HEADER_WITHIN]))
    if title is None or title[1] != "imports to":
        said = f"it is of exports from {title[2]}" if title else "it has no title “TIV of arms imports to …”"
        raise DataError(f"{name}: a table of TIV by year must be of one recipient's imports; {said}")
    years = [(place, int(cell)) for place, cell in enumerate(header) if _is_year(cell)]
    found: list[tuple[object, ...]] = []
    for line, cells in rows:
        if cells[0].casefold() in ("total", "totals"):
            break
        if not cells[0]:
            raise DataError(f"{name}, row {line}: no supplier")
        for place, year in years:
            cell = cells[place] if place < len(cells) else ""
            if cell:
                found.append((_code(title[2]), _code(cells[0]), year, "", False, _tiv(name, line, cell)))
    return _register(name, found, False, False)


def _register(name: str, found: list[tuple[object, ...]], categories: bool, local: bool) -> Register:
    if not found:
        raise DataError(f"{name}: no delivery in it")
    frame = pd.DataFrame(found, columns=["recipient", "supplier", "year", "category", "local", "tiv"])
    if not frame["tiv"].sum() > 0:
        raise DataError(f"{name}: all deliveries in it are zero")
    return Register(name, frame, categories, local)
