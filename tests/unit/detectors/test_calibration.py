"""HP304: losses and accuracies that disagree."""

from __future__ import annotations

import numpy as np

from tests.unit.detectors.conftest import Look, rows


def test_a_high_loss_with_a_good_accuracy(look: Look) -> None:
    draw = np.random.default_rng(0)
    error = draw.uniform(0.08, 0.2, 24)
    loss = 2.5 * error
    error[5], loss[5] = 0.07, 2.6
    seen = look("calibration", {"val_acc": (1 - error).tolist(), "val_loss": loss.tolist()}, decades=2)
    assert rows(seen.flagged) == [5]
    assert "with that it need not be above" in seen.evidence(5).message


def test_a_poor_trial_has_a_high_loss_by_right(look: Look) -> None:
    draw = np.random.default_rng(0)
    error = draw.uniform(0.08, 0.2, 24)
    loss = 2.5 * error
    error[5], loss[5] = 0.7, 2.6
    assert rows(look("calibration", {"val_acc": (1 - error).tolist(), "val_loss": loss.tolist()}).flagged) == []


def test_by_the_calibration_error(look: Look) -> None:
    ece = [0.02, 0.03, 0.025, 0.02, 0.03, 0.04, 0.31]
    assert rows(look("calibration", {"val_acc": [0.9] * 7, "val_ece": ece}).flagged) == [6]
    assert rows(look("calibration", {"val_acc": [0.9] * 7, "val_ece": [0.2] * 7}).flagged) == []
