"""Plan files: what a defence programme buys, item by item, and on which basis each of its figures stands.

Figures of one programme are told as money agreed on, as contracts, as budgets, as shares of some year's GDP. They
differ, and a share of the one in the other means nothing: an `Amount` carries its basis, and two of different basis
cannot be added or compared. A plan is a YAML or CSV file (docs/defence-budget.md), or a bundled one by its name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from gaiatsu.errors import DataError, DataMissing, did_you_mean
from gaiatsu.scenario.plain_yaml import MAX_BYTES, PlainYamlError, read_plain_yaml
from gaiatsu.security.plan_models import REST, ItemModel, PlanFault, PlanModel, problem_of

SUFFIXES = (".yaml", ".yml", ".csv")
CSV_COLUMNS = ("item", "cost", "basis", "unit", "first", "last", "service_from", "service_to", "source", "seen")
CSV_NEEDED = CSV_COLUMNS[:6]
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Amount:
    """Money on a basis: value in `unit`. Adding, subtracting or dividing two of different basis or unit is an error."""

    value: float
    basis: str
    unit: str

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.value + self._like(other).value, self.basis, self.unit)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.value - self._like(other).value, self.basis, self.unit)

    def __mul__(self, factor: float) -> Amount:
        return Amount(self.value * factor, self.basis, self.unit)

    def __truediv__(self, other: Amount) -> float:
        """The share of this in the other."""
        if not self._like(other).value:
            raise DataError(f"a share of nothing: the amount on the basis {self.basis!r} to divide by is 0")
        return self.value / other.value

    def _like(self, other: Amount) -> Amount:
        if not isinstance(other, Amount):
            raise DataError(f"{other!r} has no basis: make it an Amount")
        for what, mine, theirs in (("basis", self.basis, other.basis), ("unit", self.unit, other.unit)):
            if mine != theirs:
                raise DataError(
                    f"amounts of different {what} cannot be mixed: {self.value:g} {self.unit} ({self.basis}) and "
                    f"{other.value:g} {other.unit} ({other.basis})"
                )
        return other


@dataclass(frozen=True)
class Basis:
    """What figures of this kind contain."""

    name: str
    title: str
    contains: str


@dataclass(frozen=True)
class Figure:
    """A published total: over the years `first` to `last`; parts: name → value, as far as published."""

    name: str
    amount: Amount
    first: int
    last: int
    whole: bool
    parts: tuple[tuple[str, float], ...]
    source: str
    seen: str


@dataclass(frozen=True)
class Item:
    """A named capability.

    first, last: years over which its cost falls due (`assumed` where the plan does not say); by_year: known amounts;
    service: year from which, and until which, it is in service, as far as known.
    """

    name: str
    cost: Amount
    first: int
    last: int
    assumed: bool
    by_year: tuple[tuple[int, float], ...]
    service: tuple[int, int | None] | None
    source: str
    seen: str

    def spread(self, years: range) -> np.ndarray:
        """[years] its cost by year: what is known, and the rest evenly over the other years of its own."""
        known = dict(self.by_year)
        open_years = [year for year in range(self.first, self.last + 1) if year not in known]
        rest = (self.cost.value - sum(known.values())) / len(open_years) if open_years else 0.0
        return np.array([known.get(year, rest if year in open_years else 0.0) for year in years])


@dataclass(frozen=True)
class Plan:
    """A programme: its items on one basis, its totals on several.

    yearly: year → what is known of the total of the items' basis, and yearly_note what that is; label: what stands
    before a year, such as FY; sha256: of the file it was read from.
    """

    title: str
    unit: str
    first: int
    last: int
    label: str
    bases: dict[str, Basis]
    figures: tuple[Figure, ...]
    items: tuple[Item, ...]
    yearly: tuple[tuple[int, float], ...]
    yearly_note: str
    origin: str
    sha256: str

    @property
    def basis(self) -> str:
        """The basis of all items."""
        return self.items[0].cost.basis

    @property
    def years(self) -> range:
        """The years of the programme."""
        return range(self.first, self.last + 1)

    def named(self) -> Amount:
        """The cost of all items together."""
        total = self.items[0].cost
        for item in self.items[1:]:
            total = total + item.cost
        return total

    def total(self) -> Amount:
        """The whole programme on the items' basis: its published figure, otherwise the sum of its items."""
        found = [figure.amount for figure in self.figures if figure.whole and figure.amount.basis == self.basis]
        return found[0] if found else self.named()

    def named_share(self) -> float:
        """What part of the programme goes to named capabilities."""
        return self.named() / self.total()

    def known(self) -> Amount | None:
        """The totals of the years of which they are known, together, on the items' basis; None where none is."""
        return Amount(sum(value for _, value in self.yearly), self.basis, self.unit) if self.yearly else None

    def schedule(self) -> pd.DataFrame:
        """[year × item and `not itemised`] in the plan's unit; rows add up to what is known of each year.

        What is left of the whole plan is spread evenly over the years of which nothing is known. Raises DataError where
        the items of a year cost more than the year.
        """
        frame = pd.DataFrame({item.name: item.spread(self.years) for item in self.items}, index=list(self.years))
        named, known = frame.sum(axis=1), dict(self.yearly)
        open_years = [year for year in self.years if year not in known]
        left = self.total().value - sum(known.values()) - named[open_years].sum()
        rest = pd.Series({year: known.get(year, 0.0) - named[year] for year in self.years})
        rest[open_years] = left / max(len(open_years), 1)
        # amounts are told in few digits: less than nothing by rounding is nothing
        slack = 1e-6 * max(self.total().value, 1.0)
        if (rest < -slack).any():
            raise _Overspent(
                f"items of {rest.idxmin()} cost {-rest.min():.4g} {self.unit} more than what is known of the whole: "
                "give `by_year` or `paid` for them, or check `figures` and `by_year` of the plan",
                int(rest.idxmin()),
            )
        frame[REST] = rest.mask(rest.abs() <= slack, 0.0)
        return frame.rename_axis("year")

    def in_service(self) -> pd.DataFrame:
        """Items whose years in service are known: item, from, to (missing: open)."""
        rows = [(item.name, *item.service) for item in self.items if item.service]
        return pd.DataFrame(rows, columns=["item", "service_from", "service_to"]).astype({"service_to": "Int64"})


class _Overspent(DataError):
    """Items that cost more than a year has."""

    def __init__(self, message: str, year: int) -> None:
        super().__init__(message)
        self.year = year


# --------------------------------------------------------------------------------------------------------- loading
@cache
def plan_names() -> tuple[str, ...]:
    """Names of the bundled plans."""
    folder = resources.files("gaiatsu.security") / "data"
    return tuple(sorted(item.name[5:-5] for item in folder.iterdir() if re.fullmatch(r"plan-.+\.yaml", item.name)))


def load_plan(path_or_name: str | os.PathLike[str]) -> Plan:
    """A plan by the name of a bundled one, or from a YAML or CSV file.

    Raises DataMissing when there is none, DataError with file and line (YAML) or row (CSV) for every fault.
    """
    if not isinstance(path_or_name, str | os.PathLike):
        raise DataError(f"{path_or_name!r} is neither the name of a plan nor the path of a file")
    word = str(path_or_name)
    if word in plan_names():
        name = f"plan-{word}.yaml"
        return _from_yaml(resources.files("gaiatsu.security").joinpath("data", name).read_bytes(), name)
    if not word.lower().endswith(SUFFIXES):
        known = ", ".join(plan_names())
        hint = did_you_mean(word, plan_names()) or f"; bundled are {known}"
        raise DataMissing(f"there is no plan {word!r}{hint} (a file must end in {', '.join(SUFFIXES)})")
    content = _read(Path(word))
    return _from_csv(content, word) if word.lower().endswith(".csv") else _from_yaml(content, word)


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{path} is not a regular file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise DataMissing(f"there is no plan file {path}") from error
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if len(content) > MAX_BYTES:
        raise DataError(f"{path} is larger than {MAX_BYTES // 1024} kB: too large for a plan")
    return content


def _from_yaml(content: bytes, name: str) -> Plan:
    try:
        data, lines = read_plain_yaml(content)
    except PlainYamlError as error:
        raise DataError(f"{name}:{error.line}: {error}" if error.line else f"{name}: {error}") from error
    if not isinstance(data, dict):
        raise DataError(f"{name}: a plan is a mapping with `title`, `unit`, `years`, `bases` and `items`")
    try:
        return _plan(PlanModel.model_validate(data), name, content)
    except PlanFault as error:
        problems = [(error.path, str(error))]
    except ValidationError as error:
        problems = [problem_of(dict(item)) for item in error.errors(include_url=False)]
    told = []
    for path, message in problems:
        line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)
        told.append((line or 0, f"{name}{f':{line}' if line else ''} {_shown(path)}: {message}"))
    raise DataError("\n".join(text for _, text in sorted(told)))


def _shown(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the plan"


def _from_csv(content: bytes, name: str) -> Plan:
    """Items only, one a row; first and last are the years over which the cost falls due."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{name} row {line}: not UTF-8 text: save it as UTF-8") from error
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        columns = [str(column).strip() for column in reader.fieldnames or []]
        _check_columns(columns, name)
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise DataError(f"{name} row {reader.line_num}: {error}") from error
    if not rows:
        raise DataError(f"{name} has no items: one a row below the head")
    models = [_row(name, number, row) for number, row in rows]
    units = {(row.get("unit") or "").strip() for _, row in rows}
    if len(units) > 1 or "" in units:
        raise DataError(f"{name}: `unit` must be the same word in every row (it is {', '.join(sorted(units))!r})")
    bases = {model.basis: {"title": model.basis, "contains": "as in the file"} for model in models}
    years = [year for model in models for year in model.paid or []]
    if not years:
        raise DataError(f"{name}: no row has `first` and `last`: give the years of at least one item")
    data = {"title": Path(name).stem, "unit": units.pop(), "years": [min(years), max(years)], "bases": bases}
    try:
        return _plan(PlanModel.model_validate({**data, "items": models}), name, content)
    except ValidationError as error:
        told = []
        for path, message in (problem_of(dict(item)) for item in error.errors()):
            place = f" row {rows[path[1]][0]}" if len(path) > 1 and isinstance(path[1], int) else ""
            told.append(f"{name}{place}: {message}")
        raise DataError("\n".join(told)) from error


def _check_columns(columns: list[str], name: str) -> None:
    for column in columns:
        if column not in CSV_COLUMNS:
            hint = did_you_mean(column, CSV_COLUMNS) or f"; known are {', '.join(CSV_COLUMNS)}"
            raise DataError(f"{name} row 1: unknown column {column!r}{hint}")
    for column in CSV_NEEDED:
        if column not in columns:
            raise DataError(f"{name} row 1: the column {column!r} is missing")
    if len(set(columns)) < len(columns):
        raise DataError(f"{name} row 1: a column is named twice")


def _row(name: str, number: int, row: dict[str, str | None]) -> ItemModel:
    """One item from a row. Raises DataError with the row."""
    if None in row or None in row.values():
        raise DataError(f"{name} row {number}: it does not have as many cells as the head")
    cells = {key: (value or "").strip() for key, value in row.items()}
    try:
        given: dict[str, object] = {"name": cells["item"], "cost": _number(cells["cost"]), "basis": cells["basis"]}
        for key, first, last in (("paid", "first", "last"), ("service", "service_from", "service_to")):
            found = [_number(cells[column]) for column in (first, last) if cells.get(column)]
            if key == "paid" and len(found) == 1:
                raise ValueError("`first` and `last` go together: give both or neither")
            if found:
                given[key] = found
        given |= {key: cells[key] for key in ("source", "seen") if cells.get(key)}
        return ItemModel.model_validate(given)
    except ValidationError as error:
        told = [f"{_shown(path)}: {text}" for path, text in (problem_of(dict(item)) for item in error.errors())]
        raise DataError("\n".join(f"{name} row {number}: {text}" for text in told)) from error
    except ValueError as error:
        raise DataError(f"{name} row {number}: {error}") from error


def _number(text: str) -> int | float:
    try:
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a number") from error


def _plan(model: PlanModel, name: str, content: bytes) -> Plan:
    """A plan from what a file says, checked as a whole: `schedule` can be made. Raises PlanFault."""
    first, last = model.years
    items = tuple(
        Item(
            name=item.name, cost=Amount(item.cost, item.basis, model.unit), first=(item.paid or [first, last])[0],
            last=(item.paid or [first, last])[-1], assumed=item.paid is None and first < last,
            by_year=tuple(sorted(item.by_year.items())),
            service=(item.service[0], item.service[1] if len(item.service) > 1 else None) if item.service else None,
            source=item.source or "", seen=item.seen or "",
        )
        for item in model.items
    )  # fmt: skip
    figures = tuple(
        Figure(
            name=figure.name, amount=Amount(figure.amount, figure.basis, model.unit), first=figure.years[0],
            last=figure.years[-1], whole=figure.whole, parts=tuple(figure.parts.items()),
            source=figure.source or "", seen=figure.seen or "",
        )
        for figure in model.figures
    )  # fmt: skip
    bases = {key: Basis(key, basis.title, basis.contains) for key, basis in model.bases.items()}
    yearly = tuple(sorted(model.by_year.amounts.items())) if model.by_year else ()
    plan = Plan(
        title=model.title, unit=model.unit, first=first, last=last, label=model.label or "", bases=bases,
        figures=figures, items=items, yearly=yearly, yearly_note=(model.by_year.note or "") if model.by_year else "",
        origin=name, sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    try:
        plan.schedule()
    except _Overspent as error:
        of_year = error.year in dict(yearly)
        raise PlanFault(
            str(error), *(("by_year", "amounts", str(error.year)) if of_year else model.whole()[1])
        ) from error
    return plan
