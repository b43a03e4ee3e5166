"""Who cuts whom off a mineral, and which sectors of a world use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.exposure import minerals

if TYPE_CHECKING:
    from gaiatsu.scenario.critical_input import CriticalInput
    from gaiatsu.world.world import World

ANY = (1.0, 1.0, 1.0)  # how much of its output a sector needs the input for, where nothing is known


@dataclass(frozen=True, kw_only=True)
class User:
    """A sector that uses a mineral, or several that are one in a world.

    code: as it is named; sectors: places in the world; weight: share of the mineral's use, or of the sector's own cost
    where users are given; reach: share of output that needs the input, at a low, central and high loss.
    """

    code: str
    sectors: tuple[int, ...]
    weight: float
    reach: tuple[float, float, float]


def users_in(world: World, measure: CriticalInput) -> tuple[User, ...]:
    """The users of a measure in a world; the mineral's own that fall into one sector are added up, reach by use."""
    given = measure.given_users
    own = minerals.mineral(measure.input).get("users", {})
    chosen = dict(given) if given is not None else {code: float(item["use"]) for code, item in own.items()}
    if not chosen:
        minerals.users_of(measure.input)
    found = []
    for code, weight in chosen.items():
        reach = own[code]["reach"] if code in own else ANY
        if measure.reach is not None:
            reach = (measure.reach,) * 3
        places = tuple(int(place) for place in world.sector_indices(code))
        found.append(User(code=code, sectors=places, weight=weight, reach=(reach[0], reach[1], reach[2])))
    return tuple(found) if given is not None else _merged(found)


def _merged(users: Sequence[User]) -> tuple[User, ...]:
    groups: dict[tuple[int, ...], list[User]] = {}
    for user in users:
        groups.setdefault(user.sectors, []).append(user)
    out = []
    for sectors, group in groups.items():
        weight = sum(user.weight for user in group)
        reach = np.average([user.reach for user in group], axis=0, weights=[user.weight for user in group])
        code = ", ".join(user.code for user in group)
        out.append(User(code=code, sectors=sectors, weight=weight, reach=(reach[0], reach[1], reach[2])))
    return tuple(out)


def sides(world: World, measure: CriticalInput) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of those who cut and of those who are cut off.

    A region in both stays where it is named more narrowly: by itself, in a group, in `all`. Raises ScenarioError where
    it is named alike in both, or nobody is left on a side.
    """
    by, on = _ranks(world, measure.by), _ranks(world, measure.on)
    both = sorted(set(by) & set(on))
    alike = [world.regions[place] for place in both if by[place] == on[place]]
    if alike:
        names = ", ".join(alike[:5]) + (", …" if len(alike) > 5 else "")
        raise ScenarioError(
            f"critical-input: `by` and `on` both name {names}: nobody withholds from itself; leave it out of one"
        )
    cutting = np.array([place for place in sorted(by) if by[place] > on.get(place, -1)], dtype=np.int64)
    cut_off = np.array([place for place in sorted(on) if on[place] > by.get(place, -1)], dtype=np.int64)
    for key, left in (("by", cutting), ("on", cut_off)):
        if not len(left):
            raise ScenarioError(
                f"critical-input: nobody is left in `{key}` without those of the other side; name others"
            )
    return cutting, cut_off


def _ranks(world: World, said: str | Sequence[str]) -> dict[int, int]:
    """Position → how narrowly it is named: 2 by itself, 1 in a group, 0 in a word that means everybody."""
    out: dict[int, int] = {}
    for word in [said] if isinstance(said, str) else said:
        places = world.region_indices(word)
        rank = 2 if len(places) == 1 else 0 if len(places) == len(world.regions) else 1
        for place in places:
            out[int(place)] = max(out.get(int(place), -1), rank)
    return out
