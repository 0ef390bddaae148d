"""HP108: failed in next to no time, compared with what trials take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.of_the_sweep import findings, why_not

Make = Callable[..., Sweep]
N = 20


def cells(*failed: float, usual: float = 600.0) -> dict[str, list[Any]]:
    """Trials of about ten minutes, and failed ones of the given seconds."""
    n = N + len(failed)
    return {
        "lr": [f"{i + 1}e-4" for i in range(n)],
        "status": ["completed"] * N + ["failed"] * len(failed),
        "val_loss": [0.3 + i / 100 for i in range(N)] + [""] * len(failed),
        "runtime_sec": [usual * (1 + i / 10) for i in range(N)] + list(failed),
    }


def test_next_to_no_time(sweep_of: Make) -> None:
    [finding] = findings(sweep_of(**cells(4.2, 3.9, 580.0)), "rejected-at-once")
    assert finding.rows == [N, N + 1]
    assert finding.evidence.message == (
        "2 of 3 failed trials ended within 4.2 s, where a trial that runs takes 19.5 minutes: they "
        "died as they began, not in training"
    )


def test_failures_in_the_middle_are_none(sweep_of: Make) -> None:
    assert findings(sweep_of(**cells(300.0, 400.0)), "rejected-at-once") == ()


def test_trials_of_less_than_a_second(sweep_of: Make) -> None:
    [finding] = findings(sweep_of(**cells(0.02, 0.03, usual=0.1)), "rejected-at-once")
    assert finding.rows == [N, N + 1]
    assert findings(sweep_of(**cells(0.11, 0.12, usual=0.1)), "rejected-at-once") == ()


def test_blank_scores_of_a_failed_fit(sweep_of: Make) -> None:
    columns = cells(0.004, 0.005, usual=0.3)
    table = sweep_of(
        param_a=columns["lr"], mean_fit_time=columns["runtime_sec"], param_b=columns["lr"][::-1],
        mean_test_score=columns["val_loss"],
    )  # fmt: skip
    [finding] = findings(table, "rejected-at-once")
    assert finding.rows == [N, N + 1]


def test_killed_at_once_was_not_refused(sweep_of: Make) -> None:
    columns = cells(2.0)
    columns["status"][-1] = "killed"
    assert findings(sweep_of(**columns), "rejected-at-once") == ()


def test_without_anything_to_compare_with(sweep_of: Make) -> None:
    columns = {name: values[N - 2 :] for name, values in cells(2.0, 3.0).items()}
    assert findings(sweep_of(**columns), "rejected-at-once") == ()


def test_without_times(sweep_of: Make) -> None:
    columns = cells(2.0)
    del columns["runtime_sec"]
    assert why_not(sweep_of(**columns), "HP108") == "no column says how long a trial ran"
