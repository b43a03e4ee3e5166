"""The pages of one power against everybody, and of everybody over everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gaiatsu.errors import ScenarioError
from gaiatsu.exposure.leverage import NOTHING, check_words
from gaiatsu.exposure.matrix import Matrix, leverage_row
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names, regions_phrase, sectors_phrase
from gaiatsu.report.html import tiny
from gaiatsu.report.leverage import assumptions, doing_to, in_goods
from gaiatsu.report.maps import legend, thresholds, world_map
from gaiatsu.report.networks import Hold, flow_chart, heat_map
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section
from gaiatsu.report.tables import Table
from gaiatsu.trade.horizon import horizon as elasticities_of
from gaiatsu.world.elasticities import DEFAULT_SET

HEAT, FLOWS, RANKED = 16, 30, 25  # regions shown in the pictures; the tables have all


def power_page(
    world: Any, by: str, *, sectors: Sequence[str], side: str, horizon: str, elasticity_set: str = DEFAULT_SET,
    progress: Any = None,
) -> Page:  # fmt: skip
    """One power against every other region, and every other region against it."""
    check_words([side], [horizon])
    names = Names.of(world)
    place = world.region_indices(by)
    if len(place) != 1:
        own = regions_phrase(world, names, by)
        raise ScenarioError(f"{own} is several regions: name against whom, such as `gaiatsu leverage quad CHN`")
    code = world.regions[int(place[0])]
    frame = leverage_row(
        world, code, horizon=horizon, sectors=sectors, side=side, progress=progress,
        elasticities=elasticities_of(horizon, world, elasticity_set),
    )  # fmt: skip
    own, when, goods = names.the(code), words.HORIZONS[horizon][0], sectors_phrase(world, names, sectors)
    doing = doing_to(side, "one country at a time", goods)
    known = frame[frame.refused == ""].sort_values("loss_percent", ascending=False)
    top = known.head(3)
    hurt = words.listed(
        f"{names.the(str(c))} ({words.percent(r.loss_percent)} of real income)" for c, r in top.iterrows()
    )
    costly = words.listed(names.the(str(c)) for c in known.sort_values("cost_percent", ascending=False).head(3).index)
    lead = f"If {own} {doing}, it hurts most {hurt} {when}; it would cost {own} itself most to lose {costly}."
    section = Section(
        "leverage", f"{words.upper_first(own)} against each", (_counts(frame, own),),
        figures=tuple(figure for figure in (_power_map(world, known, names, own, code),
                                            _power_bars(known, names, own, when)) if figure),
        tables=(Table("leverage_power", f"Loss by country if {own} closes its border to it", frame.reset_index()),),
        cautions=tuple(
            f"{names.region[str(c)]}: {r.refused or r.note}"
            for c, r in frame[(frame.refused != "") | (frame.note != "")].iterrows()
        ),
    )  # fmt: skip
    return Page(
        name="leverage", title=f"Over whom {own} holds leverage{in_goods(goods)}",
        question=f"Whom does it hurt, and how much, if {own} {doing}?", lead=lead,
        world=world, sections=(section,), assumptions=assumptions(world, horizon),
        facts={"by": code, "sectors": list(sectors), "side": side, "horizon": horizon, "elasticities": elasticity_set},
    )  # fmt: skip


def _counts(frame: pd.DataFrame, own: str) -> str:
    known = frame[frame.refused == ""]
    more = int((known.loss_percent > known.cost_percent).sum())
    none = len(frame) - len(known)
    told = f"{more} of {len(known)} regions lose a larger share of real income than {own} does."
    return told + (f" {none} have no number: see below." if none else "")


def _power_map(world: Any, known: pd.DataFrame, names: Names, own: str, code: str) -> Figure | None:
    members = {
        region: parts for region, parts in zip(world.regions, world.region_parts, strict=True) if region in known.index
    }
    values = {str(region): -float(row.loss_percent) for region, row in known.iterrows()}
    title = f"Who loses if {own} closes its border to it"
    picture = world_map(values, names.region, members, f"World map: {title}")
    if picture is None:
        return None
    limits = thresholds({region: value for region, value in values.items() if region != "ROW"})
    note = "Borders are those of Natural Earth and imply no position. Each country is cut off alone, not all together."
    return Figure("leverage-map", title, "change of real income, percent", picture, note, legend(limits, None))


def _power_bars(known: pd.DataFrame, names: Names, own: str, when: str) -> Figure:
    bars = [
        Bar(names.region[str(code)], -row.loss_percent,
            (words.signed(-row.loss_percent, 2), words.signed(-row.cost_percent, 3)))
        for code, row in known.head(RANKED).iterrows()
    ]  # fmt: skip
    title = "Loss of each, and what it costs"
    body = bar_table(
        [Group("", bars)], first="Country cut off", unit="percent", columns=("it loses, %", f"{own}, %"), caption=title
    )
    return Figure("leverage-ranking", title, f"change of real income, percent, {when}", body,
                  f"The {len(bars)} hurt most; the table has all.")  # fmt: skip


def matrix_page(matrix: Matrix) -> Page:
    """Everybody over everybody."""
    world, names = matrix.world, Names.of(matrix.world)
    when = words.HORIZONS[matrix.horizon][0]
    strongest = matrix.strongest()
    income = pd.Series(world.accounts.income, index=list(world.regions))
    goods = sectors_phrase(world, names, matrix.sectors)
    largest = [code for code in income.sort_values(ascending=False).index if code in matrix.loss.index]
    shown = [code for code in largest if code != "ROW"]
    real = strongest.drop(index="ROW", errors="ignore")
    first = words.listed(
        f"{words.possessive(names.the(str(code)))} for {number}{f' of {len(real)} regions' if not place else ''}"
        for place, (code, number) in enumerate(real.closer.value_counts().head(3).items())
    )
    what = {
        "exports": "The sales that would hurt most if they stopped are",
        "imports": "The purchases that would hurt most if they stopped are",
        "both": "The closed border that would hurt most is",
    }[matrix.side]
    lead = f"{what} {first}{in_goods(goods)}, {when}."
    heat = shown[:HEAT]
    body, key = heat_map(
        matrix.loss.loc[heat, heat], names.region, "Heat map: percent of real income lost when a border is closed",
        doubtful=frozenset(matrix.notes),
    )  # fmt: skip
    holds = [Hold(code, str(strongest.at[code, "closer"]), float(strongest.at[code, "loss_percent"]))
             for code in [code for code in shown if code in strongest.index][:FLOWS]]  # fmt: skip
    figures = (
        Figure("leverage-heat", "Who hurts whom", f"loss of real income of the column when the row "
               f"{doing_to(matrix.side, 'it', goods)}, percent, {when}", body,
               f"The {len(heat)} largest economies; the table has all {len(matrix.loss)}.", key),
        Figure(
            "leverage-flows", "Who hangs on whom most",
            f"loss of real income if the country on the right {doing_to(matrix.side, 'it', goods)}, percent, {when}",
            flow_chart(holds, names.region, "Flow chart: each country and the one whose closed border hurts it most"),
            f"The {len(holds)} largest economies.",
        ),
        *_matrix_map(world, strongest, names),
    )  # fmt: skip
    section = Section(
        "leverage", "Everybody over everybody", tuple(_matrix_sentences(matrix)), figures=figures,
        tables=(
            Table("leverage_matrix", "Loss and cost of every ordered pair, percent of real income", matrix.long()),
            Table("leverage_strongest", "Whose closed border hurts each region most",
                  strongest.rename_axis("region").reset_index()),
        ),
    )  # fmt: skip
    return Page(
        name="leverage", title=f"Leverage of every country over every other{in_goods(goods)}",
        question=f"If any one country {doing_to(matrix.side, 'any one other', goods)}, who would lose how much?",
        lead=lead, world=world,
        sections=(section,), assumptions=assumptions(world, matrix.horizon),
        facts={"horizon": matrix.horizon, "side": matrix.side, "regions": list(matrix.loss.index),
               "refused": len(matrix.refused), "residual": float(f"{matrix.residual:.3g}")},
    )  # fmt: skip


def _matrix_sentences(matrix: Matrix) -> list[str]:
    pairs = matrix.long()
    told = []
    if len(matrix.refused):
        few = words.listed([f"{a} over {b}" for a, b in list(matrix.refused)[:5]])
        more = f" and {len(matrix.refused) - 5} more" if len(matrix.refused) > 5 else ""
        told.append(f"{len(matrix.refused)} of {len(pairs)} pairs have no number ({few}{more}): the table says why.")
    gains = int((pairs.loss_percent < -NOTHING).sum())
    if gains:
        told.append(
            f"In {'one pair' if gains == 1 else f'{gains} pairs'} the closed border raises the other side’s real income"
            " a little (second best: with duties in force it moves trade towards cheaper suppliers)."
        )
    if matrix.notes:
        told.append(
            f"{len(matrix.notes)} numbers are extrapolations, outlined in the picture: the supply cut off, or the loss,"
            " is beyond what elasticities were measured on; the table says why."
        )
    told.append(
        f"Each of the {int(pairs.loss_percent.notna().sum())} numbers is a certified equilibrium; one more step would"
        f" move no price or quantity by more than a relative {tiny(matrix.residual)}."
    )
    return told


def _matrix_map(world: Any, strongest: pd.DataFrame, names: Names) -> tuple[Figure, ...]:
    known = strongest[strongest.loss_percent.notna()]
    values = {str(code): -float(row.loss_percent) for code, row in known.iterrows()}
    members = {
        region: parts for region, parts in zip(world.regions, world.region_parts, strict=True) if region in values
    }
    title = "How much each hangs on the one it hangs on most"
    picture = world_map(values, names.region, members, f"World map: {title}")
    if picture is None:
        return ()
    limits = thresholds({region: value for region, value in values.items() if region != "ROW"})
    note = "Borders are those of Natural Earth and imply no position."
    unit = "change of real income if that one border is closed, percent"
    return (Figure("leverage-map", title, unit, picture, note, legend(limits, None)),)
