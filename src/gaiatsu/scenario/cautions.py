"""What a reader must know before quoting a run: results that hang on the closure, or on a source that errs."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from gaiatsu.scenario.measures import USDuties

if TYPE_CHECKING:
    from gaiatsu.scenario.run import Run

LARGE_TRANSFER = 0.2  # of final expenditure: from here on the closure moves results by a third and more
SMALLEST = 0.005  # percent: changes below this are named by nobody
NAMED = 3
GENERAL_DUTY_FROM = datetime.date(2025, 4, 5)
EXEMPTIONS_FROM = datetime.date(2025, 11, 14)  # the first date on which the source of us-duties has the exempt goods


def cautions(run: Run) -> list[str]:
    """Sentences on the regions that a reader meets first, and on the day of the US duties; often none."""
    return [*_large_transfers(run), *_goods_charged_in_error(run)]


def extremes(run: Run) -> tuple[list[str], list[str]]:
    """The regions whose real income falls most, and rises most, in percent; three of each at most."""
    income = run.outcome.real_income.sort_values()
    losers = [str(code) for code in income.index if income[code] <= -SMALLEST][:NAMED]
    gainers = [str(code) for code in income.index[::-1] if income[code] >= SMALLEST][:NAMED]
    return losers, gainers


def _named(run: Run) -> list[str]:
    """The regions in focus, and those that gain and lose most in percent and in money."""
    from gaiatsu.scenario.run import focus

    chosen = focus(run)
    losers, gainers = extremes(run)
    summary = run.outcome.summary().drop(index=chosen)
    money = summary.loc[summary["real_income"].abs() >= SMALLEST, "equivalent_variation"]
    most = [str(money.idxmin()), str(money.idxmax())] if len(money) else []
    return list(dict.fromkeys([*chosen, *losers, *gainers, *most]))


def _large_transfers(run: Run) -> list[str]:
    """The named regions that live far above or below what they earn."""
    accounts, names = run.world.accounts, run.world.region_names
    parts = []
    for code in _named(run):
        place = run.world.regions.index(code)
        share = float(accounts.transfer[place] / accounts.income[place])
        if abs(share) > LARGE_TRANSFER:
            parts.append(f"{names[place]} ({'deficit' if share > 0 else 'surplus'} {100 * abs(share):.0f} %)")
    if not parts:
        return []
    other = "fixed" if run.outcome.closure == "proportional" else "proportional"
    return [
        f"Trade balances above {100 * LARGE_TRANSFER:.0f} % of final expenditure: {', '.join(parts)}. Such results may "
        f"change by half or more, or in sign, with the way deficits are financed: compare `--closure {other}`."
    ]


def _goods_charged_in_error(run: Run) -> list[str]:
    """Days on which the source of us-duties charges goods that the law exempted (docs/us-duties.md)."""
    days = {item.day for item in run.measures if isinstance(item, USDuties)}
    wrong = sorted(day for day in days if GENERAL_DUTY_FROM <= day < EXEMPTIONS_FROM)
    return [
        f"On {day} the source of us-duties charges medicines, crude oil and other goods that the law exempted; it has "
        f"the exemptions from {EXEMPTIONS_FROM}. Ireland, Switzerland, India and exporters of oil lose too much."
        for day in wrong
    ]
