"""HP401 short-run: the trial ended far earlier than the others, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._budget import MOST, finished, plan_of, reach_of
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask

FEW = 4
ENOUGH = 20  # trials, before several ends in common are taken for plans
MOST_OF_FEW = 0.75  # of the trials must share an end before missing it counts, where they are few


@dataclass(frozen=True, slots=True, eq=False)
class _Measure:
    """How far trials ran: (n,) `values` below (n,) `limits` are short; `expected` says against what they are held."""

    name: str
    values: Floats
    limits: Floats
    expected: str


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    usual = finished(sweep, earlier)
    if not usual.any():
        return CouldNotLook("no trial finished with a metric")
    measure = _by_budget(sweep, usual, options["share"]) or _by_time(sweep, usual, options["runtime_share"])
    if measure is None:
        return CouldNotLook("no column says how far a trial ran")
    at_risk = usual & np.isfinite(measure.values)
    with np.errstate(invalid="ignore"):
        flagged = at_risk & (measure.values < measure.limits)

    def evidence(row: int) -> Evidence:
        value = f"{measure.values[row]:.4g}"
        return Evidence(
            measure.name, value, f"{measure.limits[row]:.3g}", f"{measure.name} is {value}; {measure.expected}"
        )

    return Detection(flagged, at_risk, evidence)


def _by_budget(sweep: Sweep, usual: Mask, share: float) -> _Measure | None:
    """Epochs, or steps: against what was planned for the trial, else what others planned, else what is usual."""
    reach = reach_of(sweep, usual)
    if reach is None:
        return None
    name, reached = reach.name, reach.values
    if plan := plan_of(sweep, reach, usual):
        return _Measure(name, reached, share * plan.values - 1, f"{plan.name} says how far it was to run")
    few = usual.sum() < ENOUGH
    ends, shares = _ends(reached[usual])
    if np.max(shares, initial=0.0) >= (MOST_OF_FEW if few else MOST):
        ends, shares = ends[[np.argmax(shares)]], np.array([np.max(shares)])
    elif few and len(ends) > 1:
        return _Measure(name, reached, np.full(len(reached), -np.inf), "")
    if shares.sum() < (MOST_OF_FEW if few else MOST):
        return _against_others(name, reached, usual, share, 1.5)
    to_come = ends[np.minimum(np.searchsorted(ends, reached), len(ends) - 1)]
    return _Measure(name, reached, share * to_come, f"most trials end at {_listed(ends)}")


def _by_time(sweep: Sweep, usual: Mask, share: float) -> _Measure | None:
    if sweep.seconds is None:
        return None
    seconds = np.where((sweep.seconds > 0) & np.isfinite(sweep.seconds), sweep.seconds, np.nan)
    return _against_others(sweep.seconds_column, seconds, usual, share, 2.1)


def _against_others(name: str, values: Floats, usual: Mask, share: float, fences: float) -> _Measure:
    """Short is below `share` of the median, and below Tukey's fence: `fences` times the quartiles' distance below the
    first quartile, on the log scale."""
    numbers = values[usual & (values > 0)]
    floor, median = -np.inf, np.nan
    if len(numbers) >= FEW:
        low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75])
        floor = min(share * median, low * (low / high) ** fences)
    return _Measure(name, values, np.full(len(values), floor), f"the sweep's median is {median:.4g}")


def _ends(reached: Floats) -> tuple[Floats, Floats]:
    """The ends that a tenth of the trials, at least two, have in common (planned, or a scheduler's rungs), and the
    share of the trials that each has."""
    ends, counts = np.unique(reached[np.isfinite(reached)], return_counts=True)
    shared = counts >= max(2, 0.1 * len(reached))
    return ends[shared], counts[shared] / len(reached)


def _listed(ends: Floats) -> str:
    shown = ", ".join(f"{end:.4g}" for end in ends[:4])
    return shown + (", …" if len(ends) > 4 else "")


DETECTOR = Detector(
    code="HP401",
    name="short-run",
    title="Short runs",
    trials="short runs",
    severity="notice",
    rate="short_run_rate",
    summary="The trial finished after far fewer epochs or far less time than planned or than the others, though "
    "nothing says that it was stopped.",
    why="Its metrics are those of a half-trained model and do not compare with the rest.",
    advice="Look for an early exit in its log; compare trials at equal budget, or mark stopped trials as pruned.",
    source="Half of the planned or median epochs; a quarter of the median run time. What is held against the other "
    "trials must also be below Tukey's fence on the log scale (Exploratory Data Analysis, 1977): 1.5 quartile "
    "distances for epochs, 2.1 (3.5 standard deviations) for run time.",
    look=_look,
    options=(
        DetectorOption(
            "share", 0.5, "of the epochs", "Fewer epochs than this share of the planned or usual ones are short."
        ),
        DetectorOption(
            "runtime_share", 0.25, "of the median run time", "Less time than this share of the median is short."
        ),
    ),
)
