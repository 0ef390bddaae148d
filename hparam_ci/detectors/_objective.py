"""What a sweep was to make better: one answer for all who ask."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._metrics import is_fold
from hparam_ci.sources.cells import are_within
from hparam_ci.sources.names import is_objective
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Column, Floats
from hparam_ci.sources.vocabulary import ONE_SIDED

NO_OBJECTIVE = "no objective with a known direction"
SPLITS = ("val", None, "test")
"""In the order in which a sweep is judged by them; the training metric is no objective."""
ABSURD = 1e100  # no result, and its square has no number

_ONE_OF_SEVERAL = re.compile(r"values?_\d+")


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """What the sweep was to make better.

    Attributes:
        column: as it stands in the file.
        metric: what it measures; its direction is None where nothing tells it.
        values: (n,) as in the file, NaN where there is no finite number, or an absurd one.
    """

    column: Column
    metric: Metric
    values: Floats

    @property
    def costs(self) -> Floats:
        """(n,) smaller is better."""
        return -self.values if self.metric.direction == "maximize" else self.values

    @property
    def best(self) -> str:
        """`lowest val_loss`."""
        return f"{'highest' if self.metric.direction == 'maximize' else 'lowest'} {self.column.name}"


def objectives(sweep: Sweep) -> list[Objective]:
    """What the store or the configuration says was optimised, else the columns named so, else the first held-out
    metric. Several, where several were optimised."""
    metrics = sweep.metrics()
    told = [one for one in metrics if (hint := sweep.table.hints.get(one[0].name)) and hint.direction]
    called = [one for one in metrics if _is_called_so(*one)]
    return [_read(*one) for one in told or called or _held_out(metrics)[:1]]


def objective(sweep: Sweep) -> Objective | None:
    """The objective; None where there is none, or where there are several and no single trial is the best."""
    found = objectives(sweep)
    return found[0] if len(found) == 1 else None


def directed_objective(sweep: Sweep) -> Objective | None:
    """The objective, where it is known which way is better."""
    found = objective(sweep)
    return found if found and found.metric.direction else None


def judge_of(sweep: Sweep) -> Objective | None:
    """The first objective with a known direction, else the first such held-out metric."""
    directed = [found for found in objectives(sweep) if found.metric.direction]
    return next(iter(directed), None) or next((_read(*one) for one in _held_out(sweep.metrics())), None)


def _is_called_so(column: Column, metric: Metric) -> bool:
    return metric.kind == "objective" or is_objective(column.name) or bool(_ONE_OF_SEVERAL.fullmatch(column.name))


def _held_out(metrics: list[tuple[Column, Metric]]) -> list[tuple[Column, Metric]]:
    """Those of validation first, of the test split last; in file order, single folds last and before them scores of
    one kind of error."""
    known = [(column, metric) for column, metric in metrics if metric.split in SPLITS and metric.direction]
    return sorted(known, key=lambda one: (SPLITS.index(one[1].split), is_fold(one[0]), one[1].kind in ONE_SIDED))


def _read(column: Column, metric: Metric) -> Objective:
    values = column.numbers
    if not are_within(values, ABSURD):
        values = np.where(np.abs(values) < ABSURD, values, np.nan)
    return Objective(column, metric, values)
