"""The trade engine: equilibrium in exact changes at any horizon. Names are imported when first used (jax is heavy)."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "solve_arrays": "gaiatsu.trade.solve",
    "balanced_world": "gaiatsu.trade.solve",
    "derivative": "gaiatsu.trade.sensitivity",
    "gradient": "gaiatsu.trade.sensitivity",
    "Outcome": "gaiatsu.trade.solution",
    "Elasticities": "gaiatsu.trade.horizon",
    "HORIZONS": "gaiatsu.trade.horizon",
    "Wedges": "gaiatsu.trade.wedges",
    "compose": "gaiatsu.trade.wedges",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gaiatsu.trade' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
