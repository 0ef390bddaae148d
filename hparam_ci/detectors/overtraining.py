"""HP302 overtraining: the held-out metric turned while the training metric went on improving."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import scaled_curves
from hparam_ci.detectors._curves import (
    NO_CURVES,
    SICK,
    Curve,
    comparable,
    curves,
    fits,
    held_out_curves,
    shown,
    steps_between,
)
from hparam_ci.detectors._losses import as_loss, is_cross_entropy
from hparam_ci.detectors._metrics import accuracies
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask, any_of

SHORTEST = 6
GOOD = 0.125  # the middle of the best quarter
NOISE = 3.0  # times the usual step from row to row: the best of many noisy values is a lucky one
SHARE = 0.25  # of its best value, by which a loss has risen: enough with two thirds of the rise that is asked for
GRAVER = (*SICK, "HP202", "HP204", "HP301")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    held_out = held_out_curves(sweep)
    if not held_out:
        return CouldNotLook(NO_CURVES)
    if not any(metric.split == "train" for _, metric in sweep.metrics()):
        return CouldNotLook("no training metric beside a held-out one")
    rows = comparable(sweep, earlier, GRAVER)
    found = scaled_curves(sweep, earlier, held_out, at_best=True)
    known = [rows & (curve.lengths >= SHORTEST) for curve, _ in found]
    training = [curve for curve in curves(sweep) if curve.metric.split == "train"]
    least = [options["rise"] * _to_learn(sweep, curve, rows) for curve, _ in found]
    hits = [
        mask & _turned(curve, scale, options) & (_rise(curve) >= most) & _trained_on(curve, training, fits(sweep, rows))
        for mask, most, (curve, scale) in zip(known, least, found, strict=True)
    ]

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(hits) if mask[row])
        curve, _ = found[place]
        best, column = int(curve.best_row()[row]), curve.column
        message = (
            f"{column.name} was best at step {curve.step_at(best)} ({shown(curve, best)}) and ended at "
            f"{column.show(row)}, while the training metric went on improving"
        )
        return Evidence(column.name, column.show(row), shown(curve, best), message)

    badness = np.fmax.reduce([scale.last() - scale.best() for _, scale in found]) if found else None
    return Detection(any_of(hits, len(sweep)), any_of(known, len(sweep)), evidence, badness)


def _turned(curve: Curve, scale: Curve, options: Options) -> Mask:
    """(n,) trials whose best value is long past, and whose last values are far above it, by what good trials learn. Of
    that, losses show little which hardly fall from where they begin: a little less will do, where they are worse by a
    quarter."""
    since = scale.starts[1:] - 1 - scale.best_row()
    long = since >= np.maximum(options["patience"], options["share"] * scale.lengths)
    rise = _rise(scale)
    with np.errstate(invalid="ignore"):
        is_worse = (curve.best() > 0) & (_rise(curve) >= SHARE * curve.best())
        least = np.where(is_worse, options["rise"] * 2 / 3, options["rise"])
        far: Mask = (rise >= least) & (rise >= NOISE * steps_between(scale).medians())
    turned: Mask = long & far
    return turned


def _rise(curve: Curve) -> Floats:
    """(n,) how far the last values are above the best one; NaN without any."""
    rise: Floats = curve.tail(0.1, least=2).medians() - curve.best()
    return rise


def _to_learn(sweep: Sweep, curve: Curve, rows: Mask) -> float:
    """What a good trial learns at least, from a blind guess between two classes on: nearly all of it may have been
    learnt before the first report. 0 for what is no cross-entropy, as far as accuracies beside it tell."""
    loss = as_loss(curve.column, curve.metric)
    ends = curve.last()[rows & (curve.lengths > 0)]
    if loss is None or not is_cross_entropy(loss) or not accuracies(sweep) or not len(ends):
        return 0.0
    return max(0.0, float(np.log(2) - np.quantile(ends, GOOD)))


def _trained_on(held_out: Curve, training: list[Curve], fitted: Mask) -> Mask:
    """(n,) trials whose training metric is better at the end than when the held-out one was best; where no training
    metric has a curve, those whose final one is as good as that of half of the sweep."""
    same = [curve for curve in training if curve.metric.kind == held_out.metric.kind] or training
    if not same:
        return fitted
    curve = same[0]
    if not len(curve.values):
        return np.zeros(len(fitted), bool)
    some = np.minimum(held_out.best_row(), max(0, len(held_out.values) - 1))
    then = curve.values[np.minimum(curve.row_at(held_out.steps[some]), len(curve.values) - 1)]
    with np.errstate(invalid="ignore"):
        better: Mask = curve.last() < then
    return better


DETECTOR = Detector(
    code="HP302",
    name="overtraining",
    title="Overtraining",
    trials="overtrained trials",
    severity="notice",
    rate="overtraining_rate",
    summary="The held-out metric turned long before the end and got much worse, while the training metric went on "
    "improving.",
    why="The trial is reported with the numbers of a run that went on for too long; it was better before.",
    advice="Stop early, keep the best checkpoint, and compare trials by their best value; or regularise more.",
    source="SageMaker Debugger's Overtraining rule (patience of 5 and 10 records); the validation error that begins to "
    "rise in the Deep Learning Tuning Playbook (Godbole et al., 2023). The rise is in units of what good trials learn.",
    look=_look,
    options=(
        DetectorOption("patience", 3, "records", "The best value is at least so long past."),
        DetectorOption("share", 0.2, "share of the records", "And at least this share of the run."),
        DetectorOption("rise", 0.1, "share of what good trials learn", "The metric has got worse by at least this."),
    ),
    confidence="medium",
)
