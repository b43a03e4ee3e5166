"""Many scenarios in one compiled program over a shared kernel.

Scenarios that touch few cells differ from the baseline's kernel only there: the products of the kernel with prices and
spending become matrix-matrix products for the whole batch, and each scenario adds its own cells. Scenarios that touch
more, or that the batch leaves unconverged, are solved one by one with all fallbacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import GaiatsuError
from gaiatsu.scenario.measures import Measure
from gaiatsu.trade import certificate, engine, equilibrium, fixed_point, preconditioner
from gaiatsu.trade.equilibrium import Baseline, Cells, Kernel, Market, Shock, Substitution
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.solution import Outcome, Terms
from gaiatsu.trade.wedges import Wedges, compose, unchanged
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

WORTH = 24  # scenarios from which a batch repays its own compilation
SIZE = 32  # scenarios at a time: larger batches no longer gain and take memory
MOST_CELLS = 16384
WIDTHS = (128, 1024, 4096, MOST_CELLS)  # cells per scenario a program is compiled for


class Task(NamedTuple):
    """One problem of a batch, ready for the engine: a scenario with its trade elasticities and a first guess."""

    wedges: Wedges
    cells: Cells  # numpy, unpadded
    proportional: bool
    theta: Array  # [sector]
    bloc: NDArray[np.int64]  # [region]
    start: Array | None = None  # flat point


class Member(NamedTuple):
    """What differs between the members of a batch; every array has the batch in front."""

    start: jax.Array
    theta: jax.Array
    cells: Cells
    log_productivity: jax.Array
    transfer: jax.Array
    proportional: jax.Array
    bloc: jax.Array
    purchases: jax.Array | None


def task(accounts: Accounts, wedges: Wedges, theta: Array, *, proportional: bool) -> Task:
    """The kernel's changes where wedges differ from the baseline, as flat indices and values."""
    return next(tasks_of(accounts, wedges, theta[None], proportional=proportional))


def tasks_of(
    accounts: Accounts, wedges: Wedges, thetas: Array, *, proportional: bool, start: Array | None = None
) -> Iterator[Task]:
    """One task for each row of thetas [problem, sector]: only the kernel's values depend on it."""
    base = unchanged(accounts)
    differs = np.zeros(accounts.flows.shape, dtype=bool)
    for name in ("duty", "export_duty", "iceberg", "availability"):
        new, old = getattr(wedges, name), getattr(base, name)
        if new is not old:
            differs |= new != old
    cell = np.nonzero(differs & (accounts.flows > 0))
    importer, exporter, sector = cell
    regions = len(accounts.flows)
    share, duty, export_duty = accounts.origin_share[cell], wedges.duty[cell], wedges.export_duty[cell]
    wedge = (1 + duty) / (1 + accounts.duty[cell]) * (1 + export_duty) / (1 + accounts.export_duty[cell])
    before = share / (1 + accounts.duty[cell])
    bloc = certificate.blocs(accounts, wedges.availability)
    for theta in thetas:
        spending = wedges.availability[cell] * share * (wedge * wedges.iceberg[cell]) ** -theta[sector]
        border = spending / (1 + duty)
        cells = Cells(
            importer=sector * regions + importer,
            exporter=sector * regions + exporter,
            spending=spending - share,
            border=border - before,
            sales=border / (1 + export_duty) - before / (1 + accounts.export_duty[cell]),
        )
        yield Task(wedges, cells, proportional, theta, bloc, start)


def members(accounts: Accounts, tasks: Sequence[Task], width: int) -> Member:
    """Tasks stacked and padded to `width` cells; a padding cell adds nothing."""

    def padded(name: str) -> jax.Array:
        rows = [getattr(item.cells, name) for item in tasks]
        table = np.zeros((len(rows), width), dtype=rows[0].dtype)
        for row, values in zip(table, rows, strict=True):
            row[: len(values)] = values
        return jax.device_put(table)

    nothing = np.zeros(2 * accounts.output.size)
    return Member(
        start=jax.device_put(np.stack([nothing if item.start is None else item.start for item in tasks])),
        theta=jax.device_put(np.stack([item.theta for item in tasks])),
        cells=Cells(*(padded(name) for name in Cells._fields)),
        log_productivity=jax.device_put(np.stack([np.log(item.wedges.productivity) for item in tasks])),
        transfer=jax.device_put(np.stack([item.wedges.transfer for item in tasks])),
        proportional=jax.device_put(np.array([float(item.proportional) for item in tasks])),
        bloc=jax.device_put(np.stack([item.bloc for item in tasks])),
        purchases=_stacked_purchases(accounts, [item.wedges for item in tasks]),
    )


def _stacked_purchases(accounts: Accounts, wedges: Sequence[Wedges]) -> jax.Array | None:
    """[problem, buyer, seller, sector]; none at all where the problems share them."""
    if all(item.purchases is wedges[0].purchases for item in wedges):
        return None
    nothing = np.zeros_like(accounts.flows)
    return jax.device_put(np.stack([nothing if item.purchases is None else item.purchases for item in wedges]))


@partial(jax.jit, static_argnames=("export_duties",))
def program(
    baseline: Baseline,
    shock: Shock,
    elasticity: Substitution,
    inverse: jax.Array,
    batch: Member,
    tolerance: jax.Array,
    *,
    export_duties: bool,
) -> fixed_point.FixedPoint:
    """The fixed points of a batch; `shock` is the baseline's own, with the purchases that all members share."""
    kernels = equilibrium.kernel(baseline, shock, elasticity.theta)

    def one(point: jax.Array, member: Member) -> tuple[jax.Array, Market]:
        own = shock._replace(
            log_productivity=member.log_productivity,
            transfer=member.transfer,
            proportional=member.proportional,
            bloc=member.bloc,
            purchases=shock.purchases if member.purchases is None else member.purchases,
        )
        mine = Kernel(kernels.spending, kernels.border, kernels.sales, member.cells)
        return equilibrium.evaluate(point, baseline, own, elasticity._replace(theta=member.theta), mine, export_duties)

    return fixed_point.accelerate(
        lambda points: jax.vmap(one)(points, batch),
        jax.vmap(partial(preconditioner.apply, inverse)),
        batch.start,
        jax.vmap(equilibrium.error_measure(baseline)),
        tolerance=tolerance,
        limit=engine.LIMIT,
    )


def solve_tasks(
    world: World, tasks: Sequence[Task], elasticities: Elasticities, *, tolerance: float, worth: int = WORTH,
    size: int = SIZE,
) -> Iterator[engine.Found | None]:  # fmt: skip
    """Fixed points in order; None where a task is to be solved alone: too few, too many cells, or not arrived.

    worth: tasks from which they go as batches, of `size` at a time; elasticities: what the preconditioner is made for.
    """
    accounts = world.accounts
    baseline = engine.baseline_of(accounts)
    elasticity = engine.substitution_of(elasticities, accounts.output.shape[1])
    still = engine.shock_of(accounts, unchanged(accounts))
    export_duties = any(engine.has_export_duties(accounts, item.wedges) for item in tasks)
    small = [number for number, item in enumerate(tasks) if len(item.cells.sales) <= MOST_CELLS]
    if len(small) < worth:
        return iter([None] * len(tasks))
    inverse = engine.inverse_of(accounts, elasticities)
    shared = tasks[small[0]].wedges.purchases
    if shared is not None and all(tasks[number].wedges.purchases is shared for number in small):
        still = still._replace(purchases=jax.device_put(shared))
    widest = max((len(tasks[number].cells.sales) for number in small), default=0)
    width = next(cells for cells in WIDTHS if cells >= widest)
    found: dict[int, engine.Found] = {}
    for first in range(0, len(small), size):
        chunk = small[first : first + size]
        # The last chunk is filled up with repetitions, so that one compiled program serves all.
        filled = [tasks[number] for number in chunk] + [tasks[chunk[-1]]] * (size - len(chunk))
        answer = program(
            baseline, still, elasticity, inverse, members(accounts, filled, width), tolerance,
            export_duties=export_duties,
        )  # fmt: skip
        found.update(_unpacked(answer, chunk, tolerance))
    return (found.get(number) for number in range(len(tasks)))


def _unpacked(
    answer: fixed_point.FixedPoint, numbers: Sequence[int], tolerance: float
) -> Iterator[tuple[int, engine.Found]]:
    points, errors, counts = (np.asarray(item) for item in answer[:3])
    market = engine.as_numpy(answer.byproduct)
    for row, number in enumerate(numbers):
        if errors[row] <= tolerance:
            own = Market(*(item[row] for item in market))
            yield number, engine.Found(points[row], own, int(counts[row]), "anderson, batch")


class _Prepared(NamedTuple):
    world: World
    task: Task
    terms: Terms
    notes: tuple[str, ...]


def _prepare(world: World, measures: tuple[Measure, ...], elasticities: Elasticities, terms: Terms) -> _Prepared:
    from gaiatsu.trade import solve

    own_terms = replace(terms, measures=measures, closure=terms.closure or solve.default_closure(measures))
    wedges = compose(world, measures, residual_supply=terms.residual_supply, horizon=terms.horizon or "long")
    own, wedges = solve.closed(world, wedges, elasticities, own_terms.closure)
    notes = certificate.check_supply(own, wedges.availability) + certificate.check_blocs(own, wedges)
    theta = elasticities.theta(len(world.sectors))
    ready = task(own.accounts, wedges, theta, proportional=own_terms.closure == "proportional")
    return _Prepared(own, ready, own_terms, notes)


def solve_batch(
    world: World, scenarios: Sequence[tuple[Measure, ...]], elasticities: Elasticities, terms: Terms, *,
    keep_errors: bool,
) -> list[Outcome | GaiatsuError]:  # fmt: skip
    """Outcomes in the order of the scenarios; an empty closure in `terms` lets each scenario take its default."""
    from gaiatsu.trade import solve

    results: dict[int, Outcome | GaiatsuError] = {}
    prepared: dict[int, _Prepared] = {}

    def failed(number: int, error: GaiatsuError) -> None:
        if not keep_errors:
            raise type(error)(f"scenario {number}: {error}") from error
        results[number] = error

    for number, measures in enumerate(scenarios):
        try:
            prepared[number] = _prepare(world, measures, elasticities, terms)
        except GaiatsuError as error:
            failed(number, error)
    for own in {id(item.world): item.world for item in prepared.values()}.values():
        mine = {number: item for number, item in prepared.items() if item.world is own}
        tasks = [item.task for item in mine.values()]
        answers = solve_tasks(own, tasks, elasticities, tolerance=terms.tolerance)
        for (number, item), answer in zip(mine.items(), answers, strict=True):
            try:
                found = answer or engine.find(
                    own, item.task.wedges, elasticities, proportional=item.task.proportional,
                    tolerance=terms.tolerance,
                )  # fmt: skip
                results[number] = solve.certified(own, item.task.wedges, elasticities, item.terms, found, item.notes)
            except GaiatsuError as error:
                failed(number, error)
    return [results[number] for number in range(len(scenarios))]
