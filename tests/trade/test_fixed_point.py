"""The accelerated iteration on problems with known answers: the residual itself is asserted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gaiatsu.trade.engine  # noqa: F401  (switches jax to float64)
from gaiatsu.trade import fixed_point


def largest(change):
    return jnp.max(jnp.abs(change), axis=-1)


def identity(change):
    return change


def linear(size: int, radius: float, batch: int = 3):
    """z = A z + b: residual, solution, start; the matrices of a batch differ, the spectral radius is given."""
    rng = np.random.default_rng([size, batch])
    matrices = rng.normal(size=(batch, size, size)) / np.sqrt(size)
    largest_eigenvalue = np.abs(np.linalg.eigvals(matrices)).max(1)
    matrices *= radius / largest_eigenvalue[:, None, None]
    shift = rng.normal(size=(batch, size))
    solution = np.linalg.solve(np.eye(size) - matrices, shift[:, :, None])[:, :, 0]
    table, constant = jnp.asarray(matrices), jnp.asarray(shift)
    return lambda z: (jnp.einsum("bij,bj->bi", table, z) + constant - z, z.sum(-1)), solution, jnp.zeros((batch, size))


def nonlinear(size: int, batch: int = 3):
    """z = tanh(W z) + exp(-z/4) b, a smooth map with one solution near the start."""
    rng = np.random.default_rng([size, batch, 1])
    weights = jnp.asarray(rng.normal(size=(size, size)) * 0.6 / np.sqrt(size))
    drive = jnp.asarray(rng.uniform(0.2, 1, (batch, size)))
    return lambda z: (jnp.tanh(z @ weights.T) + jnp.exp(-z / 4) * drive - z, z**2), jnp.ones((batch, size))


@pytest.mark.parametrize(("size", "radius"), [(4, 0.5), (200, 0.8), (6, 1.5)])
def test_linear_problems(size, radius):
    """Also where plain iteration would diverge (spectral radius above one)."""
    residual, solution, start = linear(size, radius)
    found = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-12, limit=500)
    np.testing.assert_array_less(np.abs(residual(found.point)[0]), 1.0001e-12)
    np.testing.assert_allclose(found.point, solution, atol=1e-9)
    np.testing.assert_allclose(found.error, largest(residual(found.point)[0]), atol=1e-15)
    np.testing.assert_allclose(found.byproduct, np.asarray(found.point).sum(-1), atol=1e-12)
    assert (np.asarray(found.evaluations) <= 500).all()


@pytest.mark.parametrize("size", [3, 3000])
def test_nonlinear_problems(size):
    residual, start = nonlinear(size)
    found = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-11, limit=300)
    change, byproduct = residual(found.point)
    assert np.abs(change).max() <= 1.0001e-11
    np.testing.assert_allclose(found.byproduct, byproduct, rtol=1e-12)
    assert (np.asarray(found.evaluations) < 300).all()


def test_few_unknowns_take_few_evaluations():
    """With a memory as long as the problem the method is Krylov's: one evaluation per unknown, and a few to check."""
    residual, _, start = linear(5, 0.9)
    found = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-9, limit=100, memory=6)
    assert (np.asarray(found.evaluations) <= 9).all()


def test_a_preconditioner_that_is_the_inverse_solves_at_once():
    size, rng = 30, np.random.default_rng(0)
    matrix = rng.normal(size=(size, size)) / 8
    inverse = jnp.asarray(np.linalg.inv(np.eye(size) - matrix))
    shift, table = jnp.asarray(rng.normal(size=size)), jnp.asarray(matrix)

    def solve(precondition):
        return fixed_point.accelerate(
            lambda z: (z @ table.T + shift - z, None), precondition, jnp.zeros((1, size)), largest,
            tolerance=1e-10, limit=200,
        )  # fmt: skip

    found = solve(lambda change: change @ inverse.T)
    assert int(found.evaluations[0]) <= 3
    assert np.abs(found.point[0] @ matrix.T + shift - found.point[0]).max() <= 1e-10
    assert int(solve(identity).evaluations[0]) > 8


def test_a_member_of_a_batch_is_solved_as_alone():
    residual, start = nonlinear(20, batch=4)
    found = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-12, limit=300)

    def third(z):
        change, byproduct = residual(jnp.tile(z[None], (4, 1)))
        return change[2], byproduct[2]

    alone = fixed_point.single(third, identity, start[2], lambda r: jnp.abs(r).max(), tolerance=1e-12, limit=300)
    np.testing.assert_allclose(alone.point, found.point[2], atol=1e-11)
    assert int(alone.evaluations) == int(found.evaluations[2])


def test_plain_iteration_finds_the_same_more_slowly():
    residual, solution, start = linear(40, 0.95, batch=1)
    fast = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-10, limit=300)
    slow = fixed_point.damped(
        lambda z: residual(z[None])[0][0], start[0], lambda r: jnp.abs(r).max(), step=0.9, tolerance=1e-10, limit=5000
    )
    np.testing.assert_allclose(slow.point, solution[0], atol=1e-8)
    assert float(slow.error) <= 1e-10
    assert int(slow.evaluations) > 3 * int(fast.evaluations[0])


# ------------------------------------------------------------------------------------------------------- failures
def test_not_arriving_is_reported():
    residual, _, start = linear(200, 0.99)
    found = fixed_point.accelerate(residual, identity, start, largest, tolerance=1e-12, limit=7)
    assert (np.asarray(found.error) > 1e-6).all()
    np.testing.assert_allclose(found.error, largest(residual(found.point)[0]), rtol=1e-9)
    assert (np.asarray(found.evaluations) == 7).all()


@pytest.mark.parametrize("size", [6, 6000])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_a_number_that_is_none_stops_its_member_only(size, share):
    """The second member leaves the numbers; it must not pass for solved, nor stop or spoil the first."""
    bad = jnp.asarray(np.arange(size) < share * size)

    def residual(z):
        change = 0.5 * jnp.cos(z) - z
        broken = jnp.where(bad, jnp.nan, change[1])
        return jnp.stack([change[0], broken]), None

    found = fixed_point.accelerate(residual, identity, jnp.zeros((2, size)), largest, tolerance=1e-11, limit=80)
    assert float(found.error[0]) <= 1e-11
    assert np.abs(0.5 * np.cos(found.point[0]) - found.point[0]).max() <= 1.0001e-11
    assert not float(found.error[1]) <= 1e-11
    assert int(found.evaluations[1]) <= 2


def test_all_failed_ends_the_iteration():
    found = fixed_point.accelerate(
        lambda z: (z * jnp.nan, None), identity, jnp.ones((2, 5)), largest, tolerance=1e-9, limit=10_000
    )
    assert not (np.asarray(found.error) <= 1e-9).any()
    assert (np.asarray(found.evaluations) <= 2).all()


def test_a_start_that_is_the_solution_costs_one_evaluation():
    residual, solution, _ = linear(10, 0.7)
    found = fixed_point.accelerate(residual, identity, jnp.asarray(solution), largest, tolerance=1e-9, limit=50)
    assert (np.asarray(found.evaluations) == 1).all()
    np.testing.assert_array_equal(found.point, solution)


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
            lambda z: (residual(z, s), None), identity, jnp.ones(size), lambda r: jnp.abs(r).max(),
            tolerance=1e-14, limit=200, memory=3,
        ).point  # fmt: skip

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
