"""How far apart states vote in the United Nations General Assembly: distances between ideal points.

An ideal point is where a state stands on the one dimension that best explains votes over the years, estimated with a
model that keeps years comparable (Bailey, Strezhnev and Voeten 2017). A distance is the difference of two points; its
range takes the two errors as independent and normal, which no source says: an assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import DataError, did_you_mean
from gaiatsu.security.own_tables import read_rows

QUANTILE = 1.6448536269514722  # of the normal distribution, 95 %: from half the width of a range to one standard error
COLUMNS = {
    "iso3": ("iso3", "iso3c"), "year": ("year",), "point": ("point", "idealpointfp"), "low": ("low", "q5fp"),
    "high": ("high", "q95fp"),
}  # fmt: skip
LARGEST = 20.0  # of an ideal point: they lie within about three of zero
YEMENS = ("678", "680")  # numbers of the two states that one ISO code stands for, until 1990
SPELL = 3  # years at each end that a change is between


@cache
def _bundled() -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", "votes.csv.gz").open("rb") as file:
        return pd.read_csv(file, compression="gzip", keep_default_na=False)


def ideal_points() -> pd.DataFrame:
    """Ideal points 2010 to 2024: iso3, year, point, low (5 %), high (95 %)."""
    return _bundled().copy()


def load_ideal_points(path: str | Path) -> pd.DataFrame:
    """Ideal points from your own CSV, packed or not: iso3 (or iso3c), year, point (idealpointfp), low (q5fp), high.

    The publisher's own file is read as it is: rows without an estimate are left out, and so are the two Yemens before
    1990, where both have points (column ccode); attrs["left_out"] says how many. Raises DataMissing, and DataError with
    the line.
    """
    name = Path(path).name
    given, lines = read_rows(path, hint="it should be a CSV with iso3, year, point, low, high")
    out = {}
    for column, names in COLUMNS.items():
        found = next((word for word in names if word in given.columns), None)
        if found is None:
            raise DataError(f"{name} has no column {' or '.join(names)}{did_you_mean(names[0], given.columns)}")
        out[column] = given[found]
    table = pd.DataFrame(out)
    dropped = (table[["point", "low", "high"]] == "").all(axis=1)
    if "ccode" in given:
        dropped |= table.duplicated(["iso3", "year"], keep=False) & given["ccode"].isin(YEMENS)
    kept = np.flatnonzero(~dropped)
    table = _checked(table.iloc[kept].reset_index(drop=True), lines[kept], name)
    table.attrs["left_out"] = int(dropped.sum())
    return table


def _checked(table: pd.DataFrame, lines: NDArray[np.int64], name: str) -> pd.DataFrame:
    """The table with numbers for text. Raises DataError for the first row that cannot be."""
    said = table.copy()
    for column in ("year", "point", "low", "high"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    bounded = table[["point", "low", "high"]].abs() <= LARGEST
    right = bounded.all(axis=1) & (table["low"] <= table["point"]) & (table["point"] <= table["high"])
    right &= (table["year"] == table["year"].round()) & table["iso3"].str.fullmatch("[A-Z]{3}")
    right &= ~table.duplicated(["iso3", "year"])
    if not right.all():
        row = int(np.argmin(right.to_numpy()))
        raise DataError(
            f"{name}, line {lines[row]}: {' '.join(said.iloc[row])!r}; it needs three capital letters, a year that "
            f"comes once, and low ≤ point ≤ high within ±{LARGEST:g}"
        )
    if table.empty:
        raise DataError(f"{name} has no row with an estimate")
    table["year"] = table["year"].astype(int)
    return table


def distances(codes: Sequence[str], *, year: int | None = None, points: pd.DataFrame | None = None) -> pd.DataFrame:
    """Distances between the ideal points of some states, pair by pair, in a year (the last one when left out).

    points: of `load_ideal_points`, otherwise the bundled ones. Columns: first, second, year, distance, low, high (5 to
    95 %, never below 0), earlier (the mean distance of the first three years of the table), recent (of its last three
    up to `year`), change (recent less earlier); these three are missing where the two states share fewer than six
    years, which would count some twice. Pairs without both points in the year are left out. Raises DataError
    for a year that the table does not have.
    """
    table = _bundled() if points is None else points
    chosen = int(table["year"].max()) if year is None else year
    if not (table["year"] == chosen).any():
        raise DataError(f"there are no votes of {chosen}; they go from {table['year'].min()} to {table['year'].max()}")
    wide = table[table["year"] <= chosen].pivot(index="year", columns="iso3", values="point")
    error = ((table["high"] - table["low"]) / (2 * QUANTILE)).groupby([table["iso3"], table["year"]]).first()
    rows = []
    for number, first in enumerate(codes):
        for second in codes[number + 1 :]:
            if not all(code in wide and np.isfinite(wide.at[chosen, code]) for code in (first, second)):
                continue
            apart = (wide[first] - wide[second]).abs().dropna()
            now = float(apart[chosen])
            half = QUANTILE * float(np.hypot(error[first, chosen], error[second, chosen]))
            long = len(apart) >= 2 * SPELL
            earlier, recent = (
                float(spell.mean()) if long else np.nan for spell in (apart.iloc[:SPELL], apart.iloc[-SPELL:])
            )
            rows.append((first, second, chosen, now, max(now - half, 0.0), now + half, earlier, recent))
    columns = ["first", "second", "year", "distance", "low", "high", "earlier", "recent"]
    found = pd.DataFrame(rows, columns=columns)
    found["change"] = found["recent"] - found["earlier"]
    found.attrs["years"] = (int(wide.index.min()), chosen)
    return found
