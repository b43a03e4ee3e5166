"""Cost of a joint line: the sum of a learning curve, the exact break-even, limits of the premium, two countries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaiatsu.errors import ScenarioError
from gaiatsu.security import coproduction as line

rates = st.floats(0.01, 0.4)
premia = st.floats(-0.5, 3.0)
shares = st.floats(0.05, 1.0)
volumes = st.integers(1, 3000)
prices = st.floats(0.5, 500.0)
set_ups = st.floats(0.0, 5000.0)
BOX = line.Box(premium=(-0.1, 2.0), learning=(0.15, 0.2), set_up=(796.0, 1000.0))


def costs(**changed: Any) -> dict[str, Any]:
    return {"price": 90.1, "premium": 0.37, "learning": 0.15, "set_up": 1000.0, "made": 1.0, **changed}


def summed(volume: int, learning: float) -> float:
    """The same sum term by term, smallest first."""
    return math.fsum(k ** math.log2(1 - learning) for k in range(volume, 0, -1))


# -------------------------------------------------------------------------------------------- the learning curve
def test_published_sum_of_a_unit_curve() -> None:
    """100 hours for the first unit, 85 % curve, 125 units: 5201.085 (Boehmke and Freels, learningCurve 1.1.2)."""
    assert round(100 * float(line.cumulated(125, 0.15)), 3) == 5201.085
    assert round(float(line.exponent(0.2)), 4) == -0.3219


@pytest.mark.parametrize("volume", [1, 2, 31, 32, 33, 100, 4321])
@pytest.mark.parametrize("learning", [0.0, 0.15, 0.2, 0.4999, 0.5 - 1e-9, 0.5, 0.5 + 1e-13, 0.5 + 1e-6, 0.6, 0.95])
def test_the_sum_is_that_of_its_terms(volume: int, learning: float) -> None:
    assert float(line.cumulated(volume, learning)) == pytest.approx(summed(volume, learning), rel=1e-12)


def test_learning_of_one_half_breaks_even_like_its_neighbours() -> None:
    """Σ 1/k: the integral is a logarithm there, and its formula for other rates divides by nothing."""
    near = line.break_even(**costs(learning=[0.4999, 0.5, 0.5001]))
    assert near.tolist() == [16.0, 16.0, 16.0]
    harmonic = math.fsum(1 / k for k in range(1, 101))
    assert float(line.premium_limit(100, price=1.0, learning=0.5, set_up=0.0)) == pytest.approx(100 / harmonic - 1)


def test_the_sum_is_smooth_between_whole_volumes() -> None:
    """Rises, ever more slowly; nothing for no unit."""
    volume = np.linspace(0, 70, 281)
    sums = line.cumulated(volume, 0.2)
    assert sums[0] == pytest.approx(0.0, abs=1e-13)
    assert (np.diff(sums) > 0).all()
    assert (np.diff(sums, 2) < 0).all()


def test_a_doubling_cuts_the_unit_by_the_learning_rate() -> None:
    first, tenth, twentieth = line.unit_cost([1, 10, 20], **{k: v for k, v in costs().items() if k != "set_up"})
    assert first == pytest.approx(90.1 * 1.37)
    assert twentieth == pytest.approx(0.85 * tenth)


@settings(deadline=None, max_examples=40)
@given(volumes, prices, premia, rates, set_ups, shares)
def test_the_line_costs_what_its_units_and_set_up_cost(
    volume: int, price: float, premium: float, learning: float, set_up: float, made: float
) -> None:
    each = line.unit_cost(np.arange(1, volume + 1), price=price, premium=premium, learning=learning, made=made)
    whole = line.line_cost(volume, price=price, premium=premium, learning=learning, set_up=set_up, made=made)
    assert float(whole) == pytest.approx(set_up + each.sum(), rel=1e-10)


# --------------------------------------------------------------------------------------------------- break-even
@settings(deadline=None, max_examples=60)
@given(prices, premia, rates, set_ups, shares)
def test_costs_are_equal_at_the_break_even_and_not_one_unit_before(
    price: float, premium: float, learning: float, set_up: float, made: float
) -> None:
    how = costs(price=price, premium=premium, learning=learning, set_up=set_up, made=made)
    found = float(line.break_even(**how))
    if math.isinf(found):
        assert float(line.line_cost(line.LARGEST, **how)) > line.LARGEST * price
        return
    assert found == int(found) >= 1
    assert float(line.line_cost(found, **how)) <= found * price * (1 + 2 * line.TIE)
    if found > 1:
        assert float(line.line_cost(found - 1, **how)) > (found - 1) * price


def test_break_even_by_hand() -> None:
    """No learning: S/(−π c₀) units, rounded up; without saving, never; nothing to recover, at once."""
    plain = {"price": 10.0, "learning": 0.0}
    assert float(line.break_even(premium=-0.1, set_up=99.0, **plain)) == 99
    assert float(line.break_even(premium=-0.1, set_up=99.5, **plain)) == 100
    assert float(line.break_even(premium=0.0, set_up=1.0, **plain)) == math.inf
    assert float(line.break_even(premium=0.0, set_up=0.0, **plain)) == 1
    assert float(line.break_even(premium=2.0, set_up=0.0, learning=0.2, price=10.0, made=1 / 3)) == math.inf


@settings(deadline=None, max_examples=40)
@given(premia, rates, set_ups, shares, st.floats(0.001, 0.2), st.floats(0.0, 0.5), st.floats(0.0, 500.0))
def test_break_even_falls_with_learning_and_rises_with_premium_and_set_up(
    premium: float, learning: float, set_up: float, made: float, faster: float, dearer: float, larger: float
) -> None:
    how = costs(premium=premium, learning=learning, set_up=set_up, made=made)
    base = float(line.break_even(**how))
    assert float(line.break_even(**{**how, "learning": learning + faster})) <= base
    assert float(line.break_even(**{**how, "premium": premium + dearer})) >= base
    assert float(line.break_even(**{**how, "set_up": set_up + larger})) >= base


@settings(deadline=None, max_examples=40)
@given(volumes, rates, set_ups, shares)
def test_the_limit_of_the_premium_is_where_costs_are_equal(
    volume: int, learning: float, set_up: float, made: float
) -> None:
    how = {"price": 90.1, "learning": learning, "set_up": set_up, "made": made}
    limit = float(line.premium_limit(volume, **how))
    if -0.98 < limit < 50:
        assert float(line.line_cost(volume, premium=limit, **how)) == pytest.approx(volume * 90.1, rel=1e-9)
        assert float(line.break_even(premium=limit - 1e-6, **how)) <= volume
        assert float(line.break_even(premium=limit + 1e-6, **how)) > volume
    else:
        assert limit >= 50 or set_up > 0.01 * volume * 90.1


# ---------------------------------------------------------------------------------------------------- the box
@pytest.mark.parametrize("reading", ["first", "lasting"])
def test_the_ends_of_a_box_are_those_of_everything_in_it(reading: str) -> None:
    found = line.over_box(BOX, price=90.1, volume=219, made=2 / 3)
    one = getattr(found, reading)
    rng = np.random.default_rng(5)
    premium, learning, set_up = (rng.uniform(*ends, 4000) for ends in (BOX.premium, BOX.learning, BOX.set_up))
    how = {"price": 90.1, "learning": learning if reading == "first" else 0.0, "set_up": set_up, "made": 2 / 3}
    drawn = line.break_even(premium=premium, **how)
    assert found.earliest <= one.earliest <= drawn.min()
    assert drawn.max() <= one.latest == found.latest == math.inf
    assert one.part == pytest.approx(float((drawn <= 219).mean()), abs=0.02)
    assert one.part in found.part
    each = line.average_cost(219, premium=premium, **how)
    assert found.unit_cost[0] <= one.unit_cost[0] <= each.min() < each.max() <= one.unit_cost[1] <= found.unit_cost[1]
    limits = line.premium_limit(219, **how)
    assert one.premium_limit[0] <= limits.min() < limits.max() <= one.premium_limit[1]


def test_a_premium_of_the_whole_run_is_borne_up_to_the_set_up() -> None:
    found = line.over_box(BOX, price=90.1, volume=219, made=2 / 3)
    assert found.lasting.premium_limit == pytest.approx((-1000 / 90.1 / 219, -796 / 90.1 / 219))
    assert found.unit_cost[1] == pytest.approx(3 * 90.1 + 1000 / 219)  # three times the price, which nothing lowers
    assert found.unit_cost[0] == found.first.unit_cost[0] < found.lasting.unit_cost[0]


def test_a_box_of_one_point_is_that_point() -> None:
    point = line.Box((0.37, 0.37), (0.15, 0.15), (1000.0, 1000.0))
    found = line.over_box(point, price=90.1, volume=50)
    exact = float(line.break_even(**costs()))
    assert (found.first.earliest, found.first.latest) == (exact, exact)
    assert (found.lasting.earliest, found.lasting.part) == (math.inf, 0.0)
    assert found.part == (0.0, 1.0 if exact <= 50 else 0.0)
    assert line.over_box(point, price=90.1, volume=exact).first.part == 1.0
    assert line.over_box(point, price=90.1, volume=exact - 1).first.part == 0.0


# ----------------------------------------------------------------------------------------------- two countries
@settings(deadline=None, max_examples=40)
@given(volumes, volumes, premia, rates, set_ups, shares)
def test_pooled_volume_never_raises_the_cost_of_a_unit(
    own: int, other: int, premium: float, learning: float, set_up: float, made: float
) -> None:
    how = costs(premium=premium, learning=learning, set_up=set_up, made=made)
    assert float(line.average_cost(own + other, **how)) <= float(line.average_cost(own, **how)) * (1 + 1e-12)


def test_who_does_all_the_work_is_alone() -> None:
    """w = 1: one country; a partner that makes nothing pays the average price of a unit and no set-up."""
    found = line.partnership(BOX, price=90.1, volume={"A": 100, "B": 50}, work_share={"A": 1.0, "B": 0.0})
    lone = line.partnership(BOX, price=90.1, volume={"A": 100}, work_share={"A": 1.0})
    assert found["A"].alone == lone["A"].alone == lone["A"].together == lone[""].together
    doubled = line.over_box(BOX, price=90.1, volume=150)
    assert found[""].together == doubled  # one partner works: one set-up, at its high end too
    no_set_up = line.over_box(line.Box(BOX.premium, BOX.learning, (0.0, 0.0)), price=90.1, volume=150)
    assert found["B"].together.unit_cost == no_set_up.unit_cost
    assert found["B"].together.part == no_set_up.part


def test_partners_that_carry_what_they_buy_split_the_line() -> None:
    """Equal parts of work and units: each carries half, and breaks even with half of the line's units."""
    found = line.partnership(BOX, price=90.1, volume={"A": 80, "B": 80}, work_share={"A": 0.5, "B": 0.5})
    whole = found[""].together
    assert found["A"] == found["B"]
    assert found["A"].together.earliest == math.ceil(whole.earliest / 2)
    assert found["A"].together.unit_cost == pytest.approx(whole.unit_cost)
    assert found["A"].together.part == pytest.approx(whole.part)
    assert found["A"].together.first.part >= found["A"].alone.first.part


def test_what_partners_pay_adds_up_to_the_line() -> None:
    box = line.Box((0.3, 0.3), (0.2, 0.2), (900.0, 900.0))
    volume, work = {"A": 30, "B": 90}, {"A": 0.5, "B": 0.1}
    found = line.partnership(box, price=90.1, volume=volume, work_share=work)
    kindest = sum(units * found[name].together.unit_cost[0] for name, units in volume.items())
    whole = line.line_cost(120, price=90.1, premium=0.3, learning=0.2, set_up=900.0, made=0.6)
    assert kindest == pytest.approx(float(whole))


# ------------------------------------------------------------------------------------------------------ errors
@pytest.mark.parametrize(
    "changed", [{"learning": 1.0}, {"learning": -0.1}, {"premium": -1.0}, {"price": 0.0}, {"set_up": math.nan},
                {"made": 1.2}, {"set_up": -1.0}],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(changed))):
        line.break_even(**costs(**changed))


def test_what_is_no_number_or_does_not_fit_is_refused() -> None:
    for changed in ({"price": "dear"}, {"price": [1.0, 2.0], "premium": [0.1, 0.2, 0.3]}, {"premium": math.nan}):
        with pytest.raises(ScenarioError, match=r"must be a number|do not fit together|must lie"):
            line.break_even(**costs(**changed))
    with pytest.raises(ScenarioError, match="volume"):
        line.unit_cost(math.nan, price=1.0, premium=0.0, learning=0.1)


def test_boxes_and_partners_that_cannot_be() -> None:
    with pytest.raises(ScenarioError, match="exchange"):
        line.Box((0.2, 0.1), (0.1, 0.2), (0, 1))
    with pytest.raises(ScenarioError, match="at least one unit"):
        line.average_cost(0, **costs())
    with pytest.raises(ScenarioError, match="counted from 1"):
        line.unit_cost(0, price=1.0, premium=0.0, learning=0.1)
    with pytest.raises(ScenarioError, match="set_up"):
        line.Box((0.1, 0.2), (0.1, 0.2), (0, 1e9))
    for work in (
        {"A": 0.7, "B": 0.7}, {"A": 0.0, "B": 0.0}, {"A": 1.0}, {"A": 1.2, "B": -0.2}, {"A": math.nan, "B": 0.5},
    ):  # fmt: skip
        with pytest.raises(ScenarioError, match="work shares"):
            line.partnership(BOX, price=1.0, volume={"A": 10, "B": 10}, work_share=work)
    with pytest.raises(ScenarioError, match="at least one unit"):
        line.partnership(BOX, price=1.0, volume={"A": 0.0}, work_share={"A": 1.0})
