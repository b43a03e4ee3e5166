from __future__ import annotations

import datetime
import time

import pytest

from gaiatsu.scenario.plain_yaml import MAX_BYTES, MAX_DEPTH, PlainYamlError, read_plain_yaml

BILLION_LAUGHS = "\n".join(
    ['a: &a ["x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    + [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
)


def read(text: str) -> object:
    return read_plain_yaml(text.encode())[0]


def test_values_are_plain_and_words_stay_words() -> None:
    text = "on: [JPN, NO, yes]\nrate: 25 %\nday: 2025-07-20\nshare: .5\nmobility: .inf\nnothing:\n"
    assert read(text) == {
        "on": ["JPN", "NO", "yes"],
        "rate": "25 %",
        "day": datetime.date(2025, 7, 20),
        "share": 0.5,
        "mobility": float("inf"),
        "nothing": None,
    }


def test_every_key_and_item_has_its_line() -> None:
    _, lines = read_plain_yaml(b"title: x\nmeasures:\n  - kind: tariff\n    on:\n      - JPN\n      - KOR\n")
    assert lines[("title",)] == 1
    assert lines[("measures", 0)] == 3
    assert lines[("measures", 0, "on")] == 4
    assert lines[("measures", 0, "on", 1)] == 6


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "written twice (first on line 1)"),
        ("a: 1\nb: !!python/object/apply:os.system ['x']\n", 2, "tags are not accepted"),
        ("a: !thing x\n", 1, "tags are not accepted"),
        ("a: &x 1\nb: *x\n", 1, "anchors (&) and aliases (*) are not accepted"),
        ("a: *x\n", 1, "anchors (&) and aliases (*) are not accepted"),
        ("%YAML 1.1\n---\non: 1\n", 2, "directives are not accepted"),
        ("a: 1\n---\nb: 1\n", 2, "a second document"),
        ("a: 1\n[1, 2]: 3\n", 2, "a key must be a word"),
        ("a:\n\t- 1\n", 2, "not YAML"),
        ("a: b: c\n", 1, "not YAML: mapping values are not allowed here"),
        ("a: 1\nb: [1, 2\n", 3, "not YAML"),
        ("a: 2025-13-45\n", 1, "cannot read '2025-13-45'"),
        ("a: " + "9" * 5000, 1, "cannot read"),
    ],
)
def test_refusals_name_the_line(text: str, line: int, said: str) -> None:
    with pytest.raises(PlainYamlError) as caught:
        read(text)
    assert said in str(caught.value)
    assert caught.value.line == line


def test_a_nul_byte_is_refused() -> None:
    with pytest.raises(PlainYamlError, match="special characters are not allowed"):
        read("a: \0b\n")


def test_text_must_be_utf8_and_a_byte_order_mark_is_fine() -> None:
    assert read_plain_yaml(b"\xef\xbb\xbfa: 1\n")[0] == {"a": 1}
    with pytest.raises(PlainYamlError, match="not UTF-8 text") as caught:
        read_plain_yaml("a: 1\ntitle: Zölle\n".encode("latin-1"))
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        BILLION_LAUGHS,
        "[" * 200_000,
        "{a: " * 60_000,
        "- " * 100_000,
        "a: [" + "1," * 120_000 + "1]",
        "#" * 2 * MAX_BYTES,
    ],
    ids=["aliases", "lists", "mappings", "blocks", "many", "large"],
)
def test_bombs_are_refused_fast(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(PlainYamlError):
        read(text)
    assert time.perf_counter() - started < 20  # one or two seconds on an idle machine


def test_depth_is_bounded_exactly() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    with pytest.raises(PlainYamlError, match="nested deeper"):
        read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
