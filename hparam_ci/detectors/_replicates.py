"""Trials of one configuration: what they tell of the noise of a single run."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors._objective import Objective
from hparam_ci.sources.rows import Rows
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Floats, Mask

Strata = NDArray[np.int64]

SAME_BUDGET = 1.5
DESIGNED = 0.9  # of the configurations have equally many trials


@dataclass(frozen=True, slots=True)
class Noise:
    """How results of equal trials differ.

    Attributes:
        size: the standard deviation of one run.
        freedom: degrees of freedom behind it.
    """

    size: float
    freedom: int


def noise_of(values: Floats, groups: Rows) -> Noise | None:
    """The standard deviation within groups; None without two trials in any.

    It is the median of the groups' variances, each divided by the median of chi-squared over its degrees of freedom,
    (1 - 2 / 9v)^3 (Wilson and Hilferty, 1931), so that a few groups with a diverged trial do not widen it.

    Args:
        values: (n,) finite.
        groups: (n,) from 0.
    """
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / np.maximum(counts, 1)
    squares = np.bincount(groups, (values - means[groups]) ** 2)
    freedom = counts - 1
    many = freedom > 0
    if not many.any():
        return None
    variances = squares[many] / freedom[many] / (1 - 2 / (9 * freedom[many])) ** 3
    weights = np.repeat(variances, freedom[many])
    return Noise(float(np.sqrt(np.median(weights))), int(freedom[many].sum()))


def are_designed(groups: Rows) -> bool:
    """Whether nearly all configurations were run equally often, and more than once: replicates by design."""
    counts = np.bincount(groups)
    values, times = np.unique(counts[counts > 0], return_counts=True)
    usual = int(values[np.argmax(times)]) if len(values) else 0
    return usual > 1 and bool(times.max() >= DESIGNED * times.sum())


def same_budget(sweep: Sweep, groups: Rows) -> Mask:
    """(n,) trials whose configuration was always run about equally far, so that its results compare."""
    same = np.ones(len(sweep), bool)
    for column in sweep.columns(Role.BUDGET):
        values = finite(column)
        known = np.isfinite(values)
        low = np.full(int(groups.max(initial=0)) + 1, np.inf)
        high = np.zeros_like(low)
        np.minimum.at(low, groups[known], values[known])
        np.maximum.at(high, groups[known], values[known])
        same &= ~(high > SAME_BUDGET * low)[groups]
    return same


def folds_of(sweep: Sweep, goal: Objective) -> Floats | None:
    """(n, folds) the objective on each fold, where the file has them beside their mean as scikit-learn writes them."""
    name = goal.column.name
    if not name.startswith("mean_"):
        return None
    wanted = re.compile(r"split\d+_" + re.escape(name.removeprefix("mean_")))
    folds = [finite(column) for column, _ in sweep.metrics() if wanted.fullmatch(column.name)]
    return np.stack(folds, axis=1) if len(folds) > 1 else None


def one_each(configurations: NDArray[np.generic], hits: Mask) -> tuple[Rows, Mask, Strata]:
    """The configurations of n trials: (c,) the first trial of each, whether it is sick, and how often it was run.

    A configuration is sick if a large share of its trials is. Which shares are large is told from all of them: where
    the two groups differ most between and least within (Otsu, IEEE Transactions on Systems, Man, and Cybernetics 1979).
    It was run about as often as others of the same stratum: less than twice as often.
    """
    _, first, unit, runs = np.unique(configurations, return_index=True, return_inverse=True, return_counts=True)
    shares = np.bincount(unit, hits) / runs
    return first, shares > _between(shares), np.frexp(runs)[1].astype(np.int64)


def _between(shares: Floats) -> float:
    """The value above which the larger of two groups begins."""
    values, number = np.unique(shares, return_counts=True)
    below, total = np.cumsum(number)[:-1], np.cumsum(values * number)
    if not len(below):
        return np.inf
    low, high = total[:-1] / below, (total[-1] - total[:-1]) / (len(shares) - below)
    return float(values[int((below * (len(shares) - below) * (high - low) ** 2).argmax())])
