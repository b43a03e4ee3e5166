"""Writes the sizes of the chapters of agreements, and which agreement has which of sixteen provisions.

Usage: python scripts/build_agreements.py PROVISIONS, the table of the provisions by agreement (World Bank, Deep Trade
Agreements 2.0, as published with the R package penppml). The sizes need no file: each is a published number, put
through a formula of gaiatsu.scenario.agreement_chapters that is told beside it; its sources stand in the table
agreement_sources.csv, which is kept by hand like agreement_provision_codes.csv, agreement_in_force.csv and
agreement_published.csv.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from gaiatsu.scenario.agreement_chapters import (
    LEVELS,
    NAMES,
    cut_from_price,
    cut_from_trade,
    cut_from_trade_cost,
    provision_meanings,
    rise_from_loss,
)
from gaiatsu.world.elasticities import SERVICES

FOLDER = Path(__file__).parent.parent / "src" / "gaiatsu" / "scenario" / "data"

# Members of the OECD (38, since 2021): the only group of importers whose customs number differs from India's.
OECD = (
    "AUS AUT BEL CAN CHE CHL COL CRI CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IRL ISL ISR ITA JPN KOR LTU LUX LVA MEX"
    " NLD NOR NZL POL PRT SVK SVN SWE TUR USA"
)
TRADE_COSTS = 1.70  # of the producer's price, producer to final user (anderson-van-wincoop)
PROCUREMENT = 0.12 / 2  # public purchases: 12 % of GDP (mulabdic-rotunno), all purchases being about twice GDP

Row = tuple[str, float, str, str, str]  # importers, cut, how, standing, sources


def _services(rise: float) -> float:
    return cut_from_trade(rise, SERVICES)


def sizes() -> dict[str, dict[str, list[Row]]]:
    """Chapter → level → rows of importers, cut, how it was found, standing and sources."""
    at = f"at θ = {SERVICES:g}"
    facilitation = "of trade costs of 170 %"
    return {
        "goods-duties": {
            "low": [("", 0.5, "half of each duty still in force", "assumption", "")],
            "central": [("", 1.0, "every duty still in force goes to zero", "definition", "")],
            "high": [("", 1.0, "every duty still in force goes to zero", "definition", "")],
        },
        "customs-facilitation": {
            "low": [
                (OECD, cut_from_trade_cost(0.5 * (0.118 - 0.104), TRADE_COSTS),
                 f"half of the step from limited to full facilitation: 0.7 % {facilitation}", "assumption",
                 "oecd-facilitation anderson-van-wincoop"),
                ("", cut_from_trade_cost(0.5 * (0.174 - 0.137), TRADE_COSTS),
                 f"half of the step from limited to full facilitation: 1.85 % {facilitation}", "assumption",
                 "oecd-facilitation anderson-van-wincoop"),
            ],
            "central": [
                (OECD, cut_from_trade_cost(0.118 - 0.104, TRADE_COSTS),
                 f"the step from limited to full facilitation, 11.8 − 10.4 = 1.4 % {facilitation}", "derived",
                 "oecd-facilitation anderson-van-wincoop"),
                ("", cut_from_trade_cost(0.174 - 0.137, TRADE_COSTS),
                 f"the step from limited to full facilitation, 17.4 − 13.7 = 3.7 % {facilitation}", "derived",
                 "oecd-facilitation anderson-van-wincoop"),
            ],
            "high": [
                (OECD, cut_from_trade_cost(0.118 - 0.104, TRADE_COSTS),
                 f"as central: the rest was due in 2017; 1.4 % {facilitation}", "derived",
                 "oecd-facilitation anderson-van-wincoop"),
                ("", cut_from_trade_cost(0.174 - 0.137 + 0.3 * 0.137, TRADE_COSTS),
                 f"the step and three tenths of 13.7 % not yet done in 2020: 7.8 % {facilitation}", "assumption",
                 "oecd-facilitation anderson-van-wincoop moneycontrol-tfa"),
            ],
        },
        "mutual-recognition": {
            "low": [("", 0.5 * cut_from_price(0.08, 0.20), "20 % of a price rise of 8 %, in half of the goods",
                     "derived", "cadot-gourdon")],
            "central": [("", cut_from_price(0.08, 0.20), "20 % of a price rise of 8 %", "derived", "cadot-gourdon")],
            "high": [("", cut_from_price(0.10, 0.25), "25 % of a price rise of 10 %", "derived", "cadot-gourdon")],
        },
        "digital-trade": {
            "low": [("", 0.03 * 0.30, "3 % of a fall of costs by 30 %", "derived", "benz-jaax-yotov")],
            "central": [("", _services(0.12), f"a digital chapter doubles an agreement’s effect: another 12 % {at}",
                         "derived", "oecd-bytes marchetti")],
            "high": [("", 0.14 * 0.60, "14 % of a fall of costs by 60 %", "derived", "benz-jaax-yotov")],
        },
        "financial-services": {
            "low": [("", 0.03 * 0.30, "3 % of a fall of costs by 30 %", "derived", "benz-jaax-yotov")],
            "central": [("", 0.085 * 0.45, "the middle of both spans: 8.5 % of a fall of costs by 45 %", "derived",
                         "benz-jaax-yotov")],
            "high": [("", 0.14 * 0.60, "14 % of a fall of costs by 60 %", "derived", "benz-jaax-yotov")],
        },
        "movement-of-persons": {
            level: [("", _services(rise_from_loss(0.28, share)),
                     f"{word} of the 28 % of trade that visas on both sides cost, {at}", "assumption", "neumayer")]
            for level, share, word in (("low", 0.10, "a tenth"), ("central", 0.25, "a quarter"), ("high", 0.5, "half"))
        },
        "public-procurement": {
            "low": [("", 0.0, "procurement rules change nothing", "published", "rickard-kono")],
            "central": [("", PROCUREMENT * _services(0.15),
                         f"15 % more public purchases of services (lower end for services), {at}, on the 6 % of"
                         " purchases that are public", "assumption", "mulabdic-rotunno borchert-di-ubaldo")],
            "high": [("", PROCUREMENT * _services(1.0),
                      f"twice as much public purchases from the partner, as within the EU, {at}, on the 6 % of"
                      " purchases that are public", "assumption", "mulabdic-rotunno")],
        },
        "services-general": {
            "low": [("", _services(0.12), f"12 % more trade, {at}", "published", "marchetti")],
            "central": [("", _services(0.15), f"15 % more trade, {at}", "published", "borchert-di-ubaldo")],
            "high": [("", _services(0.65), f"65 % more trade, {at}", "published", "borchert-di-ubaldo")],
        },
    }  # fmt: skip


TITLES = {
    "goods-duties": ("Duties on goods", "goods", ""),
    "customs-facilitation": ("Customs facilitation", "goods", ""),
    "mutual-recognition": ("Mutual recognition of standards", "A C10-C18 C20-C33", ""),
    "digital-trade": ("Digital trade and e-commerce", "J M N", ""),
    "financial-services": ("Financial services and fintech", "K", ""),
    "movement-of-persons": ("Movement of persons", "F J62-J63 M N P Q", ""),
    "public-procurement": ("Public procurement", "services", ""),
    "services-general": ("Other services", "services", "digital-trade financial-services movement-of-persons"),
}


def chapter_rows() -> list[dict[str, str]]:
    """The rows of agreement_chapters.csv."""
    rows = []
    found = sizes()
    for chapter in NAMES:
        levels = found[chapter]
        title, sectors, yields_to = TITLES[chapter]
        for level in LEVELS:
            for importers, cut, how, standing, sources in levels[level]:
                rows.append({
                    "chapter": chapter, "title": title, "sectors": sectors, "yields_to": yields_to,
                    "importers": importers, "level": level, "cut": f"{cut:.6f}", "how": how, "standing": standing,
                    "sources": sources,
                })  # fmt: skip
    return rows


def provision_rows(path: Path) -> list[dict[str, str]]:
    """Agreements with the codes that they have, alphabetically; the nameless row of no agreement is left out."""
    meanings = provision_meanings()
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            unknown = set(row) - {"id", "agreement", *meanings}
            if unknown or set(meanings) - set(row):
                raise SystemExit(f"{path}: columns {sorted(unknown or set(meanings) - set(row))} are not as expected")
            if row["agreement"].strip():
                codes = [code for code in meanings if float(row[code]) == 1]
                rows.append({"agreement": " ".join(row["agreement"].split()), "provisions": " ".join(codes)})
    return sorted(rows, key=lambda row: row["agreement"].casefold())


def write(name: str, rows: Iterable[dict[str, str]]) -> None:
    """A table with the columns of its first row."""
    table = list(rows)
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def main(path: Path) -> None:
    """Write both tables."""
    write("agreement_chapters.csv", chapter_rows())
    write("agreement_provisions.csv", provision_rows(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
