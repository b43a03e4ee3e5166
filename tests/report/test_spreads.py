"""Ranges over more than elasticities: what is added where other measures act too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from gaiatsu.report.spreads import OwnRange, _with_elasticities

OWN = {"JPN": OwnRange("stocks", -3.0, -0.5)}


def run(*kinds: str) -> Any:
    table = pd.DataFrame({"low": [-1.4], "high": [-0.9]}, index=["JPN"])
    return SimpleNamespace(
        measures=[SimpleNamespace(kind=kind) for kind in kinds],
        range=SimpleNamespace(table=table),
        outcome=SimpleNamespace(real_income={"JPN": -1.0}),
    )


def test_a_mineral_alone_keeps_its_own_range() -> None:
    assert _with_elasticities(run("critical-input", "critical-input"), OWN) == OWN


def test_beside_other_measures_what_elasticities_move_is_added_to_both_ends() -> None:
    found = _with_elasticities(run("critical-input", "embargo"), OWN)["JPN"]
    assert (found.low, found.high) == pytest.approx((-3.4, -0.4))
    assert "trade elasticities" in found.of


def test_without_draws_nothing_is_added() -> None:
    without = run("critical-input", "embargo")
    without.range = None
    assert _with_elasticities(without, OWN) == OWN
