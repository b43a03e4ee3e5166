"""What an agreement by chapter rests on and leaves out, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gaiatsu.report import agreement_figures as figures
from gaiatsu.report import words
from gaiatsu.scenario import agreement_chapters as library
from gaiatsu.scenario import parties
from gaiatsu.scenario.measures import Agreement

FREE = 0.005  # a duty below this is none
APART = 10  # percentage points between the trade freed by agreement and in the data that are worth a caution

CAUTIONS = (
    "The studies behind the sizes differ in countries, years and method; none is of this agreement. Where an effect on"
    " trade was measured, the size is the fall of cost that gives this effect at 4, the long-run elasticity of services"
    " that the model works with; at 5 it would be a fifth smaller.",
    "Costs that fall are resources saved; nothing is lost of what they earned anybody, as rents or fees would be.",
    "Faster customs mostly help imports from everywhere; here they help trade between the parties alone.",
    "Duties are averages over groups of products, and an agreement is taken to be used in full: shares of trade that"
    " claim a preference, and rules of origin, are not in the data.",
    "Services sold through affiliates abroad, and investment, are not modelled.",
)


def of(run: Any, agreement: Agreement, members: Sequence[str]) -> list[str]:
    """All cautions, those that its numbers call for first."""
    return [*_twice(run, agreement), *duty_doubt(run, agreement, members), *CAUTIONS]


def duties_of(world: Any) -> str:
    """Which duties a world has, by their year where its sources tell it."""
    for item in world.provenance.get("sources", ()):
        if str(item.get("series", "")).startswith("duties") and item.get("vintage"):
            return f"of {item['vintage']}"
    return f"of world {world.name}"


def duty_doubt(run: Any, agreement: Agreement, members: Sequence[str]) -> list[str]:
    """Whether the duties of the data show the trade that an agreement in force is known to have freed."""
    held = library.already_agreed(members).get(library.DUTIES)
    if held is None or held.freed is None or library.DUTIES not in dict(agreement.chapters):
        return []
    accounts, goods = run.world.accounts, np.array(run.world.goods)
    trade, free, mean = [], [], []
    for buyer, seller in parties.pairs(run.world, agreement.between):
        flow, duty = accounts.flows[buyer, seller, goods], accounts.duty[buyer, seller, goods]
        trade.append(flow.sum())
        free.append(flow[duty < FREE].sum())
        mean.append((run.world.region_names[buyer], 100 * float((flow * duty).sum() / max(flow.sum(), 1e-12))))
    share = 100 * float(sum(free) / max(sum(trade), 1e-12))
    if abs(share - held.freed) < APART:
        return []
    charged = words.listed(f"{words.the(name)} {value:.1f}{words.SPACE}%" for name, value in mean)
    cited = "; ".join(figures.short_source(key) for key in held.sources)
    percent = f"{words.SPACE}%"
    return [
        f"The duties of the data do not fit the {held.agreement}, which was to free about {held.freed:g}{percent} of"
        f" trade ({cited}): in the duties {duties_of(run.world)}, {share:.0f}{percent} of the goods traded between the"
        f" two is in sectors with less than {100 * FREE:g}{percent}, and the averages are, for imports of {charged}."
        " Averages over groups of products hide what is freed in part, and preferences may go unclaimed or be missing"
        " from the data; as far as they are missing, what duties on goods bring or cost here is too large."
    ]


def _twice(run: Any, agreement: Agreement) -> list[str]:
    """Which chapters another agreement of the run counts too."""
    found = [
        pair
        for other in run.measures
        if isinstance(other, Agreement) and other.chapters is not None and other is not agreement
        for pair in library.counted_twice(run.world, agreement, other)
    ]
    if not found:
        return []
    told = words.listed(dict.fromkeys(
        words.in_sentence(figures.title_of(mine))
        + ("" if mine == other else f" beside {words.in_sentence(figures.title_of(other))}")
        for mine, other in found
    ))  # fmt: skip
    return [
        f"Another agreement of this scenario is on the same trade, and effects are counted twice: {told}. Chapters are"
        " kept apart only within one measure."
    ]
