"""What a scenario file may ask about security: its key `security`. Each question is answered by a section."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, model_validator

from gaiatsu.scenario.arms_models import ArmsModel
from gaiatsu.scenario.budget_models import BudgetModel
from gaiatsu.scenario.burden_models import BurdenModel
from gaiatsu.scenario.deterrence_models import DeterrenceModel
from gaiatsu.scenario.group_models import GroupModel
from gaiatsu.scenario.measure_models import Strict
from gaiatsu.scenario.security_question import Question


class SecurityModel(Strict):
    """Questions about security, each answered by a section of the report."""

    deterrence: DeterrenceModel | None = Field(
        default=None, description="How reliable an ally must be for a budget to deter, and what a budget must be"
    )
    budget: BudgetModel | None = Field(default=None, description="What a path of defence outlays costs the treasury")
    burden: BurdenModel | None = Field(
        default=None, description="Who carries an alliance, and what protection may cost in market access"
    )
    group: GroupModel | None = Field(default=None, description="What a group is worth, by member and by tie")
    arms: ArmsModel | None = Field(default=None, description="Reliance on suppliers of arms, and co-production")

    @model_validator(mode="after")
    def _something(self) -> SecurityModel:
        if not any(True for _ in self.asked()):
            raise ValueError(f"asks nothing: give at least one of {', '.join(type(self).model_fields)}")
        return self

    def read_in(self, folder: Path | None) -> SecurityModel:
        """The same questions, remembering the folder of the file they were read from."""
        return self.model_copy(update={name: question.read_in(folder) for name, question in self.asked()})

    def asked(self) -> Iterator[tuple[str, Question]]:
        """The questions that are asked, by name, in the order of the report."""
        for name in type(self).model_fields:
            if (question := getattr(self, name)) is not None:
                yield name, question
