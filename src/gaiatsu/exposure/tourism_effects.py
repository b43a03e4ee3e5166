"""What a solved curb on travel does: who buys what visitors leave, where their spending goes, and over which range."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import GaiatsuError
from gaiatsu.exposure import tourism
from gaiatsu.exposure.tourism_data import REFILLED, curb_prior
from gaiatsu.scenario.measures import Measure
from gaiatsu.scenario.pressure import TravelBan

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]


def spending_lost(outcome: Outcome, ban: TravelBan) -> float:
    """What the visitors who stay away spend, US$ million a year."""
    return ban.lost() * sum(tourism.travel_flows(outcome.world, ban).values())


def sector_effects(outcome: Outcome, bans: Sequence[TravelBan]) -> pd.DataFrame:
    """Sales of the destinations by sector that visitors buy from, US$ million at the baseline's prices.

    Columns: destination, sector, `visitors_spend`, `visitors_lost` (at given prices), and the changes of volume:
    `sold_to_origins`, `sold_to_others` abroad, `sold_at_home`, `output`; `price_percent` of the producer.
    """
    world = outcome.world
    change = outcome.flows / outcome.cost[None] - outcome.accounts.flows
    cuts = [cut for ban in bans for cut in tourism.cuts(world, ban)]
    rows = []
    for i, k in sorted({(cut.exporter, cut.sector) for cut in cuts}):
        mine = [cut for cut in cuts if (cut.exporter, cut.sector) == (i, k)]
        origins = sorted({cut.importer for cut in mine})
        column = change[:, i, k]
        rows.append({
            "destination": world.regions[i], "sector": world.sectors[k],
            "visitors_spend": sum(cut.spent for cut in mine), "visitors_lost": sum(cut.lost for cut in mine),
            "sold_to_origins": float(column[origins].sum()),
            "sold_to_others": float(column.sum() - column[origins].sum() - column[i]),
            "sold_at_home": float(column[i]), "output": float(column.sum()),
            "price_percent": 100 * float(outcome.cost[i, k] - 1),
        })  # fmt: skip
    return pd.DataFrame(rows)


def destinations(outcome: Outcome, bans: Sequence[TravelBan]) -> pd.DataFrame:
    """Where visitors buy instead: purchases by origin of goods, in the sectors visitors buy from, largest gain first.

    Columns: visitors_from, destination (their own country: what stays at home), `before` and `change` of volume, US$
    million at the baseline's prices of the seller.
    """
    world = outcome.world
    before = outcome.accounts.flows
    change = outcome.flows / outcome.cost[None] - before
    cuts = [cut for ban in bans for cut in tourism.cuts(world, ban)]
    parts = []
    for n in sorted({cut.importer for cut in cuts}):
        sectors = sorted({cut.sector for cut in cuts if cut.importer == n})
        frame = pd.DataFrame({
            "visitors_from": world.regions[n], "destination": world.regions,
            "before": before[n][:, sectors].sum(axis=1), "change": change[n][:, sectors].sum(axis=1),
        })  # fmt: skip
        parts.append(frame.sort_values("change", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def prior_scenarios(measures: Sequence[Measure], world: World) -> dict[str, tuple[Measure, ...]]:
    """The measures with every ban at the ends of its band: lost share low, central and high, refilled or not.

    A ban whose share is given keeps it; where nobody is left to fill in, nobody does.
    """

    def at(end: str, refilled: float) -> tuple[Measure, ...]:
        return tuple(_at(item, end, refilled) if isinstance(item, TravelBan) else item for item in measures)

    bans = [item for item in measures if isinstance(item, TravelBan)]
    filled = REFILLED if all(tourism.can_fill_in(world, ban) for ban in bans) else REFILLED[:1]
    return {
        f"{end}, {'others fill in' if refilled else 'nobody fills in'}": at(end, refilled)
        for end in (("low", "central", "high") if any(ban.curb for ban in bans) else ("central",))
        for refilled in filled
    }


def _at(ban: TravelBan, end: str, refilled: float) -> TravelBan:
    share = ban.share if ban.curb is None else float(getattr(curb_prior(ban.curb), end))
    return dataclasses.replace(ban, curb=None, share=share, refilled=refilled)


def prior_range(outcome: Outcome, regions: Sequence[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Real income in percent over the band of the priors: case by region, and the cases without an equilibrium.

    Trade elasticities stay those of the outcome: the report's own range is over them.
    """
    from gaiatsu.trade.solve import solve_many

    cases: Mapping[str, tuple[Measure, ...]] = prior_scenarios(outcome.measures, outcome.world)
    found = solve_many(
        outcome.world, list(cases.values()), horizon=outcome.horizon or "long", closure=outcome.closure,
        elasticities=outcome.elasticities, residual_supply=outcome.terms.residual_supply, errors="return",
    )  # fmt: skip
    rows, failed = {}, {}
    for name, answer in zip(cases, found, strict=True):
        if isinstance(answer, GaiatsuError):
            failed[name] = str(answer)
        else:
            rows[name] = answer.real_income[list(regions)]
    return pd.DataFrame(rows).T.rename_axis("case"), failed
