"""A run in a few plain lines for the terminal."""

from __future__ import annotations

from gaiatsu.scenario.cautions import SMALLEST, cautions, extremes
from gaiatsu.scenario.run import Run, focus

MEANING = {
    "impact": "weeks to months",
    "short": "about a year",
    "medium": "about three years",
    "long": "ten years and more",
}


def tell_run(run: Run) -> list[str]:
    """Title, who gains and who loses most, the regions in focus, other horizons, and the certificate."""
    losers, gainers = extremes(run)
    least = f"by as much as {SMALLEST:g} %"
    lines = [
        run.scenario.title,
        *([f"On {run.scenario.at:%Y-%m-%d}."] if run.scenario.at else []),
        *(f"{words[0].upper()}{words[1:]}." for words in run.left_out),
        f"World {run.world.name}, {run.primary} horizon ({MEANING[run.primary]}), closure {run.outcome.closure}.",
        f"Real income falls most in {_list(run, losers)}." if losers else f"Real income falls nowhere {least}.",
        f"It rises most in {_list(run, gainers)}." if gainers else f"It rises nowhere {least}.",
    ]
    lines += [_tell_horizons(run, code) for code in focus(run)]
    lines += _tell_range(run)
    lines += [
        f"No equilibrium at horizon {name}, which is left out: {message}." for name, message in run.failed.items()
    ]
    return [*lines, *_tell_certificate(run), *(f"To be read with care: {words}" for words in cautions(run))]


def _list(run: Run, codes: list[str]) -> str:
    money = run.outcome.summary()["equivalent_variation"]
    income = run.outcome.real_income
    return ", ".join(f"{_name(run, code)} ({_percent(income[code])}, {_dollars(money[code])} a year)" for code in codes)


def _name(run: Run, code: str) -> str:
    return run.world.region_names[run.world.regions.index(code)]


def _percent(value: float) -> str:
    """Two decimals; three where two would be zero."""
    text = next((told for told in (f"{value:+.2f}", f"{value:+.3f}") if float(told)), "0.000")
    return f"{text} %"


def _dollars(million: float) -> str:
    sign = "-" if million < 0 else "+"
    size = abs(million)
    return f"{sign}US$ {size / 1000:,.1f} billion" if size >= 950 else f"{sign}US$ {size:,.0f} million"


def _tell_horizons(run: Run, code: str) -> str:
    changes = ", ".join(f"{name} {_percent(outcome.real_income[code])}" for name, outcome in run.outcomes.items())
    return f"{_name(run, code)} by horizon: {changes}."


def _tell_range(run: Run) -> list[str]:
    """The range of the headline for the regions in focus, or why there is none."""
    from gaiatsu.report.spreads import own_ranges, own_ranges_by_cause

    own = own_ranges(run)
    lines = [
        f"Range over {of}, {run.primary} horizon: "
        f"{', '.join(f'{_name(run, code)} {_span(own[code].low, own[code].high)}' for code in codes)}."
        for of, codes in own_ranges_by_cause(run, focus(run)).items()
    ]
    if run.range is None:
        return [*lines, f"No range: {run.no_range.rstrip('.')}."] if run.no_range else lines
    table, tail = run.range.table, 50 * (1 - run.range.share)
    parts = [f"{_name(run, code)} {_span(*table.loc[code, ['low', 'high']])}" for code in focus(run) if code not in own]
    if not parts:
        return lines
    lines += [
        f"Range over {_count_of_sets(run.range.sets)} of trade elasticities ({len(run.range.draws)} draws, "
        f"{tail:g} to {100 - tail:g} %), {run.primary} horizon: {', '.join(parts)}."
    ]
    return [*lines, *(f"Range: {note.rstrip('.')}." for note in run.range.notes)]


def _count_of_sets(sets: tuple[str, ...]) -> str:
    return "one published set" if len(sets) == 1 else f"{len(sets)} published sets"


def _span(low: float, high: float) -> str:
    digits = 2 if f"{low:.2f}" != f"{high:.2f}" else 3
    ends = [f"{end:+.{digits}f}" if end == end else "(no equilibrium)" for end in (low, high)]
    return f"{ends[0]} to {ends[1]} %"


def _tell_certificate(run: Run) -> list[str]:
    proofs = [outcome.certificate for outcome in run.outcomes.values()]
    residual = max(proof.residual for proof in proofs)
    excess = max(proof.excess_demand for proof in proofs)
    found = "one equilibrium" if len(proofs) == 1 else f"{len(proofs)} equilibria"
    lines = [f"Certificate: {found}; largest residual {residual:.0e}, excess demand {excess:.0e}."]
    notes = [note for proof in proofs for note in proof.notes]
    return lines + [f"To be read with care: {note}." for note in dict.fromkeys(notes)]
