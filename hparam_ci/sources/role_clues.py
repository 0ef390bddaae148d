"""A column that no rule knows: clues from its values, its name, its blanks and its place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from .dialects import (
    SPLIT_TOKENS,
    tokens,
)
from .places import Place
from .role_facts import FEW_LEVELS, File, are_round, hyperparameter, ignored, n_distinct
from .sweep import Reading, Role
from .table import Cell, Column
from .vocabulary import (
    SETTING_WORDS,
)

_NEITHER = "neither its name nor its values say that it is a setting"
_HARDLY = "its name, its values and its place say that it is none"
_NUMBERED = re.compile(r"(.*\D)\d+")
SIBLINGS = 4
_VARIABLE = re.compile(r"(?:x|p|theta|param|var|arg|hp|z)_?\d+", re.I)


def by_clues(column: Column, file: File) -> Reading:
    """An unknown name: a setting is there before the run and takes chosen values, an outcome is not and does not."""
    if _VARIABLE.fullmatch(column.name):
        return hyperparameter(column, "medium", "named as a variable of a search space")
    if n_distinct(column) == 1 and not column.count(Cell.MISSING):
        return hyperparameter(column, "low", "")
    clues = [*_clues_of_values(column), *_clues_of_name(column), *_clues_of_blanks(column, file)]
    clues += _CLUES_OF_PLACES.get(file.places.get(column.name, Place.ANYWHERE), [])
    score, reason = sum(weight for weight, _ in clues), "; ".join(why for _, why in clues)
    if score >= 2:
        return hyperparameter(column, "medium", reason)
    if score == 1 and file.last_metrics:
        return hyperparameter(column, "low", reason)
    return ignored(column, "low", f"{_NEITHER if score >= 0 else _HARDLY} ({reason})")


def with_siblings(columns: Sequence[Column], readings: Sequence[Reading]) -> list[Reading]:
    """The readings, where one of many numbered columns (`h0` to `h19`) is what most of them are."""
    families: dict[str, list[int]] = defaultdict(list)
    for place, reading in enumerate(readings):
        numbered = _NUMBERED.fullmatch(reading.name)
        if numbered and reading.confidence == "low":
            families[numbered[1]].append(place)
    found = list(readings)
    for family in families.values():
        settings = [place for place in family if readings[place].role is Role.HYPERPARAMETER]
        if len(family) < SIBLINGS or 2 * len(settings) <= len(family):
            continue
        for place in family:
            if readings[place].reason.startswith(_NEITHER):
                found[place] = hyperparameter(columns[place], "low", "numbered like others, most of them settings")
    return found


def _clues_of_values(column: Column) -> Iterator[tuple[int, str]]:
    distinct = n_distinct(column)
    if _is_shared(column):
        yield 2, f"{distinct} values, shared by many trials"
    elif _spans_magnitudes(column):
        yield 1, "spread over orders of magnitude, as a log-uniform draw is"
    else:
        yield 0, f"{distinct} value{'s' * (distinct != 1)}"


def _is_shared(column: Column) -> bool:
    """Whether values return from trial to trial, and more than one of them, as measurements hardly do."""
    numbers, counts = np.unique(column.known, return_counts=True)
    distinct, n = len(numbers) + len(column.levels), len(column)
    if distinct < 2 or distinct > 0.75 * n:
        return False
    if distinct <= FEW_LEVELS and are_round(numbers, 3):
        return True
    top = int(np.max(counts)) if len(counts) else 0
    return distinct <= 0.5 * n and (distinct <= 6 or distinct - 1 <= 0.5 * (n - top))


def _clues_of_name(column: Column) -> Iterator[tuple[int, str]]:
    words = set(tokens(column.name))
    if words & SETTING_WORDS:
        yield 1, "a word of settings in its name"
    if words & set(SPLIT_TOKENS):
        yield -1, "a split in its name"


_CLUES_OF_PLACES = {
    Place.SETTINGS: [(1, "among settings")],
    Place.RESULTS: [(-3, "among results")],
}


def _clues_of_blanks(column: Column, file: File) -> Iterator[tuple[int, str]]:
    blank, dead = column.is_(Cell.MISSING), file.without_result
    if np.count_nonzero(dead) < 3:
        return
    if np.mean(blank[dead]) > 0.9 and np.mean(blank[~dead]) < 0.5:
        yield -3, "blank where the results are"
    elif np.mean(blank[dead]) < 0.1:
        yield 1, "set in trials without a result"


def _spans_magnitudes(column: Column) -> bool:
    numbers = column.known
    return len(numbers) >= 5 and bool(np.min(numbers) > 0 and np.max(numbers) / np.min(numbers) >= 100)
