"""Which hedge against a threat is worth what: loss avoided, peacetime effect, cost, and the chance that makes it pay.

With real income of the hedged region in US$ million a year (equivalent variation at the prices of the world as it is),
a hedge has a peacetime effect g and an outlay c outside the model; when the threat comes it avoids
a = (loss without it) − (loss with it), and what it does in response, such as ending a subsidy, brings relief r by
itself. At a chance p that the threat is on in a year it is worth

    w(p) = g − c + p·(a + r).

It breaks even at p* = (c − g)/(a + r). Loss avoided per dollar is a over what the hedge costs a year when nothing
happens, c − g; where that is not above zero the hedge pays without the threat. What avoids nothing does not pay by
relief alone; effects within the solver's tolerance decide nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gaiatsu.errors import ConvergenceError, ScenarioError
from gaiatsu.exposure.stocks import HORIZON_WEEKS, WEEKS_A_YEAR
from gaiatsu.strategy.ledger import NONE, Ledger, Standing, drawn, with_sizes
from gaiatsu.strategy.threat import Cost, Hedge, Threat, threat_of
from gaiatsu.strategy.value import break_even, pays, per_dollar, struck_by, worth

if TYPE_CHECKING:
    from gaiatsu.world.world import World

MOST_JOINT = 6
PROBABILITIES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MATERIAL = 0.01  # of the loss: hedges that avoid less are combined after those that avoid more
SLIGHT = 1e-4  # of the loss: what avoids less avoids nothing
NOTHING = 1e-7  # of the hedged region's income: smaller effects are the solver's tolerance
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Hedges:
    """Hedges against a threat, ranked.

    table: by rank; income, loss: of the hedged regions without hedges, US$ million, the loss in a year in which the
    threat lasts its horizon; standings: by hedge, the evaluations its ranges are over (`central`, `least`, `most`,
    draws, cases of critical inputs); threat_cases: the loss without hedges in each of these; joint: every combination
    of the best hedges, one of each choice; frontier: those that the next dollar leads to; shapley: each one's part in
    what all avoid together; interaction: that less the sum of what each avoids alone; failed, failed_cases: hedges and
    cases without an equilibrium, with the reason; left_out: hedges that were not tried; notes: of the
    threat's own certificate; no_joint: why none is joint.
    """

    threat: Threat
    regions: tuple[str, ...]
    hedges: tuple[Hedge, ...]
    income: float
    loss: float
    table: pd.DataFrame
    standings: Mapping[str, Mapping[str, Standing]] = field(repr=False)
    threat_cases: Mapping[str, float] = field(repr=False)
    joint: pd.DataFrame
    frontier: pd.DataFrame
    shapley: pd.Series
    interaction: float
    failed: Mapping[str, str]
    failed_cases: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    no_joint: str = ""

    @property
    def loss_percent(self) -> float:
        """Loss without hedges while the threat lasts, percent of real income."""
        return 100 * self.loss / self.income / min(HORIZON_WEEKS[self.threat.horizon] / WEEKS_A_YEAR, 1.0)

    @property
    def loss_range(self) -> tuple[float, float]:
        """Least and most loss without hedges over the draws and the cases of critical inputs."""
        return min(self.threat_cases.values()), max(self.threat_cases.values())

    def named(self, name: str) -> Hedge:
        """A hedge by its name."""
        return next(hedge for hedge in self.hedges if hedge.name == name)

    def worth(self, probabilities: Sequence[float] = PROBABILITIES) -> pd.DataFrame:
        """Expected gain a year, US$ million, by hedge and chance of the threat; central, least and most.

        Columns: hedge, probability, central, least, most. Raises ScenarioError for a chance outside 0 to 1.
        """
        if not all(0 <= chance <= 1 for chance in probabilities):
            raise ScenarioError(f"probabilities are {list(probabilities)}; each must lie between 0 and 1")
        rows = []
        for name in self.table["hedge"]:
            cost, found = self.named(name).cost, self.standings[name]
            for chance in probabilities:
                spread = [
                    worth(one.peace, self.threat_cases[_base(case)] - one.loss + one.relief, outlay, chance)
                    for case, one in found.items()
                    for outlay in (cost.low, cost.high)
                ]
                central = found["central"]
                middle = worth(central.peace, self.loss - central.loss + central.relief, cost.central, chance)
                rows.append((name, chance, middle, min(spread), max(spread)))
        return pd.DataFrame(rows, columns=["hedge", "probability", "central", "least", "most"])


def _base(case: str) -> str:
    """The evaluation of the threat without hedges that belongs to one with a hedge."""
    return "central" if case in ("least", "most") else case


def hedges(
    threat: Any,
    region: Any,
    *,
    candidates: Sequence[Hedge] | None = None,
    world: World | str | None = None,
    horizon: str | None = None,
    closure: str | None = None,
    elasticities: Any = None,
    joint: int = 4,
    draws: int = 8,
    progress: Progress | None = None,
) -> Hedges:
    """Rank hedges of a region, or several together, against a threat by loss avoided per dollar.

    threat: a case, file, Scenario, measures, or a Threat. candidates: left out, those of the scenario (its key
    `hedges`), or without any, those that gaiatsu.strategy.candidates thinks of. joint: how many of the best are tried
    in all combinations (at most 6; 0 for none). draws: of the trade elasticities, for the ranges; each solves every
    hedge again. Raises ScenarioError, and the ConvergenceError of the threat itself.
    """
    found = threat if isinstance(threat, Threat) else threat_of(
        threat, world=world, horizon=horizon, closure=closure, elasticities=elasticities
    )  # fmt: skip
    if not 0 <= joint <= MOST_JOINT:
        raise ScenarioError(f"joint is {joint!r}; from 0 to {MOST_JOINT} hedges can be tried in all combinations")
    places = found.places(region)
    chosen, left_out = _candidates(found, threat, places, candidates)
    names = [hedge.name for hedge in chosen]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ScenarioError(f"two hedges are called {twice[0]!r}: give each its own name")
    return _Comparison(found, places, chosen, left_out, draws, progress).result(joint)


def _candidates(
    threat: Threat, given: Any, places: Sequence[int], candidates: Sequence[Hedge] | None
) -> tuple[tuple[Hedge, ...], tuple[str, ...]]:
    if candidates is not None:
        if not candidates:
            raise ScenarioError("candidates is empty: name at least one hedge, or leave it out")
        return tuple(candidates), ()
    from gaiatsu.scenario.hedge_models import hedges_of

    written = hedges_of(given)
    if written:
        return written, ()
    from gaiatsu.strategy.candidates import candidates_for

    return candidates_for(threat, places)


class _Comparison:
    """The work of `hedges`, step by step."""

    def __init__(
        self, threat: Threat, places: Sequence[int], candidates: Sequence[Hedge], left_out: Sequence[str], draws: int,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self.threat, self.places, self.left_out, self.draws = threat, tuple(places), tuple(left_out), draws
        self.progress = progress or (lambda done, total, label: None)
        self.ledger = Ledger(threat, places, candidates)
        self.hedges = self.ledger.hedges
        self.failed: dict[str, str] = {}
        self.failed_cases: dict[str, str] = {}
        self.standings: dict[str, dict[str, Standing]] = {}
        self.threat_cases: dict[str, float] = {}

    def result(self, joint: int) -> Hedges:
        steps = len(self.hedges) + 1 + self.draws
        self.progress(0, steps, "the threat without hedges")
        loss = self.threat_cases["central"] = self.ledger.standing(NONE).loss
        if loss <= NOTHING * self.ledger.income.sum():
            names = ", ".join(self.threat.world.regions[place] for place in self.places)
            raise ScenarioError(
                f"the threat does not lower the real income of {names} at horizon {self.threat.horizon} (stocks that"
                " are held anyway may cover it): there is nothing to hedge; try another horizon or region"
            )
        for number, hedge in enumerate(self.hedges):
            self.progress(1 + number, steps, hedge.name)
            self._evaluate(number, hedge)
        self._draw(steps)
        table = self._table()
        members = self._members(table, joint)
        combined, frontier, shapley, interaction, reason = self._joint(members, joint)
        return Hedges(
            threat=self.threat, regions=tuple(self.threat.world.regions[place] for place in self.places),
            hedges=self.hedges, income=float(self.ledger.income.sum()), loss=self.threat_cases["central"], table=table,
            standings=self.standings, threat_cases=self.threat_cases, joint=combined, frontier=frontier,
            shapley=shapley, interaction=interaction, failed=self.failed, failed_cases=self.failed_cases,
            left_out=self.left_out, notes=tuple(self.ledger.notes), no_joint=reason,
        )  # fmt: skip

    def _evaluate(self, number: int, hedge: Hedge) -> None:
        try:
            found = {"central": self.ledger.standing(frozenset([number]))}
            for end in ("least", "most") if hedge.ranged else ():
                other = Ledger(self.threat, self.places, with_sizes(self.hedges, number, end), like=self.ledger)
                found[end] = other.standing(frozenset([number]))
        except ConvergenceError as error:
            self.failed[hedge.name] = str(error)
        else:
            self.standings[hedge.name] = found

    def _draw(self, steps: int) -> None:
        """Every hedge again in draws of the trade elasticities, and with critical inputs at their low and high losses.

        Only draws in which threat and hedges all have an equilibrium count.
        """
        if not self.draws:
            return
        for count, (name, pair) in enumerate(drawn(self.threat, self.draws)):
            self.progress(1 + len(self.hedges) + count, steps, f"draw {count + 1} of {self.draws}")
            self._case(
                f"{count}: {name}",
                Ledger(self.threat, self.places, self.hedges, elasticities=pair, like=self.ledger),
            )
        for case in ("low", "high") if self.threat.critical else ():
            self._case(case, Ledger(self.threat, self.places, self.hedges, case=case, like=self.ledger))

    def _case(self, case: str, ledger: Ledger) -> None:
        try:
            bare = ledger.standing(NONE).loss
            found = {
                hedge.name: ledger.standing(frozenset([number]))
                for number, hedge in enumerate(self.hedges)
                if hedge.name in self.standings
            }
        except ConvergenceError as error:
            self.failed_cases[case] = str(error)
            return
        self.threat_cases[case] = bare
        for name, standing in found.items():
            self.standings[name][case] = standing

    # -------------------------------------------------------------------------------------------------------- ranking
    def _table(self) -> pd.DataFrame:
        rows = [self._row(hedge) for hedge in self.hedges if hedge.name in self.standings]
        frame = pd.DataFrame(rows)
        if frame.empty:
            reasons = "; ".join(f"{name}: {why}" for name, why in self.failed.items())
            raise ConvergenceError(f"no hedge has an equilibrium: {reasons}")
        # What pays by itself comes first, by what it avoids; what avoids nothing comes last.
        hedging = frame["avoided"] > self._least()
        group = np.where(~hedging, 2, np.where(frame["net_cost"] <= 0, 0, 1))
        within = np.where(group == 1, -frame["per_dollar"], -frame["avoided"])
        order = sorted(range(len(frame)), key=lambda row: (group[row], within[row], frame["hedge"].iloc[row]))
        frame = frame.iloc[order].reset_index(drop=True)
        frame.insert(0, "rank", range(1, len(frame) + 1))
        return frame

    def _least(self, case: str = "central") -> float:
        """What a hedge must avoid to be one, US$ million."""
        return max(NOTHING * float(self.ledger.income.sum()), SLIGHT * self.threat_cases[_base(case)])

    def _noise(self, chosen: Sequence[Hedge]) -> float:
        """What the solver may be wrong by, US$ million; nothing where no hedge changes the world."""
        return NOTHING * float(self.ledger.income.sum()) if any(hedge.measures for hedge in chosen) else 0.0

    def _row(self, hedge: Hedge) -> dict[str, Any]:
        found, cost, loss = self.standings[hedge.name], hedge.cost, self.threat_cases["central"]
        central = found["central"]
        avoided = loss - central.loss
        cases = [(one.peace, self.threat_cases[_base(case)] - one.loss, one.relief) for case, one in found.items()]
        noise, struck = self._noise([hedge]), struck_by(avoided, central.relief, self._least())
        chances = [
            break_even(peace, struck_by(a, relief, self._least(case)), c, noise)
            for case, (peace, a, relief) in zip(found, cases, strict=True)
            for c in (cost.low, cost.high)
        ]
        word = pays(central.peace, struck, cost.central, noise)
        return {
            "hedge": hedge.name,
            "kind": hedge.kind,
            "avoided": avoided,
            "avoided_least": min(a for _, a, _ in cases),
            "avoided_most": max(a for _, a, _ in cases),
            "avoided_percent_of_loss": 100 * avoided / loss,
            "cost": cost.central,
            "cost_low": cost.low,
            "cost_high": cost.high,
            "peacetime": central.peace,
            "peacetime_least": min(peace for peace, _, _ in cases),
            "peacetime_most": max(peace for peace, _, _ in cases),
            "relief": central.relief,
            "fiscal": central.fiscal,
            "net_cost": cost.central - central.peace,
            "per_dollar": per_dollar(central.peace, avoided, cost.central),
            "pays": word,
            "break_even": break_even(central.peace, struck, cost.central, noise),
            "break_even_least": min(chances),
            "break_even_most": max(chances),
            "mostly_relief": word == "from" and central.relief > avoided,
            "hedges": avoided > self._least(),
            "choice": hedge.choice,
            "assumed": hedge.assumed,
            "note": hedge.note,
        }

    # ---------------------------------------------------------------------------------------------------------- joint
    def _members(self, table: pd.DataFrame, joint: int) -> list[int]:
        """The best hedges, one of each choice: what may pay first, and of it what avoids a part worth speaking of."""
        ranked = [row for row in table.itertuples() if row.avoided > self._least()]
        ranked.sort(key=lambda row: (row.pays == "never", row.avoided < MATERIAL * self.threat_cases["central"]))
        best: dict[str, str] = {}
        for row in ranked:
            best.setdefault(row.choice or row.hedge, row.hedge)
        names = list(best.values())[:joint]
        return [number for name in names for number, hedge in enumerate(self.hedges) if hedge.name == name]

    def _joint(self, members: Sequence[int], joint: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, float, str]:
        from gaiatsu.trade.attribution import shapley_values

        empty = (pd.DataFrame(), pd.DataFrame(), pd.Series(dtype=float), 0.0)
        if joint < 2:
            return *empty, f"joint is {joint}, and a combination takes at least two hedges"
        if len(members) < 2:
            few = "fewer than two hedges that can be taken together avoid anything"
            return *empty, few if members else "no hedge avoids anything"
        sets = [frozenset(part) for size in range(len(members) + 1) for part in itertools.combinations(members, size)]
        try:
            self.ledger.prepare(sets)
            found = {chosen: self.ledger.standing(chosen) for chosen in sets}
        except ConvergenceError as error:
            return *empty, f"a combination has no equilibrium: {error}"
        rows = [self._combination(chosen, found) for chosen in sets]
        place = {number: row for row, number in enumerate(members)}
        value = {
            frozenset(place[number] for number in chosen): np.array([self.threat_cases["central"] - one.loss])
            for chosen, one in found.items()
        }
        names = [self.hedges[number].name for number in members]
        shapley = pd.Series(shapley_values(value, len(members))[:, 0], index=pd.Index(names, name="hedge"))
        shapley.name = "avoided"
        whole = rows[-1]
        return pd.DataFrame(rows), self._greedy(members, found), shapley, float(whole["interaction"]), ""

    def _combination(self, chosen: frozenset[int], found: Mapping[frozenset[int], Standing]) -> dict[str, Any]:
        loss, one = self.threat_cases["central"], found[chosen]
        cost = sum((self.hedges[number].cost for number in chosen), Cost(0.0, 0.0, 0.0))
        alone = sum(loss - found[frozenset([number])].loss for number in chosen)
        return {
            "hedges": " + ".join(self.hedges[number].name for number in sorted(chosen)) or "none",
            "count": len(chosen),
            "avoided": loss - one.loss,
            "sum_of_alone": alone,
            "interaction": loss - one.loss - alone,
            "peacetime": one.peace,
            "relief": one.relief,
            "cost": cost.central,
            "cost_low": cost.low,
            "cost_high": cost.high,
            "net_cost": cost.central - one.peace,
            "break_even": break_even(
                one.peace,
                struck_by(loss - one.loss, one.relief, self._least()),
                cost.central,
                self._noise([self.hedges[number] for number in chosen]),
            )
            if chosen
            else 0.0,
        }

    def _greedy(self, members: Sequence[int], found: Mapping[frozenset[int], Standing]) -> pd.DataFrame:
        """From nothing, one hedge at a time: the one whose next dollar avoids most on top of those taken."""
        taken, rows = NONE, [{"added": "", **self._combination(NONE, found)}]
        while len(taken) < len(members):
            before = self._combination(taken, found)

            def gain(number: int, before: dict[str, Any] = before, taken: frozenset[int] = taken) -> tuple[Any, ...]:
                after = self._combination(taken | {number}, found)
                more, dearer = after["avoided"] - before["avoided"], after["net_cost"] - before["net_cost"]
                free = dearer <= 0 < more
                return (free, more if free else per_dollar(-dearer, more, 0.0) if more > 0 else -math.inf)

            best = max(sorted(set(members) - taken, key=lambda number: self.hedges[number].name), key=gain)
            taken = taken | {best}
            rows.append({"added": self.hedges[best].name, **self._combination(taken, found)})
        return pd.DataFrame(rows)
