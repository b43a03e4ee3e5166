"""What others have published of the same question, beside this model."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure, digits_for, span
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.scenario.citing import tell_reference

QUANTITIES = {"real_gdp": "real GDP", "real_income": "real income"}
CAUTION = (
    "Others’ figures include what this model leaves out: confidence, investment, exchange rates, unemployment. A "
    "smaller figure here is expected, and is no correction of theirs. Real income is compared, because GDP at constant "
    "prices hardly moves where everybody stays employed."
)


def sections(run: Any) -> list[Section]:
    """The section on the published estimates of a scenario; none where measures were left out, or its horizons were."""
    estimates = [item for item in run.scenario.published if item.horizon in run.outcomes]
    if not estimates or run.left_out:
        return []
    names = Names.of(run.world)
    rows = [_row(run, item) for item in estimates]
    frame = pd.DataFrame(rows)
    sentences = [
        _sentence(group, names, str(region), str(quantity), str(horizon))
        for (region, quantity, horizon), group in frame.groupby(["region", "of", "horizon"], sort=False)
    ]
    return [
        Section(
            "published", "Beside published estimates", tuple(sentences), figures=(_figure(frame, names),),
            tables=(Table("published_estimates", "Published estimates beside this model, percent", frame),),
            cautions=(CAUTION, *_covers(estimates)), sources=_sources(run.scenario, estimates),
        )
    ]  # fmt: skip


def _row(run: Any, item: Any) -> dict[str, Any]:
    code = run.world.regions[int(run.world.region_indices(item.region)[0])]
    low, high = (100 * end for end in item.ends)
    mine = run.outcomes[item.horizon].summary().loc[code]
    return {
        "region": code, "of": item.of, "horizon": item.horizon, "who": item.who, "low_percent": low,
        "high_percent": high, "model_real_income_percent": float(mine["real_income"]),
        "model_real_gdp_percent": float(mine["real_gdp"]), "covers": item.covers or "",
    }  # fmt: skip


def _sentence(group: pd.DataFrame, names: Names, region: str, quantity: str, horizon: str) -> str:
    low, high = float(group.low_percent.min()), float(group.high_percent.max())
    mine, gdp = float(group.model_real_income_percent.iloc[0]), float(group.model_real_gdp_percent.iloc[0])
    digits = digits_for([low, high, mine])
    told = words.signed(low, 2) if low == high else span(low, high, 2)
    who = words.listed(dict.fromkeys(group.who))
    if low <= mine <= high:
        place = "inside them" if low < high else "the same"
    else:
        gap = low - mine if mine < low else mine - high
        size = "larger" if abs(mine) > max(abs(low), abs(high)) else "smaller"
        place = f"outside them by {words.signed(gap, digits).lstrip('+')} points, {size}"
    here = f"{words.HORIZONS[horizon][0]}: {words.signed(mine, digits)}{words.SPACE}% of real income, {place}"
    return (
        f"Published for {names.the(region)}: {told}{words.SPACE}% of {QUANTITIES[quantity]} ({who}). This model {here};"
        f" its real GDP at constant prices, all employed, moves by {words.signed(gdp, digits)}{words.SPACE}%."
    )


def _figure(frame: pd.DataFrame, names: Names) -> Figure:
    groups = []
    for (region, quantity, horizon), group in frame.groupby(["region", "of", "horizon"], sort=False):
        mine = float(group.model_real_income_percent.iloc[0])
        bars = [Bar("This model, real income", mine, (words.signed(mine, 2), ""), strong=True)]
        for _, row in group.iterrows():
            low, high = float(row.low_percent), float(row.high_percent)
            middle, ends = (low + high) / 2, None if low == high else (low, high)
            texts = (words.signed(middle, 2), span(low, high, 2) if ends else "")
            bars.append(Bar(str(row.who), middle, texts, kind="whole", whisker=ends))
        heading = f"{names.region[str(region)]}, others’ {QUANTITIES[str(quantity)]}, {words.HORIZONS[str(horizon)][0]}"
        groups.append(Group(heading, bars))
    title = "This model beside published estimates"
    body = bar_table(groups, first="Estimate", unit="percent", columns=("%", "range, %"), caption=title)
    note = "What each includes is listed below; where a range was published, the bar ends at its middle."
    return Figure("published-estimates", title, "change, percent", body, note)


def _covers(estimates: list[Any]) -> list[str]:
    return [f"{item.who}: {item.covers}" for item in estimates if item.covers]


def _sources(scenario: Any, estimates: list[Any]) -> tuple[Source, ...]:
    keys = dict.fromkeys(key for item in estimates for key in item.source or [])
    found = []
    for key in keys:
        reference = scenario.references.get(key)
        if reference is None:
            found.append(Source(key, key))
        else:
            plain = reference.model_copy(update={"address": None})
            found.append(Source(tell_reference(plain), reference.address or ""))
    return tuple(found)
