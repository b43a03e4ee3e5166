"""From a file or the name of a bundled case to a Scenario; every fault is told with its file, line and key."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gaiatsu.errors import DataMissing, ScenarioError, did_you_mean
from gaiatsu.scenario.hedge_models import HedgeModel
from gaiatsu.scenario.measure_models import MEASURE_MODELS, kind_of
from gaiatsu.scenario.plain_yaml import MAX_BYTES, PlainYamlError, read_plain_yaml
from gaiatsu.scenario.published_models import PublishedModel
from gaiatsu.scenario.schema import (
    ElasticityChoice,
    Origin,
    Path,
    Reference,
    Scenario,
    format_place,
    reference_problems,
)
from gaiatsu.scenario.security_models import SecurityModel

SUFFIXES = (".yaml", ".yml")
_CASE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Problem = tuple[Path, str]


def case_names() -> list[str]:
    """Names of the bundled cases, in alphabetical order."""
    folder = resources.files("gaiatsu") / "cases"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def load(path_or_case: str | os.PathLike[str]) -> Scenario:
    """The scenario in a .yaml file, or the bundled case of that name.

    Raises ScenarioError listing every fault as `file.yaml:8 measures[0].sectors: …`, and DataMissing when there is no
    such file or case. Whether regions and sectors exist is checked against a world by `gaiatsu.scenario.resolve`.
    """
    word = os.fspath(path_or_case)
    if not word.strip() or any(ord(letter) < 32 for letter in word):
        raise ScenarioError(f"{word!r} is neither the name of a case nor a path: it is empty or has control characters")
    if word in case_names():
        file = resources.files("gaiatsu") / "cases" / f"{word}.yaml"
        return parse(file.read_bytes(), f"{word}.yaml")
    if word.lower().endswith(SUFFIXES):
        return parse(_read_file(FilePath(word)), word)
    if _CASE_NAME.fullmatch(word):
        hint = did_you_mean(word, case_names()) or "; `gaiatsu cases` lists them"
        raise DataMissing(f"there is no case {word!r}{hint} (a file must end in .yaml or .yml)")
    raise ScenarioError(
        f"{word!r} is neither the name of a case (lower-case letters, digits and hyphens; `gaiatsu cases` lists them) "
        "nor a file ending in .yaml or .yml"
    )


def parse(content: bytes, name: str = "scenario.yaml") -> Scenario:
    """A scenario from the bytes of a YAML document; `name` is what messages call it."""
    try:
        data, lines = read_plain_yaml(content)
    except PlainYamlError as error:
        place = f"{name}:{error.line}" if error.line else name
        raise ScenarioError(f"{place}: {error}") from error
    origin = Origin(name, lines)
    if data is None:
        raise ScenarioError(f"{name}: the file is empty; a scenario has at least `title` and `measures`")
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise ScenarioError(
            f"{format_place(origin, ())}: {kind} at the top; a scenario is a mapping of keys and values"
        )
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise_problems(origin, validation_problems(error, data), error)
    raise_problems(origin, reference_problems(scenario))
    return scenario.with_origin(origin)


def raise_problems(origin: Origin | None, problems: Sequence[Problem], cause: Exception | None = None) -> None:
    """One ScenarioError with a line for each problem, in the order of the file; nothing when there are none."""
    if not problems:
        return
    ordered = sorted(problems, key=lambda problem: (origin.line(problem[0]) or 0) if origin else 0)
    raise ScenarioError("\n".join(_tell(origin, *problem) for problem in ordered)) from cause


def _tell(origin: Origin | None, path: Path, message: str) -> str:
    place = format_place(origin, path)
    return f"{place}: {message}" if place else message


def _read_file(path: FilePath) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ScenarioError(f"{path} is not a regular file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise DataMissing(f"there is no file {path}{_near_files(path)}") from error
    except (OSError, ValueError) as error:
        raise ScenarioError(f"cannot read {path}: {error}") from error


def _near_files(path: FilePath) -> str:
    try:
        siblings = sorted(item.name for item in path.parent.iterdir() if item.name.lower().endswith(SUFFIXES))
    except OSError:
        return ""
    return did_you_mean(path.name, siblings) or did_you_mean(path.stem, case_names())


def validation_problems(error: ValidationError, data: Any) -> list[Problem]:
    """Pydantic's findings in the words of a scenario file."""
    return [_problem(dict(item), data) for item in error.errors(include_url=False)]


def _problem(item: dict[str, Any], data: Any) -> Problem:
    path = _plain_path(item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        known = list(_model_at(path[:-1], data).model_fields)
        hint = did_you_mean(str(path[-1]), known) or f"; known are {', '.join(known)}"
        return path, f"unknown key{hint}"
    if kind == "missing":
        return path[:-1], f"the key {str(path[-1])!r} is missing"
    if kind == "union_tag_not_found":
        return path, f"the key 'kind' is missing: one of {', '.join(MEASURE_MODELS)}"
    if kind == "union_tag_invalid":
        hint = did_you_mean(context["tag"], MEASURE_MODELS) or f"; known are {', '.join(MEASURE_MODELS)}"
        return (*path, "kind"), f"unknown measure {context['tag']!r}{hint}"
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", context["expected"])
        hint = did_you_mean(str(item["input"]), known) or f"; known are {', '.join(known)}"
        return (
            path,
            f"unknown {str(path[-1] if isinstance(path[-1], str) else path[-2]).rstrip('s')} {item['input']!r}{hint}",
        )
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return path, f"must be a mapping of keys and values, not {_shown(item['input'])}"
    if kind == "list_type":
        return path, f"must be a list, not {_shown(item['input'])}"
    if kind == "value_error":
        return path, str(context["error"])
    return path, f"{item['msg'][0].lower()}{item['msg'][1:]} (it is {_shown(item['input'])})"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _plain_path(loc: tuple[str | int, ...]) -> Path:
    """Without the name of a measure's kind, which pydantic puts after its number."""
    return tuple(
        part for place, part in enumerate(loc)
        if not (part in MEASURE_MODELS and place > 1 and isinstance(loc[place - 1], int) and loc[place - 2] in _LISTS)
    )  # fmt: skip


_LISTS = ("measures", "response")  # keys whose values are lists of measures


def _model_at(path: Path, data: Any) -> type[BaseModel]:
    if not path:
        return Scenario
    if len(path) > 1 and path[-2] in _LISTS:
        there = data
        for part in path:
            there = there[part]
        return MEASURE_MODELS[kind_of(there["kind"])]
    if path[0] == "published":
        return PublishedModel
    if path[0] == "hedges":
        return HedgeModel
    if path[0] == "security":
        return _below(SecurityModel, path[1:])
    return ElasticityChoice if path[0] == "elasticities" else Reference


def _below(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model that a path of keys leads to, through optional ones, lists and mappings of models."""
    for part in path:
        if part in model.model_fields:
            model = next(_models_of(model.model_fields[str(part)].annotation), model)
    return model


def _models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_of(part)
