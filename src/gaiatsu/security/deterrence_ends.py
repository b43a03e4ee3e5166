"""The smallest and the largest value of a function of the contest over a box of its parameters.

The ally's weight and effort enter only as their product, so that there are four axes: attacker's effort, ally's effort
that counts, decisiveness (in logarithms) and cost ratio. A grid is laid over the box, then ever finer ones around its
best points. Where the smallest own effort reaches 0 the functions have a kink, or jump: the cost ratios at which that
happens are put into every grid, where a little effort is still needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Array = np.ndarray
Ends = tuple[float, float]
Value = Callable[[Mapping[str, Array]], Array]

FIRST, LATER = 11, 5  # points along an axis of the first grid, and of those around its best points
STARTS = 2  # best points that are followed, for each end
ROUNDS = 12  # of finer grids, each this part of the one before:
FINER = 0.4
BESIDE = 1e-9  # relative distance below a kink: at a jump its own value is that of the side where no effort is needed


def extremes(value: Value, ends: Mapping[str, Ends], reliability: Sequence[float] = ()) -> Array:
    """Least and greatest value over a box: [2], to about six digits.

    value: from points attacker, ally, ally_weight, decisiveness, cost_ratio (each [point]) to [point]; ends: low and
    high of each of these; reliability: at which the smallest own effort has its kinks.
    """
    weight, ally = ends["ally_weight"], ends["ally"]
    counts = (ally[0] * weight[0], ally[1] * weight[1])
    box = np.array([ends["attacker"], counts, np.log(ends["decisiveness"]), ends["cost_ratio"]])
    points = _grids(box, box[None], FIRST, reliability)
    found = _values(value, points)[0]
    order = np.argsort(found, kind="stable")
    apart = np.minimum(1 + np.arange(STARTS) * (FIRST // 2), len(order))  # neighbours of the best are looked at anyway
    starts = np.concatenate([order[apart - 1], order[-apart]])
    sign = np.repeat([1.0, -1.0], STARTS)  # the first are followed down, the others up
    at, best = points[0][:, starts].T, sign * found[starts]  # [start, axis], [start]
    width = 1.5 * (box[:, 1] - box[:, 0]) / (FIRST - 1)
    for _ in range(ROUNDS if width.any() else 0):
        near = np.clip(np.stack([at - width, at + width], axis=2), box[None, :, :1], box[None, :, 1:])
        points = _grids(box, near, LATER, reliability)
        values = sign[:, None] * _values(value, points)
        places = np.argmin(values, axis=1)
        each = np.arange(len(sign))
        better = values[each, places] < best
        best = np.where(better, values[each, places], best)
        at = np.where(better[:, None], points[each, :, places], at)
        width = width * FINER
    return np.array([best[:STARTS].min(), -best[STARTS:].min()])


def _grids(box: Array, near: Array, steps: int, reliability: Sequence[float]) -> Array:
    """Points of grids over the boxes `near`, with the point just below the kink at each: [box, axis, point]."""
    axes = [steps if high > low else 1 for low, high in box]
    unit = np.array(list(itertools.product(*(np.linspace(0, 1, number) for number in axes)))).T
    low, wide = near[:, :, :1], near[:, :, 1:] - near[:, :, :1]
    grid = low + wide * unit[None]
    flat = grid[:, :, :: axes[3]]  # each point of the first three axes once
    groups = [grid]
    for chance in reliability:  # own effort 0 just deters at this cost ratio
        kink = chance / (1 + (flat[:, 1] / flat[:, 0]) ** np.exp(flat[:, 2])) + 1 - chance
        beside = flat.copy()
        beside[:, 3] = np.clip(kink * (1 - BESIDE), *box[3])
        groups.append(beside)
    return np.concatenate(groups, axis=2)


def _values(value: Value, points: Array) -> Array:
    """[box, point]."""
    attacker, ally, decisive, cost = points.transpose(1, 0, 2).reshape(4, -1)
    found = value({
        "attacker": attacker, "ally": ally, "ally_weight": np.ones(len(ally)), "decisiveness": np.exp(decisive),
        "cost_ratio": cost,
    })  # fmt: skip
    return found.reshape(len(points), -1)
