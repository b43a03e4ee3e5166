"""The command line. Every command imports what it needs when it runs, so that `gaiatsu --help` is instant.

Exit codes: 0 done, 2 bad input, 3 no equilibrium found, 4 data missing, 130 stopped by the user,
143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from gaiatsu.commands.backtests import backtests
from gaiatsu.commands.exposure import exposure
from gaiatsu.commands.hedges import hedges
from gaiatsu.commands.leverage import leverage
from gaiatsu.errors import GaiatsuError, OutputError

if TYPE_CHECKING:
    from gaiatsu.scenario.run import Progress


class _Stopped(KeyboardInterrupt):
    """The user, or the system, asked to stop; `exit_code` says which."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__("stopped")
        self.exit_code = 128 + number


class _Stop:
    """Raises and remembers a request to stop: where a library's callback swallows the exception, check() raises it."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, number: int, frame: object) -> None:
        self.number = number
        raise _Stopped(number)

    def check(self) -> None:
        """Raise if a request to stop came and was lost."""
        if self.number:
            raise _Stopped(self.number)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals for the time being; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)


class _Group(TyperGroup):
    """Tells errors made by gaiatsu in one message, without a traceback, and returns their exit code."""

    def invoke(self, ctx: Any) -> Any:
        ctx.obj = stop = _Stop()
        try:
            with stop.listening():
                return super().invoke(ctx)
        except GaiatsuError as error:
            _say_error(f"gaiatsu: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            _say_error("gaiatsu: stopped; no report was written")
            code = error.exit_code if isinstance(error, _Stopped) else _Stopped().exit_code
            raise typer.Exit(code) from error


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="What tariffs, embargoes and trade agreements do to whom.",
)
worlds = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The tables that scenarios start from.")
app.add_typer(worlds, name="world")

DayOption = Annotated[
    str | None, typer.Option(help="The scenario on a day, such as 2025-08-07: only measures in force then.")
]
CaseOrFile = Annotated[str, typer.Argument(metavar="CASE|FILE", help="A bundled case or a .yaml file.")]


def _say(text: str = "") -> None:
    typer.echo(text)


def _say_error(text: str) -> None:
    typer.echo(text, err=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        import gaiatsu

        _say(f"gaiatsu {gaiatsu.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def run(
    context: typer.Context,
    case: CaseOrFile,
    out: Annotated[Path | None, typer.Option(help="Folder for the report [default: gaiatsu-CASE]")] = None,
    horizon: Annotated[str | None, typer.Option(help="Horizon of the headline: impact, short, medium or long.")] = None,
    world: Annotated[str | None, typer.Option(help="Another world, by name or path.")] = None,
    closure: Annotated[str | None, typer.Option(help="Deficits: fixed, proportional or balanced.")] = None,
    at: DayOption = None,
    draws: Annotated[int | None, typer.Option(help="Draws of the elasticities for the range, 0 for none.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder of an earlier run.")] = False,
) -> None:
    """Solve a scenario and write its report."""
    from gaiatsu.scenario.loading import load
    from gaiatsu.scenario.run import with_options

    scenario = with_options(load(case), horizon=horizon, world=world, closure=closure, at=at, draws=draws)
    folder = out if out is not None else Path(f"gaiatsu-{scenario.name}")
    check_output(folder, force=force)

    from gaiatsu import report
    from gaiatsu.report.sections import sections_of
    from gaiatsu.scenario.run import execute
    from gaiatsu.scenario.telling import tell_run

    with progress_bar(context.obj) as progress:
        solved = execute(scenario, progress=progress)
        progress(1, 1, "writing the report")
        report.write(solved, folder, force=force)
    for line in tell_run(solved):
        _say(line)
    for section in sections_of(solved):
        _say(f"{section.title}: {section.sentences[0]}")
    _say(f"Report: {folder / 'report.html'}")


def check_output(folder: Path, *, force: bool) -> None:
    """Raise OutputError unless a run folder can be written there; asked before the work, not after it."""
    from gaiatsu.report.folder import check_target

    target = Path(os.path.abspath(folder))
    check_target(target, force=force)
    above = target.parent
    while not above.exists():
        above = above.parent
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".gaiatsu-", dir=above))
    except OSError as error:
        raise OutputError(f"cannot write in {above}: {error.strerror}; choose another folder with --out") from error


@contextmanager
def progress_bar(stop: _Stop) -> Iterator[Progress]:
    """What is called between the steps: it ends a run that was asked to stop, and moves a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total, label: stop.check()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(done: int, total: int, label: str) -> None:
            stop.check()
            bar.update(task, completed=done, total=total, description=label)

        yield show


@app.command()
def check(case: CaseOrFile, at: DayOption = None) -> None:
    """Check a scenario and list every fault, without solving."""
    from gaiatsu.scenario.loading import load
    from gaiatsu.scenario.resolve import in_force, left_out, notes, resolve, world_of
    from gaiatsu.scenario.run import with_options

    scenario = with_options(load(case), at=at)
    world = world_of(scenario)
    measures = resolve(scenario, world)
    count = f"{len(measures)} measure{'s' if len(measures) > 1 else ''}"
    day = f" on {scenario.at}" if scenario.at else ""
    _say(f"{case}: good: {count}{day} on {world.name}, headline at the {scenario.horizon} horizon")
    for note in [*left_out(scenario), *notes(world, measures, in_force(scenario))]:
        _say(f"note: {note}")


@app.command()
def cases() -> None:
    """List the bundled cases."""
    from gaiatsu.scenario.loading import case_names, load

    names = case_names()
    width = max(map(len, names))
    for name in names:
        _say(f"{name:<{width}}  {load(name).title}")


app.command()(exposure)
app.command()(leverage)
app.command()(hedges)
app.command()(backtests)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from gaiatsu.scenario.schema import json_schema

    _say(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def cite(
    case: Annotated[str | None, typer.Argument(metavar="[CASE|FILE]", help="List a scenario's own sources.")] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="BibTeX only.")] = False,
    at: DayOption = None,
) -> None:
    """How to cite gaiatsu, its data, and a case's sources."""
    from gaiatsu.scenario.citing import as_bibtex, as_text, sources_of
    from gaiatsu.scenario.loading import load
    from gaiatsu.scenario.resolve import on_its_day
    from gaiatsu.scenario.run import with_options

    scenario = on_its_day(with_options(load(case), at=at)) if case else None
    if not bibtex:
        for line in as_text():
            _say(line)
        for line in sources_of(scenario) if scenario else []:
            _say(line)
        _say()
    _say(as_bibtex())


WorldName = Annotated[str, typer.Argument(metavar="[NAME|PATH]", help="A world, by name or path.")]


@worlds.command("list")
def list_worlds() -> None:
    """List the worlds that come with gaiatsu."""
    from gaiatsu.world.storage import known_worlds

    for name in known_worlds():
        _say(name)


@worlds.command("show")
def show_world(name: WorldName = "2022") -> None:
    """Show what a world holds and where it comes from."""
    from gaiatsu.world.describe import describe
    from gaiatsu.world.world import World

    _say(describe(World.load(name)))


@worlds.command("check")
def check_world(name: WorldName = "2022") -> None:
    """Check that the accounts of a world close."""
    from gaiatsu.world.world import World

    for gap, size in World.load(name).check().items():
        _say(f"{gap.replace('_', ' ')}: {size:.1e} of world output")
    _say(f"{name}: the accounts close")


@worlds.command("build")
def build_world(
    source: Annotated[str, typer.Argument(help="Which table: icio2025, wiod2016, exiobase3, figaro, adb, 2022, …")],
    tables: Annotated[Path, typer.Argument(metavar="PATH", help="The table's file, zip or folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write, such as my.world.")],
    year: Annotated[int | None, typer.Option(help="Which year, where the files hold several.")] = None,
    regions: Annotated[
        str | None, typer.Option(help='Regions to keep: "USA,JPN,EU=eu27"; the rest becomes ROW ("…,..." keeps it).')
    ] = None,
    sectors: Annotated[
        str | None, typer.Option(help='Sectors to keep: "C29,C24,SERV=G+H"; the rest becomes GOODS and SERVICES.')
    ] = None,
    duties: Annotated[
        str | None, typer.Option(help="none, a .csv, or the world whose duties to borrow [default: the default world]")
    ] = None,
) -> None:
    """Build a world from an official table: read, add up, repair, balance, check, write."""
    from gaiatsu.world.build import build
    from gaiatsu.world.describe import describe
    from gaiatsu.world.world import World

    build(source, tables, out, year=year, regions=regions, sectors=sectors, duties=duties)
    _say(describe(World.load(out)))


def main() -> NoReturn:
    """Entry point of the `gaiatsu` command."""
    app()
    raise SystemExit(0)
