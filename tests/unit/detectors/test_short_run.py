"""HP401: ended far earlier than planned or than the others, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows


def losses(n: int) -> list[float]:
    return [0.30 + 0.001 * i for i in range(n)]


def test_epochs_far_below_the_common_end(look: Look) -> None:
    seen = look("short-run", {"val_loss": losses(30), "epoch": [50] * 28 + [20, 30]})
    assert rows(seen.flagged) == [28]
    assert seen.evidence(28).message == "epoch is 20; most trials end at 50"


def test_epochs_far_below_the_others(look: Look) -> None:
    seen = look("short-run", {"val_loss": losses(10), "epoch": [50, 48, 49, 47, 51, 52, 46, 53, 54, 4]})
    assert rows(seen.flagged) == [9]


def test_a_grid_of_planned_epochs(look: Look) -> None:
    assert rows(look("short-run", {"val_loss": losses(30), "epoch": [5, 50, 100] * 10}).flagged) == []


def test_below_every_plan_of_a_grid(look: Look) -> None:
    seen = look("short-run", {"val_loss": losses(31), "epoch": [20, 50, 100] * 10 + [3]})
    assert rows(seen.flagged) == [30]
    assert "20, 50, 100" in seen.evidence(30).message


def test_the_rungs_of_a_scheduler(look: Look) -> None:
    reached = [4] * 40 + [12] * 13 + [36] * 5 + [60] * 2
    assert rows(look("short-run", {"val_loss": losses(60), "training_iteration": reached}).flagged) == []


def test_a_plan_of_its_own(look: Look) -> None:
    planned, reached = [100] * 10 + [10] * 10, [100] * 9 + [30] + [10] * 9 + [9]
    seen = look("short-run", {"val_loss": losses(20), "max_epochs": planned, "epoch": reached})
    assert rows(seen.flagged) == [9]
    assert "max_epochs" in seen.evidence(9).message


def test_early_stopping_everywhere_makes_no_short_run(look: Look) -> None:
    reached = np.random.default_rng(0).integers(30, 100, 60).tolist()
    seen = look("short-run", {"val_loss": losses(60), "max_epochs": [200, 300] * 30, "epoch": reached})
    assert rows(seen.flagged) == []


@pytest.mark.parametrize("word", ["PRUNED", "RUNNING", "FAIL", "early_stopped"])
def test_only_finished_trials(look: Look, word: str) -> None:
    cells = {"state": ["COMPLETE"] * 20 + [word], "val_loss": losses(21), "epoch": [50] * 20 + [2]}
    seen = look("short-run", cells)
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], list(range(20)))


def test_a_trial_that_died_of_nan_is_not_short(look: Look) -> None:
    seen = look("short-run", {"val_loss": [*losses(20), "nan"], "epoch": [50] * 20 + [2]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], list(range(20)))


def test_run_time_where_no_epochs_are_recorded(look: Look) -> None:
    seconds = [100 + i for i in range(20)] + [5.0]
    seen = look("short-run", {"val_loss": losses(21), "runtime_sec": seconds})
    assert rows(seen.flagged) == [20]


def test_all_epochs_in_little_time_is_fast_and_not_short(look: Look) -> None:
    cells = {"val_loss": losses(21), "epoch": [50] * 21, "runtime_sec": [100 + i for i in range(20)] + [5.0]}
    assert rows(look("short-run", cells).flagged) == []


def test_run_times_over_decades(look: Look) -> None:
    seconds = np.geomspace(1, 1000, 80).tolist()
    assert rows(look("short-run", {"val_loss": losses(80), "runtime_sec": seconds}).flagged) == []


def test_the_first_epoch_may_be_number_0(look: Look) -> None:
    cells = {"val_loss": losses(20), "max_epochs": [1, 2] * 10, "epoch": [0, 1] * 10}
    assert rows(look("short-run", cells).flagged) == []


def test_without_any_finished_trial_or_column(sweep_of: Callable[..., Sweep]) -> None:
    cells = {"state": ["FAIL", "RUNNING", "FAIL"], "lr": [1, 2, 3], "val_loss": ["", 0.5, ""], "epoch": [1, 2, 3]}
    assert "no trial finished" in detect(sweep_of(**cells)).not_seen["HP401"]
    assert "no column" in detect(sweep_of(lr=[1, 2, 3], val_loss=[0.5, 0.6, 0.7])).not_seen["HP401"]
