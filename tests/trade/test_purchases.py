"""Public purchases: laws of the engine, exact parts of real income, batches, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gaiatsu as gt
from gaiatsu.errors import DataError, DisconnectedWorld, ScenarioError
from gaiatsu.scenario.outlays import Outlays, gdp, purchases, table, weights
from gaiatsu.trade.wedges import compose
from gaiatsu.world import World
from originals import SECURITY
from script_loading import load_script
from worlds import elasticities, random_world


@pytest.fixture(scope="module")
def small() -> World:
    return random_world(4, (5, 3))


@pytest.fixture(scope="module")
def official() -> World:
    return World.load("2022")


def solve(world: World, measures: list[Any], horizon: str = "long", **options: Any) -> gt.Outcome:
    return gt.solve(world, measures, elasticities=elasticities(4, 3, horizon), **options)


def mix(world: World, **weight: float) -> dict[str, float]:
    return {world.sectors[int(name[1:])]: size for name, size in weight.items()}


def test_buying_what_all_others_buy_at_home_changes_nothing(small: World) -> None:
    final = small.accounts.final_use[0]
    same = {name: float(size) for name, size in zip(small.sectors, final, strict=True)}
    buyer = small.regions[0]
    outcome = solve(small, [Outlays(by=buyer, share=0.05, mix=same)])
    assert np.abs(outcome.real_income).max() < 1e-6
    np.testing.assert_allclose(outcome.flows, small.accounts.flows, rtol=1e-8)


def test_more_and_as_much_less_is_nothing(small: World) -> None:
    buyer, seller = small.regions[:2]
    more = Outlays(by=buyer, share=0.02, mix=mix(small, s1=1), sellers={seller: 1.0})
    less = Outlays(by=buyer, share=-0.02, mix=mix(small, s1=1), sellers={seller: 1.0})
    assert not compose(small, [more, less]).purchases.any()  # type: ignore[union-attr]


def test_money_is_spent_where_it_is_said_to_be(small: World) -> None:
    """Final demand in every market, income and the price of final expenditure, by the definitions."""
    buyer, seller = small.regions[0], small.regions[3]
    outcome = solve(small, [Outlays(by=buyer, share=0.04, mix=mix(small, s0=3, s2=1), sellers={seller: 0.25})])
    spent = 0.04 * gdp(small)[0] / small.accounts.income[0] * outcome.income[0]
    bought = outcome.public_purchases
    np.testing.assert_allclose(bought[0, 3], spent * 0.25 * np.array([0.75, 0, 0.25]), rtol=1e-12)
    np.testing.assert_allclose(bought[0, 0], spent * 0.75 * np.array([0.75, 0, 0.25]), rtol=1e-12)
    left = outcome.income.copy()
    left[0] -= spent
    np.testing.assert_allclose(outcome.final_use.sum(1), left + bought.sum((0, 2)), rtol=1e-12)
    price = outcome.consumer_price[0] ** (left[0] / outcome.income[0])
    price *= np.prod(outcome.price ** (bought[0] / outcome.income[0]))
    assert outcome.final_price[0] == pytest.approx(price, rel=1e-12)
    assert outcome.real_income_change[0] == pytest.approx(
        outcome.income[0] / small.accounts.income[0] / price - 1, abs=1e-12
    )


@pytest.mark.parametrize("horizon", ["long", "short"])
def test_parts_of_real_income_add_up(small: World, horizon: str) -> None:
    buyer, other, seller = small.regions[:3]
    measures = [
        Outlays(by=buyer, share=0.06, mix=mix(small, s0=1), sellers={seller: 0.5}),
        Outlays(by=other, share=-0.03, mix=mix(small, s2=1)),
        gt.Tariff(by=buyer, on=seller, sectors="all", rate=0.1),
    ]
    outcome = solve(small, measures, horizon=horizon)
    parts = outcome.decompose()
    assert "purchases" in parts
    np.testing.assert_allclose(parts["total"], outcome.real_income, atol=1e-6)
    assert "purchases" not in solve(small, measures[2:], horizon=horizon).decompose()


def test_own_purchases_enter_a_batch_as_they_enter_a_solve(small: World) -> None:
    scenarios = [
        [Outlays(by=small.regions[n % 5], share=0.01 + 0.001 * n, mix=mix(small, s1=1))] for n in range(25)
    ] + [[gt.Tariff(by=small.regions[0], on=small.regions[1], sectors="all", rate=0.1)]]
    together = gt.solve_many(small, scenarios, elasticities=elasticities(4, 3))
    assert any("batch" in item.certificate.method for item in together)
    for scenario, found in list(zip(scenarios, together, strict=True))[::8]:
        alone = solve(small, scenario)
        np.testing.assert_allclose(found.real_income, alone.real_income, atol=1e-6)


def test_sums_by_measure_hold_purchases(small: World) -> None:
    outcome = solve(
        small,
        [
            Outlays(by=small.regions[0], share=0.05, mix=mix(small, s0=1)),
            gt.Tariff(by=small.regions[0], on=small.regions[1], sectors="all", rate=0.1),
        ],
    )
    shapley = outcome.attribute()
    np.testing.assert_allclose(shapley.sum(axis=1), outcome.real_income, atol=1e-6)


def test_of_a_range_of_shares_the_middle_is_solved(small: World) -> None:
    buyer, seller = small.regions[:2]
    ranging = Outlays(by=buyer, share=0.04, mix=mix(small, s1=1), sellers={seller: (0.1, 0.5)})
    fixed = Outlays(by=buyer, share=0.04, mix=mix(small, s1=1), sellers={seller: 0.3})
    assert ranging.ranging
    assert not fixed.ranging
    np.testing.assert_array_equal(purchases(small, [ranging]), purchases(small, [fixed]))
    assert ranging.at(1.0).to_dict()["sellers"] == {seller: 0.5}
    assert fixed.at(1.0) is fixed
    again = Outlays(**{key: value for key, value in ranging.to_dict().items() if key != "kind"})
    assert again == ranging


def test_a_balanced_world_spends_the_same_share_of_its_own_gdp(small: World) -> None:
    for buyer in small.regions[:3]:
        place = small.regions.index(buyer)
        outcome = solve(small, [Outlays(by=buyer, share=0.02, mix=mix(small, s1=1))], closure="balanced")
        accounts = outcome.world.accounts
        own = accounts.value_added[place].sum() + accounts.duty_revenue[place]
        spent = outcome.wedges.purchases[place].sum() * accounts.income[place]  # type: ignore[index]
        assert spent == pytest.approx(0.02 * own, rel=1e-12)


def test_derivatives_hold_with_purchases(small: World) -> None:
    buyer, seller = small.regions[:2]
    step = 1e-4

    def solved(rate: float) -> gt.Outcome:
        return solve(
            small,
            [
                Outlays(by=buyer, share=0.05, mix=mix(small, s0=1), sellers={seller: 0.4}),
                gt.Tariff(by=buyer, on=seller, sectors="all", to=rate),
            ],
            tolerance=1e-12,
        )

    outcome, above, below = solved(0.1), solved(0.1 + step), solved(0.1 - step)
    direction = np.zeros_like(small.accounts.duty)
    direction[0, 1] = 1.0
    slope = gt.trade.derivative(outcome, duty=direction)["real_income"]
    difference = (above.real_income_change - below.real_income_change) / (2 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-4, atol=1e-8)


def test_what_cannot_be_is_refused(small: World) -> None:
    buyer, seller = small.regions[:2]
    with pytest.raises(ScenarioError, match="own seller"):
        solve(small, [Outlays(by=buyer, share=0.01, mix=mix(small, s0=1), sellers={buyer: 0.5})])
    with pytest.raises(ScenarioError, match="less is to be bought of"):
        solve(small, [Outlays(by=buyer, share=-0.45, mix=mix(small, s0=1), sellers={seller: 1.0})])
    with pytest.raises(ScenarioError, match="not those of ISIC"):
        solve(small, [Outlays(by=buyer, share=0.01)])
    with pytest.raises(ScenarioError, match="all final expenditure"):
        solve(small, [Outlays(by=buyer, share=0.4, mix=mix(small, s0=1)) for _ in range(4)])
    for given, said in (
        ({"share": float("nan")}, "finite"),
        ({"share": 0.6}, "share of GDP"),
        ({"share": 0.1, "mix": "defense"}, "did you mean"),
        ({"share": 0.1, "mix": {"one": 0.0}}, "above 0"),
        ({"share": 0.1, "mix": 3}, "mapping"),
        ({"share": 0.1, "sellers": {"A": 0.7, "B": 0.7}}, "must not exceed 1"),
        ({"share": 0.1, "sellers": {"A": (0.4, 0.2)}}, "low end first"),
        ({"share": 0.1, "sellers": {"A": (0.1, 0.2, 0.3)}}, "range of two"),
    ):
        with pytest.raises(ScenarioError, match=said):
            Outlays(by=buyer, **given)  # type: ignore[arg-type]


def test_purchases_across_a_shut_border_are_refused(small: World) -> None:
    buyer, seller = small.regions[:2]
    cut = gt.Embargo(by=buyer, on=list(small.regions[1:]), share=1.0, side="both")
    bought = Outlays(by=buyer, share=0.01, mix=mix(small, s0=1), sellers={seller: 1.0})
    with pytest.raises(DisconnectedWorld, match="buys in"):
        solve(small, [cut, bought], closure="balanced")


def test_a_world_cannot_go_on_from_purchases_abroad(small: World) -> None:
    buyer, seller = small.regions[:2]
    away = solve(small, [Outlays(by=buyer, share=0.01, mix=mix(small, s0=1), sellers={seller: 1.0})])
    with pytest.raises(ScenarioError, match="sellers"):
        away.as_world()
    home = solve(small, [Outlays(by=buyer, share=0.01, mix=mix(small, s0=1))])
    after = home.as_world()
    after.check()
    np.testing.assert_allclose(after.accounts.final_use, home.final_use, rtol=1e-6, atol=1e-6)


def test_arrays_are_checked(small: World) -> None:
    wanted = purchases(small, [Outlays(by=small.regions[0], share=0.03, mix=mix(small, s1=1))])
    by_hand = gt.trade.solve_arrays(small, purchases=wanted, elasticities=elasticities(4, 3))
    by_measure = solve(small, [Outlays(by=small.regions[0], share=0.03, mix=mix(small, s1=1))])
    np.testing.assert_allclose(by_hand.real_income, by_measure.real_income, atol=1e-7)
    with pytest.raises(DataError, match="shape"):
        gt.trade.solve_arrays(small, purchases=np.zeros(3))


def test_the_mix_adds_up_and_is_that_of_the_source() -> None:
    frame = pd.DataFrame(table()).set_index("isic").astype(float)
    np.testing.assert_allclose(frame.sum(), 1.0, atol=1e-5)
    assert frame.at["O84", "purchases"] < 0.01 < frame.at["O84", "budget"]
    script = load_script(Path(__file__).parents[2] / "scripts" / "build_defence_mix.py")
    if not SECURITY.is_dir():
        pytest.skip("the source of the mix is not at hand")
    assert script.TARGET.read_text(encoding="utf-8") == script.table(SECURITY)


def test_weights_follow_what_final_users_buy(official: World) -> None:
    world = official
    place = world.regions.index("JPN")
    found = weights(world, Outlays(by="JPN", share=0.01), place)
    assert found.sum() == pytest.approx(1.0)
    frame = pd.DataFrame(table()).set_index("isic").astype(float)
    vehicles = world.sector_indices("C30")
    assert found[vehicles].sum() == pytest.approx(frame.at["C30", "budget"], abs=1e-6)
    final = world.accounts.final_use[place, vehicles]
    np.testing.assert_allclose(found[vehicles] / found[vehicles].sum(), final / final.sum(), rtol=1e-9)
