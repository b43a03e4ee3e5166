"""Ranges of the headline over more than elasticities, for the regions that an analysis has them for.

They stand for the range over elasticities on the terminal, in the cards, the sentences and the figures.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from gaiatsu.scenario.run import Run


@dataclass(frozen=True)
class Spread:
    """How far the parameters of an analysis may move the headline.

    of: these parameters in words; ends: region → percentage points down and up; NaN where there is no equilibrium.
    """

    of: str
    ends: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class OwnRange:
    """Range of the real income of a region, percent; of: what it is over."""

    of: str
    low: float
    high: float


# Kind of measure → module whose `spreads(run)` gives them.
PROVIDERS: dict[str, str] = {"critical-input": "gaiatsu.report.minerals", "outlays": "gaiatsu.report.outlays"}
WITHOUT_ELASTICITIES = ("critical-input",)  # what moves these is nothing that trade elasticities move

_found: WeakKeyDictionary[Run, dict[str, OwnRange]] = WeakKeyDictionary()


def own_ranges(run: Any) -> dict[str, OwnRange]:
    """Region → its own range at the primary horizon; of several analyses they add up. Made once."""
    modules = dict.fromkeys(PROVIDERS[measure.kind] for measure in run.measures if measure.kind in PROVIDERS)
    if not modules:
        return {}
    if run not in _found:
        out: dict[str, OwnRange] = {}
        for spread in [item for name in modules for item in importlib.import_module(name).spreads(run)]:
            for code, (down, up) in spread.ends.items():
                value = float(run.outcome.real_income[code])
                before = out.get(code, OwnRange("", value, value))
                of = f"{before.of} and {spread.of}" if before.of else spread.of
                out[code] = OwnRange(of, before.low + down, before.high + up)
        _found[run] = _with_elasticities(run, out)
    return _found[run]


def _with_elasticities(run: Any, found: dict[str, OwnRange]) -> dict[str, OwnRange]:
    """Where other measures act too, what elasticities move is added to both ends: an outer range."""
    if run.range is None or all(measure.kind in WITHOUT_ELASTICITIES for measure in run.measures):
        return found
    out, income = {}, run.outcome.real_income
    for code, own in found.items():
        low, high = (float(run.range.table.at[code, end]) - float(income[code]) for end in ("low", "high"))
        of = f"{own.of} and trade elasticities, ends added"
        out[code] = OwnRange(of, own.low + min(low, 0.0), own.high + max(high, 0.0))
    return out


def own_ranges_by_cause(run: Any, codes: Sequence[str]) -> dict[str, list[str]]:
    """What a range is over → those of some regions that have it."""
    out: dict[str, list[str]] = {}
    for code, found in own_ranges(run).items():
        if code in codes:
            out.setdefault(found.of, []).append(code)
    return out
