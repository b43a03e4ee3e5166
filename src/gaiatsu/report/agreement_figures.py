"""The figures of an agreement by chapter: bars by chapter and sector, sizes, provisions and published work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import BILLION, Figure
from gaiatsu.report.headline import Names
from gaiatsu.scenario.agreement_chapters import LEVELS, chapters, provision_meanings, sources

DIGITS = 4
SECTORS = 10  # shown for each region
OTHERS = 4  # regions outside that lose most, and that gain most
STANDINGS = {
    "published": "published", "derived": "derived", "assumption": "ASSUMPTION", "definition": "what the chapter says",
    "own": "your own",
}  # fmt: skip


def title_of(chapter: str) -> str:
    """A chapter's name."""
    return chapters()[chapter].title


def _million(value: float) -> str:
    """US$ million with its sign; a tenth where there is less than one."""
    return words.signed(value, 0 if abs(value) >= 9.5 else 1)


def _range(ends: tuple[float, float]) -> str:
    return f"{_million(ends[0])} to {_million(ends[1])}"


def by_chapter(
    gains: Any, totals: pd.DataFrame, income: Mapping[str, float], names: Names, shown: Sequence[str], weak: set[str]
) -> Figure:
    """Bars by chapter, with the range over its published sizes, and the whole; income: US$ million a year."""
    groups = []
    for code in shown:
        unit = income[code] / 100
        bars = []
        for chapter, value in gains.contribution[code].items():
            low, *_, high = sorted((gains.low.at[chapter, code], value, gains.high.at[chapter, code]))
            ends = (low * unit, high * unit) if high > low else None
            label = title_of(chapter) + (" *" if chapter in weak else "")
            texts = (_million(value * unit), _range(ends) if ends else "")
            bars.append(Bar(label, value * unit, texts, whisker=ends))
        central, low, high = (unit * float(totals.at[code, name]) for name in ("central", "low", "high"))
        texts = (_million(central), _range((low, high)))
        bars.append(Bar("All chapters", central, texts, kind="whole", strong=True, whisker=(low, high)))
        groups.append(Group(names.region[code], bars))
    note = (
        "Shapley values of the chapters: what each adds, averaged over an order of the chapters and its reverse. Lines:"
        " that chapter alone at its low and its high size. All chapters: over low, central and high sizes of all and"
        " the published trade elasticities. * rests on an assumption, see the table of sizes."
    )
    return _gains("chapter", groups, note)


def by_sector(table: pd.DataFrame, income: Mapping[str, float], names: Names, shown: Sequence[str]) -> Figure:
    """Bars by the sector whose border costs and duties fall; income: US$ million a year."""
    groups = []
    for code in shown:
        mine = table[table["region"] == code].set_index("sector")
        worth = mine[[f"{level}_percentage_points" for level in LEVELS]] * income[code] / 100
        worth.columns = pd.Index(LEVELS)
        largest = worth["central"].abs().sort_values(ascending=False, kind="stable").index[:SECTORS]
        rows = worth.loc[largest].sort_values("central", ascending=False, kind="stable")
        bars = []
        for sector, row in rows.iterrows():
            ends = (float(row.min()), float(row.max()))
            texts = (_million(row["central"]), _range(ends))
            bars.append(Bar(names.sector[str(sector)], float(row["central"]), texts, whisker=ends))
        rest = float(worth["central"].sum() - rows["central"].sum())
        bars.append(Bar("All other sectors", rest, (_million(rest), "")))
        groups.append(Group(names.region[code], bars))
    note = (
        "What the fall of costs and duties in trade of the sector’s products between the parties, both ways, does to"
        " real income: derivatives added up along the way from no agreement to the whole. Lines: all chapters at their"
        " low, central and high sizes."
    )
    return _gains("sector", groups, note)


def _gains(of: str, groups: Sequence[Group], note: str) -> Figure:
    """The figure of gains by chapter, or by sector."""
    title = f"Gains by {of}"
    body = bar_table(
        groups, first=words.upper_first(of), unit="US$ million", columns=("US$ m", "low to high"),
        caption=f"{title}, US$ million a year",
    )  # fmt: skip
    return Figure(f"agreement-{of}s", title, "worth of the change of real income, US$ million a year", body, note)


def outside(run: Any, members: Sequence[str], names: Names) -> Figure | None:
    """The regions outside that lose and gain most."""
    income = run.outcome.real_income.drop(list(members)).sort_values(kind="stable")
    worth = run.outcome.summary()["equivalent_variation"]
    ends = {} if run.range is None else {c: tuple(run.range.table.loc[c, ["low", "high"]]) for c in income.index}
    chosen = list(dict.fromkeys([*income.index[:OTHERS], *income.index[-OTHERS:]]))
    bars = []
    for code in chosen:
        value = float(income[code])
        texts = (words.signed(value, DIGITS), words.signed_money(float(worth[code])))
        bars.append(Bar(names.region[str(code)], value, texts, whisker=ends.get(code)))
    if not bars:
        return None
    title = "Who is left out"
    body = bar_table(
        [Group("", bars)], first="Region", unit="percent", columns=("%", BILLION),
        caption=f"{title}: real income of regions outside the agreement",
    )  # fmt: skip
    note = "Lines: published trade elasticities, at the central sizes." if ends else ""
    unit = "change of real income of regions outside the agreement, percent, and its worth, US$ billion a year"
    return Figure("agreement-others", title, unit, body, note)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, numbers: Sequence[int] = ()) -> Markup:
    """A plain table that scrolls on a narrow screen."""
    kind = ["number" if place in numbers else "" for place in range(len(heads))]

    def cell(tag: str, place: int, text: Any, extra: str = "") -> Markup:
        css = Markup(' class="{}"').format(kind[place]) if kind[place] else Markup("")
        return Markup("<{tag}{extra}{css}>{text}</{tag}>").format(tag=tag, extra=Markup(extra), css=css, text=text)

    head = Markup("").join(cell("th", place, text, ' scope="col"') for place, text in enumerate(heads))
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                cell("td", place, text) if place else cell("th", place, text, ' scope="row" style="min-width:13rem"')
                for place, text in enumerate(row)
            )
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="group" aria-label="{caption}"><table class="plain">'
        '<caption class="unseen">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    ).format(caption=caption, head=head, body=body)


def short_source(key: str) -> str:
    """Authors and year."""
    return sources()[key][2]


def _standing(row: Any) -> Markup:
    """How sure the central size is; assumptions in capitals, also where only the low or high end is one."""
    ends = [level for level in ("low", "high") if row[f"{level}_standing"] == "assumption"]
    word = Markup("<strong>{}</strong>") if row["standing"] == "assumption" else Markup("{}")
    told = word.format(STANDINGS[row["standing"]])
    if ends and row["standing"] != "assumption":
        told += Markup(" ({}: <strong>ASSUMPTION</strong>)").format(" and ".join(ends))
    return told


def _noted(text: str, note: str) -> Markup:
    return Markup('{}<span class="note">{}</span>').format(text, note)


def sizes(table: pd.DataFrame) -> Figure:
    """How far each chapter is assumed to cut costs, how the size was found and how sure it is."""
    rows = []
    for _, row in table.iterrows():
        cited = "; ".join(short_source(key) for key in row["sources"].split())
        how = ". ".join(words.upper_first(part) for part in (row["where"], row["how"], cited) if part)
        how += f". Agreed already: {row['agreed']}" if row["agreed"] else ""
        shares = f"{row['in_force_percent']:.0f}{words.SPACE}%" if row["in_force_percent"] else "–"
        ends = f"{row['low_percent']:.2f} to {row['high_percent']:.2f}"
        trade = f"{row['trade_usd_million'] / 1000:,.2f}"
        size = f"{row['central_percent']:.2f}"
        rows.append((_noted(row["title"], f"{how}."), _standing(row), size, ends, shares, trade))
    title = "How large each chapter is, and how sure"
    heads = (
        "Chapter, and how its central size was found",
        "Standing",
        "central, %",
        "low to high, %",
        "in force",
        f"trade, {BILLION}",
    )
    body = _table(heads, rows, title, numbers=(2, 3, 4, 5))
    note = (
        "Before what is in force already is taken off (by that share). Published: one printed number, converted."
        " Derived: made of several printed numbers. ASSUMPTION: a share in it is assumed, because no number was found,"
        " or it was measured of other services, importers or more than one agreement."
        " The cuts of several chapters on one product multiply; “Other services” leaves the sectors of the chapters on"
        " digital trade, finance and persons to them."
    )
    unit = "fall of the price delivered across the border (of the duty for duties on goods), percent"
    return Figure("agreement-sizes", title, unit, body, note)


def provisions(compared: Mapping[str, frozenset[str]]) -> Figure:
    """Which of sixteen provisions agreements have: the first is the members' own."""

    def mark(held: bool) -> Markup:
        told = "yes" if held else "no"
        return Markup('{}<span class="unseen"> {}</span>').format("●" if held else "–", told)

    rows: list[tuple[Any, ...]] = []
    for code, (meaning, chosen) in provision_meanings().items():
        said = _noted(meaning, f"{code}, {'selected for its effect on trade' if chosen == 'selected' else 'random'}")
        rows.append((said, *(mark(code in held) for held in compared.values())))
    rows.append((Markup("<strong>of sixteen</strong>"), *(str(len(held)) for held in compared.values())))
    title = "Sixteen provisions, compared"
    body = _table(("Provision", *compared), rows, title)
    note = (
        "World Bank, Deep Trade Agreements 2.0, agreements in force in 2016, in the sample of the R package penppml:"
        " six provisions selected for their effect on trade, ten drawn at random. Their number is no measure of depth:"
        " whether there are chapters on services, persons or procurement is not among them. Newer agreements"
        " (EU–Japan, CPTPP) are not in the file."
    )
    return Figure("agreement-provisions", title, "● has it, – has it not", body, note)


def published(rows: Sequence[tuple[str, str, str, str]]) -> Figure:
    """Published figures beside those of this run: what, published, here, source."""
    title = "Beside published figures"
    body = _table(
        ("What", "Published", "Here"),
        [(_noted(what, source), said, ours) for what, said, ours, source in rows],
        title,
    )
    return Figure("agreement-published", title, "as stated", body)
