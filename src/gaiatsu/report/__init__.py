"""What a run leaves behind: a page to read, tables to compute with, and what is needed to repeat it."""

from __future__ import annotations

from gaiatsu.report.export import write

__all__ = ["write"]
