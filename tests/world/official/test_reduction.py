"""Negative cells, inventories, discrepancies: what the rules do, and that they say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import DataError
from gaiatsu.world import balance
from gaiatsu.world.official.build import build_official

from . import writers
from .formats import FORMATS
from .helpers import built
from .tables import small, with_final


def moved(report: dict[str, Any], words: str) -> dict[str, Any]:
    return next(repair for repair in report["repairs"] if words in repair["rule"])


def test_inventories_leave_the_goods_but_not_the_total(tmp_path: Path) -> None:
    table = small(5)
    final = table.final.copy()
    final[1, 2, 1, 4] = -60.0  # Japan runs down its own stock of metals, and piles up cars
    final[1, 3, 1, 4] = 80.0
    world, report = built(tmp_path, with_final(table, final))
    stocks = moved(report, "inventory changes")
    assert [cell for cell in stocks["cells"] if cell["gross"]] == [
        {"region": "JPN", "inventories": 20.0, "gross": 140.0}
    ]
    assert world.accounts.income[1] == pytest.approx(table.final[:, :, 1].sum() + 20, rel=1e-4)
    assert report["world"]["output_moved"] > 0
    assert max(world.check().values()) < 1e-9
    share = world.accounts.final_share[1]
    wanted = table.final[:, :, 1].sum(axis=(0, 2))
    np.testing.assert_allclose(share, wanted / wanted.sum(), rtol=1e-5)


def test_value_added_below_zero_is_raised_and_the_inputs_go_to_final_use(tmp_path: Path) -> None:
    table = small(5)
    intermediate = table.intermediate.copy()
    intermediate[:, :, 2, 1] *= 5  # German paper mills spend more than it sells
    changed = with_final(replace(table, intermediate=intermediate), table.final)
    assert changed.added[2, 1] < 0
    world, report = built(tmp_path, changed)
    repair = moved(report, "below one per cent")
    assert [(cell["region"], cell["sector"]) for cell in repair["cells"]] == [("DEU", "C17_18")]
    assert repair["cells"][0]["before"] == pytest.approx(changed.added[2, 1] + changed.taxes[2, 1], rel=1e-4)
    assert world.accounts.va_share[2, 1] == pytest.approx(0.01, rel=1e-5)
    np.testing.assert_allclose(world.accounts.flows, changed.accounts.flows, rtol=1e-5)
    given_up = changed.accounts.intermediate[2].sum() - world.accounts.intermediate[2].sum()
    assert given_up == pytest.approx(repair["moved"], rel=1e-4)
    assert world.accounts.final_use[2].sum() == pytest.approx(changed.final[:, :, 2].sum() + given_up, rel=1e-5)


def test_negative_cells_are_counted_and_negative_sums_become_zero(tmp_path: Path) -> None:
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    final[0, 1, 3, 3] = -5.0  # negative investment that other uses outweigh
    final[4, 1, 0, 4] = -(intermediate[4, 1, 0].sum() + final[4, 1, 0].sum() + 7.0)  # Mexican stocks sold off
    intermediate[:, 2, 5, 0] = 0.0
    intermediate[5, 2, 5, 0] = -3.0  # a by-product
    _, report = built(tmp_path, with_final(replace(table, intermediate=intermediate), final))
    assert report["found"]["negative_cells"] == 2  # stocks are no negative cells
    assert report["found"]["negative_sum"] == pytest.approx(-8.0)
    trade = moved(report, "all uses of a good from one origin")
    assert [(c["importer"], c["exporter"], c["sector"]) for c in trade["cells"]] == [("USA", "MEX", "C17_18")]
    assert trade["moved"] == pytest.approx(7.0, rel=1e-4)
    inputs = moved(report, "inputs of a good from all origins")
    assert [(c["region"], c["input"], c["user"], c["before"]) for c in inputs["cells"]] == [
        ("ROW", "C24", "A01_02", -3.0)
    ]


def test_a_discrepancy_goes_to_value_added_and_is_reported(tmp_path: Path) -> None:
    form = FORMATS["adb"]
    table = form.table()
    rows = writers.adb_rows(table)
    added = next(row for row in rows if row[3] == "r64")
    before = added[4 + 7]
    added[4 + 7] = before * 1.01
    path = writers.xlsx(tmp_path / "ADB-MRIO-2022-July 2025.xlsx", {"ADB MRIO 2022": rows})
    world, report = build_official("adb", path, duties="none")
    np.testing.assert_allclose(world.accounts.va_share, table.accounts.va_share, rtol=1e-6)
    gap = report["found"]["costs_and_output_differ"]
    assert gap["sum"] == pytest.approx(before * 0.01, rel=1e-4)
    assert world.provenance["file"]["edition"] == "July 2025"


def test_taxes_are_in_value_added_and_those_of_final_users_are_left_out(tmp_path: Path) -> None:
    table = small(5)
    world, report = built(tmp_path, table)
    np.testing.assert_allclose(world.accounts.value_added, table.added + table.taxes, rtol=1e-5)
    assert report["paid_by_industries"]["taxes less subsidies on products"] == pytest.approx(
        table.taxes.sum(), rel=1e-5
    )
    of_final = report["paid_by_final_users"]["taxes less subsidies on products"]
    assert of_final["JPN"] == pytest.approx(table.final_taxes[1].sum(), rel=1e-5)


def test_how_far_users_own_origins_differ(tmp_path: Path) -> None:
    table = small(5)
    intermediate = table.intermediate.copy()
    shift = 0.5 * intermediate[1, 3, 0, 3]  # the American car industry takes half of its Japanese parts from Germany
    intermediate[1, 3, 0, 3] -= shift
    intermediate[2, 3, 0, 3] += shift
    changed = with_final(replace(table, intermediate=intermediate), table.final)
    _, report = built(tmp_path, changed)
    uses = np.concatenate([changed.intermediate[:, 3, 0], changed.final[:, 3, 0]], axis=1)  # [origin, user] of cars
    common = uses.sum(axis=1, keepdims=True) / uses.sum() * uses.sum(axis=0)
    bought = changed.intermediate[:, :, 0].sum() + changed.final[:, :, 0].sum()
    found = report["origins_differ_between_users"]
    assert found["USA"] == pytest.approx(np.abs(uses - common).sum() / 2 / bought, rel=1e-4)
    assert max(value for code, value in found.items() if code != "USA") < 1e-6


def test_a_sector_without_any_output_is_left_out(tmp_path: Path) -> None:
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    final[:, 4] = 0.0
    intermediate[:, 4] = 0.0
    intermediate[:, :, :, 4] = 0.0
    taxes, added = table.taxes.copy(), table.added.copy()
    taxes[:, 4] = added[:, 4] = 0.0
    world, report = built(
        tmp_path, with_final(replace(table, intermediate=intermediate, taxes=taxes, added=added), final)
    )
    assert world.sectors == ("A01_02", "C17_18", "C24", "C29")
    assert report["dropped_sectors"] == ["G"]


def test_a_sector_whose_sales_cancel_everywhere_is_left_out(tmp_path: Path) -> None:
    """Final use at home out of stocks: nothing is made, though no cell is zero."""
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    final[:, 4] = intermediate[:, 4] = 0.0
    intermediate[:, :, :, 4] = 0.0
    for n in range(6):
        final[n, 4, n, 0], final[n, 4, n, 4] = 500.0, -500.0
    taxes = table.taxes.copy()
    taxes[:, 4] = 0.0
    changed = with_final(replace(table, intermediate=intermediate, taxes=taxes), final)
    assert np.abs(changed.output[:, 4]).max() == 0
    world, report = built(tmp_path, changed)
    assert world.sectors == ("A01_02", "C17_18", "C24", "C29")
    assert report["dropped_sectors"] == ["G"]
    assert np.isfinite(world.accounts.flows).all()


def test_sectors_that_nobody_makes_have_a_technology_that_is_a_number() -> None:
    one = np.ones((2, 2))
    draft = balance.Draft(
        regions=("JPN", "USA"), sectors=("A01", "C29"), flows=np.array([[[4.0, 0], [1, 0]], [[1, 0], [4, 0]]]),
        duty=np.zeros((2, 2, 2)), va_share=one / 2, input_mix=np.full((2, 2, 2), 0.5), final_use=one,
    )  # fmt: skip
    with np.errstate(all="raise"):
        filled, _ = balance.fill_idle_sectors(draft)
    np.testing.assert_array_equal(filled.va_share, one / 2)


def test_a_region_without_output_is_named(tmp_path: Path) -> None:
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    final[3] = 0.0
    intermediate[3] = 0.0
    intermediate[:, :, 3] = 0.0
    taxes, added = table.taxes.copy(), table.added.copy()
    taxes[3] = added[3] = 0.0
    empty = with_final(replace(table, intermediate=intermediate, taxes=taxes, added=added), final)
    with pytest.raises(DataError, match="regions without output: CHN; put them into another one with --regions"):
        built(tmp_path, empty)
    assert built(tmp_path, empty, regions="ASIA=JPN+CHN,...")[0].regions == ("USA", "ASIA", "DEU", "MEX", "ROW")


def test_a_sector_that_buys_no_inputs_anywhere_and_is_idle_somewhere(tmp_path: Path) -> None:
    """Households as employers: their output is value added; in some regions there are none."""
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    intermediate[:, :, :, 4] = 0.0
    intermediate[3, 4] = final[3, 4] = 0.0
    final[:, 4, 3] = intermediate[:, 4, 3] = 0.0
    taxes, added = table.taxes.copy(), table.added.copy()
    taxes[3, 4] = added[3, 4] = 0.0
    changed = with_final(replace(table, intermediate=intermediate, taxes=taxes, added=added), final)
    world, _ = built(tmp_path, changed)
    assert world.accounts.output[3, 4] == 0
    np.testing.assert_allclose(np.delete(world.accounts.va_share[:, 4], 3), 1.0)
    np.testing.assert_allclose(world.accounts.flows, changed.accounts_flows, rtol=1e-5)


def test_a_good_that_is_sold_abroad_only_and_never_bought_is_left_as_it_is(tmp_path: Path) -> None:
    table = small(5)
    final, intermediate = table.final.copy(), table.intermediate.copy()
    final[:, 1, 4] = intermediate[:, 1, 4] = 0.0  # Mexico buys no paper, but sells it
    world, report = built(tmp_path, with_final(replace(table, intermediate=intermediate), final))
    assert np.isfinite(world.accounts.flows).all()
    assert world.accounts.output[4, 1] > 100
    assert world.accounts.expenditure[4, 1] == 0
    assert moved(report, "home sales are raised")["cells"] == []


def test_empty_cells_in_rows_beside_goods_are_zeros(tmp_path: Path) -> None:
    table = small(5)
    rows = writers.icio_rows(table, "2023")
    added = next(row for row in rows if row[0] == "VA")
    added[31:] = ["" for _ in added[31:]]
    path = tmp_path / "2020_SML.csv"
    path.write_text(writers.csv_lines(rows), encoding="utf-8")
    world, _ = build_official("icio2023", path, duties="none")
    np.testing.assert_allclose(world.accounts.value_added, table.added + table.taxes, rtol=1e-5)
