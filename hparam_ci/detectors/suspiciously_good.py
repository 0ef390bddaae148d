"""HP303 suspiciously-good: the held-out metric is far above the training metric, or perfect where others are not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._curves import SICK, comparable
from hparam_ci.detectors._metrics import finite, is_percent, joined, pairs
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Pair, Sweep
from hparam_ci.sources.table import Column, Mask
from hparam_ci.wording import show_number

FEW = 4
FENCE = 1.5
BOUNDED = ("accuracy", "auc", "auroc", "rocauc", "f1", "r2", "precision", "recall", "mcc", "kappa", "dice", "iou")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    scores = [pair for pair in pairs(sweep) if pair.direction == "maximize" and pair.kind in BOUNDED]
    held_out = [c for c, metric in sweep.metrics(kinds=BOUNDED) if metric.split != "train"]
    if not scores and not held_out:
        return CouldNotLook("no held-out score with a highest value, such as an accuracy")
    rows = comparable(sweep, earlier, (*SICK, "HP202"))
    views = [_better_than_training(pair, rows, options) for pair in scores]
    views += [_alone_perfect(column, rows, options["error"]) for column in held_out]
    return joined(views, len(sweep))


def _better_than_training(pair: Pair, rows: Mask, options: Options) -> Detection:
    """Held-out above training by `gap`, by more than the sweep's trials usually are, at a good level."""
    train, held_out = finite(pair.train), finite(pair.held_out)
    unit = 100.0 if is_percent(train, held_out) else 1.0
    judged = rows & np.isfinite(train) & np.isfinite(held_out)
    gap = held_out - train
    low, usual = np.quantile(gap[judged], [0.25, 0.75]) if judged.sum() >= FEW else (0.0, 0.0)
    limit = float(max(options["gap"] * unit, usual + options["beyond"] * unit, usual + FENCE * (usual - low)))
    good = float(np.median(held_out[judged])) if judged.any() else np.inf
    with np.errstate(invalid="ignore"):
        flagged = judged & (gap > limit) & (held_out >= good)

    def evidence(row: int) -> Evidence:
        message = (
            f"{pair.held_out.name} {pair.held_out.show(row)} is above {pair.train.name} {pair.train.show(row)} by "
            f"{gap[row]:.3g}; usually it is {usual:.3g} above it"
        )
        return Evidence(pair.held_out.name, pair.held_out.show(row), f"{limit:.3g} above", message)

    return Detection(flagged, judged, evidence)


def _alone_perfect(column: Column, rows: Mask, error: float) -> Detection:
    """A perfect score where the best of the other trials is far from it."""
    values = finite(column)
    top = 100.0 if is_percent(values) else 1.0
    judged = rows & np.isfinite(values)
    perfect = judged & (values >= top * (1 - 1e-9)) & (values <= top * (1 + 1e-9))
    others = values[judged & ~perfect]
    rare = judged.sum() >= 2 * FEW and perfect.sum() <= max(1, 0.05 * judged.sum())
    apart = bool(len(others)) and float(np.max(others)) <= top * (1 - error)
    flagged = perfect if rare and apart else np.zeros(len(values), bool)

    def evidence(row: int) -> Evidence:
        message = (
            f"{column.name} is {column.show(row)}, and no other trial is above {show_number(float(np.max(others)))}"
        )
        return Evidence(column.name, column.show(row), f"{top * (1 - error):.3g}", message)

    return Detection(flagged, judged, evidence)


DETECTOR = Detector(
    code="HP303",
    name="suspiciously-good",
    title="Suspiciously good",
    trials="suspiciously good trials",
    severity="warning",
    rate="suspicious_rate",
    summary="A held-out score is far above the training score, more than in the sweep's other trials; or it is perfect "
    "while no other trial comes near.",
    why="A model does not know data that it has not seen better than data that it has. Held-out data in the training "
    "set, a wrong split, or a mistake in the metric look like this.",
    advice="Check how the data were split, that no feature carries the label, and that both metrics are computed "
    "alike. Strong dropout or augmentation lowers the training score of all trials that use it.",
    source="UMLAUT (Schoop et al., CHI 2021) warns of a validation accuracy above the training accuracy; here by ten "
    "points, by ten more than is usual in the sweep, and beyond Tukey's fence.",
    look=_look,
    options=(
        DetectorOption(
            "gap", 0.10, "share (0.10 = 10 points)", "A held-out score may be so far above the training one."
        ),
        DetectorOption(
            "beyond", 0.10, "share (0.10 = 10 points)", "And so far beyond the upper quartile of the sweep."
        ),
        DetectorOption("error", 0.05, "share (0.05 = 5 points)", "A perfect score must be this far from all others."),
    ),
    confidence="low",
)
