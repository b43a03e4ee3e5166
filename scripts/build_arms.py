"""Writes the few figures on suppliers of arms that ship with the package: derived, rounded, for seven recipients.

Usage: python scripts/build_arms.py REGISTER [--check]. REGISTER: your own download from the SIPRI Arms Transfers
Database, in a layout that gaiatsu.security.arms_register reads. The register itself may not be shipped; shares of the
largest suppliers to whole percent, and the index of concentration to two digits, are facts cited from it. With --check
nothing is written; it fails when a table of the package differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from gaiatsu.security.arms import profile
from gaiatsu.security.arms_register import load_register

DATA = Path(__file__).parent.parent / "src" / "gaiatsu" / "security" / "data"
RECIPIENTS = ("AUS", "IND", "JPN", "KOR", "PHL", "TWN", "VNM")
YEARS, MOST, LEAST = (2020, 2024), 5, 0.01  # suppliers kept, and the smallest share of one


def tables(path: Path) -> dict[str, pd.DataFrame]:
    """Name of the file → its table."""
    register = load_register(path)
    recipients, suppliers = [], []
    for code in RECIPIENTS:
        found = profile(register, code, years=YEARS)
        recipients.append(
            {
                "recipient": code, "first_year": YEARS[0], "last_year": YEARS[1], "hhi": f"{found.hhi:.2f}",
                "flagged_percent": round(100 * float(found.flagged.sum())),
            }
        )  # fmt: skip
        kept = found.shares[found.shares >= LEAST].head(MOST)
        if sum(round(100 * share) for share in kept) > 100:
            raise SystemExit(f"rounded shares of {code} add up to more than 100 %: keep fewer suppliers")
        suppliers += [
            {
                "recipient": code, "supplier": supplier, "share_percent": round(100 * share),
                "flagged_percent": round(100 * float(found.flagged[supplier])),
            }
            for supplier, share in kept.items()
        ]  # fmt: skip
    return {"arms_recipients.csv": pd.DataFrame(recipients), "arms_suppliers.csv": pd.DataFrame(suppliers)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("register", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    stale = []
    for name, table in tables(given.register).items():
        text = table.to_csv(index=False, lineterminator="\n")
        if not given.check:
            (DATA / name).write_text(text, encoding="utf-8")
        elif (DATA / name).read_text(encoding="utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"{name} differs: run without --check", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
