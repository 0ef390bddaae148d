"""HP106: by status, or by durations that pile up at a limit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.of_the_sweep import why_not

N = 30
LATE = [4, 11, 17, 25]


def cells(word: str = "FAILED", at: float = 3600.0) -> dict[str, list[object]]:
    """Trials of 10 to 50 minutes; four end just above an hour."""
    seconds = np.random.default_rng(0).uniform(600, 3000, N)
    seconds[LATE] = [at, at + 2, at + 5, at + 9]
    status = [word if i in LATE else "FINISHED" for i in range(N)]
    loss = ["" if i in LATE else f"{0.3 + i / 100:.2f}" for i in range(N)]
    return {"status": status, "runtime_sec": [f"{x:.1f}" for x in seconds], "val_loss": loss}


@pytest.mark.parametrize("word", ["timeout", "TIMEOUT", "timed_out", "timed out"])
def test_by_status(look: Look, word: str) -> None:
    seen = look("timeout", cells(word))
    assert rows(seen.flagged) == LATE
    assert seen.evidence(4).message == f"ended as {word} after 60 minutes; 4 trials end between 60 and 60.1 minutes"


@pytest.mark.parametrize("word", ["FAILED", "KILLED"])
def test_a_pile_at_the_longest_duration(look: Look, word: str) -> None:
    seen = look("timeout", cells(word))
    assert rows(seen.flagged) == LATE
    assert seen.evidence(4).message == "ended after 60 minutes; 4 trials end between 60 and 60.1 minutes"
    assert rows(look("failed", cells(word)).flagged) == LATE, "it says more of them"


def test_without_a_status(look: Look) -> None:
    columns = cells()
    del columns["status"]
    assert rows(look("timeout", columns).flagged) == LATE


def test_crashes_at_one_moment_below_the_others_are_no_limit(look: Look) -> None:
    seen = look("timeout", cells(at=30.0))
    assert rows(seen.flagged) == []
    assert rows(look("failed", cells(at=30.0)).flagged) == LATE


def test_crashes_where_work_ends_are_no_limit(look: Look) -> None:
    columns = cells()
    columns["runtime_sec"] = [3600 + i for i in range(N)]
    assert rows(look("timeout", columns).flagged) == []
    assert rows(look("failed", columns).flagged) == LATE


def test_few_are_no_pile(look: Look) -> None:
    columns = cells()
    for row in LATE[2:]:
        columns["status"][row], columns["val_loss"][row], columns["runtime_sec"][row] = "FINISHED", 0.3, 900
    assert rows(look("timeout", columns).flagged) == []


def test_trials_that_were_stopped_together_hit_no_limit(look: Look) -> None:
    columns = cells("KILLED")
    columns["start_time"] = [f"2026-03-01 {8 if i in LATE else 9}:{i:02d}:0{i % 10}" for i in range(N)]
    assert rows(look("timeout", columns).flagged) == LATE
    columns["start_time"] = [f"2026-03-01 08:{0 if i in LATE else i:02d}:0{i % 10}" for i in range(N)]
    assert rows(look("timeout", columns).flagged) == []
    assert rows(look("killed", columns).flagged) == LATE


def test_without_a_status_or_a_time(sweep_of: Callable[..., Sweep]) -> None:
    assert why_not(sweep_of(lr=[1, 2, 3], val_loss=[0.5, 0.6, ""]), "HP106") == "no status column"
