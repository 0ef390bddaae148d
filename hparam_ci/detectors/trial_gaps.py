"""HP508 trial-gaps: the numbering of the trials leaves some out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._trials import listed, trial_numbers
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
from hparam_ci.sources.sweep import Role, Sweep

SHOWN = 5


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    numbers = trial_numbers(sweep)
    if numbers is None:
        return CouldNotLook("the trials have no numbers")
    first, last = int(np.min(numbers)), int(np.max(numbers))
    span = last - first + 1
    gone = span - len(numbers)
    if gone <= sum(repair.rows_lost for repair in sweep.table.repairs):  # they are in the file
        return SweepDetection()
    if first > span or not 0 < gone <= options["most"] * span:
        return SweepDetection()
    missing = np.setdiff1d(np.arange(first, last + 1), numbers.astype(np.int64))
    name = sweep.columns(Role.ID)[0].name
    which = listed([str(number) for number in missing], SHOWN)
    message = (
        f"{gone} of {span} trial numbers are missing ({which}): trials that crashed before they reported may have been "
        "left out of the file, and no rate counts them"
    )
    return SweepDetection((Finding(Evidence(name, f"{gone} missing", "none missing", message)),))


DETECTOR = Detector(
    code="HP508",
    name="trial-gaps",
    title="Missing trial numbers",
    trials="",
    severity="notice",
    rate="",
    summary="The trial numbers count up, but some are missing.",
    why="Several tools leave trials out of their tables that crashed before their first report, so that the file looks "
    "healthier than the sweep was.",
    advice="Look in the tool's own store or logs for the missing trials, and inspect the store instead of the table.",
    source="Ray Tune, Syne Tune and NNI write no row for a trial without a report. Ids that leave out more than half "
    "of the numbers, or begin far from 0, are no numbering of the trials.",
    look=_look,
    options=(
        DetectorOption(
            "most", 0.5, "of the numbers", "Where more than this share is missing, ids count something else."
        ),
    ),
    confidence="medium",
    scope="sweep",
)
