"""HP203: trials that have learnt little even of their training set."""

from __future__ import annotations

from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.test_no_learning import columns


def test_little_beyond_a_blind_guess_on_the_training_set(look: Look) -> None:
    cells = columns(10)
    for name, good, poor in (
        ("train_acc", 0.9, 0.2),
        ("val_acc", 0.9, 0.18),
        ("train_loss", 0.3, 2.1),
        ("val_loss", 0.3, 2.15),
    ):
        cells[name] = [*cells[name], good, poor]
    seen = look("underfitting", cells)
    assert rows(seen.flagged) == [22]
    assert "of what good trials learn beyond a blind guess" in seen.evidence(22).message
    assert not seen.at_risk[18:21].any()


def test_a_poor_held_out_metric_alone_is_no_underfitting(look: Look) -> None:
    cells = columns(10)
    cells["val_acc"][0], cells["val_loss"][0] = 0.15, 2.2
    assert rows(look("underfitting", cells).flagged) == []
