"""What a run found, in sentences made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.report import words
from gaiatsu.report.tables import hit_importers
from gaiatsu.scenario.run import focus

__all__ = ["Names", "focus", "lead", "sentences"]

IMPORTERS = 2  # importers whose purchases are shown
GROUP_NAMES = {
    "eu27": "the European Union", "asean": "ASEAN", "quad": "the Quad", "g7": "the G7", "cptpp": "the CPTPP",
    "brics": "the BRICS", "g20": "the G20",
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Names of a world's regions and sectors as they stand in tables and in sentences."""

    region: dict[str, str]
    sector: dict[str, str]

    @classmethod
    def of(cls, world: Any) -> Names:
        """The names of a world."""
        sectors = {
            code: words.sector_name(code, name) for code, name in zip(world.sectors, world.sector_names, strict=True)
        }
        return cls(dict(zip(world.regions, world.region_names, strict=True)), sectors)

    def the(self, code: str) -> str:
        """A region inside a sentence."""
        return words.the(self.region[code])

    def goods(self, codes: Sequence[str], most: int = 3) -> str:
        """Sectors inside a sentence; many are counted."""
        merged = words.whole(codes)
        if len(merged) > most:
            return f"{len(merged)} sectors"
        return words.listed(
            words.in_sentence(self.sector[code] if code in self.sector else words.sector_name(code, code))
            for code in merged
        )


def only_duties(run: Any) -> bool:
    """Whether every measure is a duty: only then do the moves of prices tell who pays it."""
    return all(measure.kind in ("tariff", "export_tax", "us-duties") for measure in run.measures)


def regions_phrase(world: Any, names: Names, said: Any) -> str:
    """Regions as a measure names them, in a sentence: groups by name, codes by the country's; many are counted."""
    given = [said] if isinstance(said, str) else list(said)
    phrases = []
    countries: set[str] = set()
    for word in given:
        found = world.region_indices(word)
        countries.update(code for index in found for code in world.region_parts[index])
        if word.lower() == "all" or len(found) == len(world.regions):
            phrases.append("all countries")
        elif len(found) == 1:
            phrases.append(names.the(world.regions[found[0]]))
        else:
            phrases.append(GROUP_NAMES.get(word.lower(), word))
    phrases = list(dict.fromkeys(phrases))
    return words.listed(phrases) if len(phrases) <= 3 else f"{len(countries)} countries"


def parties_phrase(world: Any, names: Names, between: Any) -> str:
    """The parties of an agreement after its name: between several, or among the members of a group."""
    phrase = regions_phrase(world, names, between)
    if len(dict.fromkeys([between] if isinstance(between, str) else between)) > 1:
        return f"between {phrase}"
    return f"among {'' if phrase == 'all countries' else 'the members of '}{phrase}"


def sectors_phrase(world: Any, names: Names, said: Any) -> str:
    """Sectors as a measure names them, in a sentence."""
    given = [said] if isinstance(said, str) else list(said)
    plain = {"goods": "goods", "services": "services", "all": "all goods and services"}
    if len(given) == 1 and given[0].lower() in plain:
        return plain[given[0].lower()]
    codes = [world.sectors[k] for k in world.sector_indices(given)]
    if len(codes) > 1 and set(codes) == {code for code, goods in zip(world.sectors, world.goods, strict=True) if goods}:
        return "goods"
    return names.goods(codes)


def _kind_phrase(world: Any, names: Names, measure: Any, sectors: str) -> tuple[str, bool]:
    """A measure as the subject of a sentence, and whether it is plural."""
    if measure.kind == "agreement":
        return f"an agreement {parties_phrase(world, names, measure.between)} on {sectors}", False
    if measure.kind == "us-duties":
        others = regions_phrase(world, names, measure.on)
        return f"the duties that the United States added from 2025 on {sectors} from {others}", True
    own = regions_phrase(world, names, measure.by)
    if measure.kind == "productivity":
        direction = "higher" if measure.change >= 0 else "lower"
        return f"{direction} productivity of {sectors} in {own}", False
    other = regions_phrase(world, names, measure.on) if hasattr(measure, "on") else ""
    if measure.title:
        return measure.phrase(own, other), False
    if measure.kind == "trade-cost":
        return f"{'costlier' if measure.change >= 0 else 'cheaper'} trade of {own} with {other}", False
    if measure.kind == "financing":
        return f"a cut in the financing of the trade deficit of {other}", False
    owner = words.possessive(own)
    if measure.kind == "tariff":
        return f"{owner} duties on {sectors} from {other}", True
    if measure.kind == "export_tax":
        return f"{owner} export duties on {sectors} for {other}", True
    part = "" if measure.share == 1 else "partial "
    trade = {"exports": f"exports of {sectors} to", "imports": f"imports of {sectors} from"}
    return f"{owner} {part}embargo on {trade.get(measure.side, f'trade in {sectors} with')} {other}", False


def subject(run: Any, names: Names) -> tuple[str, bool]:
    """The measures of a run as the subject of a sentence, and whether it is plural."""
    merged: dict[tuple[Any, ...], list[Any]] = {}
    for measure in run.measures:
        key = (
            measure.kind,
            *(str(getattr(measure, name, "")) for name in ("by", "on", "between", "side", "share", "input")),
        )
        merged.setdefault(key, []).append(measure)
    phrases = []
    for group in merged.values():
        phrases.append(_kind_phrase(run.world, names, group[0], _joint_sectors(run.world, names, group)))
    if len(phrases) == 1:
        return phrases[0]
    text = words.listed(phrase for phrase, _ in phrases)
    return ("these measures together", True) if len(phrases) > 3 or len(text) > 200 else (text, True)


def _joint_sectors(world: Any, names: Names, group: list[Any]) -> str:
    """The sectors of several measures in one phrase."""
    if not all(getattr(item, "sectors", None) for item in group):
        return ""
    single = list(dict.fromkeys(sectors_phrase(world, names, item.sectors) for item in group))
    union = [world.sectors[k] for k in sorted({k for item in group for k in world.sector_indices(item.sectors)})]
    joint = sectors_phrase(world, names, union)
    return (
        joint
        if len(single) > 3 or joint == "goods" or any("sectors" in item for item in single)
        else words.listed(single)
    )


def effect(summary: pd.DataFrame, names: Names, code: str) -> words.Effect:
    """A region's change of real income."""
    row = summary.loc[code]
    return words.Effect(names.the(code), float(row["real_income"]), float(row["equivalent_variation"]))


def lead(run: Any, names: Names, chosen: list[str]) -> str:
    """The headline: what the measures do to the real income of the regions in focus."""
    summary = run.outcome.summary()
    phrase, plural = subject(run, names)
    when = words.HORIZONS[run.primary][0]
    return words.effects(f"{when}, {phrase}", plural, [effect(summary, names, code) for code in chosen])


def world_sentence(run: Any) -> str:
    """The sum of equivalent variations over the world."""
    total = float(run.outcome.summary()["equivalent_variation"].sum())
    income = float(run.world.accounts.income.sum())
    if abs(total) / income < words.NOTHING / 100 / 10:
        return "For the world as a whole, gains and losses practically cancel out."
    word = "lose" if total < 0 else "gain"
    return f"All regions together {word} {words.money(total)} a year."


def others_sentence(run: Any, names: Names, chosen: list[str]) -> str:
    """The largest gain and loss among the regions that are not in focus, if they are something."""
    summary = run.outcome.summary().drop(index=chosen)
    summary = summary[summary["real_income"].abs() >= words.NOTHING]
    if summary.empty:
        return f"No other region’s real income changes by as much as {words.NOTHING:g}{words.SPACE}%."
    money = summary["equivalent_variation"]
    parts = []
    for code, word in ((money.idxmin(), "loses"), (money.idxmax(), "gains")):
        if (word == "loses") == (money[code] < 0):
            size = words.percent(summary.loc[code, "real_income"])
            parts.append(f"{names.the(code)} {word} most ({words.money(money[code])} a year, {size})")
    return f"Among the other regions, {words.listed(parts)}."


def pair_shares(incidence: pd.DataFrame) -> pd.DataFrame:
    """Both shares by importer and exporter, weighted by what the change of the duty would raise on baseline trade."""
    weight, shares = "weight_usd_million", ["importer_share_fraction", "exporter_share_fraction"]
    frame = incidence[["importer", "exporter", weight, *shares]].dropna()
    frame[shares] = frame[shares].mul(frame[weight], axis=0)
    sums = frame.groupby(["importer", "exporter"], sort=True)[[weight, *shares]].sum().reset_index()
    sums = sums[sums[weight] > 0]
    sums[shares] = sums[shares].div(sums[weight], axis=0)
    return sums.sort_values("weight_usd_million", ascending=False, kind="stable").reset_index(drop=True)


def bearing_sentence(incidence: pd.DataFrame, names: Names) -> str:
    """Who pays the duty, for the cell where it weighs most."""
    row = incidence.iloc[0]
    shares = float(row["importer_share_fraction"]), float(row["exporter_share_fraction"])
    if not np.isfinite(shares).all():
        return ""
    goods = words.in_sentence(names.sector[row["sector"]])
    cut = bool(row["duty_after_fraction"] < row["duty_before_fraction"])
    return words.bearing(goods, names.the(row["exporter"]), names.the(row["importer"]), shares, cut=cut)


def output_sentence(output: pd.DataFrame, names: Names, chosen: list[str]) -> str:
    """The largest fall and rise of a sector's output in the regions in focus."""
    mine = output[output["region"].isin(chosen)]
    parts = []
    size = mine["volume_change_usd_million"]
    for position, sign in ((size.idxmin(), -1), (size.idxmax(), 1)):
        row = mine.loc[position]
        if sign * row["volume_change_usd_million"] > 0:
            what = f"output of {words.in_sentence(names.sector[row['sector']])} in {names.the(row['region'])}"
            parts.append(words.moved(what, row["volume_percent"], row["volume_change_usd_million"]))
    return words.upper_first(", and ".join(parts) + ".") if parts else ""


def diversion_sentence(run: Any, diversion: pd.DataFrame, names: Names, hit: tuple[str, list[str], list[str]]) -> str:
    """From whom an importer buys instead; `hit` as hit_importers gives it."""
    importer, exporters, sectors = hit
    rows = diversion[diversion["importer"] == importer].set_index("exporter")
    lost = rows.loc[exporters, ["baseline_usd_million", "volume_change_usd_million"]].sum()
    if lost["baseline_usd_million"] <= 0:
        return ""
    moved = float(lost["volume_change_usd_million"])
    change = 100 * moved / lost["baseline_usd_million"]
    concerned = "covered" if any(measure.kind == "agreement" for measure in run.measures) else "hit"
    kinds = {good for code, good in zip(run.world.sectors, run.world.goods, strict=True) if code in sectors}
    sold = {frozenset([True]): "goods", frozenset([False]): "services"}.get(frozenset(kinds), "goods and services")
    goods = sectors_phrase(run.world, names, sectors) if len(sectors) <= 3 else f"the {sold} {concerned}"
    origin = (
        words.listed(names.the(code) for code in exporters) if len(exporters) <= 2 else f"the countries {concerned}"
    )
    origin = "abroad" if len(exporters) == len(run.world.regions) - 1 else origin
    what = words.moved(f"what {names.the(importer)} buys of {goods} from {origin}", change, moved)
    gains = rows["volume_change_usd_million"].drop(index=exporters).sort_values(ascending=False, kind="stable")
    gains = gains[gains > 0.03 * abs(moved)][:3]
    if change >= 0 or gains.empty:
        return words.upper_first(what) + "."
    instead = [
        f"{'its own producers' if code == importer else names.the(code)} ({words.money(value)})"
        for code, value in gains.items()
    ]
    return f"{words.upper_first(what)}; it buys more from {words.listed(instead)}."


def horizon_sentence(run: Any, names: Names, code: str) -> str:
    """How a region's change of real income develops from the first to the last horizon."""
    horizons = list(run.outcomes)
    if len(horizons) < 2:
        return ""
    told = [
        f"{words.signed_percent(float(run.outcomes[name].real_income[code]))}{words.SPACE}% {words.HORIZONS[name][0]}"
        for name in (horizons[0], horizons[-1])
    ]
    return f"The change of real income in {names.the(code)} is {told[0]} and {told[1]}."


def sentences(run: Any, tables: dict[str, Any], names: Names, chosen: list[str]) -> list[str]:
    """What else a reader should know, most important first."""
    found = []
    if "incidence" in tables and only_duties(run):
        found.append(bearing_sentence(tables["incidence"].frame, names))
    if "diversion" in tables:
        for hit in hit_importers(run.outcome)[:IMPORTERS]:
            found.append(diversion_sentence(run, tables["diversion"].frame, names, hit))
    found.append(output_sentence(tables["output"].frame, names, chosen))
    found.append(others_sentence(run, names, chosen))
    found.append(world_sentence(run))
    if chosen:
        found.append(horizon_sentence(run, names, chosen[0]))
    return [text for text in found if text]
