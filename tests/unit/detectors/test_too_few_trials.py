"""HP509: so few trials that no cause could be proved."""

from __future__ import annotations

import pytest

from hparam_ci.detectors.too_few_trials import needed
from tests.unit.detectors.conftest import Say, message


@pytest.mark.parametrize(("hyperparameters", "trials"), [(1, 8), (4, 10), (8, 11), (12, 12), (20, 12)])
def test_the_number_needed(hyperparameters: int, trials: int) -> None:
    assert needed(hyperparameters, 0.05) == trials


def test_sick_and_few(say: Say) -> None:
    columns = {"lr": [0.1, 0.2, 0.3, 0.4], "dropout": [0.2, 0.1, 0.4, 0.3], "val_loss": ["nan", 0.5, 0.4, 0.6]}
    text = message(say("too-few-trials", columns))
    assert text.startswith("4 trials are too few to prove any cause with 2 hyperparameters: at least 9 are needed")


def test_healthy_or_many(say: Say) -> None:
    healthy = {"lr": [0.1, 0.2, 0.3, 0.4], "val_loss": [0.45, 0.5, 0.4, 0.6]}
    assert say("too-few-trials", healthy) == []
    many = {"lr": [0.1 * (i + 1) for i in range(30)], "val_loss": ["nan", *(0.4 + 0.01 * i for i in range(29))]}
    assert say("too-few-trials", many) == []


def test_no_hyperparameter(say: Say) -> None:
    columns = {"run_id": range(6), "val_loss": ["nan", 0.5, 0.4, 0.6, 0.45, 0.55]}
    assert say("too-few-trials", columns) == "no hyperparameter varies in this file"
