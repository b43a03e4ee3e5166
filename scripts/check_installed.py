"""Runs an installed gaiatsu and fails if it opens or imports anything from the checkout (see scripts/check_wheel.sh).

Usage: python check_installed.py --checkout FOLDER --venv FOLDER -- run us-autos-steel-japan --out FOLDER
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any


def forbid(folder: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that refuses to open a file below `folder`."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | bytes):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path.startswith(str(folder) + os.sep):
                raise SystemExit(f"a file of the checkout is in use: {path}")

    return hook


def check_contents(venv: Path) -> None:
    """The package lies in the environment, with its data."""
    home = Path(str(resources.files("gaiatsu"))).resolve()
    if not home.is_relative_to(venv):
        sys.exit(f"gaiatsu was imported from {home}, not from {venv}")
    for folder, pattern in (("world/data", "*.world"), ("cases", "*.yaml"), (".", "py.typed")):
        if not list((home / folder).glob(pattern)):
            sys.exit(f"the wheel has no {folder}/{pattern}")


def main() -> None:
    """Run the command line of the installed package under the hook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkout", type=Path, required=True)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    # Python puts this script's own folder first in the path; without it only what is installed can be found.
    sys.path.pop(0)
    sys.addaudithook(forbid(arguments.checkout.resolve()))
    check_contents(arguments.venv.resolve())
    sys.argv = ["gaiatsu", *arguments.command]
    runpy.run_module("gaiatsu", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
