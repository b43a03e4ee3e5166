from __future__ import annotations

import os
from pathlib import Path

import pytest

from gaiatsu.errors import DataMissing, ScenarioError
from gaiatsu.scenario.loading import case_names, load, parse

GOOD = """\
title: Cars
measures:
  - kind: tariff
    by: USA
    on: [JPN, KOR]
    sectors: C29
    rate: 25 %
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text.encode(), "file.yaml")
    return str(caught.value).splitlines()


def test_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "cars.yaml"
    file.write_text(GOOD, encoding="utf-8")
    scenario = load(file)
    assert scenario.name == "cars"
    assert scenario.horizon == "long"
    assert scenario.world == "2022"
    assert scenario.all_horizons() == ["impact", "short", "medium", "long"]
    measure = scenario.measures[0].build()
    assert measure.to_dict() == {
        "kind": "tariff",
        "by": ["USA"],
        "on": ["JPN", "KOR"],
        "sectors": ["C29"],
        "rate": 0.25,
    }
    assert scenario.where(("measures", 0, "on")) == f"{file}:5 measures[0].on"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "title: Cars", "titel: Cars",
            [":1: the key 'title' is missing", ":1 titel: unknown key; did you mean 'title'?"],
        ),
        ("rate: 25 %", "rat: 25 %", [":7 measures[0].rat: unknown key; did you mean 'rate' or 'act'?"]),
        ("rate: 25 %", "zzzzzz: 25 %", [":7 measures[0].zzzzzz: unknown key; known are "]),
        ("kind: tariff", "kind: tarif", [":3 measures[0].kind: unknown measure 'tarif'; did you mean 'tariff'?"]),
        ("  - kind: tariff\n    by: USA", "  - by: USA", [":3 measures[0]: the key 'kind' is missing"]),
        ("by: USA\n    on", "on", [":3 measures[0]: the key 'by' is missing"]),
        ("by: USA", "by: ''", [":4 measures[0].by: is empty: name at least one"]),
        ("by: USA", "by: []", [":4 measures[0].by: is empty: name at least one"]),
        ("by: USA", "by: 5", [":4 measures[0].by: 5 must be a word or a list of words"]),
        ("rate: 25 %", "rate: 25", [":7 measures[0].rate: 25 would be 2500 %: write '25 %'"]),
        ("rate: 25 %", "rate: -100 %", [":7 measures[0].rate: -100 % is not possible"]),
        ("rate: 25 %", "rate: -1.5", [":7 measures[0].rate: -150 % is not possible"]),
        ("rate: 25 %", "coverage: 1", [":3 measures[0]: Tariff needs exactly one of rate, to, at_least"]),
        ("rate: 25 %", "rate: 1\n    to: 0.1", [":3 measures[0]: Tariff needs exactly one of rate, to, at_least"]),
        ("rate: 25 %", "to: 1\n    stack: a", [":3 measures[0]: Tariff.stack goes with rate"]),
        ("rate: 25 %", "rate: .1\n    coverage: 2", [":8 measures[0].coverage: 2 would be 200 %"]),
        ("rate: 25 %", "rate: .1\n    coverage: -0.1", [":8 measures[0].coverage: -0.1 is not a share"]),
        ("rate: 25 %", "rate: .1\n    date: soon", [":8 measures[0].date: 'soon' is not a day: write it as 2025-07"]),
        ("rate: 25 %", "rate: .1\n    date: 0", [":8 measures[0].date: 0 is not a day: write it as 2025-07-20"]),
        (
            "rate: 25 %",
            "rate: .1\n    source: eo-1\nreferences:\n  eo-2: {title: x}",
            [":8 measures[0].source: 'eo-1' is neither a key of `references` nor a web address; did you mean 'eo-2'?"],
        ),
        ("title: Cars", "title: Cars\nhorizon: shrot", [":2 horizon: unknown horizon 'shrot'; did you mean 'short'?"]),
        (
            "title: Cars", "title: Cars\nhorizons: [lng]",
            [":2 horizons[0]: unknown horizon 'lng'; did you mean 'long'?"],
        ),
        ("title: Cars", "title: Cars\nclosure: fix", [":2 closure: unknown closure 'fix'; did you mean 'fixed'?"]),
        (
            "title: Cars", "title: Cars\nelasticities: {ste: x}",
            [":2 elasticities.ste: unknown key; did you mean 'set'?"],
        ),
        ("title: Cars", "title: Cars\nresidual_supply: 1", [":2 residual_supply: 1 is too much"]),
        (
            "title: Cars", "title: Cars\nreferences: {a: {titl: x}}",
            [":2 references.a: the key", ":2 references.a.titl: "],
        ),
        ("title: Cars", "title: Cars\ngroups: [a]", [":2 groups: must be a mapping of keys and values, not ['a']"]),
        ("  - kind", "  - 7\n  - kind", [":3 measures[0]: must be a mapping of keys and values, not 7"]),
        (GOOD, "title: x\nmeasures: 5\n", [":2 measures: must be a list, not 5"]),
        (GOOD, "title: x\nmeasures: []\n", [":2 measures: "]),
        (GOOD, "title: x\n", [":1: the key 'measures' is missing"]),
        (GOOD, "", [": the file is empty"]),
        (GOOD, "# only a remark\n", [": the file is empty"]),
        (GOOD, "- a\n- b\n", [":1: a list at the top"]),
        (GOOD, "hello\n", [":1: a single value at the top"]),
        ("title: Cars", "title: Cars\ntitle: Trucks", [":2: the key 'title' is written twice (first on line 1)"]),
        ("by: USA", "by: !!python/name:os.system USA", [":4: tags are not accepted"]),
    ],
)  # fmt: skip
def test_faults_are_told_with_file_line_and_key(old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new))
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert line.startswith(f"file.yaml{words}")


def test_all_faults_are_listed_in_the_order_of_the_file() -> None:
    text = GOOD.replace("rate: 25 %", "rate: 25").replace("title: Cars", "titel: Cars\nhorizon: x")
    assert [line.split(":")[1].split(" ")[0] for line in faults(text)] == ["1", "1", "2", "8"]


def test_the_yaml_bomb_is_refused_with_a_clear_message() -> None:
    text = GOOD + "notes: &a [x, x]\nmore: &b [*a, *a]\n"
    assert faults(text) == ["file.yaml:8: anchors (&) and aliases (*) are not accepted ('a'): write it out"]


@pytest.mark.parametrize(
    "word",
    ["../../etc/passwd", "/etc/passwd", "..", ".", "/", "a/b", "..\\..\\x", "us-japan-deal/..", "Us Japan", "a\0b",
     "a\nb", "", "   ", "cases/../us-japan-deal", "-", "us-japan-deal.yaml.bak"],
)  # fmt: skip
def test_names_that_are_no_case_are_refused(word: str) -> None:
    with pytest.raises(ScenarioError, match="neither the name of a case"):
        load(word)


def test_a_path_escape_does_not_reach_a_file_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "inside")
    for word in ("../secret", str(tmp_path / "secret")):
        with pytest.raises(ScenarioError, match="neither"):
            load(word)


def test_an_unknown_case_is_missing_with_a_hint() -> None:
    with pytest.raises(DataMissing, match="there is no case 'us-japan-del'; did you mean 'us-japan-deal'") as caught:
        load("us-japan-del")
    assert caught.value.exit_code == 4


def test_a_missing_file_is_missing_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "cars.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(DataMissing, match=r"there is no file .*car\.yaml; did you mean 'cars.yaml'"):
        load(tmp_path / "car.yaml")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("folder.yaml", "pipe.yaml"):
        with pytest.raises(ScenarioError, match="is not a regular file"):
            load(tmp_path / name)


def test_a_file_that_is_too_large_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: a terabyte
    with pytest.raises(ScenarioError, match="larger than 256 kB"):
        load(file)


def test_a_case_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "us-autos-steel-japan" in case_names()
    assert load("us-autos-steel-japan").name == "us-autos-steel-japan"
