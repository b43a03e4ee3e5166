"""Rows of large text tables, one at a time: labels and numbers, with the cell named where one is not a number.

A row is parsed by numpy in one call; four thousand rows of four thousand columns take about four seconds and no more
memory than one row. That leaves room to add up regions and sectors while reading.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import IO

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Array

MAX_LINE = 40_000_000  # bytes: ten thousand columns have less than a quarter of a megabyte
MAX_COLUMNS = 20_000


def read_line(handle: IO[bytes], where: str) -> str | None:
    """The next line without its end, as text; None at the end of the file. DataError when it is no text."""
    line = handle.readline(MAX_LINE)
    if not line:
        return None
    if len(line) == MAX_LINE:
        raise DataError(f"{where} has a line of more than {MAX_LINE} bytes: it is not a text table")
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not a text table in UTF-8 ({error.reason})") from error


def header(handle: IO[bytes], separator: str, where: str) -> list[str]:
    """The cells of the next line, without quotes and surrounding spaces. DataError for another separator."""
    line = read_line(handle, where)
    if line and separator == "," and line.count(";") > line.count(","):
        raise DataError(
            f"{where} is separated by semicolons: use the file as it was downloaded, with commas between columns and "
            "points in numbers"
        )
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))] if line else []
    if separator == "," and len(cells) > 1 and not cells[-1]:
        raise DataError(f"{where}: its first line ends with an empty column; use the file as it was downloaded")
    if len(cells) > MAX_COLUMNS:
        raise DataError(f"{where} has {len(cells)} columns; at most {MAX_COLUMNS} are read")
    return cells


def rows(
    handle: IO[bytes], separator: str, label_count: int, columns: Sequence[str], where: str, *, first: int,
    wanted: Callable[[list[str]], bool] = lambda labels: True,
    blank_is_zero: Callable[[list[str]], bool] = lambda labels: False,
) -> Iterator[tuple[list[str], Array]]:  # fmt: skip
    """Labels and numbers of every further row whose labels are wanted; `first` is the number of the next line.

    blank_is_zero: rows, by their labels, in which an empty cell is a zero.

    Empty lines may stand at the end only. Raises DataError naming row and column for a row of another length, for one
    without any number, and for a cell that is empty, not a number or not finite.
    """
    number, empty = first - 1, 0
    while (line := read_line(handle, where)) is not None:
        number += 1
        if not line.replace(separator, "").strip():
            empty = empty or number
            continue
        if empty:
            raise DataError(f"{where}, line {empty} is empty, and rows follow it: use the file as it was downloaded")
        labels, rest = _split(line, separator, label_count, where)
        if not wanted(labels):
            continue
        place = f"{where}, line {number} ({' '.join(labels)})"
        if blank_is_zero(labels):
            rest = separator.join(cell if cell.strip() else "0" for cell in rest.split(separator))
        elif not rest.replace(separator, "").strip():
            raise DataError(f"{place} has a label and no numbers: delete notes, or use the file as it was downloaded")
        values = _numbers(rest, separator)
        if values is None or values.size != len(columns) or not np.isfinite(values).all():
            raise _refusal(place, rest, separator, columns)
        yield labels, values


def _split(line: str, separator: str, count: int, where: str) -> tuple[list[str], str]:
    """Labels and the rest of a line; DataError for a number with separators in it."""
    if '"' in line:
        cells = next(csv.reader([line], delimiter=separator))
        odd = next((cell for cell in cells[count:] if separator in cell), None)
        if odd is not None:
            raise DataError(
                f"{where}, row {' '.join(cells[:count])}: {odd[:40]!r} has separators in it; write numbers without "
                "thousands separators, or use the file as it was downloaded"
            )
        return [cell.strip() for cell in cells[:count]], separator.join(cells[count:])
    parts = line.split(separator, count)
    return [part.strip() for part in parts[:count]], parts[count] if len(parts) > count else ""


def _numbers(text: str, separator: str) -> Array | None:
    """The numbers of a row, or None when numpy stops at something else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # numpy before 2.4 stops there and warns; newer ones raise
        try:
            return np.fromstring(text, sep=separator)
        except ValueError:
            return None


def _refusal(place: str, text: str, separator: str, columns: Sequence[str]) -> DataError:
    """The DataError for a row numpy could not take as it should be."""
    cells = text.split(separator)
    for column, cell in zip(columns, cells, strict=False):
        number(cell, f"{place}, column {column}")
    return DataError(
        f"{place} has {len(cells)} cells for {len(columns)} columns: the file is cut off or altered; download it again"
    )


def number(cell: object, place: str) -> float:
    """A cell as a finite number; DataError naming the place."""
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        what = "is empty" if cell is None or not str(cell).strip() else f"is {str(cell)[:40]!r}, not a number"
        raise DataError(f"{place} {what}; download the table again") from error
    if not np.isfinite(value):
        raise DataError(f"{place} is {cell!r}, not a finite number; download the table again")
    return value
