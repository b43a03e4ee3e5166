"""Two pictures of paths: fans over years, and amounts stacked by year.

Inline SVG with a fixed canvas that scales with the page; lines differ by dashes and stacked parts carry numbers, so
that nothing hangs on colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from gaiatsu.report.charts import STEPS, Scale, tick_text
from gaiatsu.report.words import SPACE

Array = NDArray[np.float64]
WIDTH, HEIGHT = 390.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 12.0, 20.0, 34.0
DASHES = ("", "6 3", "2 3")
COLOURS = ("loss", "gain", "one")  # fills of bands
LINES = ("s0", "s1", "s2")  # strokes of the same colours
# fills of stacked parts, neighbours far apart; those on which dark text could not be read
PARTS = ("g4", "l2", "one", "g1", "l4", "g2", "whole", "l1", "g3", "l3")
STRONG = ("g4", "one", "l4", "whole", "g3", "l3")
REST = "n0"
LABEL, ROW, BAR = 46.0, 27.0, 20.0
NARROW = 11.0  # a part must be this wide to carry its number


@dataclass(frozen=True)
class Fan:
    """A path with its band, [years] each; without low and high it is a line."""

    name: str
    median: Array
    low: Array | None = None
    high: Array | None = None


def _scale(values: Sequence[float]) -> Scale:
    """A scale around values that need not hold zero, with four to seven round ticks."""
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 1.0, high + 1.0
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(first * step, last * step, tuple(k * step for k in range(first, last + 1)))


def fan_chart(fans: Sequence[Fan], years: Sequence[int], beside: str, alternative: str) -> tuple[Markup, Markup]:
    """Paths over years with their bands, and the key of lines. Values in the unit that `beside` names."""
    assert len(fans) <= len(LINES)
    up = _scale(
        [float(value) for fan in fans for path in (fan.median, fan.low, fan.high) if path is not None for value in path]
    )
    across = [LEFT + (WIDTH - LEFT - RIGHT) * k / max(len(years) - 1, 1) for k in range(len(years))]

    def height(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * up.place(value) / 100

    parts = [f'<text class="soft" x="2" y="11">{escape(beside)}</text>']
    for tick in up.ticks:
        y, kind = height(tick), "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{tick_text(tick)}</text>')
    every = math.ceil(len(years) / 7)
    for k in range(0, len(years), every):
        parts.append(
            f'<text class="soft" x="{across[k]:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{years[k]}</text>'
        )
    for number, fan in enumerate(fans):
        if fan.low is not None and fan.high is not None:
            outline = [*zip(across, fan.low, strict=True), *reversed([*zip(across, fan.high, strict=True)])]
            points = " ".join(f"{x:.1f},{height(float(y)):.1f}" for x, y in outline)
            parts.append(f'<polygon class="{COLOURS[number]}" fill-opacity=".22" points="{points}"/>')
    for number, fan in enumerate(fans):
        points = " ".join(f"{x:.1f},{height(float(y)):.1f}" for x, y in zip(across, fan.median, strict=True))
        parts.append(f'<polyline class="line {LINES[number]}" {_dash(number)}points="{points}"/>')
    picture = (
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(alternative)}</title>'
        f"{''.join(parts)}</svg>"
    )
    return Markup(picture), _line_key(fans)


def _dash(number: int) -> str:
    return f'stroke-dasharray="{DASHES[number]}" ' if DASHES[number] else ""


def _line_key(fans: Sequence[Fan]) -> Markup:
    spans = [
        f'<span class="key"><svg class="lines" style="display:inline-block;width:2.2em;height:.7em" '
        f'viewBox="0 0 30 10" aria-hidden="true"><line class="line {LINES[number]}" {_dash(number)}x1="0" x2="30" '
        f'y1="5" y2="5"/></svg> {escape(fan.name)}</span> '
        for number, fan in enumerate(fans)
    ]
    return Markup("".join(spans))


def stacked_chart(
    rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str], unit: str, alternative: str
) -> tuple[Markup, Markup]:
    """A bar for each row, split into parts of the same order, and the key of their numbers.

    rows: label and amounts of each part, none below zero; names: of the parts, the last of them the rest, which is
    grey. Ten parts beside the rest at most.
    """
    assert 2 <= len(names) <= len(PARTS) + 1
    kinds = [*PARTS[: len(names) - 1], REST]
    largest = max(sum(amounts) for _, amounts in rows) or 1.0
    room = WIDTH - LABEL - 40.0
    parts = []
    for place, (label, amounts) in enumerate(rows):
        x, y = LABEL, 4.0 + ROW * place
        parts.append(f'<text class="side" style="font-size:11px" x="0" y="{y + 14}">{escape(label)}</text>')
        for number, (name, amount) in enumerate(zip(names, amounts, strict=True)):
            width = room * amount / largest
            parts.append(_part(number, kinds[number], f"{label}, {name}: {amount:.3g} {unit}", x, y, width))
            x += width
        parts.append(
            f'<text class="side" style="font-size:11px" x="{x + 5:.1f}" y="{y + 14}">{sum(amounts):.1f}</text>'
        )
    picture = (
        f'<svg class="heat" style="max-width:38rem" role="img" viewBox="0 0 {WIDTH:.0f} {8 + ROW * len(rows):.0f}">'
        f"<title>{escape(alternative)}</title>{''.join(parts)}</svg>"
    )
    spans = [
        f'<span class="key"><svg class="dot" aria-hidden="true"><rect class="{kind}" width="100%" height="100%"/></svg>'
        f" {number}{SPACE}{escape(name)}</span> "
        for number, (kind, name) in enumerate(zip(kinds, names, strict=True), start=1)
    ]
    return Markup(picture), Markup("".join(spans))


def _part(number: int, kind: str, told: str, x: float, y: float, width: float) -> str:
    if width <= 0:
        return ""
    text = ""
    if width >= NARROW:
        dark = " dark" if kind in STRONG else ""
        text = (
            f'<text class="in{dark}" style="font-size:10px" x="{x + width / 2:.1f}" y="{y + 13.8:.1f}">'
            f"{number + 1}</text>"
        )
    return (
        f'<g><title>{escape(told)}</title><rect class="{kind}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{max(width - 0.8, 0.4):.1f}" height="{BAR}"/>{text}</g>'
    )
