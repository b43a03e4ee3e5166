"""What a file resembles, by its labels: for the message when it is not what was asked for."""

from __future__ import annotations

import re
import shlex
import zipfile
from pathlib import Path

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world.official import files
from gaiatsu.world.official.files import Member

HEAD = 400_000  # bytes of the beginning that are looked at: a header line of ten thousand labels has less
TITLES = {
    "icio2018": "an OECD ICIO table of the 2018 edition, which is not read",
    "icio2021": "an OECD ICIO table of the 2021 edition", "icio2023": "an OECD ICIO table of the 2023 edition",
    "icio2025": "an OECD ICIO table of the 2025 edition", "wiod2013": "a WIOD table of the 2013 release",
    "wiod2016": "a WIOD table of the 2016 release", "wiod2016r": "a WIOD table of the 2016 release in R's format",
    "exiobase3": "EXIOBASE 3", "figaro": "a FIGARO table", "figaroflat": "a FIGARO table in flat format",
    "adb": "an ADB MRIO table", "wiod2014": "the WIOD 2014 calibration", "world": "a world that was built already",
}  # fmt: skip
REMEDIES = {
    "icio2018": "take the 2021, 2023 or 2025 edition", "wiod2016r": "take the Excel or the Stata files of that release",
    "figaroflat": "take the matrix format of the same table (matrix_eu-ic-io_…csv)",
    "world": "use it as it is: `world: PATH` in a scenario, or --world PATH",
}  # fmt: skip


def wrong_file(path: Path, asked: str, why: str, member: Member) -> DataError:
    """The error for a file that is not a table of `asked`: why not, what it resembles, and what to type."""
    found = resembles(member)
    text = f"{member.where} is not {TITLES[asked]}: {why}"
    if found == asked:
        return DataError(f"{text}, though its labels are those of one: it is altered or damaged; download it again")
    if found is None:
        known = ", ".join(name for name in TITLES if name not in REMEDIES and name != "wiod2014")
        return DataError(f"{text}. It resembles none of the supported tables ({known})")
    return DataError(f"{text}. It {told(found, path)}")


def refuse_binary(path: Path, asked: str, member: Member) -> None:
    """DataError when a file that should be a text table is a workbook, an archive or anything else with null bytes."""
    with member.open() as handle:
        head = handle.read(HEAD)
    if head[:2] == b"\x1f\x8b" and not member.base.lower().endswith(".rdata"):
        raise DataError(f"{member.where} is packed with gzip: unpack it and give the file inside")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{member.where} is a text in UTF-16: save it in UTF-8, or use the file as it was downloaded")
    if b"\x00" in head:
        raise wrong_file(path, asked, "it is not a text table", member)


def told(found: str, path: Path) -> str:
    """What a file resembles, and what to do with it."""
    remedy = REMEDIES.get(found) or f"type: gaiatsu world build {found} {shlex.quote(str(path))} -o NAME.world"
    return f"resembles {TITLES[found]}: {remedy}"


def resembles(member: Member) -> str | None:
    """The name in TITLES of what a file resembles, or None."""
    try:
        with member.open() as handle:
            head = handle.read(HEAD)
    except DataError:
        return None
    if head[:4] == b"PK\x03\x04":
        return _of_zip(member)
    if head.startswith(b"<stata_dta>"):
        return "wiod2016" if b"vAUS" in head or b"RNr" in head else None
    if head[:5] in (b"RDX2\n", b"RDX3\n") or (head[:2] == b"\x1f\x8b" and member.base.lower().endswith(".rdata")):
        return "wiod2016r"
    lines = head.decode("utf-8", errors="replace").splitlines()
    return _of_text(lines[:3]) if lines else None


def _of_text(lines: list[str]) -> str | None:
    first = lines[0].lstrip("\ufeff").replace('"', "")
    if "\t" in first:
        second = lines[1] if len(lines) > 1 else ""
        return "exiobase3" if first.startswith("region") and second.split("\t")[0] in ("sector", "category") else None
    columns = first.split(",")
    if columns[0] in ("icioiRow", "icioiCol") or "obsValue" in columns:
        return "figaroflat"
    items = {column.partition("_")[2] for column in columns}
    if {"P3_S14", "P51G"} & items:
        return "figaro"
    from gaiatsu.world.official.icio import edition_of

    edition = edition_of(sorted(items))
    return f"icio{edition}" if edition and re.match(r"[A-Z0-9]{3}_", columns[1] if len(columns) > 1 else "") else None


def _of_zip(member: Member) -> str | None:
    """Excel workbooks, worlds and .npz files are zips."""
    try:
        with member.open() as handle, zipfile.ZipFile(handle) as archive:
            names = set(archive.namelist())
    except (*files.ZIP_ERRORS, DataError):
        return None
    if {"meta.json", "flows.npy"} <= names:
        return "world"
    if {"input_mix.npy", "inventories.npy"} <= names:
        return "wiod2014"
    if any(name.endswith("Z.txt") for name in names):
        return "exiobase3"
    return _of_workbook(member) if any(name.startswith("xl/") for name in names) else None


def _of_workbook(member: Member) -> str | None:
    from gaiatsu.world.official import workbook

    try:
        book = workbook.open_workbook(member)
        rows = workbook.sheet_rows(book, book.sheet_names[0], member.where)
        head = [[str(cell).strip() for cell in next(rows)] for _ in range(8)]
    except (DataError, DataMissing, StopIteration):
        return None
    words = {cell for row in head for cell in row}
    if {"CONS_h", "INVEN"} & words:
        return "wiod2016"
    if {"c1", "c2", "F1"} <= words or any(name.startswith("ADB") for name in book.sheet_names):
        return "adb"
    return "wiod2013" if {"c1", "c37"} <= words else None
