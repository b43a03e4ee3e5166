"""Who asks and about whom: regions and groups as positions; shares of what they trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    from gaiatsu.world.world import World

REST = "ROW"
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
        raise ScenarioError(f"{_said(region)} cannot be exposed to {_said(on)}: no other region is left; name another")
    return Pair(own, partner)


def _said(names: Names) -> str:
    return names if isinstance(names, str) else ", ".join(names)


def outside(world: World, own: Positions) -> Positions:
    """All other regions; ScenarioError when there is none."""
    found = np.setdiff1d(np.arange(len(world.regions)), own)
    if not len(found):
        raise ScenarioError(f"the regions named are all of world {world.name!r}; name only some of them")
    return found


def abroad(world: World) -> Array:
    """[importer, exporter, sector] trade between different regions, US$ million before duty."""
    return world.accounts.flows * (1 - np.eye(len(world.regions)))[:, :, None]


def herfindahl(amounts: Array, single: NDArray[np.bool_] | None = None) -> Array:
    """Σ share² along the first axis; zero where there is nothing.

    single: which of the first axis are one supplier each; the others are many small ones and add nothing.
    """
    shares = ratio(amounts, amounts.sum(axis=0))
    return ((shares if single is None else shares[single]) ** 2).sum(axis=0)


def single_suppliers(world: World) -> NDArray[np.bool_]:
    """[region] whether a region is a country, or a bloc that acts as one; a rest of the world is neither."""
    return np.array([region != REST for region in world.regions])


def partner_part(world: World, amounts: Array, partner: Positions) -> dict[str, Any]:
    """Of amounts by foreign region: part_fraction of the partner; largest (region) and largest_fraction.

    A rest of the world is not the largest; where nobody else is there, largest is None.
    """
    named = np.where(single_suppliers(world), amounts, 0.0)
    place = int(named.argmax())
    return {
        "part_fraction": float(ratio(amounts[partner].sum(), amounts.sum())),
        "largest": world.regions[place] if named[place] > 0 else None,
        "largest_fraction": float(ratio(named[place], amounts.sum())),
    }


def ratio(part: Array | float, whole: Array | float) -> Array:
    """part / whole, zero where there is no whole: nothing carries, supplies or buys a share of nothing."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
