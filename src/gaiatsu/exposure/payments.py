"""Financial sanctions as trade costs: what it takes to pay, and where the trade goes that is no longer paid for.

A payment that takes an agent's fee of c costs the trade of the pair c, an iceberg 1 + c on all they exchange (model
page, "Wedges"). A fall f of trade at given prices with a trade elasticity ε is explained by 1 + c = (1 − f)^(−1/ε);
where other sanctions were at work too, that is an upper bound. See docs/payments.md.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.world.codes import Names

if TYPE_CHECKING:
    from gaiatsu.scenario.pressure import PaymentCosts
    from gaiatsu.trade.solution import Outcome
    from gaiatsu.world.world import World

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
HAIDAR = 0.67  # of the Iranian exports destroyed by the sanctions of 2008, deflected elsewhere: evidence(), key haidar
NOTHING = 1e-6  # US$ million: trade that does not change has no share to tell


@cache
def _read(name: str) -> pd.DataFrame:
    with resources.files("gaiatsu.exposure").joinpath("data", f"payments_{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def levels() -> pd.DataFrame:
    """The words for the size of a measure: cost of paying in percent, low, central and high, and what they rest on."""
    return _read("levels").set_index("level")


def evidence() -> pd.DataFrame:
    """What is known of the cost of financial sanctions, each with its source; upper bounds are flagged."""
    return _read("evidence").set_index("key")


def observed() -> pd.DataFrame:
    """Falls of trade that were observed, and the measure that comes nearest to what was done.

    observed_is: `about`, or `more than` where the source gives a bound of the fall only.
    """
    return _read("observed").set_index("key")


class Level(NamedTuple):
    """Cost of paying as a share of the invoice: central, and the ends of the band."""

    name: str
    low: float
    central: float
    high: float
    upper_bound: bool
    meaning: str
    rests_on: tuple[str, ...]


def level_named(word: str) -> Level:
    """A level by its word; ScenarioError for an unknown one, with the nearest."""
    table = levels()
    if word not in table.index:
        known = [str(name) for name in table.index]
        raise ScenarioError(f"unknown level {word!r}{did_you_mean(word, known)} (known: {', '.join(known)})")
    row = table.loc[word]
    low, central, high = (float(row[f"{end}_percent"]) / 100 for end in ("low", "central", "high"))
    return Level(
        word, low, central, high, row["upper_bound"] == "yes", str(row["meaning"]), tuple(row["rests_on"].split(";"))
    )


def iceberg_of(fall: float, elasticity: float) -> float:
    """The cost, as a share, that makes trade fall by the share `fall` at given prices: (1 − f)^(−1/ε) − 1."""
    if not 0 <= fall < 1 or not elasticity > 0:
        raise ScenarioError(
            f"a fall of {fall!r} at elasticity {elasticity!r}: it takes 0 ≤ fall < 1 and elasticity > 0"
        )
    return float((1 - fall) ** (-1 / elasticity) - 1)


def withdrawn(world: World, measure: PaymentCosts) -> float:
    """The money behind the target's deficit that a measure withdraws, US$ million a year."""
    deficits = np.maximum(world.accounts.transfer[world.region_indices(measure.on)], 0.0)
    return float(measure.financing * deficits.sum())


def volumes(outcome: Outcome) -> tuple[Array, Array]:
    """[importer, exporter, sector] purchases before and after at the baseline's prices of the producer, US$ million."""
    return outcome.accounts.flows, outcome.flows / outcome.cost[None]


def deflection(outcome: Outcome, by: Names, on: Names) -> pd.DataFrame:
    """What trade a coalition and its target lose with each other, and how much of it goes to and through others.

    Rows: direction `exports` (of the target) and `imports`. Columns, volumes in US$ million at baseline prices: before,
    change with the coalition; `others`, change with third countries; `deflected_percent`, what others make good of the
    loss (NaN where nothing is lost); `coalition_others`, the change of the coalition's own trade with third countries
    in the same direction (what they sell to them instead, or buy from them instead); `change_percent`, of the target's
    whole trade.
    """
    world = outcome.world
    target = world.region_indices(on)
    allies = np.setdiff1d(world.region_indices(by), target)
    third = np.setdiff1d(np.arange(len(world.regions)), np.union1d(target, allies))
    before, after = (table.sum(axis=2) for table in volumes(outcome))
    change = after - before

    def pick(table: Array, importers: Positions, exporters: Positions) -> float:
        return float(table[np.ix_(importers, exporters)].sum())

    rows = []
    for direction, near, far, instead in (
        ("exports", (allies, target), (third, target), (allies, third)),
        ("imports", (target, allies), (target, third), (third, allies)),
    ):
        lost, elsewhere = pick(change, *near), pick(change, *far)
        base = pick(before, *near) + pick(before, *far)
        rows.append({
            "direction": direction, "before": pick(before, *near), "change": lost, "others": elsewhere,
            "deflected_percent": 100 * elsewhere / -lost if lost < -NOTHING else np.nan,
            "coalition_others": pick(change, *instead),
            "change_percent": 100 * (lost + elsewhere) / base if base > 0 else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows).set_index("direction")


def through(outcome: Outcome, by: Names, on: Names) -> pd.DataFrame:
    """Third countries between a coalition and its target: what they sell and buy more.

    [region] change of volume in US$ million at baseline prices: `sold_to_target`, `bought_from_target`,
    `bought_from_coalition`, `sold_to_coalition`; the largest sellers to the target first. The engine passes no goods
    on: what it shows is replacement, with the inputs that this takes, and a lower bound of transit.
    """
    world = outcome.world
    target = world.region_indices(on)
    allies = np.setdiff1d(world.region_indices(by), target)
    third = np.setdiff1d(np.arange(len(world.regions)), np.union1d(target, allies))
    before, after = (table.sum(axis=2) for table in volumes(outcome))
    change = after - before
    frame = pd.DataFrame(
        {
            "sold_to_target": change[np.ix_(target, third)].sum(axis=0),
            "bought_from_target": change[np.ix_(third, target)].sum(axis=1),
            "bought_from_coalition": change[np.ix_(third, allies)].sum(axis=1),
            "sold_to_coalition": change[np.ix_(allies, third)].sum(axis=0),
        },
        index=pd.Index([world.regions[n] for n in third], name="region"),
    )
    return frame.sort_values("sold_to_target", ascending=False, kind="stable")
