"""Rows of Excel workbooks (.xlsx, .xlsb) through python-calamine, which reads five million cells in seconds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world.accounts import Array
from gaiatsu.world.official.delimited import number
from gaiatsu.world.official.files import MAX_MEMBER, ZIP_ERRORS, Member

SUFFIXES = (".xlsx", ".xlsb")


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
    _refuse_damaged(content, member.where)
    with _told(member.where, CalamineError):
        return CalamineWorkbook.from_filelike(io.BytesIO(content))


def _refuse_damaged(content: bytes, where: str) -> None:
    """DataError unless every part of the workbook, which is a zip, unpacks to what its check sum says.

    The library that reads workbooks trusts what is inside: a damaged cell can ask it for all memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(info.file_size for info in archive.infolist())
            if size > MAX_MEMBER:
                raise DataError(f"{where} unpacks to {size} bytes; at most {MAX_MEMBER} are read")
            bad = archive.testzip()
    except ZIP_ERRORS as error:
        raise DataError(f"{where} is not an Excel workbook, or it is damaged ({error}); download it again") from error
    if bad:
        raise DataError(f"{where} is damaged (in its part {bad}); download it again")


@contextmanager
def _told(where: str, error_type: type[Exception]) -> Iterator[None]:
    """Any failure of the library as a DataError, its panics too, which are no ordinary exceptions."""
    try:
        yield
    except (error_type, ValueError, OSError, KeyError, IndexError, TypeError) as error:
        raise DataError(f"{where} is not an Excel workbook, or it is damaged ({error})") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise DataError(f"{where} is not an Excel workbook, or it is damaged ({error})") from error
        raise


def sheet_rows(workbook: Any, sheet: str, where: str) -> Iterator[list[Any]]:
    """The rows of a sheet from its first row and column on; empty cells are empty text."""
    from python_calamine import CalamineError

    with _told(f"{where}, sheet {sheet!r},", CalamineError):
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    yield from rows


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
