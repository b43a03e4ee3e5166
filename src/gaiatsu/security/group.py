"""What a group is worth: by any yardstick, by member, and by the ties that join its members.

A yardstick gives every coalition a value. Members share it by their Shapley value (Shapley 1953). Ties share what
joining adds by the position value (Meessen 1988; Borm, Owen and Tijs 1992): the Shapley value of the game whose players
are the ties; with some of them on, the group falls into blocs, the connected parts, and is worth what its blocs are.
Two rules bound what a bloc that is not joined does: `sum`, every bloc acts for itself (Myerson 1977), or `largest`,
only the strongest acts. What those outside do is not known, so that both are always given.

Two yardsticks: joint leverage over a rival, from the engine, and joint capability, from efforts and directed ties.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ConvergenceError, DataError, ScenarioError
from gaiatsu.security.deterrence import success_probability

if TYPE_CHECKING:
    from gaiatsu.scenario.measures import Names
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Coalition = frozenset[int]
Values = Mapping[Coalition, Array]

RULES = ("sum", "largest")
MOST_MEMBERS = 5  # 31 coalitions, each an equilibrium
MOST_TIES = 12  # 4,096 sets of ties


def coalitions(count: int) -> list[Coalition]:
    """Every set of `count` players, from the empty one to all, the smaller first."""
    return [frozenset(chosen) for size in range(count + 1) for chosen in itertools.combinations(range(count), size)]


def blocs(count: int, pairs: Sequence[tuple[int, int]]) -> list[Coalition]:
    """The connected parts of `count` members joined by some pairs; a tie joins whichever way it goes."""
    found = {member: frozenset([member]) for member in range(count)}
    for first, second in pairs:
        joined = found[first] | found[second]
        for member in joined:
            found[member] = joined
    return list(dict.fromkeys(found.values()))


def tie_game(values: Values, count: int, pairs: Sequence[tuple[int, int]], *, rule: str) -> dict[Coalition, Array]:
    """Value of the group with each set of ties on: the game whose players are the ties.

    values: of every coalition of `count` members, arrays of one shape; pairs: which members a tie joins; rule: of
    RULES. `gaiatsu.trade.attribution.shapley_values` of the result is the position value of the ties. Raises
    ScenarioError for an unknown rule or more than MOST_TIES ties.
    """
    if rule not in RULES:
        raise ScenarioError(f"unknown rule {rule!r} (known: {', '.join(RULES)})")
    if len(pairs) > MOST_TIES:
        raise ScenarioError(f"there are {len(pairs)} ties; at most {MOST_TIES} can be weighed exactly")
    join = np.sum if rule == "sum" else np.max
    return {
        chosen: join([values[part] for part in blocs(count, [pairs[n] for n in sorted(chosen)])], axis=0)
        for chosen in coalitions(len(pairs))
    }


def expected_value(game: Values, chances: Sequence[ArrayLike]) -> Array:
    """Expected value of a tie game whose ties hold independently, tie n with chance chances[n] (arrays broadcast).

    Returns [chance, …] over the values' own shape. Raises DataError for a chance outside 0 to 1.
    """
    given = np.broadcast_arrays(*(np.asarray(chance, dtype=float) for chance in chances)) if chances else [np.ones(())]
    for chance in given:
        if not ((chance >= 0) & (chance <= 1)).all():
            raise DataError("a chance that a tie holds lies outside 0 to 1")
    out: Array = np.zeros((*given[0].shape, *np.shape(game[frozenset()])))
    for chosen, value in game.items():
        weight = np.ones(given[0].shape)
        for number in range(len(chances)):
            weight = weight * (given[number] if number in chosen else 1 - given[number])
        out = out + np.multiply.outer(weight, value)
    return out


# ------------------------------------------------------------------------------------------------- joint capability
def reach(efforts: ArrayLike, reliability: ArrayLike, ally_weight: ArrayLike) -> Array:
    """Capability that can be brought to bear for each member: its own effort and what it may expect of its allies.

    K_i = S_i + θ Σ_j r_ji S_j. efforts: S [member], 0 or more; reliability: r […, who owes, to whom], 0 to 1, nobody to
    itself; ally_weight: θ […], 0 to 1. Returns […, member] in the unit of the efforts. Raises DataError.
    """
    own, reliable, weight = _capability_inputs(efforts, reliability, ally_weight)
    out: Array = own + weight[..., None] * (own @ reliable)
    return out


def _capability_inputs(efforts: ArrayLike, reliability: ArrayLike, ally_weight: ArrayLike) -> tuple[Array, ...]:
    own, reliable, weight = (np.asarray(item, dtype=float) for item in (efforts, reliability, ally_weight))
    if own.ndim != 1 or not (np.isfinite(own) & (own >= 0)).all():
        raise DataError("efforts must be one finite number of at least 0 for each member")
    if reliable.shape[-2:] != (len(own), len(own)):
        raise DataError(f"reliability has shape {reliable.shape}; {len(own)} members need […, {len(own)}, {len(own)}]")
    for name, table in (("reliability", reliable), ("ally_weight", weight)):
        if not ((table >= 0) & (table <= 1)).all():
            raise DataError(f"{name} must lie between 0 and 1")
    if np.einsum("...ii->...i", reliable).any():
        raise DataError("reliability of a member to itself must be 0: its own effort counts in full")
    return own, reliable, weight


def capability_game(efforts: ArrayLike, reliability: ArrayLike, ally_weight: ArrayLike) -> dict[Coalition, Array]:
    """Joint capability of every coalition: Σ of `reach` over its members, with the ties inside it only.

    It counts what each could have beside it if it were attacked, so that one effort may stand behind several members.
    An ally that joins never lowers it. Arguments and errors as for `reach`.
    """
    own, reliable, weight = _capability_inputs(efforts, reliability, ally_weight)
    shape = np.broadcast_shapes(reliable.shape[:-2], weight.shape)
    out: dict[Coalition, Array] = {frozenset(): np.zeros(shape)}
    for chosen in coalitions(len(own))[1:]:
        inside = sorted(chosen)
        mine = reach(own[inside], reliable[..., inside, :][..., :, inside], weight)
        out[chosen] = np.broadcast_to(mine.sum(-1), shape).copy()
    return out


def attack_chances(
    rival: float, efforts: ArrayLike, reliability: ArrayLike, ally_weight: ArrayLike, decisiveness: ArrayLike = 1.0
) -> Array:
    """Chance that an attack of the rival on each member succeeds, each ally coming or not by its reliability.

    The expectation over who comes of A^m / (A^m + (S_i + θ Σ S_j of those who come)^m)
    (`gaiatsu.security.deterrence.success_probability`); allies decide independently. Arguments as for `reach`, with
    rival: A in their unit, decisiveness: m […]. Returns […, member]. Raises DataError.
    """
    own, reliable, weight = _capability_inputs(efforts, reliability, ally_weight)
    power = np.asarray(decisiveness, dtype=float)
    shape = np.broadcast_shapes(reliable.shape[:-2], weight.shape, power.shape)
    out: Array = np.zeros((*shape, len(own)))
    for member in range(len(own)):
        allies = [ally for ally in range(len(own)) if reliable[..., ally, member].any()]
        for chosen in coalitions(len(allies)):
            likely = np.ones(shape)
            for number, ally in enumerate(allies):
                keeps = reliable[..., ally, member]
                likely = likely * (keeps if number in chosen else 1 - keeps)
            helped = own[member] + weight * sum(own[allies[number]] for number in chosen)
            out[..., member] += likely * success_probability(rival, helped, decisiveness=power)
    return out


# --------------------------------------------------------------------------------------------------- joint leverage
@dataclass(frozen=True, eq=False, kw_only=True)
class JointLeverage:
    """Every coalition of the members shuts its border with the rival.

    horizons: those solved, the values' only dimension; loss: coalition → the rival's loss of real income, percent
    (positive where it loses); money: the same, US$ million a year; cost: [horizon] what all members acting together
    cost themselves, percent of their joint real income, by member costs [horizon, member], and costs_money in US$
    million; refused: horizon → why it has no equilibrium.
    """

    members: tuple[str, ...]
    rival: str
    horizons: tuple[str, ...]
    loss: Values
    money: Values
    cost: Array
    costs: Array
    costs_money: Array
    refused: Mapping[str, str] = field(default_factory=dict)


def joint_leverage(
    world: World, members: Sequence[str], rival: str, *, horizons: Sequence[str] = ("short", "long"),
    sectors: Names = "all", side: str = "both", elasticities: Mapping[str, Elasticities] | None = None,
    residual_supply: float = 0.0,
) -> JointLeverage:  # fmt: skip
    """What shutting the border with a rival costs it, for all 2ⁿ − 1 coalitions of n members, and what it costs them.

    members, rival: one region each, 1 to MOST_MEMBERS members; side: whose trade stops, as for an embargo; transfers
    keep their share of income. elasticities: by horizon, in place of the default. Raises ScenarioError, and
    ConvergenceError where no horizon has all equilibria.
    """
    from gaiatsu.exposure.leverage import CLOSURE, check_words, loss_of
    from gaiatsu.scenario.measures import Embargo
    from gaiatsu.trade.horizon import horizon as horizon_elasticities
    from gaiatsu.trade.solve import solve_many

    codes, places, target = _sides(world, members, rival)
    check_words([side], horizons)
    sets = coalitions(len(codes))[1:]
    closed = [
        (Embargo(by=tuple(codes[n] for n in sorted(chosen)), on=rival, sectors=sectors, side=side),) for chosen in sets
    ]
    solved: dict[str, list[Outcome]] = {}
    refused: dict[str, str] = {}
    for name in dict.fromkeys(horizons):
        chosen_elasticities = (elasticities or {}).get(name) or horizon_elasticities(name, world)
        try:
            solved[name] = solve_many(  # type: ignore[assignment]
                world, closed, horizon=name, closure=CLOSURE, elasticities=chosen_elasticities,
                residual_supply=residual_supply,
            )  # fmt: skip
        except ConvergenceError as error:
            refused[name] = str(error)
    if not solved:
        raise ConvergenceError(f"no horizon has an equilibrium for every coalition: {next(iter(refused.values()))}")
    lost = np.array([[loss_of(outcome, [target]) for outcome in outcomes] for outcomes in solved.values()])
    whole = [outcomes[-1] for outcomes in solved.values()]
    paid = np.array([[loss_of(outcome, [place]) for place in places] for outcome in whole])
    together = np.array([loss_of(outcome, places)[0] for outcome in whole])
    nothing = {frozenset[int](): np.zeros(len(solved))}
    return JointLeverage(
        members=codes, rival=world.regions[target], horizons=tuple(solved),
        loss={**nothing, **{chosen: lost[:, n, 0] for n, chosen in enumerate(sets)}},
        money={**nothing, **{chosen: lost[:, n, 1] for n, chosen in enumerate(sets)}},
        cost=together, costs=paid[..., 0], costs_money=paid[..., 1], refused=refused,
    )  # fmt: skip


def _sides(world: World, members: Sequence[str], rival: str) -> tuple[tuple[str, ...], list[int], int]:
    """Codes and positions of the members, and the rival's; each one region, nobody twice."""
    found = []
    for word in (*members, rival):
        places = [int(place) for place in world.region_indices(word)]
        if len(places) != 1:
            raise ScenarioError(f"{word!r} is {len(places)} regions: name the members, and the rival, one by one")
        found += places
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise ScenarioError(f"there are {len(members)} members; their coalitions are solved for 1 to {MOST_MEMBERS}")
    if len(set(found)) < len(found):
        twice = next(world.regions[place] for place in found if found.count(place) > 1)
        raise ScenarioError(f"{twice} stands twice: members and rival are different regions")
    return tuple(world.regions[place] for place in found[:-1]), found[:-1], found[-1]
