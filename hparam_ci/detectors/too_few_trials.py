"""HP509 too-few-trials: so few trials that no cause could be proved, however clear it is."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import any_of

OF_TRIALS = ("HP1", "HP2", "HP3")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    columns = settings(sweep)
    if not columns:
        return CouldNotLook(NO_HYPERPARAMETER)
    flagged = [seen.flagged for code, seen in earlier.items() if code.startswith(OF_TRIALS)]
    sick = int(any_of(flagged, len(sweep)).sum())
    n, wanted = int(sweep.ended.sum()), needed(len(columns), options["error"])
    if not sick or n >= wanted:
        return SweepDetection()
    varied = f"{len(columns)} hyperparameter{'s' if len(columns) > 1 else ''}"
    needs = f"at least {wanted} are needed, even where one of them decides everything"
    message = f"{n} trials are too few to prove any cause with {varied}: {needs}"
    return SweepDetection((Finding(Evidence("", str(n), str(wanted), message)),))


def needed(hyperparameters: int, error: float) -> int:
    """The least number of trials in which a hyperparameter that separates sick from healthy trials stands out.

    Of n trials, half of them sick, one of p hyperparameters has all sick trials at one end with probability
    2 p / C(n, n / 2) by chance.
    """
    n = 2
    while 2 * hyperparameters > error * math.comb(n, n // 2):
        n += 1
    return n


DETECTOR = Detector(
    code="HP509",
    name="too-few-trials",
    title="Too few trials",
    trials="",
    severity="notice",
    rate="",
    summary="Trials are sick, and the sweep is so small that no cause could be proved, even if one hyperparameter "
    "decided everything.",
    why="In so few trials something always separates the sick from the healthy; naming it would be an invention.",
    advice="Run more trials, or vary fewer hyperparameters.",
    source="The smallest p-value that Fisher's exact test can reach for a perfect separation, corrected for the number "
    "of hyperparameters (Tarone, 1990).",
    look=_look,
    options=(DetectorOption("error", 0.05, "probability", "Chance of an invented cause that is accepted."),),
    scope="sweep",
)
