"""Reliance on foreign production at face value and looked through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.exposure.chains import chains
from worlds import SHAPES, random_world

seeds = st.integers(0, 10**6)
shapes = st.sampled_from(SHAPES)


@given(seed=seeds, shape=shapes)
def test_column_sums_by_country_of_origin(seed: int, shape: tuple[int, int]) -> None:
    world = random_world(seed, shape)
    regions, sectors = shape
    use = chains(world).coefficients()
    rounds = np.linalg.inv(np.eye(len(use)) - use) - np.eye(len(use))
    found = gt.exposure.imports(world)
    for table, whole in ((found.face, use), (found.looked_through, rounds)):
        by_origin = whole.reshape(regions, sectors, regions * sectors).sum(axis=1)
        assert table.reshape(regions, -1) == pytest.approx(by_origin, rel=1e-10, abs=1e-13)


@given(seed=seeds, shape=shapes)
def test_what_is_looked_through_holds_what_is_bought(seed: int, shape: tuple[int, int]) -> None:
    found = gt.exposure.imports(random_world(seed, shape))
    assert (found.looked_through >= found.face - 1e-12).all()  # L − I = A + A² + …


def test_without_trade_in_inputs_both_say_home() -> None:
    world = random_world(4, (3, 2), va_share=1.0)
    found = gt.exposure.imports(world)
    assert found.face.max() == found.looked_through.max() == 0
    assert found.reliance("R0", "R1") == {
        "face": 0, "looked_through": 0, "face_foreign": 0, "looked_through_foreign": 0,
    }  # fmt: skip
    assert found.by_user("R0", "R1").empty


def test_the_shares_of_all_partners_make_up_the_foreign_share() -> None:
    world = random_world(8, (5, 4))
    found = gt.exposure.imports(world)
    sources = found.sources("R0")
    reliance = found.reliance("R0", "R1")
    assert list(sources.index) == ["R1", "R2", "R3", "R4"]
    assert sources["face_fraction"].sum() == pytest.approx(reliance["face_foreign"])
    assert sources["looked_through_fraction"].sum() == pytest.approx(reliance["looked_through_foreign"])
    rows = found.by_user("R0", "R1")
    weights = found.face[:, 0].sum(axis=0) * world.accounts.output[0]
    assert float((rows["face_fraction"] * weights).sum() / weights.sum()) == pytest.approx(reliance["face"])
    with_group = found.reliance(["R0", "R1"], ["R1", "R2"])
    assert 0 < with_group["face"] < with_group["face_foreign"] < 1
