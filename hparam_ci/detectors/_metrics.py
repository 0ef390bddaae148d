"""Shared by the detectors that look for one kind of cell in the metrics."""

from __future__ import annotations

import numpy as np

from hparam_ci.detectors.detector import CouldNotLook, Detection, Evidence
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell, Column, Floats, any_of


def flag_cells(sweep: Sweep, cells: tuple[Cell, ...], what: str) -> Detection | CouldNotLook:
    """Trials with such a cell in any metric, among the trials that reported any metric."""
    metrics = [column for column, _ in sweep.metrics()]
    if not metrics:
        return CouldNotLook("no metric column was recognised")
    hits = {column.name: column.is_(*cells) for column in metrics}
    flagged = any_of(list(hits.values()), len(sweep))

    def evidence(row: int) -> Evidence:
        columns = [column for column in metrics if hits[column.name][row]]
        names = ", ".join(column.name for column in columns)
        return Evidence(columns[0].name, columns[0].show(row), "a finite number", f"{what} in {names}")

    return Detection(flagged, sweep.reported, evidence)


def finite(column: Column) -> Floats:
    """(n,) the numbers of a column, NaN where the cell is none."""
    return np.where(column.is_(Cell.NUMBER), column.values, np.nan)
