"""HP206 plateau: the training metric stopped improving early, at a poor level."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._chance import scaled_curves
from hparam_ci.detectors._curves import NO_CURVES, SICK, comparable, fits, training_curves
from hparam_ci.detectors._progress import gain
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import any_of

SHORTEST = 8
GRAVER = (*SICK, "HP202", "HP203", "HP204", "HP205")


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    rows = comparable(sweep, earlier, GRAVER)
    training = training_curves(sweep)
    if not training:
        return CouldNotLook(NO_CURVES)
    found = scaled_curves(sweep, earlier, training)
    known = [rows & (curve.lengths >= SHORTEST) for curve, _ in found]
    at_risk = any_of(known, len(sweep))
    stuck = at_risk & ~fits(sweep, rows)
    with np.errstate(invalid="ignore"):
        for mask, (_, scale) in zip(known, found, strict=True):
            flat = (gain(scale, options["flat"]) <= options["gain"]) & (scale.best() >= options["left"])
            stuck &= ~mask | flat

    def evidence(row: int) -> Evidence:
        place = next(i for i, mask in enumerate(known) if mask[row])
        curve, scale = found[place]
        name, best = curve.column.name, int(curve.best_row()[row])
        message = (
            f"{name} has hardly improved in the last {options['flat']:.0%} of its steps (best at step "
            f"{curve.step_at(best)}), with {max(0, 1 - scale.best()[row]):.0%} of what good trials learn"
        )
        return Evidence(name, curve.column.show(row), f"{1 - options['left']:.0%} learnt", message)

    return Detection(stuck, at_risk, evidence)


DETECTOR = Detector(
    code="HP206",
    name="plateau",
    title="Plateau",
    trials="trials on a plateau",
    severity="notice",
    rate="plateau_rate",
    summary="The training metric stopped improving halfway through the run, far from what the sweep's good trials "
    "reach. A plateau at a good level is convergence.",
    why="The second half of the run bought nothing, and more steps would not either.",
    advice="Change what holds it there: a learning rate that decayed too early or is too high to settle, strong "
    "regularisation, a small model.",
    source="The gain of less than 0.01 is AutoTrainer's (Zhang et al., ICSE 2021) and Ray Tune's TrialPlateauStopper's "
    "too, here in units of what the sweep's good trials learn.",
    look=_look,
    options=(
        DetectorOption("flat", 0.5, "share of the steps", "So long at the end of the run nothing was gained."),
        DetectorOption("gain", 0.01, "share of what good trials learn", "A smaller gain is none."),
        DetectorOption("left", 0.4, "share of what good trials learn", "So much was still to be learnt."),
    ),
    confidence="medium",
)
