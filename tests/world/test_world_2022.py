"""The default world: 2022, its figures against those published, and the builder that makes it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.scenario import loading, resolve
from gaiatsu.scenario import run as running
from gaiatsu.world import World, storage
from gaiatsu.world.baseline import donors
from gaiatsu.world.baseline.assemble import build_2022
from gaiatsu.world.build import build
from gaiatsu.world.codes import EU27
from gaiatsu.world.describe import describe, summary
from gaiatsu.world.sources.icio2022 import gross_domestic_product
from originals import WORLD

TABLE = WORLD / "icio2022_81x28.npz"
needs_table = pytest.mark.skipif(not TABLE.exists(), reason="the original table is not at hand (../shared/data/world)")
KEPT = {"CMR", "COD", "EGY", "PAK", "ROW"}  # value added stays at 0.65 of output: the list in docs/data-card.md


@pytest.fixture(scope="module")
def world():
    return World.load()


@pytest.fixture(scope="module")
def gdp(world):
    """GDP at market prices by region as the world has it: its own value added and duties, and the taxes it states."""
    stated = world.provenance["regions"]
    levels = world.accounts.value_added.sum(axis=1) + world.accounts.duty_revenue
    return {code: levels[n] + stated[code]["other_taxes"] for n, code in enumerate(world.regions)}


@pytest.fixture(scope="module")
def rebuilt():
    return build_2022(TABLE)


def cell(world, importer, exporter, sector):
    return world.region_indices(importer)[0], world.region_indices(exporter)[0], world.sector_indices(sector)[0]


def test_it_is_the_default_and_small(world):
    assert (world.name, world.year) == ("2022", 2022)
    assert (len(world.regions), len(world.sectors), sum(world.goods)) == (81, 55, 27)
    assert sum(storage.locate(name).stat().st_size for name in storage.known_worlds()) < 4_000_000
    assert World.load(2022).fingerprint == world.fingerprint


def test_it_loads_quickly():
    code = (
        "import time; from gaiatsu.world import World, storage; World.load('wiod2014'); start = time.perf_counter();"
        "World.load(); print(time.perf_counter() - start)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(out.stdout) < 0.3


def test_accounts_close(world):
    assert max(world.check().values()) < 1e-12
    accounts = world.accounts
    assert accounts.final_use.min() > 0
    assert accounts.output.min() >= 0
    assert accounts.va_share.min() >= 0.0199
    assert accounts.va_share.max() <= 0.9801


def test_world_gdp(gdp):
    published = gross_domestic_product()["WLD"][2022]
    assert published == pytest.approx(101.2e6, rel=1e-3)
    assert sum(value for code, value in gdp.items() if code != "TWN") == pytest.approx(published, rel=0.01)


def test_gdp_of_the_group_of_twenty(world, gdp):
    published = gross_domestic_product()
    members = [code for code in world.groups["g20"] if code not in EU27 or code in ("DEU", "FRA", "ITA")]
    assert len(members) == 19
    for code in members:
        assert gdp[code] == pytest.approx(published[code][2022], rel=0.02), code
    union = sum(published[code][2022] for code in EU27)
    assert sum(gdp[code] for code in EU27) == pytest.approx(union, rel=0.02)


def test_who_misses_gdp_is_listed(world, gdp):
    published = gross_domestic_product()
    missed = {code for code in gdp if code in published and abs(gdp[code] / published[code][2022] - 1) > 0.002}
    assert missed == KEPT - {"ROW"}
    report = world.provenance["report"]
    assert {item["region"] for item in report["value_added_kept_at_0.65"]} == KEPT
    share = world.accounts.value_added.sum(axis=1) / world.accounts.output.sum(axis=1)
    assert share.max() <= 0.65 + 1e-6
    assert {code for n, code in enumerate(world.regions) if share[n] > 0.6499} == KEPT


def test_viet_nam_is_not_three_times_itself(gdp):
    """A borrowed value-added share gives 745 billion."""
    assert gdp["VNM"] == pytest.approx(410_000, rel=0.02)


def test_taiwan_is_implied_by_its_output(world, gdp):
    stated = world.provenance["regions"]["TWN"]
    assert stated["gdp_published"] is None
    assert 700_000 < gdp["TWN"] < 800_000


def test_cars_and_their_duties(world):
    accounts = world.accounts
    to_america = cell(world, "USA", "JPN", "C29")
    assert accounts.flows[to_america] == pytest.approx(48_000, rel=0.02)
    assert 0.01 < accounts.duty[to_america] < 0.03
    assert accounts.duty[cell(world, "JPN", "USA", "C29")] < 0.001


def test_duties(world):
    duty = world.accounts.duty
    own = np.arange(81)
    assert duty[own, own].max() == 0
    assert duty[:, :, world.sector_indices("services")].max() == 0
    assert duty.min() >= 0
    food = world.sector_indices("food")[0]
    assert duty[:, :, food].max() < 0.216  # one source has 99.9 %
    assert duty[world.region_indices("USA")[0], :, food].max() < 0.13  # it has 91 % there
    report = world.provenance["report"]
    listed = {(item["importer"], item["sector"]) for item in report["duty_differences"]}
    assert ("KOR", "A01") in listed
    assert all(abs(item["2021"] - item["2014"]) > 0.05 for item in report["duty_differences"])


def test_the_rest_of_the_world_pays_and_charges_duties(world):
    """The source has none in either direction; they are borrowed and said to be."""
    duty, flows = world.accounts.duty, world.accounts.flows
    rest, goods = world.region_indices("ROW")[0], world.sector_indices("goods")
    free = {world.regions[n] for n in np.flatnonzero(duty[:, rest][:, goods].max(axis=1) == 0)}
    assert free == {"HKG", "ROW"}  # Hong Kong charges no duty on anything
    assert (np.delete(duty[rest][:, goods].max(axis=1), rest) > 0.01).all()
    abroad = np.delete(flows[:, rest], rest, axis=0)[:, goods]
    paid = np.delete(duty[:, rest], rest, axis=0)[:, goods]
    assert 0.015 < (abroad * paid).sum() / abroad.sum() < 0.035
    labels = {item["block"]: item["label"] for item in world.provenance["blocks"]}
    assert labels["duties on goods of and to the rest of the world"] == "borrowed"
    assert "those of and on the rest of the world borrowed" in world.provenance["footnote"]


def test_the_rule_for_the_rest_of_the_world_is_the_best_of_those_compared(world):
    found = world.provenance["report"]["duties_of_the_rest_of_the_world"]["compared"]
    chosen = found[0]
    assert len(found) == 6
    assert all(chosen["rest_2014_weighted"] <= other["rest_2014_weighted"] for other in found)
    measures = [key for key in chosen if key != "rule"]
    assert not any(all(other[key] < chosen[key] for key in measures) for other in found)


def test_balancing_moves_less_than_five_percent(world):
    report = world.provenance["report"]
    moved = report["world"]
    assert 0 < moved["balancing_moved_share"] < 0.05
    inputs = world.accounts.intermediate.sum()
    assert moved["inputs"] == pytest.approx(inputs, rel=1e-5)
    by_region = report["moved_by_region"]
    assert len(by_region) == 81
    total = sum(item["balancing_share"] * item["inputs"] for item in by_region)
    assert total / inputs == pytest.approx(moved["balancing_moved_share"], rel=1e-4)


def test_words_of_scenarios_resolve(world):
    def sectors(*words):
        return [world.sectors[index] for index in world.sector_indices(list(words))]

    assert sectors("C24") == sectors("steel", "aluminium") == ["C24A", "C24B"]
    assert sectors("C30") == ["C301", "C302T309"]
    assert sectors("B") == sectors("mining") == ["B05", "B06", "B07", "B08", "B09"]
    assert sectors("C10-C12") == sectors("food") == ["C10T12"]
    assert sectors("C28,C33") == ["C28", "C31T33"]
    assert sectors("C17") == sectors("C18") == ["C17_18"]
    assert sectors("C31_C32") == ["C31T33"]
    assert len(sectors("goods")) == 27
    assert len(sectors("goods", "services")) == 55
    assert len(sectors("A", "B", "C10-C23", "C25-C28", "C30-C33")) == 24


def test_groups(world):
    sizes = {name: len(world.groups[name]) for name in ("asean", "eu27", "quad", "g7", "g20", "cptpp")}
    assert sizes == {"asean": 10, "eu27": 27, "quad": 4, "g7": 7, "g20": 43, "cptpp": 12}
    assert world.missing_members("asean") == ("TLS",)


def test_every_block_is_labelled(world):
    labels = {item["label"] for item in world.provenance["blocks"]}
    assert labels == {"observed", "updated", "updated or borrowed", "assumed", "borrowed"}
    regions = world.provenance["regions"]
    assert set(regions) == set(world.regions)
    assert {code for code in regions if regions[code]["technology"] != "updated"} == set(donors.borrowed())
    assert len(donors.borrowed()) == 38
    assert world.provenance["hubs"] == ["HKG", "NLD", "SGP"]
    text = describe(world)
    for said in ("observed", "borrowed from CHN 0.5, IDN 0.5", "hub, re-exports", "balancing after it", "OECD"):
        assert said in text, said
    row = next(item for item in summary(world)["regions"] if item["code"] == "VNM")
    assert row["technology"] == "borrowed from CHN 0.5, IDN 0.5"


def test_a_world_named_by_its_year_may_be_a_number():
    measure = "measures:\n  - {kind: tariff, by: USA, on: VNM, sectors: steel, rate: 10 %}\n"
    scenario = loading.parse(f"title: x\nworld: 2022\n{measure}".encode())
    assert scenario.world == "2022"
    assert resolve.world_of(scenario).name == "2022"
    assert running.with_options(scenario, horizon=None, closure=None, world="2022").world == "2022"
    with pytest.raises(ScenarioError, match="world"):
        loading.parse(f"title: x\nworld: true\n{measure}".encode())


def test_reports_say_what_is_observed(world):
    """The line at the foot of each report; that it is printed is tested with the report."""
    said = world.provenance["footnote"]
    assert "observed" in said
    assert "updated from 2014 (43 economies) or borrowed from donors (38)" in said
    assert "HKG, NLD, SGP" in said


def test_gdp_of_joined_economies_is_their_sum(world):
    joined = world.aggregate(regions={"EU": ["eu27"], "SEA": ["asean"]})
    rows = {row["code"]: row for row in summary(joined)["regions"]}
    parts = {row["code"]: row for row in summary(world)["regions"]}
    assert rows["EU"]["technology"] == "updated"
    assert rows["SEA"]["technology"] == "updated or borrowed, by economy"
    published = sum(parts[code]["gdp_published"] for code in EU27)
    assert rows["EU"]["gdp_published"] == pytest.approx(published)
    assert rows["EU"]["gdp"] == pytest.approx(sum(parts[code]["gdp"] for code in EU27), rel=1e-6)


@needs_table
def test_flows_are_the_observed_ones(world):
    """Goods cell by cell, services by pair: balancing touches neither."""
    with np.load(TABLE) as table:
        flows = table["flows"].astype(float)
    np.testing.assert_allclose(world.accounts.flows[:, :, :27], flows[:, :, :27], rtol=1e-7)
    services = world.accounts.flows[:, :, 27:].sum(axis=2)
    np.testing.assert_allclose(services, flows[:, :, 27], rtol=1e-6)


@needs_table
def test_a_fresh_build_is_the_embedded_world(world, rebuilt, tmp_path):
    fresh, report = rebuilt
    assert fresh.provenance == world.provenance
    assert report == world.provenance["report"]
    for table in ("flows", "duty", "va_share", "input_mix"):
        ours, theirs = getattr(fresh.accounts, table), getattr(world.accounts, table)
        np.testing.assert_allclose(ours, theirs, rtol=2.5e-7, atol=1e-12, err_msg=table)
    build("2022", TABLE, tmp_path / "a.world")
    assert (tmp_path / "a.world").read_bytes() == storage.to_bytes(fresh)


def test_sources_that_are_missing_or_wrong(tmp_path):
    with pytest.raises(DataMissing, match="is not there"):
        build("2022", tmp_path / "nothing.npz", tmp_path / "out.world")
    np.savez(tmp_path / "other.npz", flows=np.ones(3))
    with pytest.raises(DataMissing, match=r"va_share_2018_oecd.csv, in the folder of"):
        build("2022", tmp_path / "other.npz", tmp_path / "out.world")
    shares = tmp_path / "va_share_2018_oecd.csv"
    shares.write_text(",A01,SVC\nJPN,0.5,x\n")
    with pytest.raises(DataError, match=r"not the OECD table of 2022"):
        build("2022", tmp_path / "other.npz", tmp_path / "out.world")
    labels = {"regions": np.array(["JPN", "ROW"]), "sectors": np.array(["A01", "Services (aggregate)"])}
    np.savez(tmp_path / "small.npz", flows=np.ones((2, 2, 2)), duty=np.zeros((2, 2, 2)), **labels)
    with pytest.raises(DataError, match=r"not the table of value-added shares"):
        build("2022", tmp_path / "small.npz", tmp_path / "out.world")
    assert not (tmp_path / "out.world").exists()
