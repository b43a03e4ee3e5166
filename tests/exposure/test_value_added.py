"""Value added in final demand: exact accounting with duties, closed forms, and a world read with the eye."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.exposure.chains import chains
from gaiatsu.world import World
from worlds import SHAPES, random_world

seeds = st.integers(0, 10**6)
shapes = st.sampled_from(SHAPES)


def explicit(world: World) -> tuple[np.ndarray, np.ndarray]:
    """A and f cell by cell, with plain loops: what reaches each producer, written from the accounts' definition."""
    base = world.accounts
    regions, sectors = base.va_share.shape
    use = np.zeros((regions * sectors, regions * sectors))
    final = np.zeros((regions * sectors, regions))
    for n in range(regions):
        for i in range(regions):
            for k in range(sectors):
                wedge = (1 + base.duty[n, i, k]) * (1 + base.export_duty[n, i, k])
                reaches = base.origin_share[n, i, k] / wedge
                final[i * sectors + k, n] += reaches * base.final_use[n, k]
                for j in range(sectors):
                    use[i * sectors + k, n * sectors + j] += (
                        reaches * base.input_mix[n, k, j] * (1 - base.va_share[n, j])
                    )
    return use, final


@given(seed=seeds, shape=shapes)
def test_the_coefficients_are_those_of_the_accounts(seed: int, shape: tuple[int, int]) -> None:
    world = random_world(seed, shape)
    use, final = explicit(world)
    system = chains(world)
    assert np.allclose(system.coefficients(), use, atol=1e-15)
    rng = np.random.default_rng(seed)
    right = rng.normal(size=(len(use), 3))
    inverse = np.linalg.inv(np.eye(len(use)) - use)
    assert np.allclose(system.solve(right), inverse @ right, atol=1e-11)
    assert np.allclose(system.solve(right, transposed=True), inverse.T @ right, atol=1e-11)
    value = world.accounts.va_share.reshape(-1, 1) * (inverse @ final)
    assert np.allclose(gt.exposure.value_added(world).table.reshape(len(use), -1), value, rtol=1e-11, atol=1e-9)


@given(seed=seeds, shape=shapes)
def test_value_added_and_duties_make_up_all_final_demand(seed: int, shape: tuple[int, int]) -> None:
    world = random_world(seed, shape, duties=0.6, export_duties=0.4)
    found = gt.exposure.value_added(world)
    assert np.abs(found.accounting()["gap_fraction"]).max() < 1e-12
    # every unit of output is value added and duties on inputs, looked through to the bottom
    system = chains(world)
    made = (world.accounts.va_share + system.duty_share.sum(axis=0)).reshape(-1, 1)
    assert np.abs(system.solve(made, transposed=True) - 1).max() < 1e-12
    assert system.duty_share.min() >= 0


@given(seed=seeds, shape=shapes)
def test_every_duty_is_counted_where_it_is_collected(seed: int, shape: tuple[int, int]) -> None:
    world = random_world(seed, shape, duties=0.6, export_duties=0.4)
    found = gt.exposure.value_added(world)
    collected = (found.input_duties + found.final_duties).sum(axis=1)
    assert collected == pytest.approx(world.accounts.duty_revenue, rel=1e-11)
    assert found.table.sum(axis=2) == pytest.approx(world.accounts.value_added, rel=1e-11)


def test_without_inputs_value_added_is_what_is_bought() -> None:
    world = random_world(3, (3, 2), va_share=1.0, duties=0.0, export_duties=0.0)
    found = gt.exposure.value_added(world)
    assert found.table == pytest.approx(world.accounts.flows.transpose(1, 2, 0), rel=1e-12)
    assert found.input_duties.sum() == 0


def test_a_chain_through_a_third_country() -> None:
    """R0 sells inputs to R1, and R1 to R2: R2's demand carries value added of R0, which sells it nothing."""
    flows = np.zeros((3, 3, 1))
    flows[1, 0], flows[2, 1], flows[0, 0], flows[1, 1], flows[2, 2] = 100, 300, 10, 10, 50
    world = World.from_arrays(
        regions=["R0", "R1", "R2"], sectors=["S"], flows=flows, duty=np.zeros((3, 3, 1)),
        va_share=np.array([[1.0], [210 / 310], [1.0]]), input_mix=np.ones((3, 1, 1)), goods=[True], year=2020,
    )  # fmt: skip
    assert world.accounts.flows[2, 0, 0] == 0
    found = gt.exposure.value_added(world)
    # R1 buys 110, of which R0 supplies 10/11; 100 of it are inputs of its output of 310, of which 300 go to R2
    inputs = 100 / 310
    made = 300 / (1 - inputs / 11)
    assert found.matrix(share=False).loc["R0", "R2"] == pytest.approx(made * inputs * 10 / 11)
    assert found.carried("R1", "R2") == pytest.approx(made / 310)
    assert found.carried("R0", "R2") == pytest.approx(made * inputs * 10 / 11 / 110)


def test_shares_add_up_and_groups_are_their_members(coarse: dict[str, World]) -> None:
    wiod = coarse["wiod2014"]
    found = gt.exposure.value_added(wiod)
    matrix = found.matrix()
    assert matrix.sum(axis=1).to_numpy() == pytest.approx(np.ones(44), rel=1e-12)
    members = wiod.groups["eu27"]
    weights = found.matrix(share=False).sum(axis=1)[list(members)]
    mean = float((matrix.loc[list(members), "USA"] * weights).sum() / weights.sum())
    assert found.carried("eu27", "USA") == pytest.approx(mean, rel=1e-12)
    # a partner group is taken without one's own country
    assert found.carried("JPN", "quad") == pytest.approx(float(matrix.loc["JPN", ["AUS", "IND", "USA"]].sum()))
    rows = found.by_sector("JPN", "USA")
    assert rows["part_fraction"].sum() == pytest.approx(1)
    assert (rows["carried_fraction"] <= rows["foreign_fraction"] + 1e-12).all()
    share = rows["carried_usd_million"].sum() / rows["value_added_usd_million"].sum()
    assert share == pytest.approx(found.carried("JPN", "USA"))
    assert found.partners("JPN")["USA"] == pytest.approx(share)
    cars = found.by_sector("JPN", "USA").loc["C29", "carried_fraction"]
    assert found.matrix("C29").loc["JPN", "USA"] == pytest.approx(cars)


def test_scale_and_order_of_regions_do_not_matter() -> None:
    world = random_world(11, (5, 4))
    base = world.accounts
    larger = world.replace_accounts(replace(base, flows=1000 * base.flows))
    assert gt.exposure.value_added(larger).matrix().to_numpy() == pytest.approx(
        gt.exposure.value_added(world).matrix().to_numpy(), rel=1e-11
    )


def test_what_cannot_be_answered_is_refused(coarse: dict[str, World]) -> None:
    found = gt.exposure.value_added(coarse["wiod2014"])
    with pytest.raises(ScenarioError, match="no other region is left"):
        found.carried("JPN", "JPN")
    with pytest.raises(ScenarioError, match="did you mean 'JPN'"):
        found.carried("JPM", "USA")


def test_a_circle_of_inputs_without_value_added_is_refused() -> None:
    world = random_world(5, (2, 1), va_share=1e-16, duties=0.0, export_duties=0.0)
    with pytest.raises(DataError, match="no end: S0 in R"):
        gt.exposure.value_added(world)
