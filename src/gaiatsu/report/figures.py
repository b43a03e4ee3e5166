"""The figures of the report, each from the tables of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, Split, bar_table, split_table
from gaiatsu.report.headline import IMPORTERS, Names, hit_importers, only_duties, pair_shares, sectors_phrase
from gaiatsu.report.maps import legend, thresholds, world_map
from gaiatsu.report.spreads import own_ranges, own_ranges_by_cause
from gaiatsu.report.tables import Table, percentiles

RANKED = 20  # regions shown in the ranking
SECTORS_EACH_WAY = 4
CELLS = 10  # duties, or pairs of countries, shown one by one
FEW_PAIRS = 3  # pairs of countries whose duties are shown sector by sector
SUPPLIERS = 10

BILLION = f"US${words.SPACE}bn"

PARTS = {
    "terms_of_trade": "Prices of exports and imports",
    "import_volume": "Import volumes, at the duty",
    "export_volume": "Export volumes, at the export duty",
    "border_cost": "Costs at the border",
    "productivity": "Productivity",
    "availability": "Lost supply (shut borders)",
    "transfer": "Transfers",
    "purchases": "Dearer public purchases",
    "total": "Real income",
}


@dataclass(frozen=True)
class Figure:
    """A figure: anchor in the page, title, unit, content, and what a reader should know to read it.

    source: where its numbers are from, in place of the page's line on world and measures; without "Source" and the
    full stop
    """

    anchor: str
    title: str
    unit: str
    body: Markup
    note: str = ""
    key: str = ""
    source: str = ""


def digits_for(values: Sequence[float]) -> int:
    """Decimals that show differences among percentages: two, or three where all are below half a percent."""
    largest = max((abs(value) for value in values if value == value), default=0.0)
    return 3 if largest < 0.5 else 2 if largest < 20 else 1


def span(low: float, high: float, digits: int) -> str:
    """Two ends as they stand in a column or a sentence."""
    return f"{words.signed(low, digits)} to {words.signed(high, digits)}"


def whiskers(run: Any) -> dict[str, tuple[float, float]]:
    """Low and high of each region that has a range; those of its own analysis stand for those over elasticities."""
    own = {code: (item.low, item.high) for code, item in own_ranges(run).items()}
    if run.range is None:
        return own
    table = run.range.table
    found = {str(code): (float(table.at[code, "low"]), float(table.at[code, "high"])) for code in table.index}
    return {**found, **own}


def range_heading(run: Any) -> str:
    """The head of a column of ranges: "5–95 %"."""
    return f"{'–'.join(percentiles(run.range.share))}{words.SPACE}%"


def _column(run: Any) -> str:
    """The head of a column in which ranges may be of several kinds."""
    return "range" if own_ranges(run) else range_heading(run)


def _whose_lines(run: Any, names: Names, codes: Sequence[str]) -> str:
    """What the lines of some regions are ranges over."""
    parts = [f"{range_heading(run)} over published trade elasticities"] if run.range is not None else []
    for of, found in own_ranges_by_cause(run, codes).items():
        parts.append(f"for {words.listed(names.the(code) for code in found)} over {of}")
    return "; ".join(parts)


def _drawable(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    """The ends of a line, where both are known."""
    return ends if ends is not None and all(end == end for end in ends) else None


def income_map(run: Any, names: Names) -> Figure | None:
    """The world map of real income."""
    income = {str(code): float(value) for code, value in run.outcome.real_income.items()}
    members = dict(zip(run.world.regions, run.world.region_parts, strict=True))
    low, high = min(income, key=income.__getitem__), max(income, key=income.__getitem__)
    alternative = (
        f"World map of the change of real income: from {words.signed_percent(income[low])} % in {names.the(low)}"
        f" to {words.signed_percent(income[high])} % in {names.the(high)}"
    )
    picture = world_map(income, names.region, members, alternative)
    if picture is None:
        return None
    limits = thresholds({code: value for code, value in income.items() if code != "ROW"})
    rest = None
    if "ROW" in income:
        rest = f"rest of the world, one region in the data ({words.signed_percent(income['ROW'])})"
    note = "Borders are those of Natural Earth and imply no position. The table below has the numbers."
    return Figure(
        "map", "Who gains and who loses", "change of real income, percent", picture, note, legend(limits, rest)
    )


def ranking(run: Any, names: Names, chosen: list[str]) -> Figure:
    """Ranked bars of real income: the regions most affected, those in focus in bold."""
    summary = run.outcome.summary()
    spread = whiskers(run)
    largest = summary["real_income"].abs().sort_values(ascending=False, kind="stable").index[:RANKED]
    shown = summary.loc[[code for code in summary.index if code in set(largest) | set(chosen)]]
    shown = shown.sort_values("real_income", kind="stable")
    digits = digits_for(list(shown["real_income"]))
    bars = []
    for code, row in shown.iterrows():
        ends = ((span(*spread[code], digits) if code in spread else "",)) if spread else ()
        texts = (words.signed(row["real_income"], digits), *ends, words.signed_money(row["equivalent_variation"]))
        whisker = _drawable(spread.get(code))
        bars.append(Bar(names.region[code], row["real_income"], texts, strong=code in chosen, whisker=whisker))
    left_out = len(summary) - len(shown)
    note = (
        f"The {len(shown)} regions most affected; the other {left_out} are in the table of all regions."
        if left_out
        else ""
    )
    title = "Real income, region by region"
    body = bar_table(
        [Group("", bars)],
        first="Region",
        unit="percent",
        columns=("%", _column(run), BILLION) if spread else ("%", BILLION),
        caption=f"{title}: percent and US$ billion",
    )
    if spread:
        note = f"{note} Lines: {_whose_lines(run, names, list(shown.index))}.".strip()
    return Figure("ranking", title, "change of real income, percent, and its worth, US$ billion a year", body, note)


def sector_output(output: pd.DataFrame, names: Names, chosen: list[str], year: int) -> Figure:
    """The sectors whose output falls and rises most, by region in focus."""
    groups = []
    for code in chosen:
        rows = output[output["region"] == code].sort_values("volume_change_usd_million", kind="stable")
        falls = rows[rows["volume_change_usd_million"] < 0].head(SECTORS_EACH_WAY)
        rises = rows[rows["volume_change_usd_million"] > 0].tail(SECTORS_EACH_WAY)
        bars = [
            Bar(
                names.sector[row["sector"]],
                row["volume_change_usd_million"] / 1000,
                (words.signed_money(row["volume_change_usd_million"]), words.signed_percent(row["volume_percent"])),
            )
            for _, row in pd.concat([falls, rises]).iterrows()
        ]
        groups.append(Group(names.region[code], bars))
    title = "Sectors that lose and gain output"
    body = bar_table(groups, first="Sector", unit="US$ billion", columns=(BILLION, "%"), caption=f"{title}, by region")
    note = f"The {SECTORS_EACH_WAY} largest falls and rises of each region."
    return Figure("sectors", title, f"change of output at prices of {year}, US$ billion, and percent", body, note)


def _cell(row: Any, label: str, rates: str, *, strong: bool = False) -> Split:
    importers, producers = float(row["importer_share_fraction"]), float(row["exporter_share_fraction"])
    weight = words.signed_money(float(row["weight_usd_million"])).lstrip("+")
    texts = (words.share(importers), words.share(1 - importers), words.share(producers), rates, weight)
    return Split(label, (importers, 1 - importers), texts, strong=strong)


def _rates(cell: Any) -> str:
    return f"{100 * cell['duty_before_fraction']:.1f} → {100 * cell['duty_after_fraction']:.1f}"


def _one_pair(pair: Any, cells: pd.DataFrame, names: Names) -> tuple[str, list[Split]]:
    mine = cells[(cells["importer"] == pair["importer"]) & (cells["exporter"] == pair["exporter"])]
    rows = [_cell(cell, names.sector[cell["sector"]], _rates(cell)) for _, cell in mine.head(CELLS).iterrows()]
    if len(mine) > 1:
        rows.append(_cell(pair, "All goods hit", "", strong=True))
    return words.upper_first(f"{names.the(pair['importer'])} on goods from {names.the(pair['exporter'])}"), rows


def who_pays(incidence: pd.DataFrame, names: Names) -> Figure:
    """Exporter's and importer's share of each duty, and of all duties of a pair."""
    pairs = pair_shares(incidence)
    if len(pairs) <= FEW_PAIRS:
        groups = [_one_pair(pair, incidence, names) for _, pair in pairs.iterrows()]
    else:
        both = [f"{names.region[pair['exporter']]} to {names.region[pair['importer']]}" for _, pair in pairs.iterrows()]
        whole = [_cell(pair, label, "") for label, (_, pair) in zip(both[:CELLS], pairs.iterrows(), strict=False)]
        single = [
            _cell(cell, f"{names.sector[cell['sector']]}, {cell['exporter']} to {cell['importer']}", _rates(cell))
            for _, cell in incidence.head(CELLS).iterrows()
        ]
        groups = [("All goods hit, by pair of countries", whole), ("The weightiest single duties", single)]
    title = "Who pays the duty"
    body = split_table(
        groups,
        first="Goods",
        parts=("importers", "exporting country"),
        columns=("importers", "exporting country", "its producers", "duty, %", BILLION),
        narrow=2,
        caption=f"{title}: shares of exporters and importers",
    )
    note = (
        "Importers: rise of the price with duty, over the duty. Exporting country: the rest, a fall of its price before"
        " duty, both relative to world factor income. Its producers: the part of that fall that goes beyond the fall of"
        " all factor prices in their country (below zero where their inputs got dearer). US$ bn: change of the duty"
        " times trade before it, by which totals are weighted. All measures of the scenario act on these prices."
    )
    shown = sum(len(rows) for _, rows in groups)
    if len(incidence) > shown:
        note += " Not all duties are shown; tables/incidence.csv has all."
    return Figure("incidence", title, "shares of the change of the duty, percent", body, note)


def trade_diversion(run: Any, diversion: pd.DataFrame, names: Names, year: int) -> Figure:
    """From whom the importers hit hardest buy the goods instead."""
    groups = []
    for importer, exporters, sectors in hit_importers(run.outcome)[:IMPORTERS]:
        rows = diversion[diversion["importer"] == importer]
        largest = rows["volume_change_usd_million"].abs().sort_values(ascending=False, kind="stable").index[:SUPPLIERS]
        rows = rows[rows.index.isin(largest)].sort_values("volume_change_usd_million", kind="stable")
        bars = [
            Bar(
                "Its own producers" if row["exporter"] == importer else names.region[row["exporter"]],
                row["volume_change_usd_million"] / 1000,
                (words.signed_money(row["volume_change_usd_million"]), words.signed_percent(row["volume_percent"])),
                strong=row["exporter"] in exporters and len(exporters) <= 3,
            )
            for _, row in rows.iterrows()
        ]
        goods = sectors_phrase(run.world, names, sectors)
        groups.append(Group(words.upper_first(f"{names.the(importer)} buys {goods} from"), bars))
    title = "From whom they buy instead"
    body = bar_table(
        groups, first="Supplier", unit="US$ billion", columns=(BILLION, "%"), caption=f"{title}: change of purchases"
    )
    note = f"The {SUPPLIERS} suppliers with the largest change; purchases before duty, all uses together."
    return Figure("diversion", title, f"change of purchases at prices of {year}, US$ billion, and percent", body, note)


def horizons(run: Any, names: Names, chosen: list[str]) -> Figure | None:
    """Real income of the regions in focus at every horizon."""
    if len(run.outcomes) < 2:
        return None
    values = {
        code: {name: float(outcome.real_income[code]) for name, outcome in run.outcomes.items()} for code in chosen
    }
    spread = whiskers(run)
    digits = digits_for([value for row in values.values() for value in row.values()])
    groups = [
        Group(
            names.region[code],
            [
                Bar(
                    words.HORIZONS[name][1], value, (words.signed(value, digits),), strong=name == run.primary,
                    whisker=_drawable(spread.get(code)) if name == run.primary else None,
                )
                for name, value in row.items()
            ],
        )
        for code, row in values.items()
    ]  # fmt: skip
    title = "Short run and long run"
    body = bar_table(
        groups, first="Horizon", unit="percent", columns=("%",), caption=f"{title}: real income by horizon"
    )
    meanings = "; ".join(f"{words.HORIZONS[name][1].lower()}: {words.HORIZONS[name][2]}" for name in run.outcomes)
    note = (
        f"{words.upper_first(meanings)}. A horizon is a set of elasticities (see the assumptions). No rigid wages and"
        " no unemployment: short-run losses are a lower bound."
    )
    if spread:
        note += f" The line at the headline’s horizon: {_whose_lines(run, names, chosen)}."
    return Figure("horizons", title, "change of real income, percent", body, note)


def sources_of_change(exact: pd.DataFrame, names: Names, chosen: list[str]) -> Figure:
    """The exact decomposition of real income, for the regions in focus."""
    frame = exact.set_index("region")
    columns = {column.removesuffix("_percent"): column for column in frame.columns if column.endswith("_percent")}
    shown = [
        part
        for part in PARTS
        if part in columns and (part == "total" or frame.loc[chosen, columns[part]].abs().max() > 5e-5)
    ]
    digits = digits_for([frame.loc[code, columns[part]] for code in chosen for part in shown])
    groups = []
    for code in chosen:
        bars = []
        for part in shown:
            value = float(frame.loc[code, columns[part]])
            kind = "whole" if part == "total" else ""
            bars.append(Bar(PARTS[part], value, (words.signed(value, digits),), kind=kind, strong=part == "total"))
        groups.append(Group(names.region[code], bars))
    title = "Where the change comes from"
    body = bar_table(
        groups, first="Source", unit="percentage points", columns=("points",), caption=f"{title}: parts of real income"
    )
    note = (
        "Exact parts, integrated along the path from no measure to the whole; they add up. “Import volumes” is what is"
        " lost (or gained) because duties prevent purchases that are worth more to the buyer than they cost."
    )
    return Figure("decomposition", title, "contributions to the change of real income, percentage points", body, note)


def by_measure(attribution: pd.DataFrame, names: Names, chosen: list[str]) -> Figure:
    """The Shapley value of each measure, for the regions in focus."""
    contribution, alone = "contribution_percentage_points", "alone_percentage_points"
    mine = attribution[attribution["region"].isin(chosen)]
    digits = digits_for(list(mine[contribution]))
    groups, interactions = [], []
    for code in chosen:
        rows = mine[mine["region"] == code]
        bars = [
            Bar(row["label"], row[contribution], (words.signed(row[contribution], digits),))
            for _, row in rows.iterrows()
        ]
        total = float(rows[contribution].sum())
        bars.append(Bar("All together", total, (words.signed(total, digits),), kind="whole", strong=True))
        groups.append(Group(names.region[code], bars))
        interactions.append(f"{names.region[code]} {words.signed(total - float(rows[alone].sum()), digits)}")
    title = "Which measure does it"
    body = bar_table(
        groups, first="Measure", unit="percentage points", columns=("points",), caption=f"{title}: Shapley values"
    )
    note = (
        "Shapley values: each measure’s effect averaged over all orders in which the measures could be added. The joint"
        f" effect less the sum of what each would do alone (interaction): {', '.join(interactions)} points."
    )
    if "standard_error_percentage_points" in mine:
        error = mine["standard_error_percentage_points"].max()
        note += f" Sampled orders: standard errors up to {error:.1g} points."
    return Figure("attribution", title, "contributions to the change of real income, percentage points", body, note)


def all_figures(run: Any, tables: dict[str, Table], names: Names, chosen: list[str]) -> list[Figure]:
    """The figures of a run, in the order of the page; those that do not apply are left out."""
    year = run.world.year
    found: list[Figure | None] = [income_map(run, names), ranking(run, names, chosen)]
    found.append(sector_output(tables["output"].frame, names, chosen, year))
    if "incidence" in tables and only_duties(run):
        found.append(who_pays(tables["incidence"].frame, names))
    if "diversion" in tables:
        found.append(trade_diversion(run, tables["diversion"].frame, names, year))
    found.append(horizons(run, names, chosen))
    if "decomposition" in tables:
        found.append(sources_of_change(tables["decomposition"].frame, names, chosen))
    if "attribution" in tables:
        found.append(by_measure(tables["attribution"].frame, names, chosen))
    return [figure for figure in found if figure is not None]
