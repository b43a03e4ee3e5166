"""Worlds of other sizes for the benchmarks, made from the embedded one, so that they keep its structure.

More regions and sectors come from splitting the largest ones in two unequal parts that trade with each other; fewer
from adding up the smallest.
"""

from __future__ import annotations

import numpy as np

import gaiatsu as gt
from gaiatsu.trade.wedges import Array

PARTS = (0.6, 0.4)
KEPT_AT_HOME = 0.7  # of a split region's home trade, what each part buys from itself before the rest is shared out


def resized(world: gt.World, regions: int, sectors: int) -> tuple[gt.World, Array]:
    """A world of the size asked for, and the position in `world` of each of its sectors."""
    accounts = world.accounts
    origin, region_share = _pieces(accounts.output.sum(1), regions)
    kind, sector_share = _pieces(accounts.output.sum(0), sectors)
    if regions < len(world.regions) or sectors < len(world.sectors):
        return _added_up(world, regions, sectors)
    home = np.equal.outer(origin, origin)
    within = KEPT_AT_HOME * np.eye(len(origin)) + (1 - KEPT_AT_HOME) * region_share[None, :]
    between = region_share[:, None] * np.where(home, within, region_share[None, :])
    flows = accounts.flows[np.ix_(origin, origin, kind)] * between[:, :, None] * sector_share
    mix = accounts.input_mix[np.ix_(origin, kind, kind)] * sector_share[None, :, None]
    names = [f"{world.sectors[index]}.{number}" for number, index in enumerate(kind)]
    made = gt.World.from_arrays(
        regions=[f"{world.regions[index]}.{number}" for number, index in enumerate(origin)],
        sectors=names,
        flows=flows,
        duty=accounts.duty[np.ix_(origin, origin, kind)],
        va_share=accounts.va_share[np.ix_(origin, kind)],
        input_mix=mix,
        goods=[world.goods[index] for index in kind],
        name=f"wiod2014 split to {regions} x {sectors}",
        year=world.year,
    )
    return made, kind


def _pieces(size: Array, count: int) -> tuple[Array, Array]:
    """Which unit each piece belongs to and its share of it: the largest piece is split until there are `count`."""
    owner, share = list(range(len(size))), [1.0] * len(size)
    while len(owner) < count:
        largest = int(np.argmax([size[unit] * part for unit, part in zip(owner, share, strict=True)]))
        owner.append(owner[largest])
        share.append(share[largest] * PARTS[1])
        share[largest] *= PARTS[0]
    return np.array(owner), np.array(share)


def _added_up(world: gt.World, regions: int, sectors: int) -> tuple[gt.World, Array]:
    """The smallest regions, and the smallest services, as one each."""
    accounts = world.accounts
    by_size = np.argsort(accounts.output.sum(1))
    services = [index for index in np.argsort(accounts.output.sum(0)) if not world.goods[index]]
    rest = [world.regions[index] for index in by_size[: len(world.regions) - regions + 1]]
    small = [world.sectors[index] for index in services[: len(world.sectors) - sectors + 1]]
    made = world.aggregate(regions={"SMALL": rest}, sectors={"OTHER": small})
    return made, np.array(
        [world.sectors.index(code) if code in world.sectors else services[0] for code in made.sectors]
    )
