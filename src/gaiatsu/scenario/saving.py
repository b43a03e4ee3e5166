"""A scenario back to YAML, with every default spelled out, so that it can be read and run again."""

from __future__ import annotations

from io import StringIO

from ruamel.yaml import YAML

from gaiatsu.scenario.schema import Scenario


def dump(scenario: Scenario) -> str:
    """YAML of the scenario; `load` gives an equal one back. Keys that are empty are left out."""
    data = scenario.model_dump(exclude_none=True)
    data = {key: value for key, value in data.items() if value != {}}
    data["elasticities"] = {key: value for key, value in data["elasticities"].items() if value != {}}
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()
