"""How good a trial is: the one metric that it is judged by, with smaller as better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._metrics import finite, is_fold
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats
from hparam_ci.sources.vocabulary import ONE_SIDED

SPLITS = ("val", None, "test")  # in the order in which a sweep is judged by them


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The column, and (n,) `values` of which less is better; NaN where the cell is no finite number."""

    column: Column
    values: Floats


def result_of(sweep: Sweep) -> Result | None:
    """The objective where one is named, else a held-out metric, losses first and single folds last; None without a
    known direction."""
    known = [
        (
            metric.kind != "objective",
            SPLITS.index(metric.split),
            is_fold(column),
            metric.kind in ONE_SIDED,
            metric.kind != "loss",
            place,
        )
        for place, (column, metric) in enumerate(sweep.metrics())
        if metric.direction and metric.split in SPLITS
    ]
    if not known:
        return None
    column, metric = sweep.metrics()[min(known)[-1]]
    values = finite(column)
    return Result(column, values if metric.direction == "minimize" else np.negative(values))
