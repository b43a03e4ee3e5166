"""Who did it: the Shapley value of each measure of a scenario (Shapley 1953), by region."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import GaiatsuError, ScenarioError
from gaiatsu.trade.wedges import label

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
MOST = 64
CHUNK = 64  # sets solved at a time: each outcome holds its trade arrays until its real income is read


def attribute(outcome: Outcome, *, exact_up_to: int, samples: int, seed: int) -> pd.DataFrame:
    """See Outcome.attribute. attrs: `alone` (each measure by itself), `interaction` (joint less the sum of these)."""
    count = len(outcome.measures)
    if not 0 < count <= MOST:
        raise ScenarioError(f"attribution needs between 1 and {MOST} measures; this outcome has {count}")
    values = _Values(outcome)
    if count <= exact_up_to:
        shapley, error = _exact(values, count), None
    else:
        shapley, error = _sampled(values, count, samples, seed)
    names = _labels(outcome)
    regions = pd.Index(outcome.world.regions, name="region")
    frame = pd.DataFrame(100 * shapley.T, index=regions, columns=names)
    alone = np.array([values[frozenset([number])] for number in range(count)])
    frame.attrs["unit"] = "percentage points of real income"
    frame.attrs["alone"] = pd.DataFrame(100 * alone.T, index=regions, columns=names)
    frame.attrs["interaction"] = pd.Series(100 * (outcome.real_income_change - alone.sum(0)), index=regions)
    if error is not None:
        frame.attrs["standard_error"] = pd.DataFrame(100 * error.T, index=regions, columns=names)
    return frame


class _Values:
    """[region] real-income change of each set of measures, solved in batches when first asked for."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        count = len(outcome.measures)
        self.known: dict[frozenset[int], Array] = {
            frozenset(): np.zeros(len(outcome.world.regions)),
            frozenset(range(count)): outcome.real_income_change,
        }

    def __getitem__(self, chosen: frozenset[int]) -> Array:
        if chosen not in self.known:
            self.solve([chosen])
        return self.known[chosen]

    def solve(self, sets: list[frozenset[int]]) -> None:
        missing = [chosen for chosen in dict.fromkeys(sets) if chosen not in self.known]
        for first in range(0, len(missing), CHUNK):
            self._solve_chunk(missing[first : first + CHUNK])

    def _solve_chunk(self, sets: list[frozenset[int]]) -> None:
        from gaiatsu.trade.solve import solve_many

        outcome = self.outcome
        solved = solve_many(
            outcome.world,
            [[outcome.measures[number] for number in sorted(chosen)] for chosen in sets],
            horizon=outcome.horizon or "long",
            closure=outcome.closure,
            elasticities=outcome.elasticities,
            residual_supply=outcome.terms.residual_supply,
            tolerance=outcome.terms.tolerance,
        )
        for chosen, part in zip(sets, solved, strict=True):
            if isinstance(part, GaiatsuError):
                raise part
            self.known[chosen] = part.real_income_change


def _exact(values: _Values, count: int) -> Array:
    """[measure, region] from all 2^count sets."""
    values.solve(_all_sets(count))
    return shapley_values(values.known, count)


def _all_sets(count: int) -> list[frozenset[int]]:
    return [frozenset(number for number in range(count) if mask >> number & 1) for mask in range(2**count)]


def shapley_values(value: Mapping[frozenset[int], Array], count: int) -> Array:
    """[player, …] Shapley values of `count` players from the value of each of the 2^count sets of them, an array.

    The value of the empty set is subtracted, so that the players' values add up to the rest (Shapley 1953).
    """
    shapley = np.zeros((count, *np.shape(value[frozenset()])))
    for chosen in _all_sets(count):
        for number in range(count):
            if number not in chosen:
                weight = math.factorial(len(chosen)) * math.factorial(count - len(chosen) - 1) / math.factorial(count)
                shapley[number] += weight * (value[chosen | {number}] - value[chosen])
    return shapley


def _sampled(values: _Values, count: int, samples: int, seed: int) -> tuple[Array, Array]:
    """[measure, region] mean and standard error over random orders of the measures."""
    random = np.random.default_rng(seed)
    orders = [random.permutation(count) for _ in range(max(2, samples))]
    values.solve([frozenset(map(int, order[: end + 1])) for order in orders for end in range(count)])
    gains = np.empty((len(orders), count, len(values.known[frozenset()])))
    for row, order in enumerate(orders):
        before = values[frozenset()]
        for end, number in enumerate(order):
            after = values[frozenset(map(int, order[: end + 1]))]
            gains[row, number] = after - before
            before = after
    return gains.mean(0), gains.std(0, ddof=1) / np.sqrt(len(orders))


def _labels(outcome: Outcome) -> list[str]:
    """A distinct label per measure."""
    names: list[str] = []
    for number, measure in enumerate(outcome.measures):
        name = label(measure)
        names.append(name if name not in names else f"{name} [{number}]")
    return names
