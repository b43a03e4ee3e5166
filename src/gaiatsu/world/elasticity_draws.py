"""Trade elasticities as uncertain as the literature leaves them: which published set, and its sampling error.

Every set counts the same. Within a set a sector's estimate is normal with the standard error its paper prints, cut off
below at the smallest elasticity of the model; a set whose errors were not found (docs/elasticities.md says which)
stands as it is, and none is invented. The points are those of a scrambled Sobol sequence (Sobol 1967; Owen 1998), so
that a few draws cover the space evenly and every run sees the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.world import elasticities
from gaiatsu.world.points import sobol_points

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

NOT_DRAWN = ("uniform-4", "fontagne-tiva")  # one number for all sectors; an older table of the same estimates
STANDARD = NormalDist()


@dataclass(frozen=True, eq=False)
class Draws:
    """Long-run trade elasticities: theta [draw, sector], and the set each draw comes from."""

    theta: Array
    sets: tuple[str, ...]


def sets_drawn() -> tuple[str, ...]:
    """The sets that ranges are taken over by default: all with estimates by sector."""
    return tuple(name for name in elasticities.elasticity_sets() if name not in NOT_DRAWN)


def draw_elasticities(
    world: World,
    draws: int = 64,
    *,
    sets: Sequence[str] | str | None = None,
    overrides: Mapping[str, float] | None = None,
) -> Draws:
    """The first `draws` draws on a world's sectors; a power of two covers the sets and estimates evenly.

    sets: names or aliases of elasticity sets, by default `sets_drawn()`; overrides: sector → θ, the same in every
    draw. Raises ScenarioError for an unknown set or sector and for a number of draws that is not 1 to 1,024.
    """
    points = sobol_points()
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or not 1 <= draws <= len(points):
        raise ScenarioError(f"draws is {draws!r}; it must be a whole number from 1 to {len(points)} (64 is usual)")
    if sets is not None and not isinstance(sets, str | Sequence):
        raise ScenarioError(f"sets is {sets!r}; it must be the name of an elasticity set, or a list of names")
    words = sets_drawn() if sets is None else (sets,) if isinstance(sets, str) else tuple(sets)
    names = tuple(dict.fromkeys(elasticities.set_name(word) for word in words))
    if not names:
        raise ScenarioError("no elasticity set is named to draw from; leave `sets` out to draw from all")
    chosen = np.minimum((points[:draws, 0] * len(names)).astype(int), len(names) - 1)
    mapped = elasticities.sector_map(world, overrides, any_sector=names == ("uniform-4",))
    theta = np.array([mapped.theta(_table(names[which], points[draw, 1:]))[0] for draw, which in enumerate(chosen)])
    return Draws(theta, tuple(names[which] for which in chosen))


def _table(name: str, uniform: Array) -> dict[str, float]:
    """θ by row of the table of estimates. Rows that share one estimate of the paper move together."""
    errors = elasticities.standard_errors(name)
    drawn = elasticities.published(name)
    first: dict[tuple[float, float], int] = {}
    for position, (row, value) in enumerate(drawn.items()):
        if row in errors:
            dimension = first.setdefault((value, errors[row]), position)
            drawn[row] = _truncated_normal(float(uniform[dimension]), value, errors[row], elasticities.MINIMUM)
    return drawn


def _truncated_normal(uniform: float, mean: float, error: float, least: float) -> float:
    """The quantile `uniform` of a normal cut off below `least`."""
    below = STANDARD.cdf((least - mean) / error)
    return max(least, mean + error * STANDARD.inv_cdf(below + uniform * (1 - below)))
