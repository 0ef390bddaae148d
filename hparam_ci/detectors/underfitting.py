"""HP203 underfitting: the trial has learnt something, but little, even of its training set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import UNKNOWN, Chance, known_chances, once_learnt, scaled_curves
from hparam_ci.detectors._curves import comparable, training_curves
from hparam_ci.detectors._progress import still_improving
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Mask, any_of

TAIL, GAIN, FAR = 0.25, 0.05, 0.3  # as slow-convergence has them
GRAVER = ("HP101", "HP102", "HP103", "HP201", "HP202")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    if not any(metric.split == "train" for _, metric in sweep.metrics()):
        return CouldNotLook("no training metric beside a held-out one")
    known = known_chances(sweep, earlier)
    measures = [measure for measure in known if measure.split == "train"]
    if not measures:
        return CouldNotLook(UNKNOWN)
    judged = np.array([np.isfinite(measure.learnt) for measure in measures])
    little = np.array([_little(measure, options["learnt"]) for measure in measures])
    at_risk = comparable(sweep, earlier, GRAVER) & judged.any(axis=0) & ~_improving(sweep, earlier)
    flagged = at_risk & (little | ~judged).all(axis=0) & ~once_learnt(sweep, earlier)
    badness = -np.nanmax(np.where(judged, [measure.learnt for measure in measures], -np.inf), axis=0)

    def evidence(row: int) -> Evidence:
        return _evidence(measures, row, options["learnt"])

    return Detection(flagged, at_risk, evidence, badness)


def _improving(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials whose training curve still falls fast: slow-convergence says that."""
    found = scaled_curves(sweep, earlier, training_curves(sweep))
    moving = [np.isfinite(still_improving(scale, TAIL, GAIN, FAR)) for _, scale in found]
    return any_of(moving, len(sweep))


def _little(measure: Chance, limit: float) -> Mask:
    with np.errstate(invalid="ignore"):
        little: Mask = measure.learnt <= limit
    return little


def _evidence(measures: list[Chance], row: int, limit: float) -> Evidence:
    measure = next(measure for measure in measures if np.isfinite(measure.learnt[row]))
    name, value = measure.column.name, measure.column.show(row)
    share = f"{max(0.0, measure.learnt[row]):.0%} of what good trials learn"
    message = f"{name} is {value}: {share} beyond a blind guess, which has {measure.guess} ({measure.why})"
    return Evidence(name, value, f"{limit:.0%} of what good trials learn", message)


DETECTOR = Detector(
    code="HP203",
    name="underfitting",
    title="Underfitting",
    trials="underfitting trials",
    severity="notice",
    rate="underfitting_rate",
    summary="Even on its training set the trial is little better than a blind guess, while the sweep's best trials are "
    "much better.",
    why="The model is too small, too constrained, or has not been trained for long enough with these settings.",
    advice="Train longer or with a higher learning rate, use a larger model, or take regularisation away.",
    source="A fifth of the way from chance to the sweep's best, where AutoTrainer (Zhang et al., ICSE 2021) takes an "
    "accuracy below 0.6 whatever the task is.",
    look=_look,
    options=(
        DetectorOption(
            "learnt",
            0.2,
            "share of what good trials learn",
            "A trial underfits with at most this much of its training set.",
        ),
    ),
    confidence="medium",
)
