"""A joint line answered, and the tables of a report on arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from gaiatsu.security.coproduction import Found, Share, break_even, line_cost, partnership
from gaiatsu.world.codes import country_code

POINTS = 120  # of the curves of cost


@dataclass(frozen=True)
class Line:
    """A joint line answered: partners' codes, sources at the low and the high share, costs; `plan` as it was asked."""

    plan: CoproductionModel
    partners: list[str]
    sellers: Mapping[str, list[str]]
    moved: Mapping[str, tuple[Moved, Moved]]
    shares: Mapping[str, Share]
    made: float

    @property
    def planned(self) -> int:
        return sum(self.plan.volume.values())

    @property
    def whole(self) -> Found:
        return self.shares[""].together


def line_of(question: ArmsModel, profiles: Mapping[str, Profile]) -> Line:
    plan = question.coproduction
    assert plan is not None
    given = question.line_of(profiles)
    moved = {
        code: (
            arms.joint_line(profiles[code], plan.share[0], **how), arms.joint_line(profiles[code], plan.share[1], **how)
        )
        for code, how in given.items()
    }  # fmt: skip
    codes = {name: str(country_code(name)) for name in plan.partners}
    work = {codes[name]: part for name, part in plan.work().items()}
    volume = {codes[name]: float(units) for name, units in plan.volume.items()}
    sellers = {code: list(how["sellers"] or [profiles[code].largest]) for code, how in given.items()}
    return Line(
        plan, list(codes.values()), sellers, moved,
        partnership(plan.box(), price=plan.unit_cost, volume=volume, work_share=work), min(sum(work.values()), 1.0),
    )  # fmt: skip


def curve_of(line: Line) -> Curve:
    plan, many = line.plan, len(line.partners)
    volume = np.linspace(0.0, 1.25 * line.planned, POINTS)
    low, high = (
        line_cost(
            volume, price=plan.unit_cost, premium=plan.premium[end], learning=plan.learning[1 - end],
            set_up=plan.set_up[end] * (many if end else 1), made=line.made,
        )
        for end in (0, 1)
    )  # fmt: skip
    edges = (line.whole.earliest, line.whole.latest)
    return Curve(volume, volume * plan.unit_cost, low, high, float(line.planned), edges)


def ends_of(line: Line) -> pd.DataFrame:
    """Break-even of the joint line with one parameter at its ends and the others in the middle."""
    plan, many = line.plan, len(line.partners)
    ranges = {
        "premium": plan.premium, "learning": plan.learning, "set_up": (plan.set_up[0], plan.set_up[1] * many),
    }  # fmt: skip
    labels = {"premium": "Premium on the first unit", "learning": "Learning per doubling", "set_up": "Set-up"}
    middle = {name: sum(ends) / 2 for name, ends in ranges.items()}
    rows = []
    for name, ends in ranges.items():
        for value in dict.fromkeys(ends):
            given = {**middle, name: value}
            found = float(break_even(price=plan.unit_cost, made=line.made, **given))
            text = f"US${words.SPACE}{value:,.0f} million" if name == "set_up" else rate(value)
            rows.append({"parameter": labels[name], "end": text, "value": value, "break_even_units": found})
    return pd.DataFrame(rows)


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
            "line_high_usd_million": curve.high,
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
            after = [getattr(item, name) for item in line.moved[code]] if code in line.moved else [found.hhi]
            row |= {f"after_{name}_low": min(after), f"after_{name}_high": max(after)}
        rows.append(row)
    return pd.DataFrame(rows)


def _line_table(line: Line) -> pd.DataFrame:
    rows = []
    for code, share in line.shares.items():
        for how, found in (("alone", share.alone), ("together", share.together)):
            if code or how == "together":
                rows.append({
                    "partner": code or "all", "how": how,
                    "planned_units": line.plan.volume_of(code) if code else line.planned,
                    "break_even_low_units": found.earliest, "break_even_high_units": found.latest,
                    "pays_in_percent_of_range": 100 * found.part, "unit_cost_low_usd_million": found.unit_cost[0],
                    "unit_cost_high_usd_million": found.unit_cost[1],
                    "premium_limit_low_percent": 100 * found.premium_limit[0],
                    "premium_limit_high_percent": 100 * found.premium_limit[1],
                    "lasting_premium_limit_low_percent": 100 * found.flat_limit[0],
                    "lasting_premium_limit_high_percent": 100 * found.flat_limit[1],
                })  # fmt: skip
    return pd.DataFrame(rows)
