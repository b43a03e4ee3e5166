"""Elasticities, and the four horizons as sets of them (model page, "Horizons")."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean

if TYPE_CHECKING:
    from gaiatsu.world import World


class Parameters(NamedTuple):
    """What a horizon sets: a factor on the long-run trade elasticity and the elasticities of the upper nests."""

    trade_scale: float
    value_added: float
    materials: float
    consumption: float
    mobility: float
    meaning: str


# Sources: upper nests after Baqaee & Farhi (2024, Econometrica) for short horizons and Caliendo & Parro (2015) for the
# long one; the build-up of trade elasticities over seven to ten years after Boehm, Levchenko & Pandalai-Nayar (2023,
# AER 113(4)). The two horizons between are interpolations and flagged as assumptions in every report.
PARAMETERS: Mapping[str, Parameters] = {
    "impact": Parameters(0.25, 0.3, 0.1, 0.5, 0.0, "weeks to months"),
    "short": Parameters(0.5, 0.5, 0.2, 0.9, 0.2, "about a year"),
    "medium": Parameters(0.75, 0.7, 0.5, 1.0, 1.0, "about three years"),
    "long": Parameters(1.0, 1.0, 1.0, 1.0, math.inf, "ten years and more"),
}
HORIZONS = tuple(PARAMETERS)


@dataclass(frozen=True, eq=False)
class Elasticities:
    """Elasticities of a solve. Arrays are one number per sector, in the world's order.

    trade: θ > 0 of imports by origin, scalar or per sector (θ = σ - 1)
    value_added: σy between the factor and materials, scalar or per sector
    materials: σm among inputs, scalar or per using sector
    consumption: σc among goods in final use, scalar
    mobility: ν of the factor between sectors, 0 (specific) to infinity (one wage), scalar
    long_run_trade: the θ of the `long` horizon where `trade` is scaled down (used by closure `balanced`)
    by_hand: positions of the sectors whose θ was set by hand: a range over published sets leaves them
    """

    trade: float | NDArray[np.float64]
    value_added: float | NDArray[np.float64] = 1.0
    materials: float | NDArray[np.float64] = 1.0
    consumption: float = 1.0
    mobility: float = math.inf
    long_run_trade: float | NDArray[np.float64] | None = None
    by_hand: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("trade", "value_added", "materials"):
            value = _numbers(name, getattr(self, name))
            if value.ndim > 1 or not np.isfinite(value).all() or (value <= 0).any():
                raise ScenarioError(f"elasticity {name!r} must be positive and finite, a number or one per sector")
        for name in ("consumption", "mobility"):
            _numbers(name, getattr(self, name))
        if np.ndim(self.consumption) or not (np.isfinite(self.consumption) and self.consumption > 0):
            raise ScenarioError("elasticity 'consumption' must be one positive, finite number")
        if np.ndim(self.mobility) or not self.mobility >= 0:
            raise ScenarioError("elasticity 'mobility' must be one number, 0 or more (inf is one wage)")

    def long_run(self) -> Elasticities:
        """The `long` elasticities that go with these: full trade elasticities, unit upper nests, one wage."""
        return Elasticities(trade=self.trade if self.long_run_trade is None else self.long_run_trade)

    def theta(self, sectors: int) -> NDArray[np.float64]:
        """[sector] trade elasticities; ScenarioError when their number does not fit the world."""
        value = np.asarray(self.trade, dtype=float)
        for name in ("trade", "value_added", "materials"):
            given = np.asarray(getattr(self, name), dtype=float)
            if given.ndim and given.shape != (sectors,):
                raise ScenarioError(f"elasticity {name!r} has {given.size} numbers; the world has {sectors} sectors")
        return np.broadcast_to(value, (sectors,)).copy()


def _numbers(name: str, value: object) -> NDArray[np.float64]:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"elasticity {name!r} is {value!r}; it must be a number, or one per sector") from error


def horizon(
    name: str, world: World, elasticity_set: str = "fontagne", overrides: Mapping[str, float] | None = None
) -> Elasticities:
    """The elasticities of one of the four horizons on a world; overrides gives long-run θ by sector.

    Raises ScenarioError for an unknown horizon, elasticity set or sector.
    """
    from gaiatsu.world.elasticities import load_elasticities

    if name not in PARAMETERS:
        raise ScenarioError(f"unknown horizon {name!r}{did_you_mean(name, HORIZONS)} (known: {', '.join(HORIZONS)})")
    theta, facts = load_elasticities(elasticity_set, world, overrides=overrides)
    chosen = PARAMETERS[name]
    return Elasticities(
        trade=chosen.trade_scale * theta,
        value_added=chosen.value_added,
        materials=chosen.materials,
        consumption=chosen.consumption,
        mobility=chosen.mobility,
        long_run_trade=theta,
        by_hand=tuple(world.sectors.index(code) for code in facts["overrides"]),
    )
