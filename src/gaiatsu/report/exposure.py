"""The page of exposure: what of a region's value added, inputs and trade hangs on one partner, and on whom at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from gaiatsu.exposure.places import pair
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.exposed import Exposed, named, percent
from gaiatsu.report.exposure_inputs import inputs_section, sources_section
from gaiatsu.report.exposure_ties import concentration_section, dependence_section
from gaiatsu.report.figures import BILLION, Figure
from gaiatsu.report.headline import GROUP_NAMES
from gaiatsu.report.maps import share_legend, share_map, thresholds
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled
from gaiatsu.world.codes import GROUP_ALIASES, fold

SHOWN = 12  # sectors or partners in a figure; the tables have all
TIVA = Source(
    "Accounting of value added by origin in final demand: OECD, Guide to OECD's Trade in Value Added Indicators"
    " (indicator FFD_DVA)"
)
TAXONOMY = Source(
    "Galindo-Rueda, F. and Verger, F. (2016). OECD Taxonomy of Economic Activities Based on R&D Intensity. OECD"
    " Science, Technology and Industry Working Papers 2016/04",
    "https://doi.org/10.1787/5jlv73sqqp8r-en",
)


def shares_of(one: Exposed, other: Exposed) -> dict[str, tuple[float, float]]:
    """What the other's final demand carries: kind of sectors, where it is a part → (fraction, US$ million)."""
    goods = dict(zip(one.world.sectors, one.world.goods, strict=True))
    parts = {
        "Goods": [code for code in one.chosen if goods[code]],
        "Services": [code for code in one.chosen if not goods[code]],
        "Research-intensive sectors": list(one.innovators),
    }
    kinds = {"Sectors asked for" if one.wares else "All sectors": one.chosen}
    for kind, codes in parts.items():
        if 0 < len(codes) < len(one.chosen):
            kinds[f"{kind} among them" if one.wares else kind] = codes
    by_sector = one.carried.by_sector(one.region, other.region)["carried_usd_million"]
    return {
        kind: (one.carried.carried(one.region, other.region, codes), float(by_sector[codes].sum()))
        for kind, codes in kinds.items()
    }


def lead(one: Exposed, other: Exposed) -> str:
    """The headline: what the other's final demand carries, in all and of research-intensive sectors."""
    share, money = next(iter(shares_of(one, other).values()))
    whose = f"{words.possessive(one.phrase)} value added{one.goods}"
    if not share:
        return f"Final demand in {other.phrase} carries nothing of {whose}."
    text = (
        f"Final demand in {other.phrase} carries {words.percent(100 * share)} of {whose}"
        f" ({words.money(money)}{one.in_year})"
    )
    if not one.innovators:
        return f"{text}."
    share = one.carried.carried(one.region, other.region, one.innovators)
    ends = [
        one.carried.carried(one.region, other.region, codes)
        for codes in (one.research.whole, one.research.most) if codes
    ]  # fmt: skip
    low, high = (words.percent(100 * end) for end in (min([share, *ends]), max([share, *ends])))
    sure = f" ({low} to {high}, by which sectors are counted)" if low != high else ""
    return f"{text}, and {words.percent(100 * share)} of that of {one.innovators_phrase}{sure}."


def pair_page(
    world: Any, region: Sequence[str], on: Sequence[str], *, sectors: Sequence[str] = ("all",),
    worlds: Sequence[Any] = (),
) -> Page:  # fmt: skip
    """The exposure of a region or group to a partner or group, and back. `worlds`: two or more years for the trend."""
    pair(world, region, on)  # refuses a partner without members of its own
    one = Exposed(world, region, sectors)
    other = one.turned(on)
    ties = dependence_section(one, other, worlds)
    compared = any(table.name == "exposure_dependence_trend" for table in ties.tables)
    return Page(
        name="exposure",
        title=f"{words.upper_first(one.phrase)} and {other.phrase}: who depends on whom{one.goods}",
        question=f"How much of {words.possessive(one.phrase)} economy hangs on {other.phrase}{one.goods}, and the"
        " reverse?",
        lead=lead(one, other),
        world=world,
        sections=(
            value_added_section(one, other),
            inputs_section(one, other),
            ties,
            concentration_section(one, other),
        ),
        assumptions=assumptions(world),
        facts={"region": list(region), "on": list(on), "sectors": list(sectors),
               "trend": [item.name for item in worlds] if compared else []},
    )  # fmt: skip


def partners_page(world: Any, region: Sequence[str], *, sectors: Sequence[str] = ("all",)) -> Page:
    """On whom a region depends at all: every partner, ranked."""
    one = Exposed(world, region, sectors)
    shares = one.carried.partners(one.region, one.sectors)
    abroad = words.percent(100 * float(shares.sum())) if shares.any() else "nothing"
    lead_text = (
        f"Foreign final demand carries {abroad} of {words.possessive(one.phrase)} value"
        f" added{one.goods}{one.largest(shares, 'single market')}."
    )
    carried = Section(
        "exposure",
        f"Whose demand carries {words.possessive(one.phrase)} value added{one.goods}",
        (_research_sentence(one) or lead_text,),
        figures=tuple(figure for figure in (_partners_figure(one), _map(one)) if figure),
        tables=(_partners_table(one), _matrix_table(one), _accounting_table(one)),
        cautions=(*research_cautions(one), *absent(world, region)),
        sources=(TIVA, TAXONOMY),
    )
    return Page(
        name="exposure",
        title=f"{words.upper_first(one.phrase)}: on whom it depends{one.goods}",
        question=f"On whose demand and production does {words.possessive(one.phrase)} economy hang{one.goods}?",
        lead=lead_text,
        world=world,
        sections=(carried, sources_section(one), concentration_section(one, None)),
        assumptions=assumptions(world),
        facts={"region": list(region), "sectors": list(sectors)},
    )


def _research_sentence(one: Exposed) -> str:
    """Whose demand carries the value added of the research-intensive sectors; empty where they are none or all."""
    if not one.innovators:
        return ""
    shares = one.carried.partners(one.region, one.innovators)
    if not shares.any():
        return ""
    return (
        f"Of {one.innovators_phrase}, foreign final demand carries {words.percent(100 * float(shares.sum()))} of the"
        f" value added{one.largest(shares, 'single market')}."
    )


def value_added_section(one: Exposed, other: Exposed) -> Section:
    """Value added carried by the other's final demand, both ways, by sector and on a map."""
    rows = _sector_rows(one, other)
    top = [
        f"{words.in_sentence(one.names.sector[str(code)])} ({words.money(row.carried_usd_million)},"
        f" {words.percent(100 * row.carried_fraction)} of its value added)"
        for code, row in rows.head(3).iterrows()
        if row.carried_usd_million > 0
    ]
    sentences = [lead(other, one)]
    if top and len(one.chosen) > 1:
        sentences.append(f"Most is at stake in {words.possessive(one.phrase)} {words.listed(top)}.")
    sentences += [_rank(one, other), _accounting_sentence(one, other)]
    return Section(
        "exposure",
        f"Whose demand carries {words.possessive(one.phrase)} value added{one.goods}",
        tuple(text for text in sentences if text),
        figures=tuple(
            figure for figure in (_both_ways(one, other), _sectors_figure(one, other, rows), _map(one)) if figure
        ),
        tables=(
            Table("exposure_both_ways", "Value added that the other's final demand carries", _both_table(one, other)),
            Table("exposure_sectors", "By sector, one way", named(rows, one)),
            Table("exposure_sectors_back", "By sector, the other way", named(_sector_rows(other, one), one)),
            _partners_table(one),
            _matrix_table(one),
            _accounting_table(one),
        ),
        cautions=(*research_cautions(one), *absent(one.world, (*one.region, *other.region))),
        sources=(TIVA, TAXONOMY),
    )


def assumptions(world: Any) -> tuple[str, ...]:
    """What every number of exposure rests on."""
    return (
        f"World {world.name}: accounts of {world.year}; money in US$ of {world.year}."
        if world.year
        else f"World {world.name}: its own accounts, without a year.",
        "All users of a good in a country buy it from the same mix of origins, so that a plant that buys abroad more"
        " than others of its country is not seen.",
        "“Carries” is accounting, not a forecast: what a fall of that demand would cost is told by a scenario or by"
        " leverage, in which buyers and sellers look for others.",
        "Value added includes what accrues to foreign owners of plants in the country.",
    )


def absent(world: Any, said: Iterable[str]) -> tuple[str, ...]:
    """Members of the groups named that are no region of this world."""
    keys = {fold(name): name for name in world.absent}
    lines = []
    for word in said:
        name = keys.get(GROUP_ALIASES.get(fold(word), fold(word)))
        if name and world.absent[name]:
            missing = ", ".join(world.absent[name])
            lines.append(
                f"Of {GROUP_NAMES.get(name, name)}, {missing} are inside other regions of this world: left out."
            )
    return tuple(lines)


def research_cautions(one: Exposed) -> tuple[str, ...]:
    """Which sectors count as research-intensive, and which only in part."""
    found = one.research
    if not found.counted:
        return ("No sector of those asked for is told to be research-intensive.",)
    lines = [
        f"Research-intensive: {one.several(found.counted)} (OECD taxonomy, groups of high and medium-high R&D"
        " intensity)."
    ]
    if found.mostly:
        lines.append(
            f"Only in part, the larger by number of ISIC classes, and counted, an assumption:"
            f" {one.several(found.mostly)}."
        )
    if found.partly:
        lines.append(
            f"Only in part, the smaller by number of ISIC classes, and not counted, an assumption:"
            f" {one.several(found.partly)}."
        )
    return tuple(lines)


# ------------------------------------------------------------------------------------------------------ sentences
def _rank(one: Exposed, other: Exposed) -> str:
    if len(one.world.region_indices(other.region)) != 1:
        return ""
    ranked = _ranked(one)
    code = one.world.regions[one.world.region_indices(other.region)[0]]
    if not ranked.get(code, 0.0):
        return ""
    place = list(ranked.index).index(code)
    if place == 0:
        return f"Measured by value added{one.goods}, {other.phrase} is the largest foreign market."
    return (
        f"Measured by value added{one.goods}, {other.phrase} is foreign market number {place + 1}, after"
        f" {words.listed(one.names.the(str(item)) for item in ranked.index[: min(place, 3)])}"
        f"{' and others' if place > 3 else ''}."
    )


def _ranked(one: Exposed) -> pd.Series:
    """Shares by partner, largest first, without a rest of the world."""
    shares = one.carried.partners(one.region, one.sectors).drop("ROW", errors="ignore")
    return shares.sort_values(ascending=False, kind="stable")


def _accounting_sentence(one: Exposed, other: Exposed) -> str:
    members = [one.world.regions[n] for n in one.world.region_indices(other.region)]
    parts = one.carried.accounting().loc[members].sum()
    whole = parts["final_demand_usd_million"]
    inputs, final = (parts[f"{name}_duties_usd_million"] / whole for name in ("input", "final"))
    return (
        f"Of what final demand in {other.phrase} pays, {100 * (1 - inputs - final):.1f}{words.SPACE}% is value added"
        f" somewhere, {words.percent(100 * inputs)} duties paid on inputs along the chains, and"
        f" {words.percent(100 * final)} duties on its own purchases."
    )


# -------------------------------------------------------------------------------------------------------- figures
def _both_ways(one: Exposed, other: Exposed) -> Figure:
    groups = []
    for first, second in ((one, other), (other, one)):
        bars = [
            Bar(kind, 100 * share, (percent(share), words.signed_money(money).lstrip("+")), kind="one",
                strong=kind.startswith("Research"))
            for kind, (share, money) in shares_of(first, second).items()
        ]  # fmt: skip
        heading = words.upper_first(
            f"{words.possessive(first.phrase)} value added{first.goods}, carried by {second.phrase}"
        )
        groups.append(Group(heading, bars))
    title = "What hangs on the other’s final demand, both ways"
    body = bar_table(groups, first="Sectors", unit="percent", columns=("%", BILLION), caption=title)
    return Figure("exposure-both-ways", title, "percent of value added, and US$ billion", body)


def _sectors_figure(one: Exposed, other: Exposed, rows: pd.DataFrame) -> Figure | None:
    if not rows["carried_usd_million"].any():
        return None
    bars = [
        Bar(
            one.names.sector[str(code)],
            row.carried_usd_million / 1000,
            (words.signed_money(row.carried_usd_million).lstrip("+"), percent(row.carried_fraction)),
            kind="one",
            strong=code in one.research.counted,
        )
        for code, row in rows.head(SHOWN).iterrows()
    ]
    title = (
        f"{words.upper_first(words.possessive(one.phrase))} value added in final demand of {other.phrase}, by sector"
    )
    body = bar_table(
        [Group("", bars)], first="Sector", unit="US$ billion", columns=(BILLION, "% of sector"), caption=title
    )
    note = (
        f"The {len(bars)} sectors with most of it; research-intensive ones in bold. Every stage of a chain counts where"
        " it is made."
    )
    return Figure("exposure-sectors", title, "US$ billion, and percent of the sector’s value added", body, note)


def _partners_figure(one: Exposed) -> Figure | None:
    ranked = _ranked(one)
    if not ranked.any():
        return None
    research = one.carried.partners(one.region, one.innovators) if one.innovators else None
    bars = [
        Bar(
            one.names.region[str(code)],
            100 * share,
            (percent(share), percent(research[code])) if research is not None else (percent(share),),
            kind="one",
        )
        for code, share in ranked.head(SHOWN).items()
    ]
    whole = "sectors asked for, %" if one.wares else "all sectors, %"
    columns = (whole, "research-intensive, %") if research is not None else ("%",)
    title = f"Whose final demand carries {words.possessive(one.phrase)} value added{one.goods}"
    body = bar_table([Group("", bars)], first="Partner", unit="percent", columns=columns, caption=title)
    return Figure("exposure-partners", title, "percent of value added", body, f"The {len(bars)} largest.")


def _map(one: Exposed) -> Figure | None:
    shares = {str(code): 100 * float(value) for code, value in one.carried.partners(one.region, one.sectors).items()}
    members = dict(zip(one.world.regions, one.world.region_parts, strict=True))
    if not any(shares.values()):
        return None
    title = f"Map: who carries {words.possessive(one.phrase)} value added{one.goods}"
    largest = max(shares, key=lambda code: shares[code] if code != "ROW" else -1.0)
    alternative = (
        f"World map of the shares of {words.possessive(one.phrase)} value added{one.goods} carried by each country’s"
        f" final demand; the largest is {words.percent(shares[largest])} in {one.names.the(largest)}"
    )
    picture = share_map(shares, one.names.region, members, alternative)
    if picture is None:
        return None
    limits = thresholds({code: value for code, value in shares.items() if code != "ROW"})
    note = "Borders are those of Natural Earth and imply no position. The table of partners has the numbers."
    own = words.upper_first(one.phrase)
    return Figure("exposure-map", title, "percent of value added", picture, note, share_legend(limits, own))


# --------------------------------------------------------------------------------------------------------- tables
def _sector_rows(one: Exposed, other: Exposed) -> pd.DataFrame:
    """By sector, largest first; with the taxonomy's mark."""
    rows = one.carried.by_sector(one.region, other.region).loc[one.chosen]
    rows["research_intensive"] = [one.research.mark(str(code)) for code in rows.index]
    return rows.sort_values("carried_usd_million", ascending=False, kind="stable")


def _both_table(one: Exposed, other: Exposed) -> pd.DataFrame:
    rows = [
        (first.phrase, second.phrase, kind, share, money)
        for first, second in ((one, other), (other, one))
        for kind, (share, money) in shares_of(first, second).items()
    ]
    columns = ["of", "carried_by", "sectors", "carried_fraction", "carried_usd_million"]
    return pd.DataFrame(rows, columns=columns)


def _partners_table(one: Exposed) -> Table:
    frame = one.carried.partners(one.region, one.sectors).to_frame()
    if one.innovators:
        frame["carried_research_fraction"] = one.carried.partners(one.region, one.innovators)
    frame = frame.sort_values("carried_fraction", ascending=False, kind="stable").reset_index(names="region")
    title = f"Shares of value added{one.goods} that each other country's final demand carries"
    return Table("exposure_partners", title, labelled(frame, one.world))


def _matrix_table(one: Exposed) -> Table:
    frame = one.carried.matrix(one.sectors, share=False).add_suffix("_usd_million").reset_index()
    title = f"Value added{one.goods} of each region (rows) in each region's final demand (columns)"
    return Table("exposure_matrix", title, labelled(frame, one.world))


def _accounting_table(one: Exposed) -> Table:
    title = "What final demand is made of: value added, duties on inputs, duties on final purchases"
    return Table("exposure_accounting", title, labelled(one.carried.accounting().reset_index(), one.world))
