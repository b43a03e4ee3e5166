"""`gaiatsu exposure`: how much of an economy hangs on another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gaiatsu.commands import words

if TYPE_CHECKING:
    from gaiatsu.report.page import Page

PRINTED = 8  # sectors in the table on the terminal
BUNDLED = ("wiod2014", "2022")  # the trend compares these, when one of them is asked for


def exposure(
    region: Annotated[str, typer.Argument(help="Whose exposure: a country, or a group such as eu27.")],
    to: Annotated[str | None, typer.Option(help="To whom; left out, to every other country, ranked.")] = None,
    sectors: Annotated[str, typer.Option(help="Value added, inputs and trade of these: codes, names, goods …")] = "all",
    world: Annotated[str | None, typer.Option(help="Another world, by name or path.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for a page with figures and tables.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder of an earlier run.")] = False,
) -> None:
    """Whose demand carries an economy's value added, and on whose production it relies."""
    from gaiatsu.cli import check_output

    if out is not None:
        check_output(out, force=force)
    from gaiatsu.scenario.schema import DEFAULT_WORLD
    from gaiatsu.world.world import World

    page = _page(World.load(world or DEFAULT_WORLD), words(region), words(to) if to else None, words(sectors))
    _tell(page)
    if out is None:
        typer.echo("Figures and tables: add --out FOLDER.")
        return
    from gaiatsu.report.page import write_page

    write_page(page, out, force=force)
    typer.echo(f"Page: {out / 'report.html'}")


def _page(world: Any, region: tuple[str, ...], to: tuple[str, ...] | None, sectors: tuple[str, ...]) -> Page:
    from gaiatsu.report.exposure import pair_page, partners_page

    if to is None:
        return partners_page(world, region, sectors=sectors)
    return pair_page(world, region, to, sectors=sectors, worlds=_years(world))


def _years(world: Any) -> list[Any]:
    """The embedded worlds, where the one asked for is one of them."""
    from gaiatsu.world.world import World

    if world.name not in BUNDLED:
        return []
    return [world if name == world.name else World.load(name) for name in BUNDLED]


def _tell(page: Page) -> None:
    """The page's sentences, and the table by sector or partner."""
    typer.echo(page.title)
    typer.echo(page.lead)
    tables = {table.name: table for section in page.sections for table in section.tables}
    for section in page.sections:
        for sentence in section.sentences:
            if sentence != page.lead:
                typer.echo(sentence)
        if section.key == "exposure":
            for line in _table(tables):
                typer.echo(line)
        for caution in section.cautions:
            typer.echo(f"To be read with care: {caution}")


def _table(tables: dict[str, Any]) -> list[str]:
    """The largest sectors, or partners where no partner was named, as lines of text."""
    from gaiatsu.report.words import sector_name

    heads: tuple[str, ...]
    cells: list[tuple[str, ...]]
    if "exposure_sectors" in tables:
        frame = tables["exposure_sectors"].frame
        rows = frame[frame["carried_usd_million"] > 0].head(PRINTED)
        heads = ("Sector", "US$ bn", "% of sector", "research-intensive")
        cells = [
            (
                sector_name(row.sector, row.sector_name),
                f"{row.carried_usd_million / 1000:,.2f}",
                f"{100 * row.carried_fraction:.2f}",
                "" if row.research_intensive == "no" else row.research_intensive,
            )
            for row in rows.itertuples()
        ]
    else:
        frame = tables["exposure_partners"].frame
        rows = frame[frame["carried_fraction"] > 0].head(PRINTED)
        heads = ("Partner", "% of value added")
        cells = [(row.region_name, f"{100 * row.carried_fraction:.2f}") for row in rows.itertuples()]
    if not cells:
        return []
    widths = [max(len(row[k]) for row in (heads, *cells)) for k in range(len(heads))]
    lines = []
    for row in (heads, *cells):
        texts = [
            f"{text:<{width}}" if k in (0, 3) else f"{text:>{width}}"
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(texts).rstrip())
    return lines
