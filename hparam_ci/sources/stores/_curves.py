"""Curves from points: (trial, step, metric, value) in any order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hparam_ci.sources.cells import from_numbers
from hparam_ci.sources.table import Column, History

Point = tuple[int, float, str, float]
"""Trial from 0, step, metric, value; NaN and infinities are values."""


def curves(n: int, points: Sequence[Point]) -> History | None:
    """The history of `n` trials, a row for each step at which a trial reported anything.

    Returns:
        None where no trial has more than one step.
    """
    if not points:
        return None
    places: dict[str, int] = {}
    trials = np.array([point[0] for point in points], np.intp)
    steps = np.array([point[1] for point in points], float)
    metrics = np.array([places.setdefault(point[2], len(places)) for point in points], np.intp)
    values = np.array([point[3] for point in points], float)
    order = np.lexsort((steps, trials))
    trials, steps, metrics, values = trials[order], steps[order], metrics[order], values[order]
    is_new = np.append(True, (np.diff(trials) != 0) | (np.diff(steps) != 0))
    rows = np.cumsum(is_new) - 1
    starts = np.searchsorted(trials[is_new], np.arange(n + 1))
    if np.max(np.diff(starts)) < 2:
        return None
    columns = {name: _column(name, rows, values, metrics == place) for name, place in places.items()}
    return History(starts, steps[is_new], columns)


def _column(name: str, rows: np.ndarray, values: np.ndarray, mine: np.ndarray) -> Column:
    n = int(rows[-1]) + 1
    cells, blank = np.full(n, np.nan), np.ones(n, bool)
    cells[rows[mine]], blank[rows[mine]] = values[mine], False
    return from_numbers(name, cells, blank, np.full(n, -1, np.int32))[0]
