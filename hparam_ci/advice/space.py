"""Where to search next: sick regions cut out, ranges narrowed to where the best trials lie or extended past an end.

A region is cut out only on the word of a proven cause, and only where it holds fewer of the best trials than its share;
a range moves only where the hyperparameter moves the objective more than chance would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hparam_ci.advice.aiming import LEAST_MARGIN, aim
from hparam_ci.advice.axes import Axis
from hparam_ci.advice.draft import Draft, dimension, same
from hparam_ci.advice.objective import Objective
from hparam_ci.advice.phrases import fell_sick
from hparam_ci.advice.regions import chosen, holds_the_best, region_of, share_of
from hparam_ci.detectors.registry import find_detector
from hparam_ci.inspection import Cause, Condition, Drivers, Exclusion, SearchSpace
from hparam_ci.sources.table import Mask

LEAST_SICK = 0.2
"""A region with a smaller share of sick trials stays, and so does one whose share of the space is larger than that."""

EXPECTED = 6.0
"""A corner without a trial is told where this many would have been there by chance."""

MOST_CORNERS = 3
SAMPLE = 10_000
"""Trials of a large sweep that tell at once which corners have been tried."""


def next_space(
    axes: Sequence[Axis], causes: Sequence[Cause], objective: Objective | None, drivers: Drivers | None
) -> SearchSpace | None:
    """The search space of the next sweep; None without hyperparameters.

    Args:
        axes: the hyperparameters over n trials.
        causes: with their ids set; only proven ones of issues above a notice count.
        objective: what was optimised, if that is known.
        drivers: what moves it, if that can be told.
    """
    if not axes:
        return None
    drafts = {axis.column.name: Draft.of(axis) for axis in axes}
    best = objective.best if objective else np.zeros(len(axes[0].column), bool)
    excluded: list[Exclusion] = []
    notes: list[str] = []
    for cause in causes:
        if cause.strength != "suggestive" and _severity(cause) != "notice":
            _cut(cause, drafts, best, excluded, notes)
    for fact in drivers.hyperparameters if drivers else ():
        if not fact.noise:
            aim(fact, drafts[fact.param], best)
    _drop_orphans(drafts, notes)
    dimensions = tuple(dimension(draft) for draft in drafts.values() if not draft.dropped)
    excluded = [one for one in excluded if _is_reachable(one, drafts)]
    notes += _zeros_left_out(drafts) + _corners(drafts)
    return SearchSpace(
        metric=objective.name if objective else None,
        goal=objective.goal if objective else None,
        dimensions=dimensions,
        excluded=tuple(excluded),
        notes=tuple(notes),
        kept=_kept(drafts, excluded),
    )


def _severity(cause: Cause) -> str:
    detector = find_detector(cause.code)
    return detector.severity if detector else "error"


# --- sick regions ---------------------------------------------------------------------------------


def _cut(cause: Cause, drafts: Mapping[str, Draft], best: Mask, excluded: list[Exclusion], notes: list[str]) -> None:
    """Cut out the region of a cause, or say why it stays."""
    region = region_of(cause.conditions, {name: draft.axis.column for name, draft in drafts.items()})
    if region is None:
        notes.append(f"Avoid {cause.text} by hand: it is no range of one hyperparameter ({cause.id})")
        return
    if holds_the_best(region, best):
        held = f"{int(np.count_nonzero(best & region))} of the {int(best.sum())} best trials"
        notes.append(f"{cause.text} stays, because {held} are there ({cause.id})")
        return
    cost = share_of(cause.conditions, {name: draft.axis for name, draft in drafts.items()}) or 0.0
    if (cause.inside.share or 0.0) < max(LEAST_SICK, cost):
        notes.append(
            f"{cause.text} stays, because only {cause.inside.affected} of {cause.inside.evaluable} trials there "
            f"{fell_sick(cause.code)} and it is {100 * cost:.0f}% of the space ({cause.id})"
        )
        return
    why = f"{cause.text}: {cause.inside.affected} of {cause.inside.evaluable} {fell_sick(cause.code)} ({cause.id})"
    if len(cause.conditions) > 1 or not _narrow(drafts[cause.conditions[0].param], cause.conditions[0], why):
        excluded.append(Exclusion(conditions=cause.conditions, text=cause.text, issue=cause.issue, evidence=cause.id))


def _narrow(draft: Draft, condition: Condition, why: str) -> bool:
    """Take one condition out of a dimension; False where that is no narrower range or list, or would leave nothing."""
    if draft.axis.kind == "choice":
        gone = set(chosen(condition, draft.axis))
        left = [i for i in draft.left if i not in gone]
        if not any(draft.axis.choices[i] is not None for i in left):
            return False
        draft.left = left
        draft.reasons.append(why)
        return True
    low, high = _ends_without(draft, condition)
    if not low < high:
        return False
    changed = (low, high) != (draft.low, draft.high)
    draft.firm_low, draft.firm_high = draft.firm_low or low > draft.low, draft.firm_high or high < draft.high
    draft.low, draft.high = low, high
    apart = condition.op == "==" and draft.axis.log and condition.value == 0
    if changed or apart:
        draft.reasons.append(why)
    return changed or apart or condition.op == "missing"


def _ends_without(draft: Draft, condition: Condition) -> tuple[float, float]:
    """The range without a condition that holds at one of its ends or at both; unchanged for any other."""
    op, value, axis = condition.op, condition.value, draft.axis
    low, high = draft.low, draft.high
    if isinstance(value, tuple) and all(isinstance(end, (int, float)) for end in value):
        a, b = float(value[0] or 0), float(value[1] or 0)
        if op == "outside":
            return max(low, a), min(high, b)
        if (axis.log and a <= 0) or float(axis.place(a)) <= LEAST_MARGIN / 2:
            return max(low, b), high
        if float(axis.place(b)) >= 1 - LEAST_MARGIN / 2:
            return low, min(high, a)
    elif isinstance(value, (int, float)) and op == ">":
        return low, min(high, float(value))
    elif isinstance(value, (int, float)) and op == "<=":
        return max(low, float(condition.high if condition.high is not None else value)), high
    return low, high


# --- putting it together --------------------------------------------------------------------------


def _drop_orphans(drafts: Mapping[str, Draft], notes: list[str]) -> None:
    """Conditional hyperparameters whose condition can no longer hold."""
    for draft in drafts.values():
        parent = draft.axis.parent
        if parent and parent.param in drafts:
            other = drafts[parent.param]
            remaining = [other.axis.choices[i] for i in other.left] + other.added
            if other.axis.kind == "choice" and not any(same(v, w) for v in remaining for w in parent.values):
                draft.dropped = True
                notes.append(f"{draft.axis.name} goes with the value of {parent.name} for which it was set")


def _is_reachable(one: Exclusion, drafts: Mapping[str, Draft]) -> bool:
    """Whether any point of the new space meets all conditions."""
    return all(_reaches(condition, drafts[condition.param]) for condition in one.conditions)


def _reaches(condition: Condition, draft: Draft) -> bool:
    if draft.dropped:
        return False
    if draft.axis.kind == "choice":
        return bool(set(chosen(condition, draft.axis)) & set(draft.left))
    value = condition.value
    if condition.op == ">" and isinstance(value, (int, float)):
        return draft.high > value
    if condition.op == "<=" and isinstance(value, (int, float)):
        return draft.low <= value
    if condition.op == "between" and isinstance(value, tuple):
        return draft.low <= float(value[1] or 0) and draft.high >= float(value[0] or 0)
    if condition.op == "==" and isinstance(value, (int, float)):
        return draft.low <= value <= draft.high
    return True


def _kept(drafts: Mapping[str, Draft], excluded: Sequence[Exclusion]) -> float:
    """The share of the searched space that is left, the hyperparameters taken as independent."""
    share = 1.0
    for draft in drafts.values():
        axis = draft.axis
        if axis.kind == "choice":
            share *= len(draft.left) / len(axis.choices)
        elif axis.high > axis.low:
            ends = np.clip(axis.place(np.array([draft.low, draft.high])), 0, 1)
            share *= float(ends[1] - ends[0])
    axes = {name: draft.axis for name, draft in drafts.items()}
    for one in excluded:
        share *= 1 - (share_of(one.conditions, axes) or 0.0)
    return share


def _zeros_left_out(drafts: Mapping[str, Draft]) -> list[str]:
    """Values at or below zero beside a logarithmic range, which no tool's log range can hold."""
    told = []
    for draft in drafts.values():
        below = int(np.count_nonzero(draft.axis.values <= 0))
        if draft.axis.log and below and not draft.dropped and not any(" = 0:" in why for why in draft.reasons):
            told.append(
                f"{draft.axis.name} was 0 in {below} of {len(draft.axis.column)} trials; its range is logarithmic and "
                "leaves 0 out: add it by hand if you want it"
            )
    return told


def _corners(drafts: Mapping[str, Draft]) -> list[str]:
    """Combinations of the lower and upper halves of two remaining ranges that no trial has tried."""
    halves = [
        half
        for draft in drafts.values()
        if draft.axis.kind != "choice" and not draft.dropped
        for half in _halves(draft)
    ]
    if not halves:
        return []
    some = _untried(halves, slice(None, None, max(1, len(halves[0].draft.axis.values) // SAMPLE)))
    doubtful = {half for _, *pair in some for half in pair}
    empty = [one for one in _untried([half for half in halves if half in doubtful], slice(None)) if one[0] >= EXPECTED]
    ranked = sorted(empty, key=lambda one: -one[0])[:MOST_CORNERS]
    return [f"No trial has {a.text} with {b.text}: unexplored" for _, a, b in ranked]


def _untried(halves: Sequence[_Half], rows: slice) -> list[tuple[float, _Half, _Half]]:
    """Pairs of halves of two hyperparameters that none of the rows has, each with how many would have it by chance."""
    if not halves:
        return []
    inside = np.stack([half.inside(rows) for half in halves]).astype(np.float32)
    known = np.stack([half.known(rows) for half in halves]).astype(np.float32)
    both, n = inside @ inside.T, known @ known.T
    expected = (inside @ known.T) * (known @ inside.T) / np.maximum(n, 1)
    return [
        (float(expected[i, j]), a, b)
        for (i, a), (j, b) in combinations(enumerate(halves), 2)
        if a.draft is not b.draft and both[i, j] == 0
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """The lower or upper half of what is left of a range: its trials, among those that lie in the range."""

    draft: Draft
    middle: float
    upper: bool

    @property
    def text(self) -> str:
        """As a condition, for people."""
        return f"{self.draft.axis.name} {'>' if self.upper else '≤'} {self.middle:.2g}"

    def known(self, rows: slice) -> Mask:
        """(k,) which of the rows lie in the range."""
        values = self.draft.axis.values[rows]
        known: Mask = (values >= self.draft.low) & (values <= self.draft.high)
        return known

    def inside(self, rows: slice) -> Mask:
        """(k,) which of them lie in the half."""
        above: Mask = self.draft.axis.values[rows] > self.middle
        return self.known(rows) & (above if self.upper else ~above)


def _halves(draft: Draft) -> list[_Half]:
    axis = draft.axis
    low, high = np.clip(axis.place(np.array([draft.low, draft.high])), 0, 1).tolist()
    middle = axis.at((low + high) / 2)
    return [_Half(draft, middle, upper) for upper in (False, True)]
