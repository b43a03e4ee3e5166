"""Trade elasticities θ = σ − 1 by published set, on the sectors of any world.

A set says in which convention its source prints its numbers: `theta` as they are, `sigma` less one. A coefficient of
duty-exclusive trade on ln(1+τ) is −σ = −(θ+1). Services, electricity and water included, have θ = 4 in all sets.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.world import codes

if TYPE_CHECKING:
    from gaiatsu.world.world import World

DEFAULT_SET = "fontagne"
SERVICES = 4.0  # θ of services in every set
MINIMUM = 0.5  # θ of a sigma set is at least this: σ ≤ 1 has no equilibrium of this kind
REPAIR = 33  # ISIC division of repair and installation: it follows machinery, not other manufacturing


@cache
def elasticity_sets() -> dict[str, dict[str, Any]]:
    """Name → what is known of the set: source, doi, convention, equation, seen, evidence, note, aliases."""
    text = resources.files("gaiatsu.world").joinpath("data", "elasticity_sets.json").read_text(encoding="utf-8")
    sets: dict[str, dict[str, Any]] = json.loads(text)
    return sets


@cache
def _table() -> dict[str, dict[str, float]]:
    """Set → sector of the table (28 sectors of the OECD's tables, goods only) → number as printed."""
    text = resources.files("gaiatsu.world").joinpath("data", "elasticities.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names = [name for name in rows[0] if name != "sector"]
    return {name: {row["sector"]: float(row[name]) for row in rows} for name in names}


def set_name(word: str) -> str:
    """The name of a set from its name or an alias such as "CP"; ScenarioError with the nearest names."""
    words: dict[str, str] = {}
    for name, facts in elasticity_sets().items():
        words.update({codes.fold(alias): name for alias in (name, *facts["aliases"])})
    if not isinstance(word, str) or codes.fold(word) not in words:
        hint = did_you_mean(str(word), elasticity_sets()) or did_you_mean(str(word), words) or "."
        raise ScenarioError(f"unknown elasticity set {word!r}{hint} Sets: {', '.join(elasticity_sets())}")
    return words[codes.fold(word)]


def _theta(facts: Mapping[str, Any], sector: str, printed: float) -> float:
    """θ from a printed number, before the minimum."""
    if facts["convention"] == "sigma" and sector not in facts.get("theta_sectors", ()):
        return printed - 1
    return printed


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
    sectors = next(iter(_table().values()))
    found = []
    for row in sectors:
        divisions = codes.parse_isic(row)
        if divisions and codes.overlaps(divisions, wanted):
            found.append(row)
    return found


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
    labels, names, parts, goods = _sectors(sectors)
    chosen = _override(overrides or {}, labels, names, parts, goods)
    theta = np.full(len(labels), SERVICES)
    raised = []
    for index, label in enumerate(labels):
        if index in chosen:
            theta[index] = chosen[index]
        elif goods[index]:
            value = _published(key, facts, parts[index], label)
            theta[index] = max(value, MINIMUM) if facts["convention"] == "sigma" else value
            if theta[index] != value:
                raised.append(label)
    info = {
        "name": key, "source": facts["source"], "doi": facts["doi"], "convention": facts["convention"],
        "equation": facts["equation"], "seen": facts["seen"], "evidence": facts["evidence"], "note": facts["note"],
        "services": SERVICES, "raised_to_minimum": raised,
        "overrides": {labels[index]: value for index, value in sorted(chosen.items())},
    }  # fmt: skip
    return theta, info


def _published(key: str, facts: Mapping[str, Any], parts: tuple[str, ...], label: str) -> float:
    if "uniform" in facts:
        return float(facts["uniform"])
    rows = _rows(parts, label)
    if not rows:
        return SERVICES
    return float(np.mean([_theta(facts, row, _table()[key][row]) for row in rows]))


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
    for word in sorted(override, key=lambda item: codes.fold(str(item)) not in groups):
        value = override[word]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise ScenarioError(f"elasticity of {word!r} is {value!r}; θ must be a number above zero")
        wanted = groups.get(codes.fold(word), ())
        found = [index for index, kind in enumerate(goods) if kind in wanted]
        found = found or codes.sector_matches(word, labels, names, parts)
        if not found:
            raise codes.unknown_sector(word, "of the elasticities", labels, names)
        out.update({index: float(value) for index in found})
    return out
