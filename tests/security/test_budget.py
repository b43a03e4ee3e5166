"""Debt, interest and what pays for outlays: the printed number, laws, and the box of what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaiatsu.errors import ScenarioError
from gaiatsu.security import budget
from gaiatsu.security.budget import Setting, debt_path, revenue_needed

TEN = [0.01] * 10
rates = st.floats(-0.02, 0.08)
growths = st.floats(-0.03, 0.08)
taxes = st.floats(0.0, 0.5)
multipliers = st.floats(0.0, 1.5)
paths = st.lists(st.floats(0.0, 0.05), min_size=1, max_size=12)


def setting(**changes: object) -> Setting:
    given: dict[str, object] = {
        "start": (0.016, 0.016), "start_year": 2025, "milestones": ((2027, 0.02),), "until": 2036,
        "growth": (0.01, 0.03), "interest": (0.02, 0.04), "debt": (2.0, 2.1), "tax_rate": (0.2, 0.34),
        "primary_deficit": (0.0, 0.02),
        "gdp": {2022: 560.2, 2026: 691.9}, "unit": "trillion yen",
    }  # fmt: skip
    return Setting(**{**given, **changes})  # type: ignore[arg-type]


def test_the_printed_number() -> None:
    found = debt_path(0.0, TEN, growth=0.025, interest=0.015, tax_rate=0.3, multiplier=0.7)
    assert f"{100 * found[-1]:.2f}" == "7.56"
    q = 1.015 / 1.025  # closed form: a sum of a geometric series
    assert found[-1] == pytest.approx(0.01 * (1 - 0.3 * 0.7) * (1 - q**10) / (1 - q), rel=1e-13)


def test_debt_without_outlays_is_carried() -> None:
    found = debt_path(2.0, np.zeros(5), growth=0.03, interest=0.01)
    assert found == pytest.approx(2.0 * (1.01 / 1.03) ** np.arange(6), rel=1e-14)


@given(paths, growths, rates, taxes, multipliers, st.floats(0.0, 0.02))
def test_debt_rises_in_outlays_and_interest_and_falls_in_growth_and_the_multiplier(
    path: list[float], g: float, r: float, tax: float, k: float, more: float
) -> None:
    usual = {"growth": g, "interest": r, "tax_rate": tax, "multiplier": k}
    base = debt_path(0.5, path, **usual)
    assert (debt_path(0.5, np.array(path) + more, **usual) >= base - 1e-15).all()
    assert (debt_path(0.5, path, **(usual | {"interest": r + more})) >= base - 1e-15).all()
    assert (debt_path(0.5, path, **(usual | {"growth": g + more})) <= base + 1e-15).all()
    assert (debt_path(0.5, path, **(usual | {"multiplier": k + more})) <= base + 1e-15).all()


@given(paths, growths, rates, taxes, multipliers, st.floats(0.0, 1.5))
def test_revenue_leaves_the_last_debt_as_it_would_be(
    path: list[float], g: float, r: float, tax: float, k: float, kx: float
) -> None:
    usual = {"growth": g, "interest": r, "tax_rate": tax}
    x = revenue_needed(path, **usual, multiplier=k, financing_multiplier=kx)
    outlays = debt_path(1.5, path, **usual, multiplier=k)
    raised = debt_path(0.0, np.full(len(path), x), **usual, multiplier=kx)
    without = debt_path(1.5, np.zeros(len(path)), growth=g, interest=r)
    assert outlays[-1] - raised[-1] == pytest.approx(without[-1], abs=1e-12)


def test_revenue_with_rates_that_change_by_year() -> None:
    g, r = np.linspace(0.0, 0.05, 7), np.linspace(0.04, 0.0, 7)
    path = np.linspace(0.0, 0.03, 7)
    x = revenue_needed(path, growth=g, interest=r, tax_rate=0.3, multiplier=0.5, financing_multiplier=0.4)
    outlays = debt_path(0.0, path, growth=g, interest=r, tax_rate=0.3, multiplier=0.5)[-1]
    assert debt_path(0.0, np.full(7, x), growth=g, interest=r, tax_rate=0.3, multiplier=0.4)[-1] == pytest.approx(
        outlays, abs=1e-15
    )


def test_a_constant_increase_with_equal_multipliers_is_paid_by_itself() -> None:
    assert revenue_needed(TEN, growth=0.02, interest=0.04, tax_rate=0.3, multiplier=0.6, financing_multiplier=0.6) == (
        pytest.approx(0.01, rel=1e-14)
    )


def test_many_points_at_once_are_the_same_as_one_by_one() -> None:
    g, r = np.array([0.0, 0.02, 0.05]), np.array([0.03, 0.01, 0.04])
    k = np.array([0.2, 0.5, 0.8])
    both = debt_path(1.0, TEN, growth=g[:, None], interest=r[:, None], tax_rate=0.3, multiplier=k[:, None])
    for row in range(3):
        one = debt_path(1.0, TEN, growth=g[row], interest=r[row], tax_rate=0.3, multiplier=k[row])
        np.testing.assert_allclose(both[row], one, rtol=1e-15)


def test_no_increase_costs_nothing() -> None:
    found = budget.outlook(setting(milestones=((2027, 0.016),)))
    for name in ("increase", "added", "interest", "gdp_gain", "ratio", "tax", "cuts", "paid"):
        band = found.band(name)
        assert np.abs([band.low, band.high]).max() < 1e-15, name


def test_the_path_is_linear_and_then_held() -> None:
    found = budget.outlook(setting(milestones=((2029, 0.02),))).band("outlays")
    expected = [0.016, 0.017, 0.018, 0.019, 0.02] + [0.02] * 7
    assert found.low == pytest.approx(expected)
    assert found.high == pytest.approx(expected)
    bent = budget.outlook(setting(milestones=((2026, 0.019), (2027, 0.02)))).band("outlays")
    assert bent.median[:3] == pytest.approx([0.016, 0.019, 0.02])


def test_shares_of_an_earlier_years_gdp_are_smaller_shares_of_each_years_own() -> None:
    found = budget.outlook(setting(start=(0.018, 0.018), shares_of=2022))
    band = found.band("outlays")
    low, high = (0.02 * 560.2 / (691.9 * growth) for growth in (1.03, 1.01))
    assert band.at(2) == pytest.approx((low, np.mean([low, high]), high), rel=1e-3)
    assert band.low[2] == band.low[-1]  # from the target on the share of own GDP is held
    money = found.money("outlays")
    assert money.low[2] == pytest.approx(0.02 * 560.2) == money.high[2]


def test_bands_hold_every_point_of_the_box() -> None:
    question = setting()
    found = budget.outlook(question)
    random = np.random.default_rng(5)
    box = question.box()
    at = {name: random.uniform(low, high, 500) for name, (low, high) in box.items()}
    at["interest_on_debt"] = at["interest"]
    points = budget.paths(question, at)
    for name in ("debt", "without", "added", "interest", "gdp_gain", "ratio", "tax", "cuts"):
        band = found.band(name)
        value = getattr(points, name)
        assert (value >= band.low - 1e-12).all(), name
        assert (value <= band.high + 1e-12).all(), name
        assert (band.low <= band.median).all(), name
        assert (band.median <= band.high).all(), name


def test_the_way_of_paying_decides_what_is_added() -> None:
    found = budget.outlook(setting())
    assert found.added_by("deficit").low[-1] > 0.02
    for way in ("tax", "cuts"):
        band = found.added_by(way)
        assert abs(band.low[-1]) < 1e-12
        assert abs(band.high[-1]) < 1e-12
        assert band.low[1] < 0  # revenue of the whole target comes before the outlays do


def test_taxes_and_cuts_leave_the_same_debt_on_the_way() -> None:
    question = setting()
    at = budget.sobol(question)
    points = budget.paths(question, at)
    by = {name: at[name][:, None] for name in ("growth", "interest", "tax_rate")}
    steady = np.broadcast_to(points.tax[:, None], points.increase.shape)
    raised = debt_path(0.0, steady, **by, multiplier=at["financing_multiplier"][:, None])
    np.testing.assert_allclose(points.added - raised, points.paid, atol=1e-14)


def test_interest_is_paid_on_what_was_added_before() -> None:
    question = setting(growth=(0.02, 0.02), interest=(0.03, 0.03), multiplier=(0.0, 0.0))
    found = budget.paths(question, budget.sobol(question))
    assert found.interest[0, 1] == 0
    assert found.interest[0, 5] == pytest.approx(0.03 / 1.02 * found.added[0, 4])


def test_interest_on_the_debt_there_is_can_follow_a_path() -> None:
    question = setting(
        growth=(0.0, 0.0),
        debt=(1.0, 1.0),
        primary_deficit=(0.0, 0.0),
        path_of_interest=((2025, (0.0, 0.0)), (2027, (0.02, 0.02))),
    )
    band = budget.outlook(question).band("without")
    assert band.low[:4] == pytest.approx([1.0, 1.01, 1.01 * 1.02, 1.01 * 1.02**2])


def test_a_path_of_interest_with_ranges_keeps_its_place_in_all_years() -> None:
    path = ((2025, (0.0, 0.0)), (2027, (0.02, 0.04)))
    question = setting(growth=(0.0, 0.0), debt=(1.0, 1.0), primary_deficit=(0.0, 0.0), path_of_interest=path)
    band = budget.outlook(question).band("without")
    assert band.low[:4] == pytest.approx([1.0, 1.01, 1.01 * 1.02, 1.01 * 1.02**2])
    assert band.high[:4] == pytest.approx([1.0, 1.02, 1.02 * 1.04, 1.02 * 1.04**2])
    assert "interest on the debt there is" in budget.varied(question)
    assert budget.outlook(setting(path_of_interest=path)).band("added").at(-1) == pytest.approx(
        budget.outlook(setting()).band("added").at(-1), rel=1e-2
    )  # the increase pays the interest of new debt


def test_a_start_with_a_range_moves_the_increase_and_nothing_without_it() -> None:
    wide, narrow = (budget.outlook(setting(start=start)) for start in ((0.0149, 0.0165), (0.0149, 0.0149)))
    assert wide.band("increase").at(1)[::2] == pytest.approx((0.0035, 0.0051))
    assert wide.band("added").at(-1)[2] == pytest.approx(narrow.band("added").at(-1)[2], rel=1e-12)
    assert wide.band("added").at(-1)[0] < narrow.band("added").at(-1)[0]
    np.testing.assert_allclose(wide.band("without").high, narrow.band("without").high)


def test_cuts_take_what_their_own_multiplier_says() -> None:
    band = budget.outlook(setting(tax_rate=(0.3, 0.3))).band("cuts").ends()
    taxes = budget.outlook(setting(tax_rate=(0.3, 0.3))).band("tax").ends()
    assert band == pytest.approx(taxes, rel=0.02)  # the same range, where taxes have none of their own
    fixed = setting(multiplier=(0.5, 0.5), financing_multiplier=(0.0, 1.0), tax_rate=(0.3, 0.3))
    low, _, high = budget.outlook(fixed).band("cuts").ends()
    assert high - low < 1e-4  # one multiplier: only the timing is left


def test_one_multiplier_is_an_end_of_the_range() -> None:
    question = setting()
    added = budget.outlook(question).band("added").at(-1)
    assert budget.added_with(question, 0.2)[1] == pytest.approx(added[2])
    assert budget.added_with(question, 0.8)[0] == pytest.approx(added[0])
    assert budget.added_with(question, 0.0)[1] > added[2]


def test_sums_beyond_what_any_government_borrows_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"debt without the increase reaches .* times GDP by 2085, more than"):
        budget.outlook(setting(interest=(0.02, 0.4), growth=(-0.1, 0.03), until=2085))
    with pytest.raises(ScenarioError, match="what the increase adds to debt reaches"):
        budget.outlook(setting(debt=(0.0, 0.0), primary_deficit=(0.0, 0.0), interest=(0.02, 0.4), until=2085))


def test_gdp_rises_with_the_multiplier_while_it_lasts() -> None:
    band = budget.outlook(setting()).band("gdp_gain")
    assert band.at(-1) == pytest.approx((0.2 * 0.004, 0.5 * 0.004, 0.8 * 0.004), rel=0.01)


def test_what_moves_debt_most_comes_first_and_every_row_is_the_equation() -> None:
    question = setting()
    table = budget.one_at_a_time(question)
    spread = (table["added_high"] - table["added_low"]).abs()
    assert list(spread) == sorted(spread, reverse=True)
    row = table.set_index("parameter").loc["multiplier"]
    increase = [0.002] + [0.004] * 10
    expected = [
        debt_path(0.0, increase, growth=0.02, interest=0.03, tax_rate=0.27, multiplier=k)[-1] for k in (0.2, 0.8)
    ]
    assert [row["added_low"], row["added_high"]] == pytest.approx(expected)


def test_multipliers_are_told_with_their_source_and_the_default_rests_on_them() -> None:
    table = budget.multipliers()
    used = table.set_index("use")["value"]
    assert (used["low end"], used["high end"]) == budget.MULTIPLIER
    assert (table["source"] != "").all()
    assert not table[table["who"].str.startswith("Nakamura")]["use"].isin(["low end", "inside", "high end"]).any()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"growth": (0.03, 0.01)}, "growth is 0.03 to 0.01; it must rise"),
        ({"growth": (0.0, 0.9)}, "must rise and lie between -0.2 and 0.5"),
        ({"until": 2026}, "until is 2026; it must lie between 2027"),
        ({"until": 2500}, "and 2085"),
        ({"milestones": ((2024, 0.02),)}, "do not rise: 2025, 2024"),
        ({"milestones": ()}, "do not rise: 2025"),
        ({"milestones": ((2027, 1.2),)}, "the share of 2027 is 1.2"),
        ({"shares_of": 2021}, "a year that gdp does not give"),
        ({"gdp": {2022: 0.0}}, "gdp must be above 0"),
        ({"tax_rate": (0.2, 0.9), "financing_multiplier": (0.2, 1.2)}, "would be lost at once"),
        ({"interest": (float("nan"), 0.02)}, "interest is nan"),
        ({"start": 0.016}, "start is 0.016: give both ends"),
        ({"start": (0.5, 1.2)}, "start is 0.5 to 1.2; it must rise and lie between 0 and 1"),
        ({"tax_rate": (0.2, 0.5), "multiplier": (0.2, 2.0)}, "tax_rate times multiplier reaches 0.5 · 2, 1 or more"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace("(", r"\(")):
        setting(**changes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"growth": -1.0, "interest": 0.0}, "above -100 %"),
        ({"growth": 0.0, "interest": float("inf")}, "interest is not finite"),
    ],
)
def test_rates_must_be_possible(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        debt_path(1.0, TEN, **wrong)


def test_values_must_be_there_and_finite() -> None:
    with pytest.raises(ScenarioError, match="a number for each year"):
        debt_path(1.0, 0.01, growth=0.0, interest=0.0)
    with pytest.raises(ScenarioError, match="debt is not finite"):
        debt_path(np.nan, TEN, growth=0.0, interest=0.0)
    with pytest.raises(ScenarioError, match="lost at once"):
        revenue_needed(TEN, growth=0.0, interest=0.0, tax_rate=0.5, financing_multiplier=2.0)


def test_fixed_parameters_leave_one_path() -> None:
    fixed = replace(
        setting(), growth=(0.02, 0.02), interest=(0.03, 0.03), debt=(2.0, 2.0), tax_rate=(0.3, 0.3),
        multiplier=(0.5, 0.5), primary_deficit=(0.0, 0.0),
    )  # fmt: skip
    band = budget.outlook(fixed).band("debt")
    np.testing.assert_array_equal(band.low, band.high)
    assert budget.one_at_a_time(fixed).empty
