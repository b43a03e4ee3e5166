"""The project's own files agree with each other: versions, locks, reasons for dependencies."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
IMPORT_NAMES = {"ruamel.yaml": "ruamel"}
TAKEN_BUT_NOT_IMPORTED = {"xarray"}  # World.from_arrays takes its arrays by their labels, without importing it


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def bare(requirement: str) -> str:
    """The normalised name of a requirement such as `dask[distributed]>=2025.1`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def pins(name: str) -> set[tuple[str, str]]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return {(bare(line), line.split("==")[1].split()[0]) for line in lines if "==" in line and line[0].isalpha()}


def test_one_version_everywhere() -> None:
    version = toml("pyproject.toml")["project"]["version"]
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    headings = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    locked = [package["version"] for package in toml("uv.lock")["package"] if package["name"] == "gaiatsu"]
    assert str(citation["version"]) == version
    assert headings[0] == version
    assert locked == [version]


def test_the_lock_is_of_these_dependencies() -> None:
    project = toml("pyproject.toml")["project"]
    metadata = next(package for package in toml("uv.lock")["package"] if package["name"] == "gaiatsu")["metadata"]
    wanted = {(bare(item), re.sub(r"^[^><=!~]*", "", item), "") for item in project["dependencies"]}
    for extra, items in project["optional-dependencies"].items():
        wanted |= {(bare(item), re.sub(r"^[^><=!~]*", "", item), f"extra == '{extra}'") for item in items}
    found = {(item["name"], item.get("specifier", ""), item.get("marker", "")) for item in metadata["requires-dist"]}
    assert found == wanted, "run `make lock`"


def test_both_locks_pin_the_same_versions() -> None:
    locked = {(item["name"], item["version"]) for item in toml("uv.lock")["package"] if item["name"] != "gaiatsu"}
    assert pins("all.txt") == locked
    assert pins("core.txt") < locked


@pytest.mark.parametrize("name", ["uv.lock", "requirements/all.txt", "requirements/core.txt"])
def test_locks_name_no_other_place(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([^/\"\s]+)", text)) <= {"pypi.org", "files.pythonhosted.org"}
    assert "file:" not in text
    assert not re.search(r"torch|nvidia|cuda", text)


def test_every_dependency_has_its_reason() -> None:
    project = toml("pyproject.toml")["project"]
    reasons = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    every = [item for items in project["optional-dependencies"].values() for item in items] + project["dependencies"]
    names = [re.split(r"[><=\[]", item)[0] for item in every]
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", reasons)] == []


def test_every_core_dependency_is_used() -> None:
    imported = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    names = [re.split("[><=]", item)[0] for item in toml("pyproject.toml")["project"]["dependencies"]]
    unused = {name for name in names if IMPORT_NAMES.get(name, name) not in imported}
    assert unused == TAKEN_BUT_NOT_IMPORTED


def test_citation_file_has_what_the_format_requires() -> None:
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] == toml("pyproject.toml")["project"]["license"]
    for reference in citation["references"]:
        assert {"type", "title", "authors"} <= set(reference)
