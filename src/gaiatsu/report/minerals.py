"""The sections of a report on withheld minerals: losses by week, what moves them, stockpiles, suppliers, estimates."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.exposure.mineral_findings import CUTS, Findings
from gaiatsu.exposure.mineral_losses import CASES, situation
from gaiatsu.report import mineral_figures as figures
from gaiatsu.report import words
from gaiatsu.report.headline import Names, regions_phrase
from gaiatsu.report.mineral_figures import PERCENT, SHOWN_REGIONS, TOLD_REGIONS, digits_of, span
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.spreads import Spread
from gaiatsu.report.tables import Table, labelled
from gaiatsu.scenario.critical_input import CriticalInput

CAUTIONS = (
    "The band moves four things from the least to the most harmful end together: what the input costs its users and "
    "how much of their output it reaches, how easily it is replaced, what others can add, and stocks. It is wide "
    "because little of this is measured and such losses start all at once; it is no confidence interval.",
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


def spreads(run: Any) -> list[Spread]:
    """How far what is uncertain of the withheld minerals may move the headline; those that hit a region add up."""
    ends: dict[str, tuple[float, float]] = {}
    hit: dict[str, list[Findings]] = {}
    for measure in run.measures:
        if isinstance(measure, CriticalInput):
            found = Findings(situation(run.world, measure), run.primary)
            for code, (down, up) in found.ends().items():
                before = ends.get(code, (0.0, 0.0))
                ends[code] = (before[0] + down, before[1] + up)
                hit.setdefault(code, []).append(found)
    out: dict[str, dict[str, tuple[float, float]]] = {}
    for code, all_found in hit.items():
        minerals = words.listed(dict.fromkeys(str(found.there.item["name"]) for found in all_found))
        weeks = list(dict.fromkeys(found.there.weeks_at(run.primary) for found in all_found))
        when = f"week{'s' if len(weeks) > 1 else ''} {words.listed(str(week) for week in weeks)}"
        out.setdefault(f"the parameters of {minerals}, {when}", {})[code] = ends[code]
    return [Spread(of, own) for of, own in out.items()]


def _section(run: Any, measure: CriticalInput, key: str, names: Names) -> Section:
    found = Findings(situation(run.world, measure), run.primary)
    weekly, totals, band = found.weekly(), found.totals(), found.band()
    stock, suppliers, published, parameters = (
        found.stockpiles(), found.suppliers(), found.published(), found.parameters(),
    )  # fmt: skip
    name = str(found.there.item["name"])
    drawn = [
        figures.weekly_figure(found, names, key, name),
        figures.band_figure(found, band, names, key, run.primary),
        figures.stock_figure(stock, found, names, key),
        figures.supplier_figure(suppliers, found, names, key, name),
        figures.published_figure(published, names, key),
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
        *_other_cuts_sentences(found, names),
        _stock_sentence(stock, found, names),
        _supplier_sentence(suppliers, found, names),
    ]
    return Section(
        key=key,
        title=words.upper_first(f"{name} withheld"),
        sentences=tuple(text for text in sentences if text),
        figures=tuple(figure for figure in drawn if figure is not None),
        tables=tuple(tables),
        cautions=(*CAUTIONS, *_assumptions(parameters), *_merged(found), *_capped(found), *_failures(found)),
        sources=_sources(parameters, published, found.of_other_cuts()),
    )


# ------------------------------------------------------------------------------------------------------ sentences
def _loss_sentence(run: Any, found: Findings, totals: pd.DataFrame, names: Names, name: str) -> str:
    year = totals[totals["weeks"] == 52].set_index("region")
    parts = []
    for place in found.by_loss[:SHOWN_REGIONS] if found.there.gap.any() else []:
        code = found.codes[place]
        row = year.loc[code]
        ends = [float(row[column]) for column in row.index if str(column).endswith("percent_of_a_year")]
        digits = digits_of(float(row["central_percent_of_a_year"]))
        ranged = f" ({span(min(ends), max(ends), digits)})" if len(ends) > 1 else ""
        parts.append(
            f"{names.the(code)} {words.signed(float(row['central_percent_of_a_year']), digits)}{PERCENT}{ranged} of a "
            f"year’s real income, {words.money(float(row['central_usd_million']))}"
        )
    share = f"{100 * found.there.measure.share:.0f}{PERCENT} of" if found.there.measure.share < 1 else "all"
    who = regions_phrase(run.world, names, found.there.measure.by)
    if not parts:
        return f"Withholding {share} {name} of {who} costs nothing: nothing is withheld."
    return (
        f"Withholding {share} {name} of {who} costs, over the first year: {'; '.join(parts)}. "
        f"{_rate_sentence(found, names)}"
    )


def _rate_sentence(found: Findings, names: Names) -> str:
    """The headline is the rate of one week; what it is then, and in the worst week."""
    there, central = found.there, found.paths["central"]
    place = found.by_loss[0]
    rate = 100 * float(there.joint(found.horizon).real_income_change[there.regions[place]])
    worst = int(np.argmax(central.loss[place]))
    lost = -100 * float(central.loss[place, worst])
    digits = digits_of(rate, lost)
    return (
        f"The headline is the rate in week {there.weeks_at(found.horizon)} alone, for {names.the(found.codes[place])} "
        f"{words.signed(rate, digits)}{PERCENT}; the worst is week {worst + 1}, {words.signed(lost, digits)}{PERCENT}."
    )


def _path_sentence(found: Findings, names: Names) -> str:
    central = found.paths["central"]
    parts = []
    for place in found.by_loss[:TOLD_REGIONS]:
        lost = central.loss[place]
        short = central.shortfall[place]
        felt = short > 1e-9
        who = names.the(found.codes[place])
        if not found.there.gap[place]:
            return ""
        if not felt.any():
            parts.append(f"{who} feels nothing in three years: stocks and other suppliers cover it")
            continue
        first, worst = int(np.argmax(felt)), int(np.argmax(lost))
        digits = digits_of(100 * lost[worst])
        low, year, three = (words.signed(-100 * lost[week], digits) for week in (worst, 51, -1))
        parts.append(
            f"{who} lives on stocks for {first} weeks; then it lacks up to {100 * short.max():.0f}{PERCENT} of its "
            f"use: real income of week {worst + 1} changes by {low}{PERCENT}, of week 52 by {year} and after three "
            f"years by {three}{PERCENT}, as the input is replaced and others sell more"
        )
    return f"{words.upper_first('; '.join(parts))}. {_by_stock(found, names)}".strip()


def _by_stock(found: Findings, names: Names) -> str:
    """What stocks at the ends of their range do to the first year."""
    place = found.by_loss[0]
    cases = found.first_year_by_stock(place)
    (most, least_lost), (held, _), (least, most_lost) = (cases[case] for case in CASES)
    if most == least:
        return ""
    digits = digits_of(most_lost, least_lost)
    return (
        f"Stocks are not known: with {least:g} weeks in stock the first year changes real income of "
        f"{names.the(found.codes[place])} by {words.signed(most_lost, digits)}{PERCENT}, with {most:g} weeks by "
        f"{words.signed(least_lost, digits)}{PERCENT} ({held:g} are used)."
    )


def _published_sentences(published: pd.DataFrame, names: Names) -> list[str]:
    """Ours beside theirs, for each region and span of weeks, and whether ours falls outside."""
    out = []
    for (code, weeks), rows in published.groupby(["region", "weeks"], sort=False) if len(published) else []:
        low, high = rows["published_low_percent"].min(), rows["published_high_percent"].max()
        row = rows.iloc[0]
        centre = float(row["published_centre_percent"]) if len(rows) == 1 and low != high else None
        ours, ends = float(row["ours_percent"]), (float(row["ours_low_percent"]), float(row["ours_high_percent"]))
        digits = digits_of(ours, low)
        theirs = words.signed(low, digits) if low == high else span(low, high, digits)
        if centre is not None:
            theirs = f"{words.signed(centre, digits)} ({theirs})"
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
            f"model: {words.signed(ours, digits)}{PERCENT} ({span(*ends, digits)}) of a year’s real income, {told}."
        )
    return out


def _other_cuts_sentences(found: Findings, names: Names) -> list[str]:
    """What is published of another cut than this one: told, and not set beside it."""
    out = []
    for item in found.of_other_cuts():
        low, centre, high = (float(item[end]) for end in ("low", "centre", "high"))
        digits = digits_of(centre)
        ranged = f" ({span(low, high, digits)})" if low != high else ""
        whole = (
            "all that China exports, to everybody" if item["cut"] == "all" else "what it sells to this country alone"
        )
        out.append(
            f"Published for {names.the(item['region'])}, {item['weeks']} weeks: {words.signed(centre, digits)}{PERCENT}"
            f"{ranged} of a year’s GDP ({item['who']}), of another experiment: there China stops {whole}. It is not "
            "set beside this result."
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
    added = 100 * float(found.there.fill("central")[found.by_loss[0], -1])
    return (
        f"Within three years others could add {added:.0f}{PERCENT} of the use of {names.the(code)}; the largest of "
        f"them, if each adds in proportion to what it sells: {told}."
    )


def _assumptions(parameters: pd.DataFrame) -> list[str]:
    assumed = [text for text in dict.fromkeys(parameters["assumed"]) if text]
    return [f"Assumed: {text}." for text in assumed]


def _merged(found: Findings) -> list[str]:
    return [
        f"In this world {user.code} are one sector, and wider than these: how much of its output the input reaches is "
        "their average, which is too much."
        for user in found.there.users
        if ", " in user.code
    ]


def _capped(found: Findings) -> list[str]:
    cells = list(dict.fromkeys(cell for case in found.paths for cell in found.there.capped(case)))
    if not cells:
        return []
    shown = ", ".join(cells[:5]) + (", …" if len(cells) > 5 else "")
    return [
        f"In {shown} the figures make the input dearer than the output that needs it (imports are for other uses): its "
        "share of cost is cut down to that output."
    ]


def _failures(found: Findings) -> list[str]:
    return [f"No equilibrium at {case}, which is left out of the band: {text}" for case, text in found.failed.items()]


def _sources(parameters: pd.DataFrame, published: pd.DataFrame, others: list[dict[str, Any]]) -> tuple[Source, ...]:
    rows = [(row["source"], row["address"]) for _, row in parameters.iterrows() if row["source"]]
    rows += [(row["who"], row["address"]) for _, row in published.iterrows()]
    rows += [(row["who"], row["address"]) for row in others]
    given = [(text, address) for text, address in dict.fromkeys(rows) if not text.startswith("given in")]
    return tuple(Source(text, address) for text, address in given)
