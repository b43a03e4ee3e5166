"""Value added of 2022: totals from gross domestic product, shares by sector shifted in odds to meet them.

Gross domestic product (GDP) at market prices = value added + import duties + other taxes less subsidies on products.
Taxes on inputs are part of value added here, those on final products are not. The OECD's national tables give value
added of 2018 without either, the tables of 2014 with those on inputs: their median difference, in GDP, is what taxes
on inputs are taken to be everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from gaiatsu.world.accounts import Array
from gaiatsu.world.baseline.sectors import SPLIT
from gaiatsu.world.baseline.technology import HIGH_SHARE, LOW_SHARE
from gaiatsu.world.sources.icio2022 import Source
from gaiatsu.world.world import World

SOUND = (0.80, 1.00)  # value added of 2018 over GDP of 2018: outside, one of the two was revised since
MOST_OF_GDP = 0.99  # value added with taxes on inputs: what is left at least for duties and taxes on final products
MOST_OF_OUTPUT = 0.65  # value added over output: more is a difference between the sources, not a technology
WORLD, REST, TAIWAN = "WLD", "ROW", "TWN"
SOUND_ODDS = 7.5  # odds of a published share over those of the median economy, either way: further off, it is noise
STEPS = 200  # halvings of the bracket of odds


@dataclass(frozen=True)
class Totals:
    """By region, US$ million: GDP at market prices (NaN where none is published), value added over GDP (with taxes on
    inputs) and where that ratio is from, the value added wanted, and what the 0.65 rule leaves of it. revised: the
    economies whose figures of 2018 rest on a GDP that was revised since."""

    gdp: Array
    ratio: Array
    ratio_from: tuple[str, ...]
    wanted: Array
    value_added: Array
    taxes_on_inputs: float
    revised: tuple[str, ...]


def totals(source: Source, old: World, gdp: Mapping[str, Mapping[int, float]], output: Array) -> Totals:
    """Value added by region; output [region], US$ million. The rest of the world is the world less those listed."""
    regions = source.regions
    published = np.array([gdp[code][2022] if code in gdp else np.nan for code in regions])
    published[regions.index(REST)] = gdp[WORLD][2022] - np.nansum(published)
    found = {code: source.added[code] / gdp[code][2018] for code in regions if code in source.added and code in gdp}
    sound = {code: value for code, value in found.items() if SOUND[0] <= value <= SOUND[1]}
    typical = float(np.median(list(sound.values())))
    inputs = taxes_on_inputs(sound, old, gdp)
    ratio, where = np.zeros(len(regions)), []
    for number, code in enumerate(regions):
        value = found.get(code)
        if value is None or value < SOUND[0]:
            ratio[number], said = typical, f"median of {len(sound)} economies"
        else:
            ratio[number], said = value, "own, 2018"
        if value is not None and value < SOUND[0]:
            said += f" (own {value:.3f} rests on GDP before its revision)"
        where.append(said)
    ratio = np.minimum(ratio + inputs, MOST_OF_GDP)
    wanted = published * ratio
    taiwan = regions.index(TAIWAN)
    wanted[taiwan] = output[taiwan] * source.share_of_output[TAIWAN] * ratio[taiwan] / (ratio[taiwan] - inputs)
    added = np.minimum(wanted, MOST_OF_OUTPUT * output)
    revised = tuple(code for code, value in found.items() if value < SOUND[0])
    return Totals(published, ratio, tuple(where), wanted, added, inputs, revised)


def taxes_on_inputs(sound: Mapping[str, float], old: World, gdp: Mapping[str, Mapping[int, float]]) -> float:
    """The median over economies of value added over GDP in 2014 (with taxes on inputs) less that of 2018 (without)."""
    added = dict(zip(old.regions, old.accounts.value_added.sum(axis=1), strict=True))
    gaps = [added[code] / gdp[code][2014] - sound[code] for code in sound if code in added]
    return float(np.median(gaps))


def shift(shares: Array, output: Array, target: float) -> Array:
    """Shares [sector] whose odds are all multiplied by one factor so that their mean, weighted by output, is `target`.

    Odds keep every share between 0.02 and 0.98; the target must lie between them.
    """
    logit = np.log(shares / (1 - shares))
    low, high = -20.0, 20.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        moved = np.clip(1 / (1 + np.exp(-(logit + middle))), LOW_SHARE, HIGH_SHARE)
        if moved @ output < target * output.sum():
            low = middle
        else:
            high = middle
    return moved


def corrected(shares: Array, output: Array, sectors: tuple[str, ...], published: Mapping[str, float]) -> Array:
    """Shares [sector] of one region moved, group by group, to the OECD's of 2018; `published` holds the sound ones."""
    out = shares.copy()
    for group, value in published.items():
        rows = [sectors.index(code) for code in members(group, sectors)]
        if output[rows].sum() > 0:
            out[rows] = shift(out[rows], output[rows], value)
    return out


def sound_shares(
    published: Mapping[str, Mapping[str, float]], without: Collection[str] = ()
) -> dict[str, dict[str, float]]:
    """Economy → group → value-added share of 2018, where it can be one.

    It must lie in 0.02 to 0.98 and within a factor of the median economy's in odds; of economies in `without`, whose
    total is not used either, none is.
    """
    groups = {group for row in published.values() for group in row}
    middle = {}
    for group in groups:
        values = [row[group] for row in published.values() if LOW_SHARE < row.get(group, np.nan) < HIGH_SHARE]
        middle[group] = float(np.median(values))
    return {
        code: {
            group: value
            for group, value in row.items()
            if LOW_SHARE < value < HIGH_SHARE and 1 / SOUND_ODDS < odds(value) / odds(middle[group]) < SOUND_ODDS
        }
        for code, row in published.items()
        if code not in without
    }


def odds(share: float) -> float:
    """The share over the rest."""
    return share / (1 - share)


def members(group: str, sectors: tuple[str, ...]) -> list[str]:
    """The sectors of a group of the OECD's table: "A01+A02", "B" (its five parts), "SVC" (all services)."""
    if group == "SVC":
        return [code for code in sectors if code[0] not in "ABC"]
    return [code for piece in group.split("+") for code in SPLIT.get(piece, (piece,))]
