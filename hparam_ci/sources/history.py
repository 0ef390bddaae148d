"""Long histories, one row a step: collapsed to one row a trial before anyone counts rows as trials."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.sources.dialects import BUDGET_TOKENS, HISTORY_IDS, canonical, tokens
from hparam_ci.sources.names import metric_of
from hparam_ci.sources.table import Cell, Column, Floats, History, Repair, Table
from hparam_ci.sources.vocabulary import KNOWN_HYPERPARAMETERS, SETTING_WORDS

Rows = NDArray[np.intp]

STEP_NAMES = frozenset("epoch step iter iteration global_step ep itr".split())
FEWEST_STEPS = 3
CHOSEN_WORDS = SETTING_WORDS - frozenset(
    "lr rate momentum norm max min num weight scale samples mean len length".split()
)
"""Words of settings that no run changes as it goes."""


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Rows sorted by trial, in file order within each: `starts` are the first rows of the trials in `order`."""

    order: Rows
    starts: Rows


def collapse(table: Table) -> Table:
    """The last value of every column for each trial, where the table is a history; else the table as it is.

    A history has a column that names the trial and repeats, and a step-like column that rises within each trial; or
    no such name, but steps that begin anew with each configuration.
    """
    for name in table.columns:
        if set(tokens(name.name)) & HISTORY_IDS and (groups := _groups(name)):
            step = next((column for column in table.columns if _is_step(column) and _rises(column, groups)), None)
            if step is not None:
                return _collapsed(table, name.name, step, groups)
    for step in table.columns:
        if "_".join(tokens(step.name)) in STEP_NAMES and (groups := _runs(table, step)):
            return _collapsed(table, "", step, groups)
    return table


def _runs(table: Table, step: Column) -> _Groups | None:
    """The trials of logs one below the other: a new one begins where the step falls back to its start."""
    if step.count(Cell.NUMBER) < len(step) or len(step) < FEWEST_STEPS:
        return None
    change = _steps(step.values)
    starts = np.append(0, np.flatnonzero(change <= 0) + 1)
    if len(step) < FEWEST_STEPS * len(starts) or np.any(step.values[starts] != step.values[0]) or step.values[0] > 1:
        return None
    inside = change[change > 0]
    if len(inside) == 0 or np.mean(inside == np.median(inside)) < 0.9:
        return None
    groups = _Groups(np.arange(len(step)), starts)
    others = [column for column in table.columns if column is not step and _is_setting(column)]
    return None if any(_varies(column, groups) for column in others) else groups


def _is_setting(column: Column) -> bool:
    """Whether a column is a setting by its name, or a choice; a learning rate may follow a schedule."""
    words = set(tokens(column.name))
    if canonical(column.name) == "learning_rate":
        return _jumps(column)
    if metric_of(column.name):
        return False
    return canonical(column.name) in KNOWN_HYPERPARAMETERS or bool(words & CHOSEN_WORDS) or len(column.levels) > 1


def _jumps(column: Column) -> bool:
    """Whether a column goes up and down as draws do, and not as a schedule does."""
    moves = _steps(column.values)
    turns = np.diff(np.sign(moves[moves != 0]))
    return bool(np.count_nonzero(turns) > 0.3 * len(column))


def _groups(column: Column) -> _Groups | None:
    """The trials that a column names, or None where it does not repeat."""
    if column.count(Cell.MISSING) or (len(column) > 1 and bool((_steps(column.values) > 0).all())):
        return None
    keys = np.where(column.is_(Cell.TEXT), column.codes, np.unique(column.values, return_inverse=True)[1])
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
    return _Groups(order, starts) if 2 * len(starts) <= len(keys) else None


def _is_step(column: Column) -> bool:
    return bool(set(tokens(column.name)) & BUDGET_TOKENS) and not column.levels


def _rises(column: Column, groups: _Groups) -> bool:
    """Whether the column never falls within a trial, and rises in most of them."""
    values = column.values[groups.order]
    change = _steps(values)
    inside = np.ones(len(change), bool)
    inside[groups.starts[1:] - 1] = False
    ends = np.r_[groups.starts[1:] - 1, len(values) - 1]
    with np.errstate(invalid="ignore"):
        falls = np.count_nonzero(inside & (change < 0))
        rising = np.mean(values[ends] > values[groups.starts])
    return bool(falls <= 0.01 * len(change) and rising > 0.5)


def _steps(values: Floats) -> Floats:
    """(n - 1,) the change from each value to the next; infinite where it is beyond the largest double."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.diff(values)


def _collapsed(table: Table, name: str, step: Column, groups: _Groups) -> Table:
    """The table of the trials; `name` is the column that names them, empty where none does."""
    ends = groups.order[np.r_[groups.starts[1:] - 1, len(groups.order) - 1]]
    by_file = np.argsort(ends, kind="stable")
    columns = tuple(column.take(_last_filled(column, groups)[by_file]) for column in table.columns)
    trials = f"{len(ends)} trial{'' if len(ends) == 1 else 's'}"
    how = f"by {name}" if name else f"by {step.name}, which begins anew with each"
    said = f"a history of {table.n_rows} rows, read as {trials} {how} (the last value of each column)"
    varying = frozenset(column.name for column in table.columns if _varies(column, groups)) - {name}
    return replace(
        table,
        columns=columns,
        lines=table.lines[ends[by_file]],
        repairs=(*table.repairs, Repair(said, table.n_rows)),
        varying=varying,
        history=_curves(table, varying, step, groups, by_file),
    )


def _curves(table: Table, varying: frozenset[str], step: Column, groups: _Groups, by_file: Rows) -> History:
    """The rows of each trial in the order of the collapsed table."""
    lengths = np.diff(np.r_[groups.starts, len(groups.order)])[by_file]
    starts = np.r_[0, np.cumsum(lengths)]
    within = np.arange(len(groups.order)) - np.repeat(starts[:-1], lengths)
    rows = groups.order[np.repeat(groups.starts[by_file], lengths) + within]
    columns = {column.name: column.take(rows) for column in table.columns if column.name in varying}
    return History(starts, step.values[rows], columns)


def _last_filled(column: Column, groups: _Groups) -> Rows:
    """(trials,) the last row of each trial in which the column is not missing; its last row where there is none."""
    place = np.arange(len(column))
    filled = np.where(column.kinds[groups.order] != Cell.MISSING, place, -1)
    last = np.maximum.reduceat(filled, groups.starts)
    ends = np.r_[groups.starts[1:] - 1, len(column) - 1]
    rows: Rows = groups.order[np.where(last >= 0, last, ends)]
    return rows


def _varies(column: Column, groups: _Groups) -> bool:
    """Whether the column takes two different values within any trial."""
    content = np.where(column.is_(Cell.TEXT), column.codes, column.values)[groups.order]
    filled = column.kinds[groups.order] != Cell.MISSING
    low = np.minimum.reduceat(np.where(filled, content, np.inf), groups.starts)
    high = np.maximum.reduceat(np.where(filled, content, -np.inf), groups.starts)
    return bool(np.any(high > low))
