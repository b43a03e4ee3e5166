"""The US duty added since January 2025, by partner and sector, on any day: the table behind the measure us-duties.

The table is made by scripts/build_us_duties.py; its rule, sources and misses are told in docs/us-duties.md. On every
date each partner's mean, weighted by US imports of 2024, is that of the source's series.
"""

from __future__ import annotations

import bisect
import datetime
import gzip
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.scenario.days import day_of_us_duties
from gaiatsu.world import codes

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

Array = NDArray[np.float64]

RATES, SERIES = "us_duty_rates.csv.gz", "us_duty_series.csv"
FOLDER = Path(__file__).parent / "data"
IMPORTER = "USA"
REST = "ROW"


@dataclass(frozen=True, eq=False)
class DutyTable:
    """partners: ISO3 codes, ROW for those too small to list; sectors: ISIC codes; dates: when the duties changed.

    row: [partner] the row of the source's series a partner belongs to, or ""; imports: [partner, sector] US imports of
    2024 in US$ million; rates: [partner, sector, date] added duty as a fraction.
    """

    partners: tuple[str, ...]
    sectors: tuple[str, ...]
    dates: tuple[datetime.date, ...]
    row: tuple[str, ...]
    imports: Array
    rates: Array


@cache
def duty_table() -> DutyTable:
    """The table as shipped, with every row's mean set to its series exactly.

    Raises DataError when the two files of the installation are not of one set of dates.
    """
    folder = resources.files("gaiatsu.scenario").joinpath("data")
    head, *lines = gzip.decompress(folder.joinpath(RATES).read_bytes()).decode().splitlines()
    dates = head.split(",")[4:]
    cells = [line.split(",") for line in lines]
    partners = tuple(dict.fromkeys(cell[0] for cell in cells))
    sectors = tuple(sorted({cell[1] for cell in cells}))
    row = dict.fromkeys(partners, "") | {cell[0]: cell[2] for cell in cells}
    imports = np.zeros((len(partners), len(sectors)))
    rates = np.zeros((*imports.shape, len(dates)))
    place = {code: number for number, code in enumerate(partners)}
    for cell in cells:
        at = place[cell[0]], sectors.index(cell[1])
        imports[at] = float(cell[3])
        rates[at] = [float(value) for value in cell[4:]]
    series_head, *series = folder.joinpath(SERIES).read_text(encoding="utf-8").splitlines()
    names = tuple(line.split(",")[0] for line in series)
    means = np.array([[float(value) for value in line.split(",")[1:]] for line in series]) / 100
    if series_head.split(",")[1:] != dates:
        raise DataError(
            f"the table of US duties is broken: {RATES} and {SERIES} are not of the same dates. Install gaiatsu again"
        )
    rates = _closed(imports, rates / 100, [row[code] for code in partners], names, means)
    days = tuple(datetime.date.fromisoformat(date) for date in dates)
    for shared in (imports, rates):
        shared.setflags(write=False)
    return DutyTable(partners, sectors, days, tuple(row.values()), imports, rates)


def _closed(imports: Array, rates: Array, row: list[str], names: tuple[str, ...], means: Array) -> Array:
    """Rates [partner, sector, date] times what rounding and the chapters left out have moved each row's mean."""
    member = np.array([[float(name == mine) for mine in row] for name in names])  # [row, partner]
    paid = member @ np.einsum("ps,psd->pd", imports, rates)
    wanted = (member @ imports.sum(axis=1))[:, None] * means
    factor = np.divide(wanted, paid, out=np.ones_like(paid), where=paid > 0)
    return rates * np.where(member.sum(axis=0)[:, None] > 0, member.T @ factor, 1.0)[:, None, :]


def on_day(day: datetime.date) -> Array:
    """[partner, sector] added duty in force on a day, as a fraction; zero before the first date of the table."""
    table = duty_table()
    number = bisect.bisect_right(table.dates, day_of_us_duties(day)) - 1
    return table.rates[:, :, number] if number >= 0 else np.zeros_like(table.imports)


def us_duties(at: datetime.date | str | None = None) -> pandas.DataFrame:
    """The US duty added since January 2025 on a day (default: the latest), one row for each partner and sector.

    Columns: added_duty in percent, imports_2024 in US$ million. Raises ScenarioError for a day the table does not know.
    """
    import pandas

    table = duty_table()
    day = day_of_us_duties(at)
    index = pandas.MultiIndex.from_product([table.partners, table.sectors], names=["partner", "sector"])
    columns = {"added_duty": 100 * on_day(day).ravel(), "imports_2024": table.imports.ravel()}
    frame = pandas.DataFrame(columns, index=index)
    frame.attrs["unit"] = {"added_duty": "percent", "imports_2024": "US$ million"}
    frame.attrs["day"] = day.isoformat()
    return frame[frame["imports_2024"] > 0]


def importer(world: World) -> int:
    """Position of the United States; ScenarioError when they are no region of their own."""
    for number, part in enumerate(world.region_parts):
        if part == (IMPORTER,):
            return number
    holders = [code for code, part in zip(world.regions, world.region_parts, strict=True) if IMPORTER in part]
    why = f"they are part of region {holders[0]!r}" if holders else "it has none"
    raise ScenarioError(
        f"us-duties needs the United States as a region of their own; in world {world.name!r} {why}. Use a world that "
        "lists USA"
    )


def for_world(world: World, day: datetime.date) -> Array:
    """[exporter, sector] the added duty of a day on a world's own regions and goods, as a fraction.

    Each cell is the mean, weighted by US imports of 2024, over the partners and sectors of the table that it holds:
    coarser sectors and blocs are means, finer sectors take the rate of what they are part of. Members of a region that
    the table does not list take its rate for the rest; so does what is left of ROW. Services and the United States
    themselves have none. Raises ScenarioError without a region USA, or for a day the table does not know.
    """
    home, rates, imports = importer(world), on_day(day), duty_table().imports
    partners, sectors = _partners(world), _sectors(world)
    weight = partners @ imports @ sectors.T
    paid = partners @ (imports * rates) @ sectors.T
    plain = partners @ rates @ sectors.T / np.maximum(np.outer(partners.sum(axis=1), sectors.sum(axis=1)), 1)
    out = np.divide(paid, weight, out=plain, where=weight > 0)
    out[home] = 0.0
    return out


def _partners(world: World) -> Array:
    """[region, partner] one where the table's partner is in the region."""
    known = {code: number for number, code in enumerate(duty_table().partners)}
    out = np.zeros((len(world.regions), len(known)))
    for region, part in enumerate(world.region_parts):
        out[region, [known[code] for code in part if code in known and code != REST]] = 1.0
    named = out.sum(axis=0) > 0
    for region, part in enumerate(world.region_parts):
        if REST in part:
            out[region, ~named] = 1.0
        elif not out[region].any():
            out[region, known[REST]] = 1.0
    return out


def _sectors(world: World) -> Array:
    """[sector, sector of the table] one where they overlap; goods without a code take all of the table's sectors."""
    divisions = [codes.parse_isic(code) for code in duty_table().sectors]
    out = np.zeros((len(world.sectors), len(divisions)))
    for number, (part, goods) in enumerate(zip(world.sector_parts, world.goods, strict=True)):
        held = codes.sector_divisions(part) if goods else None
        if not goods:
            continue
        if held is not None:
            out[number] = [float(codes.overlaps(held, item)) for item in divisions if item is not None]
            if not out[number].any():  # such as B09, services to mining: the section it belongs to
                out[number] = [float(_section(held) == _section(item)) for item in divisions if item is not None]
        if not out[number].any():
            out[number] = 1.0
    return out


def _section(divisions: frozenset[codes.Division]) -> str:
    """The ISIC section of the lowest division."""
    lowest = min(number for number, _ in divisions)
    return next((letter for letter, numbers in codes.SECTIONS.items() if lowest in numbers), "")
