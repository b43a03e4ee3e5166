"""gaiatsu: what governments do to one another, in numbers.

The public names are imported when they are first used, so that `import gaiatsu` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaiatsu import exposure as exposure
    from gaiatsu import security as security
    from gaiatsu import trade as trade
    from gaiatsu.exposure.leverage import leverage as leverage
    from gaiatsu.exposure.matrix import leverage_matrix as leverage_matrix
    from gaiatsu.scenario.critical_input import CriticalInput as CriticalInput
    from gaiatsu.scenario.loading import load as load
    from gaiatsu.scenario.measures import Agreement as Agreement
    from gaiatsu.scenario.measures import Embargo as Embargo
    from gaiatsu.scenario.measures import ExportTax as ExportTax
    from gaiatsu.scenario.measures import Financing as Financing
    from gaiatsu.scenario.measures import Productivity as Productivity
    from gaiatsu.scenario.measures import Tariff as Tariff
    from gaiatsu.scenario.measures import TradeCost as TradeCost
    from gaiatsu.scenario.measures import USDuties as USDuties
    from gaiatsu.scenario.outlays import Outlays as Outlays
    from gaiatsu.scenario.pressure import PaymentCosts as PaymentCosts
    from gaiatsu.scenario.pressure import TravelBan as TravelBan
    from gaiatsu.scenario.run import run as run
    from gaiatsu.scenario.schema import Scenario as Scenario
    from gaiatsu.scenario.us_duties import us_duties as us_duties
    from gaiatsu.strategy.hedge import hedges as hedges
    from gaiatsu.strategy.threat import Hedge as Hedge
    from gaiatsu.trade.horizon import Elasticities as Elasticities
    from gaiatsu.trade.horizon import horizon as horizon
    from gaiatsu.trade.solution import Outcome as Outcome
    from gaiatsu.trade.solve import solve as solve
    from gaiatsu.trade.solve import solve_many as solve_many
    from gaiatsu.world.world import World as World

_HOMES = {
    "World": "gaiatsu.world.world",
    "Tariff": "gaiatsu.scenario.measures",
    "ExportTax": "gaiatsu.scenario.measures",
    "Embargo": "gaiatsu.scenario.measures",
    "Agreement": "gaiatsu.scenario.measures",
    "Productivity": "gaiatsu.scenario.measures",
    "USDuties": "gaiatsu.scenario.measures",
    "TradeCost": "gaiatsu.scenario.measures",
    "TravelBan": "gaiatsu.scenario.pressure",
    "PaymentCosts": "gaiatsu.scenario.pressure",
    "CriticalInput": "gaiatsu.scenario.critical_input",
    "Financing": "gaiatsu.scenario.measures",
    "Outlays": "gaiatsu.scenario.outlays",
    "us_duties": "gaiatsu.scenario.us_duties",
    "Scenario": "gaiatsu.scenario.schema",
    "load": "gaiatsu.scenario.loading",
    "run": "gaiatsu.scenario.run",
    "leverage": "gaiatsu.exposure.leverage",
    "leverage_matrix": "gaiatsu.exposure.matrix",
    "solve": "gaiatsu.trade.solve",
    "solve_many": "gaiatsu.trade.solve",
    "Outcome": "gaiatsu.trade.solution",
    "hedges": "gaiatsu.strategy.hedge",
    "Hedge": "gaiatsu.strategy.threat",
    "Elasticities": "gaiatsu.trade.horizon",
    "horizon": "gaiatsu.trade.horizon",
}

__all__ = [
    "Agreement",
    "CriticalInput",
    "Elasticities",
    "Embargo",
    "ExportTax",
    "Financing",
    "Hedge",
    "Outcome",
    "Outlays",
    "PaymentCosts",
    "Productivity",
    "Scenario",
    "Tariff",
    "TradeCost",
    "TravelBan",
    "USDuties",
    "World",
    "__version__",
    "exposure",
    "hedges",
    "horizon",
    "leverage",
    "leverage_matrix",
    "load",
    "run",
    "security",
    "solve",
    "solve_many",
    "trade",
    "us_duties",
]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gaiatsu")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+source"


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in ("trade", "exposure", "security"):
        value = importlib.import_module(f"gaiatsu.{name}")
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'gaiatsu' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
