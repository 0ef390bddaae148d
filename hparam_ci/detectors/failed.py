"""HP104 failed: the trial did not end well, by its status."""

from __future__ import annotations

from collections.abc import Mapping

from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Role, Sweep


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    if sweep.has_status:
        return _by_status(sweep)
    if sweep.metrics() and sweep.reported.any():
        return _by_silence(sweep)
    return CouldNotLook("no status column and no metric column were recognised")


def _by_status(sweep: Sweep) -> Detection:
    column = sweep.columns(Role.STATUS)[0]
    flagged = sweep.in_state(State.FAILED, State.TIMEOUT, State.KILLED)

    def evidence(row: int) -> Evidence:
        word = column.show(row)
        return Evidence(column.name, word, "finished", f"ended as {word}")

    return Detection(flagged, sweep.ended, evidence)


def _by_silence(sweep: Sweep) -> Detection:
    """Without a status, a trial with no metric at all is one that never got to report."""
    flagged = sweep.ended & ~sweep.reported

    def evidence(row: int) -> Evidence:
        return Evidence("", "", "any metric", "no metric was recorded at all")

    return Detection(flagged, sweep.ended, evidence)


DETECTOR = Detector(
    code="HP104",
    name="failed",
    title="Failed trials",
    trials="failed trials",
    severity="error",
    rate="failed_rate",
    summary="The trial failed, crashed, timed out or was killed, by its status. In a file without a status, a trial "
    "without a single metric counts. Pruned and early-stopped trials are not failures.",
    why="A crash costs its run time and tells the optimiser nothing; crashes that follow a setting hide a part of the "
    "search space.",
    advice="Open the log of one listed trial; if the failures follow a setting, guard it or take it out of the search "
    "space.",
    source="FAIL against PRUNED in Optuna, ERROR in Ray Tune, FAILED and KILLED in MLflow.",
    look=_look,
)
