"""What a scenario file may say about each measure. `kind` decides which model reads it."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario import agreement_chapters, critical_input, outlays, pressure
from gaiatsu.scenario import measures as plain
from gaiatsu.scenario.days import as_day, day_of_us_duties
from gaiatsu.scenario.quantities import PERCENT_SCHEMA, Factor, Positive, Rate, Share, ShareBelowOne, parse_fraction


def _words(value: Any) -> Any:
    """One word or a list of words, as a list without blanks."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{value!r} must be a word or a list of words")
    if not words or not all(word.strip() for word in words):
        raise ValueError("is empty: name at least one")
    return [word.strip() for word in words]


Words = Annotated[
    list[str],
    BeforeValidator(_words),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]


def _day(value: Any) -> Any:
    try:
        return as_day(value)
    except ScenarioError as error:
        raise ValueError(str(error)) from error


def _day_of_us_duties(value: Any) -> Any:
    try:
        return day_of_us_duties(value)
    except ScenarioError as error:
        raise ValueError(str(error)) from error


Day = Annotated[datetime.date, BeforeValidator(_day)]
DayOfUSDuties = Annotated[datetime.date, BeforeValidator(_day_of_us_duties)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=True, validate_default=False)


class _MeasureModel(Strict):
    """Keys every measure has: what it is called, and where its numbers come from."""

    measure: ClassVar[type[plain.Measure]]

    note: str | None = Field(default=None, description="Name of the measure in tables and charts")
    act: str | None = Field(default=None, description="The law, order or announcement")
    date: Day | None = Field(default=None, description="Day from which it applies")
    until: Day | None = Field(default=None, description="Last day on which it applies")
    source: Words | None = Field(default=None, description="Keys of `references`, or web addresses")

    @model_validator(mode="after")
    def _possible(self) -> _MeasureModel:
        if self.date and self.until and self.until < self.date:
            raise ValueError(f"ends on {self.until}, before it begins on {self.date}: exchange `date` and `until`")
        try:
            self.build()
        except ScenarioError as error:
            raise ValueError(str(error)) from error
        return self

    def build(self) -> plain.Measure:
        """The measure as the engine takes it."""
        names = {name for name in type(self).model_fields if name not in ("kind", "act", "date", "until", "source")}
        given = {name: getattr(self, name) for name in names}
        return self.measure(
            **{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        )


class TariffModel(_MeasureModel):
    """An import duty of `by` on goods from `on`; exactly one of rate, to, at_least."""

    measure = plain.Tariff
    kind: Literal["tariff"]
    by: Words = Field(description="Who levies the duty")
    on: Words = Field(description="Whose goods pay it")
    sectors: Words = Field(default=["goods"], description="Codes, names, `goods`, `services` or `all`")
    rate: Rate | None = Field(default=None, description="Added to the duty in force")
    to: Rate | None = Field(default=None, description="The new level of the duty")
    at_least: Rate | None = Field(
        default=None, description="A floor: the duty is raised to this level where it is lower"
    )
    coverage: Share = Field(default=1.0, description="Share of the trade in the sector that is hit")
    stack: str | None = Field(default=None, description="Rates of one stack group do not add up: the highest applies")


class ExportTaxModel(_MeasureModel):
    """An export duty of `by` on its sales to `on`; exactly one of rate, to."""

    measure = plain.ExportTax
    kind: Literal["export_tax"]
    by: Words = Field(description="Who levies the duty")
    on: Words = Field(description="Whose purchases pay it")
    sectors: Words = Field(default=["goods"], description="Codes, names, `goods`, `services` or `all`")
    rate: Rate | None = Field(default=None, description="Added to the duty in force")
    to: Rate | None = Field(default=None, description="The new level of the duty")
    coverage: Share = Field(default=1.0, description="Share of the trade in the sector that is hit")
    stack: str | None = Field(default=None, description="Rates of one stack group do not add up: the highest applies")


class USDutiesModel(_MeasureModel):
    """The duties that the United States have added since January 2025, as in force on a day."""

    measure = plain.USDuties
    kind: Literal["us-duties"]
    at: DayOfUSDuties | None = Field(
        default=None, description="The day; left out, that of the scenario, or else the latest one known"
    )
    on: Words = Field(default=["all"], description="Whose goods pay them")
    sectors: Words = Field(default=["goods"], description="Codes, names or `goods`")
    stack: str | None = Field(default=None, description="Rates of one stack group do not add up: the highest applies")


class EmbargoModel(_MeasureModel):
    """`by` closes a share of its trade with `on`."""

    measure = plain.Embargo
    kind: Literal["embargo"]
    by: Words = Field(description="Who closes its border")
    on: Words = Field(description="To whom")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    share: Share = Field(default=1.0, description="Share that is shut; 1 leaves exactly no trade")
    side: Literal["exports", "imports", "both"] = Field(default="exports", description="Which trade of `by` is shut")


def _chapters(value: Any) -> Any:
    """Chapters of an agreement as a mapping from name to size."""
    if isinstance(value, dict):
        value = {word: size if _is_word(size) else parse_fraction(size) for word, size in value.items()}
    try:
        return dict(agreement_chapters.chapter_sizes(value))
    except ScenarioError as error:
        raise ValueError(str(error)) from error


def _is_word(size: Any) -> bool:
    """A word such as `high`, right or wrong, and not a percentage."""
    return isinstance(size, str) and "%" not in size


def _shares(value: Any) -> Any:
    return {word: parse_fraction(share) for word, share in value.items()} if isinstance(value, dict) else value


_SIZE_SCHEMA = {
    "anyOf": [
        {"enum": list(agreement_chapters.LEVELS)},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        PERCENT_SCHEMA,
    ]
}
_NAME_SCHEMA = {"enum": list(agreement_chapters.NAMES)}

Chapters = Annotated[
    dict[str, str | float],
    BeforeValidator(_chapters),
    WithJsonSchema({
        "anyOf": [
            _NAME_SCHEMA,
            {"type": "array", "items": _NAME_SCHEMA, "minItems": 1},
            {"type": "object", "propertyNames": _NAME_SCHEMA, "additionalProperties": _SIZE_SCHEMA, "minProperties": 1},
        ]
    }),
]  # fmt: skip


class AgreementModel(_MeasureModel):
    """Trade between the parties gets cheaper, duty-free, or both; or by chapter, in sizes from published estimates."""

    measure = plain.Agreement
    kind: Literal["agreement"]
    between: Words = Field(
        description="The parties: nothing changes inside one, such as a group; a single group means among its members"
    )
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    cost_cut: ShareBelowOne = Field(default=0.0, description="Fall of the cost of trading, as a share of the price")
    zero_duties: bool = Field(default=False, description="Whether duties between the parties go to zero")
    chapters: Chapters | None = Field(
        default=None,
        description="Instead of these two: chapters, or chapter: size; low, central, high, or a share of the price (of"
        " the duty in force for goods-duties)",
    )
    in_force: Annotated[dict[str, float], BeforeValidator(_shares)] | None = Field(
        default=None, description="By chapter: share of its effect that the parties have agreed on already"
    )


class ProductivityModel(_MeasureModel):
    """Productivity of the sectors of `by` changes."""

    measure = plain.Productivity
    kind: Literal["productivity"]
    by: Words = Field(description="Whose productivity")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    change: Rate = Field(description="0.01 is one percent more output for the same cost")


class TradeCostModel(_MeasureModel):
    """Moving goods and services across a border gets costlier or cheaper (iceberg)."""

    measure = plain.TradeCost
    kind: Literal["trade-cost"]
    by: Words = Field(description="Whose trade")
    on: Words = Field(description="With whom")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    change: Rate = Field(description="0.05 is five percent costlier, -0.05 five percent cheaper")
    side: Literal["exports", "imports", "both"] = Field(default="both", description="Which trade of `by`")


class FinancingModel(_MeasureModel):
    """The transfer that finances the deficit of `on` is cut."""

    measure = plain.Financing
    kind: Literal["financing"]
    by: Words = Field(default=["all"], description="Whose money is withdrawn: the surplus regions among them")
    on: Words = Field(description="Whose deficit is no longer financed")
    share: Share = Field(default=1.0, description="Share of the deficit that is no longer financed")


class TravelBanModel(_MeasureModel):
    """Travellers of `by` stay away from `on`; exactly one of share, curb."""

    measure = pressure.TravelBan
    kind: Literal["travel-ban"]
    by: Words = Field(description="Whose travellers stay away")
    on: Words = Field(description="Where they no longer go")
    share: Share | None = Field(default=None, description="Share of the visitors lost")
    curb: Literal["advisory", "group-ban"] | None = Field(
        default=None, description="Kind of curb; the share is what earlier ones of its kind did"
    )
    refilled: Share = Field(default=0.0, description="Share of the lost spending that other foreigners make good")
    spending: Positive | None = Field(
        default=None, description="US$ million a year that these travellers spend there; left out, that of the world"
    )


class PaymentCostsModel(_MeasureModel):
    """Payments between `by` and `on` get costly, both ways; exactly one of level, cost."""

    measure = pressure.PaymentCosts
    kind: Literal["payment-costs"]
    by: Words = Field(description="Who makes payments costly")
    on: Words = Field(description="Whose payments")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    level: Literal["adapted", "agents", "cut"] | None = Field(
        default=None, description="How far payments are cut off; the cost is what was observed or inferred"
    )
    cost: Rate | None = Field(default=None, description="What paying costs, as a share of the invoice")
    financing: Share = Field(
        default=0.0, description="Share of the money behind the deficit of `on` that `by` withdraws"
    )


class CriticalInputModel(_MeasureModel):
    """`by` withholds a mineral from `on`; what is left out comes from the mineral's own figures (docs/minerals.md)."""

    measure = critical_input.CriticalInput
    kind: Literal["critical-input"]
    by: Words = Field(description="Who withholds it")
    on: Words = Field(description="From whom")
    input: str = Field(description="rare-earths, gallium, germanium, graphite, …")
    share: Share = Field(default=1.0, description="Share of the sales of `by` to `on` that stops")
    dependence: Share | None = Field(default=None, description="Share of the use of `on` that comes from `by`")
    weeks: Positive | None = Field(
        default=None, description="Weeks it has lasted; left out, 13, 52, 156, 520 at the four horizons"
    )
    stock_weeks: Factor | None = Field(default=None, description="Weeks of normal use in stock")
    recycling: ShareBelowOne | None = Field(default=None, description="Share of use that is recycled")
    substitution: Positive | None = Field(default=None, description="Substitution of the input by others (sigma)")
    spare_capacity: Rate | None = Field(
        default=None, description="What others can add within three years, as a share of the world's use"
    )
    users: Annotated[dict[str, float], BeforeValidator(_shares)] | None = Field(
        default=None, description="Sector: share of its cost that the input is"
    )
    reach: Share | None = Field(default=None, description="Share of the users' output that needs the input")


def _weight(value: Any) -> float:
    """A weight: any number above 0, or a percentage."""
    number = parse_fraction(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
        raise ValueError(f"{value!r} must be a number above 0")
    return float(number)


def _part(value: Any) -> Any:
    """A share, or a range of two."""
    return [parse_fraction(end) for end in value] if isinstance(value, list | tuple) else parse_fraction(value)


Weight = Annotated[
    float,
    BeforeValidator(_weight),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, PERCENT_SCHEMA]}),
]
_SHARE_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, PERCENT_SCHEMA]}
Part = Annotated[
    float | list[float],
    BeforeValidator(_part),
    WithJsonSchema({
        "anyOf": [*_SHARE_SCHEMA["anyOf"], {"type": "array", "items": _SHARE_SCHEMA, "minItems": 2, "maxItems": 2}]
    }),
]  # fmt: skip


class OutlaysModel(_MeasureModel):
    """The government of `by` spends more, or less, than in the baseline; all else it buys shrinks in proportion."""

    measure = outlays.Outlays
    kind: Literal["outlays"]
    by: Words = Field(description="Whose government")
    share: Rate = Field(description="How much more, as a share of GDP; below 0: less")
    mix: str | dict[str, Weight] = Field(
        default="defence", description="What is bought: defence, defence-purchases (no pay), or sector: weight"
    )
    sellers: dict[str, Part] | None = Field(
        default=None,
        description="Region: share of the money spent in its market, or [low, high]; the rest is spent at home",
    )


MeasureModel = Annotated[
    TariffModel
    | ExportTaxModel
    | USDutiesModel
    | EmbargoModel
    | AgreementModel
    | ProductivityModel
    | TradeCostModel
    | FinancingModel
    | TravelBanModel
    | PaymentCostsModel
    | CriticalInputModel
    | OutlaysModel,
    Field(discriminator="kind"),
]

MEASURE_MODELS: dict[str, type[_MeasureModel]] = {
    model.measure.kind: model
    for model in (
        TariffModel,
        ExportTaxModel,
        USDutiesModel,
        EmbargoModel,
        AgreementModel,
        ProductivityModel,
        TradeCostModel,
        FinancingModel,
        TravelBanModel,
        PaymentCostsModel,
        CriticalInputModel,
        OutlaysModel,
    )
}


def kind_of(word: str) -> str:
    """The kind a word means: `us_duties` is `us-duties`, `export-tax` is `export_tax`; others stay as they are."""
    swapped = word.translate(str.maketrans("-_", "_-"))
    return swapped if word not in MEASURE_MODELS and swapped in MEASURE_MODELS else word
