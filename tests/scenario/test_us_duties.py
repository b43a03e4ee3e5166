from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.scenario import us_duties
from gaiatsu.scenario.citing import sources_of
from gaiatsu.scenario.days import US_DUTIES_TO
from gaiatsu.scenario.loading import parse
from gaiatsu.scenario.measures import Tariff, USDuties
from gaiatsu.scenario.run import execute, with_options
from gaiatsu.scenario.schema import Scenario, json_schema
from gaiatsu.trade.wedges import compose, label, touched_cells
from gaiatsu.world.world import World

LATEST = US_DUTIES_TO
AUGUST = datetime.date(2025, 8, 20)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def rate(partner: str, sector: str, text: str) -> float:
    table = us_duties.duty_table()
    return float(100 * us_duties.on_day(day(text))[table.partners.index(partner), table.sectors.index(sector)])


@pytest.fixture(scope="module")
def wiod() -> World:
    return World.load("wiod2014")


@pytest.fixture(scope="module")
def latest() -> World:
    return World.load("2022")


# ------------------------------------------------------------------------------------------------ the table
@pytest.mark.parametrize("number", range(23))
def test_on_every_date_every_partner_has_the_mean_of_the_series(number: int) -> None:
    table = us_duties.duty_table()
    assert len(table.dates) == 23
    rates = us_duties.on_day(table.dates[number])
    text = (us_duties.FOLDER / us_duties.SERIES).read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        row, *means = line.split(",")
        mine = np.array([name == row for name in table.row])
        paid = (table.imports * rates)[mine].sum() / table.imports[mine].sum()
        assert 100 * paid == pytest.approx(float(means[number]), abs=1e-7), row


def test_files_of_different_dates_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    shutil.copytree(us_duties.FOLDER, data)
    series = data / us_duties.SERIES
    series.write_text(series.read_text(encoding="utf-8").replace("2025-04-03", "2025-04-02", 1), encoding="utf-8")
    monkeypatch.setattr(us_duties.resources, "files", lambda package: tmp_path)
    with pytest.raises(DataError, match=r"not of the same dates. Install gaiatsu again"):
        us_duties.duty_table.__wrapped__()


@pytest.mark.parametrize(
    ("partner", "date", "percent"),
    [
        ("JPN", "2025-04-03", 10.00),
        ("JPN", "2026-07-24", 13.73),
        ("IND", "2025-08-07", 43.03),
        ("CHN", "2025-04-09", 112.19),
    ],
)
def test_the_means_are_those_of_the_published_series(partner: str, date: str, percent: float) -> None:
    frame = gt.us_duties(date).loc[partner]
    mean = (frame["added_duty"] * frame["imports_2024"]).sum() / frame["imports_2024"].sum()
    assert mean == pytest.approx(percent, abs=0.01)


def test_rates_are_neither_negative_nor_absurd() -> None:
    table = us_duties.duty_table()
    assert table.rates.min() >= 0
    calm = [number for number, date in enumerate(table.dates) if not day("2025-04-05") <= date < day("2025-05-12")]
    assert table.rates[:, :, calm].max() < 0.6  # 50 % on metals is the highest rate outside the quarrel of April 2025
    assert table.rates.max() < 1.5


@pytest.mark.parametrize(
    ("partner", "sector", "date", "low", "high"),
    [
        ("JPN", "C29", "2025-03-20", 0, 1),
        ("JPN", "C29", "2025-05-12", 23, 25),  # 25 % on cars, 10 % on what is not reached
        ("JPN", "C29", "2025-09-20", 14.5, 15.5),  # 15 % all in, the ordinary 2.5 % not deducted by the source
        ("JPN", "C13-C15", "2025-05-12", 9, 11),  # 10 % on all
        ("JPN", "C13-C15", "2025-09-01", 14.5, 15.5),
        ("JPN", "C13-C15", "2026-02-21", 0, 0.3),  # void
        ("JPN", "C29", "2026-02-21", 12.5, 15),  # Section 232 stays
        ("JPN", "C13-C15", "2026-03-01", 9, 10.5),  # Section 122
        ("JPN", "C13-C15", "2026-08-01", 11.5, 13),  # Section 301
        ("JPN", "C24A", "2026-04-06", 38, 50),  # 50 % on full value
        ("DEU", "C21", "2025-12-01", 0, 1),  # medicines exempt
        ("CHN", "C13-C15", "2025-02-04", 20, 20),
        ("CHN", "C13-C15", "2025-06-01", 29, 31),  # 20 and 10
        ("IND", "C13-C15", "2025-09-01", 49, 51),
        ("IND", "C13-C15", "2026-02-10", 17, 19),
        ("KOR", "C29", "2025-05-12", 23, 25),
        ("MEX", "C13-C15", "2025-03-06", 4.4, 4.6),
        ("CAN", "B06", "2026-03-01", 0, 0.1),
    ],
)
def test_known_rates(partner: str, sector: str, date: str, low: float, high: float) -> None:
    assert low <= rate(partner, sector, date) <= high


def test_between_two_dates_the_earlier_one_holds() -> None:
    assert np.array_equal(us_duties.on_day(day("2025-07-15")), us_duties.on_day(day("2025-06-03")))
    assert not np.array_equal(us_duties.on_day(day("2025-08-07")), us_duties.on_day(day("2025-08-06")))
    assert not us_duties.on_day(day("2025-02-03")).any()
    assert us_duties.on_day(day("2025-02-04")).any()


@pytest.mark.parametrize("text", ["2025-01-31", "2026-08-20", "1999-01-01"])
def test_other_days_are_refused_with_the_range(text: str) -> None:
    with pytest.raises(ScenarioError, match="from 2025-02-01 to 2026-08-19, not on " + text):
        gt.us_duties(text)
    with pytest.raises(ScenarioError, match="from 2025-02-01 to 2026-08-19, not on " + text):
        USDuties(at=text)


def test_the_table_for_people() -> None:
    frame = gt.us_duties()
    assert frame.index.names == ["partner", "sector"]
    assert list(frame.columns) == ["added_duty", "imports_2024"]
    assert frame.attrs["day"] == LATEST.isoformat()
    assert frame["imports_2024"].sum() == pytest.approx(3_121_000, rel=0.001)  # US$ million, without chapters 98 and 99
    assert frame.loc[("JPN", "C29"), "added_duty"] == pytest.approx(rate("JPN", "C29", LATEST.isoformat()))


# ------------------------------------------------------------------------------------------------ worlds
def test_revenue_on_the_baseline_is_rate_times_imports(latest: World) -> None:
    wedges = compose(latest, [USDuties()])
    home = latest.regions.index("USA")
    added = (wedges.duty - latest.accounts.duty)[home]
    assert np.allclose(added, us_duties.for_world(latest, LATEST), rtol=0, atol=1e-15)
    assert np.array_equal(np.delete(wedges.duty, home, axis=0), np.delete(latest.accounts.duty, home, axis=0))
    flows = latest.accounts.flows[home]
    mean = (added * flows).sum() / (flows[:, np.array(latest.goods)].sum() - flows[home][np.array(latest.goods)].sum())
    assert 0.08 < mean < 0.11  # 9.2 % with the imports of 2024
    assert not added[:, ~np.array(latest.goods)].any()
    assert not added[home].any()


def test_finer_sectors_take_the_rate_of_their_parent_and_coarser_ones_the_mean(latest: World, wiod: World) -> None:
    table = us_duties.duty_table()
    rates = us_duties.on_day(AUGUST)
    fine, coarse = us_duties.for_world(latest, AUGUST), us_duties.for_world(wiod, AUGUST)
    partner = table.partners.index("JPN")
    for sector in ("C24A", "C24B", "C301", "C302T309", "B07"):
        found = fine[latest.regions.index("JPN"), latest.sectors.index(sector)]
        assert found == pytest.approx(rates[partner, table.sectors.index(sector)])
    metals = [table.sectors.index(name) for name in ("C24A", "C24B")]
    mean = np.average(rates[partner, metals], weights=table.imports[partner, metals])
    assert coarse[wiod.regions.index("JPN"), wiod.sectors.index("C24")] == pytest.approx(mean)
    services_to_mining = fine[latest.regions.index("JPN"), latest.sectors.index("B09")]
    mining = [number for number, name in enumerate(table.sectors) if name.startswith("B")]
    assert rates[partner, mining].min() <= services_to_mining <= rates[partner, mining].max()
    coal = fine[latest.regions.index("JPN"), latest.sectors.index("B05")]
    assert rates[partner, mining].min() <= coal <= rates[partner, mining].max()


def test_blocs_take_the_mean_of_their_members(latest: World) -> None:
    pair = latest.aggregate(regions={"PAIR": ["JPN", "CHN"]}, sectors={"BOTH": ["C28", "C29"]})
    table = us_duties.duty_table()
    rows = [table.partners.index(code) for code in ("JPN", "CHN")]
    columns = [table.sectors.index(code) for code in ("C28", "C29")]
    block = np.ix_(rows, columns)
    wanted = np.average(us_duties.on_day(AUGUST)[block], weights=table.imports[block])
    found = us_duties.for_world(pair, AUGUST)[pair.regions.index("PAIR"), pair.sectors.index("BOTH")]
    assert found == pytest.approx(wanted)


def test_the_rest_of_the_world_is_everyone_not_listed(wiod: World) -> None:
    table = us_duties.duty_table()
    listed = {code for part in wiod.region_parts for code in part} - {"ROW"}
    rest = [number for number, code in enumerate(table.partners) if code not in listed]
    assert {"VNM", "THA", "CHE"} - listed == {table.partners[number] for number in rest} & {"VNM", "THA", "CHE"}
    cars = table.sectors.index("C29")
    wanted = np.average(us_duties.on_day(AUGUST)[rest, cars], weights=table.imports[rest, cars])
    found = us_duties.for_world(wiod, AUGUST)[wiod.regions.index("ROW"), wiod.sectors.index("C29")]
    assert found == pytest.approx(wanted)


def test_every_partner_stands_in_one_region(latest: World, wiod: World) -> None:
    for world in (latest, wiod):
        held = us_duties._partners(world)
        assert (held[:, [code != "ROW" for code in us_duties.duty_table().partners]].sum(axis=0) == 1).all()


def test_a_world_without_the_united_states_is_refused(latest: World, small_world: World) -> None:
    bloc = latest.aggregate(regions={"AMERICA": ["USA", "CAN"]})
    with pytest.raises(ScenarioError, match="part of region 'AMERICA'"):
        compose(bloc, [USDuties()])
    with pytest.raises(ScenarioError, match="it has none"):
        us_duties.importer(_without_usa())
    assert compose(small_world, [USDuties(at=AUGUST)]).duty[0, 1, 2] == pytest.approx(0.15, abs=0.01)


def _without_usa() -> World:
    flows = np.ones((2, 2, 1)) + 9 * np.eye(2)[:, :, None]
    return World.from_arrays(
        regions=["JPN", "DEU"], sectors=["C29"], flows=flows, duty=np.zeros_like(flows),
        va_share=np.full((2, 1), 0.5), input_mix=np.ones((2, 1, 1)),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the measure
def test_it_adds_to_other_rates_and_stacks_where_asked(small_world: World) -> None:
    own = us_duties.for_world(small_world, AUGUST)
    tariff = {"by": "USA", "on": "JPN", "sectors": "C29", "rate": 0.10}
    added = compose(small_world, [USDuties(at=AUGUST), Tariff(**tariff)]).duty
    assert added[0, 1, 2] == pytest.approx(own[1, 2] + 0.10)
    stacked = compose(small_world, [USDuties(at=AUGUST, stack="a"), Tariff(**tariff, stack="a")]).duty
    assert stacked[0, 1, 2] == pytest.approx(max(own[1, 2], 0.10))
    assert stacked[0, 2, 2] == pytest.approx(own[2, 2])
    assert np.array_equal(added, compose(small_world, [Tariff(**tariff), USDuties(at=AUGUST)]).duty)


def test_it_can_be_narrowed(small_world: World) -> None:
    duty = compose(small_world, [USDuties(at=AUGUST, on="JPN", sectors="C29")]).duty
    assert duty[0, 1, 2] > 0.1
    assert np.count_nonzero(duty) == 1
    importers, exporters, sectors = touched_cells(USDuties(at=AUGUST, sectors="all"), small_world) or ((), (), ())
    assert set(importers) == {0}
    assert set(exporters) == {1, 2}
    assert set(sectors) == {0, 1, 2}  # goods only
    assert label(USDuties(at=AUGUST, on="JPN")) == "US duties of 2025-08-20 on JPN: goods"


@pytest.mark.parametrize("world", ["wiod2014", "2022"])
def test_the_case_runs_at_all_horizons(world: str) -> None:
    run = execute(with_options(gt.load("us-duties-today"), world=world))
    assert set(run.outcomes) == {"impact", "short", "medium", "long"}
    assert not run.failed
    assert all(outcome.residual < 1e-9 for outcome in run.outcomes.values())
    assert run.measures == (USDuties(at=None, on=("all",), sectors=("goods",), note="US duties of 2025 and 2026"),)
    for code in ("CAN", "MEX", "CHN", "JPN"):
        assert run.outcome.real_income[code] < 0


def test_decomposition_and_attribution_take_it_as_one_measure(small_world: World) -> None:
    outcome = gt.solve(
        small_world,
        [USDuties(at=AUGUST), Tariff(by="JPN", on="USA", rate=0.1)],
        elasticities=gt.Elasticities(trade=4.0, value_added=1.0, materials=1.0, consumption=1.0, mobility=np.inf),
    )
    shapley = outcome.attribute()
    assert shapley.sum(axis=1).to_numpy() == pytest.approx(outcome.real_income.to_numpy(), abs=1e-6)
    parts = outcome.decompose()
    assert len(parts) == 3


# ------------------------------------------------------------------------------------------------ files
def parsed(**keys: Any) -> Scenario:
    return Scenario.model_validate({"title": "t", "measures": [{"kind": "us-duties", **keys}]})


def test_both_spellings_are_one_word() -> None:
    text = "title: t\nmeasures:\n  - {kind: us_duties, at: 2025-08-20}\n"
    assert parse(text.encode()).measures == parsed(at="2025-08-20").measures
    with pytest.raises(ScenarioError, match="unknown key; did you mean 'sectors'"):
        parse(b"title: t\nmeasures:\n  - {kind: us_duties, sector: C29}\n")
    with pytest.raises(ScenarioError, match="unknown measure 'us-dutys'; did you mean 'us-duties'"):
        parse(b"title: t\nmeasures:\n  - {kind: us-dutys}\n")


@pytest.mark.parametrize(
    "value",
    ["2025-13-40", "tomorrow", "2025-08-20T10:00:00", "2025-08-20 10:00:00", "20250820", "1755648000", "true", "2025"],
)
def test_a_day_that_is_none_is_refused(value: str) -> None:
    for text in (
        f"title: t\nmeasures:\n  - kind: us-duties\n    at: {value}\n",
        f"title: t\nat: {value}\nmeasures:\n  - kind: us-duties\n",
    ):
        with pytest.raises(ScenarioError, match=r"is not a day: write it as 2025-07-20|month must be in"):
            parse(text.encode())


def test_the_schema_knows_it() -> None:
    schema = json.loads(json.dumps(json_schema()))
    keys = schema["$defs"]["USDutiesModel"]["properties"]
    assert keys["kind"]["const"] == "us-duties"
    assert {"at", "on", "sectors", "stack", "note", "act", "date", "until", "source"} <= set(keys)
    assert schema["properties"]["at"]["anyOf"][0]["format"] == "date"


def test_cite_carries_the_licence_of_the_table() -> None:
    told = "\n".join(sources_of(gt.load("us-duties-today")))
    assert "Copyright (c) 2025 tradewartracker" in told
    assert "The above copyright notice and this permission notice shall be included" in told
    assert "https://github.com/tradewartracker/trade-war-redux-2025" in told
