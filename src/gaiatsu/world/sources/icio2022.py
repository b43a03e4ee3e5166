"""OECD Inter-Country Input-Output tables, 2025 edition, year 2022, as 81 economies × 27 goods and one services total.

The file is an .npz with flows and duty [importer, exporter, sector] and the labels regions, sectors; the value-added
shares of the OECD's national tables of 2018 stand beside it (va_share_2018_oecd.csv).
"""

from __future__ import annotations

import csv
import math
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world import checks
from gaiatsu.world.accounts import Array

YEAR = 2022
SHARES = "va_share_2018_oecd.csv"
SHARE_TOTAL, SHARE_OF_OUTPUT = "VAtot_bn", "VA/GO"
SERVICES = "Services (aggregate)"
TAIWAN = "TWN"  # without a row there is no value added for it: the World Bank lists none

SOURCES: list[dict[str, str]] = [
    {
        "series": "flows of goods and the total of services, 2022",
        "source": "OECD Inter-Country Input-Output tables, 2025 edition",
        "address": "https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
        "licence": "Creative Commons Attribution 4.0 International",
        "vintage": "2025",
    },
    {
        "series": "duties on goods, averages of 2021 by importer, exporter and sector",
        "source": "sector averages derived from Teti's Global Tariff Database; Teti (2025), Missing Tariffs, CEPR "
        "Discussion Paper 19851",
        "address": "https://cepr.org/publications/DP19851",
        "licence": "derived sector averages, shipped with this citation; the database itself is not passed on",
        "vintage": "2021",
    },
    {
        "series": "value-added shares 2018, 21 groups of sectors, and total value added 2018",
        "source": "OECD national input-output tables, 2021 edition",
        "address": "https://www.oecd.org/en/data/datasets/input-output-tables.html",
        "licence": "Creative Commons Attribution 4.0 International",
        "vintage": "2021",
    },
    {
        "series": "gross domestic product 2014, 2018 and 2022, current US$",
        "source": "World Bank, World Development Indicators, NY.GDP.MKTP.CD",
        "address": "https://data.worldbank.org/indicator/NY.GDP.MKTP.CD",
        "licence": "Creative Commons Attribution 4.0 International",
        "vintage": "2024",
    },
]


@dataclass(frozen=True)
class Source:
    """The tables as read, float64.

    sectors: the 27 goods; flows [importer, exporter, 28], the last sector being all services; duty [importer,
    exporter, 28]; shares: economy → group of sectors (ISIC, joined by +) → value added over output in 2018; added:
    value added of 2018, US$ million; share_of_output: total value added over output, 2018.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Array
    duty: Array
    shares: dict[str, dict[str, float]]
    added: dict[str, float]
    share_of_output: dict[str, float]


def read(path: str | Path) -> Source:
    """Read the tables. Raises DataMissing when one is not there, DataError when it is something else."""
    file = Path(path)
    table = file.parent / SHARES
    for wanted, what in ((file, "icio2022_81x28.npz"), (table, f"{SHARES}, in the folder of icio2022_81x28.npz")):
        if not wanted.is_file():
            raise DataMissing(f"{str(wanted)!r} is not there; give the path of {what}")
    try:
        with np.load(file, allow_pickle=False) as archive:
            found = {key: archive[key] for key in ("flows", "duty", "regions", "sectors")}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise DataError(
            f"{str(path)!r} is not the OECD table of 2022, or it is damaged; give the path of icio2022_81x28.npz"
        ) from error
    regions = checks.check_labels("regions", list(found["regions"]))
    sectors = checks.check_labels("sectors", list(found["sectors"]))
    if sectors[-1] != SERVICES:
        raise DataError(f"{str(path)!r}: its last sector is {sectors[-1]!r}, not {SERVICES!r}")
    labels = checks.axis_labels(regions, sectors)
    tables = {key: checks.as_array(key, found[key], checks.BILATERAL, labels) for key in ("flows", "duty")}
    checks.refuse(tables["flows"] < 0, tables["flows"], checks.BILATERAL, labels, "flows must not be negative")
    shares = _read_shares(table)
    return Source(
        regions=regions, sectors=sectors[:-1], **tables,
        shares={code: {key: value for key, value in row.items() if key not in (SHARE_TOTAL, SHARE_OF_OUTPUT)}
                for code, row in shares.items()},
        added={code: 1000 * row[SHARE_TOTAL] for code, row in shares.items()},
        share_of_output={code: row[SHARE_OF_OUTPUT] for code, row in shares.items()},
    )  # fmt: skip


def _read_shares(path: Path) -> dict[str, dict[str, float]]:
    """Economy → column → number; empty cells are NaN."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows: list[dict[str, Any]] = list(csv.DictReader(lines))
    try:
        out = {row.pop(""): {key: float(text) if text else math.nan for key, text in row.items()} for row in rows}
        if TAIWAN not in out or not all(SHARE_TOTAL in row and SHARE_OF_OUTPUT in row for row in out.values()):
            raise KeyError(SHARE_TOTAL)
    except (KeyError, ValueError, TypeError) as error:
        raise DataError(f"{str(path)!r} is not the table of value-added shares {SHARES}, or it is damaged") from error
    return out


@cache
def gross_domestic_product() -> dict[str, dict[int, float]]:
    """Economy (and WLD, the world without Taiwan) → year → GDP at market prices, US$ million, World Bank."""
    text = resources.files("gaiatsu.world").joinpath("data", "gdp_world_bank.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {row["code"]: {int(year): float(row[year]) for year in row if year != "code"} for row in rows}
