"""Who uses a mineral, how far it hangs on those who cut, and what others could add: from trade, or from single facts.

New supply is counted in the unit of the evidence on it: a share of the world's use, the controllers' own included (6 to
17 % within three years of 2010, data/minerals.json). As then, it is divided among all outside the controllers in
proportion to what they would lack if all were cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import DataMissing, ScenarioError
from gaiatsu.exposure.minerals import flows_of, mineral, mineral_key, trade_of

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """How one region stands with a mineral.

    dependence: share of its use that comes from the controllers; value: US$ million of a year's use, at the border;
    source: of both.
    """

    region: str
    dependence: float
    value: float
    source: str
    assumed: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Use:
    """How all regions stand with a mineral.

    standing: [region], controllers among them; world: US$ million of a year's use everywhere; controllers: positions;
    source, assumed: of `world`.
    """

    standing: list[Dependence]
    world: float
    controllers: NDArray[np.int64]
    source: str
    assumed: str

    @property
    def lacking(self) -> float:
        """US$ million a year that all outside the controllers would lack if all of them were cut off."""
        needs = np.array([item.value * item.dependence for item in self.standing])
        return float(np.delete(needs, self.controllers).sum())


def use_of(world: World, word: str, controllers: NDArray[np.int64]) -> Use:
    """How every region's use of a mineral hangs on a controller, or on several.

    From trade where it can be told: dependence by weight in the last year, value in the year nearest to the world's,
    less what is recycled, zero where a region imports none; else from the mineral's single facts. Raises DataMissing
    where nothing is known of a controller.
    """
    item = mineral(word)
    if item["hs"]:
        return _from_trade(world, word, controllers)
    names = [part for index in controllers for part in world.region_parts[int(index)]]
    known = item["world"]["shares"]
    if not any(name in known for name in names):
        raise DataMissing(
            f"no figures on {item['name']} from {', '.join(names)} are at hand (only from {', '.join(known)}): "
            "give `dependence`"
        )
    return _from_facts(world, item, names, controllers)


def _from_trade(world: World, word: str, controllers: NDArray[np.int64]) -> Use:
    item = mineral(word)
    recycling = float(item.get("recycling", {}).get("value", 0.0))
    last, near = trade_of(word)["year"].iloc[0], trade_of(word, world.year)["year"].iloc[0]
    weight, value = flows_of(world, word, measure="quantity_tonnes"), flows_of(world, word, world.year)
    source = f"CEPII, BACI: dependence by weight in {last}, value in {near}"
    bought, sold, tonnes = value.sum(axis=1), value.sum(axis=0), weight.sum(axis=1)
    share = np.divide(weight[:, controllers].sum(axis=1), tonnes, out=np.zeros_like(tonnes), where=tonnes > 0)
    share[bought == 0] = 0.0
    use = bought / (1 - recycling) / 1e3
    standing = []
    for place, code in enumerate(world.regions):
        assumed = f"that what is used of {item['name']} is imported or recycled: none is mined at home, none sold on"
        if sold[place] > bought[place]:
            assumed += f"; {code} sold more of it in {near} than it bought, so that its use and dependence are a guess"
        standing.append(
            Dependence(
                region=code, dependence=float(share[place]) * (1 - recycling), value=float(use[place]), source=source,
                assumed=assumed if bought[place] > 0 else "",
            )
        )  # fmt: skip
    home = item.get("used_at_home")
    places = [index for index, parts in enumerate(world.region_parts) if home and home["country"] in parts]
    if home and places:
        total = float(np.delete(use, places).sum()) / (1 - home["value"])
        told = f"CEPII, BACI, imports in {near}; {home['source']}"
        return Use(standing=standing, world=total, controllers=controllers, source=told, assumed="")
    return Use(
        standing=standing, world=float(use.sum()), controllers=controllers, source=f"CEPII, BACI, imports in {near}",
        assumed=f"that the world uses no more {item['name']} than crosses borders, so that new supply is a lower bound",
    )  # fmt: skip


def _from_facts(world: World, item: Mapping[str, Any], names: list[str], controllers: NDArray[np.int64]) -> Use:
    made = item["world"]
    price = made["price_usd_per_kg"] / 1e3  # US$ million a tonne
    users = np.unique(np.concatenate([world.sector_indices(name) for name in item["users"]]))
    output = world.accounts.output[:, users].sum(axis=1)
    by_output = made["tonnes"] * output / output.sum()
    average = (1 - float(item["recycling"]["value"])) * sum(made["shares"].get(name, 0.0) for name in names)
    standing = [
        _region_from_facts(world, item, names, place, float(by_output[place]), average, price)
        for place in range(len(world.regions))
    ]
    return Use(
        standing=standing, world=made["tonnes"] * price, controllers=controllers, source=made["source"], assumed=""
    )


def _region_from_facts(
    world: World, item: Mapping[str, Any], names: list[str], place: int, by_output: float, average: float, price: float
) -> Dependence:
    """A region's own figures; of several countries together, those that are known, and the average for the rest."""
    code, parts = world.regions[place], world.region_parts[place]
    own = {part: item["countries"][part] for part in {*parts, code} if part in item["countries"]}
    alone = len(parts) <= 1
    known = sum(facts["tonnes"] for facts in own.values())
    tonnes = known if own and alone else max(by_output, known)
    hanging = sum(facts["tonnes"] * sum(facts["dependence"].get(name, 0.0) for name in names) for facts in own.values())
    assumed = []
    if not (own and alone):
        who = (
            f"{code}, where {known:g} tonnes are known of {', '.join(sorted(own))}, in all"
            if own
            else "who has no figures"
        )
        assumed = [
            f"that {who} uses {item['name']} in proportion to the output of the sectors that use it",
            f"that {f'the rest of {code}' if own else 'it'} buys from the controller what the world on average does",
        ]
    return Dependence(
        region=code,
        dependence=(hanging + (tonnes - known) * average) / tonnes if tonnes > 0 else 0.0,
        value=tonnes * price,
        source="; ".join([facts["source"] for facts in own.values()] or [item["world"]["source"]]),
        assumed="; ".join(assumed),
    )


def who_could_fill(
    world: World, word: str, controllers: NDArray[np.int64], region: int, spare: float,
    production: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Other suppliers, ranked by what they could add in three years: `spare` of the world's use in all.

    It is divided among suppliers in proportion to what they sell outside the controllers (an assumption), or to their
    production, from `minerals.load_mine_production`. Columns: region, supply, could_add (thousand US$ a year; tonnes
    with production; told in attrs) and, from trade, already_sold to the region, and share_of_use: what of could_add
    goes to the region, over its use. Raises DataMissing where there is neither trade nor production, ScenarioError for
    a `spare` that is no share.
    """
    if not (np.isfinite(spare) and spare >= 0):
        raise ScenarioError(f"spare capacity is {spare}; it must be a finite share of the world's use, at least 0")
    outside = np.ones(len(world.regions), dtype=bool)
    outside[controllers] = False
    outside[region] = False
    if production is not None:
        supply = _produced(world, word, production)
        used = float(supply.sum())
    else:
        flows = flows_of(world, word)
        supply = np.delete(flows, controllers, axis=0).sum(axis=0)
        use = use_of(world, word, controllers)
        used = 1e3 * use.world
    total = supply[outside].sum()
    part = np.divide(supply, total, out=np.zeros(len(supply)), where=total > 0)
    frame = pd.DataFrame({"region": world.regions, "supply": supply, "could_add": spare * used * part})
    if production is None:
        own = use.standing[region]
        claim = own.dependence / use.lacking if use.lacking > 0 else 0.0
        frame["already_sold"] = flows[region]
        frame["share_of_use"] = spare * use.world * part * claim
    frame = frame[outside & (supply > 0)].sort_values("could_add", ascending=False, kind="stable")
    frame.attrs["unit"] = "thousand US$ a year" if production is None else "tonnes a year"
    return frame.reset_index(drop=True)


def _produced(world: World, word: str, production: pd.DataFrame) -> Array:
    """[region] production of a mineral in the last year of a table of `load_mine_production`."""
    key = mineral_key(word)
    mine = production[production["mineral"] == key]
    if mine.empty:
        known = ", ".join(sorted(production["mineral"].unique()))
        raise DataMissing(f"the table of production has no {mineral(word)['name']} (it has {known})")
    mine = mine[mine["year"] == mine["year"].max()]
    found = {part: index for index, parts in enumerate(world.region_parts) for part in parts}
    found.update({code: index for index, code in enumerate(world.regions)})
    out = np.zeros(len(world.regions))
    for code, tonnes in zip(mine["country"], mine["production"], strict=True):
        place = found.get(code, found.get("ROW"))
        if place is not None:
            out[place] += tonnes
    return out
