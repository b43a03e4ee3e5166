"""Anderson acceleration and implicit derivatives of z = T(z). Knows nothing of trade.

A problem is a function `residual(z) = T(z) - z` and a linear `precondition` that approximates the inverse of
minus the residual's Jacobian. Anderson (1965) mixing in its type-II form keeps the last few steps and combines them by
least squares; applied to the preconditioned residual it is a quasi-Newton method that needs no Jacobian. The same
routine solves the linear equations of the implicit function theorem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

Vector = jax.Array
Map = Callable[[Vector], Vector]

MEMORY = 6
REGULARISATION = 1e-12


class FixedPoint(NamedTuple):
    """Where an iteration ended: the point, the error there, and how many times the residual was evaluated."""

    point: Vector
    error: jax.Array
    evaluations: jax.Array


class _State(NamedTuple):
    point: Vector
    step: Vector
    error: jax.Array
    count: jax.Array
    point_changes: jax.Array
    step_changes: jax.Array


def _mix(state: _State) -> Vector:
    """The next point: the plain step corrected by the combination of past steps that best cancels it."""
    changes = state.step_changes
    gram = changes @ changes.T
    size = jnp.sqrt(jnp.diagonal(gram))
    scale = jnp.where(size > 0, size, 1.0)
    eye = jnp.eye(changes.shape[0])
    matrix = gram / scale[:, None] / scale[None, :] + eye * (REGULARISATION + (size == 0))
    weight = jnp.linalg.solve(matrix, (changes @ state.step) / scale) / scale
    return state.point + state.step - weight @ (state.point_changes + changes)


def accelerate(
    residual: Map,
    precondition: Map,
    start: Vector,
    measure: Callable[[Vector], jax.Array],
    *,
    tolerance: float | jax.Array,
    limit: int | jax.Array,
    memory: int = MEMORY,
) -> FixedPoint:
    """Iterate until measure(residual) is at most `tolerance`, or `limit` evaluations, or the error is not finite.

    start: [n]. The caller must check the returned error: nothing is raised here.
    """

    def evaluate(point: Vector) -> tuple[Vector, jax.Array]:
        raw = residual(point)
        return precondition(raw), measure(raw)

    def unfinished(state: _State) -> jax.Array:
        return (state.error > tolerance) & (state.count < limit) & jnp.isfinite(state.error)

    def advance(state: _State) -> _State:
        point = _mix(state)
        step, error = evaluate(point)
        slot = (state.count - 1) % memory
        return _State(
            point,
            step,
            error,
            state.count + 1,
            state.point_changes.at[slot].set(point - state.point),
            state.step_changes.at[slot].set(step - state.step),
        )

    step, error = evaluate(start)
    empty = jnp.zeros((memory, start.size))
    state = _State(start, step, error, jnp.asarray(1), empty, empty)
    state = jax.lax.while_loop(unfinished, advance, state)
    return FixedPoint(state.point, state.error, state.count)


def damped(
    residual: Map, start: Vector, measure: Callable[[Vector], jax.Array], *, step: float, tolerance: float, limit: int
) -> FixedPoint:
    """Plain damped iteration, the named baseline of the benchmarks and of the evaluations count."""

    def unfinished(state: FixedPoint) -> jax.Array:
        return (state.error > tolerance) & (state.evaluations < limit) & jnp.isfinite(state.error)

    def advance(state: FixedPoint) -> FixedPoint:
        # The residual is evaluated twice a pass to keep the state small; it is counted once.
        point = state.point + step * residual(state.point)
        return FixedPoint(point, measure(residual(point)), state.evaluations + 1)

    first = FixedPoint(start, measure(residual(start)), jnp.asarray(1))
    return jax.lax.while_loop(unfinished, advance, first)


def tangent(
    residual: Map, precondition: Map, point: Vector, forcing: Vector, *, tolerance: float = 1e-11, limit: int = 400
) -> FixedPoint:
    """dz of the implicit function theorem: residual_z dz + forcing = 0, forcing = residual's own change at fixed z."""
    _, jacobian = jax.linearize(residual, point)
    return _linear(jacobian, precondition, forcing, tolerance, limit)


def cotangent(
    residual: Map, precondition: Map, point: Vector, forcing: Vector, *, tolerance: float = 1e-11, limit: int = 400
) -> FixedPoint:
    """u with residual_z' u + forcing = 0: one transposed solve gives the gradient of one number by everything."""
    _, pull = jax.vjp(residual, point)
    transposed = jax.linear_transpose(precondition, point)
    return _linear(lambda u: pull(u)[0], lambda r: transposed(r)[0], forcing, tolerance, limit)


def _linear(operator: Map, precondition: Map, forcing: Vector, tolerance: float, limit: int) -> FixedPoint:
    scale = jnp.max(jnp.abs(forcing))
    unit = jnp.where(scale > 0, scale, 1.0)
    solved = accelerate(
        lambda v: operator(v) + forcing / unit,
        precondition,
        jnp.zeros_like(forcing),
        lambda r: jnp.max(jnp.abs(r)),
        tolerance=tolerance,
        limit=limit,
        memory=10,
    )
    return FixedPoint(solved.point * unit, solved.error, solved.evaluations)
