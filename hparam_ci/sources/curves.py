"""Curves thinned to what a picture can show."""

from __future__ import annotations

import numpy as np

from hparam_ci.inspection import CURVE_POINTS

from .sweep import Sweep
from .table import Cell

Curve = tuple[float | None, ...]


def thinned(sweep: Sweep, name: str, row: int) -> Curve:
    """The values of one trial's curve, the last of each of at most CURVE_POINTS equal spans of its steps; empty where
    the sweep has no curve of that column, or the trial has fewer than two points of it."""
    history = sweep.table.history
    if history is None or name not in history.columns:
        return ()
    column = history.columns[name]
    rows = np.arange(history.starts[row], history.starts[row + 1])
    rows = rows[column.kinds[rows] != Cell.MISSING]
    if len(rows) < 2:
        return ()
    ends = np.unique(np.linspace(0, len(rows) - 1, min(CURVE_POINTS, len(rows))).round().astype(np.intp))
    values = column.values[rows[ends]]
    return tuple(float(value) if np.isfinite(value) else None for value in values)
