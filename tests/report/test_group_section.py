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
from gaiatsu.report.sections import sections_of
from gaiatsu.scenario import loading, resolve
from gaiatsu.scenario.group_models import known_spending
from gaiatsu.scenario.run import execute
from gaiatsu.scenario.saving import dump
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
    assert "R0 owes R1 defence and is owed none" in text
    assert "R0 and R2 owe each other defence" in text
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


def test_a_group_without_ties_is_told_so(run):
    asked = run.scenario.security.group.model_copy(update={"ties": [], "fading": None})
    changed = run.scenario.model_copy(update={"security": run.scenario.security.model_copy(update={"group": asked})})
    (part,) = section.sections(dataclasses.replace(run, scenario=changed))
    assert any("nothing is pooled" in text for text in part.sentences)
    assert [figure.anchor for figure in part.figures] == ["group-network", "group-shares"]


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
