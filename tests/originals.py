"""Where the original files lie, beside the project, on a machine that has them; tests that need them skip elsewhere."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SECURITY, VALIDATION, WORLD = DATA / "security", DATA / "validation", DATA / "world"
