"""From measures or arrays to a certified outcome: the public face of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import DataError, GaiatsuError, ScenarioError, did_you_mean
from gaiatsu.scenario.measures import Measure
from gaiatsu.scenario.outlays import check_demand, per_income
from gaiatsu.trade import certificate, engine
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.horizon import horizon as horizon_elasticities
from gaiatsu.trade.solution import Outcome, Terms
from gaiatsu.trade.wedges import NO_DEFICIT, Wedges, compose, unchanged
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.world.world import World

CLOSURES = ("fixed", "proportional", "balanced")
TOLERANCE = 1e-9

_balanced: WeakKeyDictionary[Accounts, dict[bytes, World]] = WeakKeyDictionary()


def solve_wedges(world: World, wedges: Wedges, elasticities: Elasticities, terms: Terms) -> Outcome:
    """The outcome of wedges on a world, certified.

    Raises ConvergenceError (worst market), NoSupplier (region, sector, share), UnaffordableTransfer (region),
    DisconnectedWorld (blocs).
    """
    if not 0 < terms.tolerance < 1:
        raise ScenarioError(f"tolerance is {terms.tolerance!r}; it must be above 0 and below 1 (1e-9 is usual)")
    world, wedges = closed(world, wedges, elasticities, terms.closure)
    notes = certificate.check_supply(world, wedges.availability) + certificate.check_blocs(world, wedges)
    found = engine.find(
        world, wedges, elasticities, proportional=terms.closure == "proportional", tolerance=terms.tolerance
    )
    return certified(world, wedges, elasticities, terms, found, notes)


def closed(world: World, wedges: Wedges, elasticities: Elasticities, closure: str) -> tuple[World, Wedges]:
    """The world and wedges a closure works on: `balanced` takes the world re-solved without transfers.

    Raises ScenarioError where transfers are to change that this closure takes away.
    """
    check_closure(closure)
    if closure != "balanced":
        return world, wedges
    moved = np.abs(wedges.transfer - world.accounts.transfer).max() > 1e-9 * world.accounts.income.sum()
    if moved and wedges.transfer.any():  # all zero: balanced before
        raise ScenarioError(NO_DEFICIT)
    balanced = balanced_world(world, elasticities)
    bought = wedges.purchases
    if bought is not None:  # shares of GDP stay what they are; GDP over income is another without the transfer
        ratio = per_income(balanced) / per_income(world)
        bought = bought * ratio[:, None, None]
        check_demand(balanced, bought)
    return balanced, replace(wedges, transfer=np.zeros_like(wedges.transfer), purchases=bought)


def certified(
    world: World,
    wedges: Wedges,
    elasticities: Elasticities,
    terms: Terms,
    found: engine.Found,
    notes: tuple[str, ...],
) -> Outcome:
    """The outcome at a fixed point, once its certificate holds."""
    found, proof = proved(world, wedges, elasticities, terms, found)
    proof = replace(proof, notes=notes)
    outcome = Outcome(
        world=world,
        wedges=wedges,
        elasticities=elasticities,
        terms=terms,
        point=found.point,
        market=found.market,
        certificate=proof,
    )
    severe = certificate.severity(world, outcome.real_income_change)
    return replace(outcome, certificate=replace(proof, notes=notes + severe)) if severe else outcome


def proved(
    world: World, wedges: Wedges, elasticities: Elasticities, terms: Terms, found: engine.Found
) -> tuple[engine.Found, certificate.Certificate]:
    """A fixed point and its certificate; one that just misses it is polished once.

    Raises UnaffordableTransfer, and ConvergenceError where the certificate does not hold.
    """
    for attempt in range(2):
        certificate.check_incomes(world, found.market.income, found.market.transfer, terms.closure)
        proof = certificate.verify(
            world.accounts, wedges, elasticities, found.point, found.market, found.market.transfer
        )
        if proof.holds(terms.tolerance) or attempt:
            break
        polished = engine.find(
            world, wedges, elasticities, proportional=terms.closure == "proportional",
            tolerance=max(terms.tolerance / 30, 1e-13), start=found.point,
        )  # fmt: skip
        evaluations = polished.evaluations + found.evaluations
        found = polished._replace(evaluations=evaluations, method=f"{found.method}, polished")
    certificate.refuse(proof, terms.tolerance)
    return found, replace(proof, evaluations=found.evaluations, method=found.method)


def _measures(given: Measure | Sequence[Measure]) -> tuple[Measure, ...]:
    """One measure or several, as a tuple; ScenarioError for anything else."""
    measures = (given,) if isinstance(given, Measure) else given
    if isinstance(measures, list | tuple) and all(isinstance(item, Measure) for item in measures):
        return tuple(measures)
    raise ScenarioError(f"{given!r} is no measure, nor a list of them: give Tariff(…), Embargo(…) and the like")


def check_closure(closure: str) -> None:
    if closure not in CLOSURES:
        raise ScenarioError(
            f"unknown closure {closure!r}{did_you_mean(closure, CLOSURES)} (known: {', '.join(CLOSURES)})"
        )


def balanced_world(world: World, elasticities: Elasticities | None = None) -> World:
    """The world as it would be without trade deficits, at the long-run elasticities; solved once and kept.

    elasticities: those whose `long_run` is used; the default set's when left out.
    """
    accounts = world.accounts
    if np.abs(accounts.transfer).max() <= 1e-12 * accounts.income.sum():
        return world
    chosen = (elasticities or horizon_elasticities("long", world)).long_run()
    key = chosen.theta(len(world.sectors)).tobytes()
    kept = _balanced.setdefault(accounts, {})
    if key not in kept:
        start = unchanged(accounts)
        no_transfer = replace(start, transfer=np.zeros_like(start.transfer))
        outcome = solve_wedges(world, no_transfer, chosen, Terms(tolerance=1e-12))
        kept[key] = outcome.as_world(name=f"{world.name}, trade balanced")
    return kept[key]


def solve(
    world: World,
    measures: Sequence[Measure] = (),
    *,
    horizon: str = "long",
    closure: str | None = None,
    elasticities: Elasticities | None = None,
    residual_supply: float = 0.0,
    tolerance: float = TOLERANCE,
) -> Outcome:
    """What measures do to a world.

    closure: fixed, proportional or balanced transfers; None takes proportional when a measure is an embargo, else
    fixed. elasticities replaces those of the horizon. Raises ScenarioError, ConvergenceError and its kinds.
    """
    measures = _measures(measures)
    chosen = elasticities or horizon_elasticities(horizon, world)
    return solve_wedges(
        world,
        compose(world, measures, residual_supply=residual_supply, horizon=horizon),
        chosen,
        Terms(
            measures=measures,
            horizon=horizon,
            closure=closure or default_closure(measures),
            residual_supply=residual_supply,
            tolerance=tolerance,
        ),
    )


def default_closure(measures: Sequence[Measure]) -> str:
    """Proportional transfers where a border closes (a fixed one may be unaffordable), fixed otherwise."""
    return "proportional" if any(measure.closes for measure in measures) else "fixed"


def solve_many(
    world: World,
    scenarios: Sequence[Sequence[Measure]],
    *,
    horizon: str = "long",
    closure: str | None = None,
    elasticities: Elasticities | None = None,
    residual_supply: float = 0.0,
    tolerance: float = TOLERANCE,
    errors: str = "raise",
) -> list[Outcome | GaiatsuError]:
    """One outcome per scenario from one compiled batch over a shared kernel.

    errors: "raise" stops at the first scenario without an equilibrium; "return" puts the error in its place.
    """
    from gaiatsu.trade.batch import solve_batch

    if errors not in ("raise", "return"):
        raise ScenarioError(f"errors is {errors!r}; it must be 'raise' or 'return'")
    chosen = elasticities or horizon_elasticities(horizon, world)
    return solve_batch(
        world,
        [_measures(scenario) for scenario in scenarios],
        chosen,
        Terms(horizon=horizon, closure=closure or "", residual_supply=residual_supply, tolerance=tolerance),
        keep_errors=errors == "return",
    )


def solve_arrays(
    world: World,
    *,
    duty: ArrayLike | None = None,
    export_duty: ArrayLike | None = None,
    iceberg: ArrayLike | None = None,
    availability: ArrayLike | None = None,
    productivity: ArrayLike | None = None,
    transfer: ArrayLike | None = None,
    purchases: ArrayLike | None = None,
    elasticities: Elasticities | None = None,
    closure: str = "fixed",
    tolerance: float = TOLERANCE,
) -> Outcome:
    """The array level: new levels of duties, ratios of icebergs and productivity, availabilities, transfers, purchases.

    duty, export_duty (> -1), iceberg (> 0), availability (0 to 1): [importer, exporter, sector]; productivity (> 0):
    [region, sector]; transfer: [region], summing to zero; purchases: [buyer, seller, sector] shares of the buyer's
    final expenditure. What is left out stays at the baseline. Raises DataError for wrong shapes and values.
    """
    base = unchanged(world.accounts)
    wedges = Wedges(
        duty=_checked("duty", duty, base.duty, -1.0, np.inf),
        export_duty=_checked("export_duty", export_duty, base.export_duty, -1.0, np.inf),
        iceberg=_checked("iceberg", iceberg, base.iceberg, 0.0, np.inf),
        availability=_checked("availability", availability, base.availability, -1e-300, 1.0),
        productivity=_checked("productivity", productivity, base.productivity, 0.0, np.inf),
        transfer=_checked("transfer", transfer, base.transfer, -np.inf, np.inf),
        purchases=None if purchases is None else _checked("purchases", purchases, np.zeros_like(base.duty), -1.0, 1.0),
    )
    if wedges.purchases is not None:
        check_demand(world, wedges.purchases)
    if abs(wedges.transfer.sum()) > 1e-9 * world.accounts.income.sum():
        raise DataError(f"transfer sums to {wedges.transfer.sum():g} US$ million; transfers must sum to zero")
    chosen = elasticities or horizon_elasticities("long", world)
    return solve_wedges(world, wedges, chosen, Terms(closure=closure, tolerance=tolerance))


def _checked(
    name: str, value: ArrayLike | None, base: NDArray[np.float64], above: float, most: float
) -> NDArray[np.float64]:
    if value is None:
        return base
    table = np.asarray(value, dtype=float)
    if table.shape != base.shape:
        raise DataError(f"{name} has shape {table.shape}; this world needs {base.shape}")
    wrong = ~(np.isfinite(table) & (table > above) & (table <= most))
    if wrong.any():
        where = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise DataError(
            f"{name}{list(where)} is {table[where]!r}; it must be finite, above {above:g}, at most {most:g}"
        )
    if base.ndim == 3 and name in ("duty", "export_duty") and np.einsum("nnk->nk", table).any():
        raise DataError(f"{name} on home trade must be zero")
    return table
