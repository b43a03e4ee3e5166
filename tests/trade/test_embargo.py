"""Shut borders on the embedded world: exactly no trade, finite numbers, clear refusals where no answer exists."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import ConvergenceError, DisconnectedWorld, NoSupplier, UnaffordableTransfer
from gaiatsu.trade import solve_arrays
from gaiatsu.trade.sensitivity import derivative, gradient
from worlds import HORIZONS, assert_equilibrium, elasticities, random_world

OWN = np.arange(44)


def largest(world, count: int = 10) -> list[str]:
    """The largest economies by value added; the rest of the world is not one."""
    sizes = world.value_added.groupby(level="region").sum().drop("ROW")
    return list(sizes.nlargest(count).index)


def assert_shut(outcome, cells: list[tuple[int, int]]) -> None:
    """Exactly no trade in the given cells, trade in every other that had some, and finite numbers everywhere."""
    base = outcome.accounts
    expected = base.flows > 0
    for cell in cells:
        assert expected[cell].any()
        expected[cell] = False
        assert (outcome.flows[cell] == 0).all()
        assert (outcome.spending[cell] == 0).all()
    np.testing.assert_array_equal(outcome.flows > 0, expected)
    for name in ("flows", "cost", "price", "factor_price", "expenditure", "output", "value_added", "final_use"):
        assert np.isfinite(getattr(outcome, name)).all(), name
    assert np.isfinite(outcome.summary().to_numpy()).all()
    assert (outcome.income > 0).all()


def test_the_ten_largest_economies(wiod):
    assert largest(wiod) == ["USA", "CHN", "JPN", "DEU", "GBR", "FRA", "BRA", "IND", "ITA", "RUS"]


@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_every_ordered_pair_of_the_ten_largest(wiod, horizon):
    """A full stop of exports, 90 ordered pairs; and of all trade both ways, 45 pairs."""
    names = largest(wiod)
    one_way = list(permutations(names, 2))
    both_ways = list(combinations(names, 2))
    scenarios = [[gt.Embargo(by=by, on=on)] for by, on in one_way]
    scenarios += [[gt.Embargo(by=by, on=on, side="both")] for by, on in both_ways]
    outcomes = gt.solve_many(wiod, scenarios, horizon=horizon)
    assert len(outcomes) == 135
    for (by, on), outcome in zip(one_way + both_ways, outcomes, strict=True):
        seller, buyer = wiod.regions.index(by), wiod.regions.index(on)
        two = outcome.measures[0].side == "both"
        assert_shut(outcome, [(buyer, seller), (seller, buyer)] if two else [(buyer, seller)])
        assert outcome.closure == "proportional"
        proof = outcome.certificate
        assert proof.residual <= 1e-9
        assert max(proof.excess_demand, proof.walras) <= 1e-10
        assert proof.notes == ()
        if two and horizon in ("impact", "long"):
            assert outcome.real_income[on] < 0
    # the shorter the time, the dearer: shutting Germany's exports to France costs France more
    if horizon == "impact":
        hit = outcomes[one_way.index(("DEU", "FRA"))]
        later = gt.solve(wiod, hit.measures, horizon="long")
        assert hit.real_income["FRA"] < 2 * later.real_income["FRA"] < 0


@pytest.mark.parametrize("chosen, least", [("fontagne-tiva", 4.0), ("fontagne", 2.0)])  # θ of mining 3.41 and 6.80
@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_a_crude_oil_embargo_on_korea_has_an_answer(wiod, horizon, chosen, least):
    """96 % of Korea's oil and ores cut off: extrapolation, but there is an equilibrium at every horizon."""
    elasticities = gt.horizon(horizon, wiod, chosen)
    outcome = gt.solve(wiod, [gt.Embargo(by="all", on="KOR", sectors="B")], horizon=horizon, elasticities=elasticities)
    assert_equilibrium(outcome)
    korea, mining = wiod.regions.index("KOR"), wiod.sectors.index("B")
    abroad = np.delete(OWN, korea)
    assert (outcome.flows[korea, abroad, mining] == 0).all()
    assert outcome.real_income["KOR"] < -least
    assert outcome.real_income["KOR"] == outcome.real_income.min()
    notes = outcome.certificate.notes
    assert notes[0].startswith("extrapolation: the measures cut off 96.19% of KOR's B")
    assert any("KOR -" in note for note in notes[1:]) == (outcome.real_income["KOR"] < -25)


# ------------------------------------------------------------------------------------------------ sole suppliers
def test_a_sole_supplier(wiod):
    shut = [gt.Embargo(by="all", on="LUX", sectors="C19")]
    with pytest.raises(NoSupplier, match=r"cut off 100\.00% of LUX's C19: .*`residual_supply`"):
        gt.solve(wiod, shut)
    leaking = gt.solve(wiod, shut, residual_supply=0.02)
    assert_equilibrium(leaking)
    assert "98.00% of LUX's C19" in leaking.certificate.notes[0]
    assert leaking.real_income["LUX"] < -1
    partial = gt.solve(wiod, [gt.Embargo(by="all", on="LUX", sectors="C19", share=0.98)])
    assert np.abs(leaking.real_income - partial.real_income).max() <= 1e-7


@pytest.mark.parametrize(
    ("share", "what"),
    [(0.94, ""), (0.951, "extrapolation"), (0.9989, "extrapolation"), (0.9991, "refused"), (1.0, "refused")],
)
def test_where_extrapolation_and_refusal_begin(share, what):
    """A region that buys a good from one other only: the thresholds are 95 % and 99.9 %."""
    world = random_world(0, (3, 2), sole_supplier=True)
    measure = [gt.Embargo(by="R1", on="R0", sectors="S0", share=share)]
    elastic = elasticities(0, 2)
    if what == "refused":
        with pytest.raises(NoSupplier, match=rf"{share:.2%} of R0's S0"):
            gt.solve(world, measure, elasticities=elastic)
        return
    outcome = gt.solve(world, measure, elasticities=elastic)
    assert_equilibrium(outcome)
    notes = [note for note in outcome.certificate.notes if "cut off" in note]
    assert len(notes) == (what != "")
    assert all(note.startswith(f"{what}: ") and f"{share:.2%} of R0's S0" in note for note in notes)


def test_a_good_nobody_buys_needs_no_supplier():
    world = random_world(0, (5, 4), holes=True)
    base = world.accounts
    abroad = ~np.eye(5, dtype=bool)[:, :, None]
    buyer, seller, sector = np.argwhere((base.flows == 0) & abroad)[0]
    measure = gt.Embargo(by=f"R{seller}", on=f"R{buyer}", sectors=f"S{sector}")
    outcome = gt.solve(world, [measure], elasticities=elasticities(0, 4))
    assert np.abs(outcome.real_income).max() <= 1e-7
    assert outcome.certificate.notes == ()


# ------------------------------------------------------------------------------------------- transfers and blocs
@pytest.mark.parametrize(
    ("shape", "seed", "owed"),
    [((2, 1), 2, 0.9), ((5, 4), 0, 0.9), ((5, 4), 0, 1.2), ((5, 4), 2, 1.2)],
)
def test_a_transfer_that_a_cut_off_region_cannot_pay(shape, seed, owed):
    """R0 owes most of its income, held fixed, and can hardly sell: no equilibrium has positive spending there."""
    world = random_world(seed, shape)
    base = world.accounts
    transfer = np.full(shape[0], owed * base.value_added[0].sum() / (shape[0] - 1))
    transfer[0] = -owed * base.value_added[0].sum()
    availability = np.ones(base.flows.shape)
    availability[0, 1:] = availability[1:, 0] = 0.1
    options = {"transfer": transfer, "availability": availability, "elasticities": elasticities(seed, shape[1])}
    with pytest.raises(UnaffordableTransfer, match="R0") as caught:
        solve_arrays(world, **options, closure="fixed")
    assert f"{-transfer[0]:,.0f}" in str(caught.value), "the transfer named is the one that is owed"
    if owed < 1:  # a share of what it earns can be paid, as long as it is less than all
        assert_equilibrium(solve_arrays(world, **options, closure="proportional"))
        return
    with pytest.raises(UnaffordableTransfer, match="use closure 'balanced'"):
        solve_arrays(world, **options, closure="proportional")


@pytest.mark.parametrize("closure", ["fixed", "proportional"])
def test_a_bloc_that_owes_the_rest_is_refused(wiod, closure):
    """Germany alone in the world with its surplus: there is no one to pay it to."""
    shut = [gt.Embargo(by="all", on="DEU", side="both")]
    with pytest.raises(DisconnectedWorld, match=r"no longer trade with the rest of the world but have a net transfer"):
        gt.solve(wiod, shut, closure=closure)


def test_blocs_have_real_incomes_only(wiod):
    outcome = gt.solve(wiod, [gt.Embargo(by="all", on="DEU", side="both")], closure="balanced")
    assert_equilibrium(outcome, connected=False)
    assert any("blocs" in note for note in outcome.certificate.notes)
    germany = wiod.regions.index("DEU")
    assert (outcome.flows[germany, germany != OWN] == 0).all()
    assert (outcome.flows[germany != OWN, germany] == 0).all()
    assert outcome.flows[germany, germany].sum() > 0
    assert -20 < outcome.real_income["DEU"] < -5
    summary = outcome.summary()
    nominal = ["terms_of_trade", "exports", "imports", "duty_revenue"]
    assert summary[nominal].isna().all(axis=None)
    assert np.isfinite(summary.drop(columns=nominal).to_numpy()).all()


def test_each_bloc_keeps_its_own_numeraire():
    """Two pairs that stop trading are two worlds: each bloc's outcome is that of the pair alone at its own units."""
    world = random_world(1, (5, 4), deficits=0)
    availability = np.ones((5, 5, 4))
    availability[:2, 2:] = availability[2:, :2] = 0
    outcome = solve_arrays(world, availability=availability, elasticities=elasticities(1, 4, "short"), tolerance=1e-11)
    assert_equilibrium(outcome, connected=False)
    base = world.accounts
    for bloc in (slice(0, 2), slice(2, 5)):
        earned = outcome.factor_index[bloc] @ base.value_added[bloc].sum(1)
        assert earned == pytest.approx(base.value_added[bloc].sum(), rel=1e-12)


# --------------------------------------------------------------------------------------------------- derivatives
def test_no_derivative_at_a_shut_border(wiod):
    outcome = gt.solve(wiod, [gt.Embargo(by="CHN", on="JPN", sectors="C26")], horizon="short")
    with pytest.raises(ConvergenceError, match="derivatives do not exist where a border is fully shut"):
        derivative(outcome, productivity=1.0)
    with pytest.raises(ConvergenceError, match="derivatives do not exist where a border is fully shut"):
        gradient(outcome)
