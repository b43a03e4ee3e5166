"""One product's world market in exact changes: who loses which sale, where it goes, and what prices do.

Partial equilibrium for products too small to see in a sector of the tables. Importers n buy from origins i with
constant elasticity (θ = σ − 1) and buy ε per cent less of the product when its price rises by one per cent; exporters
sell η per cent more when theirs does (short runs are low η: capacity binds). A hat is new over old:

    K[n,i] = a π (κ̂ p̂[i] r[n,i])^(−θ),  κ̂ = (1+τ′)/(1+τ) · d̂,  P̂[n] = (Σ_i K)^(−1/θ)      origins, as in the engine
    X′[n] = X P̂^(1−ε),  V′[n,i] = X′ (K/Σ K) / ((1+τ′) r)                                   demand
    Σ_n V′[n,i] = V[i] p̂[i]^(1+η[i])                                                        clearing, one per exporter

r ≥ 1 is the scarcity premium of a cell whose quantity is limited (licences, quotas): it is what makes q ≤ limit · q₀
hold with complementary slackness, the virtual price of rationing (Neary & Roberts 1980). The premium stays on the
importers' side of the border. Demand is the origin nest of the engine (docs/model.md), here for one product and with
prices of exporters that clear its market alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import root

from gaiatsu.errors import ConvergenceError, DataError, NoSupplier, ScenarioError

Array = NDArray[np.float64]

TOLERANCE = 1e-10  # of the clearing conditions, in logs
SLACK = 1e-9  # a limit this near, relatively, is met
SHUT = 1e-12  # availability and limits at or below this are none
ROUNDS = 60  # of the search for the limits that bind
STEPS = 200  # of the damped Newton method


@dataclass(frozen=True, eq=False)
class ProductMarket:
    """A product's trade before anything happens.

    importers, exporters: names; flows: [importer, exporter] sales before the importer's duty, any one currency (home
    sales are the cells whose two names are the same, left out where they are not known); duty: [importer, exporter] ad
    valorem, none by default. Raises DataError for shapes, negative numbers, buyers without supplier, sellers without
    sales.
    """

    importers: tuple[str, ...]
    exporters: tuple[str, ...]
    flows: Array
    duty: Array | None = None

    def __post_init__(self) -> None:
        shape = (len(self.importers), len(self.exporters))
        object.__setattr__(self, "flows", _cells("flows", self.flows, shape, least=0.0))
        duty = 0.0 if self.duty is None else self.duty
        object.__setattr__(self, "duty", _cells("duty", duty, shape, least=-0.999))
        for names, axis in ((self.importers, 1), (self.exporters, 0)):
            empty = [name for name, total in zip(names, self.flows.sum(axis=axis), strict=True) if total <= 0]
            if empty:
                raise DataError(f"{empty[0]!r} neither buys nor sells the product; leave it out of the market")
            if len(set(names)) < len(names):
                raise DataError(f"a name stands twice among {', '.join(names)}; add its flows up")

    @property
    def abroad(self) -> NDArray[np.bool_]:
        """[importer, exporter] true where the product crosses a border."""
        return np.array([[n != i for i in self.exporters] for n in self.importers])


@dataclass(frozen=True, eq=False)
class ProductOutcome:
    """A product's market after a measure; the unit of quantity is what one unit of money bought before it.

    price: [exporter] new over old price at the exporter's border (0: no buyer is left)
    landed: [importer] new over old price of the product to buyers, duty and scarcity included
    quantity: [importer, exporter] shipped; premium: [importer, exporter] r ≥ 1 of limited cells
    """

    market: ProductMarket
    price: Array
    landed: Array
    quantity: Array
    premium: Array
    residual: float

    @property
    def value(self) -> Array:
        """[importer, exporter] new sales at the exporter's border, in the currency of the flows."""
        return self.quantity * self.price

    def change(self, importer: str, exporter: str, *, value: bool = False) -> float:
        """New over old trade of a pair."""
        n, i = self._at(importer, exporter)
        before = self.market.flows[n, i]
        if before <= 0:
            raise DataError(f"{exporter} sold nothing to {importer}; there is no relative change")
        return float((self.value if value else self.quantity)[n, i] / before)

    def exports(self, exporter: str, *, value: bool = False, without: Sequence[str] = ()) -> float:
        """New over old sales abroad of an exporter, optionally without some importers."""
        i = self._find(exporter, self.market.exporters)
        rows = self.market.abroad[:, i] & ~np.isin(self.market.importers, list(without))
        before = float(self.market.flows[rows, i].sum())
        if before <= 0:
            raise DataError(f"{exporter} sold nothing to those importers; there is no relative change")
        return float((self.value if value else self.quantity)[rows, i].sum() / before)

    def supplier_share(self, importer: str, exporter: str) -> tuple[float, float]:
        """An exporter's share in an importer's purchases before duty: old, new."""
        n, i = self._at(importer, exporter)
        return tuple(float(flows[n, i] / flows[n].sum()) for flows in (self.market.flows, self.value))  # type: ignore[return-value]

    def lost_and_diverted(self, importer: str, exporter: str) -> dict[str, float]:
        """Where the exporter's trade with an importer went, as shares of that trade before; they add up.

        lost: no longer sold to the importer; diverted: sold to others abroad; home: sold at home; unsold: not produced
        """
        n, i = self._at(importer, exporter)
        gained = (self.quantity - self.market.flows)[:, i] / self.market.flows[n, i]
        abroad = self.market.abroad[:, i].copy()
        abroad[n] = False
        home = ~self.market.abroad[:, i]
        lost, diverted, kept = -float(gained[n]), float(gained[abroad].sum()), float(gained[home].sum())
        return {"lost": lost, "diverted": diverted, "home": kept, "unsold": lost - diverted - kept}

    def _at(self, importer: str, exporter: str) -> tuple[int, int]:
        return self._find(importer, self.market.importers), self._find(exporter, self.market.exporters)

    @staticmethod
    def _find(name: str, names: tuple[str, ...]) -> int:
        if name not in names:
            raise ScenarioError(f"{name!r} is not in this market; it has {', '.join(names)}")
        return names.index(name)


def _cells(name: str, given: ArrayLike, shape: tuple[int, int], *, least: float) -> Array:
    array = np.asarray(given, dtype=float)
    if array.shape not in ((), shape):
        raise DataError(f"{name} has shape {array.shape}; this market is {shape[0]} importers × {shape[1]} exporters")
    array = np.broadcast_to(array, shape).copy()
    if np.isnan(array).any() or (array < least).any():
        raise DataError(f"{name} must be numbers of {least:g} or more; they range from {array.min():g}")
    return array


def solve_product(
    market: ProductMarket,
    *,
    trade: float,
    supply: ArrayLike,
    demand: ArrayLike,
    duty: ArrayLike | None = None,
    iceberg: ArrayLike = 1.0,
    availability: ArrayLike = 1.0,
    limit: ArrayLike = np.inf,
) -> ProductOutcome:
    """The market after a measure.

    trade: θ > 0; supply: η ≥ 0 by exporter or one for all, inf for a fixed price; demand: ε > 0 by importer or one for
    all, below θ + 1 (else origins would be complements). duty: new ad valorem levels (default: as before); iceberg: d̂ >
    0; availability: a ≥ 0, a factor on the kernel; limit: the most that may be shipped, in quantities of before. All
    four [importer, exporter] or one number; a limit or availability of 0 (1e-12 or less) shuts the cell.

    Raises ScenarioError for parameters out of bounds, NoSupplier where a buyer has no origin left, ConvergenceError
    naming the exporter whose market did not clear to 1e-10.
    """
    case = _Case.of(market, trade, supply, demand, duty, iceberg, availability, limit)
    bound = case.ceiling < market.flows
    for _ in range(ROUNDS):
        unknowns, residual = case.solve(bound)
        price, premium = case.unpack(unknowns, bound)
        landed, quantity = case.quantities(price, premium)
        drop = bound & (premium < -SLACK)
        add = ~bound & (quantity > case.ceiling * (1 + SLACK))
        if not (drop | add).any():
            shown = np.where(case.sells, np.exp(price), np.where(np.isinf(case.supply), 1.0, 0.0))
            return ProductOutcome(market, shown, np.exp(landed), quantity, np.exp(premium), residual)
        # the worst offender first: changing all at once can go round in circles
        if drop.any():
            bound = bound & ~(premium == np.where(drop, premium, np.inf).min())
        else:
            excess = np.where(add, quantity / case.ceiling, 0.0)
            bound = bound | (excess == excess.max())
    raise ConvergenceError(
        f"which limits bind was not found in {ROUNDS} rounds; check the limits of {market.importers}"
    )


@dataclass(frozen=True, eq=False)
class _Case:
    """One measure on one market, all in logs: unknowns are prices of `moving` exporters, then premia of bound cells."""

    flows: Array
    weight: Array  # log a π κ̂^(−θ), −inf where nothing can be bought
    spending: Array  # log of expenditure, duty included
    duty: Array  # log 1 + τ′
    ceiling: Array  # the most that may be shipped, inf where nothing limits it or nothing can be bought
    supply: Array
    demand: Array
    trade: float
    names: tuple[str, ...]
    sells: NDArray[np.bool_]

    @classmethod
    def of(
        cls, market: ProductMarket, trade: float, supply: ArrayLike, demand: ArrayLike, duty: ArrayLike | None,
        iceberg: ArrayLike, availability: ArrayLike, limit: ArrayLike,
    ) -> _Case:  # fmt: skip
        shape, before = market.flows.shape, market.duty
        assert before is not None
        eta = np.broadcast_to(np.asarray(supply, dtype=float), shape[1:])
        epsilon = np.broadcast_to(np.asarray(demand, dtype=float), shape[:1])
        if not (np.isfinite(trade) and trade > 0):
            raise ScenarioError(f"the trade elasticity is {trade}; it must be positive and finite")
        if np.isnan(eta).any() or (eta < 0).any():
            raise ScenarioError("supply elasticities must be 0 or more (inf is a fixed price)")
        if not ((epsilon > 0) & (epsilon < trade + 1)).all():
            raise ScenarioError(f"demand elasticities must be above 0 and below θ + 1 = {trade + 1:g}")
        after = before if duty is None else _cells("duty", duty, shape, least=-0.999)
        cost = np.log1p(after) - np.log1p(before) + np.log(_cells("iceberg", iceberg, shape, least=1e-12))
        kernel, cap = _cells("availability", availability, shape, least=0.0), _cells("limit", limit, shape, least=0.0)
        shares = market.flows * (1 + before)
        spending = shares.sum(axis=1)
        is_open = (market.flows > 0) & (kernel > SHUT) & (cap > SHUT)
        for n, name in enumerate(market.importers):
            if not is_open[n].any():
                raise NoSupplier(f"{name} has no supplier of the product left; leave some of it open")
        with np.errstate(divide="ignore"):
            weight = np.where(is_open, np.log(kernel * shares / spending[:, None]), -np.inf) - trade * cost
        ceiling = np.where(is_open & np.isfinite(cap), np.where(np.isfinite(cap), cap, 1.0) * market.flows, np.inf)
        return cls(
            market.flows, weight, np.log(spending), np.log1p(after), ceiling, eta, epsilon, float(trade),
            market.exporters, np.asarray(is_open.any(axis=0)),
        )  # fmt: skip

    @property
    def moving(self) -> NDArray[np.bool_]:
        return self.sells & np.isfinite(self.supply)

    def unpack(self, unknowns: Array, bound: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Log prices [exporter] and log premia [importer, exporter]."""
        price, premium = np.zeros(len(self.supply)), np.zeros(self.flows.shape)
        count = int(self.moving.sum())
        price[self.moving], premium[bound] = unknowns[:count], unknowns[count:]
        return price, premium

    def shares(self, price: Array, premium: Array) -> tuple[Array, Array]:
        """Log landed prices [importer] and expenditure shares [importer, exporter]."""
        kernel = self.weight - self.trade * (price + premium)
        top = kernel.max(axis=1, keepdims=True)
        scaled = np.exp(kernel - top)
        total = scaled.sum(axis=1, keepdims=True)
        return -(np.log(total) + top)[:, 0] / self.trade, scaled / total

    def quantities(self, price: Array, premium: Array) -> tuple[Array, Array]:
        """Log landed prices and quantities shipped."""
        landed, share = self.shares(price, premium)
        return landed, self.shipped(price, premium, landed, share)

    def shipped(self, price: Array, premium: Array, landed: Array, share: Array) -> Array:
        """Quantities at given prices and shares."""
        spent = self.spending + (1 - self.demand) * landed
        return share * np.exp(spent[:, None] - self.duty - premium - price)

    def residuals(self, unknowns: Array, bound: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Excess of demand, in logs, by moving exporter and bound cell, and its Jacobian."""
        price, premium = self.unpack(unknowns, bound)
        landed, share = self.shares(price, premium)
        quantity = self.shipped(price, premium, landed, share)
        cells, who = np.argwhere(bound), np.flatnonzero(self.moving)
        sold = quantity[:, who].sum(axis=0)
        excess = [
            np.log(sold) - np.log(self.flows[:, who].sum(axis=0)) - self.supply[who] * price[who],
            np.log(quantity[bound]) - np.log(self.ceiling[bound]),
        ]
        # d log q[n,i] / d log cost[n,j] = (θ + 1 − ε) share[n,j] − (θ + 1) (i = j)
        pull = (self.trade + 1 - self.demand)[:, None] * share
        size = len(who) + len(cells)
        jacobian = np.zeros((size, size))
        part = quantity[:, who] / sold  # of an exporter's sales, which importer takes
        jacobian[: len(who), : len(who)] = part.T @ pull[:, who] - np.diag(self.trade + 1 + self.supply[who])
        for a, (n, i) in enumerate(cells):
            own = np.where(who == i, self.trade + 1, 0.0)
            jacobian[: len(who), len(who) + a] = part[n] * (pull[n, i] - own)
            jacobian[len(who) + a, : len(who)] = pull[n, who] - own
            for b, (m, j) in enumerate(cells):
                if m == n:
                    jacobian[len(who) + a, len(who) + b] = pull[n, j] - (self.trade + 1) * (i == j)
        return np.concatenate(excess), jacobian

    def solve(self, bound: NDArray[np.bool_]) -> tuple[Array, float]:
        """Unknowns, and the largest excess demand left."""
        size = int(self.moving.sum()) + int(bound.sum())
        if size == 0:
            return np.zeros(0), 0.0
        best, worst = _newton(self, bound, np.zeros(size))
        if worst > TOLERANCE:
            found: Any = root(self.residuals, best, args=(bound,), jac=True, method="lm", options={"xtol": 1e-15})
            candidate = float(np.abs(self.residuals(found.x, bound)[0]).max())
            best, worst = (found.x, candidate) if candidate < worst else (best, worst)
        if not worst <= TOLERANCE:
            gaps = np.abs(self.residuals(best, bound)[0])
            at = int(gaps.argmax())
            who = np.flatnonzero(self.moving)
            name = self.names[who[at] if at < len(who) else int(np.argwhere(bound)[at - len(who)][1])]
            raise ConvergenceError(
                f"the market of what {name} sells does not clear: log excess demand {worst:.1e}. Less extreme "
                "elasticities or a smaller cut may help"
            )
        return best, worst


def _newton(case: _Case, bound: NDArray[np.bool_], first: Array) -> tuple[Array, float]:
    """Newton's method with halved steps; where no step helps, what was reached."""
    point = first
    excess, jacobian = case.residuals(point, bound)
    worst = float(np.abs(excess).max())
    for _ in range(STEPS):
        if worst <= TOLERANCE / 100:
            break
        try:
            step = np.linalg.solve(jacobian, -excess)
        except np.linalg.LinAlgError:
            break
        length = min(1.0, 20.0 / max(float(np.abs(step).max()), 1e-300))
        for _ in range(40):
            tried, slope = case.residuals(point + length * step, bound)
            size = float(np.abs(tried).max())
            if size < worst:
                break
            length /= 2
        else:
            break
        point, excess, jacobian, worst = point + length * step, tried, slope, size
    return point, worst
