"""Rows with equal content, as numbers of groups."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .table import Cell, Column, Floats, Mask

Rows = NDArray[np.intp]
Hashes = NDArray[np.uint64]

SAMPLE = 1_000

DENSE = 4
"""Whole numbers up to so many times as many as there are rows are ranked by a list of those that are there."""

MANY = 10_000
"""Fewer rows are sorted at once: to leave out those that are alone first does not pay."""

PAYS = 0.9
"""Where a hash leaves more than this share of the rows, the next one is not tried."""

BUCKETS = 2
"""Buckets a row, to see which hashes are shared."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_TEXTS = np.uint64(8)  # above the kinds of cells without a value


def coded(column: Column) -> Rows:
    """(n,) a number from 0 for the content of each cell: one for each kind of cell without a value, then numbers in
    their order, then texts in theirs."""
    kinds = _ranked(column.kinds)
    if not column.levels:
        return both(kinds, _ranked(column.values))
    places = np.argsort(np.argsort(np.array(column.levels, str)))
    if column.count(Cell.TEXT) == len(column):
        return _ranked(places[column.codes])
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


def firsts(groups: Rows) -> Rows:
    """The first row of each group, in the order of the rows."""
    first = np.full(int(groups.max(initial=-1)) + 1, -1, np.intp)
    first[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)  # the last that is written stays
    is_first = np.zeros(len(groups), bool)
    is_first[first[first >= 0]] = True
    return np.flatnonzero(is_first)


def repeated(columns: Sequence[Column]) -> Mask:
    """(n,) rows with the same content as another row in all of the columns."""
    rows, groups = _repeated(columns)
    mask = np.zeros(len(columns[0]), bool)
    mask[rows] = len(groups) > 0
    return mask


def alike(columns: Sequence[Column], known: Hashes | None = None) -> Rows:
    """(n,) a number from 0 for each row, the same for those with equal content in all of the columns.

    `known` are their `hashes`, where these are there already.
    """
    rows, groups = _repeated(columns, known)
    n = len(columns[0])
    all_groups = np.arange(n, dtype=np.intp)
    all_groups[rows] = n + groups
    return _ranked(all_groups) if len(rows) else all_groups


def _repeated(columns: Sequence[Column], known: Hashes | None = None) -> tuple[Rows, Rows]:
    """The rows that are repeated, and the group of each. Columns of many values come first: they leave few rows."""
    n = len(columns[0])
    sample = np.unique(np.linspace(0, max(n - 1, 0), min(n, SAMPLE)).astype(np.intp))
    columns = sorted(columns, key=lambda column: -len(np.unique(coded(column.take(sample)))))
    rows = _perhaps_repeated(columns) if known is None else np.flatnonzero(~alone(known))
    groups = np.zeros(len(rows), np.intp)
    for column in columns:
        groups = both(groups, coded(column.take(rows)))
        kept = sizes(groups) > 1
        rows, groups = rows[kept], groups[kept]
        if not len(rows):
            break
    return rows, groups


def _perhaps_repeated(columns: Sequence[Column]) -> Rows:
    """Rows that may be repeated: all but those that a hash shows to be alone, as long as it leaves many of them out."""
    rows = np.arange(len(columns[0]), dtype=np.intp)
    hashes = np.zeros(len(rows), np.uint64)
    for column in columns:
        if len(rows) < MANY:
            break
        hashes = hashed(column.take(rows) if len(rows) < len(column) else column, hashes)
        kept = ~alone(hashes)
        if kept.mean() > PAYS:
            break
        rows, hashes = rows[kept], hashes[kept]
    return rows


def hashed(column: Column, before: Hashes | None = None) -> Hashes:
    """(n,) a hash of the content of each cell, and of the (n,) hashes of the cells before it: equal for equal rows."""
    return _mixed(column, np.arange(len(column.levels), dtype=np.uint64), before) * _ODD


def hashes(columns: Sequence[Column], n: int) -> Hashes:
    """(n,) one number for the content of each row: the same in any table, for texts count by their letters."""
    total = np.zeros(n, np.uint64)
    for column in columns:
        total = _mixed(column, np.array([zlib.crc32(level.encode()) for level in column.levels], np.uint64), total)
    return total * _ODD


def _mixed(column: Column, texts: Hashes, before: Hashes | None) -> Hashes:
    """(n,) the content of each cell, a text by its number in `texts`, mixed with what stands before it."""
    numbered = texts + _TEXTS
    if column.levels and column.count(Cell.TEXT) == len(column):
        bits = numbered[column.codes]
    else:
        bits = (column.values + 0.0).view(np.uint64)  # -0 is 0
        if column.count(Cell.NUMBER) < len(column):
            bits = np.where(column.is_(Cell.NUMBER), bits, column.kinds)
        if column.levels:
            bits = np.where(column.codes >= 0, numbered[column.codes], bits)
    if before is not None:
        bits ^= before
    bits *= _ODD
    bits ^= bits >> _HALF
    return bits


def alone(hashes: Hashes) -> Mask:
    """(n,) where a hash has no equal; of those that have none, a few are missed."""
    ordered = np.sort(hashes)
    shared = ordered[1:][ordered[1:] == ordered[:-1]]
    width = max(1, BUCKETS * len(hashes)).bit_length()
    taken = np.zeros(1 << width, bool)
    taken[_leading(shared, width)] = True
    return ~taken[_leading(hashes, width)]


def _leading(hashes: Hashes, bits: int) -> Rows:
    return (hashes >> np.uint64(64 - bits)).astype(np.intp)


def _ranked(values: Floats | Rows | NDArray[np.uint8]) -> Rows:
    """(n,) the place of each number among the distinct ones; all NaN are one."""
    ranks: Rows
    if values.dtype.kind != "f" and len(values) and int(values.max()) < DENSE * len(values) and values.min() >= 0:
        present = np.zeros(int(values.max()) + 1, bool)
        present[values] = True
        ranks = (np.cumsum(present) - 1)[values]
    else:
        ranks = np.unique(values, return_inverse=True)[1]
    return ranks.astype(np.intp, copy=False)
