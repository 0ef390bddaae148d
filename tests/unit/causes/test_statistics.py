"""Intervals and tests against direct computation."""

from __future__ import annotations

from itertools import combinations
from math import comb, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.causes.statistics import LikelihoodRatio, corrected, fisher_greater, newcombe, wilson


@pytest.mark.parametrize(
    ("affected", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 100, 0.0018, 0.0545)],
)
def test_wilson_against_published_values(affected: int, n: int, low: float, high: float) -> None:
    assert wilson(affected, n) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_against_the_example_of_the_paper() -> None:
    """56/70 against 48/80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=1e-4)


@given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
def test_fisher_against_counting(a: int, k: int, b: int, m: int) -> None:
    a, b = min(a, k), min(b, m)
    hits = a + b
    total = comb(k + m, hits)
    tail = sum(comb(k, x) * comb(m, hits - x) for x in range(a, min(k, hits) + 1))
    assert fisher_greater(a, k, b, m) == pytest.approx(tail / total, rel=1e-9)


def test_the_likelihood_ratio_against_its_formula() -> None:
    def deviance(x: int, n: int) -> float:
        return sum(y * log(y / n) for y in (x, n - x) if y)

    ratio = LikelihoodRatio(30)
    for a, k in [(3, 10), (0, 10), (10, 10), (9, 20)]:
        expected = 2 * (deviance(a, k) + deviance(12 - a, 30 - k) - deviance(12, 30))
        assert float(ratio(*(np.array(x) for x in (a, k, 12, 30)))) == pytest.approx(expected, abs=1e-9)


def test_corrected_p_values_hold_their_level_over_all_families() -> None:
    rng = np.random.default_rng(1)
    false = sum(corrected(rng.gumbel(size=(6, 200)) ** 2).min() <= 0.05 for _ in range(600))
    assert false <= 48, "600 null searches at 5 % give more than 48 with a chance below 0.1 %"


def test_a_perfect_cut_is_as_rare_as_the_exact_count_says() -> None:
    """Of all ways to place 3 hits among 8 ranks, the share in which some cut separates them perfectly."""
    perfect = [c for c in combinations(range(8), 3) if c in ((0, 1, 2), (5, 6, 7))]
    assert len(perfect) / comb(8, 3) == pytest.approx(2 * fisher_greater(3, 3, 0, 5))
