"""Who stands on which side of an agreement: each word of `between` is one party, and nothing changes inside a party.

With two words or more, such as EU27 and IND, costs and duties fall on trade of regions that no party has both of. One
word alone, such as CPTPP, means trade among its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError

if TYPE_CHECKING:
    from gaiatsu.world.world import World


def parties(world: World, between: Sequence[str] | str) -> list[frozenset[int]]:
    """Positions of the regions of each party, equal ones once; raises ScenarioError for an unknown name."""
    given = [between] if isinstance(between, str) else list(between)
    found = list(dict.fromkeys(frozenset(world.region_indices(word).tolist()) for word in given))
    return found if len(found) > 1 else [frozenset([place]) for place in sorted(found[0])]


def partners(world: World, between: Sequence[str] | str) -> dict[int, frozenset[int]]:
    """Each member's position → those of the members with which its trade is under the agreement; itself never."""
    sides = parties(world, between)
    members = frozenset().union(*sides)
    return {
        place: members - frozenset([place]).union(*(side for side in sides if place in side))
        for place in sorted(members)
    }


def pairs(world: World, between: Sequence[str] | str) -> NDArray[np.int64]:
    """[pair, 2] importer and exporter of the trade under an agreement; none where there is one party only."""
    found = [(buyer, seller) for buyer, others in partners(world, between).items() for seller in sorted(others)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def sides(world: World, between: Sequence[str] | str) -> list[tuple[frozenset[str], tuple[str, ...]]]:
    """Importers, and the exporters from which their purchases are under an agreement; own purchases never are.

    Members that are parties of their own stand together, with all members for exporters: their pairs with one another
    are the agreement's, and a measure leaves a region's purchases from itself alone. Raises
    ScenarioError where there is one party only.
    """
    under = partners(world, between)
    if not any(under.values()):
        raise ScenarioError(f"agreement: between {why_nothing(world, between)}: {between!r}")
    found: dict[tuple[int, ...], list[int]] = {}
    for place, others in under.items():
        alone = len(others) == len(under) - 1
        found.setdefault(tuple(sorted(under if alone else others)), []).append(place)
    return [
        (frozenset(world.regions[place] for place in buyers), tuple(world.regions[place] for place in sellers))
        for sellers, buyers in found.items()
        if sellers
    ]


def why_nothing(world: World, between: Sequence[str] | str) -> str:
    """What is wrong with an agreement that covers no trade: one region, or one party that has all the others."""
    if len(world.region_indices(between)) < 2:
        return "is one region: an agreement needs at least two"
    return (
        "names one party only: each word is a party, inside which nothing changes, and one of these has all the"
        " others; name another party, or for an agreement among the members of a group that group alone"
    )
