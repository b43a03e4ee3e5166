"""Negative cells, inventories, discrepancies, groups and duties: what the rules do, and that they say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.world import World, balance
from gaiatsu.world.describe import describe
from gaiatsu.world.official.build import build_official

from . import writers
from .formats import FORMATS, added_up
from .tables import Small, small, with_final


def built(tmp_path: Path, table: Small, **options: Any) -> tuple[World, dict[str, Any]]:
    path = writers.icio(tmp_path, table, "2023", "2020_SML.csv")
    return build_official("icio2023", path, **{"duties": "none", **options})


def moved(report: dict[str, Any], words: str) -> dict[str, Any]:
    return next(repair for repair in report["repairs"] if words in repair["rule"])


# ------------------------------------------------------------------------------------------------ repairs
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


# ------------------------------------------------------------------------------------------------ groups
def test_regions_and_sectors_are_added_up_while_reading(tmp_path: Path) -> None:
    table = small(5)
    world, _ = built(tmp_path, table, regions="USA,JPN,EU=eu27", sectors="C29,HEAVY=C24+C17_18")
    assert world.regions == ("USA", "JPN", "EU", "ROW")
    assert world.region_parts[3] == ("CHN", "MEX", "ROW")
    assert world.sectors == ("GOODS", "HEAVY", "C29", "SERVICES")
    by_sector = added_up(table, (0, 1, 1, 2, 3))
    place = [0, 1, 2, 3, 3, 3]
    flows = np.zeros((4, 4, 4))
    np.add.at(flows, (np.array(place)[:, None], np.array(place)[None, :]), by_sector.flows)
    np.testing.assert_allclose(world.accounts.flows, flows, rtol=1e-5)
    value_added = np.zeros((4, 4))
    np.add.at(value_added, place, by_sector.value_added)
    np.testing.assert_allclose(world.accounts.value_added, value_added, rtol=1e-5)
    assert world.goods == (True, True, True, False)
    assert world.sector_indices("steel").tolist() == [1]
    assert world.missing_members("quad") == ("AUS", "IND")


def test_groups_of_a_mapping_leave_the_rest(tmp_path: Path) -> None:
    world, _ = built(tmp_path, small(5), regions={"NAFTA": ["USA", "Mexico"]}, sectors={"METAL": ["C24", "cars"]})
    assert world.regions == ("NAFTA", "JPN", "DEU", "CHN", "ROW")
    assert world.sectors == ("A01_02", "C17_18", "METAL", "G")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"regions": "USA,JPX"}, "unknown region 'JPX'"), ({"regions": "USA,France"}, "'France'"),
        ({"sectors": "C29,steal"}, "unknown sector 'steal'"), ({"regions": ""}, "no region is named"),
        ({"regions": "A=USA+JPN,B=JPN+DEU"}, "'JPN' is named twice, in 'A' and in 'B'"),
        ({"regions": "JPN=USA+DEU,..."}, "has the name of region"),
        ({"regions": "EU=DEU,EU=MEX"}, "region 'EU' is named twice; add its members up: EU=a"),
        ({"regions": "EU=DEU,eu=MEX,..."}, "region 'eu' is named twice"),
        ({"regions": "JPN=USA"}, "has the name of region 'JPN', which is not one of its members"),
        ({"regions": {"JPN": ["USA"], "ASIA": ["JPN"]}}, "has the name of region 'JPN'"),
        ({"regions": "EU=eu27,DEU"}, "region 'DEU' is named twice, in 'EU' and by itself"),
        ({"sectors": "SERVICES=C29"}, "'SERVICES' has the name of the group of sectors that are not named"),
        ({"sectors": "goods=C29,..."}, None),
        ({"sectors": "steal"}, r"unknown sector 'steal'; "),
        ({"regions": "France"}, r"^'France' is no region of the table: it is inside its rest of the world$"),
        ({"regions": "brics2"}, r"unknown region 'brics2'; did you mean 'brics'"),
    ],
)  # fmt: skip
def test_unknown_and_double_names_are_refused(options: dict[str, Any], said: str | None, tmp_path: Path) -> None:
    if said is None:  # the name of a group of the rest is free when nothing is left over
        assert built(tmp_path, small(5), **options)[0].sectors == ("A01_02", "C17_18", "C24", "goods", "G")
        return
    with pytest.raises(ScenarioError, match=said):
        built(tmp_path, small(5), **options)


def test_all_goods_and_services_are_words(tmp_path: Path) -> None:
    table = small(5)
    assert built(tmp_path, table, regions="all")[0].regions == table.regions
    assert built(tmp_path, table, regions="WORLD=all")[0].regions == ("WORLD",)
    assert built(tmp_path, table, sectors="services")[0].sectors == ("GOODS", "G")
    assert built(tmp_path, table, sectors="GOODS=goods,SERVICES=services")[0].sectors == ("GOODS", "SERVICES")
    assert built(tmp_path, table, sectors="all")[0].sectors == ("A01_02", "C17_18", "C24", "C29", "G")


def test_members_of_a_named_group_that_are_no_regions_are_listed(tmp_path: Path) -> None:
    world, report = built(tmp_path, small(5), regions="Q=quad,DEU")
    assert world.regions == ("Q", "DEU", "ROW")
    assert report["found"]["missing_members"] == {"quad": ["AUS", "IND"]}
    assert "quad without AUS, IND, which are no regions of the table" in describe(world)
    assert built(tmp_path, small(5), regions="USA")[1]["found"]["missing_members"] == {}


def test_a_rest_of_the_world_that_is_named_stays_the_rest(tmp_path: Path) -> None:
    world, _ = built(tmp_path, small(5), regions="USA,JPN,ROW")
    assert world.regions == ("USA", "JPN", "ROW")
    assert world.region_parts[2] == ("DEU", "CHN", "MEX", "ROW")


# ------------------------------------------------------------------------------------------------ duties
def test_duties_are_borrowed_where_codes_match(tmp_path: Path) -> None:
    table = small(5)
    world, report = built(tmp_path, table, duties="wiod2014")
    lender = World.load("wiod2014").accounts
    names = World.load("wiod2014")
    usa, japan, cars = names.regions.index("USA"), names.regions.index("JPN"), names.sectors.index("C29")
    assert world.accounts.duty[0, 1, 3] == pytest.approx(lender.duty[usa, japan, cars], rel=1e-5)
    assert lender.duty[usa, japan, cars] != pytest.approx(lender.duty[japan, usa, cars], rel=0.1)
    farm = [names.sectors.index(code) for code in ("A01", "A02")]
    trade = lender.flows[usa, japan, farm]
    wanted = (lender.duty[usa, japan, farm] * trade).sum() / trade.sum()
    assert world.accounts.duty[0, 1, 0] == pytest.approx(wanted, rel=1e-5)
    assert world.accounts.duty[:, :, 4].max() == 0.0
    assert np.einsum("nnk->nk", world.accounts.duty).max() == 0.0
    assert report["duties"]["label"] == "borrowed"
    assert max(world.check().values()) < 1e-9
    # duties on inputs come out of value added, and output stays
    np.testing.assert_allclose(world.accounts.output, table.output, rtol=1e-5)
    paid = (world.accounts.intermediate - table.accounts.intermediate).sum(axis=1)
    np.testing.assert_allclose(world.accounts.value_added, table.added + table.taxes - paid, rtol=1e-4)
    assert paid.min() >= 0
    assert paid.sum() > 1


def test_duties_of_two_regions_that_the_lender_has_as_one(tmp_path: Path) -> None:
    form = FORMATS["exiobase3-ixi-zip"]
    world, _ = build_official("exiobase3", form.write(tmp_path, form.table()), duties="wiod2014")
    lender = World.load("wiod2014")
    usa, cars = lender.regions.index("USA"), lender.sectors.index("C29")
    rest = [n for n, code in enumerate(lender.regions) if code not in ("USA", "JPN", "DEU", "CHN", "MEX")]
    trade, duty = lender.accounts.flows[rest, usa, cars], lender.accounts.duty[rest, usa, cars]
    assert world.accounts.duty[5, 0, 2] == pytest.approx(trade @ duty / trade.sum(), rel=1e-5)


def test_a_rest_of_the_world_stands_for_what_is_not_listed(tmp_path: Path) -> None:
    """Its duties are the trade-weighted mean over the lender's regions that the table does not name, and its ROW."""
    world, report = built(tmp_path, small(5), duties="2022")
    lender = World.load("2022")
    accounts, usa, cars = lender.accounts, lender.regions.index("USA"), lender.sectors.index("C29")
    others = [n for n, code in enumerate(lender.regions) if code not in ("USA", "JPN", "DEU", "CHN", "MEX")]
    trade, duty = accounts.flows[usa, others, cars], accounts.duty[usa, others, cars]
    assert world.accounts.duty[0, 5, 3] == pytest.approx(trade @ duty / trade.sum(), rel=1e-5)
    trade, duty = accounts.flows[others, usa, cars], accounts.duty[others, usa, cars]
    assert world.accounts.duty[5, 0, 3] == pytest.approx(trade @ duty / trade.sum(), rel=1e-5)
    assert world.accounts.duty[5, 0, 3] > 0.01
    assert report["duties"]["without_source"] == {"importers": [], "sectors": [], "cells": 0}


@pytest.mark.parametrize("name", ["icio2025-zip", "exiobase3-ixi-zip", "adb"])
def test_the_rest_of_the_world_pays_and_charges_duties_by_default(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    world, _ = build_official(form.source, form.write(tmp_path, form.table()))
    duty = world.accounts.duty.mean(axis=2)
    assert duty[5, :5].min() > 2e-3
    assert duty[:5, 5].min() > 2e-3  # German imports from there are mostly of the European Union


def test_what_the_lender_has_no_duties_for_is_listed(tmp_path: Path) -> None:
    """A lender without a rest of the world, Mexico and metals."""
    keep = World.load("wiod2014")
    regions = [n for n, code in enumerate(keep.regions) if code in ("USA", "JPN", "DEU", "CHN")]
    sectors = [n for n, code in enumerate(keep.sectors) if code in ("A01", "C17", "C29", "G46")]
    duty = keep.accounts.duty[np.ix_(regions, regions, sectors)]
    lender = World.from_arrays(
        regions=[keep.regions[n] for n in regions], sectors=[keep.sectors[n] for n in sectors],
        flows=np.ones((4, 4, 4)), duty=duty, va_share=np.full((4, 4), 0.5), input_mix=np.full((4, 4, 4), 0.25),
    )  # fmt: skip
    lender.save(tmp_path / "lender.world")
    world, report = built(tmp_path, small(5), duties=str(tmp_path / "lender.world"))
    found = report["duties"]["without_source"]
    assert found["importers"] == ["MEX", "ROW"]
    assert found["sectors"] == ["C24"]
    assert found["cells"] == 30 + 2 * 3 * 5  # metals between all six, and the three other goods these two buy
    assert "duties without a source, taken as zero: 60 cells; importers MEX, ROW; sectors C24" in describe(world)
    assert world.accounts.duty[4].max() == 0


def test_duties_from_a_list(tmp_path: Path) -> None:
    given = tmp_path / "mine.csv"
    given.write_text(
        "Importer, Exporter,SECTOR,duty\nUSA,Japan,cars,0.15\n\nUSA, eu27 ,C24,0.1\nquad,quad,C17_18,0.2\n",
        encoding="utf-8",
    )
    world, report = built(tmp_path, small(5), duties=str(given))
    wanted = np.zeros((6, 6, 5))
    wanted[0, 1, 3], wanted[0, 2, 2] = 0.15, 0.1
    wanted[0, 1, 1] = wanted[1, 0, 1] = 0.2  # not on home trade
    np.testing.assert_allclose(world.accounts.duty, wanted, rtol=1e-5)
    assert report["duties"] == {"label": "given", "from": "mine.csv"}


HEAD = "importer,exporter,sector,duty\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("importer,exporter,duty\nUSA,JPN,0.1\n", "needs the columns importer, exporter, sector, duty"),
        ("importer;exporter;sector;duty\nUSA;JPN;C29;0,025\n", "is separated by semicolons; write commas"),
        (HEAD + "USA,JPN,C29,15\n", "line 2: duty 15 is not a rate from 0 to 1; write 0.025"),
        (HEAD + "USA,JPN,C29,2.5\n", "line 2: duty 2.5 is not a rate from 0 to 1; write 0.025"),
        (HEAD + "USA,JPN,C29,-0.1\n", "line 2: duty -0.1 is not a rate"),
        (HEAD + "USA,JPN,C29,nan\n", "line 2: duty nan is not a rate"),
        (HEAD + "USA,JPN,C29,2.5%\n", "line 2: '2.5%' is not a number; write 0.025 for 2.5 per cent$"),
        (HEAD + "USA,JPN,C29,\n", "line 2: the duty is empty"),
        (HEAD + "USA,JPN\n", "line 2 has 2 cells for the 4 columns"),
        (HEAD + "USA,JPX,C29,0.1\n", "line 2, column exporter: unknown region 'JPX'"),
        (HEAD + "USA,JPN,steal,0.1\n", "line 2, column sector: unknown sector 'steal'"),
        (HEAD + "USA,JPN,C29,0.1\nUSA,quad,cars,0.1\n", "line 3: the duty of USA on C29 from JPN is in line 2 already"),
        (HEAD + "USA,JPN,G,0.1\n", "line 2: G is a service: only goods carry duties"),
        (HEAD + "USA,USA,C29,0.1\n", "line 2: 'USA' does not import from itself"),
    ],
)
def test_a_wrong_list_of_duties_names_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        built(tmp_path, small(5), duties=str(tmp_path / "mine.csv"))
    with pytest.raises(DataMissing, match="is not there"):
        built(tmp_path, small(5), duties=str(tmp_path / "none.csv"))
