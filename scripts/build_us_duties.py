"""Makes the table of the measure us-duties from its sources: US duties added since January 2025, by partner and sector.

    python scripts/build_us_duties.py FOLDER

FOLDER holds us_duty_by_partner_2025_2026.csv (the series), us_duty_by_partner_hs2_2025.csv (the chapters, as of
September 2025) and hs2_to_isic.csv. The rule is told in docs/us-duties.md; rates are in percent throughout.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
from us_duty_model import Model
from us_duty_trade import Array, Trade, read

from gaiatsu.scenario import us_duties

LEFT_OUT_SECTORS = {"", "D35"}


def table(series: pd.DataFrame, trade: Trade) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rates by partner, sector and date with imports in US$ million; and the general duty by row and date."""
    model = Model(series, trade)
    sectors = sorted({sector for _, sector in trade.cells} - LEFT_OUT_SECTORS)
    place = np.array([sectors.index(sector) if sector in sectors else -1 for _, sector in trade.cells])
    kept = place >= 0

    def summed(cells: Array) -> Array:
        out = np.zeros((len(trade.partners), len(sectors)))
        np.add.at(out.T, place[kept], cells[:, kept].T)
        return out

    imports = summed(trade.by_cell)
    index = pd.MultiIndex.from_product([trade.partners, sectors], names=["partner", "sector"])
    rows = np.array(trade.group).repeat(len(sectors))
    out = pd.DataFrame({"row": rows, "imports_2024": (imports / 1e6).round(3).ravel()}, index=index)
    general = {}
    for date in series.columns:
        rates, general[date], _ = model.duties(date)
        paid = summed(rates * trade.by_cell)
        out[date] = np.divide(paid, imports, out=np.zeros_like(paid), where=imports > 0).round(3).ravel()
    return out[out.imports_2024 > 0].reset_index(), pd.DataFrame(general, index=series.index)


def write(out: pd.DataFrame, series: pd.DataFrame, folder: Path) -> None:
    """The two files of the package; the same sources give the same bytes."""
    text = out.to_csv(index=False, lineterminator="\n", float_format="%g")
    with open(folder / us_duties.RATES, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(text.encode())
    series.to_csv(folder / us_duties.SERIES, lineterminator="\n", index_label="row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, default=us_duties.FOLDER, help="folder of the two files")
    given = parser.parse_args()
    series, trade = read(given.sources)
    out, general = table(series, trade)
    write(out, series, given.out)
    print("General duty that is left for each row of the series, percent (the acts' own: docs/us-duties.md)")
    print(general.rename(columns=lambda date: date[2:]).round(1).to_string())


if __name__ == "__main__":
    main()
