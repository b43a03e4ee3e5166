"""Sections of the exposure page on ties taken together, their trend, and concentration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gaiatsu.exposure.concentration import CONCENTRATED, concentration, dependence, trend
from gaiatsu.exposure.critical_goods import critical_goods
from gaiatsu.exposure.places import REST, ratio
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled

if TYPE_CHECKING:
    from gaiatsu.report.exposed import Exposed

SHOWN = 12
TIES = {
    "exports": "Exports",
    "imports": "Imports",
    "exports_goods": "Exports of goods",
    "imports_goods": "Imports of goods",
    "inputs": "Inputs, looked through",
    "value_added": "Value added carried abroad",
    "critical_goods": "Imports of critical minerals",
    "index": "All together",
}
GEODEP = Source(
    "Lefebvre, K. and Wibaux, P. (2024). Import dependencies: where does the EU stand? CEPII Policy Brief 47; database"
    " GeoDep",
    "https://www.cepii.fr/cepii/en/bdd_modele/bdd_modele_item.asp?id=41",
)
BACI = Source(
    "Critical minerals: CEPII, BACI (Etalab 2.0)", "https://www.cepii.fr/cepii/en/bdd_modele/bdd_modele_item.asp?id=37"
)


def dependence_section(one: Exposed, other: Exposed, worlds: Sequence[Any]) -> Section:
    """Dependence on one partner over all ties, both ways, and its trend."""
    tables = {who: dependence(who.world, who.region, whom.region) for who, whom in ((one, other), (other, one))}
    sentences = [_index_sentence(one, other, tables[one]), _index_sentence(other, one, tables[other])]
    groups = []
    for who, whom in ((one, other), (other, one)):
        bars = [_tie_bar(str(name), row) for name, row in tables[who].iterrows()]
        index = tables[who].attrs["index"]
        bars.append(Bar(TIES["index"], 100 * index, (f"{100 * index:.1f}", ""), kind="whole", strong=True))
        groups.append(Group(words.upper_first(f"{who.phrase}: part of {whom.phrase} in what is foreign"), bars))
    title = "Dependence on one partner, tie by tie"
    body = bar_table(
        groups, first="Tie", unit="percent", columns=("% of foreign", "% of the whole"), caption=f"{title}, both ways"
    )
    note = (
        "Of the whole: of output (exports), of purchases (imports, minerals), of production called on, of value added."
        " “All together” is the plain mean: that every tie weighs the same is an assumption."
    )
    minerals = critical_goods(one.world, one.region, other.region)
    figures = [Figure("exposure-ties", title, "part of the partner, percent", body, note)]
    listed = [
        Table("exposure_dependence", "Dependence of the first on the second", tables[one].reset_index()),
        Table("exposure_dependence_back", "Dependence of the second on the first", tables[other].reset_index()),
    ]
    cautions = []
    if len(minerals):
        listed.append(
            Table(
                "exposure_dependence_minerals", f"Imports of minerals, {minerals.attrs['year']}", minerals.reset_index()
            )
        )
        cautions.append(
            f"Critical minerals: {minerals['name'].nunique()} that the customs nomenclature tells apart,"
            f" {minerals.attrs['year']}, by value; gallium and germanium are not among them."
        )
    if len(worlds) > 1:
        found = trend(worlds, one.region, other.region)
        back = trend(worlds, other.region, one.region)
        sentences.append(_trend_sentence(one, other, found))
        figures.append(_trend_figure(one, other, found, back))
        listed += [
            Table("exposure_dependence_trend", "The same in other years", found.reset_index()),
            Table("exposure_dependence_trend_back", "The same in other years, the other way", back.reset_index()),
        ]
        cautions += _trend_cautions(one, worlds, found, back)
    return Section(
        "exposure-dependence",
        "One partner over all ties",
        tuple(sentences),
        figures=tuple(figures),
        tables=tuple(listed),
        cautions=tuple(cautions),
        sources=(BACI,) if len(minerals) else (),
    )


def _tie_bar(name: str, row: Any) -> Bar:
    whole = f"{100 * row.whole_fraction:.2f}"
    return Bar(TIES[name], 100 * row.part_fraction, (f"{100 * row.part_fraction:.1f}", whole), kind="one")


def _index_sentence(one: Exposed, other: Exposed, table: pd.DataFrame) -> str:
    parts = table["part_fraction"]
    low, high = str(parts.idxmin()), str(parts.idxmax())
    return (
        f"{words.upper_first(other.phrase)} makes up {words.percent(100 * table.attrs['index'])} of what ties"
        f" {one.phrase} to the outside, taking {len(parts)} ties together: from {words.percent(100 * parts[low])}"
        f" ({words.in_sentence(TIES[low])}) to {words.percent(100 * parts[high])} ({words.in_sentence(TIES[high])})."
    )


def _trend_sentence(one: Exposed, other: Exposed, found: pd.DataFrame) -> str:
    first, last = found.iloc[0], found.iloc[-1]
    verb = "rose" if last["carried"] > first["carried"] else "fell"
    text = (
        f"From {first['year']:.0f} to {last['year']:.0f} the part of {words.possessive(one.phrase)} value added that"
        f" {other.phrase} carries {verb} from {words.percent(100 * first['carried'])} to"
        f" {words.percent(100 * last['carried'])}"
    )
    if "carried_research" in found:
        text += (
            f" (research-intensive sectors: {words.percent(100 * first['carried_research'])} to"
            f" {words.percent(100 * last['carried_research'])})"
        )
    return (
        f"{text}; its part of the imports of goods went from {words.percent(100 * first['imports_goods'])} to"
        f" {words.percent(100 * last['imports_goods'])}, of the exports of goods from"
        f" {words.percent(100 * first['exports_goods'])} to {words.percent(100 * last['exports_goods'])}."
    )


def _trend_figure(one: Exposed, other: Exposed, found: pd.DataFrame, back: pd.DataFrame) -> Figure:
    groups = []
    for who, whom, table in ((one, other, found), (other, one, back)):
        bars = [
            Bar(f"{TIES[name]}, {row['year']:.0f}", 100 * row[name], (f"{100 * row[name]:.1f}",),
                kind="two" if place < len(table) - 1 else "one")
            for name in TIES if name in table and name not in ("exports", "imports", "index")
            for place, (_, row) in enumerate(table.iterrows())
        ]  # fmt: skip
        groups.append(Group(words.upper_first(f"{who.phrase}: part of {whom.phrase}"), bars))
    title = "The same in earlier years"
    body = bar_table(groups, first="Tie and year", unit="percent", columns=("%",), caption=f"{title}: ties by year")
    note = (
        "Exports and imports without services, in which the sources differ most; minerals of the year at hand nearest"
        " to each. Green: earlier."
    )
    return Figure("exposure-trend", title, "part of the partner in what is foreign, percent", body, note)


def _rest(one: Exposed, worlds: Sequence[Any]) -> str:
    """What part of a region's imports of services each year's table leaves to a rest of the world."""
    told = []
    for world in sorted(worlds, key=lambda item: item.year):
        own = world.region_indices(one.region)
        bought = world.accounts.flows[own][:, :, ~np.array(world.goods)].sum(axis=(0, 2))
        bought[own] = 0.0
        rest = sum(bought[n] for n, code in enumerate(world.regions) if code == REST)
        told.append(f"{100 * float(ratio(rest, bought.sum())):.0f}{words.SPACE}% in {world.year}")
    return f"the rest of the world supplies {words.listed(told)} of the services that {one.phrase} imports"


def _trend_cautions(one: Exposed, worlds: Sequence[Any], found: pd.DataFrame, back: pd.DataFrame) -> list[str]:
    told = words.listed(f"{world.name} ({world.year})" for world in sorted(worlds, key=lambda item: item.year))
    lines = [
        f"The trend compares the worlds {told}, made from different sources: the level of one tie may differ for that"
        f" reason alone, most of all in services ({_rest(one, worlds)}); technology of later ones is updated from"
        " earlier ones."
    ]
    left = sorted({*found.attrs["left_out"], *back.attrs["left_out"]})
    if left:
        lines.append(f"Left out of the trend, because not every year’s world tells them apart: {', '.join(left)}.")
    return lines


def concentration_section(one: Exposed, other: Exposed | None) -> Section:
    """On how few suppliers and buyers a region depends, sector by sector, and the tests of dependency."""
    world, names = one.world, one.names
    bought = concentration(world, one.region, sectors=one.sectors)
    sold = concentration(world, one.region, side="exports", sectors=one.sectors)
    bought, sold = (frame.sort_values("herfindahl", ascending=False, kind="stable") for frame in (bought, sold))
    high = bought[bought["herfindahl"] > CONCENTRATED]
    sentences = [
        f"Imports of {one.phrase} are concentrated (Herfindahl index above {CONCENTRATED:g}) in {len(high)} of"
        f" {len(bought)} sectors{_whose(high, names, other)}."
    ]
    met = bought[bought["dependent"]]
    named = words.listed(words.in_sentence(names.sector[str(code)]) for code in met.index)
    sentences.append(
        f"All three tests of dependency hold in {named or 'no sector'} in {world.year}; the rule asks for two years of"
        " three, which one year’s accounts cannot meet."
    )
    groups = []
    for heading, frame in (("Suppliers", bought), ("Buyers", sold)):
        bars = [
            Bar(
                names.sector[str(code)],
                row.herfindahl,
                (f"{row.herfindahl:.2f}", f"{row.largest} {100 * row.largest_fraction:.0f}{words.SPACE}%"),
                kind="one" if row.herfindahl > CONCENTRATED else "two",
                strong=bool(getattr(row, "dependent", False)),
            )
            for code, row in frame.head(SHOWN).iterrows()
        ]
        groups.append(Group(heading, bars))
    title = f"Few suppliers, few buyers: {words.possessive(one.phrase)} most concentrated trade"
    body = bar_table(
        groups, first="Sector", unit="Herfindahl index", columns=("index", "largest"), caption=f"{title}, by sector"
    )
    note = (
        f"1: a single one; darker above {CONCENTRATED:g}. The {SHOWN} highest each; a rest of the world is taken as"
        " many small countries."
    )
    return Section(
        "exposure-concentration",
        "Concentration",
        tuple(sentences),
        figures=(Figure("exposure-concentration-sectors", title, "Herfindahl index of partners", body, note),),
        tables=(
            Table("exposure_concentration_suppliers", "Concentration of suppliers and tests of dependency, by sector",
                  labelled(bought.reset_index(), world)),
            Table("exposure_concentration_buyers", "Concentration of buyers, by sector",
                  labelled(sold.reset_index(), world)),
        ),
        cautions=(
            "The tests were made for six-digit products. A sector of this table holds hundreds of them: a dependency"
            " inside it is not seen here.",
        ),
        sources=(GEODEP,),
    )  # fmt: skip


def _whose(high: pd.DataFrame, names: Any, other: Exposed | None) -> str:
    """In how many of the concentrated sectors the partner is the largest supplier, and which."""
    if other is None or not len(high):
        return ""
    codes = {other.world.regions[n] for n in other.world.region_indices(other.region)}
    mine = high[high["largest"].isin(codes)]
    if not len(mine):
        return f"; in none of them is {other.phrase} the largest supplier"
    named = words.listed(words.in_sentence(names.sector[str(code)]) for code in mine.index[:5])
    return f"; in {len(mine)} of them {other.phrase} is the largest supplier ({named})"
