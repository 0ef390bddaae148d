"""HP205 unstable-metric: the metric swings from step to step, or from fold to fold, far more than in other trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from hparam_ci.detectors._chance import scaled_curves
from hparam_ci.detectors._curves import NO_CURVES, SICK, Curve, changes, comparable, curves, share_of, steps_between
from hparam_ci.detectors._losses import as_loss
from hparam_ci.detectors._metrics import finite, is_fold, says_one_class
from hparam_ci.detectors._steps import reduced
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats, Mask, any_of

FEWEST = 6  # steps in the second half of a curve, before turns are counted
FEW_TRIALS = 8
FENCE = 1.5
REACH = 3.0  # spreads from the good trials: one that is further away is worse than they are, whatever the folds
SPREADS = frozenset(("std", "stdev", "sd"))
AVERAGES = frozenset(("mean", "avg", "average"))


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    rows = comparable(sweep, earlier, (*SICK, "HP202", "HP204"))
    if found := scaled_curves(sweep, earlier, curves(sweep)):
        return _by_curves(found, rows, options)
    folds = _over_folds(sweep)
    if not folds and not curves(sweep):
        return CouldNotLook(NO_CURVES)
    return _by_folds(folds, rows, says_one_class(sweep), options)


# --- curves ---------------------------------------------------------------------------------------


def _by_curves(found: list[tuple[Curve, Curve]], rows: Mask, options: Options) -> Detection:
    swings, turns, limits, long = [], [], [], []
    for _, scale in found:
        tail = scale.tail(0.5)
        enough = rows & (tail.lengths >= FEWEST)
        swing = steps_between(tail).medians()
        swings.append(swing)
        turns.append(_turns(tail, options["amplitude"]))
        limits.append(_fence(swing[enough], options["amplitude"]))
        long.append(enough)
    with np.errstate(invalid="ignore"):
        hits = [
            enough & (turn >= options["turns"]) & (swing > limit)
            for swing, turn, limit, enough in zip(swings, turns, limits, long, strict=True)
        ]

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(hits) if mask[row])
        curve, _ = found[place]
        name, raw, share = curve.column.name, steps_between(curve.tail(0.5)).medians()[row], swings[place][row]
        message = (
            f"{name} turns at {turns[place][row]:.0%} of the steps of its second half, by {raw:.3g} at a time: "
            f"{share_of(share)} what good trials learn"
        )
        return Evidence(name, f"{raw:.3g}", f"{limits[place] * raw / share:.3g}", message)

    return Detection(any_of(hits, len(rows)), any_of(long, len(rows)), evidence, np.fmax.reduce(swings))


def _turns(curve: Curve, amplitude: float) -> Floats:
    """(n,) the share of the inner steps at which the metric turns, by at least `amplitude` on both sides."""
    change, sizes = changes(curve)
    after = np.append(change[1:], 0.0)
    last = np.zeros(len(change), bool)
    last[sizes.starts[1:][sizes.lengths > 0] - 1] = True
    turn = ~last & (change * after < 0) & (np.minimum(np.abs(change), np.abs(after)) >= amplitude)
    return reduced(np.add, turn.astype(float), sizes.starts) / np.maximum(1, sizes.lengths - 1)


def _fence(values: Floats, least: float) -> float:
    """Tukey's outer side: what trials of this sweep usually show is no fault of one of them."""
    values = values[np.isfinite(values)]
    if len(values) < FEW_TRIALS:
        return np.inf
    low, high = np.quantile(values, [0.25, 0.75])
    return float(max(least, high + FENCE * (high - low)))


# --- folds ----------------------------------------------------------------------------------------


class _Folds(NamedTuple):
    """The spread over folds or seeds beside a held-out average, of n trials.

    Attributes:
        column: of the spread, as `std_test_score` beside `mean_test_score`.
        spread: (n,) as it stands there.
        compared: (n,) the same, of an error as a share of its average, as errors span orders of size; not of a
            score, of which the average can be 0.
        average: (n,) with the sign of a loss.
    """

    column: Column
    spread: Floats
    compared: Floats
    average: Floats


def _over_folds(sweep: Sweep) -> list[_Folds]:
    spreads = {_measured(column): column for column in sweep.table.columns if SPREADS & set(tokens(column.name))}
    found = []
    for column, metric in sweep.metrics():
        words = _measured(column)
        if metric.split != "train" and metric.direction and words in spreads and not is_fold(column):
            average, spread = finite(column), finite(spreads[words])
            loss = as_loss(column, metric)  # or the negative of one, as scikit-learn has it
            is_error = loss is not None and loss.metric.kind != "r2" and not np.any(loss.values <= 0)
            with np.errstate(invalid="ignore", divide="ignore"):
                compared = spread / np.abs(average) if is_error else spread
            costs = -average if metric.direction == "maximize" else average
            found.append(_Folds(spreads[words], spread, compared, costs))
    return found


def _measured(column: Column) -> tuple[str, ...]:
    """The words of a name that are no statistic: the same of `mean_test_score` and `std_test_score`."""
    return tuple(word for word in tokens(column.name) if word not in SPREADS | AVERAGES)


def _by_folds(folds: list[_Folds], rows: Mask, blind: Mask, options: Options) -> Detection:
    """Against the better half of the sweep: models that guess blindly all agree."""
    known = [rows & np.isfinite(one.spread) & np.isfinite(one.average) for one in folds]
    halves = [_better_half(one.average, mask & ~blind) for one, mask in zip(folds, known, strict=True)]
    usuals = [one.compared[half] for one, half in zip(folds, halves, strict=True)]
    limits = [max(_fence(usual, 0.0), options["times"] * _median(usual)) for usual in usuals]
    with np.errstate(invalid="ignore", over="ignore"):
        hits = [
            mask & (one.compared > limit) & (one.average - _median(one.average[half]) <= REACH * one.spread)
            for one, mask, half, limit in zip(folds, known, halves, limits, strict=True)
        ]

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(hits) if mask[row])
        column, times = folds[place].column, folds[place].compared[row] / max(_median(usuals[place]), 1e-300)
        message = f"{column.name} is {column.show(row)}: {times:.3g} times the spread that good trials have"
        return Evidence(column.name, column.show(row), f"{limits[place]:.3g}", message)

    return Detection(any_of(hits, len(rows)), any_of(known, len(rows)), evidence)


def _better_half(average: Floats, mask: Mask) -> Mask:
    """(n,) the trials whose average is no worse than the median."""
    return mask & (average <= np.median(average[mask])) if mask.any() else mask


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else np.inf


DETECTOR = Detector(
    code="HP205",
    name="unstable-metric",
    title="Unstable metric",
    trials="unstable trials",
    severity="notice",
    rate="unstable_rate",
    summary="In the second half of its curve a metric keeps going up and down by much, far more than in the sweep's "
    "other trials. Without curves: the spread over folds or seeds is far above the usual one.",
    why="Where the run stopped decided what it scored; its rank in the sweep is luck.",
    advice="Lower or decay the learning rate, use larger batches, average the weights, or average the metric over the "
    "last steps or over several seeds.",
    source="The oscillation of AutoTrainer (Zhang et al., ICSE 2021): turns of at least 0.03 in a fifth of the steps, "
    "here a tenth of what the sweep's good trials learn, and beyond Tukey's fence (Exploratory Data Analysis, 1977).",
    look=_look,
    options=(
        DetectorOption("amplitude", 0.1, "share of what good trials learn", "A smaller change is no swing."),
        DetectorOption("turns", 0.2, "share of the steps", "A metric that turns less often is stable."),
        DetectorOption("times", 3.0, "times the usual spread", "And a spread over folds must be this much larger."),
    ),
    confidence="medium",
)
