"""The sectors of 2014 seen from those of 2022: which are the same, which are split, which are joined.

The goods of the OECD tables are finer in mining, metals and transport equipment, and coarser in paper and printing;
repair and installation stands with machinery in the tables of 2014 and with other manufacturing in those of 2022.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gaiatsu.world.accounts import Array

# sector of 2014 → the sectors of 2022 that divide it
SPLIT: dict[str, tuple[str, ...]] = {
    "B": ("B05", "B06", "B07", "B08", "B09"), "C24": ("C24A", "C24B"), "C30": ("C301", "C302T309"),
}  # fmt: skip
JOINED: dict[str, tuple[str, ...]] = {"C17_18": ("C17", "C18")}
RENAMED = {"C10T12": "C10-C12", "C13T15": "C13-C15"}
MACHINES, OTHERS = ("C28,C33", "C28"), ("C31_C32", "C31T33")  # label of 2014, label of 2022
LARGEST_REPAIR = 0.5  # of "C28,C33": the share that repair and installation is taken to have at most

NAMES: dict[str, str] = {
    "A01": "Crop and Animal Production, Hunting and Related Service Activities", "A02": "Forestry and Logging",
    "A03": "Fishing and Aquaculture", "B05": "Coal and Lignite", "B06": "Crude Petroleum and Natural Gas",
    "B07": "Metal Ores", "B08": "Other Mining and Quarrying", "B09": "Mining Support Services",
    "C10T12": "Food, Beverages and Tobacco", "C13T15": "Textiles, Wearing Apparel and Leather",
    "C16": "Wood and Products of Wood and Cork", "C17_18": "Paper and Printing", "C19": "Coke, Refined Petroleum",
    "C20": "Chemicals and Chemical Products", "C21": "Basic Pharmaceutical Products and Preparations",
    "C22": "Rubber and Plastics", "C23": "Other non-Metallic Mineral", "C24A": "Basic Iron and Steel",
    "C24B": "Other Basic Metals", "C25": "Fabricated Metal", "C26": "Computer, Electronic and Optical Products",
    "C27": "Electrical Equipment", "C28": "Machinery and Equipment",
    "C29": "Motor Vehicles, Trailers and Semi-Trailers", "C301": "Ships and Boats",
    "C302T309": "Other Transport Equipment, Aircraft and Trains",
    "C31T33": "Furniture, Other Manufacturing, Repair and Installation of Machinery",
}  # fmt: skip

# Who buys which part of a split sector, relative to availability; a user that is not named takes OTHERWISE. Crude goes
# to refineries, coal and gas to power stations, ores to smelters, stone to cement and construction; mining's own
# purchases are its support services; steel and other metals, ships and aircraft go first to their own makers.
_BASE = {"B05": 0.2, "B06": 0.2, "B07": 0.2, "B08": 0.5, "B09": 0.1}
AFFINITY: dict[str, dict[str, float]] = {
    "C19": {"B05": 0.3, "B06": 1.0, "B07": 0.01, "B08": 0.02, "B09": 0.05},
    "D35": {"B05": 1.0, "B06": 1.0, "B07": 0.01, "B08": 0.02, "B09": 0.05},
    "C24A": {"B05": 1.0, "B06": 0.05, "B07": 1.0, "B08": 0.3, "B09": 0.05, "C24B": 0.1},
    "C24B": {"B05": 0.1, "B06": 0.05, "B07": 1.0, "B08": 0.3, "B09": 0.05, "C24A": 0.1},
    "C23": {"B05": 0.3, "B06": 0.2, "B07": 0.2, "B08": 1.0, "B09": 0.05},
    "C20": {"B05": 0.2, "B06": 0.5, "B07": 0.3, "B08": 1.0, "B09": 0.05},
    "F": {"B05": 0.02, "B06": 0.02, "B07": 0.05, "B08": 1.0, "B09": 0.05, "C24B": 0.5},
    **{code: {**dict.fromkeys(SPLIT["B"], 0.1), code: 1.0, "B09": 1.0} for code in SPLIT["B"]},
    "C25": {"C24B": 0.6}, "C26": {"C24A": 0.2}, "C27": {"C24A": 0.3}, "C28": {"C24B": 0.5}, "C29": {"C24B": 0.5},
    "C301": {"C24B": 0.4, "C302T309": 0.05}, "C302T309": {"C301": 0.05}, "C31T33": {"C24A": 0.3},
}  # fmt: skip

# The same for final use: exploration and drilling are invested in; some ores (of gold) are held as valuables.
FINAL_AFFINITY: dict[str, float] = {"B05": 0.05, "B06": 0.02, "B07": 0.1, "B08": 0.1, "B09": 1.0}


def parent(sector: str) -> str:
    """The sector of 2014 that holds a sector of 2022, repair aside; C17_18 gives C17."""
    for old, parts in SPLIT.items():
        if sector in parts:
            return old
    if sector in JOINED:
        return JOINED[sector][0]
    for old, new in (MACHINES, OTHERS):
        if sector == new:
            return old
    return RENAMED.get(sector, sector)


def affinity(sectors: Sequence[str]) -> Array:
    """[input, user] how strongly a user prefers one part of a split sector to the others; one where nothing is said."""
    out = np.ones((len(sectors), len(sectors)))
    for row, code in enumerate(sectors):
        for column, user in enumerate(sectors):
            out[row, column] = AFFINITY.get(user, {}).get(code, _BASE.get(code, 1.0))
    return out


def holdings(sectors: Sequence[str], old: Sequence[str], repair: float) -> Array:
    """[sector of 2022, sector of 2014] the part of each sector of 2014 that belongs to a sector of 2022.

    Sectors that are split count wholly in each part: how they divide is another matter. repair: the share of "C28,C33"
    that is repair and installation.
    """
    out = np.zeros((len(sectors), len(old)))
    for row, code in enumerate(sectors):
        for source in JOINED.get(code, (parent(code),)):
            out[row, old.index(source)] = 1.0
    machines = old.index(MACHINES[0])
    out[sectors.index(MACHINES[1]), machines] = 1 - repair
    out[sectors.index(OTHERS[1]), machines] = repair
    return out


def repair_share(sectors: Sequence[str], old: Sequence[str], purchases: Array, before: Array) -> float:
    """The share of "C28,C33" to move so that machines and other manufacturing stand as in 2022 purchases; 0 to 0.5.

    purchases: [sector of 2022] and before: [sector of 2014], of one region.
    """
    machines, others = purchases[sectors.index(MACHINES[1])], purchases[sectors.index(OTHERS[1])]
    joint, other = before[old.index(MACHINES[0])], before[old.index(OTHERS[0])]
    wanted = others / (machines + others) * (joint + other) - other
    return float(np.clip(wanted / joint, 0.0, LARGEST_REPAIR))
