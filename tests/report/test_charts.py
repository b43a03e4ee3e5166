"""Bars lie where their numbers say, on round ticks, and user text cannot break out of the page."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaiatsu.report import maps
from gaiatsu.report.charts import Bar, Group, Split, bar_table, scale_for, split_table

numbers = st.lists(st.floats(-1e7, 1e7).filter(lambda value: value == 0 or abs(value) > 1e-6), min_size=1, max_size=8)


@given(numbers)
def test_scale_holds_zero_and_all_values(values):
    scale = scale_for(values)
    assert scale.low <= min([0.0, *values])
    assert max([0.0, *values]) <= scale.high
    assert 0.0 in scale.ticks
    assert 1 <= len(scale.ticks) <= 8
    for value in values:
        assert 0 <= scale.place(value) <= 100


def test_bar_ends_at_its_value():
    table = bar_table([Group("", [Bar("Japan", -2.0, ("−2",)), Bar("Mexico", 1.0, ("+1",))])],
                      first="Region", unit="percent", columns=("%",), caption="x")  # fmt: skip
    scale = scale_for([-2.0, 1.0])
    rects = re.findall(r'<rect class="(\w+)" x="([\d.]+)%" y="18%" width="([\d.]+)%"', table)
    (_, loss_x, loss_width), (_, gain_x, gain_width) = rects
    assert [kind for kind, _, _ in rects] == ["loss", "gain"]
    assert float(loss_x) == pytest.approx(scale.place(-2.0), abs=0.01)
    assert float(loss_x) + float(loss_width) == pytest.approx(scale.place(0.0), abs=0.01)
    assert float(gain_x) == pytest.approx(scale.place(0.0), abs=0.01)
    assert float(gain_width) == pytest.approx(float(loss_width) / 2, abs=0.02)


def test_a_span_goes_from_end_to_end_and_an_open_one_is_marked():
    bars = [
        Bar("plain", 40.0, ("40",)),
        Bar("closed", 0.0, ("20 to 60",), span=(20.0, 60.0)),
        Bar("open", 0.0, ("20 to never",), span=(20.0, math.inf)),
        Bar("never", 0.0, ("never",), span=(math.inf, math.inf)),
    ]
    scale = scale_for([0.0, 60.0])
    body = str(bar_table([Group("", bars)], first="", unit="", columns=("n",), caption="c"))
    rects = [
        tuple(map(float, found))
        for found in re.findall(r'<rect class="\w+" x="([\d.]+)%" y="18%" width="([\d.]+)%', body)
    ]
    assert rects[1] == pytest.approx((scale.place(20), scale.place(60) - scale.place(20)), abs=0.02)
    assert rects[2] == pytest.approx((scale.place(20), 100 - scale.place(20)), abs=0.02)
    assert len(rects) == 3  # what is never reached has no bar
    assert body.count("›") == 2
    assert "inf" not in body


def test_missing_value_has_no_bar():
    table = bar_table([Group("", [Bar("Japan", math.nan, ("–",)), Bar("x", 1.0, ("1",))])],
                      first="", unit="", columns=("%",), caption="")  # fmt: skip
    assert table.count("<rect") == 1


def test_labels_are_escaped():
    nasty = "<script>alert(1)</script>"
    table = bar_table(
        [Group(nasty, [Bar(nasty, 1.0, (nasty,))])], first=nasty, unit=nasty, columns=(nasty,), caption=nasty
    )
    table += split_table([(nasty, [Split(nasty, (0.5, 0.5), (nasty,))])], first=nasty, parts=(nasty, nasty),
                         columns=(nasty,), narrow=1, caption=nasty)  # fmt: skip
    assert "<script" not in table


def test_split_shows_parts_and_the_gap():
    table = split_table([("", [Split("cars", (0.7, 0.2), ("",)), Split("steel", (1.1, -0.1), ("",))])],
                        first="", parts=("a", "b"), columns=("",), narrow=1, caption="")  # fmt: skip
    assert re.findall(r'class="(?:one|two)" x="([\d.]+)%" y="14%" width="([\d.]+)%"', table) == [
        ("0", "70"), ("70", "20"), ("0", "100"), ("100", "0"),
    ]  # fmt: skip


def test_classes_are_symmetric_and_reach_the_largest_change():
    limits = maps.thresholds({"JPN": -0.118, "USA": 0.02})
    assert limits == pytest.approx((0.003, 0.01, 0.03, 0.1))
    assert [maps.class_of(value, limits) for value in (-0.118, 0.118, 0.02, -0.02, 0.001, 0.0)] == [
        "l4", "g4", "g2", "l2", "n0", "n0",
    ]  # fmt: skip


def test_map_marks_regions_and_hatches_the_rest():
    picture = maps.world_map(
        {"TWN": -0.4, "EU": 0.2, "ROW": 0.0}, {"TWN": "Taiwan", "EU": "European Union", "ROW": "Rest of the world"},
        {"TWN": ("TWN",), "EU": ("DEU", "MLT"), "ROW": ("ROW",)}, "alt & text",
    )  # fmt: skip
    assert picture is not None
    assert picture.count("Germany, in European Union: +0.20 %") == 1
    assert picture.count("Malta, in European Union") == 2  # its outline and its mark
    assert re.search(r'<path class="l4"[^>]*><title>Taiwan: −0.40 %', picture)
    assert picture.count('class="rest"') > 200
    assert "alt &amp; text" in picture


def test_no_map_for_a_world_without_countries():
    assert maps.world_map({"A": 1.0}, {"A": "A"}, {"A": ("A",)}, "") is None


def test_the_atlas_has_every_country_of_the_embedded_world():
    import gaiatsu as gt

    missing = {code for parts in gt.World.load().region_parts for code in parts} - set(maps.atlas()["countries"])
    assert missing == {"ROW"}
