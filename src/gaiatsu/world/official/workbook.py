"""Rows of Excel workbooks (.xlsx, .xlsb) through python-calamine, which reads five million cells in seconds."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world.accounts import Array
from gaiatsu.world.official.delimited import number
from gaiatsu.world.official.files import MAX_MEMBER, Member

SUFFIXES = (".xlsx", ".xlsb", ".xls")


def open_workbook(member: Member) -> Any:
    """The workbook; DataMissing when python-calamine is not installed, DataError when the file is no workbook."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise DataMissing(
            "reading Excel tables needs python-calamine; install it with: pip install 'gaiatsu[data]'"
        ) from error
    with member.open() as handle:
        content = handle.read(MAX_MEMBER + 1)
    if len(content) > MAX_MEMBER:
        raise DataError(f"{member.where} has more than {MAX_MEMBER} bytes")
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, ValueError, OSError, KeyError) as error:
        raise DataError(f"{member.where} is not an Excel workbook, or it is damaged ({error})") from error


def sheet_rows(workbook: Any, sheet: str, where: str) -> Iterator[list[Any]]:
    """The rows of a sheet from its first row and column on; empty cells are empty text."""
    try:
        yield from workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (ValueError, KeyError, OSError, IndexError) as error:
        raise DataError(f"{where}: sheet {sheet!r} is damaged ({error})") from error


def numbers(row: Sequence[Any], columns: Sequence[str], place: str, *, blank_is_zero: bool = False) -> Array:
    """The cells as float64; DataError naming the column of one that is not a finite number."""
    cells = [0.0 if blank_is_zero and _blank(cell) else cell for cell in row]
    try:
        values = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([number(cell, f"{place}, column {name}") for cell, name in zip(cells, columns, strict=True)])
    if not np.isfinite(values).all():
        worst = int(np.flatnonzero(~np.isfinite(values))[0])
        number(cells[worst], f"{place}, column {columns[worst]}")
    return values


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
