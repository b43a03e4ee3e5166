"""Gains by chapter and by sector add up, and are what they say; on a small world and for one pair of the real one."""

from __future__ import annotations

import numpy as np
import pytest

import gaiatsu as gt
from gaiatsu.scenario.agreement_chapters import NAMES, chapters
from gaiatsu.trade.chapter_gains import at_level, beside, gains_by_chapter, gains_by_sector, lobatto_weights
from gaiatsu.trade.welfare import lobatto
from gaiatsu.world.world import World

CHAPTERS = ("goods-duties", "customs-facilitation", "digital-trade", "services-general")


@pytest.fixture(scope="module")
def world() -> World:
    """Five regions and four sectors, two of them services; duties on goods of up to a fifth.

    Its size is one of those that other tests of the engine compile anyway.
    """
    random = np.random.default_rng(3)
    flows = random.uniform(1, 2, (5, 5, 4)) + 12 * np.eye(5)[:, :, None]
    duty = random.uniform(0.05, 0.2, (5, 5, 4)) * (1 - np.eye(5))[:, :, None]
    duty[:, :, 2:] = 0
    return World.from_arrays(
        regions=["IND", "JPN", "USA", "KOR", "DEU"], sectors=["A01", "C29", "J62", "H49"], flows=flows, duty=duty,
        va_share=random.uniform(0.4, 0.7, (5, 4)), input_mix=np.full((5, 4, 4), 0.25), name="five", year=2022,
    )  # fmt: skip


@pytest.fixture(scope="module")
def agreement() -> gt.Agreement:
    return gt.Agreement(between=["IND", "JPN"], chapters=CHAPTERS, in_force={"services-general": 0.5})


@pytest.fixture(scope="module")
def outcome(world: World, agreement: gt.Agreement) -> gt.Outcome:
    return gt.solve(world, [agreement])


def test_contributions_add_up_and_are_the_shapley_values(
    world: World, agreement: gt.Agreement, outcome: gt.Outcome
) -> None:
    gains = gains_by_chapter(outcome, agreement)
    assert tuple(gains.contribution.index) == CHAPTERS
    np.testing.assert_allclose(gains.contribution.sum(), 100 * outcome.real_income_change, atol=1e-9)
    exact = gt.solve(world, agreement.by_chapter(world)).attribute(exact_up_to=6)
    largest = np.abs(gains.contribution.to_numpy()).max()
    np.testing.assert_allclose(gains.contribution.to_numpy(), exact.to_numpy().T, atol=2e-3 * largest)
    np.testing.assert_allclose(gains.alone.to_numpy(), exact.attrs["alone"].to_numpy().T, atol=1e-9)
    np.testing.assert_allclose(gains.without, 0, atol=1e-9)


def test_low_and_high_sizes(world: World, agreement: gt.Agreement, outcome: gt.Outcome) -> None:
    gains = gains_by_chapter(outcome, agreement)
    for level in ("low", "high"):
        alone = gt.solve(world, [at_level(agreement, level)]).real_income_change
        np.testing.assert_allclose(gains.whole.loc[level], 100 * alone, atol=1e-9)
        np.testing.assert_allclose(gains.outcomes[level].real_income_change, alone, atol=1e-11)
    row = gains.contribution.loc["digital-trade", ["IND", "JPN"]]
    assert (gains.low.loc["digital-trade", ["IND", "JPN"]] < row).all()
    assert (gains.high.loc["digital-trade", ["IND", "JPN"]] > row).all()
    swapped = gt.Agreement(
        between=["IND", "JPN"], chapters={**dict.fromkeys(CHAPTERS, "central"), "digital-trade": "high"},
        in_force={"services-general": 0.5},
    )  # fmt: skip
    moved = gt.solve(world, [swapped]).real_income_change - outcome.real_income_change
    np.testing.assert_allclose(
        gains.high.loc["digital-trade"], gains.contribution.loc["digital-trade"] + 100 * moved, atol=1e-9
    )


def test_beside_other_measures(world: World, agreement: gt.Agreement) -> None:
    tariff = gt.Tariff(by="USA", on="JPN", rate=0.25)
    both = gt.solve(world, [tariff, agreement])
    gains = gains_by_chapter(both, agreement)
    before = gt.solve(world, [tariff])
    np.testing.assert_allclose(gains.without, 100 * before.real_income_change, atol=1e-9)
    added = 100 * (both.real_income_change - before.real_income_change)
    np.testing.assert_allclose(gains.contribution.sum(), added, atol=1e-9)
    assert beside(both, agreement) == (tariff,)


def test_own_percentages_have_no_range(world: World) -> None:
    own = gt.Agreement(between=["IND", "JPN"], chapters={"digital-trade": 0.02, "services-general": "central"})
    gains = gains_by_chapter(gt.solve(world, [own]), own)
    np.testing.assert_allclose(gains.low.loc["digital-trade"], gains.contribution.loc["digital-trade"], atol=1e-9)
    np.testing.assert_allclose(gains.high.loc["digital-trade"], gains.contribution.loc["digital-trade"], atol=1e-9)


def test_gains_by_sector(world: World, agreement: gt.Agreement, outcome: gt.Outcome) -> None:
    sectors = gains_by_sector(outcome, (), ["JPN", "IND"])
    whole = 100 * outcome.real_income_change[[1, 0]]
    np.testing.assert_allclose(sectors.sum(), whole, atol=1e-3 * sectors.abs().to_numpy().max())
    np.testing.assert_allclose(list(sectors.attrs["whole"].values()), whole, atol=1e-12)
    tariff = gt.Tariff(by="USA", on="JPN", rate=0.25)
    both, before = gt.solve(world, [tariff, agreement]), gt.solve(world, [tariff])
    added = 100 * (both.real_income_change - before.real_income_change)[:2]
    sectors = gains_by_sector(both, (tariff,), ["IND", "JPN"])
    np.testing.assert_allclose(sectors.sum(), added, atol=1e-3 * sectors.abs().to_numpy().max())
    assert list(sectors.attrs["whole"]) == ["IND", "JPN"]
    # Small cuts do not interact: each sector's part is what it does alone.
    small = gt.Agreement(between=["IND", "JPN"], chapters={"customs-facilitation": 1e-4, "services-general": 1e-4})
    parts = gains_by_sector(gt.solve(world, [small], tolerance=1e-12), (), ["IND"])
    for code in world.sectors:
        alone = gt.Agreement(between=["IND", "JPN"], sectors=code, cost_cut=1e-4)
        effect = 100 * gt.solve(world, [alone], tolerance=1e-12).real_income_change[0]
        assert parts.at[code, "IND"] == pytest.approx(effect, rel=1e-3)


def test_weights_integrate_polynomials() -> None:
    for power in range(6):
        assert lobatto_weights(4) @ lobatto(4) ** power == pytest.approx(1 / (power + 1), rel=1e-12)


def test_a_digital_chapter_raises_trade_by_what_was_published() -> None:
    """12 % more trade (Marchetti 2009) at the elasticity of services, where the pair is small in both economies."""
    world = World.load("2022")
    outcome = gt.solve(world, [gt.Agreement(between=["IND", "JPN"], chapters=["digital-trade"])])
    india, japan = world.regions.index("IND"), world.regions.index("JPN")
    it = world.sectors.index("J62_J63")
    before, after = world.accounts.flows[japan, india, it], outcome.border_value[japan, india, it]
    assert after / before - 1 == pytest.approx(0.12, abs=0.01)
    assert chapters()["digital-trade"].sizes["central"][0][1].cut == pytest.approx(1 - 1.12**-0.25, abs=1e-6)


def test_every_chapter_is_solved_on_the_earlier_world() -> None:
    world = World.load("wiod2014")
    whole = gt.Agreement(between=["IND", "JPN"], chapters=NAMES)
    outcome = gt.solve(world, [whole])
    assert outcome.residual < 1e-9
    assert outcome.real_income["JPN"] > 0
