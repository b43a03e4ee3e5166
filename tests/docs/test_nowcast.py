"""The page that compares the world of 2022 with other figures is what its script makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tables_of_the_page_are_those_of_the_script() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "nowcast.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_misses_are_published() -> None:
    page = (ROOT / "docs" / "nowcast.md").read_text(encoding="utf-8")
    assert "| C29 | 48.0 | 51.8 | -3.8 | 0.93 |" in page
    assert "What does not, and why" in page
    assert "0.48" in page.split("| Taiwan | 54.3")[1].splitlines()[0]
