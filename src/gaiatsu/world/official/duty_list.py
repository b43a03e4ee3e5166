"""Duties from a user's own list: a .csv with the columns importer, exporter, sector, duty."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import DUTY_CAP
from gaiatsu.world.official.groups import REST_GOODS, Axis, region_axis, sector_axis
from gaiatsu.world.official.table import Table

COLUMNS = ("importer", "exporter", "sector", "duty")
Row = Mapping[str, str]


def listed(table: Table, path: Path) -> Array:
    """[importer, exporter, sector] ad valorem duties of the list at `path`; what it does not name is zero.

    Importers, exporters and sectors are codes, names or groups, as --regions and --sectors take them; in a row that
    names groups, home trade is left out. Raises DataMissing when the list is not there, DataError naming the line of
    an unknown name, of what is no rate, of a cell that another line has, and of services and home trade.
    """
    duty = np.zeros((len(table.regions), len(table.regions), len(table.sectors)))
    line_of = np.zeros(duty.shape, dtype=np.int64)
    regions = region_axis(table.regions, table.region_parts)
    sectors = sector_axis(table.sectors, table.sector_parts)
    for line, row in _rows(path):
        place = f"{path}, line {line}"
        rate = _rate(row["duty"], place)
        importers, exporters = (_found(regions, row[name], place, name) for name in COLUMNS[:2])
        goods = _found(sectors, row["sector"], place, "sector")
        services = [table.sectors[k] for k in goods if sectors.rest[k] != REST_GOODS]
        if services:
            raise DataError(f"{place}: {', '.join(services[:3])} is a service: only goods carry duties; leave it out")
        chosen = np.zeros(duty.shape, dtype=bool)
        chosen[np.ix_(importers, exporters, goods)] = True
        chosen[np.arange(len(table.regions)), np.arange(len(table.regions))] = False
        if not chosen.any():
            raise DataError(f"{place}: {row['importer']!r} does not import from itself; home trade carries no duty")
        if line_of[chosen].any():
            n, i, k = np.argwhere(chosen & (line_of > 0))[0]
            raise DataError(
                f"{place}: the duty of {table.regions[n]} on {table.sectors[k]} from {table.regions[i]} is in line "
                f"{line_of[n, i, k]} already; keep one of them"
            )
        duty[chosen], line_of[chosen] = rate, line
    return duty


def _rows(path: Path) -> list[tuple[int, Row]]:
    """Number of the line and its cells by column, without surrounding spaces."""
    if not path.is_file():
        raise DataMissing(f"{str(path)!r} is not there; give a .csv of duties, the name of a world, or none")
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(text.splitlines())
        cells = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        raise DataError(f"{path} is not a comma-separated table in UTF-8 ({error})") from error
    head = [cell.casefold() for cell in cells[0][1]] if cells else []
    if len(head) == 1 and ";" in head[0]:
        raise DataError(f"{path} is separated by semicolons; write commas between columns, and rates such as 0.025")
    if not set(COLUMNS) <= set(head):
        raise DataError(f"{path} needs the columns {', '.join(COLUMNS)} in its first line")
    out: list[tuple[int, Row]] = []
    for line, row in cells[1:]:
        if not any(row):
            continue
        if len(row) != len(head):
            raise DataError(f"{path}, line {line} has {len(row)} cells for the {len(head)} columns of the first line")
        out.append((line, dict(zip(head, row, strict=True))))
    return out


def _rate(text: str, place: str) -> float:
    """An ad valorem rate between 0 and the highest that is kept."""
    try:
        rate = float(text)
    except ValueError:
        what = f"{text!r} is not a number" if text else "the duty is empty"
        raise DataError(f"{place}: {what}; write 0.025 for 2.5 per cent") from None
    if not math.isfinite(rate) or not 0 <= rate <= DUTY_CAP:
        raise DataError(f"{place}: duty {text} is not a rate from 0 to {DUTY_CAP:g}; write 0.025 for 2.5 per cent")
    return rate


def _found(axis: Axis, word: str, place: str, column: str) -> list[int]:
    """Positions of what a cell names."""
    try:
        return [int(index) for index in axis.find(word)]
    except ScenarioError as error:
        raise DataError(f"{place}, column {column}: {error}") from error
