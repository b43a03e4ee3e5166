"""Speed and size of the engine: array solves, batches, ranges, evaluations against damped plain iteration, commands.

Usage: python benchmarks/solve.py [--short] [--out benchmarks/results/solve.json]
Every time is a median of ten runs of the compiled array solve to a residual of 1e-9; building the arrays from measures
is timed apart. Ratios are measured in one run. With --short: the real worlds only, few runs, no file written.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

TOLERANCE = 1e-9
TARGETS = {
    "31 x 40 long": 12,
    "44 x 50 long": 20,
    "44 x 50 short": 45,
    "44 x 50 impact": 60,
    "81 x 50 long": 90,
    "2022 long": 120,
    "141 x 65 long": 300,
    "batch 44 x 50 long": 10,
    "batch 44 x 50 short": 25,
    "512 draws on 2022 long": 30_000,
}


def median_ms(function: Callable[[], Any], runs: int = 10) -> float:
    """Median wall time of a call that waits for its result, after one call to compile."""
    import jax

    jax.block_until_ready(function())
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        jax.block_until_ready(function())
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def elasticities(world: Any, kind: Any, name: str) -> Any:
    """A horizon's elasticities of an embedded world, for the sectors at `kind`."""
    from dataclasses import replace

    import gaiatsu as gt

    chosen = gt.horizon(name, world)
    return replace(chosen, trade=chosen.trade[kind], long_run_trade=None)


def one_solve(world: Any, chosen: Any, runs: int) -> dict[str, float]:
    """A duty of 10 % by the United States (or a part of it) on all goods from all: the array solve and evaluations."""
    import jax
    import numpy as np

    import gaiatsu as gt
    from gaiatsu.trade import engine
    from gaiatsu.trade.wedges import compose

    accounts = world.accounts
    by = next(code for code in world.regions if code.startswith("USA"))
    start = time.perf_counter()
    wedges = compose(world, [gt.Tariff(by=by, on="all", sectors="goods", rate=0.1)])
    shock = engine.shock_of(accounts, wedges)
    build = 1000 * (time.perf_counter() - start)
    baseline = engine.baseline_of(accounts)
    elasticity = engine.substitution_of(chosen, len(world.sectors))
    start = time.perf_counter()
    inverse = engine.inverse_of(accounts, chosen)
    prepare = 1000 * (time.perf_counter() - start)
    zero = jax.device_put(np.zeros(2 * baseline.output.size))

    def solve() -> Any:
        return engine.program(baseline, shock, elasticity, inverse, zero, TOLERANCE, engine.LIMIT, export_duties=False)

    elapsed = median_ms(solve, runs)
    found = solve()
    assert float(found.error) <= TOLERANCE, "the benchmark's own solve did not converge"
    plain = damped_evaluations(baseline, shock, elasticity, zero)
    evaluations = int(found.evaluations)
    return {
        "solve_ms": round(elapsed, 2),
        "evaluations": evaluations,
        "damped_plain_evaluations": plain,
        "times_fewer_evaluations": round(plain / evaluations, 1),
        "build_arrays_ms": round(build, 2),
        "preconditioner_once_ms": round(prepare, 2),
    }


def damped_evaluations(baseline: Any, shock: Any, elasticity: Any, start: Any) -> int:
    """Evaluations that damped plain iteration takes to the same residual, with the best of four dampings."""
    import jax

    from gaiatsu.trade import equilibrium, fixed_point

    kernels = equilibrium.kernel(baseline, shock, elasticity.theta)

    @jax.jit
    def run(step: float) -> Any:
        return fixed_point.damped(
            lambda point: equilibrium.residual(point, baseline, shock, elasticity, kernels, False),
            start,
            equilibrium.error_measure(baseline),
            step=step,
            tolerance=TOLERANCE,
            limit=5000,
        )

    answers = [run(step) for step in (0.05, 0.1, 0.2, 0.4)]
    arrived = [int(item.evaluations) for item in answers if float(item.error) <= TOLERANCE]
    return min(arrived, default=5000)


def batch(world: Any, name: str, scenarios: int) -> dict[str, float]:
    """Scenarios that touch three cells each, over a shared kernel; the array solve apart from building the tables."""
    import numpy as np

    import gaiatsu as gt
    from gaiatsu.trade import batch as batches
    from gaiatsu.trade import engine
    from gaiatsu.trade.wedges import compose, unchanged

    random, chosen, accounts = np.random.default_rng(0), gt.horizon(name, world), world.accounts
    goods = [code for code, is_goods in zip(world.sectors, world.goods, strict=True) if is_goods]
    tasks = []
    start = time.perf_counter()
    for _ in range(scenarios):
        importer, exporter = random.choice(len(world.regions), 2, replace=False)
        measure = gt.Tariff(
            by=world.regions[importer],
            on=world.regions[exporter],
            sectors=[str(code) for code in random.choice(goods, 3, replace=False)],
            rate=float(random.uniform(0.05, 0.5)),
        )
        wedges = compose(world, [measure])
        tasks.append(batches.task(accounts, wedges, chosen.theta(len(world.sectors)), proportional=False))
    build = time.perf_counter() - start
    baseline = engine.baseline_of(accounts)
    elasticity = engine.substitution_of(chosen, len(world.sectors))
    inverse, still = engine.inverse_of(accounts, chosen), engine.shock_of(accounts, unchanged(accounts))
    size = batches.SIZE
    groups = [tasks[first : first + size] for first in range(0, scenarios - scenarios % size, size)]
    members = [batches.members(accounts, group, batches.WIDTHS[0]) for group in groups]

    def solve(group: Any) -> Any:
        answer = batches.program(baseline, still, elasticity, inverse, group, TOLERANCE, export_duties=False)
        answer.point.block_until_ready()
        return answer

    solve(members[0])
    start = time.perf_counter()
    worst = max(float(solve(group).error.max()) for group in members)
    elapsed = time.perf_counter() - start
    assert worst <= TOLERANCE, "a scenario of the benchmark's batch did not converge"
    count = size * len(groups)
    return {
        "scenarios": count,
        "solve_ms_each": round(1000 * elapsed / count, 2),
        "build_ms_each": round(1000 * build / scenarios, 2),
    }


def ranges(world: Any, name: str, draws: int) -> dict[str, float]:
    """The range of the main case over published elasticities: draws, distinct ones, and the time after compilation."""
    import numpy as np

    import gaiatsu as gt

    measures = [
        gt.Tariff(by="USA", on="JPN", sectors="C29", rate=0.25), gt.Tariff(by="USA", on="JPN", sectors="C24", rate=0.5)
    ]  # fmt: skip
    outcome = gt.solve(world, measures, horizon=name)
    found = outcome.range(draws)
    elapsed = median_ms(lambda: outcome.range(draws).table.to_numpy(), 3)
    distinct = len(np.unique(found.theta.to_numpy(), axis=0))
    each = round(elapsed / distinct, 1)
    return {"range_ms": round(elapsed), "draws": draws, "distinct": distinct, "ms_each_distinct": each}


def command_line(runs: int, *, compare: bool) -> dict[str, float]:
    """Seconds from the shell: help, the main case with empty and with warm caches; to compare, with less to do."""
    program = [sys.executable, "-m", "gaiatsu"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

    def seconds(words: list[str], extra: dict[str, str]) -> float:
        start = time.perf_counter()
        subprocess.run([*program, *words], check=True, capture_output=True, env={**environment, **extra})
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as folder:
        cache = {"JAX_COMPILATION_CACHE_DIR": f"{folder}/cache"}
        case = ["run", "us-autos-steel-japan", "--force", "--out", f"{folder}/run"]
        seconds(["--help"], {})
        cold = seconds(case, cache)
        plain = [*case, "--draws", "0"]
        older = [*plain, "--world", "wiod2014"]
        wanted = [("help_s", ["--help"], {}), ("main_case_warm_s", case, cache)]
        if compare:
            seconds(older, cache)
            wanted += [
                ("main_case_without_range_s", plain, cache), ("main_case_wiod2014_without_range_s", older, cache)
            ]  # fmt: skip
        times = {
            name: round(statistics.median(seconds(words, extra) for _ in range(runs)), 2)
            for name, words, extra in wanted
        }
    return {**times, "main_case_cold_s": round(cold, 2)}


def loading() -> float:
    """Seconds of World.load() after imports."""
    import gaiatsu as gt

    gt.World.load()
    start = time.perf_counter()
    gt.World.load()
    return round(time.perf_counter() - start, 3)


def machine() -> dict[str, Any]:
    """What it ran on, without names."""
    import jax
    import numpy

    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "backend": jax.default_backend(),
        "device": jax.devices()[0].device_kind,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "numpy": numpy.__version__,
        "load_before": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the real worlds only, few runs, nothing written")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "solve.json")
    arguments = parser.parse_args()
    import gaiatsu as gt
    from worlds import resized

    results: dict[str, Any] = {"machine": machine(), "tolerance": TOLERANCE, "solves": {}, "batches": {}, "ranges": {}}
    runs = 3 if arguments.short else 10
    real, now, worlds = gt.World.load("wiod2014"), gt.World.load("2022"), []
    for shape in ((44, 50),) if arguments.short else ((44, 50), (31, 40), (81, 50), (141, 65)):
        world, kind = (real, slice(None)) if shape == (44, 50) else resized(real, *shape)
        worlds.append((f"{shape[0]} x {shape[1]}", world, real, kind))
    worlds.append(("2022", now, now, slice(None)))
    for label, world, source, kind in worlds:
        for name in ("long", "impact") if arguments.short else ("long", "medium", "short", "impact"):
            key = f"{label} {name}"
            results["solves"][key] = found = one_solve(world, elasticities(source, kind, name), runs)
            print(key, found, _verdict(key, found["solve_ms"]), flush=True)
    for name in ("long",) if arguments.short else ("long", "short"):
        label = f"44 x 50 {name}"
        results["batches"][label] = found = batch(real, name, 96 if arguments.short else 1000)
        print("batch", label, found, _verdict(f"batch {label}", found["solve_ms_each"]), flush=True)
    for draws, name in ((64, "long"),) if arguments.short else ((64, "long"), (64, "impact"), (512, "long")):
        key = f"{draws} draws on 2022 {name}"
        results["ranges"][key] = found = ranges(now, name, draws)
        print("range", key, found, _verdict(key, found["range_ms"]), flush=True)
    results["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    results["world_load_s"] = loading()
    results["command_line"] = command_line(1 if arguments.short else 5, compare=not arguments.short)
    for name in ("peak_memory_gb", "world_load_s", "command_line"):
        print(name, results[name])
    if not arguments.short:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(results, indent=1) + "\n")
        print("written to", arguments.out)


def _verdict(label: str, milliseconds: float) -> str:
    target = TARGETS.get(label)
    if target is None:
        return ""
    return f"target {target} ms: {'met' if milliseconds <= target else 'MISSED'}"


if __name__ == "__main__":
    main()
