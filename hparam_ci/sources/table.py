"""A table as it was read: each cell is a number, a NaN, an infinity, a text or missing, never two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def any_of(masks: Sequence[Mask], n: int) -> Mask:
    """(n,) where any of the masks holds; nowhere without masks."""
    total = np.zeros(n, bool)
    for mask in masks:
        total |= mask
    return total


MAX_COLUMNS, MAX_ROWS = 2_000, 12_000_000
"""A larger table is refused."""


class Cell(IntEnum):
    """What a cell holds."""

    MISSING = 0
    NUMBER = 1
    NAN = 2
    POS_INF = 3
    NEG_INF = 4
    TEXT = 5


_TEXT, _MISSING, _NAN = int(Cell.TEXT), int(Cell.MISSING), int(Cell.NAN)  # members of an enum are slow to look up

_USUAL_FIRST = sorted(map(int, Cell), key=lambda kind: kind not in (Cell.NUMBER, Cell.TEXT))

SAMPLE = 20_000
"""Of a longer column, an even sample tells the scale and whether there are few values."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of `n` cells, and what is asked of them again and again, worked out once.

    Attributes:
        name: the header, as in the file.
        kinds: (n,) `Cell` codes.
        values: (n,) the number where the cell is a NUMBER or an infinity, else NaN.
        codes: (n,) index into `levels` where the cell is TEXT, else -1.
        levels: the distinct texts, stripped, in order of first appearance.
    """

    name: str
    kinds: Bytes
    values: Floats
    codes: Ints
    levels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kinds)

    def is_(self, *cells: Cell) -> Mask:
        """(n,) where the cell is one of these kinds."""
        return any_of([self.kinds == int(cell) for cell in cells], len(self))

    def count(self, *cells: Cell) -> int:
        """How many cells are of these kinds."""
        return sum(self._counts[cell] for cell in cells)

    @cached_property
    def _counts(self) -> list[int]:
        """How many cells there are of each kind."""
        counts = [0] * len(Cell)
        for kind in _USUAL_FIRST:
            if sum(counts) < len(self):
                counts[kind] = int(np.count_nonzero(self.kinds == kind))
        return counts

    @cached_property
    def numbers(self) -> Floats:
        """(n,) the number of each cell, NaN where it is none; read-only."""
        every = self.count(Cell.NUMBER) == len(self)
        return _read_only(self.values.view() if every else np.where(self.is_(Cell.NUMBER), self.values, np.nan))

    @cached_property
    def known(self) -> Floats:
        """(k,) the numbers alone, in the order of the rows; read-only."""
        every = self.count(Cell.NUMBER) == len(self)
        return _read_only(self.values.view() if every else self.values.compress(self.is_(Cell.NUMBER)))

    @cached_property
    def sample(self) -> Floats:
        """The known numbers in order, or those of an even sample of SAMPLE to 2 SAMPLE rows; read-only."""
        return _read_only(np.sort(self.known[:: max(1, len(self.known) // SAMPLE)]))

    @cached_property
    def distinct_sample(self) -> Floats:
        """The distinct numbers of the sample in order."""
        is_new = np.ones(len(self.sample), bool)
        is_new[1:] = self.sample[1:] != self.sample[:-1]
        return self.sample[is_new]

    @cached_property
    def n_distinct(self) -> int:
        """How many different numbers there are."""
        if len(self.known) and self.known.min() == self.known.max():
            return 1
        rising = bool(np.all(self.known[1:] > self.known[:-1]))
        return len(self.known) if rising else len(np.unique(self.known))

    def few(self, most: int) -> Floats | None:
        """The distinct numbers in order; None where there are more than so many."""
        some = self.distinct_sample
        if len(some) > most:
            return None
        if len(self.sample) < len(self.known) and not np.isin(self.known, some).all():
            some = np.unique(self.known)
        return some if len(some) <= most else None

    def show(self, row: int, digits: int = 6) -> str:
        """The cell as text, for a person: `0.01`, `NaN`, `inf`, `adam`, or an empty string."""
        kind = int(self.kinds[row])
        if kind == _TEXT:
            return self.levels[int(self.codes[row])]
        if kind == _MISSING:
            return ""
        if kind == _NAN:
            return "NaN"
        return format(self.values[row] + 0.0, f".{digits}g")  # minus zero is zero

    def take(self, rows: NDArray[np.intp] | Mask) -> Column:
        """The same column over some of the rows."""
        kinds = self.kinds[rows]
        codes = self.codes[rows] if self.levels else np.broadcast_to(np.int32(-1), len(kinds))
        return Column(self.name, kinds, self.values[rows], codes, self.levels)


def _read_only(values: Floats) -> Floats:
    values.flags.writeable = False
    return values


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that the reader had to do to understand the file.

    Attributes:
        what: in words.
        count: the cells or rows that were touched.
        column: the one that it was.
        rows_lost: rows that are not in the table because of it.
        unread: whether those rows may have been trials.
    """

    what: str
    count: int
    column: str | None = None
    rows_lost: int = 0
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """What a store or a configuration says of one column; beats every rule of `read_roles`.

    Attributes:
        role: a `Role`'s value, such as "hyperparameter"; None leaves the role to the rules.
        reason: why, in words: "a parameter of the study".
        direction: "minimize" or "maximize", of a metric.
        kind: what a metric measures ("loss", "accuracy", …), where its name does not say.
        split: "train", "val" or "test", of a metric.
        low: the least value that was searched.
        high: the greatest value that was searched.
        log: whether it was searched on a logarithmic scale.
        sure: "high", "medium" or "low".
    """

    role: str | None
    reason: str
    direction: Literal["minimize", "maximize"] | None = None
    kind: str | None = None
    split: str | None = None
    low: float | None = None
    high: float | None = None
    log: bool | None = None
    sure: Literal["high", "medium", "low"] = "high"


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The curves of `n` trials, in `m` rows: sorted by trial, and by step within a trial.

    Attributes:
        starts: (n + 1,) rows `starts[i]` to `starts[i + 1]` are those of trial i; none where both are the same.
        steps: (m,) epoch or step of each row, never falling within a trial.
        columns: each (m,); the ones that vary within a trial, by name.
    """

    starts: NDArray[np.intp]
    steps: Floats
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One file or store, read.

    Attributes:
        path: relative to the workspace, with forward slashes.
        sha256: of the file's bytes, hexadecimal.
        columns: in file order, all of the same length; names are unique.
        lines: (n_rows,) the line of the file on which each row starts, counted from 1.
        repairs: what was done silently, now said.
        varying: columns that changed within a trial, where the file was a history.
        history: the curves, where the file or store has them.
        hints: what a store knows of its columns, by name.
        origins: names in the file of the columns that a change of layout made, by new name.
        absorbed: columns of the file that a change of layout used up, and what became of them.
        notes: what a reader should know of the source, one sentence each: "13 trials raised before their first report".
    """

    path: str
    sha256: str
    columns: tuple[Column, ...]
    lines: Ints
    repairs: tuple[Repair, ...] = ()
    varying: frozenset[str] = frozenset()
    history: History | None = None
    hints: Mapping[str, Hint] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    absorbed: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Number of rows below the header."""
        return len(self.lines)
