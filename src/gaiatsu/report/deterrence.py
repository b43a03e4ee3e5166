"""The section of a report on deterrence: the smallest own budget by reliability, the price of a point, their ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.report import deterrence_figures as figures
from gaiatsu.report.deterrence_words import Told, parameter
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.scenario.citing import tell_reference
from gaiatsu.security import deterrence_box as box_of
from gaiatsu.security.deterrence_box import Situation, share, spread

CAUTIONS = (
    "The chance of success follows a contest in ratio form, one of several; such forms were estimated on battles, not "
    "on deterrence. The attacker knows efforts and reliability and weighs them coolly.",
    "Spending is not capability: it says nothing of geography, stocks, quality, training, or of what force is for, and "
    "dollars at market exchange rates buy different amounts. A year’s outlays stand for forces built over decades.",
    "Nuclear weapons are outside: an ally’s or an attacker’s arsenal may decide more than all of this.",
    "Who spends more may make others spend more; here the attacker’s and the ally’s efforts stay, and reliability does "
    "not depend on what the defender spends.",
    "Records of past alliances are of other states and wars; allies are attacked less when they are reliable, so that "
    "commitments that were put to the test are not a fair sample.",
    "Ends of ranges are those of the whole box of parameters. Medians, quartiles and shares are of 1,024 points that "
    "fill it evenly, decisiveness in equal ratios and all else in equal steps: another filling would move them, as "
    "nothing says how likely which value is.",
)
ASSUMED = {
    "ally_weight": (
        "the share of the ally’s effort that counts there is {}: part of it is bound elsewhere, or comes too late"
    ),
    "decisiveness": (
        "the odds of success rise with the ratio of efforts to the power {}: 1 is the usual lottery, below it chance "
        "weighs more, above it the stronger side’s advantage grows faster than its effort"
    ),
    "cost_ratio": (
        "an attack costs {} of what success is worth: the attacker stays at home where success is less likely than that"
    ),
}
CONTESTS = (
    Source(
        "Jia, H., Skaperdas, S., Vaidya, S. (2013). Contest functions: theoretical foundations and issues in "
        "estimation. International Journal of Industrial Organization 31(3)",
        "https://econpapers.repec.org/article/eeeindorg/v_3a31_3ay_3a2013_3ai_3a3_3ap_3a211-222.htm",
    ),
    Source(
        "Hwang, S.-H. (2009). Contest success functions: theory and evidence. University of Massachusetts Amherst, "
        "working paper 2009-04",
        "https://ideas.repec.org/p/ums/papers/2009-04.html",
    ),
    Source(
        "Lindley, D., Schildkraut, R. Is war rational? The extent of miscalculation and misperception as causes of "
        "war; seen: abstract",
        "https://info.5y1.org/rational-choice-theory-pdf_1_22ab51.html",
    ),
    Source(
        "Fravel, M. T., Gilboy, G. J., Heginbotham, E. (2024). Estimating China’s defense spending: how to get it "
        "wrong (and right). Texas National Security Review 7(3); seen: abstract",
        "https://tnsr.org/2024/06/estimating-chinas-defense-spending-how-to-get-it-wrong-and-right/",
    ),
)


def sections(run: Any) -> list[Section]:
    """The section on deterrence of a run whose scenario asks for it."""
    there: Situation = run.scenario.security.deterrence.build(run.world)
    told = Told(run, there)
    efforts, required = _efforts(there), _required(there)
    tables = [
        Table("deterrence_efforts", "Own outlays that deter, by reliability, US$ billion a year", efforts),
        Table("deterrence_required", "Reliability that each budget needs", required),
        Table("deterrence_surface", "Smallest own outlays over the parameters", _surface(there)),
        Table("deterrence_priors", "How often alliance commitments were honoured in war", box_of.priors()),
        Table("deterrence_figures", "Military spending used, US$ billion a year", _spending(there)),
    ]
    sentences = [
        told.headline(), told.budgets(), told.required(), told.price(), told.fall(), told.history(),
    ]  # fmt: skip
    cautions = [*_assumptions(there), told.less_would_do(), *CAUTIONS]
    drawn = (
        figures.surface_figure(there, told.defender), figures.curve_figure(there, told.defender),
        figures.price_figure(there), figures.attacker_figure(there, told.attacker),
    )  # fmt: skip
    return [
        Section(
            "deterrence", "Deterrence: the ally’s reliability and the own budget",
            tuple(text for text in sentences if text), drawn, tuple(tables), tuple(text for text in cautions if text),
            (*_sources(run, there), *CONTESTS),
        )
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- tables
def _efforts(there: Situation) -> pd.DataFrame:
    """By reliability: the smallest effort, the price of a point, and in how much of the box each budget deters."""
    rows: list[dict[str, float]] = []
    for reliability in there.reliability:
        inside, edges = there.box.smallest_effort(reliability)
        found, price = spread((inside, edges)), spread(there.box.price(reliability))
        row = {
            "reliability_fraction": reliability,
            "least_usd_billion": found.low, "first_quartile_usd_billion": found.first_quartile,
            "median_usd_billion": found.median, "third_quartile_usd_billion": found.third_quartile,
            "greatest_usd_billion": found.high,
            **({"median_percent_of_gdp": 100 * found.median / there.gdp} if np.isfinite(there.gdp) else {}),
            "point_least_usd_billion": price.low, "point_first_quartile_usd_billion": price.first_quartile,
            "point_median_usd_billion": price.median, "point_third_quartile_usd_billion": price.third_quartile,
            "point_greatest_usd_billion": price.high,
        }  # fmt: skip
        rows.append({**row, **{f"{name}_deters_in_fraction": share(inside <= v) for name, v in there.budgets.items()}})
    return pd.DataFrame(rows)


def _required(there: Situation) -> pd.DataFrame:
    """By budget: the reliability it needs; below 0 none, above 1 none is enough."""
    rows = []
    for name, value in there.budgets.items():
        inside, edges = there.box.required(value)
        found = spread((inside, edges))
        rows.append({
            "budget": name, "usd_billion": value, "least": found.low, "first_quartile": found.first_quartile,
            "median": found.median, "third_quartile": found.third_quartile, "greatest": found.high,
            "alone_fraction_of_box": share(inside <= 0), "never_fraction_of_box": share(inside > 1),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _spending(there: Situation) -> pd.DataFrame:
    """The figures behind the efforts, and what the scenario gives in their place."""
    rows = list[tuple[Any, ...]]()
    sides = {"attacker": there.attacker, "own": (there.defender,), "ally": there.ally}
    for side, codes in sides.items():
        if side in there.given:
            low, high = (there.own, there.own) if side == "own" else there.box.ends[side]
            rows.append((side, ", ".join(codes), None, low, high, "given in the scenario"))
            continue
        for code in codes:
            figure = there.spending.of(code, there.year or 0)
            rows.append((side, code, figure.year, figure.usd_billion, figure.usd_billion, there.spending.name))
    columns = ["side", "states", "year", "low_usd_billion", "high_usd_billion", "from"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def _surface(there: Situation) -> pd.DataFrame:
    table = box_of.surface(there.box, there.reliability)
    return table.rename(columns={
        "attacker": "attacker_usd_billion", "smallest_effort": "smallest_effort_usd_billion",
        "reliability": "reliability_fraction", "ally_weight": "ally_weight_fraction",
        "cost_ratio": "cost_ratio_fraction",
    })  # fmt: skip


# ----------------------------------------------------------------------------------------------- assumptions, sources
def _assumptions(there: Situation) -> list[str]:
    out = []
    for name, text in ASSUMED.items():
        said = parameter(name, there.box.ends[name])
        own = "set by the scenario" if name in there.given else "an assumption of this package"
        out.append(f"Assumed ({own}): {text.format(said)}.")
    return out


def _sources(run: Any, there: Situation) -> list[Source]:
    found = []
    references = run.scenario.references
    for key in run.scenario.security.deterrence.source or []:
        reference = references.get(key)
        if reference is None:
            found.append(Source(key, key))
        else:
            plain = reference.model_copy(update={"address": None})
            found.append(Source(tell_reference(plain), reference.address or ""))
    if there.year is not None:
        found += [Source(text, address) for text, address in there.spending.sources.items()]
    table = box_of.priors().drop_duplicates("source")
    return [*found, *(Source(f"{row.source}; seen: {row.seen}", row.address) for row in table.itertuples())]
