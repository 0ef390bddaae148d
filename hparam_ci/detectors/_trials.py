"""The trials of a sweep as one experiment: which count, in which order they ran, how a configuration is described.
Shared by the detectors that look at the sweep as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.dialects import State
from hparam_ci.sources.rows import Rows
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask, any_of
from hparam_ci.sources.times import STARTS, named, seconds_of

NO_HYPERPARAMETER = "no hyperparameter varies in this file"
NO_REPLICATES = "no configuration was run more than once"
NO_METRIC = "no metric column was recognised"
DIED = ("HP101", "HP102", "HP104", "HP105", "HP106")
FEWEST_NUMBERED = 5

_NUMBER_AT_END = re.compile(r"(?:^|.*[^0-9])(\d{1,9})$")


# --- which trials count ---------------------------------------------------------------------------


def finished(sweep: Sweep) -> Mask:
    """(n,) trials that came to their end: not failed, not pruned, not running."""
    return sweep.ended & sweep.in_state(State.OK, State.UNKNOWN)


def died(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials that failed, were killed or reported no finite number, as far as the detectors of it ran."""
    return any_of([earlier[code].flagged for code in DIED if code in earlier], len(sweep))


def settings(sweep: Sweep) -> list[Column]:
    """The hyperparameters that vary."""
    return sweep.columns(Role.HYPERPARAMETER)


# --- the order in which they ran ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The trials by the time at which they began.

    Attributes:
        rows: (n,) rows in that order.
        column: what tells it.
    """

    rows: Rows
    column: str


def order_in_time(sweep: Sweep) -> Order | None:
    """By start time, else by trial number; None where neither is there, for a file may have been sorted."""
    began = named(sweep.columns(Role.TIMESTAMP), STARTS)
    if began is not None and _tells_apart(stamps := seconds_of(began)):
        return Order(np.argsort(stamps, kind="stable"), began.name)
    numbers = trial_numbers(sweep)
    if numbers is None:
        return None
    order = Order(np.argsort(numbers, kind="stable"), sweep.columns(Role.ID)[0].name)
    return None if _is_sorted(sweep, order.rows) else order


def _tells_apart(stamps: Floats) -> bool:
    return bool(np.isfinite(stamps).all()) and 2 * len(np.unique(stamps)) > len(stamps)


def _is_sorted(sweep: Sweep, rows: Rows) -> bool:
    """Whether the numbers count the places of a ranking: some metric never falls, or never rises, along them."""
    for column, _ in sweep.metrics():
        values = finite(column)[rows]
        steps = np.diff(values.compress(np.isfinite(values)))
        if len(steps) >= 5 and steps.any() and (np.all(steps >= 0) or np.all(steps <= 0)):
            return True
    return False


def trial_numbers(sweep: Sweep) -> Floats | None:
    """(n,) the number of each trial, from its id or the end of it; None where ids are no distinct whole numbers."""
    ids = sweep.columns(Role.ID)
    if not ids or len(sweep) < FEWEST_NUMBERED:
        return None
    column = ids[0]
    if column.count(Cell.NUMBER) == len(column):
        numbers = column.values
    else:
        matches = [_NUMBER_AT_END.match(level) for level in column.levels]
        if column.count(Cell.TEXT) < len(column) or not all(matches):
            return None
        numbers = np.array([float(match[1]) for match in matches if match])[column.codes]
    whole = np.all((numbers == np.rint(numbers)) & (numbers >= 0))
    rising = bool(np.all(np.diff(numbers) > 0))
    return numbers if whole and (rising or len(np.unique(numbers)) == len(numbers)) else None


# --- configurations -------------------------------------------------------------------------------


def described(sweep: Sweep, row: int, most: int = 4) -> str:
    """The configuration of a trial: `lr = 0.1, depth = 2 and 3 more`."""
    columns = settings(sweep)
    shown = ", ".join(f"{column.name} = {column.show(row) or 'not set'}" for column in columns[:most])
    return shown + (f" and {len(columns) - most} more" if len(columns) > most else "")


def listed(names: Sequence[str], most: int = 5) -> str:
    """`lr, wd and depth`; `lr, wd, depth, width, heads and 3 more`."""
    shown = list(names[:most])
    shown += [f"{len(names) - most} more"] if len(names) > most else []
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
