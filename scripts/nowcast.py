"""Compares the world of 2022 with figures it was not built from, and writes the tables into docs/nowcast.md.

Usage: python scripts/nowcast.py [--check]          writes the tables, or fails when the page is out of date
       python scripts/nowcast.py --derive FOLDER    first makes scripts/data/us_imports_2024.csv again, from
                                                    us_duty_by_partner_hs2_2025.csv and hs2_to_isic.csv in FOLDER
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from gaiatsu.world import World
from gaiatsu.world.accounts import Array
from gaiatsu.world.baseline.sectors import parent
from gaiatsu.world.codes import country_code

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "nowcast.md"
IMPORTS = ROOT / "scripts" / "data" / "us_imports_2024.csv"
FIGURES = ROOT / "scripts" / "data" / "nowcast_figures.csv"
START, END = "<!-- tables -->", "<!-- end of tables -->"
TOLERANCE, STEPS = 1e-12, 1000

PARTNERS = {"KOREA, SOUTH": "KOR"}  # the Census name that is not in the package's own table of countries


def derive(folder: Path, regions: tuple[str, ...]) -> None:
    """US imports of 2024 by partner and sector of 2014, US$ million, from chapters and their weights."""
    weights: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    own = {"JPN": "w_usimp2024_japan", "IND": "w_usimp2024_india"}
    for row in _rows(folder / "hs2_to_isic.csv"):
        for column in ("w_usimp2024_all", *own.values()):
            weights[column][row["hs2"]][row["wiod2016_sector"]] = float(row[column] or 0)
    out: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in _rows(folder / "us_duty_by_partner_hs2_2025.csv"):
        code = PARTNERS.get(row["partner"]) or country_code(row["partner"].title()) or "ROW"
        code = code if code in regions else "ROW"
        shares = weights[own.get(code, "w_usimp2024_all")].get(row["hs2"], {})
        for sector, share in shares.items():
            out[code][sector] += share * float(row["imports_2024_usd"]) / 1e6
    sectors = sorted({sector for row in out.values() for sector in row})
    with IMPORTS.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["partner", *sectors])
        for code in sorted(out):
            writer.writerow([code, *(f"{out[code][sector]:.1f}" for sector in sectors)])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def domestic_share(world: World) -> Array:
    """[region] domestic value added over the region's exports, percent (the TiVA accounting, by series).

    m[c, i, k], value added of c in a dollar of output of (i, k), solves m = v + m·A with A the inputs per dollar.
    """
    accounts = world.accounts
    per_dollar = np.divide(
        accounts.flows, accounts.expenditure[:, None, :], out=np.zeros_like(accounts.flows),
        where=accounts.expenditure[:, None, :] > 0,
    )  # fmt: skip
    use = accounts.input_mix * (1 - accounts.va_share)[:, None, :]
    own = np.eye(len(world.regions))[:, :, None] * accounts.va_share
    content = own
    for _ in range(STEPS):
        bought = np.einsum("cik,nik->cnk", content, per_dollar, optimize=True)
        new = own + np.einsum("cnk,nkj->cnj", bought, use, optimize=True)
        change = float(np.abs(new - content).max())
        content = new
        if change < TOLERANCE:
            break
    exports = accounts.flows.sum(axis=0) - np.einsum("nnk->nk", accounts.flows)
    return 100 * np.einsum("cck,ck->c", content, exports) / exports.sum(axis=1)


def _imports(world: World, sectors: list[str]) -> Array:
    """[exporter, sector of 2014] US imports in the world, US$ million."""
    usa = world.regions.index("USA")
    out = np.zeros((len(world.regions), len(sectors)))
    for number, code in enumerate(world.sectors):
        if world.goods[number]:
            name = {"C17_18": "C17+C18", "C28": "C28"}.get(code, parent(code))
            out[:, sectors.index(name)] += world.accounts.flows[usa, :, number]
    out[usa] = 0
    return out


def imports_tables(world: World) -> list[str]:
    """US imports from Japan and China by sector, and from all by partner, 2022 beside 2024."""
    rows = _rows(IMPORTS)
    given = [name for name in rows[0] if name not in ("partner", "C17", "C18", "D35")]
    sectors = sorted([*given, "C17+C18"])
    known = {
        row["partner"]: np.array(
            [float(row["C17"]) + float(row["C18"]) if name == "C17+C18" else float(row[name]) for name in sectors]
        )
        for row in rows
    }
    ours = _imports(world, sectors)
    lines = []
    for code, name in (("JPN", "Japan"), ("CHN", "China")):
        before, after = ours[world.regions.index(code)], known[code]
        lines += [f"### From {name}, US$ billion", "", "| sector | world 2022 | customs 2024 | difference | ratio |",
                  "|---|---:|---:|---:|---:|"]  # fmt: skip
        order = np.argsort(-np.maximum(before, after))
        for k in order:
            if max(before[k], after[k]) > 50:
                lines.append(_line(sectors[k], before[k], after[k]))
        lines += [_line("**all goods**", before.sum(), after.sum()), "", _fit(before, after), ""]
    lines += ["### From each partner, all goods, US$ billion: the fifteen largest, and the largest misses", "",
              "| partner | world 2022 | customs 2024 | difference | ratio |", "|---|---:|---:|---:|---:|"]  # fmt: skip
    partners = [code for code in world.regions if code in known and code != "USA"]
    before = np.array([ours[world.regions.index(code)].sum() for code in partners])
    after = np.array([known[code].sum() for code in partners])
    largest = list(np.argsort(-after)[:15])
    misses = [k for k in np.argsort(-np.abs(before - after)) if k not in largest][:6]
    for k in [*largest, *misses]:
        lines.append(_line(world.region_names[world.regions.index(partners[k])], before[k], after[k]))
    lines += [_line("**all partners**", before.sum(), after.sum()), "", _fit(before, after), ""]
    return lines


def _line(name: str, before: float, after: float) -> str:
    ratio = f"{before / after:.2f}" if after else "–"
    return f"| {name} | {before / 1e3:,.1f} | {after / 1e3:,.1f} | {(before - after) / 1e3:+,.1f} | {ratio} |"


def _fit(before: Array, after: Array) -> str:
    """How alike two patterns are, whatever their totals."""
    apart = np.abs(before / before.sum() - after / after.sum()).sum() / 2
    both = (before > 0) & (after > 0)
    correlation = np.corrcoef(np.log(before[both]), np.log(after[both]))[0, 1]
    said = f"Shares that differ: {apart:.0%} (half the absolute differences). "
    return said + f"Correlation of logarithms: {correlation:.2f}."


def figures_table(world: World) -> list[str]:
    """Balances and GDP published elsewhere, US$ billion."""
    accounts = world.accounts
    flows = accounts.flows * (1 - np.eye(len(world.regions)))[:, :, None]
    goods = np.array(world.goods)
    exports, imports = flows.sum(axis=0), flows.sum(axis=1)
    lines = ["| economy | figure | world 2022 | published | difference | source |", "|---|---|---:|---:|---:|---|"]
    for row in _rows(FIGURES):
        n = world.regions.index(row["economy"])
        chosen = {"goods": goods, "services": ~goods}.get(row["kind"], np.ones(len(goods), dtype=bool))
        value = {
            "exports": exports[n, chosen].sum(), "imports": imports[n, chosen].sum(),
            "balance": (exports - imports)[n, chosen].sum(),
            "gdp": world.provenance["regions"][row["economy"]]["gdp"],
        }[row["measure"]]  # fmt: skip
        published = float(row["published_bn"])
        name = world.region_names[n]
        lines.append(
            f"| {name} | {row['title']} | {value / 1e3:,.0f} | {published:,.0f} | {value / 1e3 - published:+,.0f} | "
            f"[{row['source']}]({row['address']}) |"
        )
    return lines


def content_table(world: World, old: World) -> list[str]:
    """Domestic value added in exports, percent, beside that of the world of 2014."""
    new = dict(zip(world.regions, domestic_share(world), strict=True))
    past = dict(zip(old.regions, domestic_share(old), strict=True))
    shown = ["USA", "CHN", "JPN", "DEU", "GBR", "FRA", "ITA", "CAN", "MEX", "KOR", "TWN", "IND", "IDN", "BRA", "RUS",
             "AUS", "NLD", "IRL", "LUX", "HUN", "VNM", "THA", "MYS", "SGP", "HKG", "SAU"]  # fmt: skip
    lines = ["| economy | 2022 | 2014 | change, points |", "|---|---:|---:|---:|"]
    for code in shown:
        before = f"{past[code]:.1f}" if code in past else "–"
        change = f"{new[code] - past[code]:+.1f}" if code in past else "–"
        lines.append(f"| {world.region_names[world.regions.index(code)]} | {new[code]:.1f} | {before} | {change} |")
    both = [code for code in past if code in new and code != "ROW"]
    gaps = np.array([new[code] - past[code] for code in both])
    far = sorted(both, key=lambda code: -abs(new[code] - past[code]))[:5]
    told = ", ".join(f"{code} {new[code] - past[code]:+.1f}" for code in far)
    lines += [
        "",
        f"Over the {len(both)} economies listed in both: mean change {gaps.mean():+.1f} points, "
        f"mean absolute change {np.abs(gaps).mean():.1f}; the largest: {told}.",
    ]
    return lines


def tables() -> str:
    """All tables of the page."""
    world, old = World.load("2022"), World.load("wiod2014")
    parts = [
        ["## Trade balances and GDP", "", *figures_table(world), ""],
        ["## Domestic value added in exports", "", "Percent of exports of goods and services.", "",
         *content_table(world, old), ""],
        ["## Imports of the United States", "", *imports_tables(world)],
    ]  # fmt: skip
    return "\n".join(line for part in parts for line in part)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    parser.add_argument("--derive", type=Path, metavar="FOLDER", help="make the table of US imports again")
    chosen = parser.parse_args()
    if chosen.derive:
        derive(chosen.derive, World.load("2022").regions)
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(START)
    new = f"{head}{START}\n{tables()}\n{END}{rest.split(END)[1]}"
    if chosen.check:
        if new != text:
            print(f"{PAGE.name} is out of date: run scripts/nowcast.py", file=sys.stderr)
        return int(new != text)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
