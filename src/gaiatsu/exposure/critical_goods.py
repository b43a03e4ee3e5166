"""Imports of critical minerals from one partner, in the customs statistics of `gaiatsu.exposure.minerals`.

A mineral is too small to see in a world's sectors; BACI has its trade by six-digit product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gaiatsu.exposure.places import REST, Positions, herfindahl, pair, ratio, single_suppliers
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World


def critical_goods(world: World, region: Names, on: Names, *, year: int | None = None) -> pandas.DataFrame:
    """Mineral by mineral, what a region imports and what part of it the partner sells.

    year: that of the statistics, the nearest at hand to it, or to the world's. Columns name, imports_usd_million,
    part_fraction, largest (region), largest_fraction, herfindahl (a rest of the world as many small suppliers);
    minerals that the nomenclature does not tell apart, or that the region does not import, are left out.
    attrs["year"] is the year, attrs["part_fraction"] the partner's part of all these imports together, None without
    any. Raises ScenarioError.
    """
    import pandas

    from gaiatsu.exposure import minerals

    places, single = pair(world, region, on), single_suppliers(world)
    known = {key: facts for key, facts in minerals.facts()["minerals"].items() if facts["hs"]}
    mineral_of = {code: key for key, facts in known.items() for code in facts["hs"]}
    chosen, table = _bought(world, places.own, world.year if year is None else year)
    sums = table.groupby([table["hs"].map(mineral_of), "from"])["value_usd_thousand"].sum()
    rows = {}
    for key in known:
        bought = np.zeros(len(world.regions))
        if key in sums.index.get_level_values(0):
            bought[sums[key].index] = sums[key]
        total, named = float(bought.sum()), np.where(single, bought, 0.0)
        if total <= 0:
            continue
        rows[key] = {
            "name": known[key]["name"],
            "imports_usd_million": total / 1000,
            "part_fraction": float(ratio(bought[places.partner].sum(), total)),
            "largest": world.regions[int(named.argmax())],
            "largest_fraction": float(ratio(named.max(), total)),
            "herfindahl": float(herfindahl(bought[:, None], single)[0]),
        }
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("mineral")
    frame.attrs["year"] = chosen
    frame.attrs["part_fraction"] = None
    if len(frame):
        weight = frame["imports_usd_million"]
        frame.attrs["part_fraction"] = float((frame["part_fraction"] * weight).sum() / weight.sum())
    return frame


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
