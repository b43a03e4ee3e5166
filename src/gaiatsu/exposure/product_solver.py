"""The equations of `product_market` and their solution by Newton's method, for many draws of parameters at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import root

from gaiatsu.errors import ConvergenceError, DataError, NoSupplier, ScenarioError

if TYPE_CHECKING:
    from gaiatsu.exposure.product_market import ProductMarket

Array = NDArray[np.float64]

TOLERANCE = 1e-10  # of the clearing conditions, in logs
SLACK = 1e-9  # a limit this near, relatively, is met
SHUT = 1e-12  # availability and limits at or below this are none
STEPS = 200  # of the damped Newton method


def shaped(name: str, given: ArrayLike, shape: tuple[int, ...]) -> Array:
    """An array of this shape, from one number for all or one for each; DataError for any other."""
    try:
        array = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"{name} must be numbers; {given!r} is none") from None
    if array.shape not in ((), shape):
        raise DataError(f"{name} has shape {array.shape}; it must be one number or have shape {shape} here")
    return np.broadcast_to(array, shape).copy()


def numbers(name: str, given: ArrayLike, shape: tuple[int, ...], *, least: float, endless: bool = False) -> Array:
    """The same, of finite numbers (endless: inf too) that are not below `least`; DataError for any other."""
    array = shaped(name, given, shape)
    if np.isnan(array).any() or (array < least).any() or (not endless and np.isinf(array).any()):
        raise DataError(
            f"{name} must be {'' if endless else 'finite '}numbers of {least:g} or more; they range from "
            f"{array.min():g} to {array.max():g}"
        )
    return array


@dataclass(frozen=True, eq=False)
class Case:
    """Measures on one market, by draw, all in logs: unknowns are prices of exporters, then premia of `cells`.

    A price that is fixed (infinite supply, nobody to sell to) and the premium of a cell that is not bound have the
    equation that they are 0, so that all draws have the same unknowns.
    """

    flows: Array  # [importer, exporter]
    names: tuple[str, ...]
    spending: Array  # [importer] log of expenditure, duty included
    weight: Array  # [draw, importer, exporter] log a π κ̂^(−θ), −inf where nothing can be bought
    duty: Array  # [draw, importer, exporter] log 1 + τ′
    ceiling: Array  # [draw, importer, exporter] the most that may be shipped; inf: no limit, or nothing can be bought
    supply: Array  # [draw, exporter]
    demand: Array  # [draw, importer]
    trade: Array  # [draw]
    sells: NDArray[np.bool_]  # [draw, exporter]

    @classmethod
    def of(
        cls, market: ProductMarket, trade: ArrayLike, supply: ArrayLike, demand: ArrayLike, duty: ArrayLike | None,
        iceberg: ArrayLike, availability: ArrayLike, limit: ArrayLike,
    ) -> Case:  # fmt: skip
        before = market.duty
        assert before is not None
        theta = shaped("trade", trade, np.shape(trade) if np.ndim(trade) == 1 else (1,))
        shape = (len(theta), *market.flows.shape)
        eta, epsilon = shaped("supply", supply, (shape[0], shape[2])), shaped("demand", demand, shape[:2])
        if not ((theta > 0) & np.isfinite(theta)).all():
            raise ScenarioError(f"the trade elasticity is {theta.min():g}; it must be positive and finite")
        if not (eta >= 0).all():
            raise ScenarioError("supply elasticities must be 0 or more (inf is a fixed price)")
        if not ((epsilon > 0) & (epsilon < theta[:, None] + 1)).all():
            raise ScenarioError(f"demand elasticities must be above 0 and below θ + 1 = {theta.min() + 1:g}")
        after = np.broadcast_to(before, shape) if duty is None else numbers("duty", duty, shape, least=-0.999)
        cost = np.log1p(after) - np.log1p(before) + np.log(numbers("iceberg", iceberg, shape, least=1e-12))
        kernel = numbers("availability", availability, shape, least=0.0)
        cap = numbers("limit", limit, shape, least=0.0, endless=True)
        shares = market.flows * (1 + before)
        spending = shares.sum(axis=1)
        is_open = (market.flows > 0) & (kernel > SHUT) & (cap > SHUT)
        for n, name in enumerate(market.importers):
            if not is_open[:, n].any(axis=1).all():
                raise NoSupplier(f"{name} has no supplier of the product left; leave some of it open")
        with np.errstate(divide="ignore"):
            weight = np.where(is_open, np.log(kernel * shares / spending[:, None]), -np.inf)
        ceiling = np.where(is_open & np.isfinite(cap), np.where(np.isfinite(cap), cap, 1.0) * market.flows, np.inf)
        return cls(
            market.flows, market.exporters, np.log(spending), weight - theta[:, None, None] * cost, np.log1p(after),
            ceiling, eta, epsilon, theta, np.asarray(is_open.any(axis=1)),
        )  # fmt: skip

    def only(self, draws: NDArray[np.intp]) -> Case:
        """Some of the draws."""
        part = {name: getattr(self, name)[draws] for name in BY_DRAW}
        return replace(self, **part)

    @property
    def moving(self) -> NDArray[np.bool_]:
        """[draw, exporter]"""
        return self.sells & np.isfinite(self.supply)

    def shares(self, price: Array, premium: Array) -> tuple[Array, Array]:
        """Log landed prices [draw, importer] and expenditure shares [draw, importer, exporter]."""
        theta = self.trade[:, None, None]
        kernel = self.weight - theta * (price[:, None, :] + premium)
        top = kernel.max(axis=2, keepdims=True)
        scaled = np.exp(kernel - top)
        total = scaled.sum(axis=2, keepdims=True)
        return -((np.log(total) + top) / theta)[:, :, 0], scaled / total

    def shipped(self, price: Array, premium: Array) -> tuple[Array, Array, Array]:
        """Log landed prices, expenditure shares and quantities."""
        landed, share = self.shares(price, premium)
        spent = self.spending + (1 - self.demand) * landed
        with np.errstate(over="ignore"):  # too much to be a number is refused where it is used
            return landed, share, share * np.exp(spent[:, :, None] - self.duty - premium - price[:, None, :])

    def rebound(
        self, price: Array, premium: Array, bound: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The cells that bind next, and the draws in which they are those that bound."""
        quantity = self.shipped(price, premium)[2]
        drop, add = bound & (premium < -SLACK), ~bound & (quantity > self.ceiling * (1 + SLACK))
        drops, adds = np.asarray(drop.any(axis=(1, 2))), np.asarray(add.any(axis=(1, 2)))
        # the worst offender first: changing all at once can go round in circles
        least = np.where(drop, premium, np.inf)
        most = np.divide(quantity, self.ceiling, where=add, out=np.zeros(add.shape))
        fewer = bound & ~(drop & (least == least.min(axis=(1, 2), keepdims=True)))
        more = bound | (add & (most == most.max(axis=(1, 2), keepdims=True)))
        return np.where(drops[:, None, None], fewer, np.where(adds[:, None, None], more, bound)), ~(drops | adds)

    def residuals(self, unknowns: Array, bound: NDArray[np.bool_], cells: NDArray[np.intp]) -> tuple[Array, Array]:
        """Excess of demand, in logs, by exporter and cell, [draw, unknown], and its Jacobian."""
        price, premium = self.unpack(unknowns, cells)
        _, share, quantity = self.shipped(price, premium)
        moving, (rows, columns) = self.moving, cells.T
        held, count = bound[:, rows, columns], len(self.names)
        sold = np.where(moving, quantity.sum(axis=1), 1.0)
        supplied = np.where(moving, self.supply, 1.0) * price
        shipped, ceiling = quantity[:, rows, columns], np.where(held, self.ceiling[:, rows, columns], 1.0)
        excess = np.concatenate(
            [
                np.where(moving, np.log(sold) - np.log(self.flows.sum(axis=0)) - supplied, price),
                np.where(held, np.log(np.where(held, shipped, 1.0)) - np.log(ceiling), unknowns[:, count:]),
            ],
            axis=1,
        )
        # d log q[n,i] / d log cost[n,j] = (θ + 1 − ε) share[n,j] − (θ + 1) (i = j)
        own = self.trade + 1
        pull = (own[:, None] - self.demand)[:, :, None] * share
        part = quantity / sold[:, None, :]  # of an exporter's sales, which importer takes
        here, same = rows[:, None] == rows[None, :], columns[:, None] == columns[None, :]
        seller = columns[None, :] == np.arange(count)[:, None]
        jacobian = np.empty((*excess.shape, excess.shape[1]))
        jacobian[:, :count, :count] = part.swapaxes(1, 2) @ pull
        jacobian[:, range(count), range(count)] -= own[:, None] + np.where(moving, self.supply, 0.0)
        from_cell = pull[:, rows, columns][:, None, :] - own[:, None, None] * seller
        jacobian[:, :count, count:] = part[:, rows].swapaxes(1, 2) * from_cell
        jacobian[:, count:, :count] = pull[:, rows] - own[:, None, None] * seller.T
        between = pull[:, rows, columns][:, None, :] - own[:, None, None] * same
        jacobian[:, count:, count:] = np.where(here, between, 0.0)
        free = np.concatenate([~moving, ~held], axis=1)
        return excess, np.where(free[:, :, None], np.eye(excess.shape[1]), jacobian)

    def unpack(self, unknowns: Array, cells: NDArray[np.intp]) -> tuple[Array, Array]:
        """Log prices [draw, exporter] and log premia [draw, importer, exporter]."""
        count = len(self.names)
        premium = np.zeros(self.weight.shape)
        premium[:, cells[:, 0], cells[:, 1]] = unknowns[:, count:]
        return unknowns[:, :count], premium

    def solve(self, bound: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
        """Log prices, log premia and the largest excess demand left, by draw."""
        cells = np.argwhere(bound.any(axis=0))
        best, worst = _newton(self, bound, cells)
        for k in np.flatnonzero(~(worst <= TOLERANCE)):
            one, held = self.only(np.array([k])), bound[[k]]

            def equations(point: Array, one: Case = one, held: NDArray[np.bool_] = held) -> tuple[Array, Array]:
                excess, jacobian = one.residuals(point[None], held, cells)
                return excess[0], jacobian[0]

            found: Any = root(equations, best[k], jac=True, method="lm", options={"xtol": 1e-15})
            candidate = float(np.abs(equations(found.x)[0]).max())
            if candidate < worst[k]:
                best[k], worst[k] = found.x, candidate
            if not worst[k] <= TOLERANCE:
                at = int(np.abs(equations(best[k])[0]).argmax())
                name = self.names[at if at < len(self.names) else cells[at - len(self.names), 1]]
                raise ConvergenceError(
                    f"the market of what {name} sells does not clear: log excess demand {worst[k]:.1e}. Less extreme "
                    "elasticities or a smaller cut may help"
                )
        return *self.unpack(best, cells), worst


BY_DRAW = ("weight", "duty", "ceiling", "supply", "demand", "trade", "sells")


def _newton(case: Case, bound: NDArray[np.bool_], cells: NDArray[np.intp]) -> tuple[Array, Array]:
    """Newton's method with halved steps, draw by draw; where no step helps, what was reached."""
    point = np.zeros((len(case.trade), len(case.names) + len(cells)))
    excess, jacobian = case.residuals(point, bound, cells)
    worst = np.abs(excess).max(axis=1)
    left = np.flatnonzero(worst > TOLERANCE / 100)
    for _ in range(STEPS):
        if not len(left):
            break
        step = _steps(jacobian[left], excess[left])
        length = np.minimum(1.0, 20.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))
        trying = np.isfinite(length)
        helped = np.zeros(len(left), dtype=bool)
        for _ in range(40):
            at = np.flatnonzero(trying)
            if not len(at):
                break
            draws = left[at]
            tried = point[draws] + length[at, None] * step[at]
            found, slope = case.only(draws).residuals(tried, bound[draws], cells)
            size = np.abs(found).max(axis=1)
            better = size < worst[draws]
            kept = draws[better]
            point[kept], excess[kept], jacobian[kept], worst[kept] = (
                one[better] for one in (tried, found, slope, size)
            )
            helped[at[better]], trying[at[better]] = True, False
            length /= 2
        left = left[helped]
        left = left[worst[left] > TOLERANCE / 100]
    return point, worst


def _steps(jacobian: Array, excess: Array) -> Array:
    """Newton steps by draw, nan where there is none."""
    try:
        return np.asarray(np.linalg.solve(jacobian, -excess[:, :, None])[:, :, 0], dtype=float)
    except np.linalg.LinAlgError:
        if len(excess) == 1:
            return np.full(excess.shape, np.nan)
        return np.concatenate([_steps(jacobian[[k]], excess[[k]]) for k in range(len(excess))])
