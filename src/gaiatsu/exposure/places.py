"""Who asks and about whom: regions and groups as positions, and their names in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Those whose exposure is asked for, and the partner; a partner group is taken without their own members."""

    own: Positions
    partner: Positions

    def reversed(self) -> Pair:
        """The other direction."""
        return Pair(self.partner, self.own)


def pair(world: World, region: Names, on: Names) -> Pair:
    """Positions of a region or group and of its partner; ScenarioError when nobody is left to depend on."""
    own = world.region_indices(region)
    partner = np.setdiff1d(world.region_indices(on), own)
    if not len(partner):
        raise ScenarioError(f"{region!r} cannot be exposed to {on!r}, which has no other member; name another partner")
    return Pair(own, partner)


def outside(world: World, own: Positions) -> Positions:
    """All other regions."""
    return np.setdiff1d(np.arange(len(world.regions)), own)


def ratio(part: NDArray[np.float64] | float, whole: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """part / whole, zero where there is no whole: nothing carries, supplies or buys a share of nothing."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
