"""The section of a report on a defence budget: what it costs the treasury, what pays for it, and what it buys."""

from __future__ import annotations

from typing import Any

from gaiatsu.report import defence_budget_figures as figures
from gaiatsu.report import words
from gaiatsu.report.defence_budget_tables import all_tables
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.scenario.budget_models import BudgetModel
from gaiatsu.security import budget
from gaiatsu.security.budget import Outlook, Setting
from gaiatsu.security.programme import Plan

PERCENT = f"{words.SPACE}%"
LARGEST = 3  # capabilities named
SAME = 5e-5  # shares of GDP that differ by less are the same

CAUTIONS = (
    "Ranges are least to most over a box in which every parameter may take any value of its range whatever the others "
    "are: wider than anybody’s forecast. Medians are of points spread evenly over it, which is no probability.",
    "The treasury is all there is: outlays, their multiplier, revenue from it, and interest. Prices, the interest rate "
    "itself, the exchange rate and the central bank do not react.",
    "A share of GDP after the target year is held as it is then; without the increase, the share of the first year is "
    "held.",
)
EASED = (
    "Points of GDP are of the GDP there would be without the increase; as long as outlays raise GDP, the ratio of debt "
    "to GDP rises by less where debt is large, and the sentence on growth tells by how much."
)


def sections(run: Any) -> list[Section]:
    """The section on the budget of a run."""
    asked: BudgetModel = run.scenario.security.budget
    found, plan = budget.outlook(asked.build()), asked.programme()
    names = Names.of(run.world)
    code = run.world.regions[run.world.region_indices(asked.region)[0]]
    who = names.the(code)
    label = plan.label if plan else ""
    sentences = [
        _headline(found, asked, who, label), _interest_sentence(found, label), _growth_sentence(found, label),
        _whole_sentence(found, label), _what_moves_sentence(found.setting), _target_sentence(found, label),
        *_plan_sentences(plan), _economy_sentence(run, found, code, who),
    ]  # fmt: skip
    drawn = [
        figures.added_figure(found, who),
        figures.debt_figure(found, who),
        figures.plan_figure(plan) if plan else None,
        figures.bases_figure(plan, found.setting),
    ]
    return [
        Section(
            key="budget", title=f"The budget of {who}", sentences=tuple(text for text in sentences if text),
            figures=tuple(figure for figure in drawn if figure is not None), tables=all_tables(found, asked, plan),
            cautions=(*CAUTIONS, EASED, *_assumptions(asked, plan)), sources=_sources(run, asked, plan),
        )
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ sentences
def ranged(low: float, high: float, digits: int, *, sign: bool = False) -> str:
    """Two ends as one range, or one number where they are the same to the digits shown."""
    texts = [
        words.signed(value, digits) if sign else f"{value:,.{digits}f}".replace("-", words.MINUS)
        for value in (low, high)
    ]
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}"


def _points(ends: tuple[float, float, float], digits: int = 1, *, sign: bool = False) -> str:
    return ranged(100 * ends[0], 100 * ends[2], digits, sign=sign)


def _digits(*values: float) -> int:
    largest = max(abs(100 * value) for value in values)
    return 1 if largest >= 1 else 2 if largest >= 0.1 else 3


def _headline(found: Outlook, asked: BudgetModel, who: str, label: str) -> str:
    question = found.setting
    increase = found.band("increase").at(_reached(question))
    if asked.start == asked.target and max(map(abs, increase)) < SAME:
        return f"Outlays of {who} stay at {100 * asked.start:.3g}{PERCENT} of GDP: nothing is added to public debt."
    base, own = "GDP", ""
    if question.shares_of is not None:
        base, own = f"the GDP of {label}{question.shares_of}", f" of GDP in {label}{asked.target_year}"
    more = f"{_points(increase, 2, sign=True)} points{own}"
    if question.gdp:
        low, _, high = found.money("increase").at(_reached(question))
        more += f", {ranged(low, high, 2)} {question.unit}"
    path = (
        f"Outlays of {who} that go from {100 * asked.start:.3g}{PERCENT} of {base} in {label}{asked.start_year} to "
        f"{100 * asked.target:.3g}{PERCENT} in {label}{asked.target_year} ({more})"
    )
    added, until = found.band("added").at(-1), f"{label}{asked.until}"
    borrowed = f"add {_points(added, sign=added[0] < 0)} points of GDP to public debt by {until} if they are borrowed"
    ways = {
        "tax": f"{_points(found.band('tax').ends(), 2)}{PERCENT} of GDP a year in taxes",
        "cuts": f"cuts of other purchases of {_points(found.band('cuts').ends(), 2)}{PERCENT} of GDP a year",
    }
    unchanged = f"to leave debt in {until} where it would be"
    if asked.financing == "deficit":
        return f"{path} {borrowed}; or they take {ways['tax']}, or {ways['cuts']}, {unchanged}."
    other = "cuts" if asked.financing == "tax" else "tax"
    return f"{path} take {ways[asked.financing]} {unchanged}; or they take {ways[other]}, or {borrowed}."


def _reached(question: Setting) -> int:
    """Place of the target year among the years after the start."""
    return question.target_year - question.start_year - 1


def _interest_sentence(found: Outlook, label: str) -> str:
    last = found.band("interest").at(-1)
    if max(map(abs, last)) < 1e-6:
        return ""
    money = ""
    if found.setting.gdp:
        low, _, high = found.money("interest").at(-1)
        money = f", {ranged(low, high, 2)} {found.setting.unit}"
    share = f"{_points(last, _digits(*last))}{PERCENT}"
    return f"Borrowed, interest on it alone is {share} of GDP in {label}{found.setting.until}{money}, and it goes on."


def _growth_sentence(found: Outlook, label: str) -> str:
    question = found.setting
    low, high = question.box()["multiplier"]
    gain, ratio = found.band("gdp_gain").at(-1), found.band("ratio").at(-1)
    if max(map(abs, gain)) < 1e-6:
        return ""
    return (
        f"With a multiplier of {ranged(low, high, 1)}, GDP changes by {_points(gain, 2, sign=True)}{PERCENT} while the "
        f"outlays last; debt over that GDP changes by {_points(ratio, sign=True)} points by {label}{question.until}."
    )


def _whole_sentence(found: Outlook, label: str) -> str:
    without, added = found.band("without").at(-1), found.band("added").at(-1)
    start = found.band("without").at(0)
    wide = without[2] - without[0] > abs(added[2])
    more = (
        ": what is not known of growth, interest and the rest of the budget moves it by more than these outlays do"
        if wide
        else ""
    )
    first, last = f"{label}{found.setting.start_year}", f"{label}{found.setting.until}"
    return (
        f"Without the increase debt would go from {_points(start, 0)}{PERCENT} of GDP in {first} to "
        f"{_points(without, 0)}{PERCENT} in {last}{more}."
    )


def _what_moves_sentence(question: Setting) -> str:
    table = budget.one_at_a_time(question)
    if table.empty:
        return ""
    row = table.iloc[0]
    both = (row["added_low"], row["added_high"])
    return (
        f"Of single parameters the {row['meaning']} moves what is added most: {100 * both[0]:.1f} points at its lower "
        f"end, {100 * both[1]:.1f} at its upper one, the others in the middle."
    )


def _target_sentence(found: Outlook, label: str) -> str:
    question = found.setting
    if not question.gdp:
        return ""
    share = question.milestones[-1][1]
    own = [item.money[:, _reached(question) + 1] for item in (found.ends, found.inside)]
    low, high = min(part.min() for part in own), max(part.max() for part in own)
    parts = [f"{share * gdp:.1f} of that of {label}{year}" for year, gdp in sorted(question.gdp.items())]
    if question.target_year not in question.gdp:
        parts.append(f"{ranged(share * low, share * high, 1)} of that of {label}{question.target_year}, at this growth")
    used = "each year’s own" if question.shares_of is None else f"that of {label}{question.shares_of}"
    return (
        f"In {question.unit}, {100 * share:.3g}{PERCENT} of GDP is {words.listed(parts)}: which year’s GDP is meant "
        f"decides how much that is. Here it is {used}."
    )


def _plan_sentences(plan: Plan | None) -> list[str]:
    if plan is None:
        return []
    table = plan.schedule()
    named, total = plan.named(), plan.total()
    basis = plan.bases[plan.basis].title.lower()
    largest = sorted(plan.items, key=lambda item: -item.cost.value)[:LARGEST]
    told = words.listed(f"{words.in_sentence(item.name)} ({item.cost.value:g})" for item in largest)
    by_year = 100 * (1 - table.iloc[:, -1] / table.sum(axis=1).where(lambda values: values > 0)).dropna()
    share, yearly = f"{100 * (named / total):.0f}{PERCENT}", ranged(by_year.min(), by_year.max(), 0)
    out = [
        f"{plan.title}: {named.value:g} of {total.value:g} {plan.unit} of {basis} ({share}) go to {len(plan.items)} "
        f"named capabilities, the largest of them {told}; year by year {yearly}{PERCENT}. These are shares of {basis}, "
        "on a basis of their own, and not of the outlays above."
    ]
    agreed = plan.agreed()
    if agreed is not None:
        last = f"{plan.label}{plan.yearly[-1][0]}"
        share = f"{100 * (agreed / total):.1f}{PERCENT}"
        out.append(f"Up to {last}, {agreed.value:.1f} {plan.unit} of {basis} are agreed, {share} of the whole.")
    return out


def _economy_sentence(run: Any, found: Outlook, code: str, who: str) -> str:
    """Where the cost to the economy is told: by the engine, if the scenario has the outlays as a measure."""
    shares = [
        float(measure.share)
        for measure in run.measures
        if measure.kind == "outlays" and code in {run.world.regions[n] for n in run.world.region_indices(measure.by)}
    ]
    if not shares:
        return (
            "What the outlays cost the economy, and whose work they pay for, is not part of this scenario: a measure "
            "of the kind “outlays” computes it."
        )
    low, _, high = found.band("increase").at(_reached(found.setting))
    same = low - SAME <= sum(shares) <= high + SAME
    differs = "" if same else f", not the {ranged(100 * low, 100 * high, 2)} points of this section"
    return (
        f"What it costs the economy of {who}, how much is imported and who gains abroad is told in the section on "
        f"outlays, for {100 * sum(shares):.3g} points of GDP more{differs}."
    )


# ---------------------------------------------------------------------------------------------------------- notes
def _assumptions(asked: BudgetModel, plan: Plan | None) -> list[str]:
    out = []
    if asked.multiplier is None:
        low, high = budget.MULTIPLIER
        out.append(
            f"Multiplier {low:g} to {high:g}: military spending of over a hundred countries, in the working paper of "
            "2015 and in the version of 2022 that replaces it (0.75 to 0.85), where advanced economies are above one: "
            "debt would then rise by less. For Japan 0.6 is published, and 1.5 with interest rates at zero."
        )
    if asked.financing_multiplier is None:
        out.append("Assumption: a unit of taxes takes from GDP what lies in the range of the multiplier of purchases.")
    out.append(
        "Assumption: other purchases that are cut take from GDP what as many outlays add to it; cuts of transfers are "
        "rather like taxes."
    )
    if "primary_deficit" not in asked.model_fields_set:
        out.append("Assumption: without the increase the budget is balanced before interest.")
    if asked.interest_on_debt is None:
        out.append("Assumption: the debt there is pays the interest of new debt from the first year on.")
    if plan is not None:
        cited = [figure.seen for figure in plan.figures] + [item.seen for item in plan.items]
        if seen := dict.fromkeys(word for word in cited if word and word != "data"):
            out.append(f"Figures of the plan were read in {words.listed(seen)}s of the sources, not in the originals.")
    return out


def _sources(run: Any, asked: BudgetModel, plan: Plan | None) -> tuple[Source, ...]:
    found = {}
    for key in asked.source or []:
        reference = run.scenario.references.get(key)
        title, address = (key, key) if reference is None else (reference.title, reference.address or "")
        found[title] = address
    if asked.multiplier is None:
        table = budget.multipliers()
        for row in table[~table["use"].str.startswith("none")].itertuples():
            found[f"{row.who}: {row.source}"] = str(row.address)
    if plan is not None:
        cited = [figure.source for figure in plan.figures] + [item.source for item in plan.items]
        parts = dict.fromkeys(part.strip() for text in cited for part in text.split(";") if part.strip())
        found[f"{plan.title}: {', '.join(parts)}" if parts else plan.title] = ""
    return tuple(Source(text, address) for text, address in found.items())
