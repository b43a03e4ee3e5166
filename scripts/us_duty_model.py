"""The acts behind the US duties: what each reaches, at what rate, and the general duty that is left.

Rates are in percent throughout; the rule is told in docs/us-duties.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import lsq_linear
from us_duty_trade import Array, Trade, by_chapters, fill, fit, scaled

from gaiatsu.world.codes import EU27

MOST = 1.1
# The acts, as the source dates them (docs/us-duties.md says where the law differs).
METALS, CARS, LISTS, METALS_DOUBLED = "2025-03-12", "2025-04-03", "2025-04-11", "2025-06-03"
AUGUST, WOOD, TRUCE, FOOD, COURT = "2025-08-07", "2025-10-14", "2025-11-01", "2025-11-14", "2026-02-20"
SURCHARGE, TIERS, LABOUR = "2026-02-24", "2026-04-06", "2026-07-24"
CANADA = "2026-08-19"
GENERAL_BEFORE = {"CHN": 20.0, "HKG": 20.0, "CAN": 8.75, "MEX": 4.5}  # general duty in March and April 2025
USMCA = ("CAN", "MEX")
FENTANYL = ("CHN", "HKG")  # a duty on all their goods, exempt or not, beside the general one
# The longer list of exemptions of November 2025: chapters wholly on it, and those partly on it.
FOOD_LIST = ("09", "27", "30", "31")
FOOD_PARTLY = ("02", "06", "07", "08", "10", "12", "18", "20", "21", "25", "26", "28", "29", "38", "71", "81", "85")
METAL_CHAPTERS = ("73", "76", "83", "84", "85", "88", "90", "94", "95", "96", "82", "66", "72", "93", "33", "86")
PRIMARY = ("72", "73", "76")  # full rate from April 2026; other chapters half
# Who within a chapter an act reaches first; the other sectors of the chapter take what is left.
CAR_CELLS = (("87", "C29"), ("84", "C29"), ("85", "C27"), ("40", "C22"))
CAR_PRIOR = (0.95, 0.9, 0.1, 0.3)
WOOD_CELLS = (("94", "C31_C32"), ("44", "C16"))
FIRST_EXEMPT = {("84", "C26"), ("85", "C26"), ("29", "C21"), ("30", "C21")}


@dataclass(frozen=True)
class Coverage:
    """[partner, cell] shares of imports that each act reaches, and that are open to the general duty."""

    cars: Array
    metals: Array  # until April 2026
    tiers: Array  # metals from April 2026
    copper: Array
    wood: Array
    open_april: Array  # from 11 April 2025
    open_lists: Array  # from 7 August 2025
    open_food: Array  # from 14 November 2025
    open_surcharge: Array  # from 24 February 2026


class Model:
    """The duties on every partner and cell on every date, as the acts and the series together have them."""

    def __init__(self, series: pd.DataFrame, trade: Trade) -> None:
        self.series, self.trade = series, trade
        self.rows = list(series.index)
        self.member = np.array([trade.group == name for name in self.rows], dtype=float)  # [row, partner]
        self.size = self.member @ trade.by_chapter.sum(axis=1)
        self.general_filed = np.array(
            [_mode(rates, imports) for rates, imports in zip(trade.filed, trade.by_chapter, strict=True)]
        )
        self.usmca = np.isin(trade.partners, USMCA)
        self.coverage = self._coverage()

    # ------------------------------------------------------------------------------------------ the acts' rates
    def _rates(self, default: float, *others: dict[str, float]) -> Array:
        """[partner] a rate and the partners that pay another."""
        known = {code: rate for other in others for code, rate in other.items()}
        return np.array([known.get(code, default) for code in self.trade.partners])

    def cars(self, date: str) -> Array:
        """[partner] duty on cars and parts."""
        if date < CARS:
            return self._rates(0.0)
        deal = {} if date < AUGUST else dict.fromkeys((*EU27, "JPN", "KOR"), 15.0)
        return self._rates(25.0, dict.fromkeys(USMCA, 15.0), deal, {"GBR": 10.0} if date >= COURT else {})

    def metals(self, date: str) -> Array:
        """[partner] duty on steel and aluminium, until April 2026."""
        if not METALS <= date < TIERS:
            return self._rates(0.0)
        return self._rates(25.0) if date < METALS_DOUBLED else self._rates(50.0, {"GBR": 25.0})

    def tiers(self) -> Array:
        """[partner, chapter] duty on metals and what is made of them, from April 2026."""
        primary = np.isin(self.trade.chapters, PRIMARY)
        full, half = self._rates(50.0, {"GBR": 25.0}), self._rates(25.0, {"GBR": 15.0})
        return np.where(primary, full[:, None], half[:, None])

    def fentanyl(self, date: str) -> Array:
        """[partner] duty on all goods of China and Hong Kong that pay no sectoral one."""
        rate = 0.0 if date >= COURT else 20.0 if date < TRUCE else 10.0
        return self._rates(0.0, dict.fromkeys(FENTANYL, rate))

    def wood(self) -> Array:
        """[partner, cell] duty on furniture and softwood."""
        furniture = self._rates(25.0, dict.fromkeys((*EU27, "JPN"), 15.0), {"GBR": 10.0})
        return np.where([cell[0] == "44" for cell in self.trade.cells], 10.0, furniture[:, None])

    # ------------------------------------------------------------------------------------------ the acts' reach
    def _coverage(self) -> Coverage:
        cars = self._cars()
        metals, copper, open_lists = self._as_filed(cars)
        wood = self._wood(open_lists)
        shut = 1 - cars - metals - copper - wood
        open_lists = np.minimum(open_lists, shut)
        open_food = self._food(open_lists, self._food_totals(cars, metals, copper, wood))
        step = self._step(SURCHARGE, COURT) / 10 * 100
        step[[self._row_of(code) for code in USMCA]] = np.nan
        open_surcharge = self._towards(open_food, shut, step)
        tiers = self._tiers(cars, metals, copper, wood, open_surcharge)
        open_april = self._towards(np.maximum(open_lists, 1e-9), np.maximum(shut, 1e-9), self._april(cars, metals))
        return Coverage(cars, metals, tiers, copper, wood, open_april, open_lists, open_food, open_surcharge)

    def _cars(self) -> Array:
        """From the step of 3 April 2025: 25 % (15 % on Canada and Mexico) in place of the general duty."""
        trade = self.trade
        before = self._rates(0.0, GENERAL_BEFORE)
        raised = self._per_row(self.cars(CARS) - before)
        totals = self._step(CARS, METALS) / raised * 100
        share = np.zeros(len(trade.cells))
        columns = [trade.cells.index(cell) for cell in CAR_CELLS]
        share[columns] = fit((self.member @ trade.by_cell)[:, columns], totals, np.array(CAR_PRIOR))
        reach = self._scaled(share, trade.by_cell, totals)
        paid = by_chapters(trade, reach * trade.by_cell) / np.maximum(trade.by_chapter, 1) * self.cars(AUGUST)[:, None]
        most = np.where(self.usmca[:, None], 1.0, np.minimum(1, trade.filed / np.maximum(paid, 1e-9)))
        return reach * most[:, trade.chapter_of]

    def _as_filed(self, cars: Array) -> tuple[Array, Array, Array]:
        """Metals, copper and what is open to the general duty [partner, cell]: together with cars the filed rates.

        Totals of metals are those of 20 February 2026, when nothing but sectoral duties was left.
        """
        trade = self.trade
        car = by_chapters(trade, cars * trade.by_cell) / np.maximum(trade.by_chapter, 1)
        filed_cars = np.where(self.usmca, 0.0, self.cars(AUGUST))[:, None]  # the file has none on Canada and Mexico
        flat = self.fentanyl(AUGUST)[:, None]
        general, steel = self.general_filed[:, None] - flat, self.metals(AUGUST)[:, None] - flat
        base = np.maximum(trade.filed - car * filed_cars - (1 - car) * flat, 0)
        gap = np.where(steel - general > 2, steel - general, np.inf)
        low = np.clip((base - general * (1 - car)) / gap, 0, 1 - car)
        high = np.clip(base / steel, 0, 1 - car)
        metals = np.clip(self._metal_prior(car), np.minimum(low, high), high)
        copper = np.zeros_like(metals)
        column = trade.chapters.index("74")
        copper[:, column], metals[:, column] = (
            np.where(np.isfinite(gap[:, 0]), low[:, column], 0.9 * high[:, column]),
            0,
        )
        general_share = np.clip((base - metals * steel - copper * (50 - flat)) / np.maximum(general, 1e-9), 0, 1)
        general_share = np.minimum(general_share, 1 - car - metals - copper)
        first = {cell for cell in trade.cells if cell[1] not in ("C26", "C29")}
        metal = fill(trade, metals, 1 - cars, first)
        coppers = fill(trade, copper, 1 - cars - metal, first)
        spared = fill(trade, 1 - car - metals - copper - general_share, 1 - cars - metal - coppers, FIRST_EXEMPT)
        return metal, coppers, np.clip(1 - cars - metal - coppers - spared, 0, 1)

    def _metal_prior(self, car: Array) -> Array:
        """[partner, chapter] what the sectoral duties of 20 February 2026 leave for metals."""
        left = self.series[COURT].to_numpy() / 100 * self.size
        left -= self.member @ ((car * self.trade.by_chapter).sum(axis=1) * self.cars(COURT) / 100)
        totals = np.maximum(left, 0) / self._per_row(self.metals(AUGUST)) * 100
        share = np.zeros(len(self.trade.chapters))
        columns = [self.trade.chapters.index(name) for name in METAL_CHAPTERS]
        share[columns] = fit((self.member @ self.trade.by_chapter)[:, columns], totals, np.full(len(columns), 0.05))
        return self._scaled(share, self.trade.by_chapter, totals) * (1 - car)

    def _wood(self, open_: Array) -> Array:
        """From the step of 14 October 2025: furniture and softwood, in place of the general duty."""
        trade = self.trade
        columns = [trade.cells.index(cell) for cell in WOOD_CELLS]
        general = (self.general_filed - self.fentanyl(AUGUST))[:, None] * open_ + self.fentanyl(AUGUST)[:, None]
        raised = (self.wood() - general)[:, columns] / 100
        effect = self.member @ (raised * trade.by_cell[:, columns])
        size = 1 / np.sqrt(self.size)
        step = self._step(WOOD, AUGUST)
        share = lsq_linear(effect * size[:, None], step * size, bounds=(0, 1)).x
        out = np.zeros_like(trade.by_cell)
        out[:, columns] = share * open_[:, columns]
        return out

    def _food_totals(self, cars: Array, metals: Array, copper: Array, wood: Array) -> Array:
        """[row] imports still open to the general duty after 14 November 2025; nan where that duty changed too."""
        rate = self._rates_of(FOOD, cars, metals, copper, wood)
        left = (
            self.series[FOOD].to_numpy() / 100 * self.size - self.member @ (rate * self.trade.by_cell).sum(axis=1) / 100
        )
        general = self._per_row(np.where(np.array(self.trade.partners) == "CHE", 15.0, self.general_filed))
        totals = np.clip(left, 0, None) / general * 100
        changed = [self._row_of(code) for code in ("CHN", "HKG", "CAN", "MEX")]
        totals[changed] = np.nan
        return totals

    def _food(self, before: Array, totals: Array) -> Array:
        """[partner, cell] what stays of `before`: shares of the listed chapters common to all, scaled to the totals."""
        chapters = self.trade.chapters
        by_chapter = by_chapters(self.trade, before * self.trade.by_cell)
        known, listed = np.isfinite(totals), np.isin(chapters, FOOD_LIST + FOOD_PARTLY)
        rows = self.member @ by_chapter
        left = totals - rows[:, ~listed].sum(axis=1)
        share = np.ones(len(chapters))
        prior = np.isin(chapters, FOOD_PARTLY)[listed].astype(float)
        share[listed] = fit(rows[np.ix_(known, listed)], left[known], prior)
        return before * self._scaled(share, by_chapter, totals)[:, self.trade.chapter_of]

    def _april(self, cars: Array, metals: Array) -> Array:
        """[row] imports open to the 10 % of April 2025: for Brazil, whose filed exemptions came later, else nan."""
        paid = cars * self.cars(LISTS)[:, None] + metals * self.metals(LISTS)[:, None]
        left = self.series[LISTS].to_numpy() * self.size - self.member @ (paid * self.trade.by_cell).sum(axis=1)
        only = np.arange(len(self.rows)) == self._row_of("BRA")
        return np.where(only, left / 10, np.nan)

    def _towards(self, before: Array, most: Array, totals: Array) -> Array:
        """[partner, cell] shares moved, nearer to nothing or to `most`, until the rows have their totals."""
        out = before.copy()
        for number in np.flatnonzero(np.isfinite(totals)):
            mine = self.member[number] > 0
            out[mine] = scaled(before[mine], self.trade.by_cell[mine], float(totals[number]), most[mine])
        return out

    def _tiers(self, cars: Array, metals: Array, copper: Array, wood: Array, open_: Array) -> Array:
        """From the level of 6 April 2026: shares by chapter of what is no car, no copper and no wood."""
        trade = self.trade
        free = 1 - cars - wood - copper
        surcharge = np.where(self.usmca, 0.0, 10.0)[:, None] * open_ / np.maximum(free - metals, 1e-9)
        rate = self.tiers()[:, trade.chapter_of]
        net = by_chapters(trade, np.maximum(rate - surcharge, 0) * free * trade.by_cell / 100)
        rest = cars * self.cars(TIERS)[:, None] + wood * self.wood() + copper * 50.0 + surcharge * free
        totals = (
            self.series[TIERS].to_numpy() / 100 * self.size - self.member @ (rest * trade.by_cell).sum(axis=1) / 100
        )
        before = by_chapters(trade, metals * trade.by_cell).sum(axis=0) / trade.by_chapter.sum(axis=0)
        prior = np.where(np.isin(trade.chapters, PRIMARY), 0.9, before)
        share = np.where(prior > 0.002, fit(self.member @ net, totals, prior), 0.0)
        return self._scaled(share, net, totals)[:, trade.chapter_of] * free

    # ------------------------------------------------------------------------------------------ the duties
    def _rates_of(self, date: str, cars: Array, metals: Array, copper: Array, wood: Array) -> Array:
        """[partner, cell] sectoral duties before April 2026."""
        rate = cars * self.cars(date)[:, None] + metals * self.metals(date)[:, None]
        taken = cars * (date >= CARS) + metals * (date >= METALS) + copper * (date >= AUGUST) + wood * (date >= WOOD)
        rate += self.fentanyl(date)[:, None] * (1 - taken)
        return rate + (copper * 50.0 if date >= AUGUST else 0) + (wood * self.wood() if date >= WOOD else 0)

    def sectoral(self, date: str) -> Array:
        """[partner, cell] duties on cars, metals and wood."""
        reach = self.coverage
        if date < TIERS:
            return self._rates_of(date, reach.cars, reach.metals, reach.copper, reach.wood)
        rate = reach.cars * self.cars(date)[:, None] + reach.wood * self.wood() + reach.copper * 50.0
        return rate + reach.tiers * self.tiers()[:, self.trade.chapter_of]

    def open_(self, date: str) -> Array:
        """[partner, cell] share that pays the general duty."""
        reach = self.coverage
        if date < LISTS:
            taken = reach.cars * (date >= CARS) + reach.metals * (date >= METALS)
            return 1 - taken
        if date < AUGUST:
            return reach.open_april + reach.wood
        if date < FOOD:
            return reach.open_lists + (reach.wood if date < WOOD else 0)
        if date < COURT:
            return reach.open_food
        if date < TIERS:
            return reach.open_surcharge
        free = 1 - reach.cars - reach.wood - reach.copper
        left = (free - reach.tiers) / np.maximum(free - reach.metals, 1e-9)
        return np.clip(reach.open_surcharge * left, 0, 1)

    def duties(self, date: str) -> tuple[Array, Array, Array]:
        """Rates [partner, cell] whose mean over each row's imports is the series; the general duty [row] and the
        factor on sectoral duties [row] that make it so.

        The general duty is what the sectoral ones leave. Where there is none, or they are more than the series, the
        sectoral duties are scaled; a factor above MOST is not believed, and the rest spread evenly.
        """
        trade = self.trade
        sectoral, share = self.sectoral(date), self.open_(date)
        paid = self.member @ (sectoral * trade.by_cell).sum(axis=1) / 100
        base = self.member @ (share * trade.by_cell).sum(axis=1) / 100
        wanted = self.series[date].to_numpy() / 100 * self.size
        alone = self._per_row(self.usmca) & (COURT <= date < CANADA) | (date == COURT) | (paid >= wanted)
        fitting = np.divide(wanted, paid, out=np.ones_like(paid), where=paid > 0)
        factor = np.where(alone, np.minimum(fitting, MOST), 1.0)
        if date == SURCHARGE:
            factor = self.duties(COURT)[2]
        general = np.clip((wanted - factor * paid) / np.maximum(base, 1e-9), 0, None)
        general = np.where(wanted - factor * paid > 1e-9 * self.size, general, 0.0)
        listed = trade.group != ""
        by_partner = np.where(listed, self.member.T @ general, self._unlisted(date))
        factors = np.where(listed, self.member.T @ factor, 1.0)
        return sectoral * factors[:, None] + share * by_partner[:, None], general, factor

    def _unlisted(self, date: str) -> Array:
        """[partner] general duty of partners without a series: by the acts, in August 2025 as filed."""
        if "2025-04-09" <= date < AUGUST or SURCHARGE <= date < LABOUR:
            return self._rates(10.0)
        return self.general_filed if "2025-04-05" <= date < COURT else self._rates(0.0)

    # ------------------------------------------------------------------------------------------ small things
    def _step(self, date: str, before: str) -> Array:
        """[row] change of the series, US$."""
        return (self.series[date] - self.series[before]).to_numpy() / 100 * self.size

    def _row_of(self, code: str) -> int:
        return self.rows.index(str(self.trade.group[self.trade.partners.index(code)]))

    def _per_row(self, values: Array) -> Array:
        """[row] of the first member."""
        return values[self.member.argmax(axis=1)]

    def _scaled(self, share: Array, imports: Array, totals: Array) -> Array:
        """[partner, …] common shares scaled to each row's own total (US$); rows without one keep the common ones."""
        out = np.tile(share, (len(self.trade.partners), 1))
        for number, total in enumerate(totals):
            if np.isfinite(total):
                mine = self.member[number] > 0
                out[mine] = scaled(share, imports[mine].sum(axis=0), float(total))
        return out


def _mode(rates: Array, imports: Array) -> float:
    """The rate most chapters pay."""
    values, counts = np.unique(np.round(rates[imports > 0], 2), return_counts=True)
    return float(values[counts.argmax()])
