"""What a scenario file may ask under `security: arms`."""

from __future__ import annotations

from gaiatsu.scenario.security_question import Question


class ArmsModel(Question):
    """Answered by a section of the report."""
