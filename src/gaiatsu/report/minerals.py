"""The sections of a report on withheld minerals: losses by week, what moves them, stockpiles, suppliers, estimates."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.exposure import minerals
from gaiatsu.exposure.mineral_findings import CUTS, Findings
from gaiatsu.exposure.mineral_losses import situation
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure, digits_for
from gaiatsu.report.headline import Names, regions_phrase
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled
from gaiatsu.scenario.critical_input import CriticalInput

SHOWN_WEEKS = (4, 8, 13, 17, 21, 26, 39, 52, 78, 104, 156)
SHOWN_REGIONS, TOLD_REGIONS = 3, 1  # in figures, and in sentences that say much of each
PERCENT = f"{words.SPACE}%"

CAUTIONS = (
    "The band moves three things from the least to the most harmful end together: what the input costs its users and "
    "how much of their output it reaches, how easily it is replaced, and what others can add. It is wide because "
    "little of this is measured and such losses start all at once; it is no confidence interval.",
    "The part of a sector that does without the input goes on as before, and its goods are as good to buyers: where "
    "they are not, losses are larger. Prices clear, nobody is out of work, and every user lacks the same share.",
    "A mineral is one thing here. Single elements (dysprosium, terbium) may run out before the average does.",
    "The higher price of what is still bought is not in the loss; goods that hold the mineral are not cut.",
    "Productivities are found at the horizon’s usual elasticities and without the scenario’s other measures; the range "
    "over trade elasticities holds them fixed.",
)


def sections(run: Any) -> list[Section]:
    """One section for each withheld mineral of a run."""
    names = Names.of(run.world)
    seen: Counter[str] = Counter()
    out = []
    for measure in run.measures:
        if isinstance(measure, CriticalInput):
            seen[measure.input] += 1
            number = seen[measure.input]
            key = f"minerals_{measure.input.replace('-', '_')}" + (f"_{number}" if number > 1 else "")
            out.append(_section(run, measure, key, names))
    return out


def _section(run: Any, measure: CriticalInput, key: str, names: Names) -> Section:
    found = Findings(situation(run.world, measure), run.primary)
    weekly, totals, band = found.weekly(), found.totals(), found.band()
    stock, suppliers, published, parameters = (
        found.stockpiles(), found.suppliers(), found.published(), found.parameters(),
    )  # fmt: skip
    name = str(found.there.item["name"])
    figures = [
        _weekly_figure(found, names, key, name),
        _band_figure(found, band, names, key, run.primary),
        _stock_figure(stock, found, names, key),
        _supplier_figure(suppliers, found, names, key, name),
        _published_figure(published, names, key),
    ]
    tables = [
        Table(f"{key}_weeks", f"Withheld {name}: shortfall and real income by week", labelled(weekly, run.world)),
        Table(f"{key}_totals", f"Withheld {name}: what the first weeks lose", labelled(totals, run.world)),
        Table(f"{key}_band", f"Withheld {name}: one uncertain parameter at a time", labelled(band, run.world)),
        Table(f"{key}_parameters", f"Withheld {name}: every parameter, with source or assumption", parameters),
    ]
    for ending, title, frame in (
        ("stockpiles", "stockpiles that break even", stock),
        ("suppliers", "who could fill the gap", suppliers),
        ("published", "published estimates", published),
    ):
        if len(frame):
            tables.append(Table(f"{key}_{ending}", f"Withheld {name}: {title}", labelled(frame, run.world)))
    sentences = [
        _loss_sentence(run, found, totals, names, name),
        _path_sentence(found, names),
        *_published_sentences(published, names),
        _stock_sentence(stock, found, names),
        _supplier_sentence(suppliers, found, names),
    ]
    return Section(
        key=key,
        title=words.upper_first(f"{name} withheld"),
        sentences=tuple(text for text in sentences if text),
        figures=tuple(figure for figure in figures if figure is not None),
        tables=tuple(tables),
        cautions=(*CAUTIONS, *_assumptions(parameters), *_failures(found)),
        sources=_sources(parameters, published),
    )


# ------------------------------------------------------------------------------------------------------ sentences
def _span(low: float, high: float, digits: int) -> str:
    return f"{words.signed(low, digits)} to {words.signed(high, digits)}"


def _digits(*values: float) -> int:
    largest = max((abs(value) for value in values), default=0.0)
    return 4 if largest < 0.02 else 3 if largest < 0.5 else 2


def _loss_sentence(run: Any, found: Findings, totals: pd.DataFrame, names: Names, name: str) -> str:
    year = totals[totals["weeks"] == 52].set_index("region")
    parts = []
    for place in found.by_loss[:SHOWN_REGIONS]:
        code = found.codes[place]
        row = year.loc[code]
        ends = [float(row[column]) for column in row.index if str(column).endswith("percent_of_a_year")]
        digits = _digits(float(row["central_percent_of_a_year"]))
        ranged = f" ({_span(min(ends), max(ends), digits)})" if len(ends) > 1 else ""
        parts.append(
            f"{names.the(code)} {words.signed(float(row['central_percent_of_a_year']), digits)}{PERCENT}{ranged} of a "
            f"year’s real income, {words.money(float(row['central_usd_million']))}"
        )
    share = f"{100 * found.there.measure.share:.0f}{PERCENT} of" if found.there.measure.share < 1 else "all"
    who = regions_phrase(run.world, names, found.there.measure.by)
    return f"Withholding {share} {name} of {who} costs, over the first year: {'; '.join(parts)}."


def _path_sentence(found: Findings, names: Names) -> str:
    central = found.paths["central"]
    parts = []
    for place in found.by_loss[:TOLD_REGIONS]:
        lost = central.loss[place]
        short = central.shortfall[place]
        felt = short > 1e-9
        who = names.the(found.codes[place])
        if not felt.any():
            parts.append(f"{who} feels nothing in three years: stocks and other suppliers cover it")
            continue
        first, worst = int(np.argmax(felt)), int(np.argmax(lost))
        digits = _digits(100 * lost[worst])
        low, year, three = (words.signed(-100 * lost[week], digits) for week in (worst, 51, -1))
        parts.append(
            f"{who} lives on stocks for {first} weeks; then it lacks up to {100 * short.max():.0f}{PERCENT} of its "
            f"use: real income of week {worst + 1} changes by {low}{PERCENT}, of week 52 by {year} and after three "
            f"years by {three}{PERCENT}, as the input is replaced and others sell more"
        )
    return words.upper_first("; ".join(parts) + ".")


def _published_sentences(published: pd.DataFrame, names: Names) -> list[str]:
    """Ours beside theirs, for each region and span of weeks, and whether ours falls outside."""
    out = []
    for (code, weeks), rows in published.groupby(["region", "weeks"], sort=False) if len(published) else []:
        low, high = rows["published_low_percent"].min(), rows["published_high_percent"].max()
        row = rows.iloc[0]
        ours, ends = float(row["ours_percent"]), (float(row["ours_low_percent"]), float(row["ours_high_percent"]))
        digits = _digits(ours, low)
        theirs = words.signed(low, digits) if low == high else _span(low, high, digits)
        inside = low <= ours <= high
        if inside:
            told = "which lies among them"
        else:
            away = words.signed(ours - (low if ours < low else high), digits)
            covered = ends[0] <= high and ends[1] >= low
            told = f"outside them by {away} points; our band {'covers' if covered else 'does not cover'} them"
            if not any(ends):
                told += ", because stocks are taken to last that long"
        who = words.listed(dict.fromkeys(str(name).split(",")[0] for name in rows["who"]))
        out.append(
            f"Published for {names.the(str(code))}, {weeks} weeks: {theirs}{PERCENT} of a year’s GDP ({who}). This "
            f"model: {words.signed(ours, digits)}{PERCENT} ({_span(*ends, digits)}) of a year’s real income, {told}."
        )
    return out


def _stock_sentence(stock: pd.DataFrame, found: Findings, names: Names) -> str:
    parts = []
    for place in found.by_loss[:TOLD_REGIONS] if len(stock) else []:
        rows = stock[(stock["region"] == found.codes[place]) & (stock["cut_weeks"] == CUTS[-1])]
        if rows.empty:
            continue
        row = rows.iloc[0]
        parts.append(
            f"{names.the(found.codes[place])} would need {row['covers_weeks']:.0f} more weeks of use in stock "
            f"({words.money(row['worth_usd_million'])}), which cost {words.money(row['cost_usd_million_a_year'])} a "
            f"year to hold and save {words.money(row['saves_usd_million'])}: they pay from a chance of "
            f"{_chance(row['pays_from_chance'])} a year"
        )
    return f"To sit out a cut of a year, {'; '.join(parts)}." if parts else ""


def _chance(value: float) -> str:
    return f"{100 * value:.2g}{PERCENT}" if value < 1 else "more than one"


def _supplier_sentence(suppliers: pd.DataFrame, found: Findings, names: Names) -> str:
    if suppliers.empty:
        return ""
    code = found.codes[found.by_loss[0]]
    rows = suppliers[suppliers["region"] == code].head(4)
    told = words.listed(
        f"{names.the(row['supplier'])} ({100 * row['share_of_use_fraction']:.1f}{PERCENT})"
        for _, row in rows.iterrows()
    )
    return f"Who could fill the gap of {names.the(code)} within three years, as shares of its imports: {told}."


def _assumptions(parameters: pd.DataFrame) -> list[str]:
    assumed = [text for text in dict.fromkeys(parameters["assumed"]) if text]
    return [f"Assumed: {text}." for text in assumed]


def _failures(found: Findings) -> list[str]:
    return [f"No equilibrium at {case}, which is left out of the band: {text}" for case, text in found.failed.items()]


def _sources(parameters: pd.DataFrame, published: pd.DataFrame) -> tuple[Source, ...]:
    rows = [(row["source"], row["address"]) for _, row in parameters.iterrows() if row["source"]]
    rows += [(row["who"], row["address"]) for _, row in published.iterrows()]
    given = [(text, address) for text, address in dict.fromkeys(rows) if not text.startswith("given in")]
    return tuple(Source(text, address) for text, address in given)


# -------------------------------------------------------------------------------------------------------- figures
def _weekly_figure(found: Findings, names: Names, key: str, name: str) -> Figure:
    central = found.paths["central"]
    groups = []
    values = [-100 * central.loss[place, week - 1] for place in found.by_loss[:SHOWN_REGIONS] for week in SHOWN_WEEKS]
    digits = max(digits_for(values), _digits(*values))
    for place in found.by_loss[:SHOWN_REGIONS]:
        bars = []
        for week in SHOWN_WEEKS:
            ends = [-100 * float(path.loss[place, week - 1]) for path in found.paths.values()]
            value = -100 * float(central.loss[place, week - 1])
            texts = (words.signed(value, digits), _span(min(ends), max(ends), digits))
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


def _band_figure(found: Findings, band: pd.DataFrame, names: Names, key: str, horizon: str) -> Figure:
    week = found.there.weeks_at(horizon)
    groups = []
    digits = _digits(*band["real_income_percent"])
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


def _stock_figure(stock: pd.DataFrame, found: Findings, names: Names, key: str) -> Figure | None:
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


def _supplier_figure(suppliers: pd.DataFrame, found: Findings, names: Names, key: str, name: str) -> Figure | None:
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
        [Group(f"For {names.the(code)}", bars)], first="Supplier", unit="percent of its imports",
        columns=("%", "sells, US$ m"), caption=f"{title}: suppliers of {name}",
    )  # fmt: skip
    spare = found.there.spare("central")
    note = (
        f"What each could add within three years ({100 * spare:.0f}{PERCENT} of what it sells outside the country that "
        "cuts), if all of it went there. Suppliers may themselves depend on ores or metals from the country that cuts."
    )
    return Figure(f"{key}-suppliers", title, "additional supply within three years, percent of imports", body, note)


def _published_figure(published: pd.DataFrame, names: Names, key: str) -> Figure | None:
    if published.empty:
        return None
    groups = []
    digits = _digits(*published["ours_percent"], *published["published_low_percent"])
    for (code, weeks), rows in published.groupby(["region", "weeks"], sort=False):
        first = rows.iloc[0]
        ends = (float(first["ours_low_percent"]), float(first["ours_high_percent"]))
        bars = [
            Bar("This model", float(first["ours_percent"]),
                (words.signed(first["ours_percent"], digits), _span(*ends, digits)), strong=True, whisker=ends)
        ]  # fmt: skip
        for _, row in rows.iterrows():
            low, high = float(row["published_low_percent"]), float(row["published_high_percent"])
            ranged = _span(low, high, digits) if low != high else ""
            bars.append(
                Bar(str(row["who"]), (low + high) / 2, (words.signed((low + high) / 2, digits), ranged), kind="whole",
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
