"""What is found of one group: shares of members and ties by both yardsticks, and what is left as one tie fades.

Nothing here is a single number where data identify none: leverage comes by horizon, by published set of elasticities
and by both rules of what blocs do that are not joined, capability and chances from the least to the most of all
uncertain parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.security import group
from gaiatsu.security.alliance import Tie
from gaiatsu.trade.attribution import shapley_values

Array = NDArray[np.float64]

STEPS = np.linspace(1.0, 0.0, 11)  # of a fading tie, from full to none
POWERS = 21  # of decisiveness between its ends, because a chance need not be monotone in it
WEIGHTS = 9  # of the ally's weight, because what a tie takes off a chance need not be monotone in it


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """One group, one rival.

    leverage: of every coalition; efforts: code → military spending of members and rival, US$ billion; ties: between
    members; fading: (by, to) of one of them, or None where there are none; ally_weight: θ, decisiveness: m, each from
    low to high.
    """

    leverage: group.JointLeverage
    efforts: Mapping[str, float]
    ties: tuple[Tie, ...]
    fading: tuple[str, str] | None
    ally_weight: tuple[float, float]
    decisiveness: tuple[float, float]

    @property
    def members(self) -> tuple[str, ...]:
        """Codes."""
        return self.leverage.members

    @property
    def own(self) -> Array:
        """[member] military spending, US$ billion."""
        return np.array([self.efforts[code] for code in self.members])

    def place(self, code: str) -> int:
        """Position of a member."""
        return self.members.index(code)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Members that a tie joins, whichever way it goes, once each."""
        found = [tuple(sorted((self.place(tie.by), self.place(tie.to)))) for tie in self.ties]
        return list(dict.fromkeys((pair[0], pair[1]) for pair in found))

    def reliability(self, end: str, strength: float = 1.0) -> Array:
        """[who owes, to whom] chance that ties hold, all at their low or high end; the fading one times strength."""
        out = np.zeros((len(self.members), len(self.members)))
        for tie in self.ties:
            kept = strength if (tie.by, tie.to) == self.fading else 1.0
            out[self.place(tie.by), self.place(tie.to)] = kept * (tie.low if end == "low" else tie.high)
        return out

    # ------------------------------------------------------------------------------------------------------ members
    @cached_property
    def leverage_shares(self) -> pd.DataFrame:
        """[member, column] Shapley values of joint leverage, percentage points of the rival's real income."""
        shares = shapley_values(self.leverage.loss, len(self.members))
        return pd.DataFrame(shares, index=list(self.members), columns=list(self.leverage.columns))

    @cached_property
    def capability(self) -> pd.DataFrame:
        """By member, low and high: `own`, `reach_*` what it can have beside it, `shapley_*`, all US$ billion."""
        out = pd.DataFrame({"own": self.own}, index=list(self.members))
        for end, weight in zip(("low", "high"), self.ally_weight, strict=True):
            reliable = self.reliability(end)
            out[f"reach_{end}"] = group.reach(self.own, reliable, weight)
            game = group.capability_game(self.own, reliable, weight)
            out[f"shapley_{end}"] = shapley_values(game, len(self.members))
        return out

    def shares_of_leverage(self) -> pd.DataFrame:
        """[member, column] parts of joint leverage, percent of it; missing where the rival loses nothing."""
        whole = self.leverage_shares.sum()
        return 100 * self.leverage_shares / whole.where(whole > 0)

    def shares_of_capability(self) -> pd.DataFrame:
        """[member, low or high] parts of joint capability, percent of it."""
        table = self.capability[["shapley_low", "shapley_high"]]
        return (100 * table / table.sum()).set_axis(["low", "high"], axis=1)

    # --------------------------------------------------------------------------------------------------------- ties
    @cached_property
    def games(self) -> dict[str, dict[group.Coalition, Array]]:
        """Rule → value of the group with each set of joined pairs, by column."""
        count = len(self.members)
        return {rule: group.tie_game(self.leverage.loss, count, self.pairs, rule=rule) for rule in group.RULES}

    @cached_property
    def tie_values(self) -> pd.DataFrame:
        """By tie: by, to, reliability, treaty; what it adds to joint capability, US$ billion, and what joining the two
        adds to joint leverage, points of the rival's real income, each from the least to the most.
        """
        points = {rule: shapley_values(game, len(self.pairs)) for rule, game in self.games.items()}
        rows = []
        for tie in self.ties:
            pair = self.pairs.index(tuple(sorted((self.place(tie.by), self.place(tie.to)))))  # type: ignore[arg-type]
            joined = np.concatenate([points[rule][pair] for rule in group.RULES])
            low, high = (
                weight * chance * self.efforts[tie.by]
                for weight, chance in zip(self.ally_weight, (tie.low, tie.high), strict=True)
            )
            rows.append((tie.by, tie.to, tie.low, tie.high, tie.why, low, high, joined.min(), joined.max()))
        return pd.DataFrame(rows, columns=[
            "by", "to", "reliability_low", "reliability_high", "treaty", "capability_low", "capability_high",
            "leverage_low", "leverage_high",
        ])  # fmt: skip

    # ------------------------------------------------------------------------------------------------- a tie fades
    def fade_of_leverage(self, rule: str) -> Array:
        """[strength, column] expected joint leverage as the fading tie joins with a chance from 1 to 0."""
        chances: list[Array | float] = [1.0] * len(self.pairs)
        if self.fading:
            first, second = sorted(self.place(code) for code in self.fading)
            chances[self.pairs.index((first, second))] = STEPS
        found = group.expected_value(self.games[rule], chances)
        return found if self.fading else np.broadcast_to(found, (len(STEPS), *found.shape))

    def fade_of_capability(self) -> Array:
        """[strength, low or high] joint capability, US$ billion."""
        ends = [
            [float(group.reach(self.own, self.reliability(end, x), weight).sum()) for x in STEPS]
            for end, weight in zip(("low", "high"), self.ally_weight, strict=True)
        ]
        return np.array(ends).T

    def chances(self, strength: float) -> Array:
        """[member, least or most] chance that an attack of the rival on each succeeds, over θ, m and reliabilities."""
        reliable = np.stack([self.reliability(end, strength) for end in ("low", "high")])
        weight = np.array(self.ally_weight)[:, None, None]
        power = np.geomspace(*self.decisiveness, POWERS)[:, None]
        found = group.attack_chances(self.efforts[self.leverage.rival], self.own, reliable, weight, power)
        flat = found.reshape(-1, len(self.members))
        return np.stack([flat.min(0), flat.max(0)], axis=1)

    def rise(self) -> Array:
        """[member, least or most] what chances rise by from the tie in full to none, at one and the same θ, m and r.

        The fading tie's reliability and that of the others, each all at the low or all at the high end, go apart.
        """
        full, none = [], []
        for mine in ("low", "high"):
            for others in ("low", "high"):
                reliable = self.reliability(others, 0.0)
                none.append(reliable.copy())
                if self.fading:
                    by, to = (self.place(code) for code in self.fading)
                    reliable[by, to] = self.reliability(mine)[by, to]
                full.append(reliable)
        weight = np.linspace(*self.ally_weight, WEIGHTS)[:, None, None]
        power = np.geomspace(*self.decisiveness, POWERS)[:, None]
        with_tie, without = (
            group.attack_chances(self.efforts[self.leverage.rival], self.own, np.stack(each), weight, power)
            for each in (full, none)
        )
        found = (without - with_tie).reshape(-1, len(self.members))
        return np.stack([found.min(0), found.max(0)], axis=1)

    @cached_property
    def fade(self) -> pd.DataFrame:
        """By strength of the fading tie (1 to 0): leverage by horizon and rule, capability, chances against its client.

        Columns: leverage_{column}_{rule} percent, leverage_low, leverage_high over all of them, capability_low,
        capability_high US$ billion, chance_low, chance_high of success against the one that the tie is owed to.
        """
        out = pd.DataFrame({"strength": STEPS})
        curves: list[str] = []
        for rule in group.RULES:
            found = self.fade_of_leverage(rule)
            for number, name in enumerate(self.leverage.columns):
                curves.append(f"leverage_{name}_{rule}")
                out[curves[-1]] = found[:, number]
        out["leverage_low"], out["leverage_high"] = out[curves].min(axis=1), out[curves].max(axis=1)
        out[["capability_low", "capability_high"]] = self.fade_of_capability()
        if self.fading:
            client = self.place(self.fading[1])
            out[["chance_low", "chance_high"]] = np.array([self.chances(float(x))[client] for x in STEPS])
        return out

    def coalitions(self) -> pd.DataFrame:
        """What every coalition takes from the rival by column: members, horizon and set, percent, US$ million."""
        rows = [
            (" ".join(self.members[n] for n in sorted(chosen)), name, float(loss[number]), float(money[number]))
            for (chosen, loss), money in zip(self.leverage.loss.items(), self.leverage.money.values(), strict=True)
            if chosen
            for number, name in enumerate(self.leverage.columns)
        ]
        return pd.DataFrame(rows, columns=["members", "solved_with", "loss_percent", "loss_usd_million"])


def as_strong(ties: Sequence[Tie], efforts: Mapping[str, float], fading: tuple[str, str]) -> list[tuple[str, str]]:
    """(by, to) of the other ties that carry as much as the fading one."""
    carried = {(tie.by, tie.to): tie.high * efforts[tie.by] for tie in ties}
    return [pair for pair, value in carried.items() if pair != fading and np.isclose(value, carried[fading])]


def strongest(ties: Sequence[Tie], efforts: Mapping[str, float]) -> tuple[str, str] | None:
    """(by, to) of the tie that carries most, its high reliability times the effort behind it; of equals the first."""
    if not ties:
        return None
    best = max(ties, key=lambda tie: tie.high * efforts[tie.by])
    return best.by, best.to
