"""What the sweep was after: the objective, and which trials reached a value of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hparam_ci.detectors._metrics import is_fold
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Direction, Metric, Role, Sweep
from hparam_ci.sources.table import Column, Floats, Mask
from hparam_ci.sources.vocabulary import ONE_SIDED

SPLITS = ("val", None, "test")
UNKNOWN = "objective"

TOP = 0.1
ENOUGH = 10
"""Best trials, where they are at most a quarter of all."""


@dataclass(frozen=True, eq=False)
class Objective:
    """The metric that was optimised, over n trials.

    Attributes:
        name: of its column.
        goal: which way is better.
        values: (n,) as they were logged.
        reached: (n,) trials that finished with a finite value; pruned, failed and running ones did not.
    """

    name: str
    goal: Direction
    values: Floats
    reached: Mask

    @cached_property
    def loss(self) -> Floats:
        """(n,) lower is better; infinity where a trial did not reach a value."""
        signed = self.values if self.goal == "minimize" else -self.values
        loss: Floats = np.where(self.reached, signed, np.inf)
        return loss

    @cached_property
    def best(self) -> Mask:
        """(n,) the best trials, a tenth of those that reached a value or somewhat more; ties with the last belong."""
        reached = self.loss.compress(self.reached)
        if not len(reached):
            return np.zeros(len(self.loss), bool)
        last = top_size(len(reached)) - 1
        best: Mask = (self.loss <= np.partition(reached, last)[last]) & self.reached
        return best


def top_size(n: int) -> int:
    """How many of n trials are the best ones."""
    return max(1, math.ceil(TOP * n), min(ENOUGH, n // 4))


def objective_of(sweep: Sweep) -> Objective | None:
    """The objective that the store or the table states, else the first held-out metric; None where it is not known.

    A column that a tool fills with whatever was optimised (`value`) is the objective, and without its direction nothing
    is said. The training metric is no objective.
    """
    metrics = sweep.metrics()
    stated = [(c, m) for c, m in metrics if _is_stated(sweep, c)] or [(c, m) for c, m in metrics if m.kind == UNKNOWN]
    for column, metric in _held_out(stated or metrics):
        if metric.direction is None:
            return None
        finished = sweep.in_state(State.OK, State.UNKNOWN)
        values = column.numbers
        return Objective(column.name, metric.direction, values, finished & np.isfinite(values))
    return None


def _is_stated(sweep: Sweep, column: Column) -> bool:
    hint = sweep.table.hints.get(column.name)
    return hint is not None and hint.role == Role.METRIC and hint.direction is not None


def _held_out(metrics: list[tuple[Column, Metric]]) -> list[tuple[Column, Metric]]:
    """Validation metrics first, then those of no split, then of the test split; in file order, single folds last and
    before them scores of one kind of error."""
    known = [(c, m) for c, m in metrics if m.split in SPLITS and (m.direction or m.kind == UNKNOWN)]
    return sorted(known, key=lambda one: (SPLITS.index(one[1].split), is_fold(one[0]), one[1].kind in ONE_SIDED))
