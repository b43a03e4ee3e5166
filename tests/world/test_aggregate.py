"""Aggregation: exact for levels, trade-weighted for duties, and only partitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaiatsu.errors import BalanceError, ScenarioError
from gaiatsu.world import World

from .worlds import REGIONS, SECTORS, small_world, tables


def partition(draw, labels):
    """A random mapping of labels to new ones (some stay themselves)."""
    place = draw(st.lists(st.integers(0, 2), min_size=len(labels), max_size=len(labels)))
    groups = {f"g{number}": [label for label, p in zip(labels, place, strict=True) if p == number] for number in (0, 1)}
    return {name: members for name, members in groups.items() if members}


@st.composite
def cases(draw):
    return draw(st.integers(0, 10_000)), partition(draw, REGIONS), partition(draw, SECTORS)


def fold_matrix(old, new_labels, mapping):
    home = {member: name for name, members in mapping.items() for member in members}
    return np.array([[float(home.get(label, label) == name) for label in old] for name in new_labels])


@settings(max_examples=60, deadline=None)
@given(cases())
def test_levels_add_up_and_the_accounts_close(case):
    seed, regions, sectors = case
    rng = np.random.default_rng(seed)
    levy = rng.uniform(0, 0.1, (5, 5, 4))
    levy[np.arange(5), np.arange(5)] = 0
    world = small_world(seed, export_duty=levy)
    new = world.aggregate(regions=regions, sectors=sectors)
    new.check()
    old_accounts, accounts = world.accounts, new.accounts
    g, h = fold_matrix(REGIONS, new.regions, regions), fold_matrix(SECTORS, new.sectors, sectors)
    np.testing.assert_allclose(accounts.flows, np.einsum("an,nik,bi,ck->abc", g, old_accounts.flows, g, h), rtol=1e-12)
    np.testing.assert_allclose(accounts.output, g @ old_accounts.output @ h.T, rtol=1e-12)
    np.testing.assert_allclose(accounts.value_added, g @ old_accounts.value_added @ h.T, rtol=1e-12)
    assert accounts.final_use.min() >= 0

    # duties collected on trade that still crosses a border are exact
    border = 1 - np.einsum("an,ai->ni", g, g)[:, :, None]
    before = old_accounts.flows * (1 + old_accounts.export_duty)
    kept = (border * (before * old_accounts.duty)).sum() + (
        border * old_accounts.flows * old_accounts.export_duty
    ).sum()
    assert accounts.duty_revenue.sum() == pytest.approx(kept, rel=1e-12, abs=1e-9)

    # inputs and final use add up where no duty disappears inside a new region
    sizes = g.sum(axis=1)
    alone = sizes == 1
    inputs = np.einsum("an,nkj,ck,dj->acd", g, old_accounts.intermediate, h, h)
    np.testing.assert_allclose(accounts.intermediate[alone], inputs[alone], rtol=1e-9)
    np.testing.assert_allclose(accounts.final_use[alone], (g @ old_accounts.final_use @ h.T)[alone], rtol=1e-8)
    np.testing.assert_allclose(accounts.transfer, g @ old_accounts.transfer, rtol=1e-8, atol=1e-8)


def test_duty_is_weighted_by_trade():
    world = small_world()
    new = world.aggregate(regions={"EU": ["DEU", "FRA"]})
    accounts, numbers = new.accounts, tables()
    weights = numbers["flows"][0, 2:4, 2]
    expected = (numbers["duty"][0, 2:4, 2] * weights).sum() / weights.sum()
    assert new.regions == ("USA", "JPN", "EU", "ROW")
    assert accounts.duty[0, 2, 2] == pytest.approx(expected)
    assert accounts.duty[2, 2].max() == 0


def test_without_trade_the_duty_is_the_plain_mean():
    numbers = tables()
    numbers["flows"][0, 2:4, 2] = 0
    new = small_world(**numbers).aggregate(regions={"EU": ["DEU", "FRA"]})
    assert new.accounts.duty[0, 2, 2] == pytest.approx(numbers["duty"][0, 2:4, 2].mean())


def test_labels_groups_and_kinds_survive():
    world = small_world().with_groups({"pacific": ["USA", "JPN"]})
    new = world.aggregate(regions={"Europe": ["DEU", "FRA"], "rim": ["JPN", "ROW"]}, sectors={"metal": ["C24", "C29"]})
    assert new.regions == ("USA", "rim", "Europe")
    assert new.sectors == ("A01", "metal", "R-U")
    assert new.goods == (True, True, False)
    assert new.region_names == ("United States", "rim", "Europe")
    assert new.groups["g7"] == ("USA", "Europe")
    assert "JPN" in new.missing_members("g7")
    assert new.groups["pacific"] == ("USA",)
    assert new.missing_members("pacific") == ("JPN",)
    assert new.sector_indices("C24").tolist() == [1]
    with pytest.raises(ScenarioError, match="'Japan' is part of region 'rim'"):
        new.region_indices("Japan")


def test_a_region_may_take_the_name_of_its_group():
    new = small_world().aggregate(regions={"EU27": "eu27"})
    assert new.region_indices("eu27").tolist() == [2]
    assert "eu27" not in new.groups


def test_to_one_region_and_one_sector():
    new = small_world(**tables(duties=False)).aggregate(regions={"world": "all"}, sectors={"everything": "all"})
    assert new.accounts.flows.shape == (1, 1, 1)
    assert new.accounts.flows.sum() == pytest.approx(tables()["flows"].sum())


@pytest.mark.parametrize(
    "regions, words",
    [
        ({"a": ["JPN"], "b": ["quad"]}, "'JPN' is put in both 'a' and 'b'"),
        ({"USA": ["JPN"]}, "has the name of region 'USA'"),
        ({"a": []}, "no region is named"),
        ({"a": ["Japen"]}, "did you mean 'Japan'"),
        ({" ": ["JPN"]}, "not a code for a new region"),
    ],
)
def test_what_is_no_partition_is_refused(regions, words):
    with pytest.raises(ScenarioError, match=words):
        small_world().aggregate(regions=regions)


def test_inner_duties_that_cannot_be_absorbed_are_refused():
    flows = np.full((2, 2, 1), 10.0)
    duty = np.array([[0.0, 0.9], [0.9, 0.0]])[:, :, None]
    world = World.from_arrays(
        regions=["a", "b"], sectors=["x"], flows=flows, duty=duty, va_share=np.full((2, 1), 0.02),
        input_mix=np.ones((2, 1, 1)),
    )  # fmt: skip
    new = world.aggregate(regions={"c": "all"})  # final use shrinks by the duties, and just suffices
    assert new.accounts.income[0] == pytest.approx(world.accounts.income.sum() - world.accounts.duty_revenue.sum())
    mix = np.zeros((2, 2, 2))
    mix[:, 0] = 1.0  # both users use good x only: its price falls, their cost may not
    duty = np.zeros((2, 2, 2))
    duty[0, 1, 0] = duty[1, 0, 0] = 0.9
    flows = np.full((2, 2, 2), 10.0)
    flows[:, :, 0] = 21.0
    hungry = World.from_arrays(
        regions=["a", "b"], sectors=["x", "y"], flows=flows, duty=duty, va_share=np.full((2, 2), 0.05), input_mix=mix
    )
    with pytest.raises(BalanceError, match="cannot aggregate"):
        hungry.aggregate(regions={"c": "all"})


def test_the_embedded_world_aggregates():
    world = World.load("wiod2014")
    new = world.aggregate(
        regions={"EU27": "eu27", "Asia": ["China", "Korea", "Taiwan", "India", "IDN"]},
        sectors={"services": "services", "machines": ["C26", "C27", "C28"], "primary": ["A", "B"]},
    )
    new.check()
    assert new.accounts.output.sum() == pytest.approx(world.accounts.output.sum(), rel=1e-12)
    assert new.accounts.value_added.sum() == pytest.approx(world.accounts.value_added.sum(), rel=1e-12)
    assert new.accounts.final_use.min() > 0
