"""Constant-elasticity nests in logs of exact changes (model page, equations 2 to 4).

Everything is written with `exponent` = 1 - elasticity of substitution, a traced number or one per using sector, so that
one compiled program serves every elasticity, Cobb-Douglas (exponent 0) included, and derivatives by it are right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Prices = Any  # one array of log prices, or a tuple of them

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


def mean_price(prices: Prices, average: Callable[[Prices], jax.Array], exponent: jax.Array) -> jax.Array:
    """Log of a CES index: `average` takes share-weighted means of any function of log prices (shares sum to one).

    A scalar exponent picks power or series once for the whole table; an array picks element by element.
    """

    def by_power(chosen: jax.Array) -> jax.Array:
        return jnp.log(average(jax.tree.map(lambda log_price: jnp.exp(chosen * log_price), prices))) / chosen

    def by_series(chosen: jax.Array) -> jax.Array:
        return _unpower(average(jax.tree.map(lambda log_price: _power(log_price, chosen), prices)), chosen)

    near_zero = jnp.abs(exponent) < SERIES_BELOW
    if exponent.ndim == 0:
        return jax.lax.cond(near_zero, by_series, by_power, exponent)
    return jnp.where(near_zero, by_series(exponent), by_power(jnp.where(near_zero, 1.0, exponent)))


def pair_price(first: jax.Array, second: jax.Array, share: jax.Array, exponent: jax.Array) -> jax.Array:
    """Log CES index of two log prices, the first with weight `share`; all of one shape."""
    return mean_price((first, second), lambda pair: share * pair[0] + (1 - share) * pair[1], exponent)


def basket_price(log_price: jax.Array, share: jax.Array, exponent: jax.Array) -> jax.Array:
    """[region] log CES index over the last axis of [region, sector] prices."""
    return mean_price(log_price, lambda price: (share * price).sum(-1), exponent)


def materials_price(log_price: jax.Array, input_mix: jax.Array, exponent: jax.Array) -> jax.Array:
    """[region, user] log price of each user's bundle; log_price is [region, input], mix [region, input, user].

    A scalar exponent makes this one product of the constant mix with prices; one exponent per user forms them all.
    """
    if exponent.ndim == 0:
        return mean_price(log_price, lambda price: jnp.einsum("nkj,nk->nj", input_mix, price), exponent)
    return mean_price(log_price[:, :, None], lambda price: (input_mix * price).sum(1), exponent)


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
