"""What is not the table that was asked for, or is damaged, is refused with the reason and leaves nothing behind."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, GaiatsuError, OutputError
from gaiatsu.world.build import SOURCES, build
from gaiatsu.world.official import adb, files
from gaiatsu.world.official.build import ORIGINALS, build_official

from . import writers
from .formats import FORMATS
from .tables import small, with_final
from .test_codes import WIOD_2016

Rows = list[list[str]]


def refused(source: str, path: Path, tmp_path: Path, **options: object) -> str:
    """The message of the refusal; nothing was written, and what stood there before still stands."""
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    (out / "old.world").write_text("kept", encoding="utf-8")
    for name in ("new.world", "old.world"):
        with pytest.raises(DataError) as caught:
            build(source, path, out / name, duties="none", **options)  # type: ignore[arg-type]
    assert [item.name for item in out.iterdir()] == ["old.world"]
    assert (out / "old.world").read_text(encoding="utf-8") == "kept"
    return str(caught.value)


@pytest.mark.parametrize(
    ("asked", "written"), [(asked, name) for asked in ORIGINALS for name in FORMATS if FORMATS[name].source != asked]
)
def test_a_table_of_another_format_is_named_with_what_to_type(asked: str, written: str, tmp_path: Path) -> None:
    form = FORMATS[written]
    path = form.write(tmp_path, form.table())
    message = refused(asked, path, tmp_path)
    assert f"gaiatsu world build {form.source} {path}" in message


def icio_file(tmp_path: Path, change: Callable[[Rows], Rows], name: str = "2020_SML.csv") -> Path:
    """A table of the 2023 edition with its rows changed."""
    rows = change(writers.icio_rows(small(5), "2023"))
    (tmp_path / name).write_text(writers.csv_lines(rows), encoding="utf-8")
    return tmp_path / name


def cell(row: int, column: int, value: str) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows[row][column] = value
        return rows

    return change


def swapped(rows: Rows, one: int, other: int, *, labels: bool, values: bool) -> Rows:
    for number, row in enumerate(rows):
        if labels if number == 0 else values:
            row[one], row[other] = row[other], row[one]
    return rows


def exchanged(rows: Rows, one: int, other: int) -> Rows:
    rows[one], rows[other] = rows[other], rows[one]
    return rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cell(8, 3, "x12"), "line 9 (JPN_C24), column USA_C24 is 'x12', not a number"),
        (cell(8, 3, ""), "line 9 (JPN_C24), column USA_C24 is empty"),
        (cell(8, 3, "nan"), "line 9 (JPN_C24), column USA_C24 is 'nan', not a finite number"),
        (cell(8, 3, "inf"), "not a finite number"),
        (cell(8, 3, "123456"), "do not add up to its output (JPN C24: "),
        (cell(8, -1, "1.0"), "its output row and its output column differ (JPN C24: "),
        (lambda rows: rows[:20], "ends after 19 of 30 industry rows"),
        (lambda rows: [*rows[:10], *rows[11:]], "row DEU A01_02 stands where JPN G is expected"),
        (lambda rows: [*rows[:20], rows[20][:30]], "has 29 cells for 67 columns"),
        (lambda rows: rows[:-2], "lacks the row value added"),
        (lambda rows: [row[:-1] for row in rows], "no last column OUT"),
        (lambda rows: [row[:40] for row in rows], "no last column OUT"),
        (lambda rows: [row[:30] for row in rows], "has no final-use columns: it is cut off"),
        (lambda rows: swapped(rows, 2, 9, labels=True, values=False), "columns are missing or stand in another order"),
        (lambda rows: swapped(rows, 2, 9, labels=True, values=True), "columns are missing or stand in another order"),
        (lambda rows: swapped(rows, 2, 9, labels=False, values=True), "exchanged"),
        (lambda rows: exchanged(rows, 4, 12), "rows are missing or stand in another order"),
        (lambda rows: [rows[0], *rows[1:5], rows[4], *rows[5:]], "rows are missing or stand in another order"),
        (lambda rows: [[cell.replace("JPN", "JPX") for cell in row] for row in rows], "'JPX' is not a country code"),
    ],
)  # fmt: skip
def test_a_damaged_table_names_its_place(change: Callable[[Rows], Rows], said: str, tmp_path: Path) -> None:
    assert said in refused("icio2023", icio_file(tmp_path, change), tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_file_is_refused(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    path = form.write(tmp_path, form.table())
    target = path / "Z.txt" if path.is_dir() else path
    content = target.read_bytes()
    target.write_bytes(content[: len(content) // 2])
    message = refused(form.source, path, tmp_path)
    assert path.name in message
    assert any(word in message for word in ("cut off", "damaged", "cells for"))


@pytest.mark.parametrize("name", ["wiod2013", "wiod2016-xlsb", "adb"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [row if n != 9 else [*row[:8], "n.a.", *row[9:]] for n, row in enumerate(rows)], "'n.a.'"),
        (lambda rows: [*rows[:12], *rows[13:]], "is expected: rows are missing"),
        (lambda rows: rows[:20], "of 30 industry rows"),
        (lambda rows: [row[:45] for row in rows], "no column of output"),
        (lambda rows: [row[:30] for row in rows], "final uses"),
        (lambda rows: rows[8:], "c1"),
    ],
)
def test_a_damaged_sheet_names_its_place(name: str, change: Callable[[list], list], said: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    table = form.table()
    rows = {"wiod2013": writers.wiod2013_rows, "wiod2016-xlsb": writers.wiod2016_rows, "adb": writers.adb_rows}[name]
    path = form.write(tmp_path, table)
    write = writers.xlsb if path.suffix == ".xlsb" else writers.xlsx
    write(path, {"ADB MRIO 2022" if name == "adb" else "2014": change(rows(table))})
    assert said in refused(form.source, path, tmp_path)


def test_years(tmp_path: Path) -> None:
    table = small(5)
    for year in (2019, 2020):
        path = writers.icio(tmp_path, table, "2023", f"2016-2020_SML.zip:{year}_SML.csv")
    message = refused("icio2023", path, tmp_path)
    assert "several tables (2019, 2020); choose one with --year" in message
    with pytest.raises(DataMissing, match="no table of 2018; it has 2019, 2020"):
        build("icio2023", path, tmp_path / "x", year=2018)
    alone = writers.icio(tmp_path, table, "2023", "2020_SML.csv")
    assert "is the table of 2020, not of 2019" in refused("icio2023", alone, tmp_path, year=2019)
    renamed = writers.icio(tmp_path, table, "2023", "table.csv")
    assert "does not say its year; give it with --year" in refused("icio2023", renamed, tmp_path)
    assert build("icio2023", renamed, tmp_path / "x", year=2020, duties="none")["unit"] == "US$ million of 2020"
    table = FORMATS["exiobase3-ixi-zip"].table()
    for year in (2020, 2021):
        path = writers.exiobase(tmp_path, table, "EXIOBASE.zip", inside=f"IOT_{year}_ixi/")
    assert "several tables (2020, 2021); choose one with --year" in refused("exiobase3", path, tmp_path)
    assert build("exiobase3", path, tmp_path / "x", year=2021, duties="none")["unit"] == "US$ million of 2021"
    form = FORMATS["figaro"]
    late = writers.figaro(tmp_path, form.table(), "matrix_eu-ic-io_ind-by-ind_26ed_2031.csv")
    assert "no exchange rate is known for 2031" in refused("figaro", late, tmp_path)


def test_a_zip_with_other_members(tmp_path: Path) -> None:
    path = tmp_path / "tables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ReadMe.txt", "words")
    assert "holds no file like 2022_SML.csv; it holds: ReadMe.txt" in refused("icio2025", path, tmp_path)
    assert "it holds no Z.txt" in refused("exiobase3", path, tmp_path)
    with pytest.raises(DataMissing, match="is not there"):
        build("figaro", tmp_path / "none.csv", tmp_path / "x")


def test_editions_that_are_not_read_say_what_to_take(tmp_path: Path) -> None:
    head = ",AUS_01T03,AUS_05T06,AUS_HFCE,TOTAL\n"
    (tmp_path / "ICIO2018_2010.CSV").write_text(head, encoding="utf-8")
    message = refused("icio2021", tmp_path / "ICIO2018_2010.CSV", tmp_path)
    assert "2018 edition" in message
    assert "take the 2021, 2023 or 2025 edition" in message
    (tmp_path / "flat.csv").write_text(
        "icioiRow,icioiCol,rowPi,colPi,refArea,counterpartArea,obsValue\n", encoding="utf-8"
    )
    assert "take the matrix format" in refused("figaro", tmp_path / "flat.csv", tmp_path)
    (tmp_path / "WIOT2014_October16_ROW.RData").write_bytes(b"RDX2\nX\n")
    assert "take the Excel or the Stata files" in refused(
        "wiod2016", tmp_path / "WIOT2014_October16_ROW.RData", tmp_path
    )
    (tmp_path / "photo.csv").write_bytes(bytes(range(256)))
    assert "it is not a text table. It resembles none of" in refused("icio2025", tmp_path / "photo.csv", tmp_path)
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert "resembles none of the supported tables" in refused("figaro", tmp_path / "empty.csv", tmp_path)


def test_exiobase_in_other_units_and_without_its_parts(tmp_path: Path) -> None:
    form = FORMATS["exiobase3-pxp-folder"]
    folder = form.write(tmp_path, form.table())
    unit = (folder / "unit.txt").read_text(encoding="utf-8")
    (folder / "unit.txt").write_text(unit.replace("M.EUR", "tonnes", 1), encoding="utf-8")
    assert "'tonnes': take the monetary tables" in refused("exiobase3", folder, tmp_path)
    (folder / "unit.txt").write_text(unit, encoding="utf-8")
    (folder / "x.txt").rename(folder / "z.txt")
    assert "x.txt is missing beside it" in refused("exiobase3", folder, tmp_path)
    (folder / "z.txt").rename(folder / "x.txt")
    text = (folder / "Z.txt").read_text(encoding="utf-8")
    (folder / "Z.txt").write_text(text.replace("Cattle", "Castle"), encoding="utf-8")
    assert "'Castle' is no sector of EXIOBASE 3 pxp; did you mean 'cattle'" in refused("exiobase3", folder, tmp_path)
    (folder / "Z.txt").rename(folder / "A.txt")
    assert "releases before 3.8 are not read" in refused("exiobase3", folder, tmp_path)


def test_constant_prices_and_columns_of_another_table(tmp_path: Path) -> None:
    form = FORMATS["adb"]
    path = form.write(tmp_path, form.table())
    constant = path.rename(tmp_path / "ADB MRIO 2022, at constant 2010 prices.xlsx")
    assert "at constant prices" in refused("adb", constant, tmp_path)
    exiobase = FORMATS["exiobase3-pxp-folder"]
    folder = exiobase.write(tmp_path, exiobase.table())
    lines = (folder / "factor_inputs" / "F.txt").read_text(encoding="utf-8").split("\n")
    (folder / "factor_inputs" / "F.txt").write_text(
        "\n".join(line.rsplit("\t", 1)[0] for line in lines), encoding="utf-8"
    )
    assert "has other columns than Z.txt" in refused("exiobase3", folder, tmp_path)


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


def test_a_zip_that_unpacks_to_too_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaiatsu.world.official.files.MAX_MEMBER", 1000)
    form = FORMATS["icio2025-zip"]
    assert "at most 1000 are read" in refused(form.source, form.write(tmp_path, form.table()), tmp_path)


def test_negative_trade_everywhere_is_no_table(tmp_path: Path) -> None:
    table = small(5)
    final = table.final.copy()
    final[:, :, :, 4] = -final.sum(axis=3) * np.where(np.arange(6) % 2, 20.0, 0.0)[None, None]
    path = writers.icio(tmp_path, with_final(table, final), "2023", "2020_SML.csv")
    assert "negative trade" in refused("icio2023", path, tmp_path)


def test_a_world_is_not_built_from_a_world(tmp_path: Path) -> None:
    form = FORMATS["figaro"]
    build("figaro", form.write(tmp_path, form.table()), tmp_path / "my.world", duties="none")
    assert "a world that was built already" in refused("figaro", tmp_path / "my.world", tmp_path)


def test_options_of_official_tables_are_not_taken_by_a_baseline(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="wiod2014 is built as it is: --year is for official tables"):
        build("wiod2014", tmp_path / "x.npz", tmp_path / "x", year=2014)


def test_a_workbook_that_is_a_zip_of_something_else(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "no workbook")
    (tmp_path / "wiot11_row_sep12.xlsx").write_bytes(buffer.getvalue())
    assert "not an Excel workbook, or it is damaged" in refused(
        "wiod2013", tmp_path / "wiot11_row_sep12.xlsx", tmp_path
    )


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """The content cut off, with some bytes changed, left out, put in or exchanged."""
    place, other, count = (int(n) for n in (*rng.integers(0, len(content), 2), rng.choice([1, 20, 300])))
    noise = rng.integers(0, 256, count, dtype=np.uint8).tobytes()
    first, last = min(place, other), max(place, other)
    exchanged_ = content[:first] + content[last:] + content[first:last]
    kinds = (
        content[:place], content[:place] + noise + content[place + count :], content[:place] + content[place + count :],
        content[:place] + noise + content[place:], exchanged_,
    )  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))]


@pytest.mark.parametrize("name", FORMATS)
def test_damage_anywhere_is_an_error_of_ours_or_does_not_matter(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    path = form.write(tmp_path, form.table())
    target = path / "Y.txt" if path.is_dir() else path
    content = target.read_bytes()
    refusals = 0
    for seed in range(12):
        target.write_bytes(damaged(content, np.random.default_rng(seed)))
        try:
            build(form.source, path, tmp_path / "new.world", duties="none")
        except GaiatsuError:
            refusals += 1
            assert not (tmp_path / "new.world").exists()
        (tmp_path / "new.world").unlink(missing_ok=True)
    assert refusals >= 8
