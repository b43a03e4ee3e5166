"""The section of a report on costly payments: trade with the coalition and with others, band, and what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.errors import GaiatsuError
from gaiatsu.exposure import payments, payments_effects
from gaiatsu.report import headline, words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import BILLION, Figure, digits_for, span
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, by_region, labelled, with_units
from gaiatsu.scenario.pressure import PaymentCosts
from gaiatsu.scenario.run import focus

PERCENT = f"{words.SPACE}%"
THIRD = 8  # third countries shown
LEAST = 5.0  # US$ million: less is shown as 0.00 billion
LABELS = {"exports": "Exports", "imports": "Imports"}

CAUTIONS = (
    "Levels that rest on falls of trade under all sanctions together, or on the largest fees named, are upper bounds "
    "and flagged as such; the engine itself has no banks, and no delay of payments.",
    "What reaches the target through third countries under another flag is not in the model: others replace trade with "
    "their own products, and buy the inputs for them. True deflection is larger.",
    "The cost is used up and nobody earns it; in truth agents and banks do, often in third countries.",
    "Assumption: the cost falls alike on all goods and services and on both directions of trade.",
    "Observed changes are of values in dollars or euros, predicted ones of volumes, and other sanctions were at work.",
)
WITHDRAWN = (
    "Money that is withdrawn comes back to those who lent it, who spend it themselves: their gain is the returned "
    "transfer itself, without what they give up for it later, because the model has no debts and no interest."
)
HAIDAR = (
    "Haidar, J. I. (2017). Sanctions and export deflection: evidence from Iran. Economic Policy 32(90)",
    "https://www.belfercenter.org/publication/sanctions-and-export-deflection-evidence-iran-0",
)


def sections(run: Any) -> list[Section]:
    """The section on all measures of a run that make payments costly."""
    names = Names.of(run.world)
    measures = [measure for measure in run.measures if isinstance(measure, PaymentCosts)]
    solved, failed = payments_effects.band(run.outcome)
    targets = _targets(run.world, measures)
    chosen = list(dict.fromkeys([*targets, *focus(run)]))
    band = payments_effects.band_table(solved, chosen)
    draining = any(measure.financing for measure in measures)
    alone = payments_effects.cost_alone(run.outcome) if draining else run.outcome
    figures: list[Figure] = []
    sentences, deflected, third = [], [], []
    for measure in measures:
        table = payments.deflection(run.outcome, measure.by, measure.on)
        ends = {end: payments.deflection(item, measure.by, measure.on) for end, item in solved.items()}
        others = payments.through(run.outcome, measure.by, measure.on)
        own = headline.regions_phrase(run.world, names, measure.by)
        other = headline.regions_phrase(run.world, names, measure.on)
        sentences.append(_trade_sentence(run.world, table, measure, own, other))
        of_cost = table
        if measure.financing:
            of_cost = table.iloc[:0]  # where the cost alone has no equilibrium, nothing is told of it
            if not isinstance(alone, GaiatsuError):
                of_cost = payments.deflection(alone, measure.by, measure.on)
                sentences.append(_alone_sentence(of_cost, other))
        sentences.append(_deflection_sentence(of_cost, other, alone=bool(measure.financing)))
        deflected.append((own, other, table, ends))
        third.append((other, others))
    figures += [_trade_figure(deflected), *_third_figures(third, names), *_band_figure(band, names)]
    tables = [
        Table("payments_deflection", "Trade of the target with the coalition and with others", _stacked(deflected)),
        Table("payments_third", "Third countries: what they trade instead", _third_table(run.world, third)),
        Table("payments_band", "Real income over the band of the cost, percent", _band_table(run.world, band, solved)),
        Table("payments_evidence", "What is known of the cost of payments", payments.evidence().reset_index()),
        Table("payments_levels", "Levels and their bands, percent of the invoice", payments.levels().reset_index()),
    ]
    seen = [payments_effects.beside_observed(run.outcome, code) for code in targets]
    seen = [table for table in seen if not table.empty]
    if seen:
        joint = pd.concat(seen, ignore_index=True)
        figures.append(_observed_figure(joint))
        tables.append(Table("payments_observed", "Predicted and observed falls of trade, percent", joint))
        sentences.append(_observed_sentence(joint))
    sentences.append(_band_sentence(band, names, targets))
    cautions = [*CAUTIONS, *([WITHDRAWN] if draining else []), *_level_cautions(measures)]
    if len(measures) < len(run.measures):
        cautions.append("The scenario has other measures too: changes of trade and real income are with all of them.")
    cautions += [f"No equilibrium at the {end} end of the band: {why}" for end, why in failed.items()]
    return [
        Section("payments", "Payments made costly", tuple(text for text in sentences if text), tuple(figures),
                tuple(table for table in tables if len(table.frame)), tuple(cautions), _sources(measures))
    ]  # fmt: skip


def _targets(world: Any, measures: Sequence[PaymentCosts]) -> list[str]:
    found = [world.regions[n] for measure in measures for n in world.region_indices(measure.on)]
    return list(dict.fromkeys(found))[:4]


def _rests_on(measures: Sequence[PaymentCosts]) -> list[str]:
    """Keys of the evidence behind the levels used."""
    levels = dict.fromkeys(measure.level for measure in measures if measure.level)
    return list(dict.fromkeys(key for level in levels for key in payments.level_named(level).rests_on))


def _sources(measures: Sequence[PaymentCosts]) -> tuple[Source, ...]:
    table = payments.evidence()
    found = {}
    for key in _rests_on(measures):
        row = table.loc[key]
        found[str(row["source"])] = "" if row["address"] != row["address"] else str(row["address"])
    return (*(Source(text, address) for text, address in found.items()), Source(*HAIDAR))


def _level_cautions(measures: Sequence[PaymentCosts]) -> list[str]:
    out = []
    for word in dict.fromkeys(measure.level for measure in measures if measure.level):
        level = payments.level_named(word)
        bound = "an upper bound, " if level.upper_bound else ""
        out.append(
            f"Level “{word}” ({level.meaning}): {100 * level.central:.3g} % of the invoice, {bound}band "
            f"{100 * level.low:.3g} to {100 * level.high:.3g} %."
        )
    return out


# ------------------------------------------------------------------------------------------------------ sentences
def _percent_of(part: float, whole: float) -> str:
    return f"{words.signed(100 * part / whole, 1)}{PERCENT}" if whole > 0 else "–"


def _changes(table: pd.DataFrame) -> str:
    return words.listed(
        f"{name} {'to' if name == 'exports' else 'from'} them by "
        f"{_percent_of(row['change'], row['before'])} ({words.money(row['change'])})"
        for name, row in table.iterrows()
    )


def _trade_sentence(world: Any, table: pd.DataFrame, measure: PaymentCosts, own: str, other: str) -> str:
    drained = ""
    if measure.financing:
        drained = (
            f", and {words.money(payments.withdrawn(world, measure))} a year are withdrawn "
            f"({100 * measure.financing:.3g}{PERCENT} of what finances the deficit of {other})"
        )
    return (
        f"Where paying costs {100 * measure.price():.3g}{PERCENT} of the invoice between {own} and {other}{drained}, "
        f"the trade of {other} changes, at prices before: {_changes(table)}."
    )


def _alone_sentence(table: pd.DataFrame, other: str) -> str:
    return (
        f"Both act here: a country whose deficit is no longer financed has to sell more and buy less. The cost of "
        f"paying alone would change, in the trade of {other}, {_changes(table)}."
    )


def _deflection_sentence(table: pd.DataFrame, other: str, *, alone: bool) -> str:
    told = []
    for name, row in table.iterrows():
        if np.isfinite(row["deflected_percent"]):
            where = "go to" if name == "exports" else "come from"
            share = f"{row['deflected_percent']:.0f}{PERCENT}"
            instead = f"{share} {where}" if row["deflected_percent"] >= 0 else f"none {where}"
            told.append(
                f"of the {name} lost{' by the cost alone' if alone else ''}, {instead} other countries instead, and"
                f" all {name} change by {words.signed(row['change_percent'], 1)}{PERCENT}"
            )
    if not told or not table["others"].any():
        return ""
    return (
        f"{words.upper_first('; '.join(told))}. Of Iran’s exports that the sanctions of 2008 destroyed, "
        f"{100 * payments.HAIDAR:.0f}{PERCENT} went elsewhere (Haidar 2017): firms that pass goods on are not in "
        "the model."
    )


def _observed_sentence(table: pd.DataFrame) -> str:
    told = [
        f"{words.in_sentence(row.what)}, {row.quantity}: "
        f"{words.signed(row.predicted, 1)}{PERCENT} ({words.signed(row.low, 1)} to {words.signed(row.high, 1)}) "
        f"predicted, {_observed(row)}{PERCENT} observed"
        for row in table.itertuples()
    ]
    bound = (table["observed_is"] == "more than") & (table["low"] <= table["observed"])
    missed = int((~table["covered"] & ~bound).sum())
    edge = "" if not bound.any() else f"; of {int(bound.sum())} only a bound is known, at the edge of the band"
    return (
        f"Beside what was observed: {'; '.join(told)}. {missed} of {len(table)} lie outside the band{edge}: payments "
        "were never the only sanction, or adapted soon."
    )


def _observed(row: Any, bound: str = "more than ") -> str:
    return f"{bound if row.observed_is == 'more than' else ''}{words.signed(row.observed, 0)}"


def _band_sentence(band: pd.DataFrame, names: Names, targets: Sequence[str]) -> str:
    told = [
        f"{names.the(code)} {words.signed(band.loc[code].min(), 2)} to {words.signed(band.loc[code].max(), 2)}{PERCENT}"
        for code in targets
        if code in band.index and band.shape[1] > 1 and band.loc[code].nunique() > 1
    ]
    return f"Real income over the band of the cost: {words.listed(told)}." if told else ""


# -------------------------------------------------------------------------------------------------------- figures
Found = tuple[str, str, pd.DataFrame, dict[str, pd.DataFrame]]


def _trade_figure(found: Sequence[Found]) -> Figure:
    groups = []
    for own, other, table, ends in found:
        for name, row in table.iterrows():
            reach = {key: [float(item.loc[name, key]) / 1000 for item in ends.values()] for key in ("change", "others")}
            bars = [
                Bar(label, row[key] / 1000, (words.signed_money(row[key]),), whisker=_reach(reach[key]))
                for label, key in ((f"With {own}", "change"), ("With others", "others"))
            ]
            whole = float(row["change"] + row["others"])
            both = [first + second for first, second in zip(*reach.values(), strict=True)]
            bars.append(
                Bar("All", whole / 1000, (words.signed_money(whole),), kind="whole", strong=True, whisker=_reach(both))
            )
            groups.append(Group(f"{LABELS[str(name)]} of {other}", bars))
    title = "Trade lost, and trade with others instead"
    body = bar_table(groups, first="Trade", unit="US$ billion", columns=(BILLION,), caption=title)
    note = "Lines: over the band of the cost." if any(len(ends) > 1 for *_, ends in found) else ""
    return Figure("payments-trade", title, "change of volume a year at prices before, US$ billion", body, note)


def _reach(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if len(values) > 1 and min(values) < max(values) else None


def _third_figures(found: Sequence[tuple[str, pd.DataFrame]], names: Names) -> list[Figure]:
    groups = []
    for other, table in found:
        for column, heading in (
            ("sold_to_target", f"More sold to {other}"),
            ("bought_from_target", f"More bought from {other}"),
        ):
            rows = table[column].sort_values(ascending=False, kind="stable").head(THIRD)
            rows = rows[rows >= LEAST]
            bars = [
                Bar(names.region[str(code)], value / 1000, (words.signed_money(value),)) for code, value in rows.items()
            ]
            if bars:
                groups.append(Group(heading, bars))
    if not groups:
        return []
    title = "Third countries that step in"
    body = bar_table(groups, first="Country", unit="US$ billion", columns=(BILLION,), caption=title)
    note = (
        f"The {THIRD} largest gains each, at most. They sell their own products; goods that are only passed on are not "
        "in the model."
    )
    return [Figure("payments-third", title, "change of volume a year at prices before, US$ billion", body, note)]


def _band_figure(band: pd.DataFrame, names: Names) -> list[Figure]:
    digits = digits_for(list(band.to_numpy().ravel()))
    if "central" not in band or (band.round(digits).nunique(axis=1) < 2).all():
        return []
    bars = [
        Bar(
            names.region[str(code)], float(row["central"]),
            (words.signed(row["central"], digits), span(row.min(), row.max(), digits)), whisker=_reach(list(row)),
        )
        for code, row in band.iterrows()
    ]  # fmt: skip
    title = "Real income over the band of the cost"
    body = bar_table([Group("", bars)], first="Region", unit="percent", columns=("%", "band"), caption=title)
    note = "From the low to the high end of the cost of paying; trade elasticities are those of the headline."
    return [Figure("payments-band", title, "change of real income, percent", body, note)]


def _observed_figure(table: pd.DataFrame) -> Figure:
    groups = []
    for row in table.itertuples():
        bars = [
            Bar("Predicted", row.predicted, (words.signed(row.predicted, 1), span(row.low, row.high, 1)),
                kind="one", whisker=(row.low, row.high)),
            Bar("Observed", row.observed, (_observed(row, "< "), ""), kind="two", strong=True),
        ]  # fmt: skip
        groups.append(Group(f"{row.what}: {row.quantity}", bars))
    title = "Predicted and observed falls of trade"
    body = bar_table(groups, first="", unit="percent", columns=("%", "band"), caption=title)
    bounds = (table["observed_is"] == "more than").any()
    note = "< marks a fall of which the source says only “more than”. " if bounds else ""
    note += "What was done besides, and why the two need not agree, is in tables/payments_observed.csv."
    return Figure("payments-observed", title, "change of trade, percent", body, note)


# --------------------------------------------------------------------------------------------------------- tables
def _stacked(found: Sequence[Found]) -> pd.DataFrame:
    parts = []
    for own, other, table, _ in found:
        frame = table.reset_index()
        frame.insert(0, "coalition", own)
        frame.insert(1, "target", other)
        parts.append(frame)
    units = dict.fromkeys(("before", "change", "others", "coalition_others"), "usd_million")
    return with_units(pd.concat(parts, ignore_index=True), units)


def _third_table(world: Any, found: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    parts = []
    for other, table in found:
        frame = labelled(by_region(table), world)
        frame.insert(0, "target", other)
        parts.append(frame)
    columns = ("sold_to_target", "bought_from_target", "bought_from_coalition", "sold_to_coalition")
    return with_units(pd.concat(parts, ignore_index=True), dict.fromkeys(columns, "usd_million"))


def _band_table(world: Any, band: pd.DataFrame, solved: dict[str, Any]) -> pd.DataFrame:
    if len(solved) < 2:
        return band.iloc[:0]  # a cost given as a number has no band
    return with_units(labelled(by_region(band), world), dict.fromkeys(band.columns, "percent"))
