"""World: what it refuses, what it derives, what it keeps."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaiatsu.errors import BalanceError, DataError, ScenarioError
from gaiatsu.world import Accounts, World

from .worlds import REGIONS, SECTORS, small_world, tables


def changed(table: str, cell: tuple[int, ...], value: float) -> dict[str, np.ndarray]:
    array = tables()[table].copy()
    array[cell] = value
    return {table: array}


@pytest.mark.parametrize(
    "changes, words",
    [
        (changed("flows", (0, 1, 2), np.nan), "flows.*not finite.*importer USA, exporter JPN, sector C29"),
        (changed("flows", (0, 1, 2), np.inf), "flows.*not finite"),
        (
            changed("flows", (0, 1, 2), -1.0),
            r"not be negative: \[importer USA, exporter JPN, sector C29\] = -1",
        ),
        (changed("duty", (1, 0, 2), -1.0), "duty must be above -1.*importer JPN, exporter USA, sector C29"),
        (changed("duty", (1, 1, 2), 0.1), "duty on home trade must be zero.*importer JPN, exporter JPN"),
        (changed("va_share", (2, 3), 1.01), "va_share must lie between 0 and 1.*region DEU, sector R-U"),
        (changed("va_share", (2, 3), -0.01), "va_share must lie between 0 and 1"),
        (changed("input_mix", (2, 0, 3), 0.9), "columns must sum to one.*region DEU, user R-U"),
        (changed("input_mix", (2, 0, 3), -0.1), "input_mix must not be negative.*region DEU, input A01, user R-U"),
        ({"export_duty": -2 * np.ones((5, 5, 4))}, "export_duty must be above -1.* and 95 more"),
        ({"export_duty": np.ones((5, 5, 4))}, "export_duty on home trade"),
        ({"flows": np.ones((5, 5, 3))}, r"flows has shape \(5, 5, 3\).*needs \(5, 5, 4\)"),
        ({"regions": ("USA", "USA", "DEU", "FRA", "ROW")}, "repeated labels: USA"),
        ({"sectors": ()}, "sectors is empty"),
        ({"sectors": ("A01", "", "C29", "R-U")}, "empty label"),
        ({"regions": "USA"}, "single text"),
        ({"va_share": [["x"] * 4] * 5}, "not a table of numbers"),
        ({"region_names": ["one"]}, "region_names has 1 entries for 5"),
        ({"goods": [True]}, "goods has 1 entries"),
    ],
)
def test_refusals(changes, words):
    with pytest.raises(DataError, match=words):
        small_world(**changes)


def test_negative_final_use_is_refused_and_named():
    numbers = tables()
    numbers["va_share"][1] = 0.02
    numbers["input_mix"][1] = 0.0
    numbers["input_mix"][1, 2] = 1.0  # all inputs of Japan are cars
    with pytest.raises(DataError, match=r"final use.*negative.*region JPN, sector C29"):
        small_world(**numbers)


def test_at_most_five_cells_are_named():
    numbers = tables()
    numbers["flows"][:, :, 0] = -1.0
    with pytest.raises(DataError, match="and 20 more") as caught:
        small_world(**numbers)
    assert str(caught.value).count("importer") == 5


def test_region_without_income_is_refused():
    numbers = tables(duties=False)
    numbers["flows"][:, 4] = 0
    numbers["flows"][4] = 0
    with pytest.raises(DataError, match=r"without value added or final spending.*region ROW"):
        small_world(**numbers)


def test_rounding_in_final_use_is_cleared_without_moving_anything_else():
    numbers = tables()
    numbers["va_share"][1] = 0.5
    cost = (0.5 * numbers["flows"][:, 1].sum(axis=0)).sum()
    bought = (numbers["flows"][1, :, 0] * (1 + numbers["duty"][1, :, 0])).sum()
    share = (bought + 1e-9) / cost  # all that Japan buys from farms is used up, and a hair more
    numbers["input_mix"][1] = (1 - share) / 3
    numbers["input_mix"][1, 0] = share
    world = small_world(**numbers)
    assert 0 <= world.accounts.final_use[1, 0] < 1e-9
    assert world.accounts.final_use.min() >= 0
    np.testing.assert_array_equal(world.accounts.flows, numbers["flows"])
    np.testing.assert_allclose(world.accounts.va_share, numbers["va_share"], atol=1e-10)
    world.check()
    numbers["input_mix"][1, 0] += 1e-6
    numbers["input_mix"][1, 1] -= 1e-6
    with pytest.raises(DataError, match=r"final use.*region JPN, sector A01"):
        small_world(**numbers)


def test_user_without_inputs_may_have_an_empty_column():
    numbers = tables()
    numbers["va_share"][0, 3] = 1.0
    numbers["input_mix"][0, :, 3] = 0.0
    world = small_world(**numbers)
    np.testing.assert_allclose(world.accounts.input_mix[0, :, 3], 0.25)
    assert world.accounts.intermediate[0, :, 3].sum() == 0
    numbers["va_share"][0, 3] = 0.99
    with pytest.raises(DataError, match="columns must sum to one"):
        small_world(**numbers)


def test_identities_and_labels():
    world = small_world()
    gaps = world.check()
    assert max(gaps.values()) < 1e-14
    accounts = world.accounts
    assert list(world.output.index.names) == ["region", "sector"]
    assert world.output.attrs["unit"] == "US$ million"
    assert world.output["JPN", "C29"] == pytest.approx(accounts.flows[:, 1, 2].sum())
    assert world.value_added["DEU", "A01"] == pytest.approx(accounts.va_share[2, 0] * accounts.output[2, 0])
    cost = accounts.value_added + accounts.intermediate.sum(axis=1)
    np.testing.assert_allclose(cost, accounts.output, rtol=1e-13)
    assert abs(accounts.transfer.sum()) < 1e-10
    assert world.goods == (True, True, True, False)


def test_export_duty_is_part_of_the_base_of_the_import_duty():
    levy = np.zeros((5, 5, 4))
    levy[0, 1, 2] = 0.5
    world, numbers = small_world(export_duty=levy), tables()
    paid = numbers["flows"][0, 1, 2] * 1.5 * (1 + numbers["duty"][0, 1, 2])
    assert world.accounts.spending[0, 1, 2] == pytest.approx(paid)
    assert world.accounts.duty_revenue.sum() > small_world().accounts.duty_revenue.sum()
    world.check()


def test_final_use_given_is_compared():
    world = small_world()
    small_world(final_use=world.accounts.final_use)
    wrong = world.accounts.final_use.copy()
    wrong[1, 2] += 1
    with pytest.raises(BalanceError, match=r"final_use differs.*region JPN, sector C29"):
        small_world(final_use=wrong)


def test_check_names_unbalanced_cells():
    world = small_world()
    accounts = world.accounts
    broken = Accounts(
        flows=accounts.flows, duty=accounts.duty, export_duty=accounts.export_duty, va_share=accounts.va_share,
        input_mix=accounts.input_mix * np.where(np.arange(4) == 2, 1.1, 1.0),
    )  # fmt: skip
    with pytest.raises(BalanceError, match=r"cost differs from sales.*region USA, sector C29"):
        dataclasses.replace(world, accounts=broken).check()
    with pytest.raises(DataError, match="columns must sum to one"):
        world.replace_accounts(broken)


def test_replace_accounts_keeps_labels():
    world, other = small_world(0), small_world(1)
    new = world.replace_accounts(other.accounts, name="other")
    assert new.name == "other"
    assert new.groups == world.groups
    np.testing.assert_allclose(new.accounts.flows, other.accounts.flows)


def arrays() -> dict[str, xr.DataArray]:
    numbers, labels = tables(), {"region": REGIONS, "importer": REGIONS, "exporter": REGIONS, "sector": SECTORS}
    labels |= {"input": SECTORS, "user": SECTORS}
    dims = {
        "flows": ("importer", "exporter", "sector"), "duty": ("importer", "exporter", "sector"),
        "va_share": ("region", "sector"), "input_mix": ("region", "input", "user"),
    }  # fmt: skip
    return {
        key: xr.DataArray(numbers[key], dims=axes, coords={axis: list(labels[axis]) for axis in axes})
        for key, axes in dims.items()
    }


def test_labelled_arrays_are_aligned_by_label():
    plain, labelled = small_world(), arrays()
    labelled["flows"] = (
        labelled["flows"].transpose("sector", "exporter", "importer").isel(importer=slice(None, None, -1))
    )
    labelled["input_mix"] = labelled["input_mix"].isel(user=[2, 0, 3, 1]).transpose("user", "region", "input")
    world = small_world(**labelled)
    np.testing.assert_array_equal(world.accounts.flows, plain.accounts.flows)
    np.testing.assert_array_equal(world.accounts.input_mix, plain.accounts.input_mix)
    frame = pd.DataFrame(tables()["va_share"], index=REGIONS, columns=SECTORS).iloc[::-1, ::-1]
    np.testing.assert_array_equal(small_world(va_share=frame).accounts.va_share, plain.accounts.va_share)


def test_labels_that_differ_show_both_sets_and_remedies():
    labelled = arrays()
    table = labelled["flows"].assign_coords(exporter=["USA", "JPN", "DEU", "ITA", "ROW"])
    with pytest.raises(DataError, match=r"axis 'exporter' differ.*ITA.*FRA.*Missing.*FRA.*ITA.*Remedies"):
        small_world(flows=table)
    with pytest.raises(DataError, match="must be named"):
        small_world(flows=labelled["flows"].rename(importer="buyer"))
    with pytest.raises(DataError, match="no labels on axis 'sector'"):
        small_world(flows=labelled["flows"].drop_vars("sector"))
    with pytest.raises(DataError, match="pandas Series"):
        small_world(va_share=pd.Series([1.0]))
    with pytest.raises(DataError, match="pandas table"):
        small_world(flows=pd.DataFrame([[1.0]]))


def test_fingerprint_is_of_the_numbers():
    assert small_world().fingerprint == small_world().fingerprint
    assert small_world(1).fingerprint != small_world().fingerprint


# ---------------------------------------------------------------------------------------------------- names and groups
def test_regions_by_code_name_alias_and_group():
    world = small_world()
    assert world.region_indices("Japan").tolist() == [1]
    assert world.region_indices(["america", "usa", "United States", "US"]).tolist() == [0]
    assert world.region_indices("rest of the world").tolist() == [4]
    assert world.region_indices(["ROW", "g7"]).tolist() == [0, 1, 2, 3, 4]
    assert world.region_indices("EU").tolist() == [2, 3]
    assert world.region_indices("all").dtype == np.int64
    assert world.region_indices(iter(["JPN"])).tolist() == [1]


@pytest.mark.parametrize(
    "names, words",
    [
        ("Jpan", r"did you mean 'Japan'"),
        ("Narnia", "unknown region 'Narnia'.*world.regions"),
        ("United Kingdom", r"not a region of its own.*inside 'ROW'"),
        ("asean", "no member of group 'asean'.*BRN"),
        ([], "no region is named"),
        (" ", "not the name of a region"),
        ([3], "not the name of a region"),
    ],
)
def test_unknown_regions(names, words):
    with pytest.raises(ScenarioError, match=words):
        small_world().region_indices(names)


def test_missing_members_of_a_group():
    world = small_world()
    assert world.groups["quad"] == ("USA", "JPN")
    assert world.missing_members("quad") == ("AUS", "IND")
    with pytest.raises(ScenarioError, match="did you mean 'quad'"):
        world.missing_members("quod")


def test_custom_groups():
    world = small_world().with_groups({"Axis": ["Japan", "DEU"], "west": ["USA", "EU"]})
    assert world.region_indices("axis").tolist() == [1, 2]
    assert world.groups["west"] == ("USA", "DEU", "FRA")
    assert world.missing_members("axis") == ()
    for bad, words in (
        ({"Japan": ["DEU"]}, "name of a region"),
        ({"Italy": ["DEU"]}, "name of a region"),
        ({"all": ["DEU"]}, "name of a region"),
        ({"quad": ["DEU"]}, "exists already"),
        ({"new": []}, "no region is named"),
        ({"new": ["Atlantis"]}, "unknown region"),
        ({" ": ["DEU"]}, "not a name for a group"),
    ):
        with pytest.raises(ScenarioError, match=words):
            world.with_groups(bad)


def test_world_of_one_region():
    numbers = tables(regions=1)
    world = World.from_arrays(regions=["USA"], sectors=SECTORS, **numbers)
    assert abs(world.accounts.transfer[0]) < 1e-12
