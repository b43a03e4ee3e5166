"""Elasticity sets: conventions, mapping to sectors, overrides."""

from __future__ import annotations

import numpy as np
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.world import World, codes
from gaiatsu.world.elasticities import elasticity_sets, load_elasticities, published, standard_errors


@pytest.fixture(scope="module")
def world():
    return World.load("wiod2014")


def by_sector(world, name, **options):
    theta, info = load_elasticities(name, world, **options)
    return dict(zip(world.sectors, theta, strict=True)), info


def test_default_is_fontagne_in_the_theta_convention(world):
    theta, info = by_sector(world, "fontagne")
    assert load_elasticities(sectors=world)[1]["name"] == "fontagne"
    assert info["convention"] == "theta"
    assert (theta["C29"], theta["C26"], theta["C28,C33"]) == (8.6647, 5.4199, 4.3879)
    assert theta["C17"] == theta["C18"] == 7.983
    assert theta["C24"] == pytest.approx((3.4562 + 14.7777) / 2)  # iron and steel, other metals
    assert theta["B"] == pytest.approx((3.41 + 5.4391 + 14.6865 + 5.2442 + 5.2442) / 5)
    older, _ = by_sector(world, "TiVA")
    assert (older["C29"], older["C24"], older["B"]) == (8.955, 7.39, 3.41)


def test_services_are_four_in_every_set(world):
    services = world.sector_indices("services")
    for name in elasticity_sets():
        theta, info = load_elasticities(name, world)
        np.testing.assert_array_equal(theta[services], 4.0)
        assert theta.min() >= 0.5
        assert info["services"] == 4.0
    assert by_sector(world, "FGO")[0]["D35"] == 4.0


def test_a_sigma_set_is_less_one_and_not_below_the_minimum(world):
    theta, info = by_sector(world, "in-sample")
    assert info["convention"] == "sigma"
    assert theta["A01"] == pytest.approx(7.6215 - 1)
    assert theta["C29"] == 4.0  # filled by its authors with θ = 4
    assert theta["C10-C12"] == 0.5
    assert info["raised_to_minimum"] == ["C10-C12"]


def test_caliendo_parro_as_estimated_and_as_used(world):
    estimated, used = by_sector(world, "CP")[0], by_sector(world, "caliendo-parro-counterfactual")[0]
    assert (estimated["C29"], estimated["C30"], used["C29"]) == (1.84, 0.5, 8.22)
    assert load_elasticities("CP", world)[1]["raised_to_minimum"] == ["C30"]  # printed as 0.39
    assert {key for key in used if used[key] != estimated[key]} == {"C29", "C30"}


def test_every_set_says_where_it_comes_from():
    for name, facts in elasticity_sets().items():
        assert facts["convention"] in ("theta", "sigma"), name
        for key in ("source", "equation", "seen", "evidence", "standard_errors"):
            assert facts[key], (name, key)


def test_printed_errors_belong_to_printed_estimates():
    for name in elasticity_sets():
        errors = standard_errors(name)
        assert set(errors) <= set(published(name))
        assert all(0 < error < 20 for error in errors.values())
    assert standard_errors("caliendo-parro")["C29"] == 0.92
    assert "C29" not in standard_errors("caliendo-parro-counterfactual")  # 8.22 is imposed
    assert standard_errors("lashkaripour-lugovskyy")["C19"] == 0.464
    assert standard_errors("fontagne") == {}


def test_only_names_of_sets_are_suggested():
    with pytest.raises(ScenarioError) as caught:
        load_elasticities("foo", ["C29"])
    assert str(caught.value).startswith("unknown elasticity set 'foo'. Sets: fontagne, ")


def test_any_sectors(world):
    theta, _ = load_elasticities("fontagne", ["C10T12", "C24A", "C33", "E36", "B", "C"])
    assert theta[:5].tolist() == pytest.approx([4.0947, 3.4562, 4.3879, 4.0, 6.8048])
    assert 4 < theta[5] < 9
    merged = world.aggregate(sectors={"metal": ["C24", "C25"]})
    # the table has two rows for C24 (iron and steel, other metals) and one for C25
    expected = (3.4562 + 14.7777 + 4.3313) / 3
    assert load_elasticities("fontagne", merged)[0][merged.sector_indices("metal")[0]] == pytest.approx(expected)


def test_sectors_without_codes_need_a_hand(world):
    with pytest.raises(ScenarioError, match=r"'widgets' has no ISIC code.*overrides"):
        load_elasticities("fontagne", ["widgets", "services"])
    theta, info = load_elasticities("fontagne", ["widgets", "services"], overrides={"widgets": 6})
    assert theta.tolist() == [6.0, 4.0]
    assert info["overrides"] == {"widgets": 6.0}
    assert load_elasticities("uniform-4", ["widgets"])[0].tolist() == [4.0]


def test_overrides(world):
    theta, _ = by_sector(world, "fontagne", overrides={"cars": 3.0, "services": 2.5, "goods": 5})
    assert (theta["C29"], theta["C24"], theta["L68"]) == (3.0, 5.0, 2.5)
    for bad in (0, -1, float("nan"), "4", True):
        with pytest.raises(ScenarioError, match="must be a number above zero"):
            load_elasticities("fontagne", world, overrides={"C29": bad})
    with pytest.raises(ScenarioError, match="unknown sector 'C99'"):
        load_elasticities("fontagne", world, overrides={"C99": 4})


def test_unknown_sets(world):
    with pytest.raises(ScenarioError, match=r"did you mean 'fontagne'.*Sets: fontagne, fontagne-tiva, caliendo-parro"):
        load_elasticities("fontange", world)
    with pytest.raises(ScenarioError, match="name the sectors"):
        load_elasticities("fontagne")


@pytest.mark.parametrize(
    "code, divisions",
    [
        ("C29", {(29, "")}),
        ("29", {(29, "")}),
        ("C10-C12", {(10, ""), (11, ""), (12, "")}),
        ("C10T12", {(10, ""), (11, ""), (12, "")}),
        ("C28,C33", {(28, ""), (33, "")}),
        ("C17_18", {(17, ""), (18, "")}),
        ("C24A", {(24, "A")}),
        ("C302T304", {(30, "2"), (30, "3"), (30, "4")}),
        ("L", {(68, "")}),
        ("S-U", {(94, ""), (95, ""), (96, ""), (97, ""), (98, ""), (99, "")}),
    ],
)
def test_isic(code, divisions):
    assert codes.parse_isic(code) == divisions


@pytest.mark.parametrize("text", ["", "cars", "C", "X", "A29", "C1", "C29-", "1-2-3", "C10-L"])
def test_what_is_not_isic(text):
    found = codes.parse_isic(text)
    assert found is None if text != "C" else len(found) == 24
