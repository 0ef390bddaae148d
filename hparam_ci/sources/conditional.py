"""Hyperparameters that exist only where another one has certain values: `momentum` where the optimizer is SGD."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .table import Cell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .table import Column

MOST_VALUES = 20
FEWEST = 3
"""Trials on each side: fewer may be chance."""


def parents(columns: Sequence[Column]) -> dict[str, str]:
    """Each hyperparameter that is blank exactly where another one has certain values, and for which it is set.

    Args:
        columns: the hyperparameters of a sweep.

    Returns:
        By name, the condition in words: `optimizer is sgd`.
    """
    found = {}
    for name, parent in decided_by(columns).items():
        child = next(column for column in columns if column.name == name)
        found[name] = f"{parent.name} is {' or '.join(_shown(parent, ~child.is_(Cell.MISSING)))}"
    return found


def decided_by(columns: Sequence[Column]) -> dict[str, Column]:
    """The other hyperparameter that decides whether each conditional one is set, by the name of the latter."""
    found: dict[str, Column] = {}
    partly = [column for column in columns if FEWEST <= column.count(Cell.MISSING) <= len(column) - FEWEST]
    codes = [(column, _codes(column)) for column in columns] if partly else []
    for column in partly:
        blank = column.is_(Cell.MISSING)
        for parent, values in codes:
            if parent is not column and values is not None and _decides(values, blank):
                found[column.name] = parent
                break
    return found


def _codes(column: Column) -> NDArray[np.intp] | None:
    """(n,) which of its few values each trial has; None where some trial has none, or there are many."""
    if column.count(Cell.MISSING):
        return None
    content = np.where(column.codes < 0, column.values, column.codes + 0.5)
    distinct, which = np.unique(content, return_inverse=True)
    return which if 2 <= len(distinct) <= MOST_VALUES else None


def _decides(values: NDArray[np.intp], blank: NDArray[np.bool_]) -> bool:
    """Whether the value of the parent says of each trial whether the cell is blank."""
    share = np.bincount(values, blank) / np.bincount(values)
    return bool(np.all((share == 0) | (share == 1)))


def _shown(parent: Column, where: NDArray[np.bool_]) -> Iterator[str]:
    """The parent's values over some trials."""
    values = _codes(parent)
    assert values is not None
    chosen = np.unique(values[where])
    for value in chosen[:3].tolist():
        yield parent.show(int(np.argmax(values == value)))
    if len(chosen) > 3:
        yield f"{len(chosen) - 3} more"
