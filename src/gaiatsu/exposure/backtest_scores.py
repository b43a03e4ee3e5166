"""How good the forecasts of `backtests` are: scores by frequency, months against years, where lost trade goes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaiatsu.exposure import episodes
from gaiatsu.exposure.backtests import BAND, PRICES, outcomes

TRADE: dict[str, tuple[str, ...]] = {
    "trade of the pair": ("bilateral", "share"),
    "total exports": ("total",),
    "both": ("bilateral", "share", "total"),
}
OPEN_ENDED: dict[str, tuple[str, ...]] = {"sales to others": ("others",), "prices": PRICES}

WIDE = 90.0  # points: a band wider than this holds nearly everything that can happen

# The nearest flow that was observed at both frequencies: row of months, row of a year, what differs if not the same.
NEAREST_FLOW = (
    (1, 3, "tonnes, money"), (9, 7, "containers let in, tonnes"), (14, 11, ""), (20, 19, ""), (22, 68, "A$, US$"),
    (28, 29, "customs of China, statistics of Lithuania"), (39, 35, "without and with preserves"),
    (82, 42, "yen, US$"), (48, 50, "to the world, to the United States"), (51, 71, "flake, all powder and flake"),
    (53, 72, "flake, all powder and flake"), (59, 66, ""),
)  # fmt: skip


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Scores of forecasts of trade by frequency, in points of percent.

    Columns: frequency, kind, rows, episodes, error (mean absolute), error_no_change, error_naive, gap_no_change and
    gap_naive (error less theirs) with standard errors *_se clustered by episode (nan where there is one episode),
    sign_hits, signed (rows whose observed change is not 0), banded (rows whose band is no single number), covered and
    wide_hits (of these: inside, and inside a band wider than `WIDE`), points_hit (single numbers that came true),
    covered_wide (of all rows), width (mean of the bands of `banded`).
    """
    lines = []
    for frequency, kind, part in _groups(table, TRADE):
        signed = part[part["observed"] != 0]
        hits = np.sign(signed["predicted"].round(1)) == np.sign(signed["observed"])
        single, banded = part[part["point"]], part[~part["point"]]
        width = banded["high"] - banded["low"]
        line: dict[str, object] = {
            "frequency": frequency, "kind": kind, "rows": len(part), "episodes": part["episode"].nunique(),
            "error": part["error"].abs().mean(),
        }  # fmt: skip
        rivals = {"no_change": part["observed"].abs(), "naive": (part["naive"] - part["observed"]).abs()}
        line |= {f"error_{name}": missed.mean() for name, missed in rivals.items()}
        for name, missed in rivals.items():
            line[f"gap_{name}"], line[f"gap_{name}_se"] = clustered(part["error"].abs() - missed, part["episode"])
        line |= {
            "sign_hits": int(hits.sum()), "signed": len(signed), "banded": len(banded),
            "covered": int(banded["covered"].sum()), "wide_hits": int((banded["covered"] & (width > WIDE)).sum()),
            "points_hit": int(single["covered"].sum()), "covered_wide": int(part["covered_wide"].sum()),
            "width": width.mean(),
        }  # fmt: skip
        lines.append(line)
    return pd.DataFrame(lines)


def clustered(values: pd.Series, clusters: pd.Series) -> tuple[float, float]:
    """The mean and its standard error when values within a cluster may move together: sums of deviations by cluster.

    The factor G/(G − 1) for few clusters; nan for one cluster.
    """
    sums = (values - values.mean()).groupby(clusters).sum().to_numpy()
    count = len(sums)
    if count < 2:
        return float(values.mean()), float("nan")
    return float(values.mean()), float(np.sqrt(count / (count - 1) * (sums**2).sum()) / len(values))


def factor_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Scores of what has no upper end, prices and sales to others, as the factor that forecasts are off on average.

    Columns: frequency, kind, rows, factor (exp of the mean absolute log error), factor_no_change, sign_hits, covered,
    covered_wide.
    """
    lines = []
    for frequency, kind, part in _groups(table, OPEN_ENDED):
        seen, said = (np.log1p(part[name] / 100) for name in ("observed", "predicted"))
        lines.append(
            {
                "frequency": frequency, "kind": kind, "rows": len(part),
                "factor": float(np.exp((said - seen).abs().mean())),
                "factor_no_change": float(np.exp(seen.abs().mean())),
                "sign_hits": int((np.sign(said) == np.sign(seen)).sum()),
                "covered": int(part["covered"].sum()), "covered_wide": int(part["covered_wide"].sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def _groups(table: pd.DataFrame, kinds: dict[str, tuple[str, ...]]) -> list[tuple[str, str, pd.DataFrame]]:
    found = [
        (frequency, kind, table[(table["frequency"] == frequency) & table["quantity"].isin(quantities)])
        for frequency in ("months", "year")
        for kind, quantities in kinds.items()
    ]
    return [(frequency, kind, part) for frequency, kind, part in found if not part.empty]


def troughs(table: pd.DataFrame) -> pd.DataFrame:
    """The nearest flow in months and over a year: observed, forecast, and how many times the trough is deeper.

    Columns: episode, product, differs (between the two flows; empty where they are the same), months_window,
    months_observed, months_predicted, year_window, year_observed, year_predicted, factor_observed, factor_predicted
    (inf where the year has no fall).
    """
    rows = table.set_index("row")
    lines = []
    for months, year, differs in NEAREST_FLOW:
        first, second = rows.loc[months], rows.loc[year]
        line: dict[str, object] = {"episode": first["episode"], "product": first["product"], "differs": differs}
        for name, row in (("months", first), ("year", second)):
            line |= {f"{name}_{column}": row[column] for column in ("window", "observed", "predicted")}
        for column in ("observed", "predicted"):
            fall = second[column]
            line[f"factor_{column}"] = first[column] / fall if fall < 0 else float("inf")
        lines.append(line)
    return pd.DataFrame(lines)


def diversion_table() -> pd.DataFrame:
    """By market, a year under the measure: where the lost trade goes, and prices; percent, medians and 5 to 95 %.

    Columns: market, episode, product, lost, diverted, home (percent of the pair's trade before; `diverted` is empty
    where all exports are hit, `home` where sales at home are not known and so not in the market), and price_exporter,
    price_importer each with _low and _high.
    """
    lines = []
    for name, episode in episodes.markets().items():
        if episode.instrument == "none":
            continue
        found = outcomes(name, "short", False)
        parts = pd.DataFrame([one.lost_and_diverted(episode.importer, episode.exporter) for one in found])
        everybody = episode.importer == episodes.WORLD
        line: dict[str, object] = {"market": name, "episode": episode.episode, "product": episode.product}
        line["lost"] = 100 * float(parts["lost"].median())
        line["diverted"] = None if everybody else 100 * float(parts["diverted"].median())
        line["home"] = 100 * float(parts["home"].median()) if episode.home > 0 else None
        for column in ("price_exporter", "price_importer"):
            values = [one.price[0] if column == "price_exporter" else one.landed[0] for one in found]
            for label, share in (("", 0.5), ("_low", BAND[0]), ("_high", BAND[1])):
                said = 100 * (float(np.quantile(values, share)) - 1)
                # where all exports are hit, what happens to the price at home hangs on home sales that are not known
                line[column + label] = None if everybody and column == "price_exporter" else said
        lines.append(line)
    return pd.DataFrame(lines)


def experiments() -> pd.DataFrame:
    """The two natural experiments that have models of their own: rare earths in 2010, visitors to Japan in 2025–26.

    Columns: experiment, quantity, frequency, predicted, low, high, observed, covered, source. Units are the quantity's;
    visitors and spending are percent against a year before.
    """
    from gaiatsu.exposure.minerals import rare_earths_2010
    from gaiatsu.exposure.tourism_backtest import backtest_2025

    frames = [
        frame.assign(experiment=name)
        for name, frame in (("China and Japan, rare earths 2010", rare_earths_2010()),
                            ("China and Japan, visitors 2025–26", backtest_2025()))
    ]  # fmt: skip
    table = pd.concat(frames, ignore_index=True).replace({"frequency": {"annual": "year"}})
    table["covered"] = (table["low"] <= table["observed"]) & (table["observed"] <= table["high"])
    return table[["experiment", "quantity", "frequency", "predicted", "low", "high", "observed", "covered", "source"]]
