"""HP506 metric-never-reacts: the results do not depend on what was varied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import accumulate

import numpy as np

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors._objective import objective
from hparam_ci.detectors._trials import NO_METRIC, finished, listed, settings
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.rows import Hashes, Rows, alone, both, coded, hashed
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Column, Floats, Mask
from hparam_ci.sources.trials import is_measured

TINY = 1e-9  # of its size: a metric that varies less is constant
BOUNDS = (0.0, 1.0, 100.0)
MOST_SHARED = 0.01  # of the pairs of trials have equal results by chance, before equal results prove nothing
WHERE = 0.8
# What a trial is run with, not on: it may well change nothing.
EXECUTION = frozenset("workers worker jobs threads thread device gpus gpu pin verbose cores".split())


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    if not sweep.metrics():
        return CouldNotLook(NO_METRIC)
    return SweepDetection((*_constant(sweep, options), *_without_effect(sweep, options)))


# --- constant metrics -----------------------------------------------------------------------------


def _constant(sweep: Sweep, options: Options) -> Iterator[Finding]:
    goal, judged = objective(sweep), finished(sweep)
    for column, metric in sweep.metrics():
        is_goal = goal is not None and column is goal.column
        values = finite(column).compress(judged)
        values = values.compress(np.isfinite(values))
        if len(values) < options["fewest"] or (metric.split == "train" and not is_goal):
            continue
        usual, many = _most_common(values)
        if many < options["share"] * len(values) or (not is_goal and usual in BOUNDS):
            continue
        what = "the objective of the sweep" if is_goal else "a metric"
        message = (
            f"{column.name}, {what}, is {usual:.6g} in {many} of {len(values)} trials: it does not react to any "
            "hyperparameter" + (", and no trial is better than another" if is_goal else "")
        )
        yield Finding(Evidence(column.name, f"{usual:.6g}", "values that vary", message))


def _most_common(values: Floats) -> tuple[float, int]:
    """The most common value, and how many are no further from it than rounding makes them."""
    numbers, counts = np.unique(values, return_counts=True)
    usual = float(numbers[np.argmax(counts)])
    return usual, int((np.abs(values - usual) <= TINY * abs(usual)).sum())


# --- hyperparameters without effect ---------------------------------------------------------------


def _without_effect(sweep: Sweep, options: Options) -> Iterator[Finding]:
    """Hyperparameters that were varied alone, and every result stayed the same to the last digit."""
    metrics = [column for column, _ in sweep.metrics()]
    columns = settings(sweep)
    varied = [*columns, *sweep.columns(Role.SEED)]
    every = np.flatnonzero(finished(sweep))
    results = np.zeros(len(every), np.uint64)
    for column in metrics:
        results = hashed(column.take(every), results)
    if not columns or len(_with_others(varied, every, results)) < options["fewest"] - 1:
        return
    rows = _with_others(varied, every)
    rows = rows[is_measured([column.take(rows) for column in metrics])]
    if not len(rows):
        return
    result, values = _results(metrics, rows), [coded(column.take(rows)) for column in varied]
    for column, value, group in zip(columns, values, _by_the_others(values), strict=False):
        if set(tokens(column.name)) & EXECUTION:
            continue
        alone = _varies_within(group, value)
        unmoved = _varies_within(both(group, result), value)
        n, of = int(unmoved.sum()), int(alone.sum())
        if n < max(options["fewest"] - 1, options["unmoved"] * of):
            continue
        if _shared_by_chance(group, result, _all_results(sweep, metrics)) <= MOST_SHARED:
            yield _finding(column, columns, rows, alone, unmoved)


def _with_others(columns: list[Column], rows: Rows, results: Hashes | None = None) -> Rows:
    """The rows that could be alike with another one in all columns but one, and in what the hashes of their results
    are of: none that has a value of its own in two.

    They are left out as soon as that is seen, so that of drawn settings hardly any is looked at for long.
    """
    results = np.zeros(len(rows), np.uint64) if results is None else results
    own = np.zeros(len(rows), np.uint8)
    for column in columns:
        own += alone(hashed(column.take(rows), results))
        kept = own < 2
        rows, own, results = rows.compress(kept), own.compress(kept), results.compress(kept)
    return rows


def _results(metrics: list[Column], rows: Rows) -> Rows:
    """(n,) a number that is the same for rows with the same results."""
    return reduce(both, [coded(column.take(rows)) for column in metrics])


def _all_results(sweep: Sweep, metrics: list[Column]) -> Rows:
    """The same over all trials with a result."""
    return _results(metrics, np.flatnonzero(finished(sweep) & is_measured(metrics)))


def _by_the_others(values: list[Rows]) -> Iterator[Rows]:
    """(n,) for each of several columns, a number that is the same for rows that are alike in all the others."""
    alike = np.zeros(len(values[0]), np.intp)
    before = accumulate(values, both, initial=alike)
    after = list(accumulate(reversed(values), both, initial=alike))[::-1][1:]
    return map(both, before, after)


def _varies_within(group: Rows, value: Rows) -> Mask:
    """(n,) rows in whose group a column has several values."""
    pairs = np.unique(both(group, value), return_index=True)[1]
    varies: Mask = (np.bincount(group[pairs], minlength=int(group.max()) + 1) > 1)[group]
    return varies


def _shared_by_chance(group: Rows, result: Rows, results: Rows) -> float:
    """Share of pairs of trials from different groups that have equal results.

    Args:
        group: (n,) of the trials that may share one; those of no other are left out.
        result: (n,) their results.
        results: of all trials.
    """
    n = len(results)
    return (_pairs(results) - _pairs(both(group, result))) / max(n * (n - 1) / 2 - _pairs(group), 1)


def _pairs(groups: Rows) -> float:
    counts = np.bincount(groups).astype(float)
    return float((counts * (counts - 1) / 2).sum())


def _finding(column: Column, columns: list[Column], rows: Rows, alone: Mask, unmoved: Mask) -> Finding:
    n, of = int(unmoved.sum()), int(alone.sum())
    if n == of:
        message = f"{column.name} has no effect: {of} trials that differ in nothing else have the same results to the "
        message += "last digit"
    else:
        where = next(
            (shown for other in columns if other is not column and (shown := _where(other, rows, alone, unmoved))), ""
        )
        message = (
            f"{column.name} has no effect in {n} of {of} trials that differ in nothing else{where}: their results are "
            "the same to the last digit"
        )
    return Finding(Evidence(column.name, f"{n} of {of}", "0", message), rows[unmoved].tolist())


def _where(other: Column, rows: Rows, alone: Mask, unmoved: Mask) -> str:
    """The values of another hyperparameter that tell where there was no effect; empty if they do not."""
    value = coded(other.take(rows))
    share = np.bincount(value, unmoved) / np.maximum(np.bincount(value, alone), 1)
    chosen = np.flatnonzero(share >= WHERE)
    if not 0 < len(chosen) <= 3 or np.isin(value, chosen)[unmoved].mean() < WHERE:
        return ""
    shown = sorted(other.show(int(rows[np.argmax(value == one)])) or "not set" for one in chosen.tolist())
    return f", where {other.name} = {listed(shown).replace(' and ', ' or ')}"


DETECTOR = Detector(
    code="HP506",
    name="metric-never-reacts",
    title="Results that never react",
    trials="",
    severity="warning",
    rate="",
    summary="The objective or a held-out metric is the same in all trials, or every result stays the same to the last "
    "digit when one hyperparameter is varied alone.",
    why="The sweep optimised nothing, or a hyperparameter does not reach the training: rankings and causes are void.",
    advice="Check that the metric is computed from the model and reported, and that the value is passed on.",
    source="SimilarAcrossRuns and UnchangedTensor of SageMaker Debugger compare to the last digits in the same way.",
    look=_look,
    options=(
        DetectorOption(
            "share", 0.95, "of the trials", "A metric is constant if so many finished trials share a value."
        ),
        DetectorOption("fewest", 5, "trials", "Fewer trials with a metric prove nothing."),
        DetectorOption(
            "unmoved", 0.1, "of the trials", "Fewer unmoved trials among those varied alone are no finding."
        ),
    ),
    scope="sweep",
)
