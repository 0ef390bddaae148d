"""When trials began and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from hparam_ci.sources.sweep import Sweep

Make = Callable[..., Sweep]
LR, LOSS = [1e-3, 1e-2, 1e-1], [0.5, 0.4, ""]


@pytest.mark.parametrize(
    ("names", "starts", "ends"),
    [
        (("start_time", "end_time"), ["2026-03-01 08:00:00+00:00"] * 3, ["2026-03-01 08:01:30.500+00:00"] * 2 + [""]),
        (("datetime_start", "datetime_complete"), ["2026-03-01T08:00:00"] * 3, ["2026-03-01T08:01:30.5"] * 2 + [""]),
        (("TrainingStartTime", "TrainingEndTime"), ["2026-03-01 08:00:00"] * 3, ["2026-03-01 08:01:30.5"] * 2 + [""]),
        (("started", "finished"), [1.7e9] * 3, [1.7e9 + 90.5] * 2 + [""]),
        (("start_time", "end_time"), [1.7e12] * 3, [1.7e12 + 90_500] * 2 + [""]),
    ],
)
def test_from_start_to_end(sweep_of: Make, names: Sequence[str], starts: list[Any], ends: list[Any]) -> None:
    sweep = sweep_of(lr=LR, val_loss=LOSS, **dict(zip(names, (starts, ends), strict=True)))
    assert sweep.seconds is not None
    np.testing.assert_allclose(sweep.seconds, [90.5, 90.5, np.nan])
    assert sweep.seconds_column == names[1]


def test_a_duration_column_comes_first(sweep_of: Make) -> None:
    starts, ends = ["2026-03-01 08:00:00"] * 3, ["2026-03-01 09:00:00"] * 3
    sweep = sweep_of(lr=LR, val_loss=LOSS, start_time=starts, end_time=ends, seconds=[1, 2, 3])
    assert sweep.seconds is not None
    assert sweep.seconds.tolist() == [1, 2, 3]
    assert sweep.seconds_column == "seconds"


def test_a_duration_may_be_blank_in_words(sweep_of: Make) -> None:
    sweep = sweep_of(lr=LR, val_loss=LOSS, train_time=["1h 23m", "-", "55m 2s"])
    assert sweep.seconds is not None
    np.testing.assert_array_equal(sweep.seconds, [4980, np.nan, 3302])
    assert sweep_of(lr=LR, val_loss=LOSS, train_time=["-", "n/a", "-"]).seconds is None


def test_an_end_before_its_start_is_none(sweep_of: Make) -> None:
    starts, ends = ["2026-03-01 09:00:00"] * 3, ["2026-03-01 08:00:00"] * 3
    sweep = sweep_of(lr=LR, val_loss=LOSS, start_time=starts, end_time=ends)
    assert sweep.seconds is not None
    assert np.isnan(sweep.seconds).all()


def test_without_an_end(sweep_of: Make) -> None:
    sweep = sweep_of(lr=LR, val_loss=LOSS, created_at=["2026-03-01 08:00:00"] * 3)
    assert sweep.seconds is None
    assert sweep.seconds_column == ""
    assert sweep.began is not None
