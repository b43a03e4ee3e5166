"""The sentences of a report on deterrence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gaiatsu.report import words
from gaiatsu.report.deterrence_figures import MOST_TOLD, PERCENT, bands_phrase, billions, percent, ranged
from gaiatsu.security.deterrence_box import WON_SINCE_1945, Box, Situation, Spread, share, spread
from gaiatsu.world.codes import country_name

BILLION = f"US${words.SPACE}{{}}{words.SPACE}billion"
MOST_NAMED, TOLD = 4, 3  # states named one by one, budgets told in sentences
MORE = {"half more": 1.5, "twice": 2.0}  # of the attacker's effort
LABELS = {
    "ally_weight": "a weight of the ally’s effort of {}", "decisiveness": "a decisiveness of effort of {}",
    "cost_ratio": "an attack that costs {} of what success is worth",
}  # fmt: skip


def money(low: float, high: float) -> str:
    """US$ billion, one number where both ends are told alike."""
    return BILLION.format(ranged(low, high))


def whole(found: Spread) -> str:
    """All of a range, with its median where it is one."""
    text = money(found.low, found.high)
    return text if found.low == found.high else f"{text} (median {billions(found.median)})"


def parameter(name: str, ends: tuple[float, float]) -> str:
    """The value or range of a parameter: "0.5 to 2", "30 %"."""
    tell: Callable[[float], str] = (lambda value: f"{value:g}") if name == "decisiveness" else percent
    return tell(ends[0]) if ends[0] == ends[1] else f"{tell(ends[0])} to {tell(ends[1])}"


def reliable(value: float) -> str:
    """A reliability needed: "none", "66 %", "more than certainty"."""
    return "none" if value <= 0 else "more than certainty" if value > 1 else words.share(value)


class Told:
    """The sentences on a situation."""

    def __init__(self, run: Any, there: Situation) -> None:
        self.there, self.box = there, there.box
        world_names = dict(zip(run.world.regions, run.world.region_names, strict=True))
        self.names = lambda code: words.the(world_names.get(code) or country_name(code))
        self.attacker, self.ally = self._side(there.attacker), self._side(there.ally)
        self.defender = self.names(there.defender)
        self.levels = tuple(dict.fromkeys(there.fall))  # reliability before and after, or the one there is

    def _side(self, codes: tuple[str, ...]) -> str:
        return f"{len(codes)} states" if len(codes) > MOST_NAMED else words.listed(self.names(code) for code in codes)

    def _at(self, box: Box, tell: Callable[[Spread], str] = whole) -> str:
        """The smallest own outlays at each reliability."""
        return words.listed(
            f"{tell(spread(box.smallest_effort(level)))} at {percent(level)}" for level in self.levels
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------------------- headline
    def headline(self) -> str:
        """What would deter, of what year the figures are, what the ranges are over, what the attacker's effort does.

        One text, because it is all that a terminal shows.
        """
        there, several = self.there, len(self.there.ally) > 1
        missing = there.spending.missing if there.year is not None else ""
        comes, allies = ("they come", "as allies") if several else ("it comes", "as an ally")
        parts = [
            f"{whole(spread(self.box.smallest_effort(level)))} where {comes} with a chance of {percent(level)}"
            for level in self.levels
        ]
        sentences = [
            words.upper_first(f"{missing}.") if missing else "",
            f"To deter {self.attacker} ({money(*self.box.attacker)} a year) with {self.ally} "
            f"({money(*self.box.ally)}) {allies}, {self.defender} would need own outlays of "
            f"{', and of '.join(parts)}; it spends {money(there.own, there.own)}.",
            self._year(), self._ranges(), self._more(), self._beyond(),
        ]  # fmt: skip
        return " ".join(text for text in sentences if text)

    def _year(self) -> str:
        there = self.there
        given = {"attacker": self.attacker, "own": self.defender, "ally": self.ally}
        set_by = [name for key, name in given.items() if key in there.given]
        if there.year is None:
            return "All three efforts are set by the scenario."
        newest = there.spending.newest
        if "year" in there.given:
            why = ", as the scenario asks"
        elif there.year < newest:
            why = f", the latest year in which all have a figure, though those of others go on to {newest}"
        else:
            why = ""
        own = f"; the effort of {words.listed(set_by)} is set by the scenario" if set_by else ""
        return f"Military spending is of {there.year}{why} ({there.spending.short}){own}."

    def _ranges(self) -> str:
        over = {
            "attacker": f"what {self.attacker} can bring", "ally": f"what {self.ally} can bring",
            "ally_weight": "how much of the ally’s effort counts", "decisiveness": "how decisive effort is",
            "cost_ratio": "what an attack costs its author",
        }  # fmt: skip
        free = [text for name, text in over.items() if name in self.box.free]
        text = f"The ranges are over what nobody has measured: {words.listed(free)}. " if free else ""
        wide = self.there.over_defaults
        if wide is None:
            return text.strip()
        narrow = [
            text.format(parameter(name, self.box.ends[name]))
            for name, text in LABELS.items()
            if self.box.ends[name] != wide.ends[name]
        ]
        they = "They hold" if free else "This holds"
        return (
            f"{text}{they} only for {words.listed(narrow)}, set by the scenario; over the default ranges it would be "
            f"{self._at(wide)}."
        )

    def _more(self) -> str:
        """What more effort of the attacker does, where it is one figure."""
        if "attacker" in self.box.free:
            return ""
        low, high = self.box.attacker

        def tell(found: Spread) -> str:
            if found.low == found.high:
                return money(found.low, found.high)
            return f"up to {BILLION.format(billions(found.high))} (median {billions(found.median)})"

        told = [
            f"were it {word}, {self._at(replace(self.box, attacker=(factor * low, factor * high)), tell)}"
            for word, factor in MORE.items()
        ]
        return f"The attacker’s effort is an estimate that the ranges leave out: {'; '.join(told)}."

    def _beyond(self) -> str:
        if all(spread(self.box.smallest_effort(level)).high <= MOST_TOLD for level in self.levels):
            return ""
        return (
            f"Above {BILLION.format(f'{MOST_TOLD:,.0f}')}, about the income of the world, no number is told: nothing "
            "that could be spent deters there."
        )

    # ---------------------------------------------------------------------------------------------------- the rest
    def _told_budgets(self) -> list[tuple[str, float]]:
        return list(self.there.budgets.items())[:TOLD]

    def budgets(self) -> str:
        told = []
        for name, value in self._told_budgets():
            held = [share(self.box.smallest_effort(level)[0] <= value) for level in self.levels]
            if self.box.free:
                said = f"deters in {words.listed(words.share(part) for part in held)}"
            else:
                said = words.listed("deters" if part else "does not deter" for part in held)
            told.append(f"“{name}” ({money(value, value)}) {said}")
        levels = " and of ".join(percent(level) for level in self.levels)
        left = len(self.there.budgets) - len(told)
        more = f" The table has {'one more budget' if left == 1 else f'{left} more budgets'}." if left else ""
        if not self.box.free:
            return f"At a reliability of {levels}, the budget {words.listed(told)}.{more}"
        return (
            f"Of all combinations of these parameters, at a reliability of {levels}, the budget {words.listed(told)}. "
            f"These are shares of a box of assumptions, no probabilities.{more}"
        )

    def required(self) -> str:
        told = []
        for name, value in self._told_budgets():
            inside, ends = self.box.required(value)
            found = spread((inside, ends))
            if not self.box.free:
                told.append(f"with “{name}” {reliable(found.median)}")
                continue
            half = " to ".join(dict.fromkeys(map(reliable, (found.first_quartile, found.third_quartile))))
            alone, never = (words.share(share(where)) for where in (inside <= 0, inside > 1))
            told.append(
                f"with “{name}” {reliable(found.median)} (median; in half of the combinations {half}), none in {alone} "
                f"of them, and even a certain ally is not enough in {never}"
            )
        return f"The reliability needed to deter is {'; '.join(told)}."

    def price(self) -> str:
        told = []
        for level in self.levels:
            found = spread(self.box.price(level))
            if self.box.free:
                told.append(
                    f"{money(found.first_quartile, found.third_quartile)} in half of the combinations (median "
                    f"{billions(found.median)}; in all {ranged(found.low, found.high)}) at {percent(level)}"
                )
            else:
                told.append(f"{money(found.low, found.high)} at {percent(level)}")
        return f"A percentage point of reliability stands for own outlays of {words.listed(told)}, a year."

    def fall(self) -> str:
        before, after = self.there.fall
        if before == after:
            return ""
        found = spread(self.box.fall(before, after))
        part = ""
        if np.isfinite(self.there.gdp):
            low, middle, high = (
                f"{100 * value / self.there.gdp:.1f}" for value in (found.low, found.median, found.high)
            )
            wide = f"{low} to {high}{PERCENT}" if low != high else f"{low}{PERCENT}"
            wide = f"less than 0.1{PERCENT}" if high == "0.0" else wide
            part = f", {wide} of the {self.there.gdp_of}" + (f" (median {middle})" if low != high else "")
        middle = f" (median {billions(found.median)})" if found.low < found.high else ""
        return (
            f"If reliability falls from {percent(before)} to {percent(after)}, deterring as before takes "
            f"{money(found.low, found.high)} a year more{middle}{part}."
        )

    def history(self) -> str:
        return (
            f"What history says of reliability, of other allies in other wars: {bands_phrase()}. Chiba and others "
            "(2026) find it lower after 1945, above all of multilateral alliances, and trace that to a few related "
            "cases. A table has the authors and what they counted."
        )

    def less_would_do(self) -> str:
        """What an attacker means who needs no better chance than those had who began wars since 1945."""
        if self.box.cost_ratio[0] <= WON_SINCE_1945:
            return ""
        bold = replace(self.box, cost_ratio=(WON_SINCE_1945, WON_SINCE_1945))
        return (
            "Who began a war since 1945 won about a third of the time (Lindley and Schildkraut, read in the abstract), "
            "by misjudgement or because no more was needed. An attacker to whom one chance in three is enough lies "
            f"outside these ranges; against it, own outlays that deter are {self._at(bold)}."
        )
