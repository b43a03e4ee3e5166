"""What a plan file may say: items, totals and bases. Every model refuses unknown keys."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from gaiatsu.errors import did_you_mean
from gaiatsu.scenario.measure_models import Strict

MOST_ITEMS = 200
ROUNDING = 0.02  # by which published parts may miss their published sum
REST, OTHERS = "not itemised", "other named capabilities"  # what a table or a figure calls what is left
RESERVED = (REST, OTHERS, "year")  # columns of the table by year

Place = tuple[str | int, ...]


class PlanFault(ValueError):
    """A fault of a plan as a whole, with the keys that lead to it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path: Place = path


def _amount(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{value!r} must be a number of at least 0, in the plan's unit")
    return float(value)


def _year(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():  # keys of a mapping are words
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1900 <= value <= 2200:
        raise ValueError(f"{value!r} is not a year between 1900 and 2200")
    return value


def _years(value: Any) -> Any:
    """One year, or the first and the last."""
    years = [value] if isinstance(value, int) else value
    if not isinstance(years, list | tuple) or not 1 <= len(years) <= 2:
        raise ValueError(f"{value!r} must be a year or [first, last]")
    found = [_year(year) for year in years]
    if found[-1] < found[0]:
        raise ValueError(f"{value!r} ends before it begins")
    return found


Money = Annotated[float, BeforeValidator(_amount)]
Year = Annotated[int, BeforeValidator(_year)]
Years = Annotated[list[int], BeforeValidator(_years)]


class BasisModel(Strict):
    """A kind of figure: what it is called and what it contains."""

    title: str = Field(min_length=1, description="What figures on this basis are")
    contains: str = Field(min_length=1, description="What is in them and what is not")


class _Cited(Strict):
    source: str | None = Field(default=None, description="Where the number was read")
    seen: str | None = Field(default=None, description="What was seen of the source: data, excerpt, abstract")


class FigureModel(_Cited):
    """A published total."""

    name: str = Field(min_length=1, description="What it is called")
    amount: Money = Field(description="In the plan's unit")
    basis: str = Field(description="One of `bases`")
    years: Years = Field(description="A year, or the first and the last")
    whole: bool = Field(default=False, description="Whether it is the whole plan on this basis")
    parts: dict[str, Money] = Field(default_factory=dict, description="What it consists of, as far as published")

    @model_validator(mode="after")
    def _adds_up(self) -> FigureModel:
        total = sum(self.parts.values())
        if self.parts and abs(total - self.amount) > ROUNDING * max(self.amount, total):
            raise ValueError(f"its parts add up to {total:g}, not to {self.amount:g}")
        return self


class ItemModel(_Cited):
    """A named capability."""

    name: str = Field(min_length=1, description="What it is called")
    cost: Money = Field(description="In the plan's unit")
    basis: str = Field(min_length=1, description="One of `bases`, the same for all items")
    paid: Years | None = Field(default=None, description="Years over which the cost falls due")
    by_year: dict[Year, Money] = Field(default_factory=dict, description="Known amounts; the rest is spread evenly")
    service: Years | None = Field(default=None, description="Year from which it is in service, or [from, to]")

    @model_validator(mode="after")
    def _fits(self) -> ItemModel:
        known = sum(self.by_year.values())
        if known > self.cost * (1 + 1e-9):
            raise ValueError(f"`by_year` adds up to {known:g}, more than its cost of {self.cost:g}")
        if self.paid and any(not self.paid[0] <= year <= self.paid[-1] for year in self.by_year):
            raise ValueError("`by_year` has a year outside `paid`")
        return self


class ByYearModel(_Cited):
    """Totals of the years, as far as known."""

    basis: str = Field(description="The basis of the items")
    amounts: dict[Year, Money] = Field(min_length=1, description="Year: total of all that falls due")
    note: str | None = Field(default=None, description="What the totals are, such as: as budgeted")


class PlanModel(Strict):
    """A plan file."""

    title: str = Field(min_length=1, description="What the plan is called")
    unit: str = Field(min_length=1, description="Unit of all amounts, such as trillion yen")
    years: Years = Field(description="First and last year")
    label: str | None = Field(default=None, description="What stands before a year, such as FY")
    bases: dict[str, BasisModel] = Field(min_length=1, description="Kinds of figures, by name")
    figures: list[FigureModel] = Field(default_factory=list, max_length=MOST_ITEMS, description="Published totals")
    by_year: ByYearModel | None = Field(default=None, description="Known totals of years, on the items' basis")
    items: list[ItemModel] = Field(min_length=1, max_length=MOST_ITEMS, description="Named capabilities")

    @model_validator(mode="after")
    def _consistent(self) -> PlanModel:
        self.years = [self.years[0], self.years[-1]]
        self._check_bases()
        self._check_names()
        for number, item in enumerate(self.items):
            self._check_item(number, item)
        self._check_totals()
        return self

    def _check_bases(self) -> None:
        own: list[tuple[Place, str]] = [
            (("items", number, "basis"), item.basis) for number, item in enumerate(self.items)
        ]
        if self.by_year:
            own.append((("by_year", "basis"), self.by_year.basis))
        figures = [(("figures", number, "basis"), figure.basis) for number, figure in enumerate(self.figures)]
        for path, used in [*figures, *own]:
            if used not in self.bases:
                raise PlanFault(f"unknown basis {used!r}{_known(used, self.bases)}", *path)
        for path, used in own[1:]:
            if used != own[0][1]:
                raise PlanFault(
                    f"items and `by_year` are on different bases, {own[0][1]!r} and {used!r}, which do not add up: put "
                    "all of them on one",
                    *path,
                )

    def _check_names(self) -> None:
        names: set[str] = set()
        for number, item in enumerate(self.items):
            if item.name.strip().lower() in RESERVED:
                raise PlanFault(
                    f"an item cannot be called {item.name!r}, which tables use themselves: name it otherwise, or leave "
                    "out what is not named",
                    "items", number, "name",
                )  # fmt: skip
            if item.name in names:
                raise PlanFault(f"the item {item.name!r} is there twice", "items", number, "name")
            names.add(item.name)

    def _check_item(self, number: int, item: ItemModel) -> None:
        first, last = self.years
        for key, given in (("paid", item.paid or []), ("by_year", item.by_year)):
            if outside := [year for year in given if not first <= year <= last]:
                raise PlanFault(
                    f"the item {item.name!r} has {outside[0]}, a year outside the plan, {first} to {last}: change it, "
                    "or `years` of the plan",
                    "items", number, key,
                )  # fmt: skip
        span = (item.paid or self.years)[-1] - (item.paid or self.years)[0] + 1
        if len(item.by_year) == span and abs(sum(item.by_year.values()) - item.cost) > 1e-9 * max(item.cost, 1.0):
            raise PlanFault(
                f"the item {item.name!r}: `by_year` gives every year and does not add up to its cost",
                "items", number, "by_year",
            )  # fmt: skip

    def whole(self) -> tuple[float, Place]:
        """The whole plan on the items' basis, and where it stands: its published total, or the sum of the items."""
        for number, figure in enumerate(self.figures):
            if figure.whole and figure.basis == self.items[0].basis:
                return figure.amount, ("figures", number, "amount")
        return sum(item.cost for item in self.items), ("items",)

    def _check_totals(self) -> None:
        seen: set[str] = set()
        for number, figure in enumerate(self.figures):
            if figure.whole and figure.basis in seen:
                raise PlanFault("two figures are the whole plan on one basis", "figures", number, "whole")
            seen |= {figure.basis} if figure.whole else set()
        (first, last), (total, place) = self.years, self.whole()
        named = sum(item.cost for item in self.items)
        if not total > 0:
            raise PlanFault("the whole plan is 0: there is nothing to spread or to take shares of", *place)
        if named > total * (1 + 1e-6):
            raise PlanFault(f"the items cost {named:g} together, more than the whole plan, {total:g}", *place)
        known = self.by_year.amounts if self.by_year else {}
        for year in known:
            if not first <= year <= last:
                raise PlanFault(
                    f"`by_year` has {year}, a year outside the plan, {first} to {last}", "by_year", "amounts", str(year)
                )
        if sum(known.values()) > total * (1 + 1e-9):
            raise PlanFault(f"`by_year` adds up to more than the whole plan, {total:g}", "by_year", "amounts")
        if len(known) == last - first + 1 and abs(sum(known.values()) - total) > ROUNDING * total:
            raise PlanFault(
                f"`by_year` gives every year and does not add up to the whole plan, {total:g}", "by_year", "amounts"
            )


def _known(word: str, known: Any) -> str:
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"


def problem_of(item: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
    """Path and message of one of pydantic's findings, in the words of a plan file."""
    path = tuple(part for part in item["loc"] if part != "[key]")
    if item["type"] == "extra_forbidden":
        parts: dict[str, type[Strict]] = {
            "bases": BasisModel,
            "figures": FigureModel,
            "items": ItemModel,
            "by_year": ByYearModel,
        }
        model = parts.get(str(path[0]), PlanModel) if len(path) > 1 else PlanModel
        return path, f"unknown key{_known(str(path[-1]), model.model_fields)}"
    if item["type"] == "missing":
        return path[:-1], f"the key {str(path[-1])!r} is missing"
    if item["type"] == "value_error":
        error = item["ctx"]["error"]
        return (*path, *getattr(error, "path", ())), str(error)
    return path, f"{item['msg'][0].lower()}{item['msg'][1:]}"
