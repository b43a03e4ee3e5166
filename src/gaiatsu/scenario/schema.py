"""What a scenario file may say. Every model refuses unknown keys; `gaiatsu schema` prints the JSON Schema."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator

from gaiatsu.errors import did_you_mean
from gaiatsu.scenario import measures as plain
from gaiatsu.scenario.hedge_models import HedgeModel
from gaiatsu.scenario.measure_models import Day, MeasureModel, Strict, Words, kind_of
from gaiatsu.scenario.published_models import PublishedModel
from gaiatsu.scenario.quantities import Factor, Positive, ShareBelowOne, format_percent
from gaiatsu.scenario.security_models import SecurityModel
from gaiatsu.scenario.security_question import Question

DEFAULT_WORLD = "2022"

Horizon = Literal["impact", "short", "medium", "long"]
Closure = Literal["fixed", "proportional", "balanced"]
HORIZON_NAMES: tuple[Horizon, ...] = ("impact", "short", "medium", "long")
CLOSURE_NAMES: tuple[Closure, ...] = ("fixed", "proportional", "balanced")


def _name(value: Any) -> Any:
    """A world named by its year is a number in YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Reference(Strict):
    """Where a number comes from, so that a reader can find it."""

    title: str = Field(min_length=1, description="The act, table or paper, with its number")
    published: Day | None = Field(default=None, description="Day of signature or publication")
    citation: str | None = Field(default=None, description="Official citation, such as a page of the Federal Register")
    address: str | None = Field(default=None, description="Web address where it can be read")
    note: str | None = Field(default=None, description="What was taken from it")


class ElasticityChoice(Strict):
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


def as_written(value: Any) -> Any:
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


class Scenario(Strict):
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
    hedges: list[HedgeModel] = Field(
        default_factory=list, description="What could stand before this comes; `gaiatsu hedges` compares them"
    )
    published: list[PublishedModel] = Field(
        default_factory=list, description="What others have estimated, printed beside this model"
    )
    security: SecurityModel | None = Field(
        default=None, description="Questions about deterrence, budgets, arms and alliances, answered in the report"
    )
    references: dict[str, Reference] = Field(default_factory=dict, description="Sources, by key")

    _origin: Origin | None = PrivateAttr(default=None)

    @field_validator("measures", mode="before")
    @classmethod
    def _from_python(cls, value: Any) -> Any:
        """Measures made in Python are taken too."""
        return [as_written(item) for item in value] if isinstance(value, list | tuple) else value

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
        """The same scenario, remembering where it was read: files that it names are looked for there first."""
        folder = FilePath(origin.name).parent if os.path.dirname(origin.name) else None
        copy = self.model_copy(update={"security": self.security.read_in(folder)} if self.security else None)
        copy._origin = origin
        return copy

    def where(self, path: Path) -> str:
        """`file.yaml:8 measures[0].sectors` for a path of keys, as far as it is known."""
        return format_place(self._origin, path)

    def questions(self) -> list[tuple[str, Question]]:
        """The questions about security that it asks, by name."""
        return list(self.security.asked()) if self.security else []

    def all_horizons(self) -> list[str]:
        """The primary horizon and those to compare, in order of time."""
        return [name for name in HORIZON_NAMES if name == self.horizon or name in self.horizons]


def reference_problems(scenario: Scenario) -> list[tuple[Path, str]]:
    """Sources, with their place, that are neither a key of `references` nor a web address."""
    citing: list[tuple[Path, list[str] | None]] = []
    lists = (("measures", scenario.measures), ("hedges", scenario.hedges), ("published", scenario.published))
    for key, models in lists:
        citing += [((key, number), model.source) for number, model in enumerate(models)]
    citing += [(("security", name), item.source) for name, item in scenario.questions()]
    for number, hedge in enumerate(scenario.hedges):
        for key in ("measures", "response"):
            citing += [(("hedges", number, key, row), item.source) for row, item in enumerate(getattr(hedge, key))]
    return [
        (
            (*path, "source"),
            f"{source!r} is neither a key of `references` nor a web address{did_you_mean(source, scenario.references)}",
        )
        for path, sources in citing
        for source in sources or []
        if source not in scenario.references and not source.startswith(("https://", "http://"))
    ]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = Scenario.model_json_schema()
    choice = schema["properties"]["elasticities"]
    schema["properties"]["elasticities"] = {"anyOf": [{"type": "string", "minLength": 1}, choice]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
