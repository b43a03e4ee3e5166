"""What a solved scenario says: real incomes, quantities, prices, who pays, and the certificate.

Changes are in percent of the baseline; nominal ones are relative to world factor income, the numeraire; money is US$
million of the world's year. Definitions: model page, "What a solution reports".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.scenario.measures import Measure
from gaiatsu.trade.certificate import Certificate
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.wedges import Wedges
from gaiatsu.world.accounts import Accounts

if TYPE_CHECKING:
    from gaiatsu.trade.equilibrium import Market
    from gaiatsu.trade.ranges import Range
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
BILATERAL = ("importer", "exporter", "sector")
REGIONAL = ("region", "sector")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How an outcome was asked for.

    closure: fixed, proportional or balanced; residual_supply: the share of a shut border that leaks; tolerance: of the
    certificate's residual, in logs; horizon: its name, or None when elasticities were given by hand
    """

    measures: tuple[Measure, ...] = ()
    horizon: str | None = None
    closure: str = "fixed"
    residual_supply: float = 0.0
    tolerance: float = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """A certified equilibrium. Arrays are levels after the shock unless a name says otherwise.

    point: (log unit cost, log spending change), flat; market: prices and incomes there
    """

    world: World
    wedges: Wedges
    elasticities: Elasticities
    terms: Terms
    point: Array = field(repr=False)
    market: Market = field(repr=False)
    certificate: Certificate

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures taken."""
        return self.terms.measures

    @property
    def horizon(self) -> str | None:
        """The horizon's name."""
        return self.terms.horizon

    @property
    def closure(self) -> str:
        """What holds transfers between regions: fixed, proportional or balanced."""
        return self.terms.closure

    # -------------------------------------------------------------------------------------------------- levels
    @property
    def accounts(self) -> Accounts:
        """The baseline's accounts (the balanced ones under closure `balanced`)."""
        return self.world.accounts

    @cached_property
    def cost(self) -> Array:
        """[region, sector] unit cost over its baseline, the producer's price."""
        return np.exp(self.point.reshape(2, *self.accounts.output.shape)[0])

    @cached_property
    def price(self) -> Array:
        """[region, sector] purchaser's price over its baseline."""
        return np.exp(self.market.log_price)

    @cached_property
    def factor_price(self) -> Array:
        """[region, sector] factor price over its baseline."""
        return np.exp(self.market.log_factor)

    @cached_property
    def factor_index(self) -> Array:
        """[region] factor income per unit of factor over its baseline."""
        return np.exp(self.market.log_factor_index)

    @cached_property
    def consumer_price(self) -> Array:
        """[region] price of consumers' final use over its baseline."""
        return np.exp(self.market.log_consumer)

    @cached_property
    def expenditure(self) -> Array:
        """[region, sector] spending on each good, duties included."""
        change = self.point.reshape(2, *self.accounts.output.shape)[1]
        return self.accounts.expenditure * np.exp(change)

    @cached_property
    def wedge(self) -> Array:
        """[importer, exporter, sector] delivered price at given cost over its baseline, κ."""
        base = self.accounts
        duties = (1 + self.wedges.duty) / (1 + base.duty) * (1 + self.wedges.export_duty) / (1 + base.export_duty)
        return duties * self.wedges.iceberg

    @cached_property
    def spending_per_availability(self) -> Array:
        """[importer, exporter, sector] purchases per unit of availability, also where a border is shut."""
        theta = self.elasticities.theta(self.cost.shape[1])
        offer = self.accounts.origin_share * (self.wedge * self.cost[None]) ** -theta
        return offer * (self.expenditure * self.price**theta)[:, None, :]

    @property
    def spending(self) -> Array:
        """[importer, exporter, sector] purchases, all duties included."""
        return self.wedges.availability * self.spending_per_availability

    @cached_property
    def border_value(self) -> Array:
        """[importer, exporter, sector] purchases at the border: export duty included, import duty not."""
        return self.spending / (1 + self.wedges.duty)

    @cached_property
    def flows(self) -> Array:
        """[importer, exporter, sector] purchases at basic prices."""
        return self.border_value / (1 + self.wedges.export_duty)

    @cached_property
    def output(self) -> Array:
        """[region, sector] sales at basic prices."""
        return self.flows.sum(0)

    @cached_property
    def va_share(self) -> Array:
        """[region, sector] value added over cost."""
        sigma = np.asarray(self.elasticities.value_added, dtype=float)
        return self.accounts.va_share * (self.factor_price / (self.cost * self.wedges.productivity)) ** (1 - sigma)

    @cached_property
    def value_added(self) -> Array:
        """[region, sector] payments to the factor."""
        return self.va_share * self.output

    @cached_property
    def final_use(self) -> Array:
        """[region, sector] final expenditure in each market by good, purchases of other governments there included."""
        move = (self.price / self.consumer_price[:, None]) ** (1 - float(self.elasticities.consumption))
        private = self.accounts.final_share * move * self.income[:, None]
        if self.wedges.purchases is None:
            return private
        return private * (1 - self.wedges.purchases.sum((1, 2)))[:, None] + self.public_purchases.sum(0)

    @cached_property
    def public_purchases(self) -> Array:
        """[buyer, seller, sector] what governments buy in each market by the measures `outlays`; US$ million."""
        if self.wedges.purchases is None:
            return np.zeros_like(self.accounts.flows)
        return self.wedges.purchases * self.income[:, None, None]

    @cached_property
    def final_price(self) -> Array:
        """[region] price of all final expenditure over its baseline: consumers' and public purchases."""
        return np.exp(self.market.log_final)

    @property
    def income(self) -> Array:
        """[region] final expenditure."""
        return self.market.income

    @cached_property
    def duty_revenue(self) -> Array:
        """[region] import and export duties."""
        export = (self.border_value - self.flows).sum((0, 2))
        return (self.spending - self.border_value).sum((1, 2)) + export

    # --------------------------------------------------------------------------------------------- certificate
    @property
    def residual(self) -> float:
        """Largest residual of the model's equations, in logs."""
        return self.certificate.residual

    @property
    def iterations(self) -> int:
        """Evaluations of the model's equations it took."""
        return self.certificate.evaluations

    # ------------------------------------------------------------------------------------------------ headline
    def _by_region(self, values: Array, name: str, unit: str = "percent") -> pd.Series:
        series = pd.Series(values, index=pd.Index(self.world.regions, name="region"), name=name)
        series.attrs["unit"] = unit
        return series

    @cached_property
    def real_income(self) -> pd.Series:
        """Change of real final expenditure, percent, by region: the headline."""
        return self._by_region(self.real_income_change * 100, "real_income")

    @cached_property
    def real_income_change(self) -> Array:
        """[region] the same as a fraction."""
        return real_income_change(self.accounts, self.market)

    def summary(self) -> pd.DataFrame:
        """All headline measures by region; see `summary_units` for what each column is."""
        from gaiatsu.trade.indicators import summary

        return summary(self)

    def table(self, name: str, by: Sequence[str] | str | None = None) -> pd.DataFrame:
        """A long table of baseline, counterfactual, change and percent, summed over the axes not in `by`.

        name: trade (all cells), exports or imports (cross-border cells), output, value_added, final_use,
        duty_revenue; or prices, in percent: producer_price, purchaser_price, factor_price. Raises ScenarioError.
        """
        from gaiatsu.trade.indicators import table

        return table(self, name, by)

    def incidence(self) -> pd.DataFrame:
        """Who pays: each taxed cell's share of the duty's rise borne by importer and exporter."""
        from gaiatsu.trade.indicators import incidence

        return incidence(self)

    def diversion(self, importer: str, sectors: Sequence[str] | str | None = None) -> pd.DataFrame:
        """An importer's purchases by origin before and after, US$ million at basic prices, home included."""
        from gaiatsu.trade.indicators import diversion

        return diversion(self, importer, sectors)

    # --------------------------------------------------------------------------------------------- explanation
    def decompose(self, first_order: bool = False) -> pd.DataFrame:
        """Real income by channel, percent by region.

        Exact along the path of wedges (terms_of_trade, import_volume, export_volume, border_cost, productivity,
        availability, transfer, purchases where a government's outlays move, total), or first_order as Caliendo & Parro
        publish it (terms_of_trade, volume_of_trade, welfare).
        """
        from gaiatsu.trade import welfare

        parts = welfare.first_order(self) if first_order else welfare.along_path(self)
        return pd.DataFrame(
            {name: 100 * values for name, values in parts.items()}, index=pd.Index(self.world.regions, name="region")
        )

    def attribute(self, exact_up_to: int = 10, samples: int = 200, seed: int = 0) -> pd.DataFrame:
        """Shapley value of each measure, percentage points of real income, region by measure; they add up.

        Exact for up to `exact_up_to` measures (2^m solves); beyond, from `samples` random orders, with standard errors.
        attrs: `alone`, what each measure does by itself; `interaction`, the joint effect less their sum;
        `standard_error` where sampled. Raises ScenarioError without measures, ConvergenceError where a part of the
        measures has no equilibrium.
        """
        from gaiatsu.trade.attribution import attribute

        return attribute(self, exact_up_to=exact_up_to, samples=samples, seed=seed)

    def range(
        self,
        draws: int = 64,
        *,
        sets: Sequence[str] | str | None = None,
        overrides: Mapping[str, float] | None = None,
        share: float = 0.9,
    ) -> Range:
        """Real income over the published trade elasticities: `draws` points of a Sobol sequence, one batch.

        sets: names of elasticity sets, by default all that estimate by sector, each counting the same; where a paper
        prints standard errors its draws vary by them. overrides: sector → long-run θ, the same in every draw. share:
        what lies between `low` and `high`. Raises ScenarioError, or ConvergenceError when over a quarter of the draws
        have no equilibrium.
        """
        from gaiatsu.trade.ranges import real_income_range

        return real_income_range(self, draws, sets=sets, overrides=overrides, share=share)

    def as_world(self, name: str | None = None) -> World:
        """The counterfactual as a new baseline: dated events, disagreement points, balanced trade."""
        from gaiatsu.trade.indicators import as_world

        return as_world(self, name)


def real_income_change(accounts: Accounts, market: Market) -> Array:
    """[region] change of final expenditure at constant prices, a fraction."""
    return market.income / accounts.income / np.exp(market.log_final) - 1


def unknown_name(what: str, given: str, known: Sequence[str]) -> ScenarioError:
    """ScenarioError for a word that is not one of the known ones."""
    return ScenarioError(f"unknown {what} {given!r}{did_you_mean(given, known)} (known: {', '.join(known)})")
