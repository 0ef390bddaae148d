"""HP105: killed by status, or left running for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hparam_ci.inspection import SweepResult
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.of_the_sweep import why_not

N = 20


def minutes(*after: int) -> list[str]:
    return [f"2026-03-01 {8 + m // 60:02d}:{m % 60:02d}:00" for m in after]


def one_by_one(**changes: list[object]) -> dict[str, list[object]]:
    """Trials of one minute, one after the other; trial 3 is still marked as running."""
    cells: dict[str, list[object]] = {
        "status": ["FINISHED"] * N,
        "start_time": list(minutes(*range(N))),
        "end_time": list(minutes(*range(1, N + 1))),
        "val_loss": [0.3 + i / 100 for i in range(N)],
    }
    cells["status"][3], cells["end_time"][3], cells["val_loss"][3] = "RUNNING", "", ""
    return cells | changes


@pytest.mark.parametrize("word", ["killed", "KILLED", "Aborted", "preempted", "canceled"])
def test_by_status(look: Look, word: str) -> None:
    seen = look("killed", {"status": ["completed", word, "failed"], "val_loss": [0.5, "", ""]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([1], [0, 1, 2])
    assert seen.evidence(1).message == f"ended as {word}"


def test_left_running_while_the_others_ended(look: Look) -> None:
    seen = look("killed", one_by_one())
    assert rows(seen.flagged) == [3]
    assert rows(seen.at_risk) == list(range(N)), "it joins the denominator"
    assert "17 minutes before the last sign of life of the sweep" in seen.evidence(3).message
    assert seen.evidence(3).limit == "3.05 minutes of silence", "twice the longest, and more for there are few"


def test_the_limit_is_an_option(look: Look) -> None:
    assert rows(look("killed", one_by_one(), times=20).flagged) == []


def test_what_may_still_be_going_is_not_killed(look: Look) -> None:
    cells = one_by_one()
    cells["status"][3], cells["end_time"][3] = "FINISHED", minutes(4)[0]
    cells["status"][-1], cells["end_time"][-1] = "RUNNING", ""
    seen = look("killed", cells)
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], list(range(N - 1)))


def test_a_slow_sweep_gives_its_running_trials_time(look: Look) -> None:
    ends = list(minutes(*range(1, N + 1)))
    ends[0] = minutes(18)[0]
    cells = one_by_one(end_time=ends)
    cells["end_time"][3] = ""
    assert rows(look("killed", cells).flagged) == [], "another trial took 18 minutes"


def test_a_late_sign_of_life(look: Look) -> None:
    cells = one_by_one(updated_at=minutes(*range(1, N + 1)))
    cells["updated_at"][3] = minutes(19)[0]
    assert rows(look("killed", cells).flagged) == []


def test_without_times_nothing_is_guessed(look: Look) -> None:
    cells = one_by_one()
    del cells["start_time"], cells["end_time"]
    assert rows(look("killed", cells).flagged) == []


def test_durations_beside_a_start(look: Look) -> None:
    cells = one_by_one(runtime_sec=[60 if i != 3 else "" for i in range(N)])
    del cells["end_time"]
    assert rows(look("killed", cells).flagged) == [3]


def test_epochs_in_milliseconds(look: Look) -> None:
    starts = [1.77e12 + 60_000 * i for i in range(N)]
    ends = ["" if i == 3 else start + 60_000 for i, start in enumerate(starts)]
    assert rows(look("killed", one_by_one(start_time=starts, end_time=ends)).flagged) == [3]


def test_without_a_status(sweep_of: Callable[..., Sweep]) -> None:
    assert why_not(sweep_of(lr=[1, 2, 3], val_loss=[0.5, 0.6, ""]), "HP105") == "no status column"


def test_every_bad_end_counts_once_towards_the_failed_rate(inspect_columns: Callable[..., SweepResult]) -> None:
    cells = one_by_one()
    cells["status"][5:9] = ["FAILED", "KILLED", "TIMEOUT", "QUEUED"]
    result = inspect_columns(lr=[f"{i + 1}e-4" for i in range(N)], **cells)
    by_code = {d.code: d.count.affected for d in result.detectors}
    assert [by_code[code] for code in ("HP104", "HP105", "HP106")] == [3, 2, 1]
    [count] = [rate.count for rate in result.rates if rate.rate == "failed_rate"]
    assert (count.affected, count.evaluable) == (4, N - 1), "all but the queued one, with the stale one"
