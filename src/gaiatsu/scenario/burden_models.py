"""What a scenario file may ask under `security: burden`."""

from __future__ import annotations

from gaiatsu.scenario.security_question import Question


class BurdenModel(Question):
    """Answered by a section of the report."""
