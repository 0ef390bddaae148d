"""HP202 no-learning: the trial scores what a blind guess scores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import UNKNOWN, Chance, known_chances, once_learnt
from hparam_ci.detectors._curves import comparable, curves, scaled
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask

LEFT = 0.3  # of what good trials learn, still to be learnt by a curve that never fell
SHORTEST = 2
LITTLE = 0.01  # of its first value: a loss that falls by no more has not fallen
NEAR_FIRST = 0.95  # of what the trials of the sweep begin with: a curve that gets there began as any other
GRAVER = ("HP101", "HP102", "HP103", "HP201")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    if not sweep.metrics():
        return CouldNotLook("no metric column was recognised")
    rows = comparable(sweep, earlier, GRAVER)
    measures = known_chances(sweep, earlier)
    still = _never_fell(sweep, rows, options["fall"])
    if not measures and still is None:
        return CouldNotLook(UNKNOWN)
    at_risk, at_chance = _judged(measures, rows, options["learnt"])
    flagged = at_chance & ~once_learnt(sweep, earlier)
    if still is not None:
        flagged = flagged | still
        at_risk = at_risk | (rows & ~np.isnan(_first_lengths(sweep)))

    def evidence(row: int) -> Evidence:
        known = [m for m in measures if np.isfinite(m.learnt[row]) and at_chance[row]]
        return _evidence(min(known, key=lambda m: m.split == "train"), row) if known else _flat(sweep, row)

    return Detection(flagged, at_risk, evidence)


def _judged(measures: list[Chance], rows: Mask, learnt: float) -> tuple[Mask, Mask]:
    """(n,) trials at risk and those at chance by every column that tells.

    Where the losses are no better than a blind guess, accuracies may be twice as far above it: those of a net that was
    never trained stray.
    """
    at_losses, known = np.ones(len(rows), bool), np.zeros(len(rows), bool)
    for measure in measures:
        known |= np.isfinite(measure.learnt)
        if measure.is_loss:
            at_losses &= np.nan_to_num(measure.learnt, nan=1.0) <= measure.near
    lenient = np.where(at_losses & any(measure.is_loss for measure in measures), 2 * learnt, learnt)
    at_chance = known.copy()
    for measure in measures:
        with np.errstate(invalid="ignore"):
            at_chance &= np.isnan(measure.learnt) | (measure.learnt <= np.maximum(lenient, measure.near))
    return rows & known, rows & at_chance


def _never_fell(sweep: Sweep, rows: Mask, fall: float) -> Mask | None:
    """(n,) trials none of whose curves fell, though the sweep's others do; None without curves of losses."""
    found = [(curve, scaled(curve, rows)) for curve in curves(sweep) if curve.metric.direction == "minimize"]
    if not found:
        return None
    flat = np.ones(len(sweep), bool)
    seen = np.zeros(len(sweep), bool)
    for curve, scale in found:
        if scale is None:
            continue
        long = curve.lengths >= SHORTEST
        fell = curve.first() - curve.best()
        gone = (fell <= LITTLE * np.abs(curve.first())) | (scale.first() - scale.best() <= fall)
        seen |= long
        late = curve.best() >= NEAR_FIRST * np.median(curve.first()[rows & (curve.lengths > 0)])
        flat &= ~long | (gone & late & (np.nan_to_num(scale.best(), nan=0.0) > LEFT))
    return rows & seen & flat


def _first_lengths(sweep: Sweep) -> Floats:
    """(n,) how many values the longest loss curve of a trial has; NaN for none."""
    lengths = [c.lengths for c in curves(sweep) if c.metric.direction == "minimize"]
    most = np.max(lengths, axis=0, initial=0).astype(float)
    return np.where(most >= SHORTEST, most, np.nan)


def _evidence(measure: Chance, row: int) -> Evidence:
    name, value = measure.column.name, measure.column.show(row)
    message = f"{name} is {value}; a blind guess has {measure.guess} ({measure.why})"
    return Evidence(name, value, measure.guess, message)


def _flat(sweep: Sweep, row: int) -> Evidence:
    curve = max((c for c in curves(sweep) if c.metric.direction == "minimize"), key=lambda c: int(c.lengths[row]))
    first, best = curve.first()[row], curve.best()[row]
    name, steps = curve.column.name, int(curve.lengths[row])
    return Evidence(
        name,
        curve.column.show(row),
        f"{first:.3g}",
        f"{name} began at {first:.3g} and its best of {steps} is {best:.3g}",
    )


DETECTOR = Detector(
    code="HP202",
    name="no-learning",
    title="No learning",
    trials="trials that learnt nothing",
    severity="warning",
    rate="no_learning_rate",
    summary="The trial scores what a blind or constant guess scores, on every split; or its loss never fell from where "
    "it began, while the losses of others did.",
    why="The settings kept the model from learning at all; what the trial cost was spent on nothing.",
    advice="Raise the learning rate or the number of steps, check the initialisation, the scale of the inputs, and "
    "that gradients arrive (dead units, a frozen layer, the wrong loss).",
    source="ln K is the cross-entropy of a uniform guess among K classes, 1/K its accuracy, 0 the R² of the mean. A "
    "fall of less than 1 % is ten times the 0.1 % of SageMaker Debugger's LossNotDecreasing, over all steps instead "
    "of ten; a small share of what good trials learn is none either.",
    look=_look,
    options=(
        DetectorOption(
            "learnt", 0.1, "share of what good trials learn", "A trial has learnt nothing with at most this much."
        ),
        DetectorOption(
            "fall", 0.03, "share of what good trials learn", "A curve that falls by no more than this is flat."
        ),
    ),
    confidence="medium",
)
