"""How well a region of the search space explains who is sick, on one scale for regions of every kind.

The evidence for a region is a Bayes factor: the probability of the hits if trials inside fall sick at one rate and
trials outside at another (both unknown, the first likely high, the second likely low), over their probability if all
share the one rate that fits best. Averaged over regions with weights that sum to one, it is an e-value: under a common
rate its expectation is at most 1, so that 1 / evidence is a valid p-value for a search over all those regions
(universal inference: Wasserman, Ramdas and Balakrishnan, PNAS 2020; Grünwald, de Heide and Koolen, JRSS B 2024).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INSIDE = (2.0, 1.0)
OUTSIDE = (0.5, 5.0)
"""Beta priors of the two rates: with their means of 2/3 and 1/11, far from certain of either. Outside of what makes
trials sick often none is."""
MIN_HITS = 3

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]


class Evidence:
    """Natural logarithm of the evidence, from tables for up to n trials."""

    def __init__(self, n: int) -> None:
        self._in = [_rising(prior, n) for prior in (*INSIDE, sum(INSIDE))]
        self._out = [_rising(prior, n) for prior in (*OUTSIDE, sum(OUTSIDE))]
        self._flat = [_rising(prior, n) for prior in (1.0, 1.0, 2.0)]

    def __call__(self, a: Whole, k: Whole, m: int, n: int) -> Reals:
        """For `a` hits in `k` trials inside and `m - a` in the `n - k` outside; -inf where either side is too small."""
        b, rest = m - a, n - k
        possible = (a >= min(MIN_HITS, m)) & (rest > 0) & (b >= 0) & (b <= rest) & (a <= k)
        a, b, k, rest = (np.where(possible, x, 0) for x in (a, b, k, rest))
        value = self.inside(a, k) + self.outside(b, rest) - constant(m, n)
        return np.where(possible, value, -np.inf)

    def inside(self, a: Whole, k: Whole) -> Reals:
        """Log probability of `a` hits, in their order, in `k` trials of a sick region."""
        return _log_beta_binomial(self._in, a, k)

    def outside(self, a: Whole, k: Whole) -> Reals:
        """The same where trials are healthy."""
        return _log_beta_binomial(self._out, a, k)

    def between(self, a: Whole, k: Whole) -> Reals:
        """The same at a rate of which nothing is known."""
        return _log_beta_binomial(self._flat, a, k)


def constant(m: int, n: int) -> float:
    """Log probability of m hits among n trials at the one rate that fits best."""
    return float(sum(x * np.log(x / n) for x in (m, n - m) if x))


def _rising(start: float, n: int) -> Reals:
    """(n + 1,) log of start (start + 1) … (start + i - 1)."""
    return np.concatenate([[0.0], np.cumsum(np.log(start + np.arange(n)))])


def _log_beta_binomial(tables: list[Reals], a: Whole, k: Whole) -> Reals:
    hits, misses, total = tables
    value: Reals = hits[a] + misses[k - a] - total[k]
    return value


def plausible(share: Reals) -> Reals:
    """The prior density, up to a constant, of regions that hold such shares of the trials: Beta(1.5, 2.5).

    Few people search a space that is mostly sick.
    """
    density: Reals = np.sqrt(share * (1 - share)) * (1 - share)
    return density


def log_sum(values: Reals, weights: Reals | float = 1.0) -> float:
    """log of the weighted sum of exp(values), -inf for none."""
    top = float(values.max(initial=-np.inf))
    if top == -np.inf:
        return -np.inf
    total = float((np.exp(values - top) * weights).sum())
    return top + float(np.log(total)) if total > 0 else -np.inf
