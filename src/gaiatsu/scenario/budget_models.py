"""What a scenario file may ask under `security: budget`."""

from __future__ import annotations

from gaiatsu.scenario.security_question import Question


class BudgetModel(Question):
    """Answered by a section of the report."""
