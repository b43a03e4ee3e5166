"""NAFTA as in Caliendo & Parro (2015, Review of Economic Studies 82(1)), to the decimals they print."""

from __future__ import annotations

import numpy as np
import pytest

from gaiatsu.trade import solve_arrays
from gaiatsu.trade.solution import Outcome

from .caliendo_parro import TABLE, equilibrium, nafta, shares_of

pytestmark = pytest.mark.skipif(
    not TABLE.exists(), reason="the tables of Caliendo & Parro are not beside the repository"
)

# Percent: terms of trade, volume of trade, welfare, real wage. Welfare is their first-order sum.
BALANCED = {  # Tables 2 and 3
    "Mexico": (-0.41, 1.72, 1.31, 1.72),
    "Canada": (-0.11, 0.04, -0.06, 0.32),
    "USA": (0.04, 0.04, 0.08, 0.11),
}
DEFICITS = {  # Table A4
    "Mexico": (-0.42, 1.59, 1.17, 1.64),
    "Canada": (-0.08, 0.04, -0.04, 0.33),
    "USA": (0.05, 0.04, 0.09, 0.12),
}
# Not in the paper: the exact change of real income, all nonlinearities included.
EXACT = {"Mexico": 0.007, "Canada": -0.110, "USA": 0.074}


def solved(deficits: bool) -> Outcome:
    case = nafta(deficits=deficits)
    return solve_arrays(case.world, duty=case.duty, elasticities=case.elasticities, tolerance=1e-11)


@pytest.fixture(scope="module")
def balanced() -> Outcome:
    return solved(deficits=False)


@pytest.fixture(scope="module")
def with_deficits() -> Outcome:
    return solved(deficits=True)


def published(outcome: Outcome, country: str) -> tuple[float, ...]:
    """The four numbers in the order of the tables."""
    parts = outcome.decompose(first_order=True).loc[country]
    wage = outcome.summary().loc[country, "real_factor_income"]
    return (*(float(parts[name]) for name in ("terms_of_trade", "volume_of_trade", "welfare")), float(wage))


@pytest.mark.parametrize("country", list(BALANCED))
def test_balanced_trade_to_the_printed_decimals(balanced, country):
    assert tuple(round(number, 2) for number in published(balanced, country)) == BALANCED[country]


@pytest.mark.parametrize("country", list(DEFICITS))
def test_deficits_kept(with_deficits, country):
    assert published(with_deficits, country) == pytest.approx(DEFICITS[country], abs=0.01)


def test_the_exact_change_and_its_parts(balanced):
    """The first-order formula values all the growth of trade at the old, high duties: Mexico's 1.31 is 0.01."""
    for country, percent in EXACT.items():
        assert round(float(balanced.real_income[country]), 3) == percent
    parts = balanced.decompose()
    assert np.abs(parts["total"] - balanced.real_income).max() <= 1e-6
    assert round(float(parts.loc["Mexico", "terms_of_trade"]), 3) == -0.678
    assert round(float(parts.loc["Mexico", "import_volume"]), 3) == 0.686
    others = ["export_volume", "border_cost", "productivity", "availability", "transfer"]
    assert np.abs(parts[others]).max(axis=None) <= 1e-9


@pytest.mark.parametrize("deficits", [False, True])
def test_another_implementation_finds_the_same(deficits, balanced, with_deficits):
    """The paper's system iterated in plain numpy: all trade, to 1e-8 of the largest flow of the sector."""
    outcome = with_deficits if deficits else balanced
    case = nafta(deficits=deficits)
    flows = equilibrium(shares_of(case), case.world.accounts.transfer, case.duty)
    assert np.abs(flows - case.world.accounts.flows).max() > 1000  # US$ million: NAFTA moved something
    largest = np.maximum(flows.max((0, 1)), 1)
    assert (np.abs(outcome.flows - flows) / largest).max() <= 1e-8


def test_every_country_is_solved(balanced, with_deficits):
    for outcome in (balanced, with_deficits):
        assert outcome.certificate.residual <= 1e-11
        assert outcome.certificate.excess_demand <= 1e-10
        assert outcome.certificate.walras <= 1e-10
        assert np.isfinite(outcome.summary().to_numpy()).all()
    assert np.abs(balanced.world.accounts.transfer).max() <= 1e-6
