"""Draws of trade elasticities: sets evenly, sampling errors as printed, the points of a Sobol sequence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from gaiatsu.errors import ScenarioError
from gaiatsu.world import World
from gaiatsu.world.elasticities import elasticity_sets, load_elasticities, standard_errors, table_rows
from gaiatsu.world.elasticity_draws import _truncated_normal, draw_elasticities, sets_drawn
from gaiatsu.world.points import sobol_points
from script_loading import load_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def world():
    return World.load("wiod2014")


def column(draws, world, sector):
    return draws.theta[:, world.sectors.index(sector)]


def test_the_stored_points_are_scipys_sobol_sequence():
    script = load_script(ROOT / "scripts" / "sobol_points.py")
    np.testing.assert_array_equal((script.points() + 0.5) / 65536, sobol_points())
    assert sobol_points().shape == (1024, 1 + len(table_rows()))


def test_the_sets_are_drawn_evenly_and_the_same_every_time(world):
    first, second = draw_elasticities(world, 64), draw_elasticities(world, 64)
    np.testing.assert_array_equal(first.theta, second.theta)
    assert set(Counter(first.sets).values()) == {64 // len(sets_drawn())}
    assert set(first.sets) == set(sets_drawn())
    assert set(sets_drawn()) == set(elasticity_sets()) - {"uniform-4", "fontagne-tiva"}
    np.testing.assert_array_equal(draw_elasticities(world, 16).theta, first.theta[:16])


def test_a_set_without_printed_errors_stands_as_it_is(world):
    for name in elasticity_sets():
        theta, _ = load_elasticities(name, world)
        draws = draw_elasticities(world, 32, sets=name)
        if standard_errors(name):
            assert np.ptp(column(draws, world, "A01")) > 1
        else:
            np.testing.assert_array_equal(draws.theta, np.tile(theta, (32, 1)))


def test_the_printed_errors_are_those_of_the_draws(world):
    draws = draw_elasticities(world, 1024, sets=["caliendo-parro"])
    for sector, estimate, error in (("A01", 9.11, 2.01), ("C27", 12.91, 1.64), ("C19", 64.85, 15.61)):
        values = column(draws, world, sector)
        assert values.mean() == pytest.approx(estimate, rel=0.005)
        assert values.std() == pytest.approx(error, rel=0.02)
    cars = column(draws, world, "C29")  # 1.84 (0.92), cut off at 0.5
    expected = stats.truncnorm((0.5 - 1.84) / 0.92, np.inf, 1.84, 0.92)
    assert cars.min() >= 0.5
    assert cars.mean() == pytest.approx(expected.mean(), rel=0.005)
    np.testing.assert_allclose(np.quantile(cars, [0.1, 0.5, 0.9]), expected.ppf([0.1, 0.5, 0.9]), rtol=0.01)


@pytest.mark.parametrize("mean, error", [(9.11, 2.01), (1.84, 0.92), (0.39, 1.08)])
def test_truncated_normal_against_scipy(mean, error):
    law = stats.truncnorm((0.5 - mean) / error, np.inf, mean, error)
    for uniform in (1e-5, 0.05, 0.5, 0.95, 1 - 1e-5):
        assert _truncated_normal(uniform, mean, error, 0.5) == pytest.approx(law.ppf(uniform), rel=1e-9)


def test_sectors_that_share_an_estimate_move_together(world):
    draws = draw_elasticities(world, 64, sets="CP")
    np.testing.assert_array_equal(column(draws, world, "C20"), column(draws, world, "C21"))
    assert abs(np.corrcoef(column(draws, world, "C20"), column(draws, world, "A01"))[0, 1]) < 0.3


def test_what_is_set_by_hand_stays_in_every_draw(world):
    draws = draw_elasticities(world, 64, overrides={"C29": 3.0})
    assert set(column(draws, world, "C29")) == {3.0}
    assert np.ptp(column(draws, world, "C24")) > 1
    services = draws.theta[:, world.sector_indices("services")]
    assert set(services.ravel()) == {4.0}


def test_wrong_requests_are_named(world):
    for count in (0, -1, 1.5, True, 1025, "64"):
        with pytest.raises(ScenarioError, match="whole number from 1 to 1024"):
            draw_elasticities(world, count)
    with pytest.raises(ScenarioError, match="did you mean 'fontagne'"):
        draw_elasticities(world, 8, sets=["fontange"])
    with pytest.raises(ScenarioError, match="no elasticity set is named"):
        draw_elasticities(world, 8, sets=[])
    with pytest.raises(ScenarioError, match="unknown sector 'C99'; did you mean 'C29'"):
        draw_elasticities(world, 8, overrides={"C99": 4})
    with pytest.raises(ScenarioError, match="sets is 5; it must be the name"):
        draw_elasticities(world, 8, sets=5)
    for overrides in ([1], {3: 3.0}, "C29"):
        with pytest.raises(ScenarioError, match="it must map sectors to θ"):
            draw_elasticities(world, 8, overrides=overrides)
    assert set(column(draw_elasticities(world, 8, overrides={"C29": np.int64(3)}), world, "C29")) == {3.0}
