"""Anderson acceleration and implicit derivatives of z = T(z). Knows nothing of trade.

A problem is a function `residual(z) = T(z) - z` and a linear `precondition` that approximates the inverse of
minus the residual's Jacobian. Anderson (1965) mixing in its type-II form keeps the last few steps and combines them by
least squares; applied to the preconditioned residual it is a quasi-Newton method that needs no Jacobian. The same
routine solves the linear equations of the implicit function theorem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

Vector = jax.Array
Map = Callable[[Vector], Vector]

MEMORY = 6
REGULARISATION = 1e-12


class FixedPoint(NamedTuple):
    """Where an iteration ended: point, error and by-product there, and how often the residual was evaluated."""

    point: Vector
    error: jax.Array
    evaluations: jax.Array
    byproduct: Any = None


class _State(NamedTuple):
    point: jax.Array  # [batch, n]
    following: jax.Array
    step: jax.Array
    error: jax.Array  # [batch]
    done: jax.Array
    evaluations: jax.Array  # [batch]
    step_changes: jax.Array  # [batch, memory, n]
    both_changes: jax.Array  # point changes plus step changes: what a weight moves the next point by
    gram: jax.Array  # [batch, memory, memory] products of step_changes: each evaluation renews one row
    byproduct: Any


def _solve_small(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """[batch, m] solutions of symmetric positive definite [batch, m, m] systems by unrolled elimination.

    For m of a few it is as fast as LAPACK and spares every run the import of scipy's bindings (0.3 s).
    """
    table = jnp.concatenate([matrix, right[:, :, None]], 2)
    for pivot in range(matrix.shape[1]):
        row = table[:, pivot] / table[:, pivot, pivot][:, None]
        factor = table[:, :, pivot] - (jnp.arange(matrix.shape[1]) == pivot)
        table = table - factor[:, :, None] * row[:, None, :]
    return table[:, :, -1]


def _mix(state: _State, slot: jax.Array, point: jax.Array, step: jax.Array) -> tuple[jax.Array, _State]:
    """The next points: plain steps corrected by the combinations of past steps that best cancel them.

    The newest change takes the place of the oldest; each of the two histories is read once.
    """
    known = jnp.where(state.done > 0, 1.0, 0.0)
    newest = known * (step - state.step)
    step_changes = state.step_changes.at[:, slot].set(newest)
    both_changes = state.both_changes.at[:, slot].set(known * (point - state.point) + newest)
    products = jnp.einsum("bmn,bcn->bmc", step_changes, jnp.stack([newest, step], 1))
    gram = state.gram.at[:, slot].set(products[:, :, 0]).at[:, :, slot].set(products[:, :, 0])
    size = jnp.sqrt(jnp.diagonal(gram, axis1=1, axis2=2))
    scale = jnp.where(size > 0, size, 1.0)
    ridge = jax.vmap(jnp.diag)(REGULARISATION + (size == 0))
    matrix = gram / scale[:, :, None] / scale[:, None, :] + ridge
    weight = _solve_small(matrix, products[:, :, 1] / scale) / scale
    following = point + step - jnp.einsum("bmn,bm->bn", both_changes, weight)
    return following, state._replace(step_changes=step_changes, both_changes=both_changes, gram=gram)


def accelerate(
    residual: Callable[[jax.Array], tuple[jax.Array, Any]],
    precondition: Map,
    start: jax.Array,
    measure: Map,
    *,
    tolerance: float | jax.Array,
    limit: int | jax.Array,
    memory: int = MEMORY,
) -> FixedPoint:
    """Iterate a batch until each measure(residual) is at most `tolerance`, `limit` evaluations, or all have failed.

    start: [batch, n]; residual gives T(z) - z [batch, n] and any by-product worth keeping from the last evaluation;
    precondition: [batch, n] to [batch, n]; measure: [batch, n] to [batch]. A member that has arrived stands still
    while others move. The caller must check the returned errors: nothing is raised here. The residual stands once in
    the loop, so that it is compiled once.
    """

    def unfinished(state: _State) -> jax.Array:
        going = (state.error > tolerance) & jnp.isfinite(state.error)
        return (going.any() & (state.done < limit)) | (state.done == 0)

    def advance(state: _State) -> _State:
        point = state.following
        raw, byproduct = residual(point)
        # A maximum may pass over a NaN; a sum does not.
        error = jnp.where(jnp.isfinite(raw.sum(1)), measure(raw), jnp.nan)
        step = precondition(raw)
        following, state = _mix(state, (state.done - 1) % memory, point, step)
        going = (error > tolerance) & jnp.isfinite(error)
        return state._replace(
            point=point,
            following=jnp.where(going[:, None], following, point),
            step=step,
            error=error,
            done=state.done + 1,
            evaluations=state.evaluations + (state.error > tolerance),
            byproduct=byproduct,
        )

    nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(residual, start)[1])
    batch = start.shape[0]
    empty = jnp.zeros((batch, memory, start.shape[1]))
    first = _State(
        start, start, jnp.zeros_like(start), jnp.full(batch, jnp.inf), jnp.asarray(0), jnp.zeros(batch, int), empty,
        empty, jnp.zeros((batch, memory, memory)), nothing,
    )  # fmt: skip
    last = jax.lax.while_loop(unfinished, advance, first)
    return FixedPoint(last.point, last.error, last.evaluations, last.byproduct)


def single(
    residual: Callable[[Vector], tuple[Vector, Any]], precondition: Map, start: Vector, measure: Map, **options: Any
) -> FixedPoint:
    """`accelerate` for one problem: start and residual are flat [n], the error a number."""

    def alone(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda batch: jax.tree.map(lambda leaf: leaf[None], function(batch[0]))

    found = accelerate(alone(residual), alone(precondition), start[None], alone(measure), **options)
    return FixedPoint(*jax.tree.map(lambda leaf: leaf[0], tuple(found)))


def damped(
    residual: Map, start: Vector, measure: Callable[[Vector], jax.Array], *, step: float, tolerance: float, limit: int
) -> FixedPoint:
    """Plain damped iteration, the named baseline of the benchmarks and of the evaluations count."""

    def unfinished(state: FixedPoint) -> jax.Array:
        going = (state.error > tolerance) & (state.evaluations < limit) & jnp.isfinite(state.error)
        return going | (state.evaluations == 0)

    def advance(state: FixedPoint) -> FixedPoint:
        change = residual(state.point)
        return FixedPoint(state.point + step * change, measure(change), state.evaluations + 1)

    return jax.lax.while_loop(unfinished, advance, FixedPoint(start, jnp.asarray(jnp.inf), jnp.asarray(0)))


def cotangent(
    residual: Map, precondition: Map, point: Vector, forcing: Vector, *, tolerance: float, limit: int = 400
) -> FixedPoint:
    """u with residual_z' u + forcing = 0: one transposed solve gives the gradient of one number by everything."""
    _, pull = jax.vjp(residual, point)
    transposed = jax.linear_transpose(precondition, point)
    scale = jnp.max(jnp.abs(forcing))
    unit = jnp.where(scale > 0, scale, 1.0)
    solved = single(
        lambda u: (pull(u)[0] + forcing / unit, None),
        lambda change: transposed(change)[0],
        jnp.zeros_like(forcing),
        lambda change: jnp.max(jnp.abs(change)),
        tolerance=tolerance,
        limit=limit,
        memory=10,
    )
    return FixedPoint(solved.point * unit, solved.error, solved.evaluations)
