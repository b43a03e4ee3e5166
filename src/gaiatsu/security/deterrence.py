"""How reliable an ally must be for a budget to deter, and the smallest own effort that deters with a given ally.

Attack succeeds with the probability of a contest in ratio form (Tullock 1980; Hirshleifer 1989), A^m / (A^m + D^m); an
ally that comes adds the share θ of its own effort to the defence. The attacker gains B by success, pays c in any case,
and stays at home where reliability r makes the expected chance of success at most c/B:

    r p₁ + (1 − r) p₀ ≤ c/B,   p₀ = A^m / (A^m + D^m),   p₁ = A^m / (A^m + (D + θS)^m).

Efforts are in any one unit: only their ratios count. θ, m and c/B are not identified by data: use ranges.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gaiatsu.errors import ConvergenceError, DataError

Array = np.ndarray

LEAST_DECISIVE, MOST_DECISIVE = 0.05, 20.0  # of m: beyond, powers of ratios leave the range of floating-point numbers
STEPS = 180  # of the root finding; halving alone needs about 70
FREE = 20  # of them, in which Newton's method is trusted; then every other one halves the bracket, so that it must end
EPS = float(np.finfo(float).eps)
TINY = 1e-300  # of the attacker's effort: less is none


def success_probability(attacker: ArrayLike, defence: ArrayLike, *, decisiveness: ArrayLike = 1.0) -> Array:
    """A^m / (A^m + D^m), the chance that an attack succeeds.

    attacker, defence: A and D, efforts of at least 0 in one unit, not both 0; decisiveness: m, 0.05 to 20. All
    broadcast. Returns a float array of their common shape. Raises DataError.
    """
    a, d, m = np.broadcast_arrays(*(np.asarray(item, dtype=float) for item in (attacker, defence, decisiveness)))
    _check("attacker", a, a >= 0, "0 or more")
    _check("defence", d, d >= 0, "0 or more")
    _check_decisiveness(m)
    _check("attacker and defence", a + d, a + d > 0, "not both 0")
    largest = np.maximum(a, d)  # of the ratios one is 1, so that no power overflows
    strong, weak = (a / largest) ** m, (d / largest) ** m
    return strong / (strong + weak)


def required_reliability(
    attacker: ArrayLike, own: ArrayLike, ally: ArrayLike, *,
    ally_weight: ArrayLike, decisiveness: ArrayLike, cost_ratio: ArrayLike,
) -> Array:  # fmt: skip
    """r* = (p₀ − c/B) / (p₀ − p₁): the smallest reliability at which own effort and the ally together deter.

    attacker, own, ally: efforts in one unit, the attacker's above 0; ally_weight: θ, share of the ally's effort that
    counts, 0 to 1; decisiveness: m; cost_ratio: c/B, attacker's cost over prize, above 0. All broadcast. Below 0: own
    effort deters alone; above 1: even a certain ally does not deter. Where the ally adds nothing: −inf or +inf, whether
    own effort deters or not. Raises DataError.
    """
    a, d, s, theta, m, k = _efforts(attacker, own, ally, ally_weight, decisiveness, cost_ratio)
    alone = success_probability(a, d, decisiveness=m)
    together = success_probability(a, d + theta * s, decisiveness=m)
    over, helped = alone - k, alone - together
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(helped > 0, over / helped, np.where(over > 0, np.inf, -np.inf))


def smallest_effort(
    reliability: ArrayLike, attacker: ArrayLike, ally: ArrayLike, *,
    ally_weight: ArrayLike, decisiveness: ArrayLike, cost_ratio: ArrayLike,
) -> Array:  # fmt: skip
    """D_min, the smallest own effort of at least 0 with r p₁ + (1 − r) p₀ ≤ c/B, in the unit of the efforts.

    reliability: r, 0 to 1; attacker, ally: efforts, the attacker's above 0; ally_weight: θ, 0 to 1; decisiveness: m,
    0.05 to 20; cost_ratio: c/B above 0 (at 1 and more nobody attacks: 0; at 0 nothing deters). All broadcast. Without
    an ally (r = 0) it is A ((1 − c/B) / (c/B))^(1/m). Raises DataError, ConvergenceError.
    """
    r, a, s, theta, m, k = _inputs(reliability, attacker, ally, ally_weight, decisiveness, cost_ratio)
    out: Array = a * _root(r, theta * s / a, m, k)
    return out


def price_of_reliability(
    reliability: ArrayLike, attacker: ArrayLike, ally: ArrayLike, *,
    ally_weight: ArrayLike, decisiveness: ArrayLike, cost_ratio: ArrayLike,
) -> Array:  # fmt: skip
    """−∂D_min/∂r / 100: own effort that stands in for one percentage point of the ally's reliability.

    Parameters as of smallest_effort; in the unit of the efforts. By the implicit function theorem
    −∂D/∂r = (p₀ − p₁) / (−r ∂p₁/∂D − (1 − r) ∂p₀/∂D). Where no own effort is needed a point is worth 0. Raises
    DataError, ConvergenceError.
    """
    r, a, s, theta, m, k = _inputs(reliability, attacker, ally, ally_weight, decisiveness, cost_ratio)
    help_ = theta * s / a
    ratio = _root(r, help_, m, k)
    needed = ratio > 0
    x = np.where(needed, ratio, 1.0)
    _, slope = _success_and_slope(x, r, help_, m)
    out: Array = np.where(needed, a * x * (_chance(x, m) - _chance(x + help_, m)) / slope / 100, 0.0)
    return out


# ---------------------------------------------------------------------------------------------------------- inside
def _chance(ratio: Array, decisiveness: Array) -> Array:
    """Success against a defence of `ratio` times the attacker's effort."""
    return np.asarray(1 / (1 + ratio**decisiveness))


def _alone(decisiveness: Array, cost_ratio: Array) -> Array:
    """D/A at which no ally is needed; 0 where the attack costs more than the prize."""
    return np.where(cost_ratio < 1, (np.maximum(1 / cost_ratio - 1, 0.0)) ** (1 / decisiveness), 0.0)


def _root(r: Array, help_: Array, m: Array, k: Array) -> Array:
    """x = D/A by Newton's method on the log odds of success over ln x, kept inside a bracket.

    Without an ally these log odds are a straight line in ln x; with one nearly so, and a step is rarely refused.
    """
    out = np.zeros(r.shape)
    alone = _alone(m, k)
    # A certain ally makes alone − h enough, none makes `alone` necessary: the root lies between.
    low = np.maximum(alone - help_, 0.0)
    found = r * _chance(low + help_, m) + (1 - r) * _chance(low, m) <= k
    out[found] = low[found]
    places = np.flatnonzero(~found)
    r, h, m, k, high = (item.ravel()[places] for item in (r, help_, m, k, np.log(np.where(found, 1.0, alone))))
    low = np.log(np.maximum(low.ravel()[places], TINY))
    u = high.copy()
    for number in range(STEPS):
        if not places.size:
            return out
        success, slope = _success_and_slope(np.exp(u), r, h, m)
        low, high = np.where(success > k, u, low), np.where(success <= k, u, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = (np.log(success / k) + np.log1p(-k) - np.log1p(-success)) * success * (1 - success) / slope
        # As near as the function can tell, or as numbers lie.
        done = (np.abs(success - k) <= 4 * EPS * k) | (high - low <= 4 * EPS * np.maximum(1.0, np.abs(u)))
        out.ravel()[places[done]] = np.exp(u[done])
        inside = (u + step >= low) & (u + step <= high)  # False where the step is not finite
        halve = ~inside | (number >= FREE and number % 2 == 1)  # rounding can make steps go to and fro for ever
        u = np.where(halve, 0.5 * (low + high), u + step)
        places, r, h, m, k, low, high, u = (item[~done] for item in (places, r, h, m, k, low, high, u))
    raise ConvergenceError(
        f"smallest effort: no root within {STEPS} steps for reliability {r[0]:g}, decisiveness {m[0]:g}, cost ratio "
        f"{k[0]:g}; narrow the ranges of the parameters"
    )


def _success_and_slope(x: Array, r: Array, help_: Array, m: Array) -> tuple[Array, Array]:
    """The expected chance of success at own effort x (in the attacker's), and its fall as ln x rises."""
    alone, together = _chance(x, m), _chance(x + help_, m)
    slope = m * ((1 - r) * alone * (1 - alone) + r * together * (1 - together) * x / (x + help_))
    return (1 - r) * alone + r * together, slope


def _efforts(
    attacker: ArrayLike, own: ArrayLike, ally: ArrayLike, ally_weight: ArrayLike, decisiveness: ArrayLike,
    cost_ratio: ArrayLike,
) -> list[Array]:  # fmt: skip
    items = (attacker, own, ally, ally_weight, decisiveness, cost_ratio)
    a, d, s, theta, m, k = np.broadcast_arrays(*(np.asarray(item, dtype=float) for item in items))
    _check("attacker", a, a > 0, "above 0")
    _check("own effort", d, d >= 0, "0 or more")
    _check("ally", s, s >= 0, "0 or more")
    _check("ally_weight", theta, (theta >= 0) & (theta <= 1), "0 to 1")
    _check_decisiveness(m)
    _check("cost_ratio", k, k > 0, "above 0 (an attack that costs nothing cannot be deterred)")
    return [a, d, s, theta, m, k]


def _inputs(
    reliability: ArrayLike, attacker: ArrayLike, ally: ArrayLike, ally_weight: ArrayLike, decisiveness: ArrayLike,
    cost_ratio: ArrayLike,
) -> list[Array]:  # fmt: skip
    r = np.asarray(reliability, dtype=float)
    _check("reliability", r, (r >= 0) & (r <= 1), "0 to 1")
    a, _, s, theta, m, k = _efforts(attacker, 0.0, ally, ally_weight, decisiveness, cost_ratio)
    largest = np.abs(np.log(np.maximum(1 / k - 1, 1.0))) / m
    _check("cost_ratio and decisiveness", largest, largest < 300, "such that a finite effort deters: raise either")
    return list(np.broadcast_arrays(r, a, s, theta, m, k))


def _check_decisiveness(m: Array) -> None:
    _check("decisiveness", m, (m >= LEAST_DECISIVE) & (m <= MOST_DECISIVE), f"{LEAST_DECISIVE:g} to {MOST_DECISIVE:g}")


def _check(name: str, values: Array, good: Array, bounds: str) -> None:
    wrong = ~(np.isfinite(values) & good)
    if wrong.any():
        raise DataError(f"deterrence: {name} is {values[wrong].flat[0]:g}; it must be {bounds}")
