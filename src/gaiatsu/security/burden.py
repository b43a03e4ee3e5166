"""Who carries an alliance: defence outlays as joint products, partly private and partly of use to all members.

Country i with income Y_i chooses g_i to maximise x_i^(1−α_i) (g_i + ρ_i G₋ᵢ)^α_i with x_i = Y_i − g_i: of the others'
outlays G₋ᵢ the part ρ_i (spillover) protects it too, 1 − ρ_i is private to those who spend (Olson and Zeckhauser 1966;
joint products: Sandler 1977). Its best answer is

    g_i = max{0, α_i Y_i − (1 − α_i) ρ_i G₋ᵢ}.

With c_i = (1 − α_i) ρ_i < 1 the answers form a linear complementarity problem whose matrix has positive principal
minors, ∏(1 − c) (1 + Σ c/(1 − c)), so that there is exactly one equilibrium. Given the total G, g_i is
max{0, (α_i Y_i − c_i G)/(1 − c_i)}: as G grows, members stop in the order of c_i / (α_i Y_i), which finds the corners.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

from gaiatsu.errors import ConvergenceError, DataError

Array = np.ndarray

TOLERANCE = 1e-12  # of the best answers, in units of the largest α Y
LEAST_TASTE, LARGEST_TASTE = 1e-9, 1 - 1e-9
LEAST_INCOME, LARGEST_INCOME = 1e-50, 1e50  # in any unit: beyond, quotients leave what a computer can hold
AT_LEAST = 3  # countries from which a rank correlation says something


@dataclass(frozen=True)
class Exploitation:
    """Whether the large carry more than their share.

    over: [country] share of all outlays over share of all income (1 is in proportion); spearman, kendall: rank
    correlation of outlays over income with income, NaN for fewer than three countries or where all outlays are in
    proportion. Positive is what Olson and Zeckhauser (1966) call exploitation of the great by the small.
    """

    over: Array
    spearman: float
    kendall: float


def best_answer(spending: ArrayLike, income: ArrayLike, taste: ArrayLike, spillover: ArrayLike) -> Array:
    """[country] what each would spend, given what the others spend, in the unit of income.

    spending, income: [country]; taste (α) and spillover (ρ): numbers or [country]. Raises DataError.
    """
    y, alpha, rho = _inputs(income, taste, spillover)
    spent = _spent(spending, y)
    return np.maximum(0.0, alpha * y - (1 - alpha) * rho * (spent.sum() - spent))


def equilibrium(income: ArrayLike, taste: ArrayLike, spillover: ArrayLike) -> Array:
    """[country] outlays from which no member alone would depart (Nash), in the unit of income; corners are exact zeros.

    income: [country] above 0; taste: α between 0 and 1; spillover: ρ from 0 to 1, each a number or [country]. Raises
    DataError, and ConvergenceError where an answer is not the best to 1e-12.
    """
    y, alpha, rho = _inputs(income, taste, spillover)
    alone, slope = alpha * y, (1 - alpha) * rho
    out = np.zeros(len(y))
    active = _active(alone, slope)
    matrix = np.where(np.eye(len(active), dtype=bool), 1.0, slope[active][:, None])
    out[active] = np.maximum(0.0, np.linalg.solve(matrix, alone[active]))
    miss = np.abs(out - best_answer(out, y, alpha, rho)).max() / alone.max()
    if not miss <= TOLERANCE:
        raise ConvergenceError(
            f"burden sharing: an outlay is off its best answer by {miss:.1e} of the largest (limit {TOLERANCE:g}); "
            "take tastes further above 0, or spillovers further below 1"
        )
    return out


def _active(alone: Array, slope: Array) -> Array:
    """Positions of those who contribute: in order of c / (α Y), as long as the total so far leaves them a reason to."""
    order = np.argsort(slope / alone, kind="stable")
    alone, slope = alone[order], slope[order]
    total = np.cumsum(alone / (1 - slope)) / (1 + np.cumsum(slope / (1 - slope)))
    return np.sort(order[: int(np.argmin(np.append(slope * total < alone, False)))])


def efficient(income: ArrayLike, taste: ArrayLike) -> Array:
    """[country] contributions at which what an outlay is worth to all together equals its cost (Samuelson 1954).

    Of the many efficient allocations it is Lindahl's, each member paying by its own worth: α_i Y_i, whatever the
    spillovers; the sum is the efficient total. Who spends the money may differ from who pays it. Raises DataError.
    """
    y, alpha, _ = _inputs(income, taste, 0.0)
    return alpha * y


def worth(spending: ArrayLike, income: ArrayLike, taste: ArrayLike, spillover: ArrayLike) -> Array:
    """[country] what a further dollar of its outlays is worth to all members together, in dollars.

    Σ_j ρ_ji MRS_j with ρ_ii = 1 and MRS = α/(1−α) · (Y − g)/(g + ρ G₋): 1 is efficient, more is too little defence.
    Raises DataError, also where a member has no protection at all.
    """
    y, alpha, rho = _inputs(income, taste, spillover)
    spent = _spent(spending, y)
    protection = spent + rho * (spent.sum() - spent)
    if not (protection > 2 * LEAST_INCOME**2).all():
        raise DataError("burden sharing: a member that spends nothing and gains by nobody has no finite worth")
    own = alpha / (1 - alpha) * (y - spent) / protection
    spilled = rho * own
    return own + spilled.sum() - spilled


def taste_of_largest(income: ArrayLike, spent: float, spillover: ArrayLike) -> float:
    """α, the same for all, with which the country of the largest income spends `spent` in equilibrium.

    income: [country]; spent: above 0 and below its income. The largest's outlay rises with α where ρ is the same for
    all, so that there is one. Raises DataError, ConvergenceError.
    """
    y, _, rho = _inputs(income, 0.5, spillover)
    largest = int(np.argmax(y))
    paid = _numbers("outlay of the largest", spent)
    if paid.ndim or not LEAST_TASTE * y[largest] < paid < LARGEST_TASTE * y[largest]:
        raise DataError(
            f"burden sharing: outlay {spent!r} of the largest must lie between 0 and its income {y.max():g}"
        )

    def over(taste: float) -> float:
        return float(equilibrium(y, taste, rho)[largest] / spent - 1)

    low = spent / float(y[largest])  # alone it would spend that; others only lower what it spends
    if over(low) >= 0:
        return low
    found = float(optimize.brentq(over, low, LARGEST_TASTE, xtol=1e-15, rtol=4 * np.finfo(float).eps))
    if abs(over(found)) > 1e-9:
        raise ConvergenceError(f"burden sharing: no common taste gives the largest an outlay of {spent:g}")
    return found


def implied_spillover(spending: ArrayLike, income: ArrayLike, taste: ArrayLike) -> Array:
    """[country] ρ at which each member's outlay is its best answer to the others': (αY − g) / ((1 − α) G₋).

    Below 0 it spends more than it would alone; above 1 less than a pure public good explains. Raises DataError, also
    where the others spend nothing.
    """
    y, alpha, _ = _inputs(income, taste, 0.0)
    spent = _spent(spending, y)
    others = spent.sum() - spent
    if not (others > 0).all():
        raise DataError("burden sharing: a spillover is implied only where others spend something")
    return (alpha * y - spent) / ((1 - alpha) * others)


def exploitation(spending: ArrayLike, income: ArrayLike) -> Exploitation:
    """Shares of outlays over shares of income, and the rank correlation of the burden with income. Raises DataError."""
    y, _, _ = _inputs(income, 0.5, 0.0)
    spent = _spent(spending, y)
    if not spent.sum() > 0:
        raise DataError("burden sharing: nobody spends anything")
    over = spent / spent.sum() / (y / y.sum())
    rounded = np.round(spent / y, 14)  # equal burdens tie, whatever the last digit
    if len(y) < AT_LEAST or len(np.unique(rounded)) < 2 or len(np.unique(y)) < 2:
        return Exploitation(over, float("nan"), float("nan"))
    # scipy.stats would take longer to import than the whole section to compute.
    spearman = pd.DataFrame({"burden": rounded, "income": y}).corr(method="spearman").iat[0, 1]
    order = [np.sign(values[:, None] - values[None, :]) for values in (rounded, y)]
    kendall = (order[0] * order[1]).sum() / np.sqrt((order[0] ** 2).sum() * (order[1] ** 2).sum())  # tau-b
    return Exploitation(over, float(spearman), float(kendall))


def _numbers(name: str, value: ArrayLike) -> Array:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"burden sharing: {name} is {value!r}, which is not made of numbers") from None


def _inputs(income: ArrayLike, taste: ArrayLike, spillover: ArrayLike) -> tuple[Array, Array, Array]:
    y = _numbers("income", income)
    if y.ndim != 1 or not y.size or not (np.isfinite(y) & (y > 0)).all():
        raise DataError(f"burden sharing: income must be a row of finite numbers above 0, not {income!r}")
    if not ((y >= LEAST_INCOME) & (y <= LARGEST_INCOME)).all():
        raise DataError(f"burden sharing: income must lie from {LEAST_INCOME:g} to {LARGEST_INCOME:g}, not {income!r}")
    found = [y]
    for name, value, low in (("taste", taste, False), ("spillover", spillover, True)):
        table = _numbers(name, value)
        if table.shape not in ((), y.shape):
            raise DataError(
                f"burden sharing: {name} has shape {table.shape}; give a number, or one for each of {y.size}"
            )
        good = np.isfinite(table) & ((table >= 0) & (table <= 1) if low else (table > 0) & (table < 1))
        if not good.all():
            bounds = "from 0 to 1" if low else "above 0 and below 1"
            raise DataError(f"burden sharing: {name} is {table[~good].flat[0]:g}; it must be {bounds}")
        if not low and not ((table >= LEAST_TASTE) & (table <= LARGEST_TASTE)).all():
            raise DataError(f"burden sharing: taste is nearer to 0 or 1 than {LEAST_TASTE:g}")
        found.append(np.broadcast_to(table, y.shape))
    return found[0], found[1], found[2]


def _spent(spending: ArrayLike, income: Array) -> Array:
    spent = _numbers("spending", spending)
    if spent.shape != income.shape or not (np.isfinite(spent) & (spent >= 0) & (spent < income)).all():
        raise DataError(
            f"burden sharing: outlays must be one for each country, from 0 to below its income: {spending!r}"
        )
    return spent
