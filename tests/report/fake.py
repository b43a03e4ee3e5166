"""A stand-in for a solved run: made-up numbers from a fixed seed on the embedded world, with the engine's interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.report.tables import SUMMARY_UNITS, touched
from gaiatsu.scenario.loading import load
from gaiatsu.scenario.resolve import world_of
from gaiatsu.scenario.run import Run


@dataclass
class FakeOutcome:
    """Random numbers around zero; regions hit by a measure lose more."""

    world: Any
    measures: tuple[Any, ...]
    horizon: str
    scale: float = 1.0
    income: dict[str, float] = field(default_factory=dict)
    closure: str = "fixed"

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(7)
        n, s = len(self.world.regions), len(self.world.sectors)
        self.elasticities = SimpleNamespace(
            trade=np.full(s, 5.0), value_added=1.0, materials=1.0, consumption=1.0, mobility=np.inf
        )
        self.certificate = SimpleNamespace(
            residual=3e-10, excess_demand=2e-12, walras=1e-15, smallest_income=1.0, iterations=23, method="Anderson",
            notes=("JPN loses 96 % of its supply of C26",),
        )  # fmt: skip
        self.values = self.scale * 0.01 * self.random.standard_normal(n)
        for code, value in self.income.items():
            if code in self.world.regions:
                self.values[self.world.regions.index(code)] = value
        self.moves = self.random.normal(0, 0.001, (n, n, s))
        self.moves[touched(self.world, self.measures)] = -0.6

    @property
    def real_income(self) -> pd.Series:
        return pd.Series(self.values, index=list(self.world.regions), name="real_income")

    def summary(self) -> pd.DataFrame:
        frame = pd.DataFrame(
            {name: self.values * (1 + k / 10) for k, name in enumerate(SUMMARY_UNITS)}, index=list(self.world.regions)
        )
        frame["real_income"] = self.values
        frame["equivalent_variation"] = self.values / 100 * self.world.accounts.income
        return frame

    def _levels(self, labels: dict[str, Any], before: np.ndarray, change: np.ndarray) -> pd.DataFrame:
        frame = pd.DataFrame({**labels, "baseline": before, "counterfactual": before + change, "change": change})
        frame["percent"] = 100 * np.divide(change, before, out=np.full_like(before, np.nan), where=before > 0)
        return frame

    def table(self, name: str, by: Any = None) -> pd.DataFrame:
        regions, sectors = np.array(self.world.regions), np.array(self.world.sectors)
        if name == "output":
            before = self.world.accounts.output
            grid = np.meshgrid(regions, sectors, indexing="ij")
            change = before * (self.moves * self.world.accounts.flows).sum(axis=0) / np.maximum(before, 1)
            return self._levels({"region": grid[0].ravel(), "sector": grid[1].ravel()}, before.ravel(), change.ravel())
        if name == "producer_price":
            grid = np.meshgrid(regions, sectors, indexing="ij")
            return pd.DataFrame({"region": grid[0].ravel(), "sector": grid[1].ravel(), "percent": 0.5})
        assert name in ("exports", "trade")
        before = self.world.accounts.flows
        home = np.eye(len(regions))[:, :, None] if name == "exports" else 0.0
        importer, exporter, sector = np.nonzero(before * (1 - home))
        cells = (importer, exporter, sector)
        labels = {"importer": regions[importer], "exporter": regions[exporter], "sector": sectors[sector]}
        return self._levels(labels, before[cells], (before * self.moves)[cells])

    def incidence(self) -> pd.DataFrame:
        duties = [item for item in self.measures if item.kind == "tariff"]
        mask = touched(self.world, duties)
        importer, exporter, sector = np.nonzero(mask)
        flows, duty = self.world.accounts.flows[mask], self.world.accounts.duty[mask]
        share = np.random.default_rng(8).uniform(0.1, 0.4, len(flows))
        return pd.DataFrame({
            "importer": np.array(self.world.regions)[importer], "exporter": np.array(self.world.regions)[exporter],
            "sector": np.array(self.world.sectors)[sector], "duty_before": duty, "duty_after": duty + 0.25,
            "trade_before": flows, "trade_after": 0.4 * flows, "importer_share": 1 - share, "exporter_share": share,
        })  # fmt: skip

    def decompose(self, first_order: bool = False) -> pd.DataFrame:
        names = ["terms_of_trade", "volume_of_trade"] if first_order else [
            "terms_of_trade", "import_volume", "export_volume", "border_cost", "productivity", "availability",
            "transfer",
        ]  # fmt: skip
        frame = pd.DataFrame({name: 0.0 * self.values for name in names}, index=list(self.world.regions))
        frame[names[0]], frame[names[1]] = 1.5 * self.values, -0.5 * self.values
        frame["welfare" if first_order else "total"] = self.values
        return frame

    def attribute(self, **options: object) -> pd.DataFrame:
        labels = [item.note or f"measure {k + 1}" for k, item in enumerate(self.measures)]
        parts = {label: self.values / len(labels) for label in labels}
        frame = pd.DataFrame(parts, index=list(self.world.regions))
        frame.attrs["alone"] = 0.9 * frame
        return frame


def fake_run(case: str = "us-autos-steel-japan", scenario: Any = None, world: Any = None, **income: float) -> Run:
    """A run of a bundled case with made-up numbers; `income` sets the real income of some regions (long run)."""
    scenario = scenario or load(case)
    world = world or world_of(scenario)
    measures = tuple(model.build() for model in scenario.measures)
    values = income or {"JPN": -0.118, "USA": -0.052, "MEX": 0.021}
    outcomes = {
        name: FakeOutcome(world, measures, name, scale, {code: value * scale for code, value in values.items()})
        for name, scale in (("impact", 1.6), ("short", 1.4), ("medium", 1.2), ("long", 1.0))
    }
    return Run(scenario=scenario, world=world, measures=measures, outcomes=outcomes, primary=scenario.horizon)
