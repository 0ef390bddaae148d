"""HP404 lost-compute: which issue cost the sweep most of its time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._failures import span
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.detectors.registry import find_detector
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Mask

SEVERITIES = ("error", "warning")  # of the issues that make a trial count as affected


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    seconds = sweep.seconds
    if seconds is None:
        return CouldNotLook("no column says how long a trial ran")
    known = np.isfinite(seconds) & (seconds >= 0)
    with np.errstate(over="ignore"):
        total = float(seconds.compress(known).sum())
        parts = [(float(seconds.compress(rows).sum()), trials, rows) for trials, rows in _parts(earlier, known)]
    ranked = sorted((part for part in parts if part[0] > 0), key=lambda part: -part[0])
    lost = sum(cost for cost, _, _ in ranked)
    if len(ranked) < 2 or not np.isfinite(total) or lost <= options["share"] * total:
        return SweepDetection()
    (cost, trials, rows), (next_cost, next_trials, next_rows) = ranked[:2]
    message = (
        f"of {span(lost)} that sick trials took, most went into {trials} ({int(rows.sum())}): {span(cost)}, "
        f"{_percent(cost, total)} of all compute; then into {next_trials} ({int(next_rows.sum())}): "
        f"{span(next_cost)}, {_percent(next_cost, total)}"
    )
    value, limit = f"{_percent(lost, total)} lost", f"{_percent(options['share'], 1.0)} lost"
    dearest = np.flatnonzero(rows)[np.argsort(-seconds[rows], kind="stable")]
    return SweepDetection((Finding(Evidence(sweep.seconds_column, value, limit, message), dearest.tolist()),))


def _parts(earlier: Mapping[str, Detection], known: Mask) -> list[tuple[str, Mask]]:
    """The trials with a duration by their gravest issue, so that each counts once: errors first, then by code."""
    left, parts = known.copy(), []
    for severity in SEVERITIES:
        for code in sorted(earlier):
            detector = find_detector(code)
            if detector and detector.severity == severity:
                rows = earlier[code].flagged & left
                parts.append((detector.trials, rows))
                left &= ~rows
    return parts


def _percent(part: float, total: float) -> str:
    return f"{100 * part / total:.0f}%"


DETECTOR = Detector(
    code="HP404",
    name="lost-compute",
    title="Where the compute went",
    trials="",
    severity="notice",
    rate="",
    summary="Sick trials took a large share of the sweep's time; says which issue cost most of it, where there are "
    "several. A trial with several issues counts for its gravest one.",
    why="The dearest issue is seldom the most frequent one: crashes at the first step cost nothing, trials that "
    "diverge at the end cost all.",
    advice="Begin with the issue that is named; stop such trials as soon as they show it.",
    source="Compute by issue is what early stopping saves (Golovin et al., Google Vizier, KDD 2017). A quarter is a "
    "choice of ours.",
    look=_look,
    options=(DetectorOption("share", 0.25, "of the compute", "Up to this share of compute lost, nothing is said."),),
    scope="sweep",
)
