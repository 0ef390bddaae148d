"""HP103 missing-result: the trial finished, but a metric that the others have is empty."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell, any_of


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    metrics = [column for column, _ in sweep.metrics()]
    if not metrics:
        return CouldNotLook("no metric column was recognised")
    at_risk = sweep.in_state(State.OK) if sweep.has_status else sweep.reported
    if not at_risk.any():
        return CouldNotLook("no trial is marked as finished")
    names = {column.name for column in metrics}
    missing = {c.name: c.is_(Cell.MISSING) for c in metrics if _per_epoch(c.name) not in names - {c.name}}
    usual = {name for name, blank in missing.items() if np.mean(~blank[at_risk]) >= options["share"]}
    if not usual:
        return CouldNotLook("no metric is filled in often enough to be expected")
    flagged = at_risk & any_of([missing[name] for name in usual], len(sweep))

    def evidence(row: int) -> Evidence:
        blank = [column.name for column in metrics if column.name in usual and missing[column.name][row]]
        return Evidence(blank[0], "", "a value", f"finished without {', '.join(blank)}")

    return Detection(flagged, at_risk, evidence)


def _per_epoch(name: str) -> str:
    """The name that the same metric has once an epoch, where a logger writes both: `loss_step`, `loss_epoch`."""
    return re.sub(r"step$", "epoch", name)


DETECTOR = Detector(
    code="HP103",
    name="missing-result",
    title="Finished without a result",
    trials="trials without a result",
    severity="warning",
    rate="missing_rate",
    summary="The trial finished, but a metric that most finished trials have is empty.",
    why="Many tools write NaN as an empty cell, so this is a NaN or a result that was never logged; the file "
    "cannot tell.",
    advice="Open the trial's log. If the metric was NaN there, treat it as a NaN; else log the metric at the end of "
    "every trial.",
    source="pandas and MLflow write NaN as an empty cell by default.",
    look=_look,
    options=(
        DetectorOption(
            "share", 0.5, "share of finished trials", "A metric is expected if at least this share of trials has it."
        ),
    ),
)
