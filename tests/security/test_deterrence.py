"""Deterrence: published numbers, closed forms, derivatives, and laws that hold for every parameter."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaiatsu.errors import DataError
from gaiatsu.security.deterrence import (
    price_of_reliability,
    required_reliability,
    smallest_effort,
    success_probability,
)

# US$ bn at prices of 2023, China, Japan and the United States in 2024 (SIPRI): the worked example of the design.
ATTACKER, OWN, ALLY = 317.6, 58.4, 968.4
EXAMPLE = {"ally_weight": 0.3, "decisiveness": 1.0, "cost_ratio": 0.6}

SHARES = st.floats(0.0, 1.0)
EFFORTS = st.floats(-4, 4).map(np.exp)
DECISIVE = st.floats(0.3, 5.0)
COSTS = st.floats(0.02, 0.98)
PARAMETERS = st.fixed_dictionaries({"ally_weight": SHARES, "decisiveness": DECISIVE, "cost_ratio": COSTS})


def success(r: float, attacker: float, own: float, ally: float, parameters: dict[str, float]) -> float:
    """The expected chance of success, written out."""
    m, theta = parameters["decisiveness"], parameters["ally_weight"]
    together, alone = ((1 + (d / attacker) ** m) ** -1 for d in (own + theta * ally, own))
    return r * together + (1 - r) * alone


# ------------------------------------------------------------------------------------------------ numbers to print
def test_worked_example() -> None:
    assert round(float(success_probability(ATTACKER, OWN)), 4) == 0.8447
    assert round(float(success_probability(ATTACKER, OWN + 0.3 * ALLY)), 4) == 0.4765
    assert round(float(required_reliability(ATTACKER, OWN, ALLY, **EXAMPLE)), 4) == 0.6646


def test_smallest_effort_of_the_worked_example() -> None:
    found = smallest_effort([0.745, 0.66, 0.41, 0.22], ATTACKER, ALLY, **EXAMPLE)
    np.testing.assert_array_equal(np.round(found, 1), [33.0, 59.8, 125.8, 168.2])


# ---------------------------------------------------------------------------------------------------- closed forms
@given(EFFORTS, EFFORTS, PARAMETERS)
def test_without_an_ally_the_closed_form_holds(attacker: float, ally: float, parameters: dict[str, float]) -> None:
    k, m = parameters["cost_ratio"], parameters["decisiveness"]
    alone = attacker * ((1 - k) / k) ** (1 / m)
    assert float(smallest_effort(0.0, attacker, ally, **parameters)) == pytest.approx(alone, rel=1e-11)
    certain = float(smallest_effort(1.0, attacker, ally, **parameters))
    assert certain == pytest.approx(max(alone - parameters["ally_weight"] * ally, 0.0), rel=1e-9, abs=1e-9 * alone)


def test_an_attack_that_costs_more_than_the_prize_needs_no_effort() -> None:
    assert float(smallest_effort(0.0, 100.0, 0.0, ally_weight=0.3, decisiveness=1.0, cost_ratio=1.0)) == 0.0
    assert float(smallest_effort(0.0, 100.0, 0.0, ally_weight=0.3, decisiveness=1.0, cost_ratio=2.5)) == 0.0


def test_an_ally_may_deter_alone() -> None:
    # r = 0.9, θS = 4A, m = 1: success 0.9/5 + 0.1 = 0.28 without any own effort
    assert float(smallest_effort(0.9, 1.0, 8.0, ally_weight=0.5, decisiveness=1.0, cost_ratio=0.29)) == 0.0
    assert float(smallest_effort(0.9, 1.0, 8.0, ally_weight=0.5, decisiveness=1.0, cost_ratio=0.27)) > 0.0


def test_an_ally_that_adds_nothing_makes_reliability_boundless() -> None:
    nothing = {"ally_weight": 0.0, "decisiveness": 1.0, "cost_ratio": 0.4}
    assert float(required_reliability(1.0, 1.0, 5.0, **nothing)) == np.inf  # success 0.5 > 0.4
    assert float(required_reliability(1.0, 2.0, 5.0, **nothing)) == -np.inf  # success 1/3


# ------------------------------------------------------------------------------------------------------------ laws
@given(SHARES, EFFORTS, EFFORTS, PARAMETERS)
def test_equality_at_the_smallest_effort(r: float, attacker: float, ally: float, parameters: dict[str, float]) -> None:
    own = float(smallest_effort(r, attacker, ally, **parameters))
    at = success(r, attacker, own, ally, parameters)
    if own == 0:
        assert at <= parameters["cost_ratio"]
    else:
        assert at == pytest.approx(parameters["cost_ratio"], abs=1e-12)


@given(SHARES, EFFORTS, EFFORTS, PARAMETERS)
def test_the_required_reliability_is_the_one_it_was_found_for(
    r: float, attacker: float, ally: float, parameters: dict[str, float]
) -> None:
    own = float(smallest_effort(r, attacker, ally, **parameters))
    alone = success_probability(attacker, own, decisiveness=parameters["decisiveness"])
    joint = own + parameters["ally_weight"] * ally
    helped = alone - success_probability(attacker, joint, decisiveness=parameters["decisiveness"])
    if own > 0 and helped > 1e-6:
        assert float(required_reliability(attacker, own, ally, **parameters)) == pytest.approx(r, abs=1e-8)


@given(
    st.sampled_from(["reliability", "ally_weight", "cost_ratio", "attacker"]),
    SHARES, EFFORTS, EFFORTS, PARAMETERS, st.floats(0.001, 1.0),
)  # fmt: skip
def test_monotone(moved: str, r: float, attacker: float, ally: float, parameters: dict[str, float], by: float) -> None:
    inputs = {"reliability": r, "attacker": attacker, "ally": ally, **parameters}
    more = {**inputs, moved: attacker * (1 + by) if moved == "attacker" else min(inputs[moved] + by, 1.0)}
    before, after = (float(smallest_effort(**each)) for each in (inputs, more))
    slack = 1e-9 * max(before, after)
    assert after >= before - slack if moved == "attacker" else after <= before + slack


@given(SHARES, EFFORTS, EFFORTS, PARAMETERS, EFFORTS)
def test_only_ratios_of_efforts_count(
    r: float, attacker: float, ally: float, parameters: dict[str, float], factor: float
) -> None:
    once = float(smallest_effort(r, attacker, ally, **parameters))
    scaled = float(smallest_effort(r, factor * attacker, factor * ally, **parameters))
    assert scaled == pytest.approx(factor * once, rel=1e-8, abs=1e-12 * factor * attacker)
    ratio = required_reliability(attacker, 1.0, ally, **parameters)
    same = required_reliability(factor * attacker, factor, factor * ally, **parameters)
    if abs(float(ratio)) < 1e6:  # beyond, the ally adds next to nothing and digits cancel
        assert float(same) == pytest.approx(float(ratio), rel=1e-6, abs=1e-8)


@settings(max_examples=60)
@given(st.floats(0.05, 0.95), EFFORTS, EFFORTS, PARAMETERS)
def test_the_price_of_a_point_is_the_derivative(
    r: float, attacker: float, ally: float, parameters: dict[str, float]
) -> None:
    step = 1e-4
    ends = smallest_effort(r + step * np.arange(-2, 3), attacker, ally, **parameters)
    if (ends > 1e-3 * attacker).all():
        slope = (8 * (ends[3] - ends[1]) - (ends[4] - ends[0])) / (12 * step)  # of fourth order
        price = float(price_of_reliability(r, attacker, ally, **parameters))
        assert price == pytest.approx(-slope / 100, rel=1e-6, abs=1e-12 * float(ends.max()) / step)
    elif (ends == 0).all():
        assert float(price_of_reliability(r, attacker, ally, **parameters)) == 0.0


def test_rounding_does_not_keep_the_root_finding_from_ending() -> None:
    """With a reliable ally and a decisive contest success has a plateau, where steps of rounding go to and fro."""
    known = {"ally_weight": 1.0, "decisiveness": 14.603351986400101, "cost_ratio": 0.45315433619660705}
    found = smallest_effort(0.9997031253563068, ATTACKER, ATTACKER * 312.0442073625605 / 336, **known)
    reached = required_reliability(ATTACKER, found, ATTACKER * 312.0442073625605 / 336, **known)
    assert float(reached) == pytest.approx(0.9997031253563068, rel=1e-9)
    rng = np.random.default_rng(7)
    decisive, cost = np.exp(rng.uniform(np.log(4), np.log(20), 40_000)), rng.uniform(0.2, 0.95, 40_000)
    wide = smallest_effort(
        rng.uniform(0.9, 1, 40_000), 336.0, rng.uniform(5, 1200, 40_000), ally_weight=1.0, decisiveness=decisive,
        cost_ratio=cost,
    )  # fmt: skip
    assert np.isfinite(wide).all()


# ------------------------------------------------------------------------------------------------- arrays and faults
def test_surfaces_are_fast_and_agree_with_points() -> None:
    r, cost = np.linspace(0, 1, 60)[:, None, None], np.linspace(0.2, 0.9, 60)[:, None]
    weight = np.linspace(0.05, 0.8, 9)
    started = time.perf_counter()
    surface = smallest_effort(r, ATTACKER, ALLY, ally_weight=weight, decisiveness=1.5, cost_ratio=cost)
    assert time.perf_counter() - started < 1.0  # some 30 ms
    assert surface.shape == (60, 60, 9)
    for i, j, k in ((0, 0, 0), (30, 12, 4), (59, 59, 8), (7, 50, 2)):
        point = smallest_effort(
            r[i, 0, 0], ATTACKER, ALLY, ally_weight=weight[k], decisiveness=1.5, cost_ratio=cost[j, 0]
        )
        assert float(point) == pytest.approx(float(surface[i, j, k]), rel=1e-12)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"cost_ratio": 0.0}, "costs nothing"), ({"cost_ratio": -0.1}, "cost_ratio"),
        ({"reliability": 1.2}, "reliability is 1.2"), ({"ally_weight": -0.1}, "ally_weight"),
        ({"decisiveness": 0.0}, "decisiveness"), ({"attacker": 0.0}, "attacker is 0"), ({"ally": -1.0}, "ally is -1"),
        ({"cost_ratio": float("nan")}, "cost_ratio is nan"),
        ({"cost_ratio": 1e-30, "decisiveness": 0.05}, "raise either"),
    ],
)  # fmt: skip
def test_faults_are_named(changed: dict[str, float], said: str) -> None:
    inputs = {"reliability": 0.5, "attacker": 1.0, "ally": 1.0, **EXAMPLE, **changed}
    with pytest.raises(DataError, match=said):
        smallest_effort(**inputs)


def test_a_contest_of_nobody_has_no_outcome() -> None:
    with pytest.raises(DataError, match="not both 0"):
        success_probability(0.0, 0.0)
