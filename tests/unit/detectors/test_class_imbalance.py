"""HP305: accuracies that hide the rare classes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.detectors.conftest import Look, rows


@pytest.mark.parametrize("name", ["val_balanced_accuracy", "val_f1", "val_f1_macro", "val_recall", "val_acc_class_3"])
def test_a_gap_that_others_do_not_have(look: Look, name: str) -> None:
    draw = np.random.default_rng(0)
    accuracy = draw.uniform(0.85, 0.95, 16)
    fair = accuracy - draw.uniform(0.02, 0.06, 16)
    accuracy[3], fair[3] = 0.9, 0.5
    seen = look("class-imbalance", {"val_accuracy": accuracy.tolist(), name: fair.tolist()})
    assert rows(seen.flagged) == [3]
    assert name in seen.evidence(3).message


def test_nothing_at_all_is_flagged_even_where_many_have_it(look: Look) -> None:
    cells = {"val_accuracy": [0.9] * 6 + [0.93, 0.94], "val_f1": [0.0] * 6 + [0.6, 0.65]}
    assert rows(look("class-imbalance", cells).flagged) == [0, 1, 2, 3, 4, 5]


def test_weighted_averages_follow_the_accuracy_and_tell_nothing(look: Look) -> None:
    cells = {"val_accuracy": [0.9, 0.91, 0.92, 0.93], "val_f1_weighted": [0.9] * 4, "val_f1_macro": [0.85] * 4}
    assert rows(look("class-imbalance", cells).flagged) == []


def test_the_mean_of_the_folds_speaks_for_them(look: Look) -> None:
    cells = {}
    for name in ("split0_test", "split1_test", "mean_test"):
        cells |= {f"{name}_accuracy": [0.94] * 5 + [0.93] * 5, f"{name}_f1": [0.0] * 5 + [0.6] * 5}
    seen = look("class-imbalance", cells)
    assert rows(seen.flagged) == [0, 1, 2, 3, 4]
    assert seen.evidence(0).message == "mean_test_accuracy is 0.94, but mean_test_f1 0"
