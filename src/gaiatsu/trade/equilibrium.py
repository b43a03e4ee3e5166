"""The equilibrium in exact changes as one flat fixed point (model page, equations 1 to 9).

The unknowns are the logs of unit costs and of spending, [region, sector] each; factor prices follow from them in closed
form. Neither trade shares nor input shares are ever formed: with the constant kernel K = availability · share ·
wedge^(-θ), prices, sales and duty revenue are products of K with c^(-θ) and spending / P^(-θ). Bilateral arrays
inside the engine are [sector, importer, exporter], so that these products run over contiguous blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from gaiatsu.trade import technology

# Logs move by at most this much in one evaluation, so that a wild first step cannot overflow. Not active near z = T(z).
LARGEST_STEP = 3.0
# A negative demand has no logarithm; it is held here, the step is cut, and a fixed point that stays there is refused.
SMALLEST_DEMAND = 1e-30


Numbers = Any  # a jax array inside the engine, a numpy array on the host


class Baseline(NamedTuple):
    """Levels before the shock. Bilateral arrays are [sector, importer, exporter]; money in US$ million."""

    share: jax.Array
    duty: jax.Array
    export_duty: jax.Array
    spending: jax.Array  # [region, sector], duties included
    output: jax.Array  # [region, sector]
    va_share: jax.Array  # [region, sector]
    input_mix: jax.Array  # [region, input, user]
    final_share: jax.Array  # [region, sector]
    income: jax.Array  # [region]
    transfer: jax.Array  # [region]

    @property
    def value_added(self) -> jax.Array:
        return self.va_share * self.output


class Shock(NamedTuple):
    """The wedges after the shock; bilateral arrays [sector, importer, exporter] (model page, "Wedges")."""

    duty: jax.Array
    export_duty: jax.Array
    log_iceberg: jax.Array
    availability: jax.Array
    log_productivity: jax.Array  # [region, sector]
    transfer: jax.Array  # [region], US$ million in units of the numeraire
    proportional: jax.Array  # 1.0: transfers follow factor incomes; 0.0: `transfer` holds
    bloc: jax.Array  # [region] int: regions that trade, directly or not, share a number and a numeraire
    purchases: jax.Array | None = None  # [buyer, seller, sector] shares of final expenditure, or none at all


class Substitution(NamedTuple):
    """Elasticities as the equations carry them: 1 - σ, and 1 / (1 + ν) so that perfect mobility is 0."""

    theta: jax.Array  # [sector]
    value_added: jax.Array  # 1 - σy, scalar or [sector]
    materials: jax.Array  # 1 - σm, scalar or [sector]
    consumption: jax.Array  # 1 - σc
    stickiness: jax.Array  # 1 / (1 + ν)


class Kernel(NamedTuple):
    """Constant bilateral arrays of one problem, [sector, importer, exporter], and what a batch adds to them."""

    spending: jax.Array  # aπκ^(-θ)
    border: jax.Array  # the same over 1 + duty: value at the border
    sales: jax.Array  # the same over (1 + duty)(1 + export duty): value to the producer
    cells: Cells | None = None


class Cells(NamedTuple):
    """Sparse additions to a shared kernel: flat indices [cell] into [sector, importer] and [sector, exporter]."""

    importer: Numbers
    exporter: Numbers
    spending: Numbers
    border: Numbers
    sales: Numbers


class Market(NamedTuple):
    """Everything an evaluation knows about prices and quantities; logs of changes unless a level is named."""

    log_price: Numbers  # [region, sector] purchaser's price P
    log_factor: Numbers  # [region, sector] factor price w
    log_factor_index: Numbers  # [region] W
    log_cost: Numbers  # [region, sector] unit cost implied by w and the bundle
    log_consumer: Numbers  # [region] consumer price index
    log_final: Numbers  # [region] price index of all final expenditure: consumers' and public purchases
    spending: Numbers  # [region, sector] level of spending implied by output and income
    output: Numbers  # [region, sector] level
    income: Numbers  # [region] level of final expenditure
    duty_revenue: Numbers  # [region] level
    transfer: Numbers  # [region] level


def log_wedge(baseline: Baseline, shock: Shock) -> jax.Array:
    """[sector, importer, exporter] ln κ: the change of the delivered price at given cost."""
    after = (1 + shock.duty) * (1 + shock.export_duty)
    return jnp.log(after / ((1 + baseline.duty) * (1 + baseline.export_duty))) + shock.log_iceberg


def kernel(baseline: Baseline, shock: Shock, theta: jax.Array) -> Kernel:
    """The constant arrays of equations 1 and 5."""
    spending = shock.availability * baseline.share * jnp.exp(-theta[:, None, None] * log_wedge(baseline, shock))
    border = spending / (1 + shock.duty)
    return Kernel(spending, border, border / (1 + shock.export_duty))


def _by_importer(matrix: jax.Array, exporter_values: jax.Array) -> jax.Array:
    return jnp.einsum("kni,ki->kn", matrix, exporter_values)


def _by_exporter(matrix: jax.Array, importer_values: jax.Array) -> jax.Array:
    return jnp.einsum("kni,kn->ki", matrix, importer_values)


def _add(total: jax.Array, index: jax.Array, values: jax.Array) -> jax.Array:
    return total.ravel().at[index].add(values).reshape(total.shape)


def _trade(
    kernels: Kernel, log_cost: jax.Array, spending: jax.Array, theta: jax.Array, export_duties: bool
) -> tuple[jax.Array, ...]:
    """Equations 1 and 5 and the duty revenue of 7 from [region, sector] costs and spending.

    Returns log price and output [region, sector], and duty revenue [region].
    """
    cheapness = jnp.exp(-theta * log_cost).T
    price_sum = _by_importer(kernels.spending, cheapness)
    cells = kernels.cells
    if cells is not None:
        supply = cheapness.ravel()[cells.exporter]
        price_sum = _add(price_sum, cells.importer, cells.spending * supply)
    supplied = price_sum > 0
    safe_sum = jnp.where(supplied, price_sum, 1.0)
    log_price = -jnp.log(safe_sum) / theta[:, None]
    intensity = jnp.where(supplied, spending.T / safe_sum, 0.0)
    at_border = _by_importer(kernels.border, cheapness)
    sold = _by_exporter(kernels.sales, intensity)
    if cells is not None:
        demand = intensity.ravel()[cells.importer]
        at_border = _add(at_border, cells.importer, cells.border * supply)
        sold = _add(sold, cells.exporter, cells.sales * demand)
    output = cheapness * sold
    revenue = (spending.T - intensity * at_border).sum(0)
    if export_duties:
        sold_at_border = _by_exporter(kernels.border, intensity)
        if cells is not None:
            sold_at_border = _add(sold_at_border, cells.exporter, cells.border * demand)
        revenue = revenue + (cheapness * sold_at_border - output).sum(0)
    return log_price.T, output.T, revenue


def _factors(
    baseline: Baseline, shock: Shock, log_cost: jax.Array, output: jax.Array, elasticity: Substitution
) -> tuple[jax.Array, jax.Array]:
    """Equation 6 in closed form: log factor prices [region, sector] and their index [region], numeraire applied.

    With s = 1/(1+ν) and A = γ(cÂ)^(σy-1)Y/va, clearing reads w = A^(sr) W^((1-s)r), W^(σy r) = Σ ℓ A^r,
    r = 1/(1 - s + s σy), when σy is common; with one σy per sector the index is found by Newton steps.
    """
    sigma = 1 - elasticity.value_added
    value_added = baseline.value_added
    alive = (value_added > 0) & (output > 0)
    demand = jnp.where(alive, baseline.va_share * output / jnp.where(value_added > 0, value_added, 1.0), 1.0)
    log_demand = jnp.log(demand) - elasticity.value_added * (log_cost + shock.log_productivity)
    weight = jnp.where(alive, value_added, 0.0) / value_added.sum(1, keepdims=True)
    s = elasticity.stickiness
    r = 1 / (1 - s + s * sigma)
    if sigma.ndim == 0:
        index = jnp.log((weight * jnp.exp(r * log_demand)).sum(1)) / (sigma * r)
    else:
        index = _sectoral_index(weight, log_demand, s, r, sigma)
    factor = jnp.where(alive, s * r * log_demand + (1 - s) * r * index[:, None], index[:, None])
    total = value_added.sum(1)
    regions = total.shape[0]
    before = jax.ops.segment_sum(total, shock.bloc, regions)
    after = jax.ops.segment_sum(jnp.exp(index) * total, shock.bloc, regions)
    level = jnp.log(jnp.where(before > 0, after / jnp.where(before > 0, before, 1.0), 1.0))[shock.bloc]
    return factor - level[:, None], index - level


def _sectoral_index(
    weight: jax.Array, log_demand: jax.Array, s: jax.Array, r: jax.Array, sigma: jax.Array
) -> jax.Array:
    """Solve Σ ℓ A^r W^(-σ r) = 1 for log W when σ differs by sector; monotone and smooth, so Newton converges."""
    index = jnp.log((weight * jnp.exp(log_demand)).sum(1))
    for _ in range(12):
        terms = weight * jnp.exp(r * log_demand - sigma * r * index[:, None])
        total = terms.sum(1)
        slope = (terms * sigma * r).sum(1) / total
        index = index + jnp.log(total) / slope
    return index


def transfers(baseline: Baseline, shock: Shock, factor_income: jax.Array) -> jax.Array:
    """Equation 9's closures: D held in the numeraire, or proportional to factor income and summing to zero."""
    rate = shock.transfer / baseline.value_added.sum(1)
    gross = rate * factor_income
    blocs = [jax.ops.segment_sum(item, shock.bloc, item.size)[shock.bloc] for item in (gross, factor_income)]
    scaled = gross - factor_income / blocs[1] * blocs[0]
    return shock.proportional * scaled + (1 - shock.proportional) * shock.transfer


def _with_purchases(
    purchases: jax.Array | None, private: jax.Array, income: jax.Array, log_price: jax.Array, consumer: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Equation 10: final demand [region, sector] with public purchases, and the log price of final expenditure."""
    if purchases is None:
        return private, consumer
    left = 1 - purchases.sum((1, 2))
    public = jnp.einsum("nik,n->ik", purchases, income)
    return left[:, None] * private + public, left * consumer + jnp.einsum("nik,ik->n", purchases, log_price)


def market(
    point: jax.Array,
    baseline: Baseline,
    shock: Shock,
    elasticity: Substitution,
    kernels: Kernel,
    export_duties: bool = True,
) -> Market:
    """One pass through the model from point = (log cost, log spending change), stacked and flat."""
    regions, sectors = baseline.output.shape
    log_cost, log_spending = point.reshape(2, regions, sectors)
    spending = baseline.spending * jnp.exp(log_spending)
    log_price, output, revenue = _trade(kernels, log_cost, spending, elasticity.theta, export_duties)
    log_factor, index = _factors(baseline, shock, log_cost, output, elasticity)
    bundle = technology.materials_price(log_price, baseline.input_mix, elasticity.materials)
    cost = technology.pair_price(log_factor, bundle, baseline.va_share, elasticity.value_added)
    materials_share = (1 - baseline.va_share) * jnp.exp(elasticity.value_added * (bundle - cost))
    inputs = technology.materials_demand(
        log_price, bundle, baseline.input_mix, materials_share * output, elasticity.materials
    )
    consumer = technology.basket_price(log_price, baseline.final_share, elasticity.consumption)
    factor_income = jnp.exp(index) * baseline.value_added.sum(1)
    transfer = transfers(baseline, shock, factor_income)
    income = factor_income + revenue + transfer
    final = baseline.final_share * jnp.exp(elasticity.consumption * (log_price - consumer[:, None]))
    final, log_final = _with_purchases(shock.purchases, final * income[:, None], income, log_price, consumer)
    return Market(
        log_price=log_price,
        log_factor=log_factor,
        log_factor_index=index,
        log_cost=cost - shock.log_productivity,
        log_consumer=consumer,
        log_final=log_final,
        spending=inputs + final,
        output=output,
        income=income,
        duty_revenue=revenue,
        transfer=transfer,
    )


def evaluate(
    point: jax.Array,
    baseline: Baseline,
    shock: Shock,
    elasticity: Substitution,
    kernels: Kernel,
    export_duties: bool = True,
) -> tuple[jax.Array, Market]:
    """T(z) - z, flat, in logs (zero for goods that nobody buys in the baseline), and the market at z."""
    log_cost, log_spending = point.reshape(2, *baseline.output.shape)
    found = market(point, baseline, shock, elasticity, kernels, export_duties)
    bought = baseline.spending > 0
    ratio = jnp.where(bought, found.spending / jnp.where(bought, baseline.spending, 1.0), 1.0)
    change = jnp.stack(
        [
            found.log_cost - log_cost,
            jnp.where(bought, jnp.log(jnp.maximum(ratio, SMALLEST_DEMAND)) - log_spending, 0.0),
        ]
    )
    return jnp.clip(change, -LARGEST_STEP, LARGEST_STEP).ravel(), found


def residual(
    point: jax.Array,
    baseline: Baseline,
    shock: Shock,
    elasticity: Substitution,
    kernels: Kernel,
    export_duties: bool = True,
) -> jax.Array:
    """T(z) - z alone."""
    return evaluate(point, baseline, shock, elasticity, kernels, export_duties)[0]


def error_measure(baseline: Baseline) -> Callable[[jax.Array], jax.Array]:
    """The certificate's first number: the largest residual over cells above 1e-12 of world output."""
    floor = 1e-12 * baseline.output.sum()
    large = jnp.stack([baseline.output > floor, baseline.spending > floor]).ravel()
    return lambda change: jnp.max(jnp.abs(jnp.where(large, change, 0.0)))
