"""A batch gives what its scenarios give one by one, in order, with errors in their places."""

from __future__ import annotations

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import ConvergenceError, NoSupplier, ScenarioError
from worlds import HORIZONS, elasticities, random_world

SCENARIOS = [
    [],
    [gt.Tariff(by="USA", on="JPN", sectors=["C29", "C24"], rate=0.25)],
    [gt.Embargo(by="CHN", on="JPN", sectors="C26")],
    [gt.Tariff(by="all", on="all", sectors="all", rate=0.1)],  # 94,600 cells
    [gt.Agreement(between=["IND", "JPN"], sectors="services", cost_cut=0.05)],
    [gt.Productivity(by="DEU", sectors="C29", change=0.05)],
    [gt.Tariff(by="JPN", on="USA", sectors="A01", to=0.0), gt.Productivity(by="JPN", change=-0.01)],
    [gt.Embargo(by="CHN", on="JPN", side="both"), gt.Tariff(by="USA", on="JPN", at_least=0.15)],
    [gt.ExportTax(by="CHN", on=["JPN", "USA"], sectors="B", rate=0.3)],
]


# Small batches are solved one by one; with these every batch here is large enough to be one program.
RATES = np.linspace(0.01, 0.4, 24).tolist()
FILLING = [[gt.Tariff(by="USA", on="JPN", sectors="C29", rate=rate)] for rate in RATES]
BATCHED = "anderson, batch"


@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_a_batch_equals_its_members(wiod, horizon):
    outcomes = gt.solve_many(wiod, SCENARIOS + FILLING, horizon=horizon)[: len(SCENARIOS)]
    # Each is found by the batch itself, except the one that touches too many cells: no solve hides behind a fallback.
    assert [outcome.certificate.method.startswith(BATCHED) for outcome in outcomes] == [True] * 3 + [False] + [True] * 5
    for measures, outcome in zip(SCENARIOS, outcomes, strict=True):
        assert outcome.measures == tuple(measures)
        assert outcome.horizon == horizon
        assert outcome.certificate.residual <= 1e-9
        alone = gt.solve(wiod, measures, horizon=horizon)
        assert outcome.closure == alone.closure
    moved = [np.abs(outcome.real_income).max() for outcome in outcomes]
    assert moved[0] <= 1e-7
    assert min(moved[1:]) > 1e-4
    tight = gt.solve_many(wiod, SCENARIOS + FILLING, horizon=horizon, tolerance=1e-11)[: len(SCENARIOS)]
    produced = wiod.accounts.output > 0
    for measures, outcome in zip(SCENARIOS, tight, strict=True):
        assert outcome.certificate.residual <= 1e-11
        alone = gt.solve(wiod, measures, horizon=horizon, tolerance=1e-11)
        assert np.abs(outcome.real_income_change - alone.real_income_change).max() <= 1e-9
        assert np.abs(outcome.cost / alone.cost - 1)[produced].max() <= 1e-9
        assert np.abs(outcome.flows - alone.flows).max() <= 1e-9 * alone.flows.max()


@pytest.mark.parametrize("closure", ["fixed", "proportional", "balanced"])
def test_a_closure_for_the_whole_batch(wiod, closure):
    chosen = SCENARIOS[1:4]
    outcomes = gt.solve_many(wiod, chosen + FILLING, closure=closure, tolerance=1e-11)
    for measures, outcome in zip(chosen, outcomes, strict=False):
        alone = gt.solve(wiod, measures, closure=closure, tolerance=1e-11)
        assert outcome.closure == closure
        assert np.abs(outcome.real_income_change - alone.real_income_change).max() <= 1e-9
    real = outcomes[1].real_income["JPN"]
    default = gt.solve(wiod, chosen[1]).real_income["JPN"]
    assert (abs(real - default) <= 1e-6) == (closure == "proportional")


def test_errors_in_their_places(wiod):
    bad = [gt.Embargo(by="all", on="LUX", sectors="C19")]
    wrong = [gt.Tariff(by="USA", on="USA", rate=0.1)]
    mixed = [SCENARIOS[1], bad, SCENARIOS[2], wrong, SCENARIOS[1], *FILLING]
    found = gt.solve_many(wiod, mixed, errors="return")
    assert [type(item).__name__ for item in found[:5]] == [
        "Outcome",
        "NoSupplier",
        "Outcome",
        "ScenarioError",
        "Outcome",
    ]
    assert found[0].real_income.equals(found[4].real_income)
    assert "LUX's C19" in str(found[1])
    with pytest.raises(NoSupplier, match=r"scenario 1: .*LUX's C19"):
        gt.solve_many(wiod, mixed)
    with pytest.raises(ScenarioError, match=r"scenario 1: .*same region, USA"):
        gt.solve_many(wiod, mixed[2:])
    with pytest.raises(ScenarioError, match=r"errors is 'ignore'; it must be 'raise' or 'return'"):
        gt.solve_many(wiod, mixed, errors="ignore")


def test_a_scenario_without_an_equilibrium_does_not_spoil_the_others():
    """A fixed transfer that cannot be paid, beside scenarios that can be solved."""
    world = random_world(1, (5, 4), deficits=0.6)
    good = [[gt.Tariff(by="R0", on="R1", rate=0.2)], [gt.Productivity(by="R2", change=0.1)]]
    hopeless = [gt.Embargo(by="all", on="R1", side="both", share=0.999)]
    options = {"closure": "fixed", "elasticities": elasticities(1, 4), "tolerance": 1e-11}
    more = [[gt.Tariff(by="R0", on="R1", rate=rate)] for rate in RATES]
    found = gt.solve_many(world, [good[0], hopeless, good[1], *more], **options, errors="return")
    assert isinstance(found[1], ConvergenceError)
    assert all(outcome.certificate.method.startswith(BATCHED) for outcome in (found[0], *found[2:]))
    for outcome, measures in ((found[0], good[0]), (found[2], good[1])):
        alone = gt.solve(world, measures, **options)
        assert np.abs(outcome.real_income - alone.real_income).max() <= 1e-8


def test_more_scenarios_than_one_chunk_keep_their_order(wiod):
    found = gt.solve_many(wiod, [*FILLING, *FILLING[::-1]])
    losses = [outcome.real_income["JPN"] for outcome in found]
    assert all(outcome.certificate.method.startswith(BATCHED) for outcome in found)
    assert (np.diff(losses[:24]) < 0).all()
    np.testing.assert_allclose(losses[24:], losses[23::-1], atol=1e-7)
    for place in (0, 23):
        alone = gt.solve(wiod, FILLING[place])
        assert np.abs(found[place].real_income - alone.real_income).max() <= 1e-6


def test_one_measure_is_a_scenario(wiod):
    found = gt.solve_many(wiod, [FILLING[3][0], *FILLING])
    assert found[0].measures == tuple(FILLING[3])
    assert found[0].real_income.equals(found[4].real_income)
    assert gt.solve_many(wiod, []) == []
