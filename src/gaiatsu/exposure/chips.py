"""Chip making, step by step: who makes what, what feeds what, and whom nobody can do without.

The figures are CSET's (Semiconductor Supply Chain Dataset, shares of 2019, licence CC BY-NC: not shipped);
`load_chip_chain` reads your own download. Power is Clayton, Maggiori & Schreger (NBER w33309): what a buyer would pay
to keep a supplier with share Ω of a CES input, ln[1/(1 − Ω)]/(σ − 1); a supplier without whom nothing remains has no
bound.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from gaiatsu.errors import DataError, DataMissing, ScenarioError, did_you_mean
from gaiatsu.exposure.closed_form import power
from gaiatsu.world.codes import country_code

FILES = {
    "stages": ("cset_chip_stages.csv", "stages.csv"),
    "inputs": ("cset_chip_inputs.csv", "inputs.csv"),
    "provision": ("cset_chip_provision.csv", "provision.csv"),
    "sequence": ("cset_chip_sequence.csv", "sequence.csv"),
}
COLUMNS = {
    "stages": ("stage_id", "stage_name"),
    "inputs": ("input_id", "input_name", "type", "stage_id"),
    "provision": ("provider_name", "provided_id", "share_provided"),
    "sequence": ("input_id", "goes_into_id", "is_type_of_id"),
}
OWN_CODES = {"MAL": "MYS"}  # the source's own three letters
SIGMA = 4.0  # elasticity of substitution between suppliers, for want of estimates by step
HOLD = 0.5  # from this share on, a step is told as a chokepoint


@dataclass(frozen=True, eq=False)
class ChipChain:
    """Steps, tools and materials of chip making.

    names: id → name; stage: id → stage id; shares: [step, country] fractions summing to at most 1 (rows that are zero:
    no figures); feeds: pairs (input, user); types: pairs (kind, what it is a kind of).
    """

    names: dict[str, str]
    stage: dict[str, str]
    shares: pd.DataFrame
    feeds: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...]

    def _members(self, controller: str | Sequence[str]) -> list[str]:
        words = [controller] if isinstance(controller, str) else controller
        if not isinstance(words, list | tuple | set | frozenset) or not all(isinstance(word, str) for word in words):
            raise ScenarioError(f"{controller!r} is no country: name one, or a list of them")
        if not words:
            raise ScenarioError("no country is named: whose share of the chain is asked for?")
        codes = [country_code(word) or word.upper() for word in words]
        known = list(self.shares.columns)
        for word, code in zip(words, codes, strict=True):
            if code not in known:
                raise ScenarioError(f"{word!r} makes nothing in this chain{did_you_mean(word, known)}")
        return list(dict.fromkeys(codes))

    def share(self, controller: str | Sequence[str]) -> pd.Series:
        """[step] share of a country, or of several together; of a family of tools without figures, the mean of kinds.

        Steps of which nothing is known are left out.
        """
        own = self.shares[self._members(controller)].sum(axis=1).clip(upper=1.0)
        known = self.shares.sum(axis=1) > 0
        found = {step: float(own[step]) for step in self.shares.index if known[step]}
        for step in self._families:
            kinds = [found[kind] for kind, family in self.types if family == step and kind in found]
            if step not in found and kinds:
                found[step] = float(np.mean(kinds))
        return pd.Series(found, name="share").rename_axis("step")

    @cached_property
    def _families(self) -> list[str]:
        """Families of tools, those of kinds before those of families."""
        order, seen = [], set()

        def visit(step: str) -> None:
            for kind, family in self.types:
                if family == step and kind not in seen:
                    visit(kind)
            seen.add(step)
            order.append(step)

        for _, family in self.types:
            if family not in seen:
                visit(family)
        return order

    def look_through(self, controller: str | Sequence[str]) -> pd.Series:
        """[step] share of a step's output that has the controller somewhere on its way, if sources are mixed evenly.

        1 − (1 − Ω)·Π over inputs (1 − their own look-through). Steps without figures pass on what feeds them.
        """
        direct = self.share(controller)
        kept: dict[str, float] = {}

        def clear(step: str, above: tuple[str, ...]) -> float:
            if step in above:
                raise DataError(f"the chain runs in a circle through {self.names.get(step, step)}")
            if step not in kept:
                own = 1 - float(direct.get(step, 0.0))
                for source, user in self.feeds:
                    if user == step:
                        own *= clear(source, (*above, step))
                kept[step] = own
            return kept[step]

        steps = list(dict.fromkeys([*direct.index, *(user for _, user in self.feeds)]))
        return pd.Series({step: 1 - clear(step, ()) for step in steps}, name="look_through").rename_axis("step")

    def chokepoints(self, controller: str | Sequence[str], substitution: float = SIGMA) -> pd.DataFrame:
        """Every step of which something is known, those with the largest share first.

        Columns: step, name, share, look_through, power (infinite where nobody else is), held (share of HOLD or more),
        largest (the largest single supplier). `power` uses one σ for all steps, an assumption.
        """
        direct, through = self.share(controller), self.look_through(controller)
        frame = pd.DataFrame({
            "step": direct.index, "name": [self.names.get(step, step) for step in direct.index],
            "share": direct.to_numpy(), "look_through": through.reindex(direct.index).to_numpy(),
            "power": [power(1.0, value, substitution) for value in direct], "held": (direct >= HOLD).to_numpy(),
            "largest": [self.shares.loc[step].idxmax() if self.shares.loc[step].any() else "" for step in direct.index],
        })  # fmt: skip
        return frame.sort_values(["share", "look_through"], ascending=False, kind="stable").reset_index(drop=True)


def load_chip_chain(folder: str | os.PathLike[str]) -> ChipChain:
    """The chain from your own copy of CSET's four tables (stages, inputs, provision, sequence) in a folder.

    Only shares of countries are read, not of firms; they are divided by their sum where rounding takes it above 1.
    Raises DataMissing for a file that is not there, DataError for a wrong column, share or reference.
    """
    tables = {name: _read(Path(folder), name) for name in FILES}
    names = {
        **dict(zip(tables["stages"]["stage_id"], tables["stages"]["stage_name"], strict=True)),
        **dict(zip(tables["inputs"]["input_id"], tables["inputs"]["input_name"], strict=True)),
    }
    staged = tables["inputs"].dropna(subset=["stage_id"])
    sequence = tables["sequence"]
    feeds = sequence.dropna(subset=["goes_into_id"])
    types = sequence.dropna(subset=["is_type_of_id"])
    used = set(sequence["input_id"]) | set(feeds["goes_into_id"]) | set(types["is_type_of_id"])
    unknown = sorted(map(str, used - set(names)))
    if unknown:
        raise DataError(f"{folder}: the sequence names {', '.join(unknown[:5])}, which the inputs do not have")
    return ChipChain(
        names=names,
        stage=dict(zip(staged["input_id"], staged["stage_id"], strict=True)),
        shares=_shares(tables["provision"], list(names), str(folder)),
        feeds=tuple(zip(feeds["input_id"], feeds["goes_into_id"], strict=True)),
        types=tuple(zip(types["input_id"], types["is_type_of_id"], strict=True)),
    )


def _read(folder: Path, name: str) -> pd.DataFrame:
    place = next((folder / file for file in FILES[name] if (folder / file).is_file()), None)
    if place is None:
        raise DataMissing(
            f"{folder}: no {' or '.join(FILES[name])}; the tables are CSET's Semiconductor Supply Chain Dataset, "
            "https://github.com/georgetown-cset/eto-supply-chain"
        )
    try:
        frame = pd.read_csv(place, encoding="utf-8-sig", dtype=str)
    except (ValueError, OSError) as error:
        raise DataError(f"{place}: not a table of comma-separated values: {error}") from error
    lacking = [column for column in COLUMNS[name] if column not in frame]
    if lacking:
        raise DataError(f"{place}: has no column {', '.join(lacking)} (it has {', '.join(frame.columns)})")
    return frame


def _shares(provision: pd.DataFrame, steps: list[str], where: str) -> pd.DataFrame:
    """[step, country] fractions."""
    codes = provision["provider_name"].map(lambda name: OWN_CODES.get(name, name))
    country = codes.map(lambda code: len(str(code)) == 3 and country_code(str(code)) == code)
    kept = provision[country & provision["share_provided"].notna()]
    numbers = pd.to_numeric(kept["share_provided"].str.rstrip("%"), errors="coerce") / 100
    wrong = ~((numbers >= 0) & (numbers <= 1))
    if wrong.any():
        row = kept[wrong].iloc[0]
        raise DataError(
            f"{where}: the share of {row['provider_name']} in {row['provided_id']} is {row['share_provided']!r}; it "
            "must be a percentage from 0 % to 100 %"
        )
    stray = sorted(set(kept["provided_id"]) - set(steps))
    if stray:
        raise DataError(f"{where}: shares are given of {', '.join(stray[:5])}, which the inputs do not have")
    table = pd.pivot_table(
        pd.DataFrame({"step": kept["provided_id"], "country": codes[kept.index], "share": numbers}),
        index="step", columns="country", values="share", aggfunc="sum", fill_value=0.0,
    )  # fmt: skip
    total = table.sum(axis=1)
    return table.div(total.clip(lower=1.0), axis=0).reindex(steps, fill_value=0.0)
