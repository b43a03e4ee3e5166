"""The section of a report on arms: from whom they come, and what a joint line would do to reliance and to cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gaiatsu.report import arms_figures as figures
from gaiatsu.report import words
from gaiatsu.report.arms_figures import PERCENT, percents, rate_span
from gaiatsu.report.arms_tables import Line, curve_of, ends_of, line_of, tables_of
from gaiatsu.report.sections import Section, Source
from gaiatsu.scenario.arms_models import LEARNING, PREMIUM, SET_UP, ArmsModel
from gaiatsu.security import arms
from gaiatsu.security.arms import Profile, Register
from gaiatsu.security.arms_register import supplier_name
from gaiatsu.security.coproduction import Found

CAUTIONS = (
    "SIPRI’s trend-indicator value measures the capability of what is delivered, not what it costs: shares of it are "
    "no shares of money. Deliveries come in lumps; orders outstanding, small arms, most ammunition and arms of a "
    "country’s own design are not in it.",
    "SIPRI flags deals with local production: licences, assembly from kits, and deals in which the recipient makes "
    "some parts, such as Australia’s F-35A, which come from Fort Worth. The flagged share is an upper bound.",
)
LINE_CAUTIONS = (
    "The share of the range in which the line pays counts every combination alike: it is no probability.",
    "The learning rate is of the unit’s cost per doubling (Crawford’s curve) and works on all that the line makes. "
    "Read as of the cumulative average (Wright’s), costs would be lower; where learning slows down, as later work "
    "finds, they would be higher.",
    "Not counted: development, a price abroad that falls or rises, upkeep, offsets, delay, sales to third countries, "
    "and the cost of dividing work, such as lines and tests made twice.",
    "The set-up is paid by work, units by who buys them. A partner counts as a supplier abroad for what it makes, the "
    "own part as no reliance, though parts and licences for it may come from abroad.",
    "Cost and reliance are computed beside the engine: real income has in it only what the measures move.",
)


def sections(run: Any) -> list[Section]:
    """The section that answers `security: arms`."""
    question: ArmsModel = run.scenario.security.arms
    profiles, register = question.profiles(run.world)
    line = line_of(question, profiles) if question.coproduction else None
    trend = _trend(question, register, profiles)
    sentences = [
        *([] if line is None else [_headline(line, profiles)]),
        _suppliers_sentence(question, profiles),
        _flagged_sentence(profiles),
        _trend_sentence(trend),
        *([] if line is None else _line_sentences(line, profiles)),
    ]
    drawn = [figures.suppliers_figure(profiles, line.moved if line else {})]
    if line is not None:
        ends = ends_of(line)
        drawn += [
            figures.cost_figure(curve_of(line), f"{line.planned} planned in all"),
            figures.moves_figure(ends, line.planned),
            figures.precedents_figure(arms.precedents()),
        ]
    if len(trend):
        drawn.append(figures.trend_figure(trend))
    return [
        Section(
            key="arms",
            title="From whom arms come" + (", and a joint line" if line else ""),
            sentences=tuple(text for text in sentences if text),
            figures=tuple(drawn),
            tables=tuple(tables_of(profiles, line, trend)),
            cautions=(*_cautions(question, register, line), *CAUTIONS, *(LINE_CAUTIONS if line else ())),
            sources=_sources(line),
        )
    ]


def _trend(question: ArmsModel, register: Register | None, profiles: Mapping[str, Profile]) -> pd.DataFrame:
    """Rolling windows by recipient; nothing without a register or with fewer years than a window."""
    if register is None:
        return pd.DataFrame()
    parts = []
    for code in profiles:
        frame = arms.rolling(register, code, category=question.category)
        frame.insert(0, "recipient", code)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


# ------------------------------------------------------------------------------------------------------ sentences
def _the(code: str) -> str:
    return words.the(supplier_name(code))


def _volume(found: Found) -> str:
    """When a line has paid: "after 18 to 419 units", "after 18 units at best, and never at worst", "never"."""
    if not math.isfinite(found.earliest):
        return "never"
    if not math.isfinite(found.latest):
        return f"after {found.earliest:,.0f} units at best and never at worst"
    if found.earliest == found.latest:
        return f"after {found.earliest:,.0f} units"
    return f"after {found.earliest:,.0f} to {found.latest:,.0f} units"


def _headline(line: Line, profiles: Mapping[str, Profile]) -> str:
    told = []
    for code in line.partners:
        seller = line.sellers[code][0]
        before = float(profiles[code].shares[seller])
        after = sorted(float(item.shares[seller]) for item in line.moved[code])
        told.append(
            f"{_the(code)} would get {percents(*after)}{PERCENT} of its arms from {_the(seller)} "
            f"(now {100 * before:.0f}{PERCENT})"
        )
    share, rates = line.plan.share, line.plan.learning
    return (
        f"With {percents(*share)}{PERCENT} of deliveries from a joint line, {words.listed(told)}. If what the line "
        f"makes gets cheaper by {percents(*rates)}{PERCENT} per doubling, it has paid {_volume(line.whole)} "
        f"({line.planned:,d} are planned); if nothing is learned and its premium lasts, only where that is below "
        f"{rate_span(line.whole.flat_limit)}, in a range of {rate_span(line.plan.premium)}."
    )


def _suppliers_sentence(question: ArmsModel, profiles: Mapping[str, Profile]) -> str:
    parts = []
    for code, found in profiles.items():
        top = words.listed(
            f"{_the(str(supplier))} {100 * share:.0f}{PERCENT}" for supplier, share in found.shares.head(3).items()
        )
        parts.append(f"{_the(code)}: {top}; concentration {found.hhi:.2f}")
    first = next(iter(profiles.values()))
    what = f"{question.category.lower()} " if question.category and not first.rounded else ""
    told = ". ".join(words.upper_first(part) for part in parts)
    return (
        f"Suppliers of {what}arms, {first.years[0]} to {first.years[1]}, by SIPRI’s measure of the capability "
        f"delivered (concentration: Herfindahl–Hirschman index, 1 is a single supplier): {told}."
    )


def _flagged_sentence(profiles: Mapping[str, Profile]) -> str:
    told = []
    for code, found in profiles.items():
        if found.local >= 0.005:
            largest = found.flagged[found.flagged > 0].nlargest(2).items()
            who = words.listed(f"{_the(str(seller))} {100 * part:.0f}" for seller, part in largest)
            told.append(f"{100 * found.local:.0f}{PERCENT} of those to {_the(code)} ({who})")
    if not told:
        return ""
    return (
        f"Of deliveries, these come with some local production, at most, and are counted to the licensor: "
        f"{words.listed(told)}."
    )


def _trend_sentence(trend: pd.DataFrame) -> str:
    parts = []
    for code, rows in trend.groupby("recipient", sort=False) if len(trend) else []:
        first, last = rows.iloc[0], rows.iloc[-1]
        parts.append(
            f"{_the(str(code))} {first['hhi']:.2f} in {first['first']}–{first['last']}, {last['hhi']:.2f} in "
            f"{last['first']}–{last['last']}"
        )
    return f"Concentration over windows of five years: {'; '.join(parts)}." if parts else ""


def _line_sentences(line: Line, profiles: Mapping[str, Profile]) -> list[str]:
    return [_concentration_sentence(line, profiles), _alone_sentence(line), _limit_sentence(line)]


def _concentration_sentence(line: Line, profiles: Mapping[str, Profile]) -> str:
    parts = []
    for code in line.partners:
        abroad = _between([item.abroad for item in line.moved[code]])
        reliance = _between([item.reliance for item in line.moved[code]])
        new = [other for other in line.partners if other != code and line.plan.work_share_of(other) > 0]
        supplied = [
            f"{_the(other)} supplies {percents(*sorted(float(item.shares.get(other, 0)) for item in line.moved[code]))}"
            f"{PERCENT}"
            for other in new
        ]
        told = f"; {words.listed(supplied)}" if supplied else ""
        parts.append(
            f"for {_the(code)} concentration among suppliers abroad goes from {profiles[code].hhi:.2f} to {abroad}, "
            f"and with what it makes itself counted as no reliance to {reliance}{told}"
        )
    return f"{words.upper_first('. '.join(map(words.upper_first, parts)))}."


def _between(values: list[float]) -> str:
    low, high = (f"{value:.2f}" for value in (min(values), max(values)))
    return low if low == high else f"between {low} and {high}"


def _alone_sentence(line: Line) -> str:
    if len(line.partners) < 2:
        return ""
    parts = []
    for code in line.partners:
        share, units = line.shares[code], line.plan.volume_of(code)
        parts.append(
            f"{words.upper_first(_the(code))}, which buys {units:,d}: alone {_volume(share.alone)}, in "
            f"{100 * share.alone.part:.0f}{PERCENT} of the range by then, at US${words.SPACE}"
            f"{share.alone.unit_cost[0]:,.0f} to {share.alone.unit_cost[1]:,.0f} million a unit; together "
            f"{_volume(share.together)} of its own, in {100 * share.together.part:.0f}{PERCENT}, at "
            f"{share.together.unit_cost[0]:,.0f} to {share.together.unit_cost[1]:,.0f} million"
        )
    return (
        f"Buying abroad costs US${words.SPACE}{line.plan.unit_cost:,.1f} million a unit. When making it has paid, "
        f"set-up included: {'. '.join(parts)}."
    )


def _limit_sentence(line: Line) -> str:
    whole = line.whole
    return (
        f"By the {line.planned:,d} planned units the joint line has paid in {100 * whole.part:.0f}{PERCENT} of the "
        f"range of premium, learning and set-up: where the premium on the first unit is below "
        f"{rate_span(whole.premium_limit)}, by how learning and set-up turn out. Precedents are partly of first units "
        "and partly of whole runs, and which of the two a premium is of decides the answer."
    )


# -------------------------------------------------------------------------------------------- what it rests on
def _cautions(question: ArmsModel, register: Register | None, line: Line | None) -> list[str]:
    out = []
    if question.deliveries and register is None:
        narrowed = "; category and years that were asked for are not applied"
        out.append(
            f"{question.deliveries} is not there: the bundled figures of 2020 to 2024 stand in, rounded, of all arms"
            f"{narrowed if question.category or question.years else ''}."
        )
    elif register is None:
        out.append(
            "Shares are the bundled figures, rounded to whole percent, derived from SIPRI’s register for 2020 to 2024; "
            "your own download (`deliveries`) gives other years, recipients and categories."
        )
    elif not register.local:
        out.append(f"{register.name} does not say which deliveries have local production.")
    if line is None:
        return out
    plan = line.plan
    if plan.work_share is None:
        out.append("Assumed: the partners share the work in equal parts.")
    kept = {"premium": PREMIUM, "learning": LEARNING, "set_up": SET_UP}
    left = [name.replace("_", "-") for name, value in kept.items() if getattr(plan, name) == value]
    if left:
        out.append(
            f"Ranges of precedents, not estimates of this line: {words.listed(left)} (figure and table of precedents; "
            "learning of 15 to 20 % a doubling is usual for airframes, Wright 1936; set-up from Cameri’s EUR 795.6 "
            "million, taken as dollars, to Nagoya’s US$ 1 billion)."
        )
    if line.made < 1 - 1e-9:
        out.append(
            f"What the partners do not make ({100 * (1 - line.made):.0f} % of a unit) is bought from the licensor, or "
            "the former sellers, with the same premium and without learning."
        )
    return out


def _sources(line: Line | None) -> tuple[Source, ...]:
    found = [Source(*arms.SOURCE)]
    if line is not None:
        table = arms.precedents()
        for _, row in table[table["kind"].isin(["premium", "set-up"])].iterrows():
            address = row["address"] if isinstance(row["address"], str) else ""
            found.append(Source(f"{row['source']} ({row['seen']})", address))
        found.append(
            Source("Wright, T. P. (1936). Factors affecting the cost of airplanes. J. Aeronautical Sciences 3")
        )
        found.append(Source("Asher, H. (1956). Cost-quantity relationships in the airframe industry. RAND R-291"))
        found.append(
            Source(
                "Hogan and others (2020). Cost estimating using a new learning curve theory. Forecasting 2(4)",
                "https://www.mdpi.com/2571-9394/2/4/23",
            )
        )
    return tuple(dict.fromkeys(found))
