"""The plain tables: issue rates by bucket of each hyperparameter. They show; they do not prove."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hparam_ci.causes.statistics import wilson
from hparam_ci.detectors.detector import IssueTable
from hparam_ci.inspection import Bucket, BucketTable, Count
from hparam_ci.sources.sweep import Role
from hparam_ci.sources.table import Cell, Column, Mask, any_of

QUANTILES = 5
FEW_VALUES = 8
MANY_CATEGORIES = 8


def count(affected: Mask, evaluable: Mask) -> Count:
    """Affected of evaluable trials, with the interval."""
    a, n = int(np.count_nonzero(affected & evaluable)), int(np.count_nonzero(evaluable))
    low, high = wilson(a, n)
    return Count(affected=a, evaluable=n, low=low, high=high)


def detect_param_correlations(issues: IssueTable) -> tuple[BucketTable, ...]:
    """Issue rates by quantile bucket or category, for every hyperparameter that the sweep has.

    Numbers with few distinct values keep them as buckets; others get five quantile buckets. Rare categories are pooled.
    """
    return tuple(_table(column, issues) for column in issues.sweep.columns(Role.HYPERPARAMETER))


def _table(column: Column, issues: IssueTable) -> BucketTable:
    split = _by_category(column) if column.levels else _by_value(column)
    missing = column.is_(Cell.MISSING)
    if missing.any():
        split.append(("not set", missing))
    buckets = tuple(
        Bucket(
            label=label,
            trials=int(mask.sum()),
            counts={code: count(seen.flagged & mask, seen.at_risk & mask) for code, seen in issues.seen.items()},
        )
        for label, mask in split
        if mask.any()
    )
    return BucketTable(param=column.name, ordered=not column.levels, buckets=buckets)


def _by_value(column: Column) -> list[tuple[str, Mask]]:
    numbers = column.is_(Cell.NUMBER)
    distinct = np.unique(column.values[numbers])
    if len(distinct) <= FEW_VALUES:
        return [(f"{value:.4g}", numbers & (column.values == value)) for value in distinct]
    edges = np.unique(np.quantile(column.values[numbers], np.linspace(0, 1, QUANTILES + 1), method="lower"))
    found = []
    for i, (low, high) in enumerate(pairwise(edges)):
        above = column.values >= low if i == 0 else column.values > low
        mask = numbers & above & (column.values <= high)
        if mask.any():
            inside = column.values[mask]
            found.append((f"{inside.min():.3g} to {inside.max():.3g}", mask))
    return found


def _by_category(column: Column) -> list[tuple[str, Mask]]:
    shown = [(level, column.codes == code) for code, level in enumerate(column.levels)]
    numbers = column.is_(Cell.NUMBER)
    shown += [
        (f"{value:.4g}", numbers & (column.values == value))
        for value in np.unique(column.values[numbers])[:MANY_CATEGORIES]
    ]
    shown = sorted((item for item in shown if item[1].any()), key=lambda item: (-int(item[1].sum()), item[0]))
    if len(shown) <= MANY_CATEGORIES:
        return shown
    kept, rest = shown[: MANY_CATEGORIES - 1], shown[MANY_CATEGORIES - 1 :]
    return [*kept, (f"{len(rest)} others", any_of([mask for _, mask in rest], len(column)))]
