"""Why real income changes: the exact decomposition along the path of wedges, and the published first-order one.

Exact (model page, "What a solution reports"): with M imports at the border price p (export duty included),
I dlnW = Σ(E dln p_own - M dln p_partner) [terms of trade] + Στ(dM - M dln p) [import volume]
       + Σ e · exports before duty · dln(quantity) [export volume] - ΣM(1+τ) dln d [border cost]
       + ΣY dlnA [productivity] + Σ(M(1+τ)/θ) dln a [availability] + dD [transfer],
integrated from the baseline to the outcome along ln(1+τ), ln(1+e), ln d, ln A linearly and a linearly.
First order (Caliendo & Parro 2015, section 4): terms of trade with the baseline's weights, and Στ M (M̂ - ĉ) at the
baseline's duties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import numpy as np
from numpy.typing import NDArray

from gaiatsu.trade import engine, sensitivity
from gaiatsu.trade.equilibrium import Shock, Substitution
from gaiatsu.trade.wedges import Wedges, unchanged

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
Parts = dict[str, Array]

NODES = 8
NODE_TOLERANCE = 1e-11
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

    Eight Gauss-Legendre nodes, each one solve and one tangent. Raises ConvergenceError where a node fails.
    """
    places, weights = np.polynomial.legendre.leggauss(NODES)
    parts = {name: np.zeros(len(outcome.world.regions)) for name in CHANNELS}
    start: Array | None = None
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        rates, start = _rates(outcome, float(place), start)
        for name, rate in rates.items():
            parts[name] += weight * rate
    return {**parts, "total": sum(parts.values(), np.zeros(len(outcome.world.regions)))}


def _rates(outcome: Outcome, place: float, start: Array | None) -> tuple[Parts, Array]:
    """Rate of change of real income by channel at one node of the path, and the point there."""
    world, accounts, final = outcome.world, outcome.accounts, outcome.wedges
    wedges = engine.between(accounts, final, place)
    proportional = outcome.closure == "proportional"
    found = engine.find(
        world, wedges, outcome.elasticities, proportional=proportional, tolerance=NODE_TOLERANCE, start=start
    )
    elasticity = engine.substitution_of(outcome.elasticities, accounts.output.shape[1])
    shock = engine.shock_of(accounts, wedges, proportional=proportional)
    levels, slopes = sensitivity.along(
        found.point, engine.baseline_of(accounts), (shock, elasticity),
        _direction(outcome, wedges, shock, elasticity), engine.inverse_of(accounts, outcome.elasticities),
    )  # fmt: skip
    rates = _channels(outcome, wedges, levels, slopes)
    value = levels["real_income"] / levels["income"]
    return {name: value * rate for name, rate in rates.items()}, found.point


def _moves(outcome: Outcome) -> dict[str, Array]:
    """How fast each wedge moves along the path: logs of duties, icebergs and productivity, levels of the others."""
    base, final = unchanged(outcome.accounts), outcome.wedges
    return {
        "duty": np.log1p(final.duty) - np.log1p(base.duty),
        "export_duty": np.log1p(final.export_duty) - np.log1p(base.export_duty),
        "iceberg": np.log(final.iceberg),
        "availability": final.availability - 1,
        "productivity": np.log(final.productivity),
        "transfer": final.transfer - base.transfer,
    }


def _direction(outcome: Outcome, wedges: Wedges, shock: Shock, elasticity: Substitution) -> tuple[Shock, Substitution]:
    moves = _moves(outcome)
    still, fixed = sensitivity.no_change((shock, elasticity))
    return still._replace(
        duty=engine.sector_leading((1 + wedges.duty) * moves["duty"]),
        export_duty=engine.sector_leading((1 + wedges.export_duty) * moves["export_duty"]),
        log_iceberg=engine.sector_leading(moves["iceberg"]),
        availability=engine.sector_leading(moves["availability"]),
        log_productivity=jax.device_put(moves["productivity"]),
        transfer=jax.device_put(moves["transfer"]),
    ), fixed


def _channels(outcome: Outcome, wedges: Wedges, levels: Parts, slopes: Parts) -> Parts:
    """I dlnW by channel, US$ million per unit of path, from levels and slopes of flows and costs at a node."""
    moves = _moves(outcome)
    theta = outcome.elasticities.theta(levels["cost"].shape[1])
    price_slope = (slopes["cost"] / levels["cost"])[None] + moves["export_duty"]
    imports = levels["flows"] * (1 + wedges.export_duty)
    import_slope = slopes["flows"] * (1 + wedges.export_duty) + imports * moves["export_duty"]
    quantity_slope = import_slope - imports * price_slope
    spending = imports * (1 + wedges.duty)
    shut = moves["availability"] / wedges.availability
    return {
        "terms_of_trade": (imports * price_slope).sum((0, 2)) - (imports * price_slope).sum((1, 2)),
        "import_volume": (wedges.duty * quantity_slope).sum((1, 2)),
        "export_volume": (wedges.export_duty / (1 + wedges.export_duty) * quantity_slope).sum((0, 2)),
        "border_cost": -(spending * moves["iceberg"]).sum((1, 2)),
        "productivity": (levels["output"] * moves["productivity"]).sum(1),
        "availability": (spending / theta * shut).sum((1, 2)),
        "transfer": slopes["transfer"],
    }
