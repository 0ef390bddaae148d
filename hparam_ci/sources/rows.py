"""Rows with equal content, as numbers of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .table import Column, Floats, Mask

Rows = NDArray[np.intp]

SAMPLE = 1_000


def coded(column: Column) -> Rows:
    """(n,) a number from 0 for the content of each cell: one for each kind of cell without a value, then numbers in
    their order, then texts in theirs."""
    kinds = _ranked(column.kinds)
    if not column.levels:
        return both(kinds, _ranked(column.values))
    places = np.argsort(np.argsort(np.array(column.levels, str)))
    return both(kinds, _ranked(np.where(column.codes >= 0, places[column.codes], column.values)))


def both(a: Rows, b: Rows) -> Rows:
    """(n,) a number from 0, the same where both of these are, in their order."""
    return _ranked(a * (int(b.max()) + 1) + b) if len(a) else a


def dense(groups: Rows) -> Rows:
    """(n,) the numbers of groups, from 0 without a gap."""
    return _ranked(groups)


def sizes(groups: Rows) -> Rows:
    """(n,) how many rows are in the group of each row."""
    return np.bincount(groups)[groups] if len(groups) else groups


def repeated(columns: Sequence[Column]) -> Mask:
    """(n,) rows with the same content as another row in all of the columns."""
    rows, groups = _repeated(columns)
    mask = np.zeros(len(columns[0]), bool)
    mask[rows] = len(groups) > 0
    return mask


def alike(columns: Sequence[Column]) -> Rows:
    """(n,) a number from 0 for each row, the same for those with equal content in all of the columns."""
    rows, groups = _repeated(columns)
    n = len(columns[0])
    all_groups = np.arange(n, dtype=np.intp)
    all_groups[rows] = n + groups
    return dense(all_groups) if len(rows) else all_groups


def _repeated(columns: Sequence[Column]) -> tuple[Rows, Rows]:
    """The rows that are repeated, and the group of each. Columns of many values come first: they leave few rows."""
    n = len(columns[0])
    rows, groups = np.arange(n, dtype=np.intp), np.zeros(n, np.intp)
    sample = np.unique(np.linspace(0, max(n - 1, 0), min(n, SAMPLE)).astype(np.intp))
    for column in sorted(columns, key=lambda column: -len(np.unique(coded(column.take(sample))))):
        groups = both(groups, coded(column.take(rows)))
        kept = sizes(groups) > 1
        rows, groups = rows[kept], groups[kept]
        if not len(rows):
            break
    return rows, groups


def _ranked(values: Floats | Rows | NDArray[np.uint8]) -> Rows:
    ranks: Rows = np.unique(values, return_inverse=True)[1].astype(np.intp)
    return ranks
