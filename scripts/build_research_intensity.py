"""Make src/gaiatsu/exposure/data/research_intensity.csv: the OECD's research-intensity group of each ISIC division.

    python scripts/build_research_intensity.py ISIC_Rev_4_english_structure.Txt [--check]

The groups and intensities are those of Galindo-Rueda and Verger (2016), as printed in table SAKTI-1 of Science and
Engineering Indicators 2024 (National Science Board), transcribed in scripts/data/research_intensity.csv. The structure
of ISIC Rev. 4 (United Nations, unstats.un.org/unsd/classifications/Econ/Download/In%20Text) says how many classes, the
finest level, each part has: a sector of which only part is research-intensive is judged by them.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRANSCRIBED = ROOT / "scripts" / "data" / "research_intensity.csv"
TARGET = ROOT / "src" / "gaiatsu" / "exposure" / "data" / "research_intensity.csv"


def codes_of(structure: Path) -> list[str]:
    """All codes of the classification's text file."""
    rows = csv.reader(structure.read_text(encoding="utf-8").splitlines())
    return [row[0].strip() for row in rows if row and row[0].strip().isdigit()]


def table(structure: Path) -> str:
    """The table as text: a row for each division, or group of a division that the taxonomy divides."""
    classes = [code for code in codes_of(structure) if len(code) == 4]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["isic", "industry", "group", "rd_intensity_percent", "classes"])
    rows, counted = [], 0
    for row in csv.DictReader(TRANSCRIBED.read_text(encoding="utf-8").splitlines()):
        for code in row["isic"].split():
            number = sum(item.startswith(code) for item in classes)
            if not number:
                raise SystemExit(f"ISIC code {code} is not in {structure}")
            rows.append((code, row["industry"], row["group"], row["rd_intensity_percent"], number))
            counted += number
    outside = sum(item[:2] in ("84", "85", "86", "87", "88") for item in classes)
    if counted + outside != len(classes):
        raise SystemExit(f"{len(classes) - counted - outside} classes of ISIC are in no group, or in two")
    writer.writerows(sorted(rows))
    return out.getvalue()


def main() -> None:
    """Write the table, or with --check compare it."""
    arguments = [word for word in sys.argv[1:] if word != "--check"]
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    text = table(Path(arguments[0]))
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{TARGET} is not what the script makes")
        return
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
