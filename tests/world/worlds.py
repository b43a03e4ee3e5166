"""Small asymmetric worlds for the tests of the world room."""

from __future__ import annotations

from typing import Any

import numpy as np

from gaiatsu.world import World

REGIONS = ("USA", "JPN", "DEU", "FRA", "ROW")
SECTORS = ("A01", "C24", "C29", "R-U")


def tables(seed: int = 0, regions: int = 5, sectors: int = 4, duties: bool = True) -> dict[str, Any]:
    """Random arrays of a world that closes: inputs stay well below purchases of every good."""
    rng = np.random.default_rng(seed)
    flows = rng.uniform(1, 10, (regions, regions, sectors))
    home = np.arange(regions)
    flows[home, home] = rng.uniform(60, 90, (regions, sectors))
    duty = rng.uniform(0, 0.3, (regions, regions, sectors)) * duties
    duty[home, home] = 0
    mix = rng.dirichlet(np.full(sectors, 3.0), size=(regions, sectors)).transpose(0, 2, 1)
    va_share = rng.uniform(0.65, 0.9, (regions, sectors))
    return {"flows": flows, "duty": duty, "va_share": va_share, "input_mix": mix}


def small_world(seed: int = 0, **changes: Any) -> World:
    """The random world under names, with some tables or labels changed."""
    return World.from_arrays(**{"regions": REGIONS, "sectors": SECTORS, **tables(seed), **changes})
