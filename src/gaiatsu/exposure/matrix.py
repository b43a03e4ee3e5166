"""Leverage of every region over every other, as one resumable piece of work.

What is done is kept in the user's cache folder until the matrix is complete, so that a stopped run continues.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, NoSupplier, ScenarioError
from gaiatsu.exposure.leverage import CLOSURE, check_words
from gaiatsu.scenario.measures import Embargo, Names
from gaiatsu.trade import engine
from gaiatsu.trade.batch import SIZE
from gaiatsu.trade.horizon import horizon as horizon_elasticities
from gaiatsu.trade.solution import Outcome
from gaiatsu.trade.solve import solve_many

if TYPE_CHECKING:
    from gaiatsu.trade.horizon import Elasticities
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Pair = tuple[int, int]
Progress = Callable[[int, int, str], None]
CHUNK = 4 * SIZE  # pairs between two savings, and two moves of a progress bar


@dataclass(frozen=True, eq=False, kw_only=True)
class Matrix:
    """loss: [closer, target] percent of the target's real income; cost: [closer, target] percent of the closer's.

    Both are data frames with codes; the diagonal is missing, and so are refused pairs, whose reasons stand in
    `refused` by (closer, target). unbounded: the refused pairs whose target has no other supplier. notes: of pairs
    whose loss is an extrapolation, why. residual: the worst certificate.
    """

    world: World
    horizon: str
    sectors: Names
    side: str
    loss: pd.DataFrame
    cost: pd.DataFrame
    refused: Mapping[tuple[str, str], str] = field(repr=False)
    residual: float
    unbounded: frozenset[tuple[str, str]] = frozenset()
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def long(self) -> pd.DataFrame:
        """One row per ordered pair: closer, target, loss and cost in percent, why numbers are missing or doubtful."""
        codes = list(self.loss.index)
        rows = [
            (first, second, self.loss.at[first, second], self.cost.at[first, second],
             self.refused.get((first, second), ""), self.notes.get((first, second), ""))
            for first in codes for second in codes if first != second
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["closer", "target", "loss_percent", "cost_percent", "refused", "note"])

    def strongest(self) -> pd.DataFrame:
        """For each region, whose closed border hurts it most: `closer`, `loss_percent` and `cost_percent`.

        Where a region has no other supplier than one, that is the strongest hold; its loss is missing. The rest of the
        world is many countries that close no border together: it is left out as a closer. So is a region all of
        whose pairs were refused for other reasons.
        """
        rows = {}
        powers = self.loss.drop(index="ROW", errors="ignore")
        for target in self.loss.columns:
            only = [first for first, second in self.unbounded if second == target and first != "ROW"]
            known = powers[target].dropna()
            if not only and known.empty:
                continue
            closer = min(only) if only else str(known.idxmax())
            rows[target] = (closer, self.loss.at[closer, target], self.cost.at[closer, target])
        return pd.DataFrame.from_dict(rows, orient="index", columns=["closer", "loss_percent", "cost_percent"])


def leverage_matrix(
    world: World,
    *,
    horizon: str = "short",
    sectors: Names = "all",
    side: str = "both",
    regions: Names = "all",
    elasticities: Elasticities | None = None,
    progress: Progress | None = None,
    resume: bool = True,
) -> Matrix:
    """Close the border of every ordered pair among `regions`, one at a time, and solve the world for each.

    side: both, exports (the closer stops selling) or imports (it stops buying). A border shut on both sides is the
    same whoever shuts it: such pairs are solved once. progress: called with pairs done, pairs in all and a label.
    resume: go on where an earlier call with the same inputs was stopped. Raises ScenarioError.
    """
    check_words([side], [horizon])
    chosen = elasticities or horizon_elasticities(horizon, world)
    places = [int(place) for place in world.region_indices(regions)]
    if len([place for place in places if world.regions[place] != "ROW"]) < 2:
        raise ScenarioError("a matrix needs at least two regions, the rest of the world apart")
    world.sector_indices(sectors)
    pairs = _pairs(places, side)
    results = _Results(_key(world, chosen, horizon, sectors, side, places) if resume else None)
    _work(world, pairs, results, horizon, sectors, side, chosen, progress)
    found = _assemble(world, places, results, horizon, sectors, side)
    results.forget()
    return found


def leverage_row(
    world: World, closer: str, *, horizon: str = "short", sectors: Names = "all", side: str = "both",
    elasticities: Elasticities | None = None, progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One power's closed border to each other region in turn: loss and cost in percent, by target.

    closer: a single region. Columns `refused` and `note` say why a number is missing or doubtful. Raises ScenarioError.
    """
    check_words([side], [horizon])
    chosen = elasticities or horizon_elasticities(horizon, world)
    own = int(world.region_indices(closer)[0])
    results = _Results(None)
    pairs = [(own, place) for place in range(len(world.regions)) if place != own]
    _work(world, pairs, results, horizon, sectors, side, chosen, progress)
    rows = [
        (world.regions[place], -100 * row.target, -100 * row.closer, row.why, _about(row.note, world.regions[place]))
        for _, place in pairs for row in [results.rows[own, place]]
    ]  # fmt: skip
    columns = ["target", "loss_percent", "cost_percent", "refused", "note"]
    return pd.DataFrame(rows, columns=columns).set_index("target")


def _work(
    world: World, pairs: Sequence[Pair], results: _Results, horizon: str, sectors: Names, side: str,
    elasticities: Elasticities, progress: Progress | None,
) -> None:  # fmt: skip
    """Solve the pairs that are not among the results yet, some at a time, and save after each lot."""
    left = [pair for pair in pairs if pair not in results]
    for first in range(0, len(left), CHUNK):
        if progress:
            progress(len(pairs) - len(left) + first, len(pairs), f"borders, {horizon} horizon")
        results.add(_solve(world, left[first : first + CHUNK], horizon, sectors, side, elasticities))
    if progress:
        progress(len(pairs), len(pairs), "solved")


def _pairs(places: Sequence[int], side: str) -> list[Pair]:
    """Closer and target of each solve."""
    return [(a, b) for a in places for b in places if (a < b if side == "both" else a != b)]


class Row(NamedTuple):
    """What is known of a pair.

    target, closer: change of real income, a fraction; residual; why: there is nothing; without: codes of the regions
    left without a supplier, a space between them; note: what a reader must know of the numbers.
    """

    target: float
    closer: float
    residual: float
    why: str = ""
    without: str = ""
    note: str = ""


def _solve(
    world: World, pairs: Sequence[Pair], horizon: str, sectors: Names, side: str, elasticities: Elasticities
) -> Iterator[tuple[Pair, Row]]:
    codes = world.regions
    closed = [(Embargo(by=codes[a], on=codes[b], sectors=sectors, side=side),) for a, b in pairs]
    found = solve_many(
        world, closed, horizon=horizon, closure=CLOSURE, elasticities=elasticities, errors="return"
    )  # fmt: skip
    for pair, outcome in zip(pairs, found, strict=True):
        if isinstance(outcome, Outcome):
            change, note = outcome.real_income_change, "; ".join(outcome.certificate.notes)
            yield pair, Row(float(change[pair[1]]), float(change[pair[0]]), outcome.residual, note=note)
        elif isinstance(outcome, NoSupplier):
            without = " ".join(codes[place] for place in outcome.regions)
            yield pair, Row(np.nan, np.nan, 0.0, f"no other supplier: {outcome}", without)
        elif isinstance(outcome, ConvergenceError):
            yield pair, Row(np.nan, np.nan, 0.0, str(outcome))
        else:
            raise outcome


def _assemble(
    world: World, places: Sequence[int], results: _Results, horizon: str, sectors: Names, side: str
) -> Matrix:
    codes = pd.Index([world.regions[place] for place in places])
    loss, cost = (pd.DataFrame(np.nan, index=codes, columns=codes) for _ in range(2))
    refused: dict[tuple[str, str], str] = {}
    notes: dict[tuple[str, str], str] = {}
    unbounded = set()
    for (a, b), row in results.rows.items():
        orders = [(world.regions[a], world.regions[b], row.target, row.closer)]
        if side == "both":
            orders.append((world.regions[b], world.regions[a], row.closer, row.target))
        for first, second, target, closer in orders:
            loss.at[first, second], cost.at[first, second] = -100 * target, -100 * closer
            if row.why:
                refused[first, second] = row.why
            if second in row.without.split():
                unbounded.add((first, second))
            if note := _about(row.note, second):
                notes[first, second] = note
    for frame in (loss, cost):
        frame.index.name, frame.columns.name = "closer", "target"
    residual = max((row.residual for row in results.rows.values()), default=0.0)
    return Matrix(
        world=world, horizon=horizon, sectors=sectors, side=side, loss=loss, cost=cost, refused=refused,
        residual=residual, unbounded=frozenset(unbounded), notes=notes,
    )  # fmt: skip


def _about(note: str, code: str) -> str:
    """The note, where it speaks of a region's loss or supplies."""
    return note if code in re.findall(r"\w+", note) else ""


def _key(
    world: World, elasticities: Elasticities, horizon: str, sectors: Names, side: str, places: Sequence[int]
) -> str:
    """A name for the work: it changes with the world, the question, and the engine's own code."""
    digest = hashlib.sha256(world.fingerprint.encode())
    digest.update(repr((horizon, side, world.sector_indices(sectors).tolist(), list(places))).encode())
    digest.update(engine.key_of(elasticities))
    code = resources.files("gaiatsu") / "trade"
    for item in sorted(code.iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".py"):
            digest.update(item.read_bytes())
    return digest.hexdigest()[:32]


class _Results:
    """Rows by pair, kept in a file while the work is not complete."""

    def __init__(self, key: str | None) -> None:
        self.path = _place(key) if key else None
        self.rows: dict[Pair, Row] = _read(self.path) if self.path else {}

    def __contains__(self, pair: Pair) -> bool:
        return pair in self.rows

    def add(self, rows: Iterator[tuple[Pair, Row]]) -> None:
        """Remember rows, on disk too where that is possible."""
        self.rows.update(rows)
        if self.path is None:
            return
        try:
            self._write(self.path)
        except OSError:  # a full or read-only disk: the work goes on, it only cannot be resumed
            self.path = None

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                rows = list(self.rows.values())
                np.savez(
                    file, pairs=np.array(list(self.rows), dtype=np.int64),
                    values=np.array([row[:3] for row in rows], dtype=float),
                    words=np.array([row[3:] for row in rows], dtype=str),
                )  # fmt: skip
            os.replace(partial, path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise

    def forget(self) -> None:
        """Remove the file: the work is complete."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _place(key: str) -> Path | None:
    if os.environ.get("GAIATSU_NO_CACHE"):
        return None
    import platformdirs

    return Path(platformdirs.user_cache_dir("gaiatsu")) / "leverage" / f"{key}.npz"


def _read(path: Path) -> dict[Pair, Row]:
    """What an earlier call left; nothing where the file is missing or damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            pairs, values, said = file["pairs"], file["values"], file["words"]
        if pairs.shape != (len(values), 2) or values.shape[1:] != (3,) or said.shape != values.shape:
            return {}
        return {
            (int(a), int(b)): Row(
                float(numbers[0]), float(numbers[1]), float(numbers[2]), *(str(item) for item in words)
            )
            for (a, b), numbers, words in zip(pairs, values, said, strict=True)
        }
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile):
        return {}
