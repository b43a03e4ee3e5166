"""The page of an analysis that is no scenario: exposure, leverage, hedges. The same kind of folder as a run's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from markupsafe import Markup

import gaiatsu
from gaiatsu.report import export, html
from gaiatsu.report.folder import MARK, write_folder
from gaiatsu.report.sections import Section


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands on a page.

    name: the command that made it; question: what was asked; lead: the answer in a sentence; facts: what goes into
    provenance.json beside versions and world.
    """

    name: str
    title: str
    question: str
    lead: str
    world: Any
    sections: tuple[Section, ...]
    assumptions: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def write_page(page: Page, folder: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write report.html, the tables and the provenance of an analysis, and return the folder.

    An existing folder is refused; with force it is replaced if it is empty or one of gaiatsu's. Raises OutputError; a
    failure leaves no half-written folder.
    """
    tables = {table.name: table for section in page.sections for table in section.tables}

    def fill(place: Path) -> None:
        (place / "report.html").write_text(render(page), encoding="utf-8", newline="\n")
        (place / "tables").mkdir()
        for table in tables.values():
            export.write_csv(table, place / "tables" / f"{table.name}.csv")
        export.write_workbook(tables, place / "tables.xlsx")
        text = json.dumps(_provenance(page), indent=2, ensure_ascii=False, sort_keys=True, default=str)
        (place / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")

    return write_folder(folder, fill, force=force)


def render(page: Page) -> str:
    """The page as text: one file with everything inside it."""
    version = str(gaiatsu.__version__)
    environment = html.environment()
    counts = [len(section.figures) for section in page.sections]
    return environment.get_template("page.html.j2").render(
        style=Markup(html.style()),
        page=page,
        version=version,
        starts=[1, *accumulate(counts, initial=1)][1:],
        source=f"Source: gaiatsu {version}, world {html.world_phrase(page.world)}",
        world_phrase=html.world_phrase(page.world),
        data=html.data_rows(page.world.provenance),
        tables=[table for section in page.sections for table in section.tables],
    )


def _provenance(page: Page) -> dict[str, Any]:
    return {
        **export.common_provenance(page.world, export.package_versions()),
        "analysis": {"name": page.name, "title": page.title, **page.facts},
    }
