"""The table of a scenario's measures: who does what to whom, how much, when, and by which act."""

from __future__ import annotations

from typing import Any

from gaiatsu.report import headline, words
from gaiatsu.report.headline import Names
from gaiatsu.scenario.agreement_chapters import chapters
from gaiatsu.scenario.quantities import format_percent
from gaiatsu.scenario.us_duties import for_world
from gaiatsu.trade.wedges import touched_cells


def date_text(value: Any) -> str:
    return f"{value.day}{words.SPACE}{value:%B}{words.SPACE}{value.year}" if value is not None else ""


def web(address: str) -> str:
    """The address, if it is one that may stand in a link."""
    return address if address.startswith(("https://", "http://")) else ""


def _size(world: Any, measure: Any) -> str:
    """How much a measure does, in a few words."""
    if measure.kind == "us-duties":
        cells = touched_cells(measure, world)
        assert cells is not None
        rates, trade = for_world(world, measure.day)[cells[1:]], world.accounts.flows[cells]
        mean = float((rates * trade).sum() / trade.sum()) if trade.any() else 0.0
        return f"{100 * mean:.1f} % added on average, by country and sector; as of {date_text(measure.day)}"
    if measure.kind in ("tariff", "export_tax"):
        if measure.rate is not None:
            text = f"{format_percent(measure.rate)} added"
        elif measure.to is not None:
            text = f"{format_percent(measure.to)}, the new level"
        else:
            text = f"at least {format_percent(measure.at_least)}"
        if measure.coverage < 1:
            text += f", on {format_percent(measure.coverage)} of trade"
        return text + (f", not added to others of “{measure.stack}”" if measure.stack else "")
    if measure.kind == "embargo":
        if measure.share == 1:
            sides = {"exports": "exports", "imports": "imports", "both": "exports and imports"}
            return f"all {sides[measure.side]} shut"
        how = {"exports": "withheld", "imports": "kept out", "both": "withheld, and as much kept out"}
        return f"{format_percent(measure.share)} of the supply {how[measure.side]}; trade falls by less, see below"
    if measure.kind == "agreement" and measure.chapters is not None:
        given = (
            f"{words.in_sentence(chapters()[name].title)} {size if isinstance(size, str) else format_percent(size)}"
            for name, size in measure.chapters
        )
        return f"by chapter: {words.listed(given)}"
    if measure.kind == "agreement":
        parts = [f"trade {format_percent(measure.cost_cut)} cheaper"] if measure.cost_cut else []
        return words.listed(parts + (["no duties"] if measure.zero_duties else []))
    if measure.kind == "financing":
        return f"{format_percent(measure.share)} of the trade deficit no longer financed"
    return f"{words.signed(100 * measure.change, 2)} %"


def measure_rows(run: Any, names: Names) -> list[dict[str, Any]]:
    """One row of the table of measures each: what, whose, size, when, by which act."""
    kinds = {
        "tariff": "Import duty", "export_tax": "Export duty", "embargo": "Embargo", "agreement": "Agreement",
        "productivity": "Productivity", "us-duties": "US duties since 2025", "trade-cost": "Trade cost",
        "financing": "Financing",
    }  # fmt: skip
    rows = []
    for model, measure in zip(run.scenario.measures, run.measures, strict=True):
        if measure.kind == "agreement":
            who = headline.parties_phrase(run.world, names, measure.between).removeprefix("between ")
        elif measure.kind == "us-duties":
            who = f"The United States on {headline.regions_phrase(run.world, names, measure.on)}"
        else:
            who = headline.regions_phrase(run.world, names, measure.by)
            if hasattr(measure, "on"):
                who += f" on {headline.regions_phrase(run.world, names, measure.on)}"
        compound = bool(measure.title)
        rows.append({
            "kind": measure.title or kinds[measure.kind], "note": model.note or "", "who": words.upper_first(who),
            "sectors": words.upper_first(_sectors(run.world, names, measure)),
            "size": measure.size(run.world, run.primary) if compound else _size(run.world, measure),
            "date": _in_force(model), "act": model.act or "",
            "sources": [_source(run.scenario, key) for key in model.source or []],
        })  # fmt: skip
    return rows


def _sectors(world: Any, names: Names, measure: Any) -> str:
    """What a measure works on; a few say it in their size."""
    said = getattr(measure, "sectors", None)
    return headline.sectors_phrase(world, names, said) if said else "–"


def _in_force(model: Any) -> str:
    """The days on which a measure applies, as far as they are given."""
    end = f"to {date_text(model.until)}" if model.until else ""
    return " ".join(part for part in (f"from {date_text(model.date)}" if model.date else "", end) if part)


def _source(scenario: Any, key: str) -> dict[str, str]:
    if key not in scenario.references:
        return {"text": key.split("://")[-1].split("/")[0], "address": web(key)}
    number = list(scenario.references).index(key) + 1
    return {"text": str(number), "address": f"#reference-{number}"}


def reference_rows(scenario: Any) -> list[dict[str, str]]:
    """The scenario's references as text and address."""
    rows = []
    for number, item in enumerate(scenario.references.values(), start=1):
        parts = [item.title, item.citation or "", date_text(item.published), words.upper_first(item.note or "")]
        text = ". ".join(part.rstrip(".") for part in parts if part) + "."
        rows.append({"anchor": f"reference-{number}", "text": text, "address": web(item.address or "")})
    return rows
