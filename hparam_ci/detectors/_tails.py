"""Exact and normal tails; numpy only, because scipy.stats would triple the start-up."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from hparam_ci.sources.table import Floats


@lru_cache(maxsize=2)
def log_factorials(n: int) -> Floats:
    """(n + 1,) ln(0!) to ln(n!); read-only. Kept, since a sweep asks for those of the same n again and again."""
    logs: Floats = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    logs.flags.writeable = False
    return logs


def drawn_at_least(hits: int, drawn: int, marked: int, n: int) -> float:
    """Probability that at least `hits` of `drawn` trials, taken at random from n, are among the `marked` ones
    (hypergeometric, as in Fisher's exact test)."""
    logs = log_factorials(n)
    x = np.arange(max(hits, drawn - (n - marked), 0), min(drawn, marked) + 1)
    if not len(x):
        return 0.0
    ways = logs[marked] - logs[x] - logs[marked - x]
    ways = ways + logs[n - marked] - logs[drawn - x] - logs[n - marked - drawn + x]
    return min(1.0, float(np.exp(ways + logs[drawn] + logs[n - drawn] - logs[n]).sum()))


def best_of(k: int, level: float = 0.95) -> float:
    """How many standard deviations the best of k equals leads by luck alone; less than that in `level` of the cases."""
    return NormalDist().inv_cdf(level ** (1 / max(k, 1)))


def correlated_by_chance(rho: float, n: int) -> float:
    """Probability of a rank correlation at least as far from 0 among n independent pairs: Student's t with n - 2
    degrees of freedom, and never below 2 / n!, the probability of two equal or opposite orders."""
    if n < 3:
        return 1.0
    angle = math.asin(min(abs(rho), 1.0))  # t = sqrt(n - 2) tan(angle) has the density cos^(n - 3)
    theta = np.linspace(angle, math.pi / 2, 2001)
    whole = np.linspace(0, math.pi / 2, 2001)
    tail = np.trapezoid(np.cos(theta) ** (n - 3), theta) / np.trapezoid(np.cos(whole) ** (n - 3), whole)
    return min(1.0, max(float(tail), 2 / math.factorial(min(n, 100))))
