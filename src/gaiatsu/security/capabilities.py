"""What states spend on their forces: the package's few figures, a download from SIPRI, or one from Correlates of War.

The Stockholm International Peace Research Institute (SIPRI) does not let its files be passed on, and for the National
Material Capabilities of the Correlates of War project no licence was found that does. Users download them themselves:

- https://www.sipri.org/databases/milex, the Excel workbook, one of its sheets as CSV, or a tidy CSV;
- https://correlatesofwar.org/data-sets/national-material-capabilities/, the CSV (also packed with gzip).
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world.codes import countries, country_code

DEFAULT = "default"
MOST_BYTES = 100_000_000
YEARS = range(1800, 2101)
WORKBOOKS = (".xlsx", ".xlsb")
MISSING = {"", "...", ". .", "..", ". . .", "xxx", "xx", "na", "n/a"}  # as SIPRI writes unknown and not independent
NAMES = {  # as SIPRI writes them, where the package's own list of names has other words
    "Korea, South": "KOR", "Korea, North": "PRK", "Congo, DR": "COD", "Congo, Dem. Rep.": "COD",
    "Congo, Republic": "COG", "Congo, Republic of": "COG", "Côte d’Ivoire": "CIV", "Gambia, The": "GMB",
    "Trinidad & Tobago": "TTO", "Kosovo": "XKX",
}  # fmt: skip
SERBIA = ("YUG", 2006, "SRB")  # its number in Correlates of War is still that of Yugoslavia
COLUMNS = {"current": ("milex_current", "usd_million"), "constant": ("milex_const",)}


@dataclass(frozen=True)
class Figure:
    """Military spending of one state in one year: US$ bn, and as a fraction of its GDP where known (else NaN)."""

    iso3: str
    year: int
    usd_billion: float
    gdp_share: float


@dataclass(frozen=True, eq=False)
class Spending:
    """Figures to choose from.

    table: iso3, year, usd_million, gdp_share (fraction, NaN where not known); name: what they are, for messages and
    reports; sources: citation → address; missing: what was asked for and is not there, so that these stand in.
    """

    table: pd.DataFrame
    name: str
    sources: dict[str, str]
    missing: str = ""

    def years(self, codes: Iterable[str]) -> list[int]:
        """Years in which every one of these states has a figure, in order."""
        found = [set(self.table.loc[self.table["iso3"] == code, "year"]) for code in codes]
        return sorted(int(year) for year in set.intersection(*found)) if found else []

    def of(self, code: str, year: int) -> Figure:
        """The figure of a state. Raises DataError where there is none, with the nearest that is there."""
        rows = self.table[self.table["iso3"] == code]
        if rows.empty:
            known = ", ".join(sorted(set(self.table["iso3"]))[:12])
            more = ", …" if self.table["iso3"].nunique() > 12 else ""
            raise DataError(f"{self.name} have no military spending of {code} (they have {known}{more})")
        row = rows[rows["year"] == year]
        if row.empty:
            span = f"{rows['year'].min()} to {rows['year'].max()}" if len(rows) > 1 else f"{rows['year'].iloc[0]} only"
            raise DataError(f"{self.name} have no military spending of {code} in {year} (they have {span})")
        first = row.iloc[0]
        return Figure(code, year, float(first["usd_million"]) / 1000, float(first["gdp_share"]))


@cache
def _own() -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", "military_spending.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def default_spending() -> Spending:
    """The package's own figures: eight economies in 2025, rounded, from a public page that quotes SIPRI."""
    own = _own()
    table = pd.DataFrame({
        "iso3": own["iso3"], "year": own["year"], "usd_million": 1000.0 * own["usd_billion"],
        "gdp_share": own["gdp_share_percent"] / 100,
    })  # fmt: skip
    seen = "; ".join(dict.fromkeys(own["seen"]))
    sources = {f"{text}; seen as {seen}": address for text, address in zip(own["source"], own["address"], strict=True)}
    return Spending(table, "the figures that come with gaiatsu", sources)


def spending_from(place: str | os.PathLike[str] | None = None) -> Spending:
    """Figures by `default` (or nothing), or from a file of SIPRI or Correlates of War that a user has downloaded.

    A file that is not there gives the package's own figures, whose `missing` says so. Raises DataError for a malformed
    file, DataMissing where reading workbooks needs a package that is not installed.
    """
    word = DEFAULT if place is None else os.fspath(place)
    if word == DEFAULT:
        return default_spending()
    path = Path(word)
    if not path.is_file():
        own = default_spending()
        return Spending(own.table, own.name, own.sources, f"there is no file {word}: {own.name} are used instead")
    if path.suffix.lower() not in WORKBOOKS and {"ccode", "milex"} <= set(_first_line(path)):
        table = load_national_capabilities(path)
        table = table[table["usd_million"].notna()].assign(gdp_share=float("nan"))
        cited = "Correlates of War, National Material Capabilities (Singer, Bremer and Stuckey 1972)"
        address = "https://correlatesofwar.org/data-sets/national-material-capabilities/"
    else:
        table = load_military_spending(path)
        cited, address = "SIPRI Military Expenditure Database", "https://www.sipri.org/databases/milex"
    columns = ["iso3", "year", "usd_million", "gdp_share"]
    return Spending(
        table[columns].reset_index(drop=True), f"the figures of {path.name}", {f"{cited}, file {path.name}": address}
    )


# ------------------------------------------------------------------------------------------------------------- SIPRI
def load_military_spending(path: str | os.PathLike[str], *, prices: str = "current") -> pd.DataFrame:
    """Military spending from a user's own download: iso3, year, usd_million, gdp_share (fraction, NaN where unknown).

    path: SIPRI's workbook (sheets "Current US$", "Constant (YYYY) US$" and "Share of GDP"), one of its sheets saved as
    CSV, or a tidy CSV with iso3, year, milex_current_usd_m or milex_const…_usd_m, and maybe milex_share_gdp; prices:
    `current` or `constant` (a sheet saved as CSV has its own). States that no longer exist and names without an ISO3
    code are left out and stand in `attrs["left_out"]`. Raises DataMissing, DataError naming file and row.
    """
    if prices not in COLUMNS:
        raise DataError(f"prices is {prices!r}; it must be one of {', '.join(COLUMNS)}")
    place = _existing(path)
    if place.suffix.lower() in WORKBOOKS:
        return _from_workbook(place, prices)
    rows = _rows(place)
    head = _tidy_head(rows[0]) if rows else []
    if {"iso3", "year"} <= set(head):
        return _tidy(rows, head, prices, str(place))
    told = " ".join(cell for row in rows[: _head_row(rows, str(place))] for cell in row).casefold()
    if "us$" not in told and "usd" not in told:
        raise DataError(f"{place}: the lines above the table do not say US$: save the sheet of current or constant US$")
    return _finished(*_wide(rows, str(place)), None)


def _from_workbook(place: Path, prices: str) -> pd.DataFrame:
    from gaiatsu.world.official.files import Member
    from gaiatsu.world.official.workbook import open_workbook, sheet_rows

    book = open_workbook(Member(place, ""))
    names = [str(name) for name in book.sheet_names]
    beginning = {"current": "current us", "constant": "constant ("}[prices]
    sheet = next((name for name in names if name.casefold().startswith(beginning)), None)
    if sheet is None:
        raise DataError(f"{place} has no sheet of {prices} US$ (it has {', '.join(names)})")
    values, left_out = _wide(list(sheet_rows(book, sheet, str(place))), f"{place}, sheet {sheet!r}")
    share = next((name for name in names if name.casefold() == "share of gdp"), None)
    shares = _wide(list(sheet_rows(book, share, str(place))), f"{place}, sheet {share!r}")[0] if share else None
    return _finished(values, left_out, shares)


Cells = dict[tuple[str, int], float]


def _head_row(rows: Sequence[Sequence[Any]], where: str) -> int:
    """Position of the row that heads the table: "Country", then years."""
    for number, row in enumerate(rows):
        if row and str(row[0]).strip().casefold() == "country" and any(_year(cell) for cell in row):
            return number
    raise DataError(
        f"{where}: no row that starts with 'Country' and has years: this is not a sheet of SIPRI's workbook"
    )


def _wide(rows: Sequence[Sequence[Any]], where: str) -> tuple[Cells, list[str]]:
    """Countries in rows, years in columns; the names without a code are given back."""
    head = _head_row(rows, where)
    years = {column: year for column, cell in enumerate(rows[head]) if (year := _year(cell))}
    out: Cells = {}
    left_out: list[str] = []
    lines: dict[str, int] = {}
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        name = str(row[0]).strip() if row else ""
        cells = [(years[column], cell) for column, cell in enumerate(row) if column in years]
        numbers = [(year, _amount(cell, f"{where}, row {number} ({name}), column {year}")) for year, cell in cells]
        found = [(year, value) for year, value in numbers if value is not None]
        if not name or not found:
            continue  # headings of regions, blank lines, states without figures
        code = NAMES.get(name) or country_code(name)
        if code is None or code == "ROW":
            left_out.append(name)
            continue
        if code in lines:
            raise DataError(f"{where}, row {number}: {name} ({code}) stands there already, in row {lines[code]}")
        lines[code] = number
        out |= {(code, year): value for year, value in found}
    if not out:
        raise DataError(f"{where}: no figure of any country below row {head + 1}")
    return out, left_out


def _finished(values: Cells, left_out: Sequence[str], shares: Cells | None) -> pd.DataFrame:
    known = shares or {}
    rows = [(code, year, value, known.get((code, year), float("nan"))) for (code, year), value in values.items()]
    table = pd.DataFrame(rows, columns=["iso3", "year", "usd_million", "gdp_share"])
    table = table.sort_values(["iso3", "year"], ignore_index=True)
    table.attrs["left_out"] = tuple(left_out)
    return table


def _tidy_head(row: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in row]


def _tidy(rows: Sequence[Sequence[str]], head: list[str], prices: str, where: str) -> pd.DataFrame:
    column = next((name for name in head if name.startswith(COLUMNS[prices])), None)
    if column is None:
        raise DataError(f"{where} has no column of {prices} US$, such as {COLUMNS[prices][0]}_usd_m (it has {head})")
    share = "milex_share_gdp" if "milex_share_gdp" in head else None
    values, shares = {}, {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(head):
            raise DataError(f"{where}:{line}: {len(row)} cells where the heading has {len(head)}")
        cells = dict(zip(head, (cell.strip() for cell in row), strict=True))
        key = (_iso3(cells["iso3"], f"{where}:{line}"), _whole(cells["year"], "year", f"{where}:{line}"))
        if key in values:
            raise DataError(f"{where}:{line}: {key[0]} in {key[1]} stands there twice")
        values[key] = _amount(cells[column], f"{where}:{line}, {column}")
        if share:
            shares[key] = _amount(cells[share], f"{where}:{line}, {share}")
    kept = {key: value for key, value in values.items() if value is not None}
    if not kept:
        raise DataError(f"{where} has no figure in column {column}")
    return _finished(kept, (), {key: value for key, value in shares.items() if value is not None})


# -------------------------------------------------------------------------------------------------- Correlates of War
def load_national_capabilities(path: str | os.PathLike[str]) -> pd.DataFrame:
    """National material capabilities from a user's own download: iso3, year, usd_million (current), cinc (fraction).

    path: the CSV of Correlates of War (columns ccode, year, milex in US$ thousand, cinc; -9 is missing), plain or
    packed with gzip. States that no longer exist are left out. Raises DataMissing, DataError naming file and row.
    """
    place = _existing(path)
    rows = _rows(place)
    head = _tidy_head(rows[0]) if rows else []
    if lacking := [name for name in ("ccode", "year", "milex", "cinc") if name not in head]:
        raise DataError(f"{place}: has no column {', '.join(lacking)} (it has {', '.join(head) or 'nothing'})")
    columns = {name: head.index(name) for name in ("ccode", "year", "milex", "cinc")}
    numbers, out, seen = _state_numbers(), [], dict[tuple[int, int], int]()
    for line, row in enumerate(rows[1:], start=2):
        where = f"{place}:{line}"
        if len(row) != len(head):
            raise DataError(f"{where}: {len(row)} cells where the heading has {len(head)}")
        number, year = (_whole(row[columns[name]], name, where) for name in ("ccode", "year"))
        spent, cinc = (_amount(row[columns[name]], f"{where}, {name}", blank="-9") for name in ("milex", "cinc"))
        if cinc is not None and cinc > 1:
            raise DataError(f"{where}, cinc is {cinc:g}; it is a share of the world's capabilities, 0 to 1")
        code = numbers.get(number)
        if code == SERBIA[0] and year >= SERBIA[1]:
            code = SERBIA[2]
        if (number, year) in seen:
            raise DataError(f"{where}: state {number} in {year} stands there already, in line {seen[number, year]}")
        seen[number, year] = line
        if code is None or code not in countries():
            continue
        nothing = float("nan")
        spent, cinc = (nothing if value is None else value for value in (spent, cinc))
        out.append((code, year, number, spent / 1000, cinc))
    if not out:
        raise DataError(f"{place} has no row of a state of today")
    table = pd.DataFrame(out, columns=["iso3", "year", "number", "usd_million", "cinc"])
    table = table.sort_values(["iso3", "year", "number"])
    # In 1990 there are two Germanys of one code: 255, the one of today, and 260, the Federal Republic until October.
    return table.drop_duplicates(["iso3", "year"]).drop(columns="number").reset_index(drop=True)


@cache
def _state_numbers() -> dict[int, str]:
    """Number of a state in Correlates of War → ISO3."""
    with resources.files("gaiatsu.security").joinpath("data", "country_numbers.csv").open(encoding="utf-8") as file:
        return {int(row["ccode"]): row["iso3"] for row in csv.DictReader(file)}


# ------------------------------------------------------------------------------------------------------------- cells
def _existing(path: str | os.PathLike[str]) -> Path:
    place = Path(path)
    if not place.is_file():
        raise DataMissing(
            f"there is no file {os.fspath(path)!r}; download the workbook from https://www.sipri.org/databases/milex "
            "or the capabilities from https://correlatesofwar.org"
        )
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


def _first_line(place: Path) -> list[str]:
    line = _text(place, 4096).split("\n", 1)[0]
    return _tidy_head(next(csv.reader([line]), []))


def _rows(place: Path) -> list[list[str]]:
    lines = csv.reader(io.StringIO(_text(place), newline=""), strict=True)
    try:
        return list(lines)
    except csv.Error as error:
        raise DataError(f"{place}:{lines.line_num}: not a table of comma-separated values: {error}") from error


def _year(cell: Any) -> int:
    """The year that a cell of the heading holds, or 0."""
    text = str(cell).strip()
    match = re.fullmatch(r"(\d{4})(?:\.0+)?", text)
    return int(match[1]) if match and int(match[1]) in YEARS else 0


def _whole(text: str, name: str, where: str) -> int:
    try:
        value = int(float(text)) if float(text) == int(float(text)) else None
    except (ValueError, OverflowError):
        value = None
    if value is None or (name == "year" and value not in YEARS):
        raise DataError(f"{where}: {name} is {text!r}; it must be a whole number")
    return value


def _iso3(text: str, where: str) -> str:
    if text in countries() and text != "ROW":
        return text
    code = country_code(text)
    hint = f"; did you mean {code!r}?" if code else did_you_mean(text, countries())
    raise DataError(f"{where}: iso3 is {text!r}{hint}; it must be the ISO3 code of a country, such as JPN")


def _amount(cell: Any, where: str, blank: str = "") -> float | None:
    """A number of at least 0, or None where there is none."""
    text = "" if cell is None else str(cell).strip()
    if text.casefold() in MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if blank and value == float(blank):
        return None
    if not 0 <= value < float("inf"):
        raise DataError(f"{where}: {text[:40]!r} is no amount; it must be a number of at least 0, or ... where missing")
    return value
