"""What the rules of roles see in a column and its name, and how they say what they found."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from hparam_ci.inspection import Confidence

from .dialects import (
    DURATION_TOKENS,
    UNIT_SECONDS,
    State,
    canonical,
    tokens,
)
from .names import metric_of
from .places import Place
from .sweep import Metric, Reading, Role, Sweep
from .table import Cell, Column, Floats, Mask, Table, any_of
from .vocabulary import (
    DERIVED_FIRST,
    DERIVED_LAST,
    DERIVED_TOKENS,
    KNOWN_HYPERPARAMETERS,
    MODULES,
    OF_A_MODULE,
    RATE_UNITS,
    SETTING_WORDS,
)

FEW_LEVELS = 20
_LOGARITHMS = ("log", "log10", "log2", "ln")
FIXED, EMPTY, NAMED_TIME, NOT_UNIQUE = "held fixed at", "empty", "named as a duration", "named as an id, but not unique"
CONTEXT = "what was measured on, not a setting"
_LOCATION = re.compile(r"://|^(?:\.{0,2}/|[A-Za-z]:\\)|/.*\.\w{1,5}$")
_LIST = re.compile(r"[\[(].*[\])]", re.S)
WHOLES = frozenset("train training total fit overall running".split())
# A setting whatever is before it: checkpoint_freq, gpu_batch_size. `max` and the like may end the name of an outcome.
HEADS = SETTING_WORDS - frozenset("max min num len length ratio norm samples with model".split())
TRUTHS = frozenset("true false yes no".split())


@dataclass(frozen=True)
class File:
    """What the rules need to know of the whole file."""

    table: Table
    has_parameter_container: bool
    are_all_below: bool
    last_metrics: Mapping[frozenset[str], Metric]
    status_words: Mapping[str, State]
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def names_say_nothing(self) -> bool:
        """Whether only a prefix makes a setting."""
        return self.has_parameter_container and self.are_all_below

    @cached_property
    def without_result(self) -> Mask:
        """(n,) rows in which every column that is named as a metric is blank; nowhere if there is none."""
        named = [column for column in self.table.columns if metric_of(column.name) and is_numeric(column)]
        if not named:
            return np.zeros(self.table.n_rows, bool)
        filled: Mask = ~any_of([~column.is_(Cell.MISSING) for column in named], self.table.n_rows)
        return filled


def ignored(column: Column, confidence: Confidence, reason: str) -> Reading:
    """The reading of a column that takes no part."""
    return Reading(column.name, Role.IGNORED, confidence, reason)


def hyperparameter(column: Column, confidence: Confidence, reason: str) -> Reading:
    """The reading of a hyperparameter, or of what was held fixed."""
    if n_distinct(column) + bool(column.count(Cell.MISSING)) < 2:
        row = int(np.argmax(column.kinds != Cell.MISSING))
        return replace(ignored(column, "high", f"{FIXED} {column.show(row)[:60]}"), known_as="setting")
    return Reading(column.name, Role.HYPERPARAMETER, confidence, reason)


def n_distinct(column: Column) -> int:
    """How many different numbers and texts a column holds."""
    return column.n_distinct + len(column.levels)


def is_measured(column: Column) -> bool:
    """Whether a column holds numbers, with at most a few texts in place of one: `diverged`, `OOM`."""
    texts = column.count(Cell.TEXT)
    return texts <= 0.2 * (len(column) - column.count(Cell.MISSING)) and column.count(Cell.MISSING) < len(column)


def is_numeric(column: Column) -> bool:
    """Whether what is there are numbers, NaN or infinities, with no text."""
    return not column.levels and column.count(Cell.MISSING) < len(column)


def are_locations(column: Column) -> bool:
    """Whether some text is a path or an address."""
    return any(_LOCATION.search(text) for text in column.levels[:200])


def are_lists(column: Column) -> bool:
    """Whether every text is a list or a tuple."""
    return bool(column.levels) and all(_LIST.fullmatch(level) for level in column.levels[:50])


def are_round(values: Floats, digits: int) -> bool:
    """Whether numbers have so many digits at most, but for an error of rounding: 0.1 + 0.2."""
    return all(math.isclose(float(f"{value:.{digits}g}"), value, rel_tol=1e-12) for value in values.tolist())


def is_known(name: str) -> bool:
    """Whether a name, or the last part of its path, is that of a usual hyperparameter."""
    last = re.split(r"[./]|__", name)[-1]
    return bool({canonical(name), canonical(last), _of_logarithm(last)} & KNOWN_HYPERPARAMETERS) or _is_of_module(last)


def _of_logarithm(name: str) -> str:
    """The usual name of what a name has the logarithm of: `log10_lr`, `lr_log`."""
    words = tokens(name)
    rest = words[1:] if words[:1] and words[0] in _LOGARITHMS else words[:-1] if words[-1:] == ("log",) else ()
    return canonical("_".join(rest))


def _is_of_module(name: str) -> bool:
    """Whether it is the learning rate, say, of one part of a model: `critic_lr`, `lr_D`."""
    words = tokens(name)
    others = [word for word in words if word not in MODULES]
    return len(others) < len(words) and canonical("_".join(others)) in OF_A_MODULE


def last_part(name: str) -> str:
    """The usual name of the last part of a path: `optim/lr` gives learning_rate."""
    return canonical(re.split(r"[./]", name)[-1])


def is_derived(words: Sequence[str], *, numeric: bool) -> bool:
    """Whether a name speaks of an outcome that is no measure of quality: `n_params`, but not `memory_size`."""
    if not words or words == ("n",):
        return bool(words)
    if any(word == "per" and after in RATE_UNITS for word, after in pairwise(words)):
        return True
    if len(words) > 1 and numeric and (words[0] in DERIVED_FIRST or words[-1] in DERIVED_LAST - {"rank"}):
        return True
    if words[-1] in ("path", "dir", "file", "folder", "filename"):
        return True
    return bool(set(words) & DERIVED_TOKENS) and words[-1] not in HEADS


def names_a_time(words: Sequence[str]) -> bool:
    """`runtime`, or a unit with the whole that it measures: `train_min`, `total_ms`."""
    return bool(set(words) & DURATION_TOKENS) or (
        len(words) > 1 and words[-1] in UNIT_SECONDS and words[-1] != "m" and set(words[:-1]) <= WHOLES
    )


def contexts(sweep: Sweep) -> list[Column]:
    """The columns that say on what a trial was measured, where trials differ in that."""
    pairs = zip(sweep.table.columns, sweep.readings, strict=True)
    return [column for column, reading in pairs if reading.reason == CONTEXT and len(column.levels) > 1]
