"""Numbers, names and sentences in English, made from results for any case.

Percentages and money are given as they are in an Outcome: percent and US$ million. Below NOTHING percent an effect is
called practically nothing, because the data and the model do not carry more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOTHING = 0.005  # percent
ROUGHLY = 0.01  # a fraction this near to 0 or 1 is called practically none or the whole
SPACE = "\u00a0"
MINUS = "\u2212"

WITH_ARTICLE = (
    "United States", "United Kingdom", "United Arab Emirates", "Netherlands", "Philippines", "Czech Republic",
    "Slovak Republic", "Dominican Republic", "Russian Federation", "European Union", "Euro area", "Bahamas", "Gambia",
    "Maldives", "Solomon Islands", "Republic of", "Democratic Republic", "Rest of", "rest of",
)  # fmt: skip

# Short names by the sector codes of the usual tables (ISIC Rev. 4); other sectors go by the world's own names.
SECTOR_NAMES = {
    "A01": "Crops and livestock", "A02": "Forestry", "A03": "Fishing", "B": "Mining", "C10-C12": "Food and drink",
    "C13-C15": "Textiles and clothing", "C16": "Wood", "C17": "Paper", "C18": "Printing", "C19": "Refined petroleum",
    "C20": "Chemicals", "C21": "Pharmaceuticals", "C22": "Rubber and plastics", "C23": "Glass, cement, ceramics",
    "C24": "Basic metals", "C25": "Metal products", "C26": "Electronics", "C27": "Electrical equipment",
    "C28,C33": "Machinery", "C28": "Machinery", "C29": "Motor vehicles", "C30": "Other transport equipment",
    "C31_C32": "Furniture and other goods", "C31-C33": "Furniture and other goods", "D35": "Electricity and gas",
    "E36": "Water", "E37-E39": "Waste", "F": "Construction", "G45": "Motor trade", "G46": "Wholesale",
    "G47": "Retail", "H49": "Land transport", "H50": "Shipping", "H51": "Air transport", "H52": "Warehousing",
    "H53": "Post and courier", "I": "Hotels and restaurants", "J58": "Publishing", "J59_J60": "Film and broadcasting",
    "J61": "Telecommunications", "J62_J63": "IT services", "K64": "Banking", "K65_K66": "Insurance and pensions",
    "L68": "Real estate", "M69_M70": "Law and accounting", "M71,M73-M75": "Engineering and other professions",
    "M72": "Research", "N": "Business support", "O84": "Public administration", "P85": "Education",
    "Q": "Health and social work", "R-U": "Arts and other services",
    "B05": "Coal", "B06": "Crude oil and gas", "B07": "Metal ores", "B08": "Stone and other minerals",
    "B09": "Mining services", "C10T12": "Food and drink", "C13T15": "Textiles and clothing",
    "C17_18": "Paper and printing", "C24A": "Iron and steel", "C24B": "Other basic metals",
    "C301": "Ships and boats", "C302T309": "Aircraft, trains and other vehicles",
    "C31T33": "Furniture, other goods and repair",
}  # fmt: skip

# Sectors that some tables split: where all parts are meant, the whole is named.
WHOLES = {"B": ("B05", "B06", "B07", "B08", "B09"), "C24": ("C24A", "C24B"), "C30": ("C301", "C302T309")}

HORIZONS = {
    "impact": ("on impact", "Impact", "weeks to months"),
    "short": ("in the short run", "Short run", "about a year"),
    "medium": ("in the medium run", "Medium run", "about three years"),
    "long": ("in the long run", "Long run", "ten years and more"),
}


def sector_name(code: str, name: str) -> str:
    """The short name of a sector."""
    return SECTOR_NAMES.get(code, name or code)


def whole(codes: Sequence[str]) -> list[str]:
    """Sector codes with the parts of a sector replaced by it, where all of them are there."""
    out = list(codes)
    for code, parts in WHOLES.items():
        if all(part in out for part in parts):
            out[out.index(parts[0])] = code
            out = [item for item in out if item not in parts]
    return out


def in_sentence(name: str) -> str:
    """A sector's name inside a sentence: lower case, unless it starts with an abbreviation."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def the(name: str) -> str:
    """A region's name inside a sentence, with the article where English wants one."""
    if name.lower().startswith("the "):
        return "the " + name[4:]
    if name.startswith(("Rest of", "rest of")):
        return "the " + name[:1].lower() + name[1:]
    return f"the {name}" if name.startswith(WITH_ARTICLE) else name


def possessive(name: str) -> str:
    """Japan → Japan's; the United States → the United States'."""
    return name + ("’" if name.endswith("s") else "’s")


def listed(items: Iterable[str], word: str = "and") -> str:
    """a; a and b; a, b and c."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def upper_first(text: str) -> str:
    """The text with a capital first letter and nothing else changed."""
    return text[:1].upper() + text[1:]


def _digits(size: float) -> int:
    return 2 if size < 1 else 1 if size < 20 else 0


def percent(value: float) -> str:
    """A size without its sign, for sentences: "0.12 %"."""
    size = abs(value)
    return f"{size:,.{_digits(size)}f}{SPACE}%"


def share(fraction: float) -> str:
    """A fraction as whole percent: "28 %"; a dash where there is none."""
    if fraction != fraction:
        return "–"
    whole = round(100 * fraction)
    return f"{whole:,d}{SPACE}%".replace("-", MINUS)


def signed(value: float, digits: int) -> str:
    """A number with its sign for tables: "+0.12", "−0.05"; a rounded zero has no sign, a missing one is a dash."""
    if value != value:
        return "–"
    text = f"{value:+,.{digits}f}"
    return f"{0:.{digits}f}" if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)


def signed_percent(value: float) -> str:
    """A change in percent for tables."""
    return signed(value, 2 if abs(value) < 9.995 else 1)


def money(million: float) -> str:
    """A size without its sign: "US$ 5.4 billion"."""
    size = abs(million)
    if size < 1:
        return f"less than US${SPACE}1{SPACE}million"
    for unit, word in ((1e6, "trillion"), (1e3, "billion"), (1.0, "million")):
        if size >= unit * 0.9995:
            value = size / unit
            digits = 0 if value >= 99.5 or unit == 1.0 else 1
            return f"US${SPACE}{value:,.{digits}f}{SPACE}{word}"
    return f"US${SPACE}1{SPACE}million"


def signed_money(million: float) -> str:
    """US$ billion with its sign for tables."""
    return signed(million / 1000, 1 if abs(million) >= 9995 else 2)


@dataclass(frozen=True)
class Effect:
    """The effect on one region: its name in a sentence, percent of real income, US$ million a year."""

    region: str
    percent: float
    money: float


def _phrase(effect: Effect) -> str:
    return f"in {effect.region} by {percent(effect.percent)} ({money(effect.money)} a year)"


def effects(subject: str, plural: bool, found: Sequence[Effect]) -> str:
    """One sentence: the subject lowers real income here, raises it there, and changes practically nothing elsewhere."""
    losses = [item for item in found if item.percent <= -NOTHING]
    gains = [item for item in found if item.percent >= NOTHING]
    others = [item for item in found if abs(item.percent) < NOTHING]
    ending = "" if plural else "s"
    parts: list[str] = []
    for verb, group in (("lower", losses), ("raise", gains)):
        if group:
            object_ = "it" if parts else "real income"
            parts.append(f"{verb}{ending} {object_} {listed(_phrase(item) for item in group)}")
    if others:
        object_ = "it" if parts else "real income"
        parts.append(f"change{ending} {object_} by practically nothing in {listed(item.region for item in others)}")
    # a comma between clauses, because each may itself be a list
    body = parts[0] if len(parts) < 2 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return upper_first(f"{subject} {body}.")


def _borne(fraction: float) -> str:
    """How much of a duty somebody bears, as the object of "bear"."""
    if abs(fraction) < ROUGHLY:
        return "practically none"
    if abs(fraction - 1) < ROUGHLY:
        return "practically the whole"
    if fraction > 1:
        return f"more than the whole ({share(fraction)})"
    return share(fraction) if fraction > 0 else f"none ({share(fraction)})"


def bearing(goods: str, exporter: str, importer: str, shares: tuple[float, float], *, cut: bool = False) -> str:
    """Who pays a higher duty, or gains by a cut; shares: of the importer, and of the producers' own earnings."""
    buyers, producers = shares
    told = ""
    if producers >= ROUGHLY and 1 - buyers >= ROUGHLY:
        told = f" ({100 * producers:.0f} points of it out of the producers’ own earnings)"
    if cut:
        return (
            f"Of the cut of the duty on {goods} from {exporter}, buyers in {importer} get {_borne(buyers)} through"
            f" lower prices, and {exporter} gets {_borne(1 - buyers)} through higher ones{told}."
        )
    return (
        f"Buyers in {importer} bear {_borne(buyers)} of the duty on {goods} through higher prices, and {exporter}"
        f" bears {_borne(1 - buyers)} of it through lower ones{told}."
    )


def moved(subject: str, change_percent: float, change_money: float) -> str:
    """ "output of motor vehicles in Japan falls by 3.4 % (US$ 18.2 billion)", without a full stop."""
    if abs(change_percent) < NOTHING:
        return f"{subject} stays practically the same"
    if change_percent <= -99.95:
        return f"{subject} falls to nothing (from {money(change_money)})"
    verb = "falls" if change_percent < 0 else "rises"
    return f"{subject} {verb} by {percent(change_percent)} ({money(change_money)})"
