"""The figures of a report on withheld minerals: losses by week, what moves them, stockpiles, suppliers, estimates."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gaiatsu.exposure import minerals
from gaiatsu.exposure.mineral_findings import CUTS, Findings
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure, digits_for
from gaiatsu.report.headline import Names

SHOWN_WEEKS = (4, 8, 13, 17, 21, 26, 39, 52, 78, 104, 156)
SHOWN_REGIONS, TOLD_REGIONS = 3, 1  # in figures, and in sentences that say much of each
PERCENT = f"{words.SPACE}%"


def span(low: float, high: float, digits: int) -> str:
    return f"{words.signed(low, digits)} to {words.signed(high, digits)}"


def digits_of(*values: float) -> int:
    largest = max((abs(value) for value in values), default=0.0)
    return 4 if largest < 0.02 else 3 if largest < 0.5 else 2


def weekly_figure(found: Findings, names: Names, key: str, name: str) -> Figure:
    central = found.paths["central"]
    groups = []
    values = [-100 * central.loss[place, week - 1] for place in found.by_loss[:SHOWN_REGIONS] for week in SHOWN_WEEKS]
    digits = max(digits_for(values), digits_of(*values))
    for place in found.by_loss[:SHOWN_REGIONS]:
        bars = []
        for week in SHOWN_WEEKS:
            ends = [-100 * float(path.loss[place, week - 1]) for path in found.paths.values()]
            value = -100 * float(central.loss[place, week - 1])
            texts = (words.signed(value, digits), span(min(ends), max(ends), digits))
            bars.append(Bar(f"Week{words.SPACE}{week}", value, texts, whisker=(min(ends), max(ends))))
        groups.append(Group(names.region[found.codes[place]], bars))
    title = f"Loss by week without {name}"
    body = bar_table(
        groups, first="Week of the cut", unit="percent of that week’s real income",
        columns=("%", "band, %"), caption=f"{title}: percent of real income",
    )  # fmt: skip
    note = (
        "Stocks come first; then real income falls as far as the input cannot be replaced, and recovers as it is "
        "replaced and others add supply. Lines: the band (see what it moves below). Between 13, 52 and 156 weeks the "
        "engine’s answers are interpolated; tables have every week and the sum so far."
    )
    return Figure(f"{key}-weeks", title, "change of real income of the week, percent", body, note)


def band_figure(found: Findings, band: pd.DataFrame, names: Names, key: str, horizon: str) -> Figure:
    week = found.there.weeks_at(horizon)
    groups = []
    digits = digits_of(*band["real_income_percent"])
    for place in found.by_loss[:1]:
        mine = band[band["region"] == found.codes[place]]
        bars = [
            Bar(
                words.upper_first(str(row["case"])), float(row["real_income_percent"]),
                (words.signed(float(row["real_income_percent"]), digits),),
                strong=row["case"] == "central", kind="whole" if str(row["case"]).startswith("all") else "",
            )
            for _, row in mine.iterrows()
        ]  # fmt: skip
        groups.append(Group(names.region[found.codes[place]], bars))
    title = "What moves the loss"
    body = bar_table(
        groups, first="Parameter at its end", unit="percent of real income", columns=("%",), caption=f"{title}, percent"
    )
    note = f"At the headline’s horizon, {week} weeks into the cut. Where the ends lie: table of parameters."
    return Figure(f"{key}-band", title, "change of real income, percent", body, note)


def stock_figure(stock: pd.DataFrame, found: Findings, names: Names, key: str) -> Figure | None:
    groups = []
    for place in found.by_loss[:SHOWN_REGIONS] if len(stock) else []:
        rows = stock[(stock["region"] == found.codes[place]) & (stock["cut_weeks"] == CUTS[-1])]
        bars = [
            Bar(
                f"{100 * row['chance_a_year']:g}{PERCENT} a year",
                float(row["covers_weeks"] if row["pays_in_full"] else row["break_even_weeks"]),
                (_size(row), f"{row['best_weeks']:.1f}"), kind="one",
            )
            for _, row in rows.iterrows()
        ]  # fmt: skip
        if bars:
            groups.append(Group(names.region[found.codes[place]], bars))
    if not groups:
        return None
    title = "Stockpile that breaks even"
    body = bar_table(
        groups, first="Chance of a cut", unit="weeks of normal use, beyond what is held",
        columns=("break-even, weeks", "best, weeks"), caption=f"{title}, by chance of a cut of a year",
    )  # fmt: skip
    rate = minerals.facts()["common"]["carrying_cost"]
    note = (
        "A cut that lasts a year. Break-even: the largest stock whose cost a year is no more than the loss it avoids "
        "times the chance of a cut; “all” where even a stock for the whole cut costs less. Best: where expected gain "
        f"less cost is largest. Assumed: holding costs {100 * rate['central']:.0f}{PERCENT} of the value a year; a "
        "government holds it and gives it out as users need it."
    )
    return Figure(f"{key}-stockpile", title, "weeks of normal use, by chance of a cut in a year", body, note)


def _size(row: Any) -> str:
    return f"all ({row['covers_weeks']:.0f})" if row["pays_in_full"] else f"{row['break_even_weeks']:.1f}"


def supplier_figure(suppliers: pd.DataFrame, found: Findings, names: Names, key: str, name: str) -> Figure | None:
    if suppliers.empty:
        return None
    code = found.codes[found.by_loss[0]]
    rows = suppliers[suppliers["region"] == code]
    bars = [
        Bar(
            names.region[row["supplier"]], 100 * float(row["share_of_use_fraction"]),
            (f"{100 * row['share_of_use_fraction']:.1f}", f"{row['supply_usd_thousand'] / 1000:,.0f}"), kind="two",
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    title = "Who could fill the gap"
    body = bar_table(
        [Group(f"For {names.the(code)}", bars)], first="Supplier", unit="percent of its use",
        columns=("%", "sells, US$ m"), caption=f"{title}: suppliers of {name}",
    )  # fmt: skip
    spare = found.there.spare("central")
    note = (
        f"What others could add within three years ({100 * spare:.0f}{PERCENT} of the world’s use), divided among all "
        "who depend on the country that cuts by what they would lack, and among suppliers by what they sell elsewhere. "
        "Suppliers may themselves depend on ores or metals from that country."
    )
    return Figure(f"{key}-suppliers", title, "additional supply within three years, percent of use", body, note)


def published_figure(published: pd.DataFrame, names: Names, key: str) -> Figure | None:
    if published.empty:
        return None
    groups = []
    digits = digits_of(*published["ours_percent"], *published["published_low_percent"])
    for (code, weeks), rows in published.groupby(["region", "weeks"], sort=False):
        first = rows.iloc[0]
        ends = (float(first["ours_low_percent"]), float(first["ours_high_percent"]))
        bars = [
            Bar("This model", float(first["ours_percent"]),
                (words.signed(first["ours_percent"], digits), span(*ends, digits)), strong=True, whisker=ends)
        ]  # fmt: skip
        for _, row in rows.iterrows():
            low, high = float(row["published_low_percent"]), float(row["published_high_percent"])
            ranged = span(low, high, digits) if low != high else ""
            centre = float(row["published_centre_percent"])
            bars.append(
                Bar(str(row["who"]), centre, (words.signed(centre, digits), ranged), kind="whole",
                    whisker=(low, high) if low != high else None)
            )  # fmt: skip
        groups.append(Group(f"{names.region[str(code)]}, first {weeks} weeks", bars))
    title = "Beside published estimates"
    body = bar_table(
        groups, first="Estimate", unit="percent of a year", columns=("%", "range, %"), caption=f"{title}, percent"
    )
    note = (
        "Others: GDP, each by methods of its own (see the sources). Here: real income lost over the first weeks, as a "
        "share of a year’s."
    )
    return Figure(f"{key}-published", title, "change, percent of a year’s GDP or real income", body, note)
