"""HP509 too-few-trials: so few trials that no cause could be proved, however clear it is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._replicates import one_each
from hparam_ci.detectors._trials import NO_HYPERPARAMETER, settings
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
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.sources.rows import Rows, alike
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column

OF_TRIALS = ("HP1", "HP2", "HP3")
FEWEST, FEWEST_SICK = 6, 3  # trials of which a cause is asserted at all, as the search of causes has them
ENOUGH = 10_000  # trials that are never too few
ERROR = 0.05


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    columns = settings(sweep)
    if not columns:
        return CouldNotLook(NO_HYPERPARAMETER)
    issues, n, error = _told_once(earlier), int(sweep.ended.sum()), options["error"]
    if not issues or n > ENOUGH:
        return SweepDetection()
    varied = f"{len(columns)} hyperparameter{'s' if len(columns) > 1 else ''}"
    if n < needed(len(columns), error):
        counts = [(int(seen.at_risk.sum()), int(seen.flagged.sum())) for seen in issues]
        missing = [more_trials(of, sick, len(columns), error) for of, sick in counts if sick < of]
        return _finding(n, "trial", max(missing, default=needed(len(columns), error) - n), varied)
    units = sweep.configurations
    tried = n if units is None else len(np.unique(units[sweep.ended]))
    if units is None or tried == n:
        return SweepDetection()
    apart = len({_first_alike(column).tobytes() for column in columns})  # those that fix each other are one
    more = [_more_configurations(seen, units, apart, error) for seen in issues]
    return _finding(tried, "configuration", max(more), varied) if min(more) > 0 else SweepDetection()


def _finding(n: int, unit: str, more: int, varied: str) -> SweepDetection:
    few = f"{n} {unit}s are too few" if n != 1 else f"1 {unit} is too few"
    message = f"{few} to tell any cause with {varied}: at least {more} more {'is' if more == 1 else 'are'} needed"
    return SweepDetection((Finding(Evidence("", str(n), str(n + more), message)),))


def _first_alike(column: Column) -> Rows:
    """(n,) for each trial the first with the same value."""
    _, first, group = np.unique(alike([column]), return_index=True, return_inverse=True)
    same: Rows = first[group]
    return same


def _more_configurations(seen: Detection, units: Rows, hyperparameters: int, error: float) -> int:
    """How many more configurations an issue takes, each of which counts once; 0 with one hyperparameter, whose values
    are the configurations, so that trials count."""
    if hyperparameters < 2 or not (seen.at_risk & ~seen.flagged).any():
        return 0
    _, sick, _ = one_each(units[seen.at_risk], seen.flagged[seen.at_risk])
    return more_trials(len(sick), max(int(sick.sum()), 1), hyperparameters, error)


def _told_once(earlier: Mapping[str, Detection]) -> list[Detection]:
    """The issues without those that only say more of trials that an issue of the same rate has already."""
    rates = {detector.code: detector.rate for detector in all_detectors()}
    shown = [(code, seen) for code, seen in earlier.items() if code.startswith(OF_TRIALS) and seen.flagged.any()]
    return [
        seen
        for place, (code, seen) in enumerate(shown)
        if not any(
            rates[of] == rates[code] and not (seen.flagged & ~wider.flagged).any() for of, wider in shown[:place]
        )
    ]


def needed(hyperparameters: int, error: float = ERROR) -> int:
    """The least number of trials in which a hyperparameter that separates sick from healthy trials stands out, however
    many of them are sick."""
    n = FEWEST
    while not any(is_provable(n, sick, hyperparameters, error) for sick in range(FEWEST_SICK, n)):
        n += 1
    return n


def more_trials(n: int, sick: int, hyperparameters: int, error: float = ERROR) -> int:
    """How many more trials, sick at the same rate, it takes before a cause could be proved."""
    enough = max(n, -(-FEWEST_SICK * n // sick))
    while not is_provable(enough, enough * sick // n, hyperparameters, error):
        enough += max(1, enough // 50)
    return enough - n


def is_provable(n: int, sick: int, hyperparameters: int, error: float = ERROR) -> bool:
    """Whether a perfect separation would be a cause: of n trials, one of p hyperparameters has all of the sick ones at
    one end with probability p / C(n, sick) by chance."""
    if sick < FEWEST_SICK or n < FEWEST or sick >= n:
        return False
    return hyperparameters <= error * math.comb(n, sick)


DETECTOR = Detector(
    code="HP509",
    name="too-few-trials",
    title="Too few trials",
    trials="",
    severity="notice",
    rate="",
    summary="Trials are sick, and the sweep is so small that no cause could be proved, even if one hyperparameter "
    "decided everything. Replicates count as one configuration, and more seeds of it would not help.",
    why="In so few trials something always separates the sick from the healthy; naming it would be an invention.",
    advice="Run more trials, or vary fewer hyperparameters.",
    source="The smallest p-value that Fisher's exact test can reach for a perfect separation, corrected for the number "
    "of hyperparameters (Tarone, 1990).",
    look=_look,
    options=(DetectorOption("error", ERROR, "probability", "Chance of an invented cause that is accepted."),),
    scope="sweep",
)
