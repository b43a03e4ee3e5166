"""What a group is worth: Shapley values of members and ties, joint capability, joint leverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gaiatsu as gt
from gaiatsu.errors import ConvergenceError, DataError, ScenarioError
from gaiatsu.exposure.closed_form import power
from gaiatsu.exposure.leverage import leverage
from gaiatsu.security import group
from gaiatsu.trade.attribution import shapley_values
from gaiatsu.trade.horizon import horizon
from worlds import random_world

OMEGA, SIGMA = (0.25, 0.15, 0.20, 0.10), 4.0
UNIT = st.floats(0, 1)
SIZES = st.floats(0, 1000)
CASES = settings(max_examples=60)


def closed_form(omega=OMEGA, sigma=SIGMA):
    """Joint leverage in closed form: ln[1/(1−Σω)]/(σ−1) of every coalition."""
    return {
        chosen: np.array(power(1.0, sum(omega[n] for n in chosen), sigma)) for chosen in group.coalitions(len(omega))
    }


@st.composite
def games(draw, count=None):
    """Values of every coalition of two to four members, nothing for none."""
    size = count or draw(st.integers(2, 4))
    values = {chosen: np.array(draw(st.floats(-50, 50))) for chosen in group.coalitions(size)}
    values[frozenset()] = np.array(0.0)
    return size, values


@st.composite
def capabilities(draw):
    """Efforts, reliabilities and an ally's weight for two to five members."""
    count = draw(st.integers(2, 5))
    efforts = draw(hnp.arrays(float, count, elements=SIZES))
    reliable = draw(hnp.arrays(float, (count, count), elements=UNIT)) * (1 - np.eye(count))
    return efforts, reliable, draw(UNIT)


# ---------------------------------------------------------------------------------------------------------- members
def test_the_closed_form_to_the_printed_digits():
    values = closed_form()
    assert float(values[frozenset(range(4))]) == pytest.approx(0.40132, abs=5e-6)
    assert shapley_values(values, 4) == pytest.approx([0.14063, 0.08720, 0.11431, 0.05919], abs=5e-6)
    assert values[frozenset([0, 1])] > values[frozenset([0])] + values[frozenset([1])]


def test_coalitions_are_all_sets_once():
    found = group.coalitions(4)
    assert len(found) == len(set(found)) == 16
    assert found[0] == frozenset()
    assert found[-1] == frozenset(range(4))


@CASES
@given(games())
def test_members_share_the_whole_value(game):
    count, values = game
    assert shapley_values(values, count).sum() == pytest.approx(float(values[frozenset(range(count))]), abs=1e-9)


@CASES
@given(games(), st.data())
def test_a_member_that_adds_nothing_gets_nothing_and_equals_get_equal(game, data):
    count, values = game
    null = data.draw(st.integers(0, count - 1))
    without = {chosen: values[chosen - {null}] for chosen in values}
    assert shapley_values(without, count)[null] == pytest.approx(0, abs=1e-9)
    other = (null + 1) % count

    def swapped(chosen):
        return frozenset({null: other, other: null}.get(n, n) for n in chosen)

    even = {chosen: (values[chosen] + values[swapped(chosen)]) / 2 for chosen in values}
    shares = shapley_values(even, count)
    assert shares[null] == pytest.approx(shares[other], abs=1e-9)


# -------------------------------------------------------------------------------------------------------------- ties
def test_blocs_are_the_connected_parts():
    assert set(group.blocs(4, [(0, 1), (3, 0)])) == {frozenset([0, 1, 3]), frozenset([2])}
    assert set(group.blocs(3, [])) == {frozenset([0]), frozenset([1]), frozenset([2])}
    assert group.blocs(3, [(0, 1), (1, 2), (2, 0)]) == [frozenset(range(3))]


def test_a_tie_game_by_hand():
    """Two ties in a chain of three: what each adds alone and with the other, by both rules."""
    values = {chosen: np.array(float(len(chosen) ** 2)) for chosen in group.coalitions(3)}
    total = group.tie_game(values, 3, [(0, 1), (1, 2)], rule="sum")
    assert {tuple(sorted(key)): float(value) for key, value in total.items()} == {(): 3, (0,): 5, (1,): 5, (0, 1): 9}
    assert shapley_values(total, 2) == pytest.approx([3, 3])
    most = group.tie_game(values, 3, [(0, 1), (1, 2)], rule="largest")
    assert {tuple(sorted(key)): float(value) for key, value in most.items()} == {(): 1, (0,): 4, (1,): 4, (0, 1): 9}
    assert shapley_values(most, 2) == pytest.approx([4, 4])


@CASES
@given(games(count=4), st.lists(st.sampled_from(list(itertools.combinations(range(4), 2))), unique=True, max_size=6),
       st.sampled_from(group.RULES))  # fmt: skip
def test_ties_share_what_joining_adds(game, pairs, rule):
    count, values = game
    game_of_ties = group.tie_game(values, count, pairs, rule=rule)
    none, whole = frozenset(), frozenset(range(len(pairs)))
    gained = float(game_of_ties[whole] - game_of_ties[none])
    assert shapley_values(game_of_ties, len(pairs)).sum() == pytest.approx(gained, abs=1e-9)
    alone = [float(values[frozenset([n])]) for n in range(count)]
    assert float(game_of_ties[none]) == pytest.approx(sum(alone) if rule == "sum" else max(alone))
    certain = group.expected_value(game_of_ties, [1.0] * len(pairs))
    assert float(certain) == pytest.approx(float(game_of_ties[whole]))


@CASES
@given(games(count=3), st.lists(UNIT, min_size=2, max_size=2), UNIT)
def test_the_expected_value_is_linear_in_the_chance_of_one_tie(game, chances, other):
    _, values = game
    ties = group.tie_game(values, 3, [(0, 1), (1, 2)], rule="largest")
    at = group.expected_value(ties, [np.array([0.0, chances[0], 1.0]), other])
    assert at[1] == pytest.approx((1 - chances[0]) * at[0] + chances[0] * at[2], abs=1e-9)


def test_what_a_tie_game_refuses():
    values = closed_form()
    with pytest.raises(ScenarioError, match="unknown rule"):
        group.tie_game(values, 4, [], rule="mean")
    with pytest.raises(ScenarioError, match="13 ties"):
        group.tie_game(values, 4, [(0, 1)] * 13, rule="sum")
    with pytest.raises(DataError, match="outside 0 to 1"):
        group.expected_value(group.tie_game(values, 4, [(0, 1)], rule="sum"), [1.2])


# -------------------------------------------------------------------------------------------------- joint capability
def test_reach_by_hand():
    """A tie counts for whom it is owed to, and not the other way round."""
    reliable = np.zeros((2, 2))
    reliable[0, 1] = 0.5  # the first owes the second
    assert group.reach([900.0, 60.0], reliable, 0.3) == pytest.approx([900.0, 60.0 + 0.3 * 0.5 * 900.0])


@CASES
@given(capabilities(), st.data())
def test_an_ally_that_joins_never_lowers_joint_capability(given_, data):
    efforts, reliable, weight = given_
    values = group.capability_game(efforts, reliable, weight)
    joins = data.draw(st.integers(0, len(efforts) - 1))
    for chosen, value in values.items():
        assert values[chosen | {joins}] >= value - 1e-9
        if joins not in chosen:  # the more there are, the more it adds
            for larger in (chosen, chosen | frozenset([(joins + 1) % len(efforts)]) - {joins}):
                assert values[larger | {joins}] - values[larger] >= values[frozenset([joins])] - 1e-9


@CASES
@given(capabilities(), UNIT, UNIT)
def test_capability_rises_with_every_tie_and_weight(given_, factor, less):
    efforts, reliable, weight = given_
    higher = reliable + factor * (1 - reliable) * (1 - np.eye(len(efforts)))
    assert (group.reach(efforts, higher, weight) >= group.reach(efforts, reliable, weight) - 1e-9).all()
    assert (group.reach(efforts, reliable, weight) >= group.reach(efforts, reliable, less * weight) - 1e-9).all()
    assert group.reach(7 * efforts, reliable, weight) == pytest.approx(7 * group.reach(efforts, reliable, weight))


@CASES
@given(capabilities())
def test_the_shapley_value_of_capability_halves_what_each_tie_adds(given_):
    efforts, reliable, weight = given_
    shares = shapley_values(group.capability_game(efforts, reliable, weight), len(efforts))
    adds = weight * reliable * efforts[:, None]
    assert shares == pytest.approx(efforts + (adds.sum(0) + adds.sum(1)) / 2, abs=1e-7)


@CASES
@given(capabilities(), st.floats(1, 1000), st.floats(0.3, 3))
def test_allies_never_make_an_attack_likelier_to_succeed(given_, rival, power_of_ratio):
    efforts, reliable, weight = given_
    alone = group.attack_chances(rival, efforts, np.zeros_like(reliable), weight, power_of_ratio)
    helped = group.attack_chances(rival, efforts, reliable, weight, power_of_ratio)
    assert (helped <= alone + 1e-12).all()
    assert (helped >= 0).all()
    expected = rival**power_of_ratio / (rival**power_of_ratio + efforts**power_of_ratio)
    assert alone == pytest.approx(expected, rel=1e-9)


def test_the_chance_of_an_attack_by_hand():
    """One ally: r p₁ + (1 − r) p₀, with the numbers of the design page; two that come independently."""
    reliable = np.array([[0.0, 0.745, 0.0], [0.0, 0.0, 0.0], [0.0, 0.5, 0.0]])
    one = group.attack_chances(317.6, [968.4, 58.4], reliable[:2, :2], 0.3)
    assert one[1] == pytest.approx(0.745 * 0.4765 + 0.255 * 0.8447, abs=1e-4)
    two = group.attack_chances(317.6, [968.4, 58.4, 100.0], reliable, 0.3)[1]
    by_hand = 0.0
    for first, second in itertools.product((True, False), repeat=2):
        likely = (0.745 if first else 0.255) * 0.5
        by_hand += likely * 317.6 / (317.6 + 58.4 + 0.3 * (968.4 * first + 100.0 * second))
    assert two == pytest.approx(by_hand, rel=1e-12)


def test_capability_broadcasts_and_refuses():
    efforts, reliable = np.array([3.0, 4.0]), np.array([[0.0, 0.5], [0.25, 0.0]])
    many = np.stack([reliable, 0 * reliable])
    assert group.reach(efforts, many[:, None], np.array([0.2, 0.4])).shape == (2, 2, 2)
    game = group.capability_game(efforts, many, 0.4)
    assert game[frozenset()].shape == game[frozenset([0])].shape == game[frozenset([0, 1])].shape == (2,)
    for wrong in ([-1.0, 2.0], [math.nan, 2.0], [[1.0, 2.0]]):
        with pytest.raises(DataError, match="efforts"):
            group.reach(wrong, reliable, 0.3)
    with pytest.raises(DataError, match="to itself"):
        group.reach(efforts, np.ones((2, 2)), 0.3)
    with pytest.raises(DataError, match="ally_weight"):
        group.reach(efforts, reliable, 1.3)
    with pytest.raises(DataError, match="shape"):
        group.reach(efforts, np.zeros((3, 3)), 0.3)


# --------------------------------------------------------------------------------------------------- joint leverage
@pytest.fixture(scope="module")
def small():
    """Three members against a rival on a small world, one horizon."""
    world = random_world(3, (5, 4))
    chosen = gt.Elasticities(trade=4.0)
    found = group.joint_leverage(world, ["R0", "R1", "R2"], "R4", horizons=["long"], elasticities={"long": chosen})
    return world, chosen, found


def test_joint_leverage_is_that_of_the_engine(small):
    world, chosen, found = small
    assert set(found.loss) == set(group.coalitions(3))
    assert found.horizons == ("long",)
    assert not found.refused
    for members in (("R1",), ("R0", "R2"), ("R0", "R1", "R2")):
        table = leverage(world, members, "R4", sides=["both"], horizons=["long"], elasticities={"long": chosen}).table
        key = frozenset(int(code[1]) for code in members)
        assert found.loss[key][0] == pytest.approx(table.at[("both", "long"), "loss_percent"], abs=1e-7)
        assert found.money[key][0] == pytest.approx(table.at[("both", "long"), "loss_usd_million"], rel=1e-6)
    assert found.costs_money.sum() == pytest.approx(table.at[("both", "long"), "cost_usd_million"], rel=1e-6)


def test_more_members_take_more_from_the_rival(small):
    """On this world: nothing in the engine guarantees it."""
    _, _, found = small
    whole = found.loss[frozenset(range(3))][0]
    assert all(whole > found.loss[frozenset([n])][0] for n in range(3))
    assert shapley_values(found.loss, 3).sum() == pytest.approx(whole)


def test_what_joint_leverage_refuses(small):
    world, *_ = small
    with pytest.raises(ScenarioError, match="stands twice"):
        group.joint_leverage(world, ["R0", "R1"], "R1")
    with pytest.raises(ScenarioError, match="one by one"):
        group.joint_leverage(world, ["all"], "R4")
    with pytest.raises(ScenarioError, match="did you mean"):
        group.joint_leverage(world, ["R0"], "R44")
    with pytest.raises(ScenarioError, match="1 to 5"):
        group.joint_leverage(world, [], "R4")
    with pytest.raises(ScenarioError, match="horizon"):
        group.joint_leverage(world, ["R0"], "R4", horizons=["longer"])


def test_published_sets_are_columns_of_their_own(small):
    """Each coalition with a set's elasticities is what the engine gives for it alone."""
    world, _, found = small
    other = gt.Elasticities(trade=6.0)
    both = group.joint_leverage(
        world, ["R0", "R1", "R2"], "R4", horizons=["long"], elasticities={"long": other}, sets=["uniform-4"]
    )
    assert both.horizons == ("long",)
    assert both.columns == ("long", "long_uniform-4")
    for members, loss in found.loss.items():
        assert both.loss[members].shape == (2,)
        assert both.loss[members][1] == pytest.approx(loss[0], abs=1e-4)
        assert both.money[members][1] == pytest.approx(found.money[members][0], rel=1e-4)
    assert both.costs[1] == pytest.approx(found.costs[0], abs=1e-7)  # of all members: to the engine's own tolerance
    assert both.cost[1] == pytest.approx(found.cost[0], abs=1e-7)
    assert both.loss[frozenset(range(3))][0] < both.loss[frozenset(range(3))][1]  # what replaces trade more easily
    shares = shapley_values(both.loss, 3)
    assert shares[:, 1] == pytest.approx(shapley_values(found.loss, 3)[:, 0], abs=1e-4)


def test_sets_are_scaled_to_the_first_horizon(small):
    world, *_ = small
    base = horizon("short", world, elasticity_set="uniform-4")
    assert base.theta(4)[0] < 4  # the set is that of the long run
    found = group.joint_leverage(
        world, ["R0", "R1"], "R4", horizons=["short"], elasticities={"short": base}, sets=["uniform-4"]
    )
    assert found.columns == ("short", "short_uniform-4")
    for loss in found.loss.values():
        assert loss[1] == pytest.approx(loss[0], abs=1e-4)


def test_a_column_without_an_equilibrium_is_told(small, monkeypatch):
    world, chosen, _ = small
    solved = group._changes

    def without(*given):
        if given[3][0] == 4.0:
            raise ConvergenceError("R2 is cut off")
        return solved(*given)

    monkeypatch.setattr(group, "_changes", without)
    asked = {"horizons": ["short", "long"], "elasticities": {"short": gt.Elasticities(trade=6.0), "long": chosen}}
    found = group.joint_leverage(world, ["R0"], "R4", sets=["uniform-4"], **asked)
    assert found.columns == found.horizons == ("short",)
    assert dict(found.refused) == {"long": "R2 is cut off", "short_uniform-4": "R2 is cut off"}
    with pytest.raises(ConvergenceError, match="no horizon has an equilibrium for every coalition: R2"):
        group.joint_leverage(world, ["R0"], "R4", horizons=["long"], elasticities={"long": chosen})
