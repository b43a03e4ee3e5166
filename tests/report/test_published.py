"""Published estimates beside the model: in the file, in the report, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.report.published import place_of, sections
from gaiatsu.scenario.resolve import resolve, world_of
from gaiatsu.scenario.run import Run, execute
from gaiatsu.scenario.schema import Scenario

MEASURE = {"kind": "tariff", "by": "USA", "on": "JPN", "sectors": "C29", "rate": 0.25}
SOURCE = "https://example.org/estimate"


def scenario(*published: dict[str, Any], **more: Any) -> Scenario:
    return Scenario.model_validate(
        {"title": "t", "world": "wiod2014", "horizon": "short", "horizons": ["short"], "elasticities": {"draws": 0},
         "measures": [MEASURE], "published": list(published), **more}
    )  # fmt: skip


@pytest.fixture(scope="module")
def solved() -> Run:
    """A duty on cars, with estimates around, below and far from this model's, and one of a horizon not solved."""
    given = [
        {"region": "JPN", "who": "A", "low": "-1 %", "high": "0.5 %", "source": SOURCE, "covers": "all of it"},
        {"region": "Japan", "who": "B", "value": "-0.4 %"},
        {"region": "USA", "who": "C", "value": "-3 %", "of": "real_income"},
        {"region": "JPN", "who": "D", "value": "-3 %", "horizon": "medium"},
    ]
    return execute(scenario(*given))


def test_the_section_has_every_estimate_of_a_solved_horizon(solved: Run) -> None:
    (section,) = sections(solved)
    frame = section.tables[0].frame
    assert list(frame.who) == ["A", "B", "C"]
    assert list(frame.low_percent) == pytest.approx([-1.0, -0.4, -3.0])
    income = solved.outcome.real_income
    assert list(frame.model_real_income_percent) == pytest.approx([income["JPN"], income["JPN"], income["USA"]])
    assert len(section.sentences) == 2
    assert "−1.00 to +0.50\u00a0% (A) and −0.40\u00a0% (B)" in section.sentences[0]
    assert "inside the range of A and smaller than B by 0.25 points" in section.sentences[0]
    assert f"{income['JPN']:.2f}\u00a0% of real income".replace("-", "−") in section.sentences[0]
    assert "smaller than C by" in section.sentences[1]
    assert section.sources[0].address == SOURCE
    assert "A: all of it" in section.cautions


def test_an_estimate_of_all_measures_does_not_stand_beside_a_part_of_them() -> None:
    later = {**MEASURE, "on": "CHN", "date": "2030-01-01"}
    part = execute(scenario({"region": "JPN", "who": "A", "value": "-1 %"}, at="2025-01-01", measures=[MEASURE, later]))
    assert part.left_out
    assert sections(part) == []


@pytest.mark.parametrize(
    ("mine", "low", "high", "place"),
    [
        (-0.25, -3.7, -3.7, ("smaller than", 3.45)), (-0.25, 0.2, 0.2, ("of the opposite sign to", 0.45)),
        (-0.25, -0.3, -0.1, ("inside the range of", 0.0)), (-0.5, -0.3, -0.1, ("larger than", 0.2)),
        (-0.25, -0.252, -0.252, ("the same as", 0.0)), (0.5, 0.1, 0.2, ("larger than", 0.3)),
    ],
)  # fmt: skip
def test_where_a_number_lies(mine: float, low: float, high: float, place: tuple[str, float]) -> None:
    found = place_of(mine, low, high)
    assert found[0] == place[0]
    assert found[1] == pytest.approx(place[1])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"region": "JPN", "who": "A"}, "either `value`, or both"),
        ({"region": "JPN", "who": "A", "value": 0.1, "low": 0.1, "high": 0.2}, "either `value`, or both"),
        ({"region": "JPN", "who": "A", "low": 0.1}, "either `value`, or both"),
        ({"region": "JPN", "who": "A", "low": 0.2, "high": 0.1}, "`low` is above `high`"),
        ({"region": "JPN", "who": "A", "value": 5}, "would be 500 %"),
        ({"region": "JPN", "who": "A", "value": 0.1, "of": "gdp"}, "real_gdp"),
    ],
)
def test_what_is_no_estimate_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scenario(wrong)


@pytest.mark.parametrize(("region", "said"), [("JNP", "did you mean 'JPN'"), ("eu27", "several regions")])
def test_an_estimate_is_of_one_region_of_the_world(region: str, said: str) -> None:
    given = scenario({"region": region, "who": "A", "value": 0.1})
    with pytest.raises(ScenarioError, match=said) as caught:
        resolve(given, world_of(given))
    assert "published[0].region" in str(caught.value)
