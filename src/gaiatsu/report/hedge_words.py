"""When a hedge pays, in words: chances, their ranges, and the star of those that pay mostly by relief."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from gaiatsu.report import words

ALL_BUT_CERTAIN = 0.95
STAR = "*"  # pays mostly by relief


def chance(value: float) -> str:
    """A probability in percent: "0.03 %", "never" where none is high enough."""
    if math.isinf(value):
        return "never"
    percent = 100 * value
    digits = 0 if percent >= 10 else 1 if percent >= 1 else 2
    return (
        "0" if percent == 0 else f"{percent:.{digits}f}{words.SPACE}%" if percent >= 0.005 else f"<0.01{words.SPACE}%"
    )


def pays_from(row: Any) -> str:
    """When a hedge pays, as a clause, with the range of the chance."""
    span = range_of_chance(row)
    if row.pays == "never":
        return f"it costs more than it can save even if the threat is certain{span and f'; over the ranges{span}'}"
    relief = ", mostly because its subsidy then ends" if row.mostly_relief else ""
    if row.break_even > ALL_BUT_CERTAIN:
        return f"it pays only if the threat is all but certain{span}{relief}"
    return f"it pays if the threat is on with a chance of {chance(row.break_even)}{span} or more in a year{relief}"


def range_of_chance(row: Any) -> str:
    """Least and most chance from which a hedge pays over its cases, in brackets; empty where they are the same."""
    low, high = chance(row.break_even_least), chance(row.break_even_most)
    return "" if low == high else f" ({low} to {high})"


def range_of_peace(row: Any) -> str:
    """Least and most peacetime effect, US$ million, in brackets; empty where they are the same."""
    low, high = f"{row.peacetime_least:+,.0f}", f"{row.peacetime_most:+,.0f}"
    return "" if low == high else f" ({low} to {high})"


def _star(row: Any) -> str:
    return STAR if row.mostly_relief else ""


def from_words(row: Any) -> str:
    """The chance from which a hedge pays, starred where that is mostly by relief, with its range."""
    return f"{chance(row.break_even)}{_star(row)}{range_of_chance(row)}"


def pays_words(row: Any) -> str:
    """When a hedge pays, for a table cell; a star where that is mostly by relief."""
    if row.pays == "always":
        return "always"
    if row.pays == "up to":
        return f"up to {chance(row.net_cost / (row.avoided + row.relief))}"
    return "never" if row.pays == "never" else f"from {chance(row.break_even)}{_star(row)}"


def starred(table: pd.DataFrame) -> list[str]:
    """What the star at a chance means, where there is one."""
    if not table["mostly_relief"].any():
        return []
    return [
        f"{STAR} More than half of what it brings with the threat is relief, the end of its own subsidy, and not loss"
        " avoided: little of it is insurance."
    ]
