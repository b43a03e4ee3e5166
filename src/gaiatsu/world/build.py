"""Building worlds from their sources: read, repair by rule, re-balance, report what moved, write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.world import balance, storage
from gaiatsu.world.accounts import Accounts, Array
from gaiatsu.world.balance import Draft, Repair, digits
from gaiatsu.world.baseline.assemble import build_2022
from gaiatsu.world.sources import wiod2014
from gaiatsu.world.world import World

LARGEST = 10


def build_wiod2014(path: str | Path) -> tuple[World, dict[str, Any]]:
    """The embedded baseline from the WIOD 2014 calibration at `path`, and the report of its repairs.

    The report (plain data, six digits) also stands in world.provenance["report"]. Raises DataMissing, DataError.
    """
    source = wiod2014.read(path)
    before = Draft(
        regions=source.regions, sectors=source.sectors, flows=source.flows, duty=source.duty,
        va_share=source.va_share, input_mix=_unit_columns(source.input_mix), final_use=np.zeros_like(source.va_share),
    )  # fmt: skip
    before = _with_final_use(before)
    draft, crumbs = balance.clear_crumbs(before)
    draft, duties = balance.cap_duties(draft)
    draft = _with_final_use(draft)  # from here on final expenditure of every region stays
    draft, stocks = balance.spread_inventories(draft, source.inventories)
    draft, floors = balance.floor_final_use(draft)
    draft, homes = balance.raise_home_sales(draft)
    draft, idle = balance.fill_idle_sectors(draft)
    repairs = [crumbs, duties, stocks, floors, homes, idle, _kept_as_found(draft)]
    accounts = balance.rebalance(draft)
    report = _report(before, accounts, repairs)
    world = World.from_arrays(
        regions=source.regions, sectors=source.sectors, flows=accounts.flows, duty=accounts.duty,
        va_share=accounts.va_share, input_mix=accounts.input_mix, final_use=draft.final_use,
        sector_names=source.sector_names, name="wiod2014", year=wiod2014.YEAR,
        provenance={**wiod2014.PROVENANCE, "report": report},
    )  # fmt: skip
    return storage.from_bytes(storage.to_bytes(world), "wiod2014"), report


SOURCES: dict[str, Callable[[str | Path], tuple[World, dict[str, Any]]]] = {
    "2022": build_2022,
    "wiod2014": build_wiod2014,
}


def known_sources() -> tuple[str, ...]:
    """Every name `build` takes: embedded baselines from their inputs, and official tables as published."""
    from gaiatsu.world.official.build import ORIGINALS

    return (*SOURCES, *ORIGINALS)


def build(
    source: str, path: str | Path, out: str | Path, *, year: int | None = None, regions: Any = None,
    sectors: Any = None, duties: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Build world `source` from the tables at `path`, write it to `out` and return the report.

    The options are those of official tables, see gaiatsu.world.official.build.build_official. Nothing is written when
    anything fails. Raises DataMissing for an unknown source or a missing table, DataError for a wrong one or an option
    that the source does not have, OutputError.
    """
    storage.refuse_unwritable(Path(out))
    options = {"year": year, "regions": regions, "sectors": sectors, "duties": duties}
    if source in SOURCES:
        given = [name for name, value in options.items() if value is not None]
        if given:
            raise DataError(f"{source} is built as it is: --{given[0]} is for official tables")
        world, report = SOURCES[source](path)
    elif source in known_sources():
        from gaiatsu.world.official.build import build_official

        world, report = build_official(source, path, **options)
    else:
        hint = did_you_mean(source, known_sources())
        raise DataMissing(f"no builder for world {source!r}{hint or '.'} Known: {', '.join(known_sources())}")
    world.save(out)
    return report


def _unit_columns(mix: Array) -> Array:
    total = mix.sum(axis=1, keepdims=True)
    return np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)


def _with_final_use(draft: Draft) -> Draft:
    return Draft(**{**vars(draft), "final_use": draft.residual_final_use()})


def _kept_as_found(draft: Draft) -> Repair:
    """Sectors that produce without inputs: a convention of the source that is left alone."""
    cells = tuple(
        {"region": draft.regions[i], "sector": draft.sectors[k], "output": digits(draft.output[i, k])}
        for i, k in np.argwhere((draft.va_share >= 1) & (draft.output > 0))
    )
    rule = "a value-added share of one where there is output is kept"
    why = (
        "the source records no inputs of India's public administration: its purchases appear to stand in the final use "
        "of government. An average mix would invent them and count them twice"
    )
    return Repair(rule, why, 0.0, cells)


def _table(labels: tuple[str, ...], before: Array, after: Array) -> list[dict[str, Any]]:
    return [
        {"label": label, "before": digits(old), "after": digits(new), "change": digits(new - old),
         "percent": digits(100 * (new / old - 1)) if old else 0.0}
        for label, old, new in zip(labels, before, after, strict=True)
    ]  # fmt: skip


def _report(before: Draft, after: Accounts, repairs: list[Repair]) -> dict[str, Any]:
    """What the repairs and the re-balancing moved, US$ million."""
    output, new_output = before.output, after.output
    moved = np.abs(after.flows - before.flows)
    added = (before.va_share * output).sum(axis=1)
    revenue = (before.flows * before.duty).sum(axis=(1, 2))
    transfer = before.final_use.sum(axis=1) - added - revenue
    gap = np.abs(new_output - output)
    worst = np.argsort(-gap.ravel(), kind="stable")[:LARGEST]
    regions, sectors = before.regions, before.sectors
    largest = []
    for position in worst:
        i, k = divmod(int(position), gap.shape[1])
        largest.append(
            {"region": regions[i], "sector": sectors[k], "before": digits(output[i, k]),
             "after": digits(new_output[i, k])}
        )  # fmt: skip
    usa, japan, cars = regions.index("USA"), regions.index("JPN"), sectors.index("C29")
    return {
        "unit": "US$ million of 2014",
        "repairs": [repair.to_dict() for repair in repairs],
        "world": {
            "output_before": digits(output.sum()), "output_after": digits(new_output.sum()),
            "value_added_before": digits(added.sum()), "value_added_after": digits(after.value_added.sum()),
            "output_moved": digits(gap.sum() / 2), "output_moved_share": digits(gap.sum() / 2 / output.sum()),
            "flows_moved": digits(moved.sum() / 2), "flows_moved_share": digits(moved.sum() / 2 / before.flows.sum()),
        },
        "output_by_region": _table(regions, output.sum(axis=1), new_output.sum(axis=1)),
        "output_by_sector": _table(sectors, output.sum(axis=0), new_output.sum(axis=0)),
        "value_added_by_region": _table(regions, added, after.value_added.sum(axis=1)),
        "transfer_by_region": _table(regions, transfer, after.transfer),
        "largest_cells": largest,
        "us_imports_of_japanese_cars": {
            "before": digits(before.flows[usa, japan, cars]), "after": digits(after.flows[usa, japan, cars]),
        },
    }  # fmt: skip
