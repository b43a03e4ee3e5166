"""Numbers as they are written in scenario files: fractions (0.25), or percentages with their sign (25 %)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_PERCENT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*%")


def parse_fraction(value: Any) -> float:
    """0.25 or "25 %" as 0.25. Above 1 the percent sign is asked for, because 25 could mean 25 % or 2500 %."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip().replace("\u2212", "-"))
        if match is None:
            raise ValueError(f"{value!r} is not a rate: write a fraction (0.25) or a percentage (25 %)")
        return float(Decimal(match[1]) / 100)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a rate: write a fraction (0.25) or a percentage (25 %)")
    if value > 1:
        said = format_percent(float(value))
        raise ValueError(f"{value!r} would be {said}: write '{value:g} %' or, if you mean it, '{said}'")
    return float(value)


def format_percent(fraction: float) -> str:
    """0.25 as "25 %", to the last digit, so that parse_fraction gives the same number back."""
    text = format(Decimal(repr(fraction)) * 100, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def _rate(value: Any) -> float:
    number = parse_fraction(value)
    if number <= -1:
        raise ValueError(f"{format_percent(number)} is not possible: a rate must be above -100 %")
    return number


def _share(value: Any) -> float:
    number = parse_fraction(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not a share: it must lie between 0 and 1 (0 % and 100 %)")
    return number


def _share_below_one(value: Any) -> float:
    number = _share(value)
    if number == 1:
        raise ValueError(f"{value!r} is too much: it must be below 1 (100 %)")
    return number


def _factor(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0:
        raise ValueError(f"{value!r} must be a number of at least 0")
    return float(value)


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{value!r} must be a number above 0")
    return float(value)


def _write(value: float) -> float | str:
    return format_percent(value) if value > 1 else value


PERCENT_SCHEMA = {"type": "string", "pattern": r"^\s*[+-]?[0-9]+(\.[0-9]+)?\s*%\s*$"}


def _fraction_schema(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number", **bounds}, PERCENT_SCHEMA]})


Rate = Annotated[
    float, BeforeValidator(_rate), PlainSerializer(_write), _fraction_schema(exclusiveMinimum=-1, maximum=1)
]
"""A fraction above -1; above 1 with a percent sign."""

Share = Annotated[float, BeforeValidator(_share), _fraction_schema(minimum=0, maximum=1)]
"""A fraction from 0 to 1."""

ShareBelowOne = Annotated[float, BeforeValidator(_share_below_one), _fraction_schema(minimum=0, exclusiveMaximum=1)]
"""A fraction from 0 to just below 1."""

Factor = Annotated[float, BeforeValidator(_factor), WithJsonSchema({"type": "number", "minimum": 0})]
"""A number of at least 0; infinity (.inf) allowed."""

Positive = Annotated[float, BeforeValidator(_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
"""A finite number above 0."""
