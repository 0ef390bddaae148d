"""The rules for columns below a prefix that a tool gave them: `params_`, `config/`, `metrics.`."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from .dialects import (
    BUDGET_TOKENS,
    DURATION_TOKENS,
    tokens,
)
from .names import container_of, is_seed, metric_of
from .role_facts import File, are_locations, hyperparameter, ignored, is_derived, is_known, is_measured, is_numeric
from .role_names import REACHED, by_duration, by_identifier, by_message, by_status, by_timestamp
from .sweep import Direction, Metric, Reading, Role
from .table import Column


def by_container(column: Column, file: File) -> Reading | None:
    """What the tool that wrote the column says of it by its prefix."""
    role, rest = container_of(column.name)
    prefix = column.name[: len(column.name) - len(rest)]
    if role == "metadata" and (message := by_message(column, file)):
        return message
    if role == "hyperparameter" and file.has_parameter_container:
        return _setting_below(column, prefix, rest)
    if role == "metric" and rest.startswith("system/"):
        return ignored(column, "high", "the load of the machine")
    if role == "metric":
        return _metric_below(column, prefix, rest)
    if role == "metadata" and (logged := _logged_below(column, prefix, rest)):
        return logged
    if role == "metadata" and prefix.startswith("sys"):
        return _system(column, file, rest) or ignored(column, "high", f"bookkeeping below {prefix}")
    if role == "metadata" and prefix.startswith(("info", "perf", "timers")):
        return ignored(column, "high", f"an outcome below {prefix}")
    if role == "metadata":
        found = metric_of(rest)
        if found and is_numeric(column) and "best" not in tokens(rest) and not prefix.startswith("tuner"):
            return Reading(column.name, Role.METRIC, "medium", f"an outcome below {prefix}", found)
        return ignored(column, "high", f"bookkeeping below {prefix}")
    return None


def _logged_below(column: Column, prefix: str, rest: str) -> Reading | None:
    """The runtime and the last step in a summary of a run."""
    words = tokens(rest)
    if not is_numeric(column) or prefix.startswith(("system_attrs", "tags", "tuner")):
        return None
    if words == ("runtime",):
        return Reading(column.name, Role.DURATION, "high", f"the runtime below {prefix}")
    if set(words) & BUDGET_TOKENS and set(words) <= BUDGET_TOKENS | REACHED and not rest.startswith("_"):
        return Reading(column.name, Role.BUDGET, "high", "how far the trial got")
    return None


def _system(column: Column, file: File, rest: str) -> Reading | None:
    """What a tracker keeps of a run itself: its id, its state, when it began and how long it took."""
    bare = replace(column, name=rest)
    for rule in (by_status, by_identifier, by_timestamp, by_duration):
        reading = rule(bare, file)
        if reading is not None:
            return replace(reading, name=column.name)
    return None


def _setting_below(column: Column, prefix: str, rest: str) -> Reading:
    if is_seed(rest):
        return Reading(column.name, Role.SEED, "high", f"a seed below {prefix}")
    if are_locations(column) or tokens(rest)[-1:] in (("path",), ("dir",), ("id",), ("url",), ("uri",), ("hash",)):
        return ignored(column, "high", f"a place or an id below {prefix}")
    return hyperparameter(column, "high", f"below {prefix}")


def _metric_below(column: Column, prefix: str, rest: str) -> Reading:
    if prefix.startswith(("std_", "rank_")):
        return ignored(column, "high", "derived from other scores")
    if not is_measured(column):
        return ignored(column, "high", f"text below {prefix}")
    scorer = rest if rest else column.name
    direction: Direction | None = "maximize" if re.match(r"(split\d+|mean)_", prefix) else None
    metric = metric_of(column.name) or metric_of(scorer)
    if metric is None and not direction and not re.match(r"values?_", prefix):
        return _other_outcome(column, prefix, rest)
    metric = metric or Metric("objective", None, direction)
    if direction:
        if _is_plain_error(column, metric):
            direction = "minimize"
        metric = Metric(scorer, "train" if "train_" in prefix else "test", direction)
    return Reading(column.name, Role.METRIC, "high", f"below {prefix}", metric)


def _is_plain_error(column: Column, metric: Metric) -> bool:
    """An error as it stands, where the scorers of scikit-learn have its negative."""
    return metric.direction == "minimize" and bool(np.all(column.known >= 0))


def _other_outcome(column: Column, prefix: str, rest: str) -> Reading:
    """What was logged beside the metrics: a count, a norm, a time; else a metric that nobody has heard of."""
    words = tokens(rest)
    if is_derived(words, numeric=True) or set(words) & (BUDGET_TOKENS | DURATION_TOKENS) or is_known(rest):
        return ignored(column, "medium", f"logged below {prefix}, and no measure of quality")
    return Reading(column.name, Role.METRIC, "medium", f"below {prefix}", Metric("objective", None, None))
