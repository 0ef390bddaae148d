"""Curves that stand in cells, as lists: `[0.9, 0.7, 0.6]` below `val_loss`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .cells import EXACT
from .names import metric_of, singular
from .nested import LONGEST, UnknownLiteralError, literal
from .records import column_of
from .table import Cell, Column, History, Repair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .table import Ints, Table

    List = list[float | int | None]

FEWEST_STEPS = 3
ONE_WAY = 0.75
"""Least share of the lists that end on the same side of where they began: scores of folds go either way."""

_AS_ARRAY = re.compile(r"\[([^\[\],]*)\]")


def curves_in_cells(table: Table) -> Table | None:
    """The table with its lists as curves, and the last value of each in its place; None if it has none.

    The steps count from 1. Lists of anything but a metric's values are settings, such as the sizes of layers.
    """
    if table.history is not None:
        return None
    lists = {column.name: found for column in table.columns if (found := _lists(column)) is not None}
    if not lists:
        return None
    wanted = Counter(singular(column.name) for column in table.columns)
    names = {old: singular(old) if wanted[singular(old)] == 1 else old for old in lists}
    lengths = np.max([list(map(len, found)) for found in lists.values()], axis=0)
    starts = np.r_[0, np.cumsum(lengths)]
    steps = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths) + 1.0
    curves = {old: _curve(names[old], found, starts) for old, found in lists.items()}
    columns = [
        _last(column, curves[column.name], lists[column.name], starts) if column.name in lists else column
        for column in table.columns
    ]
    said = [Repair("lists read as curves, their last values as the cells", len(table.lines), old) for old in lists]
    return replace(
        table,
        columns=tuple(columns),
        repairs=(*table.repairs, *said),
        varying=table.varying | set(names.values()),
        history=History(starts, steps, {curve.name: curve for curve in curves.values()}),
        origins={**table.origins, **{new: old for old, new in names.items() if new != old}},
    )


def _lists(column: Column) -> list[List] | None:
    """(n,) the list in each cell, empty where it holds none; None if these are no curves of a metric."""
    texts = column.levels
    if not texts or column.count(Cell.NUMBER) or metric_of(singular(column.name)) is None:
        return None
    found = []
    for text in texts:
        items = _items(text)
        if items is None:
            return None
        found.append(items)
    return [found[code] if code >= 0 else [] for code in column.codes.tolist()] if _are_curves(found) else None


def _items(text: str) -> List | None:
    """A list of numbers as JSON, Python or NumPy print it; None where it is no such list."""
    if text[0] not in "[(" or len(text) > LONGEST:
        return None
    if array := _AS_ARRAY.fullmatch(text):
        text = f"[{','.join(array[1].split())}]"
    try:
        items = literal(text)
    except UnknownLiteralError:
        return None
    return items if isinstance(items, list) and all(map(_is_value, items)) else None


def _is_value(item: object) -> bool:
    return item is None or isinstance(item, float) or (type(item) is int and abs(item) < EXACT)


def _are_curves(lists: Sequence[List]) -> bool:
    """Whether most lists are long enough, and most go the same way."""
    long = [items for items in lists if len(items) >= FEWEST_STEPS]
    finite = [[value for value in items if value is not None and np.isfinite(value)] for items in long]
    ends = [(values[0], values[-1]) for values in finite if len(values) > 1]
    if not ends or 2 * len(long) < sum(map(bool, lists)):
        return False
    rises = sum(first < last for first, last in ends) / len(ends)
    return max(rises, 1 - rises) >= ONE_WAY


def _curve(name: str, lists: Sequence[List], starts: Ints) -> Column:
    """(m,) the values at the rows of the history; missing where another curve of the trial is longer."""
    own, _ = column_of(name, list(chain.from_iterable(lists)))
    lengths = np.array(list(map(len, lists)))
    rows = np.arange(len(own)) + np.repeat(starts[:-1] - (np.cumsum(lengths) - lengths), lengths)
    kinds, values = np.full(int(starts[-1]), Cell.MISSING, np.uint8), np.full(int(starts[-1]), np.nan)
    kinds[rows], values[rows] = own.kinds, own.values
    return Column(name, kinds, values, np.full(len(values), -1, np.int32), ())


def _last(column: Column, curve: Column, lists: Sequence[List], starts: Ints) -> Column:
    """(n,) the last value of each list; a cell that holds none stays as it is."""
    lengths = np.array(list(map(len, lists)))
    filled, ends = lengths > 0, starts[:-1] + lengths - 1
    kinds, values = np.where(column.codes >= 0, np.uint8(Cell.MISSING), column.kinds), column.values.copy()
    kinds[filled], values[filled] = curve.kinds[ends[filled]], curve.values[ends[filled]]
    return Column(curve.name, kinds, values, np.full(len(kinds), -1, np.int32), ())
