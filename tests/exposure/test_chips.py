"""The chip chain: printed numbers of power, shares, look-through, chokepoints, the loader's errors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.exposure import chips
from originals import SECURITY

TABLES = {
    "stages": "stage_id,stage_name\nS1,Design\nS2,Fabrication\n",
    "inputs": (
        "input_id,input_name,type,stage_id\nN1,Scanner,tool_resource,\nN2,Dry scanner,tool_resource,\n"
        "N3,Wet scanner,tool_resource,\nN4,Wafer,material_resource,\nN5,Printing,process,S2\nN6,Chip,ultimate_output,\n"
    ),
    "provision": (
        "provider_name,provider_id,provided_id,share_provided,negligible_market_share\n"
        "NLD,P1,N2,80%,\nJPN,P2,N2,20%,\nNLD,P1,N3,100%,\nASML,P9,N3,100%,\nJPN,P2,N4,60%,\nDEU,P3,N4,30%,\n"
        "Various,P4,N4,10%,\nTWN,P5,N5,50%,\nKOR,P6,N5,51%,\nMAL,P7,N5,,negligible\n"
    ),
    "sequence": (
        "input_id,goes_into_id,is_type_of_id\nN2,,N1\nN3,,N1\nN1,N5,\nN4,N5,\nN5,N6,\n"
    ),
}  # fmt: skip


def folder(place: Path, **changed: str) -> Path:
    for name, text in {**TABLES, **changed}.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def chain(tmp_path: Path) -> chips.ChipChain:
    return chips.load_chip_chain(folder(tmp_path))


def test_joint_control_is_more_than_the_sum(chain: chips.ChipChain) -> None:
    """With σ = 4 a controller of 60 % has 0.3054, the one of 30 % 0.1189 (Clayton, Maggiori and Schreger)."""
    japan, germany, both = (chain.chokepoints(who, 4.0).set_index("step").loc["N4", "power"] for who in
                            ("JPN", "DEU", ["JPN", "DEU"]))  # fmt: skip
    assert (round(japan, 4), round(germany, 4)) == (0.3054, 0.1189)
    assert both > japan + germany


def test_shares_are_of_countries_alone_and_add_up_to_one_at_most(chain: chips.ChipChain) -> None:
    assert chain.shares.loc["N3"].sum() == 1.0  # the firm beside the country is not counted twice
    assert chain.shares.loc["N4"].sum() == pytest.approx(0.9)
    assert chain.shares.loc["N5"].sum() == pytest.approx(1.0)  # 50 % and 51 % are rounded
    assert chain.share("NLD")["N1"] == pytest.approx(0.9)  # a family: the mean of its kinds
    assert chain.share(["NLD", "JPN"])["N1"] == pytest.approx(1.0)
    assert "N6" not in chain.share("NLD").index


def test_look_through_follows_the_chain(chain: chips.ChipChain) -> None:
    through = chain.look_through("JPN")
    clear = (1 - 0.1) * (1 - 0.6)  # scanners (0.1 on average) and wafers, neither from Japan
    assert through["N5"] == pytest.approx(1 - clear)
    assert through["N6"] == pytest.approx(1 - clear)
    assert (chain.look_through(["JPN", "NLD"]) >= through - 1e-12).all()


def test_chokepoints_are_ranked(chain: chips.ChipChain) -> None:
    table = chain.chokepoints("Netherlands")
    assert table["step"].tolist()[:3] == ["N3", "N1", "N2"]
    assert table.loc[0, "power"] == math.inf
    assert table["held"].tolist()[:3] == [True, True, True]
    assert table.set_index("step").loc["N4", "largest"] == "JPN"
    with pytest.raises(ScenarioError, match="did you mean"):
        chain.share("NDL")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"inputs": "input_id,input_name\nN1,Scanner\n"}, "no column type, stage_id"),
        ({"provision": "provider_name,provided_id,share_provided\nNLD,N1,140%\n"}, "share of NLD in N1 is '140%'"),
        ({"provision": "provider_name,provided_id,share_provided\nNLD,N77,40%\n"}, "N77"),
        ({"sequence": "input_id,goes_into_id,is_type_of_id\nN1,N9,\n"}, "names N9"),
    ],
)
def test_wrong_tables_say_what_is_wrong(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        chips.load_chip_chain(folder(tmp_path, **changed))


@pytest.mark.parametrize("nobody", [None, 3, [], ["JPN", None]])
def test_who_holds_a_share_must_be_named(chain: chips.ChipChain, nobody: object) -> None:
    with pytest.raises(ScenarioError, match=r"is no country|no country is named"):
        chain.share(nobody)  # type: ignore[arg-type]


def test_a_circle_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    chain = chips.load_chip_chain(folder(tmp_path, sequence="input_id,goes_into_id,is_type_of_id\nN4,N5,\nN5,N4,\n"))
    with pytest.raises(DataError, match="in a circle"):
        chain.look_through("JPN")
    (tmp_path / "stages.csv").unlink()
    with pytest.raises(DataMissing, match="georgetown-cset"):
        chips.load_chip_chain(tmp_path)


@pytest.mark.skipif(not SECURITY.is_dir(), reason="CSET's tables are not at hand")
def test_csets_own_tables() -> None:
    chain = chips.load_chip_chain(SECURITY)
    allies = chain.chokepoints(["USA", "NLD", "JPN"]).set_index("step")
    assert allies.loc["N20", "share"] == 1.0  # EUV scanners
    assert allies.loc["N20", "largest"] == "NLD"
    assert allies.loc["N26", "share"] == pytest.approx(0.56)  # wafers: Japan
    assert chain.share("CHN")["S2"] == pytest.approx(0.12)
    assert allies["held"].sum() > chain.chokepoints("CHN")["held"].sum()
    assert np.isfinite(allies["look_through"]).all()
