"""Intervals and tests against direct computation."""

from __future__ import annotations

from math import comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.causes.statistics import deviance, fisher_greater, newcombe, wilson


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


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_the_deviance_against_its_formula(a: int, k: int, b: int, m: int) -> None:
    a, b = min(a, k), min(b, m)

    def log_likelihood(x: int, n: int) -> float:
        return sum(y * log(y / n) for y in (x, n - x) if y)

    expected = 2 * (log_likelihood(a, k) + log_likelihood(b, m) - log_likelihood(a + b, k + m)) if k and m else 0
    assert deviance(a, k, b, m) == pytest.approx(expected, abs=1e-9)


def test_the_difference_to_no_trials_may_be_anything() -> None:
    assert newcombe(0, 0, 3, 9) == newcombe(3, 9, 0, 0) == (-1.0, 1.0)
