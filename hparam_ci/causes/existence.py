"""Whether an issue follows any hyperparameter at all: the best evidence of the sweep against that of dealt hits.

The statistic is the largest evidence of any hyperparameter, alone and in pairs, times its share of all the evidence
(one that stands out counts for more than one among many), so that the search over cuts, intervals, levels, pairs and
hyperparameters is paid for in one step (the maximum of Westfall and Young, 1993). Its null distribution comes from
dealing the issue at random to the trials: exact at every n, with ties and correlated hyperparameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.conditions import Family, Feature
from hparam_ci.causes.evidence import Evidence, log_sum
from hparam_ci.sources.table import Mask

FIRST_DRAWS = 199
FIRST_DRAWS_IF_LARGE = 99
LARGE = 1000
MORE_DRAWS = 1800
HOPELESS = 0.2
CLEAR = 1e-4  # the bound from the evidence alone; no draws can make it doubtful
PAIR_SHARE = 0.35
PAIR_PARTS = 6
PAIRS_UP_TO = 400
"""Trials; draws of pairs would take seconds in larger sweeps, where the bound from their evidence is sharp enough."""
PAIRS_IF_LARGE = 0.05
"""Their share of the error budget there."""
LARGEST = 600.0
CELLS = 1_000_000  # of a table that is computed at once
TAIL = 0.05

Reals = NDArray[np.float64]
Strata = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Existence:
    """How surprising the best evidence is: a p-value corrected for the whole search, and the evidence itself (log)."""

    p_value: float
    evidence: float
    needed: float


def exists(features: Sequence[Feature], hits: Mask, deals: Deals, wanted: float) -> Existence:
    """Test that no hyperparameter has to do with the hits.

    Args:
        features: hyperparameters over the n trials.
        hits: (n,) sick trials.
        deals: the null draws.
        wanted: the level at which the answer is used; far above it few draws are made.

    Returns:
        The p-value; `needed` is about the log evidence that would reach the level `wanted`.
    """
    large = len(hits) > LARGE
    search = _Search(features, hits, pairs=len(hits) <= PAIRS_UP_TO)
    if not search.features:  # nothing that could be a region: every hyperparameter is a text of its own in each trial
        return Existence(1.0, -np.inf, np.inf)
    observed, total = search.observed()
    bound = float(np.exp(-max(total, 0.0))) if deals.exchangeable else 1.0
    if deals.exchangeable and len(hits) > PAIRS_UP_TO:
        bound = min(bound, _bound_of_pairs(features, hits) / PAIRS_IF_LARGE)
    if bound <= min(CLEAR, wanted / 10):
        return Existence(bound, observed, observed)
    if large and deals.exchangeable and total < 0:
        return Existence(bound, observed, -float(np.log(wanted)))
    null = search.dealt(deals.draw(FIRST_DRAWS_IF_LARGE if large else FIRST_DRAWS))
    if _p_value(null, observed) < HOPELESS:
        null = np.concatenate([null, search.dealt(deals.draw(MORE_DRAWS))])
    return Existence(min(_p_value(null, observed), bound), observed, float(np.quantile(null, 1 - min(wanted, 0.5))))


def _bound_of_pairs(features: Sequence[Feature], hits: Mask) -> float:
    """A p-value from the evidence of pairs alone: conservative, and without draws."""
    pairs = _Pairs(features, len(hits), int(hits.sum()), Evidence(len(hits)))
    return float(np.exp(-max(log_sum(pairs.observed(hits)) - np.log(PAIR_SHARE), 0.0)))


def _p_value(null: Reals, observed: float) -> float:
    """Share of draws that reach the observed value; beyond all of them an exponential tail, as evidence has it."""
    above = int(np.count_nonzero(null >= observed - 1e-9))
    p = (above + 1) / (len(null) + 1)
    count = max(10, int(TAIL * len(null)))
    if above or len(null) < 4 * count:
        return p
    top = np.sort(null)[-count:]
    scale = max(float((top - top[0]).mean()), 0.3)
    return min(p, count / len(null) * float(np.exp(-(observed - top[0]) / scale)))


class Deals:
    """Null draws: the hits dealt anew to the trials, within strata, whole configurations at a time.

    Trials of one configuration are replicates: their hits are dealt together, because what one of them shows the others
    are likely to show for reasons that are no hyperparameter's.
    """

    def __init__(
        self, hits: Mask, seed: int, configurations: NDArray[Any] | None = None, strata: Strata | None = None
    ) -> None:
        n = len(hits)
        self.hits = hits
        self._rng = np.random.default_rng(seed)
        units = np.arange(n) if configurations is None else np.unique(configurations, return_inverse=True)[1]
        sizes = np.bincount(units)
        strata = np.zeros(n, np.int64) if strata is None else strata
        self.exchangeable = bool((sizes <= 1).all() and (strata == strata[0]).all())
        group = np.unique(strata * (n + 1) + sizes[units], return_inverse=True)[1]
        self._groups: list[NDArray[np.intp]] = []
        for one in range(int(group.max(initial=-1)) + 1):
            members = np.flatnonzero(group == one)
            members = members[np.argsort(units[members], kind="stable")]
            rows = members.reshape(-1, int(sizes[units[members[0]]]))
            if len(rows) > 1 and 0 < hits[rows].sum() < rows.size:
                self._groups.append(rows)

    def draw(self, draws: int) -> NDArray[np.bool_]:
        """(draws, n) dealt hits."""
        dealt = np.repeat(self.hits[None, :], draws, 0)
        for rows in self._groups:
            order = self._rng.permuted(np.tile(np.arange(len(rows)), (draws, 1)), axis=1)
            dealt[:, rows.ravel()] = self.hits[rows][order].reshape(draws, -1)
        return dealt


class _Search:
    """The evidence of every hyperparameter and pair, for the data and for many draws at once."""

    def __init__(self, features: Sequence[Feature], hits: Mask, *, pairs: bool) -> None:
        self.hits, self.n, self.m = hits, len(hits), int(hits.sum())
        self.features = [(feature, families) for feature in features if (families := feature.families())]
        self.evidence = Evidence(self.n)
        searched = [feature for feature, _ in self.features]
        self.pairs = _Pairs(searched if pairs else [], self.n, self.m, self.evidence)
        self._parts = np.concatenate(
            [np.eye(len(searched)), self.pairs.parts.reshape(self.pairs.number, len(searched))]
        )
        single = 1.0 - PAIR_SHARE if self.pairs.number else 1.0
        self.single_weight = np.log(single / max(len(self.features), 1))

    def observed(self) -> tuple[float, float]:
        """The statistic of the data, and the log evidence of all hyperparameters and pairs together."""
        single = [
            self.single_weight + feature_evidence(f, families, self.hits, self.evidence)
            for f, families in self.features
        ]
        values = np.array(single + self.pairs.observed(self.hits).tolist())
        total = log_sum(values)
        if total == -np.inf:
            return -np.inf, -np.inf
        own = np.exp(values - total) @ self._parts
        return total + 2 * float(np.log(own.max())), total

    def dealt(self, dealt: NDArray[np.bool_]) -> Reals:
        """(draws,) the statistic of each draw."""
        labels = dealt.astype(np.float32)
        values = np.zeros((len(dealt), len(self._parts)))
        for number, (feature, families) in enumerate(self.features):
            one_hot = np.zeros((self.n, feature.bins), np.float32)
            one_hot[np.arange(self.n), feature.codes] = 1
            counts = labels @ one_hot
            values[:, number] = sum(self._family(feature, family, counts) for family in families)
        values *= np.exp(self.single_weight)
        if self.pairs.number:
            values[:, len(self.features) :] = self.pairs.dealt(dealt)
        own, total = (values @ self._parts).max(1), values.sum(1)
        with np.errstate(divide="ignore"):
            found: Reals = 2 * np.log(own) - np.log(np.maximum(total, 1e-300))
        return found

    def _family(self, feature: Feature, family: Family, counts: NDArray[np.float32]) -> Reals:
        k, k_rest = sizes(feature, family)
        a = np.rint(counts @ family.members.T).astype(np.int64)
        a_rest = np.rint(counts[:, family.among].sum(1, keepdims=True)).astype(np.int64) - a
        return self._sum(a, k, family.inside) + self._sum(a_rest, k_rest, family.outside)

    def _sum(self, a: NDArray[np.int64], k: NDArray[np.int64], weights: Reals) -> Reals:
        if not weights.any():
            return np.zeros(len(a))
        if self.m < len(a):
            values = self.evidence(np.arange(self.m + 1)[None, :], k[:, None], self.m, self.n)
            table = np.exp(np.minimum(values, LARGEST)) * weights[:, None]
            found: Reals = table.ravel()[a + np.arange(len(k)) * (self.m + 1)].sum(1)
            return found
        direct: Reals = np.exp(np.minimum(self.evidence(a, k[None, :], self.m, self.n), LARGEST)) @ weights
        return direct


def sizes(feature: Feature, family: Family) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(regions,) trials inside each region, and in the rest that it is held against as a region."""
    k = np.rint(family.members @ feature.counts).astype(np.int64)
    return k, int(feature.counts[family.among].sum()) - k


def region_evidence(feature: Feature, family: Family, hits: Mask, evidence: Evidence) -> tuple[Reals, Reals]:
    """(regions,) log evidence of each region as the sick one, and of its rest, with the prior weights."""
    n, m = len(hits), int(hits.sum())
    counts = np.bincount(feature.codes[hits], minlength=feature.bins)
    k, k_rest = sizes(feature, family)
    a = np.rint(family.members @ counts).astype(np.int64)
    a_rest = int(counts[family.among].sum()) - a
    with np.errstate(divide="ignore"):
        return (
            evidence(a, k, m, n) + np.log(family.inside),
            evidence(a_rest, k_rest, m, n) + np.log(family.outside),
        )


def feature_evidence(feature: Feature, families: Sequence[Family], hits: Mask, evidence: Evidence) -> float:
    """Log evidence of one hyperparameter, averaged over its regions."""
    return log_sum(np.concatenate([x for f in families for x in region_evidence(feature, f, hits, evidence)]))


class _Pairs:
    """A coarse search over conjunctions of two hyperparameters, for those whose halves are too weak alone."""

    def __init__(self, features: Sequence[Feature], n: int, m: int, evidence: Evidence) -> None:
        self.number, self.parts = 0, np.zeros((0, len(features)))
        if len(features) < 2:
            return
        sides = [feature.sides(PAIR_PARTS) for feature in features]
        owner = np.repeat(np.arange(len(features)), [len(side) for side in sides])
        if not len(owner):
            return
        self.masks = np.concatenate([side[:, f.codes] for side, f in zip(sides, features, strict=True)])
        i, j = np.triu_indices(len(owner), 1)
        apart = owner[i] != owner[j]
        i, j = i[apart], j[apart]
        pair = owner[i] * len(features) + owner[j]
        order = np.argsort(pair, kind="stable")
        i, j, pair = i[order], j[order], pair[order]
        if not len(pair):
            return
        self.starts = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
        self.number = len(self.starts)
        self.parts = np.zeros((self.number, len(features)))
        self.parts[np.arange(self.number), owner[i[self.starts]]] = 1
        self.parts[np.arange(self.number), owner[j[self.starts]]] = 1
        each = np.diff(np.concatenate([self.starts, [len(pair)]]))
        weight = PAIR_SHARE / self.number / np.repeat(each, each)
        self.log_weight = np.log(weight)
        k = np.rint(self.masks @ self.masks.T).astype(np.int64)[i, j]
        self.flat = i * len(owner) + j
        self.n, self.m, self.k, self.evidence = n, m, k, evidence

    def _hits(self, hits: Mask) -> NDArray[np.int64]:
        inside = self.masks[:, hits]
        both: NDArray[np.int64] = np.rint((inside @ inside.T).ravel()[self.flat]).astype(np.int64)
        return both

    def _hits_of(self, dealt: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(draws, pairs of regions) hits inside both; each draw deals the same number of hits."""
        rows = np.nonzero(dealt)[1].reshape(len(dealt), -1)
        inside = np.ascontiguousarray(self.masks[:, rows].transpose(1, 0, 2))
        both = np.matmul(inside, inside.transpose(0, 2, 1)).reshape(len(dealt), -1)[:, self.flat]
        counts: NDArray[np.int64] = np.rint(both).astype(np.int64)
        return counts

    def observed(self, hits: Mask) -> Reals:
        """(pairs,) log evidence of each pair of hyperparameters."""
        if not self.number:
            return np.zeros(0)
        value = self.evidence(self._hits(hits), self.k, self.m, self.n) + self.log_weight
        top = float(value.max())
        if top == -np.inf:
            return np.full(self.number, -np.inf)
        with np.errstate(divide="ignore"):
            found: Reals = top + np.log(np.add.reduceat(np.exp(value - top), self.starts))
        return found

    def dealt(self, dealt: NDArray[np.bool_]) -> Reals:
        """(draws, pairs) evidence of each pair in each draw."""
        found = np.zeros((len(dealt), self.number))
        hit, size = np.arange(self.m + 1)[None, :], np.arange(self.n + 1)[:, None]
        table = np.exp(np.minimum(self.evidence(hit, size, self.m, self.n), LARGEST)).ravel()
        row, weight = self.k * (self.m + 1), np.exp(self.log_weight)
        together = max(1, CELLS // (len(self.masks) * max(self.m, len(self.masks))))
        for first in range(0, len(dealt), together):
            both = self._hits_of(dealt[first : first + together])
            found[first : first + together] = np.add.reduceat(table[row + both] * weight, self.starts, axis=1)
        return found
