"""Imports of critical minerals from one partner, in the customs statistics of `gaiatsu.exposure.minerals`.

A mineral is too small to see in a world's sectors; BACI has its trade by six-digit product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gaiatsu.exposure.places import REST, Positions, herfindahl, pair, partner_part, single_suppliers
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

NEAR = 5  # years: statistics further from a world's year say nothing about it


def critical_goods(world: World, region: Names, on: Names, *, year: int | None = None) -> pandas.DataFrame:
    """Mineral by mineral, what a region imports and what part of it the partner sells.

    year: that of the statistics, the nearest at hand to it, or to the world's. Columns name, imports_usd_million,
    part_fraction, largest (region, None where only a rest of the world sells), largest_fraction, herfindahl (a rest of
    the world as many small suppliers); minerals that the nomenclature does not tell apart, or that the region does not
    import, are left out. attrs["year"] is the year; attrs["part_fraction"], ["largest"], ["largest_fraction"] are the
    same for all these imports together, None without any. Nothing is told, unless a year is given, of a world that is
    more than five years from the statistics, or whose imports are smaller than those of minerals. Raises ScenarioError.
    """
    import pandas

    from gaiatsu.exposure import minerals

    places, single = pair(world, region, on), single_suppliers(world)
    known = {key: facts for key, facts in minerals.facts()["minerals"].items() if facts["hs"]}
    mineral_of = {code: key for key, facts in known.items() for code in facts["hs"]}
    chosen, table = _bought(world, places.own, world.year if year is None else year)
    sums = table.groupby([table["hs"].map(mineral_of), "from"])["value_usd_thousand"].sum()
    if year is None and (abs(chosen - world.year) > NEAR or _too_much(world, places.own, float(sums.sum()) / 1000)):
        sums = sums.iloc[:0]
    rows = {}
    together = np.zeros(len(world.regions))
    for key in known:
        bought = np.zeros(len(world.regions))
        if key in sums.index.get_level_values(0):
            bought[sums[key].index] = sums[key]
        total = float(bought.sum())
        if total <= 0:
            continue
        together += bought
        rows[key] = {
            "name": known[key]["name"],
            "imports_usd_million": total / 1000,
            **partner_part(world, bought, places.partner),
            "herfindahl": float(herfindahl(bought[:, None], single)[0]),
        }
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("mineral")
    nothing = dict.fromkeys(("part_fraction", "largest", "largest_fraction"))
    frame.attrs.update({"year": chosen, **(partner_part(world, together, places.partner) if rows else nothing)})
    return frame


def _too_much(world: World, own: Positions, minerals: float) -> bool:
    """Whether a region would import more minerals than everything: its accounts are not those of the country."""
    bought = world.accounts.flows[own].sum(axis=(0, 2))
    return minerals > bought.sum() - bought[own].sum()


def _bought(world: World, own: Positions, year: int) -> tuple[int, pandas.DataFrame]:
    """The year at hand nearest to `year`, and what `own` bought then from others: hs, from (position), value."""
    from gaiatsu.exposure.minerals import trade

    table = trade()
    years = table["year"].unique()
    chosen = int(min(sorted(years), key=lambda item: abs(int(item) - year)))
    holder = {part: index for index, parts in enumerate(world.region_parts) for part in parts}
    rest = world.regions.index(REST) if REST in world.regions else None
    table = table[table["year"] == chosen]
    buyer, seller = (
        table[side].map({code: holder.get(code, rest) for code in table[side].unique()})
        for side in ("importer", "exporter")
    )
    kept = buyer.isin(own) & seller.notna() & ~seller.isin(own)
    out = table.loc[kept, ["hs", "value_usd_thousand"]]
    out["from"] = seller[kept].astype(int)
    return chosen, out
