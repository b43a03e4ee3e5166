"""The figures of a report on a defence budget: debt added, debt as a whole, what is bought by year, and the bases."""

from __future__ import annotations

import numpy as np

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.fan_charts import Fan, fan_chart, stacked_chart
from gaiatsu.report.figures import Figure
from gaiatsu.security.budget import Band, Outlook, Setting
from gaiatsu.security.programme import REST, Plan

MOST_PARTS = 9  # items shown one by one
KINDS = ("one", "two", "whole", "gain")
OTHERS = "other named capabilities"


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
        "is added by the last; on the way they bring in more than is spent, or less. Sources: references of the "
        "scenario."
    )
    return Figure("budget-added", title, "points of each year’s GDP", picture, note, key)


def debt_figure(found: Outlook, who: str) -> Figure:
    """The whole debt with the increase borrowed, and without it."""
    with_it, without = found.band("debt"), found.band("without")
    fans = [fan_of("with the increase, borrowed", with_it), fan_of("without it", without)]
    title = "Public debt with and without the increase"
    ends = [f"{100 * band.low[-1]:.0f} to {100 * band.high[-1]:.0f}" for band in (with_it, without)]
    alternative = f"{title} of {who}: {ends[0]} percent of GDP in {found.setting.until} with it, {ends[1]} without"
    picture, key = fan_chart(fans, _years(found.setting), "percent of GDP", alternative)
    note = (
        "Bands: least to most over the ranges of growth, interest, the primary deficit and the rest; lines: medians of "
        "points spread evenly over them. The axis does not begin at zero. Neither is a forecast. Sources: references "
        "of the scenario."
    )
    return Figure("budget-debt", title, "percent of each year’s GDP", picture, note, key)


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
    note = f"{plan.title}. {basis.title}: {basis.contains}. {_spreading(plan)}{_progress(plan)}Sources: table of items."
    unit = f"{plan.unit}, on the basis “{basis.name}” ({basis.title})"
    return Figure("budget-plan", title, unit, picture, note, key)


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
    if plan is not None:
        kinds = dict(zip(plan.bases, KINDS * len(plan.bases), strict=False))
        for figure in plan.figures:
            spanned = figure.first != figure.last
            heading = f"{plan.label}{figure.first} to {plan.label}{figure.last} together" if spanned else "One year"
            bar = Bar(
                figure.name, figure.amount.value, (_money(figure.amount.value), figure.amount.basis),
                kind=kinds[figure.amount.basis], strong=figure.whole,
            )  # fmt: skip
            groups.setdefault(heading, []).append(bar)
    if plan is None or plan.unit == question.unit:
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
    note += " Sources: table of bases." if plan else " Source: references of the scenario."
    return Figure("budget-bases", title, f"{unit}; bars of one colour have the same basis", body, note)


def _money(value: float) -> str:
    return f"{value:,.2f}" if value < 9.95 else f"{value:,.1f}"


def _years(question: Setting) -> list[int]:
    return [int(year) for year in np.asarray(question.years)]
