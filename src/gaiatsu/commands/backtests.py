"""`gaiatsu backtests`: forecasts of past episodes beside what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def backtests(
    out: Annotated[Path | None, typer.Option(help="Folder for a page with figure and tables.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder of an earlier run.")] = False,
) -> None:
    """Fifteen episodes of economic pressure: what the model says, mostly from data before them, and what happened."""
    from gaiatsu.cli import check_output

    if out is not None:
        check_output(out, force=force)
    from gaiatsu.exposure.backtests import score_table
    from gaiatsu.report.backtests import CAUTIONS, backtests_page, lead, points, sentences

    table = score_table()
    typer.echo(f"{'forecast, %':>11}  {'5 to 95 %':>14}  {'happened, %':>11}")
    for line in table.itertuples():
        band = f"{points(line.low)} to {points(line.high)}"
        outside = " " if line.covered else "*"
        flow = {"bilateral": "", "total": "; all exports", "others": "; others", "share": "; share"}.get(
            line.quantity, "; price"
        )
        typer.echo(
            f"{points(line.predicted):>11}  {band:>14}  {points(line.observed):>10}{outside}"
            f"  {line.episode}, {line.product}{flow} ({line.window})"
        )
    typer.echo("* outside the band")
    for sentence in (lead(table), *sentences(table)):
        typer.echo(sentence)
    typer.echo("To be read with care: " + " ".join(CAUTIONS[:2]))
    if out is None:
        typer.echo("Figure, sources and tables: add --out FOLDER.")
        return
    from gaiatsu.report.page import write_page
    from gaiatsu.world.world import World

    write_page(backtests_page(World.load("2022")), out, force=force)
    typer.echo(f"Page: {out / 'report.html'}")
