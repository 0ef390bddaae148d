"""HP402 unfinished: the trial ended before its own plan, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._budget import finished, plan_of, reach_of, stops_early
from hparam_ci.detectors._lengths import ends_in_common, listed_ends
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask
from hparam_ci.wording import show_number

ENOUGH = 20  # trials, before ends that several share are taken for plans
MOST_PLANS = 4


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    usual = finished(sweep, earlier)
    reach = reach_of(sweep, usual)
    if reach is None:
        return CouldNotLook("no column says how far a trial ran")
    plan = plan_of(sweep, reach, usual, options["most"])
    to_come, said = (plan.values, f"of {{end}} by {plan.name}") if plan else _next_end(reach.values, usual, options)
    if not plan and not np.isfinite(to_come).any():
        return CouldNotLook("no column says how far a trial was to run")
    short_runs = earlier["HP401"].flagged if "HP401" in earlier else np.zeros(len(sweep), bool)
    at_risk = usual & np.isfinite(to_come) & np.isfinite(reach.values) & ~short_runs
    with np.errstate(invalid="ignore"):
        ended = plan.shortfall(reach, 1 - options["slack"]) if plan else reach.values < (1 - options["slack"]) * to_come
    flagged = at_risk & ended
    if stops_early(sweep):
        flagged = np.zeros(len(sweep), bool)

    def evidence(row: int) -> Evidence:
        value, end = show_number(reach.values[row]), show_number(to_come[row])
        return Evidence(reach.name, value, end, f"{reach.name} is {value} {said.format(end=end)}")

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        missing = 1 - reach.values / to_come
    return Detection(flagged, at_risk, evidence, missing)


def _next_end(reached: Floats, usual: Mask, options: Options) -> tuple[Floats, str]:
    """(n,) where nearly all trials end at one of a few ends, the next of them that each trial had still to come; NaN
    where they do not. And how to say it."""
    unknown = np.full(len(reached), np.nan)
    ends, shares = ends_in_common(reached.compress(usual))
    if usual.sum() < ENOUGH or not 0 < len(ends) <= MOST_PLANS or shares.sum() < options["most"]:
        return unknown, ""
    place = np.searchsorted(ends, reached)
    to_come = np.where(place < len(ends), ends[np.minimum(place, len(ends) - 1)], np.nan)
    return to_come, f"while nearly all trials end at {listed_ends(ends)}"


DETECTOR = Detector(
    code="HP402",
    name="unfinished",
    title="Short of its plan",
    trials="unfinished trials",
    severity="notice",
    rate="unfinished_rate",
    summary="The trial ended before the epochs or steps that were planned for it, which nearly all others reached, "
    "though nothing says that it was stopped; without a plan in the file, between the few ends that nearly all trials "
    "have in common. Below half of them it is a short run (HP401). Silent where the file speaks of early stopping.",
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
