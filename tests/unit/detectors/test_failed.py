"""HP104: by status, or by silence."""

from __future__ import annotations

import pytest

from tests.unit.detectors.conftest import Look, rows


@pytest.mark.parametrize("word", ["failed", "FAIL", "ERROR", "crashed", "killed", "timeout", "TrialState.FAIL"])
def test_words_of_failure(look: Look, word: str) -> None:
    seen = look("failed", {"status": ["completed", word, "completed"], "val_loss": [0.5, "", 0.4]})
    assert rows(seen.flagged) == [1]
    assert word in seen.evidence(1).message


@pytest.mark.parametrize("word", ["PRUNED", "stopped", "early_stopped"])
def test_stopped_is_not_failed(look: Look, word: str) -> None:
    seen = look("failed", {"status": ["completed", word], "val_loss": [0.5, 0.6]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], [0, 1])


def test_running_and_queued_leave_the_denominator(look: Look) -> None:
    states = ["COMPLETE", "RUNNING", "WAITING", "FAIL"]
    seen = look("failed", {"state": states, "val_loss": [0.5, "", "", ""]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([3], [0, 3])


def test_without_a_status_a_trial_without_any_metric_failed(look: Look) -> None:
    seen = look("failed", {"val_loss": [0.5, "", 0.4], "val_acc": [0.8, "", ""]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([1], [0, 1, 2])


def test_with_a_status_silence_is_not_failure(look: Look) -> None:
    assert rows(look("failed", {"status": ["completed", "completed"], "val_loss": [0.5, ""]}).flagged) == []
