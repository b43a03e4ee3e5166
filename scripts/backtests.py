"""Writes the tables of the back-tests into docs/backtests.md, and docs/images/backtests.svg.

Usage: python scripts/backtests.py [--check]          writes the tables, or fails when the page is out of date
       python scripts/backtests.py --derive FOLDER    first fills in the shares of src/gaiatsu/exposure/data/
                                                      episode_markets.csv that come from a world or from
                                                      baci_minerals_hs6.csv.gz in FOLDER, and prints the ordinary swings
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.exposure.backtest_scores import diversion_table, experiments, factor_summary, summary, troughs
from gaiatsu.exposure.backtests import not_scored, score_table
from gaiatsu.exposure.episode_economies import NOT_SEEN, economies
from gaiatsu.exposure.episodes import INSTRUMENTS, markets
from gaiatsu.report.backtests import lead, sentences, standalone
from gaiatsu.report.backtests import points as said
from gaiatsu.report.words import MINUS
from gaiatsu.world import World

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "backtests.md"
PICTURE = ROOT / "docs" / "images" / "backtests.svg"
DATA = ROOT / "src" / "gaiatsu" / "exposure" / "data"
MARKETS = DATA / "episode_markets.csv"
TRADE = "baci_minerals_hs6.csv.gz"
RECIPE = re.compile(r"world (?P<world>2022|wiod2014) (?P<sector>\S+)|baci (?P<codes>[\d+]+) (?P<year>\d{4})")
NUMBER = re.compile(r"[+\u2212-]?\d[\d,]*(?:\.\d+)?")
LARGE = 50_000  # thousand US$: flows whose yearly swings are measured
PAIRS = ((2009, 2010), (2010, 2011), (2011, 2012), (2021, 2022), (2022, 2023), (2023, 2024))


@cache
def _world(name: str) -> World:
    return World.load(name)


def world_shares(name: str, code: str, exporter: str, importer: str) -> dict[str, float]:
    """Shares in a sector of a world (code "goods": all of them): what the exporter has, what the importer takes."""
    world = _world(name)
    chosen = np.array(world.goods) if code == "goods" else np.array([sector == code for sector in world.sectors])
    flows = world.accounts.flows[:, :, chosen].sum(axis=2)
    e, n = world.regions.index(exporter), world.regions.index(importer)
    abroad = flows.sum(axis=0)[e] - flows[e, e]
    return {
        "importer": flows[n, e] / flows[n].sum(),
        "exporter": flows[n, e] / abroad,
        "third": (abroad - flows[n, e]) / (flows.sum() - flows[n].sum() - flows[e].sum()),
    }


def trade_shares(table: pd.DataFrame, codes: list[str], year: int, exporter: str, importer: str) -> dict[str, float]:
    """The same in the world's trade of some products; an importer WLD is everybody."""
    part = table[table["k"].isin([int(code) for code in codes]) & (table["t"] == year)]
    sold, all_trade = part[part["exp"] == exporter], part["v"].sum()
    if importer == "WLD":
        return {"importer": sold["v"].sum() / all_trade, "exporter": 1.0, "third": 0.0}
    bought = part[part["imp"] == importer]
    pair = sold[sold["imp"] == importer]["v"].sum()
    return {
        "importer": pair / bought["v"].sum(),
        "exporter": pair / sold["v"].sum(),
        "third": (sold["v"].sum() - pair) / (all_trade - bought["v"].sum()),
    }


def derive(folder: Path) -> list[dict[str, str]]:
    """The rows of the table of markets with every share that its `*_from` says how to compute."""
    trade = pd.read_csv(folder / TRADE)
    with MARKETS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        for share in ("importer", "exporter", "third"):
            recipe = RECIPE.fullmatch(row[f"{share}_from"])
            if recipe is None:
                continue
            if recipe["world"]:
                found = world_shares(recipe["world"], recipe["sector"], row["exporter"], row["importer"])
            else:
                codes = recipe["codes"].split("+")
                found = trade_shares(trade, codes, int(recipe["year"]), row["exporter"], row["importer"])
            row[f"{share}_share"] = f"{found[share]:.5f}"
    return rows


def swings(folder: Path) -> dict[str, float]:
    """Robust standard deviations of yearly changes in logs: quantities of a pair and of an exporter, unit values."""
    trade = pd.read_csv(folder / TRADE)
    out: dict[str, float] = {}
    for name, keys in (("bilateral", ["exp", "imp", "k"]), ("total", ["exp", "k"])):
        changes: list[np.ndarray] = []
        values: list[np.ndarray] = []
        for first, second in PAIRS:
            before, after = (trade[trade["t"] == year].groupby(keys)[["v", "q"]].sum() for year in (first, second))
            both = before.merge(after, left_index=True, right_index=True, suffixes=("", "_after"))
            both = both[(both["v"] >= LARGE) & (both["q"] > 0) & (both["q_after"] > 0)]
            changes.append(np.log(both["q_after"] / both["q"]).to_numpy())
            values.append(np.log(both["v_after"] / both["q_after"] / (both["v"] / both["q"])).to_numpy())
        out[name] = _spread(np.concatenate(changes))
        out["price"] = _spread(np.concatenate(values))
    return out


def _spread(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def write_markets(rows: list[dict[str, str]]) -> None:
    """Put the rows back."""
    with MARKETS.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _table(head: str, marks: str, rows: list[list[str]]) -> list[str]:
    return [f"| {head} |", f"|{marks}|", *(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows), ""]


def _words(text: object) -> str:
    return " ".join(str(text).replace("|", "/").split())


def score_lines(table: pd.DataFrame) -> list[str]:
    """Summary of the scores, in points and as factors."""
    points = [
        [
            line.frequency, line.kind, f"{line.rows} ({line.episodes})", f"{line.error:.0f}",
            f"{line.error_no_change:.0f}", f"{line.error_naive:.0f}",
            f"{said(line.gap_naive)} ± {line.gap_naive_se:.0f}", f"{line.sign_hits} of {line.signed}",
            f"{line.covered} of {line.banded}", str(line.wide_hits), f"{line.points_hit} of {line.rows - line.banded}",
            f"{line.covered_wide} of {line.rows}", f"{line.width:.0f}",
        ]
        for line in summary(table).itertuples()
    ]  # fmt: skip
    factors = [
        [
            line.frequency, line.kind, str(line.rows), f"{line.factor:.1f}", f"{line.factor_no_change:.1f}",
            f"{line.sign_hits} of {line.rows}", str(line.covered), str(line.covered_wide),
        ]
        for line in factor_summary(table).itertuples()
    ]  # fmt: skip
    head = (
        "frequency | what | rows (episodes) | model misses by | “nothing happens” | “everything stops” | difference to "
        "the last ± standard error | direction right | inside the band | of those, band wider than 90 | single numbers "
        "that came true | inside with swings | width of the bands"
    )
    return [
        *_table(head, "---|---|" + "---:|" * 10 + "---:", points),
        "What has no upper end is scored by the factor that forecasts are off on average.",
        "",
        *_table(
            "frequency | what | rows | model off by | “nothing happens” | direction right | inside the band | "
            "with swings",
            "---|---|" + "---:|" * 5 + "---:", factors,
        ),
    ]  # fmt: skip


def _inside(covered: bool, covered_wide: bool, point: bool) -> str:
    if covered:
        return "exact" if point else "yes"
    return "with swings" if covered_wide else "no"


def forecast_lines(table: pd.DataFrame) -> list[str]:
    """Every scored forecast, by row of the observed table."""
    rows = [
        [
            str(line.row), line.episode, f"{_words(line.product)} ({_words(line.window) or 'no window given'})",
            {"total": "all exports", "others": "sales to others", "price-exporter": "seller's price",
             "price-importer": "buyer's price"}.get(line.quantity, line.quantity),
            line.frequency, line.instrument, said(line.predicted), f"{said(line.low)} to {said(line.high)}",
            f"{said(line.wide_low)} to {said(line.wide_high)}", said(line.observed), said(line.error),
            _inside(line.covered, line.covered_wide, line.point),
            _words("; ".join(text for text in (line.note, line.caveat) if text)), _words(line.source),
        ]
        for line in table.itertuples()
    ]  # fmt: skip
    head = (
        "row | episode | flow (window) | quantity | frequency | measure | forecast | band | with swings | happened | "
    )
    return _table(head + "error | inside | to know | source", "---:|" + "---|" * 5 + "---:|" * 5 + "---|---|---", rows)


def other_lines(table: pd.DataFrame) -> dict[str, list[str]]:
    """Months against years, diversion, experiments, what is not scored, markets, rules."""

    def factor(value: float) -> str:
        return "no fall in the year" if value == float("inf") else f"{value:.1f}"

    def spread(line: Any, name: str) -> str:
        middle = getattr(line, name)
        return "" if pd.isna(middle) else f"{said(middle)} ({said(getattr(line, name + '_low'))} to " \
                                          f"{said(getattr(line, name + '_high'))})"  # fmt: skip

    def number(value: float) -> str:
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) < 2 else f"{value:.1f}"

    deep = [
        [line.episode, _words(line.product), line.differs or "the same", _words(line.months_window),
         said(line.months_observed), said(line.months_predicted), _words(line.year_window),
         said(line.year_observed), said(line.year_predicted),
         factor(line.factor_observed), factor(line.factor_predicted)]
        for line in troughs(table).itertuples()
    ]  # fmt: skip
    lost = [
        [line.episode, line.product, said(-line.lost), "" if pd.isna(line.diverted) else said(line.diverted),
         "" if pd.isna(line.home) else said(line.home), spread(line, "price_exporter"), spread(line, "price_importer")]
        for line in diversion_table().itertuples()
    ]  # fmt: skip
    tried = [
        [line.experiment, line.quantity, line.frequency, number(line.predicted),
         f"{number(line.low)} to {number(line.high)}", number(line.observed), "yes" if line.covered else "no",
         _words(line.source)]
        for line in experiments().itertuples()
    ]  # fmt: skip
    left = [
        [str(line.row), line.episode, _words(line.product), "" if pd.isna(line.observed) else said(line.observed),
         "" if pd.isna(line.predicted) else said(line.predicted), line.reason, _words(line.source)]
        for line in not_scored().itertuples()
    ]  # fmt: skip
    places = [
        [episode.episode, episode.product, f"{episode.exporter} to {episode.importer}", episode.start.isoformat(),
         _words(episode.announced), f"{100 * episode.importer_share:.2g}", _words(episode.importer_from),
         f"{100 * episode.exporter_share:.3g}", _words(episode.exporter_from),
         "" if episode.third_share is None else f"{100 * episode.third_share:.2g}", _words(episode.third_from),
         _words(episode.note)]
        for episode in markets().values()
    ]  # fmt: skip
    rules = [[name, rule.title, rule.ground] for name, rule in INSTRUMENTS.items()]
    return {
        "months and years": _table(
            "episode | product | what differs | months | happened | forecast | year | happened | forecast | times "
            "deeper | forecast", "---|---|---|---|---:|---:|---|---:|---:|---:|---:", deep,
        ),
        "diversion": _table(
            "episode | product | lost | sold to others | sold at home | seller's price | buyer's price",
            "---|---|---:|---:|---:|---:|---:", lost,
        ),
        "experiments": _table(
            "experiment | quantity | frequency | forecast | band | happened | inside | source",
            "---|---|---|---:|---:|---:|---|---", tried,
        ),
        "not seen": [f"- {episode}: {why}." for episode, why in NOT_SEEN],
        "not scored": _table(
            "row | episode | what | happened | forecast | why not | source", "---:|---|---|---:|---:|---|---", left
        ),
        "markets": _table(
            "episode | product | flow | from | announced | share of the buyer's purchases | source | share of the "
            "seller's exports | source | share of others' purchases | source | note",
            "---|---|---|---|---|---:|---|---:|---|---:|---|---", places,
        ),
        "rules": _table("measure | what it is | what passes, and why", "---|---|---", rules),
    }  # fmt: skip


def economy_lines(table: pd.DataFrame) -> list[str]:
    """Whole economies."""
    whole = [
        [line.episode, line.world, line.horizon, line.what, line.by_sector, f"{line.trade_change:+.0f}",
         f"{line.target:+.3f}", f"{line.sender:+.4f}", f"{line.dollars:+,.0f}", line.published]
        for line in table.itertuples()
    ]  # fmt: skip
    head = (
        "episode | world | horizon | what is hit | share of each sector's trade | trade of the sectors | real income "
        "of the target | of the sender | US$ million a year | published"
    )
    return _table(head, "---|---|---|---|---|---:|---:|---:|---:|---", whole)


# {7}: what happened in row 7 against its forecast; {=7}: what happened; {<7} and {>7}: the ends of its band; {!44}: the
# forecast of a row that is not scored. A line that begins with a dash begins a paragraph.
READING = """\
- **Customs delays** are forecast as anything from none to all, about −50 % in the middle. Most shut the border: salmon
{=1} %, coal {=67} %, copper concentrate {=70} %, lobsters {=23} %, canola {=40} %, Lithuania's goods {=28} %. Some did
not, or not for good: bananas {=7} % in the year, Norway's salmon {=6} % two years later, Australia's coal {=89} % and
{=90} % after three and four. Of Japan in 2026 only China's exports of magnets to all are known: {=65} %.
- **Licences.** While the first applications waited, gallium and germanium stopped as forecast; antimony ({55}), flake
graphite ({84}) and magnets ({59}) nearly or less: of magnets only some need a licence. Hydrogen fluoride fell less by
value ({82}) than by weight ({43}). After the wait the forecast is open: magnets recovered within months ({61}),
antimony did not ({56}).
- **Nulls.** Bananas in 2012 ({7}) and 2013 ({8}) and magnets over the whole of 2025 ({66}) are misses: pressure that is
announced is often not applied, not for long, or made good by buying ahead and after. So would photoresist be, where no
fall was seen but none was measured (the forecast is {!44}; not scored). The October controls of 2025 are forecast as
nothing because they were to begin later; they never did.
- **Totals and shares.** Near: coal ({69}), marine products in 2024 ({36}), wine to others ({21}), Japan's share in
Korea's hydrogen fluoride ({76}). Far: copper concentrate ({73}: half of what China no longer took was not sold), all
visitors to Korea ({77}), marine products in the first month of the ban ({74}), the Philippines' share in China's
bananas ({75}: it rose). Pineapples: a campaign at home and in Japan bought them at higher prices (farm price {34},
Japan {33}). No model of prices has that.
- **Before the measure.** Lithuania's exports to China fell in 2021 by more than December alone could take ({79}),
scallops in 2023 by more than the four months of the ban ({38}).
- **Prices** of minerals are forecast within a band that is nearly useless (gallium {<49} to {>49} %): with low demand
and supply elasticities a shortage has no natural price. Stocks, scrap and smuggling cap it.
"""


def reading(table: pd.DataFrame) -> list[str]:
    """What the scores say, row by row."""
    rows, others = table.set_index("row"), not_scored().set_index("row")

    def filled(found: re.Match[str]) -> str:
        sign, row = found[1], int(found[2])
        if sign == "!":
            return said(others.at[row, "predicted"])
        if sign:
            return said(rows.at[row, {"=": "observed", "<": "low", ">": "high"}[sign]])
        return f"{said(rows.at[row, 'observed'])} against {said(rows.at[row, 'predicted'])}"

    return re.sub(r"\{([=<>!]?)(\d+)\}", filled, re.sub(r"\n(?!- )", " ", READING)).strip().split("\n")


def blocks(*, whole: bool = True) -> dict[str, str]:
    """Name of a pair of marks → what stands between them; without the whole economies, which take seconds, or with."""
    table = score_table()
    lines = {"scores": score_lines(table), "forecasts": forecast_lines(table), **other_lines(table)}
    lines["sentences"] = ["- " + sentence for sentence in (lead(table), *sentences(table))]
    lines["reading"] = reading(table)
    if whole:
        lines["economies"] = economy_lines(economies())
    return {name: "\n".join(part).strip("\n") for name, part in lines.items()}


def marks(name: str) -> tuple[str, str]:
    """The two marks around a block."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def updated(page: str, *, whole: bool = True) -> str:
    """The page with all blocks as they are now."""
    for name, text in blocks(whole=whole).items():
        start, end = marks(name)
        head, _, rest = page.partition(start)
        page = f"{head}{start}\n\n{text}\n\n{end}{rest.partition(end)[2]}"
    return page


def differences(old: str, new: str) -> list[str]:
    """Lines that differ in words, or in a number by more than its last digit: processors round differently."""
    pairs = zip_longest(old.splitlines(), new.splitlines(), fillvalue="")
    return [f"{before!r} is {after!r} now" for before, after in pairs if not _same(before, after)]


def _same(old: str, new: str) -> bool:
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    return all(_near(before, after) for before, after in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True))


def _near(old: str, new: str) -> bool:
    before, after = (float(text.replace(",", "").replace(MINUS, "-")) for text in (old, new))
    return abs(before - after) <= 1.5 * 10.0 ** -len(new.partition(".")[2])


def main() -> int:
    """Write the page and the picture, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    parser.add_argument("--derive", type=Path, metavar="FOLDER", help="fill in the shares of the markets again")
    chosen = parser.parse_args()
    if chosen.derive:
        write_markets(derive(chosen.derive))
        print("ordinary swings:", {name: round(value, 3) for name, value in swings(chosen.derive).items()})
    page, drawn = PAGE.read_text(encoding="utf-8"), PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else ""
    texts = {PAGE: (page, updated(page)), PICTURE: (drawn, standalone(score_table()))}
    if not chosen.check:
        for path, (_, new) in texts.items():
            path.write_text(new, encoding="utf-8")
        return 0
    stale = {path.name: differences(old, new) for path, (old, new) in texts.items()}
    for name, found in stale.items():
        if found:
            print(f"{name} is out of date: run scripts/backtests.py", *found, sep="\n  ", file=sys.stderr)
    return int(any(stale.values()))


if __name__ == "__main__":
    sys.exit(main())
