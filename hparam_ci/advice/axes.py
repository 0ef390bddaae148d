"""How each hyperparameter was searched: over which range on which scale, or among which choices."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.inspection import Parent, Value
from hparam_ci.sources.conditional import decided_by
from hparam_ci.sources.names import container_of
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Hint, Mask

FEW_CHOICES = 12
"""Numbers of at most as many distinct values, each seen about twice or more, were chosen from a list."""

WIDE = 10.0
"""A range of values on a logarithmic scale spans at least this ratio."""

FEWEST_UNSET = 3
"""Trials with a result and without the hyperparameter; fewer are gaps in the log."""

BOOLEANS = {"true": True, "false": False}
NONE = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One hyperparameter over n trials.

    Attributes:
        column: as it was read.
        name: without the prefix that the tool's table gave it.
        kind: `float`, `int`, or `choice` among a list of values.
        log: whether a range was searched on a logarithmic scale.
        low: the least value that was searched, of a range (of positive values, on a logarithmic scale).
        high: likewise the greatest.
        choices: of a list, numbers in order, or texts in order of appearance; None stands for not set.
        codes: (n,) index into the choices, -1 where the trial has none of them.
        parent: which other hyperparameter decides whether this one is set.
        stated: whether the store says the range; else it is that of the trials.
    """

    column: Column
    name: str
    kind: str
    log: bool
    low: float
    high: float
    choices: tuple[Value, ...]
    codes: NDArray[np.intp]
    parent: Parent | None
    stated: bool = False

    @property
    def ordered(self) -> bool:
        """Whether higher and lower mean anything."""
        return self.kind != "choice" or all(is_number(value) for value in self.choices if value is not None)

    @property
    def values(self) -> Floats:
        """(n,) the number of each trial, NaN where there is none."""
        return self.column.numbers

    @property
    def unset(self) -> Mask:
        """(n,) trials without it."""
        return self.column.is_(Cell.MISSING)

    def place(self, values: Floats | float) -> Floats:
        """Where values lie in the searched range, 0 at its low end and 1 at its high end, on its scale."""
        if self.high == self.low:
            return np.zeros(np.shape(values))
        with np.errstate(divide="ignore", invalid="ignore"):
            x, low, high = (np.log(v) if self.log else np.asarray(v, float) for v in (values, self.low, self.high))
            placed: Floats = (x - low) / (high - low)
        return placed

    def at(self, place: float) -> float:
        """The value at a place, which may lie outside of 0 to 1."""
        if self.log:
            return math.exp(math.log(self.low) + place * (math.log(self.high) - math.log(self.low)))
        return self.low + place * (self.high - self.low)


def is_number(value: Value) -> bool:
    """Whether a choice is a number; booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def axes_of(sweep: Sweep) -> list[Axis]:
    """The hyperparameters of a sweep that have any value, in the order of the columns."""
    columns = sweep.columns(Role.HYPERPARAMETER)
    short = {column.name: container_of(column.name)[1] or column.name for column in columns}
    taken = Counter(short.values())
    decided = decided_by(columns)
    by_name = {column.name: column for column in columns}
    axes = []
    for column in columns:
        name = short[column.name] if taken[short[column.name]] == 1 else column.name
        parent = decided.get(column.name)
        told = None
        if parent:
            other = short[parent.name] if taken[short[parent.name]] == 1 else parent.name
            told = Parent(
                param=parent.name, name=other, values=_choices_where(by_name[parent.name], ~column.is_(Cell.MISSING))
            )
        axis = _axis(column, name, sweep.table.hints.get(column.name), told, sweep.reported)
        if axis is not None:
            axes.append(axis)
    kinds = {axis.column.name: axis.kind for axis in axes}
    # A value drawn from a range of real numbers never equals one that decided before.
    return [replace(a, parent=None) if a.parent and kinds.get(a.parent.param) == "float" else a for a in axes]


def _axis(column: Column, name: str, hint: Hint | None, parent: Parent | None, reported: Mask) -> Axis | None:
    numbers, distinct = column.known, _distinct(column)
    ranged = hint is not None and hint.low is not None and hint.high is not None and hint.low < hint.high
    if column.levels or not len(distinct) or (not ranged and _is_list(column, distinct)):
        return _choice(column, name, parent, reported)
    whole = not _has_fractions(column.sample) and not _has_fractions(numbers)
    low, high = float(numbers.min()), float(numbers.max())
    if hint is not None and hint.low is not None and hint.high is not None and ranged:
        low, high = min(hint.low, low), max(hint.high, high)
        whole = whole and low == round(low) and high == round(high)
    log = hint.log if hint is not None and hint.log is not None else _is_log(column)
    if log and low <= 0:
        positive = numbers[numbers > 0]
        log = len(positive) > 0 and float(positive.min()) < high
        low = float(positive.min()) if log else low
    kind = "int" if whole else "float"
    return Axis(column, name, kind, log, low, high, (), np.broadcast_to(np.intp(-1), len(column)), parent, ranged)


def _distinct(column: Column) -> Floats:
    """The distinct numbers, in order; of a long column with many of them, those of an even sample."""
    few = column.few(FEW_CHOICES)
    return column.distinct_sample if few is None else few


def _is_list(column: Column, distinct: Floats) -> bool:
    return len(distinct) == 1 or (len(distinct) <= FEW_CHOICES and column.count(Cell.NUMBER) >= 2 * len(distinct))


def _is_log(column: Column) -> bool:
    """Whether positive values lie more evenly on a logarithmic scale than on a linear one (by Kolmogorov's distance).

    Zeros among them are told apart: many sweeps try 0 beside a logarithmic range.
    """
    positive = column.sample[column.sample > 0]
    if len(positive) < 3 or np.any(column.known < 0) or positive[-1] < WIDE * positive[0]:
        return False
    ranks = (np.arange(len(positive)) + 0.5) / len(positive)

    def distance(x: Floats) -> float:
        return float(np.max(np.abs((x - x[0]) / (x[-1] - x[0]) - ranks)))

    return distance(np.log(positive)) < distance(positive)


def _choice(column: Column, name: str, parent: Parent | None, reported: Mask | None = None) -> Axis | None:
    """A list of choices; not set is one of them where trials without it came to a result."""
    texts = _spoken(column.levels)
    distinct = np.unique(column.known) if texts else _distinct(column)
    codes = column.codes.astype(np.intp)
    if len(distinct):
        codes[column.is_(Cell.NUMBER)] = len(texts) + np.searchsorted(distinct, column.known)
    choices: list[Value] = [*texts, *(distinct.tolist() if _has_fractions(distinct) else map(plain, distinct.tolist()))]
    blank = column.is_(Cell.MISSING)
    blank_runs = 0 if reported is None else np.count_nonzero(blank & reported)
    if blank_runs >= FEWEST_UNSET and parent is None and None not in choices:
        codes[blank] = len(choices)
        choices.append(None)
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(choices) + 1)[1:])
    if not len(used) or all(choices[i] is None for i in used):
        return None
    rank = np.full(len(choices) + 1, -1, np.intp)  # the last is for those without any
    rank[used] = np.arange(len(used))
    return Axis(column, name, "choice", False, 0.0, 0.0, tuple(choices[i] for i in used), rank[codes], parent)


def _spoken(levels: Sequence[str]) -> list[Value]:
    """Texts as the values that they print: booleans where all of them are, and None."""
    words = {level.lower() for level in levels} - {NONE}
    as_booleans = bool(words) and words <= set(BOOLEANS) and len(words) == len(set(levels) - {"None", NONE})
    spoken: list[Value] = []
    for level in levels:
        if level == "None":
            spoken.append(None)
        else:
            spoken.append(BOOLEANS[level.lower()] if as_booleans and level.lower() in BOOLEANS else level)
    return spoken


def _has_fractions(values: Floats) -> bool:
    return bool(np.any(values != np.rint(values)))


def plain(value: float) -> float | int:
    """A whole number as an int."""
    return int(value) if value == round(value) and abs(value) < 2**53 else float(value)


def _choices_where(column: Column, where: Mask) -> tuple[Value, ...]:
    """The values of a column over some trials."""
    axis = _choice(column, column.name, None)
    if axis is None:
        return ()
    return tuple(axis.choices[i] for i in np.unique(axis.codes[where & (axis.codes >= 0)]))
