"""Shared by the detectors that look at the cells of metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from hparam_ci.detectors._steps import at_step, first_row
from hparam_ci.detectors.detector import CouldNotLook, Detection, Evidence
from hparam_ci.sources.dialects import SPLIT_TOKENS, tokens
from hparam_ci.sources.sweep import Pair, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask, any_of

OF_RARE_CLASSES = ("mcc", "kappa", "f1", "recall", "sensitivity", "dice", "iou")
"""Scores of which a model that always says the commonest class has none."""
TRACE = 0.02  # a score of at most this is none
_FOLD = re.compile(r"(split|fold)_?\d+_")
_Named = TypeVar("_Named", bound=tuple[Any, ...])


def flag_cells(sweep: Sweep, cells: tuple[Cell, ...], what: str) -> Detection | CouldNotLook:
    """Trials with such a cell in any metric, among the ended trials that reported any metric."""
    metrics = [column for column, _ in sweep.metrics()]
    if not metrics:
        return CouldNotLook("no metric column was recognised")
    at_risk = sweep.reported & sweep.ended
    hits = {column.name: column.is_(*cells) for column in metrics}
    flagged = at_risk & any_of(list(hits.values()), len(sweep))

    def evidence(row: int) -> Evidence:
        columns = [column for column in metrics if hits[column.name][row]]
        names = ", ".join(column.name for column in columns)
        first = first_row(sweep, columns[0].name, cells)
        since = at_step(sweep, columns[0].name, row, int(first[row])) if first is not None else ""
        return Evidence(columns[0].name, columns[0].show(row), "a finite number", f"{what} in {names}{since}")

    return Detection(flagged, at_risk, evidence)


def joined(views: Sequence[Detection], n: int) -> Detection:
    """Several looks at n trials as one: flagged by any; the evidence is that of the first that flagged the trial."""

    def evidence(row: int) -> Evidence:
        return next(view for view in views if view.flagged[row]).evidence(row)

    return Detection(any_of([v.flagged for v in views], n), any_of([v.at_risk for v in views], n), evidence)


def finite(column: Column) -> Floats:
    """(n,) the numbers of a column, NaN where the cell is none; read-only."""
    return column.numbers


def accuracies(sweep: Sweep) -> list[Floats]:
    """(n,) each accuracy column, as shares even where the file has percent."""
    return [values for _, _, values in accuracies_of(sweep)]


def accuracies_of(sweep: Sweep) -> list[tuple[Column, str | None, Floats]]:
    """Each accuracy column with its split and its (n,) values, as shares even where the file has percent."""
    columns = [(column, metric.split, finite(column)) for column, metric in sweep.metrics(kinds=("accuracy",))]
    return [(column, split, values / 100 if is_percent(values) else values) for column, split, values in columns]


def says_one_class(sweep: Sweep) -> Mask:
    """(n,) trials that always say the commonest class: a held-out score of the rare ones is nothing."""
    scores = [c for c, metric in sweep.metrics(kinds=OF_RARE_CLASSES) if metric.split != "train" and not is_fold(c)]
    with np.errstate(invalid="ignore"):
        return any_of([np.abs(finite(column)) <= TRACE for column in scores], len(sweep))


def is_fold(column: Column) -> bool:
    """Whether it is of a single fold of a cross-validation: `split0_test_score`."""
    return bool(_FOLD.match(column.name))


def without_folds(found: list[_Named]) -> list[_Named]:
    """Columns, each with what is known of it, without the single folds of a cross-validation where there is their
    mean."""
    return [one for one in found if not is_fold(one[0])] or found


def is_percent(*columns: Floats) -> bool:
    """Whether scores are in percent: some are above 1.5, and none above 100."""
    values = np.concatenate(columns)
    top = float(np.max(values, where=np.isfinite(values), initial=-np.inf))
    return 1.5 < top <= 100.0


def pairs(sweep: Sweep) -> list[Pair]:
    """Training and held-out columns of one metric, one pair a kind; `loss` beside `val_loss` is the training loss."""
    found = {pair.kind: pair for pair in sweep.pairs}
    metrics = sweep.metrics()
    held_out: dict[tuple[str, ...], Column] = {}
    for column, other in metrics:
        if other.split == "val":
            held_out.setdefault((other.kind, *_core(column.name)), column)
    for train, about in metrics:
        beside = held_out.get((about.kind, *_core(train.name)))
        if about.split is None and about.direction and beside is not None:
            found.setdefault(about.kind, Pair(about.kind, train, beside, about.direction))
    return list(found.values())


def _core(name: str) -> list[str]:
    return [word for word in tokens(name) if word not in SPLIT_TOKENS]
