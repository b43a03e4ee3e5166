"""Travel as trade: what a curb on travel takes from the sectors that visitors buy from.

A visitor's spending is an export of the country visited. A curb that keeps away a share s of the visitors from one
country takes s times what they spend, item by item, from that country's sales to theirs: an availability
1 − s·spending/flow on [importer, exporter, sector] (model page, "Wedges"). See docs/tourism.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.tourism_backtest import backtest_2025
from gaiatsu.exposure.tourism_data import (
    CURBS,
    REFILLED,
    arrivals,
    check_spending,
    curb_prior,
    episodes,
    items,
    load_spending,
    published,
    quarters,
    spending,
    survey,
)
from gaiatsu.world.raising import Flow, raise_flows
from gaiatsu.world.storage import known_worlds

if TYPE_CHECKING:
    from gaiatsu.scenario.pressure import TravelBan
    from gaiatsu.world.world import World

__all__ = [
    "CURBS", "REFILLED", "arrivals", "backtest_2025", "check_spending", "curb_prior", "cuts", "episodes", "items",
    "load_spending", "published", "quarters", "spending", "survey", "travel_flows", "with_tourism",
]  # fmt: skip

Array = NDArray[np.float64]
ADDITION = "tourism"  # what worlds with travel are called: "2022+tourism"
SLACK = 1e-4  # of a flow: what rounding of a stored world may take from it


class Cut(NamedTuple):
    """What a curb takes from one flow, US$ million a year: what visitors spend, what is lost, what the world holds."""

    importer: int
    exporter: int
    sector: int
    spent: float
    lost: float
    flow: float


def with_tourism(world: World, table: pd.DataFrame | None = None) -> World:
    """The world with the spending of visitors in it: flows of the sectors they buy from are raised to it.

    table: destination, origin (ISO3), spending_usd_million (default: Japan in 2024 by market, `spending()`; your own
    through `load_spending`). A flow that is larger already stays. Spending is kept in the provenance, where a travel
    ban finds it. Countries that are no region of their own count for the region that holds them. Raises DataError for
    a wrong table or where the accounts cannot hold it.
    """
    spent = spending() if table is None else check_spending(table, "spending")
    flows = [Flow(n, i, k, usd) for (n, i), total in by_pair(world, spent).items()
             for k, usd in enumerate(by_sector(world, n, i, total)) if usd > 0]  # fmt: skip
    note = {
        "what": "spending of visitors abroad",
        "source": "JNTO and Japan Tourism Agency, 2024" if table is None else "a table of the user",
        "spending": [
            [str(row.destination), str(row.origin), float(row.spending_usd_million)]
            for row in spent.itertuples()
        ],
    }  # fmt: skip
    return raise_flows(world, flows, name=f"{world.name}+{ADDITION}", note=note)


def spending_of(world: World) -> pd.DataFrame:
    """The spending that a world was made with, or else the bundled table."""
    for addition in reversed(world.provenance.get("additions", [])):
        if "spending" in addition:
            return pd.DataFrame(addition["spending"], columns=["destination", "origin", "spending_usd_million"])
    return spending()


def by_pair(world: World, table: pd.DataFrame) -> dict[tuple[int, int], float]:
    """Positions of importer (where visitors live) and exporter (where they go) → US$ million a year."""
    place = region_of(world)
    out: dict[tuple[int, int], float] = {}
    for row in table.itertuples():
        pair = place.get(str(row.origin)), place.get(str(row.destination))
        if pair[0] is not None and pair[1] is not None and pair[0] != pair[1]:
            out[pair[0], pair[1]] = out.get((pair[0], pair[1]), 0.0) + float(row.spending_usd_million)
    return out


class _Places(dict[str, int]):
    """Country code → position; a country that is no region of its own is in the rest of the world, if there is one."""

    def __init__(self, world: World) -> None:
        super().__init__(
            {code: number for number, parts in enumerate(world.region_parts) for code in parts if code != "ROW"}
        )
        self.rest = next((number for number, parts in enumerate(world.region_parts) if "ROW" in parts), None)

    def get(self, code: str, default: Any = None) -> Any:
        return super().get(code, self.rest if default is None else default)


def region_of(world: World) -> Mapping[str, int]:
    """Country code → position of the region that holds it."""
    return _Places(world)


def by_sector(world: World, importer: int, exporter: int, total: float) -> Array:
    """[sector] what visitors from the importing region buy there, US$ million, with their mix of items.

    Where a world has several sectors for one of the items, they share it by their output.
    """
    table = items()
    origin = next((code for code in world.region_parts[importer] if (table["origin"] == code).any()), "all")
    out = np.zeros(len(world.sectors))
    mine = table[table["origin"] == origin]
    total /= float(mine["share"].sum())  # of shares with four digits
    for row in mine.itertuples():
        sectors = world.sector_indices(str(row.sector))
        weight = world.accounts.output[exporter, sectors]
        whole = weight.sum()
        out[sectors] += total * float(row.share) * (weight / whole if whole > 0 else 1 / len(sectors))
    return out


def travel_flows(world: World, measure: TravelBan) -> dict[tuple[int, int], float]:
    """Positions of importer and exporter of each pair a ban is about → US$ million a year that visitors spend there.

    Raises ScenarioError where nothing is known of any of the pairs, or a given amount would have to be divided.
    """
    origins, destinations = world.region_indices(measure.by), world.region_indices(measure.on)
    pairs = [(int(n), int(i)) for n in origins for i in destinations if n != i]
    if not pairs:
        raise ScenarioError(
            f"travel-ban: `by` and `on` are the same region, {world.regions[origins[0]]}; name another one"
        )
    if measure.spending is not None:
        if len(pairs) > 1:
            raise ScenarioError(
                f"travel-ban: spending {measure.spending:g} cannot be divided among {len(pairs)} pairs of regions; "
                "give one ban for each pair"
            )
        return {pairs[0]: float(measure.spending)}
    known = by_pair(world, spending_of(world))
    found = {pair: known[pair] for pair in pairs if pair in known}
    if not found:
        n, i = pairs[0]
        raise ScenarioError(
            f"travel-ban: nothing is known of what visitors from {world.regions[n]} spend in {world.regions[i]}; give "
            "`spending` (US$ million a year), or make a world from your own table (gaiatsu.exposure.tourism."
            "with_tourism). The bundled table has visitors to Japan"
        )
    return found


def cuts(world: World, measure: TravelBan) -> list[Cut]:
    """What a ban takes from each flow. Raises ScenarioError where the world's flow is less than visitors spend."""
    out: list[Cut] = []
    for (n, i), total in travel_flows(world, measure).items():
        for k, spent in enumerate(by_sector(world, n, i, total)):
            if spent > 0:
                flow = float(world.accounts.flows[n, i, k])
                out.append(Cut(n, i, k, float(spent), measure.lost() * float(spent), flow))
    for cut in out:
        if cut.spent > cut.flow * (1 + SLACK):
            raise ScenarioError(_too_small(world, cut))
    return out


def _too_small(world: World, cut: Cut) -> str:
    buyer, seller = world.region_names[cut.importer], world.region_names[cut.exporter]
    remedy = "Put it in with gaiatsu.exposure.tourism.with_tourism, which also takes a table of your own"
    if world.name in known_worlds():
        remedy = (
            f"Use world '{world.name}+{ADDITION}', or put in a table of your own with "
            "gaiatsu.exposure.tourism.with_tourism"
        )
    return (
        f"travel-ban: visitors from {buyer} spend US$ {cut.spent:,.0f} million a year on "
        f"{world.sectors[cut.sector]} in {seller}, but world {world.name!r} holds US$ {cut.flow:,.0f} million of such "
        f"sales: its table misses travel. {remedy}"
    )


def refill_costs(world: World, measure: TravelBan, horizon: str) -> Iterator[tuple[int, int, float]]:
    """Exporter, sector and change of the cost of buying there for everybody else abroad, so that others fill in.

    Rooms that are freed are easier to get: the fall of the cost that makes other foreigners buy `refilled` times the
    amount lost more, at given prices, (1 + refilled·lost/flow)^(−1/θ) − 1 with the horizon's θ of the default set.
    """
    if not measure.refilled:
        return
    from gaiatsu.trade.horizon import horizon as elasticities

    theta = elasticities(horizon, world).theta(len(world.sectors))
    found = cuts(world, measure)
    for exporter, sector in dict.fromkeys((cut.exporter, cut.sector) for cut in found):
        mine = [cut for cut in found if (cut.exporter, cut.sector) == (exporter, sector)]
        others = _others(world, exporter, {cut.importer for cut in mine})
        flow = float(world.accounts.flows[others, exporter, sector].sum())
        if flow > 0:
            gain = measure.refilled * sum(cut.lost for cut in mine) / flow
            yield exporter, sector, float((1 + gain) ** (-1 / theta[sector]) - 1)


def _others(world: World, exporter: int, importers: set[int]) -> list[int]:
    return [n for n in range(len(world.regions)) if n != exporter and n not in importers]


def others(world: World, exporter: int, measure: TravelBan) -> tuple[str, ...]:
    """Codes of the regions, other than the destination and those whose visitors stay away."""
    away = set(map(int, world.region_indices(measure.by)))
    return tuple(world.regions[n] for n in _others(world, exporter, away))
