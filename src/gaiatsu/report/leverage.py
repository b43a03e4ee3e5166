"""The page of a pair: what closing the border between two sides costs either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.exposure.closed_form import power_over
from gaiatsu.exposure.leverage import CLOSURE, NOTHING, Leverage, by_sector, check_words, leverage, symmetry
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names, regions_phrase, sectors_phrase
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.trade.certificate import LARGE_LOSS
from gaiatsu.trade.horizon import horizon as elasticities_of
from gaiatsu.world.elasticities import DEFAULT_SET

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
EVERYTHING = "all goods and services"  # how sectors_phrase says that nothing is left out


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
    world: Any, by: Sequence[str], on: Sequence[str], *, sectors: Sequence[str], side: str, horizon: str, draws: int,
    elasticity_set: str = DEFAULT_SET,
) -> Page:  # fmt: skip
    """Leverage of one side over the other, and back. Raises ScenarioError, ConvergenceError."""
    check_words([side], [horizon])
    names = Names.of(world)
    given = {name: elasticities_of(name, world, elasticity_set) for name in words.HORIZONS}
    found = leverage(world, by, on, sectors=sectors, elasticities=given)
    own, other = (regions_phrase(world, names, said) for said in (by, on))
    table, goods = found.table, sectors_phrase(world, names, sectors)
    spread, doubts = _spread(found, side, horizon, draws)
    sections = (
        _pair_section(found, own, other, side, horizon, given[horizon], doubts),
        _chokepoints(world, by, on, own, other, sectors, horizon, names, given[horizon]),
    )
    return Page(
        name="leverage",
        title=f"{words.upper_first(own)} and {other}: who holds leverage over whom{in_goods(goods)}",
        question=f"What does it cost either side if trade in {goods} between {own} and {other} is closed?",
        lead=_lead(table, own, other, side, horizon, spread, goods),
        world=world,
        sections=sections,
        assumptions=assumptions(world, horizon),
        facts={"by": list(by), "on": list(on), "sectors": list(sectors), "side": side, "horizon": horizon,
               "draws": draws, "elasticities": elasticity_set},
    )  # fmt: skip


Spread = tuple[tuple[float, float], tuple[float, float]]  # loss and cost, low and high


def _spread(found: Leverage, side: str, horizon: str, draws: int) -> tuple[Spread | None, tuple[str, ...]]:
    """5th to 95th percentile of loss and cost over published trade elasticities, and what to know of it."""
    outcome = found.outcomes.get((side, horizon))
    if not draws or outcome is None:
        return None, ()
    try:
        spread = outcome.range(draws)
    except (ConvergenceError, ScenarioError) as error:  # also sectors that no published estimate speaks of
        return None, (f"No range: {error}",)
    if spread.no_spread:
        return None, (f"No range: {spread.no_spread}",)
    ends = []
    for places in (found.on, found.by):
        codes = [found.world.regions[place] for place in places]
        weight = found.world.accounts.income[list(places)]
        together = -(spread.draws[codes].to_numpy() * weight).sum(1) / weight.sum()
        low, high = np.quantile(together, [0.05, 0.95])
        ends.append((float(low), float(high)))
    return (ends[0], ends[1]), tuple(f"Range: {note.rstrip('.')}." for note in spread.notes)


def _lead(table: pd.DataFrame, own: str, other: str, side: str, horizon: str, spread: Spread | None, goods: str) -> str:
    row = table.loc[(side, horizon)]
    when = words.HORIZONS[horizon][0]
    doing = f"If {own} {doing_to(side, other, goods)}"
    if row.isna().any():
        return f"{doing}, there is no equilibrium {when}: see the reasons below."
    if max(abs(row.loss_percent), abs(row.cost_percent)) < NOTHING:
        return f"{doing}, neither side’s real income changes measurably {when}."
    parts = []
    for who, percent, money, ends in (
        (other, row.loss_percent, row.loss_usd_million, spread and spread[0]),
        (own, row.cost_percent, row.cost_usd_million, spread and spread[1]),
    ):
        sure = f"; {_ends(*ends)} over published trade elasticities" if ends else ""
        verb = "loses" if percent >= 0 else "gains"
        parts.append(f"{who} {verb} {words.percent(percent)} of real income ({words.money(money)} a year{sure})")
    return f"{doing}, {' and '.join(parts)} {when}.{_ratio(row, own, other)}"


def _ratio(row: pd.Series, own: str, other: str) -> str:
    """How many times as much it hurts one side, where both lose something measurable."""
    if min(row.loss_percent, row.cost_percent) < NOTHING:
        return ""
    ratio = row.loss_percent / row.cost_percent
    harder, softer, times = (other, own, ratio) if ratio >= 1 else (own, other, 1 / ratio)
    return f" It hurts {harder} {times:.1f} times as much as {softer}, measured by income." if times > 1.05 else ""


def doing_to(side: str, other: str, goods: str) -> str:
    """What closing a border is, in the words that follow its subject."""
    what = "" if goods == EVERYTHING else f" {goods}"
    return {
        "exports": f"stops selling{what} to {other}", "imports": f"stops buying{what} from {other}",
        "both": f"shuts the border both ways{f' for{what}' if what else ''} with {other}",
    }[side]  # fmt: skip


def in_goods(goods: str) -> str:
    """The sectors as the end of a title; nothing where all are meant."""
    return "" if goods == EVERYTHING else f", in {goods}"


def _ends(low: float, high: float) -> str:
    if high > 100 * LARGE_LOSS:  # beyond what elasticities were measured on, an upper end is no estimate
        return f"at least {low:.1f}{words.SPACE}%"
    digits = 2 if max(abs(low), abs(high)) < 1 else 1
    return f"{low:.{digits}f} to {high:.{digits}f}{words.SPACE}%".replace("-", words.MINUS)


def _pair_section(
    found: Leverage, own: str, other: str, side: str, horizon: str, elasticities: Any, doubts: tuple[str, ...]
) -> Section:
    table = found.table
    both = table.loc[("both", horizon)]
    even = symmetry(both.loss_percent, both.cost_percent)
    sentences = []
    if even == even:
        sentences.append(
            f"Symmetry of the partnership, the border shut both ways: {even:.2f} (1 where that takes the same share of"
            " income from both sides, near 0 where only one side suffers)."
        )
    closed = _closed_form_sentence(found, own, other, horizon, elasticities)
    if closed:
        sentences.append(closed)
    sentences.append(_history_sentence(found, other, side))
    sentences += [f"No number where {own} {doing_to(key[0], other, EVERYTHING)}, {words.HORIZONS[key[1]][0]}: {why}"
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
        cautions=(*notes, *doubts),
        sources=(POWER, KIEL),
    )


def _members(found: Leverage) -> pd.DataFrame:
    parts = [found.members(side, name).reset_index().assign(side=side, horizon=name) for side, name in found.outcomes]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _closed_form_sentence(found: Leverage, own: str, other: str, horizon: str, elasticities: Any) -> str:
    """The closed form beside the engine's answer, for the side it speaks of."""
    outcome = found.outcomes.get(("exports", horizon))
    if outcome is None:
        return ""
    codes = [found.world.regions[place] for place in found.by]
    shares = power_over(found.world, codes, [found.world.regions[place] for place in found.on],
                        sectors=found.sectors, elasticities=elasticities)  # fmt: skip
    income = found.world.accounts.income[list(found.on)]
    lost = -100 * np.expm1(-shares.sum().to_numpy() / 100)
    closed = float((lost * income).sum() / income.sum())
    engine = found.table.loc[("exports", horizon), "loss_percent"]
    if not np.isfinite(shares.to_numpy()).all():
        return f"In closed form, {own}’s power over {other} has no bound: it is the only supplier of a good."
    return (
        f"In closed form (prices elsewhere given, no adjustment of wages), {words.possessive(own)} power over {other} "
        f"as a supplier would be {words.percent(closed)}, costs passed on in exports included; the full equilibrium "
        f"says {words.percent(engine)}."
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
        heading = words.upper_first(f"{own} {doing_to(side, other, EVERYTHING)}")
        groups.append(Group(heading, bars))
    title = "Loss on both sides, by horizon"
    body = bar_table(
        groups, first="Horizon", unit="percent", columns=("%", f"US${words.SPACE}bn"), caption=f"{title}: percent"
    )
    unit = "change of real income, percent, and its worth, US$ billion a year"
    return Figure("leverage-horizons", title, unit, body, "Missing: no equilibrium; the text above says why.")


def _chokepoints(
    world: Any, by: Sequence[str], on: Sequence[str], own: str, other: str, sectors: Sequence[str], horizon: str,
    names: Names, elasticities: Any,
) -> Section:  # fmt: skip
    when = words.HORIZONS[horizon][0]
    figures, tables, sentences = [], [], []
    for number, (first, second, seller, buyer) in enumerate(((by, on, own, other), (on, by, other, own))):
        frame = by_sector(world, first, second, horizon=horizon, sectors=sectors, elasticities=elasticities)
        known = frame[frame.refused == ""]
        largest = known[known.loss_percent >= words.NOTHING].head(3)
        alone = frame.refused.str.startswith("the measures cut off")
        refused = [names.sector[str(code)] for code in frame.index[alone]]
        missing = [names.sector[str(code)] for code in frame.index[(frame.refused != "") & ~alone]]
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
        if missing:
            sentences.append(f"No equilibrium was found without {words.listed(missing)}: the table says why.")
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
