"""Minerals: facts of the trade table, dependence, loaders, stocks and stockpiles, the 2010 back-test, the measure."""

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
from gaiatsu.exposure import mineral_use, minerals, stocks
from gaiatsu.exposure.mineral_findings import Findings
from gaiatsu.exposure.mineral_losses import Settings, path, situation, stockpiles
from gaiatsu.report.sections import sections_of
from gaiatsu.scenario.critical_input import CriticalInput
from gaiatsu.scenario.run import Run, execute
from gaiatsu.scenario.schema import Scenario
from gaiatsu.trade.wedges import compose
from gaiatsu.world import World
from originals import SECURITY
from script_loading import load_script

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_minerals.py"
GAPS = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def world(embedded: dict[str, World]) -> World:
    """wiod2014 with few regions and sectors: solves take milliseconds."""
    whole = embedded["wiod2014"]
    rest = [code for code in whole.regions if code not in ("JPN", "CHN", "USA", "NLD", "KOR")]
    users = {"C20", "C23", "C26", "C27", "C28,C33", "C29"}
    goods = [code for code, kind in zip(whole.sectors, whole.goods, strict=True) if kind and code not in users]
    services = [code for code, kind in zip(whole.sectors, whole.goods, strict=True) if not kind]
    return whole.aggregate(regions={"ROW": rest}, sectors={"GOODS": goods, "SERVICES": services})


@pytest.fixture(scope="module")
def measure() -> CriticalInput:
    return CriticalInput(by="CHN", on="JPN", input="rare-earths")


@pytest.fixture(scope="module")
def run(world: World, tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = world.save(tmp_path_factory.mktemp("world") / "small.world")
    measures = [
        {"kind": "critical-input", "by": "CHN", "on": "JPN", "input": "rare earths"},
        {"kind": "critical-input", "by": "CHN", "on": ["USA", "JPN"], "input": "gallium", "share": "80 %"},
    ]
    scenario = Scenario.model_validate({
        "title": "Withheld", "world": str(place), "horizon": "short", "horizons": ["short"],
        "elasticities": {"draws": 0}, "measures": measures,
    })  # fmt: skip
    return execute(scenario)


# ------------------------------------------------------------------------------------------------------- trade
@pytest.mark.parametrize(("year", "share"), [(2010, 0.818), (2015, 0.317), (2024, 0.244)])
def test_the_share_of_china_in_japans_rare_earth_metals(year: int, share: float) -> None:
    table = minerals.trade()
    mine = table[(table["hs"] == "280530") & (table["year"] == year) & (table["importer"] == "JPN")]
    part = mine.loc[mine["exporter"] == "CHN", "value_usd_thousand"].sum() / mine["value_usd_thousand"].sum()
    assert round(part, 3) == share


def test_the_table_is_small_and_between_regions_of_the_world(embedded: dict[str, World]) -> None:
    table = minerals.trade()
    assert set(table["importer"]) | set(table["exporter"]) <= set(embedded["2022"].regions)
    assert (table["importer"] != table["exporter"]).all()
    assert not table.duplicated(["year", "hs", "importer", "exporter"]).any()
    assert (minerals.DATA / "minerals_trade.csv.gz").stat().st_size < 1.5e6  # type: ignore[attr-defined]


def test_a_world_of_fewer_regions_keeps_all_trade_across_its_borders(world: World) -> None:
    flows = minerals.flows_of(world, "rare-earths")
    table = minerals.trade_of("rare-earths")
    assert np.diagonal(flows).max() == 0
    mine = table[table["importer"] == "JPN"]["value_usd_thousand"].sum()
    assert flows[world.regions.index("JPN")].sum() == pytest.approx(mine)


def test_dependence_is_by_weight_in_the_last_year_and_less_what_is_recycled(world: World) -> None:
    china, japan = np.array([world.regions.index("CHN")]), world.regions.index("JPN")
    found = mineral_use.use_of(world, "rare earths", china).standing[japan]
    weight = minerals.flows_of(world, "rare-earths", 2024, "quantity_tonnes")[japan]
    assert found.dependence == pytest.approx(0.99 * weight[china].sum() / weight.sum())
    assert found.value == pytest.approx(minerals.flows_of(world, "rare-earths", 2015)[japan].sum() / 0.99 / 1e3)


def test_those_who_buy_none_lose_none_and_nobody_is_an_error(embedded: dict[str, World]) -> None:
    whole = embedded["2022"]
    there = situation(whole, CriticalInput(by="CHN", on=["KHM", "KOR"], input="rare-earths"))
    gap = dict(zip([whole.regions[index] for index in there.regions], there.gap, strict=True))
    assert gap["KHM"] == 0
    assert gap["KOR"] > 0.5
    with pytest.raises(DataMissing, match="from `by` to KHM"):
        situation(whole, CriticalInput(by="CHN", on="KHM", input="rare-earths")).gap


def test_gallium_hangs_on_single_facts(world: World) -> None:
    china = np.array([world.regions.index("CHN")])
    japan = mineral_use.use_of(world, "gallium", china).standing[world.regions.index("JPN")]
    assert japan.dependence == pytest.approx(55 / 167, abs=1e-3)
    assert japan.value == pytest.approx(167 * 257.5e-3)
    other = mineral_use.use_of(world, "gallium", china).standing[world.regions.index("NLD")]
    assert other.dependence == pytest.approx(0.98 * 0.67)
    assert "proportion" in other.assumed
    with pytest.raises(DataMissing, match="only from CHN"):
        mineral_use.use_of(world, "gallium", np.array([world.regions.index("USA")]))


def test_unknown_minerals_get_a_hint() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'gallium'"):
        minerals.mineral("galium")
    assert minerals.mineral_key("Rare Earths") == "rare-earths"
    with pytest.raises(DataMissing, match="do not tell gallium apart"):
        minerals.trade_of("gallium")
    with pytest.raises(ScenarioError, match="give `users`"):
        minerals.users_of("graphite")


def test_who_could_fill_is_ranked_and_leaves_out_controller_and_buyer(embedded: dict[str, World]) -> None:
    whole = embedded["2022"]
    china, japan = np.array([whole.regions.index("CHN")]), whole.regions.index("JPN")
    frame = mineral_use.who_could_fill(whole, "rare-earths", china, japan, 0.1)
    assert not {"CHN", "JPN"} & set(frame["region"])
    assert frame["could_add"].is_monotonic_decreasing
    everybody = mineral_use.use_of(whole, "rare-earths", china)
    assert frame["could_add"].sum() == pytest.approx(0.1 * 1e3 * everybody.world)
    assert np.allclose(frame["could_add"] / frame["supply"], frame["could_add"].sum() / frame["supply"].sum())
    there = situation(whole, CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    assert frame["share_of_use"].sum() == pytest.approx(there.fill("central")[0, stocks.RAMP - 1])
    with pytest.raises(ScenarioError, match="spare capacity is nan"):
        mineral_use.who_could_fill(whole, "rare-earths", china, japan, math.nan)
    vietnam = frame.set_index("region").loc["VNM"]
    assert vietnam["already_sold"] == pytest.approx(
        minerals.flows_of(whole, "rare-earths")[japan, whole.regions.index("VNM")]
    )


def test_the_builder_adds_up_what_is_no_region_and_drops_what_is_tiny() -> None:
    script = load_script(SCRIPT)
    raw = pd.DataFrame({
        "t": 2020, "exp": ["CHN", "AFG", "S19", "AFG", "CHN", "CHN"], "imp": ["JPN", "JPN", "JPN", "ALB", "JPN", "USA"],
        "k": ["280530", "280530", "280530", "280530", "999999", "280530"], "v": [10.0, 2.0, 3.0, 9.0, 5.0, 0.4],
        "q": [1.0, np.nan, 2.0, 1.0, 1.0, 1.0],
    })  # fmt: skip
    found = script.reduced(raw, ("CHN", "JPN", "TWN", "USA", "ROW")).set_index("exporter")
    assert found["value_usd_thousand"].to_dict() == {"CHN": 10.0, "ROW": 2.0, "TWN": 3.0}
    assert found.loc["ROW", "quantity_tonnes"] == 0.0


@pytest.mark.skipif(not SECURITY.is_dir(), reason="the source of the table is not at hand")
def test_the_shipped_table_is_what_its_builder_makes(embedded: dict[str, World]) -> None:
    script = load_script(SCRIPT)
    raw = pd.read_csv(SECURITY / "baci_minerals_hs6.csv.gz", dtype={"k": str})
    again = script.reduced(raw, embedded["2022"].regions)
    pd.testing.assert_frame_equal(again, pd.DataFrame(minerals.trade()), check_dtype=False)


# ----------------------------------------------------------------------------------------------------- loader
def _production(place: Path, text: str) -> Path:
    place.write_text(text, encoding="utf-8")
    return place


def test_mine_production_of_your_own(tmp_path: Path, world: World) -> None:
    text = "mineral,Country,Country_ISO,year,production,unit\nGallium,China,CHN,2023,701,metr. t\n"
    text += "Gallium,Japan,JPN,2023,3000,kg\n"
    text += "Gallium,Korea,KOR,2023,3,metr. t\nGallium,Chile,CHL,2023,5,metr. t\nIron (Fe),Chile,CHL,2023,5,metr. t\n"
    table = minerals.load_mine_production(_production(tmp_path / "wmd.csv", text))
    assert table.set_index("country")["production"].to_dict() == {"CHN": 701, "JPN": 3, "KOR": 3, "CHL": 5}
    china, usa = np.array([world.regions.index("CHN")]), world.regions.index("USA")
    frame = mineral_use.who_could_fill(world, "gallium", china, usa, 0.5, table)
    assert frame[["region", "could_add"]].to_numpy().tolist() == [
        ["ROW", pytest.approx(0.5 * 712 * 5 / 11)], ["JPN", pytest.approx(0.5 * 712 * 3 / 11)],
        ["KOR", pytest.approx(0.5 * 712 * 3 / 11)],
    ]  # fmt: skip
    with pytest.raises(DataMissing, match="has no germanium"):
        mineral_use.who_could_fill(world, "germanium", china, usa, 0.5, table)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mineral,year,production\nGallium,2023,1\n", "no column Country_ISO"),
        ("mineral,Country_ISO,year,production\nGallium,CHN,2023,much\n", "wmd.csv:2: production is much, not a number"),
        ("mineral,Country_ISO,year,production\nGallium,CHN,2023,1\nGallium,JPN,,1\n", "wmd.csv:3: year is empty"),
        ("mineral,Country_ISO,year,production\nGallium,CHN,x,1\n", "wmd.csv:2: year is x, not a year"),
        ("mineral,Country_ISO,year,production\nGallium,CHN,2023,-5\n", "production is -5, not a number of tonnes"),
        ("mineral,Country_ISO,year,production\nGallium,CHN,2023,-1\n", "not a number of tonnes"),
        ("mineral,Country_ISO,year,production\nGallium,China,2023,1\n", "China, which are no ISO3"),
        ("mineral,Country_ISO,year,production\nIron (Fe),CHN,2023,1\n", "names none of"),
        ("mineral,Country_ISO,year,production,unit\nGallium,CHN,2023,1,carat\n", "unit 'carat'"),
    ],
)
def test_a_wrong_table_of_production_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        minerals.load_mine_production(_production(tmp_path / "wmd.csv", text))
    with pytest.raises(DataMissing, match=r"world-mining-data\.info"):
        minerals.load_mine_production(tmp_path / "no.csv")


@pytest.mark.skipif(not SECURITY.is_dir(), reason="World Mining Data is not at hand")
def test_world_mining_data_is_read() -> None:
    table = minerals.load_mine_production(SECURITY / "world_mining_data_2018_2024.csv.gz")
    mine = table[(table["mineral"] == "gallium") & (table["year"] == 2023)].set_index("country")["production"]
    assert mine["CHN"] == 701.0
    assert mine["CHN"] / mine.sum() > 0.97


# ----------------------------------------------------------------------------------------------------- stocks
@given(GAPS, st.floats(0.0, 40.0), st.floats(0.0, 0.5), st.floats(0.0, 2.0))
def test_what_is_lacking_is_felt_filled_or_drawn_from_stock(
    gap: float, stock: float, spare: float, ratio: float
) -> None:
    fill = stocks.fill_path(spare, ratio, 80)
    felt = stocks.shortfall_path(gap, fill, stock)
    missing = np.maximum(gap - fill, 0.0)
    assert (felt >= 0).all()
    assert (felt <= missing + 1e-12).all()
    assert math.isclose((missing - felt).sum(), min(stock, missing.sum()), rel_tol=1e-9, abs_tol=1e-9)


def test_a_complete_stop_is_put_off_by_as_many_weeks_as_are_in_stock() -> None:
    felt = stocks.shortfall_path(1.0, np.zeros(20), 8.0)
    assert felt.tolist() == [0.0] * 8 + [1.0] * 12
    assert stocks.weeks_covered(1.0, np.zeros(20), 8.0) == 8
    assert stocks.weeks_covered(0.5, np.zeros(20), 8.0) == 16  # half a stop draws half as fast
    assert stocks.weeks_covered(0.5, np.zeros(20), 80.0) == 20


def test_spare_capacity_comes_on_evenly_over_three_years() -> None:
    fill = stocks.fill_path(0.1, 2.0, 400)
    assert fill[stocks.RAMP // 2 - 1] == pytest.approx(0.1)
    assert fill[stocks.RAMP - 1 :] == pytest.approx(0.2)


def _pile(power: float = 1.0, rate: float = 0.05) -> stocks.Stockpile:
    return stocks.stockpile(
        lambda x: 100 * x**power, gap=1.0, fill=np.zeros(52), held=12.0, weeks=52, value=520.0, carrying_cost=rate
    )


def test_break_even_where_loss_is_proportional_is_all_or_nothing() -> None:
    """Each week of stock saves 100 and costs 0.05 · 520/52 = 0.5 a year: it pays from a chance of 0.5 %."""
    pile = _pile()
    assert pile.size[-1] == pytest.approx(40.0)
    assert pile.saved[-1] == pytest.approx(4000.0)
    assert pile.needed_probability()[1:] == pytest.approx(0.005)
    assert pile.break_even(0.0051) == math.inf
    assert pile.break_even(0.0049) == 0.0
    assert pile.best(0.0051) == pytest.approx(40.0)
    assert pile.best(0.0049) == 0.0


def test_at_the_break_even_size_cost_is_expected_loss_avoided() -> None:
    """Losses that rise with the fourth power of a gap that others close: the last weeks of stock save little."""
    fill = stocks.fill_path(1.0, 2.0, 104)
    pile = stocks.stockpile(
        lambda x: 1000 * x**4, gap=1.0, fill=fill, held=0.0, weeks=104, value=5200.0, carrying_cost=0.05
    )
    chance = 1.1 * float(pile.needed_probability()[1])
    size = pile.break_even(chance)
    assert 0 < size < pile.size[-1]
    saved = np.interp(size, pile.size, pile.saved)
    assert chance * saved == pytest.approx(np.interp(size, pile.size, pile.cost), rel=1e-9)
    assert 0 < pile.best(chance) <= size


@given(st.floats(1e-4, 0.2), st.floats(1.0, 2.0))
def test_a_likelier_cut_is_worth_a_larger_stock(chance: float, more: float) -> None:
    pile = _pile(power=2.0)
    assert pile.break_even(more * chance) >= pile.break_even(chance)
    assert pile.best(more * chance) >= pile.best(chance)


@pytest.mark.parametrize(
    "call",
    [
        lambda: stocks.shortfall_path(1.2, np.zeros(3), 0.0),
        lambda: stocks.shortfall_path(0.2, np.zeros(3), -1.0),
        lambda: stocks.fill_path(-0.1, 1.0, 3),
        lambda: stocks.stockpile(np.sum, gap=1.0, fill=np.zeros(3), held=0, weeks=9, value=1, carrying_cost=0.1),
    ],
)
def test_impossible_stocks_are_refused(call: Any) -> None:
    with pytest.raises(ScenarioError):
        call()


# ------------------------------------------------------------------------------------------------- the measure
def test_the_path_of_substitution_rises_and_meets_bachmann_at_impact(world: World, measure: CriticalInput) -> None:
    there = situation(world, measure)
    for case in ("low", "central", "high"):
        path_of = [there.substitution(week, case) for week in (1, 13, 30, 52, 156, 520)]
        assert (np.diff(path_of) >= 0).all()
    assert there.substitution(13, "high") == pytest.approx(0.04)
    assert there.substitution(13, "low") == pytest.approx(0.10)


def test_parts_are_the_productivities_of_the_joint_fixed_point(world: World, measure: CriticalInput) -> None:
    there = situation(world, measure)
    joint = there.joint("short")
    table = compose(world, [measure], horizon="short").productivity
    assert table[there.cells["region"], there.cells["sector"]] == pytest.approx(joint.productivity, abs=1e-15)
    assert (table != 1).sum() == len(joint.productivity)
    outcome = gt.solve(world, [measure], horizon="short")
    assert outcome.closure == "proportional"
    assert outcome.real_income_change == pytest.approx(joint.real_income_change, abs=1e-8)
    assert outcome.real_income["JPN"] < 0


def test_it_combines_with_a_tariff_and_is_attributed(world: World, measure: CriticalInput) -> None:
    duty = gt.Tariff(by="USA", on="JPN", sectors="C29", rate=0.25)
    shapley = gt.solve(world, [measure, duty], horizon="short").attribute()
    assert shapley.loc["JPN"].iloc[0] < 0
    assert next(iter(shapley.columns)).startswith("rare-earths withheld by CHN from JPN")


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"share": 0.9}, {"share": 0.6}),
        ({"stock_weeks": 0.0, "weeks": 20}, {"stock_weeks": 26.0, "weeks": 20}),
        ({"recycling": 0.0}, {"recycling": 0.4}),
        ({"substitution": 0.1}, {"substitution": 0.5}),
        ({"spare_capacity": 0.0}, {"spare_capacity": 0.2}),
        ({"dependence": 0.8}, {"dependence": 0.5}),
        ({"users": {"C29": 0.002}}, {"users": {"C29": 0.001}}),
        ({"weeks": 30}, {"weeks": 150}),
    ],
)
def test_each_parameter_works_its_way(world: World, more: dict[str, Any], less: dict[str, Any]) -> None:
    def lost(options: dict[str, Any]) -> float:
        there = situation(world, CriticalInput(by="CHN", on="JPN", input="rare-earths", **options))
        return -float(there.joint("short").real_income_change[world.regions.index("JPN")])

    assert lost(more) > lost(less) >= -1e-9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input": "rare-erths"}, "did you mean 'rare-earths'"),
        ({"input": "cobalt"}, "which sectors use cobalt"),
        ({"share": 1.4}, "between 0 and 1"),
        ({"weeks": 0}, "at least 1"),
        ({"weeks": 9999}, "at most 2600"),
        ({"substitution": 0}, "above 0"),
        ({"reach": 0}, "above 0"),
        ({"recycling": 1.0}, "nothing can be withheld"),
        ({"users": {}}, "empty"),
        ({"users": {"C29": 2}}, "share of cost"),
    ],
)
def test_wrong_measures_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        CriticalInput(**{"by": "CHN", "on": "JPN", "input": "rare-earths", **options})


def test_oneself_and_users_that_hold_more_than_they_use_are_refused(world: World) -> None:
    with pytest.raises(ScenarioError, match="both name CHN"):
        compose(world, [CriticalInput(by="CHN", on="CHN", input="rare-earths")], horizon="short")
    with pytest.raises(DataError, match=r"60.0% of the cost of C29, but only 50.0% of its output"):
        situation(world, CriticalInput(by="CHN", on="JPN", input="rare-earths", users={"C29": 0.6})).joint("short")


def test_it_is_written_as_it_is_read(world: World) -> None:
    measure = CriticalInput(by="CHN", on=["JPN"], input="rare earths", users={"C29": 0.001}, weeks=20)
    assert measure.to_dict() == {
        "kind": "critical-input", "by": "CHN", "on": ["JPN"], "input": "rare-earths", "users": {"C29": 0.001},
        "weeks": 20,
    }  # fmt: skip
    again = Scenario.model_validate({"title": "x", "measures": [measure]}).measures[0].build()
    assert isinstance(again, CriticalInput)
    assert again.given_users == measure.given_users
    assert (again.weeks, again.input) == (20, "rare-earths")


# ------------------------------------------------------------------------------------------------- the section
def test_a_path_is_still_while_stocks_last_and_agrees_with_the_engine_at_the_horizons(world: World) -> None:
    there = situation(
        world, CriticalInput(by="CHN", on="JPN", input="rare-earths", spare_capacity=0.0, stock_weeks=4.0)
    )
    found = path(there)
    covered = stocks.weeks_covered(float(there.gap[0]), np.zeros(156), 4.0)
    assert (found.loss[0, :covered] == 0).all()
    assert (found.loss[0, covered + 1 :] > 0).all()
    japan = world.regions.index("JPN")
    for name, week in (("short", 52), ("medium", 156)):
        assert found.loss[0, week - 1] == pytest.approx(-there.joint(name).real_income_change[japan], rel=1e-4)


def test_cases_are_ordered_and_a_stockpile_for_the_whole_cut_saves_all_of_it(
    world: World, measure: CriticalInput
) -> None:
    there = situation(world, measure)
    found = {case: path(there, case) for case in ("low", "central", "high")}
    year = [float(found[case].cumulated(52)[0]) for case in ("low", "central", "high")]
    assert year == sorted(year)
    pile = stockpiles(found["central"], 0, weeks=52, carrying_cost=0.06)
    lost = float(found["central"].cumulated(52)[0] * world.accounts.income[world.regions.index("JPN")])
    assert pile.saved[-1] == pytest.approx(lost, rel=1e-6)
    corner = there.joint("short", Settings.all_at("high")).real_income_change
    assert corner[world.regions.index("JPN")] < there.joint("short").real_income_change[world.regions.index("JPN")]


def test_the_report_has_a_section_for_each_mineral(run: Run) -> None:
    rare, gallium = sections_of(run)
    assert (rare.key, gallium.key) == ("minerals_rare_earths", "minerals_gallium")
    assert all(table.name.startswith(section.key) for section in (rare, gallium) for table in section.tables)
    assert rare.sentences[0].startswith("Withholding all rare earths of China")
    assert "80" in gallium.sentences[0]
    names = {table.name for table in rare.tables}
    assert {
        f"minerals_rare_earths_{end}" for end in ("weeks", "totals", "band", "parameters", "suppliers", "published")
    } <= names
    for table in (*rare.tables, *gallium.tables):
        numbers = table.frame.select_dtypes("number").drop(columns="break_even_weeks", errors="ignore")
        assert np.isfinite(numbers.to_numpy()).all(), table.name
    parameters = next(table.frame for table in rare.tables if table.name == "minerals_rare_earths_parameters")
    assert ((parameters["source"] != "") | (parameters["assumed"] != "")).all()
    assert (parameters["low"] <= parameters["central"]).all()
    assert (parameters["central"] <= parameters["high"]).all()
    assert any(line.startswith("Assumed:") for line in rare.cautions)


def test_published_figures_stand_beside_ours_only_for_the_whole_stop(run: Run) -> None:
    rare, gallium = sections_of(run)
    table = next(table.frame for table in rare.tables if table.name == "minerals_rare_earths_published")
    year = table[table["weeks"] == 52]
    assert set(year["published_low_percent"]) == {-0.43, -0.88, -1.3}
    told = next(text for text in rare.sentences if "52 weeks" in text and text.startswith("Published"))
    inside = -1.3 <= float(year["ours_percent"].iloc[0]) <= -0.43
    assert ("which lies among them" in told) == inside
    assert ("outside them" in told) != inside
    assert not any(table.name == "minerals_gallium_published" for table in gallium.tables)


def test_one_parameter_at_a_time_lies_within_all_together(world: World, measure: CriticalInput) -> None:
    band = Findings(situation(world, measure), "short").band().set_index("case")["real_income_percent"]
    assert band["all of them: high loss"] == band.min()
    assert band["all of them: low loss"] == band.max()
    assert len(band) == 11
    assert band["stocks: high loss"] <= band["central"] <= band["stocks: low loss"]


# -------------------------------------------------------------------------------------------------- new supply
def test_new_supply_is_a_share_of_the_worlds_use_and_divided_by_what_all_would_lack(embedded: dict[str, World]) -> None:
    whole = embedded["2022"]
    china = whole.regions.index("CHN")
    there = situation(whole, CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    assert there.use is not None
    bought = minerals.flows_of(whole, "rare-earths", whole.year).sum(axis=1) / 0.99 / 1e3
    assert there.use.world == pytest.approx((bought.sum() - bought[china]) / (1 - 0.565))
    weight = minerals.flows_of(whole, "rare-earths", measure="quantity_tonnes")
    part = np.divide(weight[:, china], weight.sum(axis=1), out=np.zeros(len(bought)), where=weight.sum(axis=1) > 0)
    part[bought == 0] = 0.0
    lacking = float((bought * 0.99 * part).sum())
    assert there.use.lacking == pytest.approx(lacking)
    added = 0.1 * there.use.world / lacking * there.gap[0]
    assert there.fill("central")[0, stocks.RAMP - 1] == pytest.approx(added)


@pytest.mark.parametrize("mineral", ["rare-earths", "gallium", "germanium"])
def test_together_they_get_all_that_comes_and_nobody_gets_more_when_others_are_spared(
    world: World, mineral: str
) -> None:
    everybody = situation(world, CriticalInput(by="CHN", on="all", input=mineral))
    value = np.array([item.value for item in everybody.standing])
    assert everybody.use is not None
    last = everybody.fill("central")[:, stocks.RAMP - 1]
    assert float(last @ value) == pytest.approx(0.1 * everybody.use.world)
    one = situation(world, CriticalInput(by="CHN", on="USA", input=mineral))
    half = situation(world, CriticalInput(by="CHN", on="USA", input=mineral, share=0.5))
    assert one.fill("central")[0] == pytest.approx(
        everybody.fill("central")[list(everybody.regions).index(one.regions[0])]
    )
    assert half.fill("central") == pytest.approx(one.fill("central"))


def test_what_is_given_of_new_supply_counts_where_nothing_else_is_known(world: World) -> None:
    options: dict[str, Any] = {"by": "USA", "on": "JPN", "input": "gallium", "dependence": 0.3, "users": {"C26": 0.001}}
    there = situation(world, CriticalInput(**options, spare_capacity=0.9))
    assert there.fill("central")[0, stocks.RAMP - 1] == pytest.approx(0.9)
    rows = Findings(there, "short").parameters().set_index("parameter")
    assert "all others depend" in rows.loc["world’s use over what all outside the controller would lack", "assumed"]


def test_own_figures_are_not_lost_in_a_larger_region(world: World) -> None:
    asia = world.aggregate(regions={"ASIA": ["JPN", "KOR"]})
    found = mineral_use.use_of(asia, "gallium", asia.region_indices("CHN")).standing[asia.regions.index("ASIA")]
    tonnes = found.value / 0.2575
    assert tonnes >= 167 * (1 - 1e-12)
    assert found.dependence == pytest.approx((167 * 0.329 + (tonnes - 167) * 0.98 * 0.67) / tonnes)
    assert "167 tonnes are known of JPN" in found.assumed


def test_producers_are_flagged_and_what_is_assumed_of_trade_is_told(embedded: dict[str, World]) -> None:
    whole = embedded["2022"]
    there = situation(whole, CriticalInput(by="CHN", on=["JPN", "AUS"], input="rare-earths"))
    told = {item.region: item.assumed for item in there.standing}
    assert "none is mined at home" in told["JPN"]
    assert "a guess" not in told["JPN"]
    assert "AUS sold more of it in 2022 than it bought" in told["AUS"]


def test_stocks_move_the_band(embedded: dict[str, World]) -> None:
    """Six weeks are the low end of Japan's sourced range, 25.7 the high end; a low loss is a large stock."""
    there = situation(embedded["2022"], CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    assert [float(there.held(case)[0]) for case in ("low", "central", "high")] == [25.7, 8.6, 6.0]
    weeks = {
        case: int(np.argmax(there.shortfall("central", stock=case)[0] > 1e-9)) for case in ("low", "central", "high")
    }
    assert weeks["high"] < 13 <= weeks["central"] < weeks["low"]


# --------------------------------------------------------------------------------------------------- both sides
@pytest.mark.parametrize(
    ("by", "on", "cutting", "cut_off"),
    [
        ("all", "JPN", {"CHN", "USA", "NLD", "KOR", "ROW"}, {"JPN"}),
        ("CHN", "all", {"CHN"}, {"JPN", "USA", "NLD", "KOR", "ROW"}),
        (["CHN", "pair"], ["KOR", "JPN"], {"CHN", "USA"}, {"KOR", "JPN"}),
    ],
)
def test_who_is_named_more_narrowly_stays(world: World, by: Any, on: Any, cutting: set[str], cut_off: set[str]) -> None:
    smaller = world.with_groups({"pair": ["USA", "JPN"]})
    there = situation(smaller, CriticalInput(by=by, on=on, input="rare-earths"))
    assert {world.regions[place] for place in there.controllers} == cutting
    assert {world.regions[place] for place in there.regions} == cut_off


def test_named_alike_on_both_sides_is_refused(world: World) -> None:
    with pytest.raises(ScenarioError, match="both name JPN"):
        compose(world, [CriticalInput(by=["CHN", "JPN"], on=["JPN", "USA"], input="rare-earths")], horizon="short")


def test_two_measures_on_one_input_and_buyer_are_refused(world: World) -> None:
    half = CriticalInput(by="CHN", on="JPN", input="rare-earths", share=0.5)
    other = CriticalInput(by="KOR", on=["USA", "JPN"], input="rare earths")
    again = CriticalInput(by="CHN", on="JPN", input="rare-earths", share=0.5)
    for pair, by in (([half, half], "CHN"), ([half, again], "CHN"), ([half, other], r"\[CHN, KOR\]")):
        with pytest.raises(ScenarioError, match=rf"two measures withhold rare-earths from JPN.*write one, `by: {by}`"):
            compose(world, pair, horizon="short")
    compose(world, [half, CriticalInput(by="CHN", on="USA", input="rare-earths")], horizon="short")
    compose(world, [half, CriticalInput(by="CHN", on="JPN", input="gallium")], horizon="short")


def test_users_that_are_one_sector_are_added_up(world: World) -> None:
    merged = world.aggregate(sectors={"ELECTRIC": ["C26", "C27"]})
    there = situation(merged, CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    one = next(user for user in there.users if user.code == "C27, C26")
    assert one.weight == pytest.approx(0.4)
    assert one.reach == pytest.approx((0.15, 0.30, 0.60))
    apart = situation(world, CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    spent = [
        (
            item.cost_and_reach("central")[0] * item.world.accounts.output[item.cells["region"], item.cells["sector"]]
        ).sum()
        for item in (there, apart)
    ]
    assert spent[0] == pytest.approx(spent[1])


def test_imports_for_other_uses_do_not_stop_the_run(embedded: dict[str, World]) -> None:
    whole = embedded["2022"]
    there = situation(whole, CriticalInput(by="CHN", on="all", input="germanium"))
    assert there.capped("central") == ["CIV C26"]
    cost, reach = there.cost_and_reach("central")
    assert (cost <= reach).all()


@pytest.mark.parametrize(("said", "meant"), [("90 %", 0.9), ("150 %", 1.5), (0.2, 0.2)])
def test_new_supply_is_written_like_its_siblings(said: Any, meant: float) -> None:
    measure = {"kind": "critical-input", "by": "CHN", "on": "JPN", "input": "gallium", "spare_capacity": said}
    model = Scenario.model_validate({"title": "x", "measures": [measure]}).measures[0]
    assert model.build().spare_capacity == meant  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ the headline
def test_the_headline_range_is_that_of_the_mineral(run: Run) -> None:
    from gaiatsu.report.figures import whiskers
    from gaiatsu.report.headline import Names
    from gaiatsu.report.html import cards
    from gaiatsu.scenario.telling import tell_run

    japan = run.world.regions.index("JPN")
    ends = {}
    for measure in run.measures:
        there = situation(run.world, measure)  # type: ignore[arg-type]
        central = there.joint("short").real_income_change[japan]
        found = [there.joint("short", Settings.all_at(case)).real_income_change[japan] for case in ("high", "low")]
        ends[there.measure.input] = [
            100 * min(*found, central) - 100 * central,
            100 * max(*found, central) - 100 * central,
        ]
    low, high = (float(run.outcome.real_income["JPN"]) + sum(end[side] for end in ends.values()) for side in (0, 1))
    assert low < run.outcome.real_income["JPN"] < high
    assert whiskers(run)["JPN"] == pytest.approx((low, high))
    line = next(line for line in tell_run(run) if line.startswith("Range over the parameters of rare earths"))
    assert f"{low:+.2f} to {high:+.2f}" in line
    card = cards(run, Names.of(run.world), ["JPN"])[0]
    assert card["range"].startswith("Over the parameters of rare earths and gallium, week 52: ")


def test_the_first_sentence_says_that_the_headline_is_one_week(run: Run) -> None:
    rare = sections_of(run)[0]
    assert "The headline is the rate in week 52 alone" in rare.sentences[0]
    assert "the worst is week" in rare.sentences[0]


def test_the_first_year_is_told_at_both_ends_of_the_stocks(world: World, run: Run) -> None:
    there = situation(world, CriticalInput(by="CHN", on="JPN", input="rare-earths"))
    found = Findings(there, "short", weeks=52).first_year_by_stock(0)
    for weeks, change in found.values():
        own = path(
            situation(world, CriticalInput(by="CHN", on="JPN", input="rare-earths", stock_weeks=weeks)), weeks=52
        )
        assert change == pytest.approx(-100 * float(own.cumulated(52)[0]), rel=1e-9)
    assert found["low"][1] > found["central"][1] > found["high"][1]
    assert any("with 6 weeks in stock the first year" in text for text in sections_of(run)[0].sentences)


def test_nothing_withheld_is_said_so(world: World) -> None:
    from gaiatsu.report import minerals as report

    measure = CriticalInput(by="CHN", on="JPN", input="rare-earths", share=0.0)
    found = Findings(situation(world, measure), "short")
    text = report._loss_sentence(Said(world), found, found.totals(), report.Names.of(world), "rare earths")
    assert text.endswith("costs nothing: nothing is withheld.")
    assert report._path_sentence(found, report.Names.of(world)) == ""


class Said:
    """As much of a run as a sentence needs."""

    def __init__(self, world: World) -> None:
        self.world = world


def test_another_experiment_is_told_and_not_compared(world: World) -> None:
    one = Findings(situation(world, CriticalInput(by="CHN", on="USA", input="gallium")), "short", weeks=52)
    assert one.published().empty
    assert [item["centre"] for item in one.of_other_cuts()] == [-0.012]
    everybody = Findings(situation(world, CriticalInput(by="CHN", on="all", input="gallium")), "short", weeks=52)
    row = everybody.published().iloc[0]
    assert (row["published_low_percent"], row["published_centre_percent"]) == (-0.031, -0.012)
    assert not everybody.of_other_cuts()


# ---------------------------------------------------------------------------------------------------- back-test
def test_rare_earths_2010_against_what_happened() -> None:
    frame = minerals.rare_earths_2010().set_index("quantity")
    assert list(frame.columns) == ["frequency", "predicted", "low", "high", "observed", "source"]
    assert (frame["low"] <= frame["predicted"]).all()
    assert (frame["predicted"] <= frame["high"]).all()
    share = "China's share of Japan's imports of rare-earth metals, "
    assert round(frame.loc[share + "2010", "observed"], 3) == 0.818
    assert round(frame.loc[share + "2015", "observed"], 3) == 0.317
    falls = [frame.loc[share + str(year), "predicted"] for year in (2010, 2011, 2012, 2015)]
    assert falls == sorted(falls, reverse=True)
    assert falls[0] < 0.806  # the share of 2009, by value
