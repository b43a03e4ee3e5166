"""How measures compose: without order, and by the rules of the model page ("Wedges")."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario.measures import (
    Agreement,
    Embargo,
    ExportTax,
    Financing,
    Measure,
    Productivity,
    Tariff,
    TradeCost,
)
from gaiatsu.trade import compose
from worlds import random_world

WORLD = random_world(0, (5, 4))
WEDGES = ("duty", "export_duty", "iceberg", "availability", "productivity", "transfer")
DEFICIT = [name for name, gift in zip(WORLD.regions, WORLD.accounts.transfer, strict=True) if gift > 0]
SURPLUS = [name for name in WORLD.regions if name not in DEFICIT]
CELL = (0, 1, 2)  # R0 buys S2 from R1
PAIR = {"by": "R0", "on": "R1", "sectors": "S2"}

regions = st.lists(st.sampled_from(WORLD.regions), min_size=1, max_size=3, unique=True)
sectors = st.one_of(st.just("all"), st.lists(st.sampled_from(WORLD.sectors), min_size=1, max_size=3, unique=True))
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
rates = st.floats(-0.2, 1.0)


@st.composite
def measures(draw) -> Measure:
    kind = draw(
        st.sampled_from(["tariff", "export_tax", "embargo", "agreement", "productivity", "trade-cost", "financing"])
    )
    if kind == "agreement":
        pair = draw(st.lists(st.sampled_from(WORLD.regions), min_size=2, max_size=3, unique=True))
        return Agreement(between=pair, sectors=draw(sectors), cost_cut=draw(st.floats(0.01, 0.3)))
    if kind == "financing":
        return Financing(on=draw(st.sampled_from(DEFICIT)), share=draw(st.sampled_from([0.0, 0.07, 0.14])))  # 7 at most
    by, on = draw(regions), draw(regions)
    assume(len(set(by) | set(on)) > 1)
    target = {"by": by, "on": on, "sectors": draw(sectors)}
    if kind == "productivity":
        return Productivity(by=by, sectors=target["sectors"], change=draw(st.floats(-0.2, 0.2)))
    if kind == "trade-cost":
        return TradeCost(**target, change=draw(rates), side=draw(st.sampled_from(["exports", "imports", "both"])))
    if kind == "embargo":
        return Embargo(**target, share=draw(shares), side=draw(st.sampled_from(["exports", "imports", "both"])))
    level = draw(st.sampled_from(["rate", "to", "at_least"] if kind == "tariff" else ["rate", "to"]))
    more = {level: 0.3 if level == "to" else draw(rates)}
    if level == "to":
        more["coverage"] = 1.0  # one level for all, so that `to` never contradicts `to`
    else:
        more["coverage"] = draw(shares)
    if level == "rate":
        more["stack"] = draw(st.sampled_from([None, "first", "second"]))
    return (Tariff if kind == "tariff" else ExportTax)(**target, **more)


@given(chosen=st.lists(measures(), min_size=2, max_size=7), data=st.data())
def test_measures_compose_without_order(chosen, data):
    once = compose(WORLD, chosen)
    again = compose(WORLD, data.draw(st.permutations(chosen)))
    for name in WEDGES:
        np.testing.assert_allclose(getattr(again, name), getattr(once, name), rtol=1e-14, atol=1e-15)


def duty(*chosen: Measure) -> float:
    return float(compose(WORLD, chosen).duty[CELL])


BASE = float(WORLD.accounts.duty[CELL])


def test_the_base_is_a_duty_below_thirty_percent():
    assert 0.01 < BASE < 0.3


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([{"rate": 0.25}], BASE + 0.25),
        ([{"rate": 0.25}, {"rate": 0.1}], BASE + 0.35),
        ([{"rate": -0.1}], BASE - 0.1),
        ([{"rate": 0.4, "coverage": 0.25}], BASE + 0.1),
        ([{"rate": 0.25, "stack": "a"}, {"rate": 0.1, "stack": "a"}], BASE + 0.25),
        ([{"rate": 0.25, "stack": "a", "coverage": 0.2}, {"rate": 0.1, "stack": "a"}], BASE + 0.1),
        ([{"rate": 0.25, "stack": "a"}, {"rate": 0.1, "stack": "b"}], BASE + 0.35),
        ([{"rate": 0.25, "stack": "a"}, {"rate": 0.1}], BASE + 0.35),
        ([{"rate": -0.05, "stack": "a"}], BASE - 0.05),
        ([{"to": 0.0}], 0.0),
        ([{"to": 0.4}, {"rate": 0.25}], 0.4),
        ([{"to": 0.4}, {"to": 0.4}], 0.4),
        ([{"to": 0.4}, {"at_least": 0.3}], 0.4),
        ([{"to": 0.0}, {"at_least": 0.35}], 0.35),
        ([{"to": 0.4, "coverage": 0.5}], (BASE + 0.4) / 2),
        ([{"at_least": 0.0}], BASE),
        ([{"at_least": 0.5}, {"at_least": 0.35}], 0.5),
        ([{"at_least": 0.5}, {"rate": 0.1}], 0.5),
        ([{"at_least": 0.5}, {"rate": 0.45}], max(0.5, BASE + 0.45)),
        ([{"at_least": 0.5, "coverage": 0.5}], (BASE + 0.5) / 2),
    ],
)
def test_levels_of_a_duty(chosen, expected):
    made = [Tariff(**PAIR, **keys) for keys in chosen]
    for order in (made, made[::-1]):
        assert duty(*order) == pytest.approx(expected, abs=1e-15)


def test_a_measure_moves_its_cells_and_no_other():
    moved = compose(WORLD, [Tariff(**PAIR, rate=0.25)]).duty - WORLD.accounts.duty
    assert moved[CELL] == pytest.approx(0.25)
    assert np.count_nonzero(moved) == 1
    moved = compose(WORLD, [ExportTax(**PAIR, rate=0.25)]).export_duty - WORLD.accounts.export_duty
    assert moved[1, 0, 2] == pytest.approx(0.25)  # R1 buys from R0
    assert np.count_nonzero(moved) == 1
    moved = compose(WORLD, [Productivity(by="R3", sectors="S1", change=0.1)]).productivity
    assert moved[3, 1] == pytest.approx(1.1)
    assert np.count_nonzero(moved != 1) == 1


@pytest.mark.parametrize(
    ("side", "shut"),
    [("exports", [(1, 0, 2)]), ("imports", [(0, 1, 2)]), ("both", [(0, 1, 2), (1, 0, 2)])],
)
def test_the_side_of_an_embargo(side, shut):
    found = compose(WORLD, [Embargo(**PAIR, share=1.0, side=side)]).availability
    assert sorted(map(tuple, np.argwhere(found != 1))) == shut
    assert all(found[cell] == 0 for cell in shut)


def test_availabilities_take_the_minimum_and_icebergs_multiply():
    two = [Embargo(**PAIR, side="imports", share=0.3), Embargo(by="R1", on="R0", share=0.5)]
    found = compose(WORLD, two).availability
    assert found[CELL] == 0.5
    assert found[0, 1, 0] == 0.5
    assert compose(WORLD, [*two, Embargo(**PAIR, side="imports")]).availability[CELL] == 0
    cuts = [
        Agreement(between=["R0", "R1"], cost_cut=0.1),
        Agreement(between=["R0", "R1", "R2"], sectors="S2", cost_cut=0.2),
    ]
    iceberg = compose(WORLD, cuts).iceberg
    assert iceberg[CELL] == pytest.approx(0.9 * 0.8)
    assert iceberg[0, 1, 0] == pytest.approx(0.9)
    assert iceberg[2, 1, 2] == pytest.approx(0.8)
    assert iceberg[0, 3, 2] == 1
    assert np.einsum("nnk->nk", iceberg).min() == 1
    twice = [Productivity(by="R0", change=0.1), Productivity(by="R0", sectors="S2", change=-0.2)]
    assert compose(WORLD, twice).productivity[0, 2] == pytest.approx(1.1 * 0.8)


def test_residual_supply_is_a_floor():
    shut = [Embargo(**PAIR, side="imports")]
    assert compose(WORLD, shut, residual_supply=0.02).availability[CELL] == 0.02
    half = [Embargo(**PAIR, side="imports", share=0.5)]
    assert compose(WORLD, half, residual_supply=0.02).availability[CELL] == 0.5


def test_an_agreement_removes_duties_among_its_members_only():
    found = compose(WORLD, [Agreement(between=["R0", "R1"], sectors="S2", zero_duties=True)]).duty
    assert found[0, 1, 2] == found[1, 0, 2] == 0
    assert found[0, 1, 1] == WORLD.accounts.duty[0, 1, 1]
    assert found[0, 2, 2] == WORLD.accounts.duty[0, 2, 2]
    assert duty(Agreement(between=["R0", "R1"], zero_duties=True), Tariff(**PAIR, at_least=0.2)) == 0.2
    assert duty(Agreement(between=["R0", "R1"], zero_duties=True), Tariff(**PAIR, rate=0.2)) == 0


def test_no_measure_is_the_baseline():
    found = compose(WORLD, [])
    assert found.duty is WORLD.accounts.duty
    assert found.export_duty is WORLD.accounts.export_duty
    assert (found.iceberg == 1).all()
    assert (found.availability == 1).all()
    assert (found.productivity == 1).all()


# ---------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    "second",
    [
        Tariff(by="R0", on="all", to=0.1),
        Agreement(between=["R0", "R1"], zero_duties=True),
        Tariff(**PAIR, to=0.25, coverage=0.5),
    ],
)
def test_two_levels_on_a_cell(second, flip):
    chosen = [Tariff(**PAIR, to=0.25), second]
    with pytest.raises(ScenarioError, match=r"two measures set different levels on R0 imports of S2 from R1"):
        compose(WORLD, chosen[::-1] if flip else chosen)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Tariff(by="R0", on="R0", rate=0.1), r"tariff: `by` and `on` are the same region, R0"),
        (ExportTax(by="R1", on="R1", rate=0.1), r"export_tax: `by` and `on` are the same region, R1"),
        (Embargo(by="R2", on=["R2"]), r"embargo: `by` and `on` are the same region, R2"),
        (Agreement(between="R0", cost_cut=0.1), r"between is one region: an agreement needs at least two"),
        (Tariff(by="R0", on="R9", rate=0.1), r"unknown region .R9."),
        (Tariff(by="R0", on="R1", sectors="S9", rate=0.1), r"unknown sector .S9."),
        (Productivity(by="R0", sectors="services", change=0.1), r"has no services sectors"),
    ],
)
def test_measures_that_do_not_fit_the_world(measure, said):
    with pytest.raises(ScenarioError, match=said):
        compose(WORLD, [measure])


def test_duties_that_add_up_to_a_full_subsidy():
    with pytest.raises(
        ScenarioError, match=r"the import duty of R0 on S2 from R1 would be -1\d\d%.*must stay above -100"
    ):
        compose(WORLD, [Tariff(**PAIR, rate=-0.7), Tariff(**PAIR, rate=-0.7)])
    with pytest.raises(ScenarioError, match=r"the export duty .*R0.* would be -1\d\d%"):
        compose(WORLD, [ExportTax(**PAIR, rate=-0.7), ExportTax(**PAIR, rate=-0.7)])


@pytest.mark.parametrize("residual_supply", [-0.1, 1.0, float("nan")])
def test_residual_supply_is_a_share_below_one(residual_supply):
    with pytest.raises(ScenarioError, match="residual_supply"):
        compose(WORLD, [], residual_supply=residual_supply)


def test_trade_cost_moves_the_iceberg_of_its_side_only():
    exports = compose(WORLD, [TradeCost(by="R1", on="R0", sectors="S2", change=0.25, side="exports")]).iceberg
    assert exports[CELL] == 1.25
    assert (exports != 1).sum() == 1
    both = compose(WORLD, [TradeCost(by="R1", on="R0", sectors="S2", change=0.25)]).iceberg
    assert both[0, 1, 2] == both[1, 0, 2] == 1.25
    assert (both != 1).sum() == 2
    undone = compose(WORLD, [TradeCost(**PAIR, change=0.25), TradeCost(**PAIR, change=-0.2)]).iceberg
    np.testing.assert_allclose(undone, 1.0, atol=1e-15)


def test_financing_is_withdrawn_by_those_who_lend():
    place = WORLD.regions.index(DEFICIT[0])
    before = WORLD.accounts.transfer
    after = compose(WORLD, [Financing(on=DEFICIT[0], share=0.4)]).transfer
    assert after[place] == pytest.approx(0.6 * before[place], rel=1e-14)
    lenders = [WORLD.regions.index(name) for name in SURPLUS]
    np.testing.assert_allclose(after[lenders] / before[lenders], (after[lenders] / before[lenders])[0], rtol=1e-12)
    assert after.sum() == pytest.approx(before.sum(), abs=1e-9 * np.abs(before).sum())
    one = compose(WORLD, [Financing(on=DEFICIT[0], by=SURPLUS[0], share=0.1)]).transfer
    moved = np.flatnonzero(one != before)
    assert set(moved) == {place, WORLD.regions.index(SURPLUS[0])}


def test_financing_needs_a_deficit_and_a_lender():
    with pytest.raises(ScenarioError, match="had no trade deficit"):
        compose(WORLD, [Financing(on=SURPLUS[0])])
    with pytest.raises(ScenarioError, match="nobody named in `by` had a trade surplus"):
        compose(WORLD, [Financing(on=DEFICIT[0], by=DEFICIT[1:] or DEFICIT)])


def test_lenders_take_back_no_more_than_they_lent():
    transfer = dict(zip(WORLD.regions, WORLD.accounts.transfer, strict=True))
    target = max(DEFICIT, key=lambda name: transfer[name])
    lender = max(SURPLUS, key=lambda name: transfer[name])  # the smallest surplus
    most = -transfer[lender] / transfer[target]
    assert most < 0.9
    all_of_it = compose(WORLD, [Financing(on=target, by=lender, share=most)]).transfer
    assert all_of_it[WORLD.regions.index(lender)] == pytest.approx(0, abs=1e-9 * transfer[target])
    with pytest.raises(
        ScenarioError,
        match=rf"{lender} had trade surpluses .* {np.floor(1000 * most) / 10:.1f}% of the deficit of {target}",
    ):
        compose(WORLD, [Financing(on=target, by=lender, share=most + 0.05)])
    half = Financing(on=target, by=lender, share=0.6 * most)
    with pytest.raises(ScenarioError, match=rf"2 measures together take back 120% of the trade surplus of {lender}"):
        compose(WORLD, [half, half])


def test_a_deficit_is_withdrawn_once():
    third = Financing(on=DEFICIT[0], share=1 / 3)
    gone = compose(WORLD, [third, third, third]).transfer[WORLD.regions.index(DEFICIT[0])]
    assert gone == pytest.approx(0, abs=1e-9 * np.abs(WORLD.accounts.transfer).max())
    with pytest.raises(ScenarioError, match=rf"4 measures together withdraw 133% of the trade deficit of {DEFICIT[0]}"):
        compose(WORLD, [third] * 4)


def test_without_deficits_there_is_no_financing_to_cut():
    from gaiatsu.trade.solve import closed
    from worlds import elasticities

    moved = compose(WORLD, [Financing(on=DEFICIT[0], share=0.1)])
    with pytest.raises(ScenarioError, match="closure 'balanced' has no trade deficit"):
        closed(WORLD, moved, elasticities(0, 4), "balanced")
