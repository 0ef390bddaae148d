"""HP505 winner-within-noise: the best configuration leads by no more than luck would give it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._objective import ABSURD, NO_OBJECTIVE, Objective, directed_objective
from hparam_ci.detectors._replicates import folds_of, noise_of, same_budget
from hparam_ci.detectors._tails import best_of
from hparam_ci.detectors._trials import NO_HYPERPARAMETER, NO_REPLICATES, finished
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
from hparam_ci.sources.rows import dense, sizes
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats

FEWEST = 5  # configurations


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """The configurations that were compared.

    Attributes:
        costs: (k,) mean of each; smaller is better.
        errors: (k,) standard error of each.
        noise: standard deviation from run to run, or from fold to fold.
        between: what those are.
    """

    costs: Floats
    errors: Floats
    noise: float
    between: str


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    goal = directed_objective(sweep)
    if goal is None:
        return CouldNotLook(NO_OBJECTIVE)
    field = _by_folds(sweep, goal, options["freedom"]) or _by_replicates(sweep, goal, options["freedom"])
    if field is None:
        return CouldNotLook(NO_REPLICATES if sweep.configurations is not None else NO_HYPERPARAMETER)
    k = len(field.costs)
    if k < FEWEST:
        return SweepDetection()
    best = int(np.argmin(field.costs))
    lead = float(np.median(field.costs) - field.costs[best])
    luck = best_of(k, options["level"]) * float(field.errors[best])
    if lead > luck:
        return SweepDetection()
    as_good = int((field.costs - field.costs[best] <= luck).sum()) - 1
    message = (
        f"the winner ({goal.best}) leads the median of {k} configurations by {lead:.3g}; by luck alone the best of {k} "
        f"equal ones leads by up to {luck:.3g}, as {field.between} scatter by {field.noise:.3g}: "
        f"{as_good} of the others may be as good"
    )
    return SweepDetection((Finding(Evidence(goal.column.name, f"{lead:.3g}", f"{luck:.3g}", message)),))


def _by_replicates(sweep: Sweep, goal: Objective, freedom: float) -> _Field | None:
    """Configurations as the means of their trials; the noise is that of the better half."""
    config = sweep.configurations
    if config is None or not (sizes(config) > 1).any():
        return None
    judged = finished(sweep) & np.isfinite(goal.costs) & same_budget(sweep, config)
    groups, costs = dense(config[judged]), goal.costs[judged]
    if not len(costs):
        return None
    counts = np.bincount(groups)
    means = np.bincount(groups, costs) / counts
    better = (means <= np.median(means))[groups]
    noise = noise_of(costs[better], dense(groups[better]))
    if noise is None or noise.freedom < freedom:
        return None
    return _Field(means, noise.size / np.sqrt(counts), noise.size, "its runs")


def _by_folds(sweep: Sweep, goal: Objective, freedom: float) -> _Field | None:
    """Trials by the mean of their folds.

    The noise is what is left of the better half after taking out what a trial and what a fold have in common. The mean
    of k folds that share their training data has the variance (1/k + 1/(k - 1)) of one (Nadeau and Bengio, 2003).
    """
    folds = folds_of(sweep, goal)
    if folds is None:
        return None
    rows = finished(sweep) & (np.abs(folds) < ABSURD).all(axis=1) & np.isfinite(goal.costs)
    values, costs = folds[rows], goal.costs[rows]
    better = values[costs <= np.median(costs)] if len(costs) else values
    n, k = better.shape
    if (n - 1) * (k - 1) < freedom:
        return None
    rest = better - better.mean(1, keepdims=True) - better.mean(0) + better.mean()
    noise = float(np.sqrt((rest**2).sum() / ((n - 1) * (k - 1))))
    error = noise * math.sqrt(1 / k + 1 / (k - 1))
    return _Field(costs, np.full(len(costs), error), noise, "its folds")


DETECTOR = Detector(
    code="HP505",
    name="winner-within-noise",
    title="Winner within noise",
    trials="",
    severity="notice",
    rate="",
    summary="The best configuration leads the usual one by no more than the best of so many equal ones would by luck.",
    why="Choosing this winner is choosing a lucky seed; its result will not come back.",
    advice="Run the best few again with several new seeds, and choose by their means.",
    source="Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks (MLSys 2021); Nadeau and "
    "Bengio, Inference for the Generalization Error (2003) for folds. The lead by luck is a quantile of the largest of "
    "k normal draws.",
    look=_look,
    options=(
        DetectorOption("level", 0.95, "probability", "So often luck alone gives the best of equals no larger lead."),
        DetectorOption("freedom", 5, "degrees of freedom", "The noise is known from at least so many repetitions."),
    ),
    confidence="medium",
    scope="sweep",
)
