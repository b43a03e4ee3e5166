"""Critical minerals: who sells them to whom, who uses them, and your own tables of production.

Figures by mineral stand in data/minerals.json, each with a source or marked as an assumption; trade is CEPII's BACI,
reduced by scripts/build_minerals.py. Gallium and germanium have no usable trade code: their figures are single facts.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gaiatsu.errors import DataError, DataMissing, ScenarioError, did_you_mean
from gaiatsu.world.codes import fold

if TYPE_CHECKING:
    from gaiatsu.world.world import World

DATA = resources.files("gaiatsu.exposure") / "data"
CASES = ("low", "central", "high")
PRODUCTION_COLUMNS = ("mineral", "Country_ISO", "year", "production")


@cache
def facts() -> dict[str, Any]:
    """Everything in data/minerals.json: `common` parameters and `minerals` by key."""
    return json.loads((DATA / "minerals.json").read_text(encoding="utf-8"))


def mineral_key(word: str) -> str:
    """The key of a mineral by name or alias; ScenarioError with the nearest known ones."""
    names = {key: key for key in facts()["minerals"]}
    for key, item in facts()["minerals"].items():
        names.update({fold(alias): key for alias in (key, item["name"], *item["aliases"])})
    found = names.get(fold(word))
    if found is None:
        known = list(facts()["minerals"])
        raise ScenarioError(f"unknown critical input {word!r}{did_you_mean(word, known)} (known: {', '.join(known)})")
    return found


def mineral(word: str) -> dict[str, Any]:
    """What is known of a mineral; ScenarioError for an unknown one."""
    return facts()["minerals"][mineral_key(word)]


@cache
def trade() -> pd.DataFrame:
    """Trade in critical minerals: year, hs (HS6 1992), importer, exporter, value_usd_thousand, quantity_tonnes."""
    with (DATA / "minerals_trade.csv.gz").open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as file:
        frame = pd.read_csv(file, dtype={"hs": str})
    frame.attrs["source"] = "CEPII, BACI HS 1992, Etalab 2.0"
    return frame


def trade_of(word: str, year: int | None = None) -> pd.DataFrame:
    """Trade in one mineral, all its products, in the year nearest to `year` (by default the last).

    Raises DataMissing where the nomenclature does not tell the mineral apart.
    """
    item = mineral(word)
    if not item["hs"]:
        raise DataMissing(f"trade statistics do not tell {item['name']} apart from other metals: give `dependence`")
    table = trade()[trade()["hs"].isin(item["hs"])]
    years = np.unique(table["year"])
    chosen = years[-1] if year is None else years[np.argmin(np.abs(years - year))]
    return table[table["year"] == chosen]


@cache
def _labels() -> tuple[str, ...]:
    """All places that the trade table names."""
    table = trade()
    return tuple(sorted({*table["importer"].unique(), *table["exporter"].unique()}))


def place_of(world: World) -> dict[str, int]:
    """Label of the trade table → position of the region that holds it; places without one are in no region."""
    found = {part: index for index, parts in enumerate(world.region_parts) for part in parts}
    found.update({code: index for index, code in enumerate(world.regions)})
    rest = found.get("ROW")
    places = {label: found.get(label, rest) for label in _labels()}
    return {label: index for label, index in places.items() if index is not None}


def flows_of(world: World, word: str, year: int | None = None, measure: str = "value_usd_thousand") -> np.ndarray:
    """[importer, exporter] trade in a mineral between the regions of a world: thousand US$ or tonnes; own trade 0."""
    table, places = trade_of(word, year), place_of(world)
    kept = table[table["importer"].isin(places) & table["exporter"].isin(places)]
    out = np.zeros((len(world.regions), len(world.regions)))
    at = (kept["importer"].map(places).to_numpy(), kept["exporter"].map(places).to_numpy())
    np.add.at(out, at, kept[measure].to_numpy())
    np.fill_diagonal(out, 0.0)
    return out


def users_of(word: str) -> dict[str, dict[str, Any]]:
    """Sector → share of the mineral's use and reach (low, central, high); ScenarioError where none is at hand."""
    item = mineral(word)
    if not item.get("users"):
        known = [key for key, other in facts()["minerals"].items() if other.get("users")]
        raise ScenarioError(
            f"it is not known which sectors use {item['name']}: give `users`, sector: share of its cost "
            f"(known for {', '.join(known)})"
        )
    return item["users"]


# Our minerals under the names of World Mining Data.
WORLD_MINING_DATA = {
    "Rare Earths (REO)": "rare-earths", "Gallium": "gallium", "Germanium": "germanium", "Graphite": "graphite",
    "Antimony": "antimony", "Tungsten (W)": "tungsten", "Cobalt": "cobalt", "Lithium (Li2O)": "lithium",
    "Fluorspar": "fluorspar", "Tantalum (Ta2O5)": "tantalum", "Beryllium (conc.)": "beryllium", "Bismuth": "bismuth",
    "Vanadium (V)": "vanadium", "Manganese": "manganese", "Nickel": "nickel", "Titanium (TiO2)": "titanium",
    "Platinum": "platinum", "Palladium": "palladium",
}  # fmt: skip
TONNES = {"metr. t": 1.0, "kg": 1e-3}
OWN_CODES = {"S19": "TWN", "R20": "XKX"}  # the source's own three letters


def load_mine_production(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Mine production from your own file, as World Mining Data publishes it.

    path: CSV (plain or gzip) with columns mineral, Country_ISO, year, production, unit ("metr. t" or "kg"; tonnes
    without it). Gives mineral (our keys), country (ISO3), year, production (tonnes). Its licence does not let it be
    shipped: get it from https://www.world-mining-data.info. Raises DataMissing, DataError naming the line.
    """
    place = Path(path)
    if not place.is_file():
        raise DataMissing(f"{place}: no such file; World Mining Data is at https://www.world-mining-data.info")
    try:
        frame = pd.read_csv(place)
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise DataError(f"{place}: not a table of comma-separated values: {error}") from error
    lacking = [name for name in PRODUCTION_COLUMNS if name not in frame]
    if lacking:
        raise DataError(
            f"{place}: has no column {', '.join(lacking)} (it has {', '.join(map(str, frame.columns))}); columns must "
            f"be {', '.join(PRODUCTION_COLUMNS)}"
        )
    numbers, years = _numbers(frame, "production"), _numbers(frame, "year")
    for name, wrong, needed in (
        ("production", ~(np.isfinite(numbers) & (numbers >= 0)), "a number of tonnes"),
        ("year", ~(np.isfinite(years) & (years % 1 == 0)), "a year"),
    ):
        if wrong.any():
            line = int(np.flatnonzero(wrong)[0])
            said = frame[name].iloc[line]
            raise DataError(f"{place}:{line + 2}: {name} is {'empty' if pd.isna(said) else said}, not {needed}")
    units = frame["unit"] if "unit" in frame else pd.Series("metr. t", index=frame.index)
    strange = sorted(set(units[frame["mineral"].isin(WORLD_MINING_DATA)].astype(str)) - set(TONNES))
    if strange:
        raise DataError(f"{place}: unit {strange[0]!r} is not understood; it must be one of {', '.join(TONNES)}")
    numbers = numbers * units.map(TONNES)
    unknown = [code for code in frame["Country_ISO"].unique() if not re.fullmatch("[A-Z][A-Z0-9]{2}", str(code))]
    if unknown:
        raise DataError(f"{place}: Country_ISO holds {', '.join(map(str, unknown[:5]))}, which are no ISO3 codes")
    kept = frame["mineral"].isin(WORLD_MINING_DATA)
    if not kept.any():
        raise DataError(f"{place}: names none of {', '.join(WORLD_MINING_DATA)} in column mineral")
    return pd.DataFrame(
        {
            "mineral": frame.loc[kept, "mineral"].map(WORLD_MINING_DATA),
            "country": frame.loc[kept, "Country_ISO"].replace(OWN_CODES),
            "year": years[kept].astype(int),
            "production": numbers[kept],
        }
    ).reset_index(drop=True)


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as numbers, NaN where it has none."""
    return pd.to_numeric(frame[name], errors="coerce")


def rare_earths_2010() -> pd.DataFrame:
    """What the model says of rare earths for Japan from 2009 data, beside 2010 to 2015 (docs/minerals.md).

    Columns: quantity, frequency, predicted, low, high, observed, source.
    """
    from gaiatsu.exposure.minerals_backtest import rare_earths_2010 as found

    return found()
