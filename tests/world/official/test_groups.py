"""What a user keeps: regions and sectors, groups, and words that mean nothing or are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.world.describe import describe

from .formats import added_up
from .helpers import built
from .tables import small


def test_regions_and_sectors_are_added_up_while_reading(tmp_path: Path) -> None:
    table = small(5)
    world, _ = built(tmp_path, table, regions="USA,JPN,EU=eu27", sectors="C29,HEAVY=C24+C17_18")
    assert world.regions == ("USA", "JPN", "EU", "ROW")
    assert world.region_parts[3] == ("CHN", "MEX", "ROW")
    assert world.sectors == ("GOODS", "HEAVY", "C29", "SERVICES")
    by_sector = added_up(table, (0, 1, 1, 2, 3))
    place = [0, 1, 2, 3, 3, 3]
    flows = np.zeros((4, 4, 4))
    np.add.at(flows, (np.array(place)[:, None], np.array(place)[None, :]), by_sector.flows)
    np.testing.assert_allclose(world.accounts.flows, flows, rtol=1e-5)
    value_added = np.zeros((4, 4))
    np.add.at(value_added, place, by_sector.value_added)
    np.testing.assert_allclose(world.accounts.value_added, value_added, rtol=1e-5)
    assert world.goods == (True, True, True, False)
    assert world.sector_indices("steel").tolist() == [1]
    assert world.missing_members("quad") == ("AUS", "IND")


def test_groups_of_a_mapping_leave_the_rest(tmp_path: Path) -> None:
    world, _ = built(tmp_path, small(5), regions={"NAFTA": ["USA", "Mexico"]}, sectors={"METAL": ["C24", "cars"]})
    assert world.regions == ("NAFTA", "JPN", "DEU", "CHN", "ROW")
    assert world.sectors == ("A01_02", "C17_18", "METAL", "G")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"regions": "USA,JPX"}, "unknown region 'JPX'"), ({"regions": "USA,France"}, "'France'"),
        ({"sectors": "C29,steal"}, "unknown sector 'steal'"), ({"regions": ""}, "no region is named"),
        ({"regions": "A=USA+JPN,B=JPN+DEU"}, "'JPN' is named twice, in 'A' and in 'B'"),
        ({"regions": "JPN=USA+DEU,..."}, "has the name of region"),
        ({"regions": "EU=DEU,EU=MEX"}, "region 'EU' is named twice; add its members up: EU=a"),
        ({"regions": "EU=DEU,eu=MEX,..."}, "region 'eu' is named twice"),
        ({"regions": "JPN=USA"}, "has the name of region 'JPN', which is not one of its members"),
        ({"regions": {"JPN": ["USA"], "ASIA": ["JPN"]}}, "has the name of region 'JPN'"),
        ({"regions": "EU=eu27,DEU"}, "region 'DEU' is named twice, in 'EU' and by itself"),
        ({"sectors": "SERVICES=C29"}, "'SERVICES' has the name of the group of sectors that are not named"),
        ({"sectors": "goods=C29,..."}, None),
        ({"sectors": "steal"}, r"unknown sector 'steal'; "),
        ({"regions": "France"}, r"^'France' is no region of the table: it is inside its rest of the world$"),
        ({"regions": "brics2"}, r"unknown region 'brics2'; did you mean 'brics'"),
    ],
)  # fmt: skip
def test_unknown_and_double_names_are_refused(options: dict[str, Any], said: str | None, tmp_path: Path) -> None:
    if said is None:  # the name of a group of the rest is free when nothing is left over
        assert built(tmp_path, small(5), **options)[0].sectors == ("A01_02", "C17_18", "C24", "goods", "G")
        return
    with pytest.raises(ScenarioError, match=said):
        built(tmp_path, small(5), **options)


def test_all_goods_and_services_are_words(tmp_path: Path) -> None:
    table = small(5)
    assert built(tmp_path, table, regions="all")[0].regions == table.regions
    assert built(tmp_path, table, regions="WORLD=all")[0].regions == ("WORLD",)
    assert built(tmp_path, table, sectors="services")[0].sectors == ("GOODS", "G")
    assert built(tmp_path, table, sectors="GOODS=goods,SERVICES=services")[0].sectors == ("GOODS", "SERVICES")
    assert built(tmp_path, table, sectors="all")[0].sectors == ("A01_02", "C17_18", "C24", "C29", "G")


def test_members_of_a_named_group_that_are_no_regions_are_listed(tmp_path: Path) -> None:
    world, report = built(tmp_path, small(5), regions="Q=quad,DEU")
    assert world.regions == ("Q", "DEU", "ROW")
    assert report["found"]["missing_members"] == {"quad": ["AUS", "IND"]}
    assert "quad without AUS, IND, which are no regions of the table" in describe(world)
    assert built(tmp_path, small(5), regions="USA")[1]["found"]["missing_members"] == {}


def test_a_rest_of_the_world_that_is_named_stays_the_rest(tmp_path: Path) -> None:
    world, _ = built(tmp_path, small(5), regions="USA,JPN,ROW")
    assert world.regions == ("USA", "JPN", "ROW")
    assert world.region_parts[2] == ("DEU", "CHN", "MEX", "ROW")
