"""What a government can do. Measures are plain data: `gaiatsu.trade.wedges` turns them into arrays."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario import agreement_chapters
from gaiatsu.scenario.days import day_of_us_duties

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Names = str | Sequence[str]
SIDES = ("exports", "imports", "both")


def _number(owner: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ScenarioError(f"{owner}.{name} must be a finite number, not {value!r}")
    return float(value)


def _share(owner: str, name: str, value: Any) -> None:
    if not 0 <= _number(owner, name, value) <= 1:
        raise ScenarioError(f"{owner}.{name} is {value!r}; a share lies between 0 and 1 (50 % is 0.5)")


def _rate(owner: str, name: str, value: Any) -> None:
    if _number(owner, name, value) <= -1:
        raise ScenarioError(f"{owner}.{name} is {value!r}; a rate must be above -100 % (25 % is 0.25)")


def _targets(measure: Measure, *names: str) -> None:
    """Check that each field names something; lists become tuples, so that a measure stays as it was made."""
    owner = type(measure).__name__
    for name in names:
        value = getattr(measure, name)
        if isinstance(value, str):
            words: tuple[Any, ...] = (value,)
        elif isinstance(value, Iterable):
            words = tuple(value)
            object.__setattr__(measure, name, words)
        else:
            raise ScenarioError(f"{owner}.{name} is {value!r}; it must be a word or a list of words")
        if not words or not all(isinstance(word, str) and word.strip() for word in words):
            raise ScenarioError(f"{owner}.{name} is empty: name at least one region, sector or group")


def _side(measure: Embargo | TradeCost) -> None:
    if measure.side not in SIDES:
        said = f"{type(measure).__name__}.side is {measure.side!r}"
        raise ScenarioError(f"{said}; it must be 'exports', 'imports' or 'both'")


class Measure:
    """Base of all measures; `kind` is the word used in scenario files.

    closes: whether the usual closure is proportional, as where a border shuts. A compound measure, such as a ban on
    travel, overrides the methods below `parts`: the engine sees its parts, tables and reports the measure itself.
    """

    kind: ClassVar[str]
    title: ClassVar[str] = ""  # of a compound measure, in tables
    closes: ClassVar[bool] = False

    def parts(self, world: World, horizon: str) -> tuple[Measure, ...]:
        """The simple measures it consists of, which may depend on the horizon; of a simple measure, itself."""
        return (self,)

    def check(self, others: Sequence[Measure], world: World) -> None:
        """Raise ScenarioError where it cannot stand together with the other measures of a scenario."""

    def cells(self, world: World) -> Any:
        """Of a compound measure: importer, exporter and sector of each cell it touches; None where it touches none."""
        return None

    def describe(self) -> str:
        """Of a compound measure: a short name for tables."""
        return self.title

    def size(self, world: World, horizon: str) -> str:
        """Of a compound measure: how much it does, in a few words."""
        return ""

    def phrase(self, own: str, other: str) -> str:
        """Of a compound measure: the subject of a sentence in the singular; own, other: who acts, on whom."""
        return f"{self.title} of {own} on {other}"

    def to_dict(self) -> dict[str, Any]:
        """The measure as it would be written in a scenario file, defaults left out."""
        out: dict[str, Any] = {"kind": self.kind}
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if value != item.default:
                out[item.name] = list(value) if isinstance(value, tuple) else value
        return out


def _check_levels(owner: str, levels: Mapping[str, float | None]) -> None:
    given = {name: value for name, value in levels.items() if value is not None}
    if len(given) != 1:
        raise ScenarioError(f"{owner} needs exactly one of {', '.join(levels)}; it has {', '.join(given) or 'none'}")
    for name, value in given.items():
        _rate(owner, name, value)


@dataclass(frozen=True, kw_only=True)
class Tariff(Measure):
    """An ad valorem import duty of `by` on goods from `on`.

    Exactly one of rate (added to the duty in force), to (the new level) or at_least (a floor); all fractions (0.25 is
    25 %). coverage: share of each cell's trade that is hit. stack: name of a group of measures that do not add up on a
    cell: the highest of the group applies.
    """

    kind: ClassVar[str] = "tariff"
    by: Names
    on: Names
    sectors: Names = "goods"
    rate: float | None = None
    to: float | None = None
    at_least: float | None = None
    coverage: float = 1.0
    stack: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "on", "sectors")
        _check_levels("Tariff", {"rate": self.rate, "to": self.to, "at_least": self.at_least})
        _share("Tariff", "coverage", self.coverage)
        if self.stack is not None and self.rate is None:
            raise ScenarioError("Tariff.stack goes with rate: `to` and `at_least` are levels and never add up")


@dataclass(frozen=True, kw_only=True)
class ExportTax(Measure):
    """An ad valorem export duty of `by` on sales to `on`; exactly one of rate (added) or to (the new level)."""

    kind: ClassVar[str] = "export_tax"
    by: Names
    on: Names
    sectors: Names = "goods"
    rate: float | None = None
    to: float | None = None
    coverage: float = 1.0
    stack: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "on", "sectors")
        _check_levels("ExportTax", {"rate": self.rate, "to": self.to})
        _share("ExportTax", "coverage", self.coverage)
        if self.stack is not None and self.rate is None:
            raise ScenarioError("ExportTax.stack goes with rate: `to` is a level and never adds up")


@dataclass(frozen=True, kw_only=True)
class Embargo(Measure):
    """`by` closes a share of its trade with `on`: its exports to, its imports from, or both. 1 is exactly no trade."""

    kind: ClassVar[str] = "embargo"
    closes: ClassVar[bool] = True
    by: Names
    on: Names
    sectors: Names = "all"
    share: float = 1.0
    side: str = "exports"
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "on", "sectors")
        _share("Embargo", "share", self.share)
        _side(self)


@dataclass(frozen=True, kw_only=True)
class Agreement(Measure):
    """Trade between the parties gets cheaper by cost_cut (iceberg); zero_duties=True also removes duties between them.

    Each word of between is a party, inside which nothing changes; one word alone means among the members of a group.
    Instead of these, chapters: a list of chapters of agreements, or a mapping from chapter to its size, which is low,
    central, high or a fraction of the delivered price (of the duty in force for goods-duties); kept as pairs. in_force:
    chapter → share of its effect that the parties have agreed on already. See gaiatsu.scenario.agreement_chapters.
    """

    kind: ClassVar[str] = "agreement"
    between: Names
    sectors: Names = "all"
    cost_cut: float = 0.0
    zero_duties: bool = False
    chapters: Any = None
    in_force: Any = None
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "between", "sectors")
        if not 0 <= _number("Agreement", "cost_cut", self.cost_cut) < 1:
            raise ScenarioError(f"Agreement.cost_cut is {self.cost_cut!r}; it must be at least 0 and below 1")
        if self.chapters is not None:
            if self.cost_cut or self.zero_duties:
                raise ScenarioError(
                    "Agreement has chapters, which say what is cut: leave cost_cut and zero_duties out, and give a"
                    " chapter a percentage of its own where its size is known (goods-duties: 100 % removes all duties)"
                )
            object.__setattr__(self, "chapters", agreement_chapters.chapter_sizes(self.chapters))
            object.__setattr__(self, "in_force", agreement_chapters.shares_in_force(self.in_force, self.chapters))
        elif self.in_force:
            raise ScenarioError("Agreement.in_force goes with chapters: name the chapters of the agreement")
        elif not self.cost_cut and not self.zero_duties:
            raise ScenarioError("Agreement does nothing: give chapters, cost_cut above 0, or zero_duties: true")

    def parts(self, world: World, horizon: str) -> tuple[Measure, ...]:
        """Of an agreement by chapter: a tariff or a trade cost for each chapter and group of importers."""
        if self.chapters is None:
            return (self,)
        found: list[Measure] = []
        for cut in agreement_chapters.cuts(
            world, self.between, self.chapters, in_force=dict(self.in_force), only=self.sectors
        ):
            by, on, sectors = cut.importers, cut.exporters, cut.sectors
            if cut.chapter == agreement_chapters.DUTIES:
                found.append(Tariff(by=by, on=on, sectors=sectors, to=0.0, coverage=cut.size))
            else:
                found.append(TradeCost(by=by, on=on, sectors=sectors, change=-cut.size, side="imports"))
        return tuple(found)

    def sectors_in(self, world: World) -> tuple[str, ...]:
        """Codes of the sectors that it touches in a world."""
        places = world.sector_indices(self.sectors).tolist()
        if self.chapters is not None:
            names = [name for name, _ in self.chapters]
            by_chapter = agreement_chapters.assigned_sectors(names, world, self.sectors)
            places = sorted({place for found in by_chapter.values() for place in found})
        return tuple(world.sectors[place] for place in places)

    def by_chapter(self, world: World) -> tuple[Agreement, ...]:
        """One agreement for each chapter that is left sectors in a world; together they do exactly what this does."""
        if self.chapters is None:
            return (self,)
        sectors = agreement_chapters.assigned_sectors([name for name, _ in self.chapters], world, self.sectors)
        share = dict(self.in_force)
        return tuple(
            replace(
                self,
                chapters=((name, size),),
                in_force=((name, share[name]),) if name in share else None,
                sectors=tuple(world.sectors[place] for place in sectors[name]),
                note=agreement_chapters.chapters()[name].title,
            )
            for name, size in self.chapters
            if sectors[name]
        )

    def to_dict(self) -> dict[str, Any]:
        """The measure as it would be written in a scenario file, defaults left out."""
        out = super().to_dict()
        for name in ("chapters", "in_force"):
            if out.get(name):
                out[name] = dict(out[name])
            else:
                out.pop(name, None)
        return out


@dataclass(frozen=True, kw_only=True)
class Productivity(Measure):
    """Productivity of the sectors of `by` changes by `change` (0.01 is one percent more output per unit of cost)."""

    kind: ClassVar[str] = "productivity"
    by: Names
    sectors: Names = "all"
    change: float = 0.0
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "sectors")
        _rate("Productivity", "change", self.change)


@dataclass(frozen=True, kw_only=True)
class TradeCost(Measure):
    """Trade of `by` with `on` gets costlier (change 0.05: five percent more of the good is used up) or cheaper."""

    kind: ClassVar[str] = "trade-cost"
    by: Names
    on: Names
    sectors: Names = "all"
    change: float = 0.0
    side: str = "both"
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "on", "sectors")
        _rate("TradeCost", "change", self.change)
        _side(self)


@dataclass(frozen=True, kw_only=True)
class Financing(Measure):
    """A share of the transfer that finances the trade deficit of `on` is withdrawn by the surplus regions among `by`.

    Each of them takes back in proportion to its surplus, and no more than that; whether the rest of the world fills in
    is another scenario. The closure `balanced` has no deficits, and refuses it.
    """

    kind: ClassVar[str] = "financing"
    closes: ClassVar[bool] = True
    on: Names
    by: Names = "all"
    share: float = 1.0
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "by", "on")
        _share("Financing", "share", self.share)


@dataclass(frozen=True, kw_only=True)
class USDuties(Measure):
    """The duties that the United States have added since January 2025, as in force on the day `at`.

    at: a date or "2025-07-20", from 1 February 2025 to 19 August 2026; left out, the latest. on: whose goods pay them;
    sectors: of these only goods are hit. stack as for a Tariff. Rates: gaiatsu.scenario.us_duties.
    """

    kind: ClassVar[str] = "us-duties"
    at: datetime.date | str | None = None
    on: Names = "all"
    sectors: Names = "goods"
    stack: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        _targets(self, "on", "sectors")
        if self.at is not None:
            object.__setattr__(self, "at", day_of_us_duties(self.at))

    @property
    def day(self) -> datetime.date:
        """The day whose duties are meant."""
        return day_of_us_duties(self.at)


MEASURES: dict[str, type[Measure]] = {
    cls.kind: cls for cls in (Tariff, ExportTax, USDuties, Embargo, Agreement, Productivity, TradeCost, Financing)
}
