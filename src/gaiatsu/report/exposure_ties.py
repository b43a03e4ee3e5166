"""Sections of the exposure page on ties taken together, their trend, and concentration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.concentration import CONCENTRATED, concentration
from gaiatsu.exposure.critical_goods import critical_goods
from gaiatsu.exposure.places import REST, ratio
from gaiatsu.exposure.ties import dependence, industries_of, research_among, trend
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
GOODS = {"imports": "imports_goods", "exports": "exports_goods"}
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
    both = ((one, other), (other, one))
    tables = {who: dependence(who.world, who.region, whom.region, sectors=who.sectors) for who, whom in both}
    sentences = [_index_sentence(one, other, tables[one]), _index_sentence(other, one, tables[other])]
    groups = []
    for who, whom in both:
        if not len(tables[who]):
            continue
        bars = [_tie_bar(str(name), row, _minerals_year(who, tables[who])) for name, row in tables[who].iterrows()]
        index = tables[who].attrs["index"]
        bars.append(Bar(TIES["index"], 100 * index, (f"{100 * index:.1f}", ""), kind="whole", strong=True))
        groups.append(
            Group(words.upper_first(f"{who.phrase}: part of {whom.phrase} in what is foreign{who.goods}"), bars)
        )
    title = f"Dependence on one partner{one.goods}, tie by tie"
    body = bar_table(
        groups, first="Tie", unit="percent", columns=("% of foreign", "% of the whole"), caption=f"{title}, both ways"
    )
    note = (
        "Of the whole: of output (exports), of purchases (imports, minerals), of production called on, of value added."
        " “All together” is the plain mean: that every tie weighs the same is an assumption."
    )
    if one.wares:
        note += f" Trade and value added in {one.wares}, inputs of their producers; minerals only with all sectors."
    figures = [Figure("exposure-ties", title, "part of the partner, percent", body, note)] if groups else []
    listed = [
        Table("exposure_dependence", f"Dependence of the first on the second{one.goods}", tables[one].reset_index()),
        Table(
            "exposure_dependence_back", f"Dependence of the second on the first{one.goods}", tables[other].reset_index()
        ),
    ]
    cautions = []
    if "critical_goods" in tables[one].index:
        minerals = critical_goods(one.world, one.region, other.region)
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
        try:
            found, back = (trend(worlds, who.region, whom.region, sectors=who.sectors) for who, whom in both)
        except ScenarioError as error:
            cautions.append(f"No trend over the years: {error}.")
        else:
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
        sources=(BACI,) if any("critical_goods" in table.index for table in tables.values()) else (),
    )


def _minerals_year(one: Exposed, table: pd.DataFrame) -> str:
    """ ", 2015" where the customs statistics are of another year than the world."""
    year = table.attrs["minerals_year"]
    return "" if year in (None, one.world.year) else f", {year}"


def _tie_bar(name: str, row: Any, minerals_year: str) -> Bar:
    whole = f"{100 * row.whole_fraction:.2f}"
    label = TIES[name] + (minerals_year if name == "critical_goods" else "")
    return Bar(label, 100 * row.part_fraction, (f"{100 * row.part_fraction:.1f}", whole), kind="one")


def _index_sentence(one: Exposed, other: Exposed, table: pd.DataFrame) -> str:
    parts = table["part_fraction"]
    if not len(parts):
        return f"Nothing ties {one.phrase} to the outside{one.goods}."
    low, high = str(parts.idxmin()), str(parts.idxmax())
    text = (
        f"Of what ties {one.phrase} to the outside{one.goods}, {words.percent(100 * table.attrs['index'])} is with"
        f" {other.phrase}"
    )
    if len(parts) == 1:
        return f"{text} ({words.in_sentence(TIES[low])})."
    if parts[low] == parts[high]:
        return f"{text}, the same in each of {len(parts)} ties."
    return (
        f"{text}, taking {len(parts)} ties together: from {words.percent(100 * parts[low])}"
        f" ({words.in_sentence(TIES[low])}) to {words.percent(100 * parts[high])} ({words.in_sentence(TIES[high])})."
    )


def _trend_sentence(one: Exposed, other: Exposed, found: pd.DataFrame) -> str:
    first, last = found.iloc[0], found.iloc[-1]
    verb = "rose" if last["carried"] > first["carried"] else "fell"
    text = (
        f"From {first['year']:.0f} to {last['year']:.0f} the part of {words.possessive(one.phrase)} value"
        f" added{one.goods} that final demand in {other.phrase} carries {verb} from"
        f" {words.percent(100 * first['carried'])} to {words.percent(100 * last['carried'])}"
    )
    if "carried_research" in found:
        text += (
            f" (research-intensive {'ones among these' if one.wares else 'sectors'}:"
            f" {words.percent(100 * first['carried_research'])} to {words.percent(100 * last['carried_research'])})"
        )
    sides = {"imports": "imports", "exports": "exports"} if one.wares else GOODS
    parts = [
        f"in {side} of {one.wares or 'goods'} from {words.percent(100 * first[name])} to"
        f" {words.percent(100 * last[name])}"
        for side, name in sides.items()
        if name in found
    ]
    return f"{text}; the part of {other.phrase} moved {words.listed(parts)}." if parts else f"{text}."


def _trend_figure(one: Exposed, other: Exposed, found: pd.DataFrame, back: pd.DataFrame) -> Figure:
    groups = []
    for who, whom, table in ((one, other, found), (other, one, back)):
        # services differ most between the sources: with all sectors, trade without them
        apart = {"index"} if one.wares else {"index", "exports", "imports"}
        bars = [
            Bar(f"{TIES[name]}, {row['critical_goods_year' if name == 'critical_goods' else 'year']:.0f}",
                100 * row[name], (f"{100 * row[name]:.1f}",), kind="two" if place < len(table) - 1 else "one")
            for name in TIES if name in table and name not in apart
            for place, (_, row) in enumerate(table.iterrows())
        ]  # fmt: skip
        groups.append(Group(words.upper_first(f"{who.phrase}: part of {whom.phrase}{who.goods}"), bars))
    title = "The same in earlier years"
    body = bar_table(groups, first="Tie and year", unit="percent", columns=("%",), caption=f"{title}: ties by year")
    note = (
        "Green: earlier."
        if one.wares
        else "Exports and imports without services, in which the sources differ most; minerals of the year at hand"
        " nearest to each. Green: earlier."
    )
    return Figure("exposure-trend", title, "part of the partner in what is foreign, percent", body, note)


def _rest(one: Exposed, worlds: Sequence[Any]) -> str:
    """What part of a region's imports of services each year's table leaves to a rest of the world."""
    told = []
    for world in worlds:
        own = world.region_indices(one.region)
        bought = world.accounts.flows[own][:, :, ~np.array(world.goods)].sum(axis=(0, 2))
        bought[own] = 0.0
        rest = sum(bought[n] for n, code in enumerate(world.regions) if code == REST)
        told.append(f"{100 * float(ratio(rest, bought.sum())):.0f}{words.SPACE}% in {world.year}")
    return f"the rest of the world supplies {words.listed(told)} of the services that {one.phrase} imports"


def _trend_cautions(one: Exposed, worlds: Sequence[Any], found: pd.DataFrame, back: pd.DataFrame) -> list[str]:
    ordered = sorted(worlds, key=lambda item: item.year)
    told = words.listed(f"{world.name} ({world.year})" for world in ordered)
    services = {code for code, goods in zip(one.world.sectors, one.world.goods, strict=True) if not goods}
    most = f", most of all in services ({_rest(one, ordered)})" if services & set(one.chosen) else ""
    lines = [
        f"The trend compares the worlds {told}, made from different sources: the level of one tie may differ for that"
        f" reason alone{most}; technology of later ones is updated from earlier ones."
    ]
    if "carried_research" in found:
        counted = [research_among(world, one.sectors) for world in ordered]
        held = [industries_of(world, codes) for world, codes in zip(ordered, counted, strict=True)]
        if any(item != held[0] for item in held):
            same = set.intersection(*(set(codes) for codes in counted))
            told = "; ".join(
                f"in {world.year} {words.listed(code for code in codes if code not in same) or 'none'}"
                for world, codes in zip(ordered, counted, strict=True)
            )
            lines.append(f"Research-intensive sectors are not cut alike in all years. Besides the same ones: {told}.")
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
    sentences = [_tests(one, bought, other)] if len(bought) else [f"Nothing is imported by {one.phrase}{one.goods}."]
    groups = []
    for heading, frame in (("Suppliers", bought), ("Buyers", sold)):
        if not len(frame):
            continue
        bars = [
            Bar(
                names.sector[str(code)],
                row.herfindahl,
                (
                    f"{row.herfindahl:.2f}",
                    f"{row.largest} {100 * row.largest_fraction:.0f}{words.SPACE}%" if row.largest else "–",
                ),
                kind="one" if row.herfindahl > CONCENTRATED else "two",
                strong=bool(getattr(row, "dependent", False)),
            )
            for code, row in frame.head(SHOWN).iterrows()
        ]
        groups.append(Group(heading, bars))
    title = f"Few suppliers, few buyers: {words.possessive(one.phrase)} most concentrated trade{one.goods}"
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
        figures=(Figure("exposure-concentration-sectors", title, "Herfindahl index of partners", body, note),)
        if groups else (),
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


def _tests(one: Exposed, bought: pd.DataFrame, other: Exposed | None) -> str:
    """In how many sectors imports are concentrated, and where all tests of dependency hold."""
    high, met = bought[bought["herfindahl"] > CONCENTRATED], bought[bought["dependent"]]
    met_in = words.listed(words.in_sentence(one.names.sector[str(code)]) for code in met.index)
    row = bought.iloc[0]
    if len(bought) > 1:
        text = (
            f"Imports of {one.phrase}{one.goods} are concentrated (Herfindahl index above {CONCENTRATED:g}) in"
            f" {len(high) or 'none'} of {len(bought)} sectors{_whose(high, one.names, other)}"
        )
    else:
        text = (
            f"Imports of {one.phrase}{one.goods} are {'' if len(high) else 'not '}concentrated: Herfindahl index"
            f" {row['herfindahl']:.2f}, concentrated above {CONCENTRATED:g}"
        )
        if row["largest"]:
            share = words.percent(100 * row["largest_fraction"])
            text += f"; the largest supplier is {one.names.the(row['largest'])} ({share})"
    return (
        f"{text}. All three tests of dependency hold in {met_in or 'no sector'}{one.in_year}; the rule asks for two"
        " years of three, which one year’s accounts cannot meet."
    )


def _whose(high: pd.DataFrame, names: Any, other: Exposed | None) -> str:
    """In how many of the concentrated sectors the largest supplier is the partner, or one of them, and which."""
    if other is None or not len(high):
        return ""
    codes = {other.world.regions[n] for n in other.world.region_indices(other.region)}
    mine = high[high["largest"].isin(codes)]
    who = other.phrase
    if len(codes) > 1:
        who = f"{'one' if len(other.region) > 1 else 'a member'} of {other.phrase}"
    if not len(mine):
        return f"; in none of them is {who} the largest supplier"
    named = words.listed(words.in_sentence(names.sector[str(code)]) for code in mine.index[:5])
    others = " and others" if len(mine) > 5 else ""
    return f"; in {len(mine)} of them {who} is the largest supplier ({named}{others})"
