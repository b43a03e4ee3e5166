"""What others have published of the same question, in a scenario file: `published`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from gaiatsu.scenario.measure_models import Strict, Words
from gaiatsu.scenario.quantities import Rate


class PublishedModel(Strict):
    """An estimate of somebody else, to be printed beside this model's: one value, or `low` and `high`."""

    region: str = Field(min_length=1, description="Whose GDP or income")
    who: str = Field(min_length=1, description="Who estimated it, and when")
    value: Rate | None = Field(default=None, description="The change, such as -0.55 %")
    low: Rate | None = Field(default=None, description="The lower end of a range, with `high`")
    high: Rate | None = Field(default=None, description="The upper end of a range, with `low`")
    of: Literal["real_gdp", "real_income"] = Field(default="real_gdp", description="What changes")
    horizon: Literal["impact", "short", "medium", "long"] = Field(
        default="short", description="The horizon of this model that is nearest"
    )
    covers: str | None = Field(default=None, description="What it includes, when, and how it differs from the scenario")
    source: Words | None = Field(default=None, description="Keys of `references`, or web addresses")

    @model_validator(mode="after")
    def _one_or_two(self) -> PublishedModel:
        ends = (self.low is not None) + (self.high is not None)
        if (self.value is None) == (ends == 0) or ends == 1:
            raise ValueError("give either `value`, or both `low` and `high`")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("`low` is above `high`: exchange them")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """Low and high, as fractions; the same for one value."""
        if self.value is not None:
            return self.value, self.value
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high
