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
BEYOND = (0.0, 1.5)  # below 0.2, and what is published for Japan at zero rates (gaiatsu.security.budget.multipliers)
VARIED = ("start", "growth", "interest", "tax_rate")  # move what is added, beside the multiplier

CAUTIONS = (
    "Ranges are least to most over a box in which every parameter may take any value of its range whatever the others "
    "are, low growth beside high interest too. Medians are of points spread evenly over it, which is no probability.",
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
        _headline(found, asked, who, label), _beyond_sentence(found, asked, label), _interest_sentence(found, label),
        _growth_sentence(found, label),
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
    increase, added = found.band("increase").at(_reached(question)), found.band("added").at(-1)
    if max(map(abs, (*increase, *added))) < SAME:
        return f"Outlays of {who} stay at {_share(asked.start)} of GDP: nothing is added to public debt."
    base, own = "GDP", ""
    if question.shares_of is not None:
        base, own = f"the GDP of {label}{question.shares_of}", f" of GDP in {label}{asked.target_year}"
    more = f"{_points(increase, 2, sign=True)} points{own}"
    if question.gdp:
        low, _, high = found.money("increase").at(_reached(question))
        more += f", {ranged(low, high, 2, sign=low < 0)} {question.unit}"
    path = (
        f"Outlays of {who} that go from {_share(asked.start)} of {base} in {label}{asked.start_year} to "
        f"{_share((asked.target, asked.target))} in {label}{asked.target_year} ({more}){_detour(asked, label)}"
    )
    tax, cuts = (found.band(name).ends() for name in ("tax", "cuts"))
    less = max(added[2], tax[2], cuts[2]) < 0
    told = [_turned(ends) if less else ends for ends in (added, tax, cuts)]
    debt, taxes, bought = (
        _points(ends, digits, sign=ends[0] < 0) for ends, digits in zip(told, (1, 2, 2), strict=True)
    )
    until = f"{label}{asked.until}"
    ways = {
        "deficit": f"add {debt} points of GDP to public debt by {until} if they are borrowed",
        "tax": f"take {taxes}{PERCENT} of GDP a year in taxes",
        "cuts": f"take cuts of other purchases of {bought}{PERCENT} of GDP a year",
    }
    if less:
        ways = {
            "deficit": f"lower public debt by {debt} points of GDP by {until} if it is repaid with what is saved",
            "tax": f"leave room for taxes lower by {taxes}{PERCENT} of GDP a year",
            "cuts": f"leave room for other purchases of {bought}{PERCENT} of GDP a year",
        }
    unchanged = f"with debt in {until} where it would be"
    order = {"deficit": ("tax", "cuts"), "tax": ("cuts",), "cuts": ("tax",)}[asked.financing]
    others = [f"they {ways[way]}" for way in order]
    if asked.financing == "deficit":
        text = f"{path} {ways['deficit']}; or {', or '.join(others)}, {unchanged}"
    else:
        text = f"{path} {ways[asked.financing]} {unchanged}; or {others[0]}, or they {ways['deficit']}"
    return f"{text}: over {_over(question)}."


def _share(ends: tuple[float, float]) -> str:
    texts = [f"{100 * end:.3g}" for end in ends]
    return f"{texts[0] if texts[0] == texts[1] else ' to '.join(texts)}{PERCENT}"


def _turned(ends: tuple[float, float, float]) -> tuple[float, float, float]:
    """A range below zero, as the size of what is less."""
    return -ends[2], -ends[1], -ends[0]


def _over(question: Setting) -> str:
    """What the ranges of the headline are over, the multiplier with its ends."""
    low, high = question.box()["multiplier"]
    several = "multipliers" if high > low else "a multiplier"
    varied = budget.varied(question, VARIED)
    own = question.financing_multiplier
    taxes = f" (of taxes {ranged(*own, 1)})" if own is not None and own != (low, high) else ""
    return f"{several} of {ranged(low, high, 1)}{taxes}" + (
        f" and the ranges of {words.listed(varied)}" if varied else ""
    )


def _detour(asked: BudgetModel, label: str) -> str:
    """Shares on the way that do not lie between the first and the last."""
    low, high = min(asked.start[0], asked.target), max(asked.start[1], asked.target)
    out = {year: share for year, share in asked.path.items() if not low <= share <= high}
    if not out:
        return ""
    year = max(out, key=lambda key: max(low - out[key], out[key] - high))
    return f", by way of {_share((out[year], out[year]))} in {label}{year},"


def _beyond_sentence(found: Outlook, asked: BudgetModel, label: str) -> str:
    """What multipliers outside the default range would give; nothing where the range was chosen."""
    if asked.multiplier is not None or max(map(abs, found.band("added").at(-1))) < SAME:
        return ""
    low, high = (budget.added_with(found.setting, value) for value in BEYOND)
    told = [ranged(100 * ends[0], 100 * ends[1], 1, sign=ends[0] < 0) for ends in (low, high)]
    return (
        f"Published multipliers lie outside that range too: with {BEYOND[0]:g} the outlays would add {told[0]} points "
        f"of GDP by {label}{found.setting.until} if borrowed, with {BEYOND[1]:g} (Japan at interest rates of zero) "
        f"{told[1]}."
    )


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
    unknown = words.listed(budget.varied(found.setting, budget.IN_DEBT_THERE_IS))
    more = f": what is not known of {unknown} moves it by more than these outlays do" if wide else ""
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
        f"What is added depends most on the {row['meaning']}: {100 * both[0]:.1f} points at the lower end of that "
        f"range, {100 * both[1]:.1f} at the upper one, all other parameters in the middle."
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
    share, yearly = f"{100 * (named / total):.0f}{PERCENT}", f"{ranged(by_year.min(), by_year.max(), 0)}{PERCENT}"
    if any(item.assumed for item in plan.items):
        yearly += " if their cost is spread evenly over the years of which nothing is known, an assumption"
    out = [
        f"{plan.title}: {named.value:g} of {total.value:g} {plan.unit} of {basis} ({share}) go to {len(plan.items)} "
        f"named capabilities, the largest of them {told}; year by year {yearly}. These are shares of {basis}, "
        "on a basis of their own, and not of the outlays above."
    ]
    known = plan.known()
    if known is not None:
        last = f"{plan.label}{plan.yearly[-1][0]}"
        share = f"{100 * (known / total):.1f}{PERCENT}"
        what = f" ({plan.yearly_note})" if plan.yearly_note else ""
        out.append(f"Up to {last}, {known.value:.1f} {plan.unit} of {basis} are known{what}, {share} of the whole.")
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
    span = ranged(100 * low, 100 * high, 2)
    differs = f", not the {span} points of this section"
    if same:
        differs = f", within the {span} of this section" if high - low > 2 * SAME else ""
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
            f"Assumption: the multiplier lies between {low:g} and {high:g}. Its own sources say less and more: "
            "military spending of over a hundred countries, below 0.2 in the working paper of 2015 and 0.75 to 0.85 in "
            "the version of 2022 that replaces it, where advanced economies are above one: debt would then rise by "
            "less. For Japan 0.6 is published, and 1.5 with interest rates at zero."
        )
    if asked.financing_multiplier is None:
        out.append("Assumption: a unit of taxes takes from GDP what lies in the range of the multiplier of purchases.")
    out.append(
        "Assumption: what a unit of other purchases cut takes from GDP lies in the range of the multiplier, wherever "
        "that of the outlays lies; cuts of transfers are rather like taxes."
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
