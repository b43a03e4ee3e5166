"""The matrix: each entry an independent solve, both sides from one, resumed after a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.exposure import matrix as module
from gaiatsu.exposure.matrix import leverage_matrix, leverage_row
from gaiatsu.world import World
from worlds import elasticities, random_world


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of the user."""
    monkeypatch.delenv("GAIATSU_NO_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path))
    return tmp_path / "leverage"


@pytest.fixture(scope="module")
def wiod(embedded: dict[str, World]) -> World:
    """44 regions, 50 sectors, 2014."""
    return embedded["wiod2014"]


@pytest.fixture(scope="module")
def small() -> World:
    return random_world(3, (5, 4))


GIVEN = elasticities(3, 4)


@pytest.mark.parametrize("side", ["both", "exports", "imports"])
def test_every_entry_is_an_independent_solve(small: World, side: str) -> None:
    found = leverage_matrix(small, horizon="long", side=side, elasticities=GIVEN, resume=False)
    codes = list(small.regions)
    for first in codes:
        for second in codes:
            if first == second:
                assert np.isnan(found.loss.at[first, second])
                continue
            alone = gt.solve(
                small, [gt.Embargo(by=first, on=second, side=side)], elasticities=GIVEN, closure="proportional"
            )
            assert found.loss.at[first, second] == pytest.approx(-alone.real_income[second], abs=1e-7)
            assert found.cost.at[first, second] == pytest.approx(-alone.real_income[first], abs=1e-7)
    assert not found.refused
    assert 0 < found.residual <= 1e-9


def test_a_matrix_among_some_regions_is_a_part_of_the_whole(small: World) -> None:
    whole = leverage_matrix(small, horizon="long", elasticities=GIVEN, resume=False)
    part = leverage_matrix(small, horizon="long", elasticities=GIVEN, regions=["R1", "R3"], resume=False)
    assert list(part.loss.index) == ["R1", "R3"]
    assert part.loss.at["R1", "R3"] == pytest.approx(whole.loss.at["R1", "R3"], abs=1e-8)


def test_refused_pairs_are_told_with_the_reason() -> None:
    world = random_world(2, (5, 4), sole_supplier=True)
    found = leverage_matrix(world, horizon="long", elasticities=elasticities(2, 4), side="exports", resume=False)
    assert set(found.refused) == {("R1", "R0")}
    assert found.refused["R1", "R0"].startswith("no other supplier: ")
    assert np.isnan(found.loss.at["R1", "R0"])
    assert np.isfinite(found.loss.at["R0", "R1"])
    table = found.long()
    assert len(table) == 20
    assert table[table.refused != ""][["closer", "target"]].to_numpy().tolist() == [["R1", "R0"]]
    assert found.strongest().at["R0", "closer"] == "R1"


def test_a_region_without_another_supplier_hangs_on_it_and_not_the_other_way_round() -> None:
    """Shut both ways, the pair has no number in either order; only R0 lacks a supplier."""
    world = random_world(2, (5, 4), sole_supplier=True)
    found = leverage_matrix(world, horizon="long", elasticities=elasticities(2, 4), resume=False)
    assert set(found.refused) == {("R1", "R0"), ("R0", "R1")}
    assert found.unbounded == {("R1", "R0")}
    strongest = found.strongest()
    assert strongest.at["R0", "closer"] == "R1"
    assert np.isnan(strongest.at["R0", "loss_percent"])
    assert strongest.at["R1", "closer"] != "R0"
    assert strongest.at["R1", "loss_percent"] == found.loss["R1"].max()


def test_extrapolations_are_marked_for_whom_they_are(wiod: World) -> None:
    found = leverage_matrix(wiod, horizon="impact", regions=["USA", "MEX"], resume=False)
    assert found.loss.at["USA", "MEX"] > 25
    assert "MEX" in found.notes["USA", "MEX"]
    assert ("MEX", "USA") not in found.notes
    table = found.long().set_index(["closer", "target"])
    assert "extrapolation" in table.at[("USA", "MEX"), "note"]
    assert table.at[("MEX", "USA"), "note"] == ""


def test_a_small_matrix_leaves_the_work_of_a_large_one(
    small: World, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 3)

    def stop(done: int, total: int, label: str) -> None:
        if done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leverage_matrix(small, horizon="long", elasticities=GIVEN, progress=stop)
    kept = list(cache.iterdir())
    leverage_matrix(small, horizon="long", elasticities=GIVEN, regions=["R0", "R1"])
    assert list(cache.iterdir()) == kept


def test_a_stopped_run_goes_on_where_it_was(small: World, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    monkeypatch.setattr(module, "CHUNK", 3)
    seen: list[int] = []

    def stop_after_two(done: int, total: int, label: str) -> None:
        seen.append(done)
        if done >= 6:
            raise Stop

    with pytest.raises(Stop):
        leverage_matrix(small, horizon="long", elasticities=GIVEN, progress=stop_after_two)
    assert seen == [0, 3, 6]
    assert len(list(cache.iterdir())) == 1
    went: list[int] = []
    resumed = leverage_matrix(small, horizon="long", elasticities=GIVEN, progress=lambda done, *_: went.append(done))
    assert went == [6, 9, 10]
    assert list(cache.iterdir()) == []
    fresh = leverage_matrix(small, horizon="long", elasticities=GIVEN, resume=False)
    np.testing.assert_allclose(resumed.loss, fresh.loss, atol=1e-7)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04nonsense", b"\x93NUMPY"])
def test_a_damaged_file_is_ignored(small: World, cache: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    key = module._key(small, GIVEN, "long", "all", "both", range(5))
    cache.mkdir()
    (cache / f"{key}.npz").write_bytes(damage)
    found = leverage_matrix(small, horizon="long", elasticities=GIVEN)
    assert np.isfinite(found.loss.to_numpy()[~np.eye(5, dtype=bool)]).all()


def test_the_kept_file_belongs_to_one_question(small: World) -> None:
    keys = {
        module._key(small, GIVEN, "long", "all", "both", range(5)),
        module._key(small, GIVEN, "short", "all", "both", range(5)),
        module._key(small, GIVEN, "long", "S1", "both", range(5)),
        module._key(small, GIVEN, "long", "all", "exports", range(5)),
        module._key(small, elasticities(4, 4), "long", "all", "both", range(5)),
        module._key(random_world(5, (5, 4)), GIVEN, "long", "all", "both", range(5)),
        module._key(small, GIVEN, "long", "all", "both", range(4)),
    }
    assert len(keys) == 7


def test_row_of_one_power(wiod: World) -> None:
    row = leverage_row(wiod, "CHN", horizon="long", sectors="C26", side="exports")
    assert len(row) == len(wiod.regions) - 1
    alone = gt.solve(wiod, [gt.Embargo(by="CHN", on="MEX", sectors="C26")], horizon="long")
    assert row.at["MEX", "loss_percent"] == pytest.approx(-alone.real_income["MEX"], abs=1e-7)
    assert row.at["MEX", "cost_percent"] == pytest.approx(-alone.real_income["CHN"], abs=1e-7)


def test_wrong_words_are_refused(small: World) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'both'"):
        leverage_matrix(small, side="bth")
    with pytest.raises(ScenarioError, match="unknown horizon"):
        leverage_matrix(small, horizon="soon")
    with pytest.raises(ScenarioError, match="at least two"):
        leverage_matrix(small, regions="R1", horizon="long", elasticities=GIVEN)
