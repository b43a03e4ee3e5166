"""Shared settings: Hypothesis draws the same examples on every machine; the helper modules here can be imported."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import Phase, settings

sys.path.insert(0, str(Path(__file__).parent))

# Examples are seeds of random worlds: a smaller seed is no simpler, so that shrinking would only take time.
settings.register_profile(
    "gaiatsu",
    deadline=None,
    derandomize=True,
    max_examples=12,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("gaiatsu")
