"""Trials that did not end well, and how: told by their status, else by their silence, their error or a flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.dialects import State, tokens
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask, any_of

BAD_FLAGS = frozenset("failed is_failed has_failed crashed is_crashed errored sys_failed".split())
EXIT_CODES = frozenset("returncode return_code exit_code exitcode".split())
YES, NO = frozenset(["true", "yes"]), frozenset(["false", "no"])
NOTHING = frozenset("- -- ? none null nan na n/a no false ok success successful nothing empty 0".split())
ERRORS = frozenset("error exception traceback failure crash stderr".split())
DIED = ("HP104", "HP105", "HP106")
NEAR = 0.02  # of a limit: a job that reached it ends this close to it
FEWEST = 3
UNITS = (("hours", 3600.0), ("minutes", 60.0))
MOST_OTHERS = 0.1  # finished trials beside those that a limit ended, as a share of them


def died(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials that failed, were killed or timed out, as far as the detectors of it ran."""
    return any_of([earlier[code].flagged for code in DIED if code in earlier], len(sweep))


def without_a_status(sweep: Sweep) -> dict[str, Mask]:
    """Which trials failed where no status says so: by the column that shows it; the empty name stands for silence."""
    found = flags_of_failure(sweep)
    for column in sweep.columns(Role.MESSAGE):
        if set(tokens(column.name)) & ERRORS and (texts := said(column)).mean() < 0.95:
            found[column.name] = texts
    return {**found, "": ~sweep.reported} if sweep.metrics() and sweep.reported.any() else found


def flags_of_failure(sweep: Sweep) -> dict[str, Mask]:
    """(n,) trials that each column such as `failed` or `exit_code` calls bad, by its name."""
    return {column.name: mask for column in sweep.table.columns if (mask := _flagged_by(column)) is not None}


def said(column: Column) -> Mask:
    """(n,) where a column of messages holds one, and not a word for none."""
    real = np.array([level.lower() not in NOTHING for level in column.levels] + [False])
    mask: Mask = real[column.codes] & column.is_(Cell.TEXT)
    return mask


def _flagged_by(column: Column) -> Mask | None:
    """(n,) trials that a column such as `failed` or `exit_code` calls bad; None for any other column."""
    name = "_".join(tokens(column.name))
    if name in EXIT_CODES and not column.levels:
        bad: Mask = column.is_(Cell.NUMBER) & (column.values != 0)
        return bad
    if name not in BAD_FLAGS or not _is_boolean(column):
        return None
    bad = np.array([level.lower() in YES for level in column.levels] + [False])[column.codes]
    bad |= column.values == 1
    return bad


def _is_boolean(column: Column) -> bool:
    numbers = column.known
    words = {level.lower() for level in column.levels}
    return words <= YES | NO and bool(np.isin(numbers, [0, 1]).all()) and bool(words or len(numbers))


@dataclass(frozen=True, slots=True, eq=False)
class PileUp:
    """Trials that ended at one limit of time.

    Attributes:
        rows: (n,) the trials.
        low: seconds of the first of them.
        high: seconds of the last of them.
    """

    rows: Mask
    low: float
    high: float


def pile_up(
    sweep: Sweep, candidates: Mask, near: float = NEAR, fewest: int = FEWEST, others: float = MOST_OTHERS
) -> PileUp | None:
    """The candidates that ended together at the longest duration of the sweep; None where there is no such limit.

    No trial may have run longer, and hardly one that finished as long: else it is where work ends, not where it is cut
    off. Trials that all began together were not timed out one by one, but stopped together.

    Args:
        sweep: the trials.
        candidates: (n,) those that did not end well.
        near: how far below the longest duration a trial may have ended, as a share of it.
        fewest: trials that make a pile.
        others: most finished trials in the same span, as a share of the pile.
    """
    seconds = sweep.seconds
    if seconds is None or not (candidates & (seconds > 0)).any():
        return None
    high = float(np.max(seconds[candidates & (seconds > 0)]))
    inside = (seconds >= (1 - near) * high) & (seconds <= high)
    rows = candidates & inside
    many, finished = int(rows.sum()), sweep.in_state(State.OK, State.UNKNOWN) & ~candidates
    longer = np.nanmax(np.where(np.isfinite(seconds), seconds, -np.inf)) > (1 + near) * high
    if many < fewest or longer or (finished & (seconds >= (1 - near) * high)).sum() > others * many:
        return None
    return None if _at_once(sweep.began, rows, near * high) else PileUp(rows, float(np.min(seconds[rows])), high)


def _at_once(began: Floats | None, rows: Mask, within: float) -> bool:
    if began is None or not np.isfinite(began[rows]).all():
        return False
    return bool(np.ptp(began[rows]) <= within)


def ended_badly(sweep: Sweep) -> Mask:
    """(n,) trials that failed or were killed; where no status says so, those that failed without one."""
    if sweep.has_status:
        return sweep.in_state(State.FAILED, State.KILLED)
    return any_of(list(without_a_status(sweep).values()), len(sweep))


def span(seconds: float) -> str:
    """A duration for people: `0.017 s`, `14.1 minutes`."""
    name, size = _unit(seconds)
    return f"{seconds / size:.3g} {name}"


def between(low: float, high: float) -> str:
    """Two durations for people, in the unit of the longer one: `60 and 60.1 minutes`."""
    name, size = _unit(high)
    return f"{low / size:.3g} and {high / size:.3g} {name}"


def _unit(seconds: float) -> tuple[str, float]:
    return next(((name, size) for name, size in UNITS if seconds >= 2 * size), ("s", 1.0))
