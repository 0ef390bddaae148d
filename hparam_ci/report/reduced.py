"""The Inspection as JSON within a budget: whole lists go, least important first, and the schema still holds."""

from __future__ import annotations

import msgspec

from hparam_ci.inspection import Inspection, SweepResult

OUTPUT_CHARACTERS = 200_000  # larger step outputs break later steps that take them through the environment


def fit_json(inspection: Inspection, budget: int = OUTPUT_CHARACTERS) -> tuple[str, bool]:
    """Compact ASCII-safe JSON of at most `budget` characters, and whether anything was left out."""
    for step, smaller in enumerate((inspection, *_smaller(inspection))):
        text = msgspec.json.encode(smaller, order="deterministic").decode()
        if len(text) <= budget:
            return text, step > 0
    raise AssertionError("an inspection without sweeps and files must fit every budget")


def _smaller(inspection: Inspection) -> list[Inspection]:
    replace = msgspec.structs.replace

    def without(sweep: SweepResult, *lists: str) -> SweepResult:
        detectors = tuple(replace(d, issues=()) for d in sweep.detectors) if "issues" in lists else sweep.detectors
        return replace(sweep, detectors=detectors, **{name: () for name in lists if name != "issues"})

    lists = ("columns", "buckets", "issues", "notes", "undetermined", "recommendations", "causes")
    steps = [
        replace(inspection, sweeps=tuple(without(sweep, *lists[: n + 1]) for sweep in inspection.sweeps))
        for n in range(len(lists))
    ]
    short_gate = replace(inspection.gate, limits=inspection.gate.limits[:50], reasons=inspection.gate.reasons[:10])
    short = replace(inspection, gate=short_gate, skipped=inspection.skipped[:20], patterns=inspection.patterns[:20])
    last_gate = replace(inspection.gate, limits=(), reasons=())
    return [
        *steps,
        replace(short, sweeps=steps[-1].sweeps[:20]),
        replace(short, sweeps=()),
        replace(inspection, gate=last_gate, sweeps=(), skipped=(), patterns=()),
    ]
