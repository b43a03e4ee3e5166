"""Why real income changes: the exact decomposition, the published one, attribution, and what θ means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.trade import solve_arrays
from worlds import HORIZONS, elasticities, random_wedges, random_world

CHANNELS = [
    "terms_of_trade", "import_volume", "export_volume", "border_cost", "productivity", "availability", "transfer",
]  # fmt: skip
WEDGES = ("duty", "export_duty", "iceberg", "availability", "productivity", "transfer")
SHAPE = (5, 4)
TIGHT = 1e-12
seeds = st.integers(0, 2**20)
horizons = st.sampled_from(list(HORIZONS))


# ------------------------------------------------------------------------------------------- exact decomposition
@settings(max_examples=10)
@given(
    seed=seeds,
    horizon=horizons,
    closure=st.sampled_from(["fixed", "proportional", "balanced"]),
    moved=st.sets(st.sampled_from(WEDGES), min_size=1),
)
def test_the_parts_add_up_to_the_exact_change(seed, horizon, closure, moved):
    world = random_world(seed, SHAPE)
    wedges = {name: table for name, table in random_wedges(seed, world).items() if name in moved}
    if closure == "balanced":
        wedges.pop("transfer", None)
    elastic = elasticities(seed, SHAPE[1], horizon)
    outcome = solve_arrays(world, **wedges, elasticities=elastic, closure=closure, tolerance=TIGHT)
    parts = outcome.decompose()
    assert list(parts.columns) == [*CHANNELS, "total"]
    assert list(parts.index) == list(world.regions)
    np.testing.assert_allclose(parts[CHANNELS].sum(axis=1), parts["total"], atol=1e-12)
    assert np.abs(parts["total"] - outcome.real_income).max() <= 1e-6  # of a percentage point
    channel = {"iceberg": "border_cost", "productivity": "productivity", "availability": "availability"}
    for name, column in channel.items():
        assert (np.abs(parts[column]).max() > 1e-3) == (name in wedges), column
    if closure != "proportional":
        assert (np.abs(parts["transfer"]).max() > 1e-9) == ("transfer" in wedges)


def test_each_channel_alone():
    """A world without duties: a small iceberg costs its share of imports; terms of trade sum to zero over the world."""
    world = random_world(1, (5, 4), duties=0, export_duties=0, deficits=0)
    base = world.accounts
    iceberg = np.ones(base.flows.shape)
    iceberg[0, 1, 2] = 1.0001
    outcome = solve_arrays(world, iceberg=iceberg, elasticities=elasticities(1, 4), tolerance=TIGHT)
    parts = outcome.decompose()
    expected = -100 * base.flows[0, 1, 2] * math.log(1.0001) / base.income[0]
    assert parts.loc["R0", "border_cost"] == pytest.approx(expected, rel=1e-3)
    assert np.abs(parts.loc["R1":, "border_cost"]).max() == 0
    others = ["import_volume", "export_volume", "productivity", "availability", "transfer"]
    assert np.abs(parts[others]).max(axis=None) <= 1e-15
    assert base.income @ parts["terms_of_trade"] == pytest.approx(0, abs=1e-3 * np.abs(expected) * base.income[0])


def test_the_first_order_parts_are_those_of_the_paper():
    """Caliendo & Parro (2015), section 4, written out from an outcome's tables."""
    world = random_world(4, (5, 4), export_duties=0)
    duty = random_wedges(4, world)["duty"]
    outcome = solve_arrays(world, duty=duty, elasticities=elasticities(4, 4), tolerance=TIGHT)
    found = outcome.decompose(first_order=True)
    assert list(found.columns) == ["terms_of_trade", "volume_of_trade", "welfare"]
    base, cost = outcome.accounts, outcome.cost - 1
    imports = outcome.table("imports")[["baseline", "counterfactual"]].to_numpy().reshape(5, 5, 4, 2)
    before, after = imports[..., 0], imports[..., 1]
    for region in range(5):
        terms = (before[:, region] * cost[region]).sum() - (before[region] * cost).sum()
        growth = np.divide(after[region], before[region], out=np.ones((5, 4)), where=before[region] > 0)
        volume = (base.duty[region] * before[region] * (growth - 1 - cost)).sum()
        assert found["terms_of_trade"].iloc[region] == pytest.approx(100 * terms / base.income[region], rel=1e-9)
        assert found["volume_of_trade"].iloc[region] == pytest.approx(100 * volume / base.income[region], rel=1e-9)
    np.testing.assert_allclose(found["welfare"], found["terms_of_trade"] + found["volume_of_trade"], rtol=1e-12)


def test_to_first_order_the_two_decompositions_agree():
    world = random_world(4, (5, 4), export_duties=0)
    step = 1e-5 * (random_wedges(4, world)["duty"] - world.accounts.duty)
    outcome = solve_arrays(world, duty=world.accounts.duty + step, elasticities=elasticities(4, 4), tolerance=1e-13)
    exact, published = outcome.decompose(), outcome.decompose(first_order=True)
    size = np.abs(outcome.real_income).max()
    assert np.abs(exact["terms_of_trade"] - published["terms_of_trade"]).max() <= 1e-3 * size
    assert np.abs(exact["import_volume"] - published["volume_of_trade"]).max() <= 1e-3 * size


@pytest.mark.parametrize("horizon", list(HORIZONS))
def test_the_parts_of_a_full_embargo(horizon):
    """Availability runs to zero linearly; no node of the path is at its shut end, and the parts still add up."""
    world = random_world(0, (5, 4))
    shut = gt.solve(world, [gt.Embargo(by="R0", on="R1")], elasticities=elasticities(0, 4, horizon), tolerance=TIGHT)
    parts = shut.decompose()
    assert np.abs(shut.real_income).max() > 1
    assert np.abs(parts["total"] - shut.real_income).max() <= 1e-6
    assert parts.loc["R1", "availability"] < -0.1
    assert np.abs(parts.loc[parts.index != "R1", "availability"]).max() == 0


# --------------------------------------------------------------------------------------------------- attribution
def four_measures() -> list:
    return [
        gt.Tariff(by="R0", on="R1", sectors="S0", rate=0.3, note="first"),
        gt.Tariff(by="R0", on="R1", sectors="S0", rate=0.3, note="twin"),
        gt.Embargo(by="R2", on="R0", sectors="S1", share=0.8),
        gt.Agreement(between=["R3", "R4"], cost_cut=0.05),
    ]


def test_shapley_values_add_up_and_treat_equals_equally():
    world = random_world(0, (5, 4))
    outcome = gt.solve(world, four_measures(), elasticities=elasticities(0, 4), tolerance=TIGHT)
    found = outcome.attribute()
    assert list(found.index) == list(world.regions)
    assert list(found.columns[:2]) == ["first", "twin"]
    assert found.columns.is_unique
    np.testing.assert_allclose(found.sum(axis=1), outcome.real_income, atol=1e-10)
    np.testing.assert_allclose(found["first"], found["twin"], rtol=1e-8)
    assert (np.abs(found) > 1e-6).any().all()
    alone = found.attrs["alone"]
    solo = gt.solve(
        world, four_measures()[3:], elasticities=outcome.elasticities, closure=outcome.closure, tolerance=TIGHT
    )
    np.testing.assert_allclose(alone.iloc[:, 3], solo.real_income, atol=1e-8)
    np.testing.assert_allclose(found.attrs["interaction"] + alone.sum(axis=1), outcome.real_income, atol=1e-10)


def test_shapley_by_hand():
    """Two measures: the mean of coming first and coming second."""
    world = random_world(0, (5, 4))
    pair = four_measures()[1:3]
    elastic = elasticities(0, 4, "short")
    options = {"elasticities": elastic, "closure": "proportional", "tolerance": TIGHT}
    both = gt.solve(world, pair, **options)
    first, second = (gt.solve(world, [measure], **options).real_income for measure in pair)
    found = both.attribute()
    np.testing.assert_allclose(found.iloc[:, 0], (first + both.real_income - second) / 2, atol=1e-8)
    np.testing.assert_allclose(found.iloc[:, 1], (second + both.real_income - first) / 2, atol=1e-8)


def test_a_measure_that_does_nothing_is_given_nothing():
    world = random_world(0, (5, 4))
    idle = gt.Tariff(by="R0", on="R1", at_least=0.0)
    chosen = [four_measures()[0], idle, *four_measures()[2:]]
    found = gt.solve(world, chosen, elasticities=elasticities(0, 4)).attribute()
    assert np.abs(found.iloc[:, 1]).max() <= 1e-7
    assert np.abs(found.iloc[:, 0]).max() > 0.01


def test_more_than_ten_measures_are_sampled_and_still_add_up():
    world = random_world(0, (5, 4))
    many = [
        gt.Tariff(by="R0", on="R1", sectors=sector, rate=0.02 * step) for step in (1, 2, 3) for sector in world.sectors
    ]
    assert len(many) == 12
    outcome = gt.solve(world, many, elasticities=elasticities(0, 4))
    found = outcome.attribute(samples=3, seed=1)
    np.testing.assert_allclose(found.sum(axis=1), outcome.real_income, atol=1e-10)
    assert found.attrs["standard_error"].shape == found.shape
    assert (found.attrs["standard_error"] >= 0).all(axis=None)
    assert found.equals(outcome.attribute(samples=3, seed=1))
    assert not found.equals(outcome.attribute(samples=3, seed=2))


def test_nothing_to_attribute():
    outcome = solve_arrays(random_world(0, (5, 4)), elasticities=elasticities(0, 4))
    with pytest.raises(ScenarioError, match=r"attribution needs between 1 and \d+ measures; this outcome has 0"):
        outcome.attribute()


# ------------------------------------------------------------------------------------------------- what θ means
def two_way_effects(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Dummies of importers and of exporters for stacked cross-border cells."""
    count = int(max(first.max(), second.max())) + 1
    return np.concatenate([np.eye(count)[first], np.eye(count)[second][:, 1:]], axis=1)


@settings(max_examples=6)
@given(seed=seeds, horizon=horizons)
def test_what_a_gravity_regression_finds(seed, horizon):
    """ln imports on ln(1+τ) and ln(1+e) with importer and exporter effects, cell by cell before and after a shock:
    −(θ+1) = −σ on the import duty for values without it, −θ for values with it; export duties shift both the same way.
    """
    world = random_world(seed, (5, 4))
    shock = random_wedges(seed, world)
    wedges = {name: shock[name] for name in ("duty", "export_duty")}
    elastic = elasticities(seed, 4, horizon)
    outcome = solve_arrays(world, **wedges, elasticities=elastic, tolerance=TIGHT)
    cells = outcome.table("imports")
    cells = cells[cells["importer"] != cells["exporter"]]
    number = {region: place for place, region in enumerate(world.regions)}
    importer, exporter = (cells[axis].map(number).to_numpy() for axis in ("importer", "exporter"))
    sector = cells["sector"].map({name: place for place, name in enumerate(world.sectors)}).to_numpy()
    basic = np.log(cells["counterfactual"] / cells["baseline"]).to_numpy()
    rises = {
        name: (np.log1p(wedges[name]) - np.log1p(getattr(world.accounts, name)))[importer, exporter, sector]
        for name in wedges
    }
    for place, theta in enumerate(elastic.theta(4)):
        mine = sector == place
        dummies = two_way_effects(importer[mine], exporter[mine])
        duty, export_duty = (rises[name][mine] for name in ("duty", "export_duty"))
        regressors = np.column_stack([duty, export_duty, dummies])
        for values, expected in {
            "at the border": (basic[mine] + export_duty, (-(theta + 1), -theta)),
            "duty paid": (basic[mine] + export_duty + duty, (-theta, -theta)),
            "basic": (basic[mine], (-(theta + 1), -(theta + 1))),
        }.values():
            found = np.linalg.lstsq(regressors, values, rcond=None)[0]
            np.testing.assert_allclose(found[:2], expected, rtol=1e-8)
