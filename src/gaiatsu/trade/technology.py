"""Constant-elasticity nests in logs of exact changes (model page, equations 2 to 4).

Everything is written with `exponent` = 1 - elasticity of substitution, a traced number or one per using sector, so that
one compiled program serves every elasticity, Cobb-Douglas (exponent 0) included, and derivatives by it are right.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

# Below this exponent the power mean is taken from its Taylor series: exp and log would lose 1e-16 / exponent.
SERIES_BELOW = 2e-3


def _power(log_price: jax.Array, exponent: jax.Array) -> jax.Array:
    """(price^exponent - 1) / exponent by series, good to 1e-15 for |exponent * log_price| below 0.01."""
    y = exponent * log_price
    return log_price * (1 + y / 2 * (1 + y / 3 * (1 + y / 4 * (1 + y / 5))))


def _unpower(mean: jax.Array, exponent: jax.Array) -> jax.Array:
    """log(1 + exponent * mean) / exponent by series."""
    y = exponent * mean
    return mean * (1 - y * (1 / 2 - y * (1 / 3 - y * (1 / 4 - y / 5))))


def price_power(log_price: jax.Array, exponent: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Both forms of a price that `mean_price` averages: price^exponent, and the series near exponent zero."""
    return jnp.exp(exponent * log_price), _power(log_price, exponent)


def mean_price(mean_power: jax.Array, mean_series: jax.Array, exponent: jax.Array) -> jax.Array:
    """Log of the CES price index from share-weighted means of the two forms of `price_power` (shares sum to one)."""
    near_zero = jnp.abs(exponent) < SERIES_BELOW
    safe = jnp.where(near_zero, 1.0, exponent)
    return jnp.where(
        near_zero, _unpower(mean_series, exponent), jnp.log(jnp.where(near_zero, 1.0, mean_power)) / safe
    )


def pair_price(first: jax.Array, second: jax.Array, share: jax.Array, exponent: jax.Array) -> jax.Array:
    """Log CES index of two log prices, the first with weight `share`; all of one shape."""
    powers = [share * a + (1 - share) * b for a, b in zip(price_power(first, exponent), price_power(second, exponent), strict=True)]
    return mean_price(*powers, exponent)


def basket_price(log_price: jax.Array, share: jax.Array, exponent: jax.Array) -> jax.Array:
    """[region] log CES index over the last axis of [region, sector] prices."""
    powers = [(share * form).sum(-1) for form in price_power(log_price, exponent)]
    return mean_price(*powers, exponent)


def materials_price(log_price: jax.Array, input_mix: jax.Array, exponent: jax.Array) -> jax.Array:
    """[region, user] log price of each user's bundle of inputs; log_price is [region, input], mix [region, input, user].

    A scalar exponent makes this two products of the constant mix with prices; one exponent per user forms them all.
    """
    if exponent.ndim == 0:
        powers = [jnp.einsum("nkj,nk->nj", input_mix, form) for form in price_power(log_price, exponent)]
    else:
        forms = price_power(log_price[:, :, None], exponent[None, None, :])
        powers = [(input_mix * form).sum(1) for form in forms]
    return mean_price(*powers, exponent)


def materials_demand(
    log_price: jax.Array, log_bundle: jax.Array, input_mix: jax.Array, spending: jax.Array, exponent: jax.Array
) -> jax.Array:
    """[region, input] spending on each input, given each user's spending on its bundle [region, user].

    The share of an input moves as mix * (price / bundle price)^exponent.
    """
    if exponent.ndim == 0:
        demand = jnp.einsum("nkj,nj->nk", input_mix, spending * jnp.exp(-exponent * log_bundle))
        return jnp.exp(exponent * log_price) * demand
    relative = jnp.exp(exponent * (log_price[:, :, None] - log_bundle[:, None, :]))
    return (input_mix * relative * spending[:, None, :]).sum(2)
