"""Splitting a region or a sector into parts that are alike changes nothing; splitting into parts that differ does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.trade import solve_arrays
from gaiatsu.world import World
from worlds import HORIZONS, elasticities, random_wedges, random_world, tables

TIGHT = 1e-12
SHAPE = (3, 2)
seeds = st.integers(0, 2**20)
horizons = st.sampled_from(list(HORIZONS))


# ---------------------------------------------------------------------------------------------------- a region
def halved(table: np.ndarray, axis: int) -> np.ndarray:
    """The last region of an axis twice."""
    return np.concatenate([table, table.take([-1], axis)], axis)


def split_region(given_tables: dict[str, Any], share: float, stay: float) -> dict[str, Any]:
    """The last region in two, `share` and the rest; `stay` sets how much of home trade stays within each part."""
    out = dict(given_tables)
    flows = halved(halved(given_tables["flows"], 0), 1)
    weight = np.array([1.0] * (SHAPE[0] - 1) + [share, 1 - share])
    flows = flows * weight[:, None, None] * weight[None, :, None]
    least, most = max(0.0, 2 * share - 1), share
    first = least + stay * (most - least)  # of home trade, what the first half buys from itself
    home = np.array([[first, share - first], [share - first, 1 - 2 * share + first]])
    flows[-2:, -2:] = home[:, :, None] * given_tables["flows"][-1, -1]
    for name in ("duty", "export_duty"):
        out[name] = halved(halved(given_tables[name], 0), 1)
    for name in ("va_share", "input_mix"):
        out[name] = halved(given_tables[name], 0)
    return {**out, "flows": flows, "regions": [*given_tables["regions"], "other half"]}


def split_wedges(wedges: dict[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    out = {name: halved(halved(table, 0), 1) for name, table in wedges.items() if table.ndim == 3}
    out["productivity"] = halved(wedges["productivity"], 0)
    out["transfer"] = np.append(wedges["transfer"], wedges["transfer"][-1])
    out["transfer"][-2:] *= [share, 1 - share]
    return out


@given(
    seed=seeds,
    horizon=horizons,
    share=st.floats(0.1, 0.9),
    stay=st.floats(0, 1),
    closure=st.sampled_from(["fixed", "proportional"]),
)
def test_halves_of_a_region_that_are_alike(seed, horizon, share, stay, closure):
    given_tables = tables(seed, SHAPE)
    world = World.from_arrays(**given_tables)
    parts = World.from_arrays(**split_region(given_tables, share, stay))
    wedges = random_wedges(seed, world)
    options = {"elasticities": elasticities(seed, SHAPE[1], horizon), "closure": closure, "tolerance": TIGHT}
    whole = solve_arrays(world, **wedges, **options)
    split = solve_arrays(parts, **split_wedges(wedges, share), **options)
    assert np.abs(whole.real_income).max() > 0.1
    np.testing.assert_allclose(split.real_income / 100, whole.real_income.iloc[[0, 1, 2, 2]] / 100, atol=1e-9)
    np.testing.assert_allclose(split.flows[:2, :2], whole.flows[:2, :2], rtol=1e-9)
    np.testing.assert_allclose(split.flows[:2, 2:].sum(1), whole.flows[:2, 2], rtol=1e-9)
    np.testing.assert_allclose(split.flows[2:].sum((0, 1)), whole.flows[2].sum(0), rtol=1e-9)


@given(seed=seeds, horizon=horizons)
def test_halves_that_are_hit_differently(seed, horizon):
    """The law above can fail: the same duty on one half only is not the average duty on both."""
    given_tables = tables(seed, SHAPE)
    world = World.from_arrays(**given_tables)
    parts = World.from_arrays(**split_region(given_tables, 0.5, 0.7))
    options = {"elasticities": elasticities(seed, SHAPE[1], horizon), "tolerance": TIGHT}
    even, uneven = parts.accounts.duty.copy(), parts.accounts.duty.copy()
    even[0, 2:] += 0.15
    uneven[0, 2] += 0.3
    first, second = solve_arrays(parts, duty=even, **options), solve_arrays(parts, duty=uneven, **options)
    same = world.accounts.duty.copy()
    same[0, 2] += 0.15
    whole = solve_arrays(world, duty=same, **options)
    assert np.abs(first.real_income.iloc[:3] - whole.real_income).max() <= 1e-7
    assert np.abs(second.real_income.iloc[:2] - whole.real_income.iloc[:2]).max() > 1e-4


# ---------------------------------------------------------------------------------------------------- a sector
def split_sector(given_tables: dict[str, Any], ratio: Any) -> dict[str, Any]:
    """The last sector in two. ratio: share of the first part in every use, or [region, use] by user and final use.

    The two parts have the same origins, technology and duties; only who uses which may differ, and origins' shares of
    each importer's purchases are the same for both.
    """
    sectors = SHAPE[1]
    base = World.from_arrays(**given_tables).accounts
    uses = np.concatenate([base.intermediate[:, -1], base.final_use[:, [-1]]], axis=1)
    ratios = np.broadcast_to(np.asarray(ratio, dtype=float), uses.shape)
    # As users the two parts share one column: with different parts at home, `uses` of the parts follow their outputs.
    bought = (uses * ratios).sum(1) / uses.sum(1)
    flows = np.concatenate([given_tables["flows"], given_tables["flows"][:, :, [-1]]], axis=2)
    flows[:, :, -2] *= bought[:, None]
    flows[:, :, -1] *= 1 - bought[:, None]
    mix = given_tables["input_mix"]
    mix = np.concatenate([mix, mix[:, :, [-1]]], axis=2)  # users
    column = np.concatenate([ratios[:, :sectors], ratios[:, [sectors - 1]]], axis=1)
    mix = np.concatenate([mix[:, :-1], mix[:, [-1]] * column[:, None], mix[:, [-1]] * (1 - column[:, None])], axis=1)
    out = {
        name: np.concatenate([given_tables[name], given_tables[name][:, :, [-1]]], axis=2)
        for name in ("duty", "export_duty")
    }
    va_share = np.concatenate([given_tables["va_share"], given_tables["va_share"][:, [-1]]], axis=1)
    labels = {"sectors": [*given_tables["sectors"], "other part"], "goods": [True] * (sectors + 1)}
    return {**given_tables, **out, **labels, "flows": flows, "va_share": va_share, "input_mix": mix}


def doubled(elastic: gt.Elasticities) -> gt.Elasticities:
    """The last sector's trade elasticity twice."""
    again = {
        name: np.append(getattr(elastic, name), getattr(elastic, name)[-1]) for name in ("trade", "long_run_trade")
    }
    return gt.Elasticities(**{**vars(elastic), **again})


def compare_split(seed: int, horizon: str, ratio: Any, closure: str = "fixed") -> np.ndarray:
    """Differences of real incomes, as fractions, between the world with a sector whole and in two parts."""
    given_tables = tables(seed, SHAPE)
    world = World.from_arrays(**given_tables)
    parts = World.from_arrays(**split_sector(given_tables, ratio))
    np.testing.assert_allclose(parts.accounts.income, world.accounts.income, rtol=1e-12)
    np.testing.assert_allclose(parts.accounts.final_use[:, -2:].sum(1), world.accounts.final_use[:, -1], rtol=1e-9)
    wedges = random_wedges(seed, world)
    twice = {
        name: np.concatenate([table, table[..., [-1]]], axis=-1) if name != "transfer" else table
        for name, table in wedges.items()
    }
    elastic = elasticities(seed, SHAPE[1], horizon)
    options = {"closure": closure, "tolerance": TIGHT}
    whole = solve_arrays(world, **wedges, elasticities=elastic, **options)
    split = solve_arrays(parts, **twice, elasticities=doubled(elastic), **options)
    assert np.abs(whole.real_income).max() > 0.1
    return (split.real_income - whole.real_income).to_numpy() / 100


@given(
    seed=seeds,
    horizon=horizons,
    ratio=st.floats(0.05, 0.95),
    closure=st.sampled_from(["fixed", "proportional"]),
)
def test_parts_of_a_sector_in_one_ratio(seed, horizon, ratio, closure):
    assert np.abs(compare_split(seed, horizon, ratio, closure)).max() <= 1e-9


def uneven(seed: int) -> np.ndarray:
    """[region, use] shares of the first part, different in every use."""
    return np.random.default_rng([seed, 3]).uniform(0.2, 0.8, (SHAPE[0], SHAPE[1] + 1))


@given(seed=seeds)
def test_parts_of_a_sector_in_any_ratio_with_one_wage(seed):
    assert np.abs(compare_split(seed, "long", uneven(seed))).max() <= 1e-9


def test_parts_of_a_sector_in_any_ratio_need_one_wage():
    """The law above can fail: with specific factors the two parts have prices of their own."""
    assert np.abs(compare_split(0, "impact", uneven(0))).max() > 1e-6


@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_parts_that_are_hit_differently(horizon):
    given_tables = tables(1, SHAPE)
    parts = World.from_arrays(**split_sector(given_tables, 0.5))
    options = {"elasticities": doubled(elasticities(1, SHAPE[1], horizon)), "tolerance": TIGHT}
    even, odd = parts.accounts.duty.copy(), parts.accounts.duty.copy()
    even[0, 1:, 1:] += 0.15
    odd[0, 1:, 1] += 0.3
    first, second = solve_arrays(parts, duty=even, **options), solve_arrays(parts, duty=odd, **options)
    assert np.abs(first.real_income - second.real_income).max() > 1e-3


def test_aggregation_in_general_is_not_exact():
    """Regions and sectors that differ give another answer as one: aggregation is a modelling choice, not a law."""
    world = random_world(3, (5, 4))
    names, goods = world.regions, world.sectors
    whole = world.aggregate(
        regions={"east": names[1:3], "west": names[3:]}, sectors={"first": goods[:2], "second": goods[2:]}
    )
    assert whole.accounts.output.shape == (3, 2)

    def hit(world: World) -> float:
        rise = 0.2 * (np.arange(len(world.regions)) > 0)[None, :, None] * np.eye(len(world.regions))[0][:, None, None]
        duty = world.accounts.duty + rise
        return float(solve_arrays(world, duty=duty, elasticities=gt.Elasticities(trade=5.0)).real_income["R0"])

    assert abs(hit(world) - hit(whole)) > 1e-3
