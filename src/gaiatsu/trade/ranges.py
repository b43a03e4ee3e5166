"""How sure one can be: the outcome of a scenario over the published trade elasticities and their standard errors.

Where a wedge does not move, the kernel is the baseline's trade share for every elasticity, so that all draws are
one batch over a shared kernel. Upper nests, mobility and the closure stay as they are: ranges are of trade elasticities
only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, GaiatsuError, ScenarioError
from gaiatsu.trade import batch, certificate, engine
from gaiatsu.trade.horizon import Elasticities
from gaiatsu.trade.solution import real_income_change
from gaiatsu.world.elasticity_draws import draw_elasticities

if TYPE_CHECKING:
    from gaiatsu.trade.solution import Outcome

Array = NDArray[np.float64]
MOST_FAILED = 0.25  # of the draws: a range over what is left would say more about the solver than about the world
CERTIFIED = 4
NEAR = 1e-4  # percent of real income: what the tolerance of two solves may differ by
SIZE = 16  # draws solved at a time
WORTH = 4  # draws from which a batch is faster than one by one
FAR = 6.0  # times the outcome's elasticity in some sector: its preconditioner no longer helps (petroleum of one set)


@dataclass(frozen=True, eq=False, kw_only=True)
class Range:
    """Real income over draws of the trade elasticities, percent of the baseline.

    table: by region, `central` (the outcome itself), `low`, `median`, `high`, `least`, `most` over the draws
    draws: [draw] by region; index (draw, set); theta: [draw, sector] elasticities of the outcome's horizon
    share: what lies between low and high (0.9 is from the 5th to the 95th percentile)
    failed: draws without an equilibrium, with the message of each; they are in no other number
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    theta: pd.DataFrame
    share: float
    failed: Mapping[int, str] = field(default_factory=dict)

    @property
    def sets(self) -> tuple[str, ...]:
        """The elasticity sets drawn from."""
        return tuple(dict.fromkeys(self.draws.index.get_level_values("set")))

    @property
    def no_spread(self) -> str:
        """Why this is no range, or nothing: one draw, or draws that are all the same."""
        if len(self.draws) == 1:
            return "there is one draw, and a range takes several: 64 are usual"
        if (self.theta == self.theta.iloc[0]).to_numpy().all():
            return f"there is nothing to draw: all {len(self.draws)} draws have the same trade elasticities"
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before quoting low and high."""
        found, table = [], self.table
        if self.failed:
            what = "draw has" if len(self.failed) == 1 else "draws have"
            found.append(
                f"{len(self.failed)} {what} no equilibrium and are in no number, so that the range is too narrow; the "
                f"first: {next(iter(self.failed.values()))}"
            )
        severe = self.draws < -100 * certificate.LARGE_LOSS
        if severe.to_numpy().any():
            regions = [str(code) for code in severe.columns[severe.any()]]
            shown = ", ".join(regions[:5]) + (f" and {len(regions) - 5} more" if len(regions) > 5 else "")
            found.append(
                f"extrapolation: in {int(severe.any(axis=1).sum())} of {len(self.draws)} draws real income falls by "
                f"more than elasticities were measured on ({shown})"
            )
        outside = (table["central"] < table["least"] - NEAR) | (table["central"] > table["most"] + NEAR)
        if outside.any():
            found.append(
                "the central value uses elasticities outside the sets that are drawn from: in "
                f"{int(outside.sum())} regions it lies outside all draws"
            )
        return tuple(found)

    def by_set(self) -> pd.DataFrame:
        """[region] by set: the median of the draws from each published set."""
        return self.draws.groupby(level="set", sort=False).median().T


def real_income_range(
    outcome: Outcome,
    draws: int = 64,
    *,
    sets: Sequence[str] | str | None = None,
    overrides: Mapping[str, float] | None = None,
    share: float = 0.9,
) -> Range:
    """See Outcome.range."""
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < share < 1:
        raise ScenarioError(f"share is {share!r}; it must lie between 0 and 1 (0.9 is from 5 % to 95 %)")
    world = outcome.world
    drawn = draw_elasticities(world, draws, sets=sets, overrides={**_by_hand(outcome), **(overrides or {})})
    theta = drawn.theta * scale_of(outcome)
    distinct, member = np.unique(theta, axis=0, return_inverse=True)
    found, messages = _solve(outcome, distinct)
    failed = {draw: messages[which] for draw, which in enumerate(member) if which in messages}
    if len(failed) > MOST_FAILED * draws:
        raise ConvergenceError(
            f"{len(failed)} of {draws} draws of the elasticities have no equilibrium, so there is no range to give; "
            f"the first: {next(iter(failed.values()))}"
        )
    kept = [draw for draw in range(draws) if draw not in failed]
    index = pd.MultiIndex.from_arrays([kept, [drawn.sets[draw] for draw in kept]], names=["draw", "set"])
    regions = pd.Index(world.regions, name="region")
    values = pd.DataFrame(100 * found[member[kept]], index=index, columns=regions)
    table = _table(100 * outcome.real_income_change, values, share)
    table.attrs.update(unit="percent", horizon=outcome.horizon, draws=len(kept))
    tried = pd.DataFrame(theta[kept], index=index, columns=pd.Index(world.sectors, name="sector"))
    return Range(table=table, draws=values, theta=tried, share=float(share), failed=failed)


def _by_hand(outcome: Outcome) -> dict[str, float]:
    """Long-run θ of the sectors where the outcome's was set by hand."""
    sectors = outcome.world.sectors
    theta = outcome.elasticities.long_run().theta(len(sectors))
    return {sectors[index]: float(theta[index]) for index in outcome.elasticities.by_hand}


def scale_of(outcome: Outcome) -> Array:
    """[sector] the horizon's trade elasticity over the long-run one."""
    sectors = len(outcome.world.sectors)
    now, long_run = outcome.elasticities.theta(sectors), outcome.elasticities.long_run().theta(sectors)
    return now / long_run


def _table(central: Array, values: pd.DataFrame, share: float) -> pd.DataFrame:
    tail = (1 - share) / 2
    spread = np.quantile(values.to_numpy(), [tail, 0.5, 1 - tail, 0.0, 1.0], axis=0)
    columns = dict(zip(("low", "median", "high", "least", "most"), spread, strict=True))
    return pd.DataFrame({"central": central, **columns}, index=values.columns)


def _solve(outcome: Outcome, theta: Array) -> tuple[Array, dict[int, str]]:
    """[problem, region] change of real income as fractions, and the messages of those without an equilibrium.

    Every one meets the outcome's own tolerance; those at the ends are certified independently of the engine.
    """
    world = outcome.world
    values, messages = np.full((len(theta), len(world.regions)), np.nan), {}
    points: dict[int, engine.Found] = {}
    own = outcome.elasticities
    far = (theta > FAR * own.theta(len(world.sectors))).any(axis=1)
    for group, distant in ((~far, False), (far, True)):
        if not group.any():
            continue
        near = dataclasses.replace(own, trade=np.exp(np.log(theta[group]).mean(axis=0))) if distant else own
        for number, found in zip(np.flatnonzero(group), _solve_group(outcome, theta[group], near), strict=True):
            if isinstance(found, str):
                messages[int(number)] = found
                continue
            points[int(number)] = found
            values[number] = real_income_change(world.accounts, found.market)
    _certify(outcome, theta, values, points)
    return values, messages


def _solve_group(outcome: Outcome, theta: Array, near: Elasticities) -> Iterator[engine.Found | str]:
    """The fixed points of draws that can share the preconditioner made for `near`, or why there is none."""
    world, wedges, tolerance = outcome.world, outcome.wedges, outcome.terms.tolerance
    proportional = outcome.closure == "proportional"
    tasks = list(batch.tasks_of(world.accounts, wedges, theta, proportional=proportional, start=outcome.point))
    answers = batch.solve_tasks(world, tasks, near, tolerance=tolerance, worth=WORTH, size=SIZE)
    for row, answer in zip(theta, answers, strict=True):
        try:
            found = answer or engine.find(
                world, wedges, dataclasses.replace(near, trade=row), proportional=proportional, tolerance=tolerance,
                start=outcome.point, thorough=False,
            )  # fmt: skip
            certificate.check_incomes(world, found.market.income, found.market.transfer, outcome.closure)
            yield found
        except GaiatsuError as error:
            yield str(error)


def _certify(outcome: Outcome, theta: Array, values: Array, points: Mapping[int, engine.Found]) -> None:
    """Certify the draws at the ends, polishing their values; checking all would take longer than solving.

    Raises ConvergenceError where a certificate does not hold.
    """
    from gaiatsu.trade import solve

    if not points:
        return
    solved = np.array(sorted(points))
    region = int(np.argmax(np.ptp(values[solved], axis=0)))
    order = solved[np.argsort(values[solved, region], kind="stable")]
    for number in dict.fromkeys([*order[: CERTIFIED // 2], *order[-(CERTIFIED // 2) :]]):
        mine = dataclasses.replace(outcome.elasticities, trade=theta[number])
        found, _ = solve.proved(outcome.world, outcome.wedges, mine, outcome.terms, points[int(number)])
        values[number] = real_income_change(outcome.accounts, found.market)
