"""What a scenario file may ask under `security: group`."""

from __future__ import annotations

from gaiatsu.scenario.security_question import Question


class GroupModel(Question):
    """Answered by a section of the report."""
