"""Who owes whom defence: directed ties from treaties in force, and from a user's own ATOP file.

A tie goes from the state that owes help to the state that it is owed to. Most treaties tie both ways; that of Japan and
the United States does not: its article V is about attacks in territories that Japan administers, so that the United
States owes Japan defence and Japan owes the United States none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaiatsu.errors import DataError, ScenarioError, did_you_mean
from gaiatsu.security.capabilities import SERBIA
from gaiatsu.security.own_tables import read_rows

# How often allies were helped in war as promised: the least and the most that studies have counted over all kinds of
# treaties together, by period (reliability_priors.csv); single kinds lie outside it. Wars that alliances deterred are
# in none of the numbers.
RELIABILITY = (0.22, 0.745)

# Names of the columns, as in the table of the R package peacesciencer and in ATOP's own directed dyad-years.
COLUMNS = {
    "by": ("ccode1", "stateA"), "to": ("ccode2", "stateB"), "year": ("year",), "defence": ("atop_defense", "defense"),
    "offence": ("atop_offense", "offense"), "neutrality": ("atop_neutral", "neutral"),
    "nonaggression": ("atop_nonagg", "nonagg"), "consultation": ("atop_consul", "consul"),
}  # fmt: skip
KINDS = ("defence", "offence", "neutrality", "nonaggression", "consultation")
PROOF = (2, 740, 1960)  # since 1960 the United States owe Japan defence, and Japan owes them none
YEARS = (1815, 2100)


@dataclass(frozen=True)
class Tie:
    """An obligation of `by` to defend `to` (ISO3 codes), kept with a chance from `low` to `high`; why: the treaty."""

    by: str
    to: str
    low: float = RELIABILITY[0]
    high: float = RELIABILITY[1]
    why: str = ""

    def __post_init__(self) -> None:
        if self.by == self.to:
            raise ScenarioError(f"a tie goes from one state to another; this one is from {self.by} to itself")
        if not 0 <= self.low <= self.high <= 1:
            raise ScenarioError(
                f"the tie from {self.by} to {self.to} holds with a chance of {self.low!r} to {self.high!r}; "
                "it must lie between 0 and 1, the low end first"
            )


@cache
def _treaties() -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", "treaties.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False).set_index("treaty")


def treaties() -> pd.DataFrame:
    """Treaties of mutual defence in force (summer of 2025), by key: title, article, days, parties, area, address.

    `between`: parties that owe each other; otherwise `by` owes `to`. seen: text or excerpt; note: what to mind.
    """
    return _treaties().copy()


def obligations() -> pd.DataFrame:
    """Every directed obligation of the treaties: by, to (ISO3), treaty (its key)."""
    rows = []
    for key, row in _treaties().iterrows():
        parties = row["between"].split()
        pairs = [(a, b) for a in parties for b in parties if a != b] if parties else [(row["by"], row["to"])]
        rows += [(a, b, str(key)) for a, b in pairs]
    return pd.DataFrame(rows, columns=["by", "to", "treaty"])


def ties_between(codes: Sequence[str], *, reliability: tuple[float, float] = RELIABILITY) -> tuple[Tie, ...]:
    """The ties that treaties in force make between some states (ISO3), in the order of `codes`.

    Where two treaties oblige the same state, the tie names both. Raises ScenarioError for a wrong reliability.
    """
    owed = obligations()
    titles = _treaties()["title"]
    found = []
    for by in codes:
        for to in codes:
            why = owed.loc[(owed["by"] == by) & (owed["to"] == to), "treaty"]
            if len(why):
                found.append(Tie(by, to, *reliability, "; ".join(titles[key] for key in why)))
    return tuple(found)


# ---------------------------------------------------------------------------------------------------- ATOP's own file
def load_alliances(path: str | Path) -> pd.DataFrame:
    """Directed obligations by year from your own ATOP 5.1 file (CSV, packed or not; http://www.atopdata.org; to 2018).

    Columns: ccode1 (who owes), ccode2 (to whom), year, atop_defense and, where there are, atop_offense, atop_neutral,
    atop_nonagg, atop_consul, each 0 or 1; or ATOP's names (stateA, stateB, defense …). Returns by, to (ISO3), year and
    one column of true or false for each kind (KINDS); rows of states without an ISO code are left out, their numbers
    stand in attrs["without_code"]. A file in which Japan owes the United States defence in 1960 or later is refused: it
    is turned round, or says the same of both. Raises DataMissing, and DataError with the line.
    """
    name = Path(path).name
    given, lines = read_rows(path, hint="download ATOP's directed dyad-years from www.atopdata.org")
    table = _numbers(given, lines, name)
    _check_direction(table, name, proven=COLUMNS["by"][0] in given.columns)
    return _with_codes(table)


def _numbers(given: pd.DataFrame, lines: NDArray[np.int64], name: str) -> pd.DataFrame:
    """The columns under their names here, whole numbers all, states and years plausible, kinds 0 or 1."""
    out = {}
    for column, names in COLUMNS.items():
        found = next((word for word in names if word in given.columns), None)
        if found is None:
            if column in KINDS and column != "defence":
                continue
            hint = did_you_mean(names[0], given.columns)
            raise DataError(f"{name} has no column {' or '.join(names)}{hint} (it has {', '.join(given.columns)})")
        numbers = pd.to_numeric(given[found], errors="coerce").to_numpy(dtype=float)
        low, high = (0, 1) if column in KINDS else YEARS if column == "year" else (1, 999)
        wrong = ~(np.isfinite(numbers) & (numbers == np.round(numbers)) & (numbers >= low) & (numbers <= high))
        if wrong.any():
            row = int(np.argmax(wrong))
            said = given[found].iloc[row]
            raise DataError(
                f"{name}, line {lines[row]}: {found} is {said!r}; it must be a whole number, {low} to {high}"
            )
        out[column] = numbers.astype(np.int64)
    table = pd.DataFrame(out)
    for wrong, why in (
        ((table["by"] == table["to"]).to_numpy(), "a state owes itself"),
        (table.duplicated(["by", "to", "year"]).to_numpy(), "these two states and this year stand there twice"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            pair = f"{table['by'].iloc[row]} to {table['to'].iloc[row]}, {table['year'].iloc[row]}"
            raise DataError(f"{name}, line {lines[row]}: {why} ({pair})")
    return table


def _check_direction(table: pd.DataFrame, name: str, *, proven: bool) -> None:
    """Refuse a file that is turned round, and one that does not say which way round its columns are."""
    first, second, since = PROOF
    recent = table[table["year"] >= since]
    there = set(recent.loc[(recent["by"] == first) & (recent["to"] == second) & (recent["defence"] == 1), "year"])
    back = set(recent.loc[(recent["by"] == second) & (recent["to"] == first) & (recent["defence"] == 1), "year"])
    if back:
        year = min(back - there or back)
        turned = (
            "and not the other way: it is turned round, exchange the two columns of states"
            if back - there
            else "as they owe it: it does not say who owes whom, take ATOP's directed dyad-years"
        )
        raise DataError(f"in {name} Japan ({second}) owes the United States ({first}) defence in {year}, {turned}")
    if not there and not proven:
        raise DataError(
            f"{name} does not show which of its columns of states owes: it has no year in which the United States "
            f"({first}) owe Japan ({second}) defence; name the state that owes ccode1 and the other ccode2"
        )


@cache
def country_numbers() -> dict[int, str]:
    """Number of the Correlates of War → ISO3 code."""
    with resources.files("gaiatsu.security").joinpath("data", "country_numbers.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, keep_default_na=False)
    return {int(number): str(code) for number, code in table.itertuples(index=False)}


def _with_codes(table: pd.DataFrame) -> pd.DataFrame:
    known = country_numbers()
    out = table.assign(by=table["by"].map(known), to=table["to"].map(known))
    before, since, now = SERBIA
    for side in ("by", "to"):
        out.loc[(out[side] == before) & (out["year"] >= since), side] = now
    lost = sorted({int(n) for side in ("by", "to") for n in table.loc[out[side].isna(), side]})
    out = out.dropna(subset=["by", "to"]).reset_index(drop=True)
    kinds = [kind for kind in KINDS if kind in out]
    out[kinds] = out[kinds] == 1
    out.attrs["without_code"] = lost
    return out


def ties_in(
    table: pd.DataFrame, codes: Sequence[str], year: int, *, reliability: tuple[float, float] = RELIABILITY
) -> tuple[Tie, ...]:
    """The defence obligations between some states (ISO3) in a year of `load_alliances`. Raises ScenarioError."""
    years = table["year"]
    if not (years == year).any():
        raise ScenarioError(f"the table has no year {year}; it goes from {years.min()} to {years.max()}")
    owed = table[(years == year) & table["defence"]]
    pairs = set(zip(owed["by"], owed["to"], strict=True))
    return tuple(Tie(a, b, *reliability, f"ATOP, {year}") for a in codes for b in codes if (a, b) in pairs)
