"""Costly payments: the evidence, what a level costs, where trade goes, the band, and what was observed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.exposure import payments, payments_effects
from gaiatsu.report.sections import sections_of
from gaiatsu.scenario.measure_models import MEASURE_MODELS
from gaiatsu.scenario.measures import Financing
from gaiatsu.scenario.pressure import PaymentCosts
from gaiatsu.scenario.run import execute
from gaiatsu.trade.solution import Outcome
from gaiatsu.trade.wedges import compose, touched_cells
from pressure_world import small_world

ALLIES = ["DEU", "JPN", "USA"]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return gt.solve(small_world(), [PaymentCosts(by=ALLIES, on="RUS", level="cut")], horizon="short")


# ---------------------------------------------------------------------------------------------------- the evidence
@pytest.mark.parametrize("elasticity", [4, 6])
def test_the_cost_that_explains_a_fall_of_trade_is_the_printed_one(elasticity: int) -> None:
    table = payments.evidence()
    falls = table[table["unit"].isin(["percent of trade", "percent of firms"])]
    assert len(falls) == 6
    for row in falls.itertuples():
        cost = 100 * payments.iceberg_of(-row.value / 100, elasticity)
        assert round(cost, 1) == getattr(row, f"iceberg_percent_at_{elasticity}")
        assert (1 + cost / 100) ** -elasticity == pytest.approx(1 + row.value / 100)


def test_levels_rest_on_evidence_and_are_ordered() -> None:
    keys = set(payments.evidence().index)
    centres = []
    for word in payments.levels().index:
        level = payments.level_named(str(word))
        assert level.low <= level.central <= level.high
        assert set(level.rests_on) <= keys
        assert level.upper_bound == (payments.evidence().loc[list(level.rests_on), "upper_bound"] == "yes").any()
        centres.append(level.central)
    assert centres == sorted(centres) == pytest.approx([0.025, 0.08, 0.093])


def test_every_row_names_its_source() -> None:
    for table in (payments.evidence(), payments.observed()):
        assert table["source"].str.len().gt(3).all()
        addresses = table["address"].dropna()
        assert len(addresses) >= len(table) - 2
        assert addresses.str.startswith("http").all()


@pytest.mark.parametrize("fall, elasticity", [(1.0, 4), (-0.1, 4), (0.3, 0)])
def test_an_impossible_fall_is_refused(fall: float, elasticity: float) -> None:
    with pytest.raises(ScenarioError, match="0 ≤ fall < 1"):
        payments.iceberg_of(fall, elasticity)


# ----------------------------------------------------------------------------------------------------- the measure
def test_payments_cost_both_ways_and_nothing_else() -> None:
    world = small_world()
    measure = PaymentCosts(by=ALLIES, on="RUS", cost=0.08)
    iceberg = compose(world, [measure]).iceberg
    allies, russia = world.region_indices(ALLIES), world.region_indices("RUS")[0]
    expected = np.ones_like(iceberg)
    expected[allies, russia] = expected[russia, allies] = 1.08
    np.testing.assert_allclose(iceberg, expected, rtol=1e-15)
    cells = touched_cells(measure, world)
    assert cells is not None
    np.testing.assert_array_equal(np.argwhere(expected != 1), np.unique(np.stack(cells, axis=1), axis=0))


def test_the_outcome_is_that_of_the_plain_arrays(outcome: Outcome) -> None:
    world = outcome.world
    allies, russia = world.region_indices(ALLIES), world.region_indices("RUS")[0]
    iceberg = np.ones_like(world.accounts.flows)
    iceberg[allies, russia] = iceberg[russia, allies] = 1.093
    plain = gt.trade.solve_arrays(
        world, iceberg=iceberg, elasticities=gt.horizon("short", world), closure="proportional"
    )
    np.testing.assert_allclose(outcome.real_income, plain.real_income, atol=1e-7)


def test_money_withdrawn_is_part_of_the_measure_where_there_is_a_deficit() -> None:
    world = small_world()
    measure = PaymentCosts(by="CHN", on="USA", level="agents", financing=0.25)
    assert Financing(by="CHN", on="USA", share=0.25) in measure.parts(world, "short")
    moved = compose(world, [measure]).transfer - world.accounts.transfer
    usa = world.region_indices("USA")[0]
    assert moved[usa] == pytest.approx(-0.25 * world.accounts.transfer[usa])
    assert abs(moved.sum()) < 1e-6
    with pytest.raises(ScenarioError, match="RUS had no trade deficit"):
        compose(world, [PaymentCosts(by=ALLIES, on="RUS", level="cut", financing=0.5)])


@pytest.mark.parametrize(
    "keys, said",
    [
        ({}, "exactly one of level, cost; it has none"),
        ({"level": "cut", "cost": 0.1}, "exactly one of level, cost; it has both"),
        ({"level": "cutt"}, "unknown level 'cutt'; did you mean 'cut'"),
        ({"cost": -0.1}, "must be at least 0"),
        ({"cost": 0.1, "financing": 2}, "PaymentCosts.financing is 2"),
    ],
)
def test_a_measure_that_makes_no_sense_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        PaymentCosts(by=ALLIES, on="RUS", **keys)


def test_a_measure_reads_back_from_a_file() -> None:
    measure = PaymentCosts(by=ALLIES, on="RUS", cost=0.08, financing=0.1)
    built = MEASURE_MODELS["payment-costs"].model_validate(measure.to_dict()).build()
    assert built == PaymentCosts(by=tuple(ALLIES), on=("RUS",), sectors=("all",), cost=0.08, financing=0.1)


# ----------------------------------------------------------------------------------------------- where trade goes
def test_what_is_lost_and_what_goes_elsewhere_add_up_to_the_change_of_trade(outcome: Outcome) -> None:
    world = outcome.world
    table = payments.deflection(outcome, ALLIES, "RUS")
    russia = world.regions.index("RUS")
    after = outcome.flows / outcome.cost[None]
    abroad = np.arange(len(world.regions)) != russia
    exports = after[abroad, russia].sum() - world.accounts.flows[abroad, russia].sum()
    imports = after[russia, abroad].sum() - world.accounts.flows[russia, abroad].sum()
    sums = table["change"] + table["others"]
    assert sums["exports"] == pytest.approx(exports, rel=1e-9)
    assert sums["imports"] == pytest.approx(imports, rel=1e-9)
    assert (table["change"] < 0).all()
    assert (table["others"] > 0).all()
    assert table["deflected_percent"].between(0, 100).all()


def test_third_countries_add_up_to_what_goes_elsewhere(outcome: Outcome) -> None:
    table = payments.through(outcome, ALLIES, "RUS")
    deflected = payments.deflection(outcome, ALLIES, "RUS")
    assert table["sold_to_target"].sum() == pytest.approx(deflected.at["imports", "others"], rel=1e-9)
    assert table["bought_from_target"].sum() == pytest.approx(deflected.at["exports", "others"], rel=1e-9)
    assert table["bought_from_coalition"].sum() == pytest.approx(deflected.at["imports", "coalition_others"], rel=1e-9)
    assert set(table.index) == {"CHN", "KOR", "ROW"}


def test_where_everybody_joins_nothing_goes_elsewhere() -> None:
    found = gt.solve(small_world(), [PaymentCosts(by="all", on="RUS", level="cut")], horizon="short")
    table = payments.deflection(found, "all", "RUS")
    assert (table["others"] == 0).all()
    assert (table["change"] < 0).all()
    np.testing.assert_allclose(table["change_percent"], 100 * table["change"] / table["before"])


def test_payments_that_cost_nothing_change_nothing() -> None:
    still = gt.solve(small_world(), [PaymentCosts(by=ALLIES, on="RUS", cost=0)], horizon="short")
    assert still.real_income.abs().max() < 1e-7
    assert payments.deflection(still, ALLIES, "RUS")["deflected_percent"].isna().all()


# -------------------------------------------------------------------------------------------- band and observations
def test_the_loss_grows_over_the_band(outcome: Outcome) -> None:
    solved, failed = payments_effects.band(outcome)
    table = payments_effects.band_table(solved, ["RUS", "DEU"])
    assert not failed
    assert (table["low"] > table["central"]).all()
    assert (table["central"] > table["high"]).all()
    np.testing.assert_allclose(table["central"], outcome.real_income[["RUS", "DEU"]], atol=1e-7)


def test_predictions_stand_beside_what_was_observed(outcome: Outcome) -> None:
    table = payments_effects.beside_observed(outcome, "RUS")
    assert len(table) == len(payments.observed())
    assert (table["low"] < table["predicted"]).all()
    assert (table["predicted"] < table["high"]).all()
    inside = (table["low"] <= table["observed"]) & (table["observed"] <= table["high"])
    assert (inside == table["covered"]).all()
    # the model's own world has its coalition in DEU, JPN and USA alone: the rows are made from scratch
    others = gt.solve(
        small_world(), [PaymentCosts(by=["CHN", "KOR", "ROW"], on="RUS", level="agents")], horizon="short"
    )
    russia, abroad = small_world().regions.index("RUS"), np.arange(7) != small_world().regions.index("RUS")
    before, after = small_world().accounts.flows, others.flows / others.cost[None]
    fall = 100 * (after[russia, abroad].sum() / before[russia, abroad].sum() - 1)
    row = table[(table["level"] == "agents") & (table["quantity"] == "imports")].iloc[0]
    assert row["predicted"] == pytest.approx(fall, abs=1e-5)


def test_nothing_is_on_record_for_others(outcome: Outcome) -> None:
    assert payments_effects.beside_observed(outcome, "CHN").empty


def section_of(tmp_path: Any, measure: PaymentCosts) -> Any:
    scenario = gt.Scenario(
        title="Payments",
        world=str(small_world().save(tmp_path / "small.world")),
        horizon="short",
        horizons=["short"],
        elasticities={"draws": 0},  # type: ignore[arg-type]
        measures=[measure],  # type: ignore[list-item]
    )
    (section,) = sections_of(execute(scenario))
    return section


def test_withdrawn_money_is_told_beside_the_cost(tmp_path: Any) -> None:
    world = small_world()
    measure = PaymentCosts(by="CHN", on="USA", cost=0.02, financing=0.2)
    money = 0.2 * float(world.accounts.transfer[world.region_indices("USA")[0]])
    assert payments.withdrawn(world, measure) == pytest.approx(money)
    section = section_of(tmp_path, measure)
    assert f"US$\u00a0{money / 1000:.1f}\u00a0billion a year are withdrawn (20\u00a0% of" in section.sentences[0]
    alone = gt.solve(world, [PaymentCosts(by="CHN", on="USA", cost=0.02)], horizon="short")
    exports = payments.deflection(alone, "CHN", "USA").loc["exports"]
    assert "The cost of paying alone" in section.sentences[1]
    percent = f"{100 * exports['change'] / exports['before']:+.1f}".replace("-", "−")
    assert f"exports to them by {percent}\u00a0%" in section.sentences[1]
    assert any("the returned transfer itself" in line for line in section.cautions)
    assert "money behind the deficit of the US" in measure.phrase("China", "the US")
    # a cost given as a number has no band, and whoever loses does not step in
    assert not {"payments-band"} & {figure.anchor for figure in section.figures}
    assert "payments_band" not in {table.name for table in section.tables}
    third = next(figure for figure in section.figures if figure.anchor == "payments-third")
    assert "−" not in third.body
    assert ">0.00<" not in third.body
    assert exports["deflected_percent"] < 0  # others buy less too: no share of the loss goes there
    assert "exports lost by the cost alone, none go to other countries" in section.sentences[2]


def test_the_report_has_a_section_on_payments(tmp_path: Any, outcome: Outcome) -> None:
    section = section_of(tmp_path, PaymentCosts(by=ALLIES, on="RUS", level="cut"))
    assert all(table.name.startswith("payments_") and len(table.frame) for table in section.tables)
    assert [figure.anchor for figure in section.figures] == [
        "payments-trade", "payments-third", "payments-band", "payments-observed",
    ]  # fmt: skip
    assert "9.3\u00a0% of the invoice" in section.sentences[0]
    assert "Haidar 2017" in section.sentences[1]
    text = " ".join(section.sentences)
    assert "−8\u00a0% observed" in text
    assert "more than −1\u00a0% observed" in text
    assert "of 1 only a bound is known" in text
    assert any("nobody earns it" in line for line in section.cautions)
    observed = next(figure for figure in section.figures if figure.anchor == "payments-observed")
    bands = payments_effects.beside_observed(outcome, "RUS")
    for row in bands.itertuples():
        assert f"{row.low:.1f} to {row.high:.1f}".replace("-", "−") in observed.body
    assert any("upper bound" in line for line in section.cautions)
