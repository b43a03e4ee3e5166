"""The section of a report on a group: joint leverage and capability, members, ties, one tie that fades, votes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gaiatsu.exposure.leverage import CLOSURE
from gaiatsu.report import group_figures as figures
from gaiatsu.report import group_notes, words
from gaiatsu.report.group_figures import PERCENT, between, billions
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section
from gaiatsu.report.tables import Table, labelled, with_units
from gaiatsu.scenario.group_models import GroupModel
from gaiatsu.scenario.run import elasticities_of
from gaiatsu.security import alliance, group, voting
from gaiatsu.security.group_findings import Findings, strongest

DASH = "–"  # between the ends of a range, where "to" leads from one range to another


def sections(run: Any) -> list[Section]:
    """The section on the group that the scenario asks about."""
    asked: GroupModel = run.scenario.security.group
    found = findings(run, asked)
    names = Names.of(run.world)
    horizon = run.primary if run.primary in found.leverage.horizons else found.leverage.horizons[0]
    votes = voting.distances([*found.members, found.leverage.rival])
    named = asked.ties is not None
    sentences = [
        _leverage_sentence(run, found, names),
        _money_sentence(found, names),
        _members_sentence(found, names),
        _ties_sentence(found, names, named=named),
        _capability_sentence(found, names),
        _fade_sentence(found, names),
        _chance_sentence(found, names),
        _votes_sentence(votes, names, found.leverage.rival, found.members),
    ]
    where = figures.Origin(run.world.name, group_notes.spending_told(run, asked, found), named=named)
    drawn = [
        figures.network_figure(found, names, horizon, where),
        figures.shares_figure(found, names, horizon, where),
        figures.fade_figure(found, names, where),
        figures.votes_figure(votes, names, found.leverage.rival),
    ]
    return [
        Section(
            key="group",
            title="What the group is worth",
            sentences=tuple(text for text in sentences if text),
            figures=tuple(figure for figure in drawn if figure is not None),
            tables=tuple(table for table in _tables(run, found, votes) if len(table.frame)),
            cautions=group_notes.cautions(run, asked, found, names),
            sources=group_notes.sources(run, found, asked),
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
    if not choice.draws or run.range is None:  # none asked for, or none for these sectors
        return []
    named = [set_name(word) for word in choice.range_over] if choice.range_over else list(sets_drawn())
    return [name for name in dict.fromkeys(named) if name != set_name(choice.set)]


def _code(world: Any, word: str) -> str:
    return str(world.regions[world.region_indices(word)[0]])


# ------------------------------------------------------------------------------------------------------ sentences
def _when(found: Findings, more: tuple[str, ...] = ()) -> str:
    """ "over the horizons (short run and long run) and published elasticities (short run)", in their order.

    more: further horizons over whose published elasticities the numbers go.
    """
    horizons, columns = found.leverage.horizons, found.leverage.columns
    with_sets = [name for name in words.HORIZONS if any(column.startswith(f"{name}_") for column in columns)]
    told = words.HORIZONS[horizons[0]][0] if len(horizons) == 1 else f"over the horizons ({_runs(horizons)})"
    drawn = tuple(dict.fromkeys([*with_sets, *more]))
    if not drawn:
        return told
    if drawn == horizons:
        return f"{told}, over published elasticities"
    return f"{told}{' and' if len(horizons) > 1 else ', over'} published elasticities ({_runs(drawn)})"


def _runs(horizons: tuple[str, ...]) -> str:
    return words.listed(words.HORIZONS[name][1].lower() for name in horizons)


def _leverage_sentence(run: Any, found: Findings, names: Names) -> str:
    who = words.listed(names.the(code) for code in found.members)
    rival = names.the(found.leverage.rival)
    drawn = _over_elasticities(run, found)
    loss = [*found.leverage.loss[frozenset(range(len(found.members)))], *(drawn[0] if drawn else ())]
    cost = [*found.leverage.cost, *(drawn[1] if drawn else ())]
    return (
        f"Shutting their borders with {rival} together, {who} would lower its real income by "
        f"{between(min(loss), max(loss), 2)}{PERCENT} {_when(found, (run.primary,) if drawn else ())}, and their own "
        f"by {between(min(cost), max(cost), 2)}{PERCENT}."
    )


def _money_sentence(found: Findings, names: Names) -> str:
    """The same in money, where a rival that is smaller than the group loses more in percent and less in dollars."""
    loss = found.leverage.money[frozenset(range(len(found.members)))] / 1000
    cost = found.leverage.costs_money.sum(axis=1) / 1000
    more = (cost > loss).sum()
    whose = f"{'more' if more else 'less'} in every case"
    told = "in some cases more and in others less" if 0 < more < len(loss) else whose
    return (
        f"In money {names.the(found.leverage.rival)} would lose US${words.SPACE}{billions(loss.min(), loss.max())}"
        f"{words.SPACE}billion a year; they themselves would lose US${words.SPACE}{billions(cost.min(), cost.max())}"
        f"{words.SPACE}billion, {told}."
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
    return f"Of that leverage, by Shapley value and {_when(found)}, {words.listed(told)}."


def _ties_sentence(found: Findings, names: Names, *, named: bool) -> str:
    """Who owes whom. named: in the scenario, so that nothing is said of treaties."""
    if not found.ties:
        none = (
            "The scenario names no ties"
            if named
            else "None of the treaties that come with the package obliges any of them to defend another"
        )
        return f"{none}: nothing is pooled, and each counts for itself."
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
        who = words.listed(names.the(code) for code in alone)
        told.append(
            f"{who}: no obligation, either way" + ("" if named else ", in the treaties that come with the package")
        )
    text = "; ".join(told)
    return f"In the scenario, {text}." if named else f"{words.upper_first(text)}."


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
    rise = 100 * found.rise()[found.place(found.fading[1])]
    return (
        f"The chance that an attack of {rival} on {to} would succeed rises from "
        f"{between(100 * first['chance_low'], 100 * first['chance_high'], 0, DASH)} to "
        f"{between(100 * last['chance_low'], 100 * last['chance_high'], 0, DASH)}{PERCENT}, by "
        f"{between(float(rise[0]), float(rise[1]), 0)} points: without the tie less with it, over what is not known."
    )


def _votes_sentence(votes: pd.DataFrame, names: Names, rival: str, members: tuple[str, ...]) -> str:
    if votes.empty:
        return ""
    voting_members = [code for code in members if code in {*votes["first"], *votes["second"]}]
    silent = [names.the(code) for code in (*members, rival) if code not in {*votes["first"], *votes["second"]}]
    apart = votes[(votes["first"] == rival) | (votes["second"] == rival)]
    inside = votes.drop(apart.index)
    told = []
    if len(apart):
        near = apart.loc[apart["distance"].idxmin()]
        member = near["first"] if near["second"] == rival else near["second"]
        away = f"{between(near['low'], near['high'], 2)} away, 5 to 95{PERCENT}"
        told.append(
            f"nearest to {names.the(rival)} votes {names.the(member)} ({away})"
            if len(apart) > 1
            else f"{names.the(member)} votes apart from {names.the(rival)} ({away})"
        )
    if len(voting_members) == 2 and len(inside):
        row = inside.iloc[0]
        told.append(
            f"{names.the(row['first'])} and {names.the(row['second'])} are {between(row['low'], row['high'], 2)} apart"
        )
    elif len(inside):
        far = inside.loc[inside["distance"].idxmax()]
        told.append(
            f"among members {names.the(far['first'])} and {names.the(far['second'])} are farthest apart "
            f"({between(far['low'], far['high'], 2)})"
        )
    none = f" (no votes: {words.listed(silent)})" if silent else ""
    return f"In the General Assembly in {int(votes['year'].iloc[0])}, {', and '.join(told)}{none}."


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
    if found.fading:
        chances["rise_low"], chances["rise_high"] = found.rise().T
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
