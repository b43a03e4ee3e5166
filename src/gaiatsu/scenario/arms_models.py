"""What a scenario file may ask under `security: arms`: from whom arms come, and what a joint line would do to that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from gaiatsu.errors import DataMissing, GaiatsuError, ScenarioError, did_you_mean
from gaiatsu.scenario.measure_models import Strict, Words
from gaiatsu.scenario.quantities import PERCENT_SCHEMA, Factor, Positive, Rate, Share, ShareBelowOne
from gaiatsu.scenario.security_question import Fault, Question
from gaiatsu.security.coproduction import PRICES, SET_UPS
from gaiatsu.world.codes import countries, country_code

if TYPE_CHECKING:
    from gaiatsu.security.arms import Profile, Register
    from gaiatsu.security.coproduction import Box
    from gaiatsu.world.world import World

# Premium: what precedents span (gaiatsu.security.arms.precedents), F-104J and items that GAO found. Learning: assumed;
# Wright (1936) is told with 15 and with 20 %. Set-up: Nagoya's US$ 1 billion for final assembly alone is a floor, its
# double an assumption.
PREMIUM, LEARNING, SET_UP = (-0.10, 2.0), (0.15, 0.20), (1000.0, 2000.0)
MOST_PREMIUM, MOST_LEARNING = 99.0, 0.95
FIRST, LAST = 1950, 2100
MOST_PARTNERS, MOST_UNITS = 6, 10**5


def _pair(value: Any) -> Any:
    """One number as both ends of a range, a list of two as it is."""
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError(f"{list(value)!r} must be one number, or its low and its high end")
        return tuple(value)
    return value, value


def _rising(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"goes from {value[0]:g} to {value[1]:g}: exchange the ends")
    return value


def _bounded(low: float, high: float, unit: str = "") -> AfterValidator:
    """A validator of a number, or of both ends of a range, that cost functions can compute with."""

    def checked(value: Any) -> Any:
        for end in value if isinstance(value, tuple) else (value,):
            if not low <= end <= high:
                raise ValueError(f"{end:g} must lie between {low:g} and {high:g}{unit}")
        return value

    return AfterValidator(checked)


def _more_than_nothing(value: tuple[float, float]) -> tuple[float, float]:
    if value[1] == 0:
        raise ValueError("is 0: nothing would move")
    return value


_SINGLE: dict[str, Any] = {"anyOf": [{"type": "number"}, PERCENT_SCHEMA]}
_SCHEMA = WithJsonSchema(
    {"anyOf": [*_SINGLE["anyOf"], {"type": "array", "items": _SINGLE, "minItems": 2, "maxItems": 2}]}
)
ShareRange = Annotated[
    tuple[Share, Share], BeforeValidator(_pair), AfterValidator(_rising), AfterValidator(_more_than_nothing), _SCHEMA
]
LearningRange = Annotated[
    tuple[ShareBelowOne, ShareBelowOne],
    BeforeValidator(_pair), AfterValidator(_rising), _bounded(0, MOST_LEARNING), _SCHEMA,
]  # fmt: skip
PremiumRange = Annotated[
    tuple[Rate, Rate], BeforeValidator(_pair), AfterValidator(_rising), _bounded(-0.99, MOST_PREMIUM), _SCHEMA
]
SetUpRange = Annotated[
    tuple[Factor, Factor], BeforeValidator(_pair), AfterValidator(_rising), _bounded(*SET_UPS, " US$ million"), _SCHEMA
]
Price = Annotated[Positive, _bounded(*PRICES, " US$ million")]
Units = Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS)]


def _year_pair(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    return tuple(value) if isinstance(value, list) else value


Years = Annotated[
    tuple[
        Annotated[int, Field(strict=True, ge=FIRST, le=LAST)], Annotated[int, Field(strict=True, ge=FIRST, le=LAST)]
    ],
    BeforeValidator(_year_pair),
    AfterValidator(_rising),
    WithJsonSchema({"anyOf": [
        {"type": "integer"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    ]}),
]  # fmt: skip


class CoproductionModel(Strict):
    """A joint line of some partners, in place of what they buy abroad."""

    partners: Words = Field(max_length=MOST_PARTNERS, description="Who buys from the line")
    share: ShareRange = Field(description="Share of each partner's deliveries that moves to the line; or low and high")
    volume: dict[str, Units] = Field(description="Units that each partner buys, in all")
    unit_cost: Price = Field(description="Price of a unit bought abroad, US$ million")
    work_share: dict[str, Share] | None = Field(
        default=None, description="Part of a unit's value that each makes; left out, equal parts"
    )
    sellers: dict[str, Words] | None = Field(
        default=None, description="From whom each partner's share is taken; left out, its largest supplier"
    )
    licensor: str | None = Field(
        default=None, min_length=1, description="Who makes what the partners do not; left out, the sellers"
    )
    premium: PremiumRange = Field(
        default=PREMIUM, description="Cost over the price abroad, of the first unit or of the whole run"
    )
    learning: LearningRange = Field(default=LEARNING, description="Fall of unit cost per doubling")
    set_up: SetUpRange = Field(default=SET_UP, description="Cost of a line before its first unit, US$ million")

    @model_validator(mode="after")
    def _fits(self) -> CoproductionModel:
        if len(set(self.partners)) < len(self.partners):
            raise ValueError(f"partners {', '.join(self.partners)}: one is named twice")
        if set(self.volume) != set(self.partners):
            raise ValueError(f"volume is of {', '.join(self.volume)}; give that of {', '.join(self.partners)}")
        for key in ("work_share", "sellers"):
            for name in getattr(self, key) or {}:
                if name not in self.partners:
                    raise ValueError(f"{key} names {name!r}{did_you_mean(name, self.partners)}, who is no partner")
        if not 0 < sum(self.work().values()) <= 1 + 1e-9:
            raise ValueError(f"work_share is {sum(self.work().values()):.4g} together: more than 0 and at most 1")
        return self

    def work(self) -> dict[str, float]:
        """Work share by partner, as written; equal parts where nothing is said."""
        if self.work_share is None:
            return {name: 1 / len(self.partners) for name in self.partners}
        return {name: self.work_share.get(name, 0.0) for name in self.partners}

    def work_share_of(self, code: str) -> float:
        """Work share of the partner with that ISO3 code."""
        return next(part for name, part in self.work().items() if country_code(name) == code)

    def volume_of(self, code: str) -> int:
        """Units that the partner with that ISO3 code buys."""
        return next(units for name, units in self.volume.items() if country_code(name) == code)

    def box(self) -> Box:
        """What is not identified."""
        from gaiatsu.security.coproduction import Box

        return Box(premium=self.premium, learning=self.learning, set_up=self.set_up)


class ArmsModel(Question):
    """From whom recipients get their arms, and what co-production would change."""

    recipients: Words = Field(description="Whose suppliers are looked at")
    deliveries: str | None = Field(
        default=None, min_length=1, description="Your own download from SIPRI; left out, a few bundled figures"
    )
    years: Years | None = Field(default=None, description="First and last year of delivery; left out, the last five")
    category: str | None = Field(default=None, min_length=1, description="One category of arms, such as Aircraft")
    coproduction: CoproductionModel | None = Field(default=None, description="A joint line")

    def faults(self, world: World) -> list[Fault]:
        """Names that are no country, and what neither the register nor the bundled figures have."""
        found = self._unknown(world)
        if found:
            return found
        if self.deliveries is None and (self.category or self.years):
            key = "category" if self.category else "years"
            return [((key,), "the bundled figures are of all arms, 2020 to 2024: give `deliveries`, or leave it out")]
        try:
            profiles, _ = self.profiles(world)
        except DataMissing as error:
            return [(("deliveries",), str(error))]
        except ScenarioError as error:
            narrowed = [key for key in ("category", "years") if self.deliveries and getattr(self, key)]
            told = {"category": "no category", "years": "no deliveries"}
            key = next((key for key in narrowed if told[key] in str(error)), "recipients")
            return [((key,), str(error))]
        except GaiatsuError as error:
            return [(("deliveries",), str(error))]
        return self._impossible(profiles)

    def _unknown(self, world: World) -> list[Fault]:
        line = self.coproduction
        named: list[tuple[tuple[str, ...], str]] = []
        if line is not None:
            named += [(("partners",), name) for name in line.partners]
            named += [(("sellers", key), name) for key, words in (line.sellers or {}).items() for name in words]
            named += [(("licensor",), name) for name in (line.licensor,) if name]
        found: list[Fault] = [
            (("coproduction", *path), f"unknown country {name!r}{did_you_mean(name, countries())}")
            for path, name in named
            if country_code(name) is None
        ]
        for key, words in (line.sellers or {}).items() if line is not None else ():
            codes = [country_code(name) or name for name in words]
            if len(set(codes)) < len(codes):
                found.append(
                    (("coproduction", "sellers", key), f"{', '.join(words)}: two of them are the same country")
                )
        try:
            self.recipient_codes(world)
        except ScenarioError as error:
            found.append((("recipients",), str(error)))
        if line is not None and len({country_code(name) for name in line.partners}) < len(line.partners):
            found.append((("coproduction", "partners"), "two of them are the same country"))
        return found

    def _impossible(self, profiles: Mapping[str, Profile]) -> list[Fault]:
        from gaiatsu.security.arms import joint_line

        if self.coproduction is None:
            return []
        found: list[Fault] = []
        for code, given in self.line_of(profiles).items():
            try:
                joint_line(profiles[code], self.coproduction.share[1], **given)
            except ScenarioError as error:
                said = self.coproduction.sellers is not None and "delivers nothing" in str(error)
                found.append((("coproduction", "sellers" if said else "share"), str(error)))
        return found

    def recipient_codes(self, world: World) -> list[str]:
        """Recipients as ISO3 codes, partners included; groups become their members in the world."""
        found: list[str] = []
        for name in [*self.recipients, *(self.coproduction.partners if self.coproduction else ())]:
            code = country_code(name)
            found += [code] if code else [world.regions[place] for place in world.region_indices(name)]
        return list(dict.fromkeys(found))

    def line_of(self, profiles: Mapping[str, Profile]) -> dict[str, dict[str, Any]]:
        """Partner's code → what gaiatsu.security.arms.joint_line takes beside the profile and the share."""
        line = self.coproduction
        assert line is not None
        codes = {name: str(country_code(name)) for name in line.partners}
        work = {codes[name]: part for name, part in line.work().items()}
        sellers = {
            codes[name]: [str(country_code(word)) for word in found] for name, found in (line.sellers or {}).items()
        }
        licensor = country_code(line.licensor) if line.licensor else None
        return {
            code: {"work": work, "sellers": sellers.get(code), "licensor": licensor}
            for code in codes.values()
            if code in profiles
        }

    def files(self) -> dict[str, dict[str, Any]]:
        """The register, as it was read; without a hash where it is not there and the bundled figures stand in."""
        from gaiatsu.security.arms import load_register

        if self.deliveries is None:
            return {}
        try:
            digest = load_register(self.beside(self.deliveries)).sha256
        except DataMissing:
            digest = None
        return {"deliveries": {"name": self.deliveries, "sha256": digest}}

    def profiles(self, world: World) -> tuple[dict[str, Profile], Register | None]:
        """Recipient → its suppliers, and the register they are from: None where the bundled figures stand in.

        They do where no register is named, and where the file that is named is not there (looked for beside the
        scenario's file, and from where the command runs). Raises DataError for a malformed file, DataMissing where it
        is not there and nothing stands in for it, ScenarioError for a recipient of whom there is nothing.
        """
        from gaiatsu.security import arms

        codes = self.recipient_codes(world)
        try:
            register = arms.load_register(self.beside(self.deliveries)) if self.deliveries else None
        except DataMissing as error:
            if lacking := [code for code in codes if code not in arms.bundled()]:
                raise DataMissing(
                    f"{error}; they have no deliveries to {', '.join(lacking)}, only to {', '.join(arms.bundled())}"
                ) from error
            register = None
        if register is not None:
            years = self.years or (max(register.years[0], register.years[1] - arms.WINDOW + 1), register.years[1])
            given = {"years": years, "category": self.category}
            return {code: arms.profile(register, code, **given) for code in codes}, register  # type: ignore[arg-type]
        bundled = arms.bundled()
        if missing := [code for code in codes if code not in bundled]:
            raise ScenarioError(
                f"the bundled figures have no deliveries to {', '.join(missing)}; they have those to "
                f"{', '.join(bundled)}: give `deliveries`, your own download from SIPRI"
            )
        return {code: bundled[code] for code in codes}, None
