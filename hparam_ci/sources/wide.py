"""Curves that stand in columns, one for each step: `val_loss_epoch_1` to `val_loss_epoch_20`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .names import metric_of
from .table import Cell, Column, History, Repair, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST_STEPS = 3
_STEP = re.compile(r"(?:^|[ _./@(\[-])(?:epoch|ep|step|iter|iteration)[ _=-]*(\d{1,7})[)\]]?(?![\d.])", re.I)


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """The columns of one metric, and the step of each, rising."""

    name: str
    columns: Sequence[Column]
    steps: Sequence[int]


def curves_in_columns(table: Table) -> Table | None:
    """The table with its curves as such, and the last value of each for its column; None if it has none."""
    curves = list(_curves(table.columns)) if table.history is None else []
    if not curves:
        return None
    first = {curve.columns[0].name: curve for curve in curves}
    used = {column.name for curve in curves for column in curve.columns}
    kept: list[Column] = []
    for column in table.columns:
        if column.name in first:
            kept.append(_last(first[column.name]))
        elif column.name not in used:
            kept.append(column)
    names = [column.name for column in table.columns if column.name in used - first.keys()]
    steps = sorted({step for curve in curves for step in curve.steps})
    said = f"{len(used)} columns with a step in their names read as curves of {len(steps)} steps"
    return replace(
        table,
        columns=tuple(kept),
        repairs=(*table.repairs, Repair(said, len(used))),
        varying=table.varying | {curve.name for curve in curves},
        history=_history(curves, steps, table.n_rows),
        origins={**table.origins, **{curve.name: curve.columns[0].name for curve in curves}},
        absorbed={**table.absorbed, **dict.fromkeys(names, "a step of a curve")},
    )


def _curves(columns: Iterable[Column]) -> Iterable[_Curve]:
    """Numbers of one metric at several steps; what else has the metric's name stays as it is."""
    families: dict[str, dict[int, Column]] = {}
    names = set()
    for column in columns:
        names.add(column.name)
        found = list(_STEP.finditer(column.name))
        stem = _STEP.sub("", column.name).strip(" _./@([-")
        if len(found) == 1 and not column.levels and metric_of(stem):
            families.setdefault(stem, {}).setdefault(int(found[0][1]), column)
    for stem, family in families.items():
        if len(family) >= FEWEST_STEPS and stem not in names:
            steps = sorted(family)
            yield _Curve(stem, [family[step] for step in steps], steps)


def _last(curve: _Curve) -> Column:
    """(n,) the last cell of each trial that holds anything."""
    kinds, values = (np.stack([getattr(column, part) for column in curve.columns]) for part in ("kinds", "values"))
    filled = kinds != Cell.MISSING
    last = len(kinds) - 1 - np.argmax(filled[::-1], axis=0)
    rows = np.arange(kinds.shape[1])
    codes = np.full(kinds.shape[1], -1, np.int32)
    return Column(curve.name, kinds[last, rows], values[last, rows], codes, ())


def _history(curves: Sequence[_Curve], steps: Sequence[int], n: int) -> History:
    """All steps of each of n trials up to the last at which it has a value."""
    kinds = {curve.name: np.full((n, len(steps)), Cell.MISSING, np.uint8) for curve in curves}
    values = {curve.name: np.full((n, len(steps)), np.nan) for curve in curves}
    for curve in curves:
        for place, column in zip(np.searchsorted(steps, curve.steps), curve.columns, strict=True):
            kinds[curve.name][:, place], values[curve.name][:, place] = column.kinds, column.values
    reached = np.any([kind != Cell.MISSING for kind in kinds.values()], axis=0)
    lengths = np.where(reached.any(axis=1), len(steps) - np.argmax(reached[:, ::-1], axis=1), 0)
    inside = np.arange(len(steps)) < lengths[:, None]
    codes = np.full(int(lengths.sum()), -1, np.int32)
    columns = {name: Column(name, kinds[name][inside], values[name][inside], codes, ()) for name in kinds}
    return History(np.r_[0, np.cumsum(lengths)], np.tile(np.asarray(steps, float), (n, 1))[inside], columns)
