"""The tables of an agreement by chapter, as plain frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.report.tables import labelled
from gaiatsu.scenario import agreement_chapters as library
from gaiatsu.scenario import parties
from gaiatsu.scenario.measures import Agreement
from gaiatsu.trade.chapter_gains import ChapterGains, beside, gains_by_sector
from gaiatsu.trade.wedges import touched_cells

END_PLACES = 3  # of the path by sector at the low and high sizes


def totals(run: Any, gains: ChapterGains) -> tuple[pd.DataFrame, list[str]]:
    """Real income by region: central, and low and high over the sizes and, where there is a range, the elasticities."""
    ends = [gains.whole.T]
    remark = []
    if run.range is not None:
        ends.append(run.range.table[["low", "high"]])
        choice = run.scenario.elasticities
        for outcome in gains.outcomes.values():
            try:
                ends.append(outcome.range(choice.draws, sets=choice.range_over).table[["low", "high"]])
            except (ConvergenceError, ScenarioError) as error:
                remark.append(f"The range leaves out the elasticities at one of the sizes: {error}.")
    both = pd.concat(ends, axis=1)
    frame = pd.DataFrame({"central": gains.whole.loc["central"], "low": both.min(axis=1), "high": both.max(axis=1)})
    return frame, remark


def chapter_table(gains: ChapterGains, world: Any) -> pd.DataFrame:
    parts = []
    for chapter in gains.contribution.index:
        frame = pd.DataFrame({
            "region": gains.contribution.columns, "chapter": chapter, "title": library.chapters()[chapter].title,
            "contribution_percentage_points": gains.contribution.loc[chapter].to_numpy(),
            "low_size_percentage_points": gains.low.loc[chapter].to_numpy(),
            "high_size_percentage_points": gains.high.loc[chapter].to_numpy(),
            "alone_percentage_points": gains.alone.loc[chapter].to_numpy(),
        })  # fmt: skip
        parts.append(frame)
    return labelled(pd.concat(parts, ignore_index=True), world)


def size_table(agreement: Agreement, world: Any) -> pd.DataFrame:
    """One row for each chapter and group of importers: sizes, standing, what is in force, how found, sources."""
    shares = dict(agreement.in_force)
    touched = {part.chapters[0][0]: _touched(part, world) for part in agreement.by_chapter(world)}
    members = [world.regions[place] for place in world.region_indices(agreement.between)]
    agreed = library.already_agreed(members)
    rows: list[dict[str, Any]] = []
    for name, size in agreement.chapters:
        chapter, trade = library.chapters()[name], touched.get(name, {})
        common: dict[str, Any] = {
            "chapter": name,
            "title": chapter.title,
            "in_force_percent": 100 * shares.get(name, 0.0),
        }
        common["agreed"] = f"{agreed[name].has}: {agreed[name].note}" if name in agreed else ""
        if not isinstance(size, str):
            common["trade_usd_million"] = sum(trade.values())
            value = {f"{level}_percent": 100 * size for level in library.LEVELS}
            own = dict.fromkeys(("standing", "low_standing", "high_standing"), "own")
            rows.append({**common, "where": "", **value, **own, "how": "given in the scenario", "sources": ""})
            continue
        by_level = {level: library.by_importer(chapter, level, world, agreement.between) for level in library.LEVELS}
        for place, (importers, central) in enumerate(by_level[size]):
            found = {level: by_level[level][place][1] for level in library.LEVELS}
            rows.append({
                **common, "where": "" if len(by_level[size]) == 1 else f"imports of {' '.join(importers)}",
                "low_percent": 100 * found["low"].cut, "central_percent": 100 * central.cut,
                "high_percent": 100 * found["high"].cut,
                "trade_usd_million": sum(trade.get(code, 0.0) for code in importers), "standing": central.standing,
                "low_standing": found["low"].standing, "high_standing": found["high"].standing,
                "how": central.how, "sources": " ".join(dict.fromkeys(k for s in found.values() for k in s.sources)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _touched(part: Agreement, world: Any) -> dict[str, float]:
    """Importer → trade that a chapter touches, US$ million before duty."""
    cells = touched_cells(part, world)
    assert cells is not None
    amount = np.bincount(cells[0], world.accounts.flows[cells], len(world.regions))
    return dict(zip(world.regions, amount.tolist(), strict=True))


def sector_table(run: Any, agreement: Agreement, gains: ChapterGains, shown: Sequence[str]) -> pd.DataFrame | None:
    """Gains by sector at the three sizes, or None where derivatives do not exist."""
    others = beside(run.outcome, agreement)
    try:
        found = {"central": gains_by_sector(run.outcome, others, shown)}
        for level, outcome in gains.outcomes.items():
            found[level] = gains_by_sector(outcome, others, shown, END_PLACES)
    except ConvergenceError:
        return None
    parts = []
    for code in shown:
        columns = {f"{level}_percentage_points": found[level][code].to_numpy() for level in library.LEVELS}
        frame = pd.DataFrame({"region": code, "sector": list(run.world.sectors), **columns})
        parts.append(frame[frame["central_percentage_points"] != 0])
    return labelled(pd.concat(parts, ignore_index=True), run.world)


def trade_table(run: Any, agreement: Agreement) -> pd.DataFrame:
    frame, regions = run.outcome.table("exports"), run.world.regions
    pairs = {(regions[buyer], regions[seller]) for buyer, seller in parties.pairs(run.world, agreement.between)}
    covered = [pair in pairs for pair in zip(frame["importer"], frame["exporter"], strict=True)]
    frame = frame[covered].reset_index(drop=True)
    units = {name: f"{name}_usd_million" for name in ("baseline", "counterfactual", "change")}
    return labelled(frame.rename(columns=units), run.world)
