"""What a scenario file may ask under `security: group`: what a group is worth, by member and by tie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.scenario.deterrence_models import Billions
from gaiatsu.scenario.measure_models import Strict, Words
from gaiatsu.scenario.quantities import PERCENT_SCHEMA, parse_fraction
from gaiatsu.scenario.security_question import Fault, Question

if TYPE_CHECKING:
    from gaiatsu.security.alliance import Tie
    from gaiatsu.world.world import World

# Assumptions, told in the report: no data identify them.
ALLY_WEIGHT = (0.1, 0.5)
DECISIVENESS = (0.5, 2.0)


def _ends(value: Any) -> tuple[Any, Any]:
    """One number, or [low, high]."""
    ends = list(value) if isinstance(value, list | tuple) else [value, value]
    if len(ends) != 2:
        raise ValueError(f"{value!r} must be one number, or two: [low, high]")
    return ends[0], ends[1]


def _shares(value: Any) -> tuple[float, float]:
    low, high = (parse_fraction(end) for end in _ends(value))
    if not 0 <= low <= high <= 1:
        raise ValueError(f"{value!r} must lie between 0 and 1 (0 % and 100 %), the low end first")
    return low, high


def _powers(value: Any) -> tuple[float, float]:
    from gaiatsu.security.deterrence import LEAST_DECISIVE, MOST_DECISIVE

    ends = _ends(value)
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends):
        raise ValueError(f"{value!r} must be a number, or [low, high]")
    low, high = (float(end) for end in ends)
    if not LEAST_DECISIVE <= low <= high <= MOST_DECISIVE:
        raise ValueError(f"{value!r} must lie between {LEAST_DECISIVE:g} and {MOST_DECISIVE:g}, the low end first")
    return low, high


def _range_schema(*kinds: dict[str, Any]) -> WithJsonSchema:
    one: list[dict[str, Any]] = list(kinds)
    return WithJsonSchema({"anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 2, "maxItems": 2}]})


_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
Shares = Annotated[tuple[float, float], BeforeValidator(_shares), _range_schema(_SHARE, PERCENT_SCHEMA)]
Powers = Annotated[
    tuple[float, float], BeforeValidator(_powers), _range_schema({"type": "number", "exclusiveMinimum": 0})
]


class TieModel(Strict):
    """One state owes another defence."""

    by: str = Field(min_length=1, description="Who owes it")
    to: str = Field(min_length=1, description="To whom")
    reliability: Shares | None = Field(
        default=None,
        description="Chance that it is kept, a number or [low, high]; left out, what studies have counted",
    )


class FadingModel(Strict):
    """The tie that weakens from full to none."""

    by: str = Field(min_length=1, description="Who owes it")
    to: str = Field(min_length=1, description="To whom")


class GroupModel(Question):
    """What a group is worth by joint leverage over a rival and by joint capability, and what if a tie weakens."""

    members: Words = Field(description="The members, two to five regions, one by one or as one group")
    rival: str = Field(min_length=1, description="Whom they would press together")
    ties: list[TieModel] | None = Field(
        default=None, description="Who owes whom defence; left out, the treaties in force"
    )
    fading: FadingModel | None = Field(
        default=None, description="The tie that weakens; left out, the one that carries most capability"
    )
    horizons: list[Literal["impact", "short", "medium", "long"]] | None = Field(
        default=None, min_length=1, description="Horizons of joint leverage; left out, those of the scenario"
    )
    ally_weight: Shares = Field(default=ALLY_WEIGHT, description="Share of an ally's effort that counts (theta)")
    decisiveness: Powers = Field(default=DECISIVENESS, description="How much the larger effort decides a contest (m)")
    figures: dict[str, Billions] = Field(
        default_factory=dict,
        description="Military spending of members and rival, US$ billion, in place of the package's",
    )

    @model_validator(mode="after")
    def _possible(self) -> GroupModel:
        if self.ties is not None and not self.ties and self.fading:
            raise ValueError("has no ties, so that none can be fading: leave `fading` out, or name ties")
        return self

    def faults(self, world: World) -> list[Fault]:
        """Members and rival that are not regions of the world, ties between others, missing figures."""
        from gaiatsu.security.group import MOST_MEMBERS

        faults: list[Fault] = []
        members = _codes(world, self.members, ("members",), faults)
        rival = _codes(world, [self.rival], ("rival",), faults)
        if faults:
            return faults
        faults += [
            (("members",), f"{code} stands there twice") for code in members if _times(world, self.members, code) > 1
        ]
        if not 2 <= len(members) <= MOST_MEMBERS:
            faults.append((("members",), f"are {len(members)}: a group has two to {MOST_MEMBERS} members here"))
        if len(rival) > 1:
            faults.append((("rival",), f"{self.rival!r} is {len(rival)} regions: name one"))
        if rival[0] in members:
            faults.append((("rival",), f"{rival[0]} is a member: name somebody outside the group"))
        faults += self._tie_faults(world, members)
        faults += self._figure_faults(world, [*members, *rival])
        return faults

    def tied(self, world: World, members: Sequence[str]) -> tuple[Tie, ...]:
        """The ties between members: those named, or those of treaties in force."""
        from gaiatsu.security.alliance import RELIABILITY, Tie, ties_between

        if self.ties is None:
            return ties_between(members)
        return tuple(
            Tie(_code(world, tie.by), _code(world, tie.to), *(tie.reliability or RELIABILITY), "named in the scenario")
            for tie in self.ties
        )

    def efforts(self, world: World, codes: Sequence[str]) -> dict[str, float]:
        """Code → military spending, US$ billion: the figures given, otherwise the package's. Raises ScenarioError."""
        given = {_code(world, word): value for word, value in self.figures.items()}
        out: dict[str, float] = {}
        for code in codes:
            value = given.get(code, known_spending(code))
            if value is None:
                raise ScenarioError(f"no military spending of {code} is at hand: give it under `figures`, US$ billion")
            out[code] = value
        return out

    def _tie_faults(self, world: World, members: list[str]) -> list[Fault]:
        from gaiatsu.security.alliance import ties_between

        faults: list[Fault] = []
        pairs: list[tuple[str, str]] = [(tie.by, tie.to) for tie in ties_between(members)]
        if self.ties is not None:
            pairs = []
            for number, tie in enumerate(self.ties):
                found = _pair(world, tie, ("ties", number), members, faults)
                if found in pairs:
                    faults.append((("ties", number), f"{found[0]} to {found[1]} stands there twice"))
                pairs += [found] if found else []
        if self.fading:
            found = _pair(world, self.fading, ("fading",), members, faults)
            if found and found not in pairs:
                known = ", ".join(f"{by} to {to}" for by, to in pairs) or "none"
                faults.append((("fading",), f"there is no tie from {found[0]} to {found[1]} (ties: {known})"))
        return faults

    def _figure_faults(self, world: World, codes: list[str]) -> list[Fault]:
        faults: list[Fault] = []
        given = set[str]()
        for word in self.figures:
            path = ("figures", word)
            found = _codes(world, [word], path, faults)
            if len(found) > 1:
                faults.append((path, f"{word!r} is {len(found)} regions: name them one by one"))
            elif found and found[0] not in codes:
                faults.append((path, f"{found[0]} is neither a member nor the rival ({', '.join(codes)})"))
            elif found and found[0] in given:
                faults.append((path, f"{found[0]} stands there twice"))
            given.update(found)
        unknown = [code for code in codes if code not in given and known_spending(code) is None]
        if unknown and not faults:
            said = f"lacks {', '.join(unknown)}: no military spending of theirs is at hand; give it in US$ billion"
            faults.append((("figures",), said))
        return faults


def known_spending(code: str) -> float | None:
    """The package's own figure of military spending, US$ billion, the latest year; None where there is none."""
    from gaiatsu.security.capabilities import default_spending

    spending = default_spending()
    years = spending.years([code])
    try:
        return spending.of(code, years[-1]).usd_billion if years else None
    except DataError:
        return None


def _code(world: World, word: str) -> str:
    return world.regions[world.region_indices(word)[0]]


def _times(world: World, words: Sequence[str], code: str) -> int:
    """How often a region is among those that words mean."""
    return sum(world.regions[place] == code for word in words for place in world.region_indices(word))


def _codes(world: World, words: list[str], path: tuple[str | int, ...], faults: list[Fault]) -> list[str]:
    """Codes of the regions that words mean, once each."""
    found: list[str] = []
    for word in words:
        try:
            found += [world.regions[place] for place in world.region_indices(word)]
        except ScenarioError as error:
            faults.append((path, str(error)))
    return list(dict.fromkeys(found))


def _pair(
    world: World, tie: TieModel | FadingModel, path: tuple[str | int, ...], members: list[str], faults: list[Fault]
) -> tuple[str, str] | None:
    """The two codes of a tie between members, or None and a fault."""
    ends = []
    for key in ("by", "to"):
        codes = _codes(world, [getattr(tie, key)], (*path, key), faults)
        if codes and codes[0] not in members:
            faults.append(((*path, key), f"{codes[0]} is no member of the group ({', '.join(members)})"))
        elif len(codes) > 1:
            faults.append(((*path, key), f"{getattr(tie, key)!r} is several regions: name one"))
        ends += codes[:1] if codes and codes[0] in members else []
    if len(ends) == 2 and ends[0] == ends[1]:
        faults.append((path, f"goes from {ends[0]} to itself"))
    return (ends[0], ends[1]) if len(ends) == 2 and ends[0] != ends[1] else None
