"""Builds the bundled plan of Japan and the table of multipliers from the project's raw figures.

Usage: python scripts/build_defence.py FOLDER [--check]. FOLDER holds japan_defence.csv (item, period, value, unit,
basis, source, seen) and fiscal.csv (item, value, unit, range_or_note, source, seen). With --check nothing is written;
it fails when a file of the package differs. Words are written here, numbers come from the tables.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

DATA = Path(__file__).parent.parent / "src" / "gaiatsu" / "security" / "data"
PLAN, MULTIPLIERS = "plan-japan-2023-27.yaml", "multipliers.csv"

BASES = {
    "programme": (
        "Level of the programme",
        "what the cabinet decided to be needed over five years: the budgets of the programme (40.5), faster work on "
        "facilities (1.6) and surpluses of the accounts or savings (0.9)",
    ),
    "contract": (
        "Contracts",
        "what is newly contracted for goods, works and services in the five years; 16.5 of it falls due after them. "
        "Pay and food of the forces, and instalments on older contracts, are not in it",
    ),
    "spending": (
        "Budgets",
        "what the yearly budgets of the programme pay, pay of the forces and instalments on older contracts included; "
        "the realignment of US forces is not in it",
    ),
    "security-related": (
        "Security-related spending, the “2 %”",
        "budgets of the programme with the realignment of US forces, coast guard and peace-keeping, and the research, "
        "infrastructure and cyber security of other ministries; a year’s money, told as a share of the GDP of FY2022",
    ),
}  # fmt: skip

# Row of the table → name in the plan; what is in service from when.
ITEMS = {
    "DBP item: stand-off defence": "Stand-off defence",
    "DBP item: integrated air and missile defence": "Integrated air and missile defence",
    "DBP item: unmanned": "Unmanned systems",
    "DBP item: space": "Space",
    "DBP item: cyber": "Cyber",
    "DBP item: vehicles, ships, aircraft (cross-domain)": "Vehicles, ships and aircraft",
    "DBP item: ammunition and missiles (other than stand-off)": "Other ammunition and missiles",
    "DBP item: sustainment and availability": "Maintenance and availability",
    "DBP item: facilities": "Facilities",
    "DBP item: education, training, fuel etc.": "Training, education, fuel and other",
}  # fmt: skip
STAND_OFF_2026 = "FY2026 item: stand-off (total)"
FIRST_DEPLOYED = "Type-12 upgraded ground-launched, first deployment Kengun (Kumamoto)"
PARTS = {
    "DBP-eligible": "budget of the programme",
    "SACO/US realignment": "realignment of US forces",
    "coast guard, PKO etc.": "coast guard, peace-keeping and other",
    "four supplementary items": "research, infrastructure and other of four kinds",
}  # fmt: skip
KINDS = ("initial", "supplementary")
BUDGETED = "as budgeted, supplementary budgets of FY2023 to FY2025 included; of FY2026 the initial budget"
SAME = "MOF Fiscal System Council 2025-12-02 via wic-net 22608/30"  # "same" in the table: as the row for FY2025
SPAN = "[2023, 2027]"
FINANCING = {
    "non-tax revenue (defence reinforcement fund), 4.6-5": "revenue other than taxes",
    "settlement surpluses": "surpluses of the accounts",
    "spending reform": "cuts of other spending",
}
BUDGETS = "defence budget, initial, DBP-eligible (excl. SACO/US realignment)"

# Rows of fiscal.csv that are multipliers, with what is made of each; two further ones were read in their abstracts.
USED = {
    "Sheremirov-Spirovska 2015 (100+ countries military)": (
        "Sheremirov and Spirovska (2015), military spending of over 100 countries, working paper", "low end",
        "https://www.econstor.eu/handle/10419/130699",
    ),
    "Miyamoto-Nguyen-Sergeyev 2018 (Japan)": (
        "Miyamoto, Nguyen and Sergeyev (2018), Japan, outside the zero lower bound", "inside",
        "https://doi.org/10.1257/mac.20170131",
    ),
    "Nakamura-Steinsson (US states, open-economy relative)": (
        "Nakamura and Steinsson (2014), US states against each other", "none: relative, not of the whole economy",
        "https://doi.org/10.1257/aer.104.3.753",
    ),
}  # fmt: skip
READ_ELSEWHERE = [
    (
        "Sheremirov and Spirovska (2022), military spending of 129 countries, published version", "0.8",
        "0.75 to 0.85 after one year, 0.86 at most; above 1 in advanced economies and in recessions, lower in "
        "expansions; it replaces the working paper of 2015",
        "high end", "Journal of Public Economics 208, 104631", "https://doi.org/10.1016/j.jpubeco.2022.104631",
        "abstract",
    ),
    (
        "ESRI, Cabinet Office of Japan (2015), macroeconometric model, public investment", "1.14",
        "first year; a model, not an estimate of military spending", "none: above the range",
        "ESRI Discussion Paper 314", "http://www.esri.go.jp/en/archive/e_dis/abstract/e_dis314-e.html", "abstract",
    ),
]  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Table:
    """The raw figures of Japan, looked up by item and period."""

    def __init__(self, path: Path) -> None:
        self.rows = {(row["item"], row["period"]): row for row in _rows(path)}

    def value(self, item: str, period: str) -> float:
        return float(self.rows[item, period]["value"])

    def cited(self, item: str, period: str) -> str:
        """source and seen, as two keys; where the table says more on how it was seen, that is part of the source."""
        row = self.rows[item, period]
        seen, _, where = row["seen"].partition(" (")
        source = SAME if row["source"] == "same" else row["source"]
        said = f"{source} ({where}" if where else source
        return f"source: {_quoted(said)}, seen: {_quoted(seen)}"


def plan(table: Table) -> str:
    """The plan file."""
    years = "FY2023-27"
    out = [
        "# The programme of Japan for the fiscal years 2023 to 2027, made by scripts/build_defence.py: an example of a",
        "# plan file. Approximate costs, as published; amounts on different bases must not be added.",
        "title: Defense Buildup Program of Japan, FY2023 to FY2027",
        "unit: trillion yen", "years: [2023, 2027]", "label: FY", "", "bases:",
    ]  # fmt: skip
    for name, (title, contains) in BASES.items():
        out += [f"  {name}:", f"    title: {_quoted(title)}", f"    contains: {_quoted(contains)}"]
    out += ["", "figures:"]
    for name, item, basis in (
        ("Level of the programme", "DBP level", "programme"),
        ("Contracts of the programme", "DBP new contracts needed", "contract"),
        ("Budgets of the programme", "DBP defence-budget envelope", "spending"),
    ):
        out += _figure(table, name, item, basis, years, SPAN, whole=True)
    out += _figure(
        table, "Level, part to be financed anew", "financing: funding gap FY2023-27", "programme", years, SPAN
    )
    paid = {name: table.value(f"financing: {item}", years) for item, name in FINANCING.items()}
    paid["taxes and what is left"] = round(
        table.value("financing: funding gap FY2023-27", years) - sum(paid.values()), 4
    )
    out += ["    parts:", *(f"      {name}: {value:g}" for name, value in paid.items())]
    for period in ("FY2023", "FY2025", "FY2026"):
        out += _figure(table, f"Initial budget of {period}", BUDGETS, "spending", period, period[2:])
    for period in ("FY2025", "FY2027"):
        kind = "planned" if period == "FY2027" else "initial budget"
        total = "security-related composition: total security-related"
        out += _figure(table, f"Security-related, {period}, {kind}", total, "security-related", period, period[2:])
        out.append("    parts:")
        for key, name in PARTS.items():
            out.append(f"      {name}: {table.value(f'security-related composition: {key}', period):g}")
    out += ["", "# of the last year nothing is known yet"]
    out += ["by_year:", "  basis: contract", "  amounts:"]
    for year in range(2023, 2027):
        parts = [table.value(f"new contracts, DBP-eligible, {kind}", f"FY{year}") for kind in KINDS]
        out.append(f"    {year}: {round(sum(parts), 4):g}")
    out.append(f"  note: {_quoted(BUDGETED)}")
    out.append("  " + table.cited(f"new contracts, DBP-eligible, {KINDS[0]}", "FY2026").replace(", seen:", "\n  seen:"))
    out += ["", "items:"]
    for item, name in ITEMS.items():
        out += [
            f"  - name: {_quoted(name)}", f"    cost: {table.value(item, years):g}", "    basis: contract",
            "    " + table.cited(item, years).replace(", seen:", "\n    seen:"),
        ]  # fmt: skip
        if item.endswith("stand-off defence"):
            assert (FIRST_DEPLOYED, "2026-03-31") in table.rows, "the first deployment is in the fiscal year 2025"
            out += [f"    by_year: {{2026: {table.value(STAND_OFF_2026, 'FY2026'):g}}}", "    service: 2025"]
    return "\n".join(out) + "\n"


def _figure(
    table: Table, name: str, item: str, basis: str, period: str, years: str, *, whole: bool = False
) -> list[str]:
    out = [
        f"  - name: {_quoted(name)}", f"    amount: {table.value(item, period):g}", f"    basis: {basis}",
        f"    years: {years}", "    " + table.cited(item, period).replace(", seen:", "\n    seen:"),
    ]  # fmt: skip
    return [*out, "    whole: true"] if whole else out


def multipliers(path: Path) -> str:
    """The table of multipliers."""
    rows = {row["item"]: row for row in _rows(path)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["who", "value", "note", "use", "source", "address", "seen"])
    for item, (who, use, address) in USED.items():
        row = rows[item]
        note = "; ".join(part for part in (row["unit"], row["range_or_note"]) if part)
        writer.writerow([who, row["value"], note, use, row["source"], address, row["seen"]])
    writer.writerows(READ_ELSEWHERE)
    return out.getvalue()


def files(folder: Path) -> dict[str, str]:
    """File name → content."""
    return {PLAN: plan(Table(folder / "japan_defence.csv")), MULTIPLIERS: multipliers(folder / "fiscal.csv")}


def main() -> None:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the raw figures are")
    parser.add_argument("--check", action="store_true", help="fail when a file of the package differs")
    given = parser.parse_args()
    stale = []
    for name, text in files(given.folder).items():
        path = DATA / name
        if not given.check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run scripts/build_defence.py")


if __name__ == "__main__":
    main()
