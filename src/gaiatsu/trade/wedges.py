"""What measures become: arrays of duties, icebergs, availabilities and productivities, composed without order.

Equation: model page, "Wedges". Nothing here needs jax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario import outlays, parties, us_duties
from gaiatsu.scenario.measures import (
    Agreement,
    Embargo,
    ExportTax,
    Financing,
    Measure,
    Productivity,
    Tariff,
    TradeCost,
    USDuties,
)
from gaiatsu.scenario.outlays import Outlays

if TYPE_CHECKING:
    from gaiatsu.world.accounts import Accounts
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
ROUNDING = 1e-9  # of a share: three thirds are a whole
NO_DEFICIT = "closure 'balanced' has no trade deficit whose financing could change; take 'proportional' or 'fixed'"


@dataclass(frozen=True, eq=False, kw_only=True)
class Wedges:
    """Levels after the shock.

    duty, export_duty: [importer, exporter, sector] ad valorem
    iceberg: [importer, exporter, sector] ratio to the baseline's cost of moving goods, above 0
    availability: [importer, exporter, sector] share of the supply that may still be bought, 0 is a shut border
    productivity: [region, sector] ratio to the baseline, above 0
    transfer: [region] US$ million in units of the numeraire; sums to zero
    purchases: [buyer, seller, sector] shares of the buyer's final expenditure that its government spends in the
        seller's market beyond the baseline (below 0: no longer spends); None where there are none
    """

    duty: Array
    export_duty: Array
    iceberg: Array
    availability: Array
    productivity: Array
    transfer: Array
    purchases: Array | None = None


_unchanged: WeakKeyDictionary[Accounts, Wedges] = WeakKeyDictionary()


def unchanged(accounts: Accounts) -> Wedges:
    """The wedges of the baseline itself, made once: arrays that no measure moves are shared by all outcomes."""
    if accounts not in _unchanged:
        ones = np.ones_like(accounts.flows)
        ones.setflags(write=False)
        _unchanged[accounts] = Wedges(
            duty=accounts.duty,
            export_duty=accounts.export_duty,
            iceberg=ones,
            availability=ones,
            productivity=np.ones_like(accounts.va_share),
            transfer=accounts.transfer,
        )
    return _unchanged[accounts]


def touched_cells(measure: Measure, world: World) -> Cells | None:
    """Importer, exporter and sector of each cross-border cell a measure touches; None where it works otherwise."""
    if isinstance(measure, Agreement):
        pairs = parties.pairs(world, measure.between)
    elif isinstance(measure, Tariff):
        pairs = _pairs(world.region_indices(measure.by), world.region_indices(measure.on))
    elif isinstance(measure, USDuties):
        pairs = _pairs(np.array([us_duties.importer(world)]), world.region_indices(measure.on))
    elif isinstance(measure, ExportTax):
        pairs = _pairs(world.region_indices(measure.on), world.region_indices(measure.by))
    elif isinstance(measure, Embargo | TradeCost):
        actors, targets = world.region_indices(measure.by), world.region_indices(measure.on)
        sides = {"exports": [(targets, actors)], "imports": [(actors, targets)]}
        chosen = sides.get(measure.side) or [*sides["exports"], *sides["imports"]]
        pairs = np.unique(np.concatenate([_pairs(*side) for side in chosen]), axis=0)
    else:
        cells: Cells | None = measure.cells(world)
        return cells
    named = measure.sectors_in(world) if isinstance(measure, Agreement) else measure.sectors
    sectors = np.asarray(world.sector_indices(named))
    if isinstance(measure, USDuties):
        sectors = sectors[np.asarray(world.goods)[sectors]]
    return np.repeat(pairs[:, 0], len(sectors)), np.repeat(pairs[:, 1], len(sectors)), np.tile(sectors, len(pairs))


def _pairs(importers: NDArray[np.int64], exporters: NDArray[np.int64]) -> NDArray[np.int64]:
    """[pair, 2] importer and exporter, own pairs left out."""
    grid = np.array(np.meshgrid(importers, exporters, indexing="ij")).reshape(2, -1).T
    return grid[grid[:, 0] != grid[:, 1]]


def _cells(measure: Measure, world: World) -> Cells:
    """The cells a measure touches; ScenarioError when it targets only itself."""
    found = touched_cells(measure, world)
    assert found is not None
    if not len(found[0]):
        if isinstance(measure, Agreement):
            raise ScenarioError(
                f"agreement: between {parties.why_nothing(world, measure.between)}: {measure.between!r}"
            )
        if isinstance(measure, USDuties):
            raise ScenarioError(
                f"us-duties hit nothing: name goods, and another region than the United States: {measure!r}"
            )
        name = world.regions[int(world.region_indices(measure.by)[0])]  # type: ignore[attr-defined]
        raise ScenarioError(f"{measure.kind}: `by` and `on` are the same region, {name}; name another one")
    return found


class _Level:
    """A duty being composed: base + Σ added, replaced by `to`, never below `at_least`."""

    def __init__(self, base: Array) -> None:
        self.base = base
        self.added = np.zeros_like(base)
        self.fixed = np.full_like(base, np.nan)
        self.floor = np.full_like(base, -np.inf)
        self.stacks: dict[str, Array] = {}

    def set_level(self, cells: Cells, to: float, coverage: float, measure: Measure, world: World) -> None:
        base = self.base[cells]
        level = base + coverage * (to - base)
        clash = np.flatnonzero(~np.isnan(self.fixed[cells]) & (self.fixed[cells] != level))
        if len(clash):
            importer, exporter, sector = (int(axis[clash[0]]) for axis in cells)
            raise ScenarioError(
                f"two measures set different levels on {world.regions[importer]} imports of "
                f"{world.sectors[sector]} from {world.regions[exporter]}: "
                f"{self.fixed[importer, exporter, sector]:g} and {level[clash[0]]:g} "
                f"(the second is {measure!r}); a duty has one level"
            )
        self.fixed[cells] = level

    def raise_floor(self, cells: Cells, at_least: float, coverage: float) -> None:
        base = self.base[cells]
        self.floor[cells] = np.maximum(self.floor[cells], base + coverage * np.maximum(at_least - base, 0))

    def add(self, cells: Cells, rate: float | Array, stack: str | None) -> None:
        if stack is None:
            self.added[cells] += rate
            return
        group = self.stacks.setdefault(stack, np.full_like(self.base, -np.inf))
        group[cells] = np.maximum(group[cells], rate)

    def level(self, world: World, what: str) -> Array:
        added = self.added.copy()
        for group in self.stacks.values():
            added += np.where(np.isfinite(group), group, 0.0)
        level = np.where(np.isnan(self.fixed), self.base + added, self.fixed)
        level = np.maximum(level, self.floor)
        if (level <= -1).any():
            importer, exporter, sector = np.argwhere(level <= -1)[0]
            buyer, seller, good = world.regions[importer], world.regions[exporter], world.sectors[sector]
            whose = f"{seller} on {good} to {buyer}" if what == "export duty" else f"{buyer} on {good} from {seller}"
            size = f"{level[importer, exporter, sector]:.0%}"
            raise ScenarioError(f"the {what} of {whose} would be {size}; a duty must stay above -100 %")
        return level


def compose(
    world: World, measures: Sequence[Measure], *, residual_supply: float = 0.0, horizon: str = "long"
) -> Wedges:
    """Measures as arrays; their order does not matter. Compound measures may do different things at each horizon.

    A duty is max(all at_least, `to` if any, else base + Σ rate · coverage), of each `stack` only the highest counting;
    with a coverage below one, `to` and `at_least` move the duty by that share of the way. Icebergs multiply,
    availabilities take the minimum; residual_supply is the share of a shut border that leaks (a floor on availability).

    Raises ScenarioError for unknown names, two different `to` on a cell, measures that exclude one another, a target
    that is only oneself, a duty of -100 % or less.
    """
    if not 0 <= residual_supply < 1:
        raise ScenarioError(f"residual_supply is {residual_supply!r}; it must be at least 0 and below 1")
    base = unchanged(world.accounts)
    levels: dict[str, _Level] = {}
    moved: dict[str, Array] = {}

    def level(name: str) -> _Level:
        return levels.setdefault(name, _Level(getattr(base, name)))

    def table(name: str) -> Array:
        return moved.setdefault(name, getattr(base, name).copy())

    for whole in measures:
        whole.check(measures, world)
    parts = [part for whole in measures for part in whole.parts(world, horizon)]
    purchases = outlays.purchases(world, [part for part in parts if isinstance(part, Outlays)])
    withdrawals = [part for part in parts if isinstance(part, Financing)]
    if withdrawals:
        moved["transfer"] = _withdraw(withdrawals, world)
    for measure in parts:
        if isinstance(measure, Financing | Outlays):
            continue
        if isinstance(measure, Productivity):
            regions, sectors = world.region_indices(measure.by), world.sector_indices(measure.sectors)
            table("productivity")[np.ix_(regions, sectors)] *= 1 + measure.change
            continue
        if not isinstance(measure, Tariff | ExportTax | USDuties | Embargo | Agreement | TradeCost):
            raise ScenarioError(f"{measure!r} is no measure that the trade engine knows")
        cells = _cells(measure, world)
        if isinstance(measure, Tariff | ExportTax):
            _compose_duty(level("duty" if isinstance(measure, Tariff) else "export_duty"), cells, measure, world)
        elif isinstance(measure, USDuties):
            level("duty").add(cells, us_duties.for_world(world, measure.day)[cells[1:]], measure.stack)
        elif isinstance(measure, Embargo):
            open_share = table("availability")
            open_share[cells] = np.minimum(open_share[cells], max(1 - measure.share, residual_supply))
        elif isinstance(measure, TradeCost):
            table("iceberg")[cells] *= 1 + measure.change
        else:
            table("iceberg")[cells] *= 1 - measure.cost_cut
            if measure.zero_duties:
                level("duty").set_level(cells, 0.0, 1.0, measure, world)
    names = {"duty": "import duty", "export_duty": "export duty"}
    duties = {name: found.level(world, names[name]) for name, found in levels.items()}
    return replace(base, **moved, **duties, purchases=purchases)


def _withdraw(measures: Sequence[Financing], world: World) -> Array:
    """[region] the transfers once the deficits' financing is cut; lenders keep what they paid, by their surpluses.

    Raises ScenarioError without a deficit or a lender, where lenders would take back more than their surpluses, and
    where more of a deficit is withdrawn than there is.
    """
    before = world.accounts.transfer
    transfer = before.copy()
    withdrawn = np.zeros(len(before))  # of each deficit, the share that is no longer financed
    taken_back = np.zeros(len(before))  # of each surplus
    for measure in measures:
        targets = np.asarray(world.region_indices(measure.on))
        lenders = np.setdiff1d(world.region_indices(measure.by), targets)
        deficit, surplus = np.maximum(before[targets], 0.0), np.maximum(-before[lenders], 0.0)
        named = _some(world, targets)
        if not deficit.any():
            raise ScenarioError(
                f"financing: {named} had no trade deficit in {world.name}: there is nothing to withdraw"
            )
        if not surplus.any():
            raise ScenarioError(
                f"financing: nobody named in `by` had a trade surplus in {world.name} to lend to {named}"
            )
        cut = measure.share * deficit
        part = float(cut.sum() / surplus.sum())
        if part > 1 + ROUNDING:
            most = np.floor(1000 * surplus.sum() / deficit.sum()) / 1000  # as printed, it can be given
            raise ScenarioError(
                f"financing: {_some(world, lenders[surplus > 0])} had trade surpluses of US$ {surplus.sum():,.0f} "
                f"million in {world.name}, {most:.1%} of the deficit of {named} (US$ {deficit.sum():,.0f} million): "
                f"they can withdraw no more than that share, not {measure.share:.4g}; name more lenders in `by`"
            )
        transfer[targets] -= cut
        transfer[lenders] += cut.sum() * surplus / surplus.sum()
        withdrawn[targets[deficit > 0]] += measure.share
        taken_back[lenders[surplus > 0]] += part
    for what, shares in (
        ("withdraw {1:.0%} of the trade deficit of {0}", withdrawn),
        ("take back {1:.0%} of the trade surplus of {0}", taken_back),
    ):
        if shares.max() > 1 + ROUNDING:
            place = int(shares.argmax())
            raise ScenarioError(
                f"financing: {len(measures)} measures together {what.format(world.regions[place], shares[place])}; "
                "it can be 100% at most"
            )
    return transfer


def _some(world: World, places: NDArray[np.int64]) -> str:
    """The first codes of some regions, and how many more there are."""
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return ", ".join(world.regions[index] for index in places[:5]) + more


def _compose_duty(level: _Level, cells: Cells, measure: Tariff | ExportTax, world: World) -> None:
    if measure.rate is not None:
        level.add(cells, measure.rate * measure.coverage, measure.stack)
    elif measure.to is not None:
        level.set_level(cells, measure.to, measure.coverage, measure, world)
    elif isinstance(measure, Tariff) and measure.at_least is not None:
        level.raise_floor(cells, measure.at_least, measure.coverage)


def label(measure: Measure) -> str:
    """A short name for tables: the measure's note, or what it does to whom."""
    note = getattr(measure, "note", None)
    if note:
        return str(note)
    if measure.title:
        return measure.describe()

    def words(value: object) -> str:
        return value if isinstance(value, str) else ", ".join(str(item) for item in value)  # type: ignore[attr-defined]

    if isinstance(measure, Agreement):
        chapters = [name for name, _ in measure.chapters or ()]
        return f"agreement {words(measure.between)}: {words(chapters or measure.sectors)}"
    if isinstance(measure, Productivity):
        return f"productivity {words(measure.by)} {measure.change:+.3g}: {words(measure.sectors)}"
    if isinstance(measure, TradeCost):
        return f"trade cost {words(measure.by)}, {words(measure.on)}: {words(measure.sectors)} ({measure.change:+.3g})"
    if isinstance(measure, Financing):
        return f"financing of {words(measure.on)} cut by {measure.share:.0%}"
    if isinstance(measure, USDuties):
        return f"US duties of {measure.day} on {words(measure.on)}: {words(measure.sectors)}"
    if isinstance(measure, Embargo):
        return f"embargo ({measure.side}) {words(measure.by)} on {words(measure.on)}: {words(measure.sectors)}"
    size = next(
        f"{key} {getattr(measure, key):g}"
        for key in ("rate", "to", "at_least")
        if getattr(measure, key, None) is not None
    )
    return f"{measure.kind} {words(measure.by)} on {words(measure.on)}: {words(measure.sectors)} ({size})"  # type: ignore[attr-defined]
