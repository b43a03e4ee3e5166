"""A joint line answered, and the tables of a report on arms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gaiatsu.report import words
from gaiatsu.report.arms_figures import Curve, place_name, rate
from gaiatsu.report.tables import Table
from gaiatsu.scenario.arms_models import ArmsModel, CoproductionModel
from gaiatsu.security import arms
from gaiatsu.security.arms import Moved, Profile
from gaiatsu.security.arms_register import supplier_name
from gaiatsu.security.coproduction import Found, Reading, Share, line_cost, over_box, partnership, working
from gaiatsu.world.codes import country_code

POINTS = 120  # of the curves of cost


@dataclass(frozen=True)
class Line:
    """A joint line answered: partners' codes, sources at the low and the high share, costs; `plan` as it was asked.

    made: of a unit by all partners; lines: one line for all, up to one for each partner that makes something.
    """

    plan: CoproductionModel
    partners: list[str]
    sellers: Mapping[str, list[str]]
    moved: Mapping[str, tuple[Moved, Moved]]
    shares: Mapping[str, Share]
    made: float
    lines: tuple[int, int]

    @property
    def planned(self) -> int:
        return sum(self.plan.volume.values())

    @property
    def whole(self) -> Found:
        return self.shares[""].together

    def with_range(self, **ends: tuple[float, float]) -> Found:
        """The whole line with some ranges exchanged; set_up is then that of all lines together."""
        lines = (1, 1) if "set_up" in ends else self.lines
        box = replace(self.plan.box(), **ends)
        return over_box(box, price=self.plan.unit_cost, volume=self.planned, made=self.made, lines=lines)


def line_of(question: ArmsModel, profiles: Mapping[str, Profile]) -> Line:
    plan = question.coproduction
    assert plan is not None
    given = question.line_of(profiles)
    moved = {code: arms.joint_lines(profiles[code], plan.share, **how) for code, how in given.items()}
    codes = {name: str(country_code(name)) for name in plan.partners}
    work = {codes[name]: part for name, part in plan.work().items()}
    volume = {codes[name]: float(units) for name, units in plan.volume.items()}
    sellers = {code: list(how["sellers"] or [profiles[code].largest]) for code, how in given.items()}
    return Line(
        plan, list(codes.values()), sellers, moved,
        partnership(plan.box(), price=plan.unit_cost, volume=volume, work_share=work), min(sum(work.values()), 1.0),
        (1, working(work)),
    )  # fmt: skip


def curve_of(line: Line) -> Curve:
    plan = line.plan
    volume = np.linspace(0.0, 1.25 * line.planned, POINTS)
    dear = plan.set_up[1] * line.lines[1]
    corners = (
        (plan.premium[0], plan.learning[1], plan.set_up[0]), (plan.premium[1], plan.learning[0], dear),
        (plan.premium[1], 0.0, dear),
    )  # fmt: skip
    low, falling, high = (
        line_cost(volume, price=plan.unit_cost, premium=premium, learning=learning, set_up=set_up, made=line.made)
        for premium, learning, set_up in corners
    )
    edges = (line.whole.earliest, line.whole.latest)
    return Curve(volume, volume * plan.unit_cost, low, falling, high, float(line.planned), edges)


def ends_of(line: Line) -> pd.DataFrame:
    """Break-even of the joint line with one parameter at its end, from lowest to highest over all the others."""
    plan = line.plan
    rows: list[tuple[str, str, float, Reading | Found]] = [
        ("What the premium is of", "first unit", math.nan, line.whole.first),
        ("What the premium is of", "whole run", math.nan, line.whole.lasting),
    ]
    for value in dict.fromkeys(plan.premium):
        rows.append(("Premium", rate(value), value, line.with_range(premium=(value, value))))
    for value in dict.fromkeys(plan.learning):
        found = line.with_range(learning=(value, value)).first
        rows.append(("Learning per doubling, premium of the first unit", rate(value), value, found))
    for value in dict.fromkeys((plan.set_up[0], plan.set_up[1] * line.lines[1])):
        text = f"US${words.SPACE}{value:,.0f} million"
        rows.append(("Set-up of all lines", text, value, line.with_range(set_up=(value, value))))
    return pd.DataFrame(
        [(what, end, value, found.earliest, found.latest) for what, end, value, found in rows],
        columns=["parameter", "end", "value", "break_even_low_units", "break_even_high_units"],
    )


def tables_of(profiles: Mapping[str, Profile], line: Line | None, trend: pd.DataFrame) -> list[Table]:
    found = [
        Table("arms_suppliers", "Suppliers of arms, before and after", _suppliers_table(profiles, line)),
        Table(
            "arms_concentration", "Concentration of suppliers, before and after", _concentration_table(profiles, line)
        ),
    ]
    if len(trend):
        found.append(Table("arms_trend", "Concentration over windows of years", _in_percent(trend)))
    if line is not None:
        curve = curve_of(line)
        costs = pd.DataFrame({
            "units": curve.volume, "abroad_usd_million": curve.abroad, "line_low_usd_million": curve.low,
            "line_high_falling_usd_million": curve.falling, "line_high_usd_million": curve.high,
        })  # fmt: skip
        found += [
            Table("arms_line", "The joint line, by partner: alone and together", _line_table(line)),
            Table("arms_ends", "Break-even with one parameter at its ends", ends_of(line)),
            Table("arms_cost", "Cost in all by number of units", costs),
            Table("arms_precedents", "What co-production has cost", arms.precedents().reset_index()),
        ]
    return found


def _in_percent(trend: pd.DataFrame) -> pd.DataFrame:
    out = trend.copy()
    out["largest_share"] *= 100
    return out.rename(columns={"largest_share": "largest_share_percent", "deliveries": "deliveries_tiv_million_a_year"})


def _suppliers_table(profiles: Mapping[str, Profile], line: Line | None) -> pd.DataFrame:
    rows = []
    for code, found in profiles.items():
        after = line.moved.get(code) if line else None
        sources = dict.fromkeys([*found.shares.index, *(after[0].shares.index if after else ())])
        for source in sources:
            row = {
                "recipient": code, "recipient_name": supplier_name(code), "first_year": found.years[0],
                "last_year": found.years[1], "source": source, "source_name": place_name(str(source)),
                "share_percent": 100 * float(found.shares.get(source, 0.0)),
                "with_local_production_percent": 100 * float(found.flagged.get(source, 0.0)),
            }  # fmt: skip
            if line is not None:
                ends = (
                    [100 * float(item.shares.get(source, 0.0)) for item in after] if after else [row["share_percent"]]
                )
                row |= {"after_low_percent": min(ends), "after_high_percent": max(ends)}
            rows.append(row)
    return pd.DataFrame(rows)


def _concentration_table(profiles: Mapping[str, Profile], line: Line | None) -> pd.DataFrame:
    rows = []
    for code, found in profiles.items():
        row: dict[str, Any] = {"recipient": code, "recipient_name": supplier_name(code), "hhi": found.hhi}
        for name in ("abroad", "reliance") if line else ():
            assert line is not None
            low, high = getattr(line.moved[code][0], name) if code in line.moved else (found.hhi, found.hhi)
            row |= {f"after_{name}_low": low, f"after_{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _line_table(line: Line) -> pd.DataFrame:
    rows = []
    for code, share in line.shares.items():
        for how, found in (("alone", share.alone), ("together", share.together)):
            if not code and how == "alone":
                continue
            for what, reading in (("first unit", found.first), ("whole run", found.lasting)):
                rows.append({
                    "partner": code or "all", "how": how, "premium_is_of": what,
                    "planned_units": line.plan.volume_of(code) if code else line.planned,
                    "break_even_low_units": reading.earliest, "break_even_high_units": reading.latest,
                    "pays_in_percent_of_range": 100 * reading.part, "unit_cost_low_usd_million": reading.unit_cost[0],
                    "unit_cost_high_usd_million": reading.unit_cost[1],
                    "premium_limit_low_percent": 100 * reading.premium_limit[0],
                    "premium_limit_high_percent": 100 * reading.premium_limit[1],
                })  # fmt: skip
    return pd.DataFrame(rows)
