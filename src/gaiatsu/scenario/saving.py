"""A scenario back to YAML, with every default spelled out, so that it can be read and run again."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from gaiatsu.scenario.schema import Scenario

_LAST = ("note", "act", "date", "source")


def dump(scenario: Scenario) -> str:
    """YAML of the scenario; `load` gives an equal one back. Keys that are empty are left out."""
    data = _filled(scenario.model_dump(exclude_none=True))
    data["elasticities"] = _filled(data["elasticities"])
    data["measures"] = [_in_order(measure) for measure in data["measures"]]
    for hedge in data.get("hedges", []):
        for key in ("measures", "response"):
            hedge[key] = [_in_order(measure) for measure in hedge[key]]
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 1_000_000  # a paragraph stays one line: folded lines would end in spaces
    yaml.representer.ignore_aliases = lambda data: True  # a day that stands in two places is written twice
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _filled(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in ({}, [])}


def _in_order(measure: dict[str, Any]) -> dict[str, Any]:
    """First what is done, then what it is called and where it comes from."""
    first = {key: value for key, value in measure.items() if key not in ("kind", *_LAST)}
    return {"kind": measure["kind"], **first, **{key: measure[key] for key in _LAST if key in measure}}
