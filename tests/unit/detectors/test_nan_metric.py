"""HP101: the text NaN, and nothing else."""

from __future__ import annotations

import pytest

from tests.unit.detectors.conftest import Look, rows


def test_a_blank_is_no_nan(look: Look) -> None:
    seen = look("nan-metric", {"val_loss": [0.5, "", "nan", 0.4]})
    assert rows(seen.flagged) == [2]
    assert rows(seen.at_risk) == [0, 2, 3]


@pytest.mark.parametrize("text", ["nan", "NaN", "NAN", "-nan"])
def test_spellings(look: Look, text: str) -> None:
    assert rows(look("nan-metric", {"val_loss": [0.5, text, 0.4]}).flagged) == [1]


def test_a_failed_trial_with_blanks_is_not_at_risk_and_with_nan_it_is(look: Look) -> None:
    seen = look("nan-metric", {"status": ["completed", "failed", "failed"], "val_loss": [0.5, "", "nan"]})
    assert rows(seen.flagged) == [2]
    assert rows(seen.at_risk) == [0, 2]


@pytest.mark.parametrize("state", ["RUNNING", "WAITING"])
def test_a_trial_that_has_not_ended_leaves_the_denominator(look: Look, state: str) -> None:
    seen = look("nan-metric", {"state": ["COMPLETE", state, "COMPLETE"], "val_loss": [0.5, "nan", 0.4]})
    assert rows(seen.flagged) == []
    assert rows(seen.at_risk) == [0, 2]


def test_a_pruned_trial_can_be_nan(look: Look) -> None:
    assert rows(look("nan-metric", {"state": ["COMPLETE", "PRUNED"], "val_loss": [0.5, "nan"]}).flagged) == [1]


def test_the_evidence_names_every_column(look: Look) -> None:
    seen = look("nan-metric", {"train_loss": [0.5, "nan"], "val_loss": [0.5, "nan"]})
    assert seen.evidence(1).message == "NaN in train_loss, val_loss"
