"""The summary on the terminal tells what the page tells."""

from __future__ import annotations

import dataclasses

from fake import fake_run

from gaiatsu.report import headline
from gaiatsu.scenario.schema import Scenario
from gaiatsu.scenario.telling import tell_run


def test_the_same_regions_are_in_focus_on_the_page_and_on_the_terminal():
    many = {"kind": "tariff", "by": "USA", "on": ["DEU", "FRA", "KOR", "CHN", "JPN"], "rate": 0.1}
    alone = {"kind": "productivity", "by": "LUX", "change": 0.01}
    for measure in (many, alone):
        run = fake_run(scenario=Scenario.model_validate({"title": "x", "measures": [measure]}), JPN=-2.0, CHN=1.0)
        chosen = headline.focus(run)
        assert len(chosen) == 4
        assert {"JPN", "CHN"} <= set(chosen)
        told = [line.split(" by horizon")[0] for line in tell_run(run) if " by horizon: " in line]
        assert told == [run.world.region_names[run.world.regions.index(code)] for code in chosen]


def test_a_horizon_without_an_equilibrium_is_told():
    run = dataclasses.replace(fake_run(), failed={"impact": "LUX loses its supply of C26"})
    assert "No equilibrium at horizon impact, which is left out: LUX loses its supply of C26." in tell_run(run)
