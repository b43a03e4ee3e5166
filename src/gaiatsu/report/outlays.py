"""The section of a report on government outlays: what is given up for them, and whose work they pay for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.exposure.chains import called_on
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import BILLION, Figure, digits_for, span
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.spreads import Spread
from gaiatsu.report.tables import Table, labelled, percentiles, with_units
from gaiatsu.scenario.outlays import MIXES, Outlays, gdp, purchases

if TYPE_CHECKING:
    from gaiatsu.scenario.run import Run

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
    "Real income counts what is bought at the prices it reaches: that it gets dearer is a loss here, though producers "
    "at home earn it (“Dearer public purchases” among the sources of change).",
    "Whose work it is follows input-output accounts of the world’s year, with average suppliers in each sector.",
)
MIX_CAUTION = (
    "Assumption: a defence budget buys by sector what that of the United States bought in 2023. The line in the figure "
    "is with and without pay."
)
BEA_SOURCE = Source(
    "Bureau of Economic Analysis, input-output accounts: use of commodities by national defence, 2023",
    "https://www.bea.gov/industry/input-output-accounts-data",
)


@dataclass(frozen=True, eq=False)
class Own:
    """What the outlays do by themselves, other measures of the scenario left out.

    outcomes: by horizon; ends: outcomes at the primary horizon with each seller's share at its low and its high end
    (none where no share is a range); range: over published elasticities, where there is one.
    """

    outcomes: Mapping[str, Any]
    ends: tuple[Any, ...]
    range: Any


_found: WeakKeyDictionary[Run, Own] = WeakKeyDictionary()


def own(run: Any) -> Own:
    """What the outlays of a run do by themselves, solved once."""
    if run not in _found:
        measures = _outlays(run)
        if len(measures) == len(run.measures):
            outcomes, found = run.outcomes, run.range
        else:
            outcomes = {name: _solved(run, name, measures) for name in run.outcomes}
            found = outcomes[run.primary].range(len(run.range.draws)) if run.range is not None else None
        ends = [_solved(run, run.primary, [item.at(place) for item in measures]) for place in _places(measures)]
        _found[run] = Own(outcomes, tuple(ends), found)
    return _found[run]


def _outlays(run: Any) -> list[Outlays]:
    return [measure for measure in run.measures if isinstance(measure, Outlays)]


def _places(measures: Sequence[Outlays]) -> tuple[float, ...]:
    """Both ends of the sellers' shares, where any of them is a range."""
    return (0.0, 1.0) if any(measure.ranging for measure in measures) else ()


def _solved(run: Any, horizon: str, measures: Sequence[Any]) -> Any:
    """The outcome of some measures, the terms of the run's own."""
    from gaiatsu.trade.solve import solve

    outcome = run.outcomes[horizon]
    return solve(
        run.world, list(measures), horizon=horizon, closure=outcome.closure, elasticities=outcome.elasticities,
        residual_supply=outcome.terms.residual_supply,
    )  # fmt: skip


def spreads(run: Any) -> list[Spread]:
    """How far the shares of the sellers move real income, where they are ranges; percentage points."""
    measures = _outlays(run)
    if not _places(measures):
        return []
    if len(measures) == len(run.measures):
        ends = own(run).ends
    else:
        ends = tuple(
            _solved(run, run.primary, [item.at(place) if isinstance(item, Outlays) else item for item in run.measures])
            for place in _places(measures)
        )
    central = run.outcome.real_income
    moves = np.array([item.real_income - central for item in ends])
    low, high = np.minimum(moves.min(0), 0.0), np.maximum(moves.max(0), 0.0)
    found = {str(code): (float(low[n]), float(high[n])) for n, code in enumerate(central.index)}
    return [Spread("the shares bought abroad", found)]


def sections(run: Any) -> list[Section]:
    """The section on all outlays of a run."""
    names, measures, found = Names.of(run.world), _outlays(run), own(run)
    world = found.outcomes[run.primary].world  # of closure `balanced`, the balanced one
    spent = spending(world, measures)
    chosen = [int(n) for n in np.argsort(-np.abs(spent).sum((1, 2)), kind="stable") if spent[n].any()]
    cost = pd.DataFrame([_given_up(world, found.outcomes, n, spent) for n in chosen])
    shown = chosen[:BUYERS]
    content = {n: _contents(world, measures, spent, n) for n in shown}
    tables = [
        Table("outlays_cost", "What the outlays cost by themselves", labelled(cost, world)),
        Table("outlays_origin", "Whose value added the outlays pay for", _origin_table(world, content)),
        Table("outlays_mix", "What is bought, and where", _mix_table(world, spent)),
    ]
    sentences = [text for n in shown for text in _sentences(run, names, cost, n, content[n])]
    if len(chosen) > len(shown):
        total = float(cost["outlays_usd_million"].sum())
        sentences.append(
            f"The outlays of {len(chosen) - len(shown)} more regions are in tables/outlays_cost.csv; all together come "
            f"to {words.money(total)} a year."
        )
    sentences.append(_abroad_sentence(run, names, chosen))
    by_word = any(isinstance(measure.mix, str) for measure in measures)
    cautions = [*CAUTIONS, *([MIX_CAUTION] if by_word else [])]
    if len(measures) < len(run.measures):
        cautions.append("Told here is what the outlays do by themselves; the rest of the report has all measures.")
    figures = [_origin_figure(names, world, content)] if content else []
    return [
        Section("outlays", "What the outlays cost, and whom they pay", tuple(text for text in sentences if text),
                tuple(figures), tuple(tables), tuple(cautions), (BEA_SOURCE,) if by_word else ())
    ]  # fmt: skip


def spending(world: Any, measures: Sequence[Outlays]) -> Array:
    """[buyer, seller, sector] what is bought beyond the baseline, at its prices and incomes; US$ million a year."""
    shares = purchases(world, measures)
    nothing = np.zeros_like(world.accounts.flows)
    return nothing if shares is None else shares * world.accounts.income[:, None, None]


def origins(world: Any, demand: Array) -> Array:
    """[region] value added that purchases in each market pay for, duties left out; demand [seller, sector]."""
    return np.asarray((world.accounts.va_share * called_on(world, demand)).sum(1))


def _contents(world: Any, measures: Sequence[Outlays], spent: Array, buyer: int) -> list[Array]:
    """[region] value added paid for; then the same for every mix that a word may mean and every end of the sellers'
    shares: neither is known better.
    """
    found = [origins(world, spent[buyer])]
    mixes: tuple[str, ...] = tuple(MIXES) if any(isinstance(item.mix, str) for item in measures) else ("",)
    places = _places(measures) or (0.5,)
    if len(mixes) * len(places) == 1:
        return found
    for mix, place in product(mixes, places):
        moved = [item.at(place) for item in measures]
        moved = [replace(item, mix=mix) if isinstance(item.mix, str) else item for item in moved]
        found.append(origins(world, spending(world, moved)[buyer]))
    return found


def _given_up(world: Any, outcomes: Mapping[str, Any], buyer: int, spent: Array) -> dict[str, Any]:
    """What a region spends and what that leaves for all else, by horizon."""
    money = round(float(spent[buyer].sum()), 6)  # moved from one market to another: zero, not the rounding of sums
    row: dict[str, Any] = {
        "region": world.regions[buyer],
        "outlays_usd_million": money,
        "outlays_percent_of_gdp": 100 * money / float(gdp(world)[buyer]),
    }
    for name, outcome in outcomes.items():
        row[f"other_final_use_{name}_percent"] = 100 * left_for_others(outcome, buyer)
        row[f"real_income_{name}_percent"] = 100 * float(outcome.real_income_change[buyer])
    return row


def left_for_others(outcome: Any, buyer: int) -> float:
    """The change of all final use but the public purchases, at constant prices, as a fraction."""
    bought = float(outcome.public_purchases[buyer].sum() / outcome.income[buyer])
    income = float(outcome.income[buyer] / outcome.accounts.income[buyer])
    return (1 - bought) * income / float(outcome.consumer_price[buyer]) - 1


# ------------------------------------------------------------------------------------------------------ sentences
def _sentences(run: Any, names: Names, cost: pd.DataFrame, buyer: int, content: list[Array]) -> list[str]:
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
        found.append(_content_sentence(run, names, buyer, content))
    return found


def _ends(run: Any, code: str) -> tuple[float, float, float]:
    """Real income by the outlays alone at the primary horizon, and its range, percent; ends of both causes added."""
    found = own(run)
    value = float(found.outcomes[run.primary].real_income[code])
    moved = [float(item.real_income[code]) for item in found.ends]
    low, high = min([value, *moved]), max([value, *moved])
    if found.range is not None:
        low += min(float(found.range.table.at[code, "low"]) - value, 0.0)
        high += max(float(found.range.table.at[code, "high"]) - value, 0.0)
    return value, low, high


def _causes(run: Any) -> str:
    """What the range is over; nothing where there is none."""
    found = own(run)
    parts = ["the shares bought abroad"] if found.ends else []
    if found.range is not None:
        parts.append(f"published elasticities, {'–'.join(percentiles(found.range.share))}{PERCENT}")
    return words.listed(parts)


def _income(run: Any, code: str) -> str:
    """The change of real income at the primary horizon, with its range."""
    value, low, high = _ends(run, code)
    digits = digits_for([low, value, high])
    told = f"{words.signed(value, digits)}{PERCENT}"
    if not _causes(run):
        return f"{told} (no range: {run.no_range.rstrip('.') or 'no draws asked for'})"
    return f"{told} ({span(low, high, digits)} over {_causes(run)})"


def _content_sentence(run: Any, names: Names, buyer: int, content: list[Array]) -> str:
    """Of each dollar, what becomes income at home and where else."""
    shares = np.array([100 * item / item.sum() for item in content])
    order = [n for n in np.argsort(-content[0], kind="stable") if n != buyer][:3]

    def told(n: int, digits: int) -> str:
        low, high = f"{shares[:, n].min():.{digits}f}", f"{shares[:, n].max():.{digits}f}"
        return low if low == high else f"{low} to {high}"

    others = words.listed(f"{told(n, 1)} in {names.the(run.world.regions[n])}" for n in order)
    why = _why_band(own(run))
    return (
        f"Of each hundred dollars of value added that these outlays pay for, {told(buyer, 0)} arise in "
        f"{names.the(run.world.regions[buyer])} itself{why if len(content) > 1 else ''}; abroad, {others} come first."
    )


def _why_band(found: Own) -> str:
    measures = [item for item in found.outcomes[next(iter(found.outcomes))].measures if isinstance(item, Outlays)]
    parts = ["with and without pay"] if any(isinstance(item.mix, str) for item in measures) else []
    parts += ["over the shares bought abroad"] if _places(measures) else []
    return f" ({', '.join(parts)})"


def _abroad_sentence(run: Any, names: Names, buyers: Sequence[int]) -> str:
    """Who abroad gains most real income, if anybody does."""
    outcome = own(run).outcomes[run.primary]
    money = outcome.summary()["equivalent_variation"].drop(index=[run.world.regions[n] for n in buyers])
    top = money.sort_values(ascending=False, kind="stable").head(3)
    top = top[top >= 1.0]
    if top.empty:
        return "No other region gains as much as a million dollars of real income a year."

    def told(code: str) -> str:
        income = float(outcome.accounts.income[run.world.regions.index(code)]) / 100
        _, low, high = (income * end for end in _ends(run, code))
        if not _causes(run):
            return f"{names.the(code)} ({words.money(float(money[code]))} a year)"
        ends = f"{words.signed_money(low)} to {words.signed_money(high)}"
        return f"{names.the(code)} (US${words.SPACE}{ends} billion a year)"

    over = f", over {_causes(run)}" if _causes(run) else ""
    return f"Abroad, real income rises most in {words.listed(told(str(code)) for code in top.index)}{over}."


# ------------------------------------------------------------------------------------------------ figure and tables
def _origin_figure(names: Names, world: Any, content: dict[int, list[Array]]) -> Figure:
    groups = []
    for buyer, variants in content.items():
        values = variants[0]
        shares = np.array([100 * item / np.abs(item).sum() for item in variants])
        order = [buyer, *[n for n in np.argsort(-np.abs(shares[0]), kind="stable") if n != buyer][:ORIGINS]]
        bars = []
        for n in order:
            reach = (float(shares[:, n].min()), float(shares[:, n].max())) if len(variants) > 1 else None
            texts = (words.signed(shares[0, n], 1), words.signed_money(float(values[n])))
            bars.append(
                Bar(names.region[world.regions[n]], float(shares[0, n]), texts, strong=n == buyer, whisker=reach)
            )
        groups.append(Group(f"Outlays of {names.the(world.regions[buyer])}", bars))
    title = "Whose value added the outlays pay for"
    body = bar_table(groups, first="Origin", unit="percent", columns=("%", f"{BILLION} a year"), caption=title)
    varied = any(len(item) > 1 for item in content.values())
    note = (
        "Lines: with and without pay, and over the shares bought abroad, where these are not known. " if varied else ""
    )
    note += "At the prices and with the suppliers of the baseline, all stages of production counted."
    return Figure("outlays-origin", title, "percent of the value added paid for", body, note)


def _origin_table(world: Any, content: dict[int, list[Array]]) -> pd.DataFrame:
    parts = []
    for buyer, variants in content.items():
        shares = np.array([100 * item / np.abs(item).sum() for item in variants])
        parts.append(
            pd.DataFrame({
                "buyer": world.regions[buyer], "origin": list(world.regions), "value_added": variants[0],
                "share": shares[0], "share_low": shares.min(0), "share_high": shares.max(0),
            })
        )  # fmt: skip
    columns = ["buyer", "origin", "value_added", "share", "share_low", "share_high"]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return with_units(frame, {"value_added": "usd_million", **dict.fromkeys(columns[3:], "percent")})


def _mix_table(world: Any, spent: Array) -> pd.DataFrame:
    buyer, seller, sector = np.nonzero(spent)
    frame = pd.DataFrame({
        "buyer": np.asarray(world.regions)[buyer], "market": np.asarray(world.regions)[seller],
        "sector": np.asarray(world.sectors)[sector], "outlays": spent[buyer, seller, sector],
    })  # fmt: skip
    return with_units(labelled(frame, world), {"outlays": "usd_million"})
