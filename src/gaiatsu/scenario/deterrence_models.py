"""What a scenario file may ask under `security: deterrence`."""

from __future__ import annotations

from gaiatsu.scenario.security_question import Question


class DeterrenceModel(Question):
    """Answered by a section of the report."""
