"""Points that fill a box evenly: a stored Sobol sequence, because importing scipy.stats takes longer than their use."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


@cache
def sobol_points() -> NDArray[np.float64]:
    """[1024 points, 28 dimensions] inside (0, 1); the first 2^n points are even by themselves. Read-only.

    Made by scripts/sobol_points.py: scrambled with a fixed seed, in sixteen bits.
    """
    with resources.files("gaiatsu.world").joinpath("data", "sobol.npy").open("rb") as file:
        whole: NDArray[np.uint16] = np.load(file, allow_pickle=False)
    points = (whole + 0.5) / 65536
    points.setflags(write=False)
    return points
