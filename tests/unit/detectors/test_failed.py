"""HP104: by status; without one by silence, by an error, a flag or an exit code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.of_the_sweep import why_not


@pytest.mark.parametrize(
    "word", ["failed", "FAIL", "ERROR", "crashed", "oom", "TrialState.FAIL", "killed", "aborted", "timeout"]
)
def test_words_of_failure(look: Look, word: str) -> None:
    seen = look("failed", {"status": ["completed", word, "completed"], "val_loss": [0.5, "", 0.4]})
    assert rows(seen.flagged) == [1]
    assert seen.evidence(1).message == f"ended as {word}"


@pytest.mark.parametrize("word", ["PRUNED", "stopped", "early_stopped"])
def test_stopped_is_no_failure(look: Look, word: str) -> None:
    seen = look("failed", {"status": ["completed", word], "val_loss": [0.5, 0.6]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], [0, 1])


def test_a_failure_with_every_metric_is_said_to_be_one(look: Look) -> None:
    seen = look("failed", {"status": ["FINISHED", "FAILED"], "val_loss": [0.5, 0.6]})
    assert seen.evidence(1).message == "ended as FAILED, though every metric was logged"
    seen = look("failed", {"status": ["FINISHED", "FAILED"], "val_loss": [0.5, "nan"]})
    assert seen.evidence(1).message == "ended as FAILED"


def test_the_message_is_shown(look: Look) -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nKeyError: 7'
    columns = {"status": ["completed", "failed"], "val_loss": [0.5, ""], "error": ["", text]}
    assert look("failed", columns).evidence(1).message == "ended as failed: KeyError: 7"
    del columns["status"]
    assert look("failed", columns).evidence(1).message == "error: KeyError: 7"


def test_running_and_queued_leave_the_denominator(look: Look) -> None:
    states = ["COMPLETE", "RUNNING", "WAITING", "FAIL"]
    seen = look("failed", {"state": states, "val_loss": [0.5, "", "", ""]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([3], [0, 3])


def test_without_a_status_a_trial_without_any_metric_failed(look: Look) -> None:
    seen = look("failed", {"val_loss": [0.5, "", 0.4], "val_acc": [0.8, "", ""]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([1], [0, 1, 2])


def test_with_a_status_silence_is_not_failure(look: Look) -> None:
    assert rows(look("failed", {"status": ["completed", "completed"], "val_loss": [0.5, ""]}).flagged) == []


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("error", ["", "None", "ValueError: bad shape"]),
        ("exception", ["-", "", "lost the worker"]),
        ("failed", ["False", "False", "True"]),
        ("is_crashed", [0, 0, 1]),
        ("exit_code", [0, 0, 137]),
    ],
)
def test_without_a_status_other_columns_tell(look: Look, name: str, cells: list[object]) -> None:
    seen = look("failed", {"val_loss": [0.5, 0.6, 0.7], name: cells})
    assert rows(seen.flagged) == [2]
    assert name in seen.evidence(2).message


def test_a_flag_beside_a_status_that_does_not_say_how_it_ended(look: Look) -> None:
    cells = {"sys/state": ["Inactive"] * 3, "sys/failed": ["False", "True", "False"], "val_loss": [0.5, 0.6, 0.7]}
    seen = look("failed", cells)
    assert rows(seen.flagged) == [1]
    assert seen.evidence(1).message == "sys/failed says that it failed, though it ended as Inactive"


def test_a_message_in_every_trial_is_no_error(look: Look) -> None:
    assert rows(look("failed", {"val_loss": [0.5, 0.6], "error": ["tol reached", "tol reached"]}).flagged) == []


def test_a_numeric_error_is_a_metric(look: Look) -> None:
    assert rows(look("failed", {"error": [0.5, 0.6, 0.7]}).flagged) == []


def test_without_anything_to_tell_by(sweep_of: Callable[..., Sweep]) -> None:
    assert "no status column" in why_not(sweep_of(lr=[1, 2, 3], dropout=[0.1, 0.2, 0.3]), "HP104")
