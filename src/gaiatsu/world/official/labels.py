"""How official tables name regions and sectors, in ISO3 codes and ISIC Rev. 4 codes."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from gaiatsu.world import codes

# Two-letter codes of Eurostat and EXIOBASE. FIGARO's rest of the world is FIGW1.
ISO3_OF_ISO2 = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905
        "AL:ALB AR:ARG AT:AUT AU:AUS BE:BEL BG:BGR BR:BRA CA:CAN CH:CHE CN:CHN CY:CYP CZ:CZE DE:DEU DK:DNK EE:EST "
        "EL:GRC ES:ESP FI:FIN FR:FRA GB:GBR GR:GRC HR:HRV HU:HUN ID:IDN IE:IRL IN:IND IT:ITA JP:JPN KR:KOR LT:LTU "
        "LU:LUX LV:LVA ME:MNE MK:MKD MT:MLT MX:MEX NL:NLD NO:NOR PL:POL PT:PRT RO:ROU RS:SRB RU:RUS SA:SAU SE:SWE "
        "SI:SVN SK:SVK TR:TUR TW:TWN UK:GBR US:USA ZA:ZAF FIGW1:ROW"
    ).split()
)

# EXIOBASE's five rests of continents stay regions of their own.
EXIOBASE_REST = {
    "WA": "Rest of Asia and Pacific", "WE": "Rest of Europe", "WF": "Rest of Africa", "WL": "Rest of America",
    "WM": "Rest of Middle East",
}  # fmt: skip

RESTS = frozenset({"ROW", *EXIOBASE_REST})  # regions that are what a table does not list

# The Asian Development Bank's own three-letter codes, where they are not ISO3; of those that WIOD 2013 used, ROM.
ISO3_OF_ADB = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905
        "SWI:CHE PRC:CHN GER:DEU DEN:DNK SPA:ESP UKG:GBR INO:IDN IRE:IRL NET:NLD POR:PRT ROM:ROU TAP:TWN BAN:BGD "
        "MAL:MYS PHI:PHL VIE:VNM MON:MNG SRI:LKA FIJ:FJI BRU:BRN BHU:BTN CAM:KHM MLD:MDV NEP:NPL SIN:SGP COL:COL "
        "ARM:ARM GEO:GEO EGY:EGY KUW:KWT SAU:SAU UAE:ARE NZL:NZL TAJ:TJK UZB:UZB ROW:ROW"
    ).split()
)

# The 35 industries of WIOD 2013 and ADB (NACE Rev. 1.1, "c1" to "c35") as what they cover in ISIC Rev. 4. The borders
# differ in places: publishing moved to J, recycling to E, information services out of business services.
REVISION_4_OF_35 = (
    "A01T03", "B05T09", "C10T12", "C13T14", "C15", "C16", "C17_18", "C19", "C20_21", "C22", "C23", "C24_25", "C28",
    "C26_27", "C29_30", "C31_32", "D35_E36", "F", "G45", "G46", "G47", "I", "H49", "H50", "H51", "H52_N79", "H53_J61",
    "K", "L", "M-N", "O84", "P85", "Q", "R-S", "T",
)  # fmt: skip

# What a short label covers, where that is not what it says.
PARTS = {"M-N": ("J62_63", "M", "N77T78", "N80T82"), "R-S": ("E37T39", "J58T60", "R", "S")}


def iso3_of_iso2(code: str) -> str | None:
    """ISO3 of a two-letter code, EXIOBASE's own rests of continents, or None."""
    return code if code in EXIOBASE_REST else ISO3_OF_ISO2.get(code)


def iso3_of_adb(code: str) -> str | None:
    """ISO3 of the Asian Development Bank's code, or None; codes that are ISO3 already stay."""
    word = code.strip().upper()
    known = ISO3_OF_ADB.get(word, word)
    return known if known in codes.countries() or known == "ROW" else None


def region_name(code: str) -> str:
    """The plain name of a region's code."""
    return EXIOBASE_REST.get(code) or codes.country_name(code)


def with_section(code: str) -> str:
    """An ISIC code that lacks its letter ("10T12", "01T02") with it ("C10T12"): the 2021 tables of the OECD."""
    divisions = codes.parse_isic(code)
    if not divisions or not code[:1].isdigit():
        return code
    first = min(number for number, _ in divisions)
    letter = next(letter for letter, numbers in codes.SECTIONS.items() if first in numbers)
    return letter + code


@cache
def isic_titles() -> dict[str, str]:
    """Short plain titles of ISIC Rev. 4 sections ("C") and divisions ("29"), written for this package."""
    text = resources.files("gaiatsu.world").joinpath("data", "isic_titles.csv").read_text(encoding="utf-8")
    return {row["code"]: row["title"] for row in csv.DictReader(text.splitlines())}


def sector_title(code: str) -> str:
    """A plain title for an ISIC code: of its section when it covers one, else of its divisions, at most three."""
    divisions = codes.sector_divisions(PARTS.get(code, (code,)))
    if not divisions:
        return {"GOODS": "Other goods", "SERVICES": "Other services"}.get(code, code)
    titles, numbers = isic_titles(), sorted({number for number, _ in divisions})
    for letter, held in codes.SECTIONS.items():
        if set(held) == set(numbers):
            return titles[letter]
    words = [titles[f"{number:02d}"] for number in numbers]
    if len(words) > 3:
        sections = [letter for letter, held in codes.SECTIONS.items() if set(held) & set(numbers)]
        return "; ".join(titles[letter] for letter in sections) + " (part)"
    part = {"C24A": "Iron and steel", "C24B": "Other basic metals", "C301": "Ships and boats",
            "C302T309": "Other transport equipment, without ships"}  # fmt: skip
    return part.get(code, ", ".join(words))


@cache
def exiobase_sectors(system: str) -> dict[str, str]:
    """Folded name → ISIC Rev. 4 code of EXIOBASE's 163 industries ("ixi") or 200 products ("pxp")."""
    text = resources.files("gaiatsu.world").joinpath("data", "exiobase_sectors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {letters(row["name"]): row["isic"] for row in rows if row["system"] == system}


def letters(name: str) -> str:
    """A name without case, spaces and punctuation: releases differ in these."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
