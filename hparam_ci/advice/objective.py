"""What the sweep was after: the objective, and which trials reached a value of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hparam_ci.detectors._objective import objectives
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Direction, Sweep
from hparam_ci.sources.table import Floats, Mask

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
    """The objective, of several the first; None where none is known, or not which way is better.

    A column that a tool fills with whatever was optimised (`value`) is the objective, and without its direction nothing
    is said.
    """
    found = next(iter(objectives(sweep)), None)
    if found is None or found.metric.direction is None:
        return None
    finished = sweep.in_state(State.OK, State.UNKNOWN)
    return Objective(found.column.name, found.metric.direction, found.values, finished & np.isfinite(found.values))
