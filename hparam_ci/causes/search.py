"""From all conditions to the few that hold: searched together, corrected for the search, never the best-looking one.

For one issue over the trials that could have shown it:

1. Is there anything? The best evidence of any hyperparameter or pair, against dealt hits (`existence`).
2. What is it? The posterior over explanations (`identity`). A hyperparameter is asserted only where the explanations
   without it are improbable; else those that the data cannot tell apart are named together.
3. Where exactly? Thresholds at the resolution of single trials (`sharpen`).
4. What else? The same again over the trials outside of what was found, dealt within slices of it, so that a
   hyperparameter that only moved with a cause drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.conditions import Feature
from hparam_ci.causes.evidence import MIN_HITS, Evidence
from hparam_ci.causes.existence import Deals, Strata, exists, region_evidence
from hparam_ci.causes.identity import PARTS, Identity, identify
from hparam_ci.causes.sharpen import region, sharpened
from hparam_ci.causes.statistics import fisher_greater, newcombe
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Mask

MIN_TRIALS = 6
MAX_CAUSES = 3
SUGGESTIVE = 0.25
SURE = 0.65
"""Least probability that the named hyperparameter is the one."""
SURE_OF_BOTH = 0.65
MIN_DIFFERENCE = 0.10
MIN_DIFFERENCE_BOUND = 0.02
STRATUM = 8
SLICES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A condition (or a conjunction) that passed, with its corrected p-value and the trials inside."""

    conditions: tuple[Condition, ...]
    p_value: float
    score: float
    region: Mask
    moves_with: tuple[str, ...] = ()
    lacking: float | None = None


def find(
    features: Sequence[Feature],
    hits: Mask,
    alpha: float,
    seed: int,
    configurations: Strata | None = None,
) -> list[Found]:
    """The causes of one issue, best first; those with a p-value above `alpha` are suggestive (at most one).

    Args:
        features: hyperparameters over the n trials that could have shown the issue.
        hits: (n,) trials that did.
        alpha: chance of any invented cause for this issue.
        seed: of the null draws; the same seed gives the same answer.
        configurations: (n,) number of the configuration of each trial; replicates share one.
    """
    n, m = len(hits), int(hits.sum())
    found: list[Found] = []
    left, strata = np.ones(n, bool), np.zeros(n, np.int64)
    for step in range(MAX_CAUSES):
        wanted = alpha if step == 0 else alpha / 2
        sick = hits[left]
        if len(sick) < MIN_TRIALS or sick.sum() < MIN_HITS or sick.all():
            break
        parts = [feature.part(left) for feature in features]
        own = None if configurations is None else configurations[left]
        deals = Deals(sick, seed + step, own, strata[left])
        test = exists(parts, sick, deals, wanted)
        p = test.p_value * (1 if step == 0 else 2)
        if p > (SUGGESTIVE if step == 0 else alpha):
            break
        cause = _cause(parts, sick, p)
        if cause is None:
            break
        used = {condition.param for one in found for condition in one.conditions}
        if step and (cause.moves_with or used & {condition.param for condition in cause.conditions}):
            break
        everywhere = region(cause.conditions, {feature.name: feature for feature in features})
        if not _matters(cause.region, sick):
            break
        score = _score(everywhere, hits)
        found.append(replace(cause, region=everywhere, score=score))
        if p > alpha or cause.moves_with:
            break
        left = left & ~everywhere
        strata = _refined(strata, cause, features, left)
    return found


def _score(inside: Mask, hits: Mask) -> float:
    n, m = len(hits), int(hits.sum())
    value = Evidence(n)(np.array(int(hits[inside].sum())), np.array(int(inside.sum())), m, n)
    return float(value) if np.isfinite(value) else 0.0


def fewest_trials(n: int, m: int, hyperparameters: int) -> bool:
    """Whether even a perfect separation of m hits among n trials could pass the correction."""
    if m < MIN_HITS or n < MIN_TRIALS or m >= n:
        return False
    return fisher_greater(m, m, 0, n - m) * max(hyperparameters, 1) <= 0.05


# --- from the posterior to a cause ----------------------------------------------------------------


def _cause(features: Sequence[Feature], hits: Mask, p: float) -> Found | None:
    who = identify(features, hits)
    lead = int(who.inclusion.argmax())
    rivals: tuple[str, ...] = ()
    if who.inclusion[lead] < SURE:
        others = who.without(lead)
        rivals = tuple(features[i].name for i in np.argsort(-others)[:3] if others[i] > (1 - SURE) / 4)
    conditions = _conditions(features, hits, who, lead, alone=bool(rivals))
    if conditions is None:
        return None
    by_name = {feature.name: feature for feature in features}
    conditions = sharpened(conditions, by_name, hits)
    return Found(conditions, min(1.0, p), 0.0, region(conditions, by_name), rivals)


def _conditions(
    features: Sequence[Feature], hits: Mask, who: Identity, lead: int, *, alone: bool
) -> tuple[Condition, ...] | None:
    kind, partner, _ = who.partner(lead)
    if kind in ("and", "xor") and not alone and who.inclusion[partner] >= SURE_OF_BOTH:
        return _best_pair(features[lead], features[partner], hits)
    single = _best_single(features[lead], hits)
    return None if single is None else (single,)


def _best_single(feature: Feature, hits: Mask) -> Condition | None:
    """The best region of the likeliest family."""
    evidence = Evidence(len(hits))
    options = []
    for family in feature.families():
        for inside, values in zip((True, False), region_evidence(feature, family, hits, evidence), strict=True):
            if values.max(initial=-np.inf) > -np.inf:
                options.append((float(np.logaddexp.reduce(values)), family, inside, values))
    if not options:
        return None
    _, family, inside, values = max(options, key=lambda option: option[0])
    best = np.flatnonzero(values >= values.max() - 1e-9)
    return feature.condition(family, int(best[len(best) // 2]), inside=inside)


def _best_pair(one: Feature, other: Feature, hits: Mask) -> tuple[Condition, ...]:
    sides = one.sides(PARTS), other.sides(PARTS)
    masks = sides[0][:, one.codes], sides[1][:, other.codes]
    k = np.rint(masks[0] @ masks[1].T).astype(np.int64)
    a = np.rint(masks[0][:, hits] @ masks[1][:, hits].T).astype(np.int64)
    value = Evidence(len(hits))(a, k, int(hits.sum()), len(hits))
    i, j = np.unravel_index(int(value.argmax()), value.shape)
    return one.condition_of(sides[0][i]), other.condition_of(sides[1][j])


def _matters(inside: Mask, hits: Mask) -> bool:
    """Whether the difference is large enough to act on, and not only real."""
    k, n = int(inside.sum()), len(hits)
    if k in (0, n):
        return False
    a, b = int(hits[inside].sum()), int(hits[~inside].sum())
    low, _ = newcombe(a, k, b, n - k)
    return a / k - b / (n - k) >= MIN_DIFFERENCE and low > MIN_DIFFERENCE_BOUND


# --- what is held fixed ---------------------------------------------------------------------------


def _refined(strata: Strata, cause: Found, features: Sequence[Feature], left: Mask) -> Strata:
    """The strata, each cut into slices of the found hyperparameters' values, over the trials that are left.

    Slices keep a gradual effect from leaking into a hyperparameter that moves with this one.
    """
    by_name = {feature.name: feature for feature in features}
    rows = np.flatnonzero(left)
    refined = strata.copy()
    for condition in cause.conditions:
        feature = by_name[condition.param]
        slices = min(SLICES, len(rows) // STRATUM) if feature.numeric else 1
        if slices > 1:
            codes = feature.codes[rows]
            rank = np.searchsorted(np.sort(codes), codes, side="left")
            refined[rows] = refined[rows] * SLICES + rank * slices // len(rows)
    dense: NDArray[np.int64] = np.unique(refined, return_inverse=True)[1].astype(np.int64)
    return dense
