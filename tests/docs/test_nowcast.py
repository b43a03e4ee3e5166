"""The tables that describe and check the world of 2022 are what their scripts make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["nowcast.py", "baseline_tables.py"])
def test_the_tables_of_the_page_are_those_of_the_script(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_misses_are_published() -> None:
    page = (ROOT / "docs" / "nowcast.md").read_text(encoding="utf-8")
    assert "| C29 | 48.0 | 51.8 | -3.8 | 0.93 |" in page
    assert "What does not, and why" in page
    assert "0.48" in page.split("| Taiwan | 54.3")[1].splitlines()[0]
