"""Trade that a table misses, put into a world: single flows are raised to what another source has measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.world.world import World


class Flow(NamedTuple):
    """A flow that is at least so large: positions of importer, exporter and sector, US$ million a year."""

    importer: int
    exporter: int
    sector: int
    usd_million: float


def raise_flows(world: World, flows: Sequence[Flow], *, name: str, note: dict[str, Any]) -> World:
    """The world with each flow raised to the amount given; a flow that is larger already stays.

    What a table misses is who buys, not how much is made: output, inputs and value added stay, the seller's sales at
    home fall by what its sales abroad gain. Only final use and the transfers that finance deficits move: less of the
    one and a larger surplus at the seller, the opposite at the buyer. `note` goes into provenance["additions"] with
    what was added. Raises DataError where the seller's home sales, or what final use gets of them, are too small.
    """
    before = world.accounts.flows
    raised = before.copy()
    for flow in flows:
        cell = flow[:3]
        raised[cell] = max(raised[cell], flow.usd_million)
    own = np.arange(len(world.regions))
    raised[own, own] -= (raised - before).sum(axis=0)
    if (raised < 0).any():
        region, _, sector = (int(axis) for axis in np.argwhere(raised < 0)[0])
        sold = f"US$ {before[region, region, sector]:,.0f} million"
        raise DataError(
            f"{world.regions[region]} sells {sold} of {world.sectors[sector]} at home in world {world.name!r}, less "
            "than is to be added to its sales abroad; check the amounts and their unit (US$ million a year)"
        )
    accounts = world.accounts
    bigger = world.replace_accounts(
        Accounts(
            flows=raised, duty=accounts.duty, export_duty=accounts.export_duty, va_share=accounts.va_share,
            input_mix=accounts.input_mix,
        ),
        name=name,
    )  # fmt: skip
    added = np.maximum(raised - before, 0.0)
    told = {
        **note,
        "flows_raised": int((added > 0).sum()),
        "usd_million_added": round(float(added.sum()), 1),
        "largest": [
            [world.regions[n], world.regions[i], world.sectors[k], round(float(before[n, i, k]), 1),
             round(float(raised[n, i, k]), 1)]
            for n, i, k in (np.unravel_index(place, added.shape) for place in np.argsort(-added, axis=None)[:5])
            if added[n, i, k] > 0
        ],
    }  # fmt: skip
    additions = [*world.provenance.get("additions", []), told]
    return replace(bigger, provenance={**world.provenance, "additions": additions})
