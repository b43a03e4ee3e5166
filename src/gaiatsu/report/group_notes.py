"""What the section on a group rests on: assumptions, what was refused, and where its numbers are from."""

from __future__ import annotations

from typing import Any

from gaiatsu.report import words
from gaiatsu.report.group_figures import PERCENT, between
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Source
from gaiatsu.scenario.group_models import ALLY_WEIGHT, DECISIVENESS, GroupModel
from gaiatsu.security import alliance
from gaiatsu.security.capabilities import default_spending
from gaiatsu.security.group_findings import Findings, as_strong
from gaiatsu.world.codes import countries

CAUTIONS = (
    "Leverage is a shut border and nothing else: no finance, no reprisal. It is no forecast that anybody would do it, "
    "and none of the treaties that come with the package obliges anybody to.",
    "What members do that no tie joins is not known. Two rules stand for it: all act, each bloc for itself (values add "
    "up, Myerson 1977), or only the largest bloc acts. Values of ties are position values (Borm, Owen, Tijs 1992).",
    "Joint capability adds up what each member could have beside it if it alone were attacked: one effort may stand "
    "behind several allies, but cannot be in two places.",
    "Military spending is not strength: prices, geography, what was bought before and nuclear weapons are not in it.",
    "A treaty’s text is not its force: the areas that treaties are about (table of treaties) are not checked against "
    "the rival, and understandings without a treaty count for nothing.",
)
READ = (
    Source(
        "Borm, P., Owen, G., Tijs, S. (1992). On the position value for communication situations. SIAM Journal on "
        "Discrete Mathematics 5(3), 305–320"
    ),
    Source(
        "Bailey, M. A., Strezhnev, A., Voeten, E. (2017). Estimating dynamic state preferences from United Nations "
        "voting data. Journal of Conflict Resolution 61(2), 430–456; data through 2024",
        "https://doi.org/10.7910/DVN/LEJUQZ",
    ),
)


def cautions(run: Any, asked: GroupModel, found: Findings, names: Names) -> tuple[str, ...]:
    """All that the section rests on."""
    return (*CAUTIONS, *_assumptions(asked, found, names), *_merged(run, asked, found), *_refusals(found))


def _assumptions(asked: GroupModel, found: Findings, names: Names) -> list[str]:
    """Which ranges are assumptions, which are the user's, and which come from studies."""
    weight, power = found.ally_weight, found.decisiveness
    out = [
        f"{'Assumption' if weight == ALLY_WEIGHT else 'Given'}: {between(weight[0], weight[1], 2)} of an ally’s effort "
        "counts (theta).",
        f"{'Assumption' if power == DECISIVENESS else 'Given'}: the exponent of the contest is "
        f"{between(power[0], power[1], 2)} (m); 1 makes chances proportional to efforts.",
    ]
    ranges = dict.fromkeys((tie.low, tie.high) for tie in found.ties)
    for low, high in ranges:
        whose = (
            "the least and the most that studies of promises in war have counted as kept, over all kinds of treaties "
            "together, by period; single kinds of treaties lie outside it"
        )
        told = whose if (low, high) == alliance.RELIABILITY else "given in the scenario"
        out.append(f"Ties hold with a chance of {between(100 * low, 100 * high, 1)}{PERCENT}: {told}.")
    if asked.ties is None:
        out.append("Ties are those of treaties in force in the summer of 2025 (table of treaties).")
    else:
        out.append("Ties are those that the scenario names.")
    if found.fading and not asked.fading:
        equal = as_strong(found.ties, found.efforts, found.fading)
        told = words.listed(f"{names.the(by)} to {names.the(to)}" for by, to in equal)
        first = f"{names.the(found.fading[0])} to {names.the(found.fading[1])}"
        if equal:
            out.append(
                f"Several ties carry as much as that from {first}, which fades ({told}): name one under `fading`."
            )
    return out


def _merged(run: Any, asked: GroupModel, found: Findings) -> list[str]:
    """Members that are no single country, whose parts' treaties are not looked up."""
    if asked.ties is not None:
        return []
    world = run.world
    parts = dict(zip(world.regions, world.region_parts or ((),) * len(world.regions), strict=True))
    several = [code for code in found.members if len(parts[code]) > 1 or code not in countries() or code == "ROW"]
    if not several:
        return []
    return [
        f"No single country: {words.listed(several)}. Treaties are looked up by country, so that what the parts of "
        "such a region owe, and are owed, is not among the ties: name it under `ties`."
    ]


def _refusals(found: Findings) -> list[str]:
    return [
        f"Leverage {words.HORIZONS[name.split('_')[0]][0]}"
        f"{', with the published elasticities ' + name.split('_', 1)[1] + ',' if '_' in name else ''} is not told: a "
        f"coalition has no equilibrium: {why}"
        for name, why in found.leverage.refused.items()
    ]


def spending_told(run: Any, asked: GroupModel, found: Findings) -> str:
    """Whose the figures of military spending are, for the source line of a figure."""
    given = {run.world.regions[place] for word in asked.figures for place in run.world.region_indices(word)}
    own = "the scenario" if given else ""
    return " and ".join(part for part in (own, "" if set(found.efforts) <= given else default_spending().short) if part)


def sources(run: Any, found: Findings, asked: GroupModel) -> tuple[Source, ...]:
    out = []
    if asked.ties is None:
        table = alliance.treaties().set_index("title")
        for title in dict.fromkeys(part for tie in found.ties for part in tie.why.split("; ")):
            row = table.loc[title]
            out.append(Source(f"{title}, article {row['article']}, in force since {row['in_force']}", row["address"]))
    given = {run.world.regions[place] for word in asked.figures for place in run.world.region_indices(word)}
    if not set(found.efforts) <= given:
        out += [Source(text, address) for text, address in default_spending().sources.items()]
    return (*out, *READ)
