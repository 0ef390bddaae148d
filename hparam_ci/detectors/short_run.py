"""HP401 short-run: the trial ended far earlier than the others, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._budget import finished
from hparam_ci.detectors._lengths import SHARE, TIME_SHARE, run_lengths
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.wording import show_number


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    usual = finished(sweep, earlier)
    if not usual.any():
        return CouldNotLook("no trial finished with a metric")
    measure = run_lengths(sweep, usual, options["share"], options["runtime_share"])
    if measure is None:
        return CouldNotLook("no column says how far a trial ran")
    at_risk = usual & np.isfinite(measure.values)
    flagged = at_risk & measure.short

    def evidence(row: int) -> Evidence:
        value = show_number(measure.values[row])
        return Evidence(
            measure.name, value, f"{measure.limits[row]:.3g}", f"{measure.name} is {value}; {measure.expected}"
        )

    return Detection(flagged, at_risk, evidence)


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
            "share", SHARE, "of the epochs", "Fewer epochs than this share of the planned or usual ones are short."
        ),
        DetectorOption(
            "runtime_share", TIME_SHARE, "of the median run time", "Less time than this share of the median is short."
        ),
    ),
)
