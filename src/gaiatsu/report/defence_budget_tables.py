"""The tables of a report on a defence budget."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gaiatsu.report.tables import Table
from gaiatsu.scenario.budget_models import BudgetModel
from gaiatsu.security import budget
from gaiatsu.security.budget import PARAMETERS, Outlook, Setting
from gaiatsu.security.programme import Plan


def all_tables(found: Outlook, asked: BudgetModel, plan: Plan | None) -> tuple[Table, ...]:
    out = [
        Table("budget_paths", "Outlays and debt by year, percent of each year’s GDP: low, median, high", _paths(found)),
        Table("budget_financing", "What pays for the increase, percent of GDP a year", _financing(found)),
        Table("budget_parameters", "Parameters, their ranges and what each moves alone", _parameters(asked)),
        Table("budget_multipliers", "Published multipliers of government purchases", budget.multipliers()),
    ]
    if found.setting.gdp:
        out.append(Table("budget_target", "The target in money, by the GDP it is of", _targets(found.setting)))
    if plan is not None:
        schedule = plan.schedule().reset_index()
        title = f"Capabilities by year, {plan.unit}, basis {plan.basis}"
        out += [
            Table("budget_capabilities", title, schedule),
            Table("budget_items", f"Items of the plan, {plan.unit}", _items(plan)),
            Table("budget_bases", f"Figures of the plan and their bases, {plan.unit}", _bases(plan)),
        ]
    return tuple(out)


PATHS = {
    "outlays": "outlays", "without": "debt_without", "debt": "debt_with", "added": "added_if_borrowed",
    "paid": "added_if_taxed_or_cut", "interest": "interest_on_added",
}  # fmt: skip


def _paths(found: Outlook) -> pd.DataFrame:
    columns: dict[str, Any] = {"year": found.setting.years}
    for name, title in PATHS.items():
        band = found.band(name)
        for end in ("low", "median", "high"):
            columns[f"{title}_{end}_percent"] = 100 * getattr(band, end)
    return pd.DataFrame(columns)


def _financing(found: Outlook) -> pd.DataFrame:
    rows = []
    for way, name in (("tax", "taxes"), ("cuts", "cuts of other purchases")):
        rows.append(
            (name, found.setting.start_year + 1, found.setting.until, *(100 * e for e in found.band(way).ends()))
        )
    return pd.DataFrame(rows, columns=["way", "first", "last", "low_percent", "median_percent", "high_percent"])


def _parameters(asked: BudgetModel) -> pd.DataFrame:
    question = asked.build()
    moves = budget.one_at_a_time(question).set_index("parameter")
    rows = []
    for name, (low, high) in question.box().items():
        how = "given" if name in asked.model_fields_set else _default(name)
        if name == "interest_on_debt" and question.path_of_interest:
            how = "given, by year"
        added = 100 * moves.loc[name, ["added_low", "added_high"]] if name in moves.index else (None, None)
        rows.append((name, PARAMETERS[name][0], low, high, how, *added))
    columns = ["parameter", "meaning", "low", "high", "basis", "added_at_low_percent", "added_at_high_percent"]
    return pd.DataFrame(rows, columns=columns)


def _default(name: str) -> str:
    told = {
        "multiplier": "default: Sheremirov and Spirovska (2015, 2022)",
        "financing_multiplier": "assumption: the range of the multiplier of purchases",
        "cuts_multiplier": "assumption: the range of the multiplier of purchases",
        "interest_on_debt": "assumption: as on new debt",
        "primary_deficit": "assumption: none",
    }
    return told[name]


def _targets(question: Setting) -> pd.DataFrame:
    share = question.milestones[-1][1]
    rows = [(year, gdp, 100 * share, share * gdp) for year, gdp in sorted(question.gdp.items())]
    return pd.DataFrame(
        rows, columns=["gdp_of_year", f"gdp ({question.unit})", "share_percent", f"is ({question.unit})"]
    )


def _items(plan: Plan) -> pd.DataFrame:
    rows = []
    for item in plan.items:
        since, until = item.service or (None, None)
        how = "assumption: evenly" if item.assumed else "given"
        rows.append(
            (
                item.name,
                item.cost.value,
                item.cost.basis,
                item.first,
                item.last,
                how,
                since,
                until,
                item.source,
                item.seen,
            )
        )
    columns = ["item", "cost", "basis", "first", "last", "spread", "service_from", "service_to", "source", "seen"]
    return pd.DataFrame(rows, columns=columns)


def _bases(plan: Plan) -> pd.DataFrame:
    rows = []
    for figure in plan.figures:
        basis = plan.bases[figure.amount.basis]
        parts = "; ".join(f"{name} {value:g}" for name, value in figure.parts)
        rows.append(
            (basis.name, figure.name, figure.first, figure.last, figure.amount.value, parts, basis.contains,
             figure.source, figure.seen)
        )  # fmt: skip
    columns = ["basis", "figure", "first", "last", "amount", "parts", "basis_contains", "source", "seen"]
    return pd.DataFrame(rows, columns=columns)
