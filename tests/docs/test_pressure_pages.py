"""The pages on travel and payments: their tables are the program's, their examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import gaiatsu as gt
from gaiatsu.exposure import payments, payments_effects, tourism
from gaiatsu.world import World

DOCS = Path(__file__).parents[2] / "docs"
TRAVEL = (DOCS / "tourism.md").read_text(encoding="utf-8")
PAYMENTS = (DOCS / "payments.md").read_text(encoding="utf-8")


def signed(value: float) -> str:
    return f"{value:+.1f}"


def test_the_back_test_of_travel_on_the_page_is_the_programs() -> None:
    table = tourism.backtest_2025()
    shown = TRAVEL.partition("<!-- backtest -->")[2].partition("<!-- end of backtest -->")[0]
    rows = re.findall(r"^\| [a-z].*\| (\S+) \| (\S+) to (\S+) \| (\S+) \|$", shown, re.MULTILINE)
    columns = ["predicted", "low", "high", "observed"]
    expected = table.loc[table["frequency"] != "months", columns]
    assert rows == [tuple(signed(value) for value in row) for row in expected.to_numpy()]


def test_the_items_on_the_page_are_those_of_the_table() -> None:
    shares = tourism.items().pivot_table(index="item", columns="origin", values="share")
    for item, row in shares.iterrows():
        (found,) = re.findall(rf"^\| {item} \|.*\| (\S+) % \| (\S+) % \|$", TRAVEL, re.MULTILINE)
        assert found == (f"{100 * row['CHN']:.1f}", f"{100 * row['all']:.1f}")


def test_the_priors_on_the_page_are_the_programs() -> None:
    told = re.search(r"(\d+) % \((\d+) to (\d+)\) after an advisory, (\d+) % \((\d+) to (\d+)\) after a", TRAVEL)
    assert told
    both = [*tourism.curb_prior("advisory")[:3], *tourism.curb_prior("group-ban")[:3]]
    assert [int(number) for number in told.groups()] == [round(100 * share) for share in both]


def test_the_levels_on_the_page_are_those_of_the_table() -> None:
    for word, row in payments.levels().iterrows():
        (found,) = re.findall(
            rf"^\| `{word}` \| (\S+) % \| (\S+) to (\S+) % \|.*\| (yes|no) \|$", PAYMENTS, re.MULTILINE
        )
        numbers = tuple(f"{row[f'{end}_percent']:g}" for end in ("central", "low", "high"))
        assert found == (*numbers, row["upper_bound"])


@pytest.mark.slow
def test_the_falls_of_trade_on_the_page_are_the_programs() -> None:
    table = payments_effects.beside_observed(gt.run("finance-cut"), "RUS")
    rows = re.findall(r"\| (\S+) % \| (\S+) to (\S+) \| (.+) % \|$", PAYMENTS, re.MULTILINE)
    expected = [
        (
            signed(row.predicted),
            signed(row.low),
            signed(row.high),
            f"{'more than ' if row.observed_is == 'more than' else ''}{row.observed:+.0f}",
        )
        for row in table.itertuples()
    ]
    assert rows == expected
    assert "One of five lies in its band" in PAYMENTS
    assert int(table["covered"].sum()) == 1


def yaml_blocks(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("text", [TRAVEL, PAYMENTS, (DOCS / "cases" / "china-tourism-japan.md").read_text("utf-8")])
def test_the_scenarios_on_the_pages_can_be_solved(text: str, tmp_path: Path) -> None:
    found = yaml_blocks(text)
    assert found
    for number, block in enumerate(found):
        file = tmp_path / f"example{number}.yaml"
        file.write_text(block, encoding="utf-8")
        assert gt.run(file).residual <= 1e-9


@pytest.mark.slow
def test_the_python_on_the_page_runs() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", TRAVEL, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "tourism.md", "exec"), names)
    assert names["outcome"].real_income["THA"] < 0


@pytest.mark.slow
def test_what_travel_costs_is_what_the_page_says() -> None:
    told = re.search(r"by (\S+) % within a year \((\S+) to (\S+) over the priors\).* by (\S+) %, on impact by", TRAVEL)
    assert told
    outcome = gt.run("china-tourism-japan")
    from gaiatsu.exposure.tourism_effects import prior_range
    from gaiatsu.scenario.pressure import TravelBan

    spread, _ = prior_range(outcome, ["JPN"])
    observed = gt.solve(outcome.world, [TravelBan(by="CHN", on="JPN", share=0.551)], horizon="short")
    numbers = (outcome.real_income["JPN"], spread["JPN"].min(), spread["JPN"].max(), observed.real_income["JPN"])
    assert [float(text) for text in told.groups()] == pytest.approx(numbers, abs=6e-4)
    added = World.load("2022+tourism").provenance["additions"][-1]["usd_million_added"]
    assert f"US$ {added / 1000:.1f} billion in `2022`" in TRAVEL
