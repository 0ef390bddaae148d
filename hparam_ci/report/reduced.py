"""The Inspection as JSON within a budget: whole lists go, least important first, and the schema still holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hparam_ci.inspection import Comparison, Inspection, SweepResult
from hparam_ci.report.words import standings

OUTPUT_CHARACTERS = 200_000  # larger step outputs break later steps that take them through the environment

# What goes first. The verdict, the limits and the counts of each detector stay longest.
LISTS = (
    "sample",
    "columns",
    "buckets",
    "issues",
    "next_space",
    "drivers",
    "notes",
    "undetermined",
    "recommendations",
    "causes",
)
SINGLE = ("sample", "next_space", "drivers")
SWEEPS = (200, 50, 10, 1)
COMPARED = ("new_causes", "gone_causes", "new_sweeps", "gone_sweeps", "unchanged")
MOST = 50
TITLE = 200


def fit_json(inspection: Inspection, budget: int = OUTPUT_CHARACTERS) -> tuple[str, bool]:
    """Compact JSON of at most `budget` characters (at least 1,500), and whether anything was left out."""
    for smaller in _smaller(inspection):
        text = msgspec.json.encode(smaller, order="deterministic").decode()
        if len(text) <= budget:
            return text, smaller is not inspection
    raise AssertionError("an inspection without sweeps and files must fit every budget")


def _smaller(inspection: Inspection) -> Iterator[Inspection]:
    """The inspection, then the same with less and less; of the sweeps the worst stay."""
    replace = msgspec.structs.replace
    yield inspection
    for most in range(1, len(LISTS) + 1):
        yield replace(inspection, sweeps=tuple(without(sweep, LISTS[:most]) for sweep in inspection.sweeps))
    gate = replace(inspection.gate, limits=inspection.gate.limits[:MOST], reasons=inspection.gate.reasons[:MOST])
    skipped, patterns = inspection.skipped[:MOST], inspection.patterns[:MOST]
    compared = _compared(inspection.comparison)
    short = replace(inspection, gate=gate, skipped=skipped, patterns=patterns, comparison=compared)
    worst = [without(standing.sweep, LISTS) for standing in standings(inspection)]
    for most in SWEEPS:
        yield replace(short, sweeps=tuple(worst[:most]))
    bare = replace(inspection.gate, limits=(), reasons=())
    yield replace(
        inspection, title=inspection.title[:TITLE], gate=bare, sweeps=(), skipped=(), patterns=(), comparison=None
    )


def _compared(comparison: Comparison | None) -> Comparison | None:
    """The comparison with the first entries of each list: of the rates those that rose by more than chance."""
    if comparison is None:
        return None
    first = {name: getattr(comparison, name)[:MOST] for name in COMPARED}
    rates = sorted(comparison.rates, key=lambda change: not change.rose)[:MOST]
    return msgspec.structs.replace(comparison, rates=tuple(rates), **first)


def without(sweep: SweepResult, lists: tuple[str, ...]) -> SweepResult:
    """The sweep with these of LISTS empty."""
    replace = msgspec.structs.replace
    detectors = tuple(replace(d, issues=()) for d in sweep.detectors) if "issues" in lists else sweep.detectors
    left_out: dict[str, Any] = {name: None if name in SINGLE else () for name in lists if name != "issues"}
    return replace(sweep, detectors=detectors, **left_out)
