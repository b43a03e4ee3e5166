"""What is known of travel: arrivals by month, spending by origin, what visitors buy, and how earlier curbs worked.

Every table is small, made by scripts/build_tourism.py or compiled from the reports named in its rows (docs/tourism.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gaiatsu.errors import DataError, DataMissing, ScenarioError, did_you_mean
from gaiatsu.world.codes import countries, country_code

CURBS = {
    "advisory": "public advice or unannounced pressure on agencies",
    "group-ban": "agencies are told to stop selling trips",
}
REFILLED = (0.0, 0.5)  # of the spending lost: none, as in Korea in 2017; half is an assumption without a source
COVERED = 0.9  # of the predictive distribution of an effect
NEEDED = ("destination", "origin", "spending_usd_million")


@cache
def _read(name: str) -> pd.DataFrame:
    with resources.files("gaiatsu.exposure").joinpath("data", f"tourism_{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def arrivals() -> pd.DataFrame:
    """Visitors to Japan: [month as "2025-12", origin]; `other` is the rest of `all` (JNTO; at the end estimates)."""
    return _read("arrivals").set_index("month")


def survey() -> pd.DataFrame:
    """Visitors to Japan, yen per visitor and billion yen by year and origin, with what the total rests on (JTA)."""
    return _read("survey").copy()


def quarters() -> pd.DataFrame:
    """Spending in Japan by quarter and origin, billion yen (JTA, as first published)."""
    return _read("quarters").set_index(["quarter", "origin"])


def spending() -> pd.DataFrame:
    """What visitors spend a year: destination, origin, US$ million; Japan in 2024 by market."""
    return _read("spending").copy()


def items() -> pd.DataFrame:
    """What visitors buy: origin (or `all`), item, the sector that sells it, share of spending; measured in Japan."""
    return _read("items").copy()


def episodes() -> pd.DataFrame:
    """Earlier curbs on travel: kind, change of arrivals in the window and in its worst month, percent, and source."""
    return _read("episodes").set_index("episode")


def published() -> pd.DataFrame:
    """What others expected of the advisory of November 2025, percent of Japan's GDP."""
    return _read("published").copy()


def load_spending(path: str | Path) -> pd.DataFrame:
    """Your own table of what visitors spend: a CSV with destination, origin (ISO3) and spending_usd_million a year.

    Raises DataMissing without the file, DataError naming line and column of what is wrong.
    """
    place = Path(path)
    if not place.is_file():
        raise DataMissing(f"there is no file {str(path)!r}; it should be a CSV with the columns {', '.join(NEEDED)}")
    try:
        table = pd.read_csv(place)
    except (ValueError, OSError) as error:
        raise DataError(f"{place} cannot be read as CSV: {error}") from error
    return check_spending(table, str(place))


def check_spending(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with clean codes, once every row makes sense.

    DataError for a missing column, or with the first line that makes none (the heading is line 1).
    """
    for column in NEEDED:
        if column not in table.columns:
            hint = did_you_mean(column, [str(given) for given in table.columns])
            raise DataError(f"{name} has no column {column!r}{hint} (needed: {', '.join(NEEDED)})")
    if table.empty:
        raise DataError(f"{name} has no rows: give one for each pair of countries")
    table = table.assign(**{column: table[column].astype(str).str.strip() for column in ("destination", "origin")})
    values = pd.to_numeric(table["spending_usd_million"], errors="coerce")
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        said = str(table["spending_usd_million"].iloc[row])
        raise DataError(f"{name}:{row + 2}: spending_usd_million is {said!r}; it must be a number above 0")
    for column in ("destination", "origin"):
        wrong = ~table[column].isin([code for code in countries() if code != "ROW"])
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            said = str(table[column].iloc[row])
            code = country_code(said)
            meant = f"; did you mean {code!r}?" if code else ""
            raise DataError(
                f"{name}:{row + 2}: {column} is {said!r}{meant}; it must be the ISO3 code of a country, such as JPN"
            )
    same = table["origin"] == table["destination"]
    twice = table.duplicated(["destination", "origin"]) | same
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        why = "is travel at home" if same.iloc[row] else "stands there twice"
        pair = f"{table['origin'].iloc[row]} to {table['destination'].iloc[row]}"
        raise DataError(f"{name}:{row + 2}: {pair} {why}; give one row for each pair of countries")
    return table.assign(spending_usd_million=values)


class Prior(NamedTuple):
    """Share of visitors lost: central, and the ends of the band; the episodes of this kind."""

    central: float
    low: float
    high: float
    episodes: tuple[str, ...]


@dataclass(frozen=True)
class _Layout:
    """Means of the logits of the shares lost by kind, their common scatter, and its degrees of freedom."""

    means: dict[str, float]
    counts: dict[str, int]
    scatter: float
    freedom: int


def curb_prior(curb: str) -> Prior:
    """What a curb of a kind did to arrivals before: the mean of its episodes, and where the next one is to be expected.

    The shares lost are taken as logits, x = log(s/(1 − s)): a mean for each kind, one scatter for both kinds, pooled
    within them. The band is Student's predictive interval of a new episode, mean ± t·scatter·√(1 + 1/n), at 5 and
    95 %. Four episodes are few, so that it is wide. Raises ScenarioError for an unknown kind.
    """
    from scipy.special import expit, stdtrit

    if curb not in CURBS:
        raise ScenarioError(f"unknown kind of curb {curb!r}{did_you_mean(curb, CURBS)} (known: {', '.join(CURBS)})")
    table = episodes()
    layout = _layout(table)
    mine = tuple(str(name) for name in table.index[table["curb"] == curb])
    reach = stdtrit(layout.freedom, (1 + COVERED) / 2) * layout.scatter * math.sqrt(1 + 1 / layout.counts[curb])
    mean = layout.means[curb]
    return Prior(float(expit(mean)), float(expit(mean - reach)), float(expit(mean + reach)), mine)


def _layout(table: pd.DataFrame) -> _Layout:
    lost = -table["change_percent"].to_numpy(dtype=float) / 100
    logit = pd.Series(np.log(lost / (1 - lost)), index=table["curb"].to_numpy())
    groups = logit.groupby(level=0)
    means, counts = groups.mean().to_dict(), groups.count().to_dict()
    freedom = len(logit) - len(means)
    squares = float(((logit - logit.index.map(means).to_numpy()) ** 2).sum())
    return _Layout(means, counts, math.sqrt(squares / freedom), freedom)
