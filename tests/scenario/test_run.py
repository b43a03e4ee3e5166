from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import NoSupplier, ScenarioError
from gaiatsu.scenario import loading, resolve, saving
from gaiatsu.scenario import run as running
from gaiatsu.scenario.measure_models import MEASURE_MODELS
from gaiatsu.scenario.measures import Agreement, Tariff
from gaiatsu.scenario.schema import ElasticityChoice, Reference, Scenario, json_schema
from gaiatsu.world.world import World

DOCS = Path(__file__).parents[2] / "docs"
CASES = loading.case_names()


@pytest.fixture(scope="session")
def wiod() -> World:
    return World.load("wiod2014")


def make(**keys: Any) -> Scenario:
    tariff = {"kind": "tariff", "by": "USA", "on": "JPN", "rate": 0.25}
    return Scenario.model_validate({"title": "x", "measures": [tariff], **keys})


def fake_solver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replaces the engine by one that returns the name of the horizon; the list holds the order of the calls."""
    calls: list[str] = []

    def solve(scenario: Scenario, world: World, measures: Any, horizon: str) -> str:
        calls.append(horizon)
        return f"outcome {horizon}"

    monkeypatch.setattr(running, "_solve", solve)
    return calls


def test_all_horizons_are_solved_in_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake_solver(monkeypatch)
    seen: list[tuple[int, int, str]] = []
    scenario = make(horizon="short", horizons=["long", "impact"], elasticities={"draws": 0})
    run = running.execute(scenario, progress=lambda *step: seen.append(step))
    assert calls == ["impact", "short", "long"] == list(run.outcomes)
    assert run.primary == "short"
    assert run.outcome == "outcome short"
    assert [step[:2] for step in seen] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_range_is_a_step_of_its_own() -> None:
    seen: list[tuple[int, int, str]] = []
    scenario = make(world="wiod2014", horizons=["long"], elasticities={"draws": 8, "range_over": ["caliendo-parro"]})
    run = running.execute(scenario, progress=lambda *step: seen.append(step))
    assert [step[:2] for step in seen] == [(0, 2), (1, 2), (2, 2)]
    assert "range" in seen[1][2]
    assert run.range is not None
    assert run.range.sets == ("caliendo-parro",)


def test_sectors_without_codes_need_only_their_own_elasticity(tmp_path: Path) -> None:
    flows = np.array([[[80.0, 90.0], [20.0, 5.0]], [[25.0, 4.0], [150.0, 120.0]]])
    own = World.from_arrays(
        regions=["JPN", "USA"], sectors=["widgets", "services"], flows=flows, duty=np.zeros_like(flows),
        va_share=np.full((2, 2), 0.5), input_mix=np.full((2, 2, 2), 0.5),
    )  # fmt: skip
    own.save(tmp_path / "own.world")
    scenario = make(world=str(tmp_path / "own.world"), elasticities={"overrides": {"widgets": 5}})
    run = running.execute(scenario)
    assert run.outcome.elasticities.theta(2)[0] == 5
    assert run.no_range == "there is nothing to draw: all 64 draws have the same trade elasticities"
    spread = run.outcome.range(8, sets=["fontagne", "caliendo-parro"])
    assert np.ptp(spread.draws.to_numpy(), axis=0).max() == 0


def no_supplier_at(monkeypatch: pytest.MonkeyPatch, horizon: str) -> None:
    def solve(scenario: Scenario, world: World, measures: Any, name: str) -> str:
        if name == horizon:
            raise NoSupplier("LUX loses all of its supply of C26")
        return f"outcome {name}"

    monkeypatch.setattr(running, "_solve", solve)


def test_a_horizon_without_an_equilibrium_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    no_supplier_at(monkeypatch, "impact")
    run = running.execute(make(elasticities={"draws": 0}))
    assert list(run.outcomes) == ["short", "medium", "long"]
    assert run.failed == {"impact": "LUX loses all of its supply of C26"}


def test_no_equilibrium_at_the_primary_horizon_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    no_supplier_at(monkeypatch, "short")
    with pytest.raises(NoSupplier, match=r"^at horizon short: LUX loses all of its supply of C26$") as caught:
        running.execute(make(horizon="short"))
    assert caught.value.exit_code == 3


def test_run_solves_one_horizon_only(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake_solver(monkeypatch)
    assert running.run(make()) == "outcome long"
    assert running.run(make(), horizon="impact") == "outcome impact"
    assert running.run("china-chips-japan") == "outcome short"
    assert calls == ["long", "impact", "short"]


def test_options_replace_keys_and_keep_the_lines() -> None:
    scenario = loading.load("us-japan-deal")
    changed = running.with_options(scenario, horizon="short", closure=None, world="wiod2014")
    assert changed.horizon == "short"
    assert changed.origin == scenario.origin
    assert changed.measures == scenario.measures
    assert running.with_options(scenario, horizon=None) is scenario
    with pytest.raises(ScenarioError, match=r"^horizon: unknown horizon 'shrt'; did you mean 'short'\?$"):
        running.with_options(scenario, horizon="shrt")


def test_elasticities_replace_those_of_the_horizon(wiod: World) -> None:
    cars = wiod.sectors.index("C29")
    plain = running.elasticities_of(make(), wiod, "short")
    chosen = running.elasticities_of(
        make(elasticities={"overrides": {"C29": 8}, "materials": 0.3, "mobility": float("inf")}), wiod, "short"
    )
    before, after = np.asarray(plain.trade), np.asarray(chosen.trade)
    assert after[cars] == pytest.approx(0.5 * 8)
    assert np.array_equal(np.delete(after, cars), np.delete(before, cars))
    assert (chosen.materials, chosen.mobility, chosen.value_added) == (0.3, float("inf"), plain.value_added)
    scaled = running.elasticities_of(make(elasticities={"trade_scale": 1}), wiod, "short")
    assert np.asarray(scaled.trade) == pytest.approx(2 * before)
    other = running.elasticities_of(make(elasticities="caliendo-parro"), wiod, "long")
    assert not np.allclose(np.asarray(other.trade), 2 * before)


@pytest.mark.parametrize("case", CASES)
def test_bundled_cases_are_sound(case: str, wiod: World) -> None:
    scenario = loading.load(case)
    measures = resolve.resolve(scenario, resolve.world_of(scenario))
    assert resolve.notes(wiod, measures) == []
    assert scenario.title
    assert scenario.summary
    assert scenario.description
    assert set(resolve.focus_regions(scenario, wiod)) & {"JPN", "RUS"}


@pytest.mark.parametrize("case", CASES)
def test_every_number_of_a_case_has_act_date_and_source(case: str) -> None:
    scenario = loading.load(case)
    for measure in scenario.measures:
        assert measure.act
        assert measure.note
        if measure.act.startswith("Hypothetical"):
            assert measure.kind in ("embargo", "agreement", "critical-input", "outlays")
            continue
        assert measure.date
        assert measure.source
    for reference in scenario.references.values():
        assert reference.address
        assert reference.address.startswith("https://")
        assert reference.note


def test_what_the_cases_say_of_duties(wiod: World) -> None:
    from gaiatsu.trade.wedges import compose

    japan, usa = wiod.regions.index("JPN"), wiod.regions.index("USA")
    goods = np.array(wiod.goods)
    cars, metals, chips = (wiod.sectors.index(code) for code in ("C29", "C24", "C26"))
    before = wiod.accounts.duty[usa, japan]

    def after(case: str) -> Any:
        return compose(wiod, resolve.resolve(loading.load(case), wiod)).duty[usa, japan]

    added = after("us-autos-steel-japan") - before
    assert added[cars] == pytest.approx(0.25)
    assert added[metals] == pytest.approx(0.5)
    assert np.count_nonzero(added) == 2

    added = after("us-japan-august") - before
    expected = np.where(goods, 0.25, 0.0)
    expected[metals] = 0.5
    assert added == pytest.approx(expected)

    level = after("us-japan-deal")
    others = goods & (np.arange(len(goods)) != metals)
    assert level[others] == pytest.approx(np.maximum(before[others], 0.15))
    assert level[metals] == pytest.approx(before[metals] + 0.5)
    assert level[~goods] == pytest.approx(0)

    wedges = compose(wiod, resolve.resolve(loading.load("us-everyone"), wiod))
    rise = wedges.duty - wiod.accounts.duty
    assert rise[usa][:, goods] == pytest.approx(np.where(np.arange(44)[:, None] == usa, 0, 0.1) * np.ones(goods.sum()))
    assert np.count_nonzero(np.delete(rise, usa, axis=0)) == 0

    shut = compose(wiod, resolve.resolve(loading.load("squeeze"), wiod))
    assert np.argwhere(shut.availability < 1).tolist() == [[japan, wiod.regions.index("CHN"), chips]]
    assert shut.availability.min() == 0
    assert shut.duty[usa, japan] == pytest.approx(after("us-japan-august"))


@pytest.mark.parametrize("case", CASES)
def test_a_saved_scenario_reads_back_the_same(case: str) -> None:
    scenario = loading.load(case)
    text = saving.dump(scenario)
    again = loading.parse(text.encode())
    assert again.model_dump() == scenario.model_dump()
    assert saving.dump(again) == text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_a_scenario_takes_measures_made_in_python() -> None:
    measures = [Tariff(by="USA", on="CHN", rate=1.45), Agreement(between=["IND", "JPN"], cost_cut=0.05)]
    scenario = Scenario.model_validate({"title": "x", "measures": measures})
    assert [model.build() for model in scenario.measures] == [
        Tariff(by=("USA",), on=("CHN",), sectors=("goods",), rate=1.45),
        Agreement(between=("IND", "JPN"), sectors=("all",), cost_cut=0.05),
    ]
    assert scenario.name == "scenario"


def test_large_rates_and_infinity_survive_saving() -> None:
    measure = {"kind": "tariff", "by": "USA", "on": "CHN", "rate": "145 %", "date": "2025-04-10"}
    scenario = make(measures=[measure], elasticities={"mobility": float("inf"), "overrides": {"C28,C33": 4}})
    text = saving.dump(scenario)
    assert "rate: 145 %" in text
    assert "mobility: .inf" in text
    assert loading.parse(text.encode()).model_dump() == scenario.model_dump()


def test_the_json_schema_is_closed_and_complete() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"title", "measures"}
    assert {"string"} <= {part.get("type") for part in schema["properties"]["elasticities"]["anyOf"]}
    for name, part in schema["$defs"].items():
        assert part["additionalProperties"] is False, name
        assert all("description" in key or "const" in key for key in part["properties"].values()), name


def test_a_page_for_every_case() -> None:
    pages = DOCS / "cases"
    assert {page.stem for page in pages.glob("*.md")} == set(CASES)


def page_examples() -> list[str]:
    page = (DOCS / "scenario-files.md").read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_page_are_sound() -> None:
    found = page_examples()
    assert len(found) == 2
    for text in found:
        scenario = loading.parse(text.encode())
        resolve.resolve(scenario, resolve.world_of(scenario))


def test_the_messages_of_the_page_are_the_real_ones() -> None:
    text = page_examples()[0].replace("sectors: C29\n", "sectors: C92\n").replace("by: eu27", "by: JPX")
    scenario = loading.parse(text.encode(), "quarrel.yaml")
    with pytest.raises(ScenarioError) as caught:
        resolve.resolve(scenario, resolve.world_of(scenario))
    assert str(caught.value) in (DOCS / "scenario-files.md").read_text(encoding="utf-8")


def test_the_page_names_every_key() -> None:
    page = (DOCS / "scenario-files.md").read_text(encoding="utf-8")
    models = [Scenario, ElasticityChoice, Reference, *MEASURE_MODELS.values()]
    for key in {name for model in models for name in model.model_fields}:
        assert f"`{key}`" in page, key
