from __future__ import annotations

import pytest

from gaiatsu.errors import DataMissing, ScenarioError
from gaiatsu.scenario.loading import parse
from gaiatsu.scenario.measures import Agreement, Embargo, ExportTax, Productivity, Tariff
from gaiatsu.scenario.resolve import focus_regions, notes, resolve, touched_cells, world_of
from gaiatsu.world.world import World


def faults(text: str, world: World) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        resolve(parse(text.encode(), "file.yaml"), world)
    return str(caught.value).splitlines()


def measures(*lines: str) -> str:
    return "title: x\nmeasures:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def test_unknown_names_are_told_each_at_its_place(small_world: World) -> None:
    text = """\
title: x
focus: [JPX]
measures:
  - kind: tariff
    by: USX
    on:
      - JPN
      - DEX
    sectors: C92
    rate: 0.1
"""
    found = faults(text, small_world)
    assert len(found) == 4
    assert found[0].startswith("file.yaml:2 focus: ")
    assert "did you mean 'JPN'" in found[0]
    assert found[1].startswith("file.yaml:5 measures[0].by: ")
    assert found[2].startswith("file.yaml:8 measures[0].on[1]: ")
    assert "'DEX'" in found[2]
    assert found[3].startswith("file.yaml:9 measures[0].sectors: ")
    assert "did you mean 'C29'" in found[3]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kind: tariff, by: JPN, on: Japan, rate: 0.1", "measures[0].on: by and on are the same region, JPN"),
        ("kind: export_tax, by: JPN, on: JPN, rate: 0.1", "measures[0].on: by and on are the same region, JPN"),
        ("kind: embargo, by: JPN, on: JPN, side: both", "measures[0].on: by and on are the same region, JPN"),
        ("kind: agreement, between: [JPN, Japan], cost_cut: 0.1", "measures[0].between: is one region"),
        ("kind: agreement, between: [JPN, all], cost_cut: 0.1", "measures[0].between: names one party only"),
    ],
)
def test_a_measure_on_oneself_is_an_error(line: str, said: str, small_world: World) -> None:
    (found,) = faults(measures(line), small_world)
    assert found.startswith(f"file.yaml:3 {said}")


def test_overlapping_groups_skip_the_own_cells(small_world: World) -> None:
    scenario = parse(measures("kind: tariff, by: [USA, JPN], on: all, sectors: C29, rate: 0.1").encode())
    (tariff,) = resolve(scenario, small_world)
    cells = touched_cells(tariff, small_world)
    assert cells is not None
    pairs = set(zip(cells[0].tolist(), cells[1].tolist(), strict=True))
    assert pairs == {(0, 1), (0, 2), (1, 0), (1, 2)}


def test_two_levels_on_a_cell_name_both_lines(small_world: World) -> None:
    text = measures(
        "kind: tariff, by: USA, on: JPN, sectors: C29, to: 0.1",
        "kind: tariff, by: USA, on: all, sectors: goods, to: 0.2",
        "kind: tariff, by: USA, on: DEU, sectors: goods, to: 20 %",
    )
    assert faults(text, small_world) == [
        "file.yaml:4 measures[1].to: sets 0.2 where file.yaml:3 measures[0].to sets 0.1 "
        "(USA imports of C29 from JPN): a duty has one level"
    ]


def test_a_duty_that_falls_below_minus_one_in_sum_is_an_error(small_world: World) -> None:
    text = measures(
        "kind: tariff, by: USA, on: JPN, sectors: C29, rate: -60 %",
        "kind: tariff, by: USA, on: all, sectors: goods, rate: -50 %",
    )
    (found,) = faults(text, small_world)
    assert found.startswith("file.yaml:4 measures[1]: the import duty of USA on C29 from JPN would be -110%")


def test_financing_in_a_closure_without_deficits_is_told_at_its_key(small_world: World) -> None:
    for line in (
        "kind: financing, on: USA, share: 1 %",
        "kind: payment-costs, by: all, on: USA, cost: 1 %, financing: 1 %",
    ):
        (found,) = faults(measures(line) + "closure: balanced\n", small_world)
        assert found.startswith("file.yaml:4 closure: closure 'balanced' has no trade deficit")
        assert "measures[0]" in found


def test_no_duties_in_an_agreement_is_a_level(small_world: World) -> None:
    text = measures(
        "kind: agreement, between: [USA, JPN], sectors: C29, zero_duties: true",
        "kind: tariff, by: JPN, on: USA, sectors: all, to: 0.1, coverage: 0.5",
    )
    assert faults(text, small_world) == [
        "file.yaml:4 measures[1].to: sets 0.05 where file.yaml:3 measures[0].zero_duties sets 0 "
        "(JPN imports of C29 from USA): a duty has one level"
    ]


def test_the_same_level_twice_and_levels_of_both_kinds_are_no_contradiction(small_world: World) -> None:
    text = measures(
        "kind: tariff, by: USA, on: JPN, sectors: C29, to: 0.1",
        "kind: tariff, by: USA, on: all, sectors: C29, to: 10 %",
        "kind: export_tax, by: JPN, on: USA, sectors: C29, to: 0.2",
        "kind: tariff, by: USA, on: JPN, sectors: C29, at_least: 0.3",
    )
    assert len(resolve(parse(text.encode()), small_world)) == 4


def test_cells_are_importer_exporter_sector(small_world: World) -> None:
    def cells(measure: object) -> set[tuple[int, int, int]]:
        found = touched_cells(measure, small_world)  # type: ignore[arg-type]
        assert found is not None
        return set(zip(*(axis.tolist() for axis in found), strict=True))

    assert cells(Tariff(by="USA", on="JPN", sectors="C29", rate=0.1)) == {(0, 1, 2)}
    assert cells(ExportTax(by="USA", on="JPN", sectors="C29", rate=0.1)) == {(1, 0, 2)}
    assert cells(Embargo(by="USA", on="JPN", sectors="C29")) == {(1, 0, 2)}
    assert cells(Embargo(by="USA", on="JPN", sectors="C29", side="imports")) == {(0, 1, 2)}
    assert cells(Embargo(by="USA", on="JPN", sectors="C29", side="both")) == {(0, 1, 2), (1, 0, 2)}
    assert cells(Agreement(between=["USA", "JPN"], sectors="services", cost_cut=0.1)) == {(0, 1, 3), (1, 0, 3)}
    assert touched_cells(Productivity(by="USA", change=0.1), small_world) is None


def test_a_measure_without_trade_is_noted(small_world: World) -> None:
    nothing = Tariff(by="JPN", on="DEU", sectors="C24", rate=0.1)
    something = Tariff(by="JPN", on="DEU", sectors=["C24", "C29"], rate=0.1)
    assert notes(small_world, [something]) == []
    assert notes(small_world, [something, nothing]) == ["measures[1] touches no trade in small: it changes nothing"]


def test_focus_is_said_or_taken_from_the_measures(small_world: World) -> None:
    text = measures("kind: tariff, by: Japan, on: [all], rate: 0.1", "kind: productivity, by: DEU, change: 0.1")
    assert focus_regions(parse(text.encode()), small_world) == ["JPN", "DEU"]
    assert focus_regions(parse(f"focus: Germany\n{text}".encode()), small_world) == ["DEU"]


def test_own_groups_and_unknown_worlds() -> None:
    text = "groups:\n  axis: [JPN, DEU]\n" + measures("kind: tariff, by: USA, on: axis, rate: 0.1")
    world = world_of(parse(text.encode()))
    assert [world.regions[index] for index in world.region_indices("axis")] == ["DEU", "JPN"]
    wrong = text.replace("DEU", "DEX")
    with pytest.raises(ScenarioError, match=r"^file\.yaml:2 groups\.axis: .*DEX"):
        world_of(parse(wrong.encode(), "file.yaml"))
    with pytest.raises(DataMissing, match=r"^file\.yaml:1 world: .*wiod2014"):
        world_of(parse(f"world: wiod2015\n{text}".encode(), "file.yaml"))


def test_unknown_elasticities(small_world: World) -> None:
    text = "elasticities: {set: fontaine, overrides: {C92: 3}}\n" + measures("kind: productivity, by: USA, change: 0.1")
    found = faults(text, small_world)
    assert found[0].startswith("file.yaml:1 elasticities.set: ")
    assert "fontagne" in found[0]
    assert found[1].startswith("file.yaml:1 elasticities.overrides.C92: ")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("kind: tariff, by: USA, on: JPN, rate: 0", "rate"),
        ("kind: tariff, by: USA, on: JPN, rate: 0.1, coverage: 0", "coverage"),
        ("kind: export_tax, by: USA, on: JPN, to: 0.1, coverage: 0", "coverage"),
        ("kind: embargo, by: USA, on: JPN, share: 0", "share"),
        ("kind: productivity, by: USA, change: 0", "change"),
        ("kind: tariff, by: USA, on: JPN, rate: 0, stack: x", None),
        ("kind: tariff, by: USA, on: JPN, to: 0", None),
        ("kind: agreement, between: [USA, JPN], zero_duties: true", None),
    ],
)
def test_a_measure_of_size_zero_is_noted(line: str, key: str | None, small_world: World) -> None:
    found = notes(small_world, resolve(parse(measures(line).encode()), small_world))
    assert found == ([f"measures[0] has {key} 0: it changes nothing"] if key else [])
