"""The page of a pair: what closing the border between two sides costs either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.exposure.closed_form import power_over
from gaiatsu.exposure.leverage import CLOSURE, Leverage, by_sector, check_words, leverage, symmetry
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names, regions_phrase, sectors_phrase
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table

CHOKEPOINTS = 10
POWER = Source(
    "Clayton, C., Maggiori, M. and Schreger, J. (2025). A Framework for Geoeconomics. NBER working paper 31852; closed"
    " form in their A Theory of Economic Coercion and Fragmentation, NBER working paper 33309",
    "https://www.nber.org/papers/w33309",
)
KIEL = Source(
    "Economic Insecurity: Trade Dependencies and Their Weaponization in History. Kiel Working Paper 2295 (2025)",
    "https://hdl.handle.net/10419/323225",
)
KIEL_LOSS = 0.3  # percent of GDP over five years for each percent of GDP of trade under sanctions (its abstract)
SIDE_WORDS = {
    "exports": "stops selling", "imports": "stops buying", "both": "shuts the border both ways",
}  # fmt: skip


def assumptions(world: Any, horizon: str) -> tuple[str, ...]:
    """What every number of leverage rests on."""
    return (
        f"World {world.name}: accounts of {world.year}; money in US$ of {world.year}.",
        "Nobody has prepared: no stocks, no second round of measures, no smuggling through third countries.",
        f"Horizon of the headline: {words.HORIZONS[horizon][1].lower()} ({words.HORIZONS[horizon][2]}).",
        f"Deficits stay proportional to income (closure “{CLOSURE}”), because a fixed one may be more than a cut-off"
        " region can pay.",
        "A closed border is exactly no trade in the sectors named. Where it takes more than 99.9 % of a good and there"
        " is no other supplier, the loss has no bound in this model: such pairs have no number.",
        "Losses can be negative: with duties in force, a closed border may move trade towards cheaper suppliers. They"
        " are not clipped.",
        "No rigid wages, no unemployment, no panic: losses at the shorter horizons are a lower bound.",
    )


def pair_page(
    world: Any, by: Sequence[str], on: Sequence[str], *, sectors: Sequence[str], side: str, horizon: str, draws: int
) -> Page:
    """Leverage of one side over the other, and back. Raises ScenarioError, ConvergenceError."""
    check_words([side], [horizon])
    names = Names.of(world)
    found = leverage(world, by, on, sectors=sectors)
    own, other = (regions_phrase(world, names, said) for said in (by, on))
    table = found.table
    spread = _spread(found, side, horizon, draws)
    sections = (
        _pair_section(found, own, other, side, horizon),
        _chokepoints(world, by, on, own, other, sectors, horizon, names),
    )
    goods = sectors_phrase(world, names, sectors)
    return Page(
        name="leverage",
        title=f"{words.upper_first(own)} and {other}: who holds leverage over whom",
        question=f"What does it cost either side if trade in {goods} between {own} and {other} is closed?",
        lead=_lead(table, own, other, side, horizon, spread),
        world=world,
        sections=sections,
        assumptions=assumptions(world, horizon),
        facts={"by": list(by), "on": list(on), "sectors": list(sectors), "side": side, "horizon": horizon,
               "draws": draws},
    )  # fmt: skip


Spread = tuple[tuple[float, float], tuple[float, float]]  # loss and cost, low and high


def _spread(found: Leverage, side: str, horizon: str, draws: int) -> Spread | None:
    """5th to 95th percentile of loss and cost over published trade elasticities."""
    outcome = found.outcomes.get((side, horizon))
    if not draws or outcome is None:
        return None
    spread = outcome.range(draws)
    if spread.no_spread:
        return None
    ends = []
    for places in (found.on, found.by):
        codes = [found.world.regions[place] for place in places]
        weight = found.world.accounts.income[list(places)]
        together = -(spread.draws[codes].to_numpy() * weight).sum(1) / weight.sum()
        low, high = np.quantile(together, [0.05, 0.95])
        ends.append((float(low), float(high)))
    return ends[0], ends[1]


def _lead(table: pd.DataFrame, own: str, other: str, side: str, horizon: str, spread: Spread | None) -> str:
    row = table.loc[(side, horizon)]
    when = words.HORIZONS[horizon][0]
    if row.isna().any():
        return f"If {own} {SIDE_WORDS[side]}, there is no equilibrium {when}: see the reasons below."
    parts = []
    for who, percent, money, ends in (
        (other, row.loss_percent, row.loss_usd_million, spread and spread[0]),
        (own, row.cost_percent, row.cost_usd_million, spread and spread[1]),
    ):
        sure = f"; {_ends(*ends)} over published trade elasticities" if ends else ""
        verb = "loses" if percent >= 0 else "gains"
        parts.append(f"{who} {verb} {words.percent(percent)} of real income ({words.money(money)} a year{sure})")
    told = f"If {own} {SIDE_WORDS[side]}{_against(side, other)}, {' and '.join(parts)} {when}."
    ratio = row.loss_percent / row.cost_percent if row.cost_percent > 0 else np.nan
    if ratio == ratio and ratio > 1.05:
        told += f" It hurts {other} {ratio:.1f} times as much as {own}, measured by income."
    elif ratio == ratio and 0 < ratio < 0.95:
        told += f" It hurts {own} {1 / ratio:.1f} times as much as {other}, measured by income."
    return told


def _against(side: str, other: str) -> str:
    return {"exports": f" to {other}", "imports": f" from {other}", "both": f" with {other}"}[side]


def _ends(low: float, high: float) -> str:
    digits = 2 if max(abs(low), abs(high)) < 1 else 1
    return f"{low:.{digits}f} to {high:.{digits}f}{words.SPACE}%".replace("-", words.MINUS)


def _pair_section(found: Leverage, own: str, other: str, side: str, horizon: str) -> Section:
    table = found.table
    row = table.loc[(side, horizon)]
    even = symmetry(row.loss_percent, row.cost_percent)
    sentences = []
    if even == even:
        sentences.append(
            f"Symmetry of the partnership: {even:.2f} (1 where a closed border takes the same share of income from both"
            " sides, near 0 where only one side suffers)."
        )
    closed = _closed_form_sentence(found, own, other, horizon)
    if closed:
        sentences.append(closed)
    sentences.append(_history_sentence(found, other, side))
    sentences += [f"No number for “{SIDE_WORDS[key[0]]}” {words.HORIZONS[key[1]][0]}: {why}"
                  for key, why in found.refused.items()]  # fmt: skip
    notes = dict.fromkeys(
        f"{words.upper_first(words.HORIZONS[name][0])}: {note}."
        for (_, name), outcome in found.outcomes.items()
        for note in outcome.certificate.notes
    )
    return Section(
        "leverage",
        "What closing the border costs",
        tuple(sentences),
        figures=(_pair_figure(table, own, other),),
        tables=(
            Table("leverage_pair", "Loss and cost by side and horizon", table.reset_index()),
            Table("leverage_members", "Loss of each region, percent of real income", _members(found)),
        ),
        cautions=tuple(notes),
        sources=(POWER, KIEL),
    )


def _members(found: Leverage) -> pd.DataFrame:
    parts = [found.members(side, name).reset_index().assign(side=side, horizon=name) for side, name in found.outcomes]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _closed_form_sentence(found: Leverage, own: str, other: str, horizon: str) -> str:
    """The closed form beside the engine's answer, for the side it speaks of."""
    outcome = found.outcomes.get(("exports", horizon))
    if outcome is None:
        return ""
    codes = [found.world.regions[place] for place in found.by]
    shares = power_over(found.world, codes, [found.world.regions[place] for place in found.on],
                        sectors=found.sectors, horizon=horizon)  # fmt: skip
    income = found.world.accounts.income[list(found.on)]
    closed = float((shares.sum().to_numpy() * income).sum() / income.sum())
    engine = found.table.loc[("exports", horizon), "loss_percent"]
    if not np.isfinite(closed):
        return f"In closed form, {own}’s power over {other} has no bound: it is the only supplier of a good."
    return (
        f"In closed form (prices elsewhere given, no adjustment of wages), {words.possessive(own)} power over {other} "
        f"as a supplier would be {words.percent(closed)}; the full equilibrium says {words.percent(engine)}."
    )


def _history_sentence(found: Leverage, other: str, side: str) -> str:
    """What sanctions of this size have cost on average since 1920, beside the model."""
    accounts, by, on = found.world.accounts, np.array(found.by), np.array(found.on)
    goods = found.world.sector_indices(found.sectors)
    bought = accounts.flows[np.ix_(on, by, goods)].sum() if side != "imports" else 0.0
    sold = accounts.flows[np.ix_(by, on, goods)].sum() if side != "exports" else 0.0
    closed = 100 * float((bought + sold) / accounts.value_added[on].sum())
    model = found.table.loc[(side, "medium"), "loss_percent"]
    beside = f"; the model says {words.percent(model)} after about three years" if model == model else ""
    return (
        f"The trade closed is worth {words.percent(closed)} of GDP of {other}. Sanctions since 1920 have cost on "
        f"average {KIEL_LOSS} % of GDP over five years for each such percent, which would be "
        f"{words.percent(KIEL_LOSS * closed)}{beside}."
    )


def _pair_figure(table: pd.DataFrame, own: str, other: str) -> Figure:
    groups = []
    for side in ("both", "exports", "imports"):
        bars = []
        for name in words.HORIZONS:
            row = table.loc[(side, name)]
            for who, percent, money in (
                (other, row.loss_percent, row.loss_usd_million), (own, row.cost_percent, row.cost_usd_million),
            ):  # fmt: skip
                label = f"{words.HORIZONS[name][1]}: {words.upper_first(who)}"
                texts = (words.signed(-percent, 2), words.signed_money(-money) if money == money else "–")
                bars.append(Bar(label, -percent, texts, strong=who == other))
        heading = words.upper_first(f"{own} {SIDE_WORDS[side]}{_against(side, other)}")
        groups.append(Group(heading, bars))
    title = "Loss on both sides, by horizon"
    body = bar_table(
        groups, first="Horizon", unit="percent", columns=("%", f"US${words.SPACE}bn"), caption=f"{title}: percent"
    )
    unit = "change of real income, percent, and its worth, US$ billion a year"
    return Figure("leverage-horizons", title, unit, body, "Missing: no equilibrium; the text above says why.")


def _chokepoints(
    world: Any, by: Sequence[str], on: Sequence[str], own: str, other: str, sectors: Sequence[str], horizon: str,
    names: Names,
) -> Section:  # fmt: skip
    when = words.HORIZONS[horizon][0]
    figures, tables, sentences = [], [], []
    for number, (first, second, seller, buyer) in enumerate(((by, on, own, other), (on, by, other, own))):
        frame = by_sector(world, first, second, horizon=horizon, sectors=sectors)
        known = frame[frame.refused == ""]
        largest = known[known.loss_percent > 0].head(3)
        refused = [names.sector[str(code)] for code in frame.index[frame.refused != ""]]
        if len(largest):
            told = words.listed(
                f"{words.in_sentence(names.sector[str(code)])} ({words.percent(row.loss_percent)})"
                for code, row in largest.iterrows()
            )
            sentences.append(f"Taken one by one, it hurts {buyer} most {when} if {seller} stops selling it {told}.")
        if refused:
            sentences.append(
                f"{words.upper_first(buyer)} has no other supplier of {words.listed(refused)}: the loss has no bound in"
                " this model."
            )
        bars = [
            Bar(
                names.sector[str(code)], -row.loss_percent,
                (words.signed(-row.loss_percent, 3), words.signed(-row.cost_percent, 3)),
            )
            for code, row in known.head(CHOKEPOINTS).iterrows()
        ]  # fmt: skip
        title = f"{words.upper_first(seller)} stops selling to {buyer}, one sector at a time"
        body = bar_table(
            [Group("", bars)], first="Sector", unit="percent", columns=(f"{buyer}, %", f"{seller}, %"), caption=title
        )
        figures.append(Figure(f"leverage-sectors-{number}", title, f"change of real income of {buyer}, percent, {when}",
                              body, f"The {len(bars)} sectors that hurt most; the table has all."))  # fmt: skip
        key = "leverage_sectors" + ("_back" if number else "")
        tables.append(Table(key, f"Sectors closed one by one, {seller} to {buyer}", frame.reset_index()))
    return Section(
        "leverage-sectors", "Chokepoints", tuple(sentences or [f"No single sector hurts either side {when}."]),
        figures=tuple(figures), tables=tuple(tables),
        cautions=("Sectors are as wide as the table’s: a chokepoint inside one (a mineral, a kind of chip) is smaller"
                  " than what is seen here, and its loss is not: see critical inputs.",),
    )  # fmt: skip
