"""Episodes, forecasts from data before them, and their scores."""

from __future__ import annotations

import csv
import dataclasses
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaiatsu.errors import DataError
from gaiatsu.exposure import backtest_scores, backtests, episode_economies, episodes
from gaiatsu.exposure.product_market import solve_product
from gaiatsu.report import backtests as report
from gaiatsu.trade.horizon import PARAMETERS
from gaiatsu.world import World
from gaiatsu.world.elasticity_draws import draw_elasticities
from originals import SECURITY
from script_loading import load_script

ROOT = Path(__file__).resolve().parents[2]
COMPILED, ROWS = 72, 92


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return backtests.score_table()


@pytest.fixture(scope="module")
def script():
    return load_script(ROOT / "scripts" / "backtests.py")


# ------------------------------------------------------------------------------------------------------------- tables
def test_the_observed_outcomes_are_the_compiled_ones() -> None:
    compiled = SECURITY / "coercion_effects.csv"
    if not compiled.exists():
        pytest.skip("the compiled table is not at hand")
    own = Path(episodes.__file__).parent / "data" / "episodes.csv"
    assert own.read_bytes().startswith(compiled.read_bytes())
    # what follows are outcomes that caveats of compiled rows name
    caveats = {fact.row: fact.caveat for fact in episodes.observed()}
    for fact in episodes.observed()[COMPILED:]:
        assert int(fact.caveat.removeprefix("stands in the caveat of row ").split(";")[0]) <= COMPILED, fact.row
    assert "2053 -> 1427 kt" in caveats[70]


def test_every_row_has_a_score_or_a_reason() -> None:
    assert [fact.row for fact in episodes.observed()] == list(range(1, ROWS + 1)) == sorted(episodes.windows())
    assert len({fact.episode for fact in episodes.observed()}) == 15
    for fact in episodes.observed():
        window = episodes.windows()[fact.row]
        if not window.scored:
            assert window.note, fact.row
            continue
        assert fact.change is not None
        assert episodes.market(window.market).episode == fact.episode
        assert window.quantity in backtests.MEASURES
        assert window.frequency in ("months", "year")
        assert window.first is not None
        assert window.last is not None
        days = (window.last - window.first).days + 1
        assert days > 0
        if "price" not in window.quantity:
            assert (days <= 182) == (window.frequency == "months") or fact.row in (5, 6)  # half years at annual rates
    # the null results are among the forecasts
    assert all(episodes.windows()[row].scored for row in (7, 61, 63, 66))
    # what was described and not measured has a forecast, and no score
    assert [row for row, window in episodes.windows().items() if window.market and not window.scored] == [24, 44]


def test_every_share_has_a_source_and_lies_between_none_and_all() -> None:
    for episode in episodes.markets().values():
        assert 0 < episode.importer_share < 1
        assert 0 < episode.exporter_share <= 1
        assert episode.importer_from
        assert episode.exporter_from
        assert (episode.third_share is None) == (episode.importer == episodes.WORLD)
        assert episode.third_share is None or (0 < episode.third_share < 1 and episode.third_from)
        assert episode.instrument in episodes.INSTRUMENTS
        assert episode.use in ("materials", "consumption")


def test_shares_of_worlds_and_of_baci_are_those_the_table_names(script) -> None:
    if not (SECURITY / script.TRADE).exists():
        pytest.skip("BACI minerals are not at hand")
    with script.MARKETS.open(encoding="utf-8", newline="") as lines:
        assert script.derive(SECURITY) == list(csv.DictReader(lines))
    coal = episodes.market("coal")
    assert (coal.importer_share, coal.exporter_share) == (0.53526, 0.18897)
    for name, value in script.swings(SECURITY).items():
        assert backtests.SWINGS[name] == pytest.approx(value, abs=5e-4)


def test_a_market_has_the_shares_it_is_made_from() -> None:
    for name in ("coal", "pineapples", "graphite", "magnets-usa"):
        episode = episodes.market(name)
        market = episode.product_market()
        flows = market.flows
        assert flows[0, 0] / flows[0].sum() == pytest.approx(episode.importer_share, rel=1e-12)
        abroad = flows[market.abroad[:, 0], 0].sum()
        assert flows[0, 0] / abroad == pytest.approx(episode.exporter_share, rel=1e-12)
        if episode.third_share is not None:
            assert flows[1, 0] / flows[1].sum() == pytest.approx(episode.third_share, rel=1e-12)
        if episode.home:
            assert flows[-1, 0] == pytest.approx(episode.home * abroad, rel=1e-12)
    with pytest.raises(DataError, match="did you mean 'pineapples'"):
        episodes.market("pineaples")


def test_the_days_of_a_window_fall_into_phases() -> None:
    fluoride = episodes.market("fluoride")  # 4 July 2019, 90 days
    july = (date(2019, 7, 1), date(2019, 7, 31))
    never = date(2100, 1, 1)
    assert episodes.phases(fluoride, *july, never) == pytest.approx((3 / 31, 28 / 31, 0))
    autumn = (date(2019, 10, 1), date(2019, 10, 10))
    assert episodes.phases(fluoride, *autumn, never) == pytest.approx((0, 0.1, 0.9))
    assert episodes.phases(fluoride, *autumn, date(2019, 10, 6)) == pytest.approx((0.5, 0.1, 0.4))
    assert episodes.phases(fluoride, *autumn, date(2019, 8, 1)) == pytest.approx((1, 0, 0))
    ban = episodes.market("marine")  # 24 August 2023, no waiting
    assert episodes.phases(ban, date(2023, 1, 1), date(2023, 12, 31), never) == pytest.approx((235 / 365, 0, 130 / 365))
    assert episodes.phases(ban, date(2023, 8, 23), date(2023, 8, 23), never) == (1, 0, 0)


# ---------------------------------------------------------------------------------------------------------- forecasts
def test_draws_fill_the_unit_cube_evenly() -> None:
    drawn = backtests.points(64, 5)
    assert drawn.shape == (64, 5)
    assert (drawn > 0).all()
    assert (drawn < 1).all()
    counts = [np.histogram(column, bins=8, range=(0, 1))[0] for column in drawn.T]
    assert np.min(counts) >= 5
    assert np.max(counts) <= 11
    assert abs(np.corrcoef(drawn.T) - np.eye(5)).max() < 0.2


def test_horizons_follow_the_months_since_the_start() -> None:
    start = date(2020, 1, 1)
    for days, name in ((30, "impact"), (88, "impact"), (95, "short"), (540, "short"), (560, "medium")):
        day = start + timedelta(days=days)
        assert backtests.horizon_of(start, day, day) == name


def test_forecasts_that_can_be_worked_out_by_hand(table: pd.DataFrame) -> None:
    rows = table.set_index("row")
    # no measure yet, or none at all
    assert rows.loc[[30, 63, 64], ["predicted", "low", "high"]].to_numpy() == pytest.approx(0.0)
    assert rows.loc[[30, 63, 64, 43, 45], "point"].all()
    assert not rows.loc[[1, 11, 36], "point"].any()
    # 28 of 31 days without a licence, whatever the market
    assert rows.loc[43, ["predicted", "low", "high"]].to_list() == pytest.approx([-2800 / 31] * 3)
    assert rows.loc[45, "predicted"] == -100
    # a limit on the pair is met, so that the quantity is the rule's, draw by draw
    drawn = backtests.points(64, 5)[:, 0]
    visitors = backtests.ratios(episodes.windows()[13])
    kept = 1 - 0.7 * (0.5 + 0.5 * drawn)
    lasting = visitors < 1
    assert lasting.sum() >= 60
    assert visitors[lasting] == pytest.approx(kept[lasting], rel=1e-7)


def test_everything_stops_from_the_day_of_the_measure_and_no_earlier(table: pd.DataFrame) -> None:
    rows = table.set_index("row")["naive"]
    assert rows[38] == pytest.approx(-100 * 130 / 365)  # the ban of 24 August 2023 over 2023
    assert rows[66] == pytest.approx(-100 * 272 / 365)  # the licences of 4 April 2025 over 2025
    assert rows[11] == pytest.approx(-70 * 292 / 365)  # group tours, seven tenths of visitors, from 15 March 2017
    assert rows[77] == pytest.approx(-70 * 0.468 * 292 / 365)
    assert rows[36] == pytest.approx(-22.5)  # all exports fall by the pair's share
    assert rows[1] == -100
    assert (rows[[30, 63, 64, 49, 21]] == 0).all()  # a control, two not yet in force, a price, sales to others


def test_boycotts_are_those_of_the_published_paper() -> None:
    rule = episodes.INSTRUMENTS["boycott"]
    assert (rule.low, rule.high) == (0.017, 0.188)
    kept = backtests._passing(episodes.market("cars"), backtests.Draws.of("C29"))
    assert kept.min() == pytest.approx(1 - 0.188, abs=0.004)
    assert kept.max() == pytest.approx(1 - 0.017, abs=0.004)


def test_a_duty_is_the_market_solved_draw_by_draw() -> None:
    window, horizon = episodes.windows()[24], "short"
    episode = episodes.market("barley")
    drawn = backtests.points(64, 5)
    world = World.load("2022")
    theta = draw_elasticities(world, 64).theta[:, world.sectors.index("A01")] * PARAMETERS[horizon].trade_scale
    market = episode.product_market()
    duty = np.zeros(market.flows.shape)
    duty[0, 0] = 0.805
    for k in (0, 17, 63):
        supply = 0.2 * 10 ** drawn[k, 3]
        demand = 0.1 * 4 ** drawn[k, 4]
        found = solve_product(market, trade=theta[k], supply=supply, demand=demand, duty=duty)
        ends = episode.start + timedelta(days=int(4 * 365.25 * np.log2(1 / (1 - drawn[k, 2]))))
        weight = episodes.phases(episode, window.first, window.last, ends)[2]
        value = found.change("CHN", "AUS", value=True)
        assert backtests.ratios(window)[k] == pytest.approx(1 + weight * (value - 1), rel=1e-9)


def test_no_forecast_knows_what_happened(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tuple(
        episodes.Observed(**{**vars(fact), "change": None if fact.change is None else 7.0})
        for fact in episodes.observed()
    )
    monkeypatch.setattr(episodes, "observed", lambda: other)
    again = backtests.score_table()
    forecast = ["predicted", "low", "high", "wide_low", "wide_high", "naive"]
    pd.testing.assert_frame_equal(again[forecast], table[forecast])
    assert (again["observed"] == 7).all()
    assert again["error"].to_numpy() == pytest.approx(again["predicted"] - 7)


def test_bands_hold_the_forecast_and_swings_widen_them(table: pd.DataFrame) -> None:
    left = backtests.not_scored()
    assert len(table) + len(left) == ROWS
    assert left["predicted"].notna().sum() == 2
    assert np.isfinite(table[["predicted", "low", "high", "wide_low", "wide_high"]].to_numpy()).all()
    slack = 1e-9
    assert (table["low"] <= table["predicted"] + slack).all()
    assert (table["predicted"] <= table["high"] + slack).all()
    assert (table["wide_low"] <= table["low"] + slack).all()
    assert (table["wide_high"] >= table["high"] - slack).all()
    assert (table["low"] >= -100).all()
    inside = (table["low"] <= table["observed"]) & (table["observed"] <= table["high"])
    assert (inside == table["covered"]).all()


def test_swings_are_log_normal() -> None:
    low, high = backtests.with_swings(np.ones(4), 0.3)
    assert low == pytest.approx(np.exp(-1.645 * 0.3), abs=0.03)
    assert low * high == pytest.approx(1, abs=1e-9)
    assert backtests.with_swings(np.ones(4), 0.0) == (1.0, 1.0)


# ------------------------------------------------------------------------------------------------------------- scores
SMALL = pd.DataFrame(
    {
        "row": [1, 2, 3, 4],
        "episode": ["A", "A", "B", "B"],
        "point": [False, False, True, False],
        "quantity": ["bilateral", "share", "total", "price-importer"],
        "frequency": ["months"] * 4,
        "predicted": [-50.0, 10.0, 0.0, 100.0],
        "observed": [-80.0, -10.0, 0.0, 300.0],
        "naive": [-100.0, -100.0, -20.0, 0.0],
        "low": [-90.0, 0.0, -1.0, 50.0],
        "high": [-10.0, 20.0, 1.0, 150.0],
        "covered": [True, False, True, False],
        "covered_wide": [True, True, True, False],
    }
).assign(error=lambda frame: frame["predicted"] - frame["observed"])


def test_scores_of_a_table_small_enough_to_add_up() -> None:
    found = backtest_scores.summary(SMALL).set_index("kind")
    assert found.loc["trade of the pair"].to_dict() == pytest.approx(
        {
            "frequency": "months", "rows": 2, "episodes": 1, "error": 25, "error_no_change": 45, "error_naive": 55,
            "gap_no_change": -20, "gap_no_change_se": np.nan, "gap_naive": -30, "gap_naive_se": np.nan, "sign_hits": 1,
            "signed": 2, "banded": 2, "covered": 1, "wide_hits": 0, "points_hit": 0, "covered_wide": 2, "width": 50,
        },
        nan_ok=True,
    )  # fmt: skip
    both = found.loc["both"]
    # gaps to "everything stops": 10, −70 in A, −20 in B; mean −80/3, sums of deviations −20/3 and 20/3
    assert both["gap_naive"] == pytest.approx(-80 / 3)
    assert both["gap_naive_se"] == pytest.approx(np.sqrt(2 * 2 * (20 / 3) ** 2) / 3)
    assert both[["banded", "covered", "points_hit", "covered_wide"]].to_list() == [2, 1, 1, 3]
    wide = SMALL.assign(low=[-99.0, 0.0, -1.0, 50.0])
    wide.loc[0, "high"] = 0.0
    assert backtest_scores.summary(wide).set_index("kind").loc["both", "wide_hits"] == 1
    assert found.loc["both", "error"] == pytest.approx(50 / 3)
    assert found.loc["both", "signed"] == 2
    prices = backtest_scores.factor_summary(SMALL).set_index("kind").loc["prices"]
    assert prices["factor"] == pytest.approx(2.0)  # 4 times against 2 times
    assert prices["factor_no_change"] == pytest.approx(4.0)


def test_what_the_page_claims_of_the_naive_rules_and_of_the_bands(table: pd.DataFrame) -> None:
    """What the page says, so that a change of the model that undoes it is seen."""
    both = backtest_scores.summary(table).set_index(["kind", "frequency"]).loc["both"]
    assert (both["gap_no_change"] < -2 * both["gap_no_change_se"]).all()  # far better than that nothing happens
    assert (both["gap_naive"].abs() < 2 * both["gap_naive_se"]).all()  # no better, measurably, than that all stops
    kept = both["covered"].sum() / both["banded"].sum()
    assert kept < 0.75  # of bands of 90 %
    assert both["wide_hits"].sum() > both["covered"].sum() / 2
    assert both["covered_wide"].sum() / both["rows"].sum() == pytest.approx(64 / 79, abs=0.05)
    said = report.lead(table)
    assert "no measurable difference" in said
    assert "mostly from data before" in said
    assert report._against("x", -9.0, 4.0).startswith("Against “x” that is less, measurably (−9 points")
    assert report._against("x", 9.0, 4.0).startswith("Against “x” that is more")


def test_misses_stay_in(table: pd.DataFrame) -> None:
    rows = table.set_index("row")
    for row, happened, most in ((7, 5.0, -30), (61, 5.7, -30), (66, -1.3, -30), (74, 2.7, -7), (75, 18.5, -30)):
        assert rows.loc[row, "observed"] == happened
        assert rows.loc[row, "predicted"] < most
        assert not rows.loc[row, "covered"]
    for row, happened, least in ((73, -30.5, -11), (77, -22.7, -10), (79, -30.0, -9)):
        assert rows.loc[row, "observed"] == happened
        assert rows.loc[row, "low"] > least


def test_troughs_compare_the_nearest_flow_and_say_what_differs(table: pd.DataFrame) -> None:
    for months, year, differs in backtest_scores.NEAREST_FLOW:
        first, second = episodes.windows()[months], episodes.windows()[year]
        assert (first.frequency, second.frequency) == ("months", "year")
        assert episodes.market(first.market).episode == episodes.market(second.market).episode
        if not differs:
            assert (first.market, first.quantity, first.unit) == (second.market, second.quantity, second.unit)
    found = backtest_scores.troughs(table)
    magnets = found[found["episode"] == "REE-APR25"].iloc[0]
    assert magnets["factor_observed"] == pytest.approx(74 / 1.3)
    assert np.isinf(found[found["episode"] == "PHL-2012"].iloc[0]["factor_observed"])


def test_lost_trade_is_accounted_for() -> None:
    found = backtest_scores.diversion_table().set_index("market")
    assert found.loc["pineapples", "home"] > found.loc["pineapples", "diverted"]
    assert found["home"].notna().sum() == 1  # sales at home are in no other market
    assert found.loc["coal", "diverted"] == pytest.approx(42, abs=3)
    assert found.loc[["gallium", "magnets"], "diverted"].isna().all()
    assert (found["price_importer_low"] <= found["price_importer_high"]).all()
    for one in backtests.outcomes("coal", "short", False)[:8]:
        parts = one.lost_and_diverted("CHN", "AUS")
        assert parts["lost"] == pytest.approx(parts["diverted"] + parts["home"] + parts["unsold"], abs=1e-12)


def test_the_two_natural_experiments_are_beside_them() -> None:
    found = backtest_scores.experiments()
    assert {"months", "year"} <= set(found["frequency"])
    seen = found.set_index("quantity")["observed"]
    assert seen["China's share of Japan's imports of rare-earth metals, 2010"] == pytest.approx(0.818, abs=5e-4)
    assert seen["visitors from China"] == pytest.approx(-55.1, abs=0.05)
    assert seen["visitors from elsewhere"] == pytest.approx(13.4, abs=0.05)


def test_a_closed_border_in_a_world_is_closed_and_costs_its_target(script) -> None:
    found = episode_economies.economies(episode_economies.CASES[1:2], ("short",))
    lithuania = found.iloc[0]
    assert lithuania["share_hit"] == pytest.approx(100)
    assert lithuania["trade_change"] == pytest.approx(-100)
    assert -0.2 < lithuania["target"] < 0
    assert abs(lithuania["sender"]) < abs(lithuania["target"])
    # the line of the page; the page's other tables are checked with it, this one takes seconds
    line = script.economy_lines(found)[2]
    page = script.PAGE.read_text(encoding="utf-8").splitlines()
    shown = [text for text in page if text.startswith("| LTU-2021 | wiod2014 | short |")]
    assert script.differences("\n".join(shown), line) == []


def test_more_than_a_world_holds_is_refused() -> None:
    case = episode_economies.CASES[0]
    lobster = dataclasses.replace(case, hit={"A03": 707 * episode_economies.AUD})
    with pytest.raises(DataError, match=r"hits US\$ 498 million of A03, but wiod2014 holds 5 of it"):
        episode_economies.economies([lobster], ("short",))
    assert "A03" not in case.hit
    assert any("lobster" in why for _, why in episode_economies.NOT_SEEN)
