"""Rare earths, 2010: what the diversification model says from data of 2009, beside what happened. Misses stay in.

Japan's imports of rare-earth metals (HS 280530) in 2009 by origin; a cut of what China sells, as large as the cut of
its export quota announced by August 2010; others add new supply evenly over three years, as much of the world's use,
China's own included, as the plan for Mountain Pass of 2010 promised, shared by what each importer lacks; the price
clears demand with the substitution that the model uses after so many weeks. The rule was made by people who knew what
followed; no number in it was fitted to that.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from gaiatsu.exposure import minerals, stocks
from gaiatsu.trade.horizon import PARAMETERS

CODE, BUYER, SELLER, BEFORE = "280530", "JPN", "CHN", 2009
YEARS = (2010, 2011, 2012, 2015)
START = 2010 + 8 / 12  # the halt of September 2010

# 30,258 tonnes of quota for 2010 against 50,145 for 2009 (Reuters, 18 August 2010); half as much and half as much again
CUT = (0.2, 0.4, 0.6)
# nothing comes; 20,000 of 120,000 tonnes, the plan for Mountain Pass; twice as much
SPARE = (0.0, 20 / 120, 40 / 120)
SOURCE = (
    "CEPII, BACI, HS 280530. Cut: quota of 30,258 t for 2010 after 50,145 t (Reuters, 18 August 2010); new supply: "
    "plan for Mountain Pass, 20,000 t of 120,000 t (Homeland Security Newswire, 23 December 2010)"
)


def rare_earths_2010() -> pd.DataFrame:
    """One row per quantity and year: predicted, low, high, observed; see `gaiatsu.exposure.minerals`."""
    predictions = {key: _predicted(*key) for key in product(CUT, SPARE, ("low", "central", "high"))}
    central = predictions[CUT[1], SPARE[1], "central"]
    observed = _observed()
    rows = []
    for name in observed:
        for place, year in enumerate(YEARS):
            spread = [found[name][place] for found in predictions.values()]
            rows.append({
                "quantity": f"{name}, {year}", "frequency": "annual", "predicted": central[name][place],
                "low": min(spread), "high": max(spread), "observed": observed[name][place], "source": SOURCE,
            })  # fmt: skip
    return pd.DataFrame(rows)


NAMES = (
    "China's share of Japan's imports of rare-earth metals",
    "Japan's imports of rare-earth metals, tonnes",
    "Japan's imports of rare-earth metals, US$ million",
)


def _table(year: int) -> pd.DataFrame:
    frame = minerals.trade()
    return frame[(frame["hs"] == CODE) & (frame["year"] == year)]


def _observed() -> dict[str, list[float]]:
    out: dict[str, list[float]] = {name: [] for name in NAMES}
    for year in YEARS:
        bought = _table(year)
        bought = bought[bought["importer"] == BUYER]
        value = bought["value_usd_thousand"]
        out[NAMES[0]].append(float(value[bought["exporter"] == SELLER].sum() / value.sum()))
        out[NAMES[1]].append(float(bought["quantity_tonnes"].sum()))
        out[NAMES[2]].append(float(value.sum() / 1e3))
    return out


def _predicted(cut: float, spare: float, case: str) -> dict[str, list[float]]:
    before = _table(BEFORE)
    bought = before[before["importer"] == BUYER]
    from_seller = bought["exporter"] == SELLER
    value, weight = bought["value_usd_thousand"].sum() / 1e3, bought["quantity_tonnes"].sum()
    value_share = bought.loc[from_seller, "value_usd_thousand"].sum() / 1e3 / value
    weight_share = bought.loc[from_seller, "quantity_tonnes"].sum() / weight
    outside = before[before["importer"] != SELLER]
    hit = outside[outside["exporter"] == SELLER]["quantity_tonnes"].sum()
    claim = bought.loc[from_seller, "quantity_tonnes"].sum() / hit
    at_home = minerals.mineral("rare-earths")["used_at_home"]["in_2009"]
    supply = outside["quantity_tonnes"].sum() / (1 - at_home) / weight  # the world's use over Japan's
    fill = stocks.fill_path(spare, supply * claim, 52 * 6)
    shares, tonnes, money = [], [], []
    for year in YEARS:
        part = min(max(year + 1 - START, 0.0), 1.0)  # of the year after the halt
        week = max(round(52 * (max(float(year), START) + year + 1 - 2 * START) / 2), 1)
        left = 1 - cut * part
        added = min(fill[week - 1] * part, cut * part * weight_share)
        use = weight_share * left + (1 - weight_share) + added
        price = use ** (-1 / _substitution(week, case))
        from_others = (1 - value_share) * (1 + added / (1 - weight_share))
        shares.append(value_share * left / (value_share * left + from_others))
        tonnes.append(weight * use)
        money.append(value * use * price)
    return dict(zip(NAMES, (shares, tonnes, money), strict=True))


def _substitution(week: int, case: str) -> float:
    """The substitution of mineral_losses at its own rule (a high loss is a low elasticity)."""
    rule = minerals.facts()["common"]["substitution"]
    low, high = rule["low_over_materials"], rule["high_over_materials"]
    scale = {"low": high, "central": float(np.sqrt(low * high)), "high": low}[case]
    times = np.log(list(stocks.HORIZON_WEEKS.values()))
    values = np.log([PARAMETERS[name].materials for name in stocks.HORIZON_WEEKS])
    return scale * float(np.exp(np.interp(np.log(week), times, values)))
