"""Shared runs for the report's tests; `fake` is imported by path because tests are no package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """A folder written from the stand-in of the main case."""
    from fake import fake_run

    from gaiatsu import report

    return report.write(fake_run(), tmp_path_factory.mktemp("report") / "run")
