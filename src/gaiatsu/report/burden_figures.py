"""The figures on burden sharing: outlays foretold and seen, duties and their break-even, and the cheapest mix."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, Scale, bar_table, scale_for, tick_text
from gaiatsu.report.figures import BILLION, Figure, span

Array = np.ndarray
WIDTH, HEIGHT = 390.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 24.0, 36.0
PERCENT = f"{words.SPACE}%"
MOST_SHOWN = 12  # members in the figure


def sharing_figure(members: pd.DataFrame, foretold: pd.DataFrame, year: int, of: str, source: str, line: str) -> Figure:
    """Outlays of each member as they are, and as the model has them at each spillover; line: the source line."""
    groups = []
    for member in members.head(MOST_SHOWN).itertuples():
        seen = float(member.spent_percent)
        bars = [Bar("Spends", seen, (f"{seen:.2f}", ""), kind="two", strong=True)]
        for row in foretold[foretold["region"] == member.region].itertuples():
            low, high = float(row.foretold_low_percent), float(row.foretold_high_percent)
            middle = (low + high) / 2
            part = float(row.spillover_percent)
            label = "Alone (spillover 0)" if part == 0 else f"Spillover {part:.3g}{PERCENT}"
            texts = (f"{middle:.2f}", words.signed(middle - seen, 2))
            bars.append(Bar(label, middle, texts, kind="one", whisker=(low, high) if high - low > 5e-3 else None))
        groups.append(Group(str(member.region_name), bars))
    title = "Outlays as they are and as free riding has them"
    body = bar_table(
        groups, first="Member", unit="percent of GDP", columns=("%", "miss, points"), caption=f"{title}, percent of GDP"
    )
    when = f" of {year}" if year else ""
    note = (
        "Spillover: the part of the others’ outlays that protects a member too; it is not known, so that several are "
        f"shown. Taste for defence, the same for all: {of}. Miss: model less outlays{when}. Spending: {source}."
    )
    return Figure("burden-shares", title, f"military spending{when}, percent of GDP", body, note, source=line)


def duty_figure(table: pd.DataFrame, own: str, other: str, year: int, sets: str, source: str) -> Figure:
    """What each level of duty costs the defender and brings the protector."""
    groups = []
    for heading, key in ((f"{own}: real income", "defender"), (f"{other}: real income", "protector")):
        bars = []
        for row in table[table["duty_percent"] > 0].itertuples():
            low, middle, high = (float(getattr(row, f"{key}_{end}_usd_billion")) for end in ("low", "central", "high"))
            ranged = span(low, high, 1 if abs(middle) >= 10 else 2) if high > low else ""
            label = f"{row.duty_percent:.3g}{PERCENT}"
            bars.append(
                Bar(label, middle, (words.signed_money(1000 * middle), ranged), whisker=(low, high) if ranged else None)
            )
        groups.append(Group(heading, bars))
    title = "What the duties do to either side"
    body = bar_table(
        groups,
        first="Added duty",
        unit="US$ billion a year",
        columns=(BILLION, "range"),
        caption=f"{title}, US$ billion",
    )
    note = "Duties of the protector alone on the defender’s goods; nobody answers and nothing else changes."
    if sets:
        note += f" Lines: {sets}."
    return Figure("burden-duties", title, f"change of real income, US$ billion of {year}", body, note, source=source)


def mix_figure(table: pd.DataFrame, most: float, source: str) -> Figure:
    """The cheapest duty by what duties buy; most: the highest duty solved, percent, where the search ends."""
    bars = []
    for row in table.itertuples():
        low, middle, high = (float(getattr(row, f"duty_{end}_percent")) for end in ("low", "median", "high"))
        saved = between(row.saved_low_percent, row.saved_high_percent, 2)
        bars.append(
            Bar(
                f"{row.bought_points:.3g} points", middle,
                (_capped(middle, most), _ends_capped(low, high, most), saved),
                kind="one", whisker=(low, high) if high > low else None,
            )
        )  # fmt: skip
    title = "The cheapest duty, by what duties buy"
    body = bar_table(
        [Group("", bars)], first="Ten points of duty buy", unit="duty, percent",
        columns=("middle, %", "range, %", "saved, % of GDP"), caption=f"{title}, percent",
    )  # fmt: skip
    note = (
        "What duties buy is not known: the whole range is shown. The rest is made up by arms. Line and range: nine "
        "in ten "
        "points of the box of what is not known; saved: against arming alone, over the same."
    )
    if (table["duty_high_percent"] >= most).any():
        note += f" ≥{words.SPACE}{most:.3g}: the highest duty solved is the cheapest of all, and a higher one may be."
    return Figure(
        "burden-mix", title, "duty that makes duty and arms together cheapest, percent", body, note, source=source
    )


def break_even_figure(
    duties: Array, points: Array, lost: float, own: str, other: str, source: str
) -> Figure:  # fmt: skip
    """The break-even by duty: band and middle, with all that was lost as a line.

    duties: [level] fractions; points: [3, level] percentage points, low, median and high, inf where none; lost: points.
    """
    finite = points[np.isfinite(points)]
    most = min(100.0, 1.15 * max(lost, float(finite.max(initial=0.0)), 1.0))
    across, up = _scale(100 * float(duties[-1])), _scale(most)
    low, middle, high = (np.minimum(row, most) for row in points)
    x = [_x(across, 100 * float(duty)) for duty in duties]
    band = [f"{a:.1f},{_y(up, float(b)):.1f}" for a, b in zip(x, high, strict=True)]
    band += [f"{a:.1f},{_y(up, float(b)):.1f}" for a, b in zip(x[::-1], low[::-1], strict=True)]
    line = [f"{a:.1f},{_y(up, float(b)):.1f}" for a, b in zip(x, middle, strict=True) if b < most]
    level = _y(up, lost)
    parts = [
        _frame(across, up, "added duty, percent", "points of reliability"),
        f'<polygon points="{" ".join(band)}" style="fill:var(--one);fill-opacity:.22;stroke:none"/>',
        f'<polyline class="line s2" points="{" ".join(line)}"/>',
        f'<line class="line s4" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}" '
        'stroke-dasharray="4 3"/>',
        f'<text x="{LEFT + 5}" y="{level - 4:.1f}">all that was lost: {lost:.3g}</text>',
        *_labels(x, {"middle": middle, "easy end": low, "hard end": high}, up, most),
    ]  # fmt: skip
    title = "How much reliability a duty must buy"
    told = "; ".join(
        f"at {100 * duties[place]:.0f} % {_said(points[0, place])} to {_said(points[2, place])}, middle "
        f"{_said(points[1, place])}"
        for place in np.linspace(0, len(duties) - 1, 5).astype(int)[1:]
    )
    alternative = f"{title}, percentage points by duty: {told}"
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(alternative)}</title>'
        f"{''.join(parts)}</svg>"
    )
    note = (
        "Where duties buy less than this, arming is cheaper; where more, the duty. Band: nine in ten points of the "
        "box of what is not "
        "known, "
        f"among those in which {own} lacks arms; where it reaches the top, even a certain ally is not worth the "
        "duty. What "
        f"duties of {other} do buy is not known and not needed here."
    )
    return Figure("burden-break-even", title, "percentage points of reliability, by duty", body, note, source=source)


def _capped(duty: float, most: float) -> str:
    return f"≥{words.SPACE}{most:.3g}" if duty >= most else f"{duty:.0f}"


def _ends_capped(low: float, high: float, most: float) -> str:
    one, two = _capped(low, most), _capped(high, most)
    return one if one == two else f"{one} to {two}"


def between(low: float, high: float, digits: int) -> str:
    """Two ends as they are told: one number where they are the same."""
    one, two = (f"{value:.{digits}f}".replace("-", words.MINUS) for value in (low, high))
    return one if one == two else f"{one} to {two}"


def _said(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "more than there are"


def _labels(x: Sequence[float], rows: dict[str, Array], up: Scale, most: float) -> list[str]:
    """Names at the lines, near the right edge, where a line is inside the picture; those too near are left out."""
    out: list[str] = []
    taken: list[float] = []
    for name, row in rows.items():
        inside = np.flatnonzero(row < most)
        if not inside.size:
            continue
        place = int(inside[-1]) if inside[-1] < len(row) - 1 else len(row) - 1
        y = _y(up, float(row[place])) - 4
        if all(abs(y - other) > 11 for other in taken):
            taken.append(y)
            kind = "strong" if name == "middle" else "soft"
            out.append(f'<text class="{kind}" x="{x[place] - 3:.1f}" y="{y:.1f}" text-anchor="end">{name}</text>')
    return out


def _scale(most: float) -> Scale:
    """From exactly zero to `most`, with the ticks of all charts."""
    return Scale(0.0, most, tuple(tick for tick in scale_for([most]).ticks if 0 <= tick <= most))


def _x(scale: Scale, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * scale.place(value) / 100


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.place(value) / 100


def _frame(across: Scale, up: Scale, below: str, beside: str) -> str:
    parts = []
    for tick in up.ticks:
        y = _y(up, tick)
        parts.append(f'<line class="soft" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{tick_text(tick)}</text>')
    for tick in across.ticks:
        x = _x(across, tick)
        parts.append(
            f'<text class="soft" x="{x:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{tick_text(tick)}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="soft" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(below)}</text>')
    parts.append(f'<text class="soft" x="2" y="12">{escape(beside)}</text>')
    return "".join(parts)
