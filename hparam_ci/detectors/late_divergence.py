"""HP204 late-divergence: the trial had learnt, and lost it again by the end."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import HALFWAY, scaled_curves
from hparam_ci.detectors._curves import NO_CURVES, SICK, Curve, comparable, fits, share_of, shown, training_curves
from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Column, Floats, Mask, any_of

SHORTEST = 4


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    rows = comparable(sweep, earlier, SICK)
    training = training_curves(sweep)
    beside = _beside_best(sweep)
    if not training and not beside:
        return CouldNotLook(NO_CURVES)
    if found := scaled_curves(sweep, earlier, training):
        has_train = any(curve.metric.split == "train" for curve, _ in found)
        return _by_curves(found, rows, options["lost"], fits(sweep, rows) & (not has_train))
    return _by_best(beside, rows, options["lost"])


def _by_curves(found: list[tuple[Curve, Curve]], rows: Mask, limit: float, well_trained: Mask) -> Detection:
    """Of the training curves, where there are any: a held-out metric that got worse alone was overtrained."""
    long = [curve.lengths >= SHORTEST for curve, _ in found]
    lost = [
        np.where(enough, scale.last() - scale.best(), np.nan) for enough, (_, scale) in zip(long, found, strict=True)
    ]
    had = [scale.best() <= HALFWAY for _, scale in found]
    at_risk = rows & any_of(long, len(rows))
    with np.errstate(invalid="ignore"):
        hits = [at_risk & h & ~well_trained & (x >= limit) for h, x in zip(had, lost, strict=True)]

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(hits) if mask[row])
        curve, column = found[place][0], found[place][0].column
        best = int(curve.best_row()[row])
        message = (
            f"{column.name} ended at {column.show(row)}; its best was {shown(curve, best)} at step "
            f"{curve.step_at(best)}: {share_of(lost[place][row])} what good trials learn was lost"
        )
        return Evidence(column.name, column.show(row), f"{limit:.0%} lost", message)

    return Detection(any_of(hits, len(rows)), at_risk, evidence, np.fmax.reduce(lost))


def _beside_best(sweep: Sweep) -> list[tuple[Column, Column, Metric]]:
    """Each metric beside the column of its best value over the run: `val_acc` and `best_val_acc`."""
    bests = {
        tuple(word for word in tokens(column.name) if word != "best"): column
        for column in sweep.table.columns
        if re.search(r"(?<![a-z])best(?![a-z])", column.name.lower())
    }
    return [
        (column, bests[words], metric)
        for column, metric in sweep.metrics()
        if metric.direction and (words := tuple(tokens(column.name))) in bests and bests[words] is not column
    ]


def _by_best(beside: list[tuple[Column, Column, Metric]], rows: Mask, limit: float) -> Detection:
    """Final against best, in units of what the sweep's good trials have above its worst trials."""
    gaps = [_gap(column, best, metric, rows) for column, best, metric in beside]
    at_risk = rows & any_of([np.isfinite(gap) for gap in gaps], len(rows))
    with np.errstate(invalid="ignore"):
        hits = [at_risk & (gap >= limit) for gap in gaps]

    def evidence(row: int) -> Evidence:
        column, best, _ = beside[next(i for i, mask in enumerate(hits) if mask[row])]
        message = f"{column.name} ended at {column.show(row)}; {best.name} is {best.show(row)}"
        return Evidence(column.name, column.show(row), best.show(row), message)

    return Detection(any_of(hits, len(rows)), at_risk, evidence)


def _gap(column: Column, best: Column, metric: Metric, rows: Mask) -> Floats:
    sign = 1.0 if metric.direction == "minimize" else -1.0
    last, top = sign * finite(column), sign * finite(best)
    known = np.sort(last[rows & np.isfinite(last) & np.isfinite(top)])
    if len(known) < SHORTEST:
        return np.full(len(rows), np.nan)
    reach = float(np.quantile(known, 0.9) - np.quantile(known, 0.125))
    floor = 0.1 * float(np.max(np.abs(known[: max(1, len(known) // 4)])))  # a sweep of equals has no scale of its own
    return (last - top) / max(reach, floor, 1e-300)


DETECTOR = Detector(
    code="HP204",
    name="late-divergence",
    title="Late divergence",
    trials="trials that lost what they had learnt",
    severity="warning",
    rate="late_divergence_rate",
    summary="The training metric was good once, and by the end of the run the trial has lost at least half of what the "
    "sweep's good trials learn.",
    why="The run became unstable late; its final numbers are not what the configuration can do, and the best "
    "checkpoint is not the last.",
    advice="Decay the learning rate, clip gradients, look for a jump in the schedule or in the data, and keep the best "
    "checkpoint.",
    source="The final value held against the best, on the scale from the sweep's start to its good trials' end; the "
    "Deep Learning Tuning Playbook (Godbole et al., 2023) calls such runs unstable.",
    look=_look,
    options=(
        DetectorOption(
            "lost", 0.5, "share of what good trials learn", "A trial that has lost at least this is flagged."
        ),
    ),
    confidence="medium",
)
