"""Sections of the exposure page on whose production a region's producers call on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.exposed import Exposed, named, percent
from gaiatsu.report.figures import Figure
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled

SHOWN = 12  # users or countries in a figure; the tables have all
LARGE = 0.01  # of all inputs: smaller users are only in the table
LOOKED_THROUGH = Source(
    "Baldwin, R., Freeman, R. and Theodorakopoulos, A. (2023). Hidden Exposure: Measuring US Supply Chain Reliance."
    " Brookings Papers on Economic Activity 54(2), 79–167",
    "https://www.brookings.edu/articles/hidden-exposure-measuring-us-supply-chain-reliance/",
)


def inputs_section(one: Exposed, other: Exposed) -> Section:
    """Reliance on the other's production, at face value and looked through."""
    sentences = [_reliance(one, other), _reliance(other, one)]
    users = one.called.by_user(one.region, other.region)
    users = users[users.index.isin(one.chosen)].sort_values("looked_through_fraction", ascending=False, kind="stable")
    large = users[users["inputs_usd_million"] >= LARGE * users["inputs_usd_million"].sum()]
    title = f"Production in {other.phrase} that {one.producers} call on"
    note = (
        "Of all production called on for the inputs of a sector, home included. Face value: from whom inputs are"
        " bought. Looked through: where they and all that went into them were made. Users of at least"
        f" {100 * LARGE:g} % of all inputs."
    )
    return Section(
        "exposure-inputs",
        "Inputs, looked through",
        tuple(sentences),
        figures=(_called_on("users", title, "User", large, one.names.sector, note),) if len(large) else (),
        tables=(
            Table("exposure_inputs_users", "Reliance on the partner's production, by user", named(users, one)),
            _input_sources_table(one),
        ),
        sources=(LOOKED_THROUGH,),
    )


def sources_section(one: Exposed) -> Section:
    """All countries on whose production a region's users rely."""
    frame = one.called.sources(one.region, one.sectors)
    frame = frame.sort_values("looked_through_fraction", ascending=False, kind="stable")
    whole = frame.sum()
    sentence = (
        f"Looked through, {words.percent(100 * whole['looked_through_fraction'])} of the production that"
        f" {one.producers} call on for their inputs is foreign ({words.percent(100 * whole['face_fraction'])} at face"
        f" value){one.largest(frame['looked_through_fraction'], 'single source')}."
        if whole["looked_through_fraction"]
        else _none(one)
    )
    title = f"Where the inputs of {one.producers} are made"
    return Section(
        "exposure-inputs",
        "Inputs, looked through",
        (sentence,),
        figures=(_called_on("sources", title, "Country", frame, one.names.region),)
        if whole["looked_through_fraction"]
        else (),
        tables=(_input_sources_table(one),),
        sources=(LOOKED_THROUGH,),
    )


def _called_on(
    key: str, title: str, first: str, frame: pd.DataFrame, names: Mapping[str, str], note: str = ""
) -> Figure:
    """Bars of the first rows: production called on, looked through and at face value; names: by the frame's codes."""
    bars = [
        Bar(
            names[str(code)],
            100 * row.looked_through_fraction,
            (percent(row.looked_through_fraction), percent(row.face_fraction)),
            kind="one",
        )
        for code, row in frame.head(SHOWN).iterrows()
    ]
    body = bar_table(
        [Group("", bars)], first=first, unit="percent, looked through", columns=("looked through, %", "face value, %"),
        caption=title,
    )  # fmt: skip
    return Figure(f"exposure-inputs-{key}", title, "percent of production called on", body, note)


def _reliance(one: Exposed, other: Exposed) -> str:
    found = one.called.reliance(one.region, other.region, one.sectors)
    if not found["face_foreign"]:
        return _none(one)
    return (
        f"Of the production that {one.producers} call on for their inputs, "
        f"{words.percent(100 * found['face'])} is that of {other.phrase} at face value and"
        f" {words.percent(100 * found['looked_through'])} looked through; all foreign production together,"
        f" {words.percent(100 * found['face_foreign'])} and {words.percent(100 * found['looked_through_foreign'])}."
    )


def _none(one: Exposed) -> str:
    return f"{words.upper_first(one.producers)} use no foreign inputs."


def _input_sources_table(one: Exposed) -> Table:
    frame = one.called.sources(one.region, one.sectors).reset_index(names="region")
    frame = frame.sort_values("looked_through_fraction", ascending=False, kind="stable")
    title = f"Each other country's part of what {one.producers} call on, at face value and looked through"
    return Table("exposure_inputs_sources", title, labelled(frame, one.world))
