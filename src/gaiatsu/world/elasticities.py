"""Trade elasticities θ = σ − 1 by published set, on the sectors of any world.

A set says in which convention its source prints its numbers: `theta` as they are, `sigma` less one. A coefficient of
duty-exclusive trade on ln(1+τ) is −σ = −(θ+1). Services, electricity and water included, have θ = 4 in all sets.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.world import codes

if TYPE_CHECKING:
    from gaiatsu.world.world import World

DEFAULT_SET = "fontagne"
SERVICES = 4.0  # θ of services in every set
MINIMUM = 0.5  # θ of a published estimate is raised to this: at σ ≤ 1 goods of different origin do not compete
REPAIR = 33  # ISIC division of repair and installation: it follows machinery, not other manufacturing


@cache
def elasticity_sets() -> dict[str, dict[str, Any]]:
    """Name → what is known of the set: source, doi, convention, equation, seen, evidence, note, aliases."""
    text = resources.files("gaiatsu.world").joinpath("data", "elasticity_sets.json").read_text(encoding="utf-8")
    sets: dict[str, dict[str, Any]] = json.loads(text)
    return sets


@cache
def _table(file: str = "elasticities.csv") -> dict[str, dict[str, float]]:
    """Set → sector of the table (27 goods sectors of the OECD's tables) → number as printed, where there is one."""
    text = resources.files("gaiatsu.world").joinpath("data", file).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names = [name for name in rows[0] if name != "sector"]
    return {name: {row["sector"]: float(row[name]) for row in rows if row[name]} for name in names}


def table_rows() -> tuple[str, ...]:
    """The sectors that estimates are kept by."""
    return tuple(_table()[DEFAULT_SET])


@cache
def _row_divisions() -> dict[str, frozenset[codes.Division]]:
    """The ISIC divisions of each row."""
    parsed = {row: codes.parse_isic(row) for row in table_rows()}
    return {row: divisions for row, divisions in parsed.items() if divisions}


def set_name(word: str) -> str:
    """The name of a set from its name or an alias such as "CP"; ScenarioError with the nearest names."""
    words: dict[str, str] = {}
    for name, facts in elasticity_sets().items():
        words.update({codes.fold(alias): name for alias in (name, *facts["aliases"])})
    if not isinstance(word, str) or codes.fold(word) not in words:
        hint = did_you_mean(str(word), elasticity_sets()) or "."
        raise ScenarioError(f"unknown elasticity set {word!r}{hint} Sets: {', '.join(elasticity_sets())}")
    return words[codes.fold(word)]


def published(name: str) -> dict[str, float]:
    """Row of the table of estimates → θ as the set's paper has it, before the minimum."""
    facts = elasticity_sets()[name]
    if "uniform" in facts:
        return dict.fromkeys(table_rows(), float(facts["uniform"]))
    less = {row: 1.0 for row in _table()[name] if facts["convention"] == "sigma"}
    less.update(dict.fromkeys(facts.get("theta_sectors", ()), 0.0))
    return {row: value - less.get(row, 0.0) for row, value in _table()[name].items()}


def standard_errors(name: str) -> dict[str, float]:
    """Row of the table of estimates → standard error of θ; empty for a set whose paper prints none we have seen."""
    return _table("elasticity_errors.csv").get(name, {})


def _rows(parts: tuple[str, ...], label: str) -> list[str]:
    """The rows of the table that a goods sector overlaps; ScenarioError when its codes say nothing."""
    held = codes.sector_divisions(parts)
    if held is None:
        raise ScenarioError(
            f"sector {label!r} has no ISIC code, so no published elasticity is known for it; give it by hand, for "
            f"example overrides={{{label!r}: 5.0}}, or use the set 'uniform-4'"
        )
    without_repair = frozenset(item for item in held if item[0] != REPAIR)
    wanted = without_repair or codes.parse_isic("C28")
    assert wanted is not None
    return [row for row, divisions in _row_divisions().items() if codes.overlaps(divisions, wanted)]


@dataclass(frozen=True, eq=False)
class SectorMap:
    """How estimates by row of the table become θ by sector: weights [sector, row], or `fixed` where it is not NaN."""

    labels: tuple[str, ...]
    weights: NDArray[np.float64]
    fixed: NDArray[np.float64]
    chosen: Mapping[int, float]

    def theta(self, table: Mapping[str, float]) -> tuple[NDArray[np.float64], list[str]]:
        """θ by sector from θ by row, and the sectors where an estimate was raised to the minimum."""
        asked = self.weights @ np.array([table[row] for row in table_rows()])
        estimated = np.isnan(self.fixed)
        raised = [self.labels[index] for index in np.flatnonzero(estimated & (asked < MINIMUM))]
        return np.where(estimated, np.maximum(asked, MINIMUM), self.fixed), raised


def sector_map(
    sectors: World | Sequence[str] | None, overrides: Mapping[str, float] | None = None, *, any_sector: bool = False
) -> SectorMap:
    """Which rows of the table of estimates each sector takes the mean of; see load_elasticities.

    any_sector: goods sectors need no code (for a set with one number for all, which the first row has).
    """
    labels, names, parts, goods = _sectors(sectors)
    chosen = _override({} if overrides is None else overrides, labels, names, parts, goods)
    position = {row: index for index, row in enumerate(table_rows())}
    weights, fixed = np.zeros((len(labels), len(position))), np.full(len(labels), SERVICES)
    for index, label in enumerate(labels):
        if index in chosen:
            fixed[index] = chosen[index]
        elif goods[index]:
            rows = [next(iter(position))] if any_sector else _rows(parts[index], label)
            if rows:
                fixed[index] = np.nan
                weights[index, [position[row] for row in rows]] = 1 / len(rows)
    return SectorMap(tuple(labels), weights, fixed, chosen)


def load_elasticities(
    name: str = DEFAULT_SET,
    sectors: World | Sequence[str] | None = None,
    *,
    overrides: Mapping[str, float] | None = None,
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """θ per sector, and what is known of the set.

    sectors: a world, or sector codes. A goods sector takes the mean over the rows of the table it overlaps (B the mean
    of B05 to B09, C24 of iron and steel and other metals, "C28,C33" is C28); services take 4. overrides: sector (code
    or name) → θ > 0, applied last. Raises ScenarioError for an unknown set or sector and for θ that is not positive.
    """
    key = set_name(name)
    facts = elasticity_sets()[key]
    mapped = sector_map(sectors, overrides, any_sector="uniform" in facts)
    theta, raised = mapped.theta(published(key))
    info = {
        "name": key, "source": facts["source"], "doi": facts["doi"], "convention": facts["convention"],
        "equation": facts["equation"], "seen": facts["seen"], "evidence": facts["evidence"], "note": facts["note"],
        "services": SERVICES, "raised_to_minimum": raised,
        "overrides": {mapped.labels[index]: value for index, value in sorted(mapped.chosen.items())},
    }  # fmt: skip
    return theta, info


def _sectors(
    sectors: World | Sequence[str] | None,
) -> tuple[Sequence[str], Sequence[str], Sequence[tuple[str, ...]], Sequence[bool]]:
    """Labels, names, source codes and kinds of the sectors of a world or of a list of codes."""
    if sectors is None or isinstance(sectors, str):
        raise ScenarioError("name the sectors: give a world or a list of sector codes")
    from gaiatsu.world.world import World

    if isinstance(sectors, World):
        return sectors.sectors, sectors.sector_names, sectors.sector_parts, sectors.goods
    labels = [str(label) for label in sectors]
    parts = [(label,) for label in labels]
    return labels, labels, parts, [codes.is_goods(part, label) for part, label in zip(parts, labels, strict=True)]


def _override(
    override: Mapping[str, float], labels: Sequence[str], names: Sequence[str],
    parts: Sequence[tuple[str, ...]], goods: Sequence[bool],
) -> dict[int, float]:  # fmt: skip
    """Position → θ by hand; a more exact name wins over "goods", "services" and "all" wherever it stands."""
    groups = {"all": (True, False), "goods": (True,), "services": (False,)}
    out: dict[int, float] = {}
    if not isinstance(override, Mapping) or not all(isinstance(word, str) for word in override):
        raise ScenarioError(f"overrides is {override!r}; it must map sectors to θ, for example {{'C29': 5.0}}")
    for word in sorted(override, key=lambda item: codes.fold(item) not in groups):
        value = override[word]
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value <= 0:
            raise ScenarioError(f"elasticity of {word!r} is {value!r}; θ must be a number above zero")
        wanted = groups.get(codes.fold(word), ())
        found = [index for index, kind in enumerate(goods) if kind in wanted]
        found = found or codes.sector_matches(word, labels, names, parts)
        if not found:
            raise codes.unknown_sector(word, "", labels, names)
        out.update({index: float(value) for index in found})
    return out
