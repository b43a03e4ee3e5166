"""Friends and enemies: the closed form, the engine's derivative against it, and both against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.exposure.first_order import closed_form, friends_and_enemies
from gaiatsu.world import World
from worlds import elasticities, random_world

SHARES = np.array([[0.80, 0.12, 0.08], [0.10, 0.75, 0.15], [0.05, 0.10, 0.85]])
STEP = 1e-4


def one_sector(share: np.ndarray, income: np.ndarray) -> World:
    """A world of labour only: importers spend `income` by `share`, without duties.

    The second sector is empty, so that all worlds here share one compiled program.
    """
    size = len(share)
    flows = np.stack([share * income[:, None], np.zeros_like(share)], axis=2)
    return World.from_arrays(
        regions=[f"R{n}" for n in range(size)], sectors=["S", "empty"], flows=flows, duty=np.zeros_like(flows),
        va_share=np.ones((size, 2)), input_mix=np.full((size, 2, 2), 0.5), goods=[True, True], year=2020,
    )  # fmt: skip


def test_the_closed_form_to_all_printed_digits() -> None:
    found = closed_form(SHARES, 5)
    assert found.income_share.round(6).tolist() == [0.260116, 0.300578, 0.439306]
    assert found.income[0].round(5).tolist() == [0.66329, -0.26825, -0.39504]
    assert found.welfare.round(5).tolist() == [
        [0.97915, 0.01295, 0.0079], [0.01117, 0.97285, 0.01598], [0.00471, 0.01091, 0.98439],
    ]  # fmt: skip


@given(seed=st.integers(0, 10**6), size=st.integers(2, 6), theta=st.floats(0.5, 12))
def test_laws_of_the_closed_form(seed: int, size: int, theta: float) -> None:
    share = np.random.default_rng(seed).dirichlet(np.ones(size), size) * 0.6 + 0.4 * np.eye(size)
    found = closed_form(share, theta)
    assert found.income_share @ share == pytest.approx(found.income_share, rel=1e-9)
    # productivity growth everywhere moves no relative income and raises welfare one for one
    assert found.income.sum(axis=1) == pytest.approx(np.zeros(size), abs=1e-9)
    assert found.welfare.sum(axis=1) == pytest.approx(np.ones(size), rel=1e-9)
    assert found.income_share @ found.income == pytest.approx(np.zeros(size), abs=1e-9)  # relative to world income
    assert found.income_share @ found.welfare == pytest.approx(found.income_share, rel=1e-9)  # Hulten, for the world


@settings(max_examples=4)
@given(seed=st.integers(0, 10**6), theta=st.floats(1, 10))
def test_the_engine_agrees_where_the_closed_form_holds(seed: int, theta: float) -> None:
    share = np.random.default_rng(seed).dirichlet(np.ones(3), 3) * 0.6 + 0.4 * np.eye(3)
    expected = closed_form(share, theta)
    world = one_sector(share, 1e6 * expected.income_share)
    found = friends_and_enemies(world, elasticities=gt.Elasticities(trade=theta))
    assert found.to_numpy() == pytest.approx(expected.welfare, abs=1e-8)


def test_the_engine_agrees_on_the_printed_example() -> None:
    expected = closed_form(SHARES, 5)
    found = friends_and_enemies(one_sector(SHARES, expected.income_share), elasticities=gt.Elasticities(trade=5.0))
    assert found.to_numpy().round(5).tolist() == expected.welfare.round(5).tolist()


@pytest.mark.parametrize("horizon", ["long", "short"])
def test_many_sectors_against_finite_differences(horizon: str) -> None:
    world = random_world(21, (3, 2))
    chosen = elasticities(21, 2, horizon)
    base = world.accounts
    productivity = friends_and_enemies(world, elasticities=chosen)
    border = friends_and_enemies(world, "border", elasticities=chosen)

    def income(**wedges: np.ndarray) -> np.ndarray:
        outcome = gt.trade.solve_arrays(world, elasticities=chosen, closure="proportional", tolerance=1e-12, **wedges)
        return np.log1p(outcome.real_income.to_numpy() / 100)

    for partner in range(3):
        raised = np.ones_like(base.va_share)
        raised[partner] = 1 + STEP
        lowered = np.ones_like(base.va_share)
        lowered[partner] = 1 - STEP
        slope = (income(productivity=raised) - income(productivity=lowered)) / (2 * STEP)
        assert productivity.iloc[:, partner].to_numpy() == pytest.approx(slope, abs=2e-6)
    for one, other in ((0, 1), (1, 2)):
        dearer, cheaper = np.ones_like(base.flows), np.ones_like(base.flows)
        for first, second in ((one, other), (other, one)):
            dearer[first, second], cheaper[first, second] = 1 + STEP, 1 - STEP
        slope = (income(iceberg=dearer) - income(iceberg=cheaper)) / (2 * STEP)
        assert border.iloc[one, other] == pytest.approx(slope[one], abs=2e-6)
        assert border.iloc[other, one] == pytest.approx(slope[other], abs=2e-6)
    assert np.diagonal(border) == pytest.approx(np.zeros(3))


def test_rows_can_be_chosen() -> None:
    world = random_world(21, (3, 2))
    chosen = elasticities(21, 2)
    whole = friends_and_enemies(world, elasticities=chosen)
    part = friends_and_enemies(world, elasticities=chosen, regions="R1")
    assert part.loc["R1"].to_numpy() == pytest.approx(whole.loc["R1"].to_numpy(), rel=1e-9)
    with pytest.raises(ScenarioError, match="did you mean 'border'"):
        friends_and_enemies(world, "boarder")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("share", "theta", "said"),
    [
        ([[0.5, 0.4], [0.5, 0.5]], 5, "sum to one"),
        ([[0.5, 0.5]], 5, "square"),
        ([[1.0, 0.0], [0.0, 1.0]], 5, "blocs"),
        ([[0.6, 0.4], [0.4, 0.6]], 0, "positive"),
        ([[0.6, 0.4], [0.4, 0.6]], np.inf, "finite"),
        ([[0.6, 0.4], [0.4, 0.6]], np.nan, "finite"),
        ([[0.6, np.nan], [0.4, 0.6]], 5, "sum to one"),
        ([[0.0, 1.0], [0.0, 1.0]], 5, "number 1 earns nothing"),
    ],
)
def test_wrong_shares_are_refused(share: list[list[float]], theta: float, said: str) -> None:
    with pytest.raises(DataError, match=said):
        closed_form(np.array(share), theta)
