"""Results that hang on the closure, and days on which a source errs, are told on the page and on the terminal."""

from __future__ import annotations

import dataclasses

import pytest
from fake import fake_run

import gaiatsu as gt
from gaiatsu.report.html import render
from gaiatsu.report.tables import all_tables
from gaiatsu.scenario.cautions import cautions
from gaiatsu.scenario.loading import load
from gaiatsu.scenario.run import with_options
from gaiatsu.scenario.telling import tell_run


def quiet_run(**income):
    """The main case, in which only the regions given change."""
    nothing = dict.fromkeys(gt.World.load().regions, 0.0)
    return fake_run(**(nothing | {"JPN": -0.1, "USA": -0.02} | income))


@pytest.mark.parametrize("code, what, sign", [("IRL", "surplus", -1), ("KHM", "deficit", 1)])
@pytest.mark.parametrize("change", [-0.3, 0.3])
def test_a_named_region_with_a_large_transfer_is_told(code, what, sign, change):
    run = quiet_run(**{code: change})
    name = run.world.region_names[run.world.regions.index(code)]
    accounts, place = run.world.accounts, run.world.regions.index(code)
    share = sign * accounts.transfer[place] / accounts.income[place]
    assert share > 0.2
    (said,) = cautions(run)
    assert f"{name} ({what} {100 * share:.0f} %)." in said
    assert "compare `--closure proportional`" in said
    assert f"To be read with care: {said}" in tell_run(run)
    assert f"To be read with care: {said.replace('`', '')}" in render(run, all_tables(run), "1")


def test_regions_that_nobody_names_are_not_told():
    assert cautions(quiet_run()) == []
    assert cautions(quiet_run(IRL=0.001, SGP=-0.004)) == []
    assert cautions(quiet_run(DEU=-0.01, FRA=0.02)) == []


def test_the_largest_loss_in_money_is_named_too():
    small = {code: -1.0 for code in ("EST", "LVA", "LTU")}
    (said,) = cautions(quiet_run(**small, IRL=-0.9))
    assert "Ireland" in said


def test_regions_in_focus_are_told_even_without_an_effect():
    scenario = with_options(load("us-autos-steel-japan"))
    run = quiet_run()
    run = dataclasses.replace(run, scenario=scenario.model_copy(update={"focus": ["JPN", "USA", "SGP"]}))
    assert "Singapore (surplus" in cautions(run)[0]


def test_a_proportional_closure_is_compared_with_a_fixed_one():
    run = quiet_run(IRL=-0.3)
    for outcome in run.outcomes.values():
        outcome.closure = "proportional"
    assert "compare `--closure fixed`" in cautions(run)[0]


@pytest.mark.parametrize(
    "day, wrong",
    [("2025-04-04", False), ("2025-04-05", True), ("2025-08-20", True), ("2025-11-13", True), ("2025-11-14", False)],
)
def test_days_on_which_exempt_goods_are_charged_are_told(day, wrong):
    run = dataclasses.replace(quiet_run(), measures=(gt.USDuties(at=day),))
    told = cautions(run)
    assert len(told) == wrong
    if wrong:
        assert told[0].startswith(f"On {day} the source of us-duties charges medicines, crude oil and other goods")


def test_the_exempt_goods_are_charged_on_just_these_days():
    def rate(partner, sector, day):
        return float(gt.us_duties(day).loc[(partner, sector), "added_duty"])

    for partner in ("IRL", "CHE", "IND"):
        before, first, last, after = (
            rate(partner, "C21", day) for day in ("2025-04-04", "2025-04-05", "2025-11-13", "2025-11-14")
        )
        assert before < 0.5
        assert first > 15
        assert last > 13
        assert after < last / 2
