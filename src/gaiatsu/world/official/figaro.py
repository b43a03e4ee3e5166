"""FIGARO, Eurostat's EU inter-country input-output tables, matrix format, industry by industry or product by product.

Comma-separated, first header cell rowLabels: matrix_eu-ic-io_ind-by-ind_25ed_2022.csv. Rows and columns are two-letter
region and NACE Rev. 2 code (DE_C29, CPA_… codes by product), the rest of the world is FIGW1; final uses P3_S13,
P3_S14, P3_S15, P51G (fixed capital) and P5M (inventories and valuables). Below the industries stand W2_D21X31 (taxes
less subsidies on products), W2_OP_RES and W2_OP_NRES (purchases abroad and of non-residents), W2_D1, W2_D29X39 and
W2_B2A3G (value added). There is no row or column of output. Millions of euro at current basic prices.
"""

from __future__ import annotations

import re
from pathlib import Path

from gaiatsu.errors import DataError
from gaiatsu.world import codes
from gaiatsu.world.official import delimited, files
from gaiatsu.world.official.detect import refuse_binary, wrong_file
from gaiatsu.world.official.groups import Spec, places
from gaiatsu.world.official.labels import iso3_of_iso2
from gaiatsu.world.official.source import Original, Reading
from gaiatsu.world.official.table import Collector, Tolerance, layout_of

CATEGORIES = frozenset({"P3_S13", "P3_S14", "P3_S15", "P51G", "P5M"})
INVENTORIES = frozenset({"P5M"})
ROWS = {
    "W2_D21X31": "taxes less subsidies on products", "W2_OP_RES": "purchases of residents abroad",
    "W2_OP_NRES": "purchases of non-residents", "W2_D1": "compensation of employees",
    "W2_D29X39": "other taxes less subsidies on production", "W2_B2A3G": "gross operating surplus",
}  # fmt: skip
NAME = re.compile(
    r"^matrix_eu-ic-io_(?:ind-by-ind|prod-by-prod)(?:_(?P<edition>\d{2})ed)?_(?P<year>\d{4})\.csv$", re.IGNORECASE
)
PRODUCT = "CPA_"
ALLOWED = Tolerance(2e-3, 0.01)

ORIGINAL = Original(
    name="figaro", title="FIGARO, EU inter-country input-output tables",
    source="Eurostat, FIGARO tables: EU inter-country supply, use and input-output tables",
    address="https://ec.europa.eu/eurostat/web/esa-supply-use-input-tables/database",
    licence="reuse with acknowledgement of Eurostat, Creative Commons Attribution 4.0 International (Commission "
    "Decision 2011/833/EU)",
    edition="", money="EUR", file="matrix_eu-ic-io_ind-by-ind_25ed_2022.csv",
)  # fmt: skip


def read(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year. Raises DataMissing when it is not there, DataError when it is damaged or something else."""
    member = files.choose(path, NAME, year, ORIGINAL)
    refuse_binary(path, "figaro", member)
    match = NAME.match(member.base)
    with member.open() as handle:
        header = delimited.header(handle, ",", member.where)
        pairs = [_pair(column) for column in header[1:]]
        if not {item for _, item in pairs} & CATEGORIES:
            raise wrong_file(path, "figaro", "its columns have no final uses such as P3_S14", member)
        layout = layout_of(
            pairs, where=member.where, categories=CATEGORIES, inventories=INVENTORIES, totals=frozenset(),
            region_codes={region: _region(region, member.where) for region, _ in pairs},
            sector_codes={item: _sector(item, member.where) for _, item in pairs if item not in CATEGORIES},
        )  # fmt: skip
        where = places(layout.regions, layout.region_codes, layout.sectors, layout.sector_codes, regions, sectors)
        collector = Collector(layout, where)
        for labels, values in delimited.rows(
            handle, ",", 1, header[1:], member.where, first=2, blank_is_zero=lambda labels: labels[0] in ROWS
        ):
            count = layout.industries
            if labels[0] in ROWS:
                collector.payment(ROWS[labels[0]], values[:count], values[count:])
            else:
                region, item = _pair(labels[0])
                if item.startswith(PRODUCT) and not layout.sectors[0].startswith(PRODUCT):
                    raise DataError(
                        f"{member.where} is a supply or use table, products by industries: take an input-output table, "
                        f"such as {ORIGINAL.file}"
                    )
                collector.industry(collector.expect(region, item, member.where), values)
    table = collector.finish(tuple(ROWS.values()), uses=ALLOWED, costs=ALLOWED)
    found_year = int(match["year"]) if match else None
    edition = f"20{match['edition']} edition" if match and match["edition"] else "edition not in the file's name"
    return Reading(table, files.agreed_year(member.where, year, found_year), (member.container,), member.name, edition)


def _pair(label: str) -> tuple[str, str]:
    region, _, item = label.partition("_")
    return region, item


def _region(code: str, where: str) -> str:
    known = iso3_of_iso2(code)
    if known is None:
        raise DataError(f"{where}: {code!r} is not a region of FIGARO")
    return known


def _sector(item: str, where: str) -> str:
    """A NACE code; products carry the prefix CPA_."""
    code = item.removeprefix(PRODUCT)
    if codes.parse_isic(code) is None:
        raise DataError(f"{where}: {item!r} is not a NACE Rev. 2 industry or CPA product of FIGARO")
    return code
