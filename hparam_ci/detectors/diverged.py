"""HP201 diverged: the loss is finite but exploded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import SURE, chances
from hparam_ci.detectors._curves import begun, curves
from hparam_ci.detectors._lengths import short_runs
from hparam_ci.detectors._losses import Loss, blind_loss, is_cross_entropy, losses
from hparam_ci.detectors._ordinary import ordinary
from hparam_ci.detectors._spread import limit_by_spread
from hparam_ci.detectors._steps import at_step
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell, Mask, any_of

FEW = 5
TINY = 1e-12
LEAST = 2.0  # times the loss of a blind guess: not exploded below
MOST, MOST_BY_ACCURACY = 5.0, 10.0  # times it: exploded above; where only the worst accuracy tells it, it is less sure
OTHER_SCALE = 2.0
MOST_OF_VARIANCE = 10.0  # held-out data may be far from what was trained on


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    columns = losses(sweep)
    if not columns:
        return CouldNotLook("no loss or error column was recognised")
    short, starts = short_runs(sweep, earlier), _starts(sweep)
    limits = _limits(columns, short, sweep, options, {}, starts)
    over = _all_over(columns, limits, short, sweep, options)
    levels = {
        m.column.name: m.level for m in chances(sweep, sweep.ended & ~any_of(over, len(sweep)), short) if m.is_loss
    }
    if levels:
        limits = _limits(columns, short, sweep, options, levels, starts)
        over = _all_over(columns, limits, short, sweep, options)
    at_risk = sweep.ended & any_of([np.isfinite(loss.values) for loss in columns], len(sweep))
    quartiles = [
        float(np.nanquantile(x.values, 0.25)) if mask.any() else np.nan for x, mask in zip(columns, over, strict=True)
    ]
    badness = np.full(len(sweep), -np.inf)
    for loss, mask, most in zip(columns, over, limits, strict=True):
        with np.errstate(over="ignore"):
            badness[mask] = np.maximum(badness[mask], (loss.values[mask] - most) / max(abs(most), TINY))

    def evidence(row: int) -> Evidence:
        number = next(number for number, mask in enumerate(over) if mask[row])
        loss = columns[number]
        return _evidence(loss, row, limits[number], quartiles[number], sweep)

    return Detection(any_of(over, len(sweep)), at_risk, evidence, badness)


def _limits(
    columns: list[Loss],
    short: Mask,
    sweep: Sweep,
    options: Options,
    levels: Mapping[str, float],
    starts: Mapping[str, float],
) -> list[float]:
    """The limit of each column: one for all splits of a kind, the most lenient of the held-out ones, for a training
    loss has no floor that all share. `levels` has what a blind guess costs, by the name of the column, where that is
    known; `starts` what slow trials begin with, where they are enough, which is about as much."""
    found: dict[str, float] = {}
    blind, train_only = (
        blind_loss(sweep),
        {x.metric.kind for x in columns} - {x.metric.kind for x in columns if x.metric.split != "train"},
    )
    for loss in columns:
        kind = loss.metric.kind
        if loss.metric.split != "train" or kind in train_only:
            floor = LEAST * ordinary(loss, columns, short, sweep.ended, sweep)
            most = limit(loss, options, levels.get(loss.column.name), blind, floor, sweep.ended)
            if loss.column.name not in levels:
                most = min(most, max(floor, MOST * starts.get(loss.column.name, np.inf)))
            found[kind] = max(found.get(kind, most), most)
    return [found[loss.metric.kind] * _larger(loss, columns, sweep.ended) for loss in columns]


def _starts(sweep: Sweep) -> dict[str, float]:
    """What slow trials begin with, by the name of the loss: about what nets have before training."""
    found = {x.column.name: begun(x, sweep.ended) for x in curves(sweep) if x.metric.kind == "loss"}
    return {name: float(np.median(first)) for name, first in found.items() if len(first) >= SURE}


def _all_over(columns: list[Loss], limits: list[float], short: Mask, sweep: Sweep, options: Options) -> list[Mask]:
    """(n,) for each column, the trials above its limit; a run that ended early must be `decades` above it."""
    found = []
    for loss, limit in zip(columns, limits, strict=True):
        long = ~short | (loss.values / 10 ** options["decades"] > limit)
        found.append(sweep.ended & _over(loss, columns, limit, options) & long)
    return found


def _larger(loss: Loss, columns: list[Loss], rows: Mask) -> float:
    """How many times the held-out loss a training loss usually is, where it is so much larger that one must be a sum,
    or both of unequal splits: dropout and augmentation do not raise it that far. Else 1."""
    others = [x for x in columns if x.metric.kind == loss.metric.kind and x.metric.split != "train"]
    if loss.metric.split != "train" or not others:
        return 1.0
    used = rows & np.all([np.isfinite(x.values) for x in (loss, *others)], axis=0)
    if not used.any():
        return 1.0
    here, there = (float(np.quantile(x.values.compress(used), 0.25)) for x in (loss, others[0]))
    return here / there if there > 0 and here > OTHER_SCALE * there else 1.0


def _over(loss: Loss, columns: list[Loss], limit: float, options: Options) -> Mask:
    """(n,) trials above the limit. Where the training loss is good, a poor held-out loss must be `decades` above it:
    below that the trial overfits."""
    over: Mask = loss.values > limit
    usual = loss.values.compress(~over & np.isfinite(loss.values))
    for train in columns:
        if train.metric.split == "train" != loss.metric.split and train.metric.kind == loss.metric.kind and len(usual):
            over &= ~(train.values <= np.median(usual)) | (loss.values / 10 ** options["decades"] > limit)
    return over


def limit(loss: Loss, options: Options, level: float | None, blind: float | None, floor: float, rows: Mask) -> float:
    """The loss above which a trial of this sweep counts as exploded; see `limit_by_spread`.

    With fewer than five finite losses it is `absurd`. An error rate has none. It is never below `floor`, nor below 2
    times what a blind guess costs (`level`, which of a share of unexplained variance is 1), and never above 3 times
    that. Where only the worst accuracy tells of it (`blind`), a cross-entropy has exploded above 10 times that, unless
    all but one in ten are worse than blind: then the loss is a sum, or none of these.
    """
    numbers = loss.values.compress(rows & np.isfinite(loss.values))
    if loss.is_bounded:
        return float("inf")
    if len(numbers) < FEW:
        return options["absurd"]
    found = limit_by_spread(numbers, options["decades"], options["sigmas"], options["gap"], options["absurd"])
    if loss.reading == "unexplained share":
        return float(np.clip(found, LEAST, MOST_OF_VARIANCE))
    if level is not None:
        return float(np.clip(found, LEAST * level, MOST * level))
    if blind is None or not is_cross_entropy(loss):
        return max(found, floor)
    is_mean = np.sort(numbers)[max(1, len(numbers) // 10)] < blind
    return float(np.clip(found, max(floor, LEAST * blind), max(floor, MOST_BY_ACCURACY * blind if is_mean else np.inf)))


def _evidence(loss: Loss, row: int, limit: float, quartile: float, sweep: Sweep) -> Evidence:
    name, value = loss.column.name, loss.column.show(row)
    since = _since(loss, row, limit, sweep)
    message = f"{name} is {value}; the lower quartile of the sweep is {loss.shown(quartile)}{since}"
    return Evidence(name, value, loss.shown(limit), message)


def _since(loss: Loss, row: int, limit: float, sweep: Sweep) -> str:
    """From which step on the curve stays above the limit, with the learning rate on a schedule."""
    history = sweep.table.history
    if history is None or loss.reading != "loss" or loss.column.name not in history.columns:
        return ""
    start, end = int(history.starts[row]), int(history.starts[row + 1])
    cells = history.columns[loss.column.name]
    fine = np.flatnonzero(cells.is_(Cell.NUMBER)[start:end] & (cells.values[start:end] <= limit))
    filled = np.flatnonzero(cells.is_(Cell.NUMBER, Cell.NAN, Cell.POS_INF)[start:end])
    later = filled[filled > (fine[-1] if len(fine) else -1)]
    since = at_step(sweep, loss.column.name, row, start + int(later[0])) if len(later) else ""
    return f"; above the limit{since}" if since else ""


DETECTOR = Detector(
    code="HP201",
    name="diverged",
    title="Diverged",
    trials="diverged trials",
    severity="error",
    rate="divergence_rate",
    summary="A loss or error is finite but far above what the sweep's healthy trials reach.",
    why="The optimisation ran away; the trial's other numbers mean nothing.",
    advice="Lower the learning rate, warm it up, or clip gradients; check the scale of inputs and initial weights.",
    source="The median and MAD rule for outliers (Iglewicz and Hoaglin, 1993) on the log of the loss, taken from the "
    "lower half of the sweep. 1000 is the loss that AutoTrainer counts as NaN (Zhang et al., ICSE 2021).",
    look=_look,
    options=(
        DetectorOption(
            "decades", 1.0, "powers of ten", "A loss must be at least this far above the sweep's lower quartile."
        ),
        DetectorOption(
            "sigmas", 6.0, "robust standard deviations", "And at least this many spreads of the sweep's lower half."
        ),
        DetectorOption("gap", 0.7, "powers of ten", "Losses that run on in smaller steps are the sweep's own tail."),
        DetectorOption("absurd", 1000.0, "loss", "The limit where fewer than five trials have a finite loss."),
    ),
)
