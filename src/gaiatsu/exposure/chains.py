"""The inter-regional input-output system of a world, factorised once.

The accounts are those of the engine (model page, "Exposure"): all users of a good in a region share its origins. Per
unit of its output, user j in m buys Γ(1−γ) of input k, duties included, of which π/((1+τ)(1+e)) reaches the producer in
i. A is the matrix of what reaches producers; L = (I−A)⁻¹ over all cells, a cell being (region, sector).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Accounts, Array

if TYPE_CHECKING:
    from gaiatsu.world.world import World

MOST_ROUNDS, ROUNDS_END = 2000, 1e-14  # rounds of inputs, and the part of all output at which they end
SINGULAR = 1e-13  # inverse of the condition number below which chains of inputs have no end


@dataclass(frozen=True, eq=False)
class Chains:
    """Input-output coefficients of a world; cells are numbered regions first, then sectors.

    reaches: [importer, exporter, sector] of each unit spent, what reaches the producer: π/((1+τ)(1+e))
    inputs: [region, input, user] spending on inputs per unit of output, duties included: Γ(1−γ), zero without output
    """

    name: str
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    accounts: Accounts
    reaches: Array
    inputs: Array

    def coefficients(self) -> Array:
        """[cell, cell] A: what producers (rows) get from users (columns) per unit of the users' output."""
        regions, sectors = self.accounts.va_share.shape
        table = np.empty((regions, sectors, regions, sectors))
        for user in range(regions):
            np.multiply(self.reaches[user][:, :, None], self.inputs[user][None], out=table[:, :, user, :])
        return table.reshape(regions * sectors, regions * sectors)

    @cached_property
    def _factors(self) -> tuple[Array, Array]:
        """LU factors of (I−A)ᵀ, in the memory of A."""
        from scipy.linalg import lapack

        system = self.coefficients()
        np.negative(system, out=system)
        np.einsum("cc->c", system)[:] += 1.0
        norm = float(np.abs(system).sum(axis=1).max())
        # A transposed view is the same memory in LAPACK's own order: nothing is copied.
        factors, pivots, _ = lapack.dgetrf(system.T, overwrite_a=1)
        condition = float(lapack.dgecon(factors, norm)[0])
        if not condition > SINGULAR:
            worst = int(np.abs(np.diagonal(factors)).argmin())
            region, sector = divmod(worst, len(self.sectors))
            raise DataError(
                f"the input chains of world {self.name!r} have no end: {self.sectors[sector]} in "
                f"{self.regions[region]} and its suppliers use hardly anything but one another's output; give them "
                "value added"
            )
        return factors, pivots

    def solve(self, right: Array, *, transposed: bool = False) -> Array:
        """L · right, or Lᵀ · right, for right [cell, several].

        Raises DataError where chains of inputs have no end: sectors without value added that use only one another.
        """
        from scipy.linalg import lapack

        factors, pivots = self._factors
        found, _ = lapack.dgetrs(factors, pivots, np.asfortranarray(right), trans=0 if transposed else 1)
        return np.ascontiguousarray(found)

    @cached_property
    def carried_output(self) -> Array:
        """[region, sector, partner] output of each cell that each region's final demand calls for, US$ million."""
        reached = self.reaches * self.accounts.final_use[:, None, :]
        regions, sectors = self.accounts.va_share.shape
        return self.solve(reached.transpose(1, 2, 0).reshape(-1, regions)).reshape(regions, sectors, regions)

    @cached_property
    def rounds(self) -> Array:
        """[source, region, user] column sums of L − I by country of origin."""
        regions, sectors = self.accounts.va_share.shape
        # Lᵀ times one column of ones for each country's cells
        origin = np.repeat(np.eye(regions), sectors, axis=0)
        table = self.solve(origin, transposed=True) - origin
        return np.maximum(table, 0.0).T.reshape(regions, regions, sectors)

    @cached_property
    def duty_share(self) -> Array:
        """[collector, region, user] duties on inputs per unit of output, by the region that collects them.

        An import duty goes to the user's region, an export duty to the region of origin.
        """
        imports, exports = duty_parts(self.accounts)
        paid = np.einsum("mik,mkj->imj", exports, self.inputs, optimize=True)
        own = np.arange(len(self.regions))
        paid[own, own] += np.einsum("mik,mkj->mj", imports, self.inputs, optimize=True)
        return paid


def called_on(world: World, demand: Array) -> Array:
    """[region, sector] output that purchases call for, along all chains of inputs; US$ million.

    demand: [region, sector] purchases in each region's market, duties included. For one demand this takes rounds of
    inputs, a thousandth of the time of the factors of `Chains`. Raises DataError where chains of inputs have no end.
    """
    system = chains(world)
    call = np.einsum("nik,nk->ik", system.reaches, demand)
    total = call.copy()
    for _ in range(MOST_ROUNDS):
        bought = np.einsum("mkj,mj->mk", system.inputs, call)
        call = np.einsum("mik,mk->ik", system.reaches, bought)
        total += call
        if np.abs(call).sum() <= ROUNDS_END * np.abs(total).sum():
            return total
    raise DataError(f"the input chains of world {world.name!r} have no end: rounds of inputs do not shrink")


def duty_parts(base: Accounts) -> tuple[Array, Array]:
    """[importer, exporter, sector] import and export duty in each unit spent on a good, by origin."""
    imports = base.origin_share * base.duty / (1 + base.duty)
    exports = base.origin_share * base.export_duty / ((1 + base.duty) * (1 + base.export_duty))
    return imports, exports


_MADE: WeakKeyDictionary[World, Chains] = WeakKeyDictionary()


def chains(world: World) -> Chains:
    """The input-output system of a world; made once, and kept as long as the world is."""
    if world not in _MADE:
        base = world.accounts
        reaches = base.origin_share / ((1 + base.duty) * (1 + base.export_duty))
        inputs = base.input_mix * ((1 - base.va_share) * (base.output > 0))[:, None, :]
        _MADE[world] = Chains(world.name, world.regions, world.sectors, base, reaches, inputs)
    return _MADE[world]
