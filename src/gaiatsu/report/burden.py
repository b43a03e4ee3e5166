"""The section of a report on burden sharing: who carries an alliance, and how protection is best paid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

import gaiatsu
from gaiatsu.report import words
from gaiatsu.report.burden_figures import PERCENT, between, sharing_figure
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.scenario.burden_models import BurdenModel, code_of
from gaiatsu.security import burden
from gaiatsu.security.capabilities import Figure as Spent
from gaiatsu.security.capabilities import Spending
from gaiatsu.world.codes import countries

Array = np.ndarray
PLACES = (0.0, 0.05, 0.10, 0.25, 1.0)  # in the range of the spillover, where outlays are shown: most happens near 0
TOLD = 3  # members told of in a sentence
RANKED = 10  # members from which a rank correlation is told: with fewer, the rounding of the figures decides it
ROUNDED = (0.5, 0.0005)  # half the last digit of the package's figures: US$ billion (one of them has tenths), share

CAUTIONS = (
    "Burden sharing asks what a country spends on its forces, not what for: bases, host support, aid, nuclear "
    "weapons, geography and a threat that is nearer to some than to others are left out.",
    "Spending is at market exchange rates, and GDP is found from the printed share, whose rounding moves it by a few "
    "percent; implied spillovers are over that rounding.",
)
SOURCES = (
    Source(
        "Olson, M. and Zeckhauser, R. (1966). An economic theory of alliances. Review of Economics and Statistics "
        "48(3)",
        "https://www.jstor.org/stable/1927082",
    ),
    Source("Sandler, T. (1977). Impurity of defense: an application to the economics of alliances. Kyklos 30(3)"),
    Source(
        "Kim, W. and Sandler, T. (2020). NATO at 70: pledges, free riding, and benefit-burden concordance. Defence and "
        "Peace Economics 31(4)",
        "https://doi.org/10.1080/10242694.2019.1640937",
    ),
)


@dataclass(frozen=True)
class Part:
    """What one of the two questions adds to the section."""

    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    cautions: tuple[str, ...]
    sources: tuple[Source, ...] = ()


def sections(run: Any) -> list[Section]:
    """The section on burden sharing and the price of protection."""
    from gaiatsu.report.burden_link import link_part

    question: BurdenModel = run.scenario.security.burden
    outlays, known = question.outlays(run.world)
    names = names_with(run.world, outlays)
    parts = []
    if question.asks_link:
        parts.append(link_part(run, question, outlays, names, _spent(question, outlays, known)))
    if question.members is not None:
        parts.append(sharing_part(run, question, outlays, names, known))
    sources = [source for part in parts for source in part.sources]
    sources += [Source(text, address) for text, address in known.sources.items()]
    missing = [words.upper_first(known.missing) + "."] if known.missing else []
    sentences = [text for part in parts for text in part.sentences]
    return [
        Section(
            key="burden",
            title="Who pays for protection, and how",
            sentences=(" ".join([*missing, sentences[0]]), *sentences[1:]),  # the first is told on the terminal too
            figures=tuple(figure for part in parts for figure in part.figures),
            tables=tuple(table for part in parts for table in part.tables),
            cautions=(*(text for part in parts for text in part.cautions), *_own(question)),
            sources=tuple(sources),
        )
    ]


def names_with(world: Any, codes: Any) -> Names:
    """The world's names, and those of countries that are part of another region in it."""
    names = Names.of(world)
    more = {code: countries()[code][0] for code in codes if code not in names.region and code in countries()}
    return Names({**more, **names.region}, names.sector)


def _spent(question: BurdenModel, outlays: dict[str, Spent], known: Spending) -> str:
    """Whose figures of spending, for the source line of a figure."""
    years = sorted({item.year for code, item in outlays.items() if item.year})
    of = f" of {years[-1]}" if years else ""
    given = "; some given by the scenario" if question.spending else ""
    return f"military spending{of}, {known.short}{given}"


def _own(question: BurdenModel) -> list[str]:
    if not question.spending:
        return []
    return [
        f"Military spending of {words.listed(question.spending)} is the scenario’s own, not from the table of figures."
    ]


# ------------------------------------------------------------------------------------------------------------ members
def sharing_part(run: Any, question: BurdenModel, outlays: dict[str, Spent], names: Names, known: Spending) -> Part:
    """Who carries the alliance, and what free riding would have."""
    codes = list(dict.fromkeys(code_of(word, run.world) for word in question.members or []))
    codes.sort(key=lambda code: -outlays[code].usd_billion / outlays[code].gdp_share)
    spent = np.array([outlays[code].usd_billion for code in codes])
    income = spent / np.array([outlays[code].gdp_share for code in codes])
    low, high = question.spillover
    spillovers = list(dict.fromkeys(low + (high - low) * place for place in PLACES))
    tastes = {part: _tastes(question, income, spent, part) for part in spillovers}
    rounded = np.array([known.own and code not in _given(run, question) for code in codes])
    members = _members(codes, spent, income, list(tastes.values()), names, rounded, own_taste=question.taste is None)
    if question.taste is None:  # the largest's outlays are taken, and imply nothing
        members.loc[0, [f"implied_spillover_{end}_percent" for end in ("low", "high")]] = np.nan
    foretold = _foretold(codes, spent, income, tastes, names)
    whole = _whole(spent, income, tastes)
    alone = [100 * taste for taste in tastes[spillovers[0]]]
    own = question.taste is None
    of = f"that of {names.the(codes[0])}, from its own outlays" if own else f"{alone[0]:.3g} to {alone[1]:.3g}{PERCENT}"
    year = outlays[codes[0]].year
    line = f"gaiatsu {gaiatsu.__version__}; {_spent(question, outlays, known)}; spillover and taste are assumptions"
    return Part(
        sentences=(
            _foretold_sentence(codes, members, foretold, names, own),
            _carried_sentence(codes, spent, income, names),
        ),
        figures=(sharing_figure(members, foretold, year, of, known.name, line),),
        tables=(
            Table("burden_members", "Who carries the alliance", members),
            Table("burden_foretold", "Outlays as they are and as free riding has them", foretold),
            Table("burden_spillovers", "The alliance by spillover: all outlays, the efficient sum, misses", whole),
        ),
        cautions=_sharing_cautions(names, codes[0], own),
        sources=SOURCES,
    )


def _tastes(question: BurdenModel, income: Array, spent: Array, spillover: float) -> tuple[float, float]:
    if question.taste is not None:
        return question.taste
    found = burden.taste_of_largest(income, float(spent[int(np.argmax(income))]), spillover)
    return found, found


def _given(run: Any, question: BurdenModel) -> set[str]:
    """Codes of those whose figures the scenario gives."""
    return {code_of(word, run.world) for word in question.spending}


def _members(
    codes: list[str], spent: Array, income: Array, tastes: list[tuple[float, float]], names: Names, rounded: Array, *,
    own_taste: bool,
) -> pd.DataFrame:  # fmt: skip
    """One row for each member; the spillover that its outlays imply, over the tastes used and rounding.

    rounded: [member] whether its figures are printed to whole billions and tenths of a percent only.
    """
    over = burden.exploitation(spent, income).over
    ends = _implied(spent, spent / income, tastes, rounded, own_taste=own_taste)
    return pd.DataFrame({
        "region": codes, "region_name": [names.region[code] for code in codes], "spent_usd_billion": spent,
        "gdp_usd_billion": income, "spent_percent": 100 * spent / income,
        "share_of_outlays_percent": 100 * spent / spent.sum(), "share_of_gdp_percent": 100 * income / income.sum(),
        "outlays_over_gdp_share": over, "implied_spillover_low_percent": 100 * ends.min(axis=0),
        "implied_spillover_high_percent": 100 * ends.max(axis=0),
    })  # fmt: skip


def _implied(
    spent: Array, share: Array, tastes: list[tuple[float, float]], rounded: Array, *, own_taste: bool
) -> Array:
    """[low or high, member] spillover implied, at all corners of what rounding leaves open.

    It is monotone in each of taste, own outlays, own share and the others' outlays, so that its ends are corners.
    """
    half, half_share = np.where(rounded, ROUNDED[0], 0.0), np.where(rounded, ROUNDED[1], 0.0)
    low, high = (pick(end for pair in tastes for end in pair) for pick in (min, max))
    slack = half_share[0] if own_taste else 0.0  # the taste is found from the largest's share
    found = []
    for taste, own, part, others in product((low - slack, high + slack), (-1, 1), (-1, 1), (-1, 1)):
        row = []
        for place in range(len(spent)):
            outlays = np.maximum(spent + others * half, 0.0)
            outlays[place] = max(spent[place] + own * half[place], 0.0)
            shares = max(share[place] + part * half_share[place], 1e-6)
            incomes = np.maximum(spent / share, 2 * outlays)  # only that of the member counts
            incomes[place] = outlays[place] / shares if outlays[place] > 0 else incomes[place]
            row.append(burden.implied_spillover(outlays, incomes, taste)[place])
        found.append(row)
    return np.array([np.min(found, axis=0), np.max(found, axis=0)])


def _foretold(
    codes: list[str], spent: Array, income: Array, tastes: dict[float, tuple[float, float]], names: Names
) -> pd.DataFrame:
    rows = []
    for spillover, pair in tastes.items():
        both = np.array([burden.equilibrium(income, taste, spillover) / income for taste in pair])
        for place, code in enumerate(codes):
            ends = 100 * both[:, place]
            rows.append({
                "region": code, "region_name": names.region[code], "spillover_percent": 100 * spillover,
                "taste_low_percent": 100 * pair[0], "taste_high_percent": 100 * pair[1],
                "foretold_low_percent": ends.min(), "foretold_high_percent": ends.max(),
                "spent_percent": 100 * spent[place] / income[place],
                "miss_points": ends.mean() - 100 * spent[place] / income[place],
            })  # fmt: skip
    return pd.DataFrame(rows)


def _whole(spent: Array, income: Array, tastes: dict[float, tuple[float, float]]) -> pd.DataFrame:
    """By spillover, at the middle of the tastes: sums, what a dollar of the largest is worth to all, mean miss."""
    rows = []
    for spillover, pair in tastes.items():
        taste = sum(pair) / 2
        found = burden.equilibrium(income, taste, spillover)
        ranks = burden.exploitation(found, income)
        rows.append({
            "spillover_percent": 100 * spillover, "taste_percent": 100 * taste, "foretold_usd_billion": found.sum(),
            "efficient_usd_billion": burden.efficient(income, taste).sum(), "spent_usd_billion": spent.sum(),
            "worth_of_a_dollar_of_the_largest": burden.worth(spent, income, taste, spillover)[int(np.argmax(income))],
            "rank_correlation_foretold": ranks.kendall,
            "mean_miss_of_the_others_points": 100 * np.abs((found - spent) / income)[1:].mean(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _foretold_sentence(codes: list[str], members: pd.DataFrame, foretold: pd.DataFrame, names: Names, own: bool) -> str:
    told, implied, ends = [], [], []
    for code in codes[1 : 1 + TOLD]:
        rows = foretold[foretold["region"] == code]
        row = members[members["region"] == code].iloc[0]
        spent = between(rows["foretold_low_percent"].min(), rows["foretold_high_percent"].max(), 1)
        told.append(f"{names.the(code)} spend {spent}{PERCENT} of GDP (it spends {row['spent_percent']:.1f})")
        low, high = (float(row[f"implied_spillover_{end}_percent"]) for end in ("low", "high"))
        ends.append((low, high))
        implied.append(f"{between(low, high, 1)}{PERCENT} for {names.the(code)}")
    whose = f"the taste for defence that the outlays of {names.the(codes[0])} imply" if own else "the tastes given"
    parts = between(foretold["spillover_percent"].min(), foretold["spillover_percent"].max(), 0)
    apart = max(low for low, _ in ends) > min(high for _, high in ends)
    fits = (
        "No one spillover fits all members: what they spend implies"
        if apart
        else "What they spend implies a spillover of"
    )
    return (
        f"With {whose}, and {parts}{PERCENT} of the others’ outlays of use to each, free riding would have "
        f"{'; '.join(told)}. {fits} {words.listed(implied)}{_below(members, codes)}."
    )


def _below(members: pd.DataFrame, codes: list[str]) -> str:
    rows = members[members["region"].isin(codes[1 : 1 + TOLD])]
    return " (below zero: more than alone)" if (rows["implied_spillover_low_percent"] < 0).any() else ""


def _carried_sentence(codes: list[str], spent: Array, income: Array, names: Names) -> str:
    found = burden.exploitation(spent, income)
    first = (
        f"{words.upper_first(names.the(codes[0]))} carries {100 * spent[0] / spent.sum():.0f}{PERCENT} of the members’ "
        f"outlays with {100 * income[0] / income.sum():.0f}{PERCENT} of their GDP"
    )
    if len(codes) < RANKED or found.kendall != found.kendall:
        return f"{first}."
    return (
        f"{first}; the rank correlation of outlays over GDP with GDP is {words.signed(found.kendall, 2)} over "
        f"{len(codes)} members (Kendall; 1 where the burden rises with GDP throughout)."
    )


def _sharing_cautions(names: Names, largest: str, own: bool) -> tuple[str, ...]:
    taste = (
        f"Assumption: all members have one taste for defence, the one at which {names.the(largest)} would spend what "
        "it "
        "does; its own row is no test, those of the others are."
        if own
        else "Assumption: all members have one taste for defence, in the range given."
    )
    return (
        taste,
        "Assumption: the spillover is one for all; nothing was fitted to the other members’ outlays.",
        *CAUTIONS,
    )
