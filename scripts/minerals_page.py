"""Writes the back-test of rare earths in 2010, and our figures beside published ones, into docs/minerals.md.

Usage: python scripts/minerals_page.py [--check]. With --check nothing is written; it fails when the page is out of
date: when its words differ, or a number by more than 2 % (processors round differently).
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

from gaiatsu.exposure.mineral_findings import Findings
from gaiatsu.exposure.mineral_losses import situation
from gaiatsu.exposure.minerals import rare_earths_2010
from gaiatsu.scenario.critical_input import CriticalInput
from gaiatsu.world import World

PAGE = Path(__file__).parent.parent / "docs" / "minerals.md"
BACK_TEST = ("<!-- back-test -->", "<!-- end of back-test -->")
PUBLISHED = ("<!-- published -->", "<!-- end of published -->")
STOPS = {"rare-earths": "JPN", "gallium": "all", "germanium": "all"}  # each as in what is published of it
YEAR = 52  # weeks: nothing published goes beyond
NUMBER = re.compile(r"(?<![\w`.])[-+−]?\d[\d,]*(?:\.\d+)?(?![\w`])")
ROUNDING = 0.02


def table() -> str:
    """The back-test as a table, and how often the band holds."""
    frame = rare_earths_2010()
    lines = ["| quantity | foreseen | band | seen | in the band |", "|---|---:|---:|---:|---|"]
    inside = 0
    for _, row in frame.iterrows():
        digits = 3 if row["observed"] < 1 else 0
        held = row["low"] <= row["observed"] <= row["high"]
        inside += held
        numbers = [f"{row[name]:,.{digits}f}" for name in ("predicted", "low", "high", "observed")]
        verdict = "yes" if held else "no"
        lines.append(f"| {row['quantity']} | {numbers[0]} | {numbers[1]} to {numbers[2]} | {numbers[3]} | {verdict} |")
    return "\n".join([*lines, "", f"The band holds {inside} of {len(frame)} outcomes."])


def published() -> str:
    """Published estimates beside this model's, on the default world."""
    lines = [
        "| what | withheld from | where | weeks | who | published, % | this model, % | band, % |",
        "|---|---|---|---:|---|---:|---:|---:|",
    ]
    return "\n".join([*lines, *(line for mineral in STOPS for line in rows(mineral))])


def rows(mineral: str) -> list[str]:
    """The lines of one mineral in that table."""
    on = STOPS[mineral]
    there = situation(World.load(), CriticalInput(by="CHN", on=on, input=mineral))
    lines = []
    for _, row in Findings(there, "short", weeks=YEAR).published().iterrows():
        low, centre, high = (f"{row[f'published_{end}_percent']:.3g}" for end in ("low", "centre", "high"))
        cells = [
            mineral, on, row["region"], str(row["weeks"]), row["who"],
            centre if low == high else f"{centre} ({low} to {high})", f"{row['ours_percent']:.3g}",
            f"{row['ours_low_percent']:.3g} to {row['ours_high_percent']:.3g}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def updated(text: str, marks: tuple[str, str], block: str) -> str:
    """The page with a block between two marks."""
    head, rest = text.split(marks[0])
    return f"{head}{marks[0]}\n{block}\n{marks[1]}{rest.split(marks[1])[1]}"


def same(old: str, new: str) -> bool:
    """Whether two pages have the same words, and numbers that differ by roundings only."""
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    plain = [[float(word.replace(",", "").replace("−", "-")) for word in pair] for pair in pairs]
    return all(math.isclose(*pair, rel_tol=ROUNDING) for pair in plain)


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    chosen = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    new = updated(updated(text, BACK_TEST, table()), PUBLISHED, published())
    if chosen.check:
        if not same(text, new):
            print(f"{PAGE.name} is out of date: run scripts/minerals_page.py", file=sys.stderr)
        return int(not same(text, new))
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
