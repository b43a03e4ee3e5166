"""The embedded world, loaded once."""

from __future__ import annotations

import pytest

from gaiatsu.world import World


@pytest.fixture(scope="session")
def wiod() -> World:
    """44 regions, 50 sectors, 2014."""
    return World.load("wiod2014")
