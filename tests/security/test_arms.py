"""Suppliers of arms: the real register's figures, layouts of files, faults with their row, joint lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.security import arms
from originals import SECURITY
from script_loading import load_script

REGISTER = SECURITY / "sipri_tiv_7recipients_2010_2025.csv"
BUILDER = Path(__file__).parents[2] / "scripts" / "build_arms.py"
original = pytest.mark.skipif(not REGISTER.exists(), reason="the original register is not on this machine")

ADDED_UP = """Recipient,Supplier,Delivery year,Armament category,Local production,TIV
Japan,United States,2020,Aircraft,No,60
Japan,United States,2021,Aircraft,Yes,20
Japan,Germany,2021,Engines,No,10
Japan,unknown supplier(s),2016,Ships,No,10
India,Russia,2021,Aircraft,No,5
"""
BY_DELIVERY = """"SIPRI Arms Transfers Database"
"Information generated on 12 March 2025"

SIPRI AT Database ID,Supplier,Recipient,Designation,Description,Armament category,Order date,Delivery year,Status,TIV deal unit,TIV delivery values,Local production;
1,United States,Japan,F-35A,FGA aircraft,Aircraft,2012,2020,New,60,60,No;
2,United States,Japan,F-35A,FGA aircraft,Aircraft,2012,2021,New,20,20,Yes;
3,Germany,Japan,MTU,"Diesel engine, ships",Engines,2018,2021,New,10,10,No;
4,unknown supplier(s),Japan,X,Ship,Ships,2015,2016,New,10,10,No;
5,Russia,India,Su-30,FGA aircraft,Aircraft,2015,2021,New,5,5,No;
6,Russia,India,S-400,SAM system,Air-defence systems,2024,,New,30,,No;
"""  # noqa: E501
SEMICOLONS = """ Database search results for buyer 'All' - (created: 2023-03-12)

Deal ID;Seller;Buyer;Designation;Description;Armament category;Order date;Delivery year;Status;TIV delivery values;Local production
1;United States;Japan;F-35A;FGA aircraft;Aircraft;2012;2020;New;60;No
2;United States;Japan;F-35A;FGA; stealth aircraft;Aircraft;2012;2021;New;20;Yes
3;Germany;Japan;MTU;Engine;Engines;2018;2021;New;10;No
4;unknown supplier(s);Japan;X;Ship;Ships;2015;2016;New;10;No;
5;Russia;India;Su-30;FGA aircraft;Aircraft;2015;2021;New;5;No
"""  # noqa: E501
TABLE = """TIV of arms imports to Japan, 2016-2021
Generated: 12 March 2025
Figures are SIPRI Trend Indicator Values (TIVs) expressed in millions.

,2016,2020,2021,Total
Germany,,,10,10
United States,,60,20,80
unknown supplier(s),10,,,10
Total,10,60,30,100
"""


def load(place: Path, text: str, encoding: str = "utf-8") -> arms.Register:
    file = place / "register.csv"
    file.write_bytes(text.encode(encoding))
    return arms.load_register(file)


# ------------------------------------------------------------------------------------------- the real register
@pytest.fixture(scope="module")
def register() -> arms.Register:
    return arms.load_register(REGISTER)


@original
@pytest.mark.parametrize(
    ("code", "largest", "share", "index"),
    [("JPN", "USA", 97, 0.94), ("IND", "RUS", 36, 0.26), ("AUS", "USA", 81, 0.69)],
)
def test_the_register_gives_the_known_figures(
    register: arms.Register, code: str, largest: str, share: int, index: float
) -> None:
    found = arms.profile(register, code, years=(2020, 2025))
    assert found.largest == largest
    assert round(100 * found.shares[largest]) == share
    assert round(found.hhi, 2) == index
    assert found.years == (2020, 2024)  # the file has no delivery of 2025
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.local == pytest.approx(found.flagged.sum())


@original
def test_local_production_is_counted_apart(register: arms.Register) -> None:
    """Half of Japan's deliveries carry the flag; without them the United States are as dominant."""
    found = arms.profile(register, "JPN", years=(2020, 2024))
    assert round(100 * found.local) == 54
    abroad, licensed = (arms.shares(register, "JPN", years=(2020, 2024), local=local) for local in (False, True))
    assert round(arms.concentration(abroad), 2) == 0.92
    both = (1 - found.local) * abroad.reindex(found.shares.index).fillna(0)
    both += found.local * licensed.reindex(found.shares.index).fillna(0)
    assert both.to_numpy() == pytest.approx(found.shares.to_numpy())


@original
def test_categories_add_up_to_the_whole(register: arms.Register) -> None:
    frame = register.deliveries
    whole = frame[(frame["recipient"] == "IND") & frame["year"].between(2020, 2024)]
    parts = []
    for category in sorted(whole["category"].unique()):
        weight = whole[whole["category"] == category]["tiv"].sum() / whole["tiv"].sum()
        parts.append(weight * arms.shares(register, "IND", years=(2020, 2024), category=category))
    found = arms.shares(register, "IND", years=(2020, 2024))
    added = pd.concat(parts, axis=1).sum(axis=1).reindex(found.index)
    assert added.to_numpy() == pytest.approx(found.to_numpy())


@original
def test_the_bundled_figures_are_those_of_the_builder() -> None:
    script = load_script(BUILDER)
    for name, table in script.tables(REGISTER).items():
        assert (script.DATA / name).read_text(encoding="utf-8") == table.to_csv(index=False, lineterminator="\n"), name


@original
def test_trend_over_windows(register: arms.Register) -> None:
    trend = arms.rolling(register, "IND")
    assert (trend.iloc[0]["first"], trend.iloc[-1]["last"]) == (2010, 2024)
    assert (trend["last"] - trend["first"] == 4).all()
    last = arms.profile(register, "IND", years=(2020, 2024))
    assert trend.iloc[-1]["hhi"] == pytest.approx(last.hhi)
    assert trend.iloc[0]["largest_share"] > 0.6 > 0.4 > trend.iloc[-1]["largest_share"]  # Russia's share fell


# ------------------------------------------------------------------------------------------------ bundled figures
def test_bundled_figures_are_few_and_rounded() -> None:
    found = arms.bundled()
    assert set(found) == {"AUS", "IND", "JPN", "KOR", "PHL", "TWN", "VNM"}
    for profile in found.values():
        assert profile.rounded
        assert len(profile.shares) <= 5
        assert profile.shares.sum() <= 1 + 1e-9
        assert (profile.flagged <= profile.shares + 1e-9).all()
        low = float((profile.shares**2).sum())  # what is left belongs to suppliers of at most the smallest share
        assert low - 0.012 <= profile.hhi <= low + (1 - profile.shares.sum()) * profile.shares.min() + 0.012


def test_precedents_span_the_ranges_that_are_the_defaults() -> None:
    from gaiatsu.scenario.arms_models import PREMIUM, SET_UP

    table = arms.precedents()
    premium = table[table["kind"] == "premium"]
    assert (premium["low"].min() / 100, premium["high"].max() / 100) == PREMIUM
    assert table.loc["nagoya", "low"] == SET_UP[0]  # a floor; the high end is an assumption
    assert table.loc["rand-f104j", "bound"] == "at most"
    assert table.loc["gcap", "kind"] == "ownership"
    assert table.loc[premium.index, "address"].str.startswith("https://").all()
    assert table["source"].str.len().min() > 5
    assert set(table["seen"]) <= {"abstract", "excerpt", "derived", "data"}


# --------------------------------------------------------------------------------------------------------- layouts
@pytest.mark.parametrize("text", [ADDED_UP, BY_DELIVERY, SEMICOLONS, BY_DELIVERY.replace("\n", "\r\n")])
def test_layouts_of_deliveries_say_the_same(tmp_path: Path, text: str) -> None:
    found = load(tmp_path, text)
    assert found.recipients == ["IND", "JPN"]
    assert found.years == (2016, 2021)
    assert found.kinds == ["Aircraft", "Engines", "Ships"]
    shares = arms.shares(found, "JPN")
    assert shares.to_dict() == pytest.approx({"USA": 0.8, "DEU": 0.1, "unknown supplier(s)": 0.1})
    assert arms.concentration(shares) == pytest.approx(0.66)
    assert arms.profile(found, "JPN").local == pytest.approx(0.2)
    assert arms.shares(found, "JPN", years=(2020, 2021)).to_dict() == pytest.approx({"USA": 8 / 9, "DEU": 1 / 9})


def test_a_table_of_imports_has_no_categories(tmp_path: Path) -> None:
    found = load(tmp_path, TABLE)
    assert arms.shares(found, "JPN").to_dict() == pytest.approx({"USA": 0.8, "DEU": 0.1, "unknown supplier(s)": 0.1})
    assert not found.categories
    assert not found.local
    with pytest.raises(ScenarioError, match="does not say which deliveries have local production"):
        arms.shares(found, "JPN", local=True)
    with pytest.raises(ScenarioError, match="it has none"):
        arms.shares(found, "JPN", category="Aircraft")


def test_latin_letters_and_a_mark_at_the_start_are_read(tmp_path: Path) -> None:
    text = ADDED_UP.replace("Germany", "Türkiye")
    for encoding in ("latin-1", "utf-8-sig"):
        assert "TUR" in load(tmp_path, text, encoding).deliveries["supplier"].tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ADDED_UP.replace("2021,Engines", "soon,Engines"), r"register.csv, row 4: 'soon' is no year"),
        (ADDED_UP.replace("No,60", "No,lots"), r"row 2: TIV is 'lots'"),
        (ADDED_UP.replace("No,60", "No,-60"), r"row 2: TIV is '-60'"),
        (ADDED_UP.replace("No,60", "No,nan"), r"row 2: TIV is 'nan'"),
        (ADDED_UP.replace("Yes", "maybe"), r"row 3: local production is 'maybe'"),
        (ADDED_UP.replace("Japan,Germany", "Japan,"), r"row 4: no supplier"),
        (ADDED_UP.replace("Ships,No,10", "Ships,No"), r"row 5: 5 cells where the header has 6"),
        (ADDED_UP.replace("Delivery year", "Deliveryyear"), r"column Delivery year is missing; did you mean"),
        (ADDED_UP.replace("Ships", ""), r"row 5: no armament category"),
        (ADDED_UP.splitlines()[0] + "\n", "no delivery in it"),
        ("a,b\n1,2\n", "no header in its first"),
        (TABLE.replace("imports to", "exports from"), "it is of exports from Japan"),
        (TABLE.replace("TIV of arms", "Some"), "it has no title"),
        (TABLE.replace("60,20", "sixty,20"), r"row 7: TIV is 'sixty'"),
        (TABLE.replace("60,30,100", "70,30,110"), r"row 9: the total of 2020 is 70, but its parts add up to 60"),
        (TABLE.replace("60,20,80", "60,20,90"), r"row 7: the total is 90, but its parts add up to 80"),
        (TABLE.replace("Germany", "USA"), r"row 7: United States stands in row 6 already"),
        (TABLE.replace("2016,2020,2021", "2016,2020,2020"), "a year stands twice"),
        (ADDED_UP + "India,Russia,2021,Aircraft,No,5\n", r"row 7: the same as row 6"),
        (ADDED_UP.replace("TIV", "TIV,TIV delivery values"), "the columns 'TIV' and 'TIV delivery values' may all be"),
        (ADDED_UP.replace("No,60", "No,1e308"), r"row 2: TIV is '1e308'; it must be a number from 0 to 1e\+06"),
        (ADDED_UP.replace("Engines", "x" * 140_000), "register.csv, row 4 cannot be read"),
        (
            "Recipient,Supplier,Year of order,Year(s) of delivery,SIPRI TIV of delivered weapons\n",
            "by deal does not say",
        ),
    ],
)
def test_malformed_files_are_told_with_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, text)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"nowhere\.csv: there is no such file"):
        arms.load_register(tmp_path / "nowhere.csv")
    for place in (tmp_path, tmp_path / ("x" * 5000), "nul\0.csv", ""):
        with pytest.raises(DataError, match=r"not a regular file|cannot read"):
            arms.load_register(place)
    found = load(tmp_path, ADDED_UP)
    with pytest.raises(ScenarioError, match="no deliveries to JPN from 2030 to 2035"):
        arms.shares(found, "JPN", years=(2030, 2035))
    with pytest.raises(ScenarioError, match=r"no deliveries to 'JAP'; did you mean 'JPN'\?"):
        arms.shares(found, "JAP")
    with pytest.raises(ScenarioError, match=r"no category 'Aircrafts'; did you mean 'Aircraft'\?"):
        arms.shares(found, "JPN", category="Aircrafts")
    with pytest.raises(ScenarioError, match="no deliveries of Ships to JPN from 2020 to 2021"):
        arms.shares(found, "JPN", category="Ships", years=(2020, 2021))
    with pytest.raises(ScenarioError, match="at least one"):
        arms.rolling(found, "JPN", window=0)
    with pytest.raises(ScenarioError, match="not all 0"):
        arms.concentration(pd.Series([0.0, 0.0]))


# ----------------------------------------------------------------------------------------------------- joint lines
def made_up(shares: list[float]) -> arms.Profile:
    found = pd.Series(sorted(shares, reverse=True), index=[f"S{k}" for k in range(len(shares))], dtype=float)
    found /= found.sum()
    return arms.Profile("JPN", found, 0 * found, 0.0, arms.concentration(found), (2020, 2024), "made up", False)


suppliers = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6)
parts = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: tuple(x / max(1.0, sum(pair)) for x in pair))


@settings(deadline=None, max_examples=40)
@given(suppliers, st.floats(0, 1), parts, st.booleans(), st.booleans())
def test_shares_add_up_and_indices_are_those_of_the_shares(
    given_shares: list[float], portion: float, work: tuple[float, float], from_all: bool, licensed: bool
) -> None:
    profile = made_up(given_shares)
    sellers = list(profile.shares.index) if from_all else [profile.largest]
    share = portion * float(profile.shares[sellers].sum())
    after = arms.joint_line(
        profile, share, {"JPN": work[0], "IND": work[1]}, sellers=sellers, licensor="USA" if licensed else None
    )
    assert after.shares.sum() == pytest.approx(1.0)
    assert (after.shares >= -1e-12).all()
    assert after.shares.get(arms.OWN, 0.0) == pytest.approx(share * work[0])
    abroad = after.shares.drop(arms.OWN, errors="ignore")
    assert after.reliance == pytest.approx((float((abroad**2).sum()),) * 2, abs=1e-12)
    if abroad.sum() > 1e-6:
        assert after.abroad == pytest.approx((arms.concentration(abroad.clip(lower=0)),) * 2, rel=1e-6)
    assert 0 <= after.abroad[0] <= after.abroad[1] <= 1
    assert after.reliance[0] <= after.abroad[0] + 1e-12 or abroad.sum() <= 1e-6


@settings(deadline=None, max_examples=30)
@given(suppliers, parts, st.tuples(*[st.floats(0, 1)] * 4).map(sorted), st.booleans())
def test_ranges_hold_for_every_share_between(
    given_shares: list[float], work: tuple[float, float], portions: list[float], licensed: bool
) -> None:
    """Indices turn inside the range: both ends of it are not enough."""
    profile = made_up(given_shares)
    low, *within, high = (part * float(profile.shares.iloc[0]) for part in portions)
    given_work, licensor = {"JPN": work[0], "IND": work[1]}, "S1" if licensed else None
    ends = arms.joint_lines(profile, (low, high), given_work, licensor=licensor)
    for index in ("abroad", "reliance"):
        found = [getattr(arms.joint_line(profile, share, given_work, licensor=licensor), index)[0] for share in within]
        least, most = getattr(ends[0], index)
        assert getattr(ends[1], index) == (least, most)
        assert least <= min(found) + 1e-9
        assert max(found) - 1e-9 <= most


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9).filter(lambda x: max(x) > 0.3), parts, st.floats(0, 1),
    st.sampled_from([None, "S0", "S7"]),
)  # fmt: skip
def test_rounded_figures_hold_the_true_index(
    given_shares: list[float], work: tuple[float, float], portion: float, licensor: str | None
) -> None:
    """Shares to whole percent, at most five, the index to two digits: what is true lies in what they leave open."""
    true = pd.Series(sorted(given_shares, reverse=True), index=[f"S{k}" for k in range(len(given_shares))])
    true /= true.sum()
    few = true[true >= 0.01].head(5)
    told = few.round(2)
    assume(told.sum() <= 1 and portion * told.iloc[0] <= true.iloc[0])
    rounded = arms.Profile(
        "JPN", told, 0 * told, 0.0, round(float((true**2).sum()), 2), (2020, 2024), "rounded", rounded=True
    )
    exact = arms.Profile("JPN", true, 0 * true, 0.0, float((true**2).sum()), (2020, 2024), "exact", rounded=False)
    share, given_work = portion * float(told.iloc[0]), {"JPN": work[0], "IND": work[1]}
    found = arms.joint_line(rounded, share, given_work, licensor=licensor)
    for index in ("abroad", "reliance"):
        low, high = getattr(found, index)
        assert 0 <= low <= high <= 1
        real = getattr(arms.joint_line(exact, share, given_work, licensor=licensor), index)[0]
        assert low - 1e-9 <= real <= high + 1e-9


def test_the_index_turns_within_the_range_of_the_case() -> None:
    """India's: 5, 18 and 35 % of its deliveries made in Japan give .229, .195 and .253."""
    profile = arms.bundled()["IND"]
    both = arms.joint_lines(profile, (0.05, 0.35), {"JPN": 1.0}, sellers=["RUS"])
    middle = [np.mean(arms.joint_line(profile, share, {"JPN": 1.0}).reliance) for share in (0.05, 0.18, 0.35)]
    assert middle[1] < middle[0] < middle[2]
    assert both[0].reliance[0] < 0.195 < 0.253 < both[0].reliance[1]


def test_nothing_is_more_concentrated_than_a_single_supplier() -> None:
    """What is left of rounded shares is not divided by next to nothing."""
    for code, share in (("JPN", 0.97), ("TWN", 0.98), ("TWN", 0.95), ("AUS", 0.81)):
        found = arms.joint_line(arms.bundled()[code], share, {code: 1.0})
        assert 0 <= found.abroad[0] <= found.abroad[1] <= 1


@settings(deadline=None, max_examples=40)
@given(suppliers, st.floats(0.05, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_reliance_falls_until_the_turning_point_and_rises_beyond(
    given_shares: list[float], made: float, portion: float, place: float
) -> None:
    """The partner is a new supplier; the derivative changes its sign where the closed form says."""
    profile = made_up(given_shares)
    largest, partner = float(profile.shares.iloc[0]), portion * made
    turn = arms.turning_point(largest, 0.0, partner, made)
    share = place * largest
    assume(1e-3 < share < largest - 1e-3 and abs(share - turn) > 2e-3)
    work = {"JPN": made - partner, "IND": partner}
    step = 1e-5
    above, below = (arms.joint_line(profile, share + sign * step, work).reliance[0] for sign in (1, -1))
    slope = (above - below) / (2 * step)
    exact = 2 * ((made**2 + partner**2) * share - made * largest)
    assert slope == pytest.approx(exact, abs=1e-5)
    assert (slope < 0) == (share < turn)


def test_a_joint_line_by_hand() -> None:
    """Japan: 97 % and 2 %. 30 % moves, half of it its own, half India's: 67, 2, 15, 15."""
    after = arms.joint_line(arms.bundled()["JPN"], 0.3, {"JPN": 0.5, "IND": 0.5})
    assert after.shares.to_dict() == pytest.approx({"USA": 0.67, "GBR": 0.02, arms.OWN: 0.15, "IND": 0.15})
    change = 0.67**2 + 0.15**2 - 0.97**2
    assert after.reliance[0] < 0.94 + change < after.reliance[1]
    assert after.reliance[1] - after.reliance[0] < 0.03  # half a hundredth of the index, and of shares of a percent
    assert after.abroad == pytest.approx(tuple(end / 0.85**2 for end in after.reliance))
    kept = arms.joint_line(arms.bundled()["JPN"], 0.3, {"JPN": 0.5})
    assert kept.shares["USA"] == pytest.approx(0.67 + 0.15)
    licensed = arms.joint_line(arms.bundled()["JPN"], 0.3, {"JPN": 0.5}, licensor="GBR")
    assert licensed.shares["GBR"] == pytest.approx(0.02 + 0.15)


def test_a_country_that_makes_everything_relies_on_nobody() -> None:
    after = arms.joint_line(made_up([1.0]), 1.0, {"JPN": 1.0})
    assert (after.reliance, after.abroad) == ((0.0, 0.0), (0.0, 0.0))
    assert after.shares[arms.OWN] == 1.0


@pytest.mark.parametrize(
    ("share", "options", "message"),
    [
        (0.4, {}, "RUS delivers 36 %"),
        (0.8, {"sellers": ["RUS", "FRA"]}, "RUS, FRA deliver 69 %"),
        (0.1, {"sellers": ["CHN"]}, "CHN delivers nothing, or little, to IND"),
        (0.1, {"work": {"IND": 0.7, "JPN": 0.7}}, "at most 1 together"),
        (-0.1, {}, "each from 0 to 1"),
        (0.1, {"work": {"IND": float("nan")}}, "each from 0 to 1"),
        (0.5, {"sellers": ["RUS", "RUS"]}, "named twice"),
    ],
)
def test_lines_that_cannot_be_are_refused(share: float, options: dict[str, object], message: str) -> None:
    given_work = {"work": {"IND": 1.0}, **options}
    with pytest.raises(ScenarioError, match=message):
        arms.joint_line(arms.bundled()["IND"], share, **given_work)  # type: ignore[arg-type]


def test_a_turning_point_needs_shares() -> None:
    assert arms.turning_point(0.9, 0.0, 1.0) == pytest.approx(0.45)
    assert arms.turning_point(0.9, 0.0, 0.0) == pytest.approx(0.9)
    assert np.isfinite(arms.turning_point(0.1, 0.8, 0.9))
    for wrong in ((0.5, 0.1, 1.2, 1.0), (0.5, 0.1, 0.6, 0.5), (0.5, 0.1, 0.0, 0.0)):
        with pytest.raises(ScenarioError, match="work share"):
            arms.turning_point(*wrong)
    for shares in ((float("nan"), 0.0), (0.8, 0.8), (5.0, -3.0)):
        with pytest.raises(ScenarioError, match="at most 1 together"):
            arms.turning_point(*shares, 0.5)


def test_modules_are_reached_by_name() -> None:
    from gaiatsu import security

    there = {file.stem for file in Path(security.__file__).parent.glob("*.py")} - {"__init__"}
    assert there <= set(security.__all__)
    assert security.coproduction.over_box
