"""From all conditions to the few that hold: searched together, corrected for the search, never the best-looking one.

For one issue over the trials that could have shown it:

1. Every hyperparameter offers families of conditions; a family is judged by the largest likelihood ratio among its
   conditions, against the same maximum when the issue is dealt at random to the trials (maximally selected
   statistics; Hothorn and Lausen 2003), and the families against each other by Westfall and Young.
2. The best condition that passes is a cause. If within it the issue again follows a second hyperparameter, and
   neither of the two alone looks sick, the cause is the pair.
3. A further cause must hold with the found ones fixed (stratified by them): hyperparameters that only moved with
   a cause drop out here. One that the data cannot tell from the cause is named beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.conditions import Family, Feature
from hparam_ci.causes.statistics import LikelihoodRatio, corrected, fisher_greater, newcombe
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Mask

LOOK = 199  # draws of a first look, which settles most scans
DRAWS = 999
LARGE = 4_000
CLEAR = 1e-5  # a first look that is this far from the null needs no second
MIN_HITS = 3
MIN_TRIALS = 6
MAX_CAUSES = 3
SUGGESTIVE = 0.25
MIN_DIFFERENCE = 0.10
MIN_DIFFERENCE_BOUND = 0.02
STRATUM = 8
PAIR = 0.1  # share of the error budget for a second condition: an over-told cause accuses an innocent

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A condition (or two) that passed, with its corrected p-value and the trials inside."""

    conditions: tuple[Condition, ...]
    p_value: float
    score: float
    region: Mask
    moves_with: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Candidate:
    feature: Feature
    family: Family
    statistics: Matrix
    member: int
    inside: bool
    p: float = 1.0


def find(features: Sequence[Feature], hits: Mask, alpha: float, seed: int) -> list[Found]:
    """The causes of one issue, best first; those with a p-value above `alpha` are suggestive (at most one).

    Args:
        features: hyperparameters over the n trials that could have shown the issue.
        hits: (n,) trials that did.
        alpha: chance of any invented cause for this issue.
        seed: of the null draws; the same seed gives the same answer.
    """
    n, m = len(hits), int(hits.sum())
    if n < MIN_TRIALS or m < MIN_HITS or m == n:
        return []
    rng = np.random.default_rng(seed)
    found: list[Found] = []
    strata = np.zeros(n, np.int64)
    used: set[str] = set()
    for step in range(MAX_CAUSES):
        wanted = alpha if step == 0 else alpha / 2
        candidates = _scan([f for f in features if f.name not in used], hits, strata, wanted, rng)
        best = _best(candidates)
        if best is None or best.p > (SUGGESTIVE if step == 0 else wanted):
            break
        p = best.p * (1 if step == 0 else 2)
        cause = _cause(best, p, features, hits, alpha, rng)
        if not _matters(cause.region, hits):
            break
        if step == 0 and len(cause.conditions) == 1:
            cause = _with_rivals(cause, candidates, features, hits, alpha, rng)
        found.append(cause)
        if p > alpha:
            break
        used |= {condition.param for condition in cause.conditions} | set(cause.moves_with)
        strata = _refined_strata(strata, cause, features)
    return found


def fewest_trials(n: int, m: int, hyperparameters: int) -> bool:
    """Whether even a perfect separation of m hits among n trials could pass the correction."""
    if m < MIN_HITS or n < MIN_TRIALS or m >= n:
        return False
    return fisher_greater(m, m, 0, n - m) * max(hyperparameters, 1) <= 0.05


# --- one scan -------------------------------------------------------------------------------------


def _scan(
    features: Sequence[Feature], hits: Mask, strata: NDArray[np.int64], wanted: float, rng: np.random.Generator
) -> list[_Candidate]:
    """Every family's best condition, with a p-value corrected over all families.

    A first look with few draws settles the scan if no family comes near `wanted`, or one is clear of the null.
    """
    if not 0 < hits.sum() < len(hits):
        return []
    smallest = max(2, -(-len(hits) // 50))
    searched = [(f, families) for f in features if (families := f.families(smallest))]
    if not searched:
        return []
    candidates = _judged(searched, _Draws(hits, strata, LOOK, rng))
    closest = min(candidate.p for candidate in candidates)
    if CLEAR < closest <= 2 * wanted + 0.02:
        candidates = _judged(searched, _Draws(hits, strata, DRAWS, rng))
    return candidates


def _judged(searched: Sequence[tuple[Feature, list[Family]]], draws: _Draws) -> list[_Candidate]:
    candidates = []
    for feature, families in searched:
        counts = draws.counts(feature)
        candidates += [_judge(feature, family, counts, draws) for family in families]
    adjusted = corrected(np.stack([candidate.statistics for candidate in candidates]))
    for candidate, p in zip(candidates, adjusted, strict=True):
        candidate.p = float(p) if candidate.statistics[0] > 0 else 1.0
    return candidates


def _best(candidates: Sequence[_Candidate]) -> _Candidate | None:
    return max(candidates, key=lambda c: (-c.p, c.statistics[0]), default=None)


class _Draws:
    """The data and draws of the null: the issue dealt at random to the trials, within each stratum.

    Up to LARGE trials the same draws serve all hyperparameters; above, the hits per bin are drawn directly (a
    multivariate hypergeometric), whose cost does not grow with n.
    """

    def __init__(self, hits: Mask, strata: NDArray[np.int64], draws: int, rng: np.random.Generator) -> None:
        self.hits, self.strata, self.draws, self.rng = hits, strata, draws, rng
        self.n, self.m = len(hits), int(hits.sum())
        self.stratified = bool(strata.any())
        self.dealt: NDArray[np.float32] | None = None
        if self.n <= LARGE:
            dealt = np.repeat(hits[None, :].astype(np.float32), draws + 1, 0)
            for stratum in np.unique(strata):
                rows = np.flatnonzero(strata == stratum)
                if 0 < hits[rows].sum() < len(rows):
                    dealt[1:, rows] = rng.permuted(dealt[1:, rows], axis=1)
            self.dealt = dealt
        sizes = np.bincount(strata)
        self.sizes, self.stratum_hits = sizes.astype(float), np.bincount(strata, hits)
        self.ratio = LikelihoodRatio(self.n)

    def counts(self, feature: Feature) -> Matrix:
        """(draws + 1, bins) hits in each bin."""
        if self.dealt is not None:
            one_hot = np.zeros((self.n, feature.bins), np.float32)
            one_hot[np.arange(self.n), feature.codes] = 1
            return (self.dealt @ one_hot).astype(float)
        table = self.table(feature)
        drawn = np.zeros((self.draws + 1, feature.bins))
        drawn[0] = np.bincount(feature.codes, self.hits, minlength=feature.bins)
        for row, hits in zip(table, self.stratum_hits, strict=True):
            drawn[1:] += self.rng.multivariate_hypergeometric(row, int(hits), self.draws, method="marginals")
        return drawn

    def table(self, feature: Feature) -> NDArray[np.int64]:
        """(strata, bins) trials."""
        cells = np.bincount(self.strata * feature.bins + feature.codes, minlength=len(self.sizes) * feature.bins)
        return cells.reshape(len(self.sizes), feature.bins)


def _judge(feature: Feature, family: Family, counts: Matrix, draws: _Draws) -> _Candidate:
    signed = _stratified(feature, family, counts, draws) if draws.stratified else _plain(feature, family, counts, draws)
    size = np.abs(signed)
    top = size[0].max()
    ties = np.flatnonzero(size[0] >= top - 1e-9)
    member = int(ties[len(ties) // 2])
    return _Candidate(feature, family, size.max(1), member, bool(signed[0, member] > 0))


def _plain(feature: Feature, family: Family, counts: Matrix, draws: _Draws) -> Matrix:
    """(draws + 1, conditions) likelihood ratios, positive where the inside is the sicker side."""
    among = family.among
    inside = np.rint(counts @ family.members.T).astype(np.int64)
    hits = np.rint(counts[:, among].sum(1, keepdims=True)).astype(np.int64)
    k = np.rint(family.members @ feature.counts).astype(np.int64)[None, :]
    n = int(feature.counts[among].sum())
    g2 = draws.ratio(inside, k, hits, np.array(n))
    sicker = inside * (n - k) >= (hits - inside) * k
    on_sick_side = np.where(sicker, inside, hits - inside)
    return np.where(on_sick_side >= MIN_HITS, np.where(sicker, g2, -g2), 0.0)


def _stratified(feature: Feature, family: Family, counts: Matrix, draws: _Draws) -> Matrix:
    """(draws + 1, conditions) signed Mantel-Haenszel scores (Mantel and Haenszel, 1959)."""
    cells = draws.table(feature).astype(float)
    rate = draws.stratum_hits / draws.sizes
    excess = counts @ family.members.T - (rate @ cells) @ family.members.T
    k = cells @ family.members.T
    size = draws.sizes[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (draws.stratum_hits * (draws.sizes - draws.stratum_hits) / (draws.sizes**2 * (draws.sizes - 1)))[
            :, None
        ]
    variance = (np.where(size > 1, spread, 0.0) * k * (size - k)).sum(0)
    scores = np.divide(excess * np.abs(excess), variance, out=np.zeros_like(excess), where=variance > 1e-9)
    observed = counts @ family.members.T
    side = np.where(scores > 0, observed, draws.m - observed)
    return np.where(side >= MIN_HITS, scores, 0.0)


# --- from the best condition to a cause -----------------------------------------------------------


def _cause(
    best: _Candidate, p: float, features: Sequence[Feature], hits: Mask, alpha: float, rng: np.random.Generator
) -> Found:
    lead = best.feature.condition(best.family, best.member, inside=best.inside)
    region = best.feature.mask(lead)
    conditions: tuple[Condition, ...] = (lead,)
    if p <= alpha and (second := _second(lead, region, features, hits, alpha, rng)):
        conditions = (lead, second)
    conditions = _sharpened(conditions, features, hits)
    region = _region(conditions, features)
    a, k, m, n = int(hits[region].sum()), int(region.sum()), int(hits.sum()), len(hits)
    score = float(LikelihoodRatio(n)(*(np.array(x) for x in (a, k, m, n))))
    return Found(conditions, min(1.0, p), score, region)


def _second(
    lead: Condition, region: Mask, features: Sequence[Feature], hits: Mask, alpha: float, rng: np.random.Generator
) -> Condition | None:
    """A second hyperparameter that the issue needs as well, or None."""
    inside = hits[region]
    if len(inside) < MIN_TRIALS or inside.sum() < MIN_HITS or (~inside).sum() < MIN_HITS:
        return None
    others = {f.name: f for f in features if f.name != lead.param}
    parts = [_part(feature, region) for feature in others.values()]
    candidates = _scan(parts, inside, np.zeros(len(inside), np.int64), alpha * PAIR, rng)
    best = _best([candidate for candidate in candidates if candidate.family.kind != "interval"])
    if best is None or best.p > alpha * PAIR:
        return None
    second = best.feature.condition(best.family, best.member, inside=best.inside)
    other = others[second.param].mask(second)
    return second if _needs_both(region, other, hits) else None


def _needs_both(a: Mask, b: Mask, hits: Mask) -> bool:
    """Whether either condition without the other looks like the trials outside both."""
    both, neither = a & b, ~a & ~b
    rate = hits[both].mean() if both.any() else 0.0
    for alone in (a & ~b, b & ~a):
        k, outside = int(alone.sum()), int(neither.sum())
        if not k or not outside:
            continue
        sick = int(hits[alone].sum())
        if fisher_greater(sick, k, int(hits[neither].sum()), outside) < 0.05 and sick / k > rate / 2:
            return False
    return True


def _part(feature: Feature, rows: Mask) -> Feature:
    """The same hyperparameter over some of the trials."""
    part = Feature.__new__(Feature)
    part.__dict__.update(feature.__dict__)
    part.values, part.blank, part.codes = feature.values[rows], feature.blank[rows], feature.codes[rows]
    part.counts = np.bincount(part.codes, minlength=feature.bins)
    return part


def _sharpened(conditions: tuple[Condition, ...], features: Sequence[Feature], hits: Mask) -> tuple[Condition, ...]:
    """Each threshold moved to its best cut between two single trials, the other conditions held."""
    by_name = {feature.name: feature for feature in features}
    ratio = LikelihoodRatio(len(hits))
    for i, condition in enumerate(conditions):
        feature = by_name[condition.param]
        if condition.op not in ("<=", ">") or feature.grid:
            continue
        rest = _region(conditions[:i] + conditions[i + 1 :], features) & ~feature.blank
        top = _best_cut(feature.values[rest], hits[rest], int(hits.sum()), len(hits), condition.op == "<=", ratio)
        if top is not None:
            conditions = (*conditions[:i], feature.cut(top, low_side=condition.op == "<="), *conditions[i + 1 :])
    return conditions


def _best_cut(x: NDArray[Any], hits: Mask, m: int, n: int, low_side: bool, ratio: LikelihoodRatio) -> float | None:
    order = np.argsort(x, kind="stable")
    x, hits = x[order], hits[order]
    ends = np.flatnonzero(x[1:] > x[:-1])
    if not len(ends):
        return None
    below: NDArray[np.int64] = np.cumsum(hits, dtype=np.int64)
    a, k = (below[ends], ends + 1) if low_side else (below[-1] - below[ends], len(x) - ends - 1)
    g2 = np.where(a * (n - k) > (m - a) * k, ratio(a, k, np.array(m), np.array(n)), 0.0)
    best = np.flatnonzero(g2 >= g2.max() - 1e-9)
    return float(x[ends[best[len(best) // 2]]])


def _region(conditions: tuple[Condition, ...], features: Sequence[Feature]) -> Mask:
    by_name = {feature.name: feature for feature in features}
    region = np.ones(len(features[0].codes), bool)
    for condition in conditions:
        region &= by_name[condition.param].mask(condition)
    return region


def _matters(region: Mask, hits: Mask) -> bool:
    """Whether the difference is large enough to act on, and not only real."""
    k, n = int(region.sum()), len(hits)
    if k in (0, n):
        return False
    a, b = int(hits[region].sum()), int(hits[~region].sum())
    low, _ = newcombe(a, k, b, n - k)
    return a / k - b / (n - k) >= MIN_DIFFERENCE and low > MIN_DIFFERENCE_BOUND


# --- what else could it be ------------------------------------------------------------------------


def _refined_strata(strata: NDArray[np.int64], cause: Found, features: Sequence[Feature]) -> NDArray[np.int64]:
    by_name = {feature.name: feature for feature in features}
    held = cause.region.astype(np.int64)
    for condition in cause.conditions:
        held = held * 6 + _held(by_name[condition.param], by_name[condition.param].mask(condition))
    combined = strata * (int(np.max(held)) + 1) + held
    dense: NDArray[np.int64] = np.unique(combined, return_inverse=True)[1].astype(np.int64)
    return dense


def _held(feature: Feature, mask: Mask) -> NDArray[np.int64]:
    """(n,) up to six strata that hold a condition fixed: its two sides, each in up to three slices by value.

    Slices keep a gradual effect from leaking into a hyperparameter that moves with this one.
    """
    strata = np.zeros(len(mask), np.int64)
    for side, rows in enumerate((np.flatnonzero(~mask), np.flatnonzero(mask))):
        slices = min(3, len(rows) // STRATUM) if feature.numeric else 1
        if slices > 1:
            codes = feature.codes[rows]
            rank = np.searchsorted(np.sort(codes), codes, side="left")
            strata[rows] = side * 3 + rank * slices // len(rows)
        else:
            strata[rows] = side * 3
    return strata


def _with_rivals(
    cause: Found,
    candidates: list[_Candidate],
    features: Sequence[Feature],
    hits: Mask,
    alpha: float,
    rng: np.random.Generator,
) -> Found:
    """The cause with the names of the hyperparameters that, held fixed, make it vanish."""
    lead = next(feature for feature in features if feature.name == cause.conditions[0].param)
    rivals: list[str] = []
    for candidate in sorted(candidates, key=lambda c: c.p):
        name = candidate.feature.name
        if candidate.p > alpha or name == lead.name or name in rivals or len(rivals) == 3:
            continue
        condition = candidate.feature.condition(candidate.family, candidate.member, inside=candidate.inside)
        strata = np.unique(_held(candidate.feature, candidate.feature.mask(condition)), return_inverse=True)[1].astype(
            np.int64
        )
        again = _best(_scan([lead], hits, strata, 0.05, rng))
        if again is None or again.p > 0.05:
            rivals.append(name)
    return Found(cause.conditions, cause.p_value, cause.score, cause.region, tuple(rivals))
