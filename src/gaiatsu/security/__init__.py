"""Alliances, deterrence, defence budgets and arms; the modules are imported when they are first used."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = [
    "alliance", "arms", "arms_register", "budget", "burden", "capabilities", "capability_files", "coproduction", "debt",
    "deterrence", "deterrence_box", "deterrence_ends", "group", "group_findings", "link", "link_sets", "own_tables",
    "plan_models", "programme", "voting",
]  # fmt: skip


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module 'gaiatsu.security' has no attribute {name!r}")
    return importlib.import_module(f"gaiatsu.security.{name}")
