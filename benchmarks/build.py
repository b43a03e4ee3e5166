"""Time and memory of `gaiatsu world build` on a made-up table of full size in the OECD's format.

Usage: python benchmarks/build.py [--regions 78] [--keep FOLDER]
78 regions × 45 industries are 3,510 × 3,510. The build runs in a process of its own, whose peak memory is what counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

INDUSTRIES = (  # noqa: SIM905
    "A01_02 A03 B05_06 B07_08 B09 C10T12 C13T15 C16 C17_18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31T33 D E "
    "F G H49 H50 H51 H52 H53 I J58T60 J61 J62_63 K L M N O P Q R S T"
).split()
FINAL = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
PATTERNS = 60  # rows that differ; the others repeat them, or writing the file would take longer than reading it
TARGET_SECONDS, TARGET_GIGABYTES = 60, 6

BUILD = """
import resource, sys, time
start = time.perf_counter()
from gaiatsu.world.build import build
build("icio2023", sys.argv[1], sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.perf_counter() - start, peak / (1e9 if sys.platform == "darwin" else 1e6))
"""


def write_table(path: Path, regions: int) -> int:
    """A balanced table of that many regions; returns its number of industries."""
    from gaiatsu.world import codes

    names = [*[code for code in codes.countries() if code != "ROW"][: regions - 1], "ROW"]
    industries = [f"{region}_{industry}" for region in names for industry in INDUSTRIES]
    finals = [f"{region}_{use}" for region in names for use in FINAL]
    rng = np.random.default_rng(0)
    uses = np.round(rng.lognormal(0, 2, (PATTERNS, len(industries))), 4)
    final = np.round(rng.lognormal(6, 1, (PATTERNS, len(finals))), 2)
    final[:, 4 :: len(FINAL)] *= 0.01  # inventories
    which = np.arange(len(industries)) % PATTERNS
    output = (uses.sum(axis=1) + final.sum(axis=1))[which]
    cost = np.bincount(which, minlength=PATTERNS) @ uses
    texts = [",".join(map(repr, row.tolist())) for row in np.hstack([uses, final])]
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["V1", *industries, *finals, "OUT"]) + "\n")
        for industry, pattern, total in zip(industries, which, output, strict=True):
            file.write(f"{industry},{texts[pattern]},{float(total)!r}\n")
        nothing = np.zeros(len(finals) + 1)
        for name, row in (("TLS", 0.05 * (output - cost)), ("VA", 0.95 * (output - cost)), ("OUT", output)):
            file.write(f"{name}," + ",".join(map(repr, np.concatenate([row, nothing]).tolist())) + "\n")
    return len(industries)


def measure(table: Path, out: Path) -> tuple[float, float]:
    """Seconds and gigabytes of a build, imports included."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(table), str(out)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, gigabytes = map(float, done.stdout.split())
    return seconds, gigabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=78)
    parser.add_argument("--keep", type=Path, help="a folder for the table, which is removed otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder)
        start = time.perf_counter()
        size = write_table(place / "2020_SML.csv", options.regions)
        megabytes = (place / "2020_SML.csv").stat().st_size / 1e6
        print(f"{size} × {size}, {megabytes:.0f} MB, written in {time.perf_counter() - start:.1f} s")
        seconds, gigabytes = measure(place / "2020_SML.csv", place / "big.world")
        print(f"built in {seconds:.1f} s (target {TARGET_SECONDS}) and {gigabytes:.2f} GB (target {TARGET_GIGABYTES})")


if __name__ == "__main__":
    main()
