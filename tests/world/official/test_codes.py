"""The full lists of regions and industries of the originals: every code is known, and each edition by its own."""

from __future__ import annotations

import pytest

from gaiatsu.world import codes
from gaiatsu.world.official import icio, labels
from gaiatsu.world.official.build import DOLLARS_PER_EURO


def words(text: str) -> list[str]:
    return text.split()


SHARED = words(
    "C10T12 C13T15 C16 C17_18 C19 C20 C21 C22 C23 C25 C26 C27 C28 C29 C31T33 D E F G H49 H50 H51 H52 H53 I J58T60 "
    "J61 J62_63 K L M N O P Q R S T"
)
INDUSTRIES = {
    "2018": words(
        "01T03 05T06 07T08 09 10T12 13T15 16 17T18 19 20T21 22 23 24 25 26 27 28 29 30 31T33 35T39 41T43 45T47 "
        "49T53 55T56 58T60 61 62T63 64T66 68 69T82 84 85 86T88 90T96 97T98"
    ),
    "2021": words(
        "01T02 03 05T06 07T08 09 10T12 13T15 16 17T18 19 20 21 22 23 24 25 26 27 28 29 30 31T33 35 36T39 41T43 "
        "45T47 49 50 51 52 53 55T56 58T60 61 62T63 64T66 68 69T75 77T82 84 85 86T88 90T93 94T96 97T98"
    ),
    "2023": ["A01_02", "A03", "B05_06", "B07_08", "B09", "C24", "C30", *SHARED],
    "2025": ["A01", "A02", "A03", "B05", "B06", "B07", "B08", "B09", "C24A", "C24B", "C301", "C302T309", *SHARED],
}
WIOD_2016 = words(
    "A01 A02 A03 B C10-C12 C13-C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31_C32 C33 D35 "
    "E36 E37-E39 F G45 G46 G47 H49 H50 H51 H52 H53 I J58 J59_J60 J61 J62_J63 K64 K65 K66 L68 M69_M70 M71 M72 M73 "
    "M74_M75 N O84 P85 Q R_S T U"
)
FIGARO = words(
    "A01 A02 A03 B C10T12 C13T15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31_32 C33 D35 E36 "
    "E37T39 F G45 G46 G47 H49 H50 H51 H52 H53 I J58 J59_60 J61 J62_63 K64 K65 K66 L M69_70 M71 M72 M73 M74_75 N77 "
    "N78 N79 N80T82 O84 P85 Q86 Q87_88 R90T92 R93 S94 S95 S96 T U"
)
FIGARO_REGIONS = words(
    "AL AR AT AU BE BG BR CA CH CN CY CZ DE DK EE ES FI FIGW1 FR GB GR HR HU ID IE IN IT JP KR LT LU LV ME MK MT "
    "MX NL NO PL PT RO RS RU SA SE SI SK TR US ZA"
)
EXIOBASE_REGIONS = words(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB US JP CN CA KR BR IN MX "
    "RU AU CH TR TW NO ID ZA WA WL WE WF WM"
)
ADB = words(
    "AUS AUT BEL BGR BRA CAN SWI PRC CYP CZE GER DEN SPA EST FIN FRA UKG GRC HRV HUN INO IND IRE ITA JPN KOR LTU "
    "LUX LVA MEX MLT NET NOR POL POR ROM RUS SVK SVN SWE TUR TAP USA BAN MAL PHI THA VIE KAZ MON SRI PAK FIJ LAO "
    "BRU BHU KGZ CAM MLD NEP SIN HKG ARG COL ECU ARM GEO EGY KUW SAU UAE NZL RoW"
)


@pytest.mark.parametrize("edition", INDUSTRIES)
def test_an_edition_is_known_by_its_industries(edition: str) -> None:
    assert {"2023": 45, "2025": 50}.get(edition) in (None, len(INDUSTRIES[edition]))
    assert icio.edition_of(INDUSTRIES[edition]) == edition
    assert icio.edition_of([*INDUSTRIES[edition], *INDUSTRIES["2021"], *INDUSTRIES["2025"]]) is None


def test_every_exiobase_sector_has_an_isic_code_that_resolves() -> None:
    for system, count in (("ixi", 163), ("pxp", 200)):
        known = labels.exiobase_sectors(system)
        assert len(known) == count
        for code in set(known.values()):
            assert codes.sector_divisions(labels.PARTS.get(code, (code,)))
            assert labels.sector_title(code) != code
    one, other = (set(labels.exiobase_sectors(system).values()) for system in ("ixi", "pxp"))
    assert one == other


def test_the_35_industries_cover_every_division_once_but_for_what_moved() -> None:
    held = [number for code in labels.REVISION_4_OF_35
            for number, _ in codes.sector_divisions(labels.PARTS.get(code, (code,))) or ()]  # fmt: skip
    everything = {number for numbers in codes.SECTIONS.values() for number in numbers}
    assert everything - set(held) == {33, 99}  # repair, spread over industries, and extraterritorial bodies
    assert sorted({number for number in held if held.count(number) > 1}) == []


def test_exchange_rates_cover_every_year_and_are_plausible() -> None:
    assert sorted(DOLLARS_PER_EURO) == list(range(1995, 2025))
    assert all(0.85 < rate < 1.5 for rate in DOLLARS_PER_EURO.values())


def divisions(codes_: list[str]) -> list[int]:
    """Every division these codes hold, as often as they hold it."""
    held = [codes.sector_divisions(labels.PARTS.get(code, (code,))) for code in codes_]
    assert all(held)
    return [number for item in held for number in {number for number, _ in item or ()}]


@pytest.mark.parametrize("industries", [WIOD_2016, FIGARO, INDUSTRIES["2021"], INDUSTRIES["2023"]])
def test_industries_hold_every_division_once(industries: list[str]) -> None:
    everything = {number for numbers in codes.SECTIONS.values() for number in numbers}
    held = divisions([labels.with_section(code) for code in industries])
    assert len(held) == len(set(held))
    assert everything - set(held) <= {99}
    assert all(labels.sector_title(code) != code for code in industries)


def test_numbers_of_industries() -> None:
    counts = {key: len(value) for key, value in INDUSTRIES.items()}
    assert counts == {"2018": 36, "2021": 45, "2023": 45, "2025": 50}
    assert (len(WIOD_2016), len(FIGARO)) == (56, 64)


def test_regions() -> None:
    assert len({labels.iso3_of_iso2(code) for code in FIGARO_REGIONS} - {None}) == len(FIGARO_REGIONS) == 50
    assert len({labels.iso3_of_iso2(code) for code in EXIOBASE_REGIONS} - {None}) == len(EXIOBASE_REGIONS) == 49
    assert len({labels.iso3_of_adb(code) for code in ADB} - {None}) == len(ADB) == 73
    assert labels.iso3_of_adb("PRC") == "CHN"
    assert labels.iso3_of_adb("XXX") is None
    assert all(labels.region_name(labels.iso3_of_iso2(code) or "") != code for code in EXIOBASE_REGIONS)
