"""A small world of real countries for the tests of pressure: seven regions, six sectors, from wiod2014."""

from __future__ import annotations

from functools import cache

from gaiatsu.world import World

COUNTRIES = ("CHN", "DEU", "JPN", "KOR", "RUS", "USA")
TRAVEL = ("G47", "H49", "I", "R-U")


@cache
def small_world() -> World:
    """China, Germany, Japan, Korea, Russia, the United States and the rest; goods, services, what visitors buy from."""
    whole = World.load("wiod2014")
    goods = [code for code, kind in zip(whole.sectors, whole.goods, strict=True) if kind]
    services = [code for code, kind in zip(whole.sectors, whole.goods, strict=True) if not kind and code not in TRAVEL]
    rest = [code for code in whole.regions if code not in COUNTRIES]
    return whole.aggregate(regions={"ROW": rest}, sectors={"GOODS": goods, "SERVICES": services})
