"""The rules that go by the name of a column, and by what only a column of that name holds."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from .cells import MISSING_WORDS
from .dialects import (
    BUDGET_TOKENS,
    CONTEXT_NAMES,
    ID_NAMES,
    PLANNED_TOKENS,
    SPLIT_TOKENS,
    TIMESTAMP_TOKENS,
    UNIT_SECONDS,
    tokens,
)
from .messages import WORDS as MESSAGES
from .names import arrow_of, core_of, is_objective, is_plain_metric, is_seed, is_split, metric_of
from .role_facts import (
    CONTEXT,
    NAMED_TIME,
    NOT_UNIQUE,
    TRUTHS,
    File,
    are_lists,
    are_round,
    hyperparameter,
    ignored,
    is_derived,
    is_known,
    is_measured,
    is_numeric,
    last_part,
    n_distinct,
    names_a_time,
)
from .sweep import Metric, Reading, Role, status_word
from .table import Cell, Column
from .vocabulary import BOOKKEEPING_NAMES, LOG_FOLDERS, NAMED_LIKE_OUTCOMES, OUTCOME_FOLDERS

BIT_WIDTHS = (4.0, 8.0, 16.0, 32.0, 64.0)
_DATE = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}([T _]\d{2}[:-]\d{2}.*)?|\d{2}[-./]\d{2}[-./]\d{4}.*")
_SPAN = re.compile(r"\d+ days.*|\d{1,4}:\d{2}:\d{2}(\.\d+)?|(\d+[dhm] ?)*\d+(\.\d+)?\s?(ms|s|sec|min|m|h|d)")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{7,64}(-[0-9a-f]{4,})*")
_PLURAL_BUDGETS = frozenset(["epochs", "steps", "timesteps", "iterations", "iters"])
REACHED = frozenset(
    (
        "global training trained trainer actual completed current curr last done reached round stop stopped early used "
        "ran run"
    ).split()
)
_PARTIAL_TIME = frozenset(
    (
        "this iter per score eval std since marginal pred remaining step restore best test val inference predict "
        "prediction latency epoch load data avg mean batch sampling decode decoding generation"
    ).split()
)
_TIME_SETTINGS = frozenset(
    (
        "limit max budget out horizon steps embedding dim window lambda alpha beta gamma weight coef coeff coefficient "
        "scale factor penalty threshold mask warp stretch encoding"
    ).split()
)
_CONFIGURATIONS = frozenset(("config", "configuration", "conf", "setting"))
_TIME_FOLDER = "time/"
_LOGGED_COUNTS = frozenset(("train/epoch", "train/global_step"))  # as the Trainer of Transformers logs them
_OTHER_MESSAGES = frozenset("commit git".split())


def by_status(column: Column, file: File) -> Reading | None:
    """Status words."""
    if not column.levels or len(column.levels) > 12 or column.count(Cell.NUMBER):
        return None
    known = [status_word(level) in file.status_words for level in column.levels]
    named = bool(set(tokens(column.name)) & {"status", "state"})
    if sum(known) < (0.5 if named else 0.8) * len(known):
        return None
    words = ", ".join(column.levels[:4])
    return Reading(column.name, Role.STATUS, "high", f"status words: {words}")


def by_identifier(column: Column, file: File) -> Reading | None:
    """What names the trial."""
    name = "_".join(tokens(column.name)) or "number"
    unique = n_distinct(column) == len(column)
    if name in ID_NAMES and unique:
        return Reading(column.name, Role.ID, "high", "unique, and named as an id")
    if column.levels and unique and len(column) >= 5 and all(map(_is_hex, column.levels[:50])):
        return Reading(column.name, Role.ID, "medium", "unique hexadecimal text")
    if column.levels and unique and len(column) >= 5 and name.endswith(("_id", "_name")):
        return Reading(column.name, Role.ID, "medium", "unique, and named as an id")
    if name in ID_NAMES or (name in _CONFIGURATIONS and is_numeric(column) and not unique):
        return ignored(column, "medium", NOT_UNIQUE)
    if len(column) >= 8 and _counts_rows(column) and not _means_something(column.name):
        return Reading(column.name, Role.ID, "medium", "counts the rows")
    return None


def _means_something(name: str) -> bool:
    words = tokens(name)
    of_outcome = metric_of(name) is not None or is_objective(name) or is_derived(words, numeric=True)
    return is_known(name) or is_seed(name) or of_outcome or names_a_time(words)


def _is_hex(text: str) -> bool:
    return _HEX.fullmatch(text.lower()) is not None


def _counts_rows(column: Column) -> bool:
    return column.count(Cell.NUMBER) == len(column) and bool(np.all(np.diff(column.values) == 1))


def by_message(column: Column, file: File) -> Reading | None:
    """Error messages."""
    words = set(tokens(column.name))
    if not column.levels or column.count(Cell.NUMBER) or not words & MESSAGES or words & _OTHER_MESSAGES:
        return None
    if {level.lower() for level in column.levels} <= TRUTHS:
        return None
    return Reading(column.name, Role.MESSAGE, "high", "error messages")


def by_timestamp(column: Column, file: File) -> Reading | None:
    """When something happened."""
    words = set(tokens(column.name))
    if column.levels and all(_DATE.fullmatch(level) for level in column.levels[:20]):
        return Reading(column.name, Role.TIMESTAMP, "high", "dates")
    if words & (TIMESTAMP_TOKENS | {"time"}) and is_numeric(column):
        numbers = column.known
        if len(numbers) and (np.all((numbers > 1e9) & (numbers < 3e9)) or np.all((numbers > 1e12) & (numbers < 3e12))):
            return Reading(column.name, Role.TIMESTAMP, "high", "seconds or milliseconds since 1970")
    return None


def by_whole_name(column: Column, file: File) -> Reading | None:
    """A setting that its last word would take for an outcome."""
    if file.names_say_nothing or last_part(column.name) not in NAMED_LIKE_OUTCOMES:
        return None
    return hyperparameter(column, "high", "a usual name of a hyperparameter")


def by_seed(column: Column, file: File) -> Reading | None:
    """A seed or a fold."""
    return Reading(column.name, Role.SEED, "high", "named as a seed or fold") if is_seed(column.name) else None


def by_duration(column: Column, file: File) -> Reading | None:
    """How long the trial, or a part of it, took."""
    words = tokens(column.name.removeprefix(_TIME_FOLDER))
    said = [level for level in column.levels[:20] if level not in MISSING_WORDS]
    spans = bool(said) and all(map(_SPAN.fullmatch, said))
    if not names_a_time(words) or set(words) & _TIME_SETTINGS or not (is_numeric(column) or spans):
        return None
    if set(words) & _PARTIAL_TIME:
        return ignored(column, "high", "time of a part of the run")
    unit = next((UNIT_SECONDS[word] for word in reversed(words) if word in UNIT_SECONDS), 1.0)
    return Reading(column.name, Role.DURATION, "high", NAMED_TIME, seconds=unit)


def by_metric(column: Column, file: File) -> Reading | None:
    """A measure of quality."""
    metric = metric_of(column.name) or _unnamed_metric(column)
    if metric is None or not is_measured(column):
        return None
    if set(np.unique(column.known)) <= set(BIT_WIDTHS) and metric.kind == "precision":
        return hyperparameter(column, "high", "a number of bits")
    if "best" in tokens(column.name) and core_of(column.name) in file.last_metrics:
        return ignored(column, "high", "the best of a metric whose last value is here too")
    doubtful = (
        metric.split is None
        and len({(m.kind, m.split) for m in file.last_metrics.values()}) > 1
        and not is_plain_metric(column.name)
    )
    if doubtful and _looks_chosen(column):
        return hyperparameter(column, "medium", "few round values, shared by many trials, beside other metrics")
    return Reading(column.name, Role.METRIC, "high", f"named as a metric: {metric.kind}", metric)


def _unnamed_metric(column: Column) -> Metric | None:
    """What was optimised, a result that an arrow marks, or one of which only the split is said; of unknown kind."""
    if is_objective(column.name):
        return Metric("objective", None, None)
    words = tokens(column.name)
    split = next((SPLIT_TOKENS[word] for word in words if word in SPLIT_TOKENS), None)
    if (better := arrow_of(column.name)) and not is_derived(words, numeric=True):
        return Metric("score" if better == "maximize" else "error", split, better)
    if is_split(column.name) and is_numeric(column) and not column.levels and 2 * column.n_distinct > len(column):
        return Metric("objective", split, None)
    return None


def _looks_chosen(column: Column) -> bool:
    """Few round values, each of many trials, as a grid has them and a measurement does not."""
    values, counts = np.unique(column.known, return_counts=True)
    if not 2 <= len(values) <= 6 or len(column) < 20 or int(np.min(counts)) < 3:
        return False
    return are_round(values, 2)


def by_budget(column: Column, file: File) -> Reading | None:
    """How far the trial got, or was to get."""
    words = tokens(column.name.removeprefix(_TIME_FOLDER))
    if column.name in _LOGGED_COUNTS and is_numeric(column):
        return Reading(column.name, Role.BUDGET, "high", "how far the trial got")
    if not is_numeric(column) or not set(words) & BUDGET_TOKENS:
        return None
    if set(words) - BUDGET_TOKENS - REACHED - PLANNED_TOKENS:
        return None
    planned = bool(set(words) & PLANNED_TOKENS) or (words[-1] in _PLURAL_BUDGETS and _looks_planned(column))
    logged = column.name.startswith(_TIME_FOLDER) or column.name in file.table.varying
    reached = logged or bool(set(words) & REACHED)
    if planned and not reached and not file.names_say_nothing:
        return hyperparameter(column, "medium", "a planned budget: few values, shared by many trials")
    return Reading(column.name, Role.BUDGET, "high", "how far the trial got")


def _looks_planned(column: Column) -> bool:
    """Few values, many trials each, and none that only a trial that died could have reached."""
    values, counts = np.unique(column.known, return_counts=True)
    return 0 < len(values) <= 8 and values[0] > 0 and int(np.min(counts)) >= max(3, len(column) // 50)


def by_schedule(column: Column, file: File) -> Reading | None:
    """What changes within a trial."""
    if column.name in file.table.varying:
        return ignored(column, "high", "changes within a trial: an outcome or a schedule, not a setting")
    return None


def by_log_folder(column: Column, file: File) -> Reading | None:
    """What a logger keeps in a folder of its own: `rollout/ep_len_mean`, `charts/learning_rate`."""
    folder, slash, rest = column.name.partition("/")
    if not slash or not (folder in LOG_FOLDERS or (folder in OUTCOME_FOLDERS and not is_known(rest))):
        return None
    return ignored(column, "medium", f"an outcome below {folder}/")


def by_usual_name(column: Column, file: File) -> Reading | None:
    """A usual hyperparameter, even if a word of its name speaks of outcomes: clip_norm."""
    if file.names_say_nothing or not is_known(column.name):
        return None
    if tokens(column.name)[-1] == "rank" and n_distinct(column) > 0.8 * len(column):
        return ignored(column, "high", "the place of a trial among the others")
    if "/" in column.name and _has_twin(column, file):
        return ignored(column, "high", "logged while training; the setting is in another column")
    if column.levels and n_distinct(column) == len(column) and len(column) >= 4 and not are_lists(column):
        return ignored(column, "medium", "a different text in every row")
    return hyperparameter(column, "high", "a usual name of a hyperparameter")


def _has_twin(column: Column, file: File) -> bool:
    last, logged = last_part(column.name), tokens(column.name)[0] in SPLIT_TOKENS
    others = [other.name for other in file.table.columns if other is not column]
    return any(last_part(name) == last and (logged or "/" not in name) for name in others)


def by_bookkeeping(column: Column, file: File) -> Reading | None:
    """What is kept beside settings and metrics."""
    words = tokens(column.name)
    if "_".join(words) in BOOKKEEPING_NAMES:
        return ignored(column, "high", "bookkeeping, by its name")
    derived = is_derived(words, numeric=is_numeric(column))
    if derived or column.name.startswith("_"):
        return replace(
            ignored(column, "medium", "an outcome or bookkeeping, by its name"),
            known_as="outcome" if derived and is_numeric(column) else None,
        )
    return None


def by_context(column: Column, file: File) -> Reading | None:
    """What was measured on."""
    if "_".join(tokens(column.name)) in CONTEXT_NAMES and column.levels:
        return ignored(column, "medium", CONTEXT)
    return None
