"""ABC101 slow-latency: the model is too slow to be served, however good it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors.api import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Options,
    Sweep,
    finite,
)


def look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    """Flag the trials whose latency is above the limit.

    Args:
        sweep: n trials; every array below has the shape (n,).
        options: the numbers below, with what the configuration sets over the defaults.
        earlier: what detectors of lower codes saw, by code.
    """
    column = next((column for column in sweep.table.columns if column.name == "latency_ms"), None)
    if column is None:
        return CouldNotLook("no column latency_ms")
    latency = finite(column)
    at_risk = sweep.ended & np.isfinite(latency)
    flagged = at_risk & (np.nan_to_num(latency) > options["most"])

    def evidence(row: int) -> Evidence:
        value, limit = column.show(row), f"{options['most']:g}"
        return Evidence(column.name, value, limit, f"{column.name} is {value}, above {limit}")

    return Detection(flagged, at_risk, evidence, badness=latency)


DETECTOR = Detector(
    code="ABC101",
    name="slow-latency",
    title="Too slow to serve",
    trials="trials that are too slow",
    severity="warning",
    rate="latency_rate",
    summary="The latency of the trained model is above what we can serve.",
    why="The best model is of no use if it answers too late.",
    advice="Use a smaller model or a lower precision.",
    source="Our service level objective.",
    look=look,
    options=(DetectorOption("most", 50.0, "milliseconds", "The highest latency that we can serve."),),
)
