"""Derivatives of outcomes by the implicit function theorem at the fixed point: no unrolled iterations.

z solves r(z, s) = 0 for wedges and elasticities s. A tangent needs one linear solve with r_z, a gradient one with its
transpose; both by the accelerated iteration of `fixed_point`. They do not exist where a border is shut or the world is
disconnected: there the functions raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ConvergenceError, DataError
from gaiatsu.trade import engine, equilibrium, fixed_point, preconditioner
from gaiatsu.trade.equilibrium import Baseline, Kernel, Market, Shock, Substitution
from gaiatsu.trade.solution import unknown_name

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
Inputs = tuple[Shock, Substitution]

WEDGES = ("duty", "export_duty", "iceberg", "availability", "productivity", "transfer")
ELASTICITIES = ("trade", "value_added", "materials", "consumption", "mobility")
INDICATORS = (
    "real_income",
    "consumer_price",
    "income",
    "factor_index",
    "cost",
    "price",
    "output",
    "flows",
    "duty_revenue",
)
BY_SECTOR = ("cost", "price", "output")
LINEAR_TOLERANCE = 1e-11
LINEAR_LIMIT = 400
TOLERANCE = 1e-10


def indicators(
    point: jax.Array, baseline: Baseline, elasticity: Substitution, kernels: Kernel, market: Market
) -> dict[str, jax.Array]:
    """What can be differentiated: real_income, consumer_price, income, factor_index, duty_revenue, transfer [region];
    cost, price, output [region, sector]; flows [importer, exporter, sector] at basic prices.
    """
    log_cost, log_spending = point.reshape(2, *baseline.output.shape)
    demand = baseline.spending * jnp.exp(log_spending + elasticity.theta * market.log_price)
    flows = kernels.sales * jnp.exp(-elasticity.theta * log_cost).T[:, None, :] * demand.T[:, :, None]
    return {
        "real_income": market.income / baseline.income * jnp.exp(-market.log_final),
        "consumer_price": jnp.exp(market.log_consumer),
        "income": market.income,
        "factor_index": jnp.exp(market.log_factor_index),
        "duty_revenue": market.duty_revenue,
        "cost": jnp.exp(log_cost),
        "price": jnp.exp(market.log_price),
        "output": market.output,
        "flows": flows.transpose(1, 2, 0),
        "transfer": market.transfer,
    }


def _both(point: jax.Array, baseline: Baseline, inputs: Inputs) -> tuple[jax.Array, dict[str, jax.Array]]:
    """Residual and indicators from one pass through the model."""
    shock, elasticity = inputs
    kernels = equilibrium.kernel(baseline, shock, elasticity.theta)
    change, market = equilibrium.evaluate(point, baseline, shock, elasticity, kernels)
    return change, indicators(point, baseline, elasticity, kernels, market)


@jax.jit
def _tangent(
    point: jax.Array, baseline: Baseline, inputs: Inputs, direction: Inputs, inverse: jax.Array, limit: int
) -> tuple[dict[str, jax.Array], jax.Array]:
    """Slopes and error: r_z v + r_s ds = 0 by the accelerated iteration, slopes as its by-product.

    Model and derivative stand once in the loop, which halves the time to compile. With a limit of 1 the error is the
    size of r_s ds.
    """

    def change(v: jax.Array) -> tuple[jax.Array, dict[str, jax.Array]]:
        return jax.jvp(lambda z, s: _both(z, baseline, s), (point, inputs), (v, direction))[1]

    solved = fixed_point.single(
        change,
        partial(preconditioner.apply, inverse),
        jnp.zeros_like(point),
        lambda missing: jnp.max(jnp.abs(missing)),
        tolerance=LINEAR_TOLERANCE,
        limit=limit,
        memory=10,
    )
    return solved.byproduct, solved.error


@partial(jax.jit, static_argnames=("of",))
def _gradient(
    point: jax.Array, baseline: Baseline, inputs: Inputs, weight: jax.Array, inverse: jax.Array, of: str
) -> tuple[Inputs, jax.Array]:
    def weighted(z: jax.Array, s: Inputs) -> jax.Array:
        return jnp.vdot(weight, _both(z, baseline, s)[1][of])

    by_point, direct = jax.grad(weighted, argnums=(0, 1), allow_int=True)(point, inputs)
    solved = fixed_point.cotangent(
        lambda z: _both(z, baseline, inputs)[0],
        partial(preconditioner.apply, inverse),
        point,
        by_point,
        tolerance=LINEAR_TOLERANCE,
    )
    _, pull = jax.vjp(lambda s: _both(point, baseline, s)[0], inputs)
    (indirect,) = pull(solved.point)
    return _sum(direct, indirect), solved.error


def _sum(first: Inputs, second: Inputs) -> Inputs:
    """Add two gradients; the integer leaf (bloc) has none."""

    def add(a: jax.Array, b: jax.Array) -> jax.Array:
        return jnp.zeros(()) if a.dtype == jax.dtypes.float0 else a + b

    return jax.tree.map(add, first, second)


def _prepare(outcome: Outcome) -> tuple[jax.Array, Baseline, Inputs, jax.Array]:
    """The arrays of a differentiable outcome; ConvergenceError where no derivative exists."""
    if not (outcome.wedges.availability > 0).all() or any("bloc" in note for note in outcome.certificate.notes):
        raise ConvergenceError(
            "derivatives do not exist where a border is fully shut or the world has fallen into blocs; take a share "
            "below 1, or compare two solves"
        )
    accounts = outcome.accounts
    elasticity = engine.substitution_of(outcome.elasticities, accounts.output.shape[1])
    shock = engine.shock_of(accounts, outcome.wedges, proportional=outcome.closure == "proportional")
    inverse = engine.inverse_of(accounts, outcome.elasticities)
    return jax.device_put(outcome.point), engine.baseline_of(accounts), (shock, elasticity), inverse


def _direction(outcome: Outcome, inputs: Inputs, given: Mapping[str, ArrayLike]) -> Inputs:
    """The tangent of the engine's inputs for changes of wedges and elasticities in the user's terms."""
    shock, elasticity = no_change(inputs)
    wedges = outcome.wedges
    for name, value in given.items():
        if name not in WEDGES + ELASTICITIES:
            raise unknown_name("wedge or elasticity", name, (*WEDGES, *ELASTICITIES))
        if name in WEDGES:
            shape = getattr(wedges, name).shape
        elif name == "trade":
            shape = inputs[1].theta.shape
        elif name == "mobility":
            shape = ()
        else:
            shape = getattr(inputs[1], name).shape
        table = np.asarray(value, dtype=float)
        if table.shape not in (shape, ()):
            raise DataError(f"direction {name!r} has shape {table.shape}; it must be a number or have shape {shape}")
        table = np.broadcast_to(table, shape)
        if name in ("duty", "export_duty", "availability"):
            shock = shock._replace(**{name: engine.sector_leading(table)})
        elif name == "iceberg":
            shock = shock._replace(log_iceberg=engine.sector_leading(table / wedges.iceberg))
        elif name == "productivity":
            shock = shock._replace(log_productivity=jax.device_put(table / wedges.productivity))
        elif name == "transfer":
            shock = shock._replace(transfer=jax.device_put(table))
        elif name == "trade":
            elasticity = elasticity._replace(theta=jax.device_put(table))
        elif name == "mobility":
            elasticity = elasticity._replace(stickiness=jax.device_put(-table * np.asarray(inputs[1].stickiness) ** 2))
        else:
            elasticity = elasticity._replace(**{name: -jax.device_put(table)})
    return shock, elasticity


def no_change(inputs: Inputs) -> Inputs:
    """The zero tangent of the engine's inputs."""
    shock, elasticity = inputs
    return jax.tree.map(_zero, shock), jax.tree.map(_zero, elasticity)


def _zero(leaf: jax.Array) -> jax.Array | np.ndarray:
    if jnp.issubdtype(leaf.dtype, jnp.integer):
        return np.zeros(leaf.shape, jax.dtypes.float0)
    return jnp.zeros_like(leaf)


def derivative(outcome: Outcome, **direction: ArrayLike) -> dict[str, Array]:
    """Derivative of every indicator along a direction of wedges (levels) and elasticities.

    duty, export_duty, iceberg, availability: [importer, exporter, sector] or a number; productivity: [region, sector];
    transfer: [region]; trade: θ [sector]; value_added, materials, consumption, mobility: the elasticities. E.g.
    `derivative(outcome, duty=d)["real_income"]` is [region], per unit of d. Raises ConvergenceError, DataError.
    """
    point, baseline, inputs, inverse = _prepare(outcome)
    ahead = _direction(outcome, inputs, direction)
    _, size = _tangent(point, baseline, inputs, ahead, inverse, 1)
    # In units of its own effect, so that the tolerance means the same for a basis point and for US$ million.
    unit = float(size) if 0 < float(size) < np.inf else 1.0
    scaled = jax.tree.map(lambda leaf: leaf if leaf.dtype == jax.dtypes.float0 else leaf / unit, ahead)
    slopes, error = _tangent(point, baseline, inputs, scaled, inverse, LINEAR_LIMIT)
    _check(float(error))
    return {name: unit * np.asarray(slope) for name, slope in slopes.items()}


def gradient(outcome: Outcome, of: str = "real_income", weight: ArrayLike | None = None) -> dict[str, Array]:
    """Gradient of Σ weight · indicator by every wedge and elasticity, from one transposed solve.

    weight: the indicator's shape, ones when left out (for one region's real income, a one in its place). Returns
    duty, export_duty, iceberg, availability [importer, exporter, sector], productivity [region, sector],
    transfer [region], trade [sector], value_added, materials, consumption, mobility. Raises ConvergenceError and
    DataError.
    """
    point, baseline, inputs, inverse = _prepare(outcome)
    if of not in INDICATORS:
        raise unknown_name("indicator", of, INDICATORS)
    regions, sectors = baseline.output.shape
    shape = {"flows": (regions, regions, sectors)}.get(of, (regions, sectors) if of in BY_SECTOR else (regions,))
    weights = np.ones(shape) if weight is None else np.asarray(weight, dtype=float)
    if weights.shape != shape:
        raise DataError(f"weight has shape {weights.shape}; {of} has shape {shape}")
    (shock, elasticity), error = _gradient(point, baseline, inputs, jax.device_put(weights), inverse, of)
    _check(float(error))
    wedges = outcome.wedges

    def back(table: jax.Array) -> Array:
        return np.asarray(table).transpose(1, 2, 0)

    return {
        "duty": back(shock.duty),
        "export_duty": back(shock.export_duty),
        "iceberg": back(shock.log_iceberg) / wedges.iceberg,
        "availability": back(shock.availability),
        "productivity": np.asarray(shock.log_productivity) / wedges.productivity,
        "transfer": np.asarray(shock.transfer),
        "trade": np.asarray(elasticity.theta),
        "value_added": -np.asarray(elasticity.value_added),
        "materials": -np.asarray(elasticity.materials),
        "consumption": -np.asarray(elasticity.consumption),
        "mobility": -np.asarray(elasticity.stickiness) * np.asarray(inputs[1].stickiness) ** 2,
    }


def _check(error: float) -> None:
    if not error <= TOLERANCE:
        raise ConvergenceError(
            f"the linear solve for a derivative stopped at {error:.2g} (limit {TOLERANCE:g}): the equilibrium is close "
            "to a shut market; take a milder measure"
        )
