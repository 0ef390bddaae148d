"""A sweep: a table of trials whose columns have been understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

import numpy as np

from hparam_ci.inspection import Confidence
from hparam_ci.sources.dialects import STATUS_WORDS, State
from hparam_ci.sources.rows import Hashes, Rows, alike, hashes
from hparam_ci.sources.table import Bytes, Cell, Column, Floats, Mask, Table, any_of
from hparam_ci.sources.times import ENDS, STARTS, named, seconds_of, spans_of


class Role(StrEnum):
    """What a column is."""

    ID = "id"
    STATUS = "status"
    HYPERPARAMETER = "hyperparameter"
    METRIC = "metric"
    DURATION = "duration"
    BUDGET = "budget"
    SEED = "seed"
    TIMESTAMP = "timestamp"
    MESSAGE = "message"
    IGNORED = "ignored"


Direction = Literal["minimize", "maximize"]

DIGITS_OF_IDS = 15  # as many as every number of this kind holds


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric measures, on which split, which way is better (None: not known), and in which unit of a share."""

    kind: str
    split: str | None
    direction: Direction | None
    scale: Literal["share", "percent"] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One column, understood: its role, how sure that is, and why, in words.

    Attributes:
        name: of the column.
        role: what it is.
        confidence: how sure that is.
        reason: why, in words.
        metric: what a metric measures.
        seconds: unit of a duration.
        known_as: what an ignored column is by its name: a setting that was held fixed, or an outcome that is no metric.
    """

    name: str
    role: Role
    confidence: Confidence
    reason: str
    metric: Metric | None = None
    seconds: float = 1.0
    known_as: Literal["setting", "outcome"] | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns that hold one metric on the training and on a held-out split."""

    kind: str
    train: Column
    held_out: Column
    direction: Direction


@dataclass(frozen=True, slots=True, eq=False)
class TrialIds:
    """The names of n trials, each made when it is asked for: of a million trials few are named."""

    column: Column | None
    n: int

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, row: int | np.integer[Any]) -> str:
        shown = self.column.show(int(row), DIGITS_OF_IDS) if self.column else ""
        return shown or f"row {row + 1}"

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(self.n))


@dataclass(frozen=True, eq=False)
class Sweep:
    """One sweep of `n` trials: the table, one reading a column, and what follows from them."""

    table: Table
    readings: tuple[Reading, ...]
    status_words: Mapping[str, State] = field(default_factory=lambda: STATUS_WORDS)

    def __len__(self) -> int:
        return self.table.n_rows

    def columns(self, role: Role) -> list[Column]:
        """The columns with that role, in file order."""
        return [
            column for column, reading in zip(self.table.columns, self.readings, strict=True) if reading.role is role
        ]

    def metrics(self, direction: Direction | None = None, kinds: Sequence[str] = ()) -> list[tuple[Column, Metric]]:
        """Metric columns, of one direction and of some kinds where asked for."""
        return [
            (column, reading.metric)
            for column, reading in zip(self.table.columns, self.readings, strict=True)
            if reading.metric is not None
            and (direction is None or reading.metric.direction == direction)
            and (not kinds or reading.metric.kind in kinds)
        ]

    @cached_property
    def trial_ids(self) -> TrialIds:
        """(n,) what people call each trial: the id column's text, else its row number from 1."""
        return TrialIds(next(iter(self.columns(Role.ID)), None), len(self))

    @cached_property
    def configuration_hashes(self) -> Hashes:
        """(n,) one number for the hyperparameters of each trial, the same for the same configuration."""
        return hashes(self.columns(Role.HYPERPARAMETER), len(self))

    @cached_property
    def has_status(self) -> bool:
        """Whether any column says how trials ended."""
        return bool(self.columns(Role.STATUS))

    @cached_property
    def states(self) -> Bytes:
        """(n,) `State` codes; UNKNOWN where no status says."""
        states = np.zeros(len(self), np.uint8)
        for column in self.columns(Role.STATUS)[:1]:
            codes = np.array(
                [self.status_words.get(status_word(level), State.UNKNOWN) for level in column.levels] + [State.UNKNOWN]
            )
            states = codes[column.codes].astype(np.uint8)
        return states

    @cached_property
    def status_words_known(self) -> dict[str, bool]:
        """The status words of the file, and whether each is known."""
        levels = [level for column in self.columns(Role.STATUS)[:1] for level in column.levels]
        return {level: status_word(level) in self.status_words for level in levels}

    def in_state(self, *states: State) -> Mask:
        """(n,) trials that ended in one of these states."""
        return any_of([self.states == int(state) for state in states], len(self))

    @cached_property
    def ended(self) -> Mask:
        """(n,) trials that are not running or queued."""
        return ~self.in_state(State.RUNNING, State.QUEUED)

    @cached_property
    def reported(self) -> Mask:
        """(n,) trials with at least one metric cell that is not missing."""
        mask = np.zeros(len(self), bool)
        for column, _ in self.metrics():
            mask |= column.is_(Cell.NUMBER, Cell.NAN, Cell.POS_INF, Cell.NEG_INF)
        return mask

    @cached_property
    def configurations(self) -> Rows | None:
        """(n,) a number for each trial, the same for those with equal hyperparameters; None where none varies."""
        columns = self.columns(Role.HYPERPARAMETER)
        return alike(columns, self.configuration_hashes) if columns else None

    @cached_property
    def pairs(self) -> list[Pair]:
        """Train and held-out columns of the same metric; validation before test, the mean of folds before each."""
        found: dict[str, Pair] = {}
        metrics = sorted(self.metrics(), key=lambda metric: _FOLD.match(metric[0].name) is not None)
        for train, about in metrics:
            if about.split != "train" or about.direction is None:
                continue
            for split in ("val", "test", None):
                held_out = [
                    c
                    for c, m in metrics
                    if (m.kind, m.split) == (about.kind, split) and c is not train and _same_scale(m, about)
                ]
                if held_out:
                    found.setdefault(about.kind, Pair(about.kind, train, held_out[0], about.direction))
                    break
        return list(found.values())

    @cached_property
    def seconds(self) -> Floats | None:
        """(n,) duration of each trial in seconds (NaN where not recorded): its duration column, else from its start
        to its end. None without either."""
        for column, reading in zip(self.table.columns, self.readings, strict=True):
            if reading.role is Role.DURATION:
                return spans_of(column) if column.levels else column.values * reading.seconds
        ended = named(self.columns(Role.TIMESTAMP), ENDS)
        if self.began is None or ended is None:
            return None
        seconds = seconds_of(ended) - self.began
        return np.where(seconds >= 0, seconds, np.nan)

    @cached_property
    def seconds_column(self) -> str:
        """The column that the durations were read from, that of the ends where there is none; empty without."""
        durations = self.columns(Role.DURATION)
        column = durations[0] if durations else named(self.columns(Role.TIMESTAMP), ENDS)
        return column.name if column and self.seconds is not None else ""

    @cached_property
    def began(self) -> Floats | None:
        """(n,) when each trial began, in seconds since 1970 (NaN where not recorded), or None without such a column."""
        column = named(self.columns(Role.TIMESTAMP), STARTS)
        return seconds_of(column) if column else None


_FOLD = re.compile(r"split\d+_")


def _same_scale(a: Metric, b: Metric) -> bool:
    """Whether two metrics may be compared: not a share with a percentage."""
    return a.scale is None or b.scale is None or a.scale == b.scale


def status_word(text: str) -> str:
    """A status text as it stands in the vocabulary: `TrialState.COMPLETE` gives complete."""
    return text.rsplit(".", 1)[-1].strip().lower().replace(" ", "_").replace("-", "_")
