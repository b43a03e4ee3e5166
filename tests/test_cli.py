"""The command line: messages, exit codes, and what it does not import."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import gaiatsu
from gaiatsu import cli, report
from gaiatsu.errors import ConvergenceError
from gaiatsu.scenario import loading, telling
from gaiatsu.scenario import run as running

BAD = """\
title: Bad
measures:
  - kind: tariff
    by: USA
    on: JPX
    sectors: C29
    rate: 0.25
"""


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], list[str]]:
    """Replaces solving and writing; the list fills with what was asked of them."""

    def install(error: BaseException | None = None) -> list[str]:
        asked: list[str] = []

        def execute(scenario: Any, **_: Any) -> Any:
            asked.append(f"solve {scenario.name} {scenario.horizon} {scenario.closure} {scenario.world}")
            if error:
                raise error
            return scenario

        def write(run: Any, folder: Path, *, force: bool = False) -> None:
            asked.append(f"write {folder} {force}")

        monkeypatch.setattr(running, "execute", execute)
        monkeypatch.setattr(report, "write", write)
        monkeypatch.setattr(telling, "tell_run", lambda run: ["Told."])
        monkeypatch.setattr("gaiatsu.report.sections.sections_of", lambda run: [])
        return asked

    return install


def test_help_is_light_and_quick() -> None:
    code = """
import sys
sys.argv = ["gaiatsu", "--help"]
from gaiatsu.cli import main
try:
    main()
except SystemExit as done:
    assert done.code == 0
heavy = {"jax", "pandas", "numpy", "pydantic", "rich", "scipy", "xarray", "ruamel"} & set(sys.modules)
assert not heavy, heavy
"""
    elapsed = []
    for _ in range(3):
        started = time.perf_counter()
        done = python("-c", code)
        elapsed.append(time.perf_counter() - started)
        assert done.returncode == 0, done.stderr
        assert "run" in done.stdout
    assert min(elapsed) < 1.0  # 0.15 to 0.3 s on an idle machine; the bound only catches a heavy import


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"], ["cases"], ["check", "us-autos-steel-japan"], ["check", "squeeze"], ["schema"],
        ["cite", "us-japan-deal"], ["world", "list"], ["world", "check"], ["world", "show"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_commands_that_solve_nothing_do_not_import_jax(arguments: list[str]) -> None:
    code = f"""
import sys
from gaiatsu.cli import app
app({arguments!r}, standalone_mode=False)
assert "jax" not in sys.modules
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_importing_gaiatsu_is_light_and_its_names_are_there() -> None:
    code = """
import sys
import gaiatsu
assert len([name for name in sys.modules if name.startswith("gaiatsu")]) == 1
assert not {"jax", "numpy", "pandas", "typing_extensions"} & set(sys.modules)
assert gaiatsu.World and gaiatsu.Tariff and gaiatsu.Scenario and gaiatsu.load and gaiatsu.run and gaiatsu.trade
assert "jax" not in sys.modules
assert set(gaiatsu.__all__) <= set(dir(gaiatsu))
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_every_public_name_can_be_had() -> None:
    for name in gaiatsu.__all__:
        assert getattr(gaiatsu, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'Tarif'"):
        gaiatsu.Tarif


def test_cases_lists_all_with_titles() -> None:
    done = call("cases")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == loading.case_names()
    assert all(len(line.split()) > 3 for line in lines)


def test_check_says_what_is_good() -> None:
    done = call("check", "us-autos-steel-japan")
    assert done.exit_code == 0
    assert done.stdout == "us-autos-steel-japan: good: 2 measures on 2022, headline at the long horizon\n"


def test_check_lists_every_fault_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD.replace("sectors: C29", "sectors: [C29, C92]"), encoding="utf-8")
    done = call("check", str(file))
    assert done.exit_code == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith(f"gaiatsu: {file}:5 measures[0].on: ")
    assert second.startswith(f"{file}:6 measures[0].sectors[1]: ")


def test_check_notes_measures_without_trade(tmp_path: Path) -> None:
    file = tmp_path / "idle.yaml"
    file.write_text(BAD.replace("JPX", "LUX").replace("C29", "A03").replace("USA", "AUS"), encoding="utf-8")
    done = call("check", str(file))
    assert done.exit_code == 0
    assert "note: measures[0] touches no trade in 2022" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "us-japan-del"], 4, "did you mean 'us-japan-deal'"),
        (["run", "../../etc/passwd"], 2, "neither the name of a case"),
        (["run", "none.yaml"], 4, "there is no file none.yaml"),
        (["run", "us-japan-deal", "--horizon", "shrt"], 2, "horizon: unknown horizon 'shrt'; did you mean 'short'?"),
        (["run", "us-japan-deal", "--closure", "x"], 2, "closure: unknown closure 'x'"),
        (["world", "show", "wiod2015"], 4, "wiod2014"),
        (["world", "build", "wiod2015", "x", "-o", "y"], 4, "or 'wiod2014'"),
        (["world", "build", "wiod2014", __file__, "-o", "y"], 2, "give the path of wiod2014_44x50.npz"),
        (["cite", "us-japan-del"], 4, "did you mean 'us-japan-deal'"),
        (["rn"], 2, "No such command"),
    ],
)
def test_one_clear_message_and_an_exit_code(arguments: list[str], code: int, said: str) -> None:
    done = call(*arguments)
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "allow_pickle" not in done.stderr


def test_run_passes_its_options_on(tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = engine()
    done = call("run", "us-japan-deal", "--horizon", "short", "--closure", "balanced")
    assert done.exit_code == 0, done.stderr
    folder = Path("gaiatsu-us-japan-deal")
    assert asked == ["solve us-japan-deal short balanced 2022", f"write {folder} False"]
    assert done.stdout == f"Told.\nReport: {folder / 'report.html'}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_in_the_way_is_refused_before_solving(tmp_path: Path, engine: Any, force: bool) -> None:
    asked = engine()
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = call("run", "us-japan-deal", "--out", str(folder), *(["--force"] if force else []))
    assert done.exit_code == 2
    assert str(folder) in done.stderr
    assert asked == []
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_a_file_in_the_way_is_refused_before_solving(tmp_path: Path, engine: Any) -> None:
    asked = engine()
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for target in (file, file / "below"):
        done = call("run", "us-japan-deal", "--out", str(target), "--force")
        assert done.exit_code == 2
        assert str(file) in done.stderr
    assert asked == []


def test_a_place_that_cannot_be_written_is_refused_before_solving(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = engine()

    def refuse(**_: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("gaiatsu.cli.tempfile.mkdtemp", refuse)
    done = call("run", "us-japan-deal", "--out", str(tmp_path / "new" / "deeper"))
    assert done.exit_code == 2
    assert f"cannot write in {tmp_path}: Permission denied" in done.stderr
    assert asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path, engine: Any) -> None:
    engine()
    tmp_path.chmod(0o500)
    try:
        assert call("run", "us-japan-deal", "--out", str(tmp_path / "new")).exit_code == 2
    finally:
        tmp_path.chmod(0o700)


def test_no_equilibrium_exits_3(tmp_path: Path, engine: Any) -> None:
    engine(ConvergenceError("the market for C26 in JPN does not clear"))
    done = call("run", "us-japan-deal", "--out", str(tmp_path / "new"))
    assert done.exit_code == 3
    assert done.stderr == "gaiatsu: the market for C26 in JPN does not clear\n"
    assert list(tmp_path.iterdir()) == []


def test_stopping_exits_130_and_leaves_nothing(tmp_path: Path, engine: Any) -> None:
    engine(KeyboardInterrupt())
    done = call("run", "us-japan-deal", "--out", str(tmp_path / "new"))
    assert done.exit_code == 130
    assert "stopped" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_swallowed_request_to_stop_is_heard_at_the_next_step(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    asked = engine()
    steps = []
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    def execute(scenario: Any, *, progress: Any) -> Any:
        for step in range(3):
            progress(step, 3, "horizon")
            steps.append(step)
            with contextlib.suppress(KeyboardInterrupt):  # as in a callback of the garbage collector
                if step == 1:
                    signal.raise_signal(signal.Signals[name])
        return scenario

    monkeypatch.setattr(running, "execute", execute)
    done = call("run", "us-japan-deal", "--out", str(tmp_path / "new"))
    assert done.exit_code == code
    assert "stopped" in done.stderr
    assert steps == [0, 1]
    assert asked == []
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


INTERRUPTED = """
import sys, time
from gaiatsu import report
from gaiatsu.report.folder import write_folder
from gaiatsu.scenario import run as running

def execute(scenario, **_):
    return scenario

def fill(folder):
    (folder / "report.html").write_text("half a rep")
    print("ready", flush=True)
    time.sleep(60)

running.execute = execute
report.write = lambda run, folder, *, force: write_folder(folder, fill, force=force)
sys.argv = ["gaiatsu", "run", "us-japan-deal", "--out", sys.argv[1]]
from gaiatsu.cli import main
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_kill_in_the_middle_leaves_no_half_folder(tmp_path: Path, name: str) -> None:
    target = tmp_path / "new"
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.Signals[name])
        code = process.wait(timeout=30)
        told = process.stderr.read()
    assert not target.exists()
    assert "Traceback" not in told
    if name != "SIGKILL":
        assert code == {"SIGINT": 130, "SIGTERM": 143}[name]
        assert "stopped" in told
        assert list(tmp_path.iterdir()) == []
    else:
        assert code == -signal.Signals[name]


@pytest.mark.slow
def test_the_main_case_from_command_to_folder_twice_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def run(*options: str) -> dict[str, bytes]:
        done = python("-m", "gaiatsu", "run", "us-autos-steel-japan", "--out", str(folder), *options)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""  # no progress bar where there is no terminal
        assert "Real income falls most in Japan (-0." in done.stdout
        assert done.stdout.endswith(f"Report: {folder / 'report.html'}\n")
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    first, second = run(), run("--force")
    assert {"report.html", "outcome.parquet", "tables.xlsx", "scenario.yaml", "provenance.json"} < set(first)
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert call("check", str(folder / "scenario.yaml")).exit_code == 0


def test_schema_is_json() -> None:
    schema = json.loads(call("schema").stdout)
    assert schema["title"] == "Scenario"


def test_cite_has_the_software_the_data_and_the_sources_of_a_case() -> None:
    plain = call("cite").stdout
    for word in ("gaiatsu", "World Input-Output Database", "10.1093/restud/rdu035", "Gröschl", "@article{fontagne2022"):
        assert word in plain
    assert "90 FR 14705" not in plain
    assert "90 FR 14705" in call("cite", "us-autos-steel-japan").stdout
    assert call("cite", "--bibtex").stdout.startswith("@software{gaiatsu,")


def test_worlds_are_listed_shown_and_checked() -> None:
    assert "wiod2014" in call("world", "list").stdout.split()
    assert "JPN" in call("world", "show").stdout
    assert "the accounts close" in call("world", "check", "wiod2014").stdout


def test_a_truncated_world_is_one_message(tmp_path: Path) -> None:
    file = tmp_path / "half.world"
    file.write_bytes(b"PK\x03\x04 half")
    done = call("world", "check", str(file))
    assert done.exit_code == 2
    assert "truncated or damaged" in done.stderr
