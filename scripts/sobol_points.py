"""Writes the points that elasticity draws are taken at: scipy's Sobol sequence, scrambled with a fixed seed.

They are stored because importing scipy.stats takes longer than solving the draws. Run it from the project's root:
python scripts/sobol_points.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.stats import qmc

POINTS, DIMENSIONS, SEED = 1024, 28, 2022
OUT = Path("src/gaiatsu/world/data/sobol.npy")


def points() -> np.ndarray:
    """[point, dimension] in sixteen bits."""
    sequence = qmc.Sobol(DIMENSIONS, scramble=True, rng=np.random.default_rng(SEED))
    return np.floor(sequence.random(POINTS) * 65536).astype("<u2")


if __name__ == "__main__":
    np.save(OUT, points())
