"""What a person should know of a world, as plain data and as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaiatsu.world.world import World


def summary(world: World) -> dict[str, Any]:
    """Name, year, sizes, GDP per region (US$ million), sectors, groups with missing members, sources and repairs.

    GDP is value added and duties, and other taxes on products where the world's provenance states them.
    """
    accounts = world.accounts
    exports = accounts.flows.sum(axis=(0, 2)) - np.einsum("nnk->n", accounts.flows)
    imports = accounts.flows.sum(axis=(1, 2)) - np.einsum("nnk->n", accounts.flows)
    added = accounts.value_added.sum(axis=1)
    revenue = accounts.duty_revenue
    stated = [_stated(world.provenance.get("regions", {}), parts) for parts in world.region_parts]
    regions = [
        {
            **stated[n],
            "code": code, "name": world.region_names[n], "value_added": float(added[n]),
            "gdp": float(added[n] + revenue[n] + stated[n].get("other_taxes", 0.0)),
            "exports": float(exports[n]), "imports": float(imports[n]), "duty_revenue": float(revenue[n]),
            "transfer": float(accounts.transfer[n]),
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
        "blocks": list(world.provenance.get("blocks", ())), "hubs": list(world.provenance.get("hubs", ())),
        "footnote": world.provenance.get("footnote", ""), "file": dict(world.provenance.get("file", {})),
        "sources": list(world.provenance.get("sources", ())),
        "repairs": [{"rule": item["rule"], "why": item["why"], "moved": item["moved"], "cells": len(item["cells"])}
                    for item in report.get("repairs", ())],
        "rebalancing": report.get("world", {}),
    }  # fmt: skip


def _stated(known: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    """What a baseline says of the economies a region is made of: technology, published GDP, other taxes on products."""
    rows = [known[part] for part in parts if part in known]
    if not rows or len(rows) < len(parts):
        return {}
    origins = list(dict.fromkeys(row["technology"] for row in rows))
    published = [row["gdp_published"] for row in rows]
    return {
        "technology": origins[0] if len(origins) == 1 else "updated or borrowed, by economy",
        "gdp_published": None if None in published else sum(published),
        "other_taxes": sum(row["other_taxes"] for row in rows),
    }


def describe(world: World) -> str:
    """The summary as text, the largest regions first."""
    facts = summary(world)
    told = bool(facts["blocks"])
    lines = [
        f"{facts['name']}: {len(world.regions)} regions × {len(world.sectors)} sectors, {facts['unit']}",
        facts["title"], "",
        f"{'code':6} {'region':28} {'GDP':>14} {'exports':>13} {'imports':>13} {'deficit':>12}"
        + ("  technology" if told else ""),
    ]  # fmt: skip
    for row in sorted(facts["regions"], key=lambda item: -item["gdp"]):
        hub = "; hub, re-exports" if row["code"] in facts["hubs"] else ""
        lines.append(
            f"{row['code'][:6]:6} {row['name'][:28]:28} {row['gdp']:14,.0f} {row['exports']:13,.0f} "
            f"{row['imports']:13,.0f} {row['transfer']:12,.0f}"
            + (f"  {row.get('technology', '')}{hub}" if told else "")
        )
    if told:
        lines.append("GDP at market prices: value added, import duties and other taxes less subsidies on products.")
    lines += ["", "Sectors"]
    lines += [f"  {row['code']:12} {row['kind']:9} {row['name']}" for row in facts["sectors"]]
    lines += ["", "Groups"]
    for name, group in facts["groups"].items():
        missing = f"; inside other regions: {', '.join(group['missing'])}" if group["missing"] else ""
        lines.append(f"  {name}: {', '.join(group['members']) or 'none'}{missing}")
    report = world.provenance.get("report", {})
    lines += _origins(facts) + _repairs(facts, report) + _found(report) + _additions(world)
    for source in facts["sources"]:
        lines.append(f"Source of {source['series']}: {source['source']}. {source['licence']}.")
    if facts["file"]:
        file = facts["file"]
        inside = f", {file['member']}" if file["member"] else ""
        lines.append(
            f"Built on {file['built']} from {file['name']}{inside}: {file['edition']}, SHA-256 {file['sha256']}"
        )
    return "\n".join(lines)


def _origins(facts: dict[str, Any]) -> list[str]:
    """Which block is observed, updated or borrowed."""
    if not facts["blocks"]:
        return []
    width = max(len(item["block"]) for item in facts["blocks"])
    return ["", "What is observed, updated or borrowed"] + [
        f"  {item['block']:{width}}  {item['label']:20} {item['what']}" for item in facts["blocks"]
    ]


def _repairs(facts: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """Repairs, what re-balancing moved, and where value added was not brought to its total."""
    if not facts["repairs"]:
        return []
    lines = ["", "Repairs (US$ million moved, cells touched)"]
    lines += [f"  {row['moved']:12,.0f} {row['cells']:4}  {row['rule']}" for row in facts["repairs"]]
    moved = facts["rebalancing"]
    if "output_moved" in moved:
        lines.append(f"  re-balancing moved {moved['output_moved']:,.0f} of output ({moved['output_moved_share']:.2%})")
    if "balancing_moved" in moved:
        lines.append(
            f"  of {moved['inputs']:,.0f} of inputs, scaling value added to its totals moved "
            f"{moved['scaling_moved_share']:.1%}, balancing after it {moved['balancing_moved_share']:.1%}"
        )
    for item in report.get("value_added_kept_at_0.65", ()):
        lines.append(
            f"  {item['region']}: value added kept at {item['kept_share']:.2f} of output, "
            f"{item['kept']:,.0f} for {item['wanted']:,.0f}"
        )
    return lines


def _additions(world: World) -> list[str]:
    """What was put into the world beside its table."""
    lines: list[str] = []
    for item in world.provenance.get("additions", ()):
        lines += [
            "",
            f"Added: {item['what']} ({item['source']}), {item['flows_raised']} flows, US$ million "
            f"{item['usd_million_added']:,.0f}, of which {item['usd_million_moved_from_residents']:,.0f} taken from "
            "sales to residents; the largest, before and after:",
        ]
        lines += [
            f"  {importer} from {exporter}, {sector}: {before:,.0f} → {after:,.0f}"
            for importer, exporter, sector, before, after in item["largest"]
        ]
    return lines


def _found(report: dict[str, Any]) -> list[str]:
    """What an official table held beside goods, and how far its users' origins differ from the common ones."""
    if "origins_differ_between_users" not in report:
        return []
    found, duties = report["found"], report["duties"]
    lines = ["", "Found in the table (US$ million)", "  paid by industries beside goods, all in value added here:"]
    lines += [f"  {value:14,.0f}  {name}" for name, value in report["paid_by_industries"].items()]
    if report["paid_by_final_users"]:
        lines.append("  paid by final users beside goods, left out:")
    lines += [f"  {values['world']:14,.0f}  {name}" for name, values in report["paid_by_final_users"].items()]
    for what in ("uses", "costs"):
        gap = found[f"{what}_and_output_differ"]
        lines.append(f"  {what} and output differ by {gap['share_of_output']:.2g} of output")
    lines.append(
        f"  negative cells: {found['negative_cells']}, in all {found['negative_sum']:,.0f} of the table's money"
    )
    lines += [f"  {code} adds up {', '.join(parts)}" for code, parts in found["merged_rows"].items()]
    lines += [
        f"  {group} without {', '.join(members)}, which are no regions of the table"
        for group, members in found.get("missing_members", {}).items()
    ]
    if report["dropped_sectors"]:
        lines.append(f"  sectors without any output, left out: {', '.join(report['dropped_sectors'])}")
    lines.append(f"  duties: {duties['label']} {duties.get('from', '')}".rstrip())
    absent = duties.get("without_source", {"cells": 0})
    if absent["cells"]:
        whole = "".join(f"; {what} {', '.join(absent[what])}" for what in ("importers", "sectors") if absent[what])
        lines.append(f"  duties without a source, taken as zero: {absent['cells']} cells{whole}")
    differ = sorted(report["origins_differ_between_users"].items(), key=lambda item: -item[1])
    shares = ", ".join(f"{code} {share:.1%}" for code, share in differ)
    lines.append(f"  purchases that would change origin if all users shared one mix: {shares}")
    return lines
