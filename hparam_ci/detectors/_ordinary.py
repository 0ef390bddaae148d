"""Losses that are no explosion, however far above a sweep's good trials: those of a blind guess, of a model that is not
yet trained, and of runs that ended early."""

from __future__ import annotations

from functools import reduce

import numpy as np

from hparam_ci.detectors._losses import Loss
from hparam_ci.detectors._spread import plateau
from hparam_ci.sources.rows import both
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell, Floats, Mask

ALIKE = 0.01  # how near the losses of two trials are that guess alike
FARTHEST = 4.0  # decades above the lower quartile: losses that several trials share there are a cap and no guess
ABOVE_FIRST = 2.0  # times the first loss of the curves: a blind guess costs about what training begins with
FAR, PILE, NARROW = 10.0, 5, 1.6  # times the lower quartile; losses that are so near each other, and by how many times
FEW, TOGETHER = 3, 3.0  # short runs that tell what a half-trained model has, and how many times their quartiles differ


def ordinary(loss: Loss, columns: list[Loss], short: Mask, rows: Mask, sweep: Sweep) -> float:
    """The highest loss of which the sweep shows that it is none of an explosion; 0 if it shows none.

    Args:
        loss: of n trials.
        columns: all losses of the sweep: trials that guess alike do so by each of them.
        short: (n,) trials that ended early.
        rows: (n,) trials that ended.
        sweep: for the curve of the loss, which begins with a model that is hardly trained.
    """
    used = rows & np.isfinite(loss.values)
    if not used.any():
        return 0.0
    first, losses = _first(loss, sweep, rows), loss.values.compress(used)
    farthest = ABOVE_FIRST * first or 10**FARTHEST * float(np.quantile(losses, 0.25))
    shared = max(plateau(losses), _shared_by_all(columns, loss, used), _pile(losses))
    return max(shared if shared <= farthest else 0.0, _half_trained(loss.values[used & short]), first)


def _shared_by_all(columns: list[Loss], loss: Loss, used: Mask) -> float:
    """The highest loss that two trials have (one in fifty, in large sweeps) which are alike by every column."""
    values = np.array([one.values for one in columns if one.metric.kind == loss.metric.kind])
    known = np.flatnonzero(used & np.isfinite(values).all(axis=0) & (values > 0).all(axis=0))
    many = max(2, -(-len(known) // 50))
    if len(values) < 2 or len(known) < many:
        return 0.0
    if _most_together(values[:, known]) < many:
        return 0.0
    values = values[:, known[np.argsort(loss.values[known], kind="stable")]]
    highest, lowest = _sliding(np.maximum, values, many), _sliding(np.minimum, values, many)
    alike = (highest <= (1 + ALIKE) * lowest).all(axis=0)
    return float(np.sort(loss.values[known])[many - 1 :][alike].max(initial=0.0))


def _most_together(values: Floats) -> int:
    """How many trials are alike at most by (k, n) positive values: those in a cell of a grid, and in its neighbours."""
    cells = np.floor(np.log(values) / (1.001 * np.log1p(ALIKE))).astype(np.intp)
    cells -= cells.min(axis=1, keepdims=True)
    return int(2 ** len(values) * np.bincount(reduce(both, cells)).max())


def _sliding(extreme: np.ufunc, values: Floats, width: int) -> Floats:
    """(k, n - width + 1) the extreme of each window of (k, n) values, in linear time (van Herk, 1992)."""
    k, n = values.shape
    blocks = np.pad(values, ((0, 0), (0, -n % width)), mode="edge").reshape(k, -1, width)
    begun = extreme.accumulate(blocks, axis=2).reshape(k, -1)
    left = extreme.accumulate(blocks[:, :, ::-1], axis=2)[:, :, ::-1].reshape(k, -1)
    found: Floats = extreme(left[:, : n - width + 1], begun[:, width - 1 : n])
    return found


def _pile(losses: Floats) -> float:
    """The top of what half of the losses a decade above the lower quartile have in common, where that is narrow (their
    shorth: Andrews et al., 1972): half-trained models and blind guesses end near each other, exploded ones decades
    apart. 0 with fewer than five."""
    far = np.sort(losses[losses > FAR * np.quantile(losses, 0.25)])
    many = max(PILE, len(far) // 2 + 1)
    if len(far) < many or far[0] <= 0:
        return 0.0
    low, high = far[: len(far) - many + 1], far[many - 1 :]
    narrowest = int(np.argmin(high / low))
    return float(high[narrowest]) if high[narrowest] <= NARROW * low[narrowest] else 0.0


def _half_trained(losses: Floats) -> float:
    """The median of short runs, where they are near each other, as those of exploded trials are not."""
    if len(losses) < FEW:
        return 0.0
    low, median, high = np.quantile(losses, [0.25, 0.5, 0.75])
    return float(median) if 0 < high <= TOGETHER * low else 0.0


def _first(loss: Loss, sweep: Sweep, rows: Mask) -> float:
    """The median of the first values of the curves."""
    history = sweep.table.history
    if history is None or loss.reading != "loss" or loss.column.name not in history.columns:
        return 0.0
    cells = history.columns[loss.column.name]
    places = np.flatnonzero(cells.is_(Cell.NUMBER))
    if not len(places):
        return 0.0
    at = np.minimum(np.searchsorted(places, history.starts[:-1]), len(places) - 1)
    long = rows & (np.searchsorted(places, history.starts[1:]) - at > 1)
    return float(np.median(cells.values[places[at[long]]])) if long.any() else 0.0
