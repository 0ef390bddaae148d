"""What moves the objective: which hyperparameters decide whether a trial is among the best, and where the best lie.

PED-ANOVA (Watanabe et al. 2023): the Pearson divergence between the density of the best trials and that of all, one
hyperparameter at a time; where a hyperparameter is conditional, over the trials that set it (as Optuna does, after
"Conditional PED-ANOVA"). What it lacks is added here: the divergence that chance alone would give is taken off and
tested by dealing the best places to the trials at random, and the shares have bootstrap intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hparam_ci.advice.axes import Axis
from hparam_ci.advice.objective import Objective, top_size
from hparam_ci.advice.parzen import STEPS, Matrix, Smoother, ordered_smoother, unordered_smoother
from hparam_ci.inspection import Drivers, Importance, Value
from hparam_ci.sources.table import Floats, Mask

FEWEST = 20
"""Finished trials; among fewer nothing is said."""

PERMUTATIONS = 499
BOOTSTRAPS = 200
LARGE = 4_000
"""Of more finished trials, an even sample is taken: the intervals are narrow long before."""

NOISE = 0.05
EDGE = 0.1
"""Best trials that come this near to an end of what was tried lie at that end."""

Indices = NDArray[np.intp]
Direction = Literal["higher", "lower", "interior", "levels", "unclear"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One hyperparameter over n trials as cells.

    Attributes:
        cells: (n,) cell of each trial, `size` where it is not set.
        size: number of cells.
        ordered: whether neighbouring cells are alike.
    """

    cells: Indices
    size: int
    ordered: bool


def drivers(axes: Sequence[Axis], objective: Objective | None, seed: int) -> Drivers | None:
    """What moves the objective, the largest share first; None where nothing can be said.

    Args:
        axes: the hyperparameters over all trials.
        objective: what was optimised; None where it is not known.
        seed: of the random draws; the same seed gives the same answer.
    """
    if objective is None:
        return None
    rows = np.flatnonzero(objective.reached)
    best = objective.best
    if len(rows) < FEWEST or best.sum() > len(rows) / 2:
        return None
    reached = objective.values[rows]
    extreme = reached.min() if objective.goal == "minimize" else reached.max()
    sample = rows[:: max(1, math.ceil(len(rows) / LARGE))]
    grids = {axis.column.name: grid_of(axis, sample) for axis in axes}
    varied = [axis for axis in axes if _varies(grids[axis.column.name])]
    chosen = [grids[axis.column.name] for axis in varied]
    found = _judged(chosen, objective.loss[sample], np.random.default_rng(seed)) if varied else []
    tops = np.flatnonzero(best)
    facts = [_importance(axis, one, sample, tops) for axis, one in zip(varied, found, strict=True)]
    return Drivers(
        metric=objective.name,
        goal=objective.goal,
        trials=len(rows),
        top=int(best.sum()),
        best=float(extreme),
        hyperparameters=tuple(sorted(facts, key=lambda fact: (-fact.share, fact.p_value))),
    )


def _varies(grid: Grid) -> bool:
    return len(np.unique(grid.cells[grid.cells < grid.size])) > 1


def grid_of(axis: Axis, rows: Indices | None = None) -> Grid:
    """The hyperparameter in cells: the choices, or steps of its range, of which zeros below a log range are the first.

    As in Optuna a range has up to 50 steps, and fewer where there are fewer whole numbers in it.
    """
    rows = np.arange(len(axis.column)) if rows is None else rows
    if axis.kind == "choice":
        codes = axis.codes[rows]
        return Grid(np.where(codes < 0, len(axis.choices), codes), len(axis.choices), axis.ordered)
    values = axis.values[rows]
    size = STEPS
    if axis.kind == "int":
        spanned = axis.high - axis.low + 1
        size = min(STEPS, math.ceil(math.log2(spanned)) + 1 if axis.log else round(spanned))
    placed = axis.place(np.where(values > 0, values, np.nan) if axis.log else values)
    cells = np.clip(np.ceil(placed * (size - 1) - 0.5), 0, size - 1)
    if axis.log and np.any(values <= 0):
        cells, size = np.where(values <= 0, 0.0, cells + 1), size + 1
    known = np.isfinite(cells)
    return Grid(np.where(known, cells, size).astype(np.intp), size, ordered=True)


# --- shares ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judged:
    share: float
    low: float
    high: float
    p_value: float


def divergences(grid: Grid, best: Mask) -> float:
    """The plain PED-ANOVA importance of one hyperparameter over n trials, of which `best` (n,) are the best."""
    tally = _Tally(grid, best)
    scale = float(best.sum() / len(best)) ** 2
    return scale * float(tally.divergence(tally.count(np.flatnonzero(best)[None, :]), tally.all)[0])


class _Tally:
    """Counts of one hyperparameter's cells, and the divergence between those of the best trials and those of all."""

    def __init__(self, grid: Grid, best: Mask) -> None:
        self.cells, self.size = grid.cells, grid.size
        self.all = self.count(np.arange(len(best))[None, :])
        self.best = self.count(np.flatnonzero(best)[None, :])
        smoother = ordered_smoother if grid.ordered else unordered_smoother
        self.of_all: Smoother = smoother(self.all[0, :-1])
        self.of_best: Smoother = smoother(self.best[0, :-1])

    def count(self, rows: Indices) -> Matrix:
        """(draws, cells + 1) trials in each cell, the last of which is those that do not set it; rows (draws, k)."""
        draws, width = len(rows), self.size + 1
        joint = self.cells.take(rows)
        joint += np.arange(draws)[:, None] * width
        return np.bincount(joint.ravel(), minlength=draws * width).reshape(draws, width).astype(float)

    def divergence(self, best: Matrix, all_: Matrix) -> Matrix:
        """(draws,) Pearson divergence, weighted by how often best and all trials set the hyperparameter."""
        p_best, p_all = self.of_best.density(best[:, :-1]), self.of_all.density(all_[:, :-1])
        active_best = best[:, :-1].sum(1) / best.sum(1)
        active_all = all_[:, :-1].sum(1) / all_.sum(1)
        pearson = np.sum(p_all * (p_best / p_all - 1) ** 2, axis=1)
        weighted: Matrix = np.where(active_all > 0, active_best**2 / np.maximum(active_all, 1e-12) * pearson, 0.0)
        return weighted


def _judged(grids: Sequence[Grid], loss: Floats, rng: np.random.Generator) -> list[_Judged]:
    n, k = len(loss), top_size(len(loss))
    best = loss <= np.partition(loss, k - 1)[k - 1]
    chosen = int(best.sum())
    dealt = np.argpartition(rng.random((PERMUTATIONS, n)), chosen - 1, axis=1)[:, :chosen]
    drawn = rng.integers(0, n, (BOOTSTRAPS, n))
    winners = np.take_along_axis(drawn, np.argpartition(loss[drawn], k - 1, axis=1)[:, :k], axis=1)
    found, chance, resampled = [], [], []
    for grid in grids:
        tally = _Tally(grid, best)
        found.append(tally.divergence(tally.best, tally.all)[0])
        chance.append(tally.divergence(tally.count(dealt), tally.all))
        resampled.append(tally.divergence(tally.count(winners), tally.count(drawn)))
    observed, null = np.array(found), np.stack(chance)
    floor = null.mean(axis=1)
    shares = _shares(observed[:, None], floor)[:, 0]
    # A resampled data set carries the noise of the data and, once more, that of resampling.
    spread = _shares(np.stack(resampled), 2 * floor)
    low, high = np.quantile(spread, [0.025, 0.975], axis=1)
    p_values = _corrected(observed, null)
    return [
        _Judged(_steady(s), _steady(min(lo, s)), _steady(max(hi, s)), float(p))
        for s, lo, hi, p in zip(shares, low, high, p_values, strict=True)
    ]


def _steady(share: float) -> float:
    """Without the last digits, in which a matrix product depends on where its numbers lie in memory."""
    return float(f"{share:.12g}")


def _shares(values: Matrix, floor: Floats) -> Matrix:
    """(hyperparameters, draws) shares of what lies above the floor (hyperparameters,)."""
    above = np.maximum(0.0, values - floor[:, None])
    total = above.sum(axis=0, keepdims=True)
    shares: Matrix = np.divide(above, total, out=np.zeros_like(above), where=total > 0)
    return shares


def _corrected(observed: Floats, null: Matrix) -> Floats:
    """(hyperparameters,) p-values against the largest standardised divergence of each draw (Westfall and Young)."""
    both = np.sqrt(np.column_stack([observed, null]))
    deviation = both.std(axis=1, keepdims=True)
    z = np.divide(both - both.mean(axis=1, keepdims=True), deviation, out=np.zeros_like(both), where=deviation > 0)
    largest = z[:, 1:].max(axis=0)
    p: Floats = (1 + (largest[None, :] >= z[:, :1]).sum(axis=1)) / (1 + null.shape[1])
    return p


# --- where the best lie ---------------------------------------------------------------------------


def _importance(axis: Axis, judged: _Judged, rows: Indices, best: Indices) -> Importance:
    """The fact on one hyperparameter; `rows` are finished trials, all of them or an even sample, `best` the best."""
    direction: Direction = "levels"
    region, levels = None, _levels(axis, rows, best)
    if axis.ordered:
        values = axis.values
        tops = values[best]
        tops = tops[np.isfinite(tops)]
        if len(tops) >= 2:
            region = best_range(tops)
            direction = _side(values[rows], *region)
    noise = judged.p_value > NOISE
    return Importance(
        param=axis.column.name,
        share=judged.share,
        low=judged.low,
        high=judged.high,
        p_value=judged.p_value,
        noise=noise,
        direction="unclear" if noise else direction,
        best=region,
        levels=levels,
    )


def best_range(tops: Floats) -> tuple[float, float]:
    """The range that holds four fifths of the best trials' values, its ends values that were tried."""
    ordered, last = np.sort(tops), len(tops) - 1
    return float(ordered[math.floor(0.1 * last)]), float(ordered[math.ceil(0.9 * last)])


def _side(tried: Floats, low: float, high: float) -> Direction:
    """On which side of the tried values the best range lies, by rank, so that the scale does not matter."""
    tried = np.sort(tried[np.isfinite(tried)])
    below = float(np.searchsorted(tried, low, side="left")) / len(tried)
    above = 1 - float(np.searchsorted(tried, high, side="right")) / len(tried)
    if below <= EDGE and above <= EDGE:
        return "unclear"
    if above <= EDGE:
        return "higher"
    return "lower" if below <= EDGE else "interior"


def _levels(axis: Axis, rows: Indices, best: Indices) -> tuple[Value, ...]:
    """The choices that the best trials have more often than all, by how much more."""
    if axis.kind != "choice":
        return ()
    size = len(axis.choices)
    everywhere = np.bincount(axis.codes[rows][axis.codes[rows] >= 0], minlength=size)
    among = np.bincount(axis.codes[best][axis.codes[best] >= 0], minlength=size)
    lift = among / max(1, among.sum()) - everywhere / max(1, everywhere.sum())
    more = [i for i in range(size) if lift[i] > 0 and among[i] >= 2]
    ranked = more if axis.ordered else sorted(more, key=lambda i: (-lift[i], i))
    return tuple(axis.choices[i] for i in ranked)
