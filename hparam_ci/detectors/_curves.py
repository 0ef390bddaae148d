"""The curves of a sweep, all trials at once: where they start, turn, jump and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hparam_ci.detectors._losses import PERPLEXITIES
from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors._steps import Rows, reduced, running_min
from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, History, Mask, any_of
from hparam_ci.wording import show_number

NO_CURVES = "the file has no curves (one value a trial)"
FEW = 4
LEAST_LEARNT = (0.5, 4.0)  # times what good trials reach, of scores and of losses
SLOW = 0.05  # of its first value: what a net has that moves less in a step is about what it had before training
ABOVE_GOOD = 1.5  # times the last loss of good trials: a loss there has not been learnt
SICK = ("HP101", "HP102", "HP201")


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One metric over the steps of n trials: its m finite values, larger is worse.

    Attributes:
        column: the metric in the table, with one value a trial.
        metric: what it measures.
        starts: (n + 1,) rows `starts[i]` to `starts[i + 1]` are those of trial i; none where both are the same.
        steps: (m,) never falling within a trial.
        values: (m,) with the sign of a loss.
    """

    column: Column
    metric: Metric
    starts: Rows
    steps: Floats
    values: Floats

    @property
    def lengths(self) -> Rows:
        """(n,) how many values each trial has."""
        return np.diff(self.starts)

    @property
    def trials(self) -> Rows:
        """(m,) the trial of each row."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def places(self) -> Rows:
        """(m,) the place of each row within its trial, from 0."""
        return np.arange(len(self.values)) - np.repeat(self.starts[:-1], self.lengths)

    def first(self) -> Floats:
        """(n,) the first value of each trial, NaN without any."""
        return self._at(self.starts[:-1])

    def last(self) -> Floats:
        """(n,) the last value of each trial, NaN without any."""
        return self._at(self.starts[1:] - 1)

    def best(self) -> Floats:
        """(n,) the best value of each trial, NaN without any."""
        return self.reduced(np.minimum)

    def best_row(self) -> Rows:
        """(n,) the row at which each trial is best first; its start without any."""
        is_best = self.values == np.repeat(self.best(), self.lengths)
        rows = np.where(is_best, np.arange(len(self.values)), len(self.values))
        found = reduced(np.minimum, rows.astype(float), self.starts)
        return np.where(np.isfinite(found), np.nan_to_num(found), self.starts[:-1]).astype(np.intp)

    def best_so_far(self) -> Floats:
        """(m,) the best value up to each row."""
        return running_min(self.values, self.starts)

    def step_at(self, row: int) -> str:
        """The step of a row as text."""
        return f"{self.steps[row]:.6g}"

    def reduced(self, of: np.ufunc) -> Floats:
        """(n,) a ufunc over each trial, NaN without any value."""
        return reduced(of, self.values, self.starts)

    def tail(self, share: float, least: int = 1) -> Curve:
        """The last rows of each trial: a share of them, at least `least` where there are as many."""
        lengths = self.lengths
        kept = np.minimum(lengths, np.maximum(least, np.ceil(share * lengths).astype(np.intp)))
        return self._only(self.places >= np.repeat(lengths - kept, lengths))

    def before_tail(self, share: float) -> Curve:
        """The rows before the last `share` of each trial, at least its first."""
        lengths = self.lengths
        kept = np.maximum(1, lengths - np.ceil(share * lengths).astype(np.intp))
        return self._only(self.places < np.repeat(kept, lengths))

    def row_at(self, trial_steps: Floats) -> Rows:
        """(n,) the last row of each trial at or before a step, its first row where there is none."""
        levels = np.unique(np.concatenate([self.steps, trial_steps[np.isfinite(trial_steps)]]))
        keys = self.trials * (len(levels) + 1) + np.searchsorted(levels, self.steps)
        wanted = np.arange(len(self.lengths)) * (len(levels) + 1) + np.searchsorted(levels, trial_steps)
        return np.maximum(np.searchsorted(keys, wanted, side="right") - 1, self.starts[:-1])

    def medians(self) -> Floats:
        """(n,) the median value of each trial, the upper of two; NaN without any."""
        order = np.lexsort((self.values, self.trials))
        middles = self.starts[:-1] + self.lengths // 2
        out = np.full(len(self.lengths), np.nan)
        some = self.lengths > 0
        out[some] = self.values[order][middles[some]]
        return out

    def _at(self, rows: Rows) -> Floats:
        out = np.full(len(self.lengths), np.nan)
        some = self.lengths > 0
        out[some] = self.values[rows[some]]
        return out

    def _only(self, mask: Mask) -> Curve:
        starts = np.append(0, np.cumsum(mask))[self.starts]
        return replace(self, starts=starts, steps=self.steps[mask], values=self.values[mask])


def curves(sweep: Sweep) -> list[Curve]:
    """The curve of each metric with a known direction, where any trial has two finite values of it; of the loss of
    single batches only where there is none of whole epochs."""
    history = sweep.table.history
    if history is None:
        return []
    found = []
    for column, metric in sweep.metrics():
        if metric.direction and column.name in history.columns and not _has_epochs(column.name, history):
            curve = _curve(column, metric, history)
            if np.max(curve.lengths, initial=0) > 1:
                found.append(curve)
    return found


def _has_epochs(name: str, history: History) -> bool:
    """Whether a column of single batches, as Lightning's `train_loss_step`, stands beside one of whole epochs."""
    stem = name.removesuffix("_step")
    return stem != name and bool({stem, f"{stem}_epoch"} & set(history.columns))


def _curve(column: Column, metric: Metric, history: History) -> Curve:
    cells = history.columns[column.name]
    finite = cells.is_(Cell.NUMBER)
    values = cells.values[finite]
    if metric.kind in PERPLEXITIES:
        values = np.log(np.maximum(values, 1.0))
    starts = np.append(0, np.cumsum(finite))[history.starts]
    sign = 1.0 if metric.direction == "minimize" else -1.0
    return Curve(column, metric, starts, history.steps[finite], sign * values)


def scaled(curve: Curve, rows: Mask, blind: float | None = None, *, at_best: bool = False) -> Curve | None:
    """The curve on the sweep's own scale: 1 is where its trials start, 0 where its best quarter ends.

    The start is the upper quartile of the first values, for some trials have learnt much before they first report; but
    no worse than a blind guess, for nets that have not been trained can be worse. Where a blind guess is not known, it
    is a few times what good trials end with: nearly all may have been learnt before the first report.

    Args:
        curve: of n trials.
        rows: (n,) trials that are not sick, from which the scale is taken.
        blind: what a blind guess has, with the sign of a loss, where that is known.
        at_best: 0 is where the best quarter is best, for where all trials have turned, none ends well.

    Returns:
        None with fewer than four such trials, or where good trials end no better than they start.
    """
    used = rows & (curve.lengths > 1)
    if used.sum() < FEW:
        return None
    ends = np.sort((curve.best() if at_best else curve.last())[used])
    good = float(np.median(ends[: max(1, len(ends) // 4)]))
    start = float(np.quantile(curve.first()[used], 0.75))
    learnt = min(start, blind if blind is not None else np.inf) - good
    if not np.isfinite(learnt) or learnt <= 1e-3 * max(abs(start), abs(good)):
        return None
    if blind is None:
        learnt = max(learnt, LEAST_LEARNT[curve.metric.direction == "minimize"] * abs(good))
    with np.errstate(over="ignore"):
        values = np.clip((curve.values - good) / learnt, -1e9, 1e9)
    return replace(curve, values=values)


def begun(curve: Curve, rows: Mask) -> Floats:
    """(m,) the first losses of trials that hardly move from their first value to the second, far above good trials:
    about what nets have before training."""
    second = curve.values[np.minimum(curve.starts[:-1] + 1, len(curve.values) - 1)]
    first = curve.first()
    with np.errstate(invalid="ignore"):
        slow = rows & (curve.lengths >= 2) & (np.abs(first - second) <= SLOW * np.abs(first))
        found: Floats = first[slow & (first > ABOVE_GOOD * good_end(curve, rows))]
    return found


def good_end(curve: Curve, rows: Mask) -> float:
    """The median of the best quarter of the last losses; infinite without any."""
    ends = np.sort(curve.last()[rows & (curve.lengths >= 2)])
    return float(np.median(ends[: max(1, len(ends) // 4)])) if len(ends) else np.inf


def training_curves(sweep: Sweep) -> list[Curve]:
    """The curves of the training metrics, of losses where there are any; without them, the held-out ones."""
    found = [curve for curve in curves(sweep) if curve.metric.split == "train"]
    return losses_first(found) or held_out_curves(sweep)


def held_out_curves(sweep: Sweep) -> list[Curve]:
    """The curves of metrics on a split other than training, of losses where there are any; the test split only where
    there is no other."""
    found = [curve for curve in curves(sweep) if curve.metric.split != "train"]
    return losses_first([curve for curve in found if curve.metric.split != "test"] or found)


def losses_first(found: list[Curve]) -> list[Curve]:
    """A score moves in steps, and stands still while the loss tells."""
    return [curve for curve in found if curve.metric.direction == "minimize"] or found


def changes(curve: Curve) -> tuple[Floats, Curve]:
    """The change to each row from the one before it in the same trial, and the curve of their sizes."""
    inside = curve.places > 0
    change = np.diff(curve.values, prepend=0.0)[inside]
    starts = np.append(0, np.cumsum(inside))[curve.starts]
    return change, replace(curve, starts=starts, steps=curve.steps[inside], values=np.abs(change))


def steps_between(curve: Curve) -> Curve:
    """The sizes of the changes from row to row."""
    return changes(curve)[1]


def fits(sweep: Sweep, rows: Mask) -> Mask:
    """(n,) trials whose final training metric is as good as that of half of the sweep; none without such a metric."""
    good = np.zeros(len(sweep), bool)
    for column, metric in sweep.metrics():
        if metric.split == "train" and metric.direction:
            values = finite(column) if metric.direction == "minimize" else -finite(column)
            if np.isfinite(values[rows]).any():
                with np.errstate(invalid="ignore"):
                    good |= values <= np.nanmedian(values[rows])
    return good


def shown(curve: Curve, row: int) -> str:
    """The value of a row in the terms of the file, for a person."""
    value = curve.values[row] if curve.metric.direction == "minimize" else -curve.values[row]
    return show_number(np.exp(value) if curve.metric.kind in PERPLEXITIES else value)


def share_of(share: float) -> str:
    """`12% of`, or `more than`, before what good trials learn."""
    return f"{max(share, 0):.0%} of" if share <= 1 else "more than"


def comparable(sweep: Sweep, earlier: Mapping[str, Detection], sick: tuple[str, ...]) -> Mask:
    """(n,) trials that ended, were not stopped on purpose, and were not flagged by graver detectors."""
    flagged = [earlier[code].flagged for code in sick if code in earlier]
    return sweep.ended & ~sweep.in_state(State.STOPPED) & ~any_of(flagged, len(sweep))


def exploded(earlier: Mapping[str, Detection], n: int) -> Mask:
    """(n,) trials that diverged."""
    return earlier["HP201"].flagged if "HP201" in earlier else np.zeros(n, bool)
