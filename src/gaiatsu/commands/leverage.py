"""`gaiatsu leverage`: who holds leverage over whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gaiatsu.commands import words
from gaiatsu.errors import ScenarioError


def leverage(
    context: typer.Context,
    by: Annotated[str | None, typer.Argument(help="Who closes its border: a country, or a group such as quad.")] = None,
    on: Annotated[str | None, typer.Argument(help="To whom; left out, to every other country in turn.")] = None,
    matrix: Annotated[bool, typer.Option("--matrix", help="Every country over every other.")] = False,
    regions: Annotated[
        str | None, typer.Option(help="With --matrix: among whom, such as g20 or USA,CHN,JPN [default: all]")
    ] = None,
    sectors: Annotated[str, typer.Option(help="What is closed: codes, names, goods, services or all.")] = "all",
    side: Annotated[str, typer.Option(help="exports (stops selling), imports (stops buying) or both.")] = "both",
    horizon: Annotated[str, typer.Option(help="Horizon of the headline: impact, short, medium or long.")] = "short",
    world: Annotated[str | None, typer.Option(help="Another world, by name or path.")] = None,
    elasticities: Annotated[str, typer.Option(help="A set of trade elasticities, by name.")] = "fontagne",
    draws: Annotated[int, typer.Option(help="Draws of the elasticities for the range of a pair, 0 for none.")] = 64,
    out: Annotated[Path | None, typer.Option(help="Folder for a page with figures and tables.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder of an earlier run.")] = False,
) -> None:
    """What closing a border costs the other side, and the one who closes it."""
    from gaiatsu.cli import check_output, progress_bar

    if bool(by) == matrix:
        raise ScenarioError(
            "say between whom: `gaiatsu leverage CHN JPN`, `gaiatsu leverage CHN` (over everybody), or "
            "`gaiatsu leverage --matrix` (everybody over everybody)"
        )
    if regions is not None and not matrix:
        raise ScenarioError("--regions goes with --matrix")
    if by and on is None and len(words(by)) > 1:
        raise ScenarioError(f"{by} is several regions: name against whom, such as `gaiatsu leverage {by} CHN`")
    if not 0 <= draws <= 1024:
        raise ScenarioError(f"--draws is {draws}; it must be from 0 to 1024")
    if out is not None:
        check_output(out, force=force)
    from gaiatsu.scenario.schema import DEFAULT_WORLD
    from gaiatsu.world.world import World

    asked: dict[str, Any] = {
        "sectors": words(sectors),
        "side": side,
        "horizon": horizon,
        "elasticity_set": elasticities,
    }
    with progress_bar(context.obj) as progress:
        page = _page(World.load(world or DEFAULT_WORLD), by, on, words(regions or "all"), draws, asked, progress)
    _tell(page, out, force)


def _page(
    world: Any, by: str | None, on: str | None, regions: tuple[str, ...], draws: int, asked: dict[str, Any],
    progress: Any,
) -> Any:  # fmt: skip
    if by is None:
        from gaiatsu.exposure.leverage import check_words
        from gaiatsu.exposure.matrix import leverage_matrix
        from gaiatsu.report.leverage_all import matrix_page
        from gaiatsu.trade.horizon import horizon

        check_words([asked["side"]], [asked["horizon"]])
        chosen = horizon(asked["horizon"], world, asked.pop("elasticity_set"))
        return matrix_page(leverage_matrix(world, regions=regions, elasticities=chosen, progress=progress, **asked))
    if on is None:
        from gaiatsu.report.leverage_all import power_page

        return power_page(world, by, progress=progress, **asked)
    from gaiatsu.report.leverage import pair_page

    return pair_page(world, words(by), words(on), draws=draws, **asked)


def _tell(page: Any, out: Path | None, force: bool) -> None:
    """The page's sentences, and where it is."""
    typer.echo(page.title)
    typer.echo(page.lead)
    for section in page.sections:
        for sentence in section.sentences:
            typer.echo(sentence)
        for caution in section.cautions[:5]:
            typer.echo(f"To be read with care: {caution}")
    if out is None:
        typer.echo("Figures and tables: add --out FOLDER.")
        return
    from gaiatsu.report.page import write_page

    write_page(page, out, force=force)
    typer.echo(f"Page: {out / 'report.html'}")
