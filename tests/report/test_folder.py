"""A run folder is complete or absent, replaces nothing that is not its own, and is the same byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from fake import fake_run

from gaiatsu import report
from gaiatsu.errors import OutputError
from gaiatsu.report import export, folder
from gaiatsu.report.tables import Table
from gaiatsu.scenario.loading import load


def contents(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


def test_all_files_are_there(written):
    names = set(contents(written))
    assert {"report.html", "outcome.parquet", "tables.xlsx", "scenario.yaml", "provenance.json"} <= names
    tables = {name for name in names if name.startswith("tables/")}
    assert tables == {f"tables/{name}.csv" for name in (
        "summary", "output", "trade", "incidence", "diversion", "decomposition", "decomposition_first_order",
        "attribution", "published_estimates",
    )}  # fmt: skip
    ranges = {f"tables/ranges{name}.csv" for name in ("", "_by_set", "_draws")}  # the fake run has none
    assert tables - {"tables/published_estimates.csv"} | ranges == {f"tables/{name}" for name in folder.TABLE_FILES}
    assert {name for name in names if name not in tables} == folder.FILES
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_same_inputs_same_bytes(written, tmp_path):
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import fake; from gaiatsu import report;"
        "report.write(fake.fake_run(), sys.argv[2])"
    )
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "77"}
    time.sleep(2.1)  # the clock of a zip archive counts in two seconds
    subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "b")], check=True, env=environment
    )
    first, second = contents(written), contents(tmp_path / "b")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_no_paths_no_host_no_clock(written):
    for name, content in contents(written).items():
        if name.endswith((".html", ".csv", ".yaml", ".json")):
            text = content.decode()
            for word in (str(Path.home()), str(written), os.uname().nodename, time.strftime("%H:%M")):
                assert len(word) < 5 or word not in text, (name, word)


def test_numbers_agree_between_the_formats(written):
    summary = pd.read_csv(written / "tables" / "summary.csv", keep_default_na=False)
    japan = summary[(summary["region"] == "JPN") & (summary["horizon"] == "long")].iloc[0]
    assert japan["real_income_percent"] == pytest.approx(-0.118)
    assert japan["region_name"] == "Japan"
    long = pd.read_parquet(written / "outcome.parquet")
    assert list(long) == ["horizon", "region", "sector", "variable", "unit", "value"]
    assert set(long["horizon"]) == {"impact", "short", "medium", "long"}
    cell = long.query("region == 'JPN' and horizon == 'long' and variable == 'real_income'")
    assert cell["value"].tolist() == pytest.approx([-0.118])
    assert cell["unit"].tolist() == ["percent"]
    assert not long.duplicated(["horizon", "region", "sector", "variable", "unit"]).any()
    sheet = openpyxl.load_workbook(written / "tables.xlsx")["summary"]
    heads = [cell.value for cell in sheet[2]]
    assert "real income [percent]" in heads
    assert "equivalent variation [US$ million]" in heads
    rows = {
        (row[heads.index("horizon")], row[heads.index("region")]): row
        for row in sheet.iter_rows(min_row=3, values_only=True)
    }
    assert rows["long", "JPN"][heads.index("real income [percent]")] == pytest.approx(-0.118)


def test_every_number_column_carries_a_unit(written):
    for path in sorted((written / "tables").glob("*.csv")):
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
        for name in frame.select_dtypes("number"):
            assert name == "percent" or name == "measure" or name.endswith(tuple(export.UNITS)), (path.name, name)


def test_scenario_is_spelled_out_and_can_be_run_again(written):
    again = load(str(written / "scenario.yaml"))
    first = again.measures[0]
    assert (first.by, first.on, first.sectors, first.coverage) == (["USA"], ["JPN"], ["C29"], 1.0)
    assert again.closure == "fixed"
    assert again.horizons == ["impact", "short", "medium", "long"]
    everyone = export.spelled_out(fake_run("us-everyone"))
    assert len(everyone.measures[0].on) == 81
    assert len(everyone.measures[0].sectors) == 27


def test_provenance(written):
    record = json.loads((written / "provenance.json").read_text())
    assert record["program"] == "gaiatsu"
    assert record["packages"]["numpy"] == np.__version__
    assert len(record["world"]["sha256"]) == 64
    assert record["horizons"]["long"]["iterations"] == 23
    assert "proclamation-10908" in record["references"]


def test_formulas_are_neutralised(tmp_path):
    frame = pd.DataFrame({"label": ["=1+1", "+x", "-2", "@cmd", "plain"], "=head": [1.0, 2, 3, 4, np.nan]})
    table = Table("t", "=title", frame)
    export.write_csv(table, tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines == ["label,'=head", "'=1+1,1", "'+x,2", "'-2,3", "'@cmd,4", "plain,"]
    export.write_workbook({"t": table}, tmp_path / "t.xlsx")
    cells = list(openpyxl.load_workbook(tmp_path / "t.xlsx")["t"].iter_rows(values_only=True))
    assert all(cell.data_type != "f" for row in openpyxl.load_workbook(tmp_path / "t.xlsx")["t"] for cell in row)
    assert cells[2] == ("'=1+1", 1)
    assert cells[6] == ("plain", None)


def write_nothing_much(place: Path) -> None:
    (place / folder.MARK).write_text('{"program": "gaiatsu"}')


def test_existing_folder_is_refused_and_kept(tmp_path):
    target = tmp_path / "run"
    folder.write_folder(target, write_nothing_much)
    with pytest.raises(OutputError, match=r"exists.*--force"):
        folder.write_folder(target, lambda place: None)
    assert contents(target)


def test_force_replaces_a_run_and_an_empty_folder(tmp_path):
    target = tmp_path / "deep" / "run"
    folder.write_folder(target, write_nothing_much)
    (target / "tables").mkdir()
    (target / "tables" / "trade.csv").write_text("x")
    folder.write_folder(target, write_nothing_much, force=True)
    assert list(contents(target)) == [folder.MARK]
    (tmp_path / "empty").mkdir()
    folder.write_folder(tmp_path / "empty", write_nothing_much, force=True)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["deep", "empty"]


@pytest.mark.parametrize("foreign", ["thesis.docx", "tables/notes.txt", "tables/mine.csv", "trade.csv", None])
def test_force_never_removes_what_is_not_a_run(tmp_path, foreign):
    target = tmp_path / "mine"
    if foreign:
        folder.write_folder(target, write_nothing_much)
        (target / foreign).parent.mkdir(exist_ok=True)
        (target / foreign).write_text("years of work")
    else:
        target.mkdir()
        (target / "report.html").write_text("another program's")
    before = contents(target)
    with pytest.raises(OutputError, match=r"not replaced|not part of"):
        folder.write_folder(target, write_nothing_much, force=True)
    assert contents(target) == before


@pytest.mark.parametrize("name", ["tables/sub.csv", "tables/trade.csv", "report.html", "tables.xlsx"])
def test_force_takes_no_folder_and_no_link_for_a_file_of_a_run(tmp_path, name):
    for kind in ("folder", "link"):
        target = tmp_path / kind
        folder.write_folder(target, write_nothing_much)
        (target / "tables").mkdir()
        if kind == "folder":
            (target / name).mkdir()
            (target / name / "thesis.txt").write_text("years of work")
        else:
            (tmp_path / "thesis.txt").write_text("years of work")
            (target / name).symlink_to(tmp_path / "thesis.txt")
        before = contents(target)
        with pytest.raises(OutputError, match=f"holds {name}, .*not replaced"):
            folder.write_folder(target, write_nothing_much, force=True)
        assert contents(target) == before


def test_force_takes_no_link_for_the_folder_of_tables(tmp_path):
    folder.write_folder(tmp_path / "run", write_nothing_much)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run" / "tables").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match=r"holds tables, .*not replaced"):
        folder.write_folder(tmp_path / "run", write_nothing_much, force=True)


def test_file_or_link_in_the_way(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "broken"):
        with pytest.raises(OutputError, match="not a folder"):
            folder.write_folder(tmp_path / name, write_nothing_much, force=True)
    with pytest.raises(OutputError, match="cannot write into"):
        folder.write_folder(tmp_path / "file" / "run", write_nothing_much)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_unwritable_parent(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="make it writable"):
        folder.write_folder(tmp_path / "run", write_nothing_much)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError("broken"), OSError(28, "No space left on device")])
def test_a_failure_leaves_nothing(tmp_path, error):
    def fill(place: Path) -> None:
        (place / "report.html").write_text("half")
        raise error

    with pytest.raises((KeyboardInterrupt, ValueError, OutputError)):
        folder.write_folder(tmp_path / "run", fill)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_with_force_keeps_the_old_run(tmp_path):
    folder.write_folder(tmp_path / "run", write_nothing_much)

    def fill(place: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.write_folder(tmp_path / "run", fill, force=True)
    assert list(contents(tmp_path)) == [f"run/{folder.MARK}"]


def test_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path):
    def fill(place: Path) -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "theirs.txt").write_text("x")

    with pytest.raises(OutputError, match="exists"):
        folder.write_folder(tmp_path / "run", fill)
    assert contents(tmp_path) == {"run/theirs.txt": b"x"}


def test_killed_in_mid_run_leaves_no_half_folder(tmp_path):
    code = (
        "import os, signal, sys; from gaiatsu.report.folder import write_folder\n"
        "def fill(place):\n    (place / 'report.html').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_folder(sys.argv[1], fill)"
    )
    target = tmp_path / "run"
    assert subprocess.run([sys.executable, "-c", code, str(target)]).returncode != 0
    assert not target.exists()
    assert all(item.name.startswith(".run.") for item in tmp_path.iterdir())
    folder.write_folder(target, write_nothing_much)


def test_fails_before_solving_when_the_place_is_taken(written):
    with pytest.raises(OutputError):
        report.write(fake_run(), written)
