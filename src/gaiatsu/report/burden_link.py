"""How protection is best paid: own outlays, or duties accepted from the protector. Part of the section on burdens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import gaiatsu
from gaiatsu.report import words
from gaiatsu.report.burden import Part
from gaiatsu.report.burden_figures import PERCENT, between, break_even_figure, duty_figure, mix_figure
from gaiatsu.report.burden_findings import ENDS, Found, ends_of, find
from gaiatsu.report.headline import Names, sectors_phrase
from gaiatsu.report.tables import Table
from gaiatsu.scenario.burden_models import BurdenModel
from gaiatsu.security import link
from gaiatsu.security.capabilities import Figure as Spent

Array = np.ndarray
CURVE = 61  # duties at which the break-even is drawn
BOUGHT = 6  # values of what duties may buy

CAUTIONS = (
    "What a protector’s reliability costs or gains by duties has not been measured by anybody: the break-even does not "
    "need it, the cheapest mix goes over the whole range. A duty accepted may buy nothing at all, or invite the next.",
    "Both costs are what it takes from the defender’s other uses in a year. Arms take years to build, and a duty can "
    "be lifted or raised in a day; neither debt nor confidence is in these numbers.",
)


def link_part(run: Any, question: BurdenModel, outlays: dict[str, Spent], names: Names, spent: str) -> Part:
    """What a duty must buy, what it brings the protector, and the cheapest mix; spent: whose figures, for sources."""
    found = find(run, question, outlays)
    levels = found.costs.low.levels
    duties = _duty_table(found)
    even = _break_even_table(found, levels)
    mixes = _mix_table(found, question)
    lacking = bool((found.lacking > 0).any())
    curve = np.linspace(0.0, float(levels[-1]), CURVE)
    own, other = names.the(found.own), names.the(found.other)
    goods = sectors_phrase(run.world, names, question.duties.sectors)
    solved = f"gaiatsu {gaiatsu.__version__}, world {run.world.name}"
    source = f"{solved}; {spent}; parameters are assumptions"
    return Part(
        sentences=(
            _headline(found, duties, even, names, goods),
            _shares(even, found, names),
            _arms_sentence(found, names),
            _protector_sentence(found, names),
            _mix_sentence(mixes, found),
        ),
        figures=(
            *([break_even_figure(curve, ends_of(found, curve), found.lost, own, other, source)] if lacking else []),
            duty_figure(duties, words.upper_first(own), words.upper_first(other), run.world.year, found.sets, solved),
            *([mix_figure(mixes, 100 * float(levels[-1]), source)] if (mixes["duty_high_percent"] > 0).any() else []),
        ),
        tables=(
            Table("burden_break_even", "How much reliability a duty must buy", even),
            Table("burden_duties", "What the duties do to either side", duties),
            *(
                [Table("burden_sets", "The duty told first, by set of elasticities", _set_table(found))]
                if found.sets
                else []
            ),
            Table("burden_mix", "The cheapest mix of duty and arms, by what duties buy", mixes),
            Table("burden_parameters", "What is not known, and the range taken", _parameters(found, question)),
        ),
        cautions=(*CAUTIONS, *_assumed(run, found, question, names), *found.notes),
    )


# --------------------------------------------------------------------------------------------------------------- tables
def _duty_table(found: Found) -> pd.DataFrame:
    """Change of real income of either side by duty: the scenario's elasticities, and the ends over the sets solved."""
    levels = found.costs.low.levels
    frame = pd.DataFrame({"duty_percent": 100 * levels})
    first = found.effects[0]
    for key, values in (
        ("defender", np.array([-item.loss for item in found.effects]) / 1000),
        ("protector", np.array([item.gain for item in found.effects]) / 1000),
    ):
        for end, row in (("low", values.min(axis=0)), ("central", values[0]), ("high", values.max(axis=0))):
            frame[f"{key}_{end}_usd_billion"] = row + 0.0  # no negative zero
    frame["defender_central_percent_of_gdp"] = -100 * first.loss / first.gdp[0] + 0.0
    frame["protector_central_percent_of_gdp"] = 100 * first.gain / first.gdp[1]
    return frame


def _set_table(found: Found) -> pd.DataFrame:
    """Loss and gain at the level told first, by published set of trade elasticities."""
    sizes = found.effects[0].gdp
    return pd.DataFrame([
        {
            "elasticities": name, "duty_percent": 100 * found.shown, "defender_usd_billion": -loss / 1000,
            "protector_usd_billion": gain / 1000, "defender_percent_of_gdp": -100 * loss / sizes[0],
            "protector_percent_of_gdp": 100 * gain / sizes[1],
        }
        for name, (loss, gain) in found.by_set.items()
    ])  # fmt: skip


def _break_even_table(found: Found, levels: Array) -> pd.DataFrame:
    lacking = found.lacking > 0
    points = 100 * link.break_even(levels, found.after, found.costs, found.box)
    low, middle, high = ends_of(found, levels)
    bare = ends_of(found, levels, multiplier=0.0)
    within = np.isfinite(points) & lacking
    return pd.DataFrame({
        "duty_percent": 100 * levels, "points_low": low, "points_median": middle, "points_high": high,
        "points_low_without_multiplier": bare[0], "points_median_without_multiplier": bare[1],
        "points_high_without_multiplier": bare[2], "lost_points": found.lost,
        "pays_within_lost_share_percent": 100 * (within & (points <= found.lost)).mean(axis=1),
        "pays_beyond_lost_share_percent": 100 * (within & (points > found.lost)).mean(axis=1),
        "never_pays_share_percent": 100 * (~within & lacking).mean(axis=1),
        "no_arms_lacking_share_percent": 100 * (~lacking).mean(),
    })  # fmt: skip


def _mix_table(found: Found, question: BurdenModel) -> pd.DataFrame:
    low, high = question.bought or (0.0, found.lost)
    bought = np.unique(np.linspace(low, high, BOUGHT))
    mix = link.cheapest_mix(bought, found.after, found.costs, found.box)
    scale = 100 / found.costs.efforts.gdp
    out: dict[str, Array] = {"bought_points": bought}
    for key, values in (
        ("duty", 100 * mix.duty), ("cost", scale * mix.cost), ("saved", scale * np.maximum(mix.alone - mix.cost, 0.0)),
    ):  # fmt: skip
        for end, row in zip(("low", "median", "high"), np.quantile(values, ENDS, axis=1), strict=True):
            out[f"{key}_{end}_percent"] = row
    out["highest_solved_share_percent"] = 100 * (mix.duty >= found.costs.low.levels[-1]).mean(axis=1)
    out["no_duty_share_percent"] = 100 * (mix.duty == 0).mean(axis=1)
    out["duty_alone_share_percent"] = 100 * ((mix.duty > 0) & (mix.arms <= 0)).mean(axis=1)
    return pd.DataFrame(out)


def _parameters(found: Found, question: BurdenModel) -> pd.DataFrame:
    meaning = {
        "ally_weight": "share of the protector’s effort that counts",
        "decisiveness": "exponent of the contest of efforts",
        "cost_ratio": "the attacker’s cost over its prize",
        "multiplier": "dollars of GDP that a dollar of outlays adds",
    }
    rows = [
        {"parameter": name, "meaning": meaning[name], "low": low, "high": high, "from": _origin(question, name)}
        for name, (low, high) in found.ranges.items()
    ]
    price = found.costs.price
    rows.append({
        "parameter": "price", "meaning": "dollars of real income a dollar of outlays costs by prices alone",
        "low": price, "high": price, "from": "trade engine" if price else "not known, taken as nothing",
    })  # fmt: skip
    efforts = found.costs.efforts
    for name, value in (
        ("attacker", efforts.attacker), ("own", efforts.own), ("ally", efforts.ally), ("gdp", efforts.gdp),
    ):  # fmt: skip
        meaning_of = "GDP of the defender, US$ billion" if name == "gdp" else f"effort, {name}, US$ billion a year"
        rows.append({"parameter": name, "meaning": meaning_of, "low": value, "high": value, "from": "figures"})
    return pd.DataFrame(rows)


def _origin(question: BurdenModel, name: str) -> str:
    if getattr(question, name) is not None:
        return "this question"
    return (
        "literature on multipliers, from full employment on"
        if name == "multiplier"
        else "question on deterrence, or assumed"
    )


# ------------------------------------------------------------------------------------------------------------ sentences
def _points(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def _headline(found: Found, duties: pd.DataFrame, even: pd.DataFrame, names: Names, goods: str) -> str:
    row = duties[np.isclose(duties["duty_percent"], 100 * found.shown)].iloc[0]
    low, high = (abs(float(row[f"defender_{end}_usd_billion"])) for end in ("high", "low"))
    share = [100 * float(item.share(found.shown)) for item in found.effects]
    cost = f"{min(share):.2f} to {max(share):.2f}{PERCENT} of GDP (US$ {low:.1f} to {high:.1f} billion a year)"
    if max(share) - min(share) < 5e-3:
        cost = f"{share[0]:.2f}{PERCENT} of GDP (US$ {high:.1f} billion a year)"
    mine = even[np.isclose(even["duty_percent"], 100 * found.shown)].iloc[0]
    return (
        f"A duty of {100 * found.shown:.3g}{PERCENT} that {names.the(found.other)} puts on {goods} from "
        f"{names.the(found.own)} costs {names.the(found.own)} {cost}. {_must_buy(mine, found)}"
    )


def _must_buy(row: Any, found: Found) -> str:
    low, middle, high = (float(row[f"points_{end}"]) for end in ("low", "median", "high"))
    if not np.isfinite(low):
        lacking = bool((found.lacking > 0).any())
        return "Arming is cheaper whatever it buys." if lacking else "It buys nothing that is lacking."
    told = f"{_points(low)} to {_points(high)}" if np.isfinite(high) else _points(low)
    centre = f"{_points(middle)} in the middle" if np.isfinite(middle) else "no number is enough in the middle"
    rest = "" if np.isfinite(high) else "; at the other end nothing that it could buy is enough"
    return (
        f"Accepting it is cheaper than arming only if it buys at least {told} points of reliability ({centre}{rest}) "
        f"of the {found.lost:.3g} lost, over nine tenths of what is not known{_without_multiplier(row, found)}."
    )


def _without_multiplier(row: Any, found: Found) -> str:
    """Beside it, both ways at full employment."""
    middle = float(row["points_median_without_multiplier"])
    if found.ranges["multiplier"][1] <= 0 or not np.isfinite(middle):
        return ""
    least = _points(float(row["points_low_without_multiplier"]))
    return (
        f"; were arming at full employment too, as the duty is (a multiplier of 0), at least {least} "
        f"({_points(middle)} in the middle)"
    )


def _shares(even: pd.DataFrame, found: Found, names: Names) -> str:
    """In how much of the box the duty is worth nothing."""
    row = even[np.isclose(even["duty_percent"], 100 * found.shown)].iloc[0]
    deterred, never, beyond = (
        float(row[f"{key}_share_percent"]) for key in ("no_arms_lacking", "never_pays", "pays_beyond_lost")
    )
    who, when = names.the(found.own), f"at a reliability of {100 * found.after:.3g}{PERCENT}"
    if deterred == 100:
        return f"{words.upper_first(who)} deters with what it spends {when}, in all of what is not known."
    return (
        f"That is where arms are lacking {when}: in about {deterred:.0f}{PERCENT} of the box {who} deters with what it "
        f"spends, and any duty is wasted; in about {never + beyond:.0f}{PERCENT} not even all the reliability lost is "
        "worth this one."
    )


def _arms_sentence(found: Found, names: Names) -> str:
    costs, box = found.costs, found.box
    before = found.after + found.lost / 100
    fall = f"a fall of reliability from {100 * before:.3g} to {100 * found.after:.3g}{PERCENT}"
    more = costs.lacking(found.after, box) - costs.lacking(before, box)
    low, middle, high = (float(value) for value in np.quantile(more, ENDS))
    share, dear = 100 / costs.efforts.gdp, costs.per_dollar(box)
    if high <= 0:
        return f"{words.upper_first(fall)} takes no more arms than are lacking before it."
    return (
        f"Made up by arms, {fall} costs {names.the(found.own)} US$ {between(low, high, 0)} billion of outlays a year, "
        f"{middle:.0f} in the middle ({between(low * share, high * share, 1)}{PERCENT} of GDP; each dollar takes "
        f"{between(float(dear.min()), float(dear.max()), 1)} from other uses)."
    )


def _protector_sentence(found: Found, names: Names) -> str:
    """Whether the protector wants to be paid this way."""
    best = [item.best_for_protector() for item in found.effects]
    who, most = names.the(found.other), 100 * float(found.costs.low.levels[-1])
    gaining = [(item, duty, gain) for item, (duty, gain) in zip(found.effects, best, strict=True) if gain > 0]
    if not gaining:
        return f"{words.upper_first(who)} would lose by every one of these duties itself."
    at = [100 * duty for _, duty, _ in gaining]
    gained = [gain / 1000 for _, gain in best]
    cents = [100 * gain / float(item.at(duty)[0]) for item, duty, gain in gaining]
    told = between(min(gained), max(gained), 1 if max(gained) >= 0.95 else 2)
    return (
        f"{words.upper_first(who)} gains at most US$ {told} billion a year of real income itself, at about "
        f"{between(min(at), max(at), 0)}{PERCENT}, which is {between(min(cents), max(cents), 0)} cents of each dollar "
        f"that {names.the(found.own)} loses there{_harm(found, most)}; it may want the duties for other ends."
    )


def _harm(found: Found, most: float) -> str:
    """From where on the protector loses, over the sets of elasticities."""
    found_from = [100 * item.harmful_from() for item in found.effects]
    harmful = [duty for duty in found_from if np.isfinite(duty)]
    if not harmful:
        return f", and loses by none up to {most:.3g}{PERCENT}"
    if len(found_from) == 1:
        return f", and loses itself from about {harmful[0]:.0f}{PERCENT} on"
    last = (
        f"by all of them from {max(harmful):.0f}{PERCENT} on"
        if len(harmful) == len(found_from)
        else f"by others not even at {most:.3g}{PERCENT}"
    )
    return f", and loses itself from about {min(harmful):.0f}{PERCENT} on by one set of elasticities, {last}"


def _mix_sentence(mixes: pd.DataFrame, found: Found) -> str:
    """The cheapest mix at a few values of what duties may buy."""
    rows = mixes[mixes["bought_points"] > 0]
    if not (mixes["duty_high_percent"] > 0).any():
        return "Over the whole range of what duties may buy, arms alone are the cheapest, or nothing is lacking."
    parts = []
    most = 100 * float(found.costs.low.levels[-1])
    for place in dict.fromkeys((0, len(rows) // 2, len(rows) - 1)):
        row = rows.iloc[place]
        duty = between(row["duty_low_percent"], row["duty_high_percent"], 0)
        if row["duty_high_percent"] >= most:
            duty = f"at least {most:.3g}" if row["duty_low_percent"] >= most else duty.replace("to ", "to at least ")
        centre = f"{'at least ' if row['duty_median_percent'] >= most else ''}{row['duty_median_percent']:.0f}"
        saved = between(row["saved_low_percent"], row["saved_high_percent"], 2)
        parts.append(
            f"if {row['bought_points']:.3g}, a duty of {duty}{PERCENT} ({centre} in the middle), "
            f"which saves {saved}{PERCENT} of GDP against arms alone"
        )
    capped = f" No duty above {most:.3g}{PERCENT} was solved." if rows["highest_solved_share_percent"].any() else ""
    return (
        "How many points ten points of duty buy is not known: if none, no duty is worth paying. The cheapest mix of "
        f"duty and arms has, {'; '.join(parts)}.{capped}"
    )


def _assumed(run: Any, found: Found, question: BurdenModel, names: Names) -> list[str]:
    low, high = question.bought or (0.0, found.lost)
    ranges = words.listed(
        f"{name.replace('_', ' ')} {ends[0]:g} to {ends[1]:g}"
        if ends[0] < ends[1]
        else f"{name.replace('_', ' ')} {ends[0]:g} (fixed)"
        for name, ends in found.ranges.items()
    )
    beside = run.scenario.security.deterrence is not None
    before = found.after + found.lost / 100
    told = [
        f"Assumption: the reliability of {names.the(found.other)} falls from {100 * before:.3g} to "
        f"{100 * found.after:.3g}{PERCENT}. Both ends are given by the scenario; neither has been measured for this "
        "ally, and every number on arms and break-evens moves with them.",
        "Reliability is one number for a choice that is made once, under circumstances nobody can list; the attacker "
        "is taken to compare chances and costs, and spending stands for strength"
        f"{' (see the section on deterrence)' if beside else ''}.",
        "The efforts of attacker and protector are single figures at market exchange rates; what the attacker’s count "
        f"for at its own prices is {'varied in the section on deterrence, not' if beside else 'not varied'} here.",
        f"Assumed ranges, of which every point counts alike: {ranges}; ten points of duty buy {low:.3g} to "
        f"{high:.3g} points. Shares of the box are to about a percent, and are no probabilities.",
        "Duties are solved alone on the world’s year, without the scenario’s other measures, at the horizon of the "
        "headline; their cost is a share of GDP, carried over to the year of the figures of spending.",
    ]
    if found.ranges["multiplier"][1] > 0:
        told.append(
            "The comparison favours arms: outlays are given their multiplier in every year, as in a slump that never "
            "ends, while the loss by duties is one at full employment. The break-even at a multiplier of 0 stands "
            "beside it."
        )
    return told
