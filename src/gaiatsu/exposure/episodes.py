"""Episodes of economic pressure: what happened, the market before it, and what the announced measure lets through.

Three tables, each with the source of every number: `episodes.csv` (92 observed outcomes of 15 episodes: 72 as compiled,
caveats kept, and the 20 further outcomes that those caveats name), `episode_markets.csv` (for each product: measure,
day, shares before the event), `episode_windows.csv` (which market and which months a row of the first table is about,
or why it is not scored).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, did_you_mean
from gaiatsu.exposure.product_market import ProductMarket

Array = NDArray[np.float64]

OTHERS = "others"
WORLD = "WLD"  # the importer where a measure hits all foreign buyers


@dataclass(frozen=True)
class Instrument:
    """What a kind of measure lets through: the quantity allowed, as a ratio of before, uniform from low to high.

    Nothing here is fitted on the episodes: a law that says what it stops is taken at its word; where no text says how
    much will pass, nothing is known but that it lies between none and all.
    """

    title: str
    low: float
    high: float
    ground: str


INSTRUMENTS: dict[str, Instrument] = {
    "ban": Instrument(
        "import ban, published", 0.0, 0.1, "assumption: the ban is kept, at most a tenth leaks through its exceptions"
    ),
    "informal": Instrument(
        "customs delays, nothing published", 0.0, 1.0, "nothing is announced, so anything from none to all may pass"
    ),
    "licence": Instrument(
        "export licences", 0.0, 1.0,
        "nothing while the first applications wait (the statutory time); then anything from none to all, because who "
        "gets a licence is not announced",
    ),
    "tour-ban": Instrument(
        "group tours stopped", 0.5, 1.0,
        "the organised share of visitors, of which 50 to 100 % stay away (assumption: some book for themselves)",
    ),
    "boycott": Instrument(
        "call for a boycott", 0.017, 0.188,
        "one-year falls in the boycotts of Heilmann (2016): 1.7 % (French imports, 2003), 2.7 % (Japan, by "
        "China, 2012), 18.8 % (Denmark, 2006)",
    ),
    "duty": Instrument("anti-dumping duty", 0.0, 0.0, "the announced rates; the market decides what passes"),
    "none": Instrument("no measure", 1.0, 1.0, "a control: nothing was done to this flow"),
}  # fmt: skip


@dataclass(frozen=True)
class Observed:
    """One observed outcome; `change` is percent, None where the row is no change; the words are those of the table."""

    row: int
    episode: str
    sender: str
    target: str
    product: str
    change: float | None
    window: str
    kind: str
    source: str
    seen: str
    caveat: str


@dataclass(frozen=True)
class Episode:
    """A product's market before a measure. The shares are of trade in the product; `*_from` say where they come from.

    importer_share: the exporter's share in what the importer buys; exporter_share: the importer's share in what the
    exporter sells abroad; third_share: the exporter's share in what all others buy; home: the exporter's sales at home
    over its exports. low, high: days until a licence, duty rates, or the organised share of visitors
    """

    market: str
    episode: str
    product: str
    sector: str
    use: str
    exporter: str
    importer: str
    instrument: str
    start: date
    announced: str
    low: float | None
    high: float | None
    importer_share: float
    importer_from: str
    exporter_share: float
    exporter_from: str
    third_share: float | None
    third_from: str
    home: float
    note: str

    def product_market(self) -> ProductMarket:
        """Flows that have these shares, the trade of the pair as the unit."""
        others = max(1 / self.importer_share - 1, 1e-6)
        importers, rows = [self.importer], [[1.0, others]]
        elsewhere = 1 / self.exporter_share - 1
        if elsewhere > 0:
            assert self.third_share is not None
            importers.append(OTHERS)
            rows.append([elsewhere, elsewhere * (1 / self.third_share - 1)])
        if self.home > 0:
            importers.append(self.exporter)
            rows.append([self.home / self.exporter_share, 0.0])
        return ProductMarket(tuple(importers), (self.exporter, OTHERS), np.array(rows))


@dataclass(frozen=True)
class Window:
    """What a row of the observed table is forecast as; `market` is empty where it is not.

    scored: whether forecast and outcome are two numbers that can be compared; else `note` says why not

    quantity: bilateral, total (the exporter's sales abroad), others (without the importer), share (in the importer's
    purchases), price-exporter, price-importer; unit: volume or value; frequency: months (up to half a year) or year
    """

    row: int
    market: str
    quantity: str
    unit: str
    frequency: str
    first: date | None
    last: date | None
    scored: bool
    note: str


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files("gaiatsu.exposure").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _need(row: dict[str, str], column: str) -> float:
    if not row[column]:
        raise DataError(f"episode_markets.csv has no {column} for {row['market']}; run scripts/backtests.py --derive")
    return float(row[column])


@cache
def observed() -> tuple[Observed, ...]:
    """The observed outcomes, in the order of their table, rows counted from 1."""
    return tuple(
        Observed(
            number, row["case"], row["sender"], row["target"], row["product"], _number(row["pct_change"]),
            row["window"], row["kind"], row["source"], row["seen"], row["caveat"],
        )
        for number, row in enumerate(_table("episodes.csv"), start=1)
    )  # fmt: skip


@cache
def markets() -> dict[str, Episode]:
    """Market by name."""
    return {
        row["market"]: Episode(
            row["market"], row["episode"], row["product"], row["sector"], row["use"], row["exporter"],
            row["importer"], row["instrument"], date.fromisoformat(row["start"]), row["announced"],
            _number(row["low"]), _number(row["high"]), _need(row, "importer_share"), row["importer_from"],
            _need(row, "exporter_share"), row["exporter_from"], _number(row["third_share"]), row["third_from"],
            float(row["home"] or 0), row["note"],
        )
        for row in _table("episode_markets.csv")
    }  # fmt: skip


@cache
def windows() -> dict[int, Window]:
    """Row of the observed table → what it is forecast as."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    return {
        int(row["row"]): Window(
            int(row["row"]), row["market"], row["quantity"], row["unit"], row["frequency"], day(row["first"]),
            day(row["last"]), row["scored"] == "yes", row["note"],
        )
        for row in _table("episode_windows.csv")
    }  # fmt: skip


def market(name: str) -> Episode:
    """One market; DataError with the nearest names."""
    known = markets()
    if name not in known:
        raise DataError(f"no market {name!r}{did_you_mean(name, known)} (known: {', '.join(known)})")
    return known[name]


def phases(episode: Episode, first: date, last: date, ends: date) -> tuple[float, float, float]:
    """Parts of a window in which trade is free, waits for the first licences, and is under the measure; they add to 1.

    ends: the day after the last one on which the measure holds
    """
    days = (last - first).days + 1
    waits = timedelta(days=episode.low or 0) if episode.instrument == "licence" else timedelta()
    granted = min(episode.start + waits, ends)

    def within(start: date, stop: date) -> float:
        return max((min(stop, last + timedelta(days=1)) - max(start, first)).days, 0) / days

    waiting, under = within(episode.start, granted), within(granted, ends)
    return 1 - waiting - under, waiting, under
