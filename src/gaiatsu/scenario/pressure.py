"""Ways to press that are no duty and no shut border: curbs on travel, costly payments.

Each consists of simple measures, which its `parts` names for a world and a horizon; what it takes to make them stands
in gaiatsu.exposure and is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario.measures import (
    MEASURES,
    Embargo,
    Financing,
    Measure,
    Names,
    TradeCost,
    _number,
    _rate,
    _share,
    _targets,
)

if TYPE_CHECKING:
    from gaiatsu.world.world import World


def _said(value: Names) -> str:
    return value if isinstance(value, str) else ", ".join(value)


@dataclass(frozen=True, kw_only=True)
class TravelBan(Measure):
    """Travellers from `by` stay away from `on`, because their government says so: a cut of what they buy there.

    Exactly one of share (of the visitors lost; 0.3 is 30 %) or curb (`advisory`, `group-ban`: what earlier ones did).
    refilled: share of the lost spending that other foreigners make good at given prices, on top of what falling prices
    bring. spending: US$ million a year that these travellers spend there; left out, that of the world, or of the
    bundled table (docs/tourism.md).
    """

    kind: ClassVar[str] = "travel-ban"
    title: ClassVar[str] = "Curb on travel"
    closes: ClassVar[bool] = True
    by: Names
    on: Names
    share: float | None = None
    curb: str | None = None
    refilled: float = 0.0
    spending: float | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        from gaiatsu.exposure.tourism_data import curb_prior

        _targets(self, "by", "on")
        if (self.share is None) == (self.curb is None):
            have = "none" if self.share is None else "both"
            raise ScenarioError(f"TravelBan needs exactly one of share, curb; it has {have}")
        if self.curb is not None:
            curb_prior(self.curb)
        else:
            _share("TravelBan", "share", self.share)
        _share("TravelBan", "refilled", self.refilled)
        if self.spending is not None and _number("TravelBan", "spending", self.spending) <= 0:
            raise ScenarioError(f"TravelBan.spending is {self.spending!r}; it is US$ million a year, above 0")

    def lost(self) -> float:
        """The share of visitors lost."""
        from gaiatsu.exposure.tourism_data import curb_prior

        return float(self.share) if self.share is not None else curb_prior(str(self.curb)).central

    def parts(self, world: World, horizon: str) -> tuple[Measure, ...]:
        """A partial embargo on each sector that visitors buy from; where others fill in, cheaper access for them."""
        from gaiatsu.exposure import tourism

        found: list[Measure] = [
            Embargo(
                by=world.regions[cut.importer], on=world.regions[cut.exporter], sectors=[world.sectors[cut.sector]],
                share=min(cut.lost / cut.flow, 1.0), side="imports",
            )
            for cut in tourism.cuts(world, self)
            if cut.flow > 0
        ]  # fmt: skip
        for exporter, sector, change in tourism.refill_costs(world, self, horizon):
            found.append(
                TradeCost(
                    by=world.regions[exporter],
                    on=tuple(world.regions[n] for n in tourism.others(world, exporter, self)),
                    sectors=[world.sectors[sector]], change=change, side="exports",
                )
            )  # fmt: skip
        return tuple(found)

    def check(self, others: Sequence[Measure], world: World) -> None:
        """Raise ScenarioError where another ban is about the same visitors."""
        from gaiatsu.exposure import tourism

        bans = [other for other in others if isinstance(other, TravelBan)]
        if len(bans) > 1 and self is bans[0]:
            tourism.refuse_two(world, bans)

    def cells(self, world: World) -> Any:
        """Importer, exporter and sector of the sales that visitors no longer make."""
        from gaiatsu.exposure import tourism

        found = [(n, i, k) for (n, i), usd in tourism.travel_sales(world, self).items() for k in np.flatnonzero(usd)]
        return tuple(np.array(found, dtype=np.int64).reshape(-1, 3).T)

    def describe(self) -> str:
        """A short name for tables."""
        how = self.curb if self.curb is not None else f"{self.share:.0%}"
        return f"curb on travel {_said(self.by)} to {_said(self.on)} ({how})"

    def size(self, world: World, horizon: str) -> str:
        """How much it does, in a few words."""
        from gaiatsu.exposure import tourism

        spent = sum(tourism.travel_flows(world, self).values())
        lost = self.lost()
        how = f"{100 * lost:.0f} % of visitors stay away" + (
            f", as after earlier curbs of this kind ({self.curb})" if self.curb else ""
        )
        text = f"{how}: US$ {spent * lost / 1000:.1f} of {spent / 1000:.1f} billion a year"
        return text + (f"; others make {100 * self.refilled:.0f} % of it good" if self.refilled else "")

    def phrase(self, own: str, other: str) -> str:
        """The subject of a sentence."""
        return f"the curb on travel from {own} to {other}"


@dataclass(frozen=True, kw_only=True)
class PaymentCosts(Measure):
    """Payments between `by` and `on` are made costly: all trade between them, both ways, costs more.

    Exactly one of level (`adapted`, `agents`, `cut`: docs/payments.md) or cost (a share of the invoice; 0.08 is 8 %).
    financing: share of the money that finances the trade deficit of `on` that the surplus regions among `by` withdraw.
    """

    kind: ClassVar[str] = "payment-costs"
    title: ClassVar[str] = "Costly payments"
    closes: ClassVar[bool] = True
    by: Names
    on: Names
    sectors: Names = "all"
    level: str | None = None
    cost: float | None = None
    financing: float = 0.0
    note: str | None = None

    def __post_init__(self) -> None:
        from gaiatsu.exposure.payments import level_named

        _targets(self, "by", "on", "sectors")
        if (self.level is None) == (self.cost is None):
            have = "none" if self.level is None else "both"
            raise ScenarioError(f"PaymentCosts needs exactly one of level, cost; it has {have}")
        if self.level is not None:
            level_named(self.level)
        else:
            _rate("PaymentCosts", "cost", self.cost)
            if float(self.cost) < 0:  # type: ignore[arg-type]
                raise ScenarioError(f"PaymentCosts.cost is {self.cost!r}; it must be at least 0 (8 % is 0.08)")
        _share("PaymentCosts", "financing", self.financing)

    def price(self) -> float:
        """The cost of paying as a share of the invoice."""
        from gaiatsu.exposure.payments import level_named

        return float(self.cost) if self.cost is not None else level_named(str(self.level)).central

    def parts(self, world: World, horizon: str) -> tuple[Measure, ...]:
        """An iceberg on trade both ways and, where money is withdrawn, the cut of the deficit's financing."""
        found: list[Measure] = [TradeCost(by=self.by, on=self.on, sectors=self.sectors, change=self.price())]
        if self.financing:
            found.append(Financing(by=self.by, on=self.on, share=self.financing))
        return tuple(found)

    def cells(self, world: World) -> Any:
        """Importer, exporter and sector of the trade that gets costlier."""
        from gaiatsu.trade.wedges import touched_cells

        return touched_cells(self.parts(world, "long")[0], world)

    def describe(self) -> str:
        """A short name for tables."""
        how = self.level if self.level is not None else f"{self.cost:.1%}"
        return f"costly payments {_said(self.by)}, {_said(self.on)} ({how})"

    def size(self, world: World, horizon: str) -> str:
        """How much it does, in a few words."""
        from gaiatsu.exposure.payments import level_named

        text = f"trade both ways {100 * self.price():.3g} % costlier"
        if self.level is not None and level_named(self.level).upper_bound:
            text += " (an upper bound)"
        return text + (f"; {100 * self.financing:.0f} % of the deficit no longer financed" if self.financing else "")

    def phrase(self, own: str, other: str) -> str:
        """The subject of a sentence."""
        if self.financing:
            return f"the squeeze on payments between {own} and {other} and on the money behind the deficit of {other}"
        return f"the cost of payments between {own} and {other}"


MEASURES.update({cls.kind: cls for cls in (TravelBan, PaymentCosts)})
