"""What a scenario file may ask under `security: deterrence`: how reliable an ally must be, how large an own budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.scenario.measure_models import Strict, Words
from gaiatsu.scenario.quantities import PERCENT_SCHEMA, Share, parse_fraction
from gaiatsu.scenario.security_question import Fault, Question
from gaiatsu.world.codes import country_code

if TYPE_CHECKING:
    from gaiatsu.security.capabilities import Spending
    from gaiatsu.security.deterrence_box import Situation
    from gaiatsu.world.world import World

Side = Literal["attacker", "defender", "ally"]
MOST_MONEY = 1e5  # US$ bn, about the income of the world
FIRST_YEAR = 1914  # before it, the only figures are in pounds
NEAR = 5  # years between spending and GDP, beyond which one is not told as a share of the other
MOST_BUDGETS, MOST_RELIABILITIES = 6, 8
LEAST_DECISIVE, MOST_DECISIVE = 0.2, 10.0  # below, and at cheaper attacks, no sum of money deters
LEAST_COST, MOST_COST = 0.05, 1.0
TODAY = "today"
SIZES = {"attacker": "attacker", "defender": "own", "ally": "ally"}  # side → key of its effort


def _pair(value: Any, read: Any, least: float, most: float) -> tuple[float, float]:
    """One number as both ends of a range, or [low, high]."""
    given = value if isinstance(value, list | tuple) else [value, value]
    if len(given) != 2:
        raise ValueError(f"{value!r} must be one number, or two: [low, high]")
    low, high = (read(end) for end in given)
    if low > high:
        raise ValueError(f"{value!r} falls: write [low, high]")
    if not least <= low <= high <= most:
        raise ValueError(f"{value!r} must lie between {least:g} and {most:g}")
    return low, high


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _billions(value: Any) -> float:
    found = _number(value)
    if not 0 < found <= MOST_MONEY:
        raise ValueError(f"{value!r} must be US$ billion a year: above 0, at most {MOST_MONEY:,.0f}")
    return found


def _schema(*kinds: dict[str, Any]) -> WithJsonSchema:
    ends = {"type": "array", "items": {"anyOf": list(kinds)}, "minItems": 2, "maxItems": 2}
    return WithJsonSchema({"anyOf": [*kinds, ends]})


_NUMBER: dict[str, Any] = {"type": "number"}
Billions = Annotated[
    float, BeforeValidator(_billions), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_MONEY})
]
BillionsRange = Annotated[
    tuple[float, float], BeforeValidator(lambda value: _pair(value, _billions, 0.0, MOST_MONEY)), _schema(_NUMBER)
]
WeightRange = Annotated[
    tuple[float, float], BeforeValidator(lambda value: _pair(value, parse_fraction, 0.0, 1.0)),
    _schema(_NUMBER, PERCENT_SCHEMA),
]  # fmt: skip
CostRange = Annotated[
    tuple[float, float], BeforeValidator(lambda value: _pair(value, parse_fraction, LEAST_COST, MOST_COST)),
    _schema(_NUMBER, PERCENT_SCHEMA),
]  # fmt: skip
DecisivenessRange = Annotated[
    tuple[float, float], BeforeValidator(lambda value: _pair(value, _number, LEAST_DECISIVE, MOST_DECISIVE)),
    _schema(_NUMBER),
]  # fmt: skip


class EffortModel(Strict):
    """Efforts in place of the figures, US$ bn a year."""

    attacker: BillionsRange | None = Field(default=None, description="The attacker's; or low and high")
    own: Billions | None = Field(default=None, description="The defender's own")
    ally: BillionsRange | None = Field(default=None, description="That of all allies together; or low and high")


class DeterrenceModel(Question):
    """How reliable an ally must be for a budget to deter, and how large a budget must be for a given reliability."""

    attacker: Words = Field(description="Who is to be deterred; several add up")
    defender: str = Field(min_length=1, description="Whose budget it is")
    ally: Words = Field(description="Who may come to help; several add up and come together")
    figures: str = Field(
        default="default",
        min_length=1,
        description="`default`, or the path of your own SIPRI or Correlates of War file",
    )
    year: Annotated[int, Field(strict=True, ge=FIRST_YEAR, le=2100)] | None = Field(
        default=None, description="Year of the figures; left out, the latest that all have"
    )
    effort: EffortModel = Field(
        default_factory=EffortModel, description="Efforts in place of the figures, US$ bn a year"
    )
    ally_weight: WeightRange | None = Field(
        default=None, description="Share of the ally's effort that counts there; or low and high"
    )
    decisiveness: DecisivenessRange | None = Field(
        default=None, description="How much more effort raises the odds of success: their elasticity; or low and high"
    )
    cost_ratio: CostRange | None = Field(
        default=None, description="What an attack costs the attacker over what success is worth; or low and high"
    )
    reliability: list[Share] | None = Field(
        default=None, min_length=1, max_length=MOST_RELIABILITIES,
        description="Chances that the ally comes; left out, historical ones",
    )  # fmt: skip
    fall: tuple[Share, Share] | None = Field(
        default=None, description="Reliability before and after; left out, from the highest to the lowest"
    )
    budgets: dict[str, Billions] = Field(
        default_factory=dict, max_length=MOST_BUDGETS, description="Own efforts to place, by name, US$ bn a year"
    )

    @model_validator(mode="after")
    def _possible(self) -> DeterrenceModel:
        if self.fall and self.fall[0] == self.fall[1]:
            raise ValueError(f"`fall` stays at {100 * self.fall[0]:g} %: leave it out, or give two reliabilities")
        if self.fall and self.fall[0] < self.fall[1]:
            first, last = (f"{100 * value:g}" for value in self.fall)
            raise ValueError(f"`fall` rises from {first} to {last} %: write the reliability before first")
        if TODAY in self.budgets:
            raise ValueError(f"budget {TODAY!r} is what the defender spends: give `effort: own`, or another name")
        if any(not name.strip() or len(name) > 30 for name in self.budgets):
            raise ValueError("a budget has an empty name, or one of more than 30 characters")
        return self

    # ------------------------------------------------------------------------------------------------- with a world
    def faults(self, world: World) -> list[Fault]:
        """Names that neither the world nor the list of countries knows, states on both sides, missing figures."""
        sides: dict[str, tuple[str, ...]] = {}
        problems: list[Fault] = []
        for side, names in (("attacker", self.attacker), ("defender", [self.defender]), ("ally", self.ally)):
            try:
                sides[side] = states(world, names)
            except ScenarioError as error:
                problems.append(((side,), str(error)))
        if problems:
            return problems
        if len(sides["defender"]) > 1:
            return [(("defender",), f"{self.defender!r} is {len(sides['defender'])} states; name one")]
        for side in ("attacker", "ally"):
            others = sides["defender"] + (sides["ally"] if side == "attacker" else ())
            if twice := [code for code in sides[side] if code in others]:
                return [((side,), f"{', '.join(twice)} stands on two sides of the contest")]
        try:
            self.build(world)
        except _At as error:
            return [(error.path, str(error))]
        except (DataError, DataMissing) as error:
            return [(("figures",), str(error))]
        return []

    def build(self, world: World) -> Situation:
        """The question with its figures. Raises ScenarioError, DataError."""
        from gaiatsu.security import deterrence_box as box
        from gaiatsu.security.capabilities import spending_from

        spending = spending_from(self.beside(self.figures))
        sides = {
            "attacker": states(world, self.attacker), "defender": states(world, [self.defender]),
            "ally": states(world, self.ally),
        }  # fmt: skip
        needed = [side for side, key in SIZES.items() if getattr(self.effort, key) is None]
        year = self._year(spending, {side: sides[side] for side in needed})
        total = {side: _total(spending, side, sides[side], year) for side in needed}
        attacker = self.effort.attacker or (total["attacker"], total["attacker"])
        ally = self.effort.ally or (total["ally"], total["ally"])
        own = self.effort.own or total["defender"]
        chosen = {name: getattr(self, name) for name in box.PARAMETERS if getattr(self, name) is not None}
        reliability = tuple(sorted(set(self.reliability), reverse=True)) if self.reliability else box.prior_values()
        gdp, gdp_of = _gdp(world, spending, sides["defender"][0], year)
        return box.Situation(
            attacker=sides["attacker"], defender=sides["defender"][0], ally=sides["ally"], year=year, spending=spending,
            box=box.Box(attacker, ally, **chosen), own=own, gdp=gdp, gdp_of=gdp_of,
            budgets={TODAY: own, **self.budgets},
            given=frozenset([
                *chosen, *(key for key in SIZES.values() if getattr(self.effort, key) is not None),
                *(["year"] if self.year is not None else []),
            ]),
            reliability=reliability, fall=self.fall or (reliability[0], reliability[-1]),
        )  # fmt: skip

    def _year(self, spending: Spending, sides: dict[str, tuple[str, ...]]) -> int | None:
        """The year that all figures needed are of; None where no figure is needed."""
        codes = [code for found in sides.values() for code in found]
        if not codes:
            return None
        if self.year is not None:
            return self.year
        if years := spending.years(codes):
            return years[-1]
        for side, found in sides.items():
            for code in found:
                if not spending.years([code]):
                    _figure(spending, side, code, 0)
        raise _At(("figures",), f"{spending.name} have no year in which all of {', '.join(codes)} have a figure")


class _At(ScenarioError):
    """A fault of a figure, with its place below the question."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def _figure(spending: Spending, side: str, code: str, year: int | None) -> float:
    """Military spending, US$ bn."""
    try:
        return spending.of(code, year or 0).usd_billion
    except DataError as error:
        key = "year" if spending.years([code]) and year else side
        missing = f"{spending.missing}; " if spending.missing else ""
        raise _At(
            (key,), f"{missing}{error}; give `effort: {SIZES[side]}` in US$ bn, or `figures` with a file of your own"
        ) from error


def _total(spending: Spending, side: str, codes: tuple[str, ...], year: int | None) -> float:
    """Military spending of a side, US$ bn, above 0."""
    found = {code: _figure(spending, side, code, year) for code in codes}
    total = sum(found.values())
    if total > 0:
        return total
    code = codes[0]
    place = spending.place(code, year or 0)
    raise _At(
        (side,),
        f"{spending.name}{f', {place},' if place else ''} have 0 for {code} in {year}, as files write what they do not "
        f"know, too; give `effort: {SIZES[side]}` in US$ bn, or another year",
    )


def states(world: World, names: list[str]) -> tuple[str, ...]:
    """ISO3 codes of regions and groups of a world, or of countries it does not list. Raises ScenarioError."""
    found: list[str] = []
    for word in names:
        try:
            places = world.region_indices(word)
        except ScenarioError:
            code = country_code(word)
            if code is None:
                raise
            found.append(code)
        else:
            found += [code for place in places for code in world.region_parts[place]]
    if "ROW" in found:
        raise ScenarioError("the rest of the world is no state: name countries")
    return tuple(dict.fromkeys(found))


def _gdp(world: World, spending: Spending, code: str, year: int | None) -> tuple[float, str]:
    """GDP of the defender, US$ bn: what its spending and its share imply, else that of the world at hand."""
    try:
        figure = spending.of(code, year if year is not None else spending.years([code])[-1])
        if figure.gdp_share > 0:
            return figure.usd_billion / figure.gdp_share, f"GDP of {figure.year}"
    except (DataError, IndexError):
        pass
    near = year is None or not world.year or abs(world.year - year) <= NEAR
    if code in world.regions and near:
        place = world.regions.index(code)
        earned = world.accounts.value_added[place].sum() + world.accounts.duty_revenue[place]
        return float(earned) / 1000, f"GDP of {world.year}" if world.year else "GDP in the world at hand"
    return float("nan"), ""
