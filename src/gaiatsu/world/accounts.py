"""The social accounts of a world as plain arrays, from which every other level is derived.

Axes are always [importer, exporter, sector], [region, sector] and [region, input, user]; money is US$ million of the
world's year. Given flows, duties, value-added shares and the input mix, final use is what is left, so that cost equals
sales and income equals spending by construction (model page, "Sets and baseline accounts").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Accounts:
    """Baseline arrays of a world. Plain arrays are keyword-only: a square array transposes silently.

    flows: [importer, exporter, sector] purchases at basic prices, before export and import duty, all uses together
    duty, export_duty: [importer, exporter, sector] ad valorem, zero where importer = exporter
    va_share: [region, sector] value added over cost
    input_mix: [region, input, user] shares of intermediate cost, duties included; each user's column sums to one
    """

    flows: Array
    duty: Array
    export_duty: Array
    va_share: Array
    input_mix: Array

    @cached_property
    def output(self) -> Array:
        """[region, sector] sales at basic prices."""
        return self.flows.sum(axis=0)

    @cached_property
    def spending(self) -> Array:
        """[importer, exporter, sector] purchases with export and import duty."""
        return self.flows * (1 + self.export_duty) * (1 + self.duty)

    @cached_property
    def expenditure(self) -> Array:
        """[region, sector] spending on each good, all origins, duties included."""
        return self.spending.sum(axis=1)

    @cached_property
    def origin_share(self) -> Array:
        """[importer, exporter, sector] share of each origin in expenditure (zero where nothing is bought)."""
        total = self.expenditure[:, None, :]
        return np.divide(self.spending, total, out=np.zeros_like(self.spending), where=total > 0)

    @cached_property
    def value_added(self) -> Array:
        """[region, sector] payments to the factor of production."""
        return self.va_share * self.output

    @cached_property
    def intermediate(self) -> Array:
        """[region, input, user] purchases of inputs, duties included."""
        return self.input_mix * ((1 - self.va_share) * self.output)[:, None, :]

    @cached_property
    def final_use(self) -> Array:
        """[region, sector] consumption, investment and government purchases, duties included."""
        return self.expenditure - self.intermediate.sum(axis=2)

    @cached_property
    def income(self) -> Array:
        """[region] final expenditure = factor income + duty revenue + transfer."""
        return self.final_use.sum(axis=1)

    @cached_property
    def final_share(self) -> Array:
        """[region, sector] shares of final expenditure."""
        return self.final_use / self.income[:, None]

    @cached_property
    def duty_revenue(self) -> Array:
        """[region] import and export duties collected."""
        import_duty = (self.flows * (1 + self.export_duty) * self.duty).sum(axis=(1, 2))
        return import_duty + (self.flows * self.export_duty).sum(axis=(0, 2))

    @cached_property
    def transfer(self) -> Array:
        """[region] net transfer that finances the trade deficit; sums to zero over the world."""
        return self.income - self.value_added.sum(axis=1) - self.duty_revenue
