"""Concentration, the tests of dependency, dependence on one partner and its trend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.exposure.concentration import NO_EXPORTS
from gaiatsu.exposure.minerals import facts, trade
from gaiatsu.exposure.places import herfindahl
from gaiatsu.exposure.research import GROUPS, fraction, industries, research_intensive
from gaiatsu.world import World
from worlds import random_world


def made(flows: dict[tuple[int, int], float], regions: list[str], *, year: int = 2020, name: str = "made") -> World:
    """One good, no inputs, no duties; 100 at home everywhere."""
    table = 100.0 * np.eye(len(regions))[:, :, None]
    for (importer, exporter), value in flows.items():
        table[importer, exporter] = value
    size = len(regions)
    return World.from_arrays(
        regions=regions, sectors=["C26"], flows=table, duty=np.zeros_like(table), va_share=np.ones((size, 1)),
        input_mix=np.ones((size, 1, 1)), year=year, name=name,
    )  # fmt: skip


def test_herfindahl_by_hand() -> None:
    amounts = np.array([[6.0, 0.0], [3.0, 0.0], [1.0, 0.0]])
    assert herfindahl(amounts) == pytest.approx([0.36 + 0.09 + 0.01, 0.0])
    assert herfindahl(amounts, np.array([True, True, False])) == pytest.approx([0.45, 0.0])


def test_the_three_tests_and_the_rest_of_the_world() -> None:
    regions = ["JPN", "CHN", "USA", "ROW"]
    world = made({(0, 1): 80, (0, 2): 10, (0, 3): 10, (1, 0): 20, (2, 1): 5}, regions)
    row = gt.exposure.concentration(world, "JPN").loc["C26"]
    assert row["herfindahl"] == pytest.approx(0.64 + 0.01)
    assert row["herfindahl_most"] == pytest.approx(0.64 + 0.01 + 0.01)
    assert (row["largest"], row["largest_fraction"]) == ("CHN", pytest.approx(0.8))
    # world exports: China 85, Japan 20, the United States 10, the rest 10 of 125
    assert row["world_export_herfindahl"] == pytest.approx((85**2 + 20**2 + 10**2) / 125**2)
    assert row["imports_over_exports"] == pytest.approx(5)
    assert row["dependent"]
    buyers = gt.exposure.concentration(world, "JPN", side="exports").loc["C26"]
    assert (buyers["largest"], buyers["herfindahl"]) == ("CHN", pytest.approx(1))
    assert "dependent" not in buyers
    # each test fails alone
    assert not gt.exposure.concentration(made({(0, 1): 80, (1, 0): 90}, regions), "JPN")["dependent"].any()
    spread = {(0, 1): 30.0, (0, 2): 30.0, (0, 3): 40.0}
    assert not gt.exposure.concentration(made(spread, regions), "JPN")["dependent"].any()
    many = made({(0, 1): 80, (1, 2): 80, (2, 3): 80}, regions)
    row = gt.exposure.concentration(many, "JPN").loc["C26"]
    assert (row["herfindahl"], row["imports_over_exports"]) == (1, NO_EXPORTS)
    assert not row["dependent"]
    alone = gt.exposure.concentration(made({(0, 3): 40}, regions), "JPN").loc["C26"]
    assert (alone["largest"], alone["largest_fraction"], alone["herfindahl"]) == (None, 0, 0)


def test_the_rule_of_years_needs_three() -> None:
    regions = ["JPN", "CHN", "USA"]
    often = {(0, 1): 80.0, (1, 0): 20.0}
    never = {(0, 1): 80.0, (1, 0): 90.0}
    years = [made(flows, regions, year=2019 + k, name=f"y{k}") for k, flows in enumerate((often, never, often))]
    row = gt.exposure.lasting(years, "JPN").loc["C26"]
    assert (row["dependent_years"], row["lasting"]) == (2, True)
    once = [years[0], years[1], made(never, regions, year=2021)]
    assert not gt.exposure.lasting(once, "JPN").loc["C26", "lasting"]
    two = gt.exposure.lasting(years[:2], "JPN").loc["C26"]
    assert (two["years"], two["dependent_years"], two["lasting"]) == (2, 1, None)
    with pytest.raises(DataError, match="a year comes twice"):
        gt.exposure.lasting([years[0], years[0]], "JPN")
    with pytest.raises(DataError, match="different sectors"):
        gt.exposure.lasting([years[0], random_world(1, (3, 2))], "R0")


def test_dependence_by_hand() -> None:
    world = made({(0, 1): 60, (0, 2): 40, (1, 0): 30, (2, 0): 10}, ["JPN", "CHN", "USA"])
    found = gt.exposure.dependence(world, "JPN", "USA")
    assert found.loc["imports", "part_fraction"] == pytest.approx(0.4)
    assert found.loc["imports", "whole_fraction"] == pytest.approx(40 / 200)
    assert found.loc["exports", "part_fraction"] == pytest.approx(0.25)
    assert found.loc["exports", "whole_fraction"] == pytest.approx(10 / 140)
    assert found.loc["value_added", "part_fraction"] == pytest.approx(0.25)  # no inputs: value added is what is sold
    assert found.loc["value_added", "whole_fraction"] == pytest.approx(10 / 140)
    assert list(found.index) == ["exports", "imports", "value_added"]  # no inputs, and no minerals: see below
    assert (found.loc["imports", "largest"], found.loc["exports", "largest"]) == ("CHN", "CHN")
    assert found.attrs["index"] == pytest.approx(found["part_fraction"].mean())
    assert found.attrs["index"] == pytest.approx((0.4 + 0.25 + 0.25) / 3)


def test_without_trade_there_is_no_tie_and_no_largest_partner() -> None:
    world = made({(1, 2): 5, (2, 1): 5}, ["JPN", "CHN", "USA"])
    found = gt.exposure.dependence(world, "JPN", "USA")
    assert found.empty
    assert (found.attrs["index"], found.attrs["minerals_year"]) == (None, None)
    rest = gt.exposure.dependence(made({(0, 1): 5}, ["JPN", "ROW"]), "JPN", "ROW")
    assert rest.loc["imports", ["part_fraction", "largest", "largest_fraction"]].tolist() == [1, None, 0]


def test_minerals_are_told_only_of_a_world_that_is_the_countries() -> None:
    """Japan bought minerals for US$ 10 billion in 2022: not in a world of another size, year or none."""
    regions = ["JPN", "CHN", "USA"]
    for year, bought, told in ((2022, 1e5, True), (2022, 100, False), (0, 1e5, False), (2040, 1e5, False)):
        found = gt.exposure.dependence(made({(0, 1): bought, (0, 2): bought}, regions, year=year), "JPN", "CHN")
        assert ("critical_goods" in found.index) == told, (year, bought)
        assert (found.attrs["minerals_year"] == 2022) == told
    empty = gt.exposure.critical_goods(made({(0, 1): 1e5}, regions, year=0), "JPN", "CHN")
    assert empty.empty
    assert [empty.attrs[name] for name in ("part_fraction", "largest", "largest_fraction")] == [None] * 3
    assert len(gt.exposure.critical_goods(made({}, regions, year=0), "JPN", "CHN", year=2010))  # the year was asked for


@pytest.mark.parametrize(
    ("name", "region", "largest", "share"),
    [("2022", "USA", "ZAF", 0.274), ("2022", "DEU", "BEL", 0.196), ("wiod2014", "JPN", "CHN", 0.083)],
)
def test_the_largest_supplier_of_all_minerals_together(
    name: str, region: str, largest: str, share: float, embedded: dict[str, World]
) -> None:
    """Against the raw table: one supplier's sales of all minerals, not only of those of which it is the largest."""
    world = embedded[name]
    found = gt.exposure.critical_goods(world, region, [code for code in world.regions if code != region])
    table, codes = trade(), {code for item in facts()["minerals"].values() for code in item["hs"]}
    table = table[(table["year"] == found.attrs["year"]) & (table["importer"] == region) & table["hs"].isin(codes)]
    sums = table[table["exporter"] != region].groupby("exporter")["value_usd_thousand"].sum()
    named = sums[[code for code in sums.index if code in world.regions]]
    assert (found.attrs["largest"], round(found.attrs["largest_fraction"], 3)) == (largest, share)
    assert (named.idxmax(), named.max() / sums.sum()) == (largest, pytest.approx(found.attrs["largest_fraction"]))


def test_critical_minerals_are_those_of_the_customs_statistics(embedded: dict[str, World]) -> None:
    """China's share of Japan's imports of rare-earth metals, of all rare earths, and of groups, from the raw table."""
    world = embedded["wiod2014"]
    found = gt.exposure.critical_goods(world, "JPN", "CHN", year=2010)
    assert found.attrs["year"] == 2010
    table = trade()
    table = table[
        (table["year"] == 2010) & (table["importer"] == "JPN") & table["hs"].isin(["280530", "284610", "284690"])
    ]
    share = table.loc[table["exporter"] == "CHN", "value_usd_thousand"].sum() / table["value_usd_thousand"].sum()
    assert found.loc["rare-earths", "part_fraction"] == pytest.approx(share)
    assert share > 0.7
    assert found.loc["rare-earths", "largest"] == "CHN"
    weight = found["imports_usd_million"]
    assert found.attrs["part_fraction"] == pytest.approx((found["part_fraction"] * weight).sum() / weight.sum())
    others = [code for code in world.regions if code != "JPN"]
    assert gt.exposure.critical_goods(world, "JPN", others)["part_fraction"].to_numpy() == pytest.approx(1)
    assert gt.exposure.critical_goods(world, "JPN", "CHN").attrs["year"] == 2015  # nearest at hand to 2014
    nowhere = gt.exposure.critical_goods(made({}, ["R0", "R1"]), "R0", "R1")
    assert nowhere.empty
    assert nowhere.attrs["part_fraction"] is None


def test_dependence_agrees_with_the_tables_it_is_made_of(coarse: dict[str, World]) -> None:
    world = coarse["wiod2014"]
    found = gt.exposure.dependence(world, "eu27", "CHN")
    carried = gt.exposure.value_added(world)
    assert found.loc["value_added", "whole_fraction"] == pytest.approx(carried.carried("eu27", "CHN"))
    called = gt.exposure.imports(world).reliance("eu27", "CHN")
    assert found.loc["inputs", "whole_fraction"] == pytest.approx(called["looked_through"])
    assert found.loc["inputs", "part_fraction"] == pytest.approx(
        called["looked_through"] / called["looked_through_foreign"]
    )
    everyone = [code for code in world.regions if code not in world.groups["eu27"]]
    assert gt.exposure.dependence(world, "eu27", everyone)["part_fraction"].to_numpy() == pytest.approx(np.ones(5))
    cars = gt.exposure.dependence(world, "JPN", "USA", sectors="C29")
    assert list(cars.index) == ["exports", "imports", "inputs", "value_added"]
    assert cars.loc["value_added", "whole_fraction"] == pytest.approx(carried.carried("JPN", "USA", "C29"))
    called = gt.exposure.imports(world).reliance("JPN", "USA", "C29")
    assert cars.loc["inputs", "whole_fraction"] == pytest.approx(called["looked_through"])
    bought = gt.exposure.concentration(world, "JPN", sectors="C29").loc["C29"]
    japan, states, motor = world.regions.index("JPN"), world.regions.index("USA"), world.sectors.index("C29")
    flows = world.accounts.flows[japan, :, motor]
    assert cars.loc["imports", "part_fraction"] == pytest.approx(flows[states] / bought["trade_usd_million"])
    assert cars.loc["imports", "whole_fraction"] == pytest.approx(flows[states] / flows.sum())
    assert cars.loc["imports", "largest"] == bought["largest"]


def test_the_trend_compares_only_whom_both_worlds_have(coarse: dict[str, World]) -> None:
    both = [coarse["2022"], coarse["wiod2014"]]
    found = gt.exposure.trend(both, "JPN", "asean")
    assert list(found["year"]) == [2014, 2022]
    assert "VNM" in found.attrs["left_out"]
    assert "IDN" not in found.attrs["left_out"]
    alone = gt.exposure.trend(both, "JPN", "IDN")
    assert found["carried"].to_numpy() == pytest.approx(alone["carried"].to_numpy())
    now = gt.exposure.dependence(coarse["2022"], "JPN", "IDN")
    assert alone.loc["2022", "imports"] == pytest.approx(now.loc["imports", "part_fraction"])
    flows = coarse["2022"].accounts.flows[:, :, np.array(coarse["2022"].goods)].sum(axis=2)
    japan, indonesia = (coarse["2022"].regions.index(code) for code in ("JPN", "IDN"))
    part = flows[japan, indonesia] / (flows[japan].sum() - flows[japan, japan])
    assert alone.loc["2022", "imports_goods"] == pytest.approx(part)
    assert list(alone["critical_goods_year"]) == [2015, 2022]
    with pytest.raises(ScenarioError, match="SGP cannot be told apart"):
        gt.exposure.trend(both, "JPN", "SGP")
    with pytest.raises(ScenarioError, match="did you mean 'JPN'"):
        gt.exposure.trend(both, "JPM", "USA")


def test_the_trend_does_not_compare_different_rests_of_the_world(coarse: dict[str, World]) -> None:
    """37 countries of 2022 are inside the rest of the world of wiod2014."""
    both = [coarse["2022"], coarse["wiod2014"]]
    for pair in (("JPN", "ROW"), ("ROW", "JPN")):
        with pytest.raises(ScenarioError, match="rest of the world is not the same countries"):
            gt.exposure.trend(both, *pair)
    found = gt.exposure.trend(both, "JPN", ["ROW", "USA"])
    assert "ROW" in found.attrs["left_out"]
    assert found["carried"].to_numpy() == pytest.approx(gt.exposure.trend(both, "JPN", "USA")["carried"].to_numpy())
    # the same countries outside: it is compared
    earlier = replace(coarse["wiod2014"], name="earlier", year=2013)
    same = gt.exposure.trend([earlier, coarse["wiod2014"]], "JPN", "ROW")
    assert list(same.index) == ["earlier", "wiod2014"]
    assert same.attrs["left_out"] == ()


def test_the_trend_compares_only_the_same_industries(coarse: dict[str, World]) -> None:
    both = [coarse["2022"], coarse["wiod2014"]]
    found = gt.exposure.trend(both, "JPN", "USA", sectors="C30")  # two sectors in 2022, one in wiod2014
    carried = [gt.exposure.value_added(world).carried("JPN", "USA", "C30") for world in reversed(both)]
    assert found["carried"].to_numpy() == pytest.approx(carried)
    assert "exports_goods" not in found
    assert not found.isna().any(axis=None)
    with pytest.raises(ScenarioError, match="do not hold the same industries"):
        gt.exposure.trend(both, "JPN", "USA", sectors="C301")


def test_the_taxonomy_is_the_published_one() -> None:
    """Every class of ISIC Rev. 4 outside divisions 84 to 88 is in one group; spot checks of the printed table."""
    assert sum(item.classes for item in industries()) == 419 - 24
    by_code = {item.isic: item for item in industries()}
    assert len(by_code) == len(industries())
    assert (by_code["303"].group, by_code["303"].intensity_percent) == ("high", 31.69)
    assert (by_code["29"].group, by_code["29"].intensity_percent) == ("medium-high", 15.36)
    assert (by_code["301"].group, by_code["582"].group, by_code["68"].group) == ("medium", "high", "low")
    ordered = sorted(industries(), key=lambda item: -item.intensity_percent)
    manufacturing = [item for item in ordered if "10" <= item.isic[:2] <= "33"]
    order = [GROUPS.index(item.group) for item in manufacturing]
    assert order == sorted(order)  # within manufacturing, the groups are cuts of the intensity


@pytest.mark.parametrize(
    ("sector", "share"),
    [
        (("C29",), 1), (("C302T309",), 1), (("C301",), 0), (("C30",), 6 / 8), (("C28", "C33"), 16 / 23),
        (("C25",), 1 / 8), (("J58",), 1 / 5), (("J62_J63",), 1), (("O84",), 0), (("C24A",), 0), (("C26-C28",), 1),
    ],
)  # fmt: skip
def test_sectors_are_judged_by_their_classes(sector: tuple[str, ...], share: float) -> None:
    assert fraction(sector, ("high", "medium-high")) == pytest.approx(share)


def test_research_intensive_sectors_of_the_worlds(embedded: dict[str, World]) -> None:
    now = research_intensive(embedded["2022"])
    assert now.counted == ("C20", "C21", "C26", "C27", "C28", "C29", "C302T309", "J62_J63", "M72")
    assert now.partly == ("C25", "C31T33", "J58")
    then = research_intensive(embedded["wiod2014"])
    assert then.mostly == ("C28,C33", "C30")
    assert set(then.counted) == {"C20", "C21", "C26", "C27", "C28,C33", "C29", "C30", "J62_J63", "M72"}
    assert (then.mark("C30"), then.mark("A01")) == ("mostly", "no")
    everything = research_intensive(embedded["2022"], GROUPS)
    assert set(embedded["2022"].sectors) - set(everything.whole) == {"O84", "P85", "Q"}
    with pytest.raises(ScenarioError, match="did you mean 'medium-high'"):
        research_intensive(embedded["2022"], ["medium-hgh"])
    unknown = research_intensive(replace(random_world(1, (2, 1)), sector_parts=(("pears",),)))
    assert (unknown.unknown, unknown.counted) == (("S0",), ())
