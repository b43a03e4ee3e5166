"""Who owes whom: treaties in force, ATOP's file read the right way round, distances of votes."""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaiatsu.errors import DataError, DataMissing, ScenarioError
from gaiatsu.security import alliance, voting
from gaiatsu.world.codes import EU27, countries
from originals import SECURITY
from script_loading import load_script

ATOP = SECURITY / "atop51_directed_dyad_year_1945_2018.csv.gz"
VOTES = SECURITY / "unga_ideal_points_1946_2024.csv.gz"
ROOT = Path(__file__).parents[2]
FOUR = ("USA", "JPN", "IND", "AUS")
HEAD = "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul"
RIGHT = ("2,740,2018,1,0,0,1,1", "740,2,2018,0,0,0,1,1", "2,900,2018,1,0,0,1,1", "900,2,2018,1,0,0,1,1")


def written(tmp_path, *lines, head=HEAD):
    path = tmp_path / "dyads.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


# --------------------------------------------------------------------------------------------------------- treaties
def test_the_united_states_owe_japan_defence_and_japan_owes_them_none():
    ties = {(tie.by, tie.to): tie for tie in alliance.ties_between(FOUR)}
    assert set(ties) == {("USA", "JPN"), ("USA", "AUS"), ("AUS", "USA")}
    assert "Japan" in ties["USA", "JPN"].why
    assert (ties["USA", "JPN"].low, ties["USA", "JPN"].high) == alliance.RELIABILITY


def test_ties_hold_as_often_as_any_study_has_counted():
    place = resources.files("gaiatsu.security") / "data" / "reliability_priors.csv"
    counted = pd.read_csv(str(place))["reliability"]
    assert (counted.min(), counted.max()) == alliance.RELIABILITY


def test_australia_and_new_zealand_owe_each_other_and_the_united_states_nothing_to_new_zealand():
    ties = {(tie.by, tie.to) for tie in alliance.ties_between(["USA", "AUS", "NZL"])}
    assert ties == {("USA", "AUS"), ("AUS", "USA"), ("AUS", "NZL"), ("NZL", "AUS")}


def test_india_owes_nobody_and_nobody_owes_india():
    owed = alliance.obligations()
    assert not ((owed["by"] == "IND") | (owed["to"] == "IND")).any()


def test_the_treaties_are_told_with_where_they_can_be_read():
    table = alliance.treaties()
    assert table["address"].str.startswith("https://").all()
    assert table["seen"].isin(["text", "excerpt"]).all()
    assert (table["signed"] <= table["in_force"]).all()
    assert ((table["between"] != "") ^ (table["by"] != "")).all()
    parties = {code for words in table[["between", "by", "to"]].to_numpy().ravel() for code in words.split()}
    assert parties <= set(countries())
    assert sorted(table.at["eu", "between"].split()) == sorted(EU27)
    assert len(set(table.at["nato", "between"].split())) == 32


def test_two_treaties_of_the_same_states_are_one_tie():
    (tie,) = [tie for tie in alliance.ties_between(["FRA", "DEU"]) if tie.by == "FRA"]
    assert "North Atlantic" in tie.why
    assert "European Union" in tie.why


def test_a_tie_that_cannot_be():
    with pytest.raises(ScenarioError, match="to itself"):
        alliance.Tie("JPN", "JPN")
    for low, high in ((0.7, 0.4), (-0.1, 0.5), (0.5, 1.5)):
        with pytest.raises(ScenarioError, match="between 0 and 1"):
            alliance.Tie("USA", "JPN", low, high)


# ------------------------------------------------------------------------------------------------------- ATOP's file
def test_a_small_file_is_read_the_right_way_round(tmp_path):
    table = alliance.load_alliances(written(tmp_path, *RIGHT, "2,817,1960,0,0,0,1,0", "365,345,2018,0,0,0,1,0"))
    assert ("RUS", "SRB") in set(zip(table["by"], table["to"], strict=True))
    pair = table.set_index(["by", "to"])
    assert bool(pair.at[("USA", "JPN"), "defence"]) is True
    assert bool(pair.at[("JPN", "USA"), "defence"]) is False
    assert bool(pair.at[("JPN", "USA"), "nonaggression"]) is True
    assert table.attrs["without_code"] == [817]
    ties = alliance.ties_in(table, FOUR, 2018)
    assert {(tie.by, tie.to) for tie in ties} == {("USA", "JPN"), ("USA", "AUS"), ("AUS", "USA")}
    with pytest.raises(ScenarioError, match="no year 2019"):
        alliance.ties_in(table, FOUR, 2019)


def test_a_file_turned_round_is_refused(tmp_path):
    turned = [",".join([row.split(",")[1], row.split(",")[0], *row.split(",")[2:]]) for row in RIGHT]
    with pytest.raises(DataError, match="in 2018, and not the other way: it is turned round"):
        alliance.load_alliances(written(tmp_path, *turned))


def test_a_file_that_says_the_same_of_both_is_refused(tmp_path):
    """Alliances without direction: Japan would owe the United States what they owe Japan."""
    for year, refused in ((1960, True), (1959, False)):
        rows = [f"{pair},{year},1,0,0,0,0" for pair in ("2,740", "740,2")]
        if refused:
            with pytest.raises(DataError, match=r"owes the United States \(2\) defence in 1960, as they owe it"):
                alliance.load_alliances(written(tmp_path, *rows))
        else:
            assert len(alliance.load_alliances(written(tmp_path, *rows))) == 2


def test_names_that_do_not_say_who_owes_need_proof(tmp_path):
    head = "stateA,stateB,year,defense"
    rows = [",".join(row.split(",")[:4]) for row in RIGHT]
    table = alliance.load_alliances(written(tmp_path, *rows, head=head))
    assert set(table.columns) == {"by", "to", "year", "defence"}
    with pytest.raises(DataError, match="does not show which"):
        alliance.load_alliances(written(tmp_path, *rows[2:], head=head))
    assert len(alliance.load_alliances(written(tmp_path, *RIGHT[2:]))) == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2,20,2018,1,0,0,x,1", "line 6: atop_nonagg is 'x'"),
        ("2,20,2018,2,0,0,0,1", "line 6: atop_defense is '2'"),
        ("2,20,20.5,1,0,0,0,1", "line 6: year is '20.5'"),
        ("2,,2018,1,0,0,0,1", "line 6: ccode2 is ''"),
        ("2,2,2018,1,0,0,0,1", "line 6: a state owes itself"),
        ("2,740,2018,1,0,0,0,1", "line 6: these two states and this year stand there twice"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, said):
    with pytest.raises(DataError, match=said.replace("(", r"\(")):
        alliance.load_alliances(written(tmp_path, *RIGHT, row))


def test_a_file_without_the_columns_or_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="has no column atop_defense or defense; did you mean 'atop_offense'"):
        alliance.load_alliances(written(tmp_path, "2,740,2018,0", head="ccode1,ccode2,year,atop_offense"))
    with pytest.raises(DataMissing, match=r"atopdata\.org"):
        alliance.load_alliances(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(DataError, match="cannot be read"):
        alliance.load_alliances(broken)
    packed = tmp_path / "dyads.zip"
    packed.write_bytes(b"PK\x03\x04\xff\xff")
    with pytest.raises(DataError, match="cannot be read"):
        alliance.load_alliances(packed)


@pytest.mark.parametrize("load", [alliance.load_alliances, voting.load_ideal_points])
def test_tables_of_no_rows_or_of_uneven_ones_are_refused(load, tmp_path):
    for text, said in (
        ("", "nothing in it"), ("\n\n", "nothing in it"), (f"{HEAD}\n\n", "a heading and no rows"),
        ("year,year\n1,2\n", "line 1: year heads two columns"), ("year,point\n\n1,2,3\n", "line 3: 3 cells"),
        ('year,point\n1,"2\n', "cannot be read as CSV"),
    ):  # fmt: skip
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=said):
            load(path)


def test_lines_are_those_of_the_file(tmp_path):
    """Blank lines and cells over several lines count as the editor counts them."""
    rows = ['2,740,2018,1,"first\nsecond"', "", "2,20,2018,x,"]
    with pytest.raises(DataError, match="line 5: atop_defense is 'x'"):
        alliance.load_alliances(written(tmp_path, *rows, head="ccode1,ccode2,year,atop_defense,note"))
    with pytest.raises(DataError, match="line 4: 'USA 2020"):
        voting.load_ideal_points(
            written(tmp_path, "USA,2021,1,0,2", "", "USA,2020,1,2,3", head="iso3,year,point,low,high")
        )


@pytest.mark.skipif(not ATOP.is_file(), reason="the file of ATOP 5.1 is not on this machine")
def test_the_real_file_is_read_the_right_way_round():
    """Of all obligations of 2018 two are one way only, and both are owed by the United States."""
    table = alliance.load_alliances(ATOP)
    owed = table[(table["year"] == 2018) & table["defence"]]
    pairs = set(zip(owed["by"], owed["to"], strict=True))
    assert len(pairs) == 3412
    assert {pair for pair in pairs if pair[::-1] not in pairs} == {("USA", "JPN"), ("USA", "PAK")}
    assert {(tie.by, tie.to) for tie in alliance.ties_in(table, FOUR, 2018)} == {
        (tie.by, tie.to) for tie in alliance.ties_between(FOUR)
    }
    assert table.attrs["without_code"] == [817]  # the Republic of Viet Nam


# ------------------------------------------------------------------------------------------------------------- votes
def test_distances_are_those_of_the_points():
    points = voting.ideal_points()
    now = points[points["year"] == 2024].set_index("iso3")
    found = voting.distances([*FOUR, "CHN"]).set_index(["first", "second"])
    assert len(found) == 10
    assert found["year"].unique().tolist() == [2024]
    row = found.loc[("USA", "CHN")]
    assert row["distance"] == pytest.approx(abs(now.at["USA", "point"] - now.at["CHN", "point"]))
    half = np.hypot(*(now.loc[["USA", "CHN"], "high"] - now.loc[["USA", "CHN"], "low"])) / 2
    assert row["high"] - row["low"] == pytest.approx(2 * half)
    assert (found["low"] >= 0).all()
    assert (found["low"] <= found["distance"]).all()
    assert found["distance"].idxmax() == ("USA", "CHN")
    assert found["change"].to_numpy() == pytest.approx((found["recent"] - found["earlier"]).to_numpy())


def test_distances_leave_out_who_has_no_vote_and_refuse_unknown_years():
    assert voting.distances(["TWN", "JPN"]).empty
    assert len(voting.distances(["JPN", "IND"], year=2015)) == 1
    with pytest.raises(DataError, match="no votes of 2031"):
        voting.distances(["JPN", "IND"], year=2031)


def test_own_points_are_read_and_wrong_ones_named(tmp_path):
    path = tmp_path / "points.csv.gz"
    text = "ccode,iso3c,year,idealpointfp,q5fp,q95fp\n2,USA,2024,2.1,1.8,2.4\n740,JPN,2024,0.8,0.6,0.9\n"
    path.write_bytes(gzip.compress(text.encode()))
    table = voting.load_ideal_points(path)
    assert voting.distances(["USA", "JPN"], points=table)["distance"].tolist() == pytest.approx([1.3])
    for wrong in ("3,XYZ,2024,5,1,2", "3,USA,2024,1,0,2", "3,usa,2023,1,0,2", "3,CAN,2024,,0,2", "3,CAN,2024,1,0,99"):
        path.write_bytes(gzip.compress((text + wrong + "\n").encode()))
        with pytest.raises(DataError, match="line 4"):
            voting.load_ideal_points(path)
    with pytest.raises(DataMissing):
        voting.load_ideal_points(tmp_path / "none.csv")


def test_rows_without_an_estimate_and_the_two_yemens_are_left_out(tmp_path):
    head = "ccode,iso3c,year,idealpointfp,q5fp,q95fp"
    rows = ("678,YEM,1980,1,0,2", "680,YEM,1980,0,-1,1", "53,BRB,1966,,,", "679,YEM,1991,1,0,2")
    table = voting.load_ideal_points(written(tmp_path, *rows, head=head))
    assert table[["iso3", "year"]].to_numpy().tolist() == [["YEM", 1991]]
    assert table.attrs["left_out"] == 3
    with pytest.raises(DataError, match="no row with an estimate"):
        voting.load_ideal_points(written(tmp_path, rows[2], head=head))


def test_a_change_takes_six_years(tmp_path):
    rows = [f"{code},{year},{point},-3,3" for code, point in (("USA", 2), ("CHN", -1)) for year in range(2019, 2025)]
    head = "iso3,year,point,low,high"
    six = voting.distances(["USA", "CHN"], points=voting.load_ideal_points(written(tmp_path, *rows, head=head)))
    assert six[["earlier", "recent", "change"]].to_numpy().tolist() == [[3, 3, 0]]
    five = voting.distances(["USA", "CHN"], points=voting.load_ideal_points(written(tmp_path, *rows[1:], head=head)))
    assert five[["earlier", "recent", "change"]].isna().to_numpy().all()
    assert five["distance"].tolist() == [3]


@pytest.mark.skipif(not VOTES.is_file(), reason="the table of ideal points is not on this machine")
def test_the_publishers_own_file_is_read():
    table = voting.load_ideal_points(VOTES)
    assert table.attrs["left_out"] == 2 + 2 * 23  # without an estimate; of the two Yemens, 1967 to 1989
    bundled = voting.distances([*FOUR, "CHN"])
    found = voting.distances([*FOUR, "CHN"], points=table)
    assert found["distance"].to_numpy() == pytest.approx(bundled["distance"].to_numpy(), abs=1.1e-3)


@pytest.mark.skipif(not VOTES.is_file(), reason="the table of ideal points is not on this machine")
def test_the_bundled_tables_are_what_the_script_makes():
    script = load_script(ROOT / "scripts" / "build_alliances.py")
    for name, data in script.built(VOTES).items():
        assert script.content((script.DATA / name).read_bytes(), name) == script.content(data, name), name


def test_country_numbers_are_known_codes():
    numbers = alliance.country_numbers()
    assert (numbers[2], numbers[740], numbers[750], numbers[900], numbers[710]) == ("USA", "JPN", "IND", "AUS", "CHN")
    assert pd.Series(list(numbers.values())).str.fullmatch("[A-Z]{3}").all()
