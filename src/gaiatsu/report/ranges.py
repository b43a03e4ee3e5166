"""What the report says of the range of real income over the published trade elasticities."""

from __future__ import annotations

from typing import Any

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure, digits_for, range_heading, span
from gaiatsu.report.headline import Names
from gaiatsu.report.spreads import own_ranges, own_ranges_by_cause
from gaiatsu.report.tables import percentiles

SET_NAMES = {
    "fontagne": "Fontagné, Guimbard & Orefice", "caliendo-parro": "Caliendo & Parro, as estimated",
    "caliendo-parro-counterfactual": "Caliendo & Parro, as they used them",
    "giri-yi-yilmazkuday": "Giri, Yi & Yilmazkuday", "bagwell-staiger-yurukoglu": "Bagwell, Staiger & Yurukoglu",
    "lashkaripour-lugovskyy": "Lashkaripour & Lugovskyy", "shapiro": "Shapiro", "in-sample": "Lashkaripour, in-sample",
    "fontagne-tiva": "Fontagné, Guimbard & Orefice, TiVA", "uniform-4": "4 everywhere",
}  # fmt: skip


def sentence(run: Any, names: Names, chosen: list[str]) -> str:
    """How far the headline hangs on the elasticities, for the regions in focus."""
    own = own_ranges(run)
    told = [
        f"Over {of}, the change of real income lies "
        + words.listed(
            f"between {words.signed(own[code].low, 2)} and {words.signed(own[code].high, 2)}{words.SPACE}%"
            f" for {names.the(code)}"
            for code in codes
        )
        + "."
        for of, codes in own_ranges_by_cause(run, chosen).items()
    ]
    chosen = [code for code in chosen if code not in own]
    if run.range is None or not chosen:
        return " ".join(told)
    table = run.range.table.loc[chosen]
    digits = max(2, digits_for(list(table[["low", "high"]].to_numpy().ravel())))
    low, high = percentiles(run.range.share)
    parts = []
    for code in chosen:
        ends = [words.signed(table.at[code, end], digits) for end in ("low", "high")]
        parts.append(f"between {ends[0]} and {ends[1]}{words.SPACE}% for {names.the(code)}")
    count = len(run.range.sets)
    sets, whose = ("one published set", "its") if count == 1 else (f"{count} published sets", "their")
    told.append(
        f"Over {sets} of trade elasticities and {whose} printed standard errors, the change"
        f" of real income lies {words.listed(parts)} ({low} to {high}{words.SPACE}% of"
        f" {len(run.range.draws)} draws)."
    )
    return " ".join(told)


def by_set(run: Any, names: Names, chosen: list[str]) -> Figure | None:
    """Real income of the regions in focus with each published set, and over all."""
    if run.range is None or len(run.range.sets) < 2:
        return None
    draws, table = run.range.draws, run.range.table
    digits = digits_for(list(table.loc[chosen, ["low", "high"]].to_numpy().ravel()))
    groups = []
    for code in chosen:
        bars = []
        for name, values in draws[code].groupby(level="set", sort=False):
            least, most = float(values.min()), float(values.max())
            whisker = (least, most) if most - least > 0 else None
            middle = float(values.median())
            text = span(least, most, digits) if whisker else ""
            label = SET_NAMES.get(name, name)
            bars.append(Bar(label, middle, (words.signed(middle, digits), text), whisker=whisker))
        bars.sort(key=lambda bar: bar.value)
        row = table.loc[code]
        ends_of_all = (float(row["low"]), float(row["high"]))
        bars.append(
            Bar(
                "All draws", float(row["median"]), (words.signed(row["median"], digits), span(*ends_of_all, digits)),
                kind="whole", strong=True, whisker=ends_of_all,
            )
        )  # fmt: skip
        groups.append(Group(names.region[code], bars))
    title = "How much hangs on the elasticities"
    body = bar_table(
        groups, first="Set of trade elasticities", unit="percent", columns=("median, %", "range"),
        caption=f"{title}: real income by set of elasticities",
    )  # fmt: skip
    note = (
        "Median of the draws from each set; the line shows all its draws (one point where no standard errors"
        f" were found), and for all draws {range_heading(run)}. Every set counts the same. Only trade elasticities are"
        " drawn: not the tables, the upper nests, the horizon’s scale or the model."
    )
    return Figure("elasticity-sets", title, "change of real income, percent", body, note)


def facts(run: Any) -> dict[str, Any]:
    """What provenance.json says of the range."""
    if run.range is None:
        return {"draws": 0, "reason": run.no_range or "none asked for"}
    found = run.range
    return {
        "draws": len(found.draws), "sets": list(found.sets), "share": found.share,
        "failed": {str(draw): message for draw, message in found.failed.items()},
    }  # fmt: skip


def remarks(run: Any) -> list[str]:
    """What a reader must know where the range is incomplete or missing."""
    if run.no_range:
        return [f"No range is given: {run.no_range.rstrip('.')}."]
    return [f"Range: {note.rstrip('.')}." for note in run.range.notes] if run.range is not None else []
