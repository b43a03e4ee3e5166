"""Repairs of a source's tables and their re-balancing. Every repair is a rule, and every cell it touches is recorded.

A Draft holds the tables while they do not close yet. `rebalance` keeps origin shares, value-added shares, the input mix
and final use and solves for the output that satisfies them (the open Leontief system of the model page).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gaiatsu.errors import BalanceError
from gaiatsu.world.accounts import Accounts, Array

CRUMB = 1e-3  # US$ million: output below this (a thousand dollars) is noise of the source and set to zero
DUTY_CAP = 1.0  # ad valorem: higher sector averages rest on in-quota trade and out-of-quota rates
HOME_SHARE_FLOOR = 0.01  # of output: home sales below this count as missing …
HOME_SHARE_MINIMUM_OUTPUT = 100.0  # … where output exceeds this, US$ million
HOME_SHARE_QUANTILE = 0.10  # and are raised to this quantile across regions …
HOME_SHARE_IMPORTS = 0.5  # by at most this share of the region's imports of the good
FINAL_USE_FLOOR = 1e-6  # of a good's expenditure: large enough that float32 storage cannot turn it negative
SOLVER_STEPS = 2000


@dataclass(frozen=True)
class Draft:
    """Tables in repair. Axes as in Accounts; final_use [region, sector] is stated, not what is left."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Array
    duty: Array
    va_share: Array
    input_mix: Array
    final_use: Array

    @property
    def output(self) -> Array:
        """[region, sector] sales at basic prices."""
        return self.flows.sum(axis=0)

    @property
    def expenditure(self) -> Array:
        """[region, sector] purchases of each good from all origins, duties included."""
        return (self.flows * (1 + self.duty)).sum(axis=1)

    @property
    def inputs(self) -> Array:
        """[region, sector] purchases of each good by producers, duties included."""
        cost = (1 - self.va_share) * self.output
        return np.einsum("nkj,nj->nk", self.input_mix, cost)

    def residual_final_use(self) -> Array:
        """[region, sector] what producers leave of expenditure."""
        return self.expenditure - self.inputs


@dataclass(frozen=True)
class Repair:
    """One rule, why it is needed, the money it moved (US$ million) and the cells it touched."""

    rule: str
    why: str
    moved: float
    cells: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data with numbers to six digits."""
        return {"rule": self.rule, "why": self.why, "moved": digits(self.moved), "cells": list(self.cells)}


def digits(value: float) -> float:
    """A number to six significant digits, so that reports are the same on every machine."""
    return float(f"{float(value):.6g}")


def clear_crumbs(draft: Draft) -> tuple[Draft, Repair]:
    """Outputs below a thousand dollars become zero."""
    output = draft.output
    small = (output > 0) & (output < CRUMB)
    cells = tuple(
        {"region": draft.regions[i], "sector": draft.sectors[k], "before": digits(output[i, k]), "after": 0.0}
        for i, k in np.argwhere(small)
    )
    flows = np.where(small[None, :, :], 0.0, draft.flows)
    repair = Repair("output below US$ 1,000 is set to zero", "rounding crumbs", float(output[small].sum()), cells)
    return replace(draft, flows=flows), repair


def cap_duties(draft: Draft) -> tuple[Draft, Repair]:
    """Duties above 100 % become 100 %; trade before duty stays, so final use falls by the duty not paid."""
    high = draft.duty > DUTY_CAP
    cells = tuple(
        {
            "importer": draft.regions[n], "exporter": draft.regions[i], "sector": draft.sectors[k],
            "before": digits(draft.duty[n, i, k]), "after": DUTY_CAP, "trade": digits(draft.flows[n, i, k]),
        }
        for n, i, k in np.argwhere(high)
    )  # fmt: skip
    duty = np.minimum(draft.duty, DUTY_CAP)
    moved = float((draft.flows * (draft.duty - duty)).sum())
    rule = (
        "ad valorem duties above 100 % are capped at 100 %; trade before duty is kept, and final use of the good "
        "falls by the duty not paid"
    )
    why = "out-of-quota rates averaged over trade that paid in-quota rates"
    return replace(draft, duty=duty), Repair(rule, why, moved, cells)


def raise_home_sales(draft: Draft) -> tuple[Draft, Repair]:
    """Home sales missing from large producers are put back at the expense of the region's imports of the good.

    Where output exceeds US$ 100 million and home sales are below 1 % of it, home sales become q · output, with q the
    tenth percentile across regions of the sector's ratio of home sales to output; the region's imports of the good fall
    in proportion, so that its purchases of the good, duties included, stay. At most half of the imports are replaced.
    """
    output, diagonal = draft.output, np.arange(len(draft.regions))
    home = draft.flows[diagonal, diagonal]
    large = output > HOME_SHARE_MINIMUM_OUTPUT
    ratio = np.divide(home, output, out=np.full_like(output, np.nan), where=large)
    flows, cells, moved = draft.flows.copy(), [], 0.0
    for region, sector in np.argwhere(large & (ratio < HOME_SHARE_FLOOR)):
        target = float(np.nanquantile(ratio[:, sector], HOME_SHARE_QUANTILE))
        spending = draft.flows[region, :, sector] * (1 + draft.duty[region, :, sector])
        imports = spending.sum() - spending[region]
        if imports <= 0:
            continue  # it sells all of the good abroad and buys none: there is no home market to take from
        rise = min(target * output[region, sector] - home[region, sector], HOME_SHARE_IMPORTS * imports)
        flows[region, :, sector] *= 1 - rise / imports
        flows[region, region, sector] = home[region, sector] + rise
        moved += rise
        cells.append(
            {
                "region": draft.regions[region], "sector": draft.sectors[sector],
                "output": digits(output[region, sector]), "quantile": digits(target),
                "before": digits(home[region, sector]), "after": digits(home[region, sector] + rise),
                "imports_before": digits(imports),
            }
        )  # fmt: skip
    rule = (
        "where output exceeds US$ 100 million and home sales are below 1 % of it, home sales are raised to the tenth "
        "percentile across regions of the sector's home sales over output, times that output, but by no more than "
        "half of the region's imports of the good, which fall in proportion"
    )
    why = "exports nearly equal to output (re-exports, processing trade) leave no home market to respond"
    return replace(draft, flows=flows), Repair(rule, why, moved, tuple(cells))


def fill_idle_sectors(draft: Draft) -> tuple[Draft, Repair]:
    """Sectors without output get the world's value-added share and input mix of the sector: no money is moved."""
    output = draft.output
    cost = (1 - draft.va_share) * output
    idle = output == 0
    added, made = (draft.va_share * output).sum(axis=0), output.sum(axis=0)
    world_share = np.divide(added, made, out=draft.va_share.mean(axis=0), where=made > 0)
    world_cost = cost.sum(axis=0)
    world_mix = np.divide(
        np.einsum("nkj,nj->kj", draft.input_mix, cost),
        world_cost,
        out=draft.input_mix.mean(axis=0),
        where=world_cost > 0,
    )  # no region buys inputs for households as employers: there the mix is a label without weight everywhere
    va_share = np.where(idle, world_share, draft.va_share)
    mix = np.where(idle[:, None, :], world_mix, draft.input_mix)
    cells = tuple({"region": draft.regions[i], "sector": draft.sectors[k]} for i, k in np.argwhere(idle))
    rule = "sectors without output get the world average value-added share and input mix of the sector"
    why = "the source reports no producer; the technology is a label without weight"
    return replace(draft, va_share=va_share, input_mix=mix), Repair(rule, why, 0.0, cells)


def spread_inventories(draft: Draft, inventories: Array) -> tuple[Draft, Repair]:
    """Inventory changes leave final use by good; each region's total is spread pro rata over its other final uses."""
    income = draft.final_use.sum(axis=1)
    without = draft.final_use - inventories
    weight = np.maximum(without, 0)
    final_use = without + weight * ((income - without.sum(axis=1)) / weight.sum(axis=1))[:, None]
    cells = tuple(
        {"region": region, "inventories": digits(total), "gross": digits(gross)}
        for region, total, gross in zip(
            draft.regions, inventories.sum(axis=1), np.abs(inventories).sum(axis=1), strict=True
        )
    )
    rule = (
        "inventory changes are taken out of final use by good, and each region's total is spread pro rata over its "
        "other final uses, so that its final expenditure stays"
    )
    why = "inventory changes are of one year and of either sign: they are no preference"
    moved = float(np.abs(final_use - draft.final_use).sum() / 2)
    return replace(draft, final_use=final_use), Repair(rule, why, moved, cells)


def floor_final_use(draft: Draft) -> tuple[Draft, Repair]:
    """Final use below 1e-6 of the good's expenditure is raised to it; the region's other final uses pay pro rata."""
    floor = FINAL_USE_FLOOR * draft.expenditure
    low = draft.final_use < floor
    income = draft.final_use.sum(axis=1)
    kept = np.where(low, 0.0, draft.final_use)
    raised = np.where(low, floor, 0.0)
    final_use = raised + kept * ((income - raised.sum(axis=1)) / kept.sum(axis=1))[:, None]
    cells = tuple(
        {
            "region": draft.regions[n], "sector": draft.sectors[k], "before": digits(draft.final_use[n, k]),
            "after": digits(final_use[n, k]), "expenditure": digits(draft.expenditure[n, k]),
        }
        for n, k in np.argwhere(low)
    )  # fmt: skip
    rule = (
        "final use below 1e-6 of the good's expenditure is set to that; the region's other final uses fall in "
        "proportion, so that its final expenditure stays"
    )
    why = "inputs of a good exceed its purchases: origin shares common to all uses do not fit the source exactly"
    moved = float(np.abs(final_use - draft.final_use).sum() / 2)
    return replace(draft, final_use=final_use), Repair(rule, why, moved, cells)


def rebalance(draft: Draft) -> Accounts:
    """Closed accounts with the draft's origin shares, value-added shares, input mix, duties and final use.

    Solves Y[i,k] = Σ_n π[n,i,k] X[n,k] / (1+τ[n,i,k]), X[n,k] = Σ_j Γ[n,k,j] (1−γ[n,j]) Y[n,j] + F[n,k] by iteration
    (the Leontief series, whose terms shrink by the share of inputs in cost). BalanceError if it does not settle.
    """
    expenditure = draft.expenditure
    per_dollar = np.divide(
        draft.flows, expenditure[:, None, :], out=np.zeros_like(draft.flows), where=expenditure[:, None, :] > 0
    )
    use = draft.input_mix * (1 - draft.va_share)[:, None, :]
    spending = expenditure
    for _ in range(SOLVER_STEPS):
        output = np.einsum("nik,nk->ik", per_dollar, spending)
        new = (use @ output[:, :, None])[:, :, 0] + draft.final_use
        change = float(np.abs(new - spending).max())
        spending = new
        if change <= 1e-15 * output.sum():
            break
    else:
        raise BalanceError(f"re-balancing did not settle in {SOLVER_STEPS} steps: last change US$ {change:.3g} million")
    flows = per_dollar * spending[:, None, :]
    return Accounts(
        flows=flows, duty=draft.duty, export_duty=np.zeros_like(flows), va_share=draft.va_share,
        input_mix=draft.input_mix,
    )  # fmt: skip
