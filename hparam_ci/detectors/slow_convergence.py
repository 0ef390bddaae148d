"""HP207 slow-convergence: the trial was still improving when it ended, far from what others reach."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import scaled_curves
from hparam_ci.detectors._curves import NO_CURVES, SICK, comparable, share_of, training_curves
from hparam_ci.detectors._progress import SHORTEST, still_improving
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import any_of

GRAVER = (*SICK, "HP202", "HP203", "HP204", "HP205", "HP206")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    rows = comparable(sweep, earlier, GRAVER)
    training = training_curves(sweep)
    if not training:
        return CouldNotLook(NO_CURVES)
    found = scaled_curves(sweep, earlier, training)
    known = [rows & (curve.lengths >= SHORTEST) for curve, _ in found]
    gains = [still_improving(scale, options["tail"], options["gain"], options["left"]) for _, scale in found]
    at_risk = any_of(known, len(sweep))
    flagged = at_risk.copy()
    for mask, gained in zip(known, gains, strict=True):
        flagged &= ~mask | np.isfinite(gained)

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(known) if mask[row])
        curve, scale = found[place]
        message = (
            f"{curve.column.name} gained {share_of(gains[place][row])} what good trials learn in the last "
            f"{options['tail']:.0%} of its steps, and {share_of(scale.last()[row])} that is left"
        )
        return Evidence(curve.column.name, curve.column.show(row), f"a gain of {options['gain']:.0%}", message)

    return Detection(flagged, at_risk, evidence)


DETECTOR = Detector(
    code="HP207",
    name="slow-convergence",
    title="Slow convergence",
    trials="trials that were still improving",
    severity="notice",
    rate="slow_rate",
    summary="The training metric was still improving fast when the run ended, far from what the sweep's good trials "
    "reach.",
    why="The trial is judged by an unfinished run; with more steps, or larger ones, it might be as good as the others.",
    advice="Give it more steps or a higher learning rate, or compare it with others at the step where it ended.",
    source="Trials whose curves still fall at the end are limited by compute (Deep Learning Tuning Playbook, Godbole "
    "et al., 2023); the numbers are in units of what the sweep's good trials learn.",
    look=_look,
    options=(
        DetectorOption("tail", 0.25, "share of the steps", "The end of the run, over which the gain is taken."),
        DetectorOption("gain", 0.05, "share of what good trials learn", "A trial that gains less has converged."),
        DetectorOption("left", 0.3, "share of what good trials learn", "A trial with less to learn is near enough."),
    ),
    confidence="medium",
)
