"""The section of a report on a group: joint leverage and capability, members, ties, one tie that fades, votes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gaiatsu.exposure.leverage import CLOSURE
from gaiatsu.report import group_figures as figures
from gaiatsu.report import words
from gaiatsu.report.group_figures import PERCENT, between, billions
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled, with_units
from gaiatsu.scenario.group_models import ALLY_WEIGHT, DECISIVENESS, GroupModel
from gaiatsu.scenario.run import elasticities_of
from gaiatsu.security import alliance, group, voting
from gaiatsu.security.capabilities import default_spending
from gaiatsu.security.group_findings import Findings, strongest

DASH = "–"  # between the ends of a range, where "to" leads from one range to another

CAUTIONS = (
    "Leverage is a shut border and nothing else: no finance, no reprisal. It is no forecast that anybody would do it, "
    "and no treaty obliges anybody to.",
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


def sections(run: Any) -> list[Section]:
    """The section on the group that the scenario asks about."""
    asked: GroupModel = run.scenario.security.group
    found = findings(run, asked)
    names = Names.of(run.world)
    horizon = run.primary if run.primary in found.leverage.horizons else found.leverage.horizons[0]
    votes = voting.distances([*found.members, found.leverage.rival])
    sentences = [
        _leverage_sentence(run, found, names),
        _members_sentence(found, names),
        _ties_sentence(found, names),
        _capability_sentence(found, names),
        _fade_sentence(found, names),
        _chance_sentence(found, names),
        _votes_sentence(votes, names, found.leverage.rival),
    ]
    drawn = [
        figures.network_figure(found, names, horizon),
        figures.shares_figure(found, names, horizon),
        figures.fade_figure(found, names),
        figures.votes_figure(votes, names, found.leverage.rival),
    ]
    return [
        Section(
            key="group",
            title="What the group is worth",
            sentences=tuple(text for text in sentences if text),
            figures=tuple(figure for figure in drawn if figure is not None),
            tables=tuple(table for table in _tables(run, found, votes) if len(table.frame)),
            cautions=(*CAUTIONS, *_assumptions(asked, found), *_refusals(found)),
            sources=_sources(run, found, asked),
        )
    ]


def findings(run: Any, asked: GroupModel) -> Findings:
    """The analysis that a question asks for, on the run's world, with its elasticities and horizons."""
    world = run.world
    members = [world.regions[place] for word in asked.members for place in world.region_indices(word)]
    members = list(dict.fromkeys(members))
    rival = world.regions[world.region_indices(asked.rival)[0]]
    horizons = list(asked.horizons or _horizons(run))
    leverage = group.joint_leverage(
        world, members, rival, horizons=horizons, residual_supply=run.scenario.residual_supply,
        elasticities={name: elasticities_of(run.scenario, world, name) for name in horizons},
        sets=_sets(run),
    )  # fmt: skip
    efforts = asked.efforts(world, [*members, rival])
    ties = asked.tied(world, members)
    fading = strongest(ties, efforts)
    if asked.fading:
        fading = (_code(world, asked.fading.by), _code(world, asked.fading.to))
    return Findings(
        leverage=leverage, efforts=efforts, ties=ties, fading=fading, ally_weight=asked.ally_weight,
        decisiveness=asked.decisiveness,
    )  # fmt: skip


def _horizons(run: Any) -> list[str]:
    """Those of the run; beside a single one the far end, so that shares are ranges too."""
    own = sorted(run.outcomes, key=lambda name: name != run.primary)  # that of the headline first
    return own if len(own) > 1 else [*own, "short" if own == ["long"] else "long"]


def _sets(run: Any) -> list[str]:
    """The published sets that a range is over, but for the run's own: shares and ties are solved with each."""
    from gaiatsu.world.elasticities import set_name
    from gaiatsu.world.elasticity_draws import sets_drawn

    choice = run.scenario.elasticities
    if not choice.draws:
        return []
    named = [set_name(word) for word in choice.range_over] if choice.range_over else list(sets_drawn())
    return [name for name in dict.fromkeys(named) if name != set_name(choice.set)]


def _code(world: Any, word: str) -> str:
    return str(world.regions[world.region_indices(word)[0]])


# ------------------------------------------------------------------------------------------------------ sentences
def _when(horizons: tuple[str, ...]) -> str:
    """ "over the horizons (short run and long run)", in their order."""
    if len(horizons) == 1:
        return words.HORIZONS[horizons[0]][0]
    return f"over the horizons ({words.listed(words.HORIZONS[name][1].lower() for name in horizons)})"


def _leverage_sentence(run: Any, found: Findings, names: Names) -> str:
    who = words.listed(names.the(code) for code in found.members)
    rival = names.the(found.leverage.rival)
    drawn = _over_elasticities(run, found)
    several = len(found.leverage.horizons) > 1
    told = f"{' and' if several else ', over'} published elasticities" if drawn else ""
    loss = [*found.leverage.loss[frozenset(range(len(found.members)))], *(drawn[0] if drawn else ())]
    cost = [*found.leverage.cost, *(drawn[1] if drawn else ())]
    return (
        f"Shutting their borders with {rival} together, {who} would lower its real income by "
        f"{between(min(loss), max(loss), 2)}{PERCENT} {_when(found.leverage.horizons)}{told}, and their own by "
        f"{between(min(cost), max(cost), 2)}{PERCENT}."
    )


def _over_elasticities(run: Any, found: Findings) -> tuple[list[float], list[float]] | None:
    """Ranges over published elasticities of the rival's loss and of the members' own, percent of real income.

    None unless the run has a range and its only measure is this joint closure.
    """
    if run.range is None or len(run.measures) != 1:
        return None
    only, world = run.measures[0], run.world
    if only.kind != "embargo" or only.side != "both" or only.share != 1 or run.outcome.closure != CLOSURE:
        return None
    by = {world.regions[place] for place in world.region_indices(only.by)}
    on = [world.regions[place] for place in world.region_indices(only.on)]
    everything = len(world.sector_indices(only.sectors)) == len(world.sectors)
    if by != set(found.members) or on != [found.leverage.rival] or not everything:
        return None
    tail = (1 - run.range.share) / 2
    draws = run.range.draws
    income = pd.Series(world.accounts.income, index=list(world.regions))
    members = list(found.members)
    joint = (draws[members] * income[members]).sum(axis=1) / income[members].sum()
    ends = [tail, 1 - tail]
    return [-float(value) for value in draws[on[0]].quantile(ends)], [-float(value) for value in joint.quantile(ends)]


def _members_sentence(found: Findings, names: Names) -> str:
    shares, costs = found.shares_of_leverage(), found.leverage.costs
    if not shares.notna().to_numpy().all():
        return ""
    order = shares.mean(axis=1).sort_values(ascending=False, kind="stable").index
    told = [
        f"{names.the(code)} {between(shares.loc[code].min(), shares.loc[code].max(), 0)}{PERCENT} (own loss "
        f"{between(costs[:, found.place(code)].min(), costs[:, found.place(code)].max(), 2)}{PERCENT})"
        for code in order
    ]
    return f"Of that leverage, by Shapley value, {words.listed(told)}."


def _ties_sentence(found: Findings, names: Names) -> str:
    if not found.ties:
        return "No treaty obliges any of them to defend another: nothing is pooled, and each counts for itself."
    pairs = {(tie.by, tie.to) for tie in found.ties}
    told, done = [], set[tuple[str, str]]()
    for tie in found.ties:
        by, to = tie.by, tie.to
        if (by, to) in done:
            continue
        if (to, by) in pairs:
            done.add((to, by))
            told.append(f"{names.the(by)} and {names.the(to)} owe each other defence")
        else:
            told.append(f"{names.the(by)} owes {names.the(to)} defence and is owed none")
    alone = [code for code in found.members if not any(code in (tie.by, tie.to) for tie in found.ties)]
    if alone:
        told.append(f"{words.listed(names.the(code) for code in alone)}: no obligation, either way")
    return f"{words.upper_first('; '.join(told))}."


def _capability_sentence(found: Findings, names: Names) -> str:
    table = found.capability
    low, high, own = (float(table[column].sum()) for column in ("reach_low", "reach_high", "own"))
    helped = [
        f"{names.the(code)} {billions(table.at[code, 'reach_low'], table.at[code, 'reach_high'])}"
        f" (own {billions(table.at[code, 'own'], table.at[code, 'own'])})"
        for code in found.members
    ]
    rival = found.efforts[found.leverage.rival]
    return (
        f"Joint capability, the military spending a year that each could have beside it if it were attacked, is "
        f"US${words.SPACE}{billions(low, high)}{words.SPACE}billion, of which {billions(own, own)} is their own: "
        f"{words.listed(helped)}. {words.upper_first(names.the(found.leverage.rival))} spends {billions(rival, rival)}."
    )


def _fade_sentence(found: Findings, names: Names) -> str:
    if found.fading is None:
        return ""
    by, to = (names.the(code) for code in found.fading)
    first, last = found.fade.iloc[0], found.fade.iloc[-1]
    row = found.tie_values.set_index(["by", "to"]).loc[found.fading]
    capable, leverage = (
        [(one[f"{of}_low"], one[f"{of}_high"]) for one in (first, last)] for of in ("capability", "leverage")
    )
    fall = f"{billions(*capable[0], DASH)} to {billions(*capable[1], DASH)}"
    moves = f"{between(*leverage[0], 2, DASH)} to {between(*leverage[1], 2, DASH)}{PERCENT}"
    return (
        f"If the tie from {by} to {to} fades from full to none, joint capability falls from US${words.SPACE}{fall}"
        f"{words.SPACE}billion. Leverage as ties join it goes from {moves} of the rival’s real income: what the tie is "
        f"worth there depends on whether whoever falls out acts all the same (it adds "
        f"{words.signed(row['leverage_low'], 3)} points at the least) or not at all "
        f"({words.signed(row['leverage_high'], 2)} at the most)."
    )


def _chance_sentence(found: Findings, names: Names) -> str:
    if found.fading is None:
        return ""
    to, rival = names.the(found.fading[1]), names.the(found.leverage.rival)
    first, last = found.fade.iloc[0], found.fade.iloc[-1]
    rise = [100 * (last[end] - first[end]) for end in ("chance_low", "chance_high")]
    return (
        f"The chance that an attack of {rival} on {to} would succeed rises from "
        f"{between(100 * first['chance_low'], 100 * first['chance_high'], 0, DASH)} to "
        f"{between(100 * last['chance_low'], 100 * last['chance_high'], 0, DASH)}{PERCENT}, by "
        f"{between(min(rise), max(rise), 0)} points at the two ends of what is not known."
    )


def _votes_sentence(votes: pd.DataFrame, names: Names, rival: str) -> str:
    if votes.empty:
        return ""
    apart = votes[(votes["first"] == rival) | (votes["second"] == rival)]
    inside = votes.drop(apart.index)
    told = []
    if len(apart):
        near = apart.loc[apart["distance"].idxmin()]
        member = near["first"] if near["second"] == rival else near["second"]
        told.append(
            f"nearest to {names.the(rival)} votes {names.the(member)} "
            f"({between(near['low'], near['high'], 2)} away, 5 to 95{PERCENT})"
        )
    if len(inside):
        far = inside.loc[inside["distance"].idxmax()]
        told.append(
            f"among members {names.the(far['first'])} and {names.the(far['second'])} are farthest apart "
            f"({between(far['low'], far['high'], 2)})"
        )
    return f"In the General Assembly in {int(votes['year'].iloc[0])}, {', and '.join(told)}."


# --------------------------------------------------------------------------------------------------------- cautions
def _assumptions(asked: GroupModel, found: Findings) -> list[str]:
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
        whose = "the least and the most that studies of kept promises in war have counted"
        told = whose if (low, high) == alliance.RELIABILITY else "given in the scenario"
        out.append(f"Ties hold with a chance of {between(100 * low, 100 * high, 1)}{PERCENT}: {told}.")
    if asked.ties is None:
        out.append("Ties are those of treaties in force in the summer of 2025 (table of treaties).")
    else:
        out.append("Ties are those that the scenario names.")
    return out


def _refusals(found: Findings) -> list[str]:
    return [
        f"{words.upper_first(words.HORIZONS[name][0])} leverage is not told: a coalition has no equilibrium: {why}"
        for name, why in found.leverage.refused.items()
    ]


def _sources(run: Any, found: Findings, asked: GroupModel) -> tuple[Source, ...]:
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


# ----------------------------------------------------------------------------------------------------------- tables
def _tables(run: Any, found: Findings, votes: pd.DataFrame) -> list[Table]:
    world = run.world
    members = found.capability.rename_axis("region").reset_index()
    members = with_units(members, dict.fromkeys(found.capability.columns, "usd_billion"))
    for number, name in enumerate(found.leverage.columns):
        members[f"leverage_shapley_{name}_points"] = found.leverage_shares[name].to_numpy()
        members[f"own_loss_{name}_percent"] = found.leverage.costs[number]
    ties = with_units(found.tie_values, {
        "capability_low": "usd_billion", "capability_high": "usd_billion", "leverage_low": "points",
        "leverage_high": "points",
    })  # fmt: skip
    curves = [column for column in found.fade.columns if column.startswith("leverage")]
    fade = with_units(
        found.fade,
        {**dict.fromkeys(curves, "percent"), "capability_low": "usd_billion", "capability_high": "usd_billion"},
    )
    fade = fade if found.fading else fade[:0]
    chances = pd.DataFrame({"region": list(found.members)})
    for strength, word in ((1.0, "tie_full"), (0.0, "tie_none")):
        if found.fading or strength:
            low, high = found.chances(strength).T
            chances[f"{word}_low"], chances[f"{word}_high"] = low, high
    owed = set(zip(found.tie_values["by"], found.tie_values["to"], strict=True))
    keys = alliance.obligations()
    used = [key for by, to, key in keys.itertuples(index=False) if (by, to) in owed]
    treaties = alliance.treaties().loc[list(dict.fromkeys(used))].reset_index()
    return [
        Table("group_members", "Members: Shapley values by two yardsticks, and what each could have beside it",
              labelled(members, world)),
        Table("group_ties", "Ties: what they add to joint capability and to joint leverage", ties),
        Table("group_fade", "What is left as one tie fades, by its strength (1 is full)", fade),
        Table("group_chances", "Chance that an attack of the rival on each member succeeds", labelled(chances, world)),
        Table("group_coalitions", "What every coalition takes from the rival", found.coalitions()),
        Table("group_treaties", "Treaties between members: article, days, area, and where they can be read", treaties),
        Table("group_votes", "Distances of votes in the UN General Assembly", votes.reset_index(drop=True)),
    ]  # fmt: skip
