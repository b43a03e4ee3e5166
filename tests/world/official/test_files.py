"""Files as people have them: other names, folders and archives, other prices, altered by other programs."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import OutputError
from gaiatsu.world.build import SOURCES, build
from gaiatsu.world.official import adb, files
from gaiatsu.world.official.build import build_official

from . import writers
from .formats import FORMATS
from .helpers import icio_file, refused
from .tables import small, with_final
from .test_codes import WIOD_2016


def test_exiobase_is_told_by_the_name_nearest_to_the_table(tmp_path: Path) -> None:
    """Not by a folder above the one that was given, nor by one further away than the archive's own name."""
    table = FORMATS["exiobase3-ixi-zip"].table()
    far = tmp_path / "IOT_2010_ixi_work"
    far.mkdir()
    out = tmp_path / "x"
    path = writers.exiobase(far, table, "IOT_2015_ixi.zip")
    for given in (path, far, tmp_path):
        assert build("exiobase3", given, out, duties="none")["unit"] == "US$ million of 2015"
    plain = writers.exiobase(far, table, "exiobase.zip")
    assert "does not say its year; give it with --year" in refused("exiobase3", plain, tmp_path)
    assert build("exiobase3", plain, out, year=2015, duties="none")["unit"] == "US$ million of 2015"
    inside = writers.exiobase(far, table, "IOT_2014_pxp.zip", inside="iot_2013_IXI/")
    assert build("exiobase3", inside, out, duties="none")["unit"] == "US$ million of 2013"
    folder = writers.exiobase(far, table, "iot_2012_IXI")
    for given in (folder, folder / "Z.txt"):
        assert build("exiobase3", given, out, duties="none")["unit"] == "US$ million of 2012"


def exiobase_cells(folder: Path, file: str, change: Callable[[np.ndarray], None]) -> None:
    """The numbers of Z.txt or Y.txt in a folder, changed."""
    rows = [line.split("\t") for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    values = np.array([row[2:] for row in rows[3:]], dtype=float)
    change(values)
    lines = [*rows[:3], *([*row[:2], *map(writers.text, cells)] for row, cells in zip(rows[3:], values, strict=True))]
    (folder / file).write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def test_damaged_cells_and_exchanged_columns_of_exiobase(tmp_path: Path) -> None:
    form = FORMATS["exiobase3-pxp-folder"]

    def raise_a_cell(values: np.ndarray) -> None:
        values[6, 0] += 0.2 * values[6].sum()

    def exchange(values: np.ndarray) -> None:
        values[:, [2, 8]] = values[:, [8, 2]]

    for name, change, said in (
        ("cell", raise_a_cell, "the uses of a good do not add up to its output (JP Cattle: "),
        ("columns", exchange, "the costs of an industry do not add up to its output ("),
    ):
        (tmp_path / name).mkdir()
        big = form.table()
        factor = np.linspace(0.5, 3, big.intermediate.shape[3])  # industries that differ in their inputs
        big = with_final(replace(big, intermediate=big.intermediate * 20 * factor), big.final * 20)
        folder = writers.exiobase(tmp_path / name, big, "IOT_2021_pxp", "pxp", "factor_inputs")
        build("exiobase3", folder, tmp_path / "x", duties="none")
        exiobase_cells(folder, "Z.txt", change)
        assert said in refused("exiobase3", folder, tmp_path)


def test_exiobase_is_known_by_the_files_that_were_read(tmp_path: Path) -> None:
    form = FORMATS["exiobase3-pxp-folder"]
    folder = form.write(tmp_path, form.table())

    def known() -> str:
        return str(build_official("exiobase3", folder, duties="none")[0].provenance["file"]["sha256"])

    first = known()
    (folder / "impacts").mkdir()
    (folder / "impacts" / "F.txt").write_text("of no account", encoding="utf-8")
    (folder / "notes.txt").write_text("of no account", encoding="utf-8")
    assert known() == first
    taxes = folder / "factor_inputs" / "F_Y.txt"
    before = taxes.read_text(encoding="utf-8")
    taxes.write_text(before.replace("CO2 - combustion", "CO2 - other"), encoding="utf-8")
    assert known() != first


def test_wiod_2016_at_its_real_size_is_told_from_the_release_of_2013(tmp_path: Path, monkeypatch: Any) -> None:
    """It has an industry numbered c37, which in 2013 is a final use."""
    monkeypatch.setitem(writers.SECTORS, "wiod2016", tuple(WIOD_2016))
    table = small(56, 5, regions=("USA", "ROW"))
    path = writers.xlsx(tmp_path / "WIOT2014_Nov16_ROW.xlsx", {"2014": writers.wiod2016_rows(table)})
    message = refused("wiod2013", path, tmp_path)
    assert "its industries are more than 35" in message
    assert f"gaiatsu world build wiod2016 {path}" in message
    assert len(build_official("wiod2016", path, duties="none")[0].sectors) == 56


@pytest.mark.parametrize(
    ("name", "file", "row", "words"),
    [
        ("adb", "mrio_k_2022.xlsx", 1, "62 economies, at constant 2010 prices"),
        ("wiod2013", "table.xlsx", 1, "in previous year prices"),
        ("wiod2013", "wiot11_row_pyp_sep12.xlsx", 1, "million"),
        ("wiod2016-xlsb", "table.xlsb", 0, "WIOT 2014 at previous year's prices"),
    ],
)
def test_other_prices_are_refused(name: str, file: str, row: int, words: str, tmp_path: Path) -> None:
    rows = {"wiod2013": writers.wiod2013_rows, "wiod2016-xlsb": writers.wiod2016_rows, "adb": writers.adb_rows}[name]
    form = FORMATS[name]
    sheet = rows(form.table())
    sheet[row][0] = words
    write = writers.xlsb if file.endswith("xlsb") else writers.xlsx
    path = write(tmp_path / file, {"2022": sheet})
    assert "at constant prices or at those of the previous year" in refused(form.source, path, tmp_path)


def test_transport_margins_of_adb_under_their_other_name(tmp_path: Path) -> None:
    form = FORMATS["adb"]
    table = form.table()
    rows = writers.adb_rows(table)
    margins = next(row for row in rows if row[3] == "r65")
    margins[3] = "trs"
    legend = [["", "", "", "", "codes"]]
    path = writers.xlsx(tmp_path / "ADB-MRIO74-2022-July 2025.xlsx", {"Legend": legend, "ADB MRIO 2022": rows})
    world, report = build_official("adb", tmp_path, duties="none")
    np.testing.assert_allclose(world.accounts.va_share, table.accounts.va_share, rtol=1e-6)
    assert report["paid_by_industries"]["international transport margins"] > 0
    margins[3] = "r99x"
    writers.xlsx(path, {"ADB MRIO 2022": rows})
    assert "r99x) is no row that is known below the industries: r99, r61" in refused("adb", path, tmp_path)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("ADB-MRIO62-2022_June2023.xlsx", 2022), ("ADB-MRIO-2023-July 2025.xlsx", 2023),
        ("ADB-MRIO74-2024-August 2025.xlsx", 2024), ("ADB MRIO 2019.xlsx", 2019), ("ADB-MRIO-LAC-2017.xlsx", 2017),
        ("ADB_MRIO_LAC_74_2021_June2023.xlsx", 2021), ("ReadMe 2022.xlsx", None), ("ADB-MRIO62-2022.pdf", None),
    ],
)  # fmt: skip
def test_names_of_adb_files(name: str, year: int | None) -> None:
    assert files.year_in(name, adb.NAME) == year


def test_names_of_figaro_files_in_any_case(tmp_path: Path) -> None:
    form = FORMATS["figaro"]
    writers.figaro(tmp_path, form.table(), "tables.zip:Matrix_EU-IC-IO_ind-by-ind_25ed_2022.CSV")
    assert build_official("figaro", tmp_path / "tables.zip", duties="none")[0].year == 2022
    path = writers.figaro(tmp_path, form.table(), "other.zip:figaro.csv")
    message = refused("figaro", path, tmp_path)
    assert "figaro.csv is one under another name: unpack it and give the file itself" in message
    assert "gaiatsu world build figaro" not in message


def test_a_use_table_of_figaro(tmp_path: Path) -> None:
    form = FORMATS["figaro"]
    path = form.write(tmp_path, form.table())
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    products = [row if row.startswith("W2_") else row.replace("_", "_CPA_", 1) for row in rows]
    path.write_text("\n".join([head, *products]) + "\n", encoding="utf-8")
    assert "is a supply or use table, products by industries" in refused("figaro", path, tmp_path)


def test_two_files_of_the_year_asked_for(tmp_path: Path) -> None:
    table = small(5)
    for name in ("2018.csv", "2018_SML.csv"):
        path = writers.icio(tmp_path, table, "2023", f"both.zip:{name}")
    for options in ({}, {"year": 2018}):
        message = refused("icio2023", path, tmp_path, **options)
        assert "several tables of that year (2018.csv, 2018_SML.csv)" in message


def test_a_damaged_zip_beside_the_table_does_not_matter(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"no zip")
    assert "a.zip is not a zip, or it is damaged" in refused("icio2023", folder, tmp_path)
    assert "a.zip is not a zip, or it is damaged" in refused("exiobase3", folder, tmp_path)
    writers.icio(folder, small(5), "2023", "2020_SML.csv")
    assert build("icio2023", folder, tmp_path / "x", duties="none")["unit"] == "US$ million of 2020"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(",", ";"), "is separated by semicolons"),
        (lambda text: text.replace("\n", ",\n"), "its first line ends with an empty column"),
        (lambda text: text + "Source: OECD\n", "(Source: OECD) has a label and no numbers: delete notes"),
        (lambda text: text.replace("\nTLS", "\n\nTLS"), "line 32 is empty, and rows follow it"),
        (lambda text: "\n".join(text.splitlines()[:-1]) + "\n", "lacks its last row, output (OUT or OUTPUT)"),
        (lambda text: thousands(text), "'1,234.5' has separators in it; write numbers without"),
    ],
)
def test_what_another_program_made_of_a_table(change: Callable[[str], str], said: str, tmp_path: Path) -> None:
    path = icio_file(tmp_path, lambda rows: rows)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert said in refused("icio2023", path, tmp_path)


def thousands(text: str) -> str:
    head, first, *rows = text.splitlines()
    label, _, rest = first.split(",", 2)
    return "\n".join([head, f'{label},"1,234.5",{rest}', *rows]) + "\n"


def test_empty_lines_at_the_end_do_not_matter(tmp_path: Path) -> None:
    path = icio_file(tmp_path, lambda rows: rows)
    path.write_text(path.read_text(encoding="utf-8") + "\n,,,,\n\n", encoding="utf-8")
    assert build("icio2023", path, tmp_path / "x", duties="none")["unit"] == "US$ million of 2020"


def test_packed_files_and_other_encodings(tmp_path: Path) -> None:
    path = icio_file(tmp_path, lambda rows: rows)
    packed = tmp_path / "2020_SML.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert "is packed with gzip: unpack it" in refused("icio2023", packed, tmp_path)
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert "is a text in UTF-16" in refused("icio2023", path, tmp_path)


def test_what_to_type_is_quoted_where_the_path_has_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "my tables"
    folder.mkdir()
    path = writers.icio(folder, small(6), "2025", "2022_SML.csv")
    assert f"gaiatsu world build icio2025 '{path}' -o" in refused("icio2023", path, tmp_path)


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path, monkeypatch: Any) -> None:
    def work(*arguments: object, **options: object) -> None:
        pytest.fail("the table was read")

    monkeypatch.setattr("gaiatsu.world.official.build.build_official", work)
    monkeypatch.setitem(SOURCES, "wiod2014", work)
    path = icio_file(tmp_path, lambda rows: rows)
    for source in ("icio2023", "wiod2014"):
        for out in (tmp_path, tmp_path / "none" / "my.world", path / "my.world"):
            with pytest.raises(OutputError, match="cannot write world"):
                build(source, path, out)
