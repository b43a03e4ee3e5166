"""Builds the tables of votes in the United Nations General Assembly and of country codes.

Usage: python scripts/build_alliances.py FILE [--check]. FILE is the table of ideal points of Bailey, Strezhnev and
Voeten as CSV, packed or not, with ccode, iso3c, year, idealpointfp, q5fp, q95fp. With --check nothing is written; it
fails when a table of the package differs. The treaties are compiled by hand (treaties.csv).
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent.parent / "src" / "gaiatsu" / "security" / "data"
FIRST_YEAR = 2010
DIGITS = 3
# Members of no General Assembly, or under a number of their own in the Correlates of War.
OTHER_CODES = {713: "TWN", 347: "XKX"}


def votes(table: pd.DataFrame) -> pd.DataFrame:
    """Ideal points since FIRST_YEAR: iso3, year, point, low (5 %), high (95 %)."""
    recent = table[table["year"] >= FIRST_YEAR]
    found = recent[["iso3c", "year", "idealpointfp", "q5fp", "q95fp"]].round(DIGITS)
    found.columns = pd.Index(["iso3", "year", "point", "low", "high"])
    return found.sort_values(["iso3", "year"], ignore_index=True)


def codes(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers of the Correlates of War and ISO codes, those of states that are no more too: ccode, iso3."""
    known = {
        int(ccode): str(iso3) for ccode, iso3 in table[["ccode", "iso3c"]].drop_duplicates().itertuples(index=False)
    }
    both = sorted({**known, **OTHER_CODES}.items())
    return pd.DataFrame(both, columns=["ccode", "iso3"])


def packed(table: pd.DataFrame) -> bytes:
    """The table as CSV, packed so that the same numbers give the same bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as file:
        file.write(table.to_csv(index=False, lineterminator="\n").encode())
    return out.getvalue()


def built(path: Path) -> dict[str, bytes]:
    """File name → content."""
    table = pd.read_csv(path)
    return {
        "votes.csv.gz": packed(votes(table)),
        "country_numbers.csv": codes(table).to_csv(index=False, lineterminator="\n").encode(),
    }


def content(data: bytes, name: str) -> bytes:
    """What a file says, unpacked: packing differs between versions of the library."""
    return gzip.decompress(data) if name.endswith(".gz") else data


def main() -> None:
    """Write the tables, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="fail when a table of the package differs")
    options = parser.parse_args()
    stale = []
    for name, data in built(options.file).items():
        if not options.check:
            (DATA / name).write_bytes(data)
        elif content((DATA / name).read_bytes(), name) != content(data, name):
            stale.append(name)
    if stale:
        print(f"out of date: {', '.join(stale)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
