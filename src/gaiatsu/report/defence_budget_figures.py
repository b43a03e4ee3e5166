"""The figures of a report on a defence budget: debt added, debt as a whole, what is bought by year, and the bases."""

from __future__ import annotations

import numpy as np

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.fan_charts import Fan, fan_chart, stacked_chart
from gaiatsu.report.figures import Figure
from gaiatsu.security import budget
from gaiatsu.security.budget import PARAMETERS, Band, Outlook, Setting
from gaiatsu.security.plan_models import OTHERS, REST
from gaiatsu.security.programme import Figure as PublishedFigure
from gaiatsu.security.programme import Item, Plan

MOST_PARTS = 9  # items shown one by one
KINDS = ("one", "two", "whole", "gain", "l2", "g1", "l4", "g4", "n0")  # colours of bases
OF_PAYING = ("financing_multiplier", "cuts_multiplier")  # not in debt that is borrowed
GIVEN = "references of the scenario"


def fan_of(name: str, band: Band) -> Fan:
    return Fan(name, 100 * band.median, 100 * band.low, 100 * band.high)


def added_figure(found: Outlook, who: str) -> Figure:
    """Debt that the increase adds, for each way of paying; the last year's ends are told in words as well."""
    borrowed = found.added_by("deficit")
    fans = [fan_of("borrowed", borrowed), fan_of("paid by taxes or cuts", found.added_by("tax"))]
    title = "What the increase adds to public debt"
    low, _, high = (100 * value for value in borrowed.at(-1))
    alternative = (
        f"{title} of {who}: {low:.1f} to {high:.1f} points of GDP in {found.setting.until} where it is borrowed"
    )
    picture, key = fan_chart(fans, _years(found.setting), "points of GDP", alternative)
    note = (
        "Band: least to most over the ranges of all parameters; line: the median of points spread evenly over them, "
        "which is no forecast. Taxes or cuts are the same share of GDP in every year after the first, so that nothing "
        "is added by the last; on the way they bring in more than is spent, or less."
    )
    return Figure("budget-added", title, "points of each year’s GDP", picture, note, key, source=GIVEN)


def debt_figure(found: Outlook, who: str) -> Figure:
    """The whole debt with the increase borrowed, and without it."""
    with_it, without = found.band("debt"), found.band("without")
    fans = [fan_of("with the increase, borrowed", with_it), fan_of("without it", without)]
    title = "Public debt with and without the increase"
    ends = [f"{100 * band.low[-1]:.0f} to {100 * band.high[-1]:.0f}" for band in (with_it, without)]
    alternative = f"{title} of {who}: {ends[0]} percent of GDP in {found.setting.until} with it, {ends[1]} without"
    picture, key = fan_chart(fans, _years(found.setting), "percent of GDP", alternative)
    varied = words.listed(budget.varied(found.setting, [name for name in PARAMETERS if name not in OF_PAYING]))
    over = f"Bands: least to most over the ranges of {varied}; lines" if varied else "Lines"
    note = (
        f"{over}: medians of points spread evenly over the ranges. The axis does not begin at zero. Neither is a "
        "forecast."
    )
    return Figure("budget-debt", title, "percent of each year’s GDP", picture, note, key, source=GIVEN)


def plan_figure(plan: Plan) -> Figure:
    """What is bought by year, the named capabilities one by one."""
    table = plan.schedule()
    totals = table.drop(columns=REST).sum().sort_values(ascending=False, kind="stable")
    shown = list(totals.index[: MOST_PARTS + (len(totals) == MOST_PARTS + 1)])
    parts = {name: table[name].to_numpy() for name in shown}
    if len(shown) < len(totals):
        parts[OTHERS] = table[totals.index[len(shown) :]].sum(axis=1).to_numpy()
    parts[REST] = table[REST].to_numpy()
    rows = [
        (f"{plan.label}{year}", [float(amounts[place]) for amounts in parts.values()])
        for place, year in enumerate(plan.years)
    ]
    basis = plan.bases[plan.basis]
    title = "What the programme buys, year by year"
    alternative = f"{title}: {plan.title}, {basis.title.lower()} in {plan.unit}"
    picture, key = stacked_chart(rows, list(parts), plan.unit, alternative)
    note = f"{plan.title}. {basis.title}: {basis.contains}. {_spreading(plan)}{_progress(plan)}".strip()
    unit = f"{plan.unit}, on the basis “{basis.name}” ({basis.title})"
    return Figure("budget-plan", title, unit, picture, note, key, source=_cited(plan, "items"))


def _cited(plan: Plan, table: str) -> str:
    """Where the figures of a plan were read, in a few words; the table of them says it one by one."""
    rows: tuple[Item | PublishedFigure, ...] = plan.items if table == "items" else plan.figures
    seen = [word for word in dict.fromkeys(row.seen for row in rows) if word]
    how = f", read in {words.listed(f'{word}s' if word != 'data' else word for word in seen)}" if seen else ""
    return f"{plan.title}{how}; the table of {table} names the source of each"


def _spreading(plan: Plan) -> str:
    assumed = [item.name for item in plan.items if item.assumed]
    if not assumed:
        return ""
    many = "The cost of every item" if len(assumed) == len(plan.items) else f"The cost of {words.listed(assumed)}"
    return f"Assumption: {words.in_sentence(many)} is spread evenly over the years of which nothing is known. "


def _progress(plan: Plan) -> str:
    unknown = [year for year in plan.years if year not in dict(plan.yearly)]
    if not plan.yearly or not unknown:
        return ""
    years = words.listed(f"{plan.label}{year}" for year in unknown)
    return (
        f"Totals are known but for {years}, which {'has' if len(unknown) == 1 else 'have'} what is left of the whole. "
    )


def bases_figure(plan: Plan | None, question: Setting) -> Figure | None:
    """Published totals and the target in money, each with its basis: figures that must not be added."""
    groups: dict[str, list[Bar]] = {}
    label = plan.label if plan else ""
    # without as many colours as bases, all are one: a colour that came back would claim what is not so
    coloured = plan is not None and len(plan.bases) <= len(KINDS)
    if plan is not None:
        kinds = dict(zip(plan.bases, KINDS if coloured else KINDS[:1] * len(plan.bases), strict=False))
        for figure in plan.figures:
            spanned = figure.first != figure.last
            heading = f"{plan.label}{figure.first} to {plan.label}{figure.last} together" if spanned else "One year"
            bar = Bar(
                figure.name, figure.amount.value, (_money(figure.amount.value), figure.amount.basis),
                kind=kinds[figure.amount.basis], strong=figure.whole,
            )  # fmt: skip
            groups.setdefault(heading, []).append(bar)
    target = bool(question.gdp) and (plan is None or plan.unit == question.unit)
    if target:
        share = question.milestones[-1][1]
        for year, gdp in sorted(question.gdp.items()):
            name = f"{100 * share:.3g}{words.SPACE}% of the GDP of {label}{year}"
            bar = Bar(name, share * gdp, (_money(share * gdp), f"GDP {label}{year}"), kind="loss")
            groups.setdefault("The target, in money of one year", []).append(bar)
    if not groups:
        return None
    unit = plan.unit if plan else question.unit
    title = "One programme, several figures"
    body = bar_table(
        [Group(heading, bars) for heading, bars in groups.items()], first="Figure", unit=unit,
        columns=(unit, "basis"), caption=f"{title}: amounts and their bases",
    )  # fmt: skip
    note = "No two of different basis may be added or divided by each other."
    for basis in plan.bases.values() if plan else ():
        note += f" “{words.upper_first(basis.name)}”: {basis.contains}."
    if target:
        note += " The target is of each year’s GDP in turn, each a basis of its own."
    told = "; one colour for each basis, and one for the target" if coloured else ""
    source = "; ".join(([_cited(plan, "bases")] if plan else []) + [GIVEN] * target)
    return Figure("budget-bases", title, f"{unit}{told}", body, note, source=source)


def _money(value: float) -> str:
    return f"{value:,.2f}" if value < 9.95 else f"{value:,.1f}"


def _years(question: Setting) -> list[int]:
    return [int(year) for year in np.asarray(question.years)]
