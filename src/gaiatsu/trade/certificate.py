"""What every outcome must show before it is returned, recomputed independently of the engine in plain numpy.

The engine never forms trade or input shares; here they are formed, from levels and textbook formulas, so that a slip in
one is not repeated in the other. Also the checks before a solve: suppliers, blocs, transfers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, DisconnectedWorld, NoSupplier, UnaffordableTransfer
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.wedges import Wedges
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.trade.equilibrium import Market
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

LARGEST_EXCESS = 1e-10
NO_SUPPLY = 0.999
EXTRAPOLATION = 0.95
SMALL_CELL = 1e-12
LARGE_LOSS = 0.25
SMALLEST_DEBT = 1e-6  # of baseline income


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """How well an outcome solves the model.

    residual: largest |T(z) - z| in logs over cells above 1e-12 of world output
    excess_demand: largest excess demand of goods and factors over world factor income
    walras: what Walras' law leaves, over world factor income
    smallest_income: smallest final expenditure of a region, US$ million of the numeraire
    evaluations, method: how the solution was found; notes: what a reader must know (extrapolation, blocs)
    """

    residual: float
    excess_demand: float
    walras: float
    smallest_income: float
    evaluations: int = 0
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def iterations(self) -> int:
        """Evaluations of the model's equations."""
        return self.evaluations

    def holds(self, tolerance: float) -> bool:
        """Whether all four parts hold."""
        small = max(self.excess_demand, self.walras) <= LARGEST_EXCESS
        return bool(self.residual <= tolerance and small and self.smallest_income > 0)


def ces(price: Array, share: Array, elasticity: float, axis: int) -> Array:
    """CES price index along an axis, shares summing to one; elasticity 1 is the geometric mean."""
    exponent = 1 - elasticity
    with np.errstate(divide="ignore"):
        log_price = np.log(price)
    if exponent == 0:
        return np.exp((share * log_price).sum(axis))
    return np.exp(np.log1p((share * np.expm1(exponent * log_price)).sum(axis)) / exponent)


def _materials(accounts: Accounts, price: Array, elasticities: Elasticities) -> tuple[Array, Array]:
    """[region, user] bundle price and [region, input, user] shares after the change."""
    sigma = np.broadcast_to(np.asarray(elasticities.materials, dtype=float), price.shape[1:])
    bundle = np.empty_like(price)
    for value in np.unique(sigma):
        users = sigma == value
        bundle[:, users] = ces(price[:, :, None], accounts.input_mix[:, :, users], float(value), 1)
    share = accounts.input_mix * (price[:, :, None] / bundle[:, None, :]) ** (1 - sigma)
    return bundle, share


def verify(
    accounts: Accounts, wedges: Wedges, elasticities: Elasticities, point: Array, market: Market, transfer: Array
) -> Certificate:
    """The certificate of point = (log cost, log spending change) and the factor prices of `market`."""
    regions, sectors = accounts.output.shape
    log_cost, log_spending = point.reshape(2, regions, sectors)
    cost, spending = np.exp(log_cost), accounts.expenditure * np.exp(log_spending)
    factor, index = np.exp(market.log_factor), np.exp(market.log_factor_index)
    theta = elasticities.theta(sectors)
    kappa = (1 + wedges.duty) / (1 + accounts.duty) * (1 + wedges.export_duty) / (1 + accounts.export_duty)
    offer = wedges.availability * accounts.origin_share * (kappa * wedges.iceberg * cost[None]) ** -theta
    total = offer.sum(1)
    price = np.where(total > 0, total, 1.0) ** (-1 / theta)
    share = offer / np.where(total > 0, total, 1.0)[:, None]
    bought = share * spending[:, None]
    at_border = bought / (1 + wedges.duty)
    sold = at_border / (1 + wedges.export_duty)
    output = sold.sum(0)
    bundle, mix = _materials(accounts, price, elasticities)
    sigma = np.broadcast_to(np.asarray(elasticities.value_added, dtype=float), (sectors,))
    implied = _unit_cost(accounts, factor, bundle, sigma) / wedges.productivity
    gamma = accounts.va_share * (factor / (implied * wedges.productivity)) ** (1 - sigma)
    inputs = (mix * ((1 - gamma) * output)[:, None, :]).sum(2)
    income = (
        index * accounts.value_added.sum(1)
        + (bought - at_border).sum((1, 2))
        + (at_border - sold).sum((0, 2))
        + transfer
    )
    consumer = ces(price, accounts.final_share, float(elasticities.consumption), 1)
    final = accounts.final_share * (price / consumer[:, None]) ** (1 - float(elasticities.consumption))
    private = final * income[:, None]
    demand = inputs + (private if wedges.purchases is None else _with_purchases(wedges.purchases, private, income))
    excess_goods = np.abs(demand - spending).max()
    excess_factors = np.abs(_factor_excess(accounts, gamma * output, factor, index, elasticities)).max()
    world_income = accounts.value_added.sum()
    floor = SMALL_CELL * accounts.output.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        cost_gap = np.abs(np.log(implied) - log_cost)[accounts.output > floor]
        demand_gap = np.abs(np.log(np.maximum(demand, 0) / spending))[accounts.expenditure > floor]
    return Certificate(
        residual=float(max(cost_gap.max(initial=0), demand_gap.max(initial=0))),
        excess_demand=float(max(excess_goods, excess_factors) / world_income),
        walras=float(abs(spending.sum() - ((1 - gamma) * output).sum() - income.sum()) / world_income),
        smallest_income=float(income.min()),
    )


def _with_purchases(purchases: Array, private: Array, income: Array) -> Array:
    """[region, sector] final demand in each market once public purchases are taken from what is left for the rest."""
    money = purchases * income[:, None, None]
    return private * (1 - purchases.sum((1, 2)))[:, None] + money.sum(0)


def _unit_cost(accounts: Accounts, factor: Array, bundle: Array, sigma: Array) -> Array:
    """[region, sector] CES of factor and materials, before productivity."""
    prices = np.stack([factor, bundle])
    shares = np.stack([accounts.va_share, 1 - accounts.va_share])
    cost = np.empty_like(factor)
    for value in np.unique(sigma):
        users = sigma == value
        cost[:, users] = ces(prices[:, :, users], shares[:, :, users], float(value), 0)
    return cost


def _factor_excess(accounts: Accounts, paid: Array, factor: Array, index: Array, elasticities: Elasticities) -> Array:
    """Demand less supply of the factor, in value: by sector, or by region where one wage rules."""
    value_added = accounts.value_added
    if np.isinf(elasticities.mobility):
        return paid.sum(1) - index * value_added.sum(1)
    supplied = value_added * factor * (factor / index[:, None]) ** float(elasticities.mobility)
    # A sector that sells nothing has left the system: its factor is out of use where it cannot move.
    return np.where(paid > 0, paid - supplied, 0.0)


def describe_failure(world: World, change: Array, worst: float, tolerance: float) -> str:
    """A sentence for an unconverged solve: how far off, which market, what to try."""
    shape = (2, *world.accounts.output.shape)
    kind, region, sector = np.unravel_index(int(np.argmax(np.nan_to_num(np.abs(change), nan=np.inf))), shape)
    what = "unit cost" if kind == 0 else "spending"
    return (
        f"no equilibrium within {tolerance:g}: the largest residual is {worst:.2g} in the {what} of "
        f"{world.sectors[sector]} in {world.regions[region]}; try a milder "
        "measure, a longer horizon, or `residual_supply` where a border is shut"
    )


def blocs(accounts: Accounts, availability: Array) -> NDArray[np.int64]:
    """[region] number of the bloc each region belongs to: blocs do not trade with one another, even indirectly."""
    linked = np.any((accounts.flows > 0) & (availability > 0), axis=2).astype(float)
    reached = np.maximum(np.maximum(linked, linked.T), np.identity(accounts.flows.shape[0]))
    wider = (reached @ reached > 0).astype(float)
    while (wider != reached).any():
        reached, wider = wider, (wider @ wider > 0).astype(float)
    _, number = np.unique(wider.argmax(axis=1), return_inverse=True)
    return number.astype(np.int64)


def check_supply(world: World, availability: Array) -> tuple[str, ...]:
    """Notes on goods of which more than 95 % of supply is cut; NoSupplier above 99.9 %."""
    if (availability == 1).all():
        return ()
    accounts = world.accounts
    removed = (accounts.origin_share * (1 - availability)).sum(1)
    removed = np.where(accounts.expenditure > SMALL_CELL * accounts.output.sum(), removed, 0.0)

    def name(region: int, sector: int) -> str:
        return f"{removed[region, sector]:.2%} of {world.regions[region]}'s {world.sectors[sector]}"

    if (removed > NO_SUPPLY).any():
        cells = [name(*cell) for cell in np.argwhere(removed > NO_SUPPLY)[:5]]
        raise NoSupplier(
            f"the measures cut off {', '.join(cells)}: with no other supplier the loss has no bound in this model; set "
            "`residual_supply` (for example 0.02 for 2 % leakage), or spare these sectors",
            regions=tuple(int(region) for region in np.flatnonzero((removed > NO_SUPPLY).any(1))),
        )
    extreme = [name(*cell) for cell in np.argwhere(removed > EXTRAPOLATION)[:5]]
    return (f"extrapolation: the measures cut off {', '.join(extreme)}",) if extreme else ()


def check_blocs(world: World, wedges: Wedges) -> tuple[str, ...]:
    """A note when the world falls apart; DisconnectedWorld when a bloc's transfers do not sum to zero."""
    member = blocs(world.accounts, wedges.availability)
    if member.max() == 0:
        return ()
    _check_purchases(world, wedges, member)
    for bloc in np.argsort(np.bincount(member)):  # the smallest is the one cut off
        inside = member == bloc
        owed = wedges.transfer[inside].sum()
        if abs(owed) > 1e-9 * world.accounts.income[inside].sum():
            names = [world.regions[index] for index in np.flatnonzero(inside)]
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            raise DisconnectedWorld(
                f"{shown} no longer trade with the rest of the world but have a net transfer of US$ {owed:,.0f} "
                "million with it, which cannot be paid; use closure 'balanced', or leave some trade open"
            )
    return ("the world falls into blocs that do not trade: only real incomes can be compared between them",)


def _check_purchases(world: World, wedges: Wedges, member: NDArray[np.int64]) -> None:
    """DisconnectedWorld when a government buys in the market of a bloc with which its own does not trade."""
    if wedges.purchases is None:
        return
    across = wedges.purchases.any(axis=2) & (member[:, None] != member[None, :])
    if across.any():
        buyer, seller = (world.regions[index] for index in np.argwhere(across)[0])
        raise DisconnectedWorld(
            f"the government of {buyer} buys in {seller}, but the two no longer trade, even through others: leave "
            "some trade open, or name other `sellers`"
        )


def check_incomes(world: World, income: Array, transfer: Array, closure: str) -> None:
    """UnaffordableTransfer when a region that pays others is left with nothing: such a fixed point is no equilibrium.

    An income lost by an iteration that ran away is not this: the region owes nothing to speak of.
    """
    owes = transfer < -SMALLEST_DEBT * world.accounts.income
    if not (owes & (income <= 0)).any():
        return
    region = int(np.argmin(np.where(owes, income, np.inf)))
    raise UnaffordableTransfer(
        f"{world.regions[region]} would spend US$ {income[region]:,.0f} million: with closure {closure!r} its transfer "
        f"to others of US$ {-transfer[region]:,.0f} million is more than it earns; use closure "
        + ("'balanced'" if closure == "proportional" else "'proportional' or 'balanced'")
    )


def severity(world: World, change: Array) -> tuple[str, ...]:
    """A note where real income falls so far that the elasticities, measured on small changes, say little."""
    fallen = np.flatnonzero(change < -LARGE_LOSS)
    if not len(fallen):
        return ()
    worst = fallen[np.argsort(change[fallen])][:5]
    losses = ", ".join(f"{world.regions[region]} {change[region]:.0%}" for region in worst)
    return (f"extrapolation: real income falls by more than elasticities were measured on ({losses})",)


def refuse(certificate: Certificate, tolerance: float) -> None:
    """ConvergenceError for a point that does not pass: it says which part fails."""
    if certificate.holds(tolerance):
        return
    raise ConvergenceError(
        f"the solution found does not pass its certificate: residual {certificate.residual:.2g} (limit {tolerance:g}), "
        f"excess demand {certificate.excess_demand:.2g} and Walras' law {certificate.walras:.2g} (limit "
        f"{LARGEST_EXCESS:g}), smallest income {certificate.smallest_income:.3g}"
    )
