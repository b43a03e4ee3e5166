"""Exact laws of the model on random, asymmetric worlds (model page, "Laws to test")."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.trade import solve_arrays
from gaiatsu.world import World
from worlds import HORIZONS, SHAPES, assert_equilibrium, elasticities, random_wedges, random_world, tables

TIGHT = 1e-12
seeds = st.integers(0, 2**20)
shapes = st.sampled_from(SHAPES)
horizons = st.sampled_from(list(HORIZONS))
larger = st.sampled_from(SHAPES[1:])


@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_the_four_horizons_are_those_of_the_model_page(horizon):
    found, (factor, *nests) = gt.horizon(horizon, random_world(0, (3, 2)), "uniform-4"), HORIZONS[horizon]
    assert np.asarray(found.trade) == pytest.approx(4 * factor)
    assert [found.value_added, found.materials, found.consumption, found.mobility] == nests


# -------------------------------------------------------------------------------------------------- no shock
@pytest.mark.parametrize("closure", ["fixed", "proportional", "balanced"])
@given(seed=seeds, shape=shapes, horizon=horizons, holes=st.booleans())
def test_no_shock_no_change(closure, seed, shape, horizon, holes):
    world = random_world(seed, shape, holes=holes and shape == (5, 4))
    outcome = solve_arrays(world, elasticities=elasticities(seed, shape[1], horizon), closure=closure)
    assert_equilibrium(outcome)
    base = outcome.accounts
    assert np.abs(outcome.real_income).max() <= 100 * 1e-9
    for change in (outcome.cost, outcome.price, outcome.factor_price, outcome.consumer_price):
        assert np.abs(change - 1).max() <= 1e-9
    for name in ("flows", "expenditure", "output", "value_added", "final_use"):
        before = getattr(base, name)
        assert np.abs(getattr(outcome, name) - before).max() <= 1e-9 * before.max()
    if closure == "balanced":
        assert np.abs(base.transfer).max() <= 1e-9 * base.income.max()
        assert np.abs(world.accounts.transfer).max() > 1e-4 * base.income.max()


# ------------------------------------------------------------------------------------------ what must not matter
@given(seed=seeds, shape=larger, horizon=horizons, closure=st.sampled_from(["fixed", "proportional"]))
def test_the_order_of_regions_and_sectors_does_not_matter(seed, shape, horizon, closure):
    rng = np.random.default_rng(seed)
    region, sector = rng.permutation(shape[0]), rng.permutation(shape[1])
    axes = {3: lambda table: table[np.ix_(region, region, sector)], 1: lambda table: table[region]}

    def permuted(table):
        return table[np.ix_(region, sector)] if np.ndim(table) == 2 else axes[np.ndim(table)](table)

    given_tables = tables(seed, shape, holes=shape == (5, 4))
    moved = {name: permuted(given_tables[name]) for name in ("flows", "duty", "export_duty", "va_share")}
    moved["input_mix"] = given_tables["input_mix"][np.ix_(region, sector, sector)]
    moved["regions"] = [given_tables["regions"][number] for number in region]
    moved["sectors"] = [given_tables["sectors"][number] for number in sector]
    world, twin = World.from_arrays(**given_tables), World.from_arrays(**{**given_tables, **moved})
    wedges = random_wedges(seed, world)
    elastic = elasticities(seed, shape[1], horizon)
    options = {"closure": closure, "tolerance": TIGHT}
    outcome = solve_arrays(world, **wedges, elasticities=elastic, **options)
    theta = {name: np.asarray(getattr(elastic, name))[sector] for name in ("trade", "long_run_trade")}
    again = solve_arrays(
        twin,
        **{name: permuted(table) for name, table in wedges.items()},
        elasticities=gt.Elasticities(**{**vars(elastic), **theta}),
        **options,
    )
    assert np.abs(outcome.real_income).max() > 0.1
    assert np.abs(again.real_income[outcome.real_income.index] - outcome.real_income).max() <= 1e-8
    np.testing.assert_allclose(again.flows, permuted(outcome.flows), rtol=1e-9)
    produced = world.accounts.output > 0
    cost, same = (table[permuted(produced)] for table in (again.cost, permuted(outcome.cost)))
    np.testing.assert_allclose(cost, same, rtol=1e-9)


@given(seed=seeds, shape=shapes, horizon=horizons, factor=st.sampled_from([1e-6, 0.37, 1e5]))
def test_the_unit_of_money_does_not_matter(seed, shape, horizon, factor):
    given_tables = tables(seed, shape)
    world = World.from_arrays(**given_tables)
    twin = World.from_arrays(**{**given_tables, "flows": factor * given_tables["flows"]})
    wedges = random_wedges(seed, world)
    options = {"elasticities": elasticities(seed, shape[1], horizon), "tolerance": TIGHT}
    outcome = solve_arrays(world, **wedges, **options)
    again = solve_arrays(twin, **{**wedges, "transfer": factor * wedges["transfer"]}, **options)
    money = ["equivalent_variation", "duty_revenue"]
    first, second = outcome.summary(), again.summary()
    assert np.abs(first["real_income"]).max() > 0.1
    np.testing.assert_allclose(second.drop(columns=money), first.drop(columns=money), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(second[money], factor * first[money], rtol=1e-8, atol=1e-9 * factor * 1e6)
    np.testing.assert_allclose(again.flows, factor * outcome.flows, rtol=1e-9)


@given(seed=seeds, shape=shapes, horizon=horizons)
def test_the_numeraire_is_world_factor_income_and_only_a_unit(seed, shape, horizon):
    """Where everything gets equally more productive (one γ, σy = 1) no value moves: all prices fall against the factor,
    whose world income is the unit."""
    world = random_world(seed, shape, va_share=0.4)
    options = {"elasticities": elasticities(seed, shape[1], horizon, value_added=1.0), "tolerance": TIGHT}
    wedges = random_wedges(seed, world)
    outcome = solve_arrays(world, **wedges, **options)
    better = solve_arrays(world, **{**wedges, "productivity": 1.1 * wedges["productivity"]}, **options)
    for found in (outcome, better):
        earned = (found.factor_index * world.accounts.value_added.sum(1)).sum()
        assert earned == pytest.approx(world.accounts.value_added.sum(), rel=1e-12)
    np.testing.assert_allclose(better.flows, outcome.flows, rtol=1e-9)
    np.testing.assert_allclose(better.factor_price, outcome.factor_price, rtol=1e-9)
    gain = 1.1 ** (1 / 0.4)
    np.testing.assert_allclose(better.cost, outcome.cost / gain, rtol=1e-9)
    np.testing.assert_allclose(1 + better.real_income / 100, gain * (1 + outcome.real_income / 100), rtol=1e-9)


@given(
    seed=seeds,
    shape=shapes,
    horizon=horizons,
    closure=st.sampled_from(["fixed", "proportional", "balanced"]),
)
def test_a_shock_in_two_steps_is_the_shock_in_one(seed, shape, horizon, closure):
    """The counterfactual as a new baseline: shares, prices, factors and units carry over exactly."""
    world = random_world(seed, shape)
    elastic = elasticities(seed, shape[1], horizon)
    options = {"elasticities": elastic, "closure": closure, "tolerance": TIGHT}
    whole = random_wedges(seed, world, transfer=False)
    duties = {name: whole.pop(name) for name in ("duty", "export_duty")}
    if closure == "balanced":
        del whole["transfer"]
    at_once = solve_arrays(world, **whole, **duties, **options)
    first = solve_arrays(world, **duties, **options)
    if closure != "fixed":
        whole.pop("transfer", None)
    second = solve_arrays(first.as_world(), **whole, **options)
    both = (1 + first.real_income / 100) * (1 + second.real_income / 100)
    assert np.abs(second.real_income).max() > 0.1
    np.testing.assert_allclose(both, 1 + at_once.real_income / 100, rtol=1e-9)
    np.testing.assert_allclose(second.flows, at_once.flows, rtol=1e-8)


@given(seed=seeds, shape=shapes, horizon=horizons, by_sector=st.booleans(), holes=st.booleans())
def test_every_outcome_is_an_equilibrium(seed, shape, horizon, by_sector, holes):
    world = random_world(seed, shape, holes=holes and shape == (5, 4))
    elastic = elasticities(seed, shape[1], horizon, by_sector=by_sector and shape == (5, 4))
    for closure in ("fixed", "proportional"):
        outcome = solve_arrays(world, **random_wedges(seed, world), elasticities=elastic, closure=closure)
        assert_equilibrium(outcome)


@given(seed=seeds, horizon=horizons)
def test_a_good_that_is_not_produced_has_its_unit_cost_as_price(seed, horizon):
    """Nobody buys it, so that it moves nothing; what is shown for it must still be what making it would cost."""
    world = random_world(seed, (5, 4), holes=True)
    elastic = elasticities(seed, 4, horizon)
    wedges = random_wedges(seed, world)
    outcome = solve_arrays(world, **wedges, elasticities=elastic, tolerance=TIGHT)
    assert world.accounts.output[0, -1] == 0
    exponent = 1 - float(elastic.materials)
    mix, price = world.accounts.input_mix[0, :, -1], outcome.price[0]
    bundle = np.exp(mix @ np.log(price)) if exponent == 0 else (mix @ price**exponent) ** (1 / exponent)
    share, exponent = world.accounts.va_share[0, -1], 1 - float(elastic.value_added)
    factor = outcome.factor_price[0, -1]
    if exponent == 0:
        cost = factor**share * bundle ** (1 - share)
    else:
        cost = (share * factor**exponent + (1 - share) * bundle**exponent) ** (1 / exponent)
    assert outcome.factor_price[0, -1] == pytest.approx(outcome.factor_index[0], rel=1e-12)
    assert outcome.cost[0, -1] == pytest.approx(cost / wedges["productivity"][0, -1], rel=1e-9)


@given(seed=seeds, horizon=horizons)
def test_elasticities_by_sector_that_are_all_equal_are_the_scalar_ones(seed, horizon):
    world = random_world(seed, (5, 4))
    scalar = elasticities(seed, 4, horizon)
    array = elasticities(
        seed,
        4,
        horizon,
        value_added=np.full(4, scalar.value_added),
        materials=np.full(4, scalar.materials),
    )
    wedges = random_wedges(seed, world)
    one, other = (solve_arrays(world, **wedges, elasticities=e, tolerance=TIGHT) for e in (scalar, array))
    np.testing.assert_allclose(other.flows, one.flows, rtol=1e-9)
    np.testing.assert_allclose(other.real_income, one.real_income, atol=1e-8)


@given(seed=seeds, horizon=horizons)
def test_nothing_jumps_where_an_elasticity_passes_one(seed, horizon):
    """σ = 1 is the limit of its neighbours, on both sides of the switch to the series."""
    world = random_world(seed, (5, 4))
    wedges = random_wedges(seed, world)

    def real(step):
        nests = {name: 1.0 + step for name in ("value_added", "materials", "consumption")}
        return solve_arrays(
            world, **wedges, elasticities=elasticities(seed, 4, horizon, **nests), tolerance=TIGHT
        ).real_income.to_numpy()

    middle = real(0.0)
    for step in (1e-9, 1e-5, 1.99e-3, 2.01e-3, 1e-2):
        below, above = real(-step), real(step)
        slope = np.abs(above - below).max() / (2 * step)
        assert slope < 100
        assert np.abs((below + above) / 2 - middle).max() <= 1e-8 + 2000 * step**2
    # on the two sides of the switch the function differs only by its slope
    left, right = real(1.9999e-3), real(2.0001e-3)
    assert np.abs(right - left).max() <= 100 * 2e-7 + 1e-9


# ------------------------------------------------------------------------------------------------ closed forms
@pytest.mark.parametrize("va_share", [1.0, 0.5])
@pytest.mark.parametrize("mobility", [0.0, 0.5, np.inf])
@given(seed=seeds)
def test_autarky_by_full_embargo_both_ways(va_share, mobility, seed):
    """One sector, no duties, no deficits: real income falls to π_nn^(1/(θγ)) (Arkolakis et al. 2012)."""
    world = random_world(seed, (2, 1), duties=0, export_duties=0, deficits=0, va_share=va_share)
    elastic = elasticities(seed, 1, mobility=mobility)
    outcome = solve_arrays(
        world, availability=np.eye(2)[:, :, None], elasticities=elastic, tolerance=1e-11, closure="fixed"
    )
    assert_equilibrium(outcome, connected=False)
    home = world.accounts.origin_share[[0, 1], [0, 1], 0]
    expected = home ** (1 / (float(elastic.trade[0]) * va_share)) - 1
    np.testing.assert_allclose(outcome.real_income / 100, expected, atol=1e-10)
    assert outcome.flows[0, 1, 0] == 0
    assert outcome.flows[1, 0, 0] == 0


@given(seed=seeds, shape=shapes)
def test_real_wages_follow_home_shares(seed, shape):
    """Cobb-Douglas nests, one wage: ln(w/P) = -Σ_k α_k Σ_j (1-(1-γ)Γ')^-1 ln π̂_nn/θ (Caliendo & Parro 2015)."""
    world = random_world(seed, shape)
    elastic = elasticities(seed, shape[1])
    wedges = random_wedges(seed, world)
    wedges["productivity"] = np.ones(shape)
    outcome = solve_arrays(world, **wedges, elasticities=elastic, tolerance=TIGHT)
    base = world.accounts
    own = np.arange(shape[0])
    before = base.origin_share[own, own]
    after = outcome.spending[own, own] / outcome.expenditure
    cheaper = -np.log(after / before) / elastic.theta(shape[1])  # ln of unit cost over purchaser's price
    for region in range(shape[0]):
        inputs = (1 - base.va_share[region])[:, None] * base.input_mix[region].T
        # ln(c/w) = inputs · ln(P/w), ln(P/w) = ln(c/w) - cheaper
        relative = np.linalg.solve(np.eye(shape[1]) - inputs, -cheaper[region])
        expected = np.exp(-base.final_share[region] @ relative)
        assert outcome.factor_index[region] / outcome.consumer_price[region] == pytest.approx(expected, rel=1e-9)


@given(seed=seeds, cost=st.floats(0.5, 2.0))
def test_two_equal_regions(seed, cost):
    """Symmetric world, iceberg d both ways: real income is (π + (1-π) d^-θ)^(1/(θγ))."""
    rng = np.random.default_rng(seed)
    home, va_share, theta = rng.uniform(0.5, 0.9), rng.uniform(0.3, 1.0), rng.uniform(2, 8)
    share = np.array([[home, 1 - home], [1 - home, home]])[:, :, None]
    world = World.from_arrays(
        regions=["A", "B"], sectors=["S"], goods=[True], flows=1e6 * share, duty=0 * share,
        va_share=np.full((2, 1), va_share), input_mix=np.ones((2, 1, 1)),
    )  # fmt: skip
    iceberg = np.array([[1, cost], [cost, 1]])[:, :, None]
    outcome = solve_arrays(world, iceberg=iceberg, elasticities=gt.Elasticities(trade=theta), tolerance=TIGHT)
    expected = (home + (1 - home) * cost**-theta) ** (1 / (theta * va_share)) - 1
    np.testing.assert_allclose(outcome.real_income / 100, expected, atol=1e-11)


# ----------------------------------------------------------------------------------------------------- Lerner
def lerner(world: World, seed: int, horizon: str) -> np.ndarray:
    """Difference of real incomes, as fractions, between a uniform import duty and the same uniform export duty."""
    base = world.accounts
    sectors = base.output.shape[1]
    rate, country = 0.2, seed % len(world.regions)
    abroad = np.arange(len(world.regions)) != country
    duty, export_duty = base.duty.copy(), base.export_duty.copy()
    duty[country, abroad] = (1 + duty[country, abroad]) * (1 + rate) - 1
    export_duty[abroad, country] = (1 + export_duty[abroad, country]) * (1 + rate) - 1
    options = {"elasticities": elasticities(seed, sectors, horizon), "tolerance": 1e-11}
    first = solve_arrays(world, duty=duty, **options)
    second = solve_arrays(world, export_duty=export_duty, **options)
    assert np.abs(first.real_income).max() > 1e-3
    return (first.real_income - second.real_income).to_numpy() / 100


@given(seed=seeds, shape=shapes, horizon=horizons)
def test_lerner_symmetry(seed, shape, horizon):
    world = random_world(seed, shape, deficits=0)
    assert np.abs(lerner(world, seed, horizon)).max() <= 1e-8


@given(seed=seeds, shape=shapes, horizon=horizons)
def test_lerner_symmetry_needs_balanced_trade(seed, shape, horizon):
    """With deficits fixed in units of the numeraire the two duties differ: the law above can fail."""
    world = random_world(seed, shape, deficits=0.1)
    assert np.abs(lerner(world, seed, horizon)).max() > 1e-6
