"""HP302: the held-out metric turned while the training metric went on improving."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, decay, long, rows


def made(rise: float) -> dict[str, list[list[float]]]:
    train = [decay(24, seed=i) for i in range(12)]
    val = [decay(24, end=0.5, seed=50 + i) for i in range(12)]
    val[3][10:] = (val[3][9] + np.linspace(0, rise, 14)).tolist()
    return {"train_loss": train, "val_loss": val}


def test_a_held_out_loss_that_turned(look: Look) -> None:
    seen = look("overtraining", long(made(0.3)))
    assert rows(seen.flagged) == [3]
    assert "val_loss was best at step" in seen.evidence(3).message


def test_a_little_rise_is_noise(look: Look) -> None:
    assert rows(look("overtraining", long(made(0.05))).flagged) == []


def test_one_split_cannot_tell(sweep_of: Callable[..., Sweep]) -> None:
    seen = detect(sweep_of(**long({"val_loss": [decay(10, seed=i) for i in range(5)]})))
    assert seen.not_seen["HP302"] == "no training metric beside a held-out one"


def test_losses_that_begin_near_their_best_have_risen_by_a_quarter(look: Look) -> None:
    """All trials turn, and none ever had half of the loss that it began with."""
    steps = range(20)
    held_out = [[0.7, 0.6, 0.5, 0.45, *[0.45 + 0.01 * i for i in range(16)]] for _ in range(8)]
    train = [[0.7 - 0.02 * i for i in steps] for _ in range(8)]
    still = [[0.7, 0.6, 0.5, 0.45, *[0.46] * 16]]
    seen = look("overtraining", long({"train_loss": [*train, train[0]], "val_loss": [*held_out, *still]}))
    assert rows(seen.flagged) == list(range(8))
