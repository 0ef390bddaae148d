"""Every issue of a sweep held against its hyperparameters: causes with evidence, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hparam_ci.causes.buckets import count
from hparam_ci.causes.conditions import Feature, describe
from hparam_ci.causes.search import MIN_HITS, Found, fewest_trials, find
from hparam_ci.causes.statistics import newcombe
from hparam_ci.detectors.detector import Detection, Detector, IssueTable, all_detectors
from hparam_ci.inspection import Cause, Strength, Undetermined
from hparam_ci.sources.conditional import parents
from hparam_ci.sources.sweep import Role
from hparam_ci.sources.table import Mask

ALPHA = 0.05
CERTAIN = 0.001
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Attribution:
    """Causes of the sweep's issues (ids are set by the pipeline), and the issues without one."""

    causes: tuple[Cause, ...]
    undetermined: tuple[Undetermined, ...]


def attribute(issues: IssueTable) -> Attribution:
    """Search the causes of every issue that any trial shows.

    Each issue is tested over the trials that could have shown it. The error budget of 5 % a sweep is shared by the
    issues that could reach significance at all (Bonferroni after Tarone, 1990). The null draws are seeded from the
    file's content: the same file gives the same answer.
    """
    columns = issues.sweep.columns(Role.HYPERPARAMETER)
    conditional = parents(columns)
    shown = [
        (d, issues.seen[d.code]) for d in all_detectors() if d.code in issues.seen and issues.seen[d.code].flagged.any()
    ]
    testable = [(d, seen) for d, seen in shown if columns and _testable(seen, len(columns))]
    causes: list[Cause] = []
    undetermined: list[Undetermined] = []
    for detector, seen in shown:
        hits = int(seen.flagged.sum())
        if (detector, seen) not in testable:
            undetermined.append(_cannot_test(detector, seen, len(columns)))
            continue
        rows = np.flatnonzero(seen.at_risk)
        features = [Feature(column.take(rows), conditional=column.name in conditional) for column in columns]
        seed = int(issues.sweep.table.sha256[:12] or "0", 16) ^ int(detector.code[-3:])
        found = find(features, seen.flagged[rows], ALPHA / len(testable), seed)
        causes += [_cause(detector, issues, seen.flagged[rows], rows, one, len(testable)) for one in found]
        if not any(one.p_value * len(testable) <= ALPHA for one in found):
            reason = f"no hyperparameter separates the {hits} from the others more than chance would"
            undetermined.append(Undetermined(code=detector.code, issue=detector.title, affected=hits, reason=reason))
    return Attribution(tuple(causes), tuple(undetermined))


def _testable(seen: Detection, hyperparameters: int) -> bool:
    return fewest_trials(int(seen.at_risk.sum()), int(seen.flagged.sum()), hyperparameters)


def _cannot_test(detector: Detector, seen: Detection, hyperparameters: int) -> Undetermined:
    n, m = int(seen.at_risk.sum()), int(seen.flagged.sum())
    more = None
    if not hyperparameters:
        reason = "no hyperparameter varies in this file"
    elif m == n:
        reason = "every trial that could show it does, so nothing can be compared"
    else:
        reason = "too few trials"
        more = _more_trials(n, m, hyperparameters)
    return Undetermined(code=detector.code, issue=detector.title, affected=m, reason=reason, more_trials=more)


def _more_trials(n: int, m: int, hyperparameters: int) -> int:
    """How many more trials, sick at the same rate, the smallest provable cause would take."""
    enough = (k for k in range(n + 1, 1_000) if fewest_trials(k, max(MIN_HITS, round(k * m / n)), hyperparameters))
    return next(enough, 1_000) - n


def _cause(
    detector: Detector, issues: IssueTable, hits: Mask, rows: Sequence[int] | np.ndarray, found: Found, tested: int
) -> Cause:
    inside, outside = count(hits, found.region), count(hits, ~found.region)
    p = min(1.0, found.p_value * tested)
    sick = np.asarray(rows)[found.region & hits]
    rate = outside.share or 0.0
    return Cause(
        id="",
        code=detector.code,
        issue=detector.title,
        conditions=found.conditions,
        text=describe(found.conditions),
        inside=inside,
        outside=outside,
        difference=newcombe(inside.affected, inside.evaluable, outside.affected, outside.evaluable),
        risk_ratio=(inside.share or 0.0) / rate if rate else None,
        p_value=p,
        score=found.score,
        strength=strength(p),
        explains=inside.affected,
        of=int(hits.sum()),
        trials=tuple(issues.sweep.trial_ids[row] for row in sick[:EXAMPLES]),
        moves_with=found.moves_with,
    )


def strength(p_value: float) -> Strength:
    """Certain: corrected p at most 0.001. Strong: at most 0.05. Suggestive: neither gates nor leads."""
    if p_value <= CERTAIN:
        return "certain"
    return "strong" if p_value <= ALPHA else "suggestive"
