"""Optuna studies: the SQLite file by itself, any other storage through Optuna's own library."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, History, Table

from ._curves import curves
from ._sqlite import Database, Row, number, opened

SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
FAIL_REASON = "fail_reason"  # written by Optuna 2; later versions only log it
DIRECTIONS = {"MINIMIZE": "minimize", "MAXIMIZE": "maximize"}


@dataclass(slots=True)
class _Trial:
    """One trial on its way to a row."""

    row: dict[str, object]
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Study:
    """A study: its objectives, the search space, and its trials by number."""

    name: str
    objectives: Sequence[str]
    directions: Sequence[str]
    space: Mapping[str, Mapping[str, Any]]
    trials: Sequence[_Trial]


def read(path: Path, shown: str) -> list[Table]:
    """Each study of an SQLite storage; the columns are named as in `study.trials_dataframe()`.

    Raises:
        UnreadableError: damaged, or without a study.
    """
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with opened(path) as database:
        studies = [_load(database, key, str(name)) for key, name in _studies(database)]
    if not studies:
        raise UnreadableError("an Optuna storage without a study", "Check that the sweep wrote to this file.")
    several = len(studies) > 1
    return [_table(study, f"{shown}#{study.name}" if several else shown, sha256) for study in studies]


def read_url(address: str, name: str, shown: str) -> list[Table]:
    """Each study of a storage, or the one of that name, through Optuna."""
    import optuna

    names = [name] if name else optuna.get_all_study_names(storage=address)
    tables = []
    for each in names:
        study = optuna.load_study(study_name=each, storage=address)
        loaded = _from_library(each, study)
        content = repr([trial.row for trial in loaded.trials]).encode()
        tables.append(_table(loaded, f"{shown}#{each}", hashlib.sha256(content).hexdigest()))
    return tables


# --- the SQLite file ------------------------------------------------------------------------------


def _studies(database: Database) -> list[Row]:
    return database.rows("SELECT study_id, study_name FROM studies ORDER BY study_id")


def _load(database: Database, key: int, name: str) -> _Study:
    query = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
    directions = [DIRECTIONS.get(str(word), "") for (word,) in database.rows(query, [key])] or [""]
    objectives = _objectives(_metric_names(database, key), len(directions))
    trials: dict[int, _Trial] = {}
    query = (
        "SELECT trial_id, number, state, datetime_start, datetime_complete "
        "FROM trials WHERE study_id = ? ORDER BY number"
    )
    for trial_id, count, state, start, end in database.rows(query, [key]):
        trials[trial_id] = _Trial(_started(count, state, start, end, objectives))
    space = _fill_params(database, key, trials)
    _fill_values(database, key, trials, objectives)
    _fill_attributes(database, key, trials)
    return _Study(name, objectives, directions, space, list(trials.values()))


def _metric_names(database: Database, key: int) -> list[str]:
    query = "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = 'study:metric_names'"
    found = [_json(text) for (text,) in database.rows(query, [key])]
    return [str(name) for name in found[0]] if found and isinstance(found[0], list) else []


def _objectives(names: Sequence[str], n: int) -> list[str]:
    """The columns of the objectives: `value`, or `values_0` and on, or with the names that the user gave."""
    if n == 1:
        return [f"value_{names[0]}" if names else "value"]
    return [f"values_{names[place] if place < len(names) else place}" for place in range(n)]


def _started(count: object, state: object, start: object, end: object, objectives: Sequence[str]) -> dict[str, object]:
    return {
        "number": count,
        **dict.fromkeys(objectives),
        "datetime_start": start,
        "datetime_complete": end,
        "duration_seconds": _seconds(start, end),
        "state": state,
    }


def _seconds(start: object, end: object) -> float | None:
    try:
        return (datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))).total_seconds()
    except (ValueError, TypeError):  # TypeError: only one of them has a time zone
        return None


def _fill_params(database: Database, key: int, trials: Mapping[int, _Trial]) -> dict[str, Mapping[str, Any]]:
    query = (
        "SELECT p.trial_id, p.param_name, p.param_value, p.distribution_json FROM trial_params p "
        "JOIN trials t ON t.trial_id = p.trial_id WHERE t.study_id = ? ORDER BY p.param_name, p.param_id"
    )
    known: dict[str, Mapping[str, Any]] = {}
    space: dict[str, Mapping[str, Any]] = {}
    for trial_id, name, value, text in database.rows(query, [key]):
        if text not in known:
            found = _json(text)
            known[text] = found.get("attributes", {}) if isinstance(found, dict) else {}
        space[str(name)] = known[text]
        trials[trial_id].row[f"params_{name}"] = _decoded(value, known[text])
    return space


def _decoded(value: object, attributes: Mapping[str, Any]) -> object:
    """A parameter as the objective saw it: categories are stored by their index."""
    choices = attributes.get("choices")
    place = number(value)
    if not isinstance(choices, list) or place is None:
        return place
    inside = place == int(place) and 0 <= place < len(choices) if math.isfinite(place) else False
    choice = choices[int(place)] if inside else None
    return "None" if choice is None and inside else choice


def _fill_values(database: Database, key: int, trials: Mapping[int, _Trial], objectives: Sequence[str]) -> None:
    query = (
        "SELECT v.trial_id, v.step, v.intermediate_value, v.intermediate_value_type FROM trial_intermediate_values v "
        "JOIN trials t ON t.trial_id = v.trial_id WHERE t.study_id = ? ORDER BY v.trial_id, v.step"
    )
    for trial_id, step, value, kind in database.rows(query, [key]):
        reported = SPECIAL.get(str(kind), number(value))
        if reported is not None:
            trials[trial_id].points.append((float(step), reported))
    query = (
        "SELECT v.trial_id, v.objective, v.value, v.value_type FROM trial_values v "
        "JOIN trials t ON t.trial_id = v.trial_id WHERE t.study_id = ?"
    )
    for trial_id, objective, value, kind in database.rows(query, [key]):
        if isinstance(objective, int) and 0 <= objective < len(objectives):
            trials[trial_id].row[objectives[objective]] = SPECIAL.get(str(kind), number(value))
    _fill_last_reports(trials.values(), objectives)


def _fill_last_reports(trials: Iterator[_Trial] | Any, objectives: Sequence[str]) -> None:
    """A pruned trial has its last report for a value, as in Optuna; so has one that failed on NaN or infinity."""
    for trial in trials:
        if len(objectives) == 1 and trial.points and trial.row[objectives[0]] is None:
            last = trial.points[-1][1]
            if trial.row["state"] == "PRUNED" or (trial.row["state"] == "FAIL" and not math.isfinite(last)):
                trial.row[objectives[0]] = last


def _fill_attributes(database: Database, key: int, trials: Mapping[int, _Trial]) -> None:
    query = (
        "SELECT a.trial_id, a.key, a.value_json FROM trial_user_attributes a "
        "JOIN trials t ON t.trial_id = a.trial_id WHERE t.study_id = ? ORDER BY a.key"
    )
    for trial_id, name, text in database.rows(query, [key]):
        trials[trial_id].row[f"user_attrs_{name}"] = _json(text)
    query = (
        "SELECT a.trial_id, a.value_json FROM trial_system_attributes a "
        "JOIN trials t ON t.trial_id = a.trial_id WHERE t.study_id = ? AND a.key = ?"
    )
    for trial_id, text in database.rows(query, [key, FAIL_REASON]):
        trials[trial_id].row[f"system_attrs_{FAIL_REASON}"] = _json(text)


def _json(text: object) -> Any:
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        return None


# --- the library ----------------------------------------------------------------------------------


def _from_library(name: str, study: Any) -> _Study:
    directions = [str(direction.name).lower() for direction in study.directions]
    names = getattr(study, "metric_names", None) or []
    objectives = _objectives(names, len(directions))
    space: dict[str, Mapping[str, Any]] = {}
    trials = []
    for found in study.get_trials(deepcopy=False):
        row = _started(found.number, found.state.name, found.datetime_start, found.datetime_complete, objectives)
        for key, value in sorted(found.params.items()):
            row[f"params_{key}"] = "None" if value is None else value
            space[key] = vars(found.distributions[key])
        row |= dict(zip(objectives, found.values or [], strict=False))
        row |= {f"user_attrs_{key}": value for key, value in sorted(found.user_attrs.items())}
        if FAIL_REASON in found.system_attrs:
            row[f"system_attrs_{FAIL_REASON}"] = found.system_attrs[FAIL_REASON]
        trials.append(_Trial(row, sorted(found.intermediate_values.items())))
    _fill_last_reports(trials, objectives)
    return _Study(name, objectives, directions, space, trials)


# --- the table ------------------------------------------------------------------------------------


def _table(study: _Study, shown: str, sha256: str) -> Table:
    rows = [{k: str(v) if isinstance(v, datetime) else v for k, v in trial.row.items()} for trial in study.trials]
    return from_records(
        shown, sha256, rows, hints=dict(_hints(study)), history=_history(study), notes=tuple(_notes(study))
    )


def _hints(study: _Study) -> Iterator[tuple[str, Hint]]:
    for name, direction in zip(study.objectives, study.directions, strict=False):
        way: Any = direction or None
        yield name, Hint("metric", f"the study's objective, to {direction}" if direction else "the objective", way)
    for name, attributes in study.space.items():
        low, high = number(attributes.get("low")), number(attributes.get("high"))
        log = attributes.get("log")
        yield (
            f"params_{name}",
            Hint(
                "hyperparameter",
                "a parameter of the study",
                low=low,
                high=high,
                log=log if isinstance(log, bool) else None,
            ),
        )


def _history(study: _Study) -> History | None:
    if len(study.objectives) > 1:
        return None
    name = study.objectives[0]
    points = [(place, step, name, value) for place, trial in enumerate(study.trials) for step, value in trial.points]
    return curves(len(study.trials), points)


def _notes(study: _Study) -> Iterator[str]:
    silent = sum(t.row["state"] == "FAIL" and not t.points and t.row[study.objectives[0]] is None for t in study.trials)
    if silent:
        yield f"{silent} trials failed without a value: they raised, or returned NaN"
