"""The embedded world of 2014 and the builder that makes it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world import World, storage
from gaiatsu.world.build import build, build_wiod2014
from gaiatsu.world.describe import describe
from originals import WORLD

TABLE = WORLD / "wiod2014_44x50.npz"
needs_table = pytest.mark.skipif(not TABLE.exists(), reason="the original table is not at hand (../shared/data/world)")


@pytest.fixture(scope="module")
def world():
    return World.load("wiod2014")


@pytest.fixture(scope="module")
def rebuilt():
    return build_wiod2014(TABLE)


def cell(world, importer, exporter, sector):
    return world.region_indices(importer)[0], world.region_indices(exporter)[0], world.sector_indices(sector)[0]


def test_size_and_shape(world):
    assert storage.locate("wiod2014").stat().st_size < 2_000_000
    assert (len(world.regions), len(world.sectors), sum(world.goods)) == (44, 50, 22)
    assert world.year == 2014


def test_accounts_close(world):
    assert max(world.check().values()) < 1e-12
    assert world.accounts.final_use.min() > 0
    assert (world.accounts.final_use / world.accounts.expenditure).min() > 5e-7


def test_cars_between_japan_and_the_united_states(world):
    """The direction of the duty: a published calibration had it transposed."""
    accounts = world.accounts
    to_america, to_japan = cell(world, "USA", "JPN", "C29"), cell(world, "JPN", "USA", "C29")
    assert accounts.duty[to_america] == pytest.approx(0.0226, abs=5e-5)
    assert accounts.duty[to_japan] < 0.001
    assert accounts.flows[to_america] == pytest.approx(50_896, abs=1)
    assert accounts.flows[to_japan] == pytest.approx(1_012, abs=2)


def test_gross_domestic_product_is_of_the_right_size(world):
    added = world.value_added.groupby("region").sum()
    assert added["USA"] == pytest.approx(17.38e6, rel=1e-3)
    assert added["JPN"] == pytest.approx(4.465e6, rel=1e-3)


def test_repairs_hold(world):
    accounts = world.accounts
    assert accounts.duty.max() == 1.0
    services = world.sector_indices("services")
    assert accounts.duty[:, :, services].max() == 0
    home = np.einsum("nnk->nk", accounts.flows)
    large = accounts.output > 100
    ratio = np.where(large, home / np.where(large, accounts.output, 1), 1)
    low = [(world.regions[i], world.sectors[k]) for i, k in np.argwhere(ratio < 0.01)]
    assert low == [("KOR", "H50")]  # half of its small imports replaced: 0.8 %
    assert (accounts.output == 0).sum() == 47
    assert not ((accounts.output > 0) & (accounts.output < 1e-3)).any()


def test_names_and_codes(world):
    def sectors(word):
        return [world.sectors[index] for index in world.sector_indices(word)]

    assert sectors("C28") == sectors("C33") == ["C28,C33"]
    assert sectors("C10") == sectors("C10-C12") == sectors("food") == ["C10-C12"]
    assert sectors("29") == sectors("cars") == sectors("C291") == ["C29"]
    assert sectors("M73") == ["M71,M73-M75"]
    assert sectors("J60") == ["J59_J60"]
    assert sectors("S") == ["R-U"]
    assert sectors("Basic Metals") == sectors("c24") == ["C24"]
    assert sectors("A") == ["A01", "A02", "A03"]
    assert len(sectors("goods")) == 22
    assert len(sectors(["goods", "services"])) == 50
    assert sectors(["C29", "C24", "29"]) == ["C24", "C29"]
    for alias, code in (("South Korea", "KOR"), ("China", "CHN"), ("Taiwan", "TWN"), ("UK", "GBR"), ("Turkey", "TUR")):
        assert world.regions[world.region_indices(alias)[0]] == code


def test_groups(world):
    assert [len(world.groups[name]) for name in ("quad", "eu27", "g7", "asean")] == [4, 27, 7, 1]
    assert "VNM" in world.missing_members("asean")
    assert world.missing_members("eu27") == ()


def test_description(world):
    facts = world.summary()
    assert facts["regions"][0]["code"] == "AUS"
    assert len(facts["repairs"]) == 7
    text = describe(world)
    assert "44 regions × 50 sectors" in text
    assert "Creative Commons Attribution 4.0" in text


def test_loading_imports_neither_jax_nor_pandas():
    code = "import sys; from gaiatsu.world import World; World.load(); print({'jax', 'pandas'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


@needs_table
def test_a_fresh_build_is_the_embedded_world(world, rebuilt, tmp_path):
    fresh, report = rebuilt
    assert report == world.provenance["report"]
    assert fresh.provenance == world.provenance
    for table in (
        "flows",
        "duty",
        "va_share",
        "input_mix",
    ):  # equal but for the last bit of a float32 on other machines
        ours, theirs = getattr(fresh.accounts, table), getattr(world.accounts, table)
        np.testing.assert_allclose(ours, theirs, rtol=2.5e-7, atol=1e-30, err_msg=table)
    build("wiod2014", TABLE, tmp_path / "a.world")
    build("wiod2014", TABLE, tmp_path / "b.world")
    assert (tmp_path / "a.world").read_bytes() == (tmp_path / "b.world").read_bytes()


@needs_table
def test_the_report_says_what_moved(rebuilt):
    _, report = rebuilt
    assert report["world"]["output_moved_share"] == pytest.approx(0.0042, abs=1e-4)
    assert report["us_imports_of_japanese_cars"] == {"before": 50920.2, "after": 50895.9}
    repairs = {item["rule"].split()[0]: item for item in report["repairs"]}
    korea = [item for item in repairs["ad"]["cells"] if item["importer"] == "KOR"]
    assert len(repairs["ad"]["cells"]) == 19
    assert max(item["before"] for item in korea) == pytest.approx(3.51, abs=0.01)
    transfers = report["transfer_by_region"]
    for moment in ("before", "after"):
        assert abs(sum(item[moment] for item in transfers)) < 10  # printed to six digits


@needs_table
def test_final_expenditure_of_every_region_is_kept(rebuilt):
    world, _ = rebuilt
    with np.load(TABLE) as table:
        flows, share, mix = (table[key].astype(float) for key in ("flows", "va_share", "input_mix"))
        duty = np.minimum(table["duty"].astype(float), 1.0)
    cost = (1 - share) * flows.sum(axis=0)
    income = (flows * (1 + duty)).sum(axis=(1, 2)) - np.einsum("nkj,nj->n", mix, cost)
    np.testing.assert_allclose(world.accounts.income, income, rtol=1e-6)


def test_sources_that_are_missing_or_wrong(tmp_path):
    with pytest.raises(DataMissing, match=r"no builder for world 'wood2014'; did you mean 'wiod2014'"):
        build("wood2014", tmp_path, tmp_path / "out.world")
    with pytest.raises(DataMissing, match="is not there"):
        build("wiod2014", tmp_path / "nothing.npz", tmp_path / "out.world")
    np.savez(tmp_path / "other.npz", flows=np.ones(3))
    with pytest.raises(DataError, match="not the WIOD 2014 calibration"):
        build("wiod2014", tmp_path / "other.npz", tmp_path / "out.world")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(DataError, match="not the WIOD 2014 calibration"):
        build("wiod2014", tmp_path / "text.npz", tmp_path / "out.world")
    assert not (tmp_path / "out.world").exists()
