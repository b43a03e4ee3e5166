"""Burden sharing: published numbers, the unique equilibrium found another way, and the laws of the theory."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from gaiatsu.errors import DataError
from gaiatsu.security import burden
from gaiatsu.security.capabilities import default_spending

incomes = st.lists(st.floats(0.01, 1e5), min_size=1, max_size=6).map(np.array)
tastes = st.floats(1e-3, 0.3)
spillovers = st.floats(0.0, 1.0)


def test_the_two_countries_of_the_design() -> None:
    found = burden.equilibrium([10.0, 8.0], 0.05, 0.25)
    assert np.round(found, 5).tolist() == [0.42921, 0.29806]


def test_two_countries_in_closed_form() -> None:
    # g₁ = (a₁ − c a₂)/(1 − c²) where both contribute
    alpha, rho, y = 0.04, 0.6, np.array([10.0, 8.0])
    slope, alone = (1 - alpha) * rho, alpha * y
    expected = (alone - slope * alone[::-1]) / (1 - slope**2)
    np.testing.assert_allclose(burden.equilibrium(y, alpha, rho), expected, rtol=1e-14)


def test_a_small_country_leaves_a_public_good_to_the_large_one() -> None:
    assert burden.equilibrium([10.0, 1.0], 0.05, 1.0).tolist() == [0.5, 0.0]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.data())
def test_the_equilibrium_is_the_only_set_of_contributors_that_holds(count: int, data: st.DataObject) -> None:
    # every set of contributors tried: exactly one gives positive outlays inside and no wish to spend outside
    draw = st.lists(st.floats(0.1, 10), min_size=count, max_size=count)
    y = np.array(data.draw(draw))
    alpha = np.array(data.draw(st.lists(st.floats(0.01, 0.3), min_size=count, max_size=count)))
    rho = np.array(data.draw(st.lists(st.floats(0.0, 0.99), min_size=count, max_size=count)))
    slope, alone = (1 - alpha) * rho, alpha * y
    answers = []
    for size in range(1, count + 1):
        for members in map(list, itertools.combinations(range(count), size)):
            outlays = np.zeros(count)
            matrix = np.eye(size) + slope[members][:, None] * (1 - np.eye(size))
            outlays[members] = np.linalg.solve(matrix, alone[members])
            wished = alone - slope * (outlays.sum() - outlays)
            outside = [place for place in range(count) if place not in members]
            if (outlays[members] > 1e-12).all() and (wished[outside] <= 1e-12).all():
                answers.append(outlays)
    found = burden.equilibrium(y, alpha, rho)
    assert any(np.allclose(found, item, atol=1e-9) for item in answers)
    assert all(np.allclose(found, item, atol=1e-9) for item in answers)


@given(incomes, tastes, spillovers)
def test_every_outlay_is_a_best_answer(y: np.ndarray, alpha: float, rho: float) -> None:
    found = burden.equilibrium(y, alpha, rho)
    answer = burden.best_answer(found, y, alpha, rho)
    assert np.abs(found - answer).max() <= 1e-12 * alpha * y.max()
    place = int(np.argmax(y))
    others = found.sum() - found[place]

    def utility(own: float) -> float:
        return (1 - alpha) * np.log(y[place] - own) + alpha * np.log(own + rho * others)

    best = utility(found[place])
    for share in (0.5, 0.9, 1.1, 2.0):
        assert utility(share * found[place]) <= best + 1e-9


@given(incomes, tastes)
def test_without_spillovers_everybody_spends_as_if_alone(y: np.ndarray, alpha: float) -> None:
    np.testing.assert_allclose(burden.equilibrium(y, alpha, 0.0), alpha * y, rtol=1e-13)


@given(st.floats(0.01, 1e5), tastes, spillovers)
def test_one_country_spends_its_taste(y: float, alpha: float, rho: float) -> None:
    np.testing.assert_allclose(burden.equilibrium([y], alpha, rho), [alpha * y], rtol=1e-14)


@given(incomes, tastes, spillovers, spillovers)
def test_free_riding_grows_with_the_spillover(y: np.ndarray, alpha: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    first, second = burden.equilibrium(y, alpha, low).sum(), burden.equilibrium(y, alpha, high).sum()
    assert second <= first * (1 + 1e-12)
    assert first <= burden.efficient(y, alpha).sum() * (1 + 1e-12)


@given(incomes, tastes, spillovers, st.floats(1e-3, 1e3))
def test_outlays_scale_with_incomes(y: np.ndarray, alpha: float, rho: float, factor: float) -> None:
    first, second = burden.equilibrium(y, alpha, rho), burden.equilibrium(factor * y, alpha, rho)
    np.testing.assert_allclose(second, factor * first, atol=1e-11 * factor * y.max(), rtol=1e-9)


@given(incomes, tastes, spillovers)
def test_the_larger_never_contributes_less_nor_a_smaller_part(y: np.ndarray, alpha: float, rho: float) -> None:
    y = np.sort(y)
    found = burden.equilibrium(y, alpha, rho)
    assert (np.diff(found) >= -1e-12 * y[-1]).all()
    assert (np.diff(found / y) >= -1e-10).all()


@given(incomes, tastes, spillovers)
def test_the_taste_of_the_largest_is_found_again(y: np.ndarray, alpha: float, rho: float) -> None:
    spent = burden.equilibrium(y, alpha, rho)[int(np.argmax(y))]
    assert burden.taste_of_largest(y, float(spent), rho) == pytest.approx(alpha, rel=1e-6)


@given(incomes.filter(lambda y: len(y) > 1), tastes, st.floats(0.01, 1.0))
def test_the_spillover_is_found_again_from_those_who_contribute(y: np.ndarray, alpha: float, rho: float) -> None:
    found = burden.equilibrium(y, alpha, rho)
    others = found.sum() - found
    inside = (found > 1e-6 * y.max()) & (others > 1e-3 * alpha * y.max())
    if inside.all():
        np.testing.assert_allclose(burden.implied_spillover(found, y, alpha), rho, rtol=1e-6)


def test_lindahls_contributions_are_efficient() -> None:
    # Maximise the members' utilities, weighted by income, over who spends what: total and consumption are Lindahl's.
    y, alpha, rho = np.array([10.0, 8.0, 6.0]), np.array([0.05, 0.03, 0.08]), np.array([0.5, 0.3, 0.4])

    def lost(choice: np.ndarray) -> float:
        spent, consumed = choice[:3], choice[3:]
        protection = spent + rho * (spent.sum() - spent)
        return -float((y * ((1 - alpha) * np.log(consumed) + alpha * np.log(protection))).sum())

    start = np.concatenate([alpha * y, (1 - alpha) * y])
    budget = {"type": "eq", "fun": lambda choice: choice.sum() - y.sum()}
    found = optimize.minimize(
        lost, start * 1.02, bounds=[(1e-9, None)] * 6, constraints=budget, method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert found.success
    contributions = burden.efficient(y, alpha)
    assert found.x[:3].sum() == pytest.approx(contributions.sum(), rel=1e-5)
    np.testing.assert_allclose(found.x[3:], y - contributions, rtol=1e-5)


def test_a_dollar_is_worth_its_cost_alone_and_more_where_others_gain() -> None:
    y, alpha = np.array([10.0, 8.0]), 0.05
    alone = burden.equilibrium(y, alpha, 0.0)
    np.testing.assert_allclose(burden.worth(alone, y, alpha, 0.0), 1.0, rtol=1e-13)
    shared = burden.equilibrium(y, alpha, 0.25)
    # inside, one's own worth is 1 and a quarter of the other's is added
    np.testing.assert_allclose(burden.worth(shared, y, alpha, 0.25), 1.25, rtol=1e-12)


def test_exploitation_of_the_great_by_the_small() -> None:
    y = np.array([100.0, 40.0, 20.0, 10.0])
    found = burden.exploitation(burden.equilibrium(y, 0.05, 0.1), y)
    assert found.spearman == pytest.approx(1.0)
    assert found.kendall == pytest.approx(1.0)
    assert found.over[0] > 1 > found.over[-1]
    outlays = np.array([3.0, 2.0, 0.4, 0.2])  # shares of income 3, 5, 2 and 2 %
    mixed = burden.exploitation(outlays, y)
    assert mixed.spearman == pytest.approx(stats.spearmanr(outlays / y, y).statistic)
    assert mixed.kendall == pytest.approx(stats.kendalltau(outlays / y, y).statistic)
    assert 0 < mixed.kendall < 1
    alike = burden.exploitation(0.03 * y, y)
    np.testing.assert_allclose(alike.over, 1.0)
    assert np.isnan(alike.spearman)


@pytest.mark.parametrize(
    ("income", "taste", "spillover", "said"),
    [
        ([], 0.05, 0.2, "income"), ([1.0, -1.0], 0.05, 0.2, "income"), ([1.0, np.nan], 0.05, 0.2, "income"),
        ([1.0], 0.0, 0.2, "taste is 0"), ([1.0], 1.0, 0.2, "taste is 1"), ([1.0], 0.05, 1.1, "spillover is 1.1"),
        ([1.0, 2.0], [0.05], 0.2, "taste has shape"), (["a", 2], 0.05, 0.2, "not made of numbers"),
        ([1.0, 2.0], "much", 0.2, "not made of numbers"), ([1e308, 1e308], 0.9, 0.5, "income must lie from"),
        ([10.0, 8.0], 1e-300, 1.0, "nearer to 0 or 1"),
    ],
)  # fmt: skip
def test_impossible_numbers_are_refused(income: list[float], taste: object, spillover: float, said: str) -> None:
    with pytest.raises(DataError, match=said):
        burden.equilibrium(income, taste, spillover)  # type: ignore[arg-type]


def test_impossible_outlays_are_refused() -> None:
    with pytest.raises(DataError, match="outlays must be"):
        burden.exploitation([2.0, 0.1], [1.0, 1.0])
    with pytest.raises(DataError, match="others spend something"):
        burden.implied_spillover([0.1, 0.0], [1.0, 1.0], 0.2)
    with pytest.raises(DataError, match="no finite worth"):
        burden.worth([0.0], [1.0], 0.2, 0.5)
    with pytest.raises(DataError, match="between 0 and its income"):
        burden.taste_of_largest([1.0, 2.0], 2.5, 0.2)
    with pytest.raises(DataError, match="not made of numbers"):
        burden.taste_of_largest([1.0, 2.0], "much", 0.2)  # type: ignore[arg-type]


def test_the_page_has_the_numbers_of_the_bundled_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "burden-sharing.md").read_text(encoding="utf-8")
    figures = [default_spending().of(code, 2025) for code in ("USA", "JPN", "KOR", "AUS")]
    income = np.array([item.usd_billion / item.gdp_share for item in figures])
    spent = np.array([item.usd_billion for item in figures])
    parts = (0.0, 0.05, 0.1, 0.25)
    tastes = [burden.taste_of_largest(income, 954.0, part) for part in parts]
    foretold = [
        100 * burden.equilibrium(income, taste, part) / income for taste, part in zip(tastes, parts, strict=True)
    ]
    implied = 100 * burden.implied_spillover(spent, income, tastes[0])
    for place, name in enumerate(("Japan", "South Korea", "Australia"), start=1):
        row = re.search(rf"^\| {name} \|(.*)\|$", page, re.MULTILINE)
        assert row is not None
        cells = [cell.strip() for cell in row[1].split("|")]
        assert float(cells[0]) == pytest.approx(100 * figures[place].gdp_share)
        assert [float(cell) for cell in cells[1:5]] == pytest.approx([item[place] for item in foretold], abs=0.051)
        ends = [float(number) for number in re.findall(r"[\d.]+", cells[5])]
        assert ends[0] < implied[place] < ends[1]  # the range over the rounding of the figures
