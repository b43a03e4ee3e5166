"""Sentences are grammatical and honest for losses, gains, near zero and shares outside 0 to 1."""

from __future__ import annotations

import pytest

from gaiatsu.report import words
from gaiatsu.report.words import Effect


def plain(text: str) -> str:
    return text.replace(words.SPACE, " ")


@pytest.mark.parametrize(
    "value, expected",
    [(5400, "US$ 5.4 billion"), (540, "US$ 540 million"), (0.4, "less than US$ 1 million"),
     (-1.2e6, "US$ 1.2 trillion"), (999.7, "US$ 1.0 billion"), (123456, "US$ 123 billion"),
     (1.0, "US$ 1 million"), (99_960, "US$ 100 billion")],
)  # fmt: skip
def test_money(value, expected):
    assert plain(words.money(value)) == expected


@pytest.mark.parametrize("value, expected", [(-0.118, "0.12 %"), (0.005, "0.01 %"), (3.44, "3.4 %"), (43.2, "43 %")])
def test_percent_has_no_sign(value, expected):
    assert plain(words.percent(value)) == expected


@pytest.mark.parametrize(
    "value, digits, expected",
    [
        (-0.118, 3, "−0.118"),
        (0.0001, 3, "0.000"),
        (-0.0001, 2, "0.00"),
        (float("nan"), 2, "–"),
        (1234.5, 1, "+1,234.5"),
    ],
)
def test_signed(value, digits, expected):
    assert words.signed(value, digits) == expected


@pytest.mark.parametrize(
    "name, expected",
    [("United States", "the United States"), ("Japan", "Japan"), ("Rest of the world", "the rest of the world"),
     ("Netherlands", "the Netherlands"), ("Czechia", "Czechia"), ("The Gambia", "the Gambia")],
)  # fmt: skip
def test_article(name, expected):
    assert words.the(name) == expected


def test_possessive():
    assert words.possessive("the United States") == "the United States’"
    assert words.possessive("Japan") == "Japan’s"


def test_listed():
    assert [words.listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_all_lose():
    found = [Effect("Japan", -0.118, -5400), Effect("the United States", -0.052, -9300)]
    assert plain(words.effects("in the long run, the United States’ duties on cars", True, found)) == (
        "In the long run, the United States’ duties on cars lower real income in Japan by 0.12 % (US$ 5.4 billion a"
        " year) and in the United States by 0.05 % (US$ 9.3 billion a year)."
    )


def test_singular_subject_gains_losses_and_nothing():
    found = [Effect("Japan", -1.5, -70_000), Effect("Mexico", 0.021, 258), Effect("India", 0.0049, 95)]
    assert plain(words.effects("China’s embargo", False, found)) == (
        "China’s embargo lowers real income in Japan by 1.5 % (US$ 70.0 billion a year), raises it in Mexico by 0.02 %"
        " (US$ 258 million a year), and changes it by practically nothing in India."
    )


def test_nothing_at_all():
    sentence = words.effects("the duties", True, [Effect("Japan", -0.0049, -9), Effect("India", 0.0, 0)])
    assert sentence == "The duties change real income by practically nothing in Japan and India."


@pytest.mark.parametrize(
    "shares, parts",
    [((0.72, 0.28), ["bear 72 % of the duty", "bears 28 % of it through lower ones (28 points"]),
     ((0.997, -0.003), ["practically the whole", "practically none of it through lower ones."]),
     ((1.05, -0.05), ["more than the whole (105 %)", "none (−5 %)"])],
)  # fmt: skip
def test_who_bears(shares, parts):
    sentence = plain(words.bearing("cars", "Japan", "the United States", shares))
    assert all(part in sentence for part in parts), sentence


def test_cut_of_a_duty():
    sentence = plain(words.bearing("cars", "Japan", "India", (0.9, 0.1), cut=True))
    assert "cut of the duty on cars from Japan, buyers in India get 90 %" in sentence
    assert "Japan gets 10 %" in sentence


def test_moved():
    assert words.moved("output", 0.001, 3) == "output stays practically the same"
    assert plain(words.moved("output", -3.4, -18_200)) == "output falls by 3.4 % (US$ 18.2 billion)"
    assert plain(words.moved("trade", -100, -49_700)) == "trade falls to nothing (from US$ 49.7 billion)"
