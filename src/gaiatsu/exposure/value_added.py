"""Whose final demand carries whose value added, and who collects the duties on the way.

With A and L of `gaiatsu.exposure.chains`, γ the share of value added and u the duties on inputs per unit of output,
(γ + u) L = 1: what final demand pays producers is value added and duties on inputs, and nothing else. Value added of
cell (i, k) in the final demand of n is γ · L · F, the accounting of the OECD's Trade in Value Added (origin of value
added in final demand; "Guide to OECD's Trade in Value Added Indicators", indicator FFD_DVA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gaiatsu.exposure.chains import chains, duty_parts
from gaiatsu.exposure.places import outside, pair, ratio
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World


@dataclass(frozen=True, eq=False)
class ValueAdded:
    """Final demand by what it is made of, US$ million.

    table: [region, sector, partner] value added of the cell that the partner's final demand carries
    input_duties: [collector, partner] duties paid on inputs along the chains that end there, by who collects them
    final_duties: [collector, partner] duties on the partner's own final purchases
    """

    world: World
    table: Array
    input_duties: Array
    final_duties: Array

    def matrix(self, sectors: Names = "all", *, share: bool = True) -> pandas.DataFrame:
        """Region by partner: value added that the partner's final demand carries, over all of the region's (fraction).

        sectors: count the value added of these only; share=False: US$ million. Raises ScenarioError.
        """
        import pandas

        chosen = self.table[:, self.world.sector_indices(sectors)].sum(axis=1)
        values = ratio(chosen, chosen.sum(axis=1, keepdims=True)) if share else chosen
        frame = pandas.DataFrame(
            values,
            index=pandas.Index(self.world.regions, name="region"),
            columns=pandas.Index(self.world.regions, name="partner"),
        )
        frame.attrs["unit"] = "fraction" if share else "US$ million"
        return frame

    def carried(self, region: Names, on: Names, sectors: Names = "all") -> float:
        """The share of a region's value added, in these sectors, that the partner's final demand carries.

        region, on: regions or groups; a partner group is taken without the region's own members.
        """
        places, chosen = pair(self.world, region, on), self.world.sector_indices(sectors)
        mine = self.table[np.ix_(places.own, chosen)]
        return float(ratio(mine[:, :, places.partner].sum(), mine.sum()))

    def by_sector(self, region: Names, on: Names) -> pandas.DataFrame:
        """Sector by sector: value added, what of it the partner's final demand carries, and all foreign final demand.

        Columns value_added_usd_million, carried_usd_million, carried_fraction (of the sector's value added),
        part_fraction (of all that is carried), foreign_fraction (of the sector's value added, any foreign demand).
        """
        import pandas

        places = pair(self.world, region, on)
        mine = self.table[places.own].sum(axis=0)
        whole, carried = mine.sum(axis=1), mine[:, places.partner].sum(axis=1)
        foreign = mine[:, outside(self.world, places.own)].sum(axis=1)
        return pandas.DataFrame(
            {
                "value_added_usd_million": whole,
                "carried_usd_million": carried,
                "carried_fraction": ratio(carried, whole),
                "part_fraction": ratio(carried, carried.sum()),
                "foreign_fraction": ratio(foreign, whole),
            },
            index=pandas.Index(self.world.sectors, name="sector"),
        )

    def partners(self, region: Names, sectors: Names = "all") -> pandas.Series:
        """The shares of a region's (or group's) value added that each other region's final demand carries."""
        import pandas

        own = self.world.region_indices(region)
        mine = self.table[np.ix_(own, self.world.sector_indices(sectors))].sum(axis=(0, 1))
        abroad = outside(self.world, own)
        index = pandas.Index([self.world.regions[n] for n in abroad], name="partner")
        return pandas.Series(ratio(mine[abroad], mine.sum()), index=index, name="carried_fraction")

    def accounting(self) -> pandas.DataFrame:
        """What each region's final demand is made of, US$ million; gap_fraction is what the parts miss of it."""
        import pandas

        parts = {
            "value_added_usd_million": self.table.sum(axis=(0, 1)),
            "input_duties_usd_million": self.input_duties.sum(axis=0),
            "final_duties_usd_million": self.final_duties.sum(axis=0),
        }
        spent = self.world.accounts.income
        frame = pandas.DataFrame(parts, index=pandas.Index(self.world.regions, name="region"))
        frame["final_demand_usd_million"] = spent
        frame["gap_fraction"] = ratio(sum(parts.values()) - spent, spent)
        return frame


def value_added(world: World) -> ValueAdded:
    """Value added by origin in each region's final demand, and the duties paid on the way, US$ million.

    Raises DataError where chains of inputs have no end (see `gaiatsu.exposure.chains.Chains.solve`).
    """
    system, base = chains(world), world.accounts
    output = system.carried_output
    imports, exports = duty_parts(base)
    final = np.einsum("nik,nk->in", exports, base.final_use)
    own = np.arange(len(world.regions))
    final[own, own] += np.einsum("nik,nk->n", imports, base.final_use)
    return ValueAdded(
        world=world,
        table=base.va_share[:, :, None] * output,
        input_duties=np.einsum("cmj,mjn->cn", system.duty_share, output, optimize=True),
        final_duties=final,
    )
