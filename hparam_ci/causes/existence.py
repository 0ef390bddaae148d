"""Whether an issue follows any hyperparameter at all: the best evidence of the sweep against that of dealt hits.

The statistic is the largest evidence of any hyperparameter, alone, in pairs and in threes, so that the search over
cuts, intervals, levels, pairs and hyperparameters is paid for in one step (the maximum of Westfall and Young, 1993).
Its null distribution comes from dealing the issue at random to the trials: exact at every n, with ties and correlated
hyperparameters. Dealing stops as soon as enough draws were as good as the data (Besag and Clifford, Biometrika 1991),
so that an issue without a cause costs some dozens of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.evidence import Evidence, log_sum
from hparam_ci.causes.feature import Family, Feature
from hparam_ci.causes.pairs import SIDES, Masks, Pairs, Reals
from hparam_ci.causes.triples import Triples
from hparam_ci.sources.table import Mask

BLOCK = 50
"""Draws at a time."""
ENOUGH = 20
"""Draws as good as the data after which the p-value is known well enough."""
FEW = 200
"""Draws after which data better than all of them are judged by the tail,"""
CLEARLY = 4
"""if that puts them so many times below the wanted level."""
MOST = 1_000
LARGE = 1_000
CLEAR = 1e-4  # the bound from the evidence alone; no draws can make it doubtful
PAIR_SHARE = 0.25
TRIPLE_SHARE = 0.01
"""Weight of three conditions, against 1 of all else: few causes are, and more would hide what is weak. Only draws say
what it is worth; it is no part of the bound."""
MET = 20
"""Regions of two that are met by a third,"""
WAYS = 3
"""each of which may be reached from any two of its conditions."""
TELLING = 0.05
"""Least share of the data's statistic from which on threes are asked for in the draws too. Without them a draw reaches
what it would reach with them but for the rare one that is as good by threes alone."""
PAIRS_UP_TO = 400
"""Trials; draws of pairs would take seconds in larger sweeps, where the bound from their evidence is sharp enough."""
PAIRS_AMONG = 60
"""Hyperparameters; time and memory grow with the square of their number."""
PAIRS_IF_LARGE = 0.05
"""Their share of the error budget there."""
TOGETHER = 50
"""Hyperparameters at a time: memory stays small however many there are."""
LARGEST = 600.0
TAIL = 0.05

Strata = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Existence:
    """How surprising the best evidence is.

    Attributes:
        p_value: corrected for the whole search.
        evidence: the log of the evidence.
        needed: about the log evidence that would reach the wanted level.
        usual: the median of what chance gives; NaN where that was not drawn.
    """

    p_value: float
    evidence: float
    needed: float
    usual: float = np.nan

    @property
    def further(self) -> float | None:
        """How many times as many trials at the same rates would about reach the level, for the log evidence beyond what
        chance gives grows with their number; None where there is none beyond it."""
        beyond = self.evidence - self.usual
        return max(1.0, (self.needed - self.usual) / beyond) if beyond > 0 else None


def exists(features: Sequence[Feature], hits: Mask, deals: Deals, wanted: float) -> Existence:
    """Test that no hyperparameter has to do with the hits.

    Args:
        features: hyperparameters over the n trials.
        hits: (n,) sick trials.
        deals: the null draws.
        wanted: the level at which the answer is used; far from it few draws are made.
    """
    paired = len(features) <= PAIRS_AMONG
    search = _Search(features, hits, pairs=paired and len(hits) <= PAIRS_UP_TO)
    if not search.features:  # nothing that could be a region: every hyperparameter is a text of its own in each trial
        return Existence(1.0, -np.inf, np.inf)
    observed, total = search.observed()
    bound = float(np.exp(-max(total, 0.0))) if deals.exchangeable else 1.0
    if deals.exchangeable and paired and len(hits) > PAIRS_UP_TO:
        bound = min(bound, _bound_of_pairs(features, hits) / PAIRS_IF_LARGE)
    if bound <= min(CLEAR, wanted / 10):
        return Existence(bound, observed, observed)
    if len(hits) > LARGE and deals.exchangeable and total < 0:
        return Existence(bound, observed, -float(np.log(wanted)))
    p, null = _compared(observed, search, deals, wanted)
    needed, usual = np.quantile(null, [1 - min(wanted, 0.5), 0.5], method="higher")
    return Existence(min(p, bound), observed, float(needed), float(usual))


def _compared(observed: float, search: _Search, deals: Deals, wanted: float) -> tuple[float, Reals]:
    """The p-value of the observed statistic, and the draws that it took."""
    null = np.zeros(0)
    while len(null) < MOST:
        null = np.concatenate([null, search.dealt(deals.draw(BLOCK))])
        reached = np.flatnonzero(null >= observed - 1e-9)
        if len(reached) >= ENOUGH:
            return ENOUGH / float(reached[ENOUGH - 1] + 1), null
        if not len(reached) and len(null) >= FEW and CLEARLY * _p_value(null, observed) <= wanted:
            break
    return _p_value(null, observed), null


def _bound_of_pairs(features: Sequence[Feature], hits: Mask) -> float:
    """A p-value from the evidence of pairs alone: conservative, and without draws."""
    pairs = Pairs(features, len(hits))
    return float(np.exp(-max(log_sum(pairs.regions(hits, Evidence(len(hits)))), 0.0)))


def _p_value(null: Reals, observed: float) -> float:
    """Share of draws that reach the observed value; beyond all of them an exponential tail.

    Its scale is at least 1: chance reaches evidence of e^x with a probability of at most e^-x.
    """
    above = int(np.count_nonzero(null >= observed - 1e-9))
    p = (above + 1) / (len(null) + 1)
    count = max(10, int(TAIL * len(null)))
    if above or len(null) < 4 * count:
        return p
    top = np.sort(null)[-count:]
    scale = max(float((top - top[0]).mean()), 1.0)
    return min(p, count / len(null) * float(np.exp(-(observed - top[0]) / scale)))


class Deals:
    """Null draws: the hits dealt anew to the trials, within strata."""

    def __init__(self, hits: Mask, seed: int, strata: Strata | None = None) -> None:
        self.hits = hits
        self._rng = np.random.default_rng(seed)
        stratum = np.zeros(len(hits), np.int64) if strata is None else strata
        self.exchangeable = bool((stratum == stratum[0]).all())
        groups = (np.flatnonzero(stratum == one) for one in np.unique(stratum))
        self._groups = [rows for rows in groups if 0 < hits[rows].sum() < len(rows)]

    def draw(self, draws: int) -> NDArray[np.bool_]:
        """(draws, n) dealt hits."""
        dealt = np.repeat(self.hits[None, :], draws, 0)
        for rows in self._groups:
            dealt[:, rows] = self._rng.permuted(np.tile(self.hits[rows], (draws, 1)), axis=1)
        return dealt


class _Search:
    """The evidence of every hyperparameter and pair, for the data and for many draws at once.

    All regions of all hyperparameters and pairs stand in one matrix (regions, n), so that the hits in each of them, for
    each draw, are one product.
    """

    def __init__(self, features: Sequence[Feature], hits: Mask, *, pairs: bool) -> None:
        self.hits, self.n, self.m = hits, len(hits), int(hits.sum())
        self.evidence = Evidence(self.n)
        known = [(feature, regions) for feature in features if (regions := feature.regions())]
        self.features = known
        searched = [feature for feature, _ in known]
        self.pairs = Pairs(searched if pairs else [], self.n)
        share = PAIR_SHARE if self.pairs.number else 0.0
        self.single_weight = (1 - share) / max(len(searched), 1)
        self.pair_weight = share
        self.parts = np.concatenate([np.eye(len(searched)), self.pairs.parts.reshape(self.pairs.number, len(searched))])
        self.triples = Triples(searched if self.pairs.number else [], self.n, self.m, self.evidence, SIDES)
        self.threes = False
        self._prepared: _Table | None = None

    def observed(self) -> tuple[float, float]:
        """The statistic of the data, and the log evidence of all hyperparameters and pairs together."""
        single = [
            float(np.log(self.single_weight)) + feature_evidence(feature, self.hits, self.evidence)
            for feature, _ in self.features
        ]
        values = np.array(single)
        regions = self.pairs.regions(self.hits, self.evidence)
        if self.pairs.number:
            values = np.concatenate([values, self.pairs.observed(regions) + np.log(self.pair_weight)])
        total = log_sum(values)
        if total == -np.inf:
            return -np.inf, -np.inf
        own = np.exp(values - total) @ self.parts
        with_threes = own
        if self.triples.number:
            with_threes = own + self._in_triples(regions[:, None], self.hits[None, :])[:, 0] * np.exp(-total)
        self.threes = bool(own.max() < (1 - TELLING) * with_threes.max())
        return total + float(np.log((with_threes if self.threes else own).max())), total

    def _in_triples(self, regions: Reals, dealt: NDArray[np.bool_]) -> Reals:
        """(hyperparameters, draws) the evidence of threes, from that of all regions of pairs (regions, draws)."""
        both = np.flatnonzero(~self.pairs.odd)
        most = min(MET, len(both))
        best = both[np.argpartition(regions[both], len(both) - most, axis=0)[-most:].T]
        shared = self.triples.shared(self.pairs.i[best], self.pairs.j[best], dealt)
        found: Reals = TRIPLE_SHARE / WAYS * shared.T
        return found

    def dealt(self, dealt: NDArray[np.bool_]) -> Reals:
        """(draws,) the statistic of each draw."""
        if not len(self.parts):
            return np.full(len(dealt), -np.inf)
        if self._prepared is None:
            self._prepared = self._table()
        values, regions = self._prepared.values(dealt)
        own = self.parts.T @ values
        if self.threes:
            own += self._in_triples(regions, dealt)
        with np.errstate(divide="ignore"):
            found: Reals = np.log(own.max(0))
        return found

    def _table(self) -> _Table:
        """All regions, those of one hyperparameter or pair after each other."""
        rows = [regions for _, regions in self.features]
        number = np.array([len(own.members) for own in rows])
        starts = np.cumsum(number) - number
        sizes: list[NDArray[Any]] = [own.members @ feature.counts for feature, own in self.features]
        inside = [self.single_weight * own.inside for own in rows]
        outside = [self.single_weight * own.outside for own in rows]
        if self.pairs.number:
            weight = self.pair_weight * np.exp(self.pairs.log_weight)
            sizes.append(self.pairs.k)
            inside.append(weight)
            outside.append(np.zeros(len(weight)))
            starts = np.concatenate([starts, self.pairs.starts + number.sum()])
        k, one, rest = (np.concatenate(part) for part in (sizes, inside, outside))
        worth = _Worth(k, one, rest, self.n, self.m, self.evidence)
        singles = [(feature, own.members) for feature, own in self.features]
        return _Table(singles, self.pairs.both() if self.pairs.number else None, starts, worth)


class _Worth:
    """The evidence (not its logarithm) of regions by their number of hits."""

    def __init__(self, sizes: Reals, inside: Reals, outside: Reals, n: int, m: int, evidence: Evidence) -> None:
        self.weight = inside[:, None]
        ratios, ratio = np.unique(np.round(outside / np.maximum(inside, 1e-300), 9), return_inverse=True)
        whole = np.rint(sizes).astype(np.int64)
        kinds, kind = np.unique(whole * len(ratios) + ratio, return_inverse=True)
        k, a = (kinds // len(ratios))[:, None], np.arange(m + 1)[None, :]
        sick = np.exp(np.minimum(evidence(a, k, m, n), LARGEST))
        rest = np.exp(np.minimum(evidence(m - a, n - k, m, n), LARGEST))
        self.by_hits = (sick + ratios[kinds % len(ratios)][:, None] * rest).ravel()
        self.row = (kind * (m + 1)).astype(np.int32)[:, None]

    def __call__(self, hits: Masks) -> Reals:
        """(regions, draws) from the hits in each, which are whole but for rounding; `hits` is used up."""
        hits += 0.5
        index = hits.astype(np.int32)
        index += self.row
        values: Reals = self.by_hits.take(index)
        values *= self.weight
        return values


class _Table:
    """The regions of all hyperparameters by the bins that they are made of, and those of all pairs by their trials."""

    def __init__(
        self, singles: Sequence[tuple[Feature, Masks]], pairs: Masks | None, starts: NDArray[np.int64], worth: _Worth
    ) -> None:
        self.pairs, self.starts, self.worth = pairs, starts, worth
        self.blocks = [singles[at : at + TOGETHER] for at in range(0, len(singles), TOGETHER)]
        self.trials = _trials_in_bins(self.blocks[0]) if len(self.blocks) == 1 else None

    def values(self, dealt: NDArray[np.bool_]) -> tuple[Reals, Reals]:
        """(hyperparameters and pairs, draws) the evidence of each in each draw; and that of the regions of pairs."""
        drawn = dealt.T.astype(np.float32)
        hits = np.empty((len(self.worth.weight), len(dealt)), np.float32)
        at = 0
        for block in self.blocks:
            in_bins = (_trials_in_bins(block) if self.trials is None else self.trials) @ drawn
            first = 0
            for feature, members in block:
                np.matmul(members, in_bins[first : first + feature.bins], out=hits[at : at + len(members)])
                at, first = at + len(members), first + feature.bins
        if self.pairs is not None:
            np.matmul(self.pairs, drawn, out=hits[at:])
        worth = self.worth(hits)
        found: Reals = np.add.reduceat(worth, self.starts, axis=0)
        return found, worth[at:]


def _trials_in_bins(block: Sequence[tuple[Feature, Masks]]) -> Masks:
    """(bins, n) 0/1: which trials lie in each bin of each hyperparameter."""
    return np.concatenate([np.arange(f.bins)[:, None] == f.codes for f, _ in block]).astype(np.float32)


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


def feature_evidence(feature: Feature, hits: Mask, evidence: Evidence) -> float:
    """Log evidence of one hyperparameter, averaged over its regions; -inf where it has none."""
    regions = feature.regions()
    if regions is None:
        return -np.inf
    n, m = len(hits), int(hits.sum())
    counts = np.bincount(feature.codes[hits], minlength=feature.bins)
    a, k = (np.rint(regions.members @ number).astype(np.int64) for number in (counts, feature.counts))
    weights = np.concatenate([regions.inside, regions.outside])
    values = evidence(np.concatenate([a, m - a]), np.concatenate([k, n - k]), m, n)
    return log_sum(np.where(weights > 0, values, -np.inf), weights)
