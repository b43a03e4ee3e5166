"""`gaiatsu world build` on a terminal, and a table of full size within a minute and six gigabytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gaiatsu.cli import app
from script_loading import load_script

from . import writers
from .formats import FORMATS
from .tables import small

ROOT = Path(__file__).parents[3]


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_build_show_and_check(tmp_path: Path) -> None:
    form = FORMATS["icio2025-zip"]
    path, out = form.write(tmp_path, form.table()), tmp_path / "my.world"
    code, told = call("world", "build", "icio2025", str(path), "-o", str(out), "--regions", "USA,JPN,EU=eu27")
    assert code == 0, told
    for line in (
        "icio2025-2022: 4 regions × 6 sectors, US$ million of 2022",
        "OECD Inter-Country Input-Output tables, 2025 edition",
        "ROW    Rest of the world", "duties: borrowed 2022", "taxes less subsidies on products",
        "purchases that would change origin if all users shared one mix:", "2022_SML.csv: 2025 edition, small, SHA-256",
    ):  # fmt: skip
        assert line in told
    assert call("world", "show", str(out)) == (0, told)
    assert "the accounts close" in call("world", "check", str(out))[1]


def test_a_wrong_table_is_one_message_and_no_file(tmp_path: Path) -> None:
    path = writers.icio(tmp_path, small(6), "2025", "2022_SML.csv")
    code, told = call("world", "build", "icio2023", str(path), "-o", str(tmp_path / "my.world"))
    assert code == 2
    assert told.startswith(f"gaiatsu: {path} is not an OECD ICIO table of the 2023 edition")
    assert f"type: gaiatsu world build icio2025 {path} -o NAME.world" in told
    assert [item.name for item in tmp_path.iterdir()] == ["2022_SML.csv"]
    code, told = call("world", "build", "icio", str(path), "-o", str(tmp_path / "my.world"))
    assert code == 4
    assert "did you mean 'icio202" in told
    code, told = call("world", "build", "icio2025", str(tmp_path / "none.csv"), "-o", str(tmp_path / "my.world"))
    assert code == 4
    code, told = call("world", "build", "icio2025", str(path), "-o", str(tmp_path / "none" / "my.world"))
    assert code == 2
    assert "cannot write world" in told


def test_a_scenario_takes_a_built_world(tmp_path: Path) -> None:
    form = FORMATS["icio2025-extended"]
    path, out = form.write(tmp_path, form.table()), tmp_path / "my.world"
    assert call("world", "build", "icio2025", str(path), "-o", str(out))[0] == 0
    scenario = tmp_path / "cars.yaml"
    scenario.write_text(
        f"title: Cars\nworld: {out}\nmeasures:\n- {{kind: tariff, by: USA, on: JPN, sectors: [cars], rate: 25%}}\n",
        encoding="utf-8",
    )
    code, told = call("check", str(scenario))
    assert code == 0, told
    assert "good: 1 measure on icio2025-2022" in told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked of the operating system")
def test_a_table_of_full_size_builds_within_a_minute_and_six_gigabytes(tmp_path: Path) -> None:
    bench = load_script(ROOT / "benchmarks" / "build.py")
    assert bench.write_table(tmp_path / "2020_SML.csv", 78) == 3510
    seconds, gigabytes = bench.measure(tmp_path / "2020_SML.csv", tmp_path / "big.world")
    assert seconds < 60
    assert gigabytes < 6
