"""What a scenario file may ask under `security: budget`: what a path of defence outlays costs the treasury."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from gaiatsu.errors import GaiatsuError, ScenarioError
from gaiatsu.scenario.quantities import PERCENT_SCHEMA, Positive, Share, format_percent, parse_fraction
from gaiatsu.scenario.security_question import Fault, Question

if TYPE_CHECKING:
    from gaiatsu.security.budget import Setting
    from gaiatsu.security.programme import Plan
    from gaiatsu.world.world import World


def _year(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():  # keys of a mapping are words
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1900 <= value <= 2200:
        raise ValueError(f"{value!r} is not a year between 1900 and 2200")
    return value


def _ends(value: Any) -> list[Any]:
    ends = value if isinstance(value, list | tuple) else [value]
    if not 1 <= len(ends) <= 2:
        raise ValueError(f"{value!r} must be one number, or two: [low, high]")
    return [ends[0], ends[-1]]


def _rates(value: Any) -> tuple[float, float]:
    """A rate, or [low, high]."""
    low, high = (parse_fraction(end) for end in _ends(value))
    if low > high:
        raise ValueError(f"{value!r} falls: write [low, high]")
    return low, high


def _numbers(value: Any) -> tuple[float, float]:
    """A number, or [low, high]."""
    for end in _ends(value):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise ValueError(f"{end!r} is not a number")
    low, high = (float(end) for end in _ends(value))
    if low > high:
        raise ValueError(f"{value!r} falls: write [low, high]")
    return low, high


def _range_schema(*kinds: dict[str, Any]) -> WithJsonSchema:
    one = list(kinds)
    return WithJsonSchema({"anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1, "maxItems": 2}]})


_NUMBER = {"type": "number"}
Year = Annotated[int, BeforeValidator(_year), WithJsonSchema({"type": "integer", "minimum": 1900, "maximum": 2200})]


def _written(ends: tuple[float, float]) -> list[float | str]:
    """As a file would have it: above one with the percent sign."""
    return [format_percent(end) if end > 1 else end for end in ends]


def _shares(value: Any) -> tuple[float, float]:
    """A share, or [low, high]."""
    low, high = _rates(value)
    if low < 0 or high > 1:
        raise ValueError(f"{value!r} is not a share: it must lie between 0 and 1 (0 % and 100 %)")
    return low, high


Rates = Annotated[
    tuple[float, float],
    BeforeValidator(_rates),
    PlainSerializer(_written),
    _range_schema(_NUMBER, PERCENT_SCHEMA),
]
Shares = Annotated[tuple[float, float], BeforeValidator(_shares), _range_schema(_NUMBER, PERCENT_SCHEMA)]
Numbers = Annotated[tuple[float, float], BeforeValidator(_numbers), _range_schema(_NUMBER)]


def _by_year(value: Any) -> Any:
    """Rates or ranges by year, or one range."""
    if isinstance(value, dict):
        if not value:
            raise ValueError("is empty: give a rate, or rates by year")
        return {_year(year): _rates(rate) for year, rate in value.items()}
    return _rates(value)


_ENDS: dict[str, Any] = {
    "anyOf": [_NUMBER, PERCENT_SCHEMA, {"type": "array", "items": {"anyOf": [_NUMBER, PERCENT_SCHEMA]}, "minItems": 1,
    "maxItems": 2}]
}  # fmt: skip
RatesByYear = Annotated[
    dict[int, tuple[float, float]] | tuple[float, float],
    BeforeValidator(_by_year),
    WithJsonSchema({
        "anyOf": [*_ENDS["anyOf"], {"type": "object", "minProperties": 1, "additionalProperties": _ENDS}]
    }),
]  # fmt: skip


class BudgetModel(Question):
    """A path of outlays to a target, what pays for it, and what it buys. Shares are of GDP; ranges are [low, high]."""

    region: str = Field(min_length=1, description="Whose budget")
    start: Shares = Field(description="Outlays now, as a share of GDP")
    start_year: Year = Field(description="The year of `start`, and of the debt")
    target: Share = Field(description="Outlays in the target year, as a share of GDP")
    target_year: Year = Field(description="When the target is reached; the share is held from then on")
    path: dict[Year, Share] = Field(
        default_factory=dict, description="Shares of years in between, in place of a straight line"
    )
    until: Year = Field(description="The last year that debt is followed to")
    growth: Rates = Field(description="Growth of nominal GDP a year")
    interest: Rates = Field(description="Interest on new debt")
    interest_on_debt: RatesByYear | None = Field(
        default=None, description="Interest on the debt there is, also by year, with ranges; left out: `interest`"
    )
    debt: Rates = Field(description="Debt at the end of the first year, as a share of GDP")
    primary_deficit: Rates = Field(
        default=(0.0, 0.0), description="Deficit before interest and without the increase, as a share of GDP"
    )
    tax_rate: Rates = Field(description="Share of additional GDP that the treasury receives")
    multiplier: Numbers | None = Field(
        default=None, description="What a unit of outlays adds to GDP; left out: that of military spending"
    )
    financing: Literal["deficit", "tax", "cuts"] = Field(
        default="deficit", description="What pays: borrowing, taxes, or cuts of other purchases"
    )
    financing_multiplier: Numbers | None = Field(
        default=None, description="What a unit of taxes takes from GDP; left out: the range of `multiplier`"
    )
    gdp: dict[Year, Positive] = Field(
        default_factory=dict, description="Nominal GDP by year, in `unit`: for money, and to show the target on each"
    )
    shares_of: Year | None = Field(
        default=None, description="Year of `gdp` that shares of outlays are of; left out: each year's own"
    )
    unit: str = Field(default="", description="Unit of `gdp`, such as trillion yen")
    plan: str | None = Field(
        default=None, min_length=1, description="What the outlays buy: a bundled plan by name, or a file"
    )

    @model_validator(mode="after")
    def _possible(self) -> BudgetModel:
        if bool(self.gdp) != bool(self.unit):
            raise ValueError("`gdp` and `unit` go together: give both or neither")
        for year in self.path:
            if not self.start_year < year < self.target_year:
                raise ValueError(f"`path` has {year}, which does not lie between {self.start_year} and the target year")
        try:
            self.build()
        except ScenarioError as error:
            raise ValueError(str(error)) from error
        return self

    def build(self) -> Setting:
        """The question as it is computed."""
        from gaiatsu.security.budget import MULTIPLIER, Setting

        by_year = self.interest_on_debt if isinstance(self.interest_on_debt, dict) else {}
        on_debt = None if isinstance(self.interest_on_debt, dict) else self.interest_on_debt
        return Setting(
            start=self.start, start_year=self.start_year,
            milestones=(*sorted(self.path.items()), (self.target_year, self.target)), until=self.until,
            growth=self.growth, interest=self.interest, debt=self.debt, tax_rate=self.tax_rate,
            interest_on_debt=on_debt, path_of_interest=tuple(sorted(by_year.items())),
            multiplier=self.multiplier or MULTIPLIER, financing_multiplier=self.financing_multiplier,
            primary_deficit=self.primary_deficit, gdp=dict(self.gdp), shares_of=self.shares_of, unit=self.unit,
        )  # fmt: skip

    def faults(self, world: World) -> list[Fault]:
        """A region that is none, or several; ranges that lead beyond the rule; a plan that cannot be read."""
        from gaiatsu.security.budget import outlook

        found: list[Fault] = []
        try:
            if len(world.region_indices(self.region)) != 1:
                found.append((("region",), f"{self.region!r} means several regions: a budget is of one"))
        except ScenarioError as error:
            found.append((("region",), str(error)))
        try:
            outlook(self.build())
        except ScenarioError as error:
            found.append(((), str(error)))
        if self.plan is not None:
            try:
                self.programme()
            except GaiatsuError as error:
                found.append((("plan",), str(error)))
        return found

    def programme(self) -> Plan | None:
        """The plan that it names, read."""
        from gaiatsu.security.programme import load_plan, plan_names

        if self.plan is None:
            return None
        return load_plan(self.plan if self.plan in plan_names() else self.beside(self.plan))

    def files(self) -> dict[str, dict[str, Any]]:
        """The plan, as it was read."""
        plan = self.programme()
        return {"plan": {"name": self.plan, "title": plan.title, "sha256": plan.sha256}} if plan else {}
