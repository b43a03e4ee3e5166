"""Military spending: the package's own figures, and what is read of users' own downloads."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.security.capabilities import (
    default_spending,
    load_military_spending,
    load_national_capabilities,
    spending_from,
)
from originals import SECURITY
from script_loading import load_script

originals = pytest.mark.skipif(not SECURITY.is_dir(), reason="the original tables are not on this machine")

# The layout of the institute's workbook and of its sheets saved as CSV; the numbers are made up.
ABOVE = [
    ["Military expenditure by country, in current US$ m., 2023-2025"],
    ["Figures are in US $m., at current prices and exchange rates."],
    ['"..." = data unavailable. "xxx" = country did not exist or was not independent.'],
    [],
]
HEAD = ["Country", "", "Notes", 2023, 2024, 2025]
BODY: list[list[Any]] = [
    ["", "", "", "", "", ""],
    ["Asia & Oceania", "", "", "", "", ""],
    ["Japan", "", "§4", 50.5, 58.25, 62.0],
    ["Korea, South", "", "", "...", 47, 48],
    ["Viet Nam", "", "‖", ". .", "...", "..."],
    ["South Sudan", "", "", "xxx", 1, "..."],
    ["Yugoslavia", "", "", 3, "xxx", "xxx"],
]


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def as_csv(path: Path, rows: list[list[Any]]) -> Path:
    def cell(value: Any) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    path.write_text("\n".join(",".join(map(cell, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def found(table: Any) -> dict[tuple[str, int], float]:
    return {(row.iso3, row.year): row.usd_million for row in table.itertuples()}


EXPECTED = {
    ("JPN", 2023): 50.5, ("JPN", 2024): 58.25, ("JPN", 2025): 62.0, ("KOR", 2024): 47.0, ("KOR", 2025): 48.0,
    ("SSD", 2024): 1.0,
}  # fmt: skip


# ----------------------------------------------------------------------------------------------------- own figures
def test_the_package_has_eight_figures_with_their_source() -> None:
    own = default_spending()
    japan, china = own.of("JPN", 2025), own.of("CHN", 2025)
    assert (japan.usd_billion, china.usd_billion) == (62.0, 336.0)
    assert japan.gdp_share == pytest.approx(0.014)
    assert own.years(["JPN", "USA", "TWN"]) == [2025]
    assert all(address.startswith("https://") for address in own.sources.values())
    assert all("SIPRI" in cited and "excerpt" in cited for cited in own.sources)
    with pytest.raises(DataError, match=r"no military spending of FRA \(they have AUS, CHN"):
        own.of("FRA", 2025)
    with pytest.raises(DataError, match=r"of JPN in 2019 \(they have 2025 only\)"):
        own.of("JPN", 2019)


@originals
def test_the_figures_are_what_the_builder_makes() -> None:
    script = load_script(Path(__file__).parents[2] / "scripts" / "build_capabilities.py")
    assert script.TARGET.read_text(encoding="utf-8") == script.table(SECURITY)


def test_a_file_that_is_not_there_gives_the_own_figures_and_says_so(tmp_path: Path) -> None:
    other = spending_from(tmp_path / "SIPRI-Milex.xlsx")
    assert "SIPRI-Milex.xlsx" in other.missing
    assert "are used instead" in other.missing
    assert other.table.equals(default_spending().table)
    assert default_spending().missing == ""
    with pytest.raises(DataMissing, match=r"sipri\.org"):
        load_military_spending(tmp_path / "SIPRI-Milex.xlsx")


# ----------------------------------------------------------------------------------------------------------- SIPRI
def test_the_workbook(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    constant = [["in constant (2024) US$ m."], HEAD, ["Japan", "", "", 51, 59, 61]]
    share = [["Share of GDP"], HEAD, ["Japan", "", "", 0.012, 0.0137, 0.014], ["Kenya", "", "", 0.01, 0.01, 0.01]]
    path = workbook(
        tmp_path / "SIPRI-Milex-data.xlsx",
        {"Front page": [["Country"]], "Constant (2024) US$": constant, "Current US$": [*ABOVE, HEAD, *BODY],
         "Share of GDP": share},
    )  # fmt: skip
    table = load_military_spending(path)
    assert found(table) == EXPECTED
    assert table.attrs["left_out"] == ("Yugoslavia",)
    assert list(table.gdp_share[table.iso3 == "JPN"]) == [0.012, 0.0137, 0.014]
    assert table.gdp_share[table.iso3 == "KOR"].isna().all()
    assert found(load_military_spending(path, prices="constant"))["JPN", 2025] == 61.0
    spending = spending_from(path)
    assert spending.of("JPN", 2024).usd_billion == pytest.approx(0.05825)
    assert spending.years(["JPN", "KOR"]) == [2024, 2025]
    assert spending.missing == ""


def test_a_sheet_saved_as_csv(tmp_path: Path) -> None:
    assert found(load_military_spending(as_csv(tmp_path / "current.csv", [*ABOVE, HEAD, *BODY]))) == EXPECTED
    share = as_csv(tmp_path / "share.csv", [["Military expenditure as a share of GDP"], HEAD, *BODY])
    with pytest.raises(DataError, match=r"speak of 'share of'"):
        load_military_spending(share)


@pytest.mark.parametrize(
    "above, head, said",
    [
        ("Military expenditure per capita by country, in US$ m.", HEAD, "speak of 'per capita'"),
        ("Figures are in US$ at current prices", HEAD, r"do not say US\$ m\."),
        ("Military expenditure by region, in constant US$ b.", HEAD, r"speak of 'us\$ b'"),
        ("In billions; not in US$ m.", HEAD, "speak of 'billion'"),
        ("As percentage of government spending (not US$ m.)", HEAD, "speak of 'percentage'"),
        ("In local currency, not US$ m.", HEAD, "speak of 'local currency'"),
        ("US$ m.", ["Country", "Currency", "Notes", 2023, 2024, 2025], "speak of 'currency'"),
        ("US$ m.", ["Country", "", "Notes", 2024, 2025, 2025], "row 2: 2025 heads two columns"),
    ],
)
def test_a_sheet_of_anything_but_millions_of_dollars_is_refused(
    tmp_path: Path, above: str, head: list[Any], said: str
) -> None:
    path = as_csv(tmp_path / "sheet.csv", [[above], head, ["Japan", "", "", 50, 58, 62]])
    with pytest.raises(DataError, match=said):
        load_military_spending(path)


@pytest.mark.parametrize(
    "above", ["in current US$ m.", "Figures are in US $m., at current prices", "in millions of US$"]
)
def test_the_ways_to_say_millions_of_dollars(tmp_path: Path, above: str) -> None:
    path = as_csv(tmp_path / "sheet.csv", [[above], HEAD, ["Japan", "", "", 50, 58, 62]])
    assert found(load_military_spending(path))["JPN", 2025] == 62.0


def test_a_tidy_table_is_nobodys_but_the_users(tmp_path: Path) -> None:
    rows = [["iso3", "year", "milex_current_usd_m", "milex_share_gdp"], ["JPN", 2024, 55, "1.37 %"]]
    mine = spending_from(as_csv(tmp_path / "mine.csv", rows))
    assert "SIPRI" not in " ".join(mine.sources)
    assert mine.of("JPN", 2024).gdp_share == pytest.approx(0.0137)
    assert mine.place("JPN", 2024) == "row 2"
    sheet = spending_from(as_csv(tmp_path / "sheet.csv", [*ABOVE, HEAD, *BODY]))
    assert list(sheet.sources) == ["SIPRI Military Expenditure Database, file sheet.csv"]
    assert (sheet.place("JPN", 2024), sheet.newest) == ("row 8", 2025)


def test_what_is_no_file_of_this_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder: name the file"):
        spending_from(tmp_path)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(DataError, match=r"\.xls are not read; save it as \.xlsx or as CSV"):
        spending_from(tmp_path / "old.xls")
    (tmp_path / "semi.csv").write_text("iso3;year;milex_current_usd_m\nJPN;2025;62000\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"semi\.csv: its columns are separated by semicolons"):
        spending_from(tmp_path / "semi.csv")


def test_a_tidy_table(tmp_path: Path) -> None:
    rows = [["iso3", "year", "milex_const2023_usd_m", "milex_current_usd_m", "milex_share_gdp"],
            ["JPN", 2024, 58, 55, 0.0137], ["KOR", 2024, 49, 47, ""], ["JPN", 2023, 57, "...", 0.012]]  # fmt: skip
    path = as_csv(tmp_path / "tidy.csv", rows)
    assert found(load_military_spending(path)) == {("JPN", 2024): 55.0, ("KOR", 2024): 47.0}
    assert found(load_military_spending(path, prices="constant"))["JPN", 2023] == 57.0
    assert spending_from(path).of("JPN", 2024).gdp_share == 0.0137


@pytest.mark.parametrize(
    "rows, said",
    [
        ([*ABOVE, HEAD, *BODY, ["Japan", "", "", 1, 2, 3]], r"row 13: Japan \(JPN\) stands there already, in row 8"),
        ([*ABOVE, HEAD, ["Japan", "", "", 1, "5o", 3]], r"row 6 \(Japan\), column 2024: '5o' is no amount"),
        ([*ABOVE, HEAD, ["Japan", "", "", 1, -4, 3]], "'-4' is no amount"),
        ([*ABOVE, ["Land", "", "", 2024]], "no row that starts with 'Country'"),
        ([*ABOVE, HEAD, ["Asia", "", "", "", "", ""]], "no figure of any country below row 5"),
        ([["iso3", "year", "milex_current_usd_m"], ["JPN", 2024, 5], ["JPN", 2024, 6]], r":3: JPN in 2024 .* twice"),
        ([["iso3", "year", "milex_current_usd_m"], ["Japan", 2024, 5]], r":2: iso3 is 'Japan'; did you mean 'JPN'"),
        ([["iso3", "year", "milex_current_usd_m"], ["JPN", "20x4", 5]], ":2: year is '20x4'"),
        ([["iso3", "year", "milex_current_usd_m"], ["JPN", 2024, "many"]], ":2, milex_current_usd_m: 'many'"),
        ([["iso3", "year", "milex_current_usd_m"], ["JPN", 2024]], ":2: 2 cells where the heading has 3"),
        ([["iso3", "year", "spent"], ["JPN", 2024, 5]], "no column of current US"),
        ([["iso3", "year", "milex_current_usd_bn"], ["JPN", 2024, 5]], r"such as milex_current_usd_m \(it has iso3"),
        ([["iso3", "year", "milex_current_local_m"], ["JPN", 2024, 5]], "has no column of current US"),
        ([["iso3", "year", "milex_current_eur_m"], ["JPN", 2024, 5]], "has no column of current US"),
        ([["iso3", "year", "year", "milex_current_usd_m"], ["JPN", 2024, 2025, 5]], ":1: year heads two columns"),
        ([["iso3", "year", "milex_current_usd_m", "milex_share_gdp"], ["JPN", 2024, 5, 1.4]], "are no fractions"),
        ([["iso3", "year", "milex_current_usd_m", "milex_share_gdp"], ["JPN", 2024, 5, 0.9]], "write 0.014, or 1.4 %"),
        ([["iso3", "year", "milex_current_usd_m"], ["JPN", 2024, "1_000"]], "'1_000' is no amount"),
    ],
)
def test_what_is_malformed_is_named_with_its_row(tmp_path: Path, rows: list[list[Any]], said: str) -> None:
    path = as_csv(tmp_path / "mine.csv", rows)
    with pytest.raises(DataError, match=said) as caught:
        spending_from(path)
    assert "mine.csv" in str(caught.value)


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "bad.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(DataError, match=r"bad\.xlsx"):
        spending_from(path)
    with pytest.raises(DataError, match=r"no sheet of current US\$ \(it has Sheet\)"):
        load_military_spending(workbook(tmp_path / "odd.xlsx", {"Sheet": [HEAD]}))


@originals
def test_the_figures_of_the_worked_example() -> None:
    table = load_military_spending(SECURITY / "sipri_milex_14economies_2010_2024.csv", prices="constant")
    billions = table[table.year == 2024].set_index("iso3").usd_million / 1000
    assert [round(float(billions[code]), 1) for code in ("CHN", "JPN", "USA")] == [317.6, 58.4, 968.4]


# ----------------------------------------------------------------------------------------------- Correlates of War
def test_national_capabilities(tmp_path: Path) -> None:
    text = (
        "ccode,year,milex,milper,cinc\n740,2022,46954000,247,0.0247\n345,2005,700,1,0.001\n345,2010,900,1,0.001\n"
        "255,1990,372,1,0.02\n260,1990,356,1,0.01\n315,1950,5,1,0.003\n2,2022,-9,1,0.12\n"
    )
    plain, packed = tmp_path / "NMC.csv", tmp_path / "NMC.csv.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    table = load_national_capabilities(plain)
    assert table.equals(load_national_capabilities(packed))
    assert {(row.iso3, row.year) for row in table.itertuples()} == {
        ("JPN", 2022), ("SRB", 2010), ("DEU", 1990), ("USA", 2022),
    }  # fmt: skip
    at = table.set_index(["iso3", "year"])
    assert at.usd_million["JPN", 2022] == 46954.0
    assert at.usd_million["DEU", 1990] == 0.372
    spending = spending_from(packed)
    assert spending.of("JPN", 2022).usd_billion == 46.954
    with pytest.raises(DataError, match="of USA"):  # -9 is missing
        spending.of("USA", 2022)


@pytest.mark.parametrize(
    "text, said",
    [
        ("ccode,year,cinc\n740,2022,0.02\n", "has no column milex"),
        ("ccode,year,milex,cinc\n740,2022,5,0.02\n740,2022,6,0.02\n", ":3: state 740 in 2022 .* line 2"),
        ("ccode,year,milex,cinc\n740,2022,5,1.02\n", ":2, cinc is 1.02"),
        ("ccode,year,milex,cinc\nJPN,2022,5,0.02\n", ":2: ccode is 'JPN'"),
        ("ccode,year,milex,cinc\n740,2022,5\n", ":2: 3 cells where the heading has 4"),
        ("ccode,year,milex,cinc\n315,1950,5,0.02\n", "no row of a state of today"),
        ("ccode,year,milex,cinc,milex\n740,2022,5,0.02,6\n", ":1: milex heads two columns"),
        ('ccode,year,milex,cinc\n740,2022,"5,0.02\n', ":2: not a table"),
    ],
)
def test_malformed_capabilities_are_named_with_their_row(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "NMC.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        load_national_capabilities(path)


def test_spending_in_pounds_is_not_taken_for_dollars(tmp_path: Path) -> None:
    path = tmp_path / "NMC.csv"
    path.write_text("ccode,year,milex,cinc\n740,1913,20000,0.03\n740,1914,87000,0.03\n", encoding="utf-8")
    table = load_national_capabilities(path).set_index("year")
    assert table.usd_million.isna().to_dict() == {1913: True, 1914: False}
    assert table.cinc[1913] == 0.03
    assert spending_from(path).years(["JPN"]) == [1914]
    path.write_text("ccode,year,milex,cinc\n740,1913,20000,0.03\n", encoding="utf-8")
    with pytest.raises(DataError, match="begins in 1914"):
        spending_from(path)


@originals
def test_the_real_file_of_capabilities() -> None:
    table = load_national_capabilities(SECURITY / "cow_nmc_v7.csv.gz").set_index(["iso3", "year"])
    assert table.usd_million["JPN", 2022] == 46954.0
    assert table.cinc["CHN", 2022] == pytest.approx(0.2341, abs=1e-4)
