"""From the coarse region of a cause to its exact words: each threshold where the single trials put it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from hparam_ci.causes.conditions import holds, round_between
from hparam_ci.causes.evidence import Evidence
from hparam_ci.causes.feature import Feature
from hparam_ci.causes.statistics import deviances
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Column, Mask

ROUNDS = 3


def region(conditions: tuple[Condition, ...], features: Mapping[str, Feature]) -> Mask:
    """(n,) trials that meet all the conditions."""
    inside = np.ones(len(next(iter(features.values())).codes), bool)
    for condition in conditions:
        inside &= features[condition.param].mask(condition)
    return inside


def sharpened(conditions: tuple[Condition, ...], features: Mapping[str, Feature], hits: Mask) -> tuple[Condition, ...]:
    """Each threshold moved, the others held, to the middle of where the cut may be; some rounds of it for several."""
    evidence = Evidence(len(hits))
    for _ in range(ROUNDS if len(conditions) > 1 else 1):
        before = conditions
        for i, condition in enumerate(conditions):
            rest = region(conditions[:i] + conditions[i + 1 :], features)
            moved = _moved(condition, features[condition.param], rest, hits, evidence)
            conditions = (*conditions[:i], moved, *conditions[i + 1 :])
        if conditions == before:
            break
    return conditions


def _moved(condition: Condition, feature: Feature, rest: Mask, hits: Mask, evidence: Evidence) -> Condition:
    if condition.op in ("<=", ">") or (condition.op == "==" and feature.numeric and not feature.grid):
        return _moved_cut(condition, feature, rest, hits, evidence)
    if condition.op in ("between", "outside") and not feature.grid:
        return _moved_ends(condition, feature, rest, hits, evidence)
    if condition.op in ("in", "!=") and not feature.numeric:
        return _without_healthy_levels(condition, feature, rest, hits, evidence)
    return condition


def _moved_cut(condition: Condition, feature: Feature, rest: Mask, hits: Mask, evidence: Evidence) -> Condition:
    low_side = condition.op != ">"
    rows = rest & ~feature.blank
    x, sick = _sorted(feature.values[rows], hits[rows])
    ends = np.flatnonzero(x[1:] > x[:-1])
    if not len(ends):
        return condition
    below: NDArray[np.int64] = np.cumsum(sick, dtype=np.int64)
    a, k = (below[ends], ends + 1) if low_side else (below[-1] - below[ends], len(x) - ends - 1)
    value = evidence(a, k, int(hits.sum()), len(hits))
    if value.max() == -np.inf:
        return condition
    share = np.cumsum(np.exp(value - value.max()))
    low, middle, high = np.searchsorted(share, share[-1] * np.array([0.025, 0.5, 0.975])).clip(max=len(ends) - 1)
    moved = feature.cut(float(x[ends[middle]]), low_side=low_side)
    if moved.op == "==":
        return moved
    return replace(moved, interval=(float(x[ends[low]]), float(x[ends[high] + 1])))


def _moved_ends(condition: Condition, feature: Feature, rest: Mask, hits: Mask, evidence: Evidence) -> Condition:
    """Both ends of an interval, one after the other, to where the evidence is greatest."""
    assert isinstance(condition.value, tuple)
    low, high = (float(x) for x in condition.value)
    outside = condition.op == "outside"
    rows = rest & ~feature.blank
    x, sick = _sorted(feature.values[rows], hits[rows])
    firsts = np.flatnonzero(np.concatenate([[True], x[1:] > x[:-1]]))
    lasts = np.concatenate([firsts[1:] - 1, [len(x) - 1]])
    below = np.concatenate([[0], np.cumsum(sick, dtype=np.int64)])
    m, n = int(hits.sum()), len(hits)

    def value(first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
        a, k = below[last + 1] - below[first], last + 1 - first
        if outside:
            a, k = below[-1] - a, len(x) - k
        return evidence(np.maximum(a, 0), np.maximum(k, 0), m, n)

    first, last = int(np.searchsorted(x, low)), int(np.searchsorted(x, high, side="right")) - 1
    for _ in range(ROUNDS):
        starts = firsts[(firsts > 0) & (firsts <= last)]
        if len(starts):
            first = int(starts[_middle_of_best(value(starts, np.array(last)))])
        stops = lasts[(lasts >= first) & (lasts < len(x) - 1)]
        if len(stops):
            last = int(stops[_middle_of_best(value(np.array(first), stops))])
    return feature.interval(float(x[first]), float(x[last]), inside=not outside)


def _without_healthy_levels(
    condition: Condition, feature: Feature, rest: Mask, hits: Mask, evidence: Evidence
) -> Condition:
    """Only the levels that fall sick, where leaving one out says more than the choice among the levels costs."""
    number = len(feature.labels)
    k = np.bincount(feature.codes[rest & feature.mask(condition)], minlength=feature.bins)
    a = np.bincount(feature.codes[rest & feature.mask(condition) & hits], minlength=feature.bins)
    m, n, kept = int(hits.sum()), len(hits), np.flatnonzero(k)

    def value(levels: NDArray[np.intp]) -> float:
        return float(evidence(np.array(a[levels].sum()), np.array(k[levels].sum()), m, n))

    for level in kept[np.argsort(a[kept] / k[kept], kind="stable")]:
        fewer = kept[kept != level]
        if len(fewer) and value(fewer) > value(kept) + np.log(number):
            kept = fewer
    if len(kept) == np.count_nonzero(k):
        return condition
    return feature.of_levels(kept)


def _middle_of_best(values: NDArray[np.float64]) -> int:
    best = np.flatnonzero(values >= values.max() - 1e-9)
    return int(best[len(best) // 2])


def _sorted(x: NDArray[np.float64], hits: Mask) -> tuple[NDArray[np.float64], Mask]:
    order = np.argsort(x, kind="stable")
    return x[order], hits[order]


def on_all_trials(
    conditions: tuple[Condition, ...], columns: Mapping[str, Column], hits: Mask, at_risk: Mask
) -> tuple[Condition, ...]:
    """Thresholds that a sample has found, moved on all trials around the interval that the sample left open."""
    for i, condition in enumerate(conditions):
        if condition.interval is None:
            continue
        rows = at_risk.copy()
        for other in (*conditions[:i], *conditions[i + 1 :]):
            rows &= holds(other, columns[other.param])
        moved = _moved_within(condition, columns[condition.param].values, hits & rows, rows)
        conditions = (*conditions[:i], moved, *conditions[i + 1 :])
    return conditions


def _moved_within(condition: Condition, x: NDArray[np.float64], hits: Mask, rows: Mask) -> Condition:
    assert condition.interval is not None
    low, high = condition.interval
    for _ in range(ROUNDS):  # the sample's interval misses the cut one time in twenty
        low, high = 3 * low - 2 * high, 3 * high - 2 * low
        moved = _best_between(condition, x, hits, rows, low, high)
        if moved.interval is None or low + (high - low) / 4 < moved.interval[0] < high - (high - low) / 4:
            break
    return moved


def _best_between(
    condition: Condition, x: NDArray[np.float64], hits: Mask, rows: Mask, low: float, high: float
) -> Condition:
    near = np.flatnonzero(rows & (x >= low) & (x <= high))
    values, sick = _sorted(x[near], hits[near])
    ends = np.flatnonzero(values[1:] > values[:-1])
    if len(ends) < 2:
        return condition
    less = rows & (x < low)
    k = int(less.sum()) + ends + 1
    a = int((hits & less).sum()) + np.cumsum(sick)[ends]
    value = deviances(a, k, int(hits.sum()), int(rows.sum())) / 2
    share = np.cumsum(np.exp(value - value.max()))
    first, middle, last = np.searchsorted(share, share[-1] * np.array([0.025, 0.5, 0.975])).clip(max=len(ends) - 1)
    top, following = float(values[ends[middle]]), float(values[ends[middle] + 1])
    return replace(
        condition,
        value=round_between(top, following),
        low=top,
        high=following,
        interval=(float(values[ends[first]]), float(values[ends[last] + 1])),
    )
