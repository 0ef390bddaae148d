"""An unknown column is judged by its neighbours: people write settings together and results together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hparam_ci.sources.places import Place, places
from hparam_ci.sources.sweep import Metric, Reading, Role

S = Reading("s", Role.HYPERPARAMETER, "high", "")
R = Reading("r", Role.METRIC, "high", "", Metric("loss", None, "minimize"))
FIXED = Reading("f", Role.IGNORED, "high", "", known_as="setting")
OUTCOME = Reading("o", Role.IGNORED, "medium", "", known_as="outcome")
ID = Reading("i", Role.ID, "high", "")


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([S, None, S, R], Place.SETTINGS),
        ([FIXED, None, S, R], Place.SETTINGS),
        ([S, R, None, R], Place.RESULTS),
        ([S, R, ID, None, OUTCOME], Place.RESULTS),
        ([S, R, None], Place.RESULTS),
        ([S, None, R], Place.ANYWHERE),
        ([R, None, S], Place.ANYWHERE),
        ([None, S, R], Place.ANYWHERE),
        ([R, None, R], Place.ANYWHERE),
        ([S, R, S, R, S, None, S, R], Place.ANYWHERE),
    ],
)
def test_the_place_of_an_unknown_column(readings: Sequence[Reading | None], expected: Place) -> None:
    names = [f"{9 - i}" for i in range(len(readings))]
    assert places(names, readings)[list(readings).index(None)] is expected


def test_an_alphabetical_order_says_nothing() -> None:
    assert places(["a", "b", "c", "d"], [S, None, S, R]) == [Place.ANYWHERE] * 4
