"""Every error gaiatsu raises on purpose: each message says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GaiatsuError(Exception):
    """Base of all errors a user can cause or mend; `exit_code` is what the command line returns."""

    exit_code = 2


class ScenarioError(GaiatsuError):
    """A scenario or a measure cannot be understood or contradicts itself."""


class DataError(GaiatsuError):
    """A table is wrong: not finite, negative, inconsistent or unreadable."""


class DataMissing(DataError):
    """A table, case or file that was asked for is not there."""

    exit_code = 4


class BalanceError(DataError):
    """The accounts of a world do not close."""


class OutputError(GaiatsuError):
    """A result cannot be written where it was asked for."""


class ConvergenceError(GaiatsuError):
    """No equilibrium was found to the certificate's tolerance; the worst market is named."""

    exit_code = 3


class NoSupplier(ConvergenceError):
    """A measure removes (nearly) all supply of a good that a region cannot do without.

    regions: positions of the regions left without a supplier
    """

    def __init__(self, message: str, regions: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.regions = regions


class UnaffordableTransfer(ConvergenceError):
    """A region's transfer, held fixed, exceeds what it earns: there is no equilibrium."""


class DisconnectedWorld(ConvergenceError):
    """Blocs that no longer trade with each other owe each other transfers."""


def did_you_mean(word: str, known: Iterable[str], *, several: int = 3) -> str:
    """A hint ("; did you mean 'JPN'?") naming the known words nearest to `word`, or an empty string."""
    candidates = list(dict.fromkeys(str(item) for item in known))
    lowered = {item.lower(): item for item in candidates}
    close = difflib.get_close_matches(str(word).lower(), list(lowered), n=several, cutoff=0.6)
    if not close:
        return ""
    return "; did you mean " + " or ".join(repr(lowered[item]) for item in close) + "?"
