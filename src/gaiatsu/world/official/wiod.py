"""World Input-Output Database: release 2013 (Excel .xlsx) and release 2016 (Excel .xlsb, Stata .dta).

Both sheets have four columns of row labels (code, name, region, number) and data from the seventh row on. Millions of
US dollars at current basic prices. 2013: wiot11_row_sep12.xlsx, 41 regions, 35 industries of NACE Rev. 1.1 numbered c1
to c35, final uses c37, c38, c39, c41, c42 (inventories), rows r60 to r69 and r99; Romania is ROM in early years. 2016:
WIOT2014_Nov16_ROW.xlsb, 44 regions, 56 industries of ISIC Rev. 4, final uses CONS_h, CONS_np, CONS_g, GFCF, INVEN, rows
II_fob, TXSP, EXP_adj, PURR, PURNR, VA, IntTTM, GO. WIOT2014_October16_ROW.dta holds the same: IndustryCode,
IndustryDescription, Country, RNr, Year, then vAUS1 to vROW56, vAUS57 to vROW61 (final uses) and TOT.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world import codes
from gaiatsu.world.official import files, workbook
from gaiatsu.world.official.detect import wrong_file
from gaiatsu.world.official.files import Member
from gaiatsu.world.official.groups import Spec
from gaiatsu.world.official.labels import REVISION_4_OF_35, iso3_of_adb
from gaiatsu.world.official.sheets import GO, Head, Kind, collect, layout, read_head, refuse_other_prices
from gaiatsu.world.official.source import Original, Reading
from gaiatsu.world.official.table import Tolerance

FINAL_2016 = ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN")
NUMBERED = {f"c{n}": code for n, code in enumerate(REVISION_4_OF_35, start=1)}
STATA_ERRORS = (
    ValueError, LookupError, ArithmeticError, TypeError, AttributeError, OSError, EOFError, MemoryError, UnicodeWarning,
    struct.error,
)  # fmt: skip
VARIABLE = re.compile(r"^v([A-Z]{3})(\d+)$")

KIND_2013 = Kind(
    categories=frozenset({"c37", "c38", "c39", "c40", "c41", "c42"}), inventories=frozenset({"c42"}),
    payments={
        "r99": "taxes less subsidies on products", "r61": "cif/fob adjustment on exports",
        "r62": "purchases of residents abroad", "r63": "purchases of non-residents",
        "r64": "value added at basic prices", "r65": "international transport margins",
    },
    skipped=frozenset({"r60"}), output="r69", code_row=0, label_column=3, blank_is_zero=False,
    allowed=Tolerance(5e-3, 0.05),
)  # fmt: skip
KIND_2016 = Kind(
    categories=frozenset(FINAL_2016) | {"GGFC"}, inventories=frozenset({"INVEN"}),
    payments={
        "TXSP": "taxes less subsidies on products", "EXP_adj": "cif/fob adjustment on exports",
        "PURR": "purchases of residents abroad", "PURNR": "purchases of non-residents",
        "VA": "value added at basic prices", "IntTTM": "international transport margins",
    },
    skipped=frozenset({"II_fob"}), output="GO", code_row=3, label_column=0, blank_is_zero=False,
    allowed=Tolerance(2e-3, 0.01),
)  # fmt: skip
NAME_2013 = re.compile(r"^wiot(?P<year>\d{2})_row_[a-z]{3}\d{2}\.xlsx$", re.IGNORECASE)
NAME_2016 = re.compile(r"^WIOT(?P<year>\d{4})_(?:Nov|October)16_ROW\.(?:xlsb|xlsx|dta)$", re.IGNORECASE)

CITE = (
    "Timmer, Dietzenbacher, Los, Stehrer & de Vries (2015), Review of International Economics 23, 575–605, "
    "doi 10.1111/roie.12178"
)
ORIGINAL_2013 = Original(
    name="wiod2013", title="World Input-Output Database, release of 2013",
    source=f"World Input-Output Database, release of November 2013; {CITE}",
    address="https://www.rug.nl/ggdc/valuechain/wiod/wiod-2013-release",
    licence="the licence sentence of this release was not seen; the release of 2016 is under Creative Commons "
    "Attribution 4.0 International",
    edition="release of 2013", money="USD", file="wiot11_row_sep12.xlsx",
)  # fmt: skip
ORIGINAL_2016 = Original(
    name="wiod2016", title="World Input-Output Database, release of 2016",
    source=f"World Input-Output Database, release of November 2016; {CITE}",
    address="https://www.rug.nl/ggdc/valuechain/wiod/wiod-2016-release",
    licence="Creative Commons Attribution 4.0 International", edition="release of 2016", money="USD",
    file="WIOT2014_Nov16_ROW.xlsb",
)  # fmt: skip


def read_2013(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year of the release of 2013. Raises DataMissing, DataError."""
    member = files.choose(path, NAME_2013, year, ORIGINAL_2013)
    head = _sheet(path, "wiod2013", member, KIND_2013, None)
    items = {item for _, item in head.columns}
    if "c37" not in items or "c36" in items:
        what = "its industries are more than 35" if "c36" in items else "it has no final uses numbered c37 and on"
        raise wrong_file(path, "wiod2013", what, member)
    digits = re.search(r"((?:19|20)\d{2})\D*$", head.title)
    found_year = int(digits[1]) if digits else files.year_in(member.base, NAME_2013)
    found = layout(head.columns, KIND_2013, member.where, _regions(head.columns, member), NUMBERED)
    table = collect(head, KIND_2013, member.where, found, regions, sectors)
    agreed = files.agreed_year(member.where, year, found_year)
    return Reading(table, agreed, (member.container,), member.name, ORIGINAL_2013.edition)


def read_2016(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year of the release of 2016, from Excel or Stata. Raises DataMissing, DataError."""
    member = files.choose(path, NAME_2016, year, ORIGINAL_2016)
    found_year = files.year_in(member.base, NAME_2016)
    if member.base.lower().endswith(".dta"):
        head, found_year = _stata(path, member)
    else:
        head = _sheet(path, "wiod2016", member, KIND_2016, found_year)
    if not {"CONS_h"} & {item for _, item in head.columns}:
        raise wrong_file(path, "wiod2016", "its columns have no final uses such as CONS_h", member)
    sector_codes = {item: _isic(item, member) for _, item in head.columns if item not in {*KIND_2016.categories, GO}}
    found = layout(head.columns, KIND_2016, member.where, _regions(head.columns, member), sector_codes)
    table = collect(head, KIND_2016, member.where, found, regions, sectors)
    agreed = files.agreed_year(member.where, year, found_year)
    return Reading(table, agreed, (member.container,), member.name, ORIGINAL_2016.edition)


def _sheet(path: Path, asked: str, member: Member, kind: Kind, year: int | None) -> Head:
    """The header of the sheet called after the year, or of the first."""
    if not member.base.lower().endswith(workbook.SUFFIXES):
        raise wrong_file(path, asked, "it is not an Excel workbook", member)
    book = workbook.open_workbook(member)
    names = list(book.sheet_names)
    sheet = str(year) if str(year) in names else names[0]
    head = read_head(book, sheet, member.where, kind)
    if head is None:
        raise wrong_file(path, asked, f"its sheet {sheet!r} has no row of column numbers c1, c2 …", member)
    refuse_other_prices(head, member.base, member.where)
    return head


def _regions(columns: Sequence[tuple[str, str]], member: Member) -> dict[str, str]:
    """ISO3 codes of the regions; releases of 2013 write ROM for Romania and RoW."""
    out = {}
    for region in dict.fromkeys(region for region, item in columns if item != GO):
        known = iso3_of_adb(region)
        if known is None:
            raise DataError(f"{member.where}: {region!r} is not a region of WIOD")
        out[region] = known
    return out


def _isic(item: str, member: Member) -> str:
    if codes.parse_isic(item) is None:
        raise DataError(f"{member.where}: {item!r} is not an ISIC Rev. 4 industry")
    return item


def _stata(path: Path, member: Member) -> tuple[Head, int]:
    """The Stata file as the sheet it comes from: labels of columns, and rows of four labels and numbers."""
    import pandas

    with member.open() as handle:
        content = handle.read(files.MAX_MEMBER)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnicodeWarning)
            frame = pandas.read_stata(io.BytesIO(content), convert_categoricals=False)
    except STATA_ERRORS as error:
        raise DataError(f"{member.where} is not a Stata file, or it is damaged ({error})") from error
    named = ["IndustryCode", "IndustryDescription", "Country", "RNr", "Year", "TOT"]
    if [name for name in named if name not in frame.columns]:
        raise wrong_file(
            path, "wiod2016", "its variables are not IndustryCode, Country, RNr, Year, vAUS1 … TOT", member
        )
    years = sorted(set(frame["Year"].dropna().astype(int)))
    if len(years) != 1:
        raise DataError(f"{member.where} holds years {years}: one is expected")
    variables = [name for name in frame.columns if name not in named]
    rows = frame[["IndustryCode", "IndustryDescription", "Country", "RNr", *variables, "TOT"]].to_numpy(dtype=object)
    return Head("", "", tuple(_stata_columns(variables, frame, member)), _plain(rows), 1), years[0]


def _stata_columns(variables: Sequence[str], frame: Any, member: Member) -> list[tuple[str, str]]:
    """(region, industry or final use) of vAUS1 …: numbers follow RNr, final uses come behind the industries."""
    first = str(frame["Country"].iloc[0])
    own = frame[frame["Country"] == first]
    industries = {int(number): str(code).strip() for number, code in zip(own["RNr"], own["IndustryCode"], strict=True)}
    out = []
    for variable in variables:
        match = VARIABLE.match(variable)
        position = int(match[2]) if match else 0
        final = position - len(industries)
        if match is None or not (position in industries or 1 <= final <= len(FINAL_2016)):
            raise DataError(f"{member.where}: variable {variable!r} is not vREGION and a number of an industry or use")
        out.append((match[1], industries.get(position) or FINAL_2016[final - 1]))
    return [*out, ("", GO)]


def _plain(rows: np.ndarray) -> Any:
    """Rows as lists; Stata writes a missing number as NaN, which is no cell of a table."""
    for row in rows:
        yield ["" if isinstance(cell, float) and np.isnan(cell) else cell for cell in row]
