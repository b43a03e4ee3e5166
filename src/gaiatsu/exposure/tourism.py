"""Travel as trade: what a curb on travel takes from the sectors that visitors buy from.

A visitor's spending is an export of the country visited. A curb that keeps away a share s of the visitors from one
country takes s times what they spend, item by item, from that country's sales to theirs: an availability
1 − s·spending/flow on [importer, exporter, sector] (model page, "Wedges"). See docs/tourism.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import DataError, ScenarioError
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
    """What a curb takes from one flow, US$ million a year: what visitors spend, what is lost, what the world holds.

    missing: what visitors are known to spend beyond what the flow holds, in a world with travel that has changed since.
    """

    importer: int
    exporter: int
    sector: int
    spent: float
    lost: float
    flow: float
    missing: float = 0.0


def with_tourism(world: World, table: pd.DataFrame | None = None) -> World:
    """The world with the spending of visitors in it: flows of the sectors they buy from are raised to it.

    table: destination, origin (ISO3), spending_usd_million (default: Japan in 2024 by market, `spending()`; your own
    through `load_spending`). A flow that is larger already stays. Spending is kept in the provenance, where a travel
    ban finds it; of two tables put in, the later speaks for the pairs it has. Countries that are no region of their own
    count for the region that holds them. Raises DataError for a wrong table, one of which nothing fits the world, or
    where the accounts cannot hold it.
    """
    spent = spending() if table is None else check_spending(table, "spending")
    sold = sales(world, spent)
    if not sold:
        raise DataError(
            f"none of the {len(spent)} rows of spending is between two regions of world {world.name!r} "
            f"({', '.join(world.regions[:8])}, …): nothing would be added"
        )
    flows = [Flow(*pair, k, usd) for pair, bought in sold.items() for k, usd in enumerate(bought) if usd > 0]
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
    """The spending that a world was made with, later tables over earlier ones, or else the bundled table."""
    rows = [row for addition in world.provenance.get("additions", []) for row in addition.get("spending", [])]
    if not rows:
        return spending()
    table = pd.DataFrame(rows, columns=["destination", "origin", "spending_usd_million"])
    return table.drop_duplicates(["destination", "origin"], keep="last", ignore_index=True)


def sales(world: World, table: pd.DataFrame) -> dict[tuple[int, int], Array]:
    """Importer (where visitors live) and exporter (where they go) → [sector] what they buy there, US$ million a year.

    Each country's visitors with their own mix of items, also where a region holds several countries.
    """
    place = region_of(world)
    out: dict[tuple[int, int], Array] = {}
    for row in table.itertuples():
        importer, exporter = place.get(str(row.origin)), place.get(str(row.destination))
        if importer is not None and exporter is not None and importer != exporter:
            bought = by_sector(world, str(row.origin), exporter, float(row.spending_usd_million))
            out[importer, exporter] = out.get((importer, exporter), 0.0) + bought
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


def by_sector(world: World, origin: str, exporter: int, total: float) -> Array:
    """[sector] what visitors from a country (ISO3) buy in the exporter, US$ million, with their mix of items.

    Where a world has several sectors for one of the items, they share it by their output.
    """
    out = np.zeros(len(world.sectors))
    for sector, share in _mix(origin):
        sectors = world.sector_indices(sector)
        weight = world.accounts.output[exporter, sectors]
        whole = weight.sum()
        out[sectors] += total * share * (weight / whole if whole > 0 else 1 / len(sectors))
    return out


@cache
def _mix(origin: str) -> tuple[tuple[str, float], ...]:
    """Sectors and what share of their spending visitors from a country leave there."""
    table = items()
    mine = table[table["origin"] == (origin if (table["origin"] == origin).any() else "all")]
    shares = mine["share"] / mine["share"].sum()  # they have four digits
    return tuple(zip(mine["sector"].astype(str), shares.astype(float), strict=True))


def travel_sales(world: World, measure: TravelBan) -> dict[tuple[int, int], Array]:
    """Importer and exporter of each pair a ban is about → [sector] what visitors buy there, US$ million a year.

    Spending that the ban itself gives has the mix that is known of the pair, or that of the importer's country. Raises
    ScenarioError where nothing is known of any of the pairs, or a given amount would have to be divided.
    """
    origins, destinations = world.region_indices(measure.by), world.region_indices(measure.on)
    pairs = [(int(n), int(i)) for n in origins for i in destinations if n != i]
    if not pairs:
        raise ScenarioError(
            f"travel-ban: `by` and `on` are the same region, {world.regions[origins[0]]}; name another one"
        )
    known = sales(world, spending_of(world))
    if measure.spending is not None:
        if len(pairs) > 1:
            raise ScenarioError(
                f"travel-ban: spending {measure.spending:g} cannot be divided among {len(pairs)} pairs of regions; "
                "give one ban for each pair"
            )
        (pair,) = pairs
        mix = known.get(pair)
        if mix is None:
            codes = world.region_parts[pair[0]]
            mix = by_sector(world, codes[0] if len(codes) == 1 else "all", pair[1], 1.0)
        return {pair: float(measure.spending) * mix / mix.sum()}
    found = {pair: known[pair] for pair in pairs if pair in known}
    if not found:
        n, i = pairs[0]
        raise ScenarioError(
            f"travel-ban: nothing is known of what visitors from {world.regions[n]} spend in {world.regions[i]}; give "
            "`spending` (US$ million a year), or make a world from your own table (gaiatsu.exposure.tourism."
            "with_tourism). The bundled table has visitors to Japan"
        )
    return found


def travel_flows(world: World, measure: TravelBan) -> dict[tuple[int, int], float]:
    """Importer and exporter of each pair a ban is about → US$ million a year that visitors spend there.

    Where a world with travel holds less by now, it is what the world holds. Raises ScenarioError as `cuts`.
    """
    out: dict[tuple[int, int], float] = {}
    for cut in cuts(world, measure):
        pair = cut.importer, cut.exporter
        out[pair] = out.get(pair, 0.0) + cut.spent
    return out


def cuts(world: World, measure: TravelBan) -> list[Cut]:
    """What a ban takes from each flow.

    In a world with travel, a flow that is smaller than what visitors spent when it was put in (after a shock, say)
    counts as all theirs. Raises ScenarioError where the flow of another world, or of a ban that gives the spending
    itself, is less than visitors spend.
    """
    put_in = measure.spending is None and any("spending" in item for item in world.provenance.get("additions", []))
    out: list[Cut] = []
    for (n, i), bought in travel_sales(world, measure).items():
        for k in np.flatnonzero(bought > 0):
            spent, flow = float(bought[k]), float(world.accounts.flows[n, i, k])
            missing = spent - flow if spent > flow * (1 + SLACK) else 0.0
            cut = Cut(n, i, int(k), spent, measure.lost() * spent, flow, missing)
            if missing and not put_in:
                raise ScenarioError(_too_small(world, cut))
            out.append(cut._replace(spent=flow, lost=measure.lost() * flow) if missing else cut)
    return out


def refuse_two(world: World, bans: Sequence[TravelBan]) -> None:
    """ScenarioError where two bans are about the same visitors: they would count them twice."""
    owner: dict[tuple[int, int], int] = {}
    for number, ban in enumerate(bans):
        for n, i in travel_sales(world, ban):
            if owner.setdefault((n, i), number) != number:
                raise ScenarioError(
                    f"travel-ban: two of the measures are about visitors from {world.regions[n]} to "
                    f"{world.regions[i]}; give one, with the share that both keep away"
                )


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
    """Exporter, sector and change of the cost of buying there for `others`, so that they fill in.

    The fall of the cost that makes them buy `refilled` times the amount lost more, at given prices,
    (1 + refilled·lost/flow)^(−1/θ) − 1 with the horizon's θ of the default set. It is a device: cheaper access costs
    nobody anything. Raises ScenarioError where nobody is left to fill in.
    """
    if not measure.refilled:
        return
    from gaiatsu.trade.horizon import horizon as elasticities

    theta = elasticities(horizon, world).theta(len(world.sectors))
    found = cuts(world, measure)
    for exporter in dict.fromkeys(cut.exporter for cut in found):
        if not world.accounts.flows[others(world, exporter, measure), exporter].any():
            raise ScenarioError(
                f"travel-ban: refilled {measure.refilled:g}: nobody is left to fill in for visitors to "
                f"{world.regions[exporter]}: `by` names everybody else who goes there; leave `refilled` out"
            )
    for exporter, sector in dict.fromkeys((cut.exporter, cut.sector) for cut in found):
        lost = sum(cut.lost for cut in found if (cut.exporter, cut.sector) == (exporter, sector))
        flow = float(world.accounts.flows[others(world, exporter, measure), exporter, sector].sum())
        if flow > 0:
            yield exporter, sector, float((1 + measure.refilled * lost / flow) ** (-1 / theta[sector]) - 1)


def others(world: World, exporter: int, measure: TravelBan) -> list[int]:
    """Positions of those who may fill in: all but the destination and the regions whose visitors stay away."""
    away = {exporter, *map(int, world.region_indices(measure.by))}
    return [n for n in range(len(world.regions)) if n not in away]


def can_fill_in(world: World, measure: TravelBan) -> bool:
    """Whether somebody is left to fill in at every destination."""
    return all(world.accounts.flows[others(world, i, measure), i].any() for _, i in travel_sales(world, measure))
