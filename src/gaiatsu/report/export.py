"""The run folder: the page, the tables in three formats, the scenario as resolved and the provenance.

Same inputs, same bytes: no clock, no host, no paths; floats in CSV with ten significant digits.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

import gaiatsu
from gaiatsu.report.folder import MARK, write_folder
from gaiatsu.report.ranges import facts as range_facts
from gaiatsu.report.tables import Table, all_tables, elasticity_facts, long_format
from gaiatsu.scenario.saving import dump

PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "ruamel.yaml", "jinja2", "xlsxwriter")
EPOCH = datetime.datetime(2000, 1, 1)  # the creation date written into the workbook, so that its bytes never change
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 40  # characters of a workbook column
UNITS = {
    "percent": "percent",
    "percentage_points": "percentage points",
    "usd_million": "US$ million",
    "fraction": "fraction",
}


def write(run: Any, folder: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write the folder of a run and return its path.

    An existing folder is refused; with force it is replaced if it is empty or holds a gaiatsu run and nothing else.
    Raises OutputError; a failure leaves no half-written folder.
    """

    def fill(place: Path) -> None:
        from gaiatsu.report.html import render

        tables = all_tables(run)
        versions = package_versions()
        (place / "report.html").write_text(render(run, tables, gaiatsu.__version__), encoding="utf-8", newline="\n")
        (place / "tables").mkdir()
        for table in tables.values():
            write_csv(table, place / "tables" / f"{table.name}.csv")
        write_workbook(tables, place / "tables.xlsx")
        write_parquet(long_format(run), place / "outcome.parquet")
        (place / "scenario.yaml").write_text(dump(spelled_out(run)), encoding="utf-8", newline="\n")
        text = json.dumps(provenance(run, versions), indent=2, ensure_ascii=False, sort_keys=True, default=str)
        (place / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")

    return write_folder(folder, fill, force=force)


def harmless(text: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; other values stay."""
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA_STARTS) else text


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with harmless labels and column names."""
    out = frame.rename(columns=harmless)
    for position, column in enumerate(out.columns):
        if not pd.api.types.is_numeric_dtype(out.dtypes.iloc[position]):
            changed = {value: harmless(value) for value in out[column].unique() if harmless(value) != value}
            out[column] = out[column].replace(changed) if changed else out[column]
    return out


def write_csv(table: Table, path: Path) -> None:
    """CSV with ten significant digits; missing numbers are empty."""
    safe(table.frame).to_csv(path, index=False, float_format="%.10g", lineterminator="\n", encoding="utf-8")


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Parquet in one row group, labels as dictionaries."""
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema(
        [(name, pyarrow.float64() if name == "value" else pyarrow.string()) for name in frame.columns]
    )
    table = pyarrow.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pyarrow.parquet.write_table(table, path, compression="zstd")


def heading(column: str) -> str:
    """real_income_percent → "real income [percent]"."""
    for unit, told in UNITS.items():
        if column.endswith(f"_{unit}"):
            return f"{column.removesuffix(f'_{unit}').replace('_', ' ')} [{told}]"
    return "change [percent]" if column == "percent" else column.replace("_", " ")


def write_workbook(tables: dict[str, Table], path: Path) -> None:
    """An Excel file with one sheet for each table, units in the headings."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": EPOCH, "title": "gaiatsu run", "author": "gaiatsu"})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for table in tables.values():
            sheet = book.add_worksheet(table.name[:31])
            _fill_sheet(sheet, table, bold)


def _fill_sheet(sheet: Any, table: Table, bold: Any) -> None:
    frame = safe(table.frame.head(table.sheet_rows))
    left_out = len(table.frame) - len(frame)
    more = f" (the first {len(frame)} rows; {left_out} more are in tables/{table.name}.csv)" if left_out else ""
    sheet.write_string(0, 0, table.title + more)
    for position, (column, kind) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        values = frame.iloc[:, position].tolist()
        sheet.write_string(1, position, heading(str(column)), bold)
        if pd.api.types.is_numeric_dtype(kind):
            sheet.set_column(position, position, 16)
            for row, value in enumerate(values, start=2):
                if not pd.isna(value):  # a missing whole number is pd.NA, which has no truth value
                    sheet.write_number(row, position, float(f"{value:.10g}"))
        else:
            sheet.set_column(position, position, min(WIDEST, 2 + max((len(str(value)) for value in values), default=8)))
            for row, value in enumerate(values, start=2):
                sheet.write_string(row, position, str(value))
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, 1 + len(frame), len(frame.columns) - 1)


def spelled_out(run: Any) -> Any:
    """The scenario with regions and sectors as codes and the closure, horizons and focus it was run with."""
    world = run.world
    models = []
    for model, measure in zip(run.scenario.measures, run.measures, strict=True):
        codes: dict[str, Any] = {}
        if getattr(model, "sectors", None):
            codes["sectors"] = [world.sectors[k] for k in world.sector_indices(model.sectors)]
        for key in ("by", "on", "between"):
            if hasattr(model, key):
                codes[key] = [world.regions[k] for k in world.region_indices(getattr(model, key))]
        if measure.kind == "us-duties":
            codes["at"] = measure.day
        models.append(model.model_copy(update=codes))
    changes = {"measures": models, "closure": run.outcome.closure}
    return run.scenario.model_copy(update=changes)


def package_versions() -> dict[str, str]:
    """Versions of this package and of those that made the numbers and the files."""
    found = {"gaiatsu": str(gaiatsu.__version__)}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def common_provenance(world: Any, versions: dict[str, str]) -> dict[str, Any]:
    """What every page rests on: versions, the world and the hash of its numbers."""
    return {
        "program": "gaiatsu",
        "python": platform.python_version(),
        "packages": versions,
        "world": {
            "name": world.name,
            "year": world.year,
            "regions": len(world.regions),
            "sectors": len(world.sectors),
            "sha256": world.fingerprint,
            "title": world.provenance.get("title"),
            "sources": world.provenance.get("sources"),
            "blocks": world.provenance.get("blocks"),
        },
    }


def provenance(run: Any, versions: dict[str, str]) -> dict[str, Any]:
    """What made the run: versions, the world and the hash of its numbers, the scenario, sources and certificates."""
    return {
        **common_provenance(run.world, versions),
        "scenario": {
            "name": run.scenario.name,
            "title": run.scenario.title,
            "sha256": hashlib.sha256(dump(run.scenario).encode()).hexdigest(),
            "files": {name: question.files() for name, question in run.scenario.questions() if question.files()},
        },
        "elasticities": elasticity_facts(run),
        "horizons": {name: _solution(outcome) for name, outcome in run.outcomes.items()},
        "horizons_without_equilibrium": dict(run.failed),
        "primary": run.primary,
        "range": range_facts(run),
        "references": {
            key: item.model_dump(mode="json", exclude_none=True) for key, item in run.scenario.references.items()
        },
    }


def _solution(outcome: Any) -> dict[str, Any]:
    found = outcome.certificate
    return {
        "closure": outcome.closure,
        "method": found.method,
        "iterations": found.iterations,
        "residual": float(f"{found.residual:.3g}"),
        "excess_demand": float(f"{found.excess_demand:.3g}"),
        "walras": float(f"{found.walras:.3g}"),
    }
