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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ConvergenceError, DataError, ScenarioError
from gaiatsu.security.deterrence import success_probability

if TYPE_CHECKING:
    from gaiatsu.scenario.measures import Names
    from gaiatsu.trade.batch import Task
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.wedges import Wedges
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Coalition = frozenset[int]
Values = Mapping[Coalition, Array]

RULES = ("sum", "largest")
MOST_MEMBERS = 5  # 31 coalitions, each an equilibrium
MOST_TIES = 12  # 4,096 sets of ties
THREADS = 2  # columns at a time
SETS_TOLERANCE = 1e-6  # of published sets, which differ from one another in the first digit: a quarter of the time less


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

    columns: the values' only dimension: the horizons solved, then horizon_set for each published set of elasticities,
    at the first of the horizons asked for;
    loss: coalition → the rival's loss of real income, percent (positive where it loses); money: the same, US$ million a
    year; cost: [column] what all members acting together cost themselves, percent of their joint real income, by member
    costs [column, member], and costs_money in US$ million; refused: horizon or column → why it has no equilibrium.
    """

    members: tuple[str, ...]
    rival: str
    horizons: tuple[str, ...]
    columns: tuple[str, ...]
    loss: Values
    money: Values
    cost: Array
    costs: Array
    costs_money: Array
    refused: Mapping[str, str] = field(default_factory=dict)


def joint_leverage(
    world: World, members: Sequence[str], rival: str, *, horizons: Sequence[str] = ("short", "long"),
    sectors: Names = "all", side: str = "both", elasticities: Mapping[str, Elasticities] | None = None,
    residual_supply: float = 0.0, sets: Sequence[str] = (),
) -> JointLeverage:  # fmt: skip
    """What shutting the border with a rival costs it, for all 2ⁿ − 1 coalitions of n members, and what it costs them.

    members, rival: one region each, 1 to MOST_MEMBERS members; side: whose trade stops, as for an embargo; transfers
    keep their share of income. elasticities: by horizon, in place of the default; sets: published sets of trade
    elasticities that the first horizon is solved with as well, to SETS_TOLERANCE. A horizon or set without all
    equilibria is told in `refused`. Raises ScenarioError, and ConvergenceError where no horizon has all.
    """
    from gaiatsu.exposure.leverage import check_words
    from gaiatsu.scenario.measures import Embargo
    from gaiatsu.trade.horizon import horizon as horizon_elasticities
    from gaiatsu.trade.wedges import compose

    codes, places, target = _sides(world, members, rival)
    check_words([side], horizons)
    parts = coalitions(len(codes))[1:]
    who = [tuple(codes[n] for n in sorted(chosen)) for chosen in parts]
    closed = [
        compose(world, [Embargo(by=by, on=rival, sectors=sectors, side=side)], residual_supply=residual_supply)
        for by in who
    ]
    own = {name: (elasticities or {}).get(name) or horizon_elasticities(name, world) for name in horizons}
    changes, refused = _columns(world, closed, own, sets)
    income = world.accounts.income
    table = -np.array(list(changes.values()))  # [column, coalition, region]
    money = table * income
    nothing = {frozenset[int](): np.zeros(len(table))}
    return JointLeverage(
        members=codes, rival=world.regions[target], columns=tuple(changes), refused=refused,
        horizons=tuple(name for name in changes if name in own),
        loss={**nothing, **{chosen: 100 * table[:, n, target] for n, chosen in enumerate(parts)}},
        money={**nothing, **{chosen: money[:, n, target] for n, chosen in enumerate(parts)}},
        cost=100 * money[:, -1, places].sum(-1) / income[places].sum(), costs=100 * table[:, -1, places],
        costs_money=money[:, -1, places],
    )  # fmt: skip


def _columns(
    world: World, closed: Sequence[Wedges], own: Mapping[str, Elasticities], sets: Sequence[str]
) -> tuple[dict[str, Array], dict[str, str]]:
    """Column → change of real income [coalition, region], and those refused with the reason.

    Sets are scaled to the first horizon and start from its points. Raises ConvergenceError where no horizon is solved.
    """
    from gaiatsu.trade import certificate
    from gaiatsu.trade.batch import tasks_of
    from gaiatsu.trade.solve import TOLERANCE
    from gaiatsu.world.elasticities import load_elasticities

    first, base = next(iter(own.items()))
    count = len(world.sectors)
    scale = base.theta(count) / base.long_run().theta(count)
    asked = {name: (item, item.theta(count), TOLERANCE) for name, item in own.items()}
    asked |= {f"{first}_{name}": (base, scale * load_elasticities(name, world)[0], SETS_TOLERANCE) for name in sets}
    for wedges in closed:
        certificate.check_supply(world, wedges.availability)
        certificate.check_blocs(world, wedges)
    thetas = np.stack([theta for _, theta, _ in asked.values()])
    by_column = zip(*(tasks_of(world.accounts, item, thetas, proportional=True) for item in closed), strict=True)
    ready = dict(zip(asked, by_column, strict=True))
    starts: list[Array] = []

    def solved(name: str) -> tuple[Array, list[Array]] | ConvergenceError:
        item, theta, tolerance = asked[name]
        tasks = ready[name]
        if name not in own and starts:
            tasks = tuple(task._replace(start=start) for task, start in zip(tasks, starts, strict=True))
        try:
            return _changes(world, tasks, item, theta, tolerance)
        except ConvergenceError as error:
            return error

    nearest = solved(first)
    starts = [] if isinstance(nearest, ConvergenceError) else nearest[1]
    answers = {first: nearest}
    later = [name for name in asked if name != first]
    with ThreadPoolExecutor(max_workers=THREADS) as pool:  # the compiled program leaves the other cores free
        answers |= dict(zip(later, pool.map(solved, later), strict=True))
    refused = {name: str(answer) for name, answer in answers.items() if isinstance(answer, ConvergenceError)}
    changes = {name: answer[0] for name, answer in answers.items() if not isinstance(answer, ConvergenceError)}
    if not set(own) & set(changes):
        raise ConvergenceError(f"no horizon has an equilibrium for every coalition: {next(iter(refused.values()))}")
    return changes, refused


def _changes(
    world: World, tasks: Sequence[Task], base: Elasticities, theta: Array, tolerance: float
) -> tuple[Array, list[Array]]:
    """[coalition, region] change of real income with trade elasticities theta [sector], and the points found.

    All coalitions are solved in batches, each to the tolerance; that of all members is certified apart from it. Raises
    ConvergenceError.
    """
    from gaiatsu.exposure.leverage import CLOSURE
    from gaiatsu.trade import batch, certificate, engine, ranges, solve
    from gaiatsu.trade.solution import Terms, real_income_change

    mine = replace(base, trade=theta)
    far = (theta > ranges.FAR * base.theta(len(world.sectors))).any()
    answers = batch.solve_tasks(
        world, tasks, mine if far else base, tolerance=tolerance, worth=ranges.WORTH, size=ranges.SIZE
    )
    found = [
        answer or engine.find(world, task.wedges, mine, proportional=True, tolerance=tolerance)
        for task, answer in zip(tasks, answers, strict=True)
    ]
    for item in found:
        certificate.check_incomes(world, item.market.income, item.market.transfer, CLOSURE)
    terms = Terms(closure=CLOSURE)  # to the engine’s own tolerance
    found[-1], _ = solve.proved(world, tasks[-1].wedges, mine, terms, found[-1])
    return np.array([real_income_change(world.accounts, item.market) for item in found]), [item.point for item in found]


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
