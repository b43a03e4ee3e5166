"""What states spend on their forces: the package's few figures, a download from SIPRI, or one from Correlates of War.

The Stockholm International Peace Research Institute (SIPRI) does not let its files be passed on, and for the National
Material Capabilities of the Correlates of War project no licence was found that does. Users download them themselves:

- https://www.sipri.org/databases/milex, the Excel workbook, one of its sheets as CSV, or a tidy CSV;
- https://correlatesofwar.org/data-sets/national-material-capabilities/, the CSV (also packed with gzip).
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from gaiatsu.errors import DataError
from gaiatsu.security.capability_files import (
    WORKBOOKS,
    amount,
    existing,
    first_line,
    iso3_of,
    once,
    rows_of,
    tidy_head,
    whole,
    year_of,
)  # fmt: skip
from gaiatsu.world.codes import countries, country_code

DEFAULT = "default"
NAMES = {  # as SIPRI writes them, where the package's own list of names has other words
    "Korea, South": "KOR", "Korea, North": "PRK", "Congo, DR": "COD", "Congo, Dem. Rep.": "COD",
    "Congo, Republic": "COG", "Congo, Republic of": "COG", "Côte d’Ivoire": "CIV", "Gambia, The": "GMB",
    "Trinidad & Tobago": "TTO", "Kosovo": "XKX",
    "Bosnia-Herzegovina": "BIH",
}  # fmt: skip
SERBIA = ("YUG", 2006, "SRB")  # its number in Correlates of War is still that of Yugoslavia
COLUMNS = {  # of a tidy table, by prices: how it must be called, and an example
    "current": (re.compile(r"milex_current_usd_m"), "milex_current_usd_m"),
    "constant": (re.compile(r"milex_const(\d{4})?_usd_m"), "milex_const2023_usd_m"),
}
SHARE = "milex_share_gdp"
MOST_TYPICAL, MOST_SHARE = 0.25, 2.0  # median and greatest share of GDP that can be fractions; Kuwait had 1.2 in 1991
MILLIONS = re.compile(r"us\s?\$\s?(m|mn|mln|millions?)\b|millions? of (current |constant )?(us\s?\$|us dollars)")
OTHER_UNITS = (
    "per capita",
    "percentage",
    "per cent",
    "share of",
    "local currency",
    "us$ b",
    "us $b",
    "us$b",
    "billion",
)
FIRST_DOLLARS = 1914  # until 1913 Correlates of War has spending in thousand British pounds


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

    table: iso3, year, usd_million, gdp_share (fraction, NaN where not known), and of files `row`; name: what they are,
    for messages and reports; short: whose, for the source line of a figure; sources: citation → address; missing: what
    was asked for and is not there, so that these stand in.
    """

    table: pd.DataFrame
    name: str
    sources: dict[str, str]
    missing: str = ""
    short: str = ""

    @property
    def own(self) -> bool:
        """Whether these are the package's own figures."""
        return "row" not in self.table

    @property
    def newest(self) -> int:
        """The newest year of any state."""
        return int(self.table["year"].max())

    def place(self, code: str, year: int) -> str:
        """Where a figure stands: "row 12", or nothing for figures that are from no file."""
        rows = self.table[(self.table["iso3"] == code) & (self.table["year"] == year)]
        return f"row {rows['row'].iloc[0]}" if not self.own and len(rows) else ""

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
    return Spending(table, "the figures that come with gaiatsu", sources, short="SIPRI, quoted by ICAEW")


def spending_from(place: str | os.PathLike[str] | None = None) -> Spending:
    """Figures by `default` (or nothing), or from a file of SIPRI or Correlates of War that a user has downloaded.

    A file that is not there gives the package's own figures, whose `missing` says so. Raises DataError for a malformed
    file, DataMissing where reading workbooks needs a package that is not installed.
    """
    word = DEFAULT if place is None else os.fspath(place)
    if word == DEFAULT:
        return default_spending()
    path = Path(word)
    if not path.exists():
        own = default_spending()
        missing = f"there is no file {word}: {own.name} are used instead"
        return Spending(own.table, own.name, own.sources, missing, own.short)
    place = existing(path)
    if place.suffix.lower() not in WORKBOOKS and {"ccode", "milex"} <= set(first_line(place)):
        table = load_national_capabilities(place)
        table = table[table["usd_million"].notna()].assign(gdp_share=float("nan"))
        if table.empty:
            raise DataError(f"{place} has no military spending in US$, which begins in {FIRST_DOLLARS}")
        cited = "Correlates of War, National Material Capabilities (Singer, Bremer and Stuckey 1972)"
        short, address = "Correlates of War", "https://correlatesofwar.org/data-sets/national-material-capabilities/"
    else:
        table = load_military_spending(place)
        if place.suffix.lower() not in WORKBOOKS and "iso3" in first_line(place):  # anybody can write such a table
            cited, short, address = "Military spending as the user gives it", "the user’s own table", ""
        else:
            cited, short = "SIPRI Military Expenditure Database", "SIPRI"
            address = "https://www.sipri.org/databases/milex"
    columns = ["iso3", "year", "usd_million", "gdp_share", "row"]
    return Spending(
        table[columns].reset_index(drop=True), f"the figures of {path.name}", {f"{cited}, file {path.name}": address},
        short=f"{short}, file {path.name}",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- SIPRI
def load_military_spending(path: str | os.PathLike[str], *, prices: str = "current") -> pd.DataFrame:
    """Military spending from a user's own download: iso3, year, usd_million, gdp_share (fraction, else NaN), row.

    path: SIPRI's workbook (sheets "Current US$", "Constant (YYYY) US$" and "Share of GDP"), one of its sheets of US$
    million saved as CSV, or a tidy CSV with iso3, year, milex_current_usd_m or milex_const…_usd_m, and maybe
    milex_share_gdp, a fraction (0.014) or with a percent sign (1.4 %); prices: `current` or `constant` (a sheet saved
    as CSV has its own). States that no longer exist and names without an ISO3 code are left out and stand in
    `attrs["left_out"]`; row: of the file or sheet. Raises DataMissing, DataError naming file and row.
    """
    if prices not in COLUMNS:
        raise DataError(f"prices is {prices!r}; it must be one of {', '.join(COLUMNS)}")
    place = existing(path)
    if place.suffix.lower() in WORKBOOKS:
        return _from_workbook(place, prices)
    rows = rows_of(place)
    head = tidy_head(rows[0]) if rows else []
    if {"iso3", "year"} <= set(head):
        return _tidy(rows, head, prices, str(place))
    _check_unit(rows, str(place))
    return _finished(*_wide(rows, str(place)), None)


def _check_unit(rows: Sequence[Sequence[Any]], where: str) -> None:
    """The lines above a sheet must say that it is in US$ million, and not that it is anything else."""
    head = _head_row(rows, where)
    told = " ".join(str(cell) for row in rows[:head] for cell in row).casefold()
    found = [unit.strip() for unit in OTHER_UNITS if unit in told]
    if any(str(cell).strip().casefold() == "currency" for cell in rows[head]):
        found.append("currency")
    if found or not MILLIONS.search(told):
        said = f"speak of {found[0]!r}" if found else "do not say US$ m."
        raise DataError(f"{where}: the lines above the table {said}: save the sheet of current or constant US$ million")


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
    shares = None
    if share:
        where = f"{place}, sheet {share!r}"
        shares = {key: value for key, (value, _) in _wide(list(sheet_rows(book, share, str(place))), where)[0].items()}
        _check_shares(shares, where)
    return _finished(values, left_out, shares)


Cells = dict[tuple[str, int], tuple[float, int]]  # state, year → value, row


def _check_shares(shares: dict[tuple[str, int], float], where: str) -> None:
    """Shares of GDP are fractions: 1.4 is percent."""
    ordered = sorted(shares.values())
    if ordered and (ordered[len(ordered) // 2] > MOST_TYPICAL or ordered[-1] > MOST_SHARE):
        raise DataError(
            f"{where}: shares of GDP of {ordered[len(ordered) // 2]:g} (the median) and {ordered[-1]:g} (the greatest) "
            "are no fractions; write 0.014, or 1.4 %"
        )


def _head_row(rows: Sequence[Sequence[Any]], where: str) -> int:
    """Position of the row that heads the table: "Country", then years."""
    for number, row in enumerate(rows):
        if row and str(row[0]).strip().casefold() == "country" and any(year_of(cell) for cell in row):
            return number
    raise DataError(
        f"{where}: no row that starts with 'Country' and has years: this is not a sheet of SIPRI's workbook"
    )


def _wide(rows: Sequence[Sequence[Any]], where: str) -> tuple[Cells, list[str]]:
    """Countries in rows, years in columns; the names without a code are given back."""
    head = _head_row(rows, where)
    years = {column: year for column, cell in enumerate(rows[head]) if (year := year_of(cell))}
    once([str(year) for year in years.values()], f"{where}, row {head + 1}")
    out: Cells = {}
    left_out: list[str] = []
    lines: dict[str, int] = {}
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        name = str(row[0]).strip() if row else ""
        cells = [(years[column], cell) for column, cell in enumerate(row) if column in years]
        numbers = [(year, amount(cell, f"{where}, row {number} ({name}), column {year}")) for year, cell in cells]
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
        out |= {(code, year): (value, number) for year, value in found}
    if not out:
        raise DataError(f"{where}: no figure of any country below row {head + 1}")
    return out, left_out


def _finished(
    values: Cells, left_out: Sequence[str], shares: dict[tuple[str, int], float] | None
) -> pd.DataFrame:  # fmt: skip
    known = shares or {}
    rows = [(*key, value, known.get(key, float("nan")), row) for key, (value, row) in values.items()]
    table = pd.DataFrame(rows, columns=["iso3", "year", "usd_million", "gdp_share", "row"])
    table = table.sort_values(["iso3", "year"], ignore_index=True)
    table.attrs["left_out"] = tuple(left_out)
    return table


def _tidy(rows: Sequence[Sequence[str]], head: list[str], prices: str, where: str) -> pd.DataFrame:
    once(head, f"{where}:1")
    form, example = COLUMNS[prices]
    columns = [name for name in head if form.fullmatch(name)]
    if len(columns) != 1:
        said = f"has {len(columns)} columns" if columns else "has no column"
        raise DataError(f"{where} {said} of {prices} US$ million, such as {example} (it has {', '.join(head)})")
    column, share = columns[0], SHARE if SHARE in head else None
    values, shares = dict[tuple[str, int], tuple[float | None, int]](), dict[tuple[str, int], float]()
    plain: dict[tuple[str, int], float] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(head):
            raise DataError(f"{where}:{line}: {len(row)} cells where the heading has {len(head)}")
        cells = dict(zip(head, (cell.strip() for cell in row), strict=True))
        key = (iso3_of(cells["iso3"], f"{where}:{line}"), whole(cells["year"], "year", f"{where}:{line}"))
        if key in values:
            raise DataError(f"{where}:{line}: {key[0]} in {key[1]} stands there twice")
        values[key] = (amount(cells[column], f"{where}:{line}, {column}"), line)
        if share:
            text = cells[share]
            value = amount(text.removesuffix("%").strip(), f"{where}:{line}, {share}")
            if value is not None:
                percent = text.endswith("%")
                shares[key] = value / 100 if percent else value
                plain |= {} if percent else {key: value}
    _check_shares(plain, f"{where}, {share}")
    kept = {key: (value, line) for key, (value, line) in values.items() if value is not None}
    if not kept:
        raise DataError(f"{where} has no figure in column {column}")
    return _finished(kept, (), shares)


# -------------------------------------------------------------------------------------------------- Correlates of War
def load_national_capabilities(path: str | os.PathLike[str]) -> pd.DataFrame:
    """National capabilities from a user's own download: iso3, year, usd_million (current), cinc (fraction), row.

    path: the CSV of Correlates of War (columns ccode, year, milex in thousand, cinc; -9 is missing), plain or packed
    with gzip. Its spending is in British pounds before 1914 (codebook of the data) and is NaN here. States that no
    longer exist are left out. Raises DataMissing, DataError naming file and row.
    """
    place = existing(path)
    rows = rows_of(place)
    head = tidy_head(rows[0]) if rows else []
    if lacking := [name for name in ("ccode", "year", "milex", "cinc") if name not in head]:
        raise DataError(f"{place}: has no column {', '.join(lacking)} (it has {', '.join(head) or 'nothing'})")
    once(head, f"{place}:1")
    columns = {name: head.index(name) for name in ("ccode", "year", "milex", "cinc")}
    numbers, out, seen = _state_numbers(), [], dict[tuple[int, int], int]()
    for line, row in enumerate(rows[1:], start=2):
        where = f"{place}:{line}"
        if len(row) != len(head):
            raise DataError(f"{where}: {len(row)} cells where the heading has {len(head)}")
        number, year = (whole(row[columns[name]], name, where) for name in ("ccode", "year"))
        spent, cinc = (amount(row[columns[name]], f"{where}, {name}", blank="-9") for name in ("milex", "cinc"))
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
        spent = nothing if spent is None or year < FIRST_DOLLARS else spent
        out.append((code, year, number, spent / 1000, nothing if cinc is None else cinc, line))
    if not out:
        raise DataError(f"{place} has no row of a state of today")
    table = pd.DataFrame(out, columns=["iso3", "year", "number", "usd_million", "cinc", "row"])
    table = table.sort_values(["iso3", "year", "number"])
    # In 1990 there are two Germanys of one code: 255, the one of today, and 260, the Federal Republic until October.
    return table.drop_duplicates(["iso3", "year"]).drop(columns="number").reset_index(drop=True)


@cache
def _state_numbers() -> dict[int, str]:
    """Number of a state in Correlates of War → ISO3."""
    with resources.files("gaiatsu.security").joinpath("data", "country_numbers.csv").open(encoding="utf-8") as file:
        return {int(row["ccode"]): row["iso3"] for row in csv.DictReader(file)}
