"""The section on outlays: what is given up, whose value added is paid for, on the real world and on a small one."""

from __future__ import annotations

import numpy as np
import pytest

from gaiatsu.exposure.chains import called_on, chains
from gaiatsu.report import outlays as report
from gaiatsu.scenario.outlays import Outlays, gdp
from gaiatsu.scenario.run import Run, execute
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
    assert "without and with pay" in section.sentences[1]
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
