"""Ranges: every draw is a solution of its own, none is lost in silence, and the quantiles are those of the draws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import gaiatsu as gt
from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.trade import batch, certificate, engine, ranges

CARS = [gt.Tariff(by="USA", on="JPN", sectors=["C29", "C24"], rate=0.25)]


@pytest.mark.parametrize(
    "horizon, measures, closure",
    [
        ("long", CARS, None),
        ("short", CARS, None),
        ("impact", CARS, "balanced"),
        ("medium", [gt.Embargo(by="CHN", on="JPN", sectors="C26", share=0.5)], None),
        ("long", [gt.Tariff(by="all", on="all", rate=0.05)], None),  # too many cells for a batch
        ("long", [gt.ExportTax(by="CHN", on="USA", rate=0.1)], None),
        ("short", [gt.Outlays(by="JPN", share=0.02, sellers={"USA": 0.3})], None),
    ],
)
def test_each_draw_is_what_solving_with_its_elasticities_gives(wiod, horizon, measures, closure):
    outcome = gt.solve(wiod, measures, horizon=horizon, closure=closure, tolerance=1e-11)
    found = outcome.range(16)
    assert not found.failed
    assert len(found.draws) == 16
    for position in (0, 3, 7, 12):
        theta = found.theta.iloc[position].to_numpy()
        mine = dataclasses.replace(outcome.elasticities, trade=theta)
        alone = engine.find(
            outcome.world, outcome.wedges, mine, proportional=outcome.closure == "proportional", tolerance=1e-11
        )
        change = alone.market.income / outcome.accounts.income * np.exp(-alone.market.log_final) - 1
        np.testing.assert_allclose(found.draws.iloc[position], 100 * change, atol=1e-7)


def test_the_table_holds_the_quantiles_of_the_draws(wiod):
    outcome = gt.solve(wiod, CARS)
    found = outcome.range(64, share=0.8)
    expected = np.quantile(found.draws.to_numpy(), [0.1, 0.5, 0.9, 0, 1], axis=0).T
    np.testing.assert_allclose(found.table[["low", "median", "high", "least", "most"]], expected)
    np.testing.assert_allclose(found.table["central"], outcome.real_income)
    assert found.table.attrs["unit"] == "percent"
    assert found.sets == tuple(dict.fromkeys(found.draws.index.get_level_values("set")))
    japan = found.by_set().loc["JPN"]
    assert japan["caliendo-parro"] > japan["fontagne"]  # cars: θ near 2 against 8.7
    assert found.table.loc["JPN", "least"] < found.table.loc["JPN", "low"] < found.table.loc["JPN", "high"] < 0


def test_the_tables_of_a_range_can_be_exported(wiod, tmp_path):
    found = gt.solve(wiod, CARS).range(4)
    for name in ("table", "draws", "theta"):
        file = tmp_path / f"{name}.parquet"
        getattr(found, name).to_parquet(file)
        np.testing.assert_array_equal(pd.read_parquet(file).to_numpy(), getattr(found, name).to_numpy())


def test_one_set_without_errors_has_no_width(wiod):
    outcome = gt.solve(wiod, CARS, horizon="short")
    found = outcome.range(8, sets="fontagne")
    assert np.abs(found.table["high"] - found.table["low"]).max() == 0
    np.testing.assert_allclose(found.table["low"], found.table["central"], atol=1e-6)


def test_the_horizon_scales_what_is_drawn(wiod):
    for name in ("impact", "short", "medium", "long"):
        outcome = gt.solve(wiod, CARS, horizon=name)
        scale = gt.trade.horizon.PARAMETERS[name].trade_scale
        np.testing.assert_allclose(ranges.scale_of(outcome), scale)
    theta = outcome.range(4, overrides={"C29": 2.0}).theta["C29"]
    assert set(theta) == {2.0}


def test_what_was_set_by_hand_stays_by_hand(wiod):
    for name in ("long", "impact"):
        chosen = gt.horizon(name, wiod, overrides={"C29": 20.0, "services": 3.0})
        found = gt.solve(wiod, CARS, horizon=name, elasticities=chosen).range(16)
        scale = gt.trade.horizon.PARAMETERS[name].trade_scale
        np.testing.assert_allclose(found.theta["C29"], 20 * scale)
        np.testing.assert_allclose(found.theta["L68"], 3 * scale)
        assert np.ptp(found.theta["C24"]) > 1


def test_notes_tell_what_a_reader_must_know(wiod):
    assert gt.solve(wiod, CARS).range(16).notes == ()
    outside = gt.solve(wiod, CARS).range(8, sets="lashkaripour-lugovskyy")  # cars at 2.8 (0.8) against 8.7
    assert "outside all draws" in outside.notes[0]
    shut = gt.solve(wiod, [gt.Embargo(by="CHN", on="JPN", sectors="goods", side="both")], horizon="impact")
    assert shut.real_income_change.min() > -certificate.LARGE_LOSS
    assert any(note.startswith("extrapolation: in ") and "JPN" in note for note in shut.range(64).notes)


def _failing(monkeypatch, wanted):
    """Draws whose cars elasticity is `wanted` have no equilibrium."""
    cars = gt.World.load("wiod2014").sectors.index("C29")
    solve = batch.solve_tasks

    def some(world, tasks, *rest, **options):
        answers = list(solve(world, tasks, *rest, **options))
        bad = [abs(task.theta[cars] - wanted) < 1e-9 for task in tasks]
        return iter([None if wrong else answer for wrong, answer in zip(bad, answers, strict=True)])

    def never(*arguments, **options):
        raise ConvergenceError("no equilibrium here")

    monkeypatch.setattr(ranges.batch, "solve_tasks", some)
    monkeypatch.setattr(ranges.engine, "find", never)


def test_draws_without_an_equilibrium_are_counted_not_used(wiod, monkeypatch):
    outcome = gt.solve(wiod, CARS)
    whole = outcome.range(64)
    _failing(monkeypatch, 6.87)  # Shapiro's
    found = outcome.range(64)
    assert set(found.failed.values()) == {"no equilibrium here"}
    assert len(found.failed) == 8
    assert "shapiro" not in found.sets
    assert "8 draws have no equilibrium" in found.notes[0]
    assert "too narrow" in found.notes[0]
    kept = whole.draws.drop("shapiro", level="set")
    np.testing.assert_allclose(found.draws, kept, atol=1e-9)


def test_too_many_failures_are_an_error(wiod, monkeypatch):
    outcome = gt.solve(wiod, CARS)
    _failing(monkeypatch, 8.6647)
    with pytest.raises(ConvergenceError, match=r"8 of 8 draws of the elasticities have no equilibrium.*no equilibrium"):
        outcome.range(8, sets="fontagne")


def test_the_ends_are_certified(wiod, monkeypatch):
    outcome = gt.solve(wiod, CARS)
    honest = certificate.verify

    def wrong(*arguments):
        return dataclasses.replace(honest(*arguments), excess_demand=1e-3)

    monkeypatch.setattr(ranges.certificate, "verify", wrong)
    with pytest.raises(ConvergenceError, match="does not pass its certificate"):
        outcome.range(8)


@pytest.mark.parametrize("share", [0, 1, -0.5, 90, True, "0.9"])
def test_shares_outside_their_bounds(wiod, share):
    with pytest.raises(ScenarioError, match="must lie between 0 and 1"):
        gt.solve(wiod, CARS).range(8, share=share)
