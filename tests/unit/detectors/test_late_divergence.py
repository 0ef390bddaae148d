"""HP204: trials that had learnt and lost it again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, decay, long, rows


def test_a_training_loss_that_comes_back(look: Look) -> None:
    each = [decay(20, seed=i) for i in range(10)]
    each[4][15:] = [1.9, 2.0, 1.8, 1.9, 1.9]
    seen = look("late-divergence", long({"train_loss": each}))
    assert rows(seen.flagged) == [4]
    assert "ended at 1.9; its best was" in seen.evidence(4).message


def test_a_held_out_loss_that_rises_alone_is_something_else(look: Look) -> None:
    train = [decay(20, seed=i) for i in range(10)]
    val = [decay(20, seed=50 + i) for i in range(10)]
    val[4][8:] = np.linspace(0.4, 2.0, 12).tolist()
    assert rows(look("late-divergence", long({"train_loss": train, "val_loss": val})).flagged) == []


def test_by_the_column_of_the_best_value(look: Look) -> None:
    draw = np.random.default_rng(0)
    final = draw.uniform(0.5, 0.9, 12)
    best = final + draw.uniform(0, 0.02, 12)
    final[3], best[3] = 0.3, 0.88
    seen = look("late-divergence", {"val_accuracy": final.tolist(), "best_val_accuracy": best.tolist()})
    assert rows(seen.flagged) == [3]
    assert "best_val_accuracy is 0.88" in seen.evidence(3).message


def test_without_curves_and_best_values_it_cannot_look(sweep_of: Callable[..., Sweep]) -> None:
    seen = detect(sweep_of(lr=[1, 2, 3], val_loss=[0.5, 0.6, 0.7]))
    for code in ("HP204", "HP205", "HP206", "HP207", "HP302"):
        assert seen.not_seen[code] == "the file has no curves (one value a trial)"
