"""HP505: the best configuration leads by no more than luck would give it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors._replicates import noise_of
from hparam_ci.detectors._tails import best_of
from tests.unit.detectors.conftest import Say, message

K, SEEDS = 12, 4
RNG = np.random.default_rng(4)


def columns(effect: float, noise: float = 0.02) -> dict[str, Any]:
    lr = np.repeat(np.arange(1, K + 1) / 100, SEEDS)
    place = np.repeat(np.arange(K) / K, SEEDS)
    loss = 0.5 + effect * (place - 0.4) ** 2 + RNG.normal(0, noise, K * SEEDS)
    return {"lr": lr, "seed": np.tile(range(SEEDS), K), "val_loss": np.round(loss, 6)}


def test_configurations_that_are_all_alike(say: Say) -> None:
    text = message(say("winner-within-noise", columns(0.0)))
    assert "the winner (lowest val_loss) leads the median of 12 configurations by" in text
    assert "its runs scatter by 0.0" in text


def test_a_winner_that_leads(say: Say) -> None:
    assert say("winner-within-noise", columns(2.0)) == []


def test_scores(say: Say) -> None:
    made = columns(0.0)
    made["val_acc"] = 1 - made.pop("val_loss")
    assert "highest val_acc" in message(say("winner-within-noise", made))


def test_folds(say: Say) -> None:
    folds = 0.8 + RNG.normal(0, 0.05, (1, 5)) + RNG.normal(0, 0.01, (K, 5))
    made: dict[str, Any] = {"param_c": np.arange(1, K + 1) / 10}
    for effect, expected in ((0.0, 1), (0.3, 0)):
        scores = folds + effect * np.arange(K)[:, None] / K
        made |= {f"split{i}_test_score": np.round(scores[:, i], 6) for i in range(5)}
        made["mean_test_score"] = np.round(scores.mean(1), 6)
        found = say("winner-within-noise", made)
        assert len(found) == expected, "what folds have in common is no noise"


def test_without_replicates_the_noise_is_not_known(say: Say) -> None:
    made = {name: cells[::SEEDS] for name, cells in columns(0.0).items()}
    assert say("winner-within-noise", made) == "no configuration was run more than once"


def test_the_noise_is_that_of_one_run_and_robust() -> None:
    groups = np.repeat(np.arange(200), 3)
    values = RNG.normal(0, 2.0, 600) + groups
    values[:3] = [0.0, 1e6, 2e6]
    noise = noise_of(values, groups)
    assert noise is not None
    assert noise.size == pytest.approx(2.0, rel=0.15)
    assert noise.freedom == 400
    assert noise_of(values[::3], groups[::3]) is None


def test_the_lead_by_luck() -> None:
    best = RNG.normal(size=(20_000, 20)).max(1)
    assert np.mean(best <= best_of(20)) == pytest.approx(0.95, abs=0.01)
