"""Random worlds, shocks and an independent check of an equilibrium, for the tests of the engine.

A world is drawn from shares (origin, input, final, value added) and duties; the levels follow from one linear system,
so that the accounts close whatever was drawn. Nothing here is symmetric: a transposed array changes every number.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gaiatsu as gt
from gaiatsu.trade.solution import Outcome
from gaiatsu.world import World

Array = NDArray[np.float64]

SHAPES = ((2, 1), (3, 2), (5, 4))  # regions and sectors; each is compiled once

# θ's factor, σy, σm, σc, ν: the table of the model page, written out again.
HORIZONS: dict[str, tuple[float, float, float, float, float]] = {
    "impact": (0.25, 0.3, 0.1, 0.5, 0.0),
    "short": (0.5, 0.5, 0.2, 0.9, 0.2),
    "medium": (0.75, 0.7, 0.5, 1.0, 1.0),
    "long": (1.0, 1.0, 1.0, 1.0, math.inf),
}


def levels(shares: dict[str, Array], *, deficits: float, rng: np.random.Generator) -> Array:
    """Flows at basic prices that go with shares and duties; income is off balance by 0.3 to 1 of `deficits`."""
    origin, mix, va, final = (shares[name] for name in ("origin", "input_mix", "va_share", "final"))
    regions, sectors = va.shape
    duty, export_duty = shares["duty"], shares["export_duty"]
    sales = origin / ((1 + duty) * (1 + export_duty))  # of each unit of expenditure, what reaches the producer
    size = regions * sectors
    eye = np.eye(regions)
    sold = np.einsum("nik,kl->iknl", sales, np.eye(sectors)).reshape(size, size)
    inputs = np.einsum("nm,nkj,nj->nkmj", eye, mix, 1 - va).reshape(size, size)
    bought = np.einsum("nm,nk->nkm", eye, final).reshape(size, regions)
    per_income = np.linalg.solve(np.eye(size) - inputs @ sold, bought)  # expenditure per unit of each income
    paid = np.einsum("nm,nk->nmk", eye, va).reshape(regions, size) @ sold
    import_duty = np.einsum("nm,nk->nmk", eye, (origin * duty / (1 + duty)).sum(1)).reshape(regions, size)
    export_tax = (sales * export_duty).transpose(1, 0, 2).reshape(regions, size)
    earned = (paid + import_duty + export_tax) @ per_income  # columns sum to one: what is spent is earned
    system = earned - np.eye(regions)
    system[-1] = 1.0
    balanced = np.linalg.solve(system, np.eye(regions)[-1]) * 1e6
    signs = (-1.0) ** np.arange(regions)  # lenders and borrowers in turn, so that no draw is nearly balanced
    income = balanced * (1 + deficits * signs * rng.uniform(0.3, 1, regions))
    expenditure = (per_income @ income).reshape(regions, sectors)
    return sales * expenditure[:, None, :]


def tables(
    seed: int,
    shape: tuple[int, int],
    *,
    duties: float = 0.3,
    export_duties: float = 0.15,
    deficits: float = 0.1,
    va_share: float | None = None,
    holes: bool = False,
    sole_supplier: bool = False,
) -> dict[str, Any]:
    """Keyword arguments of World.from_arrays. Duties are uniform up to the given highest rates.

    holes: some pairs do not trade, one region lacks one sector, and one sector uses no factor (for the largest shape).
    sole_supplier: the first region buys the first good from the second only.
    """
    rng = np.random.default_rng(seed)
    regions, sectors = shape
    own = np.arange(regions)
    home = rng.uniform(0.35, 0.8, (regions, sectors))
    origin = rng.dirichlet(np.full(regions, 1.5), size=(regions, sectors)).transpose(0, 2, 1)
    va = rng.uniform(0.3, 0.8, shape) if va_share is None else np.full(shape, va_share)
    if holes:
        origin = origin * (rng.uniform(size=origin.shape) > 0.2) + 1e-3 * np.eye(regions)[:, :, None]
        origin[:, 0, -1], home[0, -1] = 0.0, 0.0
        origin[0, 1, -1] += 1e-3
        origin /= origin.sum(1, keepdims=True)
        va[1, 0] = 0.0
    origin = origin * (1 - home)[:, None]
    origin[own, own] += home
    if sole_supplier:
        origin[0, :, 0] = own == 1
    duty = rng.uniform(0, duties, (regions, regions, sectors))
    export_duty = rng.uniform(0, export_duties, (regions, regions, sectors))
    duty[own, own] = export_duty[own, own] = 0
    shares = {
        "origin": origin,
        "duty": duty,
        "export_duty": export_duty,
        "va_share": va,
        "input_mix": rng.dirichlet(np.full(sectors, 1.5), size=shape).transpose(0, 2, 1),
        "final": rng.dirichlet(np.full(sectors, 2.0), size=regions),
    }
    return {
        "regions": [f"R{number}" for number in range(regions)],
        "sectors": [f"S{number}" for number in range(sectors)],
        "goods": [True] * sectors,
        "flows": levels(shares, deficits=deficits, rng=rng),
        "year": 2014,
        **{name: shares[name] for name in ("duty", "export_duty", "va_share", "input_mix")},
    }


def random_world(seed: int, shape: tuple[int, int], **options: Any) -> World:
    """The world of `tables`."""
    return World.from_arrays(**tables(seed, shape, **options))


def elasticities(
    seed: int, sectors: int, horizon: str = "long", *, by_sector: bool = False, **changes: Any
) -> gt.Elasticities:
    """The nests of a horizon around random trade elasticities; by_sector: σy and σm differ between sectors."""
    rng = np.random.default_rng([seed, 1])
    factor, value_added, materials, consumption, mobility = HORIZONS[horizon]
    theta = rng.uniform(2, 8, sectors)
    given: dict[str, Any] = {
        "trade": factor * theta,
        "value_added": value_added,
        "materials": materials,
        "consumption": consumption,
        "mobility": mobility,
        "long_run_trade": theta,
    }
    if by_sector:
        given["value_added"] = value_added * rng.uniform(0.7, 1.3, sectors)
        given["materials"] = materials * rng.uniform(0.7, 1.3, sectors)
    return gt.Elasticities(**{**given, **changes})


def random_wedges(seed: int, world: World, *, size: float = 1.0, transfer: bool = True) -> dict[str, Array]:
    """Arguments of solve_arrays that move every wedge at once; size 1 is a large shock."""
    rng = np.random.default_rng([seed, 2])
    base = world.accounts
    regions = len(world.regions)
    abroad = 1 - np.eye(regions)[:, :, None]

    def draw(low: float, high: float, shape: tuple[int, ...]) -> Array:
        return size * rng.uniform(low, high, shape)

    moves = draw(-0.05, 0.05, (regions,)) * base.income.min()
    shift = moves - moves.mean() if transfer else np.zeros(regions)
    return {
        "duty": base.duty + abroad * draw(0, 0.4, base.duty.shape),
        "export_duty": base.export_duty + abroad * draw(-0.05, 0.25, base.duty.shape),
        "iceberg": 1 + abroad * draw(-0.1, 0.25, base.duty.shape),
        "availability": 1 - abroad * draw(0.01, 0.6, base.duty.shape),
        "productivity": 1 + draw(-0.1, 0.1, base.va_share.shape),
        "transfer": base.transfer + shift,
    }


def gaps(outcome: Outcome) -> dict[str, float]:
    """The model's equations recomputed from an outcome's levels, each as a share of world factor income.

    Written from the model page in the order of its equations, apart from the engine and from its certificate.
    """
    base, wedges = outcome.accounts, outcome.wedges
    elasticity = outcome.elasticities
    theta = elasticity.theta(base.output.shape[1])
    world_income = base.value_added.sum()
    wedge = (1 + wedges.duty) * (1 + wedges.export_duty) / ((1 + base.duty) * (1 + base.export_duty)) * wedges.iceberg
    kernel = wedges.availability * base.origin_share * (wedge * outcome.cost[None]) ** -theta
    supplied = kernel.sum(1) > 0
    price = np.where(supplied, kernel.sum(1), 1.0) ** (-1 / theta)
    spending = kernel * (price**theta * outcome.expenditure)[:, None]
    sold = spending / (1 + wedges.duty) / (1 + wedges.export_duty)
    output = sold.sum(0)
    paid = outcome.value_added
    inputs = outcome.expenditure - outcome.final_use
    revenue = (spending - spending / (1 + wedges.duty)).sum((1, 2))
    revenue += (spending / (1 + wedges.duty) - sold).sum((0, 2))
    earned = outcome.factor_index * base.value_added.sum(1)
    return {
        "flows": float(np.abs(sold - outcome.flows).max() / world_income),
        "goods": float(np.abs(output - outcome.output).max() / world_income),
        "cost": float(np.abs((output - paid).sum(1) - inputs.sum(1)).max() / world_income),
        "factor": float(np.abs(paid.sum(1) - earned).max() / world_income),
        "income": float(np.abs(earned + revenue + outcome.market.transfer - outcome.income).max() / world_income),
        "final": float(np.abs(outcome.final_use.sum(1) - outcome.income).max() / world_income),
        "transfers": float(abs(outcome.market.transfer.sum()) / world_income),
        "numeraire": float(abs(earned.sum() / world_income - 1)),
    }


def assert_equilibrium(outcome: Outcome, tolerance: float = 1e-9, *, connected: bool = True) -> None:
    """The certificate holds and so do the equations, checked apart from it."""
    proof = outcome.certificate
    assert proof.residual <= tolerance
    assert proof.excess_demand <= 1e-10
    assert proof.walras <= 1e-10
    assert proof.smallest_income > 0
    assert (outcome.income > 0).all()
    assert (outcome.expenditure >= 0).all()
    found = gaps(outcome)
    if not connected:
        del found["numeraire"]  # each bloc has its own
    assert max(found.values()) <= max(1e-10, 3 * tolerance), found
