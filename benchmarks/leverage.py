"""The whole matrix of leverage: every ordered pair of regions, each with a border shut in all goods and services.

Usage: python benchmarks/leverage.py [--short] [--out benchmarks/results/leverage.json]
Both sides shut: a pair is solved once for its two orders. One side shut: every ordered pair is a solve of its own. The
baseline is the same pairs solved one by one (60 of them), in the same run. With --short: 31 regions only, no file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

ALONE = 60  # pairs solved one by one for the ratio
TARGETS = {  # seconds; memory in GB
    "44 x 50 long": 40, "44 x 50 short": 90, "81 x 50 long": 360, "81 x 50 short": 900, "32 x 24 long": 8, "memory": 6,
}  # fmt: skip


def measure(world: Any, chosen: Any, horizon: str, side: str, *, compare: bool) -> dict[str, Any]:
    """Seconds of the matrix, compilation included and apart, pairs refused, and the ratio to solves one by one."""
    import gaiatsu as gt
    from gaiatsu.errors import ConvergenceError
    from gaiatsu.exposure.matrix import leverage_matrix

    start = time.perf_counter()
    leverage_matrix(
        world, horizon=horizon, side=side, elasticities=chosen, regions=list(world.regions[:9]), resume=False
    )
    compiled = time.perf_counter() - start
    start = time.perf_counter()
    found = leverage_matrix(world, horizon=horizon, side=side, elasticities=chosen, resume=False)
    seconds = time.perf_counter() - start
    pairs = len(world.regions) * (len(world.regions) - 1)
    solves = pairs // 2 if side == "both" else pairs
    record = {
        "pairs": pairs, "solves": solves, "seconds": round(seconds, 1), "ms_a_solve": round(1000 * seconds / solves, 1),
        "first_36_pairs_with_compilation_seconds": round(compiled, 1), "refused": len(found.refused),
        "negative": int((found.loss < 0).to_numpy().sum()), "residual": found.residual,
    }  # fmt: skip
    if compare:
        codes = world.regions
        some = [(codes[a], codes[-1 - a]) for a in range(len(codes) // 2)][:ALONE]
        start, count = time.perf_counter(), 0
        for by, on in some:
            try:
                gt.solve(world, [gt.Embargo(by=by, on=on, side=side)], horizon=horizon, closure="proportional",
                         elasticities=chosen)  # fmt: skip
            except ConvergenceError:
                continue
            count += 1
        alone = (time.perf_counter() - start) / max(count, 1)
        record["times_faster_than_one_by_one"] = round(alone / (seconds / solves), 2)
    return record


def main() -> None:
    """Print and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    from solve import elasticities

    import gaiatsu as gt
    from worlds import resized

    default, wiod = gt.World.load("2022"), gt.World.load("wiod2014")
    plan = [("32 x 24", default, (32, 24), "long", "both")]
    if not options.short:
        plan += [("44 x 50", wiod, (44, 50), name, "both") for name in ("long", "short", "impact")]
        plan += [("44 x 50", wiod, (44, 50), "long", "exports")]
        plan += [("81 x 50", default, (81, 50), name, "both") for name in ("long", "short")]
    results = {}
    for name, source, shape, horizon, side in plan:
        same = shape == source.accounts.output.shape
        world, kind = (source, slice(None)) if same else resized(source, *shape)
        key = f"{name} {horizon}, {side}"
        results[key] = measure(world, elasticities(source, kind, horizon), horizon, side, compare=not options.short)
        results[key]["target_seconds"] = TARGETS.get(f"{name} {horizon}")
        print(key, json.dumps(results[key]), flush=True)
    record = {
        "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "target_memory_gb": TARGETS["memory"], "results": results,
    }  # fmt: skip
    print("memory", record["memory_gb"], "GB")
    if options.out:
        options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
