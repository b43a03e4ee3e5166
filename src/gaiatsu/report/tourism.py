"""The section of a report on a curb on travel: visitors, sectors, who fills in, where they go, range, back-test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gaiatsu.exposure import tourism, tourism_backtest, tourism_effects
from gaiatsu.report import words
from gaiatsu.report.charts import Bar, Group, bar_table
from gaiatsu.report.figures import BILLION, Figure, digits_for
from gaiatsu.report.headline import Names
from gaiatsu.report.sections import Section, Source
from gaiatsu.report.tables import Table, labelled, with_units
from gaiatsu.scenario.pressure import TravelBan

MONTHS_SHOWN = 12
PLACES = 8
PERCENT = f"{words.SPACE}%"
HALF = 0.5  # of the visitors stay away in published expectations, or more
PAIR = ((tourism_backtest.ORIGIN,), (tourism_backtest.DESTINATION,))  # region parts of the pair there is a record of

SOURCES = (
    Source("Japan National Tourism Organization, visitor arrivals by month and market (Public Data License 1.0)",
           "https://www.jnto.go.jp/"),
    Source("Japan Tourism Agency, consumption of foreign visitors, 2024 and 2025 (Public Data License 1.0)",
           "https://www.mlit.go.jp/kankocho/"),
)  # fmt: skip

CAUTIONS = (
    "Spending is that of 2024, in dollars of that year, on the accounts of the world’s own year. Where the world’s "
    "table held less, sales were moved from residents to visitors (docs/tourism.md): output and GDP did not change by "
    "that.",
    "Assumption: what visitors buy in shops counts as retail, transport as land transport. A part of it is goods made "
    "elsewhere, so that retail and its income lose too much, and makers too little.",
    "Assumption: shares of items are those of Japan in 2024; the split of transport and entertainment is that of the "
    "last quarter of 2025. Air fares are not spending in the country and are left out.",
    "Prices are free and everybody finds other work, so that losses are a lower bound; the engine lets residents and "
    "others buy what is left at lower prices. Visitors substitute between home and abroad as buyers of any service do, "
    "so that the model keeps more of their spending at home than travellers do.",
)
FILLING_IN = (
    "Others who fill in are a device: access gets cheaper for all other foreigners, which costs nobody anything. It is "
    "a gain of efficiency given to them and to the country visited, so that the mild end of the range is too mild. "
    "That half is made good is an assumption without a source; it was none in Korea in 2017. Residents who buy what "
    "is left are in the model already."
)


def sections(run: Any) -> list[Section]:
    """The section on all curbs on travel of a run."""
    bans = [measure for measure in run.measures if isinstance(measure, TravelBan)]
    outcome = run.outcome
    names = Names.of(run.world)
    origins, targets = _ends(outcome, bans)
    sectors = tourism_effects.sector_effects(outcome, bans)
    places = tourism_effects.destinations(outcome, bans)
    spread, failed = tourism_effects.prior_range(outcome, [*targets, *origins])
    recorded = _recorded(run.world, bans)
    alone = len(bans) == len(run.measures)
    figures = [_sector_figure(sectors, names), _place_figure(places, names)]
    tables = [
        Table("tourism_sectors", "What visitors spend and leave, and who buys it", _sector_table(run, sectors)),
        Table("tourism_diversion", "What visitors’ home countries buy where instead", _place_table(run, places)),
        Table("tourism_range", "Real income over the priors, percent", _range_table(spread)),
        Table("tourism_episodes", "Earlier curbs, on which the priors rest", tourism.episodes().reset_index()),
    ]  # fmt: skip
    sentences = [
        _loss_sentence(outcome, bans, names, origins, targets, alone=alone),
        _fill_sentence(sectors, names, targets),
        _place_sentence(places, names, origins, targets),
        "" if failed else _range_sentence(spread, names, targets, bans),
    ]
    filled = any(ban.refilled for ban in bans) or any("others fill in" in str(case) for case in spread.index)
    cautions = [*CAUTIONS, *_prior_cautions(bans), *([FILLING_IN] if filled else []), *_missing_caution(outcome, bans)]
    if not alone:
        cautions.append(
            "The scenario has other measures too: sales, diversion and real income are with all of them; what travel "
            "alone does is told by measure."
        )
    if failed:
        cautions.append(f"No equilibrium for {words.listed(failed)}: {next(iter(failed.values()))}")
    if recorded:
        test = tourism.backtest_2025()
        figures = [_arrival_figure(), *figures, _test_figure(test)]
        figures += [_published_figure(run, bans, spread.iloc[:0] if failed else spread)] if alone else []
        tables += [
            Table("tourism_arrivals", "Visitors to Japan by month", tourism.arrivals().reset_index()),
            Table("tourism_backtest", "Predicted before 14 November 2025, and observed; percent", test),
            Table("tourism_published", "What others expected, percent of GDP", tourism.published()),
        ]
        sentences += [_test_sentence(test), _quiet_sentence(), _published_sentence(run, bans) if alone else ""]
    return [
        Section("tourism", "Visitors who stay away", tuple(text for text in sentences if text), tuple(figures),
                tuple(tables), tuple(cautions), SOURCES if recorded else SOURCES[1:])
    ]  # fmt: skip


def _ends(outcome: Any, bans: Sequence[TravelBan]) -> tuple[list[str], list[str]]:
    """Codes of where visitors live and of where they no longer go."""
    pairs = [pair for ban in bans for pair in tourism.travel_flows(outcome.world, ban)]
    regions = outcome.world.regions
    return (list(dict.fromkeys(regions[n] for n, _ in pairs)), list(dict.fromkeys(regions[i] for _, i in pairs)))


def _recorded(world: Any, bans: Sequence[TravelBan]) -> bool:
    """Whether the pair of the record of 2025 is among those hit."""
    parts = world.region_parts
    return any((parts[n], parts[i]) == PAIR for ban in bans for n, i in tourism.travel_flows(world, ban))


def _the(names: Names, codes: Sequence[str]) -> str:
    return words.listed(names.the(code) for code in codes[:3]) if len(codes) <= 3 else f"{len(codes)} countries"


def _share(part: float, whole: float) -> str:
    return words.share(part / whole) if whole else "–"


# ------------------------------------------------------------------------------------------------------ sentences
def _loss_sentence(
    outcome: Any,
    bans: Sequence[TravelBan],
    names: Names,
    origins: Sequence[str],
    targets: Sequence[str],
    *,
    alone: bool,
) -> str:
    lost = sum(tourism_effects.spending_lost(outcome, ban) for ban in bans)
    regions = outcome.world.regions
    gdp = float(sum(outcome.accounts.value_added[regions.index(code)].sum() for code in targets))
    income = outcome.real_income
    told = words.listed(
        f"{names.the(code)} {words.signed_percent(float(income[code]))}{PERCENT}" for code in [*targets, *origins][:4]
    )
    how = "; ".join(f"{100 * ban.lost():.0f}{PERCENT}" for ban in bans)
    return (
        f"{how} of the visitors from {_the(names, origins)} stay away from {_the(names, targets)}, who would have "
        f"spent {words.money(lost)} a year there, {words.percent(100 * lost / gdp)} of its GDP. With prices that "
        f"adjust{'' if alone else ', and with the other measures'}, real income changes by: {told}."
    )


def _fill_sentence(sectors: pd.DataFrame, names: Names, targets: Sequence[str]) -> str:
    lost = -float(sectors["sold_to_origins"].sum())
    if lost <= 0:
        return ""
    home, others = float(sectors["sold_at_home"].sum()), float(sectors["sold_to_others"].sum())
    lowest = sectors.loc[sectors["price_percent"].idxmin()]
    return (
        f"Of what they leave, residents buy {_share(home, lost)} and other foreigners {_share(others, lost)}, at lower "
        f"prices (most in {words.in_sentence(names.sector[lowest['sector']])}: "
        f"{words.signed(float(lowest['price_percent']), 2)}{PERCENT}); the rest is not produced, and people work "
        "elsewhere."
    )


def _place_sentence(places: pd.DataFrame, names: Names, origins: Sequence[str], targets: Sequence[str]) -> str:
    own = places["destination"] == places["visitors_from"]
    away = places["destination"].isin(targets)
    lost = -float(places.loc[away, "change"].sum())
    if lost <= 0:
        return ""
    stays, rest = float(places.loc[own, "change"].sum()), places[~own & ~away]
    gains = rest.groupby("destination", sort=False)["change"].sum().sort_values(ascending=False, kind="stable")
    first = words.listed(f"{names.the(str(code))} ({words.money(value)})" for code, value in gains.head(3).items())
    return (
        f"Of what they no longer buy in {_the(names, targets)}, {_share(stays, lost)} goes to the same sectors at home "
        f"and {_share(float(rest['change'].sum()), lost)} to other countries, most to {first}."
    )


def _range_sentence(spread: pd.DataFrame, names: Names, targets: Sequence[str], bans: Sequence[TravelBan]) -> str:
    if spread.empty:
        return ""
    ends = {code: [words.signed(end, 3) for end in (spread[code].min(), spread[code].max())] for code in targets[:3]}
    parts = [f"{names.the(code)} {low} to {high}{PERCENT}" for code, (low, high) in ends.items() if low != high]
    over = ["how many stay away"] if any(ban.curb for ban in bans) else []
    if any("others fill in" in str(case) for case in spread.index):
        over.append("whether other visitors make up for none or half of them")
    return f"Range over {', and '.join(over)}: {words.listed(parts)}." if parts else ""


def _missing_caution(outcome: Any, bans: Sequence[TravelBan]) -> list[str]:
    missing = sum(cut.missing for ban in bans for cut in tourism.cuts(outcome.world, ban))
    if not missing:
        return []
    return [
        f"The world holds {words.money(missing)} a year less of these sales than visitors spent when travel was put "
        "in (after a shock, say): what it holds counts as all theirs."
    ]


def _prior_cautions(bans: Sequence[TravelBan]) -> list[str]:
    out = []
    for curb in dict.fromkeys(ban.curb for ban in bans if ban.curb):
        prior = tourism.curb_prior(curb)
        out.append(
            f"How many stay away after an earlier {curb} ({', '.join(prior.episodes)}): {100 * prior.central:.0f} %, "
            f"and {100 * prior.low:.0f} to {100 * prior.high:.0f} % as the 90 % band for one more; four episodes "
            "of both kinds in all."
        )
    return out


def _test_sentence(test: pd.DataFrame) -> str:
    rows = test[test["frequency"] == tourism_backtest.WHOLE].set_index("quantity")
    told = []
    for name, row in rows.iterrows():
        covered = row["low"] <= row["observed"] <= row["high"]
        told.append(
            f"{name} {words.signed(row['predicted'], 1)}{PERCENT} ({words.signed(row['low'], 0)} to "
            f"{words.signed(row['high'], 0)}) foreseen and {words.signed(row['observed'], 1)}{PERCENT} observed"
            f"{'' if covered else ', outside the band'}"
        )
    return (
        "Back-test, December 2025 to June 2026 against a year before, from what was known before the advisory of "
        f"14 November 2025: {'; '.join(told)}. The central forecast for visitors from China misses by about half: it "
        "is what earlier advisories did, and this one came with cancelled flights."
    )


def _quiet_sentence() -> str:
    change = tourism_backtest.monthly_change()
    since = change.loc[tourism_backtest.FIRST_MONTH :, "others"]
    return (
        "Months without effect: in November 2025, half of it after the advisory, visitors from China were still "
        f"{words.signed(change.loc['2025-11', 'China'], 1)}{PERCENT} against a year before. Visitors from elsewhere "
        f"show none: from then to {since.index[-1]} their months lie between {words.signed(since.min(), 1)} and "
        f"{words.signed(since.max(), 1)}{PERCENT}."
    )


def _to_japan(run: Any, bans: Sequence[TravelBan]) -> list[tuple[TravelBan, int, float]]:
    """Ban, position of where visitors to Japan live, and what they spend there, US$ million."""
    parts = run.world.region_parts
    return [(ban, n, usd) for ban in bans for (n, i), usd in tourism.travel_flows(run.world, ban).items()
            if parts[i] == PAIR[1]]  # fmt: skip


def _gross(run: Any, bans: Sequence[TravelBan]) -> float:
    """What visitors no longer spend in Japan, percent of its GDP: the yardstick of published estimates."""
    japan = [n for n, part in enumerate(run.world.region_parts) if part == PAIR[1]]
    lost = sum(ban.lost() * usd for ban, _, usd in _to_japan(run, bans))
    return -100 * lost / float(run.world.accounts.value_added[japan].sum())


def _unlike(run: Any, bans: Sequence[TravelBan]) -> str:
    """What published expectations assumed that the case does not."""
    found = _to_japan(run, bans)
    others = []
    hong_kong = tourism.region_of(run.world).get("HKG")
    if not any(n == hong_kong for _, n, _ in found):
        others.append("with Hong Kong’s visitors")
    if max(ban.lost() for ban, n, _ in found if run.world.region_parts[n] == PAIR[0]) < HALF:
        others.append("with a larger share staying away")
    return f", {' and '.join(others)}" if others else ""


def _published_sentence(run: Any, bans: Sequence[TravelBan]) -> str:
    found = tourism.published()["gdp_percent"]
    code = next(code for code, part in zip(run.world.regions, run.world.region_parts, strict=True) if part == PAIR[1])
    mine = float(run.outcome.real_income[code])
    inside = found.min() <= mine <= found.max()
    return (
        f"Published expectations for Japan’s GDP lie between {words.signed(found.min(), 2)} and "
        f"{words.signed(found.max(), 2)}{PERCENT}; real income changes here by {words.signed(mine, 3)}{PERCENT}, "
        f"{'inside' if inside else 'outside'} them. They count most of the spending lost as output lost"
        f"{_unlike(run, bans)}; by that count this case loses "
        f"{words.signed(_gross(run, bans), 2)}{PERCENT}. Here prices fall, others buy, and people find other work."
    )


# -------------------------------------------------------------------------------------------------------- figures
def _arrival_figure() -> Figure:
    change, table = tourism_backtest.monthly_change().iloc[-MONTHS_SHOWN:], tourism.arrivals()
    counts = {"China": table[tourism_backtest.ORIGIN], "others": table["all"] - table[tourism_backtest.ORIGIN]}
    titles = {"China": "Visitors from China", "others": "Visitors from elsewhere"}
    groups = [
        Group(
            title,
            [
                Bar(str(month), float(value), (words.signed(float(value), 1), f"{counts[name][month] / 1000:,.0f}"))
                for month, value in change[name].items()
            ],
        )
        for name, title in titles.items()
    ]
    title = "Visitors to Japan, month by month"
    body = bar_table(groups, first="Month", unit="percent", columns=("%", "thousand"), caption=title)
    note = "China’s advisory is of 14 November 2025. Observed (JNTO; the last months are estimates), not modelled."
    return Figure("tourism-arrivals", title, "change against the same month of the year before, percent", body, note)


def _sector_figure(sectors: pd.DataFrame, names: Names) -> Figure:
    labels = {
        "sold_to_origins": "To those who stay away", "sold_to_others": "To other foreigners",
        "sold_at_home": "To residents", "output": "All sales",
    }  # fmt: skip
    groups = []
    for _, row in sectors.sort_values("visitors_lost", ascending=False, kind="stable").iterrows():
        bars = [
            Bar(label, row[key] / 1000, (words.signed_money(row[key]),), kind="whole" if key == "output" else "",
                strong=key == "output")
            for key, label in labels.items()
        ]  # fmt: skip
        spent = words.money(row["visitors_spend"])
        groups.append(Group(f"{names.sector[row['sector']]}, {names.region[row['destination']]} ({spent} spent)", bars))
    title = "Who buys what visitors leave"
    body = bar_table(groups, first="Sales", unit="US$ billion", columns=(BILLION,), caption=title)
    return Figure("tourism-sectors", title, "change of sales a year at prices before, US$ billion", body)


def _place_figure(places: pd.DataFrame, names: Names) -> Figure:
    groups = []
    for origin, rows in places.groupby("visitors_from", sort=False):
        largest = rows["change"].abs().sort_values(ascending=False, kind="stable").index[:PLACES]
        shown = rows.loc[rows.index.isin(largest)].sort_values("change", kind="stable")
        bars = [
            Bar("At home" if row["destination"] == origin else names.region[row["destination"]], row["change"] / 1000,
                (words.signed_money(row["change"]),))
            for _, row in shown.iterrows()
        ]  # fmt: skip
        groups.append(Group(words.upper_first(f"{names.the(str(origin))} buys in"), bars))
    title = "Where their spending goes"
    body = bar_table(groups, first="Country", unit="US$ billion", columns=(BILLION,), caption=title)
    note = f"The {PLACES} largest changes, in the sectors that visitors buy from."
    return Figure("tourism-diversion", title, "change of purchases a year at prices before, US$ billion", body, note)


def _test_figure(test: pd.DataFrame) -> Figure:
    groups = []
    for _, row in test[test["frequency"] != tourism_backtest.MONTHS].iterrows():
        band = f"{words.signed(row['low'], 0)} to {words.signed(row['high'], 0)}"
        bars = [
            Bar("Foreseen", row["predicted"], (words.signed(row["predicted"], 1), band), kind="one",
                whisker=(row["low"], row["high"])),
            Bar("Observed", row["observed"], (words.signed(row["observed"], 1), ""), kind="two", strong=True),
        ]  # fmt: skip
        when = "October to December 2025" if row["frequency"] == "quarter" else "December 2025 to June 2026"
        groups.append(Group(f"{words.upper_first(row['quantity'])}, {when}", bars))
    title = "Foreseen and observed"
    body = bar_table(groups, first="", unit="percent", columns=("%", "band"), caption=title)
    note = (
        f"Bands: of visitors from China and their spending, 90{PERCENT} of the prior; of visitors from elsewhere, the "
        "lowest and highest of twelve windows before, with half of the loss made good at the high end (an assumption); "
        "of all visitors, both at ends that go together. "
        "Foreseen from what was known before 14 November 2025: earlier curbs, the trend of other visitors to October, "
        "spending per visitor to September. No parameter was fitted. All months are in tables/tourism_backtest.csv."
    )
    return Figure("tourism-backtest", title, "change against a year before, percent", body, note)


def _published_figure(run: Any, bans: Sequence[TravelBan], spread: pd.DataFrame) -> Figure:
    code = next(code for code, part in zip(run.world.regions, run.world.region_parts, strict=True) if part == PAIR[1])
    mine, gross = float(run.outcome.real_income[code]), _gross(run, bans)
    ends = (float(spread[code].min()), float(spread[code].max())) if not spread.empty else None
    table = tourism.published()
    digits = digits_for([mine])
    own = [
        Bar("Real income, prices adjust", mine, (words.signed(mine, digits),), strong=True, whisker=ends),
        Bar("Spending lost over GDP", gross, (words.signed(gross, 2),)),
    ]
    others = [Bar(row.author, row.gdp_percent, (words.signed(row.gdp_percent, 2),)) for row in table.itertuples()]
    title = "Beside what others expected"
    groups = [Group("This case", own), Group("Published in November 2025, GDP", others)]
    body = bar_table(groups, first="", unit="percent", columns=("%",), caption=title)
    note = "Line: over the priors. Assumptions of the published figures are in tables/tourism_published.csv."
    return Figure("tourism-published", title, "effect on Japan, percent", body, note)


# --------------------------------------------------------------------------------------------------------- tables
def _sector_table(run: Any, sectors: pd.DataFrame) -> pd.DataFrame:
    units = dict.fromkeys(
        ("visitors_spend", "visitors_lost", "sold_to_origins", "sold_to_others", "sold_at_home", "output"),
        "usd_million",
    )
    return with_units(labelled(sectors, run.world), units)


def _place_table(run: Any, places: pd.DataFrame) -> pd.DataFrame:
    kept = places[places["change"].abs() >= 1.0].reset_index(drop=True)
    return with_units(kept, {"before": "usd_million", "change": "usd_million"})


def _range_table(spread: pd.DataFrame) -> pd.DataFrame:
    return with_units(spread, dict.fromkeys(spread.columns, "percent")).reset_index()
