"""Whole economies in the episodes whose sectors can be seen in a world's table, beside published macro effects.

The measure is an embargo on the part of a sector's trade that the products make up; what the engine's trade then falls
by stands in the table too. Products are far smaller than sectors, so these numbers are small by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gaiatsu.errors import DataError

HORIZONS, CLOSURE = ("short", "long"), "proportional"

AUD = 845 / 1200  # US$ per A$ in 2018-19: A$1.2 bn of wine are US$845 million (xinhuanet.com 2019-07-22)


@dataclass(frozen=True)
class Economy:
    """One episode: hit is US$ million of the pair's trade by sector, None for all of the sector's trade."""

    episode: str
    world: str
    by: str
    on: str
    hit: Mapping[str, float | None]
    what: str
    published: str


CASES = (
    Economy(
        "AUS-2020", "wiod2014", "CHN", "AUS",
        {"B": 9635.9 + 1798.8, "A01": 1750 * AUD, "C10-C12": 1011 * AUD},
        "coal, copper concentrate (BACI 2018), barley, wine (rows 24, 19): dollars of 2018 to 2020 over flows of 2014",
        "−0.009 % of GDP (Productivity Commission 2023, row 27); revenue forgone US$ 4.9 bn in July 2020 to February "
        "2021, before diversion (University of Adelaide, row 26)",
    ),
    Economy("LTU-2021", "wiod2014", "CHN", "LTU", {"goods": None}, "all goods", "none found; called small"),
    Economy(
        "JPN-2023", "2022", "CHN", "JPN", {"A03,C10T12": 600.0},
        "marine products: about US$ 600 million in 2022 (intrafish.com 2023-09-25)", "none found",
    ),
)  # fmt: skip

NOT_SEEN = (
    ("NOR-2010", "the world of 2014 shows what was left: US$ 5 million of fish from Norway in China"),
    (
        "AUS-2020",
        "rock lobster: A$707 million in 2018-19 (row 23), but the world of 2014 holds US$ 5 million of all fish and "
        "shellfish sold by Australia to China",
    ),
    (
        "KOR-2017",
        "the world of 2014 holds US$ 52 million of hotels and restaurants sold by Korea to China, far less than eight "
        "million visitors spend; published: −0.5 % of GDP (Hyundai Research Institute), −0.2 points (Bank of Korea)",
    ),
)


def economies(cases: Sequence[Economy] = CASES, horizons: Sequence[str] = HORIZONS) -> pd.DataFrame:
    """One line per case and horizon, deficits proportional.

    Columns: episode, world, horizon, what, share_hit and trade_change (percent of the sectors' trade of the pair),
    by_sector (the share hit in each, in words), target and sender (real income, percent), dollars (equivalent
    variation of the target, US$ million), published. Raises DataError where more is hit than a sector's flow holds.
    """
    return pd.DataFrame([_solved(case, horizon) for case in cases for horizon in horizons])


def _solved(case: Economy, horizon: str) -> dict[str, object]:
    import gaiatsu as gt

    world = gt.World.load(case.world)
    importer, exporter = world.regions.index(case.by), world.regions.index(case.on)
    goods = [code for code, is_goods in zip(world.sectors, world.goods, strict=True) if is_goods]
    measures, before, hit = [], 0.0, 0.0
    chosen: list[str] = []
    shares: list[str] = []
    for names, amount in case.hit.items():
        sectors = goods if names == "goods" else [names] if names in world.sectors else names.split(",")
        columns = [world.sectors.index(code) for code in sectors]
        flow = float(world.accounts.flows[importer, exporter, columns].sum())
        if amount is not None and amount > flow:
            raise DataError(
                f"{case.episode} hits US$ {amount:,.0f} million of {names}, but {case.world} holds {flow:,.0f} of it "
                f"from {case.on} to {case.by}: that trade cannot be seen in this world; leave it out"
            )
        share = 1.0 if amount is None else amount / flow
        shares.append(f"{names} {100 * share:.0f} %")
        measures.append(gt.Embargo(by=case.by, on=case.on, sectors=sectors, share=share, side="imports"))
        before, hit, chosen = before + flow, hit + share * flow, [*chosen, *sectors]
    outcome = gt.solve(world, measures, horizon=horizon, closure=CLOSURE)
    trade = outcome.table("imports", by=["importer", "exporter", "sector"])
    pair = trade[(trade["importer"] == case.by) & (trade["exporter"] == case.on) & np.isin(trade["sector"], chosen)]
    return {
        "episode": case.episode, "world": case.world, "horizon": horizon, "what": case.what,
        "share_hit": 100 * hit / before, "by_sector": ", ".join(shares),
        "trade_change": 100 * (float(pair["counterfactual"].sum()) / float(pair["baseline"].sum()) - 1),
        "target": float(outcome.real_income[case.on]), "sender": float(outcome.real_income[case.by]),
        "dollars": float(outcome.summary().at[case.on, "equivalent_variation"]), "published": case.published,
    }  # fmt: skip
