"""Rows of a history: where in its curve something began, and arithmetic over the rows of each trial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hparam_ci.sources.dialects import canonical
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Floats

Rows = NDArray[np.intp]


def first_row(sweep: Sweep, name: str, cells: tuple[Cell, ...]) -> Rows | None:
    """(n,) the row of the history at which a column first has such a cell, -1 for never; None without its curve."""
    history = sweep.table.history
    if history is None or name not in history.columns:
        return None
    hits = history.columns[name].is_(*cells)
    rows = np.where(hits, np.arange(len(hits), dtype=float), np.inf)
    found = reduced(np.minimum, rows, history.starts)
    return np.where(np.isfinite(found), np.nan_to_num(found, posinf=0.0), -1).astype(np.intp)


def at_step(sweep: Sweep, name: str, trial: int, row: int) -> str:
    """` from epoch 7 on; lr was 0.3 then`: where in its curve something began, and the learning rate on a schedule.

    Empty where the trial has but one row.
    """
    history = sweep.table.history
    if history is None or row < 0:
        return ""
    start, end = int(history.starts[trial]), int(history.starts[trial + 1])
    if end - start < 2:
        return ""
    if not np.any(history.columns[name].is_(Cell.NUMBER)[start:row]):
        return f" from the first {_step_word(sweep)} on"
    said = f" from {_step_word(sweep)} {history.steps[row]:.6g} on"
    for column in history.columns.values():
        if canonical(column.name) == "learning_rate":
            filled = start + np.flatnonzero(column.is_(Cell.NUMBER)[start : row + 1])
            if len(filled):
                said += f"; {column.name} was {column.show(int(filled[-1]))} then"
    return said


def _step_word(sweep: Sweep) -> str:
    """What the steps of the history count: `epoch` where they are the file's epochs."""
    history = sweep.table.history
    for column in sweep.columns(Role.BUDGET):
        if history is not None and column.name in history.columns and "epoch" in column.name.lower():
            cells = history.columns[column.name]
            if np.array_equal(np.where(cells.is_(Cell.NUMBER), cells.values, history.steps), history.steps):
                return "epoch"
    return "step"


def reduced(of: np.ufunc, values: Floats, starts: Rows) -> Floats:
    """(n,) a ufunc over each segment of `values` between neighbouring `starts` (n + 1,), NaN where it is empty."""
    out = np.full(len(starts) - 1, np.nan)
    some = np.diff(starts) > 0
    if some.any():
        out[some] = of.reduceat(values, starts[:-1][some])
    return out


def running_min(values: Floats, starts: Rows) -> Floats:
    """(m,) the least value of its segment up to each row: by doubling, log2 of the longest segment passes."""
    out = values.copy()
    places = np.arange(len(values)) - np.repeat(starts[:-1], np.diff(starts))
    reach = 1
    while reach <= np.max(places, initial=0):
        inside = places[reach:] >= reach
        out[reach:] = np.where(inside, np.minimum(out[reach:], out[:-reach]), out[reach:])
        reach *= 2
    return out
