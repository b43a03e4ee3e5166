"""Input mix, value-added shares and final shares of 2022 sectors, from the tables of 2014."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaiatsu.world.accounts import Array
from gaiatsu.world.baseline import sectors as names
from gaiatsu.world.world import World

CRUMB = 1e-9  # US$ million: weight of sectors without output, so that averages exist
LOW_SHARE, HIGH_SHARE = 0.02, 0.98  # value-added shares stay within
FINAL_FLOOR = 1e-6  # of purchases
REFINING, EXTRACTION = "C19", "B"
MISSING = 0.25  # of the median share of extraction in the inputs of refineries: below it, where …
REFINER = 1000.0  # … they produce this much, US$ million, the table does not record extraction


@dataclass(frozen=True)
class Technology:
    """Priors of one region before totals are met: input_mix [input, user], columns sum to one; va_share [sector];
    final_share [sector] final use over purchases."""

    input_mix: Array
    va_share: Array
    final_share: Array


@dataclass(frozen=True)
class Tables:
    """What is used of the tables of 2014, [donor, …] on its sectors."""

    labels: tuple[str, ...]
    input_mix: Array
    cost: Array
    va_share: Array
    output: Array
    purchases: Array
    final_use: Array


def tables_of(world: World) -> Tables:
    """The tables of a world; what they do not record comes from the mix of all economies together.

    That is the inputs of users without any, and what everybody buys of extraction where refineries buy next to none.
    """
    accounts = world.accounts
    cost = (1 - accounts.va_share) * accounts.output
    average = accounts.intermediate.sum(axis=0)
    average = average / average.sum(axis=0)
    silent = (cost <= 0)[:, None, :]
    mix = np.where(silent, average, accounts.input_mix)
    extraction = world.sectors.index(EXTRACTION)
    for number in unrecorded(world):
        own = mix[number, extraction]
        mix[number] *= (1 - average[extraction]) / (1 - own)
        mix[number, extraction] = average[extraction]
    return Tables(
        labels=world.sectors, input_mix=mix, cost=cost,
        va_share=accounts.va_share, output=accounts.output, purchases=accounts.expenditure,
        final_use=accounts.final_use,
    )  # fmt: skip


def unrecorded(world: World) -> list[int]:
    """Positions of the economies whose refineries buy next to nothing of extraction."""
    refining, extraction = world.sectors.index(REFINING), world.sectors.index(EXTRACTION)
    share = world.accounts.input_mix[:, extraction, refining]
    large = world.accounts.output[:, refining] > REFINER
    return [int(number) for number in np.flatnonzero(large & (share < MISSING * np.median(share[large])))]


def _final(sectors: tuple[str, ...], share: Array, purchases: Array) -> Array:
    """Final use over purchases [sector], divided anew among the parts of split sectors.

    Final use of extraction is exploration and drilling; crude, coal and ores are bought by industry.
    """
    out = share.copy()
    for parts in names.SPLIT.values():
        rows = [sectors.index(part) for part in parts]
        bought = purchases[rows] + CRUMB
        pull = bought * [names.FINAL_AFFINITY.get(part, 1.0) for part in parts]
        out[rows] = np.minimum((share[rows] @ bought) * pull / pull.sum() / bought, 1.0)
    return out


def prior(tables: Tables, sectors: tuple[str, ...], weights: Array, purchases: Array) -> Technology:
    """The technology of one region from its donors.

    weights: [donor]; purchases: [sector of 2022], US$ million. Users that were joined are averaged by their cost
    (value-added shares by output); an input that was split is divided by affinity times purchases of its parts.
    """
    old = tables.labels
    repair = names.repair_share(sectors, old, purchases, weights @ tables.purchases)
    holds = names.holdings(sectors, old, repair)
    mix = np.zeros((len(sectors), len(sectors)))
    share, final = np.zeros(len(sectors)), np.zeros(len(sectors))
    for donor in np.flatnonzero(weights):
        weight = weights[donor]
        users = holds * (tables.cost[donor] + CRUMB)
        mix += weight * holds @ tables.input_mix[donor] @ (users / users.sum(axis=1, keepdims=True)).T
        makers = holds * (tables.output[donor] + CRUMB)
        share += weight * (makers @ tables.va_share[donor]) / makers.sum(axis=1)
        bought = holds * tables.purchases[donor]
        total = bought.sum(axis=1)
        left = holds @ tables.final_use[donor]
        final += weight * np.divide(left, total, out=np.ones_like(total), where=total > 0)
    likes = names.affinity(sectors)
    for parts in names.SPLIT.values():
        rows = [sectors.index(part) for part in parts]
        pull = likes[rows] * (purchases[rows] + CRUMB)[:, None]
        mix[rows] *= pull / pull.sum(axis=0)
    mix = np.where((purchases > 0)[:, None], mix, 0.0)
    return Technology(
        input_mix=mix / mix.sum(axis=0), va_share=np.clip(share, LOW_SHARE, HIGH_SHARE),
        final_share=np.clip(_final(sectors, final, purchases), FINAL_FLOOR, 1.0),
    )  # fmt: skip
