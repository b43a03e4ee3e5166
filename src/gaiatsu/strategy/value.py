"""What a hedge is worth by the chance of the threat: the formulas of gaiatsu.strategy.hedge, on plain numbers.

The chance p is that of a threat that is rare and passes: in a year it is on with p, and hedges have stood for long.
"""

from __future__ import annotations

import math


def worth(peace: float, struck: float, cost: float, probability: float) -> float:
    """Expected gain a year, US$ million, at a chance of the threat: w(p) = g − c + p·(a + r), struck being a + r."""
    return peace - cost + probability * struck


def struck_by(avoided: float, relief: float, least: float) -> float:
    """What a hedge brings when the threat comes, a + r; at most 0 where it avoids no more than `least`.

    Relief alone, such as the end of a subsidy, is no reason for a hedge: without the hedge there is nothing to end.
    """
    both = avoided + relief
    return both if avoided > least else min(both, 0.0)


def pays(peace: float, struck: float, cost: float, noise: float = 0.0) -> str:
    """`always`, `from` a chance, `up to` one (with the threat the hedge does harm), or `never`.

    noise: US$ million that a certain threat must bring beyond the solver's tolerance to change the answer.
    """
    calm, gain = worth(peace, struck, cost, 0.0) >= 0, worth(peace, struck, cost, 1.0)
    if calm:
        return "always" if gain >= -noise else "up to"
    return "from" if gain >= noise and struck > 0 else "never"


def break_even(peace: float, struck: float, cost: float, noise: float = 0.0) -> float:
    """The chance of the threat from which a hedge pays: 0 where it pays without it, infinity where it never does.

    struck: a + r; noise as in `pays`. A hedge whose worth falls with the chance pays always (0), or up to a chance or
    never (infinity).
    """
    word = pays(peace, struck, cost, noise)
    if word == "from":
        return min((cost - peace) / struck, 1.0)
    return 0.0 if word == "always" else math.inf


def per_dollar(peace: float, avoided: float, cost: float) -> float:
    """Loss avoided per dollar a year that the hedge costs without the threat; infinity where it costs nothing."""
    net = cost - peace
    return avoided / net if net > 0 else math.copysign(math.inf, avoided) if avoided else 0.0
