"""Regions of two hyperparameters together, coarsely, for those whose halves are too weak alone: two conditions hold, or
exactly one of them does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.evidence import Evidence, plausible
from hparam_ci.causes.feature import Feature
from hparam_ci.sources.table import Mask

SIDES = 6
"""Parts of equal counts between which a number is cut."""
ODD_ONE_OUT = 0.03
"""Prior weight of an exclusive or, against that of two conditions."""
TOGETHER = 10_000
"""Regions at a time: what is made on the way stays small."""

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Masks = NDArray[np.float32]


class Pairs:
    """All regions of two of the hyperparameters over n trials.

    Attributes:
        number: pairs of hyperparameters that have a region.
        parts: (number, hyperparameters) 0/1: the two of each.
        starts: (number,) the first region of each pair.
        k: (regions,) trials inside.
        log_weight: (regions,) prior weights, which sum to one over all pairs.
    """

    def __init__(self, features: Sequence[Feature], n: int) -> None:
        self.n, self.number, self.parts = n, 0, np.zeros((0, len(features)))
        sides = [feature.sides(SIDES) for feature in features]
        owner = np.repeat(np.arange(len(features)), [len(side) for side in sides])
        if len(features) < 2 or not len(owner):
            return
        self.masks: Masks = np.concatenate([side[:, f.codes] for side, f in zip(sides, features, strict=True)])
        i, j = np.triu_indices(len(owner), 1)
        apart = owner[i] != owner[j]
        i, j = i[apart], j[apart]
        # of a side and its opposite one is enough for an exclusive or: the one that holds the first trial
        once = self.masks[i, 0] > 0
        odd = np.repeat([False, True], [len(i), int(once.sum())])
        i, j = np.concatenate([i, i[once]]), np.concatenate([j, j[once]])
        pair = owner[i] * len(features) + owner[j]
        order = np.argsort(pair, kind="stable")
        self.i, self.j, self.odd, pair = i[order], j[order], odd[order], pair[order]
        if not len(pair):
            return
        self.starts = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
        self.number = len(self.starts)
        self.parts = np.zeros((self.number, len(features)))
        self.parts[np.arange(self.number), owner[self.i[self.starts]]] = 1
        self.parts[np.arange(self.number), owner[self.j[self.starts]]] = 1
        self.k = self._within(self.masks)
        self.log_weight = self._weights()

    def _weights(self) -> Reals:
        """The same in all for each pair; within one more for regions of a plausible size."""
        weight = plausible(self.k / self.n) * np.where(self.odd, ODD_ONE_OUT, 1.0)
        each = np.diff(np.append(self.starts, len(weight)))
        total = np.repeat(np.maximum(np.add.reduceat(weight, self.starts), 1e-300), each)
        with np.errstate(divide="ignore"):
            log_weight: Reals = np.log(weight / total / self.number)
        return log_weight

    def both(self) -> Masks:
        """(regions, n) trials inside each."""
        inside: Masks = np.empty((len(self.i), self.n), np.float32)
        for start in range(0, len(inside), TOGETHER):
            some = slice(start, start + TOGETHER)
            one, other = self.masks[self.i[some]], self.masks[self.j[some]]
            together = one * other
            inside[some] = np.where(self.odd[some, None], one + other - 2 * together, together)
        return inside

    def _within(self, masks: Masks) -> Whole:
        """(regions,) trials inside each, of those in the columns."""
        together = masks @ masks.T
        both, alone = together[self.i, self.j], np.diag(together)
        within = np.where(self.odd, alone[self.i] + alone[self.j] - 2 * both, both)
        return np.rint(within).astype(np.int64)

    def regions(self, hits: Mask, evidence: Evidence) -> Reals:
        """(regions,) log evidence of each, with its weight."""
        if not self.number:
            return np.zeros(0)
        found: Reals = evidence(self._within(self.masks[:, hits]), self.k, int(hits.sum()), self.n) + self.log_weight
        return found

    def observed(self, regions: Reals) -> Reals:
        """(pairs,) log evidence of each pair of hyperparameters, from that of all `regions`."""
        top = float(regions.max())
        if top == -np.inf:
            return np.full(self.number, -np.inf)
        with np.errstate(divide="ignore"):
            found: Reals = top + np.log(np.add.reduceat(np.exp(regions - top), self.starts))
        return found
