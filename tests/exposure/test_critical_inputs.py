"""The nest of a critical input: printed numbers, limits, and the joint fixed point with the engine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.critical_inputs import Cut, joint_productivity, log_nest, output_ratio, sector_productivity
from gaiatsu.world import World
from worlds import elasticities, random_world

SHARES = st.floats(1e-4, 0.5)
SHORTFALLS = st.floats(0.0, 0.99)
SIGMAS = st.floats(0.03, 3.0)


@pytest.mark.parametrize(
    ("share", "sigma", "shortfall", "percent"), [(0.04, 0.04, 0.10, -1.57), (0.01, 0.1, 0.30, -2.34)]
)
def test_printed_numbers_of_bachmann_and_others(share: float, sigma: float, shortfall: float, percent: float) -> None:
    assert round(100 * (float(output_ratio(share, shortfall, sigma)) - 1), 2) == percent


@given(SHARES, SHORTFALLS, SIGMAS)
def test_the_closed_form_written_out(share: float, shortfall: float, sigma: float) -> None:
    if abs(sigma - 1) < 1e-3:
        return
    rho = (sigma - 1) / sigma
    written = (share * (1 - shortfall) ** rho + 1 - share) ** (1 / rho)
    assert math.isclose(float(output_ratio(share, shortfall, sigma)), written, rel_tol=1e-10)


@given(SHARES, st.floats(0.0, 0.999))
def test_sigma_one_is_cobb_douglas_and_is_reached_smoothly(share: float, shortfall: float) -> None:
    at_one = (1 - shortfall) ** share
    near = output_ratio(share, shortfall, [1 - 1e-9, 1 - 1e-6, 1.0, 1 + 1e-6, 1 + 1e-9])
    assert np.allclose(near, at_one, rtol=1e-5)
    assert math.isclose(float(near[2]), at_one, rel_tol=1e-12)


@pytest.mark.parametrize("sigma", [0.04, 0.5, 1.0, 2.0])
def test_limits_of_the_shortfall(sigma: float) -> None:
    assert float(output_ratio(0.1, 0.0, sigma)) == 1.0
    nothing_left = float(output_ratio(0.1, 1.0, sigma))
    assert nothing_left == pytest.approx(0.9**2 if sigma == 2.0 else 0.0, abs=1e-12)
    assert float(output_ratio(0.0, 0.7, sigma)) == 1.0
    assert float(output_ratio(1.0, 0.7, sigma)) == pytest.approx(0.3)


@given(SHARES, SIGMAS)
def test_a_small_cut_costs_its_share(share: float, sigma: float) -> None:
    """Hulten inside the sector: d log Q = −λ dx at x → 0, whatever σ."""
    step = 1e-7
    assert math.isclose((1 - float(output_ratio(share, step, sigma))) / step, share, rel_tol=1e-4, abs_tol=1e-8)


@given(SHARES, SHORTFALLS, st.floats(0.03, 1.5), st.floats(0.01, 1.0))
def test_more_substitution_and_less_reach_lose_less(share: float, shortfall: float, sigma: float, more: float) -> None:
    assert float(output_ratio(share, shortfall, sigma + more)) >= float(output_ratio(share, shortfall, sigma)) - 1e-12
    whole = float(sector_productivity(share, 1.0, shortfall, sigma))
    part = float(sector_productivity(share, 0.5 + share / 2, shortfall, sigma))
    assert part >= 1 - (0.5 + share / 2) - 1e-12  # what does not use it goes on
    assert whole <= 1 + 1e-12


def test_a_user_is_not_made_to_take_more_than_it_wants() -> None:
    shrunk = math.log(0.5)
    assert float(sector_productivity(0.1, 1.0, 0.3, 0.1, shrunk)) == 1.0
    assert float(sector_productivity(0.1, 1.0, 0.6, 0.1, shrunk)) == pytest.approx(float(output_ratio(0.1, 0.2, 0.1)))


@pytest.mark.parametrize(
    "arguments",
    [(-0.1, 0.1, 0.5), (1.1, 0.1, 0.5), (0.1, -0.1, 0.5), (0.1, 1.1, 0.5), (0.1, 0.1, 0.0), (0.1, math.nan, 0.5)],
)
def test_numbers_outside_their_limits_are_refused(arguments: tuple[float, float, float]) -> None:
    with pytest.raises(ScenarioError):
        output_ratio(*arguments)


def test_the_expansion_near_cobb_douglas_joins_the_rest() -> None:
    sigma = 1 / (1 - np.array([0.9999e-5, 1.0001e-5]))
    first, second = log_nest(0.2, -1.0, sigma)
    assert math.isclose(first, second, rel_tol=1e-9)


def _cut(world: World, shortfall: float, *, share: float = 0.02, reach: float = 1.0, sigma: float = 0.1) -> Cut:
    sectors = np.arange(min(2, len(world.sectors)))
    many = len(sectors)
    return Cut(
        region=np.zeros(many, dtype=np.int64), sector=sectors, share=np.full(many, share), reach=np.full(many, reach),
        shortfall=np.full(many, shortfall), substitution=np.full(many, sigma),
    )  # fmt: skip


def _closed_economy() -> World:
    """Regions that trade with nobody, of factors only: other inputs cannot move where factors are specific."""
    return _autarky(np.ones((3, 2)), np.full((3, 2, 2), 0.5), np.array([60.0, 40.0]))


def _autarky(va_share: np.ndarray, input_mix: np.ndarray, output: np.ndarray) -> World:
    """Three regions alike, each on its own."""
    return World.from_arrays(
        regions=["AAA", "BBB", "CCC"], sectors=["S1", "S2"], goods=[True, True],
        flows=np.eye(3)[:, :, None] * output, duty=np.zeros((3, 3, 2)), va_share=va_share, input_mix=input_mix,
        year=2020,
    )  # fmt: skip


def test_where_other_inputs_cannot_move_it_is_the_closed_form() -> None:
    world = _closed_economy()
    specific = gt.Elasticities(trade=4.0, mobility=0.0, consumption=0.5)
    joint = joint_productivity(world, _cut(world, 0.3), specific)
    assert np.allclose(joint.scale, 1.0, atol=1e-9)
    assert np.allclose(joint.productivity, output_ratio(0.02, 0.3, 0.1), atol=1e-9)
    # both sectors are hit alike, so that real income falls by as much
    assert float(joint.real_income_change[0]) == pytest.approx(float(output_ratio(0.02, 0.3, 0.1)) - 1, abs=1e-9)


@pytest.mark.parametrize("shape", [(3, 2), (5, 4)])
@pytest.mark.parametrize("horizon", ["impact", "short", "long"])
@pytest.mark.parametrize("shortfall", [0.2, 0.8])
def test_the_fixed_point_holds(shape: tuple[int, int], horizon: str, shortfall: float) -> None:
    """Solved afresh at these productivities, every user makes what its inputs and what is left of the input give."""
    world = random_world(1, shape)
    chosen = elasticities(1, shape[1], horizon)
    cut = _cut(world, shortfall, reach=0.6)
    joint = joint_productivity(world, cut, chosen)
    assert joint.residual <= 1e-9
    table = np.ones(shape)
    table[cut.region, cut.sector] = joint.productivity
    outcome = gt.trade.solve_arrays(
        world, productivity=table, elasticities=chosen, closure="proportional", tolerance=1e-11
    )
    hit = (cut.region, cut.sector)
    volume = outcome.output[hit] / outcome.cost[hit] / world.accounts.output[hit]
    scale = volume / joint.productivity
    assert np.allclose(np.log(scale), np.log(joint.scale), atol=1e-8)
    assert np.allclose(joint.productivity, sector_productivity(0.02, 0.6, shortfall, 0.1, np.log(scale)), atol=1e-8)
    assert np.allclose(outcome.real_income_change, joint.real_income_change, atol=1e-8)


def test_a_small_cut_in_a_closed_economy_is_hultens_theorem() -> None:
    """d log real income = −Σ λ·x·Domar weight, inputs and all, up to terms of second order in λ and x."""
    mix = np.array([[0.3, 0.6], [0.7, 0.4]])
    va, final = np.array([0.5, 0.7]), np.array([55.0, 45.0])
    output = np.linalg.solve(np.eye(2) - mix * (1 - va), final)
    world = _autarky(np.tile(va, (3, 1)), np.tile(mix, (3, 1, 1)), output)
    shortfall, share = 1e-4, 1e-3
    chosen = gt.Elasticities(trade=4.0, value_added=0.5, materials=0.2, consumption=0.9, mobility=0.2)
    joint = joint_productivity(world, _cut(world, shortfall, share=share, sigma=0.3), chosen, tolerance=1e-12)
    domar = output.sum() / final.sum()
    assert float(joint.real_income_change[0]) / shortfall == pytest.approx(-share * domar, rel=1e-3)


def test_users_that_shrink_for_other_reasons_need_less() -> None:
    world, chosen = random_world(2, (3, 2)), elasticities(2, 2, "short")
    joint = joint_productivity(world, _cut(world, 0.5, share=0.05), chosen)
    fixed = sector_productivity(0.05, 1.0, 0.5, 0.1)
    assert (joint.scale < 1).any()
    assert ((joint.productivity > fixed) == (joint.scale < 1)).all()


def test_a_sector_that_would_stop_is_refused_by_name() -> None:
    world = random_world(1, (3, 2))
    with pytest.raises(ScenarioError, match="R0 S0 would stop"):
        joint_productivity(world, _cut(world, 1.0), elasticities(1, 2, "short"))


def test_reach_below_the_share_of_cost_is_refused() -> None:
    with pytest.raises(ScenarioError, match="between its share of cost and 1"):
        _cut(random_world(1, (3, 2)), 0.5, share=0.2, reach=0.1)
