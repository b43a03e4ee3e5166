"""Two pictures of hedges: what each is worth by the chance of the threat, and loss avoided against yearly cost.

Inline SVG with a fixed canvas that scales with the page; lines and steps carry numbers, so that nothing hangs on
colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from gaiatsu.report.charts import Scale, scale_for, tick_text

WIDTH, HEIGHT = 390.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 30.0, 22.0, 34.0
COLOURS = 6
APART = 11.0  # between labels at the ends of lines


@dataclass(frozen=True)
class Line:
    """A hedge's worth at no chance of the threat and when it is certain, US$ billion; straight in between."""

    name: str
    calm: float
    struck: float


@dataclass(frozen=True)
class Dot:
    """A set of hedges: yearly cost when nothing happens, loss avoided, US$ billion; its number on the frontier."""

    name: str
    cost: float
    avoided: float
    step: int | None = None


def _frame(across: Scale, up: Scale, below: str, beside: str, ticks: Sequence[tuple[float, str]]) -> str:
    """Grid, ticks and names of the axes."""
    parts = []
    for tick in up.ticks:
        y, kind = _y(up, tick), "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{tick_text(tick)}</text>')
    for value, text in ticks:
        x = _x(across, value)
        kind = "zero" if value == 0 and across.low < 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text class="soft" x="{x:.1f}" y="{HEIGHT - BOTTOM + 13}" text-anchor="middle">{text}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="soft" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(below)}</text>')
    parts.append(f'<text class="soft" x="2" y="11">{escape(beside)}</text>')
    return "".join(parts)


def _x(scale: Scale, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * scale.place(value) / 100


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.place(value) / 100


def _picture(inside: str, alternative: str) -> Markup:
    return Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(alternative)}</title>'
        f"{inside}</svg>"
    )


def _spread(places: Sequence[float]) -> list[float]:
    """Heights of labels, moved apart as far as it takes, in their own order and inside the picture."""
    order = sorted(range(len(places)), key=lambda number: places[number])
    found, above = list(places), float("-inf")
    for number in order:
        found[number] = above = max(found[number], above + APART)
    below = HEIGHT - BOTTOM
    for number in reversed(order):
        found[number] = min(found[number], below)
        below = found[number] - APART
    return found


def worth_chart(lines: Sequence[Line], alternative: str) -> Markup:
    """What each hedge is worth a year by the chance that the threat comes, 0 to 100 percent."""
    across = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    up = scale_for([value for line in lines for value in (line.calm, line.struck)])
    ticks = [(value, f"{100 * value:.0f}") for value in across.ticks]
    parts = [_frame(across, up, "chance of the threat in a year, percent", "US$ billion a year", ticks)]
    ends = _spread([_y(up, line.struck) for line in lines])
    for number, (line, label) in enumerate(zip(lines, ends, strict=True)):
        kind = f"line s{number % COLOURS}"
        start, end = _y(up, line.calm), _y(up, line.struck)
        x = WIDTH - RIGHT
        parts.append(
            f'<line class="{kind}" x1="{LEFT}" x2="{x}" y1="{start:.1f}" y2="{end:.1f}">'
            f"<title>{escape(line.name)}</title></line>"
            f'<line class="soft" x1="{x}" x2="{x + 9}" y1="{end:.1f}" y2="{label:.1f}"/>'
            f'<text class="strong" x="{x + 11}" y="{label + 3.3:.1f}">{number + 1}</text>'
        )
    return _picture("".join(parts), alternative)


def frontier_chart(dots: Sequence[Dot], alternative: str) -> Markup:
    """Loss avoided against what it costs a year when nothing happens; the steps of the frontier joined and numbered."""
    across, up = (scale_for([getattr(dot, key) for dot in dots]) for key in ("cost", "avoided"))
    ticks = [(value, tick_text(value)) for value in across.ticks]
    below = "cost a year without the threat, US$ billion (left of 0: a gain)"
    parts = [_frame(across, up, below, "loss avoided, US$ billion a year", ticks)]
    steps = sorted((dot for dot in dots if dot.step is not None), key=lambda dot: dot.step or 0)
    path = " ".join(f"{_x(across, dot.cost):.1f},{_y(up, dot.avoided):.1f}" for dot in steps)
    parts.append(f'<polyline class="line s0" points="{path}"/>')
    for dot in dots:
        if dot.step is None:
            parts.append(_dot(dot, across, up, "other"))
    labels = _spread([_y(up, dot.avoided) - 6 for dot in steps])
    for dot, label in zip(steps, labels, strict=True):
        parts.append(_dot(dot, across, up, "step"))
        x = _x(across, dot.cost) - 8
        if dot.step:
            parts.append(f'<text class="strong" x="{x:.1f}" y="{label:.1f}" text-anchor="end">{dot.step}</text>')
    return _picture("".join(parts), alternative)


def _dot(dot: Dot, across: Scale, up: Scale, kind: str) -> str:
    x, y = _x(across, dot.cost), _y(up, dot.avoided)
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"><title>{escape(dot.name)}</title></circle>'
