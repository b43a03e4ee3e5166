"""Tables that users bring along as CSV, packed with gzip or not, with the line of the file that each row starts in."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.security.capability_files import MOST_BYTES


def read_rows(path: str | Path, *, hint: str) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The cells as text, and the line that each row starts in; blank lines are left out.

    hint: what the file should be, for the message when it is not there. Raises DataMissing, and DataError for what is
    no such table, with the line where a row is too long or too short.
    """
    place = Path(path)
    if not place.is_file():
        raise DataMissing(f"there is no file {str(path)!r}; {hint}")
    lines = csv.reader(io.StringIO(_text(place), newline=""), strict=True)
    rows: list[list[str]] = []
    starts: list[int] = []
    before = 0
    try:
        for row in lines:
            if row and (len(row) > 1 or row[0].strip()):
                rows.append(row)
                starts.append(before + 1)
            before = lines.line_num
    except csv.Error as error:
        raise DataError(f"{place.name}, line {lines.line_num}: cannot be read as CSV: {error}") from error
    if len(rows) < 2:
        raise DataError(f"{place.name} has {'a heading and no rows' if rows else 'nothing in it'}")
    head = [cell.strip() for cell in rows[0]]
    if twice := [name for name in dict.fromkeys(head) if name and head.count(name) > 1]:
        raise DataError(f"{place.name}, line {starts[0]}: {twice[0]} heads two columns; remove one")
    for row, line in zip(rows[1:], starts[1:], strict=True):
        if len(row) != len(head):
            raise DataError(f"{place.name}, line {line}: {len(row)} cells; the heading has {len(head)}")
    return pd.DataFrame(rows[1:], columns=head), np.array(starts[1:])


def _text(place: Path) -> str:
    try:
        with gzip.open(place) if place.suffix.lower() == ".gz" else place.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"{place.name} cannot be read as text: {error}; save it as CSV in UTF-8, or .csv.gz") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{place.name} has more than {MOST_BYTES} bytes")
    return text
