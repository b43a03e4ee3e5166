"""What the world of 2022 says of itself: which block is observed, updated or borrowed, and each economy's accounts."""

from __future__ import annotations

from typing import Any

import numpy as np

from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import digits
from gaiatsu.world.baseline import donors
from gaiatsu.world.baseline.value_added import REST, TAIWAN, Totals
from gaiatsu.world.sources.icio2022 import SOURCES, Source
from gaiatsu.world.world import World

HUBS = ("HKG", "NLD", "SGP")  # much of their trade is re-exports, which the tables count as their own only in part

BLOCKS: list[dict[str, str]] = [
    {"block": "goods: bilateral trade, output", "label": "observed", "what": "OECD tables, 2022"},
    {"block": "services: each pair's total, output in all", "label": "observed", "what": "OECD tables, 2022"},
    {"block": "services: division into 28", "label": "updated or borrowed", "what": "each pair's, or its donors', of "
     "2014; output by service follows"},
    {"block": "value added: total", "label": "updated", "what": "GDP of 2022, observed, times value added over GDP of "
     "2018; Taiwan: output of 2022 times the share of 2018; rest of the world: the world less those listed"},
    {"block": "value added: shares by sector", "label": "updated or borrowed", "what": "2014, moved to the OECD's "
     "shares of 2018 where those are sound, then to the total"},
    {"block": "input mix", "label": "updated or borrowed", "what": "2014, balanced to the purchases of 2022"},
    {"block": "final use by good", "label": "updated or borrowed", "what": "what inputs leave of purchases"},
    {"block": "origin shares", "label": "observed", "what": "one for all uses of a good in an economy"},
    {"block": "duties on goods", "label": "observed", "what": "averages of 2021, 15 groups of sectors; food repaired"},
    {"block": "duties on goods of and to the rest of the world", "label": "borrowed", "what": "on what it sells: each "
     "importer's mean of 2021 over economies without a table of 2014; on what it buys: its duties of 2014"},
    {"block": "duties on services", "label": "assumed", "what": "zero"},
]  # fmt: skip


def provenance(
    source: Source, old: World, totals: Totals, duty: Array, flows: Array, report: dict[str, Any]
) -> dict[str, Any]:
    """The provenance of the world: sources, blocks, economies, hubs, a line for footnotes, the report."""
    revenue = (flows * duty).sum(axis=(1, 2))
    lent = [code for code in source.regions if code in donors.borrowed()]
    listed = len(source.regions) - len(lent)
    footnote = (
        "Baseline 2022: trade in goods, output, services totals and GDP observed; duties of 2021, those of "
        "and on the rest of the world borrowed; input mix, "
        f"value-added shares and the division of services updated from 2014 ({listed} economies) or borrowed from "
        f"donors ({len(lent)}); hubs with re-exports: {', '.join(HUBS)}"
    )
    return {
        "title": f"OECD tables of 2022, technology of 2014, {len(source.regions)} regions × {flows.shape[2]} sectors",
        "sources": [*SOURCES, *_old_sources(old)],
        "blocks": BLOCKS,
        "hubs": list(HUBS),
        "footnote": footnote,
        "regions": {
            code: _region(code, n, totals, float(revenue[n])) for n, code in enumerate(source.regions)
        },
        "taxes_on_inputs_over_gdp": digits(totals.taxes_on_inputs),
        "report": report,
    }  # fmt: skip


def _region(code: str, n: int, totals: Totals, revenue: float) -> dict[str, Any]:
    """One economy's accounts: GDP at market prices = value added + duties + other taxes less subsidies on products."""
    added, published = float(totals.value_added[n]), float(totals.gdp[n])
    implied = added / float(totals.ratio[n])
    how = {TAIWAN: "none: output of 2022 times the value-added share of 2018", REST: "world less those listed"}
    return {
        "technology": donors.origin(code),
        "reason": donors.borrowed()[code].reason if code in donors.borrowed() else "own table of 2014",
        "gdp_published": None if np.isnan(published) else digits(published),
        "gdp_source": how.get(code, "World Bank"),
        "gdp": digits(implied),
        "value_added": digits(added),
        "value_added_over_gdp": digits(totals.ratio[n]),
        "value_added_over_gdp_from": totals.ratio_from[n],
        "duty_revenue": digits(revenue),
        "other_taxes": digits(implied - added - revenue),
    }


def _old_sources(old: World) -> list[dict[str, Any]]:
    """The sources of the tables of 2014, named by what is used of them."""
    used = {0: "technology of 2014: input mix, value-added shares, division of services", 1: "calibration of 2014"}
    return [{**item, "series": used.get(n, item["series"])} for n, item in enumerate(old.provenance["sources"])]
