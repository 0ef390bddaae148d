"""From all conditions to the few that hold: searched together, corrected for the search, never the best-looking one.

For one issue over the trials that could have shown it:

1. Is there anything? The best evidence of any hyperparameter or pair, against dealt hits (`existence`).
2. What is it? The posterior over explanations (`identity`). A hyperparameter is asserted only where the explanations
   without it are improbable; else those that the data cannot tell apart are named together.
3. Where exactly? Thresholds at the resolution of single trials (`sharpen`).
4. What else? The same again over the trials outside of what was found, dealt within slices of it, so that a
   hyperparameter that only moved with a cause drops out; at last the opposite corner of a pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.conditions import holds
from hparam_ci.causes.evidence import MIN_HITS, Evidence
from hparam_ci.causes.existence import MOST, Deals, Strata, exists, region_evidence
from hparam_ci.causes.feature import Feature
from hparam_ci.causes.functions import best_function, combined, sign_of
from hparam_ci.causes.identity import Identity, Kind, identify, parts_among
from hparam_ci.causes.sharpen import region, sharpened
from hparam_ci.causes.statistics import fisher_greater, newcombe
from hparam_ci.causes.trials import SAMPLE, Sample
from hparam_ci.detectors.too_few_trials import is_provable
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Mask

MIN_TRIALS = 6
MAX_CAUSES = 4
SUGGESTIVE = 0.25
"""Up to this p-value something is a hint."""
SURE = 0.7
"""Least probability of the hyperparameter that is named, against all explanations without it."""
PAIR_SURE = 0.8
"""Least probability that a second one has part in it: it accuses an innocent where it has none,"""
PAIR_LIKELY = 0.5
"""or this, where each of the two also separates the trials that meet the other,"""
PAIR_CLEAR = 0.005
"""with a p-value of at most this,"""
PAIR_TAKES = 0.25
"""and takes out at least this share of them."""
ORDER_PRIOR = 0.1
"""That the order of the trials is the reason, against one hyperparameter."""
THIRD_CLEAR = 0.02
"""Greatest p-value of a third condition within a proven pair: an over-told cause accuses an innocent."""
MIN_DIFFERENCE = 0.10
MIN_DIFFERENCE_BOUND = 0.02
STRATUM = 8
CUTS = 20
SLICES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A condition (or a conjunction) that passed, with its corrected p-value and the trials inside.

    Attributes:
        conditions: all of them hold inside.
        p_value: of the search that found it.
        region: (n,) trials inside.
        moves_with: hyperparameters that the data cannot tell from the one in the conditions.
        same_as: other names of the hyperparameters in the conditions.
        box: a function of two hyperparameters, said roughly with a threshold on each.
        by_order: it follows the order of the trials and no hyperparameter.
        small: the difference is real, and too small to act on.
        factor: about how many times the trials it would take to prove it, where it is not proven.
    """

    conditions: tuple[Condition, ...]
    p_value: float
    region: Mask
    moves_with: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    box: tuple[Condition, ...] = ()
    by_order: bool = False
    small: bool = False
    factor: float | None = None


def find(sample: Sample, alpha: float) -> list[Found]:
    """The causes of one issue, best first; those with a p-value above `alpha` are suggestive (at most one).

    Args:
        sample: hyperparameters and hits of the trials that could have shown the issue.
        alpha: chance of any invented cause for this issue.
    """
    hits = sample.hits
    found: list[Found] = []
    left, strata = np.ones(len(hits), bool), sample.strata
    for step in range(MAX_CAUSES):
        told = [one for one in found if not one.by_order]
        sick = hits[left]
        if len(sick) < MIN_TRIALS or sick.sum() < MIN_HITS or sick.all():
            break
        parts = [feature.part(left) for feature in sample.features]
        deals = Deals(sick, sample.seed + step, strata[left])
        test = exists(parts, sick, deals, alpha / 2 if told else alpha)
        p = min(1.0, test.p_value * (2 if told else 1))
        if p > (alpha if told else SUGGESTIVE):
            break
        order = None if sample.order is None else sample.order.part(left)
        cause = _cause(parts, order, sick, p, alpha, sample.seed)
        if cause is None or _again(cause, told):
            break
        if not _matters(cause.region, sick):
            found += [replace(cause, small=True)] if not found and p <= alpha else []
            break
        if told and not _matters(_over_all(cause, sample), hits):
            break
        inside = np.zeros(len(hits), bool)
        inside[left] = cause.region
        if p > alpha:
            cause = replace(cause, factor=test.further)
        found.append(replace(cause, region=inside))
        if p > alpha or cause.moves_with:
            break
        left = left & ~inside
        if corner := _corner(cause, sample, left, alpha):
            found.append(corner)
            left = left & ~corner.region
        held = [f for f in (*sample.features, sample.order) if f is not None]
        strata = _refined(strata, cause, held, left)
    return found


def _corner(pair: Found, sample: Sample, left: Mask, alpha: float) -> Found | None:
    """The opposite corner of a pair, where trials fall sick too if two hyperparameters must not differ (or not agree).

    The one region is known, so that nothing is searched: Fisher's test is enough, or dealt hits where configurations
    were run unequally often.
    """
    if len(pair.conditions) != 2:
        return None
    parts = {feature.name: feature.part(left) for feature in sample.features}
    sick = sample.hits[left]
    conditions = tuple(parts[one.param].opposite(one) for one in pair.conditions)
    inside = region(conditions, parts)
    if not _matters(inside, sick):
        return None
    p = min(1.0, 2 * _chance_of(inside, sick, sample.strata[left], sample.seed))
    if p > alpha:
        return None
    conditions = sharpened(conditions, parts, sick)
    corner = np.zeros(len(left), bool)
    corner[left] = region(conditions, parts)
    return Found(conditions=conditions, p_value=p, region=corner)


def _chance_of(inside: Mask, hits: Mask, strata: Strata, seed: int) -> float:
    """The p-value of so many hits inside a region that is known."""
    a, k = int(hits[inside].sum()), int(inside.sum())
    deals = Deals(hits, seed, strata)
    if deals.exchangeable:
        return fisher_greater(a, k, int(hits.sum()) - a, len(hits) - k)
    dealt = deals.draw(MOST)
    return (1 + int((dealt[:, inside].sum(1) >= a).sum())) / (MOST + 1)


def _over_all(cause: Found, sample: Sample) -> Mask:
    """(n,) the trials that meet a further cause, those that an earlier one explains included."""
    columns = {f.name: f.column for f in (*sample.features, sample.order) if f is not None}
    inside = np.ones(len(sample.hits), bool)
    for condition in cause.conditions:
        parts = [columns[name] for name in condition.of or (condition.param,)]
        inside &= holds(condition, combined(parts[0], parts[1], sign_of(condition)) if condition.of else parts[0])
    return inside


def _again(cause: Found, told: list[Found]) -> bool:
    """Whether a further cause is one hyperparameter that was named already: what is left of a gradual effect."""
    used = {condition.param for one in told for condition in one.conditions}
    names = {condition.param for condition in cause.conditions}
    return bool(told) and (bool(cause.moves_with) or names <= used)


def at_best(n: int, m: int, hyperparameters: int) -> float:
    """How much evidence (log) m hits among n trials could show at best, beyond what the search costs."""
    if not fewest_trials(n, m, hyperparameters):
        return 0.0
    if n > SAMPLE:
        n, m = SAMPLE, max(MIN_HITS, m * SAMPLE // n)
    perfect = float(Evidence(n)(np.array(m), np.array(m), m, n))
    return max(perfect - float(np.log(hyperparameters * CUTS)), 1.0)


def fewest_trials(n: int, m: int, hyperparameters: int) -> bool:
    """Whether even a perfect separation of m hits among n trials could pass the correction."""
    if m < MIN_HITS or n < MIN_TRIALS or m >= n:
        return False
    return n > 1_000 or is_provable(n, m, hyperparameters)


# --- from the posterior to a cause ----------------------------------------------------------------


def _cause(
    features: Sequence[Feature], order: Feature | None, hits: Mask, p: float, alpha: float, seed: int
) -> Found | None:
    known = [*features, *([order] if order else [])]
    who = identify(known, hits, np.array([1.0] * len(features) + [ORDER_PRIOR] * (order is not None)))
    lead = int(who.inclusion.argmax())
    if known[lead] is order:
        return _told((_best_single(order, hits),), known, hits, p, by_order=True)
    if p <= alpha and (function := best_function(features, hits, who)):
        return _told_function(function, features, hits, p)
    rivals = _rivals(known, who, lead)
    conditions = _conditions(known, hits, who, lead, alone=bool(rivals) or p > alpha, order=order)
    if len(conditions) == 2 and (third := _third(conditions, features, hits, seed)):
        conditions = (*conditions, third)
    return _told(conditions, known, hits, p, moves_with=rivals)


def _rivals(features: Sequence[Feature], who: Identity, lead: int) -> tuple[str, ...]:
    """Up to three others that may be the reason instead, if the lead is not sure to be."""
    if who.inclusion[lead] >= SURE:
        return ()
    others = who.without(lead)
    return tuple(features[i].name for i in np.argsort(-others)[:3] if others[i] > (1 - SURE) / 4)


def _told(
    conditions: tuple[Condition | None, ...],
    features: Sequence[Feature],
    hits: Mask,
    p: float,
    *,
    moves_with: tuple[str, ...] = (),
    by_order: bool = False,
) -> Found | None:
    known = tuple(condition for condition in conditions if condition is not None)
    if not known:
        return None
    by_name = {feature.name: feature for feature in features}
    known = _needed(sharpened(known, by_name, hits), by_name, hits)
    return Found(
        conditions=known,
        p_value=p,
        region=region(known, by_name),
        moves_with=moves_with,
        same_as=tuple(alias for condition in known for alias in by_name[condition.param].aliases),
        by_order=by_order,
    )


def _needed(conditions: tuple[Condition, ...], features: Mapping[str, Feature], hits: Mask) -> tuple[Condition, ...]:
    """The conditions without those that make no difference among the trials that meet the others."""
    for condition in conditions:
        others = tuple(other for other in conditions if other is not condition)
        rest = region(others, features)
        if others and not _matters(features[condition.param].mask(condition)[rest], hits[rest]):
            return _needed(sharpened(others, features, hits), features, hits)
    return conditions


def _told_function(function: Feature, features: Sequence[Feature], hits: Mask, p: float) -> Found | None:
    found = _told((_best_single(function, hits),), [*features, function], hits, p)
    if found is None:
        return None
    by_name = {feature.name: feature for feature in features}
    one, other = (by_name[name] for name in function.of)
    return replace(found, box=sharpened(_best_pair(one, other, hits), by_name, hits))


def _conditions(
    features: Sequence[Feature], hits: Mask, who: Identity, lead: int, *, alone: bool, order: Feature | None
) -> tuple[Condition | None, ...]:
    kind, partner, _ = who.partner(lead)
    if not alone and (three := _sure_three(features, who, order)):
        return three
    likely = kind in ("and", "xor") and features[partner] is not order and who.inclusion[partner] >= PAIR_LIKELY
    if likely and not alone and (pair := _best_pair(features[lead], features[partner], hits, kind)):
        by_name = {feature.name: feature for feature in features}
        if who.inclusion[partner] >= PAIR_SURE or _separate(sharpened(pair, by_name, hits), by_name, hits):
            return pair
    return (_best_single(features[lead], hits),)


def _sure_three(features: Sequence[Feature], who: Identity, order: Feature | None) -> tuple[Condition, ...]:
    """The likeliest conjunction of three, if each of the three is sure to have part in the explanation."""
    if not len(who.three):
        return ()
    best = int(who.three.argmax())
    three = who.triples.names[best].tolist()
    if any(who.inclusion[i] < PAIR_SURE or features[i] is order for i in three):
        return ()
    sides = sorted(zip(three, who.triples.best[best], strict=True), key=lambda own: -who.inclusion[own[0]])
    return tuple(features[i].condition_of(side) for i, side in sides)


def _separate(conditions: tuple[Condition, ...], features: Mapping[str, Feature], hits: Mask) -> bool:
    """Whether each of the conditions clearly separates the trials that meet the others."""
    inside = region(conditions, features)
    a, k = int(hits[inside].sum()), int(inside.sum())
    for condition in conditions:
        rest = region(tuple(other for other in conditions if other is not condition), features) & ~inside
        b, out = int(hits[rest].sum()), int(rest.sum())
        if out < PAIR_TAKES * (k + out) or fisher_greater(a, k, b, out) > PAIR_CLEAR:
            return False
    return True


def _third(pair: tuple[Condition | None, ...], features: Sequence[Feature], hits: Mask, seed: int) -> Condition | None:
    """A third condition, if within the two the issue follows one more hyperparameter, and clearly."""
    known = tuple(condition for condition in pair if condition is not None)
    inside = region(sharpened(known, {f.name: f for f in features}, hits), {f.name: f for f in features})
    sick = hits[inside]
    if min(sick.sum(), (~sick).sum()) < MIN_HITS:
        return None
    others = [f.part(inside) for f in features if f.name not in {condition.param for condition in known}]
    if not others or exists(others, sick, Deals(sick, seed), THIRD_CLEAR).p_value > THIRD_CLEAR:
        return None
    who = identify(others, sick)
    lead = int(who.inclusion.argmax())
    if who.inclusion[lead] < SURE or who.partner(lead)[0] != "one":
        return None
    return _best_single(others[lead], sick)


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


def _best_pair(one: Feature, other: Feature, hits: Mask, kind: Kind = "and") -> tuple[Condition, ...]:
    """The best region in which two conditions hold, or one of the two corners of the best exclusive or."""
    sides = one.sides(parts_among(len(hits))), other.sides(parts_among(len(hits)))
    masks = sides[0][:, one.codes], sides[1][:, other.codes]

    def held(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.int64]:
        both = x @ y.T
        number: NDArray[np.int64] = np.rint(
            both if kind == "and" else x.sum(1)[:, None] + y.sum(1)[None, :] - 2 * both
        ).astype(np.int64)
        return number

    a, k = held(masks[0][:, hits], masks[1][:, hits]), held(*masks)
    value = Evidence(len(hits))(a, k, int(hits.sum()), len(hits))
    if value.max(initial=-np.inf) == -np.inf:
        return ()
    i, j = np.unravel_index(int(value.argmax()), value.shape)
    first, second = one.condition_of(sides[0][i]), other.condition_of(sides[1][j])
    return first, other.opposite(second) if kind == "xor" else second


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
    for name in dict.fromkeys(name for condition in cause.conditions for name in condition.of or (condition.param,)):
        feature = by_name[name]
        slices = min(SLICES, len(rows) // STRATUM) if feature.numeric else 1
        if slices > 1:
            codes = feature.codes[rows]
            rank = np.searchsorted(np.sort(codes), codes, side="left")
            refined[rows] = refined[rows] * SLICES + rank * slices // len(rows)
    dense: NDArray[np.int64] = np.unique(refined, return_inverse=True)[1].astype(np.int64)
    return dense
