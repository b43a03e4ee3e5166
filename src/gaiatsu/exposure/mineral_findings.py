"""Tables on a withheld mineral: losses by week, what moves them, stockpiles, other suppliers, published estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ConvergenceError, DataError, DataMissing, ScenarioError
from gaiatsu.exposure import mineral_use, minerals, stocks
from gaiatsu.exposure.mineral_losses import CASES, WEEKS, Path, Settings, Situation, path, stockpiles

Array = NDArray[np.float64]

SPANS = (13, 52, 156)  # weeks over which losses are added up
CUTS = (13, 52)  # lengths of a cut for which stockpiles are weighed
CHANCES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # of a cut in a year
SUPPLIERS = 10
NAMES = {
    "cost": "cost share and reach",
    "substitution": "substitution",
    "spare": "spare capacity elsewhere",
    "stock": "stocks",
}


ALL = "all of them"
NO_FIGURES = "that all others depend on the controller as much: no figures on them are at hand"


@dataclass(frozen=True, eq=False)
class Findings:
    """All that is told of one withheld mineral. failed: cases without an equilibrium, with the message."""

    there: Situation
    horizon: str
    failed: dict[str, str] = field(default_factory=dict)
    weeks: int = WEEKS  # how far its paths go

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """case → weekly path; a case without an equilibrium stands in `failed`."""
        out = {}
        for case in CASES:
            try:
                out[case] = path(self.there, case, self.weeks)
            except (ConvergenceError, ScenarioError, DataError) as error:
                if case == "central":
                    raise
                self.failed[case] = str(error)
        return out

    @cached_property
    def codes(self) -> list[str]:
        """Those who are cut off, in the situation's order."""
        return [self.there.world.regions[index] for index in self.there.regions]

    @cached_property
    def income(self) -> Array:
        """[region] US$ million a year."""
        return self.there.world.accounts.income[self.there.regions]

    @cached_property
    def by_loss(self) -> list[int]:
        """Places of the regions, the largest loss of the first year in US$ first."""
        lost = self.paths["central"].cumulated(52) * self.income
        return [int(place) for place in np.argsort(-lost, kind="stable")]

    def weekly(self) -> pd.DataFrame:
        """Shortfall and loss of real income of each week and case; losses are changes, so that they are negative."""
        parts = []
        for place, code in enumerate(self.codes):
            frame = pd.DataFrame({"region": code, "week": np.arange(1, self.weeks + 1)})
            for case, found in self.paths.items():
                frame[f"shortfall_{case}_percent"] = 100 * found.shortfall[place]
                frame[f"real_income_{case}_percent"] = 0.0 - 100 * found.loss[place]
            frame["real_income_central_usd_million"] = (
                0.0 - self.paths["central"].loss[place] * self.income[place] / stocks.WEEKS_A_YEAR
            )
            frame["cumulated_central_usd_million"] = frame["real_income_central_usd_million"].cumsum()
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def totals(self) -> pd.DataFrame:
        """What the first weeks lose, as a change of a year's real income, and in US$ million."""
        rows = []
        for place, code in enumerate(self.codes):
            for weeks in SPANS:
                row: dict[str, Any] = {"region": code, "weeks": weeks}
                for case, found in self.paths.items():
                    lost = float(found.cumulated(weeks)[place])
                    row[f"{case}_percent_of_a_year"] = 0.0 - 100 * lost
                    row[f"{case}_usd_million"] = 0.0 - lost * float(self.income[place])
                rows.append(row)
        return pd.DataFrame(rows)

    def band(self) -> pd.DataFrame:
        """Real income at the headline's horizon, one uncertain parameter moved at a time, and all of them together."""
        choices = [("central", Settings())]
        for name, words in NAMES.items():
            choices += [(f"{words}: {case} loss", Settings(**{name: case})) for case in ("low", "high")]
        choices += [(f"{ALL}: {case} loss", Settings.all_at(case)) for case in ("low", "high")]
        rows = []
        for label, settings in choices:
            try:
                change = self.there.joint(self.horizon, settings).real_income_change[self.there.regions]
            except (ConvergenceError, ScenarioError, DataError) as error:
                self.failed[label] = str(error)
                continue
            rows += [
                {"region": code, "case": label, "real_income_percent": 100 * float(value)}
                for code, value in zip(self.codes, change, strict=True)
            ]
        return pd.DataFrame(rows)

    def stockpiles(self) -> pd.DataFrame:
        """By length of a cut and chance of one in a year: the size that breaks even and the best one.

        covers: weeks of stock, beyond what is held, that cover the whole cut; break_even_weeks is missing where even
        that costs less than it saves.
        """
        rate = float(minerals.facts()["common"]["carrying_cost"]["central"])
        rows = []
        for place, code in enumerate(self.codes):
            value = self.there.standing[place].value
            for weeks in CUTS:
                if value <= 0:
                    continue
                found = stockpiles(self.paths["central"], place, weeks=weeks, carrying_cost=rate)
                covers = float(found.size[-1])
                if found.saved[-1] <= 0:
                    continue
                for chance in CHANCES:
                    size = found.break_even(chance)
                    rows.append({
                        "region": code, "cut_weeks": weeks, "chance_a_year": chance, "covers_weeks": covers,
                        "break_even_weeks": size if np.isfinite(size) else np.nan,
                        "pays_in_full": not np.isfinite(size), "best_weeks": found.best(chance),
                        "worth_usd_million": covers * value / stocks.WEEKS_A_YEAR,
                        "cost_usd_million_a_year": float(found.cost[-1]), "saves_usd_million": float(found.saved[-1]),
                        "pays_from_chance": float(found.needed_probability()[-1]),
                    })  # fmt: skip
        return pd.DataFrame(rows)

    def first_year_by_stock(self, place: int) -> dict[str, tuple[float, float]]:
        """Case → weeks in stock, and the change of the first year then, percent of a year; all else central."""
        central = self.paths["central"]
        out = {}
        for case in CASES:
            lost = central.loss_of(self.there.shortfall("central", self.weeks, stock=case))[place, :52]
            out[case] = (float(self.there.held(case)[place]), 0.0 - 100 * float(lost.sum()) / stocks.WEEKS_A_YEAR)
        return out

    def suppliers(self) -> pd.DataFrame:
        """Who could fill the gap, largest first; empty where trade does not tell the mineral apart."""
        parts = []
        for place in self.by_loss:
            try:
                frame = mineral_use.who_could_fill(
                    self.there.world, self.there.measure.input, self.there.controllers,
                    int(self.there.regions[place]), self.there.spare("central"),
                )  # fmt: skip
            except DataMissing:
                return pd.DataFrame()
            frame = frame.rename(columns={"region": "supplier"}).head(SUPPLIERS)
            frame.insert(0, "region", self.codes[place])
            parts.append(frame)
        units = {name: f"{name}_usd_thousand" for name in ("supply", "could_add", "already_sold")}
        return pd.concat(parts, ignore_index=True).rename(columns={**units, "share_of_use": "share_of_use_fraction"})

    @cached_property
    def _bands(self) -> list[tuple[dict[str, Any], bool]]:
        """What others say of regions that are hit, and whether of this cut: all of it stopped, by China, to as many."""
        there = self.there
        if there.measure.share < 1 or [there.world.regions[i] for i in there.controllers] != ["CHN"]:
            return []
        everybody = len(self.codes) == len(there.world.regions) - 1
        found = [item for item in there.item.get("bands", []) if item["region"] in self.codes]
        return [(item, everybody if item["cut"] == "all" else self.codes == [item["region"]]) for item in found]

    def published(self) -> pd.DataFrame:
        """What others say of the same cut, beside this model."""
        rows = []
        for item, alike in self._bands:
            if not alike:
                continue
            place = self.codes.index(item["region"])
            mine = {
                case: 0.0 - 100 * float(found.cumulated(item["weeks"])[place]) for case, found in self.paths.items()
            }
            low, high = min(mine.values()), max(mine.values())
            rows.append({
                "region": item["region"], "weeks": item["weeks"], "who": item["who"],
                "published_low_percent": item["low"], "published_centre_percent": item["centre"],
                "published_high_percent": item["high"], "ours_percent": mine["central"], "ours_low_percent": low,
                "ours_high_percent": high, "inside": bool(item["low"] <= high and item["high"] >= low),
                "address": item["address"],
            })  # fmt: skip
        return pd.DataFrame(rows)

    def of_other_cuts(self) -> list[dict[str, Any]]:
        """What others say of another cut of the mineral than this one, which ours is not to be set beside."""
        return [item for item, alike in self._bands if not alike]

    def ends(self) -> dict[str, tuple[float, float]]:
        """Region → how far all parameters together move real income at the horizon, down and up, percentage points.

        NaN where there is no equilibrium at an end.
        """
        central = self.there.joint(self.horizon).real_income_change[self.there.regions]
        moved = []
        for case in ("high", "low"):
            try:
                found = self.there.joint(self.horizon, Settings.all_at(case)).real_income_change[self.there.regions]
            except (ConvergenceError, ScenarioError, DataError):
                found = np.full(len(central), np.nan)
            moved.append(100 * (found - central))
        down, up = np.minimum(*moved), np.maximum(*moved)  # of some it is the harmful end that gains most
        return {
            code: (float(np.minimum(least, 0.0)), float(np.maximum(most, 0.0)))
            for code, least, most in zip(self.codes, down, up, strict=True)
        }

    def parameters(self) -> pd.DataFrame:
        """Every parameter used: low, central and high, with its source, and what is assumed."""
        return pd.DataFrame(_parameters(self.there, self.horizon, self.codes))


def _parameters(there: Situation, horizon: str, codes: Sequence[str]) -> list[dict[str, Any]]:
    measure, common, item = there.measure, minerals.facts()["common"], there.item
    week = there.weeks_at(horizon)
    rows: list[dict[str, Any]] = []

    def add(name: str, values: Sequence[float], about: Mapping[str, Any], given: Any = None) -> None:
        if given is not None:
            values, about = (given, given, given), {"source": "given in the scenario"}
        low, central, high = (float(value) for value in values)
        rows.append({
            "parameter": name, "low": low, "central": central, "high": high, "source": about.get("source", ""),
            "assumed": about.get("assumed", ""), "address": about.get("address", ""),
        })  # fmt: skip

    for place, code in enumerate(codes):
        one = there.standing[place]
        facts = {"source": one.source, "assumed": one.assumed}
        add(f"{code}: share of use that is cut off", (there.gap[place],) * 3, facts)
        add(f"{code}: value of a year's use, US$ million", (one.value,) * 3, facts)
        held = {case: float(there.stock_weeks[case][place]) for case in CASES}
        about = common["stock_weeks"].get(code, common["stock_weeks"])
        add(f"{code}: weeks in stock", [held[case] for case in CASES], about, measure.stock_weeks)
    every = there.use
    about = {"source": every.source, "assumed": every.assumed} if every else {"assumed": NO_FIGURES}
    add("world’s use over what all outside the controller would lack", (there.relief,) * 3, about)
    if there.recycling is not None or measure.recycling is not None:
        add(
            "share of use that is recycled", (there.recycling or 0.0,) * 3, item.get("recycling", {}), measure.recycling
        )
    substitution = sorted(there.substitution(week, case) for case in CASES)
    add(f"substitution after {week} weeks (sigma)", substitution, common["substitution"], measure.substitution)
    spare = common["spare_capacity"]
    add(
        "spare capacity after three years, share of the world’s use",
        [spare[case] for case in CASES],
        spare,
        measure.spare_capacity,
    )
    if measure.given_users is None:
        add(
            "cost to users over the value at the border",
            [item["value_factor"][case] for case in CASES],
            item["value_factor"],
        )
    for user in there.users:
        note = item.get("users_note", {}) if measure.given_users is None else {"source": "given in the scenario"}
        add(f"{user.code}: share of {'the mineral’s use' if measure.given_users is None else 'cost'}",
            (user.weight,) * 3, note)  # fmt: skip
        add(f"{user.code}: share of output it reaches", user.reach, note, measure.reach)
    carrying = common["carrying_cost"]
    add("cost of holding a stock, share of its value a year", [carrying[case] for case in CASES], carrying)
    return rows
