"""What a scenario file may say. Every model refuses unknown keys; `gaiatsu schema` prints the JSON Schema."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.scenario import measures as plain
from gaiatsu.scenario.days import as_day, day_of_us_duties
from gaiatsu.scenario.quantities import Factor, Positive, Rate, Share, ShareBelowOne, format_percent

DEFAULT_WORLD = "2022"

Horizon = Literal["impact", "short", "medium", "long"]
Closure = Literal["fixed", "proportional", "balanced"]
HORIZON_NAMES: tuple[Horizon, ...] = ("impact", "short", "medium", "long")
CLOSURE_NAMES: tuple[Closure, ...] = ("fixed", "proportional", "balanced")


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


def _name(value: Any) -> Any:
    """A world named by its year is a number in YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=True, validate_default=False)


class Reference(_Strict):
    """Where a number comes from, so that a reader can find it."""

    title: str = Field(min_length=1, description="The act, table or paper, with its number")
    published: Day | None = Field(default=None, description="Day of signature or publication")
    citation: str | None = Field(default=None, description="Official citation, such as a page of the Federal Register")
    address: str | None = Field(default=None, description="Web address where it can be read")
    note: str | None = Field(default=None, description="What was taken from it")


class _MeasureModel(_Strict):
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


class AgreementModel(_MeasureModel):
    """Trade between the members gets cheaper, duty-free, or both."""

    measure = plain.Agreement
    kind: Literal["agreement"]
    between: Words = Field(description="The members")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    cost_cut: ShareBelowOne = Field(default=0.0, description="Fall of the cost of trading, as a share of the price")
    zero_duties: bool = Field(default=False, description="Whether duties between the members go to zero")


class ProductivityModel(_MeasureModel):
    """Productivity of the sectors of `by` changes."""

    measure = plain.Productivity
    kind: Literal["productivity"]
    by: Words = Field(description="Whose productivity")
    sectors: Words = Field(default=["all"], description="Codes, names, `goods`, `services` or `all`")
    change: Rate = Field(description="0.01 is one percent more output for the same cost")


MeasureModel = Annotated[
    TariffModel | ExportTaxModel | USDutiesModel | EmbargoModel | AgreementModel | ProductivityModel,
    Field(discriminator="kind"),
]

MEASURE_MODELS: dict[str, type[_MeasureModel]] = {
    model.measure.kind: model
    for model in (TariffModel, ExportTaxModel, USDutiesModel, EmbargoModel, AgreementModel, ProductivityModel)
}


def kind_of(word: str) -> str:
    """The kind a word means: `us_duties` is `us-duties`, `export-tax` is `export_tax`; others stay as they are."""
    swapped = word.translate(str.maketrans("-_", "_-"))
    return swapped if word not in MEASURE_MODELS and swapped in MEASURE_MODELS else word


class ElasticityChoice(_Strict):
    """Which trade elasticities, and what replaces the horizon's own parameters (model page, "Horizons")."""

    set: str = Field(default="fontagne", min_length=1, description="Name of a set of trade elasticities")
    draws: Annotated[int, Field(strict=True)] = Field(
        default=64, ge=0, le=1024, description="Draws of the elasticities for the range; 0 gives no range"
    )
    range_over: Words | None = Field(
        default=None, description="Sets that the draws are from; left out: all that estimate by sector"
    )
    overrides: dict[str, Positive] = Field(
        default_factory=dict, description="Long-run trade elasticity (theta) by sector, in place of the set's"
    )
    trade_scale: Positive | None = Field(
        default=None, description="Trade elasticities as a multiple of the long-run ones"
    )
    value_added: Positive | None = Field(
        default=None, description="Substitution between the factor and materials (sigma y)"
    )
    materials: Positive | None = Field(default=None, description="Substitution among materials (sigma m)")
    consumption: Positive | None = Field(default=None, description="Substitution among final goods (sigma c)")
    mobility: Factor | None = Field(
        default=None, description="Mobility of the factor between sectors (nu); .inf is perfect"
    )


def _elasticities(value: Any) -> Any:
    return {"set": value} if isinstance(value, str) else value


def _as_written(value: Any) -> Any:
    """A measure of gaiatsu.scenario.measures as the mapping a file would hold; `us_duties` as `us-duties`."""
    if isinstance(value, dict) and isinstance(value.get("kind"), str):
        return {**value, "kind": kind_of(value["kind"])}
    if not isinstance(value, plain.Measure):
        return value
    return {
        key: format_percent(item) if isinstance(item, float) and item > 1 else item
        for key, item in value.to_dict().items()
    }


Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Origin:
    """The file a scenario was read from and the line of each of its keys."""

    name: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """Line of a key, or of the nearest key above it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def format_path(path: Path) -> str:
    """("measures", 0, "sectors") as "measures[0].sectors"."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def format_place(origin: Origin | None, path: Path) -> str:
    """`file.yaml:8 measures[0].sectors`, as far as it is known."""
    line = origin.line(path) if origin else None
    where = origin.name + (f":{line}" if line else "") if origin else ""
    return " ".join(part for part in (where, format_path(path)) if part)


class Scenario(_Strict):
    """A question put to the model: who does what, on which world, over which horizon."""

    title: str = Field(min_length=1, description="One line")
    summary: str | None = Field(default=None, description="The question and its context, in a few sentences")
    description: str | None = Field(default=None, description="What the scenario includes, leaves out and approximates")
    world: Annotated[str, BeforeValidator(_name)] = Field(
        default=DEFAULT_WORLD, min_length=1, description="A world by name, or the path of a built one"
    )
    horizon: Horizon = Field(default="long", description="The horizon of the headline")
    horizons: list[Horizon] = Field(
        default_factory=lambda: list(HORIZON_NAMES), min_length=1, description="Horizons shown side by side"
    )
    closure: Closure | None = Field(
        None, description="How deficits are financed; left out: proportional with an embargo, otherwise fixed"
    )
    elasticities: Annotated[ElasticityChoice, BeforeValidator(_elasticities)] = Field(
        default_factory=ElasticityChoice, description="A set by name, or a mapping"
    )
    at: Day | None = Field(
        default=None, description="The scenario on this day: measures that begin later or have ended are left out"
    )
    residual_supply: ShareBelowOne = Field(default=0.0, description="Share of trade that leaks through a shut border")
    groups: dict[str, Words] = Field(default_factory=dict, description="Own groups of regions, by name")
    focus: Words | None = Field(default=None, description="Regions the report looks at closely")
    measures: list[MeasureModel] = Field(min_length=1, description="What governments do; their order does not matter")
    references: dict[str, Reference] = Field(default_factory=dict, description="Sources, by key")

    _origin: Origin | None = PrivateAttr(default=None)

    @field_validator("measures", mode="before")
    @classmethod
    def _from_python(cls, value: Any) -> Any:
        """Measures made in Python are taken too."""
        return [_as_written(item) for item in value] if isinstance(value, list | tuple) else value

    @property
    def origin(self) -> Origin | None:
        """Where it was read from; None when it was made in Python."""
        return self._origin

    @property
    def name(self) -> str:
        """The name of the case or file, without its ending; "scenario" when it was made in Python."""
        if self._origin is None:
            return "scenario"
        return self._origin.name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]

    def with_origin(self, origin: Origin) -> Scenario:
        """The same scenario, remembering where it was read."""
        copy = self.model_copy()
        copy._origin = origin
        return copy

    def where(self, path: Path) -> str:
        """`file.yaml:8 measures[0].sectors` for a path of keys, as far as it is known."""
        return format_place(self._origin, path)

    def all_horizons(self) -> list[str]:
        """The primary horizon and those to compare, in order of time."""
        return [name for name in HORIZON_NAMES if name == self.horizon or name in self.horizons]


def reference_problems(scenario: Scenario) -> list[tuple[Path, str]]:
    """Sources of measures that are neither a key of `references` nor a web address, with their place."""
    return [
        (
            ("measures", number, "source"),
            f"{source!r} is neither a key of `references` nor a web address{did_you_mean(source, scenario.references)}",
        )
        for number, measure in enumerate(scenario.measures)
        for source in measure.source or []
        if source not in scenario.references and not source.startswith(("https://", "http://"))
    ]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = Scenario.model_json_schema()
    choice = schema["properties"]["elasticities"]
    schema["properties"]["elasticities"] = {"anyOf": [{"type": "string", "minLength": 1}, choice]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
