"""The figures of the section on a group: its ties as a network, shares, what is left as a tie fades, votes.

Inline SVG on a canvas 390 units wide that scales with the page, in the colours of the other line charts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, Scale, bar_table, scale_for, tick_text
from gaiatsu.report.figures import Figure, digits_for
from gaiatsu.report.headline import Names
from gaiatsu.security.group_findings import Findings

WIDTH = 390.0
PERCENT = f"{words.SPACE}%"
BILLION = f"US${words.SPACE}bn"
LARGEST_NODE, SMALLEST_NODE = 34.0, 7.0
WIDEST, NARROWEST = 8.0, 1.2
HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 164.0, 46.0, 14.0, 32.0, 30.0


@dataclass(frozen=True)
class Origin:
    """Where numbers are from: the world's name, whose figures of spending, and whether the scenario names the ties."""

    world: str
    spending: str
    named: bool

    @property
    def line(self) -> str:
        """The source line of a figure that has all three."""
        ties = "as the scenario names them" if self.named else "treaties in force (table of treaties)"
        return f"world {self.world}; military spending: {self.spending}; ties: {ties}"


def between(low: float, high: float, digits: int, word: str = " to ") -> str:
    """Two ends without signs: "0.97 to 2.14"; one number where they are told alike. word: between them."""
    first, second = (f"{value:,.{digits}f}".replace("-", words.MINUS) for value in (low, high))
    return first if first == second else f"{first}{word}{second}"


def spread(found: Findings) -> str:
    """What leverage goes over: "horizons and published elasticities (short run)"."""
    drawn = [
        words.HORIZONS[name][1].lower()
        for name in words.HORIZONS
        if any(column.startswith(f"{name}_") for column in found.leverage.columns)
    ]
    return f"horizons and published elasticities ({words.listed(drawn)})" if drawn else "horizons"


def billions(low: float, high: float, word: str = " to ") -> str:
    """Two ends in US$ billion, with a decimal where they are small."""
    return between(low, high, 0 if abs(high) >= 20 else 1, word)


# ---------------------------------------------------------------------------------------------------------- network
def network_figure(found: Findings, names: Names, horizon: str, where: Origin) -> Figure:
    """Members as circles as large as their part of joint leverage, obligations as arrows as wide as what they carry."""
    shares = found.shares_of_leverage()
    places = _places(len(found.members))
    radius = {
        code: max(SMALLEST_NODE, LARGEST_NODE * math.sqrt(max(float(shares.at[code, horizon]), 0.0) / 100))
        if np.isfinite(shares.at[code, horizon])
        else SMALLEST_NODE
        for code in found.members
    }
    spot = dict(zip(found.members, places, strict=True))
    most = max((row.capability_high for row in found.tie_values.itertuples()), default=1.0) or 1.0
    both = {(tie.by, tie.to) for tie in found.ties}
    parts = []
    for row in found.tie_values.itertuples():
        width = NARROWEST + (WIDEST - NARROWEST) * math.sqrt(row.capability_high / most)
        told = billions(row.capability_low, row.capability_high)
        said = f"{names.region[row.by]} owes {names.region[row.to]} defence: it adds {BILLION} {told}"
        arrow = _Arrow(spot[row.by], spot[row.to], radius[row.by], radius[row.to], width, (row.to, row.by) in both)
        parts.append(arrow.draw(told, said, fading=(row.by, row.to) == found.fading))
    middle = (WIDTH / 2, sum(y for _, y in places) / len(places))
    for code in found.members:
        parts.append(_node(spot[code], radius[code], middle, names.region[code], _share_told(shares.loc[code])))
    height = max(y for _, y in places) + 70
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {height:.0f}"><title>'
        f"{escape(_network_words(found, names))}</title>{''.join(parts)}</svg>"
    )
    whose = "in the scenario" if where.named else "by the treaties that come with the package"
    note = (
        f"Circles: share of joint leverage, over {spread(found)}. Arrows go from who owes defence to whom it is owed, "
        f"as wide as what they add at most; a member without an arrow owes nobody and is owed nothing {whose}."
    )
    if found.fading:
        note += " Dashed: the tie that fades."
    unit = f"share of joint leverage, percent, and what ties add to capability, {BILLION}"
    return Figure("group-network", "Members and ties", unit, body, note, source=where.line)


def _places(count: int) -> list[tuple[float, float]]:
    """Where members stand: side by side, or at the corners of a polygon that starts at the top left."""
    if count == 2:
        return [(95.0, 66.0), (295.0, 66.0)]
    start = -0.75 * math.pi if count == 4 else -0.5 * math.pi
    turns = [start + 2 * math.pi * number / count for number in range(count)]
    lowest = max(-math.sin(turn) for turn in turns)
    return [(WIDTH / 2 + 128 * math.cos(turn), 66 + 128 * (lowest + math.sin(turn))) for turn in turns]


def _share_told(shares: pd.Series) -> str:
    if not np.isfinite(shares).all():
        return ""
    return f"{between(float(shares.min()), float(shares.max()), 0)}{PERCENT}"


def _network_words(found: Findings, names: Names) -> str:
    told = [f"{names.region[tie.by]} owes {names.region[tie.to]}" for tie in found.ties]
    return f"Network of obligations: {'; '.join(told) or 'none'}"


def _node(spot: tuple[float, float], radius: float, middle: tuple[float, float], name: str, share: str) -> str:
    """A circle with its name and share above or below it, away from the middle."""
    x, y = spot
    side = 1 if y >= middle[1] else -1
    first = y + side * (radius + (13 if side > 0 else 18))
    return (
        f'<circle class="gain" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{escape(name)} {escape(share)}</title>'
        f'</circle><text class="strong" x="{x:.1f}" y="{first:.1f}" text-anchor="middle">{escape(name)}</text>'
        f'<text class="soft" x="{x:.1f}" y="{first + 12:.1f}" text-anchor="middle">{escape(share)}</text>'
    )


@dataclass(frozen=True)
class _Arrow:
    """From one circle to another; where there is one the other way too, both stand a little apart."""

    start: tuple[float, float]
    end: tuple[float, float]
    start_radius: float
    end_radius: float
    width: float
    returned: bool

    def draw(self, told: str, said: str, *, fading: bool) -> str:
        """Shaft, head and label."""
        across, down = self.end[0] - self.start[0], self.end[1] - self.start[1]
        length = math.hypot(across, down)
        along, beside = (across / length, down / length), (-down / length, across / length)
        apart = 9.0 if self.returned else 0.0
        head = 6.0 + self.width

        def at(distance: float, offset: float = 0.0) -> tuple[float, float]:
            off = apart + offset
            return (
                self.start[0] + along[0] * distance + beside[0] * off,
                self.start[1] + along[1] * distance + beside[1] * off,
            )

        tail, tip = at(self.start_radius + 4), at(length - self.end_radius - 4)
        neck = at(length - self.end_radius - 4 - head)
        wings = [at(length - self.end_radius - 4 - head, side * (2.5 + 0.75 * self.width)) for side in (1, -1)]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, *wings))
        label = at(self.start_radius + 0.45 * (length - self.start_radius - self.end_radius), 6 + self.width / 2)
        anchor = "middle" if abs(beside[0]) < 0.5 else "start" if beside[0] > 0 else "end"
        shift = 3.5 + (6.0 if beside[1] > 0.5 else -2.0 if beside[1] < -0.5 else 0.0)
        dashes = ";stroke-dasharray:7 4" if fading else ""
        return (
            f'<g><title>{escape(said)}</title><line class="line s0" x1="{tail[0]:.1f}" y1="{tail[1]:.1f}" '
            f'x2="{neck[0]:.1f}" y2="{neck[1]:.1f}" style="stroke-width:{self.width:.1f}{dashes}"/>'
            f'<polygon class="loss" points="{corners}"/><text x="{label[0]:.1f}" y="{label[1] + shift:.1f}" '
            f'text-anchor="{anchor}">{escape(told)}</text></g>'
        )


# ----------------------------------------------------------------------------------------------------------- shares
def shares_figure(found: Findings, names: Names, horizon: str, where: Origin) -> Figure:
    """Each member's Shapley value by both yardsticks, percent of the whole."""
    leverage, capability = found.shares_of_leverage(), found.shares_of_capability()
    points, money = found.leverage_shares, found.capability
    groups = []
    if np.isfinite(leverage.to_numpy()).all():
        bars = [
            Bar(
                names.region[code], float(leverage.at[code, horizon]),
                (_share_told(leverage.loc[code]), between(points.loc[code].min(), points.loc[code].max(), 2)),
                kind="one", whisker=(float(leverage.loc[code].min()), float(leverage.loc[code].max())),
            )
            for code in found.members
        ]  # fmt: skip
        groups.append(Group(f"Joint leverage over {names.the(found.leverage.rival)}: points of its real income", bars))
    ends = capability.agg(["min", "max"], axis=1)
    bars = [
        Bar(
            names.region[code], float(ends.loc[code].mean()),
            (_share_told(capability.loc[code]), billions(*money.loc[code, ["shapley_low", "shapley_high"]])),
            kind="two", whisker=(float(ends.at[code, "min"]), float(ends.at[code, "max"])),
        )
        for code in found.members
    ]  # fmt: skip
    groups.append(Group(f"Joint capability: {BILLION} a year", bars))
    title = "What each member contributes"
    body = bar_table(
        groups, first="Member", unit="percent of the whole", columns=("share", "of it"),
        caption=f"{title}: Shapley values by two yardsticks",
    )  # fmt: skip
    note = (
        f"Shapley values. Leverage: the bar is {words.HORIZONS[horizon][0]}, lines go over {spread(found)}. "
        "Capability: lines go from the low to the high ends of how far an ally’s effort counts and ties "
        "hold; bars end midway, for "
        "the eye only."
    )
    return Figure("group-shares", title, "percent of the joint value, and its worth", body, note, source=where.line)


# ------------------------------------------------------------------------------------------------------------- fade
@dataclass(frozen=True)
class Band:
    """What is left as a tie fades, from low to high; name: at its right end; kind: its colour (s0 … s5)."""

    name: str
    low: Sequence[float]
    high: Sequence[float]
    kind: str


def fade_figure(found: Findings, names: Names, where: Origin) -> Figure | None:
    """Leverage, capability and the rival's chance as the tie weakens from full to none, as bands."""
    if found.fading is None:
        return None
    table = found.fade
    by, to = (names.the(code) for code in found.fading)
    rival = names.the(found.leverage.rival)
    joined = [
        Band(
            words.HORIZONS[name][1].lower(),
            *_ends([
                table[f"leverage_{column}_{rule}"].to_numpy()
                for column in found.leverage.columns if column.split("_")[0] == name for rule in ("largest", "sum")
            ]), kind,
        )
        for name, kind in zip(found.leverage.horizons, ("s0", "s1", "s2", "s4"), strict=False)
    ]  # fmt: skip
    capable = [Band("", table["capability_low"].tolist(), table["capability_high"].tolist(), "s3")]
    lost = [Band("", (100 * table["chance_low"]).tolist(), (100 * table["chance_high"]).tolist(), "s2")]
    parts = [
        _panel(joined, f"Joint leverage: loss of {rival}, percent of real income"),
        _panel(capable, "Joint capability, US$ billion a year"),
        _panel(
            lost, f"Chance that an attack of {rival} on {to} succeeds, percent", below="strength of the tie, percent"
        ),
    ]
    said = f"Three charts of what is left as the tie from {by} to {to} weakens from 100 to 0 percent"
    height = HEIGHT * len(parts)
    inside = "".join(f'<g transform="translate(0 {HEIGHT * n:.0f})">{part}</g>' for n, part in enumerate(parts))
    body = Markup(
        f'<svg class="lines" role="img" viewBox="0 0 {WIDTH:.0f} {height:.0f}"><title>{escape(said)}</title>'
        f"{inside}</svg>"
    )
    note = (
        f"Leverage, over {spread(found)}: from the largest bloc that ties still join acting "
        "alone (lower edge) to every bloc acting for itself (upper edge); the other ties join for certain. Capability "
        "and chance: over the ranges of how far an "
        "ally’s effort counts, how reliable ties are (the fading one: its own reliability times its strength) and how "
        "much the larger effort decides."
    )
    title = f"As the tie from {by} to {to} fades"
    return Figure("group-fade", title, "from full (left) to none (right)", body, note, source=where.line)


def _ends(curves: Sequence[np.ndarray]) -> tuple[list[float], list[float]]:
    table = np.array(curves)
    return table.min(0).tolist(), table.max(0).tolist()


def _panel(bands: Sequence[Band], title: str, below: str = "") -> str:
    """One chart: bands over the strength of the tie, from 100 percent on the left to 0."""
    up = scale_for([value for band in bands for value in (*band.low, *band.high)])
    parts = [f'<text class="strong" x="2" y="11">{escape(title)}</text>']
    for tick in up.ticks:
        y, kind = _y(up, tick), "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        text = f"{tick:,.0f}" if tick >= 1000 else tick_text(tick)
        parts.append(f'<text class="soft" x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{text}</text>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = LEFT + (WIDTH - LEFT - RIGHT) * share
        parts.append(
            f'<text class="soft" x="{x:.1f}" y="{HEIGHT - BOTTOM + 12}" text-anchor="middle">'
            f"{100 - 100 * share:.0f}</text>"
        )
    if below:
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(f'<text class="soft" x="{middle}" y="{HEIGHT - 5}" text-anchor="middle">{escape(below)}</text>')
    parts += [_band(band, up) for band in bands]
    return "".join(parts)


def _band(band: Band, up: Scale) -> str:
    count = len(band.low) - 1
    across = [LEFT + (WIDTH - LEFT - RIGHT) * number / count for number in range(count + 1)]
    high = [f"{x:.1f},{_y(up, value):.1f}" for x, value in zip(across, band.high, strict=True)]
    low = [f"{x:.1f},{_y(up, value):.1f}" for x, value in zip(across, band.low, strict=True)]
    colour = {"s0": "loss", "s1": "gain", "s2": "one", "s3": "two", "s4": "whole"}[band.kind]
    ends = "".join(f'<polyline class="line {band.kind}" points="{" ".join(edge)}"/>' for edge in (high, low))
    label = ""
    if band.name:
        y = _y(up, band.high[0]) - 4
        label = f'<text x="{LEFT + 6}" y="{y:.1f}">{escape(band.name)}</text>'
    outline = " ".join([*high, *reversed(low)])
    return f'<polygon class="{colour}" style="fill-opacity:.22" points="{outline}"/>{ends}{label}'


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.place(value) / 100


# ------------------------------------------------------------------------------------------------------------ votes
def votes_figure(votes: pd.DataFrame, names: Names, rival: str) -> Figure | None:
    """Distances of votes: of each member from the rival, and between members."""
    if votes.empty:
        return None
    apart = votes[(votes["first"] == rival) | (votes["second"] == rival)]
    inside = votes.drop(apart.index)
    digits = digits_for(list(votes["distance"]))
    groups = []
    for heading, rows in ((f"From {names.the(rival)}", apart), ("Between members", inside)):
        bars = []
        for row in rows.sort_values("distance", ascending=False, kind="stable").itertuples():
            pair = [code for code in (row.first, row.second) if code != rival]
            bars.append(
                Bar(
                    " – ".join(names.region[code] for code in pair), row.distance,
                    (f"{row.distance:.{digits}f}", words.signed(row.change, digits) if np.isfinite(row.change) else ""),
                    kind="whole", whisker=(row.low, row.high),
                )
            )  # fmt: skip
        if bars:
            groups.append(Group(heading, bars))
    first, last = votes.attrs["years"]
    title = "How far apart they vote"
    body = bar_table(groups, first="States", unit="distance", columns=("distance", "change"), caption=title)
    note = (
        f"Distance between ideal points in {last}; lines: 5 to 95{PERCENT}, with errors taken as independent. Change: "
        f"mean of the last three years less that of {first} to {first + 2}."
    )
    unit = "distance of ideal points, votes in the UN General Assembly"
    source = f"Bailey, Strezhnev and Voeten, Harvard Dataverse, votes of {first} to {last}"
    return Figure("group-votes", title, unit, body, note, source=source)
