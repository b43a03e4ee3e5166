"""Deterrence over a box of parameters: ends, quartiles, shares, bands, and the surfaces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaiatsu.errors import DataError
from gaiatsu.security import deterrence_box as box_of
from gaiatsu.security.deterrence import price_of_reliability, required_reliability, smallest_effort
from gaiatsu.security.deterrence_box import Box, share, spread
from gaiatsu.world.points import sobol_points

JAPAN = Box((336.0, 336.0), (954.0, 954.0))


def random_points(box: Box, number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    found = {name: rng.uniform(*ends, number) for name, ends in box.ends.items()}
    low, high = np.log(box.decisiveness)
    return {**found, "decisiveness": np.exp(rng.uniform(low, high, number))}


def test_points_fill_the_box_evenly_and_are_always_the_same() -> None:
    for name, (low, high) in JAPAN.ends.items():
        values = JAPAN.inside[name]
        assert values.shape == (1024,)
        assert values.min() >= low
        assert values.max() <= high
        if name == "decisiveness":  # in equal ratios: as many points below 1 as above
            values, low, high = np.log(values), np.log(low), np.log(high)
            assert (values < 0).sum() == 512
        assert values.mean() == pytest.approx((low + high) / 2, rel=1e-3, abs=1e-4)
        if high > low:  # of each sixteenth of the range, as many points
            assert set(np.histogram(values, 16, (low, high))[0]) == {64}
    np.testing.assert_array_equal(JAPAN.inside["cost_ratio"], Box((1.0, 1.0), (1.0, 1.0)).inside["cost_ratio"])


@pytest.mark.parametrize("reliability", [0.22, 0.745])
def test_the_ends_are_those_of_the_whole_box(reliability: float) -> None:
    found = spread(JAPAN.smallest_effort(reliability))
    drawn = smallest_effort(reliability, **random_points(JAPAN, 20_000))
    assert found.low <= drawn.min()
    assert found.high >= drawn.max()
    assert found.high == pytest.approx(  # the ally counts least, effort decides least, the attack costs least
        float(smallest_effort(reliability, 336.0, 954.0, ally_weight=0.1, decisiveness=0.5, cost_ratio=0.4)), rel=1e-12
    )
    assert found.median == pytest.approx(np.median(drawn), rel=0.02)
    assert share(JAPAN.smallest_effort(reliability)[0] <= 62) == pytest.approx(np.mean(drawn <= 62), abs=0.01)


def test_ends_between_the_values_of_decisiveness_are_found() -> None:
    for cost, reliability, end in ((0.55, 0.745, "high"), (0.4, 0.3, "low")):
        box = Box((336.0, 336.0), (954.0, 954.0), (0.3, 0.3), (0.2, 10.0), (cost, cost))
        steps = np.geomspace(0.2, 10, 100_001)
        line = smallest_effort(reliability, 336.0, 954.0, ally_weight=0.3, decisiveness=steps, cost_ratio=cost)
        known, place = (line.max(), line.argmax()) if end == "high" else (line.min(), line.argmin())
        assert 1 < steps[place] < 9  # no corner
        assert getattr(spread(box.smallest_effort(reliability)), end) == pytest.approx(known, rel=1e-4)


POINTS = 200_000


@pytest.mark.parametrize(
    "box, before, after, known",
    [
        (JAPAN, 0.745, 0.22, 276.143449),  # by differential evolution
        (JAPAN, 0.745, 0.41, 211.019013),
        (Box((300.0, 450.0), (700.0, 1300.0), (0.0, 0.8), (0.3, 5.0), (0.3, 0.7)), 0.9, 0.5, None),
    ],
)
def test_the_ends_of_a_fall_hold_against_random_points(
    box: Box, before: float, after: float, known: float | None
) -> None:
    found = spread(box.fall(before, after))
    points = random_points(box, POINTS)
    drawn = smallest_effort(after, **points) - smallest_effort(before, **points)
    assert found.low <= drawn.min() + 1e-9
    assert drawn.max() <= found.high < 1.3 * drawn.max()
    if known is not None:
        assert found.high == pytest.approx(known, rel=1e-6)


@pytest.mark.parametrize("reliability", [0.745, 0.22])
def test_the_ends_of_the_price_hold_against_random_points(reliability: float) -> None:
    found = spread(JAPAN.price(reliability))
    drawn = price_of_reliability(reliability, **random_points(JAPAN, POINTS))
    assert found.low <= drawn.min()
    assert drawn.max() <= found.high < 1.25 * drawn.max()


def test_a_budget_deters_where_its_reliability_is_reached() -> None:
    for reliability in (0.41, 0.745):
        by_effort = JAPAN.smallest_effort(reliability)[0] <= 62.0
        by_reliability = JAPAN.required(62.0)[0] <= reliability
        np.testing.assert_array_equal(by_effort, by_reliability)


def test_a_box_without_width_is_a_point() -> None:
    point = Box((317.6, 317.6), (968.4, 968.4), (0.3, 0.3), (1.0, 1.0), (0.6, 0.6))
    found = spread(point.smallest_effort(0.66))
    assert {round(value, 1) for value in vars(found).values()} == {59.8}
    assert round(spread(point.required(58.4)).median, 4) == 0.6646
    fall = spread(point.fall(0.745, 0.22))
    assert round(fall.low, 1) == round(fall.high, 1) == round(168.150562 - 33.047540, 1)


def test_the_price_of_points_adds_up_to_the_fall() -> None:
    point = Box((317.6, 317.6), (968.4, 968.4), (0.3, 0.3), (1.0, 1.0), (0.6, 0.6))
    rates = np.linspace(0.22, 0.745, 201)
    prices = [100 * spread(point.price(float(rate))).median for rate in rates]
    assert np.trapezoid(prices, rates) == pytest.approx(spread(point.fall(0.745, 0.22)).median, rel=1e-5)


def test_infinite_requirements_are_kept() -> None:
    useless = Box((100.0, 100.0), (50.0, 50.0), ally_weight=(0.0, 0.0))
    found = spread(useless.required(100.0))  # success ½: deters where c/B is above it
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert share(useless.required(100.0)[0] <= 0) == pytest.approx(0.75, abs=0.01)


def test_a_range_that_falls_is_refused() -> None:
    with pytest.raises(DataError, match="range of attacker is 5 to 4"):
        Box((5.0, 4.0), (1.0, 1.0))
    with pytest.raises(DataError, match="decisiveness is 0 to 1; it must rise, from above 0"):
        Box((1.0, 1.0), (1.0, 1.0), decisiveness=(0.0, 1.0))


def test_the_surface_has_every_combination() -> None:
    table = box_of.surface(JAPAN, (0.745, 0.22))
    assert len(table) == 5 * 3 * 3 * 3 * 2
    row = table[
        (table.attacker == 336) & np.isclose(table.ally_weight, 0.3) & (table.reliability == 0.22)
        & np.isclose(table.decisiveness, 1) & np.isclose(table.cost_ratio, 0.6)
    ]  # fmt: skip
    expected = smallest_effort(0.22, 336.0, 954.0, ally_weight=0.3, decisiveness=1.0, cost_ratio=0.6)
    assert row.smallest_effort.item() == pytest.approx(float(expected), rel=1e-12)


def test_priors_have_their_sources_and_bands() -> None:
    table = box_of.priors().set_index("key")
    assert table.reliability["leeds-2000"] == 0.745
    assert (table.reliability["berkemeier-pacts"], table.period["berkemeier-pacts"]) == (0.41, "1816 to 2003")
    assert (table.reliability["berkemeier-after-1945"], table.period["berkemeier-after-1945"]) == (0.22, "1945 to 2003")
    assert table.address.str.startswith("https://").all()
    assert (table.seen == "abstract").all()
    assert box_of.bands() == {"all": (0.5, 0.745), "low": (0.22, 0.41)}
    assert box_of.prior_values() == (0.745, 0.667, 0.66, 0.5, 0.41, 0.22)


def test_required_is_the_function_at_every_point() -> None:
    inside, _ = JAPAN.required(62.0)
    at = {name: values[7] for name, values in JAPAN.inside.items()}
    assert inside[7] == pytest.approx(float(required_reliability(own=62.0, **at)), rel=1e-12)


def test_the_numbers_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deterrence.md").read_text(encoding="utf-8")
    column = list(JAPAN.ends).index("decisiveness")
    steps = {**JAPAN.inside, "decisiveness": 0.5 + 1.5 * sobol_points()[:, column]}
    even = [float(np.median(smallest_effort(r, **steps))) for r in (0.745, 0.22)]
    ratios = [spread(JAPAN.smallest_effort(r)).median for r in (0.745, 0.22)]
    told = "the medians are {:.0f} and {:.0f} in place of {:.0f} and {:.0f}.".format(*even, *ratios)
    assert told in page
    bold = replace(JAPAN, cost_ratio=(box_of.WON_SINCE_1945, box_of.WON_SINCE_1945))
    first, second = (spread(bold.smallest_effort(r)) for r in (0.745, 0.22))
    assert f"{first.low:.0f} to {first.high:,.0f} billion at a reliability of 74.5 %" in page
    assert f"{second.low:.0f} to {second.high:,.0f} at 22 %" in page
