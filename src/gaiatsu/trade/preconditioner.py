"""An approximate inverse of (1 - T') from each region's own economy, computed once per world and elasticity set.

Home sales are most of every market, so the Jacobian of the map is nearly block-diagonal by region. Each block (costs
and spending of one region, other regions held at the baseline) is written down in closed form below and inverted; what
is left for Anderson acceleration is the coupling through foreign trade. This cuts the evaluations by four to five.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from gaiatsu.trade.horizon import Elasticities
from gaiatsu.world.accounts import Accounts

Array = NDArray[np.float64]


def block_inverse(accounts: Accounts, elasticities: Elasticities) -> NDArray[np.float32]:
    """[region, 2·sector, 2·sector] inverse of 1 - dT/dz, z = (log cost, log spending), at the baseline.

    Plain numpy: it runs once per elasticity set and would cost more to compile than to compute. In float32: it only
    shapes the steps, never the solution, and half the memory traffic is half its time.
    """
    sectors = accounts.output.shape[1]
    eye = np.eye(sectors)

    def diagonal(values: Array) -> Array:
        return values[:, :, None] * eye

    def pair(by_cost: Array, by_spending: Array) -> Array:
        """[region, sector, 2·sector] from the diagonals of the two halves."""
        return np.concatenate([diagonal(by_cost), diagonal(by_spending)], 2)

    theta = elasticities.theta(sectors)
    exponent_value, exponent_materials = (
        1 - np.broadcast_to(np.asarray(item, dtype=float), (sectors,))
        for item in (elasticities.value_added, elasticities.materials)
    )
    s = 1 / (1 + float(elasticities.mobility))
    r = 1 / (1 - s * exponent_value)
    home, home_sales, own = _shares_at_home(accounts, theta)
    nothing = np.zeros_like(home)
    mix, gamma = accounts.input_mix, accounts.va_share
    weight = accounts.value_added / accounts.value_added.sum(1, keepdims=True)

    output = pair(own, home_sales)
    demand = pair(own - exponent_value, home_sales)
    index = ((weight * r)[:, None, :] @ demand)[:, 0] / (weight * r * (1 - exponent_value)).sum(1, keepdims=True)
    factor = (s * r)[:, None] * demand + ((1 - s) * r)[:, None] * index[:, None, :]
    price = pair(home, nothing)
    bundle = mix.transpose(0, 2, 1) @ price
    cost = gamma[:, :, None] * factor + (1 - gamma)[:, :, None] * bundle
    materials = output + exponent_value[:, None] * (bundle - cost)

    bought = np.where(accounts.expenditure > 0, accounts.expenditure, 1.0)
    use = accounts.intermediate / bought[:, :, None]
    inputs = (use @ exponent_materials)[:, :, None] * price + use @ (materials - exponent_materials[:, None] * bundle)
    consumer = (accounts.final_share[:, None, :] @ price)[:, 0]
    taxed = (accounts.spending * accounts.duty / (1 + accounts.duty)).sum(1)
    revenue = np.concatenate([taxed * theta * home, taxed], 1)
    income = (accounts.value_added.sum(1)[:, None] * index + revenue) / accounts.income[:, None]
    final = accounts.final_use / bought
    spending = inputs + final[:, :, None] * (
        (1 - float(elasticities.consumption)) * (price - consumer[:, None, :]) + income[:, None, :]
    )
    # Many small inverses gain nothing from threads, and threads that spin cost seconds on a busy machine.
    with threadpool_limits(1):
        # A region that trades with nobody has no price level of its own, and a singular block: hence a hair below 1.
        inverse = np.linalg.inv(np.eye(2 * sectors) - (1 - 1e-7) * np.concatenate([cost, spending], 1))
    return inverse.astype(np.float32)


def _shares_at_home(accounts: Accounts, theta: Array) -> tuple[Array, Array, Array]:
    """[region, sector] home share of purchases, home share of sales, own-cost elasticity of sales."""
    share, output = accounts.origin_share, np.where(accounts.output > 0, accounts.output, 1.0)
    own = -theta * (accounts.flows * (1 - share)).sum(0) / output
    return np.einsum("nnk->nk", share), np.einsum("nnk->nk", accounts.flows) / output, own


def apply(inverse: jax.Array, change: jax.Array) -> jax.Array:
    """Precondition a flat residual laid out as (log cost, log spending) by region."""
    regions, size, _ = inverse.shape
    by_region = change.reshape(2, regions, size // 2).transpose(1, 0, 2).reshape(regions, size)
    stepped = jnp.einsum("nab,nb->na", inverse, by_region.astype(inverse.dtype)).astype(change.dtype)
    return stepped.reshape(regions, 2, size // 2).transpose(1, 0, 2).ravel()
