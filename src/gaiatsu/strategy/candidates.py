"""Hedges that suggest themselves against a threat, with sizes and costs that have a source or are flagged.

Who sells what the threat withholds, or buys what it keeps out, is an obvious partner; what the threatening country
sells can be bought elsewhere beforehand, made with a partner, or stored; a critical input can be stored or have another
source.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.scenario.measures import Agreement, ExportTax, Measure, Tariff
from gaiatsu.strategy.threat import FREE, GOODS, Cost, Hedge, Threat, stockable
from gaiatsu.trade.solve import balanced_world, solve
from gaiatsu.trade.wedges import touched_cells

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

PARTNERS = 3
SHIFTS = (0.1, 0.2)
JOINT = 0.1  # of the hit imports that joint production takes the place of
STOCKS = (8.0, 26.0)  # weeks; the first of ordinary goods too. Japan's target for rare metals is 60 days, at most 180
STEEPEST = 0.6  # a subsidy of more than this is no candidate
CLOSE = 1e-4  # of the hit trade: how well a shift is met
REST = "ROW"  # signs nothing
UNION = "eu27"  # makes agreements as one


@dataclass(frozen=True)
class Figure:
    """A published or assumed figure of the table of costs, low to high, with its standing, its note, its sources."""

    cost: Cost
    assumed: bool
    note: str
    sources: tuple[str, ...]


@cache
def figures() -> dict[str, Figure]:
    """The table of costs by key."""
    return {
        row["key"]: Figure(
            Cost(float(row["low"]), float(row["central"]), float(row["high"])), row["standing"] == "assumption",
            row["note"], tuple(row["sources"].split()),
        )
        for row in _rows("hedge_costs.csv")
    }  # fmt: skip


@cache
def sources() -> dict[str, tuple[str, str]]:
    """Key → citation and address."""
    return {row["key"]: (row["text"], row["address"]) for row in _rows("hedge_sources.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("gaiatsu.strategy").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, eq=False)
class Hit:
    """What a threat touches of the trade of the hedged regions, US$ million: [other region, sector].

    bought: what they buy from others; sold: what they sell to them. Their own measures are left out.
    """

    bought: Array
    sold: Array


def hit_trade(threat: Threat, places: Sequence[int]) -> Hit:
    """The baseline trade of the hedged regions that the measures of others touch."""
    world, own = threat.world, list(places)
    mask = np.zeros(world.accounts.flows.shape, dtype=bool)
    for measure in threat.measures:
        by = getattr(measure, "by", None)
        if measure.kind == "agreement" or (by is not None and set(world.region_indices(by)) <= set(own)):
            continue
        cells = touched_cells(measure, world)
        if cells is not None:
            mask[cells] = True
    flows = np.where(mask, world.accounts.flows, 0.0)
    bought, sold = flows[own].sum(axis=0), flows[:, own].sum(axis=1)
    bought[own], sold[own] = 0.0, 0.0
    return Hit(bought, sold)


def candidates_for(threat: Threat, places: Sequence[int]) -> tuple[tuple[Hedge, ...], tuple[str, ...]]:
    """Hedges against a threat, and why others that suggest themselves are left out.

    Raises ScenarioError where the threat touches no trade and no critical input of the hedged regions.
    """
    return _Maker(threat, places).make()


class _Maker:
    def __init__(self, threat: Threat, places: Sequence[int]) -> None:
        self.threat, self.places = threat, list(places)
        self.world = balanced_world(threat.world, threat.before) if threat.closure == "balanced" else threat.world
        self.own = tuple(self.world.regions[place] for place in self.places)
        self.hit = hit_trade(threat, places)
        self.threatening = np.flatnonzero(self.hit.bought.any(axis=1) | self.hit.sold.any(axis=1))
        self.left_out: list[str] = []
        self.found: list[Hedge] = []

    def make(self) -> tuple[tuple[Hedge, ...], tuple[str, ...]]:
        if self.hit.bought.any():
            self._of_imports()
        if self.hit.sold.any():
            self._of_exports()
        if self.threat.critical:
            self._of_critical_inputs()
        if not self.found:
            said = "; ".join(self.left_out) or "it touches neither trade nor a critical input of theirs"
            raise ScenarioError(
                f"no hedge of {', '.join(self.own)} suggests itself against this threat ({said}): name some under"
                " `hedges` in the scenario, or as candidates"
            )
        return tuple(self.found), tuple(self.left_out)

    # -------------------------------------------------------------------------------------------------------- imports
    def _of_imports(self) -> None:
        closers, sectors = _touched(self.hit.bought)
        others = self._others(closers)
        flows = self.world.accounts.flows[self.places].sum(axis=0)
        partners = self._partners(flows[:, sectors].sum(axis=1))
        self._agreements(partners, sectors)
        value = float(self.hit.bought.sum())
        shift = _Shift(self, lambda outcome: _of(outcome.flows[self.places].sum(axis=0), closers, sectors), value)
        for share in SHIFTS if others else ():
            self._shift(
                shift, share, f"{_percent(share)} bought elsewhere",
                lambda rate: Tariff(by=self.own, on=others, sectors=self._codes(sectors), rate=rate), "import",
            )  # fmt: skip
        if partners:
            self._joint_production(shift, partners[0], sectors, value)
        self._stock_of_goods()

    def _joint_production(self, shift: _Shift, partner: Partner, sectors: Indices, value: float) -> None:
        figure = figures()["co-production"]
        moved = JOINT * value
        self._shift(
            shift, JOINT, f"Joint production with {partner.name}",
            lambda rate: Tariff(by=self.own, on=partner.members, sectors=self._codes(sectors), rate=rate), "import",
            kind="co-production", cost=figure.cost.times(moved), figure=figure,
        )  # fmt: skip

    def _stock_of_goods(self) -> None:
        withheld = float(stockable(self.threat, self.places).sum())
        if withheld <= 0:
            return
        weeks, figure = STOCKS[0], figures()["stock"]
        self.found.append(
            Hedge(
                name=f"Stock of {weeks:.0f} weeks", kind="stock", stock_weeks=weeks, stock_of=GOODS,
                cost=figure.cost.times(withheld * weeks / 52), choice="stock of goods", assumed=figure.assumed,
                note=f"Of the goods withheld, US$ {withheld:,.0f} million a year. {figure.note}",
                sources=figure.sources,
            )
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- exports
    def _of_exports(self) -> None:
        buyers, sectors = _touched(self.hit.sold)
        others = self._others(buyers)
        flows = self.world.accounts.flows[:, self.places].sum(axis=1)
        partners = self._partners(flows[:, sectors].sum(axis=1))
        self._agreements(partners, sectors)
        if not others:
            return
        elsewhere = [self.world.regions.index(code) for code in others]
        value = float(self.hit.sold.sum())
        sold = float(_of(flows, elsewhere, sectors))
        shift = _Shift(
            self, lambda outcome: sold - _of(outcome.flows[:, self.places].sum(axis=1), elsewhere, sectors), value, 0.0
        )
        for share in SHIFTS:
            self._shift(
                shift, share, f"{_percent(share)} sold elsewhere",
                lambda rate: ExportTax(by=self.own, on=others, sectors=self._codes(sectors), rate=rate), "export",
            )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ critical inputs
    def _of_critical_inputs(self) -> None:
        from gaiatsu.exposure import minerals
        from gaiatsu.exposure.mineral_losses import situation

        rate = minerals.facts()["common"]["carrying_cost"]
        stock = source = used = 0.0
        for measure in self.threat.critical:
            there = situation(self.world, measure)  # type: ignore[arg-type]
            for row, region in enumerate(there.regions):
                if int(region) in self.places:
                    value = float(there.standing[row].value)
                    used += value
                    stock += value / 52
                    source += value * float(there.gap[row])
        if not used:
            return
        inputs = tuple(dict.fromkeys(item.input for item in self.threat.critical))  # type: ignore[attr-defined]
        named = " and ".join(str(minerals.mineral(name)["name"]) for name in inputs)
        for weeks in STOCKS:
            self.found.append(
                Hedge(
                    name=f"{weeks:.0f} more weeks of {named} in stock", kind="stock", stock_weeks=weeks,
                    stock_of=inputs, choice="stock of inputs", assumed=True,
                    cost=Cost(rate["low"], rate["central"], rate["high"]).times(stock * weeks),
                    note=f"A year of normal use is worth US$ {used:,.0f} million; assumed {rate['assumed']}",
                )
            )  # fmt: skip
        figure = figures()["second-source"]
        for share in SHIFTS:
            self.found.append(
                Hedge(
                    name=f"Another source for {_percent(share)} of {named}", kind="second source",
                    less_dependence=share, cost=figure.cost.times(share * source), choice="second source",
                    assumed=figure.assumed, note=figure.note, sources=figure.sources,
                )
            )  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- common
    def _agreements(self, partners: Sequence[Partner], sectors: Indices) -> None:
        goods = bool(np.mean(np.array(self.world.goods)[sectors]) >= 0.5)
        known = {hedge.name for hedge in self.found}
        for partner in partners:
            if (name := f"Agreement with {partner.name}") not in known:
                parties = (*self._parties(self.own), *self._parties(partner.members))
                self.found.append(agreement_hedge(self.world, name, parties, goods=goods))

    def _parties(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Who signs for regions: a customs union signs as one, and nothing changes inside it."""
        union = self.world.groups.get(UNION, ())
        return tuple(dict.fromkeys(UNION if code in union else code for code in codes))

    def _shift(
        self, shift: _Shift, share: float, name: str, measure: Callable[[float], Any], side: str, *,
        kind: str = "supplier shift", cost: Cost = FREE, figure: Figure | None = None,
    ) -> None:  # fmt: skip
        rate = shift.rate(share, lambda subsidy: measure(-subsidy))
        if rate is None:
            self.left_out.append(f"{name}: it would take a subsidy of more than {_percent(STEEPEST)}")
            return
        note = (
            f"{_percent(share)} of the hit {side}s beforehand, by a subsidy of {100 * rate:.1f} % on the {side} price"
            " that ends when the threat comes; what it costs beyond what buyers get is in the effect without the threat"
        )
        note += (
            "" if side == "import" else "; WTO members may not subsidise exports of goods, and answers are not counted"
        )
        self.found.append(
            Hedge(
                name=name, kind=kind if side == "import" else "market shift", measures=(measure(-rate),),
                response=(measure(rate),), cost=cost, choice=f"{side} shift" if kind == "supplier shift" else kind,
                assumed=True, note=note + (f". {figure.note}" if figure else ""),
                sources=figure.sources if figure else (),
            )
        )  # fmt: skip

    def _others(self, closers: Sequence[int]) -> tuple[str, ...]:
        left = np.setdiff1d(np.arange(len(self.world.regions)), [*closers, *self.places])
        return tuple(self.world.regions[place] for place in left)

    def _partners(self, trade: Array) -> list[Partner]:
        """Whom to sign with, the largest in `trade` first: nobody who threatens; a customs union counts as one.

        A union that the hedged regions are in, or of which a member threatens, is no partner.
        """
        world, union = self.world, self.world.groups.get(UNION, ())
        threatening = {world.regions[place] for place in self.threatening}
        closed = bool(set(union) & (set(self.own) | threatening))
        found: dict[str, Partner] = {}
        for place, code in enumerate(world.regions):
            if place in self.threatening or place in self.places or code == REST or (closed and code in union):
                continue
            key, name = (UNION, "the European Union") if code in union else (code, _the(world.region_names[place]))
            before = found.get(key, Partner(name, (), 0.0))
            found[key] = Partner(name, (*before.members, code), before.trade + float(trade[place]))
        ranked = sorted(found.values(), key=lambda partner: (-partner.trade, partner.name))
        return [partner for partner in ranked[:PARTNERS] if partner.trade > 0]

    def _codes(self, sectors: Indices) -> tuple[str, ...]:
        return tuple(self.world.sectors[int(place)] for place in sectors)


@dataclass(frozen=True)
class Partner:
    """Whom an agreement would be with: one region, or the members of a customs union."""

    name: str
    members: tuple[str, ...]
    trade: float


def agreement_hedge(world: World, name: str, parties: Sequence[str], *, goods: bool = True) -> Hedge:
    """An agreement by chapter, with the range of its published sizes: duties and standards, or services in general.

    parties: who signs, a union by its name.
    """
    figure = figures()["agreement"]
    chapters = ("goods-duties", "mutual-recognition") if goods else ("services-general",)
    try:
        sized: list[tuple[Measure, ...]] = [
            (Agreement(between=tuple(parties), chapters={chapter: level for chapter in chapters}),)
            for level in ("low", "central", "high")
        ]
        sized[0][0].parts(world, "long")
        note = f"Chapters {', '.join(chapters)}, in their published range"
    except ScenarioError:  # a world whose sectors have no codes
        only = "goods" if goods and any(world.goods) else "all"
        sized = [(), (Agreement(between=tuple(parties), sectors=only, zero_duties=True),), ()]
        note = "Duties between the parties go to zero; chapters need sectors with ISIC codes"
    return Hedge(
        name=name, kind="agreement", least=sized[0], measures=sized[1], most=sized[2], cost=figure.cost,
        assumed=figure.assumed, note=f"{note}; what is agreed already beyond duties is not taken off. {figure.note}",
        sources=figure.sources,
    )  # fmt: skip


class _Shift:
    """Subsidies that move a share of hit trade, by what is left of it."""

    def __init__(
        self, maker: _Maker, left: Callable[[Outcome], float], value: float, start: float | None = None
    ) -> None:
        self.maker, self.left, self.value = maker, left, value
        self.start = value if start is None else start

    def rate(self, share: float, measure: Callable[[float], Any]) -> float | None:
        """The subsidy after which the hit trade is lower by `share` of its value; None above STEEPEST.

        Secant steps from the response to a small subsidy, kept inside what is known to be too little and too much.
        """
        low, high = (0.0, 0.0), (STEEPEST, np.inf)
        trial = share / 4
        for _ in range(30):
            moved = self._moved(measure(trial))
            if abs(moved - share) < CLOSE:
                return trial
            low, high = ((trial, moved), high) if moved < share else (low, (trial, moved))
            known = low[0] > 0 and np.isfinite(high[1])
            slope = (high[1] - low[1]) / (high[0] - low[0]) if known else moved / trial
            guess = trial + (share - moved) / slope if slope > 0 else np.nan
            trial = guess if low[0] < guess < high[0] else (low[0] + high[0]) / 2
            if high[0] - low[0] < 1e-6:
                break
        return None

    def _moved(self, measure: Any) -> float:
        threat = self.maker.threat
        try:
            outcome = solve(
                self.maker.world, [measure], horizon="long", closure=threat.closure, elasticities=threat.before
            )
        except ConvergenceError:
            return float(np.inf)
        return (self.start - self.left(outcome)) / self.value


def _of(flows: Array, regions: Sequence[int], sectors: Indices) -> float:
    return float(flows[list(regions)][:, sectors].sum())


def _touched(hit: Array) -> tuple[list[int], Indices]:
    """Regions and sectors with any hit trade."""
    return [int(place) for place in np.flatnonzero(hit.any(axis=1))], np.flatnonzero(hit.any(axis=0))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _the(name: str) -> str:
    from gaiatsu.report.words import the

    return the(name)
