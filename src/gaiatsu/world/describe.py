"""What a person should know of a world, as plain data and as text for a terminal."""

from __future__ import annotations

from typing import Any

import numpy as np

from gaiatsu.world.world import World


def summary(world: World) -> dict[str, Any]:
    """Name, year, sizes, GDP per region (US$ million), sectors, groups with missing members, sources and repairs."""
    accounts = world.accounts
    exports = accounts.flows.sum(axis=(0, 2)) - np.einsum("nnk->n", accounts.flows)
    imports = accounts.flows.sum(axis=(1, 2)) - np.einsum("nnk->n", accounts.flows)
    added = accounts.value_added.sum(axis=1)
    revenue = accounts.duty_revenue
    regions = [
        {
            "code": code, "name": world.region_names[n], "value_added": float(added[n]),
            "gdp": float(added[n] + revenue[n]), "exports": float(exports[n]), "imports": float(imports[n]),
            "duty_revenue": float(revenue[n]), "transfer": float(accounts.transfer[n]),
        }
        for n, code in enumerate(world.regions)
    ]  # fmt: skip
    output = accounts.output.sum(axis=0)
    sectors = [
        {"code": code, "name": world.sector_names[k], "kind": "goods" if world.goods[k] else "services",
         "output": float(output[k])}
        for k, code in enumerate(world.sectors)
    ]  # fmt: skip
    report = world.provenance.get("report", {})
    return {
        "name": world.name, "year": world.year, "unit": f"US$ million of {world.year}" if world.year else "US$ million",
        "title": world.provenance.get("title", ""), "fingerprint": world.fingerprint,
        "world_value_added": float(added.sum()), "world_output": float(output.sum()),
        "regions": regions, "sectors": sectors,
        "groups": {name: {"members": list(members), "missing": list(world.absent.get(name, ()))}
                   for name, members in world.groups.items()},
        "sources": list(world.provenance.get("sources", ())),
        "repairs": [{"rule": item["rule"], "why": item["why"], "moved": item["moved"], "cells": len(item["cells"])}
                    for item in report.get("repairs", ())],
        "rebalancing": report.get("world", {}),
    }  # fmt: skip


def describe(world: World) -> str:
    """The summary as text, the largest regions first."""
    facts = summary(world)
    lines = [
        f"{facts['name']}: {len(world.regions)} regions × {len(world.sectors)} sectors, {facts['unit']}",
        facts["title"], "",
        f"{'code':6} {'region':28} {'GDP':>14} {'exports':>13} {'imports':>13} {'deficit':>12}",
    ]  # fmt: skip
    for row in sorted(facts["regions"], key=lambda item: -item["gdp"]):
        lines.append(
            f"{row['code'][:6]:6} {row['name'][:28]:28} {row['gdp']:14,.0f} {row['exports']:13,.0f} "
            f"{row['imports']:13,.0f} {row['transfer']:12,.0f}"
        )
    lines += ["", "Sectors"]
    lines += [f"  {row['code']:12} {row['kind']:9} {row['name']}" for row in facts["sectors"]]
    lines += ["", "Groups"]
    for name, group in facts["groups"].items():
        missing = f"; inside other regions: {', '.join(group['missing'])}" if group["missing"] else ""
        lines.append(f"  {name}: {', '.join(group['members']) or 'none'}{missing}")
    if facts["repairs"]:
        lines += ["", "Repairs (US$ million moved, cells touched)"]
        lines += [f"  {row['moved']:12,.0f} {row['cells']:4}  {row['rule']}" for row in facts["repairs"]]
        moved = facts["rebalancing"]
        lines.append(f"  re-balancing moved {moved['output_moved']:,.0f} of output ({moved['output_moved_share']:.2%})")
    for source in facts["sources"]:
        lines.append(f"Source of {source['series']}: {source['source']}. {source['licence']}.")
    return "\n".join(lines)
