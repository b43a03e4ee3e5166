"""The table of US duties from its sources, where these are at hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaiatsu.scenario import us_duties
from originals import WORLD

ROOT = Path(__file__).parents[2]
NEEDED = WORLD / "us_duty_by_partner_2025_2026.csv"


@pytest.fixture(scope="module")
def scripts() -> Any:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import build_us_duties
        import us_duty_model
        import us_duty_trade
    finally:
        sys.path.pop(0)
    return build_us_duties, us_duty_model, us_duty_trade


@pytest.fixture(scope="module")
def sources() -> Path:
    if not NEEDED.exists():
        pytest.skip(f"the sources of the US duties are not at {WORLD}")
    return WORLD


@pytest.fixture(scope="module")
def model(scripts: Any, sources: Path) -> Any:
    _, us_duty_model, us_duty_trade = scripts
    return us_duty_model.Model(*us_duty_trade.read(sources))


def test_shares_are_scaled_to_a_total_and_stay_shares(scripts: Any) -> None:
    scaled = scripts[2].scaled
    imports = np.array([10.0, 20.0, 30.0])
    share = np.array([0.5, 0.2, 0.0])
    for total in (0.0, 3.0, 9.0, 15.0, 29.0):
        found = scaled(share, imports, total)
        assert found @ imports == pytest.approx(total)
        assert ((found >= 0) & (found <= 1)).all()
        assert found[2] == 0  # an act does not reach what it does not name
    assert scaled(share, imports, 100.0) @ imports == pytest.approx(30.0)


def test_shares_common_to_all_are_found_again(scripts: Any) -> None:
    draw = np.random.default_rng(3)
    imports, share = draw.uniform(1, 9, (40, 4)), np.array([0.9, 0.1, 0.5, 0.0])
    assert scripts[2].fit(imports, imports @ share, share) == pytest.approx(share, abs=1e-6)
    assert scripts[2].fit(imports, imports @ share, np.full(4, 0.5)) == pytest.approx(share, abs=0.1)


def test_the_sources_give_the_shipped_table(scripts: Any, sources: Path, tmp_path: Path) -> None:
    build_us_duties, _, us_duty_trade = scripts
    series, trade = us_duty_trade.read(sources)
    out, _ = build_us_duties.table(series, trade)
    build_us_duties.write(out, series, tmp_path)
    assert (tmp_path / us_duties.SERIES).read_bytes() == (us_duties.FOLDER / us_duties.SERIES).read_bytes()
    import pandas as pd

    made, shipped = (pd.read_csv(folder / us_duties.RATES) for folder in (tmp_path, us_duties.FOLDER))
    assert list(made.columns) == list(shipped.columns)
    assert made[["partner", "sector"]].equals(shipped[["partner", "sector"]])
    dates = made.columns[3:]
    assert np.abs(made[dates].to_numpy() - shipped[dates].to_numpy()).max() < 0.01  # percent


@pytest.mark.parametrize(
    ("date", "partner", "act", "within"),
    [
        ("2025-04-05", "JPN", 24.0, 0.2),
        ("2025-04-05", "EU27", 20.0, 0.2),
        ("2025-04-05", "VNM", 46.0, 0.6),
        ("2025-04-09", "KOR", 10.0, 0.5),
        ("2025-06-03", "JPN", 10.0, 1.0),
        ("2025-06-03", "CHN", 10.0, 0.5),
        ("2026-02-07", "IND", 18.0, 0.3),
        ("2026-07-24", "JPN", 12.5, 0.2),
        ("2026-07-24", "IND", 10.0, 0.3),
        ("2026-07-24", "CHN", 12.5, 0.4),
    ],
)
def test_the_general_duty_that_is_left_is_that_of_the_act(
    model: Any, date: str, partner: str, act: float, within: float
) -> None:
    _, general, _ = model.duties(date)
    assert general[model.rows.index(partner)] == pytest.approx(act, abs=within)


def test_the_chapters_of_june_2025_are_met(model: Any, scripts: Any) -> None:
    """Japan's chapters in an earlier state of the source (data-hs2, June 2025), which the table does not use."""
    june = {
        "87": 23.81, "84": 13.53, "85": 12.84, "30": 9.91, "90": 10.49, "38": 10.0, "39": 9.96, "40": 18.15,
        "73": 25.46, "88": 11.93, "29": 7.43, "72": 9.98, "37": 10.0, "82": 10.0, "95": 13.12, "27": 8.65,
        "83": 25.28, "81": 9.62,
    }  # fmt: skip
    trade = model.trade
    rates, _, _ = model.duties("2025-06-03")
    japan = trade.partners.index("JPN")
    columns = [trade.chapters.index(name) for name in june]
    imports = trade.by_chapter[japan, columns]
    chapters = scripts[2].by_chapters(trade, rates * trade.by_cell)[japan, columns] / imports
    plain = trade.filed[japan, columns] * (imports @ chapters) / (imports @ trade.filed[japan, columns])
    missed = np.average(np.abs(chapters - list(june.values())), weights=imports)
    assert missed < 0.7
    assert missed < 0.15 * np.average(np.abs(plain - list(june.values())), weights=imports)
