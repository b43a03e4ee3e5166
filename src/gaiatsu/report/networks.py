"""Who hangs on whom, as pictures: a heat map of a matrix, and a flow chart from each region to whom it depends on.

Inline SVG with a fixed canvas that scales with the page; labels are large enough on a canvas 390 units wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup, escape

from gaiatsu.report.words import MINUS, SPACE

WIDTH = 390
CLASSES = 4


def limits_of(values: Sequence[float]) -> tuple[float, ...]:
    """Four class limits in percent that split sizes about evenly: quintiles rounded to one digit, increasing."""
    sizes = pd.Series([abs(value) for value in values if math.isfinite(value) and value != 0.0], dtype=float)
    if sizes.empty:
        return (1.0, 2.0, 3.0, 4.0)
    found: list[float] = []
    for share in (0.2, 0.4, 0.6, 0.8):
        limit = _round(float(sizes.quantile(share)))
        found.append(limit if not found or limit > found[-1] else _round(found[-1] * 1.5, up=True))
    return tuple(found)


def _round(value: float, *, up: bool = False) -> float:
    """To one significant digit."""
    power = 10.0 ** math.floor(math.log10(value))
    digit = math.ceil(value / power - 1e-9) if up else max(1, round(value / power))
    return float(f"{digit * power:.1g}")


def _class(loss: float, limits: Sequence[float]) -> str:
    """The style class of a loss: l1 … l4, n0 below the first limit, g1 … g4 for gains."""
    level = sum(abs(loss) >= limit for limit in limits)
    return "n0" if level == 0 else f"{'l' if loss > 0 else 'g'}{level}"


def heat_map(
    loss: pd.DataFrame, names: Mapping[str, str], alternative: str, doubtful: frozenset[tuple[str, str]] = frozenset()
) -> tuple[Markup, Markup]:
    """Rows close their border, columns lose; and the key of its colours.

    loss: [closer, target] percent by code, missing where there is no number (grey, ×), empty on the diagonal; doubtful:
    pairs to be outlined.
    """
    codes = [str(code) for code in loss.columns]
    limits = limits_of([float(value) for value in loss.to_numpy().ravel() if value == value])
    left, top = 34, 34
    cell = (WIDTH - left - 2) / len(codes)
    style = _Cells(names, limits, cell, min(7.5, cell * 0.42), doubtful)
    parts = []
    for column, code in enumerate(codes):
        x = left + (column + 0.5) * cell
        parts.append(
            f'<text class="side" transform="translate({x + 2.5:.1f} {top - 4}) rotate(-90)">{escape(code)}</text>'
        )
    for row, closer in enumerate(str(code) for code in loss.index):
        y = top + row * cell
        parts.append(f'<text class="side" x="{left - 4}" y="{y + cell / 2 + 3:.1f}" text-anchor="end">{closer}</text>')
        for column, target in enumerate(codes):
            if closer != target:
                parts.append(style.draw(loss.at[closer, target], closer, target, left + column * cell, y))
    height = top + len(loss) * cell + 2
    picture = (
        f'<svg class="heat" role="img" viewBox="0 0 {WIDTH} {height:.0f}"><title>{escape(alternative)}</title>'
        f"{''.join(parts)}</svg>"
    )
    return Markup(picture), _key(limits)


@dataclass(frozen=True)
class _Cells:
    """What the cells of a heat map share: names, class limits, width, size of the numbers, pairs to be outlined."""

    names: Mapping[str, str]
    limits: Sequence[float]
    width: float
    size: float
    doubtful: frozenset[tuple[str, str]]

    def draw(self, value: float, closer: str, target: str, x: float, y: float) -> str:
        """One cell; its number has the digits that tell the classes apart."""
        known, doubt = value == value, (closer, target) in self.doubtful
        kind = _class(value, self.limits) if known else "rest"
        digits = max(1, -math.floor(math.log10(self.limits[0]) + 1e-9))
        number = _short(value, min(digits, 3)) if known else "×"
        told = f"{value:.{max(2, digits)}f} %".replace("-", MINUS) if known else "no number (refused)"
        label = f"{self.names[closer]} closes its border: {self.names[target]} loses {told}"
        label += ", an extrapolation" if doubt else ""
        side, size = self.width - 0.8, self.size if len(number) < 4 else self.size * 0.8
        dark = " dark" if kind in ("l4", "l3", "g4", "g3") else ""
        return (
            f'<g><title>{escape(label)}</title><rect class="{kind}{" doubt" if doubt else ""}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{side:.1f}" height="{side:.1f}"/><text class="in{dark}" x="{x + side / 2:.1f}" '
            f'y="{y + self.width / 2 + size * 0.35:.1f}" font-size="{size:.1f}">{number}</text></g>'
        )


def _short(value: float, digits: int = 1) -> str:
    """A loss in as few signs as a cell takes; digits: of numbers below one."""
    size = abs(value)
    text = f"{value:.0f}" if size >= 9.5 else f"{value:.1f}" if size >= 0.95 else f"{value:.{digits}f}"
    if float(text) == 0:
        return "0"
    return text.replace("0.", ".", 1).replace("-", MINUS) if size < 0.95 else text.replace("-", MINUS)


def _key(limits: Sequence[float]) -> Markup:
    text = [f"{limit:.10g}" for limit in limits]
    ranges = [("n0", f"below {text[0]}")]
    ranges += [(f"l{k}", f"{text[k - 1]} to {text[k]}") for k in (1, 2, 3)]
    ranges += [("l4", f"above {text[3]}"), ("g2", "gains"), ("rest", "no number")]
    ranges.append(("n0 doubt", "outlined: extrapolation"))
    spans = [
        f'<span class="key"><svg class="dot" aria-hidden="true"><rect class="{kind}" width="100%" height="100%"/></svg>'
        f" {escape(words)}</span> "
        for kind, words in ranges
    ]
    return Markup("".join(spans))


@dataclass(frozen=True)
class Hold:
    """One arrow of a flow chart: a region hangs on another; size in percent, NaN where it has no bound."""

    region: str
    on: str
    size: float


def flow_chart(holds: Sequence[Hold], names: Mapping[str, str], alternative: str) -> Markup:
    """Regions on the left, those they hang on most on the right, joined by bands as wide as the loss.

    Regions are ordered by whom they hang on, so that bands do not cross.
    """
    powers = pd.Series([hold.on for hold in holds]).value_counts(sort=True)
    order = {code: place for place, code in enumerate(sorted(powers.index, key=lambda code: (-powers[code], code)))}
    rows = sorted(holds, key=lambda hold: (order[hold.on], -hold.size if hold.size == hold.size else -math.inf))
    step, gap = 15.0, 9.0
    largest = max((hold.size for hold in rows if hold.size == hold.size), default=1.0) or 1.0
    parts: list[str] = []
    y, place = 12.0, dict[str, float]()
    centres: dict[str, list[float]] = {}
    for number, hold in enumerate(rows):
        if number and rows[number - 1].on != hold.on:
            y += gap
        place[hold.region] = y
        centres.setdefault(hold.on, []).append(y)
        y += step
    left, right = 168.0, 292.0
    for hold in rows:
        start, end = place[hold.region], sum(centres[hold.on]) / len(centres[hold.on])
        unbounded = hold.size != hold.size
        width = 10.0 if unbounded else max(0.8, 10.0 * max(hold.size, 0.0) / largest)
        middle = (left + right) / 2
        told = "no bound" if unbounded else f"{hold.size:.1f}{SPACE}%".replace("-", MINUS)
        label = f"{names[hold.region]} loses {told} if {names[hold.on]} closes its border"
        parts.append(
            f'<path class="band" d="M{left} {start:.1f}C{middle} {start:.1f} {middle} {end:.1f} {right} {end:.1f}" '
            f'stroke-width="{width:.1f}"><title>{escape(label)}</title></path>'
            f'<text x="{left - 42}" y="{start + 3.5:.1f}" text-anchor="end">{escape(_trim(names[hold.region]))}</text>'
            f'<text class="soft" x="{left - 4}" y="{start + 3.5:.1f}" text-anchor="end">{told}</text>'
        )
    for code, heights in centres.items():
        middle_height = sum(heights) / len(heights)
        parts.append(
            f'<text class="power" x="{right + 5}" y="{middle_height + 4:.1f}">{escape(_trim(names[code], 15))}</text>'
        )
    return Markup(
        f'<svg class="flows" role="img" viewBox="0 0 {WIDTH} {y:.0f}"><title>{escape(alternative)}</title>'
        f"{''.join(parts)}</svg>"
    )


def _trim(name: str, most: int = 22) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip(" ,(") + "…"
