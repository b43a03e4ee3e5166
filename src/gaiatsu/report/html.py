"""report.html: one page with everything inside it, from a template and the figures."""

from __future__ import annotations

from importlib import resources
from itertools import accumulate
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from gaiatsu.report import headline, ranges, words
from gaiatsu.report.figures import Figure, all_figures, range_heading, span, whiskers
from gaiatsu.report.headline import Names
from gaiatsu.report.measure_table import date_text, measure_rows, reference_rows, web
from gaiatsu.report.sections import sections_of
from gaiatsu.report.spreads import own_ranges
from gaiatsu.report.tables import MOST_MEASURES, SUMMARY_UNITS, Table, elasticity_facts
from gaiatsu.scenario.cautions import cautions
from gaiatsu.scenario.quantities import format_percent
from gaiatsu.world.elasticities import elasticity_sets

SUMMARY_HEADS = {
    "real_income": "Real income, %", "equivalent_variation": "Worth, US$ bn a year",
    "real_consumption": "Real consumption, %", "real_gdp": "Real GDP, %", "consumer_prices": "Consumer prices, %",
    "terms_of_trade": "Terms of trade, %",
    "exports": "Exports, %", "imports": "Imports, %", "duty_revenue": "Duty revenue, US$ bn",
    "factor_reallocation": "Factors that move, %",
}  # fmt: skip

CLOSURES = {
    "fixed": "each country’s trade deficit stays what it was, relative to world income (closure “fixed”)",
    "proportional": "each country’s trade deficit stays proportional to its income (closure “proportional”)",
    "balanced": "trade is balanced everywhere, before and after (closure “balanced”)",
}

LIMITS = (
    "No rigid wages and no unemployment: short-run losses are a lower bound.",
    "No effects through confidence, investment plans, exchange-rate policy or interest rates.",
    "Effects are differences from a world that is otherwise the same, not forecasts.",
    "All users of a good in a country buy it from the same mix of origins.",
    "One factor of production in each region; who within a country gains or loses is not told, except by sector.",
)

PAPERS = (
    (
        "Caliendo, L. and Parro, F. (2015). Estimates of the Trade and Welfare Effects of NAFTA."
        " Review of Economic Studies 82(1), 1–44.",
        "https://doi.org/10.1093/restud/rdu035",
    ),
    ("Baqaee, D. and Farhi, E. (2024). Networks, Barriers, and Trade. Econometrica.", ""),
    (
        "World outlines: Natural Earth (public domain), through world-atlas 2.0.2 (ISC licence).",
        "https://github.com/topojson/world-atlas",
    ),
)


def cards(run: Any, names: Names, chosen: list[str]) -> list[dict[str, str]]:
    """Large numbers for the regions in focus."""
    found, spread, own = [], whiskers(run), own_ranges(run)
    for code in chosen:
        effect = headline.effect(run.outcome.summary(), names, code)
        kind = "none" if abs(effect.percent) < words.NOTHING else "loss" if effect.percent < 0 else "gain"
        value = "≈ 0" if kind == "none" else words.signed_percent(effect.percent)
        sign = words.MINUS if effect.money < 0 else "+"
        money = words.money(effect.money)
        detail = f"{'' if money.startswith('less') else sign}{money} a year"
        over = f"Over {own[code].of}" if code in own else range_heading(run) if code in spread else ""
        sure = f"{over}: {_card_span(*spread[code])}" if over else ""
        found.append(
            {
                "name": names.region[code],
                "value": f"{value}{words.SPACE}%",
                "range": sure,
                "detail": detail,
                "kind": kind,
            }
        )
    return found


def _card_span(low: float, high: float) -> str:
    """Two ends in two decimals, or in three where these do not tell them apart."""
    return span(low, high, 2 if words.signed(low, 2) != words.signed(high, 2) else 3)


def _span(values: Any) -> str:
    if not np.size(values):
        return "–"
    array = np.unique(np.round(np.atleast_1d(np.asarray(values, dtype=float)), 6))
    shown = [f"{value:.3g}" if np.isfinite(value) else "∞ (perfectly mobile)" for value in (array[0], array[-1])]
    return shown[0] if len(array) == 1 else f"{shown[0]} to {shown[1]}"


def parameter_rows(run: Any) -> list[dict[str, str]]:
    """The elasticities of each horizon."""
    goods = np.array(run.world.goods)
    size = len(run.world.sectors)
    rows = []
    for name, outcome in run.outcomes.items():
        used = outcome.elasticities
        trade = np.broadcast_to(np.asarray(used.trade, dtype=float), (size,))
        rows.append({
            "horizon": f"{words.HORIZONS[name][1]} ({words.HORIZONS[name][2]})",
            "goods": _span(trade[goods]), "services": _span(trade[~goods]),
            "value_added": _span(used.value_added), "materials": _span(used.materials),
            "consumption": _span(used.consumption), "mobility": _span(used.mobility),
        })  # fmt: skip
    return rows


def elasticity_rows(run: Any, names: Names) -> list[tuple[str, str, str]]:
    """Trade elasticity of each sector at the primary horizon: code, name, number."""
    trade = np.broadcast_to(np.asarray(run.outcome.elasticities.trade, dtype=float), (len(run.world.sectors),))
    return [(code, names.sector[code], f"{value:.2f}") for code, value in zip(run.world.sectors, trade, strict=True)]


def assumptions(run: Any) -> list[str]:
    """What the result rests on, in sentences."""
    world, outcome = run.world, run.outcome
    scenario = run.scenario
    lines = [
        f"World {world.name}: {len(world.regions)} regions, {len(world.sectors)} sectors, accounts of {world.year};"
        f" money in US$ of {world.year}. Later changes of size and of other policies are not in it.",
        f"Headline horizon: {words.HORIZONS[run.primary][1].lower()} ({words.HORIZONS[run.primary][2]}).",
        f"Deficits: {CLOSURES[outcome.closure]}.",
        f"Trade elasticities: set “{scenario.elasticities.set}”; services"
        f" {elasticity_facts(run)['services']:g} in the long run; scaled by horizon as tabled below.",
        "Nominal changes are relative to world factor income.",
    ]
    if len(run.outcomes) > 1:
        lines.append(
            "Trade elasticities grow with time; the parameters of the horizons before the long run are assumptions, not"
            " estimates."
        )
    if scenario.residual_supply:
        lines.append(f"A shut border leaks {format_percent(scenario.residual_supply)} of trade.")
    return lines + [f"To be read with care: {text.replace('`', '')}" for text in cautions(run)]


def tiny(value: float) -> str:
    """3e-10 as 3 · 10⁻¹⁰."""
    digits, power = f"{value:.0e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}{words.SPACE}·{words.SPACE}10{raised}" if value > 0 else "0"


def certificate(run: Any) -> list[str]:
    """How good the solutions are, in plain words; numbers are the worst of all horizons."""
    all_found = [outcome.certificate for outcome in run.outcomes.values()]
    residual, excess, walras = (
        tiny(max(getattr(found, name) for found in all_found)) for name in ("residual", "excess_demand", "walras")
    )
    headline_found = run.outcome.certificate
    horizon = "horizon that was solved" if run.failed else "horizon"
    lines = [
        f"The equilibrium of the headline was found in {headline_found.iterations} evaluations of the model (method:"
        f" {headline_found.method}). At every {horizon}, one more step would move no price or quantity by more than a"
        f" relative {residual}.",
        f"Every market clears to {excess} of world income, and the budgets of all regions add up to {walras} of it.",
    ]
    if min(found.smallest_income for found in all_found) > 0:
        lines.append("Every region’s income is positive.")
    for name, outcome in run.outcomes.items():
        lines += [f"To be read with care, {words.HORIZONS[name][0]}: {note}." for note in outcome.certificate.notes]
    for name, message in run.failed.items():
        when = words.upper_first(words.HORIZONS[name][0])
        lines.append(f"{when}, no equilibrium was found, and the page leaves this horizon out: {message.rstrip('.')}.")
    return lines


def left_out(run: Any, tables: dict[str, Table]) -> list[str]:
    """Which explanations the page lacks, and why."""
    lines = []
    if "decomposition" not in tables:
        lines.append("The shock is too strong to be followed along a path: its parts by source are left out.")
    measures = len(run.outcome.measures)
    if measures > MOST_MEASURES:
        lines.append(
            f"With {measures} measures, the part of each is left out: the page has it for up to {MOST_MEASURES}."
        )
    elif measures > 1 and "attribution" not in tables:
        lines.append("What each measure does is left out: a part of them alone has no equilibrium.")
    return lines


def summary_rows(run: Any, names: Names, chosen: list[str]) -> list[dict[str, Any]]:
    """All regions and aggregates at the primary horizon, alphabetically."""
    summary = run.outcome.summary()
    rows = []
    for code in sorted(summary.index, key=lambda item: (item == "ROW", names.region[item])):
        row = summary.loc[code]
        cells = [
            words.signed_money(row[name]) if SUMMARY_UNITS[name] == "usd_million" else words.signed(row[name], 3)
            for name in SUMMARY_HEADS
        ]
        rows.append({"name": names.region[code], "cells": cells, "strong": code in chosen})
    return rows


def data_rows(provenance: Any) -> list[dict[str, str]]:
    """The world's own sources as text and address."""
    return [_data_row(item, ("series", "source", "licence")) for item in provenance.get("sources") or []]


def _data_row(item: dict[str, Any], keys: tuple[str, ...]) -> dict[str, str]:
    address = item.get("address") or (f"https://doi.org/{item['doi']}" if item.get("doi") else "")
    parts = [words.upper_first(str(item[key])).rstrip(".") for key in keys if item.get(key)]
    return {"text": ". ".join(parts) + ".", "address": web(str(address))}


def elasticity_rows_of_sources(run: Any) -> list[dict[str, str]]:
    """The sources of the trade elasticities: the set of the headline, then those that the range is drawn from."""
    found = elasticity_facts(run)
    rows = [{**found, "what": f"trade elasticities, set “{found['name']}”"}]
    for name in run.range.sets if run.range is not None else ():
        if name != found["name"]:
            rows.append({**elasticity_sets()[name], "what": f"range over trade elasticities, set “{name}”"})
    return [_data_row({**row, "read": f"read in: {row['seen']}"}, ("what", "source", "note", "read")) for row in rows]


def dates_phrase(run: Any) -> str:
    """The dates from which the measures apply."""
    if run.scenario.at:
        return f"measures in force on {date_text(run.scenario.at)}"
    written = {model.date for model in run.scenario.measures if model.date is not None}
    dates = sorted(written | {measure.day for measure in run.measures if measure.kind == "us-duties"})
    if not dates:
        return "hypothetical measures"
    if len(dates) == 1:
        return f"measures of {date_text(dates[0])}"
    return f"measures of {date_text(dates[0])} to {date_text(dates[-1])}"


def world_phrase(world: Any) -> str:
    """The world's name, and its year unless that is its name or it has none."""
    return str(world.name) if world.name == str(world.year) or not world.year else f"{world.name} ({world.year})"


def figures(run: Any, tables: dict[str, Table], names: Names, chosen: list[str]) -> list[Figure]:
    """The figures of the page, with that of the elasticities behind the horizons."""
    found = all_figures(run, tables, names, chosen)
    extra = ranges.by_set(run, names, chosen)
    place = next((number + 1 for number, figure in enumerate(found) if figure.anchor == "horizons"), len(found))
    return [*found[:place], *([extra] if extra else []), *found[place:]]


def environment() -> jinja2.Environment:
    """Where the templates are and what they may use."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("gaiatsu.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    found.filters["upper_first"] = words.upper_first
    return found


def style() -> str:
    """The style sheet of every page."""
    return resources.files("gaiatsu.report").joinpath("templates", "report.css").read_text(encoding="utf-8")


def render(run: Any, tables: dict[str, Table], version: str) -> str:
    """The page as text."""
    names = Names.of(run.world)
    chosen = headline.focus(run)
    source = f"Source: gaiatsu {version}, world {world_phrase(run.world)}, {dates_phrase(run)}"
    shown = figures(run, tables, names, chosen)
    extra = sections_of(run)
    starts = list(accumulate((len(section.figures) for section in extra), initial=1 + len(shown)))
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            style=Markup(style()),
            scenario=run.scenario,
            version=version,
            lead=headline.lead(run, names, chosen),
            points=[text for text in (ranges.sentence(run, names, chosen),) if text]
            + headline.sentences(run, tables, names, chosen),
            cards=cards(run, names, chosen),
            measures=measure_rows(run, names),
            absent=run.left_out,
            figures=shown,
            sections=extra,
            starts=starts,
            source=source,
            horizon=words.HORIZONS[run.primary],
            world=run.world,
            world_phrase=world_phrase(run.world),
            heads=list(SUMMARY_HEADS.values()),
            regions=summary_rows(run, names, chosen),
            first_order=first_order_rows(tables, names, chosen),
            assumptions=assumptions(run),
            parameters=parameter_rows(run),
            elasticities=elasticity_rows(run, names),
            limits=LIMITS,
            certificate=[*certificate(run), *ranges.remarks(run), *left_out(run, tables)],
            references=reference_rows(run.scenario),
            data=[*data_rows(run.world.provenance), *elasticity_rows_of_sources(run)],
            papers=[{"text": text, "address": address} for text, address in PAPERS],
            tables=list(tables.values()),
        )
    )


def first_order_rows(tables: dict[str, Table], names: Names, chosen: list[str]) -> list[dict[str, Any]]:
    """Caliendo and Parro's first-order parts for the regions in focus."""
    frame = tables["decomposition_first_order"].frame.set_index("region").loc[chosen]
    columns = [f"{name}_percent" for name in ("terms_of_trade", "volume_of_trade", "welfare")]
    digits = 3
    return [
        {"name": names.region[str(code)], "cells": [words.signed(row[column], digits) for column in columns]}
        for code, row in frame.iterrows()
    ]
