"""Friends and enemies: what a little more productivity, or a little cheaper border, of one does to another's income.

Kleinman, Liu and Redding (2024), "International Friends and Enemies", American Economic Journal: Macroeconomics 16(4),
350-385. Their closed form holds for one sector, labour only, no duties and balanced trade; the engine's own derivative,
by the implicit function theorem, holds for every world and horizon. Where both apply they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gaiatsu.errors import DataError, ScenarioError, did_you_mean
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    import pandas

    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World

BY = ("productivity", "border")
By = Literal["productivity", "border"]
NO_INCOME = 1e-12  # share of world income below which a region sells nothing, up to rounding


class ClosedForm(NamedTuple):
    """income_share: [region] q with q S = q; income, welfare: [region n, region i] slopes of n's by i's productivity.

    All in logs; income is relative to world income (Σ q d log income = 0).
    """

    income_share: Array
    income: Array
    welfare: Array


def closed_form(supplier_share: Array, trade_elasticity: float) -> ClosedForm:
    """First-order exposure in the one-sector model with labour only, no duties and balanced trade.

    supplier_share: S [importer, exporter], rows sum to one; trade_elasticity: θ > 0. With q S = q,
    T[i, n] = S[n, i] q[n] / q[i], M = T S − I, Q every row q and V = (T + θ T S)/(1+θ) − Q:
    income = −θ/(1+θ) (I−V)⁻¹ M, welfare = (I−S) income + S (Kleinman, Liu and Redding 2024). Raises DataError.
    """
    share = np.asarray(supplier_share, dtype=float)
    if share.ndim != 2 or share.shape[0] != share.shape[1]:
        raise DataError(f"supplier shares have shape {share.shape}; they must be [importer, exporter], square")
    if not (share >= 0).all() or not np.allclose(share.sum(axis=1), 1, atol=1e-9):
        raise DataError("supplier shares must not be negative, and each importer's must sum to one")
    if not 0 < trade_elasticity < np.inf:
        raise DataError(f"the trade elasticity is {trade_elasticity}; it must be positive and finite")
    size, theta = len(share), float(trade_elasticity)
    eye = np.eye(size)
    # q (S − I) = 0 and Σ q = 1: of these n + 1 equations n are independent where all regions trade.
    system = np.vstack([share.T - eye, np.ones(size)])
    if np.linalg.matrix_rank(system) < size:
        raise DataError("the regions fall into blocs that do not trade: there is no common income to share")
    income_share = np.linalg.lstsq(system, np.eye(size + 1)[-1], rcond=None)[0]
    if income_share.min() < NO_INCOME:
        raise DataError(
            f"region number {income_share.argmin() + 1} earns nothing: nobody who earns anything buys from it; leave it"
            " out"
        )
    markets = share.T * income_share[None, :] / income_share[:, None]
    cross = markets @ share
    spread = (markets + theta * cross) / (1 + theta) - income_share[None, :]
    income = -theta / (1 + theta) * np.linalg.solve(eye - spread, cross - eye)
    return ClosedForm(income_share, income, (eye - share) @ income + share)


def friends_and_enemies(
    world: World, by: By = "productivity", *, regions: Names = "all", horizon: str = "long",
    closure: str = "proportional", elasticities: Elasticities | None = None,
) -> pandas.DataFrame:  # fmt: skip
    """Elasticities of each region's real income with respect to every region's productivity, or to its border.

    by="productivity": [region n, region i] d log real income of n / d log productivity of all sectors of i.
    by="border": the same with respect to the iceberg cost on all trade between n and i, both ways (its sign is mostly
    negative: to first order, what n would lose); zero where n is i. Positive productivity elasticities make i a friend
    of n, negative ones an enemy. At the baseline, one transposed linear solve a row; `regions` are the rows wanted.
    elasticities replaces those of the horizon. Raises ScenarioError, ConvergenceError.
    """
    import pandas

    from gaiatsu.trade.sensitivity import gradient
    from gaiatsu.trade.solve import solve

    if by not in BY:
        raise ScenarioError(f"unknown direction {by!r}{did_you_mean(by, BY)} (known: {', '.join(BY)})")
    rows = world.region_indices(regions)
    outcome = solve(world, horizon=horizon, closure=closure, elasticities=elasticities)
    table = np.empty((len(rows), len(world.regions)))
    for place, region in enumerate(rows):
        weight = np.zeros(len(world.regions))
        weight[region] = 1.0
        slopes = gradient(outcome, "real_income", weight)
        if by == "productivity":
            table[place] = slopes["productivity"].sum(axis=1)
        else:
            table[place] = slopes["iceberg"][region].sum(axis=1) + slopes["iceberg"][:, region].sum(axis=1)
            table[place, region] = 0.0
    return pandas.DataFrame(
        table,
        index=pandas.Index([world.regions[n] for n in rows], name="region"),
        columns=pandas.Index(world.regions, name="partner"),
    )
