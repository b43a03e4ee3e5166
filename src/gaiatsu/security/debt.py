"""The equations of public debt: what outlays add to it, and the revenue that leaves it where it would have been.

Everything is a share of the GDP of its own year. With Δ the increase of outlays, k the multiplier of purchases, τ the
share of additional GDP that the treasury receives, r the interest rate and g nominal growth, debt follows

    d′ = d (1 + r)/(1 + g) + Δ (1 − τk),

the debt at the end of a year being carried into the next. Revenue x that pays for it costs GDP as well (multiplier kₓ):
it takes Σ w Δ (1 − τk) / Σ w (1 − τkₓ) in every year, w the growth of a debt until the last of them, to leave the debt
ratio where it would have been.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ScenarioError

Array = NDArray[np.float64]


def _increase(values: ArrayLike) -> Array:
    found = np.asarray(values, dtype=float)
    if found.ndim == 0 or found.shape[-1] == 0:
        raise ScenarioError("the increase needs a number for each year: [..., years]")
    return found


def _finite(**values: Array) -> None:
    for name, value in values.items():
        if not np.all(np.isfinite(value)):
            raise ScenarioError(f"{name} is not finite: give finite numbers")


def carried(growth: ArrayLike, interest: ArrayLike) -> Array:
    """(1 + r)/(1 + g): what a point of debt is a year later, in points of that year's GDP.

    Raises ScenarioError where growth or interest is not above -100 %.
    """
    found_growth, found_interest = np.asarray(growth, dtype=float), np.asarray(interest, dtype=float)
    _finite(growth=found_growth, interest=found_interest)
    if np.any(found_growth <= -1) or np.any(found_interest <= -1):
        raise ScenarioError("growth and interest must be above -100 %")
    return (1 + found_interest) / (1 + found_growth)


def debt_path(
    debt: ArrayLike,
    increase: ArrayLike,
    *,
    growth: ArrayLike,
    interest: ArrayLike,
    tax_rate: ArrayLike = 0.0,
    multiplier: ArrayLike = 0.0,
) -> Array:
    """Debt at the end of each year, from the start on: d′ = d (1 + r)/(1 + g) + Δ (1 − τk).

    debt: [...] at the start, as a share of GDP; increase: [..., years] outlays less what they would be, shares of the
    year's GDP; the others broadcast against it, years last. Returns [..., years + 1] in the same unit as `increase`.
    Raises ScenarioError for values that are not finite and for rates of -100 % and less.
    """
    outlays, start = _increase(increase), np.asarray(debt, dtype=float)
    borrowed = outlays * _not_returned(tax_rate, multiplier)
    _finite(debt=start, increase=borrowed)
    factor, borrowed = np.broadcast_arrays(carried(growth, interest), borrowed, start[..., None])[:2]
    years = borrowed.shape[-1]
    out = np.empty((*borrowed.shape[:-1], years + 1))
    out[..., 0] = start
    for year in range(years):
        out[..., year + 1] = out[..., year] * factor[..., year] + borrowed[..., year]
    return out


def _not_returned(tax_rate: ArrayLike, multiplier: ArrayLike) -> Array:
    """1 − τk: what a unit of purchases, or of revenue, leaves after the revenue that GDP brings or loses."""
    rate, k = (np.asarray(value, dtype=float) for value in (tax_rate, multiplier))
    _finite(tax_rate=rate, multiplier=k)
    return np.asarray(1 - rate * k)


def revenue_needed(
    increase: ArrayLike,
    *,
    growth: ArrayLike,
    interest: ArrayLike,
    tax_rate: ArrayLike = 0.0,
    multiplier: ArrayLike = 0.0,
    financing_multiplier: ArrayLike = 0.0,
) -> Array:
    """Taxes, or cuts of other spending, the same share of GDP in every year, that leave the last year's debt unchanged.

    Arguments as for `debt_path`; financing_multiplier: fall of GDP for each unit raised or cut. Returns [...] shares of
    GDP. Raises ScenarioError where raising revenue costs more revenue than it brings (τkₓ ≥ 1).
    """
    outlays = _increase(increase)
    borrowed, kept = outlays * _not_returned(tax_rate, multiplier), _not_returned(tax_rate, financing_multiplier)
    _finite(increase=borrowed)
    if np.any(kept <= 0):
        raise ScenarioError("tax_rate times financing_multiplier is 1 or more: revenue raised would be lost at once")
    grown, borrowed, kept = np.broadcast_arrays(carried(growth, interest), borrowed, kept)
    # what a point borrowed in a year has become by the last: nothing is added after it, so its own weight is 1
    weight = np.ones(grown.shape)
    weight[..., :-1] = np.cumprod(grown[..., :0:-1], axis=-1)[..., ::-1]
    return np.asarray((weight * borrowed).sum(axis=-1) / (weight * kept).sum(axis=-1))
