"""An official table as the accounts of a world: reduction, repairs by rule, re-balancing, and what they moved.

The accounts know one mix of origins per good and region (proportionality), one input mix per industry, and value added
as all that an industry pays beside goods: taxes less subsidies on products, margins and the table's discrepancies are
in it and are listed. What final users pay beside goods is left out of the basic-price flows and listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world import balance
from gaiatsu.world.accounts import Accounts, Array
from gaiatsu.world.balance import Draft, Repair, digits
from gaiatsu.world.official.table import Table

LEAST_VALUE_ADDED = 0.01  # of output: an industry whose inputs cost more than it sells is brought to this
NEGATIVE_ORIGINS = 0.02  # of all uses: more negative trade than this is no crumb but a damaged file
LARGEST = 10


@dataclass(frozen=True, eq=False)
class Reduced:
    """Accounts with the draft they come from, the repairs, and how far users' own origins differ from common ones."""

    draft: Draft
    accounts: Accounts
    repairs: tuple[Repair, ...]
    origins_differ: Array  # [region] share of purchases that change origin when all users share one mix


def without_empty_sectors(table: Table) -> tuple[Table, list[str]]:
    """The table without sectors that nobody anywhere sells on balance (but for crumbs), and their labels.

    Uses of a good from one origin are taken together, as in the flows: sales out of stocks may cancel them.
    """
    traded = np.maximum(table.intermediate.sum(axis=3) + table.final.sum(axis=3), 0.0)  # [exporter, sector, importer]
    keep = traded.sum(axis=(0, 2)) > len(table.regions) * balance.CRUMB
    if keep.all():
        return table, []
    dropped = [label for label, kept in zip(table.sectors, keep, strict=True) if not kept]
    chosen = np.flatnonzero(keep)
    if not chosen.size:
        raise DataError("no sector of the table has any output")
    return replace(
        table, sectors=tuple(table.sectors[k] for k in chosen),
        sector_parts=tuple(table.sector_parts[k] for k in chosen),
        intermediate=table.intermediate[:, chosen][:, :, :, chosen], final=table.final[:, chosen],
        payments={name: values[:, chosen] for name, values in table.payments.items()},
    ), dropped  # fmt: skip


def reduce_table(table: Table, duty: Array) -> Reduced:
    """Closed accounts from a table and ad valorem duties [importer, exporter, sector].

    Rules, in order: negative trade and negative inputs become zero; value added is what is left of output, at least one
    per cent of it; then the rules of gaiatsu.world.balance. Raises DataError when a region has no output or its trade
    is negative on a scale no rule can mend.
    """
    flows, trade = _nonnegative_flows(table)
    inputs, negative_inputs = _nonnegative_inputs(table)
    spending = (flows * (1 + duty)).sum(axis=1)
    bought = flows.sum(axis=1)
    price = np.divide(spending, bought, out=np.ones_like(spending), where=bought > 0)  # duty included, over basic
    inputs = inputs * price[:, :, None]
    draft, added = _draft(table, flows, duty, inputs)
    draft, crumbs = balance.clear_crumbs(draft)
    draft, duties = balance.cap_duties(draft)
    draft = replace(draft, final_use=draft.residual_final_use())  # from here on final expenditure of every region stays
    stocks = table.final[:, :, :, [name in table.inventories for name in table.categories]].sum(axis=(0, 3)).T * price
    draft, inventories = balance.spread_inventories(draft, stocks)
    draft, floors = balance.floor_final_use(draft)
    draft, homes = balance.raise_home_sales(draft)
    draft, idle = balance.fill_idle_sectors(draft)
    repairs = (trade, negative_inputs, added, crumbs, duties, inventories, floors, homes, idle)
    return Reduced(draft, balance.rebalance(draft), repairs, _origins_differ(table))


def _nonnegative_flows(table: Table) -> tuple[Array, Repair]:
    """[importer, exporter, sector] all uses together, without what is negative."""
    flows = (table.intermediate.sum(axis=3) + table.final.sum(axis=3)).transpose(2, 0, 1)
    below = flows < 0
    total = float(np.abs(flows[below]).sum())
    if total > NEGATIVE_ORIGINS * float(np.abs(flows).sum()):
        raise DataError(f"negative trade of {total:.4g} million, {total / np.abs(flows).sum():.1%} of all: damaged")
    cells = tuple(
        {
            "importer": table.regions[n], "exporter": table.regions[i], "sector": table.sectors[k],
            "before": digits(flows[n, i, k]), "after": 0.0,
        }
        for n, i, k in np.argwhere(below)
    )  # fmt: skip
    rule = "all uses of a good from one origin together, where they are negative, become zero"
    why = "sales out of inventories and corrections exceed what is bought"
    return np.maximum(flows, 0.0), Repair(rule, why, total, cells)


def _nonnegative_inputs(table: Table) -> tuple[Array, Repair]:
    """[region, input, user] inputs from all origins at basic prices, without what is negative."""
    inputs = table.intermediate.sum(axis=0).transpose(1, 0, 2)
    below = inputs < 0
    cells = tuple(
        {
            "region": table.regions[n], "input": table.sectors[k], "user": table.sectors[j],
            "before": digits(inputs[n, k, j]), "after": 0.0,
        }
        for n, k, j in np.argwhere(below)
    )  # fmt: skip
    rule = "inputs of a good from all origins together, where they are negative, become zero; value added pays"
    why = "by-products and corrections of the source"
    return np.maximum(inputs, 0.0), Repair(rule, why, float(np.abs(inputs[below]).sum()), cells)


def _draft(table: Table, flows: Array, duty: Array, inputs: Array) -> tuple[Draft, Repair]:
    """The draft with value added as what inputs, duties included, leave of output; final use is what they leave."""
    output = flows.sum(axis=0)
    if not (output.sum(axis=1) > 0).all():
        empty = [region for region, total in zip(table.regions, output.sum(axis=1), strict=True) if total <= 0]
        raise DataError(f"regions without output: {', '.join(empty)}; put them into another one with --regions")
    cost = inputs.sum(axis=1)
    most = (1 - LEAST_VALUE_ADDED) * output
    over = cost > most
    factor = np.divide(most, cost, out=np.ones_like(cost), where=over & (cost > 0))
    inputs = inputs * factor[:, None, :]
    spent = inputs.sum(axis=1)
    share = np.where(output > 0, 1 - np.divide(spent, output, out=np.zeros_like(output), where=output > 0), 0.0)
    mix = np.divide(inputs, spent[:, None, :], out=np.zeros_like(inputs), where=spent[:, None, :] > 0)
    cells = tuple(
        {
            "region": table.regions[n], "sector": table.sectors[j], "output": digits(output[n, j]),
            "before": digits(output[n, j] - cost[n, j]), "after": digits(output[n, j] - spent[n, j]),
        }
        for n, j in np.argwhere(over)
    )  # fmt: skip
    rule = (
        "value added (taxes on products, margins and discrepancies in it, duties out of it) below one per cent of "
        "output is raised to that: inputs shrink in proportion, and final use takes what they give up"
    )
    why = "subsidies and losses: a share of cost cannot be negative"
    draft = Draft(
        regions=table.regions, sectors=table.sectors, flows=flows, duty=duty, va_share=share,
        input_mix=_columns_to_one(mix, spent, inputs), final_use=np.zeros_like(output),
    )  # fmt: skip
    draft = replace(draft, final_use=draft.residual_final_use())
    return draft, Repair(rule, why, float((cost - spent).sum()), cells)


def _columns_to_one(mix: Array, spent: Array, inputs: Array) -> Array:
    """The mix with the world's column where an industry has output but buys no inputs."""
    world = inputs.sum(axis=0)
    total = world.sum(axis=0)
    even = np.full_like(world, 1.0 / world.shape[0])
    column = np.divide(world, total, out=even, where=total > 0)
    return np.where((spent > 0)[:, None, :], mix, column[None])


def _origins_differ(table: Table) -> Array:
    """[region] half the absolute gaps between each user's purchases by origin and those at the common mix of origins.

    As a share of the region's purchases: 0.1 means that a tenth of them would have to change origin for the accounts,
    which share one mix among all users, to be exact.
    """
    out = np.zeros(len(table.regions))
    for n in range(len(table.regions)):
        uses = np.concatenate([table.intermediate[:, :, n, :], table.final[:, :, n, :]], axis=2)  # [origin, good, user]
        uses = np.maximum(uses, 0.0)
        by_origin = uses.sum(axis=2)
        by_good = by_origin.sum(axis=0)
        mix = np.divide(by_origin, by_good, out=np.zeros_like(by_origin), where=by_good > 0)
        gap = np.abs(uses - mix[:, :, None] * uses.sum(axis=0)[None]).sum() / 2
        out[n] = gap / by_good.sum() if by_good.sum() > 0 else 0.0
    return out


def report(table: Table, reduced: Reduced, unit: str) -> dict[str, Any]:
    """What was found, labelled and moved, as plain data with six digits; money in `unit`."""
    before, after, regions = reduced.draft, reduced.accounts, table.regions
    gap = np.abs(after.output - before.output)
    moved = np.abs(after.flows - before.flows).sum() / 2
    added = (before.va_share * before.output).sum(axis=1)
    worst = np.argsort(-gap.ravel(), kind="stable")[:LARGEST]
    return {
        "unit": unit, "found": table.notes, "repairs": [repair.to_dict() for repair in reduced.repairs],
        "paid_by_industries": {name: digits(values.sum()) for name, values in table.payments.items()},
        "paid_by_final_users": {
            name: {"world": digits(values.sum()), **dict(zip(regions, map(digits, values), strict=True))}
            for name, values in table.final_payments.items() if values.any()
        },
        "origins_differ_between_users": dict(zip(regions, map(digits, reduced.origins_differ), strict=True)),
        "world": {
            "output_before": digits(before.output.sum()), "output_after": digits(after.output.sum()),
            "value_added_before": digits(added.sum()), "value_added_after": digits(after.value_added.sum()),
            "output_moved": digits(gap.sum() / 2), "output_moved_share": digits(gap.sum() / 2 / before.output.sum()),
            "flows_moved": digits(moved), "flows_moved_share": digits(moved / before.flows.sum()),
        },
        "largest_cells": [
            {
                "region": regions[n], "sector": table.sectors[k], "before": digits(before.output[n, k]),
                "after": digits(after.output[n, k]),
            }
            for n, k in (divmod(int(position), len(table.sectors)) for position in worst)
        ],
    }  # fmt: skip
