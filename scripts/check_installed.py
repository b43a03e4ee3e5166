"""Checks an installed gaiatsu: nothing comes from the checkout, and its data files are there. Run by scripts/check_wheel.sh."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path


def main() -> None:
    """Import the package as users do and look at where its modules and data lie."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkout", type=Path, required=True)
    parser.add_argument("--venv", type=Path, required=True)
    arguments = parser.parse_args()
    # Python puts this script's folder first; take it out, so that only what is installed can be found.
    sys.path.pop(0)

    import gaiatsu

    world = gaiatsu.World.load()
    world.check()
    home = Path(str(resources.files("gaiatsu"))).resolve()
    if not home.is_relative_to(arguments.venv.resolve()):
        sys.exit(f"gaiatsu was imported from {home}, not from {arguments.venv}")
    loaded = [str(module.__file__) for module in sys.modules.values() if getattr(module, "__file__", None)]
    inside = [path for path in loaded if Path(path).is_relative_to(arguments.checkout) and Path(path) != Path(__file__)]
    if inside:
        sys.exit(f"modules of the checkout are in use: {inside}")
    for folder, pattern in (("world/data", "*.world"), ("cases", "*.yaml")):
        if not list((home / folder).glob(pattern)):
            sys.exit(f"the wheel has no {folder}/{pattern}")
    if not (home / "py.typed").exists():
        sys.exit("the wheel has no py.typed")
    print(f"gaiatsu {gaiatsu.__version__} works from {home.relative_to(arguments.venv.resolve())}: {len(world.regions)} regions")


if __name__ == "__main__":
    main()
