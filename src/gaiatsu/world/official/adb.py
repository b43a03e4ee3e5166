"""ADB Multi-Regional Input-Output tables (62 to 74 economies and the rest of the world, 35 industries).

An Excel workbook per year, ADB-MRIO62-2022_June2023.xlsx or ADB-MRIO-2023-July 2025.xlsx, with the sheet "ADB MRIO
2022", and in some a sheet "Legend": like WIOD 2013 one row lower (regions in row 6, numbers c1 to c35 and F1 to F5 in
row 7, data from row 8), the bank's own country codes (PRC, GER, …), blanks for zeros, rows r60, r99, r61 to r65 (trs
for r65 in some), r69, then a note. F5 are changes in inventories. Millions of US dollars at current basic prices;
tables at constant prices are refused. Uses, costs and output differ a little: the difference is reported and goes to
value added.
"""

from __future__ import annotations

import re
from pathlib import Path

from gaiatsu.errors import DataError
from gaiatsu.world.official import files, workbook
from gaiatsu.world.official.detect import wrong_file
from gaiatsu.world.official.groups import Spec
from gaiatsu.world.official.labels import iso3_of_adb
from gaiatsu.world.official.sheets import GO, Kind, collect, layout, read_head, refuse_other_prices
from gaiatsu.world.official.source import Original, Reading
from gaiatsu.world.official.table import Tolerance
from gaiatsu.world.official.wiod import KIND_2013, NUMBERED

KIND = Kind(
    categories=frozenset({"F1", "F2", "F3", "F4", "F5"}), inventories=frozenset({"F5"}),
    payments={**KIND_2013.payments, "trs": KIND_2013.payments["r65"]},
    skipped=frozenset({"r60"}), output="r69", code_row=0, label_column=3, blank_is_zero=True,
    allowed=Tolerance(1e-2, 0.1),
)  # fmt: skip
NAME = re.compile(r"^ADB[-_ ]?MRIO(?:.*?\D)??(?P<year>(?:19|20)\d{2})(?!\d).*\.xlsx$", re.IGNORECASE)
SHEET = re.compile(r"(?P<year>(?:19|20)\d{2})")
ORIGINAL = Original(
    name="adb", title="ADB Multi-Regional Input-Output Database",
    source="Asian Development Bank, Multi-Regional Input-Output Database (MRIO)", address="https://kidb.adb.org/mrio",
    licence="terms of use of the Asian Development Bank's Key Indicators Database; the sentence was not seen",
    edition="", money="USD", file="ADB-MRIO62-2022_June2023.xlsx",
)  # fmt: skip


def read(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year. Raises DataMissing when it is not there, DataError when it is damaged or something else."""
    member = files.choose(path, NAME, year, ORIGINAL)
    if not member.base.lower().endswith(workbook.SUFFIXES):
        raise wrong_file(path, "adb", "it is not an Excel workbook", member)
    book = workbook.open_workbook(member)
    sheets = list(book.sheet_names)
    sheet = next((name for name in sheets if name.casefold() != "legend"), sheets[0])
    head = read_head(book, sheet, member.where, KIND)
    if head is not None:
        refuse_other_prices(head, member.base, member.where)
    if head is None or not {item for _, item in head.columns} & KIND.categories:
        raise wrong_file(path, "adb", f"its sheet {sheet!r} has no column numbers c1 … or no final uses F1 …", member)
    region_codes = {}
    for region in dict.fromkeys(region for region, item in head.columns if item != GO):
        known = iso3_of_adb(region)
        if known is None:
            raise DataError(f"{member.where}: {region!r} is not an economy of the ADB tables")
        region_codes[region] = known
    found = layout(head.columns, KIND, member.where, region_codes, NUMBERED)
    table = collect(head, KIND, member.where, found, regions, sectors)
    match = SHEET.search(sheet)
    found_year = int(match["year"]) if match else files.year_in(member.base, NAME)
    agreed = files.agreed_year(member.where, year, found_year)
    return Reading(table, agreed, (member.container,), member.name, _edition(member.base))


def _edition(name: str) -> str:
    """What the file's name says of its edition, such as June2023."""
    match = re.search(r"(?:19|20)\d{2}[-_ ](.+)\.xlsx$", name, re.IGNORECASE)
    return match[1].strip() if match else "edition not in the file's name"
