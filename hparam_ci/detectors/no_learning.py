"""HP202 no-learning: the trial scores what a blind guess scores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import (
    BELOW,
    COMMON_CLASSES,
    SURE,
    UNKNOWN,
    WELL_BELOW,
    Chance,
    known_chances,
    once_learnt,
)
from hparam_ci.detectors._curves import Curve, begun, comparable, curves, good_end, scaled
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask

LEFT = 0.3  # of what good trials learn, still to be learnt by a curve that never fell
SHORTEST = 2
LIKE = ", no better than models have that learnt nothing"
LITTLE = 0.01  # of its first value: a loss that falls by no more has not fallen
NEAR_FIRST = 0.95  # of what the trials of the sweep begin with: a curve that gets there began as any other
LOW = 0.1  # of such first losses: which no net that learnt anything should have for its best
NEAR = (0.97, 1.6)  # times ln K: where training begins among K classes
AROUND = (0.015, 0.03)  # of ln K: how far below and above it the best or the last losses are of trials that guess alike
MANY = 0.05  # of the trials
FARTHEST = 3.0  # times a blind guess: a loss further above it has exploded, whether or not that is what it is called
BETTER = 0.03  # of a blind guess: a loss that is better by no more has learnt nothing
ONCE = 0.1  # of a blind guess: a loss that never was better by more, on its way, has not either
GRAVER = ("HP101", "HP102", "HP103", "HP201")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    if not sweep.metrics():
        return CouldNotLook("no metric column was recognised")
    rows = comparable(sweep, earlier, GRAVER)
    measures = known_chances(sweep, earlier)
    still = _never_fell(sweep, rows, options["fall"], is_known=bool(measures))
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

    Where the losses are hardly better than a blind guess, accuracies may be twice as far above it: those of a net that
    was never trained stray, and a few held-out rows are noisy.
    """
    at_losses, known = np.ones(len(rows), bool), np.zeros(len(rows), bool)
    for measure in measures:
        known |= np.isfinite(measure.learnt)
        if measure.is_loss:
            at_losses &= np.nan_to_num(measure.learnt, nan=1.0) <= max(measure.near, learnt / 2)
    lenient = np.where(at_losses & any(measure.is_loss for measure in measures), 2 * learnt, learnt)
    at_chance = known.copy()
    for measure in measures:
        with np.errstate(invalid="ignore"):
            at_chance &= np.isnan(measure.learnt) | (measure.learnt <= np.maximum(lenient, measure.near))
    return rows & known, rows & at_chance


def _never_fell(sweep: Sweep, rows: Mask, fall: float, *, is_known: bool) -> Mask | None:
    """(n,) trials none of whose loss curves fell, or ever was below what a model has that learnt nothing, though the
    sweep's others were; None without curves of losses."""
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
        first = curve.first()[rows & (curve.lengths > 0)]
        late = curve.best() >= NEAR_FIRST * np.median(first)
        never = gone & late
        if not is_known:
            never |= curve.best() >= _untrained(curve, rows)
        flat &= ~long | (never & (np.nan_to_num(scale.best(), nan=0.0) > LEFT))
    if not is_known:
        flat |= _at_a_guess(
            [curve for curve, scale in found if scale is not None and curve.metric.kind == "loss"], rows
        )
    return rows & seen & flat


def _untrained(curve: Curve, rows: Mask) -> float:
    """About the lower losses with which slow trials begin, those of nets that have hardly been trained; without the
    lowest tenth, at least one, which may have learnt before they became slow."""
    first = np.sort(begun(curve, rows))
    return NEAR_FIRST * float(first[max(1, int(LOW * len(first)))]) if len(first) >= SURE else np.inf


def _at_a_guess(found: list[Curve], rows: Mask) -> Mask:
    """(n,) trials that end no better than a blind guess among K classes, and hardly ever were, by any loss curve: where
    slow trials begin near ln K, and the best or the last losses of some trials are just that on every split, far above
    good trials."""
    at = np.zeros(len(rows), bool)
    if not found:
        return at
    long = rows & (np.min([curve.lengths for curve in found], axis=0) >= SHORTEST)
    bests = np.array([np.where(long, curve.best(), np.nan) for curve in found])
    lasts = np.array([curve.last() for curve in found])
    firsts, goods = [begun(curve, rows) for curve in found], [good_end(curve, rows) for curve in found]
    most = max(SURE, int(np.ceil(MANY * rows.sum())))
    for k in COMMON_CLASSES:
        cost = float(np.log(k))
        near = [len(b) >= SURE and NEAR[0] * cost <= np.quantile(b, 0.25) <= NEAR[1] * cost for b in firsts]
        if not all(near) or min(goods) > WELL_BELOW * cost or max(goods) > BELOW * cost:
            continue
        with np.errstate(invalid="ignore"):
            alike = (bests >= (1 - ONCE) * cost).all(axis=0)
            alike &= _are_around(bests, cost) | _are_around(lasts, cost)
            if alike.sum() >= most:
                most, guess = int(alike.sum()) + 1, np.quantile(lasts[:, alike], 0.25, axis=1, keepdims=True)
                at = ((lasts >= (1 - BETTER) * guess) & (lasts <= FARTHEST * guess)).all(axis=0)
                at &= (bests >= (1 - ONCE) * guess).all(axis=0)
    return at


def _are_around(losses: Floats, cost: float) -> Mask:
    """(n,) where the losses of all curves (curves, n) are about what a guess costs."""
    around: Mask = np.all((losses >= (1 - AROUND[0]) * cost) & (losses <= (1 + AROUND[1]) * cost), axis=0)
    return around


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
    first, best, last = curve.first()[row], curve.best()[row], curve.last()[row]
    name, steps = curve.column.name, int(curve.lengths[row])
    message = f"{name} began at {first:.3g} and its best of {steps} is {best:.3g}"
    message += f" and its last {last:.3g}" if last - best > LITTLE * abs(first) else ""
    message += LIKE if first - best > LITTLE * abs(first) else ""
    return Evidence(name, curve.column.show(row), f"{first:.3g}", message)


DETECTOR = Detector(
    code="HP202",
    name="no-learning",
    title="No learning",
    trials="trials that learnt nothing",
    severity="warning",
    rate="no_learning_rate",
    summary="The trial scores what a blind or constant guess scores, on every split; or its loss never fell from where "
    "it began, or from where the trials of the sweep begin, while the losses of others did.",
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
