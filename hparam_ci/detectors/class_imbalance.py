"""HP305 class-imbalance: the accuracy is high, and what does not let the commonest class win is low."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._curves import SICK, comparable
from hparam_ci.detectors._metrics import OF_RARE_CLASSES, TRACE, finite, is_percent, joined, without_folds
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Column, Floats, Mask

FEW = 4
BALANCED = frozenset(("balanced", "bacc", "uar"))
CLASS_WORDS = frozenset(("class", "cls", "label", "category", "cat"))
OTHER_KINDS = frozenset(("micro", "weighted", "samples"))


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    plain, fair = _columns(sweep)
    beside = [(p, m, f, k) for p, m in plain for f, k in fair if m.split == k.split and _part(p) == _part(f)]
    if not beside:
        return CouldNotLook("no accuracy beside a balanced or a per-class metric of the same split")
    rows = comparable(sweep, earlier, (*SICK, "HP202"))
    return joined([_view(p, f, k, rows, options) for p, _, f, k in beside], len(sweep))


def _columns(sweep: Sweep) -> tuple[list[tuple[Column, Metric]], list[tuple[Column, Metric]]]:
    """The held-out accuracies, and the metrics of the same splits in which each class counts."""
    plain, fair = [], []
    for column, metric in sweep.metrics(direction="maximize"):
        words = set(tokens(column.name))
        if metric.split == "train" or words & OTHER_KINDS:
            continue
        is_fair = metric.kind in OF_RARE_CLASSES or bool(words & (BALANCED | CLASS_WORDS))
        if is_fair:
            fair.append((column, metric))
        elif metric.kind == "accuracy" and not words & {"top5", "acc5"}:
            plain.append((column, metric))
    return without_folds(plain), without_folds(fair)


def _part(column: Column) -> frozenset[str]:
    """What part of the data a name speaks of beside the split: `test_subject_f1` of subjects."""
    known = BALANCED | CLASS_WORDS | {"accuracy", "acc", "score", "macro", "cohen", "top1", "mean", *OF_RARE_CLASSES}
    words = (word for word in tokens(column.name) if not word.isdigit() and word not in known)
    return frozenset(words)


def _view(plain: Column, fair: Column, about: Metric, rows: Mask, options: Options) -> Detection:
    accuracy, value = (_share(column) for column in (plain, fair))
    judged = rows & np.isfinite(accuracy) & np.isfinite(value)
    gap = accuracy - value
    usual = float(np.quantile(gap[judged], 0.75)) if judged.sum() >= FEW else 0.0
    limit = max(options["gap"], usual + options["beyond"])
    good = float(np.median(accuracy[judged])) if judged.sum() >= FEW else options["accuracy"]
    with np.errstate(invalid="ignore"):
        high = accuracy >= min(options["accuracy"], max(good, 0.5))
        empty = (value <= options["none"]) & (about.kind in OF_RARE_CLASSES)
        flagged = judged & high & (empty | (gap > limit)) & (gap > options["gap"])

    def evidence(row: int) -> Evidence:
        message = f"{plain.name} is {plain.show(row)}, but {fair.name} {fair.show(row)}"
        if empty[row]:
            return Evidence(fair.name, fair.show(row), "more than nothing", message)
        message += f"; the usual gap is {usual:.3g}"
        return Evidence(fair.name, fair.show(row), f"a gap of {limit:.3g}", message)

    return Detection(flagged, judged, evidence)


def _share(column: Column) -> Floats:
    values = finite(column)
    return values / 100 if is_percent(values) else values


DETECTOR = Detector(
    code="HP305",
    name="class-imbalance",
    title="Rare classes ignored",
    trials="trials that ignore rare classes",
    severity="warning",
    rate="imbalance_rate",
    summary="The accuracy is high, but the balanced accuracy, F1, recall or the metric of one class is far below it, "
    "further than in the sweep's other trials; or it is nothing at all.",
    why="The model says the commonest class and is mostly right. For the rare classes it is useless.",
    advice="Weight the classes or the loss, resample, move the decision threshold, and optimise a balanced metric.",
    source="Brodersen et al., The Balanced Accuracy and Its Posterior Distribution (ICPR 2010), for what to compare. "
    "A gap of 0.2 beyond the sweep's usual one is a choice.",
    look=_look,
    options=(
        DetectorOption("gap", 0.2, "share (0.20 = 20 points)", "The balanced metric may be so far below the accuracy."),
        DetectorOption("beyond", 0.1, "share (0.10 = 10 points)", "And so far beyond the upper quartile of the gaps."),
        DetectorOption("none", TRACE, "share", "An F1, recall or correlation of at most this is nothing at all."),
        DetectorOption("accuracy", 0.7, "share", "A lower accuracy is not called high."),
    ),
    confidence="medium",
)
