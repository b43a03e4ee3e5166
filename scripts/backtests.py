"""Writes the tables of the back-tests into docs/backtests.md.

Usage: python scripts/backtests.py [--check]          writes the tables, or fails when the page is out of date
       python scripts/backtests.py --derive FOLDER    first fills in the shares of src/gaiatsu/exposure/data/
                                                      episode_markets.csv that come from a world or from
                                                      baci_minerals_hs6.csv.gz in FOLDER, and prints the ordinary swings
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from gaiatsu.world import World

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "backtests.md"
DATA = ROOT / "src" / "gaiatsu" / "exposure" / "data"
MARKETS = DATA / "episode_markets.csv"
TRADE = "baci_minerals_hs6.csv.gz"
RECIPE = re.compile(r"world (?P<world>2022|wiod2014) (?P<sector>\S+)|baci (?P<codes>[\d+]+) (?P<year>\d{4})")
LARGE = 50_000  # thousand US$: flows whose yearly swings are measured
PAIRS = ((2009, 2010), (2010, 2011), (2011, 2012), (2021, 2022), (2022, 2023), (2023, 2024))


@cache
def _world(name: str) -> World:
    return World.load(name)


def world_shares(name: str, code: str, exporter: str, importer: str) -> dict[str, float]:
    """Shares in a sector of a world (code "goods": all of them): what the exporter has, what the importer takes."""
    world = _world(name)
    chosen = np.array(world.goods) if code == "goods" else np.array([sector == code for sector in world.sectors])
    flows = world.accounts.flows[:, :, chosen].sum(axis=2)
    e, n = world.regions.index(exporter), world.regions.index(importer)
    abroad = flows.sum(axis=0)[e] - flows[e, e]
    return {
        "importer": flows[n, e] / flows[n].sum(),
        "exporter": flows[n, e] / abroad,
        "third": (abroad - flows[n, e]) / (flows.sum() - flows[n].sum() - flows[e].sum()),
    }


def trade_shares(table: pd.DataFrame, codes: list[str], year: int, exporter: str, importer: str) -> dict[str, float]:
    """The same in the world's trade of some products; an importer WLD is everybody."""
    part = table[table["k"].isin([int(code) for code in codes]) & (table["t"] == year)]
    sold, all_trade = part[part["exp"] == exporter], part["v"].sum()
    if importer == "WLD":
        return {"importer": sold["v"].sum() / all_trade, "exporter": 1.0, "third": 0.0}
    bought = part[part["imp"] == importer]
    pair = sold[sold["imp"] == importer]["v"].sum()
    return {
        "importer": pair / bought["v"].sum(),
        "exporter": pair / sold["v"].sum(),
        "third": (sold["v"].sum() - pair) / (all_trade - bought["v"].sum()),
    }


def derive(folder: Path) -> list[dict[str, str]]:
    """The rows of the table of markets with every share that its `*_from` says how to compute."""
    trade = pd.read_csv(folder / TRADE)
    with MARKETS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        for share in ("importer", "exporter", "third"):
            recipe = RECIPE.fullmatch(row[f"{share}_from"])
            if recipe is None:
                continue
            if recipe["world"]:
                found = world_shares(recipe["world"], recipe["sector"], row["exporter"], row["importer"])
            else:
                codes = recipe["codes"].split("+")
                found = trade_shares(trade, codes, int(recipe["year"]), row["exporter"], row["importer"])
            row[f"{share}_share"] = f"{found[share]:.5f}"
    return rows


def swings(folder: Path) -> dict[str, float]:
    """Robust standard deviations of yearly changes in logs: quantities of a pair and of an exporter, unit values."""
    trade = pd.read_csv(folder / TRADE)
    out: dict[str, float] = {}
    for name, keys in (("bilateral", ["exp", "imp", "k"]), ("total", ["exp", "k"])):
        changes: list[np.ndarray] = []
        values: list[np.ndarray] = []
        for first, second in PAIRS:
            before, after = (trade[trade["t"] == year].groupby(keys)[["v", "q"]].sum() for year in (first, second))
            both = before.merge(after, left_index=True, right_index=True, suffixes=("", "_after"))
            both = both[(both["v"] >= LARGE) & (both["q"] > 0) & (both["q_after"] > 0)]
            changes.append(np.log(both["q_after"] / both["q"]).to_numpy())
            values.append(np.log(both["v_after"] / both["q_after"] / (both["v"] / both["q"])).to_numpy())
        out[name] = _spread(np.concatenate(changes))
        out["price"] = _spread(np.concatenate(values))
    return out


def _spread(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def write_markets(rows: list[dict[str, str]]) -> None:
    """Put the rows back."""
    with MARKETS.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    parser.add_argument("--derive", type=Path, metavar="FOLDER", help="fill in the shares of the markets again")
    chosen = parser.parse_args()
    if chosen.derive:
        write_markets(derive(chosen.derive))
        print("ordinary swings:", {name: round(value, 3) for name, value in swings(chosen.derive).items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
