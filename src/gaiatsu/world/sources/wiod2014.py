"""WIOD 2016 release, year 2014, as calibrated by Felbermayr, Gröschl & Heiland (2022): 44 regions × 50 sectors.

The file is an .npz with flows, duty [importer, exporter, sector], va_share, inventories [region, sector], input_mix
[region, input, user] and the labels regions, sectors, sector_names.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world import checks
from gaiatsu.world.accounts import Array

YEAR = 2014
TABLES = {
    "flows": checks.BILATERAL,
    "duty": checks.BILATERAL,
    "va_share": checks.REGIONAL,
    "input_mix": checks.MIX,
    "inventories": checks.REGIONAL,
}
SPELLING = {"Tabacco": "Tobacco", "Accomodation": "Accommodation", "Serivces": "Services", "Transports": "Transport"}

PROVENANCE = {
    "title": "World Input-Output Database, 2016 release, year 2014, 44 regions × 50 sectors",
    "sources": [
        {
            "series": "flows, value-added shares, input mix",
            "source": "World Input-Output Database, 2016 release; Timmer, Dietzenbacher, Los, Stehrer & de Vries "
            "(2015), Review of International Economics 23, 575–605",
            "doi": "10.1111/roie.12178",
            "address": "https://www.rug.nl/ggdc/valuechain/wiod/wiod-2016-release",
            "licence": "Creative Commons Attribution 4.0 International",
            "vintage": "November 2016",
        },
        {
            "series": "duties and the calibration of the 50 sectors",
            "source": "Felbermayr, Gröschl & Heiland (2022), Complex Europe: quantifying the cost of disintegration, "
            "Journal of International Economics 138, replication files",
            "doi": "10.1016/j.jinteco.2022.103647",
            "licence": "sector averages derived from the replication files, shipped with this citation (their licence "
            "sentence was not seen)",
            "vintage": "2014",
        },
    ],
}


@dataclass(frozen=True)
class Source:
    """The tables as read, float64, with their labels."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    sector_names: tuple[str, ...]
    flows: Array
    duty: Array
    va_share: Array
    input_mix: Array
    inventories: Array


def read(path: str | Path) -> Source:
    """Read the calibration. Raises DataMissing when it is not there, DataError when it is something else."""
    file = Path(path)
    if not file.is_file():
        raise DataMissing(f"{str(path)!r} is not there; give the path of wiod2014_44x50.npz")
    try:
        with np.load(file, allow_pickle=False) as archive:
            found = {key: archive[key] for key in (*TABLES, "regions", "sectors", "sector_names")}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise DataError(
            f"{str(path)!r} is not the WIOD 2014 calibration, or it is damaged; give the path of wiod2014_44x50.npz"
        ) from error
    regions = checks.check_labels("regions", list(found["regions"]))
    sectors = checks.check_labels("sectors", list(found["sectors"]))
    labels = checks.axis_labels(regions, sectors)
    tables = {key: checks.as_array(key, found[key], axes, labels) for key, axes in TABLES.items()}
    names = tuple(_spell(str(name)) for name in found["sector_names"])
    return Source(regions=regions, sectors=sectors, sector_names=names, **tables)


def _spell(name: str) -> str:
    for wrong, right in SPELLING.items():
        name = name.replace(wrong, right)
    return name
