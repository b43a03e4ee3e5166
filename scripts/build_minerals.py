"""Writes the table of trade in critical minerals that ships with the package.

Usage: python scripts/build_minerals.py PATH. PATH: bilateral trade as CSV (gzip or plain) with the columns of CEPII's
BACI: t (year), exp, imp (ISO3 codes), k (HS6 of the 1992 edition), v (thousand US$), q (tonnes). Economies that are no
region of the world `2022` are added up into ROW, whose trade with itself is left out, as are flows below US$ 500.

The list of codes below is this project's own reading of the nomenclature. Gallium and germanium are not in it: since
2007 the nomenclature lumps them together with other metals, so that the 1992 codes say nothing on them.
"""

from __future__ import annotations

import argparse
import gzip
import io
from pathlib import Path

import pandas as pd

from gaiatsu.world.codes import country_code
from gaiatsu.world.world import World

TARGET = Path(__file__).parent.parent / "src" / "gaiatsu" / "exposure" / "data" / "minerals_trade.csv.gz"

# Code → (mineral, what the code holds, in our words).
CODES: dict[str, tuple[str, str]] = {
    "280530": ("rare-earths", "rare-earth metals, scandium and yttrium, also as alloys of these"),
    "284610": ("rare-earths", "compounds of cerium"),
    "284690": ("rare-earths", "compounds of other rare earths, yttrium and scandium"),
    "250410": ("graphite", "natural graphite, powder and flakes"),
    "250490": ("graphite", "natural graphite, other"),
    "261710": ("antimony", "antimony ores and concentrates"),
    "261100": ("tungsten", "tungsten ores and concentrates"),
    "810110": ("tungsten", "tungsten powders"),
    "282200": ("cobalt", "oxides and hydroxides of cobalt"),
    "810510": ("cobalt", "cobalt unwrought, mattes, waste, powders"),
    "282520": ("lithium", "oxide and hydroxide of lithium"),
    "283691": ("lithium", "carbonates of lithium"),
    "252922": ("fluorspar", "fluorspar, above 97 % calcium fluoride"),
    "810310": ("tantalum", "tantalum unwrought, waste, powders"),
    "811211": ("beryllium", "beryllium unwrought, waste, powders"),
    "810600": ("bismuth", "bismuth and articles of it"),
    "282530": ("vanadium", "oxides and hydroxides of vanadium"),
    "260200": ("manganese", "manganese ores and concentrates"),
    "260400": ("nickel", "nickel ores and concentrates"),
    "261400": ("titanium", "titanium ores and concentrates"),
    "711011": ("platinum", "platinum unwrought or in powder"),
    "711021": ("palladium", "palladium unwrought or in powder"),
}

# BACI's own labels of places that the list of countries knows by another code.
PLACES = {"S19": "TWN", "ROM": "ROU", "ZAR": "COD", "TMP": "TLS"}


def region_of(regions: tuple[str, ...]) -> dict[str, str]:
    """BACI's label → region, for the labels that are regions; all others are ROW."""
    return {**{code: code for code in regions}, **{label: code for label, code in PLACES.items() if code in regions}}


def reduced(trade: pd.DataFrame, regions: tuple[str, ...]) -> pd.DataFrame:
    """Trade by year, HS6, importer and exporter, between regions of the world; k US$ and tonnes."""
    found = region_of(regions)
    kept = trade[trade["k"].isin(CODES)]
    frame = pd.DataFrame(
        {
            "year": kept["t"].astype(int),
            "hs": kept["k"],
            "importer": kept["imp"].map(lambda label: found.get(label, "ROW")),
            "exporter": kept["exp"].map(lambda label: found.get(label, "ROW")),
            "value_usd_thousand": kept["v"],
            "quantity_tonnes": kept["q"].fillna(0.0),
        }
    )
    frame = frame[frame["importer"] != frame["exporter"]]
    out = frame.groupby(["year", "hs", "importer", "exporter"], as_index=False, sort=True).sum()
    out = out[out["value_usd_thousand"] >= 0.5]
    return out.round({"value_usd_thousand": 1, "quantity_tonnes": 2}).reset_index(drop=True)


def write(frame: pd.DataFrame, target: Path) -> None:
    """The table as gzipped CSV without a date in it: same table, same bytes."""
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    target.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def main() -> None:
    """Read, reduce, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    chosen = parser.parse_args()
    regions = World.load("2022").regions
    unknown = {label: code for label, code in PLACES.items() if country_code(code) is None}
    if unknown:
        raise SystemExit(f"places that the list of countries does not know: {unknown}")
    table = reduced(pd.read_csv(chosen.path, dtype={"k": str}), regions)
    write(table, TARGET)
    print(f"{TARGET}: {len(table)} rows, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
