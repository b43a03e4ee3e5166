"""Duties borrowed from another world, and from a user's own list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world import World
from gaiatsu.world.describe import describe
from gaiatsu.world.official.build import build_official

from .formats import FORMATS
from .helpers import built
from .tables import small


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
