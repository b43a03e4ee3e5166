"""Hedges: what each avoids is what the engine says, ranking is of numbers alone, a set is solved as a whole."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import NoSupplier, ScenarioError
from gaiatsu.scenario.measures import Agreement, Embargo, Measure, Tariff, TradeCost
from gaiatsu.strategy.hedge import Hedges, hedges
from gaiatsu.strategy.ledger import NONE, Ledger
from gaiatsu.strategy.threat import Cost, Hedge, Threat, threat_of
from gaiatsu.strategy.value import break_even, pays, per_dollar, struck_by, worth
from gaiatsu.trade.wedges import compose
from worlds import elasticities, random_world

WORLD = random_world(3, (5, 4))
SHORT, LONG = elasticities(3, 4, "short"), elasticities(3, 4)
STOP = Embargo(by="R1", on="R0", sectors="S0")
OTHERS = ("R2", "R3", "R4")
money = st.floats(-1e4, 1e4)


def threat(*measures: Measure, horizon: str = "short", closure: str = "proportional") -> Threat:
    chosen = SHORT if horizon == "short" else LONG
    return threat_of(measures or (STOP,), world=WORLD, horizon=horizon, closure=closure, elasticities=chosen)


def income(place: int = 0) -> float:
    return float(WORLD.accounts.income[place])


SUBSIDY = Hedge(
    name="bought elsewhere",
    measures=(Tariff(by="R0", on=OTHERS, sectors="S0", rate=-0.1),),
    response=(Tariff(by="R0", on=OTHERS, sectors="S0", rate=0.1),),
)
ACCORD = Hedge(
    name="accord", measures=(Agreement(between=("R0", "R2"), zero_duties=True, cost_cut=0.03),), cost=Cost.of(5)
)
DEARER = Hedge(name="dearer", measures=(TradeCost(by="R0", on="R1", sectors="S0", change=0.1, side="imports"),))
STOCK = Hedge(name="stock", stock_weeks=13, cost=Cost(10, 20, 60))
ALL = (SUBSIDY, ACCORD, DEARER, STOCK)


@pytest.fixture(scope="module")
def compared() -> Hedges:
    return hedges(threat(), "R0", candidates=ALL, draws=0)


# --- arithmetic
def test_worth_by_hand() -> None:
    # gains 3 a year in peace, costs 8, avoids 20: worth −5, −5 + 0.25·20 = 0, 15; a dollar of 5 avoids 4
    assert [worth(3, 20, 8, chance) for chance in (0, 0.25, 1)] == [-5, 0, 15]
    assert break_even(3, 20, 8) == 0.25
    assert per_dollar(3, 20, 8) == 4
    assert pays(3, 20, 8) == "from"
    assert (break_even(9, 20, 8), per_dollar(9, 20, 8), pays(9, 20, 8)) == (0, math.inf, "always")
    assert (break_even(3, 4, 8), pays(3, 4, 8)) == (math.inf, "never")
    assert (break_even(9, -4, 8), pays(9, -4, 8)) == (math.inf, "up to")
    assert (break_even(9, -0.5, 8), pays(9, -0.5, 8)) == (0, "always")
    assert (break_even(0, -1, 8), pays(0, -1, 8)) == (math.inf, "never")


def test_what_avoids_nothing_and_what_the_solver_leaves_open_do_not_pay() -> None:
    # A subsidy that costs 92 in peace, avoids 1e-6 and whose end saves 92: it broke even "from 100 %".
    assert struck_by(1e-6, 92.0, least=0.5) == 0
    assert (pays(-92, 0, 0), break_even(-92, 0, 0)) == ("never", math.inf)
    assert struck_by(40, 92, least=0.5) == 132
    assert struck_by(-40, 10, least=0.5) == -30
    # Avoiding 8.1 with noise of 0.2: certain to pay 0.1 is not told apart from never, 0.3 is.
    assert (pays(0, 8.1, 8, 0.2), break_even(0, 8.1, 8, 0.2)) == ("never", math.inf)
    assert (pays(0, 8.3, 8, 0.2), break_even(0, 8.3, 8, 0.2)) == ("from", pytest.approx(8 / 8.3))
    assert (pays(9, -1.1, 8, 0.2), break_even(9, -1.1, 8, 0.2)) == ("always", 0)


@given(peace=money, avoided=money, cost=money)
def test_a_hedge_is_worth_nothing_where_it_breaks_even(peace: float, avoided: float, cost: float) -> None:
    chance, word = break_even(peace, avoided, cost), pays(peace, avoided, cost)
    size = abs(peace) + abs(avoided) + abs(cost)
    if word == "from":
        assert 0 < chance <= 1
        assert abs(worth(peace, avoided, cost, chance)) <= 1e-12 * size
    elif word == "always":
        assert chance == 0
        assert all(worth(peace, avoided, cost, p) >= -1e-12 * size for p in (0, 0.3, 1))
    else:
        assert chance == math.inf


# --- one hedge
def test_the_loss_is_that_of_the_engine(compared: Hedges) -> None:
    outcome = gt.solve(WORLD, [STOP], closure="proportional", elasticities=SHORT)
    assert compared.loss == pytest.approx(-income() * outcome.real_income_change[0], rel=1e-9)
    assert compared.loss > 0


@pytest.mark.parametrize("hedge", [SUBSIDY, ACCORD, DEARER], ids=lambda hedge: hedge.name)
def test_a_hedge_is_two_solves_one_on_the_world_of_the_other(compared: Hedges, hedge: Hedge) -> None:
    before = gt.solve(WORLD, hedge.measures, closure="proportional", elasticities=SHORT.long_run())
    after = gt.solve(
        before.as_world(), [STOP, *hedge.response], closure="proportional", elasticities=SHORT
    )  # fmt: skip
    peace = income() * before.real_income_change[0]
    calm = gt.solve(before.as_world(), hedge.response, closure="proportional", elasticities=SHORT)
    index = income() * (1 + before.real_income_change[0])
    loss = index * (calm.real_income_change[0] - after.real_income_change[0])
    row = compared.table.set_index("hedge").loc[hedge.name]
    assert row.peacetime == pytest.approx(peace, abs=1e-7 * income())
    assert row.avoided == pytest.approx(compared.loss - loss, abs=1e-7 * income())
    assert row.relief == pytest.approx(index * calm.real_income_change[0], abs=1e-7 * income())
    revenue = before.duty_revenue[0] - WORLD.accounts.duty_revenue[0]
    assert row.fiscal == pytest.approx(revenue, abs=1e-6 * income())


def test_a_hedge_that_changes_nothing_avoids_nothing() -> None:
    idle = Hedge(name="idle", measures=(Tariff(by="R0", on="R2", sectors="S1", rate=0.0),))
    row = hedges(threat(), "R0", candidates=[idle], draws=0).table.iloc[0]
    assert abs(row.avoided) < 1e-7 * income()
    assert abs(row.peacetime) < 1e-7 * income()


def test_what_is_not_bought_cannot_be_withheld() -> None:
    never = Hedge(name="never", measures=(Embargo(by="R0", on="R1", sectors="S0", side="imports"),))
    found = hedges(threat(), "R0", candidates=[never], draws=0)
    row = found.table.iloc[0]
    assert row.avoided == pytest.approx(found.loss, rel=1e-6)
    assert row.avoided_percent_of_loss == pytest.approx(100, rel=1e-6)
    assert row.peacetime < 0


def test_in_the_long_run_what_has_ended_avoids_nothing() -> None:
    # One wage, constant elasticities: where the world ends does not depend on the way there.
    found = hedges(threat(horizon="long"), "R0", candidates=[SUBSIDY], draws=0)
    row = found.table.iloc[0]
    assert row.peacetime < -1e-5 * income()
    assert row.relief == pytest.approx(-row.peacetime, rel=1e-5)
    assert abs(row.avoided) < 1e-7 * income()
    assert (row.pays, row.break_even, row.mostly_relief) == ("never", math.inf, False)


def test_worth_is_certain_income_at_both_ends(compared: Hedges) -> None:
    before = gt.solve(WORLD, SUBSIDY.measures, closure="proportional", elasticities=SHORT.long_run())
    after = gt.solve(before.as_world(), [STOP, *SUBSIDY.response], closure="proportional", elasticities=SHORT)
    bare = gt.solve(WORLD, [STOP], closure="proportional", elasticities=SHORT)
    calm, struck = before.real_income_change[0], after.real_income_change[0]
    gain = income() * ((1 + calm) * (1 + struck) - (1 + bare.real_income_change[0]))
    table = compared.worth([0, 1]).set_index(["hedge", "probability"])["central"]
    assert table["bought elsewhere", 0] == pytest.approx(income() * calm, abs=1e-6 * income())
    assert table["bought elsewhere", 1] == pytest.approx(gain, abs=1e-6 * income())


def test_on_impact_the_threat_lasts_a_quarter_of_a_year(compared: Hedges) -> None:
    own = elasticities(3, 4, "impact")
    given = threat_of(STOP, world=WORLD, horizon="impact", closure="proportional", elasticities=own)
    found = hedges(given, "R0", candidates=[Hedge(name="half", stock_weeks=6.5)], draws=0)
    rate = -gt.solve(WORLD, [STOP], closure="proportional", elasticities=own).real_income_change[0]
    assert found.loss == pytest.approx(income() * rate / 4, rel=1e-9)
    assert found.loss_percent == pytest.approx(100 * rate, rel=1e-9)
    assert found.table.avoided.iloc[0] == pytest.approx(found.loss / 2, rel=1e-9)


# --- stocks
def test_a_stock_covers_its_weeks(compared: Hedges) -> None:
    rows = compared.table.set_index("hedge")
    assert rows.avoided["stock"] == pytest.approx(compared.loss * 13 / 52, rel=1e-9)
    assert rows.peacetime["stock"] == 0
    longer = Hedge(name="all year", stock_weeks=60)
    two = [Hedge(name=f"{weeks}", stock_weeks=weeks) for weeks in (10.0, 16.0)]
    found = hedges(threat(), "R0", candidates=[longer, *two], draws=0)
    assert found.table.set_index("hedge").avoided["all year"] == pytest.approx(found.loss, rel=1e-9)
    both = Ledger(threat(), [0], two).standing(frozenset([0, 1]))
    assert found.loss - both.loss == pytest.approx(found.loss * 26 / 52, rel=1e-9)


def test_a_stock_is_of_goods_withheld_and_nothing_else() -> None:
    duty = Tariff(by="R3", on="R0", sectors="S1", rate=0.2)
    mixed = threat(STOP, duty)
    found = hedges(mixed, "R0", candidates=[Hedge(name="all year", stock_weeks=52)], draws=0)
    alone = gt.solve(WORLD, [duty], closure="proportional", elasticities=SHORT)
    left = found.loss - found.table.avoided.iloc[0]
    assert left == pytest.approx(-income() * alone.real_income_change[0], rel=1e-6)
    sold = threat(Embargo(by="R1", on="R0", sectors="S0", side="imports"))
    useless = hedges(sold, "R0", candidates=[Hedge(name="all year", stock_weeks=52)], draws=0)
    assert useless.table.avoided.iloc[0] == 0


def test_notes_of_the_threat_are_kept() -> None:
    heavy = threat(Embargo(by=("R1", "R2", "R3", "R4"), on="R0", sectors=("S0", "S1", "S2")), horizon="short")
    outcome = gt.solve(WORLD, heavy.measures, closure="proportional", elasticities=SHORT)
    assert outcome.certificate.notes
    assert hedges(heavy, "R0", candidates=[STOCK], draws=0).notes == outcome.certificate.notes


def test_nothing_to_hedge_is_told() -> None:
    with pytest.raises(ScenarioError, match="does not lower the real income of R3 at horizon short"):
        hedges(threat(Agreement(between=("R3", "R4"), cost_cut=0.05)), "R3", candidates=[STOCK], draws=0)


def test_an_embargo_both_ways_and_on_others_keeps_what_is_not_in_stock() -> None:
    both = Embargo(by="R1", on=("R0", "R2"), sectors=("S0", "S1"), side="both")
    rest = threat(both).without_stocked([0])
    shut = compose(WORLD, rest).availability == 0
    wanted = np.zeros_like(shut)
    for other, sector in itertools.product((0, 2), (0, 1)):
        wanted[1, other, sector] = True
    wanted[2, 1, :2] = True
    assert np.array_equal(shut, wanted)


# --- together
def test_ranking_does_not_hang_on_the_order(compared: Hedges) -> None:
    again = hedges(threat(), "R0", candidates=ALL[::-1], draws=0)
    assert list(again.table["hedge"]) == list(compared.table["hedge"])
    assert list(again.frontier["added"]) == list(compared.frontier["added"])
    assert again.table["avoided"].to_numpy() == pytest.approx(compared.table["avoided"].to_numpy(), abs=1e-7 * income())


def test_ranks_follow_the_rule(compared: Hedges) -> None:
    table = compared.table
    free = (table["net_cost"] <= 0) & (table["avoided"] > 0)
    paid = (table["net_cost"] > 0) & (table["avoided"] > 0)
    assert sorted(range(len(table)), key=lambda row: (not free[row], not paid[row])) == list(range(len(table)))
    assert table.loc[paid, "per_dollar"].is_monotonic_decreasing
    assert paid.sum() >= 2


def test_a_set_is_solved_as_a_whole(compared: Hedges) -> None:
    joint = compared.joint
    whole = joint.iloc[-1]
    assert len(joint) == 2 ** whole["count"]
    assert abs(whole.interaction) > 1e-3 * whole.avoided
    assert compared.interaction == whole.interaction == whole.avoided - whole.sum_of_alone
    assert compared.shapley.sum() == pytest.approx(whole.avoided, rel=1e-9)
    assert compared.frontier.avoided.iloc[-1] == whole.avoided
    alone = joint[joint["count"] == 1].set_index("hedges").avoided
    expected = compared.table.set_index("hedge").avoided[alone.index]
    assert alone.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


def test_the_frontier_takes_the_best_next_dollar(compared: Hedges) -> None:
    first = compared.frontier.iloc[1]
    assert first.added == compared.table["hedge"].iloc[0]
    assert list(compared.frontier["count"]) == list(range(len(compared.frontier)))


def test_of_a_choice_one_is_taken() -> None:
    pair = [
        Hedge(name=f"{weeks} weeks", stock_weeks=weeks, cost=Cost.of(weeks), choice="stock") for weeks in (4.0, 8.0)
    ]
    found = hedges(threat(), "R0", candidates=[*pair, ACCORD], draws=0)
    names = " ".join(found.joint["hedges"])
    assert ("4.0 weeks" in names) != ("8.0 weeks" in names)


def test_a_subsidy_lies_over_an_agreement_and_ends() -> None:
    # The agreement sets the duty on R2 to zero; the subsidy goes below it, and back to it when the threat comes.
    own = threat()
    ledger = Ledger(own, [0], (SUBSIDY, ACCORD))
    found = ledger.standing(frozenset([0, 1]))
    accord = gt.solve(WORLD, ACCORD.measures, closure="proportional", elasticities=own.before)
    both = gt.solve(accord.as_world(), SUBSIDY.measures, closure="proportional", elasticities=own.before)
    world = both.as_world()
    assert world.accounts.duty[0, 2, 0] == pytest.approx(-0.1)
    struck = gt.solve(world, [STOP, *SUBSIDY.response], closure="proportional", elasticities=SHORT)
    assert struck.wedges.duty[0, 2, 0] == pytest.approx(0, abs=1e-12)
    index = (1 + accord.real_income_change[0]) * (1 + both.real_income_change[0])
    assert found.peace == pytest.approx(income() * (index - 1), abs=1e-7 * income())
    ended = gt.solve(world, SUBSIDY.response, closure="proportional", elasticities=SHORT)
    fall = ended.real_income_change[0] - struck.real_income_change[0]
    assert found.loss == pytest.approx(income() * index * fall, abs=1e-7 * income())


def test_several_regions_add_up() -> None:
    ledger = Ledger(threat(), [0, 2], (ACCORD,))
    parts = [Ledger(threat(), [place], (ACCORD,)).standing(frozenset([0])) for place in (0, 2)]
    found = ledger.standing(frozenset([0]))
    for name in ("peace", "loss", "fiscal", "relief"):
        assert getattr(found, name) == pytest.approx(sum(getattr(part, name) for part in parts), rel=1e-9)


def test_without_deficits_hedges_start_from_the_balanced_world() -> None:
    own = threat(closure="balanced")
    bare = gt.solve(WORLD, [STOP], closure="balanced", elasticities=SHORT)
    assert Ledger(own, [0], (ACCORD,)).standing(NONE).loss == pytest.approx(
        -bare.accounts.income[0] * bare.real_income_change[0], rel=1e-6
    )


@pytest.mark.parametrize("joint", [0, 1])
def test_why_nothing_is_combined(joint: int) -> None:
    assert hedges(threat(), "R0", candidates=(STOCK, DEARER), draws=0, joint=joint).no_joint == (
        f"joint is {joint}, and a combination takes at least two hedges"
    )


def test_what_never_pays_is_combined_last() -> None:
    slight = Hedge(name="slight", stock_weeks=0.2, cost=Cost.of(0.0))  # pays always, avoids 0.4 % of the loss
    wasteful = Hedge(name="wasteful", stock_weeks=26, cost=Cost.of(1e6))
    found = hedges(threat(), "R0", candidates=(wasteful, slight, ACCORD), draws=0, joint=2)
    assert dict(zip(found.table["hedge"], found.table["pays"], strict=True))["wasteful"] == "never"
    assert set(found.shapley.index) == {"slight", "accord"}


# --- refusals
def test_a_hedge_without_an_equilibrium_is_told_not_ranked() -> None:
    only = random_world(4, (3, 2), sole_supplier=True)
    given = [Hedge(name="shut", measures=(Embargo(by="R0", on="R1", sectors="S0", side="imports"),)), STOCK]
    own = threat_of(
        Tariff(by="R2", on="R0", sectors="S1", rate=0.1), world=only, closure="proportional",
        elasticities=elasticities(4, 2, "short"),
    )  # fmt: skip
    found = hedges(own, "R0", candidates=given, draws=0)
    assert "R0" in found.failed["shut"]
    assert list(found.table["hedge"]) == ["stock"]
    with pytest.raises(NoSupplier, match="R0"):
        hedges(
            Embargo(by="R1", on="R0", sectors="S0"), "R0", world=only, candidates=[STOCK], draws=0,
            elasticities=elasticities(4, 2, "short"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"region": "R9"}, "unknown region 'R9'"),
        ({"candidates": []}, "candidates is empty"),
        ({"candidates": [STOCK, STOCK]}, "two hedges are called 'stock'"),
        ({"joint": 7}, "joint is 7; from 0 to 6"),
        ({"threat": ()}, "a threat is a case, a file, a Scenario, or measures"),
    ],
)
def test_bad_requests(arguments: dict[str, object], said: str) -> None:
    asked = {"threat": threat(), "region": "R0", "candidates": ALL, "draws": 0, **arguments}
    with pytest.raises(ScenarioError, match=said):
        hedges(asked.pop("threat"), asked.pop("region"), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"cost": (3, 2, 1), "stock_weeks": 1}, "not falling"),
        ({"cost": math.nan, "stock_weeks": 1}, "US\\$ million a year"),
        ({}, "changes nothing beforehand"),
        ({"response": STOP}, "changes nothing beforehand"),
        ({"stock_weeks": -1}, "must be 0 or more"),
        ({"less_dependence": 1.5}, "is a share"),
        ({"measures": ["tariff"]}, "must be measures"),
    ],
)
def test_bad_hedges(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        Hedge(name="bad", **arguments)  # type: ignore[arg-type]


def test_chances_lie_between_0_and_1(compared: Hedges) -> None:
    with pytest.raises(ScenarioError, match="between 0 and 1"):
        compared.worth([5])
