"""What the report says of an agreement by chapter: who gains by what, how sure, what the parties have already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.report import agreement_cautions as cautions
from gaiatsu.report import agreement_figures as figures
from gaiatsu.report import agreement_tables as tables
from gaiatsu.report import words
from gaiatsu.report.figures import Figure
from gaiatsu.report.headline import Names, focus
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, by_region, labelled
from gaiatsu.scenario import agreement_chapters as library
from gaiatsu.scenario import parties
from gaiatsu.scenario.measures import Agreement
from gaiatsu.trade.chapter_gains import ChapterGains, gains_by_chapter

MOST_SHOWN = 3
HARDLY = 0.01  # of the trade between the parties: chapters that touch less are named
SOLE = 5e-4  # percent: contributions below this are named by nobody


def sections(run: Any) -> list[Section]:
    """One section for each agreement by chapter in a run."""
    chosen = [item for item in run.measures if isinstance(item, Agreement) and item.chapters is not None]
    return [_section(run, item, "agreement" + (f"_{n}" if n > 1 else "")) for n, item in enumerate(chosen, start=1)]


def _section(run: Any, agreement: Agreement, key: str) -> Section:
    world, names = run.world, Names.of(run.world)
    members = [world.regions[place] for place in world.region_indices(agreement.between)]
    shown = _shown(run, members)
    gains = gains_by_chapter(run.outcome, agreement)
    totals, remark = tables.totals(run, gains)
    weak = _weak(agreement, world)
    sizes = tables.size_table(agreement, world)
    income = dict(zip(world.regions, run.outcome.accounts.income.tolist(), strict=True))
    own = [figures.by_chapter(gains, totals, income, names, shown, weak)]
    written = [
        Table(
            f"{key}_chapters", "Real income by chapter and region, Shapley values", tables.chapter_table(gains, world)
        ),
        Table(f"{key}_sizes", "How far each chapter cuts costs, in percent of the delivered price", sizes),
        Table(f"{key}_totals", "Real income over sizes and trade elasticities", labelled(by_region(totals), world)),
        Table(f"{key}_trade", "Trade between the parties by sector, before duty", tables.trade_table(run, agreement)),
    ]
    told = [*remark, *cautions.of(run, agreement, members)]
    sectors = tables.sector_table(run, agreement, gains, shown)
    if sectors is None:
        told.append("Gains by sector are left out: with a border fully shut there is no path along which to add them.")
    else:
        own.append(figures.by_sector(sectors, income, names, shown))
        written.append(Table(f"{key}_sectors", "Real income by the sector whose border costs fall", sectors))
    own += [figures.sizes(sizes), *_context(run, agreement, members, gains, names)]
    sentences = [
        _headline(run, totals, names, shown),
        *(_by_chapter_sentence(gains, names, code) for code in shown),
        _assumption_sentence(gains, names, shown, weak, agreement),
        _hardly_sentence(run, agreement, sizes),
        _outside_sentence(run, members, names),
        *_pair_sentences(run, agreement, members, gains, names),
    ]
    return Section(
        key, f"The agreement by chapter: {words.listed(names.region[code] for code in shown)}",
        tuple(text for text in sentences if text), tuple(_anchored(own, key)), tuple(written), tuple(told),
        tuple(_sources(agreement, world, members)),
    )  # fmt: skip


def _anchored(found: Sequence[Figure], key: str) -> list[Figure]:
    """Figures with anchors of their own where a page has several agreements."""
    return [
        Figure(figure.anchor.replace("agreement", key, 1), figure.title, figure.unit, figure.body, figure.note)
        for figure in found
    ]


def _shown(run: Any, members: Sequence[str]) -> list[str]:
    """The members looked at closely: those in focus, or those that gain or lose most."""
    worth = run.outcome.summary()["equivalent_variation"].abs()
    first = [code for code in focus(run) if code in members]
    rest = sorted((code for code in members if code not in first), key=lambda code: -worth[code])
    return [*first, *rest][: max(len(first), min(MOST_SHOWN, len(members)) if len(first) < 2 else len(first))]


# ------------------------------------------------------------------------------------------------------- sentences
def _signed(value: float) -> str:
    return f"{words.signed(value, 3)}{words.SPACE}%"


def _headline(run: Any, totals: pd.DataFrame, names: Names, shown: Sequence[str]) -> str:
    worth = run.outcome.summary()["equivalent_variation"]
    parts = []
    for code in shown:
        row = totals.loc[code]
        parts.append(
            f"{_signed(row['central'])} ({words.money(float(worth[code]))} a year) for {names.the(code)}, between"
            f" {words.signed(row['low'], 3)} and {_signed(row['high'])}"
        )
    over = "the sizes of the chapters" + (" and the published trade elasticities" if run.range is not None else "")
    return f"Real income changes by {'; by '.join(parts)}, over {over}."


def _by_chapter_sentence(gains: ChapterGains, names: Names, code: str) -> str:
    """What adds most to a region's real income, and what takes from it."""
    values = gains.contribution[code].sort_values(ascending=False, kind="stable")
    plus = [(str(name), value) for name, value in values.items() if value > SOLE][:3]
    minus = [(str(name), value) for name, value in values[::-1].items() if value < -SOLE][:2]

    def told(items: Sequence[tuple[str, float]]) -> str:
        return words.listed(f"{words.in_sentence(figures.title_of(k))} ({_signed(v)})" for k, v in items)

    if not plus and not minus:
        return ""
    gained = f"most is added by {told(plus)}" if plus else "no chapter adds anything"
    return f"For {names.the(code)}, {gained}" + (f", and some is lost by {told(minus)}." if minus else ".")


def _sizes(agreement: Agreement, world: Any, name: str, level: str) -> list[library.Size]:
    """The sizes of a chapter that hold for the members."""
    return [found for _, found in library.by_importer(library.chapters()[name], level, world, agreement.between)]


def _weak(agreement: Agreement, world: Any) -> set[str]:
    """Chapters whose size, or the share in force, is assumed."""
    assumed = {
        name
        for name, size in agreement.chapters
        if isinstance(size, str)
        and any(found.standing == "assumption" for found in _sizes(agreement, world, name, size))
    }
    return assumed | {name for name, share in agreement.in_force if share}


def _assumption_sentence(
    gains: ChapterGains, names: Names, shown: Sequence[str], weak: set[str], agreement: Agreement
) -> str:
    held = [name for name in gains.contribution.index if name in weak]
    if not held:
        return ""
    moved = words.listed(
        f"{_signed(float(gains.contribution.loc[held, code].sum()))} for {names.the(code)}" for code in shown
    )
    of_shares = ", in part because a share is taken as in force already" if dict(agreement.in_force) else ""
    listed = words.listed(words.in_sentence(figures.title_of(name)) for name in held)
    return f"Assumptions, not estimates, carry {listed}{of_shares}: {moved} together."


def _hardly_sentence(run: Any, agreement: Agreement, sizes: pd.DataFrame) -> str:
    """Chapters that cannot do much because the data hold hardly any trade of their kind."""
    total = run.world.accounts.flows[tuple(parties.pairs(run.world, agreement.between).T)].sum()
    touched = sizes.groupby("chapter", sort=False)["trade_usd_million"].sum()
    few = [
        f"{words.in_sentence(figures.title_of(str(name)))} ({words.money(float(value))})"
        for name, value in touched.items()
        if value < HARDLY * total
    ]
    if not few:
        return ""
    return (
        f"The data hold hardly any trade between the parties for {words.listed(few)}: what is not traded gains nothing."
    )


def _outside_sentence(run: Any, members: Sequence[str], names: Names) -> str:
    worth = run.outcome.summary()["equivalent_variation"].drop(list(members))
    if worth.empty:
        return ""
    least, most = str(worth.idxmin()), str(worth.idxmax())
    parts = []
    if worth[least] < 0:
        parts.append(f"{names.the(least)} loses most ({words.money(float(worth[least]))} a year)")
    if worth[most] > 0:
        parts.append(f"{names.the(most)} gains most ({words.money(float(worth[most]))} a year)")
    return words.upper_first(f"outside the agreement, {' and '.join(parts)}.") if parts else ""


def _pair_sentences(
    run: Any, agreement: Agreement, members: Sequence[str], gains: ChapterGains, names: Names
) -> list[str]:
    """What two parties have agreed on already, and the duties between them."""
    if len(members) != 2:
        return []
    doubt = bool(cautions.duty_doubt(run, agreement, members))
    found = [_trade_sentence(run, members, names), _lacks(members, gains), _disagreement(members, gains, names, doubt)]
    accounts, regions = run.world.accounts, run.world.regions
    for importer, exporter in (members, members[::-1]):
        n, i = regions.index(importer), regions.index(exporter)
        others = [k for k in range(len(regions)) if k not in (n, i)]
        bought = accounts.flows[n, i] * np.array(run.world.goods)
        elsewhere = accounts.flows[n][others]
        total = elsewhere.sum(0)
        duty = np.divide(
            (accounts.duty[n][others] * elsewhere).sum(0), total, out=np.zeros_like(total), where=total > 0
        )
        if bought.sum() > 0:
            paid = [100 * float((rate * bought).sum() / bought.sum()) for rate in (accounts.duty[n, i], duty)]
            found.append(
                f"In the duties {cautions.duties_of(run.world)}, {names.the(importer)} charges goods from"
                f" {names.the(exporter)} {paid[0]:.1f}{words.SPACE}% on average, and would charge the same"
                f" goods from all others {paid[1]:.1f}{words.SPACE}%."
            )
    return found


def _trade_sentence(run: Any, members: Sequence[str], names: Names) -> str:
    """How far the exports of two parties to each other rise."""
    flows, places = run.world.accounts.flows, [run.world.regions.index(code) for code in members]
    parts = []
    for exporter, importer in (places, places[::-1]):
        before, after = flows[importer, exporter].sum(), run.outcome.flows[importer, exporter].sum()
        if before > 0:
            code = run.world.regions[exporter]
            parts.append(
                f"those of {names.the(code)} by {words.signed(100 * float(after / before - 1), 1)}{words.SPACE}%"
            )
    return f"Exports of the two to each other change: {words.listed(parts)}." if parts else ""


def _disagreement(members: Sequence[str], gains: ChapterGains, names: Names, doubt: bool) -> str:
    """Where published simulations of removing the duties disagree, and on whose side this run is.

    doubt: the duties of the data do not show what was agreed.
    """
    rows = [row for row in library.published(members) if row.kind == "duties"]
    if len({np.sign(row.value) for row in rows}) < 2 or library.DUTIES not in gains.alone.index:
        return ""
    code = rows[0].importer
    ours = float(gains.alone.at[library.DUTIES, code])
    sides = {same: [row for row in rows if (np.sign(row.value) == np.sign(ours)) == same] for same in (True, False)}

    def cited(found: Sequence[library.Published]) -> str:
        return words.listed(figures.short_source(key) for row in found for key in row.sources)

    side = f"with {cited(sides[True])} and against {cited(sides[False])}" if sides[True] else "on neither side"
    rests = " This rests on duties that do not show what was freed, see the cautions." if doubt else ""
    return (
        f"Published simulations of the removal of duties disagree in sign for {names.the(code)}: the duties that are"
        f" left, alone, change its real income by {_signed(ours)} here, {side}; theirs are those of before 2011.{rests}"
    )


def _lacks(members: Sequence[str], gains: ChapterGains) -> str:
    has = library.already_agreed(members)
    missing = [name for name in gains.contribution.index if name in has and has[name].has == "no"]
    if not has:
        return ""
    agreement = next(iter(has.values())).agreement
    if not missing:
        return f"The {agreement} has something on each of these chapters."
    listed = words.listed(words.in_sentence(figures.title_of(name)) for name in missing)
    return f"The {agreement} lacks {listed}; it has something on each of the other chapters already."


# --------------------------------------------------------------------------------------------------------- context
def _context(run: Any, agreement: Agreement, members: Sequence[str], gains: ChapterGains, names: Names) -> list[Figure]:
    found: list[Figure | None] = [figures.outside(run, members, names)]
    if len(members) == 2:
        compared = _compared([names.region[code] for code in members])
        found.append(figures.provisions(compared) if compared else None)
        rows = _published(run, members, gains, names)
        found.append(figures.published(rows) if rows else None)
    return [figure for figure in found if figure is not None]


def _compared(pair: Sequence[str]) -> dict[str, frozenset[str]]:
    """The agreement of two parties, by name, beside the other one of each that has most of the sixteen provisions."""
    both = {name: held for name, held in library.provisions().items() if set(name.split(" - ")) == set(pair)}
    if not both:
        return {}
    found: Mapping[str, frozenset[str]] = dict(list(both.items())[:1])
    for party in pair:
        rivals = {k: v for k, v in library.provisions().items() if party in k.split(" - ") and k not in found}
        if rivals:
            best = max(rivals, key=lambda name: (len(rivals[name]), name))
            found = {**found, best: rivals[best]}
    return dict(found)


def _published(run: Any, members: Sequence[str], gains: ChapterGains, names: Names) -> list[tuple[str, str, str, str]]:
    """What was published on these two, beside what this run has."""
    flows, regions, goods = run.world.accounts.flows, run.world.regions, np.array(run.world.goods)
    rows = []
    for row in library.published(members):
        who = names.region[row.importer]
        source = "; ".join(figures.short_source(key) for key in row.sources)
        if row.kind == "trade" and row.exporter:
            billion = flows[regions.index(row.importer), regions.index(row.exporter), goods].sum() / 1000
            what = f"Goods that {who} buys from {names.region[row.exporter]}"
            rows.append((what, f"{row.value:.1f} ({row.finding})", f"{billion:.1f} (world {run.world.name})", source))
        elif row.kind == "duties":
            if library.DUTIES not in gains.alone.index:
                continue
            alone = float(gains.alone.at[library.DUTIES, row.importer])
            same = "the same sign" if np.sign(alone) == np.sign(row.value) else "the other sign"
            told = f"duties alone: {_signed(alone)} of real income for {who}: {same}"
            rows.append((f"Duties removed, {who}", row.finding, told, source))
        elif row.kind == "ceiling":
            cut = _services_cut(run, members)
            ours = f"{cut:.1f} on average of the services traded" if cut else "services are not touched"
            rows.append((f"Ceiling for services, {who}", f"{row.value:g}: {row.finding}", ours, source))
        else:
            rows.append((f"Not part of this, {who}", f"{row.value:g}: {row.finding}", "–", source))
    return rows


def _services_cut(run: Any, members: Sequence[str]) -> float:
    """The mean fall of the cost of services traded among the members, percent."""
    places = [run.world.regions.index(code) for code in members]
    services = ~np.array(run.world.goods)
    cells = np.ix_(places, places, np.flatnonzero(services))
    trade = run.world.accounts.flows[cells] * (1 - np.eye(len(places)))[:, :, None]
    fall = 100 * (1 - run.outcome.wedges.iceberg[cells])
    return float((trade * fall).sum() / trade.sum()) if trade.sum() > 0 else 0.0


def _sources(agreement: Agreement, world: Any, members: Sequence[str]) -> list[Source]:
    used = [
        key
        for name, size in agreement.chapters
        if isinstance(size, str)
        for level in library.LEVELS
        for found in _sizes(agreement, world, name, level)
        for key in found.sources
    ]
    if len(members) == 2:
        used += [key for entry in library.already_agreed(members).values() for key in entry.sources]
        used += [key for row in library.published(members) for key in row.sources] + ["penppml"]
    return [Source(*library.sources()[key][:2]) for key in dict.fromkeys(used)]
