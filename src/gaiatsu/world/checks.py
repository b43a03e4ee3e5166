"""Tables into accounts: alignment by label, and refusals that name the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaiatsu.errors import BalanceError, DataError
from gaiatsu.world.accounts import Accounts, Array

TOLERANCE = 1e-9  # of world output: how far accounts may be from closing
SHARE_TOLERANCE = 1e-6  # how far a column of the input mix may be from one before it is refused
MAX_LABELS = 2000  # per axis; keeps a mistaken table from asking for all memory
NAMED_CELLS = 5

Labels = Mapping[str, Sequence[str]]

BILATERAL = ("importer", "exporter", "sector")
REGIONAL = ("region", "sector")
MIX = ("region", "input", "user")


def axis_labels(regions: Sequence[str], sectors: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The labels of every axis a world has."""
    by_region, by_sector = tuple(regions), tuple(sectors)
    return {
        "importer": by_region, "exporter": by_region, "region": by_region,
        "sector": by_sector, "input": by_sector, "user": by_sector,
    }  # fmt: skip


def check_labels(what: str, labels: Sequence[Any]) -> tuple[str, ...]:
    """Labels as a tuple of text; none, too many, empty or repeated ones are a DataError."""
    if isinstance(labels, str):
        raise DataError(f"{what} is the single text {labels!r}; give a sequence of labels")
    out = tuple(str(label) for label in labels)
    if not out:
        raise DataError(f"{what} is empty: a world needs at least one")
    if len(out) > MAX_LABELS:
        raise DataError(f"{what} has {len(out)} labels; at most {MAX_LABELS} are allowed")
    if not all(label.strip() for label in out):
        raise DataError(f"{what} has an empty label")
    repeated = sorted({label for label in out if out.count(label) > 1})
    if repeated:
        raise DataError(f"{what} has repeated labels: {', '.join(repeated[:NAMED_CELLS])}; each must be unique")
    return out


def name_cells(bad: np.ndarray, values: np.ndarray, axes: Sequence[str], labels: Labels) -> str:
    """Up to five cells where `bad`, with their labels and values, the largest in size first."""
    cells = np.argwhere(bad)
    size = np.abs(np.nan_to_num(values[bad], nan=np.inf, posinf=np.inf, neginf=-np.inf))
    order = np.argsort(-size, kind="stable")[:NAMED_CELLS]
    named = [
        "["
        + ", ".join(f"{axis} {labels[axis][position]}" for axis, position in zip(axes, cell, strict=True))
        + f"] = {values[tuple(cell)]:.6g}"
        for cell in cells[order]
    ]
    more = f" and {len(cells) - len(named)} more" if len(cells) > len(named) else ""
    return "; ".join(named) + more


def refuse(bad: Any, values: np.ndarray, axes: Sequence[str], labels: Labels, problem: str) -> None:
    """DataError naming the cells where `bad`; nothing when there are none."""
    if bad.any():
        raise DataError(f"{problem}: {name_cells(bad, values, axes, labels)}")


def _show(labels: Sequence[Any]) -> str:
    shown = ", ".join(str(label) for label in labels[:8])
    return f"{shown}, … ({len(labels)})" if len(labels) > 8 else shown


def _reorder(name: str, axis: str, given: Sequence[Any], wanted: Sequence[str]) -> list[int]:
    """Positions in `given` of the labels in `wanted`; DataError showing both sets unless they are the same set."""
    found = [str(label) for label in given]
    if sorted(found) != sorted(wanted):
        missing = [label for label in wanted if label not in set(found)]
        extra = [label for label in found if label not in set(wanted)]
        raise DataError(
            f"{name}: labels of axis {axis!r} differ from the world's. Table: {_show(found)}. World: {_show(wanted)}. "
            f"Missing in the table: {_show(missing) or 'none'}; not in the world: {_show(extra) or 'none'}. Remedies: "
            "select or rename the table's labels, add the missing ones, or pass the table's own labels as regions= and "
            "sectors="
        )
    place = {label: position for position, label in enumerate(found)}
    return [place[label] for label in wanted]


def _from_labelled(name: str, table: Any, axes: Sequence[str], labels: Labels) -> np.ndarray:
    """An xarray DataArray as a plain array in the order of `axes` and the world's labels."""
    dims = [str(dim) for dim in table.dims]
    if sorted(dims) != sorted(axes):
        raise DataError(f"{name} has axes ({', '.join(dims)}); they must be named ({', '.join(axes)}): rename them")
    absent = [axis for axis in axes if axis not in table.coords]
    if absent:
        raise DataError(f"{name} has no labels on axis {absent[0]!r}; give them, or pass a plain array (.values)")
    array = np.asarray(table.transpose(*axes).values)
    order = [_reorder(name, axis, list(table.coords[axis].values), labels[axis]) for axis in axes]
    return array[np.ix_(*order)]


def _from_frame(name: str, table: Any, axes: Sequence[str], labels: Labels) -> np.ndarray:
    """A pandas DataFrame (rows = first axis, columns = second) as a plain array in the world's order."""
    if len(axes) != 2:
        raise DataError(f"{name} is a pandas table but has axes ({', '.join(axes)}): pass an array or a DataArray")
    rows = _reorder(name, axes[0], list(table.index), labels[axes[0]])
    columns = _reorder(name, axes[1], list(table.columns), labels[axes[1]])
    return np.asarray(table)[np.ix_(rows, columns)]


def as_array(name: str, table: Any, axes: Sequence[str], labels: Labels) -> Array:
    """A plain float64 copy of `table`, [axes] in the world's order; labelled tables are aligned by label.

    Raises DataError for a wrong shape, labels that differ, text, NaN and infinite cells (up to five are named).
    """
    if hasattr(table, "dims") and hasattr(table, "coords"):
        raw = _from_labelled(name, table, axes, labels)
    elif hasattr(table, "columns") and hasattr(table, "index"):
        raw = _from_frame(name, table, axes, labels)
    elif hasattr(table, "index") and hasattr(table, "iloc"):
        raise DataError(f"{name} is a pandas Series; pass an array, or a table with axes ({', '.join(axes)})")
    else:
        raw = table
    try:
        array = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} is not a table of numbers: {error}") from error
    shape = tuple(len(labels[axis]) for axis in axes)
    if array.shape != shape:
        raise DataError(f"{name} has shape {array.shape}; [{', '.join(axes)}] needs {shape}")
    refuse(~np.isfinite(array), array, axes, labels, f"{name} has cells that are not finite")
    return array


def _check_duty(name: str, duty: Array, labels: Labels) -> None:
    refuse(duty <= -1, duty, BILATERAL, labels, f"{name} must be above -1 (-100 %)")
    home = np.zeros(duty.shape, dtype=bool)
    diagonal = np.arange(duty.shape[0])
    home[diagonal, diagonal] = duty[diagonal, diagonal] != 0
    refuse(home, duty, BILATERAL, labels, f"{name} on home trade must be zero (importer = exporter)")


def normalise_mix(input_mix: Array, cost: Array, labels: Labels) -> Array:
    """The input mix with every user's column summing to one in float64.

    cost: [region, user] intermediate cost. A column may be all zero where there is none: it becomes uniform, which
    changes nothing. Other columns further than 1e-6 from one are a DataError.
    """
    total = input_mix.sum(axis=1)
    empty = (cost <= 0) & (input_mix == 0).all(axis=1)
    refuse(
        (np.abs(total - 1) > SHARE_TOLERANCE) & ~empty, total, ("region", "user"), labels,
        "input_mix columns must sum to one over inputs (within 1e-6)",
    )  # fmt: skip
    uniform = np.full_like(input_mix, 1 / input_mix.shape[1])
    return np.where(empty[:, None, :], uniform, input_mix / np.where(empty, 1.0, total)[:, None, :])


def clear_tiny_negatives(accounts: Accounts) -> Accounts:
    """Accounts whose final use is nowhere negative, where it was so only by rounding.

    Where inputs of a good exceed its purchases by a hair, the excess is taken out of every user's inputs of that good
    in proportion and added to those users' value added. Flows, output, duties and every other cell of final use stay.
    """
    negative = accounts.final_use < 0
    if not negative.any():
        return accounts
    inputs = accounts.intermediate
    ceiling = accounts.expenditure * (1 - 1e-13)
    used = inputs.sum(axis=2)
    keep = np.where(negative, np.divide(ceiling, used, out=np.zeros_like(used), where=used > 0), 1.0)
    inputs = inputs * keep[:, :, None]
    spent, output = inputs.sum(axis=1), accounts.output
    share = 1 - np.divide(spent, output, out=1 - accounts.va_share, where=output > 0)
    filled = np.where((spent > 0)[:, None, :], inputs, accounts.input_mix)
    mix = filled / filled.sum(axis=1)[:, None, :]
    changed = np.asarray(negative.any(axis=1))
    return Accounts(
        flows=accounts.flows, duty=accounts.duty, export_duty=accounts.export_duty,
        va_share=np.where(changed[:, None], np.clip(share, 0, 1), accounts.va_share),
        input_mix=np.where(changed[:, None, None], mix, accounts.input_mix),
    )  # fmt: skip


def validated(accounts: Accounts, labels: Labels) -> Accounts:
    """Accounts that passed every check, with the mix renormalised and rounding cleared; DataError names the cells."""
    refuse(accounts.flows < 0, accounts.flows, BILATERAL, labels, "flows must not be negative")
    _check_duty("duty", accounts.duty, labels)
    _check_duty("export_duty", accounts.export_duty, labels)
    share = accounts.va_share
    refuse((share < 0) | (share > 1), share, REGIONAL, labels, "va_share must lie between 0 and 1")
    refuse(accounts.input_mix < 0, accounts.input_mix, MIX, labels, "input_mix must not be negative")
    mix = normalise_mix(accounts.input_mix, (1 - share) * accounts.output, labels)
    accounts = Accounts(
        flows=accounts.flows, duty=accounts.duty, export_duty=accounts.export_duty, va_share=share, input_mix=mix
    )
    final = accounts.final_use
    floor = -TOLERANCE * accounts.output.sum(axis=1)[:, None]
    refuse(
        final < floor, final, REGIONAL, labels,
        "final use, what inputs leave of purchases (duties included), is negative (below -1e-9 of the region's output)",
    )  # fmt: skip
    accounts = clear_tiny_negatives(accounts)
    poor = (accounts.income <= 0) | (accounts.value_added.sum(axis=1) <= 0)
    refuse(poor, accounts.income, ("region",), labels, "regions without value added or final spending")
    return accounts


def balance_gaps(accounts: Accounts, labels: Labels) -> dict[str, float]:
    """The largest gap of each identity as a share of world output; BalanceError naming the cells above 1e-9.

    cost = sales in every region and sector; income = spending in every region; transfers sum to zero over the world.
    """
    world = accounts.output.sum()
    cost = accounts.value_added + accounts.intermediate.sum(axis=1)
    _refuse_gap("cost differs from sales", cost - accounts.output, world, REGIONAL, labels)
    spending = accounts.intermediate.sum(axis=(1, 2)) + accounts.income
    income_gap = spending - accounts.expenditure.sum(axis=1)
    _refuse_gap("income differs from spending", income_gap, world, ("region",), labels)
    transfers = float(accounts.transfer.sum())
    if not abs(transfers) <= TOLERANCE * world:
        raise BalanceError(f"transfers over all regions sum to {transfers:.6g}, not to zero: income is not spending")
    return {
        "cost_sales": float(np.abs(cost - accounts.output).max() / world),
        "income_spending": float(np.abs(income_gap).max() / world),
        "transfers": abs(transfers) / float(world),
    }


def _refuse_gap(problem: str, gap: Array, world: float, axes: Sequence[str], labels: Labels) -> None:
    bad = ~(np.abs(gap) <= TOLERANCE * world)
    if bad.any():
        raise BalanceError(
            f"{problem} by more than 1e-9 of world output (US$ million): {name_cells(bad, gap, axes, labels)}"
        )


def check_final_use(accounts: Accounts, final_use: Array, labels: Labels) -> None:
    """BalanceError naming the cells where a final use given by the caller is not what the accounts leave."""
    gap = final_use - accounts.final_use
    _refuse_gap("final_use differs from what inputs leave of purchases", gap, accounts.output.sum(), REGIONAL, labels)
