"""Worlds on disk: what comes back, and what is refused."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, OutputError
from gaiatsu.world import World, storage

from .worlds import small_world


@pytest.fixture
def stored(tmp_path):
    levy = np.zeros((5, 5, 4))
    levy[0, 1] = 0.1
    world = small_world(export_duty=levy, name="small", year=1999).with_groups({"axis": ["JPN", "DEU"]})
    return world, world.save(tmp_path / "small.world")


def rewrite(path, name, content):
    """The same archive with one member replaced."""
    with zipfile.ZipFile(path) as archive:
        members = {item: archive.read(item) for item in archive.namelist()}
    members[name] = content
    with zipfile.ZipFile(path, "w") as archive:
        for item, data in members.items():
            if data is not None:
                archive.writestr(item, data)


def test_round_trip(stored):
    world, path = stored
    back = World.load(path)
    assert max(back.check().values()) <= 1e-9
    for table in ("flows", "duty", "export_duty", "va_share", "input_mix"):
        np.testing.assert_allclose(getattr(back.accounts, table), getattr(world.accounts, table), rtol=2e-7, atol=1e-9)
    for name in ("name", "year", "regions", "sectors", "region_names", "sector_names", "goods", "groups", "absent"):
        assert getattr(back, name) == getattr(world, name)
    np.testing.assert_allclose(back.accounts.input_mix.sum(axis=1), 1, rtol=1e-15)


def test_round_trip_of_an_aggregated_world(stored, tmp_path):
    world, _ = stored
    new = world.aggregate(regions={"Europe": ["DEU", "FRA"]}, sectors={"metal": ["C24", "C29"]})
    back = World.load(new.save(tmp_path / "new.world"))
    for name in ("regions", "groups", "absent", "region_parts", "sector_parts", "goods", "region_names", "provenance"):
        assert getattr(back, name) == getattr(new, name)


def test_same_world_same_bytes(stored, tmp_path):
    world, path = stored
    assert world.save(tmp_path / "again.world").read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_truncated_foreign_and_missing_files(stored, tmp_path):
    _, path = stored
    content = path.read_bytes()
    for keep in (0, 10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:keep])
        with pytest.raises(DataError, match="truncated or damaged"):
            World.load(path)
    path.write_text("flows\n1,2\n")
    with pytest.raises(DataError, match="not a gaiatsu world"):
        World.load(path)
    np.savez(tmp_path / "other.npz", flows=np.ones(3))
    with pytest.raises(DataError, match="not a gaiatsu world"):
        World.load(tmp_path / "other.npz")
    said = r"no world 'wiod2015'; did you mean 'wiod2014'\?.*Known worlds: 2022, wiod2014"
    with pytest.raises(DataMissing, match=said):
        World.load("wiod2015")
    with pytest.raises(DataMissing, match="is a folder"):
        World.load(tmp_path)
    with pytest.raises(DataMissing, match="no world"):
        World.load("../data/wiod2014")


def test_a_flipped_bit_is_found(stored):
    _, path = stored
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match="truncated or damaged"):
        World.load(path)


def test_tables_that_do_not_fit_their_labels(stored):
    _, path = stored
    with zipfile.ZipFile(path) as archive:
        meta = json.loads(archive.read("meta.json"))
    rewrite(path, "meta.json", json.dumps({**meta, "regions": meta["regions"][:4]}))
    with pytest.raises(DataError, match=r"flows is float32 \(5, 5, 4\)|more than its labels allow"):
        World.load(path)
    rewrite(path, "meta.json", json.dumps({**meta, "regions": [str(number) for number in range(5000)]}))
    with pytest.raises(DataError, match="at most 2000"):
        World.load(path)
    rewrite(path, "meta.json", json.dumps({**meta, "format": "another"}))
    with pytest.raises(DataError, match="not of format"):
        World.load(path)
    rewrite(path, "meta.json", json.dumps({key: value for key, value in meta.items() if key != "groups"}))
    with pytest.raises(DataError, match="damaged"):
        World.load(path)
    rewrite(path, "meta.json", json.dumps(meta))
    rewrite(path, "duty.npy", None)
    with pytest.raises(DataError, match="table duty is missing"):
        World.load(path)


def test_pickles_are_not_opened(stored, tmp_path):
    _, path = stored
    np.save(tmp_path / "bad.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    rewrite(path, "va_share.npy", (tmp_path / "bad.npy").read_bytes())
    with pytest.raises(DataError, match="not a gaiatsu world"):
        World.load(path)
    rewrite(path, "va_share.npy", pickle.dumps([1, 2]))
    with pytest.raises(DataError, match="not a gaiatsu world"):
        World.load(path)


def test_a_header_that_asks_for_all_memory(stored, tmp_path):
    _, path = stored
    with open(tmp_path / "huge.npy", "wb") as handle:
        header = {"descr": "<f4", "fortran_order": False, "shape": (10**12, 10**6)}
        np.lib.format.write_array_header_1_0(handle, header)
    rewrite(path, "va_share.npy", (tmp_path / "huge.npy").read_bytes())
    with pytest.raises(DataError, match="not numbers of shape"):
        World.load(path)
    rewrite(path, "meta.json", json.dumps({"format": "gaiatsu world 1", "regions": 5, "sectors": 4}))
    with pytest.raises(DataError, match="truncated or damaged"):
        World.load(path)


def test_nan_in_a_file_is_named(stored):
    world, path = stored
    table = world.accounts.va_share.astype("<f4")
    table[1, 2] = np.nan
    with open(path.with_name("t.npy"), "wb") as handle:
        np.save(handle, table)
    rewrite(path, "va_share.npy", path.with_name("t.npy").read_bytes())
    with pytest.raises(DataError, match=r"va_share has cells that are not finite: \[region JPN, sector C29\]"):
        World.load(path)


def test_a_file_that_is_too_large_is_refused(stored, monkeypatch):
    _, path = stored
    monkeypatch.setattr(storage, "MAX_BYTES", 100)
    with pytest.raises(DataError, match="at most 100"):
        World.load(path)


def test_a_place_that_cannot_be_written(stored, tmp_path):
    world, _ = stored
    with pytest.raises(OutputError, match="cannot write world"):
        world.save(tmp_path / "nowhere" / "a.world")
    (tmp_path / "taken.world").mkdir()
    with pytest.raises(OutputError, match="cannot write world"):
        world.save(tmp_path / "taken.world")
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".taken")]
