"""Every supported file, written from a small table: what it is called, how it is written, and what must come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaiatsu.world.accounts import Accounts

from . import writers
from .tables import REGIONS, Small, small


@dataclass(frozen=True)
class Format:
    """One format: the source's name, its writer, the labels a world has, and dollars per unit of its money."""

    source: str
    write: Callable[[Path, Small], Path]
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    year: int
    money: float = 1.0
    categories: int = 6
    stocks: tuple[int, ...] = (4,)
    groups: tuple[int, ...] | None = None  # where the file's sectors go, when they are added up

    def table(self, **options: object) -> Small:
        """The table this format is written from."""
        count = len(self.groups or self.sectors)
        return small(count, self.categories, **{"stocks": self.stocks, **options})  # type: ignore[arg-type]

    def answer(self, table: Small) -> Accounts:
        """The accounts that must come back, in US$ million."""
        return scaled(table.accounts if self.groups is None else added_up(table, self.groups), self.money)


def scaled(accounts: Accounts, factor: float) -> Accounts:
    return Accounts(**{**vars_of(accounts), "flows": accounts.flows * factor})


def vars_of(accounts: Accounts) -> dict[str, np.ndarray]:
    return {key: getattr(accounts, key) for key in ("flows", "duty", "export_duty", "va_share", "input_mix")}


def added_up(table: Small, groups: tuple[int, ...]) -> Accounts:
    """The accounts of the table with sectors added up."""
    sums = np.zeros((len(groups), max(groups) + 1))
    sums[np.arange(len(groups)), groups] = 1.0
    final = np.einsum("iknc,ka->ianc", table.final, sums)
    inside = np.einsum("iknj,ka,jb->ianb", table.intermediate, sums, sums)
    new = Small(table.regions, inside, final, table.taxes @ sums, table.added @ sums, table.final_taxes)
    return new.accounts


def _icio(edition: str, name: str, split: bool = False) -> Callable[[Path, Small], Path]:
    write = writers.icio_extended if split else writers.icio
    return lambda folder, table: write(folder, table, edition, name)


def _sheet(file: str, name: str, rows: Callable[[Small], list]) -> Callable[[Path, Small], Path]:
    write = writers.xlsb if file.endswith(".xlsb") else writers.xlsx
    return lambda folder, table: write(folder / file, {name: rows(table)})


def _exiobase(name: str, system: str, payments: str) -> Callable[[Path, Small], Path]:
    return lambda folder, table: writers.exiobase(folder, table, name, system, payments)


ICIO_2021 = ("A01T02", "B05T06", "C24", "C29", "G45T47")
OLD = ("A01T03", "C10T12", "C24_25", "C29_30", "G46")
ASIA = (*REGIONS[:-1], "WA")
EUROS = {2021: 1.1827, 2022: 1.0530}

FORMATS = {
    "icio2021": Format("icio2021", _icio("2021", "ICIO2021_2018.csv"), REGIONS, ICIO_2021, 2018),
    "icio2021-extended-zip": Format(
        "icio2021", _icio("2021", "ICIO_2015-2018.zip:ICIO2021_2018.csv", split=True), REGIONS, ICIO_2021, 2018
    ),
    "icio2023": Format("icio2023", _icio("2023", "2020_SML.csv"), REGIONS, writers.SECTORS["icio2023"], 2020),
    "icio2025-zip": Format(
        "icio2025", _icio("2025", "2016-2022_SML.zip:2022_SML.csv"), REGIONS, writers.SECTORS["icio2025"], 2022
    ),
    "icio2025-extended": Format(
        "icio2025", _icio("2025", "2022.csv", split=True), REGIONS, writers.SECTORS["icio2025"], 2022
    ),
    "wiod2013": Format(
        "wiod2013", _sheet("wiot11_row_sep12.xlsx", "WIOT_2011", writers.wiod2013_rows), REGIONS, OLD, 2011,
        categories=5,
    ),
    "wiod2016-xlsb": Format(
        "wiod2016", _sheet("WIOT2014_Nov16_ROW.xlsb", "2014", writers.wiod2016_rows), REGIONS,
        writers.SECTORS["wiod2016"], 2014, categories=5,
    ),
    "wiod2016-dta": Format(
        "wiod2016", lambda folder, table: writers.wiod2016_stata(folder / "WIOT2014_October16_ROW.dta", table), REGIONS,
        writers.SECTORS["wiod2016"], 2014, categories=5,
    ),
    "adb": Format(
        "adb", _sheet("ADB-MRIO62-2022_June2023.xlsx", "ADB MRIO 2022", writers.adb_rows), REGIONS, OLD, 2022,
        categories=5,
    ),
    "figaro": Format("figaro", writers.figaro, REGIONS, writers.SECTORS["figaro"], 2022, EUROS[2022], categories=5),
    "exiobase3-ixi-zip": Format(
        "exiobase3", _exiobase("IOT_2022_ixi.zip", "ixi", "satellite"), ASIA, ("A01", "C24A", "C29", "G47"), 2022,
        EUROS[2022], categories=7, stocks=(4, 5), groups=(0, 0, 1, 2, 3),
    ),
    "exiobase3-pxp-folder": Format(
        "exiobase3", _exiobase("IOT_2021_pxp", "pxp", "factor_inputs"), ASIA, ("A01", "C24A", "C29", "G47"), 2021,
        EUROS[2021], categories=7, stocks=(4, 5), groups=(0, 0, 1, 2, 3),
    ),
}  # fmt: skip
