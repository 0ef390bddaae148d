"""HP103: finished, but a metric that others have is empty."""

from __future__ import annotations

from tests.unit.detectors.conftest import Look, rows


def test_only_finished_trials(look: Look) -> None:
    states = ["COMPLETE", "COMPLETE", "FAIL", "PRUNED", "RUNNING", "COMPLETE"]
    seen = look("missing-result", {"state": states, "val_loss": [0.5, "", "", "", "", 0.4]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([1], [0, 1, 5])


def test_without_a_status_any_metric_shows_that_it_finished(look: Look) -> None:
    seen = look("missing-result", {"val_loss": [0.5, "", "", 0.4], "val_acc": [0.8, 0.7, "", 0.9]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([1], [0, 1, 3])


def test_a_metric_that_few_trials_have_is_not_expected(look: Look) -> None:
    seen = look("missing-result", {"val_loss": [0.5, 0.6, 0.7, 0.4], "val_auc": [0.5, "", "", ""]})
    assert rows(seen.flagged) == []


def test_a_nan_is_a_value(look: Look) -> None:
    assert rows(look("missing-result", {"val_loss": [0.5, "nan", 0.4]}).flagged) == []


def test_a_step_metric_is_not_expected_beside_its_epoch_metric(look: Look) -> None:
    columns = {"train_loss_step": [0.5, 0.4, ""], "train_loss_epoch": [0.5, 0.4, 0.3]}
    assert rows(look("missing-result", columns).flagged) == []
