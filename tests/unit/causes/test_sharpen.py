"""Thresholds at the resolution of single trials, and thresholds of a sample on all trials."""

from __future__ import annotations

import numpy as np
import pytest

from hparam_ci.causes.feature import Feature
from hparam_ci.causes.sharpen import on_all_trials, region, sharpened
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Cell, Column

CUT = 0.5


def column(name: str, values: np.ndarray) -> Column:
    n = len(values)
    return Column(name, np.full(n, Cell.NUMBER, np.uint8), values, np.full(n, -1, np.int32), ())


def uniform(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 1, n)


@pytest.mark.parametrize(("low", "high"), [(0.49, 0.51), (0.52, 0.54), (0.56, 0.6), (0.45, 0.48), (0.4, 0.44)])
@pytest.mark.parametrize("op", [">", "<="])
def test_a_cut_beside_the_interval_of_the_sample_is_found_on_all_trials(op: str, low: float, high: float) -> None:
    x = uniform(20_000, 1)
    sick = (x > CUT) if op == ">" else (x <= CUT)
    hits = sick & (np.random.default_rng(2).random(len(x)) < 0.9)
    guess = Condition("lr", op, (low + high) / 2, interval=(low, high))  # type: ignore[arg-type]
    (moved,) = on_all_trials((guess,), {"lr": column("lr", x)}, hits, np.ones(len(x), bool))
    assert moved.interval is not None
    assert moved.interval[0] <= CUT <= moved.interval[1]
    assert moved.interval[1] - moved.interval[0] < 0.005
    assert isinstance(moved.value, float)
    assert abs(moved.value - CUT) < 0.005


def test_a_cut_is_moved_among_the_trials_that_meet_the_other_conditions() -> None:
    x, y = uniform(20_000, 3), uniform(20_000, 4)
    hits = (x > CUT) & (y > 0.7)
    pair = (Condition("x", ">", 0.45, interval=(0.4, 0.48)), Condition("y", ">", 0.7))
    moved, held = on_all_trials(pair, {"x": column("x", x), "y": column("y", y)}, hits, np.ones(len(x), bool))
    assert isinstance(moved.value, float)
    assert abs(moved.value - CUT) < 0.005
    assert held == pair[1]


def test_a_cut_without_an_interval_stays() -> None:
    x = uniform(1_000, 5)
    found = (Condition("lr", ">", 0.4),)
    assert on_all_trials(found, {"lr": column("lr", x)}, x > CUT, np.ones(1_000, bool)) == found


@pytest.mark.parametrize("op", ["between", "outside"])
@pytest.mark.parametrize("start", [(0.35, 0.55), (0.25, 0.5), (0.32, 0.7)])
def test_both_ends_of_an_interval_move_to_where_the_trials_put_them(op: str, start: tuple[float, float]) -> None:
    x = uniform(400, 6)
    inside = (x >= 0.3) & (x <= 0.6)
    hits = inside if op == "between" else ~inside
    feature = Feature(column("lr", x))
    (moved,) = sharpened((Condition("lr", op, start),), {"lr": feature}, hits)  # type: ignore[arg-type]
    assert moved.op == op
    assert (region((moved,), {"lr": feature}) == hits).all()


def test_a_threshold_has_an_interval_in_which_the_cut_lies() -> None:
    x = uniform(300, 7)
    feature = Feature(column("lr", x))
    (moved,) = sharpened((Condition("lr", ">", 0.6),), {"lr": feature}, x > CUT)
    assert moved.interval is not None
    assert moved.low is not None
    assert moved.high is not None
    assert moved.interval[0] <= moved.low <= CUT <= moved.high <= moved.interval[1]
    assert (region((moved,), {"lr": feature}) == (x > CUT)).all()


def test_the_interval_of_a_threshold_holds_the_cut_as_often_as_it_says() -> None:
    """At 95 %: neither much less often, nor so often that it is wider than the data ask for."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, cut = rng.uniform(0, 1, 2_000), rng.uniform(0.3, 0.7)
        hits = rng.random(2_000) < np.where(x > cut, 0.45, 0.15)
        guess = Condition("lr", ">", cut, interval=(cut - 0.02, cut + 0.02))
        (moved,) = on_all_trials((guess,), {"lr": column("lr", x)}, hits, np.ones(2_000, bool))
        assert moved.interval is not None
        held += moved.interval[0] <= cut <= moved.interval[1]
    assert 270 <= held <= 294


def test_zero_told_too_early_moves_to_where_the_trials_put_it() -> None:
    x = np.concatenate([np.zeros(20), uniform(80, 8)])
    hits = x <= 0.3
    feature = Feature(column("wd", x))
    (moved,) = sharpened((Condition("wd", "==", 0.0),), {"wd": feature}, hits)
    assert moved.op == "<="
    assert (region((moved,), {"wd": feature}) == hits).all()
