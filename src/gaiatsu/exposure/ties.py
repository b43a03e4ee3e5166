"""Dependence on one partner over all ties, and the same in several years' worlds.

Worlds of different years are compared only where they tell the same apart: a rest of the world, or a sector, that holds
other things in another world would show the change of the table, not of the tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.critical_goods import critical_goods
from gaiatsu.exposure.imports import imports
from gaiatsu.exposure.places import REST, Pair, Positions, abroad, outside, pair, partner_part, ratio
from gaiatsu.exposure.research import research_intensive
from gaiatsu.exposure.value_added import value_added
from gaiatsu.world.accounts import Array
from gaiatsu.world.codes import Names, sector_divisions

if TYPE_CHECKING:
    import pandas

    from gaiatsu.world.world import World

# Third characters that together make up a division: ISIC's groups, and the two halves of basic metals (24A, 24B).
WHOLE_DIVISION = ({""}, set("123456789"), set("AB"))


def dependence(world: World, region: Names, on: Names, *, sectors: Names = "all") -> pandas.DataFrame:
    """How far a region relies on one partner, tie by tie; the index is the plain mean of the partner's parts.

    Rows exports, imports (goods and services), inputs (looked-through production abroad), value_added (carried by
    foreign final demand), and critical_goods (imports of minerals, in the year at hand nearest to the world's, see
    `critical_goods`) where customs statistics have any; a tie with nobody abroad is left out. sectors: exports, imports
    and value added of these, inputs of their producers, no minerals. Columns part_fraction: the partner's part of all
    that is foreign; whole_fraction: of the region's whole output, purchases, production called on, value added;
    largest, largest_fraction: the largest single partner (None where there is only a rest of the world).
    attrs["index"]: the mean of part_fraction, None without any tie; equal weights are an assumption.
    attrs["minerals_year"]: the year of critical_goods, None without. Raises ScenarioError.
    """
    import pandas

    places, chosen = pair(world, region, on), world.sector_indices(sectors)
    rows: dict[str, dict[str, Any]] = {}
    for name, (amounts, whole) in _amounts(world, places, chosen).items():
        if amounts.sum() > 0:
            rows[name] = partner_part(world, amounts, places.partner)
            rows[name]["whole_fraction"] = float(ratio(amounts[places.partner].sum(), whole))
    year = None
    if len(chosen) == len(world.sectors):
        minerals = critical_goods(world, region, on)
        if len(minerals):
            year = minerals.attrs["year"]
            part = minerals.attrs["part_fraction"]
            rows["critical_goods"] = {
                **{name: minerals.attrs[name] for name in ("part_fraction", "largest", "largest_fraction")},
                "whole_fraction": float(
                    ratio(part * minerals["imports_usd_million"].sum(), world.accounts.flows[places.own].sum())
                ),
            }
    columns = ["part_fraction", "whole_fraction", "largest", "largest_fraction"]
    frame = pandas.DataFrame.from_dict(rows, orient="index", columns=columns if not rows else None)
    frame = frame[columns].rename_axis("tie")
    frame.attrs["index"] = float(frame["part_fraction"].mean()) if rows else None
    frame.attrs["minerals_year"] = year
    return frame


def _amounts(world: World, places: Pair, chosen: Positions) -> dict[str, tuple[Array, float]]:
    """Each kind of tie: [region] amounts with every other region (zero for the own), and the whole they are part of."""
    base, own = world.accounts, places.own
    trade = abroad(world)[:, :, chosen]
    mine = np.ix_(own, chosen)
    called = (imports(world).looked_through[:, own][:, :, chosen] * base.output[mine]).sum(axis=(1, 2))
    amounts = {
        "exports": (trade[:, own].sum(axis=(1, 2)), base.output[mine].sum()),
        "imports": (trade[own].sum(axis=(0, 2)), base.flows[own][:, :, chosen].sum()),
        "inputs": (called, called.sum()),
        "value_added": (value_added(world).table[mine].sum(axis=(0, 1)), base.value_added[mine].sum()),
    }
    mask = np.ones(len(world.regions))
    mask[own] = 0
    return {name: (table * mask, float(whole)) for name, (table, whole) in amounts.items()}


def trend(worlds: Sequence[World], region: Names, on: Names, *, sectors: Names = "all") -> pandas.DataFrame:
    """The same figures in several worlds, oldest first: the partner's part of each tie, the index, value added carried.

    Columns year, the ties of `dependence` that every world has, exports_goods, imports_goods (the same without
    services; of all sectors only), critical_goods_year, index (the mean over these ties), carried (of all value added),
    carried_research (of that of research-intensive sectors, where all worlds tell them), all fractions. Of a group, the
    members that every world has are compared, a rest of the world only if it holds the same countries in all;
    attrs["left_out"] names the others. Raises ScenarioError when nobody is left, or when the sectors asked for do not
    hold the same industries in all worlds.
    """
    import pandas

    own, partner = _common(worlds, region), _common(worlds, on)
    _same_sectors(worlds, sectors)
    found = {world.name: dependence(world, own, partner, sectors=sectors) for world in worlds}
    shared = [tie for tie in next(iter(found.values())).index if all(tie in table.index for table in found.values())]
    research = {world.name: research_among(world, sectors) for world in worlds}
    rows: dict[str, dict[str, float]] = {}
    for world in sorted(worlds, key=lambda item: item.year):
        table, carried = found[world.name], value_added(world)
        rows[world.name] = {"year": world.year, **table.loc[shared, "part_fraction"].to_dict()}
        if shared:
            rows[world.name]["index"] = float(table.loc[shared, "part_fraction"].mean())
        if "critical_goods" in shared:
            rows[world.name]["critical_goods_year"] = table.attrs["minerals_year"]
        if not narrowed(world, sectors):
            rows[world.name].update(_goods_parts(world, own, partner))
        rows[world.name]["carried"] = carried.carried(own, partner, sectors)
        if all(research.values()):
            rows[world.name]["carried_research"] = carried.carried(own, partner, research[world.name])
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("world")
    everyone = {world.regions[n] for world in worlds for names in (region, on) for n in world.region_indices(names)}
    frame.attrs["left_out"] = tuple(sorted(everyone - set(partner) - set(own)))
    return frame


def narrowed(world: World, sectors: Names) -> bool:
    """Whether some sectors are not meant."""
    return len(world.sector_indices(sectors)) < len(world.sectors)


def research_among(world: World, sectors: Names) -> tuple[str, ...]:
    """The research-intensive ones among sectors, where they are a part of these; none where all or none are."""
    chosen = {world.sectors[k] for k in world.sector_indices(sectors)}
    found = tuple(code for code in research_intensive(world).counted if code in chosen)
    return found if len(found) < len(chosen) else ()


def _goods_parts(world: World, region: Names, on: Names) -> dict[str, float]:
    """The partner's part of a region's exports and imports of goods."""
    places, others = pair(world, region, on), outside(world, world.region_indices(region))
    goods = world.accounts.flows[:, :, np.array(world.goods)].sum(axis=2)
    sold, bought = goods[:, places.own].sum(axis=1), goods[places.own].sum(axis=0)
    return {
        "exports_goods": float(ratio(sold[places.partner].sum(), sold[others].sum())),
        "imports_goods": float(ratio(bought[places.partner].sum(), bought[others].sum())),
    }


def _common(worlds: Sequence[World], names: Names) -> list[str]:
    """Codes of the regions meant that every world has, with the same countries in them."""
    sets, refused = [], []
    for world in worlds:
        try:
            sets.append({world.regions[n] for n in world.region_indices(names)})
        except ScenarioError as error:
            refused.append(error)
    if refused and not sets:
        raise refused[0]
    found = set.intersection(*sets) if not refused else set()
    told = f"the worlds {', '.join(world.name for world in worlds)}"
    if REST in found and not same_rest(worlds):
        found.discard(REST)
        if not found:
            raise ScenarioError(f"the rest of the world is not the same countries in {told}; name a country")
    if not found:
        said = names if isinstance(names, str) else ", ".join(names)
        raise ScenarioError(f"{said} cannot be told apart in all of {told}")
    return sorted(found)


def same_rest(worlds: Sequence[World]) -> bool:
    """Whether a rest of the world is the same countries in all worlds: what the other regions do not hold."""
    told = [
        {part for code, parts in zip(world.regions, world.region_parts, strict=True) if code != REST for part in parts}
        for world in worlds
    ]
    return all(item == told[0] for item in told)


def _same_sectors(worlds: Sequence[World], sectors: Names) -> None:
    """Refuse sectors that hold other industries in another world."""
    if all(not narrowed(world, sectors) for world in worlds):
        return
    held = [industries_of(world, [world.sectors[k] for k in world.sector_indices(sectors)]) for world in worlds]
    if any(item != held[0] for item in held):
        said = sectors if isinstance(sectors, str) else ", ".join(sectors)
        raise ScenarioError(
            f"the sectors asked for ({said}) do not hold the same industries in the worlds"
            f" {', '.join(world.name for world in worlds)}; name wider ones"
        )


def industries_of(world: World, sectors: Sequence[str]) -> set[Any]:
    """What sectors hold: ISIC divisions and parts of one, or the source's codes where these are not ISIC."""
    codes = tuple(part for code in sectors for part in world.sector_parts[world.sectors.index(code)])
    divisions = sector_divisions(codes)
    if divisions is None:
        return set(codes)
    parts: dict[int, set[str]] = {}
    for number, part in divisions:
        parts.setdefault(number, set()).add(part)
    return {
        (number, part)
        for number, held in parts.items()
        for part in ({""} if any(whole <= held for whole in WHOLE_DIVISION) else held)
    }
