"""Shortcuts of large sweeps say no more than what they stand for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors._ordinary import ALIKE, _most_together
from hparam_ci.detectors._spread import most_within
from hparam_ci.detectors.detector import Detection, Evidence
from hparam_ci.detectors.run import combinations

POSITIVE = st.floats(1e-3, 1e3) | st.sampled_from([0.5, 0.505, 0.51, 1.0, 1.01])


@given(st.lists(POSITIVE | st.sampled_from([0.0, -1.0]), max_size=30), st.sampled_from([0.01, 0.02, 0.5]))
def test_no_window_holds_more_than_the_bound(values: list[float], share: float) -> None:
    most = max((sum(low <= x <= (1 + share) * low for x in values) for low in values if low > 0), default=0)
    assert most_within(np.array(values), share) >= most


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=20))
def test_no_more_trials_are_alike_by_all_columns_than_the_bound(pairs: list[tuple[float, float]]) -> None:
    most = max(
        sum(a <= x <= (1 + ALIKE) * a and b <= y <= (1 + ALIKE) * b for x, y in pairs)
        for a, _ in pairs
        for _, b in pairs
    )
    assert _most_together(np.array(pairs).T) >= most


@given(st.integers(1, 9).flatmap(lambda k: st.lists(st.lists(st.integers(0, 2), min_size=k, max_size=k), min_size=1)))
def test_combinations_are_numbered_in_order(rows: list[list[int]]) -> None:
    states = np.array(rows, int).reshape(len(rows), -1)
    seen = [Detection(one == 2, one > 0, lambda _: Evidence("", "", "", "")) for one in states.T]
    order = {row: number for number, row in enumerate(sorted(set(map(tuple, rows))))}
    assert combinations(seen, len(rows)).tolist() == [order[tuple(row)] for row in rows]
