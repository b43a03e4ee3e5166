"""The section of a report on government outlays: what is given up for them, and whose work they pay for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.exposure.chains import called_on
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure, digits_for, span
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled, percentiles, with_units
from gaiatsu.scenario.outlays import MIXES, Outlays, gdp, purchases

Array = NDArray[np.float64]
PERCENT = f"{words.SPACE}%"
ORIGINS = 6  # regions shown
BUYERS = 4

CAUTIONS = (
    "The money is taken from all other final use of the region, in proportion: what a tax or a debt takes from whom is "
    "not in the trade model, and nothing is produced that stood idle before.",
    "In a named seller’s market its own mix of home goods and imports is bought; at home, the mix of all home buyers. "
    "These purchases abroad are no exports in the tables of trade: they stand in the seller’s final use.",
    "What is bought does not make anything else cheaper or safer here: what it deters is another section’s question.",
    "Whose work it is follows input-output accounts of the world’s year, with average suppliers in each sector.",
)
MIX_CAUTION = (
    "Assumption: a defence budget buys by sector what that of the United States bought in 2023. The line in the figure "
    "is with and without pay."
)
BEA = Source(
    "Bureau of Economic Analysis, input-output accounts: use of commodities by national defence, 2023",
    "https://www.bea.gov/industry/input-output-accounts-data",
)


def sections(run: Any) -> list[Section]:
    """The section on all outlays of a run."""
    names = Names.of(run.world)
    measures = [measure for measure in run.measures if isinstance(measure, Outlays)]
    spent = spending(run.world, measures)
    buyers = [n for n in np.argsort(-np.abs(spent).sum((1, 2)), kind="stable") if spent[n].any()][:BUYERS]
    content = {n: origins(run.world, spent[n]) for n in buyers}
    ends = {n: _other_mixes(run.world, measures, int(n)) for n in buyers}
    given_up = pd.DataFrame([_given_up(run, int(n), spent) for n in buyers])
    tables = [
        Table("outlays_cost", "What the outlays cost", labelled(given_up, run.world)),
        Table("outlays_origin", "Whose value added the outlays pay for", _origin_table(run.world, content)),
        Table("outlays_mix", "What is bought, and where", _mix_table(run.world, spent)),
    ]
    sentences = [text for n in buyers for text in _sentences(run, names, given_up, int(n), content[n], ends[n])]
    sentences.append(_abroad_sentence(run, names, buyers))
    by_word = any(isinstance(measure.mix, str) for measure in measures)
    cautions = [*CAUTIONS, *([MIX_CAUTION] if by_word else [])]
    if len(measures) < len(run.measures):
        cautions.append("The scenario has other measures too: real incomes are with all of them.")
    figures = [_origin_figure(names, run.world, content, ends)] if content else []
    return [
        Section("outlays", "What the outlays cost, and whom they pay", tuple(text for text in sentences if text),
                tuple(figures), tuple(tables), tuple(cautions), (BEA,) if by_word else ())
    ]  # fmt: skip


def spending(world: Any, measures: Sequence[Outlays]) -> Array:
    """[buyer, seller, sector] what is bought beyond the baseline, at its prices and incomes; US$ million a year."""
    shares = purchases(world, measures)
    nothing = np.zeros_like(world.accounts.flows)
    return nothing if shares is None else shares * world.accounts.income[:, None, None]


def origins(world: Any, demand: Array) -> Array:
    """[region] value added that purchases in each market pay for, duties left out; demand [seller, sector]."""
    return np.asarray((world.accounts.va_share * called_on(world, demand)).sum(1))


def _other_mixes(world: Any, measures: Sequence[Outlays], buyer: int) -> list[Array]:
    """The same where a defence budget is with pay, and without: the mix of another country is not known better."""
    found = []
    for mix in MIXES if any(isinstance(measure.mix, str) for measure in measures) else ():
        changed = [replace(item, mix=mix) if isinstance(item.mix, str) else item for item in measures]
        found.append(origins(world, spending(world, changed)[buyer]))
    return found


def _given_up(run: Any, buyer: int, spent: Array) -> dict[str, Any]:
    """What a region spends and what that leaves for all else, by horizon."""
    money = round(float(spent[buyer].sum()), 6)  # moved from one market to another: zero, not the rounding of sums
    row: dict[str, Any] = {
        "region": run.world.regions[buyer],
        "outlays_usd_million": money,
        "outlays_percent_of_gdp": 100 * money / float(gdp(run.world)[buyer]),
    }
    for name, outcome in run.outcomes.items():
        row[f"other_final_use_{name}_percent"] = 100 * left_for_others(outcome, buyer)
        row[f"real_income_{name}_percent"] = 100 * float(outcome.real_income_change[buyer])
    return row


def left_for_others(outcome: Any, buyer: int) -> float:
    """The change of all final use but the public purchases, at constant prices, as a fraction."""
    bought = float(outcome.public_purchases[buyer].sum() / outcome.income[buyer])
    income = float(outcome.income[buyer] / outcome.accounts.income[buyer])
    return (1 - bought) * income / float(outcome.consumer_price[buyer]) - 1


# ------------------------------------------------------------------------------------------------------ sentences
def _sentences(run: Any, names: Names, cost: pd.DataFrame, buyer: int, content: Array, ends: list[Array]) -> list[str]:
    code = run.world.regions[buyer]
    row = cost.set_index("region").loc[code]
    money = float(row["outlays_usd_million"])
    who = words.upper_first(f"{names.the(code)}")
    left = float(row[f"other_final_use_{run.primary}_percent"])
    if abs(money) < 1e-6 * run.world.accounts.income[buyer]:
        return [f"{who} spends as much as before, elsewhere: real income changes by {_income(run, code)}."]
    found = [
        f"{who} spends {words.money(abs(money))} a year {'more' if money > 0 else 'less'} "
        f"({abs(row['outlays_percent_of_gdp']):.2g}{PERCENT} of GDP); for all else that it consumes and invests "
        f"{'less' if left < 0 else 'more'} is left ({words.signed_percent(left)}{PERCENT}). Beyond the money itself, "
        f"real income changes by {_income(run, code)}."
    ]
    if money > 0:
        found.append(_content_sentence(run, names, buyer, content, ends))
    return found


def _income(run: Any, code: str) -> str:
    """The change of real income at the primary horizon, with its range."""
    value = float(run.outcome.real_income[code])
    if run.range is None:
        told = f"{words.signed(value, digits_for([value]))}{PERCENT}"
        return f"{told} (no range: {run.no_range.rstrip('.') or 'no draws asked for'})"
    low, high = (float(run.range.table.at[code, end]) for end in ("low", "high"))
    digits, middle = digits_for([low, value, high]), "–".join(percentiles(run.range.share))
    return (
        f"{words.signed(value, digits)}{PERCENT} ({span(low, high, digits)} over published elasticities, "
        f"{middle}{PERCENT})"
    )


def _content_sentence(run: Any, names: Names, buyer: int, content: Array, ends: list[Array]) -> str:
    """Of each dollar, what becomes income at home and where else."""
    total = content.sum()
    order = [n for n in np.argsort(-content, kind="stable") if n != buyer][:3]
    at_home = [100 * item[buyer] / item.sum() for item in ends] or [100 * content[buyer] / total]
    band = f" ({min(at_home):.0f} to {max(at_home):.0f}, without and with pay)" if max(at_home) > min(at_home) else ""
    others = words.listed(f"{100 * content[n] / total:.1f} in {names.the(run.world.regions[n])}" for n in order)
    return (
        f"Of each hundred dollars of value added that these outlays pay for, {100 * content[buyer] / total:.0f}{band} "
        f"arise in {names.the(run.world.regions[buyer])} itself and {100 - 100 * content[buyer] / total:.0f} abroad: "
        f"{others} come first."
    )


def _abroad_sentence(run: Any, names: Names, buyers: Sequence[int]) -> str:
    """Who abroad gains most real income, if anybody does."""
    money = run.outcome.summary()["equivalent_variation"].drop(index=[run.world.regions[n] for n in buyers])
    top = money.sort_values(ascending=False, kind="stable").head(3)
    top = top[top >= 1.0]
    if top.empty:
        return "No other region gains as much as a million dollars of real income a year."
    told = words.listed(f"{names.the(str(code))} ({words.money(value)} a year)" for code, value in top.items())
    return f"Abroad, real income rises most in {told}."


# ------------------------------------------------------------------------------------------------ figure and tables
def _origin_figure(names: Names, world: Any, content: dict[int, Array], ends: dict[int, list[Array]]) -> Figure:
    groups = []
    for buyer, values in content.items():
        shares = 100 * values / np.abs(values).sum()
        order = [buyer, *[n for n in np.argsort(-np.abs(shares), kind="stable") if n != buyer][:ORIGINS]]
        bars = []
        for n in order:
            others = [100 * item[n] / np.abs(item).sum() for item in ends[buyer]]
            reach = (min(others), max(others)) if len(others) > 1 else None
            texts = (words.signed(shares[n], 1), words.signed_money(float(values[n])))
            bars.append(Bar(names.region[world.regions[n]], float(shares[n]), texts, strong=n == buyer, whisker=reach))
        groups.append(Group(f"Outlays of {names.the(world.regions[buyer])}", bars))
    title = "Whose value added the outlays pay for"
    body = bar_table(groups, first="Origin", unit="percent", columns=("%", "a year"), caption=title)
    note = "Lines: a defence budget with and without pay. " if any(len(item) > 1 for item in ends.values()) else ""
    note += "At the prices and with the suppliers of the baseline, all stages of production counted."
    return Figure("outlays-origin", title, "percent of the value added paid for", body, note)


def _origin_table(world: Any, content: dict[int, Array]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({
            "buyer": world.regions[buyer], "origin": list(world.regions), "value_added": values,
            "share": 100 * values / np.abs(values).sum(),
        })
        for buyer, values in content.items()
    ]  # fmt: skip
    columns = ["buyer", "origin", "value_added", "share"]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return with_units(frame, {"value_added": "usd_million", "share": "percent"})


def _mix_table(world: Any, spent: Array) -> pd.DataFrame:
    buyer, seller, sector = np.nonzero(spent)
    frame = pd.DataFrame({
        "buyer": np.asarray(world.regions)[buyer], "market": np.asarray(world.regions)[seller],
        "sector": np.asarray(world.sectors)[sector], "outlays": spent[buyer, seller, sector],
    })  # fmt: skip
    return with_units(labelled(frame, world), {"outlays": "usd_million"})
