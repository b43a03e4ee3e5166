"""Bad input to the engine: each a clear error that says what, where and what to do."""

from __future__ import annotations

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import DataError, GaiatsuError, ScenarioError
from gaiatsu.trade import solve_arrays
from worlds import elasticities, random_world

WORLD = random_world(0, (3, 2))
ELASTIC = elasticities(0, 2)
FLOWS = WORLD.accounts.flows.shape


def with_cell(shape: tuple[int, ...], cell: tuple[int, ...], value: float, fill: float) -> np.ndarray:
    table = np.full(shape, float(fill))
    table[cell] = value
    return table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"duty": np.zeros((3, 2))}, r"duty has shape \(3, 2\); this world needs \(3, 3, 2\)"),
        ({"productivity": np.ones((2, 3))}, r"productivity has shape \(2, 3\); this world needs \(3, 2\)"),
        ({"transfer": 0.0}, r"transfer has shape \(\); this world needs \(3,\)"),
        ({"duty": with_cell(FLOWS, (0, 1, 1), -1.0, 0)}, r"duty\[0, 1, 1\] is .*-1\.0.*above -1"),
        ({"duty": with_cell(FLOWS, (0, 1, 1), np.nan, 0)}, r"duty\[0, 1, 1\] is .*nan.*finite"),
        ({"duty": with_cell(FLOWS, (0, 1, 1), np.inf, 0)}, r"duty\[0, 1, 1\] is .*inf.*finite"),
        ({"duty": with_cell(FLOWS, (1, 1, 0), 0.1, 0)}, r"duty on home trade must be zero"),
        ({"export_duty": with_cell(FLOWS, (2, 2, 0), 0.1, 0)}, r"export_duty on home trade must be zero"),
        ({"export_duty": with_cell(FLOWS, (2, 0, 0), -1.5, 0)}, r"export_duty\[2, 0, 0\] is .*-1\.5"),
        ({"iceberg": with_cell(FLOWS, (2, 0, 0), 0.0, 1)}, r"iceberg\[2, 0, 0\] is .*0\.0.*above 0"),
        ({"availability": with_cell(FLOWS, (2, 0, 0), -0.1, 1)}, r"availability\[2, 0, 0\] is .*-0\.1"),
        ({"availability": with_cell(FLOWS, (2, 0, 0), 1.1, 1)}, r"availability\[2, 0, 0\] is .*1\.1.*at most 1"),
        ({"productivity": with_cell((3, 2), (1, 1), 0.0, 1)}, r"productivity\[1, 1\] is .*0\.0.*above 0"),
        ({"transfer": np.array([1e6, 0, 0])}, r"transfers? sums? to 1e\+06.*must sum to zero"),
        ({"transfer": np.array([np.nan, 0, 0])}, r"transfer\[0\] is .*nan"),
    ],
)
def test_arrays_that_make_no_sense(arguments, said):
    with pytest.raises(DataError, match=said):
        solve_arrays(WORLD, elasticities=ELASTIC, **arguments)


def test_arrays_are_taken_by_name_only():
    with pytest.raises(TypeError):
        solve_arrays(WORLD, np.zeros(FLOWS))  # type: ignore[misc]


def test_text_is_not_a_table():
    with pytest.raises((DataError, ValueError)) as caught:
        solve_arrays(WORLD, duty="high", elasticities=ELASTIC)  # type: ignore[arg-type]
    assert "high" in str(caught.value) or "duty" in str(caught.value)


@pytest.mark.parametrize("solver", [gt.solve, gt.solve_many])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"horizon": "shrt"}, r"unknown horizon 'shrt'; did you mean 'short'\? \(known: impact, short, medium, long\)"),
        (
            {"closure": "fixd"},
            r"unknown closure 'fixd'; did you mean 'fixed'\? \(known: fixed, proportional, balanced\)",
        ),
        ({"residual_supply": 1.5}, r"residual_supply is 1\.5"),
    ],
)
def test_options_that_do_not_exist(solver, options, said):
    world = random_world(0, (3, 2))
    given = {} if "horizon" in options else {"elasticities": ELASTIC}
    scenarios = [[]] if solver is gt.solve_many else []
    with pytest.raises(ScenarioError, match=said):
        solver(world, scenarios, **given, **options)


def test_an_unknown_closure_of_arrays():
    with pytest.raises(ScenarioError, match=r"unknown closure 'balance'; did you mean 'balanced'"):
        solve_arrays(WORLD, elasticities=ELASTIC, closure="balance")


def test_a_sector_without_a_published_elasticity_is_named():
    with pytest.raises(ScenarioError, match=r"sector 'S0' has no ISIC code"):
        gt.solve(WORLD, [])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trade": 0.0}, "elasticity 'trade' must be positive and finite"),
        ({"trade": np.array([4.0, -1.0])}, "elasticity 'trade' must be positive and finite"),
        ({"trade": np.array([[4.0, 1.0]])}, "elasticity 'trade' must be positive and finite"),
        ({"trade": float("nan")}, "elasticity 'trade' must be positive and finite"),
        ({"trade": 4.0, "value_added": 0.0}, "elasticity 'value_added' must be positive and finite"),
        ({"trade": 4.0, "materials": float("inf")}, "elasticity 'materials' must be positive and finite"),
        ({"trade": 4.0, "consumption": -0.5}, "elasticity 'consumption' must be one positive, finite number"),
        ({"trade": 4.0, "consumption": np.ones(2)}, "elasticity 'consumption' must be one positive, finite number"),
        ({"trade": 4.0, "mobility": -0.1}, "elasticity 'mobility' must be one number, 0 or more"),
        ({"trade": 4.0, "mobility": float("nan")}, "elasticity 'mobility' must be one number, 0 or more"),
    ],
)
def test_elasticities_that_make_no_sense(options, said):
    with pytest.raises(ScenarioError, match=said):
        gt.Elasticities(**options)


@pytest.mark.parametrize("name", ["trade", "value_added", "materials"])
def test_as_many_elasticities_as_sectors(name):
    given = {"trade": 4.0, name: np.full(3, 0.9)}
    with pytest.raises(ScenarioError, match=rf"elasticity '{name}' has 3 numbers; the world has 2 sectors"):
        solve_arrays(WORLD, elasticities=gt.Elasticities(**given))
    with pytest.raises(ScenarioError, match=rf"elasticity '{name}' has 3 numbers; the world has 2 sectors"):
        gt.solve_many(WORLD, [[]], elasticities=gt.Elasticities(**given))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: gt.Tariff(by="USA", on="JPN", rate=-1.0), r"Tariff.rate is -1\.0; a rate must be above -100 %"),
        (lambda: gt.Tariff(by="USA", on="JPN", to=-2), r"Tariff.to is -2; a rate must be above -100 %"),
        (lambda: gt.ExportTax(by="USA", on="JPN", rate=-1), r"ExportTax.rate is -1"),
        (lambda: gt.Productivity(by="USA", change=-1.0), r"Productivity.change is -1\.0"),
        (lambda: gt.Embargo(by="USA", on="JPN", share=1.01), r"Embargo.share is 1\.01; a share lies between 0 and 1"),
        (lambda: gt.Tariff(by="USA", on="JPN", rate=0.1, coverage=-0.1), r"Tariff.coverage is -0\.1; a share"),
        (lambda: gt.Tariff(by="USA", on=[], rate=0.1), r"Tariff.on is empty: name at least one"),
        (lambda: gt.Embargo(by=" ", on="JPN"), r"Embargo.by is empty: name at least one"),
        (lambda: gt.Agreement(between=[], cost_cut=0.1), r"Agreement.between is empty"),
    ],
)
def test_measures_that_make_no_sense(make, said):
    with pytest.raises(ScenarioError, match=said):
        make()


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (gt.Tariff(by="USA", on="JAN", rate=0.1), r"JAN.*did you mean.*JPN"),
        (gt.Tariff(by="USA", on="JPN", sectors="C92", rate=0.1), r"unknown sector 'C92'"),
        (gt.Embargo(by="quadd", on="JPN"), r"quadd.*did you mean.*quad"),
        (gt.Tariff(by="USA", on="United States", rate=0.1), r"`by` and `on` are the same region, USA"),
    ],
)
def test_names_that_the_world_does_not_know(wiod, measure, said):
    with pytest.raises(ScenarioError, match=said):
        gt.solve(wiod, [measure])
    found = gt.solve_many(wiod, [[measure], []], errors="return")
    assert isinstance(found[0], GaiatsuError)
    assert np.abs(found[1].real_income).max() <= 1e-7


def test_two_levels_on_one_cell_name_the_cell(wiod):
    pair = [gt.Tariff(by="USA", on="JPN", sectors="C29", to=level) for level in (0.15, 0.25)]
    with pytest.raises(
        ScenarioError, match=r"two measures set different levels on USA imports of C29 from JPN: 0\.15 and 0\.25"
    ):
        gt.solve(wiod, pair)


def test_what_is_no_measure():
    with pytest.raises(ScenarioError, match="no measure"):
        gt.solve(WORLD, ["a tariff"], elasticities=ELASTIC)  # type: ignore[list-item]


@pytest.mark.parametrize("tolerance", [0.0, float("nan")])
def test_a_tolerance_that_cannot_be_met(tolerance):
    """No outcome is passed off as certified."""
    tariff = [gt.Tariff(by="R0", on="R1", rate=0.1)]
    with pytest.raises(GaiatsuError):
        gt.solve(random_world(0, (5, 4)), tariff, elasticities=elasticities(0, 4), tolerance=tolerance)
