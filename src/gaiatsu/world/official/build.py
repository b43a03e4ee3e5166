"""One official table into a world, with its provenance."""

from __future__ import annotations

import datetime
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from gaiatsu.errors import DataError
from gaiatsu.world import checks, codes, storage
from gaiatsu.world.accounts import Array
from gaiatsu.world.official import adb, exiobase, figaro, files, icio, labels, wiod
from gaiatsu.world.official.duties import duties_for
from gaiatsu.world.official.groups import Spec
from gaiatsu.world.official.reduce import Reduced, reduce_table, report, without_empty_sectors
from gaiatsu.world.official.source import Original, Reader, Reading
from gaiatsu.world.official.table import Table
from gaiatsu.world.world import World, labelled

ORIGINALS: dict[str, tuple[Original, Reader]] = {
    **{f"icio{edition}": (icio.original(edition), icio.reader(edition)) for edition in ("2021", "2023", "2025")},
    "wiod2013": (wiod.ORIGINAL_2013, wiod.read_2013),
    "wiod2016": (wiod.ORIGINAL_2016, wiod.read_2016),
    "exiobase3": (exiobase.ORIGINAL, exiobase.read),
    "figaro": (figaro.ORIGINAL, figaro.read),
    "adb": (adb.ORIGINAL, adb.read),
}

# US dollars per euro (before 1999 per ecu), annual means of the European Central Bank's reference rates. Only levels
# depend on them.
DOLLARS_PER_EURO = {
    1995: 1.3080, 1996: 1.2698, 1997: 1.1340, 1998: 1.1211, 1999: 1.0658, 2000: 0.9236, 2001: 0.8956, 2002: 0.9456,
    2003: 1.1312, 2004: 1.2439, 2005: 1.2441, 2006: 1.2556, 2007: 1.3705, 2008: 1.4708, 2009: 1.3948, 2010: 1.3257,
    2011: 1.3920, 2012: 1.2848, 2013: 1.3281, 2014: 1.3285, 2015: 1.1095, 2016: 1.1069, 2017: 1.1297, 2018: 1.1810,
    2019: 1.1195, 2020: 1.1422, 2021: 1.1827, 2022: 1.0530, 2023: 1.0813, 2024: 1.0824,
}  # fmt: skip


def build_official(
    source: str, path: str | Path, *, year: int | None = None, regions: Spec = None, sectors: Spec = None,
    duties: str | None = None,
) -> tuple[World, dict[str, Any]]:  # fmt: skip
    """The world of an official table at `path`, and the report of what was repaired.

    source: a name in ORIGINALS; year: which year, where the files hold several; regions, sectors: what to keep (see
    groups.places); duties: see duties.duties_for, by default borrowed from the default world. Money becomes US$
    million. The report also stands in provenance["report"]. Raises DataMissing, DataError, ScenarioError, BalanceError.
    """
    original, read = ORIGINALS[source]
    place = Path(path)
    reading = read(place, year, regions, sectors)
    table, dropped = without_empty_sectors(_in_dollars(reading.table, original, reading.year))
    duty, duty_facts = duties_for(table, duties or default_duties())
    reduced = reduce_table(table, duty)
    facts = {
        **report(table, reduced, f"US$ million of {reading.year}"), "dropped_sectors": dropped, "duties": duty_facts,
    }  # fmt: skip
    world = _world(f"{source}-{reading.year}", original, reading, place, table, reduced, facts)
    return storage.from_bytes(storage.to_bytes(world), world.name), facts


def default_duties() -> str:
    """The world whose duties are borrowed unless another is named: the default world."""
    from gaiatsu.world.world import DEFAULT_WORLD

    return DEFAULT_WORLD


def _in_dollars(table: Table, original: Original, year: int) -> Table:
    """The table in millions of US dollars."""
    if original.money == "USD":
        return table
    if year not in DOLLARS_PER_EURO:
        known = f"{min(DOLLARS_PER_EURO)} to {max(DOLLARS_PER_EURO)}"
        raise DataError(
            f"{original.title} is in euro, and no exchange rate is known for {year} (known: {known}): take a newer "
            "version of gaiatsu, or a table of those years"
        )
    rate = DOLLARS_PER_EURO[year]

    def scaled(tables: dict[str, Array]) -> dict[str, Array]:
        return {name: values * rate for name, values in tables.items()}

    return replace(
        table, intermediate=table.intermediate * rate, final=table.final * rate, payments=scaled(table.payments),
        final_payments=scaled(table.final_payments), notes={**table.notes, "dollars_per_euro": rate},
    )  # fmt: skip


def _world(
    name: str, original: Original, reading: Reading, place: Path, table: Table, reduced: Reduced, facts: dict[str, Any]
) -> World:
    """The world with names, parts and provenance."""
    regions, sectors = checks.check_labels("regions", table.regions), checks.check_labels("sectors", table.sectors)
    accounts = checks.validated(reduced.accounts, checks.axis_labels(regions, sectors))
    titles = [labels.sector_title(code) for code in sectors]
    world = labelled(
        accounts=accounts, regions=regions, sectors=sectors,
        region_names=[labels.region_name(code) for code in regions], sector_names=titles,
        goods=[codes.is_goods(part, title) for part, title in zip(table.sector_parts, titles, strict=True)],
        name=name, year=reading.year, region_parts=table.region_parts, sector_parts=table.sector_parts,
        provenance=_provenance(original, reading, place, facts),
    )  # fmt: skip
    world.check()
    return world


def _provenance(original: Original, reading: Reading, place: Path, facts: dict[str, Any]) -> dict[str, Any]:
    duty = facts["duties"]
    told = {
        "borrowed": f"borrowed from the world {duty.get('from')}, where codes match", "given": f"{duty.get('from')}",
        "none": "none: duties paid on inputs stay in taxes on products",
    }  # fmt: skip
    duty_source = {
        "series": "duties", "source": told[duty["label"]],
        "licence": f"Licence: that of the world {duty['from']}" if duty["label"] == "borrowed" else "The user's own",
    }  # fmt: skip
    return {
        "title": f"{original.title}, {reading.year}",
        "sources": [
            {
                "series": "flows, value-added shares, input mix", "source": f"{original.source} ({reading.edition})",
                "address": original.address, "licence": original.licence, "vintage": reading.edition,
            },
            duty_source,
        ],
        "file": {
            "name": place.resolve().name, "member": reading.member,
            "sha256": files.fingerprint(reading.files), "edition": reading.edition, "year": reading.year,
            "built": build_day(),
        },
        "report": facts,
    }  # fmt: skip


def build_day() -> str:
    """Today, or the day of SOURCE_DATE_EPOCH where files are to be the same on every day."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else datetime.datetime.now(datetime.UTC)
    return now.date().isoformat()
