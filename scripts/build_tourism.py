"""Builds the tables of visitors to Japan and of what they spend, from the figures of JNTO and the Japan Tourism Agency.

Usage: python scripts/build_tourism.py FOLDER [--check]. FOLDER holds jnto_monthly_visitors_2019_2026.csv (month,
country, visitors) and jta_inbound_spend_by_market.csv (year, market, visitors, spending per visitor). With --check
nothing is written; it fails when a table of the package differs.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent.parent / "src" / "gaiatsu" / "exposure" / "data"
MARKETS = {
    "中国": "CHN", "台湾": "TWN", "韓国": "KOR", "米国": "USA", "香港": "HKG", "豪州": "AUS", "タイ": "THA",
    "シンガポール": "SGP", "カナダ": "CAN", "英国": "GBR", "フィリピン": "PHL", "フランス": "FRA", "ベトナム": "VNM",
    "インドネシア": "IDN", "マレーシア": "MYS", "ドイツ": "DEU", "イタリア": "ITA", "スペイン": "ESP", "インド": "IND",
    "ロシア": "RUS",
}  # fmt: skip
YEN_PER_DOLLAR = {
    2024: 150.97
}  # mean customs rate of the year, Ministry of Finance, trade statistics of 23 January 2025

# Totals that the agency itself has published, billion yen: they count cruise passengers, who spend little, and so are
# below arrivals times spending of other visitors. 2024: release of 15 January 2025; 2025: release of 21 January 2026.
PUBLISHED = {
    (2024, "CHN"): 1733.5, (2024, "TWN"): 1093.6, (2024, "KOR"): 963.2, (2024, "USA"): 902.1, (2024, "HKG"): 658.4,
    (2025, "CHN"): 2002.6, (2025, "TWN"): 1211.0, (2025, "USA"): 1124.1,
}  # fmt: skip

# Spending of all visitors in 2024 by item, shares of 8,139.5 billion yen (release of 15 January 2025): lodging,
# shopping, food and drink. The rest, transport and entertainment, divides as in October to December 2025.
ALL_YEN, ITEMS = 8139.5, {"lodging": 0.336, "shopping": 0.295, "food and drink": 0.215}
REST = {"transport": 255.1, "entertainment": 106.7}
# Shopping of visitors from China in 2024: 119,000 of 276,604 yen a person; their other spending divides as everybody's.
CHINESE_SHOPPING = 119_000 / 276_604
SECTORS = {"lodging": "I", "food and drink": "I", "shopping": "G47", "transport": "H49", "entertainment": "R-U"}


def arrivals(folder: Path) -> pd.DataFrame:
    """Visitors by month and market; other: all that are not listed."""
    raw = pd.read_csv(folder / "jnto_monthly_visitors_2019_2026.csv")
    table = raw.pivot_table(index="ym", columns="iso3", values="visitors", aggfunc="sum")
    kept = table[list(MARKETS.values())].astype(int)
    kept["other"] = table["TOTAL"].astype(int) - kept.sum(axis=1)
    kept["all"] = table["TOTAL"].astype(int)
    return kept.rename_axis("month").reset_index()


def survey(folder: Path) -> pd.DataFrame:
    """Visitors, spending per visitor in yen and total in billion yen, by year and market."""
    raw = pd.read_csv(folder / "jta_inbound_spend_by_market.csv")
    rows = []
    for item in raw.itertuples():
        market = MARKETS[item.country]
        published = PUBLISHED.get((item.year, market))
        total = item.visitors * item.spend_per_capita_yen / 1e9 if published is None else published
        basis = "visitors times spending of each" if published is None else "published total"
        rows.append((item.year, market, item.visitors, round(item.spend_per_capita_yen), round(total, 1), basis))
    columns = ["year", "origin", "visitors", "yen_per_visitor", "billion_yen", "basis"]
    return pd.DataFrame(rows, columns=columns).sort_values(["year", "origin"])


def spending(table: pd.DataFrame) -> pd.DataFrame:
    """What visitors of a market spend a year in Japan, US$ million, in the form of a user's own table."""
    (year, rate), *_ = YEN_PER_DOLLAR.items()
    mine = table[table["year"] == year]
    out = mine[["origin", "year", "visitors"]].copy()
    out.insert(0, "destination", "JPN")
    out["spending_usd_million"] = (1000 * mine["billion_yen"] / rate).round(1)
    return out


def items() -> pd.DataFrame:
    """What visitors buy: share of each item, and the sector that sells it; `all` is for every other origin."""
    rest = 1 - sum(ITEMS.values())
    both = {**ITEMS, **{name: rest * value / sum(REST.values()) for name, value in REST.items()}}
    scale = (1 - CHINESE_SHOPPING) / (1 - both["shopping"])
    chinese = {name: CHINESE_SHOPPING if name == "shopping" else scale * value for name, value in both.items()}
    theirs = PUBLISHED[2024, "CHN"]
    others = {name: (value * ALL_YEN - chinese[name] * theirs) / (ALL_YEN - theirs) for name, value in both.items()}
    rows = [
        (origin, name, SECTORS[name], round(share, 4))
        for origin, table in (("CHN", chinese), ("all", others))
        for name, share in table.items()
    ]
    return pd.DataFrame(rows, columns=["origin", "item", "sector", "share"])


def tables(folder: Path) -> dict[str, str]:
    """File name → content."""
    found = survey(folder)
    frames = {"arrivals": arrivals(folder), "survey": found, "spending": spending(found), "items": items()}
    out = {}
    for name, frame in frames.items():
        text = io.StringIO()
        frame.to_csv(text, index=False, lineterminator="\n")
        out[f"tourism_{name}.csv"] = text.getvalue()
    return out


def main() -> None:
    """Write the tables, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the figures of JNTO and the agency are")
    parser.add_argument("--check", action="store_true", help="fail when a table of the package differs")
    given = parser.parse_args()
    stale = []
    for name, text in tables(given.folder).items():
        path = DATA / name
        if not given.check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run scripts/build_tourism.py")


if __name__ == "__main__":
    main()
