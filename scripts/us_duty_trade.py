"""Reads the sources of the US duties, and the small arithmetic of what an act reaches (see docs/us-duties.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from gaiatsu.world.codes import EU27, country_code

Array = NDArray[np.float64]

SERIES = "us_duty_by_partner_2025_2026.csv"
EUROPE, UNION = "EUROPEAN UNION", "EU27"  # one partner in the series, 27 in the chapters
DOUBLED = "SLOVAKIA"  # in the series also alone, without the Union's deal; counted within the Union here
PULL = 0.02  # towards the prior, in shares of imports
OWN_ROWS = 2e7  # US$: unlisted partners with smaller imports are pooled as ROW
NAMES = {"KOREA, SOUTH": "KOR", "FAROE ISLANDS": "FRO"}
LEFT_OUT = ("98", "99")  # special provisions: in no sector
# Sectors finer than the chapter table's own, by chapter.
FINER = {
    "B": {"26": "B07", "27": "B06", None: "B08"},
    "C24": {"72": "C24A", "73": "C24A", None: "C24B"},
    "C30": {"89": "C301", None: "C302T309"},
}


@dataclass(frozen=True)
class Trade:
    """US imports of 2024 in US$. partners: ISO3; group: the row of the series each belongs to, or ""."""

    partners: list[str]
    group: NDArray[np.str_]
    chapters: list[str]
    cells: list[tuple[str, str]]  # chapter and sector
    chapter_of: NDArray[np.int64]  # [cell]
    by_chapter: Array  # [partner, chapter]
    by_cell: Array  # [partner, cell]
    filed: Array  # [partner, chapter] rate of September 2025


def read(folder: Path) -> tuple[pd.DataFrame, Trade]:
    """The series [row, date] and the trade by chapter and sector."""
    long = pd.read_csv(folder / SERIES)
    series = long.pivot(index="partner", columns="date", values="extra_duty_pct").drop(index=DOUBLED)
    table = pd.read_csv(folder / "us_duty_by_partner_hs2_2025.csv", dtype={"hs2": str})
    table["code"] = [NAMES.get(name) or country_code(name) or "ROW" for name in table.partner]
    series.index = pd.Index([UNION if name == EUROPE else code_of(name) for name in series.index])
    group = {name: name for name in series.index if name != UNION} | dict.fromkeys(EU27, UNION)
    total = table.groupby("code").imports_2024_usd.sum()
    small = {code for code in total.index if code not in group and total[code] < OWN_ROWS}
    table.loc[table.code.isin(small), "code"] = "ROW"
    table["duty"] = table.imports_2024_usd * table.extra_duty_pct
    sums = table.groupby(["code", "hs2"])[["imports_2024_usd", "duty"]].sum()
    imports = sums.imports_2024_usd.astype(float).unstack(fill_value=0.0)
    filed = (sums.duty / sums.imports_2024_usd).unstack()
    return series, _trade(imports, filed, group, pd.read_csv(folder / "hs2_to_isic.csv", dtype={"hs2": str}))


def code_of(name: str) -> str:
    code = NAMES.get(name) or country_code(name)
    assert code is not None, name
    return code


def _trade(imports: pd.DataFrame, filed: pd.DataFrame, group: dict[str, str], bridge: pd.DataFrame) -> Trade:
    partners, chapters = list(imports.index), list(imports.columns)
    cells = [(row.hs2, finer(row.wiod2016_sector, row.hs2)) for row in bridge.itertuples()]
    cells += [(chapter, "") for chapter in LEFT_OUT]
    chapter_of = np.array([chapters.index(chapter) for chapter, _ in cells])
    by_cell = np.zeros((len(partners), len(cells)))
    for number, partner in enumerate(partners):
        column = {"JPN": "w_usimp2024_japan", "IND": "w_usimp2024_india"}.get(partner, "w_usimp2024_all")
        weight = np.append(bridge[column].to_numpy(), np.ones(len(LEFT_OUT)))
        by_cell[number] = imports.to_numpy(float)[number, chapter_of] * weight
    own = np.array([group.get(partner, "") for partner in partners])
    rates = filed.to_numpy(float)
    return Trade(partners, own, chapters, cells, chapter_of, imports.to_numpy(float), by_cell, np.nan_to_num(rates))


def finer(sector: str, chapter: str) -> str:
    """The sector of the table, finer than that of the chapter file where the chapter tells."""
    parts = FINER.get(sector)
    return sector if parts is None else parts.get(chapter, parts[None])


# ------------------------------------------------------------------------------------------------ coverage
def fit(imports: Array, totals: Array, prior: Array) -> Array:
    """[column] shares between 0 and 1, common to all partners, of what an act reaches.

    Least squares of imports [partner, column] @ share = totals, in shares of each partner's imports, weighted by the
    square root of imports, and towards a prior [column] that counts for columns small in everybody's imports.
    """
    size = imports.sum(axis=1)
    weight = np.sqrt(size / size.sum()) / size
    columns = imports.shape[1]
    left = np.vstack([imports * weight[:, None], PULL * np.eye(columns)])
    return lsq_linear(left, np.concatenate([totals * weight, PULL * prior]), bounds=(0, 1)).x


def scaled(share: Array, imports: Array, total: float, most: Array | float = 1.0) -> Array:
    """Shares lowered in proportion, or raised in proportion to what is left below `most`, so that the sum of imports
    times shares is the total."""
    reached = (imports * share).sum()
    if total <= reached:
        return share * max(total, 0.0) / reached if reached else share
    left = np.where(share > 0, most - share, 0.0)
    room = (imports * left).sum()
    return share + left * min((total - reached) / room, 1.0) if room else share


def fill(trade: Trade, share: Array, room: Array, first: set[tuple[str, str]]) -> Array:
    """[partner, cell] the chapters' shares [partner, chapter] put on their cells: the preferred ones up to their room
    [partner, cell], then the others, pro rata."""
    out = np.zeros_like(trade.by_cell)
    wanted = share * trade.by_chapter
    preferred = np.array([cell in first for cell in trade.cells])
    for these in (preferred, ~preferred):
        free = np.where(these, trade.by_cell * room, 0.0)
        held = by_chapters(trade, free)
        part = np.divide(np.minimum(wanted, held), held, out=np.zeros_like(held), where=held > 0)
        out += part[:, trade.chapter_of] * np.where(these, room, 0.0)
        wanted = np.maximum(wanted - part * held, 0.0)
    return out


def by_chapters(trade: Trade, cells: Array) -> Array:
    out = np.zeros_like(trade.by_chapter)
    np.add.at(out.T, trade.chapter_of, cells.T)
    return out
