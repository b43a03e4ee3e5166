from __future__ import annotations

import numpy as np
import pytest

from gaiatsu.world.world import World


@pytest.fixture(scope="session")
def small_world() -> World:
    """Three regions, four sectors (three goods, one service), trade everywhere but German steel to Japan."""
    regions, sectors = ["USA", "JPN", "DEU"], ["A01", "C24", "C29", "K64"]
    flows = np.random.default_rng(7).uniform(1, 2, (3, 3, 4)) + 20 * np.eye(3)[:, :, None]
    flows[1, 2, 1] = 0.0
    return World.from_arrays(
        regions=regions,
        sectors=sectors,
        flows=flows,
        duty=np.zeros((3, 3, 4)),
        va_share=np.full((3, 4), 0.6),
        input_mix=np.full((3, 4, 4), 0.25),
        name="small",
        year=2014,
    )
