"""Writes the results of every bundled case into its page, between the two marks.

Usage: python scripts/case_results.py [--check]. With --check nothing is written; it fails when a page is out of date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gaiatsu.scenario.loading import load
from gaiatsu.scenario.resolve import focus_regions
from gaiatsu.scenario.run import Run, execute

PAGES = Path(__file__).parent.parent / "docs" / "cases"
START, END = "<!-- results -->", "<!-- end of results -->"


def table(run: Run) -> str:
    """Real income at every horizon: the regions in focus, then the largest other gains and losses."""
    focus = focus_regions(run.scenario, run.world)[:6]
    headline = run.outcome.real_income
    others = headline.drop(focus).sort_values()
    shown = [*focus, *others.index[:3], *others.index[-3:][::-1]]
    names = dict(zip(run.world.regions, run.world.region_names, strict=True))
    horizons, found = list(run.outcomes), run.range
    assert found is not None, run.no_range
    lines = [
        f"Change in real income, percent; world `{run.world.name}`, closure `{run.outcome.closure}`, elasticities "
        f"`{run.scenario.elasticities.set}`. The headline is `{run.primary}`; its range is 5 to 95 % of "
        f"{len(found.draws)} draws of [published elasticities](../elasticities.md).",
        "",
        "| region | "
        + " | ".join(f"`{name}`" for name in horizons)
        + f" | range, `{run.primary}` | US$ million a year, `{run.primary}` |",
        "|---|" + "---:|" * (len(horizons) + 2),
    ]
    for code in shown:
        cells = [f"{run.outcomes[name].real_income[code]:+.3f}" for name in horizons]
        money = run.outcome.summary().loc[code, "equivalent_variation"]
        low, high = found.table.loc[code, ["low", "high"]]
        lines.append(f"| {names[code]} | " + " | ".join(cells) + f" | {low:+.3f} to {high:+.3f} | {money:+,.0f} |")
    worst = max(outcome.residual for outcome in run.outcomes.values())
    counts = ", ".join(f"{outcome.iterations} at `{name}`" for name, outcome in run.outcomes.items())
    limit = 1e-9
    assert worst <= limit
    lines += ["", f"Evaluations of the model: {counts}; every residual is below {limit:g}."]
    return "\n".join(lines).replace("-0.000", "0.000").replace("+0.000", "0.000")


def updated(page: str, block: str) -> str:
    """The page with the block between its marks."""
    head, _, rest = page.partition(START)
    _, mark, tail = rest.partition(END)
    return f"{head}{START}\n{block}\n{END}\n" + (tail.lstrip("\n") if mark else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is out of date")
    check = parser.parse_args().check
    stale = []
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        new = updated(page, table(execute(load(path.stem))))
        if new != page:
            stale.append(path.name)
            if not check:
                path.write_text(new, encoding="utf-8")
    print("out of date:" if check else "written:", ", ".join(stale) or "none")
    if check and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
