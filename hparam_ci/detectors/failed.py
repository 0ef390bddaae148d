"""HP104 failed: the trial did not end well, by its status."""

from __future__ import annotations

from collections.abc import Mapping

from hparam_ci.detectors._failures import flags_of_failure, said, without_a_status
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, any_of

SHOWN = 160
"""Characters of a message in the report."""


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    return _by_status(sweep) if sweep.has_status else _without_a_status(sweep)


def _by_status(sweep: Sweep) -> Detection:
    column = sweep.columns(Role.STATUS)[0]
    by_word = sweep.in_state(State.FAILED, State.TIMEOUT, State.KILLED)
    flags = {name: mask & sweep.in_state(State.OK, State.UNKNOWN) for name, mask in flags_of_failure(sweep).items()}
    metrics = [metric for metric, _ in sweep.metrics()]

    def evidence(row: int) -> Evidence:
        word = column.show(row)
        for name in (name for name, mask in flags.items() if mask[row]):
            return Evidence(name, "", "no failure", f"{name} says that it failed, though it ended as {word}")
        complete = bool(metrics) and all(metric.kinds[row] == Cell.NUMBER for metric in metrics)
        message = f"ended as {word}" + (", though every metric was logged" if complete else "") + _because(sweep, row)
        return Evidence(column.name, word, "finished", message)

    return Detection(by_word | any_of(list(flags.values()), len(sweep)), sweep.ended, evidence)


def _without_a_status(sweep: Sweep) -> Detection | CouldNotLook:
    """Without a status, a trial failed that never got to report a metric, or left an error, a flag or an exit code."""
    found = without_a_status(sweep)
    if not found:
        return CouldNotLook("no status column and no metric column were recognised")
    columns = {column.name: column for column in sweep.table.columns}
    flagged = any_of(list(found.values()), len(sweep))
    messages = {column.name for column in sweep.columns(Role.MESSAGE)}

    def evidence(row: int) -> Evidence:
        name = next(name for name, mask in found.items() if mask[row])
        if not name:
            return Evidence("", "", "any metric", "no metric was recorded at all")
        value = columns[name].show(row)
        because = _because(sweep, row) if name in messages else f" is {value}"
        return Evidence(name, value[:SHOWN], "no failure", f"{name}{because}")

    return Detection(flagged, sweep.ended, evidence)


def _because(sweep: Sweep, row: int) -> str:
    """What the trial's error message says; empty without one."""
    for column in sweep.columns(Role.MESSAGE):
        if said(column)[row]:
            return f": {what_went_wrong(column.show(row))[:SHOWN]}"
    return ""


DETECTOR = Detector(
    code="HP104",
    name="failed",
    title="Failed trials",
    trials="failed trials",
    severity="error",
    rate="failed_rate",
    summary="The trial failed, crashed, timed out or was killed, by its status. In a file without a status, a trial "
    "counts that has no metric at all, or an error message, a flag or an exit code that says so. Pruned and "
    "early-stopped trials are no failures. HP105 and HP106 say more of those that were killed or timed out.",
    why="A crash costs its run time and tells the optimiser nothing; crashes that follow a setting hide a part of the "
    "search space.",
    advice="Open the log of one listed trial; if the failures follow a setting, guard it or take it out of the search "
    "space.",
    source="FAIL against PRUNED in Optuna, ERROR in Ray Tune, FAILED and KILLED in MLflow.",
    look=_look,
)
