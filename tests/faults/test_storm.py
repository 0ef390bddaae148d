"""A few seeded runs against a GitHub that fails in every way; `python -m tests.faults.storm --runs 1000` has more."""

from __future__ import annotations

import pytest

from tests.faults.storm import broken, run


@pytest.mark.parametrize("seed", range(16))
def test_the_verdict_stands_and_there_are_never_two_comments(seed: int) -> None:
    outcome = run(seed)
    assert not broken(outcome), outcome.log
