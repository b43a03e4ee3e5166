"""The back-test of December 2025 to June 2026: visitors to Japan after China's advisory of 14 November 2025.

Everything on the side of the forecast is dated before that day: the effects of four earlier curbs, arrivals to October
2025 and spending to September 2025. No parameter is fitted to what followed.
"""

from __future__ import annotations

import pandas as pd

from gaiatsu.exposure.tourism_data import REFILLED, arrivals, curb_prior, quarters

ORIGIN, DESTINATION = "CHN", "JPN"
CURB = "advisory"
WINDOW = ("2025-12", "2026-06")
BEFORE = ("2025-01", "2025-10")  # what a forecaster had on the day
FIRST_MONTH, SHARE_HIT = "2025-11", 17 / 30  # the advisory of 14 November was in force on its last 17 days
MONTHS = "months"
WHOLE = "seven months"
JNTO = "JNTO, visitor arrivals"
# What the ends of each band are: only that of visitors from China is an interval of a distribution.
OF_PRIOR = "90 % of the prior"
OF_WINDOWS = "lowest and highest of twelve windows before; above, half of the loss made good (assumed)"
OF_BOTH = "both, at ends that go together"


def window_change(series: pd.Series, first: str, last: str) -> float:
    """Percent change of a monthly series over a window against the same months a year before."""
    labels = list(series.index)
    start, end = labels.index(first), labels.index(last) + 1
    return 100 * float(series.iloc[start:end].sum() / series.iloc[start - 12 : end - 12].sum() - 1)


def monthly_change() -> pd.DataFrame:
    """Percent against the same month of the year before: visitors from China, from elsewhere, all, from 2025 on."""
    table = arrivals()
    both = pd.DataFrame({"China": table[ORIGIN], "others": table["all"] - table[ORIGIN], "all": table["all"]})
    return (100 * (both / both.shift(12) - 1)).loc["2025-01":]


def _row(
    quantity: str, frequency: str, numbers: tuple[float, ...], observed: float, source: str, band: str = OF_PRIOR
) -> dict[str, object]:  # fmt: skip
    central, low, high = numbers
    return {
        "quantity": quantity, "frequency": frequency, "predicted": central, "low": low, "high": high,
        "observed": observed, "band": band, "source": source,
    }  # fmt: skip


def backtest_2025() -> pd.DataFrame:
    """Predicted (with its band) beside observed, percent against a year before; quantity, frequency, …, band, source.

    Visitors from China: the prior of an advisory. Others: their growth from January to October 2025, lowest and highest
    of the twelve seven-month windows to October 2025, and at the high end half of those lost from China made good. All:
    both, weighted by a year before, with what is made good of the loss at the same end. Spending in the last quarter:
    visitors month by month times the change of spending per visitor in July to September. Months: the same forecasts;
    in November the advisory held for 17 of 30 days.
    """
    table = arrivals()
    chinese, everybody = table[ORIGIN], table["all"]
    rest = everybody - chinese
    prior = curb_prior(CURB)
    lost = tuple(-100 * share for share in (prior.central, prior.high, prior.low))
    base = {name: _base(series) for name, series in (("CHN", chinese), ("rest", rest), ("all", everybody))}
    trend = window_change(rest, *BEFORE)
    low, high = _windows(rest)
    made_good = [REFILLED[1] * -loss * base["CHN"] / base["rest"] for loss in lost[1:]]  # of the largest, the smallest
    others = (trend, low, high + made_good[0])
    beside = (trend, low, high + made_good[1])  # others at each end of the loss
    whole = tuple(
        (chinese_part * base["CHN"] + others_part * base["rest"]) / base["all"]
        for chinese_part, others_part in zip(lost, beside, strict=True)
    )
    rows = [
        _row("visitors from China", WHOLE, lost, window_change(chinese, *WINDOW), JNTO),
        _row("visitors from elsewhere", WHOLE, others, window_change(rest, *WINDOW), JNTO, OF_WINDOWS),
        _row("all visitors", WHOLE, whole, window_change(everybody, *WINDOW), JNTO, OF_BOTH),
        _spending_row(lost),
    ]
    growth = window_change(chinese, *BEFORE)
    for month in table.loc[FIRST_MONTH : WINDOW[1]].index:
        hit = SHARE_HIT if month == FIRST_MONTH else 1.0
        mixed = tuple(hit * part + (1 - hit) * growth for part in lost)
        rows.append(_row(f"visitors from China, {month}", MONTHS, mixed, window_change(chinese, month, month), JNTO))
    return pd.DataFrame(rows)


def _base(series: pd.Series) -> float:
    """The window's visitors a year before."""
    first, last = (f"{int(month[:4]) - 1}{month[4:]}" for month in WINDOW)
    return float(series.loc[first:last].sum())


def _windows(series: pd.Series, months: int = 7, count: int = 12) -> tuple[float, float]:
    """Lowest and highest change of the `count` windows of so many months that end by October 2025."""
    sums = series.loc[: BEFORE[1]].rolling(months).sum()
    changes = 100 * (sums / sums.shift(12) - 1)
    found = changes.iloc[-count:]
    return float(found.min()), float(found.max())


def _spending_row(lost: tuple[float, ...]) -> dict[str, object]:
    """Spending of visitors from China, October to December 2025 against a year before."""
    table, money = arrivals(), quarters()["billion_yen"]
    chinese = table[ORIGIN]
    growth = window_change(chinese, *BEFORE)
    third = [float(chinese.loc[f"{year}-07" : f"{year}-09"].sum()) for year in (2024, 2025)]
    each = float(money["2025-Q3", ORIGIN] / third[1]) / float(money["2024-Q3", ORIGIN] / third[0])
    weights = chinese.loc["2024-10":"2024-12"] / chinese.loc["2024-10":"2024-12"].sum()
    numbers = []
    for part in lost:
        november = SHARE_HIT * part + (1 - SHARE_HIT) * growth
        ratio = sum(
            weight * (1 + change / 100) for weight, change in zip(weights, (growth, november, part), strict=True)
        )
        numbers.append(100 * (each * ratio - 1))
    observed = 100 * float(money["2025-Q4", ORIGIN] / money["2024-Q4", ORIGIN] - 1)
    central, low, high = numbers
    source = "Japan Tourism Agency, release of 21 January 2026"
    return _row("spending of visitors from China", "quarter", (central, low, high), observed, source)
