"""How far trials ran, against what is usual: by their epochs or steps, else by their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._budget import MOST, finished, plan_of, reach_of
from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask
from hparam_ci.wording import show_number

SHARE, TIME_SHARE = 0.5, 0.25  # of what is usual: below it a run is short
FEW = 4
ENOUGH = 20  # trials, before several ends in common are taken for plans
MOST_OF_FEW = 0.75  # of the trials must share an end before missing it counts, where they are few


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """How far trials ran: (n,) `values` below (n,) `limits` are short; `expected` says against what they are held."""

    name: str
    values: Floats
    limits: Floats
    expected: str

    @property
    def short(self) -> Mask:
        """(n,) trials that ran less far than their limit."""
        with np.errstate(invalid="ignore"):
            below: Mask = self.values < self.limits
        return below


def run_lengths(sweep: Sweep, usual: Mask, share: float = SHARE, time_share: float = TIME_SHARE) -> Measure | None:
    """How far the trials ran, and below what a run is short; None where no column says.

    Args:
        sweep: the trials.
        usual: (n,) those that ran to their end, from which it is told what is usual.
        share: of the planned or usual epochs.
        time_share: of the usual run time.
    """
    return _by_budget(sweep, usual, share) or _by_time(sweep, usual, time_share)


def short_runs(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials that ended early though nothing says that they were stopped: their models are half trained."""
    usual = finished(sweep, earlier)
    lengths = run_lengths(sweep, usual) if usual.any() else None
    return usual & lengths.short if lengths else np.zeros(len(sweep), bool)


def _by_budget(sweep: Sweep, usual: Mask, share: float) -> Measure | None:
    """Epochs, or steps: against what was planned for the trial, else what others planned, else what is usual."""
    reach = reach_of(sweep, usual)
    if reach is None:
        return None
    name, reached = reach.name, reach.values
    if plan := plan_of(sweep, reach, usual):
        return Measure(name, reached, share * plan.values - 1, f"{plan.name} says how far it was to run")
    few = usual.sum() < ENOUGH
    ends, shares = ends_in_common(reached.compress(usual))
    if np.max(shares, initial=0.0) >= (MOST_OF_FEW if few else MOST):
        ends, shares = ends[[np.argmax(shares)]], np.array([np.max(shares)])
    elif few and len(ends) > 1:
        return Measure(name, reached, np.full(len(reached), -np.inf), "")
    if shares.sum() < (MOST_OF_FEW if few else MOST):
        return _against_others(name, reached, usual, share, 1.5)
    to_come = ends[np.minimum(np.searchsorted(ends, reached), len(ends) - 1)]
    return Measure(name, reached, share * to_come, f"most trials end at {listed_ends(ends)}")


def _by_time(sweep: Sweep, usual: Mask, share: float) -> Measure | None:
    if sweep.seconds is None:
        return None
    seconds = np.where((sweep.seconds > 0) & np.isfinite(sweep.seconds), sweep.seconds, np.nan)
    return _against_others(sweep.seconds_column, seconds, usual, share, 2.1)


def _against_others(name: str, values: Floats, usual: Mask, share: float, fences: float) -> Measure:
    """Short is below `share` of the median, and below Tukey's fence: `fences` times the quartiles' distance below the
    first quartile, on the log scale."""
    numbers = values.compress(usual & (values > 0))
    floor, median = -np.inf, np.nan
    if len(numbers) >= FEW:
        low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75])
        floor = min(share * median, low * (low / high) ** fences)
    return Measure(name, values, np.full(len(values), floor), f"the sweep's median is {show_number(median)}")


def ends_in_common(reached: Floats) -> tuple[Floats, Floats]:
    """The ends that a tenth of the trials, at least two, have in common (planned, or a scheduler's rungs), and the
    share of the trials that each has."""
    ends, counts = np.unique(reached.compress(np.isfinite(reached)), return_counts=True)
    shared = counts >= max(2, 0.1 * len(reached))
    return ends[shared], counts[shared] / len(reached)


def listed_ends(ends: Floats) -> str:
    """`4, 15, 40`, for people."""
    shown = ", ".join(map(show_number, ends[:4]))
    return shown + (", …" if len(ends) > 4 else "")
