"""What a scenario file may say about hedges: its key `hedges`, which `gaiatsu hedges` compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario.measure_models import MeasureModel, Strict, Words
from gaiatsu.scenario.quantities import Factor, Share

if TYPE_CHECKING:
    from gaiatsu.strategy.threat import Hedge


def _cost(value: Any) -> Any:
    """One number, or a mapping with low, central and high, as these three."""
    from gaiatsu.strategy.threat import Cost

    try:
        if isinstance(value, dict):
            if unknown := sorted(set(value) ^ {"low", "central", "high"}):
                raise ValueError(f"must have exactly low, central and high ({', '.join(map(str, unknown))})")
            value = [value["low"], value["central"], value["high"]]
        found = Cost.of(value)
    except ScenarioError as error:
        raise ValueError(str(error)) from error
    return {"low": found.low, "central": found.central, "high": found.high}


_NUMBER = {"type": "number"}
CostModel = Annotated[
    dict[str, float],
    BeforeValidator(_cost),
    WithJsonSchema({
        "anyOf": [
            _NUMBER,
            {
                "type": "object",
                "properties": {"low": _NUMBER, "central": _NUMBER, "high": _NUMBER},
                "required": ["low", "central", "high"],
                "additionalProperties": False,
            },
        ]
    }),
]  # fmt: skip


class HedgeModel(Strict):
    """Something that stands before the threat comes: measures, a stock, another source, and what it costs."""

    name: str = Field(min_length=1, description="What it is called in tables")
    measures: list[MeasureModel] = Field(
        default_factory=list, description="In force beforehand, long enough that trade has moved"
    )
    response: list[MeasureModel] = Field(
        default_factory=list, description="Done when the threat comes, such as ending a subsidy"
    )
    stock_weeks: Factor = Field(default=0.0, description="Weeks in stock of what `stock_of` says")
    stock_of: Words | None = Field(
        default=None,
        description="goods (those withheld), or critical inputs by name; needed where the threat withholds both",
    )
    less_dependence: Share = Field(
        default=0.0, description="Share of the use of a critical input moved away from who withholds it"
    )
    cost: CostModel = Field(description="US$ million a year beside what the model counts; or low, central and high")
    choice: str | None = Field(default=None, description="Of hedges with the same word only one can be taken")
    assumed: bool = Field(default=False, description="Whether its cost or its size is an assumption")
    note: str | None = Field(default=None, description="What its cost and size rest on")
    source: Words | None = Field(default=None, description="Keys of `references`, or web addresses")

    @field_validator("measures", "response", mode="before")
    @classmethod
    def _from_python(cls, value: Any) -> Any:
        """Measures made in Python are taken too."""
        from gaiatsu.scenario.schema import as_written

        return [as_written(item) for item in value] if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _possible(self) -> HedgeModel:
        if not (self.source or self.assumed):
            raise ValueError(f"hedge {self.name!r} has neither a source nor `assumed: true`: say which")
        if any(getattr(model, "sellers", None) for model in self.measures):
            raise ValueError(
                f"hedge {self.name!r} buys in others' markets beforehand, from which no threat can be solved: leave "
                "`sellers` out of its outlays"
            )
        try:
            self.build()
        except ScenarioError as error:
            raise ValueError(str(error)) from error
        return self

    def build(self, sources: tuple[str, ...] = ()) -> Hedge:
        """The hedge as it is compared."""
        from gaiatsu.strategy.threat import Cost, Hedge

        return Hedge(
            name=self.name, measures=tuple(model.build() for model in self.measures),
            response=tuple(model.build() for model in self.response), stock_weeks=self.stock_weeks,
            stock_of=tuple(self.stock_of or ()), less_dependence=self.less_dependence, cost=Cost(**self.cost),
            choice=self.choice or "", assumed=self.assumed, note=self.note or "", sources=sources,
        )  # fmt: skip


def hedges_of(given: Any) -> tuple[Hedge, ...]:
    """The hedges of a case, file or Scenario, whose names `resolve` has checked; nothing where it has none."""
    import os

    from gaiatsu.scenario.loading import load
    from gaiatsu.scenario.schema import Scenario

    scenario = load(given) if isinstance(given, str | os.PathLike) else given
    if not isinstance(scenario, Scenario):
        return ()
    found = []
    for model in scenario.hedges:
        references = [scenario.references.get(key) for key in model.source or []]
        cited = [
            key if reference is None else reference.title
            for key, reference in zip(model.source or [], references, strict=True)
        ]
        found.append(model.build(tuple(cited)))
    return tuple(found)
