from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaiatsu.scenario.quantities import format_percent, parse_fraction


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0.25, 0.25),
        ("25 %", 0.25),
        ("25%", 0.25),
        (" 12.5 % ", 0.125),
        ("-10 %", -0.1),
        ("\u221210 %", -0.1),
        ("145 %", 1.45),
        (1, 1.0),
        (0, 0.0),
        ("0.1 %", 0.001),
    ],
)
def test_fractions_and_percentages(written: Any, meant: float) -> None:
    assert parse_fraction(written) == meant


@pytest.mark.parametrize("written", ["a quarter", "25", "", "25 % %", "1e3 %", None, True, [0.25], float("nan")])
def test_what_is_not_a_rate(written: Any) -> None:
    with pytest.raises(ValueError, match="is not a rate: write a fraction"):
        parse_fraction(written)


def test_above_one_the_percent_sign_is_asked_for() -> None:
    with pytest.raises(ValueError, match=r"25 would be 2500 %: write '25 %' or, if you mean it, '2500 %'"):
        parse_fraction(25)


@given(st.floats(min_value=-0.999, max_value=1e6))
def test_percentages_come_back_exactly(fraction: float) -> None:
    assert parse_fraction(format_percent(fraction)) == fraction
