"""Own outlays or duties accepted: the engine's costs, the break-even, and the cheapest mix against brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.scenario.outlays import gdp
from gaiatsu.security import link, link_sets
from gaiatsu.trade.sensitivity import derivative
from worlds import elasticities, random_world

LEVELS = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
RANGES = {
    "ally_weight": (0.1, 0.5), "decisiveness": (0.5, 2.0), "cost_ratio": (0.4, 0.8), "multiplier": (0.0, 0.8),
}  # fmt: skip
EFFORTS = link.Efforts(attacker=300.0, own=60.0, ally=900.0, gdp=4000.0)


@pytest.fixture(scope="module")
def world():
    return random_world(3, (3, 2))


@pytest.fixture(scope="module")
def theta():
    return elasticities(3, 2)


@pytest.fixture(scope="module")
def effects(world, theta):
    return link.duty_effects(world, LEVELS, defender="R1", protector="R0", sectors="all", elasticities=theta)


def made_up(scale: float = 1.0) -> link.DutyEffects:
    """A loss that flattens out, and a gain that turns."""
    levels = np.array([0.0, *LEVELS])
    gain = 1e4 * (levels - 4 * levels**2)
    return link.DutyEffects(levels, scale * 2e4 * (1 - np.exp(-4 * levels)), gain, (4e6, 25e6))


@pytest.fixture(scope="module")
def costs():
    return link.Costs(EFFORTS, made_up(0.7), made_up(1.3), price=0.01)


@pytest.fixture(scope="module")
def box():
    return link.fill(RANGES, points=64)


# -------------------------------------------------------------------------------------------------------- the engine
def test_no_duty_costs_exactly_nothing(effects) -> None:
    assert effects.levels[0] == effects.loss[0] == effects.gain[0] == 0.0
    assert effects.at(0.0) == (0.0, 0.0)


def test_between_the_levels_the_curve_is_the_engines(world, theta, effects) -> None:
    for duty in (0.0125, 0.075, 0.175, 0.25, 0.45):
        measure = gt.Tariff(by="R0", on="R1", sectors="all", rate=duty)
        found = gt.solve(world, [measure], elasticities=theta).summary()["equivalent_variation"]
        loss, gain = effects.at(duty)
        assert loss == pytest.approx(-found["R1"], rel=2e-3)
        assert gain == pytest.approx(found["R0"], abs=2e-3 * np.abs(effects.gain).max())


def test_the_first_duty_costs_what_the_engines_derivative_says(world, theta) -> None:
    tiny = link.duty_effects(world, [1e-4], defender="R1", protector="R0", sectors="all", elasticities=theta)
    still = gt.solve(world, [gt.Tariff(by="R0", on="R1", sectors="all", rate=0.0)], elasticities=theta)
    direction = np.zeros_like(world.accounts.duty)
    direction[0, 1] = 1.0
    slope = derivative(still, duty=direction)["real_income"] * world.accounts.income
    assert tiny.loss[1] / 1e-4 == pytest.approx(-slope[1], rel=1e-3)
    assert tiny.gain[1] / 1e-4 == pytest.approx(slope[0], rel=1e-3)


def test_a_duty_is_on_the_protectors_imports_from_the_defender(world, theta, effects) -> None:
    measure = gt.Tariff(by="R0", on="R1", sectors="all", rate=0.2)
    found = gt.solve(world, [measure], elasticities=theta).summary()["equivalent_variation"]
    place = effects.levels.tolist().index(0.2)
    assert effects.loss[place] == pytest.approx(-found["R1"], rel=1e-9)
    assert effects.gain[place] == pytest.approx(found["R0"], rel=1e-9)
    assert effects.share(0.2) == pytest.approx(-found["R1"] / gdp(world)[1], rel=1e-9)


def test_what_outlays_cost_by_prices_is_one_solve(world, theta) -> None:
    measure = gt.Outlays(by="R1", share=0.01, mix={"S0": 1.0})
    change = gt.solve(world, [measure], elasticities=theta).summary()["equivalent_variation"]["R1"]
    other = gt.Outlays(by="R2", share=0.3, mix={"S0": 1.0})
    price = link.outlay_effect(world, "R1", outlays=other, elasticities=theta)
    assert price == pytest.approx(-change / (0.01 * gdp(world)[1]), rel=1e-9)


def test_levels_that_do_not_rise_and_several_regions_are_refused(world) -> None:
    world = world.with_groups({"both": ["R1", "R2"]})
    for levels in ([], [0.0, 0.1], [0.2, 0.1], [float("nan")]):
        with pytest.raises(ScenarioError, match="levels of duties"):
            link.duty_effects(world, levels, defender="R1", protector="R0")
    with pytest.raises(ScenarioError, match="several regions"):
        link.duty_effects(world, [0.1], defender="both", protector="R0")


def test_the_protector_gains_most_between_two_levels_and_loses_beyond() -> None:
    duty, gain = made_up().best_for_protector()  # 1e4 (t − 4t²): 625 at 12.5 %, nothing at 25 %
    assert duty == pytest.approx(0.125, abs=5e-3)
    assert 1e4 * (0.1 - 4 * 0.1**2) < gain == pytest.approx(625, rel=0.02)
    assert made_up().harmful_from() == pytest.approx(0.25, abs=5e-3)
    against = replace(made_up(), gain=-made_up().levels)
    assert against.best_for_protector() == (0.0, 0.0)
    assert against.harmful_from() == 0.0
    assert replace(made_up(), gain=made_up().levels).harmful_from() == np.inf
    with pytest.raises(DataError, match="outside the levels"):
        against.at(0.6)


# ------------------------------------------------------------------------------------------------------ several sets
@pytest.mark.parametrize("closure", ["fixed", "balanced"])
def test_all_sets_are_solved_at_the_level_shown_and_the_extremes_at_all(world, theta, closure) -> None:
    scales = {"usual": 1.0, "near": 1.1, "low": 0.6, "high": 1.6}
    sets = {name: replace(theta, trade=scale * np.asarray(theta.trade)) for name, scale in scales.items()}
    asked = {"defender": "R1", "protector": "R0", "sectors": "all", "closure": closure}
    found = link_sets.duty_effects_by_set(world, [0.1, 0.3], sets, shown=0.3, **asked)
    direct = {name: link.duty_effects(world, [0.1, 0.3], elasticities=item, **asked) for name, item in sets.items()}
    for name, item in direct.items():
        assert found.at[name] == pytest.approx((item.loss[2], item.gain[2]), rel=1e-6)
    losses = {name: item.loss[2] for name, item in direct.items()}
    gains = {name: item.gain[2] for name, item in direct.items()}
    ends = {pick(table, key=table.__getitem__) for table in (losses, gains) for pick in (min, max)}
    assert set(found.effects) == {"usual", *ends}
    assert next(iter(found.effects)) == "usual"
    for name, item in found.effects.items():
        np.testing.assert_allclose(item.loss, direct[name].loss, rtol=1e-6)
        np.testing.assert_allclose(item.gain, direct[name].gain, rtol=1e-6)
        assert item.gdp == direct[name].gdp
    assert found.refused == {}


def test_the_level_shown_must_be_one_that_is_solved(world, theta) -> None:
    with pytest.raises(ScenarioError, match="none of the levels"):
        link_sets.duty_effects_by_set(world, [0.1], {"a": theta}, shown=0.2, defender="R1", protector="R0")


# -------------------------------------------------------------------------------------------------------- break-even
def test_no_duty_needs_no_reliability(costs, box) -> None:
    assert (link.break_even(0.0, 0.4, costs, box) == 0).all()


def test_the_break_even_rises_with_the_duty(costs, box) -> None:
    found = link.break_even(np.linspace(0, 0.5, 40), 0.4, costs, box)
    with np.errstate(invalid="ignore"):
        steps = np.diff(found, axis=0)
    assert (steps[np.isfinite(steps)] >= 0).all()
    assert (np.isfinite(found[1:]) <= np.isfinite(found[:-1])).all()  # never again once there is none


def test_at_the_break_even_both_ways_cost_the_same(costs, box) -> None:
    after, duty = 0.4, 0.2
    found = link.break_even(duty, after, costs, box)[0]
    inside = np.isfinite(found)
    assert 0.3 < inside.mean() < 1
    with_duty = costs.of_duty(duty, box) + costs.per_dollar(box) * costs.lacking(
        np.where(inside, after + found, 1), box
    )
    alone = costs.per_dollar(box) * costs.lacking(after, box)
    np.testing.assert_allclose(with_duty[inside], alone[inside], rtol=1e-8)
    # where none is given, a certain ally does not save what the duty costs
    certain = costs.of_duty(duty, box) + costs.per_dollar(box) * costs.lacking(1.0, box)
    assert (certain[~inside] > alone[~inside]).all()


def test_whom_own_effort_protects_gains_nothing_by_duties(costs) -> None:
    strong = replace(costs, efforts=replace(EFFORTS, own=1e5))
    assert np.isinf(link.break_even(0.1, 0.2, strong, link.fill(RANGES, points=16))).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 0.5), st.floats(0.0, 0.9), st.floats(0.2, 5.0))
def test_a_dearer_duty_must_buy_more(duty: float, after: float, factor: float) -> None:
    box = link.fill(RANGES, points=16)
    low, high = sorted((1.0, factor))
    cheap, dear = (
        link.break_even(duty, after, link.Costs(EFFORTS, made_up(scale), made_up(scale)), box) for scale in (low, high)
    )
    assert (dear >= cheap).all()


def test_in_closed_form_without_an_exponent() -> None:
    # m = 1: success A/(A+D) alone, A/(A+D+θS) with the ally; solved by hand for r at own effort D + E − L/κ
    fixed = {"ally_weight": (0.3, 0.3), "decisiveness": (1.0, 1.0), "cost_ratio": (0.6, 0.6), "multiplier": (0.0, 0.0)}
    box = link.fill(fixed, points=1)
    efforts = link.Efforts(attacker=317.6, own=58.4, ally=968.4, gdp=4000.0)
    costs = link.Costs(efforts, made_up(), made_up())
    assert float(costs.lacking(0.41, box)[0]) == pytest.approx(125.8 - 58.4, abs=0.05)  # the published 125.8
    loss = float(made_up().share(0.2)) * 4000
    own = 58.4 + float(costs.lacking(0.41, box)[0]) - loss
    alone, together = 317.6 / (317.6 + own), 317.6 / (317.6 + own + 0.3 * 968.4)
    expected = (alone - 0.6) / (alone - together) - 0.41
    assert float(link.break_even(0.2, 0.41, costs, box)[0, 0]) == pytest.approx(expected, rel=1e-10)


# ------------------------------------------------------------------------------------------------------- cheapest mix
def test_the_cheapest_mix_is_that_of_a_fine_grid(costs, box) -> None:
    bought = np.array([0.0, 0.5, 2.0, 5.0, 20.0])
    mix = link.cheapest_mix(bought, 0.3, costs, box)
    grid = np.linspace(0, 0.5, 1001)[:, None]
    for row, points in enumerate(bought):
        least = costs.total(grid, 0.3, points, box).min(axis=0)
        assert (mix.cost[row] <= least * (1 + 1e-6) + 1e-6).all()  # what it costs is had: see the next test


def test_duties_that_buy_nothing_are_not_paid_and_more_never_costs_more(costs, box) -> None:
    mix = link.cheapest_mix([0.0, 1.0, 3.0, 10.0], 0.3, costs, box)
    assert (mix.duty[0] == 0).all()
    np.testing.assert_allclose(mix.cost[0], mix.alone)
    assert (np.diff(mix.cost, axis=0) <= 1e-4 * (1 + mix.cost[:-1])).all()
    np.testing.assert_allclose(mix.cost, costs.of_duty(mix.duty, box) + costs.per_dollar(box) * mix.arms, rtol=1e-12)


# ---------------------------------------------------------------------------------------------------------- the inputs
def test_the_box_is_filled_evenly_and_fixed_where_it_has_no_width(box) -> None:
    for name, (low, high) in RANGES.items():
        values = getattr(box, name)
        assert low < values.min() < values.max() < high
        # one value in each 64th of the range
        assert sorted((64 * (values - low) / (high - low)).astype(int)) == list(range(64))
    fixed = link.fill({**RANGES, "decisiveness": (1.0, 1.0)}, points=8)
    assert (fixed.decisiveness == 1.0).all()


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({"ally_weight": (0, 1)}, "give ally_weight"), ({**RANGES, "multiplier": (0.2, 1.0)}, "multiplier"),
        ({**RANGES, "cost_ratio": (0.8, 0.4)}, "range of cost_ratio"),
        ({**RANGES, "ally_weight": (-5.0, 0.5)}, "ally_weight is -5 to 0.5; it must lie from 0 to 1"),
        ({**RANGES, "cost_ratio": (0.4, 8.0)}, "cost_ratio is 0.4 to 8; it must lie from above 0 to 1"),
        ({**RANGES, "decisiveness": (0.0, 2.0)}, "decisiveness is 0 to 2"),
    ],
)  # fmt: skip
def test_impossible_ranges_are_refused(ranges: dict[str, tuple[float, float]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        link.fill(ranges)


def test_the_box_has_all_points_that_are_stored_and_no_more() -> None:
    assert len(link.fill(RANGES).place) == 1024
    for points in (0, 1025):
        with pytest.raises(DataError, match=f"points is {points}"):
            link.fill(RANGES, points=points)


def test_impossible_inputs_are_refused(costs, box) -> None:
    with pytest.raises(DataError, match="gdp is 0"):
        link.Efforts(attacker=1.0, own=1.0, ally=1.0, gdp=0.0)
    with pytest.raises(DataError, match=r"reliability is 1\.5"):
        link.break_even(0.1, 1.5, costs, box)
    with pytest.raises(DataError, match="bought is -1"):
        link.cheapest_mix([-1.0], 0.4, costs, box)
    with pytest.raises(DataError, match="lower the high end"):
        link.break_even(0.1, 0.4, replace(costs, price=-0.9), box)


def test_outlays_of_nothing_change_nothing(world, theta, effects) -> None:
    same = link.duty_effects(
        world, LEVELS[:3], defender="R1", protector="R0", sectors="all", elasticities=theta,
        outlays=gt.Outlays(by="R2", share=0.3, mix={"S0": 1.0}),
    )  # fmt: skip
    np.testing.assert_allclose(same.loss, effects.loss[:4], rtol=1e-7)
    np.testing.assert_allclose(same.gain, effects.gain[:4], rtol=1e-6)
