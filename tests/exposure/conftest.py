"""The embedded worlds, loaded once, so that their input-output systems are factorised once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gaiatsu.world import World

KEPT = ("C26", "C29", "C30", "C301", "C302T309", "J58")


@pytest.fixture(scope="session")
def embedded() -> dict[str, World]:
    """The worlds 2022 and wiod2014 by name. Their input-output systems are large: those who only need the accounts of
    two years take `coarse`, and what is published for all sectors stands in test_embedded_exposure.py."""
    return {name: World.load(name) for name in ("2022", "wiod2014")}


@pytest.fixture(scope="session")
def coarse(embedded: dict[str, World]) -> dict[str, World]:
    """The same with all their regions and few sectors, under the same names; other transport equipment is cut in two in
    2022 only."""
    found = {}
    for name, world in embedded.items():
        rest = {code: goods for code, goods in zip(world.sectors, world.goods, strict=True) if code not in KEPT}
        small = world.aggregate(
            sectors={
                "GOODS": [code for code, goods in rest.items() if goods],
                "SERVICES": [code for code, goods in rest.items() if not goods],
            }
        )
        found[name] = replace(small, name=name)
    return found
