"""HP108 rejected-at-once: failed trials that took next to no time, so their configuration was refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._failures import ended_badly, span
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
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Sweep

FEWEST = 4  # trials that ran, before they show what is usual
LOWEST = 0.05  # quantile of the durations of trials that ran


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    seconds = sweep.seconds
    if seconds is None:
        return CouldNotLook("no column says how long a trial ran")
    failed = ended_badly(sweep) & ~sweep.in_state(State.KILLED) & np.isfinite(seconds) & (seconds >= 0)
    ran = sweep.ended & ~ended_badly(sweep) & sweep.reported & (seconds > 0)
    if not failed.any() or ran.sum() < FEWEST:
        return SweepDetection()
    usually = np.sort(seconds.compress(ran))  # in which NumPy finds quantiles faster
    usual = float(np.median(usually))
    limit = min(max(options["share"] * usual, options["instant"]), float(np.quantile(usually, LOWEST)))
    rows = np.flatnonzero(failed & (seconds < limit))
    if not len(rows):
        return SweepDetection()
    took = float(np.max(seconds[rows]))
    when = f"within {span(took)}" if took else "at once"
    stopped = sweep.in_state(State.KILLED, State.TIMEOUT).any()
    aside = " (those killed or timed out aside)" if stopped else ""
    message = (
        f"{len(rows)} of {int(failed.sum())} failed trials{aside} ended {when}, where a trial that runs takes "
        f"{span(usual)}: they died as they began, not in training"
    )
    evidence = Evidence(sweep.seconds_column, span(took), f"at least {span(limit)}", message)
    return SweepDetection((Finding(evidence, rows.tolist()),))


DETECTOR = Detector(
    code="HP108",
    name="rejected-at-once",
    title="Rejected at once",
    trials="",
    severity="notice",
    rate="",
    summary="Failed trials that ended in next to no time, compared with what a trial of the sweep usually takes.",
    why="They died before any training: mostly a setting that is not allowed, or two that do not go together. Such "
    "trials cost nothing but thin out the search.",
    advice="Take the combination out of the search space, or check a configuration before it is queued.",
    source="scikit-learn's FitFailedWarning: a fit that raises is left with a fit time near 0 and a blank score.",
    look=_look,
    options=(
        DetectorOption(
            "share", 0.1, "of the median duration", "Less time than this, and less than nearly all that ran, is none."
        ),
        DetectorOption("instant", 1.0, "seconds", "So is less than this, where nearly all that ran took longer."),
    ),
    scope="sweep",
)
