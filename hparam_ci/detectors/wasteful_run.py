"""HP403 wasteful-run: many times the usual cost for no better result."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._budget import finished, reach_of, unit_of
from hparam_ci.detectors._failures import span
from hparam_ci.detectors._objective import NO_OBJECTIVE, judge_of
from hparam_ci.detectors._spread import LARGEST, MAD_TO_SIGMA, beyond_tail
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Floats, Mask

FEWEST = 8  # trials of at least the same budget
LEVELS = 50  # budgets that are told apart
OUTSIDE = 2.0  # robust standard deviations: one in twenty trials is beyond that on either side
LEAST = 1.15  # times: a spread below this is the noise of a clock


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    seconds, result = sweep.seconds, judge_of(sweep)
    if seconds is None:
        return CouldNotLook("no column says how long a trial ran")
    if result is None:
        return CouldNotLook(NO_OBJECTIVE)
    usual = finished(sweep, earlier)
    sick = [seen.flagged for code, seen in earlier.items() if code in ("HP201", "HP401", "HP402")]
    rows = usual & ~np.any([*sick, np.zeros(len(sweep), bool)], axis=0)
    rows = rows & np.isfinite(seconds) & (seconds > 0) & np.isfinite(result.costs)
    limits, medians = _limits(np.where(rows, seconds, np.nan), _budget(sweep, usual), options)
    with np.errstate(over="ignore", invalid="ignore"):
        times = seconds / medians
        costly = rows & (seconds - options["startup"] > limits)
        flagged = costly & (result.costs >= np.median(result.costs.compress(rows))) if rows.any() else costly
    name = sweep.seconds_column

    def evidence(row: int) -> Evidence:
        message = (
            f"took {span(seconds[row])}, {times[row]:.3g} times the median of the trials that ran as far or further, "
            f"and {result.column.name} is {result.column.show(row)}, no better than the median"
        )
        return Evidence(name, span(seconds[row]), span(limits[row] + options["startup"]), message)

    return Detection(flagged, rows & np.isfinite(limits), evidence, times)


def _budget(sweep: Sweep, usual: Mask) -> Floats:
    """(n,) how far each trial ran, or was to run; 0 for all where no column says."""
    if reach := reach_of(sweep, usual):
        return reach.values
    planned = [
        column
        for column in sweep.columns(Role.HYPERPARAMETER)
        if column.count(Cell.NUMBER) == len(column) and unit_of(column.name)
    ]
    return planned[0].values if planned else np.zeros(len(sweep))


def _limits(seconds: Floats, budget: Floats, options: Options) -> tuple[Floats, Floats]:
    """(n,) seconds above which a trial is costly, and (n,) the median: of the trials that ran as far or further.

    In decades, the limit is `sigmas` robust standard deviations above the median, wider by 10 / n where trials are
    few, and at least `times` it; durations that run on above it without a gap are the sweep's own tail. Yet `many`
    times the median is costly, where that is outside of the bulk.
    """
    limits, medians = np.full(len(seconds), np.nan), np.full(len(seconds), np.nan)
    known = np.isfinite(seconds) & np.isfinite(budget)
    if not known.any():
        return limits, medians
    steps = np.unique(budget.compress(known))
    if len(steps) > LEVELS:
        steps = np.unique(np.quantile(steps, np.linspace(0, 1, LEVELS), method="lower"))
    level = np.searchsorted(steps, budget, side="right") - 1
    for place, least in enumerate(steps):
        logs = np.sort(np.log10(seconds.compress(known & (budget >= least))))  # in which NumPy finds a median faster
        if len(logs) < FEWEST:
            break
        median = float(np.median(logs))
        sigma = MAD_TO_SIGMA * max(float(np.median(np.abs(logs - median))), np.log10(LEAST))
        reach = max(_decades(options["times"]), options["sigmas"] * sigma * (1 + 10 / len(logs)))
        here = known & (level == place)
        limit = min(beyond_tail(logs, median + reach, _decades(options["gap"])), LARGEST)
        many = max(_decades(max(options["many"], options["times"])), OUTSIDE * sigma)
        limits[here] = 10 ** min(limit, median + many)
        medians[here] = 10**median
    return limits, medians


def _decades(times: float) -> float:
    return float(np.log10(max(times, 1.0)))


DETECTOR = Detector(
    code="HP403",
    name="wasteful-run",
    title="Wasteful runs",
    trials="wasteful runs",
    severity="notice",
    rate="wasteful_rate",
    summary="The trial took many times as long as the trials that ran as far or further, and its result is no better "
    "than the median.",
    why="Its cost bought nothing: a slow machine, a stuck data loader, or a setting that makes training dear.",
    advice="Compare its log with that of a usual trial: waiting for data, swapping, another job on the machine; bound "
    "the settings that make a trial dear.",
    source="The median and MAD rule for outliers with its 3.5 (Iglewicz and Hoaglin, 1993), on the log of the "
    "duration; SageMaker Debugger's StepOutlier looks for slow steps in the same way.",
    look=_look,
    confidence="medium",
    options=(
        DetectorOption("times", 5.0, "times the median duration", "A trial must take at least this much longer."),
        DetectorOption(
            "many",
            10.0,
            "times the median duration",
            "So much longer is costly, unless durations are spread as widely.",
        ),
        DetectorOption("startup", 10.0, "seconds", "Time that the start of a program may cost any trial."),
        DetectorOption("gap", 2.0, "times the next duration", "Durations that run on in smaller steps are a tail."),
        DetectorOption(
            "sigmas", 3.5, "robust standard deviations", "And be this far above the others, on a log scale."
        ),
    ),
)
