"""Exact counts, intervals and null distributions. numpy only: scipy.stats would triple the start-up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
EULER_GAMMA = 0.5772156649015329

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]


def wilson(affected: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Score interval of a share (Wilson, JASA 1927), 0 to 1; (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    share = affected / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def newcombe(a: int, k: int, b: int, m: int) -> tuple[float, float]:
    """Interval of a/k - b/m from the two Wilson intervals (Newcombe, Stat. Med. 1998, method 10), -1 to 1."""
    if not k or not m:
        return -1.0, 1.0
    (low1, high1), (low2, high2) = wilson(a, k), wilson(b, m)
    p, q = a / k, b / m
    return p - q - math.hypot(p - low1, high2 - q), p - q + math.hypot(high1 - p, q - low2)


def fisher_greater(a: int, k: int, b: int, m: int) -> float:
    """One-sided exact p that a of k is the higher rate against b of m (Fisher 1935)."""
    hits, n = a + b, k + m
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])

    def log_choose(top: int, bottom: NDArray[np.int64] | int) -> Reals:
        chosen: Reals = log_factorial[top] - log_factorial[bottom] - log_factorial[top - bottom]
        return chosen

    x = np.arange(a, min(k, hits) + 1)
    tail = float(np.exp(log_choose(k, x) + log_choose(m, hits - x) - log_choose(n, hits)).sum())
    return min(1.0, tail)


class LikelihoodRatio:
    """G2, the binomial deviance of `a` hits in `k` trials against the `hits - a` in the `n - k` others.

    Chosen over chi-squared because a cut that isolates one hit scores only 2 ln(n / hits), so that the edges of a
    range do not dominate a search over all cuts.
    """

    def __init__(self, n: int) -> None:
        i = np.arange(n + 1, dtype=float)
        self._xlogx = np.concatenate([[0.0], i[1:] * np.log(i[1:])])

    def __call__(self, a: Counts, k: Counts, hits: Counts, n: Counts) -> Reals:
        """G2 for broadcastable counts; 0 where a side is empty."""
        x = self._xlogx
        b, m = hits - a, n - k
        inside = x[a] + x[k - a] - x[k]
        outside = x[b] + x[m - b] - x[m]
        g2: Reals = 2 * (inside + outside - x[hits] - x[n - hits] + x[n])
        return np.maximum(g2, 0.0)


def corrected(statistics: Reals) -> Reals:
    """Westfall-Young adjusted p-value of each family (Westfall and Young, 1993, single step).

    Args:
        statistics: (families, draws + 1); column 0 is the data, the others are draws of the null. Each family is first
            put on a common scale by its own null mean and deviation. Below the resolution of the draws the tail is
            taken from a Gumbel distribution fitted to the null's maxima.

    Returns:
        (families,) p-values, corrected for the search over all families.
    """
    null = statistics[:, 1:]
    mean, deviation = null.mean(1, keepdims=True), np.maximum(null.std(1, keepdims=True), 1e-9)
    scaled = (statistics - mean) / deviation
    maxima = scaled.max(0)
    draws = np.sort(maxima[1:])
    above = len(draws) - np.searchsorted(draws, scaled[:, 0] - 1e-9, side="left")
    p = (above + 1) / (len(draws) + 1)
    beta = max(float(draws.std()), 1e-9) * math.sqrt(6) / math.pi
    reduced = (scaled[:, 0] - (draws.mean() - EULER_GAMMA * beta)) / beta
    tail = -np.expm1(-np.exp(-np.clip(reduced, -30, 700)))
    adjusted: Reals = np.where(above == 0, np.minimum(p, tail), p)
    return adjusted
