"""Power over a buyer in closed form (Clayton, Maggiori and Schreger, NBER working paper 33309).

A controller of the share Ω of an input can threaten to withdraw it; the buyer's cost rises by ln(1/(1−Ω))/(σ−1) for
each unit of its spending share α. This takes prices at other origins as given and sees no duties: it is the check and
the explanation of the engine's answer, not the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gaiatsu.errors import DataError
from gaiatsu.trade.horizon import horizon as horizon_elasticities

if TYPE_CHECKING:
    from gaiatsu.scenario.measures import Names
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World


def power(weight: ArrayLike, controlled: ArrayLike, substitution: ArrayLike) -> float:
    """Σ α ln[1/(1−Ω)]/(σ−1): the log loss of a buyer cut off from a controller.

    weight: α, spending on each input over income; controlled: Ω, the controller's share of it; substitution: σ above 1.
    Infinite where the controller has all. Raises DataError.
    """
    alpha, omega, sigma = (np.asarray(item, dtype=float) for item in (weight, controlled, substitution))
    for name, table, good in (
        ("weight", alpha, alpha >= 0), ("controlled", omega, (omega >= 0) & (omega <= 1)),
        ("substitution", sigma, sigma > 1),
    ):  # fmt: skip
        if not (np.isfinite(table) & good).all():
            raise DataError(f"power: {name} is out of bounds: weights ≥ 0, controlled shares 0 to 1, substitution > 1")
    with np.errstate(divide="ignore"):
        rise = -np.log1p(-omega) / (sigma - 1)
    alpha, rise = np.broadcast_arrays(alpha, rise)
    return float((alpha[alpha > 0] * rise[alpha > 0]).sum())


def power_over(
    world: World, by: Names, on: Names, *, sectors: Names = "all", horizon: str = "long",
    elasticities: Elasticities | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The closed form on a world's own shares, for each region of `on`: by sector, in log points times 100.

    α is spending on a good over final expenditure, home supply and duties included (inputs count through what is made
    of them, exports too), Ω the share of `by` in it, σ = θ + 1. Columns are regions of `on`. A sum x of log points is a
    loss of 1 − e^(−x / 100).
    """
    accounts = world.accounts
    suppliers, buyers, goods = world.region_indices(by), world.region_indices(on), world.sector_indices(sectors)
    theta = (elasticities or horizon_elasticities(horizon, world)).theta(len(world.sectors))[goods]
    columns = {}
    for buyer in buyers:
        others = [place for place in suppliers if place != buyer]
        controlled = accounts.origin_share[buyer][others][:, goods].sum(0)
        weight = accounts.expenditure[buyer, goods] / accounts.income[buyer]
        columns[world.regions[buyer]] = [
            100 * power(alpha, min(omega, 1.0), 1 + elasticity)
            for alpha, omega, elasticity in zip(weight, controlled, theta, strict=True)
        ]
    return pd.DataFrame(columns, index=pd.Index([world.sectors[place] for place in goods], name="sector"))
