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
prices of exporters that clear its market alone. `solve_products` solves many parameters of one market at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ConvergenceError, DataError, ScenarioError
from gaiatsu.exposure.product_solver import Case, numbers, shaped

Array = NDArray[np.float64]

ROUNDS = 60  # of the search for the limits that bind


@dataclass(frozen=True, eq=False)
class ProductMarket:
    """A product's trade before anything happens.

    importers, exporters: names; flows: [importer, exporter] sales before the importer's duty, any one currency (home
    sales are the cells whose two names are the same, left out where they are not known); duty: [importer, exporter] ad
    valorem, none by default. Raises DataError for shapes, numbers that are negative or not finite, buyers without
    supplier, sellers without sales.
    """

    importers: tuple[str, ...]
    exporters: tuple[str, ...]
    flows: Array
    duty: Array | None = None

    def __post_init__(self) -> None:
        shape = (len(self.importers), len(self.exporters))
        object.__setattr__(self, "flows", numbers("flows", self.flows, shape, least=0.0))
        duty = 0.0 if self.duty is None else self.duty
        object.__setattr__(self, "duty", numbers("duty", duty, shape, least=-0.999))
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

    Raises DataError for what is no finite number or has another shape (only supply and limit may be inf), ScenarioError
    for parameters out of bounds, NoSupplier where a buyer has no origin left, ConvergenceError naming the exporter
    whose market did not clear to 1e-10.
    """
    importers, exporters = market.flows.shape
    return solve_products(
        market,
        trade=shaped("trade", trade, ())[None],
        supply=shaped("supply", supply, (exporters,))[None],
        demand=shaped("demand", demand, (importers,))[None],
        duty=None if duty is None else numbers("duty", duty, market.flows.shape, least=-0.999)[None],
        iceberg=numbers("iceberg", iceberg, market.flows.shape, least=1e-12)[None],
        availability=numbers("availability", availability, market.flows.shape, least=0.0)[None],
        limit=numbers("limit", limit, market.flows.shape, least=0.0, endless=True)[None],
    )[0]


def solve_products(
    market: ProductMarket,
    *,
    trade: ArrayLike,
    supply: ArrayLike,
    demand: ArrayLike,
    duty: ArrayLike | None = None,
    iceberg: ArrayLike = 1.0,
    availability: ArrayLike = 1.0,
    limit: ArrayLike = np.inf,
) -> tuple[ProductOutcome, ...]:
    """The market after each of several measures or under each of several parameters, solved together.

    trade: [draw]; supply: [draw, exporter]; demand: [draw, importer]; the others [draw, importer, exporter]; one number
    for all but `trade` is enough. Meaning, bounds and errors are those of `solve_product`.
    """
    case = Case.of(market, trade, supply, demand, duty, iceberg, availability, limit)
    draws = len(case.trade)
    bound = case.ceiling < market.flows
    price, premium = np.zeros((draws, len(market.exporters))), np.zeros(bound.shape)
    residual, left = np.zeros(draws), np.arange(draws)
    for _ in range(ROUNDS):
        part = case.only(left)
        price[left], premium[left], residual[left] = part.solve(bound[left])
        bound[left], done = part.rebound(price[left], premium[left], bound[left])
        left = left[~done]
        if not len(left):
            return _outcomes(case, market, price, premium, residual)
    raise ConvergenceError(
        f"which limits bind was not found in {ROUNDS} rounds; check the limits of {market.importers}"
    )


def _outcomes(
    case: Case, market: ProductMarket, price: Array, premium: Array, residual: Array
) -> tuple[ProductOutcome, ...]:
    landed, _, quantity = case.shipped(price, premium)
    with np.errstate(over="ignore"):
        shown = np.where(case.sells, np.exp(price), np.where(np.isinf(case.supply), 1.0, 0.0))
        found = shown, np.exp(landed), quantity, np.exp(premium)
    if not all(np.isfinite(one).all() for one in found):
        raise ConvergenceError("prices or quantities leave the range of numbers; take less extreme costs or limits")
    return tuple(
        ProductOutcome(market, shown[k], np.exp(landed[k]), quantity[k], np.exp(premium[k]), float(residual[k]))
        for k in range(len(residual))
    )
