"""EXIOBASE 3 in money, industry by industry (ixi) or product by product (pxp), releases 3.8 and later.

IOT_2022_ixi.zip, or its folder, as pymrio writes systems: tab-separated Z.txt (two label columns, three header lines:
regions, sectors, names of the labels), Y.txt with final uses, x.txt with output, unit.txt, and the payments in
satellite/F.txt (3.8) or factor_inputs/F.txt (3.9 and later), taxes of final users in F_Y.txt. 44 countries by
two-letter codes and five rests of continents; millions of euro at basic prices. The 163 industries or 200 products are
added up to ISIC Rev. 4 sectors while the file is read (world/data/exiobase_sectors.csv): no elasticity is known in that
detail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world.official import delimited, files
from gaiatsu.world.official.detect import wrong_file
from gaiatsu.world.official.files import Member
from gaiatsu.world.official.groups import Spec, places
from gaiatsu.world.official.labels import exiobase_sectors, iso3_of_iso2, letters
from gaiatsu.world.official.source import Original, Reading
from gaiatsu.world.official.table import Collector, Layout, Tolerance, layout_of

STOCKS = frozenset({"Changes in inventories", "Changes in valuables"})
CATEGORIES = STOCKS | {
    "Final consumption expenditure by households",
    "Final consumption expenditure by non-profit organisations serving households (NPISH)",
    "Final consumption expenditure by government", "Gross fixed capital formation", "Exports: Total (fob)",
}  # fmt: skip
PAYMENTS = {
    "taxeslesssubsidiesonproductspurchasedtotal": "taxes less subsidies on products",
    "othernettaxesonproduction": "other taxes less subsidies on production",
    "compensationofemployees": "compensation of employees",
    "operatingsurplus": "gross operating surplus",
}
NAME = re.compile(r"IOT_(?P<year>\d{4})_(?:ixi|pxp)", re.IGNORECASE)
# Output is the sum of uses by construction; costs differ from it where totals were extrapolated to later years.
USES, COSTS = Tolerance(1e-4, 1e-2), Tolerance(1e-2, 0.2, floor=500.0)
MAX_NOTE = 1_000_000  # bytes of metadata.json
ORIGINAL = Original(
    name="exiobase3", title="EXIOBASE 3, monetary input-output tables",
    source="EXIOBASE 3; Stadler et al. (2018), Journal of Industrial Ecology 22, 502–515, doi 10.1111/jiec.12715",
    address="https://doi.org/10.5281/zenodo.5589597",
    licence="by release: 3.8 Creative Commons Attribution-ShareAlike 4.0; 3.9 and later a derivative of CC BY-NC-SA "
    "that forbids publishing coefficients: do not pass on a world built from it",
    edition="", money="EUR", file="IOT_2022_ixi.zip",
)  # fmt: skip


def read(path: Path, year: int | None, regions: Spec, sectors: Spec) -> Reading:
    """Read one year. Raises DataMissing when it is not there, DataError when it is damaged or something else."""
    core = _core(path, year)
    kin = {member.name if member.name else str(member.container): member for member in files.members(_home(core, path))}
    uses, output, unit, note = _needed(core, kin, "Y.txt"), _needed(core, kin, "x.txt"), *(
        _sibling(core, kin, name) for name in ("unit.txt", "metadata.json")
    )  # fmt: skip
    payments, final_payments = _payment_files(core, kin)
    _refuse_units(unit)
    with core.open() as handle:
        pairs = _header(handle, 2, core)
        system = _system(pairs)
        layout, z_columns = _layout(pairs, core, system, _final(uses))
        spots = places(layout.regions, layout.region_codes, layout.sectors, layout.sector_codes, regions, sectors)
        collector = Collector(layout, spots)
        for labels, values in delimited.rows(handle, "\t", 2, z_columns, core.where, first=4):
            collector.inputs(collector.expect(labels[0], labels[1], core.where), values)
    collector.again()
    _add_final(collector, uses)
    collector.again()
    collector.output(_output(collector, output))
    _add_payments(collector, payments)
    if final_payments is not None:
        _add_final_payments(collector, final_payments)
    table = collector.finish(tuple(PAYMENTS.values()), uses=USES, costs=COSTS)
    agreed = files.agreed_year(core.where, year, _year(core, path))
    read_ones = (core, uses, output, unit, payments, final_payments, note)
    containers = tuple(dict.fromkeys(member.container for member in read_ones if member is not None))
    return Reading(table, agreed, containers, core.name, f"{system}, {_release(note)}")


def _year(core: Member, path: Path) -> int | None:
    """The year in the name nearest to Z.txt: its folder, the zip, the folders up to the path that was given."""
    names = [*reversed(core.name.split("/")[:-1]), core.container.name] if core.name else []
    place, top = core.container.resolve(), path.resolve()
    if place == top and not core.name:
        names.append(place.parent.name)  # Z.txt itself was given: its folder is the table
    while place != top and top in place.parents:
        place = place.parent
        names.append(place.name)
    found = (NAME.search(name) for name in names)
    return next((int(match["year"]) for match in found if match), None)


def _core(path: Path, year: int | None) -> Member:
    """Z.txt of the year asked for; DataError when there are several, or only coefficients."""
    if not path.is_dir() and not files.is_zip(path):
        member = files.members(path)[0]
        if member.base != "Z.txt":
            raise wrong_file(path, "exiobase3", "give the zip or the folder that holds Z.txt, Y.txt and x.txt", member)
        return member
    found = files.members(path)
    cores = [member for member in found if member.base == "Z.txt"]
    years = {member: _year(member, path) for member in cores}
    fitting = [member for member in cores if year is None or years[member] in (year, None)]
    if not cores and any(member.base == "A.txt" for member in found):
        raise DataError(
            f"{path} holds coefficients (A.txt) but no Z.txt: releases before 3.8 are not read; take 3.8 or later"
        )
    if not cores and found:
        files.refuse_damaged(found)
        raise wrong_file(path, "exiobase3", "it holds no Z.txt", found[0])
    listed = ", ".join(sorted({str(found_year) for found_year in years.values() if found_year}))
    if not fitting:
        raise DataMissing(f"{path} has no table of {year}; it has {listed or 'none'}")
    if len(fitting) > 1:
        raise DataError(f"{path} holds several tables ({listed}); choose one with --year, or give one zip")
    return fitting[0]


def _home(core: Member, path: Path) -> Path:
    """Where the other files of the same table are."""
    return core.container if core.name else core.container.parent


def _sibling(core: Member, kin: dict[str, Member], name: str) -> Member | None:
    """The file of that name beside Z.txt."""
    if core.name:
        return kin.get(core.name[: -len("Z.txt")] + name)
    return kin.get(str(core.container.parent / name))


def _needed(core: Member, kin: dict[str, Member], name: str) -> Member:
    found = _sibling(core, kin, name)
    if found is None:
        raise DataMissing(f"{core.where} stands alone: {name} is missing beside it; unpack the whole archive")
    return found


def _header(handle: IO[bytes], columns: int, member: Member) -> list[tuple[str, str]]:
    """(region, item) of every column; `columns` label columns stand before them."""
    first = delimited.header(handle, "\t", member.where)
    second = delimited.header(handle, "\t", member.where)
    delimited.header(handle, "\t", member.where)
    if not first or first[0] != "region" or len(first) != len(second):
        raise DataError(f"{member.where} does not begin with a line of regions and a line of sectors: it is damaged")
    return list(zip(first[columns:], second[columns:], strict=True))


def _system(pairs: Sequence[tuple[str, str]]) -> str:
    """Whether these are industries or products."""
    names = {letters(item) for _, item in pairs}
    return max(("ixi", "pxp"), key=lambda system: len(names & set(exiobase_sectors(system))))


def _layout(
    pairs: Sequence[tuple[str, str]], core: Member, system: str, final: Sequence[tuple[str, str]]
) -> tuple[Layout, list[str]]:
    known, sector_codes, region_codes = exiobase_sectors(system), {}, {}
    for region, item in dict.fromkeys(pairs):
        code, place = known.get(letters(item)), iso3_of_iso2(region)
        if code is None:
            raise DataError(
                f"{core.where}: {item!r} is no sector of EXIOBASE 3 {system}{did_you_mean(letters(item), known)}"
            )
        if place is None:
            raise DataError(f"{core.where}: {region!r} is no region of EXIOBASE 3")
        sector_codes[item], region_codes[region] = code, place
    layout = layout_of(
        [*pairs, *final], where=core.where, categories=CATEGORIES, inventories=STOCKS, totals=frozenset(),
        region_codes=region_codes, sector_codes=sector_codes,
    )  # fmt: skip
    return layout, [" ".join(pair) for pair in pairs]


def _final(member: Member) -> list[tuple[str, str]]:
    """(region, category) of the columns of Y.txt."""
    with member.open() as handle:
        return _header(handle, 2, member)


def _add_final(collector: Collector, member: Member) -> None:
    with member.open() as handle:
        columns = [" ".join(pair) for pair in _header(handle, 2, member)]
        for labels, values in delimited.rows(handle, "\t", 2, columns, member.where, first=4):
            collector.finals(collector.expect(labels[0], labels[1], member.where), values)


def _output(collector: Collector, member: Member) -> np.ndarray:
    """Output by industry from x.txt (region, sector, indout)."""
    values = np.zeros(collector.layout.industries)
    with member.open() as handle:
        delimited.header(handle, "\t", member.where)
        for labels, cells in delimited.rows(handle, "\t", 2, ["indout"], member.where, first=2):
            values[collector.expect(labels[0], labels[1], member.where)] = cells[0]
    return values


def _payment_files(core: Member, kin: dict[str, Member]) -> tuple[Member, Member | None]:
    """F.txt with taxes and value added, and F_Y.txt with taxes of final users where it is."""
    for folder in ("factor_inputs", "satellite"):
        found = _sibling(core, kin, f"{folder}/F.txt")
        if found is not None:
            return found, _sibling(core, kin, f"{folder}/F_Y.txt")
    raise DataMissing(f"{core.where}: neither factor_inputs/F.txt nor satellite/F.txt is beside it")


def _add_payments(collector: Collector, member: Member) -> None:
    """Taxes and value added from F.txt."""
    layout = collector.layout
    with member.open() as handle:
        pairs = _header(handle, 1, member)
        expected = [(region, sector) for region in layout.regions for sector in layout.sectors]
        if pairs != expected:
            raise DataError(f"{member.where} has other columns than Z.txt: it is cut off or of another table")
        columns = [" ".join(pair) for pair in pairs]
        for labels, values in delimited.rows(handle, "\t", 1, columns, member.where, first=4, wanted=_is_payment):
            collector.payment(_payment(labels[0]) or labels[0], values)


def _add_final_payments(collector: Collector, member: Member) -> None:
    """Taxes of final users from F_Y.txt."""
    with member.open() as handle:
        pairs = _header(handle, 1, member)
        wanted = [(collector.layout.regions[region], category) for region, category in collector.layout.final]
        if pairs != wanted:
            raise DataError(f"{member.where} has other columns than Y.txt: it is cut off or of another table")
        columns, nothing = [" ".join(pair) for pair in pairs], np.zeros(collector.layout.industries)
        for labels, values in delimited.rows(handle, "\t", 1, columns, member.where, first=4, wanted=_is_payment):
            collector.payment(_payment(labels[0]) or labels[0], nothing, values)


def _payment(name: str) -> str | None:
    """What a row of F.txt pays, or None: everything else there is not money."""
    folded = letters(name)
    return next((title for start, title in PAYMENTS.items() if folded.startswith(start)), None)


def _is_payment(labels: list[str]) -> bool:
    return _payment(labels[0]) is not None


def _release(member: Member | None) -> str:
    """The release as metadata.json says it."""
    if member is None:
        return "release not stated"
    with member.open() as handle:
        try:
            version = json.loads(handle.read(MAX_NOTE)).get("version")
        except (ValueError, AttributeError):
            version = None
    return f"release {version}" if version else "release not stated"


def _refuse_units(member: Member | None) -> None:
    """DataError for the hybrid version, whose goods are in tonnes and terajoules."""
    if member is None:
        return
    with member.open() as handle:
        delimited.header(handle, "\t", member.where)
        while line := delimited.read_line(handle, member.where):
            unit = line.rsplit("\t", 1)[-1].strip()
            if unit != "M.EUR":
                raise DataError(f"{member.where} has the unit {unit!r}: take the monetary tables (IOT_…_ixi or …_pxp)")
