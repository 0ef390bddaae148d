"""What a reader should know of how a sweep was read, and what its file cannot tell: one sentence each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .dialects import State
from .role_facts import contexts
from .sweep import Role
from .table import Cell

if TYPE_CHECKING:
    from .sweep import Reading, Sweep
    from .table import Repair

MOST_DOUBTFUL = 5
MOST_NAMED = 5
_YAML_WORDS = frozenset("y n yes no on off true false null".split())


def notes(sweep: Sweep) -> Iterator[str]:
    """The notes, what matters most first."""
    yield from sweep.table.notes
    yield from _trials(sweep)
    if not sweep.columns(Role.HYPERPARAMETER):
        yield "no hyperparameter column that varies was recognised: rates are judged, causes cannot be searched"
    yield from _mixed(sweep)
    yield from _direction(sweep)
    unknown = [name for name, known in sweep.status_words_known.items() if not known]
    if unknown:
        yield f"status words that are not known, taken as neither good nor bad: {', '.join(unknown[:5])}"
    yield from _doubtful(sweep)
    yield from _texts_for_numbers(sweep)
    yield from _repairs(sweep.table.repairs)


# --- trials ---------------------------------------------------------------------------------------


def _trials(sweep: Sweep) -> Iterator[str]:
    stopped = int(np.count_nonzero(sweep.in_state(State.STOPPED)))
    if stopped:
        trials = "1 trial was" if stopped == 1 else f"{stopped} trials were"
        yield f"{trials} stopped early or pruned: not sick, and not compared at their last step"
    running = int(np.count_nonzero(~sweep.ended))
    if running:
        trials = "1 trial is" if running == 1 else f"{running} trials are"
        yield f"{trials} marked as running or waiting and left out of every denominator, unless killed (HP105)"


def _mixed(sweep: Sweep) -> Iterator[str]:
    """Trials that were measured on different data, whose metrics are compared as if they were not."""
    for column in contexts(sweep):
        said = f"column {column.name} says that trials were measured on {_listed(list(column.levels))}"
        yield f"{said}: they are compared with each other all the same; a file for each would keep them apart"


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
    """One sentence for all columns of which the same is to be said."""
    alike: dict[tuple[str, bool], list[Repair]] = {}
    for repair in repairs:
        alike.setdefault((repair.what, repair.column is not None), []).append(repair)
    for (what, is_of_column), same in alike.items():
        if not is_of_column:
            yield from (repair.what for repair in same)
            continue
        names = [repair.column or "" for repair in same]
        cells = sum(repair.count for repair in same)
        counted = f" ({cells:,} cells)" if cells > 1 else ""
        yield f"column{'s' * (len(same) > 1)} {_listed(names)}: {what}{counted}"


def _listed(names: list[str]) -> str:
    """`a, b and c`; of more than MOST_NAMED the first, and how many more."""
    if len(names) == 1:
        return names[0]
    shown, rest = names[:MOST_NAMED], len(names) - MOST_NAMED
    return f"{', '.join(shown)} and {rest} more" if rest > 0 else f"{', '.join(names[:-1])} and {names[-1]}"
