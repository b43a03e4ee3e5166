"""An approximate inverse of (1 - T') from each region's own economy, computed once per world and elasticity set.

Home sales are most of every market, so the Jacobian of the map is nearly block-diagonal by region. Each block (costs
and spending of one region, other regions held at the baseline) is written down in closed form below and inverted; what
is left for Anderson acceleration is the coupling through foreign trade. This cuts the evaluations by four to five.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gaiatsu.trade.equilibrium import Baseline, Substitution


def _shares_at_home(baseline: Baseline, theta: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """[region, sector] home share of purchases, home share of sales, own-cost elasticity of sales."""
    home = jnp.diagonal(baseline.share, axis1=1, axis2=2).T
    sales = baseline.share / ((1 + baseline.duty) * (1 + baseline.export_duty)) * baseline.spending.T[:, :, None]
    output = jnp.where(baseline.output > 0, baseline.output, 1.0)
    home_sales = jnp.diagonal(sales, axis1=1, axis2=2).T / output
    own = -(theta[:, None] * (sales * (1 - baseline.share)).sum(1)).T / output
    return home, home_sales, own


def block_inverse(baseline: Baseline, elasticity: Substitution) -> jax.Array:
    """[region, 2·sector, 2·sector] inverse of 1 - dT/dz, z = (log cost, log spending), at the baseline."""
    home, home_sales, own = _shares_at_home(baseline, elasticity.theta)
    regions, sectors = baseline.output.shape
    eye = jnp.eye(sectors)
    nothing = jnp.zeros((regions, sectors, sectors))

    def diagonal(values: jax.Array) -> jax.Array:
        return values[:, :, None] * eye

    s, ey = elasticity.stickiness, elasticity.value_added
    sigma = jnp.broadcast_to(1 - ey, (sectors,))
    r = 1 / (1 - s + s * sigma)
    mix, gamma = baseline.input_mix, baseline.va_share
    weight = baseline.value_added / baseline.value_added.sum(1, keepdims=True)

    output = jnp.concatenate([diagonal(own), diagonal(home_sales)], 2)
    demand = jnp.concatenate([diagonal(own - ey), diagonal(home_sales)], 2)
    index = jnp.einsum("nj,njl->nl", weight * r, demand) / (weight * r * sigma).sum(1, keepdims=True)
    factor = (s * r)[:, None] * demand + ((1 - s) * r)[:, None] * index[:, None, :]
    price = jnp.concatenate([diagonal(home), nothing], 2)
    bundle = jnp.einsum("nkj,nkl->njl", mix, price)
    cost = gamma[:, :, None] * factor + (1 - gamma)[:, :, None] * bundle
    materials = output + jnp.broadcast_to(ey, (sectors,))[:, None] * (bundle - cost)

    bought = jnp.where(baseline.spending > 0, baseline.spending, 1.0)
    use = mix * ((1 - gamma) * baseline.output)[:, None, :] / bought[:, :, None]
    em = jnp.broadcast_to(elasticity.materials, (sectors,))
    inputs = (use * em).sum(2)[:, :, None] * price + jnp.einsum(
        "nkj,njl->nkl", use, materials - em[:, None] * bundle
    )
    final = baseline.final_share * baseline.income[:, None] / bought
    consumer = jnp.einsum("nk,nkl->nl", baseline.final_share, price)
    taxed = (baseline.share * baseline.duty / (1 + baseline.duty)).sum(2).T * baseline.spending
    revenue = jnp.concatenate([taxed * elasticity.theta * home, taxed], 1)
    income = (baseline.value_added.sum(1)[:, None] * index + revenue) / baseline.income[:, None]
    spending = inputs + final[:, :, None] * (
        elasticity.consumption * (price - consumer[:, None, :]) + income[:, None, :]
    )
    return jnp.linalg.inv(jnp.eye(2 * sectors) - jnp.concatenate([cost, spending], 1))


def apply(inverse: jax.Array, change: jax.Array) -> jax.Array:
    """Precondition a flat residual laid out as (log cost, log spending) by region."""
    regions, size, _ = inverse.shape
    by_region = change.reshape(2, regions, size // 2).transpose(1, 0, 2).reshape(regions, size)
    stepped = jnp.einsum("nab,nb->na", inverse, by_region)
    return stepped.reshape(regions, 2, size // 2).transpose(1, 0, 2).ravel()
