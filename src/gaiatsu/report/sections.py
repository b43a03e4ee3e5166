"""Parts of a page that explain one thing: what an analysis found, in sentences, figures and tables.

The report of a run has one for each analysis that its measures call for; a page of its own (`gaiatsu.report.page`) is
made of nothing else.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gaiatsu.report.figures import Figure
from gaiatsu.report.tables import Table

if TYPE_CHECKING:
    from gaiatsu.scenario.run import Run


@dataclass(frozen=True)
class Source:
    """Where numbers come from: a citation and, where there is one, a web address."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Section:
    """One analysis.

    key: anchor on the page and the beginning of the names of its tables; sentences: what was found, the first of them
    also told on the terminal; cautions: what it rests on and what it leaves out.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    cautions: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


# Kind of measure → module whose `sections(run)` explains it.
PROVIDERS: dict[str, str] = {
    "agreement": "gaiatsu.report.agreements",
    "travel-ban": "gaiatsu.report.tourism",
    "payment-costs": "gaiatsu.report.payments",
    "critical-input": "gaiatsu.report.minerals",
    "outlays": "gaiatsu.report.outlays",
}

# Question about security → module whose `sections(run)` answers it.
ANSWERS: dict[str, str] = {
    "deterrence": "gaiatsu.report.deterrence",
    "budget": "gaiatsu.report.defence_budget",
    "burden": "gaiatsu.report.burden",
    "group": "gaiatsu.report.group",
    "arms": "gaiatsu.report.arms",
}

_found: WeakKeyDictionary[Run, list[Section]] = WeakKeyDictionary()


def sections_of(run: Any) -> list[Section]:
    """The sections that the measures, the questions and the published estimates of a run call for, made once."""
    kinds = dict.fromkeys(measure.kind for measure in run.measures)
    modules = dict.fromkeys(PROVIDERS[kind] for kind in kinds if kind in PROVIDERS)
    modules |= {ANSWERS[name]: None for name, _ in run.scenario.questions()}
    if run.scenario.published:
        modules["gaiatsu.report.published"] = None
    if not modules:
        return []
    if run not in _found:
        _found[run] = [section for name in modules for section in importlib.import_module(name).sections(run)]
    return _found[run]
