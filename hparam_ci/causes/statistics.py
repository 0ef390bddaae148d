"""Exact counts, intervals and null distributions. numpy only: scipy.stats would triple the start-up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054

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


def deviances(a: NDArray[np.int64], k: NDArray[np.int64], hits: int, n: int) -> Reals:
    """G2, the binomial deviance of `a` hits in `k` trials against the others of `hits` in `n`; 0 where a side is empty.

    Chosen over chi-squared because a cut that isolates one hit scores only 2 ln(n / hits), so that the edges of a
    range do not dominate a search over all cuts.
    """

    def log_likelihood(x: NDArray[np.int64], size: NDArray[np.int64]) -> Reals:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = [np.where(part > 0, part * np.log(part / size), 0.0) for part in (x, size - x)]
        return terms[0] + terms[1]

    a, k = np.asarray(a), np.asarray(k)
    whole = log_likelihood(np.asarray(hits), np.asarray(n))
    g2: Reals = 2 * (log_likelihood(a, k) + log_likelihood(hits - a, n - k) - whole)
    return np.where((k > 0) & (k < n), np.maximum(g2, 0.0), 0.0)


def deviance(a: int, k: int, b: int, m: int) -> float:
    """G2 of `a` hits in `k` trials against `b` in `m` others."""
    return float(deviances(np.array(a), np.array(k), a + b, k + m))
