"""The measure `critical-input`: a country withholds a mineral that is too small to see in the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario.measures import MEASURES, Measure, Names, Productivity, _number, _share, _targets

if TYPE_CHECKING:
    from gaiatsu.world.world import World

Users = tuple[tuple[str, float], ...]


def _said(value: Names) -> str:
    return value if isinstance(value, str) else ", ".join(value)


@dataclass(frozen=True, kw_only=True)
class CriticalInput(Measure):
    """`by` withholds a share of the critical input that it sells to `on`; users there make less (docs/minerals.md).

    input: rare-earths, gallium, germanium, graphite, …; share: of what `by` sells to `on`. What is left out comes from
    the mineral's own figures: dependence (share of the use of `on` that comes from `by`), weeks (how long it has
    lasted: 13, 52, 156, 520 at impact, short, medium, long), stock_weeks (weeks of use in stock), recycling (share of
    use), substitution (σ), spare_capacity (what others add within three years, as a share of the world's use), users
    (sector: share of its cost), reach (share of the users' output that needs the input).
    """

    kind: ClassVar[str] = "critical-input"
    title: ClassVar[str] = "Critical input withheld"
    closes: ClassVar[bool] = True
    by: Names
    on: Names
    input: str
    share: float = 1.0
    dependence: float | None = None
    weeks: float | None = None
    stock_weeks: float | None = None
    recycling: float | None = None
    substitution: float | None = None
    spare_capacity: float | None = None
    users: Mapping[str, float] | Users | None = None
    reach: float | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        from gaiatsu.exposure.minerals import mineral_key, users_of

        _targets(self, "by", "on")
        if not isinstance(self.input, str):
            raise ScenarioError(f"CriticalInput.input is {self.input!r}; it must be the name of a mineral")
        object.__setattr__(self, "input", mineral_key(self.input))
        for name in ("share", "dependence", "recycling", "reach"):
            if getattr(self, name) is not None:
                _share("CriticalInput", name, getattr(self, name))
        for name, least in (("weeks", 1), ("stock_weeks", 0), ("spare_capacity", 0)):
            value = getattr(self, name)
            if value is not None and _number("CriticalInput", name, value) < least:
                raise ScenarioError(f"CriticalInput.{name} is {value!r}; it must be at least {least}")
        for name in ("substitution", "reach"):
            value = getattr(self, name)
            if value is not None and _number("CriticalInput", name, value) <= 0:
                raise ScenarioError(f"CriticalInput.{name} is {value!r}; it must be above 0")
        if self.weeks is not None and self.weeks > 2600:
            raise ScenarioError(f"CriticalInput.weeks is {self.weeks!r}; at most 2600 (fifty years)")
        if self.recycling == 1:
            raise ScenarioError("CriticalInput.recycling is 1: all use is recycled, and nothing can be withheld")
        if self.users is None:
            users_of(self.input)
        else:
            object.__setattr__(self, "users", _users(self.users))

    def to_dict(self) -> dict[str, Any]:
        """The measure as it would be written in a scenario file, defaults left out."""
        out = super().to_dict()
        return out if self.given_users is None else {**out, "users": dict(self.given_users)}

    @property
    def given_users(self) -> Users | None:
        """The users as pairs of sector and share of cost; None where they are the mineral's own."""
        return None if self.users is None else _users(self.users)

    def parts(self, world: World, horizon: str) -> tuple[Measure, ...]:
        """The productivity of each user, found together with what it makes at the horizon's usual elasticities."""
        from gaiatsu.exposure.mineral_losses import situation

        there = situation(world, self)
        joint = there.joint(horizon)
        rows = zip(there.cells["region"], there.cells["sector"], joint.productivity, strict=True)
        return tuple(
            Productivity(by=world.regions[region], sectors=[world.sectors[sector]], change=float(value) - 1)
            for region, sector, value in rows
        )

    def check(self, others: Sequence[Measure], world: World) -> None:
        """Raise ScenarioError where another measure withholds the same input from the same region.

        Each would have the whole stockpile and all new supply for itself.
        """
        from gaiatsu.exposure.mineral_users import sides

        others = list(others)
        itself = [place for place, other in enumerate(others) if other is self][:1]  # the same measure twice is two
        for place, other in enumerate(others):
            if isinstance(other, CriticalInput) and place not in itself and other.input == self.input:
                cutting, mine = sides(world, self)
                cutting_too, theirs = sides(world, other)
                both = [world.regions[index] for index in np.intersect1d(mine, theirs)]
                if both:
                    codes = [world.regions[index] for index in np.union1d(cutting, cutting_too)]
                    by = ", ".join(codes[:5]) + (", …" if len(codes) > 5 else "")
                    by = f"[{by}]" if len(codes) > 1 else by
                    raise ScenarioError(
                        f"two measures withhold {self.input} from {', '.join(both[:5])}, each with all stocks and all "
                        f"new supply to itself: write one, `by: {by}`, with one `share`"
                    )

    def describe(self) -> str:
        """A short name for tables."""
        return f"{self.input} withheld by {_said(self.by)} from {_said(self.on)} ({self.share:.0%})"

    def size(self, world: World, horizon: str) -> str:
        """How much it does, in a few words."""
        from gaiatsu.exposure.mineral_losses import situation

        there = situation(world, self)
        week = there.weeks_at(horizon)
        lacking = there.shortfall("central", week)[:, -1]
        parts = [
            f"{world.regions[region]} lacks {100 * short:.0f} % of its use"
            for region, short in zip(there.regions, lacking, strict=True)
        ]
        shown = "; ".join(parts[:3]) + ("; …" if len(parts) > 3 else "")
        return f"{100 * self.share:.0f} % of sales stopped; after {week} weeks {shown}"

    def phrase(self, own: str, other: str) -> str:
        """The subject of a sentence."""
        from gaiatsu.exposure.minerals import mineral

        return f"withholding {mineral(self.input)['name']} of {own} from {other}"


def _users(given: Any) -> Users:
    """Sector and share of its cost, as pairs."""
    try:
        pairs = tuple((str(name), value) for name, value in dict(given).items())
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"CriticalInput.users is {given!r}; it must say sector: share of its cost") from error
    if not pairs:
        raise ScenarioError("CriticalInput.users is empty: name at least one sector and its share of cost")
    for name, value in pairs:
        if not 0 < _number("CriticalInput", f"users[{name}]", value) <= 1:
            raise ScenarioError(f"CriticalInput.users[{name}] is {value!r}; a share of cost is above 0, at most 1")
    return tuple((name, float(value)) for name, value in pairs)


MEASURES[CriticalInput.kind] = CriticalInput
