"""What a scenario file may ask under `security: burden`: who carries an alliance, and how protection is best paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator, model_validator

from gaiatsu.errors import DataError, GaiatsuError, ScenarioError
from gaiatsu.scenario.budget_models import Numbers, Rates, Year
from gaiatsu.scenario.deterrence_models import CostRange, DecisivenessRange, WeightRange
from gaiatsu.scenario.measure_models import Strict, Words
from gaiatsu.scenario.quantities import Positive, Rate, Share, format_percent
from gaiatsu.scenario.security_question import Fault, Question

if TYPE_CHECKING:
    from gaiatsu.security.capabilities import Figure, Spending
    from gaiatsu.world.world import World

LEVELS = (0.025, 0.05, 0.10, 0.15, 0.25, 0.35, 0.50)  # of duties, where a file gives none
MOST_LEVELS, HIGHEST = 12, 2.0
MOST_MEMBERS = 40
MOST_SHARE = 0.99  # of GDP: a country that spends it all has nothing to choose
LINK = ("defender", "protector", "attacker", "reliability")  # the keys of the second question


class OwnFigure(Strict):
    """What a country spends on its forces, in place of the figures of `figures`."""

    billion: Positive = Field(description="US$ billion a year")
    of_gdp: Share = Field(description="The same as a share of its GDP")

    @field_validator("of_gdp")
    @classmethod
    def _something(cls, value: float) -> float:
        if value <= 0:
            raise ValueError("must be above 0: GDP is found from it")
        if value > MOST_SHARE:
            raise ValueError(f"must be at most {format_percent(MOST_SHARE)}: the rest is what the country lives on")
        return value


class FallModel(Strict):
    """The chance that the ally comes, before and after what makes it doubtful."""

    before: Share = Field(description="Before")
    after: Share = Field(description="After, and lower")

    @model_validator(mode="after")
    def _falls(self) -> FallModel:
        if not self.after < self.before:
            raise ValueError("must fall: `after` has to lie below `before`")
        return self


class DutiesModel(Strict):
    """Duties of the protector on the defender's goods, added to those in force."""

    sectors: Words = Field(default=["goods"], description="Codes, names, `goods`, `services` or `all`")
    levels: list[Rate] = Field(
        default=list(LEVELS),
        min_length=2,
        max_length=MOST_LEVELS,
        description="Levels that are solved, rising from above 0",
    )
    shown: Rate | None = Field(
        default=None, description="The level told first, one of `levels`; left out: the middle one"
    )

    @model_validator(mode="after")
    def _rising(self) -> DutiesModel:
        if not all(low < high for low, high in zip([0.0, *self.levels], self.levels, strict=False)):
            raise ValueError("`levels` must be above 0 and rise")
        if self.levels[-1] > HIGHEST:
            raise ValueError(f"`levels` go to {format_percent(self.levels[-1])}; at most {format_percent(HIGHEST)}")
        if self.shown is not None and self.shown not in self.levels:
            raise ValueError(f"`shown` is {format_percent(self.shown)}, which is none of `levels`")
        return self

    def told(self) -> float:
        """The level told first."""
        return self.levels[len(self.levels) // 2] if self.shown is None else self.shown


class BurdenModel(Question):
    """Two questions, either or both: who carries an alliance (`members`); and, for an ally that pays for protection,
    own outlays or duties accepted (`defender`, `protector`, `attacker`, `reliability`). Ranges are [low, high].
    """

    members: Words | None = Field(default=None, description="Countries of the alliance, by name or code")
    spillover: Rates = Field(
        default=(0.0, 1.0), description="Part of the others' outlays that protects a member too; left out: all there is"
    )
    taste: Rates | None = Field(
        default=None,
        description="Share of income for defence that each would spend alone; left out: from the largest's outlays",
    )
    figures: str | None = Field(
        default=None, min_length=1, description="`default`, or a downloaded file of military spending"
    )
    year: Year | None = Field(default=None, description="Year of the figures; left out: the latest that all have")
    spending: dict[str, OwnFigure] = Field(
        default_factory=dict, description="Own figures by country, in place of those of `figures`"
    )
    defender: str | None = Field(default=None, min_length=1, description="Who pays for protection")
    protector: str | None = Field(default=None, min_length=1, description="The ally, which may levy duties")
    attacker: str | None = Field(default=None, min_length=1, description="Who is to be deterred")
    reliability: FallModel | None = Field(default=None, description="The chance that the protector comes")
    duties: DutiesModel = Field(default_factory=DutiesModel, description="Duties that may be accepted")
    bought: Numbers | None = Field(
        default=None,
        description="Percentage points of reliability that ten points of duty buy; left out: 0 to all lost",
    )
    ally_weight: WeightRange | None = Field(default=None, description="Share of the ally's effort that counts")
    decisiveness: DecisivenessRange | None = Field(default=None, description="Exponent of the contest of efforts")
    cost_ratio: CostRange | None = Field(default=None, description="The attacker's cost over its prize")
    multiplier: Numbers | None = Field(
        default=None,
        description="Dollars of GDP that a dollar of outlays adds; left out: from 0 to the highest of budgets",
    )

    @model_validator(mode="after")
    def _possible(self) -> BurdenModel:
        missing = [key for key in LINK if getattr(self, key) is None]
        if missing and len(missing) < len(LINK):
            raise ValueError(f"lacks {', '.join(missing)}: {', '.join(LINK)} go together")
        if missing and self.members is None:
            raise ValueError(f"asks nothing: give `members`, or {', '.join(LINK)}")
        if self.members is not None and not 2 <= len(set(self.members)) == len(self.members) <= MOST_MEMBERS:
            raise ValueError(f"`members` must be 2 to {MOST_MEMBERS} countries, each named once")
        if self.spillover[0] < 0 or self.spillover[1] > 1:
            raise ValueError("`spillover` must lie from 0 to 1")
        if self.taste is not None and not 0 < self.taste[0] <= self.taste[1] < 1:
            raise ValueError("`taste` must lie above 0 and below 1")
        self._bounded()
        return self

    def _bounded(self) -> None:
        bounds = {"multiplier": (0.0, 0.95), "bought": (0.0, 100.0)}
        for key, (least, most) in bounds.items():
            value = getattr(self, key)
            if value is not None and not (least <= value[0] and value[1] <= most):
                raise ValueError(f"`{key}` is {value[0]:g} to {value[1]:g}; it must lie from {least:g} to {most:g}")

    @property
    def asks_link(self) -> bool:
        """Whether it asks how protection is best paid."""
        return self.defender is not None

    def faults(self, world: World) -> list[Fault]:
        """Countries and sectors that are not known, and those without figures."""
        found: list[Fault] = []
        for place, word in enumerate(self.members or []):
            found += _wrong(("members", place), word, world)
        for word in self.spending:
            found += _wrong(("spending", word), word, world)
        for key in LINK[:3]:
            if (word := getattr(self, key)) is not None:
                found += _wrong((key,), word, world, trades=key != "attacker")
        if not found:
            found += self._twice(world)
        if self.asks_link:
            for place, word in enumerate(self.duties.sectors):
                try:
                    world.sector_indices(word)
                except ScenarioError as error:
                    found.append((("duties", "sectors", place), str(error)))
        if not found:
            try:
                self.outlays(world)
            except GaiatsuError as error:
                found.append((("year",) if self.year else ("figures",) if self.figures else (), str(error)))
        return found

    def _twice(self, world: World) -> list[Fault]:
        """Countries that are named under two words, or on two sides."""
        found: list[Fault] = []
        for keys in (LINK[:3], ("members",) * len(self.members or [])):
            seen: dict[str, str] = {}
            words = self.members or [] if keys[:1] == ("members",) else [getattr(self, key) for key in keys]
            for place, (key, word) in enumerate(zip(keys, words, strict=True)):
                code = code_of(word, world) if word is not None else f"no {key}"
                path = (key, place) if key == "members" else (key,)
                if code in seen:
                    found.append((path, f"{word!r} is {seen[code]!r}, which is named already"))
                seen[code] = str(word)
        return found

    def named(self) -> list[str]:
        """All countries it names, each once."""
        words = [*(self.members or []), *(getattr(self, key) for key in LINK[:3])]
        return list(dict.fromkeys(word for word in words if word is not None))

    def outlays(self, world: World) -> tuple[dict[str, Figure], Spending]:
        """Military spending by code of all countries named, and where it is from. Raises DataError."""
        from gaiatsu.security.capabilities import Figure, spending_from

        known = spending_from(self.beside(self.figures) if self.figures else None)
        given = {code_of(word, world): figure for word, figure in self.spending.items()}
        codes = [code_of(word, world) for word in self.named()]
        asked = [code for code in codes if code not in given]
        years = known.years(asked) if asked else []
        year = self.year or (years[-1] if years else 0)
        if asked and not year:
            for code in asked:
                known.of(code, int(known.table["year"].max()))  # says which has none
            raise DataError(f"{known.name} have no year with all of {', '.join(asked)}: give `spending` of some")
        found = {code: known.of(code, year) for code in asked}
        found |= {code: Figure(code, year, own.billion, own.of_gdp) for code, own in given.items() if code in codes}
        attacker = None if self.attacker is None else code_of(self.attacker, world)
        for code, figure in found.items():
            if code != attacker and not figure.gdp_share > 0:
                raise DataError(f"{known.name} have no share of GDP of {code}: give it under `spending`")
            if code != attacker and figure.gdp_share > MOST_SHARE:
                raise DataError(
                    f"{known.name} have {code} spend {format_percent(figure.gdp_share)} of its GDP; the model takes "
                    f"{format_percent(MOST_SHARE)} at most: give other figures under `spending`, or another `year`"
                )
        return {code: found[code] for code in codes}, known


def code_of(word: str, world: World) -> str:
    """The code of a country: the world's where it has it, otherwise ISO3. Raises ScenarioError."""
    from gaiatsu.world.codes import country_code

    try:
        places = world.region_indices(word)
    except ScenarioError:
        code = country_code(word)
        if code is None:
            raise
        return code
    if len(places) > 1:
        raise ScenarioError(f"{word!r} means several regions: name one country")
    return str(world.regions[int(places[0])])


def _wrong(path: tuple[str | int, ...], word: str, world: World, *, trades: bool = False) -> list[Fault]:
    try:
        code = code_of(word, world)
    except ScenarioError as error:
        return [(path, str(error))]
    if trades and code not in world.regions:
        return [(path, f"{word!r} is part of another region in world {world.name!r}: its trade is not known")]
    return []
