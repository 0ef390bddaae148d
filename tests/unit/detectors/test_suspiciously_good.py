"""HP303: held-out scores that are too good."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.detectors.conftest import Look, rows


@pytest.mark.parametrize("unit", [1, 100])
def test_far_above_the_training_score(look: Look, unit: float) -> None:
    draw = np.random.default_rng(0)
    train, val = draw.uniform(0.8, 0.9, 20), draw.uniform(0.78, 0.88, 20)
    train[4], val[4] = 0.6, 0.95
    seen = look("suspiciously-good", {"train_acc": (unit * train).tolist(), "val_acc": (unit * val).tolist()})
    assert rows(seen.flagged) == [4]


def test_dropout_lowers_all_training_scores(look: Look) -> None:
    draw = np.random.default_rng(0)
    train = draw.uniform(0.6, 0.75, 30)
    cells = {"train_acc": train.tolist(), "val_acc": (train + draw.uniform(0.1, 0.2, 30)).tolist()}
    assert rows(look("suspiciously-good", cells).flagged) == []


def test_one_perfect_score_where_none_comes_near(look: Look) -> None:
    val = np.random.default_rng(0).uniform(0.7, 0.85, 20).tolist()
    seen = look("suspiciously-good", {"val_auc": [*val, 1.0]})
    assert rows(seen.flagged) == [20]
    assert rows(look("suspiciously-good", {"val_auc": [*val[:5], *[1.0] * 6, 0.99, 0.98]}).flagged) == []
