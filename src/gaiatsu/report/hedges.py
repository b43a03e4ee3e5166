"""The page of hedges: ranked, by the chance of the threat, and together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from gaiatsu.exposure.stocks import HORIZON_WEEKS, WEEKS_A_YEAR
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names, regions_phrase
from gaiatsu.report.hedge_charts import Dot, Line, frontier_chart, worth_chart
from gaiatsu.report.hedge_words import from_words, pays_from, pays_words, range_of_chance, range_of_peace, starred
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.strategy.hedge import Hedges

LINES = 6
SEEN = 0.05  # percent of the loss: what a table rounds to 0.1
MONEY = {
    "avoided": "usd_million", "avoided_least": "usd_million", "avoided_most": "usd_million", "cost": "usd_million",
    "cost_low": "usd_million", "cost_high": "usd_million", "peacetime": "usd_million", "net_cost": "usd_million",
    "peacetime_least": "usd_million", "peacetime_most": "usd_million", "fiscal": "usd_million", "relief": "usd_million",
    "sum_of_alone": "usd_million", "interaction": "usd_million", "loss_with_it": "usd_million",
    "central": "usd_million", "least": "usd_million", "most": "usd_million", "break_even": "fraction",
    "break_even_least": "fraction", "break_even_most": "fraction", "probability": "fraction",
}  # fmt: skip


def hedges_page(found: Hedges) -> Page:
    """The page of a comparison of hedges."""
    world = found.threat.world
    own = regions_phrase(world, Names.of(world), found.regions)
    what = found.threat.title or "the threat"
    sections = [_ranking(found, own), _worth(found), _together(found)]
    return Page(
        name="hedges",
        title=f"What would hedge {own} best",
        question=f"{what}: what could {own} have in place before it comes, and is it worth its cost?",
        lead=lead(found, own),
        world=world,
        sections=tuple(sections),
        assumptions=_assumptions(found, own),
        facts={
            "region": list(found.regions), "threat": what, "horizon": found.threat.horizon,
            "closure": found.threat.closure, "cases": list(found.threat_cases),
            "hedges": [hedge.name for hedge in found.hedges],
        },
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- sentences
def lead(found: Hedges, own: str) -> str:
    """The answer in one or two sentences."""
    when = words.HORIZONS[found.threat.horizon][0]
    low, high = found.loss_range
    sure = f", {_billions(low)} to {_billions(high)} in the range" if high - low > 1e-3 * abs(found.loss) else ""
    told = (
        f"Unhedged, the threat costs {own} {words.percent(found.loss_percent)} of real income {when}"
        f" ({words.money(found.loss)} {_lasting(found)}{sure})."
    )
    free = found.table[(found.table["net_cost"] <= 0) & found.table["hedges"]]
    paid = found.table[(found.table["net_cost"] > 0) & found.table["hedges"]]
    if len(paid):
        best = paid.iloc[0]
        told += (
            f" Of the hedges that cost something, {_inner(best.hedge)} avoids most per dollar:"
            f" {_ratio(best.per_dollar)} dollars of loss for each dollar a year, {_part(best)} of the loss in all;"
            f" {pays_from(best)}."
        )
    if len(free):
        names = words.listed(f"{_inner(row.hedge)} ({_part(row)} of the loss)" for row in free.itertuples())
        told += f" Worth having even if nothing happens: {names}."
    if not len(free) and not len(paid):
        told += " None of the hedges tried avoids any of it."
    return told


def _lasting(found: Hedges) -> str:
    weeks = HORIZON_WEEKS[found.threat.horizon]
    return "a year" if weeks >= WEEKS_A_YEAR else f"in the {weeks} weeks it is taken to last"


def _inner(name: str) -> str:
    return words.in_sentence(name)


def _billions(value: float) -> str:
    return f"{words.MINUS if value < 0 else ''}{words.money(value)}"


def _part(row: Any) -> str:
    return words.percent(row.avoided_percent_of_loss)


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


# ------------------------------------------------------------------------------------------------------------- sections
def _ranking(found: Hedges, own: str) -> Section:
    table, loss = found.table, found.loss
    sentences = [_best_sentence(table), *_surprises(table, own)]
    cautions = [f"{name}: no equilibrium, not ranked ({why})" for name, why in found.failed.items()]
    cautions += [f"Not tried: {reason}." for reason in found.left_out]
    cautions += [f"The threat by itself: {note}." for note in found.notes]
    if found.failed_cases:
        first = next(iter(found.failed_cases.values()))
        cautions.append(
            f"{len(found.failed_cases)} of the cases of the ranges have no equilibrium and are in no number; the first:"
            f" {first}"
        )
    cautions += _notes(table)
    bars = [
        Bar(
            f"{row.rank}. {row.hedge}", row.avoided / 1000,
            (_money(row.net_cost), pays_words(row)),
            whisker=(row.avoided_least / 1000, row.avoided_most / 1000)
            if row.avoided_most > row.avoided_least
            else None,
        )
        for row in table.itertuples()
    ]  # fmt: skip
    title = "Loss avoided when the threat comes"
    figure = Figure(
        "hedges-ranked", title,
        f"US$ billion a year, of a loss of {loss / 1000:,.1f}; net cost: outlay less gain without the threat",
        bar_table(
            [Group("", bars)], first="Hedge", unit="avoided, US$ billion",
            columns=("net cost", "pays at a chance"), caption=title,
        ),
        "Ranked by loss avoided per dollar of net cost; what costs nothing when nothing happens"
        " comes first, what avoids nothing last. Lines: range over published sizes, elasticities and critical inputs.",
    )  # fmt: skip
    cases = [
        {
            "hedge": name,
            "case": case,
            "peacetime": one.peace,
            "relief": one.relief,
            "loss_with_it": one.loss,
            "fiscal": one.fiscal,
        }
        for name, evaluated in found.standings.items()
        for case, one in evaluated.items()
    ]
    return Section(
        "hedges", "Hedges by loss avoided per dollar", tuple(sentences), figures=(figure,),
        tables=(
            Table("hedges_ranked", "Hedges, ranked", _with_units(table)),
            Table("hedges_cases", "Each hedge in each case of the ranges", _with_units(pd.DataFrame(cases))),
        ),
        cautions=tuple(cautions), sources=_sources(found),
    )  # fmt: skip


def _notes(table: pd.DataFrame) -> list[str]:
    """What costs and sizes rest on, said once for hedges of which the same is to be said."""
    by_note: dict[str, list[str]] = {}
    for row in table.itertuples():
        if row.note:
            by_note.setdefault(f"{'Assumed. ' if row.assumed else ''}{row.note}.", []).append(str(row.hedge))
    return [f"{words.listed(names)}: {note}" for note, names in by_note.items()]


def _best_sentence(table: pd.DataFrame) -> str:
    told = []
    for row in table[table["hedges"]].head(3).itertuples():
        how = "pays without the threat" if row.net_cost <= 0 else f"{_ratio(row.per_dollar)} dollars per dollar"
        told.append(f"{_inner(row.hedge)} ({_part(row)} of the loss; {how})")
    if not told:
        return "None of the hedges tried avoids any of the loss."
    return f"Ranked by loss avoided per dollar: {'; '.join(told)}."


def _surprises(table: pd.DataFrame, own: str) -> list[str]:
    told = []
    slight = table[~table["hedges"]]
    worse = slight[slight["avoided_percent_of_loss"] < -SEEN]
    nothing = slight[slight["avoided_percent_of_loss"] >= -SEEN]
    if len(nothing):
        told.append(f"Practically nothing of the loss is avoided by {words.listed(map(_inner, nothing['hedge']))}.")
    if len(worse):
        names = words.listed(_inner(name) for name in worse["hedge"])
        which = "is no hedge" if len(worse) == 1 else "are no hedges"
        more = worse[worse["peacetime"] > 0]
        gain = f", though {own} gains by {'it' if len(worse) == 1 else 'them'} without it" if len(more) else ""
        told.append(f"{words.upper_first(names)} {which}: with {'it' if len(worse) == 1 else 'them'} the threat costs"
                    f" a little more{gain}.")  # fmt: skip
    never = table[(table["pays"] == "never") & table["hedges"]]
    if len(never):
        names = words.listed(_inner(name) for name in never["hedge"])
        told.append(f"Even if the threat were certain, it would not pay to have {names}.")
    some = [
        f"{_inner(row.hedge)} {from_words(row)}"
        for row in table[(table["pays"] == "from") & table["hedges"]].itertuples()
    ]
    if some:
        told.append(f"The chance a year from which it pays, with its range: {'; '.join(some)}.")
    told += starred(table)
    return told


def _worth(found: Hedges) -> Section:
    shown = found.table.head(LINES)
    lines = [
        Line(str(row.hedge), -row.net_cost / 1000, (row.avoided + row.relief - row.net_cost) / 1000)
        for row in shown.itertuples()
    ]
    title = "What a hedge is worth, by the chance of the threat"
    keys = Markup("").join(
        Markup('<span class="key">{}. {}</span> ').format(number + 1, line.name) for number, line in enumerate(lines)
    )
    figure = Figure(
        "hedges-worth", title, "gain a year, US$ billion, on average over years with and without the threat",
        worth_chart(lines, title) + Markup('<p class="legend">') + keys + Markup("</p>"),
        "Effect without the threat, less outlay, plus the chance times loss avoided and relief. Above 0 a hedge pays.",
    )  # fmt: skip
    return Section(
        "hedges-worth", "By the chance of the threat",
        (
            "Nobody knows the chance of the threat: the lines show from which chance on a hedge pays, and how much.",
            "It is the chance that a rare threat, which passes again, is on in a year: hedges stand for long before it"
            " and again after it. A threat that is on in most years is another question, and so are chances near 100"
            f"{words.SPACE}%.",
        ),
        figures=(figure,),
        tables=(Table("hedges_worth", "Gain a year by hedge and chance of the threat", _with_units(found.worth())),),
    )  # fmt: skip


def _together(found: Hedges) -> Section:
    if found.no_joint or found.joint.empty:
        reason = found.no_joint or "no combination was asked for"
        return Section("hedges-together", "Together", (f"No combination was evaluated: {reason}.",))
    steps = found.frontier
    numbers = {row.hedges: number for number, row in enumerate(steps.itertuples())}
    dots = [
        Dot(row.hedges, row.net_cost / 1000, row.avoided / 1000, numbers.get(row.hedges))
        for row in found.joint.itertuples()
    ]
    title = "Loss avoided against yearly cost, all combinations"
    keys = Markup("").join(
        Markup('<span class="key">{}. {}{}</span> ').format(number, "and " if number > 1 else "", _inner(row.added))
        for number, row in enumerate(steps.itertuples())
        if number
    )
    figure = Figure(
        "hedges-frontier", title, "US$ billion a year",
        frontier_chart(dots, title) + Markup('<p class="legend">') + keys + Markup("</p>"),
        "Each dot is a combination, solved as a whole. The line adds, step by step, the hedge whose next dollar avoids"
        " most.",
    )  # fmt: skip
    last = steps.iloc[-1]
    share = 100 * last.avoided / found.loss
    parts = words.listed(f"{_inner(str(name))} {_billions(value)}" for name, value in found.shapley.items())
    word = "less" if found.interaction < 0 else "more"
    sentences = (
        f"Together, {last['count']} hedges avoid {words.percent(share)} of the loss ({words.money(last.avoided)} a"
        f" year), {words.money(found.interaction)} {word} than the sum of what each avoids alone.",
        f"Shared out evenly over all orders of taking them (Shapley values): {parts}.",
    )
    shapley = found.shapley.reset_index()
    return Section(
        "hedges-together", "Together", sentences, figures=(figure,),
        tables=(
            Table("hedges_joint", "Every combination of the best hedges", _with_units(found.joint)),
            Table("hedges_frontier", "One hedge at a time, best next dollar first", _with_units(steps)),
            Table("hedges_shapley", "Each hedge's part in what all avoid together", _with_units(shapley)),
        ),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- common
def _with_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Units in the names of columns; numbers without bound as words that a spreadsheet takes."""
    out = frame.rename(columns={name: f"{name}_{unit}" for name, unit in MONEY.items() if name in frame})
    for name in out.columns:
        if out[name].dtype.kind == "f" and out[name].map(math.isinf).any():
            out[name] = out[name].astype(object).where(~out[name].map(math.isinf), "no bound")
    return out


def _money(million: float) -> str:
    return words.signed_money(million).lstrip("+")


def _sources(found: Hedges) -> tuple[Source, ...]:
    from gaiatsu.strategy.candidates import sources

    known = sources()
    keys = dict.fromkeys(key for hedge in found.hedges for key in hedge.sources)
    return tuple(Source(*known[key]) if key in known else Source(key) for key in keys)


def _assumptions(found: Hedges, own: str) -> tuple[str, ...]:
    threat = found.threat
    lines = [
        f"World {threat.world.name}: accounts of {threat.world.year}; money in US$ of {threat.world.year}.",
        f"Horizon of the threat: {words.HORIZONS[threat.horizon][1].lower()} ({words.HORIZONS[threat.horizon][2]})."
        " Hedges stand long enough before it that trade has moved (long-run elasticities).",
        "Amounts are of a year in which the threat, where it comes, lasts 13 weeks at impact, else the whole year.",
        f"Deficits: closure “{threat.closure}”.",
        "A subsidy that moves trade ends when the threat comes. Its effect without the threat counts what is lost, not"
        " what moves from taxpayers to buyers at home.",
        "A stock covers what it is of and nothing else, week by week from the first on; restocking afterwards"
        " is not counted.",
        f"Nobody answers: neither the threatening side nor others change what they do because {own} is hedged.",
    ]
    assumed = [hedge.name for hedge in found.hedges if hedge.assumed]
    if assumed:
        lines.append(f"Cost or size is an assumption for: {', '.join(assumed)}.")
    return tuple(lines)


def told(found: Hedges) -> Sequence[str]:
    """What the terminal shows: the lead, the ranked list, the frontier."""
    world = found.threat.world
    own = regions_phrase(world, Names.of(world), found.regions)
    rows = [
        (
            f"{row.rank}", str(row.hedge), f"{row.avoided:,.0f}", f"{row.avoided_percent_of_loss:.1f}",
            f"{row.cost:,.0f}", f"{row.peacetime:+,.0f}{range_of_peace(row)}",
            "–" if math.isinf(row.per_dollar) or not row.hedges else _ratio(row.per_dollar),
            pays_words(row) + range_of_chance(row),
        )
        for row in found.table.itertuples()
    ]  # fmt: skip
    head = ("", "hedge", "avoided", "% of loss", "cost", "peacetime", "per $", "pays at a chance")
    widths = [max(len(line[place]) for line in [head, *rows]) for place in range(len(head))]
    lines = [lead(found, own), "", "US$ million a year:"]
    for line in [head, *rows]:
        cells = [
            text.ljust(width) if place in (1, 5, 7) else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines += [*starred(found.table), ""]
    if not found.frontier.empty:
        lines.append("Together, best next dollar first (avoided, cost a year without the threat):")
        for row in found.frontier.iloc[1:].itertuples():
            lines.append(f"  + {row.added}: {row.avoided:,.0f}, {row.net_cost:,.0f}")
    lines += _together(found).sentences
    lines += [f"{name}: no equilibrium ({why})" for name, why in found.failed.items()]
    lines += [f"Not tried: {reason}." for reason in found.left_out]
    lines.append("Costs and sizes that are assumptions are named on the page and in docs/hedges.md.")
    return lines
