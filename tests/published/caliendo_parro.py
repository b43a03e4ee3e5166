"""The 31-country, 40-sector world of Caliendo & Parro (2015, doi:10.1093/restud/rdu035), rebuilt as a baseline.

The authors' tables do not close: spending, value added and input shares come from different sources. As in the paper,
the shares and the value added of each country are kept and the levels follow from the equilibrium at the duties of
1993, with the trade deficits of the data or without any. Solved here in plain numpy, apart from the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import gaiatsu as gt
from gaiatsu.world import World
from originals import VALIDATION

Array = NDArray[np.float64]

# The data lie beside the repository, not in it: their licence lets them be used, not shipped.
TABLE = VALIDATION / "cp2015_nafta_31x40.npz"
TRADED = 20  # the first sectors are goods
MILLION = 1e6


class Nafta(NamedTuple):
    """A closed world at the duties of 1993, its elasticities, and the duties after NAFTA."""

    world: World
    elasticities: gt.Elasticities
    duty: Array  # [importer, exporter, sector]


class Shares(NamedTuple):
    """What the tables fix: [importer, exporter, sector] origin shares and duties, and so on."""

    origin: Array
    duty: Array
    va_share: Array  # [region, sector]
    input_mix: Array  # [region, input, user]
    final: Array  # [region, sector]
    value_added: Array  # [region] US$ million
    theta: Array  # [sector]


def read(path: Path = TABLE) -> tuple[Shares, dict[str, Array]]:
    """Shares from the tables, and the tables."""
    with np.load(path, allow_pickle=False) as stored:
        data = {name: stored[name] for name in stored.files}
    spending = data["flows"] / MILLION * (1 + data["duty_base"])
    total = spending.sum(1)
    origin = np.divide(spending, total[:, None], out=np.zeros_like(spending), where=total[:, None] > 0)
    for region, sector in np.argwhere(total <= 0):
        origin[region, region, sector] = 1.0  # nothing bought: taken as home-made
    inputs = np.maximum(data["input_share"], 0)
    column = inputs.sum(1, keepdims=True)
    uniform = np.full_like(inputs, 1 / inputs.shape[1])
    mix = np.divide(inputs, column, out=uniform, where=column > 0)
    shares = Shares(
        origin, data["duty_base"], data["va_share"], mix, data["final_share"], data["value_added"] / MILLION,
        data["theta"],
    )  # fmt: skip
    return shares, data


def equilibrium(shares: Shares, transfer: Array, duty: Array | None = None) -> Array:
    """[importer, exporter, sector] flows at basic prices by damped iteration, at the value added and transfers given.

    duty: a new level of duties, for the counterfactual; the baseline's own when left out.
    """
    theta, taxed = shares.theta, 1 + (shares.duty if duty is None else duty)
    kernel = shares.origin * (taxed / (1 + shares.duty)) ** -theta
    shape = shares.va_share.shape
    cost, wage, expenditure = np.ones(shape), np.ones(shape[0]), shares.final * shares.value_added[:, None]
    for _ in range(3000):
        offer = kernel * cost[None] ** -theta
        total = offer.sum(1)
        price = total ** (-1 / theta)
        spending = offer * (expenditure / total)[:, None]
        flows = spending / taxed
        output = flows.sum(0)
        wanted = (shares.va_share * output).sum(1) / shares.value_added
        next_wage = wage**0.7 * wanted**0.3
        next_wage *= shares.value_added.sum() / (next_wage * shares.value_added).sum()
        bundle = np.exp(np.einsum("nkj,nk->nj", shares.input_mix, np.log(price)))
        next_cost = next_wage[:, None] ** shares.va_share * bundle ** (1 - shares.va_share)
        income = next_wage * shares.value_added + (spending - flows).sum((1, 2)) + transfer
        inputs = np.einsum("nkj,nj->nk", shares.input_mix, (1 - shares.va_share) * output)
        next_expenditure = inputs + shares.final * income[:, None]
        gap = max(np.abs(next_cost / cost - 1).max(), np.abs(next_expenditure - expenditure).max() / expenditure.max())
        cost, wage, expenditure = next_cost, next_wage, next_expenditure
        if gap < 1e-13:
            break
    else:
        raise AssertionError(f"the baseline of the published case was not found: {gap:.1e}")
    return flows


def shares_of(case: Nafta) -> Shares:
    """The shares of the closed world, as `equilibrium` takes them."""
    base = case.world.accounts
    return Shares(
        base.origin_share, base.duty, base.va_share, base.input_mix, base.final_share, base.value_added.sum(1),
        np.asarray(case.elasticities.trade),
    )  # fmt: skip


def nafta(*, deficits: bool) -> Nafta:
    """The world with the trade deficits of the data, or with balanced trade, and what NAFTA does to it."""
    shares, data = read()
    transfer = data["deficit"] / MILLION if deficits else np.zeros(len(shares.value_added))
    world = World.from_arrays(
        regions=[str(name) for name in data["regions"]],
        sectors=[str(name) for name in data["sectors"]],
        goods=[place < TRADED for place in range(len(shares.theta))],
        flows=equilibrium(shares, transfer),
        duty=shares.duty,
        va_share=shares.va_share,
        input_mix=shares.input_mix,
        name="caliendo-parro-2015",
        year=1993,
    )
    np.testing.assert_allclose(world.accounts.transfer, transfer, atol=1e-6 * shares.value_added.min())
    return Nafta(world, gt.Elasticities(trade=shares.theta), data["duty_nafta"])
