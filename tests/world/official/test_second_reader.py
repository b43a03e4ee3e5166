"""pymrio reads the same files: what it makes of a fixture is what the fixture was written from, so the fixtures are in
the format of the originals, and both readers agree.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.world.official.build import build_official

from . import writers
from .formats import FORMATS, added_up
from .tables import small

pymrio = pytest.importorskip("pymrio", reason="pymrio comes with the extra `data`")


def parsed(function: Any, *arguments: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymrio's own
        return function(*arguments)


@pytest.mark.parametrize("name", ["icio2021", "icio2023"])
def test_oecd(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    table = form.table()
    path = form.write(tmp_path, table)
    system = parsed(pymrio.parse_oecd, path)
    regions = list(table.regions)
    found = system.Z.loc[regions, regions]  # pymrio sorts labels
    order = [(region, sector) for region in regions for sector in writers.SECTORS[name]]
    np.testing.assert_allclose(found.loc[order, order].to_numpy(), table.square, rtol=1e-12)
    world, _ = build_official(form.source, path, duties="none")
    by_origin = system.Z.T.groupby(level="region").sum().T + system.Y.T.groupby(level="region").sum().T
    flows = by_origin.loc[order, regions].to_numpy().reshape(6, 5, 6).transpose(2, 0, 1)
    np.testing.assert_allclose(world.accounts.flows, flows, rtol=1e-6)


def test_oecd_extended(tmp_path: Path) -> None:
    table = small(5)
    path = writers.icio_extended(tmp_path, table, "2023", "ICIO2023_2020.csv")
    system = parsed(pymrio.parse_oecd, path)
    world, report = build_official("icio2023", path, duties="none")
    order = [(region, sector) for region in table.regions for sector in writers.SECTORS["icio2023"]]
    by_origin = system.Z.T.groupby(level="region").sum().T + system.Y.T.groupby(level="region").sum().T
    flows = by_origin.loc[order, list(table.regions)].to_numpy().reshape(6, 5, 6).transpose(2, 0, 1)
    np.testing.assert_allclose(world.accounts.flows, flows, rtol=1e-6)
    assert report["found"]["merged_rows"] == {"CHN": ["CHN", "CN1", "CN2"], "MEX": ["MEX", "MX1", "MX2"]}


def test_wiod_2013(tmp_path: Path) -> None:
    """pymrio looks for industry c35 as the last one, and for the United States."""
    table = small(5, 5)
    rows = [["c35" if cell == "c20" else cell for cell in row] for row in writers.wiod2013_rows(table)]
    path = writers.xlsx(tmp_path / "wiot11_row_sep12.xlsx", {"WIOT_2011": rows})
    system = parsed(pymrio.parse_wiod, path)
    np.testing.assert_allclose(system.Z.to_numpy(), table.square, rtol=1e-12)
    np.testing.assert_allclose(system.Y.to_numpy(), table.finals, rtol=1e-12)
    world, _ = build_official("wiod2013", path, duties="none")
    np.testing.assert_allclose(world.accounts.flows, table.accounts.flows, rtol=1e-6)


@pytest.mark.parametrize("name", ["exiobase3-ixi-zip", "exiobase3-pxp-folder"])
def test_exiobase(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    table = form.table()
    path = form.write(tmp_path, table)
    system = parsed(pymrio.parse_exiobase3, path)
    np.testing.assert_allclose(system.Z.to_numpy(), table.square, rtol=1e-12)
    np.testing.assert_allclose(system.Y.to_numpy(), table.finals, rtol=1e-12)
    payments = next(extension for extension in system.get_extensions(data=True) if len(extension.F))
    money = [row for row in payments.F.index if "CO2" not in row]
    np.testing.assert_allclose(payments.F.loc[money].sum(), (table.taxes + table.added).ravel(), rtol=1e-9)
    world, _ = build_official(form.source, path, duties="none")
    wanted = added_up(table, form.groups or ()).flows * form.money
    np.testing.assert_allclose(world.accounts.flows, wanted, rtol=1e-6)
