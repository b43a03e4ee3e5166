"""Who gains by which chapter of an agreement, and in which sector: shares that add up to the change of real income.

By chapter: Shapley values (Shapley 1953) over the chapters, on top of the scenario's other measures, from one order of
the chapters and its reverse. Their mean is the Shapley value where chapters interact in pairs only, and it always adds
up to the whole. By sector: d ln W = Σ ∂ ln W/∂ln d · d ln d + ∂ ln W/∂τ · dτ over the cells of a sector, integrated
along the straight path of icebergs (in logs) and duties at Gauss-Lobatto places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import GaiatsuError
from gaiatsu.scenario.agreement_chapters import LEVELS
from gaiatsu.scenario.measures import Agreement, Measure
from gaiatsu.trade.sensitivity import gradient
from gaiatsu.trade.solve import solve_many, solve_wedges
from gaiatsu.trade.wedges import Wedges, compose
from gaiatsu.trade.welfare import lobatto

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
PLACES = 4  # of the path by sector: what the sectors add up to is then right to a thousandth of what they move


@dataclass(frozen=True, eq=False, kw_only=True)
class ChapterGains:
    """Percent of real income by region (columns) and chapter (rows).

    contribution: Shapley values; low, high: the same with that chapter alone at its low or high size; alone: each
    chapter by itself; without: real income under the other measures of the scenario only; whole: [level] by region
    under all measures, all chapters at one level. outcomes: of the levels low and high, solved
    """

    contribution: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    alone: pd.DataFrame
    without: pd.Series
    whole: pd.DataFrame
    outcomes: dict[str, Outcome]


def at_level(agreement: Agreement, level: str) -> Agreement:
    """The agreement with every chapter that has published sizes at one of them; percentages of one's own stay."""
    sizes = tuple((name, level if isinstance(size, str) else size) for name, size in agreement.chapters)
    return replace(agreement, chapters=sizes)


def beside(outcome: Outcome, agreement: Agreement) -> tuple[Measure, ...]:
    """The other measures of an outcome."""
    return tuple(measure for measure in outcome.measures if measure is not agreement)


def gains_by_chapter(outcome: Outcome, agreement: Agreement) -> ChapterGains:
    """What each chapter of one measure of an outcome does to real income.

    Raises ScenarioError, and ConvergenceError where a part of the measures has no equilibrium.
    """
    others = beside(outcome, agreement)
    parts = agreement.by_chapter(outcome.world)
    count = len(parts)
    prefixes = [parts[:k] for k in range(count + 1)]
    suffixes = [parts[k:] for k in range(count, -1, -1)]
    single = [(part,) for part in parts]
    sized = [
        (*parts[:k], at_level(part, level), *parts[k + 1 :])
        for level in ("low", "high")
        for k, part in enumerate(parts)
    ]
    joint = [(at_level(agreement, level),) for level in ("low", "high")]
    solved = _solve(outcome, [[*others, *chosen] for chosen in (*prefixes, *suffixes, *single, *sized, *joint)])
    values = 100 * np.array([found.real_income_change for found in solved])
    first, second, alone, moved, ends = np.split(values, np.cumsum([count + 1, count + 1, count, 2 * count]))
    backward = np.diff(second, axis=0)[::-1]
    shapley = (np.diff(first, axis=0) + backward) / 2
    whole = first[-1]
    levels = {"low": ends[0], "central": 100 * outcome.real_income_change, "high": ends[1]}
    regions = pd.Index(outcome.world.regions, name="region")
    index = pd.Index([part.chapters[0][0] for part in parts], name="chapter")

    def table(array: Array) -> pd.DataFrame:
        return pd.DataFrame(array, index=index, columns=regions)

    return ChapterGains(
        contribution=table(shapley),
        low=table(shapley + moved[:count] - whole),
        high=table(shapley + moved[count:] - whole),
        alone=table(alone - first[0]),
        without=pd.Series(first[0], index=regions),
        whole=pd.DataFrame([levels[name] for name in LEVELS], index=pd.Index(LEVELS, name="level"), columns=regions),
        outcomes=dict(zip(("low", "high"), solved[-2:], strict=True)),
    )


def _solve(outcome: Outcome, scenarios: Sequence[Sequence[Measure]]) -> list[Outcome]:
    """Outcomes of sets of measures under the terms of an outcome, equal sets once."""
    distinct = list(dict.fromkeys(tuple(chosen) for chosen in scenarios))
    found = solve_many(
        outcome.world, distinct, horizon=outcome.horizon or "long", closure=outcome.closure,
        elasticities=outcome.elasticities, residual_supply=outcome.terms.residual_supply,
        tolerance=outcome.terms.tolerance,
    )  # fmt: skip
    solved = {}
    for chosen, part in zip(distinct, found, strict=True):
        if isinstance(part, GaiatsuError):
            raise part
        solved[chosen] = part
    return [solved[tuple(chosen)] for chosen in scenarios]


def gains_by_sector(
    outcome: Outcome, others: Sequence[Measure], regions: Sequence[str], places: int = PLACES
) -> pd.DataFrame:
    """[sector] by region: percent of real income from the fall of costs and duties in the cells of each sector.

    others: the measures of the outcome that are there anyway. The columns add up to the change from these alone to the
    outcome, but for the error of the quadrature; attrs["whole"] holds that change, by region. Raises ConvergenceError
    where derivatives do not exist (shut borders).
    """
    world, horizon = outcome.world, outcome.horizon or "long"
    start = compose(world, others, residual_supply=outcome.terms.residual_supply, horizon=horizon)
    log_fall, duty_fall = np.log(outcome.wedges.iceberg / start.iceberg), outcome.wedges.duty - start.duty
    chosen = [world.regions.index(code) for code in regions]
    sums, ends = np.zeros((len(chosen), len(world.sectors))), []
    for share, weight in zip(lobatto(places), lobatto_weights(places), strict=True):
        along = outcome if share == 1 else _between(outcome, start, log_fall, duty_fall, share)
        ends.append(1 + along.real_income_change[chosen])
        for row, place in enumerate(chosen):
            slope = gradient(along, "real_income", np.eye(len(world.regions))[place] / ends[-1][row])
            moved = slope["iceberg"] * along.wedges.iceberg * log_fall + slope["duty"] * duty_fall
            sums[row] += weight * moved.sum((0, 1))
    change, logs = ends[-1] - ends[0], np.log(ends[-1] / ends[0])
    scale = np.divide(change, logs, out=np.ones_like(change), where=logs != 0)
    frame = pd.DataFrame(
        100 * (sums * scale[:, None]).T,
        index=pd.Index(world.sectors, name="sector"),
        columns=pd.Index(list(regions), name="region"),
    )
    frame.attrs["whole"] = {code: float(100 * value) for code, value in zip(regions, change, strict=True)}
    return frame


def lobatto_weights(count: int) -> Array:
    """[count] weights that go with `lobatto` places on [0, 1]."""
    ends = np.polynomial.legendre.Legendre.basis(count - 1)(2 * lobatto(count) - 1)
    return np.asarray(1 / (count * (count - 1) * ends**2))


def _between(outcome: Outcome, start: Wedges, log_fall: Array, duty_fall: Array, share: float) -> Outcome:
    """The outcome a share of the way along the path of wedges."""
    wedges = replace(start, iceberg=start.iceberg * np.exp(share * log_fall), duty=start.duty + share * duty_fall)
    return solve_wedges(outcome.world, wedges, outcome.elasticities, outcome.terms)
