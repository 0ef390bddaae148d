"""HP403: many times the cost of trials that ran as far, for no better result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.of_the_sweep import why_not

N = 40
RNG = np.random.default_rng(3)
LOSS = np.linspace(0.3, 0.9, N)
SECONDS = 100 * RNG.lognormal(0, 0.2, N)


def cells(row: int = 35, times: float = 12.0, **changes: list[Any]) -> dict[str, list[Any]]:
    """Trials of about 100 seconds, a higher loss each; one took many times as long."""
    seconds = SECONDS.copy()
    seconds[row] = 100 * times
    return {"val_loss": LOSS.tolist(), "runtime_sec": seconds.tolist()} | changes


def test_many_times_the_cost_for_a_poor_result(look: Look) -> None:
    seen = look("wasteful-run", cells())
    assert rows(seen.flagged) == [35]
    assert "took 20 minutes" in seen.evidence(35).message
    assert "no better than the median" in seen.evidence(35).message


def test_a_good_result_was_worth_it(look: Look) -> None:
    assert rows(look("wasteful-run", cells(row=2)).flagged) == []


def test_where_more_is_better(look: Look) -> None:
    columns = cells(row=2)
    columns["val_acc"] = columns.pop("val_loss")
    assert rows(look("wasteful-run", columns).flagged) == [2]


def test_a_longer_training_is_no_waste(look: Look) -> None:
    epochs = [10] * N
    epochs[35] = 120
    assert rows(look("wasteful-run", cells(epoch=epochs)).flagged) == []
    assert rows(look("wasteful-run", cells(epoch=[10] * N)).flagged) == [35]


def test_more_time_than_those_that_ran_further(look: Look) -> None:
    epochs = [100] * N
    epochs[30:36] = [60] * 6
    assert rows(look("wasteful-run", cells(epoch=epochs)).flagged) == [35]


def test_the_tail_of_the_sweep_itself(look: Look) -> None:
    seconds = np.geomspace(100, 20_000, N).tolist()
    assert rows(look("wasteful-run", cells(runtime_sec=seconds)).flagged) == []


def test_the_start_of_a_program_is_no_waste(look: Look) -> None:
    seconds = (SECONDS / 1000).tolist()
    seconds[35] = 8.0
    assert rows(look("wasteful-run", cells(runtime_sec=seconds)).flagged) == []
    assert rows(look("wasteful-run", cells(runtime_sec=seconds), startup=1).flagged) == [35]


def test_few_trials_show_nothing(look: Look) -> None:
    columns = {name: values[31:38] for name, values in cells().items()}
    assert rows(look("wasteful-run", columns).flagged) == []


def test_what_is_sick_is_not_judged_by_its_cost(look: Look) -> None:
    status = ["completed"] * N
    status[35] = "failed"
    seen = look("wasteful-run", cells(status=status))
    assert rows(seen.flagged) == []
    assert not seen.at_risk[35]


def test_without_a_direction_or_a_time(sweep_of: Callable[..., Sweep]) -> None:
    lr = [f"{i + 1}e-4" for i in range(N)]
    assert why_not(sweep_of(lr=lr, val_loss=LOSS), "HP403") == "no column says how long a trial ran"
    undirected = sweep_of(lr=lr, value=LOSS, runtime_sec=SECONDS)
    assert why_not(undirected, "HP403") == "no objective with a known direction"
