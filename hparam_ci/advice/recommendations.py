"""What to change: from causes, by the trials and hours saved; then where to aim; then what helps in general."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from hparam_ci.advice.axes import Axis
from hparam_ci.advice.draft import same, shown_list
from hparam_ci.advice.phrases import fell_sick, remedy
from hparam_ci.advice.regions import chosen, holds_the_best, lies_within, region_of, share_of
from hparam_ci.causes.conditions import describe
from hparam_ci.detectors.detector import Detector
from hparam_ci.detectors.registry import find_detector
from hparam_ci.detectors.run import IssueTable
from hparam_ci.inspection import (
    Cause,
    Condition,
    DetectorResult,
    Dimension,
    Drivers,
    Importance,
    Recommendation,
    SearchSpace,
    Value,
)
from hparam_ci.sources.table import Mask, any_of
from hparam_ci.wording import show_number

MOST_AIMS = 2
LEAST_SHARE = 0.01
"""An interval of the importance that begins below this says that there may be none."""
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
    proven = [cause for cause in causes if cause.strength != "suggestive"]
    avoid = _from_causes(proven, issues, axes, best)
    avoid.sort(key=lambda one: (-one.trials_saved, -(one.hours_saved or 0.0)))
    aims = _aims(drivers, space, _left_by(proven, axes)) if drivers and space else []
    explained = {cause.code for cause in proven}
    unexplained = [d for d in detectors if d.ran and d.count.affected and d.code not in explained]
    general = [_general(result, issues, explained) for result in unexplained if result.severity != "notice"]
    return (*avoid, *aims[:MOST_AIMS], *general)


# --- from causes ----------------------------------------------------------------------------------


def _from_causes(causes: Sequence[Cause], issues: IssueTable, axes: Sequence[Axis], best: Mask) -> list[Recommendation]:
    """One recommendation for all causes that ask for the same change, or for less of it."""
    by_name = {axis.column.name: axis for axis in axes}
    columns = {name: axis.column for name, axis in by_name.items()}
    alike: dict[str, list[Cause]] = {}
    regions: dict[str, Mask | None] = {}
    for cause in causes:
        region = region_of(cause.conditions, columns)
        action = _action(cause, region, best)
        alike.setdefault(action, []).append(cause)
        regions[action] = region
    merged = _merged(alike, regions, best)
    return [_to_do(action, same, regions[action], issues, by_name, best) for action, same in merged.items()]


def _merged(alike: Mapping[str, list[Cause]], regions: Mapping[str, Mask | None], best: Mask) -> dict[str, list[Cause]]:
    """The causes by action, without actions to keep out of a region that lies within another one to keep out of, of the
    same hyperparameters: their causes speak for that one, after its own."""
    merged = {action: list(causes) for action, causes in alike.items()}
    avoid = [action for action, region in regions.items() if region is not None and not holds_the_best(region, best)]
    for action in avoid:
        here = alike[action][0].conditions
        for wider in avoid:
            there = alike[wider][0].conditions
            if wider == action or wider not in merged or {c.param for c in here} != {c.param for c in there}:
                continue
            if lies_within(here, there):
                merged[wider] += merged.pop(action)
                break
    return merged


def _action(cause: Cause, region: Mask | None, best: Mask) -> str:
    """To keep out of the region; where the best trials are there too, to cure it; of a function, its words."""
    if region is not None and holds_the_best(region, best):
        return f"Where {cause.text}: {remedy(cause.code)}"
    if region is None and cause.conditions[0].op != "outside":
        return f"Avoid {cause.text}"
    return _change(cause.conditions)


def _to_do(
    action: str,
    causes: Sequence[Cause],
    region: Mask | None,
    issues: IssueTable,
    axes: Mapping[str, Axis],
    best: Mask,
) -> Recommendation:
    """What to change, for causes that all ask for it: the region is that of the first, and others lie within it."""
    saved, hours = _spared(causes, region, issues)
    reasons = [*(_evidence(cause, causes[0]) for cause in causes), _gain(causes, saved, hours)]
    cure = region is not None and holds_the_best(region, best)
    cost = 0.0 if cure else share_of(causes[0].conditions, axes)
    if cure and region is not None:
        number = int(np.count_nonzero(best & region))
        there = "is there" if number == 1 else "are there"
        reasons.append(f"do not give it up, {number} of the {best.sum()} best trials {there}")
    elif cost is not None:
        reasons.append(f"gives up {_percent(cost)} of the searched space")
    if moved := dict.fromkeys(name for cause in causes for name in cause.moves_with):
        reasons.append(f"{', '.join(moved)} moved together with it, so vary them apart")
    return Recommendation(
        id="",
        action=action,
        reason="; ".join(reasons),
        evidence=tuple(cause.id for cause in causes),
        trials_saved=saved,
        hours_saved=hours,
        kind="cure" if cure else "avoid",
        cost=cost,
    )


def _spared(causes: Sequence[Cause], region: Mask | None, issues: IssueTable) -> tuple[int, float | None]:
    """How many trials would not be sick if they fell sick as often as those outside, and the hours that they took; a
    trial that is sick in two ways counts once."""
    saved = sum(max(0, round(c.inside.affected - c.inside.evaluable * (c.outside.share or 0.0))) for c in causes)
    seen = [issues.seen[cause.code].flagged for cause in causes if cause.code in issues.seen]
    if region is None or len(seen) < len(causes):
        return saved, None
    sick = region & any_of(seen, len(region))
    saved = min(saved, int(np.count_nonzero(sick)))
    return saved, _hours(issues, sick, saved)


def _hours(issues: IssueTable, sick: Mask, saved: int) -> float | None:
    """Hours that the sick trials took, in proportion to those spared."""
    seconds = issues.sweep.seconds
    if seconds is None or not sick.any():
        return None
    spent = seconds[sick & np.isfinite(seconds) & (seconds >= 0)]
    if not len(spent):
        return None
    return round(float(spent.sum()) / 3600 * saved / int(np.count_nonzero(sick)), 4)


def _evidence(cause: Cause, first: Cause) -> str:
    """The counts of a cause; with its own words where what is to be changed is named after another one."""
    here, there = _sides(cause.conditions) if cause.text == first.text else (f"where {cause.text}", "elsewhere")
    sick = f"{cause.inside.affected} of {cause.inside.evaluable} trials {here} {fell_sick(cause.code)}"
    among = f", {cause.among}" if cause.beside else ""
    return f"{sick}, {cause.outside.affected} of {cause.outside.evaluable} {there}{among}"


def _gain(causes: Sequence[Cause], saved: int, hours: float | None) -> str:
    time = f" and {_span(hours)}" if hours and 3600 * hours >= 1 else ""
    if len(causes) > 1:
        return f"would spare about {saved} trials in all{time}"
    left = " left" if causes[0].beside else ""
    return f"would spare about {saved} of the {causes[0].of}{left}{time}"


def _sides(conditions: Sequence[Condition]) -> tuple[str, str]:
    """What to call the trials inside and outside, after the words of `_change`."""
    if len(conditions) > 1:
        return ("with both", "without") if len(conditions) == 2 else ("there", "elsewhere")
    op, value = conditions[0].op, conditions[0].value
    if op == ">":
        return "above it", "at or below"
    if op == "<=":
        return f"at or below {_number(value)}", "above it"
    if op == "outside":
        return "beyond", "within"
    if op == "between":
        return "there", "elsewhere"
    if op == "==" and value in (0, "0"):
        return "at zero", "elsewhere"
    return {"!=": ("with another", "with it"), "missing": ("without it", "with it")}.get(op, ("with it", "without it"))


def _change(conditions: tuple[Condition, ...]) -> str:
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


def _left_by(causes: Sequence[Cause], axes: Sequence[Axis]) -> dict[str, set[Value]]:
    """What is left of the choices of which a cause alone says that some are to be avoided, by hyperparameter."""
    by_name = {axis.column.name: axis for axis in axes if axis.kind == "choice"}
    left: dict[str, set[Value]] = {}
    for cause in causes:
        first = cause.conditions[0]
        if len(cause.conditions) == 1 and (axis := by_name.get(first.param)):
            sick = {axis.choices[i] for i in chosen(first, axis)}
            left[first.param] = left.get(first.param, set(axis.choices)) - sick
    return left


def _aims(drivers: Drivers, space: SearchSpace, left: Mapping[str, set[Value]]) -> list[Recommendation]:
    """Where the best trials lie, within what the next search space keeps, and what avoiding the causes does not say."""
    kept = {one.param: one for one in space.dimensions}
    targets = [
        (fact, target)
        for fact in drivers.hyperparameters
        if not fact.noise
        and fact.low >= LEAST_SHARE
        and fact.param in kept
        and not (fact.param in left and left[fact.param] <= set(fact.levels))
        and (target := _target(fact, kept[fact.param]))
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
