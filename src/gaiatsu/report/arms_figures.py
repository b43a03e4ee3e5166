"""The figures of a report on arms: suppliers before and after, cost of a joint line by volume, precedents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, Scale, bar_table, scale_for, tick_text
from gaiatsu.report.figures import Figure
from gaiatsu.security.arms import OWN, Moved, Profile
from gaiatsu.security.arms_register import supplier_name

PERCENT = f"{words.SPACE}%"
SHOWN, LEAST = 6, 0.005  # suppliers of a recipient; the smallest share that rounds to one percent
MOST_SHOWN = 4  # times the planned volume: break-even volumes beyond run out of the picture
ASSUMED = "ranges of premium, learning and set-up as told under “what it rests on”; table of precedents"
JOINED = "\u2060–\u2060"  # a dash at which a line does not break
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 390.0, 260.0, 40.0, 12.0, 26.0, 36.0


def percents(low: float, high: float) -> str:
    """Two shares as "67 to 87", or one where they round to the same; "less than 1" where one is more than nothing."""
    first, last = (
        "less than 1" if share > 0 and round(100 * share) == 0 else f"{100 * share:.0f}" for share in (low, high)
    )
    return first if first == last else f"{first} to {last}"


def rate_span(pair: tuple[float, float], digits: int = 0) -> str:
    """A range of rates in percent, with signs."""
    low, high = (words.signed(100 * value, digits) for value in sorted(pair))
    return f"{low}{PERCENT}" if low == high else f"{low} to {high}{PERCENT}"


def rate(value: float) -> str:
    """A rate in percent without a plus."""
    return f"{100 * value:.3g}{PERCENT}".replace("-", words.MINUS)


def place_name(code: str) -> str:
    """A source's name in tables."""
    return "Own part of the line" if code == OWN else words.upper_first(supplier_name(code))


def suppliers_figure(profiles: Mapping[str, Profile], moved: Mapping[str, tuple[Moved, Moved]], source: str) -> Figure:
    """Shares of suppliers by recipient; where a joint line moves them, before and after."""
    groups = []
    for recipient, found in profiles.items():
        bars: list[Bar] = []
        after = moved.get(recipient)
        codes = list(found.shares[found.shares >= LEAST].index[:SHOWN])
        if after:
            codes += [code for code in after[0].shares.index if code not in codes and _moves(found, after, code)]
        for code in codes:
            before = 100 * float(found.shares.get(code, 0.0))
            ends = [100 * float(item.shares.get(code, 0.0)) for item in after] if after else [before]
            bars += _rows(place_name(code), before, min(ends), max(ends))
        groups.append(Group(f"{words.upper_first(supplier_name(recipient))}, {_span(found.years)}", bars))
    title = "From whom arms come" + (", before and after" if moved else "")
    body = bar_table(groups, first="Supplier", unit="percent of deliveries", columns=("%",), caption=title)
    note = (
        f"Deliveries by SIPRI’s trend-indicator value, the largest suppliers ({SHOWN} at most"
        f"{', and all whose share changes' if moved else ''})."
    )
    if moved:
        note += " “After” reaches from the lowest to the highest, over the share that moves to the joint line."
    return Figure("arms-suppliers", title, "share of deliveries of major arms, percent", body, note, source=source)


def _moves(found: Profile, after: tuple[Moved, Moved], code: str) -> bool:
    before = float(found.shares.get(code, 0.0))
    return any(abs(float(item.shares.get(code, 0.0)) - before) > 1e-9 for item in after)


def _rows(label: str, before: float, low: float, high: float) -> list[Bar]:
    """One bar where nothing moves; otherwise before, and after from the lowest to the highest."""
    if abs(low - before) < 1e-9 and abs(high - before) < 1e-9:
        return [Bar(label, before, (f"{before:.0f}",), kind="whole")]
    after = Bar(
        "after" if before > 0 else f"{label}, after", high, (percents(low / 100, high / 100),), kind="two",
        span=(low, high) if high > low else None,
    )  # fmt: skip
    return [Bar(label, before, (f"{before:.0f}",), kind="one"), after] if before > 0 else [after]


def _span(years: tuple[int, int]) -> str:
    return f"{years[0]}{JOINED}{years[1] % 100:02d}" if years[1] > years[0] else f"{years[0]}"


# ------------------------------------------------------------------------------------------ cost against volume
@dataclass(frozen=True)
class Curve:
    """Cost in all by volume, US$ million: bought abroad, and of the joint line at its lowest and highest.

    falling: the highest where the premium is of the first unit and falls with learning; planned: the volume planned;
    edges: the break-even volumes, the second inf where there is none.
    """

    volume: np.ndarray
    abroad: np.ndarray
    low: np.ndarray
    falling: np.ndarray
    high: np.ndarray
    planned: float
    edges: tuple[float, float]


def cost_figure(curve: Curve, unit: str) -> Figure:
    """The straight line of buying abroad and the band of the joint line."""
    top = max(float(curve.high.max()), float(curve.abroad.max())) / 1000
    across, up = scale_for([0.0, float(curve.volume[-1])]), scale_for([0.0, top])
    across = Scale(0.0, float(curve.volume[-1]), tuple(tick for tick in across.ticks if tick <= curve.volume[-1]))
    parts = [_frame(across, up, f"units of the joint line ({unit})", "US$ billion in all")]
    points = [*zip(curve.volume, curve.high, strict=True), *zip(curve.volume[::-1], curve.low[::-1], strict=True)]
    parts.append(f'<polygon class="g1" points="{_points(points, across, up)}"><title>joint line</title></polygon>')
    for values in (curve.low, curve.high):
        path = _points(list(zip(curve.volume, values, strict=True)), across, up)
        parts.append(f'<polyline class="line s1" points="{path}"/>')
    path = _points(list(zip(curve.volume, curve.falling, strict=True)), across, up)
    parts.append(f'<polyline class="line s1" stroke-dasharray="2 3" points="{path}"/>')
    path = _points([(0.0, 0.0), (float(curve.volume[-1]), float(curve.abroad[-1]))], across, up)
    parts.append(f'<polyline class="line s0" stroke-dasharray="6 3" points="{path}"/>')
    x = _x(across, curve.planned)
    parts.append(f'<line class="zero" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    parts.append(f'<text x="{x - 4:.1f}" y="{TOP + 9}" text-anchor="end">planned: {curve.planned:.0f}</text>')
    for edge in curve.edges:
        if math.isfinite(edge) and edge <= curve.volume[-1]:
            y = _y(up, edge * float(curve.abroad[-1]) / float(curve.volume[-1]) / 1000)
            parts.append(f'<circle class="step" cx="{_x(across, edge):.1f}" cy="{y:.1f}" r="3.4"/>')
    alternative = (
        f"Cost of the joint line by volume as a band, of buying abroad as a straight line; they meet {_meeting(curve)}"
    )
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(alternative)}</title>'
        f"{''.join(parts)}</svg>"
    )
    key = Markup(
        '<span class="key"><svg class="dot" aria-hidden="true"><rect class="g1" width="100%" height="100%"/></svg>'
        " joint line, its whole range (dotted: the most where the premium falls)</span> "
        '<span class="key"><svg class="dot" aria-hidden="true">'
        '<rect class="loss" width="100%" height="100%"/></svg> all bought abroad (dashed)</span> '
    )
    note = (
        "The band is over premium, learning and set-up, up to a line in each country that makes something, and over "
        "both readings of the premium: of the first unit, falling with learning (up to the dotted line), or of the "
        f"whole run. Dots: where the line has cost no more than buying abroad, {_meeting(curve)}."
    )
    title = "What the joint line costs in all"
    return Figure("arms-cost", title, "US$ billion, by number of units", body, note, key, source=ASSUMED)


def _meeting(curve: Curve) -> str:
    first, last = curve.edges
    if not math.isfinite(first):
        return "nowhere"
    if not math.isfinite(last):
        return f"from {first:,.0f} units on at its kindest, never at its harshest"
    return f"at {first:,.0f} units" if first == last else f"from {first:,.0f} to {last:,.0f} units"


def _points(points: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
    return " ".join(f"{_x(across, float(x)):.1f},{_y(up, float(y) / 1000):.1f}" for x, y in points)


def _x(scale: Scale, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * scale.place(value) / 100


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.place(value) / 100


def _frame(across: Scale, up: Scale, below: str, beside: str) -> str:
    """Grid, ticks and names of the axes."""
    parts = []
    for tick in up.ticks:
        y, kind = _y(up, tick), "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{tick_text(tick)}</text>')
    for tick in across.ticks:
        x = _x(across, tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="soft" x="{x:.1f}" y="{HEIGHT - BOTTOM + 13}" text-anchor="middle">{tick_text(tick)}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="soft" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(below)}</text>')
    parts.append(f'<text class="soft" x="2" y="11">{escape(beside)}</text>')
    return "".join(parts)


# --------------------------------------------------------------------------------------- break-even, precedents
def moves_figure(ends: pd.DataFrame, planned: float) -> Figure:
    """Break-even volumes with one parameter at its end, over the whole range of the others."""
    groups = []
    for what, rows in ends.groupby("parameter", sort=False):
        bars = []
        for _, row in rows.iterrows():
            low, high = float(row["break_even_low_units"]), float(row["break_even_high_units"])
            span = tuple(end if end <= MOST_SHOWN * planned else math.inf for end in (low, high))
            bars.append(Bar(str(row["end"]), 0.0, (_units(low, high),), kind="two", span=(span[0], span[1])))
        groups.append(Group(str(what), bars))
    groups.append(Group("To compare", [Bar("planned volume", planned, (f"{planned:,.0f}",), kind="whole")]))
    title = "What moves the break-even"
    body = bar_table(groups, first="One at its end", unit="units", columns=("units",), caption=title)
    note = (
        "One parameter at its end, each bar from the lowest to the highest over all the others and both readings of "
        f"the premium; ›: goes on beyond {MOST_SHOWN} times the planned volume. “Never”: not within a million units."
    )
    return Figure("arms-ends", title, "break-even volume of the joint line, units", body, note, source=ASSUMED)


def _units(low: float, high: float) -> str:
    first, last = (f"{end:,.0f}" if math.isfinite(end) else "never" for end in (low, high))
    return first if first == last else f"{first} to {last}"


def precedents_figure(table: pd.DataFrame) -> Figure:
    """Premia that others have paid."""
    bars = []
    for _, row in table[table["kind"] == "premium"].iterrows():
        low, high = float(row["low"]), float(row["high"])
        text = words.signed(low, 1 if abs(low) < 1 else 0)
        text = text if low == high else f"{text} to {words.signed(high, 0)}"
        if row["bound"] == "at most":
            text = f"{text} or less"
        bars.append(Bar(str(row["what"]), high, (text,), kind="one", span=(low, high) if high > low else None))
    title = "What making arms at home has cost over buying them"
    body = bar_table([Group("", bars)], first="Precedent", unit="percent", columns=("%",), caption=title)
    note = (
        "None is of a first unit: Nagoya’s are prices of a year’s small batch, the others of whole runs. “Or less”: "
        "the source gives a bound. Set-up costs and sources: tables/arms_precedents.csv."
    )
    source = "RAND R-450; General Accounting Office ID-82-23; Jane’s, 14 March 2018; Nikkei, 11 December 2019"
    return Figure("arms-precedents", title, "premium over the price abroad, percent", body, note, source=source)


def trend_figure(trend: pd.DataFrame, source: str) -> Figure:
    """Concentration by window of years."""
    groups = []
    for recipient, rows in trend.groupby("recipient", sort=False):
        bars = [
            Bar(
                _span((int(row["first"]), int(row["last"]))), float(row["hhi"]),
                (f"{row['hhi']:.2f}", _largest(row)),
                kind="one",
            )
            for _, row in rows.iterrows()
        ]  # fmt: skip
        groups.append(Group(supplier_name(str(recipient)), bars))
    title = "Concentration of suppliers over the years"
    body = bar_table(groups, first="Years", unit="index", columns=("index", "largest"), caption=title)
    note = "Windows of five years overlap: deliveries come in lumps, and a single year says little."
    return Figure("arms-trend", title, "Herfindahl–Hirschman index, 0 to 1", body, note, source=source)


def _largest(row: pd.Series) -> str:
    return f"{supplier_name(str(row['largest']))} {100 * row['largest_share']:.0f}{PERCENT}"
