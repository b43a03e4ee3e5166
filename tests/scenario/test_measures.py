from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from gaiatsu.errors import ScenarioError
from gaiatsu.scenario.measure_models import MEASURE_MODELS
from gaiatsu.scenario.measures import (
    MEASURES,
    Agreement,
    Embargo,
    ExportTax,
    Financing,
    Measure,
    Productivity,
    Tariff,
    TradeCost,
    USDuties,
)

PAIR = {"by": "USA", "on": "JPN"}
GOOD: list[Measure] = [
    Tariff(**PAIR, rate=0.25, coverage=0.5, stack="a", note="x"),
    Tariff(**PAIR, sectors=["C29", "C24"], at_least=0.15),
    ExportTax(**PAIR, to=0.0),
    Embargo(by=["CHN", "RUS"], on="JPN", sectors="C26", share=0.3, side="both"),
    Agreement(between=["IND", "JPN"], sectors="services", cost_cut=0.05),
    Agreement(between="quad", zero_duties=True),
    Productivity(by="IND", change=-0.01),
    TradeCost(by="g7", on="RUS", change=0.08),
    Financing(on="USA", share=0.5),
    USDuties(),
    USDuties(at="2025-06-04", on=["JPN", "KOR"], sectors="C29", stack="a"),
]


@pytest.mark.parametrize(
    ("kind", "keys", "said"),
    [
        (Tariff, {**PAIR}, "Tariff needs exactly one of rate, to, at_least; it has none"),
        (Tariff, {**PAIR, "rate": 0.1, "to": 0.2}, "Tariff needs exactly one of rate, to, at_least; it has rate, to"),
        (Tariff, {**PAIR, "rate": -1}, "Tariff.rate is -1; a rate must be above -100 %"),
        (Tariff, {**PAIR, "to": float("nan")}, "Tariff.to must be a finite number, not nan"),
        (Tariff, {**PAIR, "rate": "25 %"}, "Tariff.rate must be a finite number, not '25 %'"),
        (Tariff, {**PAIR, "rate": True}, "Tariff.rate must be a finite number, not True"),
        (Tariff, {**PAIR, "rate": 0.1, "coverage": 1.1}, "Tariff.coverage is 1.1; a share lies between 0 and 1"),
        (Tariff, {**PAIR, "at_least": 0.1, "stack": "a"}, "Tariff.stack goes with rate"),
        (Tariff, {"by": "", "on": "JPN", "rate": 0.1}, "Tariff.by is empty"),
        (Tariff, {"by": "USA", "on": [], "rate": 0.1}, "Tariff.on is empty"),
        (Tariff, {"by": "USA", "on": 5, "rate": 0.1}, "Tariff.on is 5; it must be a word or a list of words"),
        (ExportTax, {**PAIR}, "ExportTax needs exactly one of rate, to; it has none"),
        (ExportTax, {**PAIR, "to": 0.1, "stack": "a"}, "ExportTax.stack goes with rate"),
        (Embargo, {**PAIR, "share": -0.1}, "Embargo.share is -0.1; a share lies between 0 and 1"),
        (Embargo, {**PAIR, "side": "import"}, "Embargo.side is 'import'; it must be"),
        (Embargo, {**PAIR, "sectors": [" "]}, "Embargo.sectors is empty"),
        (Agreement, {"between": "quad"}, "Agreement does nothing"),
        (Agreement, {"between": "quad", "cost_cut": 1}, "Agreement.cost_cut is 1; it must be at least 0 and below 1"),
        (Agreement, {"between": [], "zero_duties": True}, "Agreement.between is empty"),
        (Productivity, {"by": "IND", "change": -1}, "Productivity.change is -1; a rate must be above -100 %"),
        (TradeCost, {"by": "IND", "on": "JPN", "change": 0.1, "side": "all"}, "TradeCost.side is 'all'"),
        (Financing, {"on": "USA", "share": 2}, "Financing.share is 2; a share lies between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: type[Measure], keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        kind(**keys)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("measure", GOOD, ids=lambda measure: measure.kind)
def test_a_measure_written_down_reads_back_the_same(measure: Measure) -> None:
    written = measure.to_dict()
    kind = written.pop("kind")
    assert MEASURES[kind](**written) == measure
    built = MEASURE_MODELS[kind].model_validate({"kind": kind, **written}).build()
    assert {name: _listed(value) for name, value in vars(built).items()} == {
        name: _listed(value) for name, value in vars(measure).items()
    }


def _listed(value: Any) -> Any:
    """One word and a list of one word mean the same."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def test_a_measure_does_not_change_with_the_list_it_was_made_from() -> None:
    names = ["C29"]
    tariff = Tariff(**PAIR, sectors=names, rate=np.float32(0.25))
    names.append("C24")
    assert tariff.sectors == ("C29",)
    assert hash(tariff) == hash(Tariff(**PAIR, sectors=("C29",), rate=0.25))


def test_files_and_python_know_the_same_measures() -> None:
    assert set(MEASURES) == set(MEASURE_MODELS)
    for kind, model in MEASURE_MODELS.items():
        extra = {"kind", "act", "date", "until", "source"}
        plain = {item.name for item in fields(MEASURES[kind])}  # type: ignore[arg-type]
        assert set(model.model_fields) - extra == plain
