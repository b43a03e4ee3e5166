"""The world of 2022: observed flows, priors of technology, totals of value added, one balancing per economy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import BalanceError
from gaiatsu.world import storage
from gaiatsu.world.accounts import Array
from gaiatsu.world.balance import Repair, digits
from gaiatsu.world.baseline import donors, duties, entropy, rest, services, technology, value_added
from gaiatsu.world.baseline.card import provenance
from gaiatsu.world.baseline.sectors import NAMES
from gaiatsu.world.baseline.value_added import Totals
from gaiatsu.world.sources import icio2022
from gaiatsu.world.world import World

OLD = "wiod2014"
FLOOR = 1e-6  # of purchases: final use kept out of balancing, so that float32 storage cannot turn it negative

FAR, FAR_SIZE = 3.0, 1000.0  # times the prior, and US$ million, from which a good's final use is listed


@dataclass(frozen=True)
class Region:
    """One economy's result: input_mix [input, user], va_share [sector], and what moved, US$ million.

    inputs: intermediate use; scaled: half the absolute changes when value added went from the prior shares to the
    totals of 2022; balanced: the same for the entropy step; moved_final: the entropy step's change of final use.
    """

    input_mix: Array
    va_share: Array
    inputs: float
    scaled: float
    balanced: float
    final_use: Array
    final_prior: Array


def build_2022(path: str | Path) -> tuple[World, dict[str, Any]]:
    """The world `2022` from icio2022_81x28.npz at `path` (value-added shares beside it) and the embedded wiod2014.

    The report (plain data, six digits) also stands in world.provenance["report"]. Raises DataMissing, DataError,
    BalanceError.
    """
    source, old = icio2022.read(path), World.load(OLD)
    sectors = (*source.sectors, *(code for code, goods in zip(old.sectors, old.goods, strict=True) if not goods))
    weights = donors.weights(source.regions, old.regions)
    flows = _flows(source, old, weights)
    duty, food, borrowed = _duties(source, old, flows, sectors)
    output, purchases = flows.sum(axis=0), (flows * (1 + duty)).sum(axis=1)
    totals = value_added.totals(source, old, icio2022.gross_domestic_product(), output.sum(axis=1))
    shares = value_added.sound_shares(source.shares, totals.revised)
    tables = technology.tables_of(old)
    regions = []
    for number, code in enumerate(source.regions):
        prior = technology.prior(tables, sectors, weights[number], purchases[number])
        corrected = value_added.corrected(prior.va_share, output[number], sectors, shares.get(code, {}))
        try:
            regions.append(_region(prior, corrected, output[number], purchases[number], totals.value_added[number]))
        except BalanceError as error:
            raise BalanceError(f"economy {code}: {error}") from error
    differences = duties.differences(duty, flows, source.regions, sectors[: len(source.sectors)], old)
    report = _report(source.regions, output, totals, regions, [food.to_dict()], differences)
    report["duties_of_the_rest_of_the_world"] = borrowed
    report["final_use_far_from_prior"] = _far_from_prior(source.regions, sectors, regions)
    world = World.from_arrays(
        regions=source.regions, sectors=sectors, flows=flows, duty=duty,
        va_share=np.array([region.va_share for region in regions]),
        input_mix=np.array([region.input_mix for region in regions]),
        sector_names=[NAMES.get(code, dict(zip(old.sectors, old.sector_names, strict=True)).get(code, code))
                      for code in sectors],
        name="2022", year=icio2022.YEAR, provenance=provenance(source, old, totals, duty, flows, report),
    )  # fmt: skip
    return storage.from_bytes(storage.to_bytes(world), "2022"), report


def _flows(source: icio2022.Source, old: World, weights: Array) -> Array:
    """Flows [importer, exporter, sector] with the services total of each pair split by 2014."""
    split = services.composition(old.accounts.flows[:, :, ~np.array(old.goods)], weights)
    flows = np.concatenate([source.flows[:, :, :-1], source.flows[:, :, -1:] * split], axis=2)
    # balanced as stored, so that what is read back closes without another step
    return flows.astype(np.float32).astype(np.float64)


def _duties(
    source: icio2022.Source, old: World, flows: Array, sectors: tuple[str, ...]
) -> tuple[Array, Repair, dict[str, Any]]:
    """Duties [importer, exporter, sector]: goods as in the source but for food and the rest of the world; the repair
    of food, and what was borrowed. None on services and at home.
    """
    duty = np.zeros_like(flows)
    duty[:, :, : len(source.sectors)] = source.duty[:, :, :-1]
    own = np.arange(len(source.regions))
    duty[own, own] = 0.0
    duty[source.regions.index(rest.REST), :, : len(source.sectors)] = rest.as_importer(
        source.regions, source.sectors, old
    )
    duty, repair = duties.repair_food(duty, flows, source.regions, sectors, old)
    duty, borrowed = rest.as_exporter(duty, flows, source.regions, source.sectors, old)
    return duty.astype(np.float32).astype(np.float64), repair, borrowed


def _region(prior: technology.Technology, shares: Array, output: Array, purchases: Array, added: float) -> Region:
    """Scale value added to its total, then balance inputs and final use. `shares`: corrected by the figures of 2018."""
    va_share = value_added.shift(shares, output, added / output.sum())
    va_share = va_share.astype(np.float32).astype(np.float64)
    cost = (1 - va_share) * output
    inputs = prior.input_mix * cost
    before = prior.input_mix * ((1 - prior.va_share) * output)
    open_purchases = purchases * (1 - FLOOR)
    income = open_purchases.sum() - cost.sum()
    final = prior.final_share * purchases
    final = final * (income / final.sum())
    table, left = entropy.balance(inputs, final, open_purchases, cost)
    mix = np.divide(table, cost, out=prior.input_mix.copy(), where=cost > 0)
    return Region(
        input_mix=mix, va_share=va_share, inputs=float(table.sum()),
        scaled=float(np.abs(inputs - before).sum() / 2), balanced=float(np.abs(table - inputs).sum() / 2),
        final_use=left, final_prior=final,
    )  # fmt: skip


def _far_from_prior(codes: tuple[str, ...], sectors: tuple[str, ...], regions: list[Region]) -> list[dict[str, Any]]:
    """Goods of which balancing left much more for final use than the prior: where the sources do not fit each other."""
    cells = [
        {"region": code, "sector": sector, "prior": digits(prior), "final_use": digits(final),
         "share_of_final_expenditure": digits(final / region.final_use.sum())}
        for code, region in zip(codes, regions, strict=True)
        for sector, prior, final in zip(sectors, region.final_prior, region.final_use, strict=True)
        if final > FAR * prior and final > FAR_SIZE
    ]  # fmt: skip
    return sorted(cells, key=lambda cell: -cell["final_use"])


def _report(
    codes: tuple[str, ...], output: Array, totals: Totals, regions: list[Region], repairs: list[dict[str, Any]],
    differences: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """What scaling and balancing moved, US$ million, by economy and in all."""
    inputs = sum(region.inputs for region in regions)
    kept = [
        {"region": code, "wanted_share": digits(totals.wanted[n] / output[n].sum()), "kept_share": digits(
            totals.value_added[n] / output[n].sum()), "wanted": digits(totals.wanted[n]),
         "kept": digits(totals.value_added[n])}
        for n, code in enumerate(codes) if totals.wanted[n] > totals.value_added[n]
    ]  # fmt: skip
    return {
        "unit": "US$ million of 2022",
        "repairs": repairs,
        "world": {
            "output": digits(output.sum()), "value_added": digits(totals.value_added.sum()), "inputs": digits(inputs),
            "scaling_moved": digits(sum(region.scaled for region in regions)),
            "scaling_moved_share": digits(sum(region.scaled for region in regions) / inputs),
            "balancing_moved": digits(sum(region.balanced for region in regions)),
            "balancing_moved_share": digits(sum(region.balanced for region in regions) / inputs),
            "final_use_moved": digits(
                sum(np.abs(region.final_use - region.final_prior).sum() for region in regions) / 2
            ),
        },
        "moved_by_region": [
            {"region": code, "inputs": digits(item.inputs), "scaling_share": digits(item.scaled / item.inputs),
             "balancing_share": digits(item.balanced / item.inputs)}
            for code, item in zip(codes, regions, strict=True)
        ],
        "value_added_kept_at_0.65": kept,
        "duty_differences": differences,
    }  # fmt: skip
