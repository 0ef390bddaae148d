"""Rows that are one trial seen several times: rungs of successive halving, and rows written twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .role_facts import NOT_UNIQUE
from .rows import alike, firsts
from .sweep import Role, Sweep
from .table import Cell, Repair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .table import Column, Floats, Mask, Table

    Rows = NDArray[np.intp]

MOST_RUNGS = 20
MEASURED_DIGITS = 4


def one_row_each(sweep: Sweep) -> Sweep:
    """The sweep with each trial once: the row of its largest budget, and no row twice."""
    return _without_copies(_last_rungs(sweep))


def _last_rungs(sweep: Sweep) -> Sweep:
    """Each configuration at its largest budget, where every larger budget was given to survivors of the smaller."""
    settings = sweep.columns(Role.HYPERPARAMETER)
    budget = next((c for c in sweep.columns(Role.BUDGET) if not c.levels), None)
    if budget is None or not settings or _named_trials(sweep) or budget.count(Cell.MISSING):
        return sweep
    config = alike([*settings, *sweep.columns(Role.SEED)])
    n_configs = len(np.unique(config))
    levels = np.unique(budget.values)
    if (
        not 2 <= len(levels) <= MOST_RUNGS
        or n_configs == len(sweep)
        or not _are_survivors(config, budget.values, levels)
    ):
        return sweep
    order = np.lexsort((budget.values, config))
    last = order[np.append(np.flatnonzero(np.diff(config[order])), len(order) - 1)]
    said = f"{len(sweep)} rows are {n_configs} configurations at growing {budget.name}: each is judged at its largest"
    return _only(sweep, np.sort(last), said, len(sweep) - n_configs)


def _named_trials(sweep: Sweep) -> bool:
    """Whether an id other than a count of the rows tells the rows apart."""
    return any(r.role is Role.ID and r.confidence == "high" and not _is_index(r.name) for r in sweep.readings)


def _is_index(name: str) -> bool:
    return name.lower() in ("index", "#", "number", "no", "nr") or name.startswith(("column ", "Unnamed"))


def _are_survivors(config: Rows, budgets: Floats, levels: Floats) -> bool:
    """Whether nearly each configuration with a larger budget was there with the next smaller one, once a level."""
    seen = [config[budgets == level] for level in levels]
    if any(len(np.unique(each)) < len(each) for each in seen):
        return False
    above = sum(len(each) for each in seen[1:])
    survived = sum(int(np.isin(more, less).sum()) for less, more in pairwise(seen))
    return survived >= 0.95 * above


def _without_copies(sweep: Sweep) -> Sweep:
    """No row twice: no id tells them apart, and the same id or results of many digits say that they are one trial."""
    metrics = [column for column, _ in sweep.metrics()]
    if _named_trials(sweep) or not metrics:
        return sweep
    told = [c for c, r in zip(sweep.table.columns, sweep.readings, strict=True) if not _is_row_number(c, r.role)]
    groups = alike(told)
    copies = np.ones(len(sweep), bool)
    copies[firsts(groups)] = False
    if not any(reading.reason == NOT_UNIQUE for reading in sweep.readings):
        copies &= is_measured(metrics)
    if not copies.any():
        return sweep
    n = int(copies.sum())
    return _only(sweep, np.flatnonzero(~copies), f"{n} rows repeat another row in every cell and are counted once", n)


def _is_row_number(column: Column, role: Role) -> bool:
    return role is Role.ID or _is_index(column.name)


def is_measured(metrics: Sequence[Column]) -> Mask:
    """(n,) rows with a result that two trials do not share by chance: one of several digits."""
    measured = np.zeros(len(metrics[0]), bool)
    for column in metrics:
        values = np.where(column.is_(Cell.NUMBER), column.values, 0.0)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            size = 10.0 ** (MEASURED_DIGITS - 1 - np.floor(np.log10(np.abs(values))))
            scaled = values * np.where(np.isfinite(size), size, 0.0)
        measured |= (np.abs(scaled - np.rint(scaled)) > 1e-9) & np.isfinite(scaled)
    return measured


def _only(sweep: Sweep, rows: Rows, said: str, count: int) -> Sweep:
    return Sweep(_rows_of(sweep.table, rows, Repair(said, count, rows_lost=count)), sweep.readings, sweep.status_words)


def _rows_of(table: Table, rows: Rows, repair: Repair) -> Table:
    return replace(
        table,
        columns=tuple(column.take(rows) for column in table.columns),
        lines=table.lines[rows],
        repairs=(*table.repairs, repair),
        history=None,
    )
