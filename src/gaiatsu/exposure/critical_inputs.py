"""An input too small to see in the table, without which much stops: a CES nest inside the sectors that use it.

A part `reach` of a sector's output is made with the input m; the rest goes on without it. Where it is used,
Q = CES_σ(m, z), z being everything else. With m cut to 1 − x of what it was, the productivity of that part is

    a = [λ min((1 − x)/ẑ, 1)^ρ + 1 − λ]^(1/ρ),   ρ = (σ − 1)/σ,   ẑ = Q̂/Â,

and that of the sector Â = 1 − reach·(1 − a). ẑ = 1 is Bachmann et al. (2022, "What if?", ECONtribute 028), where the
other inputs cannot move. In the economy they do: a sector that shrinks needs less of the input, so that Â and ẑ are
found together. The minimum says that a user is not made to take more than it wants. σ → 1 through log1p and expm1.

What the last supplier earns on the rest is not told: a price that rises for what is still sold is a loss beyond this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ConvergenceError, ScenarioError

if TYPE_CHECKING:
    from gaiatsu.trade.equilibrium import Market
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.trade.wedges import Wedges
    from gaiatsu.world.world import World

Array = NDArray[np.float64]

TOLERANCE = 1e-9  # of the joint fixed point, in logs
INNER = 0.03  # of that, what each equilibrium on the way to it is solved to
NEAR_ONE = 1e-5  # |ρ·log(m/z)| below which the nest is expanded around Cobb-Douglas
LIMIT = 60
MEMORY = 5
BRAKE = 8.0  # the largest step of log ẑ is its reciprocal


def output_ratio(share: ArrayLike, shortfall: ArrayLike, substitution: ArrayLike) -> Array:
    """Output over its baseline when the input falls short by a fraction and nothing else moves; elementwise.

    share: λ, the input's share of cost, 0 to 1; shortfall: x, 0 to 1; substitution: σ > 0. Bachmann et al. (2022):
    λ = .04, σ = .04, x = .10 gives 0.9843. Raises ScenarioError for numbers outside these limits.
    """
    return np.exp(log_nest(share, _log_left(shortfall), substitution))


def _log_left(shortfall: ArrayLike) -> Array:
    """log(1 − x), minus infinity at 1."""
    x = np.asarray(shortfall, dtype=float)
    if not (np.isfinite(x) & (x >= 0) & (x <= 1)).all():
        raise ScenarioError(f"a shortfall is {x[~((x >= 0) & (x <= 1))].ravel()[0]!r}; it must lie between 0 and 1")
    with np.errstate(divide="ignore"):
        return np.log1p(-x)


def log_nest(share: ArrayLike, log_input: ArrayLike, substitution: ArrayLike) -> Array:
    """log [λ e^(ρ y) + 1 − λ]^(1/ρ) at y = log of the input over all others; exact near σ = 1 and for y = −∞."""
    λ, y, σ = np.broadcast_arrays(*(np.asarray(item, dtype=float) for item in (share, log_input, substitution)))
    if not (np.isfinite(λ) & (λ >= 0) & (λ <= 1)).all():
        raise ScenarioError(f"the share of a critical input in cost must lie between 0 and 1; it is {λ!r}")
    if not (np.isfinite(σ) & (σ > 0)).all():
        raise ScenarioError(f"the elasticity of substitution must be positive and finite; it is {σ!r}")
    ρ = (σ - 1) / σ
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        move = ρ * y
        near = np.abs(move) < NEAR_ONE
        flat = λ * y * (1 + (1 - λ) * move / 2)
        curved = np.logaddexp(np.log(λ) + move, np.log1p(-λ)) / np.where(ρ == 0, 1.0, ρ)
    value = np.where(near, flat, curved)
    value = np.where((ρ == 0) & np.isneginf(y), -np.inf, value)
    return np.where(λ == 0, 0.0, np.where(y == 0, 0.0, value))


def sector_productivity(
    share: ArrayLike, reach: ArrayLike, shortfall: ArrayLike, substitution: ArrayLike, log_scale: ArrayLike = 0.0
) -> Array:
    """Productivity of a sector over its baseline; elementwise.

    share: the input's share of the cost of the whole sector; reach: share of the sector's output that uses it;
    shortfall: x; log_scale: log ẑ, the change of all other inputs.
    """
    within = np.asarray(share, dtype=float) / np.asarray(reach, dtype=float)
    left = np.minimum(_log_left(shortfall) - np.asarray(log_scale, dtype=float), 0.0)
    return 1 + np.asarray(reach, dtype=float) * np.expm1(log_nest(within, left, substitution))


@dataclass(frozen=True, eq=False, kw_only=True)
class Cut:
    """A critical input cut in some sectors of some regions; one number per cell.

    region, sector: positions in the world; share: of the sector's cost, λ; reach: share of its output that uses the
    input, at least λ; shortfall: x; substitution: σ.
    """

    region: NDArray[np.int64]
    sector: NDArray[np.int64]
    share: Array
    reach: Array
    shortfall: Array
    substitution: Array

    def __post_init__(self) -> None:
        size = len(self.region)
        for name in ("sector", "share", "reach", "shortfall", "substitution"):
            if np.shape(getattr(self, name)) != (size,):
                raise ScenarioError(f"{name} of a critical input needs one number for each of {size} sectors")
        if (self.reach <= 0).any() or (self.reach > 1).any() or (self.share > self.reach).any():
            raise ScenarioError(
                "the share of output that uses a critical input lies between its share of cost and 1; "
                f"shares {self.share!r}, reach {self.reach!r}"
            )

    def at(self, log_scale: Array) -> Array:
        """[cell] productivity at a change of all other inputs."""
        return sector_productivity(self.share, self.reach, self.shortfall, self.substitution, log_scale)


@dataclass(frozen=True, eq=False, kw_only=True)
class Joint:
    """Productivity of the hit sectors found together with what they make.

    productivity, scale: [cell] Â and ẑ; real_income_change: [region] as a fraction; residual: largest gap of
    log ẑ = log Q̂ − log Â; steps: equilibria solved
    """

    productivity: Array
    scale: Array
    real_income_change: Array
    residual: float
    steps: int


def joint_productivity(
    world: World, cut: Cut, elasticities: Elasticities, *, closure: str = "proportional", tolerance: float = TOLERANCE
) -> Joint:
    """The productivities at which every hit sector uses what is left of the input, and the economy clears.

    Each step is one equilibrium; steps are accelerated (Anderson) and braked. Raises ConvergenceError naming the
    sector with the largest gap, ScenarioError where a sector would stop altogether.
    """
    from gaiatsu.trade.solution import real_income_change

    volumes = _Volumes(world, cut, elasticities, closure, INNER * tolerance)

    def gap(log_scale: Array) -> Array:
        productivity = cut.at(log_scale)
        _refuse_stop(world, cut, productivity)
        return volumes(productivity) - np.log(productivity) - log_scale

    log_scale, residual = _settle(gap, len(cut.region), tolerance)
    if residual > tolerance:
        worst = int(np.argmax(np.abs(gap(log_scale))))
        raise ConvergenceError(
            f"a critical input and the output of its users did not settle in {volumes.steps} equilibria; the largest "
            f"gap, {residual:.1e}, is in {world.regions[cut.region[worst]]} {world.sectors[cut.sector[worst]]}: "
            "lower the share that is cut, or raise `substitution`"
        )
    return Joint(
        productivity=cut.at(log_scale),
        scale=np.exp(log_scale),
        real_income_change=real_income_change(volumes.given.accounts, volumes.market),
        residual=residual,
        steps=volumes.steps,
    )


def _refuse_stop(world: World, cut: Cut, productivity: Array) -> None:
    stopped = np.flatnonzero(~(productivity > 1e-6))
    if len(stopped):
        where = f"{world.regions[cut.region[stopped[0]]]} {world.sectors[cut.sector[stopped[0]]]}"
        raise ScenarioError(
            f"without the critical input {where} would stop altogether: the shortfall is complete, nothing replaces "
            "the input and all of the sector uses it; give a smaller share, or users that not all of it reaches"
        )


class _Volumes:
    """[cell] log output at given productivities, each equilibrium started from the one before."""

    market: Market

    def __init__(self, world: World, cut: Cut, elasticities: Elasticities, closure: str, tolerance: float) -> None:
        from gaiatsu.trade import engine
        from gaiatsu.trade.solve import closed
        from gaiatsu.trade.wedges import unchanged

        self.given, base = closed(world, unchanged(world.accounts), elasticities, closure)
        self.base, self.cut, self.elasticities = base, cut, elasticities
        self.proportional, self.engine = closure == "proportional", engine
        self.tolerance = tolerance
        self.point: Array | None = None
        self.steps = 0

    def wedges(self, productivity: Array) -> Wedges:
        """The baseline's wedges with these productivities."""
        table = self.base.productivity.copy()
        table[self.cut.region, self.cut.sector] = productivity
        return replace(self.base, productivity=table)

    def __call__(self, productivity: Array) -> Array:
        found = self.engine.find(
            self.given, self.wedges(productivity), self.elasticities, proportional=self.proportional,
            tolerance=self.tolerance, start=self.point,
        )  # fmt: skip
        point, self.market = np.asarray(found.point), found.market
        self.point = point
        self.steps += 1
        accounts = self.given.accounts
        log_cost, spent = point.reshape(2, *accounts.output.shape)
        theta = self.elasticities.theta(accounts.output.shape[1])
        offer = np.exp(-theta * log_cost)
        price = np.asarray(found.market.log_price)
        sold = np.einsum(
            "nik,ik,nk->ik", accounts.flows, offer, np.exp(spent + theta * price), optimize=True
        )  # flows are shares of spending net of duties, which have not moved
        hit = (self.cut.region, self.cut.sector)
        return np.log(sold[hit] / accounts.output[hit]) - log_cost[hit]


def _settle(gap: Callable[[Array], Array], size: int, tolerance: float) -> tuple[Array, float]:
    """A zero of `gap` by Anderson acceleration with short steps; the best point met and its largest gap."""
    point = np.zeros(size)
    points: list[Array] = []
    gaps: list[Array] = []
    best, least = point, np.inf
    for _ in range(LIMIT):
        here = gap(point)
        size_here = float(np.abs(here).max(initial=0.0))
        if size_here < least:
            best, least = point, size_here
        if size_here <= tolerance:
            break
        points, gaps = [*points[-MEMORY:], point], [*gaps[-MEMORY:], here]
        step = 0.5 * here
        if len(gaps) > 1:
            moves = np.array([later - before for before, later in pairwise(points)]).T
            changes = np.array([later - before for before, later in pairwise(gaps)]).T
            weights = np.linalg.lstsq(changes, here, rcond=1e-12)[0]
            step = here - (moves + changes) @ weights
        longest = float(np.abs(step).max())
        point = point + step * min(1.0, 1 / (BRAKE * longest) if longest else 1.0)
    return best, least
