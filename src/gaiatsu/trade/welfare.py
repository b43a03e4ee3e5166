"""Why real income changes: the exact decomposition along the path of wedges, and the published first-order one.

Exact (model page, "What a solution reports"): with M imports at the border price p (export duty included),
I dlnW = Σ(E dln p_own - M dln p_partner) [terms of trade] + Στ(dM - M dln p) [import volume]
       + Σ e/(1+e) (dM - M dln p) [export volume] - ΣM(1+τ) dln d [border cost]
       + ΣY dlnA [productivity] + Σ(M(1+τ)/(θ a)) da [availability] + dD [transfer]
       - IΣ(ln P - ln P_c) dG [purchases, only where governments' purchases G move; those in others' markets, at P,
         count as trade in the terms of trade],
integrated from the baseline to the outcome along ln(1+τ), ln(1+e), ln d, ln A linearly and a linearly. Every part is an
integral ∫ x dy of levels known at the nodes of the path, taken exactly for their interpolating polynomials; no tangents
are needed, and the sum of the parts against the known change says whether the nodes suffice.
First order (Caliendo & Parro 2015, section 4): terms of trade with the baseline's weights, and Στ M (M̂ - ĉ) at the
baseline's duties.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError
from gaiatsu.trade import engine
from gaiatsu.trade.indicators import abroad
from gaiatsu.trade.wedges import unchanged

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
Parts = dict[str, Array]

NODES = (8, 12, 17, 25, 37)
NODE_TOLERANCE = 1e-12
LARGEST_GAP = 5e-9
# Prices rise fastest as a border closes, so the nodes crowd there; the path itself, and its integrals, stay the same.
CLUSTERING = 3
CHANNELS = (
    "terms_of_trade", "import_volume", "export_volume", "border_cost", "productivity", "availability", "transfer",
)  # fmt: skip


def first_order(outcome: Outcome) -> Parts:
    """Fractions by region: terms_of_trade, volume_of_trade and their sum, welfare, as published.

    Changes are arithmetic (x̂ - 1), which is what reproduces the printed tables; in logs Mexico's volume of trade after
    NAFTA would be 0.95 where 1.72 is printed, because its trade more than doubles in the taxed cells.
    """
    base = outcome.accounts
    imports = base.flows * (1 + base.export_duty)
    border_price = outcome.cost[None] * (1 + outcome.wedges.export_duty) / (1 + base.export_duty)
    rise = imports * (border_price - 1)
    growth = np.divide(outcome.border_value, imports, out=np.ones_like(imports), where=imports > 0) - border_price
    parts = {
        "terms_of_trade": (rise.sum((0, 2)) - rise.sum((1, 2))) / base.income,
        "volume_of_trade": (base.duty * imports * growth).sum((1, 2)) / base.income,
    }
    return {**parts, "welfare": parts["terms_of_trade"] + parts["volume_of_trade"]}


def along_path(outcome: Outcome) -> Parts:
    """Fractions by region for each of CHANNELS, and their total: the exact change of real income.

    The path is cut at Gauss-Lobatto nodes, as few as make the parts add up to the change within 5e-7 of a percentage
    point. Raises ConvergenceError where a node fails or the finest path does not add up.
    """
    known = outcome.real_income_change
    gap = np.inf
    for count in NODES:
        places = lobatto(count)
        shares = 1 - (1 - places) ** (CLUSTERING if (outcome.wedges.availability < 1).any() else 1)
        parts = _parts(outcome, _states(outcome, shares), shares, product_weights(places))
        total = np.sum(list(parts.values()), axis=0)
        gap = float(np.abs(total - known).max())
        if gap <= LARGEST_GAP:
            return {**parts, "total": total}
    raise ConvergenceError(
        f"the channels of the change in real income add up to it only within {gap:.1g} along the finest path; the "
        "shock is too strong for this decomposition: take a milder measure or a longer horizon"
    )


def lobatto(count: int) -> Array:
    """[count] Gauss-Lobatto places on [0, 1], both ends included."""
    inside = np.polynomial.legendre.Legendre.basis(count - 1).deriv().roots()
    return (np.concatenate([[-1.0], np.sort(inside.real), [1.0]]) + 1) / 2


def product_weights(places: Array) -> Array:
    """[i, j] ∫ l_i dl_j of the Lagrange polynomials at places, so that ∫ x dy = Σ x_i weights_ij y_j."""
    count = len(places)
    gaps = places[:, None] - places[None, :] + np.eye(count)
    scale = 1 / gaps.prod(1)
    slope = scale[None, :] / scale[:, None] / gaps
    np.fill_diagonal(slope, 0)
    np.fill_diagonal(slope, -slope.sum(1))  # [place, polynomial]: derivative of l_j at place i
    fine, weight = np.polynomial.legendre.leggauss(count)
    fine, weight = (fine + 1) / 2, weight / 2
    away = fine[:, None] - places[None, :]
    basis = scale / away
    basis /= basis.sum(1, keepdims=True)  # barycentric form; Gauss places never fall on Lobatto ones but at odd middles
    hit = np.abs(away) < 1e-14
    basis[hit.any(1)] = hit[hit.any(1)]
    return basis.T @ (weight[:, None] * (basis @ slope))


class _State:
    """The levels at one node that the integrals need."""

    def __init__(self, outcome: Outcome) -> None:
        wedges = outcome.wedges
        self.scale = (1 + outcome.real_income_change) / outcome.income
        self.duty, self.export_duty = wedges.duty, wedges.export_duty
        self.imports = outcome.border_value
        self.log_price = np.log(outcome.cost)[None] + np.log1p(wedges.export_duty)
        self.spending = outcome.spending
        self.per_availability = outcome.spending_per_availability
        self.output = outcome.output
        self.transfer = outcome.market.transfer
        self.market_price = np.log(outcome.price)  # [seller, sector]
        self.consumer_price = outcome.market.log_consumer
        self.income = outcome.income
        self.abroad = abroad(outcome.public_purchases)


def _states(outcome: Outcome, shares: Array) -> list[_State]:
    """The baseline, the solved nodes between, and the outcome itself."""
    accounts, terms = outcome.accounts, outcome.terms
    states, start = [], None
    for share in shares[:-1]:
        wedges = engine.between(accounts, outcome.wedges, float(share))
        found = engine.find(
            outcome.world,
            wedges,
            outcome.elasticities,
            proportional=terms.closure == "proportional",
            tolerance=NODE_TOLERANCE,
            start=start,
        )
        start = found.point
        states.append(_State(replace(outcome, wedges=wedges, point=found.point, market=found.market)))
    return [*states, _State(outcome)]


def _parts(outcome: Outcome, states: list[_State], shares: Array, weights: Array) -> Parts:
    """Each channel by region: at every node the levels there times the weighted moves of prices, trade and wedges."""
    theta = outcome.elasticities.theta(outcome.accounts.output.shape[1])
    final, base = outcome.wedges, unchanged(outcome.accounts)
    log_iceberg, log_productivity = np.log(final.iceberg), np.log(final.productivity)
    opened = final.availability - base.availability

    def moves(name: str) -> Array:
        levels = np.stack([getattr(state, name) for state in states])
        return np.tensordot(weights, levels - levels[0], 1)

    price, imports, transfer = moves("log_price"), moves("imports"), moves("transfer")
    names = CHANNELS if final.purchases is None else (*CHANNELS, "purchases")
    parts = {name: np.zeros(len(outcome.world.regions)) for name in names}
    for number, (state, step) in enumerate(zip(states, weights @ shares, strict=True)):
        paid = state.imports * price[number]
        quantity = imports[number] - paid
        channels = {
            "terms_of_trade": paid.sum((0, 2)) - paid.sum((1, 2)),
            "import_volume": (state.duty * quantity).sum((1, 2)),
            "export_volume": (state.export_duty / (1 + state.export_duty) * quantity).sum((0, 2)),
            "border_cost": -step * (state.spending * log_iceberg).sum((1, 2)),
            "productivity": step * (state.output * log_productivity).sum(1),
            "availability": step * (state.per_availability / theta * opened).sum((1, 2)),
            "transfer": transfer[number],
        }
        if final.purchases is not None:
            in_others = state.abroad * moves("market_price")[number]
            channels["terms_of_trade"] += in_others.sum((0, 2)) - in_others.sum((1, 2))
            channels["purchases"] = -step * _revaluation(state, final.purchases)
        for name, value in channels.items():
            parts[name] += state.scale * value
    return parts


def _revaluation(state: _State, purchases: Array) -> Array:
    """[region] what purchases cost above what consumers' goods cost, US$ million: moving money to dear goods loses."""
    dearer = np.einsum("nik,ik->n", purchases, state.market_price) - purchases.sum((1, 2)) * state.consumer_price
    return np.asarray(state.income * dearer)
