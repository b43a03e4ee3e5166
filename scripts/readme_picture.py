"""Draws the picture of the README from a real run: real income by region at two horizons, as PNG.

Usage: python scripts/readme_picture.py [--case us-autos-steel-japan] [--out docs/images/us-autos-steel-japan.png]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert as vlc

import gaiatsu as gt
from gaiatsu.scenario.loading import load

WORDS = {
    "impact": "weeks to months",
    "short": "about a year",
    "medium": "about three years",
    "long": "ten years and more",
}
COLOURS = ["#d98c3f", "#2f5d8a"]
FONT = "DejaVu Sans, Arial, sans-serif"


def real_income(case: str, horizons: list[str]) -> pd.DataFrame:
    """Long table: region, horizon, percent."""
    parts = []
    for horizon in horizons:
        outcome = gt.run(case, horizon=horizon)
        names = dict(zip(outcome.world.regions, outcome.world.region_names, strict=True))
        values = outcome.real_income
        parts.append(
            pd.DataFrame({
                "region": [names[code] for code in values.index],
                "horizon": WORDS[horizon],
                "percent": values.to_numpy(),
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def most_affected(table: pd.DataFrame, count: int) -> list[str]:
    """Names of the regions with the largest change at any of the horizons, most negative first."""
    size = table.assign(size=table["percent"].abs()).groupby("region")["size"].max().nlargest(count).index
    return table[table["region"].isin(size)].groupby("region")["percent"].min().sort_values().index.tolist()


def chart(table: pd.DataFrame, title: str, subtitle: str, count: int) -> alt.Chart:
    """Ranked bars, one per region and horizon."""
    order = most_affected(table, count)
    horizons = list(dict.fromkeys(table["horizon"]))
    return (
        alt.Chart(table[table["region"].isin(order)])
        .mark_bar(height={"band": 0.85})
        .encode(
            x=alt.X("percent:Q", title="change in real income, percent of the baseline"),
            y=alt.Y("region:N", sort=order, title=None, axis=alt.Axis(grid=False, ticks=False)),
            yOffset=alt.YOffset("horizon:N", sort=horizons),
            color=alt.Color("horizon:N", sort=horizons, scale=alt.Scale(domain=horizons, range=COLOURS), title="after"),
        )
        .properties(
            width=620,
            height=alt.Step(14),
            title=alt.TitleParams(title, subtitle=subtitle, anchor="start", offset=12),
            background="white",
            padding=14,
        )
        .configure(font=FONT)
        .configure_axis(grid=True, labelFontSize=12, titleFontSize=12, domain=False)
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="bottom")
        .configure_title(fontSize=15, subtitleFontSize=12)
        .configure_view(stroke=None)
    )


def write(path: Path, content: bytes) -> None:
    """Write to a temporary name, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def main() -> None:
    """Run the case, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="us-autos-steel-japan")
    parser.add_argument("--title", default="United States duties on Japan's cars and steel: who gains, who loses")
    parser.add_argument("--horizons", nargs="+", default=["short", "long"], choices=list(WORDS))
    parser.add_argument("--regions", type=int, default=12)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    table = real_income(arguments.case, arguments.horizons)
    world = load(arguments.case).world
    subtitle = f"gaiatsu {gt.__version__}, case {arguments.case}, world {world}, most affected regions"
    picture = chart(table, arguments.title, subtitle, arguments.regions)
    out = arguments.out or Path(__file__).parents[1] / "docs" / "images" / f"{arguments.case}.png"
    write(out, vlc.vegalite_to_png(picture.to_json(), scale=1.5))
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
