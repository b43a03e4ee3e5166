"""Make the table of what a defence budget buys by sector, from the figures of the Bureau of Economic Analysis.

    python scripts/build_defence_mix.py FOLDER [--check]

FOLDER holds us_defence_by_isic_2023.csv: shares of US national defence consumption expenditures and gross investment in
2023, by ISIC code. Consumption of fixed capital is no outlay and is left out, as is what has no code; the rest is made
to add up to one. --check compares with the table at hand and writes nothing.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "gaiatsu" / "security" / "data" / "defence_mix.csv"
SOURCE = "us_defence_by_isic_2023.csv"
CAPITAL, PAY, UNKNOWN = "O84 (CFC)", "O84 (wages)", "other"
COLUMNS = {"budget": "share_of_defence_C_plus_I_pct", "purchases": "share_of_purchases_excl_wages_and_CFC_pct"}


def table(folder: Path) -> str:
    """The table as text: isic, budget, purchases; each column adds up to one."""
    with (folder / SOURCE).open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["isic_oecd"] not in (CAPITAL, UNKNOWN)]
    shares: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0.0))
    for row in rows:
        code = "O84" if row["isic_oecd"] == PAY else row["isic_oecd"]
        for name, column in COLUMNS.items():
            shares[code][name] += float(row[column])
    total = {name: sum(found[name] for found in shares.values()) for name in COLUMNS}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["isic", *COLUMNS])
    for code, found in sorted(shares.items(), key=lambda item: -item[1]["budget"]):
        writer.writerow([code, *(f"{found[name] / total[name]:.6f}" for name in COLUMNS)])
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    made = table(chosen.folder)
    if chosen.check:
        same = TARGET.read_text(encoding="utf-8") == made
        print("the table is current" if same else f"{TARGET.name} differs: run without --check")
        return 0 if same else 1
    TARGET.write_text(made, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
