"""HP504: one configuration was run several times, by accident or without effect."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.unit.detectors.conftest import Say, message

N = 30
RNG = np.random.default_rng(2)


def columns(noise: float) -> dict[str, Any]:
    """24 configurations; the first six were run twice."""
    lr = np.round(10 ** RNG.uniform(-4, -1, 24), 6)
    lr = np.concatenate([lr, lr[:6]])
    return {
        "run_id": [f"a{i}" for i in range(N)],
        "lr": lr,
        "val_loss": np.round(1 + np.sqrt(lr) + RNG.normal(0, noise, N), 6),
    }


def test_different_results_show_the_noise(say: Say) -> None:
    [finding] = say("duplicate-configurations", columns(0.01))
    assert "6 of 30 trials repeat the configuration of another one" in finding.evidence.message
    assert 0.002 < float(finding.evidence.value) < 0.03
    assert list(finding.rows) == [*range(6), *range(24, 30)]


def test_identical_results_are_wasted(say: Say) -> None:
    text = message(say("duplicate-configurations", columns(0.0)))
    assert text == "6 of 30 trials repeat a configuration and its every result, so they add nothing"


def test_a_seed_without_effect(say: Say) -> None:
    text = message(say("duplicate-configurations", {**columns(0.0), "seed": range(N)}))
    assert "though seed differs, so it has no effect" in text


def test_replicates_by_design_are_left_in_peace(say: Say) -> None:
    lr = np.repeat([0.1, 0.01, 0.001, 0.0001, 0.03], 6)
    loss = np.round(1 + np.sqrt(lr) + RNG.normal(0, 0.01, N), 6)
    assert say("duplicate-configurations", {"run_id": [f"a{i}" for i in range(N)], "lr": lr, "val_loss": loss}) == []
    assert say("duplicate-configurations", {**columns(0.01), "seed": range(N)}) == []


def test_the_same_seed_with_another_result(say: Say) -> None:
    made = {**columns(0.01), "seed": [*range(24), *range(6)]}
    assert "repeat the configuration and seed of another one" in message(say("duplicate-configurations", made))


def test_rungs_and_failed_trials_are_no_duplicates(say: Say) -> None:
    made = columns(0.01)
    assert say("duplicate-configurations", {**made, "epoch": [10] * 24 + [30] * 6}) == []
    assert say("duplicate-configurations", {**made, "status": ["ok"] * 24 + ["failed"] * 6}) == []


def test_no_hyperparameter(say: Say) -> None:
    found = say("duplicate-configurations", {"run_id": [f"a{i}" for i in range(N)], "val_loss": RNG.random(N)})
    assert found == "no hyperparameter varies in this file"
