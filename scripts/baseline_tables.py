"""Writes what the world of 2022 reports of its own making into docs/data-card.md.

Usage: python scripts/baseline_tables.py [--check]. With --check nothing is written; it fails when the page is out of
date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gaiatsu.world import World
from gaiatsu.world.baseline import donors

PAGE = Path(__file__).parent.parent / "docs" / "data-card.md"
START, END = "<!-- world 2022 -->", "<!-- end of world 2022 -->"


def economies(world: World) -> list[str]:
    """GDP, technology and what moved, by economy."""
    moved = {item["region"]: item for item in world.provenance["report"]["moved_by_region"]}
    lines = [
        "GDP in US$ billion at market prices; value added (VA) over GDP with taxes on inputs; moved: half the absolute "
        "changes of inputs, percent of them.",
        "",
        "| economy | GDP published | in the world | VA over GDP | technology | scaling moved | balancing moved |",
        "|---|---:|---:|---:|---|---:|---:|",
    ]
    for n, code in enumerate(world.regions):
        facts, item = world.provenance["regions"][code], moved[code]
        published = "–" if facts["gdp_published"] is None else f"{facts['gdp_published'] / 1e3:,.1f}"
        lines.append(
            f"| {world.region_names[n]} | {published} | {facts['gdp'] / 1e3:,.1f} | "
            f"{facts['value_added_over_gdp']:.3f} | {facts['technology']} | "
            f"{100 * item['scaling_share']:.1f} | {100 * item['balancing_share']:.1f} |"
        )
    return lines


def lenders() -> list[str]:
    """Who lends technology to whom, and why."""
    lines = ["| economy | tables of 2014 | why |", "|---|---|---|"]
    for code, donor in donors.borrowed().items():
        lines.append(f"| {code} | {donors.origin(code).removeprefix('borrowed from ')} | {donor.reason} |")
    return lines


def duties(world: World) -> list[str]:
    """Food duties that were repaired, and averages that differ from those of 2014."""
    report = world.provenance["report"]
    food = report["repairs"][0]
    lines = ["Average duty on food, percent, weighted by trade, before and after the repair:", ""]
    lines += [
        ", ".join(
            f"{item['importer']} {100 * item['before']:.1f} → {100 * item['after']:.1f}"
            for item in sorted(food["cells"], key=lambda item: item["after"] - item["before"])
        )
        + ".",
        "",
        f"Averages that differ by more than five points ({len(report['duty_differences'])} of the importers listed in "
        "both worlds × 27 goods), percent:",
        "",
        "| importer | sector | 2021 | 2014 | imports, US$ billion |",
        "|---|---|---:|---:|---:|",
    ]
    for item in report["duty_differences"]:
        lines.append(
            f"| {item['importer']} | {item['sector']} | {100 * item['2021']:.1f} | {100 * item['2014']:.1f} | "
            f"{item['trade'] / 1e3:,.1f} |"
        )
    return lines


def rest_of_the_world(world: World) -> list[str]:
    """Borrowed duties of and on the rest of the world, and the rules that were compared."""
    facts = world.provenance["report"]["duties_of_the_rest_of_the_world"]
    lines = [
        f"Mean duty on what it sells {100 * facts['mean_as_exporter']:.1f} %, on what it buys "
        f"{100 * facts['mean_as_importer']:.1f} %, weighted by trade. Rules for what it sells, mean absolute error in "
        "points, plain and weighted by trade: against the duties on the rest of the world of 2014, and against the "
        "duties of 2021 on each economy without a table of 2014, estimated without it.",
        "",
        "| rule, by importer and sector | 2014 | 2014, weighted | left out | left out, weighted |",
        "|---|---:|---:|---:|---:|",
    ]
    for item in facts["compared"]:
        values = (item[key] for key in ("rest_2014", "rest_2014_weighted", "left_out", "left_out_weighted"))
        lines.append(f"| {item['rule']} | " + " | ".join(f"{100 * value:.2f}" for value in values) + " |")
    return lines


def far_from_prior(world: World) -> list[str]:
    """Goods whose final use is far above what technology would leave for it."""
    lines = [
        "Final use of more than US$ 1 billion and three times what the technology would leave, US$ billion: there "
        "trade and output do not fit the technology, or gold and other valuables are held. Use them with care.",
        "",
        "| economy | sector | technology | final use | percent of final expenditure |",
        "|---|---|---:|---:|---:|",
    ]
    for item in world.provenance["report"]["final_use_far_from_prior"]:
        lines.append(
            f"| {item['region']} | {item['sector']} | {item['prior'] / 1e3:,.1f} | {item['final_use'] / 1e3:,.1f} | "
            f"{100 * item['share_of_final_expenditure']:.1f} |"
        )
    return lines


def tables() -> str:
    """All tables."""
    world = World.load("2022")
    parts = [
        ["#### Economies", "", *economies(world), ""],
        ["#### Donors of technology", "", *lenders(), ""],
        ["#### Final use that does not fit", "", *far_from_prior(world), ""],
        ["#### Duties", "", *duties(world), ""],
        ["#### Duties of and on the rest of the world", "", *rest_of_the_world(world)],
    ]
    return "\n".join(line for part in parts for line in part)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(START)
    new = f"{head}{START}\n{tables()}\n{END}{rest.split(END)[1]}"
    if parser.parse_args().check:
        if new != text:
            print(f"{PAGE.name} is out of date: run scripts/baseline_tables.py", file=sys.stderr)
        return int(new != text)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
