"""Products and ratios of two hyperparameters, such as lr / batch_size: told where they beat everything simpler."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hparam_ci.causes.evidence import Evidence, log_sum
from hparam_ci.causes.existence import region_evidence
from hparam_ci.causes.feature import Feature
from hparam_ci.causes.identity import Identity
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Cell, Column, Mask

PRIOR = 0.1
LEADS = 2
FEWEST_VALUES = 4
SURE = 0.8
"""Least probability that both have part in the explanation, of which the function is the likeliest form."""
ALIKE = 0.99
"""From this rank correlation with one of its parts on, a function only says again what that part does."""
SIGNS = {" × ": 1, " / ": -1}


def best_function(features: Sequence[Feature], hits: Mask, who: Identity) -> Feature | None:
    """The product or ratio with one of the leading hyperparameters, if both parts are `SURE` and no pair is likelier.

    Args:
        features: p hyperparameters over the n trials.
        hits: (n,) sick trials.
        who: the posterior over explanations without functions.
    """
    usable = [i for i, feature in enumerate(features) if _usable(feature)]
    leads = [i for i in np.argsort(-who.inclusion)[:LEADS].tolist() if i in usable]
    pairs = {tuple(sorted((i, j), key=lambda k: features[k].name)) for i in leads for j in usable if i != j}
    options = [(i, j, sign) for i, j in sorted(pairs) for sign in SIGNS]
    if not options:
        return None
    prior = np.log(PRIOR / (len(SIGNS) * len(usable) * (len(usable) - 1) / 2))
    evidence = Evidence(len(hits))
    made = [_made(features[i], features[j], sign) for i, j, sign in options]
    values = np.array([prior + _cuts(feature, hits, evidence) for feature in made])
    everything = float(np.logaddexp(log_sum(values), who.evidence))
    shares = np.exp(values - everything)
    best = int(shares.argmax())
    i, j, sign = options[best]
    pair = [float(matrix[i, j] * np.exp(who.evidence - everything)) for matrix in who.two.values()]
    both = sum(pair) + sum(share for share, option in zip(shares, options, strict=True) if option[:2] == (i, j))
    if both <= SURE or shares[best] <= max([0.0, *pair]) or any(_alike(made[best], features[part]) for part in (i, j)):
        return None
    turned = sign == " / " and _sick_below(made[best], hits)
    return _made(features[j], features[i], sign) if turned else made[best]


def _made(one: Feature, other: Feature, sign: str) -> Feature:
    return Feature(combined(one.column, other.column, sign), of=(one.name, other.name))


def _alike(function: Feature, part: Feature) -> bool:
    one, other = (np.unique(feature.values, return_inverse=True)[1] for feature in (function, part))
    return abs(float(np.corrcoef(one, other)[0, 1])) > ALIKE


def _sick_below(feature: Feature, hits: Mask) -> bool:
    """Whether the sick trials have the lower values: such a ratio is told the other way up."""
    return float(np.median(feature.values[hits])) < float(np.median(feature.values[~hits]))


def _usable(feature: Feature) -> bool:
    if not feature.numeric or feature.has_blank or len(feature.labels) < FEWEST_VALUES:
        return False
    return bool((feature.values > 0).all())


def sign_of(condition: Condition) -> str:
    """The sign in the name of a function's condition."""
    return next(sign for sign in SIGNS if condition.param == sign.join(condition.of))


def combined(one: Column, other: Column, sign: str) -> Column:
    """The product or ratio of two columns of positive numbers, as a column."""
    name = one.name + sign + other.name
    with np.errstate(invalid="ignore", divide="ignore"):
        values = one.values * other.values ** SIGNS[sign]
    kinds = np.where(np.isfinite(values), Cell.NUMBER, Cell.MISSING).astype(np.uint8)
    return Column(name, kinds, values, np.full(len(values), -1, np.int32), ())


def _cuts(feature: Feature, hits: Mask, evidence: Evidence) -> float:
    cuts = [family for family in feature.families() if family.kind == "cut"]
    return log_sum(np.concatenate([x for f in cuts for x in region_evidence(feature, f, hits, evidence)]))
