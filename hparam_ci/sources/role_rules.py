"""The rules that give one column its role, in order: containers, then names, then content."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from hparam_ci.inspection import Confidence

from .dialects import (
    BUDGET_TOKENS,
    CONTEXT_NAMES,
    DURATION_TOKENS,
    ID_NAMES,
    PLANNED_TOKENS,
    SPLIT_TOKENS,
    TIMESTAMP_TOKENS,
    UNIT_SECONDS,
    State,
    canonical,
    tokens,
)
from .messages import WORDS as MESSAGES
from .names import container_of, core_of, is_objective, is_plain_metric, is_seed, metric_of
from .places import Place
from .sweep import Direction, Metric, Reading, Role, status_word
from .table import Cell, Column, Floats, Mask, Table, any_of
from .vocabulary import (
    BOOKKEEPING_NAMES,
    DERIVED_FIRST,
    DERIVED_LAST,
    DERIVED_TOKENS,
    KNOWN_HYPERPARAMETERS,
    RATE_UNITS,
    SETTING_WORDS,
)

FEW_LEVELS = 20
FREE_TEXT_LENGTH = 40
FIXED, EMPTY, NAMED_TIME, NOT_UNIQUE = "held fixed at", "empty", "named as a duration", "named as an id, but not unique"
BIT_WIDTHS = (4.0, 8.0, 16.0, 32.0, 64.0)

_DATE = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}([T _]\d{2}[:-]\d{2}.*)?|\d{2}[-./]\d{2}[-./]\d{4}.*")
_SPAN = re.compile(r"\d+ days.*|\d{1,4}:\d{2}:\d{2}(\.\d+)?|(\d+[dhm] ?)*\d+(\.\d+)?\s?(ms|s|sec|min|m|h|d)")
_LOCATION = re.compile(r"://|^(?:\.{0,2}/|[A-Za-z]:\\)|/.*\.\w{1,5}$")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{7,64}(-[0-9a-f]{4,})*")
_VARIABLE = re.compile(r"(?:x|p|theta|param|var|arg|hp|z)_?\d+", re.I)
_LIST = re.compile(r"[\[(].*[\])]", re.S)

_PLURAL_BUDGETS = frozenset(["epochs", "steps", "iterations", "iters"])
_REACHED = frozenset(
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
WHOLES = frozenset("train training total fit overall running".split())
_TIME_SETTINGS = frozenset(
    (
        "limit max budget out horizon steps embedding dim window lambda alpha beta gamma weight coef coeff coefficient "
        "scale factor penalty threshold mask warp stretch encoding"
    ).split()
)
# A setting whatever is before it: checkpoint_freq, gpu_batch_size. `max` and the like may end the name of an outcome.
HEADS = SETTING_WORDS - frozenset("max min num len length ratio norm samples with model".split())

_OTHER_MESSAGES = frozenset("commit git".split())
_TRUTHS = frozenset("true false yes no".split())


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


def by_rule(column: Column, file: File) -> Reading | None:
    """The role of a column by the first rule that knows it; None if none does."""
    if column.count(Cell.MISSING) == len(column):
        return ignored(column, "high", EMPTY)
    readings = (rule(column, file) for rule in _RULES)
    return next((reading for reading in readings if reading is not None), None)


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
    numbers = column.values[column.is_(Cell.NUMBER)]
    return len(np.unique(numbers)) + len(column.levels)


def is_measured(column: Column) -> bool:
    """Whether a column holds numbers, with at most a few texts in place of one: `diverged`, `OOM`."""
    texts = column.count(Cell.TEXT)
    return texts <= 0.2 * (len(column) - column.count(Cell.MISSING)) and column.count(Cell.MISSING) < len(column)


def is_numeric(column: Column) -> bool:
    """Whether what is there are numbers, NaN or infinities, with no text."""
    return not column.levels and column.count(Cell.MISSING) < len(column)


# --- containers -----------------------------------------------------------------------------------


def _in_container(column: Column, file: File) -> Reading | None:
    role, rest = container_of(column.name)
    prefix = column.name[: len(column.name) - len(rest)]
    if role == "metadata" and (message := _message(column, file)):
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
    if set(words) & BUDGET_TOKENS and set(words) <= BUDGET_TOKENS | _REACHED and not rest.startswith("_"):
        return Reading(column.name, Role.BUDGET, "high", "how far the trial got")
    return None


def _system(column: Column, file: File, rest: str) -> Reading | None:
    """What a tracker keeps of a run itself: its id, its state, when it began and how long it took."""
    bare = replace(column, name=rest)
    for rule in (_status, _identifier, _timestamp, _duration):
        reading = rule(bare, file)
        if reading is not None:
            return replace(reading, name=column.name)
    return None


def _setting_below(column: Column, prefix: str, rest: str) -> Reading:
    if is_seed(rest):
        return Reading(column.name, Role.SEED, "high", f"a seed below {prefix}")
    if _are_locations(column) or tokens(rest)[-1:] in (("path",), ("dir",), ("id",), ("url",), ("uri",), ("hash",)):
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
        split = "train" if "train_" in prefix else "test"
        metric = Metric(f"{scorer}" if scorer != "score" else "score", split, direction)
    return Reading(column.name, Role.METRIC, "high", f"below {prefix}", metric)


def _other_outcome(column: Column, prefix: str, rest: str) -> Reading:
    """What was logged beside the metrics: a count, a norm, a time; else a metric that nobody has heard of."""
    words = tokens(rest)
    if is_derived(words, numeric=True) or set(words) & (BUDGET_TOKENS | DURATION_TOKENS) or is_known(rest):
        return ignored(column, "medium", f"logged below {prefix}, and no measure of quality")
    return Reading(column.name, Role.METRIC, "medium", f"below {prefix}", Metric("objective", None, None))


# --- names ----------------------------------------------------------------------------------------


def _status(column: Column, file: File) -> Reading | None:
    if not column.levels or len(column.levels) > 12 or column.count(Cell.NUMBER):
        return None
    known = [status_word(level) in file.status_words for level in column.levels]
    named = bool(set(tokens(column.name)) & {"status", "state"})
    if sum(known) < (0.5 if named else 0.8) * len(known):
        return None
    words = ", ".join(column.levels[:4])
    return Reading(column.name, Role.STATUS, "high", f"status words: {words}")


def _identifier(column: Column, file: File) -> Reading | None:
    name = "_".join(tokens(column.name)) or "number"
    unique = n_distinct(column) == len(column)
    if name in ID_NAMES and unique:
        return Reading(column.name, Role.ID, "high", "unique, and named as an id")
    if column.levels and unique and len(column) >= 5 and all(map(_is_hex, column.levels[:50])):
        return Reading(column.name, Role.ID, "medium", "unique hexadecimal text")
    if column.levels and unique and len(column) >= 5 and name.endswith(("_id", "_name")):
        return Reading(column.name, Role.ID, "medium", "unique, and named as an id")
    if name in ID_NAMES:
        return ignored(column, "medium", NOT_UNIQUE)
    if len(column) >= 8 and _counts_rows(column) and not _means_something(column.name):
        return Reading(column.name, Role.ID, "medium", "counts the rows")
    return None


def _means_something(name: str) -> bool:
    words = tokens(name)
    of_outcome = metric_of(name) is not None or is_objective(name) or is_derived(words, numeric=True)
    return is_known(name) or is_seed(name) or of_outcome or _names_a_time(words)


def _is_hex(text: str) -> bool:
    return _HEX.fullmatch(text.lower()) is not None


def _counts_rows(column: Column) -> bool:
    return column.count(Cell.NUMBER) == len(column) and bool(np.all(np.diff(column.values) == 1))


def _message(column: Column, file: File) -> Reading | None:
    words = set(tokens(column.name))
    if not column.levels or column.count(Cell.NUMBER) or not words & MESSAGES or words & _OTHER_MESSAGES:
        return None
    if {level.lower() for level in column.levels} <= _TRUTHS:
        return None
    return Reading(column.name, Role.MESSAGE, "high", "error messages")


def _timestamp(column: Column, file: File) -> Reading | None:
    words = set(tokens(column.name))
    if column.levels and all(_DATE.fullmatch(level) for level in column.levels[:20]):
        return Reading(column.name, Role.TIMESTAMP, "high", "dates")
    if words & (TIMESTAMP_TOKENS | {"time"}) and is_numeric(column):
        numbers = column.values[column.is_(Cell.NUMBER)]
        if len(numbers) and (np.all((numbers > 1e9) & (numbers < 3e9)) or np.all((numbers > 1e12) & (numbers < 3e12))):
            return Reading(column.name, Role.TIMESTAMP, "high", "seconds or milliseconds since 1970")
    return None


def _seed(column: Column, file: File) -> Reading | None:
    return Reading(column.name, Role.SEED, "high", "named as a seed or fold") if is_seed(column.name) else None


def _duration(column: Column, file: File) -> Reading | None:
    words = tokens(column.name)
    spans = bool(column.levels) and all(_SPAN.fullmatch(level) for level in column.levels[:20])
    if not _names_a_time(words) or set(words) & _TIME_SETTINGS or not (is_numeric(column) or spans):
        return None
    if set(words) & _PARTIAL_TIME:
        return ignored(column, "high", "time of a part of the run")
    unit = next((UNIT_SECONDS[word] for word in reversed(words) if word in UNIT_SECONDS), 1.0)
    return Reading(column.name, Role.DURATION, "high", NAMED_TIME, seconds=unit)


def _names_a_time(words: Sequence[str]) -> bool:
    """`runtime`, or a unit with the whole that it measures: `train_min`, `total_ms`."""
    return bool(set(words) & DURATION_TOKENS) or (
        len(words) > 1 and words[-1] in UNIT_SECONDS and words[-1] != "m" and set(words[:-1]) <= WHOLES
    )


def _quality(column: Column, file: File) -> Reading | None:
    metric = metric_of(column.name)
    if metric is None and is_objective(column.name):
        metric = Metric("objective", None, None)
    if metric is None or not is_measured(column):
        return None
    if set(np.unique(column.values[column.is_(Cell.NUMBER)])) <= set(BIT_WIDTHS) and metric.kind == "precision":
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


def _budget(column: Column, file: File) -> Reading | None:
    words = tokens(column.name)
    if not is_numeric(column) or not set(words) & BUDGET_TOKENS:
        return None
    if set(words) - BUDGET_TOKENS - _REACHED - PLANNED_TOKENS:
        return None
    planned = bool(set(words) & PLANNED_TOKENS) or (words[-1] in _PLURAL_BUDGETS and _looks_planned(column))
    reached = bool(set(words) & _REACHED) or column.name in file.table.varying
    if planned and not reached and not file.names_say_nothing:
        return hyperparameter(column, "medium", "a planned budget: few values, shared by many trials")
    return Reading(column.name, Role.BUDGET, "high", "how far the trial got")


def _scheduled(column: Column, file: File) -> Reading | None:
    if column.name in file.table.varying:
        return ignored(column, "high", "changes within a trial: an outcome or a schedule, not a setting")
    return None


def _known_setting(column: Column, file: File) -> Reading | None:
    """A usual hyperparameter, even if a word of its name speaks of outcomes: clip_norm."""
    if file.names_say_nothing or not is_known(column.name):
        return None
    if tokens(column.name)[-1] == "rank" and n_distinct(column) > 0.8 * len(column):
        return ignored(column, "high", "the place of a trial among the others")
    if "/" in column.name and _has_twin(column, file):
        return ignored(column, "high", "logged while training; the setting is in another column")
    if column.levels and n_distinct(column) == len(column) and len(column) >= 4 and not _are_lists(column):
        return ignored(column, "medium", "a different text in every row")
    return hyperparameter(column, "high", "a usual name of a hyperparameter")


def is_known(name: str) -> bool:
    """Whether a name, or the last part of its path, is that of a usual hyperparameter."""
    last = re.split(r"[./]|__", name)[-1]
    return canonical(name) in KNOWN_HYPERPARAMETERS or canonical(last) in KNOWN_HYPERPARAMETERS


def _has_twin(column: Column, file: File) -> bool:
    last, logged = last_part(column.name), tokens(column.name)[0] in SPLIT_TOKENS
    others = [other.name for other in file.table.columns if other is not column]
    return any(last_part(name) == last and (logged or "/" not in name) for name in others)


def last_part(name: str) -> str:
    """The usual name of the last part of a path: `optim/lr` gives learning_rate."""
    return canonical(re.split(r"[./]", name)[-1])


def _bookkeeping(column: Column, file: File) -> Reading | None:
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


def _context(column: Column, file: File) -> Reading | None:
    if "_".join(tokens(column.name)) in CONTEXT_NAMES and column.levels:
        return ignored(column, "medium", "what was measured on, not a setting")
    return None


def _outside_container(column: Column, file: File) -> Reading | None:
    if file.names_say_nothing:
        return ignored(column, "medium", "hyperparameters have a prefix in this file, and this has none")
    return None


# --- content --------------------------------------------------------------------------------------


def _free_text(column: Column, file: File) -> Reading | None:
    if not column.levels or _are_lists(column):
        return None
    texts = column.levels[:200]
    present = len(column) - column.count(Cell.MISSING)
    if _are_locations(column):
        return ignored(column, "high", "paths or addresses")
    if sum(map(len, texts)) > FREE_TEXT_LENGTH * len(texts) or (present >= 4 and len(column.levels) > 0.9 * present):
        return ignored(column, "high", "free text, or a name for each trial")
    if len(column.levels) > FEW_LEVELS and column.count(Cell.NUMBER) == 0:
        return ignored(column, "medium", f"more than {FEW_LEVELS} different texts")
    return None


def _are_locations(column: Column) -> bool:
    return any(_LOCATION.search(text) for text in column.levels[:200])


def _are_lists(column: Column) -> bool:
    return bool(column.levels) and all(_LIST.fullmatch(level) for level in column.levels[:50])


def by_clues(column: Column, file: File) -> Reading:
    """An unknown name: a setting is there before the run and takes chosen values, an outcome is not and does not."""
    if _VARIABLE.fullmatch(column.name):
        return hyperparameter(column, "medium", "named as a variable of a search space")
    clues = [*_clues_of_values(column), *_clues_of_name(column), *_clues_of_blanks(column, file)]
    clues += _CLUES_OF_PLACES.get(file.places.get(column.name, Place.ANYWHERE), [])
    score, reason = sum(weight for weight, _ in clues), "; ".join(why for _, why in clues)
    if score >= 2:
        return hyperparameter(column, "medium", reason)
    if score == 1 and file.last_metrics:
        return hyperparameter(column, "low", reason)
    return ignored(column, "low", f"neither its name nor its values say that it is a setting ({reason})")


def _clues_of_values(column: Column) -> Iterator[tuple[int, str]]:
    distinct = n_distinct(column)
    if _is_shared(column):
        yield 2, f"{distinct} values, shared by many trials"
    elif _spans_magnitudes(column):
        yield 1, "spread over orders of magnitude, as a log-uniform draw is"
    else:
        yield 0, f"{distinct} values"


def _is_shared(column: Column) -> bool:
    """Whether values return from trial to trial, and more than one of them, as measurements hardly do."""
    numbers, counts = np.unique(column.values[column.is_(Cell.NUMBER)], return_counts=True)
    distinct, n = len(numbers) + len(column.levels), len(column)
    if distinct < 2 or distinct > 0.75 * n:
        return False
    if distinct <= FEW_LEVELS and _are_round(numbers, 3):
        return True
    top = int(np.max(counts)) if len(counts) else 0
    return distinct <= 0.5 * n and (distinct <= 6 or distinct - 1 <= 0.5 * (n - top))


def _clues_of_name(column: Column) -> Iterator[tuple[int, str]]:
    words = set(tokens(column.name))
    if words & SETTING_WORDS:
        yield 1, "a word of settings in its name"
    if words & set(SPLIT_TOKENS):
        yield -1, "a split in its name"


_CLUES_OF_PLACES = {
    Place.SETTINGS: [(1, "among settings")],
    Place.RESULTS: [(-3, "among results")],
}


def _clues_of_blanks(column: Column, file: File) -> Iterator[tuple[int, str]]:
    blank, dead = column.is_(Cell.MISSING), file.without_result
    if np.count_nonzero(dead) < 3:
        return
    if np.mean(blank[dead]) > 0.9 and np.mean(blank[~dead]) < 0.5:
        yield -3, "blank where the results are"
    elif np.mean(blank[dead]) < 0.1:
        yield 1, "set in trials without a result"


def _spans_magnitudes(column: Column) -> bool:
    numbers = column.values[column.is_(Cell.NUMBER)]
    return len(numbers) >= 5 and bool(np.min(numbers) > 0 and np.max(numbers) / np.min(numbers) >= 100)


def _looks_chosen(column: Column) -> bool:
    """Few round values, each of many trials, as a grid has them and a measurement does not."""
    values, counts = np.unique(column.values[column.is_(Cell.NUMBER)], return_counts=True)
    if not 2 <= len(values) <= 6 or len(column) < 20 or int(np.min(counts)) < 3:
        return False
    return _are_round(values, 2)


def _are_round(values: Floats, digits: int) -> bool:
    """Whether numbers have so many digits at most, but for an error of rounding: 0.1 + 0.2."""
    return all(math.isclose(float(f"{value:.{digits}g}"), value, rel_tol=1e-12) for value in values.tolist())


def _looks_planned(column: Column) -> bool:
    """Few values, many trials each, and none that only a trial that died could have reached."""
    values, counts = np.unique(column.values[column.is_(Cell.NUMBER)], return_counts=True)
    return 0 < len(values) <= 8 and values[0] > 0 and int(np.min(counts)) >= max(3, len(column) // 50)


_RULES: tuple[Callable[[Column, File], Reading | None], ...] = (
    _in_container,
    _status,
    _identifier,
    _message,
    _timestamp,
    _seed,
    _duration,
    _quality,
    _budget,
    _scheduled,
    _known_setting,
    _bookkeeping,
    _context,
    _outside_container,
    _free_text,
)
