"""HP502: what one expects to be searched has one value in all trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Hint
from tests.unit.detectors.conftest import Say, message

N = 12
LOSS = [0.5 + 0.01 * (7 * i % N) for i in range(N)]
VARIED: dict[str, Any] = {"dropout": [0.1 * (i % 4) for i in range(N)], "val_loss": LOSS}


def test_the_learning_rate(say: Say) -> None:
    text = message(say("never-varied", {"lr": [0.001] * N, "batch_size": [32] * N, **VARIED}))
    assert text == "lr = 0.001 in all 12 trials: it was never varied"


def test_other_constants_are_left_in_peace(say: Say) -> None:
    varied = {**VARIED, "lr": [0.001 * (i + 1) for i in range(N)]}
    assert say("never-varied", {"batch_size": [32] * N, "optimizer": ["adam"] * N, **varied}) == []
    assert say("never-varied", {"batch_size": [32] * N, **VARIED}) == []


def test_a_second_learning_rate_that_varies_is_enough(say: Say) -> None:
    assert (
        say("never-varied", {"model.lr": [0.1] * N, "learning_rate": [0.01 * (i + 1) for i in range(N)], **VARIED})
        == []
    )


def test_nothing_varies(say: Say) -> None:
    text = message(say("never-varied", {"lr": [0.001] * N, "batch_size": [32] * N, "val_loss": LOSS}))
    assert "all 12 trials have the same hyperparameters (lr = 0.001 and batch_size = 32)" in text
    seeds = {"lr": [0.001] * N, "batch_size": [32] * N, "seed": range(N), "val_loss": LOSS}
    assert "it was never varied" in message(say("never-varied", seeds)), "replicates on purpose"


def test_a_range_that_was_never_used(say: Say, sweep_of: Callable[..., Sweep]) -> None:
    sweep = sweep_of(clip_norm=[1.0] * N, lr=[0.001 * (i + 1) for i in range(N)], val_loss=LOSS)
    known = Hint("hyperparameter", "a parameter of the study", low=0.1, high=10.0)
    text = message(say("never-varied", read_roles(replace(sweep.table, hints={"clip_norm": known}))))
    assert text == "all 12 trials have clip_norm = 1 (searched from 0.1 to 10): the search never left one value"


def test_few_trials_and_no_hyperparameter(say: Say) -> None:
    assert say("never-varied", {"lr": [0.1] * 4, "dropout": [0.1, 0.2, 0.3, 0.4], "val_loss": LOSS[:4]}) == []
    assert say("never-varied", {"run_id": range(N), "val_loss": LOSS}) == "no hyperparameter column was recognised"
