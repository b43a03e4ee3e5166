"""Trade that a table misses, put into a world: single flows are raised to what another source has measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Accounts, Array

if TYPE_CHECKING:
    from gaiatsu.world.world import World

MOVED = 0.9  # of residents' final use of a sector: the most that may go to buyers abroad instead
STEPS, CONVERGED = 500, 1e-15  # of the series of inputs; what a step may still add, over world output


class Flow(NamedTuple):
    """A flow that is at least so large: positions of importer, exporter and sector, US$ million a year."""

    importer: int
    exporter: int
    sector: int
    usd_million: float


def raise_flows(world: World, flows: Sequence[Flow], *, name: str, note: dict[str, Any]) -> World:
    """The world with each flow raised to the amount given; a flow that is larger already stays.

    What a table misses is first of all who buys: the seller's sales to its own residents fall by what its sales abroad
    gain, so that output, inputs and value added stay. Where residents' final use cannot give that much (at most MOVED
    of it), the rest is output more, with the inputs it takes and theirs, at the baseline's shares. The transfers that
    finance deficits adjust: a larger surplus at the seller, the opposite at the buyer. `note` goes into
    provenance["additions"] with what was added. Raises DataError where more is added than the seller's whole output.
    """
    accounts = world.accounts
    before = accounts.flows
    raised = before.copy()
    for flow in flows:
        cell = flow[:3]
        raised[cell] = max(raised[cell], flow.usd_million)
    added = raised - before
    sold_more = added.sum(axis=0)
    _refuse_too_much(world, sold_more)
    own = np.arange(len(world.regions))
    moved = np.minimum(sold_more, MOVED * np.minimum(accounts.final_use, before[own, own]))
    raised[own, own] -= moved
    raised += _inputs(accounts, sold_more - moved)
    bigger = world.replace_accounts(
        Accounts(
            flows=raised, duty=accounts.duty, export_duty=accounts.export_duty, va_share=accounts.va_share,
            input_mix=accounts.input_mix,
        ),
        name=name,
    )  # fmt: skip
    told = {
        **note,
        "flows_raised": int((added > 0).sum()),
        "usd_million_added": round(float(added.sum()), 1),
        "usd_million_moved_from_residents": round(float(moved.sum()), 1),
        "largest": [
            [world.regions[n], world.regions[i], world.sectors[k], round(float(before[n, i, k]), 1),
             round(float(raised[n, i, k]), 1)]
            for n, i, k in (np.unravel_index(place, added.shape) for place in np.argsort(-added, axis=None)[:5])
            if added[n, i, k] > 0
        ],
    }  # fmt: skip
    additions = [*world.provenance.get("additions", []), told]
    return replace(bigger, provenance={**world.provenance, "additions": additions})


def _refuse_too_much(world: World, sold_more: Array) -> None:
    too_much = sold_more > world.accounts.output
    if too_much.any():
        region, sector = (int(axis) for axis in np.argwhere(too_much)[0])
        whole = f"US$ {world.accounts.output[region, sector]:,.0f} million"
        raise DataError(
            f"{world.regions[region]} makes {whole} of {world.sectors[sector]} a year in world {world.name!r}, less "
            "than is to be added to its sales abroad; check the amounts and their unit (US$ million a year)"
        )


def _inputs(accounts: Accounts, output: Array) -> Array:
    """[importer, exporter, sector] the flows of inputs that so much more output [region, sector] takes, theirs too."""
    total = np.zeros_like(accounts.flows)
    if not output.any():
        return total
    reaching = accounts.origin_share / ((1 + accounts.duty) * (1 + accounts.export_duty))
    per_output = accounts.input_mix * (1 - accounts.va_share)[:, None, :]
    step = output
    for _ in range(STEPS):
        bought = np.einsum("nkj,nj->nk", per_output, step)
        flows = reaching * bought[:, None, :]
        total += flows
        step = flows.sum(axis=0)
        if step.sum() <= CONVERGED * accounts.output.sum():
            return total
    raise DataError("the inputs of what is to be added do not add up: some sector uses as much as it makes")
