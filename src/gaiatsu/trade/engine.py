"""Runs the fixed point: one compiled program per shape for all horizons, then fallbacks, then an error.

Arrays go to the device by `device_put`, which compiles nothing, rather than by `jnp.asarray`, which may.
"""

from __future__ import annotations

import dataclasses
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError
from gaiatsu.trade import certificate, equilibrium, fixed_point, preconditioner
from gaiatsu.trade.equilibrium import Baseline, Market, Shock, Substitution
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.wedges import Wedges, unchanged
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
LIMIT = 250
LONG_MEMORY = 25
STEP, SMALLEST_STEP = 0.5, 1 / 128  # of a shock: continuation halves its step where an iteration fails


def _configure() -> None:
    """float64, and compiled programs kept between runs where the user's cache folder can be written."""
    jax.config.update("jax_enable_x64", True)
    if getattr(jax.config, "jax_compilation_cache_dir", None) is not None or os.environ.get("GAIATSU_NO_CACHE"):
        return
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("gaiatsu")) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


_configure()

_baselines: WeakKeyDictionary[Accounts, Baseline] = WeakKeyDictionary()
_inverses: WeakKeyDictionary[Accounts, dict[bytes, jax.Array]] = WeakKeyDictionary()


def sector_leading(table: Array) -> jax.Array:
    """[importer, exporter, sector] as the engine keeps it, [sector, importer, exporter]."""
    return jax.device_put(np.ascontiguousarray(table.transpose(2, 0, 1)))


def baseline_of(accounts: Accounts) -> Baseline:
    """The engine's arrays of a world, made once."""
    if accounts not in _baselines:
        final = np.maximum(accounts.final_use, 0.0)
        _baselines[accounts] = Baseline(
            share=sector_leading(accounts.origin_share),
            duty=sector_leading(accounts.duty),
            export_duty=sector_leading(accounts.export_duty),
            spending=jax.device_put(accounts.expenditure),
            output=jax.device_put(accounts.output),
            va_share=jax.device_put(accounts.va_share),
            input_mix=jax.device_put(accounts.input_mix),
            final_share=jax.device_put(final / final.sum(1, keepdims=True)),
            income=jax.device_put(accounts.income),
            transfer=jax.device_put(accounts.transfer),
        )
    return _baselines[accounts]


def shock_of(accounts: Accounts, wedges: Wedges, *, proportional: bool = False) -> Shock:
    """Wedges in the engine's layout; arrays left at the baseline are not copied."""
    baseline = baseline_of(accounts)
    start = unchanged(accounts)
    shape = baseline.share.shape

    def moved(new: Array, old: Array, kept: jax.Array, log: bool = False) -> jax.Array:
        if new is old or np.array_equal(new, old):
            return kept
        return sector_leading(np.log(new) if log else new)

    return Shock(
        duty=moved(wedges.duty, start.duty, baseline.duty),
        export_duty=moved(wedges.export_duty, start.export_duty, baseline.export_duty),
        log_iceberg=moved(wedges.iceberg, start.iceberg, jax.device_put(np.zeros(shape)), log=True),
        availability=moved(wedges.availability, start.availability, jax.device_put(np.ones(shape))),
        log_productivity=jax.device_put(np.log(wedges.productivity)),
        transfer=jax.device_put(wedges.transfer),
        proportional=jax.device_put(np.float64(proportional)),
        bloc=jax.device_put(certificate.blocs(accounts, wedges.availability)),
        purchases=None if wedges.purchases is None else jax.device_put(wedges.purchases),
    )


def substitution_of(elasticities: Elasticities, sectors: int) -> Substitution:
    """Elasticities as the equations carry them."""
    return Substitution(
        *jax.device_put(
            (
                elasticities.theta(sectors),
                1 - np.asarray(elasticities.value_added, dtype=float),
                1 - np.asarray(elasticities.materials, dtype=float),
                1 - np.asarray(elasticities.consumption, dtype=float),
                1 / (1 + np.asarray(elasticities.mobility, dtype=float)),
            )
        )
    )


def inverse_of(accounts: Accounts, elasticities: Elasticities) -> jax.Array:
    """The preconditioner of a world and elasticity set, made once and kept for the last few sets."""
    kept = _inverses.setdefault(accounts, {})
    key = key_of(elasticities)
    if key not in kept:
        while len(kept) >= 6:
            kept.pop(next(iter(kept)))
        kept[key] = jax.device_put(preconditioner.block_inverse(accounts, elasticities))
    return kept[key]


def key_of(elasticities: Elasticities) -> bytes:
    """The numbers of an elasticity set as bytes: the same for the same numbers."""
    return b"".join(np.asarray(value, dtype=float).tobytes() for value in dataclasses.astuple(elasticities)[:5])


def lend_inverse(accounts: Accounts, to: Accounts, elasticities: Elasticities) -> None:
    """Let a world near another one use its preconditioner, which takes longer to make than a solve.

    It only steers the iteration: what is found is certified on the world's own accounts.
    """
    _inverses.setdefault(to, {}).setdefault(key_of(elasticities), inverse_of(accounts, elasticities))


@partial(jax.jit, static_argnames=("export_duties", "memory"))
def program(
    baseline: Baseline,
    shock: Shock,
    elasticity: Substitution,
    inverse: jax.Array,
    start: jax.Array,
    tolerance: jax.Array,
    limit: jax.Array,
    *,
    export_duties: bool,
    memory: int = fixed_point.MEMORY,
) -> fixed_point.FixedPoint:
    """The whole solve: kernel and accelerated iteration; its by-product is the market at the point found."""
    kernels = equilibrium.kernel(baseline, shock, elasticity.theta)
    arguments = (baseline, shock, elasticity, kernels, export_duties)
    return fixed_point.single(
        lambda point: equilibrium.evaluate(point, *arguments),
        lambda change: preconditioner.apply(inverse, change),
        start,
        equilibrium.error_measure(baseline),
        tolerance=tolerance,
        limit=limit,
        memory=memory,
    )


def has_export_duties(accounts: Accounts, wedges: Wedges) -> bool:
    """Whether the program must carry export duties (a second compiled variant)."""
    return bool(accounts.export_duty.any() or wedges.export_duty.any())


def between(accounts: Accounts, wedges: Wedges, step: float) -> Wedges:
    """Wedges a share `step` of the way from the baseline, in logs; availability, transfers, purchases linearly."""
    base = unchanged(accounts)

    def duty(new: Array, old: Array) -> Array:
        return np.expm1((1 - step) * np.log1p(old) + step * np.log1p(new))

    return Wedges(
        duty=duty(wedges.duty, base.duty),
        export_duty=duty(wedges.export_duty, base.export_duty),
        iceberg=wedges.iceberg**step,
        availability=1 - step * (1 - wedges.availability),
        productivity=wedges.productivity**step,
        transfer=base.transfer + step * (wedges.transfer - base.transfer),
        purchases=None if wedges.purchases is None else step * wedges.purchases,
    )


class Found(NamedTuple):
    """A fixed point, the market there as numpy arrays, and how it was found."""

    point: Array
    market: Market
    evaluations: int
    method: str


class _Search:
    """One equilibrium to be found, and how many evaluations the search has spent."""

    def __init__(
        self, world: World, wedges: Wedges, elasticities: Elasticities, *, proportional: bool, tolerance: float
    ) -> None:
        self.world, self.wedges, self.accounts = world, wedges, world.accounts
        self.proportional, self.tolerance, self.spent = proportional, tolerance, 0
        self.baseline = baseline_of(world.accounts)
        self.elasticity = substitution_of(elasticities, self.baseline.output.shape[1])
        self.inverse = inverse_of(world.accounts, elasticities)
        self.shock = shock_of(world.accounts, wedges, proportional=proportional)
        self.export_duties = has_export_duties(world.accounts, wedges)
        self.zero = jax.device_put(np.zeros(2 * self.baseline.output.size))

    def attempt(self, start: jax.Array, memory: int, shock: Shock | None = None) -> fixed_point.FixedPoint:
        """One run of the compiled program."""
        found = program(
            self.baseline, shock or self.shock, self.elasticity, self.inverse, start, self.tolerance,
            LIMIT if memory == fixed_point.MEMORY else 2 * LIMIT, export_duties=self.export_duties, memory=memory,
        )  # fmt: skip
        self.spent += int(found.evaluations)
        return found

    def arrived(self, found: fixed_point.FixedPoint) -> bool:
        """Whether the tolerance is met (not where the error is not a number)."""
        return bool(float(found.error) <= self.tolerance)

    def named(self, found: fixed_point.FixedPoint, method: str) -> Found:
        """What was found, on the host."""
        return Found(np.asarray(found.point), as_numpy(found.byproduct), self.spent, method)

    def check_incomes(self, market: Market) -> None:
        """An income that falls below zero on the way is why there is no solution, rather than a slow iteration."""
        closure, owed = ("proportional", market.transfer) if self.proportional else ("fixed", self.wedges.transfer)
        certificate.check_incomes(self.world, market.income, owed, closure)

    def continuation(self) -> tuple[Found | None, jax.Array]:
        """The shock in steps, halved where an iteration fails: what was found, or how far it came."""
        begin, reached, size = self.zero, 0.0, STEP
        while size >= SMALLEST_STEP:
            step = min(reached + size, 1.0)
            partway = shock_of(self.accounts, between(self.accounts, self.wedges, step), proportional=self.proportional)
            found = self.attempt(begin, LONG_MEMORY, partway._replace(bloc=self.shock.bloc))
            if not self.arrived(found):
                self.check_incomes(as_numpy(found.byproduct))
                size /= 2
            elif step == 1.0:
                return self.named(found, "continuation"), found.point
            else:
                begin, reached = found.point, step
        return None, begin

    def last_resort(self, begin: jax.Array) -> Found:
        """Newton-Krylov from where continuation ended; ConvergenceError, naming the worst market."""
        kernels = equilibrium.kernel(self.baseline, self.shock, self.elasticity.theta)
        arguments = (self.baseline, self.shock, self.elasticity, kernels, self.export_duties)
        last = _newton_krylov(lambda z: equilibrium.residual(z, *arguments), self.inverse, begin, self.tolerance)
        self.spent += int(last.evaluations)
        change, evaluated = equilibrium.evaluate(last.point, *arguments)
        worst = float(equilibrium.error_measure(self.baseline)(change))
        if not (worst <= self.tolerance and np.isfinite(change).all()):
            self.check_incomes(as_numpy(evaluated))
            message = certificate.describe_failure(self.world, np.asarray(change), worst, self.tolerance)
            raise ConvergenceError(message)
        return Found(np.asarray(last.point), as_numpy(evaluated), self.spent, "newton-krylov")


def find(
    world: World,
    wedges: Wedges,
    elasticities: Elasticities,
    *,
    proportional: bool,
    tolerance: float,
    start: Array | None = None,
    thorough: bool = True,
) -> Found:
    """The fixed point by acceleration, then with a longer memory, then by continuation, then by Newton-Krylov.

    thorough: whether the last two, which take seconds, are tried. Raises ConvergenceError, naming the worst market.
    """
    search = _Search(world, wedges, elasticities, proportional=proportional, tolerance=tolerance)
    first = search.zero if start is None else jax.device_put(start)
    for begin, memory, method in (
        (first, fixed_point.MEMORY, "anderson"), (search.zero, LONG_MEMORY, "anderson, long memory"),
    ):  # fmt: skip
        found = search.attempt(begin, memory)
        if search.arrived(found):
            return search.named(found, method)
    if not thorough:
        raise ConvergenceError(f"no equilibrium within {tolerance:g} in {search.spent} evaluations")
    stepped, begin = search.continuation()
    return stepped or search.last_resort(begin)


def as_numpy(market: Market) -> Market:
    """The market's arrays on the host."""
    return Market(*(np.asarray(item) for item in market))


def _newton_krylov(
    residual: fixed_point.Map, inverse: jax.Array, start: jax.Array, tolerance: float
) -> fixed_point.FixedPoint:
    """The last resort: scipy's Newton-Krylov on the preconditioned residual; the caller checks what it found."""
    from scipy.optimize import NoConvergence, newton_krylov

    compiled = jax.jit(residual)
    calls = 0

    def stepped(point: Array) -> Array:
        nonlocal calls
        calls += 1
        return np.asarray(preconditioner.apply(inverse, compiled(jnp.asarray(point))))

    first = np.nan_to_num(np.asarray(start), posinf=0.0, neginf=0.0)
    try:
        point = newton_krylov(stepped, first, f_tol=tolerance / 10, maxiter=40, method="lgmres")
    except NoConvergence as error:
        point = np.asarray(error.args[0])
    except ValueError:  # the search left the numbers
        point = first
    return fixed_point.FixedPoint(jnp.asarray(point), jnp.asarray(np.nan), jnp.asarray(calls))
