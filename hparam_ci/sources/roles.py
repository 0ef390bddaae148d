"""Which column is what, and why: what is known beats containers, containers beat names, names beat content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from .conditional import parents
from .configured import BY_CONFIGURATION
from .dialects import DURATION_TOKENS, STATUS_WORDS, UNIT_SECONDS, State, tokens
from .names import container_of, core_of, is_objective, is_seed, is_split, metric_of
from .places import Place, places
from .role_clues import by_clues, with_siblings
from .role_facts import (
    EMPTY,
    FIXED,
    NAMED_TIME,
    WHOLES,
    File,
    hyperparameter,
    ignored,
    is_known,
    is_numeric,
    last_part,
    n_distinct,
)
from .role_rules import by_rule
from .sweep import Direction, Metric, Reading, Role, Sweep
from .table import Cell, Column, Floats, Hint, Table

SAMPLE = 5_000
"""Rows of a larger table that are looked at."""

COMPARED = 2_000
"""Rows that are enough to see that one column follows another."""

UNBOUNDED = frozenset(
    (
        "objective score reward return returns elo psnr sharpe sortino calmar pnl profit inception_score "
        "calinski_harabasz"
    ).split()
)
"""Kinds of scores that are no share of anything, so never in percent."""

NEAR_FUNCTION = 0.99
SAME_METRIC = 0.9


def read_roles(
    table: Table, hints: Mapping[str, Hint] | None = None, words: Mapping[str, State] | None = None
) -> Sweep:
    """The sweep behind a table: every column gets a role, a confidence and a reason.

    Args:
        table: one row a trial.
        hints: what is known of columns beforehand, by name; beats `table.hints`, and both beat every rule.
        words: status words beside those that tools use.
    """
    known = {**table.hints, **(hints or {})}
    vocabulary = {**STATUS_WORDS, **(words or {})}
    sample = _sampled(table)
    file = File(sample, _has_parameter_container(sample), _are_all_below(sample), _last_metrics(sample), vocabulary)
    file = replace(file, places=_places(file))
    readings = _readings(file, known)
    if sample is not table:
        readings = _checked(replace(file, table=table), readings, known)
    settled = _settled(table, readings)
    return read_roles(settled, hints, words) if settled is not table else Sweep(table, tuple(readings), vocabulary)


def _settled(table: Table, readings: Sequence[Reading]) -> Table:
    """The table in which a setting that says NaN is not set: nobody chose that value, a table wrote it for none."""
    settings = {reading.name for reading in readings if reading.role is Role.HYPERPARAMETER or _is_still(reading)}
    if not any(column.name in settings and column.count(Cell.NAN) for column in table.columns):
        return table
    columns = [_without_nan(column) if column.name in settings else column for column in table.columns]
    return replace(table, columns=tuple(columns))


def _without_nan(column: Column) -> Column:
    kinds = np.where(column.is_(Cell.NAN), Cell.MISSING, column.kinds).astype(column.kinds.dtype)
    return replace(column, kinds=kinds)


def _places(file: File) -> dict[str, Place]:
    names = [column.name for column in file.table.columns]
    return dict(zip(names, places(names, [by_rule(column, file) for column in file.table.columns]), strict=True))


def _readings(file: File, known: Mapping[str, Hint]) -> list[Reading]:
    table = file.table
    readings = [_hinted(column, file, known.get(column.name)) for column in table.columns]
    readings = with_siblings(table.columns, readings)
    sure = [bool((hint := known.get(column.name)) and hint.role) for column in table.columns]
    readings = _only_first(readings, sure, Role.STATUS)
    readings = _only_first(readings, sure, Role.ID)
    readings = _without_shadows(table, readings, sure)
    readings = _with_objective(table, readings, sure)
    readings = _with_duration(table, readings)
    readings = [_measured(table.columns[i], reading) for i, reading in enumerate(readings)]
    return _of_regressors(table, _directed(table, _with_parents(table, readings)))


def _sampled(table: Table) -> Table:
    """At most SAMPLE rows, evenly spread: what a column is shows in them."""
    if table.n_rows <= SAMPLE:
        return table
    rows = np.linspace(0, table.n_rows - 1, SAMPLE).astype(np.intp)
    return replace(table, columns=tuple(column.take(rows) for column in table.columns), lines=table.lines[rows])


def _checked(file: File, readings: Sequence[Reading], known: Mapping[str, Hint]) -> list[Reading]:
    """The readings, where what a sample cannot prove is looked at in all rows: that nothing varies, or is unique."""
    return [
        _hinted(column, file, known.get(column.name)) if reading.role is Role.ID or _is_still(reading) else reading
        for column, reading in zip(file.table.columns, readings, strict=True)
    ]


def _is_still(reading: Reading) -> bool:
    return reading.role is Role.IGNORED and reading.reason.startswith((FIXED, EMPTY))


def _unhinted(column: Column, file: File) -> Reading:
    return by_rule(column, file) or by_clues(column, file)


def _hinted(column: Column, file: File, hint: Hint | None) -> Reading:
    if hint is None:
        return _unhinted(column, file)
    if hint.role is None:
        reading = _unhinted(column, file)
    elif hint.role == Role.METRIC:
        reading = Reading(column.name, Role.METRIC, hint.sure, hint.reason, metric_of(column.name) or _OBJECTIVE)
    elif hint.role == Role.HYPERPARAMETER and hint.reason != BY_CONFIGURATION and is_seed(container_of(column.name)[1]):
        reading = Reading(column.name, Role.SEED, hint.sure, f"{hint.reason}, named as a seed")
    elif hint.role == Role.HYPERPARAMETER:
        reading = hyperparameter(column, hint.sure, hint.reason)
    elif hint.role == Role.DURATION:
        reading = _as_duration(_unhinted(column, file), hint)
    else:
        reading = Reading(column.name, Role(hint.role), hint.sure, hint.reason)
    if reading.metric is None or not (hint.direction or hint.kind or hint.split):
        return reading
    metric = replace(
        reading.metric,
        kind=hint.kind or reading.metric.kind,
        split=hint.split or reading.metric.split,
        direction=hint.direction or reading.metric.direction,
    )
    return replace(reading, metric=metric, reason=hint.reason, confidence=hint.sure)


_OBJECTIVE = Metric("objective", None, None)


def _as_duration(reading: Reading, hint: Hint) -> Reading:
    seconds = reading.seconds if reading.role is Role.DURATION else 1.0
    return Reading(reading.name, Role.DURATION, hint.sure, hint.reason, seconds=seconds)


# --- the file as a whole --------------------------------------------------------------------------


def _has_parameter_container(table: Table) -> bool:
    """Whether hyperparameters have a prefix: two columns, or one with a name that leaves no doubt."""
    below: Counter[str] = Counter()
    for column in table.columns:
        role, rest = container_of(column.name)
        if role != "hyperparameter" or not tokens(rest):
            continue
        prefix = column.name[: len(column.name) - len(rest)].lower()
        if set(tokens(rest)) & {"id", "hash", "count", "total", "name", "file", "path", "url"} and "_" in prefix:
            continue
        below[prefix] += 2 if is_known(rest) else 1
    return any(count >= 2 for count in below.values())


def _are_all_below(table: Table) -> bool:
    """Whether the settings are all below a prefix, where there is one: not where more usual names have none."""
    inside, outside = set(), set()
    for column in table.columns:
        role, rest = container_of(column.name)
        if role is None and is_known(column.name) and "/" not in column.name:
            outside.add(last_part(column.name))
        elif role == "hyperparameter" and is_known(rest):
            inside.add(last_part(rest))
    return len(outside - inside) <= len(inside)


def _last_metrics(table: Table) -> dict[frozenset[str], Metric]:
    """The metrics that are named by their last value and not their best one, by the words of their names."""
    found = {core_of(c.name): metric_of(c.name) for c in table.columns if "best" not in tokens(c.name)}
    return {words: metric for words, metric in found.items() if metric}


def _only_first(readings: list[Reading], sure: Sequence[bool], role: Role) -> list[Reading]:
    """Keep the role for the column that is known to have it, else the first named one; others are bookkeeping."""
    having = [i for i, reading in enumerate(readings) if reading.role is role]
    ranked = sorted(
        having, key=lambda i: (not sure[i], _is_unnamed(readings[i].name), readings[i].confidence != "high")
    )
    return [
        replace(reading, role=Role.IGNORED, reason=f"another {role} column comes first")
        if reading.role is role and i != ranked[0]
        else reading
        for i, reading in enumerate(readings)
    ]


def _is_unnamed(name: str) -> bool:
    return re.fullmatch(r"column \d+|Unnamed: \d+(_\w+)?", name) is not None


def _without_shadows(table: Table, readings: list[Reading], sure: Sequence[bool]) -> list[Reading]:
    """Take the role from hyperparameters that only repeat another column, or follow an outcome."""
    outcomes = [
        column
        for column, reading in zip(table.columns, readings, strict=True)
        if reading.role in (Role.METRIC, Role.DURATION, Role.BUDGET)
    ]
    status = next((c for c, r in zip(table.columns, readings, strict=True) if r.role is Role.STATUS), None)
    originals = _originals(table, readings)
    kept = []
    for i, (column, reading) in enumerate(zip(table.columns, readings, strict=True)):
        if reading.role is not Role.HYPERPARAMETER or sure[i]:
            kept.append(reading)
        elif twin := originals.get(column.name):
            kept.append(ignored(column, "high", f"the same as {twin} in every row"))
        elif setting := _scheduled_from(column, reading, table, readings):
            kept.append(ignored(column, "medium", f"never above {setting}: its present value on a schedule"))
        elif reading.confidence != "high" and (outcome := _follows(column, outcomes)):
            kept.append(ignored(column, "medium", f"follows {outcome}: an outcome, not a setting"))
        elif reading.confidence != "high" and status is not None and _mirrors(column, status):
            kept.append(ignored(column, "medium", f"follows {status.name}: an outcome, not a setting"))
        else:
            kept.append(reading)
    return kept


def _originals(table: Table, readings: Sequence[Reading]) -> dict[str, str]:
    """Each hyperparameter that repeats another one, and the one that it repeats: the better known, else the first."""
    found: dict[bytes, Column] = {}
    twins: dict[str, str] = {}
    for column, reading in zip(table.columns, readings, strict=True):
        if reading.role is not Role.HYPERPARAMETER or container_of(column.name)[0]:
            continue
        content = column.kinds.tobytes() + column.values.tobytes() + column.codes.tobytes()
        other = found.setdefault(content, column)
        if other is column or other.levels != column.levels:
            continue
        if is_known(column.name) and not is_known(other.name):
            found[content], other, column = column, column, other  # noqa: PLW2901
        twins[column.name] = other.name
    return twins


def _scheduled_from(column: Column, reading: Reading, table: Table, readings: Sequence[Reading]) -> str | None:
    """The setting whose present value a column holds: `lr` beside `learning_rate`, never above it."""
    usual = last_part(column.name)
    if usual != "learning_rate" or column.levels:
        return None
    for other, about in zip(table.columns, readings, strict=True):
        if other is column or about.role is not Role.HYPERPARAMETER or other.levels:
            continue
        if last_part(other.name) == usual and _is_below(column, other):
            return other.name
    return None


def _is_below(column: Column, other: Column) -> bool:
    both = column.is_(Cell.NUMBER) & other.is_(Cell.NUMBER)
    x, y = column.values[both], other.values[both]
    return len(x) >= 5 and bool(np.all(x <= y * (1 + 1e-9)) and np.mean(x < y) > 0.5)


def _follows(column: Column, outcomes: Sequence[Column]) -> str | None:
    """The outcome that the column is nearly a function of, by rank correlation; None if there is none."""
    if n_distinct(column) < 10:
        return None
    for outcome in outcomes:
        if abs(_rank_correlation(column, outcome)) > NEAR_FUNCTION:
            return outcome.name
    return None


def _mirrors(column: Column, status: Column) -> bool:
    """Whether a text says no more than the status does."""
    if not column.levels or column.count(Cell.NUMBER) or len(status.levels) < 2 or not status.codes.size:
        return False
    pairs = np.unique(np.stack([column.codes, status.codes]), axis=1)
    return pairs.shape[1] == len(np.unique(column.codes)) and len(np.unique(column.codes)) >= 2


def _rank_correlation(a: Column, b: Column) -> float:
    """Spearman's rho over the rows in which both are numbers (ties in order of appearance); 0 if fewer than ten."""
    both = np.flatnonzero(a.is_(Cell.NUMBER) & b.is_(Cell.NUMBER))
    if len(both) < 10:
        return 0.0
    both = both[:: -(-len(both) // COMPARED)]
    x, y = a.values[both], b.values[both]
    if min(len(np.unique(x)), len(np.unique(y))) <= 2:
        return 0.0
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: Floats) -> Floats:
    ranks: Floats = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
    return ranks


def _with_duration(table: Table, readings: list[Reading]) -> list[Reading]:
    """Where no column holds the duration of a trial, that of its fits does: their mean times their number.

    Where one does in so many words, another that names a part beside it (`clean_train_runtime`) is none.
    """
    named = [(r, set(tokens(r.name)) - DURATION_TOKENS - UNIT_SECONDS.keys()) for r in readings if _is_named_time(r)]
    if any(not more for _, more in named):
        parts = {reading.name for reading, more in named if more - WHOLES}
        return [
            replace(reading, role=Role.IGNORED, reason="time of a part of the run")
            if reading.name in parts
            else reading
            for reading in readings
        ]
    if named or any(reading.role is Role.DURATION for reading in readings):
        return readings
    fits = len({match[1] for column in table.columns if (match := re.match(r"split(\d+)_test", column.name))})
    return [
        Reading(
            reading.name, Role.DURATION, "medium", f"the mean time of {max(fits, 1)} fits", seconds=float(max(fits, 1))
        )
        if reading.name in ("mean_fit_time", "eval_time") and is_numeric(column)
        else reading
        for column, reading in zip(table.columns, readings, strict=True)
    ]


def _is_named_time(reading: Reading) -> bool:
    return reading.role is Role.DURATION and reading.reason == NAMED_TIME


def _with_parents(table: Table, readings: list[Reading]) -> list[Reading]:
    """The readings, with the condition under which a hyperparameter is set."""
    settings = [c for c, r in zip(table.columns, readings, strict=True) if r.role is Role.HYPERPARAMETER]
    where = parents(settings)
    return [replace(r, reason=f"{r.reason}; set where {where[r.name]}") if r.name in where else r for r in readings]


# --- metrics --------------------------------------------------------------------------------------


def _with_objective(table: Table, readings: list[Reading], sure: Sequence[bool]) -> list[Reading]:
    """Where no column is named as a metric, the last one that could be a result is taken for it."""
    if any(reading.role is Role.METRIC for reading in readings):
        return readings
    if not any(reading.role is Role.HYPERPARAMETER and reading.confidence == "high" for reading in readings):
        return readings
    for i in reversed(range(len(readings))):
        column, reading = table.columns[i], readings[i]
        doubtful = reading.confidence == "low" and reading.role in (Role.IGNORED, Role.HYPERPARAMETER)
        if not sure[i] and doubtful and is_numeric(column) and 2 * n_distinct(column) > len(column) >= 8:
            reason = "no column has the name of a metric, and this one could be the result"
            return [*readings[:i], Reading(column.name, Role.METRIC, "low", reason, _OBJECTIVE), *readings[i + 1 :]]
    return readings


def _measured(column: Column, reading: Reading) -> Reading:
    """The reading with the unit in which a share is written."""
    if reading.metric is None or reading.metric.direction != "maximize":
        return reading
    numbers = column.known
    if not len(numbers) or np.min(numbers) < 0:
        return reading
    top = float(np.max(numbers))
    scale: Literal["share", "percent"] | None = "share" if top <= 1.0 else "percent" if 1.5 < top <= 100.0 else None
    is_share = reading.metric.kind not in UNBOUNDED
    return replace(reading, metric=replace(reading.metric, scale=scale)) if is_share else reading


def _directed(table: Table, readings: list[Reading]) -> list[Reading]:
    """An objective without a known direction gets that of the metric that it follows, if it follows one; where only a
    split names it, also what that measures."""
    named = [(c, r.metric) for c, r in zip(table.columns, readings, strict=True) if r.metric and r.metric.direction]
    directed = []
    for column, reading in zip(table.columns, readings, strict=True):
        if (
            reading.metric is None
            or reading.metric.direction
            or not (is_objective(column.name) or reading.metric.kind == "objective")
        ):
            directed.append(reading)
            continue
        direction, other, metric = _borrowed(column, named)
        reason = f"{reading.reason}; moves with {other}" if other else reading.reason
        kind = (
            metric.kind if metric and is_split(column.name) and metric.direction == direction else reading.metric.kind
        )
        directed.append(replace(reading, reason=reason, metric=replace(reading.metric, direction=direction, kind=kind)))
    return directed


def _of_regressors(table: Table, readings: list[Reading]) -> list[Reading]:
    """`score` is what an estimator of scikit-learn says of itself: of a regressor the R², which alone of the two goes
    below 0 and never above 1."""
    plain = [r.metric is not None and r.metric.kind == "score" and r.metric.split is not None for r in readings]
    known = [column.known for column, is_plain in zip(table.columns, plain, strict=True) if is_plain]
    splits = {r.metric.split for r, is_plain in zip(readings, plain, strict=True) if is_plain and r.metric}
    values = np.concatenate([*known, np.empty(0)])
    if "train" not in splits or len(splits) < 2 or not (values < 0).any() or (values > 1).any() or (values <= 0).all():
        return readings
    return [
        replace(r, metric=replace(r.metric, kind="r2")) if is_plain and r.metric else r
        for r, is_plain in zip(readings, plain, strict=True)
    ]


def _borrowed(column: Column, named: Sequence[tuple[Column, Metric]]) -> tuple[Direction | None, str, Metric | None]:
    """The direction of a column that moves with a metric, the name of that, and the metric."""
    for other, metric in named:
        rho = _rank_correlation(column, other)
        if abs(rho) >= SAME_METRIC:
            same = metric.direction == "minimize"
            return ("minimize" if (rho > 0) == same else "maximize"), other.name, metric
    return None, "", None
