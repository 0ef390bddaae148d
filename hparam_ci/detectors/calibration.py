"""HP304 calibration: the model is right often, and far too sure where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._curves import SICK, comparable
from hparam_ci.detectors._losses import MOST_CLASSES, Loss, as_loss, is_cross_entropy
from hparam_ci.detectors._metrics import accuracies_of, finite, joined
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats, Mask

FEW = 5
FENCE = 1.5
SUREST = 0.99  # an accuracy above it says no more of how sure a model may be


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    rows = comparable(sweep, earlier, (*SICK, "HP202", "HP204", "HP301"))
    errors = [c for c, metric in sweep.metrics() if "ece" in tokens(c.name) and metric.split != "train"]
    views = [_by_error(column, rows, options) for column in errors]
    views += [_by_loss(loss, column, accuracy, rows, options) for loss, column, accuracy in _beside(sweep)]
    if not views:
        return CouldNotLook("no cross-entropy beside an accuracy of the same split, and no calibration error")
    return joined(views, len(sweep))


def _by_error(column: Column, rows: Mask, options: Options) -> Detection:
    """An expected calibration error above `ece`, and far above the sweep's median."""
    values = finite(column)
    judged = rows & np.isfinite(values)
    median = float(np.median(values[judged])) if judged.any() else np.inf
    limit = max(options["ece"], options["times"] * median if judged.sum() >= FEW else 0.0)
    with np.errstate(invalid="ignore"):
        flagged = judged & (values > limit)

    def evidence(row: int) -> Evidence:
        message = f"{column.name} is {column.show(row)}; the sweep's median is {median:.3g}"
        return Evidence(column.name, column.show(row), f"{limit:.3g}", message)

    return Detection(flagged, judged, evidence)


def _beside(sweep: Sweep) -> list[tuple[Loss, Column, Floats]]:
    """Each held-out cross-entropy with the first accuracy of its split."""
    found = []
    scores = accuracies_of(sweep)
    for column, metric in sweep.metrics():
        loss = as_loss(column, metric) if metric.split != "train" else None
        if loss and is_cross_entropy(loss):
            same = [(score, values) for score, split, values in scores if split == metric.split]
            found += [(loss, *score) for score in same[:1]]
    return found


def _by_loss(loss: Loss, score: Column, accuracy: Floats, rows: Mask, options: Options) -> Detection:
    """A loss above what the accuracy allows to a model that knows how often it is right, of trials with a good
    accuracy; and beyond what is usual in the sweep, on the log scale."""
    judged = rows & np.isfinite(loss.values) & np.isfinite(accuracy)
    allowed = _allowed(accuracy)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        excess = np.log(np.maximum(loss.values, 1e-300) / allowed)
    limit, good = np.inf, np.inf
    if judged.sum() >= FEW:
        low, high = np.quantile(excess[judged], [0.25, 0.75])
        limit = max(float(np.log(options["times"])), float(high + FENCE * (high - low)))
        good = float(np.median(accuracy[judged]))
    with np.errstate(invalid="ignore"):
        flagged = judged & (excess > limit) & (accuracy >= good)

    def evidence(row: int) -> Evidence:
        message = (
            f"{loss.column.name} is {loss.column.show(row)}, though {score.name} is {score.show(row)}: with that it "
            f"need not be above {allowed[row]:.3g}"
        )
        return Evidence(loss.column.name, loss.column.show(row), f"{allowed[row] * np.exp(limit):.3g}", message)

    return Detection(flagged, judged, evidence)


def _allowed(accuracy: Floats) -> Floats:
    """(n,) the cross-entropy of a model that is as sure as it is right and spreads the rest over many classes:
    H(a) + (1 - a) ln(K - 1)."""
    a = np.clip(accuracy, 1 / MOST_CLASSES, SUREST)
    spread: Floats = -a * np.log(a) - (1 - a) * np.log(1 - a) + (1 - a) * np.log(MOST_CLASSES - 1)
    return spread


DETECTOR = Detector(
    code="HP304",
    name="calibration",
    title="Badly calibrated",
    trials="badly calibrated trials",
    severity="notice",
    rate="calibration_rate",
    summary="The held-out accuracy is good, but the held-out loss is far above what that accuracy allows to a model "
    "that knows how sure it may be; or the calibration error is high.",
    why="The probabilities mean nothing: loss and accuracy rank trials differently, and thresholds on a score fail.",
    advice="Scale the temperature on held-out data, smooth the labels, stop earlier, or compare trials by accuracy.",
    source="Guo et al., On Calibration of Modern Neural Networks (ICML 2017), for the error and its cure; no "
    "limit is published, so 0.10 is a choice. The loss of a calibrated guess is at most its entropy among K classes.",
    look=_look,
    options=(
        DetectorOption("ece", 0.10, "calibration error", "A smaller expected calibration error is none."),
        DetectorOption("times", 2.0, "times what is allowed or usual", "And it must be so far above that."),
    ),
    confidence="medium",
)
