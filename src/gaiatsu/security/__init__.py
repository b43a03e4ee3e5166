"""Alliances, deterrence, defence budgets and arms; the modules are imported when they are first used."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["alliance", "arms", "budget", "burden", "deterrence", "group", "voting"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module 'gaiatsu.security' has no attribute {name!r}")
    return importlib.import_module(f"gaiatsu.security.{name}")
