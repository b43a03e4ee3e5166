"""A small multi-regional table from random accounts: what every writer of a format starts from, and its answer.

Origin shares are common to all users, duties are zero and nothing is negative unless asked for, so that a reader has
nothing to repair and must give the accounts back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gaiatsu.world.accounts import Accounts

Array = NDArray[np.float64]
REGIONS = ("USA", "JPN", "DEU", "CHN", "MEX", "ROW")


@dataclass(frozen=True, eq=False)
class Small:
    """Uses and payments of a table. intermediate: [exporter, sector, importer, user]; final: [exporter, sector,
    importer, category]; taxes, added: [region, sector]; final_taxes: [region, category]."""

    regions: tuple[str, ...]
    intermediate: Array
    final: Array
    taxes: Array
    added: Array
    final_taxes: Array

    @property
    def output(self) -> Array:
        """[region, sector] sum of all uses."""
        return self.intermediate.sum(axis=(2, 3)) + self.final.sum(axis=(2, 3))

    @property
    def square(self) -> Array:
        """Intermediate uses as a square, industries of a region side by side."""
        size = self.output.size
        return self.intermediate.reshape(size, size)

    @property
    def finals(self) -> Array:
        """Final uses, one row per industry, categories of a region side by side."""
        return self.final.reshape(self.output.size, -1)

    @property
    def accounts_flows(self) -> Array:
        """[importer, exporter, sector] all uses together."""
        return np.einsum("iknj->nik", self.intermediate) + np.einsum("iknc->nik", self.final)

    @property
    def accounts(self) -> Accounts:
        """What the table says in the model's terms, written down apart from the reader."""
        inputs = np.einsum("iknj->nkj", self.intermediate)
        spent = inputs.sum(axis=1)
        flows = self.accounts_flows
        zero = np.zeros_like(flows)
        return Accounts(
            flows=flows, duty=zero, export_duty=zero, va_share=1 - spent / self.output,
            input_mix=inputs / spent[:, None, :],
        )  # fmt: skip


def small(
    sectors: int,
    categories: int = 6,
    *,
    stocks: tuple[int, ...] = (4,),
    regions: tuple[str, ...] = REGIONS,
    seed: int = 0,
) -> Small:
    """A random table; `stocks` are the categories of inventories, which are left at zero."""
    rng = np.random.default_rng(seed)
    count = len(regions)
    home = rng.uniform(0.5, 0.8, (count, sectors))
    origin = rng.dirichlet(np.full(count, 2.0), size=(count, sectors)).transpose(0, 2, 1)  # [importer, exporter, good]
    origin *= (1 - home)[:, None]
    origin[np.arange(count), np.arange(count)] += home
    final = rng.uniform(500, 2000, (count, sectors))
    share = rng.uniform(0.35, 0.6, (count, sectors))
    mix = rng.dirichlet(np.full(sectors, 3.0), size=(count, sectors)).transpose(0, 2, 1)
    use = (mix * (1 - share)[:, None, :]).transpose(1, 0, 2)  # [good, region, user]
    eye = np.eye(count)
    sold = np.einsum("nik,kl,nm->ikml", origin, np.eye(sectors), eye).reshape(count * sectors, -1)
    bought = np.einsum("knj,nm->nkmj", use, eye).reshape(count * sectors, -1)
    spending = np.linalg.solve(np.eye(count * sectors) - bought @ sold, final.ravel())
    output = (sold @ spending).reshape(count, sectors)
    by_user = use * output[None]
    weight = rng.dirichlet(np.full(categories, 3.0), size=(count, sectors))
    weight[:, :, list(stocks)] = 0.0
    weight /= weight.sum(axis=2, keepdims=True)
    payments = share * output
    return Small(
        regions=regions,
        intermediate=np.einsum("nik,knj->iknj", origin, by_user),
        final=np.einsum("nik,nk,nkc->iknc", origin, final, weight),
        taxes=0.05 * payments, added=0.95 * payments, final_taxes=rng.uniform(1, 9, (count, categories)),
    )  # fmt: skip


def with_final(table: Small, final: Array) -> Small:
    """The table with other final uses; value added follows output."""
    changed = replace(table, final=final)
    cost = np.einsum("iknj->nj", table.intermediate) + table.taxes
    return replace(changed, added=changed.output - cost)
