"""The world map of real income: classes symmetric around zero, regions of the world table on the outlines of map/."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

from gaiatsu.report.words import MINUS, signed_percent

LADDER = tuple(base * 10.0**power for power in range(-3, 3) for base in (1, 3))  # 0.001, 0.003, 0.01, … 300 percent
CLASSES = 4
MARK = 7  # radius of the mark of a country too small to see


@cache
def atlas() -> dict[str, Any]:
    """Canvas size and outlines by ISO3 code."""
    text = resources.files("gaiatsu.report").joinpath("map", "countries.json").read_text(encoding="utf-8")
    return json.loads(text)


def thresholds(values: Mapping[str, float]) -> tuple[float, ...]:
    """Four class limits in percent, on a ladder of 1-3-10 that ends at the largest change."""
    largest = max((abs(value) for value in values.values() if math.isfinite(value)), default=0.0)
    top = sum(step < largest for step in LADDER)
    top = min(max(top, CLASSES), len(LADDER))
    return LADDER[top - CLASSES : top]


def class_of(value: float, limits: tuple[float, ...]) -> str:
    """The style class of a value: n0, or g1 to g4 (gains), or l1 to l4 (losses)."""
    level = sum(abs(value) >= limit for limit in limits)
    return "n0" if level == 0 else f"{'g' if value > 0 else 'l'}{level}"


def holders(countries: Mapping[str, str], members: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """ISO3 code on the map → region of the world that it is, or is part of. `members` lists each region's countries."""
    return {iso3: region for region, codes in members.items() for iso3 in codes if iso3 in countries}


def legend(limits: tuple[float, ...], rest: str | None) -> Markup:
    """Colour keys with their ranges in percent."""
    text = [f"{limit:.10g}" for limit in limits]
    ranges = [("l4", f"below {MINUS}{text[3]}")]
    ranges += [(f"l{k}", f"{MINUS}{text[k]} to {MINUS}{text[k - 1]}") for k in (3, 2, 1)]
    ranges.append(("n0", f"within ±{text[0]}"))
    ranges += [(f"g{k}", f"{text[k - 1]} to {text[k]}") for k in (1, 2, 3)]
    ranges.append(("g4", f"above {text[3]}"))
    if rest is not None:
        ranges.append(("rest", rest))
    return _keys(ranges)


def _keys(kinds: Sequence[tuple[str, str]]) -> Markup:
    """Coloured squares with their meaning."""
    spans = [
        f'<span class="key"><svg class="dot" aria-hidden="true"><rect class="{kind}" width="100%" height="100%"/></svg>'
        f" {escape(words)}</span> "
        for kind, words in kinds
    ]
    return Markup("".join(spans))


def world_map(
    values: Mapping[str, float], names: Mapping[str, str], members: Mapping[str, tuple[str, ...]], alternative: str
) -> Markup | None:
    """The map as inline SVG; None when no region of the world is on it.

    values: percent by region; members: countries (ISO3) of each region; the region ROW and what no region covers are
    hatched. `alternative` is the text for those who do not see it.
    """
    region_of = holders(atlas()["countries"], {key: codes for key, codes in members.items() if key != "ROW"})
    if not region_of:
        return None
    limits = thresholds({region: values[region] for region in set(region_of.values())})
    looks = {
        region: (class_of(values[region], limits), f": {signed_percent(values[region])} %")
        for region in set(region_of.values())
    }
    return _draw(looks, region_of, names, alternative)


def share_legend(limits: tuple[float, ...], own: str) -> Markup:
    """Colour keys of `share_map`, in percent; `own` says what has no share."""
    text = [f"{limit:.10g}" for limit in limits]
    keys = [("n0", f"below {text[0]}")]
    keys += [(f"g{k}", f"{text[k - 1]} to {text[k]}") for k in range(1, CLASSES)]
    keys += [(f"g{CLASSES}", f"above {text[-1]}"), ("whole", own), ("rest", "not told apart in the data")]
    return _keys(keys)


def share_map(
    shares: Mapping[str, float], names: Mapping[str, str], members: Mapping[str, tuple[str, ...]], alternative: str
) -> Markup | None:
    """A map of percentages that are never negative; regions without one are drawn apart, ROW is hatched.

    None when no region with a share is on the map. Otherwise as `world_map`.
    """
    region_of = holders(atlas()["countries"], {key: codes for key, codes in members.items() if key != "ROW"})
    shown = {region: shares[region] for region in set(region_of.values()) if region in shares}
    if not shown:
        return None
    limits = thresholds(shown)
    looks = {
        region: (class_of(shown[region], limits), f": {shown[region]:.2f} %") if region in shown else ("whole", "")
        for region in set(region_of.values())
    }
    return _draw(looks, region_of, names, alternative)


def _draw(
    looks: Mapping[str, tuple[str, str]], region_of: Mapping[str, str], names: Mapping[str, str], alternative: str
) -> Markup:
    """The outlines; looks: style class, and what stands after the name, of each region."""
    outlines = atlas()
    drawn, marks = [], []
    for iso3, entry in outlines["countries"].items():
        region = region_of.get(iso3)
        if region is None:
            drawn.append(f'<path class="rest" d="{entry["path"]}"/>')
            continue
        kind, told = looks[region]
        inside = "" if names[region] == entry["name"] else f"{entry['name']}, in " if region != iso3 else ""
        label = f"<title>{escape(inside + names[region] + told)}</title>"
        drawn.append(f'<path class="{kind}" d="{entry["path"]}">{label}</path>')
        if "point" in entry:
            x, y = entry["point"]
            marks.append(f'<circle class="{kind}" cx="{x}" cy="{y}" r="{MARK}">{label}</circle>')
    pattern = (
        '<defs><pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="9" height="9"/><line class="hatch-line" x1="0" y1="0" x2="0" y2="9"/>'
        "</pattern></defs>"
    )
    return Markup(
        f'<svg class="map" role="img" viewBox="0 0 {outlines["width"]} {outlines["height"]}">'
        f"<title>{escape(alternative)}</title>{pattern}{''.join(drawn)}{''.join(marks)}</svg>"
    )
