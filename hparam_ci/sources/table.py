"""A table as it was read: each cell is a number, a NaN, an infinity, a text or missing, never two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

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


class Cell(IntEnum):
    """What a cell holds."""

    MISSING = 0
    NUMBER = 1
    NAN = 2
    POS_INF = 3
    NEG_INF = 4
    TEXT = 5


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of `n` cells.

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
        mask: Mask = np.isin(self.kinds, [int(cell) for cell in cells])
        return mask

    def count(self, *cells: Cell) -> int:
        """How many cells are of these kinds."""
        return int(np.count_nonzero(self.is_(*cells)))

    def show(self, row: int) -> str:
        """The cell as text, for a person: `0.01`, `NaN`, `inf`, `adam`, or an empty string."""
        kind = self.kinds[row]
        if kind == Cell.TEXT:
            return self.levels[int(self.codes[row])]
        if kind == Cell.MISSING:
            return ""
        if kind == Cell.NAN:
            return "NaN"
        return format(self.values[row], ".6g")

    def take(self, rows: NDArray[np.intp] | Mask) -> Column:
        """The same column over some of the rows."""
        return Column(self.name, self.kinds[rows], self.values[rows], self.codes[rows], self.levels)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that the reader had to do to understand the file; `count` cells or rows were touched."""

    what: str
    count: int
    column: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One file, read.

    Attributes:
        path: relative to the workspace, with forward slashes.
        sha256: of the file's bytes, hexadecimal.
        columns: in file order, all of the same length; names are unique.
        lines: (n_rows,) the line of the file on which each row starts, counted from 1.
        repairs: what was done silently, now said.
        varying: columns that changed within a trial, where the file was a history.
    """

    path: str
    sha256: str
    columns: tuple[Column, ...]
    lines: Ints
    repairs: tuple[Repair, ...] = ()
    varying: frozenset[str] = frozenset()

    @property
    def n_rows(self) -> int:
        """Number of rows below the header."""
        return len(self.lines)
