"""A small world with real labels, so that agreements by chapter and critical inputs work in milliseconds."""

from __future__ import annotations

import pytest

from gaiatsu.world import World

KEPT = {"JPN", "CHN", "USA", "TWN", "DEU", "FRA", "ITA"}
SECTORS = {"C20", "C23", "C26", "C27", "C28", "C29", "I"}


@pytest.fixture(scope="session")
def small() -> World:
    """Eight regions, nine sectors of the default world: three members of the European Union, a rest."""
    whole = World.load("2022")
    goods = [
        code for code, is_goods in zip(whole.sectors, whole.goods, strict=True) if is_goods and code not in SECTORS
    ]
    services = [
        code for code, is_goods in zip(whole.sectors, whole.goods, strict=True) if not is_goods and code not in SECTORS
    ]
    return whole.aggregate(
        regions={"ROW": [code for code in whole.regions if code not in KEPT]},
        sectors={"OTHERGOODS": goods, "OTHERSERVICES": services},
    )
