"""The common form of an official table, and how rows are collected into it.

A multi-regional table at basic prices: intermediate and final use of every good by origin, payments of industries that
are not goods (value added, taxes less subsidies on products, margins), and output. Rows are added up into the regions
and sectors wanted while they are read, so that the full table need not fit in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import digits
from gaiatsu.world.official.groups import Places

GAP_FLOOR = 10.0  # million of the table's money: gaps below this are rounding
NAMED = 4


@dataclass(frozen=True)
class Tolerance:
    """How far a table's sums may be from stated output: all absolute gaps together, and that of one industry, as shares
    of output; floor: gaps up to this, in millions of the table's money, are let pass."""

    total: float
    cell: float
    floor: float = GAP_FLOOR


@dataclass(frozen=True)
class Layout:
    """What the columns of a file are. Industries come first, region by region, then final uses, then output if any.

    regions, sectors: the file's own codes in its order; region_codes: ISO3 (split parts such as CN1 and CN2 share one);
    sector_codes: labels; final: (position of the region, category) per final-use column; inventories: the categories
    that are changes in inventories; total: whether a last column holds output.
    """

    where: str
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    region_codes: tuple[str, ...]
    sector_codes: tuple[str, ...]
    final: tuple[tuple[int, str], ...]
    inventories: frozenset[str]
    total: bool

    @property
    def industries(self) -> int:
        """Number of industry columns."""
        return len(self.regions) * len(self.sectors)

    @property
    def categories(self) -> tuple[str, ...]:
        """The final-use categories, in the file's order."""
        return tuple(dict.fromkeys(category for _, category in self.final))

    def industry(self, position: int) -> str:
        """The file's name of an industry."""
        region, sector = divmod(position, len(self.sectors))
        return f"{self.regions[region]} {self.sectors[sector]}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """An official table on the regions and sectors wanted, in millions of its own money.

    intermediate: [exporter, sector, importer, user]; final: [exporter, sector, importer, category]; payments, by the
    file's name: [region, sector] paid by industries beside goods; final_payments: [region] paid by final users;
    output: [region, sector], the sum of uses. parts: the codes each label holds; notes: what was found while reading.
    """

    regions: tuple[str, ...]
    region_parts: tuple[tuple[str, ...], ...]
    sectors: tuple[str, ...]
    sector_parts: tuple[tuple[str, ...], ...]
    intermediate: Array
    final: Array
    categories: tuple[str, ...]
    inventories: frozenset[str]
    payments: dict[str, Array]
    final_payments: dict[str, Array]
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def output(self) -> Array:
        """[region, sector] sales at basic prices: the sum of all uses."""
        return self.intermediate.sum(axis=(2, 3)) + self.final.sum(axis=(2, 3))


def layout_of(
    columns: Sequence[tuple[str, str]], *, where: str, categories: frozenset[str], inventories: frozenset[str],
    totals: frozenset[str], region_codes: Mapping[str, str], sector_codes: Mapping[str, str],
) -> Layout:  # fmt: skip
    """The layout of (region, item) column labels; item is a sector, a final-use category or a total.

    Raises DataError when industries are not the same sectors in the same order for every region, when a label comes
    twice, or when something that is neither an industry nor a known category stands among them.
    """
    total = bool(columns) and columns[-1][1] in totals
    body = columns[:-1] if total else columns
    count = next((n for n, (_, item) in enumerate(body) if item in categories), len(body))
    industries, final = body[:count], body[count:]
    regions = tuple(dict.fromkeys(region for region, _ in industries))
    sectors = tuple(dict.fromkeys(sector for _, sector in industries))
    expected = [(region, sector) for region in regions for sector in sectors]
    if not industries or (not final and categories):
        what = "industry" if not industries else "final-use"
        raise DataError(f"{where} has no {what} columns: it is cut off, or not a table of this kind")
    for number, (found, wanted) in enumerate(zip(industries, expected, strict=False)):
        if found != wanted:
            raise DataError(
                f"{where}: column {number + 2} is {' '.join(found)} where {' '.join(wanted)} is expected: columns are "
                "missing or stand in another order; use the file as it was downloaded"
            )
    if len(industries) != len(expected):
        raise DataError(f"{where} has {len(industries)} industry columns where {len(expected)} are expected: cut off")
    strange = [f"{region} {item}" for region, item in final if item not in categories or region not in regions]
    if strange or len(set(final)) != len(final):
        raise DataError(f"{where}: columns after the industries are not final uses: {', '.join(strange[:NAMED])}")
    return Layout(
        where=where, regions=regions, sectors=sectors,
        region_codes=tuple(region_codes[region] for region in regions),
        sector_codes=tuple(sector_codes[sector] for sector in sectors),
        final=tuple((regions.index(region), item) for region, item in final), inventories=inventories, total=total,
    )  # fmt: skip


class Collector:
    """Adds up the rows of a file. Rows must come in the order of the columns: what does not is refused."""

    def __init__(self, layout: Layout, places: Places) -> None:
        self.layout, self.places = layout, places
        regions, sectors = len(places.regions), len(places.sectors)
        kinds = layout.categories
        self.intermediate = np.zeros((regions, sectors, regions, sectors))
        self.final = np.zeros((regions, sectors, regions, len(kinds)))
        self.payments: dict[str, Array] = {}
        self.final_payments: dict[str, Array] = {}
        self.cost = np.zeros(layout.industries)
        self.uses = np.zeros(layout.industries)
        self.stated: Array | None = np.zeros(layout.industries) if layout.total else None
        self.final_region = np.array([places.of_region[position] for position, _ in layout.final], dtype=np.int64)
        self.final_kind = np.array([kinds.index(category) for _, category in layout.final], dtype=np.int64)
        self.next = 0
        self.negative = {"cells": 0, "sum": 0.0}

    def expect(self, region: str, sector: str, place: str) -> int:
        """The position of the industry whose row comes now; DataError when another one was due."""
        layout = self.layout
        if self.next >= layout.industries:
            raise DataError(f"{place} is one industry row more than there are industry columns ({layout.industries})")
        wanted = layout.industry(self.next)
        if f"{region} {sector}" != wanted:
            raise DataError(
                f"{place}: row {region} {sector} stands where {wanted} is expected: rows are missing or stand in "
                "another order; use the file as it was downloaded"
            )
        self.next += 1
        return self.next - 1

    def again(self) -> None:
        """The rows of another file follow, from the first industry on; DataError when some were missing so far."""
        if self.next < self.layout.industries:
            raise self._cut_off()
        self.next = 0

    def industry(self, position: int, values: Array) -> None:
        """A row of uses: industries, final uses and, where the layout has it, output."""
        count = self.layout.industries
        self.inputs(position, values[:count])
        self.finals(position, values[count : count + len(self.layout.final)])
        if self.stated is not None:
            self.stated[position] = values[-1]

    def inputs(self, position: int, values: Array) -> None:
        """Uses of a good by industries."""
        region, sector = self._target(position)
        self.intermediate[region, sector] += self._add_up(values)
        self.cost += values
        self.uses[position] += values.sum()
        self._count_negative(values)

    def finals(self, position: int, values: Array) -> None:
        """Uses of a good by final users."""
        region, sector = self._target(position)
        np.add.at(self.final[region, sector], (self.final_region, self.final_kind), values)
        self.uses[position] += values.sum()
        stocks = np.array([category in self.layout.inventories for _, category in self.layout.final], dtype=bool)
        self._count_negative(values[~stocks])

    def payment(self, name: str, industries: Array, final: Array | None = None) -> None:
        """A row beside the goods, such as value added; rows of one name are added up."""
        zero = np.zeros((len(self.places.regions), len(self.places.sectors)))
        self.payments[name] = self.payments.get(name, zero) + self._add_up(industries)
        self.cost += industries
        by_region = np.zeros(len(self.places.regions))
        if final is not None:
            np.add.at(by_region, self.final_region, final)
        self.final_payments[name] = self.final_payments.get(name, np.zeros_like(by_region)) + by_region

    def output(self, values: Array) -> None:
        """Output by industry as the file states it, where no column does."""
        if self.stated is None:
            self.stated = values[: self.layout.industries].copy()
        else:
            self._refuse(self.stated, values[: self.layout.industries], "its output row and its output column differ")

    def finish(self, required: Sequence[str], *, uses: Tolerance, costs: Tolerance) -> Table:
        """The table, after the sums of uses and of payments were compared with stated output.

        Raises DataError naming the industries that are off by more than the tolerance.
        """
        layout = self.layout
        if self.next < layout.industries:
            raise self._cut_off()
        absent = [name for name in required if name not in self.payments]
        if absent:
            raise DataError(f"{layout.where} lacks the row {absent[0]}: it is cut off or of another edition")
        output = self.uses if self.stated is None else self.stated
        by_use = self._gaps(output, self.uses, "the uses of a good do not add up to its output", uses)
        by_cost = self._gaps(output, self.cost, "the costs of an industry do not add up to its output", costs)
        places = self.places
        return Table(
            regions=places.regions, region_parts=places.region_parts, sectors=places.sectors,
            sector_parts=places.sector_parts, intermediate=self.intermediate, final=self.final,
            categories=layout.categories, inventories=layout.inventories, payments=self.payments,
            final_payments=self.final_payments,
            notes={
                "regions_in_file": len(layout.regions), "sectors_in_file": len(layout.sectors),
                "merged_rows": places.merged, "missing_members": places.missing,
                "negative_cells": self.negative["cells"], "negative_sum": digits(self.negative["sum"]),
                "uses_and_output_differ": by_use, "costs_and_output_differ": by_cost,
            },
        )  # fmt: skip

    def _cut_off(self) -> DataError:
        layout = self.layout
        return DataError(
            f"{layout.where} ends after {self.next} of {layout.industries} industry rows: it is cut off; download it "
            "again"
        )

    def _target(self, position: int) -> tuple[int, int]:
        region, sector = divmod(position, len(self.layout.sectors))
        return int(self.places.of_region[region]), int(self.places.of_sector[sector])

    def _add_up(self, values: Array) -> Array:
        """[region, sector] sums of the file's industries."""
        places = self.places
        square = values.reshape(len(self.layout.regions), len(self.layout.sectors))
        if not places.sectors_stay:
            square = square @ places.sector_matrix
        return square if places.regions_stay else places.region_matrix @ square

    def _count_negative(self, values: Array) -> None:
        below = values < 0
        if below.any():
            self.negative["cells"] += int(below.sum())
            self.negative["sum"] += float(values[below].sum())

    def _gaps(self, output: Array, found: Array, what: str, allowed: Tolerance) -> dict[str, float]:
        """The sum and the largest share of the gaps; DataError when they are too large for this source."""
        off = np.abs(found - output)
        total = float(off.sum() / np.abs(output).sum()) if np.abs(output).sum() else np.inf
        bad = (off > allowed.floor) & (off > allowed.cell * np.abs(output))
        if not total <= allowed.total or bad.any():
            worst = np.argsort(-np.where(bad | ~bad.any(), off, 0.0), kind="stable")[: min(NAMED, bad.sum() or NAMED)]
            cells = "; ".join(f"{self.layout.industry(int(n))}: {found[n]:.6g} for {output[n]:.6g}" for n in worst)
            raise DataError(
                f"{self.layout.where}: {what} ({cells}; {total:.2%} of output in all): cells or columns are damaged, "
                "missing or exchanged; download the file again"
            )
        return {"sum": digits(off.sum()), "share_of_output": digits(total)}

    def _refuse(self, one: Array, other: Array, what: str) -> None:
        off = np.abs(one - other)
        bad = (off > GAP_FLOOR) & (off > 1e-4 * np.abs(one))
        if bad.any():
            worst = int(np.argmax(off))
            raise DataError(
                f"{self.layout.where}: {what} ({self.layout.industry(worst)}: {one[worst]:.6g} and {other[worst]:.6g}):"
                " rows or columns were exchanged; download the file again"
            )
