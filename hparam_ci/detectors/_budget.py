"""How far trials ran, how far they were to run, and whether something says that they were stopped on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._failures import died
from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.dialects import PLANNED_TOKENS, State, tokens
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask, any_of

MOST = 0.6  # of the trials must reach their plan before missing it counts
UNITS = ("epoch", "iteration", "iter", "step", "token")
STOPPED_FLAGS = frozenset(
    "early_stopped stopped_early stopped is_stopped pruned is_pruned early_stopping_triggered".split()
)
NEVER = frozenset(["false", "no", "none", "off", "0"])


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How far trials ran: (n,) `values` of the column `name`, NaN where it is not recorded."""

    name: str
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How far trials were to run: (n,) `values` of the column `name`, in the unit of what they reached."""

    name: str
    values: Floats

    def shortfall(self, reach: Reach, share: float = 1.0) -> Mask:
        """(n,) trials below that share of their plan; an epoch counted from 0 ends one short of it."""
        with np.errstate(invalid="ignore"):
            short: Mask = reach.values < share * self.values - 1
        return short


def finished(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials that ran to their end with a metric: not stopped on purpose, not failed, and not lost to NaN."""
    sick = any_of([earlier[code].flagged for code in ("HP101", "HP102") if code in earlier], len(sweep))
    well = sweep.in_state(State.OK, State.UNKNOWN) & sweep.reported
    return well & ~sick & ~died(sweep, earlier) & ~_stopped_by_flag(sweep)


def reach_of(sweep: Sweep, rows: Mask) -> Reach | None:
    """The epochs, or steps, that most of these trials record; the last step of their curves where no column does."""
    half = np.count_nonzero(rows) / 2
    budgets = [c for c in sweep.columns(Role.BUDGET) if np.count_nonzero(c.is_(Cell.NUMBER) & rows) > half]
    if budgets:
        budget = min(budgets, key=lambda column: _preference(unit_of(column.name)))
        return Reach(budget.name, finite(budget))
    return _last_steps(sweep, rows)


def _last_steps(sweep: Sweep, rows: Mask) -> Reach | None:
    history = sweep.table.history
    if history is None or not len(history.steps):
        return None
    empty = np.diff(history.starts) == 0
    last = np.where(empty, np.nan, history.steps[np.maximum(history.starts[1:] - 1, 0)])
    return Reach("step", last) if 2 * (~empty)[rows].sum() > rows.sum() else None


def plan_of(sweep: Sweep, reach: Reach, rows: Mask, share: float = MOST) -> Plan | None:
    """The column that says how far each trial was to run, where at least a share of these trials reached it."""
    for column in sweep.table.columns:
        if column.name != reach.name and _is_plan(column, reach.name):
            values = finite(column)
            known = rows & np.isfinite(values) & np.isfinite(reach.values)
            plan = Plan(column.name, values)
            if 2 * known.sum() > rows.sum() and np.mean(~plan.shortfall(reach)[known]) >= share:
                return plan
    return None


def stops_early(sweep: Sweep) -> bool:
    """Whether early stopping was in use, as a `patience` or `early_stopping` in the file says."""
    return any(_says_early_stopping(column) for column in sweep.table.columns)


def _preference(unit: str) -> int:
    """Epochs before steps; what a tool calls a resource or a user a budget comes last."""
    return UNITS.index(unit) if unit in UNITS else len(UNITS)


def unit_of(name: str) -> str:
    """The unit of a budget in its column's name: epoch, iteration, step …; empty without one."""
    words = {word.removesuffix("s") for word in tokens(name)}
    return next((unit for unit in UNITS if unit in words), "")


def _is_plan(column: Column, reached: str) -> bool:
    """Whether a column says how far a trial was to run: `max_epochs`, `config/epochs`, in the unit of what it reached;
    in epochs where that is the steps of a curve."""
    unit, words = unit_of(column.name), tokens(column.name)
    planned = bool(set(words) & PLANNED_TOKENS) or words[-1:] == (f"{unit}s",)
    return planned and bool(unit) and unit in (unit_of(reached), "epoch" if reached == "step" else "")


def _says_early_stopping(column: Column) -> bool:
    words = tokens(column.name)
    if "patience" in words:
        return bool(column.count(Cell.NUMBER))
    if "early" not in words or not any(word.startswith("stop") for word in words):
        return False
    return bool((column.values > 0).any()) or any(level.lower() not in NEVER for level in column.levels)


def _stopped_by_flag(sweep: Sweep) -> Mask:
    flags = [c for c in sweep.table.columns if "_".join(tokens(c.name)) in STOPPED_FLAGS]
    return any_of([_is_set(column) for column in flags], len(sweep))


def _is_set(column: Column) -> Mask:
    texts = np.array([level.lower() not in NEVER for level in column.levels] + [False])[column.codes]
    mask: Mask = texts | (column.values > 0)
    return mask
