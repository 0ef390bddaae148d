"""HP307 far-behind: a group of trials ended with far worse results than all the others, and nothing else says why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._curves import comparable
from hparam_ci.detectors._lengths import short_runs
from hparam_ci.detectors._objective import NO_OBJECTIVE, directed_objective
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.role_facts import contexts
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats

FEWEST, OTHERS = 3, 8  # trials that are a group and no outlier, and that they are held against
LEAST_GAP = 1.3  # times the range of the others, however many are behind


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    objective = directed_objective(sweep)
    if objective is None:
        return CouldNotLook(NO_OBJECTIVE)
    if contexts(sweep):
        return CouldNotLook("trials were measured on different data")
    costs = objective.costs
    at_risk = comparable(sweep, earlier, tuple(earlier)) & ~short_runs(sweep, earlier) & np.isfinite(costs)
    least = _least_behind(costs.compress(at_risk), options)
    with np.errstate(invalid="ignore"):
        flagged = at_risk & (costs >= least)

    others = objective.values.compress(at_risk & ~flagged)
    low, high = np.min(others, initial=np.inf), np.max(others, initial=-np.inf)
    limit = low if objective.metric.direction == "maximize" else high

    def evidence(row: int) -> Evidence:
        name, value = objective.column.name, objective.column.show(row)
        message = f"{name} is {value}, where the others end between {low:.4g} and {high:.4g}"
        return Evidence(name, value, f"{limit:.4g}", message)

    return Detection(flagged, at_risk, evidence, costs)


def _least_behind(costs: Floats, options: Options) -> float:
    """The least cost of a group of at least three that is far behind the others, which are at least half of all; NaN
    where no gap between costs is wide enough.

    The more trials are behind a gap, the less wide it has to be: in one tail the gap before the last m narrows with m
    (Rényi, 1953: as 1 / m in an exponential one; half as fast here, for heavier ones).
    """
    n = len(costs)
    fewest = max(OTHERS, -(-n // 2))
    if n < fewest + FEWEST:
        return np.nan
    best, middle = costs.min(), np.partition(costs, fewest - 1)[fewest - 1]
    least = min(LEAST_GAP, options["gap"])
    if np.count_nonzero(costs > middle + least * (middle - best)) < FEWEST:
        return np.nan  # as far as the best half alone reaches there is no such gap, and others reach further
    ranked, first = np.sort(costs), np.arange(fewest, n - FEWEST + 1)
    gap, spread = ranked[first] - ranked[first - 1], ranked[first - 1] - ranked[0]
    level = np.abs(ranked[first // 2])
    wanted = np.maximum(options["gap"] * np.sqrt(FEWEST / (n - first)), least)
    wide = (spread > 0) & (gap > wanted * spread) & (gap >= options["share"] * level)
    return float(ranked[first[np.argmax(wide)]]) if wide.any() else np.nan


DETECTOR = Detector(
    code="HP307",
    name="far-behind",
    title="Far behind the others",
    trials="trials far behind the others",
    severity="warning",
    rate="far_behind_rate",
    summary="A group of trials ended with results far worse than all the others have, with nothing in between, and no "
    "other detector says why.",
    why="Training collapsed: the policy gave up, the generator shows one picture, the model answers the same to "
    "everything; or these settings don't suit the task at all.",
    advice="Look at what one of them predicts; lower its learning rate, or take what they share out of the space.",
    source="An empty gap in the sorted results wider than twice the range of all better ones, which hardly any sample "
    "from one bell-shaped, skewed or heavy-tailed distribution has.",
    look=_look,
    options=(
        DetectorOption(
            "gap",
            2.0,
            "times the range of the others",
            "Three results behind a gap so wide are a group apart; the more they are, the less wide it has to be.",
        ),
        DetectorOption("share", 0.5, "share of the others' median", "And the gap must be at least so large."),
    ),
    confidence="medium",
)
