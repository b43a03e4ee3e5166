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

# Groups of importers as the study of 2015 had them: the OECD's 34 members of then, the others by the World Bank's list
# of July 2014 (world-bank-groups). Whoever is in none is taken as lower-middle, like the rest of the world. The study
# has no number for high incomes outside the OECD.
OECD = (
    "AUS AUT BEL CAN CHE CHL CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IRL ISL ISR ITA JPN KOR LUX MEX NLD NOR NZL POL"
    " PRT SVK SVN SWE TUR USA"
)
HIGH_INCOME = "ARE BHR BRN CYP HKG HRV KWT LTU LVA MAC MLT OMN QAT RUS SAU SGP TWN URY"
UPPER_MIDDLE = (
    "AGO ALB ARG AZE BGR BIH BLR BRA BWA CHN COL CRI CUB DOM DZA ECU FJI GAB IRN IRQ JAM JOR KAZ LBN LBY MKD MNE MUS"
    " MYS NAM PAN PER ROU SRB SUR THA TKM TUN VEN ZAF"
)
LOW_INCOME = (
    "AFG BDI BEN BFA BGD CAF COD ERI ETH GIN GMB GNB HTI KEN KHM LBR MDG MLI MMR MOZ MWI NER NPL PRK RWA SLE SOM TCD"
    " TGO TJK TZA UGA ZWE"
)
UNDONE = 0.3  # of the minimum: India's own count in 2020 (moneycontrol-tfa)
TRADE_COSTS = 1.70  # of the producer's price, producer to final user (anderson-van-wincoop)
PROCUREMENT = 0.12 / 2  # public purchases: 12 % of GDP (mulabdic-rotunno), all purchases being about twice GDP

Row = tuple[str, float, str, str, str]  # importers, cut, how, standing, sources


def _services(rise: float) -> float:
    return cut_from_trade(rise, SERVICES)


def _explained(share: float, fall: float) -> float:
    return cut_from_trade_cost(share * fall, TRADE_COSTS)


def _customs(level: str) -> list[Row]:
    """The step from the minimum of the WTO agreement to the whole of it, by group of importers."""
    groups = (
        (OECD, 11.8, 10.4, "derived", False, "", "of which the rest was due in 2017"),
        (HIGH_INCOME, 11.8, 10.4, "assumption", False, ", taken from the OECD", "nothing was found on what is undone"),
        (UPPER_MIDDLE, 14.6, 12.8, "derived", False, "", "nothing was found on what is undone"),
        (LOW_INCOME, 16.5, 12.6, "derived", True, "", ""),
        ("", 17.4, 13.7, "derived", True, "", ""),
    )
    of = "% of trade costs of 170 %"
    rows: list[Row] = []
    for members, full, minimum, standing, undone, whence, why in groups:
        step, cited = full - minimum, "oecd-facilitation anderson-van-wincoop"
        cited += " world-bank-groups" if members != OECD else ""
        fall, how = step, f"the step from limited to full facilitation{whence}, {full} − {minimum} = {step:.1f} {of}"
        if level == "low":
            fall, standing = 0.5 * step, "assumption"
            how = f"half of the step from limited to full facilitation{whence}: {fall:.2f} {of}"
        elif level == "high" and undone:
            fall, standing, cited = step + UNDONE * minimum, "assumption", f"{cited} moneycontrol-tfa"
            how = f"the step and three tenths of {minimum} %, undone in 2020 by India’s count: {fall:.1f} {of}"
        elif level == "high":
            how = f"as central, {why}: {step:.1f} {of}"
        rows.append((members, cut_from_trade_cost(fall / 100, TRADE_COSTS), how, standing, cited))
    return rows


def sizes() -> dict[str, dict[str, list[Row]]]:
    """Chapter → level → rows of importers, cut, how it was found, standing and sources."""
    at = f"at θ = {SERVICES:g}"
    half = "in the half of the goods whose price rises"
    explained = (
        "which all agreements of twenty years explain in communications and finance; taken for this one alone, of trade"
        " costs of 170 % as those of goods"
    )
    return {
        "goods-duties": {
            "low": [("", 0.5, "half of each duty still in force", "assumption", "")],
            "central": [("", 1.0, "every duty still in force goes to zero", "definition", "")],
            "high": [("", 1.0, "every duty still in force goes to zero", "definition", "")],
        },
        "customs-facilitation": {level: _customs(level) for level in LEVELS},
        "mutual-recognition": {
            "low": [("", 0.5 * cut_from_price(0.08, 0.20), f"20 % of a price rise of 8 %, {half}", "derived",
                     "cadot-gourdon")],
            "central": [("", 0.5 * cut_from_price(0.09, 0.225),
                         f"22.5 % of a price rise of 9 %, the middle of both spans, {half}", "derived",
                         "cadot-gourdon")],
            "high": [("", 0.5 * cut_from_price(0.10, 0.25), f"25 % of a price rise of 10 %, {half}", "derived",
                      "cadot-gourdon")],
        },
        "digital-trade": {
            "low": [("", _explained(0.03, 0.30), f"3 % of a fall of trade costs by 30 %, {explained}; taken for all"
                     " digital services", "assumption", "benz-jaax-yotov anderson-van-wincoop")],
            "central": [("", _services(0.12), "a digital chapter can double an agreement’s effect, and is taken to:"
                         f" another 12 % {at}", "assumption", "oecd-bytes marchetti")],
            "high": [("", _explained(0.14, 0.60), f"14 % of a fall of trade costs by 60 %, {explained}; taken for all"
                      " digital services", "assumption", "benz-jaax-yotov anderson-van-wincoop")],
        },
        "financial-services": {
            "low": [("", _explained(0.03, 0.30), f"3 % of a fall of trade costs by 30 %, {explained}", "assumption",
                     "benz-jaax-yotov anderson-van-wincoop")],
            "central": [("", _explained(0.085, 0.45), "the middle of both spans, 8.5 % of a fall of trade costs by"
                         f" 45 %, {explained}", "assumption", "benz-jaax-yotov anderson-van-wincoop")],
            "high": [("", _explained(0.14, 0.60), f"14 % of a fall of trade costs by 60 %, {explained}", "assumption",
                      "benz-jaax-yotov anderson-van-wincoop")],
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
