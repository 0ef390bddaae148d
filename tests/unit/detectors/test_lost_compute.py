"""HP404: which issue cost most of the compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.of_the_sweep import findings, why_not

Make = Callable[..., Sweep]
N = 20


def cells() -> dict[str, list[Any]]:
    """Trials of 100 seconds: two lost to NaN after 400, four that failed after 10."""
    status = ["completed"] * (N - 4) + ["failed"] * 4
    loss = ["nan", "nan", *[0.3 + i / 100 for i in range(N - 6)], "", "", "", ""]
    seconds = [400, 400, *[100] * (N - 6), 10, 10, 10, 10]
    return {"lr": [f"{i + 1}e-4" for i in range(N)], "status": status, "val_loss": loss, "runtime_sec": seconds}


def test_the_dearest_issue_is_not_the_most_frequent(sweep_of: Make) -> None:
    [finding] = findings(sweep_of(**cells()), "lost-compute")
    assert finding.rows == [0, 1]
    assert finding.evidence.message == (
        "of 14 minutes that sick trials took, most went into trials with NaN (2): 13.3 minutes, 36% of all compute; "
        "then into failed trials (4): 40 s, 2%"
    )
    assert (finding.evidence.value, finding.evidence.limit) == ("38% lost", "25% lost")


def test_a_trial_counts_for_its_gravest_issue(sweep_of: Make) -> None:
    columns = cells()
    columns["status"][:2] = ["failed", "failed"]
    [finding] = findings(sweep_of(**columns), "lost-compute")
    assert finding.rows == [0, 1], "they failed too, and count once"
    assert "then into failed trials (4): 40 s" in finding.evidence.message


def test_silent_below_the_limit(sweep_of: Make) -> None:
    assert findings(sweep_of(**cells()), "lost-compute", share=0.4) == ()


def test_silent_where_the_overview_says_it_all(sweep_of: Make) -> None:
    columns = {name: values[: N - 4] for name, values in cells().items()}
    assert findings(sweep_of(**columns), "lost-compute") == (), "one kind of issue"


def test_from_start_and_end(sweep_of: Make) -> None:
    columns = cells()
    seconds = columns.pop("runtime_sec")
    columns["start_time"] = ["2026-03-01 08:00:00"] * N
    columns["end_time"] = [f"2026-03-01 08:{int(s) // 60:02d}:{int(s) % 60:02d}" for s in seconds]
    [finding] = findings(sweep_of(**columns), "lost-compute")
    assert finding.evidence.column == "end_time"


def test_without_times(sweep_of: Make) -> None:
    columns = cells()
    del columns["runtime_sec"]
    assert why_not(sweep_of(**columns), "HP404") == "no column says how long a trial ran"
