"""The page of the back-tests: one figure of all forecasts of trade, the scores, and what is missed and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from gaiatsu.exposure import episodes
from gaiatsu.exposure.backtest_scores import (
    TRADE,
    WIDE,
    clustered,
    diversion_table,
    experiments,
    factor_summary,
    summary,
    troughs,
)
from gaiatsu.exposure.backtests import not_scored, score_table
from gaiatsu.report.figures import Figure
from gaiatsu.report.page import Page
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table
from gaiatsu.report.words import MINUS

WIDTH, LINE, LEFT, RIGHT = 400, 17, 130, 10  # of the picture, in its own units: one unit is a pixel on a small phone
TOP, FOOT = 58, 22
LOWEST, HIGHEST, TICKS = -100.0, 75.0, (-100, -50, 0, 50)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NAMES = {
    "NOR-2010": "Norway 2010", "PHL-2012": "Philippines 2012", "KOR-2017": "Korea 2017", "AUS-2020": "Australia 2020",
    "LTU-2021": "Lithuania 2021", "TWN-2021": "Taiwan 2021", "JPN-2023": "Japan 2023", "CAN-2019": "Canada 2019",
    "KOR-2019": "Korea 2019, by Japan", "GAGE-2023": "China's licences 2023", "GRA-2023":
    "China's licences 2023", "SB-2024": "China's licences 2024", "REE-APR25":
    "China's licences 2025", "REE-OCT25": "China, announced 2025", "JPN-2026": "Japan 2026",
}  # fmt: skip
SEVERAL_BUYERS = ("GAGE-2023", "GRA-2023", "REE-APR25")  # episodes with the world and one country as buyers
STYLE = (
    "svg.forecasts{font:12px system-ui,sans-serif}.forecasts text{fill:var(--ink,#1a1d21)}"
    ".forecasts .soft{fill:var(--soft,#5a6169)}.forecasts .head{font-weight:650}"
    ".forecasts .grid{stroke:var(--line,#d9dde2)}.forecasts .none{stroke:var(--soft,#5a6169)}"
    ".forecasts .months{fill:var(--one,#7a5195)}.forecasts .year{fill:var(--two,#6ba39a)}"
    ".forecasts .swing{stroke:var(--soft,#5a6169)}"
    ".forecasts .said{stroke:var(--ink,#1a1d21);stroke-width:2.5}"
    ".forecasts .seen{fill:var(--paper,#fff);stroke:var(--loss,#c4560a);stroke-width:2}"
)
CAUTIONS = (
    "Rules and scores were made together, by people who knew how the episodes ended. No number in the rules is fitted"
    " on the episodes, but a rule chosen with the end in sight is not blind: this is a weaker test than a forecast made"
    " on the day.",
    "Not all data are from before the event: Norway's share of other markets is of 2014, that of the Philippines of"
    " 2022, the share of magnets was published in June 2025, and the elasticities are of any date.",
    "What a measure lets through is a rule by kind of measure, not a result. The model's own part is where lost trade"
    " goes, total exports, prices, and the effect of announced duties.",
    "Trade that goes through third places (Hong Kong, Vietnam, Belgium) and mislabelled goods are not modelled; stocks"
    " and buying ahead are not either.",
    "Observed figures are mostly read in excerpts of press reports; every row carries its source and its caveats.",
)
HEILMANN = Source(
    "Heilmann, K. (2016). Does political conflict hurt trade? Evidence from consumer boycotts. Journal of International"
    " Economics 99, 179–191",
    "https://ideas.repec.org/a/eee/inecon/v99y2016icp179-191.html",
)
GSDB = Source(
    "Global Sanctions Data Base, release 3: median duration of trade sanctions 4.0 years, mean 7.1",
    "https://www.globalsanctionsdatabase.com/",
)
BACI = Source(
    "Gaulier, G. and Zignago, S. (2010). BACI. CEPII working paper 2010-23 (Etalab 2.0)", "https://www.cepii.fr"
)


def points(value: float) -> str:
    """A percentage with its sign, no decimals: what such forecasts carry."""
    text = f"{value:+.0f}"
    return "0" if text in ("+0", "-0") else text.replace("-", MINUS)


def months_of(first: date, last: date) -> str:
    """A window in a few letters: "Feb 2011", "Jan–Jun 2011", "2011", "Jul 2020–Jun 21"."""
    if first.year == last.year:
        if (first.month, last.month) == (1, 12):
            return str(first.year)
        names = MONTHS[first.month - 1] + ("" if first.month == last.month else f"–{MONTHS[last.month - 1]}")
        return f"{names} {first.year}"
    return f"{MONTHS[first.month - 1]} {first.year}–{MONTHS[last.month - 1]} {last.year % 100:02d}"


def _place(value: float) -> float:
    inside = min(max(value, LOWEST), HIGHEST)
    return LEFT + (WIDTH - LEFT - RIGHT) * (inside - LOWEST) / (HIGHEST - LOWEST)


def _row(line: Any, y: float) -> str:
    window = episodes.windows()[line.row]
    assert window.first is not None
    assert window.last is not None
    label = months_of(window.first, window.last) + {"total": ", all", "share": ", share"}.get(line.quantity, "")
    middle, mark = y + LINE / 2, _place(line.observed)
    low, high, wide_low, wide_high, said = (
        _place(value) for value in (line.low, line.high, line.wide_low, line.wide_high, line.predicted)
    )
    return (
        f'<text class="soft" x="{LEFT - 6}" y="{middle + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        f'<line class="swing" x1="{wide_low:.1f}" x2="{wide_high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>'
        f'<rect class="{line.frequency}" x="{low:.1f}" y="{middle - 5:.1f}" width="{max(high - low, 2):.1f}"'
        ' height="10"/>'
        f'<line class="said" x1="{said:.1f}" x2="{said:.1f}" y1="{middle - 7:.1f}" y2="{middle + 7:.1f}"/>'
        f'<circle class="seen" cx="{mark:.1f}" cy="{middle:.1f}" r="4"/>'
    )


def _legend() -> str:
    items = (
        (4, '<rect class="months" x="4" y="7" width="14" height="10"/>', "band, months"),
        (112, '<rect class="year" x="112" y="7" width="14" height="10"/>', "a year"),
        (186, '<line class="said" x1="196" x2="196" y1="5" y2="19"/>', "forecast"),
        (268, '<circle class="seen" cx="278" cy="12" r="4"/>', "what happened"),
    )
    return "".join(f'{mark}<text x="{x + 19}" y="16">{text}</text>' for x, mark, text in items)


def picture(table: pd.DataFrame) -> Markup:
    """All forecasts of trade, each with its bands, beside what happened: an SVG that stands by itself too."""
    trade = table[table["quantity"].isin(TRADE["both"])].copy()
    trade["market"] = [episodes.windows()[row].market for row in trade["row"]]
    trade["last"] = [episodes.windows()[row].last for row in trade["row"]]
    order = list(episodes.markets())
    trade = trade.sort_values("market", key=lambda names: names.map(order.index), kind="stable")
    body, y = [], float(TOP)
    for name, part in trade.groupby("market", sort=False):
        episode = episodes.market(str(name))
        y += 4
        title = f"{NAMES[episode.episode]}: {episode.product}"
        if episode.episode in SEVERAL_BUYERS and episode.importer != episodes.WORLD:
            title += f" to {episode.importer}"
        body.append(f'<text class="head" x="4" y="{y + 13:.1f}">{escape(title)}</text>')
        y += LINE
        part = part.sort_values(["frequency", "last", "row"])
        for line in part.itertuples():
            body.append(_row(line, y))
            y += LINE
    grid = "".join(
        f'<line class="{"none" if tick == 0 else "grid"}" x1="{_place(tick):.1f}" x2="{_place(tick):.1f}" '
        f'y1="{TOP - 4}" y2="{y:.1f}"/><text class="soft" x="{_place(tick):.1f}" y="{TOP - 9}" text-anchor="middle">'
        f"{points(tick)}{'%' if tick == 0 else ''}</text>"
        for tick in TICKS
    )
    said = (
        "Forecasts of trade with their bands beside what happened, by episode; the numbers are in the table of scores"
    )
    return Markup(
        f'<svg class="forecasts" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + FOOT:.0f}" role="img" '
        f'aria-label="{said}" width="100%" style="max-width:640px"><style>{STYLE}</style>{_legend()}{grid}'
        f"{''.join(body)}</svg>"
    )


def standalone(table: pd.DataFrame) -> str:
    """The picture as a file of its own, on white."""
    drawn = str(picture(table))
    head, style, rest = drawn.partition("<style>")
    return head + '<rect width="100%" height="100%" fill="#fff"/>' + style + rest + "\n"


def lead(table: pd.DataFrame) -> str:
    """All forecasts of trade in one sentence or two."""
    trade = table[table["quantity"].isin(TRADE["both"])]
    own, still, full = (
        (trade[column] - trade["observed"]).abs() if column else trade["observed"].abs()
        for column in ("predicted", "", "naive")
    )
    verdict = _against("everything stops", *clustered(own - full, trade["episode"]))
    return (
        f"{len(trade)} forecasts of trade, mostly from data before the event, miss by {own.mean():.0f} points on"
        f" average; “nothing happens” misses by {still.mean():.0f}, “everything stops” by {full.mean():.0f}. {verdict}"
        " The bands are too narrow, and the misses stay in."
    )


def _against(rule: str, gap: float, error: float) -> str:
    """Whether the model misses by less than a naive rule, by more than chance among so few episodes."""
    size = f"{points(gap)} points, standard error {error:.0f} with the episodes as clusters"
    if abs(gap) < 2 * error:
        return f"Against “{rule}” that is no measurable difference ({size})."
    return f"Against “{rule}” that is {'less' if gap < 0 else 'more'}, measurably ({size})."


def sentences(table: pd.DataFrame) -> tuple[str, ...]:
    """The scores in words."""
    scores = summary(table).set_index(["frequency", "kind"])
    said = [
        sentence
        for frequency, name in (("year", "Over a year"), ("months", "Over months"))
        for sentence in _scored(name, scores.loc[(frequency, "both")])
    ]
    for (frequency, kind), row in scores.iterrows():
        if kind != "both" and min(row["error_naive"], row["error_no_change"]) < row["error"]:
            nearest = "naive" if row["error_naive"] < row["error_no_change"] else "no_change"
            rule = "everything stops" if nearest == "naive" else "nothing happens"
            named = "in months" if frequency == "months" else "over a year"
            said.append(
                f"For {kind} {named} alone “{rule}” comes nearer: {row[f'error_{nearest}']:.0f} points against"
                f" {row['error']:.0f} (difference {points(row[f'gap_{nearest}'])}, standard error"
                f" {row[f'gap_{nearest}_se']:.0f})."
            )
    deep = troughs(table)
    same = deep["differs"] == ""
    flows = deep["factor_observed"] >= 3
    said.append(
        "Troughs mislead for some goods and not for others: of the nearest flows seen at both frequencies"
        f" {int(flows.sum())} of {len(deep)} fell three times as deep in a month as in the year, or did not fall in the"
        f" year at all; of the {int(same.sum())} pairs that are the same flow in the same unit"
        f" {int((flows & same).sum())}."
    )
    return tuple(said)


def _scored(name: str, row: pd.Series) -> tuple[str, str]:
    banded, covered, hit, wide, rows = (
        int(row[key]) for key in ("banded", "covered", "points_hit", "wide_hits", "rows")
    )
    single = rows - banded
    several = f" {single} more are single numbers, because nothing in them is open: {hit} came true."
    one = f" One more is a single number, because nothing in it is open; it {'came true' if hit else 'is a miss'}."
    alone = several if single > 1 else one if single else ""
    return (
        f"{name}, {rows} forecasts of trade in {int(row['episodes'])} episodes miss by {row['error']:.0f} points on"
        f" average; “nothing happens” misses by {row['error_no_change']:.0f}, “everything stops” by"
        f" {row['error_naive']:.0f}. {_against('everything stops', row['gap_naive'], row['gap_naive_se'])} The"
        f" direction is right in {int(row['sign_hits'])} of {int(row['signed'])}.",
        f"{name}, of {banded} bands of 90 % {covered} hold what happened, {wide} of those by being wider than"
        f" {WIDE:.0f} points.{alone} With ordinary swings of trade {int(row['covered_wide'])} of {rows} hold it.",
    )


def backtests_page(world: Any) -> Page:
    """The page of `gaiatsu backtests`."""
    from gaiatsu.exposure.episode_economies import NOT_SEEN, economies

    table = score_table()
    said = sentences(table)
    figure = Figure(
        "forecasts", "Forecasts beside what happened", "change of trade, percent; “all”: all exports",
        picture(table),
        "Bars: 5 to 95 % over rules and elasticities (none where the forecast is one number); thin lines: the same with"
        " the ordinary swings of trade; the scale"
        " ends at +75 %. Prices and sales to others are in the table.",
    )  # fmt: skip
    tables = (
        Table("backtests_scores", "Every forecast beside what was observed, percent, with source and caveat", table),
        Table("backtests_summary", "Scores of forecasts of trade by frequency, in points", summary(table)),
        Table("backtests_factors", "Scores of prices and sales to others, as factors", factor_summary(table)),
        Table("backtests_months_and_years", "The nearest flow in months and over a year", troughs(table)),
        Table(
            "backtests_diversion",
            "Where lost trade goes in a year under the measure, percent (empty: sales at home are not known)",
            diversion_table(),
        ),
        Table("backtests_economies", "Real income of whole economies beside published effects", economies()),
        Table(
            "backtests_not_seen",
            "What no world's table shows",
            pd.DataFrame(NOT_SEEN, columns=["episode", "why"]),
        ),
        Table("backtests_experiments", "Two natural experiments with models of their own", experiments()),
        Table("backtests_not_scored", "Rows that are not scored, and why", not_scored()),
        Table("backtests_markets", "The markets before the measures, and where each share comes from", markets_table()),
    )
    section = Section("backtests", "The scores", said, (figure,), tables, CAUTIONS, (HEILMANN, GSDB, BACI))
    return Page(
        name="backtests", title="Fifteen episodes of economic pressure",
        question="What the model says, mostly from data before each event, and what happened.",
        lead=lead(table), world=world,
        sections=(section,), assumptions=assumptions(),
    )  # fmt: skip


def markets_table() -> pd.DataFrame:
    """The markets as a table."""
    return pd.DataFrame([vars(episode) for episode in episodes.markets().values()])


def assumptions() -> tuple[str, ...]:
    """The rules of the measures and what else is assumed."""
    rules = [f"{rule.title[0].upper()}{rule.title[1:]}: {rule.ground}." for rule in episodes.INSTRUMENTS.values()]
    return (
        *rules,
        "Supply elasticities: 0.05 to 0.5 in months, 0.2 to 2 over a year, 0.5 to 5 later; an assumption, no source by"
        " product was found.",
        "Demand elasticities: those of the horizons (inputs or consumption), between half and twice.",
        "Shares stand in for others where none was found: of the sector in a world; of mine output (antimony) or"
        " of world output (magnets) for China's share of what others buy. The table of markets marks them.",
        "Trade elasticities: all published sets of the package for the product's sector, scaled by horizon.",
        "Half of all measures end within four years, at a constant rate: an assumption. Four years are the median of"
        " trade sanctions in the Global Sanctions Data Base; their mean, 7.1 years, is longer than a constant rate has"
        " it, and 36 % of them go on.",
    )
