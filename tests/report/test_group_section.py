"""The section on a group: what it says of ties, members and a fading tie, on a small world."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.report import group as section
from gaiatsu.report import group_notes
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import sections_of
from gaiatsu.scenario import loading, resolve
from gaiatsu.scenario.group_models import known_spending
from gaiatsu.scenario.run import execute
from gaiatsu.scenario.saving import dump
from gaiatsu.security.alliance import Tie
from gaiatsu.security.group_findings import as_strong
from gaiatsu.world.elasticity_draws import sets_drawn
from worlds import random_world

HEAD = """
title: A group
world: {world}
horizon: short
horizons: [short, long]
elasticities: {{set: uniform-4, draws: 0}}
measures:
  - {{kind: embargo, by: [R0, R1, R2], on: R4, side: both, act: Hypothetical closure}}
security:
  group:
"""
ASKED = """
    members: [R0, R1, R2]
    rival: R4
    ties:
      - {by: R0, to: R1, reliability: [20 %, 0.7]}
      - {by: R0, to: R2}
      - {by: R2, to: R0, reliability: 0.5}
    fading: {by: R0, to: R1}
    figures: {R0: 900, R1: 60, R2: 40, R4: 300}
"""
BUNDLED = """
title: The four
measures:
  - {kind: tariff, by: USA, on: JPN, rate: 25 %}
security:
  group:
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("world") / "small.world"
    random_world(3, (5, 4)).save(place)
    return place


@pytest.fixture(scope="module")
def run(world):
    return execute(loading.parse((HEAD.format(world=world) + ASKED).encode()))


@pytest.fixture(scope="module")
def found(run):
    return section.findings(run, run.scenario.security.group)


def faults(text):
    """The message of a scenario with this question on the default world."""
    scenario = loading.parse((BUNDLED + text).encode(), "four.yaml")
    with pytest.raises(ScenarioError) as caught:
        resolve.resolve(scenario, resolve.world_of(scenario))
    return str(caught.value)


# --------------------------------------------------------------------------------------------------------- the section
def test_the_section_has_all_its_parts(run):
    (part,) = sections_of(run)
    assert part.key == "group"
    assert [figure.anchor for figure in part.figures] == ["group-network", "group-shares", "group-fade"]
    assert all(table.name.startswith("group_") for table in part.tables)
    assert {table.name for table in part.tables} == {
        f"group_{name}" for name in ("members", "ties", "fade", "chances", "coalitions")
    }
    for table in part.tables:
        assert table.frame.select_dtypes("number").notna().to_numpy().all(), table.name
    assert any("Ties are those that the scenario names" in text for text in part.cautions)
    assert any("Assumption: 0.10 to 0.50" in text for text in part.cautions)


def test_the_sentences_say_who_owes_whom_and_give_ranges(run, found):
    (part,) = sections_of(run)
    text = " ".join(part.sentences)
    assert "In the scenario, R0 owes R1 defence and is owed none; R0 and R2 owe each other defence." in part.sentences
    assert "treaties that come with" not in text
    loss = found.leverage.loss[frozenset(range(3))]
    assert f"{min(loss):.2f} to {max(loss):.2f}" in part.sentences[0].replace("\N{MINUS SIGN}", "-")
    table = found.capability
    assert f"{table['reach_low'].sum():,.0f} to {table['reach_high'].sum():,.0f}" in text
    assert re.search(r"falls from US\$.[\d,]+–[\d,]+ to [\d,]+–[\d,]+.billion", text)


def test_shares_add_up_and_ends_are_in_order(found):
    everybody = frozenset(range(3))
    assert found.leverage_shares.sum().to_numpy() == pytest.approx(found.leverage.loss[everybody])
    assert found.shares_of_capability().sum().to_numpy() == pytest.approx([100, 100])
    for column in ("reach", "shapley"):
        assert (found.capability[f"{column}_low"] <= found.capability[f"{column}_high"]).all()
    ties = found.tie_values.set_index(["by", "to"])
    assert ties.loc[("R0", "R1"), ["capability_low", "capability_high"]].tolist() == pytest.approx(
        [0.1 * 0.2 * 900, 0.5 * 0.7 * 900]
    )
    adds = ties["capability_high"].sum()
    assert found.capability["reach_high"].sum() == pytest.approx(1000 + adds)


def test_a_fading_tie_ends_where_there_is_none(run, found):
    """At the end of the curve stands the group without the tie, solved apart; in between, straight lines."""
    fade = found.fade
    assert fade["strength"].tolist() == pytest.approx(np.linspace(1, 0, 11))
    loss = found.leverage.loss
    apart = loss[frozenset([0, 2])], loss[frozenset([1])]
    for number, name in enumerate(found.leverage.horizons):
        assert fade[f"leverage_{name}_sum"].iloc[-1] == pytest.approx(apart[0][number] + apart[1][number])
        assert fade[f"leverage_{name}_largest"].iloc[-1] == pytest.approx(max(apart[0][number], apart[1][number]))
        assert fade[f"leverage_{name}_sum"].iloc[0] == pytest.approx(loss[frozenset(range(3))][number])
    assert (np.diff(fade["capability_high"]) < 0).all()
    assert (np.diff(fade["chance_low"]) > 0).all()
    asked = run.scenario.security.group.model_copy(
        update={"ties": run.scenario.security.group.ties[1:], "fading": None}
    )
    without = section.findings(run, asked)
    assert without.fade[["capability_low", "capability_high"]].iloc[0].tolist() == pytest.approx(
        fade[["capability_low", "capability_high"]].iloc[-1].tolist()
    )
    assert without.chances(1.0)[1] == pytest.approx(fade[["chance_low", "chance_high"]].iloc[-1].tolist())


def test_a_chance_rises_by_what_it_is_without_less_with_the_tie_at_the_same_values(found):
    """One tie: r (p0 - p1), least and most over the box, on a grid apart; never beyond the differences of bands."""
    weight, power, kept = np.meshgrid(
        np.linspace(0.1, 0.5, 9), np.geomspace(0.5, 2, 21), [0.2, 0.7], indexing="ij", sparse=True
    )

    def lost(own):
        return 300**power / (300**power + own**power)

    rise = kept * (lost(60.0) - lost(60 + weight * 900))
    assert found.rise()[1] == pytest.approx([rise.min(), rise.max()], rel=1e-9)
    assert found.rise()[[0, 2]].tolist() == [[0, 0], [0, 0]]
    first, last = found.fade.iloc[0], found.fade.iloc[-1]
    ends = [last[end] - first[end] for end in ("chance_low", "chance_high")]
    assert found.rise()[1, 0] < min(ends)
    assert found.rise()[1, 1] > max(ends)


def test_the_rise_goes_with_the_other_ties(run, found):
    """Another ally of the same client takes off part of what the fading one does."""
    more = (*found.ties, Tie("R2", "R1", 0.9, 0.9))
    helped = dataclasses.replace(found, ties=more, efforts={**found.efforts, "R2": 5000.0})
    assert helped.rise()[1, 1] < found.rise()[1, 1]
    assert (helped.rise() >= 0).all()


def test_elasticities_widen_the_headline_of_the_joint_closure_only(run, found):
    codes = list(run.world.regions)
    values = -np.outer(np.arange(1, 101), np.ones(len(codes)))  # everybody loses 1, 2, … 100 percent
    drawn = SimpleNamespace(share=0.9, draws=pd.DataFrame(values, columns=codes))
    loss, cost = section._over_elasticities(dataclasses.replace(run, range=drawn), found)
    assert loss == pytest.approx([95.05, 5.95])
    assert cost == pytest.approx(loss)
    assert section._over_elasticities(run, found) is None
    more = (*run.measures, run.measures[0])
    assert section._over_elasticities(dataclasses.replace(run, range=drawn, measures=more), found) is None
    part = (dataclasses.replace(run.measures[0], share=0.5),)
    assert section._over_elasticities(dataclasses.replace(run, range=drawn, measures=part), found) is None


def test_members_and_ties_range_over_published_elasticities(run, found):
    """With a set beside the horizons, every range and note goes over it, and says of which horizon it is."""
    wide = dataclasses.replace(
        found.leverage, columns=("short", "long", "short_uniform-4"), horizons=("short", "long"),
        loss={chosen: np.append(loss, [4 * loss[0]]) for chosen, loss in found.leverage.loss.items()},
        money={chosen: np.append(money, [4 * money[0]]) for chosen, money in found.leverage.money.items()},
        cost=np.append(found.leverage.cost, 90.0), costs=np.vstack([found.leverage.costs, [[90.0, 90.0, 90.0]]]),
        costs_money=np.vstack([found.leverage.costs_money, [[9e6, 9e6, 9e6]]]),
        refused={"short_caliendo-parro": "R2 is cut off"},
    )  # fmt: skip
    mine = dataclasses.replace(found, leverage=wide)
    before = found.tie_values.set_index(["by", "to"])
    after = mine.tie_values.set_index(["by", "to"])
    assert after.at[("R0", "R1"), "leverage_high"] >= before.at[("R0", "R1"), "leverage_high"]
    assert mine.fade["leverage_high"].iloc[0] == pytest.approx(4 * found.fade["leverage_short_sum"].iloc[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(section, "findings", lambda *_: mine)
        (part,) = section.sections(run)
    spoken = "over the horizons (short run and long run) and published elasticities (short run)"
    assert spoken in part.sentences[0]
    assert "and their own by" in part.sentences[0]
    assert "to 90.00" in part.sentences[0]
    assert "27,000" in part.sentences[1]
    assert f"and {spoken}, R" in part.sentences[2]
    assert part.sentences[2].count("to 90.00") == 3
    for figure in part.figures:
        assert "published elasticities (short run)" in figure.note
        assert figure.source.endswith("military spending: the scenario; ties: as the scenario names them")
    assert any("published elasticities caliendo-parro, is not told" in text for text in part.cautions)


def test_sets_are_those_of_the_range_and_none_where_there_is_no_range(run):
    """A world whose sectors no published set covers has no range: its section goes without one."""
    choice = run.scenario.elasticities.model_copy(update={"draws": 8, "set": "fontagne"})
    drawn = dataclasses.replace(run, scenario=run.scenario.model_copy(update={"elasticities": choice}))
    assert section._sets(drawn) == []
    with_range = dataclasses.replace(drawn, range=SimpleNamespace())
    assert section._sets(with_range) == [name for name in sets_drawn() if name != "fontagne"]
    named = choice.model_copy(update={"range_over": ["fontagne", "caliendo-parro"]})
    fewer = dataclasses.replace(with_range, scenario=run.scenario.model_copy(update={"elasticities": named}))
    assert section._sets(fewer) == ["caliendo-parro"]


def test_money_is_told_beside_percent(run, found):
    (part,) = sections_of(run)
    loss = found.leverage.money[frozenset(range(3))] / 1000
    for by, said in ((-1, "less in every case"), (1, "more in every case")):
        money = np.outer(loss + by, [1000.0, 0.0, 0.0])
        leverage = dataclasses.replace(found.leverage, costs_money=money)
        text = section._money_sentence(dataclasses.replace(found, leverage=leverage), Names.of(run.world))
        assert said in text
    mixed = dataclasses.replace(found.leverage, costs_money=np.outer(loss + np.array([1, -1]), [1000.0, 0.0, 0.0]))
    text = section._money_sentence(dataclasses.replace(found, leverage=mixed), Names.of(run.world))
    assert text.endswith(", in some cases more and in others less.")
    assert section._money_sentence(found, Names.of(run.world)) == part.sentences[1]


def test_a_group_without_ties_is_told_so(run):
    asked = run.scenario.security.group.model_copy(update={"ties": [], "fading": None})
    changed = run.scenario.model_copy(update={"security": run.scenario.security.model_copy(update={"group": asked})})
    (part,) = section.sections(dataclasses.replace(run, scenario=changed))
    assert "The scenario names no ties: nothing is pooled, and each counts for itself." in part.sentences
    assert [figure.anchor for figure in part.figures] == ["group-network", "group-shares"]


def test_treaties_that_are_silent_are_not_all_treaties(run, found):
    """Without `ties` it is the package's treaties that say nothing, and of merged regions they could not."""
    bare = dataclasses.replace(found, ties=(), fading=None)
    names = Names.of(run.world)
    assert section._ties_sentence(bare, names, named=False).startswith(
        "None of the treaties that come with the package"
    )
    text = section._ties_sentence(dataclasses.replace(found, ties=found.ties[:1]), names, named=False)
    assert "R2: no obligation, either way, in the treaties that come with the package" in text
    asked = run.scenario.security.group.model_copy(update={"ties": None, "fading": None})
    assert any("No single country: R0, R1 and R2." in text for text in group_notes.cautions(run, asked, bare, names))
    assert not any("No single" in text for text in group_notes.cautions(run, run.scenario.security.group, found, names))


def test_a_draw_for_the_strongest_tie_is_told(run, found):
    ties = (Tie("R0", "R1"), Tie("R0", "R2"), Tie("R2", "R0"))
    equal = dataclasses.replace(found, ties=ties, fading=("R0", "R1"))
    assert as_strong(ties, found.efforts, ("R0", "R1")) == [("R0", "R2")]
    asked = run.scenario.security.group.model_copy(update={"fading": None})
    said = "Several ties carry as much as that from R0 to R1, which fades (R0 to R2): name one under `fading`."
    assert said in group_notes.cautions(run, asked, equal, Names.of(run.world))


def test_votes_of_few_members_are_told_as_such(run):
    names = Names.of(run.world)
    votes = pd.DataFrame(
        [("R0", "R4", 2024, 1.0, 0.5, 1.5)], columns=["first", "second", "year", "distance", "low", "high"]
    )
    text = section._votes_sentence(votes, names, "R4", ("R0", "R1"))
    assert "in 2024, R0 votes apart from R4 (0.50 to 1.50 away" in text
    assert text.endswith(" (no votes: R1).")


def test_the_question_survives_being_written(run):
    again = loading.parse(dump(run.scenario).encode())
    assert again.security == run.scenario.security


# -------------------------------------------------------------------------------------------------------------- faults
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("    members: [USA, JPNN]\n    rival: CHN\n", "security.group.members: unknown region 'JPNN'"),
        ("    members: [USA]\n    rival: CHN\n", "a group has two to 5 members"),
        ("    members: g7\n    rival: CHN\n", "are 7"),
        ("    members: quad\n    rival: JPN\n", "JPN is a member"),
        ("    members: quad\n    rival: eu27\n", "is 27 regions: name one"),
        ("    members: quad\n    rival: CHN\n    fading: {by: JPN, to: USA}\n", "there is no tie from JPN to USA"),
        ("    members: quad\n    rival: CHN\n    ties: [{by: USA, to: KOR}]\n", "KOR is no member"),
        ("    members: quad\n    rival: CHN\n    ties: [{by: USA, to: USA}]\n", "from USA to itself"),
        (
            "    members: quad\n    rival: CHN\n    ties: [{by: USA, to: IND}, {by: USA, to: IND}]\n",
            "stands there twice",
        ),
        ("    members: [USA, DEU]\n    rival: CHN\n", "lacks DEU: no military spending"),
        ("    members: [USA, DEU]\n    rival: CHN\n    figures: {DEUX: 90}\n", "unknown region 'DEUX'"),
        ("    members: [USA, USA, JPN]\n    rival: CHN\n", "USA stands there twice"),
        ("    members: [quad, Japan]\n    rival: CHN\n", "JPN stands there twice"),
        ("    members: quad\n    rival: CHN\n    figures: {quad: 90}\n", "'quad' is 4 regions: name them one by one"),
        ("    members: quad\n    rival: CHN\n    figures: {JPN: 90, Japan: 80}\n", "JPN stands there twice"),
        ("    members: quad\n    rival: CHN\n    figures: {KOR: 90}\n", "KOR is neither a member nor the rival"),
    ],
)
def test_what_a_question_must_not_ask(text, said):
    message = faults(text)
    assert said in message
    assert "four.yaml:" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("    members: quad\n    rival: CHN\n    ally_weight: [0.5, 0.1]\n", "the low end first"),
        ("    members: quad\n    rival: CHN\n    ally_weight: 120 %\n", "between 0 and 1"),
        ("    members: quad\n    rival: CHN\n    decisiveness: [0.01, 2]\n", "between 0.05 and 20"),
        ("    members: quad\n    rival: CHN\n    decisiveness: [1, 2, 3]\n", "one number, or two"),
        ("    members: quad\n    rival: CHN\n    figures: {JPN: 0}\n", "above 0"),
        ("    members: quad\n    rival: CHN\n    figures: {JPN: 1.0e+300}\n", "at most 100,000"),
        ("    members: quad\n    rivals: CHN\n", "rival"),
        ("    members: quad\n    rival: CHN\n    ties: []\n    fading: {by: USA, to: JPN}\n", "has no ties"),
    ],
)
def test_values_out_of_bounds_are_refused_with_their_line(text, said):
    with pytest.raises(ScenarioError, match=r"four\.yaml:") as caught:
        loading.parse((BUNDLED + text).encode(), "four.yaml")
    assert said in str(caught.value)


def test_the_groups_of_the_world_can_be_members():
    scenario = loading.parse((BUNDLED + "    members: quad\n    rival: China\n").encode())
    resolve.resolve(scenario, resolve.world_of(scenario))
    assert known_spending("JPN") == 62
    assert known_spending("DEU") is None
