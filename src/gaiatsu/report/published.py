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

SAME = 0.005  # points: what two decimals do not tell apart
QUANTITIES = {"real_gdp": "real GDP", "real_income": "real income"}
CAUTION = (
    "Others’ figures include what this model leaves out: confidence, investment, exchange rates, unemployment. A "
    "smaller figure of the same sign is expected here, and is no correction of theirs. Real income is compared, as "
    "GDP at constant prices hardly moves where everybody stays employed."
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
    mine, gdp = float(group.model_real_income_percent.iloc[0]), float(group.model_real_gdp_percent.iloc[0])
    digits = digits_for([mine, *group.low_percent, *group.high_percent])
    told = []
    places: dict[str, list[str]] = {}
    for _, row in group.iterrows():
        low, high = float(row.low_percent), float(row.high_percent)
        told.append(f"{words.signed(low, 2) if low == high else span(low, high, 2)}{words.SPACE}% ({row.who})")
        place, gap = place_of(mine, low, high)
        places.setdefault(place, []).append(f"{row.who}{f' by {gap:.{digits}f} points' if gap else ''}")
    where = words.listed(f"{place} {words.listed(who)}" for place, who in places.items())
    return (
        f"Published for {names.the(region)}, {QUANTITIES[quantity]}: {words.listed(told)}. This model "
        f"{words.HORIZONS[horizon][0]}: {words.signed(mine, digits)}{words.SPACE}% of real income, {where}; its real "
        f"GDP at constant prices, all employed, moves by {words.signed(gdp, digits)}{words.SPACE}%."
    )


def place_of(mine: float, low: float, high: float) -> tuple[str, float]:
    """Where a number lies against an estimate or its range, in words, and how many points apart; percent."""
    if low < high and low <= mine <= high:
        return "inside the range of", 0.0
    if abs(mine - low) < SAME and abs(mine - high) < SAME:
        return "the same as", 0.0
    gap = max(low - mine, mine - high)
    if mine * (low + high) < 0:
        return "of the opposite sign to", gap
    return ("larger than" if abs(mine) > max(abs(low), abs(high)) else "smaller than"), gap


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
