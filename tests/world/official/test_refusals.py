"""What is not the table that was asked for, or is damaged, is refused with the reason and leaves nothing behind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, GaiatsuError
from gaiatsu.world.build import build
from gaiatsu.world.official.build import ORIGINALS

from . import writers
from .formats import FORMATS
from .helpers import Rows, icio_file, refused
from .tables import small, with_final


@pytest.mark.parametrize(
    ("asked", "written"), [(asked, name) for asked in ORIGINALS for name in FORMATS if FORMATS[name].source != asked]
)
def test_a_table_of_another_format_is_named_with_what_to_type(asked: str, written: str, tmp_path: Path) -> None:
    form = FORMATS[written]
    path = form.write(tmp_path, form.table())
    message = refused(asked, path, tmp_path)
    assert f"gaiatsu world build {form.source} {path}" in message


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
