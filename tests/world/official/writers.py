"""Files in the exact format of each original, with a handful of regions and sectors, written from a Small table."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .tables import Array, Small

SECTORS = {
    "icio2021": ("01T02", "05T06", "24", "29", "45T47"), "icio2023": ("A01_02", "C17_18", "C24", "C29", "G"),
    "icio2025": ("A01", "C17_18", "C24A", "C24B", "C29", "G"), "figaro": ("A01", "C10T12", "C24", "C29", "G45"),
    "wiod2016": ("A01", "C10-C12", "C24", "C29", "G45"),
}  # fmt: skip
OLD_CODES, OLD_NUMBERS = ("AtB", "15t16", "27t28", "34t35", "51"), ("c1", "c3", "c12", "c15", "c20")
ICIO_FINAL = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
ISO2 = {"USA": "US", "JPN": "JP", "DEU": "DE", "CHN": "CN", "MEX": "MX", "ROW": "FIGW1"}
ADB = {"DEU": "GER", "CHN": "PRC", "ROW": "RoW"}


def text(value: float) -> str:
    return repr(float(value))


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


# ------------------------------------------------------------------------------------------------ OECD ICIO
def icio_rows(table: Small, edition: str) -> list[list[str]]:
    """Header and rows of an ICIO file of an edition."""
    sectors = SECTORS[f"icio{edition}"]
    industries = [f"{region}_{sector}" for region in table.regions for sector in sectors]
    finals = [f"{region}_{name}" for region in table.regions for name in ICIO_FINAL]
    output = table.output.ravel()
    old = edition == "2021"
    rows = [["" if old else "V1", *industries, *finals, "TOTAL" if old else "OUT"]]
    for label, uses, final, total in zip(industries, table.square, table.finals, output, strict=True):
        rows.append([label, *map(text, uses), *map(text, final), text(total)])
    nothing = np.zeros(len(finals))
    if old:
        for position, region in enumerate(table.regions):
            own = np.zeros_like(table.taxes)
            own[position] = table.taxes[position]
            taxes = np.zeros_like(table.final_taxes)
            taxes[position] = table.final_taxes[position]
            rows.append(icio_row(f"{region}_TAXSUB", own.ravel(), taxes.ravel()))
    else:
        rows.append(icio_row("TLS", table.taxes.ravel(), table.final_taxes.ravel()))
    rows.append(icio_row("VALU" if old else "VA", table.added.ravel(), nothing))
    rows.append(icio_row("OUTPUT" if old else "OUT", output, nothing))
    return rows


def icio_row(label: str, industries: Array, finals: Array) -> list[str]:
    return [label, *map(text, industries), *map(text, finals), text(industries.sum() + finals.sum())]


def icio(folder: Path, table: Small, edition: str, name: str) -> Path:
    """An ICIO file, or a zip that holds it when the name has the form zip:member."""
    return place(folder, name, csv_lines(icio_rows(table, edition)).encode())


def extended(table: Small) -> Small:
    """The table with China and Mexico split in two by production, as extended files are: their own rows are zero."""
    regions = (*table.regions, "CN1", "CN2", "MX1", "MX2")
    size, new = len(table.regions), len(regions)
    split = np.zeros((new, size))  # [new, old] shares of production
    split[np.arange(size), np.arange(size)] = 1.0
    for parts, old in ((("CN1", "CN2"), "CHN"), (("MX1", "MX2"), "MEX")):
        position = table.regions.index(old)
        split[position, position] = 0.0
        for part, share in zip(parts, (0.3, 0.7), strict=True):
            split[regions.index(part), position] = share
    final = np.zeros((new, table.final.shape[1], new, table.final.shape[3]))
    final[:, :, :size] = np.einsum("ai,iknc->aknc", split, table.final)
    payments = {name: split @ getattr(table, name) for name in ("taxes", "added")}
    taxes = np.zeros((new, table.final.shape[3]))
    taxes[:size] = table.final_taxes
    return Small(
        regions=regions, intermediate=np.einsum("ai,bn,iknj->akbj", split, split, table.intermediate), final=final,
        taxes=payments["taxes"], added=payments["added"], final_taxes=taxes,
    )  # fmt: skip


def icio_extended(folder: Path, table: Small, edition: str, name: str) -> Path:
    """An extended file: final uses stay with CHN and MEX, so the split regions have no final-use columns."""
    rows = icio_rows(extended(table), edition)
    gone = [n for n, column in enumerate(rows[0]) if column[:3] in ("CN1", "CN2", "MX1", "MX2")
            and column[4:] in ICIO_FINAL]  # fmt: skip
    kept = [n for n in range(len(rows[0])) if n not in gone]
    no_taxes = [row for row in rows if row[0] not in ("CN1_TAXSUB", "CN2_TAXSUB", "MX1_TAXSUB", "MX2_TAXSUB")]
    taxes = {row[0]: row for row in rows if row[0].endswith("_TAXSUB")}
    for row in no_taxes:  # taxes of the parts are taxes of the country
        for part in {"CHN_TAXSUB": ("CN1", "CN2"), "MEX_TAXSUB": ("MX1", "MX2")}.get(row[0], ()):
            more = taxes[f"{part}_TAXSUB"]
            row[1:] = [text(float(one) + float(other)) for one, other in zip(row[1:], more[1:], strict=True)]
    return place(folder, name, csv_lines([[row[n] for n in kept] for row in no_taxes]).encode())


# ------------------------------------------------------------------------------------------------ FIGARO
def figaro(folder: Path, table: Small, name: str = "matrix_eu-ic-io_ind-by-ind_25ed_2022.csv") -> Path:
    """A FIGARO matrix, in euro."""
    sectors = SECTORS["figaro"]
    codes = [ISO2[region] for region in table.regions]
    industries = [f"{code}_{sector}" for code in codes for sector in sectors]
    finals = [f"{code}_{use}" for code in codes for use in ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")]
    rows = [["rowLabels", *industries, *finals]]
    for label, uses, final in zip(industries, table.square, table.finals, strict=True):
        rows.append([label, *map(text, uses), *map(text, final)])
    nothing, none = np.zeros(len(industries)), np.zeros(len(finals))
    added = table.added.ravel()
    payments = {
        "D21X31": (table.taxes.ravel(), table.final_taxes.ravel()), "OP_RES": (nothing, none + 2),
        "OP_NRES": (nothing, none - 2), "D1": (0.6 * added, none), "D29X39": (0.1 * added, none),
        "B2A3G": (0.3 * added, none),
    }  # fmt: skip
    rows += [[f"W2_{label}", *map(text, one), *map(text, two)] for label, (one, two) in payments.items()]
    return place(folder, name, csv_lines(rows).encode())


# ------------------------------------------------------------------------------------------------ WIOD, ADB
def sheet(
    table: Small, *, above: int, regions: Sequence[str], codes: Sequence[str], numbers: Sequence[str],
    finals: Sequence[str], final_numbers: Sequence[str], payments: dict[str, Array], title: str, total: str,
    label_column: int, blank: str | None = None,
) -> list[list[Any]]:  # fmt: skip
    """The sheet WIOD and ADB share; `above` rows stand before the codes, `blank` is written for zero."""
    size, width = table.output.size, table.finals.shape[1]
    pairs = [(region, sector) for region in range(len(regions)) for sector in range(len(codes))]
    last = "TOT" if above == 2 else "ToT"
    rows: list[list[Any]] = [[""] * (5 + size + width) for _ in range(above)]
    rows[0][0], rows[1][0] = title, "in current prices"
    kind, unit = "(industry-by-industry)", "(millions of US$)"
    names = [f"name {codes[k]}" for _, k in pairs] + [f"name {f}" for f in finals] * len(regions)
    rows.append([kind, "", "", ""] + [codes[k] for _, k in pairs] + [*finals] * len(regions) + [total])
    rows.append([unit, "", "", "", *names, ""])
    rows.append([""] * 4 + [regions[n] for n, _ in pairs] + [r for r in regions for _ in finals] + [last])
    rows.append([""] * 4 + [numbers[k] for _, k in pairs] + [*final_numbers] * len(regions) + [""])

    def cells(values: Array) -> list[Any]:
        return [blank if blank is not None and value == 0 else float(value) for value in values]

    output = table.output.ravel()
    for (n, k), uses, final, sold in zip(pairs, table.square, table.finals, output, strict=True):
        head = [codes[k], f"name {codes[k]}", regions[n], numbers[k]]
        rows.append(head + cells(uses) + cells(final) + [float(sold)])
    for label, values in payments.items():
        head = [label, f"name {label}", last, ""] if label_column == 0 else ["", f"name {label}", last, label]
        rows.append(head + cells(values) + [blank or ""] * (1 + size + width - len(values)))
    return rows


def payments_of(table: Small, labels: Sequence[str]) -> dict[str, Array]:
    """Rows in the order total inputs, taxes, adjustment, two purchases, value added, margins, output."""
    taxes, added = table.taxes.ravel(), table.added.ravel()
    shares = (table.square.sum(axis=0), taxes, 0.01 * added, 0 * added, 0 * added, 0.97 * added, 0.02 * added)
    final = np.concatenate([np.zeros(0), table.final_taxes.ravel()])
    rows = dict(zip(labels, (*shares, table.output.ravel()), strict=True))
    rows[labels[1]] = np.concatenate([taxes, final])
    return rows


def wiod2013_rows(table: Small, year: int = 2011) -> list[list[Any]]:
    return sheet(
        table, above=2, regions=[{"ROW": "RoW"}.get(region, region) for region in table.regions],
        codes=OLD_CODES, numbers=OLD_NUMBERS,
        finals=("", "", "", "", ""), final_numbers=("c37", "c38", "c39", "c41", "c42"), label_column=3,
        payments=payments_of(table, ("r60", "r99", "r61", "r62", "r63", "r64", "r65", "r69")),
        title=f"Intercountry Input-Output Table for {year}", total="",
    )  # fmt: skip


def wiod2016_rows(table: Small) -> list[list[Any]]:
    count = table.output.shape[1]
    return sheet(
        table, above=2, regions=table.regions, codes=SECTORS["wiod2016"],
        numbers=[f"c{n}" for n in range(1, count + 1)], finals=("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"),
        final_numbers=[f"c{n}" for n in range(57, 62)], label_column=0,
        payments=payments_of(table, ("II_fob", "TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM", "GO")),
        title="Intercountry Input-Output Table", total="GO",
    )  # fmt: skip


def adb_rows(table: Small, year: int = 2022) -> list[list[Any]]:
    rows = sheet(
        table, above=3, regions=[ADB.get(region, region) for region in table.regions],
        codes=OLD_CODES, numbers=OLD_NUMBERS,
        finals=("", "", "", "", ""), final_numbers=("F1", "F2", "F3", "F4", "F5"), label_column=3, blank=" ",
        payments=payments_of(table, ("r60", "r99", "r61", "r62", "r63", "r64", "r65", "r69")),
        title=f"Multi-regional Input-Output Table, {year}", total="",
    )  # fmt: skip
    return [*rows, ["Source: ADB", *[""] * (len(rows[0]) - 1)]]


def xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """An Excel workbook of these sheets."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


def xlsb(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A binary Excel workbook (MS-XLSB) with the records a reader needs: texts in cells, numbers as doubles."""
    names = list(sheets)
    book = record(0x83) + record(0x8F)
    links = ""
    for number, name in enumerate(names, start=1):
        book += record(0x9C, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(name))
        links += (
            f'<Relationship Id="rId{number}" Target="worksheets/sheet{number}.bin" Type="http://schemas.openxmlformats'
            '.org/officeDocument/2006/relationships/worksheet"/>'
        )
    book += record(0x90) + record(0x84)
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        for number, name in enumerate(names, start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.bin", binary_sheet(sheets[name]))
    return path


def binary_sheet(rows: list[list[Any]]) -> bytes:
    out = record(0x81) + record(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + record(0x91)
    for number, row in enumerate(rows):
        out += record(0x00, struct.pack("<I", number) + bytes(13))
        for column, cell in enumerate(row):
            at = struct.pack("<II", column, 0)
            if isinstance(cell, str):
                out += record(0x06, at + wide(cell)) if cell else b""
            else:
                out += record(0x05, at + struct.pack("<d", cell))
    return out + record(0x92) + record(0x82)


def record(kind: int, content: bytes = b"") -> bytes:
    """A BIFF12 record: type and size in groups of seven bits, then the content."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, groups = len(content), bytearray()
    while True:
        groups.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return head + bytes(groups) + content


def wide(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def wiod2016_stata(path: Path, table: Small, year: int = 2014) -> Path:
    """The release of 2016 in Stata's format."""
    import pandas

    codes = SECTORS["wiod2016"]
    count, regions = len(codes), table.regions
    columns = [f"v{region}{k}" for region in regions for k in range(1, count + 1)]
    finals = [f"v{region}{k}" for region in regions for k in range(count + 1, count + 6)]
    rows = [[codes[k], f"name {codes[k]}", region, k + 1, year] for region in regions for k in range(count)]
    values = np.column_stack([table.square, table.finals, table.output.ravel()])
    labels = ("II_fob", "TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM", "GO")
    for number, (label, row) in enumerate(payments_of(table, labels).items()):
        rows.append([label, f"name {label}", "TOT", count + number + 6, year])
        values = np.vstack([values, np.pad(row, (0, values.shape[1] - len(row)))])
    frame = pandas.DataFrame(rows, columns=["IndustryCode", "IndustryDescription", "Country", "RNr", "Year"])
    frame = pandas.concat([frame, pandas.DataFrame(values, columns=[*columns, *finals, "TOT"])], axis=1)
    frame.to_stata(path, write_index=False, version=118)
    return path


# ------------------------------------------------------------------------------------------------ EXIOBASE
EXIOBASE_SECTORS = {
    "ixi": ("Cultivation of wheat", "Cattle farming", "Manufacture of basic iron and steel and of ferro-alloys and "
            "first products thereof", "Manufacture of motor vehicles, trailers and semi-trailers (34)",
            "Retail trade, except of motor vehicles and motorcycles; repair of personal and household goods (52)"),
    "pxp": ("Wheat", "Cattle", "Basic iron and steel and of ferro-alloys and first products thereof",
            "Motor vehicles, trailers and semi-trailers (34)",
            "Retail trade services, except of motor vehicles and motorcycles; repair services of personal and "
            "household goods (52)"),
}  # fmt: skip
EXIOBASE_FINAL = (
    "Final consumption expenditure by households",
    "Final consumption expenditure by non-profit organisations serving households (NPISH)",
    "Final consumption expenditure by government", "Gross fixed capital formation", "Changes in inventories",
    "Changes in valuables", "Exports: Total (fob)",
)  # fmt: skip
EXIOBASE_PAYMENTS = {
    "Taxes less subsidies on products purchased: Total": None, "Other net taxes on production": 0.1,
    "Compensation of employees; wages, salaries, & employers' social contributions: Low-skilled": 0.2,
    "Compensation of employees; wages, salaries, & employers' social contributions: High-skilled": 0.3,
    "Operating surplus: Consumption of fixed capital": 0.1, "Operating surplus: Remaining net operating surplus": 0.3,
}  # fmt: skip


def exiobase(
    folder: Path, table: Small, name: str, system: str = "ixi", payments: str = "satellite", inside: str = ""
) -> Path:
    """A folder, or a zip, of EXIOBASE 3 in money; the last region is written as the rest of Asia.

    Some releases put the files of a zip into a folder (`inside`), some do not.
    """
    regions = [{"ROW": "WA"}.get(region, ISO2[region]) for region in table.regions]
    pairs = [(region, sector) for region in regions for sector in EXIOBASE_SECTORS[system]]
    finals = [(region, use) for region in regions for use in EXIOBASE_FINAL]
    files = {
        "Z.txt": tabbed(pairs, table.square, pairs, "sector"),
        "Y.txt": tabbed(pairs, table.finals, finals, "category"),
        "x.txt": "region\tsector\tindout\n"
        + "".join(f"{r}\t{s}\t{text(v)}\n" for (r, s), v in zip(pairs, table.output.ravel(), strict=True)),
        "unit.txt": "region\tsector\tunit\n" + "".join(f"{r}\t{s}\tM.EUR\n" for r, s in pairs),
        f"{payments}/F.txt": stressors(
            pairs,
            {
                label: table.taxes.ravel() if share is None else share * table.added.ravel()
                for label, share in EXIOBASE_PAYMENTS.items()
            },
            "sector",
        ),
        f"{payments}/F_Y.txt": stressors(
            finals,
            {
                label: table.final_taxes.ravel() if share is None else 0 * table.final_taxes.ravel()
                for label, share in EXIOBASE_PAYMENTS.items()
            },
            "category",
        ),
    }
    core = {"Z": (2, 2), "Y": (2, 2), "x": (2, 1), "unit": (2, 1)}
    files["file_parameters.json"] = parameters("IOSystem", core)
    files[f"{payments}/file_parameters.json"] = parameters("Extension", {"F": (1, 2), "F_Y": (1, 2)}, name=payments)
    note = {"name": "EXIO3", "history": [], "description": "", "system": system, "version": "3.8.2"}
    files["metadata.json"] = json.dumps(note)
    if name.endswith(".zip"):
        with zipfile.ZipFile(folder / name, "a", zipfile.ZIP_DEFLATED) as archive:
            for file, content in files.items():
                archive.writestr(f"{inside}{file}", content)
        return folder / name
    for file, content in files.items():
        target = folder / name / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return folder / name


def parameters(kind: str, tables: dict[str, tuple[int, int]], **more: str) -> str:
    """The note that pymrio, which EXIOBASE is written with, leaves beside its tables."""
    files = {
        name: {"name": f"{name}.txt", "nr_index_col": str(index), "nr_header": str(header)}
        for name, (index, header) in tables.items()
    }
    return json.dumps({"files": files, "systemtype": kind, **more})


def tabbed(rows: Sequence[tuple[str, str]], values: Array, columns: Sequence[tuple[str, str]], kind: str) -> str:
    head = "region\t\t" + "\t".join(region for region, _ in columns) + "\n"
    head += f"{kind}\t\t" + "\t".join(item for _, item in columns) + "\n"
    head += "region\tsector" + "\t" * len(columns) + "\n"
    body = "".join(f"{r}\t{s}\t" + "\t".join(map(text, row)) + "\n" for (r, s), row in zip(rows, values, strict=True))
    return head + body


def stressors(columns: Sequence[tuple[str, str]], rows: dict[str, Array], kind: str) -> str:
    head = "region\t" + "\t".join(region for region, _ in columns) + "\n"
    head += f"{kind}\t" + "\t".join(item for _, item in columns) + "\nstressor" + "\t" * len(columns) + "\n"
    rows = {**rows, "CO2 - combustion - air": np.full(len(columns), 7.0)}
    return head + "".join(label + "\t" + "\t".join(map(text, row)) + "\n" for label, row in rows.items())


def place(folder: Path, name: str, content: bytes) -> Path:
    """The content as a file, or as a member of a zip for a name such as tables.zip:2022_SML.csv."""
    archive, _, member = name.rpartition(":")
    if not archive:
        (folder / member).write_bytes(content)
        return folder / member
    with zipfile.ZipFile(folder / archive, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr(member, content)
    return folder / archive
