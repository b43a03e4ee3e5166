"""The figures of a report on deterrence: the smallest own budget as surfaces and by reliability, and what moves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from markupsafe import Markup, escape

import gaiatsu
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table, scale_for, tick_text
from gaiatsu.report.figures import Figure
from gaiatsu.security import deterrence_box as box_of
from gaiatsu.security.deterrence import required_reliability
from gaiatsu.security.deterrence_box import Box, Situation, Spread, bands, spread

PERCENT = f"{words.SPACE}%"
WIDTH = 390
CLASSES = ("n0", "l1", "l2", "l3", "l4")
FINE = 49  # values of the cost ratio along the edge of a class
FRAVEL = (
    "Half more is near the US$ 471 billion that Fravel, Gilboy and Heginbotham find for China in 2024; 700 billion, "
    "which they reject, is about twice. "
)
FRAVEL_US = "They put comparable outlays of the United States at US$ 1.3 trillion: the ally’s effort would rise, too. "
TIMES = {0.5: "Half", 0.75: "Three quarters", 1.0: "As it is", 1.5: "Half more", 2.0: "Twice"}
MOST_TOLD = 1e5  # US$ bn, about the income of the world: more is told as "over 100,000"
SIDES = ("attacker", "own", "ally")  # of efforts that a scenario may set
LABEL = 11.0  # height of a label
BAND_LABELS = (("all kinds",), ("all kinds after 1945,", "pacts since 1816"))
CURVE = np.linspace(0.0, 1.0, 41)


def billions(value: float) -> str:
    """US$ bn, without the unit: "62", "4.4"."""
    if value > MOST_TOLD:
        return f"over {MOST_TOLD:,.0f}"
    return f"{value:,.0f}" if round(value, 1) >= 9.95 or round(value, 1) == 0 else f"{value:.1f}"


def ranged(low: float, high: float) -> str:
    """Two ends, US$ bn; one number where both are told alike."""
    ends = dict.fromkeys((billions(low), billions(high)))
    return " to ".join(ends)


def percent(fraction: float) -> str:
    """A fraction that was given, as percent: "41 %", "74.5 %"."""
    return f"{round(100 * fraction, 1):g}{PERCENT}"


def limits_of(budgets: Sequence[float]) -> tuple[float, ...]:
    """Four limits of classes: the smallest and the largest budget, its double and its fourfold."""
    least, most = min(budgets), max(budgets)
    if most < 1.02 * least:
        return least, 2 * least, 4 * least, 8 * least
    return least, most, 2 * most, 4 * most


def source_of(there: Situation) -> str:
    """The source line of a figure."""
    spent = f"military spending of {there.year}, {there.spending.short}" if there.year is not None else ""
    given = "efforts of the scenario" if there.given & set(SIDES) else ""
    return f"gaiatsu {gaiatsu.__version__}; {'; '.join(filter(None, (spent, given)))}; parameters are assumptions"


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _points(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in zip(xs, ys, strict=True))


# --------------------------------------------------------------------------------------------------------- surfaces
def surface_figure(there: Situation, defender: str) -> Figure:
    """Small multiples: reliability across, cost ratio up, one panel for each weight and decisiveness."""
    box = there.box
    weights = box_of.steps_of("ally_weight", box.ally_weight, 3)
    decisive = box_of.steps_of("decisiveness", box.decisiveness, 3)
    left, top, gap = 34.0, 30.0, 7.0
    wide, high = (WIDTH - left - gap * len(weights)) / len(weights), 92.0
    limits = limits_of(list(there.budgets.values()))
    parts = []
    for row, m in enumerate(decisive):
        for column, theta in enumerate(weights):
            x, y = left + column * (wide + gap), top + row * (high + 16)
            panel = _Panel(box, float(theta), float(m), x, y, wide, high)
            parts.append(panel.draw(limits, sorted(there.budgets.values())))
            if column == 0:
                parts += [f'<text class="soft" x="{x}" y="{_number(y - 4)}">effort’s decisiveness {m:.2g}</text>']
                parts += panel.side()
            if row == len(decisive) - 1:
                parts += panel.foot()
            if row == 0:
                parts.append(
                    f'<text class="strong" x="{_number(x + wide / 2)}" y="12" text-anchor="middle">ally counts '
                    f"{percent(float(theta))}</text>"
                )
    tall = top + len(decisive) * (high + 16) + 14
    told = (
        f"Smallest own budget of {defender} that deters, by the ally’s reliability and the attacker’s cost over prize; "
        "a panel for each weight of the ally’s effort and each decisiveness of effort. The table below has the numbers."
    )
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH} {_number(tall)}"><title>{escape(told)}</title>'
        f"{''.join(parts)}</svg>"
    )
    ends = (box.attacker, box.ally)
    middle = " At the middle of the ranges of efforts." if any(low < high for low, high in ends) else ""
    note = (
        "Across: chance that the ally comes; up: what an attack costs over what success is worth. Lines: where a "
        f"budget just deters, {_lines_phrase(there)}. Bars at the top of a panel: what history says of reliability, "
        f"{bands_phrase()}.{middle}"
    )
    return Figure(
        "deterrence-surface",
        "The smallest budget that deters",
        "own outlays a year, US$ billion",
        body,
        note,
        _key(limits),
        source_of(there),
    )


class _Panel:
    """One panel: reliability 0 to 1 across, the range of the cost ratio up."""

    def __init__(self, box: Box, weight: float, decisive: float, x: float, y: float, wide: float, high: float) -> None:
        self.x, self.y, self.wide, self.high = x, y, wide, high
        low, top = box.cost_ratio
        self.costs = np.linspace(low, top, FINE) if top > low else np.array([low, low])
        self.known = {
            "attacker": sum(box.attacker) / 2, "ally": sum(box.ally) / 2, "ally_weight": weight,
            "decisiveness": decisive,
        }  # fmt: skip

    def draw(self, limits: Sequence[float], budgets: Sequence[float]) -> str:
        """Classes from the dearest to the cheapest, each over the one before; then lines of budgets and priors."""
        out = [self._area(CLASSES[-1], np.zeros(len(self.costs)))]
        for kind, limit in zip(reversed(CLASSES[:-1]), reversed(limits), strict=True):
            out.append(self._area(kind, self._edge(limit)))
        for number, budget in enumerate(budgets):
            out.append(self._line(self._edge(budget), dashed=number > 0))
        for ends in bands().values():
            width = max(self.wide * (ends[1] - ends[0]), 2.0)
            out.append(
                f'<rect class="whole" x="{_number(self.x + self.wide * ends[0])}" y="{_number(self.y)}" '
                f'width="{_number(width)}" height="3.5"/>'
            )
        out.append(
            f'<rect class="other" x="{_number(self.x)}" y="{_number(self.y)}" width="{_number(self.wide)}" '
            f'height="{_number(self.high)}"/>'
        )
        return "".join(out)

    def _edge(self, own: float) -> np.ndarray:
        """Reliability at which a budget just deters, within 0 and 1, at each cost ratio."""
        return np.clip(required_reliability(own=own, cost_ratio=self.costs, **self.known), 0.0, 1.0)

    def _up(self) -> list[float]:
        return list(np.linspace(self.y + self.high, self.y, len(self.costs)))

    def _area(self, kind: str, edge: np.ndarray) -> str:
        if (edge >= 1).all():
            return ""
        xs, ys = [self.x + self.wide * value for value in edge], self._up()
        corners = _points([*xs, self.x + self.wide, self.x + self.wide], [*ys, self.y, self.y + self.high])
        return f'<polygon class="{kind}" points="{corners}"/>'

    def _line(self, edge: np.ndarray, *, dashed: bool) -> str:
        inside = (edge > 0) & (edge < 1)
        near = inside | np.roll(inside, 1) & (np.arange(len(edge)) > 0)
        near |= np.roll(inside, -1) & (np.arange(len(edge)) < len(edge) - 1)
        if not inside.any():
            return ""
        ys = np.array(self._up())[near]
        dash = ' stroke-dasharray="4 2.5"' if dashed else ""
        return (
            f'<polyline points="{_points(list(self.x + self.wide * edge[near]), list(ys))}" fill="none" '
            f'stroke="currentColor" stroke-width="1.4"{dash}/>'
        )

    def side(self) -> list[str]:
        """Labels of the cost ratio."""
        ends = ((float(self.costs[0]), self.y + self.high), (float(self.costs[-1]), self.y + 8))
        return [
            f'<text class="soft" x="{_number(self.x - 3)}" y="{_number(y)}" text-anchor="end">{percent(cost)}</text>'
            for cost, y in ends[: 1 if self.costs[0] == self.costs[-1] else 2]
        ]

    def foot(self) -> list[str]:
        """Labels of reliability."""
        y = self.y + self.high + 12
        return [
            f'<text class="soft" x="{_number(self.x + self.wide * at)}" y="{_number(y)}" text-anchor="{anchor}">{text}'
            "</text>"
            for at, anchor, text in ((0.0, "start", "0"), (0.5, "middle", "50"), (1.0, "end", f"100{PERCENT}"))
        ]


def _key(limits: Sequence[float]) -> Markup:
    names = [f"up to {billions(limits[0])}"]
    names += [f"to {billions(limit)}" for limit in limits[1:]]
    names.append(f"above {billions(limits[-1])}")
    spans = [
        f'<span class="key"><svg class="dot" aria-hidden="true"><rect class="{kind}" width="100%" height="100%"/></svg>'
        f" {name}</span> "
        for kind, name in zip(CLASSES, names, strict=True)
    ]
    return Markup("".join(spans))


def _lines_phrase(there: Situation) -> str:
    ordered = sorted(there.budgets.items(), key=lambda item: item[1])
    told = [f"“{name}” {billions(value)}" for name, value in ordered]
    return f"{told[0]} (whole), {words.listed(told[1:])} (dashed)" if told[1:] else told[0]


def bands_phrase() -> str:
    ends = bands()
    low, all_kinds = ends["low"], ends["all"]
    return (
        f"{percent(all_kinds[0])} to {percent(all_kinds[1])} for alliances of all kinds, {percent(low[0])} (all kinds "
        f"after 1945) to {percent(low[1])} (defence pacts since 1816)"
    )


# ------------------------------------------------------------------------------------------------------------ curve
def curve_figure(there: Situation, defender: str) -> Figure:
    """The range of the smallest effort against reliability, with the budgets and the priors."""
    found = [spread(there.box.smallest_effort(float(r))) for r in CURVE]
    ceiling = max(1.35 * max(item.third_quartile for item in found), 1.6 * max(there.budgets.values()))
    cut = max(item.high for item in found) > ceiling
    scale = scale_for([0.0, ceiling if cut else max(item.high for item in found)])
    left, top, wide, high = 40.0, 38.0, WIDTH - 46.0, 220.0

    def x(value: float) -> float:
        return left + wide * value

    def y(value: float) -> float:
        return top + high * (1 - min(value, scale.high) / scale.high)

    parts = [
        f'<rect class="n0" x="{_number(x(ends[0]))}" y="{top}" width="{_number(wide * (ends[1] - ends[0]))}" '
        f'height="{high}"/>' + "".join(
            f'<text x="{_number(x(sum(ends) / 2))}" y="{top - 5 - LABEL * (len(lines) - 1 - number)}" '
            f'text-anchor="middle">{line}</text>'
            for number, line in enumerate(lines)
        )
        for ends, lines in zip(bands().values(), BAND_LABELS, strict=True)
    ]  # fmt: skip
    for ends, strong in ((("low", "high"), 0.25), (("first_quartile", "third_quartile"), 0.45)):
        low, up = ([y(getattr(item, end)) for item in found] for end in ends)
        xs = [x(float(r)) for r in CURVE]
        parts.append(
            f'<polygon class="g2" fill-opacity="{strong}" points="{_points([*xs, *xs[::-1]], [*up, *low[::-1]])}"/>'
        )
    medians = _points([x(float(r)) for r in CURVE], [y(item.median) for item in found])
    parts.append(f'<polyline class="line s1" points="{medians}"/>')
    for tick in scale.ticks:
        parts.append(
            f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{_number(y(tick))}" y2="{_number(y(tick))}"/>'
            f'<text class="soft" x="{left - 4}" y="{_number(y(tick) + 3.5)}" text-anchor="end">{tick_text(tick)}</text>'
        )
    parts += _budget_lines(there, left, wide, y)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = "end" if share == 1 else "middle"
        parts.append(
            f'<text class="soft" x="{_number(x(share))}" y="{top + high + 14}" text-anchor="{anchor}">{percent(share)}'
            "</text>"
        )
    told = f"Smallest own budget of {defender} that deters, by the ally’s reliability: range and median over the box"
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH} {top + high + 20}"><title>{escape(told)}</title>'
        f"{''.join(parts)}</svg>"
    )
    over = f" It goes on above the frame, to {billions(max(item.high for item in found))}." if cut else ""
    note = (
        f"Line: median; dark: half of the box of parameters; light: all of it.{over} Grey bands: what history says of "
        f"reliability, {bands_phrase()}."
    )
    title = "What the ally’s reliability saves"
    unit = "own outlays that deter, US$ billion a year, by reliability"
    return Figure("deterrence-curve", title, unit, body, note, source=source_of(there))


def _budget_lines(there: Situation, left: float, wide: float, y: Callable[[float], float]) -> list[str]:
    """A line for each budget; the label of the smallest is below it, the others are above, clear of all lines."""
    ordered = sorted(there.budgets.items(), key=lambda item: item[1])
    heights = [y(value) for _, value in ordered]
    parts, free = [], float("inf")  # above what height the labels so far leave room
    for number, ((name, value), height) in enumerate(zip(ordered, heights, strict=True)):
        if number == 0 and height + LABEL + 2 < y(0.0):
            label = height + LABEL
        else:
            label = min(height - 4, free - LABEL)
            for other in heights[number + 1 :]:  # from the lowest line up
                if label - 8 < other < label + 2:
                    label = other - 4
            free = label
        dash = ' stroke-dasharray="4 2.5"' if number else ""
        parts.append(
            f'<line x1="{left}" x2="{left + wide}" y1="{_number(height)}" y2="{_number(height)}" stroke="currentColor" '
            f'stroke-width="1.2"{dash}/><text class="strong" x="{left + 4}" y="{_number(label)}">{escape(name)}: '
            f"{billions(value)}</text>"
        )
    return parts


# ------------------------------------------------------------------------------------------------------------- bars
def attacker_figure(there: Situation, attacker: str) -> Figure:
    """The smallest effort where the attacker's figure counts for less or more."""
    groups = []
    low, high = there.box.attacker
    for reliability in dict.fromkeys(there.fall):
        bars = []
        for factor in box_of.FACTORS:
            scaled = replace(there.box, attacker=(factor * low, factor * high))
            found = spread(scaled.smallest_effort(reliability))
            bars.append(_bar(TIMES[factor], found, strong=factor == 1))
        groups.append(Group(f"If the ally comes with a chance of {percent(reliability)}", bars))
    title = "If the attacker’s effort is less or more"
    body = bar_table(
        groups,
        first="Attacker’s effort",
        unit="US$ billion",
        columns=("median", "range"),
        caption=f"{title}: own outlays",
    )
    fravel = there.attacker == ("CHN",) and there.spending.own and "attacker" not in there.given
    compared = FRAVEL_US if "USA" in there.ally and "ally" not in there.given else ""
    note = (
        f"The effort of {attacker} is an estimate, at market exchange rates. Less: forces tied down elsewhere (an "
        f"assumption). {FRAVEL + compared if fravel else ''}Lines: the whole box of parameters."
    )
    unit = "own outlays that deter, US$ billion a year"
    return Figure("deterrence-attacker", title, unit, body, note, source=source_of(there))


def price_figure(there: Situation) -> Figure:
    """What a percentage point of reliability is worth."""
    bars = [_bar(percent(r), spread(there.box.price(r)), quartiles=True) for r in there.reliability]
    title = "What a point of reliability is worth"
    body = bar_table(
        [Group("", bars)], first="Reliability", unit="US$ billion", columns=("median", "middle half"), caption=title
    )
    note = (
        "Own outlays that stand in for one percentage point of the ally’s reliability, at the smallest budget that "
        "deters; nothing where none is needed. Lines: the middle half of the box; the table has the ends."
    )
    unit = "US$ billion a year for a percentage point"
    return Figure("deterrence-price", title, unit, body, note, source=source_of(there))


def _bar(label: str, found: Spread, *, strong: bool = False, quartiles: bool = False) -> Bar:
    ends = (found.first_quartile, found.third_quartile) if quartiles else (found.low, found.high)
    return Bar(label, found.median, (billions(found.median), ranged(*ends)), kind="one", strong=strong, whisker=ends)
