"""What to change: from causes, by the trials and hours saved; then where to aim; then what helps in general."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from msgspec.structs import replace

from hparam_ci.advice.axes import Axis
from hparam_ci.advice.draft import same, shown_list
from hparam_ci.advice.phrases import fell_sick, remedy
from hparam_ci.advice.regions import holds_the_best, region_of, share_of
from hparam_ci.causes.conditions import describe
from hparam_ci.detectors.detector import Detector, IssueTable, find_detector
from hparam_ci.inspection import (
    Cause,
    Condition,
    Count,
    DetectorResult,
    Dimension,
    Drivers,
    Importance,
    Recommendation,
    SearchSpace,
)
from hparam_ci.sources.table import Mask
from hparam_ci.wording import show_number

MOST_AIMS = 2
SPOKEN = ("in", "missing", "set")
"""Conditions that are written as words: `optimizer is adam or sgd`, `clip is not set`."""


def recommend(
    issues: IssueTable,
    axes: Sequence[Axis],
    causes: Sequence[Cause],
    detectors: Sequence[DetectorResult],
    drivers: Drivers | None,
    space: SearchSpace | None,
    best: Mask,
) -> tuple[Recommendation, ...]:
    """One recommendation a proven cause, most trials and then hours saved first; then aims; then general advice.

    Args:
        issues: what the detectors saw, over n trials.
        axes: the hyperparameters.
        causes: with their ids set.
        detectors: what was found.
        drivers: what moves the objective, where that can be told.
        space: the next search space, for aims that do not lead back into what is to be avoided.
        best: (n,) the best trials by the objective.
    """
    avoid = _said_once([_from_cause(cause, issues, axes, best) for cause in causes if cause.strength != "suggestive"])
    avoid.sort(key=lambda one: (-one.trials_saved, -(one.hours_saved or 0.0)))
    aims = _aims(drivers, space) if drivers and space else []
    explained = {cause.code for cause in causes if cause.strength != "suggestive"}
    unexplained = [d for d in detectors if d.ran and d.count.affected and d.code not in explained]
    general = [_general(result, issues, explained) for result in unexplained if result.severity != "notice"]
    return (*avoid, *aims[:MOST_AIMS], *general)


# --- from causes ----------------------------------------------------------------------------------


def _from_cause(cause: Cause, issues: IssueTable, axes: Sequence[Axis], best: Mask) -> Recommendation:
    by_name = {axis.column.name: axis for axis in axes}
    region = region_of(cause.conditions, {name: axis.column for name, axis in by_name.items()})
    saved = _spared(cause.inside, cause.outside)
    hours = _hours(cause, issues, region, saved)
    reasons = [_evidence(cause), _gain(cause, saved, hours)]
    cure = region is not None and holds_the_best(region, best)
    cost = 0.0 if cure else share_of(cause.conditions, by_name)
    if cure and region is not None:
        reasons.append(
            f"do not give it up, {np.count_nonzero(best & region)} of the {best.sum()} best trials are there"
        )
    elif cost is not None:
        reasons.append(f"gives up {_percent(cost)} of the searched space")
    if cause.moves_with:
        reasons.append(f"{', '.join(cause.moves_with)} moved together with it, so vary them apart")
    sided = region is not None or cause.conditions[0].op == "outside"
    avoid = _action(cause.conditions) if sided else f"Avoid {cause.text}"
    return Recommendation(
        id="",
        action=f"Where {cause.text}: {remedy(cause.code)}" if cure else avoid,
        reason="; ".join(reasons),
        evidence=(cause.id,),
        trials_saved=saved,
        hours_saved=hours,
        kind="cure" if cure else "avoid",
        cost=cost,
    )


def _said_once(advice: Sequence[Recommendation]) -> list[Recommendation]:
    """The advice, that of several causes in one where it is the same."""
    said: dict[str, Recommendation] = {}
    for one in advice:
        first = said.get(one.action)
        said[one.action] = one if first is None else _with(first, one)
    return list(said.values())


def _with(first: Recommendation, other: Recommendation) -> Recommendation:
    hours = [one.hours_saved for one in (first, other) if one.hours_saved is not None]
    return replace(
        first,
        reason=f"{first.reason}; {other.reason}",
        evidence=(*first.evidence, *other.evidence),
        trials_saved=first.trials_saved + other.trials_saved,
        hours_saved=sum(hours) if hours else None,
    )


def _spared(inside: Count, outside: Count) -> int:
    """How many of the trials inside would not be sick if they fell sick as often as those outside."""
    return max(0, round(inside.affected - inside.evaluable * (outside.share or 0.0)))


def _hours(cause: Cause, issues: IssueTable, region: Mask | None, saved: int) -> float | None:
    """Hours that the sick trials of the region took, in proportion to those spared."""
    seconds = issues.sweep.seconds
    if seconds is None or region is None or cause.code not in issues.seen or not cause.inside.affected:
        return None
    sick = region & issues.seen[cause.code].flagged
    spent = seconds[sick & np.isfinite(seconds) & (seconds >= 0)]
    if not len(spent):
        return None
    return round(float(spent.sum()) / 3600 * min(1.0, saved / cause.inside.affected), 4)


def _evidence(cause: Cause) -> str:
    here, there = _sides(cause.conditions)
    sick = f"{cause.inside.affected} of {cause.inside.evaluable} trials {here} {fell_sick(cause.code)}"
    among = f", {cause.among}" if cause.beside else ""
    return f"{sick}, {cause.outside.affected} of {cause.outside.evaluable} {there}{among}"


def _gain(cause: Cause, saved: int, hours: float | None) -> str:
    time = f" and {_span(hours)}" if hours and 3600 * hours >= 1 else ""
    left = " left" if cause.beside else ""
    return f"would spare about {saved} of the {cause.of}{left}{time}"


def _sides(conditions: Sequence[Condition]) -> tuple[str, str]:
    """What to call the trials inside and outside, after the words of `_action`."""
    if len(conditions) > 1:
        return ("with both", "without") if len(conditions) == 2 else ("there", "elsewhere")
    op, value = conditions[0].op, conditions[0].value
    if op == ">":
        return "above it", "at or below"
    if op == "<=":
        return f"at or below {_number(value)}", "above it"
    if op == "outside":
        return "beyond", "within"
    if op == "==" and value in (0, "0"):
        return "at zero", "elsewhere"
    return {"!=": ("with another", "with it"), "missing": ("without it", "with it")}.get(op, ("with it", "without it"))


def _action(conditions: tuple[Condition, ...]) -> str:
    if len(conditions) > 1:
        *others, last = sorted(conditions, key=lambda condition: condition.op in SPOKEN)
        joined = "where" if last.op in SPOKEN else "together with"
        return f"Avoid {describe(tuple(others))} {joined} {describe((last,))}"
    condition = conditions[0]
    name, op, value = condition.param, condition.op, condition.value
    if op == "==" and value in (0, "0"):
        return f"Use a non-zero {name}"
    if op == "<=":
        return f"Increase {name} above {_number(value)}"
    if op == "outside" and isinstance(value, tuple):
        return f"Keep {name} from {_number(value[0])} to {_number(value[1])}"
    if op == "missing":
        return f"Always set {name}"
    if op == "set":
        return f"Leave {name} unset"
    if op == "!=":
        return f"Use {name} = {_number(value)}"
    return f"Avoid {describe(conditions)}"


def _number(value: object) -> str:
    return show_number(value) if isinstance(value, (int, float)) else str(value)


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{100 * share:.0f}%"


def _span(hours: float) -> str:
    """`1.2 hours`, `40 minutes`, `12 seconds`."""
    for unit, factor in (("hours", 1.0), ("minutes", 60.0)):
        if hours * factor >= 2:
            return f"{hours * factor:,.3g} {unit}"
    seconds = f"{hours * 3600:.2g}"
    return f"{seconds} second{'s' * (seconds != '1')}"


# --- from what moves the objective ------------------------------------------------------------------


def _aims(drivers: Drivers, space: SearchSpace) -> list[Recommendation]:
    """Where the best trials lie, within what the next search space keeps."""
    kept = {one.param: one for one in space.dimensions}
    targets = [
        (fact, target)
        for fact in drivers.hyperparameters
        if not fact.noise and fact.param in kept and (target := _target(fact, kept[fact.param]))
    ]
    return [_aim(fact, target, drivers) for fact, target in targets]


def _aim(fact: Importance, action: str, drivers: Drivers) -> Recommendation:
    share = f"{100 * fact.share:.0f}% of the importance, {100 * fact.low:.0f} to {100 * fact.high:.0f}%"
    return Recommendation(
        id="",
        action=action,
        reason=f"{fact.param} moves {drivers.metric} ({share}) and most of the best {drivers.top} of {drivers.trials} "
        "finished trials lie there; an association, not a cause",
        evidence=(),
        trials_saved=0,
        hours_saved=None,
        kind="aim",
    )


def _target(fact: Importance, kept: Dimension) -> str | None:
    levels = [value for value in fact.levels if any(same(value, choice) for choice in kept.choices)]
    if fact.levels:
        return f"Prefer {fact.param} = {shown_list(levels, 'or')}" if levels else None
    if fact.best is None or fact.direction == "unclear" or kept.low is None or kept.high is None:
        return None
    low, high = max(fact.best[0], kept.low), min(fact.best[1], kept.high)
    if low > high:
        return None
    return (
        f"Aim at {fact.param} {f'= {_number(low)}' if low == high else f'between {_number(low)} and {_number(high)}'}"
    )


# --- in general -------------------------------------------------------------------------------------


def _general(result: DetectorResult, issues: IssueTable, explained: Collection[str]) -> Recommendation:
    detector = find_detector(result.code)
    assert detector is not None
    wider = _wider(detector, issues, explained)
    why = f"see the causes of the {wider.trials}" if wider else "this sweep does not show their cause"
    return Recommendation(
        id="",
        action=detector.advice.rstrip("."),
        reason=f"usual for {detector.trials} ({result.count.affected} here); {why}",
        evidence=tuple(issue.id for issue in result.issues[:3]),
        trials_saved=0,
        hours_saved=None,
    )


def _wider(detector: Detector, issues: IssueTable, explained: Collection[str]) -> Detector | None:
    """The explained issue of the same rate that flags all the trials too: its causes are theirs."""
    mine = issues.seen.get(detector.code)
    for code in sorted(explained):
        other, theirs = find_detector(code), issues.seen.get(code)
        if not other or not mine or not theirs or other.rate != detector.rate:
            continue
        if not (mine.flagged & ~theirs.flagged).any():
            return other
    return None
