"""Make the table of military spending that stands in where a user has no figures of their own.

    python scripts/build_capabilities.py FOLDER [--check]

FOLDER holds peers_defence.csv, figures compiled from public reports. Kept are those that the Stockholm International
Peace Research Institute gives for single economies in 2025, as a public page quotes them, rounded; its files are not
read. --check compares with the table at hand and writes nothing.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "gaiatsu" / "security" / "data" / "military_spending.csv"
SOURCE, KIND, PERIOD, UNIT, WORLD = "peers_defence.csv", "SIPRI", "CY2025", "US$ bn", "WLD"
CITED = (
    "SIPRI Military Expenditure Database, as quoted by ICAEW, chart of the week: top 20 military spenders (May 2026)"
)
ADDRESS = (
    "https://www.icaew.com/insights/viewpoints-on-the-news/2026/may-2026/chart-of-the-week-top-20-military-spenders"
)


def table(folder: Path) -> str:
    """The table as text: iso3, year, usd_billion, gdp_share_percent, source, address, seen."""
    with (folder / SOURCE).open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["source_type"], row["period"]) == (KIND, PERIOD)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["iso3", "year", "usd_billion", "gdp_share_percent", "source", "address", "seen"])
    for row in sorted(rows, key=lambda row: row["economy"]):
        if row["unit"] != UNIT:
            raise SystemExit(f"{row['economy']}: the unit is {row['unit']!r}, not {UNIT!r}")
        if row["economy"] != WORLD:
            writer.writerow(
                [row["economy"], PERIOD.removeprefix("CY"), row["value"], row["share_gdp_pct"], CITED, ADDRESS,
                 row["seen"]]
            )  # fmt: skip
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="compare with the table at hand, write nothing")
    given = parser.parse_args()
    made = table(given.folder)
    if given.check:
        same = TARGET.read_text(encoding="utf-8") == made
        print("the table at hand is what the figures give" if same else f"{TARGET} differs from what the figures give")
        return 0 if same else 1
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
