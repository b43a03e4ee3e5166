"""Implicit derivatives against central differences of full solves, and gradients against derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import ConvergenceError, DataError, ScenarioError
from gaiatsu.trade import solve_arrays
from gaiatsu.trade.sensitivity import ELASTICITIES, INDICATORS, WEDGES, derivative, gradient
from gaiatsu.trade.solution import Outcome
from worlds import HORIZONS, elasticities, random_wedges, random_world

TIGHT = 1e-12
SHAPE = (5, 4)
seeds = st.integers(0, 2**20)
horizons = st.sampled_from(list(HORIZONS))


def levels(outcome: Outcome) -> dict[str, np.ndarray]:
    """The indicators of `derivative`, read off an outcome."""
    plain = {name: np.asarray(getattr(outcome, name)) for name in INDICATORS if name != "real_income"}
    return {"real_income": 1 + outcome.real_income_change, **plain}


def case(seed: int, shape: tuple[int, int], horizon: str, closure: str, **nests):
    """A shocked outcome and a function that solves its neighbours: wedges and elasticities moved by a step."""
    world = random_world(seed, shape)
    wedges = random_wedges(seed, world)
    elastic = elasticities(seed, shape[1], horizon, **nests)

    def solve(name: str | None = None, move: np.ndarray | float = 0.0) -> Outcome:
        moved, nests = dict(wedges), elastic
        if name in WEDGES:
            moved[name] = wedges[name] + move
        elif name is not None:
            nests = replace(elastic, **{name: getattr(elastic, name) + move})
        return solve_arrays(world, **moved, elasticities=nests, closure=closure, tolerance=TIGHT)

    return solve


def direction(seed: int, name: str, outcome: Outcome) -> np.ndarray | float:
    """A random direction; home trade has no duty, and transfers sum to zero."""
    rng = np.random.default_rng([seed, 4])
    if name in WEDGES:
        shape = getattr(outcome.wedges, name).shape
    else:
        shape = np.shape(getattr(outcome.elasticities, name))
    move = rng.uniform(-1, 1, shape)
    if name in ("duty", "export_duty", "availability"):
        move = move * (1 - np.eye(shape[0])[:, :, None])
    if name == "availability":
        move = move * 0.5
    if name == "transfer":
        move = (move - move.mean()) * outcome.income.min()
    return move if np.ndim(move) else float(move)


def central(solve, name: str, move, step: float = 1e-3) -> dict[str, np.ndarray]:
    """Fourth-order central difference."""
    sides = {k: levels(solve(name, k * step * move)) for k in (-2, -1, 1, 2)}
    return {
        key: (8 * (sides[1][key] - sides[-1][key]) - (sides[2][key] - sides[-2][key])) / (12 * step) for key in sides[1]
    }


def assert_same_slopes(solve, name: str, move) -> None:
    implicit, explicit = derivative(solve(), **{name: move}), central(solve, name, move)
    assert set(implicit) >= set(explicit)
    assert np.abs(explicit["real_income"]).max() > 1e-6, "the direction must matter"
    for key, slope in explicit.items():
        allowed = 1e-5 * np.abs(implicit[key]).max() + 1e-9
        assert np.abs(implicit[key] - slope).max() <= allowed, (name, key)


@pytest.mark.parametrize("name", WEDGES)
@settings(max_examples=4)
@given(seed=seeds, horizon=horizons, closure=st.sampled_from(["fixed", "proportional"]))
def test_derivatives_by_wedges(name, seed, horizon, closure):
    solve = case(seed, SHAPE, horizon, closure)
    assert_same_slopes(solve, name, direction(seed, name, solve()))


@pytest.mark.parametrize("name", ELASTICITIES)
@pytest.mark.parametrize("horizon", list(HORIZONS))
@settings(max_examples=2)
@given(seed=seeds)
def test_derivatives_by_elasticities(name, horizon, seed):
    """At `long` all upper nests are 1: the derivative there is that of the Cobb-Douglas limit."""
    inside = (
        {"mobility": {"impact": 0.1, "long": 5.0}[horizon]}
        if name == "mobility" and horizon in ("impact", "long")
        else {}
    )
    solve = case(seed, SHAPE, horizon, "fixed", **inside)
    assert_same_slopes(solve, name, direction(seed, name, solve()))


def test_the_ends_of_mobility():
    """At one wage more mobility changes nothing; where the factor is specific the derivative is the one-sided one."""
    assert np.abs(derivative(case(1, SHAPE, "long", "fixed")(), mobility=1.0)["real_income"]).max() == 0
    solve = case(1, SHAPE, "impact", "fixed")
    sides = [levels(solve("mobility", step))["real_income"] for step in (0, 1e-4, 2e-4)]
    forward = (4 * sides[1] - 3 * sides[0] - sides[2]) / 2e-4
    np.testing.assert_allclose(derivative(solve(), mobility=1.0)["real_income"], forward, atol=1e-6)
    assert np.abs(forward).max() > 1e-3


@pytest.mark.parametrize("name", ["value_added", "materials"])
def test_derivatives_by_elasticities_of_single_sectors(name):
    solve = case(3, SHAPE, "short", "fixed", by_sector=True)
    assert_same_slopes(solve, name, direction(3, name, solve()) * 0.1)


def test_derivatives_add_up():
    """A direction in several wedges at once is the sum of its parts."""
    outcome = case(2, SHAPE, "medium", "fixed")()
    moves = {name: direction(7, name, outcome) for name in (*WEDGES, *ELASTICITIES)}
    joint = derivative(outcome, **moves)["real_income"]
    parts = sum(derivative(outcome, **{name: move})["real_income"] for name, move in moves.items())
    np.testing.assert_allclose(joint, parts, rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_derivatives_are_linear_in_the_direction(scale):
    """A direction may be in any unit: a basis point, or US$ million."""
    outcome = case(2, SHAPE, "short", "fixed")()
    move = direction(2, "duty", outcome)
    one, scaled = derivative(outcome, duty=move), derivative(outcome, duty=scale * move)
    for name, slope in one.items():
        np.testing.assert_allclose(scaled[name] / scale, slope, rtol=0, atol=1e-8 * np.abs(slope).max())


@settings(max_examples=3)
@given(seed=seeds, horizon=horizons)
def test_gradients_are_the_transposed_derivatives(seed, horizon):
    outcome = case(seed, SHAPE, horizon, "fixed")()
    slopes = {
        name: derivative(outcome, **{name: direction(seed, name, outcome)})["real_income"]
        for name in (*WEDGES, *ELASTICITIES)
    }
    weight = np.random.default_rng(seed).normal(size=slopes["duty"].shape)
    found = gradient(outcome, "real_income", weight)
    for name, slope in slopes.items():
        along = (found[name] * direction(seed, name, outcome)).sum()
        scale = np.abs(weight).sum() * np.abs(slope).max()
        assert along == pytest.approx((weight * slope).sum(), abs=1e-8 * scale), name


def test_the_gradient_of_one_region():
    outcome = case(5, SHAPE, "long", "proportional")()
    weight = np.eye(5)[2]
    found = gradient(outcome, weight=weight)
    move = direction(5, "productivity", outcome)
    assert (found["productivity"] * move).sum() == pytest.approx(
        derivative(outcome, productivity=move)["real_income"][2], rel=1e-8
    )
    assert found["duty"].shape == found["availability"].shape == (5, 5, 4)
    assert found["trade"].shape == (4,)


@settings(max_examples=4)
@given(seed=seeds, horizon=horizons)
def test_hulten(seed, horizon):
    """Without duties, productivity moves a closed world's income by sales over income, to first order (Hulten 1978).

    Across regions terms of trade only shift it: at the baseline the world's income-weighted sum is the Domar weight.
    """
    world = random_world(seed, (5, 4), duties=0, export_duties=0, deficits=0)
    outcome = solve_arrays(world, elasticities=elasticities(seed, 4, horizon), tolerance=TIGHT)
    base = world.accounts
    for region, sector in ((0, 0), (3, 2)):
        shock = np.zeros((5, 4))
        shock[region, sector] = 1.0
        slope = derivative(outcome, productivity=shock)["real_income"]
        assert base.income @ slope == pytest.approx(base.output[region, sector], rel=1e-9)


# ---------------------------------------------------------------------------------------------------- refusals
def test_no_derivative_at_a_shut_border():
    world = random_world(0, (5, 4))
    shut = gt.solve(world, [gt.Embargo(by="R0", on="R1", sectors="S0")], elasticities=elasticities(0, 4))
    for function in (lambda: derivative(shut, duty=1.0), lambda: gradient(shut)):
        with pytest.raises(ConvergenceError, match=r"derivatives do not exist where a border is fully shut"):
            function()


def test_no_derivative_in_a_world_of_blocs():
    world = random_world(0, (2, 1), deficits=0)
    apart = solve_arrays(world, availability=np.eye(2)[:, :, None], elasticities=elasticities(0, 1))
    with pytest.raises(ConvergenceError, match="derivatives do not exist"):
        derivative(apart, productivity=1.0)


def test_directions_and_indicators_that_do_not_exist():
    outcome = case(0, SHAPE, "long", "fixed")()
    with pytest.raises(ScenarioError, match=r"unknown wedge or elasticity 'dutty'; did you mean 'duty'"):
        derivative(outcome, dutty=1.0)
    with pytest.raises(DataError, match=r"direction 'duty' has shape \(4,\); .*\(5, 5, 4\)"):
        derivative(outcome, duty=np.ones(4))
    with pytest.raises(ScenarioError, match=r"unknown indicator 'real_incom'; did you mean 'real_income'"):
        gradient(outcome, "real_incom")
    with pytest.raises(DataError, match=r"weight has shape \(4,\); real_income has shape \(5,\)"):
        gradient(outcome, weight=np.ones(4))
