"""Writes the results of every bundled case into its page, between the marks.

Usage: python scripts/case_results.py [--check]. With --check nothing is written; it fails when a page is out of date:
when its words differ, a percentage by more than 0.0015 or an amount by more than 0.2 %. Processors round differently,
so that the last digit of a number is no difference.
"""

from __future__ import annotations

import argparse
import re
import sys
from itertools import zip_longest
from pathlib import Path

from gaiatsu.report.spreads import own_ranges, own_ranges_by_cause
from gaiatsu.scenario.loading import load
from gaiatsu.scenario.resolve import focus_regions
from gaiatsu.scenario.run import Run, execute, with_options

PAGES = Path(__file__).parent.parent / "docs" / "cases"
RESULTS = ("<!-- results -->", "<!-- end of results -->")
BOTH = ("<!-- both worlds -->", "<!-- end of both worlds -->")
OTHER_WORLD = "wiod2014"
COMPARED = ("JPN", "USA", "MEX", "KOR", "LUX")
RESIDUAL = 1e-9
PERCENT, MONEY = 0.0015, 0.002  # what numbers may differ by: points, and a share of an amount
NUMBER = re.compile(r"(?<![\w`.])[+-]?\d[\d,]*(?:\.\d+)?(?![\w`])")


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
    own = own_ranges(run)
    for code in shown:
        low, high = (own[code].low, own[code].high) if code in own else found.table.loc[code, ["low", "high"]]
        lines.append(f"| {names[code]} | {_percents(run, code)} | {low:+.3f} to {high:+.3f} | {_money(run, code)} |")
    assert max(outcome.residual for outcome in run.outcomes.values()) <= RESIDUAL
    for of, codes in own_ranges_by_cause(run, shown).items():
        lines += ["", f"The range of {', '.join(names[code] for code in codes)} is over {of}, low to high losses."]
    lines += ["", f"Every residual is below {RESIDUAL:g}."]
    return _plain(lines)


def both_worlds(runs: list[Run]) -> str:
    """The same question on two worlds, for the regions that the page speaks of."""
    horizons, primary = list(runs[0].outcomes), runs[0].primary
    lines = [
        "| region | world | " + " | ".join(f"`{name}`" for name in horizons) + f" | US$ million a year, `{primary}` |",
        "|---|---|" + "---:|" * (len(horizons) + 1),
    ]
    for code in COMPARED:
        for run in runs:
            name = run.world.region_names[run.world.regions.index(code)] if run is runs[0] else ""
            cells = f"| {name} | `{run.world.name}` | {_percents(run, code)} | {_money(run, code)} |"
            lines.append(cells.replace("|  |", "| |"))
    return _plain(lines)


def _percents(run: Run, code: str) -> str:
    return " | ".join(f"{outcome.real_income[code]:+.3f}" for outcome in run.outcomes.values())


def _money(run: Run, code: str) -> str:
    return f"{run.outcome.summary().loc[code, 'equivalent_variation']:+,.0f}"


def _plain(lines: list[str]) -> str:
    """The lines as a text in which a rounded zero has no sign."""
    return re.sub(r"[+-](0(?:\.000)?)(?![.,\d])", r"\1", "\n".join(lines))


def blocks(case: str, page: str) -> dict[tuple[str, str], str]:
    """What stands between the marks of a page, made anew; the second pair only where the page has it."""
    run = execute(load(case))
    out = {RESULTS: table(run)}
    if BOTH[0] in page:
        out[BOTH] = both_worlds([run, execute(with_options(load(case), world=OTHER_WORLD, draws=0))])
    return out


def block(page: str, marks: tuple[str, str]) -> str:
    """The text between two marks of a page."""
    return page.partition(marks[0])[2].partition(marks[1])[0].strip("\n")


def updated(page: str, marks: tuple[str, str], text: str) -> str:
    """The page with a text between two marks; without them, at its end."""
    head, _, rest = page.partition(marks[0])
    _, mark, tail = rest.partition(marks[1])
    return f"{head}{marks[0]}\n{text}\n{marks[1]}\n" + (tail.removeprefix("\n") if mark else "")


def differences(old: str, new: str) -> list[str]:
    """The lines of two blocks that differ in words, in a percentage or in an amount by more than roundings do."""
    pairs = zip_longest(old.splitlines(), new.splitlines(), fillvalue="")
    return [f"{before!r} is {after!r} now" for before, after in pairs if not _same(before, after)]


def _same(old: str, new: str) -> bool:
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    cells = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(a == b if not old.startswith("|") else _near(a, b) for a, b in cells)


def _near(old: str, new: str) -> bool:
    """Percentages have decimals, amounts have none: those may differ by one unit as well."""
    before, after = (float(text.replace(",", "")) for text in (old, new))
    limit = PERCENT if "." in new else 1 + MONEY * abs(after)
    return ("." in old) == ("." in new) and abs(before - after) <= limit


def check_all() -> dict[str, list[str]]:
    """Page → what is out of date on it; empty when all pages are current."""
    stale = {}
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        found = [
            line for marks, text in blocks(path.stem, page).items() for line in differences(block(page, marks), text)
        ]
        if found:
            stale[path.name] = found
    return stale


def write_all() -> None:
    """Put the results into all pages."""
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        for marks, text in blocks(path.stem, page).items():
            page = updated(page, marks, text)
        path.write_text(page, encoding="utf-8")


def main() -> None:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is out of date")
    if not parser.parse_args().check:
        write_all()
        return
    stale = check_all()
    for name, lines in stale.items():
        print(f"{name} is out of date:", *lines, sep="\n  ")
    if stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
