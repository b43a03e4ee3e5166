"""What a plan file may say: items, totals and bases. Every model refuses unknown keys."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from gaiatsu.errors import did_you_mean
from gaiatsu.scenario.measure_models import Strict

MOST_ITEMS = 200
ROUNDING = 0.02  # by which published parts may miss their published sum


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
    amounts: dict[Year, Money] = Field(min_length=1, description="Year: total of all that is contracted or paid")


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
        own = [item.basis for item in self.items] + ([self.by_year.basis] if self.by_year else [])
        for used in [*(figure.basis for figure in self.figures), *own]:
            if used not in self.bases:
                raise ValueError(f"unknown basis {used!r}{_known(used, self.bases)}")
        basis, *others = dict.fromkeys(own)
        if others:
            raise ValueError(
                f"items and `by_year` are on different bases, {basis!r} and {others[0]!r}, which do not add up: put "
                "all of them on one"
            )
        names = [item.name for item in self.items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the item {twice[0]!r} is there twice")
        self._check_years()
        return self

    def _check_years(self) -> None:
        first, last = self.years[0], self.years[-1]
        self.years = [first, last]
        for item in self.items:
            given = [*(item.paid or []), *item.by_year]
            if any(not first <= year <= last for year in given):
                raise ValueError(f"the item {item.name!r} has a year outside the plan, {first} to {last}")
            span = (item.paid or self.years)[-1] - (item.paid or self.years)[0] + 1
            if len(item.by_year) == span and abs(sum(item.by_year.values()) - item.cost) > 1e-9 * max(item.cost, 1.0):
                raise ValueError(f"the item {item.name!r}: `by_year` gives every year and does not add up to its cost")
        if len({figure.basis for figure in self.figures if figure.whole}) < sum(item.whole for item in self.figures):
            raise ValueError("two figures are the whole plan on one basis")
        whole = [item.amount for item in self.figures if item.whole and item.basis == self.items[0].basis]
        known = self.by_year.amounts if self.by_year else {}
        total = whole[0] if whole else sum(item.cost for item in self.items)
        if any(not first <= year <= last for year in known):
            raise ValueError(f"`by_year` has a year outside the plan, {first} to {last}")
        if sum(known.values()) > total * (1 + 1e-9):
            raise ValueError(f"`by_year` adds up to more than the whole plan, {total:g}")
        if len(known) == last - first + 1 and abs(sum(known.values()) - total) > ROUNDING * total:
            raise ValueError(f"`by_year` gives every year and does not add up to the whole plan, {total:g}")


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
        return path, str(item["ctx"]["error"])
    return path, f"{item['msg'][0].lower()}{item['msg'][1:]}"
