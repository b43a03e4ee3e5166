"""Which tables of 2014 stand for which economy of 2022."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from gaiatsu.errors import DataError
from gaiatsu.world.accounts import Array

OWN = "updated"  # the economy's own table of 2014, brought to 2022
OTHER = "borrowed"  # tables of other economies of 2014


@dataclass(frozen=True)
class Donor:
    """Weights on economies with a table of 2014 (they sum to one), and why these."""

    weights: dict[str, float]
    reason: str


@cache
def borrowed() -> dict[str, Donor]:
    """Economy without a table of its own in 2014 → its donors."""
    text = resources.files("gaiatsu.world").joinpath("data", "donors_2022.csv").read_text(encoding="utf-8")
    out = {}
    for row in csv.DictReader(text.splitlines()):
        pairs = (pair.split() for pair in row["donors"].split("|"))
        out[row["code"]] = Donor({code: float(weight) for code, weight in pairs}, row["reason"])
    return out


def weights(regions: Sequence[str], known: Sequence[str]) -> Array:
    """[region, donor] how much of each table of 2014 stands for a region; rows sum to one. DataError without donors."""
    out = np.zeros((len(regions), len(known)))
    for number, code in enumerate(regions):
        if code in borrowed():
            for donor, weight in borrowed()[code].weights.items():
                out[number, known.index(donor)] = weight
        elif code in known:
            out[number, known.index(code)] = 1.0
        else:
            raise DataError(f"economy {code!r} has neither a table of 2014 nor donors; name them in donors_2022.csv")
    if not np.allclose(out.sum(axis=1), 1.0, atol=1e-12):
        bad = [code for code, total in zip(regions, out.sum(axis=1), strict=True) if abs(total - 1) > 1e-12]
        raise DataError(f"donor weights of {', '.join(bad)} in donors_2022.csv do not sum to one")
    return out


def origin(code: str) -> str:
    """`updated`, or `borrowed` and from whom: "borrowed from CHN 0.5, IDN 0.5"."""
    if code not in borrowed():
        return OWN
    given = borrowed()[code].weights
    return f"{OTHER} from " + ", ".join(
        f"{donor} {weight:g}" if weight < 1 else donor for donor, weight in given.items()
    )
