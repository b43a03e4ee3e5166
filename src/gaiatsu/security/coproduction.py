"""What a joint line of arms costs: learning, premium, set-up, the break-even volume, and two countries together.

The k-th unit of a line costs c(k) = c₀(1 + π)[(1 − w) + w·k^b], b = log₂(1 − ℓ): c₀ the price of one bought abroad, π
the premium on the first unit, w the share of its value that the line makes (the rest is bought from the licensor and
does not get cheaper), ℓ the fall of cost per doubling. This is the curve of the unit (Crawford; Asher, RAND R-291,
1956), not Wright's (1936) of the cumulative average. The set-up comes on top. The price abroad stays as it is.

What a premium is of is not identified either: of the first unit, which learning then makes cheaper, or of the whole
run, with nothing learned on top (ℓ = 0). A box is answered under both readings.

All functions take numbers or arrays that broadcast; amounts in US$ million, rates as fractions (0.15 is 15 %). They
raise ScenarioError for arguments out of bounds, of shapes that do not fit, and for results that are no numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gaiatsu.errors import ScenarioError

Array = NDArray[np.float64]
LARGEST = 10**6  # units: a line that has not paid by then never does, for any purpose here
SHIFT = 32  # the sum is continued from here, where its remainder is below one part in 10^13
TIE = 1e-9  # of the price abroad: a gain of nothing is a gain where learning, premium and set-up are all zero
PRICES, SET_UPS = (1e-6, 1e6), (0.0, 1e7)  # US$ million, of a unit and of one line: what a scenario may ask
STEPS = 64  # points along learning and set-up when a share of the box is measured; along the premium it is exact


@dataclass(frozen=True)
class Box:
    """What is not identified, each from its low to its high end; set_up in US$ million, the rest fractions."""

    premium: tuple[float, float]
    learning: tuple[float, float]
    set_up: tuple[float, float]

    def __post_init__(self) -> None:
        for name in ("premium", "learning", "set_up"):
            low, high = getattr(self, name)
            if not low <= high:
                raise ScenarioError(f"{name} goes from {low!r} to {high!r}: exchange them")
        _checked(premium=self.premium, learning=self.learning, set_up=self.set_up)
        if self.set_up[1] > SET_UPS[1]:
            raise ScenarioError(f"set_up must be at most {SET_UPS[1]:g}; it is {self.set_up[1]!r}")


@dataclass(frozen=True)
class Reading:
    """What a box says of one line under one reading of the premium.

    earliest, latest: break-even volumes at its kindest and its harshest corner (inf: never); part: share of the box, by
    volume, in which the line has paid by the planned volume (every point weighs alike: no probability); unit_cost:
    average cost of a unit at the planned volume, set-up included, lowest and highest; premium_limit: the premium up to
    which it pays by then, at the harshest and the kindest learning and set-up.
    """

    earliest: float
    latest: float
    part: float
    unit_cost: tuple[float, float]
    premium_limit: tuple[float, float]


@dataclass(frozen=True)
class Found:
    """What a box says of one line: `first` where the premium is of the first unit and falls with learning, `lasting`
    where it is of the whole run (limit −S/(n·c₀)). The pairs and volumes of the whole span both.
    """

    first: Reading
    lasting: Reading

    @property
    def earliest(self) -> float:
        """The smallest break-even volume under either reading."""
        return min(self.first.earliest, self.lasting.earliest)

    @property
    def latest(self) -> float:
        """The largest, inf where one of them never pays."""
        return max(self.first.latest, self.lasting.latest)

    @property
    def part(self) -> tuple[float, float]:
        """Shares of the box in which the line has paid by the planned volume: the lower and the higher reading."""
        low, high = sorted((self.first.part, self.lasting.part))
        return low, high

    @property
    def unit_cost(self) -> tuple[float, float]:
        """Average cost of a unit at the planned volume, lowest and highest of both readings."""
        return (
            min(self.first.unit_cost[0], self.lasting.unit_cost[0]),
            max(self.first.unit_cost[1], self.lasting.unit_cost[1]),
        )


@dataclass(frozen=True)
class Share:
    """One partner, alone and together: break-even in units of its own, average cost of a unit with its part of set-up.

    Each pair is lowest and highest over the box; together, the set-up is from one line for all to one in each country.
    """

    alone: Found
    together: Found


def _checked(**given: ArrayLike) -> dict[str, Array]:
    """The arguments as arrays, in their bounds; raises ScenarioError for the first that is not."""
    bounds = {
        "volume": (0.0, LARGEST), "price": (1e-9, 1e9), "premium": (-0.99, 99.0), "learning": (0.0, 0.95),
        "set_up": (0.0, 1e14), "made": (0.0, 1.0),
    }  # fmt: skip
    out = {}
    for name, value in given.items():
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError) as error:
            raise ScenarioError(f"{name} must be a number or an array of numbers; it is {value!r}") from error
        low, high = bounds[name]
        if not (np.isfinite(array).all() and (array >= low).all() and (array <= high).all()):
            raise ScenarioError(f"{name} must lie between {low:g} and {high:g}; it is {value!r}")
        out[name] = array
    try:
        np.broadcast_shapes(*(array.shape for array in out.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in out.items())
        raise ScenarioError(f"shapes do not fit together: {shapes}") from error
    return out


def _counted(volume: ArrayLike, what: str) -> None:
    """ScenarioError for volumes below one unit."""
    if not (_checked(volume=volume)["volume"] >= 1).all():
        raise ScenarioError(f"{what}, not {volume!r}")


def exponent(learning: ArrayLike) -> Array:
    """b of k^b for a fall of `learning` per doubling: log₂(1 − ℓ); 0.2 gives −0.3219."""
    return np.log2(1 - _checked(learning=learning)["learning"])


def cumulated(volume: ArrayLike, learning: ArrayLike) -> Array:
    """Σ k^b for k = 1 … volume: the cost of a run in first units. Smooth between whole volumes, exact at them.

    The sum from SHIFT on is Euler and Maclaurin's, H(n) = H(n + SHIFT) − Σ (n + k)^b carries it down to any volume.
    """
    given = _checked(volume=volume, learning=learning)
    n, b = np.broadcast_arrays(given["volume"], exponent(given["learning"]))
    units = np.arange(1.0, SHIFT + 1)
    begun = (units ** b[..., None]).sum(-1)
    further = _integral(n, b) + _corrections(n + SHIFT, b) - _corrections(np.full(n.shape, float(SHIFT)), b)
    found = np.asarray(begun + further - ((n[..., None] + units) ** b[..., None]).sum(-1), dtype=float)
    if not np.isfinite(found).all():
        raise ScenarioError(f"the sum of unit costs is no number for volume {volume!r} and learning {learning!r}")
    return found


def _integral(n: Array, b: Array) -> Array:
    """∫ x^b from SHIFT to n + SHIFT; a logarithm at b = −1 (learning of one half), and nothing cancels next to it."""
    power, rise = b + 1, np.log1p(n / SHIFT)
    safe = np.where(power == 0, 1.0, power)
    return np.asarray(SHIFT**power * np.where(power == 0, rise, np.expm1(power * rise) / safe))


def _corrections(x: Array, b: Array) -> Array:
    """Euler and Maclaurin's: with the integral, their difference between n and m is Σ k^b for k = m + 1 … n."""
    return np.asarray(
        x**b / 2
        + b * x ** (b - 1) / 12
        - b * (b - 1) * (b - 2) * x ** (b - 3) / 720
        + b * (b - 1) * (b - 2) * (b - 3) * (b - 4) * x ** (b - 5) / 30240
    )


def unit_cost(
    number: ArrayLike, *, price: ArrayLike, premium: ArrayLike, learning: ArrayLike, made: ArrayLike = 1.0
) -> Array:
    """Cost of the unit of that number, US$ million, without set-up; number ≥ 1."""
    _counted(number, "units are counted from 1")
    given = _checked(volume=number, price=price, premium=premium, learning=learning, made=made)
    w, factor = given["made"], given["volume"] ** exponent(given["learning"])
    return np.asarray(given["price"] * (1 + given["premium"]) * (1 - w + w * factor))


def line_cost(
    volume: ArrayLike, *, price: ArrayLike, premium: ArrayLike, learning: ArrayLike, set_up: ArrayLike,
    made: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """Set-up and all units up to `volume`, US$ million."""
    given = _checked(volume=volume, price=price, premium=premium, learning=learning, set_up=set_up, made=made)
    w, n = given["made"], given["volume"]
    run = (1 - w) * n + w * cumulated(n, given["learning"])
    return np.asarray(given["set_up"] + given["price"] * (1 + given["premium"]) * run)


def average_cost(
    volume: ArrayLike, *, price: ArrayLike, premium: ArrayLike, learning: ArrayLike, set_up: ArrayLike,
    made: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """Cost of a unit on average over a run of `volume` ≥ 1, set-up included, US$ million."""
    _counted(volume, "an average needs at least one unit")
    whole = line_cost(volume, price=price, premium=premium, learning=learning, set_up=set_up, made=made)
    return np.asarray(whole / np.asarray(volume, dtype=float))


def break_even(
    *, price: ArrayLike, premium: ArrayLike, learning: ArrayLike, set_up: ArrayLike, made: ArrayLike = 1.0
) -> Array:
    """The smallest whole volume at which the line has cost no more than buying all of it abroad; inf where none has.

    None within LARGEST units, that is. Unit costs never rise, so that what is saved is convex in the volume and, having
    begun at minus the set-up, crosses zero once: bisection over whole numbers finds it exactly.
    """
    arguments = _checked(price=price, premium=premium, learning=learning, set_up=set_up, made=made)
    arguments = dict(zip(arguments, np.broadcast_arrays(*arguments.values()), strict=True))
    shape = arguments["price"].shape

    def paid(volume: Array) -> NDArray[np.bool_]:
        own = volume * arguments["price"]
        return np.asarray(line_cost(volume, **arguments) <= own * (1 + TIE))

    low, high = np.zeros(shape), np.full(shape, float(LARGEST))
    never = ~paid(high)
    while (high - low > 1).any():
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        done = paid(middle)
        high, low = np.where(done, middle, high), np.where(done, low, middle)
    return np.where(never, np.inf, high)


def premium_limit(
    volume: ArrayLike, *, price: ArrayLike, learning: ArrayLike, set_up: ArrayLike, made: ArrayLike = 1.0
) -> Array:
    """The highest premium at which the line has paid by `volume` ≥ 1: (n − S/c₀)/[(1 − w)n + w·Σk^b] − 1.

    Below −1, no premium does: the set-up alone costs more than all units bought abroad.
    """
    _counted(volume, "a planned volume is at least one unit")
    given = _checked(volume=volume, price=price, learning=learning, set_up=set_up, made=made)
    w, n = given["made"], given["volume"]
    run = (1 - w) * n + w * cumulated(n, given["learning"])
    return np.asarray((n - given["set_up"] / given["price"]) / run - 1)


def over_box(box: Box, *, price: float, volume: float, made: float = 1.0, lines: tuple[float, float] = (1, 1)) -> Found:
    """What the whole box says of one line, under both readings of the premium.

    volume: units planned; lines: multiples of the set-up at its low and its high end.
    """
    lasting = replace(box, learning=(0.0, 0.0))
    how = {"price": price, "volume": volume, "made": made, "lines": lines}
    return Found(_read(box, **how), _read(lasting, **how))  # type: ignore[arg-type]


def _read(box: Box, *, price: float, volume: float, made: float, lines: tuple[float, float]) -> Reading:
    low, high = (
        {"price": price, "learning": box.learning[end], "set_up": lines[1 - end] * box.set_up[1 - end], "made": made}
        for end in (1, 0)
    )
    ends = {"kind": (low, box.premium[0]), "harsh": (high, box.premium[1])}
    volumes = {name: float(break_even(premium=premium, **rest)) for name, (rest, premium) in ends.items()}
    costs = {name: float(average_cost(volume, premium=premium, **rest)) for name, (rest, premium) in ends.items()}
    limits = [float(premium_limit(volume, **rest)) for rest in (high, low)]
    learning = _middles(*box.learning)[:, None]
    set_up = _middles(lines[0] * box.set_up[0], lines[1] * box.set_up[1])[None, :]
    limit = premium_limit(volume, price=price, learning=learning, set_up=set_up, made=made)
    width = box.premium[1] - box.premium[0]
    part = np.clip((limit - box.premium[0]) / width, 0, 1) if width > 0 else limit >= box.premium[0]
    return Reading(
        earliest=volumes["kind"], latest=volumes["harsh"], part=float(np.mean(part)),
        unit_cost=(costs["kind"], costs["harsh"]), premium_limit=(limits[0], limits[1]),
    )  # fmt: skip


def _middles(low: float, high: float) -> Array:
    """Middles of STEPS equal parts of an interval."""
    return low + (high - low) * (np.arange(STEPS) + 0.5) / STEPS


def partnership(
    box: Box, *, price: float, volume: Mapping[str, float], work_share: Mapping[str, float]
) -> dict[str, Share]:
    """Each partner alone and together, over the box; and the joint line as a whole under the empty name "".

    volume: units that each buys; work_share: part of a unit's value that each makes, at most 1 together (the rest comes
    from the licensor). Together every unit costs all of them the same, the set-up is paid by work: partner i carries
    its part s_i of the work, so that it breaks even like a single line with a set-up of s_i·S/a_i, a_i its part of the
    units. The set-up is of one line for all up to one for each partner that makes something. A lone country would make
    as much of a unit as they do together. What dividing work costs is left out, so that more units on one line never
    cost more each. Raises ScenarioError where shares or volumes are out of bounds.
    """
    made = float(sum(work_share.values()))
    fits = set(volume) == set(work_share) and min(work_share.values(), default=0.0) >= 0
    if not (fits and 0 < made <= 1 + 1e-9):
        raise ScenarioError(
            f"work shares {dict(work_share)} for volumes {dict(volume)}: name the same partners, with shares that are "
            "more than 0 and at most 1 together"
        )
    made, most = min(made, 1.0), working(work_share)
    total = float(sum(volume.values()))
    out = {}
    for name, own in volume.items():
        if not own >= 1:
            raise ScenarioError(f"volume of {name} is {own!r}: at least one unit")
        carried = work_share[name] / made * total / own  # of the set-up, per unit bought
        alone = over_box(box, price=price, volume=own, made=made)
        joint = over_box(box, price=price, volume=total, made=made, lines=(carried, carried * most))
        out[name] = Share(alone, Found(_own(joint.first, own / total), _own(joint.lasting, own / total)))
    whole = over_box(box, price=price, volume=total, made=made, lines=(1, most))
    out[""] = Share(over_box(box, price=price, volume=total, made=made), whole)
    return out


def _own(joint: Reading, part: float) -> Reading:
    """Break-even of the joint line in units of a partner that buys that part of them."""
    earliest, latest = (
        float(np.ceil(edge * part)) if np.isfinite(edge) else edge for edge in (joint.earliest, joint.latest)
    )
    return replace(joint, earliest=earliest, latest=latest)


def working(work_share: Mapping[str, float]) -> int:
    """How many partners make something: as many lines there are at most."""
    return sum(part > 0 for part in work_share.values())
