"""Curbs on travel: the record, priors, worlds with travel, what a ban takes, the back-test, the section of a report."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.exposure import tourism, tourism_backtest, tourism_data, tourism_effects
from gaiatsu.report.sections import sections_of
from gaiatsu.scenario.measure_models import MEASURE_MODELS
from gaiatsu.scenario.measures import Embargo, TradeCost
from gaiatsu.scenario.pressure import TravelBan
from gaiatsu.scenario.run import Run, execute
from gaiatsu.trade.solution import Outcome
from gaiatsu.trade.wedges import compose, touched_cells
from gaiatsu.world import World
from gaiatsu.world.raising import Flow, raise_flows
from originals import SECURITY
from pressure_world import small_world
from script_loading import load_script

PAIR: dict[str, Any] = {"by": "CHN", "on": "JPN"}


@pytest.fixture(scope="module")
def world() -> World:
    return tourism.with_tourism(small_world())


@pytest.fixture(scope="module")
def outcome(world: World) -> Outcome:
    return gt.solve(world, [TravelBan(**PAIR, curb="advisory")], horizon="short")


def places(world: World) -> tuple[int, int]:
    return world.regions.index("CHN"), world.regions.index("JPN")


# ------------------------------------------------------------------------------------------------------ the record
def test_what_the_advisory_of_2025_did_to_arrivals() -> None:
    table = tourism.arrivals()
    china, everybody = table["CHN"], table["all"]
    window = tourism_backtest.WINDOW
    assert round(tourism_backtest.window_change(china, *window), 1) == -55.1
    assert round(tourism_backtest.window_change(everybody - china, *window), 1) == 13.4
    assert round(tourism_backtest.window_change(everybody, *window), 1) == -1.2
    assert round(tourism_backtest.window_change(everybody - china, *tourism_backtest.BEFORE), 1) == 12.2
    before, after = china.loc["2024-12":"2025-06"].sum(), china.loc["2025-12":"2026-06"].sum()
    assert (round(before / 1e6, 2), round(after / 1e6, 2)) == (5.32, 2.39)


def test_arrivals_add_up_and_months_follow_each_other() -> None:
    table = tourism.arrivals()
    assert (table.drop(columns="all").sum(axis=1) == table["all"]).all()
    months = pd.period_range("2019-01", "2026-06", freq="M").astype(str)
    assert list(table.index) == list(months)


@pytest.mark.skipif(not SECURITY.exists(), reason="the figures of JNTO and the agency are not on this machine")
def test_the_tables_are_those_of_the_script() -> None:
    script = load_script(Path(__file__).parents[2] / "scripts" / "build_tourism.py")
    for name, text in script.tables(SECURITY).items():
        assert (script.DATA / name).read_text(encoding="utf-8") == text, f"{name}: run scripts/build_tourism.py"


def test_shares_of_items_add_up_to_what_was_published() -> None:
    shares = tourism.items().pivot_table(index="item", columns="origin", values="share")
    np.testing.assert_allclose(shares.sum(), 1.0, atol=2e-4)
    chinese = 1733.5 / 8139.5
    both = shares["CHN"] * chinese + shares["all"] * (1 - chinese)
    assert [round(100 * both[name], 1) for name in ("lodging", "shopping", "food and drink")] == [33.6, 29.5, 21.5]
    assert round(shares.at["shopping", "CHN"], 3) == round(119_000 / 276_604, 3)


def test_the_published_yardstick_is_spending_over_gdp() -> None:
    """Half the visitors of China and Hong Kong, over Japan's GDP of 607.9 trillion yen, is Goldman Sachs' 0.2."""
    yen = tourism.survey().set_index(["year", "origin"])["billion_yen"]
    gross = 100 * 0.5 * (yen[2024, "CHN"] + yen[2024, "HKG"]) / 607_900
    table = tourism.published()
    said = table.loc[table["author"].str.contains("before others"), "gdp_percent"].item()
    assert round(-gross, 1) == said


# ------------------------------------------------------------------------------------------------------ the priors
def test_the_prior_is_students_predictive_interval() -> None:
    from scipy.stats import t

    def logit(share: float) -> float:
        return math.log(share / (1 - share))

    advisory, ban = [logit(0.25), logit(0.33)], [logit(0.483), logit(0.30)]
    squares = sum((x - np.mean(group)) ** 2 for group in (advisory, ban) for x in group)
    reach = t.ppf(0.95, 2) * math.sqrt(squares / 2) * math.sqrt(1.5)
    prior = tourism.curb_prior("advisory")
    ends = [1 / (1 + math.exp(-(np.mean(advisory) + shift))) for shift in (0, -reach, reach)]
    np.testing.assert_allclose(prior[:3], ends, rtol=1e-12)
    assert prior.low < prior.central < prior.high
    assert tourism.curb_prior("group-ban").central > prior.central


def test_an_unknown_kind_of_curb_is_refused_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"'advisery'; did you mean 'advisory'\?"):
        TravelBan(**PAIR, curb="advisery")


# ------------------------------------------------------------------------------------------------ worlds with travel
def test_a_world_with_travel_holds_what_visitors_spend_and_makes_no_more(world: World) -> None:
    old, new = small_world().accounts, world.accounts
    world.check()
    assert world.name == small_world().name + "+tourism"
    np.testing.assert_allclose(new.output, old.output, rtol=1e-12)
    np.testing.assert_allclose(new.value_added, old.value_added, rtol=1e-12)
    for (n, i), bought in tourism.sales(world, tourism.spending()).items():
        assert (new.flows[n, i] >= bought * (1 - 1e-12)).all()
    abroad = ~np.eye(len(world.regions), dtype=bool)
    assert (new.flows[abroad] >= old.flows[abroad]).all()
    added = (new.flows - old.flows)[abroad].sum()
    japan = places(world)[1]
    np.testing.assert_allclose(old.transfer[japan] - new.transfer[japan], added, rtol=1e-9)
    assert round(float(added), 1) == world.provenance["additions"][-1]["usd_million_added"]


def test_adding_travel_twice_adds_nothing(world: World) -> None:
    np.testing.assert_array_equal(tourism.with_tourism(world).accounts.flows, world.accounts.flows)


def test_where_residents_buy_too_little_output_rises_with_its_inputs() -> None:
    world = small_world()
    korea, china, sector = world.regions.index("KOR"), world.regions.index("CHN"), world.sectors.index("R-U")
    amount = 1.2 * float(world.accounts.final_use[korea, sector])
    more = raise_flows(world, [Flow(china, korea, sector, amount)], name="x", note={})
    more.check()
    old, new = world.accounts, more.accounts
    extra = new.output - old.output
    assert extra.min() > -1e-6
    added, moved = (
        more.provenance["additions"][-1][f"usd_million_{word}"] for word in ("added", "moved_from_residents")
    )
    assert moved == pytest.approx(0.9 * old.final_use[korea, sector], rel=1e-4)
    # whatever is made more, and is not sold to the new buyers, is an input of something made more
    inputs = np.einsum("nkj,nj->nk", old.input_mix * (1 - old.va_share)[:, None, :], extra)
    np.testing.assert_allclose(
        extra.sum(), added - moved + (inputs * (old.origin_share / (1 + old.duty)).sum(axis=1)).sum(), atol=0.2
    )
    unchanged = np.ones_like(extra, dtype=bool)
    unchanged[[korea, china], sector] = False
    np.testing.assert_allclose(new.final_use[unchanged], old.final_use[unchanged], rtol=1e-9)


def test_more_than_a_sector_makes_is_refused() -> None:
    world = small_world()
    china, japan = places(world)
    with pytest.raises(DataError, match=r"JPN makes US\$ .* of I a year .* check the amounts and their unit"):
        raise_flows(world, [Flow(china, japan, world.sectors.index("I"), 1e9)], name="x", note={})


def test_a_world_is_loaded_with_travel_by_name() -> None:
    loaded = World.load("wiod2014+tourism")
    china, japan = places(loaded)
    table = tourism.spending().set_index("origin")["spending_usd_million"]
    assert loaded.accounts.flows[china, japan, loaded.sectors.index("I")] > 0.4 * table["CHN"]
    with pytest.raises(DataMissing, match=r"'turism' can be added to a world; did you mean 'tourism'"):
        World.load("2022+turism")


def test_spending_of_ones_own_is_used_and_kept_with_the_world(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("destination,origin,spending_usd_million\nKOR,CHN,9000\n", encoding="utf-8")
    own = tourism.with_tourism(small_world(), tourism.load_spending(path))
    again = World.load(own.save(tmp_path / "mine.world"))
    ban = TravelBan(by="CHN", on="KOR", share=0.5)
    for found in (own, again):
        assert sum(cut.lost for cut in tourism.cuts(found, ban)) == pytest.approx(4500, rel=1e-3)
    with pytest.raises(ScenarioError, match="nothing is known of what visitors from CHN spend in JPN"):
        tourism.cuts(own, TravelBan(**PAIR, share=0.5))


@pytest.mark.parametrize(
    "text, said",
    [
        ("destination,origin,spending_usd\nJPN,CHN,1\n", "'spending_usd_million'; did you mean 'spending_usd'"),
        ("destination,origin,spending_usd_million\nJPN,KOR,1\nJPN,CHN,-1\n", "csv:3: spending_usd_million is '-1'"),
        (
            "destination,origin,spending_usd_million\nJapan,CHN,1\n",
            "csv:2: destination is 'Japan'; did you mean 'JPN'?",
        ),
        (
            "destination,origin,spending_usd_million\nJPN,CHN,1\nJPN,ZZZ,1\n",
            "csv:3: origin is 'ZZZ'; it must be the ISO3",
        ),
        ("destination,origin,spending_usd_million\n", "csv has no rows"),
        ("destination,origin,spending_usd_million\nJPN,CHN,1\nJPN,CHN,2\n", "csv:3: CHN to JPN stands there twice"),
        ("destination,origin,spending_usd_million\nJPN,JPN,1\n", "csv:2: JPN to JPN is travel at home"),
    ],
)
def test_a_wrong_table_of_spending_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        tourism.load_spending(path)
    assert said in str(caught.value)


def frame(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["destination", "origin", "spending_usd_million"])


def test_a_table_given_as_a_frame_is_checked_and_cleaned() -> None:
    with pytest.raises(DataError, match="spending has no column 'origin'"):
        tourism.with_tourism(small_world(), frame(("JPN", "CHN", 1.0)).drop(columns="origin"))
    found = tourism.with_tourism(small_world(), frame((" KOR", "CHN ", 9000.0)))
    assert found.provenance["additions"][-1]["spending"] == [["KOR", "CHN", 9000.0]]
    assert set(tourism.sales(found, tourism.spending_of(found))) == {
        (found.regions.index("CHN"), found.regions.index("KOR"))
    }
    with pytest.raises(DataError, match="none of the 1 rows of spending is between two regions"):
        tourism.with_tourism(small_world(), frame(("THA", "VNM", 5.0)))  # both in the rest of the world


def test_tables_put_in_after_each_other_add_up(world: World) -> None:
    both = tourism.with_tourism(world, frame(("KOR", "CHN", 9000.0), ("JPN", "KOR", 100.0)))
    table = tourism.spending_of(both).set_index(["destination", "origin"])["spending_usd_million"]
    bundled = tourism.spending().set_index("origin")["spending_usd_million"]
    assert (table["KOR", "CHN"], table["JPN", "KOR"], table["JPN", "CHN"]) == (9000, 100, bundled["CHN"])
    assert len(table) == len(bundled) + 1


def test_countries_keep_their_mix_when_regions_are_joined(world: World) -> None:
    joined = world.aggregate(regions={"EAST": ["CHN", "KOR"]})
    ban = TravelBan(by="EAST", on="JPN", share=0.3)
    apart = [cut for code in ("CHN", "KOR") for cut in tourism.cuts(world, TravelBan(by=code, on="JPN", share=0.3))]
    for cut in tourism.cuts(joined, ban):
        assert not cut.missing
        assert cut.lost == pytest.approx(sum(old.lost for old in apart if old.sector == cut.sector), rel=1e-9)


def test_after_a_shock_visitors_spend_no_more_than_the_world_holds(outcome: Outcome) -> None:
    after = outcome.as_world()
    again = tourism.cuts(after, TravelBan(**PAIR, share=0.5))
    assert any(cut.missing > 0 for cut in again)
    for cut in again:
        assert cut.lost == pytest.approx(0.5 * cut.spent)
        assert cut.spent <= cut.flow * (1 + 1e-4)
    with pytest.raises(ScenarioError, match="its table misses travel"):
        tourism.cuts(after, TravelBan(**PAIR, share=0.5, spending=1e6))


def test_a_missing_table_of_spending_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="there is no file"):
        tourism.load_spending(tmp_path / "none.csv")


# ------------------------------------------------------------------------------------------------- what a ban takes
@given(share=st.floats(0, 1), refilled=st.floats(0, 1))
def test_the_parts_of_a_ban_take_its_share_of_spending(share: float, refilled: float) -> None:
    world = tourism.with_tourism(small_world())
    ban = TravelBan(**PAIR, share=share, refilled=refilled)
    parts = ban.parts(world, "short")
    taken = 0.0
    for part in parts:
        cells = touched_cells(part, world)
        assert cells is not None
        if isinstance(part, Embargo):
            taken += part.share * float(world.accounts.flows[cells].sum())
        else:
            assert isinstance(part, TradeCost)
            assert -1 < part.change <= 0
    spent = tourism.sales(world, tourism.spending())[places(world)].sum()
    assert taken == pytest.approx(share * spent, rel=1e-3, abs=1e-9)
    availability = compose(world, [ban], horizon="short").availability
    assert ((availability >= 0) & (availability <= 1)).all()


def test_others_fill_in_what_was_asked_for_at_given_prices(world: World) -> None:
    ban = TravelBan(**PAIR, share=0.5, refilled=0.4)
    cuts = tourism.cuts(world, ban)
    theta = gt.horizon("short", world).theta(len(world.sectors))
    gains = 0.0
    for part in ban.parts(world, "short"):
        if isinstance(part, TradeCost):
            sector = int(world.sector_indices(part.sectors)[0])
            flow = float(world.accounts.flows[touched_cells(part, world)].sum())
            gains += flow * ((1 + part.change) ** -theta[sector] - 1)
    assert gains == pytest.approx(0.4 * sum(cut.lost for cut in cuts), rel=1e-9)


def test_the_others_are_all_whom_the_ban_does_not_name(world: World) -> None:
    theta = gt.horizon("short", world).theta(len(world.sectors))
    japan = places(world)[1]
    ban = TravelBan(by=["CHN", "DEU"], on="JPN", share=0.5, refilled=0.4)
    away = [world.regions.index(code) for code in ("CHN", "DEU")]
    assert not set(away) & set(tourism.others(world, japan, ban))
    cuts = tourism.cuts(world, ban)
    flows = world.accounts.flows[:, japan]
    for exporter, sector, change in tourism.refill_costs(world, ban, "short"):
        assert exporter == japan
        others = flows[:, sector].sum() - flows[[japan, *away], sector].sum()
        lost = sum(cut.lost for cut in cuts if cut.sector == sector)
        assert others * ((1 + change) ** -theta[sector] - 1) == pytest.approx(0.4 * lost, rel=1e-9)


def test_with_nobody_left_to_fill_in_nobody_does(world: World) -> None:
    with pytest.raises(ScenarioError, match=r"refilled 0.5: nobody is left to fill in for visitors to JPN: `by` names"):
        TravelBan(by="all", on="JPN", share=0.3, refilled=0.5).parts(world, "short")
    everybody = tourism_effects.prior_scenarios([TravelBan(by="all", on="JPN", share=0.3)], world)
    assert list(everybody) == ["central, nobody fills in"]


def test_two_bans_on_the_same_visitors_are_refused(world: World) -> None:
    china = TravelBan(**PAIR, share=0.3)
    with pytest.raises(ScenarioError, match="two of the measures are about visitors from CHN to JPN"):
        compose(world, [china, TravelBan(by=["CHN", "KOR"], on="JPN", curb="group-ban")])
    apart = compose(world, [china, TravelBan(by="KOR", on="JPN", share=0.2)]).availability
    both = [compose(world, [ban]).availability for ban in (china, TravelBan(by="KOR", on="JPN", share=0.2))]
    np.testing.assert_array_equal(apart, np.minimum(*both))


def test_a_coarse_world_takes_all_of_it_from_services() -> None:
    whole = small_world()
    coarse = whole.aggregate(sectors={"S": ["SERVICES", "G47", "H49", "I", "R-U"]})
    with pytest.raises(ScenarioError, match="million a year on S in Japan"):
        tourism.cuts(coarse, TravelBan(**PAIR, share=0.5, spending=1e9))
    cuts = tourism.cuts(tourism.with_tourism(coarse), TravelBan(**PAIR, share=0.5))
    assert {coarse.sectors[cut.sector] for cut in cuts} == {"S"}


def test_a_world_that_misses_travel_is_refused_with_the_remedy() -> None:
    with pytest.raises(ScenarioError, match=r"visitors from China spend US\$ .*with_tourism"):
        TravelBan(**PAIR, curb="advisory").parts(small_world(), "short")
    with pytest.raises(ScenarioError, match=r"Use world 'wiod2014\+tourism'"):
        TravelBan(**PAIR, curb="advisory").parts(World.load("wiod2014"), "short")


@pytest.mark.parametrize(
    "keys, said",
    [
        ({"by": "CHN", "on": "JPN"}, "exactly one of share, curb; it has none"),
        ({"by": "CHN", "on": "JPN", "share": 0.2, "curb": "advisory"}, "exactly one of share, curb; it has both"),
        ({"by": "CHN", "on": "JPN", "share": 2}, "TravelBan.share is 2"),
        ({"by": "CHN", "on": "JPN", "share": 0.2, "refilled": -1}, "TravelBan.refilled is -1"),
        ({"by": "CHN", "on": "JPN", "share": 0.2, "spending": 0}, "TravelBan.spending is 0"),
    ],
)
def test_a_ban_that_makes_no_sense_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        TravelBan(**keys)


def test_a_ban_on_oneself_or_with_spending_for_many_is_refused(world: World) -> None:
    with pytest.raises(ScenarioError, match="the same region, CHN"):
        TravelBan(by="CHN", on="CHN", share=0.1).parts(world, "short")
    with pytest.raises(ScenarioError, match="cannot be divided among 2 pairs"):
        TravelBan(by=["CHN", "KOR"], on="JPN", share=0.1, spending=100).parts(world, "short")


def test_a_ban_reads_back_from_a_file() -> None:
    ban = TravelBan(**PAIR, curb="group-ban", refilled=0.25, spending=3000)
    built = MEASURE_MODELS["travel-ban"].model_validate(ban.to_dict()).build()
    assert built == TravelBan(by=("CHN",), on=("JPN",), curb="group-ban", refilled=0.25, spending=3000)


# ------------------------------------------------------------------------------------------------------ the outcome
def test_sales_to_visitors_fall_by_what_they_leave(outcome: Outcome) -> None:
    table = tourism_effects.sector_effects(outcome, outcome.measures)  # type: ignore[arg-type]
    lost = float(table["visitors_lost"].sum())
    assert lost == pytest.approx(tourism_effects.spending_lost(outcome, outcome.measures[0]), rel=1e-3)  # type: ignore[arg-type]
    assert -float(table["sold_to_origins"].sum()) == pytest.approx(lost, rel=0.15)  # prices fall, and a part comes back
    parts = table["sold_to_origins"] + table["sold_to_others"] + table["sold_at_home"]
    np.testing.assert_allclose(parts, table["output"], rtol=1e-9, atol=1e-6)
    assert (table["sold_at_home"] > 0).all()
    assert (table["sold_to_others"] > 0).all()
    assert (table["price_percent"] < 0).all()
    assert outcome.real_income["JPN"] < 0


def test_what_visitors_buy_elsewhere_is_the_change_of_their_purchases(outcome: Outcome) -> None:
    table = tourism_effects.destinations(outcome, outcome.measures).set_index("destination")  # type: ignore[arg-type]
    sectors = tourism_effects.sector_effects(outcome, outcome.measures)  # type: ignore[arg-type]
    assert table.at["JPN", "change"] == pytest.approx(float(sectors["sold_to_origins"].sum()), rel=1e-9)
    assert table.at["CHN", "change"] > table["change"].drop("CHN").max() > 0


def test_nobody_staying_away_changes_nothing(world: World) -> None:
    still = gt.solve(world, [TravelBan(**PAIR, share=0, refilled=0.5)], horizon="short")
    assert still.real_income.abs().max() < 1e-7


def test_the_band_is_ordered_and_others_soften_the_loss(outcome: Outcome) -> None:
    spread, failed = tourism_effects.prior_range(outcome, ["JPN"])
    loss = -spread["JPN"]
    assert not failed
    assert loss["high, nobody fills in"] > loss["central, nobody fills in"] > loss["low, nobody fills in"] > 0
    for end in ("low", "central", "high"):
        assert loss[f"{end}, others fill in"] < loss[f"{end}, nobody fills in"]
    assert -loss["central, nobody fills in"] == pytest.approx(float(outcome.real_income["JPN"]), abs=1e-7)


# ---------------------------------------------------------------------------------------------------- the back-test
def test_the_back_test_shows_what_was_foreseen_and_what_came() -> None:
    table = tourism.backtest_2025()
    assert list(table.columns) == ["quantity", "frequency", "predicted", "low", "high", "observed", "band", "source"]
    assert np.isfinite(table[["predicted", "low", "high", "observed"]].to_numpy()).all()
    assert (table["low"] <= table["predicted"]).all()
    assert (table["predicted"] <= table["high"]).all()
    rows = table.set_index("quantity")
    assert rows.at["visitors from China", "predicted"] == pytest.approx(-100 * tourism.curb_prior("advisory").central)
    assert round(rows.at["visitors from China", "observed"], 1) == -55.1
    assert round(rows.at["visitors from elsewhere", "predicted"], 1) == 12.2
    assert round(rows.at["spending of visitors from China", "observed"], 1) == -17.9
    assert (table["frequency"] == "months").sum() == 8


def test_the_band_of_all_visitors_joins_loss_and_refill_of_one_end() -> None:
    rows = tourism.backtest_2025().set_index("quantity")[["low", "high"]]
    table = tourism.arrivals().loc["2024-12":"2025-06"]
    chinese, everybody = float(table["CHN"].sum()), float(table["all"].sum())
    prior = tourism.curb_prior("advisory")
    lows, highs = tourism_backtest._windows(tourism.arrivals()["all"] - tourism.arrivals()["CHN"])
    rest = everybody - chinese
    low = (-prior.high * chinese + lows / 100 * rest) / everybody
    high = (-0.5 * prior.low * chinese + highs / 100 * rest) / everybody
    assert rows.loc["all visitors"].tolist() == pytest.approx([100 * low, 100 * high])
    assert round(100 * high, 1) == 19.4


def test_the_forecast_knows_nothing_of_what_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tourism.backtest_2025()
    later = tourism_data.arrivals().copy()
    later.loc["2025-11":] = (later.loc["2025-11":] * np.linspace(0.1, 5, 8)[:, None]).astype(int)
    money = tourism_data.quarters().copy()
    money.loc[("2025-Q4", "CHN"), "billion_yen"] = 1.0
    monkeypatch.setattr(tourism_backtest, "arrivals", lambda: later)
    monkeypatch.setattr(tourism_backtest, "quarters", lambda: money)
    after = tourism_backtest.backtest_2025()
    pd.testing.assert_frame_equal(before[["predicted", "low", "high"]], after[["predicted", "low", "high"]])
    assert (before["observed"] != after["observed"]).all()


# ------------------------------------------------------------------------------------------------------- the report
@pytest.fixture(scope="module")
def run(world: World, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = world.save(tmp_path_factory.mktemp("world") / "travel.world")
    scenario = gt.Scenario(
        title="Visitors",
        world=str(path),
        horizon="short",
        horizons=["short"],
        elasticities={"draws": 0},  # type: ignore[arg-type]
        measures=[TravelBan(**PAIR, curb="advisory")],  # type: ignore[list-item]
    )
    return execute(scenario)


def test_the_report_has_a_section_on_visitors(run: Run) -> None:
    section = next(item for item in sections_of(run) if item.key == "tourism")
    assert all(table.name.startswith("tourism_") and len(table.frame) for table in section.tables)
    assert {figure.anchor for figure in section.figures} >= {
        "tourism-arrivals",
        "tourism-backtest",
        "tourism-published",
    }
    text = " ".join(section.sentences)
    assert "29\u00a0% of the visitors from China" in section.sentences[0]
    assert "−55.1\u00a0% observed" in text
    assert "outside them" in text
    assert any("assumption" in line.lower() for line in section.cautions)


def section_of(world: str, *bans: TravelBan) -> Any:
    scenario = gt.Scenario(
        title="Visitors",
        world=world,
        horizon="short",
        horizons=["short"],
        elasticities={"draws": 0},  # type: ignore[arg-type]
        measures=list(bans),  # type: ignore[arg-type]
    )
    return next(item for item in sections_of(execute(scenario)) if item.key == "tourism")


def test_a_range_needs_two_ends(run: Run) -> None:
    """All visitors stay away: nobody can fill in, the share is given, and there is no range to tell."""
    section = section_of(run.scenario.world, TravelBan(by="all", on="JPN", share=0.3))
    assert not any(text.startswith("Range") for text in section.sentences)
    assert not any("device" in line or "No equilibrium" in line for line in section.cautions)
    assert "as output lost, with a larger share staying away; by that count" in " ".join(section.sentences)


def test_what_others_assumed_is_told_as_far_as_the_case_differs(run: Run) -> None:
    section = section_of(run.scenario.world, TravelBan(**PAIR, share=0.6))
    assert "as output lost, with Hong Kong’s visitors; by that count" in " ".join(section.sentences)
    device = next(line for line in section.cautions if "device" in line)
    assert "assumption without a source" in device


def test_without_a_record_the_section_has_no_back_test(tmp_path: Path) -> None:
    own = pd.DataFrame({"destination": ["KOR"], "origin": ["CHN"], "spending_usd_million": [9000.0]})
    path = tourism.with_tourism(small_world(), own).save(tmp_path / "korea.world")
    scenario = gt.Scenario(
        title="Visitors to Korea",
        world=str(path),
        horizon="short",
        horizons=["short"],
        elasticities={"draws": 0},  # type: ignore[arg-type]
        measures=[TravelBan(by="CHN", on="KOR", share=0.483)],  # type: ignore[list-item]
    )
    (section,) = sections_of(execute(scenario))
    assert "tourism_backtest" not in {table.name for table in section.tables}
    assert "Korea" in section.sentences[0]


def test_with_other_measures_the_section_says_so(run: Run) -> None:
    both = gt.Scenario(
        title="Both",
        world=run.scenario.world,
        horizon="short",
        horizons=["short"],
        elasticities={"draws": 0},  # type: ignore[arg-type]
        measures=[TravelBan(**PAIR, share=0.3), gt.Tariff(by="CHN", on="JPN", rate=0.1)],  # type: ignore[list-item]
    )
    section = next(item for item in sections_of(execute(both)) if item.key == "tourism")
    assert "and with the other measures" in section.sentences[0]
    assert "tourism-published" not in {figure.anchor for figure in section.figures}
    assert any("other measures too" in line for line in section.cautions)


def test_a_ban_that_the_world_knows_nothing_of_is_told_with_its_place(run: Run) -> None:
    scenario = gt.Scenario(
        title="Unknown",
        world=run.scenario.world,
        measures=[TravelBan(by="USA", on="KOR", share=0.3)],  # type: ignore[list-item]
    )
    with pytest.raises(ScenarioError, match=r"measures\[0\].*nothing is known of what visitors from USA spend in KOR"):
        execute(scenario)


def test_a_world_tells_what_was_added_to_it(world: World) -> None:
    from gaiatsu.world.describe import describe

    told = describe(world)
    assert "Added: spending of visitors abroad (JNTO and Japan Tourism Agency, 2024)" in told
    assert "CHN from JPN, G47" in told
