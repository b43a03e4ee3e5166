"""On whose production a region's producers rely: at face value, and looked through to the bottom.

After Baldwin, Freeman and Theodorakopoulos (2023), "Hidden Exposure: Measuring US Supply Chain Reliance", Brookings
Papers on Economic Activity 54(2), 79-167. Face value: the column sums of A by country of origin, over the column's
total: from whom inputs are bought. Looked through: the same of L − I, in which every input is followed to its own
inputs, with L = (I−A)⁻¹ (`gaiatsu.exposure.chains`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gaiatsu.exposure.chains import chains
from gaiatsu.exposure.places import Positions, outside, pair, ratio
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World


@dataclass(frozen=True, eq=False)
class Imports:
    """Production that users call on, by where it takes place, per unit of the user's output.

    face: [source, region, user] what is bought, at the producers' prices
    looked_through: [source, region, user] what is produced anywhere for it, over all rounds of inputs
    """

    world: World
    face: Array
    looked_through: Array

    def _shares(self, table: Array, own: Positions, sources: Positions, users: Positions) -> tuple[Array, float]:
        """[user] share of the sources in what the users of `own` call on, and the share for all users together."""
        output = self.world.accounts.output[np.ix_(own, users)]
        called = (table[:, own][:, :, users] * output).sum(axis=1)
        return ratio(called[sources].sum(axis=0), called.sum(axis=0)), float(ratio(called[sources].sum(), called.sum()))

    def reliance(self, region: Names, on: Names, users: Names = "all") -> dict[str, float]:
        """Shares of the partner, and of all foreign producers, in the production a region's users call on (fractions).

        Keys face, looked_through: the partner's; face_foreign, looked_through_foreign: those of all outside.
        """
        places, chosen = pair(self.world, region, on), self.world.sector_indices(users)
        abroad = outside(self.world, places.own)
        tables = {"face": self.face, "looked_through": self.looked_through}
        found = {name: self._shares(table, places.own, places.partner, chosen)[1] for name, table in tables.items()}
        for name, table in tables.items():
            found[f"{name}_foreign"] = self._shares(table, places.own, abroad, chosen)[1]
        return found

    def by_user(self, region: Names, on: Names) -> pandas.DataFrame:
        """User sector by user sector: the partner's share, at face value and looked through.

        Columns inputs_usd_million (inputs bought, duties included), face_fraction, looked_through_fraction,
        looked_through_foreign_fraction (all foreign producers); sectors that use no inputs are left out.
        """
        import pandas

        base = self.world.accounts
        places = pair(self.world, region, on)
        everyone, abroad = np.arange(len(self.world.sectors)), outside(self.world, places.own)
        frame = pandas.DataFrame(
            {
                "inputs_usd_million": base.intermediate[places.own].sum(axis=(0, 1)),
                "face_fraction": self._shares(self.face, places.own, places.partner, everyone)[0],
                "looked_through_fraction": self._shares(self.looked_through, places.own, places.partner, everyone)[0],
                "looked_through_foreign_fraction": self._shares(self.looked_through, places.own, abroad, everyone)[0],
            },
            index=pandas.Index(self.world.sectors, name="sector"),
        )
        return frame[frame["inputs_usd_million"] > 0]

    def sources(self, region: Names, users: Names = "all") -> pandas.DataFrame:
        """Every other region's share in the production that a region's (or group's) users call on."""
        import pandas

        own, chosen = self.world.region_indices(region), self.world.sector_indices(users)
        abroad = outside(self.world, own)
        rows = {
            self.world.regions[n]: {
                "face_fraction": self._shares(self.face, own, np.array([n]), chosen)[1],
                "looked_through_fraction": self._shares(self.looked_through, own, np.array([n]), chosen)[1],
            }
            for n in abroad
        }
        return pandas.DataFrame.from_dict(rows, orient="index").rename_axis("partner")


def imports(world: World) -> Imports:
    """Face-value and look-through reliance of every user on every region's production, per unit of the user's output.

    Raises DataError where chains of inputs have no end (see `gaiatsu.exposure.chains.Chains.solve`).
    """
    system = chains(world)
    face = np.einsum("mik,mkj->imj", system.reaches, system.inputs, optimize=True)
    return Imports(world, face, system.rounds)
