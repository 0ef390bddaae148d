"""What a reader should know of how a sweep was read, and what its file cannot tell: one sentence each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .dialects import State
from .sweep import Role
from .table import Cell

if TYPE_CHECKING:
    from .sweep import Reading, Sweep
    from .table import Column, Floats, Repair

MOST_DOUBTFUL = 5
MOST_MISSING_SHARE = 0.5

_YAML_WORDS = frozenset("y n yes no on off true false null".split())
_NUMBER_AT_END = re.compile(r"(?:^|.*[^0-9])(\d{1,9})$")


def notes(sweep: Sweep) -> Iterator[str]:
    """The notes, what matters most first."""
    yield from sweep.table.notes
    yield from _trials(sweep)
    if not sweep.columns(Role.HYPERPARAMETER):
        yield "no hyperparameter column that varies was recognised: rates are judged, causes cannot be searched"
    yield from _direction(sweep)
    unknown = [name for name, known in sweep.status_words_known.items() if not known]
    if unknown:
        yield f"status words that are not known, taken as neither good nor bad: {', '.join(unknown[:5])}"
    yield from _doubtful(sweep)
    yield from _texts_for_numbers(sweep)
    yield from _repairs(sweep.table.repairs)


# --- trials ---------------------------------------------------------------------------------------


def _trials(sweep: Sweep) -> Iterator[str]:
    if missing := _missing_numbers(sweep):
        gone, of = missing
        yield f"{gone} of {of} trial numbers are missing: trials that crashed early may have been left out of the file"
    stopped = int(np.count_nonzero(sweep.in_state(State.STOPPED)))
    if stopped:
        yield f"{stopped} trials were stopped early or pruned: not sick, and not compared at their last step"
    running = int(np.count_nonzero(~sweep.ended))
    if running:
        stale = int(np.count_nonzero(_stale(sweep)))
        why = f"; {stale} of them began before others that ended, so they were probably killed" if stale else ""
        yield f"{running} trials are marked as running or waiting and leave every denominator{why}"


def _missing_numbers(sweep: Sweep) -> tuple[int, int] | None:
    """How many numbers the file leaves out, and of how many; None where they are no consecutive numbers."""
    numbers = _numbers(sweep)
    if numbers is None:
        return None
    distinct = np.unique(numbers)
    low = min(float(distinct[0]), 0.0 if distinct[0] <= 1 else float(distinct[0]))
    span = int(distinct[-1] - (1 if distinct[0] == 1 else low)) + 1
    gone = span - len(distinct) - sum(repair.lost_rows for repair in sweep.table.repairs)
    return (gone, span) if 0 < gone <= MOST_MISSING_SHARE * span else None


def _numbers(sweep: Sweep) -> Floats | None:
    ids = sweep.columns(Role.ID)
    if not ids or len(sweep) < 5:
        return None
    column = ids[0]
    if column.count(Cell.NUMBER) == len(column):
        values = column.values
        return values if bool(np.all(values == np.rint(values)) and np.all(values >= 0)) else None
    matches = [_NUMBER_AT_END.match(level) for level in column.levels]
    if column.count(Cell.TEXT) < len(column) or not all(matches):
        return None
    return np.array([float(match[1]) for match in matches if match])[column.codes]


def _stale(sweep: Sweep) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(n,) trials still marked as running that began before most of the ended ones did."""
    stamps = [_seconds(column) for column in sweep.columns(Role.TIMESTAMP)[:2]]
    running = sweep.in_state(State.RUNNING)
    known = [stamp for stamp in stamps if np.isfinite(stamp[running]).all()]
    ended = sweep.in_state(State.OK, State.FAILED, State.STOPPED)
    if not known or not ended.any():
        return np.zeros(len(sweep), bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(running & (known[0] < np.nanmax(known[0][ended])))


def _seconds(column: Column) -> Floats:
    """(n,) a number that grows with time, NaN where there is none."""
    if not column.levels:
        return column.values
    import pandas as pd

    stamps = pd.to_datetime(pd.Series(column.levels, dtype=object), errors="coerce", utc=True, format="ISO8601")
    seconds = stamps.astype("int64").to_numpy(float)
    seconds[stamps.isna().to_numpy()] = np.nan
    return np.append(seconds, np.nan)[column.codes]


# --- columns --------------------------------------------------------------------------------------


def _direction(sweep: Sweep) -> Iterator[str]:
    for reading in sweep.readings:
        if reading.metric and reading.metric.direction is None and reading.metric.kind == "objective":
            name = reading.name
            line = f"directions: {{{_key(name)}: minimize}}"
            yield f"which way is better for {name} is not known; a line of configuration says it, such as {line}"
            return


def _doubtful(sweep: Sweep) -> Iterator[str]:
    doubtful = [reading for reading in sweep.readings if is_doubtful(reading)]
    if doubtful:
        shown = ", ".join(f"{_key(reading.name)}: {reading.role.value}" for reading in doubtful[:MOST_DOUBTFUL])
        more = f", and {len(doubtful) - MOST_DOUBTFUL} more" if len(doubtful) > MOST_DOUBTFUL else ""
        yield f"not sure of these columns{more}; a line of configuration settles it, such as roles: {{{shown}}}"


def _texts_for_numbers(sweep: Sweep) -> Iterator[str]:
    for column, _ in sweep.metrics():
        if texts := column.count(Cell.TEXT):
            cells = "1 cell holds" if texts == 1 else f"{texts:,} cells hold"
            yield f"column {column.name}: {cells} a text and no number, such as {column.levels[0][:40]!r}"


def is_doubtful(reading: Reading) -> bool:
    """Whether a person should settle what a column is."""
    return reading.confidence == "low"


def _key(name: str) -> str:
    """A name as a key of YAML; one that is a word of YAML itself, or has other characters, in quotes."""
    plain = re.fullmatch(r"[A-Za-z_][\w./-]*", name, re.ASCII) and name.lower() not in _YAML_WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)


# --- the file -------------------------------------------------------------------------------------


def _repairs(repairs: tuple[Repair, ...]) -> Iterator[str]:
    for repair in repairs:
        where = f"column {repair.column}: " if repair.column else ""
        cells = f" ({repair.count:,} cells)" if repair.column and repair.count > 1 else ""
        yield f"{where}{repair.what}{cells}"
