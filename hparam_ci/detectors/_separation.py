"""How well hyperparameters tell some trials from the others: the rival of every explanation by time or machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hparam_ci.sources.rows import coded
from hparam_ci.sources.table import Cell, Column, Floats, Mask

MOST_LEVELS = 20


def deviance(hits: NDArray[np.float64] | float, inside: NDArray[np.float64] | float, m: float, n: float) -> Floats:
    """G2, the binomial deviance between `hits` of `inside` trials and the other m - hits of n - inside."""
    a, k = np.asarray(hits, float), np.asarray(inside, float)
    parts = _xlogx(a) + _xlogx(k - a) - _xlogx(k)
    parts = parts + _xlogx(m - a) + _xlogx(n - k - m + a) - _xlogx(n - k)
    whole = _xlogx(np.asarray(m, float)) + _xlogx(np.asarray(n - m, float)) - _xlogx(np.asarray(n, float))
    g2: Floats = np.maximum(2 * (parts - whole), 0.0)
    return g2


def _xlogx(x: NDArray[np.float64]) -> Floats:
    logs: Floats = x * np.log(np.where(x > 0, x, 1.0))
    return logs


def best_separation(columns: Sequence[Column], hits: Mask) -> float:
    """The largest G2 of a split by one hyperparameter and a second one within each side: a tree of depth two.

    Args:
        columns: hyperparameters over n trials.
        hits: (n,) the trials to tell apart.
    """
    g2, side = _best_split(columns, hits)
    if side is None:
        return 0.0
    return g2 + sum(_best_split([c.take(part) for c in columns], hits[part])[0] for part in (side, ~side))


def _best_split(columns: Sequence[Column], hits: Mask) -> tuple[float, Mask | None]:
    best: tuple[float, Mask | None] = (0.0, None)
    if not 0 < hits.sum() < len(hits):
        return best
    for column in columns:
        for g2, side in _splits(column, hits):
            if g2 > best[0]:
                best = g2, side
    return best


def _splits(column: Column, hits: Mask) -> Iterator[tuple[float, Mask]]:
    """The best cut of the numbers, and each of a few levels, blank among them."""
    n, m = len(hits), int(hits.sum())
    is_number = column.is_(Cell.NUMBER, Cell.POS_INF, Cell.NEG_INF)
    if is_number.any():
        values = np.where(is_number, column.values, np.inf)
        order = np.argsort(values, kind="stable")
        ends = np.flatnonzero(np.diff(values[order]) > 0)
        if len(ends):
            g2 = deviance(np.cumsum(hits[order])[ends].astype(float), (ends + 1).astype(float), m, n)
            at = int(np.argmax(g2))
            yield float(g2[at]), values <= values[order][ends[at]]
    if column.levels or not is_number.all():
        level = coded(column)
        counts = np.bincount(level)
        for one in np.argsort(-counts, kind="stable")[:MOST_LEVELS].tolist():
            side = level == one
            yield float(deviance(float(hits[side].sum()), float(counts[one]), m, n)), side
