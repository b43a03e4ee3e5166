"""The sheet that WIOD and the Asian Development Bank share: four columns of row labels, a row of column numbers (c1 …)
below a row of regions, then industries, final uses and output; below the industries, payments and output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gaiatsu.errors import DataError
from gaiatsu.world.official import workbook
from gaiatsu.world.official.groups import Spec, places
from gaiatsu.world.official.table import Collector, Layout, Table, Tolerance, layout_of

FIRST_COLUMN = 4
OTHER_PRICES = re.compile(r"constant|prev(?:ious)?\.?[ _-]*year|(?<![a-z])pyp(?![a-z])", re.IGNORECASE)
HEADER_ROWS = 12  # the numbers c1, c2 … must come within these
GO = "output"


@dataclass(frozen=True)
class Kind:
    """What one source calls its final uses and its rows. code_row: industries are named in the row this far above the
    numbers (0: by the numbers); label_column: where rows name their industry; allowed: gaps between its sums.
    """

    categories: frozenset[str]
    inventories: frozenset[str]
    payments: Mapping[str, str]
    skipped: frozenset[str]
    output: str
    code_row: int
    label_column: int
    blank_is_zero: bool
    allowed: Tolerance


@dataclass(frozen=True)
class Head:
    """The header of a sheet: title, what else stands in its corner, column labels, and the rows that follow."""

    title: str
    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: Iterator[list[Any]]
    number: int  # of the first row that follows, as Excel counts


def read_head(book: Any, sheet: str, where: str, kind: Kind) -> Head | None:
    """The header of the sheet, or None when no row of numbers c1, c2 … is found."""
    rows = workbook.sheet_rows(book, sheet, where)
    head: list[list[str]] = []
    for row in rows:
        head.append([str(cell).strip() for cell in row])
        if "c1" in head[-1][FIRST_COLUMN:] and len(head) > max(kind.code_row, 1):
            break
        if len(head) >= HEADER_ROWS:
            return None
    else:
        return None
    regions = head[-2][FIRST_COLUMN:]
    names = head[-1 - kind.code_row][FIRST_COLUMN:]
    last = max((n for n, name in enumerate(names) if name in kind.categories), default=-1)
    width = min(last + 2, len(names))  # final uses, and the column of output behind them
    pairs = [(regions[n], names[n]) for n in range(last + 1)] + [("", GO)] * (width - last - 1)
    corner = " ".join(cell for row in head for cell in row[:FIRST_COLUMN] if cell)
    return Head(head[0][0] if head[0] else "", corner, tuple(pairs), rows, len(head) + 1)


def refuse_other_prices(head: Head, base: str, where: str) -> None:
    """DataError for a table at constant prices or at those of the year before, by its header or the file's name."""
    found = OTHER_PRICES.search(base) or OTHER_PRICES.search(head.corner)
    if found:
        raise DataError(
            f"{where} is at constant prices or at those of the previous year ({found[0]!r}): take the table at current "
            "prices of the same year"
        )


def collect(head: Head, kind: Kind, where: str, layout: Layout, regions: Spec, sectors: Spec) -> Table:
    """The rows of the sheet as a table; DataError naming the cell, row or total that is wrong."""
    spots = places(layout.regions, layout.region_codes, layout.sectors, layout.sector_codes, regions, sectors)
    collector = Collector(layout, spots)
    names = [" ".join(pair).strip() for pair in head.columns]
    count, width = layout.industries, len(head.columns)
    for number, row in enumerate(head.rows, start=head.number):
        item, region = str(row[kind.label_column]).strip(), str(row[2]).strip()
        place = f"{where}, row {number} ({region} {item})"
        cells = row[FIRST_COLUMN : FIRST_COLUMN + width]
        if item in kind.skipped:
            continue
        if item in kind.payments:
            values = workbook.numbers(cells, names, place, blank_is_zero=True)
            collector.payment(kind.payments[item], values[:count], values[count : count + len(layout.final)])
        elif item == kind.output:
            collector.output(workbook.numbers(cells, names, place, blank_is_zero=True))
            break  # below stand notes
        elif collector.next >= count:
            raise DataError(
                f"{place} is no row that is known below the industries: {', '.join(kind.payments)}, {kind.output}"
            )
        else:
            values = workbook.numbers(cells, names, place, blank_is_zero=kind.blank_is_zero)
            collector.industry(collector.expect(region, item, place), values)
    else:
        if collector.next >= count:
            raise DataError(f"{where} ends before its row of output ({kind.output}): it is cut off; download it again")
    return collector.finish(tuple(dict.fromkeys(kind.payments.values())), uses=kind.allowed, costs=kind.allowed)


def layout(
    columns: Sequence[tuple[str, str]], kind: Kind, where: str, region_codes: Mapping[str, str],
    sector_codes: Mapping[str, str],
) -> Layout:  # fmt: skip
    """The layout of such a sheet; DataError when it has no column of output."""
    found = layout_of(
        columns, where=where, categories=kind.categories, inventories=kind.inventories, totals=frozenset({GO}),
        region_codes=region_codes, sector_codes=sector_codes,
    )  # fmt: skip
    if not found.total:
        raise DataError(f"{where} has no column of output behind its final uses: it is cut off; download it again")
    return found
