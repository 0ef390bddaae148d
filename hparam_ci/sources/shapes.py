"""Tables whose rows are no trials, turned into ones whose rows are: metric/value pairs, rows a split, turned tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .dialects import BUDGET_TOKENS, CONTEXT_NAMES, HISTORY_IDS, SPLIT_TOKENS, canonical, tokens
from .listed import curves_in_cells
from .names import metric_of
from .records import column_of
from .rows import alike
from .table import Column, Hint, Repair, Table
from .vocabulary import KNOWN_HYPERPARAMETERS
from .wide import curves_in_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

_KEY_NAMES = frozenset("metric key metric_name measure variable tag name_of_metric statistic".split())
_VALUE_NAMES = frozenset("value metric_value val score result".split())
_SPLIT_NAMES = frozenset("split subset partition phase stage set data_split".split())
_CHART = re.compile(r".+ - .+")
_BANDS = ("__MIN", "__MAX")
_MOST_TURNED = 200


def chart_export(table: Table) -> str | None:
    """Why a table is a chart's export, which holds curves and no configuration; None if it is not."""
    names = [column.name for column in table.columns]
    bands = sum(name.endswith(_BANDS) for name in names)
    curves = sum(_CHART.fullmatch(name) is not None for name in names)
    if len(names) < 2 or (bands < 2 and len(names) - curves > 1) or 2 * max(bands, curves) < len(names) - 1:
        return None
    if not curves and not bands:
        return None
    return "a chart's export: it holds curves and no configuration. Export the runs table instead"


def one_row_a_trial(table: Table) -> Table:
    """The table with trials, or the steps of trials, as its rows, whichever of the known layouts it had."""
    turned = _tidy(table) or _turned(table) or _split_rows(table)
    return turned or curves_in_columns(table) or curves_in_cells(table) or table


# --- metric and value in two columns ---------------------------------------------------------------


def _tidy(table: Table) -> Table | None:
    key = next((c for c in table.columns if "_".join(tokens(c.name)) in _KEY_NAMES and _names_metrics(c)), None)
    value = next((c for c in table.columns if "_".join(tokens(c.name)) in _VALUE_NAMES and not c.levels), None)
    if key is None or value is None or not any(set(tokens(c.name)) & HISTORY_IDS for c in table.columns):
        return None
    others = [c for c in table.columns if c is not key and c is not value]
    fixed = [c for c in others if _is_place(c)]
    groups, firsts = _groups(fixed)
    kept = [column.take(firsts) for column in others]
    pivoted = [
        _scatter(value, np.flatnonzero(key.codes == code), groups, len(firsts), level)
        for code, level in enumerate(key.levels)
    ]
    said = f"{table.n_rows} rows of one value each, read as {len(firsts)} rows of {len(pivoted)} metrics"
    return _reshaped(table, [*kept, *pivoted], firsts, said, dict.fromkeys(key.levels, value.name), (key.name,))


def _names_metrics(column: Column) -> bool:
    return bool(column.levels) and 2 * sum(metric_of(level) is not None for level in column.levels) >= len(
        column.levels
    )


def _is_place(column: Column) -> bool:
    """Whether a column says of which trial or step a row is, and not when it was written."""
    words = set(tokens(column.name))
    return bool(words & (HISTORY_IDS | BUDGET_TOKENS))


# --- a row for each split ---------------------------------------------------------------------------


def _split_rows(table: Table) -> Table | None:
    split = next((c for c in table.columns if "_".join(tokens(c.name)) in _SPLIT_NAMES and _names_splits(c)), None)
    if split is None:
        return None
    contexts = [c for c in table.columns if c is not split and "_".join(tokens(c.name)) in CONTEXT_NAMES]
    places = [split, *(c for c in contexts if 2 <= len(c.levels) <= 8)]
    others = [c for c in table.columns if c not in places]
    fixed = [c for c in others if not _is_result(c)]
    if not fixed:  # nothing says which rows are of one trial
        return None
    groups, firsts = _groups(fixed)
    labels, label_rows = _groups(places)
    if len(firsts) == table.n_rows or len(np.unique(groups * len(label_rows) + labels)) < table.n_rows:
        return None
    results = [c for c in others if _is_result(c)]
    counts = {c.name for c in results if metric_of(c.name) is None}
    columns = [c.take(firsts) for c in fixed]
    origins: dict[str, str] = {}
    for result in results:
        for label, row in enumerate(label_rows.tolist()):
            shown = "_".join(place.show(row) for place in places)
            name = f"{shown}_{result.name}"
            origins[name] = result.name
            columns.append(_scatter(result, np.flatnonzero(labels == label), groups, len(firsts), name))
    said = f"{table.n_rows} rows, one for each {' and '.join(c.name for c in places)}, read as {len(firsts)} trials"
    reshaped = _reshaped(table, columns, firsts, said, origins, tuple(c.name for c in places))
    hints = {name: Hint("ignored", "a count, for each split") for name, old in origins.items() if old in counts}
    return replace(reshaped, hints={**reshaped.hints, **hints})


def _names_splits(column: Column) -> bool:
    words = [tokens(level) for level in column.levels]
    return 2 <= len(words) <= 6 and all(word and word[0] in SPLIT_TOKENS for word in words)


def _is_result(column: Column) -> bool:
    words = set(tokens(column.name))
    return metric_of(column.name) is not None or words <= {"n", "support", "count", "size", "num", "samples"}


# --- a column for each trial ------------------------------------------------------------------------


def _turned(table: Table) -> Table | None:
    if not table.columns:
        return None
    names = table.columns[0]
    if not 4 <= table.n_rows <= _MOST_TURNED or len(names.levels) != table.n_rows or len(table.columns) < 4:
        return None
    if sum(map(_is_known, names.levels)) < max(3, 0.4 * table.n_rows) or any(_is_known(c.name) for c in table.columns):
        return None
    trials = table.columns[1:]
    columns = [column_of("trial_id", [column.name for column in trials])[0]]
    columns += [
        column_of(names.show(row), [column.show(row) or None for column in trials])[0] for row in range(table.n_rows)
    ]
    said = f"a table of {len(trials)} trials in columns, turned"
    lines = np.full(len(trials), int(table.lines[0]) - 1, np.int32)
    return replace(table, columns=tuple(columns), lines=lines, repairs=(*table.repairs, Repair(said, len(trials))))


def _is_known(name: str) -> bool:
    return metric_of(name) is not None or canonical(name) in KNOWN_HYPERPARAMETERS


# --- what they share --------------------------------------------------------------------------------


def _groups(columns: Sequence[Column]) -> tuple[Rows, Rows]:
    """(n,) the group of each row, by equal content, in order of appearance; and the first row of each group."""
    _, firsts, groups = np.unique(alike(columns), return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    return np.argsort(order)[groups], firsts[order]


def _scatter(column: Column, rows: Rows, groups: Rows, n: int, name: str) -> Column:
    """(n,) the cells of some rows at the places of their groups; missing elsewhere."""
    kinds, values, codes = np.zeros(n, np.uint8), np.full(n, np.nan), np.full(n, -1, np.int32)
    places = groups[rows]
    kinds[places], values[places], codes[places] = column.kinds[rows], column.values[rows], column.codes[rows]
    return Column(name, kinds, values, codes, column.levels)


def _reshaped(
    table: Table, columns: Sequence[Column], firsts: Rows, said: str, origins: dict[str, str], absorbed: Sequence[str]
) -> Table:
    return replace(
        table,
        columns=tuple(columns),
        lines=table.lines[firsts],
        repairs=(*table.repairs, Repair(said, table.n_rows)),
        origins={**table.origins, **origins},
        absorbed={**table.absorbed, **dict.fromkeys(absorbed, "its values became columns")},
    )
