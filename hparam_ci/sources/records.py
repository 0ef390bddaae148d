"""From Python records, as JSON and the stores of other tools give them, to a `Table`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from .cells import EXACT, from_numbers, from_texts
from .decode import UnreadableError
from .table import MAX_COLUMNS, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .table import Column, Hint, History, Repair

MOST_ITEMS = 20
"""A longer list is data and no setting, but for a metric's curve."""

MOST_LEVELS = 8
"""Deeper nesting is kept as text."""

HYPEROPT = "misc.vals."
"""Where hyperopt has the settings of a trial, each in a list: empty where the setting does not count."""


def from_records(
    path: str,
    sha256: str,
    records: Sequence[Mapping[str, object]],
    *,
    lines: Sequence[int] | None = None,
    hints: Mapping[str, Hint] | None = None,
    history: History | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """A table of one row a record.

    Args:
        path: of the source, relative to the workspace.
        sha256: of the source's content.
        records: `n` mappings of column to value: number, text, bool or None; nested mappings become columns `a.b`.
            A key that a record lacks, and a None, is a missing cell. The text `nan` is read as in a CSV file.
        lines: (n,) the line of each record; counted from 1 where not given.
        hints: what the store knows of a column, by the column's flat name.
        history: the curves, in the order of the records.
        notes: what a reader should know of the store.

    Raises:
        UnreadableError: more than MAX_COLUMNS columns.
    """
    columns, repairs = columns_of([dict(flat(record)) for record in records])
    numbered = np.array(lines if lines is not None else range(1, len(records) + 1), np.int32)
    return Table(
        path,
        sha256,
        tuple(columns),
        numbered,
        tuple(repairs),
        history=history,
        hints=dict(hints or {}),
        notes=tuple(notes),
    )


def columns_of(records: Sequence[Mapping[str, object]]) -> tuple[list[Column], list[Repair]]:
    """A column for each key of flat records, in order of first appearance.

    Raises:
        UnreadableError: more than MAX_COLUMNS keys.
    """
    names = dict.fromkeys(name for record in records for name in record)
    if len(names) > MAX_COLUMNS:
        what = f"{len(names):,} different keys, and the limit is {MAX_COLUMNS:,} columns"
        raise UnreadableError(what, "Export fewer columns, under the same names in every trial.")
    columns, repairs = [], []
    for name in names:
        column, more = column_of(name, [record.get(name) for record in records])
        columns.append(column)
        repairs += more
    return columns, repairs


def flat(record: Mapping[str, object], prefix: str = "", level: int = 0) -> Iterator[tuple[str, object]]:
    """The leaves of nested mappings, `config: {lr: 0.1}` as `config.lr`; long lists and media objects are left out."""
    for key, value in record.items():
        name = f"{prefix}{_paired(str(key))}"
        if isinstance(value, dict) and value and level < MOST_LEVELS:
            if "_type" not in value:
                yield from flat(value, f"{name}.", level + 1)
        elif prefix.endswith(HYPEROPT) and isinstance(value, list) and len(value) <= 1:
            yield name, value[0] if value else None
        elif not isinstance(value, list | tuple) or len(value) <= MOST_ITEMS or _names_a_curve(name):
            yield name, value


def _names_a_curve(name: str) -> bool:
    from .names import metric_of, singular  # which few sources need

    return metric_of(singular(name)) is not None


def column_of(name: str, values: Sequence[object]) -> tuple[Column, list[Repair]]:
    """A column of Python values; None is a missing cell."""
    if all(value is None or _is_number(value) for value in values):
        blank = np.array([value is None for value in values], bool)
        numbers = np.array([np.nan if value is None else value for value in values], float)
        return from_numbers(name, numbers, blank, np.full(len(values), -1, np.int32))
    texts = np.array([_text(value) for value in values], object)
    return from_texts(name, texts, decimal_comma=False)


def _is_number(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _paired(value)
    if isinstance(value, bool | int | float):
        return repr(value)
    return json.dumps(value, default=str)


def _paired(text: str) -> str:
    """A text that UTF-8 can hold: half a surrogate pair, which JSON's escapes allow, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
