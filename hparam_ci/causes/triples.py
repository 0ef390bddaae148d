"""Regions of three hyperparameters together: the most promising regions of two, each met by a side of a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.evidence import Evidence
from hparam_ci.causes.feature import Feature
from hparam_ci.sources.table import Mask

UP_TO = 400
"""Trials; among more of them a third condition shows within the region of two."""
PARTS = 12
"""Parts of equal counts between which a number is cut."""
PROMISING = 300
"""Regions of two that are met by a third."""
NEGLIGIBLE = 20.0
"""Below the greatest log evidence."""
LARGEST = 600.0

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Masks = NDArray[np.float32]


class Triples:
    """The regions of three of p hyperparameters over n trials of which m are sick.

    Attributes:
        number: of triples of hyperparameters; 0 among more than `UP_TO` trials.
        members: for each side, its bins of its hyperparameter.
        owner: (sides,) whose it is.
        masks: (sides, n) 0/1: trials on each.
        log_weight: (sides,) prior weights, which sum to one for each hyperparameter.
    """

    def __init__(self, features: Sequence[Feature], n: int, m: int, evidence: Evidence, parts: int = PARTS) -> None:
        self.p, self.m, self.number = len(features), m, 0
        sides = [feature.sides(parts) for feature in features] if n <= UP_TO else []
        searched = sum(len(own) > 0 for own in sides)
        if searched < 3:
            return
        self.number = searched * (searched - 1) * (searched - 2) // 6
        self.members = [side for own in sides for side in own]
        self.owner: Whole = np.repeat(np.arange(self.p), [len(own) for own in sides])
        self.masks: Masks = np.concatenate([own[:, f.codes] for own, f in zip(sides, features, strict=True)])
        share = self.masks.mean(1, dtype=float)
        half = (share * (1 - share)) ** 2  # a condition that nearly all or hardly any trials meet is none
        total = np.bincount(self.owner, half, minlength=self.p)[self.owner]
        with np.errstate(divide="ignore"):
            self.log_weight: Reals = np.log(half / np.maximum(total, 1e-300))
        self._values = evidence(np.arange(m + 1)[None, :], np.arange(n + 1)[:, None], m, n).ravel()

    def _value(self, a: NDArray[np.floating], k: NDArray[np.floating]) -> Reals:
        """Log evidence of regions with `a` hits in `k` trials, whole but for rounding."""
        found: Reals = self._values.take((np.rint(k) * (self.m + 1) + np.rint(a)).astype(np.int32))
        return found

    def promising(self, hits: Mask) -> tuple[Whole, Whole]:
        """The two sides of each of the regions of two that have the greatest evidence."""
        sick = self.masks[:, hits]
        value = self._value(sick @ sick.T, self.masks @ self.masks.T)
        value += self.log_weight[:, None] + self.log_weight
        value[(self.owner[:, None] >= self.owner)] = -np.inf
        most = min(PROMISING, value.size)
        best = np.sort(np.argpartition(value, value.size - most, axis=None)[-most:])
        best = best[value.ravel()[best] > -np.inf]
        return best // len(value), best % len(value)

    def met(self, first: Whole, second: Whole, hits: NDArray[np.bool_]) -> Reals:
        """(r, sides) log evidence of r regions of two, each met by each side of a third hyperparameter.

        Args:
            first: (r,) the one side of each.
            second: (r,) the other.
            hits: (n,) or (r, n) sick trials.
        """
        inside = self.masks[first] * self.masks[second]
        value = self._value((inside * hits) @ self.masks.T, inside @ self.masks.T)
        value += (self.log_weight[first] + self.log_weight[second] - np.log(self.number))[:, None] + self.log_weight
        value[(self.owner == self.owner[first][:, None]) | (self.owner == self.owner[second][:, None])] = -np.inf
        return value

    def shared(self, first: Whole, second: Whole, dealt: NDArray[np.bool_]) -> Reals:
        """(draws, p) evidence (not its logarithm) of what is met, given to each hyperparameter that has part in it.

        Args:
            first: (draws, r) the one side of each region of two.
            second: (draws, r) the other.
            dealt: (draws, n) sick trials.
        """
        one, other = first.ravel(), second.ravel()
        worth = np.exp(np.minimum(self.met(one, other, np.repeat(dealt, first.shape[1], 0)), LARGEST))
        found = worth @ np.eye(self.p)[self.owner]
        rows = np.arange(len(found))
        found[rows, self.owner[one]] = found[rows, self.owner[other]] = worth.sum(1)
        by_draw: Reals = found.reshape(*first.shape, self.p).sum(1)
        return by_draw


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """What t triples say of the hits.

    Attributes:
        names: (t, 3) the hyperparameters of each.
        values: (t,) log evidence.
        best: for each, the bins of its best region on each of the three.
    """

    names: Whole
    values: Reals
    best: Sequence[tuple[NDArray[np.float32], ...]]

    def of(self, which: NDArray[np.intp]) -> Explained:
        """The same, where the hyperparameters searched were those of many."""
        return replace(self, names=which[self.names])


def explained(triples: Triples, hits: Mask) -> Explained:
    """The evidence of each triple of hyperparameters that has any to speak of."""
    nothing = Explained(np.zeros((0, 3), np.int64), np.zeros(0), [])
    if not triples.number:
        return nothing
    first, second = triples.promising(hits)
    value = triples.met(first, second, hits)
    top = float(value.max(initial=-np.inf))
    if top == -np.inf:
        return nothing
    row, third = np.nonzero(value > top - NEGLIGIBLE)
    sides = np.sort(np.stack([first[row], second[row], third], 1), axis=1)
    size = len(triples.owner)
    _, once = np.unique((sides[:, 0] * size + sides[:, 1]) * size + sides[:, 2], return_index=True)
    sides, value = sides[once], value[row, third][once]
    names = triples.owner[sides]
    whose = (names[:, 0] * triples.p + names[:, 1]) * triples.p + names[:, 2]
    order = np.lexsort((-value, whose))
    starts = np.flatnonzero(np.diff(whose[order], prepend=-1))
    sums: Reals = top + np.log(np.add.reduceat(np.exp(value - top)[order], starts))
    best = order[starts]
    return Explained(names[best], sums, [tuple(triples.members[side] for side in three) for three in sides[best]])
