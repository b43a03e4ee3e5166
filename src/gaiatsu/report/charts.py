"""Charts as HTML tables whose cells hold small inline SVG, so that text stays text at every width, on paper and to a
screen reader. No ids, no measured fonts, no scripts: the same numbers give the same bytes.

Why not Vega: vl-convert needs 1.3 s for its first picture and 0.1 s for each further one; this takes milliseconds, and
the colours follow the reader's light or dark setting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Bar:
    """One row: label, value, texts of the number columns. `kind` colours the bar; empty: by the value's sign.

    whisker: the ends of a range, drawn as a line over the bar; span: the ends of a range where no value inside stands
    out, so that the bar goes from one to the other; an infinite end runs out of the picture, with a mark
    """

    label: str
    value: float
    texts: tuple[str, ...]
    kind: str = ""
    strong: bool = False
    whisker: tuple[float, float] | None = None
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Group:
    """Rows under one heading (no heading: empty)."""

    heading: str
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class Scale:
    """A linear axis from `low` to `high` with round tick values."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Position in percent of the width."""
        return 100 * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


def scale_for(values: Sequence[float]) -> Scale:
    """A scale that holds zero and all finite values, with three to six round ticks."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    if high - low <= 0:
        low, high = -1.0, 1.0
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    low, high = min(low, 0.0) - 0.02 * (high - low), max(high, 0.0) + 0.02 * (high - low)
    ticks = tuple(k * step for k in range(first, last + 1) if low <= k * step <= high)
    return Scale(low, high, ticks)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999)


def tick_text(value: float) -> str:
    """A tick's label."""
    return f"{value:.10g}".replace("-", "\u2212")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _grid(scale: Scale) -> str:
    lines = []
    for tick in scale.ticks:
        place = _number(scale.place(tick))
        kind = "zero" if tick == 0 else "grid"
        lines.append(f'<line class="{kind}" x1="{place}%" x2="{place}%" y1="0" y2="100%"/>')
    return "".join(lines)


def _bar_cell(bar: Bar, scale: Scale, grid: str) -> str:
    if bar.span is not None:
        return f'<svg class="bar" aria-hidden="true">{grid}{_floating(bar, bar.span, scale)}</svg>'
    if not math.isfinite(bar.value):
        return f'<svg class="bar" aria-hidden="true">{grid}</svg>'
    start, end = sorted((scale.place(0.0), scale.place(bar.value)))
    kind = bar.kind or ("gain" if bar.value >= 0 else "loss")
    width = _number(max(end - start, 0.15))
    rect = f'<rect class="{escape(kind)}" x="{_number(start)}%" y="18%" width="{width}%" height="64%"/>'
    return f'<svg class="bar" aria-hidden="true">{grid}{rect}{_whisker(bar, scale)}</svg>'


def _floating(bar: Bar, span: tuple[float, float], scale: Scale) -> str:
    open_end = '<text x="100%" dx="2" y="50%" dominant-baseline="central" fill="currentColor">›</text>'
    if not math.isfinite(span[0]):
        return open_end
    start, end = (scale.place(value) for value in span)
    width = max(end - start, 0.6)
    start = min(start, 100 - width)
    rect = f'<rect class="{escape(bar.kind or "one")}" x="{_number(start)}%" y="18%" width="{_number(width)}%"'
    return f'{rect} height="64%"/>{"" if math.isfinite(span[1]) else open_end}'


def _whisker(bar: Bar, scale: Scale) -> str:
    if bar.whisker is None:
        return ""
    start, end = (_number(scale.place(value)) for value in bar.whisker)
    ends = "".join(f'<line class="whisker" x1="{x}%" x2="{x}%" y1="34%" y2="66%"/>' for x in (start, end))
    return f'<line class="whisker" x1="{start}%" x2="{end}%" y1="50%" y2="50%"/>{ends}'


def _axis(scale: Scale) -> str:
    texts = []
    for tick in scale.ticks:
        texts.append(f'<text x="{_number(scale.place(tick))}%" y="11" text-anchor="middle">{tick_text(tick)}</text>')
    return f'<svg class="axis" aria-hidden="true">{"".join(texts)}</svg>'


def bar_table(groups: Sequence[Group], *, first: str, unit: str, columns: Sequence[str], caption: str) -> Markup:
    """Bars in groups on one scale, which `unit` names; `columns` head the number columns; `caption` is read aloud."""
    bars = [bar for group in groups for bar in group.bars]
    values = [(*(bar.span or (bar.value,)), *(bar.whisker or ())) for bar in bars]
    scale = scale_for([value for part in values for value in part])
    grid = _grid(scale)
    head = "".join(f'<th scope="col" class="number">{escape(name)}</th>' for name in columns)
    out = [_opening(caption, first, unit, head)]
    width = 2 + len(columns)
    for group in groups:
        out.append(f"<tbody>{_heading(group.heading, width)}")
        for bar in group.bars:
            cells = "".join(f'<td class="number">{escape(text)}</td>' for text in bar.texts)
            out.append(
                f'<tr{_strong(bar.strong)}><th scope="row">{escape(bar.label)}</th>'
                f'<td class="chart">{_bar_cell(bar, scale, grid)}</td>{cells}</tr>'
            )
        out.append("</tbody>")
    empty = '<td class="number"></td>' * len(columns)
    axis = f'<td></td><td class="chart">{_axis(scale)}</td>{empty}'
    out.append(f'<tfoot aria-hidden="true"><tr>{axis}</tr></tfoot></table>')
    return Markup("".join(out))


@dataclass(frozen=True)
class Split:
    """One row of a two-part bar: the fractions of both parts; texts fill the number columns."""

    label: str
    fractions: tuple[float, float]
    texts: tuple[str, ...]
    strong: bool = False


def split_table(
    groups: Sequence[tuple[str, Sequence[Split]]], *, first: str, parts: tuple[str, str], columns: Sequence[str],
    narrow: int, caption: str,
) -> Markup:  # fmt: skip
    """Two parts side by side on a bar of 100 %; negative parts are not drawn and the bar is cut at 100 %.

    groups: headings and rows; columns after the first `narrow` ones are left out on small screens.
    """
    kinds = ["number" if k < narrow else "number extra" for k in range(len(columns))]
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(name)}</th>' for kind, name in zip(kinds, columns, strict=True)
    )
    legend = "".join(
        f'<span class="key"><svg class="dot" aria-hidden="true"><rect class="{kind}" width="100%" height="100%"/></svg>'
        f" {escape(name)}</span> "
        for kind, name in zip(("one", "two"), parts, strict=True)
    )
    out = [_opening(caption, first, Markup(legend), head)]
    for heading, rows in groups:
        out.append(f"<tbody>{_heading(heading, 2 + len(columns))}")
        for row in rows:
            edge, end = _edges(row.fractions)
            cells = "".join(
                f'<td class="{kind}">{escape(text)}</td>' for kind, text in zip(kinds, row.texts, strict=True)
            )
            out.append(
                f'<tr{_strong(row.strong)}><th scope="row">{escape(row.label)}</th><td class="chart">'
                f'<svg class="bar" aria-hidden="true">{_part("one", 0.0, edge)}{_part("two", edge, end)}</svg></td>'
                f"{cells}</tr>"
            )
        out.append("</tbody>")
    out.append("</table>")
    return Markup("".join(out))


def _part(kind: str, start: float, end: float) -> str:
    return f'<rect class="{kind}" x="{_number(start)}%" y="14%" width="{_number(end - start)}%" height="72%"/>'


def _edges(fractions: tuple[float, float]) -> tuple[float, float]:
    """Percent of the bar's width where the first and the second part end."""
    first, second = (100 * max(value, 0.0) if math.isfinite(value) else 0.0 for value in fractions)
    return min(first, 100.0), min(first + second, 100.0)


def _opening(caption: str, first: str, chart: str, head: str) -> str:
    return (
        f'<table class="bars"><caption class="unseen">{escape(caption)}</caption><thead><tr>'
        f'<th scope="col">{escape(first)}</th><th scope="col" class="chart">{escape(chart)}</th>{head}</tr></thead>'
    )


def _heading(text: str, width: int) -> str:
    return f'<tr class="heading"><th scope="rowgroup" colspan="{width}">{escape(text)}</th></tr>' if text else ""


def _strong(strong: bool) -> str:
    return ' class="strong"' if strong else ""
