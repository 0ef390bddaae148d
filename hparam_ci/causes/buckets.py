"""The plain tables: issue rates by bucket of each hyperparameter. They show; they do not prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.statistics import wilson
from hparam_ci.detectors.detector import Detection
from hparam_ci.detectors.run import IssueTable, combinations, detect
from hparam_ci.inspection import Bucket, BucketTable, Count
from hparam_ci.sources.given import one_sweep
from hparam_ci.sources.sweep import Role
from hparam_ci.sources.table import Cell, Column, Floats, Mask
from hparam_ci.wording import show_number

if TYPE_CHECKING:
    from hparam_ci.sources.given import Source

QUANTILES = 5
FEW_VALUES = 8
MANY_CATEGORIES = 8
NOT_SET = "not set"

Codes = NDArray[np.intp]


def count(affected: Mask, evaluable: Mask) -> Count:
    """Affected of evaluable trials, with the interval."""
    return _counted(int(np.count_nonzero(affected & evaluable)), int(np.count_nonzero(evaluable)))


def _counted(affected: int, evaluable: int) -> Count:
    low, high = wilson(affected, evaluable)
    return Count(affected=affected, evaluable=evaluable, low=low, high=high)


def detect_param_correlations(source: IssueTable | Source) -> tuple[BucketTable, ...]:
    """Issue rates by quantile bucket or category, for every hyperparameter that the sweep has.

    Every trial is in exactly one bucket of each hyperparameter. Numbers with few distinct values keep them as buckets;
    others get about five buckets of equal counts, in which a value that many trials share (often 0) stands alone; in a
    long column an even sample places them, and every trial is counted. The most frequent categories are kept and the
    others pooled. Cells without a value, with NaN or with an infinity are buckets of their own. The tables show rates;
    which differences are more than chance, the causes say.

    Args:
        source: what the detectors saw; or a sweep, a data frame (whose NaN is a cell without a value) or a file, over
            which they are run with their defaults.

    Returns:
        One table a hyperparameter, in the order of the columns: n trials and each detector's count, bucket by bucket.

    Raises:
        SourceError: a file that cannot be read.
        ValueError: a file that holds several sweeps; read it with `read_sweeps` and give one of them.
    """
    issues = source if isinstance(source, IssueTable) else detect(one_sweep(source))
    columns = issues.sweep.columns(Role.HYPERPARAMETER)
    shown = _Shown(issues.seen, len(issues.sweep)) if columns else None
    return tuple(_table(column, shown) for column in columns if shown is not None)


class _Shown:
    """Which trials showed and could have shown each issue, packed so that one count serves all issues.

    Attributes:
        kinds: (n,) which combination of issues each trial shows and could have shown.
        flagged: (combinations, detectors) 1 where a trial of the combination shows the issue.
        at_risk: likewise, could have shown.
    """

    def __init__(self, seen: Mapping[str, Detection], n: int) -> None:
        self.codes = tuple(seen)
        self.kinds = combinations(list(seen.values()), n)
        first = np.zeros(int(self.kinds.max(initial=-1)) + 1, np.intp)
        first[self.kinds] = np.arange(n)  # any trial of each
        none = np.zeros((len(first), 0), bool)
        self.flagged = np.column_stack([none, *((d.flagged & d.at_risk)[first] for d in seen.values())])
        self.at_risk = np.column_stack([none, *(d.at_risk[first] for d in seen.values())])

    def counts(self, codes: Codes, buckets: int) -> tuple[list[int], list[dict[str, Count]]]:
        """Trials in each bucket, and the count of each detector there."""
        n = len(self.flagged)
        joint = np.bincount(codes * n + self.kinds, minlength=buckets * n).reshape(buckets, n)
        flagged, at_risk = joint @ self.flagged.astype(np.int64), joint @ self.at_risk.astype(np.int64)
        return joint.sum(1).tolist(), [
            {code: _counted(int(flagged[b, i]), int(at_risk[b, i])) for i, code in enumerate(self.codes)}
            for b in range(buckets)
        ]


@dataclass(frozen=True, slots=True)
class _Label:
    """A bucket before it is counted."""

    text: str
    low: float | None = None
    high: float | None = None


def _table(column: Column, shown: _Shown) -> BucketTable:
    codes, labels = _categories(column) if column.levels else _ranges(column)
    for cell, text in ((Cell.NEG_INF, "-inf"), (Cell.POS_INF, "inf"), (Cell.NAN, "NaN"), (Cell.MISSING, NOT_SET)):
        if column.count(cell):
            codes[column.is_(cell)] = len(labels)
            labels.append(_Label(text))
    trials, counts = shown.counts(codes, len(labels))
    buckets = tuple(
        Bucket(label=label.text, trials=n, counts=of, low=label.low, high=label.high)
        for label, n, of in zip(labels, trials, counts, strict=True)
        if n
    )
    return BucketTable(param=column.name, ordered=not column.levels, buckets=buckets)


# --- numbers --------------------------------------------------------------------------------------


def _ranges(column: Column) -> tuple[Codes, list[_Label]]:
    values = column.known
    if not len(values):
        return np.zeros(len(column), np.intp), []
    tops = _tops(column)
    inside = _bucket_of(values, tops)
    lows = np.full(int(inside.max()) + 1, np.inf)
    np.minimum.at(lows, inside, values)
    highs = np.append(tops[: len(lows) - 1], values.max())  # a top is a value, so no bucket below another is empty
    codes = inside
    if len(values) < len(column):
        codes = np.zeros(len(column), np.intp)
        codes[column.is_(Cell.NUMBER)] = inside
    return codes, _labels(lows.tolist(), highs.tolist())


def _bucket_of(values: Floats, tops: Floats) -> Codes:
    """(k,) the first bucket whose top is no less; to compare with the few tops one by one is faster than to search."""
    inside = np.zeros(len(values), np.uint8)
    for top in tops[:-1].tolist():
        inside += values > top
    return inside.astype(np.intp)


def _tops(column: Column) -> Floats:
    """The largest value of each bucket but the last, whose top is infinity."""
    few = column.few(FEW_VALUES)
    if few is not None:
        return np.append(few[:-1], np.inf)
    distinct, counts = np.unique(column.sample, return_counts=True)
    share = len(column.sample) / QUANTILES
    reached, heavy = np.cumsum(counts), [*np.flatnonzero(counts >= share).tolist(), len(counts)]
    tops: list[float] = []
    first, before, alone = 0, 0, False
    while True:
        full = int(np.searchsorted(reached, before + share - 0.5))
        last = min(full, next(place for place in heavy if place >= first))
        if last == len(counts):
            break
        alone = last in heavy
        if alone and last > first:
            tops.append(float(distinct[last - 1]))
        tops.append(float(distinct[last]))
        first, before = last + 1, int(reached[last])
    if not alone and len(column.sample) - before < share / 3 and len(tops) > 1:
        tops.pop()  # what is left would be a crumb, or nothing
    return np.append(tops, np.inf)


def _labels(lows: list[float], highs: list[float]) -> list[_Label]:
    """`0.001 to 0.0032`, with as many digits as it takes to tell the buckets apart."""
    for digits in (3, 4, 5, 6, 8, 10, 12, 15, 17):
        texts = [
            show_number(low, digits) if low == high else f"{show_number(low, digits)} to {show_number(high, digits)}"
            for low, high in zip(lows, highs, strict=True)
        ]
        if len(set(texts)) == len(texts):
            break
    return [_Label(text, low, high) for text, low, high in zip(texts, lows, highs, strict=True)]


# --- categories -----------------------------------------------------------------------------------


def _categories(column: Column) -> tuple[Codes, list[_Label]]:
    """The texts, and numbers among them as they would be written; most frequent first, the rest pooled."""
    distinct, which = np.unique(column.known, return_inverse=True)
    names = [*column.levels, *(f"{value:.6g}" for value in distinct)]
    raw = column.codes.astype(np.intp)  # -1 where the cell is no text
    if len(which):
        raw[column.is_(Cell.NUMBER)] = len(column.levels) + which
    total = np.bincount(raw + 1, minlength=len(names) + 1)[1:]
    ranked = sorted((i for i in range(len(names)) if total[i]), key=lambda i: (-total[i], names[i]))
    kept = ranked if len(ranked) <= MANY_CATEGORIES else ranked[: MANY_CATEGORIES - 1]
    place = np.full(len(names) + 1, len(kept), np.intp)
    place[kept] = np.arange(len(kept))
    labels = [_Label(names[i]) for i in kept]
    if len(kept) < len(ranked):
        labels.append(_Label(f"{len(ranked) - len(kept)} others"))
    return place[raw], labels
