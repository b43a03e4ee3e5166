"""How few a region depends on: concentration of suppliers and buyers, tests of dependency, dependence on one power.

The tests are those of CEPII's GeoDep (Lefebvre and Wibaux 2024, "Import dependencies: where does the EU stand?", CEPII
Policy Brief 47): Herfindahl index of imports above 0.4, of world exports above 0.4, imports over exports above one; a
dependency where all three hold in at least two years of three. GeoDep applies them to six-digit products; a sector of a
world table holds hundreds of these, so that few sectors meet the tests while products inside them may.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from gaiatsu.errors import DataError, ScenarioError, did_you_mean
from gaiatsu.exposure.critical_goods import critical_goods
from gaiatsu.exposure.imports import Imports, imports
from gaiatsu.exposure.places import Pair, Positions, herfindahl, outside, pair, ratio, single_suppliers
from gaiatsu.exposure.research import research_intensive
from gaiatsu.exposure.value_added import ValueAdded, value_added
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

CONCENTRATED = 0.4  # Herfindahl index; GeoDep, criteria 1 and 2
EXCESS = 1.0  # imports over exports; GeoDep, criterion 3
NO_EXPORTS = 9999.0  # imports over exports where nothing is exported; GeoDep's own convention
YEARS, IN_YEARS = 3, 2  # GeoDep, criterion 4
Side = Literal["imports", "exports"]


def _abroad(world: World) -> Array:
    """[importer, exporter, sector] trade between different regions, US$ million before duty."""
    return world.accounts.flows * (1 - np.eye(len(world.regions)))[:, :, None]


def concentration(world: World, region: Names, *, side: Side = "imports", sectors: Names = "all") -> pandas.DataFrame:
    """Sector by sector, on how few foreign suppliers (or buyers) a region or group depends.

    Columns trade_usd_million, herfindahl, herfindahl_most, largest (region), largest_fraction; with side="imports" also
    world_export_herfindahl, imports_over_exports, and dependent: all three tests hold in this world's year. Trade at
    basic prices before duty, that among a group's members left out. Sectors without trade are left out. A rest of the
    world (ROW) is taken as many small countries, in herfindahl_most as one. Raises ScenarioError.
    """
    import pandas

    if side not in ("imports", "exports"):
        raise ScenarioError(f"unknown side {side!r}{did_you_mean(side, ('imports', 'exports'))}")
    own, chosen = world.region_indices(region), world.sector_indices(sectors)
    others = outside(world, own)
    trade = _abroad(world)[:, :, chosen]
    bought, sold = trade[own][:, others].sum(axis=0), trade[others][:, own].sum(axis=1)
    amounts = bought if side == "imports" else sold
    single = single_suppliers(world)
    named = amounts * single[others][:, None]
    frame = pandas.DataFrame(
        {
            "trade_usd_million": amounts.sum(axis=0),
            "herfindahl": herfindahl(amounts, single[others]),
            "herfindahl_most": herfindahl(amounts),
            "largest": [world.regions[others[place]] for place in named.argmax(axis=0)],
            "largest_fraction": ratio(named.max(axis=0), amounts.sum(axis=0)),
        },
        index=pandas.Index([world.sectors[k] for k in chosen], name="sector"),
    )
    if side == "imports":
        exports = sold.sum(axis=0)
        frame["world_export_herfindahl"] = herfindahl(trade.sum(axis=0), single)
        frame["imports_over_exports"] = np.where(exports > 0, ratio(amounts.sum(axis=0), exports), NO_EXPORTS)
        frame["dependent"] = (
            (frame["herfindahl"] > CONCENTRATED)
            & (frame["world_export_herfindahl"] > CONCENTRATED)
            & (frame["imports_over_exports"] > EXCESS)
        )
    return frame[frame["trade_usd_million"] > 0]


def lasting(worlds: Sequence[World], region: Names, *, sectors: Names = "all") -> pandas.DataFrame:
    """In how many of several years' worlds each sector is a dependency of a region.

    Columns years (tested), dependent_years, and lasting: at least two of three; None unless there are three worlds, as
    the rule cannot be applied then. Raises DataError when sectors differ between the worlds or a year comes twice.
    """
    import pandas

    if not worlds:
        raise DataError("no world is given; give one for each year")
    first = worlds[0]
    for world in worlds[1:]:
        if world.sectors != first.sectors:
            raise DataError(f"worlds {first.name!r} and {world.name!r} have different sectors; aggregate them alike")
    years = [world.year for world in worlds]
    if len(set(years)) < len(years):
        raise DataError(f"a year comes twice among the worlds ({', '.join(map(str, years))}); give one world for each")
    chosen = [first.sectors[k] for k in first.sector_indices(sectors)]
    counted = pandas.Series(0, index=pandas.Index(chosen, name="sector"))
    for world in worlds:
        found = concentration(world, region, sectors=sectors)["dependent"]
        counted = counted.add(found.astype(int), fill_value=0)
    frame = pandas.DataFrame({"years": len(years), "dependent_years": counted.reindex(chosen).astype(int)})
    needed = IN_YEARS if len(years) == YEARS else None
    frame["lasting"] = None if needed is None else frame["dependent_years"] >= needed
    frame.attrs["years"] = years
    return frame


def _partners(world: World, places: Pair, carried: ValueAdded, called: Imports) -> dict[str, tuple[Array, float]]:
    """Each kind of tie: [region] amounts with every other region (zero for the own), and the whole they are part of."""
    base, trade = world.accounts, _abroad(world)
    own = places.own
    output = base.output[own]
    amounts = {
        "exports": (trade[:, own].sum(axis=(1, 2)), float(output.sum())),
        "imports": (trade[own].sum(axis=(0, 2)), float(base.flows[own].sum())),
        "inputs": _called(called, own),
        "value_added": (carried.table[own].sum(axis=(0, 1)), float(base.value_added[own].sum())),
    }
    mask = np.ones(len(world.regions))
    mask[own] = 0
    return {name: (table * mask, whole) for name, (table, whole) in amounts.items()}


def _minerals_tie(minerals: pandas.DataFrame, purchases: float) -> dict[str, object]:
    """The row of critical minerals; of the largest suppliers, the one with most in value."""
    bought = minerals["imports_usd_million"]
    largest = (minerals["largest_fraction"] * bought).groupby(minerals["largest"]).sum()
    part = minerals.attrs["part_fraction"]
    return {
        "part_fraction": part,
        "whole_fraction": float(ratio(part * bought.sum(), purchases)),
        "largest": str(largest.idxmax()),
        "largest_fraction": float(ratio(largest.max(), bought.sum())),
    }


def _called(called: Imports, own: Positions) -> tuple[Array, float]:
    output = called.world.accounts.output[own]
    by_source = (called.looked_through[:, own] * output).sum(axis=(1, 2))
    return by_source, float(by_source.sum())


def dependence(world: World, region: Names, on: Names) -> pandas.DataFrame:
    """How far a region relies on one partner, tie by tie; the index is the plain mean of the partner's parts.

    Rows exports, imports (goods and services), inputs (looked-through production abroad), value_added (carried by
    foreign final demand), and critical_goods (imports of minerals, in the year at hand nearest to the world's) where
    customs statistics have any. Columns part_fraction: the partner's part of all that is foreign; whole_fraction: of
    the region's whole output, purchases, production called on, value added; largest, largest_fraction: the largest
    single partner (no rest of the world). attrs["index"]: the mean of part_fraction; equal weights are an assumption.
    """
    import pandas

    places, single = pair(world, region, on), single_suppliers(world)
    rows = {}
    for name, (amounts, whole) in _partners(world, places, value_added(world), imports(world)).items():
        largest = int((amounts * single).argmax())
        partner = float(amounts[places.partner].sum())
        rows[name] = {
            "part_fraction": float(ratio(partner, amounts.sum())),
            "whole_fraction": float(ratio(partner, whole)),
            "largest": world.regions[largest],
            "largest_fraction": float(ratio(amounts[largest], amounts.sum())),
        }
    minerals = critical_goods(world, region, on)
    if minerals.attrs["part_fraction"] is not None:
        rows["critical_goods"] = _minerals_tie(minerals, float(world.accounts.flows[places.own].sum()))
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("tie")
    frame.attrs["index"] = float(frame["part_fraction"].mean())
    return frame


def trend(worlds: Sequence[World], region: Names, on: Names) -> pandas.DataFrame:
    """The same figures in several worlds, oldest first: the partner's part of each tie, the index, value added carried.

    Columns year, exports, imports, inputs, value_added (parts of what is foreign), exports_goods, imports_goods (the
    same without services), critical_goods where it can be told, index (as in `dependence`), carried (of all value
    added), carried_research (of that of research-intensive sectors, where all worlds tell them), all fractions. Of a
    group, the members that every world has are compared; attrs["left_out"] names the others. Raises ScenarioError when
    nobody is left.
    """
    import pandas

    own, partner = _common(worlds, region), _common(worlds, on)
    research = all(research_intensive(world).counted for world in worlds)
    rows: dict[str, dict[str, float]] = {}
    for world in sorted(worlds, key=lambda item: item.year):
        found = dependence(world, own, partner)
        carried = value_added(world)
        rows[world.name] = {
            "year": world.year,
            **found["part_fraction"].to_dict(),
            **_goods_parts(world, own, partner),
            "index": found.attrs["index"],
            "carried": carried.carried(own, partner),
        }
        if research:
            rows[world.name]["carried_research"] = carried.carried(own, partner, research_intensive(world).counted)
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("world")
    everyone = {world.regions[n] for world in worlds for n in world.region_indices(on)}
    frame.attrs["left_out"] = tuple(sorted(everyone - set(partner) - set(own)))
    return frame


def _goods_parts(world: World, region: Names, on: Names) -> dict[str, float]:
    """The partner's part of a region's exports and imports of goods."""
    places, abroad = pair(world, region, on), outside(world, world.region_indices(region))
    goods = world.accounts.flows[:, :, np.array(world.goods)].sum(axis=2)
    sold, bought = goods[:, places.own].sum(axis=1), goods[places.own].sum(axis=0)
    return {
        "exports_goods": float(ratio(sold[places.partner].sum(), sold[abroad].sum())),
        "imports_goods": float(ratio(bought[places.partner].sum(), bought[abroad].sum())),
    }


def _common(worlds: Sequence[World], names: Names) -> list[str]:
    """Codes of the regions meant that every world has."""
    sets = [{world.regions[n] for n in world.region_indices(names)} for world in worlds]
    found = set.intersection(*sets)
    if not found:
        raise ScenarioError(f"no region of {names!r} is in all of the worlds {', '.join(w.name for w in worlds)}")
    return sorted(found)
