"""`gaiatsu hedges`: what would hedge a country against a threat, per dollar."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gaiatsu.commands import words


def hedges(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE|FILE", help="The threat: a bundled case or a .yaml file.")],
    region: Annotated[str, typer.Option("--for", help="Who is to be hedged: a country, several, or a group.")],
    horizon: Annotated[str | None, typer.Option(help="Horizon of the threat: impact, short, medium or long.")] = None,
    world: Annotated[str | None, typer.Option(help="Another world, by name or path.")] = None,
    joint: Annotated[int, typer.Option(help="How many of the best hedges to try in all combinations, at most 6.")] = 4,
    draws: Annotated[int, typer.Option(help="Draws of the elasticities for the ranges, 0 for none.")] = 8,
    out: Annotated[Path | None, typer.Option(help="Folder for a page with figures and tables.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder of an earlier run.")] = False,
) -> None:
    """Rank hedges against a threat by loss avoided per dollar, and try the best together."""
    from gaiatsu.cli import check_output, progress_bar
    from gaiatsu.errors import ScenarioError

    if not 0 <= draws <= 1024:
        raise ScenarioError(f"--draws is {draws}; it must be from 0 to 1024")
    if out is not None:
        check_output(out, force=force)
    from gaiatsu.report.hedges import hedges_page, told
    from gaiatsu.strategy.hedge import hedges as compare

    regions = words(region)
    with progress_bar(context.obj) as progress:
        found = compare(
            case, regions, world=world, horizon=horizon, joint=joint, draws=draws, progress=progress
        )  # fmt: skip
    for line in told(found):
        typer.echo(line)
    if out is None:
        typer.echo("Figures and tables: add --out FOLDER.")
        return
    from gaiatsu.report.page import write_page

    write_page(hedges_page(found), out, force=force)
    typer.echo(f"Page: {out / 'report.html'}")
