"""What is computed for the question whether arms or duties are the cheaper way to protection, from a solved run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gaiatsu.errors import GaiatsuError, ScenarioError
from gaiatsu.report import words
from gaiatsu.scenario.burden_models import BurdenModel, code_of
from gaiatsu.scenario.outlays import Outlays
from gaiatsu.scenario.run import elasticities_of
from gaiatsu.security import link, link_sets
from gaiatsu.security.budget import MULTIPLIER
from gaiatsu.security.capabilities import Figure as Spent
from gaiatsu.security.deterrence_box import ALLY_WEIGHT, COST_RATIO, DECISIVENESS

Array = np.ndarray
ENDS = (0.05, 0.5, 0.95)  # of the box: nine in ten of its points lie between


@dataclass(frozen=True, eq=False)
class Found:
    """What was computed for one question."""

    own: str
    other: str
    rival: str
    lost: float  # percentage points of reliability
    after: float
    shown: float
    box: link.Box
    costs: link.Costs
    effects: tuple[link.DutyEffects, ...]  # the scenario's elasticities first
    by_set: dict[str, tuple[float, float]]  # at the level shown: loss of the defender, gain of the protector, US$ mn
    sets: str
    notes: tuple[str, ...]
    ranges: dict[str, tuple[float, float]]

    @property
    def lacking(self) -> Array:
        """[draw] own effort lacking at the reliability after the fall, US$ billion."""
        return self.costs.lacking(self.after, self.box)


def find(run: Any, question: BurdenModel, outlays: dict[str, Spent]) -> Found:
    """Solve the duties and the outlays, and put them beside the contest. Raises what the engine raises."""
    own, other, rival = (
        code_of(str(getattr(question, key)), run.world) for key in ("defender", "protector", "attacker")
    )
    figure = outlays[own]
    efforts = link.Efforts(
        attacker=outlays[rival].usd_billion, own=figure.usd_billion, ally=outlays[other].usd_billion,
        gdp=figure.usd_billion / figure.gdp_share,
    )  # fmt: skip
    ranges = _ranges(run, question)
    effects, by_set, sets, notes = _effects(run, question, own, other)
    shown = [float(item.share(question.duties.told())) for item in effects]
    price, unpriced = _price(run, own)
    costs = link.Costs(efforts, effects[int(np.argmin(shown))], effects[int(np.argmax(shown))], price)
    assert question.reliability is not None  # the link is asked with all of its keys
    before, after = question.reliability.before, question.reliability.after
    return Found(
        own=own, other=other, rival=rival, lost=100 * (before - after), after=after, shown=question.duties.told(),
        box=link.fill(ranges), costs=costs, effects=effects, by_set=by_set, sets=sets,
        notes=(*notes, *unpriced), ranges=ranges,
    )  # fmt: skip


def _price(run: Any, own: str) -> tuple[float, tuple[str, ...]]:
    """Dollars of real income that a dollar of outlays costs by prices, and why it is not known where it is not."""
    measure = next((item for item in run.measures if isinstance(item, Outlays) and _is_by(run, item, own)), None)
    try:
        return link.outlay_effect(
            run.world, own, outlays=measure, horizon=run.primary, closure=run.scenario.closure,
            elasticities=elasticities_of(run.scenario, run.world, run.primary),
        ), ()  # fmt: skip
    except ScenarioError as error:
        if measure is not None:
            raise
        # What a defence budget buys is by sectors of ISIC, which a world of one's own need not have.
        return 0.0, (
            "What outlays cost by prices beyond the money itself is not known for this world and taken as nothing "
            f"({error}); a measure of outlays of the defender with such weights would tell.",
        )


def _is_by(run: Any, measure: Outlays, own: str) -> bool:
    return [run.world.regions[n] for n in run.world.region_indices(measure.by)] == [own]


def _ranges(run: Any, question: BurdenModel) -> dict[str, tuple[float, float]]:
    """What the question says, or that on deterrence, or what is left open everywhere."""
    beside = run.scenario.security.deterrence
    usual = {"ally_weight": ALLY_WEIGHT, "decisiveness": DECISIVENESS, "cost_ratio": COST_RATIO}
    out = {name: getattr(question, name) or getattr(beside, name, None) or ends for name, ends in usual.items()}
    # From full employment, which the trade engine has too, to the highest of budgets.
    out["multiplier"] = question.multiplier or (0.0, MULTIPLIER[1])
    return out


def _effects(
    run: Any, question: BurdenModel, own: str, other: str
) -> tuple[tuple[link.DutyEffects, ...], dict[str, tuple[float, float]], str, tuple[str, ...]]:
    """The duties with the scenario's elasticities and, where it draws, with all published sets that the world can have.

    Every set is solved at the level shown, those with the least and the largest loss there at all levels.
    """
    chosen, left_out = _chosen(run)
    usual, shown = next(iter(chosen)), question.duties.told()
    found = link_sets.duty_effects_by_set(
        run.world, question.duties.levels, chosen, shown=shown, defender=own, protector=other,
        sectors=tuple(question.duties.sectors), horizon=run.primary, closure=run.scenario.closure,
        outlays=next((item for item in run.measures if isinstance(item, Outlays)), None),
    )  # fmt: skip
    effects = tuple(found.effects.values())
    notes = [
        f"Trade elasticities {name} are left out of the range of the loss by duties: {why}"
        for name, why in (left_out | dict(found.refused)).items()
    ]
    if len(found.at) == 1:
        notes.insert(0, f"The loss by duties is at one set of trade elasticities ({usual}), without a range.")
        return effects, dict(found.at), "", tuple(notes)
    ends = words.listed(name for name in found.effects if name != usual) or "the same"
    level = f"{100 * shown:.3g}{words.SPACE}%"
    notes.insert(0, (
        f"The loss by a duty of {level} is over {len(found.at)} published sets of trade elasticities; at other levels "
        f"it is over the scenario’s ({usual}) and those at the ends there ({ends}), and another may lie outside."
    ))  # fmt: skip
    told = f"the scenario’s trade elasticities ({usual}) and, of {len(found.at)} sets, those at the ends at {level}"
    return effects, dict(found.at), told, tuple(notes)


def _chosen(run: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Elasticities by set, the scenario's own first, and the sets that the world cannot have, with the reason."""
    chosen: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for name, with_set in _sets(run.scenario).items():
        try:
            chosen[name] = elasticities_of(with_set, run.world, run.primary)
        except GaiatsuError as error:
            if not chosen:  # the run itself would have failed
                raise
            left_out[name] = str(error)
    return chosen, left_out


def _sets(scenario: Any) -> dict[str, Any]:
    """The scenario with each published set of trade elasticities that its range is over, its own first."""
    from gaiatsu.world.elasticities import set_name
    from gaiatsu.world.elasticity_draws import sets_drawn

    choice = scenario.elasticities
    names = (choice.range_over or sets_drawn()) if choice.draws else ()
    others = {set_name(name) for name in names} - {set_name(choice.set)}
    found = {name: choice.model_copy(update={"set": name}) for name in (choice.set, *sorted(others))}
    return {name: scenario.model_copy(update={"elasticities": item}) for name, item in found.items()}


def ends_of(found: Found, duties: Array, *, multiplier: float | None = None) -> Array:
    """[low, median, high; duty] break-even in points among the draws in which arms are lacking; inf where none.

    multiplier: in place of that of the box.
    """
    kept = found.lacking > 0
    if not kept.any():
        return np.full((3, len(duties)), np.inf)
    box = found.box
    if multiplier is not None:
        box = replace(box, multiplier=np.full_like(box.multiplier, multiplier))
    points = 100 * link.break_even(duties, found.after, found.costs, box)[:, kept]
    return np.asarray(np.quantile(points, ENDS, axis=1, method="inverted_cdf"))
