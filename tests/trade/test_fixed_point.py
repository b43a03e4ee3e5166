"""The accelerated iteration on problems with known answers: the residual itself is asserted."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gaiatsu.trade.engine  # noqa: F401  (switches jax to float64)
from gaiatsu.trade import fixed_point

SIZE, BATCH = 60, 3
EYE = np.eye(SIZE)


def largest(change):
    return jnp.max(jnp.abs(change), axis=-1)


def identity(change):
    return change


# One program for all linear problems: compiling takes longer than solving.
@jax.jit
def _accelerate(matrices, shift, inverse, start, tolerance, limit):
    return fixed_point.accelerate(
        lambda z: (jnp.einsum("bij,bj->bi", matrices, z) + shift - z, z.sum(-1)),
        lambda change: change @ inverse.T,
        start,
        largest,
        tolerance=tolerance,
        limit=limit,
    )


class Linear:
    """z = A z + b for a batch of random A with a given spectral radius, of which only the first `rank` rows matter."""

    def __init__(self, radius: float, rank: int = SIZE) -> None:
        rng = np.random.default_rng([int(1000 * radius), rank])
        self.matrices = np.zeros((BATCH, SIZE, SIZE))
        self.matrices[:, :rank, :rank] = rng.normal(size=(BATCH, rank, rank))
        self.matrices *= radius / np.abs(np.linalg.eigvals(self.matrices)).max(1)[:, None, None]
        self.shift = rng.normal(size=(BATCH, SIZE))
        self.solution = np.linalg.solve(EYE - self.matrices, self.shift[:, :, None])[:, :, 0]

    def residual(self, point) -> np.ndarray:
        return np.einsum("bij,bj->bi", self.matrices, np.asarray(point)) + self.shift - np.asarray(point)

    def solve(self, *, tolerance: float = 1e-11, limit: int = 600, inverse=EYE, start: Any = 0.0):
        begin = np.broadcast_to(np.asarray(start, dtype=float), (BATCH, SIZE))
        return _accelerate(self.matrices, self.shift, inverse, begin, tolerance, limit)


@pytest.mark.parametrize(("radius", "rank"), [(0.5, 4), (0.8, SIZE), (1.5, 6)])
def test_linear_problems(radius, rank):
    """Also where plain iteration would diverge (spectral radius above one)."""
    problem = Linear(radius, rank)
    found = problem.solve()
    assert np.abs(problem.residual(found.point)).max() <= 1.01e-11
    np.testing.assert_allclose(found.point, problem.solution, atol=1e-8)
    np.testing.assert_allclose(found.error, np.abs(problem.residual(found.point)).max(1), atol=1e-14)
    np.testing.assert_allclose(found.byproduct, np.asarray(found.point).sum(-1), atol=1e-10)
    assert (np.asarray(found.evaluations) < 600).all()


def test_few_unknowns_take_few_evaluations():
    """With a memory as long as the problem the method is Krylov's: one evaluation per unknown, and a few to check."""
    found = Linear(0.9, 5).solve(tolerance=1e-9)
    assert (np.asarray(found.error) <= 1e-9).all()
    assert (np.asarray(found.evaluations) <= 10).all()


def test_a_preconditioner_that_is_the_inverse_solves_at_once():
    problem = Linear(0.9)
    problem.matrices[:] = problem.matrices[0]
    found = problem.solve(inverse=np.linalg.inv(EYE - problem.matrices[0]), tolerance=1e-10)
    assert np.abs(problem.residual(found.point)).max() <= 1.01e-10
    assert (np.asarray(found.evaluations) <= 3).all()
    assert (np.asarray(problem.solve(tolerance=1e-10).evaluations) > 15).all()


def test_plain_iteration_finds_the_same_more_slowly():
    problem = Linear(0.95, 5)
    matrix, shift = (jnp.asarray(table[0]) for table in (problem.matrices, problem.shift))
    slow = fixed_point.damped(
        lambda z: matrix @ z + shift - z, jnp.zeros(SIZE), largest, step=0.9, tolerance=1e-10, limit=5000
    )
    np.testing.assert_allclose(slow.point, problem.solution[0], atol=1e-7)
    assert float(slow.error) <= 1e-10
    assert int(slow.evaluations) > 10 * int(problem.solve(tolerance=1e-10).evaluations[0])


def test_a_nonlinear_problem_and_one_of_its_members_alone():
    """z = tanh(W z) + exp(-z/4) b."""
    size, rng = 400, np.random.default_rng(1)
    weights = jnp.asarray(rng.normal(size=(size, size)) * 0.6 / np.sqrt(size))
    drive = jnp.asarray(rng.uniform(0.2, 1, (3, size)))

    def residual(z, b):
        return jnp.tanh(z @ weights.T) + jnp.exp(-z / 4) * b - z

    options = {"tolerance": 1e-11, "limit": 300}
    found = fixed_point.accelerate(
        lambda z: (residual(z, drive), z**2), identity, jnp.ones((3, size)), largest, **options
    )
    assert np.abs(residual(found.point, drive)).max() <= 1.01e-11
    np.testing.assert_allclose(found.byproduct, found.point**2, rtol=1e-12)
    assert (np.asarray(found.evaluations) < 300).all()
    alone = fixed_point.single(
        lambda z: (residual(z, drive[2]), z**2), identity, jnp.ones(size), lambda r: jnp.abs(r).max(), **options
    )
    np.testing.assert_allclose(alone.point, found.point[2], atol=1e-10)
    assert int(alone.evaluations) == int(found.evaluations[2])


# ------------------------------------------------------------------------------------------------------- failures
def test_not_arriving_is_reported():
    problem = Linear(0.99)
    found = problem.solve(tolerance=1e-12, limit=7)
    assert (np.asarray(found.error) > 1e-6).all()
    np.testing.assert_allclose(found.error, np.abs(problem.residual(found.point)).max(1), rtol=1e-9)
    assert (np.asarray(found.evaluations) == 7).all()


@pytest.mark.parametrize("size", [6, 6000])
def test_a_number_that_is_none_stops_its_member_only(size):
    """The second member leaves the numbers; it must not pass for solved, nor stop or spoil the first.

    In long vectors the maximum of jax on a CPU passes over NaN: a measure that is one must not be believed.
    """

    @jax.jit
    def solve(bad):
        def residual(z):
            change = 0.5 * jnp.cos(z) - z
            return jnp.stack([change[0], jnp.where(bad, jnp.nan, change[1])]), None

        return fixed_point.accelerate(
            residual, identity, jnp.zeros((2, size)), largest, tolerance=1e-11, limit=80, memory=3
        )

    for count in (1, size // 2, size):
        found = solve(np.arange(size) < count)
        assert float(found.error[0]) <= 1e-11
        assert np.abs(0.5 * np.cos(found.point[0]) - found.point[0]).max() <= 1.01e-11
        assert not float(found.error[1]) <= 1e-11
        assert int(found.evaluations[1]) <= 2


def test_all_failed_ends_the_iteration():
    problem = Linear(0.9)
    problem.matrices[:, 0, 0] = np.nan
    found = problem.solve(limit=100_000)
    assert not (np.asarray(found.error) <= 1e-9).any()
    assert (np.asarray(found.evaluations) <= 2).all()


def test_a_start_that_is_the_solution_costs_one_evaluation():
    problem = Linear(0.7)
    found = problem.solve(start=problem.solution)
    assert (np.asarray(found.evaluations) == 1).all()
    np.testing.assert_array_equal(found.point, problem.solution)


# ---------------------------------------------------------------------------------------------------- derivatives
def test_the_cotangent_is_the_gradient_of_the_solution():
    """d(w·z*)/ds from one transposed solve, against differences of solves."""
    size, rng = 12, np.random.default_rng(3)
    weights = jnp.asarray(rng.normal(size=(size, size)) * 0.5 / np.sqrt(size))
    drive, weight = rng.uniform(0.2, 1, size), jnp.asarray(rng.normal(size=size))

    def residual(z, s):
        return jnp.tanh(weights @ z) + jnp.exp(-z / 4) * s - z

    @jax.jit
    def solve(s):
        return fixed_point.single(
            lambda z: (residual(z, s), None), identity, jnp.ones(size), largest, tolerance=1e-14, limit=200, memory=3
        ).point

    @jax.jit
    def gradient(point, forcing):
        solved = fixed_point.cotangent(
            lambda z: residual(z, jnp.asarray(drive)), identity, point, forcing, tolerance=1e-12
        )
        _, pull = jax.vjp(lambda s: residual(point, s), jnp.asarray(drive))
        return pull(solved.point)[0], solved.error

    point = solve(drive)
    for scale in (1.0, 1e-8, 1e8):
        found, error = gradient(point, scale * weight)
        assert float(error) <= 1e-12
        for place in (0, 5, 11):
            step = 1e-4 * np.eye(size)[place]
            central = float(weight @ (solve(drive + step) - solve(drive - step))) / 2e-4
            assert float(found[place]) / scale == pytest.approx(central, abs=1e-7)
