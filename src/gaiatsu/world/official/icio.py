"""OECD Inter-Country Input-Output tables, editions of 2021, 2023 and 2025, small (SML) and extended.

Comma-separated, one header line. Rows and columns are REGION_INDUSTRY, then columns REGION_CATEGORY, then output.
Below the industries stand taxes less subsidies on products and value added at basic prices, then output. Millions of
US dollars at current basic prices. Extended files split China into CN1 and CN2 and Mexico into MX1 and MX2 (production
only; final uses stay with CHN and MEX, whose own rows and industry columns are zero).

2021: ICIO2021_2018.csv inside ICIO_2015-2018.zip, always extended; industries without letters (AUS_01T02), one row
XXX_TAXSUB per country, VALU, OUTPUT, last column TOTAL. 2023 and 2025: 2020_SML.csv inside 2016-2020_SML.zip, extended
2020.csv; AUS_A01_02, rows TLS, VA, OUT, last column OUT. 2023 has 45 industries, 2025 splits them into 50.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gaiatsu.errors import DataError
from gaiatsu.world import codes
from gaiatsu.world.official import delimited, files
from gaiatsu.world.official.detect import refuse_binary, wrong_file
from gaiatsu.world.official.groups import Spec, places
from gaiatsu.world.official.labels import with_section
from gaiatsu.world.official.source import Original, Reader, Reading
from gaiatsu.world.official.table import Collector, Tolerance, layout_of

CATEGORIES = frozenset({"HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR", "DIRP", "P33"})
INVENTORIES = frozenset({"INVNT"})
SPLIT = {"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX"}
TAXES, VALUE_ADDED = "taxes less subsidies on products", "value added at basic prices"
ROWS = {"TLS": TAXES, "TAXSUB": TAXES, "VA": VALUE_ADDED, "VALU": VALUE_ADDED}
OUTPUT = frozenset({"OUT", "OUTPUT", "TOTAL"})
# Industries that only one edition has.
SIGNS = {
    "2018": {"01T03"}, "2021": {"01T02"}, "2023": {"A01_02", "B05_06", "B07_08"},
    "2025": {"A01", "A02", "B05", "B06", "C24A", "C24B", "C301", "C302T309"},
}  # fmt: skip
ALLOWED = Tolerance(2e-3, 0.01)

NAMES = {
    "2021": re.compile(r"^ICIO2021_(?P<year>\d{4})\.csv$", re.IGNORECASE),
    "2023": re.compile(r"^(?:ICIO2023_)?(?P<year>\d{4})(?:_SML)?\.csv$", re.IGNORECASE),
    "2025": re.compile(r"^(?:ICIO2025_)?(?P<year>\d{4})(?:_SML)?\.csv$", re.IGNORECASE),
}
ANY_YEAR = re.compile(r"(?:^|_)(?P<year>(?:19|20)\d{2})(?:_SML|_sml)?\.(?:csv|CSV)$")


def original(edition: str) -> Original:
    """What to cite, by edition."""
    example = {"2021": "ICIO2021_2018.csv", "2023": "2020_SML.csv", "2025": "2022_SML.csv"}[edition]
    return Original(
        name=f"icio{edition}", title=f"OECD Inter-Country Input-Output tables, {edition} edition",
        source=f"OECD Inter-Country Input-Output tables, {edition} edition", address="https://oe.cd/icio",
        licence="Creative Commons Attribution 4.0 International (OECD data)", edition=edition, money="USD",
        file=example,
    )  # fmt: skip


def reader(edition: str) -> Reader:
    """The function that reads this edition."""

    def read(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
        return read_icio(path, edition, year, regions, sectors)

    return read


def read_icio(path: Path, edition: str, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year. Raises DataMissing when it is not there, DataError when it is damaged or something else."""
    name = f"icio{edition}"
    member = files.choose(path, NAMES[edition], year, original(edition))
    refuse_binary(path, name, member)
    found_year = files.year_in(member.base, ANY_YEAR)
    with member.open() as handle:
        columns = delimited.header(handle, ",", member.where)[1:]
        pairs = [_pair(column) for column in columns]
        found = edition_of([item for _, item in pairs]) if pairs and len(pairs[0][0]) == 3 else None
        if found != edition:
            what = (
                f"its industries are those of the {found} edition" if found else "its columns are not REGION_INDUSTRY"
            )
            raise wrong_file(path, name, what, member)
        layout = layout_of(
            pairs, where=member.where, categories=CATEGORIES, inventories=INVENTORIES, totals=OUTPUT,
            region_codes={region: _region(region, member.where) for region, item in pairs if item not in OUTPUT},
            sector_codes={item: with_section(item) for _, item in pairs},
        )  # fmt: skip
        if not layout.total:
            raise DataError(f"{member.where} has no last column OUT (or TOTAL): it is cut off; download it again")
        where = places(layout.regions, layout.region_codes, layout.sectors, layout.sector_codes, regions, sectors)
        collector, complete = Collector(layout, where), False
        for labels, values in delimited.rows(
            handle, ",", 1, columns, member.where, first=2, blank_is_zero=lambda labels: _pair(labels[0])[1] in ROWS
        ):
            region, item = _pair(labels[0])
            count = layout.industries
            if labels[0] in OUTPUT:
                collector.output(values)
                complete = True
            elif item in ROWS:
                collector.payment(ROWS[item], values[:count], values[count : count + len(layout.final)])
            else:
                collector.industry(collector.expect(region, item, member.where), values)
    table = collector.finish((TAXES, VALUE_ADDED), uses=ALLOWED, costs=ALLOWED)
    if not complete:
        raise DataError(f"{member.where} lacks its last row, output (OUT or OUTPUT): it is cut off; download it again")
    agreed = files.agreed_year(member.where, year, found_year)
    kind = "extended" if set(layout.regions) & set(SPLIT) else "small"
    return Reading(table, agreed, (member.container,), member.name, f"{edition} edition, {kind}")


def edition_of(items: Sequence[str]) -> str | None:
    """The edition whose industries these are, or None."""
    held = set(items)
    found = [edition for edition, signs in SIGNS.items() if signs & held]
    return found[0] if len(found) == 1 else None


def _pair(label: str) -> tuple[str, str]:
    """Region and item of a label; a label without a region, such as OUT, is its own item."""
    region, sign, item = label.partition("_")
    return (region, item) if sign else ("", label)


def _region(code: str, where: str) -> str:
    known = SPLIT.get(code, code)
    if known not in codes.countries() and known != "ROW":
        raise DataError(f"{where}: {code!r} is not a country code of three letters")
    return known
