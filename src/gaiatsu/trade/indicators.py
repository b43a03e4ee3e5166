"""Tables and indices computed from an outcome's levels (model page, "What a solution reports")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.trade.solution import BILATERAL, REGIONAL, unknown_name
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

SUMMARY_UNITS = {
    "real_income": "percent: final expenditure at constant prices, the headline",
    "equivalent_variation": "US$ million of the world's year: the same as money",
    "real_consumption": "percent: final expenditure net of the transfer from abroad, at constant prices",
    "real_gdp": "percent: value added at the baseline's prices (double deflation)",
    "real_factor_income": "percent: factor income over consumer prices",
    "consumer_prices": "percent, relative to the region's own factor price",
    "terms_of_trade": "percent: export over import prices at the border, baseline weights",
    "exports": "percent: value at the border relative to world factor income",
    "imports": "percent: value at the border relative to world factor income",
    "duty_revenue": "US$ million change, relative to world factor income",
    "factor_reallocation": "percent of the factor that changes sector",
}
NOMINAL = ("terms_of_trade", "exports", "imports", "duty_revenue")

SMALLEST_DUTY_CHANGE = 1e-6
LEVELS = ("trade", "exports", "imports", "output", "value_added", "final_use", "duty_revenue")
PRICES = ("producer_price", "purchaser_price", "factor_price")


def summary(outcome: Outcome) -> pd.DataFrame:
    """[region] by the columns of SUMMARY_UNITS; nominal ones are missing where the world falls into blocs."""
    base, price = outcome.accounts, outcome.consumer_price
    real = outcome.real_income_change
    net = (outcome.income - outcome.market.transfer) / (base.income - base.transfer) / outcome.final_price - 1
    border = base.flows * (1 + base.export_duty)
    columns = {
        "real_income": 100 * real,
        "equivalent_variation": base.income * real,
        "real_consumption": 100 * net,
        "real_gdp": 100 * real_gdp(outcome),
        "real_factor_income": 100 * (outcome.factor_index / price - 1),
        "consumer_prices": 100 * (price / outcome.factor_index - 1),
        "terms_of_trade": 100 * np.expm1(terms_of_trade(outcome)),
        "exports": 100 * ratio(abroad(outcome.border_value).sum((0, 2)), abroad(border).sum((0, 2))),
        "imports": 100 * ratio(abroad(outcome.border_value).sum((1, 2)), abroad(border).sum((1, 2))),
        "duty_revenue": outcome.duty_revenue - base.duty_revenue,
        "factor_reallocation": 100 * factor_reallocation(outcome),
    }
    frame = pd.DataFrame(columns, index=pd.Index(outcome.world.regions, name="region"))
    if any("bloc" in note for note in outcome.certificate.notes):
        frame[list(NOMINAL)] = np.nan
    frame.attrs["units"] = dict(SUMMARY_UNITS)
    return frame


def abroad(table: Array) -> Array:
    """A bilateral table with home trade set to zero."""
    own = np.arange(table.shape[0])
    out = table.copy()
    out[own, own] = 0
    return out


def ratio(after: Array, before: Array) -> Array:
    """after / before - 1; missing where there was nothing before."""
    return np.divide(after, before, out=np.full(np.shape(before), np.nan), where=np.asarray(before) > 0) - 1


def real_gdp(outcome: Outcome) -> Array:
    """[region] change of value added at baseline prices: output less inputs, each at constant prices."""
    base = outcome.accounts
    inputs = outcome.expenditure - outcome.final_use
    real = (outcome.output / outcome.cost).sum(1) - (inputs / outcome.price).sum(1)
    return real / base.value_added.sum(1) - 1


def terms_of_trade(outcome: Outcome) -> Array:
    """[region] log change of export prices less import prices at the border, weighted by baseline trade."""
    base = outcome.accounts
    value = abroad(base.flows * (1 + base.export_duty))
    rise = np.log(outcome.cost)[None] + np.log1p(outcome.wedges.export_duty) - np.log1p(base.export_duty)
    exports, imports = value.sum((0, 2)), value.sum((1, 2))

    def mean(total: Array, size: Array) -> Array:
        return np.divide(total, size, out=np.zeros_like(size), where=size > 0)

    return mean((value * rise).sum((0, 2)), exports) - mean((value * rise).sum((1, 2)), imports)


def factor_reallocation(outcome: Outcome) -> Array:
    """[region] half the sum of absolute changes of the factor's distribution over sectors, in units of the factor."""
    base = outcome.accounts.value_added
    units = outcome.value_added / outcome.factor_price
    return 0.5 * np.abs(units / units.sum(1, keepdims=True) - base / base.sum(1, keepdims=True)).sum(1)


def _levels(outcome: Outcome, name: str) -> tuple[Array, Array, tuple[str, ...]]:
    base = outcome.accounts
    if name in ("trade", "exports", "imports"):
        chosen = (lambda table: table) if name == "trade" else abroad
        return chosen(base.flows), chosen(outcome.flows), BILATERAL
    if name == "duty_revenue":
        before = base.spending - base.flows * (1 + base.export_duty)
        return before, outcome.spending - outcome.border_value, BILATERAL
    return getattr(base, name), getattr(outcome, name), REGIONAL


def table(outcome: Outcome, name: str, by: Sequence[str] | str | None = None) -> pd.DataFrame:
    """See Outcome.table."""
    labels = {
        axis: outcome.world.sectors if axis == "sector" else outcome.world.regions for axis in (*BILATERAL, "region")
    }
    if name in PRICES:
        attribute = {"producer_price": "cost", "purchaser_price": "price", "factor_price": "factor_price"}[name]
        if by is not None and set([by] if isinstance(by, str) else by) != set(REGIONAL):
            raise unknown_name("axis for a price, which is by region and sector:", str(by), REGIONAL)
        index = pd.MultiIndex.from_product([labels[axis] for axis in REGIONAL], names=REGIONAL)
        return pd.DataFrame({"percent": 100 * (getattr(outcome, attribute).ravel() - 1)}, index=index).reset_index()
    if name not in LEVELS:
        raise unknown_name("table", name, (*LEVELS, *PRICES))
    before, after, axes = _levels(outcome, name)
    kept = axes if by is None else ((by,) if isinstance(by, str) else tuple(by))
    if not kept:
        raise ScenarioError(f"`by` is empty; name at least one axis of table {name!r}: {', '.join(axes)}")
    for axis in kept:
        if axis not in axes:
            raise unknown_name(f"axis of table {name!r}", axis, axes)
    dropped = tuple(number for number, axis in enumerate(axes) if axis not in kept)
    ordered = [axis for axis in axes if axis in kept]
    before, after = before.sum(dropped), after.sum(dropped)
    index = pd.MultiIndex.from_product([labels[axis] for axis in ordered], names=ordered)
    frame = pd.DataFrame({"baseline": before.ravel(), "counterfactual": after.ravel()}, index=index)
    frame["change"] = frame["counterfactual"] - frame["baseline"]
    frame["percent"] = 100 * ratio(after.ravel(), before.ravel())
    frame = frame.reset_index()
    frame = frame[[*kept, "baseline", "counterfactual", "change", "percent"]]
    frame.attrs["unit"] = f"US$ million of {outcome.world.year}, relative to world factor income"
    return frame


def incidence(outcome: Outcome) -> pd.DataFrame:
    """Cells whose import duty changed (by a ten-thousandth of a point or more), that are traded and otherwise open as
    before, with the shares of the rise each side bears.

    importer_share: rise of the duty-paid price over the rise of the duty, both in logs and relative to world factor
    income; exporter_share: fall of the price before duty against the exporter's own factor price, over the same. They
    need not add up to one: what is left is a change of the exporter's factor price, spread over all it sells. All
    measures of the outcome act on these prices, so that the shares speak of the duty where duties are all there is.
    """
    base, wedges = outcome.accounts, outcome.wedges
    rise = np.log1p(wedges.duty) - np.log1p(base.duty)
    open_as_before = (wedges.iceberg == 1) & (wedges.availability == 1)
    cells = np.nonzero((np.abs(rise) > SMALLEST_DUTY_CHANGE) & (base.flows > 0) & open_as_before)
    importer, exporter, sector = cells
    before_duty = (
        np.log(outcome.cost)[exporter, sector] + (np.log1p(wedges.export_duty) - np.log1p(base.export_duty))[cells]
    )
    regions, sectors = np.asarray(outcome.world.regions), np.asarray(outcome.world.sectors)
    return pd.DataFrame(
        {
            "importer": regions[importer],
            "exporter": regions[exporter],
            "sector": sectors[sector],
            "duty_before": base.duty[cells],
            "duty_after": wedges.duty[cells],
            "trade_before": base.flows[cells],
            "trade_after": outcome.flows[cells],
            "importer_share": (before_duty + rise[cells]) / rise[cells],
            "exporter_share": (np.log(outcome.factor_index)[exporter] - before_duty) / rise[cells],
        }
    )


def diversion(outcome: Outcome, importer: str, sectors: Sequence[str] | str | None = None) -> pd.DataFrame:
    """See Outcome.diversion."""
    world = outcome.world
    buyers = world.region_indices(importer)
    chosen = world.sector_indices(sectors if sectors is not None else "all")
    before = outcome.accounts.flows[buyers][:, :, chosen].sum((0, 2))
    after = outcome.flows[buyers][:, :, chosen].sum((0, 2))
    frame = pd.DataFrame(
        {"baseline": before, "counterfactual": after, "change": after - before},
        index=pd.Index(world.regions, name="exporter"),
    )
    frame.attrs["unit"] = f"US$ million of {world.year}, relative to world factor income"
    return frame.sort_values("change", ascending=False, kind="stable")


def as_world(outcome: Outcome, name: str | None = None) -> World:
    """The counterfactual's accounts as a world: flows, duties and shares as they are after the shock."""
    base, purchases = outcome.accounts, outcome.wedges.purchases
    if purchases is not None and abroad(purchases).any():
        raise ScenarioError(
            "the outcome has public purchases made in other regions' markets, which a world's accounts cannot hold: "
            "leave `sellers` out of its outlays to go on from it"
        )
    sigma = np.asarray(outcome.elasticities.materials, dtype=float)
    weighted = base.input_mix * outcome.price[:, :, None] ** (1 - sigma)
    accounts = Accounts(
        flows=outcome.flows,
        duty=outcome.wedges.duty,
        export_duty=outcome.wedges.export_duty,
        va_share=np.clip(outcome.va_share, 0, 1),
        input_mix=weighted / weighted.sum(1, keepdims=True),
    )
    return outcome.world.replace_accounts(accounts, name=name or f"{outcome.world.name}, after a shock")
