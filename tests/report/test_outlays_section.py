"""The section on outlays: what is given up, whose value added is paid for, on the real world and on a small one."""

from __future__ import annotations

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.chains import called_on, chains
from gaiatsu.report import outlays as report
from gaiatsu.scenario.outlays import Outlays, gdp
from gaiatsu.scenario.run import Run, execute
from gaiatsu.scenario.saving import dump
from gaiatsu.scenario.schema import Scenario
from worlds import random_world


@pytest.fixture(scope="module")
def run() -> Run:
    scenario = Scenario.model_validate(
        {
            "title": "Japan buys arms",
            "horizon": "short",
            "horizons": ["short"],
            "elasticities": {"draws": 0},
            "focus": ["JPN", "USA"],
            "measures": [{"kind": "outlays", "by": "JPN", "share": "1 %", "sellers": {"USA": "15 %"}}],
        }
    )
    return execute(scenario)


def test_rounds_of_inputs_are_those_of_the_inverse() -> None:
    world = random_world(8, (4, 3))
    demand = np.random.default_rng(0).uniform(0, 1, world.accounts.output.shape)
    reached = np.einsum("nik,nk->ik", chains(world).reaches, demand)
    expected = chains(world).solve(reached.reshape(-1, 1)).reshape(demand.shape)
    np.testing.assert_allclose(called_on(world, demand), expected, rtol=1e-11)


def test_value_added_and_duties_make_up_the_money() -> None:
    """What is bought becomes value added and duties, and nothing else; without duties it is all value added."""
    world = random_world(8, (4, 3))
    demand = np.random.default_rng(1).uniform(0, 1, world.accounts.output.shape)
    origin = report.origins(world, demand)
    assert 0 < origin.sum() <= demand.sum() * (1 + 1e-12)
    free = world.replace_accounts(
        type(world.accounts)(
            flows=world.accounts.flows,
            duty=np.zeros_like(world.accounts.duty),
            export_duty=np.zeros_like(world.accounts.duty),
            va_share=world.accounts.va_share,
            input_mix=world.accounts.input_mix,
        ),
        name="free trade",
    )
    assert report.origins(free, demand).sum() == pytest.approx(demand.sum(), rel=1e-12)


def test_section_tells_the_money_and_the_rest_apart(run: Run) -> None:
    (section,) = report.sections(run)
    cost = next(table.frame for table in section.tables if table.name == "outlays_cost").iloc[0]
    japan = run.world.regions.index("JPN")
    assert cost["outlays_usd_million"] == pytest.approx(0.01 * gdp(run.world)[japan])
    bought = float(run.outcome.public_purchases[japan].sum() / run.outcome.income[japan])
    real = float(run.outcome.real_income_change[japan])
    # What is left for others: the rest of the money at the consumers' price, in which real income is told too.
    left = (1 - bought) * (1 + real) * run.outcome.final_price[japan] / run.outcome.consumer_price[japan] - 1
    assert cost["other_final_use_short_percent"] == pytest.approx(100 * left, abs=1e-9)
    assert -1.1 < cost["other_final_use_short_percent"] < -0.9
    assert "1 % of GDP" in section.sentences[0].replace("\u00a0", " ")
    assert "(with and without pay)" in section.sentences[1]
    assert any("Assumption" in text for text in section.cautions)


def test_more_bought_in_a_market_pays_more_there(run: Run) -> None:
    world = run.world
    japan, america = world.regions.index("JPN"), world.regions.index("USA")

    def share(part: float) -> float:
        bought = report.spending(world, [Outlays(by="JPN", share=0.01, sellers={"USA": part} if part else None)])
        origin = report.origins(world, bought[japan])
        return float(origin[america] / origin.sum())

    assert share(0.0) < share(0.2) < share(0.6) < 1


def test_mix_table_lists_all_money(run: Run) -> None:
    (section,) = report.sections(run)
    mix = next(table.frame for table in section.tables if table.name == "outlays_mix")
    japan = run.world.regions.index("JPN")
    assert mix["outlays_usd_million"].sum() == pytest.approx(0.01 * gdp(run.world)[japan])
    by_market = mix.groupby("market")["outlays_usd_million"].sum()
    assert by_market["USA"] / by_market.sum() == pytest.approx(0.15)


def test_outlays_are_told_apart_from_other_measures() -> None:
    """Beside a tariff the section tells what the outlays do by themselves, over the range of the seller's share."""
    measures = [
        {
            "kind": "outlays",
            "by": "JPN",
            "share": "1 %",
            "sellers": {"USA": ["5 %", "20 %"]},
            "mix": {"C26": 2, "C29": 3},
        },
        {"kind": "tariff", "by": "USA", "on": "JPN", "rate": "15 %"},
    ]
    scenario = Scenario.model_validate(
        {"title": "Both", "horizon": "short", "horizons": ["short"], "elasticities": {"draws": 0}, "measures": measures}
    )
    both = execute(scenario)
    world, outlays = both.world, both.measures[0]
    japan = world.regions.index("JPN")
    alone = {place: gt.solve(world, [outlays.at(place)], horizon="short") for place in (0.0, 0.5, 1.0)}
    (section,) = report.sections(both)
    cost = next(table.frame for table in section.tables if table.name == "outlays_cost").iloc[0]
    assert cost["real_income_short_percent"] == pytest.approx(alone[0.5].real_income["JPN"], abs=1e-7)
    assert both.outcome.real_income["JPN"] < 2 * alone[0.5].real_income["JPN"] < 0
    value, low, high = report._ends(both, "JPN")
    assert (low, value, high) == pytest.approx([alone[place].real_income["JPN"] for place in (1.0, 0.5, 0.0)], abs=1e-7)
    assert "over the shares bought abroad" in section.sentences[0]
    (spread,) = report.spreads(both)
    whole = {
        place: gt.solve(world, [outlays.at(place), both.measures[1]], horizon="short").real_income["JPN"]
        for place in (0.0, 1.0)
    }
    central = both.outcome.real_income["JPN"]
    assert spread.ends["JPN"] == pytest.approx((whole[1.0] - central, whole[0.0] - central), abs=1e-7)
    origin = next(table.frame for table in section.tables if table.name == "outlays_origin").set_index("origin")
    bought = report.spending(world, [outlays.at(1.0)])[japan]
    share = 100 * report.origins(world, bought) / report.origins(world, bought).sum()
    assert origin.at["USA", "share_high_percent"] == pytest.approx(share[world.regions.index("USA")])


def test_a_scenario_with_outlays_is_written_and_read_back(tmp_path) -> None:
    measure = gt.Outlays(by=["JPN", "DEU"], share=0.01, mix={"C26": 2.0, "C30": 3.0}, sellers={"USA": (0.0, 0.15)})
    scenario = Scenario.model_validate({"title": "Written", "measures": [measure]})
    path = tmp_path / "written.yaml"
    path.write_text(dump(scenario), encoding="utf-8")
    (again,) = [model.build() for model in gt.load(path).measures]
    assert again == measure


def test_a_hedge_that_buys_abroad_is_refused_by_name(tmp_path) -> None:
    path = tmp_path / "hedge.yaml"
    path.write_text(
        "title: t\nmeasures:\n  - {kind: embargo, by: CHN, on: JPN}\nhedges:\n  - name: Arms\n    cost: 0\n"
        "    assumed: true\n    measures:\n      - {kind: outlays, by: JPN, share: 1 %, sellers: {USA: 10 %}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match="hedge 'Arms' buys in others' markets"):
        gt.load(path)


def test_many_buyers_are_counted(run: Run) -> None:
    scenario = Scenario.model_validate(
        {
            "title": "Europe",
            "horizon": "long",
            "horizons": ["long"],
            "elasticities": {"draws": 0},
            "measures": [{"kind": "outlays", "by": "eu27", "share": "1 %"}],
        }
    )
    (section,) = report.sections(execute(scenario))
    cost = next(table.frame for table in section.tables if table.name == "outlays_cost")
    assert len(cost) == 27
    assert any("23 more regions" in text for text in section.sentences)


def test_names_are_checked_with_their_line(tmp_path) -> None:
    from typer.testing import CliRunner

    from gaiatsu.cli import app

    path = tmp_path / "arms.yaml"
    path.write_text(
        "title: t\nmeasures:\n  - kind: outlays\n    by: JPN\n    share: 1 %\n    sellers: {USS: 15 %}\n",
        encoding="utf-8",
    )
    found = CliRunner().invoke(app, ["check", str(path)])
    assert found.exit_code == 2
    assert "arms.yaml:6" in found.output
    assert "did you mean" in found.output
