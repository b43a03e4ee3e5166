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
from gaiatsu.security.coproduction import Found, Reading

CAUTIONS = (
    "SIPRI’s trend-indicator value measures the capability of what is delivered, not what it costs: shares of it are "
    "no shares of money. Deliveries come in lumps; orders outstanding, small arms, most ammunition and arms of a "
    "country’s own design are not in it.",
    "SIPRI flags deals with local production: licences, assembly from kits, and deals in which the recipient makes "
    "some parts, such as Australia’s F-35A, which come from Fort Worth. The flagged share is an upper bound.",
)
LINE_CAUTIONS = (
    "The share of the range in which the line pays counts every combination alike: it is no probability.",
    "What a premium is of is not known: of the first unit, and then learning makes it cheaper, or of the whole run, "
    "and then nothing is learned on top. Every range of cost and volume here spans both.",
    "The learning rate is of the unit’s cost per doubling (Crawford’s curve) and works on all that the line makes. "
    "Read as of the cumulative average (Wright’s), costs would be lower; where learning slows down, as later work "
    "finds, they would be higher.",
    "Not counted: development, a price abroad that falls or rises, upkeep, offsets, delay, sales to third countries, "
    "and the cost of dividing work, such as lines and tests made twice. It is only because the last is left out that "
    "more units on one line never cost more each.",
    "The set-up is paid by work, units by who buys them; there are at most as many lines as partners that make "
    "something. A partner counts as a supplier abroad for what it makes, the own part as no reliance, though parts and "
    "licences for it may come from abroad.",
    "Cost and reliance are computed beside the engine: real income has in it only what the measures move.",
)
NO_PREMIUM = "no premium pays, because the set-up alone costs more than all units bought abroad"
TOLD = 3  # partners told one by one
DEFAULTS = (
    ("premium", PREMIUM, "premium: from the F-104J’s −10 %, which is a bound (“at least 10 % cheaper”), so that the "
     "true one may be lower, to what the General Accounting Office found at the upper end"),
    ("learning", LEARNING, "learning: an assumption; Wright (1936), on airframes, is told with 15 and with 20 % a "
     "doubling"),
    ("set_up", SET_UP, "set-up: Nagoya’s US$ 1 billion is of final assembly alone and so a floor for a line that makes "
     "more; twice that is an assumption. Nagoya’s price of an aircraft may hold some of the set-up, which is then "
     "counted twice"),
)  # fmt: skip


def sections(run: Any) -> list[Section]:
    """The section that answers `security: arms`."""
    question: ArmsModel = run.scenario.security.arms
    profiles, register = question.profiles(run.world)
    line = line_of(question, profiles) if question.coproduction else None
    trend = _trend(question, register, profiles)
    source = _deliveries(register, profiles)
    sentences = [
        *([] if line is None else [_headline(line, profiles)]),
        _suppliers_sentence(question, profiles),
        _flagged_sentence(profiles),
        _trend_sentence(trend),
        *([] if line is None else _line_sentences(line, profiles)),
    ]
    sentences[0] = _stand_in(question, register) + sentences[0]
    drawn = [figures.suppliers_figure(profiles, line.moved if line else {}, source)]
    if line is not None:
        ends = ends_of(line)
        drawn += [
            figures.cost_figure(curve_of(line), f"{line.planned} planned in all"),
            figures.moves_figure(ends, line.planned),
            figures.precedents_figure(arms.precedents()),
        ]
    if len(trend):
        drawn.append(figures.trend_figure(trend, source))
    return [
        Section(
            key="arms",
            title="From whom arms come" + (", and a joint line" if line else ""),
            sentences=tuple(text for text in sentences if text),
            figures=tuple(drawn),
            tables=tuple(tables_of(profiles, line, trend)),
            cautions=(*_cautions(question, register, line), *CAUTIONS, *(LINE_CAUTIONS if line else ())),
            sources=_sources(line, register),
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


def _paid(found: Found | Reading) -> str:
    """When a line has paid: "has paid after 18 to 419 units", "… after 18 units at best and never at worst"."""
    first, last = found.earliest, found.latest
    if not math.isfinite(first):
        return "never pays"
    if not math.isfinite(last):
        return f"has paid after {_units(first)} at best and never at worst"
    return f"has paid after {_units(first)}" if first == last else f"has paid after {first:,.0f} to {_units(last)}"


def _units(number: float) -> str:
    return "1 unit" if number == 1 else f"{number:,.0f} units"


def _part(share: float) -> str:
    """A share of the range: nothing and everything are told as such."""
    if share in (0.0, 1.0):
        return "all" if share else "none"
    if not 0.005 <= share < 0.995:
        return f"less than 1{PERCENT}" if share < 0.5 else f"more than 99{PERCENT}"
    return f"{100 * share:.0f}{PERCENT}"


def _parts(found: Found) -> str:
    """In which part of the range the line has paid: "by then it has in …"."""
    first, lasting = found.first.part, found.lasting.part
    if _part(first) == _part(lasting):
        return f"by then it has in {_part(first)} of the range"
    if {first, lasting} == {0.0, 1.0}:  # learning only makes it cheaper
        return "by then it has where the premium is of the first unit and falls with learning, but not where it lasts"
    return (
        f"by then it has in {_part(lasting)} of the range where the premium is of the whole run, in {_part(first)} "
        "where it is of the first unit and falls with learning"
    )


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
    premium, learning = rate_span(line.plan.premium), percents(*line.plan.learning)
    return (
        f"With {percents(*line.plan.share)}{PERCENT} of deliveries from a joint line, {words.listed(told)}. With a "
        f"premium of {premium} and learning of {learning}{PERCENT} a doubling, it {_paid(line.whole)} "
        f"({line.planned:,d} are planned); {_parts(line.whole)}."
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
        abroad, reliance = (_between(pair) for pair in (line.moved[code][0].abroad, line.moved[code][0].reliance))
        new = [other for other in line.partners if other != code and line.plan.work_share_of(other) > 0]
        supplied = [
            f"{_the(other)} supplies {percents(*sorted(float(item.shares.get(other, 0)) for item in line.moved[code]))}"
            f"{PERCENT}"
            for other in new
        ]
        told = f"; {words.listed(supplied)}" if supplied else ""
        parts.append(
            f"For {_the(code)} concentration among suppliers abroad goes from {profiles[code].hhi:.2f} to {abroad}, "
            f"and with what it makes itself counted as no reliance to {reliance}{told}"
        )
    rounded = any(profiles[code].rounded for code in line.partners)
    why = " (over the share that moves, and what rounding of the bundled figures leaves open)" if rounded else ""
    return f"{'. '.join(parts)}{why}."


def _between(pair: tuple[float, float]) -> str:
    low, high = (f"{value:.2f}" for value in pair)
    return low if low == high else f"between {low} and {high}"


def _alone_sentence(line: Line) -> str:
    if len(line.partners) < 2:
        return ""
    parts = []
    for code in line.partners[:TOLD]:
        share, units = line.shares[code], line.plan.volume_of(code)
        parts.append(
            f"{words.upper_first(_the(code))}, which buys {units:,d}: alone it {_paid(share.alone)}, by the planned "
            f"ones {_both(share.alone)}, at {_costs(share.alone)}; together it {_paid(share.together)} of its own, "
            f"by the planned ones {_both(share.together)}, at {_costs(share.together)}"
        )
    others = " (the other partners: tables/arms_line.csv)" if len(line.partners) > TOLD else ""
    return (
        f"Buying abroad costs US${words.SPACE}{line.plan.unit_cost:,.1f} million a unit. When making it has paid, "
        f"set-up included, by both readings of the premium: {'. '.join(parts)}{others}."
    )


def _both(found: Found) -> str:
    """Shares of the range at the lower and the higher reading."""
    low, high = (_part(part) for part in found.part)
    return f"in {low} of the range" if low == high else f"in {low.removesuffix(PERCENT)} to {high} of the range"


def _costs(found: Found) -> str:
    low, high = (f"{cost:,.0f}" for cost in found.unit_cost)
    return f"US${words.SPACE}{low if low == high else f'{low} to {high}'} million a unit"


def _limit(pair: tuple[float, float]) -> str:
    """Which premium pays: below −1 there is none, because the set-up alone costs more than the units abroad."""
    low, high = pair
    if high <= -1:
        return NO_PREMIUM
    if low <= -1:
        return f"it has paid below {rate_span((high, high))} at best, and at no premium at worst"
    return f"it has paid below {rate_span(pair)}"


def _limit_sentence(line: Line) -> str:
    first, lasting = (_limit(found.premium_limit) for found in (line.whole.first, line.whole.lasting))
    if first == lasting == NO_PREMIUM:
        return f"By the {line.planned:,d} planned units {first}."
    return (
        f"Which premium the {line.planned:,d} planned units bear, by how learning and set-up turn out: if it is of "
        f"the first unit and falls with learning, {first}; if it is of the whole run, {lasting}. "
        f"No precedent is of a first unit: Nagoya’s 37{PERCENT} is of an early batch, the others are of whole runs; "
        "which of the two a premium is of decides."
    )


# -------------------------------------------------------------------------------------------- what it rests on
def _stand_in(question: ArmsModel, register: Register | None) -> str:
    """Told before all else, and so on the terminal: the file that was named is not there."""
    if not question.deliveries or register is not None:
        return ""
    narrowed = "; category and years that were asked for are not applied" if question.category or question.years else ""
    return (
        f"{question.deliveries} is not there (neither beside the scenario nor from where the command runs): the "
        f"bundled figures of 2020 to 2024 stand in, rounded, of all arms{narrowed}. "
    )


def _deliveries(register: Register | None, profiles: Mapping[str, Profile]) -> str:
    """The source line of figures on suppliers."""
    first, last = next(iter(profiles.values())).years
    of = f"own file {register.name}" if register else "bundled figures, rounded"
    return f"SIPRI Arms Transfers Database, deliveries of {first} to {last}, {of}; calculations of this package"


def _cautions(question: ArmsModel, register: Register | None, line: Line | None) -> list[str]:
    out = []
    if stand_in := _stand_in(question, register).strip():
        out.append(stand_in)
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
    left = [told for name, value, told in DEFAULTS if getattr(plan, name) == value]
    if left:
        out.append(f"Ranges, not estimates of this line. {words.upper_first('; '.join(left))}.")
    if line.made < 1 - 1e-9:
        out.append(
            f"What the partners do not make ({100 * (1 - line.made):.0f} % of a unit) is bought from the licensor, or "
            "the former sellers, with the same premium and without learning."
        )
    return out


def _sources(line: Line | None, register: Register | None) -> tuple[Source, ...]:
    found = [Source(*arms.SOURCE)]
    if register is not None:
        found.append(Source(f"{register.name}, your own download, SHA-256 {register.sha256}"))
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
