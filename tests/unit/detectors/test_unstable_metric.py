"""HP205: metrics that swing from step to step or from fold to fold."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.detectors.conftest import Look, decay, long, rows


def test_a_loss_that_keeps_swinging(look: Look) -> None:
    each = [decay(24, seed=i) for i in range(12)]
    each[7] = [x + (0.5 if i % 2 else 0.0) for i, x in enumerate(each[7])]
    seen = look("unstable-metric", long({"train_loss": each}))
    assert rows(seen.flagged) == [7]
    assert "turns at" in seen.evidence(7).message


def test_what_all_trials_do_is_the_tasks(look: Look) -> None:
    each = [[x + (0.4 + 0.01 * k if i % 2 else 0.0) for i, x in enumerate(decay(24, seed=k))] for k in range(12)]
    assert rows(look("unstable-metric", long({"train_loss": each})).flagged) == []


def test_a_spread_over_folds_far_above_that_of_good_trials(look: Look) -> None:
    draw = np.random.default_rng(0)
    mean, std = draw.uniform(0.8, 0.9, 20), draw.uniform(0.01, 0.02, 20)
    std[6] = 0.15
    seen = look("unstable-metric", {"mean_test_score": mean.tolist(), "std_test_score": std.tolist()})
    assert rows(seen.flagged) == [6]
    assert "times the spread that good trials have" in seen.evidence(6).message


def test_an_r2_near_zero_is_not_unstable_for_being_small(look: Look) -> None:
    """A share of the average would be without limit there."""
    draw = np.random.default_rng(1)
    mean, std = np.linspace(-0.05, 0.6, 40), draw.uniform(0.01, 0.02, 40)
    std[30] = 0.2
    seen = look("unstable-metric", {"mean_test_r2": mean.tolist(), "std_test_r2": std.tolist()})
    assert rows(seen.flagged) == [30]


@pytest.mark.parametrize(("name", "sign"), [("rmse", 1), ("neg_mean_squared_error", -1), ("score", -1)])
def test_the_spread_of_an_error_grows_with_it(look: Look, name: str, sign: int) -> None:
    """Whether it stands there as an error or, as scikit-learn has it, as its negative."""
    draw = np.random.default_rng(2)
    mean = 10 ** draw.uniform(0, 3, 40)
    std = mean * draw.uniform(0.05, 0.08, 40)
    std[7] = 0.9 * mean[7]
    seen = look("unstable-metric", {f"mean_test_{name}": (sign * mean).tolist(), f"std_test_{name}": std.tolist()})
    assert rows(seen.flagged) == [7]


def test_a_spread_that_does_not_reach_the_good_trials_leaves_no_doubt_of_their_rank(look: Look) -> None:
    draw = np.random.default_rng(3)
    mean, std = draw.uniform(0.8, 0.9, 30), draw.uniform(0.01, 0.02, 30)
    mean[4], std[4] = 0.1, 0.1
    mean[9], std[9] = 0.6, 0.1
    seen = look("unstable-metric", {"mean_test_r2": mean.tolist(), "std_test_r2": std.tolist()})
    assert rows(seen.flagged) == [9]


def test_trials_that_say_the_commonest_class_agree_and_are_no_measure_for_others(look: Look) -> None:
    draw = np.random.default_rng(4)
    blind = np.arange(40) % 2 == 0
    cells = {
        "mean_test_accuracy": np.where(blind, 0.95, draw.uniform(0.92, 0.94, 40)).tolist(),
        "std_test_accuracy": np.where(blind, 0.0005, draw.uniform(0.01, 0.02, 40)).tolist(),
        "mean_test_f1": np.where(blind, 0.0, 0.6).tolist(),
    }
    assert rows(look("unstable-metric", cells).flagged) == []
