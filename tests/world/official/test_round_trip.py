"""Each format gives back the accounts it was written from: build, check, solve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.world import World
from gaiatsu.world.build import build
from gaiatsu.world.elasticities import load_elasticities
from gaiatsu.world.official.build import build_official

from .formats import FORMATS, Format

EXACT = 1e-6


@pytest.fixture(params=FORMATS, name="form")
def each_format(request: pytest.FixtureRequest) -> Format:
    return FORMATS[request.param]


def test_a_table_comes_back_as_the_accounts_it_was_written_from(form: Format, tmp_path: Path) -> None:
    table = form.table()
    report = build(form.source, form.write(tmp_path, table), tmp_path / "my.world", duties="none")
    assert [repair["rule"] for repair in report["repairs"] if repair["moved"] or repair["cells"]] == [
        "inventory changes are taken out of final use by good, and each region's total is spread pro rata over its "
        "other final uses, so that its final expenditure stays"
    ]  # listed for every region, but there are none
    assert sum(repair["moved"] for repair in report["repairs"]) < 1e-6
    world = World.load(tmp_path / "my.world")
    assert world.regions == form.regions
    assert world.sectors == form.sectors
    assert world.year == form.year
    assert max(world.check().values()) < 1e-9
    answer = form.answer(table)
    for key in ("flows", "duty", "va_share", "input_mix"):
        found, wanted = getattr(world.accounts, key), getattr(answer, key)
        assert np.abs(found - wanted).max() <= EXACT * np.abs(wanted).max(), key
    usa, japan, cars = world.regions.index("USA"), world.regions.index("JPN"), -2
    assert world.accounts.flows[usa, japan, cars] == pytest.approx(answer.flows[usa, japan, cars], rel=EXACT)
    assert answer.flows[usa, japan, cars] != pytest.approx(answer.flows[japan, usa, cars], rel=0.01)


def test_a_small_tariff_solves_as_on_the_accounts_themselves(tmp_path: Path) -> None:
    """One format from each family: the solver sees the same world whatever the file was."""
    for name in ("icio2025-zip", "figaro", "exiobase3-ixi-zip", "wiod2016-xlsb"):
        form = FORMATS[name]
        folder = tmp_path / name
        folder.mkdir()
        table = form.table()
        world, _ = build_official(form.source, form.write(folder, table), duties="none")
        direct = World.from_arrays(
            regions=world.regions, sectors=world.sectors,
            **{key: getattr(form.answer(table), key) for key in ("flows", "duty", "va_share", "input_mix")},
        )  # fmt: skip
        tariff = gt.Tariff(by="USA", on="JPN", sectors=["C29"], rate=0.1)
        found, wanted = (gt.solve(each, [tariff], horizon="long").real_income for each in (world, direct))
        assert abs(wanted["JPN"]) > 1e-3
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_who_built_it_from_what_is_shown(form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gaiatsu.world.describe import describe

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    path = form.write(tmp_path, form.table())
    world, report = build_official(form.source, path, duties="none")
    facts = world.provenance["file"]
    assert facts["built"] == "2025-06-15"
    assert facts["year"] == form.year
    assert len(facts["sha256"]) == 64
    assert form.source != "exiobase3" or "release 3.8.2" in facts["edition"]
    told = describe(world)
    for word in (facts["sha256"], facts["edition"], "2025-06-15", path.name, world.provenance["sources"][0]["licence"]):
        assert word in told
    if form.groups is None:  # sectors added up have users of different goods, and so of different origins
        assert max(report["origins_differ_between_users"].values()) < 1e-6
    assert report["found"]["costs_and_output_differ"]["share_of_output"] < 1e-9


def test_same_file_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    form = FORMATS["icio2023"]
    path = form.write(tmp_path, form.table())
    for name in ("one", "two"):
        build(form.source, path, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_codes_words_and_elasticities_work_on_every_format(form: Format, tmp_path: Path) -> None:
    world, _ = build_official(form.source, form.write(tmp_path, form.table()), duties="none")
    theta, _ = load_elasticities("fontagne", world)
    assert theta.shape == (len(world.sectors),)
    assert world.region_indices("Japan").tolist() == [1]
    assert world.sector_indices("goods").size + world.sector_indices("services").size == len(world.sectors)
    cars, services = (world.sectors[world.sector_indices(word)[0]] for word in ("cars", "services"))
    assert cars in ("C29", "C29_30")
    assert services[0] == "G"
