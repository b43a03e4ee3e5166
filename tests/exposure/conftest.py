"""The embedded worlds, loaded once, so that their input-output systems are factorised once."""

from __future__ import annotations

import pytest

from gaiatsu.world import World


@pytest.fixture(scope="session")
def embedded() -> dict[str, World]:
    """The worlds 2022 and wiod2014 by name."""
    return {name: World.load(name) for name in ("2022", "wiod2014")}
