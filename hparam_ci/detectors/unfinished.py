"""HP402 unfinished: the trial ended before its own plan, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._budget import finished, plan_of, reach_of, stops_early
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    usual = finished(sweep, earlier)
    reach = reach_of(sweep, usual)
    if reach is None:
        return CouldNotLook("no column says how far a trial ran")
    plan = plan_of(sweep, reach, usual, options["most"])
    if plan is None:
        return CouldNotLook("no column says how far a trial was to run")
    short_runs = earlier["HP401"].flagged if "HP401" in earlier else np.zeros(len(sweep), bool)
    at_risk = usual & np.isfinite(plan.values) & np.isfinite(reach.values) & ~short_runs
    flagged = at_risk & plan.shortfall(reach, 1 - options["slack"])
    if stops_early(sweep):
        flagged = np.zeros(len(sweep), bool)

    def evidence(row: int) -> Evidence:
        value, planned = f"{reach.values[row]:.4g}", f"{plan.values[row]:.4g}"
        return Evidence(reach.name, value, planned, f"{reach.name} is {value} of {planned} by {plan.name}")

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        missing = 1 - reach.values / plan.values
    return Detection(flagged, at_risk, evidence, missing)


DETECTOR = Detector(
    code="HP402",
    name="unfinished",
    title="Short of its plan",
    trials="unfinished trials",
    severity="notice",
    rate="unfinished_rate",
    summary="The trial ended before the epochs or steps that were planned for it, which nearly all others reached, "
    "though nothing says that it was stopped. Below half of them it is a short run (HP401). Silent where the file "
    "speaks of early stopping.",
    why="It was interrupted, and its last metrics were taken for its result.",
    advice="Look for a pre-emption or an exit in its log; resume it from its checkpoint, or mark it as stopped.",
    source="A trial that ends before its planned budget is incomplete (Deep Learning Tuning Playbook, Godbole et al., "
    "2023, on trials that are infeasible or not trained to the end).",
    look=_look,
    confidence="medium",
    options=(
        DetectorOption(
            "most", 0.9, "of the trials", "So many must reach their plan; else not reaching it is how this sweep ends."
        ),
        DetectorOption("slack", 0.02, "of the plan", "What may be missing at the end without being noticed."),
    ),
)
