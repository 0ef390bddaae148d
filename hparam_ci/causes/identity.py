"""Which hyperparameters it is: the posterior over sets of up to three, on the evidence of all their regions.

A p-value says that something is there, not what. Here every way to explain the hits competes on one scale: one
hyperparameter (a step, an interval, levels, or a rise over three steps), two or three of them together (and), either of
two (or), two at odds (exclusive or), and a function of two (product or ratio). A condition that the data do not ask for
costs evidence, so that nothing innocent is named beside the cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.evidence import Evidence, constant, log_sum, plausible
from hparam_ci.causes.existence import PAIRS_AMONG, feature_evidence
from hparam_ci.causes.feature import FEW, Feature
from hparam_ci.causes.triples import Explained, Triples, explained
from hparam_ci.sources.table import Mask

Kind = Literal["one", "and", "or", "xor"]
Reals = NDArray[np.float64]

PARTS = (20, 12)
"""Parts of equal counts between which numbers are cut in pairs, of few and of many trials."""
WEIGHTS: dict[Kind, float] = {"one": 1.0, "and": 0.5, "or": 0.2, "xor": 0.02}
THREE = 0.1
"""Prior weight of three conditions."""
GRADED = 0.25
NEVER = -500.0
PAIRED = 40
"""Of more than `PAIRS_AMONG` hyperparameters only the pairs of those that separate best are searched."""


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """The posterior over explanations.

    Attributes:
        one: (p,) of each hyperparameter alone.
        two: by kind, (p, p) symmetric, of each pair.
        three: (t,) of each three of them together.
        triples: which these are, with the best region of each.
        evidence: log of the evidence of all explanations together.
    """

    one: Reals
    two: dict[Kind, Reals]
    three: Reals
    triples: Explained
    evidence: float

    @property
    def inclusion(self) -> Reals:
        """(p,) probability that a hyperparameter has part in the explanation."""
        total: Reals = self.one + sum(matrix.sum(1) for matrix in self.two.values())
        return total + self._in_triples(self.three)

    def without(self, lead: int) -> Reals:
        """(p,) probability of each hyperparameter in explanations that do without `lead`."""
        found = self.one + sum(matrix.sum(1) - matrix[:, lead] for matrix in self.two.values())
        found = found + self._in_triples(np.where((self.triples.names == lead).any(1), 0.0, self.three))
        found[lead] = 0
        rest: Reals = found
        return rest

    def _in_triples(self, three: Reals) -> Reals:
        """(p,) the sum of `three` over the triples that a hyperparameter has part in."""
        return np.bincount(self.triples.names.ravel(), np.repeat(three, 3), minlength=len(self.one)).astype(float)

    def partner(self, lead: int) -> tuple[Kind, int, float]:
        """The likeliest explanation with `lead`: its kind, the other one, and the other's inclusion given the kind."""
        options: list[tuple[Kind, int, float]] = [("one", lead, float(self.one[lead]))]
        options += [(kind, int(m[lead].argmax()), float(m[lead].max())) for kind, m in self.two.items() if m.size]
        return max(options, key=lambda option: option[2])


def identify(features: Sequence[Feature], hits: Mask, weights: Reals | None = None) -> Identity:
    """The posterior over which hyperparameters explain the hits, given that some do.

    Args:
        features: p hyperparameters over the n trials.
        hits: (n,) sick trials.
        weights: (p,) prior weights, where they differ.
    """
    n = len(hits)
    prior = np.zeros(len(features)) if weights is None else np.log(weights)
    evidence = Evidence(n)
    size = len(features)
    single = (
        np.array(
            [
                np.logaddexp(
                    feature_evidence(f, hits, evidence),
                    np.log(GRADED) + _graded(f, hits, evidence) if f.numeric else -np.inf,
                )
                for f in features
            ]
        )
        - np.log(max(size, 1))
        + prior
    )
    among = _paired(single)
    pairs = {
        kind: matrix + prior[:, None] + prior[None, :]
        for kind, matrix in _pairs(features, hits, evidence, among).items()
    }
    triples = explained(Triples([features[i] for i in among], n, int(hits.sum()), evidence), hits).of(among)
    threes = triples.values + np.log(THREE) + prior[triples.names].sum(1)
    top = max(float(x.max(initial=-np.inf)) for x in (single, threes, *pairs.values()))
    if top == -np.inf:
        return Identity(np.zeros(size), {kind: np.zeros((size, size)) for kind in pairs}, threes, triples, -np.inf)
    one, three = np.exp(single - top), np.exp(threes - top)
    two = {kind: np.exp(matrix - top) for kind, matrix in pairs.items()}
    total = one.sum() + sum(matrix.sum() / 2 for matrix in two.values()) + three.sum()
    by_kind = {kind: matrix / total for kind, matrix in two.items()}
    return Identity(one / total, by_kind, three / total, triples, top + float(np.log(total)))


def parts_among(n: int) -> int:
    """Between how many parts the numbers of n trials are cut."""
    return PARTS[n > FEW]


def _graded(feature: Feature, hits: Mask, evidence: Evidence) -> float:
    """Log evidence of a rate that rises or falls over three steps."""
    edges = np.array(feature.edges(parts_among(len(hits))))
    if len(edges) < 2:
        return -np.inf
    n, m = len(hits), int(hits.sum())
    bins = len(feature.labels)
    below = np.concatenate([[0], np.cumsum(feature.counts[:bins])])
    sick = np.concatenate([[0], np.cumsum(np.bincount(feature.codes[hits], minlength=feature.bins)[:bins])])
    i, j = np.triu_indices(len(edges), 1)
    k1, k2 = below[edges[i]], below[edges[j]]
    a1, a2 = sick[edges[i]], sick[edges[j]]
    middle = evidence.between(a2 - a1, k2 - k1)
    rising = evidence.outside(a1, k1) + middle + evidence.inside(sick[-1] - a2, below[-1] - k2)
    falling = evidence.inside(a1, k1) + middle + evidence.outside(sick[-1] - a2, below[-1] - k2)
    blank = evidence.outside(np.array(m - sick[-1]), np.array(n - below[-1]))
    both = np.concatenate([rising, falling]) + blank - constant(m, n)
    return log_sum(both) - float(np.log(len(both)))


def _paired(single: Reals) -> NDArray[np.intp]:
    """The hyperparameters whose pairs are searched: all, or those with the greatest evidence alone."""
    return (
        np.arange(len(single)) if len(single) <= PAIRS_AMONG else np.sort(np.argsort(-single, kind="stable")[:PAIRED])
    )


def _pairs(features: Sequence[Feature], hits: Mask, evidence: Evidence, paired: NDArray[np.intp]) -> dict[Kind, Reals]:
    """By kind, (p, p) log evidence of each pair of the hyperparameters `paired`, with its prior weight."""
    size, m, n = len(features), int(hits.sum()), len(hits)
    sides = [features[i].sides(parts_among(n)) for i in paired]
    owner = np.repeat(np.arange(len(paired)), [len(side) for side in sides])
    found: dict[Kind, Reals] = {}
    if size < 2 or not len(owner):
        return found
    masks = np.concatenate([side[:, features[i].codes] for side, i in zip(sides, paired, strict=True)])
    sick = masks[:, hits]
    k = np.rint(masks @ masks.T).astype(np.int64)
    a = np.rint(sick @ sick.T).astype(np.int64)
    alone_k, alone_a = np.diag(k), np.diag(a)
    either_k, either_a = alone_k[:, None] + alone_k - k, alone_a[:, None] + alone_a - a
    regions: dict[Kind, tuple[NDArray[np.int64], NDArray[np.int64]]] = {
        "and": (a, k),
        "or": (either_a, either_k),
        "xor": (either_a - a, either_k - k),
    }
    half = (alone_k / n * (1 - alone_k / n)) ** 2  # a condition that nearly all or hardly any trials meet is none
    halves: dict[Kind, Reals | float] = {"and": np.outer(half, half), "or": 1.0, "xor": 1.0}
    share = np.log(2 / (size * (size - 1)))
    for kind, (hit, within) in regions.items():
        with np.errstate(divide="ignore"):
            weight: Reals = np.log(plausible(within / n) * halves[kind])
        value = _by_owner(evidence(hit, within, m, n) + weight, owner, len(paired))
        value = value - np.maximum(_by_owner(weight, owner, len(paired)), NEVER) + share + np.log(WEIGHTS[kind])
        found[kind] = np.full((size, size), -np.inf)
        found[kind][np.ix_(paired, paired)] = value
    return found


def _by_owner(value: Reals, owner: NDArray[np.intp], size: int) -> Reals:
    """(p, p) log of the mean of exp(value) over the regions of each pair of hyperparameters."""
    top = float(value.max())
    if top == -np.inf:
        return np.full((size, size), -np.inf)
    number = np.bincount(owner, minlength=size)
    belongs = (owner[:, None] == np.arange(size)).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (belongs.T @ np.exp(value - top) @ belongs) / np.outer(number, number)
        found: Reals = top + np.log(np.where(np.outer(number, number) > 0, mean, 0.0))
    np.fill_diagonal(found, -np.inf)
    return found
