"""Days of the calendar, as scenario files write them."""

from __future__ import annotations

import datetime

from gaiatsu.errors import ScenarioError

US_DUTIES_FROM = datetime.date(2025, 2, 1)
"""From here on us-duties has an answer; up to the first duty, of 4 February 2025, it is zero."""
US_DUTIES_TO = datetime.date(2026, 8, 19)
"""The last date of the table of US duties."""


def as_day(value: object) -> datetime.date:
    """A day from a date or from text such as "2025-07-20"; ScenarioError for anything else."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    try:
        if isinstance(value, str) and len(value) == 10:
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    shown = str(value) if isinstance(value, datetime.datetime) else repr(value)
    raise ScenarioError(f"{shown} is not a day: write it as 2025-07-20")


def day_of_us_duties(value: object) -> datetime.date:
    """A day for which the US duties are known; None is the latest. ScenarioError names the range."""
    day = US_DUTIES_TO if value is None else as_day(value)
    if not US_DUTIES_FROM <= day <= US_DUTIES_TO:
        raise ScenarioError(
            f"the US duties are known from {US_DUTIES_FROM} to {US_DUTIES_TO}, not on {day}: choose a day in between"
        )
    return day
