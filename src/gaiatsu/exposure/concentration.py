"""How few a region depends on: concentration of suppliers and buyers, and tests of dependency.

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
from gaiatsu.exposure.places import abroad, herfindahl, outside, ratio, single_suppliers
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

CONCENTRATED = 0.4  # Herfindahl index; GeoDep, criteria 1 and 2
EXCESS = 1.0  # imports over exports; GeoDep, criterion 3
NO_EXPORTS = 9999.0  # imports over exports where nothing is exported; GeoDep's own convention
YEARS, IN_YEARS = 3, 2  # GeoDep, criterion 4
Side = Literal["imports", "exports"]


def concentration(world: World, region: Names, *, side: Side = "imports", sectors: Names = "all") -> pandas.DataFrame:
    """Sector by sector, on how few foreign suppliers (or buyers) a region or group depends.

    Columns trade_usd_million, herfindahl, herfindahl_most, largest (region), largest_fraction; with side="imports" also
    world_export_herfindahl, imports_over_exports, and dependent: all three tests hold in this world's year. Trade at
    basic prices before duty, that among a group's members left out. Sectors without trade are left out. A rest of the
    world (ROW) is taken as many small countries, in herfindahl_most as one; largest is None where it is alone. Raises
    ScenarioError.
    """
    import pandas

    if side not in ("imports", "exports"):
        raise ScenarioError(f"unknown side {side!r}{did_you_mean(side, ('imports', 'exports'))}")
    own, chosen = world.region_indices(region), world.sector_indices(sectors)
    others = outside(world, own)
    trade = abroad(world)[:, :, chosen]
    bought, sold = trade[own][:, others].sum(axis=0), trade[others][:, own].sum(axis=1)
    amounts = bought if side == "imports" else sold
    single = single_suppliers(world)
    named = amounts * single[others][:, None]
    frame = pandas.DataFrame(
        {
            "trade_usd_million": amounts.sum(axis=0),
            "herfindahl": herfindahl(amounts, single[others]),
            "herfindahl_most": herfindahl(amounts),
            "largest": [
                world.regions[others[place]] if named[place, k] > 0 else None
                for k, place in enumerate(named.argmax(axis=0))
            ],
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
