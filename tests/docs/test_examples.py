"""The examples on the pages run as they are written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import gaiatsu as gt

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "how-to.md"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run_in_order(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    found = blocks(page, "python")
    assert found
    for number, code in enumerate(found):
        exec(compile(code, f"{page.name}, example {number}", "exec"), names)
    assert isinstance(names["outcome"], gt.Outcome)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scenario_examples_can_be_solved(page: Path, tmp_path: Path) -> None:
    found = blocks(page, "yaml")
    assert found
    for number, text in enumerate(found):
        file = tmp_path / f"example{number}.yaml"
        file.write_text(text, encoding="utf-8")
        outcome = gt.run(file)
        assert outcome.certificate.residual <= 1e-9
        assert (outcome.real_income != 0).all()
