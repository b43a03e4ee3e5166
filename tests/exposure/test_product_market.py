"""One product's market against closed forms, limits of its elasticities, conservation and derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaiatsu.errors import ConvergenceError, DataError, NoSupplier, ScenarioError
from gaiatsu.exposure.product_market import ProductMarket, solve_product, solve_products
from gaiatsu.exposure.product_solver import Case

PAIR = ProductMarket(("M",), ("E",), np.array([[100.0]]))
THREE = ProductMarket(
    ("M", "R", "E"), ("E", "O"), np.array([[40.0, 60.0], [20.0, 180.0], [30.0, 5.0]]),
    duty=np.array([[0.1, 0.05], [0.0, 0.02], [0.0, 0.2]]),
)  # fmt: skip


@pytest.mark.parametrize("supply", [0.0, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("demand", [0.2, 1.0, 1.7])
def test_one_buyer_and_one_seller_share_a_duty_as_the_closed_form_says(supply: float, demand: float) -> None:
    # p(1+τ) paid: (p(1+τ))^(-ε) = p^η  =>  p = (1+τ)^(-ε/(ε+η))
    found = solve_product(PAIR, trade=4.0, supply=supply, demand=demand, duty=0.805)
    price = 1.805 ** (-demand / (demand + supply))
    assert found.price[0] == pytest.approx(price, rel=1e-9)
    assert found.landed[0] == pytest.approx(1.805 * price, rel=1e-9)
    assert found.quantity[0, 0] == pytest.approx(100 * price**supply, rel=1e-9)


def test_a_fixed_supply_bears_the_whole_duty_and_a_fixed_price_none_of_it() -> None:
    fixed = solve_product(PAIR, trade=4.0, supply=0.0, demand=0.5, duty=0.25)
    assert fixed.price[0] == pytest.approx(0.8, rel=1e-10)
    assert fixed.landed[0] == pytest.approx(1.0, rel=1e-10)
    free = solve_product(PAIR, trade=4.0, supply=np.inf, demand=0.5, duty=0.25)
    assert free.price[0] == 1.0
    assert free.quantity[0, 0] == pytest.approx(100 * 1.25**-0.5, rel=1e-12)
    steep = solve_product(PAIR, trade=4.0, supply=1e7, demand=0.5, duty=0.25)
    assert steep.quantity[0, 0] == pytest.approx(free.quantity[0, 0], rel=1e-6)


def test_one_buyer_of_two_origins_at_fixed_prices_is_the_armington_formula() -> None:
    market = ProductMarket(("M",), ("E", "O"), np.array([[30.0, 70.0]]))
    found = solve_product(market, trade=3.0, supply=np.inf, demand=0.4, duty=np.array([[0.5, 0.0]]))
    landed = (0.3 * 1.5**-3 + 0.7) ** (-1 / 3)
    assert found.landed[0] == pytest.approx(landed, rel=1e-12)
    share = 0.3 * 1.5**-3 * landed**3
    assert found.value[0, 0] == pytest.approx(100 * landed**0.6 * share / 1.5, rel=1e-12)
    old, new = found.supplier_share("M", "E")
    assert old == 0.3
    assert new == pytest.approx(found.value[0, 0] / found.value.sum(), rel=1e-12)


def test_a_shut_border_with_fixed_supply_diverts_everything_at_a_lower_price() -> None:
    # E sold x to M; its whole supply q0 must now go to R, where it competes at (θ+1) with others at a fixed price
    market = ProductMarket(("M", "R"), ("E", "O"), np.array([[1.0, 1e9], [1.0, 1e9]]))
    found = solve_product(
        market, trade=2.0, supply=np.array([0.0, np.inf]), demand=0.5, limit=np.array([[0.0, 9.0], [9.0, 9.0]])
    )
    assert found.lost_and_diverted("M", "E") == pytest.approx(
        {"lost": 1.0, "diverted": 1.0, "home": 0.0, "unsold": 0.0}, abs=1e-9
    )
    assert found.price[0] == pytest.approx(2.0 ** (-1 / 3), rel=1e-6)  # q̂ = p^-(θ+1) for a small share
    assert found.exports("E") == pytest.approx(1.0, rel=1e-9)
    assert found.exports("E", value=True) == pytest.approx(2.0 ** (-1 / 3), rel=1e-6)


def test_alike_origins_have_one_price_as_theta_grows() -> None:
    free = ProductMarket(THREE.importers, THREE.exporters, THREE.flows)
    gaps = []
    for theta in (1.0, 10.0, 200.0, 2000.0):
        found = solve_product(free, trade=theta, supply=0.5, demand=0.5, limit=np.array([[0, 9], [9, 9], [9, 9]]))
        gaps.append(abs(np.log(found.price[0] / found.price[1])))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-3
    # one pool: what E no longer sells to M the others do, and the world's price hardly moves
    assert found.price[0] == pytest.approx(1.0, abs=2e-3)
    assert found.landed[0] == pytest.approx(1.0, abs=2e-3)


def test_nobody_to_sell_to_means_no_sales_and_no_one_to_buy_from_is_refused() -> None:
    market = ProductMarket(("M", "R"), ("E", "O"), np.array([[1.0, 3.0], [0.0, 5.0]]))
    found = solve_product(market, trade=2.0, supply=0.5, demand=0.5, availability=np.array([[0, 1], [1, 1]]))
    assert found.price[0] == 0.0
    assert found.quantity[:, 0].tolist() == [0.0, 0.0]
    assert found.lost_and_diverted("M", "E")["unsold"] == 1.0
    least = solve_product(market, trade=2.0, supply=0.5, demand=0.5, limit=np.array([[5e-324, 9], [9, 9]]))
    assert least.quantity[0, 0] == 0.0
    with pytest.raises(NoSupplier, match="M has no supplier"):
        solve_product(market, trade=2.0, supply=0.5, demand=0.5, limit=np.array([[0, 0], [1, 1]]))


def test_a_limit_is_met_exactly_and_only_where_it_binds() -> None:
    limit = np.full((3, 2), np.inf)
    limit[0, 0] = 0.35
    found = solve_product(THREE, trade=2.0, supply=0.4, demand=0.5, limit=limit)
    assert found.change("M", "E") == pytest.approx(0.35, rel=1e-9)
    assert found.premium[0, 0] > 1
    assert (np.delete(found.premium.ravel(), 0) == 1).all()
    # the premium is the duty that would have the same quantities
    duty = THREE.duty.copy()
    duty[0, 0] = (1 + duty[0, 0]) * found.premium[0, 0] - 1
    same = solve_product(THREE, trade=2.0, supply=0.4, demand=0.5, duty=duty)
    np.testing.assert_allclose(same.quantity, found.quantity, rtol=1e-9)
    np.testing.assert_allclose(same.price, found.price, rtol=1e-9)
    # a limit that a duty keeps demand below does not bind
    high = THREE.duty.copy()
    high[0, 0] = 20.0
    loose = solve_product(THREE, trade=2.0, supply=0.4, demand=0.5, duty=high, limit=limit)
    assert loose.premium.max() == 1.0
    assert loose.change("M", "E") < 0.35


def test_a_limit_above_today_binds_when_trade_would_pass_it() -> None:
    limit = np.full((3, 2), np.inf)
    limit[0, 0], limit[1, 0] = 0.0, 1.05
    free = solve_product(THREE, trade=2.0, supply=0.4, demand=0.5, limit=np.where(limit == 1.05, np.inf, limit))
    assert free.change("R", "E") > 1.05
    held = solve_product(THREE, trade=2.0, supply=0.4, demand=0.5, limit=limit)
    assert held.change("R", "E") == pytest.approx(1.05, rel=1e-9)
    assert held.price[0] < free.price[0]


@pytest.mark.parametrize("cell", [(0, 0), (1, 1), (2, 0)])
def test_slopes_are_those_of_the_linear_system(cell: tuple[int, int]) -> None:
    """A small cost against the solution of the differentiated equations, written out here for itself."""
    theta, eta, epsilon, step = 3.0, np.array([0.4, 1.2]), np.array([0.3, 0.8, 0.5]), 1e-5
    paid = THREE.flows * (1 + THREE.duty)
    share = paid / paid.sum(axis=1, keepdims=True)
    sold = THREE.flows / THREE.flows.sum(axis=0)
    cost = np.zeros(THREE.flows.shape)
    cost[cell] = 1.0
    matrix, right = np.diag(eta), np.zeros(2)
    for i in range(2):
        for n in range(3):
            for j in range(2):
                slope = (theta + 1 - epsilon[n]) * share[n, j] - (theta + 1) * (i == j)
                matrix[i, j] -= sold[n, i] * slope
                # a cost of shipping, unlike a price, is no part of the exporter's receipts per unit shipped ordered
                right[i] += sold[n, i] * (slope + (i == j)) * cost[n, j]
    expected = np.linalg.solve(matrix, right)
    up, down = (
        np.log(solve_product(THREE, trade=theta, supply=eta, demand=epsilon, iceberg=np.exp(s * step * cost)).price)
        for s in (1, -1)
    )
    np.testing.assert_allclose((up - down) / (2 * step), expected, rtol=1e-6, atol=1e-9)


markets = st.integers(0, 10_000).map(np.random.default_rng)


@settings(max_examples=40, deadline=None)
@given(rng=markets, theta=st.floats(0.3, 12), eta=st.floats(0, 4), scale=st.floats(1e-3, 1e6))
def test_nothing_done_changes_nothing_and_scale_does_not_matter(
    rng: np.random.Generator, theta: float, eta: float, scale: float
) -> None:
    flows = rng.gamma(0.5, size=(4, 3)) + 1e-4
    duty = rng.uniform(0, 0.5, (4, 3))
    names = ("A", "B", "C", "D")
    market = ProductMarket(names, names[:3], flows, duty)
    still = solve_product(market, trade=theta, supply=eta, demand=0.7)
    assert still.price == pytest.approx(np.ones(3), abs=1e-9)
    np.testing.assert_allclose(still.quantity, flows, rtol=1e-9)
    shock = rng.uniform(0.9, 1.6, (4, 3))
    one = solve_product(market, trade=theta, supply=eta, demand=0.7, iceberg=shock)
    large = ProductMarket(names, names[:3], flows * scale, duty)
    other = solve_product(large, trade=theta, supply=eta, demand=0.7, iceberg=shock)
    np.testing.assert_allclose(other.price, one.price, rtol=1e-7)
    order = rng.permutation(3)
    turned = ProductMarket(names, tuple(names[k] for k in order), flows[:, order], duty[:, order])
    again = solve_product(turned, trade=theta, supply=eta, demand=0.7, iceberg=shock[:, order])
    np.testing.assert_allclose(again.price, one.price[order], rtol=1e-7)


@settings(max_examples=60, deadline=None)
@given(
    rng=markets, theta=st.floats(0.4, 12), eta=st.floats(0.02, 4), epsilon=st.floats(0.05, 1.2), limit=st.floats(0, 1)
)
def test_a_cut_conserves_quantities_and_moves_prices_the_right_way(
    rng: np.random.Generator, theta: float, eta: float, epsilon: float, limit: float
) -> None:
    flows = rng.gamma(0.6, size=(3, 3)) + 1e-3
    names = ("A", "B", "C")
    caps = np.full((3, 3), np.inf)
    caps[0, 1] = limit
    market = ProductMarket(names, names, flows)
    found = solve_product(market, trade=theta, supply=eta, demand=epsilon, limit=caps)
    assert found.residual <= 1e-10
    # supply curves hold, every limit holds, and what is lost is diverted, kept or not made
    np.testing.assert_allclose(found.quantity.sum(axis=0), flows.sum(axis=0) * found.price**eta, rtol=1e-8)
    assert found.quantity[0, 1] == pytest.approx(limit * flows[0, 1], rel=1e-7, abs=1e-12)
    parts = found.lost_and_diverted("A", "B")
    assert parts["lost"] == pytest.approx(parts["diverted"] + parts["home"] + parts["unsold"], abs=1e-9)
    assert parts["lost"] == pytest.approx(1 - limit, abs=1e-7)
    # the seller's price falls against all others' (it may rise itself, where the buyer outbids everybody for the rest)
    assert found.price[1] <= found.price.min() * (1 + 1e-9)


@settings(max_examples=25, deadline=None)
@given(rng=markets, first=st.floats(0.05, 1), second=st.floats(0.05, 1))
def test_where_others_sell_at_fixed_prices_a_deeper_cut_hurts_buyer_and_seller_more(
    rng: np.random.Generator, first: float, second: float
) -> None:
    flows = rng.gamma(0.6, size=(3, 3)) + 1e-3
    market = ProductMarket(("A", "B", "C"), ("A", "B", "C"), flows)
    found = []
    for limit in sorted((first, second)):
        caps = np.full((3, 3), np.inf)
        caps[0, 1] = limit
        found.append(solve_product(market, trade=1.5, supply=[np.inf, 0.3, np.inf], demand=0.4, limit=caps))
    assert found[0].price[1] <= found[1].price[1] + 1e-9 <= 1 + 2e-9
    parts = found[0].lost_and_diverted("A", "B")
    assert -1e-9 <= parts["diverted"] + parts["home"] <= parts["lost"] + 1e-9
    assert found[0].landed[0] >= found[1].landed[0] - 1e-9


def test_what_cannot_be_is_refused_with_a_reason() -> None:
    with pytest.raises(DataError, match="shape"):
        ProductMarket(("A",), ("B", "C"), np.ones((2, 1)))
    with pytest.raises(DataError, match="neither buys nor sells"):
        ProductMarket(("A",), ("B", "C"), np.array([[1.0, 0.0]]))
    with pytest.raises(DataError, match="numbers of 0 or more"):
        ProductMarket(("A",), ("B",), np.array([[-1.0]]))
    with pytest.raises(DataError, match="stands twice"):
        ProductMarket(("A", "A"), ("B",), np.ones((2, 1)))
    for wrong in ({"trade": 0.0}, {"trade": np.nan}, {"supply": -1.0}, {"demand": 0.0}, {"demand": 5.0}):
        with pytest.raises(ScenarioError):
            solve_product(PAIR, **{"trade": 4.0, "supply": 1.0, "demand": 0.5, **wrong})
    with pytest.raises(ScenarioError, match="not in this market"):
        solve_product(PAIR, trade=4.0, supply=1.0, demand=0.5).change("X", "E")
    with pytest.raises(ConvergenceError, match="what E sells does not clear"):
        # supply that cannot shrink, and a limit below it
        solve_product(PAIR, trade=4.0, supply=0.0, demand=0.5, limit=0.5)


@pytest.mark.parametrize("wrong", [np.inf, np.nan, "x", [1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_what_is_no_finite_number_of_the_right_shape_is_refused_by_name(wrong: object) -> None:
    with pytest.raises(DataError, match="flows"):
        ProductMarket(("M",), ("E",), [[wrong]])
    for name in ("duty", "iceberg", "availability"):
        with pytest.raises(DataError, match=name):
            solve_product(THREE, **{"trade": 3.0, "supply": 0.5, "demand": 0.5, name: wrong})
    if wrong != np.inf:  # a fixed price, no limit
        for name in ("supply", "limit"):
            with pytest.raises((DataError, ScenarioError), match=name):
                solve_product(THREE, **{"trade": 3.0, "supply": 0.5, "demand": 0.5, name: wrong})
    for name in ("trade", "demand"):
        if name == "trade" or np.shape(wrong) != (3,):
            with pytest.raises((DataError, ScenarioError), match=name):
                solve_product(THREE, **{"trade": 3.0, "supply": 0.5, "demand": 0.5, name: wrong})


def test_numbers_beyond_those_of_the_machine_are_no_result() -> None:
    with pytest.raises(ConvergenceError, match="range of numbers"):
        solve_product(PAIR, trade=30.0, supply=np.inf, demand=30.0, iceberg=1e-12)


def test_draws_solved_together_are_those_solved_alone() -> None:
    """Limits that bind in some draws only, a shut cell, a fixed price, another duty: each draw has its own pattern."""
    limit = np.full((5, 3, 2), np.inf)
    limit[0, 0, 0], limit[1, 0, 0], limit[2, :2, 0], limit[3, 0, 0] = 0.35, 0.0, (0.2, 1.05), 50.0
    supply = np.array([[0.4, 0.4], [0.1, 3.0], [0.4, 0.4], [np.inf, 0.2], [0.0, 1.0]])
    demand = np.array([[0.5] * 3, [0.3, 0.9, 0.2], [0.5] * 3, [1.2] * 3, [0.6] * 3])
    trade, duty = np.array([2.0, 5.0, 2.0, 0.7, 3.0]), np.stack([THREE.duty + 0.1 * k for k in range(5)])
    together = solve_products(THREE, trade=trade, supply=supply, demand=demand, duty=duty, limit=limit)
    patterns = set()
    for k, found in enumerate(together):
        alone = solve_product(THREE, trade=trade[k], supply=supply[k], demand=demand[k], duty=duty[k], limit=limit[k])
        for name in ("price", "landed", "quantity", "premium"):
            np.testing.assert_allclose(getattr(found, name), getattr(alone, name), rtol=1e-9, err_msg=name)
        patterns.add((found.premium > 1).tobytes())
    assert len(patterns) == 3  # none, one cell, two


def test_slopes_of_the_equations_are_their_differences() -> None:
    limit = np.full((2, 3, 2), 9.0)
    limit[0, 0], limit[1, 0, 0], limit[1, 1, 0] = 0.5, 0.3, 0.4
    case = Case.of(THREE, [2.0, 4.0], np.array([[0.4, 1.0], [0.2, np.inf]]), 0.5, None, 1.0, 1.0, limit)
    bound, cells = limit < 1, np.array([[0, 0], [0, 1], [1, 0]])
    point = 0.1 * np.random.default_rng(4).standard_normal((2, 5))
    _, jacobian = case.residuals(point, bound, cells)
    for k in range(5):
        step = np.zeros((2, 5))
        step[:, k] = 1e-6
        up, down = (case.residuals(point + sign * step, bound, cells)[0] for sign in (1, -1))
        np.testing.assert_allclose(jacobian[:, :, k], (up - down) / 2e-6, atol=1e-7)
