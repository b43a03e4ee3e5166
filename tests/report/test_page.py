"""The page: no request leaves it, user text is escaped, its parts follow the case."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from fake import fake_run

import gaiatsu as gt
from gaiatsu.errors import ScenarioError
from gaiatsu.report import headline
from gaiatsu.report.headline import Names
from gaiatsu.report.html import render
from gaiatsu.report.measure_table import measure_rows
from gaiatsu.report.tables import all_tables
from gaiatsu.scenario.schema import Scenario

CASES = [
    "china-chips-japan", "squeeze", "us-autos-steel-japan", "us-duties-today", "us-everyone", "us-japan-august",
    "us-japan-deal",
]  # fmt: skip
VOID = {"meta", "link", "br", "hr", "img", "input", "source", "base", "embed"}


class Page(HTMLParser):
    """Collects tags, attributes, text, and whether elements nest properly."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parse(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.fixture(scope="module", params=CASES)
def case_page(request):
    run = fake_run(request.param)
    return run, render(run, all_tables(run), "1.2.3")


def test_nothing_is_fetched(case_page):
    _, text = case_page
    page = parse(text)
    assert not {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "video",
        "audio",
        "use",
        "image",
    } & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert name not in ("src", "srcset", "data", "action", "poster", "background", "xlink:href", "style")
            assert not name.startswith("on")
            assert "url(" not in (value or "")
            if name == "href":
                assert tag == "a"
                assert re.match(r"#[\w-]+$|https?://", value)
    assert re.findall(r"url\(([^)]*)\)", text) == ["#hatch"]
    assert "@import" not in text
    assert "@font-face" not in text


def test_links_inside_the_page_have_a_place_to_go(case_page):
    page = parse(case_page[1])
    places = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(places) == len(set(places))
    inner = {attributes["href"][1:] for tag, attributes in page.tags if tag == "a" and attributes["href"][0] == "#"}
    assert inner <= set(places)


def test_every_figure_has_title_unit_source_and_words_for_all(case_page):
    text = case_page[1]
    figures = re.findall(r"<figure.*?</figure>", text, flags=re.S)
    assert len(figures) >= 6
    for figure in figures:
        assert "<h2>" in figure
        assert '<p class="unit">' in figure
        assert "Source: gaiatsu 1.2.3, world 2022, " in figure
        assert re.search(r"<title>World map[^<]+%|<caption[^>]*>[^<]{10,}", figure)


def test_small_and_without_leftovers(case_page):
    _, text = case_page
    assert len(text.encode()) < 400_000
    assert not re.search(r"\b(nan|None|inf|Undefined)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.S))


def test_headline_comes_from_the_numbers():
    run = fake_run(JPN=-0.118, USA=0.03, MEX=0.4)
    page = " ".join(parse(render(run, all_tables(run), "1")).text).replace("\xa0", " ")
    assert (
        "In the long run, the United States’ duties on motor vehicles and basic metals from Japan lower real income"
        in page
    )
    assert "in Japan by 0.12 % (US$ 5.0 billion a year), and raise it in the United States by 0.03 %" in page
    assert "Mexico gains most" in page
    run = fake_run(JPN=0.001, USA=-0.001)
    page = " ".join(parse(render(run, all_tables(run), "1")).text)
    assert "change real income by practically nothing in Japan and the United States." in page


def test_the_foot_of_the_page_says_what_the_world_rests_on():
    run = fake_run()
    page = " ".join(parse(render(run, all_tables(run), "1")).text)
    assert f"Computed by gaiatsu 1 on the world 2022. {run.world.provenance['footnote']}." in page


def test_subject_of_each_case():
    expected = {
        "china-chips-japan": "China’s embargo on exports of electronics to Japan",
        "us-autos-steel-japan": "the United States’ duties on motor vehicles and basic metals from Japan",
        "us-duties-today": "the duties that the United States added from 2025 on goods from all countries",
        "us-everyone": "the United States’ duties on goods from all countries",
        "us-japan-deal": "the United States’ duties on goods from Japan",
    }
    for case, words in expected.items():
        run = fake_run(case)
        assert headline.subject(run, Names.of(run.world))[0] == words


def scenario(**changes) -> Scenario:
    measure = {"kind": "tariff", "by": "USA", "on": "JPN", "sectors": "C29", "rate": 0.25, **changes.pop("measure", {})}
    return Scenario.model_validate({"title": "A test", "measures": [measure], **changes})


def test_user_text_is_escaped():
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    run = fake_run(scenario=scenario(
        title=nasty, summary=nasty, description=nasty, measure={"note": nasty, "act": nasty, "source": "r"},
        references={"r": {"title": nasty, "citation": nasty, "note": nasty, "address": "javascript:alert(1)"}},
    ))  # fmt: skip
    page = parse(render(run, all_tables(run), "1"))
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not any("javascript" in (attributes.get("href") or "") for _, attributes in page.tags)


@pytest.mark.parametrize(
    "measure, words",
    [
        (
            {"kind": "export_tax", "by": "CHN", "on": "all", "sectors": "C26", "rate": 0.2},
            "China’s export duties on electronics for all countries",
        ),
        (
            {"kind": "agreement", "between": ["IND", "JPN"], "sectors": "services", "cost_cut": 0.05},
            "an agreement between India and Japan on services",
        ),
        (
            {"kind": "embargo", "by": "CHN", "on": "quad", "share": 0.5, "side": "both"},
            "China’s partial embargo on trade in all goods and services with the Quad",
        ),
        (
            {"kind": "productivity", "by": "IND", "sectors": "goods", "change": -0.01},
            "lower productivity of goods in India",
        ),
    ],
)
def test_every_kind_of_measure_has_a_report(measure, words):
    run = fake_run(scenario=Scenario.model_validate({"title": "x", "measures": [measure]}))
    text = render(run, all_tables(run), "1")
    parse(text)
    assert words in " ".join(text.split())


def test_a_world_without_a_map_still_has_a_report():
    world = gt.World.from_arrays(
        regions=["A", "B"], sectors=["C29", "N"], year=2020,
        input_mix=np.full((2, 2, 2), 0.5), va_share=np.full((2, 2), 0.6),
        flows=np.array([[[50.0, 60], [4, 5]], [[6, 2], [80, 90]]]), duty=np.zeros((2, 2, 2)),
    )  # fmt: skip
    run = fake_run(scenario=scenario(measure={"by": "B", "on": "A"}), world=world, A=-0.1, B=0.2)
    text = render(run, all_tables(run), "1")
    parse(text)
    assert '<figure id="map"' not in text
    assert "B’s duties on motor vehicles from A lower real income in A by 0.10" in text.replace("\xa0", " ")


def of(*measures) -> Scenario:
    return Scenario.model_validate({"title": "x", "measures": list(measures)})


DUTY = {"kind": "tariff", "by": "USA", "on": "JPN", "sectors": "C29", "rate": 0.25}
DEAL = {"kind": "agreement", "between": ["USA", "JPN", "DEU", "FRA"], "sectors": "goods", "cost_cut": 0.05}
SHUT = {"kind": "embargo", "by": "CHN", "on": "JPN", "sectors": "C26"}


def plain(run) -> str:
    return " ".join(parse(render(run, all_tables(run), "1")).text).replace("\xa0", " ")


@pytest.mark.parametrize("other", [None, DEAL, SHUT, {"kind": "productivity", "by": "JPN", "change": 0.01}])
def test_who_pays_is_told_only_of_duties_alone(other):
    run = fake_run(scenario=of(DUTY, *([other] if other else [])))
    tables = all_tables(run)
    text = render(run, tables, "1")
    assert ('<figure id="incidence"' in text) == (other is None)
    assert bool(headline.bearing_sentence(tables["incidence"].frame, Names.of(run.world)))
    told = headline.sentences(run, tables, Names.of(run.world), ["JPN"])
    assert (headline.bearing_sentence(tables["incidence"].frame, Names.of(run.world)) in told) == (other is None)
    assert "all measures of the run act on these prices" in tables["incidence"].title


def test_an_agreement_covers_and_does_not_hit():
    page = plain(fake_run(scenario=of(DEAL, SHUT)))
    assert "buys of the goods covered from the countries covered" in page.replace("buys of goods", "buys of the goods")
    assert "countries hit" not in page
    hit = plain(fake_run(scenario=of({**DUTY, "on": ["JPN", "DEU", "FRA"], "sectors": ["C29", "C28", "C27", "C26"]})))
    assert "the goods hit from the countries hit" in hit


def test_the_size_of_an_embargo_is_a_share_of_supply():
    whole, half, both = SHUT, {**SHUT, "by": "KOR", "share": 0.5}, {**SHUT, "by": "TWN", "share": 0.5, "side": "both"}
    run = fake_run(scenario=of(whole, half, both))
    sizes = [row["size"] for row in measure_rows(run, Names.of(run.world))]
    assert sizes[0] == "all exports shut"
    assert sizes[1] == "50 % of the supply withheld; trade falls by less, see below"
    assert sizes[2] == "50 % of the supply withheld, and as much kept out; trade falls by less, see below"


def test_many_regions_are_counted_by_country():
    world = gt.World.load("wiod2014")
    names = Names.of(world)
    assert headline.regions_phrase(world, names, ["eu27", "USA", "JPN", "GBR"]) == "30 countries"
    assert headline.regions_phrase(world, names, ["eu27", "USA", "JPN", "DEU"]) == "29 countries"
    blocs = world.aggregate(regions={"EU": ["eu27"]})
    assert headline.regions_phrase(blocs, Names.of(blocs), ["EU", "USA", "JPN", "GBR"]) == "30 countries"


def test_a_horizon_without_an_equilibrium_is_named():
    run = fake_run()
    outcomes = {name: outcome for name, outcome in run.outcomes.items() if name != "impact"}
    run = dataclasses.replace(run, outcomes=outcomes, failed={"impact": "no supplier of C26 in <LUX>"})
    page = plain(run)
    assert "no equilibrium was found, and the page leaves this horizon out: no supplier of C26 in <LUX>." in page
    assert "At every horizon that was solved" in page


def test_an_attribution_with_an_impossible_part_is_left_out(monkeypatch):
    run = fake_run(scenario=of({**DUTY, "rate": -0.6}, {**DUTY, "rate": -0.6}, {**DUTY, "rate": 1.0}))

    def refuse(**_):
        raise ScenarioError("the duty would be -120 %")

    monkeypatch.setattr(run.outcome, "attribute", refuse)
    tables = all_tables(run)
    assert "attribution" not in tables
    assert "What each measure does is left out: a part of them alone has no equilibrium." in plain(run)


def test_many_measures_promise_no_attribution():
    page = plain(fake_run(scenario=of(*[DUTY] * 13)))
    assert "With 13 measures, the part of each is left out: the page has it for up to 12." in page
    assert "attribute()" not in page
