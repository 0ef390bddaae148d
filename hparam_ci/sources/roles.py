"""Which column is what, and why: containers beat names, names beat content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hparam_ci.inspection import Confidence
from hparam_ci.sources.dialects import (
    BUDGET_TOKENS,
    CONTAINERS,
    CONTEXT_NAMES,
    DERIVED_TOKENS,
    DURATION_TOKENS,
    ID_NAMES,
    KNOWN_HYPERPARAMETERS,
    METRIC_TOKENS,
    PLANNED_TOKENS,
    SEED_NAMES,
    SEED_TOKENS,
    SPLIT_TOKENS,
    STATUS_WORDS,
    TIMESTAMP_TOKENS,
    UNIT_SECONDS,
    canonical,
    tokens,
)
from hparam_ci.sources.sweep import Direction, Metric, Reading, Role, Sweep, status_word
from hparam_ci.sources.table import Cell, Column, Table

FEW_LEVELS = 20
FREE_TEXT_LENGTH = 40
NEAR_FUNCTION = 0.99

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T _]\d{2}[:-]\d{2}.*)?|\d{2}[-./]\d{2}[-./]\d{4}.*")
_SPAN = re.compile(r"\d+ days.*|\d{1,4}:\d{2}:\d{2}(\.\d+)?|\d+(\.\d+)?\s?(ms|s|sec|min|m|h)")
_LOCATION = re.compile(r"://|^(?:\.{0,2}/|[A-Za-z]:\\)|/.*\.\w{1,5}$")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{7,64}(-[0-9a-f]{4,})*")

# Words beside a metric's name that make it a setting: loss_weight, score_threshold.
_SETTING = frozenset(
    (
        "weight weights scale coef coeff coefficient fn func function type name threshold smoothing target "
        "margin ratio lambda clip penalty reduction mode averaging"
    ).split()
)
_METRIC_EXTRAS = frozenset("epoch step final last mean avg macro micro weighted logged score".split())
_PLURAL_BUDGETS = frozenset(["epochs", "steps", "iterations", "iters"])
_REACHED = frozenset("global training trained actual completed current last done reached".split())
_PARTIAL_TIME = frozenset(
    "this iter per score eval std since marginal pred remaining step restore best test val".split()
)


@dataclass(frozen=True, slots=True)
class _File:
    """What the rules need to know of the whole file."""

    table: Table
    has_parameter_container: bool
    kinds_without_best: frozenset[tuple[str, str | None]]


def read_roles(table: Table) -> Sweep:
    """The sweep behind a table: every column gets a role, a confidence and a reason."""
    counts = Counter(kind for column in table.columns if (kind := _container(column.name)[0]))
    file = _File(table, counts["hyperparameter"] >= 2, _plain_metrics(table))
    readings = [_read(column, file) for column in table.columns]
    readings = _only_first(readings, Role.STATUS)
    readings = _only_first(readings, Role.ID)
    return Sweep(table, tuple(_without_shadows(table, readings)))


def _read(column: Column, file: _File) -> Reading:
    if column.count(Cell.MISSING) == len(column):
        return _ignored(column, "high", "empty")
    for rule in _RULES:
        reading = rule(column, file)
        if reading is not None:
            return reading
    return _hyperparameter(column, "low", "varies between trials; its name and values are not known")


def _container(name: str) -> tuple[str | None, str]:
    """The role that a name's prefix gives, and the rest of the name."""
    for pattern, role in CONTAINERS:
        if match := pattern.match(name):
            return role, name[match.end() :]
    return None, name


# --- rules, in order; the first that answers decides ----------------------------------------------


def _in_container(column: Column, file: _File) -> Reading | None:
    role, rest = _container(column.name)
    prefix = column.name[: len(column.name) - len(rest)]
    if role == "hyperparameter" and file.has_parameter_container:
        if _is_seed(rest):
            return Reading(column.name, Role.SEED, "high", f"a seed below {prefix}")
        return _hyperparameter(column, "high", f"below {prefix}")
    if role == "metric" and prefix.startswith(("std_", "rank_")):
        return _ignored(column, "high", "derived from other scores")
    if role == "metric":
        scorer = rest if rest else column.name
        direction: Direction | None = "maximize" if re.match(r"(split\d+|mean)_", prefix) else None
        metric = _metric(column.name) or _metric(scorer) or Metric("objective", None, direction)
        if direction:
            split = "train" if "train_" in prefix else "test"
            metric = Metric(f"{scorer}" if scorer != "score" else "score", split, direction)
        return Reading(column.name, Role.METRIC, "high", f"below {prefix}", metric)
    if role == "metadata":
        found = _metric(rest)
        if found and _numeric(column) and "best" not in tokens(rest):
            return Reading(column.name, Role.METRIC, "medium", f"an outcome below {prefix}", found)
        return _ignored(column, "high", f"bookkeeping below {prefix}")
    return None


def _status(column: Column, file: _File) -> Reading | None:
    if not column.levels or len(column.levels) > 12 or column.count(Cell.NUMBER):
        return None
    known = [status_word(level) in STATUS_WORDS for level in column.levels]
    if sum(known) < 0.8 * len(known):
        return None
    words = ", ".join(column.levels[:4])
    return Reading(column.name, Role.STATUS, "high", f"status words: {words}")


def _identifier(column: Column, file: _File) -> Reading | None:
    name = "_".join(tokens(column.name))
    unique = _distinct(column) == len(column)
    if name in ID_NAMES and unique:
        return Reading(column.name, Role.ID, "high", "unique, and named as an id")
    if (
        column.levels
        and unique
        and len(column) >= 5
        and all(_HEX.fullmatch(level.lower()) for level in column.levels[:50])
    ):
        return Reading(column.name, Role.ID, "medium", "unique hexadecimal text")
    if name in ID_NAMES:
        return _ignored(column, "medium", "named as an id, but not unique")
    return None


def _timestamp(column: Column, file: _File) -> Reading | None:
    words = set(tokens(column.name))
    if column.levels and all(_DATE.fullmatch(level) for level in column.levels[:20]):
        return Reading(column.name, Role.TIMESTAMP, "high", "dates")
    if words & TIMESTAMP_TOKENS and _numeric(column):
        numbers = column.values[column.is_(Cell.NUMBER)]
        if len(numbers) and (np.all((numbers > 1e9) & (numbers < 3e9)) or np.all((numbers > 1e12) & (numbers < 3e12))):
            return Reading(column.name, Role.TIMESTAMP, "high", "seconds or milliseconds since 1970")
    return None


def _seed(column: Column, file: _File) -> Reading | None:
    return Reading(column.name, Role.SEED, "high", "named as a seed or fold") if _is_seed(column.name) else None


def _duration(column: Column, file: _File) -> Reading | None:
    words = tokens(column.name)
    spans = bool(column.levels) and all(_SPAN.fullmatch(level) for level in column.levels[:20])
    if not set(words) & DURATION_TOKENS or not (_numeric(column) or spans):
        return None
    if set(words) & _PARTIAL_TIME:
        return _ignored(column, "high", "time of a part of the run")
    unit = next((UNIT_SECONDS[word] for word in reversed(words) if word in UNIT_SECONDS), 1.0)
    return Reading(column.name, Role.DURATION, "high", "named as a duration", seconds=unit)


def _quality(column: Column, file: _File) -> Reading | None:
    metric = _metric(column.name)
    if metric is None and "_".join(tokens(column.name)) in (
        "value",
        "objective",
        "target",
        "finalobjectivevalue",
    ):
        metric = Metric("objective", None, None)
    if metric is None or not _numeric(column):
        return None
    if "best" in tokens(column.name) and (metric.kind, metric.split) in file.kinds_without_best:
        return _ignored(column, "high", "the best of a metric whose last value is here too")
    return Reading(column.name, Role.METRIC, "high", f"named as a metric: {metric.kind}", metric)


def _clearly_a_setting(column: Column, file: _File) -> Reading | None:
    """A usual hyperparameter although a word of its name speaks of outcomes: clip_norm."""
    if file.has_parameter_container:
        return None
    return _known_setting(column, file) if canonical(column.name) in KNOWN_HYPERPARAMETERS else None


def _derived(column: Column, file: _File) -> Reading | None:
    words = set(tokens(column.name))
    if words & DERIVED_TOKENS or words == {"n"} or column.name.startswith("_"):
        return _ignored(column, "medium", "an outcome or bookkeeping, by its name")
    return None


def _budget(column: Column, file: _File) -> Reading | None:
    words = tokens(column.name)
    if not _numeric(column) or not set(words) & BUDGET_TOKENS:
        return None
    if set(words) - BUDGET_TOKENS - _REACHED - PLANNED_TOKENS:
        return None
    planned = bool(set(words) & PLANNED_TOKENS) or (words[-1] in _PLURAL_BUDGETS and _looks_planned(column))
    reached = bool(set(words) & _REACHED) or column.name in file.table.varying
    if planned and not reached and not file.has_parameter_container:
        return _hyperparameter(column, "medium", "a planned budget: few values, shared by many trials")
    return Reading(column.name, Role.BUDGET, "high", "how far the trial got")


def _scheduled(column: Column, file: _File) -> Reading | None:
    if column.name in file.table.varying:
        return _ignored(column, "high", "changes within a trial: an outcome or a schedule, not a setting")
    return None


def _context(column: Column, file: _File) -> Reading | None:
    if "_".join(tokens(column.name)) in CONTEXT_NAMES:
        return _ignored(column, "medium", "what was measured on, not a setting")
    return None


def _outside_container(column: Column, file: _File) -> Reading | None:
    if file.has_parameter_container:
        return _ignored(column, "medium", "hyperparameters have a prefix in this file, and this has none")
    return None


def _free_text(column: Column, file: _File) -> Reading | None:
    if not column.levels:
        return None
    texts = column.levels[:200]
    present = len(column) - column.count(Cell.MISSING)
    if any(_LOCATION.search(text) for text in texts):
        return _ignored(column, "high", "paths or addresses")
    if sum(map(len, texts)) > FREE_TEXT_LENGTH * len(texts) or (present >= 10 and len(column.levels) > 0.9 * present):
        return _ignored(column, "high", "free text")
    if len(column.levels) > FEW_LEVELS and column.count(Cell.NUMBER) == 0:
        return _ignored(column, "medium", f"more than {FEW_LEVELS} different texts")
    return None


def _known_setting(column: Column, file: _File) -> Reading | None:
    name = canonical(column.name)
    last = canonical(re.split(r"[./]", column.name)[-1])
    if name in KNOWN_HYPERPARAMETERS or last in KNOWN_HYPERPARAMETERS:
        return _hyperparameter(column, "high", "a usual name of a hyperparameter")
    return None


def _few_values(column: Column, file: _File) -> Reading | None:
    distinct = _distinct(column)
    if distinct <= FEW_LEVELS or distinct <= 0.5 * len(column):
        return _hyperparameter(column, "medium", f"{distinct} values, shared by many trials")
    numbers = column.values[column.is_(Cell.NUMBER)]
    if len(numbers) >= 5 and np.min(numbers) > 0 and np.max(numbers) / np.min(numbers) >= 100:
        return _hyperparameter(column, "medium", "spread over orders of magnitude, as a log-uniform draw is")
    return None


_RULES: tuple[Callable[[Column, _File], Reading | None], ...] = (
    _in_container,
    _status,
    _identifier,
    _timestamp,
    _seed,
    _duration,
    _quality,
    _budget,
    _scheduled,
    _clearly_a_setting,
    _derived,
    _context,
    _outside_container,
    _free_text,
    _known_setting,
    _few_values,
)


# --- what the rules ask ---------------------------------------------------------------------------


def _metric(name: str) -> Metric | None:
    """The metric that a name speaks of, or None."""
    words = tokens(name)
    if set(words) & _SETTING:
        return None
    split = next((SPLIT_TOKENS[word] for word in words if word in SPLIT_TOKENS), None)
    core = [word for word in words if word not in SPLIT_TOKENS and word not in _METRIC_EXTRAS and word != "best"]
    core = core or [word for word in words if word == "score"]
    for word in (*core[-1:], *core[:1]):
        if word in METRIC_TOKENS:
            kind, direction = METRIC_TOKENS[word]
            better: Direction = "minimize" if direction == "minimize" else "maximize"
            return Metric(kind if kind in ("loss", "accuracy") else word, split, better)
    return None


def _plain_metrics(table: Table) -> frozenset[tuple[str, str | None]]:
    found = (_metric(column.name) for column in table.columns if "best" not in tokens(column.name))
    return frozenset((metric.kind, metric.split) for metric in found if metric)


def _numeric(column: Column) -> bool:
    """Whether what is there are numbers, NaN or infinities, with no text."""
    return not column.levels and column.count(Cell.MISSING) < len(column)


def _distinct(column: Column) -> int:
    numbers = column.values[column.is_(Cell.NUMBER)]
    return len(np.unique(numbers)) + len(column.levels)


def _is_seed(name: str) -> bool:
    words = tokens(name)
    return bool(words) and (words[-1] in SEED_TOKENS or words[0] in SEED_TOKENS or "_".join(words) in SEED_NAMES)


def _looks_planned(column: Column) -> bool:
    """Few values, many trials each, and none that only a trial that died could have reached."""
    values, counts = np.unique(column.values[column.is_(Cell.NUMBER)], return_counts=True)
    return 0 < len(values) <= 8 and values[0] > 0 and int(np.min(counts)) >= max(3, len(column) // 50)


def _ignored(column: Column, confidence: Confidence, reason: str) -> Reading:
    return Reading(column.name, Role.IGNORED, confidence, reason)


def _hyperparameter(column: Column, confidence: Confidence, reason: str) -> Reading:
    if _distinct(column) + bool(column.count(Cell.MISSING)) < 2:
        row = int(np.argmax(column.kinds != Cell.MISSING))
        return _ignored(column, "high", f"held fixed at {column.show(row)[:60]}")
    return Reading(column.name, Role.HYPERPARAMETER, confidence, reason)


# --- the file as a whole --------------------------------------------------------------------------


def _only_first(readings: list[Reading], role: Role) -> list[Reading]:
    """Keep the role for its first named column; others of the same kind are bookkeeping."""
    having = [i for i, reading in enumerate(readings) if reading.role is role]
    first = next((i for i in having if not _unnamed(readings[i].name)), having[0] if having else None)
    return [
        replace(reading, role=Role.IGNORED, reason=f"another {role} column comes first")
        if reading.role is role and i != first
        else reading
        for i, reading in enumerate(readings)
    ]


def _unnamed(name: str) -> bool:
    return re.fullmatch(r"column \d+", name) is not None


def _without_shadows(table: Table, readings: list[Reading]) -> list[Reading]:
    """Take the role from hyperparameters that only repeat another column, or follow an outcome."""
    outcomes = [
        (c, r)
        for c, r in zip(table.columns, readings, strict=True)
        if r.role in (Role.METRIC, Role.DURATION, Role.BUDGET)
    ]
    seen: dict[bytes, str] = {}
    kept = []
    for column, reading in zip(table.columns, readings, strict=True):
        if reading.role is not Role.HYPERPARAMETER:
            kept.append(reading)
            continue
        content = column.kinds.tobytes() + column.values.tobytes() + column.codes.tobytes()
        twin = None if _container(column.name)[0] else seen.get(content)
        seen.setdefault(content, column.name)
        if twin:
            kept.append(_ignored(column, "high", f"the same as {twin} in every row"))
        elif reading.confidence != "high" and (outcome := _follows(column, outcomes)):
            kept.append(_ignored(column, "medium", f"follows {outcome}: an outcome, not a setting"))
        else:
            kept.append(reading)
    return kept


def _follows(column: Column, outcomes: list[tuple[Column, Reading]]) -> str | None:
    """The outcome that the column is nearly a function of, by rank correlation; None if there is none."""
    if _distinct(column) < 10:
        return None
    for outcome, _ in outcomes:
        both = column.is_(Cell.NUMBER) & outcome.is_(Cell.NUMBER)
        if np.count_nonzero(both) < 10:
            continue
        x, y = column.values[both], outcome.values[both]
        ranks = [np.argsort(np.argsort(v)).astype(float) for v in (x, y)]
        if min(len(np.unique(y)), len(np.unique(x))) > 2 and abs(np.corrcoef(ranks[0], ranks[1])[0, 1]) > NEAR_FUNCTION:
            return outcome.name
    return None
