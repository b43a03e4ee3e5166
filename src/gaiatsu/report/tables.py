"""The tables of a run: plain DataFrames whose column names carry their units.

`percent` is percent of the baseline, `usd_million` US$ million of the world's year; nominal values are relative to
world factor income. Nothing here formats or rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.scenario.resolve import touched_cells
from gaiatsu.world.elasticities import load_elasticities

EXACT_UP_TO, SAMPLES, MOST_MEASURES = 6, 12, 12  # attribution in a report: a few seconds at most
SMALLEST_TRADE_CHANGE = 1.0  # US$ million; smaller changes of bilateral trade are left out of the table of trade

SUMMARY_UNITS = {
    "real_income": "percent",
    "equivalent_variation": "usd_million",
    "real_consumption": "percent",
    "real_gdp": "percent",
    "real_factor_income": "percent",
    "consumer_prices": "percent",
    "terms_of_trade": "percent",
    "exports": "percent",
    "imports": "percent",
    "duty_revenue": "usd_million",
    "factor_reallocation": "percent",
}
LEVELS = {name: "usd_million" for name in ("baseline", "counterfactual", "change", "volume_change")}


@dataclass(frozen=True)
class Table:
    """A named table with a sentence that says what is in it; a workbook shows at most `sheet_rows` of its rows."""

    name: str
    title: str
    frame: pd.DataFrame
    sheet_rows: int = 3000


def touched(world: Any, measures: Iterable[Any]) -> np.ndarray:
    """[importer, exporter, sector] whether a measure works on the cell and there is trade in the baseline."""
    mask = np.zeros(world.accounts.flows.shape, dtype=bool)
    for measure in measures:
        cells = touched_cells(measure, world)
        if cells is not None:
            mask[cells] = True
    return mask & (world.accounts.flows > 0)


def _with_names(
    frame: pd.DataFrame, world: Any, axis: str, labels: Sequence[str], names: Sequence[str]
) -> pd.DataFrame:
    lookup = dict(zip(labels, names, strict=True))
    frame.insert(frame.columns.get_loc(axis) + 1, f"{axis}_name", frame[axis].map(lookup))
    return frame


def labelled(frame: pd.DataFrame, world: Any) -> pd.DataFrame:
    """A copy with a column of names after each column of region or sector codes."""
    out = frame.copy()
    for axis in ("region", "importer", "exporter"):
        if axis in out:
            _with_names(out, world, axis, world.regions, world.region_names)
    if "sector" in out:
        _with_names(out, world, "sector", world.sectors, world.sector_names)
    return out


def by_region(frame: pd.DataFrame) -> pd.DataFrame:
    """A table indexed by region as plain columns, the first of them `region`."""
    out = frame.rename_axis("region").reset_index()
    out.attrs = {}
    return out


def with_units(frame: pd.DataFrame, units: dict[str, str]) -> pd.DataFrame:
    """Columns renamed to carry their unit: real_income → real_income_percent."""
    return frame.rename(columns={name: f"{name}_{unit}" for name, unit in units.items()})


def summary(outcomes: dict[str, Any]) -> pd.DataFrame:
    """All aggregates by horizon and region."""
    parts = []
    for horizon, outcome in outcomes.items():
        frame = labelled(by_region(outcome.summary()), outcome.world)
        frame.insert(0, "horizon", horizon)
        parts.append(frame)
    return with_units(pd.concat(parts, ignore_index=True), SUMMARY_UNITS)


def add_volume(frame: pd.DataFrame, outcome: Any, producer: str) -> pd.DataFrame:
    """The table with the change of volume: US$ million at the baseline's prices of the producing region."""
    prices = outcome.table("producer_price").set_index(["region", "sector"])["percent"]
    price = prices.reindex(pd.MultiIndex.from_frame(frame[[producer, "sector"]])).to_numpy()
    after = frame["counterfactual"] / (1 + price / 100)
    frame["volume_change"] = after - frame["baseline"]
    return frame


def output(outcome: Any) -> pd.DataFrame:
    """Output by region and sector at current prices, and the change of its volume."""
    frame = add_volume(outcome.table("output").reset_index(drop=True), outcome, "region")
    frame["volume_percent"] = percent_of(frame["volume_change"], frame["baseline"])
    return with_units(labelled(frame, outcome.world), LEVELS)


def percent_of(change: pd.Series, baseline: pd.Series) -> np.ndarray:
    """Percent of the baseline; missing where there was nothing."""
    base = baseline.to_numpy()
    return 100 * np.divide(change.to_numpy(), base, out=np.full(len(base), np.nan), where=base > 0)


def trade(outcome: Any) -> pd.DataFrame:
    """Cross-border trade that changes by at least SMALLEST_TRADE_CHANGE, largest changes first."""
    frame = outcome.table("exports")
    frame = frame[frame["change"].abs() >= SMALLEST_TRADE_CHANGE]
    order = np.lexsort((np.arange(len(frame)), -frame["change"].abs().to_numpy()))
    return with_units(labelled(frame.iloc[order], outcome.world).reset_index(drop=True), LEVELS)


def hit_importers(outcome: Any) -> list[tuple[str, list[str], list[str]]]:
    """(importer, exporters hit, sectors hit) by baseline trade hit, largest first."""
    world = outcome.world
    mask = touched(world, outcome.measures)
    value = (world.accounts.flows * mask).sum(axis=(1, 2))
    order = [n for n in np.argsort(-value, kind="stable") if value[n] > 0]
    return [
        (
            world.regions[n],
            [world.regions[i] for i in np.flatnonzero(mask[n].any(axis=1))],
            [world.sectors[k] for k in np.flatnonzero(mask[n].any(axis=0))],
        )
        for n in order
    ]


def diversion(outcome: Any, most: int) -> pd.DataFrame:
    """Whom the (at most `most`) importers hit hardest buy the goods hit from, before and after; home included."""
    cells = outcome.table("trade")
    parts = []
    for importer, _, sectors in hit_importers(outcome)[:most]:
        mine = cells[(cells["importer"] == importer) & cells["sector"].isin(sectors)].reset_index(drop=True)
        mine = add_volume(mine, outcome, "exporter")
        columns = ["baseline", "counterfactual", "change", "volume_change"]
        frame = mine.groupby("exporter", sort=True)[columns].sum().reset_index()
        frame["volume_percent"] = percent_of(frame["volume_change"], frame["baseline"])
        frame.insert(0, "importer", importer)
        frame.insert(2, "sectors", " ".join(sectors))
        parts.append(frame)
    if not parts:
        return pd.DataFrame()
    return with_units(labelled(pd.concat(parts, ignore_index=True), outcome.world), LEVELS)


def incidence(outcome: Any) -> pd.DataFrame:
    """Who pays each changed duty, and what the rise would raise on baseline trade, by which shares are weighted."""
    frame = outcome.incidence()
    if frame.empty:
        return frame
    frame = labelled(frame.reset_index(drop=True), outcome.world)
    frame["weight"] = (frame["duty_after"] - frame["duty_before"]).abs() * frame["trade_before"]
    order = np.lexsort((np.arange(len(frame)), -frame["weight"].to_numpy()))
    units = {name: "fraction" for name in ("duty_before", "duty_after", "importer_share", "exporter_share")}
    units |= {name: "usd_million" for name in ("trade_before", "trade_after", "weight")}
    return with_units(frame.iloc[order].reset_index(drop=True), units)


def attribution(outcome: Any) -> pd.DataFrame:
    """Each measure's share in the change of real income (Shapley value), and its effect alone, by region."""
    shapley = outcome.attribute(exact_up_to=EXACT_UP_TO, samples=SAMPLES)
    alone = shapley.attrs["alone"]
    error = shapley.attrs.get("standard_error")
    parts = []
    for number, label in enumerate(shapley.columns):
        part = pd.DataFrame({"region": shapley.index, "measure": number + 1, "label": str(label)})
        part["contribution"] = shapley.iloc[:, number].to_numpy()
        part["alone"] = alone.iloc[:, number].to_numpy()
        if error is not None:
            part["standard_error"] = error.iloc[:, number].to_numpy()
        parts.append(part)
    units = {name: "percentage_points" for name in ("contribution", "alone", "standard_error")}
    return with_units(labelled(pd.concat(parts, ignore_index=True), outcome.world), units)


def percentiles(share: float) -> tuple[str, str]:
    """0.9 as ("5", "95"): the percentiles at the ends of a range."""
    low = 50 * (1 - share)
    return f"{low:.3g}", f"{100 - low:.3g}"


def ranges(run: Any) -> list[Table]:
    """The range of real income by region, its medians by set, and every draw."""
    if run.range is None:
        return []
    world, found = run.world, run.range
    low, high = percentiles(found.share)
    title = (
        f"Real income over {len(found.draws)} draws of trade elasticities; low and high: percentiles {low} and {high}"
    )
    by_set = found.by_set()
    draws = with_units(found.draws, {code: "percent" for code in found.draws.columns}).reset_index()
    return [
        Table("ranges", title, _percent_by_region(found.table, world, "percent")),
        Table(
            "ranges_by_set",
            "Real income with each set of elasticities, median",
            _percent_by_region(by_set, world, "percent"),
        ),
        Table("ranges_draws", "Real income in each draw, by region", draws),
    ]


def _percent_by_region(frame: pd.DataFrame, world: Any, unit: str) -> pd.DataFrame:
    return with_units(labelled(by_region(frame), world), {name: unit for name in frame.columns})


def all_tables(run: Any) -> dict[str, Table]:
    """Every table of a run by name; a table that would be empty is left out."""
    outcome = run.outcomes[run.primary]
    world = outcome.world
    tables: list[Table | None] = [
        Table("summary", "Changes by horizon and region", summary(run.outcomes)),
        Table("output", "Output by region and sector, at current prices and in volume", output(outcome)),
        Table("trade", "Cross-border trade that changes by US$ 1 million or more, before duty", trade(outcome), 500),
        Table(
            "incidence", "Who pays the changed duties (all measures of the run act on these prices)", incidence(outcome)
        ),
        Table(
            "diversion", "From whom the importers buy the goods that the measures touch", diversion(outcome, most=10)
        ),
        _unless_too_strong(
            lambda: Table(
                "decomposition",
                "Real income by source, exact",
                _percent_by_region(outcome.decompose(), world, "percent"),
            )
        ),
        Table(
            "decomposition_first_order",
            "Real income by source, first order (Caliendo and Parro)",
            _percent_by_region(outcome.decompose(first_order=True), world, "percent"),
        ),
    ]
    tables += ranges(run)
    if 1 < len(outcome.measures) <= MOST_MEASURES:
        title = "Real income by measure (Shapley values)"
        tables.append(_unless_too_strong(lambda: Table("attribution", title, attribution(outcome))))
    from gaiatsu.report.sections import sections_of

    tables += [table for section in sections_of(run) for table in section.tables]
    return {table.name: table for table in tables if table is not None and len(table.frame)}


def _unless_too_strong(make: Callable[[], Table]) -> Table | None:
    """A table that explains a result, or None where the path to it, or a part of its measures, has no equilibrium.

    A part can also be impossible (cuts below -100 % that another measure makes good in the whole). The result itself
    is certified; the page says that the explanation is left out.
    """
    try:
        return make()
    except (ConvergenceError, ScenarioError):
        return None


def elasticity_facts(run: Any) -> dict[str, Any]:
    """Name, source and convention of the trade elasticities of a run."""
    choice = run.scenario.elasticities
    return load_elasticities(choice.set, run.world, overrides=choice.overrides)[1]


def long_format(run: Any) -> pd.DataFrame:
    """Aggregates and output of every horizon, one number a row: horizon, region, sector, variable, unit, value."""
    parts = []
    for horizon, outcome in run.outcomes.items():
        aggregates = by_region(outcome.summary()).melt("region", var_name="variable", value_name="value")
        aggregates["unit"] = aggregates["variable"].map(SUMMARY_UNITS).fillna("percent")
        output = outcome.table("output")
        levels = output[["region", "sector", "baseline", "counterfactual", "change", "percent"]].melt(
            ["region", "sector"], var_name="measured", value_name="value"
        )
        levels["variable"] = "output_" + levels["measured"].replace({"percent": "change"})
        levels["unit"] = np.where(levels["measured"] == "percent", "percent", "usd_million")
        both = pd.concat([aggregates, levels.drop(columns="measured")], ignore_index=True)
        both.insert(0, "horizon", horizon)
        parts.append(both)
    if run.range is not None:
        spread = by_region(run.range.table[["low", "median", "high"]].add_prefix("real_income_"))
        spread = spread.melt("region", var_name="variable", value_name="value").assign(unit="percent")
        spread.insert(0, "horizon", run.primary)
        parts.append(spread)
    columns = ["horizon", "region", "sector", "variable", "unit", "value"]
    return pd.concat(parts, ignore_index=True)[columns]
