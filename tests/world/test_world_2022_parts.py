"""The pieces the world of 2022 is made with, on tables small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gaiatsu.errors import BalanceError, DataError
from gaiatsu.world import World
from gaiatsu.world.baseline import donors, entropy, rest, sectors, services, technology, value_added
from gaiatsu.world.baseline.technology import prior, tables_of


def test_a_table_that_meets_its_totals_is_left_alone():
    rng = np.random.default_rng(1)
    inputs, final = rng.uniform(1, 5, (4, 3)), rng.uniform(1, 5, 4)
    table, left = entropy.balance(inputs, final, inputs.sum(axis=1) + final, inputs.sum(axis=0))
    np.testing.assert_allclose(table, inputs, rtol=1e-11)
    np.testing.assert_allclose(left, final, rtol=1e-11)


def test_balancing_meets_the_totals_at_the_least_loss_of_information():
    """Multipliers exist: Z = λ Z0 μ and F = F0 (λ μF)², which are the first-order conditions of the convex problem."""
    rng = np.random.default_rng(2)
    inputs, final = rng.uniform(1, 5, (6, 5)), rng.uniform(1, 5, 6)
    inputs[2] = 0  # a product that only final users buy
    purchases = (inputs.sum(axis=1) + final) * rng.uniform(0.7, 1.4, 6)
    cost = inputs.sum(axis=0) * 0.9
    table, left = entropy.balance(inputs, final, purchases, cost)
    np.testing.assert_allclose(table.sum(axis=0), cost, rtol=1e-14)
    np.testing.assert_allclose(table.sum(axis=1) + left, purchases, rtol=1e-11)
    rows = [0, 1, 3, 4, 5]
    factors = np.log(table[rows] / inputs[rows])
    by_product = factors - factors[:, :1]
    np.testing.assert_allclose(by_product, by_product[:1].repeat(5, axis=0), atol=1e-9)
    bought = np.divide(table[:, 0], inputs[:, 0], out=np.ones(6), where=inputs[:, 0] > 0)
    gap = np.log(left / final) / 2 - np.log(bought)
    np.testing.assert_allclose(gap[rows], gap[0], atol=1e-9)


def test_value_added_that_leaves_nothing_for_final_use_is_refused():
    with pytest.raises(BalanceError, match="inputs exceed purchases"):
        entropy.balance(np.ones((2, 2)), np.ones(2), np.ones(2), np.full(2, 1.5))


def test_odds_meet_the_mean_and_stay_inside():
    shares, output = np.array([0.1, 0.5, 0.9]), np.array([1.0, 2.0, 3.0])
    for target in (0.05, 0.3, 0.7, 0.95):
        moved = value_added.shift(shares, output, target)
        assert moved @ output / output.sum() == pytest.approx(target, abs=1e-12)
        assert moved.min() >= 0.02
        assert moved.max() <= 0.98
        assert (np.diff(moved) >= 0).all()
    free = value_added.shift(shares, output, 0.7)
    odds = free / (1 - free) / (shares / (1 - shares))
    np.testing.assert_allclose(odds, odds[0], rtol=1e-9)


def test_shares_that_are_not_sound_correct_nothing():
    published = {
        "AAA": {"A01": 1.4, "B": 0.8, "SVC": float("nan"), "C19": 0.96},  # refineries do not live on value added
        "BBB": {"A01": 0.5, "B": 0.7, "SVC": 0.6, "C19": 0.12},
        "CCC": {"A01": 0.4, "B": 0.6, "SVC": 0.5, "C19": 0.10},
    }
    sound = value_added.sound_shares(published)
    assert sound["AAA"] == {"B": 0.8}
    assert sound["BBB"] == published["BBB"]
    assert set(value_added.sound_shares(published, without=["BBB"])) == {"AAA", "CCC"}
    labels = ("A01", "B05", "B06", "B07", "B08", "B09", "D35")
    output, shares = np.array([1.0, 1.0, 3.0, 0.0, 2.0, 1.0, 2.0]), np.full(7, 0.5)
    moved = value_added.corrected(shares, output, labels, sound["AAA"])
    assert moved[0] == moved[6] == 0.5
    assert moved[1:6] @ output[1:6] / 7 == pytest.approx(0.8, abs=1e-12)


def test_refineries_that_buy_no_crude_borrow_what_is_bought_of_extraction():
    """The Netherlands of 2014 refine 44 billion from 2 % of extraction; the others' median is 61 %."""
    old = World.load("wiod2014")
    dutch, extraction = old.regions.index("NLD"), old.sectors.index("B")
    assert technology.unrecorded(old) == [dutch]
    tables = tables_of(old)
    np.testing.assert_allclose(tables.input_mix[dutch].sum(axis=0), 1, rtol=1e-6)
    average = old.accounts.intermediate.sum(axis=0)
    average = average[extraction] / average.sum(axis=0)
    np.testing.assert_allclose(tables.input_mix[dutch, extraction], average)
    others = np.delete(np.arange(len(old.sectors)), extraction)
    user = old.sectors.index("C20")
    before, after = old.accounts.input_mix[dutch, others, user], tables.input_mix[dutch, others, user]
    np.testing.assert_allclose(after / after.sum(), before / before.sum(), rtol=1e-9)


def test_final_use_of_extraction_is_drilling_first():
    old, labels = World.load("wiod2014"), World.load("2022").sectors
    weights = np.array([float(code == "USA") for code in old.regions])
    share = prior(tables_of(old), labels, weights, np.full(len(labels), 1e5)).final_share
    oil, drilling = share[labels.index("B06")], share[labels.index("B09")]
    america = old.regions.index("USA")
    whole = old.accounts.final_use[america, 3] / old.accounts.expenditure[america, 3]
    assert old.sectors[3] == "B"
    assert drilling > 0.7 > 0.25 > whole > 10 * oil
    assert share[[labels.index(code) for code in sectors.SPLIT["B"]]].mean() == pytest.approx(whole, rel=1e-3)


def test_the_union_has_one_duty_on_food():
    world = World.load("2022")
    food, members = world.sectors.index("C10T12"), world.region_indices("eu27")
    duty = world.accounts.duty[:, :, food]
    for code in ("BRA", "USA", "CHN", "VNM"):
        assert np.ptp(duty[members, world.regions.index(code)]) == 0


def test_services_follow_the_pair_and_its_donors():
    rng = np.random.default_rng(3)
    flows = rng.uniform(1e6, 5e6, (3, 3, 4))
    weights = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0]])
    shares = services.composition(flows, weights)
    np.testing.assert_allclose(shares.sum(axis=2), 1, atol=1e-14)
    assert shares[0, 1] == pytest.approx(flows[0, 1] / flows[0, 1].sum(), abs=1e-6)
    assert shares[2, 2] == pytest.approx(flows[2, 2] / flows[2, 2].sum())
    both = (flows[2, 0] / flows[2, 0].sum() + flows[2, 1] / flows[2, 1].sum()) / 2
    assert shares[2, 3] == pytest.approx(both, abs=1e-6)
    assert shares[3, 3] == pytest.approx((shares[0, 0] + shares[1, 1]) / 2)


def test_duties_on_the_rest_of_the_world_are_means_over_economies_that_were_in_it():
    old = World.load("wiod2014")
    regions, goods = ("JPN", "VNM", "THA", "KEN", "USA", "ROW"), ("A01", "C29")
    duty = np.zeros((6, 6, 2))
    duty[0, :, 0] = [0, 0.1, 0.2, 0.6, 0.9, 0]
    duty[1, :, 0] = [0.5, 0, 0.2, 0.4, 0.5, 0]
    flows = np.ones((6, 6, 2))
    filled, facts = rest.as_exporter(duty, flows, regions, goods, old)
    assert filled[0, 5, 0] == pytest.approx(0.3)  # Viet Nam, Thailand and Kenya were in the rest of the world
    assert filled[1, 5, 0] == pytest.approx(0.3)
    assert filled[:, 5, 1].max() == 0
    np.testing.assert_array_equal(filled[:, :5], duty[:, :5])
    assert facts["mean_as_exporter"] == pytest.approx((0.3 + 0.3) / 10)
    assert len(facts["compared"]) == 6


def test_duties_of_the_rest_of_the_world_are_those_of_2014():
    old = World.load("wiod2014")
    place, cars = old.regions.index("ROW"), old.sectors.index("C29")
    charged = rest.as_importer(("JPN", "VNM", "ROW"), ("A01", "C29"), old)
    assert charged[0, 1] == old.accounts.duty[place, old.regions.index("JPN"), cars] > 0.05
    trade = np.delete(old.accounts.flows[place, :, cars], place)
    rates = np.delete(old.accounts.duty[place, :, cars], place)
    assert charged[1, 1] == pytest.approx((trade @ rates) / trade.sum())
    assert charged[2].max() == 0


def test_donors_are_known_and_complete():
    old = World.load("wiod2014")
    for code, donor in donors.borrowed().items():
        assert set(donor.weights) <= set(old.regions), code
        assert sum(donor.weights.values()) == pytest.approx(1)
        assert len(donor.reason) > 10
    assert donors.origin("JPN") == "updated"
    assert donors.origin("NZL") == "borrowed from AUS"
    with pytest.raises(DataError, match="'XKX' has neither"):
        donors.weights(["JPN", "XKX"], old.regions)


def test_technology_of_an_economy_is_its_own_table_where_sectors_agree():
    """Columns that are neither split nor joined keep their mix; parts of a split input add up to the whole."""
    old, new = World.load("wiod2014"), World.load("2022")
    japan = old.regions.index("JPN")
    weights = np.eye(len(old.regions))[japan]
    purchases = new.accounts.expenditure[new.regions.index("JPN")]
    found = prior(tables_of(old), new.sectors, weights, purchases)
    np.testing.assert_allclose(found.input_mix.sum(axis=0), 1, atol=1e-12)
    cars, cars_old = new.sectors.index("C29"), old.sectors.index("C29")
    mix = old.accounts.input_mix[japan, :, cars_old]
    assert found.va_share[cars] == pytest.approx(old.accounts.va_share[japan, cars_old], rel=1e-9)
    metals = [new.sectors.index(code) for code in ("C24A", "C24B")]
    assert found.input_mix[metals, cars].sum() == pytest.approx(mix[old.sectors.index("C24")], rel=1e-9)
    assert found.input_mix[metals[0], cars] > found.input_mix[metals[1], cars]
    refining = found.input_mix[:, new.sectors.index("C19")]
    assert (
        refining[new.sectors.index("B06")] > 0.9 * refining[[new.sectors.index(f"B0{k}") for k in range(5, 10)]].sum()
    )


def test_affinities_name_sectors_that_exist():
    labels = World.load("2022").sectors
    parts = {code for codes in sectors.SPLIT.values() for code in codes}
    for user, likes in sectors.AFFINITY.items():
        assert user in labels
        assert set(likes) <= parts, user
