"""What to try next, from what was seen and why: what to change, what moves the objective, where to search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hparam_ci.advice.axes import axes_of
from hparam_ci.advice.importance import drivers
from hparam_ci.advice.objective import objective_of
from hparam_ci.advice.recommendations import recommend
from hparam_ci.advice.space import next_space
from hparam_ci.detectors.run import IssueTable
from hparam_ci.inspection import Cause, DetectorResult, Drivers, Recommendation, SearchSpace
from hparam_ci.sources.table import any_of

NOT_BELIEVED = ("HP303", "HP305", "HP306")
"""Suspiciously good, blind to rare classes, impossible: such a trial is not the best, whatever its metric says."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Recommendations (ids are set by the pipeline), what moves the objective, and the next search space."""

    recommendations: tuple[Recommendation, ...]
    drivers: Drivers | None
    next_space: SearchSpace | None


def advise(issues: IssueTable, causes: Sequence[Cause], detectors: Sequence[DetectorResult]) -> Advice:
    """All advice on one sweep; random draws are seeded from the file's content.

    Args:
        issues: what the detectors saw.
        causes: with their ids set.
        detectors: what was found.
    """
    sweep = issues.sweep
    axes, objective = axes_of(sweep), objective_of(sweep)
    if objective:
        believed = ~any_of([seen.flagged for code, seen in issues.seen.items() if code in NOT_BELIEVED], len(sweep))
        objective = replace(objective, reached=objective.reached & believed)
    moved_by = drivers(axes, objective, int(sweep.table.sha256[:12] or "0", 16))
    best = objective.best if objective else np.zeros(len(sweep), bool)
    space = next_space(axes, causes, objective, moved_by)
    return Advice(recommend(issues, axes, causes, detectors, moved_by, space, best), moved_by, space)
