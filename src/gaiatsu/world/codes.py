"""What regions and sectors are called: ISO3 codes and plain names, country groups, ISIC Rev. 4 codes and plain names.

Everything resolves to positions in a world's own label tuples; what cannot be resolved is a ScenarioError that suggests
the nearest known word.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean

Names = str | Iterable[str]
Division = tuple[int, str]  # ISIC division and, where a source splits one, the part ("A", "1", …); "" is the whole


@dataclass(frozen=True)
class Group:
    """A set of countries as of a year; members are ISO3 codes."""

    title: str
    year: int
    members: tuple[str, ...]
    note: str = ""


EU27 = (
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV", "HUN", "IRL", "ITA",
    "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "SWE",
)  # fmt: skip

GROUPS: dict[str, Group] = {
    "quad": Group("Quadrilateral Security Dialogue", 2025, ("AUS", "IND", "JPN", "USA")),
    "asean": Group(
        "Association of Southeast Asian Nations",
        2025,
        ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "TLS", "VNM"),
        "Timor-Leste acceded in October 2025",
    ),
    "eu27": Group(
        "European Union",
        2020,
        EU27,
        "without the United Kingdom, which left on 31 January 2020",
    ),
    "g7": Group("Group of Seven", 2014, ("CAN", "DEU", "FRA", "GBR", "ITA", "JPN", "USA")),
    "cptpp": Group(
        "Comprehensive and Progressive Agreement for Trans-Pacific Partnership",
        2024,
        ("AUS", "BRN", "CAN", "CHL", "GBR", "JPN", "MEX", "MYS", "NZL", "PER", "SGP", "VNM"),
        "the United Kingdom acceded in December 2024",
    ),
    "brics": Group(
        "BRICS",
        2025,
        ("ARE", "BRA", "CHN", "EGY", "ETH", "IDN", "IND", "IRN", "RUS", "ZAF"),
        "Indonesia joined in January 2025; Saudi Arabia, invited, is not counted",
    ),
    "g20": Group(
        "Group of Twenty",
        2023,
        tuple(
            sorted(
                {
                    "ARG",
                    "AUS",
                    "BRA",
                    "CAN",
                    "CHN",
                    "GBR",
                    "IDN",
                    "IND",
                    "JPN",
                    "KOR",
                    "MEX",
                    "RUS",
                    "SAU",
                    "TUR",
                    "USA",
                    "ZAF",
                    *EU27,
                }
            )
        ),
        "the members of the European Union within it; those of the African Union, a member since 2023, are not counted",
    ),
}
GROUP_ALIASES = {"eu": "eu27", "european union": "eu27", "the quad": "quad", "tpp": "cptpp"}

# ISIC Rev. 4 sections as ranges of two-digit divisions.
SECTIONS: dict[str, range] = {
    "A": range(1, 4), "B": range(5, 10), "C": range(10, 34), "D": range(35, 36), "E": range(36, 40),
    "F": range(41, 44), "G": range(45, 48), "H": range(49, 54), "I": range(55, 57), "J": range(58, 64),
    "K": range(64, 67), "L": range(68, 69), "M": range(69, 76), "N": range(77, 83), "O": range(84, 85),
    "P": range(85, 86), "Q": range(86, 89), "R": range(90, 94), "S": range(94, 97), "T": range(97, 99),
    "U": range(99, 100),
}  # fmt: skip
LAST_GOODS_DIVISION = 33  # agriculture, mining, manufacturing; all above is a service (electricity, water too)

# Plain words for sectors, as ISIC codes.
SECTOR_WORDS: dict[str, str] = {
    "agriculture": "A", "farming": "A01", "forestry": "A02", "fishing": "A03", "mining": "B", "energy extraction": "B",
    "manufacturing": "C", "food": "C10-C12", "textiles": "C13-C15", "clothing": "C13-C15", "wood": "C16",
    "paper": "C17", "printing": "C18", "refined petroleum": "C19", "petroleum": "C19", "chemicals": "C20",
    "pharmaceuticals": "C21", "medicines": "C21", "plastics": "C22", "rubber": "C22", "minerals": "C23",
    "basic metals": "C24", "metals": "C24", "steel": "C24", "aluminium": "C24", "aluminum": "C24",
    "fabricated metal": "C25", "metal products": "C25", "electronics": "C26", "semiconductors": "C26", "chips": "C26",
    "computers": "C26", "electrical equipment": "C27", "machinery": "C28", "cars": "C29", "autos": "C29",
    "motor vehicles": "C29", "vehicles": "C29", "other transport equipment": "C30", "aircraft": "C30",
    "ships": "C30", "furniture": "C31", "electricity": "D35", "water": "E36", "construction": "F", "trade": "G",
    "wholesale": "G46", "retail": "G47", "transport": "H", "shipping": "H50", "aviation": "H51",
    "tourism": "I", "hotels": "I", "telecommunications": "J61", "software": "J62", "finance": "K", "banking": "K64",
    "insurance": "K65", "real estate": "L", "research": "M72", "government": "O84", "defence": "O84",
    "education": "P85", "health": "Q",
}  # fmt: skip

_SPACES = re.compile(r"[\s_\-]+")
_TOKEN = re.compile(r"^([A-U])?(\d{2})?(\d)?([A-Z])?$")


def fold(word: str) -> str:
    """Case, spaces, hyphens and underscores do not distinguish names."""
    return _SPACES.sub(" ", word.strip().casefold())


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """ISO3 code → (plain name, aliases …), from the package's own table; ROW is the rest of the world."""
    text = resources.files("gaiatsu.world").joinpath("data", "countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: (row["name"], *filter(None, row["aliases"].split("|"))) for row in rows}


@cache
def country_words() -> dict[str, str]:
    words = {fold(code): code for code in countries()}
    for code, names in countries().items():
        words.update({fold(name): code for name in names})
    return words


def country_code(word: str) -> str | None:
    """The ISO3 code of a code, name or alias, or None."""
    return country_words().get(fold(word))


def country_name(code: str) -> str:
    """The plain name of an ISO3 code; a code that is not in the table is its own name."""
    return countries().get(code, (code,))[0]


def as_list(names: Names, what: str) -> list[str]:
    """One name or several as a list of strings; empty or not text is a ScenarioError."""
    items = [names] if isinstance(names, str) else list(names)
    if not items:
        raise ScenarioError(f"no {what} is named; give at least one {what} or group")
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ScenarioError(f"{item!r} is not the name of a {what}")
    return items


def group_members(definition: Sequence[str], parts: Sequence[Sequence[str]]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Positions of the regions made wholly of a group's countries, and the countries that stand in no such region."""
    wanted = set(definition)
    present = tuple(index for index, part in enumerate(parts) if set(part) <= wanted)
    found = {code for index in present for code in parts[index]}
    return present, tuple(code for code in definition if code not in found)


def region_lookup(regions: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Folded codes, plain names and common aliases of a world's regions → position; codes win over names."""
    words: dict[str, int] = {}
    for index, code in enumerate(regions):
        for alias in countries().get(code, ()):
            words.setdefault(fold(alias), index)
    words.update({fold(name): index for index, name in enumerate(names)})
    words.update({fold(code): index for index, code in enumerate(regions)})
    return words


def parse_isic(code: str) -> frozenset[Division] | None:
    """The ISIC Rev. 4 divisions a code stands for: "C29", "29", "C10-C12", "C10T12", "C28,C33", "C17_18", "B", "R-U".

    Returns None when the text is not ISIC. A third digit or a letter after the division is a part of it ("C24A").
    """
    found: set[Division] = set()
    for piece in re.split(r"[,_+]", code.strip().upper()):
        ends = re.split(r"(?<=[A-Z0-9])[-T](?=[A-Z]?\d|[A-Z]$)", piece.strip())
        divisions = _span([_TOKEN.match(end.strip()) for end in ends])
        if not divisions:
            return None
        found |= divisions
    return frozenset(found)


def _span(ends: list[re.Match[str] | None]) -> set[Division]:
    """The divisions from the first to the last of one or two tokens (empty when they are not ISIC)."""
    if len(ends) > 2 or any(end is None or not end.group(0) for end in ends):
        return set()
    first, last = (end.groups() for end in (ends[0], ends[-1]) if end is not None)
    if any(section and number and int(number) not in SECTIONS[section] for section, number, _, _ in (first, last)):
        return set()
    if first[1] is None or last[1] is None:
        if first[1] or last[1] or first[2] or last[2] or first[3] or last[3]:
            return set()
        letters = [letter for letter in SECTIONS if str(first[0]) <= letter <= str(last[0])]
        return {(number, "") for letter in letters for number in SECTIONS[letter]}
    low, high = int(first[1]), int(last[1])
    if first[2] or last[2]:
        if low != high:
            return set()
        return {(low, str(part)) for part in range(int(first[2] or 0), int(last[2] or 9) + 1)}
    known = {number for numbers in SECTIONS.values() for number in numbers}
    part = first[3] or "" if low == high else ""
    return {(number, part) for number in range(low, high + 1) if number in known}


def overlaps(one: frozenset[Division], other: frozenset[Division]) -> bool:
    """Whether two sets of divisions have economic activity in common."""
    return any(a == c and (not b or not d or b == d) for a, b in one for c, d in other)


@cache
def sector_divisions(parts: tuple[str, ...]) -> frozenset[Division] | None:
    """The divisions of a sector made of the source sectors `parts`; None when one of them is not an ISIC code."""
    parsed = [parse_isic(part) for part in parts]
    if any(item is None for item in parsed):
        return None
    return frozenset().union(*(item for item in parsed if item is not None))


def is_goods(parts: tuple[str, ...], name: str) -> bool:
    """Whether a sector is goods: mostly divisions up to 33; without ISIC codes, unless its name speaks of services."""
    divisions = sector_divisions(parts)
    if divisions is None:
        return not any("service" in fold(word) for word in (*parts, name))
    return 2 * sum(number <= LAST_GOODS_DIVISION for number, _ in divisions) >= len(divisions)


def sector_matches(
    word: str, sectors: Sequence[str], names: Sequence[str], parts: Sequence[tuple[str, ...]]
) -> list[int]:
    """Positions of the sectors meant by a code, an ISIC code or range, a name or a plain word (empty: none)."""
    folded = fold(word)
    for labels in (sectors, names):
        exact = [index for index, label in enumerate(labels) if fold(label) == folded]
        if exact:
            return exact
    wanted = parse_isic(SECTOR_WORDS.get(folded, word))
    if not wanted:
        return []
    divisions = [sector_divisions(part) for part in parts]
    return [index for index, held in enumerate(divisions) if held and overlaps(held, wanted)]


def indices(found: Iterable[int]) -> NDArray[np.int64]:
    """Positions, sorted and without repetition."""
    return np.array(sorted(set(found)), dtype=np.int64)


def unknown_sector(
    word: str, world: str, sectors: Sequence[str], names: Sequence[str], words: Iterable[str] = SECTOR_WORDS
) -> ScenarioError:
    """The error for a sector nobody knows; `world` is its name, or empty."""
    hint = did_you_mean(word, [*sectors, *names, *words, "goods", "services", "all"])
    hint = hint or "; use an ISIC Rev. 4 code such as C29, or goods, services, all"
    where = f" in world {world!r}" if world else ""
    return ScenarioError(f"unknown sector {word!r}{where}{hint}")


def unknown_region(
    word: str, world: str, regions: Sequence[str], names: Sequence[str], parts: Sequence[Sequence[str]],
    groups: Mapping[str, Sequence[str]],
) -> ScenarioError:  # fmt: skip
    """The error for a region that is not there: folded into another, in the rest of the world, or unknown."""
    code = country_code(word)
    holders = [region for region, part in zip(regions, parts, strict=True) if code in part] if code else []
    if holders:
        return ScenarioError(f"{word!r} is part of region {holders[0]!r} in world {world!r}, not a region of its own")
    if code and "ROW" in regions:
        return ScenarioError(
            f"{word!r} ({country_name(code)}) is not a region of its own in world {world!r}: it is inside 'ROW', the "
            "rest of the world; use 'ROW' or a world that lists it"
        )
    hint = did_you_mean(word, [*regions, *names, *groups, "all"])
    return ScenarioError(f"unknown region {word!r} in world {world!r}{hint or '; see world.regions and world.groups'}")
