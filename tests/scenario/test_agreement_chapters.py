"""Agreements by chapter: the table of sizes, what a user may write, and what becomes of it on a world."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.scenario import agreement_chapters as library
from gaiatsu.scenario.citing import sources_of
from gaiatsu.scenario.loading import parse
from gaiatsu.scenario.measures import Tariff
from gaiatsu.scenario.resolve import notes, resolve
from gaiatsu.scenario.saving import dump
from gaiatsu.trade.wedges import compose, label, touched_cells
from gaiatsu.world.world import World
from originals import SECURITY
from script_loading import load_script

ROOT = Path(__file__).parents[2]
PROVISIONS = SECURITY / "wb_dta_16prov_by_agreement_2016.csv"
SERVICES = ("digital-trade", "financial-services", "movement-of-persons", "services-general")


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    return {name: World.load(name) for name in ("2022", "wiod2014")}


# ------------------------------------------------------------------------------------------------------- formulas
@pytest.mark.parametrize(
    ("rise", "theta", "percent"), [(0.15, 5, 2.8), (0.65, 5, 9.5), (0.15, 4, 3.4), (0.65, 4, 11.8)]
)
def test_the_anchors_of_services_to_the_printed_digit(rise: float, theta: float, percent: float) -> None:
    assert round(100 * library.cut_from_trade(rise, theta), 1) == percent


@given(st.floats(0.01, 2.0), st.floats(0.5, 20.0))
def test_a_cut_found_from_trade_gives_that_trade_back(rise: float, theta: float) -> None:
    assert (1 - library.cut_from_trade(rise, theta)) ** -theta == pytest.approx(1 + rise, rel=1e-12)


@given(st.floats(0.01, 0.9), st.floats(0.0, 1.0))
def test_a_barrier_taken_away_in_part(loss: float, share: float) -> None:
    after = (1 - loss) * (1 + library.rise_from_loss(loss, share))
    assert after == pytest.approx(1 - loss + share * loss, rel=1e-12)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_price_that_falls_by_a_part_of_its_rise(rise: float, removed: float) -> None:
    price = (1 + rise) * (1 - library.cut_from_price(rise, removed))
    assert price == pytest.approx(1 + rise * (1 - removed), rel=1e-12)


@given(st.floats(0.0, 1.0), st.floats(0.0, 3.0))
def test_a_delivered_price_whose_trade_costs_fall(fall: float, cost: float) -> None:
    price = (1 + cost) * (1 - library.cut_from_trade_cost(fall, cost))
    assert price == pytest.approx(1 + cost * (1 - fall), rel=1e-12)


# ------------------------------------------------------------------------------------------------------ the tables
def test_the_shipped_sizes_are_what_the_script_writes() -> None:
    script = load_script(ROOT / "scripts" / "build_agreements.py")
    with (script.FOLDER / "agreement_chapters.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == script.chapter_rows()


def test_every_size_is_ordered_and_has_its_sources() -> None:
    assert tuple(library.chapters()) == library.NAMES
    for chapter in library.chapters().values():
        assert set(chapter.yields_to) <= set(library.NAMES)
        for rows in zip(*(chapter.sizes[level] for level in library.LEVELS), strict=True):
            assert len({group for group, _ in rows}) == 1
            found = [size for _, size in rows]
            assert 0 <= found[0].cut <= found[1].cut <= found[2].cut <= 1
            for size in found:
                assert size.standing in ("published", "derived", "assumption", "definition")
                assert size.how
                assert set(size.sources) <= set(library.sources())
                assert size.sources or chapter.key == library.DUTIES


@pytest.mark.parametrize(
    ("codes", "percent", "standing"),
    [
        (["JPN", "DEU", "USA"], 0.88, "derived"),
        (["SGP", "TWN", "BRN"], 0.88, "assumption"),  # the study has no number for them
        (["CHN", "BRA", "ZAF"], 1.13, "derived"),
        (["BGD", "KHM"], 2.46, "derived"),
        (["IND", "VNM", "ROW"], 2.33, "derived"),
    ],
)
def test_customs_go_by_the_group_of_the_importer(
    worlds: dict[str, World], codes: list[str], percent: float, standing: str
) -> None:
    chapter = library.chapters()["customs-facilitation"]
    ((importers, size),) = library.by_importer(chapter, "central", worlds["2022"], codes)
    assert sorted(importers) == sorted(codes)
    assert (round(100 * size.cut, 2), size.standing) == (percent, standing)


def test_groups_of_importers_do_not_overlap() -> None:
    groups = [group for group, _ in library.chapters()["customs-facilitation"].sizes["central"]]
    assert sum(map(len, groups)) == len(frozenset().union(*groups)) > 100


def test_sizes_say_what_their_sources_say() -> None:
    def central(name: str, level: str = "central") -> library.Size:
        return library.chapters()[name].sizes[level][0][1]

    # Half of the product lines; both spans printed, 8 to 10 and 20 to 25 %.
    ends = [0.5 * library.cut_from_price(*ends) for ends in ((0.08, 0.20), (0.10, 0.25))]
    assert [central("mutual-recognition", level).cut for level in ("low", "high")] == pytest.approx(ends, abs=1e-6)
    assert ends[0] < central("mutual-recognition").cut < ends[1]
    # Falls of trade costs become falls of the delivered price alike, for customs and for services.
    for name in ("digital-trade", "financial-services"):
        assert central(name, "low").cut == pytest.approx(library.cut_from_trade_cost(0.03 * 0.30, 1.7), abs=1e-6)
        assert central(name, "high").cut == pytest.approx(library.cut_from_trade_cost(0.14 * 0.60, 1.7), abs=1e-6)
        assert {central(name, level).standing for level in library.LEVELS} == {"assumption"}


TWICE = [
    ({"digital-trade": 0.02}, {"services-general": 0.02}, [("digital-trade", "services-general")]),
    ({"services-general": 0.02}, {"digital-trade": 0.02}, [("services-general", "digital-trade")]),
    ({"mutual-recognition": 0.02}, {"mutual-recognition": 0.02}, [("mutual-recognition", "mutual-recognition")]),
    ({"goods-duties": "low"}, {"goods-duties": "low"}, []),
    ({"digital-trade": 0.02}, {"movement-of-persons": 0.02}, []),
]


@pytest.mark.parametrize(("first", "second", "found"), TWICE)
def test_what_two_agreements_count_twice(worlds: dict[str, World], first: Any, second: Any, found: Any) -> None:
    world = worlds["2022"]
    one = gt.Agreement(between=["IND", "JPN"], chapters=first)
    other = gt.Agreement(between="quad", chapters=second)
    assert library.counted_twice(world, one, other) == found
    told = notes(world, [one, gt.Productivity(by="JPN", change=0.01), other])
    assert len(told) == bool(found)
    assert all("measures[0] and measures[2] are agreements on the same trade" in note for note in told)
    elsewhere = gt.Agreement(between=["IND", "KOR"], chapters=second)
    assert library.counted_twice(world, one, elsewhere) == []
    cars = gt.Agreement(between=["IND", "JPN"], sectors="C29", chapters={"mutual-recognition": 0.02})
    chips = gt.Agreement(between=["IND", "JPN"], sectors="C26", chapters={"mutual-recognition": 0.02})
    assert library.counted_twice(world, cars, chips) == []


def test_every_other_source_is_there() -> None:
    agreed = library.already_agreed(["JPN", "IND"])
    assert set(agreed) == set(library.NAMES)
    used = {key for entry in agreed.values() for key in entry.sources}
    used |= {key for row in library.published(["IND", "JPN"]) for key in row.sources}
    assert used <= set(library.sources())
    assert all(text and address.startswith("http") and short for text, address, short in library.sources().values())
    assert library.already_agreed(["JPN", "USA"]) == {}
    assert library.published(["JPN"]) == []


def test_provisions_of_the_agreement_of_2011() -> None:
    held = library.provisions()["India - Japan"]
    assert held == {"tf_prov_45", "et_prov_38", "inv_prov_22", "moc_prov_21", "ste_prov_30"}
    assert all(codes <= set(library.provision_meanings()) for codes in library.provisions().values())
    chosen = [chosen for _, chosen in library.provision_meanings().values()]
    assert (chosen.count("selected"), chosen.count("random")) == (6, 10)


def test_provisions_are_those_of_the_source() -> None:
    if not PROVISIONS.exists():
        pytest.skip("the World Bank's table is not at hand")
    script = load_script(ROOT / "scripts" / "build_agreements.py")
    rows = {row["agreement"]: frozenset(row["provisions"].split()) for row in script.provision_rows(PROVISIONS)}
    assert rows == library.provisions()
    with PROVISIONS.open(encoding="utf-8", newline="") as file:
        raw = {row["agreement"]: row for row in csv.DictReader(file)}["India - Japan"]
    assert sum(float(value) for key, value in raw.items() if "_prov_" in key) == 5


# ------------------------------------------------------------------------------------------- what a user may write
@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"chapters": ["digital-trad"]}, "unknown chapter 'digital-trad'; did you mean 'digital-trade'?"),
        ({"chapters": {"digital-trade": "hihg"}}, "did you mean 'high'?"),
        ({"chapters": {"digital-trade": 1.0}}, "above 0 and below 1"),
        ({"chapters": {"goods-duties": 1.01}}, "at most 1"),
        ({"chapters": {"digital-trade": 0}}, "is 0; it must be above 0"),
        ({"chapters": {"digital-trade": True}}, "is True"),
        ({"chapters": []}, "is empty"),
        ({"chapters": 3}, "must be a list of chapters"),
        ({"chapters": {"digital trade": "low", "Digital-Trade": "high"}}, "named twice"),
        ({"chapters": ["digital-trade"], "cost_cut": 0.1}, "leave cost_cut and zero_duties out"),
        ({"chapters": ["digital-trade"], "zero_duties": True}, "leave cost_cut and zero_duties out"),
        ({"chapters": ["digital-trade"], "in_force": {"goods-duties": 0.5}}, "not among the chapters"),
        ({"chapters": ["digital-trade"], "in_force": {"digital-trade": 1.0}}, "at least 0 and below 1"),
        ({"chapters": ["digital-trade"], "in_force": "digital-trade"}, "in_force is 'digital-trade'; it must be a map"),
        ({"chapters": ["digital-trade"], "in_force": 0.5}, "in_force is 0.5; it must be a mapping"),
        ({"chapters": ["digital-trade"], "in_force": ["digital-trade"]}, "it must be a mapping"),
        ({"cost_cut": 0.1, "in_force": {"digital-trade": 0.5}}, "goes with chapters"),
        ({}, "does nothing"),
    ],
)
def test_what_is_refused(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace("?", "\\?")):
        gt.Agreement(between=["IND", "JPN"], **given_)


def test_the_old_keys_and_the_forms_of_chapters() -> None:
    old = gt.Agreement(between=["IND", "JPN"], sectors="services", cost_cut=0.05, zero_duties=True)
    assert old.to_dict() == {
        "kind": "agreement", "between": ["IND", "JPN"], "sectors": "services", "cost_cut": 0.05, "zero_duties": True,
    }  # fmt: skip
    listed = gt.Agreement(between=["IND", "JPN"], chapters=["digital-trade", "goods-duties"])
    assert listed.chapters == (("goods-duties", "central"), ("digital-trade", "central"))
    assert gt.Agreement(between=["IND", "JPN"], chapters="digital-trade").chapters == (("digital-trade", "central"),)
    mapped = gt.Agreement(between=["IND", "JPN"], chapters={"digital-trade": 0.03}, in_force={"digital-trade": 0.25})
    assert mapped.to_dict()["chapters"] == {"digital-trade": 0.03}
    assert mapped.to_dict()["in_force"] == {"digital-trade": 0.25}
    assert gt.Agreement(**{key: value for key, value in mapped.to_dict().items() if key != "kind"}) == mapped
    assert label(listed) == "agreement IND, JPN: goods-duties, digital-trade"


FILE = """\
title: Upgrade
measures:
  - kind: agreement
    between: [IND, JPN]
    chapters: {digital-trade: high, customs-facilitation: 2.5 %}
    in_force: {digital-trade: 50 %}
"""


def test_a_scenario_file_and_its_way_back(worlds: dict[str, World]) -> None:
    scenario = parse(FILE.encode(), "file.yaml")
    measure = scenario.measures[0].build()
    assert measure.chapters == (("customs-facilitation", 0.025), ("digital-trade", "high"))
    again = parse(dump(scenario).encode(), "file.yaml")
    assert again.measures[0].build() == measure
    assert gt.Scenario(title="Python", measures=[measure]).measures[0].build() == measure
    assert resolve(scenario, worlds["2022"]) == (measure,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("digital-trade: high", "digital-trad: high", ":5 measures[0].chapters: unknown chapter 'digital-trad'"),
        ("2.5 %", "25", ":5 measures[0].chapters: 25 would be 2500 %"),
        ("high", "huge", ":5 measures[0].chapters: unknown size 'huge'"),
        ("50 %", "120 %", ":3 measures[0]: in_force of digital-trade is 1.2"),
        ("chapters", "chapter", ":5 measures[0].chapter: unknown key; did you mean 'chapters'"),
    ],
)
def test_faults_of_a_file_are_told_with_their_place(old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(FILE.replace(old, new).encode(), "file.yaml")
    assert said in str(caught.value)


def test_sources_of_the_sizes_are_cited() -> None:
    told = "\n".join(sources_of(parse(FILE.encode(), "file.yaml")))
    assert "[benz-jaax-yotov] Benz, S., Jaax, A. and Yotov, Y. (2022)" in told
    assert "[oecd-facilitation]" not in told  # customs have a percentage of the file's own
    plain = FILE.replace("chapters: {digital-trade: high, customs-facilitation: 2.5 %}", "cost_cut: 1 %")
    plain = plain.replace("    in_force: {digital-trade: 50 %}\n", "")
    assert "Sizes of the chapters" not in "\n".join(sources_of(parse(plain.encode(), "file.yaml")))


def test_a_world_without_the_sectors_is_told_with_the_place(small_world: World) -> None:
    text = FILE.replace("[IND, JPN]", "[USA, JPN]").replace("customs-facilitation: 2.5 %", "goods-duties: low")
    with pytest.raises(ScenarioError, match=r"file.yaml:5 measures\[0\].chapters.*no sector for chapter digital-trade"):
        resolve(parse(text.encode(), "file.yaml"), small_world)


# ----------------------------------------------------------------------------------------------- chapters × worlds
@pytest.mark.parametrize("name", ["2022", "wiod2014"])
def test_every_chapter_finds_its_sectors(worlds: dict[str, World], name: str) -> None:
    world = worlds[name]
    assigned = library.assigned_sectors(library.NAMES, world)
    codes = {key: [world.sectors[place] for place in places] for key, places in assigned.items()}
    assert codes["financial-services"] == ["K64", "K65_K66"]
    assert codes["digital-trade"] == [
        "J58", "J59_J60", "J61", "J62_J63", "M69_M70", "M71,M73-M75", "M72", "N",
    ]  # fmt: skip
    assert all(world.goods[place] for key in ("goods-duties", "customs-facilitation") for place in assigned[key])
    assert set(assigned["mutual-recognition"]) < set(assigned["goods-duties"])
    assert not {"C19", "B", "B06"} & set(codes["mutual-recognition"])
    assert not any(world.goods[place] for key in (*SERVICES, "public-procurement") for place in assigned[key])


def test_no_sector_is_counted_twice_by_a_general_chapter(worlds: dict[str, World]) -> None:
    world = worlds["2022"]
    assigned = library.assigned_sectors(library.NAMES, world)
    general = set(assigned["services-general"])
    for specific in ("digital-trade", "financial-services", "movement-of-persons"):
        assert not general & set(assigned[specific])
    services = {place for place, goods in enumerate(world.goods) if not goods}
    assert general | {place for key in SERVICES for place in assigned[key]} == services
    assert set(library.assigned_sectors(["services-general"], world)["services-general"]) == services


def test_a_sector_that_lumps_services_together_is_none_of_a_chapter(worlds: dict[str, World]) -> None:
    services = [
        code for code, goods in zip(worlds["wiod2014"].sectors, worlds["wiod2014"].goods, strict=True) if not goods
    ]
    coarse = worlds["wiod2014"].aggregate(sectors={"SERVICES": services})
    with pytest.raises(ScenarioError, match=r"no sector for chapter financial-services.*K \(ISIC"):
        library.assigned_sectors(["financial-services"], coarse)
    assert library.assigned_sectors(["services-general"], coarse) == {
        "services-general": [coarse.sectors.index("SERVICES")]
    }


@pytest.fixture(scope="module")
def upgrade() -> gt.Agreement:
    return gt.Agreement(between=["IND", "JPN"], chapters=library.NAMES, in_force={"services-general": 0.5})


def test_cuts_on_one_cell_multiply(worlds: dict[str, World], upgrade: gt.Agreement) -> None:
    world = worlds["2022"]
    wedges = compose(world, [upgrade])
    india, japan = world.regions.index("IND"), world.regions.index("JPN")
    sizes = {name: library.chapters()[name].sizes["central"][-1][1].cut for name in library.NAMES}

    def cheaper(importer: int, exporter: int, sector: str) -> float:
        return float(wedges.iceberg[importer, exporter, world.sectors.index(sector)])

    it = np.prod([1 - sizes[name] for name in ("digital-trade", "movement-of-persons", "public-procurement")])
    assert cheaper(india, japan, "J62_J63") == pytest.approx(it, rel=1e-14)
    assert cheaper(japan, india, "J62_J63") == pytest.approx(it, rel=1e-14)
    general = (1 - 0.5 * sizes["services-general"]) * (1 - sizes["public-procurement"])
    assert cheaper(india, japan, "H50") == pytest.approx(general, rel=1e-14)
    cars = (1 - sizes["customs-facilitation"]) * (1 - sizes["mutual-recognition"])
    assert cheaper(india, japan, "C29") == pytest.approx(cars, rel=1e-14)
    customs = library.chapters()["customs-facilitation"].sizes["central"]
    assert "JPN" in customs[0][0]
    assert cheaper(japan, india, "C19") == pytest.approx(1 - customs[0][1].cut, rel=1e-14)
    assert cheaper(india, japan, "C19") == pytest.approx(1 - customs[-1][1].cut, rel=1e-14)
    assert (wedges.duty[[india, japan], [japan, india]] == 0).all()
    touched = np.zeros(world.accounts.flows.shape, dtype=bool)
    cells = touched_cells(upgrade, world)
    assert cells is not None
    touched[cells] = True
    moved = (wedges.iceberg != 1) | (wedges.duty != world.accounts.duty)
    assert not (moved & ~touched).any()
    assert not (moved.any(axis=2) & ~np.isin(np.arange(81), [india, japan])[:, None]).any()


@pytest.mark.parametrize("name", ["2022", "wiod2014"])
def test_the_chapters_one_by_one_are_the_whole(worlds: dict[str, World], upgrade: gt.Agreement, name: str) -> None:
    whole, parts = compose(worlds[name], [upgrade]), compose(worlds[name], upgrade.by_chapter(worlds[name]))
    np.testing.assert_array_equal(whole.iceberg, parts.iceberg)
    np.testing.assert_array_equal(whole.duty, parts.duty)
    assert len(upgrade.by_chapter(worlds[name])) == len(library.NAMES)


def test_a_share_of_the_duties(worlds: dict[str, World]) -> None:
    world = worlds["2022"]
    half = gt.Agreement(between=["IND", "JPN"], chapters={"goods-duties": "low"})
    (part,) = half.parts(world, "long")
    assert isinstance(part, Tariff)
    assert (part.to, part.coverage) == (0.0, 0.5)
    pair = np.ix_([world.regions.index("IND")], [world.regions.index("JPN")])
    duty = compose(world, [half]).duty
    np.testing.assert_allclose(duty[pair], 0.5 * world.accounts.duty[pair], rtol=1e-15)


def test_limits_of_an_agreement_by_chapter(worlds: dict[str, World]) -> None:
    world = worlds["2022"]
    cars = gt.Agreement(between=["IND", "JPN"], sectors="C29", chapters=["goods-duties"])
    assert cars.sectors_in(world) == ("C29",)
    with pytest.raises(ScenarioError, match="chapter digital-trade has none of the sectors"):
        compose(world, [gt.Agreement(between=["IND", "JPN"], sectors="C29", chapters=["digital-trade"])])
    with pytest.raises(ScenarioError, match="is one region: an agreement needs at least two"):
        compose(world, [gt.Agreement(between="IND", chapters=["digital-trade"])])
    for one in (["IND", "all"], ["quad", "JPN"]):
        with pytest.raises(ScenarioError, match="names one party only"):
            compose(world, [gt.Agreement(between=one, chapters=["digital-trade"])])
    nothing = gt.Agreement(between=["IND", "JPN"], chapters={"public-procurement": "low"})
    assert nothing.parts(world, "long") == ()
    np.testing.assert_array_equal(compose(world, [nothing]).iceberg, 1.0)


def test_three_members(worlds: dict[str, World]) -> None:
    world = worlds["2022"]
    three = gt.Agreement(between=["IND", "JPN", "AUS"], chapters={"mutual-recognition": 0.02})
    iceberg = compose(world, [three]).iceberg[:, :, world.sectors.index("C29")]
    places = [world.regions.index(code) for code in ("IND", "JPN", "AUS")]
    inside = iceberg[np.ix_(places, places)]
    np.testing.assert_allclose(inside, np.where(np.eye(3) == 1, 1.0, 0.98))
    assert (iceberg != 1).sum() == 6


def _moved(world: World, agreement: gt.Agreement) -> set[tuple[str, str]]:
    """Importer and exporter where something changes; the cells said to be touched are the same."""
    wedges = compose(world, [agreement])
    found = ((wedges.iceberg != 1) | (wedges.duty != world.accounts.duty)).any(axis=2)
    cells = touched_cells(agreement, world)
    assert cells is not None
    moved = {(world.regions[buyer], world.regions[seller]) for buyer, seller in np.argwhere(found)}
    assert moved <= {(world.regions[buyer], world.regions[seller]) for buyer, seller in zip(*cells[:2], strict=True)}
    return moved


@pytest.mark.parametrize("how", [{"chapters": library.NAMES}, {"cost_cut": 0.01, "zero_duties": True}])
@pytest.mark.parametrize(
    ("between", "sides"),
    [
        (["EU27", "IND"], [["EU27"], ["IND"]]),
        (["EU27", "quad"], [["EU27"], ["quad"]]),
        (["G7", "EU27"], [["USA", "CAN", "GBR", "JPN"], "EU27 but G7"]),
        (["EU27", "DEU", "IND"], [["EU27"], ["IND"]]),
        (["IND", "JPN", "AUS"], [["IND"], ["JPN"], ["AUS"]]),
        ("quad", [["IND"], ["JPN"], ["AUS"], ["USA"]]),
        (["quad"], [["IND"], ["JPN"], ["AUS"], ["USA"]]),
        (["quad", "QUAD"], [["IND"], ["JPN"], ["AUS"], ["USA"]]),
    ],
)
def test_every_word_is_a_party_and_nothing_changes_inside_one(
    worlds: dict[str, World], how: dict[str, Any], between: Any, sides: list[Any]
) -> None:
    world = worlds["2022"]

    def codes(side: Any) -> set[str]:
        if isinstance(side, str):
            inside, out = ({world.regions[k] for k in world.region_indices(word)} for word in side.split(" but "))
            return inside - out
        return {world.regions[place] for place in world.region_indices(side)}

    wanted = {(a, b) for one in sides for other in sides if one != other for a in codes(one) for b in codes(other)}
    assert _moved(world, gt.Agreement(between=between, **how)) == wanted


def test_each_importer_of_a_bloc_has_its_own_size(worlds: dict[str, World]) -> None:
    world = worlds["2022"]
    iceberg = compose(world, [gt.Agreement(between=["EU27", "IND"], chapters=["customs-facilitation"])]).iceberg
    sizes = dict(library.by_importer(library.chapters()["customs-facilitation"], "central", world, ["EU27", "IND"]))
    cut = {code: size.cut for codes, size in sizes.items() for code in codes}
    assert cut["BGR"] != cut["DEU"] != cut["IND"]
    india, car = world.regions.index("IND"), world.sectors.index("C29")
    for code in ("DEU", "BGR"):
        place = world.regions.index(code)
        assert iceberg[place, india, car] == pytest.approx(1 - cut[code], rel=1e-14)
        assert iceberg[india, place, car] == pytest.approx(1 - cut["IND"], rel=1e-14)
