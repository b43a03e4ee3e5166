"""From whom arms come: shares of suppliers, concentration, trend, and what a joint line does to them.

Shares are of deliveries measured by SIPRI's trend-indicator value. Concentration is the Herfindahl–Hirschman index
Σ s², from 1/n to 1. SIPRI flags deliveries with local production: licences, assembly, and deals in which the recipient
makes parts (F-35A of Fort Worth for Australia), so that the flag is an upper bound of what is made there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from gaiatsu.errors import ScenarioError, did_you_mean
from gaiatsu.security.arms_register import Register, load_register

__all__ = [
    "Moved", "Profile", "Register", "bundled", "concentration", "joint_line", "joint_lines", "load_register",
    "precedents", "profile", "rolling", "shares", "turning_point",
]  # fmt: skip

OWN = "own"  # what a recipient makes of a joint line
WINDOW = 5  # years, as SIPRI averages them
HALF_PERCENT, HALF_DIGIT = 0.005, 0.005  # how far the bundled shares and indices may be from the true ones
STEPS = 200  # parts of the range of shares moved; indices are quadratic in it, or nearly so
SOURCE = (
    "Stockholm International Peace Research Institute, SIPRI Arms Transfers Database",
    "https://www.sipri.org/databases/armstransfers",
)


@dataclass(frozen=True, eq=False)
class Profile:
    """Who supplies a recipient.

    shares: supplier → share of deliveries, largest first, summing to at most 1 (what is left comes from others, each
    small); flagged: supplier → the part of that share with local production; local: that part of all deliveries; hhi:
    over all suppliers; of: what the figures are of; rounded: whether they are the bundled ones, shares to whole percent
    and hhi to two digits.
    """

    recipient: str
    shares: pd.Series
    flagged: pd.Series
    local: float
    hhi: float
    years: tuple[int, int]
    of: str
    rounded: bool

    @property
    def largest(self) -> str:
        """The supplier with the largest share."""
        return str(self.shares.index[0])


@dataclass(frozen=True, eq=False)
class Moved:
    """A recipient's sources once part of its deliveries comes from a joint line.

    shares: source → share of what was delivered before, OWN included, summing to what it did; abroad: Σ s² among
    suppliers abroad alone; reliance: Σ over them of the square of their share in all, so that what is made at home
    counts as no reliance. Both from lowest to highest: one number for a register, and what rounding leaves open for
    bundled figures (shares to half a percent, the index to half a hundredth, suppliers that are not named).
    """

    shares: pd.Series
    abroad: tuple[float, float]
    reliance: tuple[float, float]


def concentration(found: pd.Series) -> float:
    """Herfindahl–Hirschman index of shares or amounts (0 or more, not all 0), which are made to sum to one."""
    values = found.to_numpy(dtype=float)
    if not (values.size and np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        raise ScenarioError("concentration is of amounts of 0 and more that are not all 0")
    return float(((values / values.sum()) ** 2).sum())


# ------------------------------------------------------------------------------------------- from a register
def _chosen(
    register: Register, recipient: str, years: tuple[int, int] | None, category: str | None, local: bool | None = None
) -> pd.DataFrame:
    """The deliveries asked for; ScenarioError where there are none, naming what there is."""
    frame = register.deliveries
    if recipient not in register.recipients:
        raise ScenarioError(
            f"{register.name} has no deliveries to {recipient!r}{did_you_mean(recipient, register.recipients)} (it has "
            f"those to {', '.join(register.recipients)})"
        )
    frame = frame[frame["recipient"] == recipient]
    if category is not None:
        if category not in register.kinds:
            has = f"it has {', '.join(register.kinds)}" if register.categories else "it has none"
            raise ScenarioError(
                f"{register.name} has no category {category!r}{did_you_mean(category, register.kinds)} ({has})"
            )
        frame = frame[frame["category"] == category]
    if local is not None:
        if not register.local:
            raise ScenarioError(f"{register.name} does not say which deliveries have local production")
        frame = frame[frame["local"] == local]
    first, last = years or register.years
    frame = frame[frame["year"].between(first, last)]
    if not frame["tiv"].sum() > 0:
        what = f" of {category}" if category else ""
        raise ScenarioError(f"{register.name}: no deliveries{what} to {recipient} from {first} to {last}")
    return frame


def shares(
    register: Register, recipient: str, *, years: tuple[int, int] | None = None, category: str | None = None,
    local: bool | None = None,
) -> pd.Series:  # fmt: skip
    """[supplier] shares of deliveries to a recipient in some years, largest first, summing to 1.

    local: only those with (True) or without (False) local production. Raises ScenarioError where there are none.
    """
    frame = _chosen(register, recipient, years, category, local)
    found = frame.groupby("supplier")["tiv"].sum()
    found = found[found > 0].sort_values(ascending=False, kind="stable")
    return (found / found.sum()).rename("share")


def profile(
    register: Register, recipient: str, *, years: tuple[int, int] | None = None, category: str | None = None
) -> Profile:
    """Suppliers, concentration and local production of a recipient; years: those asked for that the register has."""
    found = shares(register, recipient, years=years, category=category)
    frame = _chosen(register, recipient, years, category)
    local = frame[frame["local"]].groupby("supplier")["tiv"].sum() / frame["tiv"].sum()
    return Profile(
        recipient, found, local.reindex(found.index).fillna(0.0), float(local.sum()), concentration(found),
        _within(register, years), register.name, rounded=False,
    )  # fmt: skip


def _within(register: Register, years: tuple[int, int] | None) -> tuple[int, int]:
    first, last = register.years
    return (max(first, years[0]), min(last, years[1])) if years else (first, last)


def rolling(register: Register, recipient: str, *, window: int = WINDOW, category: str | None = None) -> pd.DataFrame:
    """Trend over windows of years: columns first, last, largest, largest_share, hhi, deliveries (TIV a year).

    A window without deliveries is left out. Single years mean little: deliveries come in lumps.
    """
    if window < 1:
        raise ScenarioError(f"a window of {window} years: it takes at least one")
    frame = _chosen(register, recipient, None, category)
    first, last = register.years
    rows = []
    for start in range(first, last - window + 2):
        mine = frame[frame["year"].between(start, start + window - 1)].groupby("supplier")["tiv"].sum()
        if mine.sum() > 0:
            rows.append({
                "first": start, "last": start + window - 1, "largest": str(mine.idxmax()),
                "largest_share": float(mine.max() / mine.sum()), "hhi": concentration(mine),
                "deliveries": float(mine.sum()) / window,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=["first", "last", "largest", "largest_share", "hhi", "deliveries"])


# ------------------------------------------------------------------------------------------- bundled figures
@cache
def _read(name: str) -> pd.DataFrame:
    with resources.files("gaiatsu.security").joinpath("data", f"arms_{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""])


def bundled() -> dict[str, Profile]:
    """Recipient → its suppliers in 2020–24, few and rounded, derived from SIPRI's register (gaiatsu data card)."""
    suppliers = _read("suppliers")
    out = {}
    for row in _read("recipients").itertuples():
        mine = suppliers[suppliers["recipient"] == row.recipient].set_index("supplier")
        out[str(row.recipient)] = Profile(
            str(row.recipient), mine["share_percent"] / 100, mine["flagged_percent"] / 100,
            float(row.flagged_percent) / 100, float(row.hhi),
            (int(row.first_year), int(row.last_year)), "bundled figures", rounded=True,
        )  # fmt: skip
    return out


def precedents() -> pd.DataFrame:
    """What co-production has cost and who shared it: item, kind, low, high, unit, meaning, source, address, seen."""
    return _read("precedents").set_index("key")


# -------------------------------------------------------------------------------------------- a joint line
def joint_line(
    found: Profile, share: float, work: Mapping[str, float], *, sellers: Sequence[str] | None = None,
    licensor: str | None = None,
) -> Moved:  # fmt: skip
    """The sources of a recipient once `share` of its deliveries comes from a joint line.

    work: who makes which part of it (ISO3 → part, at most 1 together); the recipient's own part is OWN, those of others
    are supplies from abroad. What nobody of them makes comes from the licensor, or stays with those it is taken from.
    sellers: from whom it is taken, in proportion to what they deliver; left out, the largest supplier. Raises
    ScenarioError where the sellers deliver less than is taken, one is named twice, or shares are out of bounds.
    """
    change = _change(found, share, work, sellers, licensor)
    new = found.shares.reindex(change.index, fill_value=0.0) + share * change
    abroad, reliance = _indices(found, change, np.array([share]))
    return Moved(new.rename("share"), _ends(abroad), _ends(reliance))


def joint_lines(
    found: Profile, share: tuple[float, float], work: Mapping[str, float], *, sellers: Sequence[str] | None = None,
    licensor: str | None = None,
) -> tuple[Moved, Moved]:  # fmt: skip
    """The same at both ends of a range of shares moved; abroad and reliance, of both alike, are over all the range.

    Their lowest may lie inside it: reliance falls until the partner has grown, and then rises.
    """
    given = {"sellers": sellers, "licensor": licensor}
    first, last = (joint_line(found, end, work, **given) for end in share)  # type: ignore[arg-type]
    change = _change(found, share[1], work, sellers, licensor)
    moved = np.union1d(np.linspace(*share, STEPS + 1), _turns(found, change, share))
    abroad, reliance = (_ends(pair) for pair in _indices(found, change, moved))
    return replace(first, abroad=abroad, reliance=reliance), replace(last, abroad=abroad, reliance=reliance)


def _ends(pair: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    return float(pair[0].min()), float(pair[1].max())


def _change(
    found: Profile, share: float, work: Mapping[str, float], sellers: Sequence[str] | None, licensor: str | None
) -> pd.Series:
    """[source] what each gains or loses for every part of deliveries that moves, checked for `share` of them."""
    taken_from = list(sellers) if sellers else [found.largest]
    if len(set(taken_from)) < len(taken_from):
        raise ScenarioError(f"sellers {', '.join(taken_from)}: one is named twice")
    if unknown := [code for code in taken_from if code not in found.shares.index]:
        raise ScenarioError(
            f"{unknown[0]} delivers nothing, or little, to {found.recipient}; its suppliers are "
            f"{', '.join(map(str, found.shares.index))}"
        )
    total = float(sum(work.values()))
    if not (0 <= share <= 1 and all(part >= 0 for part in work.values()) and total <= 1 + 1e-9):
        raise ScenarioError(f"share {share!r} and work {dict(work)!r}: each from 0 to 1, work at most 1 together")
    available = float(found.shares[taken_from].sum())
    if share > available + 1e-9:
        raise ScenarioError(
            f"{100 * share:.3g} % of the deliveries to {found.recipient} are to be moved, but {', '.join(taken_from)} "
            f"deliver{'s' if len(taken_from) == 1 else ''} {100 * available:.3g} %"
        )
    rest = max(1 - total, 0.0)
    change = dict.fromkeys(map(str, found.shares.index), 0.0)
    for code in taken_from:
        change[code] -= float(found.shares[code]) / available * (1.0 if licensor else 1.0 - rest)
    for code, part in [*work.items(), *([(licensor, rest)] if licensor else [])]:
        name = OWN if code == found.recipient else code
        change[name] = change.get(name, 0.0) + part
    return pd.Series(change, dtype=float)


def _turns(found: Profile, change: pd.Series, share: tuple[float, float]) -> list[float]:
    """Where reliance R = a + bφ + cφ², and concentration R/(1 − wφ)², w the own part, stand still within the range."""
    own, moving = float(change.get(OWN, 0.0)), change.drop(OWN, errors="ignore")
    a, b = found.hhi, 2 * float((moving * found.shares.reindex(moving.index, fill_value=0.0)).sum())
    c = float((moving**2).sum())
    places = [(-b, 2 * c), (-(b + 2 * own * a), 2 * c + own * b)]
    return [up / down for up, down in places if down != 0 and share[0] < up / down < share[1]]


def _indices(
    found: Profile, change: pd.Series, moved: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Concentration abroad and reliance, each lowest and highest [moved] that the figures allow.

    Two bounds each way, and the tighter one holds: the index before, changed by the shares that move; and the squares
    of the shares after, beside what those that are not named may add. The first is exact where nothing is rounded.
    """
    own, moving = float(change.get(OWN, 0.0)), change.drop(OWN, errors="ignore")
    named = moving.index.isin(found.shares.index)
    before = found.shares.reindex(moving.index, fill_value=0.0).to_numpy()
    slope, moved = moving.to_numpy()[None, :], moved[:, None]
    after = np.maximum(before + moved * slope, 0.0)
    middle = found.hhi + (2 * moved * slope * before + (moved * slope) ** 2).sum(1)
    if found.rounded:
        off = HALF_PERCENT * named
        rest = max(1.0 - float(np.maximum(before - off, 0.0).sum()), 0.0)  # what suppliers that are not named deliver
        each = min(rest, float(found.shares.min()) + HALF_PERCENT)  # none of them more than the smallest that is
        fresh = np.where(named, 0.0, np.maximum(slope, 0.0)).max(1)[:, None]
        wide = HALF_DIGIT + (2 * moved * np.abs(slope) * off).sum(1)
        low = np.maximum(middle - wide, (np.maximum(after - off, 0.0) ** 2).sum(1))
        other = ((after + off) ** 2).sum(1) + rest * (each + 2 * (moved * fresh)[:, 0])
        high = np.minimum(middle + wide + 2 * each * (moved * np.where(named, 0.0, slope)).sum(1), other)
    else:
        low = high = middle
    outside = 1.0 - own * moved[:, 0]
    low, high = (np.clip(end, 0.0, outside**2) for end in (low, high))
    base = np.where(outside > 1e-12, outside**2, np.inf)  # nobody abroad is left: nothing to be concentrated
    return (low / base, high / base), (low, high)


def turning_point(largest: float, partner: float, work_share: float, made: float = 1.0) -> float:
    """The share moved from the largest supplier beyond which reliance rises again, because the partner's grows.

    Reliance (s₁ − wφ)² + (s_j + w_jφ)² is least at φ = (w·s₁ − w_j·s_j)/(w² + w_j²); largest s₁, partner s_j before,
    work_share w_j of the partner, made w of all partners. May be above s₁ (never within reach) or below 0 (at once).
    """
    if not (0 <= largest <= 1 and 0 <= partner <= 1 and largest + partner <= 1 + 1e-9):
        raise ScenarioError(f"shares {largest!r} and {partner!r}: each from 0 to 1, at most 1 together")
    if not 0 <= work_share <= made <= 1 or made == 0:
        raise ScenarioError(f"work share {work_share!r} of {made!r} made together: 0 ≤ share ≤ made ≤ 1, made above 0")
    return (made * largest - work_share * partner) / (made**2 + work_share**2)
