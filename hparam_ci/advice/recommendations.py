"""What to change, from causes: in order of the trials that it would have saved."""

from __future__ import annotations

from hparam_ci.causes.conditions import describe
from hparam_ci.detectors.detector import find_detector
from hparam_ci.inspection import Cause, Compute, Condition, DetectorResult, Recommendation


def recommend(
    causes: tuple[Cause, ...], detectors: tuple[DetectorResult, ...], compute: Compute | None
) -> tuple[Recommendation, ...]:
    """One recommendation a proven cause, most trials saved first; then general advice for issues without one.

    Args:
        causes: with their ids set.
        detectors: what was found.
        compute: for the hours that the trials took on average, where known.
    """
    hours = compute.hours / compute.trials_with_duration if compute and compute.trials_with_duration else None
    proven = sorted((c for c in causes if c.strength != "suggestive"), key=lambda c: (-c.explains, c.p_value))
    advice = [_from_cause(cause, hours) for cause in proven]
    explained = {cause.code for cause in proven}
    unexplained = [d for d in detectors if d.ran and d.count.affected and d.code not in explained]
    return tuple(advice + [_general(result) for result in unexplained if result.severity != "notice"])


def _from_cause(cause: Cause, hours: float | None) -> Recommendation:
    doubt = f"; {', '.join(cause.moves_with)} moved together with it, so vary them apart" if cause.moves_with else ""
    return Recommendation(
        id="",
        action=_action(cause.conditions),
        reason=f"would have spared {cause.explains} of the {cause.of} {_trials(cause.code)}{doubt}",
        evidence=(cause.id,),
        trials_saved=cause.explains,
        hours_saved=round(cause.explains * hours, 4) if hours is not None else None,
    )


def _action(conditions: tuple[Condition, ...]) -> str:
    if len(conditions) > 1:
        return f"Avoid {describe(conditions)} together"
    condition = conditions[0]
    name, op, value = condition.param, condition.op, condition.value
    if op == "==" and value in (0, "0"):
        return f"Use a non-zero {name}"
    if op == ">":
        return f"Keep {name} at or below {value:.4g}"
    if op == "<=":
        return f"Keep {name} above {value:.4g}"
    if op == "outside" and isinstance(value, tuple):
        return f"Keep {name} from {value[0]:.4g} to {value[1]:.4g}"
    if op == "missing":
        return f"Always set {name}"
    if op == "set":
        return f"Leave {name} unset"
    if op == "!=":
        return f"Use {name} = {value}" if isinstance(value, str) else f"Use {name} = {value:.4g}"
    return f"Avoid {describe(conditions)}"


def _trials(code: str) -> str:
    detector = find_detector(code)
    return detector.trials if detector else "trials"


def _general(result: DetectorResult) -> Recommendation:
    detector = find_detector(result.code)
    assert detector is not None
    return Recommendation(
        id="",
        action=detector.advice.rstrip("."),
        reason=f"usual for {detector.trials} ({result.count.affected} here); this sweep does not show their cause",
        evidence=tuple(issue.id for issue in result.issues[:3]),
        trials_saved=0,
        hours_saved=None,
    )
